# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Does width matter?
#
# Nearly everything so far was trained at a sixteenth of the paper's width, on one processor core. Would wider networks do better? On this page: what was measured at several widths, the paper's own among them, what a width costs, and the one command that trains the whole system at full width on a graphics card.
#
# ![Block diagram of the whole system: voice model, image model and training. Lit here: the encoders and decoders.](_static/spine/does_width_matter.svg)
#
# **Time:** 25 minutes to read, one minute to run.
#
# **Needs:** [The voice VAE](12_the_voice_vae.ipynb), [Raw waveforms](13_raw_waveforms.ipynb), [The injection schedule](10_the_injection_schedule.ipynb).

# %% [markdown]
# ## Goals
#
# After this chapter you can
#
# - say what a wider network changed in this book's measurements, and what it did not;
# - say where the weights and the work of the paper's networks sit, and count both by hand;
# - estimate how long a training takes on a machine you do not have, and say how far to trust the estimate;
# - make the run `wide` on a GPU, stop, and go on, and say what a resumed training keeps.

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

from olc_lib import augment, checks, losses, objective, paper, plots, runs, systems
from olc_lib.ledger import claims, experiments, letter_claims, width_claims
from olc_lib.networks import conv_lengths, scale_layers
from olc_lib.systems import placed
from olc_lib.systems.placed import SETTINGS, Training

# %% [markdown]
# ## The letter, at three widths
#
# First the paper's raw-waveform model to the letter: everything as printed, all 10,000 iterations, in batches of 8. [Chapter 13](13_raw_waveforms.ipynb) explains it; the last row is the run `printed`, whose layers have every channel of Table 2. *Cosine*: between the mean codes of two digits, 1 if they are the same. *Differ*: how much two drawings differ, over how much two clips do.

# %%
COLUMNS = {"digit": 0, "speaker": 0, "digit_cosine": 2, "rms": 3, "silence": 3, "differ": 2}
rows = [[width, *(f"{found[key]:.{places}f}" for key, places in COLUMNS.items())]
        for width, found in letter_claims.letters().items()]  # fmt: skip
names = ["digits, %", "speakers, %", "cosine of digits", "residual", "that of silence", "differ"]
HTML(claims.table(["the letter, one training each", *names], rows))

# %% [markdown]
# All three read at chance: one code and one drawing for everybody, and a residual above that of silence. [Chapter 13](13_raw_waveforms.ipynb) computes why. With the signed maximum, a uniform *negative* code is a hedge, and a step away from it pays only once an encoder is right about three times in ten. The number of channels is not in that formula. (The minutes printed below leave out the raw model's first 1,500 steps.) Here are the terms of `printed` once they are in, with what the hedge costs:

# %% mystnb={"image": {"alt": "Two curves of the run printed from iteration 6,700 to 10,000: the digit term falls to a dashed line at 0.444 and stays there, the speaker term to one at 0.302."}}
printed = runs.load("printed", "letter", only=[])
figure, axis = plt.subplots(figsize=(6.4, 2.6), layout="constrained")
for k, (term, n) in enumerate({"digit": 10, "speaker": 6}.items()):
    hedge = -(n**-0.5) + 1 / (1 + n**-0.5)  # chapter 13
    axis.plot(printed.history["raw"][term], color=plots.COLOURS[k], label=f"{term} term, full width")
    axis.axhline(hedge, color=plots.COLOURS[k], linestyle="--", label=f"one code for all: {hedge:.3f}")
axis.set(xlabel="iteration", ylabel="Equation 5", xlim=(6700, 10_000))
axis.legend(frameon=False, loc="upper left", bbox_to_anchor=(1, 1))
plt.show()

# %% [markdown]
# The image model of the same run, 800 iterations with 8 images each:

# %%
measured, term = printed.results["metrics"], printed.history["image"]["digit"][-50:].mean()
print(f"digits read {measured['image_digit']:.1f} %, cosine of digits {measured['image_digit_cosine']:.2f}", end="; ")
print(f"digit term {term:.3f}; handcrafted codes drawn right: {measured['handcrafted']} of 10")

# %% [markdown]
# It ends on the same hedge. (The image model of the other chapters, a sixteenth as wide, with another form of Equation 5 and batch normalization, and trained on fifty times as many images, reads nearly everything.)

