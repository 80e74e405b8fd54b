# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Beside other systems
#
# You could have installed something else. Packages of multimodal VAEs turn a voice into an image, too. And a plain classifier, followed by a decoder that is told the class, may do it best of all. Here they are trained on the same pairs, with the same convolutions and the same loop, and read by the same judges.
#
# ![Block diagram of the whole system: voice model, image model and training. Lit here: both codes and the crossing.](_static/spine/beside_other_systems.svg)
#
# **Time:** 25 minutes to read, 1 minute to run.
#
# **Needs:** [Voice to image](16_voice_to_image.ipynb) for coherence and the judge; [The voice VAE](12_the_voice_vae.ipynb) for probes.

# %% [markdown]
# ## Goals
#
# After this chapter you can
#
# - say how a product and a mixture of experts connect two domains, and where each loses something;
# - explain why a high coherence alone proves little, and which numbers belong beside it;
# - set up a fair comparison: one task, one budget, settings chosen on validation data;
# - say what placed codes cost, what they give, and when to use something else.

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
from IPython.display import HTML

from olc_lib import checks, metrics, runs
from olc_lib.latent import IMAGE
from olc_lib.ledger import claims, experiments, peers, peers_claims
from olc_lib.ledger.paper_experiments import EXPERIMENTS
from olc_lib.reading import batched, read_digits
from olc_lib.systems import placed

# %%
trained = runs.load(run)
images = placed.corpora(trained.settings, "test")[1]

# %% [markdown]
# ## Two ways to share a code
#
# A **multimodal VAE** has one latent space for all domains, with an encoder and a decoder for each domain. An encoder outputs a Gaussian: a mean and a variance, its estimate of the code. A voice *and* an image of the same digit give two estimates, from two **experts**. They can be combined in two ways:
#
# - **Product** (MVAE, Wu & Goodman 2018): multiply the two densities. The expert with the smaller variance dominates.
# - **Mixture** (MMVAE, Shi et al. 2019): take one or the other, each half of the time.

# %%
place = torch.linspace(-4, 6, 400)
voice_says = torch.distributions.Normal(0.0, 1.5).log_prob(place).exp()
image_says = torch.distributions.Normal(2.0, 0.6).log_prob(place).exp()
product = voice_says * image_says
product = product / (product.sum() * (place[1] - place[0]))
mixture = (voice_says + image_says) / 2

# %% mystnb={"image": {"alt": "Two bell curves, a wide one at 0 and a narrow one at 2. Left their product: one narrow bell near the narrow one. Right their mixture: a hump near the narrow one with a long shoulder towards the wide one."}}
figure, panels = plt.subplots(1, 2, figsize=(8, 2.4), sharey=True)
for panel, name, density in zip(panels, ("product", "mixture"), (product, mixture), strict=True):
    panel.plot(place, voice_says, "--", label="the voice's guess")
    panel.plot(place, image_says, ":", label="the image's guess")
    panel.plot(place, density, linewidth=2.5, label=name)
    panel.set(title=name, xlabel="one coordinate of the code", yticks=[], ylim=(-0.03, 1.1))
    panel.legend(fontsize=8)
plt.close(figure)
figure

# %% [markdown]
# The product is sharp. (MVAE multiplies in the prior as well, a wide Gaussian at 0.) Its loss asks only that the experts *together* are right. MVAE also trains each expert alone, but only to reconstruct its own domain. So the code of a voice alone may contain the digit and still lie where the image decoder has not been trained.
#
# The mixture sends each expert's own code through *both* decoders. So the voice encoder is trained to produce an image from the first step on, but each decoder must also serve the less certain expert.
#
# **MoPoE** (Sutter et al. 2021) is a mixture over all subsets: voice alone, image alone, the product of both.

# %% [markdown]
# ## What each system is told
#
# | | connects the domains by | is told |
# |---|---|---|
# | MVAE, MMVAE, MoPoE (the *peers*) | one shared code of 20 dimensions | pairs: a word and an image of the same digit |
# | placed codes | ten coordinates with agreed places, not rounded to a class | the digit and the speaker of each item; the two models are trained apart |
# | supervised reference | the name of the likeliest digit | the same labels; its decoders get only classes; its halves are trained apart, too |
# | conditional VAE | the name of the likeliest digit | the same labels; a decoder gets the classes and free coordinates, ten for images, four for voices |
# | semi-supervised VAE | likewise | a tenth of the labels; where one is missing, the class is drawn from what the encoder says |
#
# Pairs of FSDD words and MNIST images can only be made with the digit. So no system here is unsupervised; they differ in how they use the label.

