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
    _say(
        _close(code, [0.6, 0.8, 5 / 13, -12 / 13, 1.0], 2e-3),
        "each category has length 1, and the lone one is +1.",
        hint,
    )


def code_text(text) -> None:
    """Chapter 5: the code of the fourth speaker (index 3) who says nine, as text."""
    right = isinstance(text, str) and text.strip() == "000100-0000000001"
    _say(
        right,
        "six places for the speaker, ten for the digit.",
        "counting starts at 0: six bits for the speaker, a dash, ten for the digit.",
    )


def code_still_coordinate(coordinate) -> None:
    """Chapter 5: where the printed deviation 0.2 l + 0.05 vanishes."""
    _say(
        _close(coordinate, -0.25),
        "at -0.25 the printed equation adds no noise at all.",
        "solve 0.2 l + 0.05 = 0 for l.",
    )


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
    _say(
        right,
        "as far apart as four directions can be.",
        "subtract 1/4 from every entry of eye(4), then bring each row to length 1.",
    )


# A voice becomes an image


def code_of_a_four(answer) -> None:
    """Check the text of the code that draws a 4."""
    right = isinstance(answer, str) and answer.strip() == "1-0000100000"
    _say(
        right,
        "writer 1, and the fifth place of the digit.",
        "two groups, 1 for the writer, and one 1 among ten places.",
    )


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
    _say(
        _close(share, expected, 0.01),
        f"{expected:.1f} %.",
        "compare VOICE.labels(...)['speaker'] with the truth; percent.",
    )


def wrong_writer(images, run) -> None:
    """Check the drawings of the handcrafted codes with the writer's sign turned."""
    code = torch.stack([IMAGE.handcrafted(digit=d) for d in range(10)])
    code[:, 0] = -1
    with torch.no_grad():
        expected = run.image.decode(code)
    _say(
        _close(images, expected, 1e-2), "the writer's sign matters.", "set column 0 of all ten codes to -1 and decode."
    )


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


# Disentanglement


def disentangle_by_hand(three) -> None:
    """Eq. (5) of (0.6, 0, 0, -0.8, 0, 0): speaker 0; speaker 3 as printed; speaker 3 in the library.

    Args:
        three: the three losses.
    """
    hint = "largest unrelated size, plus 1/(1 + |f|) of the related one; in the library, 1 - f where f is negative."
    _say(_close(three, [1.425, 1.15556, 2.4]), "and the sign decides between 1.156 and 2.4.", hint)


def disentangle_certainty(certainty) -> None:
    """Chance at which the uniform code of n classes is left, on the sphere.

    Args:
        certainty: ``n -> p``.
    """
    try:
        first = _close([certainty(n) for n in (3, 6, 10)], [0.71331, 0.66479, 0.63403])
        right = _close([certainty(n) for n in (3, 6, 10, 1000)], [0.57110, 0.60986, 0.60722, 0.51569])
    except Exception:
        first = right = False
    hint = (
        "that is the first estimate; let the other coordinates shrink as well."
        if first
        else "g = 1 / (1 + f)**2 with f = n**-0.5."
    )
    _say(right, "and it tends to one half.", hint)


def disentangle_literal(nothing, orthogonal) -> None:
    """Eq. (5) to the letter, ten classes: one negative uniform code for all, and ten orthogonal codes.

    Args:
        nothing: mean loss of the first.
        orthogonal: mean loss of the second.
    """
    right = _close(nothing, 0.44352) and _close(orthogonal, 0.5)
    hint = "call losses.disentanglement with both switches off, on ten equal rows and on torch.eye(10), labels 0 to 9."
    _say(right, "0.444 beats 0.5: saying nothing pays.", hint)


def disentangle_with_mean(function) -> None:
    """Eq. (5) with the mean of the unrelated coordinates in place of the maximum.

    Args:
        function: ``(code [B, n], label [B]) -> [B]``.
    """
    code = torch.tensor([[0.6, 0.0, 0.8], [0.6, -0.8, 0.0], [0.0, 0.0, 1.0]])
    try:
        right = _close(function(code, torch.tensor([0, 0, 2])).detach(), [0.4 + 1 / 1.6, 0.4 + 1 / 1.6, 0.5])
    except Exception:
        right = False
    _say(right, "the hedge was the maximum's doing.", "add up |f|, leave out the related one, divide by n - 1.")


def vae_kl_by_hand(value) -> None:
    """Chapter 2: KL of a Gaussian with mean 2 and deviation 1 from the standard one."""
    hint = "0.5 * (mean**2 + deviation**2 - 1 - log(deviation**2)), with mean 2 and deviation 1."
    _say(_close(value, 2.0), "half the square of the mean; a deviation of 1 costs nothing.", hint)