# %% [markdown]
# ## The encoder alone, at three widths
#
# Is it the loss, or the size? Train the encoder alone, for 1,000 steps in batches of 8, on Equation 5 with the largest absolute coordinate or with the root mean square. (The rest is this book's: the own coordinate is pulled towards +1, with batch normalization and augmentation.) Digits and speakers of FSDD's test clips read right, percent, and the cosine of digits, one training each:

# %%
found, rows = experiments.read("encoder-widths"), []
for width in width_claims.ENCODERS:
    row = [width]
    for form in ("largest", "root mean square"):
        records = found[f"{form}, {width}"]
        means = [
            experiments.interval(experiments.values(records, key))[0] for key in ("digit", "speaker", "digit_cosine")
        ]
        row.append("{:.0f} and {:.0f}, {:.2f}".format(*means))
    rows.append(row)
HTML(claims.table(["width", "largest", "root mean square"], rows))

# %% [markdown]
# With the largest coordinate, the cosine between the codes of all digits is 1 to four digits; the shares are read from what little is left. The root mean square separates them, at every width about as far. So what decided here was an operation in the loss, not the number of channels.

# %% [markdown]
# ## Models that work, four times as wide
#
# The ledger's image and log-mel models, trained as shortly as there (600 and 800 steps), at a sixteenth and at a quarter of the width. In brackets 95 % intervals over trainings:

# %%
rows = []
for what, part in width_claims.PARTS.items():
    narrow, broad = experiments.read(part), experiments.read("widths")
    for width, records in (("a sixteenth", narrow["as built"]), ("a quarter", broad[f"{what}, {width_claims.WIDER}"])):
        cells = [claims.shown(*experiments.interval(experiments.values(records, key)), digits=places)
                 for key, places in {"digit": 1, "rms": 3}.items()]  # fmt: skip
        rows.append([what, width, str(len(records)), *cells])
HTML(claims.table(["model", "width", "trainings", "digits, %", "residual"], rows))

# %%
(claim,) = [claim for claim in width_claims.CLAIMS if "widths" in claim.files]
measured, verdict = claim.verdict()
print(f"{claim.text}\n  rule: {claim.rule}\n  measured: {measured}\n  verdict: {verdict}")

# %% [markdown]
# After so short a training no difference shows, at up to sixteen times the work.

# %% [markdown]
# ## What full width is
#
# Tables 2 and 6 give each layer a number of channels. The run `slim` multiplies all of them by 1/16, down to a least width ([chapter 13](13_raw_waveforms.ipynb)). `wide` takes the tables as they stand.
#
# On PyTorch's device `"meta"` a tensor has a shape and a type but no data, so even the largest network takes no memory.


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
# The two classifiers and the bridge (Table 10) do not change.

# %% [markdown]
# ## Where the work sits
#
# A weight is used once at each place of its layer's output, in one **multiply-add**. So the work of a layer, for one signal, is its weights times its places. The scale is logarithmic: each grid line is a hundred times the one below it.


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
# The tall bar is L2, which reads the most channels and writes the second most. It also shrinks most with the width, in Table 6 by a little more than $16^2 = 256$. The last layers hardly shrink: everything passes through them, so the library keeps at least 16 channels there, and 64 in Table 2.

# %% [markdown]
# ## The work of a step
#
# A training step is more than one pass through the encoder. The decoder runs once, and a second time once the interpolation term is injected ([chapter 10](10_the_injection_schedule.ipynb)); then the gradient is computed. `FlopCounterMode` counts the operations of a step, on `"meta"` as well. A multiply-add counts as two.


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
# ## The whole training
#
# From here on this is **arithmetic, not measurement**. Steps before the interpolation term cost what the first one does, all others what the last one does. A *petaflop* (PFLOP) is $10^{15}$ operations, a million GFLOP.


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
# ## How long is that?
#
# It depends on the *rate* of the machine, in operations a second. For one processor core the ledger's experiment `cost` has measured rates. For GPUs we take data sheets: NVIDIA gives an H100 (SXM) about $989 \cdot 10^{12}$ operations a second for matrix products in bfloat16, and a T4, which Colab often lends, $8.1 \cdot 10^{12}$ in float32. No training reaches that. We assume a quarter of it, and that is a guess.

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
# (The first line printed says that the code of the library has changed since these rates were measured.) The two lines for one core differ because wide layers use a processor better than narrow ones ([How fast is a step](23_how_fast.ipynb)). Trust the order of magnitude only, and the fastest card least. The arithmetic leaves out normalization and augmentation, and everything that stays on the processor: the faster the card, the more that counts (**Amdahl's law**, exercise 2).

