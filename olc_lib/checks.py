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


# The injection schedule


def injection_by_hand(answer) -> None:
    """Chapter 9: M of sparsity at 405, of interpolation at 450, of the digits at 500 (Table 8).

    Args:
        answer: the three.
    """
    hint = "how far past its start, divided by the length of the ramp; 0 at the start itself."
    _say(_close(answer, [0.5, 0.0, 0.4]), "0.5, 0 and 0.4.", hint)


def injection_unnoticed(value) -> None:
    """Chapter 9: the value at which a newcomer beside 0.2 (I = 1) and 0.1 (I = 0.3) does not move the total."""
    hint = "a mean stays where it is if the newcomer is equal to it; what is the mean of the two, with their weights?"
    _say(_close(value, 0.23 / 1.3, 5e-4), "nobody notices who is average.", hint)


def injection_gentle(function) -> None:
    """Chapter 9: a ramp from 0 to 1 with slope 0 at both ends.

    Args:
        function: ``(iteration, start, stop) -> M``.
    """
    try:
        m = torch.tensor([float(function(100 + i, 200, 400)) for i in range(401)])
        ends = bool((m[:101] == 0).all() and (m[300:] == 1).all())
        hint = "0 up to start and 1 from stop on." if not ends else "it never falls, and is 0.5 in the middle."
        right = ends and bool((m.diff()[100:300] > 0).all()) and abs(float(m[200]) - 0.5) < 1e-3
        if right:  # a straight line gains 0.01 in two of its two hundred steps
            right = bool(m[102] < 0.002 and m[298] > 0.998)
            hint = "there is still a corner: two steps after the start M should be far below that of Equation 6."
    except Exception:
        right, hint = False, "with t from objective.injection, try a polynomial like 3 t**2 - 2 t**3."
    _say(right, "no corner at either end.", hint)


def injection_broken(steps) -> None:
    """Chapter 9: the first number of steps below 800 at which a ramp of Table 8 has no step strictly inside."""
    from . import objective, paper

    def whole(count):
        ramps = objective.compress(paper.IMAGE_INJECTION, paper.IMAGE_ITERATIONS, count)
        inside = [[s < i < e for i in range(1, count + 1)] for s, e in ramps.values() if s < e]
        return all(any(ramp) for ramp in inside)

    expected = next(count for count in range(800, 1, -1) if not whole(count))
    hint = "for each number, compress and count the steps with start < step < stop in every ramp; stop at the first 0."
    _say(_close(steps, expected, 1e-6), "fewer steps, and it is a switch.", hint)


# The voice VAE


def voice_vae_sides(sides, added) -> None:
    """Chapter 11: sides of a 64 x 64 picture after L1, L2 and L10 of Table 6, and the output padding of L1's mirror.

    Args:
        sides: three numbers.
        added: a number.
    """
    right = _close(sides, [30, 28, 28]) and _close(added, 1)
    hint = "floor((64 + 2 - 7) / 2) + 1 for L1; what remains of the division is dropped; then stride 1."
    _say(right, "30, 28, 28, and one pixel to put back.", hint)


def voice_vae_field(field) -> None:
    """Chapter 11: the receptive field of a stack of layers.

    Args:
        field: ``layers -> number``.
    """
    from .paper import IMAGE_LAYERS, VOICE_LAYERS

    try:
        found = [field(VOICE_LAYERS[:1]), field(VOICE_LAYERS[:2]), field(VOICE_LAYERS), field(IMAGE_LAYERS)]
        right = _close(found, [64, 560, 10160, 47])
    except Exception:
        right = False
    hint = "start with width 1 and step 1; each layer adds (kernel - 1) * step, then step *= stride."
    _say(right, "10,160 samples and 47 pixels.", hint)


def voice_vae_hide(hide) -> None:
    """Chapter 11: speaker boxes that hold the digit where a linear probe does not find it.

    Args:
        hide: ``(speaker [N], digit [N]) -> [N, 6]``.
    """
    order = torch.randperm(600, generator=torch.Generator().manual_seed(0))
    speaker, digit = order // 10 % 6, order % 10
    hint = "return [N, 6], the largest coordinate the speaker's."
    try:
        box = torch.as_tensor(hide(speaker, digit), dtype=torch.float32)
        right = box.shape == (600, 6) and bool((box.argmax(1) == speaker).all())
        if right:
            mine = box[speaker == 0]
            apart = torch.cdist(mine, mine) + (digit[speaker == 0][:, None] == digit[speaker == 0])
            found = metrics.probe(box[:300], digit[:300], box[300:], digit[300:])
            right = bool(apart.min() > 0.009) and found < 15
            hint = f"the probe reads {found:.0f} %, and the closest digits of a speaker are {apart.min():.3f} apart."
    except Exception:
        right = False
    _say(right, "the digit is there, and the probe walks past it.", hint)


