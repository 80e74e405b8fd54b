# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Two voices at once
#
# Two people speak at the same time, one microphone records them. Can a network tell them apart? The survey of Singh and Ogunfunmi (2022) answers with variational autoencoders: in its Section 8 a VAE, a β-VAE and an ITL-AE separate a woman from a man.
#
# ![Block diagram of a neighbouring system: two voices at once, encoder, code, sample, decoder, mask, one voice. Lit here: the mixture, the mask and the voice that it lets through.](_static/spine/two_voices_at_once.svg)
#
# We build their experiment again and hear it work. Then we ask which part of it does the work: the code and its noise, or the mask that comes after. Later we turn it round and separate with networks that have never heard a mixture.
#
# **Time:** 35 minutes to read, one minute to run.
#
# **Needs:** [A sparse dictionary](27_a_sparse_dictionary.ipynb) for frames of speech; [The whole cloud](32_the_whole_cloud.ipynb) for ITL.

# %% [markdown]
# ## Goals
#
# After this chapter you can
#
# - make a mask from two estimates, and hear what its exponent does;
# - read SDR, SIR and SAR together, and say why one of them alone misleads;
# - explain why the survey's noise had to be so small, from the scale of its inputs;
# - separate two voices by searching for two codes.

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
run = "embedded"  # the trained run that this chapter reads

# %%
import inspect

import matplotlib.pyplot as plt
import torch
from IPython.display import HTML, Audio

from olc_lib import checks, pictures, plots, runs, speech_metrics, widgets
from olc_lib.ledger import claims, experiments, separation_claims
from olc_lib.systems.separation import choosing, codes, mixtures, network, objectives, rivals, studies, training

# %% [markdown]
# ## A sum of two voices
#
# Allison speaks English, Carlo speaks Italian; both are recordings of real people. Every sentence is brought to the same power, then two are added.

# %%
(scene,) = mixtures.people()
pair = min(mixtures.mixtures(scene, "test"), key=lambda pair: abs(pair.shape[1] - 16_000))
mixture = pair.sum(0)
Audio(mixture.numpy(), rate=scene.rate)

# %% [markdown]
# What was mixed for the test never occurs in training, not even in the other language: the sentences are telephone prompts, and a prompt is either for training, for validation or for the test.

# %%
said = {split: {s for side in scene.names[split] for _, s in side} for split in scene.names}
print(
    {split: len(prompts) for split, prompts in said.items()}, "prompts;", said["train"] & said["test"] or "none shared"
)

# %% [markdown]
# This pair should be easy. A woman's voice is about an octave above a man's, and two languages differ in their sounds. Each was recorded elsewhere, so microphones and rooms may differ, too. A net may use all of that. Yet it will be the hardest of our known voices.

# %% mystnb={"image": {"alt": "Three spectrograms of one second from 0 to 4 kHz: Allison with widely spaced harmonics, Carlo with closely spaced ones, and their mixture, in which the stripes of both cross."}}
spectra = [network.spectrum(wave, 256, 128).abs() for wave in (*pair, mixture)]
figure, axes = plt.subplots(1, 3, figsize=(9, 2.4), layout="constrained", sharey=True, dpi=60)
for axis, seen, title in zip(axes, spectra, (*scene.sources, "both"), strict=True):
    axis.imshow(20 * (seen[:64].T + 0.1).log10(), origin="lower", aspect="auto", extent=(0, 1, 0, 4))
    axis.set(title=title, xlabel="seconds")
axes[0].set_ylabel("kHz")
plt.show()

# %% [markdown]
# ## A mask
#
# The pictures overlap, but not everywhere: at most places one of the two is much stronger. A **mask** says for each place what share belongs to whom. With estimates $\hat S_1$ and $\hat S_2$ of the two magnitudes, the survey's Eq. 90 is
#
# $$\hat x_k = \mathrm{iSTFT}\left( \frac{\hat S_k}{\hat S_1 + \hat S_2} \odot S_\text{mixed} \odot e^{i\,\text{phase}} \right).$$
#
# The phase is the mixture's. Suppose that the estimates are perfect:

