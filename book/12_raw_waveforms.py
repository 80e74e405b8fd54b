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
# The paper's own voice model sees no spectrogram. It gets 8,192 samples as the microphone gave them, and nobody tells it what a frequency is. With a loss close to the printed one, the encoder we build from its tables seems to learn nothing: every voice gets all but the same code.

# %% [markdown]
# In this chapter you watch that happen, change one operation in one formula, and watch it wake up. (The paper's recipe *to the letter* is another training, with other departures undone; it has not been run yet, and [the ledger](ledger.ipynb) says so.) Then you ask it to speak, and find out with a pencil why its answer is worse than silence.
#
# **Time:** 45 minutes to read, one minute to run.
#
# **Needs:** [Disentanglement](08_disentanglement.ipynb), above all its hedge; [Max M % normalization](04_max_m_normalization.ipynb); [The voice VAE](11_the_voice_vae.ipynb).

# %% [markdown]
# ## Goals
#
# After this chapter you can
#
# - say what each layer of Table 2 sees of a word, and read its first layer as a bank of filters;
# - reproduce the collapse of the raw model, and tell it from its loss alone;
# - derive why a maximum makes it collapse and a root mean square does not, and what the cure costs;
# - rule out other suspects by experiments;
# - work out by pencil what a decoder draws that cannot know the phases, and spot a reconstruction that was only remembered.

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
from olc_lib.ledger import claims, experiments
from olc_lib.networks import OrthogonalVAE, conv_lengths, scale_layers
from olc_lib.reading import batched
from olc_lib.systems import placed

# %%
trained = runs.load(run)
slim = runs.load("slim", quiet=True)  # the same models, trained on people's voices

# %% [markdown]
# ## What goes in
#
# A recording at 8 kHz is 8,000 numbers a second. Every clip is brought to 8,192 of them. Words are shorter than that, so zeros are added; the library puts the word in the middle.

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
# Try to see the seven. The log-mel picture of [the last chapter](11_the_voice_vae.ipynb) does that work for a network: it measures how much of each frequency there is, and throws the rest away. Here the network has to find out by itself that this is a good idea.
#
# ## Ten layers
#
# Table 2 lists ten one-dimensional convolutions. The last chapter computed their lengths and what they cost. Now ask each layer two other questions: how often does it give a value, and how much sound does that value depend on?
#
# If one step of the input is $s$ samples, a kernel of $k$ reaches over $(k-1)\,s$ samples more, and a stride of $d$ makes the next step $d\,s$.

# %%
sees, step = 1, 1
lengths = conv_lengths(paper.VOICE_LAYERS, data.SAMPLES)[1:]
for k, (layer, n) in enumerate(zip(paper.VOICE_LAYERS, lengths, strict=True), 1):
    sees, step = sees + (layer.kernel - 1) * step, step * layer.stride
    print(f"L{k:<2} {n:3} values, one every {step / 8:2.0f} ms, each made of {sees / 8:4.0f} ms of sound")

# %% [markdown]
# By pencil, L1: $(8192 + 2 - 64) / 16 = 508.1$, so 508 steps and 509 values.
#
# Read the table from the top. L1 looks at 8 ms, about one swing of a deep voice. L2 looks at 70 ms, a speech sound; L3 at the better part of a word. From there on the network no longer shortens; its seven small layers look further and further, until each of the last eight values depends on the whole clip.
#
# How short may a clip be? Ask for less than the stack can take, and the library answers:

# %%
try:
    conv_lengths(paper.VOICE_LAYERS, 3000)
except ValueError as error:
    print(error)

# %% [markdown]
# Compare that with a typical word. Nearly every clip needs padding, and the paper does not say how (its sampling rate and length are not given either).
#
# ## A filter bank that nobody designed
#
# A convolution of 64 samples compares the sound with a little tune of 8 ms, every 2 ms. If the tune is a swing of 500 Hz, its channel is large where the sound has 500 Hz: a **filter**. A spectrogram is a bank of such filters, neatly spaced. What did *training* make of them, from random numbers? Here are four of the first layer, from the run on people's voices.


# %%
def bank(model):
    """First-layer filters [C, 64] and their spectra [C, 129], each scaled to 1, sorted by their loudest frequency."""
    filters = model.encoder[0].weight.detach()[:, 0]
    spectra = torch.fft.rfft(filters, 256).abs()
    order = spectra.argmax(1).argsort(stable=True)
    return filters[order], (spectra / spectra.amax(1, keepdim=True))[order]


