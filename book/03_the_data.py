# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # The data, listened to
#
# A network hears everything: the word, the voice, and also the room, the sound card, the finger on the stop
# button. If any of these goes along with the label, it will learn that instead, and it will not tell you. So
# before you train on a corpus, do what the network does. Listen to all of it.

# %% [markdown]
# ## Goals
#
# After this chapter you can
#
# - load both kinds of data, embedded and real, and say what a clip and a picture consist of;
# - read a log-mel picture of a sound, and say what it keeps and what it throws away;
# - find the fingerprint that a recording device leaves, and test which preparation removes it;
# - choose a split that answers the question you are asking, and catch one that flatters.
#
# **Time:** 30 minutes to read, 30 seconds to run.
#
# **Needs:** basic PyTorch; [A voice becomes an image](01_voice_becomes_image.ipynb) for the overall picture.

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

# %% [markdown]
# ## Four corpora of digits
#
# | | spoken digits | written digits |
# |---|---|---|
# | **embedded**: travels with the book, works offline | `data.voices("embedded")`: six synthetic voices, ten takes of each digit | `data.images("embedded")`: real handwriting from scikit-learn |
# | **real**: downloaded once | `data.voices("fsdd")`: six people, fifty takes of each digit | `data.images("mnist")`: 70,000 digits |
#
# This page uses the embedded ones, so that everything you see runs anywhere. To use real data, change
# the corpus, and the speakers' names where a cell names one. You always get the corpus you named, or an error;
# never a silent substitute.
#
# Later chapters need more voices than six, and more than digits. These come from the same loader:
#
# | | what | to know |
# |---|---|---|
# | `data.visitor()` | ten digits by Allison Smith; embedded, used for no training | the real voice of the live page |
# | `data.sentences("people")` | four real people, sixty sentences each; embedded | one language each: a speaker *is* a language here |
# | `data.sentences("synthetic")` | 24 synthetic speakers, six sentences each; embedded | speakers, texts or both can be held out |
# | `data.sentences("librispeech")` | an excerpt of LibriSpeech: 261 readers; downloaded once | mostly one recording each: voice and room go together |
# | `data.images("fashion")` | Fashion-MNIST: 70,000 pictures of clothes; downloaded once | |

# %% [markdown]
# The real ones are stored in one folder, which the environment variable `OLC_DATA` can move. FSDD is the Free
# Spoken Digit Dataset by Zohar Jackson and its contributors; MNIST is LeCun's selection of handwriting
# collected by the American standards institute. Both may be used and shared under a Creative Commons licence
# that asks for attribution; see [References](references.md).

# %%
import torch
from IPython.display import Audio, display

from olc_lib import data, normalize, plots, widgets
from olc_lib.spectra import LogMel

voices = data.voices("embedded")
images = data.images("embedded")
print(voices)
print(images)

# %% [markdown]
# ## By ear
#
# A *corpus* of voices is a table. Each row has a waveform, its true length, and three labels: who, what, and
# which take.

# %%
print("waves  ", tuple(voices.waves.shape), voices.waves.dtype)
print("lengths", voices.lengths[:5].tolist(), "...")
print("speaker", voices.speaker[:5].tolist(), "... of", voices.speakers)
print("digit  ", voices.digit[:5].tolist(), "...")
print("take   ", voices.take[:5].tolist(), "...")

# %% [markdown]
# Listen to the six speakers, all saying "seven". The helper `find` returns the row of a clip.


# %%
def find(speaker, digit, nth=0):
    rows = (voices.speaker == voices.speakers.index(speaker)) & (voices.digit == digit)
    return int(rows.nonzero()[nth])


sevens = [find(name, 7) for name in voices.speakers]
for row, name in zip(sevens, voices.speakers, strict=True):
    print(name)
    display(Audio(voices.waves[row, : voices.lengths[row]].numpy(), rate=data.RATE))

