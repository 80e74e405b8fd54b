# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # The injection schedule
#
# A training has been getting better for an hour. Then, from one step to the next, its loss doubles: a new term has entered, on schedule. In Equation 2 the schedule is the factor $M$:
#
# ![Block diagram of the whole system: voice model, image model and training. Lit here: the schedule of the terms.](_static/spine/the_injection_schedule.svg)
#
# $$\begin{aligned} L &= \dfrac{w_r L_r + w_s L_s + w_i L_i + w_d L_d}{w_r + w_s + w_i + w_d} \\[4pt] w_k &= B_k\,\underbrace{M_k}_{\text{this chapter}}\,I_k \end{aligned}$$
#
# How much of such a jump is a disturbance of the network, and how much is arithmetic?
#
# **Time:** 25 minutes to read, one minute to run.
#
# **Needs:** the terms of the loss: [Reconstruction and sparsity](07_reconstruction_and_sparsity.ipynb), [Interpolation](08_interpolation.ipynb), [Disentanglement](09_disentanglement.ipynb).

# %% [markdown]
# ## Goals
#
# After this chapter you can
#
# - compute $M$ of a term at any iteration by hand, and compress a printed schedule into a shorter training;
# - say what the paper leaves open about the word *iteration*, and what of it matters;
# - predict whether the total rises or falls when a term enters, before anything has been learned;
# - find the jump that no ramp can smooth;
# - judge, over repeated trainings, what ramps and late terms change.

# %% tags=["setup", "hide-cell"]
# Where olc_lib is missing, as on Colab, fetch it; torch and numpy stay as they are.
import importlib.util
import os
import subprocess
import sys

if not importlib.util.find_spec("olc_lib"):
    source = os.environ.get("OLC_SOURCE", "")
    if not source:
        raise RuntimeError("olc_lib is not installed, and OLC_SOURCE names no wheel, folder or URL to install it from.")
    subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", source], check=True)
    importlib.invalidate_caches()

# %% tags=["parameters"]
run = "embedded"  # or "slim", "wide": the trained run that this chapter reads

# %%
import dataclasses
import inspect
import textwrap

import matplotlib.pyplot as plt
import torch

from olc_lib import checks, objective, paper, plots, runs
from olc_lib.ledger import claims, experiments
from olc_lib.systems import placed

trained = runs.load(run)

# %% [markdown]
# ## A jump in the total
#
# Here is the total loss of this run's image model, step by step. Dotted lines mark where a term begins to enter.

# %% mystnb={"image": {"alt": "Total loss of the image model over the training steps. It falls for more than half of the training, then climbs steeply to several times its height behind the last dotted line, with one sudden jump near the foot of the climb, and falls slowly from there, ending far above its lowest point."}}
figure = plots.history(trained.history["image"], ["total"], smooth=1)
for start, _ in placed.schedule("image", trained.settings.image).values():
    figure.axes[0].axvline(start, color="grey", linestyle=":", linewidth=0.8)

# %% [markdown]
# For more than half of the time it falls. Then it jumps, and never comes back to where it was.
#
# (Each line is an entry, the one at the far left that of reconstruction. The two in the middle hardly show; *The total is a mean*, below, says why.)
#
# The paper expects a spike whenever a term is added, because the network has not adapted to that term yet. Its remedy is to let terms in gradually (Solhjoo & Rodolà, section 3.1).

# %% [markdown]
# ## Fading in
#
# Every term of the loss carries a multiplier $M$, its **injection**. Until an iteration *start* it is 0, from an iteration *stop* on it is 1, and in between (Equation 6)
#
# $$M = \frac{\text{iteration} - \text{start}}{\text{stop} - \text{start}}.$$
#
# The straight piece is called a **ramp**. By hand: the disentanglement terms of the voice model have start 6800 and stop 7300 (Table 4). At iteration 6900, $M = 100/500 = 0.2$. At 7050 it is $250/500 = 0.5$.

# %%
start, stop = paper.VOICE_INJECTION["digit"]
for iteration in (1, 6800, 6801, 6900, 7050, 7300, 10_000):
    print(f"iteration {iteration:6}: M = {objective.injection(iteration, start, stop):.3f}")

# %% [markdown]
# The library's function, without its docstring:

# %%
print(inspect.getsource(objective.injection).split('"""')[2])

