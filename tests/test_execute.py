"""book/execute.py and book/pair.py on a tiny book: parameters, failures, resuming, pairs, and outputs that stay."""

import base64
import io
import json
import shutil

import execute
import nbformat
import numpy as np
import pair
import pytest
import toc
import torch
from PIL import Image

from conftest import ROOT
from olc_lib import runs

SCRIPT = """# %% [markdown]
# # A chapter

# %% tags=["setup"]
import os

# %% tags=["parameters"]
run = "embedded"  # or "slim"
retrain = False

# %%
print(run, retrain, os.path.basename(os.environ["OLC_RUNS"]))

# %%
import ipywidgets as widgets

one, two = widgets.IntSlider(), widgets.IntText()
link = widgets.jslink((one, "value"), (two, "value"))
widgets.VBox([one, two])
"""


@pytest.fixture
def book(tmp_path, monkeypatch):
    """A repository with two chapters, the second of which fails; their notebooks are made from the scripts."""
    for module in (execute, pair, toc):
        monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(execute, "BUILD", tmp_path / "_build")
    monkeypatch.setenv("JUPYTER_PATH", "")
    monkeypatch.setenv("OLC_RUNS", "")
    (tmp_path / "olc_lib").mkdir()
    (tmp_path / "olc_lib" / "some.py").write_text("")
    (tmp_path / "book").mkdir()
    (tmp_path / "book" / "01_good.py").write_text(SCRIPT)
    (tmp_path / "book" / "02_bad.py").write_text("# %%\n1 / 0\n")
    shutil.copy(ROOT / "_config.yml", tmp_path)
    (tmp_path / "_toc.yml").write_text("root: book/01_good\nparts:\n- chapters:\n  - file: book/02_bad\n")
    (tmp_path / "book" / "setup_cell.py").write_text("import os\n")
    for chapter in execute.chapters():
        pair.sync(chapter)
    return tmp_path


def code(path):
    """The code cells of a notebook."""
    return [cell for cell in nbformat.read(path, 4).cells if cell.cell_type == "code"]


def test_toc_is_read_in_order():
    """Root, parts, chapters, sections."""
    assert execute.pages(ROOT)[0] == "book/index"
    assert execute.chapters(ROOT)[0].name == "index.ipynb"


def test_all_are_executed_failures_are_listed_and_resuming_skips_what_is_done(book, capsys, monkeypatch):
    """A failed chapter stops no other, and is tried again. The run is trained first; the pages read it."""
    asked = []
    monkeypatch.setattr(execute, "train", asked.append)
    committed = (book / "book" / "01_good.ipynb").read_bytes()
    parameters = {"run": "slim", "retrain": True}
    stage, good = execute.execute_all("slim", parameters, resume=False)
    printed = capsys.readouterr().out
    assert not good and "FAILED book/02_bad.ipynb, cell [1]: ZeroDivisionError: division by zero" in printed
    assert (book / "book" / "01_good.ipynb").read_bytes() == committed
    cells = code(stage / "book" / "01_good.ipynb")
    assert cells[1].source == 'run = "slim"  # or "slim"\nretrain = False' and len(cells) == 4
    assert cells[2].outputs[0].text == "slim False slim\n" and asked == ["slim"]
    execute.execute_all("slim", parameters, resume=True)
    printed = capsys.readouterr().out
    assert "01_good.ipynb unchanged, skipped" in printed and "02_bad.ipynb FAILED" in printed
    (book / "olc_lib" / "some.py").write_text("changed = True")
    execute.execute_all("slim", parameters, resume=True)
    assert "01_good.ipynb executed" in capsys.readouterr().out


def test_a_run_that_is_made_is_read_and_any_other_is_trained(monkeypatch, capsys):
    """Before the pages, with as many processes as there are workers; a label that is no run trains nothing."""
    asked = []
    monkeypatch.setattr(runs, "train", lambda run, **options: asked.append((run, options)))
    monkeypatch.setattr(runs, "is_made", {"embedded": True, "slim": False}.__getitem__)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    execute.train("as_committed")
    execute.train("embedded")
    assert asked == [] and "'embedded' is made: it is read, not trained again" in capsys.readouterr().out
    execute.train("slim")
    assert asked == [("slim", {"jobs": execute.WORKERS})]
    assert "'slim' is trained on the processor: no GPU was found" in capsys.readouterr().out