# %% [markdown]
# Three women, three men, and none of them alive: a synthesizer made them, one voice with a different build and
# accent for each name. That makes the corpus small, clean and free to share. It also makes it *easy*. Keep that
# in mind whenever a number on the embedded data looks splendid.
#
# No two takes are the same. Pitch, speed, melody and loudness vary:

# %%
for nth in range(3):
    row = find("bea", 3, nth)
    display(Audio(voices.waves[row, : voices.lengths[row]].numpy(), rate=data.RATE))

# %% [markdown]
# ## By eye
#
# A waveform shows the air pressure at the microphone, 8,000 times a second.

# %% mystnb={"image": {"alt": "Six waveforms of the word seven, one for each speaker. All have two swells for the two syllables, with different heights, lengths and shapes."}}
figure = plots.waves([voices.waves[row] for row in sevens], voices.speakers, columns=3)

# %% [markdown]
# The same word, and yet no two curves are alike. You can see *that* something was said, and for how long. You
# can hardly see what. To the network of the paper, which reads raw waveforms, this is the input.
#
# Also note the flat tail. A network wants inputs of one size, so each clip is followed by zeros up to 8,192
# samples, a bit over a second.

# %%
part = voices.lengths.float().mean() / data.SAMPLES
print(f"{data.SAMPLES / data.RATE:.3f} s a clip, of which {part:.0%} is word")
print(f"shortest word {voices.lengths.min() / data.RATE:.2f} s, longest {voices.lengths.max() / data.RATE:.2f} s")

# %% [markdown]
# ## Lengths and levels
#
# Two properties of a clip say nothing about the digit as such: how long it is, and how loud. Let us see how
# they are distributed. The level of a word is its root mean square (RMS) in *decibels*, $20 \log_{10}$ of an
# amplitude: 0 dB is full scale, an amplitude of 1, and a tenth of it is 20 dB less.

# %%
words = [wave[:n] for wave, n in zip(voices.waves, voices.lengths.tolist(), strict=True)]
level = torch.stack([20 * w.square().mean().sqrt().log10() for w in words])
seconds = voices.lengths / data.RATE
for index, name in enumerate(voices.speakers):
    own = voices.speaker == index
    print(f"{name:5} median {seconds[own].median():.2f} s, {level[own].median():.0f} dB")

# %% mystnb={"image": {"alt": "Two box plots by speaker. Left, lengths in seconds: the boxes overlap widely, Bea's is the highest. Right, levels in decibels: the boxes overlap almost completely."}}
import matplotlib.pyplot as plt

figure, axes = plt.subplots(1, 2, figsize=(8, 2.8), layout="constrained")
for axis, values, name in zip(axes, (seconds, level), ("length (s)", "level (dB)"), strict=True):
    axis.boxplot([values[voices.speaker == s].numpy() for s in range(6)], medianprops={"color": "black"})
    axis.set_xticks(range(1, 7), voices.speakers)
    axis.set_ylabel(name)
    axis.spines[["top", "right"]].set_visible(False)

# %% [markdown]
# Could you tell the digit from the length alone? Try it with the simplest classifier there is: remember each
# digit's mean length, answer with the nearest. Judge it on clips that took no part, the test split.

# %%
test = data.voices("embedded", "test")


def nearest_mean(train_x, train_y, test_x, classes):
    """Which class has the nearest mean? One number a clip: [N], [N], [M] -> [M]."""
    means = torch.stack([train_x[train_y == c].mean() for c in range(classes)])
    return (test_x[:, None] - means).abs().argmin(1)


guessed = nearest_mean(seconds, voices.digit, test.lengths / data.RATE, 10)
print(f"digits right by length alone: {(guessed == test.digit).float().mean():.0%} (chance is 10 %)")

# %% [markdown]
# Length alone is worth nothing here. That is good to know: a model that recognizes these digits must have
# listened. This little test is worth running on any corpus, with any property that *should not* matter. We
# shall come back to it.

