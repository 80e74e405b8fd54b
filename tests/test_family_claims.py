"""The verdicts on the VAE family: each rule can be passed, and can be failed, by made-up results."""

import pytest

from olc_lib.ledger import family_claims
from olc_lib.systems import family

RULES = {claim.verdict.__name__: claim for claim in family_claims.CLAIMS}
ARMS = list(family.MEMBERS)
#: What each rule is passed by: arm and key to a number; every other number is 100.
PASSES = {
    "_iwae": {("IWAE 5", "nll"): 96},
    "_more_samples": {("IWAE 5, then 50", "nll"): 99},
    "_iwae_long": {("IWAE 5", "nll"): 96},
    "_more_samples_long": {("IWAE 5, then 50", "nll"): 99},
    "_two_stage_long": {("two-stage", "then_fid"): 49},
    "_score_is_free": {("VAE", "stl_gap"): 1, ("VAE", "stl_variance"): 50},
    "_dropped_score": {("VAE", "iwae_stl_gap"): 1},
    "_dreg": {("VAE", "dreg_gap"): 1, ("VAE", "dreg_variance"): 49},
    "_renyi": {("VAE", "renyi_max_50"): -101},
    "_beta": {("beta 4, d 10", "active"): 50, ("beta 12, d 10", "active"): 3},
    "_pixel": {("PixelVAE", "nll"): 91},
    "_pixel_code": {},
    "_committed": {("PixelVAE, delta 8", "kl"): 9},
    "_clouds": {(name, "mmd"): 30 for name in family_claims.CLOUDS},
    "_cauchy": {("ITL-CS", "fid"): 90},
    "_two_stage": {("two-stage", "then_fid"): 49},
}
FAILS = {
    "_iwae": {("IWAE 5", "nll"): 105},
    "_more_samples": {("IWAE 5, then 50", "nll"): 102},
    "_iwae_long": {("IWAE 5", "nll"): 105},
    "_more_samples_long": {("IWAE 5, then 50", "nll"): 102},
    "_two_stage_long": {("two-stage", "then_fid"): 120},
    "_score_is_free": {("VAE", "stl_gap"): 9},
    "_dropped_score": {("VAE", "iwae_stl_gap"): 9},
    "_dreg": {("VAE", "dreg_gap"): 9},
    "_renyi": {("VAE", "renyi_max_50"): -98},
    "_beta": {("beta 4, d 10", "active"): 101},
    "_pixel": {("PixelVAE", "nll"): 110},
    "_pixel_code": {("PixelVAE", "kl"): 0.5},
    "_committed": {("PixelVAE, delta 8", "kl"): 7},
    "_clouds": {(name, "mmd"): 130 for name in family_claims.CLOUDS},
    "_cauchy": {("ITL-CS", "fid"): 105},
    "_two_stage": {("two-stage", "then_fid"): 120},
}


def judged(monkeypatch, name, special, seeds=3):
    """The verdict on results of which all but the special ones are alike; seeds differ a little."""

    class Results(dict):
        def __missing__(self, key):
            return 100.0 + self.shift

    def record(arm, seed):
        results = Results({key: value + 0.01 * seed for (of, key), value in special.items() if of == arm})
        results.shift = 0.01 * seed
        return {"seed": seed, "results": results}

    monkeypatch.setattr(
        family_claims, "read", lambda experiment: {arm: [record(arm, seed) for seed in range(seeds)] for arm in ARMS}
    )
    text, verdict = RULES[name].verdict()
    assert text
    return verdict


def test_rules_have_texts_and_arms_exist():
    assert set(RULES) == set(PASSES) == set(FAILS)
    assert all(claim.text.endswith(".") and claim.rule and claim.source for claim in family_claims.CLAIMS)
    assert {arm for special in (*PASSES.values(), *FAILS.values()) for arm, _ in special} <= set(ARMS)


@pytest.mark.parametrize("name", list(RULES))
def test_a_rule_can_be_passed_and_failed_and_needs_three_seeds(monkeypatch, name):
    assert judged(monkeypatch, name, PASSES[name]) == family_claims.HOLDS
    assert judged(monkeypatch, name, FAILS[name]) in (family_claims.FAILS, family_claims.PARTLY)
    assert judged(monkeypatch, name, FAILS[name]) != family_claims.HOLDS
    assert judged(monkeypatch, name, PASSES[name], seeds=2) == "not measured yet"


def test_better_by_less_than_the_margin_is_partly(monkeypatch):
    assert judged(monkeypatch, "_iwae", {("IWAE 5", "nll"): 98.5}) == family_claims.PARTLY
    assert judged(monkeypatch, "_iwae", {("IWAE 5", "nll"): 97.0}) == "undecided"
    assert judged(monkeypatch, "_pixel_code", {("PixelVAE", "kl"): 1.995}) == "undecided"
    assert judged(monkeypatch, "_two_stage", {("two-stage", "then_fid"): 80}) == family_claims.PARTLY
