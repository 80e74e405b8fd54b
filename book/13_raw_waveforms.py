# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Raw waveforms
#
# The paper's own voice model gets no spectrogram but 8,192 samples of sound. We build its encoder from the paper's tables and train it with a loss close to the printed one. Every voice gets nearly the same code.
#
# ![Block diagram of the whole system: voice model, image model and training. Lit here: the voice model without its log-mel picture.](_static/spine/raw_waveforms.svg)

# %% [markdown]
# You change one operation in the loss, and see the codes separate. Then you compute by hand why the decoder's output is worse than silence. You see the paper's recipe *to the letter*, at three widths, and what repairs it.
#
# **Time:** 30 minutes to read, one minute to run.
#
# **Needs:** [Disentanglement](09_disentanglement.ipynb), above all its hedge; [Max M % normalization](05_max_m_normalization.ipynb); [The voice VAE](12_the_voice_vae.ipynb).

# %% [markdown]
# ## Goals
#
# After this chapter you can
#
# - say how much sound each layer of Table 2 sees, and read the first as a bank of filters;
# - reproduce the collapse of the raw encoder, and recognize it from its loss alone;
# - derive why a maximum makes it collapse and a root mean square does not, and what that change costs;
# - compute what a decoder outputs that cannot know the phases.

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
import matplotlib.pyplot as plt
import torch
import torchaudio
from IPython.display import HTML, Audio, display
from torch.nn import functional as F

from olc_lib import augment, checks, data, losses, metrics, paper, plots, runs, train
from olc_lib.latent import VOICE
from olc_lib.ledger import claims, experiments, ladder_claims, letter_claims
from olc_lib.networks import OrthogonalVAE, conv_lengths, scale_layers
from olc_lib.reading import batched
from olc_lib.systems import letter, placed

# %%
trained = runs.load(run)
slim = runs.load("slim", quiet=True)  # the same models, trained on people's voices

# %% [markdown]
# ## The input
#
# Every clip is brought to 8,192 samples, about a second, by adding zeros; the library puts the word in the middle.

# %%
given = {split: data.voices("embedded", split) for split in ("train", "test")}
wave = {split: data.centre(voices.waves, voices.lengths) for split, voices in given.items()}
print(given["train"], tuple(wave["train"].shape))
print(f"a typical word has {given['train'].lengths.float().median():.0f} of the {data.SAMPLES} samples")

# %% mystnb={"image": {"alt": "Two waveforms of a second each, silent at both ends, with a word in the middle: Anna's seven and Emil's seven. They look alike only in that both swing up and down."}}
sevens = [int(((given["test"].digit == 7) & (given["test"].speaker == s)).nonzero()[0]) for s in (0, 4)]
names = [given["test"].speakers[s] for s in (0, 4)]
figure = plots.waves([wave["test"][i, 0] for i in sevens], [f"{name} says seven" for name in names])

# %% [markdown]
# Neither looks like a seven. A log-mel picture ([chapter 4](04_the_data.ipynb)) measures the frequencies. Here the network has to learn that.
#
# ## Ten layers
#
# Table 2 lists ten one-dimensional convolutions. How often does each output a value, and how much sound does that value depend on? If one step of a layer's input is $s$ samples, a kernel of $k$ adds $(k-1)\,s$ samples, and a stride of $d$ makes the next step $d\,s$.

# %%
sees, step = 1, 1
lengths = conv_lengths(paper.VOICE_LAYERS, data.SAMPLES)[1:]
for k, (layer, n) in enumerate(zip(paper.VOICE_LAYERS, lengths, strict=True), 1):
    sees, step = sees + (layer.kernel - 1) * step, step * layer.stride
    print(f"L{k:<2} {n:3} values, one every {step / 8:2.0f} ms, each made of {sees / 8:4.0f} ms of sound")

# %% [markdown]
# The first layer sees 8 ms, about one period of a deep voice; the second 70 ms, a speech sound; the third most of a word, the last three the whole clip.
#
# ## The first layer as a filter bank
#
# A kernel that oscillates at 500 Hz gives a large value where the sound contains 500 Hz: it is a **filter**. The next figure shows the spectrum of every filter as a column, sorted by its loudest frequency. The mel bank, for comparison, was designed after the human ear.


# %%
def bank(model):
    """First-layer filters [C, 64] and their spectra [C, 129], each scaled to 1, sorted by their loudest frequency."""
    filters = model.encoder[0].weight.detach()[:, 0]
    spectra = torch.fft.rfft(filters, 256).abs()
    order = spectra.argmax(1).argsort(stable=True)
    return filters[order], (spectra / spectra.amax(1, keepdim=True))[order]


