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
# A training has been getting better for an hour. Then, from one step to the next, its loss doubles. Nothing crashed and nobody changed the data: a new term has walked in, on schedule.
#
# This chapter is about who walks in when, and how loudly. It also asks an awkward question about the leap itself. How much of it is the network being shaken, and how much is mere arithmetic?
#
# **Time:** 25 minutes to read, one minute to run.
#
# **Needs:** the terms of the loss: [Reconstruction and sparsity](06_reconstruction_and_sparsity.ipynb), [Interpolation](07_interpolation.ipynb), [Disentanglement](08_disentanglement.ipynb).

# %% [markdown]
# ## Goals
#
# After this chapter you can
#
# - compute by pencil how loud a term is at any iteration, and squeeze a printed schedule into a shorter training;
# - say what the paper leaves open about the word *iteration*, and which of it matters;
# - predict whether the total will leap or dip when a term enters, before anything has been learned;
# - find the leap that no ramp can smooth;
# - judge, over repeated trainings, what ramps and late terms really bring.

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
import textwrap

import matplotlib.pyplot as plt
import torch

from olc_lib import checks, objective, paper, plots, runs
from olc_lib.ledger import claims, experiments
from olc_lib.systems import placed

trained = runs.load(run)

# %% [markdown]
# ## A leap
#
# Here is the total loss of this run's image model, step by step. Dotted lines mark where a term begins to enter.

# %% mystnb={"image": {"alt": "Total loss of the image model over the training steps. It falls for more than half of the training, then climbs steeply to several times its height behind the last dotted line, with one sheer leap near the foot of the climb, and falls slowly from there, ending far above its lowest point."}}
figure = plots.history(trained.history["image"], ["total"], smooth=1)
for start, _ in placed.schedule("image", trained.settings.image).values():
    figure.axes[0].axvline(start, color="grey", linestyle=":", linewidth=0.8)

# %% [markdown]
# For more than half of the time it falls, as a loss should. Then it leaps, and it never comes back to where it was. If you saw this in a training of your own, would you stop it?
#
# (Each line stands for an entry, the one at the far left for reconstruction. The two in the middle left hardly a trace. By the middle of the chapter you will know why.)
#
# The paper expects a spike whenever a term is added, because the network has not adapted to that term yet. Its remedy is to let terms in gradually (Solhjoo & Rodolà, section 3.1).

# %% [markdown]
# ## Fading in
#
# Every term of the loss carries a multiplier $M$, its **injection**. Until an iteration *start* it is 0, from an iteration *stop* on it is 1, and in between (Equation 6)
#
# $$M = \frac{\text{iteration} - \text{start}}{\text{stop} - \text{start}}.$$
#
# The straight piece is called a **ramp**. By pencil: the disentanglement terms of the voice model have start 6800 and stop 7300 (Table 4). At iteration 6900, $M = 100/500 = 0.2$. At 7050 it is $250/500 = 0.5$.

# %%
start, stop = paper.VOICE_INJECTION["digit"]
for iteration in (1, 6800, 6801, 6900, 7050, 7300, 10_000):
    print(f"iteration {iteration:6}: M = {objective.injection(iteration, start, stop):.3f}")

# %% [markdown]
# The equation alone does not hold the ends: at iteration 1 it would give $-13.6$, and at 10,000 it would give 6.4. That $M$ stays at 0 before and at 1 after is said in the text, and done in the pseudo-code.
#
# A term with start = stop has no ramp. Equation 6 would divide by zero; the library takes it as a switch. So reconstruction, which "starts" at iteration 1, is simply on.

# %% [markdown]
# ## Two timelines
#
# Tables 4 and 8 give start and stop of every term. Drawn, they are easier to believe. Each row is one term; the height of its band is $M$.


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
# Both tell the same story: reconstruct, and nothing else, for half of the training or more; then, in quick succession, sparsity, interpolation, and last the categories. (The writer has a row, but its importance is 0, so nobody hears it.)

# %%
for name, injections, iterations in (
    ("voice", paper.VOICE_INJECTION, paper.VOICE_ITERATIONS),
    ("image", paper.IMAGE_INJECTION, paper.IMAGE_ITERATIONS),
):
    alone, complete = injections["sparsity"][0], injections["digit"][1]
    print(
        f"{name}: {100 * alone / iterations:.0f} % with reconstruction alone, "
        f"{100 * (iterations - complete) / iterations:.0f} % with all terms"
    )

