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
# A recording contains the word and the voice, and also the room, the sound card, and the moment at which somebody
# pressed the button. If any of these goes along with the label, a network may learn that instead, and its test
# results will not show it. So look at a corpus, and listen to it, before you train on it.
#
# ![Block diagram of the whole system: voice model, image model and training. Lit here: voice, log-mel picture and image.](_static/spine/the_data.svg)
#
# **Time:** 25 minutes to read, 30 seconds to run.
#
# **Needs:** basic PyTorch; [A voice becomes an image](01_voice_becomes_image.ipynb) for the overall picture.

# %% [markdown]
# ## Goals
#
# After this chapter you can
#
# - load both kinds of data, embedded and real, and say what a clip and a picture consist of;
# - read a log-mel picture of a sound, and say what it keeps and what it drops;
# - find the fingerprint that a recording device leaves, and test which preparation removes it;
# - choose a split that answers the question you are asking, and recognize one that leaks.

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
# This page uses the embedded ones. To use real data, change the corpus, and the speakers' names where a cell names one.
#
# Later chapters need more:
#
# | | what | to know |
# |---|---|---|
# | `data.visitor()` | ten digits by Allison Smith; embedded, used for no training | the real voice of [Speak, see, draw](speak_see_draw.ipynb) |
# | `data.sentences("people")` | four real people, sixty sentences each; embedded | one language each: a speaker *is* a language here |
# | `data.sentences("synthetic")` | 24 synthetic speakers, six sentences each; embedded | speakers, texts or both can be held out |
# | `data.sentences("librispeech")` | an excerpt of LibriSpeech: 261 readers; downloaded once | mostly one recording each: voice and room go together |
# | `data.images("fashion")` | Fashion-MNIST: 70,000 pictures of clothes; downloaded once | |

# %% [markdown]
# Downloaded data are stored in one folder, which the environment variable `OLC_DATA` names. FSDD is the Free Spoken
# Digit Dataset by Zohar Jackson and its contributors; MNIST is LeCun's selection of handwriting collected by the
# American standards institute. Both are under a Creative Commons licence with attribution; see [References](references.md).

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
# A *corpus* of voices is a table. Each row has a waveform, its true length, and three labels: who speaks, what is
# said, and which take it is.

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
# Three women and three men, all made by a synthesizer: one program with a different vocal tract and accent for each
# name. So the corpus is small, clean and free to share. It is also *easy*: remember that when a result on the embedded data looks very good.
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
# You can see *that* something was said, but hardly what. The network of the paper reads such raw waveforms.
#
# Note the flat tail: each clip is padded with zeros to 8,192 samples, a bit over a second.

# %%
part = voices.lengths.float().mean() / data.SAMPLES
print(f"{data.SAMPLES / data.RATE:.3f} s a clip, of which {part:.0%} is word")
print(f"shortest word {voices.lengths.min() / data.RATE:.2f} s, longest {voices.lengths.max() / data.RATE:.2f} s")

# %% [markdown]
# ## Lengths and levels
#
# A model should recognize the digit neither by the length of the clip nor by its level. How are these distributed?
# The level of a word is its root mean square (RMS) in *decibels*, $20 \log_{10}$ of an amplitude: 0 dB is an amplitude of 1, and a tenth of it is 20 dB less.

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
# Can one tell the digit from the length alone? Store each digit's mean length, and answer with the nearest:

# %%
test = data.voices("embedded", "test")


def nearest_mean(train_x, train_y, test_x, classes):
    """Which class has the nearest mean? One number a clip: [N], [N], [M] -> [M]."""
    means = torch.stack([train_x[train_y == c].mean() for c in range(classes)])
    return (test_x[:, None] - means).abs().argmin(1)


guessed = nearest_mean(seconds, voices.digit, test.lengths / data.RATE, 10)
print(f"digits right by length alone: {(guessed == test.digit).float().mean():.0%} (chance is 10 %)")

# %% [markdown]
# The length does not help. Run this test on any corpus, with any property that *should not* matter.

