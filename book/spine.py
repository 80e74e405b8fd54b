"""Draws the block diagram of every chapter, with the chapter's part lit: ``python book/spine.py [--insert [NAME ..]]``.

Pictures go to ``book/_static/spine/NAME.svg``, where NAME is the chapter's file name without its number, so that
renumbering changes nothing. ``--insert`` also puts the line that shows the picture after the first paragraph of every
chapter, or of those that are named, where it is not yet (in the .py file; then ``python book/execute.py --sync``).

Text stands on filled boxes only, so that a picture reads on white and on black paper; where the browser tells that the
page is dark, the boxes are dark, too.
"""

import re
import sys
from html import escape
from typing import NamedTuple

from toc import ROOT, pages

FOLDER = ROOT / "book" / "_static" / "spine"

STYLE = """
text { font: 12px system-ui, "Segoe UI", Helvetica, Arial, sans-serif; text-anchor: middle; fill: #222; }
.box { fill: #ededeb; stroke: #8a8a8a; } .ink { fill: none; stroke: #222; } .dot { fill: #222; }
.label { fill: #737373; text-anchor: start; } .flow { stroke: #808080; stroke-width: 1.5; } .tip { fill: #808080; }
@media (prefers-color-scheme: dark) {
  text { fill: #e4e4e4; } .box { fill: #2b2f36; } .ink { stroke: #e4e4e4; } .dot { fill: #e4e4e4; }
  .label { fill: #9a9a9a; }
}
.lit text { font-weight: bold; font-size: 11px; fill: #000; }
.lit .box { fill: #f0a81c; stroke: #5c3d00; stroke-width: 2.5; }
.lit .ink { stroke: #000; } .lit .dot { fill: #000; }
"""


class Box(NamedTuple):
    """A part of the system.

    Attributes:
        x: left edge, in the units of the picture.
        y: upper edge.
        width: of the box.
        height: of the box.
        text: its lines.
        glyph: what is drawn above the text: ``"wave"``, ``"mel"``, ``"seven"``, or bars, how many as a number.
    """

    x: float
    y: float
    width: float
    height: float
    text: str
    glyph: str = ""


