# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Codes with categories
#
# A recording tells two things at once: *who* speaks and *what* is said. A good code has a separate place for each, like a form with two boxes. In this chapter you split codes into such blocks, normalize them, add noise to them, and finally type a code and see it drawn.
#
# ![Block diagram of the whole system: voice model, image model and training. Lit here: unit length, the blocks of both codes, and noise.](_static/spine/codes_with_categories.svg)
#
# **Time:** 25 minutes to read, 15 seconds to run.
#
# **Needs:** [One object, many appearances](03_one_object_many_appearances.ipynb), for why we want codes in places that we choose.

# %% [markdown]
# ## Goals
#
# After this chapter you can
# - split a code of 16 or 11 numbers into its categories, and normalize each of them by hand;
# - say what is gained, and what is lost, by normalizing categories one by one;
# - predict the noise of Eq. (1), and correct its error for negative coordinates;
# - write a code by hand, turn it into text and back, and measure how orthogonal codes are;
# - explain why a category of one dimension cannot be trained, and what to do about it.

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

from olc_lib import checks, data, metrics, plots, runs, widgets
from olc_lib.latent import IMAGE, VOICE, LatentSpace

# %% [markdown]
# ## One code, several blocks
#
# A **code** (or latent code) is the short list of numbers that an encoder makes of a recording or a picture. A **category** is a question we ask about it: which speaker? which digit? A category has one number for every possible answer, that is, for every **class**. Its part of the code is a *block*.
#
# The paper's voices come from six speakers who say ten digits, so a voice code has 6 + 10 = 16 numbers. All its pictures count as one writer's, so an image code has 1 + 10 = 11 numbers (Solhjoo & Rodolà, sections 3.1 and 3.2).

# %%
print(VOICE, "has", VOICE.dim, "dimensions")
print(IMAGE, "has", IMAGE.dim, "dimensions")

# %% [markdown]
# A `LatentSpace` stores names and sizes, in order. `split` divides a code. Below, the "code" counts from 0 to 15, so that you can see which number goes where.

# %%
for name, block in VOICE.split(torch.arange(16)).items():
    print(f"{name:8s}", block.tolist())

# %% [markdown]
# Both spaces have a category called *digit*, with the same ten classes in the same order. So the digit block of one code can replace that of the other.
#
# Here is a space small enough to draw: apples and pears that are red or green.

# %%
TOY = LatentSpace({"fruit": 2, "colour": 2})
print(TOY.dim, "dimensions:", TOY.sizes)

# %% [markdown]
# ## Each category on its own circle
#
# The output of the encoder's last layer is the **primary latent**: any numbers at all. Take (3, 4) for the fruit and (0.3, 0.4) for the colour. The first block has the length $\sqrt{3^2 + 4^2} = 5$, the second $\sqrt{0.3^2 + 0.4^2} = 0.5$. Divide each block by its *own* length: both become (0.6, 0.8).
#
# `normalize` does this, as the pseudo-code in the paper's appendix does. A block of length 1 in two dimensions is a point on a circle of radius 1.

# %%
primary = torch.tensor([3.0, 4.0, 0.3, 0.4])
by_hand = torch.cat([primary[:2] / 5, primary[2:] / 0.5])
print("by hand", [f"{value:.3f}" for value in by_hand])
print("library", [f"{value:.3f}" for value in TOY.normalize(primary)])

# %% [markdown]
# The library's function, without its docstring:

# %%
print(inspect.getsource(LatentSpace.normalize).split('"""')[2])

# %% [markdown]
# Draw sixty random primary latents for the fruit: thirty "apples", whose first coordinate is large, and thirty "pears", whose second one is.

# %%
generator = torch.Generator().manual_seed(5)
angle = torch.cat([torch.full((30,), 0.25), torch.full((30,), 1.3)])  # radians: towards each axis
angle = angle + 0.15 * torch.randn(60, generator=generator)
length = 0.2 + 1.6 * torch.rand(60, generator=generator)
raw = length[:, None] * torch.stack([angle.cos(), angle.sin()], dim=1)
unit = LatentSpace({"fruit": 2}).normalize(raw)

