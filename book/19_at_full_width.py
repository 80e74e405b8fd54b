# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # At full width
#
# Everything so far was trained at a sixteenth of the paper's width, on one processor core. This page is about the other fifteen sixteenths: what they are, what they cost, and the one command that trains them on a graphics card.
#
# You need no such card to read on. You will count the work before anybody pays for it, take real steps with the real network, and break a training off in the middle to see that nothing is lost.

# %% [markdown]
# ## Goals
#
# After this chapter you can
#
# - say where the weights and the work of the paper's networks sit, and count both by pencil;
# - estimate how long a training takes on a machine you have not got, and how far to trust the estimate;
# - name what differs between the run `slim`, the run `wide` and the print;
# - make the run `wide` on a GPU, stop, and go on;
# - tell what a resumed training keeps, and when it must not.
#
# **Time:** 35 minutes to read, one minute to run.
#
# **Needs:** [The voice VAE](11_the_voice_vae.ipynb), [Raw waveforms](12_raw_waveforms.ipynb), [The injection schedule](09_the_injection_schedule.ipynb).

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
import contextlib
import dataclasses
import io
import itertools
import os
import re
import tempfile
from pathlib import Path
from unittest import mock

import matplotlib.pyplot as plt
import torch
from IPython.display import HTML
from torch.utils.flop_counter import FlopCounterMode

from olc_lib import augment, checks, data, losses, objective, paper, plots, runs, systems, train
from olc_lib.ledger import claims, experiments, speed
from olc_lib.networks import conv_lengths, scale_layers
from olc_lib.systems import placed
from olc_lib.systems.placed import SETTINGS, Training

# %% [markdown]
# ## Has it been made?
#
# A **run** is a folder with trained models and the record of how they were made. Three are named: `embedded` and `slim`, which you know, and `wide`: FSDD and MNIST as for `slim`, at full width. Its weights would be too large to travel with the book, but its results would not. The next cell looks for them.

# %%
try:
    made = runs.read_results("wide")
    print(runs.describe("wide", made))
except FileNotFoundError:
    made = None
    print("The run `wide` has not been made yet: nobody who wrote these pages had a GPU.")

# %% [markdown]
# The cell is asked again whenever the page is executed. So is the table below: its last column fills itself in as soon as there is a run.
#
# First the results that the paper speaks of. It shows them as figures and prints no number for any of them; so the second column names the figure (Solhjoo & Rodolà).

# %%
printed = {
    "raw_digit": ("raw voice model: digits read right, %", "no number; Figure 6"),
    "raw_speaker": ("raw voice model: speakers read right, %", "no number; Figure 5"),
    "raw_digit_cosine": ("raw voice model: mean absolute cosine, digits", "no number; Figure 6"),
    "raw_speaker_cosine": ("raw voice model: mean absolute cosine, speakers", "no number; Figure 5"),
    "raw_snr": ("raw voice model: reconstruction, signal over error in dB", "no number; Figure 4, one clip"),
    "image_digit": ("image model: digits read right, %", "no number; Figure 8"),
    "image_digit_cosine": ("image model: mean absolute cosine", "no number; Figure 8"),
    "image_rms": ("image model: error of the reconstruction", "no number; Figure 7"),
    "handcrafted": ("handcrafted codes that draw their digit, of 10", "no number; Figure 9"),
    "transfer_drop": ("voice to image, dropping the speaker, %", "no number; section 3.3"),
    "transfer_bridge": ("voice to image, through the bridge, %", "no number; Figure 10"),
}

# %% [markdown]
# Then what this book measures besides: the log-mel model, the ways back from images to voices, searching, and the two independent classifiers that read what others draw.

# %%
besides = {
    "voice_digit": "log-mel voice model: digits read right, %",
    "voice_speaker": "log-mel voice model: speakers read right, %",
    "voice_digit_cosine": "log-mel voice model: mean absolute cosine, digits",
    "voice_rms": "log-mel voice model: error of the reconstruction",
    "image_to_voice_digit": "image to voice: digits heard, %",
    "image_to_voice_speaker": "image to voice: chosen speakers heard, %",
    "conversion_speaker": "voice to another voice: speakers heard, %",
    "search_images": "images found by voice, mean average precision, %",
    "search_voices": "voices found by image, mean average precision, %",
    "image_classifier_accuracy": "the judge on real images, %",
    "voice_classifier_speaker": "the listener on real voices: speakers, %",
}

# %%
slim = runs.read_results("slim")["metrics"]
rows = []
for key, (what, said) in (printed | {key: (what, "not in the paper") for key, what in besides.items()}).items():
    digits = 3 if key.endswith(("cosine", "rms")) else 0 if key == "handcrafted" else 1
    full = f"{made['metrics'][key]:.{digits}f}" if made else "not made yet"
    rows.append([what, said, f"{slim[key]:.{digits}f}", full])
HTML(claims.table(["what, on held-out data", "the paper says", "slim", "wide"], rows))

# %% [markdown]
# [The image VAE](13_the_image_vae.ipynb), [Raw waveforms](12_raw_waveforms.ipynb) and [Six directions](16_six_directions.ipynb) explain these rows.
#
# Width cannot repair everything. That sixteen numbers do not hold a waveform (chapter 12) is due to the sixteen, not to the network. Other rows are open questions: do drawn voices keep their speaker better when the decoder is wider? Do the last wrong digits go away, or does a network with so many more weights learn the training clips by heart? Only the run can tell.

