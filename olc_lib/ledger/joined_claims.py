"""What is said of encoders that are joined afterwards, and the rules by which stored results judge it.

The papers measure pairs of one text or one image in two encoders, or of an image and its caption. Here a pair is a clip
and an image of the same digit, so these are their claims carried over, not their experiments repeated.

The rules are older than all results. One setting is not: that relative coordinates are taken from the anchors' mean was
preferred by validation data, but decided only after one test cell of placed codes had been seen without it.
"""

from collections.abc import Callable

from .experiments import interval, read, values
from .rules import FAILS, HOLDS, PARTLY, Claim, above, below, graded, met, missing, several, shown

#: Repetitions without which there is no verdict.
SEEDS = 3
FILE = "joined"
WITHOUT, WITH, PLACED = "without labels", "with labels", "placed"
JOINS = ("relative", "procrustes", "least_squares", "affine", "asif")
DRAWN = JOINS[:-1]
#: Percent of voices drawn right that count as joined, and as joined in part.
JOINED, HALF = 80.0, 50.0
#: Points by which a join may fall short and still do as well.
AS_WELL = 2.0
#: Diversity below this share of the real images' counts as a class mean.
MEAN_LIKE = 0.5
WAY = {
    "relative": "relative coordinates",
    "procrustes": "Procrustes",
    "least_squares": "least squares",
    "affine": "affine",
    "asif": "ASIF",
    "class_means": "class means",
    "drop": "dropping the speaker",
}


def _found(*arms: str) -> tuple[dict, tuple[str, str] | None]:
    found = read(FILE)
    return found, missing(found, *arms, least=SEEDS)


def _reached(arm: str, way: str) -> tuple[str, str]:
    found, gap = _found(arm)
    if gap:
        return gap
    result = interval(values(found[arm], f"{way}/300/digit"))
    return f"300 pairs: {shown(*result, ' %')}", graded(above(result, JOINED), above(result, HALF))


def _relative() -> tuple[str, str]:
    return _reached(WITHOUT, "relative")


def _translated() -> tuple[str, str]:
    return _reached(WITHOUT, "procrustes")


def _asif() -> tuple[str, str]:
    return _reached(WITHOUT, "asif")


def _minus(first: list[float], second: list[float]) -> tuple[float, float, float]:
    """How much more, with its interval over trainings."""
    return interval([a - b for a, b in zip(first, second, strict=True)])


def _judged(what: str, results: dict[str, tuple], side: Callable, **form) -> tuple[str, str]:
    """Several intervals in one sentence, and the verdict if each has its side."""
    text = "; ".join(f"{name} {shown(*result, **form or {'unit': ' points'})}" for name, result in results.items())
    sides = [side(result) for result in results.values()]
    return f"{what}: {text}; {met(sides)}", several(sides)


def _supervised() -> tuple[str, str]:
    found, gap = _found(WITH, PLACED)
    if gap:
        return gap
    goal = interval(values(found[PLACED], "drop/0/digit"))[0]
    results = {WAY[way]: interval([x - goal for x in values(found[WITH], f"{way}/300/digit")]) for way in JOINS}
    return _judged(f"300 pairs, minus the {goal:.1f} % of placed codes", results, lambda it: above(it, -AS_WELL))


def _few() -> tuple[str, str]:
    found, gap = _found(WITH)
    if gap:
        return gap
    results = {}
    for way in JOINS:
        both = (values(found[WITH], f"{way}/{count}/digit") for count in (10, 300))
        results[WAY[way]] = _minus(*both)
    return _judged("10 pairs minus 300", results, lambda it: above(it, -5.0))


def _rotation() -> tuple[str, str]:
    found, gap = _found(WITHOUT, WITH)
    if gap:
        return gap
    results = {}
    for arm in (WITHOUT, WITH):
        for count in (10, 50):
            both = (values(found[arm], f"{way}/{count}/digit") for way in ("procrustes", "least_squares"))
            results[f"{arm}, {count} pairs"] = _minus(*both)
    return _judged("Procrustes minus least squares", results, lambda it: above(it, 0))


