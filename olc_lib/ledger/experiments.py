"""Measured again and again: a named grid of arms and seeds, and one small JSON file for every cell of it.

Tables, plots and verdicts of the book come from these files alone. What is measured stands in
:mod:`olc_lib.ledger.studies`; here is how it is run, stored and read.
"""

import datetime
import hashlib
import json
import math
import os
import platform
import re
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import filelock
import torch
from scipy import stats

from olc_lib import __version__, runs


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
    arms: dict[str, dict]
    seeds: int = 5


def place(experiment: str, arm: str, seed: int) -> Path:
    """Where a result is written: in ``$OLC_RUNS`` if set, else among the shipped ones.

    Args:
        experiment: its name.
        arm: of the experiment.
        seed: of the repetition.

    Returns:
        Path of the JSON file.
    """
    return runs.folders("experiments")[0] / experiment / f"{_slug(arm)}-{seed}.json"


def measure(name: str, experiment: Experiment, arm: str, seed: int, device: str = "cpu") -> dict | None:
    """Measure one cell of a grid, unless a file has it already or another process of this machine is at it.

    Args:
        name: of the experiment.
        experiment: its grid.
        arm: of the experiment.
        seed: of the repetition.
        device: where to train.

    Returns:
        The record: experiment, arm, seed, settings, results, provenance; ``None`` if another process measures
        it now. A file with other settings is measured again.

    Raises:
        ValueError: for an unknown arm.
    """
    if arm not in experiment.arms:
        raise ValueError(f"experiment {name!r} has no arm {arm!r}, expected one of {list(experiment.arms)}")
    settings = {"measure": experiment.measure.__name__, **experiment.arms[arm]}
    path = place(name, arm, seed)
    known = _parse(path) if path.exists() else None
    if known and known["settings"] == settings:
        return known
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        # A lock of the operating system: it ends with the process that holds it, however that ends.
        with filelock.FileLock(_lock(path), timeout=0):
            if path.exists() and _parse(path)["settings"] == settings:
                return _parse(path)  # measured by another process a moment ago
            began, busy = time.monotonic(), time.process_time()
            results = experiment.measure(seed=seed, device=device, **experiment.arms[arm])
            record = {
                "experiment": name,
                "arm": arm,
                "seed": seed,
                "settings": settings,
                "results": {key: _rounded(value) for key, value in results.items()},
                "provenance": {
                    "command": f'python -m olc_lib measure {name} --arm "{arm}" --seed {seed}',
                    "date": datetime.date.today().isoformat(),
                    "device": torch.cuda.get_device_name() if device.startswith("cuda") else platform.machine(),
                    "processor": _processor(),
                    "threads": torch.get_num_threads(),
                    "minutes": round((time.monotonic() - began) / 60, 2),
                    "cpu_minutes": round((time.process_time() - busy) / 60, 2),
                    "peak_mib": runs.peak_memory(device),
                    "torch": torch.__version__,
                    "olc_lib": __version__,
                },
            }
            temporary = path.with_suffix(".part")
            temporary.write_text(json.dumps(record) + "\n")
            os.replace(temporary, path)
    except filelock.Timeout:
        return None
    return record


def grid(
    name: str,
    experiment: Experiment,
    arms: Sequence[str] | None = None,
    seeds: Sequence[int] | None = None,
    device: str = "cpu",
) -> Iterator[str]:
    """Measure what is missing of a grid, seed after seed, so that an interrupted grid has whole rows.

    Args:
        name: of the experiment.
        experiment: its grid.
        arms: only these.
        seeds: only these.
        device: where to train.

    Yields:
        A line for each cell.
    """
    for seed in range(experiment.seeds) if seeds is None else seeds:
        for arm in arms or experiment.arms:
            record = measure(name, experiment, arm, seed, device)
            if record is None:
                yield f"{name} | {arm} | seed {seed}: another process is at it"
                continue
            numbers = {key: value for key, value in record["results"].items() if isinstance(value, int | float)}
            shown = ", ".join(f"{key} {value:g}" for key, value in list(numbers.items())[:6])
            yield f"{name} | {arm} | seed {seed}: {shown}"


def read(name: str) -> dict[str, list[dict]]:
    """All stored records of an experiment.

    Args:
        name: of the experiment.

    Returns:
        Arm to its records, seeds in order; a file in ``$OLC_RUNS`` goes before a shipped one.

    Raises:
        ValueError: if a file is damaged.
    """
    found: dict[tuple[str, int], dict] = {}
    for folder in runs.folders("experiments"):
        for path in sorted((folder / name).glob("*.json")):
            record = _parse(path)
            found.setdefault((record["arm"], record["seed"]), record)
    arms: dict[str, list[dict]] = {}
    for arm, seed in sorted(found, key=lambda key: key[1]):
        arms.setdefault(arm, []).append(found[arm, seed])
    return arms


def values(records: Sequence[dict], key: str) -> list[float]:
    """One result over the seeds.

    Args:
        records: of one arm, from :func:`read`.
        key: name of the result.

    Returns:
        A number per seed.

    Raises:
        KeyError: if a record has no such result.
    """
    return [record["results"][key] for record in records]


def interval(numbers: Sequence[float], level: float = 0.95) -> tuple[float, float, float]:
    """Mean over seeds, and Student's interval of that mean.

    Args:
        numbers: one a seed.
        level: confidence.

    Returns:
        ``(mean, low, high)``; with a single number the interval is infinitely wide.

    Raises:
        ValueError: if there are none.
    """
    count = len(numbers)
    if not count:
        raise ValueError("no numbers, expected at least one")
    mean = math.fsum(numbers) / count
    if count == 1:
        return mean, -math.inf, math.inf
    deviation = math.sqrt(math.fsum((x - mean) ** 2 for x in numbers) / (count - 1))
    half = float(stats.t.ppf(0.5 + level / 2, count - 1)) * deviation / math.sqrt(count)
    return mean, mean - half, mean + half


def difference(first: Sequence[dict], second: Sequence[dict], key: str) -> tuple[float, float, float]:
    """Paired by seed: how much larger a result is in one arm than in another.

    Args:
        first: records of one arm.
        second: records of the other.
        key: name of the result.

    Returns:
        ``(mean, low, high)`` of first minus second, over the seeds both have.

    Raises:
        ValueError: if they share no seed.
    """
    other = {record["seed"]: record["results"][key] for record in second}
    return interval([r["results"][key] - other[r["seed"]] for r in first if r["seed"] in other])


def _processor() -> str:
    """What the system calls its processor, with family and model, for makers do not always say more than their name."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").split("\n\n")[0].splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    about = {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in lines)}
    words = (
        about.get("model name", platform.machine()),
        *(f"{k} {about[k]}" for k in ("cpu family", "model") if k in about),
    )
    return ", ".join(words)


def _lock(path: Path) -> Path:
    """Beside other temporary files, so that no lock is left among the results."""
    return Path(tempfile.gettempdir()) / f"olc-{hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:16]}.lock"


def _slug(arm: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", arm.lower()).strip("-")


def _rounded(value):
    if isinstance(value, list):
        return [_rounded(item) for item in value]
    return float(f"{value:.5g}") if isinstance(value, float) else value


def _parse(path: Path) -> dict:
    try:
        record = json.loads(path.read_text())
        for key in ("arm", "seed", "settings", "results", "provenance"):
            record[key]
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{path} is no result of an experiment ({error!r}): delete it and measure again") from None
    return record