# %% [markdown]
# ## The same conditions, and equal trials
#
# Every system has the layers of Table 6 at a sixteenth of their width, log-mel pictures, batches of 64 pairs (each time with another image of the digit), `train.fit`, and 1,000 steps. Two classifiers of the run `slim` read what is drawn: the *judge* reads images, the *listener* reads voices.
#
# Each got four **trials** (`peers-trials`): rates 0.002 and 0.004, words as recorded or *changed* (augmented), one seed. Digits right, voice to image and back, percent of *validation* data, at the better rate:

# %% tags=["hide-input"]
trials, rows = experiments.read("peers-trials"), []
for system in peers.TRIED:
    names = [peers.best(system, trials, augmented=[changed]) for changed in (False, True)]
    results = [trials[name][0]["results"] for name in names]
    cells = [f"{r['voice_to_image']:.0f} and {r['image_to_voice']:.0f}" for r in results]
    rows.append([system, *cells, peers.best(system, trials).removeprefix(f"{system}, ")])
HTML(claims.table(["system", "words as recorded", "words changed", "chosen"], rows))

# %% [markdown]
# Changed words cost every system digits on the way back. A conditional VAE crosses over with the class alone; free coordinates get the mean of their prior. The plain one often fails. Our explanation: the free coordinates hold the digit, too. If their KL divergence weighs ten times as much, they leave it to the class. That was found after the first trials had failed, and got four trials of its own: these rivals were helped.

# %% [markdown]
# Below, every system has its best setting by the mean of both ways (nobody's words changed) and five seeds; of two conditional and two semi-supervised VAEs, the better one. Settings: `olc_lib/ledger/peers.py` and `olc_lib/systems/multivae.py`. (MMVAE has a normal posterior and one sample; its default of ten costs ten times the decoding.)

# %% [markdown]
# ## Why one number is not enough
#
# **Coherence** is the share of drawings in which the judge reads the right digit. [Voice to image](16_voice_to_image.ipynb) had a system that draws, for every digit, the mean of all its training images. Here it is told the true digit. Its **error** is the root mean square distance to real images of the digit: before Max M % normalization, about the least possible. The tables below begin with this system, *mean signals*. For the way back it plays the mean word of the digit and of the requested speaker. A better system must show that elsewhere.

# %% [markdown]
# **Diversity** is the distance between two drawings of the same digit. It separates identical drawings from varied ones. But what causes the variation? A word does not say how its digit is to be written. Here this page's image model redraws small real images (other numbers than MNIST's below):

# %%
real = trained.image.normalize(images.pixels)
code = batched(trained.image.encode, images.pixels)
pure = torch.stack([IMAGE.handcrafted(digit=int(d)) for d in images.digit])
for name, given in (("its own codes", code), ("pure codes", pure)):
    pictures = batched(trained.image.decode, given)
    share = metrics.accuracy(read_digits(trained.image_classifier, pictures), images.digit)
    print(f"{name:14} coherence {share:.0f} %, diversity {metrics.diversity(pictures, images.digit):.3f}")
print(f"real images    diversity {metrics.diversity(real, images.digit):.3f}")

# %% [markdown]
# With pure codes every 3 is the same picture. Drawings from *own* codes differ by a little of the handwriting, and by the encoder's uncertainty. From a voice only the uncertainty is left, so we do not rank by diversity there.

# %% [markdown]
# ## From voice to image, and back
#
# Stored results: means over five seeds, 300 test words, 3,000 test images, 95 % intervals (Student's); shares in percent, distances in pixel units. `python -m olc_lib measure peers-chosen` repeats them (with `pip install -e ".[peers]"`).

# %%
found = experiments.read("peers-means") | experiments.read("peers-chosen")
order = ["mean signals", *peers.CHOSEN]


def table(columns, arms=order):
    """One line a system: mean and interval over seeds of some results."""
    rows = []
    for arm in arms:
        row = [arm, str(len(found[arm]))]
        for key, digits in columns.items():
            mean, low, high = experiments.interval(experiments.values(found[arm], key))
            row.append(claims.shown(mean, low, high, digits=digits) if len(found[arm]) > 1 else f"{mean:.{digits}f}")
        rows.append(row)
    return HTML(claims.table(["system", "seeds", *columns], rows))


# %%
table({"voice_to_image": 1, "voice_to_image_error": 3, "voice_to_image_diversity": 3})

# %% [markdown]
# (The mean signals lose a tenth, because the judge reads one of MNIST's ten mean images as another digit.)

# %%
keys = ("image_to_voice", "image_to_voice_error", "image_to_voice_diversity", "image_to_voice_speaker")
table(dict(zip(keys, (1, 3, 3, 1), strict=True)))

