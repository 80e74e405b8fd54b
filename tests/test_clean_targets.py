"""What the decoder is asked for in the experiment on clean targets."""

import pytest
import torch

from olc_lib.ledger import clean_claims, clean_experiments, experiments


def test_the_clean_picture_averages_two_bands_and_four_frames():
    fine = torch.rand(2, 1, 64, 128, generator=torch.Generator().manual_seed(0))
    expected = fine.view(2, 1, 32, 2, 32, 4).mean((3, 5))
    torch.testing.assert_close(clean_experiments.unchanged(fine), expected)


def test_arms_differ_in_the_target_and_trials_in_the_form():
    arms, trials = (clean_experiments.EXPERIMENTS[name].arms for name in ("clean-targets", "clean-targets-trials"))
    assert [arm.get("clean", False) for arm in arms.values()] == [True, False]
    assert not any(arm.get("rms") for arm in arms.values())
    assert [trial.get("rms", False) for trial in trials.values()] == [False, True]
    assert all(trial["split"] == "validation" and trial["clean"] for trial in trials.values())


# Claims

RULES = {claim.verdict.__name__: claim for claim in clean_claims.CLAIMS}
GOOD = {
    "voice_digit": 99.0, "voice_speaker": 99.5, "transfer_drop": 98.0, "transfer_bridge": 99.0,
    "image_to_voice_digit": 98.0, "image_to_voice_speaker": 95.0,
}  # fmt: skip
BAD = {
    "voice_digit": 95.0, "voice_speaker": 96.0, "transfer_drop": 94.0, "transfer_bridge": 95.0,
    "image_to_voice_digit": 90.0, "image_to_voice_speaker": 60.0,
}  # fmt: skip


def judged(monkeypatch, name, clean, changed, seeds=3):
    """The verdict; seeds differ a little."""
    found = {
        arm: [{"seed": s, "results": {key: value + 0.01 * s for key, value in results.items()}} for s in range(seeds)]
        for arm, results in ((clean_claims.CLEAN, clean), (clean_claims.CHANGED, changed))
    }
    monkeypatch.setattr(clean_claims, "read", lambda experiment: found)
    text, verdict = RULES[name].verdict()
    assert text
    return verdict


@pytest.mark.parametrize("name", list(RULES))
def test_two_repetitions_are_not_enough(monkeypatch, name):
    assert judged(monkeypatch, name, GOOD, GOOD, seeds=2) == "not measured yet"


@pytest.mark.parametrize("name", ["_read", "_drawn", "_spoken"])
def test_aims_can_be_met_and_missed(monkeypatch, name):
    assert judged(monkeypatch, name, GOOD, GOOD) == "holds"
    assert judged(monkeypatch, name, BAD, GOOD) == "does not hold"
    half = GOOD | dict.fromkeys(list({"_read": clean_claims.READ, "_drawn": clean_claims.DRAWN}.get(
        name, clean_claims.SPOKEN))[:1], 90.0)  # fmt: skip
    assert judged(monkeypatch, name, half, GOOD) == "holds partly"


def test_the_targets_are_credited_with_a_gain_only(monkeypatch):
    assert judged(monkeypatch, "_targets", GOOD, BAD) == "holds"
    assert judged(monkeypatch, "_targets", GOOD, GOOD) == "does not hold"


def test_the_encoder_may_not_pay_for_it(monkeypatch):
    assert judged(monkeypatch, "_encoder", GOOD, GOOD) == "holds"
    assert judged(monkeypatch, "_encoder", BAD, GOOD) == "does not hold"
    assert judged(monkeypatch, "_encoder", GOOD | {"voice_speaker": 90.0}, GOOD) == "holds partly"


def test_arms_of_the_claims_are_measured():
    found = experiments.find(clean_claims.FILE)
    assert {clean_claims.CLEAN, clean_claims.CHANGED} <= set(found.arms) and found.seeds >= clean_claims.SEEDS
