"""Random, label-keeping changes of images; those of voices are :meth:`olc_lib.frontend.LogMel.augment`."""

import torch
from torch import Tensor
from torch.nn import functional as F


def images(
    pixels: Tensor, generator: torch.Generator, turn: float = 0.15, scale: float = 0.1, shift: float = 2.0
) -> Tensor:
    """Turn, scale and shift every image a little.

    Args:
        pixels: ``[B, 1, H, W]``, background 0.
        generator: source of every draw.
        turn: largest turn, radians.
        scale: largest change of size, as a share.
        shift: largest shift, pixels.

    Returns:
        ``[B, 1, H, W]``.
    """
    count, device = len(pixels), pixels.device

    def draw(largest: float) -> Tensor:
        return (torch.rand(count, generator=generator, device=device) * 2 - 1) * largest

    angle, size = draw(turn), 1 + draw(scale)
    cos, sin = angle.cos() * size, angle.sin() * size
    # affine_grid measures in half-widths.
    affine = torch.stack(
        [cos, -sin, draw(2 * shift / pixels.shape[3]), sin, cos, draw(2 * shift / pixels.shape[2])], dim=1
    )
    grid = F.affine_grid(affine.view(-1, 2, 3), list(pixels.shape), align_corners=False)
    return F.grid_sample(pixels, grid, align_corners=False)
