# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # How fast is a step
#
# If a training step takes half the time, you can run twice as many experiments in a night.
#
# ![Block diagram of the whole system: voice model, image model and training. Lit here: everything that training does.](_static/spine/how_fast.svg)
#
# But how do you know that it *is* twice as fast, and that the machine was not just busy a moment ago? You count the work of a step by hand, so that you know the highest possible gain. Then a measurement exceeds it, and you find out why.
#
# **Time:** 35 minutes to read, one minute to run.
#
# **Needs:** [Max M % normalization](05_max_m_normalization.ipynb), [Interpolation](08_interpolation.ipynb) and [The injection schedule](10_the_injection_schedule.ipynb).

# %% [markdown]
# ## Goals
#
# After this chapter you can
#
# - count the multiply-adds of a training step by hand;
# - name the work in the printed step that no result needs, and compute how much leaving it out can gain at most;
# - compare two speeds so that the answer survives a busy machine;
# - find the time that a count of arithmetic misses;
# - question a claim of speed: what was compared, on which processor, and how much could be gained?

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
import statistics
from unittest.mock import patch

import matplotlib.pyplot as plt
import torch
from IPython.display import HTML
from torch.utils.flop_counter import FlopCounterMode

from olc_lib import checks, data, normalize, objective, paper, plots, train
from olc_lib.latent import VOICE
from olc_lib.ledger import claims, experiments, speed
from olc_lib.ledger.speed import EXPERIMENTS
from olc_lib.networks import OrthogonalVAE, scale_layers
from olc_lib.paper import Layer
from olc_lib.systems import placed

torch.set_num_threads(1)  # one core, so that work and processor time go together

# %% [markdown]
# ## A step, as printed
#
# The appendix of the paper spells out one training step. It runs a network four times:
#
# 1. encode the items of the batch;
# 2. encode their *partners*, the items they are mixed with;
# 3. decode the codes;
# 4. decode the *mixed* codes, for the interpolation term of [chapter 8](08_interpolation.ipynb).
#
# It does all four at every iteration. Yet the interpolation term's multiplier $M$ is 0 for more than half of the printed schedule, and a term that is multiplied by 0 need not be computed.

# %% [markdown]
# The library's step, `objective.training_loss`, leaves out or joins what it can:
#
# - **A term whose $M$ is 0 is not computed**, and what only that term needs neither: no partners, no mixes.
# - **The partner is another item of the same batch**, whose code is there already.
# - **Plain and mixed codes go through the decoder in one call.**
# - **No full sort** where only the largest values are wanted.

# %% mystnb={"image": {"alt": "Three rows of four boxes: encode items, encode partners, decode codes, decode mixes. As printed, all four are filled, each apart. Library before interpolation: only items and codes. Library afterwards: items, and one wide box for codes and mixes together; partners stay empty."}}
calls = {"as printed, always": [(0, 1), (1, 1), (2, 1), (3, 1)]}
calls |= {"library, before interpolation": [(0, 1), (2, 1)], "library, with interpolation": [(0, 1), (2, 2)]}
figure, axis = plt.subplots(figsize=(8.4, 2.0), layout="constrained")
for row, (name, boxes) in enumerate(calls.items()):
    for column in range(4):
        axis.add_patch(plt.Rectangle((column + 0.04, -row), 0.92, 0.7, fill=False, edgecolor="0.7", linestyle=":"))
    for column, width in boxes:
        axis.add_patch(plt.Rectangle((column + 0.04, -row), width - 0.08, 0.7, color=plots.COLOURS[column > 1]))
    axis.text(-0.1, 0.35 - row, name, ha="right", va="center")
for column, name in enumerate(("encode items", "encode partners", "decode codes", "decode mixes")):
    axis.text(column + 0.5, 0.8, name, ha="center")
axis.set(xlim=(-1.9, 4.05), ylim=(-2.1, 1.1))
axis.set_axis_off()
plt.show()

# %% [markdown]
# ## First: are the numbers the same?
#
# A faster step must compute the same numbers. `speed.literal_loss` builds the printed order from the library's own pieces. We compare on one small raw model, without noise and without inner normalization, whose statistics depend on which items share a call.

