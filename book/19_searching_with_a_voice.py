# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Searching with a voice
#
# Here is a shelf of handwritten digits. Nobody has labelled them. Say "three", and all the threes come to the front, though the network that hears you has never seen a picture, and the one that looks has never heard a sound. The paper names search engines as a use of its codes, in half a sentence, and does not build one (Solhjoo & Rodolà, section 1). It takes one line. Then come the harder questions: how good is it, what does it really rank, and what can it never find?
#
# ![Block diagram of the whole system: voice model, image model and training. Lit here: the digit blocks of both codes.](_static/spine/searching_with_a_voice.svg)
#
# **Time:** 35 minutes to read, 30 seconds to run.
#
# **Needs:** [Codes with categories](06_codes_with_categories.ipynb) for blocks and cosines, [Six directions](17_six_directions.ipynb) for the three ways in.

# %% [markdown]
# ## Goals
#
# After this chapter you can
# - search pictures with a voice, voices with a drawing, and either with text;
# - compute precision at k and average precision by hand, and say what chance would give;
# - explain why two models that were trained apart can share a shelf, and what breaks if their axes are not placed;
# - use an unsure query, and mix and weigh queries;
# - name what such a search cannot find.

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
from IPython.display import HTML, Audio
from torch.nn import functional as F

from olc_lib import checks, data, metrics, plots, runs, widgets
from olc_lib.latent import IMAGE, VOICE
from olc_lib.ledger import claims, experiments
from olc_lib.reading import batched
from olc_lib.systems import placed

# %%
trained = runs.load(run)
slim = runs.load("slim").results["metrics"]
voices, images = placed.corpora(trained.settings, "test")

# %% [markdown]
# ## The index
#
# To search you first make an **index**: run every picture through the image encoder once, and keep its digit block, ten numbers of length 1. The pictures' labels are not used; we keep them in a drawer, to mark the results later.

# %%
sound = trained.spectrogram(voices.waves, voices.lengths)
drawn = IMAGE.split(batched(trained.image.encode, images.pixels))["digit"]
spoken = VOICE.split(batched(trained.voice.encode, sound))["digit"]
print(f"index of {len(drawn)} pictures: {drawn.numel():,} numbers, instead of {images.pixels.numel():,} pixels")

# %% [markdown]
# ## Images by voice
#
# Now the query. Listen:

# %%
query = int(((voices.speaker == 2) & (voices.digit == 3)).nonzero()[0])
Audio(voices.waves[query, : voices.lengths[query]].numpy(), rate=data.RATE)

# %% [markdown]
# How well does a picture answer it? By the **cosine** between the two blocks: 1 if they point the same way, 0 at a right angle. Both have length 1, so it is the sum of ten products. This line is the search engine:

# %%
cosine = spoken[query] @ drawn.T
best = cosine.argsort(descending=True)

# %% mystnb={"image": {"alt": "A row of nine pictures: the log-mel picture of the spoken query, then the eight best answers with their cosines, all close to 1. All eight are handwritten threes."}}
row = [sound[query], *images.pixels[best[:8]]]
figure = plots.mosaic([row], columns=["said", *(f"{cosine[i]:.3f}" for i in best[:8])])

# %% [markdown]
# ## Voices by drawing
#
# The other way round is the same line with the roles exchanged: the shelf is full of recordings, and you draw a digit.

# %%
shown = int((images.digit == 6).nonzero()[3])
echo = drawn[shown] @ spoken.T
loudest = echo.argsort(descending=True)

# %% mystnb={"image": {"alt": "A handwritten six, then the log-mel pictures of the eight best recordings with the names of their speakers and their digit, all of them 6."}}
row = [images.pixels[shown], *sound[loudest[:8]]]
names = [f"{voices.speakers[voices.speaker[i]]}: {voices.digit[i]}" for i in loudest[:8]]
figure = plots.mosaic([row], columns=["drawn", *names])

# %%
first = loudest[0]
Audio(voices.waves[first, : voices.lengths[first]].numpy(), rate=data.RATE)

