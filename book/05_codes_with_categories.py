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
# A voice says two things at once: *who* speaks and *what* is said. A good code for it has two places to write them down, like a form with two boxes. In this chapter you cut codes into such boxes, bring each box to the same size, shake it a little, fill it in by hand, and finally type a digit as text and see it drawn.

# %% [markdown]
# ## Goals
#
# After this chapter you can
# - cut a code of 16 or 11 numbers into its categories, and normalize each of them with a pencil;
# - say what is gained, and what is lost, by normalizing categories one by one;
# - predict the cloud that resampling, Eq. (1), makes of a code, and mend its trap for negative coordinates;
# - write a code by hand, turn it into text and back, and measure how orthogonal a set of codes is;
# - explain why a category of one dimension cannot be trained, and what to do about it.
#
# **Time:** 30 minutes to read, 15 seconds to run.
#
# **Needs:** [One object, many appearances](02_one_object_many_appearances.ipynb), for why we want codes in places that we choose.

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
import matplotlib.pyplot as plt
import torch
from torch.nn import functional as F

from olc_lib import checks, data, losses, metrics, plots, runs, widgets
from olc_lib.latent import IMAGE, VOICE, LatentSpace

# %% [markdown]
# ## One code, several boxes
#
# A **code** (or latent code) is the short list of numbers that an encoder makes of a recording or a picture. A **category** is a question we ask about it: which speaker? which digit? A category has one number for every possible answer, that is, for every **class**.
#
# The paper's voices come from six speakers who say ten digits, so a voice code has 6 + 10 = 16 numbers. Nobody noted who wrote the pictures, so they all count as one writer's, and an image code has 1 + 10 = 11 numbers (Solhjoo & Rodolà, sections 3.1 and 3.2).

# %%
print(VOICE, "has", VOICE.dim, "dimensions")
print(IMAGE, "has", IMAGE.dim, "dimensions")

# %% [markdown]
# A `LatentSpace` only knows names and sizes, in order. `split` cuts a code at the right places. Below, the "code" counts from 0 to 15, so that you can see which number goes where.

# %%
for name, block in VOICE.split(torch.arange(16)).items():
    print(f"{name:8s}", block.tolist())

# %% [markdown]
# The names matter more than the numbers. Both spaces have a category called *digit*, with the same ten classes in the same order. That is the whole trick behind turning a voice into a picture: the digit box of one code fits into the digit box of the other.
#
# You can describe your own world in one line. Here is a tiny one which we can draw: apples and pears that are red or green.

# %%
TOY = LatentSpace({"fruit": 2, "colour": 2})
print(TOY.dim, "dimensions:", TOY.sizes)

# %% [markdown]
# ## Each category on its own circle
#
# What the encoder's last layer gives is the **primary latent**: any numbers at all. Take (3, 4) for the fruit and (0.3, 0.4) for the colour. The first block has the length $\sqrt{3^2 + 4^2} = 5$, the second $\sqrt{0.3^2 + 0.4^2} = 0.5$. Divide each block by its *own* length: both become (0.6, 0.8).
#
# `normalize` does exactly this. A block of length 1 in two dimensions is a point on a circle of radius 1.

# %%
primary = torch.tensor([3.0, 4.0, 0.3, 0.4])
by_hand = torch.cat([primary[:2] / 5, primary[2:] / 0.5])
print("by hand", [f"{value:.3f}" for value in by_hand])
print("library", [f"{value:.3f}" for value in TOY.normalize(primary)])

# %% [markdown]
# Let us play encoder. We draw sixty primary latents for the fruit box: thirty "apples", whose first coordinate is large, and thirty "pears", whose second one is. Some come out loud and some come out faint.

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
# Every point moved along its own ray until it met the circle. The *direction* stayed, which is what says apple or pear. The *length* is gone.
#
# With ten classes the circle becomes a sphere in ten dimensions, and nothing else changes. A voice code is one point on a sphere for the speaker together with one point on a sphere for the digit.