# %% mystnb={"image": {"alt": "Four learned filters over 8 milliseconds. All are swings with some noise on them: slow ones on the left, faster ones to the right."}}
filters, spectra = bank(slim.raw)
figure, axes = plt.subplots(1, 4, figsize=(8.4, 1.9), layout="constrained", sharey=True)
for axis, k in zip(axes, (20, 34, 52, 62), strict=True):
    axis.plot(torch.arange(64) / 8, filters[k], color=plots.COLOURS[0], linewidth=1)
    axis.set(xlabel="ms", title=f"about {50 * round(spectra[k].argmax().item() * 4000 / 128 / 50)} Hz")
plt.show()

# %% [markdown]
# And all of them. Each column is one filter, bright where it listens; columns are sorted. On the right, for comparison, the filters of the log-mel front end, designed after the human ear: narrow and close together for deep tones, wide and far apart for high ones.

# %% mystnb={"image": {"alt": "Four heat maps, filters from left to right, frequency from bottom to top. Untrained, a noisy bright line runs evenly from 0 to 4 kHz. In the two learned banks it stays low for most filters and rises steeply at the end. The mel bank bends less, in a clean form."}}
mel = torchaudio.functional.melscale_fbanks(129, 60.0, 4000.0, 40, 8000).T
mel = mel / mel.amax(1, keepdim=True)
untrained = placed.build(trained.settings)["raw"]
banks = {"untrained": bank(untrained)[1], f"learned, {run}": bank(trained.raw)[1]}
banks |= {"learned, slim": spectra, "designed: mel": mel}
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
# Nobody asked for this. Careful, though: sorting makes *any* bank a rising line, so look at its bend, beside the untrained bank. Many of the learned filters listen to deep tones, where speech is loudest, and far more than in the mel scale: this is not a copy of the ear. And a bank that has changed says that something was learned, not what; the next section has one more to compare. This model does learn, after a repair, and that is the story of this chapter.

# %% [markdown]
# ## Say the same for everything
#
# Leave out all that is not needed to see the trouble: no decoder, no reconstruction, no schedule. One raw encoder of Table 2, very narrow, and Equation 5 for speaker and digit. (Its last layers are shrunk less than its first; more on that below.)


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
# `losses.disentanglement` penalizes the largest unrelated coordinate, as the print does. It takes its *absolute* value, and an upright related coordinate; the print has a signed maximum and $1/(1+|f|)$ ([chapter 8](08_disentanglement.ipynb)). Width, batch normalization, augmentation and the missing reconstruction phase are ours, too. Two hundred steps are a few seconds.

# %%
largest, largest_history = train_encoder(losses.disentanglement)

# %% [markdown]
# Where did the two terms come to rest? [Chapter 8](08_disentanglement.ipynb) gives two numbers to look out for. A code that says the same about everything, all coordinates $1/\sqrt n$, pays
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
# This is the **collapse**. Two hundred steps, and the encoder has learned one thing: to say the same about everybody. The paper reports none of this. That need not be a contradiction: it trains on reconstruction alone first, and its loss has other bars. What we can say is that *this* encoder, with *this* loss, hedges.
#
# (Read by the largest coordinate, such a code may still be right more often than by chance: there are ripples on it, hardly to be seen here. That is why we look at the loss and the cosine, and not at the accuracy alone.)

# %% [markdown]
# ## One operation changed
#
# Now the same encoder, the same random numbers, the same batches. One argument is different: `losses.disentanglement_rms` takes the root mean square of the unrelated coordinates in place of the largest.

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

# %% mystnb={"image": {"alt": "The same two codes from the repaired encoder: the digit bar of seven stands out in both; the speaker bars are still undecided."}}
figure = plots.codes(batched(repaired.encode, wave["test"][sevens]), VOICE, names)

# %% [markdown]
# (The last lines look at the filter banks of these two encoders: both have moved away from the untrained bank, the collapsed one too, if less far. A bank that has changed does not prove a code that works.)
#
# The upper dotted line is the speaker's hedge, the lower one the digit's. With the largest coordinate both terms stay there. With *rms* both end below, even if one of them rests on its line for a while. This encoder is far from done (look at the speakers), but it is awake.

# %% [markdown]
# ## Why one operation is enough
#
# At the uniform code, both forms cost the *same*: if all coordinates are $u = 1/\sqrt n$, the largest of them and their root mean square are both $u$. So the difference cannot lie in the price of the hedge. It lies in the price of the first step away from it.
#
# Let the encoder's best guess, class $j$, be right with probability $p$, and raise coordinate $j$ a little, by $\varepsilon$. The code has length 1, so the others shrink by $\varepsilon/(n-1)$ each.

