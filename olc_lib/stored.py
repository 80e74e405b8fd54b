"""Runs on disk: where they lie, what they hold, which code made them."""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from . import provenance, systems
from .systems import Models
from .train import fit


@dataclass
class Run:
    """A trained run, as :func:`load` gives it: models in evaluation mode on the CPU, and their record.

    A model can be read as an attribute, ``run.image``, and so can the front end, ``run.spectrogram``.
    """

    name: str
    system: str
    folder: Path
    settings: Any
    results: dict
    history: dict[str, dict[str, Tensor]]
    arrays: dict[str, Tensor]
    models: Models

    def __getattr__(self, name: str) -> Any:
        models = self.__dict__.get("models", {})
        if name in models:
            return models[name]
        if name == "spectrogram" and "settings" in self.__dict__:
            return self.settings.spectrogram
        raise AttributeError(f"run has no model {name!r}, expected one of {list(models)}")


def folders(name: str) -> list[Path]:
    """Where results may be, first place first: ``$OLC_RUNS`` if set, then the package's own ``trained``.

    Args:
        name: path below, such as ``"placed/slim"``.

    Returns:
        One or two paths; results are written to the first.
    """
    places = [Path(os.environ["OLC_RUNS"])] if os.environ.get("OLC_RUNS") else []
    return [place / name for place in (*places, Path(__file__).parent / "trained")]


def load(run: str = "embedded", system: str = "placed", only: list[str] | None = None, quiet: bool = False) -> Run:
    """Read a run and say in one line what it is.

    Args:
        run: its name.
        system: its system.
        only: read the weights of these models alone; of none (``[]``), and a run without its weights is read, too.
        quiet: say nothing.

    Returns:
        The run, models ready to use.

    Raises:
        FileNotFoundError: if there is no such run, or only its results, with the command that makes it.
        ValueError: if it is damaged.
    """
    results = read_results(run, system)
    module, name = systems.find(system), f"{system}/{run}"
    folder = next(place for place in folders(name) if (place / "run.json").exists())
    try:
        settings = provenance.restore(_kind(module), results["settings"])
        models = module.build(settings) if only != [] else {}
        wanted = list(models if only is None else only)
        if models and not any((folder / f"{model}.safetensors").exists() for model in models):
            raise FileNotFoundError(
                f"the run in {folder} came without its weights: `{_command(run, system)}` makes them"
            )
        models = {model: _loaded(models[model], folder / f"{model}.safetensors") for model in wanted}
        flat, arrays = load_file(folder / "history.safetensors"), load_file(folder / "arrays.safetensors")
    except FileNotFoundError as error:
        if "came without" in str(error):
            raise
        raise _damaged(folder, error) from None
    except (ValueError, KeyError, TypeError, RuntimeError, OSError, SafetensorError, AttributeError) as error:
        raise _damaged(folder, error) from None
    history: dict[str, dict[str, Tensor]] = {stage.model: {} for stage in module.stages(settings)}
    for key, values in flat.items():
        model, term = key.split("/", 1)
        history.setdefault(model, {})[term] = values.float()
    if not quiet:
        print(describe(run, results, system))
    return Run(run, system, folder, settings, results, history, arrays, models)


def is_made(run: str, system: str = "placed") -> bool:
    """Whether a run lies complete where :func:`olc_lib.runs.train` would write it, made with today's settings.

    Complete means with its weights. The precision is not compared: a GPU without bfloat16 trains in float32.

    Args:
        run: its name.
        system: its system.

    Returns:
        ``False`` also if it is damaged.
    """
    module = systems.find(system)
    folder, today = folders(f"{system}/{run}")[0], provenance.plain(settings_of(module, run))
    if not all((folder / f"{stage.model}.safetensors").exists() for stage in module.stages(settings_of(module, run))):
        return False
    try:
        found = json.loads((folder / "run.json").read_text())["settings"]
        return found | {"precision": 0} == today | {"precision": 0}
    except (OSError, ValueError, KeyError, TypeError):
        return False


