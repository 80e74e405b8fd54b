"""The ledger's verdicts: each rule can be passed, and can be failed, by made-up results."""

import itertools
import re
from types import SimpleNamespace

import pytest
import torch

from olc_lib import runs, stored
from olc_lib.ledger import claims, drawn_claims, experiments, letter_claims, rules

RULES = {claim.verdict.__name__: claim for claim in claims.CLAIMS}


def records(seeds=5, **results):
    """One record a seed, with a little spread."""
    return [
        {"seed": seed, "results": {key: value + 0.001 * seed for key, value in results.items()}}
        for seed in range(seeds)
    ]


def verdict_of(monkeypatch, name, **found):
    """The verdict of one rule on made-up results: experiment to arms to records."""
    for module in (claims, drawn_claims, letter_claims):
        monkeypatch.setattr(module, "read", lambda experiment: found.get(experiment, {}))
    text, verdict = RULES[name].verdict()
    assert text
    return verdict


def test_every_claim_says_where_it_comes_from_and_what_would_hold():
    assert len(RULES) == len(claims.CLAIMS)
    for claim in claims.CLAIMS:
        assert claim.text.endswith(".") and claim.source and claim.rule and claim.files
        made = {"/".join(pair) for pair in stored.made()} | {"letter/printed"}
        assert set(claim.files) <= experiments.known().keys() | made


def test_verdicts_on_several_conditions():
    """Every combination of three sides, against the sentence that the page prints."""
    for sides in itertools.product((True, False, None), repeat=3):
        right, wrong = sides.count(True), sides.count(False)
        if right == 3:
            expected = rules.HOLDS
        elif wrong and right:
            expected = rules.PARTLY
        else:
            expected = rules.FAILS if wrong else rules.UNDECIDED
        assert rules.several(sides) == expected


@pytest.mark.parametrize(
    "low, high, verdict",
    [
        (91, 95, rules.HOLDS),
        (85, 95, rules.UNDECIDED),
        (60, 80, rules.PARTLY),
        (40, 60, rules.UNDECIDED),
        (10, 40, rules.FAILS),
        (40, 95, rules.UNDECIDED),
    ],
)
def test_verdicts_on_two_thresholds(low, high, verdict):
    result = ((low + high) / 2, low, high)
    assert rules.graded(rules.above(result, 90), rules.above(result, 50)) == verdict
    mirrored = tuple(-number for number in (result[0], high, low))
    assert rules.graded(rules.below(mirrored, -90), rules.below(mirrored, -50)) == verdict


def test_a_rule_prints_its_own_thresholds():
    """Code and text from the same constants; what was changed after the data has a date."""
    text = " ".join(claim.rule for claim in claims.CLAIMS)
    thresholds = (claims.READ, claims.RISE, drawn_claims.LOSS, drawn_claims.ALIKE, drawn_claims.ORTHOGONAL)
    for number in (*thresholds, *drawn_claims.CRAFTED, *drawn_claims.CROSSED, *drawn_claims.DECIBELS):
        assert f"{number:g} " in text or f"{number:g}:" in text or text.endswith(f"{number:g}"), number
    assert all(re.search("2026-(11-(29|30)|12-01)[:,]", claim.changed) for claim in claims.CLAIMS)


# A stored run is judged even where no experiment is: its rule needs no records.
@pytest.mark.parametrize("name", [n for n in RULES if n not in ("_redrawn_wave", "_letter", "_image_letter")])
def test_nothing_is_judged_without_results(monkeypatch, name):
    assert verdict_of(monkeypatch, name) == claims.UNMEASURED


def test_four_repetitions_are_not_enough(monkeypatch):
    arms = {"as built": records(4, jump=0.1), "without ramps": records(5, jump=0.5)}
    assert verdict_of(monkeypatch, "_ramps", image=arms) == claims.UNMEASURED


@pytest.mark.parametrize("without, verdict", [(0.5, claims.HOLDS), (0.05, claims.FAILS)])
def test_ramps(monkeypatch, without, verdict):
    arms = {"as built": records(jump=0.1), "without ramps": records(jump=without)}
    assert verdict_of(monkeypatch, "_ramps", image=arms) == verdict


