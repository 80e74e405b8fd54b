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
# You could have installed something else. A package of multimodal VAEs turns a voice into an image, too; and a plain classifier with a decoder that is told the class may do it best of all. This chapter compares them, trained on the same pairs, with the same convolutions, the same loop and the same judges, and prints who wins at what.
#
# **Time:** 25 minutes to read, 1 minute to run.
#
# **Needs:** [Voice to image](15_voice_to_image.ipynb) for coherence and the judge; [The voice VAE](11_the_voice_vae.ipynb) for probes.

# %% [markdown]
# ## Goals
#
# After this chapter you can
#
# - say how a product and a mixture of experts tie two domains together, and where each loses something;
# - explain why a high coherence alone proves little, and which two numbers belong beside it;
# - compare systems so that the comparison means something: one task, one budget, choices on validation data;
# - say what placed codes cost, what they give, and when you should use something else.

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
from olc_lib.ledger import claims, experiments, peers
from olc_lib.ledger.paper_experiments import EXPERIMENTS
from olc_lib.reading import batched, read_digits
from olc_lib.systems import multivae, placed

# %%
trained = runs.load(run)
images = placed.corpora(trained.settings, "test")[1]

# %% [markdown]
# ## Two ways to share a code
#
# A **multimodal VAE** has one latent space for all domains, and an encoder and a decoder for each. An encoder does not give a code but a cloud: a Gaussian with a mean and a variance, its guess where the code is. With a voice *and* an image of the same digit there are two guesses, two **experts**. How do they agree?
#
# - **Product** (MVAE, Wu & Goodman 2018): multiply the two densities. Where one is sure and the other is not, the sure one wins.
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
# The product is sharp. (As a third expert, MVAE multiplies in the prior, a wide bell at 0.) It asks only that *together* the experts hit the right place. MVAE trains each expert alone as well, but only to redraw its own domain. So a lone voice may know its digit and yet put it where the image decoder does not look.
#
# The mixture sends each expert's own code through *both* decoders, so a voice has to find an image from the first step on; but each decoder must serve the vaguer of the two.
#
# **MoPoE** (Sutter et al. 2021) mixes over all subsets: voice alone, image alone, the product of both.

# %% [markdown]
# ## What each system is told
#
# | | ties the domains by | is told |
# |---|---|---|
# | MVAE, MMVAE, MoPoE | one shared code of 20 dimensions | pairs: a word and an image of the same digit |
# | placed codes | ten coordinates with agreed places | the digit and the speaker of each item; the two models never meet |
# | supervised reference | the name of the digit | the same labels; its decoders see nothing but the classes, and its two halves never meet either |
#
# To make pairs of FSDD words and MNIST images one needs the digit, too. So nobody here is unsupervised; they differ in what they do with the label.

# %% [markdown]
# ## The same conditions
#
# Every system has the stacks of Table 6 at a sixteenth of their width, the log-mel front end, batches of 64 pairs (each time another image of the digit), `train.fit`, and as many steps as four processor minutes allow; the reference needs fewer. The judge and the listener of the run `slim` read what is drawn. All settings stand in `olc_lib/ledger/peers.py`:

# %%
for arm, settings in peers.ARMS.items():
    print(f"{arm:24}", {**settings, **multivae.OPTIONS.get(settings.get("name"), {})})

# %% [markdown]
# What was tried, on validation data, with one seed and 1,000 steps, taking the better mean of both directions: the rate of learning, the width and kind of the peers' likelihood, for MMVAE its own Laplace posterior and a normal one (one sample each; its default of ten costs ten times the decoding), and augmentation. Trials were not equal: MoPoE had eleven, MMVAE seven, MVAE four, the placed codes three and the reference one. Several chosen values lie at the edge of what was tried. (The trials themselves are not stored; `peers.compare` with `split="validation"` repeats any of them.)

# %% [markdown]
# Without augmentation the mean of both directions was better wherever both were tried. That mean hides a trade: see the arm *placed codes, augmented*, which trains as the book's other chapters do.

