"""Makes voice_to_image.png, README's picture, from the run "slim" and FSDD: python book/_static/voice_to_image.py"""

from pathlib import Path

import matplotlib.pyplot as plt
import torch

from olc_lib import data, runs, transfer
from olc_lib.latent import IMAGE, VOICE

run, voices = runs.load("slim"), data.voices("fsdd", "test")
# The first take of each digit, speakers in turn: nothing is selected by its outcome.
rows = [int(((voices.digit == d) & (voices.speaker == d % 6) & (voices.take == 0)).nonzero()[0]) for d in range(10)]
sound = run.spectrogram(voices.waves[rows], voices.lengths[rows])
with torch.no_grad():
    code = run.voice.encode(sound)
    drawn = run.image.decode(transfer.drop(code, VOICE, IMAGE))

figure, grid = plt.subplots(3, 10, figsize=(12, 4.2), layout="constrained", height_ratios=[1, 0.9, 1])
for d, column in enumerate(grid.T):
    column[0].imshow(sound[d, 0], cmap="cividis", origin="lower", aspect="auto")
    column[0].set_title(f"“{d}”, {voices.speakers[d % 6]}", fontsize=9)
    column[1].bar(range(6), code[d, :6], color="#0072B2")
    column[1].bar(range(6, 16), code[d, 6:], color="#E69F00")
    column[1].set_ylim(-0.45, 1.05)
    column[2].imshow(drawn[d, 0], cmap="gray", vmin=0)
    for axis in column:
        axis.set(xticks=[], yticks=[])
for axis, label in zip(grid[:, 0], ("sound", "code:\nspeaker, digit", "image"), strict=True):
    axis.set_ylabel(label)
figure.savefig(Path(__file__).with_suffix(".png"), dpi=90, metadata={"Software": None})