# %% [markdown]
# `image_to_voice_speaker` is the share of drawn voices in which the listener hears the *requested* speaker, for all six in turn. The peers' code has no place for such a request; chance is a sixth.
#
# All signals are levelled by Max M % first; so mean signals have not the least error. Real signals:

# %%
real_ones = {name: found["placed codes"][0]["results"][f"{name}_diversity"] for name in ("image", "voice")}
errors = {name: found["mean signals"][0]["results"][f"real_{name}_error"] for name in real_ones}
for name in real_ones:
    print(f"real {name}s: diversity {real_ones[name]:.3f}, error {errors[name]:.3f}")

# %% [markdown]
# ## Learning curves
#
# During training the judge read what each system drew from *validation* words, nine times, at equal distances. Processor time varies with the machine's load. The learning rate rises and falls once over the *planned* training; with a shorter plan, a system might get there sooner, or never.

# %% mystnb={"image": {"alt": "Curves of the share of validation words drawn wrong, on a logarithmic axis, against processor minutes, one curve a system, mean over seeds. The supervised reference starts lowest and ends near 2 percent, the conditional VAE near 3, placed codes near 4, MMVAE near 7, MoPoE and the semi-supervised VAE near 11; MVAE stays above 50."}}
figure, panel = plt.subplots(figsize=(9.4, 3.6))
styles = ("o-", "s-", "D-", "D:", "^:", "v-.", "x--")
for arm, style in zip(order[1:], styles, strict=False):
    course = torch.tensor([record["results"]["course"] for record in found[arm]]).mean(0)
    panel.plot(course[:, 0], 100 - course[:, 1], style, markersize=4, label=arm)
panel.set(xlabel="processor minutes", ylabel="wrong, % of validation words", yscale="log", ylim=(1, 100))
panel.set(yticks=(1, 2, 5, 10, 20, 50, 100), yticklabels=(1, 2, 5, 10, 20, 50, 100))
panel.legend(fontsize=8, frameon=False, loc="upper left", bbox_to_anchor=(1, 1))
figure.tight_layout()
plt.close(figure)
figure

# %%
for arm in order[1:]:
    records = found[arm]
    course = torch.tensor([record["results"]["course"] for record in records]).mean(0)
    reached = [f"{minutes:.1f} minutes" for minutes, share in course.tolist() if share >= 90]
    whole = experiments.interval(experiments.values(records, "cpu_minutes"))[0]
    print(
        f"{arm:46} 90 % first seen after {reached[0] if reached else 'the last reading':17} of {whole:.1f}; {records[0]['results']['parameters']:,} weights"
    )

# %% [markdown]
# A flat end proves little: the learning rate falls. Older trainings of two systems, same settings, more steps (digits right, voice to image and back):

# %%
for arm, records in experiments.read("peers-longer").items():
    for name, trainings in (("1,000 steps", found[arm]), (f"{records[0]['settings']['steps']:,} steps", records)):
        shares = [
            experiments.interval(experiments.values(trainings, way))[0] for way in ("voice_to_image", "image_to_voice")
        ]
        print(f"{arm:13} {name}: {shares[0]:.1f} % and {shares[1]:.1f} % ({len(trainings)} seeds)")

# %% [markdown]
# ## What is in the code
#
# A linear probe reads digit and speaker from the code of a test voice: is the information *in* the code? DCI asks whether each *single* coordinate depends on one factor (disentanglement), and whether each factor sits in few coordinates (completeness). [The voice VAE](12_the_voice_vae.ipynb) explains both. A perfect placed code has disentanglement 1 but low completeness, since ten coordinates share the digit. `voice_rms` and `image_rms` are the errors (*residuals*) of reconstruction.

# %%
columns = {
    "digit_probe": 1,
    "speaker_probe": 1,
    "dci_disentanglement": 2,
    "dci_completeness": 2,
    "voice_rms": 3,
    "image_rms": 3,
}
table(columns, order[1:])

# %% [markdown]
# ## A speaker left out
#
# Some systems were also trained on five speakers and tested on the sixth, once for each of the six (`peers-left-out`). These trainings are older: settings from few, unequal trials, not stored, and 1,300 to 2,000 steps. *Placed codes, augmented* had changed words, like the models of the other chapters. Percent of the unknown speaker's 50 test words drawn right; intervals are over speakers:

# %%
strangers = experiments.read("peers-left-out")
names = list(EXPERIMENTS["left-out"].arms)  # the speakers of FSDD, in order
rows = []
for arm in peers.OLDER:
    share = {record["seed"]: record["results"]["voice_to_image"] for record in strangers[arm]}
    mean = claims.shown(*experiments.interval(list(share.values())))
    gain = experiments.difference(strangers[arm], strangers["placed codes"], "voice_to_image")
    gain = "" if arm == "placed codes" else claims.shown(*gain)
    rows.append([arm, *(f"{share[k]:.0f}" if k in share else "" for k in range(6)), mean, gain])
HTML(claims.table(["system", *names, "mean", "minus placed codes"], rows))

# %% [markdown]
# One system does well with one unknown speaker and badly with another. The last column compares two systems on the same speakers; even so, every interval holds 0.

# %% [markdown]
# [A voice never heard before](21_a_voice_never_heard.ipynb) looks into what a stranger costs. (Compare the rows without augmentation with each other: only the placed codes were also trained with it.)

# %% [markdown]
# ## The rules, and what they say
#
# The rules were committed before these results, but after an older comparison's:

# %%
for claim in peers_claims.CLAIMS:
    measured, verdict = claim.verdict()
    print(f"{claim.text}\n  rule: {claim.rule}\n  measured: {measured}\n  verdict: {verdict}")

# %% [markdown]
# So a plain rival with the same labels and a fifth more weights redraws both domains clearly better, and trains faster. It draws about as many digits right; one direction stays open. It gives the class a name and the rest free coordinates; placed codes leave little room.

# %% [markdown]
# ## The verdict, from the files
#
# For every question: the system with the best mean, and its difference from the placed codes, paired by seed, with its 95 % interval. Where the interval holds 0, five seeds do not decide. (The interval does not cover the choice of the 300 test words.)

# %%
QUESTIONS = {
    "voice_to_image": max, "image_to_voice": max, "image_to_voice_speaker": max, "voice_rms": min, "image_rms": min,
    "dci_disentanglement": max,
}  # fmt: skip
rows = []
for question, better in QUESTIONS.items():
    means = {arm: experiments.interval(experiments.values(found[arm], question))[0] for arm in order[1:]}
    best = better(means, key=means.get)
    gap = experiments.difference(found[best], found["placed codes"], question)
    shown = "" if best == "placed codes" else claims.shown(*gap, digits=1 if max(means.values()) > 1 else 3)
    rows.append([question, best, f"{means[best]:.3g}", f"{means['placed codes']:.3g}", shown])
HTML(claims.table(["question", "best", "its mean", "placed codes", "difference"], rows))

# %% [markdown]
# Question by question, with the reasons as far as we know them:
#
# **Overall.** Placed codes are best at none of these. (Their `voice_to_image_error` is the smallest.) The reference is best, or nearly so, wherever labels decide, and trains faster. But its one-hot code can express only sixty voices and ten images; it reconstructs both worst. The conditional VAE draws about as many digits right and keeps much more of the signal.

# %% [markdown]
# **The right digit.** With all labels it is drawn nearly always, both ways. After 1,000 steps MMVAE and MoPoE lose about one in eight on the way back, MoPoE fewer after 2,000. The semi-supervised VAE, with a tenth of the labels, draws about nine of ten right, both ways.
#
# **MVAE.** A probe reads the digit from its voice code, but the image decoder does not: no term of its loss asks a voice alone for an image.

# %% [markdown]
# **Reconstruction** is where the peers win, clearly and on every seed. They have 20 coordinates without places, and a third more weights; we did not separate the two causes. Of the placed image code, ten coordinates are pulled towards 1 for the digit and 0 for the rest, and one carries nothing. So it has little room for how *this* three looks. What pulls them makes the code readable: this is its cost.

# %% [markdown]
# **Back to a voice.** Without a requested speaker, a decoder that minimizes an error outputs the mean of all voices: hence the small diversity and error of MMVAE and MoPoE.
#
# **The speaker** can be read from the peers' codes by a probe, far better than by chance, but not in a place known beforehand. MoPoE comes nearest in disentanglement (its speaker is read worst); which coordinate matters must be found after each training. (Where classes are one-hot, disentanglement follows from that.)

# %% [markdown]
# **The sceptic asks:** *is this not just a classifier plus ten pictures?* The reference is one, with learned pictures. What placed codes add is in the reconstruction columns: some of *this* voice and *this* image, though less than the peers or the conditional VAE keep.

# %% [markdown]
# ## Limits
#
# - One pair of corpora, one small width, 1,000 steps, unequal minutes: a larger budget may change the order.
# - Four trials (conditional, semi-supervised: eight) are few; most chose the higher rate, the edge.
# - Placed codes were tuned over the whole book. No peer's divergence was tried.
# - MMVAE had one sample where its authors take many, and a normal posterior.
# - Drawings are means: nothing is sampled.

