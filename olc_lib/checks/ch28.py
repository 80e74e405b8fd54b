"""Self-checks of chapter 28."""

import torch

from .check import check, close, seeded


@check("three of four such pictures are real.", "it is p over p plus q, the densities of real and made pictures.")
def best_discriminator(answer):
    """The best discriminator's output where real pictures are three times as dense."""
    return close(answer, 0.75)


@check(
    "beyond the margins nothing is to be gained.",
    "clamp 1 - real and 1 + fake at 0 from below, then take two means and add them.",
)
def hinge_loss(hinge):
    """The discriminator's hinge loss.

    Args:
        hinge: of logits of real and of made pictures.
    """
    from ..systems.dual.training import hinge as ours

    real, fake = 2 * torch.randn(2, 30, 1, generator=seeded())
    return close(hinge(real, fake), ours(real, fake))


@check(
    "a translator that ignores its input does not move at all.",
    "subtract the output for the rolled first input, take the norm of each picture, then the mean.",
)
def moved_by_the_first_input(moved_by):
    """Mean norm of the change when the first input is another one.

    Args:
        moved_by: of a translator and two batches ``[N, 1, H, W]``.
    """
    x1, x2 = torch.rand(2, 6, 1, 3, 3, generator=seeded())
    expected = 2 * (x1 - x1.roll(1, 0)).flatten(1).norm(dim=1).mean()
    moves = close(moved_by(lambda a, b: 2 * a + b, x1, x2), expected)
    return moves and close(moved_by(lambda a, b: b, x1, x2), 0.0)
