# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # The voice VAE
#
# This chapter assembles and trains the voice model: it encodes a spoken word as sixteen numbers and decodes them into a sound.
#
# ![Block diagram of the whole system: voice model, image model and training. Lit here: the voice model, from log-mel picture to redrawn picture.](_static/spine/the_voice_vae.svg)
#
# You measure what the decoder blurs, and whether one part of the code reveals what belongs in another.
#
# **Time:** 30 minutes to read, one minute to run.
#
# **Needs:** [Codes with categories](06_codes_with_categories.ipynb), [Disentanglement](09_disentanglement.ipynb), [The injection schedule](10_the_injection_schedule.ipynb), [Balancing](11_balancing.ipynb).

# %% [markdown]
# ## Goals
#
# After this chapter you can
#
# - compute length, weights and work of every layer of an encoder, and mirror it in a decoder;
# - read the history of a training, term by term;
# - explain what a decoder draws when many targets share one code;
# - measure what one block of a code reveals of another, and say why a well-known score gives a perfect code zero.

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
import dataclasses

import matplotlib.pyplot as plt
import torch
from IPython.display import HTML, Audio, display
from torch.nn import functional as F

from olc_lib import block_metrics, checks, data, metrics, paper, plots, runs
from olc_lib.latent import VOICE
from olc_lib.ledger import claims, experiments, paper_experiments
from olc_lib.networks import conv_lengths, scale_layers
from olc_lib.reading import batched, hear
from olc_lib.systems import placed

# %%
trained = runs.load(run)
slim = runs.load("slim", quiet=True)  # the same models, trained on people's voices
print(data.voices(trained.settings.voices, "test"))

# %% [markdown]
# ## Two tables, one idea
#
# A **convolution layer** slides filters over its input; each makes one *channel* of the output. A filter sees *kernel* samples (or pixels in each direction), moves by *stride*, and finds *padding* zeros at each end.
#
# The paper lists ten layers for raw waveforms (Solhjoo & Rodolà, Table 2) and ten for images (Table 6). Our voice model reads log-mel pictures of 32 × 32, so it uses Table 6.

# %%
print("     Table 2: channels kernel stride    Table 6: channels kernel stride")
pairs = zip(paper.VOICE_LAYERS, paper.IMAGE_LAYERS, strict=True)
for k, (v, i) in enumerate(pairs, 1):
    voice = f"{v.channels:18d} {v.kernel:6d} {v.stride:6d}"
    print(f"L{k:<2d} {voice} {i.channels:20d} {i.kernel:6d} {i.stride:6d}")

# %% [markdown]
# Padding is 1 everywhere. With $p$ zeros at each end of $n$ samples, a kernel of $k$ fits in $n + 2p - k + 1$ places; with stride $s$, every $s$-th place counts:
#
# $$n' = \left\lfloor \frac{n + 2p - k}{s} \right\rfloor + 1.$$
#
# By hand, for a side of 32: L1 gives $\lfloor 27 / 2 \rfloor + 1 = 14$ and L2 gives $14 + 2 - 5 + 1 = 12$. All other layers have kernel 3 and keep the 12.

# %%
print("waveform of 8,192 samples:", conv_lengths(paper.VOICE_LAYERS, data.SAMPLES))
print("picture of 32 x 32:       ", conv_lengths(paper.IMAGE_LAYERS, 32))

# %% [markdown]
# After L10 a **fully connected** layer makes the code: 6 numbers for the speaker, 10 for the digit.
#
# A filter has one *weight* for every input channel and place of its kernel, used in one *multiply-add* at every place of the output. By hand, L1 of Table 6 has $1{,}012 \cdot 7 \cdot 7 = 49{,}588$ weights, used at $14 \times 14$ places: 9.7 million multiply-adds.


# %%
def walk(layers, side, rank):
    """Name, channels, side, weights and multiply-adds of every layer; rank 1 or 2."""
    rows, before = [], 1
    sides = conv_lengths(layers, side)[1:]
    for k, (layer, after) in enumerate(zip(layers, sides, strict=True), 1):
        weights = before * layer.channels * layer.kernel**rank
        rows.append((f"L{k}", layer.channels, after, weights, weights * after**rank))
        before = layer.channels
    return rows


