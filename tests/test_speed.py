"""The benchmark: what it compares does the same work, what it counts is right; no test looks at a clock."""

from functools import partial

import pytest
import torch

from olc_lib import objective
from olc_lib.latent import VOICE
from olc_lib.ledger import speed, timing
from olc_lib.networks import OrthogonalVAE
from olc_lib.paper import Layer

LAYERS = (Layer(6, 4, 2, 1), Layer(4, 3, 1, 1))
IMPORTANCE = {"reconstruction": 1.0, "sparsity": 0.3, "interpolation": 0.4, "speaker": 0.25, "digit": 0.25}
INJECTIONS = {"reconstruction": (1, 1), "sparsity": (4, 8), "interpolation": (5, 10)} | dict.fromkeys(
    ("speaker", "digit"), (6, 12)
)
FACTORS = (1.0, 0.5, 0.4, 0.3, 0.2)


@pytest.mark.parametrize("step", [0, 4, 6, 30], ids=["reconstruction", "sparsity", "ramps", "all"])
def test_the_literal_step_gives_the_librarys_numbers(step):
    """Value and every gradient; test_against_pseudocode.py holds the library against the print itself."""
    torch.manual_seed(0)
    vae = OrthogonalVAE(LAYERS, (1, 24), VOICE, m=12.5, inner_norm=False, output="bipolar").double()
    batch = {"signal": torch.randn(5, 1, 24, dtype=torch.float64)}
    batch |= {"speaker": torch.arange(5), "digit": torch.arange(5) + 3}
    found = []
    for form in (objective.training_loss, speed.literal_loss, partial(speed.literal_loss, careful=True)):
        vae.zero_grad()
        # Without noise: the two draw it in another order.
        loss = form(vae, IMPORTANCE, INJECTIONS, FACTORS, mu=0.0, sigma_min=0.0)
        scalar, _ = loss(batch, step, torch.Generator().manual_seed(1))
        scalar.backward()
        found.append([scalar.detach(), *(parameter.grad.clone() for parameter in vae.parameters())])
    for ours, literal, careful in zip(*found, strict=True):
        torch.testing.assert_close(ours, literal)
        torch.testing.assert_close(ours, careful)
    assert max(gradient.abs().max() for gradient in found[0][1:]) > 1e-3


def test_the_work_is_what_pencil_and_paper_give():
    """Two operations a multiply-add; backward once more for the weights, and once for the inputs but the first's."""
    torch.manual_seed(0)
    vae = OrthogonalVAE(LAYERS, (1, 24), VOICE, inner_norm=False)
    loss = objective.training_loss(vae, IMPORTANCE, INJECTIONS, FACTORS)
    batch = {"signal": torch.rand(2, 1, 24), "speaker": torch.tensor([0, 1]), "digit": torch.tensor([0, 1])}
    first, second, linear = 12 * 6 * 4, 12 * 4 * 6 * 3, 48 * 16  # lengths 24 -> 12 -> 12, multiply-adds an item
    encoder = 3 * (first + second + linear) - first  # no gradient is wanted for the signal
    decoder = 3 * (first + second + linear)
    assert speed.operations(vae, loss, batch, 0) == 2 * 2 * (encoder + decoder)
    assert speed.operations(vae, loss, batch, 30) == 2 * 2 * (encoder + 2 * decoder)  # and the mixed codes
    literal = speed.literal_loss(vae, IMPORTANCE, INJECTIONS, FACTORS)
    assert speed.operations(vae, literal, batch, 30) == 2 * 2 * (2 * encoder + 2 * decoder)
    careful = speed.literal_loss(vae, IMPORTANCE, INJECTIONS, FACTORS, careful=True)
    assert speed.operations(vae, careful, batch, 0) == 2 * 2 * (encoder + decoder)  # skips what has no weight yet


@pytest.mark.parametrize("part", list(speed.MODELS))
def test_the_comparison_with_the_print(part, monkeypatch):
    """Every figure is there, and the whole schedule lies between its two phases."""
    monkeypatch.setattr(
        speed, "in_turn", lambda turns, device: {name: [1.0, 2.0] for name in turns if not turns[name]()}
    )
    monkeypatch.setattr(speed.train, "fit", lambda *args, **options: None)
    found = speed.against_literal(part, 0, width=0.01, batch_size=2, steps=2)
    assert found["early_ratio"] == found["late_ratio"] == found["schedule_ratio"] == 1
    assert found["late_ceiling"] < found["schedule_ceiling"] < found["early_ceiling"]
    assert found["early_ceiling"] == pytest.approx(2.0)  # both halves twice
    design = speed.MODELS[part][0]
    share = design.injection["interpolation"][0] / design.iterations
    literal = 1 / (share / found["early_ceiling"] + (1 - share) / found["late_ceiling"])
    assert found["schedule_ceiling"] == pytest.approx(literal)
    careful = speed.against_literal(part, 0, width=0.01, batch_size=2, steps=2, careful=True)
    assert careful["early_ceiling"] == 1 < careful["late_ceiling"] == found["late_ceiling"]
    assert "schedule_ratio" not in careful


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_the_comparison_with_a_product(precision):
    """Real steps at tiny size: rates follow from counted work and measured time."""
    found = speed.against_product("voice", 0, width=0.01, batch_size=2, precision=precision, steps=1, size=64)
    assert found["rate"] == pytest.approx(found["gflop"] / found["ms"] * 1000)
    assert found["product_rate"] > 0 and found["share"] > 0
    assert 0 < found["normalizations"] and 0 < found["convolutions"] < 100 and found["gain"] > 0


def test_shares_and_gains_are_medians_of_ratios(monkeypatch):
    """Round by round: a round in which all was slow does not count more than another."""
    taken = {"plain": [2.0, 8.0, 6.0], "this": [1.0, 4.0, 2.0], "product": [0.5, 2.0, 2.0]}
    monkeypatch.setattr(speed, "in_turn", lambda turns, device: taken)
    monkeypatch.setattr(speed, "operations", lambda *given: 8 * 2 * 1024**3)  # a step's work is eight products'
    found = speed.against_product("voice", 0, width=0.01, batch_size=2, steps=1)
    assert found["gain"] == 2.0 and found["share"] == pytest.approx(50.0)


def test_things_are_timed_in_turn_and_the_first_round_is_not_counted(monkeypatch):
    """By a clock that the turns themselves move."""
    clock, order = [0.0], []
    monkeypatch.setattr(timing, "_now", lambda device: clock[0])

    def turn(name, seconds):
        def take():
            order.append(name)
            clock[0] += seconds * (10 if len(order) <= 2 else 1)

        return take

    assert speed.in_turn({"a": turn("a", 1), "b": turn("b", 3)}, "cpu", rounds=2) == {"a": [1, 1], "b": [3, 3]}
    assert order == ["a", "b", "b", "a", "a", "b"]


def test_against_the_peers_own_trainer():
    """Both train: the weights of both change, on the same batches' worth of pairs."""
    pytest.importorskip("multivae.models", reason='needs `pip install "olc_lib[peers]"`')
    found = speed.against_trainer("MoPoE", 0, width=0.01, items=64)
    assert found["fit_ms"] > 0 and found["trainer_ms"] > 0 and found["ratio"] > 0
