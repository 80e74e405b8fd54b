# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Disentanglement
#
# Left to itself, a network that hears "seven" may encode it anywhere in the code. One formula tells it where: the seven belongs in the eighth dimension of the digit category, and nowhere else. It is the last term of Equation 2, and everything this book does with codes rests on it:
#
# ![Block diagram of the whole system: voice model, image model and training. Lit here: the term disentanglement.](_static/spine/disentanglement.svg)
#
# $$L = \dfrac{w_r L_r + w_s L_s + w_i L_i + \overbrace{w_d L_d}^{\text{this chapter}}}{w_r + w_s + w_i + w_d}$$
#
# The formula has a weakness: as long as an encoder is unsure, a code that says nothing is a local minimum. You will derive it, measure it, and see three ways out.
#
# **Time:** 35 minutes to read, one minute to run.
#
# **Needs:** [Codes with categories](06_codes_with_categories.ipynb), and derivatives.

# %% [markdown]
# ## Goals
#
# After this chapter you can
#
# - compute the disentanglement loss by hand, and with one call;
# - give its gradient;
# - derive how sure an encoder must be before it stops hedging, and recognise a hedging run by its loss;
# - explain why cross-entropy has no such local minimum;
# - tell four readings of the formula apart, and name what goes wrong with each.

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
import inspect

import matplotlib.pyplot as plt
import torch
from torch.nn import functional as F

from olc_lib import checks, losses, metrics, plots, runs, widgets

# %% [markdown]
# ## What we ask for
#
# Take a toy category with three classes, 0, 1 and 2. Its part of the code is three numbers $f = (f_0, f_1, f_2)$ of [length 1](06_codes_with_categories.ipynb).
#
# For an item of class $i$ we want 1 in dimension $i$ and 0 elsewhere. Dimension $i$ is called the *related* one; the others are *unrelated*. Codes of different classes then stand at right angles: they are *orthogonal*.

# %% [markdown]
# The loss for this is (Solhjoo & Rodolà, Equation 5)
#
# $$L_d = \max_{k \neq i} f_k \; + \; \frac{1}{1 + |f_i|}.$$
#
# The library's default moves the bars:
#
# $$L_d = \max_{k \neq i} |f_k| \; + \; \frac{1}{1 + f_i} \qquad (f_i \ge 0).$$
#
# The first term penalizes the largest unrelated coordinate. The second falls as the related coordinate grows. Each category has one such loss. (Their Figure 2 draws the procedure; *Four readings*, below, shows why we moved the bars.)

# %% [markdown]
# A sceptic may ask: isn't this just a classifier? In one respect it is: the term needs labels, and the largest coordinate is a classification. The difference is that a decoder draws from these numbers, and that the target is an exact point, which a person or another network can write.

# %% [markdown]
# ## By hand
#
# Let $f = (\tfrac23, -\tfrac13, \tfrac23)$. Its length is 1, for $\tfrac49 + \tfrac19 + \tfrac49 = 1$.
#
# If the item is of class 0, the related coordinate and the largest unrelated one are both $\tfrac23$:
#
# $$L_d = \tfrac23 + \frac{1}{1 + 2/3} = \tfrac{19}{15} \approx 1.267.$$
#
# By the library:

# %%
code = torch.tensor([[2.0, -1.0, 2.0]]) / 3
print(f"{losses.disentanglement(code, torch.tensor([0])).item():.3f}")

# %% [markdown]
# The library's code, for the related coordinate and then for the whole loss:

# %%
print(inspect.getsource(losses._related))
print(inspect.getsource(losses.disentanglement).split('"""')[2])

# %% [markdown]
# Three codes for an item of class 0: the code we want, the code of another class, and the *uniform* code with all coordinates equal.

# %%
landmarks = torch.tensor([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [3**-0.5] * 3])
loss = losses.disentanglement(landmarks, torch.zeros(3, dtype=torch.long))
for name, value in zip(("right", "wrong", "uniform"), loss, strict=True):
    print(f"{name:8} {value:.3f}")