# %% [markdown]
# ## Why not normalize the whole code at once?
#
# It would be simpler to divide all numbers by one common length. Try it on our code. The fruit is loud, so it takes nearly all of the length, and the colour fades to a whisper.

# %%
whole = F.normalize(primary, dim=0)
print("one length for all  ", [f"{value:.3f}" for value in whole])
print("one length per block", [f"{value:.3f}" for value in TOY.normalize(primary)])

# %% [markdown]
# A whisper drowns. In a moment we shall add noise to codes on purpose; so add noise of deviation 0.05 to both versions, a hundred thousand times, and read the colour as the larger of its two coordinates. How often is it still the second one?

# %%
generator = torch.Generator().manual_seed(0)
for name, code in {"whole": whole, "per block": TOY.normalize(primary)}.items():
    noisy = code + 0.05 * torch.randn(100_000, 4, generator=generator)
    share = (TOY.labels(noisy)["colour"] == 1).float().mean()
    print(f"{name:10s} colour read correctly in {100 * share:.0f} % of the draws")

# %% [markdown]
# So the first gain is that no box drowns. The second is **independence**. Make the fruit ten times louder and leave the colour alone. Under one common length the colour's numbers change, although nothing about the colour did. Under separate lengths they stay.

# %%
louder = primary * torch.tensor([10.0, 10.0, 1.0, 1.0])
print("whole:    ", [f"{value:.3f}" for value in F.normalize(louder, dim=0)[2:]])
print("per block:", [f"{value:.3f}" for value in TOY.normalize(louder)[2:]])

# %% [markdown]
# The third gain is that boxes can be **taken out and put elsewhere**. Drop the speaker from a voice code: the digit box still has length 1, and an image decoder finds in it what it was trained on. And the number 1 always means the same, "entirely this class", in every category of every space.
#
# There is a price. A clear word and a mumbled one may give (6, 8) and (0.006, 0.008): both become (0.6, 0.8). Length could have said *how sure* the encoder is; after normalization only direction can.

# %% [markdown]
# Two corner cases. A block of zeros has no direction: it stays zero, instead of becoming 0/0. And since a unit length ties one number of each block, a voice code of 16 numbers is free in only 5 + 9 = 14 ways; an image code in 0 + 9. Keep that 0 in mind, for it returns at the end.

# %%
silent = TOY.normalize(torch.tensor([3.0, 4.0, 0.0, 0.0]))
print([f"{value:.1f}" for value in silent])

# %% [markdown]
# ## Resampling: from a point to a cloud
#
# The decoder never sees the code itself while it is trained. It sees a point drawn from a Gaussian *around* it. So it has to draw a decent seven for a whole neighbourhood of codes, and codes we write by hand have a chance to be understood.
#
# How wide is the cloud? Eq. (1) of the paper says, coordinate by coordinate,
#
# $$\sigma_{\text{Sampling}} = \mu \, l + \sigma_{\min}$$
#
# where $l$ is the normalized code. Careful: $\mu$ is a mere factor here. The *mean* of the Gaussian is $l$.

# %% [markdown]
# With a pencil: let $l = (0.6, 0.8)$, $\mu = 0.1$ and $\sigma_{\min} = 0.05$. Then the deviations are $0.1 \cdot 0.6 + 0.05 = 0.11$ and $0.1 \cdot 0.8 + 0.05 = 0.13$. The library call draws one point; draw many, and measure their spread.

# %%
FRUIT = LatentSpace({"fruit": 2})
generator = torch.Generator().manual_seed(1)
many = torch.tensor([0.6, 0.8]).expand(100_000, 2)
drawn = FRUIT.resample(many, mu=0.1, sigma_min=0.05, generator=generator)
print("measured deviations", [f"{value:.2f}" for value in drawn.std(0)])