# %% [markdown]
# ## When to use what
#
# - You have labels and only want the *right* digit, or a chosen voice: use a classifier and a decoder that is told the class; nothing is simpler. If signals must be redrawn, too: a conditional VAE whose free part is weighed down.
# - You want good reconstructions, or you have pairs but no names for what they share: use MoPoE or MMVAE. Placed codes need names. (Our pairs were made with the label; pairs without labels were not tried.)
# - You have labels, and want to read, mix and write codes: use placed codes (not compared here).

# %% [markdown]
# Placed codes stand between the reference, which keeps only the class, and the peers, which place nothing.
#
# ## An open question
#
# Does a code have to give up reconstruction to be readable? The conditional VAE gives up less, and [Ten different sevens](36_ten_different_sevens.ipynb) puts free coordinates beside placed ones, on networks of its own; there the errors come near those of the joint systems above. But each domain has free coordinates of its own. Could two domains share one that no label names?

# %% [markdown]
# ## What to remember
#
# - A product of experts trains them to be right together; alone, neither is asked for the other's domain. A mixture trains each of them for both domains.
# - Coherence rewards identical drawings. Put a system of mean signals into the table, and measure reconstruction as well.
# - A fair comparison fixes task, layers, loop, judges and budget, and chooses settings on validation data for *every* system.
# - The right rival of a method that uses labels is the simplest method that uses the same labels.

# %% [markdown]
# ## Exercises
#
# ### Exercise 1: two experts by hand
#
# The voice says: mean 0, standard deviation 1.5. The image says: mean 2, standard deviation 0.6. What are the mean and the standard deviation of the product? (*Precisions*, one over the variance, add up.)

# %% tags=["exercise"]
mean_and_deviation = None
checks.peers_product(mean_and_deviation)

# %% [markdown]
# <details>
# <summary>Solution</summary>
#
# ```python
# precision = 1 / 1.5**2 + 1 / 0.6**2
# mean_and_deviation = (2 / 0.6**2) / precision, precision**-0.5
# print([round(number, 2) for number in mean_and_deviation])
# checks.peers_product(mean_and_deviation)
# ```
#
# Sharper than the sharper of the two, and close to it.
#
# </details>

# %% [markdown]
# ### Exercise 2: break the way back
#
# Come near the best of the way back with a system that uses no image at all. Make `stamps`, a tensor of shape `[6, 10, 1, 32, 32]`: for each speaker (first) and each digit the mean of all their training pictures. The listener must read nearly all digits and speakers from them, and their diversity, over all speakers in turn, must be most of that of real voices.

# %% tags=["exercise"]
voices = placed.corpora(trained.settings, "train")[0]
sound = trained.spectrogram(voices.waves, voices.lengths)
stamps = sound.mean(0).expand(6, 10, -1, -1, -1)
checks.peers_stamps(stamps, trained)

# %% [markdown]
# <details>
# <summary>Solution</summary>
#
# ```python
# stamps = torch.stack(
#     [
#         torch.stack([sound[(voices.speaker == s) & (voices.digit == d)].mean(0) for d in range(10)])
#         for s in range(6)
#     ]
# )
# checks.peers_stamps(stamps, trained)
# ```
#
# The other numbers expose this table of sixty recordings: it cannot reconstruct *this* voice, and it has no code to read or to change.
#
# </details>

# %% [markdown]
# ### Exercise 3: name the winner
#
# Write `winner(found)`: `found` maps a system to its records (as `experiments.read("peers-chosen")` does); the answer is the system with the best mean of `voice_to_image` and `image_to_voice` over all its seeds.


# %% tags=["exercise"]
def winner(found):
    """The system that is best in the mean of both directions."""
    return "MVAE"


checks.peers_winner(winner)

# %% [markdown]
# <details>
# <summary>Solution</summary>
#
# ```python
# def winner(found):
#     def mean(records):
#         both = [record["results"][way] for record in records for way in ("voice_to_image", "image_to_voice")]
#         return sum(both) / len(both)
#
#     return max(found, key=lambda system: mean(found[system]))
#
# print(winner(experiments.read("peers-chosen")))
# checks.peers_winner(winner)
# ```
#
# One number hides which direction a system is good at.
#
# </details>

# %% [markdown]
# ## Where next
#
# - [The ledger](ledger.ipynb): every choice inside our own system, measured the same way.
# - [A voice never heard before](21_a_voice_never_heard.ipynb): what strangers lose.
# - [How fast is a step](23_how_fast.ipynb): where those processor minutes go.