# %% [markdown]
# 0.5 is the lowest value, 2 the loss of a confident mistake.

# %% [markdown]
# ## The gradient
#
# For positive coordinates, the slope in the *largest* unrelated coordinate is $1$, whatever its size. In the related coordinate it is $-1/(1+f_i)^2$:
#
# | $f_i$ | 0 | 0.25 | 0.5 | 1 |
# |---|---|---|---|---|
# | slope | $-1$ | $-0.64$ | $-0.44$ | $-0.25$ |
#
# In every other coordinate it is 0.

# %%
code = torch.tensor([[0.48, 0.60, 0.64]], requires_grad=True)  # 0.2304 + 0.36 + 0.4096 = 1
losses.disentanglement(code, torch.tensor([0])).sum().backward()
print("gradient:", [f"{g:.3f}" for g in code.grad[0]])

# %% [markdown]
# Descent raises the related coordinate ($-1/1.48^2 = -0.457$) and lowers the 0.64. The 0.60 has gradient 0.

# %% [markdown]
# ## Two classes: a curve over the circle
#
# A category of two classes has unit codes $(\cos\theta, \sin\theta)$, so the whole loss is one curve. For class 0:

# %% mystnb={"image": {"alt": "Loss over the angle from minus 180 to 180 degrees. The printed curve has two equally deep valleys, at 0 and at plus and minus 180 degrees. The library's curve agrees between minus 90 and 90 degrees; beyond, it rises above 2 and only dips to 2 at 180 degrees."}}
angle = torch.linspace(-torch.pi, torch.pi, 721)
ring, label = torch.stack([angle.cos(), angle.sin()], dim=1), torch.zeros(721, dtype=torch.long)
figure, axis = plt.subplots(figsize=(6.4, 2.6), layout="constrained")
library, printed = (losses.disentanglement(ring, label, positive=p) for p in (True, False))
axis.plot(angle.rad2deg(), library, color=plots.COLOURS[0], label="library")
axis.plot(angle.rad2deg(), printed, "--", color=plots.COLOURS[5], label="as printed")
axis.set(xlabel="angle of the code (degrees)", ylabel="loss", xticks=range(-180, 181, 45))
axis.legend()
plt.show()

# %% [markdown]
# The minimum at 0 is a sharp V: the penalty on an unrelated coordinate keeps its slope however small the coordinate is, so codes are driven to exact zeros.
#
# The dashed curve (second term as printed) has a second minimum, just as deep, where the related coordinate is $-1$. There the library's has a small one, at 2 (*Negative codes*).

# %% [markdown]
# ## One code for all items
#
# An untrained encoder gives nearly the same code to every item. Take the extreme case: *one* code for all items. The label is class 0 with probability $p$, and each other class has an equal share of the rest. We need the **expected loss**: the loss for each possible label, weighted by its probability.

# %% [markdown]
# Unit codes of three classes lie on a sphere. The next figure looks at it along $(1,1,1)$: the uniform code is in the middle, the three orthogonal codes are the corners of the dashed triangle. Dark is low loss. Arrows point downhill along the sphere; a star marks the lowest place.


# %%
def expected(loss, p, n):
    """Expected loss of a code, if class 0 is right with probability p and the other n - 1 share the rest."""
    weight = [p] + [(1 - p) / (n - 1)] * (n - 1)
    return lambda code: sum(w * loss(code, torch.full((len(code),), k)) for k, w in enumerate(weight))


# %% mystnb={"image": {"alt": "Three discs with a star at the lowest place of each. With p = 1/3 and with p = 0.5 it is the uniform code in the middle; with p = 0.5 a dark, nearly flat strip reaches up to class 0. With p = 0.7 the star is at the corner of class 0."}}
chances, lowest = (1 / 3, 0.5, 0.7), (0, 0, (2 / 3) ** 0.5)  # (2/3)**0.5: the height of class 0
titles = [f"class 0 with p = {p:.2f}" for p in chances]
figure = plots.hemispheres([expected(losses.disentanglement, p, n=3) for p in chances], titles)
for axis, height in zip(figure.axes, lowest, strict=False):
    axis.plot(0, height, "*", color="white", markeredgecolor="black", markersize=15)