# %% [markdown]
# For a term with start = stop the equation would divide by zero; the library switches such a term on at once.

# %% [markdown]
# ## Two timelines
#
# Tables 4 and 8 give start and stop of every term. Each row is one term; the height of its band is $M$.


# %%
def timeline(axis, injections, iterations):
    """M of every term over a training, one row each."""
    when = torch.linspace(1, iterations, 2000)
    for row, (start, stop) in enumerate(injections.values()):
        m = torch.tensor([objective.injection(i, start, stop) for i in when.tolist()])
        axis.fill_between(when, row, row + 0.75 * m, color=plots.COLOURS[row % 6], linewidth=0)
    axis.set_yticks([row + 0.37 for row in range(len(injections))], list(injections))
    axis.set(xlim=(1, iterations), xlabel="iteration")
    axis.spines[["top", "right"]].set_visible(False)


# %% mystnb={"image": {"alt": "Two timelines. In both, reconstruction is on from the start, and the other terms appear one after the other, sparsity, interpolation, then the categories, all after half of the training, with short ramps."}}
figure, axes = plt.subplots(2, 1, figsize=(7, 4.6), layout="constrained")
timeline(axes[0], paper.VOICE_INJECTION, paper.VOICE_ITERATIONS)
timeline(axes[1], paper.IMAGE_INJECTION, paper.IMAGE_ITERATIONS)
axes[0].set_title("voice model (Table 4)", fontsize=10)
axes[1].set_title("image model (Table 8)", fontsize=10)
plt.show()

# %% [markdown]
# In both, reconstruction is alone for half of the training or more; then sparsity, interpolation and last the categories enter, one soon after the other. (The writer has a row, but its importance is 0, so it has no effect.)

# %%
for name, injections, iterations in (
    ("voice", paper.VOICE_INJECTION, paper.VOICE_ITERATIONS),
    ("image", paper.IMAGE_INJECTION, paper.IMAGE_ITERATIONS),
):
    alone = injections["sparsity"][0] / iterations
    complete = 1 - injections["digit"][1] / iterations
    print(f"{name}: {alone:.0%} with reconstruction alone, {complete:.0%} with all terms")

# %% [markdown]
# Watch a training pass through its timeline: the image model of the run `embedded`, every 30 steps.
#
# <div class="olc-live" data-live="replay" data-title="Replay a training">
# <p><em>On the book's web pages a training can be replayed here; the figures of this chapter show its curves.</em></p>
# </div>
# <script src="../_static/live/live.js" defer></script>

# %% [markdown]
# ## A schedule for fewer steps
#
# `objective.compress` fits a schedule to a shorter training: the first iteration stays the first, and everything else moves in proportion.
#
# By hand: Table 8, meant for 800 iterations, in 400 steps. The 799 gaps become 399, a factor of 0.4994. The digits' start moves from 480 to $1 + 479 \cdot 0.4994 = 240.2$. It need not be a whole number.

# %%
half = objective.compress(paper.IMAGE_INJECTION, paper.IMAGE_ITERATIONS, 400)
for name, (start, stop) in half.items():
    print(f"{name:15} {start:6.1f} to {stop:6.1f}")

# %% [markdown]
# Ramps shrink with everything else, and a ramp only differs from a switch if some steps fall *inside* it. How many do, in the models of this run?

# %%
for part in ("image", "voice"):
    how = getattr(trained.settings, part)
    print(f"{part}: {how.steps} steps, schedule within the first {100 * how.injected:.0f} % of them")
    for name, (start, stop) in list(placed.schedule(part, how).items())[1:]:
        inside = sum(start < step < stop for step in range(1, how.steps + 1))
        print(f"   {name:15} steps inside the ramp: {inside}")

# %% [markdown]
# The voice model of this book runs through its schedule in the first part of its training. That is a departure from the paper; the end of this chapter measures what it does.

# %% [markdown]
# ## What is an iteration?
#
# It could be one step of the optimizer, on one batch, or one pass over all data (an *epoch*). The pseudo-code draws one batch in each turn of its loop, so we read: a step. The paper gives no batch size. Here are both readings for the full training sets (FSDD and MNIST), with the batches of this book.

