"""How good a model with free coordinates is: what it reads, redraws, carries over and draws from nothing."""

import torch
from torch import Tensor

from olc_lib import block_metrics, data, metrics, stored, transfer
from olc_lib.latent import IMAGE, VOICE
from olc_lib.normalize import max_m_percent
from olc_lib.reading import batched, hear, read_digits

from .model import FreeVAE
from .system import Models, Settings, signals
from .training import kl

#: How many hands are carried to other digits, and how many codes a probe is fitted on.
HANDS, PROBED = 500, 5000
#: Every class is drawn so often from N(0, I).
DRAWN = 100


def slant(pictures: Tensor) -> Tensor:
    """How far strokes lean: pixels to the left for each pixel down, by second moments of the ink.

    Args:
        pictures: ``[B, 1, H, W]``, ink positive.

    Returns:
        ``[B]``, no unit; 0 for an upright or an empty picture.
    """
    ink = pictures[:, 0].clamp_min(0).double()
    total = ink.sum((1, 2)).clamp_min(1e-9)
    y, x = (torch.arange(size, dtype=torch.float64) for size in ink.shape[1:])
    y = y[None, :, None] - ((ink * y[:, None]).sum((1, 2)) / total)[:, None, None]
    x = x[None, None, :] - ((ink * x).sum((1, 2)) / total)[:, None, None]
    return -(ink * x * y).sum((1, 2)) / (ink * y * y).sum((1, 2)).clamp_min(1e-9)


def ink(pictures: Tensor) -> Tensor:
    """Mean ink of a picture, which grows with the width of the pen.

    Args:
        pictures: ``[B, 1, H, W]``.

    Returns:
        ``[B]``, in units of a pixel.
    """
    return pictures.flatten(1).double().mean(1)


def duration(pictures: Tensor) -> Tensor:
    """How long a word is: columns whose loudest band is more than half as high as the loudest of the picture.

    Args:
        pictures: ``[B, 1, H, W]``, log-mel pictures, columns are time.

    Returns:
        ``[B]``, columns.
    """
    loudest = pictures[:, 0].amax(1)
    return (loudest > loudest.amax(1, keepdim=True) / 2).double().sum(1)


def kept(source: Tensor, drawn: Tensor, group: Tensor) -> float:
    """Correlation of a property of sources with that of what is drawn from them, within groups.

    Args:
        source: ``[N]``.
        drawn: ``[N]``.
        group: ``[N]``; the means of each group are taken off, so that a digit's own form does not count.

    Returns:
        -1 to 1; 0 if one of the two does not vary.
    """
    parts = []
    for values in (source, drawn):
        sums = torch.zeros(int(group.max()) + 1, dtype=values.dtype).index_add_(0, group, values)
        parts.append(values - (sums / group.bincount().clamp_min(1))[group])
    size = parts[0].norm() * parts[1].norm()
    return (parts[0] @ parts[1] / size).item() if size > 1e-9 else 0.0


def exchanged(model: FreeVAE, code: Tensor, digit: Tensor, device: str = "cpu") -> tuple[Tensor, Tensor, Tensor]:
    """Carry the hand of each image to the nine other digits.

    Args:
        model: of images.
        code: ``[N, D + free]``.
        digit: ``[N]``, theirs.
        device: where the model is.

    Returns:
        Pictures ``[9 N, 1, H, W]``, the digits asked for and the numbers of their sources, each ``[9 N]``.
    """
    source = torch.arange(len(code)).repeat_interleave(9)
    asked = (digit[source] + torch.arange(1, 10).repeat(len(code))) % 10
    return batched(model.decode, model.space.carry(code[source], digit=asked), device), asked, source


def measure(models: Models, settings: Settings, split: str, device: str = "cpu") -> tuple[dict, dict[str, Tensor]]:
    """Measure the model of a run.

    Args:
        models: trained.
        settings: of the run.
        split: ``"validation"`` for choices, ``"test"`` for reports.
        device: where to work; the model is on the CPU afterwards.

    Returns:
        ``(metrics, {})``; see :func:`measure_images` and :func:`measure_voices`.
    """
    model = models[settings.domain].to(device).eval()
    found = (measure_images if settings.domain == "image" else measure_voices)(model, settings, split, device)
    model.to("cpu")
    return {name: round(value, 5) for name, value in found.items()}, {}