# %% mystnb={"image": {"alt": "Left: apples and pears scattered inside and outside the unit circle. Right: the same points moved along their rays onto the circle, two short arcs near the two axes."}}
before = {"apple": raw[:30], "pear": raw[30:]}
after = {"apple": unit[:30], "pear": unit[30:]}
figure = plots.circle([before, after], ["primary latent", "normalized"], ["apple", "pear"])

# %% [markdown]
# Every point moved along its own ray to the circle. The *direction*, which says apple or pear, stayed. The *length* is gone. With ten classes the circle becomes a sphere in ten dimensions.

# %% [markdown]
# ## Why not normalize the whole code at once?
#
# The fruit's block is long, so it would take nearly all of the length, and the colour's numbers become tiny:

# %%
whole = F.normalize(primary, dim=0)
print("one length for all  ", [f"{value:.3f}" for value in whole])
print("one length per block", [f"{value:.3f}" for value in TOY.normalize(primary)])

# %% [markdown]
# Add noise of deviation 0.05 to both versions, a hundred thousand times, and read the colour as the larger of its two coordinates. How often is it still the second one?

# %%
generator = torch.Generator().manual_seed(0)
for name, code in {"whole": whole, "per block": TOY.normalize(primary)}.items():
    noisy = code + 0.05 * torch.randn(100_000, 4, generator=generator)
    share = (TOY.labels(noisy)["colour"] == 1).float().mean()
    print(f"{name:10s} colour read correctly in {100 * share:.0f} % of the draws")

# %% [markdown]
# So the first gain is that no block gets lost in the noise. The second is **independence**. Make the fruit's block ten times longer and leave the colour as it is. With one common length the colour's numbers change.

# %%
louder = primary * torch.tensor([10.0, 10.0, 1.0, 1.0])
print("whole:    ", [f"{value:.3f}" for value in F.normalize(louder, dim=0)[2:]])
print("per block:", [f"{value:.3f}" for value in TOY.normalize(louder)[2:]])

# %% [markdown]
# The third gain is that blocks can be **exchanged**. Drop the speaker from a voice code: the digit block still has length 1, as the image decoder had it in training.
#
# There is also a drawback. A clear word and a mumbled one may give (6, 8) and (0.006, 0.008): both become (0.6, 0.8), and the length no longer says *how sure* the encoder is.

# %% [markdown]
# (A block of zeros has no direction; it stays zero.) Since the length of each block is fixed, a voice code of 16 numbers has only 5 + 9 = 14 degrees of freedom, and an image code 0 + 9. The 0 will matter at the end of the chapter.

# %% [markdown]
# ## Resampling: from a point to a cloud
#
# In training the decoder gets a point drawn from a Gaussian *around* the code. So it has to draw a good seven for a whole neighbourhood of codes.
#
# How wide is this cloud? Eq. (1) of the paper says, coordinate by coordinate,
#
# $$\sigma_{\text{Sampling}} = \mu \, l + \sigma_{\min}$$
#
# where $l$ is the normalized code. Note that $\mu$ (called `L` in the appendix) is a factor. The *mean* of the Gaussian is $l$.

# %% [markdown]
# By hand: let $l = (0.6, 0.8)$, $\mu = 0.1$ and $\sigma_{\min} = 0.05$. Then the deviations are $0.1 \cdot 0.6 + 0.05 = 0.11$ and $0.1 \cdot 0.8 + 0.05 = 0.13$. The library call draws one point; draw many, and measure their spread.

# %%
FRUIT = LatentSpace({"fruit": 2})
generator = torch.Generator().manual_seed(1)
many = torch.tensor([0.6, 0.8]).expand(100_000, 2)
drawn = FRUIT.resample(many, mu=0.1, sigma_min=0.05, generator=generator)
print("measured deviations", [f"{value:.2f}" for value in drawn.std(0)])

# %% [markdown]
# The library's function, without its docstring:

# %%
print(inspect.getsource(LatentSpace.resample).split('"""')[2])