# %% [markdown]
# **With the maximum** ([chapter 8](08_disentanglement.ipynb)) you pay $\varepsilon$ whenever you are wrong, for $j$ is then the largest unrelated coordinate. You earn a part of $\varepsilon$ when you are right. With ten classes that is a loss below 61 %.
#
# **With the root mean square** something pleasant happens. The squares of a code of length 1 add up to 1, so those of the unrelated coordinates add up to $1 - f_i^2$, *wherever they are*:
#
# $$\text{rms}_{k \ne i} f_k = \sqrt{\frac{1 - f_i^2}{n - 1}}.$$
#
# The whole loss of an item of class $i$ is a function of one number, its related coordinate:
#
# $$\varphi(f_i) = \sqrt{\frac{1 - f_i^2}{n-1}} + \frac{1}{1 + f_i}.$$

# %% [markdown]
# Now the step. If class $j$ is right, $\varphi$ changes by $\varepsilon\,\varphi'(u)$. If another class is right, its coordinate has shrunk, and $\varphi$ changes by $-\varepsilon\,\varphi'(u)/(n-1)$. On average
#
# $$\varepsilon\,\varphi'(u)\left(p - \frac{1-p}{n-1}\right) = \varepsilon\,\varphi'(u)\,\frac{n}{n-1}\left(p - \frac1n\right).$$
#
# The slope is $\varphi'(u) = -\frac{1}{n-1} - \frac{1}{(1+u)^2}$: negative for any number of classes (at $u = 1/\sqrt n$ the root is $\sqrt{1 - u^2} = \sqrt{(n-1)/n}$). So the step pays **as soon as $p$ is above $1/n$, chance**, and it pays in proportion. There is no threshold. Any information at all moves the code.


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
print("what a small step towards class 0 earns, per unit\n   p     largest    rms    by pencil")
for p in (0.1, 0.2, 0.4, 0.61, 0.8):
    largest, rms = ((expected(p, form)(first_step).diff() / -1e-5).item() for form in FORMS.values())
    pencil = (1 / 9 + 1 / (1 + u) ** 2) * 10 / 9 * (p - 0.1)
    print(f"{p:5}  {largest:8.2f}  {abs(rms):7.2f}  {pencil:8.2f}")

# %% [markdown]
# Now walk the whole way, from the uniform code to the code of class 0.

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
# On the left, an encoder that is right four times in ten is best off at the very left end: it should forget what it knows. On the right every dot has left the wall. The more the encoder knows, the further it dares to go; and the further it goes, the more its later layers get to work with.
#
# An encoder that is always right ($p = 1$, not drawn) would come down to 0.5 in either panel, at the code we want: there both unrelated terms are 0. The cure moves no target.

# %% [markdown]
# ## What the cure gives up
#
# Three codes for an item of class 0, all with the same related coordinate, 0.8. In the first, *one* unrelated coordinate takes all the rest; in the second, the rest is shared. The third is a code of the wrong class.

# %%
examples = {"one offender": [0.8, 0.6] + 8 * [0.0], "shared": [0.8] + 9 * [0.2], "wrong class": [0.0, 1.0] + 8 * [0.0]}
codes = torch.tensor(list(examples.values()))
price = {name: form(codes, torch.zeros(3, dtype=torch.long)) for name, form in FORMS.items()}
for k, name in enumerate(examples):
    print(f"{name:12} largest {price['largest'][k]:.3f}   rms {price['root mean square'][k]:.3f}")

# %% [markdown]
# The maximum fines the single offender three times as hard. The root mean square cannot tell the first two codes apart: to it, a "seven" that leans towards one wrong digit is as good as one with a faint even haze. And it forgives a confident mistake: 1.333 in place of 2. Near the target, a lone stray coordinate is pushed down with a third of the force.

# %% [markdown]
# So the maximum is the sharper tool, for an encoder that is sure already. Few are: in short trainings the root mean square reads more even with the log-mel model (*largest absolute coordinate* among the voice model's lines in [the ledger](ledger.ipynb); one seed). The paper knows nothing of this cure; it is a departure, and an argument.

# %% [markdown]
# ## The suspects
#
# A story that fits is not yet a proof. These voices are synthetic and easy, and 200 steps are few: with four times as many (`steps=800`), even the maximum creeps off its digit line. And perhaps the network was too narrow, the learning rate too high? So the raw encoder was trained on *people's* voices (FSDD), 1,000 steps, one suspect at a time:

# %% [markdown]
# - the network: no batch normalization inside; the last layers cut to 16 channels (*narrow tail*);
# - the data: not augmented; words at the start of the clip;
# - the training: larger batches, a smaller learning rate, three times the steps;
# - the start: cross-entropy for the first fifth, or three fifths, and only then Equation 5;
# - the loss: cross-entropy throughout, and the root mean square.

# %% [markdown]
# The last lines of the table put a suspect and the root mean square together.

# %%
keys = {"digit": 1, "speaker": 1, "digit_cosine": 2, "train_digit": 1, "speaker_final": 3, "digit_final": 3}
headings = ["", "seeds", "digits %", "speakers %", "digit cosine", "training digits %", "speaker term", "digit term"]
HTML(claims.table(headings, claims.effects("collapse", keys)))