def show(title, rows):
    """Print what walk gives."""
    print(f"{title}\n    channels  side     weights  multiply-adds")
    for name, channels, side, weights, work in rows:
        print(f"{name:3} {channels:8,} {side:5,} {weights:11,} {work:14,}")
    weights, work = (sum(row[k] for row in rows) for k in (3, 4))
    print(f"all {'':14} {weights:11,} {work:14,}")


# %%
full = walk(paper.IMAGE_LAYERS, 32, 2)
show("Table 6 on a log-mel picture, full width", full)

# %% mystnb={"image": {"alt": "Bar chart of each layer's share of all multiply-adds. In both tables L2 takes more than nine tenths; L1 and L3 take a few percent, the seven others together next to nothing."}}
raw = walk(paper.VOICE_LAYERS, data.SAMPLES, 1)
figure, axis = plt.subplots(figsize=(6.4, 2.6), layout="constrained")
tables = {"Table 2, waveforms": raw, "Table 6, pictures": full}
for k, (name, rows) in enumerate(tables.items()):
    share = [100 * row[4] / sum(row[4] for row in rows) for row in rows]
    places = [i + 0.4 * k for i in range(10)]
    axis.bar(places, share, 0.4, color=plots.COLOURS[k], label=name)
axis.set(xticks=[i + 0.2 for i in range(10)], xticklabels=[row[0] for row in full])
axis.set(xlabel="layer", ylabel="% of the multiply-adds")
axis.legend(frameon=False)
plt.show()

# %% [markdown]
# L2 connects the two widest layers.
#
# ## A sixteenth of the width
#
# Multiply every channel count by a factor, the **width**. Half the width means a quarter of the weights and of the work. This book's small runs use a sixteenth, but leave every layer at least 16 channels, or what its table has.

# %%
layers = scale_layers(paper.IMAGE_LAYERS, trained.settings.width)
narrow = walk(layers, 32, 2)
show(f"Table 6 on a log-mel picture, width {trained.settings.width:g}", narrow)

# %%
ratio = sum(row[4] for row in full) / sum(row[4] for row in narrow)
print(f"full width costs {ratio:.0f} times the work of this run's width")

# %% [markdown]
# It is less than $16^2 = 256$ times: L1 has a single input channel at any width, and the last layers keep 16.
#
# ## The decoder mirrors the encoder
#
# After a fully connected layer from 16 numbers to 15 × 12 × 12 come ten **transposed** convolutions, the layers of the table in reverse. Each spreads one input over $k$ outputs. Its length is the formula above, solved for $n$:
#
# $$n = (n' - 1)\, s - 2p + k.$$

# %%
tables = {"Table 6": (paper.IMAGE_LAYERS, 32), "Table 2": (paper.VOICE_LAYERS, data.SAMPLES)}
for name, (stack, side) in tables.items():
    sides, mirrored = conv_lengths(stack, side), []
    for n, layer in zip(sides[1:], stack, strict=True):
        mirrored.append((n - 1) * layer.stride - 2 * layer.padding + layer.kernel)
    print(name, "in:      ", sides[:-1])
    print(name, "mirrored:", mirrored)

# %% [markdown]
# The lengths nearly agree. Where the stride does not divide evenly, the floor *drops* a remainder: a kernel of L1 can move by 27, and 13 strides of two use 26. So the mirror gives 31, not 32. PyTorch's `output_padding` adds the missing samples at the end; the library computes how many.

# %%
for name, vae in (("pictures", trained.voice), ("waveforms", trained.raw)):
    layers_back = [layer for layer in vae.decoder if hasattr(layer, "output_padding")]
    added = [layer.output_padding[0] for layer in layers_back]
    print(f"{name:9} output_padding from L10 to L1: {added}")