# %%
for name, iterations, items, batch in (("voice", 10_000, 2400, 32), ("image", 800, 55_000, 64)):
    per_pass = items // batch
    print(f"{name}: as steps, {iterations / per_pass:.1f} passes over {items:,} items;", end=" ")
    print(f"as passes, {iterations * per_pass:,} steps")

# %% [markdown]
# As steps, the image model would not see all of MNIST even once. As passes, it would take hundreds of thousands of steps. This book reads steps ([chapter 14](14_the_image_vae.ipynb) says why). All such places are in the [Reading notes](reading_notes.ipynb).

# %% [markdown]
# ## The total is a mean
#
# Six children of six sit in a room; a grandmother of sixty comes in. The mean age jumps, and nobody has grown older.
#
# The total is a weighted mean, too: the sum is *divided by the sum of the weights* (Equation 2). Leave balancing aside until the next section; then the weight of a term is $M\,I$, with the importance $I$ from Tables 3 and 7.

# %% [markdown]
# By hand, with an image model. Reconstruction stands at 0.2, with weight 1: the total is 0.2. Now switch on one term, $M = 1$:
#
# - digits, at 1.6 since nobody has trained them, $I = 0.4$: $\;\dfrac{0.2 + 0.4 \cdot 1.6}{1 + 0.4} = 0.6$;
# - or sparsity, at 0.1, $I = 0.3$: $\;\dfrac{0.2 + 0.3 \cdot 0.1}{1 + 0.3} = 0.177$.
#
# The first triples the loss. The second *lowers* it. In both cases the network has not changed.

# %%
arguments = (800, paper.IMAGE_IMPORTANCE, paper.IMAGE_INJECTION, paper.IMAGE_BALANCE)
for newcomer in ({}, {"digit": 1.6}, {"sparsity": 0.1}):
    terms = {name: torch.tensor(value) for name, value in ({"reconstruction": 0.2} | newcomer).items()}
    scalar, _ = objective.total(terms, *arguments, balanced=False)
    print(f"{str(newcomer):18} total {scalar.item():.3f}")

# %% [markdown]
# In general, let $T$ be the mean before, $W$ the sum of weights before, and $N$ the value of the new term. Then the new total is
#
# $$T + s\,(N - T), \qquad s = \frac{M I}{W + M I}.$$
#
# The total rises if the new term is *above the present mean*, and falls if it is below. In the first figure sparsity enters below the mean and interpolation with a very small weight, so both hardly show.

# %% mystnb={"image": {"alt": "Total against M for three new terms of importance 0.4 entering beside a term of 0.2. The one at 1.6 bends the total up to 0.6, the one at 0.2 leaves it where it is, the one at 0.1 pulls it down slightly."}}
m = torch.linspace(0, 1, 101)
figure, axis = plt.subplots(figsize=(6.4, 2.8), layout="constrained")
for k, new in enumerate((1.6, 0.2, 0.1)):
    total = (0.2 + 0.4 * m * new) / (1 + 0.4 * m)
    axis.plot(m, total, ("-", "--", ":")[k], color=plots.COLOURS[(5, 7, 0)[k]])
    axis.annotate(f"new term at {new}", (1.02, (0.6, 0.22, 0.15)[k]), va="center")
axis.set(xlabel="M of the new term", ylabel="total", ylim=(0, 0.65), xlim=(0, 1.4), xticks=[0, 0.25, 0.5, 0.75, 1])
axis.spines[["top", "right"]].set_visible(False)
plt.show()

# %% [markdown]
# So a ramp spreads this change, but as long as nothing is learned it cannot make it smaller. And **totals before and after an entry are not the same quantity**. To see whether the network was disturbed, look at a *term*, not at the total.

# %% [markdown]
# ## A jump that no ramp smooths
#
# The full weight is $B\,M\,I$. Of the *balancing factor* $B$, the subject of [the next chapter](11_balancing.ipynb), you need only the rule: compute $M I L$ for every term; the largest gets $B = 1$, the second 0.5, and so on (Table 9).
#
# Let the digits enter slowly, and stop where $M I L$ of the digits reaches that of reconstruction: $0.4 \cdot 1.6 \cdot M = 0.2$, at $M = 0.3125$. The digits' weight without $B$ is $M I = 0.125$.
#
# - just before: $\;\dfrac{1 \cdot 0.2 + 0.5 \cdot 0.2}{1 + 0.5 \cdot 0.125} = 0.28$;
# - just after, ranks exchanged: $\;\dfrac{0.5 \cdot 0.2 + 1 \cdot 0.2}{0.5 + 0.125} = 0.48$.