# %% [markdown]
# The two settings make different clouds. $\sigma_{\min}$ is the same for every coordinate: a round cloud. $\mu$ acts where the code is large: a cloud that is stretched along the class's own axis and leaves the others nearly still.

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
# Look at the circle again: the clouds leave it. A resampled code is *not* normalized a second time; text and pseudo-code of the paper both feed it to the decoder as it is.
#
# Now drag both settings yourself. Ask at each step: would a decoder that sees only these dots know an apple from a pear?


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
# Too little noise, and the decoder knows only a thread of codes: whatever you write by hand lies beside it. Too much, and apples mix with pears. The paper gives no values. The book's runs were trained with 0.05 for both.
#
# And why does the encoder not escape the noise by making its codes huge? Because codes are normalized, and so cannot grow. In an ordinary VAE a further loss, the KL term of [chapter 2](02_one_object_many_appearances.ipynb), does that work. The paper has none.

# %% [markdown]
# ## The trap in Eq. (1)
#
# Normalized codes can be negative. Put $l = -0.6$ into Eq. (1), with $\mu = 0.2$ and $\sigma_{\min} = 0.05$:
#
# $$0.2 \cdot (-0.6) + 0.05 = -0.07$$
#
# A deviation, which is a width, of $-0.07$? PyTorch refuses to draw from such a Gaussian.

# %%
code = torch.tensor([-0.6, 0.8])
deviation = 0.2 * code + 0.05
print("deviation", [f"{value:.2f}" for value in deviation])
try:
    torch.normal(code, deviation)
except RuntimeError:
    print("torch.normal refuses a negative deviation")

# %% [markdown]
# Most programs would not even complain, because they write `code + deviation * noise`. Noise is as often negative as positive, so a deviation of $-0.07$ acts like $0.07$. But then the width *shrinks* first: from $\sigma_{\min}$ at $l = 0$ down to nothing at $l = -\sigma_{\min} / \mu$. Left and right of zero are treated differently, for no reason.
#
# The cure is to use the size of the coordinate:
#
# $$\sigma_{\text{Sampling}} = \mu \, \lvert l \rvert + \sigma_{\min}$$

# %% mystnb={"image": {"alt": "Deviation against coordinate from minus one to one. The printed equation is a straight line that is negative left of minus 0.25. The repaired one is a V with its lowest point, 0.05, at zero."}}
line = torch.linspace(-1, 1, 201)
figure, axis = plt.subplots(figsize=(6.4, 2.8), layout="constrained")
axis.plot(line, 0.2 * line + 0.05, "--", color=plots.COLOURS[5], label="as printed: 0.2 l + 0.05")
axis.plot(line, 0.2 * line.abs() + 0.05, color=plots.COLOURS[0], label="repaired: 0.2 |l| + 0.05")
axis.axhspan(-0.16, 0, color="0.9")
axis.text(0.4, -0.1, "a width cannot be here")
axis.set(xlabel="coordinate l", ylabel="deviation", ylim=(-0.16, 0.26))
axis.legend(frameon=False)
plt.show()

# %% [markdown]
# `LatentSpace.resample` does it the second way, always. Does it matter? In a well-trained code the *related* coordinate, that of the right class, is near +1 and the others near 0, where both agree. It matters early in training, when codes still lie anywhere. And with $\mu = \sigma_{\min}$, as in the book's runs, a coordinate that settles at $-1$ would, as printed, get no noise whatever: a quiet corner in which a decoder can memorise.

# %% [markdown]
# ## Codes by hand
#
# If every class has its own axis, then you need no encoder to make a code. Put 1 for the class you want, 0 for the others: a **handcrafted code**. `handcrafted` does it by name. A category that you do not name stays empty; the lone writer is always 1.

# %% mystnb={"image": {"alt": "A bar chart of a voice code: one bar of height 1 at speaker 2, one at digit 5, nothing else."}}
voice_code = VOICE.handcrafted(speaker=2, digit=5)
figure = plots.codes(voice_code[None], VOICE, ["speaker 2 says five"])