# %% [markdown]
# Watch a training pass through its timeline: the image model of the run `embedded`, every 30 steps.
#
# <div class="olc-live" data-live="replay" data-title="Replay a training">
# <p><em>On the book's web pages a training can be replayed here; the figures of this chapter show its curves.</em></p>
# </div>
# <script src="../_static/live/live.js" defer></script>

# %% [markdown]
# ## Fitting it to your own training
#
# You may not have the patience for 10,000 iterations. `objective.compress` squeezes a schedule: the first iteration stays the first, and everything else moves in proportion.
#
# By pencil: Table 8, meant for 800 iterations, in 400 steps. The 799 gaps become 399, a factor of 0.4994. The digits' start moves from 480 to $1 + 479 \cdot 0.4994 = 240.2$. It need not be a whole number.

# %%
half = objective.compress(paper.IMAGE_INJECTION, paper.IMAGE_ITERATIONS, 400)
for name, (start, stop) in half.items():
    print(f"{name:15} {start:6.1f} to {stop:6.1f}")

# %% [markdown]
# There is a catch. Ramps shrink with everything else, and a ramp is only one if some steps fall *inside* it. How many do, in the models of the run loaded above?

# %%
for part in ("image", "voice"):
    how = getattr(trained.settings, part)
    print(f"{part}: {how.steps} steps, schedule within the first {100 * how.injected:.0f} % of them")
    for name, (start, stop) in list(placed.schedule(part, how).items())[1:]:
        inside = sum(start < step < stop for step in range(1, how.steps + 1))
        print(f"   {name:15} steps inside the ramp: {inside}")

# %% [markdown]
# Where a training has as many steps as its table, the ramps keep their length. Squeezed into a fraction of them, gentle ramps become something close to switches. If you ever compare "with ramps" and "without", check this first.
#
# (The voice model runs through its schedule in the first part of its training instead of all of it. That is a change to the paper, made by the book, and this chapter ends by asking what it does.)

# %% [markdown]
# ## When is iteration 6800?
#
# The word *iteration* hides three questions.
#
# **A step or a pass?** It could be one step of the optimizer, on one batch, or one pass over all data (an *epoch*). The pseudo-code draws one batch in each turn of its loop, so we read: a step. The paper gives no batch size. Here is what either reading means for the full training sets (FSDD and MNIST), with the batches of this book.

# %%
for name, iterations, items, batch in (("voice", 10_000, 2400, 32), ("image", 800, 55_000, 64)):
    per_pass = items // batch
    print(
        f"{name}: as steps, {iterations / per_pass:.1f} passes over {items:,} items; "
        f"as passes, {iterations * per_pass:,} steps"
    )

# %% [markdown]
# As steps, the image model would not see all of MNIST even once. As passes, it would take hundreds of thousands of steps, a great many for such small pictures. Neither is absurd enough to settle it.
#
# **From 0 or from 1?** The tables start at 1, the loop of the pseudo-code at 0.
#
# **Is the start included?** The pseudo-code says `Iteration > Start`. But look at Equation 6: at the start itself $M$ is 0 anyway. A term that is "in" with weight 0 is not in.


# %%
def printed(iteration, start, stop):
    """M as the lines of the pseudo-code have it."""
    m = 0.0
    if iteration > start and iteration < stop:
        m = (iteration - start) / (stop - start)
    if iteration >= stop:
        m = 1.0
    return m


# %%
start, stop = paper.VOICE_INJECTION["digit"]
same = all(printed(i, start, stop) == objective.injection(i, start, stop) for i in range(10_001))
shift = max(abs(objective.injection(i + 1, start, stop) - printed(i, start, stop)) for i in range(10_000))
print("equal at every iteration:", same)
print(f"largest change of M if the loop counts from 0: {shift:.3f}")

# %% [markdown]
# So the third question changes nothing, and the second shifts the schedule by a single iteration; the library counts from 1. The first one changes everything, and stays open. All such places are collected in the [Reading notes](reading_notes.ipynb).

# %% [markdown]
# ## The grandmother effect
#
# Now the leap. Six children of six sit in a room; a grandmother of sixty comes in. The mean age leaps, and nobody has grown older.
#
# The total (Equation 2) is a mean, too: each term $L$ counts with a weight, and the sum is *divided by the sum of the weights*. Leave balancing factors aside until the next section; then the weight is $M\,I$, with the importance $I$ from Tables 3 and 7.