# %% [markdown]
# ## A picture of a sound
#
# The ear does not follow the pressure curve. It splits a sound into frequencies and feels their strengths on a
# logarithmic scale. A *log-mel picture* does the same, in four steps:
#
# 1. cut the sound into overlapping windows of 32 ms, one every 8 ms;
# 2. measure the power in each of 64 frequency bands, narrow where pitch is low, wide where it is high (the
#    *mel* scale);
# 3. take decibels, because loudness is felt in ratios;
# 4. average neighbours until 32 × 32 pixels are left.
#
# (The library also lifts the faint high frequencies before step 1, called *pre-emphasis*, and sets the word in the
# middle before step 4.)

# %% [markdown]
# Brightness by pencil: the loudest spot of a clip is 1 before the averaging of step 4, and whatever lies 60 dB
# or more below it is 0. A spot 30 dB below the loudest has brightness $1 - 30/60 = 0.5$. Thirty decibels are a
# factor of $10^{30/20} \approx 32$ in amplitude: mid-grey is thirty times weaker than white. What the waveform
# draws as a flat line may still be quite visible here.

# %%
spectrogram = LogMel()
pictures = spectrogram(voices.waves, voices.lengths)
print("pictures", tuple(pictures.shape), f"from {pictures.min():.0f} to {pictures.max():.2f}")
print(f"black: {spectrogram.floor:.0f} dB below the loudest spot, or less")

# %% mystnb={"image": {"alt": "Six log-mel pictures of the word seven. Each starts with a faint veil in the upper bands for the s, followed by two bright stretches for the two vowels, in narrow stripes for the women and broad bands for the men."}}
figure = plots.sounds(pictures[sevens], voices.speakers, columns=6)

# %% [markdown]
# Now the six sevens *look* alike. First the "s", a faint veil in the upper bands; then two bright stretches,
# the two vowels. The women's vowels show narrow stripes, multiples of the pitch. The men's lower pitches are
# too close together for this grain and melt into broad bands, the resonances of mouth and throat called
# *formants*. Formants carry the vowel, and their exact heights give the speaker away.
#
# Here is one speaker and all ten digits. Find the word that begins *and* ends with a hiss.

# %% mystnb={"image": {"alt": "Ten log-mel pictures, the digits zero to nine spoken by Dan. Six begins and ends with a faint veil in the upper bands, with a bright vowel between."}}
digits = [find("dan", d) for d in range(10)]
figure = plots.sounds(pictures[digits], [str(d) for d in range(10)], columns=5)

# %% [markdown]
# ### What the picture throws away
#
# Level, first. Decibels are counted from each picture's own loudest spot, so a clip at a tenth of the level has
# the same picture.

# %%
faint = spectrogram(voices.waves[sevens] / 10, voices.lengths[sevens])
print(f"largest difference at a tenth of the level: {(faint - pictures[sevens]).abs().max():.2f} of 1")

# %% [markdown]
# A little remains where a faint sound meets a floor of the computation; nothing an eye would see.
#
# Second, the *phase*: where in its swing each frequency stands. The ear hardly minds. But to get back from a
# picture to a sound, phases have to be invented. The algorithm of Griffin and Lim
# ([References](references.md)) starts with any phases and
# improves them until the windows agree with each other. `front.listen` does that. First Dan's original "two",
# then what comes back:

# %%
two = find("dan", 2)
Audio(voices.waves[two, : voices.lengths[two]].numpy(), rate=data.RATE)

# %% tags=["nbval-ignore-output"]
Audio(spectrogram.listen(pictures[two]).numpy(), rate=data.RATE)

# %% [markdown]
# A thousand pixels instead of a few thousand samples, no phases, and the word is still there; the voice has
# become hoarse. Whatever a log-mel model draws later, it cannot sound better than this. The book's voice model
# reads and draws such pictures. The paper's own reads the waveform and has to come to terms with phase.

# %% [markdown]
# ## Written digits
#
# A picture of a written digit is 28 × 28 numbers from 0 (paper) to 1 (ink), the format of MNIST. The embedded
# ones are real handwriting from scikit-learn: 8 × 8 pixels, enlarged to 20 × 20 and set in the middle, as
# MNIST's are.

