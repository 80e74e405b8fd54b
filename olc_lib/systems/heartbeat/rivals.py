"""Noise, and what a linear method makes of beats: principal components and the best linear filter."""

import math
from collections.abc import Callable

import torch
from torch import Tensor

from olc_lib import heartbeats
from olc_lib.heartbeats import LENGTH


def white(x: Tensor, generator: torch.Generator) -> Tensor:
    """Adds white noise, 6 dB below the beats on average.

    Args:
        x: beats ``[B, LENGTH]``, mean square about 1.
        generator: of the noise.

    Returns:
        ``[B, LENGTH]``.
    """
    return x + 0.5 * torch.randn(x.shape, generator=generator, device=x.device)


def salt_and_pepper(x: Tensor, generator: torch.Generator) -> Tensor:
    """Replaces every twelfth sample, at random, by 2 or -2.

    Args:
        x: beats ``[B, LENGTH]``, mean square about 1.
        generator: of the noise.

    Returns:
        ``[B, LENGTH]``.
    """
    u = torch.rand(x.shape, generator=generator, device=x.device)
    return torch.where(u < 1 / 24, 2.0, torch.where(u > 23 / 24, -2.0, x))


def wander(x: Tensor, generator: torch.Generator) -> Tensor:
    """Adds a slow sine, as breathing and loose electrodes do: 0.15 to 1 Hz, 6 dB below the beats on average.

    Args:
        x: beats ``[B, LENGTH]``, mean square about 1.
        generator: of frequency, phase and height.

    Returns:
        ``[B, LENGTH]``.
    """
    u = torch.rand(3, len(x), 1, generator=generator, device=x.device)
    seconds = torch.arange(LENGTH, device=x.device) * 2 / heartbeats.RATE
    phase = 2 * math.pi * ((0.15 + 0.85 * u[0]) * seconds + u[1])
    return x + math.sqrt(1.5) * u[2] * phase.sin()  # the mean square of height times sine is 1.5 / 6


NOISES: dict[str, Callable[[Tensor, torch.Generator], Tensor]] = {
    "white": white, "salt and pepper": salt_and_pepper, "wander": wander
}  # fmt: skip


def components(train: Tensor, count: int) -> Callable[[Tensor], tuple[Tensor, Tensor]]:
    """Principal components: the linear rival of a code of so many numbers.

    Args:
        train: ``[N, LENGTH]``.
        count: how many.

    Returns:
        A function from beats to codes ``[B, count]`` and beats given back.
    """
    mean = train.mean(0)
    rows = torch.linalg.svd(train - mean, full_matrices=False)[2][:count]

    def there_and_back(x: Tensor) -> tuple[Tensor, Tensor]:
        code = (x - mean) @ rows.T
        return code, mean + code @ rows

    return there_and_back


def linear_filter(seen: Tensor, clean: Tensor, ridge: float = 1e-4) -> Callable[[Tensor], Tensor]:
    """The best linear map from noisy beats to clean ones, fitted by least squares: a Wiener filter of any shape.

    Args:
        seen: noisy beats ``[N, LENGTH]``.
        clean: the same without noise.
        ridge: added to the covariance of the noisy ones, as a share of its mean variance.

    Returns:
        A function from noisy beats ``[B, LENGTH]`` to clean ones.
    """
    middle, target = seen.mean(0), clean.mean(0)
    off = (seen - middle).double()
    square = off.T @ off
    square = square + ridge * square.trace() / LENGTH * torch.eye(LENGTH)
    weights = torch.linalg.solve(square, off.T @ (clean - target).double()).float()
    return lambda x: target + (x - middle) @ weights


def decibels(clean: Tensor, made: Tensor) -> float:
    """Signal to noise ratio of a set of beats.

    Args:
        clean: ``[N, LENGTH]``.
        made: the same, with whatever error.

    Returns:
        dB.
    """
    return 10 * math.log10((clean.square().sum() / (clean - made).square().sum()).item())