# %% mystnb={"image": {"alt": "Four heat maps, filters from left to right, frequency from bottom to top. Untrained, a noisy bright line runs evenly from 0 to 4 kHz. In the two learned banks it stays low for most filters and rises steeply at the end. The mel bank bends less, in a clean form."}}
mel = torchaudio.functional.melscale_fbanks(129, 60.0, 4000.0, 40, 8000).T
mel = mel / mel.amax(1, keepdim=True)
untrained = placed.build(trained.settings)["raw"]
banks = {"untrained": bank(untrained)[1], f"learned, {run}": bank(trained.raw)[1]}
banks |= {"learned, slim": bank(slim.raw)[1], "designed: mel": mel}
figure, axes = plt.subplots(1, 4, figsize=(9.6, 2.8), layout="constrained", sharey=True)
for axis, (title, shown) in zip(axes, banks.items(), strict=True):
    axis.imshow(
        shown.T, origin="lower", aspect="auto", cmap="cividis", interpolation="nearest", extent=(0, len(shown), 0, 4)
    )
    axis.set(xlabel="filter, sorted", title=title)
axes[0].set_ylabel("kHz")
plt.show()

# %%
for title, shown in banks.items():
    low = (shown.argmax(1) * 4000 / 128 < 1000).double().mean()
    print(f"{title:18} about {5 * round(20 * low.item())} % of the filters listen below 1 kHz")

# %% [markdown]
# Sorting makes *any* bank a rising line; look at how it bends. After training, most filters respond to low tones, where speech has most of its energy.

# %% [markdown]
# ## The collapse
#
# Take one narrow raw encoder, without decoder, reconstruction and schedule, and Equation 5 for speaker and digit.


# %%
def train_encoder(form, voices=given["train"], steps=200):
    """A small raw encoder trained on Eq. (5) alone: the model and its history."""
    torch.manual_seed(0)
    vae = OrthogonalVAE(scale_layers(paper.VOICE_LAYERS, 1 / 32, narrowest=24), (1, data.SAMPLES), VOICE)

    def loss(batch, step, generator):
        signal = vae.normalize(augment.waves(batch["signal"], generator))
        code = VOICE.split(VOICE.normalize(vae.encoder(signal)))
        terms = {k: form(block, batch[k]).mean() for k, block in code.items()}
        return sum(terms.values()), {k: term.detach() for k, term in terms.items()}

    tensors = {"signal": data.centre(voices.waves, voices.lengths), "speaker": voices.speaker, "digit": voices.digit}
    return vae, train.fit(vae.encoder, loss, tensors, steps, batch_size=32, lr=4e-3, weight_decay=1e-4)


# %% [markdown]
# `losses.disentanglement` is Equation 5 with moved bars ([chapter 9](09_disentanglement.ipynb)). Width, batch normalization, augmentation and the missing reconstruction phase are our choices, too.

# %%
largest, largest_history = train_encoder(losses.disentanglement)

# %% [markdown]
# Where did the two terms end? The *hedge*, the same code for every class with all coordinates $1/\sqrt n$, pays
#
# $$\frac{1}{\sqrt n} + \frac{1}{1 + 1/\sqrt n} \;=\; 1.076 \text{ for ten digits, } 1.118 \text{ for six speakers.}$$


# %%
def report(vae, history):
    """Where the terms ended, and the mean cosine between class codes of test clips."""
    for name, block in VOICE.split(batched(vae.encode, wave["test"])).items():
        n, label = block.shape[1], getattr(given["test"], name)
        hedge, end = n**-0.5 + 1 / (1 + n**-0.5), history[name][-20:].mean().item()
        where = "rests on the hedge" if abs(end - hedge) < 0.02 else "has left the hedge" if end < hedge - 0.03 else "?"
        cosine = metrics.mean_abs_cosine(metrics.class_means(block, label, n))
        print(f"{name:8} {where} ({hedge:.3f}); mean cosine between classes", "> 0.99" if cosine > 0.99 else "< 0.99")


report(largest, largest_history)

# %% mystnb={"image": {"alt": "Two bar charts of codes, one for a seven of Anna's, one for a seven of Emil's. In both, all six speaker bars have the same height, and all ten digit bars have the same, lower height."}}
figure = plots.codes(batched(largest.encode, wave["test"][sevens]), VOICE, names)

# %% [markdown]
# This is the **collapse**: the encoder outputs the same code for everybody. The paper reports nothing of the kind; it first trains on reconstruction alone.