# %% mystnb={"image": {"alt": "Four rows of ten handwritten digits, slightly blurred, each column one digit from 0 to 9."}}
rows = [int((images.digit == d).nonzero()[n]) for n in range(4) for d in range(10)]
figure = plots.pictures(images.pixels[rows], size=0.6)

# %% [markdown]
# The blur is the price of enlarging. With `data.images("mnist")` the same cell shows crisp strokes and wilder
# hands. Now the average picture of each digit:

# %% mystnb={"image": {"alt": "The ten average digits: all recognizable, with soft grey edges where people write differently."}}
mean = torch.stack([images.pixels[images.digit == d].mean(0) for d in range(10)])
figure = plots.pictures(mean, [str(d) for d in range(10)])

# %% [markdown]
# Every average is recognizable. Remember this row when a decoder draws you a clean, slightly soft seven: a
# model that knows nothing but *which* digit draws something like these. Recognizing the digit in a picture is
# one thing; showing that the model knows more than an average is another.

# %% [markdown]
# ## Fingerprints
#
# Each speaker of a corpus usually sits at one desk, with one microphone and one sound card. Whatever the
# equipment does to the signal, it does to *all* clips of that speaker. Three such fingerprints are common:
#
# - an **offset**: the sound card adds a constant, and the waveform does not rest at zero;
# - **coarse steps**: samples of 8 bits know 256 values instead of 65,536;
# - **level**: one microphone is close, one is far.
#
# None of them is audible as "voice". All of them are easy to compute.

# %% [markdown]
# ### Planting one
#
# The embedded voices came out of one program, so they should carry no fingerprint. Let us plant one: an offset
# that grows by 0.01 from speaker to speaker. Only the word gets it; the zeros behind it were added later, by
# us.


# %%
def inside(voices):
    return torch.arange(data.SAMPLES) < voices.lengths[:, None]


def plant_offset(voices):
    return voices.waves + 0.01 * voices.speaker[:, None] * inside(voices)


def offset(waves, voices):
    """The mean of each word, one number a clip: [N, T] -> [N]."""
    return (waves * inside(voices)).sum(1) / voices.lengths


print(f"Finn's sevens rest at {offset(plant_offset(voices), voices)[sevens[5]]:.2f}")

# %% [markdown]
# Play Finn with the offset. Do you hear anything, but for a faint tick where it starts and stops? An offset is
# a tone of zero hertz.

# %%
Audio(plant_offset(voices)[sevens[5], : voices.lengths[sevens[5]]].numpy(), rate=data.RATE)

# %% [markdown]
# Now a "speaker recognizer" that gets nothing but this one number. It has no idea what a voice is.

# %%
for name, change in {"as they are": lambda v: v.waves, "with the offset": plant_offset}.items():
    learned, asked = offset(change(voices), voices), offset(change(test), test)
    guessed = nearest_mean(learned, voices.speaker, asked, 6)
    print(f"{name:15} speakers right: {(guessed == test.speaker).float().mean():.0%} (chance is 17 %)")

# %% mystnb={"image": {"alt": "Two dot plots of the mean of every test clip, by speaker. As they are, five speakers lie on top of each other at zero and Bea a little above. With the planted offset the speakers form a staircase of six clearly separate steps."}}
figure, axes = plt.subplots(1, 2, figsize=(8, 2.6), sharey=True, layout="constrained")
shake = 0.6 * torch.rand(len(test), generator=torch.Generator().manual_seed(0)) - 0.3
for axis, waves, title in zip(axes, (test.waves, plant_offset(test)), ("as they are", "planted"), strict=True):
    axis.plot(test.speaker + shake, offset(waves, test), ".", markersize=3, color=plots.COLOURS[0])
    axis.set_xticks(range(6), test.speakers)
    axis.set(title=title, ylabel="mean of the word" if title != "planted" else "")
    axis.spines[["top", "right"]].set_visible(False)

