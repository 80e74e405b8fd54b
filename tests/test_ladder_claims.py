"""The rules on the ladder from the paper's letter: what they say of made-up results."""

import pytest

from olc_lib.ledger import ladder_claims, raw_experiments

RULES = {claim.verdict.__name__: claim for claim in ladder_claims.CLAIMS}


def judged(monkeypatch, name, **found):
    monkeypatch.setattr(ladder_claims, "read", lambda experiment: found.get(experiment.replace("-", "_"), {}))
    return RULES[name].verdict()


def arm(digit, speaker, seeds=3, spread=0.1):
    """Trainings of a rung that differ a little."""
    return [
        {"seed": s, "results": {"digit": digit + 0.1 * s, "speaker": speaker + spread * s**2, "signals": 300}}
        for s in range(seeds)
    ]


def ladder(seeds=3, **other):
    """Results of every rung: the root mean square is the first that reads; ``other`` replaces some."""
    names = [name for name, _ in raw_experiments.REPAIRS]
    first = names.index("root mean square")
    found = {name: arm(10, 17, seeds) if k < first else arm(20, 75, seeds) for k, name in enumerate(names)}
    found["inner normalization"] = arm(80, 90, seeds)
    return found | {name.replace("_", " "): records for name, records in other.items()}


@pytest.mark.parametrize(
    "found, verdict",
    [
        (ladder(), "holds"),
        (ladder(absolute_maximum=arm(60, 17)), "holds partly"),  # then it was not the first
        (ladder(root_mean_square=arm(10, 37, spread=1)), "undecided"),  # 20 points more, about as asked
        (ladder(seeds=2), "not measured yet"),
    ],
)
def test_the_first_rung_that_reads(monkeypatch, found, verdict):
    assert judged(monkeypatch, "_first_to_read", letter_ladder=found)[1] == verdict


def test_every_rung_before_counts(monkeypatch):
    assert len(ladder_claims.BEFORE) == 6
    for name in ladder_claims.BEFORE:
        found = ladder() | {name: arm(10, 60)}
        text, verdict = judged(monkeypatch, "_first_to_read", letter_ladder=found)
        assert verdict == "holds partly" and "speakers at most 60." in text


@pytest.mark.parametrize(
    "digits, verdict", [(80, "holds"), (45, "holds partly"), (25, "does not hold"), (50, "undecided")]
)
def test_digits_need_more(monkeypatch, digits, verdict):
    found = ladder(inner_normalization=arm(digits, 90))
    assert judged(monkeypatch, "_digits", letter_ladder=found)[1] == verdict


def test_at_a_quarter_the_first_training_is_judged_over_its_clips(monkeypatch):
    found = {name: records[:1] for name, records in ladder().items() if name in raw_experiments.DECIDING}
    text, verdict = judged(monkeypatch, "_quarter", letter_ladder_quarter=found)
    assert verdict == "holds" and "inner normalization: digits 80.0 % (75.1 to 84.1)" in text
    for name, records in (("positive coordinate", arm(60, 17, 1)), ("inner normalization", arm(30, 90, 1))):
        assert judged(monkeypatch, "_quarter", letter_ladder_quarter=found | {name: records})[1] == "holds partly"
    assert judged(monkeypatch, "_quarter")[1] == "not measured yet"


def test_the_rungs_at_a_quarter_are_those_of_the_ladder():
    ladder, quarter = (raw_experiments.EXPERIMENTS[name].arms for name in ("letter-ladder", "letter-ladder-quarter"))
    assert tuple(quarter) == raw_experiments.DECIDING
    for name, changes in quarter.items():
        assert changes == ladder[name] | {"width": 1 / 4}
