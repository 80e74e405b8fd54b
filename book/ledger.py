# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # The ledger
#
# The paper shows pictures; it gives no numbers. Here its claims are put to the test. Each claim became a rule that numbers can pass or fail, and the models it speaks of were trained several times, with different seeds. The same was done for the papers behind the neighbouring systems.
#
# Everything on this page is computed from small result files, one for each training, that ship with `olc_lib`. No result is typed in by hand.
#
# **Time:** 10 minutes to read, seconds to run.
#
# **Needs:** the terms of [Notation](notation.md). The [Reading notes](reading_notes.ipynb) say which reading of the paper each choice belongs to.

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

# %% tags=["hide-input"]
import textwrap

from IPython.display import HTML, Markdown, display

from olc_lib import metrics, runs
from olc_lib.ledger import (
    claims,
    clean_claims,
    condition_claims,
    experiments,
    interpolation,
    ladder_claims,
    picture,
    rules,
)

printed = []


# %% tags=["hide-input"]
def show(headings, rows, title=""):
    """A table of this page, folded under its title if it has one; its cells are kept, to count intervals at the end."""
    printed.append(rows)
    table = rules.table(headings, rows)
    return HTML(f"<details><summary>{title}</summary><div>{table}</div></details>" if title else table)


# %% [markdown]
# ## At a glance
#
# First, whose claims these are. *The paper* is Solhjoo and Rodolà's. Beside a claim of theirs, we sometimes test one of our own, which names a setting or a rival that the paper leaves out; it says *ours* in its row.

# %% tags=["hide-input"]
from olc_lib.ledger import (
    dual_claims,
    family_claims,
    fhvae_claims,
    free_claims,
    heartbeat_claims,
    joined_claims,
    overtime_claims,
    peers_claims,
    people_claims,
    sdm_claims,
    separation_claims,
    shape_claims,
    stranger_claims,
    surface_claims,
    third_claims,
    width_claims,
)

# %% tags=["hide-input"]
others = {
    "Repairs of the letter": ladder_claims.CLAIMS,
    "The interpolation loss": interpolation.CLAIMS,
    "Width of the layers": width_claims.CLAIMS,
    "Clean targets": clean_claims.CLAIMS,
    "Strangers and devices": stranger_claims.CLAIMS,
    "Traces, noise and round trips": people_claims.CLAIMS,
    "Other systems, same pairs": peers_claims.CLAIMS,
}

# %% tags=["hide-input"]
others |= {
    "A third domain": third_claims.CLAIMS,
    "Spaces joined afterwards": joined_claims.CLAIMS,
    "FHVAE, two clocks": fhvae_claims.CLAIMS,
    "SDM-VAE, a sparse dictionary": sdm_claims.CLAIMS,
    "Dual disentangled translation": dual_claims.CLAIMS,
    "The VAE family": family_claims.CLAIMS,
    "Other shapes of codes": shape_claims.CLAIMS,
    "Conditions and several domains": condition_claims.CLAIMS,
    "Codes over time, VAE-GAN": overtime_claims.CLAIMS,
    "Placed plus free codes": free_claims.CLAIMS,
    "Two voices at once": separation_claims.CLAIMS,
    "Volatility surfaces": surface_claims.CLAIMS,
    "Heartbeats": heartbeat_claims.CLAIMS,
}

# %% tags=["hide-input"]
neighbours = [claim for some in others.values() for claim in some]
rows = rules.whose(claims.CLAIMS, "the paper's", "ours, beside the paper's")
rows += rules.whose(neighbours, "the neighbours' papers'", "ours, beside the neighbours'")
show(["whose claims", "how many", "what became of them"], rows)

# %% [markdown]
# In the picture, a row is a claim of the first two lines, the mark on the left its verdict. A bar is an effect with its 95 % interval; the line in the middle is the threshold (of two, the stricter), and what lies to its right speaks for the claim. Units differ, so every row has a scale of its own. A row without a bar rests on counts or on runs without an interval. The first three rows have one training of each model; their intervals are over clips or images (Wilson's). In the last row two bars are over the ten digits of one run.