# %% [markdown]
# One number, and the speakers are "recognized" nearly always. Look at the left picture, too: *without* our
# planting it does better than chance, because Bea's synthesizer makes lopsided waves. Fingerprints come
# uninvited.
#
# To prove that this recognizer knows no voices, take the voices away. Put pure noise in their place, with the
# offsets:

# %%
generator = torch.Generator().manual_seed(1)
noise = 0.1 * (2 * torch.rand(test.waves.shape, generator=generator) - 1)
asked = offset(noise + plant_offset(test) - test.waves, test)
guessed = nearest_mean(offset(plant_offset(voices), voices), voices.speaker, asked, 6)
print(f"speakers right, from noise: {(guessed == test.speaker).float().mean():.0%}")

# %% [markdown]
# Had you reported "our code separates six speakers", you would have reported six sound cards. And on a seventh
# device the model is lost.

# %% [markdown]
# ### Which preparation removes which fingerprint?
#
# We give each fingerprint to a random half of *all* speakers' clips, and ask: can you tell who has it? Fifty
# percent means that it is gone. First the three marks:

# %%
marks = {
    "offset": lambda waves: waves + 0.01,
    "8 bits": lambda waves: (128 * waves).round() / 128,
    "level": lambda waves: waves / 10,
}


def mark(voices, change, seed):
    has = torch.rand(len(voices), generator=torch.Generator().manual_seed(seed)) < 0.5
    return torch.where(has[:, None] & inside(voices), change(voices.waves), voices.waves), has.long()


# %% [markdown]
# In the waveform, each mark has a tell-tale number: the mean, the share of different values, the peak.


# %%
def variety(waves, voices):
    return torch.tensor([len(w[:n].unique()) / n for w, n in zip(waves, voices.lengths.tolist(), strict=True)])


tell_tale = {"offset": offset, "8 bits": variety, "level": lambda waves, voices: waves.abs().amax(1).log()}

# %% [markdown]
# In a picture we do not know where to look, so we let a *linear classifier* look everywhere: it weighs every
# pixel, with the weights that fit the training pictures best by least squares, and says yes if the sum is
# positive. Each figure is the mean of three draws of who has the mark.

# %%
from sklearn.linear_model import RidgeClassifier


def linear(train_x, train_y, test_x):
    """Least squares on pixels: [N, ...], [N], [M, ...] -> [M]."""
    model = RidgeClassifier(alpha=10).fit(train_x.flatten(1).double().numpy(), train_y.numpy())
    return torch.from_numpy(model.predict(test_x.flatten(1).double().numpy()))


def right(guessed, truth):
    return float((guessed == truth).float().mean())


# %%
def told_apart(name, seed):
    """Share of test clips on which the mark is recognized: in the waveform, after Max M %, in the picture."""
    (learned, has), (asked, truth) = mark(voices, marks[name], seed), mark(test, marks[name], seed + 100)
    numbers = [(tell_tale[name](learned, voices), tell_tale[name](asked, test))]
    learned_m, asked_m = normalize.max_m_percent(learned)[0], normalize.max_m_percent(asked)[0]
    numbers.append((tell_tale[name](learned_m, voices), tell_tale[name](asked_m, test)))
    guessed = [nearest_mean(a, has, b, 2) for a, b in numbers]
    guessed.append(linear(spectrogram(learned, voices.lengths), has, spectrogram(asked, test.lengths)))
    return torch.tensor([right(g, truth) for g in guessed])


# %%
print(f"{'':8}{'waveform':>10}{'Max M 5 %':>11}{'log-mel':>9}")
for name in marks:
    bare, max_m, picture = sum(told_apart(name, seed) for seed in range(3)) / 3
    print(f"{name:8}{bare:>10.0%}{max_m:>11.0%}{picture:>9.0%}")