# %% [markdown]
# In the second disc class 0 is right as often as the two others together, and the best code is *still the uniform one*; the dark strip is hardly higher. This is called **hedging**. When does the corner win?

# %% tags=["nbval-ignore-output"]
chances = [0.34, 0.5, 0.55, 0.6, 0.8]
pages = [plots.page(plots.hemispheres([expected(losses.disentanglement, p, n=3)], [""]), dpi=65) for p in chances]
widgets.flip_pages(pages, [f"class 0 is right with probability {p:.2f}" for p in chances], "page")

# %% [markdown]
# Drag the dot, let it go, and it moves downhill; make class 0 more probable, and it no longer stops in the middle.
#
# <div class="olc-live" data-live="landscape" data-title="Put a finger on the landscape">
# <p><em>On the book's web pages the landscape can be touched here; the discs above show it for three probabilities.</em></p>
# </div>
# <script src="../_static/live/live.js" defer></script>

# %% [markdown]
# ## What hedging costs, by hand
#
# With $n$ classes the uniform code has all coordinates $1/\sqrt n$. Whatever the label, its loss is
#
# $$L_\text{hedge} = \frac{1}{\sqrt n} + \frac{1}{1 + 1/\sqrt n}.$$
#
# For ten digits: $0.316 + 0.760 = 1.076$. For six speakers: $0.408 + 0.710 = 1.118$. **Keep these two in mind**: a term that settles there means the same code for everything.
#
# The alternative is to *gamble* on the code of one class. Its loss is 0.5 when right and 2 when wrong, on average $0.5\,p + 2\,(1-p) = 2 - 1.5\,p$. That equals the hedge at $p = (2 - L_\text{hedge})/1.5$.

# %%
for n in (3, 6, 10):
    hedge = n**-0.5 + 1 / (1 + n**-0.5)
    print(f"{n:2} classes: hedge {hedge:.3f}, gamble by chance {2 - 1.5 / n:.3f},", end=" ")
    print(f"equal at p = {(2 - hedge) / 1.5:.3f}")

# %% [markdown]
# ## The threshold for leaving the hedge
#
# Gradient descent takes *small* steps. Start at the uniform code, $f = 1/\sqrt n$ in every coordinate, and raise coordinate $j$ by a little $\varepsilon$. Its length must stay 1, so every other coordinate falls by $\varepsilon/(n-1)$. With $g = 1/(1+f)^2$:
#
# - If class $j$ is right (probability $p$), the related coordinate rises and the unrelated ones fall: the loss falls by $\varepsilon\left(g + \frac{1}{n-1}\right)$.
# - If another class is right, $j$ is now the largest unrelated coordinate, and the related one falls: the loss rises by $\varepsilon\left(1 + \frac{g}{n-1}\right)$.
#
# Setting gain equal to loss gives the threshold
#
# $$p = \frac{n - 1 + g}{n\,(1+g)}.$$

# %%
for n in (3, 6, 10):
    g = 1 / (1 + n**-0.5) ** 2
    print(f"{n:2} classes: threshold p = {(n - 1 + g) / (n * (1 + g)):.3f}")

# %% [markdown]
# Below this $p$ the encoder hedges. For ten digits that is about six in ten; an untrained encoder guesses one in ten.

# %% [markdown]
# ## Equation 5 beside cross-entropy
#
# **Cross-entropy** turns the code into probabilities by a softmax; the loss is minus the logarithm of the right one. A unit code is too short for confident probabilities, so we multiply it by 5.


# %%
def cross_entropy(code, label):
    """Cross-entropy of a unit code, [B, n] and [B] -> [B]."""
    return F.cross_entropy(5 * code, label, reduction="none")


