# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Reconstruction and sparsity
#
# Which *one* picture of a "1" is as close as possible to the ones of a hundred people? Measured by squares, a blur. Measured by absolute differences, a clear stroke, and those who write their ones differently are outvoted.
#
# ![Block diagram of the whole system: voice model, image model and training. Lit here: the terms reconstruction and sparsity.](_static/spine/reconstruction_and_sparsity.svg)
#
# Both measures are terms of **Equation 2** of the paper, which chapters 7 to 11 take apart:
#
# $$\boxed{\;\begin{aligned} L &= \dfrac{w_r L_r + w_s L_s + w_i L_i + w_d L_d}{w_r + w_s + w_i + w_d} \\[4pt] w_k &= B_k\, M_k\, I_k \end{aligned}\;}$$
#
# **Time:** 30 minutes to read, 10 seconds to run.
#
# **Needs:** [Max M % normalization](05_max_m_normalization.ipynb).

# %% [markdown]
# ## Goals
#
# After this chapter you can
#
# - read Equation 2, and say which chapter explains which part;
# - compute both terms by hand, and with one call each;
# - explain why squares lead to means and blur, and absolute values to medians, sharp edges and outvoted minorities;
# - say what is sparse in the "sparsity" term, and what is not;
# - tell what changes if a norm is a sum, a mean or a square;
# - explain what a normalized output cannot express.

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

# %%
import inspect

import matplotlib.pyplot as plt
import torch
from IPython.display import Audio
from torch.nn import functional as F

from olc_lib import checks, data, losses, normalize, objective, paper, plots

images, voices = data.images("embedded"), data.voices("embedded")
print(images)
print(voices)

# %% [markdown]
# ## Equation 2: one loss, four terms
#
# The total loss is a weighted mean of the terms $L_k$ (Solhjoo & Rodolà, Equation 2; the short form $w_k$ for a weight is ours).
#
# | symbol | what it is | chapter |
# |---|---|---|
# | $L_r$, $L_s$ | reconstruction and "sparsity" | this one |
# | $L_i$ | interpolation | [8](08_interpolation.ipynb) |
# | $L_d$ | disentanglement, one for each category | [9](09_disentanglement.ipynb) |
# | $M_k$ | injection: fades a term in | [10](10_the_injection_schedule.ipynb) |
# | $B_k$ | balancing: depends on the rank of a term | [11](11_balancing.ipynb) |
# | $I_k$ | importance: a fixed number (Tables 3 and 7) | this one |
#
# Each of these chapters shows the formula again, with its own part marked. Ours is
#
# $$L = \dfrac{\overbrace{w_r L_r + w_s L_s}^{\text{this chapter}} + w_i L_i + w_d L_d}{w_r + w_s + w_i + w_d}$$

# %% [markdown]
# ## The residual
#
# Let $x$ be a normalized signal, a waveform or a picture, and $y$ what the decoder made of it. What is left, $r = x - y$, is the **residual**. The two terms are two norms (lengths) of it:
#
# $$\begin{aligned} L_r &= \lVert x - y\rVert_2 = \sqrt{\textstyle\sum_t r_t^2}, \\ L_s &= \lVert x - y\rVert_1 = \textstyle\sum_t |r_t|. \end{aligned}$$
#
# The paper calls the first the *reconstruction* loss and the second the *sparsity* loss (section 3.1).

# %% [markdown]
# By hand. Let $x = (5, 1, 2, 0)$ and $y = (2, 5, 2, 0)$. The residual is $(3, -4, 0, 0)$, so
#
# - $L_r = \sqrt{9 + 16} = 5$ and $L_s = 3 + 4 = 7$.
#
# Both grow with the number of samples. To compare signals of different sizes the library divides, $L_r$ by $\sqrt n$ and $L_s$ by $n$, with $n = 4$ here:
#
# - the root of the *mean* square, $5/2 = 2.5$, and the *mean* absolute value, $7/4 = 1.75$.

# %%
x, y = torch.tensor([[5.0, 1.0, 2.0, 0.0]]), torch.tensor([[2.0, 5.0, 2.0, 0.0]])
for norm in ("sum", "mean"):
    l2, l1 = losses.reconstruction(x, y, norm).item(), losses.sparsity(x, y, norm).item()
    print(f"norm={norm!r}: L2 {l2:.2f}, L1 {l1:.2f}")

# %% [markdown]
# The library's code, with `order` 2 for reconstruction and 1 for sparsity:

# %%
print(inspect.getsource(losses._norm))

# %% [markdown]
# `"sum"` is the norm as printed, `"mean"` is the library's default. (*Sum, mean or square?*, below, compares them.)

# %% [markdown]
# ## The best constant
#
# Suppose the decoder can only output one number $c$, the same for every sample. The samples are 1, 2, 2, 3 and 12. Which $c$ is best?
#
# **Squares.** The slope of $\sum (x_t - c)^2$ is $-2\sum (x_t - c)$. It is zero when the distances to both sides balance: at the **mean**, $20/5 = 4$.
#
# **Absolute values.** The slope of $\sum |x_t - c|$ only counts samples: $+1$ for each sample below $c$, $-1$ for each above. It is zero when as many lie below as above: at the **median**, 2.
#
# (For one residual, taking a root or dividing by $n$ does not move the lowest point. For a *mean of roots* over several items it does: see below.)

# %%
values = torch.tensor([1.0, 2.0, 2.0, 3.0, 12.0])
c = torch.linspace(0, 13, 1301)[:, None]
cost = {"L2": losses.reconstruction(values.expand(1301, 5), c), "L1": losses.sparsity(values.expand(1301, 5), c)}
for name, curve in cost.items():
    print(f"{name}: best constant {c[curve.argmin()].item():.2f}")

# %% mystnb={"image": {"alt": "Two curves over the constant c. The L2 curve is round with its lowest point, a dot, at 4. The L1 curve is made of straight pieces with its lowest point at 2."}}
figure, axis = plt.subplots(figsize=(6.4, 2.8), layout="constrained")
for k, (name, curve) in enumerate(cost.items()):
    axis.plot(c, curve, ("-", "--")[k], color=plots.COLOURS[(0, 5)[k]], label=name)
    axis.plot(c[curve.argmin()], curve.min(), "o", color=plots.COLOURS[(0, 5)[k]])
axis.plot(values, torch.zeros(5), "|", markersize=14, color="black", label="samples")
axis.set(xlabel="the constant c", ylabel="loss")
axis.legend()
plt.show()

# %% [markdown]
# The 12 pulls the mean to 4, where no sample is. The median is the same whether the last sample is 12 or 12,000.
#
# Wherever a network *cannot know* which of several values is right, it faces this choice.

# %% [markdown]
# ## What each does to a waveform
#
# Bea says "five", and the recording has clicks: 25 samples at full scale.

# %%
row = int(((voices.digit == 5) & (voices.speaker == voices.speakers.index("bea"))).nonzero()[0])
length = int(voices.lengths[row])
word = voices.waves[row, :length]
word = 0.6 * word / word.abs().max()
generator = torch.Generator().manual_seed(0)
clicked = word.clone()
clicked[torch.randperm(length, generator=generator)[:25]] = 1.0
print("samples that differ:", int((clicked != word).sum()), "of", length)

# %%
Audio(clicked.numpy(), rate=data.RATE, normalize=False)

# %% [markdown]
# Now the decoder may output a new constant for every sample: the best one for the sample and its two neighbours. Under L2 that is a running mean of three, under L1 a running median of three.

# %%
windows = F.pad(clicked, (1, 1)).unfold(0, 3, 1)  # [T, 3]: each sample with its neighbours
by_mean, by_median = windows.mean(1), windows.median(1).values

# %% [markdown]
# First the mean:

# %%
Audio(by_mean.numpy(), rate=data.RATE, normalize=False)

# %% [markdown]
# Then the median:

# %%
Audio(by_median.numpy(), rate=data.RATE, normalize=False)

# %% [markdown]
# The mean keeps every click, a third as high and three times as wide. The median removes nearly all of them. Here is one click, close up:

# %% mystnb={"image": {"alt": "Forty samples around a click. The recording jumps to 1 for one sample. The running mean has a bump three samples wide and a third as high. The running median follows the word as if the click were not there."}}
at = int((clicked - word).argmax())
near, time = slice(at - 20, at + 21), torch.arange(-20, 21) / data.RATE * 1000
figure, axis = plt.subplots(figsize=(6.4, 2.8), layout="constrained")
axis.plot(time, clicked[near], ":", color="grey", label="recording")
axis.plot(time, by_mean[near], "s-", markersize=3, color=plots.COLOURS[0], label="L2: mean")
axis.plot(time, by_median[near], "o--", markersize=3, color=plots.COLOURS[5], label="L1: median")
axis.set(xlabel="milliseconds", ylabel="amplitude")
axis.legend()
plt.show()

