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
# Say *seven*, and a handwritten seven appears. One network turns the sound into sixteen numbers; another network, which never heard a sound, draws from ten of them. This book builds both, takes them apart, and measures how well they work.
#
# ![Three rows of ten. Top: log-mel pictures of the spoken digits 0 to 9. Middle: the sixteen numbers of each code as bars, with one tall bar for the speaker and one for the digit. Bottom: the handwritten digits that the codes draw. The eight fails: its digit bars are all low, and the drawing looks like a nine.](_static/voice_to_image.png)
#
# *Ten test recordings of six men, their codes, and the drawings. Nothing was selected. The eight fails, and its code shows why: no digit stands out.*

# %% [markdown]
# - **[Speak, see, draw](speak_see_draw.ipynb):** try it with your own voice, in the browser. Nothing is sent anywhere.
# - **[Build it once](02_build_it_once.ipynb):** the whole system in 150 lines, trained in a minute.
# - **[Map of the book](map.md):** three paths, for an hour, a weekend or a course.
#
# It is for everybody who knows a little PyTorch and wants to understand, and not only use, codes that two models can share: students, teachers, and engineers who have to choose a model.

# %% [markdown]
# ## What it needs, and what it reaches
#
# **Labels.** Every training recording says who speaks which digit, every training image which digit it shows. Nothing pairs a recording with an image: the two networks are trained apart.
#
# The lines below are about people's voices (the Free Spoken Digit Dataset) and MNIST's handwriting, on recordings and images that took no part in training:

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
from olc_lib import runs

slim = runs.load("slim", quiet=True)
found = slim.results["metrics"]
print(f"digits read from the voice's code      {found['voice_digit']:5.1f} % of {found['voices']} recordings")
print(f"speakers read from the voice's code    {found['voice_speaker']:5.1f} %")
print(f"digits read from the image's code      {found['image_digit']:5.1f} % of {found['images']:,} images")
print(f"drawings in which an independent classifier reads the spoken digit: {found['transfer_drop']:.1f} %")

# %% [markdown]
# The last line says nothing of beauty: all sevens are drawn alike. A classifier and ten stored pictures do better ([Voice to image](16_voice_to_image.ipynb)); what the code adds beyond that is a question to which the book returns.
#
# ## A voice from outside
#
# The network knows six men. Here is a woman whom it never heard, Allison Smith, saying *zero* to *nine*:

# %% tags=["hide-input"]
import torch
from IPython.display import Audio

from olc_lib import data, plots, transfer
from olc_lib.latent import IMAGE, VOICE

visitor = data.visitor()
spoken = torch.cat([wave[:length] for wave, length in zip(visitor.waves, visitor.lengths, strict=True)])
Audio(spoken.numpy(), rate=data.RATE)

# %% [markdown]
# What the two networks make of it; and, for comparison, digits that people wrote:

# %% tags=["hide-input"] mystnb={"image": {"alt": "Three rows of ten pictures, for the digits 0 to 9: log-mel pictures of a woman's voice; what her codes draw, soft white strokes on black, the digits in order, but the five looks like a nine and the seven is hard to read; and ten real handwritten digits."}}
with torch.no_grad():
    heard = slim.spectrogram(visitor.waves, visitor.lengths)
    code = slim.voice.encode(heard)
    drawn = slim.image.decode(transfer.drop(code, VOICE, IMAGE))
images = data.images("embedded", "test")
written = [images.pixels[images.digit == d][0] for d in range(10)]
rows = [list(heard), list(drawn), written]
figure = plots.mosaic(rows, ["heard", "drawn", "by people"], list("0123456789"))

# %% [markdown]
# In between stands a code of sixteen numbers for each word. The last ten, the digit's, are all that passes from one network to the other. The first six name the speaker, and since she is none of them, they name the man whom she resembles most.

# %% tags=["hide-input"] mystnb={"image": {"alt": "Heat map of ten rows and sixteen columns. In every row one speaker column is bright, and the bright digit column moves one to the right from row to row, but for the five, where column 9 is the brightest."}}
names = [f"s{s}" for s in range(6)] + [f"d{d}" for d in range(10)]
figure = plots.heat(code, [f"spoken {d}" for d in range(10)], names, "s: speaker, d: digit")
right = int((VOICE.labels(code)["digit"] == visitor.digit).sum())
print(f"{right} of {len(visitor)} digits are read right")

# %% [markdown]
# ## The paper, and this book
#
# The system is that of Babak Solhjoo and Emanuele Rodolà, *Latent Code Disentanglement Using Orthogonal Latent Codes and Inter-Domain Signal Transformation*. The book explains it line by line, measures its claims ([The ledger](ledger.ipynb)), and says where this book departs from it. Then it sets neighbouring systems beside it, on the same data.

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
# ## Two runs
#
# A *run* is a set of trained models and the record of how they were made. Chapters are executed with the run *embedded*: synthetic voices and scikit-learn's handwritten digits, which travel with the book. The run *slim* is the same system on people's voices and MNIST. Nothing is mixed: a cell that reads a run names it.

