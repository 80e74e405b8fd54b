# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # The image VAE
#
# The book's second model reads handwriting and writes it. Its ten layers are those of the voice model, its loss is the same, and its task is easier. That leaves room to look at what it *cannot* do: encode ten sevens by ten hands, and it returns ten nearly equal sevens.
#
# ![Block diagram of the whole system: voice model, image model and training. Lit here: the image model.](_static/spine/the_image_vae.svg)
#
# This chapter explains why, measures the cost, and shows which of the design choices matter.
#
# **Time:** 30 minutes to read, 30 seconds to run.
#
# **Needs:** [Codes with categories](06_codes_with_categories.ipynb), [The injection schedule](10_the_injection_schedule.ipynb), [The voice VAE](12_the_voice_vae.ipynb).

# %% [markdown]
# ## Goals
#
# After this chapter you can
#
# - follow a picture of 28 × 28 through Table 6 and find its narrowest layer before the code;
# - say what 800 "iterations" are in steps and in epochs, and why the difference is a matter of days;
# - show why a training cannot choose the writer's sign;
# - say why reconstructions look typical, and put a number on the cost of a placed code;
# - read a table of choices measured over seeds, and say what perfect and dead codes score.

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
import copy

import matplotlib.pyplot as plt
import torch
from IPython.display import HTML

from olc_lib import block_metrics, checks, data, metrics, objective, paper, plots, runs
from olc_lib.latent import IMAGE
from olc_lib.ledger import claims, experiments, paper_experiments
from olc_lib.networks import conv_lengths, scale_layers
from olc_lib.reading import batched, read_digits
from olc_lib.systems import placed

# %%
trained = runs.load(run)
slim = runs.load("slim", quiet=True)  # the same models, trained on MNIST
images, training = (data.images(trained.settings.images, split) for split in ("test", "train"))
print(images)

# %% [markdown]
# ## Ten layers, again
#
# Table 6 of the paper (Solhjoo & Rodolà) lists ten convolution layers. In [the voice VAE](12_the_voice_vae.ipynb) they read pictures of 32 × 32. Handwriting has 28 × 28. By hand: L1 gives $\lfloor (28 + 2 - 7) / 2 \rfloor + 1 = 12$, L2 gives $12 + 2 - 5 + 1 = 10$, and all others keep the 10.
#
# How many *numbers* leave each layer? Channels times side times side.

# %%
sides, layers = conv_lengths(paper.IMAGE_LAYERS, 28), paper.IMAGE_LAYERS
numbers = [28 * 28]
for layer, side in zip(layers, sides[1:], strict=True):
    numbers.append(layer.channels * side**2)
names = ["input"] + [f"L{k}" for k in range(1, 11)]
for name, side, count in zip(names, sides, numbers, strict=True):
    print(f"{name:6} {side:3} x {side:<3} {count:8,} numbers")
print(f"{'code':6} {'':9} {IMAGE.dim:8,}")

# %% mystnb={"image": {"alt": "Numbers that pass through each layer on a logarithmic scale: 784 in the input, a jump to 146 thousand after L1, then down in steps to 1,500 after L10, 11 in the code, and the mirror image on the way out."}}
through = numbers + [IMAGE.dim] + numbers[::-1]
names = names + ["code"] + [f"L{k}" for k in range(10, 0, -1)] + ["out"]
figure, axis = plt.subplots(figsize=(7.2, 2.6), layout="constrained")
colours = [plots.COLOURS[1 if name == "code" else 0] for name in names]
axis.bar(range(len(through)), through, color=colours)
axis.set(yscale="log", xlabel="layer", ylabel="numbers", ylim=(5, None))
axis.set_xticks(range(len(names)), names, fontsize=7)
plt.show()

# %% [markdown]
# L1 expands the picture almost two hundredfold; the other layers reduce it step by step, to 15 channels at the end. These 15 matter when you shrink the network. At a sixteenth of the width, L10 would have *one* channel, and everything would have to pass through it before the code begins. The library therefore keeps at least 16 channels, or what the table has.

# %%
for narrowest in (1, 16):
    channels = [layer.channels for layer in scale_layers(layers, 1 / 16, narrowest)]
    left = channels[-1] * sides[-1] ** 2
    print(f"at least {narrowest:2}: {channels}, {left:,} numbers after L10")