# %% [markdown]
# ## One operation changed
#
# Change one argument: `losses.disentanglement_rms` takes the root mean square of the unrelated coordinates instead of the largest.

# %%
repaired, repaired_history = train_encoder(losses.disentanglement_rms)
report(repaired, repaired_history)
for name, model in (("largest", largest), ("root mean square", repaired)):
    low = (bank(model)[1].argmax(1) * 4000 / 128 < 1000).double().mean().item()
    print(f"{name}: about {10 * round(10 * low)} % of the filters listen below 1 kHz")

# %% mystnb={"image": {"alt": "Digit and speaker terms over 200 steps, for the maximum and for the root mean square. With the maximum both sink to their dotted lines, 1.076 and 1.118, and stay. With the root mean square the digit term falls through its line at once and goes on falling; the speaker term follows more slowly."}}
both = {}
for name in ("digit", "speaker"):
    both |= {f"{name}, largest": largest_history[name], f"{name}, rms": repaired_history[name]}
figure = plots.history(both, list(both), smooth=10)
figure.axes[0].set_ylim(0.5, 1.6)
for n in (6, 10):
    figure.axes[0].axhline(n**-0.5 + 1 / (1 + n**-0.5), color="grey", linestyle=":", linewidth=1)

# %% mystnb={"image": {"alt": "The same two codes from the repaired encoder: in both, the bar of digit 7 is close to 1 and the other digits are near 0; the speaker bars are still spread over all six speakers."}}
figure = plots.codes(batched(repaired.encode, wave["test"][sevens]), VOICE, names)

# %% [markdown]
# ## Why one operation is enough
#
# At the uniform code, all coordinates $u = 1/\sqrt n$, both forms cost the *same*. The difference lies in the first step away from it.
#
# Let the encoder's best guess, class $j$, be right with probability $p$, and raise coordinate $j$ by a small $\varepsilon$. The code has length 1, so each of the others shrinks by $\varepsilon/(n-1)$.

# %% [markdown]
# **With the maximum** ([chapter 9](09_disentanglement.ipynb)) the step costs at least $\varepsilon$ whenever the guess is wrong, and gains less when it is right. With ten classes it does not pay below $p = 0.61$.
#
# **With the root mean square**: the squares of the unrelated coordinates sum to $1 - f_i^2$, so the loss of an item of class $i$ is a function of its related coordinate alone:
#
# $$\varphi(f_i) = \sqrt{\frac{1 - f_i^2}{n-1}} + \frac{1}{1 + f_i}.$$

# %% [markdown]
# If class $j$ is right, the step changes $\varphi$ by $\varepsilon\,\varphi'(u)$; if another class is, by $-\varepsilon\,\varphi'(u)/(n-1)$. On average
#
# $$\varepsilon\,\varphi'(u)\left(p - \frac{1-p}{n-1}\right) = \varepsilon\,\varphi'(u)\,\frac{n}{n-1}\left(p - \frac1n\right), \qquad \varphi'(u) = -\frac{1}{n-1} - \frac{1}{(1+u)^2}.$$
#
# Since $\varphi'(u)$ is negative, the step lowers the loss **as soon as $p$ exceeds chance, $1/n$**.

# %%
FORMS = {"largest": losses.disentanglement, "root mean square": losses.disentanglement_rms}


def expected(p, form, n=10):
    """Expected loss of codes [B, n] if class 0 is right with probability p and the others share the rest."""
    chance = [p] + [(1 - p) / (n - 1)] * (n - 1)
    return lambda code: sum(c * form(code, torch.full((len(code),), k)) for k, c in enumerate(chance))


def path(c, n=10):
    """Unit codes with c [B, 1] in dimension 0 and the rest shared evenly."""
    return torch.cat([c, ((1 - c**2) / (n - 1)).sqrt().expand(-1, n - 1)], dim=1)


# %%
u = 10**-0.5
first_step = path(torch.tensor([[u], [u + 1e-5]], dtype=torch.float64))
print("what a small step towards class 0 earns, per unit\n   p     largest    rms    by hand")
for p in (0.1, 0.2, 0.4, 0.61, 0.8):
    largest, rms = ((expected(p, form)(first_step).diff() / -1e-5).item() for form in FORMS.values())
    hand = (1 / 9 + 1 / (1 + u) ** 2) * 10 / 9 * (p - 0.1)
    print(f"{p:5}  {largest:8.2f}  {abs(rms):7.2f}  {hand:8.2f}")

# %% [markdown]
# Now follow the whole path, to the code of class 0.

