"""Self-checks of chapter 36."""

import torch

from .check import check, close, seeded


@check(
    "a coordinate pays for its distance from the standard normal, and for nothing else.",
    "half of: squared mean, plus variance, minus logarithm of the variance, minus 1.",
)
def free_nats(two, zero):
    """Nats of a free coordinate of variance 1.

    Args:
        two: with mean 2.
        zero: with mean 0.
    """
    return close(two, 2.0) and close(zero, 0.0)


@check(
    "the class is new and the hand is the same.",
    "three parts side by side: a column of ones, the one-hot digit, and the code from coordinate 11 on.",
)
def hand_carried(carry):
    """Codes with their free coordinates and another digit.

    Args:
        carry: of codes ``[B, 19]`` and digits ``[B]``.
    """
    from ..systems.free import FreeSpace

    code, digit = torch.randn(6, 19, generator=seeded()), torch.tensor([3, 1, 4, 1, 5, 9])
    given, space = code.clone(), FreeSpace({"writer": 1, "digit": 10}, 8)
    expected = space.carry(code, digit=digit, writer=torch.zeros_like(digit))
    found = carry(given, digit)
    hint = "the codes that were given must stay as they are." if not torch.equal(given, code) else ""
    return close(found, expected) and torch.equal(given, code), hint


@check(
    "what differs from group to group no longer counts.",
    "take the mean of each group off `x` and off `y`, then divide their product by both lengths.",
)
def correlation_within(within):
    """Correlation after group means have been taken off.

    Args:
        within: of x ``[N]``, y ``[N]`` and group ``[N]``.
    """
    from ..systems.free import kept

    x, group = torch.randn(90, generator=seeded()).double(), torch.arange(90) % 3
    y = x + torch.randn(90, generator=seeded(1)).double() + 7 * group
    found = within(x.clone(), y.clone(), group)
    plain = torch.corrcoef(torch.stack([x, y]))[0, 1]
    return close(found, kept(x, y, group)), "the means are still in it." if close(found, plain) else ""
