"""What Section 8 of the survey (Singh & Ogunfunmi 2022) says of separation, what is asked beyond it, and the rules."""

from collections.abc import Callable, Sequence
from itertools import pairwise

from .experiments import difference, interval, read, values
from .rules import (
    FAILS,
    HOLDS,
    PARTLY,
    SEVERAL,
    SINGLE,
    UNDECIDED,
    Claim,
    above,
    below,
    each,
    graded,
    missing,
    several,
    shown,
    spreads,
)

#: Repetitions without which there is no verdict.
SEEDS = 3
SURVEY = "Singh & Ogunfunmi 2022"
MAIN, SCALE, WINDOWS = "separation", "separation-scale", "separation-windows"
SIZES, CHOOSING = "separation-sizes", "separation-choosing"
#: Nearer than this, in dB, counts as alike; a wide margin is 1 dB and more.
ALIKE, WIDE = 0.5, 1.0
#: The aims in dB of SDR, over NMF and below the ideal mask for known voices, over the mixture for unknown ones.
OVER_NMF, BELOW_IDEAL, UNKNOWN = 1.5, 1.5, 3.0
#: Percent of cases in which what is heard must be nearer to the speaker asked for.
HEARD = 90.0
KNOWN = ("people", "readers")
ALL = (*KNOWN, "strange readers")
#: Milliseconds of the window and of the hop, as the experiment has them.
LETTERS = {"A": (64, 48), "B": (64, 32), "C": (32, 24), "D": (32, 16),
           "E": (16, 8), "F": (16, 12), "G": (8, 4), "H": (8, 6)}  # fmt: skip
#: How magnitudes are scaled.
UNITS = {"deviation": "in units of their deviation", "largest": "from 0 to 1"}
#: Exponents of the mask, and how the results of each are called.
EXPONENTS = {".5": " at 0.5", "1": "", "2": " at 2", "4": " at 4"}
CODES, BATCHES = (32, 64, 128, 256), (17, 34, 70)
NET = "VAE, ε .01"

Verdict = tuple[str, str]
Interval = tuple[float, float, float]
Rows = dict[str, Interval]
Side = Callable[[Interval], bool | None]


def _found(file: str, *names: str) -> tuple[dict, Verdict | None]:
    found = read(file)
    return found, missing(found, *dict.fromkeys(names), least=SEEDS)


def _minus(file: str, pairs: dict[str, tuple[str, str]], key: str = "sdr") -> tuple[Rows, Verdict | None]:
    """Differences of two arms, paired by seed; a seed's result is its mean over test voices."""
    found, gap = _found(file, *(name for pair in pairs.values() for name in pair))
    return {} if gap else {what: difference(found[a], found[b], key) for what, (a, b) in pairs.items()}, gap


def _between(a: str, b: str, scenes: Sequence[str], key: str = "sdr") -> tuple[Rows, Verdict | None]:
    return _minus(MAIN, {scene: (f"{scene}: {a}", f"{scene}: {b}") for scene in scenes}, key)


def _text(rows: Rows, unit: str = " dB", digits: int = 2) -> str:
    return "; ".join(f"{name} {shown(*row, unit, digits)}" for name, row in rows.items())


def _sides(rows: Rows, side: Side) -> list[bool | None]:
    return [side(row) for row in rows.values()]


def _over(least: float) -> Side:
    return lambda row: above(row, least)


def _alike(row: Interval) -> bool | None:
    """Whether an interval lies within the limit on both sides, or wholly outside."""
    _, low, high = row
    return True if -ALIKE < low and high < ALIKE else False if low > ALIKE or high < -ALIKE else None


def _compared(a: str, b: str, scenes: Sequence[str], side: Side) -> Verdict:
    rows, gap = _between(a, b, scenes)
    return gap or (f"SDR, {a} minus {b}: {_text(rows)}", several(_sides(rows, side)))


def _noise() -> Verdict:
    rows, gap = _minus(SCALE, {told: (f"{NET}, {unit}", f"VAE, {unit}") for unit, told in UNITS.items()})
    return gap or (f"SDR, ε .01 minus ε 1, magnitudes {_text(rows)}", several(_sides(rows, _over(WIDE))))


