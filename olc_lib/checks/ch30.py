"""Self-checks of chapter 30."""

import math

import torch

from .check import check, close, seeded


@check("the mean of logarithms is below the logarithm of the mean.", "the log of the mean, less the mean of the logs.")
def two_weights(answer):
    """IWAE's bound minus the VAE's, for weights 1 and 3."""
    return close(answer, math.log(2) - math.log(3) / 2)


@check(
    "equal weights count fully, and one heavy one counts as one.",
    "divide by the sum of the weights first; then nothing underflows.",
)
def effective_samples(effective):
    """Effective number of samples.

    Args:
        effective: of log weights ``[k, B]``.
    """
    log_w = torch.stack([torch.zeros(5), torch.tensor([0.0, -900, -900, -900, -900]), torch.arange(5.0)], 1) - 500
    w = torch.arange(5.0, dtype=torch.float64).exp()
    return close(effective(log_w), torch.tensor([5.0, 1.0, (w.sum() ** 2 / w.square().sum()).item()]))


@check(
    "the score is gone, the path remains.",
    "detach mean and log_sd, not z; and do not forget log_sd and the constant.",
)
def landing(log_density):
    """Log density with gradients through z alone.

    Args:
        log_density: of z, mean and log_sd.
    """
    from torch.distributions import Normal

    parts = [torch.randn(4, 3, generator=seeded(j)).requires_grad_() for j in range(3)]
    value = log_density(*parts)
    expected = Normal(parts[1].detach(), parts[2].detach().exp()).log_prob(parts[0].detach()).sum(-1)
    slopes = torch.autograd.grad(value.sum(), parts, allow_unused=True)
    still = all(slope is None or not slope.any() for slope in slopes[1:])
    return still and slopes[0] is not None and close(value.detach(), expected)
