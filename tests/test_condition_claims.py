"""The verdicts on conditions and domains: each rule can be passed, and can be failed, by made-up results."""

import pytest

from olc_lib.ledger import condition_claims, peers
from olc_lib.ledger.rules import FAILS, HOLDS, PARTLY, UNDECIDED, UNMEASURED
from olc_lib.systems import family

RULES = {claim.verdict.__name__: claim for claim in condition_claims.CLAIMS}
ARMS = [*family.EXPERIMENTS["family-conditions"].arms, *peers.CHOSEN]
#: What each rule is passed by, and what it is failed by: arm and key to a number; every other number is 80.
CASES = {
    "_gain": ({("net", "nll"): 115}, {("net", "nll"): 70}),
    "_valid": (
        {("CVAE", "valid"): 90, ("CVAE", "fid"): 2},
        {("CVAE", "valid"): 70, ("CVAE", "fid"): 90, ("CVAE", "readings"): 0.5},
    ),
    "_copied": ({("CVAE", "fid"): 2}, {("CVAE", "fid"): 90}),
    "_told": ({("CVAE", "nll"): 70, ("CVAE", "nll_half"): 70}, {("CVAE", "nll"): 90}),
    "_more_seen": ({("net", "nll"): 115, ("net, left half", "nll"): 95}, {("net, left half", "nll"): 95}),
    "_both_ways": (
        {("MMVAE", "voice_to_image"): 71},
        {("MMVAE", "voice_to_image"): 69, ("MMVAE", "image_to_voice"): 60},
    ),
    "_not_the_product": (
        {("MVAE", "voice_to_image"): 40, ("MVAE", "image_to_voice"): 40},
        {("MVAE", "voice_to_image"): 90, ("MVAE", "image_to_voice"): 90},
    ),
}  # fmt: skip


def judged(monkeypatch, name, special, seeds=3):
    """The verdict on results of which all but the special ones are alike; seeds differ a little."""

    class Results(dict):
        def __missing__(self, key):
            return 80.0 + self.shift

    def record(arm, seed):
        results = Results({key: value + 0.01 * seed for (of, key), value in special.items() if of == arm})
        results.shift = 0.01 * seed
        return {"seed": seed, "results": results}

    def read(experiment):
        return {arm: [record(arm, seed) for seed in range(seeds)] for arm in ARMS}

    monkeypatch.setattr(condition_claims, "read", read)
    text, verdict = RULES[name].verdict()
    assert text
    return verdict


def test_every_rule_has_a_case_and_its_arms_exist():
    assert set(RULES) == set(CASES)
    assert all(claim.text.endswith(".") and claim.rule and claim.source for claim in condition_claims.CLAIMS)
    assert {arm for pair in CASES.values() for case in pair for arm, _ in case} <= set(ARMS)


@pytest.mark.parametrize("name", list(RULES))
def test_a_rule_can_be_passed_and_failed_and_needs_three_seeds(monkeypatch, name):
    passed, failed = CASES[name]
    assert judged(monkeypatch, name, passed) == HOLDS
    assert judged(monkeypatch, name, failed) == FAILS
    assert judged(monkeypatch, name, passed, seeds=2) == UNMEASURED


def test_a_smaller_gain_is_partly_and_one_that_has_not_converged_is_undecided(monkeypatch):
    assert judged(monkeypatch, "_gain", {("net", "nll"): 100}) == PARTLY
    assert judged(monkeypatch, "_gain", {("net", "nll"): 115, ("CVAE", "nll_half"): 83}) == UNDECIDED


def test_one_way_is_partly(monkeypatch):
    assert judged(monkeypatch, "_both_ways", {("MMVAE", "image_to_voice"): 60}) == PARTLY