# %% [markdown]
# $\sigma_{\min}$ gives a round cloud; $\mu$ stretches it where the code is large, along the class's own axis.

# %% mystnb={"image": {"alt": "Three plots of the unit circle with clouds around an apple, a pear and a code between them. With only sigma_min the clouds are round; with only mu they are flat, stretched along the axis of their class; with both they are ovals."}}
angles = torch.tensor([0.0, torch.pi / 2, torch.pi / 4])
corners = torch.stack([angles.cos(), angles.sin()], dim=1).clamp_min(0)  # cos(pi/2) is not quite 0
panels, titles = [], []
for mu, sigma_min in ((0.0, 0.12), (0.2, 0.0), (0.2, 0.05)):
    generator = torch.Generator().manual_seed(2)
    cloud = FRUIT.resample(corners[:, None].expand(3, 150, 2), mu, sigma_min, generator)
    panels.append(dict(zip(("apple", "pear", "between"), cloud, strict=True)))
    titles.append(f"μ = {mu}, σ_min = {sigma_min}")
figure = plots.circle(panels, titles, ["apple", "pear"])

# %% [markdown]
# The clouds leave the circle. The paper does *not* normalize a resampled code a second time.
#
# Move both settings. Could a decoder tell an apple from a pear?


# %%
def cloud_page(mu, sigma_min):
    """The clouds of an apple and a pear, as the bytes of a picture."""
    generator = torch.Generator().manual_seed(3)
    cloud = FRUIT.resample(torch.eye(2)[:, None].expand(2, 150, 2), mu, sigma_min, generator)
    panel = dict(zip(("apple", "pear"), cloud, strict=True))
    figure = plots.circle([panel], [f"μ = {mu}, σ_min = {sigma_min}"], ["apple", "pear"], reach=2.3)
    return plots.page(figure, dpi=75)


# %%
mus, minima = (0.0, 0.05, 0.2, 0.4), (0.0, 0.05, 0.1, 0.3)
pages = [[cloud_page(mu, sigma_min) for sigma_min in minima] for mu in mus]
widgets.flip_table(pages, [str(mu) for mu in mus], [str(value) for value in minima], ("μ", "σ_min"))

# %% [markdown]
# With too little noise a code written by hand lies outside those of the training; with too much, apples and pears overlap. The paper gives no values. The book's runs were trained with 0.05 for both.
#
# The encoder cannot evade the noise by making its codes large, because they are normalized. In an ordinary VAE the KL term has that effect ([chapter 3](03_one_object_many_appearances.ipynb)).

# %% [markdown]
# ## The trap in Eq. (1)
#
# Normalized codes can be negative. Put $l = -0.6$ into Eq. (1), with $\mu = 0.2$ and $\sigma_{\min} = 0.05$:
#
# $$0.2 \cdot (-0.6) + 0.05 = -0.07$$
#
# A standard deviation cannot be negative.

# %%
code = torch.tensor([-0.6, 0.8])
deviation = 0.2 * code + 0.05
print("deviation", [f"{value:.2f}" for value in deviation])
try:
    torch.normal(code, deviation)
except RuntimeError:
    print("torch.normal refuses a negative deviation")

# %% [markdown]
# Most programs would not notice, because they compute `code + deviation * noise`, where a deviation of $-0.07$ acts like $0.07$. But then the width first *decreases* to 0 where $l$ falls below 0 (Exercise 3), and positive and negative coordinates are treated differently, for no reason.
#
# The correction is to use the absolute value of the coordinate:
#
# $$\sigma_{\text{Sampling}} = \mu \, \lvert l \rvert + \sigma_{\min}$$