# %% [markdown]
# ## What full width is
#
# Tables 2 and 6 give each layer a number of channels. The run `slim` multiplies all of them by 1/16, and lets no layer fall below a least width (chapters 11 and 12). `wide` takes the tables as they stand.
#
# To count weights we need shapes, not numbers. PyTorch has a device for that: on `"meta"` a tensor knows its shape and its type, and holds nothing. The largest network takes no memory there.


# %%
def build(name):
    """The models of a run as bare shapes."""
    with torch.device("meta"):
        return placed.build(SETTINGS[name])


narrow, wide = build("slim"), build("wide")
print("           weights at 1/16    at full width")
for part in placed.MODELS:
    few, many = (sum(p.numel() for p in models[part].parameters()) for models in (narrow, wide))
    print(f"{part:9} {few:16,} {many:16,}   x {many / few:.0f}")

# %% [markdown]
# The two classifiers (`image_classifier`, `voice_classifier`) and the bridge stay as they are: the first two are not the paper's, and Table 10 has few channels anyway.
#
# By pencil, the second layer of Table 6. It reads 1,012 channels, writes 405, and its kernel has $5 \times 5$ places:
#
# $$1012 \cdot 405 \cdot 25 = 10{,}246{,}500.$$
#
# That is one layer, and the decoder has its mirror image. How much is that of the whole image model?

# %%
second = 1012 * 405 * 25
whole = sum(p.numel() for p in wide["image"].parameters())
print(f"L2 and its mirror: {2 * second:,} of {whole:,} weights, {100 * 2 * second / whole:.0f} %")

# %% [markdown]
# ## Where the work sits
#
# A weight is used once at each place of its layer's output: one **multiply-add**. So a layer's work, for one signal, is its weights times its places. Here is the work of every layer, at both widths. Mind the scale: each line across is a hundred times the one below it.


# %%
def weights_and_work(layers, side, rank):
    """Weights and multiply-adds of every layer of an encoder, for one signal."""
    inputs = [1, *(layer.channels for layer in layers)]
    weights = [n * layer.channels * layer.kernel**rank for n, layer in zip(inputs, layers, strict=False)]
    places = [n**rank for n in conv_lengths(layers, side)[1:]]
    return weights, [w * p for w, p in zip(weights, places, strict=True)]


tables = {"Table 2, a waveform": (paper.VOICE_LAYERS, 8192, 1, 64), "Table 6, a digit": (paper.IMAGE_LAYERS, 28, 2, 16)}

# %% mystnb={"image": {"alt": "Two bar charts on a logarithmic scale, multiply-adds of layers L1 to L10 for Table 2 and Table 6, at full width and at a sixteenth. At full width L2 stands far above all others, at several hundred million; the next layers follow a factor of seventeen or more below, and the last ones are a thousand times lower. At a sixteenth L2 is some seventy times lower in Table 2 and more than two hundred times in Table 6, while the last layers nearly keep their height."}}
figure, axes = plt.subplots(1, 2, figsize=(8.6, 3.2), layout="constrained", sharey=True)
for axis, (title, (layers, side, rank, narrowest)) in zip(axes, tables.items(), strict=True):
    for k, (name, width) in enumerate({"full width": 1, "a sixteenth": 1 / 16}.items()):
        _, work = weights_and_work(scale_layers(layers, width, narrowest), side, rank)
        at = [i + 0.4 * k for i in range(10)]
        axis.bar(at, work, 0.4, color=plots.COLOURS[k], label=name, hatch=["", "///"][k], edgecolor="white")
    axis.set(title=title, yscale="log", yticks=[1e4, 1e6, 1e8], xticks=[i + 0.2 for i in range(10)])
    axis.set_xticklabels([f"L{i}" for i in range(1, 11)])
    axis.grid(axis="y", linewidth=0.4)
    axis.spines[["top", "right"]].set_visible(False)
axes[0].set_ylabel("multiply-adds")
axes[1].legend(frameon=False)
plt.show()

# %%
for title, (layers, side, rank, _) in tables.items():
    weights, work = weights_and_work(layers, side, rank)
    share = [100 * (part[0] + part[1]) / sum(part) for part in (weights, work)]
    print(f"{title:20} L1 and L2 hold {share[0]:.0f} % of the weights and do {share[1]:.0f} % of the work")

# %% [markdown]
# The tall bar is L2, which reads the most channels and writes the second most: it is what a GPU is for. It is also what shrinks most when the width does, in Table 6 by $16^2 = 256$ and a little. The last layers hardly shrink: everything has to pass through them, so the library keeps 16 channels, and in Table 2 even 64 ([Raw waveforms](12_raw_waveforms.ipynb)).

# %% [markdown]
# ## The work of a step
#
# A training step is more than one pass through an encoder. The decoder draws once, and a second time as soon as the interpolation term is injected ([chapter 9](09_the_injection_schedule.ipynb)); then the gradient goes all the way back. We shall not add that up by hand. `FlopCounterMode` watches a step and counts; it counts on `"meta"`, too, where nothing is computed. A multiply-add counts as two operations.


# %%
def prepare(part, name):
    """Model, loss and batch of a run's training, as bare shapes."""
    how = getattr(SETTINGS[name], part)
    design = placed.DESIGNS[part]  # Tables 3 and 7, 5 and 9
    vae = build(name)[part]
    loss = objective.training_loss(vae, design.importance, placed.schedule(part, how), design.balance, **how.loss)
    with torch.device("meta"):
        batch = {"signal": torch.empty(how.batch_size, *vae.shape)}
        batch |= {category: torch.zeros(how.batch_size, dtype=torch.long) for category in vae.space.sizes}
    return vae, loss, batch


def operations(part, name, step):
    """Floating-point operations of one step, forward and backward."""
    _, loss, batch = prepare(part, name)
    with FlopCounterMode(display=False) as counter:
        loss(batch, step, None)[0].backward()
    return counter.get_total_flops()


