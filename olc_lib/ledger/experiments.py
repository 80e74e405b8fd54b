"""Repeated measurements: a named grid of arms and seeds, and one small JSON file for every cell of it.

Tables, plots and verdicts of the book come from these files alone. What is measured stands in
the EXPERIMENTS of the systems and of the modules in :data:`OWN`; here is how it is run, stored and read.
"""

import hashlib
import importlib
import json
import math
import re
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import filelock
import joblib
from scipy import stats

from olc_lib import provenance, runs, systems
from olc_lib.systems import Experiment

_ROOMS = (
    "paper_experiments", "raw_experiments", "clean_experiments", "stranger_experiments", "slim_again", "people",
    "peers", "speed", "search", "interpolation",
)  # fmt: skip
#: Modules with experiments, beside those that the systems have of their own.
OWN = tuple(f"olc_lib.ledger.{room}" for room in _ROOMS)


def known() -> dict[str, Experiment]:
    """All experiments: the ledger's own, and those of every system.

    Returns:
        Name to experiment.
    """
    found: dict[str, Experiment] = {}
    for module in (*map(importlib.import_module, OWN), *map(systems.find, systems.NAMES)):
        found |= module.EXPERIMENTS
    return found


def find(name: str) -> Experiment:
    """One experiment.

    Args:
        name: of it.

    Returns:
        Its grid.

    Raises:
        ValueError: if there is none of this name.
    """
    if name not in (found := known()):
        raise ValueError(f"no experiment {name!r}, expected one of {list(found)}")
    return found[name]


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


def measure(
    name: str, experiment: Experiment, arm: str, seed: int,
    device: str = "cpu", stale: bool = False, path: Path | None = None,
) -> dict | None:  # fmt: skip
    """Measure one cell of a grid, unless a file has it already or another process of this machine is measuring it.

    Args:
        name: of the experiment.
        experiment: its grid.
        arm: of the experiment.
        seed: of the repetition.
        device: where to train.
        stale: measure again what other code than today's has measured.
        path: of the file; ``None`` for :func:`place`.

    Returns:
        The record: experiment, arm, seed, settings, results, provenance; ``None`` if another process measures
        it now. A file with other settings is measured again.

    Raises:
        ValueError: for an unknown arm.
    """
    if arm not in experiment.arms:
        raise ValueError(f"experiment {name!r} has no arm {arm!r}, expected one of {list(experiment.arms)}")
    settings, code = _settings(experiment, arm), _code(experiment, arm)
    path = path or place(name, arm, seed)

    def stored() -> dict | None:
        record = _parse(path) if path.exists() else None
        fits = record and record["settings"] == settings and not (stale and record["provenance"].get("code") != code)
        return record if fits else None

    if found := stored():
        return found
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        # A lock of the operating system: it ends with the process that holds it, however that ends.
        with filelock.FileLock(_lock(path), timeout=0):
            if found := stored():
                return found  # measured by another process a moment ago
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
                    **provenance.origin(device),
                    "code": code,
                    "minutes": round((time.monotonic() - began) / 60, 2),
                    "cpu_minutes": round((time.process_time() - busy) / 60, 2),
                    "peak_mib": provenance.peak_memory(device),
                },
            }
            provenance.write(path, json.dumps(record) + "\n")
    except filelock.Timeout:
        return None
    return record


def grid(
    name: str,
    experiment: Experiment,
    arms: Sequence[str] | None = None,
    seeds: Sequence[int] | None = None,
    device: str = "cpu",
    jobs: int = 1,
    stale: bool = False,
) -> Iterator[str]:
    """Measure what is missing of a grid, seed after seed, so that an interrupted grid has whole rows.

    Args:
        name: of the experiment.
        experiment: its grid.
        arms: only these.
        seeds: only these.
        device: where to train.
        jobs: cells at a time, each in a process of one thread, by joblib: inside ``joblib.parallel_config`` of a
            cluster engine the cells go to the cluster.
        stale: see :func:`measure`.

    Yields:
        A line for each cell, as it is done.
    """
    # The place is decided here: a process that works for us may have another environment.
    cells = [
        (name, experiment, arm, seed, device, stale, place(name, arm, seed))
        for seed in (range(experiment.seeds) if seeds is None else seeds)
        for arm in arms or experiment.arms
    ]
    if jobs == 1:
        yield from (_cell(*cell) for cell in cells)
        return
    parallel = joblib.Parallel(jobs, return_as="generator_unordered", inner_max_num_threads=1)
    yield from parallel(joblib.delayed(_cell)(*cell) for cell in cells)


def _cell(name: str, experiment: Experiment, arm: str, seed: int, device: str, stale: bool, path: Path) -> str:
    record = measure(name, experiment, arm, seed, device, stale, path)
    if record is None:
        return f"{name} | {arm} | seed {seed}: another process is at it"
    numbers = {key: value for key, value in record["results"].items() if isinstance(value, int | float)}
    shown = ", ".join(f"{key} {value:g}" for key, value in list(numbers.items())[:6])
    return f"{name} | {arm} | seed {seed}: {shown}"


def stale(name: str, experiment: Experiment | None = None) -> list[str]:
    """Results of an experiment that other code than today's has measured.

    Args:
        name: of the experiment.
        experiment: its grid; ``None`` looks it up.

    Returns:
        A line for each: arm, seed, date.
    """
    experiment = experiment or known().get(name)
    records = [record for line in _read(name).values() for record in line]
    return [
        f"{name} | {record['arm']} | seed {record['seed']}: {record['provenance'].get('date', 'no date')}"
        for record in records
        if experiment is None
        or record["arm"] not in experiment.arms
        or record["provenance"].get("code") != _code(experiment, record["arm"])
    ]


def vouch(name: str, why: str) -> str:
    """Declare that results of an experiment which other code has measured would be the same with today's.

    The reason is stored with each of them, beside the digest of the code that measured it.

    Args:
        name: of the experiment.
        why: for instance ``"a constant was renamed"``.

    Returns:
        How many there were.
    """
    experiment, count = find(name), 0
    for arm, records in _read(name).items():
        for record in records:
            code = _code(experiment, arm) if arm in experiment.arms else None
            if code and record["provenance"].get("code") != code:
                provenance.vouch(record["provenance"], code, why)
                record["settings"] = _settings(experiment, arm)
                provenance.write(place(name, arm, record["seed"]), json.dumps(record) + "\n")
                count += 1
    return f"{name}: vouched for {count} results"


def read(name: str, quiet: bool = False) -> dict[str, list[dict]]:
    """All stored records of an experiment.

    Args:
        name: of the experiment.
        quiet: do not say how many of them other code than today's has measured.

    Returns:
        Arm to its records, seeds in order; a file in ``$OLC_RUNS`` goes before a shipped one.

    Raises:
        ValueError: if a file is damaged.
    """
    arms = _read(name)
    if not quiet and (old := stale(name)):
        total = sum(map(len, arms.values()))
        print(f"{name}: {len(old)} of {total} results were measured by earlier code than this")
    return arms


def _read(name: str) -> dict[str, list[dict]]:
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


def _settings(experiment: Experiment, arm: str) -> dict:
    return provenance.plain({"measure": experiment.measure, **experiment.arms[arm]})


def _code(experiment: Experiment, arm: str) -> str:
    return provenance.digest(experiment.measure, *provenance.functions_in(experiment.arms[arm]))


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