# %%
share = spectra[0] / (spectra[0] + spectra[1])
masked = share * network.spectrum(mixture, 256, 128)
heard = network.sound(masked, 256, 128, len(mixture))
print(f"largest difference from the library's: {(heard - rivals.ideal(pair, 256, 128)[0]).abs().max():.4f}")

# %% [markdown]
# This is the **ideal ratio mask**. Nobody can know it, for it needs the answer; it shows what a mask could reach.

# %% [markdown]
# ## Three numbers
#
# BSS Eval (Vincent et al. 2006) splits what is heard into three parts. The *target* is the wanted voice, through any short filter. *Interference* is what filters of the other voice explain besides. What nothing explains are *artefacts*.
#
# - **SDR** compares the target with all the rest,
# - **SIR** with the interference,
# - **SAR** compares target and interference with the artefacts.
#
# Two ways to be wrong, equally loud:

# %%
voice, other = pair
level = 0.3 * voice.norm() / other.norm()
crackle = torch.randn(len(voice), generator=torch.Generator().manual_seed(0))
for name, wrong in (("the other voice", level * other), ("noise", level * other.norm() * crackle / crackle.norm())):
    sdr, sir, sar = speech_metrics.bss_eval(pair, torch.stack([voice + wrong, other]))[:, 0].tolist()
    print(f"{name:16} SDR {sdr:5.1f}   SIR {sir:5.1f}   SAR {min(sar, 99):5.1f} dB")

# %% [markdown]
# The unseparated mixture has an excellent SAR: nothing artificial is in it. So never rank by SAR alone.

# %% [markdown]
# ## One net for each source
#
# Each source has a net. Its input is a frame of the mixture, its target the same frame of the source; the last layer is a softplus, since magnitudes are not negative. The survey's variants differ in the code between encoder and decoder. Here is the VAE:

# %%
print(inspect.getsource(objectives.variational).split('"""')[-1].strip("\n"))

# %% [markdown]
# The plain autoencoder is what is left without noise and divergence. For training we add frames instead of sentences: a spectrum of a sum is the sum of the spectra, so every step can mix new pairs.

# %% tags=["nbval-ignore-output"]
trained = runs.load(run, "separation")
wanted = training.separate(trained.models["autoencoder"], mixture)
Audio(wanted[0].numpy(), rate=scene.rate)

# %% tags=["nbval-ignore-output"]
Audio(wanted[1].numpy(), rate=scene.rate)

# %% [markdown]
# First Allison, then Carlo, each with the other, softer, behind. The whole test of this small run, by means over mixtures:

# %% tags=["hide-input"]
measured = trained.results["metrics"]
rows = [
    [label, *(f"{measured[f'{name}/{key}']:.1f}" if f"{name}/{key}" in measured else "–" for key in ("sdr", "sir", "sar"))]
    for name, label in (("mixture", "mixture"), ("autoencoder", "autoencoder"), ("vae", "VAE, ε .01"),
                        ("clean", "VAEs of clean speech"), ("ideal", "ideal mask"))
]  # fmt: skip
HTML(claims.table(["Allison and Carlo", "SDR, dB", "SIR, dB", "SAR, dB"], rows))

# %% [markdown]
# ## A slider for the mask
#
# The survey reports that its ITL-AE has a worse SAR and a better SIR than its VAE. Before we credit the training, here is a knob that needs none. Raise both estimates to a power $p$ before the division:
#
# $$\frac{\hat S_1^{\,p}}{\hat S_1^{\,p} + \hat S_2^{\,p}}.$$
#
# One net, six exponents. Drag the slider, and watch the numbers under the mask:

# %% mystnb={"image": {"alt": "Slider over masks of one mixture: at small exponents grey, at large ones nearly black and white. The caption gives SDR, SIR and SAR."}}
guess = training.estimates(trained.models["autoencoder"], mixture)
pages, labels, curve = [], [], []
for p in (0.25, 0.5, 1.0, 2.0, 4.0, 8.0):
    found = network.masked(guess, mixture, 256, 128, p)
    curve.append(speech_metrics.bss_eval(pair, found).mean(1))
    figure, axis = plt.subplots(figsize=(6, 2.2), layout="constrained", dpi=60)
    axis.imshow(
        (8 * network.wiener(guess, p)[0, :64, :64].T).round() / 8,
        origin="lower",
        aspect="auto",
        cmap="gray",
        vmin=0,
        vmax=1,
    )
    axis.set(xlabel="frame", ylabel="0 to 2 kHz", title=f"Allison's share, exponent {p:g}")
    pages.append(pictures.page(figure, dpi=60))
    labels.append("SDR {:.1f}   SIR {:.1f}   SAR {:.1f} dB".format(*curve[-1]))
widgets.flip_pages(pages, labels, "exponent", start=2)

# %% mystnb={"image": {"alt": "SIR against SAR for six exponents: a falling curve, from much artefact and little interference at large exponents to the opposite at small ones."}}
figure, axis = plt.subplots(figsize=(5, 3), layout="constrained")
_, sir, sar = torch.stack(curve).T
axis.plot(sar, sir, "o-", color=plots.COLOURS[0])
for p, x, y in zip((0.25, 0.5, 1, 2, 4, 8), sar, sir, strict=True):
    axis.annotate(f"{p:g}", (x, y), textcoords="offset points", xytext=(6, 2))
axis.set(xlabel="SAR, dB", ylabel="SIR, dB", title="one net, exponents of the mask")
plt.show()

# %% [markdown]
# A larger exponent gives the other voice less room and cuts harder into the wanted one. Two methods can be compared in SIR only at the same SAR. A single pair of numbers is a point on a curve like this one.

# %% [markdown]
# ## Why the noise had to be small
#
# "The Gaussian distribution that generates ε had to have a standard deviation of 0.01", says the survey. Why? A code is paid for in nats. What can it save? At most all of the squared error that remains when the decoder always answers with the mean frame:

# %%
frames = torch.cat([network.spectrum(wave, 256, 128).abs() for wave in scene.waves["train"][0]])
for name, unit in (("from 0 to 1", frames.max()), ("in deviations", trained.models["vae"].scale)):
    savings = (frames / unit - (frames / unit).mean(0)).square().sum(1).mean() / 2
    print(f"magnitudes {name:14} a code can save {savings:6.2f} nats a frame at most")

# %% [markdown]
# Scaled to 0..1, a frame is too small to pay for any code. The VAE with ε of deviation 1 collapses: its code says nothing, and it answers every frame with the mean. With ε of 0.01, a code with almost no KL divergence says something; but this is not the divergence of the noise that is drawn. The price is not all: the autoencoder, which pays none, fails here, too. The better remedy is the scale of the input. (With 16-bit integers both VAEs broke off; their zeros are no result.)

# %% tags=["hide-input"]
found = experiments.read("separation-scale")
rows = []
for arm, records in found.items():
    method, unit = arm.rsplit(", ", 1)
    means = [experiments.interval(experiments.values(records, key))[0] for key in ("sdr", "kl")]
    ended = sum(record["results"]["finite"] for record in records)
    rows.append([unit, method, f"{means[0]:.2f}", f"{means[1]:.2f}", f"{ended} of {len(records)}"])
HTML(claims.table(["magnitudes in units of", "method", "SDR, dB", "nats in the code", "trainings that ended"], rows))