# %% [markdown]
# After L10 a fully connected layer makes 11 numbers, 1 for the writer and 10 for the digit, and each category is brought to length 1. The decoder is the mirror. Only L1 has a stride, so only its mirror needs an `output_padding`.
#
# ## Tables 7, 8 and 9
#
# Importance $I$, injection $M$ and balancing $B$ work as for the voice (chapters [10](10_the_injection_schedule.ipynb) and [11](11_balancing.ipynb)).

# %%
how = trained.settings.image
here = placed.schedule("image", how)
print("                  I   printed (Table 8)   in this run's", how.steps, "steps")
for term, (start, stop) in paper.IMAGE_INJECTION.items():
    weight, (first, last) = paper.IMAGE_IMPORTANCE[term], here[term]
    print(f"{term:15} {weight:4.2f}   {start:5} to {stop:5}   {first:12.0f} to {last:.0f}")
print("B, largest term first:", paper.IMAGE_BALANCE)

# %% [markdown]
# The writer has importance 0: there is only one, so nothing has to be separated. In Equation 2 a term of weight 0 adds nothing to numerator or denominator. But could it take a place in the *sorting* by size, and so change the factor $B$ of the others? In the library it is sorted last.

# %%
terms = {"reconstruction": 0.2, "sparsity": 0.1, "interpolation": 0.2, "writer": 0.5, "digit": 0.7}
terms = {name: torch.tensor(value) for name, value in terms.items()}
tables = paper.IMAGE_IMPORTANCE, paper.IMAGE_INJECTION, paper.IMAGE_BALANCE
with_writer, record = objective.total(terms, 800, *tables)
without, _ = objective.total({name: terms[name] for name in terms if name != "writer"}, 800, *tables)
print(f"total with the writer {with_writer:.4f}, without {without:.4f}")
print("B of each term:", {name: f"{record[f'{name}/B']:.1f}" for name in terms})

# %% [markdown]
# So the fifth factor, 0.2, never reaches a term that counts. What are the weights at the end of a training? Each term's share of the total weight, $B M I$ over the sum of all $B M I$:

# %%
values, weights = trained.history["image"], {}
for term in ("reconstruction", "sparsity", "interpolation", "digit"):
    weights[term] = 1.0
    for factor in "BMI":
        weights[term] *= float(values[f"{term}/{factor}"][-1])
for term, weight in weights.items():
    print(f"{term:15} {100 * weight / sum(weights.values()):3.0f} % of the weight")

# %% [markdown]
# ## Steps or epochs?
#
# The paper trains this model for 800 *iterations* (Table 8). An iteration may be a **step**, one update on one batch, or an **epoch**, one pass over all training pictures. Neither batch size nor learning rate is given. Assume batches of 64 and MNIST's 55,000 training pictures (5,000 are kept for validation):

# %%
batch, pictures = 64, 55_000
per_epoch = pictures // batch
print(f"one epoch is {per_epoch} steps")
print(f"800 steps are {800 / per_epoch:.2f} epochs: {800 * batch:,} pictures in all")
print(f"800 epochs are {800 * per_epoch:,} steps")

# %% [markdown]
# How long would each take? The next cell counts the multiply-adds of the encoder for one picture, at full width. The decoder runs twice, and gradients cost about twice the forward pass. Assume that a laptop's graphics card such as the authors' (Table 1) does $2 \cdot 10^{12}$ multiply-adds a second. That is a guess, good for orders of magnitude.

# %%
channels = [1] + [layer.channels for layer in layers]
once = 0
for before, layer, side in zip(channels, layers, sides[1:], strict=False):
    once += before * layer.channels * layer.kernel**2 * side**2
seconds = batch * 3 * 3 * once / 2e12
print(f"{once:,} multiply-adds for one picture")
print(f"800 steps: about {800 * seconds / 60:.0f} minutes")
print(f"800 epochs: about {800 * per_epoch * seconds / 3600:.0f} hours")