# %%
work = {}
print("GFLOP (10^9 operations) a step: slim first, last; wide first, last; last wide over last slim")
for part in ("image", "voice", "raw"):
    for name in ("slim", "wide"):
        steps = getattr(SETTINGS[name], part).steps
        work[part, name] = [operations(part, name, step) for step in (0, steps - 1)]
    cells = [f"{number / 1e9:8.1f}" for name in ("slim", "wide") for number in work[part, name]]
    print(f"{part:6}", *cells, f"  x {work[part, 'wide'][1] / work[part, 'slim'][1]:.0f}")

# %% [markdown]
# Does the counter agree with the pencil? Count the encoder's pass over one digit both ways. (The difference is the fully connected layer at the end, 1,500 numbers to 11.)

# %%
with FlopCounterMode(display=False) as counter:
    wide["image"].encoder(torch.empty(1, 1, 28, 28, device="meta"))
pencil = sum(weights_and_work(paper.IMAGE_LAYERS, 28, 2)[1])
print(f"pencil {pencil:,} multiply-adds, counter {counter.get_total_flops() // 2:,}, difference {15 * 10 * 10 * 11:,}")

# %% [markdown]
# ## The whole run
#
# From here on it is **arithmetic, not measurement**. Steps before the interpolation term cost what the first one does, all others what the last one does. $10^{15}$ operations, a million GFLOP, are a *petaflop* (PFLOP).


# %%
def petaflop(part, name):
    """Work of one training, in 10^15 operations."""
    how = getattr(SETTINGS[name], part)
    early = int(placed.schedule(part, how)["interpolation"][0])
    first, last = work[part, name]
    return (early * first + (how.steps - early) * last) / 1e15


for part in ("image", "voice", "raw"):
    print(f"{part:6} slim {petaflop(part, 'slim'):6.3f}   wide {petaflop(part, 'wide'):5.2f}   petaflop")
total = sum(petaflop(part, "wide") for part in ("image", "voice", "raw"))
print(f"all three, wide: {total:.1f}")

# %% [markdown]
# And the other three? A classifier's step passes many pictures through a small network; the bridge's draws 128 pictures with the frozen image decoder and goes back through it. Count those as well. (Going back to a code, but not to the weights, costs as much as drawing.)


# %%
def passes(module, *shape):
    """Operations of a forward pass."""
    with FlopCounterMode(display=False) as counter, torch.device("meta"):
        module(torch.empty(*shape))
    return counter.get_total_flops()


now = SETTINGS["wide"]
small = now.image_classifier.steps * 3 * passes(wide["image_classifier"], now.image_classifier.batch_size, 1, 28, 28)
small += now.voice_classifier.steps * 3 * passes(wide["voice_classifier"], now.voice_classifier.batch_size, 1, 32, 32)
bridge = now.bridge.steps * 2 * passes(wide["image"].decoder, now.bridge.batch_size, 11)
print(f"both classifiers {small / 1e15:.2f}, bridge {bridge / 1e15:.2f} petaflop")
total += (small + bridge) / 1e15

# %% [markdown]
# ## How long is that?
#
# It depends on the machine's *rate*, in operations a second. For one processor core the ledger has measured ones: the experiment `cost` timed steps of the log-mel model at a sixteenth of the width and at a quarter.
#
# For GPUs we take data sheets. NVIDIA gives an H100 (SXM) about 989 million million operations a second for matrix products in bfloat16, without sparsity, and a T4, the card that Colab often lends, 8.1 in float32. No training reaches such a figure. A quarter of it is a common guess, and a guess is what it is.

# %%
measured = experiments.read("cost")
rates = {"a quarter of an H100, bfloat16": 989e12 / 4, "a quarter of a T4, float32": 8.1e12 / 4}
for arm, name in (("log-mel", "one core, as at width 1/16"), ("log-mel, width 1/4", "one core, as at width 1/4")):
    if arm in measured:
        rates[name] = 1e9 * experiments.interval(experiments.values(measured[arm], "rate"))[0]
    else:
        print(f"{name}: {claims.UNMEASURED}")
for name, rate in rates.items():
    seconds = total * 1e15 / rate
    shown = f"{seconds / 86400:.1f} days" if seconds > 86400 else f"{seconds / 60:.1f} minutes"
    print(f"{name:31} {rate / 1e9:10,.0f} GFLOP a second: {shown}")

# %% [markdown]
# The two lines for one core differ because wide layers keep a processor busier than narrow ones: what does not depend on their size weighs less ([How fast](20_how_fast.ipynb)). At full width it may be more again. So believe the order of magnitude, not the figure, and the fastest card least. The arithmetic leaves out normalizations and augmentation, which compute little but read much memory, and the time it takes to *start* the hundreds of small operations of a step, which a fast card waits for. Still: what a core would chew on for days needs no more than a borrowed afternoon.

# %% [markdown]
# It also leaves out what *surrounds* training. One such thing can be counted. Before the bridge is trained, the voice encoder reads every training clip of FSDD eight times, changed a little each time.

# %%
clips = 6 * 10 * 40  # speakers, digits, takes
reading = clips * 8 * passes(wide["voice"].encoder, 1, 1, 32, 32)
print(f"{reading / 1e15:.3f} petaflop: {100 * reading / 1e15 / total:.1f} % of the trainings' work")
for name, rate in rates.items():
    print(f"{name:31} {reading / rate / 60:5.1f} minutes")