# %%
for name, made in (("clicked", clicked), ("mean", by_mean), ("median", by_median)):
    print(f"{name:8} distance to the clean word: L2 {losses.reconstruction(word[None], made[None]).item():.3f}")

# %% [markdown]
# ## What each does to a stroke
#
# Now a decoder that receives the digit and nothing else. It has to draw all ones with a single picture, so each pixel is a question of the best constant.
#
# By hand: in five drawings one pixel is 0, 0, 1, 1, 1. The mean is 0.6, a grey that is in no drawing. The median is 1. In another pixel the values are 0, 0, 0, 1, 1: the mean is 0.4, the median 0.

# %%
ones = images.pixels[images.digit == 1]
mean, median = ones.mean(0, keepdim=True), ones.median(0, keepdim=True).values
grey = {name: ((p > 0.1) & (p < 0.9)).float().mean().item() for name, p in (("mean", mean), ("median", median))}
for name, share in grey.items():
    print(f"{name}: {share:.0%} of the pixels are grey, between 0.1 and 0.9")

# %% mystnb={"image": {"alt": "Six handwritten ones, some with a flag and some a plain bar, followed by their mean, a wide blur that holds all of them, and their median, a narrower and sharper stroke with only a bump left of the flag."}}
figure = plots.pictures(torch.cat([ones[::25], mean, median]), [""] * 6 + ["mean", "median"], size=1.1)

# %% [markdown]
# This is where **blur** comes from: the mean averages over everything that could have been drawn. L1 decides for the majority of each pixel. Most ones have their flag somewhere else or none at all, so the flags are outvoted, and the median keeps only a bump of them.
#
# A sceptic may say: such a decoder is ten fixed pictures. That is true, and the loss decides which ten. To draw more, the code must say more than the digit ([chapter 16](16_voice_to_image.ipynb)).

# %% [markdown]
# One detail matters. For a mean of *squares* over items, the best single picture is the mean. But the library takes the root *per item*, and then the mean over items. The best single picture is then the **geometric median**, the one with the smallest mean *distance*. If 60 % of the items are one picture and 40 % another, it is simply the first: each item's gradient has the same length, so the majority wins, as with L1 but picture by picture.


# %%
def geometric_median(items, rounds=200):
    """Weiszfeld's iteration: the mean, with near items weighing more."""
    centre = items.mean(0, keepdim=True)
    for _ in range(rounds):
        weight = 1 / losses.reconstruction(items, centre.expand_as(items)).clamp_min(1e-6)
        centre = (weight[:, None, None, None] * items).sum(0, keepdim=True) / weight.sum()
    return centre


mixed = torch.cat([ones[:1].expand(60, -1, -1, -1), ones[25:26].expand(40, -1, -1, -1)])
for name, items in (("all ones", ones), ("two ones, 60 to 40", mixed)):
    for best, picture in (("mean", items.mean(0, keepdim=True)), ("geometric median", geometric_median(items))):
        loss = losses.reconstruction(items, picture.expand_as(items)).mean()
        print(f"{name:18} {best:16} {loss:.4f}")

# %% [markdown]
# For all ones the two losses are nearly the same, so the blur stays. Where one code stands for a few clusters of pictures, the loss with the root favours the largest cluster.

# %% [markdown]
# ## What is sparse here?
#
# *Sparse* means: mostly zeros. This term does not contain the **code**. It is the L1 norm of the **residual**, and it is small for a residual that is zero nearly everywhere and large in a few places.
#
# By hand, two residuals of four samples:
#
# | residual | root mean square | mean absolute value |
# |---|---|---|
# | $(1, 1, 1, 1)$ | 1 | 1 |
# | $(2, 0, 0, 0)$ | 1 | 0.5 |
#
# L2 is the same for both. L1 is half as large for the second.

# %%
spread, sparse, zero = torch.ones(1, 4), torch.tensor([[2.0, 0.0, 0.0, 0.0]]), torch.zeros(1, 4)
for name, residual in (("spread", spread), ("sparse", sparse)):
    print(f"{name}: {losses.reconstruction(residual, zero).item():.2f} {losses.sparsity(residual, zero).item():.2f}")

# %% [markdown]
# The residuals of the ones show the same. Take all pixels that have ink in at least one drawing of a one, and see how far the mean picture and the median picture are from each drawing there.