# %% [markdown]
# In brackets: the 95 % interval of the difference from the first line, where three seeds or more have been measured. (The terms of *cross-entropy* are in another unit.) Look for 1.118 and 1.076 in the last two columns, and for a cosine near 1: there lie the collapsed ones. The next cell sorts them by their digit codes.

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
# Two curves tell more than a table: the digit term, and the share of each batch that is read right, with the hedge and the 61 % of the derivation as dotted lines. While a warm-up lasts its term is in another unit, so that curve begins later on the left. (An arm that is not measured yet has no curve.)


# %%
def mean_curve(arm, key):
    """Mean over seeds of a stored curve of 50 points; the terms of a warm-up, in another unit, are left out."""
    stored = [record["results"]["curves"][key] for record in collapse.get(arm, [])]
    curve = torch.tensor(stored or [[torch.nan] * 50]).mean(0)
    if key == "digit" and arm in warm:
        curve[: warm[arm]] = torch.nan
    return curve


warm = {"a fifth of cross-entropy first": 10, "three fifths of cross-entropy first": 30}

# %% mystnb={"image": {"alt": "Two panels over the share of the training. Left, the digit term: Equation 5 with the largest coordinate lies on the dotted hedge, also with three times the steps; the root mean square falls steadily. Right, digits read right: cross-entropy warm-ups climb, and change their course where Equation 5 takes over, marked by the end of the warm-up."}}
shown = ["largest, as printed", "three times the steps", *warm, "root mean square"]
figure, axes = plt.subplots(1, 2, figsize=(8.4, 3.6), layout="constrained")
for axis, key, line in zip(axes, ("digit", "digits right"), (1.076, 0.61), strict=True):
    for k, arm in enumerate(shown):
        style = ("-", (0, (5, 1)), "-.", "--", "-")[k]
        colour = plots.COLOURS[(5, 7, 3, 1, 0)[k]]
        axis.plot(range(1, 100, 2), mean_curve(arm, key), color=colour, linestyle=style, label=claims.called(arm))
    axis.axhline(line, color="grey", linestyle=":")
axes[0].set(xlabel="% of the training", ylabel="digit term", ylim=(0.5, 1.3))
axes[1].set(xlabel="% of the training", ylabel="share read right", ylim=(0, 1))
figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=3, frameon=False)
plt.show()

# %% [markdown]
# Follow the two curves of the largest coordinate on the right: from early on, more is read right than chance gives. Yet on the left their term lies on the line. What the encoder knows it does not write down, and three times the steps leave the digits where they were.
#
# A warm-up with cross-entropy helps as far as it carries the encoder past the threshold. After a fifth of the training that is touch and go, for each category and each seed; after three fifths both terms leave their hedges. Yet even then they go only part of the way, for each clip counts by itself: those of which the encoder is unsure stay hedged.

# %% [markdown]
# *Not augmented* tells the same: a microphone is quickly known by heart, so the speaker term escapes. The digits do not.
#
# Cross-entropy throughout has no hedge, and reads digits about as well as the root mean square. But it is content when the right coordinate is *ahead* of the others, so its codes are not orthogonal; and orthogonal codes are what this book is about.

# %% [markdown]
# So, as far as the table is measured (most lines on one or two seeds): some suspects make it worse, such as narrow layers and missing batch normalization, but changing any one of them does not make the digits' codes part (the speakers' begin to, without augmentation or with more steps). Only a change of the loss does. The network matters as well: with that change but without batch normalization far fewer digits and speakers are read, and the speakers' codes hardly part (last lines; one seed).

# %% [markdown]
# ## The whole model
#
# Back to the complete machine: encoder, decoder, all five terms. The run keeps one, trained like this. It departs from the paper in eight places, each of them an argument that you can set back:
#
# | departure | argument | why |
# |---|---|---|
# | batch normalization inside | `inner_norm=True` | without it, ten layers train slowly or not at all |
# | output between −1 and 1 | `output="bipolar"` | a sigmoid alone never goes below zero, a wave does |
# | related coordinate positive | `positive=True` | else some classes end upside down (chapter 8) |
# | root mean square | `disentanglement=losses.disentanglement_rms` | this chapter |

# %% [markdown]
# | departure | argument | why |
# |---|---|---|
# | waves are changed at random | `augment=augment.waves` | a few thousand clips are learned by heart |
# | word in the middle | `data.centre` | the paper does not say where it stands |
# | all terms in by the first tenth | `injected=0.1` | the encoder needs the time |
# | front shrunk, tail hardly | `width=1/16`, `narrowest=64` | to train on a laptop |
#
# The last one is no opinion on the paper: at width 1 it disappears. L2 holds nearly all the weights, so its channels are what must shrink; the seven small layers at the end are cheap, and cut to 16 channels they strangle the code (*narrow tail* in the table above).

