"""Self-checks of chapter 9."""

import torch

from .check import check, close


@check(
    "and the sign decides between 1.156 and 2.4.",
    "largest unrelated size, plus 1/(1 + |f|) of the related one; in the library, 1 - f where f is negative.",
)
def disentangle_by_hand(three):
    """Eq. (5) of (0.6, 0, 0, -0.8, 0, 0): speaker 0; speaker 3 as printed; speaker 3 in the library.

    Args:
        three: the three losses.
    """
    return close(three, [1.425, 1.15556, 2.4])


@check("and it tends to one half.", "g = 1 / (1 + f)**2 with f = n**-0.5.")
def disentangle_certainty(certainty):
    """Chance at which the uniform code of n classes is left, on the sphere.

    Args:
        certainty: ``n -> p``.
    """
    first = close([certainty(n) for n in (3, 6, 10)], [0.71331, 0.66479, 0.63403])
    right = close([certainty(n) for n in (3, 6, 10, 1000)], [0.5711, 0.60986, 0.60722, 0.51569])
    hint = (
        "that is the first estimate; let the other coordinates shrink as well."
        if first
        else "g = 1 / (1 + f)**2 with f = n**-0.5."
    )
    return right, hint


@check(
    "0.444 is below 0.5: the code that says nothing has the lower loss.",
    "call losses.disentanglement with both switches off, on ten equal rows and on torch.eye(10), labels 0 to 9.",
)
def disentangle_literal(nothing, orthogonal):
    """Eq. (5) to the letter, ten classes: one negative uniform code for all, and ten orthogonal codes.

    Args:
        nothing: mean loss of the first.
        orthogonal: mean loss of the second.
    """
    return close(nothing, 0.44352) and close(orthogonal, 0.5)


@check("the hedge comes from the maximum.", "add up |f|, leave out the related one, divide by n - 1.")
def disentangle_with_mean(function):
    """Eq. (5) with the mean of the unrelated coordinates in place of the maximum.

    Args:
        function: ``(code [B, n], label [B]) -> [B]``.
    """
    code = torch.tensor([[0.6, 0.0, 0.8], [0.6, -0.8, 0.0], [0.0, 0.0, 1.0]])
    return close(function(code, torch.tensor([0, 0, 2])).detach(), [0.4 + 1 / 1.6, 0.4 + 1 / 1.6, 0.5])