# %% tags=["hide-input"] mystnb={"image": {"classes": "wide", "alt": "A chart of seventeen rows, one for each claim of the paper, with a mark for its verdict and bars for its effects against a threshold. Bars of claims that hold lie right of the line, of claims that fail left of it; those of undecided claims cross it. The table below says the same in words."}}
figure = picture.overview(claims.CLAIMS)

# %% [markdown]
# ## How to read it
#
# Numbers are means over seeds, measured on test clips and test images. In brackets stand the ends of a 95 % interval of the mean: Student's $t$ over the unit that varies, which is the seed unless the row names another (speakers, digits); where a row says *Wilson's*, it is one training, and the interval is over its clips or images. An interval made this way covers the true mean in 95 of 100 repetitions of the whole experiment.

# %% [markdown]
# Most trainings of the paper's claims are **short**: 600 steps for images and 800 for voices, one or two minutes on one core at a sixteenth of the paper's width, so that five can be afforded where a verdict needs them. (The letter of the paper has its own width and all its iterations; neighbours have their own lengths.) A short training ranks choices; it does not show how good the model gets. For that, look at the run `slim`, and at the same run trained again, near the end of this page.

# %% [markdown]
# **Which choices saw data first.** Short log-mel trainings use the root mean square in place of the maximum, because with the maximum the first of them stayed at the uniform code. That first one is now the arm *largest absolute coordinate*.

# %% [markdown]
# The run `slim` was trained again after test figures of an earlier one had been seen, and its stage `speech` was added after those of clean targets had been (among them two of the speakers left out); its steps were then chosen on validation takes. (`embedded` is a smaller run, on synthetic voices that come with the book.) Of the neighbours' rules, an empty last column means: not changed since results came. The aims of *Placed plus free codes* followed a prototype of one or two seeds; in *Spaces joined afterwards*, that relative coordinates start at the anchors' mean was decided after one test cell had been seen without it.

# %% [markdown]
# **How a verdict is made.** These sentences are printed by the library from the constants that its code uses:

# %%
Markdown("\n".join(f"- {line}" for line in (rules.SEVERAL, rules.GRADED, rules.BARE, rules.CHANGED)))

# %%
print(f"In the paper's claims, an arm with fewer than {rules.ENOUGH} seeds gives no verdict: {rules.UNMEASURED},")
print("unless the row says that it rests on one training.")

# %% [markdown]
# ## The paper's claims

# %%
judged = rules.judged(claims.CLAIMS)
for claim, row in zip(claims.CLAIMS, judged, strict=True):
    own = "(ours) " if claim.source.startswith("ours") else ""
    print(f"{row[3]:17}", own + textwrap.shorten(claim.text, 78 - len(own)))

# %% [markdown]
# The same with rules and numbers:

# %%
headings = ["claim", "it would hold if", "what was measured", "verdict", "history of the rule"]
show(headings, judged)

# %% [markdown]
# A verdict speaks of *our* reading of the paper at *our* size: in most rows a narrow network, few steps, and an optimizer the paper does not name. "Does not hold" means that we could not make it hold, and the chapters say what we saw instead. "Undecided" means that five short trainings cannot tell.

# %% [markdown]
# ## The neighbours' claims

# %% [markdown]
# The same for what stands around the paper's own system: clean targets and what voices leave in drawings ([Six directions](17_six_directions.ipynb)), the ladder of repairs from the letter to this book ([Raw waveforms](13_raw_waveforms.ipynb)), the interpolation loss ([Interpolation](08_interpolation.ipynb)), the width of the layers ([Does width matter?](22_does_width_matter.ipynb)), strangers ([A voice never heard](21_a_voice_never_heard.ipynb)) and other systems on the same pairs ([Beside other systems](24_beside_other_systems.ipynb)).

