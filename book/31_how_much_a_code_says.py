# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # How much a code says
#
# The bound has two parts: how badly a picture is drawn, and how many nats its code holds. The second part is a price, and the model decides coordinate by coordinate what is worth it. Coordinates that are not worth it are switched off. Sometimes all of them are.
#
# ![Block diagram of a neighbouring system: picture, encoder, code, sample, decoder, picture again. Lit here: the code and its KL divergence.](_static/spine/how_much_a_code_says.svg)
#
# When does a coordinate pay? What does a factor $\beta$ before the price change? And how can one keep a code in use that the decoder could do without?
#
# **Time:** 30 minutes to read, one minute to run.
#
# **Needs:** [The bound](30_the_bound.ipynb).

# %% [markdown]
# ## Goals
#
# After this chapter you can
#
# - compute which directions of the data a linear VAE encodes, and with how many nats each;
# - predict what $\beta$ does to the number of active coordinates;
# - explain why a decoder that reads pixels makes the code collapse;
# - build a posterior whose price cannot fall below $\delta$.

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
run = "embedded"  # the trained run that this chapter reads

# %%
import inspect

import matplotlib.pyplot as plt
import torch
from IPython.display import HTML

from olc_lib import checks, plots, runs
from olc_lib.ledger import claims, experiments, family_claims
from olc_lib.systems import family
from olc_lib.systems.family import autoregressive, network, quality

# %% [markdown]
# ## When a coordinate pays: reverse water-filling
#
# Take one number $x$ of variance $\lambda$, a linear encoder and decoder, and a decoder's noise of variance $s^2$. The encoder's mean is $w x$, its deviation $\sigma$; the decoder draws $a z$. Up to constants the loss is
#
# $$\frac{\lambda (1 - a w)^2 + a^2 \sigma^2}{2 s^2} + \frac{\beta}{2} \left( w^2 \lambda + \sigma^2 - 1 - \log \sigma^2 \right).$$
#
# Information theory has known its minimum since the 1950s (*reverse water-filling*): if $\lambda \le \beta s^2$, the code is switched off; else it holds $\tfrac12 \log \frac{\lambda}{\beta s^2}$ nats. We check it by minimizing numerically.


# %%
def cheapest(variance, beta, noise=1.0):
    a, w, log_sd = (torch.tensor(value, requires_grad=True) for value in (0.5, 0.5, -0.5))
    optimizer = torch.optim.LBFGS([a, w, log_sd], max_iter=300, line_search_fn="strong_wolfe")

    def rate():
        return (w**2 * variance + (2 * log_sd).exp() - 1 - 2 * log_sd) / 2

    def closure():
        optimizer.zero_grad()
        misfit = variance * (1 - a * w) ** 2 + a**2 * (2 * log_sd).exp()
        loss = misfit / (2 * noise) + beta * rate()
        loss.backward()
        return loss

    optimizer.step(closure)
    return rate().item()


# %%
for variance, beta in ((9.0, 1.0), (9.0, 4.0), (9.0, 12.0), (2.0, 1.0)):
    formula = max(0.0, 0.5 * torch.tensor(variance / beta).log().item())
    found = abs(cheapest(variance, beta))
    print(f"variance {variance:.0f}, beta {beta:2.0f}: {found:.2f} nats found, {formula:.2f} by the formula")

# %% [markdown]
# Pictures vary in many directions. Along each principal component there is one such problem, with $\beta s^2$ as a common water level: a direction whose variance is above it is encoded, the others are left out. A larger $\beta$ raises the level.

# %% mystnb={"image": {"alt": "Variances of the first 40 principal components of small digits, falling from about 4 to under 0.1 on a logarithmic axis, with three horizontal water levels. The lowest level is crossed after 27 components, the highest after about 6."}}
pictures = quality.pixels(run, "train")
variances = torch.linalg.eigvalsh(pictures.T.cov()).flip(0)[:40]
figure, axis = plt.subplots(figsize=(6.4, 3), layout="constrained")
axis.bar(range(1, 41), variances.numpy(), color=plots.COLOURS[4])
for j, beta in enumerate((1, 4, 12)):
    level = 0.1 * beta
    told = int((variances > level).sum())
    axis.axhline(level, color=plots.COLOURS[j], linestyle=("--", "-.", ":")[j], label=f"beta {beta}: {told} above")
