"""The paper's system: models with placed codes for images and voices, a bridge, and two independent classifiers.

A run may have one more stage, ``speech``: the voice model's decoder is trained on, alone, and is asked for pictures of
the clips as they are; half of its codes' blocks are written by hand. What the encoder learned from changed clips stays.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from olc_lib import augment, data, losses, objective, paper, reading, transfer
from olc_lib.latent import IMAGE, VOICE
from olc_lib.networks import Classifier, OrthogonalVAE, scale_layers
from olc_lib.spectra import SIZE, LogMel
from olc_lib.systems import Experiment, Models, Stage, fit_stage
from olc_lib.systems import Training as PlainTraining
from olc_lib.transfer import Bridge

from .placed_measure import measure as measure

#: The models of a run, in the order they are trained; a run with ``speech`` trains that last.
MODELS = ("image_classifier", "voice_classifier", "image", "voice", "raw", "bridge")
#: Which models a training reads.
NEEDS = {"bridge": ("image", "voice"), "speech": ("voice",)}
#: Which of the paper's tables belong to which model.
DESIGNS = {"image": paper.IMAGE, "voice": paper.LOG_MEL, "raw": paper.RAW}


@dataclass(frozen=True)
class Training(PlainTraining):
    """How one model is trained.

    Args:
        injected: share of the steps in which the printed injection schedule (Table 4 or 8) is run through;
            1.0 spreads it over the whole training, as printed.
        ramp: ``False`` switches a term on at once where its ramp would start.
        loss: options of :func:`olc_lib.objective.training_loss`, by name: forms of the terms and of their sum.
    """

    injected: float = 1.0
    ramp: bool = True
    loss: dict = field(default_factory=dict)


@dataclass(frozen=True)
class Settings:
    """Everything that makes a run.

    Args:
        voices: corpus of spoken digits, ``"embedded"`` or ``"fsdd"``.
        images: corpus of written digits, ``"embedded"`` or ``"mnist"``.
        width: multiplier of the channels of Tables 2 and 6.
        image_classifier: training of the independent image classifier.
        voice_classifier: training of the independent voice classifier.
        image: training of the image model.
        voice: training of the log-mel voice model.
        raw: training of the raw-waveform voice model, the paper's own.
        bridge: training of the bridge.
        speech: training of the voice model's decoder on unchanged pictures; its option ``told`` is the share of
            codes' blocks that are written by hand from the label. ``None`` leaves the decoder as it is.
        m: M of Max M %, percent.
        mu: factor of Eq. (1).
        sigma_min: constant of Eq. (1).
        seed: of weights and of training.
        jitter: augment the images of the image model. A few hundred images need it. Many thousands do not,
            and with shifted training images the drawings are blurred.
        spectrogram: the log-mel front end, with its augmentation.
        inner_norm: batch normalization between the layers, see :class:`olc_lib.networks.Encoder`.
        precision: see :func:`olc_lib.train.fit`.
    """

    voices: str
    images: str
    width: float
    image_classifier: Training
    voice_classifier: Training
    image: Training
    voice: Training
    raw: Training
    bridge: Training
    speech: Training | None = None
    m: float = 5.0
    mu: float = 0.05
    sigma_min: float = 0.05
    seed: int = 0
    jitter: bool = True
    spectrogram: LogMel = field(default_factory=LogMel)
    inner_norm: bool = True
    precision: str = "float32"


def unchanged(fine: Tensor) -> Tensor:
    """The picture of a clip as it is, for a decoder whose encoder heard it changed.

    Args:
        fine: ``[B, 1, 64, 128]``, see :meth:`olc_lib.spectra.LogMel.fine_spectrogram`.

    Returns:
        ``[B, 1, 32, 32]``.
    """
    return LogMel().picture(fine)


#: The settings of the three named runs.
SETTINGS = {
    "embedded": Settings(
        "embedded",
        "embedded",
        1 / 16,
        image_classifier=Training(300, lr=5e-3),
        voice_classifier=Training(300, lr=5e-3),
        image=Training(900),
        voice=Training(1500, 32, injected=0.2),
        raw=Training(800, 32, injected=0.1, loss={"disentanglement": losses.disentanglement_rms}),
        bridge=Training(200, 128, 1e-3),
    ),
    "slim": Settings(
        "fsdd",
        "mnist",
        1 / 16,
        image_classifier=Training(2000, 128, 5e-3),
        voice_classifier=Training(2000, lr=5e-3),
        image=Training(5000),
        voice=Training(5000, 32, injected=0.2),
        raw=Training(5000, 32, injected=0.1, loss={"disentanglement": losses.disentanglement_rms}),
        bridge=Training(400, 128, 1e-3),
        speech=Training(6000, 32, 2e-3, loss={"told": 0.5}),
        jitter=False,
    ),
    "wide": Settings(
        "fsdd",
        "mnist",
        1.0,
        image_classifier=Training(2000, 128, 5e-3),
        voice_classifier=Training(2000, lr=5e-3),
        image=Training(5000),
        voice=Training(paper.VOICE_ITERATIONS, 32, injected=0.2),
        raw=Training(paper.VOICE_ITERATIONS, 32, injected=0.1, loss={"disentanglement": losses.disentanglement_rms}),
        bridge=Training(400, 128, 1e-3),
        speech=Training(6000, 32, 2e-3, loss={"told": 0.5}),
        jitter=False,
        precision="bfloat16",
    ),
}


#: What is measured of this system over several seeds stands in the ledger's own grid.
EXPERIMENTS: dict[str, Experiment] = {}


def build(settings: Settings) -> Models:
    """The models of a run, freshly initialised from its seed.

    Args:
        settings: of the run.

    Returns:
        Model name to module.
    """
    layers = scale_layers(paper.IMAGE_LAYERS, settings.width)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(settings.seed)
        models: Models = {
            "image_classifier": Classifier(),
            "image": OrthogonalVAE(layers, (1, 28, 28), IMAGE, settings.m, settings.inner_norm),
            "voice": OrthogonalVAE(layers, (1, SIZE, SIZE), VOICE, settings.m, settings.inner_norm),
            "bridge": Bridge(VOICE, IMAGE),
            "voice_classifier": Classifier((1, SIZE, SIZE), VOICE.dim),
            "raw": OrthogonalVAE(
                # The seven layers at the end are cheap, and too narrow for words if they shrink with the others.
                scale_layers(paper.VOICE_LAYERS, settings.width, narrowest=64),
                (1, data.SAMPLES),
                VOICE,
                settings.m,
                settings.inner_norm,
                output="bipolar",
            ),
        }
    if settings.speech:
        models["speech"] = models["voice"].decoder  # the same object: whoever loads both has a voice that speaks
    return models


def stages(settings: Settings) -> Sequence[Stage]:
    """The trainings of a run, in order.

    Args:
        settings: of the run.

    Returns:
        One stage for each model; only the bridge and ``speech`` need others.
    """

    def stage(name: str) -> Stage:
        def prepared(models: Models, settings: Settings, device: str):
            return prepare(name, models, settings, corpora(settings, "train"), device)

        return Stage(name, getattr(settings, name), NEEDS.get(name, ()), prepared)

    return [stage(name) for name in (*MODELS, *(["speech"] if settings.speech else []))]


def corpora(settings: Settings, split: str) -> tuple[data.Voices, data.Images]:
    """Voices and images of one split.

    Args:
        settings: name the corpora.
        split: ``"train"``, ``"validation"`` or ``"test"``.

    Returns:
        ``(voices, images)``.
    """
    return data.voices(settings.voices, split), data.images(settings.images, split)


def schedule(model: str, training: Training) -> dict[str, tuple[float, float]]:
    """When the terms of a model are injected: Table 4 or 8, fitted to a training.

    Args:
        model: ``"image"``, ``"voice"`` or ``"raw"``.
        training: of it.

    Returns:
        (start, stop) of every term, in steps counted from 1.
    """
    design = DESIGNS[model]
    injections = objective.compress(design.injection, design.iterations, max(1, training.injected * training.steps))
    return injections if training.ramp else {name: (start, start) for name, (start, _) in injections.items()}


def prepare(
    name: str,
    models: Models,
    settings: Settings,
    corpora: tuple[data.Voices, data.Images],
    device: str = "cpu",
) -> tuple[Callable, dict[str, Tensor]]:
    """Loss and data of one model, trained on corpora of the caller's choice.

    Args:
        name: of the model, see :data:`MODELS`; the bridge needs the trained image and voice models.
        models: all of them.
        settings: of the run.
        corpora: training voices and images.
        device: where it will be trained.

    Returns:
        ``(loss, data)`` for :func:`olc_lib.train.fit`.
    """
    voices, images = corpora
    model, spectrogram = models[name], settings.spectrogram
    if name == "image_classifier":
        return reading.image_classifier_loss(model), {"signal": images.pixels, "digit": images.digit}
    if name == "image":
        tensors = {"signal": images.pixels, "digit": images.digit}
        return _placing_loss(name, model, settings, augment.images if settings.jitter else None), tensors
    spoken = {"speaker": voices.speaker, "digit": voices.digit}
    if name == "raw":
        tensors = {"signal": data.centre(voices.waves, voices.lengths)} | spoken
        return _placing_loss(name, model, settings, augment.waves), tensors
    fine = spectrogram.fine_spectrogram(voices.waves, voices.lengths)
    if name == "voice":
        return _placing_loss(name, model, settings, spectrogram.augment), {"signal": fine} | spoken
    if name == "speech":
        return _speaking_loss(models["voice"].to(device), settings, **settings.speech.loss), {"signal": fine} | spoken
    if name == "voice_classifier":
        return reading.voice_classifier_loss(model, spectrogram), {"signal": fine} | spoken
    codes = transfer.bridge_codes(
        models["voice"], fine, spectrogram.augment, voices.digit, settings.seed, device=device
    )
    pixels, digit = images.pixels.to(device), images.digit.to(device)
    return transfer.bridge_loss(model, models["image"].to(device), pixels, digit), codes


def fit_model(
    name: str,
    models: Models,
    settings: Settings,
    corpora: tuple[data.Voices, data.Images],
    device: str = "cpu",
    progress: bool | None = None,
) -> dict[str, Tensor]:
    """Train one model in place, on corpora of the caller's choice.

    Args:
        name: see :func:`prepare`, as the next three.
        models: likewise.
        settings: likewise.
        corpora: likewise.
        device: where to train.
        progress: see :func:`olc_lib.train.fit`.

    Returns:
        The history, term to ``[steps]``.
    """

    def prepared(models: Models, settings: Settings, device: str):
        return prepare(name, models, settings, corpora, device)

    return fit_stage(
        Stage(name, getattr(settings, name), NEEDS.get(name, ()), prepared), models, settings, device, progress=progress
    )


def _placing_loss(name: str, model: OrthogonalVAE, settings: Settings, change: Callable | None) -> Callable:
    training, design = getattr(settings, name), DESIGNS[name]
    return objective.training_loss(
        model, design.importance, schedule(name, training), design.balance,
        mu=settings.mu, sigma_min=settings.sigma_min, augment=change, **training.loss,
    )  # fmt: skip


def _speaking_loss(voice: OrthogonalVAE, settings: Settings, told: float = 0.0) -> Callable:
    """The decoder alone: from codes of changed clips, resampled as ever, to the pictures of the clips as they are.

    ``told`` is the share of blocks that are written by hand from the label instead, as whoever asks for a speaker does.
    """
    voice.encoder.eval()

    def loss(batch: Mapping[str, Tensor], step: int, generator: torch.Generator) -> tuple[Tensor, dict[str, Tensor]]:
        with torch.no_grad():
            code = voice.encode(settings.spectrogram.augment(batch["signal"], generator))
            if told > 0:
                for category, block in voice.space.split(code).items():
                    chosen = torch.rand(len(block), 1, generator=generator, device=block.device) < told
                    exact = nn.functional.one_hot(batch[category], block.shape[1]).to(block.dtype)
                    block.copy_(torch.where(chosen, exact, block))
        made = voice.decode(voice.space.resample(code, settings.mu, settings.sigma_min, generator))
        value = losses.reconstruction(voice.normalize(unchanged(batch["signal"])), made).mean()
        return value, {"total": value.detach()}

    return loss
