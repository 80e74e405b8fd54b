"""What every system of the book offers, so that one loop, one folder format and one grid serve them all.

A system is a module of this package (see :data:`NAMES`) with these names, a protocol and no base class::

    SETTINGS: dict[str, Settings]            # run name -> a frozen dataclass of the system's own
    EXPERIMENTS: dict[str, Experiment]       # what the ledger measures of it; may be empty
    def build(settings) -> dict[str, nn.Module]                        # freshly initialised from settings.seed
    def stages(settings) -> Sequence[Stage]                            # in the order they are trained
    def measure(models, settings, split, device="cpu") -> (metrics, arrays)

What several of them need to keep it, and a system to come may use, stands in :mod:`.shared`.
"""

import importlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

from torch import Tensor, nn

from olc_lib.train import Loss, Turn, fit

#: The systems, in the order in which the book meets them; each is a module or a package of this package.
NAMES = (
    "placed", "placed_pair", "classified", "conditional", "multivae", "fhvae", "sdm", "dual", "family", "joined",
    "separation", "surface", "heartbeat", "letter", "free", "third",
)  # fmt: skip

Models = dict[str, nn.Module]


@dataclass(frozen=True)
class Training:
    """How one model is trained; passed on to :func:`olc_lib.train.fit`.

    Args:
        steps: of the optimizer.
        batch_size: items a step.
        lr: peak learning rate.
        weight_decay: decoupled weight decay.
    """

    steps: int
    batch_size: int = 64
    lr: float = 4e-3
    weight_decay: float = 1e-4


@dataclass(frozen=True)
class Stage:
    """One call of :func:`olc_lib.train.fit`.

    Args:
        model: name of the model that is trained, a key of what ``build`` gives.
        training: steps, batch size, rate.
        needs: names of the models that ``prepare`` reads, so that it is known what must be trained first, and
            again after them.
        prepare: ``prepare(models, settings, device) -> (loss or turns, data)``, the first two arguments of
            ``fit`` after the module; ``data`` maps names to tensors ``[N, ...]``.
    """

    model: str
    training: Training
    needs: tuple[str, ...]
    prepare: Callable[[Models, Any, str], tuple[Loss | Sequence[Turn], Mapping[str, Tensor]]]


@dataclass(frozen=True)
class Experiment:
    """A question, and the grid that answers it.

    Args:
        question: one sentence.
        measure: ``measure(seed=..., device=..., **settings) -> {name: number or list}``.
        arms: arm name to its ``settings``.
        seeds: how many repetitions, seeds 0, 1, ...
    """

    question: str
    measure: Callable[..., dict]
    arms: dict[str, dict] = field(default_factory=dict)
    seeds: int = 5


def fit_stage(
    stage: Stage,
    models: Models,
    settings: Any,
    device: str = "cpu",
    resume: Path | None = None,
    progress: bool | None = None,
    **options: Any,
) -> dict[str, Tensor]:
    """Train one model in place, nothing stored.

    Args:
        stage: which, and how.
        models: all models of the system; those that the stage needs are trained.
        settings: of the run.
        device: where to train; the models are on the CPU afterwards.
        resume: see :func:`olc_lib.train.fit`.
        progress: likewise.
        **options: of :func:`olc_lib.train.fit`.

    Returns:
        The history, term to ``[steps]``.
    """
    loss, tensors = stage.prepare(models, settings, device)
    training = stage.training
    history = fit(
        models[stage.model], loss, tensors, training.steps, batch_size=training.batch_size, lr=training.lr,
        weight_decay=training.weight_decay, seed=settings.seed, device=device,
        precision=getattr(settings, "precision", "float32"), resume=resume, label=stage.model, progress=progress,
        **options,
    )  # fmt: skip
    for name in (stage.model, *stage.needs):
        models[name].to("cpu")
    return history


def find(name: str) -> ModuleType:
    """The module of a system; only this one is imported.

    Args:
        name: one of :data:`NAMES`.

    Returns:
        The module.

    Raises:
        ValueError: for an unknown name.
    """
    if name not in NAMES:
        raise ValueError(f"no system {name!r}, expected one of {list(NAMES)}")
    return importlib.import_module(f"{__name__}.{name}")
