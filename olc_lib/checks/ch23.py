"""Self-checks of chapter 23."""

from .check import check, close


@check("1.143 and 1.739.", "(2e + 2d) / (e + 2d); then 1 over (0.8 / 2 plus 0.2 over that).")
def speed_ceiling(late, whole):
    """Ceilings for e = 1, d = 3, interpolation from 80 % on.

    Args:
        late: ceiling of a step with interpolation.
        whole: ceiling of the training.
    """
    hint = ""
    if close(late, 8 / 7, 0.002) and close(whole, 0.8 * 2 + 0.2 * 8 / 7, 0.002):
        hint = "(b) is not a mean of ratios: add up the library's time in both phases, then take one ratio."
    return close(late, 8 / 7, 0.002) and close(whole, 1 / (0.4 + 0.175), 0.002), hint


@check(
    "about 606 million for Table 2.",
    "for each layer: its length x its channels x the channels that come in (at first 1) x its kernel; add up.",
)
def speed_multiply_adds(multiply_adds):
    """Forward multiply-adds of one-dimensional convolutions.

    Args:
        multiply_adds: ``(layers, samples) -> number``.
    """
    from ..paper import VOICE_LAYERS, Layer

    toy = (Layer(6, 4, 2, 1), Layer(4, 3, 1, 1))
    expected = {(toy[:1], 24): 288, (toy, 24): 1152, (VOICE_LAYERS, 8192): 605_964_128}
    hint = ""
    right = True
    for (layers, samples), number in expected.items():
        found = multiply_adds(layers, samples)
        if found is not None and found != number:
            hint = f"for {len(layers)} layers on {samples:,} samples you give {found:,}, expected {number:,}."
        right = right and found == number
    return right, hint


@check(
    "1.54 against 1.25.", "what is left of the time? 0.7 / 2 + 0.1 + 0.2 in the first case; 1 over that is the gain."
)
def speed_amdahl(faster_convolutions, no_rest):
    """70 % twice as fast, or 20 % for nothing.

    Args:
        faster_convolutions: gain of the first.
        no_rest: gain of the second.
    """
    return close([faster_convolutions, no_rest] if no_rest else None, [1 / 0.65, 1.25], 0.006)


@check("", "`rhythm` is a list of twenty numbers from 1 to 2.")
def speed_rhythm(rhythm):
    """A machine on which fair turns make two equal things differ by half.

    Args:
        rhythm: twenty numbers from 1 to 2, how slow the machine is at each moment.
    """
    slow = [float(value) for value in rhythm]
    if len(slow) != 20 or min(slow) < 1 or max(slow) > 2:
        return False
    ratios = sorted(slow[k + 1] / slow[k] for k in range(0, 20, 2))
    median = (ratios[4] + ratios[5]) / 2
    hint = f"the median of ratios is {median:.2f}. A always has the even moments, B the odd ones."
    return median >= 1.5, hint, f"B seems {median:.2f} times as slow as itself."
