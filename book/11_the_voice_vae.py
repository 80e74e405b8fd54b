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
# All the parts lie on the bench: a normalization, a code with boxes, five loss terms, a schedule. In this chapter you bolt them together and switch the thing on. A machine comes out that hears sixteen numbers in a word and says the word again from them.
#
# Then you take measurements, and not only flattering ones. What sounds blurred, what leaks, and what does a perfect score look like, so that you know one when you see it?

# %% [markdown]
# ## Goals
#
# After this chapter you can
#
# - follow a picture of a sound through ten layers and back, and compute lengths, weights and work at each of them;
# - say where Max M % and the normalization by category sit, and what is the book's addition;
# - read the history of a training, term by term;
# - explain what a decoder draws when many different targets have the same code;
# - use a probe to find leaks between the boxes of a code, and say why a famous score gives a perfect code nothing.
#
# **Time:** 40 minutes to read, one minute to run.
#
# **Needs:** [Codes with categories](05_codes_with_categories.ipynb), [Disentanglement](08_disentanglement.ipynb), [The injection schedule](09_the_injection_schedule.ipynb), [Balancing](10_balancing.ipynb).

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
from olc_lib.networks import OrthogonalVAE, conv_lengths, scale_layers
from olc_lib.reading import batched, hear
from olc_lib.systems import placed

# %%
trained = runs.load(run)
slim = runs.load("slim", quiet=True)  # the same models, trained on people's voices
print(data.voices(trained.settings.voices, "test"))

# %% [markdown]
# ## Two tables, one idea
#
# A **convolution layer** slides small filters over its input. Each filter makes one *channel* of the output. Its *kernel* is how many samples (or pixels in each direction) it sees at once, its *stride* how far it steps, its *padding* how many zeros are added at each end.
#
# The paper lists ten such layers for raw waveforms (Solhjoo & Rodolà, Table 2) and ten for images (Table 6). This book's working voice model sees sounds as log-mel pictures of 32 × 32, so it uses Table 6. Raw waveforms, and Table 2, get [the next chapter](12_raw_waveforms.ipynb).

# %%
print("     Table 2: channels kernel stride    Table 6: channels kernel stride")
for k, (v, i) in enumerate(zip(paper.VOICE_LAYERS, paper.IMAGE_LAYERS, strict=True), 1):
    print(f"L{k:<2d} {v.channels:18d} {v.kernel:6d} {v.stride:6d} {i.channels:20d} {i.kernel:6d} {i.stride:6d}")

# %% [markdown]
# Padding is 1 everywhere. How long is the output? With $p$ zeros at each end of $n$ samples, a kernel of $k$ fits in $n + 2p - k + 1$ places; with stride $s$, only every $s$-th place counts:
#
# $$n' = \left\lfloor \frac{n + 2p - k}{s} \right\rfloor + 1.$$
#
# By pencil, for a picture of 32 pixels a side and Table 6: L1 gives $\lfloor 27 / 2 \rfloor + 1 = 14$. L2 gives $14 + 2 - 5 + 1 = 12$. All others have kernel 3 and padding 1, which changes nothing: 12 to the end.

# %%
print("waveform of 8,192 samples:", conv_lengths(paper.VOICE_LAYERS, data.SAMPLES))
print("picture of 32 x 32:       ", conv_lengths(paper.IMAGE_LAYERS, 32))

# %% [markdown]
# The waveform shrinks to a thousandth of its length. The picture hardly shrinks: after L2 its sides stay, and only the channels become fewer. Both end small: 60 channels of 8 places are 480 numbers, 15 channels of 12 × 12 are 2,160. A **fully connected** layer makes 16 numbers of them, 6 for the speaker and 10 for the digit.
#
# What does each layer cost? One filter has a *weight* for every input channel and every place of its kernel. And every weight is used once, as one *multiply-add*, at every place of the output.

# %% [markdown]
# By pencil, L1 of Table 6: 1 input channel, 1,012 filters, $7 \times 7$ weights each: $49{,}588$ weights. They are used at $14 \times 14 = 196$ places: 9.7 million multiply-adds for one picture. L2: $1{,}012 \cdot 405 \cdot 25 \approx 10.2$ million weights, at 144 places. That one will be expensive.


# %%
def walk(layers, side, rank):
    """Name, channels, side, weights and multiply-adds of every layer of an encoder; rank 1 or 2."""
    rows, before = [], 1
    for k, (layer, after) in enumerate(zip(layers, conv_lengths(layers, side)[1:], strict=True), 1):
        weights = before * layer.channels * layer.kernel**rank
        rows.append((f"L{k}", layer.channels, after, weights, weights * after**rank))
        before = layer.channels
    return rows


def show(title, rows):
    """Print what walk gives."""
    print(f"{title}\n    channels  side     weights  multiply-adds")
    for name, channels, side, weights, work in rows:
        print(f"{name:3} {channels:8,} {side:5,} {weights:11,} {work:14,}")
    print(f"all {'':14} {sum(row[3] for row in rows):11,} {sum(row[4] for row in rows):14,}")


