"""Self-checks of chapter 12."""

import torch

from .. import block_metrics
from .check import check, close, seeded


@check(
    "30, 28, 28, and one pixel to put back.",
    "floor((64 + 2 - 7) / 2) + 1 for L1; what remains of the division is dropped; then stride 1.",
)
def voice_vae_sides(sides, added):
    """Sides of a 64 x 64 picture after L1, L2 and L10 of Table 6, and the output padding of L1's mirror.

    Args:
        sides: three numbers.
        added: a number.
    """
    return close(sides, [30, 28, 28]) and close(added, 1)


@check(
    "10,160 samples and 47 pixels.",
    "start with width 1 and step 1; each layer adds (kernel - 1) * step, then step *= stride.",
)
def voice_vae_field(field):
    """The receptive field of a stack of layers.

    Args:
        field: ``layers -> number``.
    """
    from ..paper import IMAGE_LAYERS, VOICE_LAYERS

    found = [field(VOICE_LAYERS[:1]), field(VOICE_LAYERS[:2]), field(VOICE_LAYERS), field(IMAGE_LAYERS)]
    return close(found, [64, 560, 10160, 47])


@check(
    "the digit is there, and the probe walks past it.",
    "return [N, 6], the largest coordinate the speaker's.",
    stub=lambda hide: torch.equal(hide(torch.arange(6), torch.arange(6)), torch.eye(6)),
)
def voice_vae_hide(hide):
    """Speaker boxes that hold the digit where a linear probe does not find it.

    Args:
        hide: ``(speaker [N], digit [N]) -> [N, 6]``.
    """
    order = torch.randperm(600, generator=seeded())
    speaker, digit = order // 10 % 6, order % 10
    hint = ""
    box = torch.as_tensor(hide(speaker, digit), dtype=torch.float32)
    right = box.shape == (600, 6) and bool((box.argmax(1) == speaker).all())
    if right:
        mine = box[speaker == 0]
        apart = torch.cdist(mine, mine) + (digit[speaker == 0][:, None] == digit[speaker == 0])
        found = block_metrics.probe(box[:300], digit[:300], box[300:], digit[300:])
        right = bool(apart.min() > 0.009) and found < 15
        hint = f"the probe reads {found:.0f} %, and the closest digits of a speaker are {apart.min():.3f} apart."
    return right, hint


@check("it went through the floor of the hedge.", "`other` is what fit_model returns for the changed settings.")
def voice_vae_hedge(watched, other):
    """Histories of two short trainings; the second one leaves the hedge.

    Args:
        watched: term to ``[steps]``, trained with the maximum.
        other: likewise, with the root of the mean square.
    """
    first, second = (float(history["digit"][-10:].mean()) for history in (watched, other))
    right = second < 1.06 and second < first - 0.03
    hint = f"the digit term ends at {second:.2f}; it was {first:.2f}. Is the loss of the voice part the other one?"
    return right, hint
