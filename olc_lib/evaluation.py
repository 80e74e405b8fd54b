"""How good the models of a run are, measured on a split they were not trained on."""

import torch
from torch import Tensor, nn

from . import metrics, transfer
from .latent import IMAGE, VOICE
from .networks import Judge
from .recipes import MODELS, Settings, corpora


def judged(judge: Judge, pictures: Tensor) -> Tensor:
    """What the judge reads in generated pictures.

    Args:
        judge: trained on real images.
        pictures: ``[B, 1, H, W]``, Max-M %-normalized as decoders give them; brought back to 0..1 by clipping.

    Returns:
        ``[B]`` digits.
    """
    with torch.no_grad():
        return torch.cat([judge(part.clamp(0, 1)).argmax(1) for part in pictures.split(500)])


def evaluate(models: dict[str, nn.Module], settings: Settings, split: str) -> tuple[dict, dict[str, Tensor]]:
    """Measure the models of a run.

    Args:
        models: trained, on the CPU.
        settings: of the run.
        split: ``"validation"`` for choices, ``"test"`` for reports.

    Returns:
        ``(metrics, arrays)``: name to number (percent where a share), and the small tensors figures need.
    """
    voices, images = corpora(settings, split)
    judge, image, voice, bridge = (models[part].eval() for part in MODELS)
    with torch.no_grad():
        image_code = torch.cat([image.encode(part) for part in images.pixels.split(500)])
        sound = settings.front(voices.waves, voices.lengths)
        voice_code = torch.cat([voice.encode(part) for part in sound.split(500)])
        heard, seen = VOICE.labels(voice_code), IMAGE.labels(image_code)
        crafted = image.decode(torch.stack([IMAGE.handcrafted(digit=d) for d in range(10)]))
        drawn = {"drop": transfer.drop(voice_code, VOICE, IMAGE), "bridge": bridge(voice_code)}
        pictures = {way: torch.cat([image.decode(part) for part in code.split(500)]) for way, code in drawn.items()}
        redrawn = torch.cat([image.decode(part) for part in image_code.split(500)])
        resounded = torch.cat([voice.decode(part) for part in voice_code.split(500)])

    means = {
        "image_digit": metrics.class_means(IMAGE.split(image_code)["digit"], images.digit, 10),
        "voice_digit": metrics.class_means(VOICE.split(voice_code)["digit"], voices.digit, 10),
        "voice_speaker": metrics.class_means(VOICE.split(voice_code)["speaker"], voices.speaker, 6),
    }
    measured = {
        "images": len(images.digit),
        "voices": len(voices.digit),
        "judge_accuracy": metrics.accuracy(judged(judge, images.pixels), images.digit),
        "image_digit": metrics.accuracy(seen["digit"], images.digit),
        "image_digit_cosine": metrics.mean_abs_cosine(means["image_digit"]),
        "image_rms": _rms(redrawn, image.normalize(images.pixels)),
        "voice_digit": metrics.accuracy(heard["digit"], voices.digit),
        "voice_speaker": metrics.accuracy(heard["speaker"], voices.speaker),
        "voice_digit_cosine": metrics.mean_abs_cosine(means["voice_digit"]),
        "voice_speaker_cosine": metrics.mean_abs_cosine(means["voice_speaker"]),
        "voice_rms": _rms(resounded, voice.normalize(sound)),
        "handcrafted": int((judged(judge, crafted) == torch.arange(10)).sum()),
        **{f"transfer_{way}": metrics.accuracy(judged(judge, p), voices.digit) for way, p in pictures.items()},
    }
    measured = {name: round(value, 4) for name, value in measured.items()}
    return measured, {name: value.contiguous() for name, value in (means | {"handcrafted": crafted}).items()}


def _rms(a: Tensor, b: Tensor) -> float:
    return (a - b).square().mean().sqrt().item()
