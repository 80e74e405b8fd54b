"""The measures of the placed system, on models so simple that every figure is known: none or one fault."""

import dataclasses
import math
from types import SimpleNamespace

import pytest
import torch
from test_reading import Reader
from torch import nn
from torch.nn.functional import one_hot

from olc_lib import data
from olc_lib.latent import IMAGE, VOICE
from olc_lib.systems import placed


class Mirror(nn.Module):
    """A model of signals that are codes already: it reads and draws them as they are, or as ``spoil`` leaves them."""

    def __init__(self, space, spoil=None, redraw=None):
        super().__init__()
        self.space, self.spoil, self.redraw = space, spoil or (lambda x: x), redraw or (lambda x: x)
        self.weight = nn.Parameter(torch.ones(1))

    def normalize(self, x):
        return x

    def encode(self, x):
        return self.spoil(x.flatten(1))

    def decode(self, code):
        return self.redraw(code)[:, None, None, :]


class Raw(Mirror):
    """The same for waves ``[B, 1, 16]``."""

    def decode(self, code):
        return self.redraw(code)[:, None, :]


class Drop(nn.Module):
    """A bridge that carries the digit over, so many places further on."""

    def __init__(self, places=0):
        super().__init__()
        self.places = places

    def forward(self, code):
        return torch.cat([torch.ones(len(code), 1), code[:, 6:].roll(self.places, 1)], 1)


class Digits(Reader):
    """Reads the digit of pictures of image codes."""

    def forward(self, pictures):
        return super().forward(pictures.flatten(1)[:, 1:])


@pytest.fixture
def world(monkeypatch):
    """60 words, each speaker with each digit twice is 120; 40 images, four of each digit."""
    speaker, digit = torch.arange(120) % 6, torch.arange(120) // 6 % 10
    waves = torch.cat([one_hot(speaker, 6), one_hot(digit, 10)], 1).float()
    lengths = torch.full((120,), 16)
    voices = data.Voices(waves, lengths, speaker, digit, torch.zeros(120), tuple("abcdef"), "toy", "test")
    shown = torch.arange(40) % 10
    pixels = torch.cat([torch.ones(40, 1), one_hot(shown, 10)], 1)[:, None, None, :]
    images = data.Images(pixels, shown, "toy", "test")
    monkeypatch.setattr(data, "voices", lambda *asked: {("toy voices", "test"): voices}[asked])
    monkeypatch.setattr(data, "images", lambda *asked: {("toy images", "test"): images}[asked])

    def measure(**others):
        models = {
            "image_classifier": Digits(10), "voice_classifier": Reader(16),
            "image": Mirror(IMAGE), "voice": Mirror(VOICE), "raw": Raw(VOICE), "bridge": Drop(),
        } | others  # fmt: skip
        settings = SimpleNamespace(
            voices="toy voices", images="toy images", spectrogram=lambda waves, lengths: waves[:, None, None, :]
        )
        return placed.measure(models, settings, "test")

    return measure


SHARES = {
    "image_classifier_accuracy", "voice_classifier_speaker", "voice_classifier_digit",
    "image_digit", "voice_speaker", "voice_digit", "raw_speaker", "raw_digit",
    "transfer_drop", "transfer_bridge", "text_to_voice_speaker", "text_to_voice_digit", "image_to_voice_speaker",
    "image_to_voice_digit", "conversion_speaker", "conversion_digit", "search_images", "search_voices",
}  # fmt: skip
ZEROS = {
    "image_digit_cosine", "voice_speaker_cosine", "voice_digit_cosine", "raw_speaker_cosine", "raw_digit_cosine",
    "image_rms", "voice_rms", "raw_rms", "images_diversity", "transfer_drop_error", "transfer_bridge_error",
    "transfer_drop_diversity", "transfer_bridge_diversity",
}  # fmt: skip
COUNTS = {"images": 40, "voices": 120, "handcrafted": 10, "raw_snr": math.inf}


def test_a_perfect_system_has_perfect_figures(world):
    measured, arrays = world()
    assert measured.keys() == SHARES | ZEROS | COUNTS.keys()
    assert {name: measured[name] for name in SHARES} == dict.fromkeys(SHARES, 100.0)
    assert {name: measured[name] for name in ZEROS} == dict.fromkeys(ZEROS, 0.0)
    assert {name: measured[name] for name in COUNTS} == COUNTS
    tables = {"image_digit": 10, "voice_speaker": 6, "voice_digit": 10, "raw_speaker": 6, "raw_digit": 10}
    assert arrays.keys() == tables.keys() | {"handcrafted"}
    assert all(torch.equal(arrays[name], torch.eye(size)) for name, size in tables.items())
    assert torch.equal(arrays["handcrafted"][:, 0, 0, 1:], torch.eye(10))