# %% [markdown]
# ## Where the normalizations sit
#
# In the paper (section 3.1, Figure 1), encoder and decoder both begin and end with a normalization:
#
# | place | what happens there |
# |---|---|
# | encoder, first | Max M % ([chapter 5](05_max_m_normalization.ipynb)) |
# | encoder, last | every category to length 1 ([chapter 6](06_codes_with_categories.ipynb)) |
# | decoder, first | in training, the code is *resampled* (Equation 1) |
# | decoder, last | a sigmoid, then Max M % again |
#
# One picture on its way:

# %%
voices = data.voices(trained.settings.voices, "test")
sound = trained.spectrogram(voices.waves, voices.lengths)  # all test clips
one = ((voices.digit == 7) & (voices.speaker == 1)).nonzero()[:1, 0]
stations = {"log-mel picture": (picture := sound[one])}
stations["after Max M %"] = trained.voice.normalize(picture)
with torch.no_grad():
    stations["primary code"] = trained.voice.encoder(stations["after Max M %"])
    stations["normalized code"] = VOICE.normalize(stations["primary code"])
    drawn = trained.voice.decoder(stations["normalized code"])
stations["after the sigmoid"] = drawn
stations["after Max M % again"] = trained.voice.rule(drawn)[0]

# %%
for name, x in stations.items():
    print(f"{name:20} {tuple(x.shape[1:])!s:12} largest {x.max():5.1f}")
for name in ("primary code", "normalized code"):
    lengths = [f"{box.norm():.1f}" for box in VOICE.split(stations[name]).values()]
    print(f"lengths of the two blocks of the {name}:", lengths)

# %% [markdown]
# Max M % makes the *mean of the loudest 5 %* equal to 1, so the loudest pixels lie above 1.
#
# One thing in these networks is not in the paper: **batch normalization** (Ioffe & Szegedy, 2015) after every convolution. It brings each channel to mean 0 and deviation 1 over the batch. [The image VAE](14_the_image_vae.ipynb) measures its effect.

# %% [markdown]
# ## The recipe
#
# A `Training` says how one model is trained.

# %%
how = trained.settings.voice
print(how)

# %% [markdown]
# `lr` is the largest learning rate (it then falls to nearly 0), `ramp` fades terms in, and an empty `loss` means Equation 5 with the *largest* unrelated coordinate.
#
# `injected` is another departure: the paper starts disentanglement at iteration 6,800 of 10,000 (Table 4). We compress its schedule into the first fifth of the steps.

# %%
here = placed.schedule("voice", how)
for term, (start, stop) in paper.VOICE_INJECTION.items():
    weight, (first, last) = paper.VOICE_IMPORTANCE[term], here[term]
    print(f"{term:14} I = {weight:4.2f}   printed {start:5,} to {stop:5,}", end="")
    print(f"   here {first:4.0f} to {last:4.0f}")

# %% [markdown]
# Why so early? The encoder needs time to leave the *hedge* ([chapter 9](09_disentanglement.ipynb)), and late in a training the learning rate is small. Short trainings on FSDD (people's voices) tested this, one *as built*, the others with one or two things changed. There Equation 5 uses the root mean square of the unrelated coordinates, which leaves the hedge sooner (exercise 4), except in rows with *largest* in their name. ([Chapter 10](10_the_injection_schedule.ipynb) compares the two rows at a constant rate.)

# %%
brief = paper_experiments.SHORT["voice"]
print(brief.steps, "steps,", brief.loss["disentanglement"].__name__)

# %% [markdown]
# In brackets: the 95 % interval of the difference from *as built*, over seeds; if it contains 0, no difference is shown. *Error*: root mean square difference between drawings and test pictures.

# %%
keys = {"digit": 1, "speaker": 1, "rms": 3}
headings = ["", "seeds", "digits read right (%)", "speakers (%)", "error of the drawings"]
HTML(claims.table(headings, claims.effects("voice", keys)))

# %% [markdown]
# One more departure: every picture is **augmented** before each step: shifted, stretched in time, warped in frequency (as by another vocal tract), tilted (as by another microphone) and mixed with noise. The augmented picture is also the decoder's target.

