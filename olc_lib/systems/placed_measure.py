"""How good the models of a run are, measured on a split they were not trained on."""

from types import SimpleNamespace

import torch
from torch import Tensor

from olc_lib import data, metrics, transfer
from olc_lib.latent import IMAGE, VOICE
from olc_lib.reading import batched, hear, read_digits
from olc_lib.systems import Models

Result = tuple[dict[str, float], dict[str, Tensor]]


def measure(models: Models, settings, split: str, device: str = "cpu") -> Result:
    """Measure the models of a run.

    Args:
        models: trained.
        settings: of the run, see :class:`olc_lib.systems.placed.Settings`.
        split: ``"validation"`` for choices, ``"test"`` for reports.
        device: where to work; the models are on the CPU afterwards.

    Returns:
        ``(metrics, arrays)``: name to number (percent where a share), and the small tensors figures need.
    """
    voices, images = data.voices(settings.voices, split), data.images(settings.images, split)
    here = {name: model.to(device).eval() for name, model in models.items()}
    signals = {
        "image": images.pixels,
        "voice": settings.spectrogram(voices.waves, voices.lengths),
        "raw": data.centre(voices.waves, voices.lengths),
    }
    codes = {name: batched(here[name].encode, signal, device) for name, signal in signals.items()}
    measured: dict[str, float] = {"images": len(images), "voices": len(voices)}
    arrays: dict[str, Tensor] = {}
    for some, more in (
        _classifiers(here, signals, voices, images),
        *(_own_signals(name, here[name], signals[name], codes[name], voices, images, device) for name in signals),
        _drawing(here, codes, signals, voices, images, device),
        _speaking(here, codes, voices, images, device),
        _searching(codes, voices, images),
    ):
        measured |= some
        arrays |= more
    for model in models.values():
        model.to("cpu")
    return {name: round(value, 4) for name, value in measured.items()}, {
        name: value.contiguous() for name, value in arrays.items()
    }


def _classifiers(models: Models, signals, voices, images) -> Result:
    read = read_digits(models["image_classifier"], images.pixels)
    return {
        "image_classifier_accuracy": metrics.accuracy(read, images.digit),
        **_shares("voice_classifier", hear(models["voice_classifier"], signals["voice"]), voices),
    }, {}


def _own_signals(name: str, model, signal: Tensor, code: Tensor, voices, images, device: str) -> Result:
    """One model on signals of its own domain: reading, placing, drawing again."""
    measured, arrays = {}, {}
    redrawn = batched(model.decode, code, device)
    for category, block in model.space.split(code).items():
        if block.shape[1] == 1:
            continue
        label = getattr(images if name == "image" else voices, category)
        means = metrics.class_means(block, label, block.shape[1])
        arrays[f"{name}_{category}"] = means
        measured[f"{name}_{category}"] = metrics.accuracy(block.argmax(1), label)
        measured[f"{name}_{category}_cosine"] = metrics.mean_abs_cosine(means)
    wanted = batched(model.normalize, signal, device)
    measured[f"{name}_rms"] = metrics.rms(wanted, redrawn)
    if name == "raw":
        measured["raw_snr"] = metrics.snr(wanted, redrawn).mean().item()
    return measured, arrays


def _drawing(models: Models, codes, signals, voices, images, device: str) -> Result:
    """Images drawn from handcrafted codes and from voices, read by a classifier that took no part in training."""
    image, classifier = models["image"], models["image_classifier"]
    real = batched(image.normalize, signals["image"], device)
    crafted = batched(image.decode, torch.stack([IMAGE.handcrafted(digit=d) for d in range(10)]), device)
    measured = {
        "handcrafted": int((read_digits(classifier, crafted) == torch.arange(10)).sum()),
        "images_diversity": metrics.diversity(real, images.digit),
    }
    ways = {
        "drop": transfer.drop(codes["voice"], VOICE, IMAGE),
        "bridge": batched(models["bridge"], codes["voice"], device),
    }
    for way, code in ways.items():
        pictures = batched(image.decode, code, device)
        measured[f"transfer_{way}"] = metrics.accuracy(read_digits(classifier, pictures), voices.digit)
        measured[f"transfer_{way}_error"] = metrics.class_error(pictures, voices.digit, real, images.digit)
        measured[f"transfer_{way}_diversity"] = metrics.diversity(pictures, voices.digit)
    return measured, {"handcrafted": crafted}


def _speaking(models: Models, codes, voices, images, device: str) -> Result:
    """Pictures of sound drawn from text, from images and from other speakers' words, heard by a classifier."""
    written, spoken = IMAGE.split(codes["image"])["digit"], VOICE.split(codes["voice"])["digit"]
    six = torch.arange(6).repeat_interleave(10)
    asked = {
        "text_to_voice": (torch.eye(10).repeat(6, 1), six, torch.arange(10).repeat(6)),
        "image_to_voice": (written, torch.arange(len(images)) % 6, images.digit),
        "conversion": (spoken, (voices.speaker + 1) % 6, voices.digit),
    }
    measured = {}
    for name, (block, speaker, digit) in asked.items():
        sounds = batched(models["voice"].decode, transfer.to_voice(block, speaker), device)
        labels = hear(models["voice_classifier"], sounds)
        measured |= _shares(name, labels, SimpleNamespace(speaker=speaker, digit=digit))
    return measured, {}


def _searching(codes, voices, images) -> Result:
    written, spoken = IMAGE.split(codes["image"])["digit"], VOICE.split(codes["voice"])["digit"]
    return {
        "search_images": metrics.mean_average_precision(spoken, voices.digit, written, images.digit),
        "search_voices": metrics.mean_average_precision(written, images.digit, spoken, voices.digit),
    }, {}


def _shares(name: str, labels: dict[str, Tensor], true) -> dict[str, float]:
    """Accuracy of each category of read labels, against a corpus or anything else with these attributes."""
    return {f"{name}_{category}": metrics.accuracy(read, getattr(true, category)) for category, read in labels.items()}
