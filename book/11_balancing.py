# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Balancing
#
# Five terms share one network, as five children share one parent's time. The paper's rule is to attend to whoever cries loudest. In Equation 2 that is the factor $B$:
#
# ![Block diagram of the whole system: voice model, image model and training. Lit here: balancing and the total.](_static/spine/balancing.svg)
#
# $$\begin{aligned} L &= \dfrac{w_r L_r + w_s L_s + w_i L_i + w_d L_d}{w_r + w_s + w_i + w_d} \\[4pt] w_k &= \underbrace{B_k}_{\text{this chapter}}\,M_k\,I_k \end{aligned}$$
#
# This chapter computes what the rule does, finds a case in which it never comes to rest, and asks whether the models are better for it.
#
# **Time:** 30 minutes to read, one minute to run.
#
# **Needs:** [The injection schedule](10_the_injection_schedule.ipynb), and through it the terms of the loss.

# %% [markdown]
# ## Goals
#
# After this chapter you can
#
# - compute the balancing factors of a set of terms, and the total of Equation 2, by hand;
# - say why five factors are listed where the equation prints four;
# - explain why the sorting has no gradient, and where the total jumps;
# - predict when two terms settle at a compromise, and when their ranks change back and forth;
# - tell balancing from a change of weights, and judge the claim of Figure 3 from repeated trainings.

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

from olc_lib import checks, data, objective, paper, plots, runs, train
from olc_lib.ledger import claims, experiments
from olc_lib.systems import placed

# %% [markdown]
# ## The rule: sort, then weight
#
# A term $L$ of the loss has an importance $I$, fixed for the whole training (Tables 3 and 7), and an injection $M$, which fades it in ([chapter 10](10_the_injection_schedule.ipynb)). The third factor, $B$, depends on the other terms (Solhjoo & Rodolà, section 3.1, Table 5):
#
# 1. multiply each term by its $M$ and $I$;
# 2. sort the products, largest first;
# 3. give the first $B = 1$, the next 0.5, then 0.4, 0.3 and 0.2.
#
# The total is the mean of the terms with weights $w = B\,M\,I$ (Equation 2).

# %% [markdown]
# By hand, for a voice model late in its training, all $M = 1$:
#
# | term | $L$ | $I$ | $M I L$ | $B$ | $w$ |
# |---|---|---|---|---|---|
# | reconstruction | 0.15 | 1 | 0.15 | 0.5 | 0.5 |
# | sparsity | 0.11 | 0.3 | 0.033 | 0.3 | 0.09 |
# | interpolation | 0.16 | 0.02 | 0.0032 | 0.2 | 0.004 |
# | speaker | 0.56 | 0.25 | 0.14 | 0.4 | 0.1 |
# | digit | 0.64 | 0.25 | 0.16 | 1 | 0.25 |
#
# Weights times terms add up to 0.30154, the weights to 0.944. The total is 0.319.

# %%
example = {"reconstruction": 0.15, "sparsity": 0.11, "interpolation": 0.16, "speaker": 0.56, "digit": 0.64}
terms = {name: torch.tensor(value) for name, value in example.items()}
voice = (10_000, paper.VOICE_IMPORTANCE, paper.VOICE_INJECTION, paper.VOICE_BALANCE)
scalar, record = objective.total(terms, *voice)
for name in example:
    print(f"{name:15} B = {record[name + '/B'].item():.1f}")
print(f"total {scalar.item():.3f}")

# %% [markdown]
# The balancing factors, as the library finds them (docstring left out):

# %%
print(inspect.getsource(objective.balance).split('"""')[2])

# %% [markdown]
# The idea: a plain weighted sum can fall while one term grows, if another falls by more. With $B$, a term that grows to the first rank gets twice the weight; once it is down to the second rank, its weight halves.

# %% [markdown]
# ## Four factors or five?
#
# The paper prints four factors, $B_0$ to $B_3$, and ties them to fixed terms: $B_0$ to reconstruction, and so on. But its text sorts, so the indices can only mean ranks. And Tables 5 and 9 list *five*.
#
# Five fits if each category of the code is a term of its own: reconstruction, sparsity, interpolation, **speaker**, **digit**. So the library sorts five. The pseudo-code adds the categories up first and sorts four. In the image model the writer has importance 0; four terms are left, and the fifth factor is not used.

