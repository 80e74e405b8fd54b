"""The verdicts on other shapes of codes: each rule can be passed, and can be failed, by made-up results."""

import pytest

from olc_lib.ledger import shape_claims
from olc_lib.ledger.rules import FAILS, HOLDS, PARTLY, UNDECIDED, UNMEASURED
from olc_lib.systems import family

RULES = {claim.verdict.__name__: claim for claim in shape_claims.CLAIMS}
FILES = ("family-shapes", "family-clusters", "family-codebook")
ARMS = [arm for name in FILES for arm in family.EXPERIMENTS[name].arms]
#: What each rule is passed by, and what it is failed by: arm and key to a number; every other number is 100.
CASES = {
    "_sphere_small": ({("S-VAE, d 2", "nll"): 98}, {("S-VAE, d 2", "nll"): 102}),
    "_sphere_large": ({("S-VAE, d 12", "nll"): 98}, {("S-VAE, d 12", "nll"): 102}),
    "_correlated": ({("rho-VAE, d 20", "nll"): 98}, {("rho-VAE, d 20", "nll"): 102}),
    "_flow": ({("IAF, d 20", "nll"): 98}, {("IAF, d 20", "nll"): 102}),
    "_flow_small": ({("IAF, d 2", "nll"): 98}, {("IAF, d 2", "nll"): 102}),
    "_clusters": ({("VaDE", "accuracy"): 81}, {("VaDE", "accuracy"): 79}),
    "_trained_clusters": ({("VaDE", "accuracy_before"): 98}, {("VaDE", "accuracy_before"): 102}),
    "_codebook": ({("VQ-VAE", "fid"): 0.5}, {("VQ-VAE", "fid"): 120}),
    "_prior_of_symbols": ({("VQ-VAE", "fid"): 40}, {("VQ-VAE", "fid"): 101}),
}


def judged(monkeypatch, name, special, seeds=3):
    """The verdict on results of which all but the special ones are alike; seeds differ a little."""

    class Results(dict):
        def __missing__(self, key):
            return 100.0 + self.shift

        def __contains__(self, key):
            return True

    def record(arm, seed):
        results = Results({key: value + 0.01 * seed for (of, key), value in special.items() if of == arm})
        results.shift = 0.01 * seed
        return {"seed": seed, "results": results}

    def read(experiment):
        arms = ["VAE", "VaDE"] if experiment in shape_claims.OTHERS else ARMS
        return {arm: [record(arm, seed) for seed in range(seeds)] for arm in arms}

    monkeypatch.setattr(shape_claims, "read", read)
    text, verdict = RULES[name].verdict()
    assert text
    return verdict


def test_every_rule_has_a_case_and_its_arms_exist():
    assert set(RULES) == set(CASES)
    assert all(claim.text.endswith(".") and claim.rule and claim.source for claim in shape_claims.CLAIMS)
    assert {arm for pair in CASES.values() for case in pair for arm, _ in case} <= set(ARMS)


@pytest.mark.parametrize("name", list(RULES))
def test_a_rule_can_be_passed_and_failed_and_needs_three_seeds(monkeypatch, name):
    passed, failed = CASES[name]
    assert judged(monkeypatch, name, passed) == HOLDS
    assert judged(monkeypatch, name, failed) in (FAILS, PARTLY)
    assert judged(monkeypatch, name, passed, seeds=2) == UNMEASURED


def test_an_interval_that_holds_zero_is_undecided(monkeypatch):
    found = {"S-VAE, d 2": [99.0, 101.0, 99.0], "Gaussian, d 2": [100.0, 100.0, 100.0]}
    records = {arm: [{"seed": k, "results": {"nll": x}} for k, x in enumerate(row)] for arm, row in found.items()}
    monkeypatch.setattr(shape_claims, "read", lambda experiment: records)
    assert RULES["_sphere_small"].verdict()[1] == UNDECIDED


def test_in_between_is_partly(monkeypatch):
    assert judged(monkeypatch, "_codebook", {("VQ-VAE", "fid"): 5}) == PARTLY
    assert judged(monkeypatch, "_codebook", {("VQ-VAE", "fid"): 5, ("VaDE", "fid"): 4}) == FAILS
    assert judged(monkeypatch, "_prior_of_symbols", {("VQ-VAE", "fid"): 80}) == PARTLY
