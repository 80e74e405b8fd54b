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
# The paper shows pictures; it gives no figure of merit. Here its claims are put to the test: each was turned into a rule that numbers can pass or fail, *before* anything was measured, and then trained again and again with other seeds.
#
# Everything on this page is computed from small result files, one for each training, that ship with `olc_lib`. Nothing is typed in by hand.
#
# **Time:** 10 minutes to read, seconds to run.
#
# **Needs:** the terms of [Notation](notation.md). Which reading of the paper each choice belongs to stands in the [Reading notes](reading_notes.ipynb).

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
from IPython.display import HTML

from olc_lib import metrics, runs
from olc_lib.ledger import claims, experiments

# %% [markdown]
# ## How to read it
#
# - Numbers are means over seeds, measured on test clips and test images. In brackets stand the ends of a 95 % interval (Student's $t$ over the seeds): if the whole training were repeated with other seeds, the mean should fall in there.
# - The trainings are **short**, about a minute on one core at a sixteenth of the paper's width, so that five of each can be afforded. A short training ranks choices; it does not show how good the model gets. For that, look at the run `slim`.

# %% [markdown]
# One thing was changed after a first look: short log-mel trainings have the root mean square in place of the printed maximum, which had left the first of them at the uniform code. That one is now the arm *largest, as printed*.
#
# A claim with fewer than five seeds is *not measured yet*. In the tables further down a line of one seed has no interval.

# %% [markdown]
# ## The paper's claims

# %%
rows = []
for claim in claims.CLAIMS:
    measured, verdict = claim.verdict()
    rows.append([f"{claim.text} ({claim.source})", claim.rule, measured, verdict])
HTML(claims.table(["claim", "it would hold if", "what was measured", "verdict"], rows))

# %% [markdown]
# A verdict speaks of *our* reading of the paper at *our* size: a narrow network, few steps, an optimizer the paper does not name. "Does not hold" means that we could not make it hold, and the chapters say what we saw instead.

# %% [markdown]
# ## What each choice does
#
# In every table below, the first line is the model as this book builds it for short trainings (with the root mean square in Equation 5 for both voice models; see [The voice VAE](11_the_voice_vae.ipynb)). In each other line one thing is changed. The first number is that arm's mean; in brackets stands the interval of its *difference* from the first line, seed by seed. If the bracket does not contain zero, the choice matters.

# %% [markdown]
# ### The image model
#
# `digit` is the share of test images read right from the code, in percent; `cosine` the mean absolute cosine between class codes; `rms` the root mean square of the residual; `handcrafted` how many pictures drawn from ten handcrafted codes the *judge*, a classifier trained on real handwriting, reads right.

# %%
keys = {"digit": 1, "digit_cosine": 3, "rms": 3, "handcrafted": 1}
rows = claims.effects("image", keys)
HTML(claims.table(["arm", "seeds", "digit %", "cosine", "rms", "handcrafted of 10"], rows))

# %% [markdown]
# In the lines that say *divided by*, the residual is in another unit: do not compare that `rms` with the first line's. The same goes for the raw model below.
#
# ### The log-mel voice model

# %%
keys = {"digit": 1, "speaker": 1, "digit_cosine": 3, "speaker_cosine": 3, "rms": 3}
headings = ["arm", "seeds", "digit %", "speaker %", "digit cosine", "speaker cosine", "rms"]
HTML(claims.table(headings, claims.effects("voice", keys)))

# %% [markdown]
# ### The raw-waveform model

# %%
HTML(claims.table(headings, claims.effects("raw", keys)))

# %% [markdown]
# ### Why the raw encoder collapses
#
# The encoder alone, on the disentanglement loss alone; the first line is Equation 5 as printed. `digit term` is the loss over the last hundred steps, `train digit %` the share of training clips read right. The uniform code's own loss is 1.076; see [Raw waveforms](12_raw_waveforms.ipynb).