# %% [markdown]
# Read it by columns. The bare waveform gives everything away. [Max M %
# normalization](04_max_m_normalization.ipynb), which divides each clip by the mean of its loudest samples (here
# the loudest 5 %), removes the level and only the level: an offset divided by
# something is still an offset, and coarse steps stay coarse. The log-mel picture removes level and offset (zero
# hertz is in none of its bands). Of the 8 bits something remains: rounding makes a faint hiss, and in a picture
# that shows 60 dB, faint things show. A few points either way are chance; a cleverer classifier might find
# more.

# %% [markdown]
# See the hiss come up. Each bit less adds 6 dB of it. Move the slider to the left:

# %% tags=["nbval-ignore-output"]
pages, labels = [], []
for bits in (3, 4, 5, 6, 7, 8, 10, 12, 16):
    rough = (voices.waves[[two]] * 2 ** (bits - 1)).round() / 2 ** (bits - 1)
    pages.append(plots.page(plots.sounds(spectrogram(rough, voices.lengths[[two]]))))
    labels.append(f"{bits} bits")
widgets.flip_pages(pages, labels, "bits", start=8)

# %% [markdown]
# ### What FSDD carries
#
# Real corpora are like our planted one. FSDD's six speakers are all men, so "speaker" there never means what
# separates a woman's voice from a man's. One of them, Nicolas, was recorded with 8 bits, later shifted to 16,
# and his clips rest clearly off zero. The typical levels of the quietest and the loudest speaker differ more
# than tenfold. A raw-waveform model may learn to tell these six by any of that.

# %% [markdown]
# Do not take it on trust. If you have FSDD, this prints the table:
#
# <details>
# <summary>Measure the fingerprints of FSDD</summary>
#
# ```python
# real = data.voices("fsdd")  # downloads it the first time
# for index, name in enumerate(real.speakers):
#     own = real.speaker == index
#     clips = [w[:n] for w, n in zip(real.waves[own], real.lengths[own].tolist(), strict=True)]
#     steps = (torch.cat(clips) * 32768).round().long()
#     mean = torch.stack([clip.mean() for clip in clips]).mean()
#     peak = real.waves[own].abs().amax(1).median() * 32768
#     coarse = (steps % 256 == 0).float().mean()
#     print(f"{name:9} mean {mean:+.4f}, median peak {peak:6.0f} of 32768, multiples of 256: {coarse:.0%}")
# ```
#
# A recording with 16 honest bits has about one multiple of 256 in 256 samples. Then run the one-number
# recognizer of this chapter on `real` and on its test split.
#
# </details>

# %% [markdown]
# ## Why splits matter
#
# A *split* says which clips a model may learn from and which are kept to judge it. It is not a formality. It
# *is* the question: "how well will this work on what?" We pool all 600 embedded clips and ask three different
# questions with the same data and the same classifier, the *nearest neighbour*: find the most similar log-mel
# picture among the training clips, give its label.

# %%
parts = [data.voices("embedded", split) for split in data.SPLITS]
speaker, digit, take = (torch.cat([getattr(p, name) for p in parts]) for name in ("speaker", "digit", "take"))
pictures = torch.cat([spectrogram(p.waves, p.lengths) for p in parts])


def nearest(train_x, train_y, test_x):
    """The label of the most similar training item: [N, ...], [N], [M, ...] -> [M]."""
    return train_y[torch.cdist(test_x.flatten(1), train_x.flatten(1)).argmin(1)]


def score(held):
    """Share of digits right on the held-out clips, learning from all others."""
    return right(nearest(pictures[~held], digit[~held], pictures[held]), digit[held])


# %%
generator = torch.Generator().manual_seed(0)
lottery = torch.rand(len(digit), generator=generator) < 0.2
by_speaker = [score(speaker == s) for s in range(6)]
print(f"a random fifth held out:   {score(lottery):.0%}")
print(f"takes 0 and 1 held out:    {score(take < 2):.0%}")
print(f"one speaker held out:      {sum(by_speaker) / 6:.0%} (mean of six)")

