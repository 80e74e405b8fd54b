"""Crossing from one domain to another through what the two codes share (section 3.3 of the paper)."""

from collections.abc import Callable, Mapping

import torch
from torch import Tensor, nn

from . import losses
from .latent import VOICE, LatentSpace
from .networks import OrthogonalVAE, conv_lengths
from .paper import BRIDGE_LAYERS


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


def to_voice(digit_block: Tensor, speaker: Tensor) -> Tensor:
    """Voice codes from digit blocks of any domain, for chosen speakers.

    Args:
        digit_block: ``[B, 10]``, the digit category of image, text or voice codes.
        speaker: ``[B]`` whose voice to use: 1 in the place of that speaker.

    Returns:
        ``[B, 16]``.
    """
    return torch.cat([nn.functional.one_hot(speaker, VOICE.sizes["speaker"]).to(digit_block.dtype), digit_block], 1)


class Bridge(nn.Module):
    """The paper's other way: a network from the code of one space to the code of another, Table 10.

    The table gives no layer that brings 16 dimensions to 11; here a fully connected one does, as in the
    encoder, and the result is normalized by category like any other code.

    Args:
        source: space of the codes it reads (the voice's).
        target: space of the codes it writes (the image's).
        residual: start from :func:`drop` and learn what to add to it. ``False`` starts from random
            weights: then all voices of a digit may get the picture of another for a while, because the
            reconstruction loss has little gradient between clear pictures of two digits.

    Maps ``[B, D_source]`` to ``[B, D_target]``.
    """

    def __init__(self, source: LatentSpace, target: LatentSpace, residual: bool = True):
        super().__init__()
        self.source, self.target, self.residual = source, target, residual
        stack: list[nn.Module] = []
        channels = 1
        for layer in BRIDGE_LAYERS:
            stack += [nn.Conv1d(channels, *layer), nn.ReLU()]
            channels = layer.channels
        head = nn.Linear(channels * conv_lengths(BRIDGE_LAYERS, source.dim)[-1], target.dim)
        if residual:
            nn.init.zeros_(head.weight)
            nn.init.zeros_(head.bias)
        self.stack = nn.Sequential(*stack, nn.Flatten(), head)

    def forward(self, code: Tensor) -> Tensor:
        """Carry codes over.

        Args:
            code: ``[B, D_source]``.

        Returns:
            ``[B, D_target]``, normalized by category.
        """
        made = self.stack(code[:, None, :])
        return self.target.normalize(made + drop(code, self.source, self.target) if self.residual else made)


def same_digit(digit: Tensor) -> Callable[[Tensor, torch.Generator], Tensor]:
    """Find partners: for every wanted digit, an item of that digit, drawn at random.

    Args:
        digit: ``[N]``, 0 to 9, of the items to draw from.

    Returns:
        ``pick(wanted, generator)``: ``[B]`` digits to ``[B]`` indices of items.
    """
    order = digit.argsort(stable=True)
    count = digit.bincount(minlength=10)
    first = count.cumsum(0) - count

    def pick(wanted: Tensor, generator: torch.Generator) -> Tensor:
        at = torch.rand(len(wanted), generator=generator, device=digit.device)
        return order[first[wanted] + (at * count[wanted]).long()]

    return pick


def bridge_codes(
    voice: OrthogonalVAE,
    fine: Tensor,
    augment: Callable[[Tensor, torch.Generator], Tensor],
    digit: Tensor,
    seed: int,
    copies: int = 8,
    device: str = "cpu",
) -> dict[str, Tensor]:
    """Codes of training words, each encoded several times with augmentation.

    A model's codes for the very clips it was trained on are cleaner than those for new ones; a bridge that
    sees only these never learns what to do with an unclear code.

    Args:
        voice: trained.
        fine: ``[N, ...]``, the words as ``augment`` takes them.
        augment: ``augment(words, generator)`` gives what ``voice`` reads.
        digit: ``[N]``.
        seed: of the augmentation.
        copies: how often each word is encoded.
        device: where to work; the model is on the CPU afterwards.

    Returns:
        ``code`` ``[copies * N, D]`` and ``digit`` ``[copies * N]``, on the CPU.
    """
    fine = fine.to(device)
    generator = torch.Generator(device).manual_seed(seed)
    voice.to(device).eval()
    with torch.no_grad():
        code = [voice.encode(augment(part, generator)).cpu() for _ in range(copies) for part in fine.split(500)]
    voice.to("cpu")
    return {"code": torch.cat(code), "digit": digit.repeat(copies)}


def bridge_loss(bridge: Bridge, decoder: OrthogonalVAE, images: Tensor, digit: Tensor) -> Callable:
    """Train the bridge with the reconstruction loss alone, on pairs of the same digit.

    Every time a voice code comes up it meets another image of its digit, drawn at random: nothing pairs a
    recording with one particular drawing.

    Args:
        bridge: what is trained.
        decoder: the image model; it is not trained.
        images: ``[N, *shape]``, training images.
        digit: ``[N]``.

    Returns:
        ``loss(batch, step, generator)`` for :func:`olc_lib.train.fit`; the batch holds ``code``
        ``[B, D_source]`` and ``digit`` ``[B]``.
    """
    decoder.eval()
    pick = same_digit(digit)
    images = decoder.normalize(images)

    def loss(batch: Mapping[str, Tensor], step: int, generator: torch.Generator) -> tuple[Tensor, dict[str, Tensor]]:
        wanted = images[pick(batch["digit"], generator)]
        value = losses.reconstruction(wanted, decoder.decode(bridge(batch["code"]))).mean()
        return value, {"total": value.detach(), "reconstruction": value.detach()}

    return loss