# %% mystnb={"image": {"alt": "Deviation against coordinate from minus one to one. The printed equation is a straight line that is negative left of minus 0.25. The repaired one is a V with its lowest point, 0.05, at zero."}}
line = torch.linspace(-1, 1, 201)
figure, axis = plt.subplots(figsize=(6.4, 2.8), layout="constrained")
axis.plot(line, 0.2 * line + 0.05, "--", color=plots.COLOURS[5], label="as printed: 0.2 l + 0.05")
axis.plot(line, 0.2 * line.abs() + 0.05, color=plots.COLOURS[0], label="repaired: 0.2 |l| + 0.05")
axis.axhspan(-0.16, 0, color="0.9")
axis.text(0.2, -0.1, "no deviation can be negative")
axis.set(xlabel="coordinate l", ylabel="deviation", ylim=(-0.16, 0.26))
axis.legend(frameon=False)
plt.show()

# %% [markdown]
# `LatentSpace.resample` always uses the corrected form. In a well-trained code the *related* coordinate, that of the right class, is near +1 and the others near 0, where both agree. The difference matters early in training.

# %% [markdown]
# ## Codes by hand
#
# If every class has its own axis, a code can be written without an encoder: 1 for the class you want, 0 for the others. This is a **handcrafted code**. `handcrafted` makes it by name. A category that you do not name stays 0; the writer is always 1.

# %% mystnb={"image": {"alt": "A bar chart of a voice code: one bar of height 1 at speaker 2, one at digit 5, nothing else."}}
voice_code = VOICE.handcrafted(speaker=2, digit=5)
figure = plots.codes(voice_code[None], VOICE, ["speaker 2 says five"])

# %% mystnb={"image": {"alt": "A bar chart of an image code: one bar of height 1 for the writer, one at digit 5, nothing else."}}
image_code = IMAGE.handcrafted(digit=5)
figure = plots.codes(image_code[None], IMAGE, ["the writer writes five"])

# %% [markdown]
# The two digit blocks are the same, number by number. So the voice's digit block beside a 1 for the writer *is* the image code.

# %%
moved = torch.cat([torch.ones(1), VOICE.split(voice_code)["digit"]])
print(f"largest difference to the image code: {(moved - image_code).abs().max():.1f}")

# %% [markdown]
# As **text**, such a code is one group of bits per category, joined by dashes. The paper writes a five as `1-0000010000`. `to_text` marks the largest coordinate of each category.

# %%
print(VOICE.to_text(voice_code))
print(IMAGE.to_text(image_code))
print(IMAGE.from_text("1-0000010000").tolist())
print(IMAGE.to_text(torch.tensor([1, 0.1, 0, -0.2, 0, 0.1, 0.9, 0, 0, 0.3, 0])))

# %% [markdown]
# Now load a trained image model, type ten codes, and let its decoder draw.

# %%
trained = runs.load(run)
texts = ["1-" + "0" * digit + "1" + "0" * (9 - digit) for digit in range(10)]
typed = torch.stack([IMAGE.from_text(text) for text in texts])
print(texts[0], "…", texts[9], "->", tuple(typed.shape))

# %% mystnb={"image": {"alt": "Ten pictures drawn by the image decoder from the typed codes 1-1000000000 to 1-0000000001: the digits 0 to 9."}}
with torch.no_grad():
    drawn = trained.image.decode(typed)
figure = plots.pictures(drawn, [str(digit) for digit in range(10)])

# %% [markdown]
# ## What "semi-orthogonal" means
#
# The paper calls its codes *semi-orthogonal*: nearly, though not exactly, at right angles. An angle is measured by its **cosine**, which for vectors of length 1 is the sum of the products of their coordinates:
#
# - $(1, 0)$ and $(0, 1)$: $1 \cdot 0 + 0 \cdot 1 = 0$. A right angle: **orthogonal**.
# - $(1, 0)$ and $(0.6, 0.8)$: $0.6$. Similar.
# - $(1, 0)$ and $(-1, 0)$: $-1$. **Opposite**, which is *not* orthogonal.

# %% [markdown]
# Right angles are not the only way to keep classes apart. Three others, on our circle and in more dimensions:
#
# - **opposite pairs**: two classes share an axis, one at each end;
# - a **simplex**: all classes equally far from each other, as far as possible;
# - a **hypercube**: classes at its corners, each a row of plus and minus signs.