# %%
clips = data.voices("embedded", "train")
batch = {
    "signal": data.centre(clips.waves, clips.lengths)[:16],
    "speaker": clips.speaker[:16],
    "digit": clips.digit[:16],
}
torch.manual_seed(0)
layers = scale_layers(paper.VOICE_LAYERS, 1 / 64, narrowest=16)
vae = OrthogonalVAE(layers, (1, data.SAMPLES), VOICE, inner_norm=False, output="bipolar")
tables = paper.VOICE_IMPORTANCE, paper.VOICE_INJECTION, paper.VOICE_BALANCE
forms = {"print": speed.literal_loss, "library": objective.training_loss}
losses = {name: form(vae, *tables, mu=0.0, sigma_min=0.0) for name, form in forms.items()}

# %% [markdown]
# Hooks count how many items pass through each network.

# %%
passed = {"encoder": 0, "decoder": 0}
for half in passed:
    getattr(vae, half).register_forward_hook(
        lambda module, given, made, half=half: passed.update({half: passed[half] + len(made)})
    )
for iteration in (1, 6300, 6550, 10_000):
    for name, loss in losses.items():
        passed.update(encoder=0, decoder=0)
        total, _ = loss(batch, iteration - 1, torch.Generator().manual_seed(1))
        items = f"{passed['encoder']:2} items encoded, {passed['decoder']:2} decoded"
        print(f"iteration {iteration:6,}, {name:7} total {total.item():.4f}, {items}")

# %% [markdown]
# The totals agree, also in the middle of a ramp, and the items differ as in the diagram. (The models timed below do have inner normalization: there the sums differ slightly, because codes and mixes share their statistics.)

# %% [markdown]
# ## Count before you measure
#
# Nearly all arithmetic of a convolution is **multiply-adds**, one for every output value, input channel and place of the kernel. Take a toy stack on 24 samples:
#
# | layer | output values | each made of | multiply-adds |
# |---|---|---|---|
# | 6 channels, kernel 4, stride 2, padding 1 | $12 \times 6$ | $1 \times 4$ | 288 |
# | 4 channels, kernel 3, padding 1 | $12 \times 4$ | $6 \times 3$ | 864 |
# | fully connected, to 16 numbers | 16 | $12 \times 4$ | 768 |
#
# That is 1,920 for the encoder, and again for the decoder, its mirror.

# %% [markdown]
# The **backward** pass needs two gradients of every layer: of the loss with respect to its *weights*, and with respect to its *input*. Each takes as many multiply-adds as the forward pass. So a layer costs three times its forward work, with one exception: the first layer's input is the recording, whose gradient nobody needs.
#
# - encoder, forward and backward: $3 \cdot 1920 - 288 = 5472$
# - decoder: $3 \cdot 1920 = 5760$
#
# PyTorch's counter counts a multiply-add as two operations, and convolutions and matrix products only:

# %%
toy = OrthogonalVAE((Layer(6, 4, 2, 1), Layer(4, 3, 1, 1)), (1, 24), VOICE, inner_norm=False)
pair = {"signal": torch.rand(2, 1, 24), "speaker": torch.tensor([0, 1]), "digit": torch.tensor([0, 1])}
encoder, decoder = 5472, 5760
by_hand = {
    ("library", 1): encoder + decoder,
    ("library", 10_000): encoder + 2 * decoder,
    ("print", 1): 2 * encoder + 2 * decoder,
    ("print", 10_000): 2 * encoder + 2 * decoder,
}
for (name, iteration), each in by_hand.items():
    counted = speed.operations(toy, forms[name](toy, *tables), pair, iteration - 1)
    print(f"{name:7} iteration {iteration:6,}: by hand {2 * 2 * each}, counted {counted}")  # two items, two operations

# %% [markdown]
# The book's three models: millions of operations for one item, at the first iteration and at the last.

# %%
print(f"{'':6} {'iteration':>9} {'print':>7} {'library':>8} {'ratio':>6}")
for part, (design, *_) in speed.MODELS.items():
    model, two, given = speed.made(part, 1 / 16, 2, None, "cpu")
    for iteration in (1, design.iterations):
        work = {
            name: speed.operations(model, form(model, *given), two, iteration - 1) / 2e6 for name, form in forms.items()
        }
        ratio = work["print"] / work["library"]
        print(f"{part:6} {iteration:9,} {work['print']:7.0f} {work['library']:8.0f} {ratio:6.2f}")