# %% mystnb={"image": {"alt": "Histogram of the sizes of residuals. Those left by the median have a taller bar next to zero and a longer tail towards 1; those left by the mean crowd at small and middle sizes."}}
used = (ones > 0).any(0)[0]
left = {
    name: (ones - picture)[:, 0, used].abs().flatten() for name, picture in (("L2: mean", mean), ("L1: median", median))
}
figure, axis = plt.subplots(figsize=(6.4, 2.8), layout="constrained")
bars = {"label": list(left), "color": [plots.COLOURS[0], plots.COLOURS[5]], "hatch": ["", "////"]}
axis.hist(list(left.values()), bins=20, density=True, edgecolor="white", **bars)
axis.set(xlabel="size of the residual", ylabel="density")
axis.legend()
plt.show()

# %%
for name, size in left.items():
    zero, large = (size < 0.05).float().mean(), (size > 0.5).float().mean()
    print(f"{name:10} nearly zero (< 0.05): {zero:.0%}, large (> 0.5): {large:.0%}")

# %% [markdown]
# The median has more residuals near zero and more large ones: its residual is sparser. Training uses both terms, each with a fixed weight, its *importance* $I$: 1 for reconstruction, 0.3 for sparsity (Tables 3 and 7). So the result lies between the mean and the majority.

# %% [markdown]
# ## Sum, mean or square?
#
# The paper writes norms, which are sums, and does not say whether they are divided by the number of samples. The choice matters. Let every sample be wrong by 0.1, in signals of different sizes $n$. By hand: $L_r = 0.1\sqrt n$ and $L_s = 0.1\,n$ as sums, and 0.1 both as means.

# %%
for name, n in (("picture, 28 x 28", 784), ("log-mel, 32 x 32", 1024), ("waveform", data.SAMPLES)):
    residual, zero = torch.full((1, n), 0.1), torch.zeros(1, n)
    sums = [f"{term(residual, zero, 'sum').item():6.1f}" for term in (losses.reconstruction, losses.sparsity)]
    print(f"{name:17} sums: L2 {sums[0]}, L1 {sums[1]}; means: 0.1 and 0.1")

# %% [markdown]
# The [disentanglement](09_disentanglement.ipynb) terms, one per category, lie between 0.5 and 2.5 whatever $n$ is. In Equation 2 each term is multiplied by its importance $I$; then the products are *sorted*, and the largest gets the *balancing factor* $B = 1$, the next 0.5, then 0.4 and so on (Table 9). So the norm decides the order.
#
# Take an image model whose residual is 0.1 everywhere, also between two codes (the [interpolation](08_interpolation.ipynb) term), and whose digit term is 1.


# %%
def shares(reconstruction, sparsity, interpolation, digit):
    """Each term's balancing factor, share of the value of Equation 2, and gradient."""
    terms = {"reconstruction": reconstruction, "sparsity": sparsity}
    terms |= {"interpolation": interpolation, "digit": digit}
    importance = torch.tensor([paper.IMAGE_IMPORTANCE[name] for name in terms])
    weighted = importance * torch.tensor(list(terms.values()))
    b = objective.balance(weighted, paper.IMAGE_BALANCE)
    value = b * weighted / (b * weighted).sum()
    slope = b * importance / (b * importance).sum()
    for k, name in enumerate(terms):
        print(f"  {name:15} B = {b[k]:.1f}, {value[k]:6.1%} of the value, gradient {slope[k]:.2f}")


# %%
print("means:")
shares(0.1, 0.1, 0.1, 1.0)
print("sums:")
shares(0.1 * 784**0.5, 0.1 * 784, 0.1 * 784**0.5, 1.0)

# %% [markdown]
# The last column is the derivative of the total with respect to a term, $w_k / \sum w$. A large share of the value is not a large gradient: with means the digit term makes most of the value, yet reconstruction has the larger derivative. The norm changes the *order*, and with it $B$: with sums, the digit term falls from the first rank to the third.
#
# With sums, the gradients of the first three terms also grow with the size of the signal, and that of the digit term does not. So the larger the signal, the less disentanglement counts.

# %% [markdown]
# The paper does not tell which one its authors used. This book takes means, so that a factor means the same for pictures, log-mel and waveforms.

# %% [markdown]
# A third candidate leaves out the root: the mean *square*. Its gradient behaves differently as the residual becomes small:

# %%
direction = torch.tensor([[3.0, -4.0, 0.0, 0.0]])
for scale in (1.0, 0.1, 0.01):
    y = (scale * direction).requires_grad_()
    (root,) = torch.autograd.grad(losses.reconstruction(torch.zeros(1, 4), y).sum(), y)
    (square,) = torch.autograd.grad(y.square().mean(), y)
    print(f"residual {scale:4}: gradient of the root {root.norm():.3f}, of the square {square.norm():.3f}")