# %% [markdown]
# Try other queries. Each page of the little book below is a query, one for every digit, said by the six speakers in turn; beside it stand the best answers.

# %% tags=["nbval-ignore-output"]
pages, labels = [], []
for d in range(10):
    q = int(((voices.speaker == d % 6) & (voices.digit == d)).nonzero()[-1])
    found = (spoken[q] @ drawn.T).topk(10)
    row = [sound[q], *images.pixels[found.indices]]
    pages.append(plots.page(plots.mosaic([row], columns=["said", *(f"{c:.2f}" for c in found.values)], size=0.8), 70))
    labels.append(f"{voices.speakers[voices.speaker[q]]} says {d}")
widgets.flip_pages(pages, labels, "query")

# %% [markdown]
# A text is a query, too. With a kernel, change it and run the cell again.

# %% mystnb={"image": {"alt": "The ten best answers to a typed query for the digit five: ten handwritten fives."}}
text = "1-0000010000"
wanted = IMAGE.split(IMAGE.from_text(text))["digit"]
figure = plots.pictures(images.pixels[(wanted @ drawn.T).topk(10).indices])

# %% [markdown]
# ## How good is a ranking?
#
# Now we open the drawer. An answer is *right* if its label is the digit that was said. The simplest score is **precision at k**: the share of right ones among the first $k$ answers.

# %%
right = images.digit[best] == voices.digit[query]
total = int(right.sum())
for k in (1, 10, total, 2 * total):
    print(f"precision at {k:2}: {100 * right[:k].float().mean():.0f} %")
print(f"right answers on the shelf: {total} of {len(right)}, so a blind draw has {100 * total / len(right):.0f} %")

# %% [markdown]
# It depends on $k$; look at the last line but one, where the shelf simply had no more threes. A single number for the whole ranking is **average precision**. Walk down the list. At every *right* answer, write down the precision so far. Take the mean.
#
# By hand: right, wrong, right, right, wrong. The right answers stand in places 1, 3 and 4. Precision so far: $1/1$, $2/3$, $3/4$. Mean: $(1 + 0.667 + 0.75)/3 = 0.806$.

# %%
angle = torch.deg2rad(torch.tensor([5.0, 10.0, 20.0, 40.0, 80.0]))  # five items, ever further from the query
items = torch.stack([angle.cos(), angle.sin()], dim=1)
label = torch.tensor([1, 0, 1, 1, 0])
score = metrics.mean_average_precision(torch.tensor([[1.0, 0.0]]), torch.tensor([1]), items, label)
print(f"average precision {score:.1f} %")

# %% [markdown]
# All right ones first gives 100 %. A blind ranking gives about the share of right ones, here a tenth (a little more on a short list). The mean over many queries is **mean average precision**, mAP (Manning, Raghavan & Schütze 2008, *Introduction to Information Retrieval*, section 8.4).
#
# We have three kinds of queries and two shelves. A query must not find itself, so within a domain one half of the items asks and the other half answers.

# %%
typed, ten, half = torch.eye(10), torch.arange(10), slice(None, None, 2)
other = slice(1, None, 2)
asking = {"said": (spoken, voices.digit), "drawn": (drawn, images.digit), "typed": (typed, ten)}
shelves = {"said": (spoken, voices.digit), "drawn": (drawn, images.digit)}
for name, (queries, digit) in asking.items():
    for shelf, (answers, labels) in shelves.items():
        a, b = (half, other) if name == shelf else (slice(None), slice(None))
        score = metrics.mean_average_precision(queries[a], digit[a], answers[b], labels[b])
        print(f"{name:5} finds {shelf:5}: mAP {score:5.1f} %")

# %%
print(f"slim, {slim['voices']} voices and {slim['images']:,} pictures:")
print(f"said  finds drawn: mAP {slim['search_images']:5.1f} %   (voice codes right {slim['voice_digit']:.1f} %)")
print(f"drawn finds said : mAP {slim['search_voices']:5.1f} %   (image codes right {slim['image_digit']:.1f} %)")

