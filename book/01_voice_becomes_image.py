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
# Somebody says *seven*. A moment later a handwritten seven appears on the screen. One network turned the sound into
# sixteen numbers; ten of them went to a second network, and that one drew the picture. The two networks were trained
# apart, on different data.
#
# ![Block diagram of the whole system: voice model, image model and training. Lit here: the way of a voice through its code to a drawing.](_static/spine/voice_becomes_image.svg)
#
# Both were **trained with labels**: every recording came with its speaker and its digit, every picture with its
# digit. So the first network recognizes ten words, among other things. This chapter goes the whole way once,
# quickly. The rest of the book is about why each step works, and what the detour through a code is good for.
#
# **Time:** 20 minutes to read, 15 seconds to run.
#
# **Needs:** basic PyTorch.

# %% [markdown]
# ## Goals
#
# After this chapter you can
#
# - follow a recording from waveform to code to image, and name its shape at each step;
# - read a code such as `1-0000000100`, and write one by hand;
# - explain how two networks that were trained apart can work together;
# - say what the system needs, what it cannot do, and which simple baseline it must be compared with.

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
# ## What it does, needs and cannot do
#
# | | |
# |---|---|
# | **does** | turns a spoken digit into a code that you can read, and draws the digit from the code; the two networks are joined without any further training |
# | **needs** | a label for every recording and every picture, and one agreed order of the ten digits |
# | **cannot** | find the categories by itself; draw *your* seven (it draws one typical seven for everybody); understand other words; be trusted with voices that it has never heard ([chapter 21](21_a_voice_never_heard.ipynb) measures how much it loses) |

# %% [markdown]
# Everything below runs on small data that come with the book: six synthetic voices, and handwritten digits that
# ship with scikit-learn. With `retrain = True` the models are trained again (a few minutes). With `run = "slim"` you
# hear people's voices from FSDD (the Free Spoken Digit Dataset) and see drawings in the style of MNIST (the data are downloaded the first time).

# %% tags=["parameters"]
run = "embedded"
retrain = False

# %%
from olc_lib import runs

trained = runs.train(run) if retrain else runs.load(run)

# %% [markdown]
# A *run* holds trained models and the record of how they were made; the line above is its label. The recordings we
# use now belong to the test split: no model was trained on them.
#
# ## Step 1: a sound

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
# These are a few thousand numbers, 8,000 for each second. What was said, who said it, how loudly and in which room
# is all mixed together in them.
#
# Our voice model does not read this curve. It reads a *log-mel picture*: time runs to the right, frequency upwards,
# and brightness is loudness in decibels.

# %% mystnb={"image": {"alt": "Log-mel picture of the spoken seven: bright stripes of harmonics in the middle of the picture, a hiss in the high bands at the start, dark where nothing is said."}}
import torch

picture = trained.spectrogram(voices.waves[[clip]], voices.lengths[[clip]])
print("one picture:", tuple(picture.shape[1:]))
figure = plots.sounds(picture, ["the same sound as a picture"])

# %% [markdown]
# ## Step 2: a code
#
# The encoder turns the picture into 16 numbers. Training has *placed* them: the first six belong to the speaker, the
# other ten to the digit, one dimension for each speaker and each digit. `VOICE` is the library's name for this
# layout, `IMAGE` for that of the images.

# %% mystnb={"image": {"alt": "Bar chart of the 16 numbers: of the six speaker bars only number 1 is tall, of the ten digit bars only number 7 is; the others are near zero."}}
from olc_lib.latent import IMAGE, VOICE

with torch.no_grad():
    code = trained.voice.encode(picture)
figure = plots.codes(code, VOICE, ["the code of the recording"])

# %% [markdown]
# You can read this code without any further network: in each group, the tallest bar is the answer. Each group
# has length 1 (its squares add up to 1), so if one bar is tall the others are small.

# %%
heard = VOICE.labels(code)
print("speaker", heard["speaker"].item(), "digit", heard["digit"].item())
for name, block in VOICE.split(code).items():
    print(f"{name}: {block.shape[1]} numbers, length {block.norm():.3f}")

# %% [markdown]
# ## Step 3: a code for an image
#
# The image model has a *latent space* (the space of its codes) of its own: 11 numbers, one for the writer and ten
# for the digit. The paper behind this book (by Solhjoo and Rodolà) treats all handwriting as one writer's, so that number is always 1.
#
# Both models keep the ten digits in the same order. So the way from a voice to an image is short: *drop* the six
# numbers of the speaker, and put a 1 for the writer in their place.

# %%
from olc_lib import transfer

image_code = transfer.drop(code, VOICE, IMAGE)
print(tuple(code.shape), "->", tuple(image_code.shape))
print(VOICE.to_text(code[0]), "->", IMAGE.to_text(image_code[0]))