# %% [markdown]
# ## From `slim` to `wide`, and from the paper to `wide`
#
# A **run** is a folder with trained models and the record of how they were made. `embedded` and `slim` come with the book. `wide` is `slim` at full width. Has it been made?

# %%
try:
    print(runs.describe("wide", runs.read_results("wide")))
except FileNotFoundError:
    print("The run `wide` has not been made yet.")

# %% [markdown]
# A run is made of a `Settings` object and nothing else. So the difference between two runs can be computed.

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
# Is `wide` the system as printed? No, that is `printed`. It has the paper's scale, with the changes below.

# %%
now = SETTINGS["wide"]
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
    ["the log-mel decoder, alone", "not in the paper", f"{now.speech.steps:,} more steps, on unchanged pictures"],
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
# [Reading notes](reading_notes.ipynb) lists every choice that the paper leaves open.
#
# One line needs a GPU: `precision="bfloat16"`. Inside the networks, convolutions and fully connected layers then round their inputs to 8 binary digits; weights and the loss stay in float32. For `printed` that was too coarse (gradients of its decoder's first layers pointed elsewhere; a look, not stored): there only products in the two widest layers are rounded.

# %% [markdown]
# ## Breaking off, and going on
#
# A borrowed GPU may be taken away at any time. So training writes a **resume file** every 100 steps, with weights, optimizer, schedule and history. A finished model is kept for good.
#
# Watch this in a run of six tiny models; the image model takes 110 steps.

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
# The variable `OLC_RUNS` says where runs are made; `at_place` sets it for a while and prints nothing.


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
# `attempt` stands in for pressing Ctrl-C: it raises the same exception at the `stop`-th augmented batch of images, and notes which models were trained, from which step.


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
# The image classifier augments three times, so at the 108th time the image model is in its 105th step.

# %%
print("interrupted:", attempt("broken", TINY, stop=108))
print("the run:    ", files("broken"))
print("its folder broken.part:", *files("broken.part"), sep="\n  ")

# %% [markdown]
# There is no run `broken`: an unfinished run never stands where a finished one is expected. Beside it, `broken.part` holds two finished models, each with weights, history and a small `.json` that marks it as finished, and one resume file. What is in that file?

# %%
(path,) = Path(place.name, "placed", "broken.part").glob("*.resume")
state = torch.load(path, weights_only=True)
print(list(state))
print(len(state["history"]["total"]), "of 104 steps")

# %% [markdown]
# Four steps are lost; at most 99 would be. The same call again goes on:

# %%
print("resumed:    ", attempt("broken", TINY))
print("the run:", *files("broken"), sep="\n  ")
print("its folder broken.part:", files("broken.part"))

# %% [markdown]
# The two classifiers are not in the list: they were finished. The image model went on from its step 100. Is the result equal to that of the undisturbed run?

# %%
with at_place():
    whole, broken = runs.load("whole"), runs.load("broken")
for part in placed.MODELS:
    pairs = zip(getattr(whole, part).state_dict().values(), getattr(broken, part).state_dict().values(), strict=True)
    equal = [torch.equal(a, b) for a, b in pairs]
    print(f"{part:16} {sum(equal):3} of {len(equal):3} tensors equal, bit for bit")
equal = [broken.results["metrics"][name] == value for name, value in whole.results["metrics"].items()]
print(f"{sum(equal)} of {len(equal)} metrics equal")

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
# The two agree because a step depends only on the state and on its own number: seed and number determine its batch and its noise ([train.fit](api.md)). They agree bit for bit on the same device. On a GPU some operations add numbers in varying order, so even two undisturbed runs differ slightly at first, and more later.

# %% [markdown]
# ## The one command
#
# You need Linux with an NVIDIA card, a driver new enough for the CUDA of the pinned PyTorch, Python 3.11 to 3.13, and some gigabytes of disk. In the folder of the repository:
#
# ```bash
# python3 -m venv .venv
# .venv/bin/pip install -r requirements.txt
# .venv/bin/python book/execute.py --run wide --resume
# ```
#
# The first printed line names the device. If that is not your card, stop: the driver is too old, or this PyTorch has no CUDA. FSDD and MNIST are fetched the first time; the variable `OLC_DATA` may name a folder that has them. Cards before NVIDIA's Ampere generation only imitate bfloat16, slowly: there use float32 (see *Colab*).

