# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Build it once
#
# The last chapter called a library. This one writes the whole system again, in about 150 lines of plain PyTorch: encoder, normalization, noise, decoder, the four loss terms, their schedule, two trainings, and the crossing from a voice to an image. Both models are trained on this page, in under a minute. At the end every function is compared with the library's.
#
# ![Block diagram of the whole system: voice model, image model and training. Lit here: every part.](_static/spine/build_it_once.svg)
#
# You can type it yourself. No line is needed that is not shown.
#
# **Time:** 35 minutes to read, one minute to run.
#
# **Needs:** [A voice becomes an image](01_voice_becomes_image.ipynb), and basic PyTorch.

# %% [markdown]
# ## Goals
#
# After this chapter you can
#
# - write an autoencoder whose code has a place for each class, and train it;
# - say what each of the four loss terms asks for, in one line of code;
# - explain when a term enters the loss, and with what weight;
# - join two models that were trained apart, and measure the result.

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

# %%
import torch
from torch import nn
from torch.nn import functional as F

from olc_lib import data, plots, runs
from olc_lib.spectra import LogMel

# %% [markdown]
# Three things are borrowed, because later chapters explain them: the small corpora that travel with the book, the log-mel pictures of sounds ([The data, listened to](04_the_data.ipynb)), and at the end an image classifier that judges the drawings. `plots` draws figures.

# %%
voices, images = data.voices("embedded"), data.images("embedded")
spectrogram = LogMel()
heard = spectrogram(voices.waves, voices.lengths)
print("voices:", tuple(heard.shape), "speakers:", len(voices.speakers))
print("images:", tuple(images.pixels.shape))

# %% mystnb={"image": {"alt": "Two rows of ten pictures. Above, log-mel pictures of spoken digits from zero to nine: bright stripes on a dark ground. Below, ten handwritten digits from 0 to 9."}}
rows = [int((voices.digit == d).nonzero()[0]) for d in range(10)]
written = [int((images.digit == d).nonzero()[0]) for d in range(10)]
shown = [list(heard[rows]), list(images.pixels[written])]
figure = plots.mosaic(shown, ["heard", "written"], list("0123456789"))

# %% [markdown]
# ## Station one: one level for all
#
# A loud and a soft recording of one word should look the same to the encoder. So each signal is divided by the mean of its largest 5 % of values. That is steadier than dividing by the single largest value. The paper calls it *Max M %*; [its chapter](05_max_m_normalization.ipynb) tests it.


# %%
def max_m_percent(x, m=5):
    """Signals [B, 1, H, W], each divided by the mean of its largest m percent."""
    amplitude = x.flatten(1).abs()
    count = max(1, round(amplitude.shape[1] * m / 100))
    scale = amplitude.topk(count, dim=1).values.mean(1)
    scale = torch.where(scale > 0, scale, 1)  # silence stays silence
    return x / scale.view(-1, 1, 1, 1)


# %% [markdown]
# ## Station two: a code with blocks
#
# The encoder will give 16 numbers for a voice: 6 for the speaker, 10 for the digit. For an image it gives 11: one for the writer, 10 for the digit. Each of these parts is a *block* (a group, in the last chapter), and is brought to length 1. Then only its *direction* counts, and a block that is 1 in one place is 0 in all others. A block of a single number would be +1 or −1; we set it to +1.

# %%
VOICE_BLOCKS = {"speaker": 6, "digit": 10}
IMAGE_BLOCKS = {"writer": 1, "digit": 10}


def cut(code, blocks):
    """A code [B, D] as its blocks, by name."""
    return dict(zip(blocks, code.split(list(blocks.values()), dim=1), strict=True))


def unit_blocks(raw, blocks):
    """Every block of [B, D] at length 1; a block of one number is +1."""
    parts = cut(raw, blocks).values()
    parts = [F.normalize(part, dim=1) if part.shape[1] > 1 else torch.ones_like(part) for part in parts]
    return torch.cat(parts, dim=1)


# %%
raw = torch.tensor([[3.0, 4.0, 0, 0, 0, 0, *[1.0] * 10]])
print("speaker, digit:", [f"{block.norm():.2f}" for block in cut(raw, VOICE_BLOCKS).values()])
unit = unit_blocks(raw, VOICE_BLOCKS)
print("speaker, digit:", [f"{block.norm():.2f}" for block in cut(unit, VOICE_BLOCKS).values()])
print("first two numbers:", [round(v, 2) for v in unit[0, :2].tolist()])

