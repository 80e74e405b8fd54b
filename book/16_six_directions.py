# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Six directions
#
# A seven can be said, drawn or typed. From each of the three you may want to get to the other two, which makes six ways, and so far you have walked them one at a time. Here they are all at once, out of four half-networks (an encoder and a decoder each for voices and for images) and not a single translator. Then we ask what arrives: which digit, whose voice, and what nobody meant to send.

# %% [markdown]
# ## Goals
#
# After this chapter you can
# - turn voices, images and text into each other, and change the speaker of a word;
# - say for every way who may judge it, and how good that judge is;
# - show why a model must not mark its own work;
# - measure what is lost on the way, and what travels along unseen;
# - predict what becomes of a word that goes there and back again, many times.
#
# **Time:** 35 minutes to read, 1 minute to run.
#
# **Needs:** [Voice to image](15_voice_to_image.ipynb) for coherence and diversity, [The voice VAE](11_the_voice_vae.ipynb) for the decoder that speaks.

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

import torch
from IPython.display import Audio, display
from torch.nn import functional as F

from olc_lib import block_metrics, checks, data, losses, metrics, pictures, plots, runs, train, transfer, widgets
from olc_lib.latent import IMAGE, VOICE
from olc_lib.reading import batched, hear, read_digits
from olc_lib.systems import placed
from olc_lib.transfer import to_voice

# %%
trained = runs.load(run)
slim = runs.load("slim").results["metrics"]
voices, images = placed.corpora(trained.settings, "test")

# %% [markdown]
# ## A hub, not a web
#
# Suppose you want to translate between $n$ domains. With one translator for every way you need $n(n-1)$ of them, and each must be trained on pairs. With a shared code in the middle, every domain needs one way in and one way out: $2n$ parts, each trained at home.
#
# | domains | 2 | 3 | 5 | 10 |
# |---|---|---|---|---|
# | translators $n(n-1)$ | 2 | 6 | 20 | 90 |
# | ways in and out $2n$ | 4 | 6 | 10 | 20 |
#
# At three domains it is a draw, you will say. But text needs no network at all, so we have four parts for six ways. And who adds a domain trains two parts, and leaves all others alone.

# %% [markdown]
# ## Three ways in
#
# What all three share is the digit block, ten numbers of length 1. A voice gives it together with a speaker block, an image with the writer's 1. Text gives it as it is: a 1 in its place.

# %%
sound = trained.spectrogram(voices.waves, voices.lengths)
voice_code = batched(trained.voice.encode, sound)
spoken = VOICE.split(voice_code)["digit"]
drawn = IMAGE.split(batched(trained.image.encode, images.pixels))["digit"]
typed = torch.eye(10)
print(f"{len(spoken)} spoken, {len(drawn)} drawn, {len(typed)} typed, each a block of {typed.shape[1]}")

# %% mystnb={"image": {"alt": "Three rows of ten numbers: a seven that was said, one that was drawn and one that was typed. In all three the eighth number is near 1 and the others are near 0."}}
said = int(((voices.digit == 7) & (voices.speaker == 1)).nonzero()[0])
shown = int((images.digit == 7).nonzero()[0])
rows = torch.stack([spoken[said], drawn[shown], typed[7]])
figure = plots.heat(rows, ["said", "drawn", "typed"], list("0123456789"), "coordinate of the digit block")

# %% [markdown]
# One thing, three appearances, one code. That is the paper's aim in a picture (Solhjoo & Rodolà, section 1), and [chapter 2](02_one_object_many_appearances.ipynb) showed how ordinary methods miss it.
#
# ## Three ways out
#
# A way out has to fill in what the block does not say. An image also needs the writer, and there is only one. A voice needs a speaker, and you must *choose*: a drawing does not say in whose voice it wants to be read. Text needs nothing.


# %%
def draw(block):
    """Digit blocks [B, 10] to pictures."""
    return batched(trained.image.decode, torch.cat([torch.ones(len(block), 1), block], 1))


def say(block, speaker, model=trained.voice):
    """Digit blocks [B, 10] to pictures of sound, each in the voice of its speaker."""
    return batched(model.decode, to_voice(block, speaker))


