# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # A voice becomes an image
#
# Somebody says *seven*. A moment later a seven stands on the screen, in handwriting. No speech recognizer
# sits between the two, and nobody looked the picture up. One network turned the sound into sixteen numbers,
# ten of them were handed to another network, and that one drew.
#
# This chapter walks the whole way once, quickly. The rest of the book is about why each step works.

# %% [markdown]
# ## Goals
#
# After this chapter you can
#
# - follow a recording from waveform to code to image, and say what shape it has at each station;
# - read a code such as `1-0000000100`, and write one by hand;
# - explain how two networks that never met can work together;
# - tell how good such a transfer is, and who is entitled to judge it.
#
# **Time:** 20 minutes to read, 15 seconds to run.
#
# **Needs:** basic PyTorch.

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
# Everything below runs on small data that travel with the book: six synthetic voices, and handwritten digits
# that ship with scikit-learn. With `retrain = True` the models are trained again before your eyes (a few
# minutes); with `run = "slim"` you hear and see the real thing, people's voices from FSDD and digits from MNIST
# (the recordings are downloaded the first time).

# %% tags=["parameters"]
run = "embedded"
retrain = False

# %%
from olc_lib import runs

trained = runs.train(run) if retrain else runs.load(run)

# %% [markdown]
# A *run* holds trained models and the record of how they were made; the line above is its label. The models
# have not seen the recordings we use now: those belong to the test split.
#
# ## Station one: a sound

# %%
from IPython.display import Audio

from olc_lib import data

voices = data.voices(trained.settings.voices, "test")
clip = int(((voices.digit == 7) & (voices.speaker == 1)).nonzero()[0])
wave = voices.waves[clip, : voices.lengths[clip]]
print(f"{voices.speakers[voices.speaker[clip]]} says {voices.digit[clip]}, {len(wave) / data.RATE:.2f} s")
Audio(wave.numpy(), rate=data.RATE)

# %% mystnb={"image": {"alt": "Waveform of the spoken seven: two bursts of large swings for the two syllables, fading out within about half a second."}}
from olc_lib import plots

figure = plots.waves([wave], ["the sound, as it was recorded"])

# %% [markdown]
# A few thousand numbers, one for each eight-thousandth of a second. They say what was said, who said it, how
# loudly and in which room, all at once.
#
# The ear does not work on this curve, and our voice model does not either. It looks at a *log-mel picture*:
# time runs to the right, pitch upwards, and brightness is loudness in decibels.

# %% mystnb={"image": {"alt": "Log-mel picture of the spoken seven: bright stripes of harmonics in the middle of the picture, a hiss in the high bands at the start, black where nothing is said."}}
import torch

picture = trained.spectrogram(voices.waves[[clip]], voices.lengths[[clip]])
print("one picture:", tuple(picture.shape[1:]))
figure = plots.sounds(picture, ["the same sound as a picture"])

# %% [markdown]
# ## Station two: a code
#
# The encoder turns the picture into 16 numbers. They are not just any 16 numbers. Training has *placed* them:
# the first six belong to the speaker, the other ten to the digit, one dimension for each speaker and each digit.
# `VOICE` is the library's name for this layout, `IMAGE` for that of the images.

# %% mystnb={"image": {"alt": "Bar chart of the 16 numbers: of the six speaker bars only number 1 is tall, of the ten digit bars only number 7 is; the others are near zero."}}
from olc_lib.latent import IMAGE, VOICE

with torch.no_grad():
    code = trained.voice.encode(picture)
figure = plots.codes(code, VOICE, ["what the encoder hears"])

# %% [markdown]
# You can read this code without any further network: in each group, the tallest bar is the answer. Each group
# has length 1 (its squares add up to 1), so a tall bar leaves little for the others.

# %%
heard = VOICE.labels(code)
print("speaker", heard["speaker"].item(), "digit", heard["digit"].item())
for name, block in VOICE.split(code).items():
    print(f"{name}: {block.shape[1]} numbers, length {block.norm():.3f}")

# %% [markdown]
# ## Station three: a code for an image
#
# The image model has a *latent space* (the space of its codes) of its own: 11 numbers, one for the writer and ten
# for the digit. Nobody knows who wrote which digit, so all the writing counts as one writer's, and that number is always 1.
#
# Both models keep the digit in the same order. So the way from a voice to an image is short: *drop* the six
# numbers of the speaker, put a 1 for the writer in their place.