def voice_vae_hedge(watched, other) -> None:
    """Chapter 11: histories of two short trainings; the second one leaves the hedge.

    Args:
        watched: term to ``[steps]``, trained with the maximum.
        other: likewise, with the root of the mean square.
    """
    try:
        first, second = (float(history["digit"][-10:].mean()) for history in (watched, other))
        right = second < 1.06 and second < first - 0.03
        hint = f"the digit term ends at {second:.2f}; it was {first:.2f}. Is the loss of the voice part the other one?"
    except Exception:
        right, hint = False, "`other` is what fit_model returns for the changed settings."
    _say(right, "it went through the floor of the hedge.", hint)


# Balancing


def balancing_by_hand(factors, total) -> None:
    """Chapter 10: factors and total of 0.3, 0.2, 0.3, 1.0 with importance 1, 0.3, 0.02, 0.4.

    Args:
        factors: four, in this order.
        total: of Equation 2.
    """
    first = _close(factors, [0.5, 0.4, 0.3, 1.0])
    hint = "the products with I are 0.3, 0.06, 0.006 and 0.4; the largest gets 1, the next 0.5."
    if first:
        hint = "the factors are right; now add up B I L, and divide by the sum of B I."
    _say(first and _close(total, 0.5758 / 1.026), "the total is a mean, so it lies among the terms.", hint)


def balancing_reversed(bare) -> None:
    """Chapter 10: bare terms whose order is reversed by the importance factors 1, 0.3, 0.02, 0.4.

    Args:
        bare: four positive values.
    """
    try:
        values = torch.as_tensor(bare, dtype=torch.float64)
        products = values * torch.tensor([1.0, 0.3, 0.02, 0.4], dtype=torch.float64)
        right = values.shape == (4,) and bool((values > 0).all()) and len(values.unique()) == 4
        right = right and torch.equal(values.argsort(), products.argsort(descending=True))
    except (TypeError, ValueError, RuntimeError):
        right = False
    hint = "the products shall be in the order of the importance factors, the bare values in the opposite one."
    _say(right, "first sorted, last weighed.", hint)


def balancing_chatter(beta) -> None:
    """Chapter 10: the largest second factor with which the two springs end at equality."""
    hint = "equality is at t = 1/4; where does the ring rest while L_b is larger, with weights beta for a and 1 for b?"
    _say(_close(beta, 1 / 3, 5e-3), "at most a third of the attention for the quieter one.", hint)


def balancing_worse(better) -> None:
    """Chapter 10: a reconstruction below 0.35 with which the total rises, the digits being 0.8."""
    from . import objective, paper

    def total(reconstruction):
        terms = {"reconstruction": torch.tensor(float(reconstruction)), "digit": torch.tensor(0.8)}
        return objective.total(terms, 800, paper.IMAGE_IMPORTANCE, paper.IMAGE_INJECTION, paper.IMAGE_BALANCE)[0].item()

    try:
        right = 0 < float(better) < 0.35 and total(better) > total(0.35)
        hint = f"the total goes from {total(0.35):.3f} to {total(better):.3f}. Where do the two change places?"
    except (TypeError, ValueError):
        right, hint = False, "where do reconstruction and 0.4 times 0.8 change places?"
    _say(right, "better in every term, worse in the loss.", hint)


# Handcrafted codes


def handcrafted_by_hand(angle_and_distance) -> None:
    """Chapter 14: angle (degrees) and distance from the ideal code to one of 0.96 in its own place and 0.28 in another.

    Args:
        angle_and_distance: the two numbers.
    """
    hint = "the cosine of the angle is the own coordinate; the line goes from (1, 0) to (0.96, 0.28)."
    try:
        right = _close(angle_and_distance[0], 16.26, 5e-3) and _close(angle_and_distance[1], 0.2828, 5e-3)
        if _close(angle_and_distance[0], 0.2838, 5e-3):
            hint = "the angle is in radians; times 180 / pi gives degrees."
    except (TypeError, IndexError, KeyError):
        right = False
    _say(right, "about twice as far as the noise of training reaches.", hint)


def handcrafted_read(read_number, run) -> None:
    """Chapter 14: a function from pictures to a number as text, tried on drawings of handcrafted codes.

    Args:
        read_number: ``[B, 1, 28, 28] -> str``.
        run: whose image model draws and reads.
    """
    with torch.no_grad():
        pictures = run.image.decode(torch.stack([IMAGE.handcrafted(digit=d) for d in (2, 7, 1, 8, 2, 8)]))
        expected = "".join(str(int(d)) for d in IMAGE.labels(run.image.encode(pictures))["digit"])
    try:
        found = read_number(pictures)
    except Exception:
        found = None
    hint = f"your text is {found!r}; encode the pictures, take IMAGE.labels(...)['digit'], join the digits."
    _say(found == expected, f"the drawings of 271828 read {expected}.", hint)