# %% [markdown]
# Follow the expected loss from 0 in dimension 0, through the uniform code, to the code of class 0. The other nine coordinates share the rest.

# %% mystnb={"image": {"alt": "Two panels over the coordinate of class 0, for chances of 0.1, 0.4, 0.55 and 0.8. Left, Equation 5: the curves for 0.1, 0.4 and 0.55 have a sharp V at the uniform code, 0.32; the one for 0.8 falls to the right end. Right, cross-entropy: smooth curves whose lowest point, marked by a dot, moves right as the chance grows."}}
c = torch.linspace(0, 1, 401)[:, None]
path = torch.cat([c, ((1 - c**2) / 9).sqrt().expand(-1, 9)], dim=1)
figure, axes = plt.subplots(1, 2, figsize=(8, 3), layout="constrained")
pair = {"Equation 5": losses.disentanglement, "cross-entropy": cross_entropy}
for axis, (title, loss) in zip(axes, pair.items(), strict=True):
    for k, p in enumerate((0.1, 0.4, 0.55, 0.8)):
        value = expected(loss, p, n=10)(path)
        axis.plot(c, value, ("-", "--", "-.", ":")[k], color=plots.COLOURS[k], label=f"p = {p}")
        axis.plot(c[value.argmin()], value.min(), "o", color=plots.COLOURS[k])
    axis.set(xlabel="coordinate of class 0", ylabel="expected loss", title=title)
axes[0].legend()
plt.show()

# %% [markdown]
# On the right the minimum moves with $p$. On the left it stays at 0.316, where the maximum has a *kink*: both slopes beside it keep their signs when $p$ changes a little. So the uniform code is a local minimum for every $p$ below the threshold.

# %% [markdown]
# ## Gradient descent finds the threshold
#
# Train the best single code for each $p$: nineteen codes side by side, from random starts with positive coordinates.


# %%
def settle(loss, chances, n=10, steps=1000):
    """One code for each chance p, after gradient descent on its expected loss: [P, n]."""
    generator = torch.Generator().manual_seed(0)
    free = torch.randn(len(chances), n, generator=generator).abs().requires_grad_()
    weight = torch.tensor([[p] + [(1 - p) / (n - 1)] * (n - 1) for p in chances])
    label = torch.arange(n).repeat(len(chances))
    optimizer = torch.optim.Adam([free], lr=0.05)
    slower = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 0.0, steps)
    for _ in range(steps):
        code = F.normalize(free, dim=1).repeat_interleave(n, dim=0)  # every code meets every label
        optimizer.zero_grad()
        (weight * loss(code, label).view(-1, n)).sum().backward()
        optimizer.step()
        slower.step()
    return F.normalize(free.detach(), dim=1)


# %%
chances = [k / 20 for k in range(2, 21)]
settled = {name: settle(loss, chances) for name, loss in pair.items()}
lead = {name: code[:, 0] - code[:, 1:].mean(1) for name, code in settled.items()}
for name, values in lead.items():
    hedging = [p for p, value in zip(chances, values, strict=True) if value < 0.02]
    print(f"{name}: the code stays uniform up to p = {max(hedging):.2f}")

# %% [markdown]
# The *lead* is how far the coordinate of class 0 stands above the mean of the others.

# %% mystnb={"image": {"alt": "Lead of class 0 after training, against the chance p. Under Equation 5 it stays at 0 up to p = 0.6 and then jumps to 1. Under cross-entropy it rises steadily from p = 0.1 on."}}
figure, axis = plt.subplots(figsize=(6.4, 3), layout="constrained")
for k, (name, values) in enumerate(lead.items()):
    axis.plot(chances, values, ("o-", "s--")[k], color=plots.COLOURS[(5, 0)[k]], label=name)
axis.axvline(0.607, color="grey", linestyle=":", label="derived: 0.607")
axis.set(xlabel="p: how often class 0 is right", ylabel="lead of class 0")
axis.legend()
plt.show()

# %% [markdown]
# The step is where the derivation puts it. Cross-entropy has no step.

