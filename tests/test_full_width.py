"""The run ``paper``: a few steps of every part at full width on a CPU, and its one command at tiny size."""

import dataclasses
import json
import os
import sys

import execute
import nbformat
import pytest
import torch
from test_runs import TINY

from conftest import ROOT
from olc_lib import data, paper, runs
from olc_lib.systems import placed
from olc_lib.systems.placed import MODELS, SETTINGS

#: The paper's settings, but for the corpora and for what makes a step dear.
FULL = dataclasses.replace(
    SETTINGS["paper"],
    voices="embedded",
    images="embedded",
    **{part: dataclasses.replace(getattr(SETTINGS["paper"], part), steps=2, batch_size=2) for part in MODELS},
)


@pytest.fixture(scope="module")
def models():
    return placed.build(FULL)


@pytest.fixture(scope="module")
def few():
    """A handful of training words and images."""
    voices, images = placed.corpora(FULL, "train")
    rows = torch.arange(6)
    return data.select(voices, rows), dataclasses.replace(images, pixels=images.pixels[:6], digit=images.digit[:6])


def test_full_width_is_that_of_the_tables(models):
    """Channels layer by layer, and the number of weights that pencil and paper give."""
    for part, layers, rank in (
        ("raw", paper.VOICE_LAYERS, 1), ("voice", paper.IMAGE_LAYERS, 2), ("image", paper.IMAGE_LAYERS, 2)
    ):  # fmt: skip
        stack = [layer for layer in models[part].encoder if hasattr(layer, "out_channels")]
        assert [layer.out_channels for layer in stack] == [layer.channels for layer in layers]
        inputs = [1, *(layer.channels for layer in layers)]
        weights = sum(a * layer.channels * layer.kernel**rank for a, layer in zip(inputs, layers, strict=False))
        assert sum(layer.weight.numel() for layer in stack) == weights > 9e6


@pytest.mark.parametrize("part", MODELS)
def test_a_few_steps_of_every_part(part, models, few):
    """In the run's own precision: every loss is a number, every weight moves and stays one."""
    module = models[part]
    before = {name: value.clone() for name, value in module.state_dict().items() if value.is_floating_point()}
    history = placed.fit_model(part, models, FULL, few, progress=False)
    assert len(history["total"]) == 2 and history["total"].isfinite().all()
    after = module.state_dict()
    assert all(after[name].isfinite().all() and after[name].dtype == torch.float32 for name in before)
    trained = [name for name, parameter in module.named_parameters() if parameter.requires_grad]
    still = [name for name in trained if torch.equal(before[name], after[name])]
    # A constant added before a normalization, or to the writer's one dimension, changes nothing and is not moved.
    assert len(still) <= len(trained) // 10, still


@pytest.mark.slow
def test_the_one_command_at_tiny_size(tmp_path, monkeypatch, capsys):
    """``book/execute.py --run paper --resume``: interrupted in training, gone on with, read by the chapters after."""
    monkeypatch.setattr(execute, "BUILD", tmp_path)
    first, *others = (ROOT / "book" / f"{name}.ipynb" for name in ("01_voice_becomes_image", "12_raw_waveforms"))
    monkeypatch.setattr(execute, "chapters", lambda: [path.relative_to(ROOT) for path in (first, *others)])
    monkeypatch.setenv("JUPYTER_PATH", "")
    monkeypatch.setenv("OLC_RUNS", "")
    # What every kernel starts with: the paper's settings shrunk, and at first an interruption in the fourth model.
    startup = tmp_path / "ipython" / "profile_default" / "startup" / "tiny.py"
    startup.parent.mkdir(parents=True)
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    shrink = (
        "import os, sys; sys.path.insert(0, {tests!r}); from test_runs import TINY; from olc_lib import recipes, runs\n"
        "placed.SETTINGS['paper'] = TINY\n"
    ).format(tests=str(ROOT / "tests"))
    stop = (
        "plain = runs.fit_model\n"
        "def fit_model(part, *rest, **options):\n"
        "    if part == 'voice': raise OSError('the power went')\n"
        "    return plain(part, *rest, **options)\n"
        "runs.fit_model = fit_model\n"
    )
    monkeypatch.setitem(SETTINGS, "paper", TINY)
    monkeypatch.setattr(sys, "argv", ["execute.py", "--run", "paper", "--resume"])
    startup.write_text(shrink + stop)
    assert execute.main() == 1
    printed = capsys.readouterr().out
    assert f"the run 'paper' is trained on {execute.where_it_trains()}" in printed
    assert "01_voice_becomes_image.ipynb, cell" in printed and "OSError: the power went" in printed
    half = tmp_path / "runs" / "paper" / "paper.part"
    kept = {path.name: path.stat().st_mtime_ns for path in half.glob("*.safetensors")}
    assert set(kept) == {"image_classifier.safetensors", "voice_classifier.safetensors", "image.safetensors"}

    startup.write_text(shrink)
    assert execute.main() == 0
    printed = capsys.readouterr().out
    made = tmp_path / "runs" / "paper" / "paper"
    assert {name: (made / name).stat().st_mtime_ns for name in kept} == kept  # not trained again
    results = json.loads((made / "results.json").read_text())
    monkeypatch.setenv("OLC_RUNS", str(tmp_path / "runs" / "paper"))
    assert runs.load("paper", quiet=True).settings == TINY
    # What it took, in one line; the executed notebooks are the record.
    assert runs.describe("paper", results) in printed and " MiB of memory" in printed
    record = nbformat.read(tmp_path / "executed" / "paper" / "book" / first.name, 4)
    sources = [cell.source for cell in record.cells if "parameters" in cell.metadata.get("tags", [])]
    assert 'run = "paper"' in sources[0] and "retrain = True" in sources[0]
    execute.main()
    assert "unchanged, skipped" in capsys.readouterr().out
    # Its page executed once more, say since a figure is drawn otherwise now: the models are read, not trained again.
    ledger = tmp_path / "executed" / "paper" / "executed.json"
    ledger.write_text("{}")
    monkeypatch.setattr(execute, "chapters", lambda: [first.relative_to(ROOT)])
    assert execute.main() == 0
    assert "the run 'paper' is made: it is read" in capsys.readouterr().out
    assert {name: (made / name).stat().st_mtime_ns for name in kept} == kept
    assert os.environ["OLC_RUNS"] == str(tmp_path / "runs" / "paper")