def handcrafted_mended(codes_for) -> None:
    """Chapter 14: codes that suit a model some of whose classes stand upside down.

    Args:
        codes_for: average codes ``[10, 10]`` to codes ``[10, 11]`` of 0, 1 and -1.
    """
    sign = torch.tensor([1.0, 1, -1, 1, 1, -1, 1, 1, 1, -1])
    lean = torch.randn(10, 10, generator=torch.Generator().manual_seed(0)) * 0.2
    means = torch.nn.functional.normalize(torch.diag(sign) + lean, dim=1)
    try:
        right = _close(codes_for(means), torch.cat([torch.ones(10, 1), torch.diag(sign)], dim=1))
    except Exception:
        right = False
    hint = "a column of ones for the writer; then the sign of each class's own coordinate, on the diagonal."
    _say(right, "each class is written the way it stands.", hint)


def handcrafted_liar(code, run) -> None:
    """Chapter 14: a code whose text says 7 and whose drawing the judge reads as another digit.

    Args:
        code: ``[11]``, writer 1, digit block of length 1.
        run: whose image model draws, and whose judge reads.
    """
    from .reading import read_digits

    try:
        block = code[1:]
        fits = code.shape == (11,) and _close(code[0], 1.0) and _close(block.norm(), 1.0)
        with torch.no_grad():
            read = int(read_digits(run.image_classifier, run.image.decode(code[None]))[0])
        right = bool(fits and int(block.argmax()) == 7 and read != 7)
        hint = "writer 1, and ten numbers of length 1." if not fits else f"the judge reads a {read}."
        if fits and int(block.argmax()) != 7:
            hint = f"the text says {int(block.argmax())}, not 7."
        praise = f"the text says 7, the judge reads a {read}."
    except Exception:
        right, hint, praise = False, "a tensor of 11 numbers.", ""
    _say(right, praise, hint)


# Voice to image


def crossing_by_hand(four) -> None:
    """Chapter 15: error and diversity of mean pictures, then of random real pictures, for a spread of 0.14.

    Args:
        four: error, diversity, error, diversity.
    """
    hint = "a mean picture is s away from real ones, and never differs from itself; two real ones differ by sqrt(2) s."
    _say(_close(four, [0.14, 0.0, 0.19799, 0.19799]), "fog has the smaller error.", hint)


def crossing_sharpen(sharpen) -> None:
    """Chapter 15: a function (voice codes [B, 16], p) -> image codes [B, 11], between dropping and snapping.

    Args:
        sharpen: raises digit coordinates to the power p, keeps their signs and the length 1.
    """
    code = VOICE.normalize(torch.randn(4, VOICE.dim, generator=torch.Generator().manual_seed(0)))
    block = VOICE.split(code)["digit"]
    cubed = torch.nn.functional.normalize(block**3, dim=1)
    square = torch.nn.functional.normalize(block * block.abs(), dim=1)
    hint = "sign times abs() ** p of the ten digit coordinates; length 1 again; a column of ones in front."
    try:
        right = _close(sharpen(code, 1), transfer.drop(code, VOICE, IMAGE))
        right = right and _close(sharpen(code, 3)[:, 1:], cubed) and _close(sharpen(code, 3)[:, 0], torch.ones(4))
        if right and not _close(sharpen(code, 2)[:, 1:], square):
            right, hint = False, "an even power has lost the signs."
    except Exception:
        right = False
    _say(right, "p = 1 drops, and the larger p, the nearer to snapping.", hint)


def crossing_refuse(refuse) -> None:
    """Chapter 15: a function (margin, read, said, limit) -> (percent refused, coherence of the rest in percent).

    Args:
        refuse: refuses clips whose margin is below the limit.
    """
    margin = torch.tensor([0.1, 0.9, 0.3, 0.05, 0.6])
    read, said = torch.tensor([1, 2, 3, 4, 5]), torch.tensor([7, 2, 8, 4, 5])
    try:
        right = _close(refuse(margin, read, said, 0.2), [40.0, 200 / 3], 0.01)
        right = right and _close(refuse(margin, read, said, 0.0), [0.0, 60.0], 0.01)
    except Exception:
        right = False
    hint = "kept = margin >= limit; then the share that is not kept, and metrics.accuracy of the kept ones."
    _say(right, "fewer answers, better ones.", hint)


