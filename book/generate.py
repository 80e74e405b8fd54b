"""Writes the lists and tables between the marks on the appendices anew: ``python book/generate.py``."""

import functools
import re
from pathlib import Path

import yaml
from book_map import HOUR, WEEKEND, bare
from paper_items import ITEMS, LINES
from toc import ROOT, pages

BOOK = ROOT / "book"


@functools.cache
def page(name):
    """The path, without suffix, of a page of the book: named in full, or by the two digits it begins with."""
    found = [BOOK / Path(p).name for p in pages() if re.match(rf"{name}(_|$)", Path(p).name)]
    assert len(found) == 1, f"{name!r} is {len(found)} pages of _toc.yml"
    return found[0]


def sections(path):
    """The text of a chapter's script, section by section.

    Returns:
        ``[(heading, text)]``, prose and code; the first heading is the title.
    """
    found = [("", "")]
    for cell in re.split(r"(?m)^# %%", path.with_suffix(".py").read_text(encoding="utf-8"))[1:]:
        first, _, body = cell.partition("\n")
        prose = first.startswith(" [markdown]")
        for line in body.splitlines():
            line = line.removeprefix("#").strip() if prose else line
            if prose and (heading := re.match(r"#+ (.*)", line)):
                found.append((heading[1], ""))
            found[-1] = (found[-1][0], f"{found[-1][1]}{line}\n")
    return found[1:]


def mentions(text):
    """The equations, tables and figures that a text names, for example ``{"Table 3", "Table 7"}``."""
    kinds = {"eq": "Equation", "ta": "Table", "fi": "Figure"}
    found = set()
    number = r"\(?\d+\)?"
    for kind, numbers in re.findall(
        rf"\b(Eqs?\.|Equations?|Tables?|Fig(?:ure)?s?\.?) ({number}(?:(?:, |,? and |,? or | to |[-–]){number})*)",
        text.replace("\n", " ").replace("~", " "),
    ):
        pieces = re.findall(r"(\bto |[-–])?\(?(\d+)", numbers)
        for (joint, value), (_, before) in zip(pieces, [("", "0"), *pieces], strict=False):
            start = int(before) if joint else int(value)
            found |= {f"{kinds[kind[:2].lower()]} {n}" for n in range(start, int(value) + 1)}
    return found


def names(item, text):
    """Whether a text names an item."""
    return bool(re.search(item.needle, text)) if item.needle else item.name in mentions(text)


FRAME = {"Goals", "What to remember", "Where next"}


def places(item):
    """Where an item is explained, as ``[(chapter, section or "")]``."""
    return [(name, section) for name, _, section in (place.partition(": ") for place in item.chapters.split(" | "))]


def link(path):
    """A link to a chapter, by number and title; by its name while it is not written."""
    title = sections(path)[0][0] if path.with_suffix(".py").exists() else path.name[3:].replace("_", " ")
    number = f"{int(path.name[:2])} " if path.name[:2].isdigit() else ""
    return f"[{number}{title}]({path.name}.ipynb)"


def shown(item, name, section):
    """Where a chapter explains an item, as Markdown."""
    path = page(name)
    if not section and item in ITEMS and path.with_suffix(".py").exists():
        found = [heading for heading, text in sections(path)[1:] if heading not in FRAME and names(item, text)]
        titles = [heading for heading in found if names(item, heading)]
        section = [*titles, *found, ""][0]
    return f"{link(path)}, *{section}*" if section else link(path)


def checked_by(item):
    """The tests of an item as ``{file: [functions]}``."""
    found = {}
    for name in item.tests.split():
        file, function = name.split("::")
        found.setdefault(f"test_{file}.py", []).append(f"test_{function}")
    return found


def described(items):
    """Items as Markdown, a paragraph and three lines each."""
    blocks = []
    for item in items:
        name = f"Lines {item.name.replace('-', '–')}" if item in LINES else item.name
        explained = [shown(item, *where) for where in places(item)]
        code = [f"`{name}`" for name in item.objects.split()]
        tests = [
            f"`{file}`: {', '.join(f'`{function}`' for function in functions)}"
            for file, functions in checked_by(item).items()
        ]
        blocks.append(
            f"**{name}**: {item.what}.\n\n"
            f"- explained in {'; '.join(explained)}\n- code: {', '.join(code)}\n- tests: {'; '.join(tests)}\n"
        )
    return "\n".join(blocks)