# %%
full = walk(paper.IMAGE_LAYERS, 32, 2)
show("Table 6 on a log-mel picture, full width", full)

# %%
raw = walk(paper.VOICE_LAYERS, data.SAMPLES, 1)
show("Table 2 on a waveform, full width", raw)

# %% mystnb={"image": {"alt": "Bar chart of each layer's share of all multiply-adds. In both tables L2 takes more than nine tenths; L1 and L3 take a few percent, the seven others together next to nothing."}}
figure, axis = plt.subplots(figsize=(6.4, 2.6), layout="constrained")
for k, (name, rows) in enumerate({"Table 2, waveforms": raw, "Table 6, pictures": full}.items()):
    share = [100 * row[4] / sum(row[4] for row in rows) for row in rows]
    axis.bar([i + 0.4 * k for i in range(10)], share, 0.4, color=plots.COLOURS[k], label=name)
axis.set(xticks=[i + 0.2 for i in range(10)], xticklabels=[row[0] for row in full], ylabel="% of the work")
axis.legend(frameon=False)
plt.show()

# %% [markdown]
# Ten layers, and one of them does nearly everything. L2 stands between the two widest layers, so the product of its channels is by far the largest. Whoever wants to make this network cheap has to look there.
#
# ## A sixteenth of the width
#
# Multiply every channel count by a factor, the **width**. The weights of a layer are a product of *two* channel counts, so half the width is a quarter of the weights and of the work.
#
# This book's small runs use a sixteenth. Would the last layers then have one channel? `scale_layers` does not let any layer fall below 16 channels, or below what its table has.

# %%
layers = scale_layers(paper.IMAGE_LAYERS, trained.settings.width)
narrow = walk(layers, 32, 2)
show(f"Table 6 on a log-mel picture, width {trained.settings.width:g}", narrow)

# %%
ratio = sum(row[4] for row in full) / sum(row[4] for row in narrow)
print(f"full width costs {ratio:.0f} times the work of this run's width")

# %% [markdown]
# Not $16^2 = 256$ times: L1 has a single input channel at any width, and the last layers were kept from shrinking as far.
#
# Is that all the model has? Let PyTorch count. The encoder adds 2 numbers a channel for *batch normalization* (more below), and the fully connected layer.

# %%
for name, stack in {"full width": paper.IMAGE_LAYERS, "this run": layers}.items():
    vae = OrthogonalVAE(stack, (1, 32, 32), VOICE)
    encoder, decoder = (sum(p.numel() for p in part.parameters()) for part in (vae.encoder, vae.decoder))
    convolutions = sum(row[3] for row in walk(stack, 32, 2))
    print(f"{name:10}: {convolutions:10,} in convolutions, encoder {encoder:10,}, decoder {decoder:10,}")

# %% [markdown]
# How long is a training step? Take 32 pictures. The encoder runs once and the decoder twice, because the interpolation term decodes mixed codes as well; and computing the gradient costs about twice as much again as the way there.

# %%
for name, rows in {"full width": full, "this run": narrow}.items():
    once = sum(row[4] for row in rows)
    print(f"{name:10}: about {32 * 3 * 3 * once / 1e9:5.1f} billion multiply-adds a step")

# %% [markdown]
# A laptop's processor does some tens of billions ($10^9$) a second. So the narrow network trains while you make tea, and the full one wants a graphics card.
#
# ## The mirror
#
# The decoder goes the same way back: a fully connected layer from 16 numbers to 15 × 12 × 12, then ten **transposed** convolutions with the layers of the table in reverse. A transposed convolution does not gather $k$ inputs into one output; it spreads each input over $k$ outputs. Its length is the formula from above, solved for $n$:
#
# $$n = (n' - 1)\, s - 2p + k.$$

# %%
for name, stack, side in (("Table 6", paper.IMAGE_LAYERS, 32), ("Table 2", paper.VOICE_LAYERS, data.SAMPLES)):
    sides = conv_lengths(stack, side)
    back = [(n - 1) * row.stride - 2 * row.padding + row.kernel for n, row in zip(sides[1:], stack, strict=True)]
    print(name, "in:      ", sides[:-1])
    print(name, "mirrored:", back)

# %% [markdown]
# Nearly. Where a stride does not divide evenly, the floor in the formula *drops* the remainder: a kernel of L1 can move on by 27, of which 13 whole strides of two use 26. The last column, here one of the padding's zeros, is never seen. The mirror cannot know of it: it gives 31, not 32.
#
# The paper does not say what it does about this. PyTorch's `output_padding` adds the missing ones at the end of the output; the library computes how many, layer by layer. L10's mirror comes first, L1's last:

# %%
for name, vae in (("pictures", trained.voice), ("waveforms", trained.raw)):
    added = [layer.output_padding[0] for layer in vae.decoder if hasattr(layer, "output_padding")]
    print(f"{name:9} output_padding from L10 to L1: {added}")