# %% [markdown]
# A term that is not injected yet has $M I L = 0$ and so comes last.

# %% [markdown]
# ## The gradient of the total
#
# If a term changes a little, its rank stays. So within a step the factors are **constants**, like $M$ and $I$, and
#
# $$\frac{\partial\,\text{total}}{\partial L_k} = \frac{B_k M_k I_k}{\sum_j B_j M_j I_j}.$$

# %%
terms = {name: torch.tensor(value, requires_grad=True) for name, value in example.items()}
scalar, record = objective.total(terms, *voice)
scalar.backward()
weight = {name: (record[name + "/B"] * record[name + "/I"]).item() for name in example}
for name, term in terms.items():
    share = weight[name] / sum(weight.values())
    print(f"{name:15} gradient {term.grad.item():.3f}, share of the weights {share:.3f}")

# %% [markdown]
# Each step is thus a step on an ordinary weighted mean. The gradient does not show the moment when two terms change ranks. Hold reconstruction at 0.3, with $I = 1$, and let the digits of an image model, $I = 0.4$, come down from 1.6 to 0.5, the lowest value that they can take ([Disentanglement](09_disentanglement.ipynb)):

# %% mystnb={"image": {"alt": "Total against the digit term from 0.5 to 1.6. Without balancing it is a straight line. With balancing it is two straight pieces, flatter below 0.75 and steeper above, with a jump from 0.375 to 0.5 between them at 0.75."}}
values = torch.linspace(0.5, 1.6, 801)
image = (800, paper.IMAGE_IMPORTANCE, paper.IMAGE_INJECTION, paper.IMAGE_BALANCE)
figure, axis = plt.subplots(figsize=(6.4, 2.8), layout="constrained")
for balanced, style, name in ((True, "-", "with balancing"), (False, "--", "without")):
    pairs = [{"reconstruction": torch.tensor(0.3), "digit": v} for v in values]
    curve = [objective.total(terms, *image, balanced)[0].item() for terms in pairs]
    axis.plot(values, curve, style, color=plots.COLOURS[0 if balanced else 5], label=name)
axis.set(xlabel="digit term", ylabel="total", ylim=(0, None))
axis.legend(frameon=False)
axis.spines[["top", "right"]].set_visible(False)
plt.show()

# %% [markdown]
# With balancing, the total jumps. At 0.75 the two products are equal, $0.4 \cdot 0.75 = 0.3$, and the ranks change: from $(0.3 + 0.15)/1.2 = 0.375$ below to $(0.15 + 0.3)/0.9 = 0.5$ above. The numerators agree, the denominators do not.
#
# A jump in the total may mean no more than that two terms changed ranks.

# %% [markdown]
# ## Two springs
#
# What does the rule do with two terms in conflict? Take a ring in the plane, held by two springs. One ends at $a = (-1, 0)$ and is nine times as stiff as the other, which ends at $b = (1, 0)$:
#
# $$L_a = \tfrac94 \lVert p - a \rVert^2, \qquad L_b = \tfrac14 \lVert p - b \rVert^2.$$
#
# We train the position $p$ of the ring. On the straight line between $a$ and $b$, whatever lowers one term raises the other.


# %%
def spring(factors, steps=400, lr=0.02):
    """Gradient descent on two terms: the places [steps, 2] and the terms [steps, 2]."""
    p = torch.tensor([0.6, 0.9], requires_grad=True)
    ends, stiff = torch.tensor([[-1.0, 0.0], [1.0, 0.0]]), torch.tensor([9.0, 1.0]) / 4
    weights = ({"a": 1.0, "b": 1.0}, {"a": (1, 1), "b": (1, 1)})  # importance, injection
    places, terms = [], []
    for _ in range(steps):
        both = stiff * (p - ends).square().sum(1)
        scalar, _ = objective.total({"a": both[0], "b": both[1]}, 1, *weights, factors)
        places.append(p.detach().clone())
        terms.append(both.detach())
        (slope,) = torch.autograd.grad(scalar, p)
        p.data -= lr * slope
    return torch.stack(places), torch.stack(terms)


