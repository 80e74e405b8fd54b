"""The appendices: what of the paper is where, the API page, the teacher's tables, and how a chapter is added."""

import ast
import functools
import importlib
import inspect
import io
import pkgutil
import re
import shutil
import subprocess
import sys
from contextlib import redirect_stdout
from pathlib import Path

import nbformat
import pytest
from execute import use_python
from generate import (
    BOOK,
    GENERATED,
    checked_by,
    exercises,
    frame,
    generated,
    mentions,
    minutes,
    names,
    page,
    parts,
    places,
    sections,
)
from paper_items import EVERY, ITEMS, LINES

import olc_lib
from conftest import ROOT

# What of the paper is where


def test_every_item_of_the_paper_is_listed_once():
    expected = [("Equation", 6), ("Table", 10), ("Figure", 10)]
    assert [item.name for item in ITEMS] == [f"{kind} {n}" for kind, last in expected for n in range(1, last + 1)]
    lines = []
    for item in LINES:
        for piece in item.name.split(", "):
            first, *last = map(int, piece.split("-"))
            lines += range(first, (last or [first])[0] + 1)
    last = max(map(int, re.findall(r"\[(\d+)\]", (ROOT / "tests" / "paper_pseudocode.py").read_text(encoding="utf-8"))))
    assert sorted(lines) == list(range(1, last + 1))


def test_chapters_name_the_item():
    """Every chapter that is listed exists and says which part of the paper it explains."""
    for item in EVERY:
        assert places(item)
        for name, section in places(item):
            script = page(name).with_suffix(".py")
            assert script.exists(), f"{script.name} is not written yet"
            headings = [heading for heading, _ in sections(page(name))]
            assert not section or section in headings, f"{script.name} has no section {section!r}"
            named = any(names(item, text) for _, text in sections(page(name)))
            assert named, f"{script.name} does not name {item.name}"


@functools.cache
def resolved(name):
    """An object below olc_lib, and the docstring or the comment that describes it."""
    parts = name.split(".")
    for cut in range(len(parts), 0, -1):
        try:
            found = importlib.import_module(".".join(["olc_lib", *parts[:cut]]))
        except ModuleNotFoundError:
            continue
        module = found
        for part in parts[cut:]:
            found = getattr(found, part)
        if callable(found):
            return found, inspect.getdoc(found)
        comment = re.search(rf"(?m)((?:^#: .*\n)+){parts[-1]} = ", inspect.getsource(module))
        return found, comment[1] if comment else ""
    raise AssertionError(f"no module of olc_lib begins {name}")


def test_code_of_the_item_exists_and_says_so():
    """Of equations and tables, the docstring (or comment) of one object gives the number."""
    for item in EVERY:
        texts = [resolved(name)[1] for name in item.objects.split()]
        assert texts
        if item in ITEMS and not item.name.startswith("Figure"):
            assert any(item.name in mentions(text) for text in texts)


def test_tests_of_the_item_exist_and_use_its_code():
    for item in EVERY:
        sources = ""
        for file, functions in checked_by(item).items():
            text = (ROOT / "tests" / file).read_text(encoding="utf-8")
            defined = {node.name for node in ast.parse(text).body if isinstance(node, ast.FunctionDef)}
            assert set(functions) <= defined, f"{file} has no {set(functions) - defined}"
            sources += text
        if file == "test_against_pseudocode.py":  # a whole training step runs what is below it
            sources += inspect.getsource(importlib.import_module("olc_lib.objective"))
        for name in item.objects.split():
            assert re.search(rf"\b{name.split('.')[-1]}\b", sources), f"no test of {item.name} uses {name}"


@pytest.mark.parametrize(
    "text, expected",
    [
        ("Equation 5, Eq. (1) and Eqs. (3) and (4)", "Equation 5, Equation 1, Equation 3, Equation 4"),
        ("Tables 3 and 7; Table 10.", "Table 3, Table 7, Table 10"),
        ("Figures 5, 6 and\n8, Figures 1 to 3", "Figure 5, Figure 6, Figure 8, Figure 1, Figure 2, Figure 3"),
        ("a table 3 wide, equations of the second kind, Table A", ""),
    ],
)
def test_mentions(text, expected):
    assert mentions(text) == set(filter(None, expected.split(", ")))