# %% [markdown]
# And what is farther from it: other domains ([A third domain](18_a_third_domain.ipynb)), spaces joined afterwards ([Joined afterwards](20_joined_afterwards.ipynb)), FHVAE ([Two clocks](25_two_clocks.ipynb), [Who is speaking](26_who_is_speaking.ipynb)), the sparse dictionary model ([A sparse dictionary](27_a_sparse_dictionary.ipynb)), dual disentangled translation ([Two slots, repaired](29_two_slots_repaired.ipynb)), the VAE family ([The bound](30_the_bound.ipynb) and the five chapters after it), free coordinates ([Ten different sevens](36_ten_different_sevens.ipynb)), separation ([Two voices at once](37_two_voices_at_once.ipynb)) and two applications ([A surface from a few points](38_a_surface_from_a_few_points.ipynb), [A heartbeat in two numbers](39_a_heartbeat_in_two_numbers.ipynb)).

# %% [markdown]
# Their rules are their own and stand in each row. Most ask for three seeds, some for five, and a claim with fewer is *not measured yet*; where speakers are what varies, and where the raw-waveform model or its encoder is made wider, one training each is enough. What was measured ends with the repetitions that the arms of its experiments have; where these differ, the row says how many it rests on. Over three seeds an interval is wide, and may pass 0 or 100 %.

# %%
for system, some in others.items():
    print(f"{system:30}", rules.tally([claim.verdict()[1] for claim in some]))

# %% tags=["hide-input"] mystnb={"image": {"classes": "wide", "alt": "The same chart for nine of the neighbours' claims: each with its verdict mark and bars against a threshold."}}
figure = picture.overview([claim for claim in neighbours if picture.reading(claim)])

# %% [markdown]
# The picture has only a few of them, chosen by hand: some on SDM-VAE, dual translation and importance weighting. All claims, with rules and numbers, stand in these tables; open the one you want:

# %%
for system, some in others.items():
    display(show(headings, rules.judged(some), f"{system}: {len(some)} claims"))

# %% [markdown]
# ## What each choice does
#
# In the first three tables below, the first line is the model as this book builds it for short trainings (with the root mean square in Equation 5 for both voice models; see [The voice VAE](12_the_voice_vae.ipynb)). In each other line what its name says is changed; with a *constant rate*, that is 0.002 throughout. The first number is that arm's mean; in brackets stands the interval of its *difference* from the first line, seed by seed. A bracket that holds zero settles nothing. The arms' names follow the [Reading notes](reading_notes.ipynb).

# %% [markdown]
# ### The image model
#
# `digit` is the share of test images read right from the code, in percent; `cosine` the mean absolute cosine between class codes; `rms` the root mean square of the residual, in the unit of the signal after Max M % normalization with M = 5; `handcrafted` how many pictures drawn from ten handcrafted codes the *judge*, a classifier trained on real handwriting, reads right.

# %%
effects = []


def compared(headings, experiment, keys, ladder=False):
    """The arms of an experiment, each but the first with the interval of its difference from the first, or the last."""
    rows = claims.effects(experiment, keys, ladder=ladder)
    effects.extend(cell for row in rows for cell in row)
    return show(["arm", "seeds", *headings], rows)


keys = {"digit": 1, "digit_cosine": 3, "rms": 3, "handcrafted": 1}
compared(["digit %", "cosine", "rms", "handcrafted of 10"], "image", keys)

# %% [markdown]
# In the lines that say *divided by*, the residual is in another unit: do not compare that `rms` with the first line's. The same goes for the raw model below.
#
# ### The log-mel voice model

# %%
keys_of_voices = {"digit": 1, "speaker": 1, "digit_cosine": 3, "speaker_cosine": 3, "rms": 3}
headings = ["digit %", "speaker %", "digit cosine", "speaker cosine", "rms"]
compared(headings, "voice", keys_of_voices)

# %% [markdown]
# ### The raw-waveform model

# %%
compared(headings, "raw", keys_of_voices)

