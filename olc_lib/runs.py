"""Named runs: trained once by ``python -m olc_lib train NAME``, read everywhere by :func:`load`.

A run is a folder with ``results.json`` (settings, metrics, provenance), one safetensors file of weights per
model, ``history.safetensors`` (every term at every step) and ``arrays.safetensors`` (what figures need).
"""

import dataclasses
import datetime
import hashlib
import json
import os
import platform
import shutil
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from . import __version__
from .evaluation import evaluate
from .frontend import LogMel
from .networks import VAE, Judge
from .recipes import MODELS, SETTINGS, Part, Settings, build, corpora, fit_part
from .transfer import Bridge

try:
    import resource
except ModuleNotFoundError:  # Windows
    resource = None


@dataclass
class Run:
    """A trained run, as :func:`load` gives it: models in evaluation mode on the CPU, and their record."""

    name: str
    folder: Path
    settings: Settings
    results: dict
    history: dict[str, dict[str, Tensor]]
    arrays: dict[str, Tensor]
    judge: Judge
    listener: Judge
    image: VAE
    voice: VAE
    raw: VAE
    bridge: Bridge

    @property
    def front(self) -> LogMel:
        """The log-mel front end of the voice model."""
        return self.settings.front


def folders(name: str) -> list[Path]:
    """Where a run may be, first place first: ``$OLC_RUNS`` if set, then the package's own ``trained``.

    Args:
        name: of the run.

    Returns:
        One or two paths; a run is written to the first.
    """
    places = [Path(os.environ["OLC_RUNS"])] if os.environ.get("OLC_RUNS") else []
    return [place / name for place in (*places, Path(__file__).parent / "trained")]


def train(name: str, device: str | None = None, progress: bool | None = None, settings: Settings | None = None) -> Run:
    """Train every model of a run, measure them on the test splits, and store the run.

    Nothing is lost on the way: each model resumes from a file beside the run's folder, and the folder is
    replaced only when all is done.

    Args:
        name: ``"embedded"``, ``"slim"`` or ``"paper"``, or any name if ``settings`` are given.
        device: ``None`` takes a GPU if there is one.
        progress: show progress bars; ``None`` shows them on a terminal or in a live notebook only.
        settings: other settings than :data:`olc_lib.recipes.SETTINGS` has for ``name``.

    Returns:
        The run, as :func:`load` gives it.

    Raises:
        ValueError: for a name without settings.
    """
    settings = settings or _settings(name)
    device = device or ("cuda" if torch.cuda.is_available() else "cpu")
    folder = folders(name)[0]
    work = folder.with_name(folder.name + ".part")
    work.mkdir(parents=True, exist_ok=True)
    models, history, cost = build(settings), {}, {}
    given = corpora(settings, "train")
    for part in MODELS:
        weights, record = work / f"{part}.safetensors", work / f"{part}.json"
        about = _about(settings, part)
        if record.exists() and json.loads(record.read_text())["settings"] == about:
            models[part].load_state_dict(load_file(weights))  # an earlier, interrupted call finished this one
            history[part] = load_file(work / f"{part}.history")
            cost[part] = json.loads(record.read_text())["cost"]
            continue
        began, busy = time.monotonic(), time.process_time()
        if device.startswith("cuda"):
            torch.cuda.reset_peak_memory_stats()
        # Settings in the name: a half-trained state of other settings is never gone on with.
        resume = work / f"{part}-{hashlib.sha256(json.dumps(about).encode()).hexdigest()[:8]}.resume"
        history[part] = fit_part(part, models, settings, given, device, resume, progress)
        models[part].to("cpu")
        cost[part] = {
            "minutes": round((time.monotonic() - began) / 60, 2),
            "cpu_minutes": round((time.process_time() - busy) / 60, 2),
            "peak_mib": peak_memory(device),
        }
        save_file(history[part], work / f"{part}.history")
        save_file(models[part].state_dict(), weights)
        record.write_text(json.dumps({"settings": about, "cost": cost[part]}))  # written last: it vouches for the rest
        for state in work.glob(f"{part}-*.resume"):
            state.unlink()

    measured, arrays = evaluate(models, settings, "test", device)
    results = {
        "settings": dataclasses.asdict(settings),
        "metrics": measured,
        "provenance": {
            "date": datetime.date.today().isoformat(),
            "device": torch.cuda.get_device_name()
            if device.startswith("cuda")
            else f"{torch.get_num_threads()} CPU threads",
            "machine": platform.machine(),
            "torch": torch.__version__,
            "olc_lib": __version__,
            "seed": settings.seed,
            "cost": cost,
        },
    }
    for part in MODELS:
        (work / f"{part}.json").unlink()
        (work / f"{part}.history").unlink()
    flat = {f"{part}/{term}": values for part, terms in history.items() for term, values in terms.items()}
    # A history is for drawing: half precision draws the same curve, and M, I and B follow from the settings.
    save_file({term: values.half() for term, values in flat.items()}, work / "history.safetensors")
    save_file(arrays, work / "arrays.safetensors")
    (work / "results.json").write_text(json.dumps(results, indent=1) + "\n")
    old = folder.with_name(folder.name + ".old")
    if folder.exists():
        os.replace(folder, old)
    os.replace(work, folder)
    shutil.rmtree(old, ignore_errors=True)
    return load(name)