# %% [markdown]
# ## Where the normalizations sit
#
# According to the paper (section 3.1, Figure 1), encoder and decoder both begin and end with a normalization. That makes four places:
#
# | place | what stands there |
# |---|---|
# | encoder, first | Max M %: every signal gets the same level ([chapter 4](04_max_m_normalization.ipynb)) |
# | encoder, last | every category to length 1 ([chapter 5](05_codes_with_categories.ipynb)) |
# | decoder, first | nothing to normalize; in training, the code is *resampled* here (Equation 1) |
# | decoder, last | a sigmoid, to come between 0 and 1, and then Max M % again |
#
# Let one picture walk through.

# %%
voices = data.voices(trained.settings.voices, "test")
sound = trained.spectrogram(voices.waves, voices.lengths)  # all test clips as pictures
picture = sound[((voices.digit == 7) & (voices.speaker == 1)).nonzero()[:1, 0]]
stations = {"log-mel picture": picture, "after Max M %": trained.voice.normalize(picture)}
with torch.no_grad():
    stations["primary code"] = trained.voice.encoder(stations["after Max M %"])
    stations["normalized code"] = VOICE.normalize(stations["primary code"])
    stations["after the sigmoid"] = trained.voice.decoder(stations["normalized code"])
    stations["after Max M % again"] = trained.voice.rule(stations["after the sigmoid"])[0]

# %%
for name, x in stations.items():
    print(f"{name:20} {tuple(x.shape[1:])!s:12} largest {x.max():5.1f}")
for name in ("primary code", "normalized code"):
    lengths = [f"{box.norm():.1f}" for box in VOICE.split(stations[name]).values()]
    print(f"lengths of the two boxes of the {name}:", lengths)

# %% [markdown]
# The encoder speaks as loudly as it likes: the two boxes of the primary code have any length. Afterwards both have length 1. And the last line is not between 0 and 1: Max M % makes the *mean of the loudest 5 %* equal to 1, so the very loudest may exceed it.
#
# One thing in these networks is not in the paper: **batch normalization** (Ioffe & Szegedy, 2015) after every convolution. It brings each channel to mean 0 and deviation 1 over the batch, so that signals neither die out nor blow up on their way through ten layers. [The image VAE](13_the_image_vae.ipynb) measures what it is worth.

# %% [markdown]
# ## The recipe
#
# A `Training` says how one model is trained.

# %%
how = trained.settings.voice
print(how)

# %% [markdown]
# Most fields speak for themselves: `lr` is the learning rate at its highest (it then falls to nearly 0), `weight_decay` pulls weights gently towards 0, `ramp` fades terms in, and an empty `loss` takes Equation 5 with the *largest* unrelated coordinate.
#
# `injected` is the book's second departure, after batch normalization. The paper trains on reconstruction alone for 60 % of the time, and lets disentanglement in at iteration 6,800 of 10,000 (Table 4). We run through the same schedule in the given share of the steps and then go on with all terms.

# %%
here = placed.schedule("voice", how)
for term, (start, stop) in paper.VOICE_INJECTION.items():
    weight, (first, last) = paper.VOICE_IMPORTANCE[term], here[term]
    print(f"{term:14} I = {weight:4.2f}   printed {start:5,} to {stop:5,}   here {first:4.0f} to {last:4.0f}")

# %% [markdown]
# Why so early? Because a hesitant encoder needs time to leave the *hedge* ([chapter 8](08_disentanglement.ipynb)), and late in a training the learning rate has become small. That is a claim, so it was measured, in short trainings on FSDD (people's voices): one way *as built*, others with one thing changed.
#
# The next cell prints what *as built* means there. Mind its `disentanglement_rms`: these trainings are so short that Equation 5 takes the root of the mean square of the unrelated coordinates, which leaves the hedge sooner (exercise 4). Rows with *largest* in their name take the largest absolute one, as the run of this chapter does.

# %%
as_built = vars(paper_experiments.SHORT["voice"])
print(as_built | {"loss": {name: form.__name__ for name, form in as_built["loss"].items()}})

# %% [markdown]
# In brackets stands the 95 % interval of the difference from *as built*, over the seeds. Where it does not hold 0, the difference is hardly luck; a row of a single seed has no interval. *Error* is the root mean square difference between drawings and test pictures.

# %%
keys = {"digit": 1, "speaker": 1, "rms": 3}
headings = ["", "seeds", "digits read right (%)", "speakers (%)", "error of the drawings"]
HTML(claims.table(headings, claims.effects("voice", keys)))

# %% [markdown]
# There is a third departure: no picture is ever seen twice. Before each step the pictures are **augmented**: shifted, hurried, warped in frequency as by another throat, tilted as by another microphone, drowned in a little noise. The label stays, of course. The changed picture is also what the decoder has to draw. Remember that; it comes back.