def crossing_cheat(pictures, said, run) -> None:
    """Chapter 15: pictures with high coherence and the diversity of real ones, made without a decoder.

    Args:
        pictures: ``[N, 1, 28, 28]``, Max M %-normalized.
        said: ``[N]`` digits.
        run: whose judge reads, and whose results hold the diversity of real pictures.
    """
    from .reading import read_digits

    wanted = 0.9 * run.results["metrics"]["images_diversity"]
    try:
        coherence = metrics.accuracy(read_digits(run.image_classifier, pictures), said)
        diversity = metrics.diversity(pictures, said)
        right = coherence >= 95 and diversity >= wanted
        hint = f"coherence {coherence:.0f} %, diversity {diversity:.3f}; at least 95 % and {wanted:.3f} are wanted."
    except Exception:
        right, hint = False, "pictures [N, 1, 28, 28], one for each digit of `said`."
    _say(right, "full marks, and nothing was drawn.", hint)


# The image VAE


def image_vae_iterations(epochs, steps, start) -> None:
    """Chapter 13: 800 iterations of 60,000 pictures in batches of 100, read both ways; a start by its share.

    Args:
        epochs: that 800 steps are.
        steps: that 800 epochs are.
        start: step of 5,000 at the share 480 / 800.
    """
    right = _close(epochs, 4 / 3, 0.01) and _close(steps, 480_000) and _close(start, 3000, 0.005)
    _say(right, "1.33 epochs, 480,000 steps, step 3,000.", "one epoch is 60,000 / 100 steps; 480 / 800 is the share.")


def image_vae_worth(k, free, error, redrawn: torch.Tensor) -> None:
    """Chapter 13: how many free numbers draw as well as the placed code.

    Args:
        k: the answer.
        free: ``k -> pictures``.
        error: ``pictures -> number``.
        redrawn: the model's drawings.
    """
    right, limit = False, error(redrawn)
    if isinstance(k, int) and k > 0:
        right = error(free(k)) <= limit and (k == 1 or error(free(k - 1)) > limit)
    _say(right, f"{k} free numbers do it.", f"the model's error is {limit:.3f}; try error(free(k)) for k = 1, 2, 3.")


def image_vae_fake(fake, digit: torch.Tensor) -> None:
    """Chapter 13: orthogonal, readable by a probe, not negative, and every digit in a wrong place.

    Args:
        fake: ``[N, 10]``.
        digit: ``[N]``.
    """
    hint = "which axis a digit gets is up to you."
    try:
        code = torch.as_tensor(fake, dtype=torch.float32)
        read = metrics.accuracy(code.argmax(1), digit)
        cosine = metrics.mean_abs_cosine(metrics.class_means(code, digit, 10))
        half = len(code) // 2
        found = metrics.probe(code[:half], digit[:half], code[half:], digit[half:])
        hint = f"read {read:.0f} %, cosine {cosine:.2f}, probe {found:.0f} %. " + hint
        right = read == 0 and cosine < 0.01 and found > 99 and bool((code >= 0).all())
    except Exception:
        right = False
    _say(right, "a perfect cosine, and not one digit in its place.", hint)


def image_vae_turned(turned, vae) -> None:
    """Chapter 13: an image model that wants the writer at -1.

    Args:
        turned: ``vae -> vae``.
        vae: the model to try it on; it is not to be changed.
    """
    plus = torch.stack([IMAGE.handcrafted(digit=d) for d in range(10)])
    minus = plus.clone()
    minus[:, 0] = -1
    try:
        with torch.no_grad():
            before = vae.decode(plus)
            other = turned(vae)
            kept, far = _close(vae.decode(plus), before, 1e-4), vae.decode(minus)
            right = kept and _close(other.decode(minus), before, 1e-4) and _close(other.decode(plus), far, 1e-4)
        hint = "copy.deepcopy(vae) first." if not kept else "turn column 0 of the decoder's first weight."
    except Exception:
        right, hint = False, "return a model: copy.deepcopy(vae), then change decoder[0].weight[:, 0]."
    _say(right, "as good as the other in training, and useless for codes written by hand.", hint)


# Raw waveforms


def raw_hundred(three) -> None:
    """Chapter 12: loss of the uniform code of 100 classes, and when each form leaves it.

    Args:
        three: the loss, the share with the largest coordinate, the share with the root mean square.
    """
    g = 1 / 1.1**2
    expected, hint = (0.1 + 1 / 1.1, (99 + g) / (100 * (1 + g)), 0.01), "three numbers; each coordinate is 1/10."
    parts = list(three) if isinstance(three, tuple | list) and len(three) == 3 else []
    wrong = [name for name, part, value in zip("abc", parts, expected, strict=False) if not _close(part, value)]
    if wrong:
        hint = f"look again at ({'), ('.join(wrong)}); each coordinate of the uniform code is 1/10."
    _say(bool(parts) and not wrong, "the same price, and two very different thresholds.", hint)


