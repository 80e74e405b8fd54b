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
# You could have installed something else. A package of multimodal VAEs turns a voice into an image, too; and a plain classifier with a decoder that is told the class may do it best of all. This chapter trains all of them on the same pairs, with the same layers, the same loop and the same judges, and prints who wins at what.
#
# **Time:** 25 minutes to read, 1 to run.
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
run = "embedded"  # or "slim", "paper": the trained run that this chapter reads

# %%
import matplotlib.pyplot as plt
import torch
from IPython.display import HTML

from olc_lib import checks, metrics, plots, recipes, runs
from olc_lib.evaluation import batched, judged
from olc_lib.latent import IMAGE
from olc_lib.ledger import claims, experiments, peers
from olc_lib.ledger.studies import EXPERIMENTS

# %%
trained = runs.load(run)
images = recipes.corpora(trained.settings, "test")[1]

# %% [markdown]
# ## Two ways to share a code
#
# A **multimodal VAE** has one latent space for all domains, and an encoder and a decoder for each. An encoder does not give a code but a cloud: a Gaussian with a mean and a variance, its guess where the code is. With a voice *and* an image of the same digit there are two guesses, two **experts**. How do they agree?
#
# - **Product** (MVAE, Wu & Goodman 2018): multiply the two densities. Where one is sure and the other is not, the sure one wins.
# - **Mixture** (MMVAE, Shi et al. 2019): take one or the other, by a coin.

# %%
place = torch.linspace(-4, 6, 400)
voice_says = torch.distributions.Normal(0.0, 1.5).log_prob(place).exp()
image_says = torch.distributions.Normal(2.0, 0.6).log_prob(place).exp()
product = voice_says * image_says
product = product / (product.sum() * (place[1] - place[0]))
mixture = (voice_says + image_says) / 2

# %% mystnb={"image": {"alt": "Two bell curves, a wide one at 0 and a narrow one at 2. Left their product: one narrow bell near the narrow one. Right their mixture: a sum with two humps."}}
figure, panels = plt.subplots(1, 2, figsize=(8, 2.4), sharey=True)
for panel, name, density in zip(panels, ("product", "mixture"), (product, mixture), strict=True):
    panel.plot(place, voice_says, "--", label="the voice's guess")
    panel.plot(place, image_says, ":", label="the image's guess")
    panel.plot(place, density, linewidth=2.5, label=name)
    panel.set(title=name, xlabel="one coordinate of the code", yticks=[])
    panel.legend(fontsize=8)
plt.close(figure)
figure

# %% [markdown]
# The product is sharp, and lets an expert be lazy: as long as the image says where the code is, the voice may stay vague. Then comes a voice *alone*, and nobody has taught it to point at the image's place. (MVAE trains each expert alone as well, but only to redraw its own domain.) The mixture sends each expert's own code through *both* decoders, so a voice has to find an image from the first step on; but each decoder must serve the vaguer of the two.
#
# **MoPoE** (Sutter et al. 2021) mixes over all subsets: voice alone, image alone, the product of both.

# %% [markdown]
# ## What each system is told
#
# | | ties the domains by | is told |
# |---|---|---|
# | MVAE, MMVAE, MoPoE | one shared code of 20 dimensions | pairs: a word and an image of the same digit |
# | placed codes | ten coordinates with agreed places | the digit and the speaker of each item; the two models never meet |
# | supervised reference | the name of the digit | the same labels; its decoders see nothing but the class |
#
# To make pairs of FSDD words and MNIST images one needs the digit, too. So nobody here is unsupervised; they differ in what they do with the label.

# %% [markdown]
# ## The same conditions
#
# Every system has the stacks of Table 6 at a sixteenth of their width, the log-mel front end, batches of 64 pairs (each time another image of the digit), `train.fit`, and as many steps as four processor minutes allow; the reference needs fewer. The judge and the listener of the run `slim` read what is drawn. All settings stand in `olc_lib/ledger/peers.py`:

# %%
for arm, settings in peers.ARMS.items():
    print(f"{arm:24}", {**settings, **peers.OPTIONS.get(settings["name"], {})})

# %% [markdown]
# What was tried, on validation data with one seed and 1,000 steps, taking the better mean of both directions: learning rates of 1, 2 and 4 thousandths; for the peers a Laplace likelihood of width .05, .1, .25 and .75 and a normal one; for MMVAE its own Laplace posterior and a normal one, one sample each (its default of ten costs ten times the decoding); and all systems with and without augmentation.
#
# Without it all were better, for a VAE has to redraw what it was given, noise and all. The placed codes appear with it, too: the book's other chapters augment.

# %% [markdown]
# ## Why one number is not enough
#
# **Coherence** is the share of drawings in which the judge reads the right digit. Here is a system that needs no code at all: it draws, for every digit, the mean of all real images.

