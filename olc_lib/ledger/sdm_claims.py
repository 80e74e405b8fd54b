"""The claims of the SDM-VAE poster (Sadeghi & Magron 2022), and the rules by which stored results judge them."""

from collections.abc import Iterator, Sequence

from .claims import FAILS, HOLDS, PARTLY, UNMEASURED, Claim, shown
from .experiments import difference, interval, read, values

UNDECIDED = "undecided"
#: Repetitions without which there is no verdict.
SEEDS = 3
FILE = "speech-sparsity"
POSTER = "Sadeghi & Magron 2022"
DICTIONARIES = ("SDM I", "SDM DCT 32", "SDM DCT 64")
RIVALS = ("VAE", "VSC .05", "VSC .5", "VSC .9")
SIZES = ("m 32", "m 64")
#: Quality counts as kept if the mean falls by no more than this.
KEPT = {"pesq": 0.08, "stoi": 0.01}


def _pairs(first: Sequence[str], second: Sequence[str], sizes: Sequence[str] = SIZES) -> list[tuple[str, str]]:
    return [(f"{a}, {m}", f"{b}, {m}") for m in sizes for a in first for b in second if a != b]


def _missing(found: dict, names: Sequence[str]) -> bool:
    return any(len(found.get(name, [])) < SEEDS for name in names)


def _compared(found: dict, pairs: Sequence[tuple[str, str]], key: str) -> Iterator[tuple[str, float, float, float]]:
    for a, b in pairs:
        yield (f"{a} against {b.split(',')[0]}", *difference(found[a], found[b], key))


def _larger(pairs: Sequence[tuple[str, str]], key: str, sign: int = 1) -> tuple[str, str]:
    """Whether the first of each pair has more of something (less, if ``sign`` is -1), by the interval of each."""
    found = read(FILE)
    if _missing(found, [name for pair in pairs for name in pair]):
        return f"fewer than {SEEDS} repetitions", UNMEASURED
    rows = list(_compared(found, pairs, key))
    up, down = (sum(low > 0 for _, _, low, _ in rows), sum(high < 0 for _, _, _, high in rows))
    above, below = (up, down) if sign > 0 else (down, up)
    text = f"{key.replace('_', ' ')}: " + "; ".join(f"{name} {shown(*row, digits=2)}" for name, *row in rows)
    if above == len(rows):
        return text, HOLDS
    if below == len(rows) or below > above:
        return text, FAILS
    return text, PARTLY if above else UNDECIDED


def _sparser() -> tuple[str, str]:
    return _larger(_pairs(("SDM I",), RIVALS), "hoyer")


def _frame_by_frame() -> tuple[str, str]:
    return _larger(_pairs(("SDM I",), RIVALS), "frame_by_frame")


def _better() -> tuple[str, str]:
    return _larger(_pairs(("SDM I",), RIVALS), "pesq")


def _atoms() -> tuple[str, str]:
    return _larger(_pairs(("SDM DCT 64",), ("SDM DCT 32",)), "hoyer")


def _regularizer() -> tuple[str, str]:
    return _larger(_pairs(("SDM I",), ("VAE",)), "overfitting", sign=-1)


def _interpretable() -> tuple[str, str]:
    return _larger(_pairs(("SDM I",), ("VAE", "VSC .5"), ("m 64",)), "disentangled")


def _intact() -> tuple[str, str]:
    found, pairs = read(FILE), _pairs(DICTIONARIES, ("VAE",))
    if _missing(found, [name for pair in pairs for name in pair]):
        return f"fewer than {SEEDS} repetitions", UNMEASURED
    texts, kept = [], 0
    for key, loss in KEPT.items():
        rows = list(_compared(found, pairs, key))
        kept += sum(mean >= -loss for _, mean, _, _ in rows)
        texts.append(f"{key.upper()}: " + "; ".join(f"{name} {shown(*row, digits=3)}" for name, *row in rows))
    verdict = HOLDS if kept == len(KEPT) * len(pairs) else PARTLY if 2 * kept > len(KEPT) * len(pairs) else FAILS
    return ". ".join(texts), verdict


