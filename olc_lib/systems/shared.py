"""What systems share: models that start from a seed alone, and runs of several models of one kind, their members.

Nobody has to use it: a system is what :mod:`olc_lib.systems` says, however it is written. A system of several models
describes one of them by a dataclass ``class Member(AnyMember)``, and its settings, ``class Settings(HasMembers)``, have
a field for each.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import torch
from torch import Tensor, nn

from olc_lib.train import Loss, Turn

from . import Models, Stage, fit_stage

Model = TypeVar("Model", bound=nn.Module)


class AnyMember:
    """Base of what describes one model of a run."""


class HasMembers:
    """Base of the settings of a run that has a field for each of its models."""

    def members(self) -> dict[str, Any]:
        """Model name to its member."""
        return {name: member for name, member in vars(self).items() if isinstance(member, AnyMember)}


def fresh(seed: int, make: Callable[..., Model], *arguments: Any, **options: Any) -> Model:
    """A model that starts from a seed alone, whatever else is built; torch's global generator stays as it was.

    Args:
        seed: of the weights.
        make: the model's class, or a function that makes one.
        *arguments: of ``make``.
        **options: likewise.

    Returns:
        The model.
    """
    with torch.random.fork_rng([]):
        torch.manual_seed(seed)
        return make(*arguments, **options)


def stage_each(
    settings: Any, prepare: Callable[[Any, Any, str], tuple[Loss | Sequence[Turn], Mapping[str, Tensor]]]
) -> list[Stage]:
    """One stage a member; none needs another.

    Args:
        settings: of the run, with ``members()`` and one ``training`` for all.
        prepare: ``prepare(model, settings, device) -> (loss or turns, data)``, see
            :class:`olc_lib.systems.Stage`.

    Returns:
        Stages.
    """

    def of(name):
        return lambda models, settings, device: prepare(models[name], settings, device)

    return [Stage(name, settings.training, (), of(name)) for name in settings.members()]


def trained(
    build: Callable[[Any], Models], stages: Callable[[Any], Sequence[Stage]], settings: Any, device: str = "cpu"
) -> Models:
    """All models of a run, trained quietly; nothing is stored.

    Args:
        build: of the system.
        stages: of the system.
        settings: of the run.
        device: where to train.

    Returns:
        Name to model, on the CPU.
    """
    models = build(settings)
    for stage in stages(settings):
        fit_stage(stage, models, settings, device, progress=False)
    return models