# %% mystnb={"image": {"alt": "A bar chart of an image code: one bar of height 1 for the writer, one at digit 5, nothing else."}}
image_code = IMAGE.handcrafted(digit=5)
figure = plots.codes(image_code[None], IMAGE, ["the writer writes five"])

# %% [markdown]
# The two digit boxes are the same, number by number. So the voice's box can be lifted out and put beside a 1 for the writer, and that *is* the image code.

# %%
lifted = torch.cat([torch.ones(1), VOICE.split(voice_code)["digit"]])
print("lifted box equals the image code:", torch.equal(lifted, image_code))

# %% [markdown]
# Such a code is also a **text**: one group of bits per category, joined by dashes. The paper writes a five as `1-0000010000`. `to_text` and `from_text` go to and fro. `to_text` also reads codes that are not perfect: it marks the largest coordinate of each category.

# %%
print(VOICE.to_text(voice_code))
print(IMAGE.to_text(image_code))
print(IMAGE.from_text("1-0000010000").tolist())
print(IMAGE.to_text(torch.tensor([1, 0.1, 0, -0.2, 0, 0.1, 0.9, 0, 0, 0.3, 0])))

# %% [markdown]
# Text is where typing errors live, so `from_text` is strict. A code with a missing bit is refused with a sentence that says what would fit.

# %%
try:
    IMAGE.from_text("1-000001000")
except ValueError as error:
    print(error)

# %% [markdown]
# Now the moment that this was for. Load a trained image model, type ten codes, and let its decoder draw. No picture goes in: only text.

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
# The paper calls its codes *semi-orthogonal*: nearly, though not exactly, at right angles. The measure of an angle is its **cosine**, which for vectors of length 1 is simply the sum of the products of their coordinates:
#
# - $(1, 0)$ and $(0, 1)$: $1 \cdot 0 + 0 \cdot 1 = 0$. A right angle: **orthogonal**.
# - $(1, 0)$ and $(0.6, 0.8)$: $0.6$. Related.
# - $(1, 0)$ and $(-1, 0)$: $-1$. **Opposite**, which is *not* orthogonal.
#
# (In algebra books, a "semi-orthogonal matrix" is something else: one that is not square, with orthonormal columns or rows.)

# %%
pairs = torch.tensor([[[1, 0], [0, 1]], [[1, 0], [0.6, 0.8]], [[1, 0], [-1, 0]]])
print([f"{value:.1f}" for value in (pairs[:, 0] * pairs[:, 1]).sum(1)])

# %% [markdown]
# Right angles are one way to keep classes apart, not the only one. Three others fit on our circle, and each has a big brother in more dimensions:
#
# - **opposite pairs**: two classes share an axis, one at each end;
# - a **simplex**: all classes equally far from each other, as far as possible;
# - a **hypercube**: classes at its corners, so that each is a row of plus and minus signs: a binary number.


# %% mystnb={"image": {"alt": "Four circles. One-hot: two codes at a right angle. Opposite pairs: four codes, at both ends of both axes. Simplex: three codes at angles of 120 degrees. Hypercube: four codes on the diagonals."}}
def on_circle(*degrees):
    """One cloud of a single point for every angle."""
    turn = torch.deg2rad(torch.tensor(degrees, dtype=torch.float32))
    points = torch.stack([turn.cos(), turn.sin()], dim=1)
    return {f"class {k}": point[None] for k, point in enumerate(points)}


layouts = [on_circle(0, 90), on_circle(0, 180, 90, 270), on_circle(90, 210, 330), on_circle(45, 135, 225, 315)]
figure = plots.circle(layouts, ["one-hot", "opposite pairs", "simplex", "hypercube"], ["coordinate 0", "coordinate 1"])

# %% [markdown]
# Now ten classes, laid out in all four ways. A one-hot code needs ten dimensions for them. Opposite pairs need five. A simplex needs nine (we write it with ten coordinates). Four signs make sixteen corners, more than enough.

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
# Check two rows with a pencil. In a simplex of ten, every cosine is $-1/9$: the ten vectors add up to zero, so one of them times the sum is $1 + 9\cos\varphi = 0$. Among ten classes in opposite pairs, 5 of the 45 pairs have the cosine $-1$, the others 0: the mean of the absolute values is $5/45 = 1/9$. The same number for two utterly different layouts! An average hides the worst pair, so look at the whole table too.

