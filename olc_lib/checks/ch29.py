"""Self-checks of chapter 29."""

import torch

from .check import check, close, seeded


@check("nine tenths minus three tenths.", "own: 1 and 0.8; to the other one's: 0.6 and 0.")
def gap_by_hand(answer):
    """The cosine gap of two pictures of two pixels."""
    return close(answer, 0.6)


@check(
    "class from u, form from v, and the other way round.",
    "encode(v, u) gives the code of v first; x1 has the class of u in the first slot and the form of v in the second.",
)
def cycle_back(back):
    """Both inputs from both translations.

    Args:
        back: of the functions ``encode(sketch, solid)`` and ``draw(kind, form)``, and of pictures u and v.
    """
    u, v = torch.rand(2, 5, 3, generator=seeded())

    def encode(sketch, solid):
        return 2 * sketch, solid - 1

    def draw(kind, form):
        return kind + 10 * form

    x1, x2 = back(encode, draw, u, v)
    return close(x1, u - 1 + 20 * v) and close(x2, 2 * v + 10 * (u - 1))


@check(
    "nothing but the gap and the inputs' effect tells it from a perfect translator.",
    "take real pictures from pairs, but those of other objects.",
)
def fooled(translate, pairs, reader):
    """A translator that only the gap and the effect of the inputs give away.

    Args:
        translate: of two batches of pictures, to two batches.
        pairs: inputs and their true counterparts.
        reader: the classifier of form and class.
    """
    from ..systems.dual.measures import judge

    scores = judge(translate, pairs, reader)
    for key, least in (("form", 95), ("class", 95), ("diversity", 0.9)):
        if scores[f"{key}_worst"] < least:
            return False, f"{key} is {scores[f'{key}_worst']:.2f} in the poorer direction, expected {least} or more."
    gap = max(scores["gap_u"], scores["gap_v"])
    return gap < 0.05, f"the gap is {gap:.2f}, expected less than 0.05."
