"""Self-checks of chapter 35."""

import math

import torch

from .check import check, close, seeded


@check(
    "a prior made from the past makes what was expected cheap.",
    "with equal variances the divergence is half the squared distance of the means.",
)
def price_of_a_step(with_past, without_past):
    """KL divergences of N(2.5, 1) from N(2, 1) and from N(0, 1)."""
    return close(with_past, 0.125) and close(without_past, 3.125)


@check(
    "that is the whole likelihood, in one pass.",
    "for each step: score the frame with variance P + r, correct the mean by the gain P / (P + r), then move on by a.",
)
def kalman_filter(kalman):
    """Exact log-likelihood of a linear model, against one long Gaussian.

    Args:
        kalman: of a sequence ``[T]``, memory, and the variances of the code's and the frame's noise.
    """
    a, q, r, steps = 0.8, 0.5, 0.3, 7
    push = torch.tensor([[a ** (s - k) if k <= s else 0.0 for k in range(steps)] for s in range(steps)])
    cov = q * push @ push.T + r * torch.eye(steps)
    x = torch.randn(steps, generator=seeded())
    return close(kalman(x, a, q, r), torch.distributions.MultivariateNormal(torch.zeros(steps), cov).log_prob(x))


@check(
    "no model, however large, gets beyond it.",
    "it is the negative entropy of the noise: bands are independent, so their entropies add up.",
)
def highest_density(ceiling):
    """The negative entropy of Gaussian noise.

    Args:
        ceiling: of a tensor of deviations.
    """
    sd = torch.tensor([0.1, 0.5, 2.0])
    return close(ceiling(sd), -torch.distributions.Normal(torch.zeros(3), sd).entropy().sum()) and math.isfinite(
        float(ceiling(sd))
    )
