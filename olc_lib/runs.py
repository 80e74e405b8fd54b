"""Named runs: trained once by ``python -m olc_lib train RUN``, read everywhere by :func:`olc_lib.stored.load`.

A run is a folder ``SYSTEM/RUN`` with ``run.json`` (settings, metrics, provenance), one safetensors file of weights a
model, ``history.safetensors`` (every term at every step) and ``arrays.safetensors`` (what figures need). How it is
made stands here, how it is read in :mod:`olc_lib.stored`.
"""

import hashlib
import json
import os
import shutil
import time
from pathlib import Path
from typing import Any

import joblib
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from . import provenance, systems
from .stored import Run, code, describe, folders, is_current, is_made, load, made, read_results, settings_of, vouch
from .systems import Models, Stage

__all__ = [
    "Run",
    "code",
    "describe",
    "folders",
    "is_current",
    "is_made",
    "load",
    "made",
    "read_results",
    "train",
    "train_model",
    "vouch",
]

FORMAT = 2


def train(
    run: str = "embedded",
    system: str = "placed",
    device: str | None = None,
    progress: bool | None = None,
    settings: Any = None,
    only: list[str] | None = None,
    jobs: int = 1,
) -> Run:
    """Train every model of a run, measure them on the test split, and store the run.

    Nothing is lost on the way: each model resumes from a file beside the run's folder, and the folder is
    replaced only when all is done.

    Args:
        run: name of the run.
        system: one of :data:`olc_lib.systems.NAMES`.
        device: ``None`` takes a GPU if there is one.
        progress: show progress bars; ``None`` shows them on a terminal or in a live notebook only.
        settings: to use in place of those that the system's ``SETTINGS`` have for ``run``.
        only: train these models and what they need, and leave the run unfinished for a later call.
        jobs: how many models that do not need each other are trained at a time, each in a process of one thread.

    Returns:
        The run, as :func:`olc_lib.stored.load` gives it; with ``only``, one that holds these models alone and is not
        stored.

    Raises:
        ValueError: for a system, a run or a model that does not exist.
    """
    module = systems.find(system)
    settings = settings or settings_of(module, run)
    device = device or ("cuda" if torch.cuda.is_available() else "cpu")
    folder = folders(f"{system}/{run}")[0]
    work = folder.with_name(folder.name + ".part")
    work.mkdir(parents=True, exist_ok=True)
    models, stages = module.build(settings), list(module.stages(settings))
    wanted = _wanted(stages, only)
    history, cost, left = {}, {}, []
    for stage in stages:
        if stage.model in wanted and _is_kept(work, stage, stages, settings):
            _take(work, stage.model, models, history, cost)
        elif stage.model in wanted:
            left.append(stage)
    while left:
        ready = [stage for stage in left if not {other.model for other in left} & set(stage.needs)]
        tasks = [(system, stage.model, settings, device, work, progress) for stage in ready]
        if jobs > 1 and len(ready) > 1:
            joblib.Parallel(jobs, inner_max_num_threads=1)(joblib.delayed(train_model)(*task) for task in tasks)
        else:
            for task in tasks:
                train_model(*task)
        for stage in ready:
            _take(work, stage.model, models, history, cost)
        left = [stage for stage in left if stage not in ready]
    if only is not None:
        return Run(run, system, work, settings, {}, history, {}, {name: models[name].eval() for name in wanted})
    _finish(module, run, system, settings, models, history, cost, work, folder, device)
    return load(run, system)


