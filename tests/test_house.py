"""The house: what stands where, what README promises, and how the library is documented."""

import ast
import re
import shutil
import subprocess

import pytest

from conftest import ROOT

MODULES = sorted(path for path in (ROOT / "olc_lib").rglob("*.py"))
TOP = {
    "README.md",
    "_config.yml",
    "_toc.yml",
    "requirements.txt",
    "pyproject.toml",
    "conftest.py",
    "book",
    "olc_lib",
    "tests",
}
TEXT = {".py", ".ipynb", ".md", ".yml", ".yaml", ".toml", ".txt", ".cff", ".bib", ".css", ".js", ".json", ""}


def tracked():
    """Every file that git tracks or would track."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True)
    if listed.returncode:
        pytest.skip("not a git repository")
    return [ROOT / name for name in listed.stdout.decode().split("\0") if name and (ROOT / name).is_file()]


def test_top_level_holds_nothing_else():
    """The layout that README shows; beside it licences, CITATION.cff and dot-files."""
    names = {path.relative_to(ROOT).parts[0] for path in tracked()}
    others = {name for name in names - TOP if not name.startswith((".", "LICENSE")) and name != "CITATION.cff"}
    assert not others and TOP <= names


def test_readme_has_the_two_commands_that_ci_runs():
    """The first two lines in its bash blocks; .ci/run takes them from there."""
    blocks = re.findall(r"(?ms)^```bash\n(.*?)^```", (ROOT / "README.md").read_text(encoding="utf-8"))
    first, second, *_ = [line for block in blocks for line in block.splitlines() if line and not line.startswith("#")]
    for part in ("-m venv", "-r requirements.txt", "book/execute.py", "--build"):
        assert part in first
    assert re.search(r"pytest .*--nbval\b|pytest --nbval\b", second)
    if not shutil.which("bash"):
        pytest.skip("no bash on this machine")
    listed = subprocess.run(["bash", ROOT / ".ci" / "run", "--list"], capture_output=True, text=True, check=True)
    assert listed.stdout.splitlines() == [first, second]


def test_requirements_are_exact_portable_and_end_with_the_package():
    """Pins with markers; no address of an index or a mirror."""
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    needs = [line for line in lines if line and not line.startswith("#")]
    assert needs[-1] == "-e ."
    assert all(re.fullmatch(r"[\w.-]+==[\w.]+( ; .+)?", need) for need in needs[:-1])
    assert not re.search(r"://|--(extra-)?index|--find-links|@", "\n".join(lines))
    assert {"torch==2.11.0", "torchvision==0.26.0", "torchaudio==2.11.0"} <= set(needs)


def test_nothing_speaks_of_the_workshop():
    """No path of a machine, and no note to self, in any file of ours."""
    words = "|".join(["/wo" + "rk/", "/ro" + "ot/", r"\bTO" + r"DO\b", r"\bFIX" + r"ME\b"])
    found = []
    for path in tracked():
        vendored = {"mathjax", "widgets"} & set(path.relative_to(ROOT).parts[2:3]) and "_static" in path.parts
        if path.suffix in TEXT and not vendored:
            text = path.read_text(encoding="utf-8", errors="replace")
            if path.suffix == ".ipynb":  # base64 has letters of every kind
                text = re.sub(r"[A-Za-z0-9+/=]{200,}", "", text)
            found += [f"{path.relative_to(ROOT)}: {match}" for match in re.findall(words, text)]
    assert found == []


def code_lines(path):
    """How many lines of code a module has: blank lines, comments and docstrings aside."""
    text = path.read_text(encoding="utf-8")
    silent = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            silent |= set(range(node.lineno, node.end_lineno + 1))
    lines = enumerate(text.splitlines(), 1)
    return sum(bool(line.strip()) and not line.strip().startswith("#") and n not in silent for n, line in lines)


def test_the_core_is_read_in_an_evening_and_a_file_at_a_sitting():
    """The paper's ideas and the loop in under 1,500 lines; no file of the library over 350."""
    lines = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in (ROOT / "olc_lib").rglob("*.py")}
    core = ("normalize", "latent", "losses", "objective", "networks", "transfer", "train")
    assert sum(lines[ROOT / "olc_lib" / f"{room}.py"] for room in core) < 1500
    assert {path.name: count for path, count in lines.items() if count > 350} == {}


def test_the_map_of_the_library_names_every_room():
    """The docstring of the package, which is where a reader of the code begins."""
    text = (ROOT / "olc_lib" / "__init__.py").read_text(encoding="utf-8")
    rooms = {
        path.stem for path in (ROOT / "olc_lib").iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()
    }
    assert {room for room in rooms - {"__init__", "__main__"} if f":mod:`{room}`" not in text} == set()


def public(tree):
    """The public functions, classes and methods of a module, as (name, node, is it a method)."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            yield node.name, node, False
            if isinstance(node, ast.ClassDef):
                for item in node.body:
                    if isinstance(item, ast.FunctionDef) and not item.name.startswith("_"):
                        yield f"{node.name}.{item.name}", item, True


def returns_something(function):
    """Whether a function returns or yields a value itself, inner functions aside."""
    inner = {id(x) for f in ast.walk(function) if f is not function and isinstance(f, ast.FunctionDef | ast.Lambda)
             for x in ast.walk(f)}  # fmt: skip
    own = [node for node in ast.walk(function) if id(node) not in inner]
    return any(isinstance(n, ast.Yield) or (isinstance(n, ast.Return) and n.value is not None) for n in own)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_the_api_page_can_link_what_is_written(path):
    """No reference to a private name; no colon in the first line of a constant's comment, which is read as its type."""
    text = path.read_text(encoding="utf-8")
    assert not re.findall(r":(?:func|class|meth|data|mod):`[^`]*\b_[a-z]\w*`", text)
    lines = [line.strip() for line in text.splitlines()]
    first = [line for before, line in zip(["", *lines], lines, strict=False)
             if line.startswith("#:") and not before.startswith("#:")]  # fmt: skip
    assert not [line for line in first if re.search(r"\w: ", line)]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_public_name_is_documented(path):
    """A docstring each; Google's Args and Returns where there are parameters and values."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert ast.get_docstring(tree), "the module says what it is"
    for name, node, method in public(tree):
        text = ast.get_docstring(node)
        assert text, f"{name} has no docstring"
        if isinstance(node, ast.ClassDef):
            continue
        names = [a.arg for a in [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]]
        names = names[1:] if method and names[:1] in (["self"], ["cls"]) else names
        if (
            names and path.parent.name != "checks" or path.name == "check.py"
        ):  # a check takes a reader's answer, and says what it asks for
            assert "Args:" in text, f"{name} does not describe its parameters"
            missing = [a for a in names if not re.search(rf"\b{a}\b", text.split("Args:")[1])]
            assert not missing, f"{name} does not describe {missing}"
            if returns_something(node):
                assert re.search(r"(?m)^ *(Returns|Yields):", text), f"{name} does not say what it returns"