# %% mystnb={"image": {"alt": "Four circles. One-hot: two codes at a right angle. Opposite pairs: four codes, at both ends of both axes. Simplex: three codes at angles of 120 degrees. Hypercube: four codes on the diagonals."}}
def on_circle(*degrees):
    """One cloud of a single point for every angle."""
    turn = torch.deg2rad(torch.tensor(degrees, dtype=torch.float32))
    points = torch.stack([turn.cos(), turn.sin()], dim=1)
    return {f"class {k}": point[None] for k, point in enumerate(points)}


layouts = [on_circle(0, 90), on_circle(0, 180, 90, 270), on_circle(90, 210, 330), on_circle(45, 135, 225, 315)]
figure = plots.circle(layouts, ["one-hot", "opposite pairs", "simplex", "hypercube"], ["coordinate 0", "coordinate 1"])

# %% [markdown]
# Now ten classes in all four ways. **One-hot** codes (1 in one place, 0 in all others) need ten dimensions, opposite pairs five, a simplex nine (we write it with ten coordinates), a hypercube four: it has sixteen corners.

# %%
bits = torch.tensor([[digit >> place & 1 for place in range(4)] for digit in range(10)])
ten = {
    "one-hot": torch.eye(10),
    "opposite pairs": torch.cat([torch.eye(5), -torch.eye(5)]),
    "simplex": F.normalize(torch.eye(10) - 0.1, dim=1),
    "hypercube": (2.0 * bits - 1) / 2,
}

# %%
apart = ~torch.eye(10, dtype=torch.bool)
for name, codes in ten.items():
    cosine = (codes @ codes.T)[apart]
    mean = metrics.mean_abs_cosine(codes)
    print(f"{name:15s} cosines from {cosine.min():5.2f} to {cosine.max():4.2f}, mean absolute cosine {mean:.3f}")

# %% [markdown]
# The **mean absolute cosine** over all pairs of classes is the number that this book reports: 0 for orthogonal codes, 1 for copies of one.
#
# Simplex and opposite pairs have the same mean, but not the same lowest cosine.

# %% [markdown]
# ## Orthogonal or opposite?
#
# If only distance counted, opposite codes would be best: nothing is further from $+1$ than $-1$. The reason for right angles is what happens **between** two classes. Take the mean of the codes of 3 and 8:

# %%
mixes = {"one-hot": ten["one-hot"][[3, 8]].mean(0), "opposite pairs": ten["opposite pairs"][[3, 8]].mean(0)}
for name, mixed in mixes.items():
    print(f"{name:15s} half 3, half 8: length {mixed.norm():.2f}, {[round(v, 1) for v in mixed.tolist()]}")

# %% [markdown]
# With one-hot codes, the mean has half a three and half an eight. A decoder can draw something between them, which ten stored pictures cannot. With opposite codes the two cancel: the mean has no direction.

# %% [markdown]
# The loss decides between the two. The disentanglement loss, Eq. (5), contains the largest coordinate that does *not* belong to the class. Taken with its sign, it is smallest for negative coordinates, and classes are driven apart beyond the right angle. Taken without sign, as the library does, the right angle is best. [Chapter 9](09_disentanglement.ipynb) compares the two.

# %% [markdown]
# ### How good is a small cosine?
#
# Random directions in many dimensions are nearly orthogonal: their mean absolute cosine is about $\sqrt{2 / (\pi D)}$ in $D$ dimensions. So a small value must be compared with that.
#
# Now the codes of trained models. For every digit we average the normalized codes of the test pictures, bring the average to length 1 (`metrics.class_means`), and show it as a table: a row for a class, a column for a coordinate. The paper does the same in its Figures 5, 6 and 8.

# %% mystnb={"image": {"alt": "Heat map of average image codes: ten rows for the digits, ten columns for the coordinates. The diagonal is bright, near 1, the rest is dark, near 0."}}
digits = [str(digit) for digit in range(10)]
figure = plots.heat(trained.arrays["image_digit"], digits, digits, "coordinate", "digit")