# %% [markdown]
# The pseudo-code in the appendix draws *one batch* in every turn of its loop over iterations. The authors also report more than 100 models trained for the voice, and a similar search for the images; at days apiece that would take very long. So this book reads *step*.
#
# It then uses the tables by their *shares*: sparsity after half of the training, disentanglement after three fifths. `objective.compress` scales them to the steps at hand.

# %% [markdown]
# ## The writer
#
# The paper treats all digits as written by one writer. (MNIST's files name no writers; QMNIST has since traced its digits back to them (Yadav & Bottou 2019), so a writer category of more than one dimension could be learned.) The first number of a code stands for this one writer. [Chapter 6](06_codes_with_categories.ipynb) showed why a category of one dimension cannot be learned: brought to length 1 it is $+1$ or $-1$, with no gradient between them. In this library it is $+1$ by construction. What would the decoder draw for other values?

# %% mystnb={"image": {"alt": "Five rows of the ten handcrafted digits, with the writer at 1, 0.5, 0, minus 0.5 and minus 1. The upper rows are clear digits; lower down strokes thicken, break and blur until most are unreadable."}}
levels = (1.0, 0.5, 0.0, -0.5, -1.0)
crafted = torch.stack([IMAGE.handcrafted(digit=d) for d in range(10)])
sheets = []
for level in levels:
    changed = crafted.clone()
    changed[:, 0] = level
    sheets.append(batched(trained.image.decode, changed))
figure = plots.pictures(torch.cat(sheets), size=0.6, rows=[f"writer {level:g}" for level in levels])

# %%
for level, sheet in zip(levels, sheets, strict=True):
    right = int((read_digits(trained.image_classifier, sheet) == torch.arange(10)).sum())
    print(f"writer {level:4.1f}: the judge reads {right:2} of 10")

# %% [markdown]
# (The **judge** is a classifier trained on real handwriting; it never saw a drawing.)
#
# In training the decoder saw values near 1 only: resampling, Equation 1, adds noise of deviation $\mu \cdot 1 + \sigma_\text{min}$, a tenth in these runs. It draws well near 1, tolerates somewhat more, and fails far away.
#
# Could a training have ended with the other sign? Change the sign of the decoder's weights for the first number, and compare.

# %%
mirrored = copy.deepcopy(trained.image)
with torch.no_grad():
    mirrored.decoder[0].weight[:, 0] *= -1  # one column for each number of the code
opposite = crafted.clone()
opposite[:, 0] = -1
gap = batched(mirrored.decode, opposite) - batched(trained.image.decode, crafted)
print(f"largest difference between the drawings: {gap.abs().max():.1g}")

# %% [markdown]
# The mirrored decoder draws for $-1$ what the real one draws for $+1$. Every loss is the same, at every step: a model that ended with $-1$ is *exactly as good*, and training cannot prefer either. As printed, chance decides. With the other outcome, the paper's way from a voice to an image ("insert a high value, about 1", section 3.3) would draw the last row above.
#
# The authors' Figure 8 shows a high value in the first dimension, so it did not happen to them.

# %% [markdown]
# ## The history of a run

# %% mystnb={"image": {"alt": "Four terms of the image model over its training with three grey lines at injections. Reconstruction falls to about 0.1, then jumps up when the digit term starts near 1.7 and falls towards 0.6."}}
drawn = ["reconstruction", "sparsity", "interpolation", "digit"]
figure = plots.history(trained.history["image"], drawn)
for term in ("sparsity", "interpolation", "digit"):
    figure.axes[0].axvline(here[term][0], color="grey", linewidth=0.8)

# %% [markdown]
# The grey lines mark sparsity, interpolation and digit. For three fifths of the time the network only learns to draw. Then the digit term comes in, and the drawing gets worse at once. By how much?

# %%
for name, loaded in ((run, trained), ("slim", slim)):
    schedule = placed.schedule("image", loaded.settings.image)
    start, stop = (int(x) for x in schedule["digit"])
    for term in drawn[:3]:
        values = loaded.history["image"][term]
        before, after = values[start - 20 : start].nanmean(), values[stop : stop + 20].mean()
        print(f"{name:8} {term:15} before {before:.2f}, after {after:.2f}, ", end="")
        print(f"at the end {values[-20:].mean():.2f}")