# %%
real = trained.image.normalize(images.pixels)
means = torch.stack([real[images.digit == d].mean(0) for d in range(10)])
drawn = means[images.digit]
print(f"coherence {metrics.accuracy(judged(trained.judge, drawn), images.digit):.0f} %")
print(f"error     {metrics.class_error(drawn, images.digit, real, images.digit):.3f}")
print(
    f"diversity {metrics.diversity(drawn, images.digit):.3f}, of real images {metrics.diversity(real, images.digit):.3f}"
)

# %% mystnb={"image": {"alt": "Ten grey, blurred digits 0 to 9, the means of all images of each class."}}
figure = plots.pictures(means)

# %% [markdown]
# Ten stamps, and the score is full. **Diversity** shows it: how far two drawings of the same digit are from each other. The **error** (root mean square distance to real images of the digit, over all pairs) shows it *not*; the mean is the very picture that makes it smallest. Read the three together: a good system is read right *and* does not always draw the same thing.
#
# Our own model, reading real images and drawing them again:

# %%
code = batched(trained.image.encode, images.pixels)
for name, given in (
    ("its own codes", code),
    ("pure codes", torch.stack([IMAGE.handcrafted(digit=int(d)) for d in images.digit])),
):
    pictures = batched(trained.image.decode, given)
    share, spread = (
        metrics.accuracy(judged(trained.judge, pictures), images.digit),
        metrics.diversity(pictures, images.digit),
    )
    print(f"{name:14} coherence {share:.0f} %, diversity {spread:.3f}")

# %% [markdown]
# ## From voice to image, and back
#
# Now the stored results: means over seeds, measured on test words and test images, with 95 % intervals (Student's, so with few seeds they are wide, and may reach past 100). `python -m olc_lib measure peers` repeats them (with `pip install "olc_lib[peers]"`).


# %%
def table(experiment, columns):
    """One line a system: mean and interval over seeds of some results."""
    found, rows = experiments.read(experiment), []
    for arm in [arm for arm in peers.ARMS if arm in found]:
        row = [arm, str(len(found[arm]))]
        for key, digits in columns.items():
            mean, low, high = experiments.interval(experiments.values(found[arm], key))
            row.append(claims.shown(mean, low, high, digits=digits) if len(found[arm]) > 1 else f"{mean:.{digits}f}")
        rows.append(row)
    return HTML(claims.table(["system", "seeds", *columns], rows))


# %%
table("peers", {"voice_to_image": 1, "voice_to_image_error": 3, "voice_to_image_diversity": 3})

# %%
table(
    "peers",
    {"image_to_voice": 1, "image_to_voice_error": 3, "image_to_voice_diversity": 3, "image_to_voice_speaker": 1},
)

# %% [markdown]
# `image_to_voice_speaker` is the share of drawn voices in which the listener hears the speaker who was *asked for*. In the peers' code there is no place where one could ask; chance is a sixth. Of real signals, diversity is

# %%
first = experiments.read("peers")["placed codes"][0]["results"]
print({name: round(first[f"{name}_diversity"], 3) for name in ("image", "voice")})

# %% [markdown]
# ## How soon
#
# While they trained, the judge read what each system drew from *validation* words, ten times in all. The clock is the processor's: what a system costs, not what else the machine was doing.

# %% mystnb={"image": {"alt": "Curves of the share of validation words drawn right against processor minutes, one curve a system, mean over seeds."}}
figure, panel = plt.subplots(figsize=(7.5, 3.6))
styles = ("o-", "o--", "s-", "^:", "v-.", "D-")
for (arm, records), style in zip(experiments.read("peers").items(), styles, strict=False):
    course = torch.tensor([record["results"]["course"] for record in records]).mean(0)
    panel.plot(course[:, 0], course[:, 1], style, markersize=4, label=arm)
panel.set(xlabel="processor minutes", ylabel="drawn right, % of validation words", ylim=(0, 100))
panel.legend(fontsize=8, loc="lower right")
plt.close(figure)
figure

# %%
for arm, records in experiments.read("peers").items():
    course = torch.tensor([record["results"]["course"] for record in records]).mean(0)
    reached = [f"{minutes:.1f} minutes" for minutes, share in course.tolist() if share >= 90]
    whole = experiments.interval(experiments.values(records, "cpu_minutes"))[0]
    print(
        f"{arm:24} 90 % after {reached[0] if reached else 'more than it had':17} of {whole:.1f}; {records[0]['results']['parameters']:,} weights"
    )

# %% [markdown]
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
table("peers", columns)

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
# The last column is paired: the same stranger in both systems. That is the fair way, because strangers differ more than systems do.

