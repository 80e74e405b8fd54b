"""Self-checks of the exercises: each prints *Correct* or *Not yet* with a hint, and never raises on a stub."""

import torch

from . import metrics, transfer
from .latent import IMAGE, VOICE


def _say(right: bool, praise: str, hint: str) -> None:
    print(f"Correct: {praise}" if right else f"Not yet: {hint}")


def _close(answer, expected, tolerance: float = 1e-3) -> bool:
    """Whether an answer of any kind is a number or tensor close to the expected one."""
    try:
        answer = torch.as_tensor(answer, dtype=torch.float64)
    except (TypeError, ValueError, RuntimeError):
        return False
    expected = torch.as_tensor(expected, dtype=torch.float64)
    return answer.shape == expected.shape and bool(torch.allclose(answer, expected, atol=tolerance, rtol=tolerance))


def code_by_hand(code) -> None:
    """Chapter 5: (3, 4 | 5, -12 | -2) normalized category by category, the last of one dimension."""
    whole = _close(code, [v / 198**0.5 for v in (3, 4, 5, -12, -2)], 2e-3)
    hint = "divide each category by its own length; 3, 4 has length 5, and 5, -12 has length 13."
    if whole:
        hint = "that is the whole code divided by one length; every category has a length of its own."
    if _close(code, [0.6, 0.8, 5 / 13, -12 / 13, -1.0], 2e-3):
        hint = "nearly: the last category has one dimension. Which sign does the library always give it?"
    _say(_close(code, [0.6, 0.8, 5 / 13, -12 / 13, 1.0], 2e-3), "each category has length 1, and the lone one is +1.", hint)


def code_text(text) -> None:
    """Chapter 5: the code of the fourth speaker (index 3) who says nine, as text."""
    right = isinstance(text, str) and text.strip() == "000100-0000000001"
    _say(right, "six places for the speaker, ten for the digit.", "counting starts at 0: six bits for the speaker, a dash, ten for the digit.")


def code_still_coordinate(coordinate) -> None:
    """Chapter 5: where the printed deviation 0.2 l + 0.05 vanishes."""
    _say(_close(coordinate, -0.25), "at -0.25 the printed equation adds no noise at all.", "solve 0.2 l + 0.05 = 0 for l.")


def code_collapse(literal) -> None:
    """Chapter 5: Eq. (1) as printed, a function (code, mu, sigma_min, noise) -> code, drawn around (-0.8, 0.6)."""
    hint = "return code + (mu * code + sigma_min) * noise, with no absolute value."
    code = torch.tensor([[-0.8, 0.6]]).expand(200, 2)
    noise = torch.linspace(-2, 2, 400).reshape(200, 2)
    try:
        made = literal(code, 0.25, 0.2, noise)
        right = _close(made, code + (0.25 * code + 0.2) * noise)
        if _close(made, code + (0.25 * code.abs() + 0.2) * noise):
            hint = "that is the repaired equation; take the absolute value away."
    except Exception:
        right = False
    _say(right, "one coordinate has lost all its noise: the cloud is a line.", hint)


def code_simplex(vectors) -> None:
    """Chapter 5: four unit vectors, all six cosines -1/3."""
    gram = torch.eye(4) * 4 / 3 - 1 / 3
    try:
        found = torch.as_tensor(vectors, dtype=torch.float32)
        right = found.dim() == 2 and _close(found @ found.T, gram)
    except Exception:
        right = False
    _say(right, "as far apart as four directions can be.", "subtract 1/4 from every entry of eye(4), then bring each row to length 1.")


# A voice becomes an image


def code_of_a_four(answer) -> None:
    """Check the text of the code that draws a 4."""
    right = isinstance(answer, str) and answer.strip() == "1-0000100000"
    _say(right, "writer 1, and the fifth place of the digit.", "two groups, 1 for the writer, and one 1 among ten places.")


def drop_by_hand(to_image) -> None:
    """Check a function from voice codes ``[B, 16]`` to image codes ``[B, 11]``."""
    code = VOICE.normalize(torch.randn(3, VOICE.dim, generator=torch.Generator().manual_seed(0)))
    try:
        right = _close(to_image(code), transfer.drop(code, VOICE, IMAGE))
    except Exception:
        right = False
    _say(right, "eleven numbers, the first one 1.", "the result needs 11 numbers: a 1, then dimensions 6 to 15.")