# %% mystnb={"image": {"alt": "Four log-mel pictures of the same word: the clean one, and three augmented ones that are shifted, stretched, warped in frequency, and have a grey noise floor."}}
sheet = trained.spectrogram.fine_spectrogram(voices.waves, voices.lengths)
generator = torch.Generator().manual_seed(5)
seven = sheet[one].expand(3, -1, -1, -1)
four = torch.cat([picture, trained.spectrogram.augment(seven, generator)])
figure = plots.sounds(four, ["clean"] + 3 * ["augmented"])

# %% [markdown]
# ## A short training
#
# A fresh voice model, trained for sixty steps, with the whole schedule in the first twelve:

# %%
part = dataclasses.replace(how, steps=60, injected=0.2, loss={})
short = dataclasses.replace(trained.settings, voice=part)
young, given = placed.build(short), placed.corpora(short, "train")
device = "cuda" if torch.cuda.is_available() else "cpu"
watched = placed.fit_model("voice", young, short, given, device)
print("recorded:", [term for term in watched if "/" not in term])

# %% mystnb={"image": {"alt": "Five terms over sixty steps. Reconstruction falls slowly from the start. Speaker and digit appear near step twelve at about 1.5 and sink towards two dotted lines near 1.1."}}
terms = ["reconstruction", "sparsity", "interpolation", "speaker", "digit"]
figure = plots.history(watched, terms, smooth=5)
for k, n in ((3, 6), (4, 10)):  # what a code pays that gives all n classes the same
    figure.axes[0].axhline(n**-0.5 + 1 / (1 + n**-0.5), color=plots.COLOURS[k], linestyle=":", linewidth=1)

# %% [markdown]
# The disentanglement terms start high, because the first codes are confident and wrong. They sink towards two dotted lines (speakers above, digits below): the loss of the hedge, a code with all coordinates equal. The whole training:

# %% mystnb={"image": {"alt": "Five terms over the run's whole training, with grey vertical lines where terms are injected. Reconstruction falls, jumps up when speaker and digit come in, and falls slowly; speaker and digit fall at once to about 1.1, hesitate there, then sink slowly to about 0.6."}}
figure = plots.history(trained.history["voice"], terms)
for term in ("sparsity", "interpolation", "digit"):
    figure.axes[0].axvline(here[term][0], color="grey", linewidth=0.8)

# %% [markdown]
# The grey lines mark sparsity, interpolation and disentanglement. Speaker and digit fall at once; the speaker term stays at its hedge for a while, the digit term just above its own. (Their minimum is 0.5.) At the third line, *reconstruction gets worse*. In numbers, also for the run on people's voices:


# %%
def before_after(name, loaded):
    """Reconstruction just before disentanglement, soon after, and at the end."""
    values = loaded.history["voice"]["reconstruction"]
    schedule = placed.schedule("voice", loaded.settings.voice)
    start, stop = (int(step) for step in schedule["digit"])
    before, after = values[start - 20 : start].mean(), values[stop : stop + 20].mean()
    print(f"{name:8} before {before:.2f}, right after {after:.2f}, ", end="")
    print(f"at the end {values[-20:].mean():.2f}")


before_after(run, trained)
before_after("slim", slim)

# %% [markdown]
# From the third line on, the code must hold speaker and digit in prescribed places, and whatever distinguishes one "seven" of Anna's from another has to go. This loss of detail is the cost of a placed code; [the image VAE](14_the_image_vae.ipynb) analyses it.

# %% [markdown]
# ## What comes out
#
# As in Figure 4 of the paper, but as log-mel pictures: clean test clips above, below them what the decoder draws from sixteen numbers.

# %% mystnb={"image": {"alt": "Four log-mel pictures of test words above and their reconstructions below. The large shapes agree, bright bands at the same times and heights; fine stripes are missing and all edges are soft."}}
normalized = batched(trained.voice.normalize, sound)
codes = batched(trained.voice.encode, sound)
redrawn = batched(trained.voice.decode, codes)
some = [int(((voices.speaker == s) & (voices.digit == d)).nonzero()[0]) for s, d in ((0, 1), (2, 3), (3, 6), (5, 8))]
titles = [f"{voices.speakers[voices.speaker[i]]}: {voices.digit[i]}" for i in some]
figure = plots.sounds(torch.cat([normalized[some], redrawn[some]]), titles + ["redrawn"] * 4)