@pytest.mark.parametrize(
    "maximum, deviation, verdict",
    [
        (70, 70, claims.HOLDS),
        (95, 95, claims.FAILS),
        (70, 80, claims.UNDECIDED),
        (80, 80, claims.UNDECIDED),
        (70, 95, claims.PARTLY),
        (95, 80, claims.FAILS),
    ],
)
def test_max_m(monkeypatch, maximum, deviation, verdict):
    def rival(x):
        return [{"seed": s, "results": {"digit": x + (-1) ** s, "speaker": x + (-1) ** s}} for s in range(5)]

    arms = {
        "as built": records(digit=80, speaker=80),
        "divided by the maximum": rival(maximum),
        "divided by the deviation": rival(deviation),
    }
    assert verdict_of(monkeypatch, "_max_m", raw=arms) == verdict


def terms(early, final):
    return {"reconstruction_early": 1.0, "reconstruction_final": 0.9, "digit_early": early, "digit_final": final}


@pytest.mark.parametrize(
    "with_b, without_b, verdict",
    [
        ((1, 0.8), (1, 1.2), claims.HOLDS),
        ((1, 0.8), (1, 0.8), claims.FAILS),
        ((1, 1.2), (1, 1.2), claims.FAILS),
        ((1, 1.04), (1, 1.06), claims.HOLDS),
    ],
)
def test_balancing(monkeypatch, with_b, without_b, verdict):
    arms = {
        "as built": records(digit=90, **terms(*with_b)),
        "without balancing": records(digit=80, **terms(*without_b)),
    }
    assert verdict_of(monkeypatch, "_balancing", image=arms, voice=arms) == verdict


def test_balancing_where_seeds_disagree(monkeypatch):
    """Some rise without B and fewer with it: nothing is decided."""
    with_b = records(digit=90, **terms(1, 0.8))
    without = records(digit=80, **terms(1, 1.2))[:4] + records(digit=80, **terms(1, 0.8))[4:]
    arms = {"as built": with_b, "without balancing": without}
    assert verdict_of(monkeypatch, "_balancing", image=arms, voice=arms) == claims.UNDECIDED
    cured = {"as built": with_b, "without balancing": records(digit=80, **terms(1, 1.2))}
    same = {"as built": with_b, "without balancing": with_b}
    assert verdict_of(monkeypatch, "_balancing", image=cured, voice=same) == claims.PARTLY


def test_a_rise_at_the_entry_of_the_last_term_is_seen():
    """A term that was low before the last one came in, and stays up, has risen; its level after the entry hides it."""
    course = {"reconstruction": [1.0, 0.5, 0.7, 0.7], "digit": [None, None, 1.0, 0.8]}
    results = {"reconstruction_early": 0.7, "reconstruction_final": 0.7, "digit_early": 1.0, "digit_final": 0.8}
    assert claims._rises({"results": results}) == pytest.approx([0, -20])
    assert claims._rises({"results": results | {"curves": course}}) == pytest.approx([40, -20])


@pytest.mark.parametrize("cosines", list(itertools.product((0.05, 0.6), repeat=2)))
def test_orthogonality(monkeypatch, cosines):
    voice = {"as built": records(speaker_cosine=cosines[0], digit_cosine=cosines[0])}
    image = {"as built": records(digit_cosine=cosines[1])}
    wanted = {(0.05, 0.05): claims.HOLDS, (0.6, 0.6): claims.FAILS}.get(cosines, claims.PARTLY)
    assert verdict_of(monkeypatch, "_orthogonal", raw=voice, voice=voice, image=image) == wanted


def test_orthogonality_at_the_threshold_is_undecided(monkeypatch):
    voice, image = (
        {"as built": records(speaker_cosine=0.05, digit_cosine=0.05)},
        {"as built": records(digit_cosine=0.199)},
    )
    assert verdict_of(monkeypatch, "_orthogonal", raw=voice, voice=voice, image=image) == claims.UNDECIDED
    assert verdict_of(monkeypatch, "_orthogonal", voice=voice, image=image) == claims.UNMEASURED


@pytest.mark.parametrize("count, verdict", [(9, claims.HOLDS), (7, claims.PARTLY), (3, claims.FAILS)])
def test_handcrafted(monkeypatch, count, verdict):
    assert verdict_of(monkeypatch, "_handcrafted", image={"as built": records(handcrafted=count)}) == verdict


