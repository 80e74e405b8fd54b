"""Draws the map of the book and names the paths through it: ``python book/book_map.py`` writes ``_static/map.svg``."""

import re
import textwrap
from html import escape
from pathlib import Path

import yaml
from spine import STYLE
from toc import ROOT

FILE = ROOT / "book" / "_static" / "map.svg"
#: Names of pages without their numbers. Who has a weekend reads the first path, too.
HOUR = ("speak_see_draw", "voice_becomes_image", "build_it_once")
WEEKEND = (
    "one_object_many_appearances",
    "the_data",
    "codes_with_categories",
    "disentanglement",
    "the_voice_vae",
    "handcrafted_codes",
    "voice_to_image",
    "six_directions",
    "a_voice_never_heard",
    "beside_other_systems",
    "ledger",
)
MARKS = {"hour": "●", "weekend": "▲", "": ""}
COLOURS = """
.hour .box { fill: #f0a81c; stroke: #5c3d00; } .weekend .box { fill: #8fcdf2; stroke: #12496b; }
.hour text, .weekend text { fill: #000; } .part { font-weight: bold; font-size: 13px; }
"""
COLUMNS, WIDTH, HEIGHT, GAP = 4, 188, 42, 6


def bare(page):
    """A page's name without folder and number."""
    return re.sub(r"^\d\d_", "", Path(page).name)


def title(page):
    """The heading of a page, from its script or its Markdown."""
    path = ROOT / page
    script = path.with_suffix(".py")
    if script.exists():
        return re.search(r"(?m)^# # (.+)$", script.read_text(encoding="utf-8"))[1]
    return re.search(r"(?m)^# (.+)$", path.with_suffix(".md").read_text(encoding="utf-8"))[1]


def on(page):
    """Which path a page belongs to: "hour", "weekend", or "" for none but the course."""
    return "hour" if bare(page) in HOUR else "weekend" if bare(page) in WEEKEND else ""


def box(page, x, y):
    """One page as SVG."""
    number = re.match(r"\d\d", Path(page).name)
    path = on(page)
    words = f"{MARKS[path]} {f'{int(number[0])} ' if number else ''}{title(page)}".strip()
    lines = textwrap.wrap(words, 25)
    first = y + HEIGHT / 2 + 4 - 7.5 * (len(lines) - 1)
    middle = x + WIDTH / 2
    text = "".join(f'<text x="{middle:g}" y="{first + 15 * k:g}">{escape(line)}</text>' for k, line in enumerate(lines))
    frame = f'<rect class="box" x="{x}" y="{y}" width="{WIDTH}" height="{HEIGHT}" rx="6"/>'
    return f'<g class="{path or "course"}">{frame}{text}</g>'


def drawn(contents=None):
    """The map as SVG: a band for each part, a box for each page but the map itself.

    Args:
        contents: of ``_toc.yml``, by default this book's.

    Returns:
        The file's text.
    """
    contents = contents or yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    lines, y = [], 8
    legend = {
        "hour": f"{MARKS['hour']} an hour",
        "weekend": f"{MARKS['weekend']} a weekend: these, too",
        "course": "a course: everything",
    }
    for k, (path, words) in enumerate(legend.items()):
        x = 3 + k * (WIDTH + GAP)
        lines.append(f'<g class="{path}"><rect class="box" x="{x}" y="{y}" width="{WIDTH}" height="26" rx="6"/>')
        lines.append(f'<text x="{x + WIDTH / 2:g}" y="{y + 17}">{words}</text></g>')
    y += 44
    for part in contents["parts"]:
        pages = [entry["file"] for entry in part["chapters"] if bare(entry["file"]) != "map"]
        lines.append(f'<text class="label part" x="3" y="{y + 12}">{escape(part["caption"])}</text>')
        y += 20
        for k, page in enumerate(pages):
            row, column = divmod(k, COLUMNS)
            lines.append(box(page, 3 + column * (WIDTH + GAP), y + row * (HEIGHT + GAP)))
        y += -(-len(pages) // COLUMNS) * (HEIGHT + GAP) + 8
    size = f'viewBox="0 0 776 {y}" width="776" height="{y}"'
    body = "\n".join(lines)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img">\n<title>Map of the book</title>\n'
        f"<style>{STYLE}{COLOURS}</style>\n{body}\n</svg>\n"
    )


if __name__ == "__main__":
    FILE.write_text(drawn(), encoding="utf-8", newline="\n")
    print(f"{FILE.relative_to(ROOT)} is up to date")