def vae_draw(draw) -> None:
    """Chapter 2: a function (mean, deviation, noise) -> code."""
    mean, deviation, noise = torch.tensor([[1.0, -2.0]]), torch.tensor([[0.5, 3.0]]), torch.tensor([[2.0, -1.0]])
    try:
        right = _close(draw(mean, deviation, noise), mean + deviation * noise)
    except Exception:
        right = False
    _say(
        right,
        "noise from outside, so gradients reach mean and deviation.",
        "stretch the noise by the deviation, then move it by the mean.",
    )


def vae_collapsed(drawn) -> None:
    """Chapter 2: pictures ``[N, P]`` that a collapsed VAE draws for N different codes: all the same."""
    try:
        right = bool(len(drawn) > 9 and drawn.std(0).max() < 0.02)
    except Exception:
        right = False
    _say(
        right,
        "whatever goes in, the same grey picture comes out.",
        "the pictures still differ; a larger beta makes the KL term win outright.",
    )


def twins_free(own, crossed, average) -> None:
    """Chapter 2: errors of two free twins of ten dimensions: each by itself, crossed, and of the average picture."""
    try:
        right = bool(own < 0.5 * average and crossed > average)
    except Exception:
        right = False
    hint = "train twin(0, 10) and twin(1, 10) with autoencoder_loss; own: 0 draws what 0 encoded, crossed: 1 draws it."
    _say(right, "ten free dimensions draw better, and still nobody else can read them.", hint)


def placed_moved(moved, digits) -> None:
    """Chapter 2: labels that send digit d to axis (d + 3) modulo 10."""
    try:
        right = bool(torch.equal(moved, (digits + 3) % 10))
    except Exception:
        right = False
    _say(
        right,
        "axis 0 now draws a seven.",
        "add 3 to every label; what passes 9 starts again at 0 (the remainder % 10).",
    )


# Reconstruction and sparsity


def residual_by_hand(answer) -> None:
    """Norms of the residual (0.2, -0.4, 0, 0.4).

    Args:
        answer: L2 and L1 as sums, L2 and L1 as means.
    """
    right = _close(answer, [0.6, 1.0, 0.3, 0.25])
    _say(right, "0.6, 1.0, 0.3 and 0.25.", "squares add up to 0.36, sizes to 1; divide by the root of 4, and by 4.")


def residual_sparsest(residual) -> None:
    """A residual of 100 samples with root mean square 0.1 and the least mean absolute value.

    Args:
        residual: ``[100]``.
    """
    try:
        size = torch.as_tensor(residual, dtype=torch.float64).abs()
        rms, mean = float(size.square().mean().sqrt()), float(size.mean())
        right = size.shape == (100,) and abs(rms - 0.1) < 1e-4 and mean < 0.0101
        hint = f"root mean square {rms:.3f}, mean absolute value {mean:.3f}. How few samples can carry it all?"
    except Exception:
        right, hint = False, "a tensor of 100 numbers."
    _say(right, "one sample carries it all.", hint)


def residual_best_volume(function) -> None:
    """The factor that brings y closest to x in L2.

    Args:
        function: ``(x [T], y [T]) -> number``.
    """
    x, y = torch.tensor([3.0, 1.0, 0.0]), torch.tensor([2.0, 2.0, 1.0])
    try:
        right = _close(function(x, y), 8 / 9) and _close(function(y, 2 * y), 0.5)
    except Exception:
        right = False
    _say(right, "the projection of x on y.", "set the slope in a of the sum of (x - a y)**2 to zero.")


def residual_break_median(damage, wave: torch.Tensor) -> None:
    """At most two changed samples that make a full-scale click survive a running median of three.

    Args:
        damage: ``[T] -> [T]``.
        wave: ``[T]``, the clip it is tried on.
    """
    try:
        broken = damage(wave.clone())
        changed = int((broken != wave).sum())
        middle = torch.nn.functional.pad(broken, (1, 1)).unfold(0, 3, 1).median(1).values
        right = broken.shape == wave.shape and changed <= 2 and float(middle.abs().max()) > 0.99
        hint = f"{changed} samples changed; the largest amplitude after the median is {middle.abs().max():.2f}."
    except Exception:
        right, hint = False, "`damage` takes one clip [T] and returns a clip of the same length."
    _say(right, "two in a row are a majority of three.", hint)


def data_brightness(brightness) -> None:
    """Chapter 3: brightness of a spot at a hundredth of the loudest amplitude, with a floor of 60 dB.

    Args:
        brightness: 0 to 1.
    """
    hint = "how many decibels are a factor of 100 in amplitude?"
    _say(_close(brightness, 1 / 3, 0.01), "40 dB down leave a third.", hint)


