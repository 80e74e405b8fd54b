"""Option prices without a simulation: Black's formula, Heston's model by the COS method, and SABR's formula.

All prices are of puts on a forward of 1, without interest, as NumPy arrays in double precision. Parameters are
``[N, 5]``: ``kappa`` (speed of return, 1 / year), ``theta`` (variance that it returns to), ``eta`` (volatility of the
variance), ``rho`` (correlation) and ``v0`` (variance today).
"""

from typing import NamedTuple

import numpy as np
from scipy.special import ndtr, ndtri

TERMS = 400  # of the cosine series
WIDTH = 24.0  # standard deviations on both sides that the series covers


def black(k: np.ndarray, years: np.ndarray, volatility: np.ndarray) -> np.ndarray:
    """Black's formula (1976) for a put.

    Args:
        k: log of the strike.
        years: to maturity.
        volatility: a year, in parts of 1.

    Returns:
        Prices, of the common shape.
    """
    spread = volatility * np.sqrt(years)
    d1 = -k / spread + spread / 2
    return np.exp(k) * ndtr(spread - d1) - ndtr(-d1)


def vega(k: np.ndarray, years: np.ndarray, volatility: np.ndarray) -> np.ndarray:
    """The derivative of :func:`black` by the volatility.

    Args:
        k: log of the strike.
        years: to maturity.
        volatility: a year.

    Returns:
        Derivatives.
    """
    spread = volatility * np.sqrt(years)
    return np.sqrt(years) * np.exp(-((-k / spread + spread / 2) ** 2) / 2) / np.sqrt(2 * np.pi)


def strike(delta: np.ndarray, years: np.ndarray, volatility: np.ndarray) -> np.ndarray:
    """The log strike at which a call has a given delta, the derivative of its price by the forward.

    Args:
        delta: between 0 and 1.
        years: to maturity.
        volatility: of that option.

    Returns:
        Log strikes.
    """
    spread = volatility * np.sqrt(years)
    return spread**2 / 2 - ndtri(delta) * spread


def log_characteristic(u: np.ndarray, years: np.ndarray, parameters: np.ndarray) -> np.ndarray:
    """Logarithm of the characteristic function of the log price in Heston's model (1993).

    Written as in Fang and Oosterlee (2008), Eq. 32: the branch of the logarithm that has no jumps.

    Args:
        u: frequencies ``[N, M, J]``.
        years: ``[M]``.
        parameters: ``[N, 5]``.

    Returns:
        Complex ``[N, M, J]``.
    """
    kappa, theta, eta, rho, v0 = (p[:, None, None] for p in parameters.T)
    t = np.asarray(years)[:, None]
    drift = kappa - 1j * rho * eta * u
    d = np.sqrt(drift**2 + (u**2 + 1j * u) * eta**2)
    less = drift - d
    g = less / (drift + d)
    fade = np.exp(-d * t)
    now = v0 * (1 - fade) / (1 - g * fade) * less
    return (now + kappa * theta * (less * t - 2 * np.log((1 - g * fade) / (1 - g)))) / eta**2