# %% mystnb={"image": {"alt": "Expected loss from the uniform code on the left to the one-hot code on the right, for p of 0.2, 0.4, 0.61 and 0.8. Left panel, largest: the curves for 0.2 and 0.4 rise from the start, 0.61 is nearly flat, 0.8 falls. Right panel, root mean square: all four fall at the start; dots mark their lowest points, further right for larger p."}}
c = torch.linspace(u, 1, 301, dtype=torch.float64)[:, None]
figure, axes = plt.subplots(1, 2, figsize=(8.4, 3), layout="constrained", sharey=True)
for axis, (title, form) in zip(axes, FORMS.items(), strict=True):
    for k, p in enumerate((0.2, 0.4, 0.61, 0.8)):
        value = expected(p, form)(path(c))
        axis.plot(c, value, ("-", "--", "-.", ":")[k], color=plots.COLOURS[(0, 1, 2, 5)[k]], label=f"p = {p}")
        axis.plot(c[value.argmin()], value.min(), "o", color=plots.COLOURS[(0, 1, 2, 5)[k]])
    axis.set(xlabel="coordinate of class 0", title=title)
axes[0].set_ylabel("expected loss")
axes[1].legend()
plt.show()

# %% [markdown]
# On the left, an encoder that is right four times in ten does best at the uniform code. On the right every minimum lies away from the edge, further for larger $p$. At $p = 1$ (not drawn) both reach 0.5, at the one-hot code: the change does not move the target.

# %% [markdown]
# ## What the change gives up
#
# Three codes for an item of class 0. The first two have the related coordinate 0.8; the rest is in *one* unrelated coordinate, or shared. The third is of the wrong class.

# %%
examples = {
    "one stray coordinate": [0.8, 0.6] + 8 * [0.0],
    "shared": [0.8] + 9 * [0.2],
    "wrong class": [0.0, 1.0] + 8 * [0.0],
}
codes = torch.tensor(list(examples.values()))
price = {name: form(codes, torch.zeros(3, dtype=torch.long)) for name, form in FORMS.items()}
for k, name in enumerate(examples):
    print(f"{name:20} largest {price['largest'][k]:.3f}   rms {price['root mean square'][k]:.3f}")

# %% [markdown]
# The root mean square cannot tell the first two codes apart, and charges less for a confident mistake. It suits an encoder that still has to learn, the maximum one that is already accurate. The paper does not have this form.

# %% [markdown]
# ## Other explanations, tested
#
# The raw encoder was also trained on *people's* voices (FSDD), for 1,000 steps of 32 clips, with one thing changed at a time (*batches of 128* takes 500 steps).

# %%
keys = {"digit": 1, "speaker": 1, "digit_cosine": 2, "train_digit": 1, "speaker_final": 3, "digit_final": 3}
headings = ["", "seeds", "digits %", "speakers %", "digit cosine", "training digits %", "speaker term", "digit term"]
HTML(claims.table(headings, claims.effects("collapse", keys)))

# %% [markdown]
# Brackets: 95 % interval of the difference from the first line. (The terms of *cross-entropy* are in another unit.) Sorted by the mean cosine of digits, above 0.95 or below 0.4:

# %%
collapse = experiments.read("collapse")
sorted_arms = {"collapsed": [], "between": [], "codes apart": []}
for arm, records in collapse.items():
    cosine = experiments.interval(experiments.values(records, "digit_cosine"))[0]
    kind = "collapsed" if cosine > 0.95 else "codes apart" if cosine < 0.4 else "between"
    sorted_arms[kind].append(claims.called(arm))
for name, arms in sorted_arms.items():
    print(f"{name}:", "; ".join(sorted(arms)) or "none")

# %% [markdown]
# Only another loss separates digits in every training. Without augmentation most speakers are read, few digits. The arms between separate speakers in some trainings, digits in others. Collapsed codes still differ a little: the first line reads 41 % at a cosine of 1.00.
#
# **The sceptic asks:** *why not a plain classifier?* Cross-entropy reads digits about as well as the root mean square. But it only needs the right coordinate to be the *largest*, so its codes are not orthogonal: see its cosine.

# %% [markdown]
# ## To the letter, and one repair at a time
#
# So far nothing was *exactly* what is printed. Now it is, at the paper's width and, but for this, at two narrower ones: signed maximum, norms as sums, no normalization between the layers, a wave between 0 and 1, Table 4 over 10,000 iterations ([Reading notes](reading_notes.ipynb) list each choice). 8 clips a step, one training each. *Differ* is 0 if the decoder has one output for everything, 1 if outputs differ as much as clips.