WORDS = {"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "seconds": 0}


def minutes(text):
    """ "25 minutes", "one minute", "20 seconds" as a number of minutes."""
    amount = re.match(r"(?:about |under )?(\w+)", text)[1]
    number = int(amount) if amount.isdigit() else WORDS[amount]
    return number * 60 if "hour" in text else number / 60 if "second" in text else number


def frame(path):
    """What a chapter says of itself: time to read, time to run, and the chapters it builds on."""
    opening = "".join(text for _, text in sections(path)[:2])
    read, run = re.search(r"\*\*Time:\*\* (.+?) to read, (.+?) to run\.", opening).groups()
    needs = re.search(r"(?s)\*\*Needs:\*\* (.+?)(\n\n|\Z)", opening)[1]
    return read, run, sorted(set(map(int, re.findall(r"\((\d\d)_\w+\.ipynb\)", needs))))


def parts():
    """The parts of the book as ``{caption: [path of each numbered chapter]}``."""
    found = {}
    for part in yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))["parts"]:
        paths = [BOOK / Path(entry["file"]).name for entry in part["chapters"]]
        if numbered := [path for path in paths if re.match(r"\d\d_", path.name)]:
            found[part["caption"]] = numbered
    return found


def written(paths):
    """Those chapters that there are."""
    return [path for path in paths if path.with_suffix(".py").exists()]


def chapter_table():
    """What depends on what."""
    rows = ["| chapter | to read | to run | builds on |", "|---|---|---|---|"]
    for path in written(sum(parts().values(), [])):
        read, run, needs = frame(path)
        rows.append(f"| {link(path)} | {read} | {run} | {', '.join(map(str, needs)) or 'basic PyTorch'} |")
    return "\n".join(rows) + "\n"


def _hours(minutes):
    """In half hours: "1 hour", "2.5 hours"."""
    number = round(minutes / 30) / 2
    return f"{number:g} hour{'' if number == 1 else 's'}"


def week_table():
    """A part of the book a week."""
    rows = ["| week | part | chapters | to read | to run |", "|---|---|---|---|---|"]
    for week, (caption, paths) in enumerate(parts().items(), 1):
        times = [frame(path)[:2] for path in written(paths)]
        read, run = (sum(minutes(time[n]) for time in times) for n in (0, 1))
        chapters = f"{int(paths[0].name[:2])} to {int(paths[-1].name[:2])}"
        hours, run = _hours(read), f"{max(2, round(run))} minutes"
        rows.append(f"| {week} | {caption.split(maxsplit=1)[1]} | {chapters} | {hours} | {run} |")
    return "\n".join(rows) + "\n"


def page_of(name):
    """The path, without suffix, of the page with this name; numbers are left out."""
    return next(BOOK / Path(p).name for p in pages() if bare(p) == name)


def read_minutes(path):
    """How long a page takes to read; five minutes if it does not say."""
    found = re.search(r"\*\*Time:\*\* (.+?) to read", path.with_suffix(".py").read_text(encoding="utf-8"))
    return minutes(found[1]) if found else 5


def path_list(names):
    """A path through the book, with its time."""
    paths = [page_of(name) for name in names]
    total = sum(map(read_minutes, paths))
    time = _hours(total) if total > 90 else f"{total} minutes"
    lines = [f"{n}. {link(path)}, {read_minutes(path)} minutes" for n, path in enumerate(paths, 1)]
    return "\n".join(lines) + f"\n\nTogether {time} to read.\n"


def exercises(path):
    """The exercises of a chapter, number to title."""
    found = [re.match(r"Exercise (\d+): (.+)", heading) for heading, _ in sections(path)]
    return {int(match[1]): match[2] for match in found if match}


def exercise_table():
    """All exercises of the book."""
    rows = ["| chapter | exercises |", "|---|---|"]
    for path in written(sum(parts().values(), [])):
        rows.append(f"| {link(path)} | {'; '.join(f'{n} {title}' for n, title in exercises(path).items())} |")
    return "\n".join(rows) + "\n"


GENERATED = {
    "paper_to_code": {
        "equations": lambda: described(ITEMS[:6]),
        "tables": lambda: described(ITEMS[6:16]),
        "figures": lambda: described(ITEMS[16:]),
        "pseudo-code": lambda: described(LINES),
    },
    "map": {
        "hour": lambda: path_list(HOUR),
        "weekend": lambda: path_list(WEEKEND),
        "course": week_table,
    },
    "for_teachers": {"chapters": chapter_table, "weeks": week_table, "exercises": exercise_table},
}


def generated(name):
    """An appendix with everything between its marks made anew."""
    text = (BOOK / f"{name}.md").read_text(encoding="utf-8")
    for mark, make in GENERATED[name].items():
        pattern = rf"(?s)(<!-- {mark}: .*? -->\n).*?(<!-- end -->)"
        assert len(re.findall(pattern, text)) == 1, f"{name}.md has no mark {mark!r}"
        text = re.sub(pattern, lambda found, make=make: f"{found[1]}\n{make()}\n{found[2]}", text)
    return text


if __name__ == "__main__":
    for name in GENERATED:
        (BOOK / f"{name}.md").write_text(generated(name), encoding="utf-8", newline="\n")
        print(f"book/{name}.md is up to date")