# %% mystnb={"image": {"alt": "Four log-mel pictures of the same word: the clean one, and three augmented ones that are shifted, stretched, warped in frequency, and have a grey noise floor."}}
sheet = trained.spectrogram.fine_spectrogram(voices.waves, voices.lengths)
generator = torch.Generator().manual_seed(5)
seven = sheet[(voices.digit == 7) & (voices.speaker == 1)][:1].expand(3, -1, -1, -1)
four = torch.cat([picture, trained.spectrogram.augment(seven, generator)])
figure = plots.sounds(four, ["clean"] + 3 * ["augmented"])

# %% [markdown]
# ## Watch it learn
#
# Enough preparation. The next cell builds fresh models and trains the voice part for sixty steps, with the whole schedule in the first twelve. In a live notebook you see a progress bar.

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
# Reconstruction starts at once: any grey smudge in the right place is better than none. The two disentanglement terms come in high, because the first codes are confident and wrong, and sink towards the two level lines, the upper one for speakers, the lower one for digits. These are the hedges of [chapter 8](08_disentanglement.ipynb): "I do not know, so I say everything equally". Sixty steps end near them.
#
# What happens in the steps that follow? The run has kept its whole history.

# %% mystnb={"image": {"alt": "Five terms over the run's whole training, with grey vertical lines where terms are injected. Reconstruction falls, jumps up when speaker and digit come in, and falls slowly; speaker and digit fall at once to about 1.1, hesitate there, then sink slowly to about 0.6."}}
figure = plots.history(trained.history["voice"], terms)
for term in ("sparsity", "interpolation", "digit"):
    figure.axes[0].axvline(here[term][0], color="grey", linewidth=0.8)

# %% [markdown]
# Three grey lines, close together, from left to right: sparsity, interpolation, disentanglement. Speaker and digit fall to the height of the hedge at once, hesitate there, and leave it. The lowest value they could reach is 0.5; augmented clips, harder to read than clean ones, keep them above it.
#
# Something else happens at the third line, and it is worth a closer look: *the drawing gets worse*. Here are the three drawing terms alone, for the run on people's voices.

# %% mystnb={"image": {"alt": "Reconstruction, sparsity and interpolation of the run on people's voices. Reconstruction falls until the grey lines, jumps up by about half at the third, and hardly falls again."}}
figure = plots.history(slim.history["voice"], terms[:3], smooth=50)
for term in ("sparsity", "interpolation", "digit"):
    figure.axes[0].axvline(placed.schedule("voice", slim.settings.voice)[term][0], color="grey", linewidth=0.8)


# %%
def before_after(name, loaded):
    """Print reconstruction just before disentanglement, soon after, and at the end."""
    values = loaded.history["voice"]["reconstruction"]
    start, stop = (int(step) for step in placed.schedule("voice", loaded.settings.voice)["digit"])
    before, after, end = values[start - 20 : start], values[stop : stop + 20], values[-20:]
    print(f"{name:8} before {before.mean():.2f}, right after {after.mean():.2f}, at the end {end.mean():.2f}")


before_after(run, trained)
before_after("slim", slim)

# %% [markdown]
# Until the third line the code was free to say whatever helps drawing. From then on it has to say who and what, in prescribed places, and all that distinguishes one "seven" of Anna's from another has to leave. Some of the loss may be made good later, since the network goes on learning to draw. But look at the errors in the table above: with disentanglement late, *injected as printed*, drawings are better. This is the price of a placed code; [the image VAE](13_the_image_vae.ipynb) works it out.

# %% [markdown]
# ## What comes out
#
# Figure 4 of the paper shows a waveform and its reconstruction. Ours are pictures: clean test clips above, what the decoder draws from their sixteen numbers below.

# %% mystnb={"image": {"alt": "Four log-mel pictures of test words above and their reconstructions below. The large shapes agree, bright bands at the same times and heights; fine stripes are missing and all edges are soft."}}
normalized = batched(trained.voice.normalize, sound)
codes = batched(trained.voice.encode, sound)
redrawn = batched(trained.voice.decode, codes)
some = [int(((voices.speaker == s) & (voices.digit == d)).nonzero()[0]) for s, d in ((0, 1), (2, 3), (3, 6), (5, 8))]
titles = [f"{voices.speakers[voices.speaker[i]]}: {voices.digit[i]}" for i in some]
figure = plots.sounds(torch.cat([normalized[some], redrawn[some]]), titles + ["redrawn"] * 4)

# %% [markdown]
# Now listen. A picture has no phases, so sound has to be guessed from it (by Griffin and Lim's method, 1984). To be fair, hear three things: the clip; what Griffin and Lim make of the clip's *own* picture; and what they make of the redrawn one.

# %% tags=["nbval-ignore-output"]
clip = some[2]
print("the clip,", titles[2])
display(Audio(voices.waves[clip, : voices.lengths[clip]].numpy(), rate=data.RATE))
for name, shown in (("its own picture", sound[clip]), ("redrawn from 16 numbers", redrawn[clip])):
    print(name)
    display(Audio(trained.spectrogram.listen(shown).numpy(), rate=data.RATE))

