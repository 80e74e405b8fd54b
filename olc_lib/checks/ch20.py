"""Self-checks of chapter 20."""

import torch

from .check import check, close, seeded


@check("a code and an anchor are compared by direction alone.", "divide both by their lengths: 5 and 1, 5 and 2.")
def relative_by_hand(answer):
    """Relative coordinates of (3, 4) to the anchors (1, 0) and (0, 2)."""
    return close(answer, [0.6, 0.8])


@check(
    "and it leaves every length and every angle as it is.",
    "decompose `source.T @ target`, and multiply the two orthogonal factors.",
)
def rotation_between(rotation):
    """The best rotation from one set of anchors to another.

    Args:
        rotation: of source ``[K, D]`` and target ``[K, D]``, centred; gives ``[D, D]``.
    """
    turn = torch.linalg.qr(torch.randn(5, 5, generator=seeded()))[0]
    source = torch.randn(40, 5, generator=seeded(1))
    source = source - source.mean(0)
    found = rotation(source, source @ turn)
    hint = "decompose `source.T @ target`, and multiply the two orthogonal factors."
    if close(found, turn.T):
        hint = "nearly: this turns the target to the source."
    elif close(found, torch.linalg.lstsq(source, source @ turn + source).solution):
        hint = "that is least squares: it may stretch."
    stretched = rotation(source, 3 * source @ turn)
    return close(found, turn) and close(stretched, turn), hint


@check(
    "both sides of a pair are labelled, a label may be shared, and placed codes need no pair.",
    "300 pairs are 300 labels of clips and 300 of images.",
)
def labels_counted(without, placed):
    """Labels that 300 pairs drawn by label need, and labels beyond its training that dropping the speaker needs.

    Args:
        without: of encoders trained without labels, joined by 300 pairs, clips and images together.
        placed: of placed codes, to cross over.
    """
    return close(without, 600) and close(placed, 0)
