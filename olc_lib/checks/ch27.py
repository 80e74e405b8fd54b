"""Self-checks of chapter 27."""

import torch

from .check import check, close, seeded


@check("two over two is left of three.", "the sum is 4, the length is 2, and the square root of nine is 3.")
def hoyer_by_hand(answer):
    """Hoyer's measure of four ones and five zeros."""
    return close(answer, 0.5)


@check(
    "and its minimum is the logarithm that the library uses.",
    "half of: log of gamma over the variance, plus variance and squared mean over gamma, minus 1.",
)
def dictionary_divergence(divergence):
    """KL divergence of N(mean, variance) from N(0, gamma).

    Args:
        divergence: of tensors mean, variance and gamma.
    """
    from torch.distributions import Normal, kl_divergence

    mean, variance, gamma = torch.rand(3, 50, generator=seeded()) * torch.tensor([[4.0], [2.0], [3.0]]) + 0.1
    expected = kl_divergence(Normal(mean, variance.sqrt()), Normal(torch.zeros(50), gamma.sqrt()))
    return close(divergence(mean, variance, gamma), expected, 1e-4)


@check(
    "idle coordinates no longer count.",
    "first the root mean square over frames, then which are active, then the scaled columns alone.",
)
def sparse_frames(frame_by_frame):
    """Mean Hoyer measure over frames of the active coordinates, each scaled to RMS 1.

    Args:
        frame_by_frame: of codes ``[N, k]``.
    """
    from ..systems.sdm import sparsity

    size = torch.tensor([3.0, 1, 0.5, 2, 0.01, 0, 1, 5])
    codes = torch.randn(400, 8, generator=seeded()) * size
    return close(frame_by_frame(codes), sparsity(codes)["frame_by_frame"])