# %% [markdown]
# Listen to the clip, to the sound estimated from its *own* picture (Griffin and Lim 1984), and to that from the redrawn one.

# %% tags=["nbval-ignore-output"]
clip = some[2]
print("the clip,", titles[2])
display(Audio(voices.waves[clip, : voices.lengths[clip]].numpy(), rate=data.RATE))
for name, shown in (("its own picture", sound[clip]), ("redrawn from 16 numbers", redrawn[clip])):
    print(name)
    display(Audio(trained.spectrogram.listen(shown).numpy(), rate=data.RATE))

# %% [markdown]
# Is the voice recognizable? Ask the **listener**: a classifier of speakers and digits, trained on real pictures only.


# %%
def ask(name, pictures):
    """Print how often the listener hears the right speaker and digit."""
    labels = hear(trained.voice_classifier, pictures)
    shares = {what: f"{metrics.accuracy(labels[what], getattr(voices, what)):.0f} %" for what in labels}
    print(f"{name:34}", shares)


ask("the pictures themselves", sound)
ask("redrawn from their codes", redrawn)

# %% [markdown]
# Chance is 17 % for speakers and 10 % for digits. Most digits survive; most speakers do not, although the *code* nearly always names the right one. Why?

# %% [markdown]
# ## The mean of many pictures
#
# If a code names only digit and speaker, the decoder gets the same code for many pictures. The single drawing with the least squared error against all of them is their **mean** (with our root per item, [close to it](07_reconstruction_and_sparsity.ipynb)). So compare the drawings with two means: of all *clean* training pictures of that speaker and digit, and of all *augmented* ones.

# %%
training = given[0]
group = 10 * training.speaker + training.digit
fine = trained.spectrogram.fine_spectrogram(training.waves, training.lengths)
generator = torch.Generator().manual_seed(0)
eight = [trained.spectrogram.augment(fine, generator) for _ in range(8)]


def means(pictures, groups):
    """The mean picture of each speaker and digit, one for every test clip."""
    pictures = trained.voice.normalize(pictures)
    table = torch.stack([pictures[groups == k].mean(0) for k in range(60)])
    return table[10 * voices.speaker + voices.digit]


clean_mean = means(trained.spectrogram.picture(fine), group)
changed_mean = means(torch.cat(eight), group.repeat(8))

# %% mystnb={"image": {"alt": "Four pictures of one word: the test picture with sharp edges; the clean mean, nearly as sharp; the augmented mean, soft; and the decoder's drawing, as soft as that."}}
row = torch.stack([normalized[clip], clean_mean[clip], changed_mean[clip], redrawn[clip]])
figure = plots.sounds(row, [titles[2], "clean mean", "augmented mean", "redrawn"])

# %%
ask("mean of the clean pictures", clean_mean)
ask("mean of the augmented pictures", changed_mean)
ask("redrawn from their codes", redrawn)

# %% [markdown]
# The listener hears about as much in the decoder's drawings as in the means of the augmented pictures, and far more in the means of the clean ones. So the decoder did what its loss asks: it drew a typical *augmented* word. [Six directions](17_six_directions.ipynb) trains a decoder on clean targets instead. Is it the warp in frequency? Leave out only this change:

# %%
quiet = dataclasses.replace(trained.spectrogram, warp=0.0)
unwarped = torch.cat([quiet.augment(fine, torch.Generator().manual_seed(k)) for k in range(8)])
ask("mean, augmented but not warped", means(unwarped, group.repeat(8)))

# %% [markdown]
# Without the warp the listener hears far more of the speakers, and still fewer than in the clean means.
#
# ## Average codes
#
# The paper's Figures 5 and 6 show the average code of each speaker and each digit: a row for each class, a column for each coordinate. Ideally the diagonal is 1 and the rest 0. Below: this run's speakers, and the digits of `slim`.

# %% mystnb={"image": {"alt": "Heat map of the average speaker codes: six rows for six speakers, six columns; the diagonal is near 1, everything else near 0."}}
six = [str(k) for k in range(6)]
figure = plots.heat(trained.arrays["voice_speaker"], list(voices.speakers), six, "coordinate", "speaker")

