"""Which pages the book has, and what all scripts of this folder share."""

import re
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[1]
KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}


def pages(root=None):
    """Every page of _toc.yml in reading order, without suffix, relative to the root."""

    def walk(entry):
        yield from (entry[key] for key in ("root", "file") if key in entry)
        for key in ("parts", "chapters", "sections"):
            for child in entry.get(key, []):
                yield from walk(child)

    return list(walk(yaml.safe_load(((root or ROOT) / "_toc.yml").read_text(encoding="utf-8"))))


def chapters(root=None):
    """The notebooks among the pages, as paths relative to the root."""
    return [Path(f"{page}.ipynb") for page in pages(root) if not ((root or ROOT) / f"{page}.md").exists()]


def tags(cell):
    """The tags of a notebook cell."""
    return cell.metadata.get("tags", [])


def solution(cells, number):
    """The folded solution of an exercise, with its check.

    Args:
        cells: of a notebook.
        number: which of them is the exercise.

    Returns:
        The source to execute.

    Raises:
        ValueError: the exercise has no check at its end, or no solution after it.
    """
    stub, after = cells[number].source, cells[number + 1].source if number + 1 < len(cells) else ""
    folded = re.search(r"(?s)<details>\s*<summary>.+?</summary>.*?```python\n(.*?)```.*?</details>", after)
    if not folded:
        raise ValueError(f"no folded solution in the cell after the exercise:\n{stub}")
    call = stub.strip().splitlines()[-1]
    if not call.startswith("checks."):
        raise ValueError(f"an exercise ends with its check:\n{stub}")
    return folded[1] if call in folded[1] else f"{folded[1]}\n{call}"