# %% [markdown]
# ## Why one number is not enough
#
# **Coherence** is the share of drawings in which the judge reads the right digit. [Voice to image](15_voice_to_image.ipynb) had a system that hears nothing and draws, for every digit, the mean of all training images: nearly full marks, and a small **error** (root mean square distance to real images of the digit), for the mean is what makes it smallest. So the tables below begin with it: *mean signals*. On the way back it plays the mean word of the digit and of the speaker who is asked for. Whoever wants to be better than that must show it elsewhere.

# %% [markdown]
# **Diversity**, how far two drawings of the same digit are from each other, tells such stamps from handwriting. But what is it made of? A word does not say how its digit is to be written. Look at this page's model (on its small images), reading real images and drawing them again:

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
# With pure codes every 3 is the same picture. What differs between drawings from *own* codes is a little of the writing, and doubt. From a voice only the doubt is left. So there is no prize for diversity from voice to image; we report it, and read it as what it is.

# %% [markdown]
# ## From voice to image, and back
#
# Now the stored results: means over seeds, measured on test words and test images, with 95 % intervals (Student's, so with few seeds they are wide, and may reach past 100). `python -m olc_lib measure peers` repeats them (with `pip install -e ".[peers]"`).


# %%
found = experiments.read("peers-means") | experiments.read("peers")
order = [arm for arm in ("mean signals", *peers.ARMS) if arm in found]


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
# (The mean signals miss a tenth: the judge takes one of MNIST's ten mean images for another digit. Drawings may be clearer than the mean of what they were trained on.)

# %%
keys = ("image_to_voice", "image_to_voice_error", "image_to_voice_diversity", "image_to_voice_speaker")
table(dict(zip(keys, (1, 3, 3, 1), strict=True)))

# %% [markdown]
# `image_to_voice_speaker` is the share of drawn voices in which the listener hears the speaker who was *asked for*: all six in turn. In the peers' code there is no place where one could ask; chance is a sixth. Asking also makes the drawings differ: sixty mean words have most of the diversity of real voices. So on the way back diversity says more about the question than about the drawing.
#
# All signals are brought to one level by Max M % before they are compared. What real ones have among themselves:

# %%
real_ones = {name: found["placed codes"][0]["results"][f"{name}_diversity"] for name in ("image", "voice")}
errors = {name: found["mean signals"][0]["results"][f"real_{name}_error"] for name in real_ones}
for name in real_ones:
    print(f"real {name}s: diversity {real_ones[name]:.3f}, error {errors[name]:.3f}")

# %% [markdown]
# ## How soon
#
# While they trained, the judge read what each system drew from *validation* words, nine times, a tenth of the training apart. The clock is the processor's: what a system costs, not what else the machine was doing.

# %% mystnb={"image": {"alt": "Curves of the share of validation words drawn wrong, on a logarithmic axis, against processor minutes, one curve a system, mean over seeds. The supervised reference is lowest from the start, near 3 percent; the placed codes come close to it, MMVAE and MoPoE end near 6, MVAE stays above 50."}}
figure, panel = plt.subplots(figsize=(7.5, 3.6))
styles = ("o-", "o--", "s-", "^:", "v-.", "D-")
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
        f"{arm:24} 90 % first seen after {reached[0] if reached else 'more than it had':17} of {whole:.1f}; {records[0]['results']['parameters']:,} weights"
    )

# %% [markdown]
# (Rates of learning rise and fall once over the *planned* training. With a shorter plan each might be there sooner, or never.)
#
# ## What is in the code
#
# A linear probe reads digit and speaker from the code of a test voice: is it *in there*? DCI asks the other question: is each *single* coordinate about one thing (disentanglement), and each thing in few coordinates (completeness)? [The voice VAE](11_the_voice_vae.ipynb) explains both. A perfect placed code has a disentanglement of 1 but a low completeness, since ten coordinates share the digit. `voice_rms` is how well the voice itself is drawn again.

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
# The same systems, trained on five speakers and tried on the sixth: six times, so that each speaker is the stranger once. The settings were not chosen again; whatever helps for a stranger was not looked for. (MVAE, which fails with known voices, stayed at home.) What share of the stranger's 50 test words becomes the right picture?

