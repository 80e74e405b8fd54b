"""Self-checks of chapter 6."""

import torch

from .check import check, close


@check(
    "each category has length 1, and the single one is +1.",
    "divide each category by its own length; 3, 4 has length 5, and 5, -12 has length 13.",
)
def code_by_hand(code):
    """The code (3, 4 | 5, -12 | -2) normalized category by category, the last of one dimension."""
    whole = close(code, [v / 198**0.5 for v in (3, 4, 5, -12, -2)], 0.002)
    hint = ""
    if whole:
        hint = "that is the whole code divided by one length; every category has a length of its own."
    if close(code, [0.6, 0.8, 5 / 13, -12 / 13, -1.0], 0.002):
        hint = "nearly: the last category has one dimension. Which sign does the library always give it?"
    return close(code, [0.6, 0.8, 5 / 13, -12 / 13, 1.0], 0.002), hint


@check(
    "six places for the speaker, ten for the digit.",
    "counting starts at 0: six bits for the speaker, a dash, ten for the digit.",
)
def code_text(text):
    """The code of the fourth speaker (index 3) who says nine, as text."""
    return isinstance(text, str) and text.strip() == "000100-0000000001"


@check("at -0.25 the printed equation adds no noise at all.", "solve 0.2 l + 0.05 = 0 for l.")
def code_still_coordinate(coordinate):
    """Where the printed deviation 0.2 l + 0.05 vanishes."""
    return close(coordinate, -0.25)


@check(
    "one coordinate has lost all its noise: the cloud is a line.",
    "return code + (mu * code + sigma_min) * noise, with no absolute value.",
)
def code_collapse(literal):
    """Eq. (1) as printed, a function (code, mu, sigma_min, noise) -> code, drawn around (-0.8, 0.6)."""
    hint = ""
    code = torch.tensor([[-0.8, 0.6]]).expand(200, 2)
    noise = torch.linspace(-2, 2, 400).reshape(200, 2)
    made = literal(code, 0.25, 0.2, noise)
    right = close(made, code + (0.25 * code + 0.2) * noise)
    if close(made, code + (0.25 * code.abs() + 0.2) * noise):
        hint = "that is the repaired equation; take the absolute value away."
    return right, hint


@check(
    "as far apart as four directions can be.",
    "subtract 1/4 from every entry of eye(4), then bring each row to length 1.",
)
def code_simplex(vectors):
    """Four unit vectors, all six cosines -1/3."""
    gram = torch.eye(4) * 4 / 3 - 1 / 3
    found = torch.as_tensor(vectors, dtype=torch.float32)
    return found.dim() == 2 and close(found @ found.T, gram)