# %% [markdown]
# By pencil, with an image model. Reconstruction stands at 0.2, with weight 1: the total is 0.2. Now switch on one term, $M = 1$:
#
# - digits, at 1.6 since nobody has trained them, $I = 0.4$: $\;\dfrac{0.2 + 0.4 \cdot 1.6}{1 + 0.4} = 0.6$;
# - or sparsity, at 0.1, $I = 0.3$: $\;\dfrac{0.2 + 0.3 \cdot 0.1}{1 + 0.3} = 0.177$.
#
# The first triples the loss. The second *improves* it. In both cases not a single weight of the network has moved.

# %%
arguments = (800, paper.IMAGE_IMPORTANCE, paper.IMAGE_INJECTION, paper.IMAGE_BALANCE)
for newcomer in ({}, {"digit": 1.6}, {"sparsity": 0.1}):
    terms = {name: torch.tensor(value) for name, value in ({"reconstruction": 0.2} | newcomer).items()}
    scalar, _ = objective.total(terms, *arguments, balanced=False)
    print(f"{str(newcomer):18} total {scalar.item():.3f}")

# %% [markdown]
# In general, let $T$ be the mean before, $W$ the sum of weights before, and $N$ the value of the newcomer. Then the new total is
#
# $$T + s\,(N - T), \qquad s = \frac{M I}{W + M I}.$$
#
# The share $s$ grows with $M$ from 0 upwards. Whether the total rises or falls depends on one thing only: whether the newcomer is *above or below the present mean*.

# %% mystnb={"image": {"alt": "Total against M for three newcomers of importance 0.4 entering beside a term of 0.2. The one at 1.6 bends the total up to 0.6, the one at 0.2 leaves it where it is, the one at 0.1 pulls it down slightly."}}
m = torch.linspace(0, 1, 101)
figure, axis = plt.subplots(figsize=(6.4, 2.8), layout="constrained")
for k, newcomer in enumerate((1.6, 0.2, 0.1)):
    axis.plot(m, (0.2 + 0.4 * m * newcomer) / (1 + 0.4 * m), ("-", "--", ":")[k], color=plots.COLOURS[(5, 7, 0)[k]])
    axis.annotate(f"newcomer at {newcomer}", (1.02, (0.2, 0.2, 0.2)[k] + (0.4, 0.02, -0.05)[k]), va="center")
axis.set(xlabel="M of the newcomer", ylabel="total", ylim=(0, 0.65), xlim=(0, 1.4), xticks=[0, 0.25, 0.5, 0.75, 1])
axis.spines[["top", "right"]].set_visible(False)
plt.show()

# %% [markdown]
# Two lessons. A ramp spreads this change over its length, but as long as nothing is learned it cannot make it smaller: at the end of the ramp, the newcomer's share is what it is. And **totals before and after an entry are not the same quantity**. To see whether the network suffered, look at a *term*, not at the total.
#
# (The pseudo-code forgets the denominator. A plain sum can only grow when a term with a positive value enters. More about that in [Balancing](10_balancing.ipynb).)

# %% [markdown]
# ## A leap that no ramp smooths
#
# The full weight is $B\,M\,I$. The *balancing factor* $B$ is the subject of [the next chapter](10_balancing.ipynb). Here you need only its rule: compute $M I L$ for every term; the largest gets $B = 1$, the second 0.5, and so on (Table 9).
#
# Let the digits enter slowly, and stop where $M I L$ of the digits reaches that of reconstruction: $0.4 \cdot 1.6 \cdot M = 0.2$, at $M = 0.3125$. The digits' weight without $B$ is $M I = 0.125$.
#
# - just before: $\;\dfrac{1 \cdot 0.2 + 0.5 \cdot 0.2}{1 + 0.5 \cdot 0.125} = \dfrac{0.3}{1.0625} = 0.28$;
# - just after, ranks exchanged: $\;\dfrac{0.5 \cdot 0.2 + 1 \cdot 0.2}{0.5 + 0.125} = \dfrac{0.3}{0.625} = 0.48$.


# %%
def entering(m, balanced=True):
    """Total when the digits, at 1.6, have reached M = m beside a reconstruction of 0.2."""
    terms = {"reconstruction": torch.tensor(0.2), "digit": torch.tensor(1.6)}
    ramp = {"reconstruction": (0, 0), "digit": (0, 1)}
    scalar, _ = objective.total(terms, m, paper.IMAGE_IMPORTANCE, ramp, paper.IMAGE_BALANCE, balanced)
    return scalar.item()


print(f"just before {entering(0.312):.2f}, just after {entering(0.313):.2f}")

