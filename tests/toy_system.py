"""The smallest system there is: a linear autoencoder of written digits. Its best is known, it is PCA's."""

from dataclasses import dataclass

import torch
from torch import nn

from olc_lib import data
from olc_lib.systems import Experiment, Stage, Training
from olc_lib.systems.shared import fresh, trained


@dataclass(frozen=True)
class Settings:
    """Everything that makes a run."""

    size: int = 8
    training: Training = Training(steps=1500, batch_size=270, lr=1e-2, weight_decay=0.0)
    seed: int = 0


def _pixels(split):
    pixels = data.images("embedded", split).pixels.flatten(1)
    return pixels - pixels.mean(0)


def build(settings):
    """An encoder and a decoder without a nonlinearity."""

    def make():
        return nn.Sequential(nn.Linear(784, settings.size), nn.Linear(settings.size, 784))

    return {"linear": fresh(settings.seed, make)}


def stages(settings):
    """One."""

    def prepare(models, settings, device):
        def loss(batch, step, generator):
            error = (models["linear"](batch["pixels"]) - batch["pixels"]).square().sum(1).mean()
            return error, {"total": error}

        return loss, {"pixels": _pixels("train").to(device)}

    return [Stage("linear", settings.training, (), prepare)]


def measure(models, settings, split, device="cpu"):
    """Squared error of an image."""
    pixels = _pixels(split)
    with torch.no_grad():
        return {"error": float((models["linear"](pixels) - pixels).square().sum(1).mean())}, {"mean": pixels.mean(0)}


def _error(seed, device="cpu", size=8):
    settings = Settings(size, seed=seed)
    return measure(trained(build, stages, settings, device), settings, "train")[0]


SETTINGS = {"embedded": Settings()}
EXPERIMENTS = {"toy": Experiment("How much does a wider code keep?", _error, {"2": {"size": 2}, "8": {}}, seeds=1)}