@pytest.mark.parametrize("odd", [8, 10])
def test_handcrafted_where_seeds_disagree(monkeypatch, odd):
    counts = records(handcrafted=9)[:4] + records(handcrafted=odd)[4:]
    wanted = claims.HOLDS if odd == 10 else claims.UNDECIDED
    assert verdict_of(monkeypatch, "_handcrafted", image={"as built": counts}) == wanted


@pytest.mark.parametrize(
    "drop, verdict", [(95, claims.HOLDS), (89.999, claims.UNDECIDED), (80, claims.PARTLY), (30, claims.FAILS)]
)
def test_crossing(monkeypatch, drop, verdict):
    assert verdict_of(monkeypatch, "_crossing", crossing={"as built": records(drop=drop, voice_digit=97)}) == verdict


@pytest.mark.parametrize(
    "bridge, free, verdict",
    [(95, 95, claims.HOLDS), (95, 60, claims.PARTLY), (60, 60, claims.FAILS)],
)
def test_light_training(monkeypatch, bridge, free, verdict):
    arm = records(drop=90, bridge_25=90, bridge_200=bridge, free_25=50, free_200=free)
    assert verdict_of(monkeypatch, "_light", crossing={"as built": arm}) == verdict


def test_light_training_at_the_threshold_is_undecided(monkeypatch):
    arm = records(drop=90, bridge_25=90, bridge_200=95, free_25=50, free_200=89)
    for record in arm:
        record["results"]["free_200"] += (-1) ** record["seed"]
    assert verdict_of(monkeypatch, "_light", crossing={"as built": arm}) == claims.UNDECIDED


#: The third pair of late injection, early and late.
CONSTANT = ("constant rate", "constant rate, injected as printed")


def late(image, early_image, voice, constant, raw):
    """The arms that claims on late injection read: late and early images, and what is late with the others."""
    early = records(digit=80, rms=80)
    return {
        "image": {"as built": image, "all terms from the start": early_image},
        "voice": {"as built": early, "injected as printed": voice, CONSTANT[0]: early, CONSTANT[1]: constant},
        "raw": {"as built": early, "injected as printed": raw},
    }


@pytest.mark.parametrize("image, voice, verdict", [(95, 95, "HOLDS"), (70, 70, "FAILS"), (95, 70, "PARTLY")])
def test_late_injection(monkeypatch, image, voice, verdict):
    """More digits are better, a smaller residual is: the same numbers give opposite verdicts."""
    heard = records(digit=voice, rms=voice)
    found = late(records(digit=image, rms=image), records(digit=80, rms=80), heard, heard, heard)
    opposite = {"HOLDS": "FAILS", "FAILS": "HOLDS"}.get(verdict, verdict)
    assert verdict_of(monkeypatch, "_late_digits", **found) == getattr(claims, verdict)
    assert verdict_of(monkeypatch, "_late_residual", **found) == getattr(claims, opposite)


@pytest.mark.parametrize("share", [80, 79.999])
def test_late_injection_without_a_difference(monkeypatch, share):
    def spread(x):
        return [{"seed": s, "results": {"digit": x + (-1) ** s}} for s in range(5)]

    found = late(spread(share), records(digit=80), *[spread(share)] * 3)
    assert verdict_of(monkeypatch, "_late_digits", **found) == claims.UNDECIDED


def test_late_injection_must_hold_at_a_constant_rate_as_well(monkeypatch):
    """Three clear pairs are not enough if the fourth is open."""
    found = late(*(records(digit=share) for share in (95, 80, 95, 80, 95)))
    for record in found["voice"][CONSTANT[1]]:
        record["results"]["digit"] += (-1) ** record["seed"]
    assert verdict_of(monkeypatch, "_late_digits", **found) == claims.UNDECIDED
    del found["voice"][CONSTANT[1]]
    assert verdict_of(monkeypatch, "_late_digits", **found) == claims.UNMEASURED