# %% [markdown]
# It looks like a trifle, and on the card it is one. Now think of a program that trains on the card and does just this on one core of the processor. (An early version of this library did; nobody notices at a sixteenth of the width.) Compare the last line with what the H100 needs for *all* trainings: three thousandths of the work would take several times as long as all the rest. Beside the T4's hours nobody would notice; the faster the card, the more the rest counts. Engineers call it **Amdahl's law**: what you do not speed up is what you wait for. (Exercise 2.)

# %% [markdown]
# ## How much memory?
#
# Training keeps four numbers for each weight: itself, its gradient, and the two running means of the optimizer (AdamW). It also keeps, from the way forward, whatever the way back will need. PyTorch lets us watch what is kept, on bare shapes as well. All in float32, four bytes a number:


# %%
def kept(part, name):
    """Bytes that a late step keeps for its way back, weights aside."""
    vae, loss, batch = prepare(part, name)
    own, found = {p.untyped_storage()._cdata for p in vae.parameters()}, {}

    def note(tensor):
        found[tensor.untyped_storage()._cdata] = tensor  # the tensor is held, so that no address is used twice
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(note, lambda tensor: tensor):
        loss(batch, getattr(SETTINGS[name], part).steps - 1, None)
    return sum(t.untyped_storage().nbytes() for key, t in found.items() if key not in own)


# %%
corpus = {"image": 55_000 * 28 * 28, "voice": clips * 64 * 128, "raw": clips * data.SAMPLES}
for part in ("image", "voice", "raw"):
    weights = 16 * sum(p.numel() for p in wide[part].parameters())
    parts = {"weights and optimizer": weights, "kept for the way back": kept(part, "wide"), "data": 4 * corpus[part]}
    shown = ", ".join(f"{name} {size / 2**20:.0f}" for name, size in parts.items())
    print(f"{part:6} {shown}: {sum(parts.values()) / 2**20:,.0f} MiB")

# %% [markdown]
# Any card of recent years has that. More is in use for moments: workspaces of the convolutions, and the evaluation after training, which reads up to 500 items at a time. For the raw model these are all 300 test clips. Its first layer then writes one tensor of this size, and its batch normalization another:

# %%
first = 300 * paper.VOICE_LAYERS[0].channels * conv_lengths(paper.VOICE_LAYERS, data.SAMPLES)[1] * 4
print(f"{first / 2**20:,.0f} MiB")
if made:
    print({part: f"{cost['peak_mib']} MiB" for part, cost in made["provenance"]["cost"].items()})

# %% [markdown]
# With 8 GB, what the authors' own card had (an RTX 2070, Table 1), you should be on the safe side. That is an estimate again. A run records, for each model, the most memory that tensors took in training, and if `wide` has been made, the last line printed it. (Evaluation is not in it, and PyTorch sets some more aside.)

# %% [markdown]
# ## What changes: from `slim` to `wide`
#
# A run is made of a `Settings` object, and nothing else. So the difference between two runs need not be told; it can be computed.

# %%
rows = []
there, here = (dataclasses.asdict(SETTINGS[name]) for name in ("slim", "wide"))
for name in there:
    deep = isinstance(there[name], dict)
    pairs = {f"{name}: {k}": (there[name][k], here[name][k]) for k in there[name]} if deep else {}
    pairs = pairs or {name: (there[name], here[name])}
    rows += [[what, str(a), str(b)] for what, (a, b) in pairs.items() if a != b]
HTML(claims.table(["setting", "slim", "wide"], rows))

# %% [markdown]
# Width, precision, and twice the steps for both voice models: the 10,000 iterations of Table 4. All else is the same, down to the seed, though on a card the same seed draws other noise. If `wide` comes out different from `slim`, these three are the suspects, and chance is the fourth: one run each.
#
# ## And from the print to `wide`
#
# Is that the system as printed? No. The name says at whose scale it is trained, not that it is built to the letter: built so, it has not been trained here at all. Here is each departure, read from the settings wherever they have it.

# %%
raw, image = now.raw, now.image
ends = {part: placed.schedule(part, getattr(now, part))["digit"][1] for part in ("image", "raw", "voice")}
ends = {part: f"{100 * end / getattr(now, part).steps:.0f} %" for part, end in ends.items()}
exact = [scale_layers(t, now.width) == list(t) for t in (paper.VOICE_LAYERS, paper.IMAGE_LAYERS)]
rows = [
    ["channels of Tables 2 and 6", "as listed", "as listed" if all(exact) else f"times {now.width:g}"],
    ["voice iterations", f"{paper.VOICE_ITERATIONS:,}", f"{raw.steps:,}"],
    ["image iterations", f"{paper.IMAGE_ITERATIONS:,}", f"{image.steps:,}"],
    ["all terms of the raw model are in after", "73 %", ends["raw"]],
    ["all terms of the log-mel model are in after", "not in the paper", ends["voice"]],
    ["all terms of the image model are in after", "66 %", ends["image"]],
    ["unrelated coordinates in Eq. 5", "the largest", "raw: root mean square; others: the largest"],
    ["between the layers", "only ends are named", "batch normalization" if now.inner_norm else "nothing"],
    ["range of a drawn waveform", "0 to 1", "-1 to 1" if wide["raw"].decoder.output == "bipolar" else "0 to 1"],
    ["input of the voice model", "waveforms", "waveforms (raw), log-mel pictures (voice)"],
    ["augmentation", "nothing is said", "voices; images" if now.jitter else "voices"],
]