# %% [markdown]
# ### Why the raw encoder collapses
#
# The encoder alone, on the disentanglement loss alone; the first line is Equation 5 with the largest absolute coordinate. `digit term` is the loss over the last hundred steps, `train digit %` the share of training clips read right. The uniform code's own loss is 1.076. 1,000 steps of 32 clips (*batches of 128*: 500 steps); see [Raw waveforms](13_raw_waveforms.ipynb).

# %%
keys = {"digit": 1, "speaker": 1, "digit_cosine": 3, "train_digit": 1, "digit_final": 3}
compared(["digit %", "speaker %", "cosine", "train digit %", "digit term"], "collapse", keys)

# %% [markdown]
# (For the arm *cross-entropy* the last column is in another unit.)

# %% [markdown]
# ### From the letter to this book
#
# The raw-waveform model, trained for 1,000 steps of 32 clips; each line keeps the changes of those above. In brackets stands the interval of its difference from the line *above*.

# %%
compared(headings, "letter-ladder", keys_of_voices, ladder=True)

# %% [markdown]
# The same where codes move, at a quarter of the width; fewer than three trainings have no interval:

# %%
compared(headings, "letter-ladder-quarter", keys_of_voices, ladder=True)

# %% [markdown]
# ### With and without the interpolation loss
#
# The image model; *importance as printed* is *as built* of the first table, trained again on another machine, and so much do two machines differ. `halfway` is the distance of a drawing halfway between two codes from the mix of the two images, brackets are differences from the first line; `either` the share of these drawings that the judge reads as one of the two digits, `length` that of the way from one drawing to the other, in multiples of the straight one.

# %%
keys = {"digit": 1, "rms": 4, "halfway": 4, "either": 1, "length": 3}
compared(["digit %", "rms", "halfway", "either %", "length"], "interpolation", keys)

# %% [markdown]
# ## What leaks from block to block
#
# A code is well placed if the speaker block says nothing of the digit and the reverse. A *linear probe*, a small classifier trained on one block of training codes, tells how much it says: 10 % is chance for digits, 16.7 % for speakers. Modularity, DCI and the mutual information gap (`mig`) put it into one number each, 1 being best; here they look at whole blocks. See [The voice VAE](12_the_voice_vae.ipynb).

# %%
keys = ["digit_from_speaker", "speaker_from_digit", "modularity", "dci_disentanglement", "dci_completeness", "mig"]
rows = []
for name in ("voice", "raw"):
    records = experiments.read(name)["as built"]
    cells = [claims.shown(*experiments.interval(experiments.values(records, key)), digits=2) for key in keys]
    rows.append([f"{name}, {len(records)} seeds", *cells])
show(["model", *keys], rows)

# %% [markdown]
# ## What the paper does not measure
#
# **A speaker left out.** The log-mel model is trained on five speakers of FSDD and reads the digits of the sixth, whom it has never heard. One seed each, 3,000 steps instead of 5,000. The interval of a row is Wilson's: it allows for that speaker's few clips. The interval of the last row is over the six speakers, for the question is how the *next* stranger will fare.

# %%
rows = []
for speaker, (record,) in experiments.read("left-out").items():
    count, share = len(record["results"]["test_digit"]), record["results"]["test"]
    rows.append([speaker, str(count), claims.shown(share, *metrics.wilson(share, count), " %", 0)])
shares, strangers = claims.strangers()
rows.append([f"{len(shares)} speakers", "", claims.shown(*strangers, " %")])
show(["left out", "test clips", "digits read right"], rows)

# %% [markdown]
# **The run `slim`, and the same trained again** from other seeds, classifiers included. The last column goes from the smallest figure to the largest. Its lower part compares the two voice models, of log-mel pictures and of raw waveforms.