axis.set(yscale="log", xlabel="principal component", ylabel="variance")
axis.legend(frameon=False)
plt.show()

# %% [markdown]
# So *posterior collapse* of single coordinates is no accident and no bug of the optimizer: a linear model has it at its optimum (Lucas et al. 2019). That the price is "too high" for a direction means only that its variance is below $\beta$ times the decoder's noise.

# %% [markdown]
# ## In a network
#
# Two small VAEs on the embedded digits, with eight coordinates each: one plain, one with $\beta = 4$ (Higgins et al. 2017). Sort the coordinates by the nats that they hold:

# %%
trained = runs.load(run, "family", quiet=True)
digits = (quality.pixels(run, "test") > 0.5).float()
rates = {}
for name in ("vae", "beta"):
    with torch.no_grad():
        q = trained.models[name].posterior(digits)
    held = (q.mean.square() + (2 * q.log_sd).exp() - 1 - 2 * q.log_sd) / 2
    rates[name] = held.mean(0).sort(descending=True).values
    active = quality.active(trained.models[name], digits)
    print(f"{name:5} {rates[name].sum():5.1f} nats in all, {active} of 8 coordinates active")

# %% mystnb={"image": {"alt": "Nats in each of eight coordinates, largest first, as pairs of bars. With beta 1 seven hold one to two nats; with beta 4 fewer coordinates hold less, and the last ones hold nothing."}}
figure, axis = plt.subplots(figsize=(6, 2.6), layout="constrained")
for j, (name, held) in enumerate(rates.items()):
    label = "beta 1" if name == "vae" else "beta 4"
    places = [k + 0.4 * j - 0.2 for k in range(1, 9)]
    axis.bar(places, held.numpy(), 0.4, color=plots.COLOURS[j], hatch="/" * j, label=label)
axis.set(xlabel="coordinate, by size", ylabel="nats")
axis.legend(frameon=False)
plt.show()

# %% [markdown]
# ## A decoder that needs no code
#
# PixelVAE (Gulrajani et al. 2017) draws a picture pixel by pixel and lets the decoder read the pixels before (Eq. 73 of the survey):
#
# $$p(x \mid z) = \prod_i p(x_i \mid x_1, \dots, x_{i-1}, z).$$
#
# A **masked convolution** does this for all pixels at once: weights that would look ahead are set to zero. The first layer may not see the pixel itself, later ones may.

# %%
for itself in (False, True):
    layer = autoregressive.Masked(1, 1, 5, itself)
    print(*("".join("#" if cell else "." for cell in row) for row in layer.mask[0, 0]), sep="\n", end="\n\n")

# %% [markdown]
# Much of what the code could tell about a pixel can be seen in its neighbours. Their information is free; that of the code has a price. So the likelihood is excellent, and $z$ holds little. The table below shows that its coordinates are still active, but that together they hold only about two nats. The survey names a powerful decoder as one of the causes of posterior collapse.

# %% [markdown]
# ## A posterior with a minimum rate
#
# $\delta$-VAE (Razavi et al. 2019) makes collapse impossible: its family of posteriors contains none that is too near to the prior. Ours bounds the deviation of every coordinate from above. At mean 0 and this largest deviation a coordinate costs exactly $\delta / d$ nats, and everything else costs more.

# %%
print(inspect.getsource(network.committed).split('"""')[-1].strip("\n"))

# %%
for delta in (1.0, 8.0, 32.0):
    member = family.Member(latent=16, weight=delta)
    outputs = 5 * torch.randn(2000, 32, generator=checks.check.seeded())
    cheapest_found = network.committed(outputs, member).divergence().min()
    print(f"delta {delta:4.0f}: largest deviation {network.largest_sd(delta / 16):.2f}, ", end="")
    print(f"least divergence found: {cheapest_found:.2f}")