# %%
cases = {"no balancing": (1.0, 1.0), "B = 1, 0.5": (1.0, 0.5), "B = 1, 0.2": (1.0, 0.2)}
paths = {name: spring(factors) for name, factors in cases.items()}
for name, (_, terms) in paths.items():
    last = terms[-100:].mean(0)
    print(f"{name:12} in the end L_a = {last[0]:.2f}, L_b = {last[1]:.2f}")

# %% mystnb={"image": {"alt": "Left: three paths of the ring in the plane. All run down towards a; without balancing the ring comes to rest close to a, with B = 1 and 0.5 further away, and with B = 1 and 0.2 it zigzags along the dashed circle where both terms are equal. Right: both terms over the steps on a logarithmic scale; the solid L_a falls, the dashed L_b rises; only with B = 1 and 0.2 do they meet."}}
figure, axes = plt.subplots(1, 2, figsize=(9.5, 3.8), layout="constrained")
turn = torch.linspace(-1.2, 1.2, 200)
axes[0].plot(0.75 * turn.cos() - 1.25, 0.75 * turn.sin(), "--", color="grey", linewidth=0.9)  # where L_a = L_b
for k, (name, (places, terms)) in enumerate(paths.items()):
    colour, mark = plots.COLOURS[(5, 0, 2)[k]], "osD"[k]
    axes[0].plot(*places.T, color=colour, linewidth=1, label=name)
    axes[0].plot(*places[-1], mark, markersize=8, color=colour)
    axes[1].semilogy(terms[:200, 0], color=colour, label=name)
    axes[1].semilogy(terms[:200, 1], "--", color=colour)
axes[0].plot([-1], [0], "k+", markersize=12)
axes[0].annotate("a", (-1, -0.07), ha="center", va="top")
axes[0].set(aspect="equal", xlim=(-1.2, 0.7), ylim=(-0.3, 1), title="the ring (b is further right)")
axes[1].set(xlabel="step", title="L_a solid, L_b dashed")
axes[1].legend(frameon=False, fontsize=8)
plt.show()

# %% [markdown]
# Without balancing the stiff spring wins: its term is nearly zero, and the other has *grown* far above its start, while the total fell. That is what the left side of the paper's Figure 3, terms without $B$, warns of.
#
# With factors 1 and 0.5 the ring rests a little nearer to $b$. With 1 and 0.2 it moves on until both terms are about equal, on the dashed circle. But $L_b$ still grew: balancing picks another compromise, it does not remove the conflict.

# %% [markdown]
# ## Chatter: ranks that change back and forth
#
# At the end of the last path the rule does not come to rest: the larger term is lowered, becomes the smaller one, and the other gets the factor 1. In how many of the last two hundred steps does the order change, and how far does the ring move in a step?

# %%
for name, factors in cases.items():
    for lr in (0.05, 0.01):
        places, terms = spring(factors, 800, lr)
        changed = (terms[-200:].argmax(1).diff() != 0).float().mean().item()
        move = (places[1:] - places[:-1])[-200:].norm(dim=1).mean().item()
        print(f"{name:12} lr {lr}: order changes in about {10 * round(10 * changed):2} %,", end=" ")
        print(f"mean move {move:.3f}")

# %% [markdown]
# Control engineers call this **chatter**. A smaller learning rate makes the moves smaller, not much rarer. It happens where the weights on both sides of the dashed circle move the ring *across* it. Exercise 3 asks for the factor at which that begins.

# %% [markdown]
# ## In a real training
#
# The history of a run records every $B$. Here are the products $M I L$, the numbers that are sorted, on a logarithmic scale.

# %%
trained = runs.load(run)


# %%
def products(part):
    """M I L of every term of one model, [steps] each; NaN before a term is there."""
    history = trained.history[part]
    names = [name[:-2] for name in history if name.endswith("/B")]
    return {name: history[name] * history[name + "/M"] * history[name + "/I"] for name in names}


