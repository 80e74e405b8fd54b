"""Self-checks of chapter 2."""

import torch

from .check import check, close, seeded


@check(
    "0.625 for the own coordinate, 0.267 for the others.",
    "1 / (1 + 0.6), plus the root of the mean of nine squares.",
)
def once_placing_by_hand(answer):
    """The placing term of a block of ten with 0.6 in its own place and 0.8 in one other."""
    return close(answer, 1 / 1.6 + 0.8 / 3, 2e-3)


@check("any speaker can say it.", "six numbers for the speaker, one of them 1, then the ten of the digit.")
def once_cross_back(cross_back):
    """Image codes with chosen speakers to voice codes.

    Args:
        cross_back: of codes ``[B, 11]`` and speakers ``[B]``.
    """
    code, speaker = torch.randn(5, 11, generator=seeded()), torch.tensor([0, 5, 2, 2, 4])
    made = cross_back(code, speaker)
    return close(made, torch.cat([torch.eye(6)[speaker], code[:, 1:]], 1))


@check(
    "the largest of the others decides alone.",
    "set the own coordinate to 0, then take the largest absolute value.",
)
def once_placing_max(placing_max):
    """Equation 5 with the largest unrelated coordinate.

    Args:
        placing_max: of blocks ``[B, 10]`` and labels ``[B]``.
    """
    from ..losses import disentanglement

    block = torch.nn.functional.normalize(torch.randn(40, 10, generator=seeded()), dim=1)
    label = torch.randint(10, (40,), generator=seeded(1))
    return close(placing_max(block, label), disentanglement(block, label))


@check(
    "they are digits.",
    "decode the codes with 1 for the writer and 1 in one digit's place, in the order 0 to 9.",
)
def once_handcrafted(mine, judge):
    """Drawings of the ten handcrafted codes.

    Args:
        mine: ``[10, 1, 28, 28]``.
        judge: the classifier that reads them.
    """
    with torch.no_grad():
        read = judge(mine.clamp(0, 1)).argmax(1)
    right = int((read == torch.arange(10)).sum())
    return right >= 9, f"{right} of 10 are read right.", f"{right} of 10 are read right."
