"""What is said of the width of the layers, and the rules by which stored results judge it."""

from olc_lib import metrics

from .clean_claims import CLIPS as OF_SPEAKER
from .experiments import difference, read
from .paper_experiments import SPEAKERS
from .raw_experiments import WIDTHS
from .rules import OVER, Claim, above, missing, several, shown

#: Test clips that the raw encoder reads.
CLIPS = len(SPEAKERS) * OF_SPEAKER["test"]
ENCODERS = (*WIDTHS, "full width")
#: What the arms of ``widths`` begin with, and the experiment that holds the same training at a sixteenth of the width.
PARTS = {"images": "image", "log-mel voices": "voice"}
WIDER = "a quarter of the width"
#: The results that are compared, with the sign of what is better, name, unit and digits after the point.
BETTER = {"digit": (1, "digits", " points", 1), "rms": (-1, "residual", "", 4)}


def _encoders() -> tuple[str, str]:
    found = read("encoder-widths")
    arms = [(f"largest, {width}", f"root mean square, {width}") for width in ENCODERS]
    if gap := missing(found, *(arm for pair in arms for arm in pair), least=1):
        return gap
    texts, sides = [], []
    for width, pair in zip(ENCODERS, arms, strict=True):
        first = [found[arm][0]["results"] for arm in pair]
        for what in ("digit", "speaker"):
            (_, high), (low, _) = (metrics.wilson(result[what], CLIPS) for result in first)
            sides.append(low > high)
        shares = [
            f"{what}s {' against '.join(_share(result[what]) for result in reversed(first))}"
            for what in ("digit", "speaker")
        ]
        texts.append(f"{width}: {', '.join(shares)}")
    text = "root mean square against largest, " + "; ".join(texts)
    return f"{text}; first training of each, intervals over the {CLIPS} test clips", several(sides)


def _share(percent: float) -> str:
    return shown(percent, *metrics.wilson(percent, CLIPS), " %")


def _wider() -> tuple[str, str]:
    found = {name: read(name) for name in ("widths", *PARTS.values())}
    texts, sides = [], []
    for what, narrow in PARTS.items():
        arm = f"{what}, {WIDER}"
        gap = missing(found["widths"], arm, least=3) or missing(found[narrow], "as built", least=3)
        if gap:
            return gap
        for key, (sign, name, unit, places) in BETTER.items():
            mean, low, high = difference(found["widths"][arm], found[narrow]["as built"], key)
            texts.append(f"{what}: {name} {shown(mean, low, high, unit, places)}")
            sides.append(above((mean, low, high) if sign > 0 else (-mean, -high, -low), 0))
    return f"{WIDER} minus a sixteenth: " + "; ".join(texts), several(sides)


CLAIMS = [
    Claim(
        "An encoder of raw waveforms, alone, learns more from the root mean square than from the largest absolute "
        "coordinate, at a sixteenth, a quarter and the whole of the width.",
        "ours, next to Section 3.1",
        "at each width more digits and more speakers are read right with the root mean square: in the first training "
        "of each, the two intervals over clips (Wilson's) do not meet; all six comparisons. 1,000 steps of 8 clips",
        _encoders,
        ("encoder-widths",),
        "2026-11-30: new; written before these trainings",
    ),
    Claim(
        "Four times as wide layers read more digits and redraw better after the same short training.",
        "ours, next to Tables 2 and 6",
        "images and log-mel voices: digits above, residuals below those of a sixteenth, all four intervals of the "
        "difference, paired by seed." + OVER,
        _wider,
        ("widths", "image", "voice"),
        "2026-11-30: new; written before these trainings",
    ),
]