# %% [markdown]
# The gradient of the square vanishes for what is nearly right, and is largest for the worst item of a batch. The gradient of the root has the same length for every item, however good it already is. The paper's norms have the root, and so has the library, which takes it per item.

# %% [markdown]
# ## What a normalized output cannot express
#
# The decoder's output passes through Max M %, like the input. By hand, with the largest one of three samples as the scale: $y = (0, 1, 2)$ becomes $(0, 0.5, 1)$, and $3y = (0, 3, 6)$ becomes $(0, 0.5, 1)$ too. The decoder's **amplitude is free**: the loss is the same at every volume.

# %%
x = normalize.max_m_percent(torch.tensor([[0.0, 2.0, 2.0]]), m=33)[0]
for volume in (0.01, 1.0, 3.0):
    y = (volume * torch.tensor([[0.0, 1.0, 2.0]])).requires_grad_()
    loss = losses.reconstruction(x, normalize.max_m_percent(y, m=33)[0]).sum()
    (slope,) = torch.autograd.grad(loss, y)
    along = (slope * y).sum().abs()
    print(f"volume {volume}: loss {loss:.3f}, gradient along y {along:.3f}")

# %% [markdown]
# The loss is the same, and its gradient has no part along $y$: nothing ever drives the volume up or down. The network need not learn the level of a recording, which is what the normalization is for.
#
# There is also a drawback. The decoder can **never be quiet**. When it cannot tell what to output, the cautious answer would be silence; but the normalization brings even its faintest output to full size.

# %% [markdown]
# How bad is a full-size guess? Let $x$ and $y$ have length 1, and let $\rho$ be the cosine of the angle between them. Then
#
# $$\lVert x - y\rVert^2 = 1 + 1 - 2\rho.$$
#
# Silence would cost $\lVert x - 0\rVert^2 = 1$. So a guess at full size is better than silence only if $\rho > \tfrac12$. An unrelated guess, $\rho = 0$, costs $\sqrt 2 = 1.41$ times as much as silence.

# %%
rows = ((voices.digit == 9) & (voices.speaker == voices.speakers.index("dan"))).nonzero()[:2, 0]
nine, another = normalize.max_m_percent(voices.waves[rows])[0]
silence = losses.reconstruction(nine[None], torch.zeros(1, data.SAMPLES))
ratio = losses.reconstruction(nine[None], another[None]) / silence
print(f"another take of Dan's nine as a guess: {ratio.item():.1f} times the loss of silence")

# %% [markdown]
# As waveforms the two takes have little in common. How good must a guess be? Take the same recording, a little late.

# %% mystnb={"image": {"alt": "Loss relative to silence against a shift from 0 to 2 milliseconds. It starts at 0, crosses the dashed line of silence at about a third of a millisecond, climbs to about 1.5 and stays above the line from there on."}}
shifts = range(17)
late = torch.stack([nine.roll(k) for k in shifts])
loss = losses.reconstruction(nine.expand_as(late), late) / silence
figure, axis = plt.subplots(figsize=(6.4, 2.8), layout="constrained")
axis.plot([1000 * k / data.RATE for k in shifts], loss, "o-", color=plots.COLOURS[0], label="the same word, late")
axis.axhline(1, color=plots.COLOURS[5], linestyle="--", label="silence")
axis.set(xlabel="shift (ms)", ylabel="loss / loss of silence", ylim=(0, None))
axis.legend()
plt.show()

# %%
first = next(k for k in shifts if loss[k] > 1)
print(f"worse than silence from {first} samples on: {1000 * first / data.RATE:.3f} ms")

# %% [markdown]
# A delay of three eighths of a millisecond is worse than silence. Sixteen numbers can hardly place every wave of a word that precisely. This is one reason why our voice model works on log-mel pictures, where a small shift is a small change.
#
# The paper's appendix divides the reconstruction by the factor of the *input*, not by its own; then the amplitude would not be free. [Max M % normalization](05_max_m_normalization.ipynb) shows what that does. The library uses the output's own factor.

# %% [markdown]
# ## An open question
#
# Where a code cannot say which of many pictures is meant, L2 blurs and L1 outvotes the minority. Adversarial and perceptual losses give sharp pictures, but a sharp picture need not be one that the input allows. Is there a loss that is sharp, keeps every variant, and can be checked against the data?