# %% [markdown]
# ## The ceiling
#
# If time were proportional to arithmetic, the last column would be the most that leaving out work can gain: the **ceiling**. By hand, with $e$ for the encoder's work and $d$ for the decoder's:
#
# $$\text{before interpolation: } \frac{2e + 2d}{e + d} = 2, \qquad \text{with it: } \frac{2e + 2d}{e + 2d} \approx \frac43 \text{ if } e \approx d.$$
#
# Let interpolation start after the share $s$ of the iterations, and let the printed step cost 1. The library then spends $s/2$ before and $(1-s)/\tfrac43$ after. So the ceiling of the whole is
#
# $$\frac{1}{s/2 + (1-s)\cdot\frac34}.$$

# %%
points = {}
for part, place in (("voice", "Table 4"), ("image", "Table 8")):
    design = placed.DESIGNS[part]
    points[f"{part}, as printed ({place})"] = design.injection["interpolation"][0] / design.iterations
for part in ("voice", "raw"):
    how = getattr(placed.SETTINGS["slim"], part)
    points[f"{part}, in the run slim"] = placed.schedule(part, how)["interpolation"][0] / how.steps
for name, share in points.items():
    print(
        f"{name:27} interpolation starts after {100 * share:2.0f} %, ceiling {1 / (share / 2 + (1 - share) * 0.75):.2f}"
    )

# %% mystnb={"image": {"alt": "Ceiling against the share of the training before interpolation starts: a curve that rises from 1.33 at 0 percent to 2 at 100 percent, slowly at first. The two printed schedules lie past the middle, near 1.65 and 1.7, the two voice models of the run slim far left, near 1.4."}}
share = torch.linspace(0, 1, 101)
figure, axis = plt.subplots(figsize=(6.4, 3), layout="constrained")
axis.plot(100 * share, 1 / (share / 2 + (1 - share) * 0.75), color="grey")
for k, (name, s) in enumerate(points.items()):
    axis.plot(100 * s, 1 / (s / 2 + (1 - s) * 0.75), "osD^"[k], color=plots.COLOURS[(0, 1, 2, 5)[k]], label=name)
axis.set(xlabel="% of the training before interpolation starts", ylabel="ceiling", ylim=(1.2, 2.05))
axis.spines[["top", "right"]].set_visible(False)
axis.legend(frameon=False)
plt.show()

# %% [markdown]
# The gain depends on the *schedule*: this book's voice models inject early and gain little from skipping; its image model keeps the printed times. And the remaining work has to be done. (This is **Amdahl's law**: what you do not speed up limits what you gain.)

# %% [markdown]
# ## Two ways to measure a ratio
#
# The obvious way is to run the old version ten times, then the new one ten times, and divide the means. Try it on a simulated machine, on which A takes 10 ms and B takes 15. Half-way through, somebody else starts a job and everything gets slower; one turn is delayed a lot.

# %%
pace = [1.0] * 9 + [1.6] * 7 + [4.0] + [1.6] * 3  # how slow the machine is at each of twenty moments
cost = {"A": 10.0, "B": 15.0}  # milliseconds on a free machine


def clocked(order):
    """Milliseconds that each of A and B takes, in a given order of twenty turns."""
    taken = {"A": [], "B": []}
    for moment, name in enumerate(order):
        taken[name].append(cost[name] * pace[moment])
    return taken


apart, in_turn = clocked("A" * 10 + "B" * 10), clocked("AB" * 10)

# %% mystnb={"image": {"alt": "Two panels over twenty moments. Left, ten turns of A, then ten of B: all of B and the last of A fall into the slow half, so B's points lie far above. Right, A and B by turns: both rise together half way, B half as high again in most pairs; one A is stuck far above."}}
figure, axes = plt.subplots(1, 2, figsize=(8.4, 2.5), layout="constrained", sharey=True)
orders = {"one after the other": "A" * 10 + "B" * 10, "in turn": "AB" * 10}
for axis, (title, order) in zip(axes, orders.items(), strict=True):
    for name, marker, colour in (("A", "o", plots.COLOURS[0]), ("B", "s", plots.COLOURS[5])):
        moments = [k for k, who in enumerate(order) if who == name]
        axis.plot(moments, clocked(order)[name], marker, color=colour, label=name)
    axis.set(xlabel="moment", title=title, xticks=range(0, 20, 5))
axes[0].set_ylabel("ms")
axes[0].legend(frameon=False)
plt.show()

# %%
ratios = [b / a for a, b in zip(in_turn["A"], in_turn["B"], strict=True)]
print(f"one after the other, means:          {statistics.mean(apart['B']) / statistics.mean(apart['A']):.2f}")
print(f"in turn, means:                      {statistics.mean(in_turn['B']) / statistics.mean(in_turn['A']):.2f}")
print(f"in turn, median of the ten ratios:   {statistics.median(ratios):.2f}   (true: 1.50)")

