"""The check against published likelihoods: the article's network, and a training that goes on where it stopped."""

import pytest
import torch
from torch import nn

from olc_lib.systems.family import trust


def test_the_network_is_the_articles():
    layers = [*trust.network(5).encoder, *trust.network(5).decoder]
    sizes = [(layer.in_features, layer.out_features) for layer in layers if isinstance(layer, nn.Linear)]
    assert sizes == [(784, 200), (200, 200), (200, 100), (50, 200), (200, 200), (200, 784)]
    assert [type(layer) for layer in layers if not isinstance(layer, nn.Linear)] == [nn.Tanh] * 4


def test_an_interrupted_check_goes_on_to_the_same_numbers(tmp_path, monkeypatch):
    """Three passes over 1,350 embedded digits are 202 steps; the second try stops at its hundredth."""
    few = {"passes": 3, "corpus": "embedded", "samples": 4, "items": 10}
    monkeypatch.setitem(trust.PUBLISHED, 2, 50.0)
    monkeypatch.setattr(trust, "SAVED", 50)
    monkeypatch.setenv("OLC_RUNS", str(tmp_path / "whole"))
    whole = trust.published(0, k=2, **few)
    monkeypatch.setenv("OLC_RUNS", str(tmp_path / "parts"))
    iwae, calls = trust.bounds.iwae, []

    def interrupted(*given):
        calls.append(given)
        if len(calls) > 100:
            raise KeyboardInterrupt
        return iwae(*given)

    with monkeypatch.context() as patch:
        patch.setattr(trust.bounds, "iwae", interrupted)
        with pytest.raises(KeyboardInterrupt):
            trust.published(0, k=2, **few)
    kept = list((tmp_path / "parts").rglob("*.resume"))
    assert len(kept) == 1
    steps = []

    def counted(*given):
        steps.append(given)
        return iwae(*given)

    monkeypatch.setattr(trust.bounds, "iwae", counted)
    assert trust.published(0, k=2, **few) == whole
    assert len(steps) == 102
    assert not kept[0].exists()
    assert whole["behind"] == whole["nll"] - 50.0
    assert torch.isfinite(torch.tensor(list(whole.values()))).all()