# %%
from olc_lib import transfer

image_code = transfer.drop(code, VOICE, IMAGE)
print(tuple(code.shape), "->", tuple(image_code.shape))
print(VOICE.to_text(code[0]), "->", IMAGE.to_text(image_code[0]))

# %% [markdown]
# The text on the last line is how the paper behind this book (by Solhjoo and Rodolà) writes a code: one group for
# each *category* (speaker, writer, digit), and in it a 1 in the place of the answer, the *class*.
#
# ## Station four: an image
#
# The image model's decoder takes it from here. It was trained on images alone and has never heard a sound.

# %% mystnb={"image": {"alt": "A single generated picture, white strokes on black: a handwritten seven."}}
with torch.no_grad():
    drawn = trained.image.decode(image_code)
figure = plots.pictures(drawn, size=2.0)

# %% [markdown]
# That is the whole way. Let us see it for every speaker and every digit: one test recording each, a row for each
# speaker. Nothing was selected; wrong drawings stay in.

# %% mystnb={"image": {"alt": "Six rows of ten generated pictures, one row for each speaker, digits 0 to 9 from left to right; nearly every picture shows the digit of its column."}}
rows = [int(((voices.speaker == s) & (voices.digit == d)).nonzero()[0]) for s in range(6) for d in range(10)]
with torch.no_grad():
    codes = trained.voice.encode(trained.spectrogram(voices.waves[rows], voices.lengths[rows]))
    drawn = trained.image.decode(transfer.drop(codes, VOICE, IMAGE))
figure = plots.pictures(drawn, size=0.6)

# %% [markdown]
# ## Who says that this is a seven?
#
# You do, by looking; that does not scale. The book uses a *judge*: a plain classifier trained on real
# handwriting, which never saw a generated picture and knows nothing of codes. What it reads is compared with what was said.

# %%
from olc_lib.reading import read_digits

with torch.no_grad():
    everything = trained.voice.encode(trained.spectrogram(voices.waves, voices.lengths))
    pictures = trained.image.decode(transfer.drop(everything, VOICE, IMAGE))
read = read_digits(trained.image_classifier, pictures)
right = int((read == voices.digit).sum())
print(f"the judge reads the spoken digit in {right} of {len(read)} drawings")

# %% [markdown]
# Which digits are mistaken for which, if any? A *confusion matrix* counts how often a spoken digit (row) was read
# as which (column); off the diagonal stand the mistakes.

# %% mystnb={"image": {"alt": "Confusion matrix of ten rows and ten columns: nearly all counts stand on the diagonal."}}
from olc_lib import metrics

table = metrics.confusion(read, voices.digit)
figure = plots.heat(table, list("0123456789"), list("0123456789"), "read by the judge", "spoken")

# %% [markdown]
# ## Draw without a voice
#
# If a code is all that the decoder needs, you can write one yourself. Move the slider: each page is the drawing
# of one handcrafted code.

# %% tags=["nbval-ignore-output"]
from olc_lib import widgets

crafted = torch.stack([IMAGE.handcrafted(digit=d) for d in range(10)])
with torch.no_grad():
    pages = trained.image.decode(crafted)
widgets.flip_book(pages, [IMAGE.to_text(c) for c in crafted], "digit")

# %% [markdown]
# With a kernel (in Jupyter or Colab) you can do more: drag any coordinate. Put 0.7 on the 5 and 0.7 on the 6;
# make the 5 negative. What you set is brought back to unit length before it is drawn.

# %% tags=["nbval-ignore-output"]
widgets.drag_code(trained.image, IMAGE, start=5)

# %% [markdown]
# ## And on real voices?
#
# The same system, trained on people's voices (FSDD) and people's handwriting (MNIST), is the run called `slim`. Both
# were measured on recordings and images that took no part in training. They are not quite blind, though: `slim` was trained
# again, by another recipe, after test figures of a first one had been seen (8 of 10 handcrafted codes, 79 % through the bridge).

# %%
slim = runs.load("slim")
for name in (
    "voice_digit",
    "voice_speaker",
    "image_digit",
    "image_classifier_accuracy",
    "transfer_drop",
    "transfer_bridge",
):
    print(f"{name:16} embedded {trained.results['metrics'][name]:6.2f} %   slim {slim.results['metrics'][name]:6.2f} %")

