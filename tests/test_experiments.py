"""Measured again and again: the grid is run, stored, found again and counted right; and what is measured is sound."""

import dataclasses
import importlib
import inspect
import json
import math
import os
import shlex
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import joblib
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import t as student
from test_runs import TINY
from torch import nn

import olc_lib.__main__ as command_line
from conftest import ROOT
from olc_lib import data, metrics, provenance, stored, systems
from olc_lib.ledger import experiments, paper_experiments, raw_experiments
from olc_lib.normalize import standard_deviation
from olc_lib.reading import batched
from olc_lib.systems import Experiment, placed
from olc_lib.systems.placed import Training

EXPERIMENTS = experiments.known()
few = settings(derandomize=True, max_examples=25, deadline=None, database=None)
numbers = st.lists(st.floats(-100, 100), min_size=2, max_size=8)
SHIPPED = Path(stored.__file__).parent / "trained" / "experiments"
EXPERIMENTS = experiments.known()


# --- a grid and its files --------------------------------------------------------------------------------


class Toy:
    """A grid whose measure counts its calls, and can be told to fail."""

    def __init__(self):
        self.calls, self.error = [], None

        def measure(seed, device="cpu", gain=1.0):
            self.calls.append((gain, seed, device))
            if self.error:
                raise self.error
            score = gain * (seed + 1) / 3
            return {"score": score, "hits": seed, "curve": [1 / 3, None, {"deep": 1}], "curves": {"a": [1]}}

        self.measure = measure

    def experiment(self, **arms):
        arms = arms or {"as built": {}, "Louder, by far": {"gain": 2.0}}
        return Experiment("How large is it?", self.measure, arms, seeds=2)


@pytest.fixture
def toy():
    return Toy()


@pytest.fixture
def place(monkeypatch, tmp_path):
    """$OLC_RUNS, and beside it a package that ships nothing yet."""
    monkeypatch.setenv("OLC_RUNS", str(tmp_path / "own"))
    monkeypatch.setattr(stored, "__file__", str(tmp_path / "package" / "stored.py"))
    return tmp_path


