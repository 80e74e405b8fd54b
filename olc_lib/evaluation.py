"""How good the models of a run are, measured on a split they were not trained on."""

from collections.abc import Callable
from types import SimpleNamespace

import torch
from torch import Tensor, nn

from . import data, metrics, transfer
from .latent import IMAGE, VOICE
from .networks import Judge
from .recipes import Settings, corpora


def batched(function: Callable[[Tensor], Tensor], items: Tensor, device: str = "cpu", size: int = 500) -> Tensor:
    """Apply a model to many items, part by part and without gradients.

    Args:
        function: takes ``[B, ...]`` on ``device``.
        items: ``[N, ...]``.
        device: where ``function`` works.
        size: items at a time.

    Returns:
        The results, joined, on the CPU.
    """
    with torch.no_grad():
        return torch.cat([function(part.to(device)).cpu() for part in items.split(size)])


def judged(judge: Judge, pictures: Tensor) -> Tensor:
    """What the judge reads in generated pictures.

    Args:
        judge: trained on real images.
        pictures: ``[B, 1, H, W]``, Max-M %-normalized as decoders give them; brought back to 0..1 by clipping.

    Returns:
        ``[B]`` digits.
    """
    return batched(lambda part: judge(part.clamp(0, 1)).argmax(1), pictures, next(judge.parameters()).device)


def heard(listener: Judge, sounds: Tensor) -> dict[str, Tensor]:
    """Whom and what the listener hears in pictures of sound.

    Args:
        listener: trained on real voices.
        sounds: ``[B, 1, H, W]`` log-mel pictures, real ones or as the voice model's decoder gives them; brought
            to 0..1 by their own maximum, which is what 0 dB means.

    Returns:
        ``{"speaker": [B], "digit": [B]}``.
    """

    def read(part):
        return listener((part / part.flatten(1).amax(1).clamp_min(1e-6).view(-1, 1, 1, 1)).clamp(0, 1))

    return VOICE.labels(batched(read, sounds, next(listener.parameters()).device))


def to_voice(digit_block: Tensor, speaker: Tensor) -> Tensor:
    """Voice codes from digit blocks of any domain, said by chosen speakers.

    Args:
        digit_block: ``[B, 10]``, the digit category of image, text or voice codes.
        speaker: ``[B]`` whose voice to use: 1 in the place of that speaker.

    Returns:
        ``[B, 16]``.
    """
    return torch.cat([nn.functional.one_hot(speaker, VOICE.sizes["speaker"]).to(digit_block.dtype), digit_block], 1)


def evaluate(
    models: dict[str, nn.Module], settings: Settings, split: str, device: str = "cpu"
) -> tuple[dict, dict[str, Tensor]]:
    """Measure the models of a run.

    Args:
        models: trained.
        settings: of the run.
        split: ``"validation"`` for choices, ``"test"`` for reports.
        device: where to work; the models are on the CPU afterwards.

    Returns:
        ``(metrics, arrays)``: name to number (percent where a share), and the small tensors figures need.
    """
    voices, images = corpora(settings, split)
    judge, listener, image, voice, raw, bridge = (
        models[part].to(device).eval() for part in ("judge", "listener", "image", "voice", "raw", "bridge")
    )
    sound, wave = settings.front(voices.waves, voices.lengths), data.centre(voices.waves, voices.lengths)
    measured = {
        "images": len(images),
        "voices": len(voices),
        "judge_accuracy": metrics.accuracy(judged(judge, images.pixels), images.digit),
        **_shares("listener", heard(listener, sound), voices),
    }
    arrays: dict[str, Tensor] = {}

    # Each model on its own signals: reading, placing, drawing again.
    codes = {}
    for name, model, signal, labelled, space in (
        ("image", image, images.pixels, images, IMAGE),
        ("voice", voice, sound, voices, VOICE),
        ("raw", raw, wave, voices, VOICE),
    ):
        codes[name] = code = batched(model.encode, signal, device)
        redrawn = batched(model.decode, code, device)
        for category, block in space.split(code).items():
            if block.shape[1] == 1:
                continue
            label = getattr(labelled, category)
            means = metrics.class_means(block, label, block.shape[1])
            arrays[f"{name}_{category}"] = means
            measured[f"{name}_{category}"] = metrics.accuracy(block.argmax(1), label)
            measured[f"{name}_{category}_cosine"] = metrics.mean_abs_cosine(means)
        wanted = batched(model.normalize, signal, device)
        measured[f"{name}_rms"] = metrics.rms(wanted, redrawn)
        if name == "raw":
            measured["raw_snr"] = metrics.snr(wanted, redrawn).mean().item()

    # Crossing over; every direction is read by a classifier that took no part in training the models.
    crafted = batched(image.decode, torch.stack([IMAGE.handcrafted(digit=d) for d in range(10)]), device)
    measured["handcrafted"] = int((judged(judge, crafted) == torch.arange(10)).sum())
    arrays["handcrafted"] = crafted
    measured["images_diversity"] = metrics.diversity(image.normalize(images.pixels), images.digit)
    drawn = {"drop": transfer.drop(codes["voice"], VOICE, IMAGE), "bridge": batched(bridge, codes["voice"], device)}
    for way, code in drawn.items():
        pictures = batched(image.decode, code, device)
        measured[f"transfer_{way}"] = metrics.accuracy(judged(judge, pictures), voices.digit)
        measured[f"transfer_{way}_error"] = metrics.class_error(
            pictures, voices.digit, image.normalize(images.pixels), images.digit
        )
        measured[f"transfer_{way}_diversity"] = metrics.diversity(pictures, voices.digit)

    def say(name, block, speaker, digit):
        labels = heard(listener, batched(voice.decode, to_voice(block, speaker), device))
        return _shares(name, labels, SimpleNamespace(speaker=speaker, digit=digit))

    speaker = torch.arange(6).repeat_interleave(10)
    measured |= say("text_to_voice", torch.eye(10).repeat(6, 1), speaker, torch.arange(10).repeat(6))
    digit_block = IMAGE.split(codes["image"])["digit"]
    measured |= say("image_to_voice", digit_block, torch.arange(len(images)) % 6, images.digit)
    other = (voices.speaker + 1) % 6
    measured |= say("conversion", VOICE.split(codes["voice"])["digit"], other, voices.digit)
    spoken = VOICE.split(codes["voice"])["digit"]
    measured["search_images"] = metrics.mean_average_precision(spoken, voices.digit, digit_block, images.digit)
    measured["search_voices"] = metrics.mean_average_precision(digit_block, images.digit, spoken, voices.digit)

    for model in models.values():
        model.to("cpu")
    return {name: round(value, 4) for name, value in measured.items()}, {
        name: value.contiguous() for name, value in arrays.items()
    }


def _shares(name: str, labels: dict[str, Tensor], true) -> dict[str, float]:
    """Accuracy of each category of read labels, against a corpus or anything else with these attributes."""
    return {f"{name}_{category}": metrics.accuracy(read, getattr(true, category)) for category, read in labels.items()}