# %%
def entering(m, balanced=True):
    """Total when the digits, at 1.6, have reached M = m beside a reconstruction of 0.2."""
    terms = {"reconstruction": torch.tensor(0.2), "digit": torch.tensor(1.6)}
    ramp = {"reconstruction": (0, 0), "digit": (0, 1)}
    scalar, _ = objective.total(terms, m, paper.IMAGE_IMPORTANCE, ramp, paper.IMAGE_BALANCE, balanced)
    return scalar.item()


print(f"just before {entering(0.312):.2f}, just after {entering(0.313):.2f}")

# %% mystnb={"image": {"alt": "Total against M of the digits. Without balancing it rises smoothly from 0.2 to 0.6. With balancing it rises slowly to 0.28, jumps to 0.48 at M = 0.31, and goes on smoothly to 0.82."}}
figure, axis = plt.subplots(figsize=(6.4, 2.8), layout="constrained")
for balanced, style, name in ((True, "-", "with balancing"), (False, "--", "without")):
    curve = [entering(i / 400, balanced=balanced) for i in range(401)]
    axis.plot([i / 400 for i in range(401)], curve, style, color=plots.COLOURS[0 if balanced else 5], label=name)
axis.set(xlabel="M of the digits", ylabel="total", ylim=(0, 0.9))
axis.legend(frameon=False)
axis.spines[["top", "right"]].set_visible(False)
plt.show()

# %% [markdown]
# However long the ramp, the ranks change in *one* step. Ramps smooth $M$; nothing smooths $B$. It is in the first figure, at the foot of the climb.

# %% [markdown]
# ## Live: ramps, switches, all at once
#
# Now train a very small image model on the embedded digits three times, from the same start and with the same batches:
#
# - *ramps*: Table 8, compressed;
# - *switches*: the same starts, but no ramps: a term that enters has $M = 1$;
# - *all at once*: every term from the first step.


# %%
def history_of(**how):
    """Terms of a small image model, step by step; ``how`` says what its schedule is like."""
    part = placed.Training(150, 32, **how)
    settings = dataclasses.replace(placed.SETTINGS["embedded"], image=part, width=1 / 32, jitter=False)
    given = placed.corpora(settings, "train")
    return placed.fit_model("image", placed.build(settings), settings, given)


ways = {"ramps": {}, "switches": {"ramp": False}, "all at once": {"injected": 0.0}}
live = {name: history_of(**how) for name, how in ways.items()}

# %% mystnb={"image": {"alt": "Two panels over 150 steps. Left, the total: ramps and switches fall together to about 0.15 and jump at step 91, switches the higher; all at once falls from the start and ends lowest. Right, the digit term: all at once falls from the start; the two others appear at step 91 near 1.7 and fall steeply to about 1.05."}}
figure, axes = plt.subplots(1, 2, figsize=(9, 3), layout="constrained")
for axis, term in zip(axes, ("total", "digit"), strict=True):
    for k, (name, history) in enumerate(live.items()):
        steps = torch.arange(1, 151)
        axis.plot(steps, history[term], ("-", "--", ":")[k], color=plots.COLOURS[(0, 5, 2)[k]], label=name)
    axis.set(title=term, xlabel="step", ylim=(0, None))
    axis.spines[["top", "right"]].set_visible(False)
axes[1].legend(frameon=False)
plt.show()

# %% [markdown]
# The switch has the higher and more sudden peak. The ramp's peak is later, and lower because the new term is already being *trained* while $M$ is small. To see how much, compute where the total would have gone with nothing learned: take the terms at the first step with digits, and set $M$ to 1.

# %% tags=["nbval-ignore-output"]
entry = int(placed.schedule("image", placed.Training(150))["digit"][0])  # counted from 0: the first step with digits
frozen = {name: live["switches"][name][entry] for name in ("reconstruction", "sparsity", "interpolation", "digit")}
scalar, _ = objective.total(frozen, *arguments)
print(f"if nothing were learned: {scalar.item():.1f}")
for name in ("switches", "ramps"):
    total = live[name]["total"]
    print(f"{name}: highest {total[entry:].max().item():.1f}, at the end {total[-10:].mean().item():.1f}")

