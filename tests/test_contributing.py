"""The checklist of .github/CONTRIBUTING.md, followed for a toy system in a copy of the package: it is all one needs."""

import json
import os
import re
import shutil
import subprocess
import sys

import pytest
import torch

from conftest import ROOT
from olc_lib import data

TOY = ROOT / "tests" / "toy_system.py"


@pytest.fixture(scope="module")
def command(tmp_path_factory):
    """``python -m olc_lib`` in a copy of the package to which the toy was added by the checklist's first two items."""
    place = tmp_path_factory.mktemp("clone")
    package = shutil.copytree(
        ROOT / "olc_lib", place / "olc_lib", ignore=shutil.ignore_patterns("trained", "corpora", "__pycache__")
    )
    (package / "corpora").symlink_to(ROOT / "olc_lib" / "corpora")
    shutil.copy(TOY, package / "systems" / "toy.py")  # 1. one file
    names = package / "systems" / "__init__.py"
    text, times = re.subn(r"^(NAMES = \([^)]*?),?\s*\)", r'\1, "toy")', names.read_text(), flags=re.M)
    assert times == 1
    names.write_text(text)  # 2. one name

    def run(*arguments):
        environment = {**os.environ, "OLC_RUNS": str(place / "runs"), "PYTHONPATH": str(place)}
        done = subprocess.run(
            [sys.executable, "-m", "olc_lib", *arguments], cwd=place, env=environment, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    run.place = place
    return run


def test_the_checklist_is_what_is_followed_here():
    text = (ROOT / ".github" / "CONTRIBUTING.md").read_text(encoding="utf-8")
    items = re.findall(r"(?m)^\d\. (.*)$", text[text.index("## Adding a system") :])
    for item, about in zip(items, ("One file", "One name", "One chapter", "One oracle"), strict=True):
        assert item.startswith(about)


@pytest.mark.slow
def test_a_toy_system_is_trained_stored_and_measured(command):
    """Its oracle is the fourth item: no linear autoencoder has a smaller error than PCA, and this one comes close."""
    command("train", "embedded", "--system", "toy", "--device", "cpu")
    record = json.loads((command.place / "runs" / "toy" / "embedded" / "run.json").read_text())
    assert record["provenance"]["code"] and record["settings"]["size"] == 8
    command("measure", "toy", "--jobs", "2")
    pixels = data.images("embedded", "train").pixels.flatten(1)
    spectrum = torch.linalg.svdvals(pixels - pixels.mean(0)).square() / len(pixels)
    for size in (2, 8):
        (cell,) = (command.place / "runs" / "experiments" / "toy").glob(f"{size}-0.json")
        best, error = float(spectrum[size:].sum()), json.loads(cell.read_text())["results"]["error"]
        assert best * 0.9999 < error < best * 1.05


@pytest.mark.slow
def test_what_other_code_made_is_listed_and_made_anew(command):
    """A changed line of the system's file is noticed; a comment is not."""
    source = command.place / "olc_lib" / "systems" / "toy.py"
    source.write_text(source.read_text() + "# a comment\n")
    assert "toy" not in command("stale")
    source.write_text(source.read_text().replace(".sum(1).mean())}", ".mean())}"))
    listed = command("stale")
    assert "toy/embedded" in listed and "toy | 2 | seed 0" in listed
    command("measure", "toy", "--stale")
    assert "toy | " not in command("stale")