# %% mystnb={"image": {"alt": "Bar chart of the share of digits right: near 100 percent for the random split and the split by take; lower for each of the six speakers left out."}}
names = ["random", "by take", *(f"without {name}" for name in voices.speakers)]
figure, axis = plt.subplots(figsize=(6.4, 2.8), layout="constrained")
colours = [plots.COLOURS[0]] * 2 + [plots.COLOURS[1]] * 6
axis.barh(names, [100 * s for s in (score(lottery), score(take < 2), *by_speaker)], color=colours)
axis.invert_yaxis()
axis.set(xlabel="digits right (%)", xlim=(0, 100))
axis.spines[["top", "right"]].set_visible(False)

# %% [markdown]
# Same pictures, same classifier. The first two lines answer "how well on *these six people*, tomorrow?" The
# third answers "how well on *somebody else*?" It is lower, and how much lower depends on who is left out.
#
# FSDD's official split goes by take: takes 0 to 4 are the test. This book follows it, takes its validation
# clips from the rest, and reports the leave-one-speaker-out figure where it claims anything about strangers.

# %% [markdown]
# ### A split that lies
#
# The random split looked honest here, because no two clips were related. Often they are. Suppose somebody cut
# each recording three times, a few milliseconds apart, to get "more data". And suppose, to make the point, that
# the labels are pure *nonsense*: a random digit for each recording. There is nothing to learn, so an honest
# split must give 10 %.

# %%
generator = torch.Generator().manual_seed(5)
nonsense = torch.randint(10, (len(voices),), generator=generator).repeat(3)
recording = torch.arange(len(voices)).repeat(3)
cuts = torch.cat([spectrogram(voices.waves[:, 40 * k :], voices.lengths - 40 * k) for k in range(3)])
print(len(cuts), "clips from", len(voices), "recordings")

# %%
by_clip = torch.rand(len(cuts), generator=generator) < 0.2
by_recording = (torch.rand(len(voices), generator=generator) < 0.2)[recording]
for name, held in {"random clips": by_clip, "whole recordings": by_recording}.items():
    guessed = nearest(cuts[~held], nonsense[~held], cuts[held])
    print(f"{name:16} held out: {right(guessed, nonsense[held]):.0%} of the nonsense is 'right'")

# %% [markdown]
# With random clips the classifier "predicts" random labels nearly perfectly: a sister of almost every test clip
# sits in the training set. Held out by whole recordings, the same classifier is back at chance or below
# (with some eighty recordings held out, a few points mean nothing). When you
# augment, cut or resample, split *first*.

# %% [markdown]
# ### Hands are relatives, too
#
# For handwriting the unit is the writer. MNIST's test digits were written by other people than its training
# digits. The embedded images come from a few people, one after the other, and nobody recorded who wrote what.
# Look again at the rows of digits above: down a column, the hand hardly changes. The order of collection still
# holds a trace of the writer. So hold out a random tenth, or a tenth in one piece:

# %%
n = len(images)
scattered = torch.randint(10, (n,), generator=torch.Generator().manual_seed(0))
in_one_piece = torch.arange(n) * 10 // n
for name, part in {"scattered": scattered, "in one piece": in_one_piece}.items():
    wrong = 0
    for held in (part == k for k in range(10)):
        guessed = nearest(images.pixels[~held], images.digit[~held], images.pixels[held])
        wrong += int((guessed != images.digit[held]).sum())
    print(f"{name:12} held out: {100 * wrong / n:.0f} % of the digits wrong")

# %% [markdown]
# Whoever knows the hand does better. The embedded split scatters its test images over the whole collection, for
# an even mix of digits; so its results are a little kind. Read them as "other digits by the same people".

# %% [markdown]
# ## What to remember
#
# - A clip is a waveform of 8,192 samples, its true length, and three labels. A log-mel picture shows its
#   frequencies over time in decibels; it drops level and phase.
# - Recording fingerprints (offset, coarse steps, level) can pass for a speaker. Test properties that should not
#   matter, one number at a time.
# - Max M % removes level, and nothing else. Log-mel removes level and offset.
# - A split is a question. By take: the same people. By speaker: strangers.
# - Relatives belong on one side. If nonsense labels can be predicted, the split leaks.