# %% [markdown]
# One after the other, the job slows down almost only B. In turn, it slows both alike; the one delayed turn still spoils the means, but not the *median of ratios*.

# %% [markdown]
# The rules of `speed.in_turn`:
#
# 1. Two things, in **one run**, by turns, and in changing order; a first round is not counted, because it includes whatever is done only once.
# 2. A ratio for each round, then the **median**.
# 3. On a CPU, **processor time** (seconds spent on *this* process) of one thread, not elapsed time. Other jobs still empty your cache, so rules 1 and 2 stay.
# 4. **Never an absolute time** without the name of its machine.
# 5. The ceiling stands beside the result.

# %% [markdown]
# Try it: print against library on *your* processor, the image model at the first iteration.


# %%
def turn(part, form):
    """One training step at the first iteration, to be timed."""
    model, items, given = speed.made(part, 1 / 16, 32, None, "cpu")
    loss = form(model, *given)
    return lambda: train.fit(model, loss, items, 1, batch_size=32, lr=1e-4, progress=False)


# %% tags=["nbval-ignore-output"]
seconds = speed.in_turn({name: turn("image", form) for name, form in forms.items()}, "cpu")
ratios = [p / q for p, q in zip(seconds["print"], seconds["library"], strict=True)]
print("print / library, round by round:", [f"{ratio:.2f}" for ratio in ratios])
print(f"median {statistics.median(ratios):.2f}, ceiling 2.00")

# %% [markdown]
# ## What was measured
#
# The experiment `speed` did this for the three models at the first iteration (*early*), at the last (*late*), and, by the formula above, over the printed schedule. A bar is the mean of the repetitions, the thin line their range, the black mark the ceiling.

# %%
stored = experiments.read("speed")
names = {"raw": "raw waveforms", "voice": "log-mel", "image": "images"}
phases = ("early", "late", "schedule")


def measured(part, key):
    """One number for each repetition."""
    return experiments.values(stored.get(part, []), key)


# %% mystnb={"image": {"alt": "Bars of the measured ratio for three models, early, late and over the schedule, each with a black mark for its ceiling. For log-mel and images the bars end at or slightly above the mark. For raw waveforms all three bars end far above their marks."}}
figure, axis = plt.subplots(figsize=(7.6, 3.2), layout="constrained")
for k, phase in enumerate(phases):
    for group, part in enumerate(names):
        if found := measured(part, f"{phase}_ratio"):
            x, mean = group + 0.27 * (k - 1), statistics.mean(found)
            axis.bar(x, mean, 0.23, color=plots.COLOURS[(4, 1, 0)[k]], label=phase if group == 0 else None)
            axis.vlines(x, min(found), max(found), color="black", linewidth=0.8)
            mark = measured(part, f"{phase}_ceiling")[0]
            axis.hlines(mark, x - 0.13, x + 0.13, color="black", linewidth=2.5)
axis.axhline(1, color="grey", linewidth=0.6)
axis.set(xticks=range(3), xticklabels=names.values(), ylabel="print / library", ylim=(0, 2.9))
axis.spines[["top", "right"]].set_visible(False)
axis.legend(frameon=False)
plt.show()

# %%
rows = []
for part, name in names.items():
    row = [name, str(len(stored.get(part, [])))]
    for phase in phases:
        found = measured(part, f"{phase}_ratio")
        ceiling = f", ceiling {measured(part, f'{phase}_ceiling')[0]:.2f}" if found else ""
        row.append(claims.shown(*experiments.interval(found), digits=2) + ceiling if found else claims.UNMEASURED)
    rows.append(row)
HTML(claims.table(["model", "repetitions", *phases], rows))

# %% [markdown]
# The printed schedule injects late. In `slim`, interpolation comes in early in the voice models, so the library gains less there. By the same formula, with the measured ratios:

# %%
for part, name in names.items():
    how = placed.SETTINGS["slim"]
    start = placed.schedule(part, getattr(how, part))["interpolation"][0] / getattr(how, part).steps
    each = zip(measured(part, "early_ratio"), measured(part, "late_ratio"), strict=True)
    whole = statistics.mean(1 / (start / early + (1 - start) / late) for early, late in each)
    print(f"{name:14} over slim's schedule {whole:.2f}")

