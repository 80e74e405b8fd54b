"""The run of :mod:`olc_lib.systems.third`: two models with the paper's losses, and two classifiers for the rival."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import nn

from olc_lib import objective, paper
from olc_lib.networks import Classifier, OrthogonalVAE, scale_layers
from olc_lib.reading import image_classifier_loss
from olc_lib.systems import Models, Stage, placed
from olc_lib.systems.placed import Training

from .ways import NEW, SPACE, directions, domains, pictures, ring


@dataclass(frozen=True)
class Settings:
    """Everything that makes a run.

    Args:
        partner: run of the system ``placed`` whose voices and images the new domains are joined with. Only what is
            measured depends on it, no training.
        width: multiplier of the channels of Table 6.
        narrowest: no layer gets fewer channels, see :func:`olc_lib.networks.scale_layers`.
        tones: training of the model of telephone keys.
        display: training of the model of displays.
        tones_classifier: training of the rival's classifier of keys.
        display_classifier: likewise of displays.
        m: M of Max M %, percent.
        mu: factor of Eq. (1).
        sigma_min: constant of Eq. (1).
        seed: of weights and of training.
    """

    partner: str = "embedded"
    width: float = 1 / 64
    narrowest: int = 8
    tones: Training = Training(600, 32)
    display: Training = Training(600, 32)
    tones_classifier: Training = Training(200, 32, 5e-3)
    display_classifier: Training = Training(200, 32, 5e-3)
    m: float = 5.0
    mu: float = 0.05
    sigma_min: float = 0.05
    seed: int = 0


#: Named runs; when the terms come in was tried on validation data, see the experiment ``third-trials``.
SETTINGS = {
    "embedded": Settings(tones=Training(600, 32, injected=0.2), display=Training(600, 32, injected=0.2)),
}


def build(settings: Settings) -> Models:
    """Freshly initialised models.

    Args:
        settings: of the run.

    Returns:
        Name to module, each from the seed alone.
    """
    layers = scale_layers(paper.IMAGE_LAYERS, settings.width, settings.narrowest)
    models: Models = {}
    for name in NEW:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(settings.seed)
            models[name] = OrthogonalVAE(layers, (1, 28, 28), SPACE, settings.m)
            models[f"{name}_classifier"] = Classifier()
    return models


def stages(settings: Settings) -> Sequence[Stage]:
    """Four trainings, none of which needs another model.

    Args:
        settings: of the run.

    Returns:
        One stage a model.
    """
    return [Stage(name, getattr(settings, name), (), _prepare(name)) for name in build(settings)]


def _prepare(name: str) -> Callable:
    def prepare(models: Models, settings: Settings, device: str):
        signal, digit = pictures(name.split("_")[0], "train")
        return _loss(name, models[name], settings), {"signal": signal, "digit": digit}

    return prepare


def _loss(name: str, model: nn.Module, settings: Settings) -> Callable:
    """The paper's losses with the tables of its image model; a classifier learns as all of this book's do."""
    if isinstance(model, Classifier):
        return image_classifier_loss(model)
    training, design = getattr(settings, name), paper.IMAGE
    return objective.training_loss(
        model, design.importance, placed.schedule("image", training), design.balance,
        mu=settings.mu, sigma_min=settings.sigma_min, **training.loss,
    )  # fmt: skip


def measure(models: Models, settings: Settings, split: str, device: str = "cpu") -> tuple[dict, dict]:
    """All directions between four domains, and the ring.

    Args:
        models: trained.
        settings: of the run.
        split: "validation" or "test".
        device: not used: the models are small.

    Returns:
        ``({name: percent or diversity}, {})``, see :func:`olc_lib.systems.third.ways.directions`;
        ``ring_1`` to ``ring_5``, see :func:`olc_lib.systems.third.ways.ring`.
    """
    for model in models.values():
        model.to("cpu").eval()
    found = domains(models, settings.partner, split)
    scores = directions(found) | {f"ring_{k}": share for k, share in enumerate(ring(found), 1)}
    return {name: round(value, 4) for name, value in scores.items()}, {}