# %% mystnb={"image": {"alt": "Two panels of weighted terms over the steps. Left, the voice model: speaker, digit and reconstruction run together into one band and stay there; sparsity and interpolation lie far below. Right, the image model: the digits rise above reconstruction when they enter and stay above it; sparsity and interpolation lie far below."}}
figure, axes = plt.subplots(1, 2, figsize=(9.5, 3.2), layout="constrained")
order = ("reconstruction", "sparsity", "interpolation", "speaker", "digit")
for axis, part in zip(axes, ("voice", "image"), strict=True):
    weighted = products(part)
    for k, name in enumerate(order):
        if name in weighted:
            axis.semilogy(weighted[name], color=plots.COLOURS[(0, 1, 2, 3, 5)[k]], linewidth=0.8, label=name)
    axis.set(title=part, xlabel="step", ylim=(1e-3, 1))
figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=5, frameon=False, fontsize=8)
axes[0].set_ylabel("M I L")
plt.show()

# %% [markdown]
# In the voice model three terms run into one band and stay together, as the two springs did. In the image model one term stays on top. So we expect chatter on the left and none on the right. Count, in the steps with all terms: in what share of them is a term the largest, and how often does its factor change?

# %%
for part in ("voice", "image"):
    history, names = trained.history[part], list(products(part))
    b = torch.stack([history[name + "/B"] for name in names])
    b = b[:, b.isfinite().all(0)]
    print(f"{part}: {b.shape[1]} steps with all terms")
    for name, row in zip(names, b, strict=True):
        top, changes = 100 * (row == 1).float().mean(), 100 * (row.diff() != 0).float().mean()
        print(f"   {name:15} largest in {top:3.0f} %, factor changes in {changes:3.0f} %")

# %% [markdown]
# The largest term need not be one that can improve. A digit term cannot fall below 0.5 ([Disentanglement](09_disentanglement.ipynb)), so in the image model its product never falls below $0.4 \cdot 0.5 = 0.2$. If reconstruction is below that, the digits keep the factor 1 even when they are perfect.

# %% [markdown]
# The same for the image model of the run `embedded`, with what the decoder drew at that moment. Look for the steps at which two terms change ranks.
#
# <div class="olc-live" data-live="replay" data-title="Replay a training">
# <p><em>On the book's web pages a training can be replayed here; the figure above shows one as a whole.</em></p>
# </div>
# <script src="../_static/live/live.js" defer></script>

# %% [markdown]
# ## Balancing, or just other weights?
#
# If the order never changes, $B$ only multiplies the importance factors, once and for all. Test this with a very small image model, all terms from the start. Give the digits an importance of 1, so that they are the largest from the first step on and the order stays. Train it
#
# - *with B*;
# - *without*;
# - *fixed*: without $B$, but each importance factor multiplied by the $B$ of its rank: digits 1, reconstruction 0.5, sparsity 0.4, interpolation 0.3.


# %%
pictures = data.images("embedded")
small = dataclasses.replace(placed.SETTINGS["embedded"], width=1 / 32)


def fitted(importance, balanced, steps=60):
    """History of a small image model with all terms from the start."""
    vae = placed.build(small)["image"]
    on = dict.fromkeys(importance, (1, 1))
    loss = objective.training_loss(vae, importance, on, paper.IMAGE_BALANCE, balanced=balanced)
    tensors = {"signal": pictures.pixels, "digit": pictures.digit}
    return train.fit(vae, loss, tensors, steps, batch_size=32, lr=4e-3)


# %%
chosen = paper.IMAGE_IMPORTANCE | {"digit": 1.0}
usual = {"digit": 1.0, "reconstruction": 0.5, "sparsity": 0.4, "interpolation": 0.3, "writer": 0.2}
# Multiplied as 32-bit numbers, as inside the loss: otherwise the last digits would differ.
fixed = {name: (torch.tensor(usual[name]) * torch.tensor(i)).item() for name, i in chosen.items()}
live = {"with B": fitted(chosen, True), "without": fitted(chosen, False), "fixed": fitted(fixed, False)}
same = (live["fixed"]["digit"] == live["with B"]["digit"]).sum().item()
print(f"with B and fixed: the digit term is bit for bit the same in {same} of 60 steps")

# %% mystnb={"image": {"alt": "Digit term of three small trainings over 60 steps. The dotted curve with fixed weights lies exactly on the thick one with B; the dashed one without B leaves them."}}
figure, axis = plt.subplots(figsize=(6.4, 2.8), layout="constrained")
for k, (name, history) in enumerate(live.items()):
    width = (4, 1.5, 1.5)[k]
    axis.plot(history["digit"], ("-", "--", ":")[k], color=plots.COLOURS[(4, 5, 7)[k]], linewidth=width, label=name)
