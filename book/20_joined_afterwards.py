# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Joined afterwards
#
# Placed codes need an agreement before any training: digit 3 is the fourth coordinate, here and there. Suppose nobody agreed on anything. One laboratory has an encoder of voices, another one of images, both are trained and finished. Can they still be made to fit?
#
# ![Block diagram of the whole system: voice model, image model and training. Lit here: the digit blocks of both codes, and a crossing that is found afterwards.](_static/spine/joined_afterwards.svg)
#
# Three papers say yes, if some pairs of items that belong together are given. (They come from the group of the second author of our main paper.) This chapter builds all three ways, and compares them with placed codes on the same data, with the same judge.

# %% [markdown]
# **Time:** 35 minutes to read, 30 seconds to run.
#
# **Needs:** [Searching with a voice](19_searching_with_a_voice.ipynb) for the turned space, [One object, many appearances](03_one_object_many_appearances.ipynb) for autoencoders.

# %% [markdown]
# ## Goals
#
# After this chapter you can
#
# - compute relative coordinates, and say which changes of a space they ignore;
# - fit a rotation, a matrix and a shrunk matrix between two spaces from pairs, in closed form;
# - search with sparse relative coordinates, without any training;
# - say what a pair tells beyond its label, and test it against a rival that uses the label alone;
# - decide when to place codes and when to join spaces afterwards.

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
from torch.nn import functional as F

from olc_lib import checks, data, metrics, plots, relative, runs
from olc_lib.ledger import claims, experiments, joined_claims
from olc_lib.systems import joined

# %% [markdown]
# ## Two encoders that never met
#
# The run holds four small encoders. Two learned **without labels**: variational autoencoders, one of log-mel pictures of voices, one of images. Two learned **with labels**: classifiers, whose code is what their last layer reads, brought to length 1. Voices have codes of 24 numbers, images of 16.

# %%
trained = runs.load(run, "joined", quiet=True)
kinds = {kind: joined.encoders(kind, trained.models) for kind in joined.KINDS}
both = {kind: joined.encoded(by, trained.settings, "test") for kind, by in kinds.items()}
for kind, (known, held) in both.items():
    print(f"{kind:15} training codes {tuple(known.voice.shape)} and {tuple(known.image.shape)}, ", end="")
    print(f"held-out codes {tuple(held.voice.shape)} and {tuple(held.image.shape)}")

# %% [markdown]
# Here are the held-out codes, each space seen along its two longest axes. With labels, both encoders have made a cluster of each digit; where a cluster lies is an accident of that training. Without labels the digits overlap.


# %%
def seen(codes):
    """Codes along the two directions in which they vary most."""
    centred = codes - codes.mean(0)
    return centred @ torch.linalg.svd(centred, full_matrices=False)[2][:2].T


# %% mystnb={"image": {"alt": "Four maps of points drawn as digits. Above, codes learned without labels: of voices and of images, digits overlap widely. Below, codes learned with labels: every digit has a bunch of its own, at different places in the voices' map and in the images' map."}}
maps, digits, titles = [], [], []
for kind, (_, held) in both.items():
    maps += [seen(held.voice), seen(held.image[:120])]
    digits += [held.digit, held.shelf_digit[:120]]
    titles += [f"voices, {kind}", f"images, {kind}"]
figure = plots.places(maps, digits, titles)

# %% [markdown]
# ## Anchors
#
# What joins them are **anchors**: pairs of a clip and an image of which somebody says that they belong together. We draw 50, five of each digit. A clip of a seven gets *some* seven; nobody recorded how a writer sounds.

# %%
count, seed = trained.settings.anchors, trained.settings.seed
pairs = {kind: known.pairs(count, seed) for kind, (known, _) in both.items()}
voices, images = data.voices(trained.settings.voices, "train"), data.images(trained.settings.images, "train")
clips, pictures = joined.draw_pairs(voices.digit, both["with labels"][0].image_digit, count, seed)