# %% [markdown]
# ## A picture of a sound
#
# The ear splits a sound into frequencies and perceives their strengths on a logarithmic scale. A *log-mel picture*
# imitates that in four steps:
#
# 1. cut the sound into overlapping windows of 32 ms, one every 8 ms;
# 2. measure the power in each of 64 frequency bands, narrow at low frequencies and wide at high ones (the *mel*
#    scale);
# 3. take decibels, because loudness is perceived in ratios;
# 4. average neighbours until 32 × 32 pixels are left.
#
# (The library also lifts the faint high frequencies before step 1, called *pre-emphasis*, and sets the word in the
# middle before step 4.)

# %% [markdown]
# Brightness by hand: the loudest spot of a clip is 1 before the averaging of step 4, and everything 60 dB or more
# below it is 0. A spot 30 dB below the loudest has brightness $1 - 30/60 = 0.5$. Thirty decibels are a factor of $10^{30/20} \approx 32$ in amplitude: a sound that looks like a flat line in the waveform is still mid-grey here.

# %%
spectrogram = LogMel()
pictures = spectrogram(voices.waves, voices.lengths)
print("pictures", tuple(pictures.shape), f"from {pictures.min():.0f} to {pictures.max():.2f}")
print(f"black: {spectrogram.floor:.0f} dB below the loudest spot, or less")

# %% mystnb={"image": {"alt": "Six log-mel pictures of the word seven. Each starts with a faint veil in the upper bands for the s, followed by two bright stretches for the two vowels, in narrow stripes for the women and broad bands for the men."}}
figure = plots.sounds(pictures[sevens], voices.speakers, columns=6)

# %% [markdown]
# Now the six sevens *look* alike: first the "s", a faint veil in the upper bands, then two bright stretches, the two
# vowels. The women's vowels show narrow stripes, multiples of the pitch. The men's stripes are too close together to be resolved; one sees broad bands, the resonances of mouth and throat called *formants*.
#
# Here is one speaker and all ten digits. Find the word that begins *and* ends with a hiss.

# %% mystnb={"image": {"alt": "Ten log-mel pictures, the digits zero to nine spoken by Dan. Six begins and ends with a faint veil in the upper bands, with a bright vowel between."}}
digits = [find("dan", d) for d in range(10)]
figure = plots.sounds(pictures[digits], [str(d) for d in range(10)], columns=5)

# %% [markdown]
# ### What the picture drops
#
# First, the level. Decibels are counted from each picture's own loudest spot, so a clip at a tenth of the level has
# the same picture.

# %%
faint = spectrogram(voices.waves[sevens] / 10, voices.lengths[sevens])
print(f"largest difference at a tenth of the level: {(faint - pictures[sevens]).abs().max():.2f} of 1")

# %% [markdown]
# Second, the *phase* of each frequency, to which the ear is nearly insensitive. To get from a picture back to a
# sound, phases have to be invented. `spectrogram.listen` does that, by the algorithm of Griffin and Lim ([References](references.md)). First Dan's original "two", then what comes back:

# %%
two = find("dan", 2)
Audio(voices.waves[two, : voices.lengths[two]].numpy(), rate=data.RATE)

# %% tags=["nbval-ignore-output"]
Audio(spectrogram.listen(pictures[two]).numpy(), rate=data.RATE)

# %% [markdown]
# The word can be understood; the voice has become hoarse. Whatever a log-mel model draws later, it cannot sound better than this.

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
# The blur comes from the enlarging. Now the average picture of each digit:

# %% mystnb={"image": {"alt": "The ten average digits: all recognizable, with soft grey edges where people write differently."}}
mean = torch.stack([images.pixels[images.digit == d].mean(0) for d in range(10)])
figure = plots.pictures(mean, [str(d) for d in range(10)])

# %% [markdown]
# Every average is recognizable. These are the ten mean pictures of [chapter 1](01_voice_becomes_image.ipynb), *Isn't
# this just a classifier plus ten pictures?* A decoder that gets only *which* digit it is can draw little else.

# %% [markdown]
# ## Fingerprints
#
# Each speaker of a corpus usually has one microphone and one sound card. Whatever the equipment does to the signal,
# it does to *all* clips of that speaker. Three such fingerprints are common:
#
# - an **offset**: the sound card adds a constant to every sample;
# - **coarse steps**: samples of 8 bits have 256 values instead of 65,536;
# - **level**: one microphone is close, one is far.
#
# None of them belongs to the voice.

