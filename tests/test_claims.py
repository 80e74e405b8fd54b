"""The ledger's verdicts: each rule can be passed, and can be failed, by made-up results."""

import itertools

import pytest

from olc_lib.ledger import claims, experiments

RULES = {claim.judge.__name__: claim for claim in claims.CLAIMS}


def records(seeds=5, **results):
    """One record a seed, with a little spread."""
    return [
        {"seed": seed, "results": {key: value + 0.001 * seed for key, value in results.items()}}
        for seed in range(seeds)
    ]


def read_digits(monkeypatch, name, **found):
    """The verdict of one rule on made-up results: experiment to arms to records."""
    monkeypatch.setattr(claims, "read", lambda experiment: found.get(experiment, {}))
    text, verdict = RULES[name].image_classifier()
    assert text
    return verdict


def test_every_claim_says_where_it_comes_from_and_what_would_hold():
    assert len(RULES) == len(claims.CLAIMS)
    for claim in claims.CLAIMS:
        assert claim.text.endswith(".") and claim.source and claim.rule and claim.files
        assert set(claim.files) <= experiments.known().keys()


@pytest.mark.parametrize("name", list(RULES))
def test_nothing_is_judged_without_results(monkeypatch, name):
    assert read_digits(monkeypatch, name) == claims.UNMEASURED


def test_four_repetitions_are_not_enough(monkeypatch):
    arms = {"as built": records(4, jump=0.1), "without ramps": records(5, jump=0.5)}
    assert read_digits(monkeypatch, "_ramps", image=arms) == claims.UNMEASURED


@pytest.mark.parametrize("without, verdict", [(0.5, claims.HOLDS), (0.05, claims.FAILS)])
def test_ramps(monkeypatch, without, verdict):
    arms = {"as built": records(jump=0.1), "without ramps": records(jump=without)}
    assert read_digits(monkeypatch, "_ramps", image=arms) == verdict


@pytest.mark.parametrize(
    "maximum, deviation, verdict", [(70, 70, claims.HOLDS), (95, 95, claims.FAILS), (70, 80, claims.PARTLY)]
)
def test_max_m(monkeypatch, maximum, deviation, verdict):
    def rival(x):
        return [{"seed": s, "results": {"digit": x + (-1) ** s, "speaker": x + (-1) ** s}} for s in range(5)]

    arms = {
        "as built": records(digit=80, speaker=80),
        "divided by the maximum": rival(maximum),
        "divided by the deviation": rival(deviation),
    }
    assert read_digits(monkeypatch, "_max_m", raw=arms) == verdict


def terms(early, final):
    return {"reconstruction_early": 1.0, "reconstruction_final": 0.9, "digit_early": early, "digit_final": final}


@pytest.mark.parametrize(
    "with_b, without_b, verdict",
    [((1, 0.8), (1, 1.2), claims.HOLDS), ((1, 0.8), (1, 0.8), claims.FAILS), ((1, 1.2), (1, 1.2), claims.FAILS)],
)
def test_balancing(monkeypatch, with_b, without_b, verdict):
    arms = {
        "as built": records(digit=90, **terms(*with_b)),
        "without balancing": records(digit=80, **terms(*without_b)),
    }
    assert read_digits(monkeypatch, "_balancing", image=arms, voice=arms) == verdict


@pytest.mark.parametrize("cosines", list(itertools.product((0.05, 0.6), repeat=2)))
def test_orthogonality(monkeypatch, cosines):
    voice = {"as built": records(speaker_cosine=cosines[0], digit_cosine=cosines[0])}
    image = {"as built": records(digit_cosine=cosines[1])}
    wanted = {(0.05, 0.05): claims.HOLDS, (0.6, 0.6): claims.FAILS}.get(cosines, claims.PARTLY)
    assert read_digits(monkeypatch, "_orthogonal", voice=voice, image=image) == wanted


@pytest.mark.parametrize("count, verdict", [(9, claims.HOLDS), (7, claims.PARTLY), (3, claims.FAILS)])
def test_handcrafted(monkeypatch, count, verdict):
    assert read_digits(monkeypatch, "_handcrafted", image={"as built": records(handcrafted=count)}) == verdict


@pytest.mark.parametrize("drop, verdict", [(95, claims.HOLDS), (80, claims.PARTLY), (30, claims.FAILS)])
def test_crossing(monkeypatch, drop, verdict):
    assert read_digits(monkeypatch, "_crossing", crossing={"as built": records(drop=drop, voice_digit=97)}) == verdict


@pytest.mark.parametrize(
    "bridge, free, verdict", [(95, 95, claims.HOLDS), (95, 60, claims.PARTLY), (60, 95, claims.FAILS)]
)
def test_light_training(monkeypatch, bridge, free, verdict):
    arm = records(drop=90, bridge_25=90, bridge_200=bridge, free_25=50, free_200=free)
    assert read_digits(monkeypatch, "_light", crossing={"as built": arm}) == verdict


@pytest.mark.parametrize("late, verdict", [(95, claims.HOLDS), (70, claims.FAILS)])
def test_late_injection(monkeypatch, late, verdict):
    good = late > 80
    image = {
        "as built": records(digit=late, rms=0.1 if good else 0.3),
        "all terms from the start": records(digit=80, rms=0.2),
    }
    voice = {"as built": records(digit=80), "injected as printed": records(digit=late)}
    assert read_digits(monkeypatch, "_late", image=image, voice=voice) == verdict


@pytest.mark.parametrize("printed, verdict", [(95, claims.HOLDS), (40, claims.FAILS)])
def test_raw_as_printed(monkeypatch, printed, verdict):
    arms = ("no inner normalization", "largest, as printed", "root mean square")
    found = {arm: records(digit=printed if arm == arms[1] else 50) for arm in arms}
    assert read_digits(monkeypatch, "_raw", collapse=found) == verdict


def test_effects_are_differences_seed_by_seed(monkeypatch):
    first = [{"seed": s, "results": {"digit": 10.0 * s}} for s in range(5)]
    second = [{"seed": s, "results": {"digit": 10.0 * s + 2}} for s in (1, 0, 2)]
    monkeypatch.setattr(claims, "read", lambda name: {"as built": first, "without ramps": second})
    rows = {row[0]: row[1:] for row in claims.effects("image", {"digit": 1})}
    assert rows.keys() == experiments.known()["image"].arms.keys()
    assert rows["as built"] == ["5", "20.0"] and rows["without ramps"] == ["3", "12.0 (+2.0 to +2.0)"]
    assert rows["signed maximum"] == ["0", claims.UNMEASURED]


def test_a_table_is_escaped():
    assert claims.table(["a < b"], [["<b>"]]).count("&lt;") == 2