# %% mystnb={"image": {"alt": "Two rows of ten pictures. Above, log-mel pictures of spoken digits zero to nine; below, a handwritten image of the same digit under each."}}
rows = torch.arange(0, count, count // 10)
sound = trained.spectrogram(voices.waves[clips[rows]], voices.lengths[clips[rows]])
figure = plots.mosaic([list(sound), list(both["with labels"][0].images[pictures[rows]])], ["clip", "image"])

# %% [markdown]
# ## Relative coordinates
#
# Moschella et al. (2023) describe each code only by its directions relative to the anchors: the cosine with the first, with the second, and so on. Fifty anchors give fifty numbers, whatever the space. A voice and an image then have coordinates of the same meaning: "how near to pair 1, to pair 2, …".


# %%
def coordinates(codes, anchors):
    """Cosines of every code with every anchor."""
    return F.normalize(codes, dim=1) @ F.normalize(anchors, dim=1).T


held, anchor = both["with labels"][1], pairs["with labels"]
there = coordinates(held.voice, anchor.voice)
difference = (there - relative.relative(held.voice, anchor.voice)).abs().max()
print(f"largest difference from the library's: {difference:.4f}")

# %% [markdown]
# Turn the space, mirror it, make it larger: the coordinates stay the same. Move it, and they change.

# %%
turn = torch.linalg.qr(torch.randn(24, 24, generator=torch.Generator().manual_seed(0)))[0]
for name, change in (("turned", lambda x: x @ turn), ("larger", lambda x: 3 * x), ("moved", lambda x: x + 2)):
    moved = coordinates(change(held.voice), change(anchor.voice))
    print(f"{name:7} largest change of a coordinate {(moved - there).abs().max():.2f}")

# %% [markdown]
# If two trainings differed only by a rotation, we would be done. Look at one spoken and one written three:

# %% mystnb={"image": {"alt": "Two panels of fifty coordinates for a spoken and a written three. With labels both curves rise to nearly 1 over the five anchors of the three and stay low elsewhere, each in its own way. Without labels the voice's curve is high nearly everywhere, and the two do not resemble each other."}}
figure, axes = plt.subplots(1, 2, figsize=(9.5, 2.6), sharey=True, layout="constrained")
for axis, (kind, (_, held)) in zip(axes, both.items(), strict=True):
    a, b = int((held.digit == 3).nonzero()[0]), int((held.shelf_digit == 3).nonzero()[0])
    axis.plot(coordinates(held.voice[[a]], pairs[kind].voice)[0], color=plots.COLOURS[0], label="voice")
    axis.plot(coordinates(held.image[[b]], pairs[kind].image)[0], "--", color=plots.COLOURS[1], label="image")
    axis.axvspan(15, 19, color="grey", alpha=0.2)
    axis.set(title=kind, xlabel="anchor (shaded: threes)")
axes[0].set_ylabel("cosine")
axes[1].legend(frameon=False)
plt.show()

# %% [markdown]
# To draw from relative coordinates, a decoder is trained on those of *images*: from the cosines of an image with the image anchors back to the image. Then it is given the cosines of a *voice* with the voice anchors. It was never trained on one.
#
# A shift changes the cosines, and each space has its own shift. So the library first moves the mean of the anchors to 0 on both sides. Moschella et al. do not; on validation data it was a little better (the experiment *joined-trials*).

# %% mystnb={"image": {"alt": "Two rows of ten pictures drawn for the spoken digits zero to nine. Without labels most of them are the same blurred shape. With labels they are blurred digits, most of them the right ones."}}
some = [int((held.digit == d).nonzero()[4]) for d in range(10)]
drawings = {}
for kind, name in joined.KINDS.items():
    held = both[kind][1]
    place = joined.join("relative", held.voice, held.image, pairs[kind], trained.settings.options)
    decoder = trained.models[f"relative_{name}"]
    drawings[kind] = joined.drawn("relative", place, held.shelf, None, decoder)[some]
figure = plots.mosaic([list(p) for p in drawings.values()], list(drawings), columns=[str(d) for d in range(10)])

# %% [markdown]
# ## Translation
#
# A decoder of relative coordinates has to be trained for its anchors. Maiorca et al. (2023) leave every decoder as it is and translate the codes: from a voice's code to the code of an image. First both sets of anchors are **scaled**, so that every coordinate has mean 0 and deviation 1. Then a matrix is fitted.
#
# The most cautious matrix is a rotation (or a mirroring). It has a closed form, the Procrustes problem of [chapter 19](19_searching_with_a_voice.ipynb): decompose the product of the two sets of anchors, and leave the stretching out. Codes of 16 numbers get eight zeros first, to have 24 as well.

# %%
held, anchor = both["with labels"][1], pairs["with labels"]
x, y = (a - a.mean(0) for a in (anchor.voice, anchor.image))
x, y = x / x.std(0, correction=0), F.pad(y / y.std(0, correction=0), (0, 8))
left, stretch, right = torch.linalg.svd(x.T @ y)
rotation = left @ right
library = relative.procrustes(anchor.voice, anchor.image).matrix
print(f"largest difference from the library's: {(rotation[:, :16] - library).abs().max():.2f}")

# %% [markdown]
# **Least squares** allows any matrix; with fewer anchors than coordinates, many matrices fit exactly, and the smallest is taken. **Affine** is meant to be any matrix plus a constant. But anchors that are scaled have mean 0 on both sides, so the best constant is 0: least squares is affine already. The paper fits its affine map by gradient descent, which stops while the matrix is small; we get the same restraint in closed form, by a penalty on large entries (*ridge regression*).

# %%
print(inspect.getsource(relative.affine).split('"""')[-1])

# %%
for name in ("procrustes", "least_squares", "affine"):
    fit = getattr(relative, name)(anchor.voice, anchor.image)
    fitted, fresh = (fit(codes) for codes in (anchor.voice, held.voice))
    goal = torch.stack([anchor.image[anchor.digit == d].mean(0) for d in held.digit])
    print(f"{name:14} size of the matrix {fit.matrix.norm():4.1f}, error on its anchors "
          f"{(fitted - anchor.image).square().mean().sqrt():.2f}, "
          f"new voices to the mean image code of the digit {(fresh - goal).square().mean().sqrt():.2f}")  # fmt: skip

# %% [markdown]
# ## Without training: ASIF
#
# Norelli et al. (2023) train nothing. A code keeps its few largest relative coordinates, raised to a power so that the nearest anchors count most; all others become 0. Two items match if they are near to the same pairs. That gives a search, and only a search: for a voice it fetches an existing image.

# %%
near, power = 10, trained.settings.options.power
query, shelf = (relative.asif(c, a, near, power) for c, a in ((held.voice, anchor.voice), (held.image, anchor.image)))
kept = query[some[7]].nonzero()[:, 0]
print("a spoken seven is near to pairs of", " ".join(str(int(d)) for d in anchor.digit[kept]))
found = (query @ shelf.T).argmax(1)
print(f"right digit fetched: {metrics.accuracy(held.shelf_digit[found], held.digit):.0f} %")

# %% [markdown]
# ## What a pair says
#
# Our pairs were drawn by label. Then all that a pair tells is its label. So here is a plain rival that uses nothing else. **Class means**: for each digit take the mean of the voice anchors; find the nearest mean; draw the mean of the image anchors of that digit. A join that does not beat this has not used the spaces it joined.

# %%
names = {"relative": "relative coordinates", "procrustes": "Procrustes", "least_squares": "least squares",
         "affine": "affine", "asif": "ASIF (fetches)", "class_means": "class means"}  # fmt: skip


def pictures_of(kind, way):
    """What a way makes of every held-out voice, and how it scores."""
    held, decoder = both[kind][1], trained.models[f"relative_{joined.KINDS[kind]}"]
    place = joined.join(way, held.voice, held.image, pairs[kind], trained.settings.options)
    made = joined.drawn(way, place, held.shelf, kinds[kind].draw, decoder)
    return made, joined.score(made, place, held)


# %%
made = {(kind, way): pictures_of(kind, way) for kind in kinds for way in names}
for way, name in names.items():
    scores = [made[kind, way][1]["digit"] for kind in kinds]
    print(f"{name:22} drawn right: " + ", ".join(f"{kind} {s:3.0f} %" for kind, s in zip(kinds, scores, strict=True)))

# %% mystnb={"image": {"alt": "Two blocks of six rows and ten columns of pictures for the ten spoken digits. Without labels every row shows blurred shapes or wrong digits. With labels most pictures show the right digit; the rows that draw are blurred alike, and only the images that ASIF fetches are crisp."}}
for kind in kinds:
    rows = [list(made[kind, way][0][some]) for way in names]
    figure = plots.mosaic(rows, list(names.values()), columns=[str(d) for d in range(10)], size=0.7)
    figure.suptitle(kind)
    plt.show()

# %% [markdown]
# ## On real voices and real handwriting
#
# The embedded voices are synthetic, and this was one training. The table below is FSDD and MNIST: encoders trained anew for every seed, joined by 10, 50 and 300 pairs, read by the image classifier of the run `slim`. **Placed** are the two encoders of that run. They are joined in the same ways, for comparison, and in their own: drop the speaker, and no pair is needed. Their encoders stay the same in every repetition; only pairs and relative decoders change.

# %% [markdown]
# What each has been told:
#
# | | labels in training | pairs |
# |---|---|---|
# | without labels | none | 10, 50 or 300: as many labels of each domain |
# | with labels | digits of 2,400 clips and of 55,000 images | the same, from the labels they have |
# | placed | the same, and who speaks; and in which *place* each class belongs | none |
#
# So with labels and placed codes have the same budget of digits, and differ by the order of ten names. They differ in training as well: the placed encoders are those of `slim`, trained for about eighteen processor minutes, the others for about two.

# %% tags=["hide-input"]
measured = experiments.read("joined")
found = {kind: measured[kind] for kind in (*joined.KINDS, "placed")}


def cell(kind, way, count, key="digit"):
    """Mean over the trainings, of one way."""
    return experiments.interval(experiments.values(found[kind], f"{way}/{count}/{key}"))[0]


rows = []
for way, name in names.items():
    rows.append([name, *(" / ".join(f"{cell(kind, way, n):.0f}" for n in (10, 50, 300)) for kind in found)])
rows.append(["dropping the speaker, no pairs", "", "", f"{cell('placed', 'drop', 0):.0f}"])
HTML(claims.table(["drawn right, %, with 10 / 50 / 300 pairs", *found], rows))

# %%
for kind, records in found.items():
    about = {key: experiments.interval(experiments.values(records, key))[0]
             for key in ("voice_probe", "image_probe", "own")}  # fmt: skip
    print(f"{kind:15} seeds: {len(records)}; a linear probe reads {about['voice_probe']:.0f} % of voices and "
          f"{about['image_probe']:.0f} % of images; images redrawn from their own code {about['own']:.0f} % right")  # fmt: skip

# %%
for kind in found:
    score, way = max((cell(kind, way, 300), way) for way in names if way != "class_means")
    print(f"{kind}: the best join of 300 pairs is {names[way]}, {score:.0f} % drawn right; "
          f"class means {cell(kind, 'class_means', 300):.0f} %")  # fmt: skip
for way in ("relative", "procrustes", "affine"):
    print(f"with labels, {names[way]}: drawn right {cell('with labels', way, 300):.0f} %, "
          f"mean average precision of a search {cell('with labels', way, 300, 'search'):.0f} %")  # fmt: skip

# %% [markdown]
# So without labels they fit half at best here: the best join is right in 58 %, plain class means in 48 %. With labels, ASIF and class means do as well as placed codes do without a pair; the other ways have lower means. The last lines tell where it fails. A search only compares: which image is nearest? It forgives coordinates that are a little off, and does well. A decoder gets the same coordinates, a little off, and it has seen none but those of images.

# %% [markdown]
# Right is one thing; what is drawn is another. A mean image is read right and is the same every time. So for each way that draws, with 300 pairs: how many are right, and how different are the right pictures of one digit from each other?

# %% mystnb={"image": {"alt": "Diversity of the pictures read right against percent read right, one point for each way and kind of encoders. A dashed line marks the diversity of real images; ASIF, which fetches them, lies near it. Most other points of encoders with labels and of placed codes lie to the right and far below it, class means at 0. Without labels no point lies beyond about 60 %."}}
figure, axis = plt.subplots(figsize=(7, 3.4), layout="constrained")
for k, kind in enumerate(found):
    ways = [*names, "drop"] if kind == "placed" else list(names)
    for way in ways:
        point = [cell(kind, way, 0 if way == "drop" else 300, key) for key in ("digit", "diversity_right")]
        axis.plot(*point, "os^"[k], color=plots.COLOURS[k], label=kind if way == ways[0] else None)
        axis.annotate(
            names.get(way, "drop").split(" (")[0].split(" coo")[0],
            point,
            fontsize=7,
            xytext=(3, 3),
            textcoords="offset points",
        )
real = experiments.values(found["with labels"], "real_diversity")[0]
axis.axhline(real, color="grey", ls="--", lw=1)
axis.set(xlabel="drawn right, %", ylabel="diversity of right pictures", xlim=(0, 104), ylim=(0, 0.36))
axis.legend(frameon=False, loc="upper left")
plt.show()

# %% [markdown]
# ## Verdicts
#
# The rules are older than these results; that coordinates start at the anchors' mean is not (one test cell had been seen). `python -m olc_lib measure joined` repeats them; [The ledger](ledger.ipynb) shows every interval.

# %%
judged = [(claim.text, claim.verdict()[1], claim.rule) for claim in joined_claims.CLAIMS]
HTML(claims.table(["claim", "verdict", "rule"], judged))

# %%
for claim in joined_claims.CLAIMS[:2] + joined_claims.CLAIMS[3:4]:
    text, verdict = claim.verdict()
    print(f"{claim.text}\n{verdict.capitalize()}. {text}\n")

# %% [markdown]
# ## Why labels help, and what they cost
#
# A classifier that is trained long enough, with a softmax that is not too sharp, does something that its loss does not ask for: its class means move as far apart as they can, all at the same angle, and single items move to the mean of their class. This is known as *neural collapse* (Papyan, Han & Donoho 2020). Two such classifiers end in the same arrangement up to a rotation, whatever their inputs are. A rotation is what relative coordinates ignore, and what Procrustes undoes.

# %%
for side in ("voice", "image"):
    for kind, (_, on) in both.items():
        codes, digit = getattr(on, side), on.digit if side == "voice" else on.shelf_digit
        means = torch.stack([codes[digit == d].mean(0) for d in range(10)])
        centred = F.normalize(means - means.mean(0), dim=1)
        angles = (centred @ centred.T)[~torch.eye(10, dtype=torch.bool)]
        print(f"{side}s, {kind:15} cosine between class means {angles.mean():+.2f}, deviation {angles.std():.2f}")

# %% [markdown]
# Ten directions at equal angles have cosines of −1/9 = −0.11 with no deviation. The smaller the deviation, the more alike two spaces are. Codes without labels deviate two to four times as much. Codes with labels have not collapsed completely, either (0.15 and 0.21, not 0), and so a rotation does not fit exactly.
#
# The cost is in the second half of *collapse*: how a digit was written leaves the code, and what is drawn is near a mean of its class. Placed codes have the same cost, and for the same reason. Their arrangement is fixed in advance, so nothing is left to be rotated.

# %% [markdown]
# ## An open question
#
# Our pairs say no more than a label, because nobody wrote a digit *while* saying it. Suppose a loud voice went with a thick pen. How many such pairs would a join need before loudness arrives as thickness, and would encoders with labels still know either? No corpus of this kind is known to us. You could make one: give every MNIST digit a width, and every clip a level.

# %% [markdown]
# ## What to remember
#
# - Relative coordinates are cosines with anchors. They ignore rotations and scales; a shift changes them.
# - Rotation, least squares and a shrunk matrix have closed forms. After scaling, least squares needs no constant.
# - ASIF trains nothing and fetches what exists; it does not draw.
# - A pair drawn by label says no more than the label: always print the rival that uses the label alone.
# - Encoders with labels can be joined in part: classifiers arrange classes nearly alike. What crosses is near a class mean.
# - Placing agrees on that arrangement in advance, by ten names in one order, and needs no pair.

# %% [markdown]
# ## Exercises
#
# ### Exercise 1: by hand
#
# A code is $(3, 4)$, the anchors are $(1, 0)$ and $(0, 2)$. What are its relative coordinates?

# %% tags=["exercise"]
coordinates_by_hand = None
checks.relative_by_hand(coordinates_by_hand)

# %% [markdown]
# <details><summary>Solution</summary>
#
# The code has length 5. Cosines: $3 / 5$ and $4 \cdot 2 / (5 \cdot 2)$.
#
# ```python
# coordinates_by_hand = [0.6, 0.8]
# checks.relative_by_hand(coordinates_by_hand)
# ```
#
# </details>

# %% [markdown]
# ### Exercise 2: a rotation from pairs
#
# Write `best_rotation(source, target)` for two sets of centred anchors `[K, D]`: the matrix without stretching that brings the first nearest to the second. If the target is three times as large, the matrix stays the same.


# %% tags=["exercise"]
def best_rotation(source, target):
    return None


checks.rotation_between(best_rotation)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def best_rotation(source, target):
#     left, _, right = torch.linalg.svd(source.T @ target)
#     return left @ right
#
#
# checks.rotation_between(best_rotation)
# ```
#
# </details>

# %% [markdown]
# ### Exercise 3: count the labels
#
# Encoders without labels are joined by 300 pairs drawn by label. How many labels were given, on both sides together? And how many more labels do placed codes need to cross over, once they are trained?

# %% tags=["exercise"]
without_labels, placed = None, None
checks.labels_counted(without_labels, placed)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# without_labels, placed = 600, 0
# checks.labels_counted(without_labels, placed)
# ```
#
# The comparison is not quite fair to either: placed codes were told 57,400 digits before. If all you have is 300 labels in each domain, look at the table again: without labels in training, ASIF is ahead of class means.
#
# </details>

# %% [markdown]
# ### Exercise 4: break it
#
# Open-ended. Spoil the pairs, and see which way breaks first: give a share of the clips an image of another digit; take all anchors from five digits only; take the same anchor fifty times. `joined.Pairs` holds three tensors that you can change, and `pictures_of` uses whatever stands in `pairs`. Write down a guess for each way before you run it.

# %% [markdown]
# ## Where next
#
# - [A voice never heard before](21_a_voice_never_heard.ipynb): what placed codes make of a stranger.
# - [Beside other systems](24_beside_other_systems.ipynb): systems that learn from pairs from the start.