# %% [markdown]
# It does not recover. Before, the ten numbers of the digit block were *free*: the network used them for whatever helps to draw, such as slant, width and thickness. Afterwards they are *placed*: they say which digit it is. The difference is the cost of a placed code. How does it look?
#
# ## Figure 7: reconstructions
#
# The first test picture of each digit, and below it what the model redraws.

# %% mystnb={"image": {"alt": "Two rows of ten digits. Above, real handwriting with its quirks; below, the same digits redrawn, rounder, softer, and more regular."}}
wanted = batched(trained.image.normalize, images.pixels)
codes = batched(trained.image.encode, images.pixels)
redrawn = batched(trained.image.decode, codes)
first = [int((images.digit == d).nonzero()[0]) for d in range(10)]
pair = torch.cat([wanted[first], redrawn[first]])
figure = plots.pictures(pair, size=0.7, rows=["original", "redrawn"])

# %% [markdown]
# The redrawn digits are legible and too regular. This is plain when all originals are of one digit:

# %% mystnb={"image": {"alt": "Two rows. Above, ten handwritten sevens: upright, slanted, with and without a bar. Below, their reconstructions: ten nearly equal sevens."}}
sevens = (images.digit == 7).nonzero()[:10, 0]
pair = torch.cat([wanted[sevens], redrawn[sevens]])
figure = plots.pictures(pair, size=0.7, rows=["original", "redrawn"])

# %%
share = metrics.accuracy(read_digits(trained.image_classifier, redrawn), images.digit)
print(f"the judge reads {share:.0f} % of the redrawn pictures right")
print(f"two pictures of one digit differ by {metrics.diversity(wanted, images.digit):.2f} (root mean square),")
print(f"two redrawn ones by {metrics.diversity(redrawn, images.digit):.2f}")

# %% [markdown]
# The digit is right, and much of the handwriting is gone. There are two reasons.
#
# **Geometry.** A digit block has ten numbers but length 1: it is a *direction*, a point on a sphere. Equation 5 draws all sevens to the same point, the axis of the seven. Slant would need another direction, and every other direction has an *unrelated coordinate*, which the loss penalizes.

# %% [markdown]
# **Noise.** A small deviation remains. By hand: if the own coordinate is 0.99, the other nine together have length $\sqrt{1 - 0.99^2} = 0.14$. Resampling adds to each of the nine a deviation of about $\sigma_\text{min}$; with 0.05 that makes a length of $\sqrt{9 \cdot 0.05^2} = 0.15$. What is left of style is as small as the noise.

# %%
box = IMAGE.split(codes)["digit"]
own = box.gather(1, images.digit[:, None])[:, 0]
rest = (1 - own.square()).clamp_min(0).sqrt()
print(f"own coordinate: median {own.median():.2f}; length of the nine others: median {rest.median():.2f}")
print(f"length of the noise on nine coordinates: {3 * trained.settings.sigma_min:.2f}")

# %% [markdown]
# There is also no incentive to keep style. The reconstruction term would be one, but a decoder that sees one code for many pictures does best by drawing one picture between them ([chapter 7](07_reconstruction_and_sparsity.ipynb) says which), and with the weights above that is cheaper than a violation of Equation 5.
#
# ## The price in numbers
#
# Compare the root mean square error of these drawings with three others:
#
# - one picture for everything: the mean of all training pictures;
# - one picture for every digit: ten class means;
# - the best linear code of $k$ *free* numbers: the first $k$ principal components, the directions in which training pictures vary most.


# %%
def error(pictures):
    """Root mean square difference from the test pictures."""
    return (pictures - wanted).square().mean().sqrt().item()


known = batched(trained.image.normalize, training.pixels)
class_means = torch.stack([known[training.digit == d].mean(0) for d in range(10)])
centre = known.mean(0).flatten()
axes = torch.linalg.svd(known.flatten(1) - centre, full_matrices=False)[2]


def free(k):
    """Test pictures, redrawn from their first k principal components."""
    return (centre + (wanted.flatten(1) - centre) @ axes[:k].T @ axes[:k]).view_as(wanted)


# %%
print(f"one mean for everything: {error(known.mean(0)):.3f}")
print(f"a mean for each digit:   {error(class_means[images.digit]):.3f}")
print(f"this model, ten placed:  {error(redrawn):.3f}")
for k in (2, 5, 10):
    print(f"{k:2} free numbers:         {error(free(k)):.3f}")

