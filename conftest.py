"""What all tests share: book/ can be imported, solutions are tried, the summary counts how cells are compared."""

import os
import sys
from pathlib import Path
from queue import Empty

import pytest

ROOT = Path(__file__).resolve().parent
sys.path.insert(0, str(ROOT / "book"))
os.environ.pop("OLC_RUNS", None)  # committed outputs come from the runs that ship with the package
# One thread each, as book/execute.py has it: workers side by side do not wait for each other, and digits stay the same.
for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMEXPR_NUM_THREADS"):
    os.environ[name] = "1"

#: What keeps nbval from comparing a cell.
UNCOMPARED = {"nbval-ignore-output", "nbval-skip", "nbval-raises-exception", "raises-exception"}


def compared_cells():
    """Counts the code cells of all chapters.

    Returns:
        How many there are, how many nbval compares, and how many of those have output to compare.
    """
    import nbformat
    from toc import chapters, tags

    cells = [
        cell
        for chapter in chapters()
        if (ROOT / chapter).exists()
        for cell in nbformat.read(ROOT / chapter, 4).cells
        if cell.cell_type == "code"
    ]
    compared = [cell for cell in cells if not UNCOMPARED & set(tags(cell)) and "NBVAL_" not in cell.source]
    return len(cells), len(compared), sum(bool(cell.outputs) for cell in compared)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    """After the stub of an exercise, its solution is tried in the kernel that nbval has open."""
    outcome = yield
    if type(item).__name__ == "IPyNbCell" and "exercise" in item.cell.metadata.get("tags", []):
        from toc import solution

        cells = item.parent.nb.cells
        source = solution(cells, cells.index(item.cell))
        shown = printed(item.parent.kernel, source, item.config.option.nbval_cell_timeout)
        assert any(line.startswith("Correct: ") for line in shown.splitlines()), f"{source}\nprinted: {shown}"
    return outcome


def printed(kernel, source, timeout):
    """What a cell prints that is executed in nbval's kernel, the last line of an error included."""
    number = kernel.execute_cell_input(source, allow_stdin=False)
    kernel.await_reply(number, timeout=timeout)
    text = ""
    while True:
        try:
            message = kernel.get_message("iopub", timeout=10)
        except Empty:
            return text
        if message["parent_header"].get("msg_id") != number:
            continue
        content = message["content"]
        if message["msg_type"] == "stream":
            text += content["text"]
        elif message["msg_type"] == "error":
            text += f"{content['ename']}: {content['evalue']}\n"
        elif message["msg_type"] == "status" and content["execution_state"] == "idle":
            return text


def pytest_terminal_summary(terminalreporter):
    """Prints the share of code cells that are compared exactly."""
    total, compared, speaking = compared_cells()
    terminalreporter.write_line(
        f"book: {compared} of {total} code cells are compared exactly ({speaking} of them have output)"
    )