def raw_mean(snr_of_mean) -> None:
    """Chapter 12: signal-to-noise ratio of the mean of N orthogonal waves as an answer to another one.

    Args:
        snr_of_mean: ``N -> dB``.
    """
    hint = "the mean has energy 1/N; the error has the energy of the new wave besides."
    try:
        found = [float(snr_of_mean(n)) for n in (1, 7, 40)]
        right = _close(found, [-3.0103, -0.5799, -0.1072], 2e-3)
        if not right and _close(found, [3.0103, 0.5799, 0.1072], 2e-3):
            hint = "the sign: the error is larger than the wave."
    except Exception:
        right = False
    _say(right, "a little worse than silence, for every N.", hint)


def raw_shortest(shortest) -> None:
    """Chapter 12: the shortest clip that a stack of layers can take.

    Args:
        shortest: ``layers -> samples``.
    """
    from .paper import IMAGE_LAYERS, VOICE_LAYERS

    stacks = {62: VOICE_LAYERS[:1], 526: VOICE_LAYERS[:2], 6286: VOICE_LAYERS, 1: IMAGE_LAYERS[2:]}
    hint = "start from one value at the last layer and go back, layer by layer."
    try:
        right = True
        for expected, layers in stacks.items():
            found = shortest(layers)
            if found != expected and found is not None:
                hint = f"for {len(layers)} layers with kernels {[layer.kernel for layer in layers]} you give {found}."
            right = right and found == expected
    except Exception:
        right = False
    _say(right, "6,286 samples for Table 2.", hint)


def raw_shuffled(history) -> None:
    """Chapter 12: digits that are nonsense stay on the hedge, speakers leave theirs.

    Args:
        history: ``digit`` and ``speaker``, each ``[steps]``.
    """
    try:
        digit, speaker = (float(history[name][-20:].mean()) for name in ("digit", "speaker"))
        right = abs(digit - 1.076) < 0.03 and speaker < 1.118 - 0.03
        hint = f"the digit term ends at {digit:.2f}, the speaker term at {speaker:.2f}."
    except Exception:
        right, hint = False, "`history` is what train_encoder gives second."
    _say(right, "nothing to know, nothing said; the speakers are as clear as ever.", hint)


# Six directions


def directions_parts(web, hub) -> None:
    """Chapter 16: translators between five domains, and the hub's ways in and out.

    Args:
        web: number of translators.
        hub: number of ways in and out.
    """
    hint = "every domain has four others; the hub has a door in and a door out for each."
    _say(_close([web, hub] if web and hub else None, [20, 10]), "20 and 10.", hint)


def directions_chain(expected, flawless) -> None:
    """Chapter 16: coherence of stations that are right 98, 95 and 99 times in a hundred, in percent.

    Args:
        expected: with that judge.
        flawless: with one that is always right.
    """
    right = expected is not None and _close([expected, flawless], [92.169, 93.1], 0.01)
    _say(right, "92.2 and 93.1 %.", "a chain holds where all its links hold: multiply the shares, then times 100.")


def directions_duet(duet) -> None:
    """Chapter 16: voice codes with half of one speaker and half of another.

    Args:
        duet: ``(code [B, 16], first, second) -> [B, 16]``.
    """
    code = VOICE.normalize(torch.randn(4, VOICE.dim, generator=torch.Generator().manual_seed(0)))
    speaker = torch.zeros(4, 6)
    speaker[:, [1, 4]] = 0.5**0.5
    try:
        right = _close(duet(code.clone(), 1, 4), torch.cat([speaker, code[:, 6:]], 1))
    except Exception:
        right = False
    _say(right, "two voices, one word.", "two numbers of 0.707, four of 0, then the ten of the digit, as they were.")


def directions_rolled(pictures, digit: torch.Tensor, run) -> None:
    """Chapter 16: every spoken digit drawn as the next one.

    Args:
        pictures: ``[B, 1, 28, 28]``.
        digit: ``[B]``, what was said.
        run: whose judge reads them.
    """
    from .reading import read_digits

    try:
        read = read_digits(run.image_classifier, pictures)
        right = metrics.accuracy(read, (digit + 1) % 10) > 90
        hint = f"the judge reads the next digit in {metrics.accuracy(read, (digit + 1) % 10):.0f} %."
    except Exception:
        right, hint = False, "`rolled` holds one picture for every spoken word."
    _say(right, "the order is an agreement, and it was broken.", f"{hint} torch.Tensor.roll moves the ten numbers on.")


# Searching


def search_by_hand(at_three, average) -> None:
    """Chapter 17: the ranking wrong, right, right, wrong, right.

    Args:
        at_three: precision at 3.
        average: average precision.
    """
    hint = "right ones stand in places 2, 3 and 5: how many of so many are right there?"
    if _close([at_three, average] if average else None, [2 / 3, (2 / 3 + 3 / 5) / 3], 2e-3):
        hint = "the first right one counts, too: one of two."
    right = average is not None and _close([at_three, average], [2 / 3, (1 / 2 + 2 / 3 + 3 / 5) / 3], 2e-3)
    _say(right, "0.667 and 0.589.", hint)


