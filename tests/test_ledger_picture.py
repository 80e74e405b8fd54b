"""The ledger's picture: every reading belongs to a claim, distances have the right sign, verdicts agree with bars."""

import matplotlib.pyplot as plt
import pytest

from olc_lib.ledger import claims, dual_claims, family_claims, fhvae_claims, picture, rules, sdm_claims

EVERY = [claim for module in (claims, fhvae_claims, sdm_claims, dual_claims, family_claims) for claim in module.CLAIMS]


def test_every_reading_is_of_one_claim():
    for start in picture.READINGS:
        assert sum(claim.text.startswith(start) for claim in EVERY) == 1, start


@pytest.mark.parametrize("claim", [c for c in EVERY if picture.reading(c)], ids=lambda claim: claim.text[:40])
def test_a_threshold_stands_in_the_rule_and_bars_agree_with_the_verdict(claim):
    """What holds has no bar on the wrong side; what fails has one there. A bar lies about its mean."""
    how = picture.reading(claim)
    text, verdict = claim.verdict()
    if not callable(how.threshold):
        assert any(word in claim.rule for word in (f"{abs(how.threshold):g}", "above", "less", "Hoyer", "lower"))
    found = picture.bars(text, how)
    if verdict == rules.UNMEASURED or not found:
        return
    for bar in found:
        assert bar.low <= bar.mean <= bar.high
    if verdict == rules.HOLDS:
        assert all(bar.low >= 0 for bar in found)
    if verdict == rules.FAILS:
        assert any(bar.high < 0 for bar in found)
    if verdict == rules.UNDECIDED:
        assert any(bar.low <= 0 <= bar.high for bar in found)


def test_bars_are_distances_from_the_threshold_in_favour_of_the_claim():
    text = "a 41.3 % (35.3 to 47.3); b -2.6 points (-3.6 to -1.5), 5 seeds; c 0.14 (0.13 to 0.16)"
    assert picture.bars(text, picture.Reading(80, which=(0,))) == [pytest.approx((-38.7, -44.7, -32.7))]
    assert picture.bars(text, picture.Reading(0, above=False, which=(1,))) == [pytest.approx((2.6, 1.5, 3.6))]
    assert len(picture.bars(text, picture.Reading(0))) == 3
    assert picture.bars(text, picture.Reading(0, which=(3,))) == []
    assert picture.bars("fewer than 3 repetitions", picture.Reading(0)) == []


def test_a_sentence_without_its_mean_picture_is_named():
    with pytest.raises(ValueError, match="no residual of a mean picture in 'residual 1.0"):
        picture.bars("residual 1.0 (0.9 to 1.1)", picture.READINGS["Images are redrawn"])


def test_the_picture_has_a_mark_a_row_and_every_verdict_its_own_look():
    looks = list(picture.LOOKS.values())
    assert len({colour for colour, _ in looks}) == len({marker for _, marker in looks}) == 5
    figure = picture.overview(claims.CLAIMS)
    axis = figure.axes[0]
    marks = [line for line in axis.lines if list(line.get_xdata()) == [-1.2]]
    assert [line.get_marker() for line in marks] == [picture.LOOKS[row[3]][1] for row in rules.judged(claims.CLAIMS)]
    reach = [abs(x) for line in axis.lines if line not in marks for x in line.get_xdata() if line.get_xdata()[0] != 0]
    assert max(reach) <= 1.0001 or max(reach) == pytest.approx(1)
    plt.close(figure)


def test_a_row_says_how_often_its_arms_were_measured(monkeypatch):
    """Smallest to largest number of repetitions, runs apart, nothing where nothing is stored."""
    stored = {"voice": {"one": [{}] * 5, "other": [{}] * 3}, "image": {"one": [{}] * 5}, "empty": {}}
    monkeypatch.setattr(rules, "read", lambda name, quiet: stored[name])
    text = rules.repetitions(("voice", "image", "empty", "placed/slim"))
    assert text == " [repetitions an arm: voice 3 to 5, image 5; runs: placed/slim]"
    assert rules.repetitions(("empty",)) == ""
    claim = rules.Claim("a", "b", "c", lambda: ("d", rules.HOLDS), ("image",), "e")
    assert rules.judged([claim]) == [["a (b)", "c", "d [repetitions an arm: image 5]", rules.HOLDS, "e"]]


def test_sides_are_counted():
    assert rules.met([True, None, False, False]) == "of 4 intervals 1 on the right side, 2 on the wrong one, 1 open"