# %% [markdown]
# ## The chapters
#
# **Part I, Foundations.** [A voice becomes an image](01_voice_becomes_image.ipynb): the whole way in one sitting.
# [Build it once](02_build_it_once.ipynb): the whole system in plain PyTorch.
# [One object, many appearances](03_one_object_many_appearances.ipynb): why a code should be shared, and why plain
# autoencoders do not share one. [The data, listened to](04_the_data.ipynb).
# [Max M % normalization](05_max_m_normalization.ipynb). [Codes with categories](06_codes_with_categories.ipynb).
#
# **Part II, The loss, term by term.** [Reconstruction and sparsity](07_reconstruction_and_sparsity.ipynb).
# [Interpolation](08_interpolation.ipynb). [Disentanglement](09_disentanglement.ipynb).

# %% [markdown]
# **Part III, Training.** [The injection schedule](10_the_injection_schedule.ipynb).
# [Balancing](11_balancing.ipynb). [The voice VAE](12_the_voice_vae.ipynb).
# [Raw waveforms](13_raw_waveforms.ipynb): why an encoder of waveforms collapses, what makes it read, and why it still cannot speak.
# [The image VAE](14_the_image_vae.ipynb).
#
# **Part IV, Crossing over.** [Handcrafted codes](15_handcrafted_codes.ipynb).
# [Voice to image](16_voice_to_image.ipynb). [Six directions](17_six_directions.ipynb).
# [A third domain](18_a_third_domain.ipynb): telephone keys and displays, trained alone and plugged in.
# [Searching with a voice](19_searching_with_a_voice.ipynb).
# [Joined afterwards](20_joined_afterwards.ipynb): two encoders that agreed on nothing. [A voice never heard before](21_a_voice_never_heard.ipynb).
#
# **Part V, At scale, and beside others.** [Does width matter?](22_does_width_matter.ipynb): narrow and wide networks measured, and one command for one GPU.
# [How fast is a step](23_how_fast.ipynb). [Beside other systems](24_beside_other_systems.ipynb): what else you could
# install, and which is better at what.

# %% [markdown]
# **Part VI, Neighbours.** Structure without labels: [Two clocks](25_two_clocks.ipynb) separates the voice from what it
# says; [Who is speaking](26_who_is_speaking.ipynb) verifies speakers; [A sparse dictionary](27_a_sparse_dictionary.ipynb)
# makes codes sparse. [One picture, two slots](28_one_picture_two_slots.ipynb) and
# [Two slots, repaired](29_two_slots_repaired.ipynb): pictures translated by two codes that change places.

# %% [markdown]
# **Part VII, The VAE family.** [The bound](30_the_bound.ipynb): tighter bounds and quieter gradients.
# [How much a code says](31_how_much_a_code_says.ipynb): from collapse to pixels.
# [The whole cloud](32_the_whole_cloud.ipynb): codes that can be drawn from.
# [Other shapes of codes](33_other_shapes_of_codes.ipynb): a sphere, a flow, clusters and symbols.
# [Conditions and several domains](34_conditions_and_domains.ipynb): a digit from a quarter of it, and from a word.
# [Codes over time](35_codes_over_time.ipynb): a code for every frame of a word; and all members in one table.
# [Ten different sevens](36_ten_different_sevens.ipynb): placed coordinates, and free ones for the handwriting.

# %% [markdown]
# **Part VIII, Applications.** [Two voices at once](37_two_voices_at_once.ipynb): a mixture of two speakers taken apart.
# [A surface from a few points](38_a_surface_from_a_few_points.ipynb): volatilities, completed in three ways.
# [A heartbeat in two numbers](39_a_heartbeat_in_two_numbers.ipynb): found, cleaned and laid out. Each has the simple
# rival beside it.

# %% [markdown]
# **Appendices.** [The ledger](ledger.ipynb): the paper's claims, put to the test.
# [Reading notes](reading_notes.ipynb) and [notes on the neighbours' papers](notes_on_neighbours.md): every place where a paper had to be interpreted.
# [From paper to code](paper_to_code.md). [Notation and glossary](notation.md). [API reference](api.md).
# [For teachers](for_teachers.md). [Add a chapter](add_a_chapter.md). [Bibliography](references.md).

# %% [markdown]
# ## Licences
#
# Code: MIT. Prose and figures: CC BY 4.0. The weights and results of the run `slim` derive from FSDD (CC BY-SA 4.0,
# Jakobovski and contributors) and MNIST (CC BY-SA 3.0, LeCun and Cortes). The embedded handwriting is scikit-learn's
# copy of the UCI optical digits (Alpaydin and Kaynak, CC BY 4.0).