# %% tags=["hide-input"]
keys = {"digit": 1, "speaker": 1, "digit_cosine": 2, "digit_final": 3, "speaker_final": 3, "rms": 3, "differ": 2}
headings = ["", "seeds", "digits %", "speakers %", "digit cosine", "digit term", "speaker term", "residual", "differ"]
rows = [[width, "1", *(f"{found[key]:.{digits}f}" for key, digits in keys.items())]
        for width, found in letter_claims.letters().items()]  # fmt: skip
HTML(claims.table(headings, rows))

# %% [markdown]
# All read at chance, on a hedge again. With the signed maximum it is the uniform *negative* code, and pays $-1/\sqrt n + 1/(1 + 1/\sqrt n)$. What does a step away from it earn?

# %%
for n in (10, 6):
    print(f"{n} classes: {-(n**-0.5) + 1 / (1 + n**-0.5):.3f}")
for p in (0.1, 0.2, 0.3, 0.4):
    earns = expected(p, letter.equation_5)(-first_step).diff() / -1e-5  # from the negative code, towards -1
    print(f"right with p = {p}: a small step earns {earns.item():+.3f} per unit")

# %% [markdown]
# So on digits it must be right about three times in ten before it pays to say anything. The formula knows no width. Now the narrow one gets one repair after another; each row keeps those above. 1,000 steps of 32 clips, and Table 4 fitted to them:

# %% tags=["hide-input"] mystnb={"image": {"alt": "Two dot charts, digits and speakers read right, from the letter down through thirteen repairs. Down to the positive coordinate nearly all dots lie at chance, 10 and 17 percent. From the root mean square on speakers are read, 60 percent and then over 90; digits climb with early injection and normalization to 80 percent, fall with the one-cycle rate, rise again, and reach 95 with three times the steps. Crosses, at a quarter of the width: with the root mean square 75 percent of speakers and 23 of digits, with early injection 83 and 48, with normalization 57 and 52, 36 and 25."}}
ladder, quarter = (experiments.read(name) for name in ("letter-ladder", "letter-ladder-quarter"))
rungs = list(experiments.find("letter-ladder").arms)
figure, axes = plt.subplots(1, 2, figsize=(9.2, 4.6), layout="constrained", sharey=True)
for axis, category, chance in zip(axes, ("digit", "speaker"), (10, 100 / 6), strict=True):
    for found, width, mark, colour, lower in ((ladder, "a sixteenth", "o", 0, 0), (quarter, "a quarter", "x", 5, 0.3)):
        for y, rung in enumerate(rungs):
            shares = experiments.values(found.get(rung, []), category)
            look = {"s": 24, "color": plots.COLOURS[colour], "marker": mark, "alpha": 0.7}
            axis.scatter(shares, [y + lower] * len(shares), label=None if y else f"{width} of the width", **look)
    axis.axvline(chance, color="grey", linestyle=":", linewidth=1)
    axis.set(xlim=(0, 103), xlabel=f"{category}s read right, %; a mark is a training")
axes[0].set_yticks(range(len(rungs)), [claims.called(rung) for rung in rungs])
axes[0].invert_yaxis()
axes[0].legend()
plt.show()

# %% [markdown]
# Means; in brackets the 95 % interval of the difference from the row *above*:

# %% tags=["hide-input"]
keys = {"digit": 1, "speaker": 1, "digit_cosine": 2, "speaker_cosine": 2, "rms": 3, "differ": 2}
headings = ["repair", "seeds", "digits %", "speakers %", "digit cosine", "speaker cosine", "residual", "differ"]
HTML(claims.table(headings, claims.effects("letter-ladder", keys, ladder=True)))

# %% [markdown]
# In the first four rows all classes share one code. With the absolute maximum, and with a positive coordinate, speakers' codes begin to part in three of five trainings. With the root mean square every training reads speakers, at a quarter of the width as well. Early terms and normalization add digits; at a quarter, normalization costs them (48 %, then 36 and 25, in three trainings). The one-cycle rate costs digits; words in the middle bring them back. Of what follows, only more steps help. In another order other repairs would get the credit: in the first table, the maximum with normalization reads 41 % of digits. No repair mends the decoder: its residual stays above silence's, 0.273.

# %%
for claim in ladder_claims.CLAIMS:
    measured, verdict = claim.verdict()
    print(f"{claim.text}\n  rule: {claim.rule}\n  measured: {measured}\n  verdict: {verdict}")