def read_results(run: str, system: str = "placed") -> dict:
    """Settings, metrics and provenance of a run, without its models (some are too large to ship).

    Args:
        run: its name.
        system: its system.

    Returns:
        What ``run.json`` holds.

    Raises:
        FileNotFoundError: if there is no such run, with the command that makes it.
        ValueError: if it is damaged.
    """
    places = folders(f"{system}/{run}")
    folder = next((place for place in places if (place / "run.json").exists()), None)
    if folder is None:
        looked = " or ".join(str(place) for place in places)
        raise FileNotFoundError(f"no run {run!r} in {looked}: make it with `{_command(run, system)}`")
    try:
        results = json.loads((folder / "run.json").read_text())
        for key in ("settings", "metrics", "provenance"):
            results[key]
        return results
    except (ValueError, KeyError, TypeError) as error:
        raise _damaged(folder, error) from None


def code(system: str, settings: Any = ()) -> str:
    """The digest of all code that a run of a system depends on, see :func:`olc_lib.provenance.digest`.

    Args:
        system: its name.
        settings: those of the run: the functions that they mention count.

    Returns:
        Sixteen hexadecimal digits.
    """
    module = systems.find(system)
    return provenance.digest(module.build, module.stages, module.measure, fit, *provenance.functions_in(settings))


def is_current(run: str, system: str = "placed") -> bool:
    """Whether today's code would make this run.

    Args:
        run: its name.
        system: its system.

    Returns:
        ``False`` if a function, class or constant that the run depends on has changed since.
    """
    results = read_results(run, system)
    return results["provenance"]["code"] == _code_of(system, results)


def made() -> list[tuple[str, str]]:
    """All stored runs.

    Returns:
        Pairs of system and run.
    """
    return [
        (name, file.parent.name)
        for name in systems.NAMES
        for place in folders(name)
        for file in sorted(place.glob("*/run.json"))
    ]


def vouch(run: str, system: str, why: str) -> str:
    """Declare that today's code would make a stored run as it is; the reason is stored with it.

    Args:
        run: its name.
        system: its system.
        why: for instance ``"a constant was renamed"``.

    Returns:
        What was done.
    """
    results = read_results(run, system)
    folder = next(place for place in folders(f"{system}/{run}") if (place / "run.json").exists())
    provenance.vouch(results["provenance"], _code_of(system, results), why)
    provenance.write(folder / "run.json", json.dumps(results, indent=1) + "\n")
    return f"{system}/{run}: vouched for"


def describe(run: str, results: dict, system: str = "placed") -> str:
    """One line on where a run comes from and what it took.

    Args:
        run: its name.
        results: as :func:`read_results` gives them.
        system: its system.

    Returns:
        The line; it says so if other code than today's made the run.
    """
    made, settings = results["provenance"], results["settings"]
    other = "" if made["code"] == _code_of(system, results) else ", by earlier code than this"
    names = ("voices", "images", "corpus", "scene", "width")
    about = ", ".join(f"{name} {settings[name]:g}" if name == "width" else f"{settings[name]} {name}"
                      for name in names if name in settings)  # fmt: skip
    minutes = sum(part["minutes"] for part in made["cost"].values())
    return (
        f"run {run!r}{f' of {system}' if system != 'placed' else ''}: {about}; "
        f"made on {made['date']}{other}, seed {settings['seed']}, {made['device']}, {minutes:.1f} minutes"
    )


def _code_of(system: str, results: dict) -> str:
    try:
        return code(system, provenance.restore(_kind(systems.find(system)), results["settings"]))
    except (TypeError, ValueError, AttributeError, KeyError):
        return "unknown"  # settings of another version: other code, whatever it was


def _kind(module) -> type:
    return type(next(iter(module.SETTINGS.values())))


def settings_of(module, run: str) -> Any:
    """The settings that a system has for a run.

    Args:
        module: the system.
        run: its name.

    Returns:
        One of the system's ``SETTINGS``.

    Raises:
        ValueError: if it has none of this name.
    """
    if run not in module.SETTINGS:
        raise ValueError(f"no settings for a run {run!r}, expected one of {list(module.SETTINGS)}")
    return module.SETTINGS[run]


def _command(run: str, system: str) -> str:
    return f"python -m olc_lib train {run}" + (f" --system {system}" if system != "placed" else "")


def _damaged(folder: Path, error: Exception) -> ValueError:
    reason = str(error).splitlines()[0]
    return ValueError(f"the run in {folder} is damaged or of another version ({reason}): make it again")


def _loaded(module: nn.Module, file: Path) -> nn.Module:
    state = {name: values.float() if values.is_floating_point() else values for name, values in load_file(file).items()}
    module.load_state_dict(state)
    return module.eval()
