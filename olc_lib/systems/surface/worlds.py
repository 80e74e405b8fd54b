"""Two synthetic worlds of volatility surfaces. Nothing here was ever quoted in a market.

A surface is eight maturities by five deltas, as in Table 1 of the survey. Every surface of a world is drawn afresh and
knows nothing of the others: there is no time in these worlds.
"""

import functools
from collections.abc import Callable

import numpy as np

from .pricing import heston_surface, sabr_surface

DELTA = np.array([0.10, 0.25, 0.50, 0.75, 0.90])  # of calls
YEARS = np.array([1 / 52, 1 / 12, 1 / 6, 1 / 4, 1 / 2, 3 / 4, 1.0, 3.0])
POINTS = len(DELTA) * len(YEARS)
#: Surfaces whose search for strikes has not come to rest within this (in volatility) are drawn again.
REST = 1e-6
#: Part of a world to the number that its random draws begin with, so that no two parts share a surface.
SPLITS = {"train": 0, "validation": 1, "test": 2}


def _log_normal(rng: np.random.Generator, middle: float, deviation: float, count: int) -> np.ndarray:
    return middle * np.exp(deviation * rng.standard_normal(count))


def heston_parameters(rng: np.random.Generator, count: int) -> np.ndarray:
    """Draws parameters of Heston's model, roughly of the size that currencies have.

    Args:
        rng: source of chance.
        count: N.

    Returns:
        ``[N, 5]``; the ratio ``2 kappa theta / eta^2`` is drawn between 0.15 and 1.5.
    """
    kappa, level = _log_normal(rng, 1.5, 0.5, count), _log_normal(rng, 0.11, 0.35, count)
    feller = np.exp(rng.uniform(np.log(0.15), np.log(1.5), count))
    rho = np.tanh(-0.1 + 0.4 * rng.standard_normal(count))
    today = level * _log_normal(rng, 1.0, 0.3, count)
    return np.stack([kappa, level**2, np.sqrt(2 * kappa / feller) * level, rho, today**2], 1)


def heston_world(rng: np.random.Generator, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Surfaces of Heston's model: five numbers make a surface.

    Args:
        rng: source of chance.
        count: N.

    Returns:
        Volatilities ``[N, 8, 5]``, and how far each search still moved.
    """
    parts = [heston_surface(DELTA, YEARS, heston_parameters(rng, n)) for n in _blocks(count)]
    return np.concatenate([p[0] for p in parts]), np.concatenate([p[1] for p in parts])


def sabr_world(rng: np.random.Generator, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Surfaces of eight SABR smiles, whose three parameters change with the maturity: nine numbers make a surface.

    The level goes from a short one to a long one by way of a hump, the correlation from a short one to a long one, and
    the volatility of the volatility falls with the root of the time. No Heston model has such surfaces.

    Args:
        rng: source of chance.
        count: N.

    Returns:
        Volatilities ``[N, 8, 5]``, and how far each search still moved.
    """
    fade = np.exp(-YEARS / _log_normal(rng, 0.5, 0.5, count)[:, None])
    long, short = _log_normal(rng, 0.11, 0.3, count), _log_normal(rng, 1.0, 0.25, count)
    hump = 0.5 * rng.standard_normal(count)
    alpha = long[:, None] * (1 + (short[:, None] - 1) * fade + hump[:, None] * fade * (1 - fade))
    ends = np.tanh(-0.1 + 0.35 * rng.standard_normal((2, count, 1)))
    slower = np.exp(-YEARS / _log_normal(rng, 0.7, 0.5, count)[:, None])
    rho = ends[1] + (ends[0] - ends[1]) * slower
    nu = _log_normal(rng, 0.45, 0.3, count)[:, None] / np.sqrt(YEARS + _log_normal(rng, 0.12, 0.3, count)[:, None])
    return sabr_surface(DELTA, YEARS, alpha, rho, nu)


#: Name to ``world(rng, count)``.
WORLDS: dict[str, Callable] = {"Heston": heston_world, "SABR": sabr_world}


def _blocks(count: int, block: int = 250) -> list[int]:
    return [min(block, count - start) for start in range(0, count, block)]


@functools.cache
def surfaces(world: str, split: str, count: int, seed: int = 0) -> np.ndarray:
    """Surfaces of a world; the same call gives the same surfaces.

    Args:
        world: of :data:`WORLDS`.
        split: of :data:`SPLITS`; two splits share no draw.
        count: N.
        seed: of the draws.

    Returns:
        Volatilities ``[N, 40]``, maturity by maturity; a year, in parts of 1. Not to be written to.

    Raises:
        ValueError: for an unknown world or split, or a world that does not give enough sound surfaces.
    """
    for name, value, expected in (("world", world, WORLDS), ("split", split, SPLITS)):
        if value not in expected:
            raise ValueError(f"{name} is {value!r}, expected one of {list(expected)}")
    rng, found = np.random.default_rng((seed, SPLITS[split])), np.empty((0, POINTS))
    for _ in range(5):
        made, moved = WORLDS[world](rng, count - len(found))
        sound = np.isfinite(made).all((1, 2)) & (moved < REST).all((1, 2)) & (made > 0).all((1, 2))
        found = np.concatenate([found, made[sound].reshape(-1, POINTS)])
        if len(found) == count:
            found.flags.writeable = False
            return found
    raise ValueError(f"the world {world!r} gave {len(found)} sound surfaces, expected {count}")


def known_points(count: int, points: int, seed: int = 0) -> np.ndarray:
    """Which points of each surface are quoted: drawn at random, and nested in those of a larger number.

    Args:
        count: N, surfaces.
        points: how many of each are known.
        seed: of the draw.

    Returns:
        ``[N, 40]``, ``True`` where known.

    Raises:
        ValueError: if there are not so many points.
    """
    if not 1 <= points < POINTS:
        raise ValueError(f"points is {points}, expected 1 to {POINTS - 1}")
    order = np.random.default_rng((seed, 7)).random((count, POINTS)).argsort(1)
    return order.argsort(1) < points


def error(guess: np.ndarray, truth: np.ndarray, known: np.ndarray) -> float:
    """Mean absolute error at the points that were not known.

    Args:
        guess: ``[N, 40]``.
        truth: ``[N, 40]``.
        known: ``[N, 40]``, from :func:`known_points`.

    Returns:
        In basis points of volatility: 100 of them are one percentage point.
    """
    return float(1e4 * np.abs(guess - truth)[~known].mean())