# %% [markdown]
# ## Orthogonal or opposite?
#
# If distance were all, opposite codes would be best: nothing is further from $+1$ than $-1$. So why right angles? Because of what happens **between** two classes. Mix a code half and half with another one.

# %%
mixes = {"one-hot": ten["one-hot"][[3, 8]].mean(0), "opposite pairs": ten["opposite pairs"][[3, 8]].mean(0)}
for name, mixed in mixes.items():
    print(f"{name:15s} half 3, half 8: length {mixed.norm():.2f}, {[round(v, 1) for v in mixed.tolist()]}")

# %% [markdown]
# Half a three and half an eight is, one-hot, a code that says just that. You can read it, and a decoder can draw something between them. In opposite places the two cancel to nothing: no direction, no meaning.
#
# Orthogonal axes also answer independently. The three's coordinate says how much of a three there is, and says nothing about eights. With opposite codes, every doubt about a three is a vote for an eight.

# %% [markdown]
# Training asks for one or the other. The disentanglement loss, Eq. (5), takes the largest coordinate that does *not* belong to the class and adds $1 / (1 + f)$ for the one, $f$, that does. Is that largest coordinate meant with its sign or without? Take $(0.8, -0.6)$, an apple: $1 / 1.8 = 0.556$, plus $-0.6$ with the sign, or plus $0.6$ without.

# %%
apple = torch.tensor([[1.0, 0.0], [0.8, -0.6]])
label = torch.tensor([0, 0])
for absolute in (True, False):
    value = losses.disentanglement(apple, label, absolute=absolute)
    print(f"absolute={absolute!s:5s}  (1, 0): {value[0]:.3f}   (0.8, -0.6): {value[1]:.3f}")

# %% [markdown]
# With the sign, the loss *prefers* the leaning code: it drives classes apart until they point away from each other, which is not what the paper's title promises. Without it, the right angle is best. The library's default is without; `absolute=False` gives you the other. [Chapter 8](08_disentanglement.ipynb) takes this loss apart.

# %% [markdown]
# ### How good is a small cosine?
#
# Directions drawn at random are nearly orthogonal by themselves if there are many dimensions. For a dimension $D$ that is not small, their mean absolute cosine is about $\sqrt{2 / (\pi D)}$. So a small number means something only beside the number that chance would give.

# %%
generator = torch.Generator().manual_seed(4)
for dim in (6, 10, 100, 1000):
    found = metrics.mean_abs_cosine(torch.randn(400, dim, generator=generator))
    print(f"{dim:5d} dimensions: {found:.2f} by chance, formula {(2 / (torch.pi * dim)) ** 0.5:.2f}")

# %% [markdown]
# Now the codes that training has really made. For every digit we average the normalized codes of the test pictures, bring the average to length 1 (`metrics.class_means`), and look at it as a table: a row for a class, a column for a coordinate. The paper does the same in its Figures 5, 6 and 8.

# %% mystnb={"image": {"alt": "Heat map of average image codes: ten rows for the digits, ten columns for the coordinates. The diagonal is bright, near 1, the rest is dark, near 0."}}
digits = [str(digit) for digit in range(10)]
figure = plots.heat(trained.arrays["image_digit"], digits, digits, "coordinate", "digit")

# %%
for name in ("image_digit", "voice_digit", "voice_speaker"):
    means = trained.arrays[name]
    chance = (2 / (torch.pi * means.shape[1])) ** 0.5
    print(f"{name:14s} mean absolute cosine {metrics.mean_abs_cosine(means):.3f}   (by chance {chance:.2f})")