# %% [markdown]
# The peak of the switches is about what arithmetic predicts. The ramp's peak is a little below it: that difference is the gain of fading in, in one short training; *Over seeds*, below, repeats it. Most of the rise is arithmetic in either case.
#
# Was the network disturbed? Look at the reconstruction term, which means the same thing before and after.

# %% mystnb={"image": {"alt": "Reconstruction term from step 60 on. All three curves lie close together between 0.14 and 0.2; after step 91 those with late digits stop falling and rise a little, switches a little more than ramps."}}
figure, axis = plt.subplots(figsize=(6.4, 2.8), layout="constrained")
for k, (name, history) in enumerate(live.items()):
    smooth = history["reconstruction"].unfold(0, 5, 1).mean(1)  # running mean of five steps
    axis.plot(range(5, 151), smooth, ("-", "--", ":")[k], color=plots.COLOURS[(0, 5, 2)[k]], label=name)
axis.axvline(entry + 1, color="grey", linewidth=0.8)
axis.set(xlabel="step", ylabel="reconstruction", xlim=(60, 150), ylim=(0.1, 0.25))
axis.legend(frameon=False)
axis.spines[["top", "right"]].set_visible(False)
plt.show()

# %% [markdown]
# Compared with the jump of the total, this is a small rise. Here is the longer training that opened the chapter:

# %%
start = int(placed.schedule("image", trained.settings.image)["digit"][0])
values = trained.history["image"]["reconstruction"]
before, final = values[start - 20 : start].mean(), values[-20:].mean()
print(f"reconstruction just before the digits {before:.2f}, at the end {final:.2f}")

# %% [markdown]
# The lasting cost of a new term is not a spike that passes but a compromise that stays. As long as reconstruction is alone, the encoder may use the code for whatever helps the decoder. Once the digit term is in, the code must first of all say which digit it is.

# %% [markdown]
# ## Over seeds: do ramps smooth?
#
# The appendix [The ledger](ledger.ipynb) repeats short trainings on MNIST, a few hundred steps each, with different seeds (starts). *As built* is the book's recipe; every other variant, called an *arm*, changes one thing.
#
# These are its image models. *jump* is the largest rise of the total within five steps, *spike* how far it gets above its level before the digits; *digit* is the percentage of test digits read from the code, *rms* the error of the reconstruction. In brackets: a 95 % interval of the mean.


# %%
def over_seeds(name, arms, keys):
    """Mean and interval of some results, a line for each arm."""
    found = experiments.read(name)
    for arm in arms:
        records = found.get(arm, [])
        print(f"{arm} ({len(records)} seeds)" if records else f"{arm}: not measured yet")
        for key in keys:
            if records and key in records[0]["results"]:
                print("  ", key, claims.shown(*experiments.interval(experiments.values(records, key)), digits=3))


over_seeds("image", ("as built", "without ramps"), ("jump", "spike", "digit", "rms"))

# %% [markdown]
# Both arms use the same seeds, so the more precise comparison is *paired*: subtract seed by seed, then average. An interval that contains 0 decides nothing.


# %%
def against(name, arm, base, keys):
    """One arm minus another, paired by seed."""
    found = experiments.read(name)
    if arm not in found or base not in found:
        print(f"{arm}, or {base}: not measured yet")
        return
    print(f"{name}: {arm}, minus {base}")
    for key in keys:
        print("  ", key, claims.shown(*experiments.difference(found[arm], found[base], key), digits=3))


against("image", "without ramps", "as built", ("jump", "spike", "digit", "rms"))

# %% [markdown]
# Without ramps the total jumps by more; for digits and reconstruction the interval contains 0. The curves, each seed a thin line, their mean a thick one:


# %%
def curves(axis, name, arms, term):
    """One term over the steps: thin lines for seeds, a thick one for their mean."""
    for k, arm in enumerate(arms):
        runs_of = [record["results"]["curves"].get(term) for record in experiments.read(name).get(arm, [])]
        if not runs_of:
            print(f"{arm}: not measured yet")
            continue
        lines = torch.tensor([[float("nan") if v is None else v for v in line] for line in runs_of])
        steps, colour = 10 * torch.arange(lines.shape[1]) + 5, plots.COLOURS[(0, 5, 2)[k]]
        axis.plot(steps, lines.T, color=colour, linewidth=0.4, alpha=0.6)
        axis.plot(steps, lines.mean(0), ("-", "--", ":")[k], color=colour, linewidth=2, label=arm)
    axis.set(xlabel="step", title=f"{name}: {term}", ylim=(0, None))
    axis.spines[["top", "right"]].set_visible(False)
    if axis.lines:
        axis.legend(frameon=False, fontsize=8)


