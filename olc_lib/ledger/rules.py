"""What a verdict is: the words, the rules that turn intervals into them, and how a page shows both.

An interval lies on the right side of a threshold, on the wrong side, or it holds the threshold and decides nothing.
Whatever a page says of a rule is written with the constants that the rule itself uses.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

from .experiments import read

HOLDS, PARTLY, FAILS, UNDECIDED = "holds", "holds partly", "does not hold", "undecided"
UNMEASURED = "not measured yet"
#: Fewer repetitions than this give no verdict on an arm of an experiment.
ENOUGH = 5
#: When the rules of this ledger were last changed, and that it was after its data were known.
CHANGED = (
    "The rules of this page were tightened on 2026-11-29, after its data were known: the verdict *undecided*, printed "
    "thresholds and the rows that the last column dates so are of that day; what it dates later came later. Earlier "
    "rules stand in the history of `olc_lib/ledger/claims.py`; rules and first results entered it together, so it "
    "cannot show which came first."
)
#: What most rules of before have in common that was changed.
OPEN = "2026-11-29: an interval that holds the threshold was 'partly' before"
#: How several intervals make one verdict.
SEVERAL = (
    f"Several conditions: *{HOLDS}* if every interval lies on the right side of its threshold; *{FAILS}* if at least "
    f"one lies on the wrong side and none on the right; *{PARTLY}* if some lie on the right and some on the wrong "
    f"side; otherwise *{UNDECIDED}*."
)
#: The same, of intervals over trainings, as the end of a rule.
OVER = f" 95 % interval over trainings; {SEVERAL[0].lower()}{SEVERAL[1:]}"
#: What rules do that name no interval, and what the words leave open.
BARE = (
    "Rows that judge *means* or ask for something *on every seed* use no interval: they say what these trainings did, "
    f"not what the next would do. And of several conditions *{PARTLY}* says only that some are met and some missed: "
    "one of ten is enough, so read the numbers beside it."
)
#: How one interval makes a verdict, where a rule names one threshold.
SINGLE = (
    f"One interval: *{HOLDS}* on the right side of the threshold, *{FAILS}* on the wrong side, *{UNDECIDED}* if it "
    "holds the threshold."
)
#: How one interval makes a verdict, where a rule names two thresholds.
GRADED = (
    f"Two thresholds: *{HOLDS}* beyond the first, *{PARTLY}* between the two, *{FAILS}* short of both; an interval "
    f"that holds either threshold is *{UNDECIDED}*."
)


@dataclass(frozen=True)
class Claim:
    """A claim and what became of it.

    Args:
        text: the claim, in our words.
        source: where the paper makes it.
        rule: what would count as "holds", and what as "partly".
        verdict: gives ``(what was measured, verdict)`` from the stored results.
        files: experiments it reads, and runs as ``system/run``.
        changed: what is different from the rule that stood here before 2026-11-29, if anything.
    """

    text: str
    source: str
    rule: str
    verdict: Callable[[], tuple[str, str]]
    files: tuple[str, ...]
    changed: str = ""


def above(result: tuple[float, float, float], threshold: float) -> bool | None:
    """Whether an interval lies above a threshold.

    Args:
        result: ``(mean, low, high)``.
        threshold: in the same unit.

    Returns:
        ``True`` if all of it does, ``False`` if all of it lies below, ``None`` if it holds the threshold.
    """
    _, low, high = result
    return True if low > threshold else False if high < threshold else None


def below(result: tuple[float, float, float], threshold: float) -> bool | None:
    """Whether an interval lies below a threshold, see :func:`above`.

    Args:
        result: ``(mean, low, high)``.
        threshold: in the same unit.

    Returns:
        ``True``, ``False`` or ``None``.
    """
    side = above(result, threshold)
    return None if side is None else not side


def several(sides: Sequence[bool | None]) -> str:
    """The verdict on several conditions, as :data:`SEVERAL` says.

    Args:
        sides: of each interval, from :func:`above` and :func:`below`.

    Returns:
        A verdict.
    """
    if all(sides):
        return HOLDS
    if False in sides:
        return PARTLY if True in sides else FAILS
    return UNDECIDED


def met(sides: Sequence[bool | None]) -> str:
    """On which side several intervals lie, in words, for claims with many of them.

    Args:
        sides: as in :func:`several`.

    Returns:
        For example ``of 10 intervals 1 on the right side, 8 on the wrong one, 1 open``.
    """
    right, wrong, open_ = (sides.count(side) for side in (True, False, None))
    return f"of {len(sides)} intervals {right} on the right side, {wrong} on the wrong one, {open_} open"


def graded(first: bool | None, second: bool | None) -> str:
    """The verdict on one number with two thresholds, as :data:`GRADED` says.

    Args:
        first: the side of the stricter threshold.
        second: the side of the looser one.

    Returns:
        A verdict.
    """
    if first or first is None:
        return HOLDS if first else UNDECIDED
    return UNDECIDED if second is None else PARTLY if second else FAILS


def each(sides: Sequence[bool]) -> bool | None:
    """One condition that is met or missed in every repetition by itself.

    Args:
        sides: one a repetition.

    Returns:
        ``True`` if met in all, ``False`` if in none, ``None`` if repetitions disagree.
    """
    return True if all(sides) else None if any(sides) else False


def shown(mean: float, low: float, high: float, unit: str = "", digits: int = 1) -> str:
    """A mean with its interval.

    Args:
        mean: over seeds.
        low: end of the interval.
        high: the other end.
        unit: written after the numbers.
        digits: after the point.

    Returns:
        For example ``96.1 % (95.2 to 97.0)``.
    """
    return f"{mean:.{digits}f}{unit} ({low:.{digits}f} to {high:.{digits}f})"


def intervals(texts: Sequence[str]) -> list[tuple[float, float]]:
    """The intervals in texts, as :func:`shown` and the tables of effects write them.

    Args:
        texts: of any kind.

    Returns:
        ``(low, high)`` of each.
    """
    number = r"([+-]?\d+(?:\.\d+)?)"
    found = re.findall(rf"\({number} to {number}\)", "\n".join(texts))
    return [(float(low), float(high)) for low, high in found]


def spreads(arms: Sequence[Sequence[dict]], key: str) -> dict[int, float]:
    """Largest minus smallest result of several arms, seed by seed.

    Args:
        arms: records of each, from :func:`olc_lib.ledger.experiments.read`.
        key: of the result.

    Returns:
        Seed to spread, for the seeds that all arms have.
    """
    results = [{record["seed"]: record["results"][key] for record in records} for records in arms]
    shared = set.intersection(*map(set, results))
    return {seed: max(arm[seed] for arm in results) - min(arm[seed] for arm in results) for seed in shared}


def missing(found: dict, *names: str, least: int = ENOUGH) -> tuple[str, str] | None:
    """What a claim answers if an arm that it reads has too few repetitions.

    Args:
        found: arm to records, from :func:`olc_lib.ledger.experiments.read`.
        *names: of arms.
        least: repetitions that every arm must have.

    Returns:
        ``(how many there are, "not measured yet")``, or ``None`` if every arm has so many.
    """
    if all(len(found.get(name, [])) >= least for name in names):
        return None
    have = ", ".join(f"{name}: {len(found.get(name, []))}" for name in names)
    return f"fewer than {least} repetitions ({have})", UNMEASURED


def whose(claims: Sequence[Claim], theirs: str, beside: str) -> list[list[str]]:
    """How many claims others make, how many are this book's own, and what became of each kind.

    Args:
        claims: whose source begins with "ours" where the book makes them.
        theirs: what a page calls those of others.
        beside: what a page calls the book's own.

    Returns:
        Two rows of name, number and verdicts.
    """
    own = [claim for claim in claims if claim.source.startswith("ours")]
    rows = [(theirs, [claim for claim in claims if claim not in own]), (beside, own)]
    return [[name, str(len(some)), tally([c.verdict()[1] for c in some]).split(": ")[-1]] for name, some in rows]


def judged(claims: Sequence[Claim]) -> list[list[str]]:
    """Every claim with its rule, what was measured and the verdict: the rows of a page.

    Args:
        claims: to judge.

    Returns:
        Rows of five cells; what was measured ends with :func:`repetitions`, and the last cell says whether the rule
        was changed after the data were known.
    """
    rows = [(claim, *claim.verdict()) for claim in claims]
    return [[f"{c.text} ({c.source})", c.rule, text + repetitions(c.files), verdict, c.changed]
            for c, text, verdict in rows]  # fmt: skip


def repetitions(files: Sequence[str]) -> str:
    """How often the arms of the experiments were measured that a claim reads.

    Args:
        files: experiments, and runs as ``system/run``.

    Returns:
        The end of a cell, for example `` [repetitions an arm: voice 5, image 5; runs: placed/slim]``.
    """
    counts = {name: sorted(map(len, read(name, quiet=True).values())) for name in files if "/" not in name}
    arms = [f"{name} {n[0]}" + (f" to {n[-1]}" if n[0] < n[-1] else "") for name, n in counts.items() if n]
    runs = [name for name in files if "/" in name]
    parts = [f"repetitions an arm: {', '.join(arms)}"] * bool(arms) + [f"runs: {', '.join(runs)}"] * bool(runs)
    return f" [{'; '.join(parts)}]" if parts else ""


def tally(verdicts: Sequence[str]) -> str:
    """How many claims hold, and how many do not, in one sentence.

    Args:
        verdicts: of them.

    Returns:
        For example ``Of 12 claims: holds 4, does not hold 3, undecided 5.``
    """
    order = (HOLDS, PARTLY, FAILS, UNDECIDED, UNMEASURED)
    counts = [f"{word} {verdicts.count(word)}" for word in order if word in verdicts]
    return f"Of {len(verdicts)} claims: {', '.join(counts)}."


def table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table for a page.

    Args:
        headings: of the columns.
        rows: their cells, plain text; what stands between two asterisks is set in italics.

    Returns:
        HTML.
    """

    def row(cells, tag):
        texts = [re.sub(r"\*(\w[^*]*)\*", r"<em>\1</em>", escape(cell)) for cell in cells]
        return "<tr>" + "".join(f"<{tag} style='text-align:left'>{text}</{tag}>" for text in texts) + "</tr>"

    body = "".join(row(cells, "td") for cells in rows)
    return f"<table><thead>{row(headings, 'th')}</thead><tbody>{body}</tbody></table>"
