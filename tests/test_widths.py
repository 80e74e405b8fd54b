"""Widths of the layers: what the rules say of made-up results, and that the arms differ in width alone."""

import re

import pytest

from olc_lib.ledger import paper_experiments, raw_experiments, width_claims

RULES = {claim.verdict.__name__: claim for claim in width_claims.CLAIMS}


def judged(monkeypatch, name, found):
    monkeypatch.setattr(width_claims, "read", found.__getitem__)
    return RULES[name].verdict()


def encoders(rms=90.0, largest=15.0, without=None):
    """Results of the six encoders; one arm may be missing."""
    shares = {"root mean square": rms, "largest": largest}
    arms = {f"{form}, {width}": share for width in width_claims.ENCODERS for form, share in shares.items()}
    return {"encoder-widths": {arm: [{"seed": 0, "results": {"digit": share, "speaker": share}}]
                               for arm, share in arms.items() if arm != without}}  # fmt: skip


@pytest.mark.parametrize(
    "found, verdict",
    [
        (encoders(), "holds"),
        (encoders(rms=15.0), "does not hold"),
        (encoders(rms=18.0), "does not hold"),  # three points of 300 clips are no difference
        (encoders(without="largest, full width"), "not measured yet"),
    ],
)
def test_encoders_are_compared_width_by_width(monkeypatch, found, verdict):
    assert judged(monkeypatch, "_encoders", found)[1] == verdict


def test_one_width_that_fails_is_enough_to_hold_partly(monkeypatch):
    found = encoders()
    found["encoder-widths"]["root mean square, full width"][0]["results"] |= {"digit": 12.0, "speaker": 17.0}
    text, verdict = judged(monkeypatch, "_encoders", found)
    assert verdict == "holds partly" and re.search(r"full width: digits 12\.0 % \([^)]*\) against 15\.0 %", text)


def wider(digit, rms, seeds=3):
    """Results of both models: a quarter of the width differs from a sixteenth by so much."""

    def arm(more):
        return [{"seed": s, "results": {"digit": 90.0 + s + more * digit + 0.01 * s * more,
                                        "rms": 0.2 + s / 100 + more * rms}} for s in range(seeds)]  # fmt: skip

    found = {"widths": {f"{what}, {width_claims.WIDER}": arm(1) for what in width_claims.PARTS}}
    return found | {narrow: {"as built": arm(0)} for narrow in width_claims.PARTS.values()}


@pytest.mark.parametrize(
    "found, verdict",
    [
        (wider(2.0, -0.02), "holds"),
        (wider(-2.0, 0.02), "does not hold"),
        (wider(2.0, 0.02), "holds partly"),
        (wider(2.0, -0.02, seeds=2), "not measured yet"),
    ],
)
def test_a_wider_model_reads_more_and_leaves_less(monkeypatch, found, verdict):
    assert judged(monkeypatch, "_wider", found)[1] == verdict


def test_arms_differ_in_width_and_form_alone():
    for arm, options in raw_experiments.EXPERIMENTS["encoder-widths"].arms.items():
        form, width = arm.split(", ")
        wanted = {"a sixteenth of the width": 1 / 16, "a quarter of the width": 1 / 4, "full width": 1.0}[width]
        assert options["batch_size"] == 8 and options.get("width", 1 / 16) == wanted
        assert options.get("loss", "max") == {"largest": "max", "root mean square": "rms"}[form]
        assert options.keys() <= {"loss", "batch_size", "width"}
    arms = paper_experiments.EXPERIMENTS["widths"].arms.values()
    assert {(arm["part"], arm["width"]) for arm in arms} == {(p, w) for p in ("image", "voice") for w in (1 / 8, 1 / 4)}
    assert all(arm.keys() == {"part", "width"} for arm in arms)
