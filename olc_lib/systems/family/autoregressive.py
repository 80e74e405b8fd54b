"""A decoder that reads the pixels before the one it draws (PixelVAE, Gulrajani et al. 2017, Eq. 73)."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .network import Member

SIDE = 28


class Masked(nn.Conv2d):
    """A convolution that sees only pixels before the one in its middle, row by row.

    Args:
        before: channels it reads.
        after: channels it gives.
        size: of the kernel, odd.
        itself: also the middle, as every layer but the first may.
    """

    def __init__(self, before: int, after: int, size: int, itself: bool):
        super().__init__(before, after, size, padding=size // 2)
        mask = torch.zeros(size * size)
        mask[: size * size // 2 + itself] = 1
        self.register_buffer("mask", mask.view(1, 1, size, size))

    def forward(self, x: Tensor) -> Tensor:
        """Like any convolution.

        Args:
            x: ``[B, C, H, W]``.

        Returns:
            ``[B, after, H, W]``.
        """
        return F.conv2d(x, self.weight * self.mask, self.bias, padding=self.padding)


class PixelDecoder(nn.Module):
    """A small PixelCNN that is told the code: a map of the code's own for every pixel and channel.

    Args:
        member: sizes.
        channels: of the convolutions.
    """

    def __init__(self, member: Member, channels: int = 16):
        super().__init__()
        self.channels = channels
        self.code = nn.Sequential(nn.Linear(member.latent, 200), nn.ReLU(), nn.Linear(200, SIDE * SIDE * 4))
        self.told = nn.Conv2d(4, channels, 1)
        self.first = Masked(1, channels, 7, itself=False)
        self.then = nn.ModuleList([Masked(channels, channels, 3, itself=True) for _ in range(2)])
        self.last = nn.Conv2d(channels, 1, 1)

    def forward(self, z: Tensor, x: Tensor) -> Tensor:
        """Logits of every pixel, given those before it.

        Args:
            z: ``[k, B, d]``.
            x: ``[B, 784]``, binary.

        Returns:
            ``[k, B, 784]``.
        """
        k, count = z.shape[:2]
        told = self.told(self.code(z).view(k * count, 4, SIDE, SIDE))
        read = self.first(2 * x.view(count, 1, SIDE, SIDE) - 1)
        h = (told + read.repeat(k, 1, 1, 1)).relu()
        for layer in self.then:
            h = h + layer(h).relu()
        return self.last(h).view(k, count, SIDE * SIDE)


def pixel(member: Member) -> nn.Module:
    """The autoregressive decoder.

    Args:
        member: sizes.

    Returns:
        The module.
    """
    return PixelDecoder(member)


@torch.no_grad()
def draw(decoder: PixelDecoder, z: Tensor, generator: torch.Generator) -> Tensor:
    """Draw pictures pixel by pixel: one pass for each.

    Args:
        decoder: trained.
        z: ``[B, d]``.
        generator: of the pixels.

    Returns:
        ``[B, 784]``, binary.
    """
    x = torch.zeros(len(z), SIDE * SIDE)
    for place in range(SIDE * SIDE):
        chance = decoder(z[None], x)[0, :, place].sigmoid()
        x[:, place] = torch.bernoulli(chance, generator=generator)
    return x
