"""The confusion matrix that chapter 1 shows is the one that `slim` makes."""

import os
import re

import pytest
import torch

from conftest import ROOT
from olc_lib import data, metrics, runs, transfer
from olc_lib.latent import IMAGE, VOICE
from olc_lib.reading import read_digits


@pytest.fixture
def mistakes():
    """What the page says: (spoken, read) to how many."""
    text = (ROOT / "book" / "01_voice_becomes_image.py").read_text(encoding="utf-8")
    found = re.findall(r"\((\d), (\d)\): (\d+)", re.search(r"(?m)^mistakes = \{(.*?)\}", text)[1])
    return {(int(spoken), int(read)): int(count) for spoken, read, count in found}


def test_they_are_as_many_as_the_stored_result_says(mistakes):
    results = runs.load("slim", only=()).results["metrics"]
    wrong = results["voices"] - sum(mistakes.values())
    assert 100 * wrong / results["voices"] == pytest.approx(results["transfer_drop"], abs=1e-3)


@pytest.mark.skipif("OLC_DATA" not in os.environ, reason="needs FSDD")
def test_they_are_those_of_the_shipped_models(mistakes):
    slim = runs.load("slim", only=("voice", "image", "image_classifier"))
    voices = data.voices("fsdd", "test")
    with torch.no_grad():
        code = slim.voice.encode(slim.spectrogram(voices.waves, voices.lengths))
        read = read_digits(slim.image_classifier, slim.image.decode(transfer.drop(code, VOICE, IMAGE)))
    table = metrics.confusion(read, voices.digit).fill_diagonal_(0)
    assert {(int(s), int(r)): int(table[s, r]) for s, r in table.nonzero()} == mistakes