# %%
for name, width, narrowest in (("Table 2", 1, 16), ("a sixteenth of all", 1 / 16, 16), ("the run's", 1 / 16, 64)):
    layers = scale_layers(paper.VOICE_LAYERS, width, narrowest)
    channels = [layer.channels for layer in layers]
    weights = [a * layer.channels * layer.kernel for a, layer in zip([1, *channels[:-1]], layers, strict=True)]
    most = max(weights) / sum(weights)
    print(f"{name:18} {sum(weights):9,} weights, {most:.0%} of them in one layer; channels", *channels)

# %% [markdown]
# Its two disentanglement terms, with the hedges as dotted lines. They arrive, may rest on the lines for a while, and go.

# %% mystnb={"image": {"alt": "Speaker and digit terms of the whole raw model over its training steps. Both fall through their dotted hedges soon after they set in, and end close to their lowest possible value of 0.5."}}
figure = plots.history(trained.history["raw"], ["speaker", "digit"])
for k, n in enumerate((6, 10)):
    figure.axes[0].axhline(n**-0.5 + 1 / (1 + n**-0.5), color=plots.COLOURS[k], linestyle=":")

# %% [markdown]
# How well does it read voices it was not trained on? Beside the numbers stand the aims that this book set itself: at least 90 % of the digits, 95 % of the speakers, and class codes with a mean cosine of at most 0.1. The log-mel model stands beside it. Two heat maps follow: each row is the mean code of one class, each column a coordinate. (The paper gives no share of correct readings, and names no test clips.)


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

# %% mystnb={"image": {"alt": "Heat map of average speaker codes of the raw model, six rows and six columns: close to 1 on the diagonal, close to 0 elsewhere."}}
six, ten = [str(k) for k in range(6)], [str(k) for k in range(10)]
figure = plots.heat(trained.arrays["raw_speaker"], six, six, "coordinate", f"speaker, {run}")

# %% mystnb={"image": {"alt": "Heat map of average digit codes of the raw model on people's voices, ten rows and ten columns: close to 1 on the diagonal, close to 0 elsewhere."}}
figure = plots.heat(slim.arrays["raw_digit"], ten, ten, "coordinate", "digit, slim")

# %% [markdown]
# So orthogonal codes for speakers and digits, straight from the waveform, are possible (the paper's Figures 5 and 6), with the repair and the other changes. Whether this model can *speak* (Figure 4) is another question, below.
#
# Is log-mel better, then? At equal and short training, over several seeds of people's voices:

# %%
rows, keys = [], {"digit": 1, "speaker": 1, "digit_cosine": 2, "speaker_cosine": 2}
for name, what in (("raw", "raw waveforms"), ("voice", "log-mel pictures")):
    records = experiments.read(name).get("as built", [])
    row = [f"{what}, {len(records)} seeds"]
    for key, digits in keys.items():
        found = experiments.values(records, key)
        row.append(claims.shown(*experiments.interval(found), digits=digits) if found else claims.UNMEASURED)
    rows.append(row)
HTML(claims.table(["800 steps", "digits %", "speakers %", "digit cosine", "speaker cosine"], rows))

# %% [markdown]
# A spectrogram is knowledge that need not be learned. The raw model gets there too, but it takes its time. (It also takes more than the encoder alone, which had nothing to do but disentangle: here four other terms pull.)
#
# What does each choice do for the whole raw model? In every line one thing is changed; in brackets the interval of the difference from the first.

# %%
keys = {"digit": 1, "speaker": 1, "digit_cosine": 2, "speaker_cosine": 2, "rms": 3}
headings = ["", "seeds", "digits %", "speakers %", "digit cosine", "speaker cosine", "error of the waves"]
HTML(claims.table(headings, claims.effects("raw", keys)))

# %% [markdown]
# The last two lines test a claim of the paper: Max M % is said to give better results than division by the maximum or by the standard deviation (section 3.1), and this is the model it was made for. The ledger has a rule for it, for the claim that a raw model trains as printed, for its nearest neighbour here, and for what is redrawn:

# %%
for claim in claims.CLAIMS:
    if set(claim.files) & {"raw", "collapse", "waveform", "placed/printed"}:
        measured, verdict = claim.verdict()
        print(f"{claim.text}\n  measured: {measured}\n  verdict: {verdict}")

# %% [markdown]
# An interval that holds 0 means that these seeds cannot tell. And mind what else changes with the divisor: the last column of the table above is in another unit in each of the two lines. A larger unit gives reconstruction more weight beside disentanglement, and [balancing](10_balancing.ipynb) sorts the terms anew. A divisor is never only a divisor.
#
# ## Let it speak
#
# The encoder listens well. Now the other half. Take one of the sevens, encode it, decode it. (Turn the sound down first.)