# %% [markdown]
# Typed queries are never wrong, so what they miss, if anything, is the shelf's fault: pictures (or words) whose own code points the wrong way. What spoken queries miss beyond that is the fault of queries. For `slim`, compare each score with its bracket: a search is about as good as the codes of its queries.
#
# A mean can hide a disaster. So the whole distribution as well: how many queries get a flawless ranking, and how bad is the worst?


# %%
def each(queries, digit):
    """Average precision of every query on the shelf of pictures, in percent."""
    scores = [
        metrics.mean_average_precision(queries[[i]], digit[[i]], drawn, images.digit) for i in range(len(queries))
    ]
    return torch.tensor(scores)


ap = each(spoken, voices.digit)
low, high = metrics.wilson(100 * (ap > 99.999).float().mean().item(), len(ap))
print(f"flawless: {int((ap > 99.999).sum())} of {len(ap)} queries ({low:.0f} to {high:.0f} %); worst {ap.min():.1f} %")

# %% [markdown]
# The paper proposes the use and measures nothing.
#
# ## What it does not rank
#
# A ranking invites you to think that the first answer is the one most *like* your query. Is it? Take all clips of one digit, by six people, and look at their top tens together.

# %%
firsts = (spoken @ drawn.T).topk(10).indices
for digit in (0, 3, 7):
    mine = firsts[voices.digit == digit]
    often = mine.flatten().bincount().max()
    print(f"{len(mine)} clips say {digit}: {len(mine.unique())} different pictures in all their top tens, "
          f"the favourite stands in {int(often)}; on the shelf: {int((images.digit == digit).sum())}")  # fmt: skip

# %% [markdown]
# If all clips agreed, they would show ten pictures; if their lists had nothing in common, nearly the whole shelf of that digit. The number lies in between, and some pictures stand in every list. The way you said it influences which pictures fill the other places, through the small deviations from the axis. But nothing in training gave these deviations the same meaning in both models. So, roughly, the order within the right answers means "how surely is this a three". First the best, then the last of the right ones:

# %% mystnb={"image": {"alt": "Two rows of nine threes. Above, the best answers, plain and clear. Below, the last right ones: odd, slanted or broken threes, with lower cosines."}}
threes = best[right]
rows = [list(images.pixels[threes[:9]]), list(images.pixels[threes[-9:].flip(0)])]
figure = plots.mosaic(rows, ["first", "last"])
print(f"cosines of the lower row: {cosine[threes[-1]]:.2f} to {cosine[threes[-9]]:.2f}")

# %% [markdown]
# ## Two words at once
#
# Codes can be mixed ([chapter 8](08_interpolation.ipynb)). Say two digits and add their blocks: the query points halfway between two axes. A clear item of either digit is 45° away from it. What is *nearer* than that is a bit of both.


# %%
def spoken_word(digit, speaker=0):
    """The digit block of one spoken clip."""
    return spoken[int(((voices.speaker == speaker) & (voices.digit == digit)).nonzero()[0])]


def between(a, b):
    """Pictures nearest to the middle of two spoken digits, with their cosines."""
    return (F.normalize(spoken_word(a) + spoken_word(b), dim=0) @ drawn.T).topk(8)


# %% mystnb={"image": {"alt": "Three rows of eight handwritten digits that look ambiguous: between three and eight, between four and nine, between five and nine."}}
mixes = ((3, 8), (4, 9), (5, 9))
rows = [list(images.pixels[between(a, b).indices]) for a, b in mixes]
figure = plots.mosaic(rows, [f"{a} + {b}" for a, b in mixes])
for a, b in mixes:
    digits = " ".join(str(int(d)) for d in images.digit[between(a, b).indices])
    print(f"{a} + {b}: labels {digits}; best cosine {between(a, b).values[0]:.2f} (45 degrees: 0.71)")

# %% [markdown]
# Two spoken words find the doubtful pictures, and the printed labels say which they are. A pure digit comes only after them, since it hardly gets above 0.71.
#
# ## Why no joint training was needed
#
# Systems that search across domains usually learn a common space from *pairs*: this caption belongs to that photograph. Here nothing was paired, and the two models never met. Which property of the codes makes this possible? Is it that they are orthogonal?