def names(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_one_file_for_every_cell(place, toy):
    grid = toy.experiment()
    lines = list(experiments.grid("toy", grid))
    assert toy.calls == [(1.0, 0, "cpu"), (2.0, 0, "cpu"), (1.0, 1, "cpu"), (2.0, 1, "cpu")]  # seed after seed
    files = [f"own/experiments/toy/{arm}-{seed}.json" for arm in ("as-built", "louder-by-far") for seed in (0, 1)]
    assert names(place) == files
    assert lines[0] == "toy | as built | seed 0: score 0.33333, hits 0"
    assert experiments.place("toy", "Louder, by far", 1) == place / files[3]
    record = json.loads((place / files[3]).read_text())
    assert {key: record[key] for key in ("experiment", "arm", "seed")} == {
        "experiment": "toy", "arm": "Louder, by far", "seed": 1,
    }  # fmt: skip
    assert record["settings"] == provenance.plain({"measure": toy.measure, "gain": 2.0})
    assert record["results"]["score"] == 1.3333 and record["results"]["hits"] == 1  # five digits
    assert record["results"]["curve"] == [0.33333, None, {"deep": 1}] and record["results"]["curves"] == {"a": [1]}
    told = {"command", "date", "device", "minutes", "cpu_minutes", "torch", "olc_lib", "code"}
    assert record["provenance"].keys() >= told


def test_what_is_there_is_not_measured_again(place, toy):
    grid = toy.experiment()
    first = [experiments.measure("toy", grid, "as built", seed) for seed in (0, 1)]
    assert [experiments.measure("toy", grid, "as built", seed) for seed in (0, 1)] == first
    assert list(experiments.grid("toy", grid, arms=["as built"])) == list(experiments.grid("toy", grid, ["as built"]))
    assert len(toy.calls) == 2


def test_other_settings_are_measured_again_and_replace_the_file(place, toy):
    experiments.measure("toy", toy.experiment(x={"gain": 1.0}), "x", 0)
    louder = toy.experiment(x={"gain": 3.0})
    record = experiments.measure("toy", louder, "x", 0)
    assert [gain for gain, *_ in toy.calls] == [1.0, 3.0] and record["settings"]["gain"] == 3.0
    assert experiments.read("toy")["x"] == [record] and names(place) == ["own/experiments/toy/x-0.json"]

    def other(seed, device, gain):
        return {"score": -gain}

    renamed = Experiment("?", other, {"x": {"gain": 3.0}})  # the same settings of another measure
    assert experiments.measure("toy", renamed, "x", 0)["results"] == {"score": -3.0}


def test_nothing_is_stored_when_measuring_fails(place, toy):
    grid, toy.error = toy.experiment(), RuntimeError("out of luck")
    with pytest.raises(RuntimeError, match="out of luck"):
        experiments.measure("toy", grid, "as built", 0)
    assert not names(place) and experiments.read("toy") == {}
    toy.error = None
    assert experiments.measure("toy", grid, "as built", 0)["results"]["hits"] == 0  # no lock was left locked


def test_a_failure_keeps_the_older_file(place, toy):
    before = experiments.measure("toy", toy.experiment(x={"gain": 1.0}), "x", 0)
    toy.error = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        experiments.measure("toy", toy.experiment(x={"gain": 2.0}), "x", 0)
    assert experiments.read("toy")["x"] == [before]


def test_writing_is_all_or_nothing(place, toy, monkeypatch):
    def torn(source, target):
        raise OSError("disk full")

    monkeypatch.setattr(provenance.os, "replace", torn)
    with pytest.raises(OSError, match="disk full"):
        experiments.measure("toy", toy.experiment(), "as built", 0)
    assert experiments.read("toy") == {} and not experiments.place("toy", "as built", 0).exists()


def test_a_cell_that_another_process_measures_is_left_to_it(place, toy):
    path = experiments.place("toy", "as built", 0)
    path.parent.mkdir(parents=True)
    hold = "import filelock, sys\nwith filelock.FileLock(sys.argv[1]):\n print('held', flush=True); sys.stdin.read()"
    command = [sys.executable, "-c", hold, str(experiments._lock(path))]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        try:
            assert other.stdout.readline() == "held\n"
            assert experiments.measure("toy", toy.experiment(), "as built", 0) is None
            line, *_ = experiments.grid("toy", toy.experiment(), arms=["as built"], seeds=[0])
            assert line == "toy | as built | seed 0: another process is at it"
            assert toy.calls == [] and not path.exists()
            assert experiments.measure("toy", toy.experiment(), "as built", 1)  # a cell is locked, not the grid
        finally:
            other.kill()  # a lock ends with its process, however that ends
    assert experiments.measure("toy", toy.experiment(), "as built", 0)["seed"] == 0


def ship(place, toy, seeds, monkeypatch, **arms):
    """Files as a package brings them."""
    with monkeypatch.context() as patch:
        patch.delenv("OLC_RUNS")
        return [experiments.measure("toy", toy.experiment(**arms), arm, seed) for arm in arms for seed in seeds]


def test_own_files_go_before_shipped_ones(place, toy, monkeypatch):
    shipped = ship(place, toy, (0, 1), monkeypatch, x={"gain": 1.0})
    assert names(place) == [f"package/trained/experiments/toy/x-{seed}.json" for seed in (0, 1)]
    kept = [(place / name).read_bytes() for name in names(place)]
    assert experiments.read("toy")["x"] == shipped
    # With a folder of one's own measuring starts from nothing, even if the package has the very cell.
    again = experiments.measure("toy", toy.experiment(x={"gain": 1.0}), "x", 0)
    assert len(toy.calls) == 3 and again["results"] == shipped[0]["results"]
    own = experiments.measure("toy", toy.experiment(x={"gain": 5.0}), "x", 0)
    assert experiments.read("toy")["x"] == [own, shipped[1]]
    assert [(place / f"package/trained/experiments/toy/x-{seed}.json").read_bytes() for seed in (0, 1)] == kept
    assert experiments.measure("toy", toy.experiment(x={"gain": 5.0}), "x", 0) == own and len(toy.calls) == 4


def test_read_sorts_by_seed_and_finds_nothing_where_nothing_is(place, toy):
    for seed in (10, 2, 0):
        experiments.measure("toy", toy.experiment(), "as built", seed)
    assert [record["seed"] for record in experiments.read("toy")["as built"]] == [0, 2, 10]
    assert experiments.values(experiments.read("toy")["as built"], "hits") == [0, 2, 10]
    assert experiments.read("nothing") == {}
    with pytest.raises(KeyError, match="misses"):
        experiments.values(experiments.read("toy")["as built"], "misses")


@pytest.mark.parametrize("text", ["", "{", "[]", "3", "null", '{"arm": "as built", "seed": 0}', '"words"'])
def test_a_damaged_file_is_one_sentence(place, toy, text):
    experiments.measure("toy", toy.experiment(), "as built", 0)
    path = experiments.place("toy", "as built", 0)
    path.write_text(text)
    for call in (lambda: experiments.read("toy"), lambda: experiments.measure("toy", toy.experiment(), "as built", 0)):
        with pytest.raises(ValueError) as error:
            call()
        said = str(error.value)
        assert str(path) in said and "is no result of an experiment" in said and "measure again" in said
        assert "\n" not in said
    assert path.read_text() == text and len(toy.calls) == 1  # nothing is overwritten


def test_an_unknown_arm_is_named(place, toy):
    with pytest.raises(ValueError, match="experiment 'toy' has no arm 'quiet', expected one of .*'Louder, by far'"):
        experiments.measure("toy", toy.experiment(), "quiet", 0)
    assert toy.calls == [] and names(place) == []


# --- the code that measured ------------------------------------------------------------------------------


@pytest.fixture
def code(monkeypatch):
    """Today's code, as a digest that a test may change."""
    today = {"digest": "monday"}
    monkeypatch.setattr(provenance, "digest", lambda *roots: today["digest"])
    return today


def test_results_of_other_code_are_told_and_measured_again_on_request(place, toy, code, capsys):
    grid = toy.experiment()
    list(experiments.grid("toy", grid))
    assert experiments.stale("toy", grid) == []
    code["digest"] = "tuesday"
    assert experiments.measure("toy", grid, "as built", 0)["provenance"]["code"] == "monday"  # found as it is
    lines = experiments.stale("toy", grid)
    assert len(lines) == 4 and lines[0].startswith("toy | as built | seed 0: 20")
    again = experiments.measure("toy", grid, "as built", 0, stale=True)
    assert again["provenance"]["code"] == "tuesday" and len(toy.calls) == 5
    assert len(experiments.stale("toy", grid)) == 3
    assert len(list(experiments.grid("toy", grid, stale=True))) == 4 and len(toy.calls) == 8
    assert experiments.stale("toy", grid) == []


def test_readers_are_told_of_results_of_other_code(place, toy, code, capsys, monkeypatch):
    monkeypatch.setattr(experiments, "known", lambda: {"toy": toy.experiment()})
    list(experiments.grid("toy", toy.experiment()))
    experiments.read("toy")
    assert capsys.readouterr().out == ""
    code["digest"] = "tuesday"
    experiments.read("toy", quiet=True)
    assert capsys.readouterr().out == ""
    experiments.read("toy")
    assert capsys.readouterr().out == "toy: 4 of 4 results were measured by earlier code than this\n"


def test_what_belongs_to_no_cell_is_stale(place, toy, code):
    experiments.measure("toy", toy.experiment(), "as built", 0)
    assert len(experiments.stale("toy", toy.experiment(other={}))) == 1
    assert len(experiments.stale("toy")) == 1  # no experiment has this name


def test_to_vouch_for_results_keeps_what_they_are_and_says_who_measured_them(place, toy, code, monkeypatch):
    monkeypatch.setattr(experiments, "known", lambda: {"toy": toy.experiment()})
    before = experiments.measure("toy", toy.experiment(), "as built", 0)
    code["digest"] = "tuesday"
    fresh = experiments.measure("toy", toy.experiment(), "as built", 1)
    assert experiments.vouch("toy", "a name was changed") == "toy: vouched for 1 results"
    after, kept = experiments.read("toy")["as built"]
    assert after["results"] == before["results"] and kept == fresh and experiments.stale("toy") == []
    [vouched] = after["provenance"]["vouched"]
    assert (vouched["was"], vouched["why"]) == ("monday", "a name was changed")
    assert experiments.vouch("toy", "again") == "toy: vouched for 0 results"
    with pytest.raises(ValueError, match="no experiment 'nothing'"):
        experiments.vouch("nothing", "because")


def test_the_digest_of_a_cell_knows_the_functions_of_its_settings():
    """A number in the settings is no code; a function is, wherever in them it stands."""
    arms = {"none": {}, "number": {"steps": 7}, "function": {"how": {"rule": [standard_deviation]}}}
    grid = Experiment("?", paper_experiments.left_out, arms)
    none, number, function = (experiments._code(grid, arm) for arm in arms)
    assert none == number != function and set(none) <= set("0123456789abcdef")


# --- several at a time -----------------------------------------------------------------------------------


def half(seed, device="cpu", of=1.0):
    """A measure that another process can import."""
    return {"half": of * (seed + 1) / 2}


HALVES = Experiment("How much is a half?", half, {"of one": {}, "of two": {"of": 2.0}}, seeds=2)


@pytest.fixture
def importable(monkeypatch):
    """Other processes find this file."""
    here = str(Path(__file__).parent)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([here, str(ROOT), os.environ.get("PYTHONPATH", "")]))


