"""Self-checks of chapter 33."""

import math

import torch

from .check import check, close, seeded


@check("49 times the logarithm of 64.", "each of 49 places has 64 possibilities; nats are natural logarithms.")
def nats_of_symbols(answer):
    """The most that 49 symbols of 64 can hold."""
    return close(answer, 49 * math.log(64))


@check(
    "and the largest tensor was [N, K].",
    "|h - t|^2 = |h|^2 - 2 h t + |t|^2; the first part does not matter.",
)
def nearest_row(nearest):
    """The nearest row of a table.

    Args:
        nearest: of vectors ``[N, n]`` and a table ``[K, n]``.
    """
    h, table = torch.randn(30, 4, generator=seeded()), torch.randn(7, 4, generator=seeded(1))
    return close(nearest(h, table), torch.cdist(h, table).argmin(1))


@check(
    "the mean's direction does not enter.",
    "log sinh(k) = k + log(1 - exp(-2 k)) - log 2 does not overflow.",
)
def price_on_a_sphere(price):
    """Divergence of von Mises-Fisher from uniform in three dimensions.

    Args:
        price: of a tensor of concentrations.
    """
    kappa = torch.tensor([0.5, 2.0, 100.0])
    exact = kappa / kappa.tanh() - 1 + kappa.log() - kappa - torch.log1p(-torch.exp(-2 * kappa)) + math.log(2)
    return close(price(kappa), exact)