# %% [markdown]
# Close to zero but not zero: that is the *semi* in semi-orthogonal. Averages flatter, however. A single clip strays further than its class does, and of that the table shows nothing.
#
# One limit is built in. In $n$ dimensions at most $n$ directions are orthogonal, so a thousand speakers would need a thousand coordinates.

# %% [markdown]
# ## The writer's sign
#
# Now for that 0. The writer's category has one dimension. Normalize the number 0.3 by its own length: $0.3 / 0.3 = 1$. Normalize 17: again 1. Normalize $-0.3$: it is $-1$. In one dimension the "sphere" of radius 1 consists of two points, and whatever the encoder says is moved to one of them.

# %% mystnb={"image": {"alt": "The normalized writer against the encoder's number: minus one everywhere left of zero, plus one everywhere right of it. Two flat steps with a jump at zero."}}
line = torch.linspace(-2, 2, 400)[:, None]
figure, axis = plt.subplots(figsize=(6.4, 2.2), layout="constrained")
axis.plot(line, F.normalize(line, dim=1), ".", markersize=2, color=plots.COLOURS[0])
axis.axvline(0, color="grey", linewidth=0.6)
axis.set(xlabel="what the encoder says", ylabel="after normalizing")
plt.show()

# %% [markdown]
# Training moves numbers by following slopes, and this curve has none. Wherever you stand, a small step changes nothing: the **gradient** is 0. Let autograd confirm it, on a small loss that would dearly love the writer to be 1.

# %%
for start in (0.3, -0.3, 17.0):
    writer = torch.tensor([start], requires_grad=True)
    loss = (F.normalize(writer, dim=0) - 1).square().sum()
    loss.backward()
    print(f"encoder says {start:5.1f}: loss {loss.item():.1f}, gradient {writer.grad.abs().item():.3f}")

# %% [markdown]
# The second line is the sad one. The loss is as bad as can be, and the gradient says "stay".
#
# Next, a whole encoder: one linear layer from pixels to 11 numbers, each category normalized exactly as the appendix says. We ask for a five, and look at how strongly each row of the layer is pulled.

# %%
pixels = data.images("embedded", "test").pixels.flatten(1)
with torch.random.fork_rng(devices=[]):
    torch.manual_seed(0)
    layer = torch.nn.Linear(784, 11)
plain = torch.cat([F.normalize(block, dim=1) for block in IMAGE.split(layer(pixels)).values()], dim=1)
(plain - IMAGE.handcrafted(digit=5)).square().mean().backward()
pull = layer.weight.grad.norm(dim=1)
print(f"pull on the writer's row: {pull[0]:.3f}; pull on every digit's row is above 0: {bool((pull[1:] > 1e-4).all())}")

# %% [markdown]
# So the sign is whatever the random start made it. (Layers below are still moved by other losses, so it may flip by accident, but nothing steers it.) How do random starts fall out? Twenty untrained encoders, the same pictures:

# %%
shares = []
for seed in range(20):
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        layer = torch.nn.Linear(784, 11)
    shares.append((layer(pixels)[:, 0] > 0).float().mean().item())
print("encoders that say -1 to most pictures:", sum(share < 0.5 for share in shares), "of 20")

# %% mystnb={"image": {"alt": "For twenty untrained encoders, sorted, the share of pictures whose writer comes out as plus one. Some are near 0 percent, some near 100, some between."}}
figure, axis = plt.subplots(figsize=(6.4, 2.2), layout="constrained")
axis.stem(range(20), sorted(100 * share for share in shares), basefmt=" ")
axis.set(xlabel="untrained encoders, sorted", ylabel="% of pictures at +1", xticks=[])
plt.show()

# %% [markdown]
# Some encoders put the one writer at $+1$, others at $-1$, and some split him in two. That would do no harm as long as an encoder works with its own decoder. But the paper joins a *voice* encoder to the image decoder, and inserts a value near 1 for the writer (section 3.3). It works only if the decoder happens to have grown up with $+1$. Otherwise every handcrafted code comes out as something the decoder has never seen.