def check_halves():
    found = experiments.read("halves", quiet=True)
    assert {arm: experiments.values(records, "half") for arm, records in found.items()} == {
        "of one": [0.5, 1.0], "of two": [1.0, 2.0],
    }  # fmt: skip
    assert all(record["provenance"]["threads"] == 1 for records in found.values() for record in records)


def test_cells_are_measured_side_by_side(place, importable):
    lines = list(experiments.grid("halves", HALVES, jobs=2))
    assert sorted(lines)[0] == "halves | of one | seed 0: half 0.5" and len(lines) == 4
    check_halves()


def test_the_command_passes_the_number_of_processes_on(place, toy, monkeypatch, capsys):
    given = []
    monkeypatch.setattr(experiments, "known", lambda: {"toy": toy.experiment()})
    monkeypatch.setattr(experiments, "grid", lambda *options: given.append(options) or iter(["one line"]))
    assert command_line.main(["measure", "toy", "--jobs", "3", "--stale", "--device", "cuda"]) == 0
    assert given[0][2:] == (None, None, "cuda", 3, True) and capsys.readouterr().out == "one line\n"


def test_cells_go_to_a_cluster(place, importable):
    """Two workers of one thread, as on two machines that share the folder of results."""
    distributed = pytest.importorskip("distributed", reason='needs `pip install "olc_lib[cluster]"`')
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, local_directory=str(place)
        ) as cluster,
        distributed.Client(cluster) as client,
        joblib.parallel_config(backend="dask"),
    ):
        lines = list(experiments.grid("halves", HALVES, jobs=2))
        counts = client.run(lambda dask_worker: dask_worker.state.executed_count)
    assert len(lines) == 4 and len(counts) == 2 and sum(counts.values()) >= 1  # joblib may send cells in batches
    check_halves()


