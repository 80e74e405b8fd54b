"""The runs of :mod:`olc_lib.systems.free`: what is set, built and trained."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import torch

from olc_lib import augment, data, losses
from olc_lib.latent import IMAGE, VOICE
from olc_lib.spectra import SIZE, LogMel
from olc_lib.systems import Models, Stage, Training, placed

from .model import FreeSpace, FreeVAE
from .training import free_loss

#: Shape and categories of what is modelled.
DOMAINS = {"image": ((1, 28, 28), IMAGE.sizes), "voice": ((1, SIZE, SIZE), VOICE.sizes)}


@dataclass(frozen=True)
class Settings:
    """Everything that makes a run.

    Args:
        training: of the one model.
        domain: ``"image"`` or ``"voice"``, a log-mel picture of a word.
        corpus: of images or voices.
        reader: the run of the system ``placed`` whose classifiers read what is drawn, and whose voice model speaks.
        channels: of the encoder, see :class:`olc_lib.systems.free.model.FreeVAE`. These networks take a tenth of the
            time a step of the stack of Table 6.
        hidden: units of the decoder, likewise.
        units: of one more layer of the encoder, likewise.
        free: how many coordinates no category names.
        beta: weight of their KL divergence, per nat.
        exchanged: weight of the exchange term.
        begin: share of the training after which it begins.
        imagined: share of its free codes that are drawn from N(0, I).
        injected: share of the training in which the injection schedule is run through.
        interpolation: importance of that term of Eq. (2); ``None`` for the printed one.
        told: see :func:`olc_lib.systems.free.training.free_loss`.
        blind: see :class:`olc_lib.systems.free.model.FreeVAE`.
        jitter: move the images of training a little.
        seed: of weights and training.
        spectrogram: the log-mel front end.
    """

    training: Training
    domain: str = "image"
    corpus: str = "mnist"
    reader: str = "slim"
    channels: int = 32
    hidden: int = 256
    units: int = 0
    free: int = 16
    beta: float = 1e-4
    exchanged: float = 0.1
    begin: float = 0.1
    imagined: float = 0.0
    injected: float = 0.2
    interpolation: float | None = 0.0
    told: bool = False
    blind: bool = False
    jitter: bool = False
    seed: int = 0
    spectrogram: LogMel = field(default_factory=LogMel)


#: The run that chapters read; what the ledger measures on MNIST stands in :mod:`olc_lib.systems.free.studies`.
SETTINGS = {
    "embedded": Settings(
        Training(1000, lr=4e-3), corpus="embedded", reader="embedded", channels=24, hidden=96, free=8, beta=3e-4,
        jitter=True,
    ),
}  # fmt: skip


def build(settings: Settings) -> Models:
    """The model of a run, freshly initialised from its seed.

    Args:
        settings: of the run.

    Returns:
        Its domain to the model.

    Raises:
        ValueError: for an unknown domain.
    """
    if settings.domain not in DOMAINS:
        raise ValueError(f"no domain {settings.domain!r}, expected one of {list(DOMAINS)}")
    shape, sizes = DOMAINS[settings.domain]
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(settings.seed)
        model = FreeVAE(
            settings.channels, settings.hidden, shape, FreeSpace(sizes, settings.free), blind=settings.blind,
            units=settings.units,
        )  # fmt: skip
    return {settings.domain: model}


def stages(settings: Settings) -> Sequence[Stage]:
    """The one training of a run.

    Args:
        settings: of the run.

    Returns:
        One stage.
    """

    def prepare(models: Models, settings: Settings, device: str):
        domain, design = settings.domain, placed.DESIGNS[settings.domain]
        how = placed.Training(settings.training.steps, injected=settings.injected)
        importance = dict(design.importance)
        if settings.interpolation is not None:
            importance["interpolation"] = settings.interpolation
        change = augment.images if settings.jitter and domain == "image" else None
        loss = free_loss(
            models[domain], importance, placed.schedule(domain, how), design.balance, beta=settings.beta,
            exchanged=settings.exchanged, begin=round(settings.begin * settings.training.steps),
            imagined=settings.imagined, told=settings.told,
            disentanglement=losses.disentanglement if domain == "image" else losses.disentanglement_rms,
            augment=change,
        )  # fmt: skip
        return loss, signals(settings, "train")

    return [Stage(settings.domain, settings.training, (), prepare)]


def signals(settings: Settings, split: str) -> dict[str, torch.Tensor]:
    """Signals and labels of a split.

    Args:
        settings: of the run.
        split: ``"train"``, ``"validation"`` or ``"test"``.

    Returns:
        ``signal`` ``[N, *shape]``, ``digit`` ``[N]`` and, of voices, ``speaker`` ``[N]``.
    """
    if settings.domain == "image":
        images = data.images(settings.corpus, split)
        return {"signal": images.pixels, "digit": images.digit}
    voices = data.voices(settings.corpus, split)
    sound = settings.spectrogram(voices.waves, voices.lengths)
    return {"signal": sound, "digit": voices.digit, "speaker": voices.speaker}
