# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Orthogonal Latent Codes
#
# *A book that runs.*
#
# A spoken seven and a written seven are the same thing in two appearances. This book builds networks that agree on
# that: one turns a voice into a short code, another turns the code into handwriting, and the code has a place
# for everything: so many numbers for who speaks, ten for which digit.
#
# The system is that of Babak Solhjoo and Emanuele Rodolà, *Latent Code Disentanglement Using Orthogonal Latent Codes
# and Inter-Domain Signal Transformation*. The book explains it line by line, measures its claims, and says
# where it had to be changed to work.

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
import torch
from IPython.display import Audio

from olc_lib import data, plots, runs, transfer
from olc_lib.latent import IMAGE, VOICE

trained = runs.load("embedded")
voices = data.voices("embedded", "test")

# %% [markdown]
# Listen: ten test recordings of one voice, *zero* to *nine*.

# %%
rows = [int(((voices.digit == d) & (voices.speaker == 2)).nonzero()[0]) for d in range(10)]
spoken = torch.cat([voices.waves[row, : voices.lengths[row]] for row in rows])
Audio(spoken.numpy(), rate=data.RATE)

# %% [markdown]
# Look: what the two networks, trained apart, make of these ten sounds.

# %% mystnb={"image": {"alt": "Ten generated pictures in a row, white strokes on black: handwritten digits from 0 to 9, one for each spoken digit."}}
with torch.no_grad():
    code = trained.voice.encode(trained.spectrogram(voices.waves[rows], voices.lengths[rows]))
    drawn = trained.image.decode(transfer.drop(code, VOICE, IMAGE))
figure = plots.pictures(drawn)

# %% [markdown]
# And in between: a code of sixteen numbers for each sound. Its last ten, the digit's, are all that passes from one
# network to the other.

# %% mystnb={"image": {"alt": "Heat map of ten rows and sixteen columns: in every row the same speaker column is bright, and the bright digit column moves one to the right from row to row."}}
names = [f"s{s}" for s in range(6)] + [f"d{d}" for d in range(10)]
figure = plots.heat(code, [f"spoken {d}" for d in range(10)], names, "s: speaker, d: digit")

# %% [markdown]
# ## Three ways to use this book
#
# - **Read it.** Figures, tables and results are made by the cells you see, or come from stored result files that a cell prints.
# - **Run it.** Each chapter is a notebook. It runs on a laptop without a GPU and without a download, because small
#   corpora and trained models travel with it. Where a repository address is set, a button at the top of each page
#   opens the chapter in Colab.
# - **Trust it.** `pytest --nbval` executes every cell again and compares the printed text with what you see; pictures, and
#   cells whose output depends on the processor, are executed but not compared.

# %% [markdown]
# ## What the models were trained on
#
# The pages you read run on *embedded* data: synthetic voices and scikit-learn's handwritten digits. The same
# system on people's voices (the Free Spoken Digit Dataset) and MNIST is the run `slim`; its numbers stand beside
# those of the embedded one. (A *run* is a set of trained models and the record of how they were made.) Nothing is
# mixed: every chapter that reads a run prints which one.

# %%
slim = runs.load("slim")
print(f"voice to image, judged by an independent classifier: {slim.results['metrics']['transfer_drop']:.1f} % right")

# %% [markdown]
# ## The chapters
#
# **Part I, Foundations.** [A voice becomes an image](01_voice_becomes_image.ipynb): the whole way in one sitting.
# [One object, many appearances](02_one_object_many_appearances.ipynb): why a code should be shared, and why plain
# autoencoders do not share one. [The data, listened to](03_the_data.ipynb).
# [Max M % normalization](04_max_m_normalization.ipynb). [Codes with categories](05_codes_with_categories.ipynb).
#
# **Part II, The loss, term by term.** [Reconstruction and sparsity](06_reconstruction_and_sparsity.ipynb).
# [Interpolation](07_interpolation.ipynb). [Disentanglement](08_disentanglement.ipynb).

# %% [markdown]
# **Part III, Training.** [The injection schedule](09_the_injection_schedule.ipynb).
# [Balancing](10_balancing.ipynb). [The voice VAE](11_the_voice_vae.ipynb).
# [Raw waveforms](12_raw_waveforms.ipynb): why an encoder of waveforms collapses, what makes it read, and why it still cannot speak.
# [The image VAE](13_the_image_vae.ipynb).
#
# **Part IV, Crossing over.** [Handcrafted codes](14_handcrafted_codes.ipynb).
# [Voice to image](15_voice_to_image.ipynb). [Six directions](16_six_directions.ipynb).
# [Searching with a voice](17_searching_with_a_voice.ipynb). [A voice never heard before](18_a_voice_never_heard.ipynb).
#
# **Part V, At scale, and beside others.** [At full width](19_at_full_width.ipynb): one command for one GPU.
# [How fast is a step](20_how_fast.ipynb). [Beside other systems](21_beside_other_systems.ipynb): what else you could
# install, and which is better at what.

# %% [markdown]
# **Part VI, Neighbours.** Structure without labels: [Two clocks](22_two_clocks.ipynb) separates the voice from what it
# says; [Who is speaking](23_who_is_speaking.ipynb) verifies speakers; [A sparse dictionary](24_a_sparse_dictionary.ipynb)
# makes codes sparse. [One picture, two slots](25_one_picture_two_slots.ipynb) and
# [Two slots, repaired](26_two_slots_repaired.ipynb): pictures translated by two codes that change places.
#
# **Part VII, The VAE family.** [The bound](27_the_bound.ipynb): tighter bounds and quieter gradients.
# [How much a code says](28_how_much_a_code_says.ipynb): from collapse to pixels.
# [The whole cloud](29_the_whole_cloud.ipynb): codes that can be drawn from.
#
# **Part VIII, Applications.** [Two voices at once](30_two_voices_at_once.ipynb): a mixture of two speakers taken apart.

# %% [markdown]
# **Appendices.** [The ledger](ledger.ipynb): the paper's claims, put to the test.
# [Reading notes](reading_notes.ipynb): every place where the paper had to be interpreted.
# [From paper to code](paper_to_code.md). [Notation and glossary](notation.md). [API reference](api.md).
# [For teachers](for_teachers.md). [Add a chapter](add_a_chapter.md). [Bibliography](references.md).

# %% [markdown]
# ## Licences
#
# Code: MIT. Prose and figures: CC BY 4.0. The weights and results of the run `slim` derive from FSDD (CC BY-SA 4.0,
# Jakobovski and contributors) and MNIST (CC BY-SA 3.0, LeCun and Cortes). The embedded handwriting is scikit-learn's
# copy of the UCI optical digits (Alpaydin and Kaynak, CC BY 4.0).