# %% [markdown]
# ### Planting one
#
# The embedded voices were made by one program. Let us plant a fingerprint: an offset that
# grows by 0.01 from speaker to speaker, added to the word but not to the padding.


# %%
def inside(voices):
    return torch.arange(data.SAMPLES) < voices.lengths[:, None]


def plant_offset(voices):
    return voices.waves + 0.01 * voices.speaker[:, None] * inside(voices)


def offset(waves, voices):
    """The mean of each word, one number a clip: [N, T] -> [N]."""
    return (waves * inside(voices)).sum(1) / voices.lengths


print(f"mean of Finn's seven: {offset(plant_offset(voices), voices)[sevens[5]]:.2f}")

# %% [markdown]
# Play Finn with the offset. It is a tone of zero hertz: only a faint tick can be heard where it starts and stops.

# %%
Audio(plant_offset(voices)[sevens[5], : voices.lengths[sevens[5]]].numpy(), rate=data.RATE)

# %% [markdown]
# Now a "speaker recognizer" that gets nothing but this one number.

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
# This one number "recognizes" the speaker nearly always. The left plot matters, too: even *without* the planted offset
# the number does better than chance, because Bea's waves are asymmetric.
#
# To show that this recognizer does not use the voices, replace them by noise with the same offsets:

# %%
generator = torch.Generator().manual_seed(1)
noise = 0.1 * (2 * torch.rand(test.waves.shape, generator=generator) - 1)
asked = offset(noise + plant_offset(test) - test.waves, test)
guessed = nearest_mean(offset(plant_offset(voices), voices), voices.speaker, asked, 6)
print(f"speakers right, from noise: {(guessed == test.speaker).float().mean():.0%}")

# %% [markdown]
# A report that "our code separates six speakers" would have described six sound cards.

# %% [markdown]
# ### Which preparation removes which fingerprint?
#
# We give each fingerprint to a random half of *all* speakers' clips, and try to tell which clips have it; fifty percent right is chance.

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
# In the waveform, one number gives each mark away: the mean, the share of different values, the peak.


# %%
def variety(waves, voices):
    cut = [w[:n] for w, n in zip(waves, voices.lengths.tolist(), strict=True)]
    return torch.tensor([len(w.unique()) / len(w) for w in cut])


def peak(waves, voices):
    return waves.abs().amax(1).log()


numbers = {"offset": offset, "8 bits": variety, "level": peak}

# %% [markdown]
# In a picture we do not know where to look, so we fit a *linear classifier* by least squares: a weighted sum of all
# pixels, and "yes" if it is positive. Each value below is the mean of three draws of which clips have the mark.

# %%
from sklearn.linear_model import RidgeClassifier


def linear(train_x, train_y, test_x):
    """Least squares on pixels: [N, ...], [N], [M, ...] -> [M]."""
    model = RidgeClassifier(alpha=10).fit(train_x.flatten(1).double().numpy(), train_y.numpy())
    return torch.from_numpy(model.predict(test_x.flatten(1).double().numpy()))


def right(guessed, truth):
    return float((guessed == truth).float().mean())


# %%
def scaled(waves):
    return normalize.max_m_percent(waves)[0]


def recognized(name, seed):
    """Share of test clips on which a mark is recognized, in three forms of the clips."""
    learned, has = mark(voices, marks[name], seed)
    asked, truth = mark(test, marks[name], seed + 100)

    def by_number(one, two):
        guessed = nearest_mean(numbers[name](one, voices), has, numbers[name](two, test), 2)
        return right(guessed, truth)

    drawn = spectrogram(learned, voices.lengths), spectrogram(asked, test.lengths)
    return {
        "waveform": by_number(learned, asked),
        "Max M 5 %": by_number(scaled(learned), scaled(asked)),
        "log-mel": right(linear(drawn[0], has, drawn[1]), truth),
    }


# %%
for name in marks:
    found = [recognized(name, seed) for seed in range(3)]
    shares = {form: sum(one[form] for one in found) / 3 for form in found[0]}
    print(f"{name:7}", *(f"{form} {share:4.0%}  " for form, share in shares.items()))