# %%
rows += [
    ["optimizer, peak rate, weight decay", "not given", f"AdamW, {raw.lr:g}, {raw.weight_decay:g}"],
    ["items a step", "not given", f"{image.batch_size} images, {raw.batch_size} clips"],
    ["M of Max M %", "not given", f"{now.m:g} %"],
    ["factor and constant of Eq. 1", "not given", f"{now.mu:g}, {now.sigma_min:g}"],
    ["bridge", "trained lightly", f"{now.bridge.steps} steps, starting from dropping"],
    ["precision", "not given", now.precision],
]
HTML(claims.table(["what", "the paper says", "the run wide"], rows))

# %% [markdown]
# Which of them matter? For the raw model above all two: without either the root mean square in Equation 5 or batch normalization it reads far fewer digits, and without both it only guesses ([Raw waveforms](12_raw_waveforms.ipynb)). For the log-mel model, the schedule: with all terms in as late as printed it reads far fewer in short trainings ([the ledger](ledger.ipynb)). For the image model, batch normalization once more; and [its chapter](13_the_image_vae.ipynb) says why an iteration is read as a step, of which more are taken. [Reading notes](reading_notes.ipynb) has every place where text and pseudo-code leave a choice, with the measured effect of the choice where there is one, at the small size.

# %% [markdown]
# Whether the letter would do better at full width than at a sixteenth, nobody has measured.

# %% [markdown]
# ## Three real steps
#
# Enough of shapes. Here is the image model at full width with numbers in it: two embedded digits, every term of the loss, and three steps of the same optimizer, on your processor.

# %%
vae, _, (importance, injections, balance) = speed.made("image", 1.0, 2, None, "cpu")
loss = objective.training_loss(vae, importance, injections, balance)
digits = data.images("embedded", "train")
two = {"signal": digits.pixels[:2], "digit": digits.digit[:2]}


def late(batch, step, generator):
    """Every step as if it were the last of Table 8: all terms are in."""
    return loss(batch, paper.IMAGE_ITERATIONS - 1, generator)


history = train.fit(vae, late, two, 3, batch_size=2, lr=1e-3, progress=False)

# %%
finite = all(p.grad.isfinite().all() for p in vae.parameters() if p.grad is not None)
print("terms:", [name for name in history if "/" not in name])
print(f"the loss falls from step to step: {bool((history['total'].diff() < 0).all())}")
print(f"all gradients are finite numbers: {finite}")

# %% [markdown]
# That took a few seconds for three steps of two digits. The run wants thousands of steps of 64.
#
# The repository's tests take two steps of each of the six models, at full width and in the run's own precision. **No more than that** stands behind the claim that the command below works, until the first table of this page has a full last column.

# %% [markdown]
# ## What bfloat16 changes
#
# `precision="bfloat16"` is the one setting that only a GPU needs. A float32 number has 24 binary digits; **bfloat16** has the same range of sizes but 8 digits, so it takes half the memory, and cards have fast circuits for products of such numbers. How coarse is it?

# %%
one = torch.tensor(1.0)
for change in (1 / 64, 1 / 128, 1 / 256, 1 / 512):
    print(f"1 + 1/{1 / change:.0f} in bfloat16: {(one + change).bfloat16().item():.6f}")

# %% [markdown]
# Next to 1, a change of 1/256 is lost. If weights were kept like that, small corrections would never add up. So training is **mixed**: weights, gradients and optimizer stay in float32; convolutions and fully connected layers round their inputs, and a copy of their weights, on the way in. Watch the types along a step:

# %%
vae, batch, (importance, injections, balance) = speed.made("image", 1 / 16, 4, None, "cpu")
with torch.autocast("cpu", torch.bfloat16):
    value, _ = objective.training_loss(vae, importance, injections, balance)(
        batch, 799, torch.Generator().manual_seed(0)
    )
    signal = vae.normalize(batch["signal"])
    inside, primary = vae.encoder[0](signal), vae.encoder(signal)
value.backward()
types = {"the signal": signal, "inside: a convolution's output": inside, "the encoder's output": primary}
types |= {"the loss": value}
types |= {"a weight": vae.encoder[0].weight, "its gradient": vae.encoder[0].weight.grad}
for name, tensor in types.items():
    print(f"{name:30} {tensor.dtype}")

# %% [markdown]
# Only *inside* the networks is anything short. They hand back float32, so the loss, the gradients and the updates are computed in full.

# %% [markdown]
# Two warnings. Cards before NVIDIA's Ampere generation, such as a T4 or the RTX 2070 of Table 1, have no such circuits: PyTorch then imitates bfloat16, slowly. Use float32 there (below, under *Colab*). And a run in bfloat16 is not a run in float32 with other digits at the end; rounding takes part in the training. Whether it costs any accuracy here is not known. The settings go into `run.json`, so that one can tell afterwards.

# %% [markdown]
# ## Breaking off, and going on
#
# A borrowed GPU goes away when it likes. So training writes a **resume file** every 100 steps: weights, optimizer, schedule, history so far. And a model that is done is kept for good.
#
# Let us see it happen to a run of six tiny models, in a folder of its own. The image model takes 110 steps, enough for one resume file.

# %%
place, plain_images, plain_fit = tempfile.TemporaryDirectory(), augment.images, systems.fit_stage
TINY = dataclasses.replace(
    SETTINGS["embedded"],
    width=0.01,  # so all layers have their least width
    image_classifier=Training(3),
    voice_classifier=Training(3),
    image=Training(110, 16),
    voice=Training(3, 16),
    raw=Training(2, 4, ramp=False, loss={"disentanglement": losses.disentanglement_rms}),
    bridge=Training(2, 16),
)

# %% [markdown]
# The environment variable `OLC_RUNS` says where runs are made. `at_place` sets it for a while; it also keeps the runs' one-line descriptions, with today's date in them, off the page.