# %% [markdown]
# Test it. Turn all voice codes by one random rotation of the ten-dimensional space. Turned codes are as orthogonal as before; all cosines *among voices* stay the same. A voice model whose axes had fallen anywhere would look like this.

# %%
generator = torch.Generator().manual_seed(0)
turn = torch.linalg.qr(torch.randn(10, 10, generator=generator))[0]
turned = spoken @ turn
for name, codes in (("as placed", spoken), ("turned", turned)):
    within = metrics.mean_average_precision(codes[half], voices.digit[half], codes[other], voices.digit[other])
    across = metrics.mean_average_precision(codes, voices.digit, drawn, images.digit)
    cosines = metrics.mean_abs_cosine(metrics.class_means(codes, voices.digit, 10))
    print(f"{name:10} mean absolute cosine {cosines:.2f}; voices find voices {within:5.1f} %, images {across:5.1f} %")

# %% [markdown]
# The turned codes are as orthogonal as before and find voices as well as before, but they no longer find images. So orthogonality keeps classes apart, but it is the **placing** that makes two models fit: digit 3 in the fourth place, here and there. It came from labels, written in the same order on both sides. That is a kind of joint training after all: what the two models share is not pairs but a *convention*.

# %% [markdown]
# And if the axes are not placed? Then you need a dictionary. Ten pairs will do, one clip and one picture of each digit. The best rotation from one list to the other has a closed form (the orthogonal *Procrustes* problem): multiply the two lists, take the product apart by a singular value decomposition (`svd`: rotation, stretching, rotation), and leave out the stretching. Few pairs do not determine the rotation in every direction; a hundredth of the identity matrix, added to the product, leaves the other directions as they are.

# %%
clips = [int((voices.digit == d).nonzero()[0]) for d in range(10)]
partners = [int((images.digit == d).nonzero()[0]) for d in range(10)]
for count in (2, 5, 10):
    product = turned[clips[:count]].T @ drawn[partners[:count]]
    u, _, v = torch.linalg.svd(product + 0.01 * torch.eye(10))
    score = metrics.mean_average_precision(turned @ u @ v, voices.digit, drawn, images.digit)
    print(f"turned back with {count:2} pairs: mAP {score:3.0f} %")

# %% [markdown]
# With all ten digits in the dictionary the search is back. With fewer, the missing axes stay where they were. (The rotation needs no labels, only pairs. But whoever makes the pairs must know that both items show the same digit.)
#
# ## An unsure query
#
# On this clean corpus hardly a query is unsure. So add white noise, louder and louder ([chapter 16](16_voice_to_image.ipynb) did it once). `snr` is the level of the word above the noise, in decibels.


# %%
def in_noise(snr):
    """Digit blocks of all test clips with white noise, so many decibels below the word."""
    grain = torch.randn(voices.waves.shape, generator=torch.Generator().manual_seed(1))
    inside = torch.arange(data.SAMPLES) < voices.lengths[:, None]
    power = voices.waves.square().sum(1) / voices.lengths
    noisy = voices.waves + grain * inside * (power / 10 ** (snr / 10)).sqrt()[:, None]
    return VOICE.split(batched(trained.voice.encode, trained.spectrogram(noisy, voices.lengths)))["digit"]


def margin(block):
    """How far the largest coordinate is ahead of the second."""
    value = block.topk(2, dim=1).values
    return value[:, 0] - value[:, 1]


# %%
levels = (30, 20, 15, 10)
noisy = {snr: in_noise(snr) for snr in levels}
for snr, block in noisy.items():
    hit = metrics.accuracy(block.argmax(1), voices.digit)
    score = metrics.mean_average_precision(block, voices.digit, drawn, images.digit)
    sure = margin(block).mean()
    print(f"{snr:2} dB: largest coordinate right {hit:3.0f} %, mAP {score:3.0f} %, mean margin {sure:.2f}")