# %%
for name in ("image_digit", "voice_digit", "voice_speaker"):
    means = trained.arrays[name]
    chance = (2 / (torch.pi * means.shape[1])) ** 0.5
    print(f"{name:14s} mean absolute cosine {metrics.mean_abs_cosine(means):.3f}   (by chance {chance:.2f})")

# %% [markdown]
# Close to zero but not zero: that is the *semi* in semi-orthogonal. Single clips deviate more.
#
# In $n$ dimensions at most $n$ directions are orthogonal.

# %% [markdown]
# ## The writer's sign
#
# The writer's category has one dimension, and so 0 degrees of freedom. Normalize the number 0.3: $0.3 / 0.3 = 1$. Normalize 17: again 1. Normalize $-0.3$: $-1$. In one dimension the "sphere" of radius 1 consists of two points, and every output of the encoder is moved to one of them.

# %% mystnb={"image": {"alt": "The normalized writer against the encoder's number: minus one everywhere left of zero, plus one everywhere right of it. Two flat steps with a jump at zero."}}
line = torch.linspace(-2, 2, 400)[:, None]
figure, axis = plt.subplots(figsize=(6.4, 2.2), layout="constrained")
axis.plot(line, F.normalize(line, dim=1), ".", markersize=2, color=plots.COLOURS[0])
axis.axvline(0, color="grey", linewidth=0.6)
axis.set(xlabel="output of the encoder", ylabel="after normalizing")
plt.show()

# %% [markdown]
# The **gradient** here is 0 everywhere: a small step changes nothing. Autograd confirms it, on a loss that is smallest where the writer is 1.

# %%
for start in (0.3, -0.3, 17.0):
    writer = torch.tensor([start], requires_grad=True)
    loss = (F.normalize(writer, dim=0) - 1).square().sum()
    loss.backward()
    print(f"output {start:5.1f}: loss {loss.item():.1f}, gradient {writer.grad.abs().item():.3f}")

# %% [markdown]
# In the second line the loss is large, and still the gradient is 0. So the sign is decided by the random start. Twenty untrained encoders, one linear layer each:

# %%
pixels = data.images("embedded", "test").pixels.flatten(1)
shares = []
for seed in range(20):
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        layer = torch.nn.Linear(784, 11)
    shares.append((layer(pixels)[:, 0] > 0).float().mean().item())
print("encoders that give -1 to most pictures:", sum(share < 0.5 for share in shares), "of 20")

# %% [markdown]
# That would do no harm as long as an encoder works with its own decoder. But the paper joins a *voice* encoder to the image decoder, and inserts a value near 1 for the writer (section 3.3). If the image model was trained with $-1$, its decoder has never met such a code.

# %% [markdown]
# In the library a category of one dimension is $+1$ **by construction**, for encoder, decoder, handcrafted codes and transfer alike. There is nothing to learn in it.

# %%
for start in (0.3, -0.3, -17.0):
    primary = torch.zeros(11)
    primary[0] = start
    print(f"output {start:5.1f} -> the writer is {IMAGE.normalize(primary)[0]:+.0f}")

# %% [markdown]
# ## An open question
#
# One axis per class does not scale: a thousand speakers need a thousand coordinates, and a speaker who was not in the training has none. Is there a layout that keeps what one-hot codes offer (mixing, reading coordinate by coordinate, writing by hand) with far fewer dimensions than classes?

# %% [markdown]
# ## What to remember
#
# - A code has a block per category: 16 = 6 + 10 for voices, 11 = 1 + 10 for images. Blocks of the same category can be exchanged.
# - Each block is brought to length 1 on its own, so that no block depends on another. Only direction counts.
# - Resampling turns a code into a cloud of deviation $\mu \lvert l \rvert + \sigma_{\min}$. Without the bars, negative coordinates get the wrong width.
# - Orthogonal is not opposite. Orthogonal codes can be mixed, read one by one, and written by hand.
# - A category of one dimension is $\pm 1$ without a gradient. Fix its sign.

# %% [markdown]
# ## Exercises
#
# ### Exercise 1: three blocks by hand
#
# A space has the categories `a` (2 dimensions), `b` (2) and `writer` (1). An encoder outputs $(3, 4 \mid 5, -12 \mid -2)$. Write down the code that the library makes of it, as a list of five numbers.