# %% [markdown]
# ## Section 8, measured
#
# Six scenes. *Known voices*: Allison and Carlo (**people**); a woman and a man of LibriSpeech (**readers**); six synthetic pairs with eight seconds of each voice (**synthetic pairs**); two speakers of FSDD (**digits**, where the same words come up in the test). *Unknown voices*: only "a woman" and "a man" are known, every test speaker is new (**strange readers**, **synthetic strangers**).
#
# SDR in dB over all test mixtures, with half the width of its 95 % interval over repetitions. Each repetition has its own start and its own mixtures; of readers, digits and synthetic pairs also other voices. So the intervals are wide, and methods are better compared repetition by repetition, as the verdicts below do.

# %% tags=["hide-input"]
found = experiments.read("separation")
methods = ("mixture", "ideal mask", "NMF", "autoencoder", "VAE, ε .01", "β-VAE 4", "ITL-AE", "mask MLP",
           "clean VAE", "clean autoencoder")  # fmt: skip


def cell(records, key="sdr"):
    if not records:
        return "–"
    mean, low, _ = experiments.interval(experiments.values(records, key))
    return f"{mean:.1f} ± {mean - low:.1f}" if len(records) >= 3 else f"{mean:.1f}"


seeds = {scene: len(found.get(f"{scene}: autoencoder", [])) for scene in mixtures.SCENES}
rows = [[method, *(cell(found.get(f"{scene}: {method}")) for scene in mixtures.SCENES)] for method in methods]
rows = [row for row in rows if set(row[1:]) != {"–"}]
HTML(claims.table(["SDR, dB", *(f"{scene} ({n} seeds)" for scene, n in seeds.items())], rows))

# %% [markdown]
# *NMF*, non-negative matrix factorization (Lee and Seung 2001), learns forty spectra of each voice and explains the mixture with all eighty. *Mask MLP* is the same net, but its last layer is a mask. A dash: not measured.
#
# What does a listener hear? The SIR tells how much of the other voice is left, in percent of the wanted one's power:

# %% tags=["hide-input"]
rows = []
for method in ("mixture", "NMF", "autoencoder", "ideal mask"):
    sir = [experiments.values(found[f"{scene}: {method}"], "sir") for scene in mixtures.SCENES]
    rows.append([method, *(f"{100 * 10 ** (-sum(row) / len(row) / 10):.0f} %" for row in sir)])
HTML(claims.table(["left of the other voice", *mixtures.SCENES], rows))

# %% [markdown]
# A few percent are a murmur behind the wanted voice. About a third, as with Allison and Carlo or with strange readers, is a second speaker whom nobody misses, only softer. The wanted voice warbles where the mask opens and closes.
#
# The survey's Figure 22 has violins: wide where many results lie. Here is ours, with the autoencoder beside it.

# %% mystnb={"image": {"alt": "Violins of SDR, SIR and SAR of the readers for autoencoder, VAE, \u03b2-VAE, ITL-AE and mask MLP. In each panel all have nearly the same shape and middle; each spreads over ten dB and more."}}
names = [n for n in ("autoencoder", "VAE, ε .01", "β-VAE 4", "ITL-AE", "mask MLP") if f"readers: {n}" in found]
figure, axes = plt.subplots(1, 3, figsize=(10, 2.8), layout="constrained")
for axis, key in zip(axes, ("sdr", "sir", "sar"), strict=True):
    rows = [sum((r["results"][f"{key}_all"] for r in found[f"readers: {name}"]), []) for name in names]
    axis.violinplot(rows, showmedians=True)
    axis.set_xticks(range(1, 1 + len(names)), names, rotation=40, ha="right")
    axis.set_title(f"{key.upper()} of readers, dB")
plt.show()

# %% [markdown]
# The violins have nearly the same shape. The differences between the methods are much smaller than those between one mixture and the next. Whether a voice is known seems to matter more than which net is taken: compare *readers* with *strange readers* in the table, and both with their ideal mask.