# %% mystnb={"image": {"alt": "Average precision against margin, one dot per noisy query. Dots with a margin above one half lie at the top; with small margins they scatter from top to bottom."}}
figure, axis = plt.subplots(figsize=(6.4, 3), layout="constrained")
for k, snr in enumerate((20, 15, 10)):
    style = {"marker": "os^"[k], "color": plots.COLOURS[k], "alpha": 0.6, "label": f"{snr} dB"}
    axis.scatter(margin(noisy[snr]), each(noisy[snr], voices.digit), s=14, **style)
axis.set(xlabel="margin of the query", ylabel="average precision, %", xlim=(0, 1.05))
axis.legend(frameon=False)
plt.show()

# %% [markdown]
# The margin can be read *before* anything is searched, and it warns you. Above a half, the ranking is nearly always good; below, it may be anything, and near zero most of all. A good interface would ask back: "did you say five or nine?" [Chapter 21](21_a_voice_never_heard.ipynb) makes this into a rule.
#
# Should an unsure query be snapped to the nearest pure digit, as chapter 16 did before drawing? That depends on whether its largest coordinate is the right one, which nobody knows in advance:

# %%
for snr in (15, 10):
    heard_right = noisy[snr].argmax(1) == voices.digit
    for name, rows in (("right", heard_right), ("wrong", ~heard_right)):
        if rows.any():
            both = [b[rows] for b in (noisy[snr], typed[noisy[snr].argmax(1)])]
            scores = [metrics.mean_average_precision(b, voices.digit[rows], drawn, images.digit) for b in both]
            print(f"{snr} dB, {int(rows.sum()):3} {name}: as it is {scores[0]:3.0f} %, snapped {scores[1]:3.0f} %")

# %% [markdown]
# Where the encoder was right, snapping gains a little: half-and-half queries pull half-and-half pictures forward, as you saw above, and a snapped one does not. Where the encoder was wrong, a snapped query has lost its second guess, and the right pictures are no nearer than all others. As it is, they often come second: late, but not last.
#
# A drawing has to show one digit. A list does not, so a search can use the unsure code as it is.

# %% [markdown]
# ## Whose voice, which word?
#
# A voice has a second block. Search voices by voice with the *speaker* block, and you find the same person saying anything; with the digit block, anybody saying the same. With both, weighted, you choose. The shelf is now the training clips, which hold every combination several times.

# %%
shelf = data.voices(trained.settings.voices, "train")
stored = VOICE.split(batched(trained.voice.encode, trained.spectrogram(shelf.waves, shelf.lengths)))
asked = VOICE.split(batched(trained.voice.encode, sound))
same_word, same_voice = (
    getattr(voices, name)[:, None] == getattr(shelf, name)[None] for name in ("digit", "speaker")
)  # [queries, shelf]

# %%
weights, curves = torch.linspace(0, 1, 11), []
for weight in weights:
    closeness = (1 - weight) * asked["digit"] @ stored["digit"].T + weight * asked["speaker"] @ stored["speaker"].T
    top = closeness.topk(5).indices
    curves.append([100 * hit.gather(1, top).float().mean() for hit in (same_word, same_voice, same_word & same_voice)])

# %% mystnb={"image": {"alt": "Precision at 5 against the weight of the speaker block, three curves: same word, same voice, both. At weight 0 the word is right and the voice often not, at weight 1 the reverse; both curves start or end well above chance; in between all three are high."}}
figure, axis = plt.subplots(figsize=(6.4, 2.8), layout="constrained")
for k, name in enumerate(("same word", "same voice", "both")):
    axis.plot(weights, [c[k] for c in curves], ("-", "--", ":")[k], marker="os^"[k], color=plots.COLOURS[k], label=name)
axis.set(xlabel="weight of the speaker block", ylabel="precision at 5, %", ylim=(0, 105))
axis.legend(frameon=False)
plt.show()

# %% [markdown]
# This is what *categories* are good for. In one common code for everything, "like this" has a single meaning. With blocks you can say in which respect, and a small share of the other block is enough.
#
# Now look at the two ends. With the digit block alone, the voice should be right by chance; with the speaker block alone, the word.

