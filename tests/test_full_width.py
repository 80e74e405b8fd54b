"""The run ``wide``: a step of every part at full width on a CPU, and its one command at tiny size."""

import dataclasses
import json
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

#: The run's settings, but for the corpora and for what makes a step dear.
FULL = dataclasses.replace(
    SETTINGS["wide"],
    voices="embedded",
    images="embedded",
    **{part: dataclasses.replace(getattr(SETTINGS["wide"], part), steps=1, batch_size=2) for part in MODELS},
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
def test_a_step_of_every_part(part, models, few):
    """In the run's own precision: every loss is a number, every weight moves and stays one."""
    # A processor without instructions for bfloat16 takes a minute for the voice, whose stack is that of the image.
    settings = dataclasses.replace(FULL, precision="float32") if part == "voice" else FULL
    module = models[part]
    before = {name: value.clone() for name, value in module.state_dict().items() if value.is_floating_point()}
    history = placed.fit_model(part, models, settings, few, progress=False)
    assert len(history["total"]) == 1 and history["total"].isfinite().all()
    after = module.state_dict()
    assert all(after[name].isfinite().all() and after[name].dtype == torch.float32 for name in before)
    trained = [name for name, parameter in module.named_parameters() if parameter.requires_grad]
    still = [name for name in trained if torch.equal(before[name], after[name])]
    # A constant added before a normalization, or to the writer's one dimension, changes nothing and is not moved.
    assert len(still) <= len(trained) // 10, still


@pytest.mark.slow
def test_the_one_command_at_tiny_size(tmp_path, monkeypatch, capsys):
    """``book/execute.py --run wide --resume``: interrupted in training, gone on with, read by the chapters after."""
    monkeypatch.setattr(execute, "BUILD", tmp_path)
    monkeypatch.setattr(execute, "WORKERS", 1)
    first, *others = (ROOT / "book" / f"{name}.ipynb" for name in ("01_voice_becomes_image", "13_raw_waveforms"))
    monkeypatch.setattr(execute, "chapters", lambda: [path.relative_to(ROOT) for path in (first, *others)])
    monkeypatch.setenv("JUPYTER_PATH", "")
    monkeypatch.setenv("OLC_RUNS", "")
    monkeypatch.setitem(SETTINGS, "wide", TINY)
    monkeypatch.setattr(sys, "argv", ["execute.py", "--run", "wide", "--resume"])
    plain = runs.train_model

    def train_model(system, model, *rest):
        if model == "voice":
            raise OSError("the power went")
        return plain(system, model, *rest)

    with monkeypatch.context() as patch, pytest.raises(OSError, match="the power went"):
        patch.setattr(runs, "train_model", train_model)
        execute.main()
    assert "the run 'wide' is trained on " in capsys.readouterr().out
    half = tmp_path / "runs" / "wide" / "placed" / "wide.part"
    kept = {path.name: path.stat().st_mtime_ns for path in half.glob("*.safetensors")}
    assert set(kept) == {"image_classifier.safetensors", "voice_classifier.safetensors", "image.safetensors"}

    assert execute.main() == 0
    printed = capsys.readouterr().out
    made = tmp_path / "runs" / "wide" / "placed" / "wide"
    assert {name: (made / name).stat().st_mtime_ns for name in kept} == kept  # not trained again
    results = json.loads((made / "run.json").read_text())
    monkeypatch.setenv("OLC_RUNS", str(tmp_path / "runs" / "wide"))
    assert runs.load("wide", quiet=True).settings == TINY
    # What it took, in one line; the executed notebooks are the record.
    assert runs.describe("wide", results) in printed
    record = nbformat.read(tmp_path / "executed" / "wide" / "book" / first.name, 4)
    sources = [cell.source for cell in record.cells if "parameters" in cell.metadata.get("tags", [])]
    assert 'run = "wide"' in sources[0]
    execute.main()
    printed = capsys.readouterr().out
    assert "unchanged, skipped" in printed and "the run 'wide' is made: it is read" in printed
    assert {name: (made / name).stat().st_mtime_ns for name in kept} == kept