# %%
@contextlib.contextmanager
def at_place():
    """Runs are made, and looked for, in our own folder; nothing is printed."""
    with mock.patch.dict(os.environ, OLC_RUNS=place.name), contextlib.redirect_stdout(io.StringIO()):
        yield


def files(name):
    """Names of the files in a folder of our place, digests left out."""
    found = Path(place.name, "placed", name)
    return sorted(re.sub(r"-\w{8}\.", "-DIGEST.", path.name) for path in found.iterdir()) if found.exists() else "none"


# %% [markdown]
# Nobody can press Ctrl-C on a printed page, so `attempt` plays that part: it raises the same exception when batches of images have been augmented `stop` times. It also notes which models were worked on, and from which step.


# %%
def attempt(name, settings, stop=None):
    """Train a run, perhaps not to its end; the models that were worked on, each with its first step."""
    log, calls = [], itertools.count(1)

    def images(batch, generator):
        if next(calls) == stop:
            raise KeyboardInterrupt
        return plain_images(batch, generator)

    def fit_stage(stage, models, settings, device, resume, progress):
        done = torch.load(resume, weights_only=True)["history"]["total"] if resume.exists() else []
        log.append((stage.model, len(done)))
        return plain_fit(stage, models, settings, device, resume, progress)

    with mock.patch.object(augment, "images", images), mock.patch.object(systems, "fit_stage", fit_stage), at_place():
        with contextlib.suppress(KeyboardInterrupt):
            runs.train(name, device="cpu", progress=False, settings=settings)
    return log


# %%
print("undisturbed:", attempt("whole", TINY))

# %% [markdown]
# Now the accident. The judge augments three times, so at the 108th time the image model is in its 105th step.

# %%
print("interrupted:", attempt("broken", TINY, stop=108))
print("the run:    ", files("broken"))
print("its workshop:", *files("broken.part"), sep="\n  ")

# %% [markdown]
# There is no run `broken`: half a run never stands where a whole one is looked for. Beside it, in `broken.part`, lie two finished models, each with weights, history and a small `.json` that vouches for them, and one resume file. What does that hold?

# %%
(path,) = Path(place.name, "placed", "broken.part").glob("*.resume")
state = torch.load(path, weights_only=True)
print(list(state))
print(len(state["history"]["total"]), "of 104 steps")

# %% [markdown]
# Four steps are lost, at most 99 would be. The same call again, and it goes on:

# %%
print("resumed:    ", attempt("broken", TINY))
print("the run:", *files("broken"), sep="\n  ")
print("its workshop:", files("broken.part"))

# %% [markdown]
# Judge and listener are not in the list: they were done. The image model went on at its step 100. Is the result the same as that of the run that nobody disturbed? (In the figure, the leap near step 70 is no setback: the digit term comes in.)

# %%
with at_place():
    whole, broken = runs.load("whole"), runs.load("broken")
for part in placed.MODELS:
    pairs = zip(getattr(whole, part).state_dict().values(), getattr(broken, part).state_dict().values(), strict=True)
    print(f"{part:9} weights equal, bit for bit: {all(torch.equal(a, b) for a, b in pairs)}")
print("all metrics equal:", whole.results["metrics"] == broken.results["metrics"])

# %% mystnb={"image": {"alt": "Total loss of the tiny image model over 110 steps: it falls, and leaps up once, near step 70. The curve of the undisturbed run and the dots of the resumed run lie on each other; a dotted line at step 104 marks the interruption, a dashed one at step 100 the place where it went on."}}
figure, axis = plt.subplots(figsize=(6.4, 2.6), layout="constrained")
steps = range(1, 111)
axis.plot(steps, whole.history["image"]["total"], color="0.5", label="undisturbed")
axis.plot(steps, broken.history["image"]["total"], ".", markersize=4, color=plots.COLOURS[0], label="resumed")
axis.axvline(104, color=plots.COLOURS[5], linestyle=":", label="broken off")
axis.axvline(100, color=plots.COLOURS[2], linestyle="--", label="gone on from here")
axis.set(xlabel="step of the image model", ylabel="total loss")
axis.legend(frameon=False, loc="upper left", bbox_to_anchor=(1, 1))
plt.show()

# %% [markdown]
# This works because a step depends on nothing but the state and its own number: the seed and the number give its batch and its noise ([train.fit](api.md)). Bit for bit holds on the same device. On a GPU some operations add numbers in whatever order they arrive, so two runs differ, at first in the last digits; over thousands of steps such differences grow, resumed or not.
#
# And what of the record? Next to the metrics, `run.json` has the **provenance**: where the run comes from and what it took.

# %%
origin = broken.results["provenance"]
print(*origin)
print("for each model:", *origin["cost"]["image"])

# %% tags=["nbval-ignore-output"]
print(runs.describe("broken", broken.results))

# %% [markdown]
# On a GPU, `device` is the card's name and `peak_mib` the most memory that tensors took there in training; on a processor it is the memory of the whole process. Minutes are those of the attempt that finished a model: what an interrupted attempt took is not added.

# %% [markdown]
# ## The one command
#
# You need Linux with an NVIDIA card, a driver that is new enough for the CUDA of the pinned PyTorch, Python 3.11 to 3.13, and some gigabytes of disk. Fetch the repository, go to its folder, and then
#
# ```bash
# python3 -m venv .venv
# .venv/bin/pip install -r requirements.txt
# .venv/bin/python book/execute.py --run wide --resume
# ```
#
# Its first line says where the run is trained. If that is not your card, stop it: at full width the processor would need days. Either the driver is too old, or this PyTorch was built without CUDA.
#
# FSDD and MNIST are fetched the first time; the variable `OLC_DATA` may name a folder that has them.

