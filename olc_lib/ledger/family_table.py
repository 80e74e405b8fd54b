"""All members of the VAE family on MNIST in one table, from the result files."""

import ast
import inspect
import textwrap
from collections.abc import Callable, Sequence
from typing import NamedTuple

from olc_lib.systems import family
from olc_lib.systems.family import clusters, codebook, shaped, vaegan

from .experiments import interval, read, values


class Row(NamedTuple):
    """A member, and where it was measured.

    Attributes:
        name: of the arm.
        experiment: whose result files.
        objectives: what it is trained by; their lines are counted.
        second: a second stage draws, so its drawings and its cloud count.
    """

    name: str
    experiment: str
    objectives: tuple[Callable, ...]
    second: bool = False


#: Every member, in the order of the chapters. What conditions on something else has a table of its own.
ROWS = (
    *(Row(name, "family", (member["objective"], *([member["critic"]] if "critic" in member else [])), "then" in member)
      for name, member in family.MEMBERS.items()),
    *(Row(name, "family-shapes", (shaped.SHAPES[name]["objective"],)) for name in shaped.SHAPES),
    Row("VaDE", "family-clusters", (clusters.vade,)),
    Row("VQ-VAE", "family-codebook", (codebook.vq,)),
    *(Row(name, "family-gan", (vaegan.creative, vaegan.critical)) for name in vaegan.MEMBERS),
)  # fmt: skip
#: Column to digits after the point; of a second stage the result with ``then_`` before it goes first.
COLUMNS = {"nll": 1, "active": 0, "fid": 2, "mmd": 1, "seconds": 0}
#: Columns of the table, in order.
HEADINGS = ("member", "NLL", "active", "FID", "1000 MMD", "seconds", "lines", "seeds")


def lines(function: Callable) -> int:
    """Lines of a function's code: neither its docstring nor empty lines.

    Args:
        function: of this package.

    Returns:
        Their number, the line of ``def`` included.
    """
    source = textwrap.dedent(inspect.getsource(function))
    tree = ast.parse(source).body[0]
    first = tree.body[0]
    told = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    skipped = range(first.lineno, first.end_lineno + 1) if told else ()
    return sum(bool(text.strip()) for at, text in enumerate(source.splitlines(), 1) if at not in skipped)


def cell(records: Sequence[dict], key: str, digits: int) -> str:
    """A mean over seeds; from three seeds on with half the width of its 95 % interval.

    Args:
        records: of an arm.
        key: of the result.
        digits: after the point.

    Returns:
        A dash where the member has no such result.
    """
    if not records or any(key not in record["results"] for record in records):
        return "–"
    numbers = values(records, key)
    mean, low, _ = interval(numbers)
    return f"{mean:.{digits}f}" + (f" ± {mean - low:.{max(digits, 1)}f}" if len(numbers) >= 3 else "")


def rows(wanted: Sequence[Row] = ROWS) -> list[list[str]]:
    """The table's rows.

    Args:
        wanted: members; one that was never measured is left out.

    Returns:
        Cells in the order of :data:`HEADINGS`. Two-stage VAEs have no negative log-likelihood here: theirs is of grey
        pixels, and all others' of black and white ones.
    """
    files = {name: read(name) for name in dict.fromkeys(row.experiment for row in wanted)}
    found = []
    for row in wanted:
        if not (records := files[row.experiment].get(row.name)):
            continue
        cells = []
        for key, digits in COLUMNS.items():
            second = f"then_{key}" if row.second and key in ("fid", "mmd") else key
            cells.append("–" if row.second and key == "nll" else cell(records, second, digits))
        found.append([row.name, *cells, str(sum(map(lines, row.objectives))), str(len(records))])
    return found
