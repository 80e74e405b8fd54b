"""The one table of all members."""

import ast
import re

from conftest import ROOT
from olc_lib.ledger import family_table
from olc_lib.systems import family
from olc_lib.systems.family import network


def made_up(*found):
    """Records of one arm."""
    return [{"arm": "a", "seed": seed, "results": results} for seed, results in enumerate(found)]


def test_lines_leave_out_docstring_and_gaps():
    def three(x):
        """One line.

        And one more.
        """

        return x, x**2

    assert family_table.lines(three) == 2
    assert family_table.lines(network.elbo) == 5


def test_cells():
    """One seed has no interval; three have; what does not exist is a dash."""
    one, three = made_up({"nll": 2.0}), made_up({"nll": 1.0}, {"nll": 2.0}, {"nll": 3.0})
    assert family_table.cell(one, "nll", 1) == "2.0"
    assert family_table.cell(three, "nll", 1) == "2.0 ± 2.5"  # 4.303 / root of 3
    assert family_table.cell(one, "fid", 1) == "–" == family_table.cell([], "fid", 1)


def test_second_stage_draws(monkeypatch):
    """Its own drawings count, and its likelihood is not comparable."""
    results = {"nll": -200.0, "fid": 30.0, "then_fid": 5.0, "mmd": 9.0, "then_mmd": 1.0, "active": 4, "seconds": 7.0}
    row = next(row for row in family_table.ROWS if row.second)
    monkeypatch.setattr(family_table, "read", lambda name: {row.name: made_up(results)})
    assert family_table.rows([row])[0][1:6] == ["–", "4", "5.00", "1.0", "7"]
    assert family_table.rows([row._replace(name="nobody")]) == []


def test_every_member_has_one_row():
    names = [row.name for row in family_table.ROWS]
    assert len(set(names)) == len(names) > 30
    assert {"VAE", "AAE", "VaDE", "VQ-VAE", "S-VAE, d 2", "VAE-GAN, d 8"} <= set(names)


def test_objectives_are_short():
    """At most 40 lines each: one more member is one function."""
    assert max(family_table.lines(f) for row in family_table.ROWS for f in row.objectives) <= 40


def test_the_page_says_what_every_member_is_made_for():
    """The table at the end of "The whole cloud"."""
    text = next((ROOT / "book").glob("*_the_whole_cloud.py")).read_text(encoding="utf-8")
    purpose = ast.literal_eval(re.search(r"(?ms)^PURPOSE = (\{.*?^\})", text)[1])
    differ = set(family.MEMBERS) ^ set(purpose)
    assert not differ, f"PURPOSE in book/NN_the_whole_cloud.py and MEMBERS differ by {sorted(differ)}"
