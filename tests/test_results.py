"""The numbers in README are those of the result files."""

import json

import pytest
import readme_table
from readme_table import TRAINED, beside, folded, neighbours, table

from conftest import ROOT
from olc_lib.ledger import claims, clean_claims


def test_readme_prints_the_result_files():
    """All tables whole, so that no line stays behind that no file says."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    for made in (table(), beside(), folded(), neighbours()):
        found = text[text.index(made.split("\n")[0]) :].split("\n\n")[0]
        assert found == made, "run `python book/readme_table.py`"


def test_other_trainings_of_slim_are_means_with_intervals_over_them(monkeypatch):
    records = [{"seed": s, "results": {"digit": 96.0 + s, "speaker": 90.0 + s}} for s in range(3)]
    monkeypatch.setattr(readme_table.experiments, "read", lambda name, quiet: {"all of slim": records})
    assert readme_table.again("digit", "speaker") == "97.0 % (94.5–99.5) and 91.0 % (88.5–93.5)"


def test_readme_and_ledger_say_the_same_of_strangers():
    """Over speakers, not over clips in one pot."""
    shares, (mean, low, high) = claims.strangers()
    assert len(shares) == 6 and f"{mean:.1f} % ({low:.1f}–{high:.1f})" in table()
    assert "claims.strangers()" in (ROOT / "book" / "ledger.py").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", clean_claims.LEFT_OUT)
def test_a_speaker_left_out_is_counted_clip_by_clip(name):
    paths = list((TRAINED / "experiments" / name).glob("*.json"))
    assert {path.stem.rsplit("-", 1)[0] for path in paths} == set(clean_claims.SPEAKERS)
    for path in paths:
        record = json.loads(path.read_text())
        for split in ("validation", "test"):
            digit, read = (record["results"][f"{split}_{name}"] for name in ("digit", "read"))
            assert sorted(digit) == [d for d in range(10) for _ in range(5)]
            right = sum(a == b for a, b in zip(digit, read, strict=True))
            assert record["results"][split] == pytest.approx(100 * right / len(digit))


@pytest.mark.parametrize("name", ["embedded", "slim"])
def test_a_run_says_where_it_comes_from(name):
    results = json.loads((TRAINED / "placed" / name / "run.json").read_text())
    assert results["provenance"].keys() >= {"date", "device", "torch", "olc_lib", "code", "cost"}
    assert results["settings"]["seed"] == 0 and all(
        part["minutes"] > 0 for part in results["provenance"]["cost"].values()
    )
