"""Self-checks of chapter 5."""

import torch

from .check import check, close, returns_its_input, seeded


@check("19 / 3, and -8 becomes -24 / 19.", "drop the signs, sort, average the three largest; then divide -8.")
def max_m_by_hand(scale, becomes):
    """Max M % of 6, -8, 0, 1, -2, 0, 5, 0, -1, 0 with M = 30 %.

    Args:
        scale: mean of the three largest amplitudes.
        becomes: what the sample -8 is divided into.
    """
    return close(scale, 19 / 3, 0.01) and close(becomes, -24 / 19, 0.01)


@check(
    "the same as 5 % on 8,192 samples, and unchanged by appended silence.",
    "average the `count` largest of |x| in each row; where that is 0, divide by 1.",
)
def max_m_count(function):
    """A count version of Max M %: equals the library on 8,192 samples, ignores appended zeros, keeps silence.

    Args:
        function: ``(x [B, T], count) -> (normalized, scale)``.
    """
    from ..normalize import max_m_percent

    x = torch.randn(3, 8192, generator=seeded())
    x[2] = 0
    (y, scale), (_, padded) = (function(x, 410), function(torch.nn.functional.pad(x, (0, 5000)), 410))
    return close(y, max_m_percent(x)[0]) and close(scale, max_m_percent(x)[1]) and close(padded, scale)


@check(
    "nothing, and four times the target.", "divide the drawing by its scale, subtract the target, look at what is left."
)
def max_m_wrong_factor(own, literal):
    """Loss of a perfect drawing divided by its own factor, and by an input's factor of 0.2.

    Args:
        own: in multiples of the target's RMS.
        literal: likewise.
    """
    return close(own, 0.0) and close(literal, 4.0)


@check(
    "the maximum hardly moved, and Max M was fooled.",
    "`damage` takes one clip [T] and returns a clip of the same length.",
    stub=returns_its_input,
)
def max_m_broken(damage, wave: torch.Tensor):
    """A damage that keeps the maximum within 1 % and at least doubles the scale of Max M 5 %.

    Args:
        damage: ``[T] -> [T]``.
        wave: ``[T]``, the clip it is tried on.
    """
    from ..normalize import max_m_percent

    damaged = damage(wave.clone())
    peak = float(damaged.abs().max() / wave.abs().max())
    ratio = float(max_m_percent(damaged[None])[1] / max_m_percent(wave[None])[1])
    right = damaged.shape == wave.shape and peak <= 1.01 and (ratio >= 2)
    hint = f"the maximum is {peak:.2f} times, the scale {ratio:.2f} times what it was. Which 410 samples count?"
    return right, hint


@check(
    "with a short measure the maximum wins.",
    "use spread(rule(voices.waves)[1], vowel(voices.waves, 30)) for each rule.",
)
def max_m_ruler(winner):
    """Which rule leaves the smallest spread of the loudest 30 ms on undamaged embedded clips.

    Args:
        winner: name of the rule.
    """
    return winner == "maximum"
