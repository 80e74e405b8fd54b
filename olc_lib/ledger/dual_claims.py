"""The claims of the paper on dual disentangled translation (Li), and the rules by which stored results judge them."""

from .claims import FAILS, HOLDS, PARTLY, UNMEASURED, Claim, shown
from .experiments import difference, interval, read, values

UNDECIDED = "undecided"
#: Repetitions without which there is no verdict.
SEEDS = 3
FILE, LONGER = "dual-ladder", "dual-chosen"
PAPER = "Li, Robust image translation"
PRINTED, REPAIRED, PAIR = "as printed", "repaired", "CycleGAN-like pair"
#: A picture follows an input if another one moves it by this share of the distance of two real pictures; below
#: ``DEAF`` it does not.
FOLLOWS, DEAF = 0.3, 0.1
#: What a repaired translator shall reach; FID is at most so large a share of the printed one's.
AIMS = {"form_worst": 95.0, "class_worst": 95.0, "diversity_worst": 0.8, "kind_worst": FOLLOWS, "gap_worst": 0.10}
FID = 0.5
#: The same of what was trained for longer, where it was also measured what each slot's code decides.
LONGER_AIMS = {**AIMS, "class_code_worst": FOLLOWS, "form_code_worst": FOLLOWS}
PLACED, LONGEST = "placed codes", "repaired, 1,600 steps"
#: Result to what a page calls it.
NAMES = {
    "form": "form right %",
    "class": "class right %",
    "diversity": "diversity, over that of real pictures,",
    "kind": "influence of the input that gives the class",
    "shape": "influence of the input that gives the form",
    "kind_u": "towards solid pictures, influence of the input that gives the class",
    "kind_v": "towards sketches",
    "shape_u": "towards solid pictures, influence of the input that gives the form",
    "shape_v": "towards sketches",
    "gap": "gap of cosines",
    "fid": "FID",
    "class_code": "influence of the class code",
    "form_code": "influence of the form code",
}


def _means(found: dict, arm: str, *keys: str) -> dict[str, float] | None:
    """Means over the seeds; ``None`` where there are too few."""
    if len(found.get(arm, [])) < SEEDS:
        return None
    return {key: interval(values(found[arm], key))[0] for key in keys}


def _text(means: dict[str, float], records: list[dict]) -> str:
    numbers = ", ".join(f"{NAMES[key.removesuffix('_worst')]} {value:.4g}" for key, value in means.items())
    return f"{numbers} (means of {len(records)} seeds)"


def _unmeasured(*arms: str) -> tuple[str, str]:
    return f"fewer than {SEEDS} repetitions of {' and '.join(arms)}", UNMEASURED


def _followed(keys: tuple[str, ...]) -> tuple[str, str]:
    found = read(FILE)
    means = _means(found, PRINTED, *keys)
    if means is None:
        return _unmeasured(PRINTED)
    text = _text(means, found[PRINTED])
    if min(means.values()) >= FOLLOWS:
        return text, HOLDS
    return text, FAILS if max(means.values()) < DEAF else PARTLY


def _disentangled() -> tuple[str, str]:
    return _followed(("kind_u", "kind_v"))


def _seeded() -> tuple[str, str]:
    return _followed(("shape_u", "shape_v"))


def _right() -> tuple[str, str]:
    found = read(FILE)
    means = _means(found, PRINTED, "form_worst", "class_worst")
    if means is None:
        return _unmeasured(PRINTED)
    reached = [value >= 95 for value in means.values()]
    return _text(means, found[PRINTED]), HOLDS if all(reached) else PARTLY if any(reached) else FAILS


def _more(file: str, first: str, second: str, key: str, digits: int) -> tuple[str, str]:
    """Whether one arm has more of something than another, paired by seed."""
    found = read(file)
    if any(len(found.get(arm, [])) < SEEDS for arm in (first, second)):
        return _unmeasured(first, second)
    more = difference(found[first], found[second], key)
    verdict = HOLDS if more[1] > 0 else FAILS if more[2] < 0 else UNDECIDED
    shared = {r["seed"] for r in found[first]} & {r["seed"] for r in found[second]}
    text = f"{key.removesuffix('_worst')}, {first} minus {second}: {shown(*more, digits=digits)}, {len(shared)} seeds"
    return text, verdict