# %% mystnb={"image": {"alt": "Heat map of the average digit codes of the run slim, on people's voices: a diagonal near 1, the rest near 0."}}
ten = [str(k) for k in range(10)]
figure = plots.heat(slim.arrays["voice_digit"], ten, ten, "coordinate", "digit, slim")

# %% [markdown]
# The **mean absolute cosine** over all pairs of rows is 0 if they are orthogonal, 1 if they are all the same, and for random directions about 0.33 in six dimensions and 0.25 in ten. The paper calls its orthogonality "noticeable" and gives no number.


# %%
def over_seeds(key, digits=1):
    """Mean of a stored result over seeds, and half the width of its 95 % interval."""
    records = experiments.read("voice").get("as built", [])
    if not records:
        return "not measured yet"
    mean, low, _ = experiments.interval(experiments.values(records, key))
    return f"{mean:.{digits}f} ± {mean - low:.{digits}f} ({len(records)} seeds)"


# %%
pair = (trained.results["metrics"], slim.results["metrics"])
for key in ("speaker_cosine", "digit_cosine"):
    here_, there = (found[f"voice_{key}"] for found in pair)
    print(f"{key:15} {run} {here_:.3f}   slim {there:.3f}", end="")
    print(f"   short trainings {over_seeds(key, 3)}")
for what in ("speaker", "digit"):
    here_, there = (found[f"voice_{what}"] for found in pair)
    print(f"{what:8} read right: {run} {here_:.0f} %   slim {there:.1f} %", end="")
    print(f"   short trainings {over_seeds(what)} %")

# %% [markdown]
# *Read right*: the largest coordinate of the block is the right one.

# %% [markdown]
# ## Does a block leak?
#
# Does the speaker block *also* reveal the digit, in its small deviations? Equation 5 does not prevent it, and it matters as soon as you exchange blocks.
#
# The tool is a **probe** (Alain & Bengio, 2016): a small linear classifier that gets *only this block* and has to predict the label. It is fitted on training codes and tested on others.

# %%
blocks = VOICE.split(codes)
seen = VOICE.split(batched(trained.voice.encode, trained.spectrogram.picture(fine)))
print("chance: speaker 17 %, digit 10 %")
for box in blocks:
    for name in VOICE.sizes:
        labels = getattr(training, name), getattr(voices, name)
        share = block_metrics.probe(seen[box], labels[0], blocks[box], labels[1])
        print(f"{name:7} from the {box} block: {share:3.0f} %")

# %% [markdown]
# With 120 clips, a guess that is right one time in ten has a standard deviation of $\sqrt{0.1 \cdot 0.9 / 120} \approx 0.03$. So six points above chance may be luck. On people's voices, over seeds:

# %%
for key, chance in (("digit_from_speaker", 10), ("speaker_from_digit", 17)):
    print(f"{key:19} {over_seeds(key)} %, chance {chance} %")

# %% [markdown]
# So the digit block leaks a little of the speaker, in this run and over seeds. That the speaker block leaks the digit is not shown: the interval contains chance.
#
# ## Scores for whole codes
#
# How much does each *block* of the code reveal of each *factor*? `block_metrics.information` measures it with probes, as a share of all there is to know, corrected for chance.

# %%
first = {name: getattr(training, name) for name in VOICE.sizes}
second = {name: getattr(voices, name) for name in VOICE.sizes}
table = block_metrics.information(seen, first, blocks, second)
print("           of the speaker  of the digit")
for box, told in zip(blocks, table, strict=True):
    print(f"{box:10} {told[0]:14.2f} {told[1]:13.2f}")

# %% [markdown]
# Four scores read this table. (Their authors fill theirs coordinate by coordinate, in other ways, so these values cannot be compared with published ones.)
#
# - **Modularity** (Ridgeway & Mozer, 2018): does each *block* reveal only one factor? It looks along the rows.
# - **DCI disentanglement** (Eastwood & Williams, 2018): the same, by the *entropy* of each row.
# - **DCI completeness**: is each *factor* revealed by one block only? It looks down the columns.
# - **MIG**, the mutual information gap (Chen et al., 2018): how far is the best block for a factor ahead of the second best?
#
# Compute them for codes of which you know everything:

# %%
digit, speaker = torch.arange(600) % 10, torch.arange(600) // 10 % 6
labels = {"speaker": speaker, "digit": digit}
perfect = {"speaker": F.one_hot(speaker, 6).float(), "digit": F.one_hot(digit, 10).float()}
both = torch.cat(list(perfect.values()), dim=1)
generator = torch.Generator().manual_seed(0)
made_up = {
    "perfect": perfect,
    "blocks exchanged": {"speaker": perfect["digit"], "digit": perfect["speaker"]},
    "both in both": {"speaker": both, "digit": both},
    "digit everywhere": {"speaker": perfect["digit"], "digit": perfect["digit"]},
    "dead": {"speaker": torch.ones(600, 6), "digit": torch.ones(600, 10)},
}


# %%
def scores(table):
    """The four scores of a table, as text."""
    modularity, gap = block_metrics.modularity(table), block_metrics.mutual_information_gap(table)
    numbers = (modularity, *block_metrics.dci(table), gap)
    return "".join(f"{abs(number):12.2f}" for number in numbers)


print(f"{'':18}  modularity   DCI dis.   DCI com.         MIG")
for name, made in made_up.items():
    print(f"{name:18}{scores(block_metrics.information(made, labels, made, labels))}")
print(f"{run:18}{scores(table)}")

# %% [markdown]
# *Blocks exchanged* scores 1: the scores ask whether each factor has one block, not whether it is the right block. Accuracy asks that. *Digit everywhere* satisfies the two row scores; only the column scores show that the speaker is lost.

# %% [markdown]
# ## A perfect code with a score of zero
#
# The scores were invented for single *dimensions*. Apply them that way to the perfect code.

# %%
dimensions = {f"{box} {k}": column for box in perfect for k, column in enumerate(perfect[box].T)}
single = block_metrics.information(dimensions, labels, dimensions, labels)
for name, found in (("block", torch.eye(2)), ("dimension", single)):
    gap = abs(block_metrics.mutual_information_gap(found))
    print(f"MIG of the perfect code, by {name:9}: {gap:.2f}")
told = [f"{value:.2f}" for value in single[6:9, 1]]
print("what dimensions 0, 1, 2 of the digit block reveal of the digit:", told)

# %% [markdown]
# By hand: dimension 7 of the digit block answers one question, "is it a seven?". With ten equally frequent digits, the answer carries
#
# $$0.1 \log_2 10 + 0.9 \log_2 \tfrac{10}{9} = 0.47 \text{ bits}$$
#
# of the $\log_2 10 = 3.32$ bits there are: about 0.14. Dimension 8 carries as much, so the gap between best and second best is 0. This book therefore scores *blocks*.

# %% [markdown]
# ## Where this model leaves the paper
#
# - **Log-mel pictures** replace waveforms: hence Table 6's layers.
# - **Batch normalization**, **early injection**, **augmentation**, and a sixteenth of the **width**.
# - **The bars** in Equation 5 ([chapter 9](09_disentanglement.ipynb)).
# - **Not given in the paper:** `output_padding`, optimizer, learning rate, batch size, the M of Max M %, $\mu$, $\sigma_\text{min}$, and a held-out split; its figures may show training clips.
#
# ## An open question
#
# Augmentation makes the code robust, and it removes detail from the drawings. Clean targets mend the drawings; do they also let more of each clip leak into the code? ([Chapter 17](17_six_directions.ipynb) has a first answer.)

# %% [markdown]
# ## What to remember
#
# - At full width, L2 does nearly all the work. Half the width is a quarter of it.
# - A stride drops what does not fill a step; `output_padding` restores it in the decoder.
# - When disentanglement comes in, codes go to the hedge, then leave it. Reconstruction gets worse.
# - A decoder draws the mean of its targets for one code, augmentation included.
# - A probe measures what a block reveals. Scores over blocks give a perfect code 1; over single dimensions, perhaps 0.