def _normalized() -> Verdict:
    raw, scaled = f"{NET}, integers", f"{NET}, deviation"
    found, gap = _found(SCALE, raw, scaled)
    if gap:
        return gap
    broke = [not ended for ended in values(found[raw], "finite")]
    text = f"{sum(broke)} of {len(broke)} trainings broke off"
    if any(broke):
        return text, graded(each(broke), None)
    lost = difference(found[scaled], found[raw], "sdr")
    return f"{text}; SDR, scaled minus integers: {shown(*lost, ' dB', 2)}", graded(False, above(lost, WIDE))


def _windows(first: str, second: str, key: str = "sdr") -> tuple[Rows, Verdict | None]:
    pairs = [(a, b, what) for what in ("steps", "passes") for a in first for b in second]
    names = {f"{a} minus {b}, equal {what}": tuple(f"{x}, equal {what}" for x in (a, b)) for a, b, what in pairs}
    return _minus(WINDOWS, names, key)


def _framed(first: str, second: str, key: str = "sdr") -> Verdict:
    rows, gap = _windows(first, second, key)
    return gap or (f"{key.upper()}, {_text(rows, digits=3)}", several(_sides(rows, _over(0))))


def _sixty_four() -> Verdict:
    return _framed("DE", "B")


def _overlap() -> Verdict:
    return _framed("B", "A", "sar")


def _best() -> Verdict:
    rows, gap = _windows("E", "".join(letter for letter in LETTERS if letter != "E"))
    if gap:
        return gap
    sides = _sides(rows, _over(WIDE))
    return f"SDR, {_text(rows)}", FAILS if False in sides else several(sides)


def _eight() -> Verdict:
    return _framed("E", "G")


def _spread(names: Sequence[str]) -> Verdict:
    """Largest minus smallest, seed by seed."""
    found, gap = _found(SIZES, *names)
    if gap:
        return gap
    spread = interval(list(spreads([found[name] for name in names], "sdr").values()))
    return f"largest minus smallest SDR: {shown(*spread, ' dB', 2)}", several([below(spread, ALIKE)])


def _codes() -> Verdict:
    return _spread([f"{NET}, code {size}" for size in CODES])


def _itl_codes() -> Verdict:
    return _spread([f"ITL-AE, code {size}" for size in CODES])


def _batches() -> Verdict:
    return _spread([f"batch {size}" for size in BATCHES])


def _beta() -> Verdict:
    return _compared("β-VAE 4", NET, KNOWN, _alike)


def _itl() -> Verdict:
    wanted = {"sar": lambda row: below(row, 0), "sdr": _alike, "sir": _over(0)}
    texts, sides = [], []
    for key, side in wanted.items():
        rows, gap = _between("ITL-AE", NET, KNOWN, key)
        if gap:
            return gap
        texts.append(f"{key.upper()}: {_text(rows)}")
        sides += _sides(rows, side)
    return f"ITL-AE minus {NET}. {'. '.join(texts)}", several(sides)


def _exponent() -> Verdict:
    found, gap = _found(MAIN, *(f"{scene}: autoencoder" for scene in KNOWN))
    if gap:
        return gap
    least, sides = {}, []
    for scene in KNOWN:
        for key, sign in (("sir", 1), ("sar", -1)):
            at = [values(found[f"{scene}: autoencoder"], key + exponent) for exponent in EXPONENTS.values()]
            steps = [[sign * (b - a) for a, b in zip(x, y, strict=True)] for x, y in pairwise(at)]
            least[f"{scene} {key.upper()}"] = min(map(min, steps))
            sides += [each([gain > 0 for gain in step]) for step in steps]
    text = ", ".join(f"{name} {gain:.2f} dB" for name, gain in least.items())
    return f"smallest rise of SIR and fall of SAR in any step and seed: {text}", several(sides)


def _nmf() -> Verdict:
    return _compared(NET, "NMF", KNOWN, _alike)


def _variational() -> Verdict:
    return _compared(NET, "autoencoder", ALL, _alike)


def _masking() -> Verdict:
    return _compared("mask MLP", "autoencoder", ALL, _alike)


def _aim_pairs() -> Verdict:
    scene, rows = "synthetic pairs", {}
    for other in ("NMF", "ideal mask"):
        some, gap = _between("autoencoder", other, (scene,))
        if gap:
            return gap
        rows[other] = some[scene]
    sides = [above(rows["NMF"], OVER_NMF), above(rows["ideal mask"], -BELOW_IDEAL)]
    return f"SDR of synthetic pairs, autoencoder minus: {_text(rows)}", several(sides)


def _aim_readers() -> Verdict:
    return _compared("autoencoder", "NMF", ("readers",), _over(OVER_NMF))