# %% tags=["exercise"]
code = None  # a list of five numbers
checks.code_by_hand(code)

# %% [markdown]
# <details>
# <summary>Solution</summary>
#
# ```python
# code = [3 / 5, 4 / 5, 5 / 13, -12 / 13, 1]
# checks.code_by_hand(code)
# ```
#
# The lengths are $\sqrt{9 + 16} = 5$ and $\sqrt{25 + 144} = 13$. The writer is always +1.
#
# </details>

# %% [markdown]
# ### Exercise 2: a code as text
#
# Which text stands for the voice code of the *fourth* speaker saying *nine*?

# %% tags=["exercise"]
text = None  # such as "100000-1000000000"
checks.code_text(text)

# %% [markdown]
# <details>
# <summary>Solution</summary>
#
# ```python
# text = VOICE.to_text(VOICE.handcrafted(speaker=3, digit=9))
# checks.code_text(text)
# ```
#
# Speakers count from 0, so the fourth has the index 3.
#
# </details>

# %% [markdown]
# ### Exercise 3: the coordinate without noise
#
# In Eq. (1) as printed, with $\mu = 0.2$ and $\sigma_{\min} = 0.05$, one value of the coordinate gets no noise at all. Which one?

# %% tags=["exercise"]
coordinate = None
checks.code_still_coordinate(coordinate)

# %% [markdown]
# <details>
# <summary>Solution</summary>
#
# ```python
# coordinate = -0.05 / 0.2
# checks.code_still_coordinate(coordinate)
# ```
#
# The deviation $0.2\,l + 0.05$ is 0 at $l = -\sigma_{\min} / \mu = -0.25$. In the figure above, that is where the dashed line crosses zero.
#
# </details>

# %% [markdown]
# ### Exercise 4: break it, with Eq. (1) as printed
#
# Write `literal`, which resamples a code exactly as printed. Then draw 300 points around $(-0.8, 0.6)$ with $\mu = 0.25$ and $\sigma_{\min} = 0.2$:
#
# `plots.circle([{"as printed": literal(torch.tensor([[-0.8, 0.6]]), 0.25, 0.2, torch.randn(300, 2))}])`
#
# Expected picture: no cloud but a vertical line of points at $-0.8$. The first coordinate has no noise, the second one has. The library's `resample` gives a nearly round cloud there.


# %% tags=["exercise"]
def literal(code, mu, sigma_min, noise):
    """Eq. (1) as printed; noise has the shape of the result."""
    return ...


checks.code_collapse(literal)

# %% [markdown]
# <details>
# <summary>Solution</summary>
#
# ```python
# def literal(code, mu, sigma_min, noise):
#     return code + (mu * code + sigma_min) * noise
#
#
# checks.code_collapse(literal)
# ```
#
# $0.25 \cdot (-0.8) + 0.2 = 0$, while $0.25 \cdot 0.6 + 0.2 = 0.35$.
#
# </details>

# %% [markdown]
# ### Exercise 5: a simplex for four classes
#
# Four directions that are as far apart as possible have the cosine $-1/3$, every pair of them. Make them: four rows of length 1, in any number of dimensions.

# %% tags=["exercise"]
vectors = None  # a tensor of four rows
checks.code_simplex(vectors)

# %% [markdown]
# <details>
# <summary>Solution</summary>
#
# ```python
# vectors = F.normalize(torch.eye(4) - 1 / 4, dim=1)
# checks.code_simplex(vectors)
# ```
#
# Subtracting the centre of four one-hot codes makes their sum zero, which pushes them apart evenly; then each is brought to length 1. (Three dimensions suffice: the corners of a tetrahedron.)
#
# </details>

# %% [markdown]
# ## Where next
#
# - [Reconstruction and sparsity](07_reconstruction_and_sparsity.ipynb): the first two terms of the loss.
# - [Disentanglement](09_disentanglement.ipynb): the loss that places codes on their axes.
# - [Notation](notation.md): all symbols in one place.