# The API pages


def modules_on_the_page():
    """The modules that the three API pages document, in their order."""
    pages = ("api", "api_neighbours", "api_ledger")
    text = "\n".join((BOOK / f"{page}.md").read_text(encoding="utf-8") for page in pages)
    return re.findall(r"(?m)^\.\. automodule:: (\S+)$", text)


def test_api_page_has_every_module_once():
    """The rules of exercises aside, which give the answers away."""
    walked = pkgutil.walk_packages(olc_lib.__path__, "olc_lib.")
    found = [module.name for module in walked if not module.ispkg or module.name.startswith("olc_lib.systems")]
    found = [name for name in found if not re.search(r"checks\.ch\d\d$", name)]
    assert sorted(modules_on_the_page()) == sorted(found)


def test_api_page_is_in_reading_order():
    """A module uses only what stands above it (an import within a function aside)."""
    above = {"olc_lib", "olc_lib.ledger"}
    for name in modules_on_the_page():
        origin = Path(importlib.util.find_spec(name).origin)
        package = name if origin.name == "__init__.py" else name.rpartition(".")[0]
        tree = ast.parse(origin.read_text(encoding="utf-8"))
        for node in tree.body:
            if not isinstance(node, ast.ImportFrom):
                continue
            source = importlib.util.resolve_name("." * node.level + (node.module or ""), package)
            names = {f"{source}.{alias.name}" for alias in node.names}
            modules = names & set(modules_on_the_page())
            for used in modules | ({source} if names - modules else set()):
                assert not used.startswith("olc_lib") or used in above or used == name, (
                    f"{name} uses {used}, which comes later"
                )
        above.add(name)


# For teachers


@pytest.mark.parametrize("path", sum(parts().values(), []), ids=lambda path: path.name)
def test_a_chapter_says_what_it_needs_and_numbers_its_exercises(path):
    """In the words that the tables are made from; and nothing depends on what comes later."""
    read, run, needs = frame(path)
    assert minutes(read) >= 1 and minutes(run) >= 0
    assert max(needs, default=0) < int(path.name[:2])
    assert list(exercises(path)) == list(range(1, len(exercises(path)) + 1))


def test_exercises_and_sections_that_the_page_names_exist():
    text = (BOOK / "for_teachers.md").read_text(encoding="utf-8")
    found = re.findall(r"(?i)exercise (\d+) of chapter (\d+)", text)
    assert found
    for exercise, chapter in found:
        assert int(exercise) in exercises(page(f"{int(chapter):02}")), f"chapter {chapter} has no exercise {exercise}"
    found = re.findall(r"(?i)chapter (\d+), (?:to |as far as )?\*([^*]+)\*", text)
    assert found
    for chapter, section in found:
        headings = [heading for heading, _ in sections(page(f"{int(chapter):02}"))]
        assert section in headings, f"chapter {chapter} has no section {section!r}"


def blocks(name, language="python"):
    """The fenced blocks of one language on an appendix."""
    text = (BOOK / f"{name}.md").read_text(encoding="utf-8")
    return re.findall(rf"(?ms)^```{language}\n(.*?)^```", text)


def test_grading_script_counts_what_is_right(tmp_path):
    """On two submissions: one solved, one with an error in one cell and a stub in another."""
    (script,) = [block for block in blocks("for_teachers") if "nbclient" in block]
    (tmp_path / "grade.py").write_text(script, encoding="utf-8")
    (tmp_path / "handed_in").mkdir()
    first = "from olc_lib import checks"
    four, text = "answer = {}\nchecks.code_of_a_four(answer)", "text = {}\nchecks.code_text(text)"
    for name, cells in {
        "ada": [first, four.format('"1-0000100000"'), text.format('"000100-0000000001"')],
        "bob": [first, four.format("1 / 0"), text.format('""')],
    }.items():
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
        nbformat.write(notebook, tmp_path / "handed_in" / f"{name}.ipynb")
    use_python(tmp_path / "jupyter")
    command = [sys.executable, "grade.py", "handed_in"]
    shown = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True).stdout.splitlines()
    assert shown == ["ada.ipynb: 2 of 2", "bob.ipynb: 0 of 2, not yet: code_of_a_four, code_text"]