# %% mystnb={"image": {"alt": "Three rows of ten sevens: originals; the model's reconstructions, all alike; and drawings from ten free numbers, which follow slant and width of each original, with grey ghosts around them."}}
rows = ["original", "ten placed", "ten free"]
figure = plots.pictures(torch.cat([wanted[sevens], redrawn[sevens], free(10)[sevens]]), size=0.7, rows=rows)

# %% [markdown]
# By this error, ten free numbers draw better than ten placed ones, without any network; the last row follows slant and width.
#
# A sceptic may ask: *isn't this just a classifier plus ten pictures?* Compare the lines. The model's error is close to that of *a mean for each digit*. What it has beyond ten pictures is small.

# %% [markdown]
# But free numbers cannot be read: no coordinate says *seven*, and no code can be written by hand. A placed code gives up the handwriting to make the digit readable. (A code can have [free dimensions](36_ten_different_sevens.ipynb) beside the placed ones. The paper has none.)

# %% [markdown]
# ## Figure 8: average codes
#
# The average code of each digit, the writer in the first column.

# %% mystnb={"image": {"alt": "Heat map of average image codes: ten rows for digits, eleven columns. The first column, the writer, is 1 everywhere; the diagonal of the rest is near 1, all else near 0."}}
ten, writer = [str(d) for d in range(10)], torch.ones(10, 1)
averages = torch.cat([writer, trained.arrays["image_digit"]], dim=1)
figure = plots.heat(averages, ten, ["writer", *ten], "coordinate", f"digit, {run}")

# %% mystnb={"image": {"alt": "The same heat map for the run slim on MNIST: writer 1, diagonal near 1, the rest nearly 0."}}
averages = torch.cat([writer, slim.arrays["image_digit"]], dim=1)
figure = plots.heat(averages, ten, ["writer", *ten], "coordinate", "digit, slim")

# %%
for name, loaded in ((run, trained), ("slim", slim)):
    found = loaded.results["metrics"]
    print(f"{name}: {found['image_digit']:.1f} % read right,", end=" ")
    print(f"mean absolute cosine {found['image_digit_cosine']:.3f},")
    print(f"   error {found['image_rms']:.3f}, handcrafted codes read: {found['handcrafted']} of 10")

# %% [markdown]
# The paper calls its codes "almost orthogonal" and shows a picture, no number. Here the mean absolute cosine is near 0, where random directions have 0.25.
#
# ## What are good numbers?
#
# Before comparing choices, look at six codes of which you know everything: the share of digits read right, the mean absolute cosine of the class averages, and what a linear probe ([chapter 12](12_the_voice_vae.ipynb)) reads.

# %%
digit = torch.arange(400) % 10
generator = torch.Generator().manual_seed(0)
made_up = {
    "perfect": torch.eye(10)[digit],
    "dead: one code for all": torch.ones(400, 10) / 10**0.5,
    "upside down": -torch.eye(10)[digit],
    "exchanged: d at d + 1": torch.eye(10)[(digit + 1) % 10],
    "a random code a digit": torch.randn(10, 10, generator=generator)[digit],
    "a random code an item": torch.randn(400, 10, generator=generator),
}
for name, code in made_up.items():
    cosine = metrics.mean_abs_cosine(metrics.class_means(code, digit, 10))
    probe = block_metrics.probe(code[:200], digit[:200], code[200:], digit[200:])
    read = metrics.accuracy(code.argmax(1), digit)
    print(f"{name:24} read {read:3.0f} %, cosine {cosine:.2f}, probe {probe:3.0f} %")

# %% [markdown]
# Three numbers, three questions. *Read*: are the classes in the right places? *Cosine*: are they at right angles? *Probe*: is the information there at all? *Upside down* and *exchanged* are as orthogonal and as informative as a perfect code, and useless to anyone who writes codes by hand. A low cosine alone proves little.
#
# For drawings: a dead decoder's error is that of one mean for everything, and at most one of its ten handcrafted drawings is read right.