def _varied() -> tuple[str, str]:
    return _more(FILE, PRINTED, PAIR, "diversity_worst", 2)


def _met(file: str, arm: str, aims: dict[str, float]) -> tuple[str, str]:
    found = read(file)
    means, printed = _means(found, arm, *aims, "fid_worst"), _means(read(FILE), PRINTED, "fid_worst")
    if means is None or printed is None:
        return _unmeasured(arm, PRINTED)
    reached = [means[key] >= least for key, least in aims.items()]
    reached.append(means["fid_worst"] <= FID * printed["fid_worst"])
    text = _text(means, found[arm])
    text += f"; as printed FID {printed['fid_worst']:.3g}: {sum(reached)} of {len(reached)} aims"
    return text, HOLDS if all(reached) else PARTLY if 2 * sum(reached) > len(reached) else FAILS


def _repaired() -> tuple[str, str]:
    return _met(FILE, REPAIRED, AIMS)


def _chosen() -> tuple[str, str]:
    return _met(LONGER, REPAIRED, LONGER_AIMS)


def _longest() -> tuple[str, str]:
    return _met(LONGER, LONGEST, LONGER_AIMS)


def _placed() -> tuple[str, str]:
    return _met(LONGER, PLACED, LONGER_AIMS)


def _kept() -> tuple[str, str]:
    return _more(LONGER, PLACED, REPAIRED, "gap_worst", 3)


CLAIMS = [
    Claim(
        "Reversing the codes forces the networks to disentangle: the class comes from the code in the first slot.",
        f"{PAPER}, Section 3.2",
        "As printed, both pictures change by .3 or more of the distance of two real ones when the input that gives the "
        "class is another one; fails if both change by less than .1; else partly.",
        _disentangled,
        (FILE,),
    ),
    Claim(
        "What a picture does not need of an input serves as its random seed.",
        f"{PAPER}, Section 4, advantage 2",
        "The same for the input that gives the form.",
        _seeded,
        (FILE,),
    ),
    Claim(
        "Translations have the wanted form and class.",
        f"{PAPER}, Section 3.2 and Figure 4",
        "As printed, an independent classifier reads form and class right in 95 % or more of the poorer of both "
        "directions; partly if only one of the two.",
        _right,
        (FILE,),
    ),
    Claim(
        "Its pictures have more variation within a class than CycleGAN's.",
        f"{PAPER}, Section 4, advantage 3",
        "Diversity in the poorer direction, as printed minus a CycleGAN-like pair on the same networks, paired by "
        "seed: the 95 % interval lies above 0; fails if below; else undecided.",
        _varied,
        (FILE,),
    ),
    Claim(
        "Batch normalization, R1, self-reconstruction, a cross-cycle and a narrow second slot repair it.",
        "ours",
        "Means of the poorer direction: form and class 95 % or more, diversity .8 of real, class input moves the "
        "picture by .3, cosine gap .10, FID at most half of the printed arm's. Partly if more than half of the six.",
        _repaired,
        (FILE,),
    ),
    Claim(
        "With group normalization, more weight on the reconstructions and longer training, it does all that was asked.",
        "ours",
        "As the claim before, of the longer trainings beside the ladder's printed arm, and the class code and the form "
        "code each move the picture by .3 of what they should.",
        _chosen,
        (LONGER,),
    ),
    Claim(
        "Trained for 1,600 steps instead of 800, that translator does all that was asked.",
        "ours",
        "The same aims, by means of at least three repetitions, after twice the steps.",
        _longest,
        (LONGER,),
    ),
    Claim(
        "Placed codes do the same without a discriminator.",
        "ours",
        "The same aims, of codes with a block for form, a block for class and free coordinates.",
        _placed,
        (LONGER,),
    ),
    Claim(
        "Placed codes keep more of the input's shape.",
        "ours",
        "Gap in the poorer direction, placed codes minus the repaired translator, paired by seed: the 95 % interval "
        "lies above 0; fails if below; else undecided.",
        _kept,
        (LONGER,),
    ),
]