# %% [markdown]
# The command executes every page of this book with `run = "wide"`; chapter 1 trains, the other pages read what it made. Then there is
#
# - `_build/runs/wide/placed/wide`: the run;
# - `_build/executed/wide`: the executed pages.
#
# **To stop**, press Ctrl-C, or let the machine go. **To go on**, give the same line again: what is finished is kept, and the model in the middle continues. Without `--resume` everything starts anew, and the old run is moved to `_build/runs/wide.previous`.

# %% [markdown]
# For the run only, with a progress bar and all metrics at the end:
#
# ```bash
# OLC_RUNS=_build/runs/wide .venv/bin/python -m olc_lib train wide
# ```
#
# Pages are executed **on the processor**. To try the machinery first, on any processor, use `--run slim`. Its trainings took this long on the machine that made the shipped run (`minutes` by the clock, on a busy machine; `cpu_minutes` of the processor):

# %%
cost = runs.read_results("slim")["provenance"]["cost"]
for clock in ("minutes", "cpu_minutes"):
    each = {part: round(model[clock]) for part, model in cost.items()}
    print(f"{clock:11} {sum(model[clock] for model in cost.values()):.0f}", each)

# %% [markdown]
# ### Keep the results
#
# Copy what is small, not the weights, and execute the pages again:
#
# ```bash
# mkdir -p olc_lib/trained/placed/wide
# cp _build/runs/wide/placed/wide/{run.json,history.safetensors,arrays.safetensors} olc_lib/trained/placed/wide/
# .venv/bin/python book/execute.py --update
# ```
#
# With the card at hand, `python -m olc_lib measure cost-gpu --device cuda` measures the rate that this page had to guess.

# %% [markdown]
# ### Colab
#
# Choose a GPU under *Runtime*, and put the repository's address in the first line. Drive keeps the unfinished run when the session ends.
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
# Execute the same cells again after a break, with the same settings. The run is then in `olc_runs/placed/wide`. To execute the pages on it, copy it to `_build/runs/wide/placed/wide` on a machine with the repository.

# %% [markdown]
# ## An open question
#
# What would the *mended* models gain from a long training at full width? Do drawn voices keep their speaker better with a wider decoder? Do the last wrong digits disappear, or does a network with so many more weights memorize the training clips? Several seeds at 1/16, 1/4 and 1, each with its own learning rate, would tell.

# %% [markdown]
# ## What to remember
#
# - At full width the models have about 28 to 140 times the weights of `slim`. More than nine tenths of the weights and of the work sit in the two widest layers and their mirrors.
# - Work divided by rate is a first estimate of the time.
# - Sixteen times the channels did not help the letter. In an encoder alone, one other operation in the loss did, at every width. Four times the width brought working models no visible gain.
# - One command makes it, and the same command goes on. An unfinished run never replaces a finished one.
# - A resumed training equals an undisturbed one because a step depends only on the state and its number.

# %% [markdown]
# ## Exercises
#
# ### Exercise 1: one layer by hand
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
# 9,357,120 weights, and 561 million multiply-adds.
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
# The processor's share takes $1 - p$, the card's $p / k$. With $k \to \infty$ only $1 / (1 - p)$ is left: a hundredth that stays behind limits you to a hundred.
#
# </details>

# %% [markdown]
# ### Exercise 3: break it
#
# Interrupt a run `changed` as above, in the 105th step of the image model. Before you go on, change your mind: the image model gets another learning rate, `image=Training(110, 16, lr=1e-3)`. Guess first: which models will be trained, and from which step? Then find out: `log = attempt("changed", ...)`.
#
# Expected result: a list in which the image model starts at 0, because its half-trained state was trained in another way.

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
# The name of a resume file ends in a digest of the settings that its model depends on, so another rate looks for another file. The two classifiers do not depend on the image model's settings: they are kept.
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
# checks.scale_lost(lost)
# ```
#
# The moment falls anywhere between two files, which are $n\,t$ apart, so on average half of that is lost. With `n = 1` every step waits for two seconds of writing, far longer than the step itself.
#
# </details>

# %% [markdown]
# ## Where next
#
# - [How fast is a step](23_how_fast.ipynb): what a step costs, measured.
# - [The ledger](ledger.ipynb): what has been measured, at the small size, and how often.
# - [Reading notes](reading_notes.ipynb): what the print leaves open.
# - [API reference](api.md): `placed.Settings`, `runs.train`, `train.fit`.
