"""Verdicts on dual translation: each rule can be passed, and can be failed, by made-up results."""

import re
from pathlib import Path

import pytest

from olc_lib.ledger import dual_claims, experiments
from olc_lib.systems import dual

RULES = {claim.verdict.__name__: claim for claim in dual_claims.CLAIMS}
ARMS = (dual_claims.PRINTED, dual_claims.REPAIRED, dual_claims.PAIR, dual_claims.PLACED, dual_claims.LONGEST)
FINE = {"form_worst": 97, "class_worst": 98, "diversity_worst": 0.9, "kind_worst": 0.5, "gap_worst": 0.15,
        "fid_worst": 50, "kind_u": 0.5, "kind_v": 0.5, "shape_u": 0.4, "shape_v": 0.4,
        "class_code_worst": 0.9, "form_code_worst": 0.8}  # fmt: skip
POOR = {"form_worst": 80, "class_worst": 70, "diversity_worst": 0.1, "kind_worst": 0.01, "gap_worst": 0.0,
        "fid_worst": 300, "kind_u": 0.01, "kind_v": 0.02, "shape_u": 0.01, "shape_v": 0.02,
        "class_code_worst": 0.1, "form_code_worst": 0.05}  # fmt: skip


def judged(monkeypatch, name, results, seeds=3):
    """The verdict where an arm has these results; seeds differ a little, and alike in every arm."""
    found = {
        arm: [{"seed": s, "results": {k: v * (1 + 0.001 * s) for k, v in results[arm].items()}} for s in range(seeds)]
        for arm in ARMS
    }
    monkeypatch.setattr(dual_claims, "read", lambda experiment: found)
    text, verdict = RULES[name].verdict()
    assert f"{seeds} seeds" in text or verdict == dual_claims.UNMEASURED
    return verdict


def arms(printed, repaired=FINE, pair=FINE, placed=FINE, longest=FINE):
    return dict(zip(ARMS, (printed, repaired, pair, placed, longest), strict=True))


def test_arms_are_those_of_the_experiment():
    longer = {dual_claims.REPAIRED, dual_claims.PLACED, dual_claims.LONGEST}
    assert longer == set(dual.EXPERIMENTS[dual_claims.LONGER].arms)
    assert set(ARMS) - longer | {dual_claims.REPAIRED} <= set(dual.EXPERIMENTS[dual_claims.FILE].arms)
    assert all(claim.text.endswith(".") and claim.rule and claim.source for claim in dual_claims.CLAIMS)


@pytest.mark.parametrize("name", list(RULES))
def test_two_repetitions_are_not_enough(monkeypatch, name):
    assert judged(monkeypatch, name, arms(FINE), seeds=2) == dual_claims.UNMEASURED


@pytest.mark.parametrize("name", ["_disentangled", "_seeded", "_right"])
def test_printed_claims_hold_or_fail(monkeypatch, name):
    assert judged(monkeypatch, name, arms(FINE)) == dual_claims.HOLDS
    assert judged(monkeypatch, name, arms(POOR)) == dual_claims.FAILS


def test_one_of_two_is_partly(monkeypatch):
    assert judged(monkeypatch, "_right", arms({**POOR, "form_worst": 99})) == dual_claims.PARTLY
    assert judged(monkeypatch, "_disentangled", arms({**FINE, "kind_v": 0.05})) == dual_claims.PARTLY


def test_more_varied_than_the_pair(monkeypatch):
    assert judged(monkeypatch, "_varied", arms(FINE, pair=POOR)) == dual_claims.HOLDS
    assert judged(monkeypatch, "_varied", arms(POOR)) == dual_claims.FAILS
    assert judged(monkeypatch, "_varied", arms(FINE)) == dual_claims.UNDECIDED


@pytest.mark.parametrize("name", ["_repaired", "_chosen", "_longest", "_placed"])
def test_every_aim_is_needed(monkeypatch, name):
    verdict = lambda scores: judged(monkeypatch, name, arms(POOR, scores, placed=scores, longest=scores))  # noqa: E731
    assert verdict(FINE) == dual_claims.HOLDS
    assert verdict({**FINE, "gap_worst": 0.09}) == dual_claims.PARTLY
    assert verdict({**FINE, "fid_worst": 160}) == dual_claims.PARTLY
    assert verdict(POOR) == dual_claims.FAILS


@pytest.mark.parametrize("key", ["class_code_worst", "form_code_worst"])
def test_a_deaf_slot_is_no_repair(monkeypatch, key):
    deaf = {**FINE, key: 0.2}
    assert judged(monkeypatch, "_chosen", arms(POOR, deaf)) == dual_claims.PARTLY
    assert judged(monkeypatch, "_longest", arms(POOR, longest=deaf)) == dual_claims.PARTLY


def test_who_keeps_more_of_the_shape(monkeypatch):
    less = {**FINE, "gap_worst": 0.05}
    assert judged(monkeypatch, "_kept", arms(POOR, less)) == dual_claims.HOLDS
    assert judged(monkeypatch, "_kept", arms(POOR, placed=less)) == dual_claims.FAILS
    assert judged(monkeypatch, "_kept", arms(POOR)) == dual_claims.UNDECIDED


def test_arms_that_the_reading_notes_cite_are_measured():
    notes = Path(__file__).parents[1] / "book" / "notes_on_neighbours.md"
    cited = re.findall(r"\*(dual-\w+)(?:: ([^*]+))?\*", notes.read_text(encoding="utf-8"))
    assert {name for name, _ in cited} >= {"dual-ladder", "dual-trials"}
    for name, arms in cited:
        assert set(filter(None, arms.split("; "))) <= experiments.read(name, quiet=True).keys(), name


def test_every_stored_result_belongs_to_an_arm_of_today():
    for name, experiment in dual.EXPERIMENTS.items():
        stored = experiments.read(name, quiet=True)
        assert stored and stored.keys() <= experiment.arms.keys(), name