def write(block):
    """Digit blocks [B, 10] to digits."""
    return block.argmax(1)


# %% [markdown]
# Now our seven, in all directions. A row for where it comes from, a column for where it goes. On the diagonal stands the original; everything else came out of a decoder or was read off a code.

# %% mystnb={"image": {"alt": "Table of three rows and three columns. Rows: said, drawn, typed. Columns: voice, image, text. Every row holds a log-mel picture of the word seven, a handwritten seven, and the text 7."}}
chosen = torch.tensor([1])  # whose voice drawings and texts get
cells = []
for k, block in enumerate(rows.split(1)):
    row = [say(block, chosen)[0], draw(block)[0], str(write(block).item())]
    row[k] = (sound[said], images.pixels[shown], "7")[k]
    cells.append(row)
figure = plots.mosaic(cells, ["said", "drawn", "typed"], ["voice", "image", "text"])

# %% [markdown]
# And to listen: the clip itself, then the drawing read aloud, then the typed 7. The last two are guesses of a waveform for a picture of sound ([chapter 3](03_the_data.ipynb)), so expect a robot behind a door.

# %% tags=["nbval-ignore-output"]
print("said by", voices.speakers[1])
display(Audio(voices.waves[said, : voices.lengths[said]].numpy(), rate=data.RATE))
for name, block in (("drawn, read aloud", rows[1:2]), ("typed, read aloud", rows[2:])):
    print(name)
    display(Audio(trained.spectrogram.listen(say(block, chosen)[0]).numpy(), rate=data.RATE))

# %% [markdown]
# Type any digit, in any voice. Sixty codes, sixty pictures of sound (time runs to the right, low bands lie at the bottom):

# %% tags=["nbval-ignore-output"]
pages = [[pictures.png(p.flip(1), 5) for p in say(typed, torch.full((10,), s))] for s in range(6)]
widgets.flip_table(pages, voices.speakers, list("0123456789"), ("speaker", "digit"))

# %% [markdown]
# ## The table
#
# Who says that an arrival is right? For pictures the **judge**, a classifier of real handwriting; for sounds the **listener**, a classifier of real voices that names digit and speaker. Neither saw a generated thing in training. For text there is nothing to judge: the digit is written there.
#
# No judge is perfect. Its score on *real* test items is the **ceiling**: what a flawless decoder would get.

# %%
for name, own in ((run, trained.results["metrics"]), ("slim", slim)):
    print(f"{name}: ceilings")
    for key, count in (
        ("image_classifier_accuracy", "images"),
        ("voice_classifier_digit", "voices"),
        ("voice_classifier_speaker", "voices"),
    ):
        low, high = metrics.wilson(own[key], own[count])
        print(f"  {key:17} {own[key]:5.1f} % ({low:.1f} to {high:.1f}), {own[count]} items")

# %% [markdown]
# Now the six ways. Drawings are read aloud by the six speakers in turn, and every typed digit by all of them.

# %%
turn, everyone, ten = torch.arange(len(images)) % 6, torch.arange(6).repeat_interleave(10), torch.arange(10)
aloud = hear(trained.voice_classifier, say(drawn, turn))
typed_aloud = hear(trained.voice_classifier, say(typed.repeat(6, 1), everyone))
ways = {
    "voice to image": (read_digits(trained.image_classifier, draw(spoken)), voices.digit, "transfer_drop"),
    "voice to text": (write(spoken), voices.digit, "voice_digit"),
    "image to voice": (aloud["digit"], images.digit, "image_to_voice_digit"),
    "image to text": (write(drawn), images.digit, "image_digit"),
    "text to image": (read_digits(trained.image_classifier, draw(typed)), ten, "handcrafted"),
    "text to voice": (typed_aloud["digit"], ten.repeat(6), "text_to_voice_digit"),
}

# %%
print(f"{'digits right, %':15} {run:>8} {'95 %':>12} {'slim':>7} {'95 %':>12}")
for name, (read, wanted, key) in ways.items():
    here, there = metrics.accuracy(read, wanted), slim[key] * (10 if key == "handcrafted" else 1)
    count = {"voice": slim["voices"], "image": slim["images"]}.get(name.split()[0])
    line = f"{name:15} {here:8.1f} "
    if count:
        line += "{:5.1f} to {:4.1f}".format(*metrics.wilson(here, len(wanted)))
        line += f" {there:7.1f} " + "{:5.1f} to {:4.1f}".format(*metrics.wilson(there, count))
    else:
        line += f"{'all there are':>12} {there:7.1f}"
    print(line)