def _aim_strangers() -> Verdict:
    return _compared("autoencoder", "mixture", ("strange readers",), _over(UNKNOWN))


def _clean() -> Verdict:
    return _compared("clean VAE", "NMF", KNOWN, _over(0))


def _prior() -> Verdict:
    return _compared("clean VAE", "clean autoencoder", KNOWN, _over(0))


def _block() -> Verdict:
    found, gap = _found(CHOOSING, "embedded", "fsdd")
    if gap:
        return gap
    heard = {name: interval(values(found[name], "heard")) for name in ("embedded", "fsdd")}
    return f"nearer to the speaker asked for: {_text(heard, ' %', 1)}", several(_sides(heard, _over(HEARD)))


_SEEDS = (
    f" Means over test voices, then 95 % intervals (Student's) over at least {SEEDS} seeds; differences paired by seed."
)
_ONE = f"{_SEEDS} {SINGLE}"
_SEVERAL = f"{_SEEDS} {SEVERAL}"
_WINDOWS = (
    " Windows, length and hop in ms: " + ", ".join(f"{name} {w}/{hop}" for name, (w, hop) in LETTERS.items()) + "."
)
_BOTH = ", at equal steps and at equal passes over the data: "
_FRAMED = f"{_BOTH}above 0 dB.{_WINDOWS}{_SEVERAL}"
_SUPERLATIVE = f" *{HOLDS}* if every interval lies above, *{FAILS}* if at least one lies below, else *{UNDECIDED}*."
_SIZES = f"Largest minus smallest SDR of {{}}: below {ALIKE:g} dB." + _ONE


def _like(first: str, second: str, scenes: Sequence[str]) -> str:
    inside = f"within ±{ALIKE:g} dB; an interval inside is on the right side, one wholly outside on the wrong side."
    return f"SDR of {first} minus {second}, {', '.join(scenes)}: {inside}{_SEVERAL}"


_AFTER = "2026-11-29, after the data: "
_BACK = "2026-11-29: by test voice while only seed 0 was measured, by seed again before seeds 1 and 2; after the data: "
_MEAN = f"{_BACK}the mean decided before"
_VOICES = f"{_AFTER}differences were paired by test voice before, from one seed on"
_MEANS = f"{_AFTER}means without intervals were judged before, from one seed on"
_ONE_SEED = "2026-11-29: from three seeds to one seed, differences by test voice; after the data: by seed again"
_TRADE = f"{_BACK}'holds partly' was for SAR and SIR alone, 'does not hold' for all else"
_STEPS = f"{_BACK}'holds partly' was for one step or more, met on every seed"
_BELOW = f"{_BACK}one interval below and none above was 'undecided' before"
_LOWEST = "2026-11-29: from three seeds to one; after the data: three again, an interval in place of the lowest seed"
_AT = f"{SURVEY}, Section 8.2"
_NETS = ("the VAE", "a plain autoencoder")


def _claim(text: str, source: str, rule: str, verdict: Callable[[], Verdict], changed: str, file: str = MAIN) -> Claim:
    return Claim(text, source, rule, verdict, (file,), changed)