def _means() -> tuple[str, str]:
    found, gap = _found(WITH)
    if gap:
        return gap
    real = interval(values(found[WITH], "real_diversity"))[0]
    results = {WAY[way]: interval(values(found[WITH], f"{way}/300/diversity_right")) for way in DRAWN}
    what = f"300 pairs, pictures read right, real images {real:.3f}"
    return _judged(what, results, lambda it: below(it, MEAN_LIKE * real), digits=3)


def _more_than_labels() -> tuple[str, str]:
    found, gap = _found(WITHOUT, WITH)
    if gap:
        return gap
    results = {}
    for arm in (WITHOUT, WITH):
        for way in JOINS:
            both = (values(found[arm], f"{name}/300/digit") for name in (way, "class_means"))
            results[f"{arm}, {WAY[way]}"] = _minus(*both)
    return _judged("300 pairs, minus class means", results, lambda it: above(it, 0))


def _placed_first() -> tuple[str, str]:
    found, gap = _found(PLACED)
    if gap:
        return gap
    results = {}
    for way in JOINS:
        best = [max(record["results"][f"{way}/{count}/digit"] for count in (10, 50, 300)) for record in found[PLACED]]
        results[WAY[way]] = _minus(values(found[PLACED], "drop/0/digit"), best)
    what = "dropping the speaker minus the best of 10, 50 and 300 pairs"
    return _judged(what, results, lambda it: above(it, -AS_WELL))


_GRADED = f"Held-out voices whose picture a classifier reads right, 300 pairs: {HOLDS} above {JOINED:.0f} %, {PARTLY} "
_GRADED += f"above {HALF:.0f} %, else {FAILS}, each with its 95 % interval."
_EACH = " All intervals (95 %, over trainings) must lie above; see *several conditions*."
_ONE = " The placed encoders are those of slim, trained once and for longer; only their pairs are drawn anew."
CLAIMS = [
    Claim(
        "Relative coordinates join encoders that were trained apart and saw no labels.",
        "Moschella et al. 2023, Section 5, carried over to a voice and an image",
        _GRADED,
        _relative,
        (FILE,),
    ),
    Claim(
        "A rotation, found in closed form, translates the codes of one such encoder into the other's.",
        "Maiorca et al. 2023, Section 4, carried over",
        _GRADED,
        _translated,
        (FILE,),
    ),
    Claim(
        "A common space needs no training at all: ASIF, with encoders that saw no labels.",
        "Norelli et al. 2023, Abstract, carried over",
        _GRADED,
        _asif,
        (FILE,),
    ),
    Claim(
        "Encoders trained with labels, joined by 300 pairs, do as well as placed codes that need none.",
        "ours",
        f"In each of five ways at most {AS_WELL:.0f} points fewer voices drawn right than by dropping the speaker of "
        "the placed codes of the run slim." + _EACH + _ONE,
        _supervised,
        (FILE,),
    ),
    Claim(
        "Ten pairs do nearly as well as three hundred, with labels.",
        "ours",
        "At most 5 points fewer voices drawn right, in each of five ways." + _EACH,
        _few,
        (FILE,),
    ),
    Claim(
        "With few pairs a rotation is better than any matrix.",
        "Maiorca et al. 2023, Section 4",
        "Voices drawn right by Procrustes minus least squares above 0, at 10 and 50 pairs, with and without labels."
        + _EACH,
        _rotation,
        (FILE,),
    ),
    Claim(
        "What crosses from encoders with labels is a class mean.",
        "ours",
        f"With 300 pairs the pictures that are read right have less than {MEAN_LIKE:g} of the diversity of real "
        "images, in each of four ways that draw." + _EACH.replace("above", "below"),
        _means,
        (FILE,),
    ),
    Claim(
        "A join takes more from pairs than their labels.",
        "ours: the plain rival",
        "Voices drawn right, 300 pairs, above the rival that finds the nearest class mean of the clips and draws the "
        "class mean of the images, in each of five ways, with and without labels." + _EACH,
        _more_than_labels,
        (FILE,),
    ),
    Claim(
        "Placed codes gain nothing from being joined by pairs.",
        "ours",
        f"Dropping the speaker at most {AS_WELL:.0f} points worse than the best of 10, 50 and 300 pairs, in each of "
        "five ways." + _EACH + _ONE,
        _placed_first,
        (FILE,),
    ),
]