# %%
voices = data.voices(trained.settings.voices, "test")
signal = trained.raw.normalize(data.centre(voices.waves, voices.lengths))
codes = batched(trained.raw.encode, signal)
spoken = batched(trained.raw.decode, codes)
seven = int(((voices.digit == 7) & (voices.speaker == 0)).nonzero()[0])
print(f"signal-to-noise ratio of all test clips: {metrics.snr(signal, spoken).mean():.1f} dB; silence would have 0 dB")

# %% [markdown]
# The **signal-to-noise ratio** compares the energy of the clip with that of the error, in decibels. Silence, as an answer, has an error as large as the clip: 0 dB. Anything below 0 dB is worse than saying nothing.

# %% mystnb={"image": {"alt": "Left, a clip and what the raw decoder makes of it over a second: the clip is a word, the output a solid block between minus 1 and 1. Right, the same over 15 milliseconds: the clip swings smoothly, the output is zero but for single samples that jump to exactly plus or minus 1."}}
figure, axes = plt.subplots(1, 2, figsize=(8.4, 2.8), layout="constrained", sharey=True)
for axis, part in zip(axes, (slice(0, 8192), slice(4000, 4120)), strict=True):
    at = torch.arange(data.SAMPLES)[part] / 8
    axis.plot(at, signal[seven, 0, part], color="0.6", linewidth=1, label="clip")
    axis.plot(at, spoken[seven, 0, part], color=plots.COLOURS[5], linewidth=0.8, label="raw decoder")
    axis.set(xlabel="ms")
axes[0].legend()
plt.show()

# %% tags=["nbval-ignore-output"]
display(Audio(0.2 * spoken[seven, 0].numpy(), rate=data.RATE, normalize=False))

# %% [markdown]
# A rattle. Not a bad seven: no seven at all. And look closer: nearly every sample is 0, and some are exactly 1 or −1. How many? And does it rattle differently for another word?

# %%
share = (spoken.abs() > 0.9).float().mean((1, 2))
alike = F.cosine_similarity(spoken[:1].flatten(1), spoken.flatten(1))
heard = F.cosine_similarity(signal.flatten(1), spoken.flatten(1))
print(f"samples near 1 or -1: {100 * share.min():.1f} to {100 * share.max():.1f} %")
print(f"cosine between outputs of different clips: at least {alike.min():.2f}")
print(f"cosine of output and clip, on average: {heard.mean().abs():.2f}")

# %% [markdown]
# One and the same rattle for *every* code, with nothing of the clip in it. The number of clicks gives it away: the run's M of Max M % is

# %%
print(f"M = {trained.settings.m:g} %")

# %% [markdown]
# ## The cheapest answer, by pencil
#
# Suppose the decoder cannot know the wave at all. Then the best answer is silence. But the normalization at its output forbids silence: the largest 5 % of the amplitudes must have the mean 1. What is the *least energy* a signal can have under that rule?
#
# The other 95 % can be zero. Of the 5 %, the mean is fixed at 1, and the mean of the squares is never less than the square of the mean. So: all of them exactly 1. That is the rattle. The decoder is not broken; it has found the cheapest signal that the rule allows.

# %% [markdown]
# Its mean square is 0.05. If it has nothing in common with the clip, of mean square $P$, the squares add up:
#
# $$\text{error} = \sqrt{P + 0.05}, \qquad \text{SNR} = 10 \log_{10} \frac{P}{P + 0.05}.$$
#
# No training is needed to compute that. Here it is beside what was measured:

# %%
power, m = signal.square().mean((1, 2)), trained.settings.m / 100
by_pencil = {"rms": (power.mean() + m).sqrt(), "snr": (10 * (power / (power + m)).log10()).mean()}
for name, value in by_pencil.items():
    print(f"{name} by pencil {value:6.2f}, measured {trained.results['metrics'][f'raw_{name}']:6.2f}")

# %% [markdown]
# The same pencil works for the rivals. Divided by the standard deviation, clip and answer both have mean square 1, and the error must be $\sqrt{1 + 1}$. From the ledger's short trainings on people's voices:

# %%
records = experiments.read("raw").get("divided by the deviation", [])
measured = f"{experiments.interval(experiments.values(records, 'rms'))[0]:.3f}" if records else claims.UNMEASURED
print(f"error by pencil {2**0.5:.3f}, measured {measured} ({len(records)} seeds)")

# %% [markdown]
# [Chapter 4](04_max_m_normalization.ipynb) called this the price of its own factor. Images and log-mel pictures hardly pay it, for they can be guessed roughly right. Why can a wave not?
#
# ## Phase
#
# Take a tone of 500 Hz. Its period is 16 samples. Move it by 4 samples, half a thousandth of a second: crests now stand where there were zeros. Move it by 8, and crests meet troughs. The cosine between tone and moved tone is $\cos(2\pi \cdot 500 \cdot \tau)$:

# %%
tone = torch.sin(2 * torch.pi * 500 * torch.arange(8000) / 8000)
for moved in (0, 2, 4, 8):
    cosine = F.cosine_similarity(tone, tone.roll(moved), dim=0).item()
    print(f"moved by {moved} samples: cosine {round(cosine, 3) + 0.0:.2f}")

# %% [markdown]
# Nobody says a word twice with such precision. So compare takes of the *same word by the same speaker*, as vectors of 8,192 numbers:

# %%
unit = F.normalize(wave["train"].flatten(1), dim=1)
group = 10 * given["train"].speaker + given["train"].digit
cosine = (unit @ unit.T).abs()
sisters = (group[:, None] == group) & ~torch.eye(len(unit), dtype=torch.bool)
others = group[:, None] != group
print(f"mean |cosine|: same word, same speaker {cosine[sisters].mean():.2f}; all others {cosine[others].mean():.2f}")

# %% [markdown]
# They stand nearly at right angles. In the most literal sense, *waveforms of one word are orthogonal to each other*. What they share, the ear's pattern of loud and soft bands, is not in any single sample.
#
# And the code is *asked* to say only speaker and digit. So the decoder gets one question, "speaker 4 says seven", and dozens of different right answers that have nothing in common. The best single answer is their mean: and a mean of unrelated waves is close to silence.
#
# How close? Exercise 2 does it by pencil.

# %% [markdown]
# Here is what was measured on people's voices: several ways to answer, from the run `slim`, on test clips. The fourth is a rival that need not disentangle: the best 16 numbers that *any* linear code can have (**principal components**).


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
# The mean wave is no better than silence, and at full level it is far worse. Sixteen free numbers, placed by no one, carry next to nothing. So it is not the training that failed here: *there is nothing to win*. A word of half a second holds a few thousand independent samples. Sixteen numbers cannot hold them.
#
# Or can they?
#
# ## Learned by heart
#
# Take only six clips, the same network with a decoder, no disentanglement and no augmentation, and train on reconstruction alone.

# %%
torch.manual_seed(0)
pupil = OrthogonalVAE(
    scale_layers(paper.VOICE_LAYERS, 1 / 16, narrowest=64), (1, data.SAMPLES), VOICE, output="bipolar"
)


def redraw(batch, step, generator):
    """Reconstruction alone."""
    signal = pupil.normalize(batch["signal"])
    value = losses.reconstruction(signal, pupil.decode(pupil.space.normalize(pupil.encoder(signal)))).mean()
    return value, {"reconstruction": value.detach()}


six_clips, six_others = wave["train"][::70], wave["train"][1::70]
learned = train.fit(pupil, redraw, {"signal": six_clips}, 200, batch_size=6, lr=4e-3)

# %%
for name, clips in (("the six clips", six_clips), ("six others, same words and speakers", six_others)):
    ratio = metrics.snr(pupil.normalize(clips), batched(lambda x: pupil.decode(pupil.encode(x)), clips)).mean()
    print(f"{name:36} {'above 10 dB' if ratio > 10 else 'below 0 dB' if ratio < 0 else 'between'}")

# %% mystnb={"image": {"alt": "Two panels of 25 milliseconds. Left: a learned clip and its reconstruction, which lie on each other. Right: an unlearned take of the same word by the same speaker, and the reconstruction, which has nothing to do with it."}}
figure, axes = plt.subplots(1, 2, figsize=(8.4, 2.6), layout="constrained", sharey=True)
pairs = {"a clip it learned": six_clips[:1], "another take of the word": six_others[:1]}
for axis, (title, clip) in zip(axes, pairs.items(), strict=True):
    again = batched(lambda x: pupil.decode(pupil.encode(x)), clip)
    for line, look in (
        (pupil.normalize(clip), {"color": "0.6"}),
        (again, {"color": plots.COLOURS[0], "linestyle": "--"}),
    ):
        axis.plot(torch.arange(200) / 8, line[0, 0, 4000:4200], **look)
    axis.set(xlabel="ms", title=title)
plt.show()

# %% [markdown]
# A perfect likeness, out of sixteen numbers! (Grey is the clip, dashed what the decoder drew; on the left they coincide.) But the waves are not *in* the numbers. They are in the weights of the decoder; the code is only the page number. Asked for a page that it never learned, it recites another.
#
# Figure 4 of the paper shows one reconstructed waveform. The text gives no error, and does not say whether the network was trained on that clip. Six clips took us 200 steps; a wider decoder and thousands of steps of reconstruction alone may learn many more. So a likeness in a picture proves little until you know that the clip was new.