# %% [markdown]
# The command executes every page of this book with `run = "wide"` and `retrain = True`, for pages that have these parameters. Chapter 1 is the one that trains; the other pages read what it made. Then there is
#
# - `_build/runs/wide/placed/wide`: the run;
# - `_build/executed/wide`: the executed pages, which are its record.
#
# It prints a line for each page when that is done, and at the end what failed, if anything did. While chapter 1 trains, look into `_build/runs/wide/placed/wide.part`: a model is done when its `.json` is there, and the time of a `.resume` file tells when its last hundred steps were done.

# %% [markdown]
# **To stop**, press Ctrl-C (a long message about a *KeyboardInterrupt* is normal), or let the machine go. **To go on**, give the same line again. Finished pages are skipped, finished models are kept, the one in the middle continues.
#
# Two things to know:
#
# - Without `--resume` everything starts anew. The run that was there is moved to `_build/runs/wide.previous`, once.
# - With `--resume`, a run that is whole and was made with today's settings is read, not trained again, even where a page has to be executed again (after it failed, or because something in `olc_lib` has changed).

# %% [markdown]
# The same in two steps, with a progress bar while it trains:
#
# ```bash
# OLC_RUNS=_build/runs/wide .venv/bin/python -m olc_lib train wide
# .venv/bin/python book/execute.py --run wide --resume
# ```

# %% [markdown]
# The first line makes the run, in the same place and from the same half-trained state, if there is one. It suffices if you only want the run: it prints all metrics. The second executes the pages.
#
# Pages are executed **on the processor**, and some of them draw thousands of pictures or train a little further. With full-width models this may take longer than the training on the card. Nobody has timed it all; pages that only read the run should take minutes, and those that train a little ([Voice to image](15_voice_to_image.ipynb), [Six directions](16_six_directions.ipynb)) will take longer. More cores help.

# %% [markdown]
# ### A shorter trial
#
# See the machinery at work first, on any processor, with the narrow run:
#
# ```bash
# .venv/bin/python book/execute.py --run slim --resume
# ```
#
# How long its trainings take you can read off the run that ships:

# %%
cost = runs.read_results("slim")["provenance"]["cost"]
for clock in ("minutes", "cpu_minutes"):
    each = {part: round(model[clock]) for part, model in cost.items()}
    print(f"{clock:11} {sum(model[clock] for model in cost.values()):.0f}", each)

# %% [markdown]
# (The first line is by the clock on the wall, on a machine that was busy with other things; the second is what the processor worked for this.)
#
# ### Bring the results home
#
# To show the run in the book, copy what is small, and not the weights:
#
# ```bash
# mkdir -p olc_lib/trained/placed/wide
# cp _build/runs/wide/placed/wide/{run.json,history.safetensors,arrays.safetensors} olc_lib/trained/placed/wide/
# .venv/bin/python book/execute.py --update
# ```
#
# The last line executes the pages as they are committed, and copies the outputs back if every page succeeds. Do this last: any new file in `olc_lib` makes `--resume` execute all pages of the run again.
#
# This page then fills its column. A chapter that is told `run = "wide"` wants the weights: without them it says which command makes them.

# %% [markdown]
# ### Colab
#
# Choose a GPU under *Runtime*. Colab's own torch stays as it is: the package only asks for a least version. Drive keeps the half-trained state when the session ends. Put the repository's address in the first line:
#
# ```text
# !git clone -q ADDRESS olc && pip install -q ./olc
# ```
#
# ```python
# from google.colab import drive
# drive.mount("/content/drive")
#
# import dataclasses, os
# os.environ["OLC_RUNS"] = "/content/drive/MyDrive/olc_runs"
#
# from olc_lib import runs
# from olc_lib.systems import placed
# settings = dataclasses.replace(placed.SETTINGS["wide"], precision="float32")  # for a T4
# run = runs.train("wide", settings=settings)
# ```
#
# Execute the same cells again after a break, and keep the precision even if Colab lends you a better card next time: it is a setting, and models of other settings are not gone on with. New *code* goes unnoticed, on the other hand: after an update of `olc_lib` take another folder.

# %% [markdown]
# The run is then the folder `olc_runs/paper` on Drive. To execute the pages on it, copy it to `_build/runs/wide/placed/wide` on a machine with the repository, and give the one command there: it takes a run of either precision for made.
#
# A resume file is as large as this:

# %%
largest = max(sum(p.numel() for p in module.parameters()) for module in wide.values())
print(f"{12 * largest / 1e6:.0f} million bytes: a weight and two running means, four bytes each")

# %% [markdown]
# It is rewritten every hundred steps, some 250 times in all. Drive may keep what is replaced in its trash, which counts against your space: empty it now and then.

# %% [markdown]
# A T4 has 16 GB of memory, which the estimate above says is plenty. For a first trial, let all trainings be short, under another name:
#
# ```python
# short = {part: dataclasses.replace(getattr(settings, part), steps=200) for part in placed.MODELS}
# trial = runs.train("trial", settings=dataclasses.replace(settings, **short))
# ```
#
# ### What the GPU benchmarks add
#
# While you have the card:
#
# ```bash
# .venv/bin/python -m olc_lib measure cost-gpu --device cuda
# .venv/bin/python -m olc_lib measure speed-gpu --device cuda
# .venv/bin/python -m olc_lib measure trainer-gpu --device cuda
# ```
#
# The first measures what bfloat16 and compilation gain at full width and which share of the card's product rate a step reaches; its `rate` is what belongs in the place of the *quarter* of this page. The second times a step against the paper's pseudo-code, the third against another library's trainer (it needs `pip install -e .[peers]`). The results go into `olc_lib/trained/experiments` (or into `experiments` in the folder that `OLC_RUNS` names), and [How fast?](20_how_fast.ipynb) shows them.