# %% [markdown]
# ## Exercises
#
# ### Exercise 1: a larger picture
#
# By hand: what is the side of a picture of 64 × 64 after L1, L2 and L10 of Table 6? Which `output_padding` does the mirror of L1 need?

# %% tags=["exercise"]
sides, added = None, None  # three numbers, one number
checks.voice_vae_sides(sides, added)

# %% [markdown]
# <details>
# <summary>Solution</summary>
#
# ```python
# sides, added = (30, 28, 28), 1
# checks.voice_vae_sides(sides, added)
# ```
#
# $64 + 2 - 7 = 59$; half of it, rounded down, plus 1 is 30. The remainder, 1, is dropped, so 1 must be added.
#
# </details>

# %% [markdown]
# ### Exercise 2: how far does it see?
#
# The stretch of the input that one number at the end depends on is its **receptive field**. After L1 of Table 2 it is 64 samples long. Each later layer widens it by $(k - 1)$ times the product of all strides *before* it: after L2 it is $64 + 31 \cdot 16 = 560$. Write `field(layers)`. Is it longer than a clip?


# %% tags=["exercise"]
def field(layers):
    return None


checks.voice_vae_field(field)

# %% [markdown]
# <details>
# <summary>Solution</summary>
#
# ```python
# def field(layers):
#     width, step = 1, 1
#     for layer in layers:
#         width, step = width + (layer.kernel - 1) * step, step * layer.stride
#     return width
#
# print(field(paper.VOICE_LAYERS), field(paper.IMAGE_LAYERS))
# checks.voice_vae_field(field)
# ```
#
# 10,160 samples and 47 pixels: more than a clip of 8,192 and more than a picture of 32.
#
# </details>

# %% [markdown]
# ### Exercise 3: break the probe
#
# Write `hide(speaker, digit)`, which makes speaker blocks `[N, 6]` such that
#
# - the largest coordinate is the speaker's;
# - any two digits of one speaker differ by at least 0.01, so a look-up table reads the digit;
# - the linear probe reads less than 15 % of the digits.
#
# Hint: a linear boundary has the same slope for all speakers.


# %% tags=["exercise"]
def hide(speaker, digit):
    return F.one_hot(speaker, 6).float()


checks.voice_vae_hide(hide)

# %% [markdown]
# <details>
# <summary>Solution</summary>
#
# ```python
# def hide(speaker, digit):
#     sign = 1 - 2 * (speaker % 2)
#     faint = 0.02 * (digit - 4.5) * sign
#     return F.one_hot(speaker, 6) + faint[:, None] * F.one_hot((speaker + 1) % 6, 6)
#
# checks.voice_vae_hide(hide)
# ```
#
# The digit is written into the neighbour's coordinate, upwards for every other speaker and downwards for the rest. One linear boundary cannot undo both; a small network could.
#
# </details>

# %% [markdown]
# ### Exercise 4: out of the hedge
#
# Train again like `short`, but with `loss={"disentanglement": losses.disentanglement_rms}` in its voice part: the root of the mean square of the unrelated coordinates replaces the largest. The hedge costs the same under both, 1.076 for digits. Set `other` to the history. Expected picture: the digit term sinks *through* its dotted line within the sixty steps.

# %% tags=["exercise"]
other = None
checks.voice_vae_hedge(watched, other)

# %% [markdown]
# <details>
# <summary>Solution</summary>
#
# ```python
# from olc_lib import losses
#
# part = dataclasses.replace(short.voice, loss={"disentanglement": losses.disentanglement_rms})
# softer = dataclasses.replace(short, voice=part)
# other = placed.fit_model("voice", placed.build(softer), softer, given, device)
# figure = plots.history(other, ["speaker", "digit"], smooth=5)
# checks.voice_vae_hedge(watched, other)
# ```
#
# A mean square has no kink at the uniform code, so a small step away from it costs little.
#
# </details>

# %% [markdown]
# ## Where next
#
# - [Raw waveforms](13_raw_waveforms.ipynb): the paper's own input.
# - [The image VAE](14_the_image_vae.ipynb): the same layers, another domain.
# - [Six directions](17_six_directions.ipynb): each domain into each.