# %% [markdown]
# And now a voice from nothing: a code written by hand, the same digit said by two speakers.

# %% tags=["nbval-ignore-output"]
for speaker in (0, 4):
    code = VOICE.handcrafted(speaker=speaker, digit=6)
    print(VOICE.to_text(code), voices.speakers[speaker])
    display(Audio(trained.spectrogram.listen(batched(trained.voice.decode, code[None])[0]).numpy(), rate=data.RATE))

# %% [markdown]
# You will have understood the word, more or less. But the voice? Ears are partial, so ask the **listener**: a plain classifier of speakers and digits, trained on real pictures, that never saw a drawn one.


# %%
def ask(name, pictures):
    """Print how often the listener hears the right speaker and digit."""
    labels = hear(trained.voice_classifier, pictures)
    shares = {what: f"{metrics.accuracy(labels[what], getattr(voices, what)):.0f} %" for what in labels}
    print(f"{name:34}", shares)


ask("the pictures themselves", sound)
ask("redrawn from their codes", redrawn)

# %% [markdown]
# Compare the last line with the first, and with a blind guess: one in six for speakers, one in ten for digits. In the book's run most digits survive, and many speakers do not, although the *code* nearly always names the right speaker, as you will see. So the decoder knows whose voice it should be, and still draws somebody less particular. Why?

# %% [markdown]
# ## The mean of many pictures
#
# If the digit and the speaker are all that a code says, then the decoder gets the same code for many different pictures. Which single drawing has the least error against all of them? Their **mean**, pixel by pixel (for the squared error; for its root, which is our term, nearly so).
#
# So compare the drawings with two means: of all *clean* training pictures of that speaker and digit, and of all *augmented* ones.

# %%
training = given[0]
group, wanted = 10 * training.speaker + training.digit, 10 * voices.speaker + voices.digit
fine = trained.spectrogram.fine_spectrogram(training.waves, training.lengths)
generator = torch.Generator().manual_seed(0)
changed = torch.cat([trained.spectrogram.augment(fine, generator) for _ in range(8)])


def means(pictures, groups):
    """The mean normalized picture of each speaker and digit, one for every test clip."""
    pictures = trained.voice.normalize(pictures)
    return torch.stack([pictures[groups == k].mean(0) for k in range(60)])[wanted]


clean_mean, changed_mean = means(trained.spectrogram.picture(fine), group), means(changed, group.repeat(8))

# %% mystnb={"image": {"alt": "Four pictures of one word: the test picture with sharp edges; the clean mean, nearly as sharp; the augmented mean, soft; and the decoder's drawing, as soft as that."}}
row = torch.stack([normalized[clip], clean_mean[clip], changed_mean[clip], redrawn[clip]])
figure = plots.sounds(row, [titles[2], "clean mean", "augmented mean", "redrawn"])

# %%
ask("mean of the clean pictures", clean_mean)
ask("mean of the augmented pictures", changed_mean)
ask("redrawn from their codes", redrawn)

# %% [markdown]
# There it is. The listener hears about as much in the decoder's drawings as in the mean of the augmented pictures, and far more in the mean of the clean ones. The decoder did exactly what it was asked: it drew a typical *augmented* word. And the warp in frequency, which stands for a longer or shorter throat, averages away the very thing that tells two throats apart.
#
# Augmentation helps the encoder, which has to read clips it never met. The decoder pays for it. (It could be asked to draw the clean picture instead; the library does not do so.)
#
# Is it really the warp? Take the mean of pictures with every change but this one:

# %%
quiet = dataclasses.replace(trained.spectrogram, warp=0.0)
unwarped = torch.cat([quiet.augment(fine, torch.Generator().manual_seed(k)) for k in range(8)])
ask("mean, augmented but not warped", means(unwarped, group.repeat(8)))

# %% [markdown]
# So much for hearing; how large is the error itself? Here is the root mean square difference to the test pictures, with the model's in between. As ever, 0 is perfect; and drawing one and the same picture for everything is the number to beat. (The last line belongs to other clips, people's; compare it with nothing above.)

# %%
everything = trained.voice.normalize(trained.spectrogram.picture(fine)).mean(0, keepdim=True)
drawings = {"one mean for everything": everything, "the model": redrawn, "clean mean of speaker and digit": clean_mean}
for name, drawn in drawings.items():
    print(f"{name:32} {(drawn - normalized).square().mean().sqrt():.2f}")
print(f"{'slim, the model':32} {slim.results['metrics']['voice_rms']:.2f}")

# %% [markdown]
# ## Average codes
#
# Figures 5 and 6 of the paper: the average code of each speaker and of each digit, as tables. Rows are what was said or who said it, columns are coordinates. If all is well, the diagonal is 1 and the rest 0. A column of one shade is a small part that all classes have in common.

