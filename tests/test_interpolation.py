"""The interpolation loss, with and without: what is measured at tiny size, what the rules say of made-up results."""

import dataclasses
from types import SimpleNamespace

import pytest
import torch

from olc_lib import data, losses, paper
from olc_lib.ledger import interpolation
from olc_lib.systems import placed

RULES = {claim.verdict.__name__: claim for claim in interpolation.CLAIMS}


@pytest.fixture
def tiny(monkeypatch):
    """A short training on embedded digits; how often the term was computed."""
    computed, plain, images = [], losses.interpolation, data.images
    monkeypatch.setattr(data, "images", lambda corpus, split="train": images("embedded", split))
    monkeypatch.setitem(placed.SETTINGS, "slim", placed.SETTINGS["embedded"])
    monkeypatch.setattr(interpolation.stored, "load", lambda name, quiet: SimpleNamespace(image_classifier=None))
    monkeypatch.setitem(
        interpolation.SHORT, "image", dataclasses.replace(interpolation.SHORT["image"], steps=30, batch_size=8)
    )
    monkeypatch.setattr(losses, "interpolation", lambda *signals: computed.append(1) or plain(*signals))
    monkeypatch.setattr(interpolation, "read_digits", lambda judge, drawn: torch.full((len(drawn),), 3))
    return computed


def test_without_importance_the_term_is_left_out(tiny):
    without = interpolation.interpolating(1, importance=0.0)
    assert not tiny
    printed = interpolation.interpolating(1)
    assert tiny and without.keys() == printed.keys() == {"digit", "rms", "halfway", "either", "length"}
    assert without != printed and without["length"] >= 1 and printed["length"] >= 1
    assert printed == interpolation.interpolating(1, importance=paper.IMAGE.importance["interpolation"])
    # A judge that says three is right where one of the two is a three: about two pairs in nine, by chance.
    assert 5 < without["either"] == printed["either"] < 40


def test_the_heavy_arm_has_fifty_times_the_printed_importance():
    arms = interpolation.EXPERIMENTS["interpolation"].arms
    assert arms[interpolation.HEAVY]["importance"] == pytest.approx(50 * paper.IMAGE.importance["interpolation"])


def judged(monkeypatch, name, **changed):
    def arm(more):
        base = {"halfway": 0.3, "either": 80.0, "rms": 0.2}
        return [
            {"seed": s, "results": {key: value + more.get(key, 0) + 0.001 * s for key, value in base.items()}}
            for s in range(5)
        ]

    found = {name: arm(changed) for name in interpolation.EXPERIMENTS["interpolation"].arms}
    monkeypatch.setattr(interpolation, "read", lambda _: found | {interpolation.WITHOUT: arm({})})
    return RULES[name].verdict()[1]


def test_verdicts_on_the_interpolation_loss(monkeypatch):
    assert judged(monkeypatch, "_printed", halfway=-0.01, either=2.0) == "holds"
    assert judged(monkeypatch, "_printed", halfway=0.01, either=2.0) == "holds partly"
    assert judged(monkeypatch, "_printed", halfway=0.01, either=-2.0) == "does not hold"
    assert judged(monkeypatch, "_heavy", halfway=-0.01, rms=0.01) == "holds"
    assert judged(monkeypatch, "_heavy", halfway=-0.01, rms=-0.01) == "holds partly"
    monkeypatch.setattr(interpolation, "read", lambda _: {})
    assert RULES["_printed"].verdict()[1] == "not measured yet"