def _stable() -> tuple[str, str]:
    found, groups = read(FILE), {"SDM": DICTIONARIES, "VSC": RIVALS[1:]}
    if _missing(found, [f"{name}, {m}" for names in groups.values() for name in names for m in SIZES]):
        return f"fewer than {SEEDS} repetitions", UNMEASURED
    texts, smaller, cases = [], 0, 0
    for key in ("pesq", "hoyer"):
        for m in SIZES:
            means = {g: [interval(values(found[f"{n}, {m}"], key))[0] for n in names] for g, names in groups.items()}
            spread = {g: max(numbers) - min(numbers) for g, numbers in means.items()}
            smaller, cases = smaller + (spread["SDM"] < spread["VSC"]), cases + 1
            texts.append(f"{key} {m}: SDM {spread['SDM']:.2f}, VSC {spread['VSC']:.2f}")
    verdict = HOLDS if smaller == cases else FAILS if smaller == 0 else PARTLY
    return "largest minus smallest mean over three settings: " + "; ".join(texts), verdict


_INTERVAL = "{} Differences are paired by seed, intervals 95 %. Undecided: no interval leaves 0."
CLAIMS = [
    Claim(
        "SDM-VAE gives sparser codes than a VAE and than VSC.",
        f"{POSTER}, Table 1 (Hoyer)",
        _INTERVAL.format("Hoyer of SDM I above each of four rivals at m 32 and m 64: all eight intervals above 0."),
        _sparser,
        (FILE,),
    ),
    Claim(
        "The reconstruction stays as good as a VAE's.",
        f"{POSTER}, Proposed methodology",
        "Of three dictionaries at both m, mean PESQ falls by at most .08 and STOI by at most .01, in all twelve cases; "
        "partly if in more than half.",
        _intact,
        (FILE,),
    ),
    Claim(
        "SDM-VAE sounds better than a VAE and than VSC.",
        f"{POSTER}, Table 1 (PESQ)",
        _INTERVAL.format("PESQ of SDM I above each of four rivals at m 32 and m 64: all eight intervals above 0."),
        _better,
        (FILE,),
    ),
    Claim(
        "More atoms in the dictionary give more sparsity.",
        f"{POSTER}, Conclusions",
        _INTERVAL.format("Hoyer with DCT 64 above DCT 32 at m 32 and m 64: both intervals above 0."),
        _atoms,
        (FILE,),
    ),
    Claim(
        "SDM-VAE is more stable than VSC.",
        f"{POSTER}, Conclusions",
        "The spread of the means over three dictionaries is smaller than over three alphas, for PESQ and Hoyer at both "
        "m: all four; partly if some.",
        _stable,
        (FILE,),
    ),
    Claim(
        "Sparsity regularizes: it avoids overfitting.",
        f"{POSTER}, Conclusions",
        _INTERVAL.format(
            "By how many nats a test frame fits worse than a training frame: less for SDM I than for the VAE at both m."
        ),
        _regularizer,
        (FILE,),
    ),
    Claim(
        "The sparsity is of frames, not of coordinates that are never used.",
        "ours: what the Hoyer column leaves open",
        _INTERVAL.format(
            "Hoyer of the active coordinates, each scaled to RMS 1, of SDM I above four rivals at both m: all eight."
        ),
        _frame_by_frame,
        (FILE,),
    ),
    Claim(
        "A sparse code is easier to interpret: each of its coordinates tells of one thing.",
        f"{POSTER}, Unsupervised representation learning",
        _INTERVAL.format(
            "DCI disentanglement of the active coordinates over speaker, digit and voicing, m 64: SDM I above the VAE "
            "and above VSC .5."
        ),
        _interpretable,
        (FILE,),
    ),
]
