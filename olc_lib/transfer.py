"""Crossing from one domain to another through what the two codes share (section 3.3 of the paper)."""

from collections.abc import Callable, Mapping

import torch
from torch import Tensor

from . import losses
from .latent import LatentSpace
from .networks import VAE, Bridge


def drop(code: Tensor, source: LatentSpace, target: LatentSpace) -> Tensor:
    """The paper's simple way: keep the categories both spaces have, drop the others, insert 1 for the writer.

    Args:
        code: ``[..., D_source]``.
        source: space of ``code``.
        target: space of the result. A category of one dimension is 1; any other that ``source`` lacks is 0.

    Returns:
        ``[..., D_target]``.
    """
    given = source.split(code)
    blocks = []
    for name, size in target.sizes.items():
        if size == 1:
            blocks.append(torch.ones_like(code[..., :1]))
        elif name in given:
            blocks.append(given[name])
        else:
            blocks.append(code.new_zeros(*code.shape[:-1], size))
    return torch.cat(blocks, dim=-1)


def bridge_loss(bridge: Bridge, decoder: VAE, images: Tensor, digit: Tensor) -> Callable:
    """Train the bridge with the reconstruction loss alone, on pairs of the same digit.

    Every time a voice code comes up it meets another image of its digit, drawn at random: nothing pairs a
    recording with one particular drawing.

    Args:
        bridge: what is trained.
        decoder: the image model; it is frozen here.
        images: ``[N, *shape]``, training images.
        digit: ``[N]``.

    Returns:
        ``loss(batch, step, generator)`` for :func:`olc_lib.train.fit`; the batch holds ``code``
        ``[B, D_source]`` and ``digit`` ``[B]``.
    """
    decoder.requires_grad_(False).eval()
    order = digit.argsort(stable=True)
    count = digit.bincount(minlength=10)
    first = count.cumsum(0) - count
    images = decoder.normalize(images)

    def loss(batch: Mapping[str, Tensor], step: int, generator: torch.Generator) -> tuple[Tensor, dict[str, Tensor]]:
        wanted, at = batch["digit"], torch.rand(len(batch["digit"]), generator=generator, device=digit.device)
        chosen = order[first[wanted] + (at * count[wanted]).long()]
        value = losses.reconstruction(images[chosen], decoder.decode(bridge(batch["code"]))).mean()
        return value, {"total": value.detach(), "reconstruction": value.detach()}

    return loss