# %% mystnb={"image": {"alt": "Total against M of the digits. Without balancing it rises smoothly from 0.2 to 0.6. With balancing it rises slowly to 0.28, leaps to 0.48 at M = 0.31, and goes on smoothly to 0.82."}}
figure, axis = plt.subplots(figsize=(6.4, 2.8), layout="constrained")
for balanced, style, name in ((True, "-", "with balancing"), (False, "--", "without")):
    curve = [entering(i / 400, balanced=balanced) for i in range(401)]
    axis.plot([i / 400 for i in range(401)], curve, style, color=plots.COLOURS[0 if balanced else 5], label=name)
axis.set(xlabel="M of the digits", ylabel="total", ylim=(0, 0.9))
axis.legend(frameon=False)
axis.spines[["top", "right"]].set_visible(False)
plt.show()

# %% [markdown]
# However long the ramp, the ranks change places in *one* step. Ramps smooth $M$; nothing smooths $B$. The paper uses both, so a leap in the middle of a ramp is what its own recipe predicts. Look for it in the first figure, at the foot of the climb.

# %% [markdown]
# ## Live: three ways in
#
# Enough arithmetic; let something learn. We train a very small image model on the embedded digits three times, from the same start and with the same batches:
#
# - *ramps*: Table 8, squeezed;
# - *switches*: the same starts, but no ramps: a term that enters is fully on;
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

# %% mystnb={"image": {"alt": "Two panels over 150 steps. Left, the total: ramps and switches fall together to about 0.15 and leap at step 91, switches the higher; all at once falls from the start and ends lowest. Right, the digit term: all at once falls from the start; the two others appear at step 91 near 1.7 and fall steeply to about 1.05."}}
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
# Compare the first two. (The third has no entry; the last section comes back to it.) The switch makes the higher and the more sudden peak. The ramp reaches its own peak later, and lower. Why lower, if arithmetic says that a ramp only delays?
#
# Because on the way up the term is being *trained*, although faintly. To see it, compute where the total would have gone with nothing learned: take the terms as they are at the first step with digits, and set $M$ to 1.

# %% tags=["nbval-ignore-output"]
entry = int(placed.schedule("image", placed.Training(150))["digit"][0])  # counted from 0: the first step with digits
frozen = {name: live["switches"][name][entry] for name in ("reconstruction", "sparsity", "interpolation", "digit")}
scalar, _ = objective.total(frozen, *arguments)
print(f"if nothing were learned: {scalar.item():.1f}")
for name in ("switches", "ramps"):
    total = live[name]["total"]
    print(f"{name}: highest {total[entry:].max().item():.1f}, at the end {total[-10:].mean().item():.1f}")

# %% [markdown]
# The peak of the switches is about what arithmetic predicts. The ramp's stays below it: that difference is what fading in really bought. And most of the rise is arithmetic in either case.
#
# Was anything *damaged*? Ask the reconstruction term, which means the same thing before and after.

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
# Beside the leap of the total this is a ripple. But this model is far from done when it stops, and another seed might order the curves differently. So ask the longer training that opened the chapter, too:

# %%
start = int(placed.schedule("image", trained.settings.image)["digit"][0])
values = trained.history["image"]["reconstruction"]
before, final = values[start - 20 : start].mean(), values[-20:].mean()
print(f"reconstruction just before the digits {before:.2f}, at the end {final:.2f}")

# %% [markdown]
# That is the true price of a newcomer: no spike that passes, but a compromise that stays. As long as reconstruction is alone, the encoder may write whatever helps the decoder. Once the digits are in, the code must say first of all which digit it is, and the decoder has to draw from that.

# %% [markdown]
# ## Over seeds: do ramps smooth?
#
# The appendix [The ledger](ledger.ipynb) repeats short trainings on MNIST, a few hundred steps each, with different seeds (starts). *As built* is the book's recipe; every other variant, called an *arm*, changes one thing.
#
# Here are its image models. *jump* is the largest rise of the total within five steps, *spike* how far it gets above its level before the digits; *digit* is the percentage of test digits read from the code, *rms* the error of the reconstruction. In brackets: a 95 % interval of the mean.


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
# The seeds differ among themselves, and the arms share them. So the sharper comparison is *paired*: subtract seed by seed, for those that both arms have, then average. An interval that contains 0 settles nothing.


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
# The leap that we computed, when ranks change places in the middle of a ramp, can be tested as well. Here both arms have ramps; one has no balancing factors. Above 0 means: more with them. (Part of the difference is that without $B$ the digits weigh less, so that the whole rise is smaller: look at *spike*.)