# %% [markdown]
# (Means, with 95 % intervals over the repetitions. The printed notice means that the library has changed since then.)
#
# Two of the three end near their ceilings, or a few percent above. On raw waveforms the library is far above a ceiling that arithmetic sets. Before you read on: what does the printed step do much more of on 8,192 samples than on a picture?

# %% [markdown]
# ## Work that is not arithmetic
#
# It *sorts*. Max M % normalization needs the mean of the largest 5 % of the amplitudes. The print sorts them all, four times in a step: items, partners, and both outputs of the decoder. The library selects the largest (`topk`). The mean is the same:

# %%
amplitudes = torch.rand(32, data.SAMPLES, generator=torch.Generator().manual_seed(0))
count = round(0.05 * data.SAMPLES)
by_sorting = amplitudes.sort(dim=1, descending=True).values[:, :count].mean(1)
_, by_selecting = normalize.max_m_percent(amplitudes, 5.0)
print(f"largest relative difference {(by_sorting / by_selecting.flatten() - 1).abs().max():.6f}")

# %% [markdown]
# What does the counter say?

# %%
with FlopCounterMode(display=False) as counter:
    amplitudes.sort(dim=1, descending=True)
print("operations counted for sorting 32 clips:", counter.get_total_flops())

# %% [markdown]
# Zero. (Activations, normalizations and the optimizer count as 0, too.) Sorting $n$ values takes about $n \log_2 n$ comparisons, that is $8192 \cdot 13 \approx 106\,000$ a clip; to find the largest ones, little more than one look at each value is enough.
#
# To test this explanation, change one thing: `patch` puts a selection in the place of the sort *inside the printed step*. If the sort is the cause, the printed step must come down to the ceiling of 2.


# %%
def selection(self, dim, descending):
    """In the place of Tensor.sort: only the largest 5 %."""
    return self.topk(round(0.05 * self.shape[dim]), dim=dim)


turns = {name: turn("raw", form) for name, form in forms.items()}
step = turn("raw", speed.literal_loss)


def selecting():
    """The printed step without its sort."""
    with patch.object(torch.Tensor, "sort", selection):
        step()


# %% [markdown]
# First: is it still the same step?

# %%
model, items, given = speed.made("raw", 1 / 16, 4, None, "cpu")
printed = speed.literal_loss(model, *given)
with_sort = printed(items, 0, torch.Generator().manual_seed(0))[0].item()
with patch.object(torch.Tensor, "sort", selection):
    without = printed(items, 0, torch.Generator().manual_seed(0))[0].item()
print(f"totals {with_sort:.4f} with the sort, {without:.4f} with the selection")


# %% tags=["nbval-ignore-output"]
seconds = speed.in_turn(turns | {"print, selecting": selecting}, "cpu")
for name in ("print", "print, selecting"):
    ratios = [p / q for p, q in zip(seconds[name], seconds["library"], strict=True)]
    print(f"{name:17} / library: {statistics.median(ratios):.2f}   (ceiling 2.00)")

# %% [markdown]
# So the ceiling was right about arithmetic, and a training step is not arithmetic alone. In the other two models signals are an eighth or a tenth as long, so there is less to sort. A result above its ceiling means that something is missing in the count.
#
# Is the print a fair rival? A careful programmer would select, too, and write `if M > 0`. The arms *careful* of `speed` are such a step; only the partner's second encoding is left to save:

# %%
for part, name in names.items():
    if found := stored.get(f"{part}, careful"):
        for phase in ("early", "late"):
            ratio = experiments.interval(experiments.values(found, f"{phase}_ratio"))
            ceiling = found[0]["results"][f"{phase}_ceiling"]
            print(f"{name:14} {phase:5}: careful / library {claims.shown(*ratio, digits=2)}, ceiling {ceiling:.2f}")

# %% [markdown]
# Early, all of the lead is any careful programmer's; late, the second encoding is left.

# %% [markdown]
# ## Where the time goes
#
# A profiler adds up the time of each of PyTorch's operations, without the Python between them. The experiment `cost` stored its answer for a late step of each model.

# %%
cost_files = experiments.read("cost")
shown = {
    "as built": "raw waveforms",
    "log-mel": "log-mel",
    "image": "images",
    "log-mel, width 1/4": "log-mel, width 1/4",
}
kinds = ("convolutions", "normalizations")
spent = {
    name: [statistics.mean(experiments.values(cost_files[arm], kind)) for kind in kinds]
    for arm, name in shown.items()
    if arm in cost_files
}

