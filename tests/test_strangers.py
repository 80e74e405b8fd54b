"""Strangers under changed conditions: what the changes do to a word, and what is asked of whom."""

import pytest
import torch
from test_experiments import embedded  # noqa: F401  (a fixture: small corpora under every name)

from olc_lib import data
from olc_lib.ledger import stranger_claims
from olc_lib.ledger import stranger_experiments as strangers
from olc_lib.spectra import LogMel
from olc_lib.systems.placed import SETTINGS

EXPERIMENTS = strangers.EXPERIMENTS


@pytest.fixture(scope="module")
def words():
    return data.select(data.voices("embedded", "test"), torch.arange(12))


@pytest.mark.parametrize("name", strangers.CONDITIONS)
def test_a_condition_changes_the_word_and_nothing_behind_it(name, words):
    waves, lengths = strangers.CONDITIONS[name](words.waves, words.lengths)
    assert waves.shape == words.waves.shape and waves.isfinite().all()
    assert torch.equal(waves, words.waves) == (name == "recorded")
    behind = torch.arange(data.SAMPLES) >= lengths[:, None] + (20 if name == "small" else 0)  # a filter rings on
    assert not waves[behind].abs().gt(1e-3).any()
    again = strangers.CONDITIONS[name](words.waves, words.lengths)
    assert torch.equal(waves, again[0])


def test_hiss_is_ten_decibels_below_the_word(words):
    waves, lengths = strangers.CONDITIONS["hiss"](words.waves, words.lengths)
    ratio = words.waves.square().sum(1) / (waves - words.waves).square().sum(1)
    torch.testing.assert_close(10 * ratio.log10(), torch.full((12,), 10.0), atol=0.5, rtol=0)


def test_what_comes_from_afar_is_as_strong_as_what_comes_directly():
    click = torch.zeros(1, data.SAMPLES)
    click[0, 0] = 1
    heard, _ = strangers.CONDITIONS["far"](click, torch.tensor([data.SAMPLES]))
    echo = heard[0, 1:].square()
    assert heard[0, 0] == pytest.approx(1, abs=1e-4) and echo.sum().item() == pytest.approx(1, abs=1e-3)
    assert echo[2000:].sum() < 0.05 * echo.sum()  # a quarter of a second later: 30 dB less


def test_a_small_person_is_faster_and_higher():
    time = torch.arange(data.SAMPLES) / data.RATE
    tone = torch.sin(2 * torch.pi * 400 * time)[None]
    waves, lengths = strangers.CONDITIONS["small"](tone, torch.tensor([4000]))
    spectrum = torch.fft.rfft(waves[0, :6000]).abs()
    assert lengths.item() == 3200 and (spectrum.argmax() * data.RATE / 6000).item() == pytest.approx(500, abs=2)


def test_telephones_pass_the_middle_only():
    time = torch.arange(data.SAMPLES) / data.RATE
    tones = torch.sin(2 * torch.pi * torch.tensor([[100.0], [1000.0], [3800.0]]) * time)
    waves, _ = strangers.CONDITIONS["telephone"](tones, torch.full((3,), data.SAMPLES))
    low, middle, high = (waves.std(1) / tones.std(1)).tolist()
    assert middle > 0.9 and low < 0.2 and high < 0.2


def test_masks_black_out_strips_and_leave_the_rest():
    fine, generator = torch.ones(64, 1, 64, 128), torch.Generator()
    still = {"shift": 0.0, "stretch": 0.0, "warp": 0.0, "tilt": 0.0, "noise": 0.0}
    generator.manual_seed(0)
    picture = strangers.Masked(**still, mask=0.25).augment(fine, generator)
    generator.manual_seed(0)
    whole = LogMel(**still).augment(fine, generator)
    black = picture == 0
    assert torch.equal(picture[~black], whole[~black]) and 0.1 < black.float().mean() < 0.35
    rows, columns = black[:, 0].all(2), black[:, 0].all(1)
    assert torch.equal(black[:, 0], rows[:, :, None] | columns[:, None, :])
    assert rows.sum(1).max() <= 9 and columns.sum(1).max() <= 9