def spread(years: np.ndarray, parameters: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation of the log price in Heston's model, from the characteristic function near 0.

    Args:
        years: ``[M]``.
        parameters: ``[N, 5]``.

    Returns:
        Both ``[N, M]``.
    """
    u = 0.05
    near = log_characteristic(np.full((1, 1, 1), u), years, parameters)[..., 0]
    return near.imag / u, np.sqrt(-2 * near.real) / u


class Series(NamedTuple):
    """The cosine series of the density of the log price, made ready for puts.

    Args:
        a: where it begins, ``[N, M, 1]``.
        width: how far it goes, ``[N, M, 1]``.
        cosine: coefficients over ``1 + u^2``, ``[N, M, J]``; the first counts half.
        weights: of the polynomial, complex ``[N, M, J]``.
    """

    a: np.ndarray
    width: np.ndarray
    cosine: np.ndarray
    weights: np.ndarray


def series(years: np.ndarray, parameters: np.ndarray, terms: int = TERMS) -> Series:
    """The density of the log price in Heston's model as a series of cosines (Fang and Oosterlee 2008).

    Args:
        years: ``[M]``.
        parameters: ``[N, 5]``.
        terms: J, of the series.

    Returns:
        The series.
    """
    mean, deviation = spread(years, parameters)
    a, width = (mean - WIDTH * deviation)[..., None], 2 * WIDTH * deviation[..., None]
    u = np.pi * np.arange(terms) / width
    density = 2 / width * np.exp(log_characteristic(u, years, parameters) - 1j * u * a).real
    density[..., 0] /= 2
    cosine = density / (1 + u**2)
    weights = -cosine.astype(complex)
    weights[..., 1:] -= 1j * cosine[..., 1:] / u[..., 1:]
    return Series(a, width, cosine, weights)


def put(k: np.ndarray, of: Series) -> np.ndarray:
    """Prices of puts by the COS method.

    A put's payoff, integrated against ``cos(u (x - a))`` up to the strike, is ``(e^k (sin(u (k - a)) / u -
    cos(u (k - a))) + e^a) / (1 + u^2)``. As ``u`` is j times the same number, the sum over j is a polynomial in one
    complex exponential.

    Args:
        k: log strikes ``[N, M, S]``, S for each maturity.
        of: the series of the density.

    Returns:
        ``[N, M, S]``.
    """
    turn = np.exp(1j * np.pi * (k - of.a) / of.width)
    total = np.zeros_like(turn)
    for j in range(of.weights.shape[-1] - 1, -1, -1):  # Horner
        total *= turn
        total += of.weights[..., j, None]
    first, all_of_them = of.cosine[..., :1], of.cosine.sum(-1, keepdims=True)
    return np.exp(k) * (total.real + first * (k - of.a)) + np.exp(of.a) * all_of_them


def heston_surface(
    delta: np.ndarray, years: np.ndarray, parameters: np.ndarray, terms: int = TERMS, rounds: int = 16
) -> tuple[np.ndarray, np.ndarray]:
    """Implied volatilities of Heston's model at given deltas.

    A delta names a strike only once the volatility is known, so both are found together: each round takes the strikes
    of today's guess, prices them, and moves the guess by Newton's step.

    Args:
        delta: ``[S]``.
        years: ``[M]``.
        parameters: ``[N, 5]``.
        terms: of the cosine series.
        rounds: of this search.

    Returns:
        Volatilities ``[N, M, S]``, and by how much the last round still moved them.
    """
    t = np.asarray(years)[:, None]
    kappa, theta, _, _, v0 = parameters.T[..., None, None]
    guess = np.sqrt(theta + (v0 - theta) * -np.expm1(-kappa * t) / (kappa * t)) * np.ones_like(delta)
    density = series(years, parameters, terms)
    for _ in range(rounds):
        k = strike(delta, t, guess)
        step = np.clip((put(k, density) - black(k, t, guess)) / vega(k, t, guess), -guess / 2, guess)
        guess = guess + step
    return guess, np.abs(step)


def sabr(k: np.ndarray, years: np.ndarray, alpha: np.ndarray, rho: np.ndarray, nu: np.ndarray) -> np.ndarray:
    """Implied volatility of the SABR model with beta 1 (Hagan et al. 2002), to first order in the time.

    Args:
        k: log strikes.
        years: to maturity.
        alpha: level of the volatility.
        rho: correlation.
        nu: volatility of the volatility.

    Returns:
        Volatilities of the common shape.
    """
    z = -nu / alpha * k
    ratio = np.log((np.sqrt(1 - 2 * rho * z + z**2) + z - rho) / (1 - rho))
    near = np.abs(z) < 1e-6
    bent = np.where(near, 1 - rho * z / 2, z / np.where(near, 1, ratio))
    return alpha * bent * (1 + (rho * nu * alpha / 4 + (2 - 3 * rho**2) * nu**2 / 24) * years)


def sabr_surface(
    delta: np.ndarray, years: np.ndarray, alpha: np.ndarray, rho: np.ndarray, nu: np.ndarray, rounds: int = 60
) -> tuple[np.ndarray, np.ndarray]:
    """Implied volatilities of SABR smiles at given deltas, see :func:`heston_surface`.

    Args:
        delta: ``[S]``.
        years: ``[M]``.
        alpha: ``[N, M]``, as are the other two: every maturity has its own smile.
        rho: likewise.
        nu: likewise.
        rounds: of the search.

    Returns:
        Volatilities ``[N, M, S]``, and by how much the last round still moved them.
    """
    t = np.asarray(years)[:, None]
    smile = [part[..., None] for part in (alpha, rho, nu)]
    guess = smile[0] * np.ones_like(delta)
    for _ in range(rounds):
        before, guess = guess, sabr(strike(delta, t, guess), t, *smile)
    return guess, np.abs(guess - before)
