"""The ledger: each claim of the paper, what the stored experiments say of it, and a verdict by a fixed rule.

Every rule is written down in code, so that the verdict on a page is what the files give, whoever likes it or not.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

from olc_lib import runs

from .experiments import difference, find, interval, read, values

HOLDS, PARTLY, FAILS, UNMEASURED = "holds", "holds partly", "does not hold", "not measured yet"
#: Fewer repetitions than this give no verdict.
ENOUGH = 5


@dataclass(frozen=True)
class Claim:
    """A claim and what became of it.

    Args:
        text: the claim, in our words.
        source: where the paper makes it.
        rule: what would count as "holds".
        verdict: gives ``(what was measured, verdict)`` from the stored results.
        files: experiments it reads.
    """

    text: str
    source: str
    rule: str
    verdict: Callable[[], tuple[str, str]]
    files: tuple[str, ...]


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


def _missing(found: dict, *names: str) -> tuple[str, str] | None:
    if all(len(found.get(name, [])) >= ENOUGH for name in names):
        return None
    have = ", ".join(f"{name}: {len(found.get(name, []))}" for name in names)
    return f"fewer than {ENOUGH} repetitions ({have})", UNMEASURED


def _max_m() -> tuple[str, str]:
    found = read("raw")
    rivals = {"the maximum": "divided by the maximum", "the deviation": "divided by the deviation"}
    if missing := _missing(found, "as built", *rivals.values()):
        return missing
    parts, better, worse = [], 0, 0
    for name, arm in rivals.items():
        for what in ("digit", "speaker"):
            mean, low, high = difference(found["as built"], found[arm], what)
            parts.append(f"{what}s against {name} {shown(mean, low, high, ' points')}")
            better, worse = better + (low > 0), worse + (high < 0)
    verdict = HOLDS if better == 4 else PARTLY if better > worse else FAILS
    return "Max M % minus rival, raw waveforms: " + "; ".join(parts), verdict


def _ramps() -> tuple[str, str]:
    found = read("image")
    if missing := _missing(found, "as built", "without ramps"):
        return missing
    with_ramp, without = (interval(values(found[arm], "jump")) for arm in ("as built", "without ramps"))
    mean, low, high = difference(found["without ramps"], found["as built"], "jump")
    text = f"largest rise of the total within five steps: {shown(*with_ramp, digits=3)} with ramps, "
    text += f"{shown(*without, digits=3)} without; difference {shown(mean, low, high, digits=3)}"
    return text, HOLDS if low > 0 else FAILS if high < 0 else PARTLY


def _risen(record: dict) -> list[str]:
    """Terms that end at least 5 % above where they stood when all had been injected."""
    results = record["results"]
    names = [key.removesuffix("_early") for key in results if key.endswith("_early") and key != "total_early"]
    return [name for name in names if results[f"{name}_final"] > 1.05 * results[f"{name}_early"]]


def _balancing() -> tuple[str, str]:
    texts, without_diverges, with_diverges = [], [], []
    for experiment in ("image", "voice"):
        found = read(experiment)
        if missing := _missing(found, "as built", "without balancing"):
            return missing
        with_b = [_risen(record) for record in found["as built"]]
        without = [_risen(record) for record in found["without balancing"]]
        with_diverges.append(sum(map(bool, with_b)))
        without_diverges.append(sum(map(bool, without)))
        texts.append(
            f"{experiment}: a term rises in {without_diverges[-1]} of {len(without)} trainings without B "
            f"and in {with_diverges[-1]} of {len(with_b)} with it; digits with minus without "
            + shown(*difference(found["as built"], found["without balancing"], "digit"), " points")
        )
    if all(without_diverges) and not any(with_diverges):
        return "; ".join(texts), HOLDS
    return "; ".join(texts), PARTLY if any(without_diverges) and sum(with_diverges) < sum(without_diverges) else FAILS


def _orthogonal() -> tuple[str, str]:
    texts, highest = [], []
    for experiment, categories in (("voice", ("speaker", "digit")), ("image", ("digit",))):
        found = read(experiment)
        if missing := _missing(found, "as built"):
            return missing
        for category in categories:
            result = interval(values(found["as built"], f"{category}_cosine"))
            texts.append(f"{experiment} {category}s {shown(*result, digits=3)}")
            highest.append(result[2])
    slim = runs.load("slim", quiet=True).results["metrics"]
    text = "mean absolute cosine between class codes after a short training: " + ", ".join(texts)
    text += "; in the long training of slim " + ", ".join(
        f"{name} {slim[f'{name}_cosine']:.3f}" for name in ("voice_speaker", "voice_digit", "image_digit")
    )
    return text, HOLDS if max(highest) < 0.2 else PARTLY if min(highest) < 0.2 else FAILS


def _handcrafted() -> tuple[str, str]:
    found = read("image")
    if missing := _missing(found, "as built"):
        return missing
    numbers = values(found["as built"], "handcrafted")
    text = f"of ten handcrafted codes, read right by the judge: {', '.join(f'{n:g}' for n in numbers)} (one a seed)"
    return text, HOLDS if min(numbers) >= 9 else PARTLY if sum(numbers) / len(numbers) >= 5 else FAILS


def _crossing() -> tuple[str, str]:
    found = read("crossing")
    if missing := _missing(found, "as built"):
        return missing
    drop, heard = (interval(values(found["as built"], key)) for key in ("drop", "voice_digit"))
    text = f"judge reads the spoken digit in {shown(*drop, ' %')} of pictures drawn by dropping the speaker; "
    text += f"the voice codes themselves are right for {shown(*heard, ' %')}"
    return text, HOLDS if drop[1] > 90 else PARTLY if drop[1] > 50 else FAILS


def _light() -> tuple[str, str]:
    found = read("crossing")
    if missing := _missing(found, "as built"):
        return missing
    arm = found["as built"]
    texts = [
        f"{name} {steps} steps {shown(*interval(values(arm, f'{key}_{steps}')), ' %')}"
        for name, key in (("starting from dropping,", "bridge"), ("starting anywhere,", "free"))
        for steps in (25, 200)
    ]
    gain = interval([a - b for a, b in zip(values(arm, "free_200"), values(arm, "drop"), strict=True)])
    own = interval([a - b for a, b in zip(values(arm, "bridge_200"), values(arm, "drop"), strict=True)])
    text = "; ".join(texts) + f"; 200 steps minus dropping: {shown(*own, ' points')} and {shown(*gain, ' points')}"
    # Light training suffices if 200 steps are no worse than training nothing, whatever the start.
    return text, HOLDS if gain[1] > -1 and own[1] > -1 else PARTLY if own[1] > -1 else FAILS


def _late() -> tuple[str, str]:
    image, voice = read("image"), read("voice")
    if missing := _missing(image, "as built", "all terms from the start"):
        return missing
    if missing := _missing(voice, "as built", "injected as printed"):
        return missing
    first = difference(image["as built"], image["all terms from the start"], "digit")
    rms = difference(image["as built"], image["all terms from the start"], "rms")
    second = difference(voice["injected as printed"], voice["as built"], "digit")
    text = f"image digits, late minus from the start: {shown(*first, ' points')}, residual {shown(*rms, digits=4)}; "
    text += f"log-mel digits, at the printed time minus in the first fifth: {shown(*second, ' points')}"
    helps = (first[1] > 0) + (second[1] > 0) + (rms[2] < 0)
    return text, HOLDS if helps == 3 else PARTLY if helps else FAILS


def _raw() -> tuple[str, str]:
    found = read("collapse")
    arms = ("no inner normalization", "largest, as printed", "root mean square")
    if missing := _missing(found, *arms):
        return missing
    texts = [f"{arm}: {shown(*interval(values(found[arm], 'digit')), ' %')}" for arm in arms]
    printed = interval(values(found["largest, as printed"], "digit"))
    return "digits after 1,000 steps: " + "; ".join(texts), HOLDS if printed[1] > 80 else FAILS


CLAIMS = (
    Claim(
        "A raw-waveform model trains with Equation 5 as printed.",
        "Section 3.1, Figures 4 to 6",
        "more than 80 % of held-out digits are read right",
        _raw,
        ("collapse",),
    ),
    Claim(
        "Max M % normalization beats the maximum and the standard deviation.",
        "Section 3.1",
        "digits and speakers better than with either rival, the interval of each difference above 0",
        _max_m,
        ("raw",),
    ),
    Claim(
        "Ramps smooth the spike that a new term makes in the total loss.",
        "Section 3.1, Equation 6",
        "the total rises less suddenly with ramps",
        _ramps,
        ("image",),
    ),
    Claim(
        "Training on reconstruction alone first, and injecting the others late, is better.",
        "Section 3.1, Tables 4 and 8",
        "late injection reads more digits in both models and reconstructs better",
        _late,
        ("image", "voice"),
    ),
    Claim(
        "Without the balancing factors B some terms grow; with them all shrink.",
        "Section 3.1, Figure 3",
        "a term ends more than 5 % above its early value in trainings without B, and in none with it",
        _balancing,
        ("image", "voice"),
    ),
    Claim(
        "Codes of different classes come out semi-orthogonal.",
        "Figures 5, 6 and 8",
        "mean absolute cosine below 0.2 in every category",
        _orthogonal,
        ("voice", "image"),
    ),
    Claim(
        "Codes written by hand draw their digits.",
        "Figure 9",
        "at least nine of ten on every seed",
        _handcrafted,
        ("image",),
    ),
    Claim(
        "A spoken digit becomes a picture of that digit by dropping the speaker.",
        "Section 3.3, Figure 10",
        "more than 90 %",
        _crossing,
        ("crossing",),
    ),
    Claim(
        "The bridge needs only light training.",
        "Section 3.3",
        "200 steps are at most one point worse than dropping, whatever the bridge starts from",
        _light,
        ("crossing",),
    ),
)


def effects(experiment: str, keys: dict[str, int], base: str | None = None) -> list[list[str]]:
    """What every arm of an experiment measured, and how far that is from the arm it is compared with.

    Args:
        experiment: its name.
        keys: results to show, with the digits after the point.
        base: arm to compare with; ``None`` takes the first.

    Returns:
        A row an arm: its name, its seeds, and for each key the mean, with the interval of the difference from
        ``base`` over the seeds both have. Arms without a file say so.
    """
    arms, found = find(experiment).arms, read(experiment)
    base = base or next(iter(arms))
    rows = []
    for arm in arms:
        records = found.get(arm, [])
        row = [arm, str(len(records))]
        for key, digits in keys.items():
            if not records:
                row.append(UNMEASURED)
                continue
            cell = f"{interval(values(records, key))[0]:.{digits}f}"
            if arm != base and len(set(_seeds(records)) & set(_seeds(found.get(base, [])))) > 1:
                _, low, high = difference(records, found[base], key)
                cell += f" ({low:+.{digits}f} to {high:+.{digits}f})"
            row.append(cell)
        rows.append(row)
    return rows


def _seeds(records: Sequence[dict]) -> list[int]:
    return [record["seed"] for record in records]


def table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table for a page.

    Args:
        headings: of the columns.
        rows: their cells, plain text.

    Returns:
        HTML.
    """

    def row(cells, tag):
        return "<tr>" + "".join(f"<{tag} style='text-align:left'>{escape(cell)}</{tag}>" for cell in cells) + "</tr>"

    body = "".join(row(cells, "td") for cells in rows)
    return f"<table><thead>{row(headings, 'th')}</thead><tbody>{body}</tbody></table>"