def measure_images(model: FreeVAE, settings: Settings, split: str, device: str = "cpu") -> dict[str, float]:
    """Measure an image model.

    Args:
        model: trained.
        settings: of its run.
        split: where to measure.
        device: where the model is.

    Returns:
        ``digit`` that is read (percent); ``rms`` of 3,000 images drawn again, ``means_rms`` of the mean picture of
        their digit in their place; ``handcrafted`` codes of 10 that are read right; ``carry``, percent of hands carried
        to another digit that the independent classifier reads as this, ``carry_diversity`` of these beside
        ``real_diversity``, ``slant`` and ``ink``, their correlations with the source's within each pair of digits;
        ``sampled``, percent of codes with free coordinates from N(0, I) that are read right, ``sampled_diversity``;
        ``voice``, percent of spoken digits that are drawn right with free coordinates 0, ``voice_sampled`` from
        N(0, I); ``free_probe`` and ``free_kl`` (nats) of the free coordinates, ``used`` how many of them say more than
        0.05 nat, ``shape_probe``: the digit from slant, ink, width and height of real images alone.
    """
    held, space = signals(settings, split), model.space
    digit, real = held["digit"], max_m_percent(held["signal"])[0]
    run = stored.load(settings.reader, only=["image_classifier", "voice"], quiet=True)
    judge, generator = run.image_classifier, torch.Generator().manual_seed(0)
    code = batched(model.encode, held["signal"], device)
    again = batched(model.decode, code[:3000], device)
    crafted = torch.stack([space.handcrafted(digit=d) for d in range(10)])
    pictures = batched(model.decode, crafted, device)
    found = {
        "digit": metrics.accuracy(space.labels(code)["digit"], digit),
        "rms": metrics.rms(real[:3000], again),
        "handcrafted": int((read_digits(judge, pictures) == torch.arange(10)).sum()),
        "parameters": sum(weight.numel() for weight in model.parameters()),
        "means_rms": metrics.rms(real[:3000], _means(settings)[digit[:3000]]),
        "real_diversity": metrics.diversity(real[:3000], digit[:3000]),
        "redrawn_diversity": metrics.diversity(again, digit[:3000]),
    }
    spoken, said = _spoken(run, split)
    found["voice"] = metrics.accuracy(read_digits(judge, batched(model.decode, spoken, device)), said)
    if not space.free:
        return found
    made, asked, source = exchanged(model, code[:HANDS], digit[:HANDS], device)
    pairs = 10 * digit[source] + asked
    found |= {
        "carry": metrics.accuracy(read_digits(judge, made), asked),
        "carry_diversity": metrics.diversity(made, asked),
        "slant": kept(slant(real[source]), slant(made), pairs),
        "ink": kept(ink(real[source]), ink(made), pairs),
    }
    asked = torch.arange(10).repeat_interleave(DRAWN)
    noise = torch.randn(len(asked), space.free, generator=generator)
    made = batched(model.decode, torch.cat([crafted[asked, : space.placed], noise], dim=1), device)
    found |= {
        "sampled": metrics.accuracy(read_digits(judge, made), asked),
        "sampled_diversity": metrics.diversity(made, asked),
    }
    noise = torch.randn(len(spoken), space.free, generator=generator)
    made = batched(model.decode, torch.cat([spoken, noise], dim=1), device)
    found["voice_sampled"] = metrics.accuracy(read_digits(judge, made), said)
    return found | _free(model, settings, held, code, device)


def _means(settings: Settings) -> Tensor:
    """The mean training image of each digit, ``[10, 1, H, W]``."""
    seen = signals(settings, "train")
    pixels = max_m_percent(seen["signal"])[0]
    return torch.stack([pixels[seen["digit"] == d].mean(0) for d in range(10)])


def _spoken(run, split: str) -> tuple[Tensor, Tensor]:
    """Image codes of spoken digits, without the speaker, and the digits."""
    voices = data.voices(run.settings.voices, split)
    code = batched(run.voice.encode, run.spectrogram(voices.waves, voices.lengths))
    return transfer.drop(code, VOICE, IMAGE), voices.digit