# %% [markdown]
# Read it in pairs. Ways to *text* are as good as an encoder's largest coordinate. Ways to *images* lose little more. Ways to *voices* lose most, even when they start from flawless text; so the loss sits in the decoder that speaks.
#
# The brackets are Wilson's 95 % intervals over test items. Ways from text have none: ten (or sixty) codes are all there are, not a sample of something larger.
#
# The paper shows two of the six as pictures, voice to image (Figure 10) and text to image (Figure 9), says that image to text works likewise (section 3.2), and gives no numbers. Ways to a voice it does not try.

# %% [markdown]
# ## Whose voice is it?
#
# A spoken word has an owner. You chose a speaker by putting a 1 into the speaker block. Does the listener hear that speaker?

# %%
for name, ear, wanted in (("image_to_voice", aloud, turn), ("text_to_voice", typed_aloud, everyone)):
    here, there = metrics.accuracy(ear["speaker"], wanted), slim[f"{name}_speaker"]
    print(f"{name:15} speaker right: {run} {here:5.1f} %, slim {there:5.1f} %  (by chance {100 / 6:.1f} %)")

# %% [markdown]
# Better than chance, and far below the ceiling. Here is an easy way to make the number look good: ask somebody else. The voice model's own *encoder* reads the speakers of real clips nearly without fault, so let it read what its own decoder drew.

# %%
sounds = say(typed.repeat(6, 1), everyone)
own_ear = VOICE.labels(batched(trained.voice.encode, sounds))
print(f"the model's own encoder hears the speaker in {metrics.accuracy(own_ear['speaker'], everyone):.0f} %")
print(f"the independent listener hears the speaker in {metrics.accuracy(typed_aloud['speaker'], everyone):.0f} %")

# %% [markdown]
# Which one is right? Encoder and decoder grew up together. They can agree on a trace that means "speaker 2" to them and nothing to anyone else, like two children with a secret language. If a system marks its own work, such agreements count as success. That is why this book keeps its classifiers apart, at the price of worse numbers.
#
# Is the *crossing* to blame? No control, no answer: redraw the clips from their own, complete codes, where nothing crosses over.

# %%
redrawn = hear(trained.voice_classifier, batched(trained.voice.decode, voice_code))
for name in ("digit", "speaker"):
    print(f"{name:8} real {trained.results['metrics'][f'voice_classifier_{name}']:5.1f} %, "
          f"redrawn {metrics.accuracy(redrawn[name], getattr(voices, name)):5.1f} %")  # fmt: skip

# %% [markdown]
# So a word that never left its domain has lost its owner as well. It is the decoder, and [chapter 11](11_the_voice_vae.ipynb) found out why: it was asked to redraw *augmented* pictures, some with a longer throat, some with a shorter one, and for one code it can only draw their mean, which is blurred. Why does a blur hurt the speaker more than the digit? Blur real clips, and ask (1 x 1 is no blur at all).