# %% [markdown]
# ## Which choices matter?
#
# The ledger has short trainings of this model on MNIST, *as built* and with one thing changed, five of each:
#
# | row | what is changed |
# |---|---|
# | without balancing | every $B$ is 1 ([chapter 11](11_balancing.ipynb)) |
# | without ramps | terms are switched on at once ([chapter 10](10_the_injection_schedule.ipynb)) |
# | all terms from the start | no injection schedule |
# | related coordinate as printed, signed maximum | the bars in Equation 5 ([chapter 9](09_disentanglement.ipynb)) |
# | root mean square | in place of the largest unrelated coordinate |
# | norms as sums | as printed, not per pixel ([chapter 7](07_reconstruction_and_sparsity.ipynb)) |
# | no inner normalization | no batch normalization |
# | no resampling | $\mu = \sigma_\text{min} = 0$ ([chapter 6](06_codes_with_categories.ipynb)) |
# | divided by ... | rivals of Max M % ([chapter 5](05_max_m_normalization.ipynb)) |

# %%
print(paper_experiments.SHORT["image"])
keys = {"digit": 1, "digit_cosine": 3, "rms": 3, "handcrafted": 1}
headings = ["", "seeds", "digits read right (%)", "cosine", "error", "handcrafted, of 10"]
HTML(claims.table(headings, claims.effects("image", keys)))

# %% [markdown]
# Each number is the mean over seeds; the brackets hold the 95 % interval of its difference from the first row, seed by seed. An interval that contains 0 settles nothing. By chance alone one interval in twenty misses 0, and this table has dozens. [The ledger](ledger.ipynb) counts them all.
#
# Another rule of normalization gives pictures another *scale*, so the **error** of the last two rows cannot be compared with the rest. Below, each seed is a dot.

# %% mystnb={"image": {"alt": "Two columns of dots, a row for every choice, a dot for every seed: digits read right on the left, mean absolute cosine on the right. The choices that hurt stand apart from the others."}}
found = experiments.read("image")
arms = [arm for arm in paper_experiments.EXPERIMENTS["image"].arms if arm in found]
height = 0.8 + 0.25 * len(arms)
figure, panels = plt.subplots(1, 2, figsize=(8.6, height), sharey=True, layout="constrained")
columns = {"digit": "digits read right (%)", "digit_cosine": "mean absolute cosine"}
for axis, (key, title) in zip(panels, columns.items(), strict=True):
    for row, arm in enumerate(arms):
        dots = experiments.values(found[arm], key)
        axis.plot(dots, [row] * len(dots), "o", color=plots.COLOURS[0], alpha=0.6, markersize=5)
    axis.set(xlabel=title)
    axis.grid(axis="x", linewidth=0.3)
panels[0].set_yticks(range(len(arms)), arms)
panels[0].invert_yaxis()
plt.show()

# %% [markdown]
# *Signed maximum* lets codes point away from the axes: look at its cosine. *Related coordinate as printed* puts about half of the digits upside down: look at the handcrafted codes, and at the cell below. *Norms as sums* draws best and reads next to nothing: the sparsity term, 784 times as large, outweighs the digits. *All terms from the start* reads more digits than *as built* and draws with a larger error: the schedule trades one for the other. Everything as printed *at once* reads at chance (one training, [chapter 22](22_does_width_matter.ipynb)). All verdicts: [the ledger](ledger.ipynb).

# %%
for arm in ("related coordinate as printed", "signed maximum"):
    for key in ("digit_upside_down", "digit_own"):
        seeds = [f"{value:.2f}" for value in experiments.values(found.get(arm, []), key)]
        print(f"{arm}, {key}, one number a seed:", seeds or "not measured yet")

# %% [markdown]
# ## Where this model leaves the paper
#
# - **Batch normalization** between the layers: a row of the table above.
# - **The writer** is $+1$ by construction.
# - **Steps**, not epochs, and the printed schedule by its shares.
# - **Width** a sixteenth in the small runs.
# - **The bars** in Equation 5; $\lvert l \rvert$ in the deviation of Equation 1.
# - **Augmentation** for the few hundred embedded pictures only (`jitter`).
# - **Not given in the paper:** batch size, optimizer, learning rate, the M of Max M %, $\mu$, $\sigma_\text{min}$.
#
# ## An open question
#
# Equation 5 keeps penalizing a code whose digit is already clear. With a margin, a loss that stops there, a digit block could keep small deviations for style. How large may they grow before handcrafted codes and the transfer from voices fail?