@pytest.mark.parametrize("largest, verdict", [(95, claims.HOLDS), (40, claims.FAILS), (79.999, claims.UNDECIDED)])
def test_the_largest_absolute_coordinate(monkeypatch, largest, verdict):
    arms = ("no inner normalization", "largest, as printed", "root mean square")
    found = {arm: records(digit=largest if arm == arms[1] else 50) for arm in arms}
    assert verdict_of(monkeypatch, "_raw", collapse=found) == verdict


@pytest.mark.parametrize(
    "digit, speaker, verdict",
    [(95, 95, claims.HOLDS), (10, 17, claims.FAILS), (95, 17, claims.PARTLY), (95, 80, claims.UNDECIDED)],
)
def test_the_letter(monkeypatch, digit, speaker, verdict):
    """It is judged by the run of its own alone."""
    measured = {"raw_digit": digit, "raw_speaker": speaker, "raw_signals": 300}
    monkeypatch.setattr(
        runs, "read_results", lambda *name: {"metrics": measured} if name == ("printed", "letter") else {}
    )
    assert verdict_of(monkeypatch, "_letter") == verdict


@pytest.mark.parametrize("name", ["_letter", "_image_letter"])
def test_the_letter_is_not_judged_without_its_run(monkeypatch, name):
    def nothing(*name):
        raise FileNotFoundError

    monkeypatch.setattr(runs, "read_results", nothing)
    assert verdict_of(monkeypatch, name) == claims.UNMEASURED


@pytest.mark.parametrize(
    "digit, crafted, verdict",
    [(95, 10, claims.HOLDS), (10, 1, claims.FAILS), (95, 8, claims.PARTLY), (10, 9, claims.PARTLY)],
)
def test_the_image_model_to_the_letter(monkeypatch, digit, crafted, verdict):
    """It must read, and draw on demand."""
    measured = {"image_digit": digit, "handcrafted": crafted, "image_signals": 10_000}
    monkeypatch.setattr(runs, "read_results", lambda *name: {"metrics": measured})
    assert verdict_of(monkeypatch, "_image_letter") == verdict


def test_letters_at_every_width(monkeypatch, tmp_path):
    """One table from two kinds of files: the run without its weights, and the first training of each narrow arm."""
    terms = {"digit": torch.cat([torch.ones(50), torch.full((50,), 0.25)]), "total": torch.ones(100)}
    run = SimpleNamespace(results={"metrics": {"raw_digit": 11.0, "image_digit": 9.0}}, history={"raw": terms})
    monkeypatch.setattr(letter_claims.stored, "load", lambda *name, only, quiet: run if only == [] else None)
    found = {"a quarter of the width": records(2, digit=12.0)}
    monkeypatch.setattr(letter_claims, "read", lambda experiment: found)
    widths = letter_claims.letters()
    assert list(widths) == ["a quarter of the width", "full width"]
    assert widths["full width"]["digit"] == 11.0 and widths["full width"]["digit_final"] == 0.25


@pytest.mark.parametrize(
    "sixteenth, quarter, verdict",
    [(95, 95, claims.HOLDS), (10, 17, claims.FAILS), (10, 95, claims.PARTLY), (95, 80, claims.UNDECIDED)],
)
def test_narrow_letters(monkeypatch, sixteenth, quarter, verdict):
    """One training of each decides; without one of them nothing is said."""
    shares = {"a sixteenth of the width": sixteenth, "a quarter of the width": quarter}
    found = {arm: records(1, digit=share, speaker=share, signals=300) for arm, share in shares.items()}
    assert verdict_of(monkeypatch, "_narrow_letters", **{"letter-widths": found}) == verdict
    found.popitem()
    assert verdict_of(monkeypatch, "_narrow_letters", **{"letter-widths": found}) == claims.UNMEASURED


@pytest.mark.parametrize(
    "slim, embedded, verdict",
    [(4, 5, claims.HOLDS), (1, 1, claims.PARTLY), (-2, -1, claims.FAILS), (-2, 5, claims.UNDECIDED)],
)
def test_redrawn_waveforms(monkeypatch, slim, embedded, verdict):
    ratios = {"slim": slim, "embedded": embedded}
    monkeypatch.setattr(stored, "read_results", lambda run: {"metrics": {"raw_snr": ratios[run]}})
    assert verdict_of(monkeypatch, "_redrawn_wave") == verdict


