"""Numbers of chapters: a chapter that comes in moves all mentions behind it, and nothing else."""

import pytest
import renumber

NAMES = ["01_start", "34_between", "02_codes", "03_the_end"]


def test_numbers_follow_the_table_of_contents():
    assert renumber.numbering(NAMES) == {"01": "01", "34": "02", "02": "03", "03": "04"}
    assert renumber.numbering(["01_a", "02_b"]) == {"01": "01", "02": "02"}


def test_two_chapters_of_one_number_are_refused():
    with pytest.raises(ValueError, match=r"same number: \['01'\]"):
        renumber.numbering(["01_a", "01_b", "02_c"])


@pytest.mark.parametrize(
    "text, expected",
    [
        ("[chapter 2](02_codes.ipynb)", "[chapter 3](03_codes.ipynb)"),
        ("see [2](02_codes.ipynb), [2](other.md)", "see [3](03_codes.ipynb), [2](other.md)"),
        ("Chapters 2 and 3, then 34", "Chapters 3 and 4, then 34"),
        ("chapters 1, 2 to 3 say", "chapters 1, 3 to 4 say"),
        ("at the end of chapter\n# 3.", "at the end of chapter\n# 4."),
        ("the 2 chapters, 03_other.py, Table 2", "the 2 chapters, 03_other.py, Table 2"),
        ("tests -k 03_the_end_of_it", "tests -k 03_the_end_of_it"),
    ],
)
def test_mentions(text, expected):
    assert renumber.renumbered(text, NAMES, renumber.numbering(NAMES)) == expected


def test_the_book_is_numbered_as_it_is_read():
    names = [page.rsplit("/", 1)[-1] for page in renumber.pages()]
    chapters = [name for name in names if name[:2].isdigit()]
    assert all(old == new for old, new in renumber.numbering(chapters).items())