def data_centre(centre) -> None:
    """Chapter 3: words lose their own mean, the padding stays zero.

    Args:
        centre: ``(waves [N, T], lengths [N]) -> [N, T]``.
    """
    waves = torch.randn(3, 50, generator=torch.Generator().manual_seed(0)) + 1
    lengths = torch.tensor([50, 30, 10])
    inside = torch.arange(50) < lengths[:, None]
    waves = waves * inside
    mean = waves.sum(1) / lengths
    try:
        right = _close(centre(waves.clone(), lengths), (waves - mean[:, None]) * inside, 1e-5)
    except Exception:  # a stub that returns None, or a mistake: both are "not yet"
        right = False
    _say(right, "every word rests at zero.", "divide the sum by the word's length, and touch only the word's samples.")


def data_fair_split(fair) -> None:
    """Chapter 3: no recording on both sides, and about a fifth of them held out.

    Args:
        fair: ``(recording [N], generator) -> mask [N]``.
    """
    recording, hint = torch.arange(400).repeat(3), "no clip may have a sister on the other side."
    try:
        held = fair(recording, torch.Generator().manual_seed(0))
        counts = torch.bincount(recording[held], minlength=400)
        whole = bool(((counts == 0) | (counts == 3)).all())
        part = float((counts == 3).float().mean())
        right = whole and 0.12 < part < 0.28
        if whole:
            hint = f"{part:.0%} of the recordings are held out; about a fifth is wanted."
    except Exception:
        right = False
    _say(right, "all clips of a recording share its fate.", hint)


def data_disguise(before: torch.Tensor, after) -> None:
    """Chapter 3: the same curve, 0.05 higher, give or take half a step of the recognizer.

    Args:
        before: ``[T]``, Anna's word.
        after: ``[T]``, what was made of it.
    """
    try:
        lift = after - before
        moved, bent = float(lift.mean()), float((lift - lift.mean()).abs().max())
        right = after.shape == before.shape and bent < 1e-3 and 0.045 < moved < 0.056
        hint = f"it was lifted by {moved:.3f} and bent by {bent:.3f}; Finn's clips rest five steps above Anna's."
    except Exception:
        right, hint = False, "`disguised` is one clip as long as `anna`."
    _say(right, "to the recognizer this is Finn.", hint)


# Interpolation


def interpolation_by_hand(answer) -> None:
    """Interpolation loss of (2, 0, 0, 2) and (0, 4, 0, 0), alpha 0.75, decoded (1, 1, 0, 1).

    Args:
        answer: as a sum, as a mean.
    """
    right = _close(answer, [0.5**0.5, 0.5**0.5 / 2])
    _say(right, "0.707 and 0.354.", "mix the signals first, 0.75 to 0.25; then take the residual's length.")


def interpolation_length(function) -> None:
    """Length of a mix of two unit codes.

    Args:
        function: ``(alpha, cosine) -> length``.
    """
    try:
        found = [function(a, c) for a, c in ((0.5, 1.0), (0.5, 0.0), (0.5, -1.0), (0.25, 0.5), (0.1, 0.0))]
        right = _close(found, [1.0, 0.5**0.5, 0.0, 0.8125**0.5, 0.82**0.5])
    except Exception:
        right = False
    _say(right, "the law of cosines.", "square alpha a + (1 - alpha) b: two squares, twice a product; then the root.")


def interpolation_term(function, vae, x: torch.Tensor) -> None:
    """The interpolation term of a batch, without noise.

    Args:
        function: ``(vae, x, partner [B], alpha [B]) -> [B]``.
        vae: the model to try it on.
        x: ``[B, ...]``, signals that are not normalized.
    """
    from . import losses

    partner, alpha = torch.arange(len(x)).flip(0), torch.linspace(0.1, 0.9, len(x))
    with torch.no_grad():
        signal, code = vae.normalize(x), vae.encode(x)
        made = vae.decode(losses.mix(code, code[partner], alpha))
        expected = losses.interpolation(losses.mix(signal, signal[partner], alpha), made)
        try:
            right = _close(function(vae, x, partner, alpha), expected)
        except Exception:
            right = False
    _say(right, "Equation 4.", "normalize(x) and encode(x), losses.mix for both with [partner], decode, compare.")


def interpolation_beyond(codes) -> None:
    """Mixes of the handcrafted image codes of 3 and 8 for alpha 1, 1.5 and 2.

    Args:
        codes: ``[3, 11]``.
    """
    three, eight = IMAGE.handcrafted(digit=3), IMAGE.handcrafted(digit=8)
    expected = torch.stack([a * three + (1 - a) * eight for a in (1.0, 1.5, 2.0)])
    _say(_close(codes, expected), "a negative eight.", "losses.mix of the handcrafted 3 and 8, alpha 1, 1.5 and 2.")