# %% [markdown]
# ## The whole model
#
# Eight departures of the complete model can be set back:
#
# | departure | argument | why |
# |---|---|---|
# | batch normalization inside | `inner_norm=True` | see the ladder above |
# | output between −1 and 1 | `output="bipolar"` | a sigmoid is never below zero, a wave is |
# | related coordinate positive | `positive=True` | else some classes end with negative codes (chapter 9) |
# | root mean square | `disentanglement=losses.disentanglement_rms` | this chapter |
# | waves are changed at random | `augment=augment.waves` | a few thousand clips are soon memorized |
# | word in the middle | `data.centre` | the paper does not say where it stands |
# | all terms in by the first tenth | `injected=0.1` | the encoder needs the time |
# | width 1/16, but at least 64 channels | `width=1/16`, `narrowest=64` | to train on a laptop |
#
# The aims below are this book's; the paper gives no numbers.


# %%
def aims(loaded):
    """Test metrics of the raw and the log-mel model of a run beside the aims."""
    found = loaded.results["metrics"]
    print(f"{loaded.name + ', ' + loaded.settings.voices + ' voices':25}    aim       raw   log-mel")
    for key, aim in {"digit": 90, "speaker": 95, "digit_cosine": 0.1, "speaker_cosine": 0.1}.items():
        wanted, digits = ("<= 0.1", 3) if "cosine" in key else (f">= {aim} %", 1)
        print(f"  {key:20} {wanted:>10} {found[f'raw_{key}']:9.{digits}f} {found[f'voice_{key}']:9.{digits}f}")


aims(trained)
aims(slim)

# %% mystnb={"image": {"alt": "Heat map of average digit codes of the raw model on people's voices, ten rows and ten columns: close to 1 on the diagonal, close to 0 elsewhere."}}
ten = [str(k) for k in range(10)]
figure = plots.heat(slim.arrays["raw_digit"], ten, ten, "coordinate", "digit, slim")

# %% [markdown]
# So placed codes can be learned from waveforms, as in Figures 5 and 6. [The ledger](ledger.ipynb)'s claims:

# %%
here = {"raw", "collapse", "waveform", "letter/printed", "letter-widths"}
for claim in claims.CLAIMS:
    if set(claim.files) & here and "image" not in claim.text.lower():
        measured, verdict = claim.verdict()
        print(f"{claim.text}\n  rule: {claim.rule}\n  measured: {measured}\n  verdict: {verdict}")

# %% [markdown]
# ## The decoder cannot speak
#
# Encode one of the sevens and decode it (the paper's Figure 4). The **signal-to-noise ratio** compares the energy of the clip with that of the error, in decibels. Silence has 0 dB; below that is worse than silence.

# %%
voices = data.voices(trained.settings.voices, "test")
signal = trained.raw.normalize(data.centre(voices.waves, voices.lengths))
codes = batched(trained.raw.encode, signal)
spoken = batched(trained.raw.decode, codes)
seven = int(((voices.digit == 7) & (voices.speaker == 0)).nonzero()[0])
print(f"signal-to-noise ratio of all test clips: {metrics.snr(signal, spoken).mean():.1f} dB; silence would have 0 dB")

# %% mystnb={"image": {"alt": "Left, a clip and what the raw decoder makes of it over a second: the clip is a word, the output a solid block between minus 1 and 1. Right, the same over 15 milliseconds: the clip swings smoothly, the output is zero but for single samples that jump to exactly plus or minus 1."}}
figure, axes = plt.subplots(1, 2, figsize=(8.4, 2.8), layout="constrained", sharey=True)
for axis, part in zip(axes, (slice(0, 8192), slice(4000, 4120)), strict=True):
    at = torch.arange(data.SAMPLES)[part] / 8
    axis.plot(at, signal[seven, 0, part], color="0.6", linewidth=1, label="clip")
    axis.plot(at, spoken[seven, 0, part], color=plots.COLOURS[5], linewidth=0.8, label="raw decoder")
    axis.set(xlabel="ms")
axes[0].legend()
plt.show()

# %% [markdown]
# Turn the volume down.

# %% tags=["nbval-ignore-output"]
display(Audio(0.2 * spoken[seven, 0].numpy(), rate=data.RATE, normalize=False))

# %% [markdown]
# The output is a rattle: nearly every sample is 0, and some are exactly 1 or −1. Is it the same for another word?

# %%
share = (spoken.abs() > 0.9).float().mean((1, 2))
alike = F.cosine_similarity(spoken[:1].flatten(1), spoken.flatten(1))
heard = F.cosine_similarity(signal.flatten(1), spoken.flatten(1))
print(f"samples near 1 or -1: {100 * share.min():.1f} to {100 * share.max():.1f} %")
print(f"cosine between outputs of different clips: at least {alike.min():.2f}")
print(f"cosine of output and clip, on average: {heard.mean().abs():.2f}")

