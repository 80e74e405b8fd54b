"""Self-checks of chapter 25."""

import math

import torch

from .check import check, close, seeded


@check(
    "a fixed s-vector would have cost far less than the drifting code does.",
    "half of (variance over 0.25, plus squared distance over 0.25, minus 1, minus log of variance over 0.25).",
)
def clocks_price(near, far):
    """Divergence of a one-dimensional posterior of variance 0.125 from its prior of variance 0.25, 0 and 1 away.

    Args:
        near: nats where the posterior lies on the s-vector.
        far: nats where it lies 1 away.
    """
    narrow = (math.log(2) - 0.5) / 2
    return close(near, narrow, 1e-3) and close(far, narrow + 2, 1e-3)


@check("a network that knows nothing pays this much.", "a uniform guess among M sequences has probability 1 / M.")
def clocks_chance(nats):
    """Chance level of the discriminative term.

    Args:
        nats: function from the number of sequences to the expected log probability of a uniform guess.
    """
    return all(close(nats(count), -math.log(count), 1e-4) for count in (2, 251, 4000))


@check(
    "the slow code has the larger ratio.",
    "variance of the utterances' means, divided by the mean of the variances within utterances, each per coordinate.",
)
def clocks_ratio(ratio):
    """How much of a code differs between utterances rather than within them.

    Args:
        ratio: ``(code [S, D], owner [S]) -> [D]``.
    """
    code, owner = torch.randn(60, 3, generator=seeded()), torch.arange(6).repeat_interleave(10)
    code = code + owner[:, None] * torch.tensor([0.0, 1.0, 3.0])
    own = [code[owner == k] for k in range(6)]
    between = torch.stack([some.mean(0) for some in own]).var(0)
    return close(ratio(code, owner), between / torch.stack([some.var(0) for some in own]).mean(0), 0.02)