# %% mystnb={"image": {"alt": "Horizontal bars of the processor's time for several models, each divided into convolutions, normalizations and rest. Convolutions take by far the largest part of each."}}
figure, axis = plt.subplots(figsize=(7.2, 2.3), layout="constrained")
for k, (name, (convolutions, normalizations)) in enumerate(spent.items()):
    left = 0.0
    parts = convolutions, normalizations, 100 - convolutions - normalizations
    for width, label, colour in zip(parts, (*kinds, "rest"), (0, 1, 2), strict=True):
        axis.barh(name, width, left=left, color=plots.COLOURS[colour], label=None if k else label)
        axis.text(
            left + width / 2, k, f"{width:.0f}", ha="center", va="center", color="white" if colour == 0 else "black"
        )
        left += width
axis.invert_yaxis()
axis.set(xlabel="% of the processor's time", xlim=(0, 100), title="" if spent else claims.UNMEASURED)
if spent:
    figure.legend(loc="outside upper center", ncols=3, frameon=False)
plt.show()

# %% [markdown]
# Convolutions take most of the time. If everything else takes the share $r$, removing all of it gains a factor of $1/(1-r)$: with $r = 0.25$, a third.

# %% [markdown]
# ## What grows how
#
# A layer's work is output values $\times$ input channels $\times$ kernel. Twice the batch: twice the work. Twice the width means twice the channels coming in *and* going out: four times the work, wherever both really double. In narrow models they do not, for no layer is made narrower than 16 channels (in the raw model 64). For the log-mel model:

# %%
before = None
for name, width in (("1/32", 1 / 32), ("1/16", 1 / 16), ("1/8", 1 / 8), ("1/4", 1 / 4), ("1/2", 1 / 2)):
    model, two, given = speed.made("voice", width, 2, None, "cpu")
    work = speed.operations(model, objective.training_loss(model, *given), two, paper.VOICE_ITERATIONS - 1) / 2e9
    channels = [layer.channels for layer in scale_layers(paper.IMAGE_LAYERS, width)][:5]
    times = f", {work / before:.1f} times the last" if before else ""
    print(f"width {name:4} first layers {channels!s:24} {work:5.2f} GFLOP an item{times}")
    before = work

# %% [markdown]
# Does time follow? Each arm was timed in turn with a *yardstick*, a product of two square matrices of 1,024. The plot gives the time of a step in yardsticks. On the dashed line a step runs as fast as the product.

# %%
families = {
    "log-mel, width": ["log-mel, width 1/32", "log-mel", "log-mel, width 1/8", "log-mel, width 1/4"],
    "raw, batch": ["batches of 8", "as built", "batches of 128"],
    "raw, clip length": ["clips of 6,286 samples", "as built", "clips of 16,384 samples"],
    "images": ["image"],
}
yardstick = 2 * 1024**3 / 1e9  # GFLOP of one product
work_time = {}
for arm, records in cost_files.items():
    work, part = (statistics.mean(experiments.values(records, key)) for key in ("gflop", "share"))
    work_time[arm] = work, work / yardstick / (part / 100)

# %% mystnb={"image": {"alt": "Logarithmic plot of a step's time in matrix products against its counted work, with lines for growing width, batch and clip length. All rise about as steeply as the dashed line of the product's own speed. The raw model's lines stay above it; that of the log-mel model's width rises less steeply and crosses below it on the right."}}
figure, axis = plt.subplots(figsize=(6.8, 3.6), layout="constrained")
for k, (name, arms) in enumerate(families.items()):
    if there := [work_time[arm] for arm in arms if arm in work_time]:
        style = ("o-", "s--", "D-.", "^:")[k]
        axis.loglog(*zip(*there, strict=True), style, color=plots.COLOURS[(0, 5, 2, 3)[k]], label=name)
ends = torch.tensor([1.5, 70.0])
axis.loglog(ends, ends / yardstick, "--", color="grey", label="as fast as the product")
axis.set(xlabel="counted work of a step (GFLOP)", ylabel="time (products of 1,024)")
axis.set(
    xticks=(2, 5, 10, 20, 50), xticklabels=(2, 5, 10, 20, 50), yticks=(1, 2, 5, 10, 20), yticklabels=(1, 2, 5, 10, 20)
)
axis.minorticks_off()
axis.legend(frameon=False)
plt.show()