# %% [markdown]
# ## What to remember
#
# - Equation 2 is a weighted mean of four kinds of terms; the weight is $B\,M\,I$.
# - Squares lead to the mean (with roots per item, to the geometric median): they blur strokes and smear clicks. L1 leads to the median: it decides, and outvotes minorities.
# - "Sparsity" is the L1 norm of the residual. It makes residuals sparse. It does not contain the code.
# - Sums, means and squares rank the terms differently. The paper does not say which one it uses; the library's default is means, with the root.
# - With Max M % at the output the amplitude is free, and silence cannot be expressed. Below a cosine of one half, a guess is worse than silence.

# %% [markdown]
# ## Exercises
#
# ### Exercise 1: four numbers by hand
#
# The residual is $(0.2, -0.4, 0, 0.4)$. Give $L_r$ and $L_s$ as sums, then both as means.

# %% tags=["exercise"]
answer = None  # four numbers: L2 sum, L1 sum, L2 mean, L1 mean
checks.residual_by_hand(answer)

# %% [markdown]
# <details>
# <summary>Solution</summary>
#
# ```python
# answer = (0.6, 1.0, 0.3, 0.25)
# checks.residual_by_hand(answer)
# ```
#
# $0.04 + 0.16 + 0.16 = 0.36$, whose root is 0.6; half of it, for $\sqrt 4 = 2$, is 0.3.
#
# </details>

# %% [markdown]
# ### Exercise 2: the sparsest residual
#
# Write a residual of 100 samples whose root mean square is 0.1. Make its mean absolute value as *small* as possible.

# %% tags=["exercise"]
residual = torch.zeros(100)
checks.residual_sparsest(residual)

# %% [markdown]
# <details>
# <summary>Solution</summary>
#
# ```python
# residual = torch.zeros(100)
# residual[0] = 1.0
# checks.residual_sparsest(residual)
# ```
#
# A single 1: $\sqrt{1/100} = 0.1$ and $1/100 = 0.01$. With $n$ samples the mean absolute value lies between $1/\sqrt n$ times the root mean square and the root mean square itself.
#
# </details>

# %% [markdown]
# ### Exercise 3: a free volume
#
# Suppose the decoder could choose a volume $a$ for its guess: $\lVert x - a\,y\rVert$. Write `best_volume(x, y)` for two waveforms `[T]`. What is it for two unit vectors with cosine $\rho$, and can the loss ever be larger than that of silence?


# %% tags=["exercise"]
def best_volume(x, y):
    return None


checks.residual_best_volume(best_volume)

# %% [markdown]
# <details>
# <summary>Solution</summary>
#
# ```python
# def best_volume(x, y):
#     return (x * y).sum() / (y * y).sum()
#
# print(f"{best_volume(nine, another).item():.2f}")
# checks.residual_best_volume(best_volume)
# ```
#
# The slope of $\lVert x - a y\rVert^2$ in $a$ is $-2\,x\cdot y + 2a\,y\cdot y$. For unit vectors $a = \rho$, and the loss is $\sqrt{1-\rho^2} \le 1$: never worse than silence. The less the guess has to do with $x$, the quieter it becomes.
#
# </details>

# %% [markdown]
# ### Exercise 4: break the median
#
# The running median of three removed our clicks. Change as few samples of `word` as you can, two at most, so that a full-scale click *survives* it. Write `damage(wave)` and listen to `F.pad(damage(word), (1, 1)).unfold(0, 3, 1).median(1).values`.
#
# Expected picture: a click that comes out untouched, exactly as high as it went in, while the mean of three lowers it by a third.


# %% tags=["exercise"]
def damage(wave):
    return wave.clone()


checks.residual_break_median(damage, word)

# %% [markdown]
# <details>
# <summary>Solution</summary>
#
# ```python
# def damage(wave):
#     broken = wave.clone()
#     broken[1000:1002] = 1.0
#     return broken
#
# checks.residual_break_median(damage, word)
# ```
#
# Two clicks in a row are a majority among three. The median resists *minorities*, not outliers as such. As soon as more than half of a window is wrong, the median returns the wrong value outright; the mean only shifts towards it.
#
# </details>

# %% [markdown]
# ## Where next
#
# - [Interpolation](08_interpolation.ipynb): the same distance, measured between two signals.
# - [Disentanglement](09_disentanglement.ipynb): the term that places codes.
# - [Notation and glossary](notation.md).