# %%
keys = {"digit": 1, "speaker": 1, "digit_cosine": 3, "train_digit": 1, "digit_final": 3}
rows = claims.effects("collapse", keys)
HTML(claims.table(["arm", "seeds", "digit %", "speaker %", "cosine", "train digit %", "digit term"], rows))

# %% [markdown]
# (For the arm *cross-entropy* the last column is in another unit.)

# %% [markdown]
# ## What leaks from block to block
#
# A code is well placed if the speaker block says nothing of the digit and the reverse. A *linear probe*, a small classifier trained on one block of training codes, tells how much it says: 10 % is chance for digits, 16.7 % for speakers. Modularity, DCI and the mutual information gap (`mig`) put it into one number each, 1 being best; here they look at whole blocks. See [The voice VAE](11_the_voice_vae.ipynb).

# %%
keys = ["digit_from_speaker", "speaker_from_digit", "modularity", "dci_disentanglement", "dci_completeness", "mig"]
rows = []
for name in ("voice", "raw"):
    records = experiments.read(name)["as built"]
    cells = [claims.shown(*experiments.interval(experiments.values(records, key)), digits=2) for key in keys]
    rows.append([f"{name}, {len(records)} seeds", *cells])
HTML(claims.table(["model", *keys], rows))

# %% [markdown]
# ## What the paper does not measure
#
# **A speaker left out.** The log-mel model is trained on five speakers of FSDD and reads the digits of the sixth, whom it has never heard. One seed; the interval is Wilson's: it allows for the few clips, not for other seeds.

# %%
rows, everyone = [], []
for speaker, (record,) in experiments.read("left-out").items():
    count, share = len(record["results"]["test_digit"]), record["results"]["test"]
    everyone.append((share, count))
    low, high = metrics.wilson(share, count)
    rows.append([speaker, str(count), f"{share:.0f} % ({low:.0f} to {high:.0f})"])
total = sum(count for _, count in everyone)
mean = sum(share * count for share, count in everyone) / total
rows.append(["all six", str(total), "{:.1f} % ({:.1f} to {:.1f})".format(mean, *metrics.wilson(mean, total))])
HTML(claims.table(["left out", "test clips", "digits read right"], rows))

# %% [markdown]
# **Raw waveforms against log-mel pictures**, in the long training of the run `slim`, one seed:

# %%
slim = runs.load("slim", quiet=True).results["metrics"]
rows = []
for what in ("digit", "speaker", "digit_cosine", "speaker_cosine"):
    digits = 3 if "cosine" in what else 1
    rows.append([what, f"{slim[f'raw_{what}']:.{digits}f}", f"{slim[f'voice_{what}']:.{digits}f}"])
HTML(claims.table(["", "raw waveforms", "log-mel pictures"], rows))

# %% [markdown]
# **What sixteen numbers can carry of a waveform**: signal-to-noise ratio of several reconstructions of test clips, in decibels. 0 dB is what predicting silence scores. [Raw waveforms](12_raw_waveforms.ipynb) explains every line.

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
HTML(claims.table(["reconstruction", "dB"], [[text, f"{record['results'][key]:.1f}"] for key, text in names.items()]))

# %% [markdown]
# ## Measure it again
#
# Each of these files holds the settings, the results, and the command that made it. This is what there is:

# %%
rows = []
for name, experiment in experiments.known().items():
    found = experiments.read(name)
    count = sum(map(len, found.values()))
    minutes = sum(r["provenance"].get("cpu_minutes", 0) for records in found.values() for r in records)
    rows.append([name, experiment.question, f"{len(found)} of {len(experiment.arms)}", str(count), f"{minutes:.0f}"])
HTML(claims.table(["experiment", "question", "arms measured", "files", "processor minutes"], rows))

# %% [markdown]
# The command of one of them:

# %%
print(experiments.read("image")["as built"][0]["provenance"]["command"])

# %% [markdown]
# `python -m olc_lib measure NAME` measures whatever has no file yet, on FSDD and MNIST. Set the environment variable `OLC_RUNS` to an empty folder, and everything is measured afresh there. Several processes can share the work: each takes what no other is at. This page reads a file in that folder before the one that ships.
