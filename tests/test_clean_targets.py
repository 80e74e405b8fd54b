"""What the decoder is asked for in the experiment on clean targets."""

import pytest
import torch

from olc_lib.ledger import clean_claims, clean_experiments, experiments
from olc_lib.systems import placed


def test_the_clean_picture_averages_two_bands_and_four_frames():
    fine = torch.rand(2, 1, 64, 128, generator=torch.Generator().manual_seed(0))
    expected = fine.view(2, 1, 32, 2, 32, 4).mean((3, 5))
    torch.testing.assert_close(placed.unchanged(fine), expected)


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


def strangers(monkeypatch, name, clean, changed=80.0, speakers=clean_claims.SPEAKERS):
    """The verdict, of speakers that differ by a point; training clips are read twice as badly."""
    found = {
        file: {
            speaker: [{"seed": 0, "results": {"train": (share + k) / 2, "validation": share + k, "test": share + k}}]
            for k, speaker in enumerate(speakers)
        }
        for file, share in zip(clean_claims.LEFT_OUT, (clean, changed), strict=True)
    }
    monkeypatch.setattr(clean_claims, "read", found.__getitem__)
    return RULES[name].verdict()


def test_strangers_are_counted_by_the_clip_and_judged_by_the_speaker(monkeypatch):
    """A tenth of the clips are test clips, eight tenths training clips: 0.6 of what the test split alone would give."""
    text, verdict = strangers(monkeypatch, "_strangers", 80.0)
    assert "george 48.0" in text and "yweweler 51.0" in text and verdict == "does not hold"
    assert strangers(monkeypatch, "_strangers", 80.0, speakers=clean_claims.SPEAKERS[:5])[1] == "not measured yet"
    monkeypatch.setattr(clean_claims, "STRANGERS", 48.0)
    assert strangers(monkeypatch, "_strangers", 80.0)[1] == "holds"
    monkeypatch.setattr(clean_claims, "STRANGERS", 49.5)
    assert strangers(monkeypatch, "_strangers", 80.0)[1] == "undecided"


def test_strangers_may_be_read_a_little_less_well_with_clean_targets(monkeypatch):
    assert strangers(monkeypatch, "_strange", 79.0)[1] == "holds"
    assert strangers(monkeypatch, "_strange", 75.0)[1] == "does not hold"


def test_arms_of_the_claims_are_measured():
    found = experiments.find(clean_claims.FILE)
    assert {clean_claims.CLEAN, clean_claims.CHANGED} <= set(found.arms) and found.seeds >= clean_claims.SEEDS