def test_starting_anew_keeps_the_runs_of_the_last_time(book):
    """Hours of training are not thrown away by a forgotten --resume."""
    kept = book / "_build" / "runs" / "paper"
    kept.mkdir(parents=True)
    (kept / "weights").write_text("hours")
    execute.execute_all("paper", {}, resume=False)
    assert (book / "_build" / "runs" / "paper.previous" / "weights").read_text() == "hours"
    assert not list(kept.iterdir())


def test_updating_twice_writes_the_same_bytes_and_a_changed_cell_loses_its_output(book):
    """Widget ids, too, are the same every time; cells that did not change keep id and output."""
    chapter, path = execute.chapters()[0], book / "book" / "01_good.ipynb"
    texts = []
    for _ in range(2):
        stage, _ = execute.execute_all("as_committed", {}, resume=False)
        pair.update(chapter, stage / chapter)
        texts.append(path.read_text())
    assert texts[0] == texts[1]
    notebook = json.loads(texts[0])
    shown = notebook["cells"][-1]["outputs"][0]["data"]["application/vnd.jupyter.widget-view+json"]["model_id"]
    assert shown in notebook["metadata"]["widgets"]["application/vnd.jupyter.widget-state+json"]["state"]
    assert "papermill" not in texts[0] and "iopub" not in texts[0]
    pair.sync(chapter)
    assert path.read_text() == texts[0]
    script = book / "book" / "01_good.py"
    script.write_text(script.read_text().replace("print(run,", "print(retrain,"))
    before = code(path)
    pair.sync(chapter)
    after = code(path)
    assert [cell.execution_count for cell in after] == [1, 2, None, 4] and after[2].outputs == []
    assert [cell.id for cell in after[:2]] == [cell.id for cell in before[:2]] and after[2].id != before[2].id
    with pytest.raises(ValueError, match="has other cells"):
        pair.update(chapter, stage / chapter)


def test_single_pages_are_executed_and_the_other_copies_stay(book, capsys):
    """A name that no page begins with is an error that lists those there are."""
    stage, _ = execute.execute_all("as_committed", {}, resume=False)
    kept = stage / "book" / "02_bad.ipynb"
    kept.write_text("kept")
    capsys.readouterr()
    some = execute.chosen(["01"])
    assert [path.stem for path in some] == ["01_good"] and execute.chosen([]) == execute.chapters()
    _, good = execute.execute_all("as_committed", {}, resume=False, some=some)
    printed = capsys.readouterr().out
    assert good and "01_good.ipynb executed" in printed and "1 of 1 chapters" in printed
    assert kept.read_text() == "kept"
    with pytest.raises(SystemExit, match="--only 07: no page with code begins so; there are 01_good, 02_bad"):
        execute.chosen(["01", "07"])


def test_setup_cell_is_filled_in(book):
    """Where setup_cell.py changes, every chapter follows."""
    (book / "book" / "setup_cell.py").write_text("import os  # and more\n")
    pair.sync(execute.chapters()[0])
    assert "import os  # and more" in (book / "book" / "01_good.py").read_text()
    assert code(book / "book" / "01_good.ipynb")[0].source == "import os  # and more"


def png(pixels):
    """A picture as a notebook stores it, not packed."""
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG", compress_level=0, dpi=(150, 150))
    return base64.b64encode(file.getvalue()).decode()


@pytest.mark.parametrize(("colours", "channels"), [(5, 3), (256, 3), (4000, 3), (5, 4), (4000, 4)])
def test_pictures_are_packed_and_keep_every_point(colours, channels):
    draw = np.random.default_rng(0)
    palette = draw.integers(0, 256, (colours, channels), dtype=np.uint8)
    if channels == 4:
        palette[:, 3] = 255 if colours == 5 else palette[:, 3]  # an opaque alpha channel may go, another may not
    pixels = palette[draw.integers(0, colours, (30, 80))].repeat(2, 0)  # rows come twice: there is something to pack
    given = png(pixels)
    made = pair.smaller(given)
    picture = Image.open(io.BytesIO(base64.b64decode(made)))
    assert (np.asarray(picture.convert("RGBA")) == np.asarray(Image.fromarray(pixels).convert("RGBA"))).all()
    assert len(made) < len(given) and picture.info["dpi"] == pytest.approx((150, 150), abs=0.1)
    assert (picture.mode == "P") == (colours <= 256 and (channels == 3 or colours == 5))
    assert pair.smaller(made) == made