# %%
slim, rows = runs.load("slim", quiet=True).results["metrics"], []
(again,) = experiments.read("slim-again").values()
names = {
    "transfer_drop": "voice to image, dropping the speaker: digits drawn right, %",
    "transfer_bridge": "the same, through the bridge",
    "voice_classifier_digit": "for comparison, a plain classifier of voices",
    "image_to_voice_digit": "image to voice: digits heard, %",
    "image_to_voice_speaker": "image to voice: chosen speakers heard, %",
    "image_digit": "image model: digits read, %",
}
for part, model in (("voice", "log-mel pictures"), ("raw", "raw waveforms")):
    for what in ("digit", "speaker"):
        names |= {f"{part}_{what}": f"{model}: {what}s read, %", f"{part}_{what}_cosine": f"{model}: cosine of {what}s"}
for key, what in names.items():
    places, values = 3 if "cosine" in key else 1, experiments.values(again, key)
    rows.append([what, f"{slim[key]:.{places}f}", f"{min(values):.{places}f} to {max(values):.{places}f}"])
show(["", "slim", f"{len(again)} other trainings"], rows)

# %% [markdown]
# **What sixteen numbers can carry of a waveform**: signal-to-noise ratio of several reconstructions of test clips, in decibels. 0 dB is what predicting silence scores. [Raw waveforms](13_raw_waveforms.ipynb) explains every line.

# %%
((record,),) = experiments.read("waveform").values()
names = {
    "silence": "silence",
    "class_mean": "mean of all training clips of that speaker and digit",
    "class_mean_scaled": "the same, brought to the amplitude a decoder's output has",
    "components_16": "the best 16 free numbers (principal components)",
    "raw": "the raw model, test clips",
    "raw_train": "the raw model, training clips",
    "pictures": "for comparison: log-mel pictures redrawn by the log-mel model",
}
show(["reconstruction", "dB"], [[text, f"{record['results'][key]:.1f}"] for key, text in names.items()])

# %% [markdown]
# ## How many intervals, and what that means

# %%
cells = [cell for rows in printed for row in rows for cell in row]
count = len(rules.intervals(cells))
print(f"This page prints {count} intervals of 95 %.")
print(f"If each covers its mean as it should, about {count / 20:.0f} of them do not.")
differences = rules.intervals(effects)
clear = sum(low * high > 0 for low, high in differences)
print(f"The tables of *What each choice does* have {len(differences)} intervals of differences; {clear} leave 0 out.")
print(
    f"If no choice made any difference, about {len(differences) / 20:.0f} would. (They share first lines, and so depend"
)
print("on each other.)")
print(f"To be 95 % sure of all {count} at once, each would need {100 - 5 / count:.2f} % (Bonferroni).")

# %% [markdown]
# So do not pick the one striking line out of a long table: among so many, some are striking by chance. Look first at differences that lie far from 0. The claims are those that the papers make (and ours, marked as such), not picked by their numbers; their thresholds were set here, some of them after the data.

# %% [markdown]
# ## Measure it again
#
# Each of these files holds the settings, the results, and the command that made it. This is what there is. (A notice above the table says *measured by earlier code* where a function or constant that a result depends on has changed since it was measured. Those results may differ today; they are times and costs, and no verdict rests on them. `python -m olc_lib stale` lists them one by one.)

# %%
rows = []
for name, experiment in experiments.known().items():
    found = experiments.read(name)
    count = sum(map(len, found.values()))
    minutes = [r["provenance"].get("cpu_minutes") for records in found.values() for r in records]
    cost = "–" if None in minutes else f"{sum(minutes):.0f}"
    rows.append([name, experiment.question, f"{len(found)} of {len(experiment.arms)}", str(count), cost])
show(["experiment", "question", "arms measured", "files", "processor minutes"], rows)

# %% [markdown]
# The command of one of them:

# %%
print(experiments.read("image")["as built"][0]["provenance"]["command"])

# %% [markdown]
# `python -m olc_lib measure NAME` measures whatever has no file yet, on FSDD and MNIST. Set the environment variable `OLC_RUNS` to an empty folder, and everything is measured afresh there. Several processes can share the work: each takes what no other is at. This page reads a file in that folder before the one that ships.
