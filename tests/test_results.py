"""The numbers in README are those of the result files."""

import json

import pytest
from readme_table import TRAINED, rows

from conftest import ROOT


def test_readme_prints_the_result_files():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    expected = [f"| {what} | {value} | {command} |" for what, value, command in rows()]
    assert [line for line in expected if line not in text] == []


def test_a_speaker_left_out_is_counted_clip_by_clip():
    for path in (TRAINED / "experiments" / "left-out").glob("*.json"):
        record = json.loads(path.read_text())
        for split in ("validation", "test"):
            digit, read = (record["results"][f"{split}_{name}"] for name in ("digit", "read"))
            assert sorted(digit) == [d for d in range(10) for _ in range(5)]
            right = sum(a == b for a, b in zip(digit, read, strict=True))
            assert record["results"][split] == pytest.approx(100 * right / len(digit))


@pytest.mark.parametrize("name", ["embedded", "slim"])
def test_a_run_says_where_it_comes_from(name):
    results = json.loads((TRAINED / name / "results.json").read_text())
    assert results["provenance"].keys() >= {"date", "device", "torch", "olc_lib", "seed", "cost"}