# %% [markdown]
# The text on the last line is how the paper writes a code: one group for
# each *category* (speaker, writer, digit), and in it a 1 in the place of the answer, the *class*.
#
# ## Step 4: an image
#
# The image model's decoder turns this code into a picture. It was trained on pictures and their labels only.

# %% mystnb={"image": {"alt": "A single generated picture, white strokes on black: a handwritten seven."}}
with torch.no_grad():
    drawn = trained.image.decode(image_code)
figure = plots.pictures(drawn, size=2.0)

# %% [markdown]
# That is the whole way. Now the same for every speaker and every digit: one test recording each, a row for each
# speaker. Nothing was selected; wrong drawings stay in.

# %% mystnb={"image": {"alt": "Six rows of ten generated pictures, one row for each speaker, digits 0 to 9 from left to right; nearly every picture shows the digit of its column."}}
rows = [int(((voices.speaker == s) & (voices.digit == d)).nonzero()[0]) for s in range(6) for d in range(10)]
with torch.no_grad():
    codes = trained.voice.encode(trained.spectrogram(voices.waves[rows], voices.lengths[rows]))
    drawn = trained.image.decode(transfer.drop(codes, VOICE, IMAGE))
figure = plots.pictures(drawn, size=0.6, rows=voices.speakers)

# %% [markdown]
# ## How often is the drawing right?
#
# To count, the book uses a *judge*: a plain classifier trained on real handwriting, without codes and without
# generated pictures. What it reads in a drawing is compared with what was said.

# %%
from olc_lib.reading import read_digits

with torch.no_grad():
    everything = trained.voice.encode(trained.spectrogram(voices.waves, voices.lengths))
    pictures = trained.image.decode(transfer.drop(everything, VOICE, IMAGE))
read = read_digits(trained.image_classifier, pictures)
right = int((read == voices.digit).sum())
print(f"the judge reads the spoken digit in {right} of {len(read)} drawings")

# %% [markdown]
# ## Isn't this just a classifier plus ten pictures?
#
# For this task, a classifier plus ten pictures would do. Let us build it: take the digit that the code names, and
# show the *mean* of all training pictures of that digit. No decoder is needed.

# %%
shelf = data.images(trained.settings.images)
mean_pictures = torch.stack([shelf.pixels[shelf.digit == d].mean(0) for d in range(10)])
mean_pictures = trained.image.normalize(mean_pictures)  # as bright as what the decoder draws
named = VOICE.labels(everything)["digit"]
looked_up = read_digits(trained.image_classifier, mean_pictures[named])
baseline = int((looked_up == voices.digit).sum())
print(f"decoder:                           {right} of {len(read)}")
print(f"classifier plus ten mean pictures: {baseline} of {len(read)}")

# %% mystnb={"image": {"alt": "Two rows of ten pictures, digits 0 to 9. Above, what the decoder draws from ten recordings of one speaker; below, the ten mean pictures of the training data. The rows look much alike; the upper one is a little softer."}}
figure = plots.mosaic([drawn[:10], mean_pictures], ["decoder", "mean picture"], list("0123456789"), size=0.7)

# %% [markdown]
# The baseline is as good, and far simpler. So this count does not show what the code is good for. The next section
# gives a first reason: the same ten numbers can be *written* by hand, and everything between two codes can be drawn.
# Later chapters add others: from one code the book draws, speaks and searches
# ([Six directions](17_six_directions.ipynb)). [Voice to image](16_voice_to_image.ipynb) puts the mean pictures beside
# every way of crossing.
#
# (With `run = "slim"` the mean of MNIST's nines is so blurred that the judge reads an 8. There the baseline needs a
# real picture of each digit instead, the one nearest to the mean.)

# %% [markdown]
# ## Draw without a voice
#
# The decoder needs nothing but a code, so you can write one yourself. Move the slider: each page is the drawing of
# one handcrafted code.

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
# runs were measured on recordings and images that took no part in training. There is one caution about `slim`. A
# first training did badly on the test data: the judge read 8 of 10 codes written by hand, and 79 % of the drawings
# made through the *bridge*, which is explained below. It was then trained again with other settings, so its test
# results are not quite blind.

# %%
slim = runs.load("slim")
shown = ["voice_digit", "voice_speaker", "image_digit", "image_classifier_accuracy"]
for name in (*shown, "transfer_drop", "transfer_bridge"):
    values = [made.results["metrics"][name] for made in (trained, slim)]
    print(f"{name:25} embedded {values[0]:6.2f} %   slim {values[1]:6.2f} %")

# %% [markdown]
# The first three lines say how often the tallest bar of a code is the right one; `image_classifier_accuracy` is the
# judge on real handwriting. `transfer_drop` is the way you just went. `transfer_bridge` sends the code through a
# small network, the paper's *bridge*, instead of dropping numbers; [chapter 16](16_voice_to_image.ipynb) compares
# the two.
#
# The baseline again: ten pictures that the judge reads correctly, chosen by the largest number of the code, score
# `voice_digit`; with a classifier of voices in place of the code they score more ([chapter 16](16_voice_to_image.ipynb)).
# Dropping scores less on real voices, because some codes are ambiguous and their drawings are, too. The bridge makes up
# most of the difference.