# --- numbers of a grid -------------------------------------------------------------------------------------


@few
@given(numbers, st.sampled_from([0.8, 0.95, 0.99]))
def test_interval_is_students(sample, level):
    mean, low, high = experiments.interval(sample, level)
    error = np.std(sample, ddof=1) / math.sqrt(len(sample))
    if error > 1e-6:
        expected = student.interval(level, len(sample) - 1, np.mean(sample), error)
        assert (low, high) == pytest.approx(expected, rel=1e-6, abs=1e-6)
    assert mean == pytest.approx(np.mean(sample), abs=1e-9) and low <= mean <= high
    assert high - mean == pytest.approx(mean - low, abs=1e-9)
    assert experiments.interval(sample[::-1], level) == pytest.approx((mean, low, high), abs=1e-9)


def test_interval_of_few_numbers():
    # 1, 2, 3: mean 2, standard error 1/sqrt(3), Student's 97.5 % point at 2 degrees of freedom 4.3027.
    assert experiments.interval([1.0, 2.0, 3.0]) == pytest.approx((2, 2 - 2.48414, 2 + 2.48414), abs=1e-4)
    assert experiments.interval([7]) == (7, -math.inf, math.inf)
    assert experiments.interval([4.0, 4.0]) == (4, 4, 4)
    with pytest.raises(ValueError, match="no numbers, expected at least one"):
        experiments.interval([])


def records(scores):
    return [{"seed": seed, "results": {"score": score}} for seed, score in scores.items()]


@few
@given(st.dictionaries(st.integers(0, 9), st.floats(-100, 100), min_size=2, max_size=8), st.floats(-10, 10), st.data())
def test_difference_pairs_by_seed(scores, shift, draw):
    moved = {seed: score + shift for seed, score in scores.items()}
    order = draw.draw(st.permutations(list(moved)))
    first, second = records({seed: moved[seed] for seed in order}), records(scores | {77: 1e6})
    # In pairs nothing but the shift is left, whatever the scores, their order and seeds that one of them lacks.
    got = experiments.difference(first, second, "score")
    assert got == pytest.approx((shift, shift, shift), abs=1e-6)
    back = experiments.difference(second, first, "score")
    assert back == pytest.approx((-shift, -shift, -shift), abs=1e-6)


def test_difference_by_hand():
    first, second = records({0: 3.0, 1: 5.0, 2: 9.0}), records({2: 4.0, 0: 1.0, 5: 100.0})
    assert experiments.difference(first, second, "score") == experiments.interval([2.0, 5.0])
    with pytest.raises(ValueError, match="no numbers"):
        experiments.difference(records({0: 1.0}), records({1: 1.0}), "score")


# --- the command -------------------------------------------------------------------------------------------


def test_the_command_measures_what_is_missing(place, toy, monkeypatch, capsys):
    monkeypatch.setattr(experiments, "known", lambda: {"toy": toy.experiment()})
    assert command_line.main(["measure", "toy", "--seed", "1", "--arm", "as built"]) == 0
    assert toy.calls == [(1.0, 1, "cpu")] and len(capsys.readouterr().out.splitlines()) == 1
    assert command_line.main(["measure", "toy", "--seed", "0", "--seed", "1"]) == 0
    assert len(toy.calls) == 4
    assert command_line.main(["measure", "toy"]) == 0
    said = capsys.readouterr().out.splitlines()
    assert len(toy.calls) == 4 and len(said) == 8 and said[-1].startswith("toy | Louder, by far | seed 1: score 1.3333")
    # The command that a record gives is the one that makes it.
    record = experiments.read("toy")["Louder, by far"][1]
    for file in place.rglob("*.json"):
        file.unlink()
    words = shlex.split(record["provenance"]["command"])
    assert words[:3] == ["python", "-m", "olc_lib"] and command_line.main(words[3:]) == 0
    assert names(place) == ["own/experiments/toy/louder-by-far-1.json"]