def search_precision(precision) -> None:
    """Chapter 17: mean precision at k in percent.

    Args:
        precision: ``(queries [Q, n], query_label [Q], items [N, n], item_label [N], k) -> number``.
    """
    draw = torch.Generator().manual_seed(0)
    queries, items = torch.randn(8, 5, generator=draw), torch.randn(30, 5, generator=draw)
    labels = torch.arange(8) % 3, torch.arange(30) % 3
    cosine = torch.nn.functional.normalize(queries, dim=1) @ torch.nn.functional.normalize(items, dim=1).T
    found = labels[1][cosine.topk(4, dim=1).indices]
    expected, hint = 100 * (found == labels[0][:, None]).double().mean(), "rank by cosine, take topk, compare labels."
    try:
        answer = precision(queries, labels[0], items, labels[1], 4)
        if _close(answer, 100 * (labels[1][(queries @ items.T).topk(4).indices] == labels[0][:, None]).double().mean()):
            hint = "nearly: codes may have any length, so bring them to length 1 first."
        right = _close(answer, expected)
    except Exception:
        right = False
    _say(right, "also for codes of any length.", hint)


def search_but_not(query, drawn: torch.Tensor, digit: torch.Tensor) -> None:
    """Chapter 17: nines first, sevens last.

    Args:
        query: ``[10]``.
        drawn: ``[N, 10]``, digit blocks of the shelf.
        digit: ``[N]``.
    """
    try:
        order = digit[(query @ drawn.T).argsort(descending=True)]
        first, last = (order[:10] == 9).double().mean(), (order[-10:] == 7).double().mean()
        right = query.shape == (10,) and first >= 0.9 and last >= 0.9
        hint = f"of the first ten {100 * first:.0f} % are nines, of the last ten {100 * last:.0f} % are sevens."
    except Exception:
        right, hint = False, "`but_not` is one code of ten numbers."
    _say(right, "a minus sign excludes.", f"{hint} A coordinate may be negative.")


def search_flattered(codes, label: torch.Tensor, answers, answer_label) -> None:
    """Chapter 17: a flawless first place with codes of noise.

    Args:
        codes: ``[N, 10]``, the queries.
        label: ``[N]``.
        answers: ``[M, 10]``, the shelf.
        answer_label: ``[M]``.
    """
    try:
        unit = [torch.nn.functional.normalize(c.double(), dim=1) for c in (codes, answers)]
        found = answer_label[(unit[0] @ unit[1].T).topk(10, dim=1).indices] == label[:, None]
        first, rest = 100 * found[:, 0].double().mean(), 100 * found[:, 1:].double().mean()
        right = first == 100 and rest < 30
        hint = f"precision at 1 is {first:.0f} %."
    except Exception:
        right, hint = False, "`answers` is [M, 10], `answer_label` [M]."
    _say(right, "every query found itself.", f"{hint} Which item is surely nearest to a query?")


# A voice never heard


def unheard_fifty(low_end, clips_needed) -> None:
    """Chapter 18: lower end of Wilson's interval for 50 of 50, and clips without a mistake for 99 %.

    Args:
        low_end: in percent.
        clips_needed: how many.
    """
    hint = "n / (n + z^2) with n = 50 and z^2 = 3.84, times 100; then solve n / (n + z^2) = 0.99 for n."
    right = _close(low_end, 92.865, 0.02) and _close(clips_needed, 380.5, 0.01)
    _say(right, "92.9 %, and 381 clips.", hint)


def unheard_limit(limit_for) -> None:
    """Chapter 18: the smallest limit on the margin that keeps a promise.

    Args:
        limit_for: ``(digit [N], read [N], margin [N], risk in percent) -> limit``.
    """
    draw = torch.Generator().manual_seed(0)
    margin = torch.rand(400, generator=draw)
    digit = torch.randint(10, (400,), generator=draw)
    read = torch.where(torch.rand(400, generator=draw) < margin**0.3, digit, (digit + 1) % 10)
    right, hint = True, "for each limit, count the wrong ones among clips with margin >= limit; stop at the first fit."
    try:
        for risk in (2.0, 5.0, 100.0):
            fits = [
                k / 100
                for k in range(101)
                if 100 * int((read != digit)[margin >= k / 100].sum()) <= risk * int((margin >= k / 100).sum())
            ]
            right = right and _close(limit_for(digit, read, margin, risk), fits[0], 1e-6)
    except Exception:
        right = False
    _say(right, "as many answers as the promise allows.", hint)


