"""Self-checks of chapter 39."""

import torch

from .check import check, close, seeded


@check(
    "five of six pairs are in the right order.",
    "compare each premature beat's error with each normal beat's: six pairs.",
)
def area_by_hand(answer):
    """Area under the ROC curve of errors 3, 5 (premature) and 1, 2, 4 (normal)."""
    return close(answer, 5 / 6)


@check(
    "where the signal is strong the filter listens, where it is weak it falls back on the mean.",
    "the covariance of noisy beats is the covariance plus the noise variance on its diagonal.",
)
def wiener_filter(wiener):
    """The best linear filter for white noise.

    Args:
        wiener: of noisy beats ``[N, T]``, the mean ``[T]``, the covariance ``[T, T]`` and the variance of the noise.
    """
    mix = torch.randn(6, 12, generator=seeded())
    mean, covariance, y = torch.linspace(-1, 1, 12), mix.T @ mix, torch.randn(5, 12, generator=seeded(1))
    expected = mean + (covariance @ torch.linalg.inv(covariance + 0.3 * torch.eye(12)) @ (y - mean).T).T
    return close(wiener(y, mean, covariance, 0.3), expected)
