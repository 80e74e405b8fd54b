"""The glossary: words that the book coins, or uses in its own way, and where they are explained."""

import re

import pytest
from toc import chapters

from conftest import ROOT

TEXT = (ROOT / "book" / "notation.md").read_text(encoding="utf-8").partition("## Glossary\n")[2]
ENTRIES = dict(re.findall(r"(?m)^\*\*(.+?)\.\*\* (.+)$", TEXT))
#: What this book calls by names of its own, as patterns.
COINED = {
    "Average code": r"average codes?",
    "Coherence": r"coherence",
    "Diversity": r"diversity",
    "Dropping": r"dropping",
    "Embedded corpus": r"embedded (corpora|corpus|data)",
    "Fingerprint": r"fingerprints?",
    "Free coordinate": r"free coordinates?",
    "Handcrafted code": r"handcrafted codes?",
    "Hedging": r"hedg(e|es|ing)",
    "Judge": r"(the|a|independent) judge",
    "Listener": r"(the|a|independent) listener",
    "Margin": r"the margin",
    "Max M %": r"max m %",
    "Mean picture": r"mean pictures?",
    "Placed code": r"placed codes?",
    "Probe": r"(linear )?probes?",
    "Run": r"the run `",
    "s-vector": r"s-vectors?",
    "Snapping": r"snapp(ing|ed)",
    "Take": r"(test )?takes of",
}


def prose(path):
    """The Markdown of a chapter's script."""
    lines = (ROOT / path).with_suffix(".py").read_text(encoding="utf-8").splitlines()
    return "\n".join(line for line in lines if line.startswith("#")).lower()


PROSE = {path.stem: prose(path) for path in chapters() if re.match(r"\d\d_", path.stem)}


def test_every_line_is_an_entry_and_they_are_in_order():
    lines = [line for line in TEXT.splitlines() if line.strip()]
    assert len(lines) == len(ENTRIES)  # none run together, none twice
    names = [re.sub(r"[^a-z]", "", name.split(",")[0].lower()) for name in ENTRIES]
    assert names == sorted(names)


@pytest.mark.parametrize("word", COINED)
def test_a_coined_word_of_two_chapters_is_explained(word):
    used = [name for name, text in PROSE.items() if re.search(rf"\b{COINED[word]}", text)]
    assert len(used) >= 2, f"{word!r} is no word of two chapters any more"
    assert any(word == name.split(",")[0] or word in name for name in ENTRIES), f"{word!r} is not in the glossary"


def test_links_lead_to_chapters_that_use_the_word():
    for name, text in ENTRIES.items():
        stems = [word.lower()[:5] for word in re.findall(r"[\w%-]{3,}", name)]
        for chapter in re.findall(r"\((\d\d_\w+)\.ipynb\)", text):
            assert any(stem in PROSE[chapter] for stem in stems), f"{name!r} is not in {chapter}"