# %%
keys = {"gflop": 1, "share": 0, "convolutions": 0, "normalizations": 0}
headings = ["arm", "repetitions", "GFLOP", "% of the product's speed", "% convolutions", "% normalizations"]
rows = []
for arm in EXPERIMENTS["cost"].arms:
    records = cost_files.get(arm, [])
    known = [key for key in keys if records and key in records[0]["results"]]
    cells = {key: f"{statistics.mean(experiments.values(records, key)):.{keys[key]}f}" for key in known}
    missing = "–" if records else claims.UNMEASURED
    rows.append([arm, str(len(records)), *(cells.get(key, missing) for key in keys)])
HTML(claims.table(headings, rows))

# %% [markdown]
# (The arm *bfloat16* is compared with a product in bfloat16. What is not stored has a dash.)
#
# Time follows work only roughly. A step also pays for things that hardly depend on its size: a Python loop, a call for every layer, an update for every parameter.

# %% [markdown]
# The log-mel line crosses the dashed one: there a whole step runs faster than a bare product. So the product is a *yardstick* and not a ceiling: some algorithms for convolutions need fewer multiply-adds than the formula counts.

# %% [markdown]
# ## Two switches
#
# `precision="bfloat16"` computes in numbers of half the length. `compile()` lets PyTorch join small operations into larger ones before it starts. The experiment times each against the plain step, and also arms in which nothing differs. There the gain must be 1; the deviation from 1 is the **noise** of the method.

# %%
switches = ("bfloat16", "compiled")
alike = [gain for arm, found in cost_files.items() if arm not in switches for gain in experiments.values(found, "gain")]
if alike:
    print(f"nothing changed: {len(alike)} measurements, gains from {min(alike):.2f} to {max(alike):.2f}")
for arm in switches:
    found = experiments.values(cost_files.get(arm, []), "gain")
    gains = ", ".join(f"{gain:.2f}" for gain in found)
    print(f"{arm}: gain {gains} (one a repetition)" if found else f"{arm}: {claims.UNMEASURED}")

# %%
made_on = {}
for name in ("speed", "trainer", "cost"):
    for records in experiments.read(name).values():
        for record in records:
            where = record["provenance"]
            key = where.get("processor", where["device"]), where["torch"]
            made_on.setdefault(key, set()).add(name)
for (processor, version), which in sorted(made_on.items()):
    print(f"{', '.join(sorted(which))}: measured on {processor}, PyTorch {version}")

# %% [markdown]
# These gains belong to *that* processor. Some processors have instructions for bfloat16; others must convert each number back and forth, and may lose. Compare a gain with the noise.

# %% [markdown]
# ## Beside another trainer
#
# [MultiVae](https://github.com/AgatheSenellart/MultiVae) is a package of published models that join several domains, with a trainer of its own. Is *our loop* any faster? The experiment `trainer` trains three models of MultiVae on this book's stacks, with the same batches and optimizer, in both loops by turns. The ratio is its trainer's time over that of `train.fit`: above 1, ours is faster.

# %%
trainer = experiments.read("trainer")
arms = list(EXPERIMENTS["trainer"].arms)
rows = []
for arm in arms:
    found = experiments.values(trainer.get(arm, []), "ratio")
    shown_ratio = claims.shown(*experiments.interval(found), digits=3) if len(found) > 1 else claims.UNMEASURED
    rows.append([arm, str(len(found)), shown_ratio])
HTML(claims.table(["model", "repetitions", "their time / ours"], rows))

# %% [markdown]
# Differences of one or two percent are as large as the noise (*Two switches*); both loops call the same model, which does nearly all the work. What each system reaches is the better comparison ([chapter 24](24_beside_other_systems.ipynb)).
#
# On a graphics card the loop may matter; no card has run this yet. The same experiments, at full width, are prepared as `speed-gpu`, `trainer-gpu` and `cost-gpu`: `python -m olc_lib measure speed-gpu --device cuda`.

# %% [markdown]
# ## What this page does not say
#
# - One core of one machine (of another one for *careful*). With more cores the shares change.
# - Narrow models. At the paper's width, arithmetic weighs more, and everything else less.
# - Seconds a step are not seconds to a good model.

# %% [markdown]
# ## An open question
#
# Late in a training most items are already drawn well. Could half of the steps, or of the items, be left out without losing accuracy, and could one tell beforehand which?