# %% [markdown]
# ## The verdict, from the files
#
# For every question the system with the best mean, and how far the placed codes are behind it (or that they lead). Where the two intervals overlap, the seeds cannot tell the two apart.

# %%
QUESTIONS = {
    "voice_to_image": max, "voice_to_image_diversity": max, "image_to_voice": max, "image_to_voice_diversity": max,
    "image_to_voice_speaker": max, "voice_rms": min, "image_rms": min, "dci_disentanglement": max,
}  # fmt: skip


def verdict(question, better, found, rival):
    """Who is best at a question, and how that compares with the placed codes."""
    means = {arm: experiments.interval(experiments.values(records, question)) for arm, records in found.items()}
    best = better(means, key=lambda arm: means[arm][0])
    ours, theirs = means[rival], means[best]
    apart = ours[1] > theirs[2] or theirs[1] > ours[2]
    return [question, best, f"{theirs[0]:.3g}", f"{ours[0]:.3g}", "-" if best == rival else "yes" if apart else "no"]


# %%
found = {arm: records for arm, records in experiments.read("peers").items() if records}
rows = [verdict(question, better, found, "placed codes") for question, better in QUESTIONS.items()]
HTML(claims.table(["question", "best", "its mean", "placed codes", "intervals apart"], rows))

# %% [markdown]
# Line by line, with the reasons as far as we know them:
#
# - **The right digit.** All but MVAE get there, and what parts them on 300 test words is a few words. The plain reference is as good as the best, and there first. So whoever wants only the right digit needs none of the theory in this book.
# - **Diversity** is won by MVAE, and that is no praise: drawings of *wrong* digits differ a lot from each other. It fails by its very design, see the first section: alone, its experts are never asked for the other domain.
# - **Drawing again what was given** is where the peers win, clearly and on every seed. They have 20 coordinates that may say anything. Of the placed image code, ten are pulled towards 1 for the digit and 0 for the rest, and one says nothing; what *this* three looks like has little room left. It is the same pull that makes the code readable, so this is a price and not an accident.
# - **From image to voice** the peers lose some digits, and nearly all diversity. An image does not say who shall speak. With nobody to ask for, the best guess of a decoder that minimizes an error is the middle of all voices. The placed code has six coordinates in which one can ask.
# - **The speaker** can be read from the peers' codes by a probe, far better than by chance. So the voice *is* in there; it has no place. (One might look for a direction in their code that changes the speaker. We did not try.)

# %% [markdown]
# ## Limits
#
# - One pair of corpora, one small width, a budget of minutes: a peer with ten times the budget may end elsewhere. The curves above say who was still climbing.
# - MMVAE was given one sample where its authors take many, and a normal posterior.
# - Every system had a handful of trials on validation data, not a search; ours was made by people who know it best.
# - Drawings are means: nothing is sampled. Sampling gives every peer more diversity and less coherence.
# - MultiVae has more models than these three, some with private dimensions for each domain.

# %% [markdown]
# ## When to use what
#
# - You have labels and only want the *right* digit: a classifier and a decoder that is told the class. Nothing beats it, and nothing is easier.
# - You have pairs, but no names for what they share: a multimodal VAE. Placed codes cannot even begin.
# - You have labels and want to *see and move* what was read (one coordinate a class, a speaker you can swap, a code you can type), with models that were trained apart and meet later: that is what placing is for.

# %% [markdown]
# ## What to remember
#
# - A product of experts lets the surer one speak; alone, the other was never trained to. A mixture trains both to speak for themselves.
# - Coherence rewards stamps. Put error and diversity beside it, and a redrawing.
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
# Sharper than the sharper of the two, and close to it. That is why the vague expert learns little: moving it hardly moves the product.
#
# </details>

# %% [markdown]
# ### Exercise 2: break the scores
#
# Win all three numbers with something that draws nothing and hears nothing but the name of the digit. Put a picture for each of the test images' digits into `cheat`: coherence of 95 % or more, a diversity near that of real images, and none of the test images themselves.

# %% tags=["exercise"]
cheat = means[images.digit]
checks.peers_lookup(cheat, images.digit, trained)

# %% [markdown]
# <details>
# <summary>Solution</summary>
#
# ```python
# shelf = recipes.corpora(trained.settings, "train")[1]
# generator = torch.Generator().manual_seed(0)
# rows = [torch.nonzero(shelf.digit == d)[:, 0] for d in images.digit]
# chosen = torch.stack([row[torch.randint(len(row), (1,), generator=generator)[0]] for row in rows])
# cheat = trained.image.normalize(shelf.pixels)[chosen]
# checks.peers_lookup(cheat, images.digit, trained)
# ```
#
# A drawer of photographs. What gives it away is what we print besides: it cannot redraw *this* voice, and has no code to read or to move. No small set of numbers replaces asking what a system is for.
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
