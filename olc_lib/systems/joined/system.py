"""The runs of :mod:`olc_lib.systems.joined`: encoders of both kinds, the decoders they need, and what is measured."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from olc_lib import data, stored
from olc_lib.reading import batched
from olc_lib.relative import relative
from olc_lib.spectra import SIZE, LogMel
from olc_lib.systems import Models, Stage, Training
from olc_lib.systems.shared import fresh

from .nets import VAE, Drawer, Reader, drawing_loss
from .ways import WAYS, Measured, Options, Pairs, centred, draw_pairs, drawn, join, score

#: Kinds of encoders, and what the models of a kind are called after the domain.
KINDS = {"without labels": "vae", "with labels": "reader"}


@dataclass(frozen=True)
class Settings:
    """Everything that makes a run.

    Args:
        voices: corpus of spoken digits.
        images: corpus of written digits.
        reader: the run of the system ``placed`` whose image classifier reads what is drawn.
        channels: of every network, see :func:`olc_lib.systems.joined.nets.encoder`.
        voice_dim: of the voices' codes.
        image_dim: of the images' codes.
        anchors: pairs that the relative decoders are trained for.
        sharpness: of the encoders with labels, see :class:`olc_lib.systems.joined.nets.Reader`.
        noise: of all decoders but the autoencoders' own, see :func:`olc_lib.systems.joined.nets.drawing_loss`.
        voice_vae: training of the voices' encoder without labels, with a decoder.
        image_vae: likewise of the images'.
        voice_reader: training of the voices' encoder with labels, on augmented words.
        image_reader: likewise of the images', which stay as they are.
        drawer: training of a decoder for the codes of ``image_reader``.
        relative_vae: training of a decoder for relative coordinates of ``image_vae``.
        relative_reader: likewise of ``image_reader``.
        options: of the ways.
        seed: of weights, of training and of the pairs.
        spectrogram: the log-mel front end.
    """

    voices: str = "fsdd"
    images: str = "mnist"
    reader: str = "slim"
    channels: int = 32
    voice_dim: int = 32
    image_dim: int = 16
    anchors: int = 50
    sharpness: float | None = 5.0
    noise: float = 0.1
    voice_vae: Training = Training(1000, 64, 4e-3, 0.0)
    image_vae: Training = Training(1200, 64, 4e-3, 0.0)
    voice_reader: Training = Training(1000, 64, 4e-3)
    image_reader: Training = Training(1000, 64, 4e-3)
    drawer: Training = Training(500, 64, 4e-3, 0.0)
    relative_vae: Training = Training(600, 64, 4e-3, 0.0)
    relative_reader: Training = Training(500, 64, 4e-3, 0.0)
    options: Options = field(default_factory=Options)
    seed: int = 0
    spectrogram: LogMel = field(default_factory=LogMel)


#: Named runs.
SETTINGS = {
    "embedded": Settings(
        "embedded", "embedded", "embedded", channels=16, voice_dim=24,
        voice_vae=Training(300, 64, 1e-2, 0.0), image_vae=Training(400, 64, 1e-2, 0.0),
        voice_reader=Training(250, 64, 1e-2), image_reader=Training(250, 64, 1e-2),
        drawer=Training(200, 64, 1e-2, 0.0), relative_vae=Training(250, 64, 1e-2, 0.0),
        relative_reader=Training(200, 64, 1e-2, 0.0),
    )
}  # fmt: skip


def build(settings: Settings) -> Models:
    """Freshly initialised models.

    Args:
        settings: of the run.

    Returns:
        Name to module, each from the seed alone.
    """
    c, voice, image = settings.channels, settings.voice_dim, settings.image_dim
    made = {
        "voice_vae": (VAE, c, SIZE, voice),
        "image_vae": (VAE, c, 28, image),
        "voice_reader": (Reader, c, SIZE, voice, settings.sharpness),
        "image_reader": (Reader, c, 28, image, settings.sharpness),
        "drawer": (Drawer, c, 28, image),
        "relative_vae": (Drawer, c, 28, settings.anchors),
        "relative_reader": (Drawer, c, 28, settings.anchors),
    }
    return {name: fresh(settings.seed, *make) for name, make in made.items()}


def stages(settings: Settings) -> Sequence[Stage]:
    """Encoders first, then the decoders that read their codes.

    Args:
        settings: of the run.

    Returns:
        One stage a model.
    """
    needs = {"drawer": ("image_reader",), "relative_vae": ("image_vae",), "relative_reader": ("image_reader",)}
    return [Stage(name, getattr(settings, name), needs.get(name, ()), _prepare(name)) for name in build(settings)]


def _prepare(name: str) -> Callable:
    def prepare(models: Models, settings: Settings, device: str):
        model = models[name]
        if name.startswith("voice"):
            voices = data.voices(settings.voices, "train")
            fine = settings.spectrogram.fine_spectrogram(voices.waves, voices.lengths)
            return _encoder_loss(model, settings.spectrogram), {"signal": fine, "digit": voices.digit}
        images = data.images(settings.images, "train")
        if name in ("image_vae", "image_reader"):
            return _encoder_loss(model, None), {"signal": images.pixels, "digit": images.digit}
        source = models["image_vae" if name == "relative_vae" else "image_reader"]
        code = batched(source.to(device).eval().code, images.pixels, device)
        if name == "drawer":
            return drawing_loss(model, lambda code: code, settings.noise), {"code": code, "signal": images.pixels}
        said = data.voices(settings.voices, "train").digit
        loss = relative_loss(model, code, images.digit, said, settings, device)
        return loss, {"code": code, "signal": images.pixels}

    return prepare


def _encoder_loss(model: nn.Module, spectrogram: LogMel | None) -> Callable:
    """Of an encoder; fine spectrograms of words are seen augmented by an encoder that learns from labels."""

    def loss(batch, step, generator):
        signal = batch["signal"]
        if isinstance(model, VAE):
            value = model.loss(spectrogram.picture(signal) if spectrogram else signal, generator)
        else:
            signal = spectrogram.augment(signal, generator) if spectrogram else signal
            value = model.loss(signal, batch["digit"])
        return value, {"total": value.detach()}

    return loss


def relative_loss(
    model: nn.Module, code: Tensor, digit: Tensor, voice_digit: Tensor, settings: Settings, device: str
) -> Callable:
    """Train a decoder of relative coordinates, for the pairs that the settings draw.

    Args:
        model: what is trained.
        code: ``[M, E]``, of the training images.
        digit: ``[M]``, of these.
        voice_digit: ``[N]``, of the training clips: pairs are drawn from both.
        settings: of the run.
        device: where to train.

    Returns:
        See :func:`olc_lib.systems.joined.nets.drawing_loss`.
    """
    anchors = code[draw_pairs(voice_digit, digit, settings.anchors, settings.seed)[1]].to(device)

    def prepare(codes):
        return relative(*centred(codes, anchors, "relative" in settings.options.centre), settings.options.unit)

    return drawing_loss(model, prepare, settings.noise)


@dataclass(frozen=True)
class Encoders:
    """Two encoders and a decoder.

    Args:
        voice: pictures of words ``[B, 1, 32, 32]`` to ``[B, D]``.
        image: images ``[B, 1, 28, 28]`` to ``[B, E]``.
        draw: the way back, ``[B, E]`` to ``[B, 1, 28, 28]``; where the encoder's codes have length 1, in each category,
            any code is brought to it first.
    """

    voice: Callable[[Tensor], Tensor]
    image: Callable[[Tensor], Tensor]
    draw: Callable[[Tensor], Tensor]


def encoders(kind: str, models: Models) -> Encoders:
    """Those of one kind.

    Args:
        kind: a key of :data:`KINDS`, or ``"placed"``.
        models: trained, of this system; or ``voice`` and ``image`` of the system ``placed``.

    Returns:
        The encoders.

    Raises:
        ValueError: for an unknown kind.
    """
    if kind == "placed":
        image = models["image"]
        return Encoders(models["voice"].encode, image.encode, lambda code: image.decode(image.space.normalize(code)))
    if kind not in KINDS:
        raise ValueError(f"no encoders {kind!r}, expected one of {[*KINDS, 'placed']}")
    voice, image = models[f"voice_{KINDS[kind]}"], models[f"image_{KINDS[kind]}"]
    if isinstance(image, VAE):
        return Encoders(voice.code, image.code, image.decoder)
    length = torch.nn.Identity() if image.sharpness is None else torch.nn.functional.normalize
    return Encoders(voice.code, image.code, lambda code: models["drawer"](length(code)))


@dataclass(frozen=True)
class Known:
    """Codes of the training data, from which anchors are drawn.

    Args:
        voice: ``[N, D]``.
        voice_digit: ``[N]``.
        image: ``[M, E]``.
        image_digit: ``[M]``.
        images: ``[M, 1, 28, 28]``.
    """

    voice: Tensor
    voice_digit: Tensor
    image: Tensor
    image_digit: Tensor
    images: Tensor

    def pairs(self, count: int, seed: int) -> Pairs:
        """Anchors, see :func:`olc_lib.systems.joined.ways.draw_pairs`.

        Args:
            count: how many.
            seed: of the draw.

        Returns:
            The pairs.
        """
        clips, images = draw_pairs(self.voice_digit, self.image_digit, count, seed)
        return Pairs(self.voice[clips], self.image[images], self.image_digit[images])


def encoded(by: Encoders, settings: Settings, split: str) -> tuple[Known, Measured]:
    """Codes of training data and of a held-out split: all clips, and about 18,000 and 2,000 images, evenly spread.

    Args:
        by: the encoders.
        settings: name the corpora and the run whose classifier reads.
        split: ``"validation"`` or ``"test"``.

    Returns:
        Both.
    """
    codes = []
    for part in ("train", split):
        voices, images = data.voices(settings.voices, part), data.images(settings.images, part)
        most = 2000 if part == split else 18000
        images = data.select(images, torch.arange(0, len(images), max(1, len(images) // most)))
        sound = settings.spectrogram(voices.waves, voices.lengths)
        codes.append((batched(by.voice, sound), voices.digit, batched(by.image, images.pixels), images))
    (v, said, i, seen), (heard, digit, shelf, held) = codes
    classifier = stored.load(settings.reader, only=["image_classifier"], quiet=True).image_classifier
    known = Known(v, said, i, seen.digit, seen.pixels)
    return known, Measured(heard, digit, shelf, held.pixels, held.digit, classifier)


def measure(models: Models, settings: Settings, split: str, device: str = "cpu") -> tuple[dict, dict]:
    """Every way with the encoders of both kinds, and with as many pairs as the settings say.

    Args:
        models: trained.
        settings: of the run.
        split: "validation" or "test".
        device: not used: the models are small.

    Returns:
        ``({kind/way/metric: number}, {})``, see :func:`olc_lib.systems.joined.ways.score`.
    """
    found = {}
    for model in models.values():
        model.to("cpu").eval()
    for kind, name in KINDS.items():
        by = encoders(kind, models)
        known, on = encoded(by, settings, split)
        pairs = known.pairs(settings.anchors, settings.seed)
        for way in WAYS:
            there = join(way, on.voice, on.image, pairs, settings.options)
            pictures = drawn(way, there, on.shelf, by.draw, models[f"relative_{name}"])
            found |= {f"{name}/{way}/{key}": value for key, value in score(pictures, there, on).items()}
    return found, {}