def unheard_equal(equal, gaps: dict) -> None:
    """Chapter 18: where known clips flagged are as many as strangers' clips missed.

    Args:
        equal: limit, share of known clips flagged, share of strangers' clips missed (percent).
        gaps: ``known`` and ``stranger`` to lists of speaker margins.
    """
    known, stranger = torch.cat(gaps["known"]), torch.cat(gaps["stranger"])
    hint = "flagged: known < limit; missed: stranger >= limit; take the limit with the smallest difference."
    try:
        limit, *shares = equal
        flags, misses = 100 * (known < limit).float().mean(), 100 * (stranger >= limit).float().mean()
        best = min(
            abs(100 * (known < k / 100).float().mean() - 100 * (stranger >= k / 100).float().mean()) for k in range(101)
        )
        right = _close(shares, [float(flags), float(misses)], 0.1) and abs(flags - misses) <= best + 0.1
    except Exception:
        right = False
    _say(right, "both kinds of mistake are equally frequent there.", hint)


def unheard_leak(honest, leaky) -> None:
    """Chapter 18: digits right of a stranger, and of one whose changed copies were left in.

    Args:
        honest: percent.
        leaky: percent.
    """
    try:
        right = float(leaky) > float(honest) + 4 and float(leaky) >= 90
        hint = f"honest {float(honest):.0f} %, leaky {float(leaky):.0f} %; which pictures are left out?"
    except (TypeError, ValueError):
        right, hint = False, "two numbers in percent."
    _say(right, "the copies gave the speaker away.", hint)


# How fast is a step


def speed_ceiling(late, whole) -> None:
    """Chapter 20: e = 1, d = 3, interpolation from 80 % on.

    Args:
        late: ceiling of a step with interpolation.
        whole: ceiling of the training.
    """
    hint = "(2e + 2d) / (e + 2d); then 1 over (0.8 / 2 plus 0.2 over that)."
    if _close(late, 8 / 7, 2e-3) and _close(whole, 0.8 * 2 + 0.2 * 8 / 7, 2e-3):
        hint = "(b) is not a mean of ratios: add up the library's time in both phases, then take one ratio."
    _say(_close(late, 8 / 7, 2e-3) and _close(whole, 1 / (0.4 + 0.175), 2e-3), "1.143 and 1.739.", hint)


def speed_multiply_adds(multiply_adds) -> None:
    """Chapter 20: forward multiply-adds of one-dimensional convolutions.

    Args:
        multiply_adds: ``(layers, samples) -> number``.
    """
    from .paper import VOICE_LAYERS, Layer

    toy = (Layer(6, 4, 2, 1), Layer(4, 3, 1, 1))
    expected = {(toy[:1], 24): 288, (toy, 24): 1152, (VOICE_LAYERS, 8192): 605_964_128}
    hint = "for each layer: its length x its channels x the channels that come in (at first 1) x its kernel; add up."
    try:
        right = True
        for (layers, samples), number in expected.items():
            found = multiply_adds(layers, samples)
            if found is not None and found != number:
                hint = f"for {len(layers)} layers on {samples:,} samples you give {found:,}, expected {number:,}."
            right = right and found == number
    except Exception:
        right = False
    _say(right, "about 606 million for Table 2.", hint)


def speed_amdahl(faster_convolutions, no_rest) -> None:
    """Chapter 20: 70 % twice as fast, or 20 % for nothing.

    Args:
        faster_convolutions: gain of the first.
        no_rest: gain of the second.
    """
    hint = "what is left of the time? 0.7 / 2 + 0.1 + 0.2 in the first case; 1 over that is the gain."
    right = _close([faster_convolutions, no_rest] if no_rest else None, [1 / 0.65, 1.25], 6e-3)
    _say(right, "1.54 against 1.25.", hint)


def speed_rhythm(rhythm) -> None:
    """Chapter 20: a machine on which fair turns make two equal things differ by half.

    Args:
        rhythm: twenty numbers from 1 to 2, how slow the machine is at each moment.
    """
    try:
        slow = [float(value) for value in rhythm]
    except (TypeError, ValueError):
        slow = []
    if len(slow) != 20 or min(slow) < 1 or max(slow) > 2:
        _say(False, "", "`rhythm` is a list of twenty numbers from 1 to 2.")
        return
    ratios = sorted(slow[k + 1] / slow[k] for k in range(0, 20, 2))
    median = (ratios[4] + ratios[5]) / 2
    hint = f"the median of ratios is {median:.2f}. A always has the even moments, B the odd ones."
    _say(median >= 1.5, f"B seems {median:.2f} times as slow as itself.", hint)


# At full width


def scale_layer(weights, multiply_adds) -> None:
    """Chapter 19: weights of L2 of Table 2, and its multiply-adds for one clip of 8,192 samples."""
    right = _close(weights, 1026 * 285 * 32, 1e-6) and _close(multiply_adds, 1026 * 285 * 32 * 60, 1e-6)
    hint = "channels in, times channels out, times places of the kernel; each weight is used once at each output place."
    _say(right, "nine million weights, each used at sixty places.", hint)