# %% [markdown]
# ### Eight windows
#
# The survey's Figure 21 compares windows, from A (64 ms, overlapping by 16) to H (8 ms, by 2), and finds E best. Short windows make more frames. So at equal *passes* over the data they get many more steps, at equal *steps* each frame is seen less often; the survey does not say which was equal. The last row is the ideal mask, which is not trained.

# %% tags=["hide-input"]
framed, rows = experiments.read("separation-windows"), []
for what in ("passes", "steps", "mask"):
    line = [framed.get(f"{letter}, equal {what}", []) for letter in studies.WINDOWS]
    means = [experiments.interval(experiments.values(records, "sdr"))[0] for records in line]
    rows.append([f"equal {what}" if what != "mask" else "ideal mask", *(f"{mean:.1f}" for mean in means)])
print("repetitions:", sorted({len(records) for records in framed.values()}))
columns = [f"{letter}: {w}, {w - h} ms" for letter, (w, h) in studies.WINDOWS.items()]
HTML(claims.table(["SDR of readers, dB", *columns], rows))

# %% [markdown]
# Means over three pairs of readers; the verdicts below compare pair by pair. At equal passes the windows of 64 ms are the worst; they also had the fewest steps, A a twelfth of those of G. At equal steps windows lie closer, and the shortest fall behind. E is ahead by a decibel only of A and B, and only at equal passes; whether 8 ms are worse than 16 is *undecided*. So an order of windows is partly an order of steps. The ideal mask, which learns nothing, prefers long windows.
#
# The survey also varies the length of the code and the number of frames in a batch (at equal passes):

# %% tags=["hide-input"]
sizes, rows = experiments.read("separation-sizes"), []
for arm, records in sizes.items():
    rows.append([arm, f"{experiments.interval(experiments.values(records, 'sdr'))[0]:.2f}", str(len(records))])
HTML(claims.table(["Allison and Carlo", "SDR, dB", "repetitions"], rows))

# %% [markdown]
# The means lie within half a decibel, as the survey says; for the code of the VAE three repetitions do not exclude a little more. *Batch* is the VAE, ε .01. *Made once* is the scenes' autoencoder on mixtures that never change; new partners in every step gain a few tenths.

# %% [markdown]
# ### Eight seconds of a voice
#
# The aim for synthetic pairs was 1.5 dB more than NMF, and no more than 1.5 dB less than the ideal mask. It is missed. The embedded voices say six sentences each, four of them for training: eight seconds. Is it the training, the data or the window? We held out one of the four sentences and tried:

# %% tags=["hide-input"]
tried = {arm: record["results"] for arm, (record, *_) in experiments.read("separation-trials").items()}
rows = [[arm.removeprefix("pairs: "), f"{some['sdr']:.1f}"] for arm, some in tried.items() if arm.startswith("pairs")]
HTML(claims.table(["synthetic pairs, validation", "SDR, dB"], rows))

# %% [markdown]
# More steps, and a frame every 8 ms in place of every 32, gain .9 dB; so the table above is measured with them. With three sentences NMF is level with the net, with all four a little behind on average; the interval does not exclude the opposite. With windows of 16 ms the net passes it, and the ideal mask comes down by 3 dB; but what is heard is worse. So training was one cause; the small corpus is probably another. Two and a half times the steps gain another .2 dB.

# %% [markdown]
# ## Never heard a mixture
#
# So far the code was a bottleneck on the way from mixture to source; nothing was generated. Now take two VAEs of *clean* speech, one of each voice. They know what a frame of Allison may look like, and one of Carlo. In a mixture, search for the two codes whose decoded frames together explain it, and are probable:
#
# $$\min_{z_1, z_2} \; \tfrac12 \left\lVert \sqrt{\hat S_1(z_1)^2 + \hat S_2(z_2)^2} - S_\text{mixed} \right\rVert^2 + \tfrac12 \lVert z_1 \rVert^2 + \tfrac12 \lVert z_2 \rVert^2.$$
#
# Powers add up on average, hence the root of squares. The last two terms are the prior's.