def test_the_command_names_what_it_cannot_do(place, toy, monkeypatch, capsys):
    monkeypatch.setattr(experiments, "known", lambda: {"toy": toy.experiment()})
    assert command_line.main(["measure", "toy", "--arm", "quiet"]) == 2
    captured = capsys.readouterr()
    assert captured.out == "" and captured.err.count("\n") == 1 and "no arm 'quiet'" in captured.err
    assert command_line.main(["measure", "nothing"]) == 2
    captured = capsys.readouterr()
    assert captured.err == "olc_lib: no experiment 'nothing', expected one of ['toy']\n" and captured.out == ""
    assert command_line.main(["vouch", "nothing", "--why", "because"]) == 2


def test_the_command_lists_and_vouches(place, toy, code, monkeypatch, capsys):
    monkeypatch.setattr(experiments, "known", lambda: {"toy": toy.experiment()})
    experiments.measure("toy", toy.experiment(), "as built", 0)
    assert command_line.main(["stale"]) == 0 and capsys.readouterr().out == ""
    code["digest"] = "tuesday"
    assert command_line.main(["stale"]) == 0
    assert capsys.readouterr().out.startswith("toy | as built | seed 0: ")
    assert command_line.main(["vouch", "toy", "--why", "a name was changed"]) == 0
    assert command_line.main(["stale"]) == 0
    assert capsys.readouterr().out == "toy: vouched for 1 results\n"


# --- the grid of the ledger ----------------------------------------------------------------------------------


def test_all_experiments_are_known_once():
    """Those of the ledger's rooms and of every system; none hides another."""
    rooms = [*map(importlib.import_module, experiments.OWN), *map(systems.find, systems.NAMES)]
    names = [name for room in rooms for name in room.EXPERIMENTS]
    assert sorted(names) == sorted(EXPERIMENTS) and len(names) == len(set(names))
    assert all(experiments.find(name) is EXPERIMENTS[name] for name in names)
    with pytest.raises(ValueError, match="no experiment 'nothing', expected one of .*'image'"):
        experiments.find("nothing")


CELLS = [(name, arm) for name, experiment in EXPERIMENTS.items() for arm in experiment.arms]


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_a_grid_is_told_apart_by_name_file_and_settings(name):
    experiment = EXPERIMENTS[name]
    assert experiment.question.endswith("?") and experiment.seeds >= 1
    files = {experiments.place(name, arm, 0) for arm in experiment.arms}
    assert len(files) == len(experiment.arms), "two arms share a file"
    arms = [provenance.plain(arm) for arm in experiment.arms.values()]
    assert all(arms.count(arm) == 1 for arm in arms), "two arms are the same"
    written = [experiments._settings(experiment, arm) for arm in experiment.arms]
    assert json.loads(json.dumps(written)) == written, "settings that JSON changes are measured for ever"
    assert experiment.measure is getattr(inspect.getmodule(experiment.measure), experiment.measure.__name__)


@pytest.mark.parametrize("name, arm", CELLS)
def test_every_arm_is_one_that_its_measure_takes(name, arm):
    experiment = EXPERIMENTS[name]
    given = inspect.signature(experiment.measure).bind(seed=0, device="cpu", **experiment.arms[arm]).arguments
    if experiment.measure is paper_experiments.left_out:
        assert given["speaker"] == arm
    if experiment.measure is raw_experiments.encoder:
        defaults = {k: p.default for k, p in inspect.signature(raw_experiments.encoder).parameters.items()}
        options = {k: v for k, v in given.items() if k not in ("seed", "device")}
        assert all(type(value) is type(defaults[key]) and value != defaults[key] for key, value in options.items())
        assert given.get("loss", "max") in ("max", "rms", "cross-entropy")
        assert given.get("steps", 1000) >= 50  # curves are of fifty points


class Caught(Exception):
    """Carries what was about to be trained."""


@pytest.fixture
def embedded(monkeypatch):
    """The embedded corpora under every name, and settings to match: no download, and small models."""
    voices, images = data.voices, data.images
    monkeypatch.setattr(data, "voices", lambda corpus, split="train", **rest: voices("embedded", split))
    monkeypatch.setattr(data, "images", lambda corpus, split="train", **rest: images("embedded", split))
    monkeypatch.setitem(placed.SETTINGS, "slim", TINY)


def caught(monkeypatch, options):
    """Models and settings as a study trains them."""

    def catch(stage, models, settings, device):
        [turn], _ = stage.prepare(models, settings, device)
        raise Caught(stage.model, models, settings, turn)

    with monkeypatch.context() as patch:
        patch.setattr(paper_experiments, "fit_stage", catch)
        with pytest.raises(Caught) as error:
            paper_experiments.vae(seed=3, **options)
    return error.value.args