def glyph(kind, x, y):
    """A small picture, 28 high, its middle at x and its upper edge at y."""
    if kind == "wave":
        heights = (2, 6, 11, 4, 9, 13, 7, 3, 8, 5, 2)
        lines = [f"M{x - 25 + 5 * k} {y + 14 - h}v{2 * h}" for k, h in enumerate(heights)]
        return f'<path class="ink" stroke-width="2" d="{"".join(lines)}"/>'
    if kind == "mel":
        shades = ("01221001", "13643110", "25864200", "14753631", "02431752")
        cells = [
            f'<rect class="dot" opacity="{int(shade) / 8:g}" x="{x - 24 + 6 * k:g}" y="{y + 5.6 * row:g}" width="6"'
            ' height="5.6"/>'
            for row, line in enumerate(shades)
            for k, shade in enumerate(line)
            if shade != "0"
        ]
        return "".join(cells)
    if kind == "seven":
        stroke = f"M{x - 9} {y + 4}q9 3 19 -1q-10 12 -12 24M{x - 7} {y + 15}q7 -2 14 0"
        return f'<path class="ink" stroke-width="3" stroke-linecap="round" d="{stroke}"/>'
    count = int(kind)
    tall = {1: 0, 6: 1, 10: 7}.get(count, count // 2)
    bars = [
        f"M{x + 8.4 * (k - (count - 1) / 2):g} {y + 28}v{-25 if k == tall else -2 - (5 * k) % 4}" for k in range(count)
    ]
    return f'<path class="ink" stroke-width="5" d="{"".join(bars)}"/>'


def drawn(box, lit):
    """A box as SVG."""
    middle, lines = box.x + box.width / 2, box.text.split("\n")
    first = box.y + (46 if box.glyph else box.height / 2 + 4 - 7.5 * (len(lines) - 1))
    text = "".join(f'<text x="{middle:g}" y="{first + 15 * k:g}">{escape(line)}</text>' for k, line in enumerate(lines))
    inside = glyph(box.glyph, middle, box.y + 5) if box.glyph else ""
    kind = "lit" if lit else "part"
    frame = f'<rect class="box" x="{box.x}" y="{box.y}" width="{box.width}" height="{box.height}" rx="6"/>'
    return f'<g class="{kind}">{frame}{inside}{text}</g>'


def arrow(x, y, to_x, to_y):
    """A line with a tip, to the right or downwards."""
    a, b = (to_x - 6, to_y) if y == to_y else (to_x, to_y - 6)
    tip = f"M{to_x} {to_y}l-7 -4v8z" if y == to_y else f"M{to_x} {to_y}l-4 -7h8z"
    return f'<path class="flow" d="M{x} {y}L{a} {b}"/><path class="tip" d="{tip}"/>'


def picture(boxes, lit, flows, labels, height, title):
    """A whole diagram.

    Args:
        boxes: name to Box.
        lit: names of those that are lit.
        flows: pairs of names, an arrow from the first to the second.
        labels: ``(x, y, text)`` of what stands outside boxes.
        height: of the picture.
        title: what it shows, for those who do not see it.

    Returns:
        The SVG file's text.
    """
    if unknown := set(lit) - set(boxes):
        raise ValueError(f"the diagram has no part {sorted(unknown)}, expected some of {sorted(boxes)}")
    lines = []
    for source, target in flows:
        a, b = boxes[source], boxes[target]
        if a.y == b.y:
            lines.append(arrow(a.x + a.width + 1, a.y + a.height / 2, b.x - 1, a.y + a.height / 2))
        else:
            middle = b.x + b.width / 2
            lines.append(arrow(middle, a.y + a.height + 1, middle, b.y - 1))
    lines += [f'<text class="label" x="{x}" y="{y}">{escape(text)}</text>' for x, y, text in labels]
    lines += [drawn(box, name in lit) for name, box in boxes.items()]
    body = "\n".join(lines)
    size = f'viewBox="0 0 776 {height}" width="776" height="{height}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img">'
    return f"{head}\n<title>{escape(title)}</title>\n<style>{STYLE}</style>\n{body}\n</svg>\n"


SYSTEM = {
    "voice": Box(3, 22, 70, 56, "voice", "wave"),
    "log-mel picture": Box(86, 22, 70, 56, "log-mel", "mel"),
    "voice: Max M %": Box(169, 22, 60, 56, "Max\nM %"),
    "voice encoder": Box(242, 22, 64, 56, "encoder"),
    "voice: unit length": Box(319, 22, 56, 56, "unit\nlength"),
    "speaker block": Box(388, 22, 66, 56, "speaker", "6"),
    "voice: digit block": Box(456, 22, 94, 56, "digit", "10"),
    "voice: noise": Box(563, 22, 50, 56, "noise"),
    "voice decoder": Box(626, 22, 64, 56, "decoder"),
    "sound": Box(703, 22, 70, 56, "redrawn", "mel"),
    "crossing": Box(442, 92, 122, 24, "crossing over"),
    "handwriting": Box(86, 130, 70, 56, "image", "seven"),
    "image: Max M %": Box(169, 130, 60, 56, "Max\nM %"),
    "image encoder": Box(242, 130, 64, 56, "encoder"),
    "image: unit length": Box(319, 130, 56, 56, "unit\nlength"),
    "writer's sign": Box(406, 130, 48, 56, "writer", "1"),
    "image: digit block": Box(456, 130, 94, 56, "digit", "10"),
    "image: noise": Box(563, 130, 50, 56, "noise"),
    "image decoder": Box(626, 130, 64, 56, "decoder"),
    "drawing": Box(703, 130, 70, 56, "drawing", "seven"),
    "reconstruction": Box(3, 222, 108, 32, "reconstruction"),
    "sparsity": Box(114, 222, 68, 32, "sparsity"),
    "interpolation": Box(185, 222, 96, 32, "interpolation"),
    "disentanglement": Box(284, 222, 122, 32, "disentanglement"),
    "importance": Box(421, 222, 80, 32, "importance"),
    "schedule": Box(514, 222, 70, 32, "schedule"),
    "balancing": Box(597, 222, 76, 32, "balancing"),
    "total": Box(686, 222, 87, 32, "total, Eq. 2"),
}
VOICE = list(SYSTEM)[:10]
IMAGE = list(SYSTEM)[11:20]
TRAINING = list(SYSTEM)[20:]
TERMS = TRAINING[:4]
CODES = ["speaker block", "voice: digit block", "writer's sign", "image: digit block"]
#: Blocks of one code touch; terms stand side by side.
APART = [("speaker block", "voice: digit block"), ("writer's sign", "image: digit block")]
FLOWS = [
    pair
    for row in (VOICE, IMAGE, TRAINING[3:])
    for pair in zip(row, row[1:], strict=False)
    if pair not in APART
] + [("voice: digit block", "crossing"), ("crossing", "image: digit block")]  # fmt: skip
LABELS = [(3, 14, "voice model"), (3, 122, "image model"), (3, 214, "training, each model by itself")]

#: What of the paper's system a chapter is about: chapter without number to what lies on it, in words and as parts.
CHAPTERS = {
    "voice_becomes_image": (
        "the way of a voice through its code to a drawing",
        [*VOICE[:7], "crossing", "writer's sign", "image: digit block", "image decoder", "drawing"],
    ),
    "build_it_once": ("every part", list(SYSTEM)),
    "one_object_many_appearances": ("both codes", CODES),
    "the_data": ("voice, log-mel picture and image", ["voice", "log-mel picture", "handwriting"]),
    "max_m_normalization": ("Max M % in both models", ["voice: Max M %", "image: Max M %"]),
    "codes_with_categories": (
        "unit length, the blocks of both codes, and noise",
        [*VOICE[4:8], *IMAGE[3:7]],
    ),
    "reconstruction_and_sparsity": ("the terms reconstruction and sparsity", TERMS[:2]),
    "interpolation": ("the term interpolation", [TERMS[2]]),
    "disentanglement": ("the term disentanglement", [TERMS[3]]),
    "the_injection_schedule": ("the schedule of the terms", ["schedule"]),
    "balancing": ("balancing and the total", ["balancing", "total"]),
    "the_voice_vae": ("the voice model, from log-mel picture to redrawn picture", VOICE[1:]),
    "raw_waveforms": ("the voice model without its log-mel picture", [VOICE[0], *VOICE[2:9]]),
    "the_image_vae": ("the image model", IMAGE),
    "handcrafted_codes": ("the image code, the decoder and the drawing", [*IMAGE[4:6], *IMAGE[7:]]),
    "voice_to_image": (
        "crossing over, from the voice's digit block to the drawing",
        ["voice: digit block", "crossing", *IMAGE[4:6], *IMAGE[7:]],
    ),
    "six_directions": (
        "all four ends, both codes and the crossing",
        [VOICE[0], VOICE[9], IMAGE[0], IMAGE[8], *CODES, "crossing"],
    ),
    "ten_different_sevens": (
        "the image model, whose code gets free coordinates",
        [*IMAGE[:6], *IMAGE[7:]],
    ),
    "a_third_domain": (
        "what a new domain is joined to: the digit blocks of both codes and what comes before and after them",
        [
            "voice",
            "voice encoder",
            "voice: digit block",
            "voice decoder",
            "sound",
            "crossing",
            "handwriting",
            "image encoder",
            "image: digit block",
            "image decoder",
            "drawing",
        ],
    ),
    "joined_afterwards": (
        "the digit blocks of both codes, and a crossing that is found afterwards",
        ["voice: digit block", "image: digit block", "crossing"],
    ),
    "searching_with_a_voice": ("the digit blocks of both codes", ["voice: digit block", "image: digit block"]),
    "a_voice_never_heard": ("voice, encoder and speaker block", [*VOICE[:2], VOICE[3], "speaker block"]),
    "does_width_matter": (
        "the encoders and decoders",
        ["voice encoder", "voice decoder", "image encoder", "image decoder"],
    ),
    "how_fast": ("everything that training does", TRAINING),
    "beside_other_systems": ("both codes and the crossing", [*CODES, "crossing"]),
}


class Neighbour(NamedTuple):
    """A system of the same outline.

    Attributes:
        says: what of it is lit, in words.
        row: its parts from input to output; those that begin with ``|`` are blocks of one code.
        terms: what its training asks for.
        lit: which of these are lit.
    """

    says: str
    row: tuple[str, ...]
    terms: tuple[str, ...]
    lit: tuple[str, ...]


TWO_CLOCKS = ("sound", "encoders", "|slow code", "|fast code", "sample", "decoder", "sound again")
DUAL = ("two pictures", "two encoders", "|code 1", "|code 2", "exchange", "generator", "two new pictures")
PLAIN = ("picture", "encoder", "|code", "sample", "decoder", "picture again")
NEIGHBOURS = {
    "two_clocks": Neighbour(
        "a slow and a fast code, and the prior of each utterance",
        TWO_CLOCKS,
        ("bound", "prior of the utterance", "tell utterances apart"),
        ("|slow code", "|fast code", "prior of the utterance"),
    ),
    "who_is_speaking": Neighbour(
        "the slow code, which two recordings are compared by",
        TWO_CLOCKS,
        ("bound", "prior of the utterance", "tell utterances apart"),
        ("|slow code",),
    ),
    "a_sparse_dictionary": Neighbour(
        "the code, the dictionary, and a prior variance for each coordinate",
        ("frame of speech", "encoder", "|few of many", "sample", "dictionary", "frame again"),
        ("bound", "variance of each coordinate"),
        ("|few of many", "dictionary", "variance of each coordinate"),
    ),
    "one_picture_two_slots": Neighbour(
        "two codes that change places",
        DUAL,
        ("reconstruction", "discriminators"),
        ("|code 1", "|code 2", "exchange", "discriminators"),
    ),
    "two_slots_repaired": Neighbour(
        "what training asks for",
        DUAL,
        ("reconstruction", "discriminators", "repairs, one at a time"),
        ("reconstruction", "discriminators", "repairs, one at a time"),
    ),
    "the_bound": Neighbour(
        "the sample and the bound",
        PLAIN,
        ("bound: fidelity", "bound: KL divergence"),
        ("sample", "bound: fidelity", "bound: KL divergence"),
    ),
    "how_much_a_code_says": Neighbour(
        "the code and its KL divergence",
        PLAIN,
        ("bound: fidelity", "bound: KL divergence"),
        ("|code", "bound: KL divergence"),
    ),
    "the_whole_cloud": Neighbour(
        "the code and the distance of all codes from the prior",
        PLAIN,
        ("fidelity", "all codes against the prior"),
        ("|code", "all codes against the prior"),
    ),
    "other_shapes_of_codes": Neighbour(
        "the code, its sample and its prior",
        PLAIN,
        ("fidelity", "prior: sphere, clusters or symbols"),
        ("|code", "sample", "prior: sphere, clusters or symbols"),
    ),
    "conditions_and_domains": Neighbour(
        "what is seen, the code that it changes, and what is drawn",
        ("what is seen", "encoders", "|code", "sample", "decoders", "what is not seen"),
        ("bound: fidelity", "bound: KL divergence"),
        ("what is seen", "|code", "what is not seen"),
    ),
    "codes_over_time": Neighbour(
        "the past, which the prior of the next code is made from",
        ("past", "prior", "|code", "sample", "decoder", "next frame", "new past"),
        ("bound: fidelity", "bound: KL divergence of every step"),
        ("past", "prior", "|code", "new past"),
    ),
    "two_voices_at_once": Neighbour(
        "the mixture, the mask and the voice that it lets through",
        ("two voices at once", "encoder", "|code", "sample", "decoder", "mask", "one voice"),
        ("error of the voice", "KL divergence"),
        ("two voices at once", "mask", "one voice"),
    ),
    "a_surface_from_a_few_points": Neighbour(
        "known points, the search for a code, and the surface that it draws",
        ("known points", "search", "|code", "decoder", "whole surface"),
        ("error at known points", "prior of the code"),
        ("known points", "search", "whole surface"),
    ),
    "a_heartbeat_in_two_numbers": Neighbour(
        "a code of two numbers",
        ("beat", "encoder", "|two numbers", "sample", "decoder", "beat again"),
        ("bound: fidelity", "bound: KL divergence"),
        ("|two numbers",),
    ),
}


def system(name):
    """The paper's system with the parts of a chapter lit, as ``(alt text, SVG)``."""
    says, lit = CHAPTERS[name]
    alt = f"Block diagram of the whole system: voice model, image model and training. Lit here: {says}."
    return alt, picture(SYSTEM, lit, FLOWS, LABELS, 258, alt)


def neighbour(name):
    """A neighbour's diagram, as ``(alt text, SVG)``."""
    says, row, terms, lit = NEIGHBOURS[name]
    blocks = [part.startswith("|") for part in row]
    gaps = [2 if a and b else 16 for a, b in zip(blocks, blocks[1:], strict=False)]
    weights = [len(part.lstrip("|")) + 4 for part in row]
    unit = (770 - sum(gaps)) / sum(weights)
    boxes, x = {}, 3.0
    for part, weight, gap in zip(row, weights, [*gaps, 0], strict=True):
        boxes[part] = Box(round(x, 1), 8, round(unit * weight, 1), 56, part.lstrip("|"), "6" if part[0] == "|" else "")
        x += unit * weight + gap
    x = 3
    for term in terms:
        boxes[term] = Box(x, 92, 8 * len(term) + 16, 32, term)
        x += 8 * len(term) + 24
    flows = [pair for pair, gap in zip(zip(row, row[1:], strict=False), gaps, strict=True) if gap > 2]
    alt = f"Block diagram of a neighbouring system: {', '.join(part.lstrip('|') for part in row)}. Lit here: {says}."
    return alt, picture(boxes, lit, flows, [(3, 84, "training")], 128, alt)


def diagrams():
    """Every diagram: chapter without number to ``(alt text, SVG)``."""
    return {name: system(name) for name in CHAPTERS} | {name: neighbour(name) for name in NEIGHBOURS}


def line(name):
    """The Markdown line that shows a chapter's diagram."""
    return f"![{diagrams()[name][0]}](_static/spine/{name}.svg)"


def short(page):
    """The name of a chapter without its folder and number; empty for a page without number."""
    found = re.fullmatch(r"(?:.*/)?\d\d_(\w+)", page)
    return found[1] if found else ""


def inserted(text, name):
    """The script of a chapter with its diagram after the first paragraph below the title.

    Args:
        text: of the .py file.
        name: of the chapter, see :func:`short`.

    Returns:
        The text; as it was, if the line is there. A line of earlier wording is replaced.

    Raises:
        ValueError: if there is no title followed by a paragraph.
    """
    shown = f"# {line(name)}\n"
    old = re.compile(rf"(?m)^# !\[[^\]]*\]\(_static/spine/{name}\.svg\)\n")
    if old.search(text):
        return old.sub(lambda _: shown, text)
    found = re.search(r"(?m)^# # .+\n#\n(?:# .+\n)+", text)
    if not found:
        raise ValueError(f"chapter {name!r} has no title followed by a paragraph")
    return f"{text[: found.end()]}#\n{shown}{text[found.end() :]}"


def main():
    """Writes every picture and, if asked to, the lines that show them."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    known = diagrams()
    for name, (_, svg) in known.items():
        (FOLDER / f"{name}.svg").write_text(svg, encoding="utf-8", newline="\n")
    print(f"{len(known)} diagrams are in {FOLDER.relative_to(ROOT)}")
    if sys.argv[1:2] != ["--insert"]:
        return
    for page in pages():
        name = short(page)
        if name and name in (sys.argv[2:] or [name]):
            if name not in known:
                print(f"{page}: spine.py knows no part of the system for it")
                continue
            path = (ROOT / page).with_suffix(".py")
            path.write_text(inserted(path.read_text(encoding="utf-8"), name), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