# %% mystnb={"image": {"alt": "Heat map of the average speaker codes: six rows for six speakers, six columns; the diagonal is near 1, everything else near 0."}}
six = [str(k) for k in range(6)]
figure = plots.heat(trained.arrays["voice_speaker"], list(voices.speakers), six, "coordinate", "speaker")

# %% mystnb={"image": {"alt": "Heat map of the average digit codes: ten rows for ten digits, ten columns; the diagonal is near 1, everything else near 0."}}
ten = [str(k) for k in range(10)]
figure = plots.heat(trained.arrays["voice_digit"], ten, ten, "coordinate", "digit")

# %% [markdown]
# And people's voices, FSDD, from the run `slim`:

# %% mystnb={"image": {"alt": "Heat map of the average digit codes of the run slim, on people's voices: a diagonal near 1, the rest near 0."}}
figure = plots.heat(slim.arrays["voice_digit"], ten, ten, "coordinate", "digit, slim")

# %% [markdown]
# One number for such a table is the **mean absolute cosine** over all pairs of rows: 0 if they are orthogonal, 1 if they are all the same. Random directions give about 0.33 in six dimensions and 0.25 in ten ([chapter 5](05_codes_with_categories.ipynb)). The paper says "noticeable", and gives no number.


# %%
def over_seeds(key, digits=1):
    """Mean of a stored result over seeds, and half the width of its 95 % interval (inf with a single seed)."""
    records = experiments.read("voice").get("as built", [])
    if not records:
        return "not measured yet"
    mean, low, _ = experiments.interval(experiments.values(records, key))
    return f"{mean:.{digits}f} ± {mean - low:.{digits}f} ({len(records)} seeds)"


# %%
for key in ("speaker_cosine", "digit_cosine"):
    here_, there = (loaded.results["metrics"][f"voice_{key}"] for loaded in (trained, slim))
    print(f"{key:15} {run} {here_:.3f}   slim {there:.3f}   short trainings {over_seeds(key, 3)}")

# %% [markdown]
# The last column comes from the *ledger*: short trainings on FSDD, each with another seed for weights and batches, all measured on test clips. One run is an anecdote; the spread over seeds says how much of a difference is luck.
#
# Averages flatter, though. A class whose members lie scattered around the axis has an average right on it. So look at single clips: the coordinate of the class that each clip belongs to, which should be 1. Sorted from the worst to the best, for clean clips and for augmented ones.

# %% mystnb={"image": {"alt": "Sorted own coordinates. For clean clips both curves are near 1 from the first clip on. For augmented clips they rise from below 0.5, for the worst few clips, to near 1."}}
shaken = batched(trained.voice.encode, trained.spectrogram.augment(sheet, torch.Generator().manual_seed(0)))
figure, axis = plt.subplots(figsize=(6.4, 2.8), layout="constrained")
for style, kind, given_codes in (("-", "clean", codes), ("--", "augmented", shaken)):
    for k, (name, box) in enumerate(VOICE.split(given_codes).items()):
        own = box.gather(1, getattr(voices, name)[:, None])[:, 0].sort().values
        axis.plot(own, style, color=plots.COLOURS[k], label=f"{name}, {kind}")
axis.set(xlabel="test clips, sorted", ylabel="own coordinate")
axis.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False)
plt.show()

# %% [markdown]
# The left end is the interesting one: a few clips stray far, augmented ones furthest, and an average hides them. *Read right* asks for less, only that the own coordinate be the largest of its box. With unsure clips that may still be so.

# %%
for what in ("speaker", "digit"):
    here_, there = (loaded.results["metrics"][f"voice_{what}"] for loaded in (trained, slim))
    print(f"{what:8} read right: {run} {here_:.0f} %   slim {there:.1f} %   short trainings {over_seeds(what)} %")

# %% [markdown]
# ## Does a box leak?
#
# The speaker box names the speaker. Does it *also* say something about the digit, in its small ripples? Nobody forbids that: Equation 5 looks at one box and one label at a time. A leak matters as soon as you exchange boxes: put Anna's speaker box on Emil's word, and some of Anna's word comes along.

# %% [markdown]
# The tool is a **probe** (Alain & Bengio, 2016): a small classifier that gets *only that box* and has to guess the label. Fit it on training codes, test it on others. What it can guess, the box has told. What it can only guess by chance, the box has kept to itself, as far as a straight boundary can tell.

# %%
blocks = VOICE.split(codes)
seen = VOICE.split(batched(trained.voice.encode, trained.spectrogram.picture(fine)))
truth = {name: (getattr(training, name), getattr(voices, name)) for name in VOICE.sizes}
print("a blind guess: speaker 17 %, digit 10 %")
for box in blocks:
    shares = {f: f"{block_metrics.probe(seen[box], truth[f][0], blocks[box], truth[f][1]):.0f} %" for f in truth}
    print(f"from the {box} box alone:", shares)