# %% mystnb={"image": {"alt": "Total loss of MNIST image models over 600 steps, with ramps, with switches and with all terms from the start; points are means of ten steps. The first two fall together and jump at step 360."}}
figure, axis = plt.subplots(figsize=(7, 3.2), layout="constrained")
curves(axis, "image", ("as built", "without ramps", "all terms from the start"), "total")
plt.show()

# %% [markdown]
# The ledger applies a fixed rule to each claim. For ramps:


# %%
def verdict(opening):
    """Claim, rule, measurement and verdict from the ledger."""
    claim = next(claim for claim in claims.CLAIMS if claim.text.startswith(opening))
    measured, outcome = claim.verdict()
    for word, text in (("claim", claim.text), ("rule", claim.rule), ("measured", measured), ("verdict", outcome)):
        print(textwrap.fill(f"{word}: {text}", 100, subsequent_indent="   "))


verdict("Ramps")

# %% [markdown]
# The rule asks whether the total rises *less suddenly*, which is what a ramp is made for. The rise is also smaller (*spike*). For the finished model no gain is seen: the intervals of *digit* and *rms* contain 0.

# %% [markdown]
# ## Over seeds: are late terms better?
#
# The paper lets terms enter late for another reason: a network that can already reconstruct its input should learn the other terms more easily. [Disentanglement](09_disentanglement.ipynb) gave an argument for that: such an encoder has features that tell items apart.
#
# The alternative for images is *all terms from the start*. For voices it is the book's own choice: the schedule of Table 4 in the first fifth of the training. So *as built* is the late arm for images, but the early one for voices. (*digit_cosine* is the mean absolute cosine between the codes of different digits: 0 is orthogonal.)

# %%
over_seeds("image", ("as built", "all terms from the start"), ("digit", "digit_cosine", "rms"))
over_seeds("voice", ("injected as printed", "as built"), ("digit", "speaker", "rms"))

# %% [markdown]
# Paired by seed, late minus early. Late terms are better where *digit* and *speaker* are above 0, *digit_cosine* and *rms* below:

# %%
against("image", "as built", "all terms from the start", ("digit", "digit_cosine", "rms"))
against("voice", "injected as printed", "as built", ("digit", "speaker", "rms"))

# %% mystnb={"image": {"alt": "Digit terms over the steps of two experiments. Left, image models: late digits appear at step 360, digits from the start have been falling since step 1. Right, voice models: the term as built appears early, the one as printed late."}}
figure, axes = plt.subplots(1, 2, figsize=(9, 3.2), layout="constrained")
curves(axes[0], "image", ("as built", "all terms from the start"), "digit")
curves(axes[1], "voice", ("injected as printed", "as built"), "digit")
plt.show()

# %%
verdict("Training on reconstruction")
verdict("Injecting the others late")

# %% [markdown]
# With the learning rate of these trainings the answer is clear: late terms reconstruct slightly better, and they read fewer digits, for voices far fewer.
#
# The comparison has two weaknesses. These trainings let their learning rate fall towards the end ([one cycle](https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.OneCycleLR.html)), so a late term learns with small steps only; the paper names neither an optimizer nor its learning rate. And a term that enters late has fewer steps. The first can be removed. Here are the voices again at a constant rate, half the peak of before (the third pair of each verdict):

# %%
over_seeds("voice", ("constant rate, injected as printed", "constant rate"), ("digit", "speaker", "rms"))
against("voice", "constant rate, injected as printed", "constant rate", ("digit", "speaker", "rms"))

# %% [markdown]
# So most of the loss was the falling rate's doing, and the smaller part remains. That late terms reconstruct better is no longer shown: the interval of *rms* contains 0, so that verdict is *undecided*.

# %% [markdown]
# ## An open question
#
# Would late terms still be worse if they were given as many *steps* as the early ones? That is not measured here. It would separate the order of the terms from the time that each of them gets.

