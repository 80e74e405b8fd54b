"""The poster's verdicts: each rule can be passed, and can be failed, by made-up results."""

import pytest

from olc_lib.ledger import sdm_claims
from olc_lib.systems import sdm

RULES = {claim.verdict.__name__: claim for claim in sdm_claims.CLAIMS}
ARMS = [f"{name}, {m}" for m in sdm_claims.SIZES for name in (*sdm_claims.DICTIONARIES, *sdm_claims.RIVALS)]


def judged(monkeypatch, name, rule, seeds=3):
    """The verdict where ``rule(arm)`` gives an arm's results; seeds differ a little, and alike in every arm."""
    found = {
        arm: [
            {"seed": seed, "results": {key: value + 0.01 * seed for key, value in rule(arm).items()}}
            for seed in range(seeds)
        ]
        for arm in ARMS
    }
    monkeypatch.setattr(sdm_claims, "read", lambda experiment: found)
    text, verdict = RULES[name].verdict()
    assert text
    return verdict


def test_arms_are_those_of_the_experiment():
    assert set(ARMS) == set(sdm.EXPERIMENTS[sdm_claims.FILE].arms)
    assert all(claim.text.endswith(".") and claim.rule and claim.source for claim in sdm_claims.CLAIMS)


@pytest.mark.parametrize("name", list(RULES))
def test_two_repetitions_are_not_enough(monkeypatch, name):
    verdict = judged(monkeypatch, name, lambda arm: {}, seeds=2)
    assert verdict == sdm_claims.UNMEASURED


@pytest.mark.parametrize(
    "name, key, wins",
    [
        ("_sparser", "hoyer", "SDM I"),
        ("_better", "pesq", "SDM I"),
        ("_frame_by_frame", "frame_by_frame", "SDM I"),
        ("_atoms", "hoyer", "DCT 64"),
        ("_interpretable", "disentangled", "SDM I"),
    ],
)
def test_more_holds_less_does_not(monkeypatch, name, key, wins):
    assert judged(monkeypatch, name, lambda arm: {key: 0.6 if wins in arm else 0.4}) == sdm_claims.HOLDS
    assert judged(monkeypatch, name, lambda arm: {key: 0.4 if wins in arm else 0.6}) == sdm_claims.FAILS


def test_sparser_than_some_is_partly(monkeypatch):
    sizes = {"SDM I": 0.6, "VAE": 0.4, "VSC .5": 0.5, "VSC .9": 0.5}
    rule = lambda arm: {"hoyer": sizes.get(arm.split(",")[0], 0.7)}  # noqa: E731
    assert judged(monkeypatch, "_sparser", rule) == sdm_claims.PARTLY


def test_less_overfitting_holds(monkeypatch):
    assert judged(monkeypatch, "_regularizer", lambda arm: {"overfitting": 3 if "SDM" in arm else 5}) == "holds"
    assert judged(monkeypatch, "_regularizer", lambda arm: {"overfitting": 5 if "SDM" in arm else 3}) == "does not hold"


@pytest.mark.parametrize("loss, verdict", [(0.07, "holds"), (0.09, "does not hold")])
def test_quality_is_kept(monkeypatch, loss, verdict):
    rule = lambda arm: {"pesq": 3.4 - loss * ("SDM" in arm), "stoi": 0.95 - 0.1 * loss * ("SDM" in arm)}  # noqa: E731
    assert judged(monkeypatch, "_intact", rule) == verdict


def test_stable_means_a_smaller_spread(monkeypatch):
    def rule(wide):
        return lambda arm: dict.fromkeys(("pesq", "hoyer"), float(len(arm)) if wide in arm else 1.0)

    assert judged(monkeypatch, "_stable", rule("VSC")) == sdm_claims.HOLDS
    assert judged(monkeypatch, "_stable", rule("SDM")) == sdm_claims.FAILS
