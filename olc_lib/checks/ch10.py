"""Self-checks of chapter 10."""

import torch

from .check import check, close


@check("0.5, 0 and 0.4.", "how far past its start, divided by the length of the ramp; 0 at the start itself.")
def injection_by_hand(answer):
    """M of sparsity at 405, of interpolation at 450, of the digits at 500 (Table 8).

    Args:
        answer: the three.
    """
    return close(answer, [0.5, 0.0, 0.4])


@check(
    "a new term at the mean does not move the mean.",
    "a mean stays where it is if the new term is equal to it; what is the mean of the two, with their weights?",
)
def injection_unnoticed(value):
    """The value at which a newcomer beside 0.2 (I = 1) and 0.1 (I = 0.3) does not move the total."""
    return close(value, 0.23 / 1.3, 0.0005)


@check("no corner at either end.", "with t from objective.injection, try a polynomial like 3 t**2 - 2 t**3.")
def injection_gentle(function):
    """A ramp from 0 to 1 with slope 0 at both ends.

    Args:
        function: ``(iteration, start, stop) -> M``.
    """
    m = torch.tensor([float(function(100 + i, 200, 400)) for i in range(401)])
    ends = bool((m[:101] == 0).all() and (m[300:] == 1).all())
    hint = "0 up to start and 1 from stop on." if not ends else "it never falls, and is 0.5 in the middle."
    right = ends and bool((m.diff()[100:300] > 0).all()) and (abs(float(m[200]) - 0.5) < 0.001)
    if right:
        right = bool(m[102] < 0.002 and m[298] > 0.998)
        hint = "there is still a corner: two steps after the start M should be far below that of Equation 6."
    return right, hint


@check(
    "fewer steps, and it is a switch.",
    "for each number, compress and count the steps with start < step < stop in every ramp; stop at the first 0.",
)
def injection_broken(steps):
    """The first number of steps below 800 at which a ramp of Table 8 has no step strictly inside."""
    from .. import objective, paper

    def whole(count):
        ramps = objective.compress(paper.IMAGE_INJECTION, paper.IMAGE_ITERATIONS, count)
        inside = [[s < i < e for i in range(1, count + 1)] for s, e in ramps.values() if s < e]
        return all(any(ramp) for ramp in inside)

    expected = next(count for count in range(800, 1, -1) if not whole(count))
    return close(steps, expected, 1e-6)