# %%
chance = [100 * hit.float().mean() for hit in (same_word, same_voice)]
print(f"digit block alone:   same voice {curves[0][1]:3.0f} %, by chance {chance[1]:.0f} %")
print(f"speaker block alone: same word  {curves[-1][0]:3.0f} %, by chance {chance[0]:.0f} %")

# %% [markdown]
# Both are far above chance. Among clips of the same word, the very *nearest* are often by the same person: their small deviations from the axis agree. It is the leak of [chapter 17](17_six_directions.ipynb) and a ranking brings it out, because it depends on the smallest differences. A list "ordered by digit alone" tells more than the digit. (This page measures one small training; chapters 17 and 16 repeat leak and noise on people's voices.)
#
# And what has no block cannot be *asked* for: a hurried three, a Scottish one, an eleven.

# %% [markdown]
# ## A million pictures
#
# The product compares a query with every picture, so its time grows with the shelf. Search engines avoid that by a second kind of index, over the codes. An **inverted file** sorts the codes into cells beforehand and looks into the eight nearest. **HNSW** (Malkov & Yashunin 2020) links each code with near ones and walks along the links. Both may miss an answer.

# %% [markdown]
# FAISS has both. 300 spoken digits of FSDD ask. The shelf holds the codes of the 70,000 pictures of MNIST, most from its training, made by `slim`, or a million codes: those and artificial ones. To make an artificial code, we move a picture a little and add the change of its code to the real code of another picture of the same digit. *Found* is how many of the true ten nearest are returned, *right* how many answers show the spoken digit. Times are of one processor core; *times faster* is a median over rounds. (`pip install -e ".[search]"`, then `python -m olc_lib measure search`.)

# %% tags=["hide-input"]
searched = experiments.read("search")["spoken digits"]
kinds = {"product": "plain product", "flat": "FAISS, compares all", "ivf": "inverted file", "hnsw": "HNSW"}
rows = []
for size in (70_000, 1_000_000):
    for kind, name in kinds.items():
        keys = ("recall", "right", "each_ms", "faster", "build", "mib")
        found, right, each_ms, faster, build, mib = (
            sum(experiments.values(searched, f"{size}/{kind}/{key}")) / len(searched) for key in keys
        )
        row = [f"{size:,}", name, f"{found:.0f} %", f"{right:.0f} %", f"{each_ms:.2f}", f"{faster:.1f}"]
        rows.append([*row, f"{build:.1f}", f"{mib:.0f}"])
titles = ["codes", "way", "found", "right", "ms a query", "times faster", "s to build", "MiB"]
HTML(claims.table(titles, rows))

# %% [markdown]
# With 70,000 pictures the one line above is fast enough for any reader of this page. With a million, an index is worth its memory. What it misses does no harm here: among thousands of nearly equal threes, another three is as good. So for class-like codes, *found* is too strict a score, and *right* the one that counts.

# %% [markdown]
# ## Where the paper leaves a choice
#
# - **The search itself.** The paper only names it. Here: cosine of digit blocks, the plainest choice for codes of length 1.
# - **What is stored.** Codes as the encoder gives them. Snapped ones would take four bits an item, and have nothing to rank by.
# - **The score.** Not given. Here mean average precision, with ties sharing a place, so that a dead code (the same for every item) gets the share of its class.

# %% [markdown]
# ## An open question
#
# A search by placed codes can only ask for what has a block. A person who says "a seven like this one" asks for a manner, which nobody has labelled. Which coordinates, free of any category, would let a voice ask for a manner of writing, and how would one measure that the answer was right?

# %% [markdown]
# ## What to remember
#
# - Search by code is one product: digit blocks of the queries times those of the shelf.
# - Average precision: the mean of the precisions at the right answers. Chance gives the share of the class.
# - The order says, roughly, how *surely* an item is of the class, not how like your query it is.
# - Orthogonal is not enough: the axes must be placed alike, or turned back with a pair of each class.
# - An index pays off near a million codes.
# - The margin warns in advance. An unsure query, left unsnapped, finds its second guess.
# - Blocks let you choose in which respect things are alike. What has no block cannot be asked for.