# %% [markdown]
# ## Station three: noise
#
# During training the decoder never sees the exact code. It gets a point near it, so that neighbouring codes have to give similar pictures. The noise is Gaussian, and a little wider where the coordinate is large (Equation 1 of the paper). After training, no noise is added. (Because of this noise the paper calls its model a variational autoencoder, VAE. An ordinary VAE also has a KL divergence in its loss; [chapter 3](03_one_object_many_appearances.ipynb) explains both.)


# %%
def noisy(code, generator, mu=0.05, sigma=0.05):
    """A point near the code, Equation 1."""
    width = mu * code.abs() + sigma
    return code + width * torch.randn(code.shape, generator=generator)


# %% [markdown]
# ## The two networks
#
# The encoder halves the picture twice by convolutions of stride 2, then one linear layer makes the code. The decoder goes the same way back. The paper's stacks have ten layers, and up to a thousand channels; two layers of 16 and 32 channels are enough for this page.


# %%
def layer(kind, inputs, outputs):
    """A convolution that halves (or, transposed, doubles) height and width."""
    convolution = kind(inputs, outputs, 4, stride=2, padding=1, bias=False)
    return convolution, nn.BatchNorm2d(outputs), nn.ReLU()


def make_encoder(side, size):
    """Pictures [B, 1, side, side] to raw codes [B, size]."""
    down = [*layer(nn.Conv2d, 1, 16), *layer(nn.Conv2d, 16, 32)]
    return nn.Sequential(*down, nn.Flatten(), nn.Linear(32 * (side // 4) ** 2, size))


def make_decoder(side, size):
    """Codes [B, size] to pictures [B, 1, side, side] between 0 and 1."""
    small = (32, side // 4, side // 4)
    start = [nn.Linear(size, 32 * (side // 4) ** 2), nn.Unflatten(1, small), nn.BatchNorm2d(32), nn.ReLU()]
    end = nn.ConvTranspose2d(16, 1, 4, stride=2, padding=1)
    return nn.Sequential(*start, *layer(nn.ConvTranspose2d, 32, 16), end, nn.Sigmoid())


# %% [markdown]
# A model ties the stations together. Its output passes through Max M %, too, so that a picture and its reconstruction are compared at the same level.


# %%
class Placed(nn.Module):
    """Encoder, code, decoder for square pictures."""

    def __init__(self, side, blocks):
        super().__init__()
        self.blocks = blocks
        self.encoder = make_encoder(side, sum(blocks.values()))
        self.decoder = make_decoder(side, sum(blocks.values()))

    def encode(self, x):
        """Pictures to codes, without noise."""
        return unit_blocks(self.encoder(max_m_percent(x)), self.blocks)

    def decode(self, code):
        """Codes to pictures, without noise."""
        return max_m_percent(self.decoder(code))


# %%
torch.manual_seed(0)
voice_model, image_model = Placed(32, VOICE_BLOCKS), Placed(28, IMAGE_BLOCKS)
for name, model in {"voice": voice_model, "image": image_model}.items():
    print(f"{name}: {sum(p.numel() for p in model.parameters()):,} parameters")

# %% [markdown]
# ## Three terms about the picture
#
# **Reconstruction** asks that the picture comes back: the root mean square of the residual. **Sparsity** asks that the residual be zero in most pixels: its mean absolute value. **Interpolation** mixes two codes and asks that the decoder draws the mix of the two pictures. Every item's partner is another item of the same batch.


# %%
def rms(residual):
    """Root mean square of each item."""
    return residual.flatten(1).square().mean(1).sqrt()


def mix(a, b, alpha):
    """alpha of a and the rest of b, with one alpha for each item."""
    alpha = alpha.view(-1, *[1] * (a.dim() - 1))
    return alpha * a + (1 - alpha) * b


# %% [markdown]
# ## The term that places
#
# **Disentanglement** is what this book is about, and it needs labels. Of each block we know which coordinate belongs to the item: its *own* one, say number 7 for a seven. The term falls when the own coordinate rises, and when the others come closer to zero.
#
# The paper takes the largest of the others, with its sign (Equation 5). We take their root mean square. [Disentanglement](09_disentanglement.ipynb) shows what the sign does and why a maximum is slow, [Raw waveforms](13_raw_waveforms.ipynb) why the root mean square is not.


# %%
def placing(block, label):
    """Lowest, 0.5, where the own coordinate is 1 and all others are 0."""
    own = block.gather(1, label[:, None])[:, 0]
    others = block.scatter(1, label[:, None], 0)
    others = others.square().sum(1).div(block.shape[1] - 1).sqrt()
    # Below zero 1 / (1 + own) goes on as a straight line: upside down is not allowed.
    return torch.where(own < 0, 1 - own, 1 / (1 + own.abs())) + others


# %%
for own in (1.0, 0.7, 0.0, -1.0):
    rest = ((1 - own**2) / 9) ** 0.5
    block = torch.full((1, 10), rest).scatter(1, torch.tensor([[7]]), own)
    print(f"own coordinate {own:4.1f}: the term is {placing(block, torch.tensor([7])).item():.3f}")

# %% [markdown]
# ## One step: all terms of a batch
#
# Now the stations in a row, once through for a batch. The codes and their mixes go through the decoder together.


# %%
def terms_of(model, x, labels, generator):
    """The mean of every loss term over a batch of pictures."""
    x = max_m_percent(x)
    code = unit_blocks(model.encoder(x), model.blocks)
    partner = torch.randperm(len(x), generator=generator)
    alpha = torch.rand(len(x), generator=generator)
    codes = torch.cat([code, mix(code, code[partner], alpha)])
    y, between = model.decode(noisy(codes, generator)).chunk(2)
    terms = {
        "reconstruction": rms(x - y),
        "sparsity": (x - y).abs().flatten(1).mean(1),
        "interpolation": rms(mix(x, x[partner], alpha) - between),
    }
    blocks = cut(code, model.blocks)
    terms |= {name: placing(blocks[name], label) for name, label in labels.items()}
    return {name: values.mean() for name, values in terms.items()}


# %% [markdown]
# ## Schedule: not everything at once
#
# At first only the reconstruction counts. The other terms are *injected* later: a multiplier rises from 0 to 1 along a ramp (Equation 6). Start and stop of each ramp are given as shares of the whole training. Each term also has a fixed *importance*, taken from the paper. The placing term counts once for each block: `speaker` and `digit`.

# %%
IMPORTANCE = {"reconstruction": 1.0, "sparsity": 0.3, "interpolation": 0.02, "speaker": 0.25, "digit": 0.25}
RAMP = {
    "reconstruction": (0, 0),
    "sparsity": (0.1, 0.15),
    "interpolation": (0.1, 0.15),
    "speaker": (0.15, 0.2),
    "digit": (0.15, 0.2),
}


def injection(t, start, stop):
    """0 up to start, 1 from stop on, a straight line between: Equation 6."""
    return 1.0 if t >= stop else max(0.0, (t - start) / (stop - start))


# %% [markdown]
# ## Balancing, and the total
#
# Last, the weighted terms are sorted by size. The largest gets the factor 1, the next 0.5, and so on, so that training works on what is worst. The total is the weighted mean of the terms (Equation 2). Its weights are $B M I$: balance, multiplier and importance.

# %%
BALANCE = (1.0, 0.5, 0.4, 0.3, 0.2)


def total(terms, t):
    """The loss at time t, from 0 to 1: a mean with weights B M I, Equation 2."""
    weight = {name: IMPORTANCE[name] * injection(t, *RAMP[name]) for name in terms}
    active = [name for name in terms if weight[name] > 0]
    active.sort(key=lambda name: -weight[name] * terms[name].item())
    for name, factor in zip(active, BALANCE, strict=False):
        weight[name] *= factor
    return sum(weight[name] * terms[name] for name in active) / sum(weight[name] for name in active)


# %% [markdown]
# ## The training loop
#
# Draw a batch, move its pictures by up to `move` pixels (so that no exact position is memorized), compute the terms, step. The learning rate rises in the first tenth and then falls.


# %%
def train(model, pictures, labels, move, steps=400):
    """Trains a model in place, and returns the terms of every step."""
    generator = torch.Generator().manual_seed(0)
    optimizer = torch.optim.Adam(model.parameters())
    rate = torch.optim.lr_scheduler.OneCycleLR(optimizer, 4e-3, steps, pct_start=0.1)
    history = []
    for step in range(1, steps + 1):
        rows = torch.randint(len(pictures), (32,), generator=generator)
        by = torch.randint(-move, move + 1, (2,), generator=generator).tolist()
        x = pictures[rows].roll(by, (2, 3))
        terms = terms_of(model, x, {name: label[rows] for name, label in labels.items()}, generator)
        optimizer.zero_grad()
        total(terms, step / steps).backward()
        optimizer.step()
        rate.step()
        history.append({name: value.item() for name, value in terms.items()})
    model.eval()
    return history


# %% [markdown]
# ## Train both, apart
#
# The image model sees images and their digits. It never hears a sound.

# %%
image_history = train(image_model, images.pixels, {"digit": images.digit}, move=1)

# %% [markdown]
# The voice model sees log-mel pictures, with speaker and digit. It never sees an image of a digit. A word is not centred as exactly as a written digit, so its picture is moved a little more.

# %%
labels = {"speaker": voices.speaker, "digit": voices.digit}
voice_history = train(voice_model, heard, labels, move=2)


# %% mystnb={"image": {"alt": "Loss terms over 400 steps. Reconstruction falls at once. The terms of speaker and digit stand high at first; after about step 80, when they enter the loss, they fall towards 0.7."}} tags=["nbval-ignore-output"]
def curves(history):
    """Steps of one training as a tensor for each term."""
    return {name: torch.tensor([step[name] for step in history]) for name in history[0]}


figure = plots.history(curves(voice_history), ["reconstruction", "speaker", "digit"])

# %% [markdown]
# Where did the codes land? Here are the test clips of one speaker, and the code of each.

# %% mystnb={"image": {"alt": "Heat map of ten codes, a row for each spoken digit, with sixteen columns. In every row the column of the same speaker is bright, and the bright digit column moves one to the right from row to row."}} tags=["nbval-ignore-output"]
test = data.voices("embedded", "test")
with torch.no_grad():
    codes = voice_model.encode(spectrogram(test.waves, test.lengths))
rows = [int(((test.digit == d) & (test.speaker == 2)).nonzero()[0]) for d in range(10)]
names = [f"s{s}" for s in range(6)] + [f"d{d}" for d in range(10)]
figure = plots.heat(codes[rows], [f"spoken {d}" for d in range(10)], names, "s: speaker, d: digit")

# %% [markdown]
# ## Read without a classifier
#
# Codes with places need no further network: the largest number of a block is the answer.


# %% tags=["nbval-ignore-output"]
def read(code, blocks):
    """The class of each block: its largest coordinate."""
    return {name: block.argmax(1) for name, block in cut(code, blocks).items()}


pictures = data.images("embedded", "test")
with torch.no_grad():
    seen = read(image_model.encode(pictures.pixels), IMAGE_BLOCKS)
for name, right in {
    "speaker, by voice": read(codes, VOICE_BLOCKS)["speaker"] == test.speaker,
    "digit, by voice": read(codes, VOICE_BLOCKS)["digit"] == test.digit,
    "digit, by image": seen["digit"] == pictures.digit,
}.items():
    print(f"{name:18} {int(right.sum())} of {len(right)} test items are read right")

# %% [markdown]
# ## Cross over
#
# The two models have never met, yet a seven has the same place in both. So the crossing is one line: put the writer's 1 in front of the voice's digit block.


# %%
def cross(code):
    """Voice codes [B, 16] to image codes [B, 11]."""
    return torch.cat([torch.ones(len(code), 1), cut(code, VOICE_BLOCKS)["digit"]], dim=1)


with torch.no_grad():
    drawn = image_model.decode(cross(codes))

# %% mystnb={"image": {"alt": "Six rows of ten generated pictures, a row for each speaker: slightly blurred handwritten digits from 0 to 9, one for each spoken digit."}} tags=["nbval-ignore-output"]
rows = [int(((test.speaker == s) & (test.digit == d)).nonzero()[0]) for s in range(6) for d in range(10)]
figure = plots.pictures(drawn[rows], size=0.6, rows=test.speakers)

# %% [markdown]
# Each row is one speaker, each drawing one test clip. Nothing was selected. Who says that they are digits? The image classifier of the book's stored run, which was trained on real handwriting and has seen no drawing:

# %% tags=["nbval-ignore-output"]
judge = runs.load("embedded", quiet=True).image_classifier
with torch.no_grad():
    answer = judge(drawn.clamp(0, 1)).argmax(1)
print(f"it reads the spoken digit in {int((answer == test.digit).sum())} of {len(answer)} drawings")

# %% [markdown]
# ## Isn't this just a classifier plus ten pictures?
#
# So far, yes. Ten stored pictures and the largest of the ten numbers do at least as well. This cell is that rival: take the class that the code names, and draw the mean training picture of it.

# %% tags=["nbval-ignore-output"]
means = torch.stack([images.pixels[images.digit == d].mean(0) for d in range(10)])
rival = max_m_percent(means)[read(codes, VOICE_BLOCKS)["digit"]]
with torch.no_grad():
    answer = judge(rival.clamp(0, 1)).argmax(1)
print(f"ten mean pictures: {int((answer == test.digit).sum())} of {len(answer)} drawings")

# %% [markdown]
# What the code adds is all that lies *between* the ten points: unclear voices, mixes, the way back from an image to a chosen speaker's voice, the distance between two items. And what it lacks is style: all sevens are drawn alike. Both are measured later, in [Voice to image](16_voice_to_image.ipynb) and [Beside other systems](24_beside_other_systems.ipynb).

# %% [markdown]
# ## The library is this
#
# Each function of this page has a twin in `olc_lib`, with checks of its input and a longer docstring. On random numbers, the largest difference between the two:

# %%
from olc_lib import losses, normalize, objective, transfer
from olc_lib.latent import IMAGE, VOICE

random = torch.Generator().manual_seed(1)
x, y = torch.rand(2, 8, 1, 32, 32, generator=random)
raw, label = torch.randn(8, 16, generator=random), torch.randint(10, (8,), generator=random)
code, alpha = VOICE.normalize(raw), torch.rand(8, generator=random)
block = code[:, 6:]


def seed():
    return torch.Generator().manual_seed(2)


# %%
pairs = {
    "max_m_percent": (max_m_percent(x), normalize.max_m_percent(x, 5)[0]),
    "unit_blocks, voice": (unit_blocks(raw, VOICE_BLOCKS), code),
    "unit_blocks, image": (unit_blocks(raw[:, :11], IMAGE_BLOCKS), IMAGE.normalize(raw[:, :11])),
    "noisy": (noisy(code, seed()), VOICE.resample(code, 0.05, 0.05, seed())),
    "rms": (rms(x - y), losses.reconstruction(x, y)),
    "sparsity": ((x - y).abs().flatten(1).mean(1), losses.sparsity(x, y)),
    "mix": (mix(x, y, alpha), losses.mix(x, y, alpha)),
    "placing": (placing(block, label), losses.disentanglement_rms(block, label)),
    "cross": (cross(code), transfer.drop(code, VOICE, IMAGE)),
}
for name, (ours, theirs) in pairs.items():
    print(f"{name:18} {tuple(ours.shape)!s:16} largest difference {(ours - theirs).abs().max():.6f}")

# %% [markdown]
# The schedule counts steps in the library and shares of the training here. The total agrees whatever the terms are:

# %%
steps = 400
injections = {name: (steps * start, steps * stop) for name, (start, stop) in RAMP.items()}
terms = dict(zip(IMPORTANCE, torch.rand(5, generator=random), strict=True))
for step in (1, 45, 70, 200):
    theirs, record = objective.total(terms, step, IMPORTANCE, injections, BALANCE)
    print(f"step {step:3}: ours {total(terms, step / steps):.4f}, the library's {theirs:.4f}")

# %% [markdown]
# Finally the whole step, with our model inside the library's loss: same batch, same random draws.

# %%
from types import SimpleNamespace

twin = SimpleNamespace(space=VOICE, normalize=max_m_percent, encoder=voice_model.encoder, decode=voice_model.decode)
theirs = objective.training_loss(twin, IMPORTANCE, injections, BALANCE, disentanglement=losses.disentanglement_rms)
batch = {"signal": heard[:32], "speaker": voices.speaker[:32], "digit": voices.digit[:32]}
labels = {name: batch[name] for name in VOICE_BLOCKS}
ours = total(terms_of(voice_model, batch["signal"], labels, seed()), 200 / steps)
scalar, record = theirs(batch, 199, seed())
print(f"the whole step: largest difference {abs(ours - scalar).item():.6f}")

# %% [markdown]
# So what is the rest of `olc_lib` for? Data with fixed splits, training that can be interrupted, stored results, and tests against the paper's pseudo-code. From here to chapter 11, most chapters take one station of this page, ask why it is built so, and try what happens without it.

# %% [markdown]
# ## An open question
#
# The code's places are assigned: digit 7 gets coordinate 7, because we say so. Any other assignment would do, even ten directions that are not at right angles. Would places that reflect how alike two digits sound or look make a better code for unclear voices? We know of no measurement for this model.

# %% [markdown]
# ## What to remember
#
# - The model is an autoencoder whose code is cut into blocks of length 1, with a little noise in training.
# - Three terms are about the picture; one, with labels, decides where each class lies.
# - Terms enter one after the other, and their order by size sets their weights.
# - Two models are joined by copying the digit block: it means the same in both.

# %% [markdown]
# ## Exercises
#
# ### Exercise 1: by hand
#
# A digit block has 0.6 in its own place, 0.8 in one other, and 0 elsewhere. What is its `placing` term?

# %% tags=["exercise"]
from olc_lib import checks

answer = None
checks.once_placing_by_hand(answer)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# answer = 1 / 1.6 + (0.8**2 / 9) ** 0.5
# ```
#
# The first part is 0.625. Of the nine others one is 0.8, so their mean square is 0.64 / 9, and its root 0.267: together 0.892.
#
# </details>

# %% [markdown]
# ### Exercise 2: the way back
#
# Write `cross_back(code, speaker)`: image codes `[B, 11]` to voice codes `[B, 16]`, spoken by speakers `[B]`. Then let the voice model decode a few: `voice_model.decode(cross_back(...))`.


# %% tags=["exercise"]
def cross_back(code, speaker):
    return None


checks.once_cross_back(cross_back)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def cross_back(code, speaker):
#     voice = F.one_hot(speaker, 6).float()
#     return torch.cat([voice, code[:, 1:]], dim=1)
#
#
# checks.once_cross_back(cross_back)
# ```
#
# An image does not say who speaks, so you choose.
#
# </details>

# %% [markdown]
# ### Exercise 3: the largest instead
#
# Write `placing_max(block, label)`, with the largest absolute value of the others in place of their root mean square. Keep the rest.


# %% tags=["exercise"]
def placing_max(block, label):
    return None


checks.once_placing_max(placing_max)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def placing_max(block, label):
#     own = block.gather(1, label[:, None])[:, 0]
#     others = block.scatter(1, label[:, None], 0).abs().amax(1)
#     return torch.where(own < 0, 1 - own, 1 / (1 + own.abs())) + others
#
#
# checks.once_placing_max(placing_max)
# ```
#
# Put it in the place of `placing` and train again: in how many steps does the digit term fall now?
#
# </details>

# %% [markdown]
# ### Exercise 4: break it
#
# Take one thing away and train the image model again (20 seconds): the noise, the ramps (all `(0, 0)`), the unit length, or the labels of half of the images. Decode the ten handcrafted codes, and let the judge read them. Which part is missed most? For the check, put into `mine` the ten drawings of the handcrafted codes by *any* image model of yours.

# %% tags=["exercise"]
mine = None
checks.once_handcrafted(mine, judge)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# handcrafted = torch.cat([torch.ones(10, 1), torch.eye(10)], dim=1)
# with torch.no_grad():
#     mine = image_model.decode(handcrafted)
# checks.once_handcrafted(mine, judge)
# ```
#
# This is the model of this page, unbroken. With fewer than ten of ten, yours lacks something that matters; one training with one seed does not yet show how much.
#
# </details>

# %% [markdown]
# ## Where next
#
# - [One object, many appearances](03_one_object_many_appearances.ipynb): why codes have to be placed, beginning with plain autoencoders.
# - [Disentanglement](09_disentanglement.ipynb): the term that places, in depth.