axis.set(xlabel="step", ylabel="digit term", ylim=(1, 1.3))
axis.legend(frameon=False)
axis.spines[["top", "right"]].set_visible(False)
plt.show()

# %% [markdown]
# *With B* and *fixed* are the same training. Where the ranks do not change, balancing is nothing but other importance factors: here the digits count double against reconstruction. So a difference between "with" and "without", below, may be due to balancing, or to weights that anyone could have chosen.
#
# In the voice model the ranks do change, and there the rule follows the terms: the large ones stay near each other.

# %% [markdown]
# ## Sorted before or after?
#
# The text multiplies by $M$ and $I$ first and then sorts. The pseudo-code sorts the bare terms. Take the example from the beginning:

# %%
values = torch.tensor(list(example.values()))
importance = torch.tensor([paper.VOICE_IMPORTANCE[name] for name in example])
after = objective.balance(values * importance, paper.VOICE_BALANCE)
before = objective.balance(values, paper.VOICE_BALANCE)
for k, name in enumerate(example):
    print(f"{name:15} sorted after: B = {after[k].item():.1f}   before: B = {before[k].item():.1f}")

# %% [markdown]
# Sorted before, reconstruction comes fourth although its product is the second largest; and interpolation comes third, because its *bare* value is high, although its product is the smallest. Bare terms depend on their units. With norms as sums instead of means ([Reconstruction and sparsity](07_reconstruction_and_sparsity.ipynb)), sparsity would be first, however small its $I$.

# %% [markdown]
# ## The missing denominator
#
# The last line of the pseudo-code is a weighted *sum*, without the denominator of Equation 2. Here is its total (with five terms) beside the library's, at three moments in which *no term changes*.


# %%
def literal(values, m, importance, factors):
    """As in the appendix: sort the bare terms, then a weighted sum."""
    b = objective.balance(values, factors)
    return (b * m * importance * values).sum()


# %%
for iteration in (1, 7050, 10_000):
    m = torch.tensor([objective.injection(iteration, *paper.VOICE_INJECTION[name]) for name in example])
    terms = dict(zip(example, values, strict=True))
    mean, _ = objective.total(terms, iteration, *voice[1:])
    weights = objective.balance(values, paper.VOICE_BALANCE) * m * importance
    total = literal(values, m, importance, paper.VOICE_BALANCE)
    print(f"iteration {iteration:6}: mean {mean:.3f}   sum {total:.3f}, weights add up to {weights.sum():.2f}")

# %% [markdown]
# Within a step the denominator does not change the *direction* of the gradient, only its length. For plain gradient descent that is another learning rate. Adam divides by the typical size of its gradients, so it hardly matters there, except right after an entry. (What the two orders of sorting do to a training is not measured.)

# %% [markdown]
# ## Figure 3, put to the test
#
# The paper's Figure 3 shows terms that diverge without $B$, and converge with it. [The ledger](ledger.ipynb) repeated that on MNIST and FSDD, over five seeds: with $B$ (*as built*) and without, images, then voices. Thin lines are seeds, thick ones their means; a line begins where its term enters.


# %%
def compare(name, terms):
    """Terms with and without balancing, a panel each."""
    figure, axes = plt.subplots(1, len(terms), figsize=(2.5 * len(terms), 2.6), layout="constrained")
    found = experiments.read(name)
    for axis, term in zip(axes, terms, strict=True):
        for k, arm in enumerate(("as built", "without balancing")):
            lines = [record["results"]["curves"][term] for record in found.get(arm, [])]
            if lines:
                lines = torch.tensor([[float("nan") if v is None else v for v in line] for line in lines])
                steps, colour = 10 * torch.arange(lines.shape[1]) + 5, plots.COLOURS[(0, 5)[k]]
                axis.plot(steps, lines.T, color=colour, linewidth=0.4, alpha=0.6)
                axis.plot(steps, lines.mean(0), ("-", "--")[k], color=colour, linewidth=2, label=arm)
                axis.set(xlabel="step", xlim=(0, None), ylim=(0, 1.05 * axis.dataLim.ymax))
        axis.set_title(f"{name}: {term}", fontsize=9)
    axes[0].legend(frameon=False, fontsize=8) if axes[0].lines else print(f"{name}: not measured yet")
    plt.show()


