"""What is said of augmentation for strangers, and the rules by which stored results judge it."""

from .experiments import interval, read, values
from .rules import SINGLE, UNMEASURED, Claim, above, several, shown
from .stranger_experiments import COMPARED, CONDITIONS, REPORTED

#: Points by which words as recorded may be read less often.
AS_WELL = 1.0
PEOPLE = tuple(name for some in REPORTED for name in some)


def gains(keys: tuple[str, ...]) -> dict[str, float]:
    """Person to points gained by what was chosen, mean over conditions and over the trainings that both ways have.

    Args:
        keys: the conditions.

    Returns:
        All four people, or nothing if an arm has no result.
    """
    found, gained = read("strangers"), {}
    for people in REPORTED:
        ways = [found.get(f"{way}, without {' and '.join(people)}", []) for way in COMPARED]
        seeds = {record["seed"] for record in ways[0]} & {record["seed"] for record in ways[1]}
        if not seeds:
            return {}
        for name in people:
            book, chosen = (
                sum(sum(values([r for r in way if r["seed"] in seeds], f"{name}_{key}")) for key in keys)
                for way in ways
            )
            gained[name] = (chosen - book) / len(seeds) / len(keys)
    return gained


def _judged(keys: tuple[str, ...], least: float) -> tuple[str, str]:
    gained = gains(keys)
    if not gained:
        return "fewer than all people", UNMEASURED
    result = interval(list(gained.values()))
    each = ", ".join(f"{name} {points:+.1f}" for name, points in gained.items())
    return f"{shown(*result, ' points')}: {each}", several([above(result, least)])


def _everywhere() -> tuple[str, str]:
    return _judged(tuple(CONDITIONS), 0.0)


def _recorded() -> tuple[str, str]:
    return _judged(("recorded",), -AS_WELL)


_WHO = f"four people on whom nothing was chosen, each left out of the training; 95 % interval over people. {SINGLE}"
CLAIMS = [
    Claim(
        "With rougher devices in training, strangers are read more often.",
        "ours",
        f"Chosen minus the book's augmentation, mean over {len(CONDITIONS)} conditions, above 0: {_WHO}",
        _everywhere,
        ("strangers",),
    ),
    Claim(
        "As recorded, they are read no less often.",
        "ours",
        f"Chosen minus the book's augmentation, clips as recorded, above {-AS_WELL:g} point: {_WHO}",
        _recorded,
        ("strangers",),
    ),
]