# %% [markdown]
# The library leaves nothing to chance: a category of one dimension is $+1$ **by construction**, whatever the encoder says. There is nothing to learn there, and its sign is settled for encoder, decoder, handcrafted codes and transfer alike.

# %%
for start in (0.3, -0.3, -17.0):
    primary = torch.zeros(11)
    primary[0] = start
    print(f"encoder says {start:5.1f} -> the writer is {IMAGE.normalize(primary)[0]:+.0f}")

# %% [markdown]
# ## Where the paper leaves a choice
#
# - **Eq. (1)** gives negative coordinates a negative deviation. Here: $\lvert l \rvert$, always. The paper names no values: `mu` and `sigma_min` are arguments.
# - Its symbols wander: the factor $\mu$ of the text is called `L` in the appendix.
# - **A mixed code** is resampled in the appendix, not in Eq. (4); neither normalizes it again. See [chapter 7](07_interpolation.ipynb).
# - **Eq. (5)** drops the related coordinate's sign, not the others'; the appendix keeps all, on the *primary* latent. Here the reverse, on the normalized code: `absolute=True, positive=True`.
# - **Average codes** are normalized before or after averaging? Here both.
# - **"VAE"**: noise but no KL term, so in a wide sense only.
# - **The writer's sign** is not mentioned. Here: $+1$.

# %% [markdown]
# ## What to remember
#
# - A code is a form with a box per category: 16 = 6 + 10 for voices, 11 = 1 + 10 for images. Equal names make boxes exchangeable.
# - Each box is brought to length 1 on its own, so all boxes are equally loud and none depends on another. Only direction counts.
# - Resampling turns a code into a cloud of deviation $\mu \lvert l \rvert + \sigma_{\min}$. Without the bars, negative coordinates get the wrong width.
# - Orthogonal is not opposite. Right angles can be mixed, read one by one, and written by hand.
# - A category of one dimension is $\pm 1$ without a gradient. Fix its sign.

# %% [markdown]
# ## Exercises
#
# ### Exercise 1: three boxes with a pencil
#
# A space has the categories `a` (2 dimensions), `b` (2) and `writer` (1). An encoder says $(3, 4 \mid 5, -12 \mid -2)$. Write down the code that the library makes of it, as a list of five numbers. Fractions such as `5 / 13` are welcome.

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
# The lengths are $\sqrt{9 + 16} = 5$ and $\sqrt{25 + 144} = 13$. The lone writer is +1, whatever the encoder says.
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
# Speakers count from 0, so the fourth has the index 3. The digit nine is the last of ten places.
#
# </details>

# %% [markdown]
# ### Exercise 3: the coordinate that stands still
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
# The deviation $0.2\,l + 0.05$ is 0 at $l = -\sigma_{\min} / \mu = -0.25$. In the figure of the trap, that is where the dashed line crosses zero.
#
# </details>

# %% [markdown]
# ### Exercise 4: break it, by taking Eq. (1) at its word
#
# Write `literal`, which resamples a code exactly as printed. Then draw 300 points around $(-0.8, 0.6)$ with $\mu = 0.25$ and $\sigma_{\min} = 0.2$:
#
# `plots.circle([{"as printed": literal(torch.tensor([[-0.8, 0.6]]), 0.25, 0.2, torch.randn(300, 2))}])`
#
# Expected picture: no cloud but an upright line of dots at $-0.8$. The first coordinate has lost all its noise, the second one has plenty. The library's `resample` gives a round-ish cloud there.


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
# Four directions that are as far apart as possible have the cosine $-1/3$, each with each. Make them: four rows of length 1, in any number of dimensions.

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
# - [Reconstruction and sparsity](06_reconstruction_and_sparsity.ipynb): the first two terms of the loss.
# - [Disentanglement](08_disentanglement.ipynb): the loss that brings codes to their axes.
# - [Max M % normalization](04_max_m_normalization.ipynb): what happens to a signal before it becomes a code.
# - [Notation](notation.md): all symbols in one place.
