"""Self-checks of chapter 13."""

from .check import check, close


@check("the same price, and two very different thresholds.", "three numbers; each coordinate is 1/10.")
def raw_hundred(three):
    """Loss of the uniform code of 100 classes, and when each form leaves it.

    Args:
        three: the loss, the share with the largest coordinate, the share with the root mean square.
    """
    g = 1 / 1.1**2
    expected, hint = (0.1 + 1 / 1.1, (99 + g) / (100 * (1 + g)), 0.01), "three numbers; each coordinate is 1/10."
    parts = list(three) if isinstance(three, tuple | list) and len(three) == 3 else []
    wrong = [name for name, part, value in zip("abc", parts, expected, strict=False) if not close(part, value)]
    if wrong:
        hint = f"look again at ({'), ('.join(wrong)}); each coordinate of the uniform code is 1/10."
    return bool(parts) and (not wrong), hint


@check(
    "a little worse than silence, for every N.",
    "the mean has energy 1/N; the error has the energy of the new wave besides.",
)
def raw_mean(snr_of_mean):
    """Signal-to-noise ratio of the mean of N orthogonal waves as an answer to another one.

    Args:
        snr_of_mean: ``N -> dB``.
    """
    hint = ""
    found = [float(snr_of_mean(n)) for n in (1, 7, 40)]
    right = close(found, [-3.0103, -0.5799, -0.1072], 0.002)
    if not right and close(found, [3.0103, 0.5799, 0.1072], 0.002):
        hint = "the sign: the error is larger than the wave."
    return right, hint


@check(
    "nothing to know, nothing said; the speakers are as clear as ever.", "`history` is what train_encoder gives second."
)
def raw_shuffled(history):
    """Digits that are nonsense stay on the hedge, speakers leave theirs.

    Args:
        history: ``digit`` and ``speaker``, each ``[steps]``.
    """
    digit, speaker = (float(history[name][-20:].mean()) for name in ("digit", "speaker"))
    right = abs(digit - 1.076) < 0.03 and speaker < 1.118 - 0.03
    hint = f"the digit term ends at {digit:.2f}, the speaker term at {speaker:.2f}."
    return right, hint