# %% [markdown]
# The decoder gives the same rattle for *every* code. The share of clicks is the M of Max M % normalization:

# %%
print(f"M = {trained.settings.m:g} %")

# %% [markdown]
# ## The cheapest output
#
# If the decoder cannot predict the wave at all, the best answer would be silence. But the normalization at its output brings the mean of the largest 5 % of the amplitudes to 1. Which signal then has the *least energy*?
#
# The other 95 % can be zero. For the 5 %, the mean of the squares is never less than the square of the mean, 1. So all of them are exactly 1 in absolute value: the rattle.

# %% [markdown]
# Its mean square is 0.05. If it is uncorrelated with the clip, whose mean square is $P$, the squares add:
#
# $$\text{error} = \sqrt{P + 0.05}, \qquad \text{SNR} = 10 \log_{10} \frac{P}{P + 0.05}.$$

# %%
power, m = signal.square().mean((1, 2)), trained.settings.m / 100
by_hand = {"rms": (power.mean() + m).sqrt(), "snr": (10 * (power / (power + m)).log10()).mean()}
for name, value in by_hand.items():
    print(f"{name} by hand {value:6.2f}, measured {trained.results['metrics'][f'raw_{name}']:6.2f}")

# %% [markdown]
# ## Phase
#
# Take a tone of 500 Hz. Its period is 16 samples. Move it by 8, a millisecond, and peaks meet troughs. The cosine between the tone and itself moved by $\tau$ is $\cos(2\pi \cdot 500 \cdot \tau)$:

# %%
tone = torch.sin(2 * torch.pi * 500 * torch.arange(8000) / 8000)
for moved in (0, 2, 4, 8):
    cosine = F.cosine_similarity(tone, tone.roll(moved), dim=0).item()
    print(f"moved by {moved} samples: cosine {round(cosine, 3) + 0.0:.2f}")

# %% [markdown]
# Compare takes of the *same word by the same speaker*, as vectors of 8,192 numbers:

# %%
unit = F.normalize(wave["train"].flatten(1), dim=1)
group = 10 * given["train"].speaker + given["train"].digit
cosine = (unit @ unit.T).abs()
sisters = (group[:, None] == group) & ~torch.eye(len(unit), dtype=torch.bool)
others = group[:, None] != group
print(f"mean |cosine|: same word, same speaker {cosine[sisters].mean():.2f}; all others {cosine[others].mean():.2f}")

# %% [markdown]
# They are nearly orthogonal. What they share is the pattern of frequencies over time, which no single sample shows.
#
# The code is *trained* to contain only speaker and digit. So the decoder is asked for "speaker 4, seven", and dozens of unrelated waves are right. The best single answer is near their mean, which is close to silence (exercise 2).

# %% [markdown]
# On people's voices (*16 principal components*: the best *linear* code of 16 numbers):


# %%
def decibels(names):
    """Print stored results of the experiment `waveform`."""
    records = experiments.read("waveform").get("slim", [])
    for key, what in names.items():
        print(f"{what:42}", f"{records[0]['results'][key] + 0.0:6.1f} dB" if records else claims.UNMEASURED)


# %%
answers = {
    "silence": "silence",
    "class_mean": "mean wave of the speaker and digit",
    "class_mean_scaled": "the same, at the level of Max M %",
    "components_16": "16 principal components",
    "raw": "the raw model",
    "raw_train": "the raw model, on training clips",
    "pictures": "for comparison: log-mel pictures, redrawn",
}
decibels(answers)

# %% [markdown]
# The mean wave is no better than silence, and far worse at full level. Even the best linear code of sixteen numbers holds almost nothing.
#
# The paper's Figure 4 shows one reconstructed waveform, gives no error, and does not say whether its clip was used in training. A decoder can memorize clips.

# %% [markdown]
# ## What log-mel does about it
#
# A log-mel picture *has* no phases. Two takes of a word look alike in it, and their mean is still a word. Listen:

# %% tags=["nbval-ignore-output"]
sheet = trained.spectrogram(voices.waves[seven : seven + 1], voices.lengths[seven : seven + 1])
redrawn = batched(lambda x: trained.voice.decode(trained.voice.encode(x)), sheet)
sounds = {
    "the clip": signal[seven, 0],
    "raw": 0.3 * spoken[seven, 0],
    "log-mel": trained.spectrogram.listen(redrawn[0]),
}
for name, sound in sounds.items():
    print(name)
    display(Audio(sound.numpy(), rate=data.RATE, normalize=name != "raw"))

