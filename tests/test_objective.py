"""Injection (Eq. 6), balancing factors and the total (Eq. 2), on numbers that can be checked with a pencil."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from olc_lib import losses, objective, paper
from olc_lib.latent import LatentSpace
from olc_lib.networks import OrthogonalVAE
from olc_lib.paper import Layer

few = settings(derandomize=True, max_examples=25, deadline=None, database=None)
B = (1.0, 0.5, 0.4, 0.3, 0.2)
NAMES = ["reconstruction", "sparsity", "interpolation", "speaker", "digit"]
ON = dict.fromkeys(NAMES, (1, 1))
values5 = st.lists(st.floats(0, 100), min_size=5, max_size=5)


def tensors(values, names=NAMES):
    return {name: torch.tensor(float(v), dtype=torch.float64) for name, v in zip(names, values, strict=False)}


# --- M ------------------------------------------------------------------------------------------------


def test_injection_of_table_4_sparsity():
    expected = {0: 0, 1: 0, 5999: 0, 6000: 0, 6001: 0.01, 6050: 0.5, 6099: 0.99, 6100: 1, 6101: 1, 10_000: 1}
    got = {i: objective.injection(i, *paper.VOICE_INJECTION["sparsity"]) for i in expected}
    assert got == pytest.approx(expected)


@few
@given(st.integers(1, 500), st.integers(1, 500), st.floats(0, 1))
def test_injection_is_0_then_linear_then_1(start, length, part):
    stop = start + length
    assert [objective.injection(i, start, stop) for i in (0, start - 1, start)] == [0, 0, 0]
    assert [objective.injection(i, start, stop) for i in (stop, stop + 1, 10 * stop)] == [1, 1, 1]
    assert objective.injection(start + part * length, start, stop) == pytest.approx(part, abs=1e-9)
    ramp = [objective.injection(i, start, stop) for i in range(start - 1, stop + 2)]
    assert ramp == sorted(ramp) and 0 <= ramp[0] and ramp[-1] <= 1


def test_a_ramp_of_no_length_is_a_step():
    assert [objective.injection(i, 7, 7) for i in (6, 7, 8)] == [0, 1, 1]


def test_a_ramp_that_ends_before_it_starts():
    with pytest.raises(ValueError, match="stops at 5, before its start at 6"):
        objective.injection(3, 6, 5)


def test_compressed_schedule_by_hand():
    # 11 printed iterations in 21 steps: the ten gaps become twenty, and the first stays the first.
    got = objective.compress({"reconstruction": (1, 1), "digit": (4, 6)}, 11, 21)
    assert got == {"reconstruction": (1, 1), "digit": (7, 11)}


@few
@given(st.sampled_from([(paper.VOICE_INJECTION, 10_000), (paper.IMAGE_INJECTION, 800)]), st.integers(2, 20_000))
def test_compressed_schedule_keeps_order_proportions_and_ends(table, steps):
    injections, iterations = table
    got = objective.compress(injections, iterations, steps)
    assert list(got) == list(injections) and got["reconstruction"] == (1, 1)
    for name, printed in injections.items():
        for before, after in zip(printed, got[name], strict=True):
            assert (after - 1) / (steps - 1) == pytest.approx((before - 1) / (iterations - 1))
    assert objective.compress(injections, iterations, iterations) == injections
    # M of a printed iteration equals M of the step it became.
    start, stop = injections["digit"]
    for iteration in (start, (start + stop) / 2, stop + 1):
        step = 1 + (iteration - 1) * (steps - 1) / (iterations - 1)
        expected = objective.injection(iteration, start, stop)
        assert objective.injection(step, *got["digit"]) == pytest.approx(expected, abs=1e-9)


# --- B ------------------------------------------------------------------------------------------------


def test_balance_on_five_numbers():
    got = objective.balance(torch.tensor([0.2, 3.0, 0.0, 1.0, 2.0], dtype=torch.float64), B)
    assert got.tolist() == [0.3, 1.0, 0.2, 0.4, 0.5]


def test_equal_terms_keep_their_order():
    assert objective.balance(torch.zeros(5, dtype=torch.float64), B).tolist() == list(B)
    ties = torch.tensor([1, 2, 1, 2, 2], dtype=torch.float64)
    assert objective.balance(ties, B).tolist() == [0.3, 1, 0.2, 0.5, 0.4]


@few
@given(st.lists(st.integers(0, 1000), min_size=1, max_size=5, unique=True), st.floats(0.01, 100), st.integers(0, 99))
def test_balance_depends_on_the_order_of_the_terms_only(values, gain, seed):
    x = torch.tensor(values, dtype=torch.float64)
    factors = objective.balance(x, B)
    assert sorted(factors.tolist(), reverse=True) == list(B[: len(values)])
    for same_order in (gain * x + 3, x**3, x.sqrt()):
        assert torch.equal(objective.balance(same_order, B), factors)
    order = torch.randperm(len(x), generator=torch.Generator().manual_seed(seed))
    assert torch.equal(objective.balance(x[order], B), factors[order])


def test_too_few_factors():
    with pytest.raises(ValueError, match="2 balancing factors for 3 terms"):
        objective.balance(torch.zeros(3), (1.0, 0.5))


# --- total ----------------------------------------------------------------------------------------------


def test_total_on_five_numbers():
    # I L = 2, 0.3, 0.2, 0.5, 0.25 -> B = 1, 0.4, 0.2, 0.5, 0.3; weights 1, 0.12, 0.004, 0.125, 0.075.
    terms = tensors([2, 1, 10, 2, 1])
    scalar, record = objective.total(terms, 10_000, paper.VOICE_IMPORTANCE, paper.VOICE_INJECTION, B)
    weights = [1, 0.12, 0.004, 0.125, 0.075]
    assert scalar.item() == pytest.approx((2 + 0.12 + 0.04 + 0.25 + 0.075) / sum(weights))
    assert [record[f"{name}/B"].item() for name in NAMES] == pytest.approx([1, 0.4, 0.2, 0.5, 0.3])
    assert [record[f"{name}/I"].item() for name in NAMES] == pytest.approx([1, 0.3, 0.02, 0.25, 0.25])
    assert [record[f"{name}/M"].item() for name in NAMES] == [1] * 5
    assert [record[name].item() for name in NAMES] == [2, 1, 10, 2, 1]
    assert record["total"].item() == scalar.item()
    assert set(record) == {"total", *(f"{name}{end}" for name in NAMES for end in ("", "/M", "/I", "/B"))}


def test_total_in_the_middle_of_a_ramp():
    # Iteration 6050: M of sparsity 0.5, nothing else but reconstruction.
    terms = tensors([2, 4])
    scalar, record = objective.total(terms, 6050, paper.VOICE_IMPORTANCE, paper.VOICE_INJECTION, B)
    assert scalar.item() == pytest.approx((1 * 2 + 0.5 * 0.5 * 0.3 * 4) / (1 + 0.5 * 0.5 * 0.3))
    assert record["sparsity/M"].item() == 0.5


def test_total_before_any_ramp_is_the_reconstruction():
    for terms in (tensors([3]), tensors([3, 9, 9, 9, 9])):
        scalar, _ = objective.total(terms, 1, paper.VOICE_IMPORTANCE, paper.VOICE_INJECTION, B)
        assert scalar.item() == 3


def test_without_balancing_every_factor_is_one():
    scalar, record = objective.total(tensors([1, 2, 3, 4, 5]), 1, dict.fromkeys(NAMES, 1.0), ON, B, balanced=False)
    assert scalar.item() == pytest.approx(3) and [record[f"{name}/B"].item() for name in NAMES] == [1] * 5


def test_a_term_without_importance_has_no_say():
    terms = tensors([2, 1, 10, 50, 1], ["reconstruction", "sparsity", "interpolation", "writer", "digit"])
    got, record = objective.total(terms, 800, paper.IMAGE_IMPORTANCE, paper.IMAGE_INJECTION, B)
    assert record["writer/B"].item() == pytest.approx(0.2)  # the last
    del terms["writer"]
    without, _ = objective.total(terms, 800, paper.IMAGE_IMPORTANCE, paper.IMAGE_INJECTION, B)
    assert got.item() == pytest.approx(without.item())


@few
@given(values5, st.floats(0.01, 100))
def test_total_is_a_mean_of_the_terms(values, gain):
    importance = dict.fromkeys(NAMES, 0.7)
    scalar, _ = objective.total(tensors(values), 1, importance, ON, B)
    assert min(values) - 1e-9 <= scalar.item() <= max(values) + 1e-9
    louder, _ = objective.total(tensors([gain * v for v in values]), 1, importance, ON, B)
    assert louder.item() == pytest.approx(gain * scalar.item())
    # The largest has the largest factor, so balancing never lowers the mean.
    assert scalar.item() >= sum(values) / 5 - 1e-9


@few
@given(st.permutations(NAMES))
def test_the_order_in_which_terms_are_given_does_not_matter(order):
    terms = tensors([2, 1, 10, 2.5, 1.5])
    arguments = 7000, paper.VOICE_IMPORTANCE, paper.VOICE_INJECTION, B
    expected, first = objective.total(terms, *arguments)
    got, record = objective.total({name: terms[name] for name in order}, *arguments)
    assert got.item() == pytest.approx(expected.item(), rel=1e-12)
    assert {k: v.item() for k, v in record.items()} == pytest.approx({k: v.item() for k, v in first.items()})


def test_nothing_to_minimize():
    with pytest.raises(ValueError, match="no term .*'sparsity'.* iteration 3"):
        objective.total(tensors([1], ["sparsity"]), 3, paper.VOICE_IMPORTANCE, paper.VOICE_INJECTION, B)


def test_the_record_carries_no_gradient():
    terms = {name: value.requires_grad_() for name, value in tensors([1, 2]).items()}
    scalar, record = objective.total(terms, 7000, paper.VOICE_IMPORTANCE, paper.VOICE_INJECTION, B)
    assert scalar.requires_grad and not any(value.requires_grad for value in record.values())


# --- the loss of a VAE -----------------------------------------------------------------------------------

SPACE = LatentSpace({"speaker": 2, "digit": 3})
IMPORTANCE = {"reconstruction": 1.0, "sparsity": 0.3, "interpolation": 0.02, "speaker": 0.25, "digit": 0.25}
INJECTION = {"reconstruction": (1, 1), "sparsity": (2, 4), "interpolation": (4, 6), "speaker": (6, 8), "digit": (6, 8)}


@pytest.fixture(scope="module")
def vae():
    torch.manual_seed(0)
    return OrthogonalVAE(
        (Layer(4, 4, 2, 1), Layer(3, 3, 1, 1)), (1, 16), SPACE, m=10, inner_norm=False, output="bipolar"
    )


@pytest.fixture
def batch():
    generator = torch.Generator().manual_seed(1)
    return {
        "signal": torch.randn(6, 1, 16, generator=generator),
        "speaker": torch.tensor([0, 1, 0, 1, 0, 1]),
        "digit": torch.tensor([0, 1, 2, 0, 1, 2]),
    }


def call(vae, batch, step=20, seed=0, importance=IMPORTANCE, **options):
    loss = objective.training_loss(vae, importance, INJECTION, B, **options)
    scalar, record = loss(batch, step, torch.Generator().manual_seed(seed))
    return scalar, {name: value.item() for name, value in record.items()}


@pytest.mark.parametrize(("step", "count"), [(0, 1), (1, 1), (2, 2), (3, 2), (4, 3), (5, 3), (6, 5), (50, 5)])
def test_terms_appear_as_they_are_injected(vae, batch, step, count):
    scalar, record = call(vae, batch, step)
    assert [name for name in record if "/" not in name] == ["total", *NAMES[:count]]
    assert scalar.item() == record["total"]


def test_the_loss_depends_on_its_generator_alone(vae, batch):
    torch.manual_seed(1)
    _, first = call(vae, batch, seed=3)
    torch.manual_seed(2)
    _, again = call(vae, batch, seed=3)
    _, other = call(vae, batch, seed=4)
    assert first == again and first != other


def test_level_does_not_matter_and_items_may_be_silent(vae, batch):
    _, record = call(vae, batch)
    _, louder = call(vae, batch | {"signal": 100 * batch["signal"]})
    assert louder == pytest.approx(record, rel=1e-4)
    silent = batch["signal"].clone()
    silent[2:4] = 0
    vae.zero_grad()
    scalar, _ = call(vae, batch | {"signal": silent})
    scalar.backward()
    assert all(torch.isfinite(parameter.grad).all() for parameter in vae.parameters())


@few
@given(st.permutations(range(6)))
def test_the_order_of_a_batch_does_not_matter(vae, order):
    generator = torch.Generator().manual_seed(1)
    batch = {"signal": torch.randn(6, 1, 16, generator=generator), "speaker": torch.tensor([0, 1] * 3)}
    batch["digit"] = torch.tensor([0, 1, 2] * 2)
    shuffled = {name: values[order] for name, values in batch.items()}
    # Without noise, and without the interpolation, whose partners are drawn by position.
    quiet = {"mu": 0.0, "sigma_min": 0.0, "importance": IMPORTANCE | {"interpolation": 0.0}}
    assert call(vae, shuffled, **quiet)[1] == pytest.approx(call(vae, batch, **quiet)[1], rel=1e-5)


def test_items_of_unknown_label_are_left_out_of_that_term_only(vae, batch):
    unknown = batch | {"digit": torch.tensor([0, -1, 2, -1, -1, -1])}
    _, record = call(vae, unknown)
    _, known = call(vae, batch)
    assert record["reconstruction"] == known["reconstruction"] and record["speaker"] == known["speaker"]
    code = SPACE.split(vae.encode(batch["signal"]))["digit"].detach()
    each = losses.disentanglement(code[[0, 2]], torch.tensor([0, 2]))
    assert record["digit"] == pytest.approx(each.mean().item(), rel=1e-5)


def test_a_batch_without_any_label_is_no_accident(vae, batch):
    vae.zero_grad()
    scalar, record = call(vae, batch | {"digit": torch.full((6,), -1)})
    scalar.backward()
    assert record["digit"] == 0 and all(torch.isfinite(parameter.grad).all() for parameter in vae.parameters())


def test_a_category_without_importance_needs_no_labels(vae, batch):
    del batch["speaker"]
    _, record = call(vae, batch, importance=IMPORTANCE | {"speaker": 0.0})
    assert "speaker" not in record and "digit" in record


def test_options_reach_the_terms(vae, batch):
    _, plain = call(vae, batch)
    _, summed = call(vae, batch, norm="sum")
    assert summed["reconstruction"] == pytest.approx(plain["reconstruction"] * 4, rel=1e-5)  # sqrt(16)
    assert summed["sparsity"] == pytest.approx(plain["sparsity"] * 16, rel=1e-5)
    _, signed = call(vae, batch, absolute=False)
    assert signed["digit"] < plain["digit"] and signed["reconstruction"] == plain["reconstruction"]
    _, printed = call(vae, batch, positive=False)
    assert printed["digit"] < plain["digit"] and printed["reconstruction"] == plain["reconstruction"]
    _, square = call(vae, batch, unrelated="rms")
    code = SPACE.split(vae.encode(batch["signal"]))["digit"].detach()
    each = losses.disentanglement(code, batch["digit"], unrelated="rms")
    assert square["digit"] == pytest.approx(each.mean().item(), rel=1e-5) and square["digit"] < plain["digit"]
    assert square["reconstruction"] == plain["reconstruction"]
    with pytest.raises(ValueError, match="unrelated is 'min'"):
        call(vae, batch, unrelated="min")
    _, flat = call(vae, batch, balanced=False)
    assert [flat[f"{name}/B"] for name in NAMES] == [1] * 5
    _, spread = call(vae, batch, sigma_min=2.0)
    assert spread["reconstruction"] != plain["reconstruction"] and spread["digit"] == plain["digit"]


def test_an_augmented_signal_is_also_the_target(vae, batch):
    def silence(signal, generator):
        return torch.zeros_like(signal)

    _, record = call(vae, batch, augment=silence, mu=0.0, sigma_min=0.0)
    # The target is silent, so the residual is the normalized output itself.
    output = vae.decode(vae.encode(torch.zeros_like(batch["signal"])))
    assert record["sparsity"] == pytest.approx(output.abs().mean().item(), rel=1e-5)
