"""Self-checks of chapter 18."""

import torch

from .check import check, close

DOTS = ("0111", "1000", "1010", "1100", "1101", "1001", "1110", "1111", "1011", "0110")


@check("one tone for the row, one for the column.", "rows are 697, 770, 852 and 941 Hz; the 0 stands below the 8.")
def key_by_hand(key, zero):
    """The key of 770 and 1,477 Hz, and the frequencies of the 0.

    Args:
        key: a digit.
        zero: two frequencies in Hz.
    """
    return close(key, 6) and close(sorted(zero), [941, 1336])


@check(
    "one model of two networks, to and from each of the four, and nobody else is disturbed.",
    "the new one goes to four domains and can be reached from four; what others know stays as it is.",
)
def one_more_domain(trained, opened, again):
    """What a fifth domain costs and gives.

    Args:
        trained: networks to train.
        opened: new directions.
        again: old networks to train again.
    """
    return close(trained, 2) and close(opened, 8) and close(again, 0)


@check("a domain is a function from a digit to something that can be seen.", "compare your dots with the table.")
def braille_drawn(braille):
    """Digits as dots.

    Args:
        braille: of digits ``[N]``; gives ``[N, 1, 28, 28]``.
    """
    digit = torch.tensor([3, 0, 9, 1, 2, 8, 4, 7, 5, 6, 3])
    pictures = braille(digit)
    if tuple(pictures.shape) != (11, 1, 28, 28):
        return False, f"pictures have shape {tuple(pictures.shape)}, expected (11, 1, 28, 28)."
    for picture, d in zip(pictures[:, 0], digit.tolist(), strict=True):
        found = "".join(str(int(picture[row, column] > 0.5)) for row in (9, 18) for column in (9, 18))
        if found != DOTS[d]:
            return False, f"{d} shows {found[:2]}/{found[2:]}, expected {DOTS[d][:2]}/{DOTS[d][2:]}."
    between = pictures[:, :, 13:15].abs().max() + pictures[:, :, :, 13:15].abs().max() + pictures[..., :4].abs().max()
    return close(between, 0), "between the dots, and at the edge, a picture is 0."
