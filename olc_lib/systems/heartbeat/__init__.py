"""A VAE of single heartbeats and its linear rivals: principal components, and the best linear filter.

Section 7.3.1 of Singh & Ogunfunmi (2022) names three uses: to find abnormal beats, to clean noisy ones, and to lay
beats out in a code of few numbers. The beats are those of :mod:`olc_lib.heartbeats`.
"""

import dataclasses
from dataclasses import dataclass

from torch import nn

from olc_lib import heartbeats
from olc_lib.systems import Experiment, Stage, Training
from olc_lib.systems.shared import HasMembers, fresh, stage_each, trained

from . import uses
from .network import BeatVAE, Member, bound
from .rivals import NOISES

__all__ = ["EXPERIMENTS", "SETTINGS", "BeatVAE", "Member", "Settings", "build", "cell", "measure", "stages"]


@dataclass(frozen=True)
class Settings(HasMembers):
    """What a run is trained on, and how. A run's own class adds a field for each model.

    Args:
        record: of :func:`olc_lib.heartbeats.beats`.
        hidden: units of the hidden layer.
        training: of every model.
        seed: of initialisation and training, and of a synthetic record.
    """

    record: str = "synthetic"
    hidden: int = 128
    training: Training = Training(steps=2500, batch_size=64, lr=3e-3, weight_decay=0.0)
    seed: int = 0


@dataclass(frozen=True)
class Both(Settings):
    """For pages: two numbers, and a cleaner.

    Args:
        two: trained to give normal beats back.
        cleaner: trained to take white noise away.
    """

    two: Member = Member()
    cleaner: Member = Member(8, "white")


@dataclass(frozen=True)
class Single(Settings):
    """One model alone.

    Args:
        it: the model.
    """

    it: Member = Member()


#: Named runs.
SETTINGS = {"embedded": Both(training=Training(steps=1500, batch_size=64, lr=3e-3, weight_decay=0.0))}


def build(settings: Settings) -> dict[str, nn.Module]:
    """Freshly initialised models.

    Args:
        settings: of the run.

    Returns:
        Name to model; each starts from the seed alone.
    """
    return {name: fresh(settings.seed, BeatVAE, member, settings.hidden) for name, member in settings.members().items()}


def stages(settings: Settings) -> list[Stage]:
    """One stage a model; none needs another.

    Args:
        settings: of the run.

    Returns:
        Stages.
    """

    def prepare(model, settings, device):
        spoil = NOISES.get(model.member.noise)

        def loss(batch, step, generator):
            seen = batch["x"] if spoil is None else spoil(batch["x"], generator)
            misfit, divergence = bound(model, seen, batch["x"], generator)
            record = {"misfit": misfit.mean().detach(), "kl": divergence.mean().detach()}
            return (misfit + divergence).mean(), record

        return loss, {"x": uses.part(settings.record, "train", settings.seed)[0]}

    return stage_each(settings, prepare)


def measure(models, settings: Settings, split: str, device: str = "cpu") -> tuple[dict, dict]:
    """Whatever a model is for.

    Args:
        models: trained.
        settings: of the run.
        split: "validation" or "test".
        device: not used: the models are small.

    Returns:
        ``{name/metric: number}`` of :func:`.uses.cleaning` for a model that takes noise away, else of
        :func:`.uses.strangeness`; of :func:`.uses.layout` for a record without labels. No arrays.
    """
    found = {}
    for name, model in models.items():
        model = model.to("cpu").eval()
        if model.member.noise is not None:
            scores = uses.cleaning(model, settings.record, split, settings.seed)
        elif (heartbeats.beats(settings.record, settings.seed).kind < 0).all():
            scores = uses.layout(model, settings.record)
        else:
            scores = uses.strangeness(model, settings.record, split, settings.seed)
        found |= {f"{name}/{key}": value for key, value in scores.items()}
    return found, {}


def cell(seed: int, device: str = "cpu", split: str = "test", record: str = "100", steps: int = 2500, **member) -> dict:
    """One cell of the experiment: train a model, and measure it.

    Args:
        seed: of initialisation and training.
        device: where to train.
        split: "test", or "validation" where settings are chosen.
        record: of :func:`olc_lib.heartbeats.beats`.
        steps: of the training.
        **member: fields of :class:`Member`.

    Returns:
        Metrics of :func:`measure`.
    """
    settings = Single(record, training=dataclasses.replace(Settings().training, steps=steps), seed=seed,
                      it=Member(**member))  # fmt: skip
    models = trained(build, stages, settings, device)
    return {key.removeprefix("it/"): value for key, value in measure(models, settings, split)[0].items()}


EXPERIMENTS: dict[str, Experiment] = {
    "heartbeat": Experiment(
        "What does a VAE of heartbeats know that a linear method does not?",
        cell,
        {
            **{f"find, d {d}": {"latent": d} for d in (2, 4, 8)},
            **{f"clean, {noise}": {"latent": 8, "noise": noise} for noise in NOISES},
            "208, d 2": {"record": "208"},
        },
        seeds=3,
    ),
    "heartbeat-trials": Experiment(
        "How long a code shall the cleaner have, asked of validation beats?",
        cell,
        {
            f"clean, white, d {d}, {steps} steps": {
                "latent": d,
                "noise": "white",
                "steps": steps,
                "split": "validation",
            }
            for d, steps in ((8, 2500), (16, 2500), (32, 2500))
        },
        seeds=1,
    ),
}
