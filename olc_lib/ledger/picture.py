"""The ledger at a glance: a row a claim, its effects with intervals against the claim's threshold, and its verdict.

Claims speak of points, residuals and cosines, so a row has a scale of its own: the threshold is a line in the middle,
what favours the claim lies to the right of it, and the row's farthest interval reaches its edge. Everything is read
from what the claims themselves say was measured; the table below says where the threshold lies and which side counts.
"""

import re
import textwrap
from collections.abc import Callable, Sequence
from typing import NamedTuple

import matplotlib.pyplot as plt
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from .drawn_claims import ORTHOGONAL
from .rules import FAILS, HOLDS, PARTLY, UNDECIDED, UNMEASURED, Claim

#: Colour and marker of each verdict, told apart without colour, too.
LOOKS = {
    HOLDS: ("#009E73", "o"),
    PARTLY: ("#B87700", "D"),
    FAILS: ("#D55E00", "X"),
    UNDECIDED: ("#0072B2", "s"),
    UNMEASURED: ("#777777", "."),
}


class Reading(NamedTuple):
    """How the intervals in a claim's sentence are to be read.

    Args:
        threshold: in the unit of the intervals, or a function of the sentence that finds it there.
        above: whether the claim wants them above it.
        which: which of the sentence's intervals the rule is about; ``None`` for all.
        unit: of the threshold.
    """

    threshold: float | Callable[[str], float]
    above: bool = True
    which: tuple[int, ...] | None = None
    unit: str = ""


class Bar(NamedTuple):
    """An effect with its interval, as distances from the threshold; positive ones favour the claim."""

    mean: float
    low: float
    high: float


def _half(text: str) -> float:
    """Half of the residual of the mean picture, which a sentence on redrawing names."""
    found = re.search(r"of the (\d\.\d+)", text)
    if not found:
        raise ValueError(f"no residual of a mean picture in {text!r}, expected 'of the 0.1234'")
    return float(found[1]) / 2


#: By the beginning of a claim's text. A claim that is not here has no interval that its rule is about.
READINGS = {
    "A raw-waveform model trains exactly": Reading(80, unit=" %"),
    "A raw-waveform model trains as printed but": Reading(80, unit=" %"),
    "An image model trains exactly": Reading(80, unit=" %"),
    "An encoder of raw waveforms, alone, trains": Reading(80, which=(1,), unit=" %"),
    "Max M % normalization beats": Reading(0, unit=" points"),
    "Ramps smooth the spike": Reading(0, which=(2,)),
    "Training on reconstruction alone first": Reading(0, unit=" points"),
    "Injecting the others late": Reading(0, above=False),
    "Codes of different classes come out": Reading(ORTHOGONAL, above=False),
    "A spoken digit becomes a picture": Reading(90, which=(0,), unit=" %"),
    "The bridge needs only light training": Reading(-1, which=(4, 5), unit=" point"),
    "Log-mel pictures of voices are redrawn": Reading(_half, above=False),
    "Images are redrawn": Reading(_half, above=False),
    "Two networks trained apart": Reading(0.8, which=(0, 1, 2, 3)),
    "SDM-VAE gives sparser codes": Reading(0),
    "SDM-VAE sounds better": Reading(0),
    "More atoms in the dictionary": Reading(0),
    "Sparsity regularizes": Reading(0, above=False),
    "The sparsity is of frames": Reading(0),
    "A sparse code is easier": Reading(0),
    "Its pictures have more variation": Reading(0),
    "A tighter bound trains": Reading(-3, above=False, unit=" nats"),
    "As k increases": Reading(0, above=False, unit=" nats"),
}


def reading(claim: Claim) -> Reading | None:
    """How a claim's intervals are to be read.

    Args:
        claim: any.

    Returns:
        Its row of the table, or ``None`` if its rule is not about intervals.
    """
    return next((how for start, how in READINGS.items() if claim.text.startswith(start)), None)


def bars(text: str, how: Reading) -> list[Bar]:
    """The effects that a sentence names, as distances from the threshold.

    Args:
        text: what was measured, with intervals as :func:`olc_lib.ledger.rules.shown` writes them.
        how: which of them, and against what.

    Returns:
        One for each interval that the rule is about; none if the sentence has too few, as while seeds are missing.
    """
    number = r"([+-]?\d+(?:\.\d+)?)"
    found = re.findall(rf"{number}(?: %| points?| nats)? \({number} to {number}\)", text)
    which = range(len(found)) if how.which is None else how.which
    if not found or max(which) >= len(found):
        return []
    threshold = how.threshold(text) if callable(how.threshold) else how.threshold
    sign = 1 if how.above else -1
    rows = [[sign * (float(value) - threshold) for value in found[k]] for k in which]
    return [Bar(mean, min(ends), max(ends)) for mean, *ends in rows]


def overview(claims: Sequence[Claim]) -> Figure:
    """Draws the picture.

    Args:
        claims: a row each, from top to bottom.

    Returns:
        The figure.
    """
    figure, axis = plt.subplots(figsize=(8.6, 0.44 * len(claims) + 1.0), layout="constrained")
    axis.axvline(0, color="black", linewidth=1)
    names, notes = [], []
    judged = [claim.verdict() for claim in claims]
    for row, (claim, (text, verdict)) in enumerate(zip(claims, judged, strict=True)):
        colour, marker = LOOKS[verdict]
        how = reading(claim)
        effects = bars(text, how) if how else []
        reach = max((max(abs(bar.low), abs(bar.high)) for bar in effects), default=1) or 1
        for k, bar in enumerate(effects):
            y = row + 0.56 * ((k + 0.5) / len(effects) - 0.5)
            axis.plot([bar.low / reach, bar.high / reach], [y, y], color=colour, linewidth=1.6)
            axis.plot(bar.mean / reach, y, marker, color=colour, markersize=5, markeredgecolor="white")
        if how and effects:
            threshold = how.threshold(text) if callable(how.threshold) else how.threshold
            notes.append(f"{verdict}\nline at {threshold:.3g}{how.unit}")
        else:
            notes.append(verdict if verdict == UNMEASURED else f"{verdict}\nno bar")
        axis.plot(-1.2, row, marker, color=colour, markersize=8, markeredgecolor="white")
        names.append("\n".join(textwrap.wrap(textwrap.shorten(claim.text, 94, placeholder=" …"), 52)))
    for row in range(1, len(claims)):
        axis.axhline(row - 0.5, color="0.9", linewidth=0.8, zorder=0)
    axis.set(xlim=(-1.28, 1.08), ylim=(len(claims) - 0.5, -0.5), xticks=[-0.55, 0.55])
    axis.set_xticklabels(["← against the claim", "for the claim →"], fontsize=9)
    axis.set_yticks(range(len(claims)), names, fontsize=8)
    right = axis.secondary_yaxis("right")
    right.set_yticks(range(len(claims)), notes, fontsize=7.5)
    for label, (_, verdict) in zip(right.get_yticklabels(), judged, strict=True):
        label.set_color(LOOKS[verdict][0])
    for side in (axis, right):
        side.tick_params(length=0)
        side.spines[:].set_visible(False)
    there = {verdict for _, verdict in judged}
    marks = [
        Line2D([], [], color=c, marker=m, markeredgecolor="white", label=v) for v, (c, m) in LOOKS.items() if v in there
    ]
    figure.legend(handles=marks, loc="outside upper center", ncols=len(marks), frameon=False, fontsize=8)
    return figure
