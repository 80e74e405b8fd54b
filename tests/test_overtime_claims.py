"""The verdicts on codes over time and VAE-GAN: each rule can be passed and failed by made-up results."""

import pytest

from olc_lib.ledger import overtime_claims as judged
from olc_lib.systems.family import overtime_studies

RULES = {claim.verdict.__name__: claim for claim in judged.CLAIMS}
#: Rule to what must be changed in results that pass, so that it fails: arm, key, number.
SPOILT = {
    "_code": ("RNN", "nats", 9.0),
    "_mixture": ("RNN, mixture of 4", "nats", 9.0),
    "_rank": ("RNN, rank 6", "nats", 9.0),
    "_prior": ("VRNN, prior N(0, I)", "nats", 9.0),
    "_memory": ("VAE of frames", "nats", 9.0),
    "_drawings": ("RNN", "frechet", 0.1),
    "_gan": (judged.RIVAL, "fid", 1.0),
    "_varied": (judged.GAN_ARM, "digits", 0.5),
}


def verdict(monkeypatch, name, change=None, seeds=3):
    """Of a rule, on results in which VRNN and VAE-GAN are best."""
    arms = {arm: {"nats": 0.0, "frechet": 2.0} for arm in overtime_studies.MODELS}
    arms["VRNN"] = {"nats": 5.0, "frechet": 1.0}
    arms |= {judged.GAN_ARM: {"fid": 5.0, "digits": 2.29}, judged.RIVAL: {"fid": 12.0}}
    if change:
        arm, key, value = change
        arms[arm][key] = value

    def records(arm):
        return [{"arm": arm, "seed": s, "results": {k: v + 0.001 * s for k, v in arms[arm].items()}}
                for s in range(seeds)]  # fmt: skip

    monkeypatch.setattr(judged, "read", lambda experiment: {arm: records(arm) for arm in arms})
    return RULES[name].verdict()[1]


@pytest.mark.parametrize("name", SPOILT)
def test_rules_pass_fail_and_wait(monkeypatch, name):
    assert verdict(monkeypatch, name) == "holds"
    assert verdict(monkeypatch, name, SPOILT[name]) == "does not hold"
    assert verdict(monkeypatch, name, seeds=2) == "not measured yet"


def test_a_few_digits_missing_is_partly(monkeypatch):
    assert verdict(monkeypatch, "_varied", (judged.GAN_ARM, "digits", 2.0)) == "holds partly"


def test_every_rule_is_tried_and_names_its_files():
    assert set(SPOILT) == set(RULES)
    assert all(claim.text.endswith(".") and claim.rule and claim.source and claim.files for claim in judged.CLAIMS)