def scale_speedup(speedup) -> None:
    """Chapter 19: how much faster a job becomes if a share p of it becomes k times faster (Amdahl's law)."""
    try:
        right = all(_close(speedup(p, k), 1 / (1 - p + p / k)) for p, k in ((0.0, 9), (0.5, 2), (0.99, 1000), (1.0, 7)))
    except Exception:
        right = False
    hint = "a job of one hour takes (1 - p) on the processor and p / k on the card; the speed-up is one over that."
    _say(right, "what stays behind is what you wait for.", hint)


def scale_changed(log) -> None:
    """Chapter 19: the models that are worked on when the image model's settings change after a break."""
    hint = "interrupt with stop=108, then call attempt again with dataclasses.replace(TINY, image=...)."
    expected = [(part, 0) for part in ("image", "voice", "raw", "bridge")]
    if isinstance(log, list) and ("image", 100) in log:
        hint = "the image model went on at step 100: these are the settings it was half trained with."
    elif isinstance(log, list) and ("image_classifier", 0) in log:
        hint = "the judge was trained as well: this run was not interrupted before, or a setting of all models changed."
    right = isinstance(log, list) and [tuple(line) for line in log if isinstance(line, list | tuple)] == expected
    _say(right, "the half-trained state was left alone, and what does not depend on the change was kept.", hint)


def scale_lost(lost) -> None:
    """Chapter 19: seconds of work lost on average, with a resume file every n steps of t seconds."""
    try:
        right = all(_close(lost(n, t), n * t / 2) for n, t in ((100, 0.1), (1, 2.0), (50, 3.0)))
    except Exception:
        right = False
    _say(right, "half the distance between two files.", "files are n t seconds apart; the moment falls in between.")


# Beside other systems


def peers_product(mean_and_deviation) -> None:
    """Chapter 21: the product of two Gaussians, mean 0 and deviation 1.5, mean 2 and deviation 0.6.

    Args:
        mean_and_deviation: two numbers.
    """
    precision = 1 / 1.5**2 + 1 / 0.6**2
    mean = 2 / 0.6**2 / precision
    hint = "precisions (one over the variance) add up; the mean is that of the means, weighted by them."
    if _close(mean_and_deviation, [mean, 1 / precision], 5e-3):
        hint = "nearly: that is the variance, not the deviation."
    _say(_close(mean_and_deviation, [mean, precision**-0.5], 5e-3), "1.72 and 0.56, sharper than either.", hint)


def peers_stamps(stamps, run) -> None:
    """Chapter 21: mean words that win the way back, though nothing hears or draws.

    Args:
        stamps: ``[6, 10, 1, 32, 32]``, for each speaker and digit a log-mel picture.
        run: a loaded run, whose listener hears them.
    """
    from . import placed
    from .reading import hear

    if not isinstance(stamps, torch.Tensor) or list(stamps.shape) != [6, 10, 1, 32, 32]:
        return _say(False, "", "stamps should be a tensor of shape [6, 10, 1, 32, 32].")
    ear = hear(run.voice_classifier, stamps.flatten(0, 1))
    digit, speaker = torch.arange(10).repeat(6), torch.arange(6).repeat_interleave(10)
    digits, speakers = metrics.accuracy(ear["digit"], digit), metrics.accuracy(ear["speaker"], speaker)
    voices = placed.corpora(run.settings, "test")[0]
    real = run.voice.normalize(run.spectrogram(voices.waves, voices.lengths))
    spread = metrics.diversity(run.voice.normalize(stamps.flatten(0, 1)), digit)
    wanted = metrics.diversity(real, voices.digit)
    found = f"digits {digits:.0f} %, speakers {speakers:.0f} %, diversity {spread:.2f} of {wanted:.2f}"
    hint = f"the listener and the ruler say: {found}. Take the mean of the pictures of one speaker and one digit."
    _say(digits >= 90 and speakers >= 90 and spread >= 0.6 * wanted, f"{found}, and no network at all.", hint)


def peers_winner(winner) -> None:
    """Chapter 21: the system with the best mean of both directions, over all its seeds.

    Args:
        winner: ``(system name -> list of records) -> name``.
    """

    def system(*pairs):
        return [{"results": {"voice_to_image": there, "image_to_voice": back}} for there, back in pairs]

    systems = {"a": system((90, 50), (90, 50)), "b": system((70, 60), (70, 90)), "c": system((71, 71))}
    hint = "take both directions and all seeds of a system into one mean, then the largest."
    try:
        right = winner(systems) == "b" and winner({name: systems[name] for name in "ac"}) == "c"
    except Exception:
        right = False
    _say(right, "both directions, all seeds.", hint)