def train_model(
    system: str, model: str, settings: Any, device: str, work: Path, progress: bool | None = None
) -> dict[str, Tensor]:
    """Train one model of a run and leave it in the run's working folder, with its history and cost.

    Args:
        system: its name.
        model: its name; the models that it needs lie in the folder already.
        settings: of the run.
        device: where to train.
        work: the folder.
        progress: see :func:`olc_lib.train.fit`.

    Returns:
        The history, term to ``[steps]``.
    """
    module = systems.find(system)
    models, stages = module.build(settings), list(module.stages(settings))
    stage = next(stage for stage in stages if stage.model == model)
    for name in stage.needs:
        models[name].load_state_dict(load_file(work / f"{name}.safetensors"))
        models[name].eval()
    began, busy = time.monotonic(), time.process_time()
    if device.startswith("cuda"):
        torch.cuda.reset_peak_memory_stats()
    about = _about(stage, stages, settings)
    # Settings in the name: a half-trained state of other settings is never gone on with.
    key = hashlib.sha256(json.dumps(about).encode()).hexdigest()[:8]
    history = systems.fit_stage(stage, models, settings, device, work / f"{model}-{key}.resume", progress)
    cost = {
        "minutes": round((time.monotonic() - began) / 60, 2),
        "cpu_minutes": round((time.process_time() - busy) / 60, 2),
        "peak_mib": provenance.peak_memory(device),
    }
    save_file(history, work / f"{model}.history")
    save_file(models[model].to("cpu").state_dict(), work / f"{model}.safetensors")
    # Written last: it vouches for the rest.
    provenance.write(work / f"{model}.json", json.dumps({"settings": about, "cost": cost}))
    for state in work.glob(f"{model}-*.resume"):
        state.unlink()
    return history


def _wanted(stages: list[Stage], only: list[str] | None) -> list[str]:
    names = [stage.model for stage in stages]
    for name in only or ():
        if name not in names:
            raise ValueError(f"no model {name!r} in this run, expected one of {names}")
    wanted = set(names if only is None else only)
    for stage in reversed(stages):
        wanted |= set(stage.needs) if stage.model in wanted else set()
    return [name for name in names if name in wanted]


def _about(stage: Stage, stages: list[Stage], settings: Any) -> dict:
    """The settings that one model depends on: all but the trainings of models that it does not need."""
    needed = {stage.model}
    for other in reversed(stages):
        needed |= set(other.needs) if other.model in needed else set()
    foreign = {other.model for other in stages} - needed
    return {name: value for name, value in provenance.plain(settings).items() if name not in foreign}


def _is_kept(work: Path, stage: Stage, stages: list[Stage], settings: Any) -> bool:
    """Whether an earlier, interrupted call finished this model."""
    record = work / f"{stage.model}.json"
    return record.exists() and json.loads(record.read_text())["settings"] == _about(stage, stages, settings)


def _take(work: Path, model: str, models: Models, history: dict, cost: dict) -> None:
    models[model].load_state_dict(load_file(work / f"{model}.safetensors"))
    history[model] = load_file(work / f"{model}.history")
    cost[model] = json.loads((work / f"{model}.json").read_text())["cost"]


def _finish(
    module, run: str, system: str, settings: Any, models: Models, history: dict, cost: dict, work: Path, folder: Path,
    device: str,
) -> None:  # fmt: skip
    """Measure, write what is missing, and put the folder in its place."""
    measured, arrays = module.measure(models, settings, "test", device)
    results = {
        "format": FORMAT,
        "settings": provenance.plain(settings),
        "metrics": measured,
        "provenance": provenance.origin(device) | {"code": code(system, settings), "cost": cost},
    }
    for model in history:
        (work / f"{model}.json").unlink()
        (work / f"{model}.history").unlink()
    flat = {f"{model}/{term}": values for model, terms in history.items() for term, values in terms.items()}
    # A history is for drawing: half precision draws the same curve, and M, I and B follow from the settings.
    save_file({term: values.half() for term, values in flat.items()}, work / "history.safetensors")
    save_file(arrays, work / "arrays.safetensors")
    provenance.write(work / "run.json", json.dumps(results, indent=1) + "\n")
    old = folder.with_name(folder.name + ".old")
    if folder.exists():
        os.replace(folder, old)
    os.replace(work, folder)
    shutil.rmtree(old, ignore_errors=True)