# %% [markdown]
# Each box tells its own category, and of the other one far less. Is it more than nothing? By pencil: of 120 clips, a guess that is right one time in ten gets a share that scatters by $\sqrt{0.1 \cdot 0.9 / 120} \approx 0.03$ from test to test. So six or seven points above the blind guess may still be luck; more is a leak. On people's voices, over seeds:

# %%
for key, blind in (("digit_from_speaker", 10), ("speaker_from_digit", 17)):
    print(f"{key:19} {over_seeds(key)} %, blind guess {blind} %")

# %% [markdown]
# A share clearly above the blind guess is a leak. It need not be a fault of the loss. A box of an unsure clip is not one-hot; and *which* clips are unsure depends on who mumbles which word. What is left of the other category is in these ripples.
#
# ## Scores for whole codes
#
# People who compare disentangled codes use scores from 0 to 1. They all start from one table: how much does each *block* of the code tell of each *factor*? `block_metrics.information` measures it by probes, as a share of all there is to know, with lucky guesses taken off. Rows are boxes, columns are factors.

# %%
table = block_metrics.information(
    seen, {f: pair[0] for f, pair in truth.items()}, blocks, {f: pair[1] for f, pair in truth.items()}
)
print("           of the speaker  of the digit")
for box, told in zip(blocks, table, strict=True):
    print(f"{box:10} {told[0]:14.2f} {told[1]:13.2f}")

# %% [markdown]
# Four scores read this table.
#
# - **Modularity** (Ridgeway & Mozer, 2018): does each *box* tell of one factor only? Go along the rows.
# - **DCI disentanglement** (Eastwood & Williams, 2018): the same question, asked with *entropy*: how evenly a row is spread, 0 if all of it is in one place.
# - **DCI completeness**: is each *factor* told by one box only? Go down the columns.
# - **MIG**, the mutual information gap (Chen et al., 2018): how far ahead is the best box of a factor over the second best?
#
# What does a score of 0.97 mean? To know, feed it codes of which you know everything.

# %%
digit, speaker = torch.arange(600) % 10, torch.arange(600) // 10 % 6
labels = {"speaker": speaker, "digit": digit}
perfect = {"speaker": F.one_hot(speaker, 6).float(), "digit": F.one_hot(digit, 10).float()}
both = torch.cat(list(perfect.values()), dim=1)
generator = torch.Generator().manual_seed(0)
made_up = {
    "perfect": perfect,
    "boxes exchanged": {"speaker": perfect["digit"], "digit": perfect["speaker"]},
    "both in both": {"speaker": both, "digit": both},
    "digit everywhere": {"speaker": perfect["digit"], "digit": perfect["digit"]},
    "dead": {"speaker": torch.ones(600, 6), "digit": torch.ones(600, 10)},
}


# %%
def scores(table):
    """The four scores of a table, as text."""
    disentanglement, completeness = block_metrics.dci(table)
    numbers = (
        block_metrics.modularity(table),
        disentanglement,
        completeness,
        block_metrics.mutual_information_gap(table),
    )
    return "".join(f"{abs(number):12.2f}" for number in numbers)


print(f"{'':18}  modularity   DCI dis.   DCI com.         MIG")
for name, made in made_up.items():
    print(f"{name:18}{scores(block_metrics.information(made, labels, made, labels))}")

# %% [markdown]
# Read it line by line. A perfect code has 1 everywhere, a dead one 0 everywhere. *Boxes exchanged* has 1, too: the scores ask whether there is one box a factor, not whether it is the right one. Accuracy asks that. *Both in both* is modular in nothing. *Digit everywhere* pleases the first two: each box tells of one factor only. That the speaker is lost shows when you go down the columns. No score is enough by itself.

# %% [markdown]
# ## A perfect code with a score of zero
#
# Over boxes, the table of the perfect code is 1 on the diagonal and 0 elsewhere: `torch.eye(2)`. But the scores were invented for codes without boxes, where each single *dimension* should tell one factor. Let us do that to the perfect code: sixteen blocks of one dimension.

# %%
dimensions = {f"{box} {k}": block[:, k] for box, block in perfect.items() for k in range(block.shape[1])}
single = block_metrics.information(dimensions, labels, dimensions, labels)
print("MIG of the perfect code, by box:      ", f"{block_metrics.mutual_information_gap(torch.eye(2)):.2f}")
print("MIG of the perfect code, by dimension:", f"{abs(block_metrics.mutual_information_gap(single)):.2f}")
print("what dimensions 0, 1, 2 of the digit tell of it:", [f"{told:.2f}" for told in single[6:9, 1]])

# %% [markdown]
# By pencil: dimension 7 of the digit box answers one question, "is it a seven?". An answer that comes with probability $p$ tells $\log_2 (1/p)$ bits. With ten equally frequent digits, *yes* comes one time in ten and *no* nine times, so on average the answer tells
#
# $$0.1 \log_2 10 + 0.9 \log_2 \tfrac{10}{9} = 0.47 \text{ bits}$$
#
# of the $\log_2 10 = 3.32$ bits there are: about 0.14. Dimension 8 tells exactly as much. The gap between the best and the second best is therefore 0. The code is perfect; the question was wrong. That is why this book always scores *boxes*.

