"""The book as a book: pairs, outputs, budgets, rhythm, alt text, and exercises that can be solved."""

import re
import statistics
import subprocess

import nbformat
import pytest
from pair import script_cells
from toc import chapters, pages, solution, tags

from conftest import ROOT, compared_cells

CHAPTERS = [ROOT / chapter for chapter in chapters()]
NUMBERED = [path for path in CHAPTERS if re.match(r"\d\d_", path.name)]
PAGES = [path for page in pages() for path in ROOT.glob(f"{page}.*") if path.suffix in (".ipynb", ".md")]
every_page = pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
every_chapter = pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
numbered_chapter = pytest.mark.parametrize("path", NUMBERED, ids=lambda path: path.stem)


def cells(path, kind):
    """The cells of one kind of a chapter."""
    return [cell for cell in nbformat.read(path, 4).cells if cell.cell_type == kind]


def markdown(path):
    """All prose of a chapter in one string."""
    return "\n\n".join(cell.source for cell in cells(path, "markdown"))


def without_code(text):
    """Markdown without fenced blocks and inline code."""
    return re.sub(r"`[^`\n]*`", "", re.sub(r"(?ms)^ *```.*?^ *```", "", text))


# Pairs and outputs


def test_every_notebook_is_a_chapter_with_its_script():
    """No notebook or script lies beside the book."""
    assert {path.name for path in (ROOT / "book").glob("*.ipynb")} == {path.name for path in CHAPTERS}
    scripts = {path.stem for path in (ROOT / "book").glob("*.py")} - {
        "book_map",
        "execute",
        "generate",
        "pair",
        "no_thebe",
        "paper_items",
        "readme_table",
        "renumber",
        "setup_cell",
        "spine",
        "toc",
    }
    assert scripts == {path.stem for path in CHAPTERS}


@every_chapter
def test_pair_is_in_sync(path):
    """The script and the notebook have the same cells. Nothing is written, and no modification time is asked."""
    script = script_cells(path.with_suffix(".py").read_text(encoding="utf-8")).cells
    notebook = nbformat.read(path, 4).cells
    assert [(cell.cell_type, cell.source, dict(cell.metadata)) for cell in script] == [
        (cell.cell_type, cell.source, dict(cell.metadata)) for cell in notebook
    ], "run `python book/execute.py --sync --update`"


@every_chapter
def test_every_code_cell_was_executed_in_order(path):
    """A stripped notebook would pass nbval in silence."""
    counts = [cell.execution_count for cell in cells(path, "code")]
    assert counts == list(range(1, len(counts) + 1)), "run `python book/execute.py --update`"


@every_chapter
def test_outputs_are_clean_and_portable(path):
    """No error, no address in memory, no path of the machine that executed the book."""
    for cell in cells(path, "code"):
        for output in cell.outputs:
            assert output.output_type != "error" or "raises-exception" in tags(cell), cell.source
            text = output.get("text", "") + output.get("data", {}).get("text/plain", "")
            assert not re.search(r"\b0x[0-9a-f]{6,}|/(home|tmp|root|Users)/|[A-Z]:\\Users", text), cell.source


def test_two_thirds_of_all_code_cells_are_compared_exactly():
    """The rest carry a tag such as nbval-ignore-output."""
    total, compared, _ = compared_cells()
    assert 3 * compared >= 2 * total, f"{compared} of {total}"


# Budgets


@every_chapter
def test_notebook_is_at_most_one_megabyte(path):
    """Sounds and figures are short and small."""
    assert path.stat().st_size <= 1_000_000