# %% mystnb={"image": {"alt": "Four panels, one for each term of the image models: reconstruction, sparsity, interpolation, digit; solid lines with balancing, dashed lines without, over 600 steps."}}
compare("image", ("reconstruction", "sparsity", "interpolation", "digit"))

# %% mystnb={"image": {"alt": "Five panels, one for each term of the voice models: reconstruction, sparsity, interpolation, speaker, digit; solid lines with balancing, dashed lines without, over 800 steps."}}
compare("voice", ("reconstruction", "sparsity", "interpolation", "speaker", "digit"))

# %% [markdown]
# What happens to reconstruction when the digits *enter*? Compare its value just before that with the end.


# %%
def rises(name, arm):
    """Reconstruction at the end against just before the digits enter, in percent, one for each seed."""
    found = []
    for record in experiments.read(name)[arm]:
        curve, digit = (record["results"]["curves"][key] for key in ("reconstruction", "digit"))
        entry = next(step for step, value in enumerate(digit) if value is not None)
        found.append(100 * (record["results"]["reconstruction_final"] / curve[entry - 1] - 1))
    return found


for name in ("image", "voice"):
    for arm in ("as built", "without balancing"):
        print(f"{name}, {arm:17} {claims.shown(*experiments.interval(rises(name, arm)), ' %')}")

# %% [markdown]
# In the image models reconstruction rises, and more with $B$ than without. In the voice models it falls without $B$; with $B$ the interval contains 0. The paper wants terms that come down or stay near each other; but the factor 1 goes to the largest term, and a category that has just entered is large.

# %% [markdown]
# And the finished models? The next lines give *without balancing minus as built*, with a 95 % interval: percent of test digits read from the code, mean absolute cosine between the digits' codes (0 is orthogonal), error of the reconstruction.

# %%
for name in ("image", "voice"):
    arms = [experiments.read(name).get(arm, []) for arm in ("without balancing", "as built")]
    print(f"{name}: {min(map(len, arms))} seeds" if all(arms) else f"{name}: not measured yet")
    for key in ("digit", "digit_cosine", "rms") if all(arms) else ():
        print(f"   {key:12} {claims.shown(*experiments.difference(*arms, key), digits=3)}")

# %% [markdown]
# The ledger's rule and verdict for this claim:

# %%
claim = next(claim for claim in claims.CLAIMS if claim.text.startswith("Without the balancing"))
measured, outcome = claim.verdict()
for word, text in (("claim", claim.text), ("rule", claim.rule), ("measured", measured), ("verdict", outcome)):
    print(textwrap.fill(f"{word}: {text}", 100, subsequent_indent="   "))

# %% [markdown]
# So the claim does not hold here. How to read that:
#
# - The verdict is about terms that *grow*. Whether the model is *better* is another question: with $B$ it reads more digits and reconstructs less well, in both models, and the intervals leave 0 out.
# - The paper makes the claim for *some* importance values, without saying which. A measurement with the printed ones cannot rule out that other values let terms diverge: the springs did.

# %% [markdown]
# ## An open question
#
# Would fixed importance factors, tuned on validation data, do as well as balancing? [The ledger](ledger.ipynb) has no arm with such weights.

# %% [markdown]
# ## What to remember
#
# - $B$ goes by rank: multiply by $M$ and $I$, sort, and give 1, 0.5, 0.4, 0.3, 0.2. The total is a mean with weights $B M I$.
# - Five factors are for five terms: disentanglement counts once per category.
# - Within a step, the factors $B$ are constants. Where two terms change ranks the total jumps, and the gradient does not show it.
# - Two terms in conflict end in a compromise. With a small enough second factor they end equal, and their ranks change back and forth.
# - Where the ranks do not change, balancing equals other importance factors.
# - Over five seeds, image and log-mel models with balancing read more digits and reconstruct less well; the claim of Figure 3 does not hold.

# %% [markdown]
# ## Exercises
#
# ### Exercise 1: a total by hand
#
# An image model, all $M = 1$: reconstruction 0.3 ($I = 1$), sparsity 0.2 ($I = 0.3$), interpolation 0.3 ($I = 0.02$), digits 1.0 ($I = 0.4$). Write the four factors in this order, and the total.

