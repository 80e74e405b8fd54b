"""The rival: codes whose places are given. A block for the form, a block for the class, free coordinates for the rest.

One encoder and one decoder of about the sizes of the dual model's nets, trained on the same four piles of pictures.
What the dual model has to find out, which pile a picture comes from, is written into the two blocks. No discriminator.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from olc_lib import losses
from olc_lib.latent import LatentSpace

from .nets import ENCODER, encoder, generator, scaled

SPACE = LatentSpace({"form": 2, "class": 2})
BLOCKS = 20.0  # weight of the blocks' labels, beside pixels that are summed, not averaged
#: Form (0 sketch, 1 solid) and class (0 first, 1 second) of each pile of ``pictures.unpaired``.
PILES = {"x1": (0, 0), "x2": (1, 1), "u": (1, 0), "v": (0, 1)}


class Code(NamedTuple):
    """What the encoder reads from pictures.

    Attributes:
        blocks: ``[B, 4]``, form and class, each of length 1.
        free: means of the free coordinates, ``[B, F]``.
        log_variance: of them, ``[B, F]``.
    """

    blocks: Tensor
    free: Tensor
    log_variance: Tensor


class Placed(nn.Module):
    """A variational autoencoder with two placed blocks and free coordinates.

    Args:
        side: of the pictures.
        width: of both nets, see :func:`olc_lib.systems.dual.nets.scaled`.
        norm: of both nets.
        free: number of free coordinates.
    """

    def __init__(self, side: int = 28, width: float = 0.125, norm: str = "group", free: int = 16):
        super().__init__()
        body, draw = encoder(side, 1, width, norm), generator(side, 1, width, norm)
        row = scaled(ENCODER, side, width)[-1]
        length = row.channels * row.side**2
        self.encoder = nn.Sequential(body, nn.Linear(length, SPACE.dim + 2 * free))
        self.decoder = nn.Sequential(nn.Linear(SPACE.dim + free, 2 * length), draw)

    def encode(self, pictures: Tensor) -> Code:
        """Read pictures.

        Args:
            pictures: ``[B, 1, H, W]``, -1 to 1.

        Returns:
            Their codes.
        """
        found = self.encoder(pictures)
        free, log_variance = found[:, SPACE.dim :].chunk(2, 1)
        return Code(SPACE.normalize(found[:, : SPACE.dim]), free, log_variance.clamp(-8, 4))

    def draw(self, blocks: Tensor, free: Tensor) -> Tensor:
        """Pictures of codes.

        Args:
            blocks: ``[B, 4]``.
            free: ``[B, F]``.

        Returns:
            ``[B, 1, H, W]``, -1 to 1.
        """
        return self.decoder(torch.cat([blocks, free], 1))

    def mix(self, kind: Tensor, form: Tensor) -> Tensor:
        """Class and free coordinates of one picture, the form of another one.

        Args:
            kind: ``[B, 1, H, W]``, -1 to 1.
            form: likewise.

        Returns:
            ``[B, 1, H, W]``, -1 to 1.
        """
        own, other = self.encode(kind), self.encode(form)
        block = torch.cat([SPACE.split(other.blocks)["form"], SPACE.split(own.blocks)["class"]], 1)
        return self.draw(block, own.free)

    def forward(self, sketch: Tensor, solid: Tensor) -> tuple[Tensor, Tensor]:
        """Both translations, as :class:`olc_lib.systems.dual.nets.Translator` makes them.

        Args:
            sketch: of the first class, ``[B, 1, H, W]``, -1 to 1.
            solid: of the second class, likewise.

        Returns:
            The first class in solid form, and the second as a sketch.
        """
        return self.mix(sketch, solid), self.mix(solid, sketch)


def divergence(code: Code) -> Tensor:
    """KL divergence of the free coordinates' posterior from the standard normal distribution.

    Args:
        code: of ``B`` pictures.

    Returns:
        ``[B]``, nats.
    """
    return (code.free.square() + code.log_variance.exp() - code.log_variance - 1).sum(1) / 2


def loss(model: Placed, beta: float = 1.0, back: float = 0.0) -> Callable:
    """What placed codes are trained by: reconstruction, the blocks' labels, and little in the free coordinates.

    Args:
        model: to be trained.
        beta: weight of :func:`divergence`. Without it the free coordinates could carry form and class, too.
        back: weight of reading back: a picture drawn in the other form must have the free coordinates that it was
            drawn from, mean squared error, summed over them.

    Returns:
        A loss for :func:`olc_lib.train.fit`, on data as of :func:`olc_lib.systems.dual.pictures.unpaired`.
    """

    def step(batch: Mapping[str, Tensor], step: int, generator: torch.Generator):
        x = torch.cat([batch[name] for name in PILES])
        labels = torch.cat([torch.tensor([PILES[name]]).expand(len(batch[name]), 2) for name in PILES]).unbind(1)
        target = torch.cat([F.one_hot(label, 2).float() for label in labels], 1)
        code = model.encode(x)
        noise = torch.randn(code.free.shape, generator=generator)
        free = code.free + noise * (code.log_variance / 2).exp()
        drawn = (model.draw(target, free) + 1) / 2
        pixels = F.binary_cross_entropy(drawn.clamp(1e-4, 1 - 1e-4), (x + 1) / 2, reduction="none")
        parts = {
            "pixels": pixels.flatten(1).sum(1).mean(),
            "divergence": divergence(code).mean(),
            "blocks": sum(
                losses.disentanglement_rms(block, label).mean()
                for block, label in zip(SPACE.split(code.blocks).values(), labels, strict=True)
            ),
        }
        total = parts["pixels"] + beta * parts["divergence"] + BLOCKS * parts["blocks"]
        if back:
            other = target[:, [1, 0, 2, 3]]  # the other form, the same class
            again = model.encode(model.draw(other, free))
            parts["back"] = (again.free - free.detach()).square().sum(1).mean()
            total = total + back * parts["back"]
        return total, {name: value.detach() for name, value in parts.items()}

    return step


@torch.no_grad()
def mix(model: Placed, x1: Tensor, x2: Tensor, kind: float, form: float) -> Tensor:
    """A picture from blended codes, as :func:`olc_lib.systems.dual.system.mix` makes them.

    Args:
        model: in evaluation mode.
        x1: sketch of the first class, ``[N, 1, H, W]``, 0 to 1.
        x2: solid picture of the second class, likewise.
        kind: share of the second picture's code in the class block and the free coordinates.
        form: share of the second picture's code in the form block.

    Returns:
        ``[N, 1, H, W]``, 0 to 1.
    """
    codes = model.encode(2 * x1 - 1), model.encode(2 * x2 - 1)
    first, second = (SPACE.split(code.blocks) for code in codes)
    blocks = [first[name] + share * (second[name] - first[name]) for name, share in (("form", form), ("class", kind))]
    free = codes[0].free + kind * (codes[1].free - codes[0].free)
    return (model.draw(torch.cat(blocks, 1), free) + 1) / 2