# %% [markdown]
# The first three say how often the tallest bar of a code is the right one; `image_classifier_accuracy` is the judge on real
# handwriting. `transfer_drop` is the way you just walked. `transfer_bridge` sends the code through a small network,
# the paper's *bridge*, instead of dropping numbers; a chapter to come compares the two.
#
# The judge can be right about a dull picture. Decoders of such codes draw a *typical* seven, the same for every
# voice: the code has room for which digit, not for whose hand. Accuracy alone does not show that.

# %% [markdown]
# ## What the paper does differently
#
# Solhjoo and Rodolà feed raw waveforms to their voice encoder. Training that network is a story of its own, with
# a chapter to come; the log-mel picture is this book's change, and the losses and the latent space are the paper's.
# Their paper shows drawings and gives no accuracy, so there is no number of theirs to put beside ours.

# %% [markdown]
# ## What to remember
#
# - A code with *placed* categories can be read by looking, and written by hand.
# - Two models that put the same thing in the same place can be joined without being trained together.
# - From voice to image: keep the digit's ten numbers, insert 1 for the writer, decode.
# - A transfer is judged by a classifier that took no part in it, and accuracy alone rewards dull pictures.

# %% [markdown]
# ## Exercises
#
# ### Exercise 1: write a code
#
# Write, as text, the code whose drawing is a 4.

# %% tags=["exercise"]
from olc_lib import checks

answer = "1-0000000000"
checks.code_of_a_four(answer)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# from olc_lib import checks
#
# answer = "1-0000100000"
# checks.code_of_a_four(answer)
# ```
#
# The writer's group is always `1`. In the digit's group the places count from 0, so the 4 is the fifth.
#
# </details>

# %% [markdown]
# ### Exercise 2: drop by hand
#
# Write `to_image(code)` that takes voice codes `[B, 16]` to image codes `[B, 11]`, without `transfer.drop`.


# %% tags=["exercise"]
def to_image(code):
    return code


checks.drop_by_hand(to_image)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def to_image(code):
#     writer = torch.ones(len(code), 1)
#     return torch.cat([writer, code[:, 6:]], dim=1)
#
#
# checks.drop_by_hand(to_image)
# ```
#
# The speaker fills dimensions 0 to 5; the digit starts at 6.
#
# </details>

# %% [markdown]
# ### Exercise 3: whose voice?
#
# The first group was thrown away on the way to an image. It knows something, too. How many of the test recordings
# (`everything` holds their codes) are attributed to the right speaker? Compute the share in percent.

# %% tags=["exercise"]
share = None
checks.speaker_share(share, everything, voices.speaker)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# share = metrics.accuracy(VOICE.labels(everything)["speaker"], voices.speaker)
# checks.speaker_share(share, everything, voices.speaker)
# ```
#
# The same encoder answers both questions at once; a picture needs only one of the answers.
#
# </details>

# %% [markdown]
# ### Exercise 4: break it
#
# The writer's number is always 1. Decode the handcrafted codes with −1 there instead, look at the drawings, and
# count with the judge how many of the ten are still read as what they should be. You should see dark or smeared
# pictures: the decoder never met such a code. Put the ten *images* into `broken`.

# %% tags=["exercise"]
broken = pages
checks.wrong_writer(broken, trained)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# wrong = crafted.clone()
# wrong[:, 0] = -1
# with torch.no_grad():
#     broken = trained.image.decode(wrong)
# print(int((read_digits(trained.image_classifier, broken) == torch.arange(10)).sum()), "of 10 are still read")
# checks.wrong_writer(broken, trained)
# ```
#
# A single number brought to length 1 can only be +1 or −1. If training is free to choose, the sign is a toss-up, and
# "insert 1" works on one side only. The library fixes it at +1; *Codes with categories* shows why it has to.
#
# </details>

# %% [markdown]
# ## Where next
#
# - [One object, many appearances](02_one_object_many_appearances.ipynb): why codes have to be placed, tried live.
# - [Max M % normalization](04_max_m_normalization.ipynb): what happens to a signal before it is encoded.
# - [Codes with categories](05_codes_with_categories.ipynb): the latent space, taken apart.
# - Your own voice: `python -m olc_lib demo my_clip.wav` draws what it hears.