def test_repository_is_at_most_sixty_megabytes():
    """All that git tracks or would track."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"], cwd=ROOT, capture_output=True
    )
    if listed.returncode:
        pytest.skip("not a git repository")
    files = [ROOT / name for name in listed.stdout.decode().split("\0") if name]
    assert sum(path.stat().st_size for path in files if path.is_file()) <= 60_000_000


# Rhythm and frame


@every_chapter
def test_code_cells_are_short(path):
    """No cell over 20 lines."""
    for cell in cells(path, "code"):
        assert len(cell.source.splitlines()) <= 20, cell.source


def test_median_code_cell_is_about_six_lines():
    """Over the whole book, set-up cells aside."""
    lengths = [len(c.source.splitlines()) for path in CHAPTERS for c in cells(path, "code") if "setup" not in tags(c)]
    assert statistics.median(lengths) <= 8


@every_chapter
def test_prose_blocks_are_short(path):
    """A Markdown cell has fewer than 120 words; formulas, tables, code, folded parts and alt text aside."""
    for cell in cells(path, "markdown"):
        text = re.sub(
            r"(?s)!\[[^\]]*\]\([^)]*\)|<details>.*?</details>|\$\$.*?\$\$|<!--.*?-->", " ", without_code(cell.source)
        )
        text = re.sub(r"\$[^$\n]+\$|\]\([^)]*\)|<[^>]+>|(?m:^ *\|.*$)", " ", text)
        assert len(re.findall(r"\S*\w\S*", text)) < 120, cell.source


@every_page
def test_a_page_is_read_at_a_sitting(path):
    """At most 2,500 words of Markdown: exercises, solutions, alt text and tables count, generated lists do not."""
    text = markdown(path) if path.suffix == ".ipynb" else path.read_text(encoding="utf-8")
    text = re.sub(r"(?s)<!-- \w+: made by .*?<!-- end -->", " ", text)
    assert len(text.split()) <= 2500


@numbered_chapter
def test_a_chapter_asks_an_open_question(path):
    """One that is really open, before the exercises."""
    assert "## An open question" in markdown(path).partition("\n## Exercises")[0]


@every_chapter
def test_markdown_is_plain(path):
    """Nothing that only Sphinx can read: Colab and Jupyter show the same page."""
    for cell in cells(path, "markdown"):
        found = re.search(r"(?m)^ *(```|~~~) *\{|^ *:::|\{[\w:+-]+\}`|^\([\w-]+\)=\s*$|^\+\+\+", cell.source)
        assert not found, f"{found[0]} in {cell.source}"


@numbered_chapter
def test_chapter_has_its_frame(path):
    """Title, time and needs, then goals; at the end what to remember and exercises, then perhaps where to go next."""
    headings = re.findall(r"(?m)^(#{1,2}) (.+)$", without_code(markdown(path)))
    assert headings[0][0] == "#" and [level for level, _ in headings].count("#") == 1
    sections = [title for level, title in headings if level == "##"]
    closing = [title for title in sections if title != "Where next"][-2:]
    assert sections[0] == "Goals" and closing == ["What to remember", "Exercises"]
    opening = markdown(path).partition("\n## Goals")[0]
    assert re.search(r"(?m)^\*\*Time:\*\* .*read.*run", opening) and re.search(r"(?m)^\*\*Needs:\*\* \S", opening)


@every_chapter
def test_parameters_are_the_agreed_ones(path):
    """A chapter that trains says so in one cell; everything else is fixed."""
    marked = [cell.source for cell in cells(path, "code") if "parameters" in tags(cell)]
    assert len(marked) <= 1
    for source in marked:
        assert re.search(r'(?m)^run = "embedded"', source)
        trains = any("runs.train(" in cell.source for cell in cells(path, "code"))
        assert trains == bool(re.search(r"(?m)^retrain = False", source))


# Alt text


@every_chapter
def test_every_image_has_alt_text(path):
    """Of figures in the cell metadata, of other images in their own tag."""
    for cell in cells(path, "code"):
        data = [output.get("data", {}) for output in cell.outputs]
        if any(kind.startswith("image/") for bundle in data for kind in bundle):
            alt = cell.metadata.get("mystnb", {}).get("image", {}).get("alt", "")
            assert len(alt) >= 15, f"no alt text: {cell.source}"
        for tag in re.findall(r"<img\b[^>]*>", "".join(bundle.get("text/html", "") for bundle in data)):
            assert re.search(r'alt="[^"]+"', tag), cell.source
    text = without_code(markdown(path))
    assert all(alt.strip() for alt in re.findall(r"!\[([^\]]*)\]", text))
    assert all(re.search(r'alt="[^"]+"', tag) for tag in re.findall(r"<img\b[^>]*>", text))


# Exercises


@numbered_chapter
def test_stubs_say_nothing_and_solutions_are_folded(path):
    """A stored output gives no answer away. That the solutions are right is tried while nbval has the kernel open."""
    notebook = nbformat.read(path, 4)
    found = [number for number, cell in enumerate(notebook.cells) if "exercise" in tags(cell)]
    assert found, "a chapter has exercises"
    for number in found:
        assert solution(notebook.cells, number).strip()
        outputs = notebook.cells[number].outputs
        assert [output.get("text") for output in outputs] == ["Not yet\n"], notebook.cells[number].source