# %% [markdown]
# ## What to remember
#
# - Equation 6 fades a term in: $M$ is 0 up to *start*, 1 from *stop* on, a straight line between.
# - As printed, reconstruction is alone for at least half of the training.
# - The total is a weighted mean. A new term above the mean raises it, even if nothing is learned. Compare terms, not totals, across an entry.
# - A ramp spreads that change, while the new term learns at a small weight. It cannot smooth balancing factors that change ranks. Compressed to a few steps, it is a switch.
# - Over five seeds, ramps make the rise less sudden and smaller, and the finished model no better; late terms read fewer digits, above all at a falling rate.

# %% [markdown]
# ## Exercises
#
# ### Exercise 1: three multipliers by hand
#
# From Table 8: sparsity 400 to 410, interpolation 450 to 460, digits 480 to 530. What is $M$ of (a) sparsity at iteration 405, (b) interpolation at iteration 450, (c) the digits at iteration 500?

# %% tags=["exercise"]
three = None
checks.injection_by_hand(three)

# %% [markdown]
# <details>
# <summary>Solution</summary>
#
# ```python
# three = (5 / 10, 0, 20 / 50)
# checks.injection_by_hand(three)
# ```
#
# 0.5, 0 and 0.4. At its own start a term still has no weight.
#
# </details>

# %% [markdown]
# ### Exercise 2: a term that changes nothing
#
# Reconstruction stands at 0.2 with $I = 1$, sparsity at 0.1 with $I = 0.3$; both have $M = 1$, and there is no balancing. Interpolation enters with $I = 0.02$. At which value does it leave the total exactly where it was, for every $M$?

# %% tags=["exercise"]
unnoticed = None
checks.injection_unnoticed(unnoticed)

# %% [markdown]
# <details>
# <summary>Solution</summary>
#
# ```python
# unnoticed = (1 * 0.2 + 0.3 * 0.1) / (1 + 0.3)
# checks.injection_unnoticed(unnoticed)
# ```
#
# At the present mean, 0.177. Its importance does not matter.
#
# </details>

# %% [markdown]
# ### Exercise 3: a ramp without corners
#
# Equation 6 has a corner at each end: the slope of $M$ jumps from 0 to $1/(\text{stop} - \text{start})$. Write `gentle(iteration, start, stop)` that goes from 0 to 1 with slope 0 at both ends, rises all the way, and passes 0.5 in the middle.


# %% tags=["exercise"]
def gentle(iteration, start, stop):
    return None


checks.injection_gentle(gentle)

# %% [markdown]
# <details>
# <summary>Solution</summary>
#
# ```python
# def gentle(iteration, start, stop):
#     t = objective.injection(iteration, start, stop)
#     return 3 * t**2 - 2 * t**3
#
# checks.injection_gentle(gentle)
# ```
#
# A piece of a cosine does as well. (It does not help against the jump of the balancing factors.)
#
# </details>

# %% [markdown]
# ### Exercise 4: break the ramps
#
# Compress Table 8 to fewer and fewer steps. At which number of steps, coming down from 800 one by one, does some ramp lose its last step strictly inside, and turn into a switch? Only terms that have a ramp count. (Open-ended: with `history_of`, above, break the schedule itself. Which order of entries, or which weights, makes this small model fail to learn its digits?)

# %% tags=["exercise"]
broken = None
checks.injection_broken(broken)

# %% [markdown]
# <details>
# <summary>Solution</summary>
#
# ```python
# def inside(start, stop, steps):
#     return sum(start < step < stop for step in range(1, steps + 1))
#
# def whole(steps):
#     ramps = objective.compress(paper.IMAGE_INJECTION, 800, steps)
#     return all(inside(*ramp, steps) for name, ramp in ramps.items() if name != "reconstruction")
#
# broken = next(steps for steps in range(800, 1, -1) if not whole(steps))
# checks.injection_broken(broken)
# ```
#
# The shortest ramps are ten iterations long. Once they are shorter than one step, it depends on the rounding whether a step falls inside.
#
# </details>

# %% [markdown]
# ## Where next
#
# - [Balancing](11_balancing.ipynb): the factor that depends on the rank, and whether it helps.
# - [The ledger](ledger.ipynb): all claims, all verdicts.
# - [Reading notes](reading_notes.ipynb): every place where the paper can be read in two ways.
