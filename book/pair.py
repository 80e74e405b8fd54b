"""Keeps each chapter's pair in order: NN_name.py is where it is written, NN_name.ipynb is what is read and executed.

execute.py calls this: ``--sync`` makes notebooks from scripts, ``--update`` gives them fresh outputs. The other way,
for an edit made in Jupyter, is ``jupytext --to py:percent book/NN_name.ipynb``. Nothing goes by modification times.
"""

import base64
import hashlib
import io
import json
import re

import jupytext
import nbformat
import yaml
from PIL import Image, ImageChops
from toc import KERNEL, ROOT


def setup_cell(address=None):
    """The text of every chapter's first code cell: setup_cell.py with the address of the repository.

    Args:
        address: where the repository is; by default what _config.yml says, and empty for nowhere.

    Returns:
        The source of the cell.
    """
    if address is None:
        address = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))["repository"]["url"]
    text = (ROOT / "book" / "setup_cell.py").read_text(encoding="utf-8").strip()
    return text.replace('"OLC_SOURCE", ""', f'"OLC_SOURCE", "git+{address}"') if address else text


def write(notebook, path):
    """Writes a notebook byte for byte the same on every system."""
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    path.write_text(nbformat.writes(notebook) + "\n", encoding="utf-8", newline="\n")


def script_cells(text):
    """A py:percent script as a notebook, without jupytext's own notes about blank lines."""
    notebook = jupytext.reads(text, fmt="py:percent")
    for cell in notebook.cells:
        cell.metadata.pop("lines_to_next_cell", None)
    return notebook


def sync(chapter):
    """Makes the .ipynb of a chapter from its .py.

    A cell whose source did not change keeps its id and its outputs; the others lose theirs. The cell tagged "setup"
    is filled in, in both.

    Args:
        chapter: path of the notebook relative to the root.
    """
    path, script = ROOT / chapter, (ROOT / chapter).with_suffix(".py")
    text = script.read_text(encoding="utf-8")
    # From the setup cell's first line to the next cell: also where it is empty.
    cell = r'(?ms)(^# %% [^\n]*"setup"[^\n]*\n).*?(?=^# %%)'
    filled = re.sub(cell, lambda found: f"{found[1]}{setup_cell()}\n\n", text, count=1)
    if filled != text:
        text = filled
        script.write_text(text, encoding="utf-8", newline="\n")
    new = script_cells(text)
    old = nbformat.read(path, 4) if path.exists() else nbformat.v4.new_notebook()
    new.metadata = nbformat.from_dict({"kernelspec": KERNEL, "language_info": {"name": "python"}})
    if "widgets" in old.metadata:
        new.metadata.widgets = old.metadata.widgets
    kept, taken, fresh = {}, {cell.get("id") for cell in old.cells}, 0
    for cell in old.cells:
        kept.setdefault((cell.cell_type, cell.source), []).append(cell)
    for cell in new.cells:
        if same := kept.get((cell.cell_type, cell.source)):
            match = same.pop(0)
            cell.id = match.id
            if cell.cell_type == "code":
                cell.outputs, cell.execution_count = match.outputs, match.execution_count
            continue
        fresh += cell.cell_type == "code"
        salt = 0  # jupytext draws ids at random; these are the same every time
        while (cell_id := hashlib.sha256(f"{salt}{cell.source}".encode()).hexdigest()[:8]) in taken:
            salt += 1
        cell.id = cell_id
        taken.add(cell_id)
    write(new, path)
    print(f"{chapter.as_posix()}: {fresh} code cells are new and have no output yet", flush=True)


def update(chapter, executed):
    """Copies the outputs of an executed copy, cell by cell, into the committed notebook.

    Args:
        chapter: path of the notebook relative to the root.
        executed: path of the executed copy.

    Raises:
        ValueError: the two do not have the same cells.
    """
    old, done = nbformat.read(ROOT / chapter, 4), nbformat.read(executed, 4)
    if [cell.source for cell in old.cells] != [cell.source for cell in done.cells]:
        raise ValueError(f"{executed} has other cells than {chapter}: execute it again.")
    widgets = done.metadata.get("widgets", {})
    outputs = [joined(cell.get("outputs", [])) for cell in done.cells]
    text = json.dumps([outputs, widgets])
    for number, name in enumerate(models(outputs, widgets)):
        text = text.replace(name, hashlib.sha256(f"{chapter.stem} {number}".encode()).hexdigest()[:32])
    outputs, widgets = nbformat.from_dict(json.loads(text))
    for cell, made, new in zip(old.cells, done.cells, outputs, strict=True):
        if cell.cell_type == "code":
            cell.execution_count, cell.outputs = made.execution_count, new
    old.metadata.pop("widgets", None)
    if widgets:
        old.metadata.widgets = widgets
    write(old, ROOT / chapter)


def joined(outputs):
    """Outputs with consecutive pieces of one stream joined: where they break is a matter of timing."""
    result = []
    for output in outputs:
        last = result[-1] if result else None
        if last and output.output_type == last.output_type == "stream" and output.name == last.name:
            last.text += output.text
        else:
            result.append(output)
        if output.output_type == "execute_result":
            output.metadata.pop("execution", None)
        if "image/png" in output.get("data", {}):
            output.data["image/png"] = smaller(output.data["image/png"])
    return result


def smaller(png):
    """The same picture, point for point, in fewer bytes.

    Args:
        png: a PNG in base64, as notebooks store it.

    Returns:
        Likewise: with a palette if there are at most 256 colours, without an opaque alpha channel, packed as well as
        Pillow can; unchanged if that is not smaller.
    """
    picture = Image.open(io.BytesIO(base64.b64decode(png)))
    resolution = {"dpi": picture.info["dpi"]} if "dpi" in picture.info else {}
    if picture.mode == "RGBA" and picture.getextrema()[3] == (255, 255):
        picture = picture.convert("RGB")
    ways = [picture]
    if picture.mode == "RGB" and (colours := picture.getcolors(256)):
        few = picture.quantize(len(colours), dither=Image.Dither.NONE)
        if ImageChops.difference(few.convert("RGB"), picture).getbbox() is None:
            ways.append(few)
    packed = [png]
    for way in ways:
        file = io.BytesIO()
        way.save(file, "PNG", optimize=True, **resolution)
        packed.append(base64.b64encode(file.getvalue()).decode())
    return min(packed, key=len)


def models(outputs, widgets):
    """The ids of all widgets in an order that every execution gives: jupyter draws them at random.

    First those that the outputs show, each followed by those it refers to; then the rest (links between widgets, for
    example), told apart by their contents.
    """
    state = widgets.get("application/vnd.jupyter.widget-state+json", {}).get("state", {})
    order = []

    def visit(value):
        for name in re.findall("[0-9a-f]{32}", json.dumps(value, sort_keys=True)):
            if name in state and name not in order:
                order.append(name)
                visit(state[name])

    def contents(name):
        text = json.dumps(state[name], sort_keys=True)
        return re.sub("[0-9a-f]{32}", lambda found: str(order.index(found[0]) if found[0] in order else ""), text)

    visit(outputs)
    for name in sorted(set(state) - set(order), key=contents):
        visit(name)
    return order