# %% [markdown]
# All codes together can still look like the prior: the posteriors are narrow, and their means are spread about zero. They cannot all be in the same place.

# %% [markdown]
# ## On real digits
#
# MNIST, equal steps. *Rate* is the KL divergence, the nats in the code; *active* are coordinates whose posterior means differ between pictures by a variance of more than 0.01. Means over trainings, with 95 % intervals.

# %%
members = [name for name in family.MEMBERS if name.startswith(("beta", "Pixel"))] + ["VAE"]
found, rows = experiments.read("family"), []
for name in members:
    if name not in found:
        rows.append([name, *[claims.UNMEASURED] * 3, "0"])
        continue
    cells = [experiments.interval(experiments.values(found[name], key)) for key in ("nll", "kl", "active")]
    several = len(found[name]) > 1
    shown = [claims.shown(*cell) if several else f"{cell[0]:.1f}" for cell in cells]
    rows.append([name, *shown, str(len(found[name]))])
HTML(claims.table(["member", "NLL", "rate", "active", "seeds"], rows))

# %%
judged = [(claim.text, claim.verdict()[1], claim.rule) for claim in family_claims.CLAIMS[8:12]]
HTML(claims.table(["claim", "verdict", "rule"], judged))

# %% [markdown]
# ## An open question
#
# With a decoder that reads pixels, the number of nats in the code is not learned: somebody sets $\delta$, $\beta$ or the size of the decoder's field of view. Is there a criterion on the data alone that says how much a code *should* hold, if what one wants is a code that is useful for tasks nobody has named yet?

# %% [markdown]
# ## What to remember
#
# - A coordinate pays if the variance it explains is above $\beta$ times the decoder's noise; it then holds half the logarithm of their ratio.
# - $\beta$ raises the water level: fewer coordinates are active, and the likelihood is worse.
# - A decoder that reads pixels can take over the code's information (here about 2 nats are left); a good likelihood says nothing about the code.
# - A posterior that cannot come near the prior keeps the code in use by construction.

# %% [markdown]
# ## Exercises
#
# ### Exercise 1: by hand
#
# Three directions have the variances 8, 2 and 0.5; the decoder's noise has variance 1. How many directions are switched off with $\beta = 1$, and how many with $\beta = 3$? Answer as a pair.

# %% tags=["exercise"]
answer = None
checks.switched_off(answer)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# answer = (1, 2)
# checks.switched_off(answer)
# ```
#
# Switched off is what lies below $\beta$: 0.5 with $\beta = 1$, and 2 and 0.5 with $\beta = 3$.
#
# </details>

# %% [markdown]
# ### Exercise 2: water-filling
#
# Write `nats(variances, level)`: what each direction holds above a water level $\beta s^2$.


# %% tags=["exercise"]
def nats(variances, level):
    return ...


checks.water_filling(nats)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def nats(variances, level):
#     return (variances / level).log().clamp_min(0) / 2
#
#
# checks.water_filling(nats)
# ```
#
# </details>

# %% [markdown]
# ### Exercise 3: a mask
#
# Write `mask(size, itself)`: a square of ones and zeros, of odd size, that lets a convolution see the rows above, what is to the left in its own row, and the middle if `itself` is true.


# %% tags=["exercise"]
def mask(size, itself):
    return ...


checks.masks(mask)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def mask(size, itself):
#     flat = torch.zeros(size * size)
#     flat[: size * size // 2 + itself] = 1
#     return flat.view(size, size)
#
#
# checks.masks(mask)
# ```
#
# </details>

# %% [markdown]
# ### Exercise 4: break it
#
# Open-ended. Give `committed` a $\delta$ of 200 nats and train: after `from olc_lib.systems.family import bounds`, call `family.field_guide(0, corpus="embedded", objective=bounds.single, posterior=network.committed, weight=200.0)`. Compare what it returns with $\delta = 8$. Which of the two parts of the bound suffers first?

# %% [markdown]
# ## Where next
#
# - [The whole cloud](32_the_whole_cloud.ipynb): codes that can be drawn from.