# %% [markdown]
# ## Exercises
#
# ### Exercise 1: average precision by hand
#
# A ranking goes: wrong, right, right, wrong, right. There are no other right items. Compute (a) precision at 3, (b) average precision, both between 0 and 1.

# %% tags=["exercise"]
at_three, average = None, None
checks.search_by_hand(at_three, average)

# %% [markdown]
# <details>
# <summary>Solution</summary>
#
# ```python
# at_three, average = 2 / 3, (1 / 2 + 2 / 3 + 3 / 5) / 3
# checks.search_by_hand(at_three, average)
# ```
#
# 0.667 and 0.589. One wrong answer in front costs more than one further down.
#
# </details>

# %% [markdown]
# ### Exercise 2: precision at k for all queries
#
# Write `precision(queries, query_label, items, item_label, k)`: mean precision at `k` over all queries, in percent. Then compute it for `spoken` on the shelf `drawn` with `k = 5`.


# %% tags=["exercise"]
def precision(queries, query_label, items, item_label, k):
    return None


checks.search_precision(precision)

# %% [markdown]
# <details>
# <summary>Solution</summary>
#
# ```python
# def precision(queries, query_label, items, item_label, k):
#     cosine = F.normalize(queries, dim=1) @ F.normalize(items, dim=1).T
#     found = item_label[cosine.topk(k, dim=1).indices]
#     return 100 * (found == query_label[:, None]).double().mean().item()
#
#
# print(precision(spoken, voices.digit, drawn, images.digit, 5))
# checks.search_precision(precision)
# ```
#
# The normalizations do nothing for our blocks, and everything for codes of other lengths.
#
# </details>

# %% [markdown]
# ### Exercise 3: but not
#
# Search for nines, and keep sevens away: put a query of ten numbers into `but_not`. With it, a clear nine must always rank before a nine that looks like a seven, and sevens must come *last* of all pictures.

# %% tags=["exercise"]
but_not = typed[9]
checks.search_but_not(but_not, drawn, images.digit)

# %% [markdown]
# <details>
# <summary>Solution</summary>
#
# ```python
# but_not = F.normalize(typed[9] - 0.5 * typed[7], dim=0)
# print(images.digit[(but_not @ drawn.T).argsort()[:10]])  # the last ten
# checks.search_but_not(but_not, drawn, images.digit)
# ```
#
# A negative coordinate is an exclusion. It works since the axes are orthogonal: pushing sevens away leaves the other digits where they were.
#
# </details>

# %% [markdown]
# ### Exercise 4: break the score
#
# Make a search that has a precision at 1 of 100 %, with codes that are pure noise: no network, no labels. The codes of the queries are `noise`, ten random numbers for each spoken word. Put the codes of the shelf and its labels into `answers` and `answer_label`.
#
# Expected picture: a perfect first place, and from the second place on, one right answer in ten.

# %% tags=["exercise"]
noise = torch.randn(len(voices), 10, generator=torch.Generator().manual_seed(0))
answers, answer_label = drawn, images.digit
checks.search_flattered(noise, voices.digit, answers, answer_label)

# %% [markdown]
# <details>
# <summary>Solution</summary>
#
# ```python
# answers, answer_label = noise, voices.digit
# checks.search_flattered(noise, voices.digit, answers, answer_label)
# ```
#
# Every query stands on its own shelf and finds itself. Forgetting to take the query out, or having a copy of it there (chapter 4: *A split that lies*), is a common mistake.
#
# </details>

# %% [markdown]
# ## Where next
#
# - [Joined afterwards](20_joined_afterwards.ipynb): more ways to turn a space back, and encoders that agreed on nothing.
# - [A voice never heard before](21_a_voice_never_heard.ipynb): what the margin says about a stranger.
# - [Six directions](17_six_directions.ipynb): from finding to making.
# - [Notation and glossary](notation.md).