@pytest.mark.parametrize(
    "rms, verdict",
    [(0.4, claims.HOLDS), (0.499, claims.UNDECIDED), (0.8, claims.PARTLY), (0.999, claims.UNDECIDED), (2, "FAILS")],
)
def test_redrawn_pictures(monkeypatch, rms, verdict):
    """The mean picture of a class leaves a residual of 1 where two items differ by the root of 2."""
    means = {"mean signals": records(1, real_image_error=2**0.5, real_voice_error=2**0.5)}
    arm = {"as built": records(rms=rms)}
    for name in ("_image", "_log_mel"):
        found = verdict_of(monkeypatch, name, image=arm, voice=arm, **{"peers-means": means})
        assert found == getattr(claims, verdict, verdict)


@pytest.mark.parametrize(
    "own, turned, verdict",
    [(0.9, 0, claims.HOLDS), (0.799, 0, claims.UNDECIDED), (0.9, 1, claims.PARTLY), (0.1, 1, claims.FAILS)],
)
def test_codes_of_two_domains(monkeypatch, own, turned, verdict):
    """Average codes of a run that are the same, or that are turned by one class."""
    eye = torch.eye(10) + 0.01 * torch.rand(10, 10, generator=torch.Generator().manual_seed(0))
    arrays = {"voice_digit": eye, "image_digit": eye.roll(turned, 0)}
    monkeypatch.setattr(stored, "load", lambda run, only, quiet: type("Run", (), {"arrays": arrays}))
    arm = {"as built": records(digit_own=own)}
    assert verdict_of(monkeypatch, "_alike", image=arm, voice=arm) == verdict


def test_strangers_are_judged_one_by_one(monkeypatch):
    """The interval is over speakers: two that differ by 20 points are far from sure of their mean."""
    found = {name: [{"seed": 0, "results": {"test": share}}] for name, share in (("a", 80.0), ("b", 100.0))}
    monkeypatch.setattr(claims, "read", lambda name: found)
    shares, (mean, low, high) = claims.strangers()
    assert shares == [80, 100] and mean == 90 and high - low == pytest.approx(2 * 12.7062 * 10, rel=1e-4)


def test_intervals_are_counted():
    texts = ["96.1 % (95.2 to 97.0)", "a (speaker) 12.0 (-2.0 to +2.0); 0.1 (0.05 to 0.15)", "from 3 to 4"]
    assert rules.intervals(texts) == [(95.2, 97.0), (-2, 2), (0.05, 0.15)]


def test_the_tally_counts_every_claim():
    verdicts = [rules.HOLDS, rules.FAILS, rules.HOLDS, rules.UNMEASURED]
    assert rules.tally(verdicts) == "Of 4 claims: holds 2, does not hold 1, not measured yet 1."


def test_effects_are_differences_seed_by_seed(monkeypatch):
    first = [{"seed": s, "results": {"digit": 10.0 * s}} for s in range(5)]
    second = [{"seed": s, "results": {"digit": 10.0 * s + 2}} for s in (1, 0, 2)]
    monkeypatch.setattr(claims, "read", lambda name: {"as built": first, "without ramps": second})
    rows = {row[0]: row[1:] for row in claims.effects("image", {"digit": 1})}
    assert rows.keys() == experiments.known()["image"].arms.keys()
    assert rows["as built"] == ["5", "20.0"] and rows["without ramps"] == ["3", "12.0 (+2.0 to +2.0)"]
    assert rows["signed maximum"] == ["0", claims.UNMEASURED]


def test_effects_of_a_ladder_are_differences_from_the_row_above(monkeypatch):
    arms = ("as built", "as printed", "without ramps")
    monkeypatch.setattr(claims, "find", lambda name: experiments.Experiment("Why?", abs, dict.fromkeys(arms)))
    found = {arm: [{"seed": s, "results": {"digit": 10.0 * k + s}} for s in range(3)] for k, arm in enumerate(arms)}
    monkeypatch.setattr(claims, "read", lambda name: found)
    shown = [row[2] for row in claims.effects("image", {"digit": 0}, ladder=True)]
    assert shown == ["1", "11 (+10 to +10)", "21 (+10 to +10)"]


def test_a_table_is_escaped():
    assert claims.table(["a < b"], [["<b>"]]).count("&lt;") == 2