# %%
print(inspect.getsource(codes.search).split('"""')[-1].split("start:")[-1].strip("\n"))

# %% tags=["nbval-ignore-output"]
voices = training.separate(trained.models["clean"], mixture)
print("SDR of the two: {:.1f} and {:.1f} dB".format(*speech_metrics.bss_eval(pair, voices)[0]))
Audio(voices[0].numpy(), rate=scene.rate)

# %% [markdown]
# Here the variational part could have a use: the prior says which codes are those of speech. The control is a pair of plain autoencoders of clean speech, which have no prior; their codes are searched for in the same way. SDR in dB, repetition by repetition:

# %% tags=["hide-input"]
rows = []
for name in ("NMF", "clean VAE", "clean autoencoder", "autoencoder"):
    both = [
        {r["seed"]: f"{r['results']['sdr']:.1f}" for r in found[f"{scene}: {name}"]} for scene in ("people", "readers")
    ]
    rows.append([name, *(sdr.get(seed, "–") for sdr in both for seed in range(3))])
columns = [f"{scene} {seed}" for scene in ("people", "readers") for seed in range(3)]
HTML(claims.table(["", *columns], rows))

# %% [markdown]
# In every repetition the VAEs separate better than the autoencoders. With the readers the interval of the difference is above zero, with Allison and Carlo just not; so the verdict is *undecided*. Here the prior seems to do something: it keeps the search near codes of speech. It is not enough, though, to reach the nets that were trained on mixtures; and NMF is about as good.

# %% [markdown]
# ## Whom do you want to hear?
#
# The book's own voice encoder puts the speaker into a block of six numbers ([chapter 12](12_the_voice_vae.ipynb)). Give that block to a mask net, beside the frame, as VoiceFilter (Wang et al. 2019) does with a speaker's embedding. For training, a frame of one speaker meets a frame of another, and the block is of *some other clip* of the first. Then one mixture holds two answers:

# %%
digits = choosing.material(run, "test")
i, j, k, m = choosing.cases(digits, 24)[1]
two = choosing.mixed(digits, i, j)
chooser = trained.models["chooser"]
Audio(torch.cat([two.sum(0), torch.zeros(2000)]).numpy(), rate=8000)

# %%
blocks = digits.block[[k, m]]
heard = torch.stack([chooser.hear(two.sum(0), block) for block in blocks])
print("asked for speakers", digits.speaker[[k, m]].tolist(), "with the blocks\n", blocks.numpy().round(2))
Audio(torch.cat([heard[0], torch.zeros(2000), heard[1]]).numpy(), rate=8000)

# %% [markdown]
# *Heard* is how often the result is nearer to the speaker asked for. The block may also be written by hand: a 1 in the place of the speaker. The block of a stranger, who is not in the mixture, is the control.

# %% tags=["hide-input"]
rows = []
for arm, records in experiments.read("separation-choosing").items():
    means = {key: experiments.interval(experiments.values(records, key))[0] for key in records[0]["results"]}
    keys = ("mixture", "asked", "hand", "other", "stranger")
    rows.append([arm, f"{means['heard']:.0f} %", *(f"{means[key]:.1f}" for key in keys), str(len(records))])
columns = ["mixture", "block of another clip", "written by hand", "the other's block", "a stranger's block"]
HTML(claims.table(["SDR of the wanted voice, dB", "heard", *columns, "seeds"], rows))

# %% [markdown]
# The block chooses: the voice asked for gains, the other's block picks the other, and a stranger's block separates nothing. On people's voices (*fsdd*) the right one is nearer in fewer cases than the 90 % aimed at.

# %% [markdown]
# ## One voice or two?
#
# Who says that two people speak? If one is silent, the net of the other should find nothing. Take the weaker output's share of the power as evidence for two. How often is it larger for a mixture than for a single voice? (50 % is guessing. The nets have never met a silent partner.)