# %%
strangers = experiments.read("peers-left-out")
names = list(EXPERIMENTS["left-out"].arms)  # the speakers of FSDD, in order
rows = []
for arm in [arm for arm in peers.ARMS if arm in strangers]:
    share = {record["seed"]: record["results"]["voice_to_image"] for record in strangers[arm]}
    mean = claims.shown(*experiments.interval(list(share.values())))
    gain = experiments.difference(strangers[arm], strangers["placed codes"], "voice_to_image")
    gain = "" if arm == "placed codes" else claims.shown(*gain)
    rows.append([arm, *(f"{share[k]:.0f}" if k in share else "" for k in range(6)), mean, gain])
HTML(claims.table(["system", *names, "mean", "minus placed codes"], rows))

# %% [markdown]
# Look along a row: the same system, with the same settings, does well with one stranger and badly with another. So the last column is paired, the same stranger in both systems; and still every interval holds 0. Six strangers do not say which system is best.
#
# %%
costs = {}
for arm in [arm for arm in peers.ARMS if arm in strangers]:
    known, unknown = (experiments.values(records[arm], "voice_to_image") for records in (found, strangers))
    costs[arm] = experiments.interval(known)[0] - experiments.interval(unknown)[0]
print(f"points that a stranger costs, by system: {min(costs.values()):.0f} to {max(costs.values()):.0f}")

# %% [markdown]
# Most of that is the ear's doing, for the way back loses far less; [A voice never heard](18_a_voice_never_heard.ipynb) looks into it. (Compare the rows without augmentation with each other: nobody but the placed codes was given the chance to augment.)

# %% [markdown]
# ## The verdict, from the files
#
# For every question the system with the best mean, and the difference between it and the placed codes, seed by seed, with its 95 % interval. Where that holds 0, three seeds do not decide. (It says nothing about other test words: 300 of them alone leave about two points open.)

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
# The best mean is not yet a victory. The augmented placed codes beside the plain reference, seed by seed; and how many of 300 words are drawn wrong on average, in the systems that get there at all:

# %%
both = (found["placed codes, augmented"], found["supervised reference"])
for question in ("voice_to_image", "image_to_voice"):
    gap = experiments.difference(*both, question)
    state = "undecided" if gap[1] < 0 < gap[2] else "decided"
    print(f"{question}: augmented placed codes minus reference {claims.shown(*gap, ' points', 2)}: {state}")
wrong = [300 - 3 * experiments.interval(experiments.values(found[arm], "voice_to_image"))[0]
         for arm in order[1:] if arm != "MVAE"]  # fmt: skip
print(f"words of 300 drawn wrong, by system: {min(wrong):.0f} to {max(wrong):.0f}")

# %% [markdown]
# Line by line, with the reasons as far as we know them:
#
# **Count first.** Placed codes are clearly best at nothing. Augmented, they have the best mean from voice to image, tied with the plain classifier, and lose the way back by ten points. The plain reference is best, or nearly so, at all that has to do with labels, and much sooner. It, too, has a place for each class and a speaker to ask for: we gave it a one-hot code. What it lacks is everything in between. Sixty classes are all it can say, so it draws a voice again worse than the placed codes do, and an image worst of all.

# %% [markdown]
# **The right digit.** From voice to image all but MVAE get there. Back, MMVAE and MoPoE lose about one digit in ten.
#
# **MVAE.** A probe reads the digit from its voice code well enough, but the image decoder does not: no term of its loss asks a lone voice for an image. It was still improving when the budget ended.

# %% [markdown]
# **Drawing again what was given** is where the peers win, clearly and on every seed. They have 20 coordinates that may say anything (and a third more weights; which of the two it is we did not separate). Of the placed image code, ten are pulled towards 1 for the digit and 0 for the rest, and one says nothing; what *this* three looks like has little room left. It is the same pull that makes the code readable, so this is a price and not an accident.