# %% [markdown]
# ## A known weakness
#
# Losses with a maximum are known for this. The multiclass hinge of Crammer & Singer (2001) penalizes the strongest rival alone and is *inconsistent*: where no class has more than half of the probability, its minimum need not name the likeliest one (Tewari & Bartlett 2007). Our threshold tends to the same one half as the number of classes grows.
#
# Only *unsure* encoders hedge, and every encoder is unsure at first.

# %% [markdown]
# ## Three ways out, and one training
#
# - **Make the input easy.** A log-mel picture is; with a raw waveform, training may stay at the hedge for good ([chapter 13](13_raw_waveforms.ipynb)).
# - **Start with cross-entropy**, and switch once the encoder is right well above six times in ten.
# - **Let other terms come first.** The paper trains on reconstruction alone for a long time (Table 4), so the encoder has features that tell items apart.

# %% [markdown]
# Did our own voice model escape? Here are its two disentanglement terms from the step on which they were *injected*, that is, faded in. Dotted lines: the two hedges.

# %%
trained = runs.load(run)

# %% mystnb={"image": {"alt": "Two panels of the speaker and digit terms of the voice model. Left, all steps: both drop at their injection and then fall towards 0.6. Right, the 300 steps after it: the speaker term stays at its dotted line, 1.118, for about a hundred steps; the digit term idles above its own, 1.076, and crosses it without a stop."}}
start = int(trained.history["voice"]["digit"].isfinite().nonzero()[0])
figure, axes = plt.subplots(1, 2, figsize=(9, 3), layout="constrained")
for axis, width in zip(axes, (1, 10), strict=True):
    for k, (term, hedge) in enumerate((("speaker", 1.118), ("digit", 1.076))):
        smooth = trained.history["voice"][term].unfold(0, width, 1).mean(-1)
        axis.plot(range(width, len(smooth) + width), smooth, "-" if k else "--", color=plots.COLOURS[k], label=term)
        axis.axhline(hedge, color=plots.COLOURS[k], linestyle=":")
    axis.set(xlabel="step")
axes[0].set(title="all steps")
axes[1].set(title="after the injection, means of 10 steps", xlim=(start, start + 300), ylim=(0.8, 1.4))
axes[0].legend(frameon=False)
plt.show()

# %%
for term, hedge in (("speaker", 1.118), ("digit", 1.076)):
    values = trained.history["voice"][term]
    near = int(((values - hedge).abs() < 0.05).sum())
    print(f"{term}: {near} of {int(values.isfinite().sum())} steps within 0.05 of {hedge},", end=" ")
    print(f"at the end {values[-20:].mean():.1f}")

# %% [markdown]
# The speaker term stays at its line for a while: this encoder did hedge. The digit term stays a little *above* its line for about a hundred steps, then crosses it without settling. In a run of your own, a curve that remains at its line belongs to an encoder that hedges; waiting may not help.

# %% [markdown]
# ## Four readings
#
# The paper's text, its Equation 5 and its appendix differ. The library offers them as arguments: `absolute=False` for the first term as printed, `positive=False` for the second.
#
# | reading | first term | second term | problem |
# |---|---|---|---|
# | library | $\max\lvert f_k\rvert$ | $\frac{1}{1+f_i}$, below 0: $1-f_i$ | hedges |
# | second term as printed | $\max\lvert f_k\rvert$ | $\frac{1}{1+\lvert f_i\rvert}$ | hedges; negative codes |
# | Equation 5 | $\max f_k$ | $\frac{1}{1+\lvert f_i\rvert}$ | hedges; codes point away |
# | appendix | $\max f_k$ | $\frac{1}{1+f_i}$ | no lower bound |
#
# **The first term.** As printed, it is the *signed* maximum. By hand, $f = (2, -1, -1)/\sqrt 6$ and class 0: the largest unrelated coordinate is $-0.408$, the related one $0.816$, and the loss $-0.408 + 1/1.816 = 0.142$. That is less than the 0.5 of an orthogonal code.