# Add a chapter


@pytest.fixture
def new_chapter(tmp_path, monkeypatch):
    """The chapter that the page shows, synchronized and executed as the commands on the page do it."""
    import execute
    import pair
    import toc

    for module in (execute, pair, toc):
        monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(execute, "BUILD", tmp_path / "_build")
    monkeypatch.setenv("OLC_RUNS", "")
    monkeypatch.setenv("JUPYTER_PATH", "")
    (tmp_path / "olc_lib").mkdir()
    (tmp_path / "book").mkdir()
    for name in ("_config.yml", "book/setup_cell.py"):
        shutil.copy(ROOT / name, tmp_path / name)
    (tmp_path / "_toc.yml").write_text("root: book/35_clipping\n")
    text = next(block for block in blocks("add_a_chapter") if "# %%" in block)
    # The check is not in the library; what it says has a test of its own.
    text = text.replace("import checks\n", "import checks\n\nchecks.clipping_by_hand = lambda _: print('Not yet')\n", 1)
    (tmp_path / "book" / "35_clipping.py").write_text(text, encoding="utf-8")
    chapter = Path("book/35_clipping.ipynb")
    with redirect_stdout(io.StringIO()):
        pair.sync(chapter)
        stage, good = execute.execute_all("as_committed", {}, False)
        assert good
        pair.update(chapter, stage / chapter)
    return tmp_path / chapter


def test_the_chapter_on_the_page_is_a_chapter(new_chapter, tmp_path):
    """It passes what every chapter has to pass."""
    import test_book

    for test in (
        test_book.test_pair_is_in_sync,
        test_book.test_every_code_cell_was_executed_in_order,
        test_book.test_outputs_are_clean_and_portable,
        test_book.test_code_cells_are_short,
        test_book.test_prose_blocks_are_short,
        test_book.test_markdown_is_plain,
        test_book.test_chapter_has_its_frame,
        test_book.test_parameters_are_the_agreed_ones,
        test_book.test_every_image_has_alt_text,
        test_book.test_stubs_say_nothing_and_solutions_are_folded,
    ):
        test(new_chapter)


def test_the_check_on_the_page_knows_right_from_wrong(capsys):
    """It stands in for a file of checks/; stub and solution are those of the chapter on the page."""
    script, check = (next(b for b in blocks("add_a_chapter") if mark in b) for mark in ("# %%", "def clipping"))
    space = {"__package__": "olc_lib.checks"}
    exec(check, space)
    stub = re.search(r"(?m)^(answer = .*)\nchecks\.(\w+)\(answer\)", script)
    solution = re.search(r"(?m)^# (answer = .*)$", script[stub.end() :])
    for text, says in ((stub[1], "Not yet"), (solution[1], "Correct")):
        answer = {}
        exec(text, answer)
        space[stub[2]](answer["answer"])
        shown = capsys.readouterr().out
        assert shown == "Not yet\n" if says == "Not yet" else shown.startswith("Correct: ")


def test_commands_on_the_page_are_those_of_the_scripts():
    """Every option that the page names is one that the script takes."""

    @functools.cache
    def helped(script):
        command = [sys.executable, *script.split(), "--help"]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout

    for command in [line for block in blocks("add_a_chapter", "bash") for line in block.splitlines()]:
        assert re.match(r"(python|bash|jupytext) ", command), command
        if script := re.match(r"python (book/execute\.py|-m olc_lib measure)", command):
            assert all(option in helped(script[1]) for option in re.findall(r"--[\w-]+", command)), command


# What is generated


@pytest.mark.parametrize("name", GENERATED)
def test_what_is_generated_is_up_to_date(name):
    assert (BOOK / f"{name}.md").read_text(encoding="utf-8") == generated(name), "run `python book/generate.py`"