# %% [markdown]
# **Back to a voice.** An image does not say who shall speak. With nobody to ask for, the best guess of a decoder that minimizes an error is the middle of all voices: see the peers' small diversity and small error.
#
# **The speaker** can be read from the peers' codes by a probe, far better than by chance. So the voice is in there, but in no place known beforehand. MoPoE comes nearest: most of what its single coordinates tell is about one factor, though no label is in its loss. Which coordinate that is, one must find out after each training. (The reference's disentanglement is no finding: its code is a one-hot answer.)

# %% [markdown]
# ## Limits
#
# - One pair of corpora, one small width, a budget of minutes: a peer with ten times the budget may end elsewhere. The curves above say who was still improving.
# - Trials on validation data were few, unequal and not stored; nobody else was given augmentation; the placed codes enter twice; and their authors know them best. With equal tuning the order may change.
# - MMVAE was given one sample where its authors take many, and a normal posterior.
# - Drawings are means: nothing is sampled. Sampling would add diversity and, we expect, cost coherence; not measured.
# - MultiVae has more models than these three, some with private dimensions for each domain.

# %% [markdown]
# ## When to use what
#
# - You have labels and only want the *right* digit, or a chosen voice: a classifier and a decoder that is told the class. For speakers it knows, nothing here clearly beats it, and nothing is easier.
# - You want to draw again what was given, or you have pairs but no names for what they share: MoPoE or MMVAE. Placed codes cannot even begin without names. (Pairs without labels were not tried here: ours were made with the label.)
# - You have labels, and want to see doubt, mix classes, write codes by hand, and keep a little of *this* voice: placed codes.

# %% [markdown]
# So they stand between the reference, which keeps only the class, and the peers, which keep the most and place nothing.

# %% [markdown]
# ## What to remember
#
# - A product of experts trains them to be right together; alone, neither was asked for the other's domain. A mixture trains each to speak for itself.
# - Coherence rewards stamps. Put a system of mean signals into the table, and how well each system draws again what it was given.
# - A fair comparison fixes task, stacks, loop, judges and budget, and chooses on validation data for *every* system.
# - The honest rival of a method that uses labels is the plainest thing that uses the same labels.

# %% [markdown]
# ## Exercises
#
# ### Exercise 1: two experts by pencil
#
# The voice says: mean 0, standard deviation 1.5. The image says: mean 2, standard deviation 0.6. What are the mean and the standard deviation of the product? (Multiply two Gaussians and complete the square, or use that *precisions*, one over the variance, add up.)

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
# Sharper than the sharper of the two, and close to it. That is why, in the joint term, the vague expert is hardly asked to move: moving it hardly moves the product.
#
# </details>

# %% [markdown]
# ### Exercise 2: break the way back
#
# Win all columns of the way back with something that hears and draws nothing. Make `stamps`, a tensor of shape `[6, 10, 1, 32, 32]`: for each speaker (first) and each digit the mean of all their training pictures. The listener shall hear nearly all digits and speakers in them, and their diversity, asked for all speakers in turn, shall be most of that of real voices.

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
# A drawer of sixty records. What gives it away is what we print besides: it cannot draw *this* voice again, and has no code to read or to move. No small set of numbers replaces asking what a system is for.
#
# </details>

# %% [markdown]
# ### Exercise 3: name the winner
#
# Write `winner(found)`: `found` maps a system to its records (as `experiments.read("peers")` does); the answer is the system with the best mean of `voice_to_image` and `image_to_voice` over all its seeds.


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
#
# print(winner(experiments.read("peers")))
# checks.peers_winner(winner)
# ```
#
# One number hides which direction a system is good at; it is how the settings above were chosen, on validation data.
#
# </details>

# %% [markdown]
# ## Where next
#
# - [The ledger](ledger.ipynb): every choice inside our own system, measured the same way.
# - [A voice never heard before](18_a_voice_never_heard.ipynb): what helps for a stranger.
# - [How fast is a step](20_how_fast.ipynb): where those processor minutes go.
