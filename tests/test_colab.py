"""Every chapter opens on Colab: with nothing but the notebook, a torch and a numpy that must stay as they are."""

import importlib.util
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tomllib
import venv
from pathlib import Path

import nbformat
import pytest
import yaml
from execute import use_python
from pair import setup_cell
from toc import chapters, tags

from conftest import ROOT

CHAPTERS = [ROOT / chapter for chapter in chapters()]
NUMBERED = [path for path in CHAPTERS if re.match(r"\d\d_", path.name)]


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_setup_cell_is_the_first_and_the_same_everywhere(path):
    """One text, in one place."""
    first, *others = [cell for cell in nbformat.read(path, 4).cells if cell.cell_type == "code"]
    assert "setup" in tags(first) and not any("setup" in tags(cell) for cell in others)
    assert first.source == setup_cell(), "run `python book/execute.py --sync`"
    assert first.outputs == []


def test_setup_cell_is_short_and_follows_the_address_of_the_book():
    """An empty address is no address; OLC_SOURCE goes before any."""
    url = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))["repository"]["url"]
    assert f'os.environ.get("OLC_SOURCE", "{url and "git+" + url}")' in setup_cell()
    assert 'os.environ.get("OLC_SOURCE", "")' in setup_cell("")
    assert 'os.environ.get("OLC_SOURCE", "git+https://example.org/a/b")' in setup_cell("https://example.org/a/b")
    assert len(setup_cell().splitlines()) <= 12


@pytest.mark.parametrize("source", [None, "", "olc_lib.whl"])
@pytest.mark.parametrize("installed", [True, False])
def test_setup_cell_does_as_little_as_it_can(monkeypatch, source, installed):
    """Nothing where the library is; one plain `pip install` where it is not; one sentence where it cannot be had."""
    commands = []
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: object() if installed else None)
    monkeypatch.setattr(subprocess, "run", lambda command, check: commands.append(command))
    monkeypatch.delenv("OLC_SOURCE", raising=False)
    if source is not None:
        monkeypatch.setenv("OLC_SOURCE", source)
    if not installed and not source:
        with pytest.raises(RuntimeError, match=r"^olc_lib is not installed, .* OLC_SOURCE .*\.$"):
            exec(setup_cell(""), {})
    else:
        exec(setup_cell(""), {})
    plain = [[sys.executable, "-m", "pip", "install", "--quiet", source]]
    assert commands == (plain if source and not installed else [])


def test_library_asks_for_lower_bounds_only():
    """A pin would make Colab reinstall torch or numpy; its ipywidgets 7.7 must do."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert all(re.fullmatch(r"[\w-]+>=[\d.]+", need) for need in project["dependencies"])
    assert "ipywidgets>=7.7" in project["dependencies"] and project["requires-python"] == ">=3.11"


def wheel(folder):
    """Builds the wheel of the library from a copy, so that nothing is left in the repository."""
    copy = folder / "copy"
    shutil.copytree(ROOT / "olc_lib", copy / "olc_lib", ignore=shutil.ignore_patterns("__pycache__"))
    for path in [ROOT / "pyproject.toml", ROOT / "README.md", *ROOT.glob("LICENSE*")]:
        shutil.copy(path, copy)
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "-w", folder]
    subprocess.run([*command, copy], check=True)
    return next(folder.glob("*.whl"))


def environment_without_olc_lib(folder):
    """A fresh environment that sees this one's packages (torch is large), but not olc_lib.

    Returns:
        Its interpreter and the folder of its own packages.
    """
    packages = folder / "packages"
    packages.mkdir()
    for path in Path(sysconfig.get_path("purelib")).iterdir():
        if not path.name.startswith(("olc_lib", "__editable__", "pip", "setuptools")) and path.suffix != ".pth":
            (packages / path.name).symlink_to(path)
    venv.create(folder / "env", with_pip=True)
    python = next(path for path in (folder / "env").glob("*/python*") if path.stem == "python")
    command = [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
    own = Path(subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip())
    (own / "packages.pth").write_text(str(packages))
    return python, own


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="links need rights that Windows does not give")
def test_chapter_runs_from_an_empty_folder_in_a_fresh_environment(tmp_path, monkeypatch):
    """Only the notebook is there; the setup cell fetches the library, and the library alone."""
    chapter = (NUMBERED or CHAPTERS)[0]
    python, own = environment_without_olc_lib(tmp_path)
    before = {path.name for path in own.iterdir()}
    empty = tmp_path / "empty"
    empty.mkdir()
    shutil.copy(chapter, empty / "chapter.ipynb")
    monkeypatch.setenv("OLC_SOURCE", str(wheel(tmp_path)))
    monkeypatch.setenv("OLC_DATA", str(tmp_path / "data"))
    monkeypatch.delenv("PYTHONPATH", raising=False)
    monkeypatch.setenv("JUPYTER_PATH", "")
    use_python(tmp_path / "jupyter", python)
    command = [python, "-m", "papermill", "chapter.ipynb", "executed.ipynb", "-k", "python3", "--no-progress-bar"]
    assert subprocess.run([python, "-c", "import olc_lib"], cwd=empty, capture_output=True).returncode != 0
    result = subprocess.run(command, cwd=empty, env=os.environ, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr[-2000:]
    added = {name.split("-")[0] for name in {path.name for path in own.iterdir()} - before}
    assert added == {"olc_lib"}, "torch, numpy and the rest stay as they were"
    executed = nbformat.read(empty / "executed.ipynb", 4)
    assert all(cell.execution_count for cell in executed.cells if cell.cell_type == "code")