# %%
for name in ("cost-gpu", "speed-gpu", "trainer-gpu"):
    count = sum(map(len, experiments.read(name).values()))
    print(f"{name:12} {count or claims.UNMEASURED}{' files' if count else ''}")

# %% [markdown]
# ## What nobody knows yet
#
# - Unless the top of this page says otherwise, nothing has been trained to its end at full width, by this library or with these settings.
# - The learning rate, the batches and the share of the schedule were chosen at a sixteenth of the width. Wide networks often want smaller rates; a training that diverges stops with one sentence, and its last resume file stays.
# - All of it is tested on processors, and on a pretended device that refuses whatever mixes its tensors with the processor's. A real one may have surprises of its own.
# - One seed is one seed. `slim` was repeated in the ledger only in short trainings; `wide` is not repeated at all.

# %% [markdown]
# ## What to remember
#
# - Full width has thirty to a hundred and forty times the weights of `slim`; more than nine tenths of them, and of the work, sit in the two widest layers and their mirrors.
# - Work divided by rate is a first guess of the time. Say where the rate comes from; what is not sped up is what you wait for.
# - `wide` is the paper's scale with documented changes, not the letter.
# - One line makes it, and the same line goes on. Half a run never looks like a whole one.
# - A resumed training equals an undisturbed one because a step depends on the state and its number alone.

# %% [markdown]
# ## Exercises
#
# ### Exercise 1: one layer by pencil
#
# L2 of Table 2 reads 1,026 channels and writes 285; its kernel has 32 samples; a clip of 8,192 samples gives it 60 places. How many weights has it (no bias)? How many multiply-adds does it make of one clip?

# %% tags=["exercise"]
weights_of_l2, multiply_adds = None, None
checks.scale_layer(weights_of_l2, multiply_adds)

# %% [markdown]
# <details>
# <summary>Solution</summary>
#
# ```python
# weights_of_l2 = 1026 * 285 * 32
# multiply_adds = weights_of_l2 * 60
# checks.scale_layer(weights_of_l2, multiply_adds)
# ```
#
# 9,357,120 weights, and 561 million multiply-adds. With half the channels on both sides it would be a quarter of both.
#
# </details>

# %% [markdown]
# ### Exercise 2: what you wait for
#
# A share `p` of a job can be put on a card that is `k` times faster; the rest stays on the processor. Write `speedup(p, k)`: how many times faster does the whole job become? What is the most you can gain with `p = 0.99`, however fast the card?


# %% tags=["exercise"]
def speedup(p, k):
    return None


checks.scale_speedup(speedup)

# %% [markdown]
# <details>
# <summary>Solution</summary>
#
# ```python
# def speedup(p, k):
#     return 1 / ((1 - p) + p / k)
#
#
# print(f"{speedup(0.99, 1000):.0f} times with k = 1000, at most {1 / (1 - 0.99):.0f} times")
# checks.scale_speedup(speedup)
# ```
#
# If the job took one hour, the processor's share takes $1 - p$ and the card's $p / k$. With $k \to \infty$ only $1 / (1 - p)$ is left: a hundredth that stays behind limits you to a hundred.
#
# </details>

# %% [markdown]
# ### Exercise 3: break it
#
# Interrupt a run `changed` as above, in the 105th step of the image model. Before you go on, change your mind: the image model shall have another learning rate, `image=Training(110, 16, lr=1e-3)`. Guess first: which models will be worked on, and from which step? Then find out: `log = attempt("changed", ...)`.
#
# Expected picture: a list in which the image model starts at 0. Its half-trained state is not taken: it was trained in another way, and what would come out is neither the one run nor the other.

# %% tags=["exercise"]
log = None
checks.scale_changed(log)

# %% [markdown]
# <details>
# <summary>Solution</summary>
#
# ```python
# attempt("changed", TINY, stop=108)
# log = attempt("changed", dataclasses.replace(TINY, image=Training(110, 16, lr=1e-3)))
# print(log)
# checks.scale_changed(log)
# ```
#
# The name of a resume file ends in a digest of the settings that its model depends on, so another rate looks for another file. The judge and the listener do not depend on the image model's settings: they are kept.
#
# </details>

# %% [markdown]
# ### Exercise 4: how much is bound to be lost?
#
# A card is taken away at a random moment. Resume files are written every `n` steps, and a step takes `t` seconds. Write `lost(n, t)`: how many seconds of work are lost on average (a step that was under way counts as lost, too)? With a file that takes 2 seconds to write, is `n = 1` a good idea?


# %% tags=["exercise"]
def lost(n, t):
    return None


checks.scale_lost(lost)

# %% [markdown]
# <details>
# <summary>Solution</summary>
#
# ```python
# def lost(n, t):
#     return n * t / 2
#
#
# checks.scale_lost(lost)
# ```
#
# The moment falls anywhere between two files, which are $n\,t$ apart, so on average half of that is lost. With `n = 1` every step waits for two seconds of writing: at a tenth of a second a step, writing would take twenty times as long as training, so that an accident costs 0.05 seconds instead of 5.
#
# </details>

# %% [markdown]
# ## Where next
#
# - [How fast?](20_how_fast.ipynb): what a step costs, measured.
# - [The ledger](ledger.ipynb): what has been measured, at the small size, and how often.
# - [Reading notes](reading_notes.ipynb): what the print leaves open.
# - [API reference](api.md): `placed.Settings`, `runs.train`, `train.fit`.