# %%
away = torch.tensor([[2.0, -1.0, -1.0]]) / 6**0.5
for absolute in (True, False):
    loss = losses.disentanglement(away, torch.tensor([0]), absolute=absolute)
    print(f"absolute={absolute}: {loss.item():.3f}")

# %% [markdown]
# With the sign kept, negative unrelated coordinates lower the loss, and codes point *away* from each other.

# %% [markdown]
# ## Negative codes
#
# **The second term.** $1/(1+|f_i|)$ is as small at $f_i = -1$ as at $+1$. Give ten classes one free code each, start at random, and train them with the printed second term.


# %%
def ten_codes(steps=600, **form):
    """One free code for each of ten classes, trained under Equation 5: [10, 10], row i for class i."""
    free = torch.randn(10, 10, generator=torch.Generator().manual_seed(0)).requires_grad_()
    optimizer = torch.optim.Adam([free], lr=0.05)
    slower = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 0.0, steps)
    for _ in range(steps):
        optimizer.zero_grad()
        losses.disentanglement(F.normalize(free, dim=1), torch.arange(10), **form).mean().backward()
        optimizer.step()
        slower.step()
    return F.normalize(free.detach(), dim=1)


# %%
for name, positive in (("as printed", False), ("library", True)):
    code = ten_codes(positive=positive)
    signs = "".join("+" if f > 0 else "-" for f in code.diagonal())
    print(f"{name:10} mean |cosine| {metrics.mean_abs_cosine(code):.2f}, signs {signs}")

# %% [markdown]
# Both sets are orthogonal, and both losses are at their lowest. But as printed, the related coordinate of some classes is $-1$; which ones depends on the random start. A code written by hand has $+1$ there, and a decoder whose fives are at $-1$ has never seen a five's $+1$.

# %% [markdown]
# Below 0 the library continues $1/(1+f)$ along its tangent, $1 - f$, so that the related coordinate becomes *positive*.
#
# A small local minimum remains at $(-1, 0, \dots, 0)$: a turn by a small angle $\delta$ raises the loss from 2 to $\sin\delta + 1 + \cos\delta \approx 2 + \delta$. A random start near that point is rare with ten dimensions, not with two.

# %% [markdown]
# ## The appendix: no lower bound
#
# The appendix applies $1/(1+f)$, without bars, to the *primary* latent code: the encoder's output before any normalization. By hand, $(0, -100, -100)$ and class 0 give $-100 + 1 = -99$. Gradient descent:

# %%
primary = torch.tensor([0.5, 0.2, -0.3], requires_grad=True)
for step in range(1001):
    value = primary[1:].max() + 1 / (1 + primary[0])
    if step % 250 == 0:
        print(f"step {step:4}: loss {value:.0f}")
    (slope,) = torch.autograd.grad(value, primary)
    primary.data -= 0.1 * slope

# %% [markdown]
# The loss falls for ever. The normalization gives Equation 5 its lower bound.

# %% [markdown]
# ## An open question
#
# Which loss places codes at fixed, orthogonal corners, uses every bit of what an unsure encoder knows, and still drives codes to exact zeros when it is sure? Cross-entropy does the second, Equation 5 the others. [Chapter 13](13_raw_waveforms.ipynb) tries a root mean square in place of the maximum.

# %% [markdown]
# ## What to remember
#
# - Equation 5 penalizes the largest unrelated coordinate with slope 1 and rewards the related one with slope $1/(1+f)^2$. All other coordinates have gradient 0.
# - Its lowest value is 0.5. At the hedge it is 1.076 for ten classes and 1.118 for six.
# - Hedging is a local minimum until the encoder is right about six times in ten. Cross-entropy is smooth there and has no such threshold.
# - The bars matter: without them on unrelated coordinates codes point away from each other; with them on the related one, some codes become negative. Without normalization, the loss has no lower bound.

