"""Numbers the chapters as ``_toc.yml`` orders them: ``python book/renumber.py``.

A chapter that comes in between the others is written under any free number and listed in its place. This renames
its files and those behind it, their self-checks, and every mention: file names, and "chapter 8" or "chapters 9 and 10"
in prose. Afterwards ``python book/generate.py`` writes the tables of the appendices anew.
"""

import re
import subprocess
from pathlib import Path

from toc import ROOT, pages

TEXT = {".py", ".md", ".ipynb", ".yml", ".toml", ".css", ".js"}
MENTION = r"(?i)(\bchapters?[ \n](?:# )?)(\d+(?:(?:, | and | or | to )\d+)*)\b"


def numbering(names):
    """Which number becomes which, where any does.

    Args:
        names: of the chapters in reading order, such as ``"07_interpolation"``.

    Returns:
        ``{old: new}``, numbers as two digits.
    """
    old = [name[:2] for name in names]
    if twice := {number for number in old if old.count(number) > 1}:
        raise ValueError(f"_toc.yml has chapters of the same number: {sorted(twice)}")
    return {number: f"{place:02}" for place, number in enumerate(old, 1)}


def renumbered(text, names, new):
    """A text in which every chapter has its new number.

    Args:
        text: of a page, a script or a test.
        names: of the chapters, as they were.
        new: :func:`numbering` of these.

    Returns:
        The text.
    """
    stems = "|".join(re.escape(name[3:]) for name in names)
    text = re.sub(rf"\b(\d\d)_(?=(?:{stems})\b)", lambda found: f"{new.get(found[1], found[1])}_", text)

    # A link whose whole text is a number names its chapter by it.
    text = re.sub(rf"\[(?:\d+)\]\((?=(?:book/)?(\d\d)_(?:{stems})\b)", lambda found: f"[{int(found[1])}](", text)

    def mention(found):
        return found[1] + re.sub(r"\d+", lambda n: str(int(new.get(f"{int(n[0]):02}", n[0]))), found[2])

    return re.sub(MENTION, mention, text)


def main():
    """Renames and rewrites, in every file that git knows."""
    names = [Path(page).name for page in pages() if re.match(r"\d\d_", Path(page).name)]
    new = numbering(names)
    known = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\n")
    texts = [name for name in known if Path(name).suffix in TEXT and not re.search("CHANGELOG|renumber", name)]
    for path in (ROOT / name for name in texts):
        text = path.read_text(encoding="utf-8")
        changed = renumbered(text, names, new)
        if path.name == "paper_items.py":  # it names chapters by their two digits
            changed = re.sub(r'"(?:\d\d[^"]*)"', lambda found: _places(found[0], new), changed)
        if changed != text:
            path.write_text(changed, encoding="utf-8")
    moves = []
    for name in names:
        number = new[name[:2]]
        moves += [(ROOT / "book" / f"{name}{end}", f"{number}{name[2:]}{end}") for end in (".py", ".ipynb")]
        moves.append((ROOT / "olc_lib" / "checks" / f"ch{name[:2]}.py", f"ch{number}.py"))
    for path, _ in moves:
        path.rename(path.with_name(f"moving_{path.name}"))  # two steps: the new name may still be taken
    for path, name in moves:
        path.with_name(f"moving_{path.name}").rename(path.with_name(name))


def _places(text, new):
    return re.sub(r'(?<=["| ])(\d\d)(?=["| :])', lambda found: new.get(found[1], found[1]), text)


if __name__ == "__main__":
    main()