VAES = [cell for cell in CELLS if EXPERIMENTS[cell[0]].measure is paper_experiments.vae]


@pytest.mark.parametrize("name, arm", VAES)
def test_every_arm_of_a_vae_is_trained_and_changes_something(name, arm, embedded, monkeypatch):
    """One step of it, and of the arm as built: its loss, its schedule or its rate is another."""

    def begin(options):
        part, models, settings, turn = caught(monkeypatch, options)
        how = getattr(settings, part)
        schedule = placed.schedule(part, how)
        assert settings.seed == 3 and part == EXPERIMENTS[name].arms[arm]["part"]
        # What _course reads must be there: a tenth of the steps after the last term is in.
        assert 0 < int(schedule["digit"][1]) + 10 < how.steps and how.steps >= 50
        once = Training(1, 4, loss=how.loss)
        settings = dataclasses.replace(settings, **{part: once})
        voices, images = placed.corpora(settings, "train")
        chosen = torch.arange(0, 420, 20)
        few_images = SimpleNamespace(pixels=images.pixels[chosen], digit=images.digit[chosen])
        history = placed.fit_model(part, models, settings, (data.select(voices, chosen), few_images))
        assert history["total"].isfinite().all()
        assert turn.constant == options.get("constant", False) and turn.lr == how.lr
        assert {id(weight) for weight in turn.weights} == {id(weight) for weight in models[part].parameters()}
        return schedule, how.steps, (turn.lr, turn.constant), history["total"].item()

    part = EXPERIMENTS[name].arms[arm]["part"]
    built, changed = begin(EXPERIMENTS[part].arms["as built"]), begin(EXPERIMENTS[name].arms[arm])
    assert (changed == built) == (arm == "as built")


def test_a_study_divides_by_the_deviation_if_told(embedded, monkeypatch):
    _, models, *_ = caught(monkeypatch, {"part": "image", "rule": "deviation"})
    assert models["image"].rule is standard_deviation and models["voice"].rule is not standard_deviation


# --- what is measured, at tiny sizes ----------------------------------------------------------------------------


def finite(results):
    """All numbers of a result, ``None`` in curves aside, are finite; so JSON can hold them."""
    flat, rest = [], [results]
    while rest:
        value = rest.pop()
        if isinstance(value, dict | list):
            rest += value.values() if isinstance(value, dict) else value
        elif value is not None and not isinstance(value, str):
            flat.append(value)
    json.dumps(results, allow_nan=False)
    return len(flat) > 0 and all(math.isfinite(value) for value in flat)


class Says(nn.Module):
    """A classifier that always says the same."""

    def __init__(self, digit):
        super().__init__()
        self.weight, self.digit = nn.Parameter(torch.zeros(1)), digit

    def forward(self, pictures):
        return nn.functional.one_hot(torch.tensor([self.digit]), 10).float().expand(len(pictures), 10)


@pytest.fixture
def short(embedded, monkeypatch):
    for part, steps, batch in (("image", 60, 4), ("voice", 20, 4), ("raw", 20, 4)):
        how = dataclasses.replace(paper_experiments.SHORT[part], steps=steps, batch_size=batch)
        monkeypatch.setitem(paper_experiments.SHORT, part, how)
    monkeypatch.setattr(stored, "load", lambda name, quiet: {"slim": SimpleNamespace(image_classifier=Says(4))}[name])


PLACED = ("", "_cosine", "_own", "_upside_down")
TERMS = ("total", "reconstruction", "sparsity", "interpolation")
LEAKS = {
    "digit_from_speaker", "speaker_from_digit", "modularity", "dci_disentanglement", "dci_completeness", "mig",
}  # fmt: skip


