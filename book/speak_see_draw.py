# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Speak, see, draw
#
# Say a digit. See the picture of its sound, the sixteen numbers of its code, and the handwritten digit that is drawn
# from the code. Drag any bar, and the drawing changes. Choose another speaker, and hear the code spoken back.

# %% [markdown]
# <div class="olc-live" data-live="speak" data-visitor="Allison Smith">
# <p><em>This part is live on the book's web pages, in a browser with JavaScript. In a notebook, and without
# JavaScript, the figure below shows what it does; <code>python -m olc_lib demo FILE</code> does the same for a
# recording of yours.</em></p>
# </div>
# <script src="../_static/live/live.js" defer></script>

# %% [markdown]
# ## What you see
#
# **The sound** is cut to the word and becomes a log-mel picture: time runs to the right, frequency upwards, and a pixel
# is bright where there is energy. **The code** has six numbers for who speaks, and ten for which digit. The encoder
# was trained *with labels* on 2,400 words of six men (the Free Spoken Digit Dataset), so the first six say which
# of them you resemble. **The drawing** is made from the other ten numbers alone, by a decoder that was trained on
# MNIST's handwriting and its labels.

# %% [markdown]
# The page says *unsure* when the two largest digit numbers of the code are less than 0.5 apart. The encoder was trained
# on ten English words; for any other word it still answers with a digit. And it draws one typical seven for everybody:
# the code has no numbers for handwriting.

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

# %% [markdown]
# The same steps in Python, on ten words of the embedded voices, with the models that were trained on them:

# %%
import torch

from olc_lib import data, plots, runs, transfer
from olc_lib.latent import IMAGE, VOICE

trained = runs.load("embedded")
voices = data.voices("embedded", "test")
rows = [int(((voices.digit == d) & (voices.speaker == 2)).nonzero()[0]) for d in range(10)]
picture = trained.spectrogram(voices.waves[rows], voices.lengths[rows])
with torch.no_grad():
    code = trained.voice.encode(picture)
    drawing = trained.image.decode(transfer.drop(code, VOICE, IMAGE))

# %% mystnb={"image": {"alt": "Two rows of ten small pictures. Above, the log-mel pictures of the spoken digits zero to nine; below, the handwritten digits that their codes draw."}}
figure = plots.mosaic([list(picture), list(drawing)], ["heard", "drawn"], list("0123456789"))

# %% [markdown]
# ## How it runs
#
# The page holds the models of the run `slim`, each weight in 16 bits, and a small engine in plain JavaScript that
# runs them. A test compares it with PyTorch, from the bytes of a recording to the drawing. Nothing is sent
# anywhere.

# %% [markdown]
# The page offers two rows of clips. The first was made by the voice decoder: it got the codes of ten test words, and the
# pictures it drew were turned into sound. The second row is a real voice that no model of the book was trained on:
# Allison Smith's English digits for the Asterisk telephone system (CC BY-SA 3.0; cut to the word, 8 bits a sample).

# %% [markdown]
# ## Try
#
# - Say the same digit high and low, fast and slow. Which bars move?
# - Drag the bar of the largest digit to 0 and raise another one. Where does the drawing become another digit?
# - Say a word that is no digit. Does the page say *unsure*?
#
# Then [A voice becomes an image](01_voice_becomes_image.ipynb) goes the same way slowly, step by step, and asks whether
# a classifier plus ten pictures would not do as well.