# %% tags=["exercise"]
factors, total = None, None
checks.balancing_by_hand(factors, total)

# %% [markdown]
# <details>
# <summary>Solution</summary>
#
# ```python
# factors = (0.5, 0.4, 0.3, 1)  # products 0.3, 0.06, 0.006, 0.4
# total = (0.5 * 0.3 + 0.4 * 0.06 + 0.3 * 0.006 + 0.4) / (0.5 + 0.12 + 0.006 + 0.4)
# checks.balancing_by_hand(factors, total)
# ```
#
# 0.5758 / 1.026 = 0.561.
#
# </details>

# %% [markdown]
# ### Exercise 2: the opposite order
#
# Sorting before $I$ or after it can give opposite orders. Find bare values for the four terms of the image model (importance 1, 0.3, 0.02 and 0.4 for reconstruction, sparsity, interpolation, digits; all $M = 1$) with which it does: the term that comes first in one sorting comes last in the other, the second comes third, and so on. Set `bare` to the four values, in this order.

# %% tags=["exercise"]
bare = None
checks.balancing_reversed(bare)

# %% [markdown]
# <details>
# <summary>Solution</summary>
#
# ```python
# bare = [1.0, 2.2, 2.4, 2.0]
# print([f"{value:.3f}" for value in torch.tensor(bare) * torch.tensor([1.0, 0.3, 0.02, 0.4])])
# checks.balancing_reversed(bare)
# ```
#
# The products are 1, 0.66, 0.048 and 0.8. With the five terms of the voice model it cannot be done, because speaker and digit share the importance 0.25 and keep their order.
#
# </details>

# %% [markdown]
# ### Exercise 3: where chatter begins
#
# For the two springs, with factors $(1, \beta)$: which is the largest $\beta$ with which the ring ends at equality, $L_a = L_b$, be it at rest or chattering? (On the line between $a$ and $b$, let $t$ be the share of the way from $a$. Then $L_a = 9t^2$ and $L_b = (1 - t)^2$.) Check with `spring((1.0, beta))`. Then try to break the chatter: what would you change in the rule so that the ring comes to rest?

# %% tags=["exercise"]
beta = None
checks.balancing_chatter(beta)

# %% [markdown]
# <details>
# <summary>Solution</summary>
#
# ```python
# beta = 1 / 3
# print([f"{value:.2f}" for value in spring((1.0, beta))[1][-1]], [f"{value:.2f}" for value in spring((1.0, 0.4))[1][-1]])
# checks.balancing_chatter(beta)
# ```
#
# Equality is at $3t = 1 - t$, so $t = 1/4$. While $L_b$ is the larger, the ring moves to where $9 \beta t = 1 - t$, that is $t = 1/(1 + 9\beta)$. It gets as far as equality if that is at least $1/4$: $\beta \le 1/3$.
#
# </details>

# %% [markdown]
# ### Exercise 4: break the loss curve
#
# An image model stands at reconstruction 0.35 and digits 0.8 (no other terms, all $M = 1$). Improve the reconstruction, leave the digits as they are, and make the total *rise*. Set `better` to the new reconstruction. Expected picture: a training that gets better in every term and worse in its loss.

# %% tags=["exercise"]
better = None
checks.balancing_worse(better)

# %% [markdown]
# <details>
# <summary>Solution</summary>
#
# ```python
# better = 0.3
# for value in (0.35, better):
#     pair = {"reconstruction": torch.tensor(value), "digit": torch.tensor(0.8)}
#     print(f"reconstruction {value}: total {objective.total(pair, *image)[0].item():.3f}")
# checks.balancing_worse(better)
# ```
#
# Below 0.32 the digits are the larger term, take the factor 1, and raise the mean. (Below 0.125 the gain outweighs the jump, and the total falls after all.)
#
# </details>

# %% [markdown]
# ## Where next
#
# - [The ledger](ledger.ipynb): every claim of the paper with its verdict.
# - [The injection schedule](10_the_injection_schedule.ipynb): the other thing that changes weights during a training.
# - [Reading notes](reading_notes.ipynb): what text, equation and pseudo-code say of all this, side by side.