# %% [markdown]
# ## Exercises
#
# ### Exercise 1: three losses by hand
#
# A speaker code is $(0.6, 0, 0, -0.8, 0, 0)$. Compute the loss (a) if speaker 0 spoke; (b) if speaker 3 spoke, second term as printed; (c) the same by the library.

# %% tags=["exercise"]
three = None
checks.disentangle_by_hand(three)

# %% [markdown]
# <details>
# <summary>Solution</summary>
#
# ```python
# three = (0.8 + 1 / 1.6, 0.6 + 1 / 1.8, 0.6 + (1 + 0.8))
# checks.disentangle_by_hand(three)
# ```
#
# 1.425, 1.156 and 2.4. For the printed form, speaker 3 is the *better* reading.
#
# </details>

# %% [markdown]
# ### Exercise 2: the threshold for many classes
#
# Write `certainty(n)`: how often a guess among `n` classes must be right before the code leaves the uniform one. What is its limit?


# %% tags=["exercise"]
def certainty(n):
    return None


checks.disentangle_certainty(certainty)

# %% [markdown]
# <details>
# <summary>Solution</summary>
#
# ```python
# def certainty(n):
#     g = 1 / (1 + n**-0.5) ** 2
#     return (n - 1 + g) / (n * (1 + g))
#
# print(certainty(10**8))
# checks.disentangle_certainty(certainty)
# ```
#
# It tends to 1/2, because $f$ goes to 0 and $g$ to 1. But with a thousand classes *chance* is one in a thousand, so an untrained encoder is much further from the threshold.
#
# </details>

# %% [markdown]
# ### Exercise 3: Equation 5 to the letter
#
# Take Equation 5 exactly as printed: `absolute=False, positive=False`. Give every item, whatever its class, the same code with all ten coordinates $-1/\sqrt{10}$. Has it a lower loss than the ten orthogonal codes? Set `nothing` and `orthogonal` to their mean losses over the ten classes.

# %% tags=["exercise"]
nothing, orthogonal = None, None
checks.disentangle_literal(nothing, orthogonal)

# %% [markdown]
# <details>
# <summary>Solution</summary>
#
# ```python
# same, label = torch.full((10, 10), -(10**-0.5)), torch.arange(10)
# nothing = losses.disentanglement(same, label, absolute=False, positive=False).mean()
# orthogonal = losses.disentanglement(torch.eye(10), label, absolute=False, positive=False).mean()
# checks.disentangle_literal(nothing, orthogonal)
# ```
#
# $-0.316 + 1/1.316 = 0.444$ against 0.5. To the letter, a code that says nothing beats ten codes that are all right.
#
# </details>

# %% [markdown]
# ### Exercise 4: break the hedge
#
# Does the hedge come from the maximum? Replace it by the *mean* of the absolute unrelated coordinates. Write `with_mean(code, label)` for codes `[B, n]` and labels `[B]`; the second term may be $1/(1+|f_i|)$. Then plot `settle(with_mean, chances)[:, 0]` against `chances`.
#
# Expected picture: no step any more. Then invent a first term of your own that follows $p$ as gradually as cross-entropy does; plot both.


# %% tags=["exercise"]
def with_mean(code, label):
    return None


checks.disentangle_with_mean(with_mean)

# %% [markdown]
# <details>
# <summary>Solution</summary>
#
# ```python
# def with_mean(code, label):
#     related = code.gather(1, label[:, None]).squeeze(1).abs()
#     unrelated = (code.abs().sum(1) - related) / (code.shape[1] - 1)
#     return unrelated + 1 / (1 + related)
#
# print([round(f) for f in settle(with_mean, chances)[1:, 0].tolist()])
# checks.disentangle_with_mean(with_mean)
# ```
#
# It does. Raising one of nine wrong coordinates now costs a ninth, so even a small lead of one class pays. The drawback: near the target, the penalty on a single unrelated coordinate is nine times smaller, too.
#
# </details>

# %% [markdown]
# ## Where next
#
# - [The injection schedule](10_the_injection_schedule.ipynb): when each term enters.
# - [Notation and glossary](notation.md).
