"""Settings, stages and the use of a translator."""

import dataclasses
import zlib
from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from olc_lib.systems import Stage, Training
from olc_lib.systems.shared import AnyMember, HasMembers, fresh

from .measures import classifier, judge
from .nets import Translator
from .pictures import paired, unpaired
from .training import Recipe, hinge, minimax, non_saturating, turns

WARMING_RATE = 6e-3  # of autoencoder pre-training
ADVERSARIES = {f.__name__: f for f in (non_saturating, minimax, hinge)} | {"none": None}


@dataclass(frozen=True)
class Member(AnyMember):
    """One translator: its networks, and what is asked of them.

    Args:
        recipe: of its training.
        norm: of encoders and generator: "none" (as printed), "batch", "instance" or "group".
        spectral: spectral norm in the discriminators.
        encoders: see :class:`olc_lib.systems.dual.nets.Translator`.
        narrow: see :class:`olc_lib.systems.dual.nets.Translator`.
        lr: peak rate of encoders and generator; ``None`` takes that of the settings' training.
        warmed: steps of autoencoder pre-training (Algorithm 1, line 1, optional), for which it is a stage of its own.
    """

    recipe: Recipe = Recipe()
    norm: str = "none"
    spectral: bool = False
    encoders: str = "two"
    narrow: int = 0
    lr: float | None = None
    warmed: int = 0


@dataclass(frozen=True)
class Settings(HasMembers):
    """What runs of this system share. A run's own class adds a field for each translator, a :class:`Member`.

    Args:
        corpus: "fashion" or "embedded", see :mod:`olc_lib.systems.dual.pictures`.
        width: of all networks, see :func:`olc_lib.systems.dual.nets.scaled`.
        training: of every translator; ``lr`` is the peak rate of encoders and generator.
        seed: of initialisation and training.
    """

    corpus: str = "embedded"
    width: float = 0.125
    training: Training = Training(steps=400, batch_size=16, lr=0.01, weight_decay=0.0)
    seed: int = 0


@dataclass(frozen=True)
class Both(Settings):
    """As printed, and repaired.

    Args:
        printed: Algorithm 1 on the appendix's networks.
        repaired: with batch normalization, R1, self-reconstruction, a cross-cycle and a narrow second slot.
    """

    printed: Member = Member(lr=1e-3)
    repaired: Member = Member(Recipe(r1=0.5, selves=5.0, real=True, cycle=5.0), norm="batch", narrow=4)


@dataclass(frozen=True)
class Single(Settings):
    """One translator alone.

    Args:
        it: the translator.
    """

    it: Member = Member()


#: Named runs.
SETTINGS = {
    "embedded": Both(training=Training(steps=240, batch_size=16, lr=0.01, weight_decay=0.0)),
    "slim": Both("fashion"),
}


def build(settings: Settings) -> dict[str, nn.Module]:
    """Freshly initialised translators, and one more for each that is pre-trained.

    Args:
        settings: of the run.

    Returns:
        Name to model; each starts from the seed alone, whatever else is built.
    """
    models: dict[str, nn.Module] = {}
    seed = 1000 * settings.seed + zlib.crc32(b"dual") % 1000
    for name, member in settings.members().items():
        nets = (member.norm, member.spectral, member.encoders, member.narrow)
        for one in (name, f"{name}_start") if member.warmed else (name,):
            models[one] = fresh(seed, Translator, 28, settings.width, *nets)
    return models


def stages(settings: Settings) -> list[Stage]:
    """A stage for each translator, before it one of autoencoder pre-training where there is any.

    Args:
        settings: of the run.

    Returns:
        Stages, in the order of training.
    """
    found = []
    for name, member in settings.members().items():
        training = dataclasses.replace(settings.training, lr=member.lr or settings.training.lr)
        if member.warmed:
            warming = dataclasses.replace(training, steps=member.warmed, lr=WARMING_RATE)
            found.append(Stage(f"{name}_start", warming, (), _warming(name)))
        found.append(Stage(name, training, (f"{name}_start",) if member.warmed else (), _translating(name)))
    return found


def _warming(name: str):
    """Algorithm 1, line 1: encoders and generator as autoencoders of the two inputs, a code in both slots."""

    def prepare(models, settings, device):
        only = Recipe(adversary=None, selves=1.0)
        data = unpaired(settings.corpus)
        return turns(models[f"{name}_start"], only, WARMING_RATE), data

    return prepare


def _translating(name: str):
    def prepare(models, settings, device):
        member = settings.members()[name]
        if member.warmed:  # the encoders alone: "the encoders can alternatively be pre-trained"
            for part in ("first", "second"):
                getattr(models[name], part).load_state_dict(getattr(models[f"{name}_start"], part).state_dict())
        return turns(models[name], member.recipe, member.lr or settings.training.lr), unpaired(settings.corpus)

    return prepare


@torch.no_grad()
def translate(model: Translator, x1: Tensor, x2: Tensor) -> tuple[Tensor, Tensor]:
    """Two pictures, translated.

    Args:
        model: in evaluation mode.
        x1: sketch of the first class, ``[N, 1, H, W]``, 0 to 1.
        x2: solid picture of the second class, likewise.

    Returns:
        The first class in solid form, and the second as a sketch, 0 to 1.
    """
    u, v = model(2 * x1 - 1, 2 * x2 - 1)
    return (u + 1) / 2, (v + 1) / 2


@torch.no_grad()
def mix(model: Translator, x1: Tensor, x2: Tensor, kind: float, form: float) -> Tensor:
    """A picture from blended codes: slot 1 and slot 2 go from the code of ``x1`` to that of ``x2``.

    Args:
        model: with two encoders, in evaluation mode.
        x1: sketch of the first class, ``[N, 1, H, W]``, 0 to 1.
        x2: solid picture of the second class, likewise.
        kind: share of the second code in slot 1.
        form: share of the second code in slot 2.

    Returns:
        ``[N, 1, H, W]``, 0 to 1; (0, 1) and (1, 0) are the two translations.
    """
    z1, z2 = model.encode(2 * x1 - 1, 2 * x2 - 1)
    return (model.draw(z1 + kind * (z2 - z1), z1 + form * (z2 - z1)) + 1) / 2


def measure(
    models: Mapping[str, nn.Module], settings: Settings, split: str, device: str = "cpu"
) -> tuple[dict[str, float], dict[str, Tensor]]:
    """Judge every translator.

    Args:
        models: trained.
        settings: of the run.
        split: "train", "validation" or "test".
        device: unused; the models are small.

    Returns:
        Metrics of :func:`olc_lib.systems.dual.measures.judge`, each as ``NAME/METRIC``, and no arrays.
    """
    pairs, reader = paired(settings.corpus, split), classifier(settings.corpus)
    found: dict[str, float] = {}
    for name in settings.members():
        model = models[name].eval()
        scores = judge(lambda x1, x2, model=model: translate(model, x1, x2), pairs, reader)
        found |= {f"{name}/{key}": value for key, value in scores.items()}
    return found, {}