CLAIMS = [
    _claim("The noise of the code had to have a standard deviation of .01.", _AT,
           f"SDR with .01 minus that with 1, magnitudes {' and '.join(UNITS.values())}: above {WIDE:g} dB." + _SEVERAL,
           _noise, _ONE_SEED, SCALE),
    _claim("The loss explodes unless spectrograms are normalized.", _AT,
           f"Magnitudes of 16-bit integers. *{HOLDS}* if every training breaks off, *{UNDECIDED}* if only some do. If "
           f"none does: SDR with scaled ones minus that with integers, *{PARTLY}* if the interval lies above {WIDE:g} "
           f"dB, *{FAILS}* if below, *{UNDECIDED}* if it holds {WIDE:g} dB." + _SEEDS,
           _normalized, f"{_ONE_SEED}; one training that broke off was enough before", SCALE),
    _claim("A window of 64 ms is worse than 32 and 16 ms.", _AT, "SDR of D and of E minus that of B" + _FRAMED,
           _sixty_four, _VOICES, WINDOWS),
    _claim("With 64 ms, more overlap gives a better SAR.", _AT, "SAR of B minus that of A" + _FRAMED,
           _overlap, _VOICES, WINDOWS),
    _claim("16 ms with 8 ms overlap is best by a wide margin.", _AT,
           f"SDR of E minus that of each other window{_BOTH}above {WIDE:g} dB." + _WINDOWS + _SEEDS + _SUPERLATIVE,
           _best, f"{_VOICES}; one interval above and one below was 'holds partly'", WINDOWS),
    _claim("8 ms is worse than 16 ms.", _AT, "SDR of E minus that of G" + _FRAMED, _eight, _VOICES, WINDOWS),
    _claim("The size of the VAE's code makes no clear difference.", _AT,
           _SIZES.format(f"codes of {', '.join(map(str, CODES))}"), _codes, _MEANS, SIZES),
    _claim("The size of the ITL-AE's code makes no clear difference.", _AT,
           _SIZES.format(f"codes of {', '.join(map(str, CODES))}"), _itl_codes, _MEANS, SIZES),
    _claim("The size of the batch makes no clear difference.", _AT,
           _SIZES.format(f"batches of {', '.join(map(str, BATCHES))} frames, at equal passes"),
           _batches, _MEANS, SIZES),
    _claim("VAE and beta-VAE have similar results.", _AT, _like("the β-VAE", _NETS[0], KNOWN), _beta, _MEAN),
    _claim("The ITL-AE has a worse SAR, a similar SDR and a better SIR.", f"{SURVEY}, Section 8.2.2",
           f"ITL-AE minus the VAE, {', '.join(KNOWN)}: SAR below 0 dB, SIR above 0 dB, SDR within ±{ALIKE:g} dB (an "
           "interval inside is on the right side, one wholly outside on the wrong side)." + _SEVERAL, _itl, _TRADE),
    _claim("VAE and non-negative matrix factorization separate alike.", f"{SURVEY}, Section 7.2, of its reference 114",
           _like(_NETS[0], "NMF", KNOWN), _nmf, _MEAN),
    _claim("The variational part hardly matters: a plain autoencoder separates about as well.", "ours",
           _like(*_NETS, ALL), _variational, f"{_MEAN}; 2026-12-01: the claim said 'changes nothing'"),
    _claim("A net that predicts the mask separates as well.", "ours",
           _like("the mask MLP", _NETS[1], ALL), _masking, _MEAN),
    _claim("The exponent of the mask trades SAR for SIR.", "ours: what else looks like the trade of the ITL-AE",
           f"On one net ({', '.join(KNOWN)}), from exponent {' to '.join(EXPONENTS)}: SIR rises and SAR falls, each a "
           "condition. It is on the right side if met on every seed, on the wrong side if on none. " + SEVERAL,
           _exponent, _STEPS),
    _claim("VAEs that never heard a mixture separate better than NMF.", "ours: beyond the survey",
           f"SDR of the clean VAEs minus that of NMF, {', '.join(KNOWN)}: above 0 dB." + _SEVERAL, _clean, _BELOW),
    _claim("It is the prior that makes them separate: a clean autoencoder does worse.", "ours: beyond the survey",
           f"SDR of the clean VAEs minus that of clean autoencoders, {', '.join(KNOWN)}: above 0 dB." + _SEVERAL,
           _prior, _BELOW),
    _claim("The speaker block of a placed code decides who is heard.", "ours: beyond the survey",
           f"What is heard is nearer to the speaker asked for in more than {HEARD:g} % of cases, embedded voices and "
           "FSDD." + _SEVERAL, _block, _LOWEST, CHOOSING),
    _claim(f"A synthetic pair is separated {OVER_NMF:g} dB better than by NMF, and within {BELOW_IDEAL:g} dB of the "
           "ideal mask.", "ours: an aim",
           f"SDR of the plain autoencoder minus that of NMF above {OVER_NMF:g} dB, minus that of the ideal mask above "
           f"-{BELOW_IDEAL:g} dB." + _SEVERAL, _aim_pairs, _MEAN),
    _claim(f"A pair of readers is separated {OVER_NMF:g} dB better than by NMF.", "ours: an aim",
           f"SDR of the plain autoencoder minus that of NMF, readers: above {OVER_NMF:g} dB." + _ONE,
           _aim_readers, _MEAN),
    _claim(f"Unknown readers gain {UNKNOWN:g} dB.", "ours: an aim",
           f"SDR of the plain autoencoder minus that of the mixture, strange readers: above {UNKNOWN:g} dB." + _ONE,
           _aim_strangers, _MEAN),
]  # fmt: skip