# %% [markdown]
# ## What to remember
#
# - Table 6 expands the picture, then reduces it to 15 channels before the code. Do not scale those down.
# - 800 iterations are less than one pass over MNIST, if they are steps of 64 pictures.
# - Training cannot choose the writer's sign. Fix it.
# - A placed code is a direction near an axis; style has no place in it, and noise covers what is left. Reconstructions show the typical digit.
# - Ten free numbers draw better than ten placed ones, and nobody can read them.
# - Cosine, accuracy and probe answer three different questions.

# %% [markdown]
# ## Exercises
#
# ### Exercise 1: 800 of what?
#
# By hand: a data set has 60,000 pictures, a batch 100. How many epochs are 800 steps? How many steps are 800 epochs? And if disentanglement starts at iteration 480 of 800, at which step does it start in a training of 5,000 steps, by its share (to the nearest ten)?

# %% tags=["exercise"]
epochs, steps, start = None, None, None
checks.image_vae_iterations(epochs, steps, start)

# %% [markdown]
# <details>
# <summary>Solution</summary>
#
# ```python
# epochs, steps, start = 800 / 600, 800 * 600, 480 / 800 * 5000
# checks.image_vae_iterations(epochs, steps, start)
# ```
#
# 1.33 epochs, 480,000 steps, step 3,000. (`objective.compress` counts from 1 and says 2,998.)
#
# </details>

# %% [markdown]
# ### Exercise 2: what is a placed code worth?
#
# How many *free* numbers draw as well as this model's ten placed ones? Find the smallest `k` for which `error(free(k))` is no larger than `error(redrawn)`.

# %% tags=["exercise"]
k = None
checks.image_vae_worth(k, free, error, redrawn)

# %% [markdown]
# <details>
# <summary>Solution</summary>
#
# ```python
# k = next(k for k in range(1, 785) if error(free(k)) <= error(redrawn))
# print(k)
# checks.image_vae_worth(k, free, error, redrawn)
# ```
#
# A handful. To store pictures, a placed code is a poor choice.
#
# </details>

# %% [markdown]
# ### Exercise 3: break the cosine
#
# Make codes `[400, 10]` for the labels `digit` whose class averages are orthogonal (cosine below 0.01) and from which a probe reads everything, yet *no* digit is read right, and no code is upside down: all coordinates are 0 or larger.

# %% tags=["exercise"]
fake = torch.ones(400, 10)
checks.image_vae_fake(fake, digit)

# %% [markdown]
# <details>
# <summary>Solution</summary>
#
# ```python
# fake = torch.eye(10)[(digit + 3) % 10]
# checks.image_vae_fake(fake, digit)
# ```
#
# Any permutation of the places without a fixed point will do; only labels say which place is the seven's.
#
# </details>

# %% [markdown]
# ### Exercise 4: break the writer
#
# Write `turned(vae)`: a copy of an image model whose decoder was trained with the writer at $-1$, as it were, and is otherwise just as good. Then let it draw the handcrafted codes, whose writer is $+1$.
#
# Expected picture: the last row of the figure in *The writer*, from a model without any fault in its training.


# %% tags=["exercise"]
def turned(vae):
    return vae


checks.image_vae_turned(turned, trained.image)

# %% [markdown]
# <details>
# <summary>Solution</summary>
#
# ```python
# def turned(vae):
#     other = copy.deepcopy(vae)
#     with torch.no_grad():
#         other.decoder[0].weight[:, 0] *= -1
#     return other
#
#
# figure = plots.pictures(batched(turned(trained.image).decode, crafted), size=0.6)
# checks.image_vae_turned(turned, trained.image)
# ```
#
# Handcrafted codes and transfer from voices fail, although every loss is the same.
#
# </details>

# %% [markdown]
# ## Where next
#
# - [Handcrafted codes](15_handcrafted_codes.ipynb): what else can be written by hand.
# - [Voice to image](16_voice_to_image.ipynb): where the writer's sign decides.
# - [The ledger](ledger.ipynb): all claims of the paper and their verdicts.
