"""What is said of decoders that are asked for clean pictures, and the rules by which stored results judge it.

The aims are this book's, set before the trainings; which form of Eq. (5) the claims read was chosen by the validation
takes of ``clean-targets-trials``, before a test take was measured.
"""

from .experiments import difference, interval, read, values
from .paper_experiments import SPEAKERS
from .rules import OVER, SINGLE, UNMEASURED, Claim, above, missing, several, shown

#: Repetitions without which there is no verdict.
SEEDS = 3
FILE = "clean-targets"
CLEAN, CHANGED = "clean, largest", "changed, largest"
#: Percent of test takes or test images; a drawn voice is heard by the independent classifier of ``slim``.
READ = {"voice_digit": 98.7, "voice_speaker": 99.0}
DRAWN = {"transfer_drop": 97.5, "transfer_bridge": 98.5}
SPOKEN = {"image_to_voice_digit": 97.0, "image_to_voice_speaker": 90.0}
#: Percent of all clips of a speaker who was left out, and points by which his test clips may be read less often.
STRANGERS, STRANGE = 89.0, 3.0
#: With clean targets and with changed ones.
LEFT_OUT = ("clean-left-out", "left-out")
#: How many clips a speaker of FSDD has in each split.
CLIPS = {"train": 400, "validation": 50, "test": 50}
#: Points by which the asked speaker must be heard more often, and by which codes may be read less often.
GAIN, AS_WELL = 10.0, 1.0
NAMES = {
    "voice_digit": "digits",
    "voice_speaker": "speakers",
    "transfer_drop": "dropping the speaker",
    "transfer_bridge": "through the bridge",
    "image_to_voice_digit": "digits",
    "image_to_voice_speaker": "asked speakers",
}


def _reached(wanted: dict[str, float]) -> tuple[str, str]:
    found = read(FILE)
    gap = missing(found, CLEAN, least=SEEDS)
    if gap:
        return gap
    results = {key: interval(values(found[CLEAN], key)) for key in wanted}
    text = "; ".join(f"{NAMES[key]} {shown(*result, ' %')}" for key, result in results.items())
    text += f"; {len(found[CLEAN])} trainings"
    return text, several([above(result, wanted[key]) for key, result in results.items()])


def _gained(wanted: dict[str, float]) -> tuple[str, str]:
    """Clean minus changed, paired by seed."""
    found = read(FILE)
    gap = missing(found, CLEAN, CHANGED, least=SEEDS)
    if gap:
        return gap
    results = {key: difference(found[CLEAN], found[CHANGED], key) for key in wanted}
    text = "; ".join(f"{NAMES[key]} {shown(*result, ' points')}" for key, result in results.items())
    pairs = min(len(found[arm]) for arm in (CLEAN, CHANGED))
    text = f"clean minus changed, {pairs} pairs of trainings: {text}"
    return text, several([above(result, wanted[key]) for key, result in results.items()])


def _read() -> tuple[str, str]:
    return _reached(READ)


def _drawn() -> tuple[str, str]:
    return _reached(DRAWN)


def _spoken() -> tuple[str, str]:
    return _reached(SPOKEN)


def _targets() -> tuple[str, str]:
    return _gained({"image_to_voice_speaker": GAIN})


def _encoder() -> tuple[str, str]:
    return _gained(dict.fromkeys(READ, -AS_WELL))


def _shares(file: str, counted: dict[str, int]) -> dict[str, float]:
    """Speaker left out to percent of his clips read right, over trainings; nothing before all speakers are measured."""
    found = read(file)
    if any(speaker not in found for speaker in SPEAKERS):
        return {}
    right = dict.fromkeys(SPEAKERS, 0.0)
    for speaker in SPEAKERS:
        for split, clips in counted.items():
            shares = values(found[speaker], split)
            right[speaker] += clips / sum(counted.values()) * sum(shares) / len(shares)
    return right


def _strangers() -> tuple[str, str]:
    shares = _shares(LEFT_OUT[0], CLIPS)
    if not shares:
        return "fewer than all speakers", UNMEASURED
    result = interval(list(shares.values()))
    each = ", ".join(f"{speaker} {share:.1f}" for speaker, share in shares.items())
    return f"{shown(*result, ' %')}: {each}", several([above(result, STRANGERS)])


def _strange() -> tuple[str, str]:
    clean, changed = (_shares(file, {"test": CLIPS["test"]}) for file in LEFT_OUT)
    if not clean or not changed:
        return "fewer than all speakers", UNMEASURED
    result = interval([clean[speaker] - changed[speaker] for speaker in SPEAKERS])
    return f"clean minus changed: {shown(*result, ' points')}", several([above(result, -STRANGE)])


def _listed(wanted: dict[str, float]) -> str:
    return ", ".join(f"{NAMES[key]} above {least:g} %" for key, least in wanted.items())


_PAIRED = " Paired by seed, equal steps." + OVER
CLAIMS = [
    Claim(
        "A decoder that is asked for clean pictures speaks in the voice that it is asked for.",
        "ours",
        f"Test images said by each speaker, {_listed(SPOKEN)}." + OVER,
        _spoken,
        (FILE,),
    ),
    Claim(
        "Clean targets, not more steps, make the asked speaker heard.",
        "ours",
        f"Asked speakers heard at least {GAIN:g} points more often than with changed targets." + _PAIRED,
        _targets,
        (FILE,),
    ),
    Claim(
        "An encoder with clean targets reads as well as with changed ones.",
        "ours",
        f"Test takes: digits and speakers read at most {AS_WELL:g} point less often." + _PAIRED,
        _encoder,
        (FILE,),
    ),
    Claim(
        "An encoder with clean targets reads nearly everything.",
        "ours",
        f"Test takes, {_listed(READ)}." + OVER,
        _read,
        (FILE,),
    ),
    Claim(
        "Codes of a model with clean targets become images that are read right.",
        "ours",
        f"Test takes drawn by the image model of slim, {_listed(DRAWN)}." + OVER,
        _drawn,
        (FILE,),
    ),
    Claim(
        "With clean targets a speaker who was left out of the training is understood, too.",
        "ours",
        f"All clips of a speaker left out, above {STRANGERS:g} %: mean over trainings of each, 95 % interval over the "
        f"{len(SPEAKERS)} speakers. {SINGLE}",
        _strangers,
        LEFT_OUT[:1],
    ),
    Claim(
        "A speaker left out is understood no worse with clean targets than with changed ones.",
        "ours",
        f"Test clips of a speaker left out: at most {STRANGE:g} points less often. Paired by speaker, 95 % interval "
        f"over the {len(SPEAKERS)} speakers. {SINGLE}",
        _strange,
        LEFT_OUT,
    ),
]