# %% [markdown]
# ## What log-mel does about it
#
# A log-mel picture *has* no phases. What is left is smooth, two takes of a word look alike, and a mean of them is still a word. The phases are made up afterwards, any that fit ([chapter 11](11_the_voice_vae.ipynb)). Listen: the clip, what the raw model made of it, what the log-mel model makes of it.

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
# A fair number for this comparison must not look at phases. The **log-spectral distance** is the difference of two spectrograms in decibels: 0 for the same sound. Even a clip's own picture loses something on its way back to sound, so the first line is as good as any log-mel model can get. On people's voices:

# %%
away = {
    "listen": "the clip's own picture, made to sound",
    "listen_redrawn": "the picture redrawn by the log-mel model",
    "raw_lsd": "the raw model",
}
decibels(away)

# %% [markdown]
# ## What to remember
#
# - A raw model learns filters of its own. Its codes part with the root mean square, not with the maximum. (The paper's recipe to the letter is not tested here.)
# - A digit term at 1.076 and a speaker term at 1.118 mean: one code for all.
# - With ten classes, the maximum makes the first step away from it a loss until an encoder is right six times in ten. With the root mean square any knowledge pays; the target is the same.
# - Sixteen numbers about who and what cannot hold a waveform. Forbidden to be silent, the decoder gives the same answer for every code.
# - A reconstruction counts only on clips that were not learned.

# %% [markdown]
# ## Exercises
#
# ### Exercise 1: a hundred speakers, by pencil
#
# A category has 100 classes. Compute (a) the loss of the uniform code; (b) how often the encoder must be right before a code leaves it, with the largest coordinate as printed (from [chapter 8](08_disentanglement.ipynb): $p = \frac{n - 1 + g}{n (1 + g)}$ with $g = 1/(1+u)^2$); (c) the same with the root mean square.

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
# 1.009, 0.547 and 0.01. With a hundred speakers the printed form asks a beginner to become 55 times better than chance before anything is gained.
#
# </details>

# %% [markdown]
# ### Exercise 2: the mean of N takes, by pencil
#
# `N` waves of energy 1 have nothing in common: any two are orthogonal. You answer with their mean to a *new* wave of energy 1, orthogonal to all of them. What is the energy of the mean? Of the error? Write `snr_of_mean(N)`, in dB. FSDD has 40 training takes of each word and speaker; compare `snr_of_mean(40)` with the second line of the table in *Phase*.


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
# The sum of N orthogonal waves has energy N, so their mean has N / N² = 1/N. Squares add up again: the error has energy 1 + 1/N. A real class mean does as badly as that, so there is next to nothing in it that a new take shares.
#
# </details>

# %% [markdown]
# ### Exercise 3: the shortest clip
#
# Write `shortest(layers)`: how many samples must a clip have so that each of these layers gives at least one value? Go backwards: if a layer must give $n$ values, its input needs $(n - 1) \cdot \text{stride} + \text{kernel} - 2 \cdot \text{padding}$, and never less than one.


# %% tags=["exercise"]
def shortest(layers):
    return None


checks.raw_shortest(shortest)

# %% [markdown]
# <details>
# <summary>Solution</summary>
#
# ```python
# def shortest(layers):
#     n = 1
#     for layer in reversed(layers):
#         n = max(1, (n - 1) * layer.stride + layer.kernel - 2 * layer.padding)
#     return n
#
# print(shortest(paper.VOICE_LAYERS))
# checks.raw_shortest(shortest)
# ```
#
# Nearly all of it is due to the strides of the first three layers: one more value at L10 costs 256 samples.
#
# </details>

# %% [markdown]
# ### Exercise 4: break it
#
# A term on its hedge has two possible reasons: the loss does not let the encoder use what it knows, or *there is nothing to know*. Make the second one. Give every training clip the digit of another clip, drawn at random (`dataclasses.replace(given["train"], digit=...)` and `torch.randperm` with a generator), leave the speakers alone, and train with the root mean square: `broken, history = train_encoder(losses.disentanglement_rms, voices)`.
#
# Expected picture: `plots.history(history, ["digit", "speaker"])` shows the digit term resting on 1.076, while the speaker term falls through 1.118.

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
# At chance, the uniform code is the best answer, for both forms. So under the root mean square a term that rests on its hedge tells you something new: look for the fault in your labels or your signals, not in the loss.
#
# </details>

# %% [markdown]
# ## Where next
#
# - [The image VAE](13_the_image_vae.ipynb): the other domain, where a mean is a fine picture.
# - [The ledger](ledger.ipynb): all experiments of this chapter beside the others, and how to measure them again.
# - [Reading notes](reading_notes.ipynb): every place where the paper leaves a choice.