# %% [markdown]
# ## What to remember
#
# - Count first. A layer costs output values × input channels × kernel, three times over with its backward pass. The ratio of two counts is the ceiling.
# - Leave out what no result needs: terms of weight 0, codes that are there already, order among values of which only a mean is wanted.
# - Time two things in one run, in turn; take the median of ratios; look at what you get when *nothing* differs.
# - A result above its ceiling: something is not in your count. Change one thing and look again.
# - The share you do not touch limits what you gain.

# %% [markdown]
# ## Exercises
#
# ### Exercise 1: a top-heavy model, by hand
#
# A model's decoder costs three times its encoder: $e = 1$, $d = 3$. Interpolation starts after 80 % of the iterations. Compute the ceiling (a) of a step with interpolation; (b) of the whole training.

# %% tags=["exercise"]
late, whole = None, None
checks.speed_ceiling(late, whole)

# %% [markdown]
# <details>
# <summary>Solution</summary>
#
# ```python
# late = (2 * 1 + 2 * 3) / (1 + 2 * 3)
# whole = 1 / (0.8 / 2 + 0.2 / late)
# checks.speed_ceiling(late, whole)
# ```
#
# $8/7 = 1.143$ and 1.739.
#
# </details>

# %% [markdown]
# ### Exercise 2: the paper's encoder
#
# Write `multiply_adds(layers, samples)`: the forward multiply-adds of a stack of one-dimensional convolutions on one clip with a single channel (no fully connected layer). `olc_lib.networks.conv_lengths(layers, samples)` gives the lengths: the input's, then one for each layer. How many are they for `paper.VOICE_LAYERS` and 8,192 samples? Which layer has the most?


# %% tags=["exercise"]
def multiply_adds(layers, samples):
    return None


checks.speed_multiply_adds(multiply_adds)

# %% [markdown]
# <details>
# <summary>Solution</summary>
#
# ```python
# from olc_lib.networks import conv_lengths
#
# def multiply_adds(layers, samples):
#     work, channels = 0, 1
#     for layer, length in zip(layers, conv_lengths(layers, samples)[1:], strict=True):
#         work += length * layer.channels * channels * layer.kernel
#         channels = layer.channels
#     return work
#
# print(f"{multiply_adds(paper.VOICE_LAYERS, data.SAMPLES):,}")
# for count in (1, 2, 3):
#     print(f"{multiply_adds(paper.VOICE_LAYERS[:count], data.SAMPLES):,} of them in the first {count}")
# checks.speed_multiply_adds(multiply_adds)
# ```
#
# The second layer has 93 % of it: 1,026 channels come in, 285 go out, and its kernel is 32 long.
#
# </details>

# %% [markdown]
# ### Exercise 3: how much can it bring?
#
# A profiler says: convolutions 70 % of the time, batch normalization 10 %, rest 20 %. By which factor does the whole step gain (a) if convolutions are twice as fast, (b) if the rest costs nothing at all?

# %% tags=["exercise"]
faster_convolutions, no_rest = None, None
checks.speed_amdahl(faster_convolutions, no_rest)

# %% [markdown]
# <details>
# <summary>Solution</summary>
#
# ```python
# faster_convolutions = 1 / (0.7 / 2 + 0.3)
# no_rest = 1 / 0.8
# checks.speed_amdahl(faster_convolutions, no_rest)
# ```
#
# 1.54 and 1.25: twice as fast in the large part beats infinitely fast in the small one.
#
# </details>

# %% [markdown]
# ### Exercise 4: break it
#
# Fair turns can be fooled, too. A and B are now *the same*: both take 10 ms on a free machine. Invent a machine, a list `rhythm` of twenty numbers from 1 to 2 (how slow it is at each moment), on which the turns `"AB" * 10` and the median of ratios, all rules kept, say that B takes at least half as long again as A.

# %% tags=["exercise"]
rhythm = None  # a list of twenty numbers
checks.speed_rhythm(rhythm)

# %% [markdown]
# <details>
# <summary>Solution</summary>
#
# ```python
# rhythm = [1.0, 1.6] * 10
# checks.speed_rhythm(rhythm)
# ```
#
# A disturbance that keeps step with the turns always hits the same one. So time a thing also against *itself*, as in *Two switches*, and change the order from round to round, as `speed.in_turn` does.
#
# </details>

# %% [markdown]
# ## Where next
#
# - [Beside other systems](24_beside_other_systems.ipynb): what other systems reach.
# - [The ledger](ledger.ipynb): every experiment, and how to measure it again.