# %% [markdown]
# The **log-spectral distance**, the difference of two spectrograms in decibels, ignores phase. The first line, a clip's own picture turned back into sound, is the best to reach. On people's voices:

# %%
away = {
    "listen": "the clip's own picture, made to sound",
    "listen_redrawn": "the picture redrawn by the log-mel model",
    "raw_lsd": "the raw model",
}
decibels(away)

# %% [markdown]
# ## An open question
#
# Can a loss start without a threshold and end with the maximum? The $p$-th root of a mean of $p$-th powers is the root mean square at $p = 2$, the maximum for $p \to \infty$. Not tried here.

# %% [markdown]
# ## What to remember
#
# - Here a raw encoder's codes separate with the root mean square, not with the maximum alone; to the letter, at none of three widths.
# - A digit term at 1.076 and a speaker term at 1.118 mean nearly one code for all classes.
# - With ten classes, the maximum keeps an encoder at the uniform code until it is right six times in ten. With the root mean square any knowledge above chance lowers the loss; the target is the same.
# - Sixteen numbers do not determine a waveform. Silence is ruled out, so the decoder gives nearly the same output for every code.

# %% [markdown]
# ## Exercises
#
# ### Exercise 1: a hundred speakers, by hand
#
# A category has 100 classes. Compute (a) the loss of the uniform code; (b) how often the encoder must be right before a code leaves it, with the largest absolute coordinate (from [chapter 9](09_disentanglement.ipynb): $p = \frac{n - 1 + g}{n (1 + g)}$ with $g = 1/(1+u)^2$); (c) the same with the root mean square.

# %% tags=["exercise"]
three = None
checks.raw_hundred(three)

# %% [markdown]
# <details>
# <summary>Solution</summary>
#
# ```python
# u = 0.1
# g = 1 / (1 + u) ** 2
# three = (u + 1 / (1 + u), (99 + g) / (100 * (1 + g)), 1 / 100)
# checks.raw_hundred(three)
# ```
#
# 1.009, 0.547 and 0.01. With the maximum the encoder must be 55 times better than chance.
#
# </details>

# %% [markdown]
# ### Exercise 2: the mean of N takes, by hand
#
# `N` waves of energy 1 have nothing in common: any two are orthogonal. You answer with their mean to a *new* wave of energy 1, orthogonal to all of them. What is the energy of the mean? Of the error? Write `snr_of_mean(N)`, in dB. Compare `snr_of_mean(40)`, for FSDD's 40 takes, with the second line of the table in *Phase*.


# %% tags=["exercise"]
def snr_of_mean(N):
    return None


checks.raw_mean(snr_of_mean)

# %% [markdown]
# <details>
# <summary>Solution</summary>
#
# ```python
# import math
#
# def snr_of_mean(N):
#     return -10 * math.log10(1 + 1 / N)
#
# print(f"{snr_of_mean(40):.2f} dB")
# checks.raw_mean(snr_of_mean)
# ```
#
# The mean of N orthogonal waves has energy N / N² = 1/N, so the error has 1 + 1/N. A real class mean does as badly as that.
#
# </details>

# %% [markdown]
# ### Exercise 3: break it
#
# A term may rest on its hedge because *there is nothing to know*. Give every training clip the digit of another clip, drawn at random (`dataclasses.replace(given["train"], digit=...)` and `torch.randperm` with a generator), leave the speakers alone, and train with the root mean square: `broken, history = train_encoder(losses.disentanglement_rms, voices)`.
#
# Expected picture, `plots.history(history, ["digit", "speaker"])`: the digit term rests on 1.076, the speaker term falls through 1.118.

# %% tags=["exercise"]
history = None
checks.raw_shuffled(history)

# %% [markdown]
# <details>
# <summary>Solution</summary>
#
# ```python
# import dataclasses
#
# order = torch.randperm(len(given["train"]), generator=torch.Generator().manual_seed(0))
# nonsense = dataclasses.replace(given["train"], digit=given["train"].digit[order])
# broken, history = train_encoder(losses.disentanglement_rms, nonsense)
# checks.raw_shuffled(history)
# ```
#
# At chance, the uniform code is the best answer, for both forms. So under the root mean square, look for the fault in your labels or your signals, not in the loss.
#
# </details>

# %% [markdown]
# ## Where next
#
# - [The image VAE](14_the_image_vae.ipynb): the other domain, where a mean is a fine picture.
# - [The ledger](ledger.ipynb): all experiments of this chapter beside the others, and how to measure them again.
# - [Reading notes](reading_notes.ipynb): every place where the paper leaves a choice.
