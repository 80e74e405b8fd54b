"""Independent classifiers: how they are trained on real signals, and what they read in generated ones."""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from . import augment
from .latent import VOICE
from .networks import Classifier
from .spectra import LogMel


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


def read_digits(classifier: Classifier, pictures: Tensor) -> Tensor:
    """Which digits an image classifier reads in generated pictures.

    Args:
        classifier: trained on real images.
        pictures: ``[B, 1, H, W]``, Max-M %-normalized as decoders give them; brought back to 0..1 by clipping.

    Returns:
        ``[B]`` digits.
    """
    return batched(lambda part: classifier(part.clamp(0, 1)).argmax(1), pictures, next(classifier.parameters()).device)


def hear(classifier: Classifier, sounds: Tensor) -> dict[str, Tensor]:
    """Whom and what a voice classifier hears in pictures of sound.

    Args:
        classifier: trained on real voices.
        sounds: ``[B, 1, H, W]`` log-mel pictures, real ones or as the voice model's decoder gives them; brought
            to 0..1 by their own maximum, which is what 0 dB means.

    Returns:
        ``{"speaker": [B], "digit": [B]}``.
    """

    def read(part):
        return classifier((part / part.flatten(1).amax(1).clamp_min(1e-6).view(-1, 1, 1, 1)).clamp(0, 1))

    return VOICE.labels(batched(read, sounds, next(classifier.parameters()).device))


def image_classifier_loss(classifier: Classifier) -> Callable:
    """Cross-entropy on slightly moved images, as a loss for :func:`olc_lib.train.fit`.

    Args:
        classifier: what is trained.

    Returns:
        ``loss(batch, step, generator)``; the batch holds ``signal`` ``[B, 1, H, W]`` and ``digit`` ``[B]``.
    """

    def loss(batch, step, generator):
        logits = classifier(augment.images(batch["signal"], generator))
        value = nn.functional.cross_entropy(logits, batch["digit"])
        return value, {"total": value.detach()}

    return loss


def voice_classifier_loss(classifier: Classifier, spectrogram: LogMel) -> Callable:
    """Cross-entropy of speaker and digit on augmented log-mel pictures, as a loss for :func:`olc_lib.train.fit`.

    Args:
        classifier: what is trained; its logits are cut like a voice code, so it names speakers, too.
        spectrogram: the front end.

    Returns:
        ``loss(batch, step, generator)``; the batch holds ``signal`` (fine spectrograms), ``speaker`` and
        ``digit`` ``[B]``.
    """

    def loss(batch, step, generator):
        logits = VOICE.split(classifier(spectrogram.augment(batch["signal"], generator)))
        value = sum(nn.functional.cross_entropy(block, batch[name]) for name, block in logits.items())
        return value, {"total": value.detach()}

    return loss
