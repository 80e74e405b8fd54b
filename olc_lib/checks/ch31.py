"""Self-checks of chapter 31."""

import torch

from .check import check, close, seeded


@check("what lies under water is not told.", "compare every variance with beta times the noise.")
def switched_off(answer):
    """Directions under water with beta 1 and with beta 3."""
    return tuple(int(number) for number in answer) == (1, 2)


@check("half the logarithm of what stands above the level, and nothing below it.", "half a logarithm; never below 0.")
def water_filling(nats):
    """Nats of directions above a water level.

    Args:
        nats: of variances and level.
    """
    variances = torch.rand(30, generator=seeded()) * 4 + 0.01
    expected = torch.where(variances > 0.7, (variances / 0.7).log() / 2, torch.zeros(()))
    return close(nats(variances, 0.7), expected)


@check("nothing ahead is seen.", "fill the first half of the cells, row by row.")
def masks(mask):
    """The mask of an autoregressive convolution.

    Args:
        mask: of size and itself.
    """
    from ..systems.family.autoregressive import Masked

    return all(
        close(mask(size, itself), Masked(1, 1, size, itself).mask[0, 0]) for size in (3, 7) for itself in (False, True)
    )
