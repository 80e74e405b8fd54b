"""The diagrams of the chapters and the map of the book: up to date, shown where they belong, and legible."""

import re
import xml.etree.ElementTree as ElementTree
from itertools import combinations

import book_map
import generate
import nbformat
import pytest
import spine
import yaml
from toc import pages

from conftest import ROOT

SVG = "{http://www.w3.org/2000/svg}"
DIAGRAMS = spine.diagrams()
NAMED = {spine.short(page): page for page in pages() if spine.short(page)}


def luminance(colour):
    """Relative luminance of ``#rgb`` or ``#rrggbb``, after WCAG 2."""
    digits = colour[1:] if len(colour) == 7 else "".join(2 * digit for digit in colour[1:])
    parts = [int(digits[k : k + 2], 16) / 255 for k in (0, 2, 4)]
    parts = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(a, b):
    """Contrast ratio of two colours, after WCAG 2."""
    light, dark = sorted((luminance(a), luminance(b)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def fill(style, selector):
    """The fill of a selector in a style sheet."""
    return re.search(rf"(?<![\w.-]){re.escape(selector)} {{[^}}]*fill: (#\w+)", style)[1]


def test_pictures_in_the_tree_are_what_the_code_draws():
    """No more and no fewer."""
    found = {path.stem: path.read_text(encoding="utf-8") for path in spine.FOLDER.glob("*")}
    assert found == {name: svg for name, (_, svg) in DIAGRAMS.items()}, "run `python book/spine.py`"
    assert book_map.FILE.read_text(encoding="utf-8") == book_map.drawn(), "run `python book/book_map.py`"


@pytest.mark.parametrize("name", DIAGRAMS)
def test_a_diagram_is_well_formed_and_says_what_is_lit(name):
    """Lit boxes are those of the table; nothing is loaded from elsewhere; the title is the alt text."""
    alt, svg = DIAGRAMS[name]
    root = ElementTree.fromstring(svg)
    lit = [group for group in root.iter(f"{SVG}g") if group.get("class") == "lit"]
    table = spine.CHAPTERS[name][1] if name in spine.CHAPTERS else spine.NEIGHBOURS[name].lit
    assert len(lit) == len(set(table)) == len(table) > 0
    assert root.find(f"{SVG}title").text == alt and "Lit here: " in alt
    assert not re.search(r"href|url\(|@import|<script", svg)


@pytest.mark.parametrize("name", ["build_it_once", *spine.NEIGHBOURS])
def test_boxes_do_not_overlap_and_hold_their_text(name):
    """All boxes inside the picture; a line has at least 5.5 units a letter."""
    root = ElementTree.fromstring(DIAGRAMS[name][1])
    _, _, width, height = map(float, root.get("viewBox").split())
    boxes = []
    for group in root.iter(f"{SVG}g"):
        frame = group.find(f"{SVG}rect[@class='box']")
        x, y, w, h = (float(frame.get(key)) for key in ("x", "y", "width", "height"))
        assert 0 <= x and x + w <= width and 0 <= y and y + h <= height
        for text in group.findall(f"{SVG}text"):
            assert 5.5 * len(text.text) <= w and y < float(text.get("y")) < y + h, text.text
        boxes.append((x, y, w, h))
    for (x, y, w, h), (u, v, p, q) in combinations(boxes, 2):
        assert x + w <= u or u + p <= x or y + h <= v or v + q <= y


def test_text_is_legible_on_its_box_in_both_themes():
    """At least 4.5 to 1 on boxes; the few words outside boxes also on white and on the dark theme's ground."""
    light, dark = spine.STYLE.split("@media")
    for style in (light, dark):
        assert contrast(fill(style, "text"), fill(style, ".box")) > 7
    assert contrast(fill(spine.STYLE, ".lit text"), fill(spine.STYLE, ".lit .box")) > 7
    assert contrast(fill(light, ".label"), "#ffffff") > 4.5 and contrast(fill(dark, ".label"), "#14181e") > 4.5
    for path in ("hour", "weekend"):
        assert contrast("#000", fill(book_map.COLOURS, f".{path} .box")) > 7


def test_an_unknown_part_is_named():
    with pytest.raises(ValueError, match=r"no part \['encodr'\], expected some of"):
        spine.picture(spine.SYSTEM, ["encodr"], [], [], 10, "")


@pytest.mark.parametrize("name", NAMED)
def test_every_chapter_shows_its_diagram_after_the_opening_paragraph(name):
    assert name in DIAGRAMS, "give it a line in book/spine.py"
    cells = nbformat.read(ROOT / f"{NAMED[name]}.ipynb", 4).cells
    shown = re.findall(rf"!\[[^\]]*\]\(_static/spine/{name}\.svg\)", cells[0].source)
    assert shown == [spine.line(name)], "run `python book/spine.py --insert`, then `python book/execute.py --sync`"
    title, paragraph, picture = cells[0].source.split("\n\n")[:3]
    assert title.startswith("# ") and not paragraph.startswith("!") and picture == shown[0]


def test_every_diagram_belongs_to_a_chapter():
    assert set(DIAGRAMS) <= set(NAMED)


def test_insertion_happens_once_and_replaces_earlier_words():
    name = "balancing"
    text = "# ---\n# ---\n\n# %% [markdown]\n# # Balancing\n#\n# One line\n# and another.\n#\n# More.\n\n# %%\nx = 1\n"
    once = spine.inserted(text, name)
    assert once == text.replace("another.\n", f"another.\n#\n# {spine.line(name)}\n")
    assert spine.inserted(once, name) == once
    assert spine.inserted(once.replace("Lit here", "Lit"), name) == once
    with pytest.raises(ValueError, match="no title"):
        spine.inserted("# %%\nx = 1\n", name)


# The map


def test_the_map_has_every_page_once_and_marks_the_paths():
    root = ElementTree.fromstring(book_map.drawn())
    listed = [page for page in pages()[1:] if book_map.bare(page) != "map"]
    groups = {
        kind: [g for g in root.iter(f"{SVG}g") if g.get("class") == kind] for kind in ("hour", "weekend", "course")
    }
    assert sum(map(len, groups.values())) == len(listed) + 3  # the legend's three
    assert len(groups["hour"]) == len(book_map.HOUR) + 1 and len(groups["weekend"]) == len(book_map.WEEKEND) + 1
    words = " ".join("".join(group.itertext()) for kind in groups.values() for group in kind)
    for page in listed:
        assert book_map.title(page).split()[-1] in words


def test_paths_name_pages_in_the_book_s_order():
    order = [book_map.bare(page) for page in pages()]
    for path in (book_map.HOUR, book_map.WEEKEND):
        assert [name for name in order if name in path] == list(path)
    assert not set(book_map.HOUR) & set(book_map.WEEKEND)


def test_an_hour_is_about_an_hour_and_a_weekend_two_days():
    """By the chapters' own times to read."""
    minutes = {name: generate.read_minutes(generate.page_of(name)) for name in (*book_map.HOUR, *book_map.WEEKEND)}
    assert 40 <= sum(minutes[name] for name in book_map.HOUR) <= 75
    assert 5 * 60 <= sum(minutes.values()) <= 10 * 60


def test_a_page_that_is_new_gets_a_box():
    contents = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    before = book_map.drawn(contents).count('class="box"')
    contents["parts"][0]["chapters"].append({"file": "book/notation"})
    assert book_map.drawn(contents).count('class="box"') == before + 1