@pytest.mark.parametrize("part", ["image", "voice", "raw"])
def test_study_of_a_vae(part, short):
    got = paper_experiments.vae(part, seed=1)
    categories = ("digit",) if part == "image" else ("speaker", "digit")
    placed = {name + end for name in categories for end in PLACED}
    course = {name + end for name in (*TERMS, *categories) for end in ("_early", "_final")}
    # Only the image model, whose terms come late, has a before.
    more = {"handcrafted", "spike", "jump"} if part == "image" else LEAKS
    assert got.keys() == placed | course | more | {"rms", "curves"} and finite(got)
    assert got["curves"].keys() == {*TERMS, *categories}
    assert {len(curve) for curve in got["curves"].values()} == {paper_experiments.SHORT[part].steps // 10}
    assert all(0 <= got[name] <= 100 and -1 <= got[f"{name}_own"] <= 1 for name in categories)
    if part == "image":
        assert got["handcrafted"] == 1  # a classifier that always says four is right once
        assert got["curves"]["digit"][0] is None and got["curves"]["digit"][-1] > 0


def test_study_counts_what_is_upside_down_by_hand():
    block = torch.tensor([[1.0, 0.0], [1.0, 0.0], [0.6, -0.8], [0.0, 1.0]])
    got = paper_experiments.placed_codes("x", block, torch.tensor([0, 0, 1, 1]))
    assert got["x"] == 75.0 and got["x_own"] == pytest.approx((1 + 1 - 0.8 + 1) / 4)
    assert got["x_upside_down"] == 0 and got["x_cosine"] == pytest.approx(0.6 / math.hypot(0.6, 0.2))
    assert paper_experiments.placed_codes("x", -block, torch.tensor([0, 0, 1, 1]))["x_upside_down"] == 100.0


def test_study_finds_a_spike_where_one_is():
    """A total of 1 that rises to 3 where the digits come in, and terms that fall from 4 to 2."""
    how = Training(200, injected=1.0)
    injections = {"digit": (100.0, 110.0)}
    total, digit = torch.ones(200), torch.full((200,), math.nan)
    total[102:125] = 3.0
    digit[99:180], digit[180:] = 4.0, 2.0
    got = paper_experiments._course({"total": total, "digit": digit, "digit/M": total}, how, injections)
    assert got["spike"] == pytest.approx(2.0) and got["jump"] == pytest.approx(2.0)
    assert (got["digit_early"], got["digit_final"]) == (4.0, 2.0) and got["total_final"] == 1.0
    assert got["curves"]["digit"] == [None] * 9 + [4.0] * 9 + [2.0] * 2 and "digit/M" not in got["curves"]
    flat = paper_experiments._course({"total": torch.ones(200), "digit": digit}, how, injections)
    assert flat["spike"] == flat["jump"] == 0
    slow = paper_experiments._course({"total": torch.arange(200.0), "digit": digit}, how, injections)
    assert slow["jump"] == pytest.approx(5.0)  # five steps of one
    early = paper_experiments._course({"total": total, "digit": digit.nan_to_num(4.0)}, how, {"digit": (1.0, 1.0)})
    assert "spike" not in early  # what is there from the start has no before


WARM = {"loss": "rms", "warm": 0.5, "augmented": False, "centred": False}


@pytest.mark.parametrize("options", [{"loss": "max"}, WARM], ids=["cold", "warm"])
def test_study_of_the_encoder(options, embedded):
    got = raw_experiments.encoder(seed=0, steps=50, batch_size=4, width=0.01, narrowest=4, **options)
    placed = {before + name + end for before in ("", "train_") for name in ("speaker", "digit") for end in PLACED}
    assert got.keys() == placed | {"speaker_final", "digit_final", "curves"} and finite(got)
    assert got["curves"].keys() == {"speaker", "digit", "digits right"}
    assert {len(curve) for curve in got["curves"].values()} == {50}
    digits = got["curves"]["digit"]
    # Equation (5) is at most 3; the cross-entropy of ten times a code that says nothing yet is above that.
    assert max(digits[25:]) <= 3
    assert (np.mean(digits[:25]) > 3) == ("warm" in options)


def test_study_of_crossing(short, monkeypatch):
    called = []

    def two_steps(module, loss, tensors, steps, **options):
        called.append((steps, module.residual, len(tensors["code"]), options["seed"]))
        return fit(module, loss, tensors, 2, **options)

    fit = paper_experiments.train.fit
    monkeypatch.setattr(paper_experiments.train, "fit", two_steps)
    got = paper_experiments.crossing(seed=5)
    bridges = [(name, steps) for name in ("bridge", "free") for steps in (25, 100, 200)]
    assert got.keys() == {"voice_digit", "drop"} | {f"{name}_{steps}" for name, steps in bridges} and finite(got)
    assert called == [(steps, name == "bridge", 420, 5) for name, steps in bridges]
    # A classifier that always says four is right for every tenth word, whatever is drawn.
    assert all(got[key] == pytest.approx(10) for key in got if key != "voice_digit")


def test_study_of_a_speaker_left_out(embedded, monkeypatch):
    trained = []

    def watched(part, models, settings, given, device):
        trained.append((part, settings.voice.steps, set(given[0].speaker.tolist()), len(given[0]), settings.seed))
        return fit_model(part, models, settings, given, device)

    fit_model = placed.fit_model
    monkeypatch.setattr(placed, "fit_model", watched)
    speaker = data.voices("fsdd").speakers[2]
    got = paper_experiments.left_out(speaker, seed=6, steps=12)
    assert trained == [("voice", 12, {0, 1, 3, 4, 5}, 350, 6)]
    splits = {"validation": 10, "test": 20}
    assert got.keys() == splits.keys() | {"train"} | {
        f"{s}_{end}" for s in splits for end in ("digit", "read", "margin")
    }
    for split, count in splits.items():
        digit, read, margin = (got[f"{split}_{end}"] for end in ("digit", "read", "margin"))
        assert sorted(digit) == sorted([*range(10)] * (count // 10)) and len(read) == len(margin) == count
        right = sum(a == b for a, b in zip(digit, read, strict=True))
        assert got[split] == pytest.approx(100 * right / count) and all(0 <= m <= 2 for m in margin)
    assert finite(got)


def test_study_of_the_waveform(embedded, monkeypatch):
    models = {name: model.eval() for name, model in placed.build(TINY).items()}
    spectrogram = SimpleNamespace(listen=lambda picture: torch.zeros(8128))  # Griffin-Lim takes its time
    run = SimpleNamespace(settings=TINY, spectrogram=spectrogram, **models)
    monkeypatch.setattr(stored, "load", lambda name, quiet: {"slim": run}[name])
    got = raw_experiments.waveform(seed=0)
    assert finite(got) and got.keys() == {
        "silence", "class_mean", "class_mean_scaled", "components_16", "raw", "raw_train", "raw_train_digit",
        "raw_train_speaker", "pictures", "listen", "listen_redrawn", "raw_lsd",
    }  # fmt: skip
    assert got["silence"] == pytest.approx(0, abs=1e-6)
    train, test = (data.voices("embedded", split) for split in ("train", "test"))
    codes = batched(models["raw"].encode, data.centre(train.waves, train.lengths))
    assert got["raw_train_digit"] == pytest.approx(100 * (codes[:, 6:].argmax(1) == train.digit).double().mean().item())
    ratios = []
    for row in range(len(test)):  # the mean of the training clips of this speaker and digit, clip by clip
        same = (train.speaker == test.speaker[row]) & (train.digit == test.digit[row])
        clips, clip = ((v.waves[i], v.lengths[i]) for v, i in ((train, same), (test, slice(row, row + 1))))
        mean = models["raw"].normalize(data.centre(*clips))[:, 0].double().mean(0)
        wanted = models["raw"].normalize(data.centre(*clip))[0, 0].double()
        ratios.append(10 * math.log10(wanted.square().sum() / (wanted - mean).square().sum()))
    assert got["class_mean"] == pytest.approx(np.mean(ratios), abs=1e-3)
    assert got["components_16"] > 0  # a projection about the mean of clips takes some of the signal away
    silence = torch.zeros(12, 8128)
    wanted = metrics.log_spectral_distance(data.centre(test.waves, test.lengths)[::10, 0, :8128], silence).mean()
    assert got["listen"] == got["listen_redrawn"] == pytest.approx(wanted.item(), abs=1e-3)
    assert 0 < got["raw_lsd"] <= 60


# --- files that come with the package --------------------------------------------------------------------------

FILES = sorted(SHIPPED.rglob("*.json"))


def test_some_results_come_with_the_package():
    assert {path.parent.name for path in FILES} <= EXPERIMENTS.keys() and "left-out" in {p.parent.name for p in FILES}
    assert all(path.suffix == ".json" for path in SHIPPED.rglob("*") if path.is_file())


def test_every_shipped_result_is_a_cell_of_the_grid(monkeypatch):
    monkeypatch.delenv("OLC_RUNS", raising=False)
    for path in FILES:
        check_cell(path)


def check_cell(path):
    """One result file: where it lies, what it holds, and that it is found."""
    record = json.loads(path.read_text())
    name, arm, seed = (record[key] for key in ("experiment", "arm", "seed"))
    experiment = EXPERIMENTS[name]
    assert arm in experiment.arms and 0 <= seed < experiment.seeds and experiments.place(name, arm, seed) == path
    assert record["settings"] == provenance.plain({"measure": experiment.measure, **experiment.arms[arm]})
    assert finite(record["results"])
    assert record["provenance"].keys() >= {"command", "date", "device", "torch", "olc_lib"}
    assert shlex.split(record["provenance"]["command"])[3:] == ["measure", name, "--arm", arm, "--seed", str(seed)]
    assert experiments.measure(name, experiment, arm, seed) == record  # found, so nothing is trained


def test_shipped_repetitions_are_the_first_seeds_and_alike(monkeypatch):
    """Arms are compared seed by seed; an arm may have fewer of them than another, but no gap."""
    monkeypatch.delenv("OLC_RUNS", raising=False)
    for name in EXPERIMENTS:
        for arm, found in experiments.read(name, quiet=True).items():
            assert [record["seed"] for record in found] == list(range(len(found))), (name, arm)
            # Pictures, which are text, may be kept of one repetition alone.
            keys = [{k for k, value in r["results"].items() if not isinstance(value, str)} for r in found]
            assert all(key == keys[0] for key in keys), (name, arm)