# %% [markdown]
# ## Exercises
#
# ### Exercise 1: brightness by pencil
#
# A spot of a log-mel picture has a hundredth of the *amplitude* of the loudest spot. How bright is it, with
# black at 60 dB below the loudest?

# %% tags=["exercise"]
from olc_lib import checks

brightness = None
checks.data_brightness(brightness)

# %% [markdown]
# <details>
# <summary>Solution</summary>
#
# ```python
# brightness = 1 - 40 / 60
# checks.data_brightness(brightness)
# ```
#
# A factor of 100 in amplitude is $20 \log_{10} 100 = 40$ dB; two thirds of the way down to black leave a third
# of the brightness.
#
# </details>

# %% [markdown]
# ### Exercise 2: clean the offset away
#
# Write `centre(waves, lengths)`, for waves `[N, T]` and lengths `[N]`: subtract from each word its own mean,
# and leave the zeros after it at zero. Why not simply subtract the mean of the row?


# %% tags=["exercise"]
def centre(waves, lengths): ...


checks.data_centre(centre)

# %% [markdown]
# <details>
# <summary>Solution</summary>
#
# ```python
# def centre(waves, lengths):
#     word = torch.arange(waves.shape[1]) < lengths[:, None]
#     mean = (waves * word).sum(1) / lengths
#     return (waves - mean[:, None]) * word
#
# checks.data_centre(centre)
# ```
#
# The mean of the row would be too small, since the zeros count in it, and subtracting it would lift the padding
# off zero: a new fingerprint, which tells the word's length.
#
# </details>

# %% [markdown]
# ### Exercise 3: a fair split
#
# The three `cuts` of each recording carry its number in `recording`. Write `fair(recording, generator)`, which
# returns a mask `[N]` of held-out clips: about a fifth of the *recordings*, all clips of each.


# %% tags=["exercise"]
def fair(recording, generator):
    return torch.rand(len(recording), generator=generator) < 0.2


checks.data_fair_split(fair)

# %% [markdown]
# <details>
# <summary>Solution</summary>
#
# ```python
# def fair(recording, generator):
#     chosen = torch.rand(int(recording.max()) + 1, generator=generator) < 0.2
#     return chosen[recording]
#
# checks.data_fair_split(fair)
# ```
#
# Draw once for each recording, then let every clip look up its recording's fate.
#
# </details>

# %% [markdown]
# ### Exercise 4: break it
#
# Fool the one-number recognizer. Take Anna's seven with her planted offset (`anna`) and make of it a clip that
# the recognizer calls Finn, without changing anything that you can hear. Put the new word into `disguised`.
#
# Expected picture, by `plots.waves([anna, disguised])`: the same curve twice, the second a little higher above
# zero.

# %% tags=["exercise"]
anna = plant_offset(voices)[sevens[0], : voices.lengths[sevens[0]]]
disguised = anna.clone()
checks.data_disguise(anna, disguised)

# %% [markdown]
# <details>
# <summary>Solution</summary>
#
# ```python
# anna = plant_offset(voices)[sevens[0], : voices.lengths[sevens[0]]]
# disguised = anna + 0.05
# checks.data_disguise(anna, disguised)
# ```
#
# Finn is number 5, so his clips rest 0.05 higher than Anna's. The voice is still hers. Anyone who trusts such a
# system to know who is speaking trusts a constant.
#
# </details>

# %% [markdown]
# ## Where next
#
# - [Max M % normalization](04_max_m_normalization.ipynb): how to remove the level, and at which price.
# - [Codes with categories](05_codes_with_categories.ipynb): where "who" and "what" will be put.
# - [Reconstruction and sparsity](06_reconstruction_and_sparsity.ipynb): what it means to draw a sound or a
#   digit again.
