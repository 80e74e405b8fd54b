"""Self-checks of chapter 34."""

import math

import torch

from .check import check, close, seeded


@check("the code pays once, the net for every pixel.", "with a code: the entropy of one coin; without: ten of them.")
def nats_of_a_coin(with_code, without):
    """Nats for ten equal pixels, black with probability .9."""
    once = -0.9 * math.log(0.9) - 0.1 * math.log(0.1)
    return close(with_code, once, 1e-3) and close(without, 10 * once, 1e-2)


@check("and it does not underflow.", "densities are averaged, not their logarithms: torch.logsumexp.")
def density_of_experts(log_density):
    """The mixture of some experts.

    Args:
        log_density: of ``[M, N]`` log densities.
    """
    logs = torch.randn(3, 6, generator=seeded()) * 3
    right = close(log_density(logs), logs.exp().mean(0).log())
    return right and close(log_density(logs - 1000), logs.exp().mean(0).log() - 1000, 1e-3)


@check("the same drawings from another prior.", "z = m + t u has mean m and deviation t; return a function of u.")
def prior_in_the_decoder(moved):
    """A decoder that has swallowed its prior.

    Args:
        moved: of a decoder, a mean and a deviation.
    """
    u = torch.randn(9, generator=seeded())
    decode = moved(lambda z: z**2 + z, 0.5, 2.0)
    return close(decode(u), (0.5 + 2 * u) ** 2 + 0.5 + 2 * u)