# %%
for size in (1, 3, 5):
    blurred = F.avg_pool2d(F.pad(sound, (size // 2,) * 4), size, stride=1)
    ear = hear(trained.voice_classifier, blurred)
    shares = [f"{name} {metrics.accuracy(ear[name], getattr(voices, name)):3.0f} %" for name in ear]
    print(f"blurred over {size} x {size}:", ", ".join(shares))

# %% [markdown]
# A word is a broad shape: which bands are loud, and when. A voice is in the fine grain.
#
# ## A mended decoder
#
# If that is the reason, there is a remedy. Leave the encoder alone, with all that augmentation taught it. Show its decoder *clean* pictures for a while: the codes of the training clips on one side, resampled as ever, the clips as they are on the other.

# %%
learned = data.voices(trained.settings.voices, "train")
clean = trained.spectrogram(learned.waves, learned.lengths)
pairs = {"code": batched(trained.voice.encode, clean), "wanted": trained.voice.normalize(clean)}
mended = copy.deepcopy(trained.voice)


def redraw(batch, step, generator):
    """The reconstruction loss of clean pictures, for the decoder alone."""
    code = VOICE.resample(batch["code"], trained.settings.mu, trained.settings.sigma_min, generator)
    value = losses.reconstruction(batch["wanted"], mended.decode(code)).mean()
    return value, {"total": value.detach()}


# %%
total = train.fit(mended.decoder, redraw, pairs, 300, lr=2e-3, batch_size=32)["total"]
print(f"{len(total)} steps; the loss fell: {bool(total[-20:].mean() < total[:20].mean())}")

# %% tags=["nbval-ignore-output"]
for name, model in (("as trained", trained.voice), ("mended", mended)):
    ear = hear(trained.voice_classifier, say(typed.repeat(6, 1), everyone, model))
    digit, speaker = metrics.accuracy(ear["digit"], ten.repeat(6)), metrics.accuracy(ear["speaker"], everyone)
    print(f"{name:11} text to voice: digit {digit:3.0f} %, speaker {speaker:3.0f} %")

# %% [markdown]
# A short training brings much of the speaker back, and the digits too. So the *codes* were fine: they said clearly enough who should speak. (Was it the clean pictures, or merely more steps? A control would spend as many steps on augmented ones; here chapter 11 has to stand in for it.) Look at what changed:

# %% mystnb={"image": {"alt": "Three rows of log-mel pictures of the word three by four speakers. First row real clips, second row as trained: soft blobs that look much alike. Third row mended: sharper, with the stripes and heights of the real ones."}}
four = [int(((voices.speaker == s) & (voices.digit == 3)).nonzero()[0]) for s in (0, 1, 3, 5)]
block, who = typed[[3] * 4], torch.tensor([0, 1, 3, 5])
cells = [list(sound[four]), list(say(block, who)), list(say(block, who, mended))]
figure = plots.mosaic(cells, ["real", "as trained", "mended"], [voices.speakers[s] for s in who])

# %% [markdown]
# Choose a digit and a voice, or a place between two voices, and hear what the voice decoder of the run `slim` makes of it.
#
# <div class="olc-live" data-live="voice" data-title="Let the decoder speak">
# <p><em>On the book's web pages the voice decoder speaks here; the table above says how well it is understood.</em></p>
# </div>
# <script src="../_static/live/live.js" defer></script>

# %% [markdown]
# ## Change the voice, keep the word
#
# A seventh way falls into your lap: from voice to voice. Keep the digit block of a clip, and put another speaker's 1 in front. This is **voice conversion**. Here everybody's words are said in each of the five other voices.


# %%
def convert(model):
    """Everybody's words in every other voice: share of digits kept, of new and of old speakers heard."""
    shares = []
    for step in range(1, 6):
        other = (voices.speaker + step) % 6
        ear = hear(trained.voice_classifier, say(spoken, other, model))
        wanted = ((ear["digit"], voices.digit), (ear["speaker"], other), (ear["speaker"], voices.speaker))
        shares.append([metrics.accuracy(*pair) for pair in wanted])
    return torch.tensor(shares).mean(0).tolist()


# %% tags=["nbval-ignore-output"]
for name, model in (("as trained", trained.voice), ("mended", mended)):
    kept, new, old = convert(model)
    print(f"{name:11} digit kept {kept:3.0f} %, new speaker heard {new:3.0f} %, old one heard {old:3.0f} %")

# %%
for name in ("digit", "speaker"):
    share = slim[f"conversion_{name}"]
    low, high = metrics.wilson(share, slim["voices"])
    print(f"slim, to the next speaker in the list: {name:7} right in {share:.1f} % ({low:.1f} to {high:.1f})")

# %% [markdown]
# Is the old speaker heard too often? Wherever the new one is missed, somebody else is named, and there are five others. So in the first of the two tables, compare the last number of a row with a fifth of what the new speaker misses: it is about that. Conversion does not fail by leaving the old voice in. Where it fails, it lands on anybody whom a blurred voice resembles.
#
# Listen: the clip, then its conversions to two other speakers by the mended decoder.

# %% tags=["nbval-ignore-output"]
clip = four[1]
print(voices.speakers[1], "says three")
display(Audio(voices.waves[clip, : voices.lengths[clip]].numpy(), rate=data.RATE))
for speaker in (0, 5):
    print("the same word as", voices.speakers[speaker])
    picture = say(spoken[[clip]], torch.tensor([speaker]), mended)[0]
    display(Audio(trained.spectrogram.listen(picture).numpy(), rate=data.RATE))

# %% [markdown]
# ## What is lost
#
# A shared code carries what is shared. That a digit was drawn with a hook, or said like a question, has no place in ten numbers. **Diversity** shows it: the root mean square difference between two items of one digit ([chapter 15](15_voice_to_image.ipynb)). For voices we compare items of one digit *and* one speaker. (From here on, a "redrawn" voice is said from its own digit block and a pure speaker block.)

# %%
real_images, real_sounds = trained.image.normalize(images.pixels), trained.voice.normalize(sound)
group, mixed = 10 * voices.speaker + voices.digit, 10 * turn + images.digit
print(f"images: real {metrics.diversity(real_images, images.digit):.3f}, redrawn {metrics.diversity(draw(drawn), images.digit):.3f}, "
      f"from voices {metrics.diversity(draw(spoken), voices.digit):.3f}, from text 0")  # fmt: skip
print(f"voices: real {metrics.diversity(real_sounds, group):.3f}, redrawn {metrics.diversity(say(spoken, voices.speaker), group):.3f}, "
      f"from images {metrics.diversity(say(drawn, turn), mixed):.3f}, from text 0")  # fmt: skip

# %% [markdown]
# Everything that comes out is far more alike than what went in. A typed digit is the extreme: one code, one picture, for ever. (Not all diversity is nuance, either: an unclear code gives a cross-breed, and that counts as well, as chapter 15 saw. So one domain may bring more of it than another.) And *error* (the distance to real items of the class) cannot tell, for it is lowest for the mean of the class, as chapter 15 showed:

# %%
for name, drawings, digit in (
    ("real", real_images, images.digit),
    ("from voices", draw(spoken), voices.digit),
    ("from text", draw(typed), ten),
):
    print(f"{name:12} error {metrics.class_error(drawings, digit, real_images, images.digit):.3f}")

# %% [markdown]
# Is *nothing* but the digit carried over, then? What little diversity is left must come from somewhere. Look at prosody, the way a word is said. How long was the clip? Take its length, and the number of columns that are bright in a picture of sound, both measured from the mean of their speaker and digit, and ask how they go together (1: in step; 0: not at all).


# %%
def width(picture):
    """How many columns reach half of the picture's maximum."""
    return (picture[:, 0].amax(1) > 0.5 * picture[:, 0].amax((1, 2))[:, None]).float().sum(1)


def together(a, b, group):
    """Correlation of two numbers, each measured from the mean of its group."""
    a, b = (x - torch.stack([x[group == k].mean() for k in group]) for x in (a, b))
    return float(a @ b / (a.norm() * b.norm()).clamp_min(1e-9))


# %%
length = voices.lengths.float()
print(f"length and width of the real picture:    {together(length, width(real_sounds), group):.2f}")
print(f"length and width when redrawn:           {together(length, width(say(spoken, voices.speaker)), group):.2f}")
snapped = say(typed[write(spoken)], voices.speaker)
print(f"length and width when snapped to text:   {together(length, width(snapped), group):.2f}")

# %% [markdown]
# So part of the duration does get through, where there should be no room for it. The code is *nearly* one-hot, and in the small deviations a little of everything can hide. Snapping to text (chapter 15) closes that gap: a text has no deviations.
#
# ## What nobody meant to send
#
# If the length of a word can hide there, who else can? Train a linear probe ([chapter 11](11_the_voice_vae.ipynb)) to name the *speaker* from a picture that a voice has drawn. The speaker block was thrown away before drawing.

# %%
ear = VOICE.split(pairs["code"])["digit"]
probes = {
    "the log-mel picture": (clean.flatten(1), sound.flatten(1)),
    "the digit block": (ear, spoken),
    "the drawn digit": (draw(ear).flatten(1), draw(spoken).flatten(1)),
    "the drawn digit, snapped": (draw(typed[write(ear)]).flatten(1), draw(typed[write(spoken)]).flatten(1)),
}
for name, (given, asked) in probes.items():
    share = block_metrics.probe(given, learned.speaker, asked, voices.speaker)
    print(f"speaker, from {name:25} {share:4.0f} %")

# %% [markdown]
# Astonishing: from a handwritten digit one can tell who *said* it, though a reader would hardly see a difference. (By chance: one in six.) In the ten numbers the trace is hard to get at for a linear probe, presumably because it means something else for every digit. The decoder spreads ten numbers over hundreds of pixels, and there a straight cut finds it.
#
# Judge the leak as you like. A semi-orthogonal code is *semi*. If a drawing must not give away its speaker, dropping a block is not enough; snap.

# %% [markdown]
# ## There and back again
#
# A round trip: a voice becomes an image, the image is read by the image encoder, and the code is said again, in the voice of whoever said it first. Then once more, and again. What is left?


# %%
def round_trip(code):
    """A voice code over an image and back to a picture of sound; returns both pictures."""
    picture = batched(trained.image.decode, transfer.drop(code, VOICE, IMAGE))
    back = IMAGE.split(batched(trained.image.encode, picture))["digit"]
    return picture, say(back, voices.speaker)


stations, code = [], voice_code
for _ in range(6):
    picture, word = round_trip(code)
    stations.append((picture, word))
    code = batched(trained.voice.encode, word)

# %%
print("round   digit drawn   digit said   diversity of sounds")
for number, (picture, word) in enumerate(stations, 1):
    judge, ear = read_digits(trained.image_classifier, picture), hear(trained.voice_classifier, word)["digit"]
    print(f"{number:5} {metrics.accuracy(judge, voices.digit):11.0f} % {metrics.accuracy(ear, voices.digit):10.0f} % "
          f"{metrics.diversity(word, group):15.3f}")  # fmt: skip

# %% [markdown]
# It is the children's game of whispers. Two things happen. What was *special* about a clip is gone after a round or two: the diversity falls to almost nothing. And a few words slide into other digits, because the models do not return exactly what they are given, and small errors add up until a code crosses the middle between two digits. (That the listener starts lower than the judge is no drift: it is the blurred decoder again.)
#
# Watch one that gets lost, if there is one (otherwise the first of all):

# %% mystnb={"image": {"alt": "Two rows. Above, pictures drawn in rounds one to six from one spoken word; below, the pictures of sound of the same rounds. From round to round the drawing turns from one digit into another."}}
final = read_digits(trained.image_classifier, stations[-1][0]) != voices.digit
lost = int(final.nonzero()[0]) if final.any() else 0
cells = [[picture[lost] for picture, _ in stations], [word[lost] for _, word in stations]]
figure = plots.mosaic(cells, ["drawn", "said"], [f"round {k}" for k in range(1, 7)])

# %% [markdown]
# Put text into the loop, that is, snap the code once in every round. Then there is nothing left to drift:

# %%
code = voice_code
for _ in range(6):
    code = to_voice(typed[VOICE.labels(code)["digit"]], voices.speaker)
    picture, word = round_trip(code)
    code = batched(trained.voice.encode, word)
read = read_digits(trained.image_classifier, picture)
print(f"after 6 rounds with text: digit drawn right in {metrics.accuracy(read, voices.digit):.0f} %")

# %% [markdown]
# Writing did the same for us. A story that is told changes from mouth to mouth; one that is copied letter by letter does not, since a letter is either an a or not, and small errors are mended in every copy.

# %% [markdown]
# ## Where the paper leaves a choice
#
# - **Which ways.** Voice to image and text to image are shown; the others follow from the same codes, and are this book's.
# - **The speaker of a sound that comes from an image or a text.** Not discussed, since these ways are not walked. Here all six in turn.
# - **The judge.** The reader's eye. Here classifiers trained apart, with their ceilings.
# - **What the decoder draws in training.** The input, as printed. With augmentation there are two candidates, the input as augmented (the library) and the clean one (the mended decoder).

# %% [markdown]
# ## What to remember
#
# - With a shared, placed code, $n$ domains need $2n$ parts instead of $n(n-1)$ translators, and no pairs.
# - A way out must choose what the way in did not say: a writer, a speaker.
# - Never let a model mark its own work. Print the independent judge, and its ceiling.
# - Digits get through; the speaker gets lost in a blurred decoder, and comes back if the decoder practises on clean pictures.
# - The code carries only what is shared *by design*. In practice small deviations smuggle the rest; text smuggles nothing.
# - Round trips drift. Snapping stops the drift, at the price of all nuance.

# %% [markdown]
# ## Exercises
#
# ### Exercise 1: one more domain
#
# Voices, images, text, sign-language videos and Morse code: five domains, and you want every way between two of them. How many translators does the web need, one for each way? How many ways in and out does the hub need?

# %% tags=["exercise"]
web, hub = None, None
checks.directions_parts(web, hub)

# %% [markdown]
# <details>
# <summary>Solution</summary>
#
# ```python
# web, hub = 5 * 4, 2 * 5
# checks.directions_parts(web, hub)
# ```
#
# Two of the ten, those of text, need no training at all. If the Morse code is written, its two need none either.
#
# </details>

# %% [markdown]
# ### Exercise 2: a chain of stations
#
# An encoder reads 98 % of the words right. From a right code the decoder draws a picture that shows the digit in 95 % of the cases. The judge reads 99 % of such pictures right. If mistakes come independently and never cancel, what coherence (in percent) do you expect from voice to image? And what would it be with a flawless judge?

# %% tags=["exercise"]
expected, flawless = None, None
checks.directions_chain(expected, flawless)

# %% [markdown]
# <details>
# <summary>Solution</summary>
#
# ```python
# expected, flawless = 100 * 0.98 * 0.95 * 0.99, 100 * 0.98 * 0.95
# checks.directions_chain(expected, flawless)
# ```
#
# 92.2 and 93.1. In truth mistakes are not independent: an unclear word gives an unclear code, which gives an unclear drawing.
#
# </details>

# %% [markdown]
# ### Exercise 3: a duet
#
# Write `duet(code, first, second)`: voice codes `[B, 16]` that keep their digit block, and whose speaker block is half speaker `first`, half speaker `second`, brought to length 1. Whom does the listener hear?


# %% tags=["exercise"]
def duet(code, first, second):
    return code


checks.directions_duet(duet)

# %% [markdown]
# <details>
# <summary>Solution</summary>
#
# ```python
# def duet(code, first, second):
#     speaker = torch.zeros(len(code), 6)
#     speaker[:, [first, second]] = 0.5**0.5
#     return torch.cat([speaker, VOICE.split(code)["digit"]], 1)
#
#
# ear = hear(trained.voice_classifier, batched(mended.decode, duet(voice_code, 0, 3)))
# print({voices.speakers[k]: int((ear["speaker"] == k).sum()) for k in range(6)})
# checks.directions_duet(duet)
# ```
#
# The place between two speakers belongs to nobody. The decoder has been there in training only by way of the interpolation loss and of resampling, and the listener has to name somebody.
#
# </details>

# %% [markdown]
# ### Exercise 4: break it
#
# All six ways rest on one agreement: both models keep the digits in the same order. Break it. Roll the digit block of the spoken words by one place before drawing, and put the pictures into `rolled`.
#
# Expected picture: flawless handwriting, and every digit is one too large. A spoken three draws a four, a nine draws a zero.

# %% tags=["exercise"]
rolled = draw(spoken)
checks.directions_rolled(rolled, voices.digit, trained)

# %% [markdown]
# <details>
# <summary>Solution</summary>
#
# ```python
# rolled = draw(spoken.roll(1, dims=1))
# checks.directions_rolled(rolled, voices.digit, trained)
# ```
#
# Nothing in either model can notice. Reconstruction, sparsity, disentanglement: all losses are as low as before. The agreement is not learned, it is made, by writing the same labels in the same order.
#
# </details>

# %% [markdown]
# ## Where next
#
# - [Searching with a voice](17_searching_with_a_voice.ipynb): the same blocks, used to find instead of to draw.
# - [A voice never heard before](18_a_voice_never_heard.ipynb): a speaker for whom there is no place.
# - [The ledger](ledger.ipynb): every claim with its verdict.
