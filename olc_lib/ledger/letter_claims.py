"""What is said of the paper to the letter, at its own width and narrower, and the rules that judge it."""

from olc_lib import metrics, runs, stored

from .experiments import find, read
from .rules import UNMEASURED, Claim, above, missing, several, shown

#: Percent of held-out labels that a model must read right to count as trained.
READ = 80
#: Of ten handcrafted codes, as many must be read right in what is drawn.
CRAFTED = 9
#: What guessing reads.
CHANCE = {"raw": "10 and 16.7 %", "image": "10 %"}
#: What the run ``printed`` had to choose, since the paper does not say it.
CHOSEN = "; 8 items a step and Adam at a rate of 0.001, of which the paper says nothing; arithmetic: Reading notes"
FULL = "full width"


def letters() -> dict[str, dict]:
    """The raw-waveform model to the letter, at every width: what its first training measured.

    Returns:
        Width to the results of :func:`olc_lib.ledger.raw_experiments.rung`; ``full width`` is the run ``printed``.
    """
    stored_arms = read("letter-widths")
    found = {arm: stored_arms[arm][0]["results"] for arm in find("letter-widths").arms if arm in stored_arms}
    run = stored.load("printed", "letter", only=[], quiet=True)
    results = {key.removeprefix("raw_"): value for key, value in run.results["metrics"].items()}
    finals = {f"{term}_final": values[-50:].mean().item() for term, values in run.history["raw"].items()}
    return found | {FULL: results | finals}


def beside(names: dict[str, str]) -> str:
    """What the run to the letter measured, to stand beside the same figures of this book's models.

    Args:
        names: key of a result to what a page calls it.

    Returns:
        The end of a sentence, empty if the run is not stored.
    """
    try:
        measured = runs.read_results("printed", "letter")["metrics"]
    except FileNotFoundError:
        return ""
    return "; to the letter, one training: " + ", ".join(f"{name} {measured[key]:.3f}" for key, name in names.items())


def _letter() -> tuple[str, str]:
    return _printed("raw", ("digit", "speaker"), "clips")


def _image_letter() -> tuple[str, str]:
    return _printed("image", ("digit",), "images", crafted=True)


def _printed(model: str, categories: tuple[str, ...], what: str, crafted: bool = False) -> tuple[str, str]:
    try:
        measured = runs.read_results("printed", "letter")["metrics"]
    except FileNotFoundError:
        return "no run to the letter is stored", UNMEASURED
    text, sides = _judged({key: measured[f"{model}_{key}"] for key in categories}, measured[f"{model}_signals"])
    text += f"; one training, intervals over {what}, chance {CHANCE[model]}"
    if crafted:
        text += f"; {measured['handcrafted']} of 10 handcrafted codes"
        sides.append(measured["handcrafted"] >= CRAFTED)
    return text, several(sides)


def _narrow_letters() -> tuple[str, str]:
    arms, found = tuple(find("letter-widths").arms), read("letter-widths")
    if gap := missing(found, *arms, least=1):
        return gap
    texts, sides = [], []
    for arm in arms:
        first = found[arm][0]["results"]
        text, judged = _judged({key: first[key] for key in ("digit", "speaker")}, first["signals"])
        texts.append(f"{arm}: {text}")
        sides += judged
    return "; ".join(texts) + "; one training each, intervals over clips", several(sides)


def _judged(shares: dict[str, float], count: int) -> tuple[str, list[bool | None]]:
    """Percent of labels read right, in words, and on which side of :data:`READ` each is."""
    ranges = {key: (share, *metrics.wilson(share, count)) for key, share in shares.items()}
    text = ", ".join(f"{key}s {shown(*result, ' %')}" for key, result in ranges.items())
    return text, [above(result, READ) for result in ranges.values()]


CLAIMS = (
    Claim(
        "A raw-waveform model trains exactly as printed.",
        "Section 3.1, Figures 4 to 6",
        f"more than {READ} % of held-out digits and of speakers are read right by the run `printed`, both intervals "
        "over clips (Wilson's)" + CHOSEN,
        _letter,
        ("letter/printed",),
        "2026-11-29: until then the row on the encoder alone, which departs from the print in places, stood for it",
    ),
    Claim(
        "A raw-waveform model trains as printed but for its width, 1/16 and 1/4 of what is printed.",
        "ours, next to Section 3.1",
        f"more than {READ} % of held-out digits and of speakers are read right by the first training of either width, "
        "all four intervals over clips (Wilson's); 10,000 iterations of 8 clips at a rate of 0.001; no layer is "
        "narrower than 64 channels, or than printed where that is fewer",
        _narrow_letters,
        ("letter-widths",),
        "2026-11-30: new; written before these trainings",
    ),
    Claim(
        "An image model trains exactly as printed, and draws what codes written by hand ask for.",
        "Section 3.1, Figures 7 to 9",
        f"more than {READ} % of held-out digits are read right by the run `printed`, interval over images (Wilson's); "
        f"at least {CRAFTED} of its drawings of ten handcrafted codes are read right by the judge of slim" + CHOSEN,
        _image_letter,
        ("letter/printed",),
        "2026-11-30: new; written before this training had ended",
    ),
)