def other_speaker(code):
    """Codes and sounds in which everyone is the next speaker."""
    return torch.cat([code[:, :6].roll(1, 1), code[:, 6:]], 1)


def digits_turned(code):
    """Image codes in which every digit is the next one."""
    return torch.cat([code[:, :1], code[:, 1:].roll(1, 1)], 1)


DRAWN_ASKEW = {"handcrafted", "transfer_drop", "transfer_bridge", "image_rms"}
TRANSFERS = {f"transfer_{way}_error" for way in ("drop", "bridge")}
SPOKEN = {f"{name}_speaker" for name in ("text_to_voice", "image_to_voice", "conversion")}
FAULTS = {
    "a bridge to the next digit": ({"bridge": Drop(1)}, {"transfer_bridge", "transfer_bridge_error"}),
    "images read as the next digit": (
        {"image": Mirror(IMAGE, spoil=digits_turned)},
        {"image_digit", "image_rms", "image_to_voice_digit", "search_images", "search_voices"},
    ),
    "images drawn as the next digit": ({"image": Mirror(IMAGE, redraw=digits_turned)}, DRAWN_ASKEW | TRANSFERS),
    "voices read as the next speaker": ({"voice": Mirror(VOICE, spoil=other_speaker)}, {"voice_speaker", "voice_rms"}),
    "voices drawn as the next speaker": ({"voice": Mirror(VOICE, redraw=other_speaker)}, {"voice_rms"} | SPOKEN),
    "waves read as the next speaker": ({"raw": Raw(VOICE, spoil=other_speaker)}, {"raw_speaker", "raw_rms", "raw_snr"}),
    "waves drawn as the next speaker": ({"raw": Raw(VOICE, redraw=other_speaker)}, {"raw_rms", "raw_snr"}),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_single_fault_shows_where_it_belongs_and_nowhere_else(world, fault):
    models, expected = FAULTS[fault]
    (perfect, _), (measured, _) = world(), world(**models)
    assert {name for name in perfect if measured[name] != perfect[name]} == expected
    for name in expected & SHARES - {"search_images", "search_voices"}:
        assert measured[name] == 0, name
    if "raw_snr" in expected:  # the noise has twice the energy of a speaker's 1, the signal 2
        assert measured["raw_snr"] == pytest.approx(0, abs=1e-4)
        assert measured["raw_rms"] == pytest.approx(math.sqrt(2 / 16), abs=1e-4)


def test_what_the_voice_model_is_asked_to_say(world):
    """Its own codes again; every digit by every speaker; images by speakers in turn; words by somebody else."""
    asked = []
    world(voice=Mirror(VOICE, redraw=lambda code: (asked.append(code), code)[1]))
    again, text, seen, converted = asked
    speaker, digit = torch.arange(120) % 6, torch.arange(120) // 6 % 10
    everyone = {VOICE.to_text(VOICE.handcrafted(speaker=s, digit=d)) for s in range(6) for d in range(10)}
    assert len(text) == 60 and {VOICE.to_text(code) for code in text} == everyone
    assert torch.equal(VOICE.labels(seen)["digit"], torch.arange(40) % 10)
    assert VOICE.labels(seen)["speaker"].unique().tolist() == [*range(6)]
    labels = VOICE.labels(converted)
    assert torch.equal(labels["digit"], digit) and (labels["speaker"] != speaker).all()
    assert torch.equal(VOICE.labels(again)["speaker"], speaker) and torch.equal(again[:, 6:], converted[:, 6:])


def test_search_finds_nothing_where_digits_have_changed_places(world):
    measured, _ = world(image=Mirror(IMAGE, spoil=digits_turned))
    # The 36 images of other digits come first or share a place with the right four: a tie of 36, then nothing.
    assert measured["search_images"] == pytest.approx(100 * 4 / 40, abs=1e-3)
    assert measured["search_voices"] == pytest.approx(100 * 12 / 120, abs=1e-3)


def test_real_models_have_the_same_figures_and_come_back_as_they_were(world, monkeypatch):
    measured, arrays = world()
    monkeypatch.undo()
    settings = dataclasses.replace(placed.SETTINGS["embedded"], width=0.01)
    models = placed.build(settings)
    kept = {part: {k: v.clone() for k, v in model.state_dict().items()} for part, model in models.items()}
    real, tables = placed.measure(models, settings, "validation")
    assert real.keys() == measured.keys() and tables.keys() == arrays.keys()
    assert (real["images"], real["voices"]) == (150, 60) and all(map(math.isfinite, real.values()))
    for part, model in models.items():
        assert not model.training
        assert all(torch.equal(v, kept[part][k]) for k, v in model.state_dict().items())
    assert tables["handcrafted"].shape == (10, 1, 28, 28)