def test_the_people_of_the_choice_are_not_those_of_the_report():
    chosen = {name for arm in EXPERIMENTS["strangers-trials"].arms.values() for name in arm["without"]}
    reported = {name for some in strangers.REPORTED for name in some}
    assert chosen == {"george", "jackson"} and not chosen & reported and len(reported) == 4


def test_people_left_out_are_read_and_not_heard(embedded, monkeypatch):  # noqa: F811
    """Who is trained on, and of whom every clip is read; the share of all is the mean over people."""
    seen = []

    def fit(part, models, settings, given, device):
        seen.append((part, sorted(given[0].speaker.unique().tolist()), settings.spectrogram, settings.voice.steps))

    monkeypatch.setattr(strangers.placed, "fit_model", fit)
    names = list(data.voices("embedded", "train").speakers[:2])
    found = strangers.strangers(names, 0, how={"noise": 0.5}, robots=True)
    assert seen == [("voice", [2, 3, 4, 5], LogMel(noise=0.5), 2000)]
    for condition in strangers.CONDITIONS:
        own = [found[f"{name}_{condition}"] for name in names]
        assert found[condition] == pytest.approx(sum(own) / 2) and 0 <= found[f"robots_{condition}"] <= 100
    assert found["mean"] == pytest.approx(sum(found[c] for c in strangers.CONDITIONS) / 5)
    strangers.strangers(names, 0, mask=0.2)
    assert seen[1][2] == strangers.Masked(mask=0.2) and SETTINGS["slim"].spectrogram == LogMel()


def reported(points, recorded=None, people=stranger_claims.PEOPLE):
    """Made-up results in which every person gains so many points, of one training; some people may be missing."""
    found = {}
    for some in strangers.REPORTED:
        for k, way in enumerate(strangers.COMPARED):
            shares = {}
            for place, name in enumerate(some):
                for condition in strangers.CONDITIONS:
                    gain = recorded if condition == "recorded" and recorded is not None else points
                    shares[f"{name}_{condition}"] = 70.0 + k * (gain + 0.2 * place)
            if set(some) <= set(people):
                found[f"{way}, without {' and '.join(some)}"] = [{"seed": 0, "results": shares}]
    return found


@pytest.mark.parametrize(
    "name, found, verdict",
    [
        ("_everywhere", reported(5.0), "holds"),
        ("_everywhere", reported(-5.0), "does not hold"),
        ("_everywhere", reported(-0.1), "undecided"),
        ("_everywhere", reported(5.0, people=("lucas", "nicolas")), "not measured yet"),
        ("_recorded", reported(5.0, recorded=-0.2), "holds"),
        ("_recorded", reported(5.0, recorded=-3.0), "does not hold"),
    ],
)
def test_the_gain_is_judged_over_people(monkeypatch, name, found, verdict):
    monkeypatch.setattr(stranger_claims, "read", lambda experiment: {"strangers": found}[experiment])
    (claim,) = (claim for claim in stranger_claims.CLAIMS if claim.verdict.__name__ == name)
    assert claim.verdict()[1] == verdict


def test_a_gain_is_the_mean_over_conditions_and_common_trainings(monkeypatch):
    found = reported(5.0, recorded=0.0)
    extra = {
        "seed": 1,
        "results": dict.fromkeys(found["rougher devices, without lucas and nicolas"][0]["results"], 0.0),
    }
    found["rougher devices, without lucas and nicolas"].append(extra)  # the other way has no such training
    monkeypatch.setattr(stranger_claims, "read", lambda experiment: found)
    gained = stranger_claims.gains(tuple(strangers.CONDITIONS))
    assert gained == pytest.approx({"lucas": 4.0, "nicolas": 4.2, "theo": 4.0, "yweweler": 4.2})
