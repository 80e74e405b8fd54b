"""What the survey (Singh & Ogunfunmi 2022) says of completing volatility surfaces, and the rules that judge it."""

from collections.abc import Sequence

from .claims import FAILS, HOLDS, PARTLY, UNMEASURED, Claim, shown
from .experiments import difference, interval, read, values
from .rules import below, several

#: Repetitions without which there is no verdict.
SEEDS = 3
FILE = "surface"
SURVEY = "Singh & Ogunfunmi 2022"
WORLDS = ("Heston", "SABR")
KNOWN = (3, 5, 10, 20)
#: A method is faster if it needs at most this share of the other's time.
FASTER = 0.5


def _found(*methods: str) -> tuple[dict, tuple[str, str] | None]:
    found = read(FILE)
    if all(len(found.get(f"{method}, {world} world", [])) >= SEEDS for method in methods for world in WORLDS):
        return found, None
    return found, (f"fewer than {SEEDS} repetitions", UNMEASURED)


def _less(first: str, second: str, keys: Sequence[str]) -> tuple[str, str]:
    """Whether the first method errs less than the second, in both worlds and for every key."""
    found, missing = _found(first, second)
    if missing:
        return missing
    texts, sides = [], []
    for world in WORLDS:
        for key in keys:
            result = difference(found[f"{first}, {world} world"], found[f"{second}, {world} world"], key)
            texts.append(f"{world} {key.split('_')[1]}: {shown(*result)}")
            sides.append(below(result, 0))
    return f"basis points, {first} minus {second}: " + "; ".join(texts), several(sides)


def _beats_calibration() -> tuple[str, str]:
    return _less("VAE", "Heston calibration", [f"error_{points}" for points in KNOWN])


def _beats_linear() -> tuple[str, str]:
    return _less("VAE", "Gaussian", [f"error_{points}" for points in KNOWN])


def _noisy() -> tuple[str, str]:
    return _less("VAE", "Gaussian", ["noisy_10"])


def _faster() -> tuple[str, str]:
    found, missing = _found("VAE", "Heston calibration")
    if missing:
        return missing
    shares = []
    for world in WORLDS:
        times = [values(found[f"{name}, {world} world"], "milliseconds") for name in ("VAE", "Heston calibration")]
        shares += [vae / heston for vae, heston in zip(*times, strict=True)]
    text = "time of the VAE's search over that of the calibration, " + ", ".join(f"{share:.2f}" for share in shares)
    return text, HOLDS if max(shares) <= FASTER else PARTLY if max(shares) < 1 else FAILS


def _wrong_model() -> tuple[str, str]:
    found, missing = _found("Heston calibration")
    if missing:
        return missing
    means = {world: interval(values(found[f"Heston calibration, {world} world"], "error_20")) for world in WORLDS}
    text = "error of the calibration with 20 known points: " + "; ".join(f"{w} {shown(*m)}" for w, m in means.items())
    return text, HOLDS if means["SABR"][1] > 10 * means["Heston"][2] else FAILS


_PAIRED = " Differences are paired by seed, intervals 95 %."
CLAIMS = [
    Claim(
        "A VAE completes surfaces better than Heston's model.",
        f"{SURVEY}, Table 1 and Section 7.1",
        "Mean absolute error at the unknown points of the VAE minus that of the calibration, with 3, 5, 10 and 20 "
        "known points, in a Heston world and in a SABR world: all eight intervals below 0; partly if some are below "
        "and some above." + _PAIRED,
        _beats_calibration,
        (FILE,),
    ),
    Claim(
        "It is faster than Heston's model.",
        f"{SURVEY}, Section 7.1",
        f"Time to complete a surface from ten points, training not counted, at most {FASTER:g} of the calibration's in "
        "both worlds on every seed; partly if always less.",
        _faster,
        (FILE,),
    ),
    Claim(
        "That needs a network: one linear solve does not do it.",
        "ours: the rival that Table 1 lacks",
        "Error of the VAE minus that of the Gaussian conditional mean, as in the first claim: all eight intervals "
        "below 0." + _PAIRED,
        _beats_linear,
        (FILE,),
    ),
    Claim(
        "Where quotes are noisy, the network is ahead of the linear solve.",
        "ours",
        "The same with ten known points that are off by 20 basis points: both intervals below 0." + _PAIRED,
        _noisy,
        (FILE,),
        "2026-11-29, after one seed: the solve believed noisy quotes as if they were exact; its ridge is now chosen on "
        "noisy validation quotes",
    ),
    Claim(
        "What a calibration is worth depends on whether the model is right.",
        "ours: what a table of markets cannot separate",
        "Error of the calibration with 20 known points in the SABR world more than ten times that in the Heston world, "
        "interval against interval.",
        _wrong_model,
        (FILE,),
    ),
]
