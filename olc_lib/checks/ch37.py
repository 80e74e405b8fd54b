"""Self-checks of chapter 37."""

import torch

from .check import check, close, seeded


@check("and the larger the exponent, the more the larger source takes.", "3 of 3 + 1; then 9 of 9 + 1.")
def mask_by_hand(answer):
    """The first source's share of a bin, magnitudes 3 and 1, at exponents 1 and 2."""
    return close(answer, [0.75, 0.9])


@check(
    "a mask does not change by scaling, and neither does the score.",
    "project the estimate on the source: (e·s / s·s) s is the target, what is left of e is the distortion.",
)
def distortion_ratio(sdr):
    """Signal-to-distortion ratio in dB with one tap: target over all the rest.

    Args:
        sdr: of tensors source and estimate, both ``[T]``.
    """
    from ..speech_metrics import si_sdr

    source, rest = torch.randn(2, 500, generator=seeded())
    source, rest = source - source.mean(), rest - rest.mean()
    pairs = [(source, 3 * source + size * rest) for size in (0.1, 1.0, 10.0)]
    return all(close(float(sdr(*pair)), si_sdr(*pair), 1e-3) for pair in pairs)


@check(
    "half the squared distance from the mean is all that a code can save.", "sum over frequencies, mean over frames."
)
def nats_to_save(savings):
    """What a perfect code saves at most: half the mean squared distance of frames from their mean.

    Args:
        savings: of frames ``[N, M]``.
    """
    frames = torch.rand(60, 9, generator=seeded()) * 3
    return close(float(savings(frames)), float(frames.var(0, correction=0).sum() / 2), 1e-4)