def load(name: str = "embedded", quiet: bool = False) -> Run:
    """Read a run and say in one line what it is.

    Args:
        name: of the run.
        quiet: say nothing.

    Returns:
        The run, models ready to use.

    Raises:
        FileNotFoundError: if there is no such run, or only its results, with the command that makes it.
        ValueError: if it is damaged.
    """
    results = read_results(name)
    folder = next(place for place in folders(name) if (place / "results.json").exists())
    bare = [part for part in MODELS if not (folder / f"{part}.safetensors").exists()]
    if len(bare) == len(MODELS):
        raise FileNotFoundError(f"the run in {folder} came without its weights: `{_command(name)}` makes them")
    try:
        settings = _from_dict(results["settings"])
        models = build(settings)
        for part, module in models.items():
            module.load_state_dict(load_file(folder / f"{part}.safetensors"))
            module.eval()
        flat, arrays = load_file(folder / "history.safetensors"), load_file(folder / "arrays.safetensors")
    except (ValueError, KeyError, TypeError, RuntimeError, OSError, SafetensorError) as error:
        raise _damaged(folder, error) from None
    history: dict[str, dict[str, Tensor]] = {part: {} for part in MODELS}
    for key, values in flat.items():
        part, term = key.split("/", 1)
        history[part][term] = values.float()
    run = Run(name, folder, settings, results, history, arrays, **models)
    if not quiet:
        print(describe(name, results))
    return run


def is_made(name: str) -> bool:
    """Whether a run lies complete, weights and all, where :func:`train` would write it, made with today's settings.

    Precision aside: a card without bfloat16 makes the same run in float32.

    Args:
        name: of the run.

    Returns:
        ``False`` also if it is damaged.
    """
    folder = folders(name)[0]
    if not all((folder / f"{part}.safetensors").exists() for part in MODELS):
        return False
    try:
        found = _from_dict(json.loads((folder / "results.json").read_text())["settings"])
        return dataclasses.replace(found, precision=_settings(name).precision) == _settings(name)
    except (OSError, ValueError, KeyError, TypeError):
        return False


def read_results(name: str) -> dict:
    """Settings, metrics and provenance of a run, be its weights there or not.

    Args:
        name: of the run.

    Returns:
        What ``results.json`` holds.

    Raises:
        FileNotFoundError: if there is no such run, with the command that makes it.
        ValueError: if it is damaged.
    """
    folder = next((place for place in folders(name) if (place / "results.json").exists()), None)
    if folder is None:
        looked = " or ".join(str(place) for place in folders(name))
        raise FileNotFoundError(f"no run {name!r} in {looked}: make it with `{_command(name)}`")
    try:
        return json.loads((folder / "results.json").read_text())
    except ValueError as error:
        raise _damaged(folder, error) from None


def describe(name: str, results: dict) -> str:
    """One line on where a run comes from and what it took.

    Args:
        name: of the run.
        results: as :func:`read_results` gives them.

    Returns:
        The line; it says so if older code made the run.
    """
    origin, settings = results["provenance"], results["settings"]
    age = "" if origin["olc_lib"] == __version__ else f" (older code; this is {__version__})"
    memory = max(part.get("peak_mib") or 0 for part in origin["cost"].values())
    return (
        f"run {name!r}: {settings['voices']} voices, {settings['images']} images, width {settings['width']:g}; "
        f"made on {origin['date']} with olc_lib {origin['olc_lib']}{age}, torch {origin['torch']}, "
        f"{origin['device']}, seed {origin['seed']}, "
        f"{sum(part['minutes'] for part in origin['cost'].values()):.1f} minutes"
        + (f", at most {memory} MiB of memory" if memory else "")
    )


def peak_memory(device: str) -> int | None:
    """The most memory that was in use.

    Args:
        device: a GPU's own memory since its peak was last reset, or this process's since it began.

    Returns:
        MiB, or ``None`` where the system does not say (Windows).
    """
    if device.startswith("cuda"):
        return torch.cuda.max_memory_allocated() // 2**20
    if resource is None:
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak // (2**20 if sys.platform == "darwin" else 2**10)


def _command(name: str) -> str:
    return f"python -m olc_lib train {name}"


def _damaged(folder: Path, error: Exception) -> ValueError:
    reason = str(error).splitlines()[0]
    return ValueError(f"the run in {folder} is damaged or of another version ({reason}): make it again")


def _settings(name: str) -> Settings:
    if name not in SETTINGS:
        raise ValueError(f"no settings for a run {name!r}, expected one of {list(SETTINGS)}")
    return SETTINGS[name]


def _about(settings: Settings, part: str) -> dict:
    """The settings that one model of a run depends on, as JSON gives them back."""
    stored = dataclasses.asdict(settings)
    others = set() if part == "bridge" else {*MODELS} - {part}
    return {name: value for name, value in stored.items() if name not in others}


def _from_dict(stored: dict) -> Settings:
    parts = {part: Part(**stored[part]) for part in MODELS}
    return Settings(**(stored | parts | {"front": LogMel(**stored["front"])}))