# %% tags=["hide-input"]
found, rows = experiments.read("separation"), []
for name in mixtures.SCENES:
    records = found[f"{name}: autoencoder"]
    rows.append([name, f"{experiments.interval(experiments.values(records, 'counted'))[0]:.0f} %", str(len(records))])
HTML(claims.table(["scene", "told apart", "seeds"], rows))

# %% [markdown]
# Two voices are nearly always noticed, those of unknown readers less surely.

# %% [markdown]
# ## The verdicts
#
# Rules and thresholds were written before the data. On 2026-11-29, after the data, rules were tightened, thresholds not: intervals over the three repetitions decide, no longer over test voices that share a training. They are wide, so half of the claims that held are *undecided* now: readers gain more over NMF than was asked, on average, but the interval reaches below that. [The ledger](ledger.ipynb) says what was changed.

# %% tags=["hide-input"]
judged = [(claim.text, *reversed(claim.verdict()), claim.rule) for claim in separation_claims.CLAIMS]
HTML(claims.table(["claim", "verdict", "measured", "rule"], judged))

# %% [markdown]
# ## An open question
#
# Every frame is searched for alone. Nothing says that the voice of this frame is the voice of the next, and for two women a code would have to keep track. Could a placed code, one speaker block for the whole sentence and a free block for each frame, be searched for in the mixture of two unknown women?

# %% [markdown]
# ## What to remember
#
# - A mask shares out what is there; with good estimates it is most of the separation. Its exponent trades artefacts for interference without any training.
# - SDR, SIR and SAR belong together. The mixture itself has the best SAR.
# - Squared errors have a scale, nats have not. If inputs are small, a VAE's code cannot pay for itself.
# - Known and unknown voices are different tasks; a table must say which it shows.
# - With nets trained on mixtures, the variational part costs 0.2 to 0.4 dB. With nets of clean speech it models the source, and its prior seems to help the search.

# %% [markdown]
# ## Exercises
#
# ### Exercise 1: by hand
#
# At one place the estimates are 3 and 1. Which share does the first source get with exponent 1, which with exponent 2?

# %% tags=["exercise"]
shares = None
checks.mask_by_hand(shares)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# shares = [3 / 4, 9 / 10]
# checks.mask_by_hand(shares)
# ```
#
# </details>

# %% [markdown]
# ### Exercise 2: a distortion ratio
#
# Write the SDR of an estimate without any filter: the part of it that is a multiple of the source, over all the rest, in decibels.


# %% tags=["exercise"]
def sdr(source, estimate):
    return ...


checks.distortion_ratio(sdr)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def sdr(source, estimate):
#     target = (estimate @ source) / (source @ source) * source
#     return 10 * (target.square().sum() / (estimate - target).square().sum()).log10()
#
#
# checks.distortion_ratio(sdr)
# ```
#
# </details>

# %% [markdown]
# ### Exercise 3: what a code can save
#
# Write the bound that explained the small ε: half the squared distance of a frame from the mean frame, averaged over frames.


# %% tags=["exercise"]
def savings(frames):
    return ...


checks.nats_to_save(savings)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def savings(frames):
#     return (frames - frames.mean(0)).square().sum(1).mean() / 2
#
#
# checks.nats_to_save(savings)
# ```
#
# </details>

# %% [markdown]
# ### Exercise 4: break it
#
# Open-ended. Replace Carlo by June, who speaks French (`mixtures.people` picks the two; the corpus has both), and train the autoencoder again. How much of the gain came from the octave between a woman and a man? Then mix Allison with herself. What does each net hear, and what should it hear?
#
# Does counting voices get better if one is silent now and then in training (`training.objective(…, alone=0.15)`)?

# %% [markdown]
# ## Where next
#
# - [A surface from a few points](38_a_surface_from_a_few_points.ipynb): a code that is searched for, again.
# - [Who is speaking](26_who_is_speaking.ipynb): one voice at a time.