def _free(model: FreeVAE, settings: Settings, held: dict, code: Tensor, device: str) -> dict[str, float]:
    """What the free coordinates hold."""
    space, seen = model.space, {name: values[:PROBED] for name, values in signals(settings, "train").items()}
    free = [batched(model.encode, part, device)[:, space.placed :] for part in (seen["signal"], held["signal"][:3000])]
    labels = seen["digit"], held["digit"][:3000]
    each = batched(lambda x: kl(*model.posterior(model.normalize(x))[1:]), held["signal"][:3000], device).mean(0)
    forms = [_form(max_m_percent(part)[0]) for part in (seen["signal"], held["signal"][:3000])]
    return {
        "free_probe": block_metrics.probe(free[0], labels[0], free[1], labels[1]),
        "shape_probe": block_metrics.probe(forms[0], labels[0], forms[1], labels[1]),
        "free_kl": each.sum().item(),
        "used": int((each > 0.05).sum()),
    }


def _form(pictures: Tensor) -> Tensor:
    """Slant, ink, and how wide and high the ink lies: what could be called a hand."""
    drawn = pictures[:, 0].double() / pictures.flatten(1).double().sum(1).clamp_min(1e-9).view(-1, 1, 1)
    at = torch.arange(drawn.shape[1], dtype=torch.float64)
    across, down = drawn.sum(1), drawn.sum(2)
    spread = [((p * at.square()).sum(1) - (p * at).sum(1).square()).clamp_min(0).sqrt() for p in (across, down)]
    return torch.stack([slant(pictures), ink(pictures), *spread], dim=1)


def measure_voices(model: FreeVAE, settings: Settings, split: str, device: str = "cpu") -> dict[str, float]:
    """Measure a voice model.

    Args:
        model: trained.
        settings: of its run.
        split: where to measure.
        device: where the model is.

    Returns:
        ``digit`` and ``speaker`` that are read (percent); ``rms`` of words drawn again, ``means_rms`` of the mean
        picture of their digit and speaker in their place; ``carry`` and ``carry_speaker``: percent of ways of speaking,
        each carried to the nine other digits and another speaker, in which the independent classifier hears the two;
        ``duration``, correlation with the source's within what was said and asked for; ``sampled`` and
        ``sampled_speaker`` with free coordinates from N(0, I); ``free_probe``, ``free_probe_speaker`` and ``free_kl``
        (nats) of the free coordinates.
    """
    held, seen, space = signals(settings, split), signals(settings, "train"), model.space
    real, known = (max_m_percent(part["signal"])[0] for part in (held, seen))
    judge = stored.load(settings.reader, only=["voice_classifier"], quiet=True).voice_classifier
    code, kinds = batched(model.encode, held["signal"], device), 6 * held["digit"] + held["speaker"]
    labels, means = space.labels(code), torch.zeros(60, *real.shape[1:])
    for kind in kinds.unique():
        means[kind] = known[6 * seen["digit"] + seen["speaker"] == kind].mean(0)
    found = {name: metrics.accuracy(labels[name], held[name]) for name in ("digit", "speaker")}
    found |= {
        "rms": metrics.rms(real, batched(model.decode, code, device)),
        "means_rms": metrics.rms(real, means[kinds]),
        "parameters": sum(weight.numel() for weight in model.parameters()),
    }
    if not space.free:
        return found
    source, step = torch.arange(len(code)).repeat_interleave(9), torch.arange(9).repeat(len(code))
    asked = {"digit": (held["digit"][source] + 1 + step) % 10, "speaker": (held["speaker"][source] + 1 + step % 5) % 6}
    moved = space.carry(code[source], **asked)
    noise = torch.randn(len(moved), space.free, generator=torch.Generator().manual_seed(0))
    made = batched(model.decode, moved, device)
    drawn = {"carry": made, "sampled": batched(model.decode, torch.cat([moved[:, : space.placed], noise], 1), device)}
    for name, sounds in drawn.items():
        heard = hear(judge, sounds)
        found[name] = metrics.accuracy(heard["digit"], asked["digit"])
        found[f"{name}_speaker"] = metrics.accuracy(heard["speaker"], asked["speaker"])
    group = 60 * kinds[source] + 6 * asked["digit"] + asked["speaker"]
    found["duration"] = kept(duration(real[source]), duration(made), group)
    free = [batched(model.encode, part["signal"], device)[:, space.placed :] for part in (seen, held)]
    for name, label in {"free_probe": "digit", "free_probe_speaker": "speaker"}.items():
        found[name] = block_metrics.probe(free[0], seen[label], free[1], held[label])
    each = batched(lambda x: kl(*model.posterior(model.normalize(x))[1:]), held["signal"], device).mean(0)
    return found | {"free_kl": each.sum().item()}
