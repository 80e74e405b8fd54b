"""Evaluation, on models so simple that every figure is known: a perfect system, and ones with a single fault."""

import math
from types import SimpleNamespace

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn.functional import one_hot

from olc_lib import data, reading
from olc_lib.latent import IMAGE, VOICE
from olc_lib.networks import Classifier
from olc_lib.systems import placed

few = settings(derandomize=True, max_examples=25, deadline=None, database=None)


# --- in parts, read and heard ------------------------------------------------------------------------------


@few
@given(st.integers(1, 25), st.integers(1, 30))
def test_batched_gives_what_one_call_gives_in_parts_of_the_size(count, size):
    items = torch.arange(3.0 * count).view(count, 3).requires_grad_()
    sizes = []

    def double(part):
        sizes.append(len(part))
        return 2 * part.sum(1)

    made = reading.batched(double, items, size=size)
    assert torch.equal(made, 2 * items.detach().sum(1)) and not made.requires_grad
    assert sum(sizes) == count and max(sizes) <= size and len(sizes) == math.ceil(count / size)


class Reader(nn.Module):
    """A classifier whose logits are the first pixels."""

    def __init__(self, classes):
        super().__init__()
        self.weight, self.classes, self.seen = nn.Parameter(torch.ones(1)), classes, []

    def forward(self, pictures):
        self.seen.append(pictures.detach())
        return pictures.flatten(1)[:, : self.classes] * self.weight


def test_the_judge_sees_pictures_cut_to_0_and_1():
    reader = Reader(10)
    pictures = torch.rand(700, 1, 4, 4, generator=torch.Generator().manual_seed(0)) * 3 - 1
    got = reading.read_digits(reader, pictures)
    seen = torch.cat(reader.seen)
    assert torch.equal(seen, pictures.clamp(0, 1)) and len(reader.seen) == 2
    assert torch.equal(got, pictures.clamp(0, 1).flatten(1)[:, :10].argmax(1))
    torch.manual_seed(0)
    judge = Classifier().eval()
    pictures = torch.rand(3, 1, 28, 28)
    with torch.no_grad():
        assert reading.read_digits(judge, pictures).tolist() == [int(judge(p[None]).argmax()) for p in pictures]


def test_the_listener_hears_every_picture_at_its_own_full_level():
    reader = Reader(16)
    sounds = torch.rand(6, 1, 4, 4, generator=torch.Generator().manual_seed(0)) - 0.2
    sounds[3] = 0
    sounds[4] *= 1000
    sounds[5] *= 1e-3
    got = reading.hear(reader, sounds)
    seen = torch.cat(reader.seen)
    for sound, picture in zip(sounds, seen, strict=True):
        if sound.any():
            torch.testing.assert_close(picture, (sound / sound.max()).clamp(0, 1))
            assert picture.max() == 1
        else:
            assert not picture.any()  # silence is heard as silence, not as NaN
    assert got["speaker"].tolist() == seen.flatten(1)[:, :6].argmax(1).tolist()
    assert got["digit"].tolist() == seen.flatten(1)[:, 6:16].argmax(1).tolist()


@few
@given(st.integers(0, 10_000), st.floats(0.01, 100))
def test_what_is_heard_does_not_depend_on_level(seed, gain):
    sounds = torch.rand(5, 1, 4, 4, generator=torch.Generator().manual_seed(seed))
    quiet, loud = (reading.hear(Reader(16), g * sounds) for g in (1, gain))
    assert all(torch.equal(quiet[name], loud[name]) for name in ("speaker", "digit"))


def test_to_voice_by_hand():
    block = torch.tensor([[0.0, 1, 0, 0, 0, 0, 0, 0, 0, 0], [0.6, 0, 0, 0, 0, -0.8, 0, 0, 0, 0]])
    got = reading.to_voice(block, torch.tensor([2, 0]))
    assert VOICE.to_text(got[0]) == "001000-0100000000"
    torch.testing.assert_close(got[1], torch.tensor([1.0, 0, 0, 0, 0, 0, 0.6, 0, 0, 0, 0, -0.8, 0, 0, 0, 0]))
    assert reading.to_voice(block.double(), torch.tensor([2, 0])).dtype == torch.float64


@few
@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 9)), min_size=1, max_size=8))
def test_to_voice_of_handcrafted_digits_is_the_handcrafted_code(labels):
    speaker, digit = torch.tensor(labels).T
    got = reading.to_voice(torch.eye(10)[digit], speaker)
    assert torch.equal(got, torch.stack([VOICE.handcrafted(speaker=s, digit=d) for s, d in labels]))
    assert torch.equal(VOICE.normalize(got), got)


# --- a world in which a signal is its own code -----------------------------------------------------------------


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
    monkeypatch.setattr(reading, "corpora", lambda settings, split: (voices, images))

    def measure(**others):
        models = {
            "image_classifier": Digits(10), "voice_classifier": Reader(16), "image": Mirror(IMAGE), "voice": Mirror(VOICE),
            "raw": Raw(VOICE), "bridge": Drop(),
        } | others  # fmt: skip
        front = SimpleNamespace(front=lambda waves, lengths: waves[:, None, None, :])
        return reading.evaluate(models, front, "test")

    return measure


SHARES = {
    "image_classifier_accuracy", "voice_classifier_speaker", "voice_classifier_digit", "image_digit", "voice_speaker", "voice_digit",
    "raw_speaker", "raw_digit", "transfer_drop", "transfer_bridge", "text_to_voice_speaker", "text_to_voice_digit",
    "image_to_voice_speaker", "image_to_voice_digit", "conversion_speaker", "conversion_digit", "search_images",
    "search_voices",
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


def test_a_real_run_has_the_same_figures_and_its_models_come_back_as_they_were(world):
    from test_runs import TINY

    measured, arrays = world()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading, "corpora", placed.corpora)
        models = placed.build(TINY)
        kept = {part: {k: v.clone() for k, v in model.state_dict().items()} for part, model in models.items()}
        real, tables = reading.evaluate(models, TINY, "validation")
    assert real.keys() == measured.keys() and tables.keys() == arrays.keys()
    assert (real["images"], real["voices"]) == (150, 60) and all(map(math.isfinite, real.values()))
    for part, model in models.items():
        assert not model.training
        assert all(torch.equal(v, kept[part][k]) for k, v in model.state_dict().items())
    assert tables["handcrafted"].shape == (10, 1, 28, 28)