# %%
print(f"{'':18}  modularity   DCI dis.   DCI com.         MIG")
print(f"{run:18}{scores(table)}")
for key in ("modularity", "dci_disentanglement", "dci_completeness", "mig"):
    print(f"short trainings on FSDD, {key:20} {over_seeds(key, 2)}")

# %% [markdown]
# The entropies of DCI weigh a faint leak more heavily than the squares of modularity do: that is why the two disagree about the same table.

# %% [markdown]
# ## Where this model leaves the paper
#
# - **Log-mel pictures** in place of waveforms: hence Table 6's layers. The losses, the space and the factors are the paper's.
# - **Batch normalization** inside, `inner_norm`; the paper has normalization at the ends only.
# - **Injection** in the first fifth of the steps, `injected`.
# - **Width** a sixteenth, in the small runs.
# - **Augmentation**; the paper mentions none, and no held-out split either, so its figures may show training clips.
# - **`output_padding`**, optimizer, learning rate, batch size, the M of Max M %, $\mu$ and $\sigma_\text{min}$: not given in the paper, chosen here.
# - **The bars** in Equation 5, as [chapter 8](08_disentanglement.ipynb) explains.

# %% [markdown]
# ## What to remember
#
# - Ten layers, but L2 does nearly all the work. Half the width is a quarter of it.
# - A stride drops what does not fill a step; the mirror needs `output_padding` to give it back.
# - Max M % stands at both ends; each category is brought to length 1 in the middle; noise only in training.
# - Disentanglement comes in, hedges, and leaves the hedge. Reconstruction pays.
# - A decoder draws the mean of what it was asked to draw for one code, augmentation included.
# - A probe finds what a box tells. Scores over boxes give a perfect code 1; over single dimensions the same code may get 0.

# %% [markdown]
# ## Exercises
#
# ### Exercise 1: a larger picture
#
# By pencil: a picture of 64 × 64 pixels goes through the layers of Table 6. What is its side after L1, after L2, and after L10? And which `output_padding` does the mirror of L1 need?

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
# $64 + 2 - 7 = 59$; half of it, rounded down, plus 1 is 30. The remainder, 1, is dropped, so 1 must be added. So it is with any even side.
#
# </details>

# %% [markdown]
# ### Exercise 2: how far does it see?
#
# One number at the end of the encoder depends on a stretch of the input, its **receptive field**. After L1 of Table 2 that is 64 samples. Each later layer widens it by $(k - 1)$ times the product of all strides *before* it: after L2 it is $64 + 31 \cdot 16 = 560$. Write `field(layers)`. Is it longer than a clip?


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
#
# print(field(paper.VOICE_LAYERS), field(paper.IMAGE_LAYERS))
# checks.voice_vae_field(field)
# ```
#
# 10,160 samples and 47 pixels: more than a clip of 8,192 and more than a picture of 32. So most numbers at the end see all or nearly all of the word, and zeros of the padding besides.
#
# </details>

# %% [markdown]
# ### Exercise 3: break the probe
#
# A linear probe gives a *lower* bound. Write `hide(speaker, digit)` that makes speaker boxes `[N, 6]` whose largest coordinate is always the speaker's, in which every two digits of a speaker differ by at least 0.01, so that a look-up reads the digit without a mistake, and from which the probe reads less than 15 % of the digits.
#
# Hint: a straight boundary has the same slope for all speakers, so write differently for different speakers.
#
# Expected picture: a code that leaks everything and scores as if it leaked nothing.


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
#
# checks.voice_vae_hide(hide)
# ```
#
# The digit is written into the neighbour's coordinate, upwards for every other speaker and downwards for the rest. One straight boundary cannot undo both, least of all if the writing is faint. A small network could: read a low probe score as "not in plain sight".
#
# </details>

# %% [markdown]
# ### Exercise 4: out of the hedge
#
# Sixty steps ended in the hedge. [Chapter 8](08_disentanglement.ipynb) blamed the maximum in Equation 5. Train again like `short`, but with `loss={"disentanglement": losses.disentanglement_rms}` in its voice part: the root of the mean square of the unrelated coordinates instead of the largest. The hedge costs the same under both, 1.076 for digits. Set `other` to the history.
#
# Expected picture: the digit term sinks *through* its dotted line within the sixty steps.

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
# A mean square has no kink at the uniform code, so a small step away from it costs little. What that is worth in the end you can read in the table of *The recipe*, above.
#
# </details>

# %% [markdown]
# ## Where next
#
# - [Raw waveforms](12_raw_waveforms.ipynb): the paper's own input, and why it is so much harder.
# - [The image VAE](13_the_image_vae.ipynb): the same layers, another domain.
# - [Six directions](16_six_directions.ipynb): text, voice and image, each into each; there the blurred voices matter.
