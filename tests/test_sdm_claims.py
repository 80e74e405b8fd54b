"""The poster's verdicts: each rule can be passed, failed and left undecided by made-up results."""

import pytest

from olc_lib.ledger import rules, sdm_claims
from olc_lib.systems import sdm

RULES = {claim.verdict.__name__: claim for claim in sdm_claims.CLAIMS}
ARMS = [f"{name}, {m}" for m in sdm_claims.SIZES for name in (*sdm_claims.DICTIONARIES, *sdm_claims.RIVALS)]
#: Results of three seeds with which no difference is shown.
WIDE = (0.1, 0.9, 0.4)


def judged(monkeypatch, name, rule, seeds=3):
    """The verdict where ``rule(arm)`` gives an arm's results: one a seed, or one that seeds change a little."""

    def results(arm, seed):
        return {key: v[seed] if isinstance(v, tuple) else v + 0.01 * seed for key, v in rule(arm).items()}

    found = {arm: [{"seed": seed, "results": results(arm, seed)} for seed in range(seeds)] for arm in ARMS}
    monkeypatch.setattr(sdm_claims, "read", lambda experiment: found)
    text, verdict = RULES[name].verdict()
    assert text
    if verdict != rules.UNMEASURED:
        assert rules.intervals([text]) and not any(f"{key}:" in text for key in sdm_claims.NAMES)
    return verdict


def test_arms_are_those_of_the_experiment():
    assert set(ARMS) == set(sdm.EXPERIMENTS[sdm_claims.FILE].arms)
    assert all(claim.text.endswith(".") and claim.rule and claim.source for claim in sdm_claims.CLAIMS)


@pytest.mark.parametrize("name", list(RULES))
def test_two_repetitions_are_not_enough(monkeypatch, name):
    verdict = judged(monkeypatch, name, lambda arm: {}, seeds=2)
    assert verdict == rules.UNMEASURED


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
def test_more_holds_less_does_not_and_a_wide_interval_is_undecided(monkeypatch, name, key, wins):
    assert judged(monkeypatch, name, lambda arm: {key: 0.6 if wins in arm else 0.4}) == rules.HOLDS
    assert judged(monkeypatch, name, lambda arm: {key: 0.4 if wins in arm else 0.6}) == rules.FAILS
    assert judged(monkeypatch, name, lambda arm: {key: WIDE if wins in arm else 0.4}) == rules.UNDECIDED


def test_sparser_than_some_is_partly(monkeypatch):
    sizes = {"SDM I": 0.6, "VAE": 0.4, "VSC .5": 0.5, "VSC .9": 0.5}
    rule = lambda arm: {"hoyer": sizes.get(arm.split(",")[0], 0.7)}  # noqa: E731
    assert judged(monkeypatch, "_sparser", rule) == rules.PARTLY


def test_sparser_than_some_and_perhaps_than_the_others_is_undecided(monkeypatch):
    sizes = {"SDM I": 0.6, "VSC .05": WIDE}
    rule = lambda arm: {"hoyer": sizes.get(arm.split(",")[0], 0.4)}  # noqa: E731
    assert judged(monkeypatch, "_sparser", rule) == rules.UNDECIDED


@pytest.mark.parametrize("fits, verdict", [(3, rules.HOLDS), (6, rules.FAILS), ((3, 8, 5), rules.UNDECIDED)])
def test_less_overfitting_holds(monkeypatch, fits, verdict):
    assert judged(monkeypatch, "_regularizer", lambda arm: {"overfitting": fits if "SDM" in arm else 5}) == verdict


@pytest.mark.parametrize("loss, verdict", [(0.07, rules.HOLDS), (0.11, rules.FAILS), (0.09, rules.PARTLY)])
def test_quality_is_kept(monkeypatch, loss, verdict):
    rule = lambda arm: {"pesq": 3.4 - loss * ("SDM" in arm), "stoi": 0.95 - 0.1 * loss * ("SDM" in arm)}  # noqa: E731
    assert judged(monkeypatch, "_intact", rule) == verdict


def test_quality_that_may_have_been_kept_is_undecided(monkeypatch):
    rule = lambda arm: {"pesq": (3.1, 3.9, 3.4) if "SDM" in arm else 3.4, "stoi": 0.95}  # noqa: E731
    assert judged(monkeypatch, "_intact", rule) == rules.UNDECIDED


def test_stable_means_a_smaller_spread(monkeypatch):
    def rule(wide, value=lambda arm: float(len(arm))):
        return lambda arm: dict.fromkeys(("pesq", "hoyer"), value(arm) if wide in arm else 1.0)

    assert judged(monkeypatch, "_stable", rule("VSC")) == rules.HOLDS
    assert judged(monkeypatch, "_stable", rule("SDM")) == rules.FAILS
    assert judged(monkeypatch, "_stable", rule("SDM I", lambda arm: (1.0, 9.0, 3.0))) == rules.UNDECIDED
