"""What people's voices leave in drawings: the measures, and the claims made of them."""

import pytest
import torch

from olc_lib.ledger import people, people_claims


def test_bright_columns_are_counted_above_half_of_a_pictures_own_maximum():
    picture = torch.zeros(2, 1, 4, 6)
    picture[0, 0, 1] = torch.tensor([0.0, 0.4, 0.5, 0.9, 1.0, 0.1])
    assert people.bright_columns(picture).tolist() == [2, 0]  # half itself does not count, nor does silence


def test_correlation_is_taken_inside_groups():
    group = torch.arange(2).repeat_interleave(50)
    inside = torch.randn(100, generator=torch.Generator().manual_seed(0))
    shifted = inside + 100 * group  # between groups both rise, and that must not count
    assert people.together(shifted, -2 * inside + 300 * group, group) == pytest.approx(-1, abs=1e-4)
    assert people.together(shifted, 5.0 * group, group) == 0


def test_every_measure_of_a_stored_run_is_a_finite_number():
    found = people.trained(0, run="embedded")
    expected = {"voice_digit", "drawn", "speaker_from_snapped", "length_redrawn", "noisy_mended", "drawn_6", "text_6"}
    assert expected <= set(found)
    assert all(torch.isfinite(torch.tensor(float(value))) for value in found.values())
    assert found["noisy_mended"] <= found["noisy_lost"]
    # A handcrafted code says nothing but a digit, so the probe is left with what misread digits tell.
    assert found["speaker_from_snapped"] < found["speaker_from_drawn"] < found["speaker_from_sound"]


RULES = {claim.verdict.__name__: claim for claim in people_claims.CLAIMS}
GOOD = {
    "speaker_from_drawn": 70.0, "speaker_from_snapped": 18.0, "drawn_1": 95.0, "drawn_6": 80.0, "text_1": 95.0,
    "text_6": 95.0, "diversity_1": 0.1, "diversity_2": 0.01, "noisy_drawn": 60.0, "noisy_snapped": 80.0,
    "noisy_lost": 50, "noisy_mended": 49,
}  # fmt: skip
#: What breaks each condition of a claim, one at a time.
BROKEN = {
    "_trace": ({"speaker_from_drawn": 30.0}, {"speaker_from_snapped": 40.0}),
    "_drift": ({"drawn_6": 95.0}, {"text_6": 80.0}, {"diversity_2": 0.09}),
    "_noise": ({"noisy_snapped": 61.0}, {"noisy_mended": 20}),
}


def judged(monkeypatch, name, results, seeds=5):
    """The verdict; seeds differ a little, but for counts."""
    records = [
        {"seed": s, "results": {k: v if isinstance(v, int) else v * (1 + 0.0005 * s) for k, v in results.items()}}
        for s in range(seeds)
    ]
    monkeypatch.setattr(
        people_claims, "read", lambda experiment: dict.fromkeys((people_claims.ARM, people_claims.BESIDE), records)
    )
    text, verdict = RULES[name].verdict()
    assert text
    return verdict


@pytest.mark.parametrize("name", list(RULES))
def test_claims_hold_hold_partly_fail_and_wait(monkeypatch, name):
    assert judged(monkeypatch, name, GOOD) == "holds"
    assert judged(monkeypatch, name, GOOD, seeds=4) == "not measured yet"
    everything = dict(GOOD)
    for change in BROKEN[name]:
        assert judged(monkeypatch, name, GOOD | change) == "holds partly"
        everything |= change
    assert judged(monkeypatch, name, everything) == "does not hold"


def test_a_training_that_lost_no_drawing_has_nothing_to_repair(monkeypatch):
    assert judged(monkeypatch, "_noise", GOOD | {"noisy_lost": 0, "noisy_mended": 0}) == "holds"