# %% [markdown]
# Which digits are drawn as which? A *confusion matrix* counts how often a spoken digit (row) was read as which
# (column). The mistakes are off the diagonal. Here are those of `slim`, for 30 recordings of each digit. The cell lists
# them as (spoken, read); the folded code below counts them again.

# %% mystnb={"image": {"alt": "Confusion matrix of the run slim, ten rows for the spoken and ten columns for the read digit. 27 to 30 of 30 stand on the diagonal. Off it: six drawn as four twice, three as eight twice, eight as three twice, and once each one, four, five and eight as nine, and seven as eight."}}
mistakes = {(1, 9): 1, (3, 8): 2, (4, 9): 1, (5, 9): 1, (6, 4): 2, (7, 8): 1, (8, 3): 2, (8, 9): 1}
table = 30 * torch.eye(10, dtype=torch.int64)
for (spoken, seen), count in mistakes.items():
    table[spoken, seen] += count
    table[spoken, spoken] -= count
digits = list("0123456789")
figure = plots.heat(table, digits, digits, "read by the judge", "spoken")
print(
    f"slim: {table.trace() / 3:.2f} % on the diagonal, transfer_drop {slim.results['metrics']['transfer_drop']:.2f} %"
)

# %% [markdown]
# <details><summary>Count the mistakes yourself (downloads FSDD)</summary>
#
# ```python
# from olc_lib import metrics
#
# people = data.voices("fsdd", "test")
# with torch.no_grad():
#     heard = slim.voice.encode(slim.spectrogram(people.waves, people.lengths))
#     seen = read_digits(slim.image_classifier, slim.image.decode(transfer.drop(heard, VOICE, IMAGE)))
# print(metrics.confusion(seen, people.digit))
# ```
#
# </details>
#
# A right answer of the judge does not mean a rich picture. The decoder draws one *typical* seven for every voice:
# the code has room for which digit, and none for whose handwriting. Accuracy does not show that either.

# %% [markdown]
# ## What the paper does differently
#
# Solhjoo and Rodolà feed raw waveforms to their voice encoder. [Chapter 13](13_raw_waveforms.ipynb) trains that
# network; the log-mel picture is this book's change. The latent space and the losses are the paper's, with the
# changes that [Reading notes](reading_notes.ipynb) lists. The paper shows drawings and gives no accuracy, so there
# is no number of theirs to put beside ours.

# %% [markdown]
# ## An open question
#
# Here every item has a label. How few labels would be enough? If only one recording in a hundred were labelled, or
# if one knew only *pairs* (this sound and this picture show the same thing), could two networks that are trained
# apart still put ten digits in the same ten places? The book does not measure it.

# %% [markdown]
# ## What to remember
#
# - Labels place the codes. A placed code can be read by looking, and written by hand.
# - Two models that put the same thing in the same place can be joined without being trained together.
# - From voice to image: keep the digit's ten numbers, insert 1 for the writer, decode.
# - A transfer is judged by a classifier that took no part in it. A classifier plus ten mean pictures scores as well,
#   so accuracy alone is no proof of a good drawing.

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
# The first group was dropped on the way to an image. How many of the test recordings (`everything` holds their codes)
# does it attribute to the right speaker? Compute the share in percent.

# %% tags=["exercise"]
share = None
checks.speaker_share(share, everything, voices.speaker)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# from olc_lib import metrics
#
# share = metrics.accuracy(VOICE.labels(everything)["speaker"], voices.speaker)
# checks.speaker_share(share, everything, voices.speaker)
# ```
#
# The same encoder answers both questions; a picture needs only one of the answers.
#
# </details>

# %% [markdown]
# ### Exercise 4: break it
#
# The writer's number is always 1. Decode the handcrafted codes with −1 there instead, look at the drawings, and
# count with the judge how many of the ten are still read as what they should be. You should see dark or smeared
# pictures, because no such code occurred in training. Put the ten *images* into `broken`.

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
# A single number brought to length 1 can only be +1 or −1. If nothing fixes the sign in training, it is left to
# chance, and "insert 1" may be wrong. The library fixes it at +1; [Codes with categories](06_codes_with_categories.ipynb) shows why it has to.
#
# </details>

# %% [markdown]
# ## Where next
#
# - [Build it once](02_build_it_once.ipynb): the whole system in plain PyTorch, trained in a minute.
# - [One object, many appearances](03_one_object_many_appearances.ipynb): why codes have to be placed.
# - [Max M % normalization](05_max_m_normalization.ipynb): what happens to a signal before it is encoded.
# - [Codes with categories](06_codes_with_categories.ipynb): the latent space, taken apart.
# - Your own voice: `python -m olc_lib demo my_clip.wav` draws what it hears.
