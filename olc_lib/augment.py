"""Random, label-keeping changes of images and of raw waves (for log-mel pictures: ``LogMel.augment``)."""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional as F


def in_float32(function: Callable) -> Callable:
    """Keep mixed precision out of a function, because a sampling grid in bfloat16 is off by a third of a pixel.

    Args:
        function: takes and gives tensors.

    Returns:
        The same function, which works in ``float32`` inside ``torch.autocast``, too.
    """
    for device in ("cpu", "cuda"):
        function = torch.autocast(device, enabled=False)(function)
    return function


@in_float32
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


@in_float32
def waves(
    signal: Tensor,
    generator: torch.Generator,
    shift: float = 0.05,
    tempo: float = 0.1,
    tilt: float = 0.6,
    noise: float = 0.03,
) -> Tensor:
    """Shift every wave, change its tempo, filter it and add noise, all a little; change the sign of half of them.

    Args:
        signal: ``[B, 1, T]``.
        generator: source of every draw.
        shift: largest shift, as a share of ``T``.
        tempo: largest change of tempo, and with it of pitch (a natural logarithm: 0.1 is about 10 %).
        tilt: largest coefficient of a filter over three neighbouring samples: another microphone.
        noise: largest deviation of white noise, as a share of the peak.

    Returns:
        ``[B, 1, T]``; samples beyond the ends count as zeros.
    """
    wave, length, device = signal[:, 0], signal.shape[2], signal.device

    def draw(largest: float) -> Tensor:
        return (torch.rand(len(wave), 1, generator=generator, device=device) * 2 - 1) * largest

    def at(index: Tensor) -> Tensor:
        return wave.gather(1, index.clamp(0, length - 1)) * ((index >= 0) & (index < length))

    middle = (length - 1) / 2
    place = (torch.arange(length, device=device) - middle) * draw(tempo).exp() + middle + draw(shift) * length
    before = place.floor()
    share, before = place - before, before.long()
    made = torch.lerp(at(before), at(before + 1), share)
    made = made + draw(tilt) * F.pad(made, (1, 0))[:, :-1] + draw(tilt / 2) * F.pad(made, (2, 0))[:, :-2]
    grain = torch.randn(made.shape, generator=generator, device=device)
    made = made + draw(noise).abs() * made.abs().amax(1, keepdim=True) * grain
    return (made * draw(1.0).sign())[:, None]