def speaker_share(share, codes, speaker) -> None:
    """Check the share of codes attributed to the right speaker, in percent."""
    expected = metrics.accuracy(VOICE.labels(codes)["speaker"], speaker)
    _say(_close(share, expected, 0.01), f"{expected:.1f} %.", "compare VOICE.labels(...)['speaker'] with the truth; percent.")


def wrong_writer(images, run) -> None:
    """Check the drawings of the handcrafted codes with the writer's sign turned."""
    code = torch.stack([IMAGE.handcrafted(digit=d) for d in range(10)])
    code[:, 0] = -1
    with torch.no_grad():
        expected = run.image.decode(code)
    _say(_close(images, expected, 1e-2), "the writer's sign matters.", "set column 0 of all ten codes to -1 and decode.")


def max_m_by_hand(scale, becomes) -> None:
    """Max M % of 6, -8, 0, 1, -2, 0, 5, 0, -1, 0 with M = 30 %.

    Args:
        scale: mean of the three largest amplitudes.
        becomes: what the sample -8 is divided into.
    """
    right = _close(scale, 19 / 3, 0.01) and _close(becomes, -24 / 19, 0.01)
    _say(right, "19 / 3, and -8 becomes -24 / 19.", "drop the signs, sort, average the three largest; then divide -8.")


def max_m_count(function) -> None:
    """A count version of Max M %: equals the library on 8,192 samples, ignores appended zeros, keeps silence.

    Args:
        function: ``(x [B, T], count) -> (normalized, scale)``.
    """
    from .normalize import max_m_percent

    x = torch.randn(3, 8192, generator=torch.Generator().manual_seed(0))
    x[2] = 0
    try:
        (y, scale), (_, padded) = function(x, 410), function(torch.nn.functional.pad(x, (0, 5000)), 410)
        right = _close(y, max_m_percent(x)[0]) and _close(scale, max_m_percent(x)[1]) and _close(padded, scale)
    except Exception:  # a stub that returns None, or a mistake: both are "not yet"
        right = False
    hint = "average the `count` largest of |x| in each row; where that is 0, divide by 1."
    _say(right, "the same as 5 % on 8,192 samples, and deaf to appended silence.", hint)


def max_m_wrong_factor(own, literal) -> None:
    """Loss of a perfect drawing divided by its own factor, and by an input's factor of 0.2.

    Args:
        own: in multiples of the target's RMS.
        literal: likewise.
    """
    right = _close(own, 0.0) and _close(literal, 4.0)
    hint = "divide the drawing by its scale, subtract the target, look at what is left."
    _say(right, "nothing, and four times the target.", hint)


def max_m_broken(damage, wave: torch.Tensor) -> None:
    """A damage that keeps the maximum within 1 % and at least doubles the scale of Max M 5 %.

    Args:
        damage: ``[T] -> [T]``.
        wave: ``[T]``, the clip it is tried on.
    """
    from .normalize import max_m_percent

    try:
        damaged = damage(wave.clone())
        peak = float(damaged.abs().max() / wave.abs().max())
        ratio = float(max_m_percent(damaged[None])[1] / max_m_percent(wave[None])[1])
        right = damaged.shape == wave.shape and peak <= 1.01 and ratio >= 2
        hint = f"the maximum is {peak:.2f} times, the scale {ratio:.2f} times what it was. Which 410 samples count?"
    except Exception:
        right, hint = False, "`damage` takes one clip [T] and returns a clip of the same length."
    _say(right, "the maximum hardly moved, and Max M was fooled.", hint)


def max_m_ruler(winner) -> None:
    """Which rule leaves the smallest spread of the loudest 30 ms on undamaged embedded clips.

    Args:
        winner: name of the rule.
    """
    hint = "use spread(rule(voices.waves)[1], vowel(voices.waves, 30)) for each rule."
    _say(winner == "maximum", "with a short ruler the maximum wins.", hint)
