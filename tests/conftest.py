"""What all tests share: the scripts of book/ can be imported, and the summary counts how cells are compared."""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "book"))
os.environ.pop("OLC_RUNS", None)  # committed outputs come from the runs that ship with the package

#: What keeps nbval from comparing a cell.
UNCOMPARED = {"nbval-ignore-output", "nbval-skip", "nbval-raises-exception", "raises-exception"}


def compared_cells():
    """Counts the code cells of all chapters.

    Returns:
        How many there are, how many nbval compares, and how many of those have output to compare.
    """
    import nbformat
    from execute import chapters, tags

    cells = [
        cell
        for chapter in chapters()
        if (ROOT / chapter).exists()
        for cell in nbformat.read(ROOT / chapter, 4).cells
        if cell.cell_type == "code"
    ]
    compared = [cell for cell in cells if not UNCOMPARED & set(tags(cell)) and "NBVAL_" not in cell.source]
    return len(cells), len(compared), sum(bool(cell.outputs) for cell in compared)


def pytest_terminal_summary(terminalreporter):
    """Prints the share of code cells that are compared exactly."""
    total, compared, speaking = compared_cells()
    terminalreporter.write_line(
        f"book: {compared} of {total} code cells are compared exactly ({speaking} of them have output)"
    )
