"""Three ways from a few points to a whole surface: a conditional mean, a calibrated model, a code that is searched."""

import numpy as np
import torch
from torch import Tensor, nn

from .pricing import black, put, series, strike, vega
from .worlds import DELTA, POINTS, YEARS

ROUNDS = 12  # of the calibration
TERMS = 160  # of the cosine series while calibrating; a completed surface has more


def conditional_mean(train: np.ndarray, values: np.ndarray, known: np.ndarray, ridge: float = 1e-4) -> np.ndarray:
    """What a Gaussian with the mean and covariance of the training surfaces expects at the unknown points.

    Args:
        train: logarithms of volatilities ``[M, 40]``.
        values: of which the known ones are looked at, ``[N, 40]``.
        known: ``[N, 40]``.
        ridge: added to the covariance, as a share of its mean variance: how far known values are believed.

    Returns:
        ``[N, 40]``, the known values left as they are.
    """
    mean, covariance = train.mean(0), np.cov(train.T)
    covariance = covariance + ridge * covariance.trace() / POINTS * np.eye(POINTS)
    completed = values.copy()
    for row, (value, seen) in enumerate(zip(values, known, strict=True)):
        weights = np.linalg.solve(covariance[np.ix_(seen, seen)], (value - mean)[seen])
        completed[row, ~seen] = mean[~seen] + covariance[np.ix_(~seen, seen)] @ weights
    return completed


def search(decode: nn.Module, values: Tensor, known: Tensor, latent: int, noise: float, steps: int = 200) -> Tensor:
    """The code that explains the known points best, by Adam: least squares, and the prior's pull towards 0.

    Args:
        decode: codes ``[N, latent]`` to points ``[N, 40]``.
        values: standardized, of which the known ones are looked at, ``[N, 40]``.
        known: bool ``[N, 40]``.
        latent: length of the code.
        noise: standard deviation of a point around the decoder's.
        steps: of the search, from 0.

    Returns:
        ``[N, latent]``.
    """
    code = torch.zeros(len(values), latent, requires_grad=True)
    optimizer = torch.optim.Adam([code], lr=0.1)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    with torch.enable_grad():
        for _ in range(steps):
            misfit = ((decode(code) - values).square() * known).sum() / (2 * noise**2)
            optimizer.zero_grad()
            (misfit + code.square().sum() / 2).backward(inputs=[code])
            optimizer.step()
            schedule.step()
    return code.detach()


def calibrate(volatility: np.ndarray, known: np.ndarray, pull: float = 0.0) -> np.ndarray:
    """Heston's model, fitted to the known points of every surface by Levenberg and Marquardt's method.

    The misfit of a point is that of its price over its vega, so about that of its volatility, in percentage points.
    The search begins at a model without correlation whose level is the mean of the known points.

    Args:
        volatility: of which the known ones are looked at, ``[N, 40]``.
        known: ``[N, 40]``.
        pull: weight of the distance from where the search began, in percentage points for a parameter that is off by a
            factor e.

    Returns:
        Parameters ``[N, 5]``, see :mod:`.pricing`.
    """
    shape, t = (-1, len(YEARS), len(DELTA)), YEARS[:, None]
    sigma = np.where(known, volatility, 0.1).reshape(shape)
    k = strike(DELTA, t, sigma)
    price, unit = black(k, t, sigma), vega(k, t, sigma)
    level = np.where(known, volatility, 0).sum(1) / known.sum(1)
    start = np.stack([*np.log([np.full_like(level, 1.5), level**2, 2 * level]), 0 * level, np.log(level**2)], 1)

    def misfit(x: np.ndarray) -> np.ndarray:
        made = put(k, series(YEARS, _parameters(x), TERMS))
        off = 100 * ((made - price) / unit).reshape(-1, POINTS) * known
        return np.nan_to_num(np.concatenate([off, pull * (x - start)], 1), nan=1e3)

    x, damping = start.copy(), np.full(len(start), 1e-2)
    off = misfit(x)
    for _ in range(ROUNDS):
        slope = np.stack([(misfit(x + step) - off) / 1e-4 for step in 1e-4 * np.eye(5)], 2)  # [N, residuals, 5]
        square = np.einsum("nri,nrj->nij", slope, slope)
        lifted = square + (damping[:, None, None] * (1e-3 + square)) * np.eye(5)
        step = np.linalg.solve(lifted, -np.einsum("nri,nr->ni", slope, off)[..., None])[..., 0]
        tried = x + np.clip(step, -1, 1)
        then = misfit(tried)
        better = (then**2).sum(1) < (off**2).sum(1)
        x, off = np.where(better[:, None], tried, x), np.where(better[:, None], then, off)
        damping = np.clip(np.where(better, damping / 5, damping * 5), 1e-8, 1e8)
    return _parameters(x)


def _parameters(x: np.ndarray) -> np.ndarray:
    """From five unbounded numbers; bounds keep the search where prices can be computed."""
    kappa, theta, eta, rho, v0 = x.T
    inside = [np.exp(np.clip(p, *np.log(limits))) for p, limits in
              ((kappa, (0.05, 20)), (theta, (1e-4, 1)), (eta, (0.02, 3)), (v0, (1e-4, 1)))]  # fmt: skip
    return np.stack([*inside[:3], 0.99 * np.tanh(rho), inside[3]], 1)