# %%
against("image", "as built", "without balancing", ("jump", "spike"))

# %% [markdown]
# And the curves, each seed a thin line, their mean a thick one.


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


# %% mystnb={"image": {"alt": "Total loss of MNIST image models over 600 steps, with ramps, with switches and with all terms from the start; points are means of ten steps. The first two fall together and leap at step 360."}}
figure, axis = plt.subplots(figsize=(7, 3.2), layout="constrained")
curves(axis, "image", ("as built", "without ramps", "all terms from the start"), "total")
plt.show()

# %% [markdown]
# Now the verdict. The ledger fixes, for each claim, a rule that says what would count as "holds", and its code applies it. This is the claim about ramps:


# %%
def verdict(opening):
    """Claim, rule, measurement and verdict from the ledger."""
    claim = next(claim for claim in claims.CLAIMS if claim.text.startswith(opening))
    measured, outcome = claim.verdict()
    for word, text in (("claim", claim.text), ("rule", claim.rule), ("measured", measured), ("verdict", outcome)):
        print(textwrap.fill(f"{word}: {text}", 100, subsequent_indent="   "))


verdict("Ramps")

# %% [markdown]
# Keep in mind what this rule asks: whether the total rises *less suddenly*. Spreading a rise over more steps is what a ramp is built for. The harder questions are whether it makes the rise smaller (*spike*, above, of which arithmetic makes a large part) and whether the finished model is better for it (*digit* and *rms*, above).

# %% [markdown]
# ## Over seeds: is reconstruct-first better?
#
# The paper's reason for the late entries is another one: a network that can already redraw its input shall be in a good place when the other terms arrive. [Disentanglement](08_disentanglement.ipynb) gave an argument for it: an encoder with features to tell items apart gets past the hedge more easily.

# %% [markdown]
# The rival is the third way of the live training, all terms from the first step. For voices, the rival is the book's own choice: the schedule of Table 4 run through in the first fifth. So *as built* is the late arm for images, but the early one for voices. (*digit_cosine* is the mean absolute cosine between the codes of different digits: 0 is orthogonal.)

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
# So on equal steps late terms buy a little reconstruction with digits. But note what the comparison does to the late terms. Both arms get the same number of steps, so a term that enters late has fewer of them. And these trainings let their learning rate sink towards the end ([one cycle](https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.OneCycleLR.html)): a latecomer learns with small steps only. The paper names neither an optimizer nor its learning rate, so nobody can tell whether that was so there.
#
# A fair summary: at *equal cost* this is what late terms give. It does not tell what they would give if time were free.

# %% [markdown]
# ## What to remember
#
# - Equation 6 fades a term in: $M$ is 0 up to *start*, 1 from *stop* on, a straight line between.
# - As printed, reconstruction is alone for at least half of the training. An *iteration* is probably one optimizer step.
# - The total is a weighted mean. A newcomer above the mean lifts it, even if nothing is learned. Compare terms, not totals, across an entry.
# - A ramp spreads that change, and lets the newcomer learn while faint. It cannot smooth balancing factors that change places. Compressed to a few steps, it is a switch.
# - Over five seeds, ramps make the rise less sudden and change little else; late terms redraw a little better and read fewer digits.

# %% [markdown]
# ## Exercises
#
# ### Exercise 1: three multipliers by pencil
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
# ### Exercise 2: the unnoticed newcomer
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
# Equation 6 has a corner at each end: the slope of $M$ leaps from 0 to $1/(\text{stop} - \text{start})$. Write `gentle(iteration, start, stop)` that goes from 0 to 1 with slope 0 at both ends, rises all the way, and passes 0.5 in the middle.


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
# A piece of a cosine does as well. (It would not help against the leap of the balancing factors.)
#
# </details>

# %% [markdown]
# ### Exercise 4: break the ramps
#
# Compress Table 8 to fewer and fewer steps. At which number of steps, coming down from 800 one by one, does some ramp lose its last step strictly inside, and turn into a switch? Only terms that have a ramp count.

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
# The shortest ramps are ten iterations long. Once they are shorter than one step, it is a matter of luck whether a step falls inside.
#
# </details>

# %% [markdown]
# ## Where next
#
# - [Balancing](10_balancing.ipynb): the factor that changes places, and whether it is worth it.
# - [The ledger](ledger.ipynb): all claims, all verdicts.
# - [Reading notes](reading_notes.ipynb): every place where the paper can be read in two ways.