# %% [markdown]
# In the bare waveform every mark is found. [Max M % normalization](05_max_m_normalization.ipynb) divides each clip by
# the mean of its loudest samples (here the loudest 5 %). It removes the level and only the level: an offset divided by
# a number is still an offset. The log-mel picture removes level and offset (no band contains zero hertz). The mark of the 8 bits is only partly removed: rounding adds a faint hiss. A few points either way are chance.

# %% [markdown]
# Each bit less makes the hiss 6 dB stronger. Move the slider to the left:

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
# FSDD's six speakers are all men. One of them, Nicolas, was recorded with 8 bits, later shifted to 16, and his clips
# have a clear offset. The typical levels of the quietest and the loudest speaker differ more than tenfold. A
# raw-waveform model may use any of that to tell these six apart. This prints the table:
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
# A recording of true 16 bits has about one multiple of 256 in 256 samples.
#
# </details>

# %% [markdown]
# ## Why splits matter
#
# A *split* says which clips a model learns from and which are kept to measure it. It decides which question is
# answered: "how well will this work on *what*?" We pool all 600 embedded clips and split them in three ways, with the
# same classifier, the *nearest neighbour*: find the most similar log-mel picture among the training clips, and give
# its label.

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
# The first two lines answer "how well on *these six people*?" The third answers "how well on *somebody else*?" It is lower.
#
# FSDD's official split goes by take: takes 0 to 4 are the test. This book follows it, takes its validation clips from
# the rest, and leaves a speaker out where it claims anything about strangers.

# %% [markdown]
# ### A split that lies
#
# The random split did no harm here, because no two clips were related. Suppose somebody cut each
# recording three times, a few milliseconds apart, to get "more data". Suppose also that the labels are pure
# *nonsense*: a random digit for each recording. A correct split must give about 10 %.

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
# With random clips the classifier "predicts" random labels nearly perfectly, because almost every test clip has a
# copy in the training set. Held out by whole recordings, it is back near chance (with some eighty recordings held
# out, a few points mean nothing). When you augment, cut or resample, split *first*.

# %% [markdown]
# ### Split handwriting by writer
#
# For handwriting the unit is the writer. MNIST's test digits were written by other people than its training digits. The embedded images come from a few people, one after the other. So hold out a random tenth, or a tenth in one piece:

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
# With the same writers in the training set there are fewer errors. The embedded split scatters its test images over
# the whole collection, so its results are a little too good.

# %% [markdown]
# ## An open question
#
# We found these fingerprints because we knew what to look for. How does one find the *unknown* ones? No test shows that a corpus has none. What would be convincing evidence that a speaker code describes the voice and not the device?

# %% [markdown]
# ## What to remember
#
# - A clip is a waveform of 8,192 samples, its true length, and three labels. A log-mel picture shows its
#   frequencies over time in decibels; it drops level and phase.
# - Recording fingerprints (offset, coarse steps, level) can pass for a speaker. Test properties that should not
#   matter, one number at a time.
# - Max M % removes the level and nothing else. Log-mel pictures remove level and offset.
# - A split decides which question is answered. By take: the same people. By speaker: strangers.
# - Copies, and clips of one recording, belong on one side. If nonsense labels can be predicted, the split leaks.

# %% [markdown]
# ## Exercises
#
# ### Exercise 1: brightness by hand
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
# Write `centre(waves, lengths)`, for waves `[N, T]` and lengths `[N]`: subtract from each word its own mean, and
# leave the zeros after it at zero. Why not simply subtract the mean of the row?


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
# One draw for each recording.
#
# </details>

# %% [markdown]
# ### Exercise 4: break it
#
# Fool the one-number recognizer. Take Anna's seven with her planted offset (`anna`) and turn it into a clip that
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
# Finn is number 5, so the mean of his clips is 0.05 higher than Anna's.
#
# </details>

# %% [markdown]
# ## Where next
#
# - [Max M % normalization](05_max_m_normalization.ipynb): how to remove the level, and at what cost.
# - [Codes with categories](06_codes_with_categories.ipynb): the places of "who" and "what" in a code.
# - [Reconstruction and sparsity](07_reconstruction_and_sparsity.ipynb): how a redrawn sound or digit is compared
#   with the original.
