"""Self-checks of chapter 32."""

import math

import torch

from .check import check, close, seeded


@check("once r squared over four variances, for each of two factors.", "the kernel has twice the variance: -r^2 / 4.")
def two_points(answer):
    """Cauchy-Schwarz divergence of two points at distance 2."""
    return close(answer, 2.0)


@check(
    "a critic of equal clouds can only guess.",
    "the logit is the difference of the log densities; softplus of minus it for the first half, of it for the second.",
)
def critic_at_rest(critic_loss):
    """Loss of the best critic.

    Args:
        critic_loss: of two tensors of log densities.
    """
    log_p, log_q = torch.randn(2, 60, generator=seeded())
    chance = (log_p - log_q).sigmoid()
    expected = -chance[:30].log().mean() - (1 - chance[30:]).log().mean()
    return close(critic_loss(log_p, log_q), expected) and close(critic_loss(log_p, log_p), 2 * math.log(2))
