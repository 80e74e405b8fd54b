"""The loss terms, on numbers that can be checked with a pencil."""

import math
from functools import partial

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from olc_lib import losses

few = settings(derandomize=True, max_examples=25, deadline=None, database=None)
seeds = st.integers(0, 10_000)
#: The two forms of Eq. (5): the largest unrelated coordinate, and their root mean square.
FORMS = {"max": losses.disentanglement, "rms": losses.disentanglement_rms}
forms = st.sampled_from(list(FORMS.values()))


def random(seed, *shape):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def near(x, y):
    torch.testing.assert_close(torch.as_tensor(x).double(), torch.as_tensor(y).double())


def test_norms_of_a_3_4_residual():
    x, y = torch.tensor([[[1.0, 2.0]], [[0.0, 0.0]]]), torch.tensor([[[4.0, -2.0]], [[0.0, 0.0]]])
    near(losses.reconstruction(x, y, norm="sum"), [5.0, 0.0])
    near(losses.reconstruction(x, y), [5 / math.sqrt(2), 0.0])
    near(losses.sparsity(x, y, norm="sum"), [7.0, 0.0])
    near(losses.sparsity(x, y), [3.5, 0.0])
    near(losses.interpolation(x, y), [5 / math.sqrt(2), 0.0])
    near(losses.interpolation(x, y, norm="sum"), [5.0, 0.0])


def test_mean_norms_do_not_grow_with_the_signal():
    for n in (10, 1000):
        x = torch.full((1, n), 0.3)
        near(losses.reconstruction(x, torch.zeros_like(x)), [0.3])
        near(losses.sparsity(x, torch.zeros_like(x)), [0.3])


def test_sparsity_prefers_one_large_error_to_many_small_ones():
    # The same energy: it is the residual that shall be sparse, not the code.
    spread, single, zero = torch.full((1, 4), 0.5), torch.tensor([[1.0, 0, 0, 0]]), torch.zeros(1, 4)
    near(losses.reconstruction(spread, zero), losses.reconstruction(single, zero))
    near([losses.sparsity(spread, zero).item(), losses.sparsity(single, zero).item()], [0.5, 0.25])


@pytest.mark.parametrize("term", [losses.reconstruction, losses.sparsity, losses.interpolation])
def test_unknown_norm(term):
    with pytest.raises(ValueError, match="norm .*'root'.*expected 'mean' or 'sum'"):
        term(torch.ones(1, 2), torch.ones(1, 2), norm="root")


@pytest.mark.parametrize("term", [losses.reconstruction, losses.sparsity, losses.interpolation])
def test_gradient_at_a_perfect_reconstruction_is_finite(term):
    x = torch.zeros(1, 4, requires_grad=True)
    term(x, torch.zeros(1, 4)).sum().backward()
    assert torch.isfinite(x.grad).all()


@few
@given(seeds, st.floats(0.01, 100))
def test_norms_scale_with_the_residual_and_are_symmetric(seed, gain):
    x, y = random(seed, 3, 2, 5), random(seed + 1, 3, 2, 5)
    for term in (losses.reconstruction, losses.sparsity, losses.interpolation):
        for norm in ("mean", "sum"):
            near(term(gain * x, gain * y, norm=norm), gain * term(x, y, norm=norm))
            near(term(x, y, norm=norm), term(y, x, norm=norm))
    assert (losses.sparsity(x, y) <= losses.reconstruction(x, y)).all()


def test_mix_is_the_straight_line():
    a, b = torch.tensor([[[2.0, 4.0]]] * 4), torch.tensor([[[10.0, 0.0]]] * 4)
    got = losses.mix(a, b, torch.tensor([0.0, 0.25, 0.5, 1.0]))
    near(got[:, 0], [[10.0, 0.0], [8.0, 1.0], [6.0, 2.0], [2.0, 4.0]])


def test_mix_of_signals_and_codes_uses_the_same_proportion():
    alpha, partner = torch.tensor([0.3, 0.9]), torch.tensor([1, 0])
    signal, code = random(0, 2, 1, 3, 3), random(1, 2, 4)
    for x in (signal, code):
        got = losses.mix(x, x[partner], alpha)
        assert got.shape == x.shape
        near(got.sum(0), sum(alpha[l] * x[l] + (1 - alpha[l]) * x[1 - l] for l in (0, 1)))  # noqa: E741


@pytest.mark.parametrize(
    ("code", "label", "options", "value"),
    [
        ([1.0, 0.0, 0.0], 0, {}, 0 + 1 / 2),
        ([1.0, 0.0, 0.0], 1, {}, 1 + 1),
        ([0.6, 0.8, 0.0], 0, {}, 0.8 + 1 / 1.6),
        ([0.6, -0.8, 0.0], 0, {}, 0.8 + 1 / 1.6),
        ([0.6, -0.8, 0.0], 0, {"absolute": False}, 0.0 + 1 / 1.6),
        ([0.6, -0.8], 0, {"absolute": False}, -0.8 + 1 / 1.6),
        ([-0.6, 0.0, 0.8], 0, {"absolute": False}, 0.8 + 1 + 0.6),
        ([-0.6, 0.0, 0.8], 0, {"absolute": False, "positive": False}, 0.8 + 1 / 1.6),
        ([-0.6, 0.0, 0.8], 0, {"positive": False}, 0.8 + 1 / 1.6),
        ([-1.0, 0.0], 0, {}, 0 + 1 + 1),
        ([-1.0, 0.0], 0, {"positive": False}, 0 + 1 / 2),
        ([0.0, 0.0], 0, {}, 0 + 1),
        ([0.0, 0.0], 0, {"positive": False}, 0 + 1),
        ([1.0], 0, {}, 1 / 2),
        ([1.0], 0, {"absolute": False}, 1 / 2),
        ([1 / math.sqrt(10)] * 10, 3, {}, 1.0760),
        ([1 / math.sqrt(6)] * 6, 3, {}, 1.1184),
    ],
)
def test_disentanglement(code, label, options, value):
    got = losses.disentanglement(torch.tensor([code]), torch.tensor([label]), **options)
    assert got.shape == (1,) and got.item() == pytest.approx(value, abs=1e-4)


@pytest.mark.parametrize(
    ("code", "label", "value"),
    [
        ([1.0, 0.0, 0.0], 0, 0 + 1 / 2),
        ([1.0, 0.0, 0.0], 1, math.sqrt(1 / 2) + 1),
        ([0.6, 0.8, 0.0], 0, math.sqrt(0.64 / 2) + 1 / 1.6),
        ([0.6, -0.8, 0.0], 0, math.sqrt(0.64 / 2) + 1 / 1.6),
        ([0.6, 0.8], 0, 0.8 + 1 / 1.6),
        ([-0.6, 0.0, 0.8], 0, math.sqrt(0.64 / 2) + 1.6),
        ([0.0, 0.0], 0, 0 + 1),
        ([1.0], 0, 1 / 2),
        ([1 / math.sqrt(10)] * 10, 3, 1.0760),
    ],
)
def test_disentanglement_by_root_mean_square(code, label, value):
    got = losses.disentanglement_rms(torch.tensor([code]), torch.tensor([label]))
    assert got.shape == (1,) and got.item() == pytest.approx(value, abs=1e-4)


def test_signed_disentanglement_of_a_code_that_is_not_normalized():
    # The reading the book compares with looks at the primary latent, which has no bounds.
    code = torch.tensor([[-3.0, -5.0, -4.0]])
    near(losses.disentanglement(code, torch.tensor([1]), absolute=False, positive=False), [-3 + 1 / 6])


@few
@given(seeds, st.integers(2, 10), forms)
def test_disentanglement_is_least_at_the_one_hot_code(seed, n, form):
    code = torch.nn.functional.normalize(random(seed, 6, n))
    label = torch.arange(6) % n
    assert (form(code, label) > 0.5).all()
    near(form(torch.eye(n)[label], label), [0.5] * 6)


@few
@given(seeds, forms)
def test_disentanglement_ignores_the_order_of_items_and_of_unrelated_dimensions(seed, form):
    code, label = random(seed, 6, 5), torch.tensor([0, 1, 2, 3, 4, 0])
    generator = torch.Generator().manual_seed(seed)
    items, dims = torch.randperm(6, generator=generator), torch.randperm(5, generator=generator)
    value = form(code, label)
    near(form(code[items], label[items]), value[items])
    near(form(code[:, dims], dims.argsort()[label]), value)


@few
@given(seeds, st.integers(2, 10))
def test_root_mean_square_of_the_unrelated_coordinates(seed, n):
    code, label = random(seed, 6, n), torch.arange(6) % n
    related = code.gather(1, label[:, None])[:, 0]
    got = losses.disentanglement_rms(code, label) - torch.where(related < 0, 1 - related, 1 / (1 + related.abs()))
    others = [np.delete(row, k) for row, k in zip(code.numpy(), label.tolist(), strict=True)]
    near(got, [np.sqrt(np.mean(row**2)) for row in others])
    # Never above the largest, never below its share of it; and no sign but the related one matters.
    largest = torch.tensor([np.abs(row).max() for row in others])
    assert (got <= largest + 1e-12).all() and (got >= largest / math.sqrt(n - 1) - 1e-12).all()
    mirrored = torch.where(torch.nn.functional.one_hot(label, n) > 0, code, -code)
    near(losses.disentanglement_rms(mirrored, label), losses.disentanglement_rms(code, label))


def test_gradient_raises_the_related_and_lowers_the_largest_unrelated_coordinate():
    code = torch.tensor([[0.5, -0.7, 0.1]], requires_grad=True)
    losses.disentanglement(code, torch.tensor([0])).sum().backward()
    # d/df 1/(1+f) = -1/(1+f)^2 at 0.5; |-0.7| falls towards 0; 0.1 is not the largest.
    near(code.grad, [[-1 / 2.25, -1.0, 0.0]])


@pytest.mark.parametrize("positive", [True, False])
def test_gradient_of_the_related_coordinate(positive):
    # Falls with slope -1 / (1 + f)^2 above 0, and with slope -1 below it unless it is mirrored as printed.
    f = torch.tensor([[-3.0], [-0.5], [-1e-9], [1e-9], [0.5], [1.0]], dtype=torch.float64, requires_grad=True)
    losses.disentanglement(f, torch.zeros(6, dtype=torch.int64), positive=positive).sum().backward()
    below = [-1, -1, -1] if positive else [1 / 16, 1 / 2.25, 1]
    near(f.grad[:, 0], [*below, -1, -1 / 2.25, -1 / 4])


VARIANTS = FORMS | {
    "signed": partial(losses.disentanglement, absolute=False),
    "as printed": partial(losses.disentanglement, positive=False),
}


@pytest.mark.parametrize("form", VARIANTS.values(), ids=VARIANTS)
@pytest.mark.parametrize("code", [[0.0] * 4, [0.0, 0.0, 1.0, 0.0], [0.0]], ids=["dead", "one-hot", "single"])
def test_gradient_of_disentanglement_is_finite_where_coordinates_are_zero(code, form):
    code = torch.tensor([code], requires_grad=True)
    form(code, torch.tensor([len(code[0]) // 2])).sum().backward()
    assert torch.isfinite(code.grad).all()


# --- an encoder that still guesses ----------------------------------------------------------------------


def expected_loss(code, p, form):
    """What codes cost on average if class 0 has probability ``p`` and the others share the rest."""
    n = code.shape[1]
    share = [p, *[(1 - p) / (n - 1)] * (n - 1)]
    label = torch.zeros(len(code), dtype=torch.int64)
    return sum(q * FORMS[form](code, label + k) for k, q in enumerate(share))


def slope(code, p, form):
    """How fast descent on the sphere raises the coordinate of class 0."""
    code = code.clone().requires_grad_()
    (gradient,) = torch.autograd.grad(expected_loss(code, p, form).sum(), code)
    code = code.detach()
    return -(gradient - (gradient * code).sum(1, keepdim=True) * code)[:, 0]


@few
@given(st.integers(3, 10), st.floats(0, 1), st.sampled_from([1e-4, 1e-3, 1e-2]))
def test_a_better_guess_leaves_the_uniform_code_by_the_mean_square_and_returns_by_the_maximum(n, t, away):
    p = 1 / n + 0.02 + t * (0.5 - 1 / n - 0.02)  # from a little better than chance to one half
    leaning = torch.ones(1, n, dtype=torch.float64)
    leaning[0, 0] += away
    leaning = torch.nn.functional.normalize(leaning)
    assert slope(leaning, p, "rms") > 0 > slope(leaning, p, "max")


def test_mean_square_breaks_the_tie_at_the_uniform_code_itself():
    # At u = 1/sqrt(n) the derivative of the root mean square by each unrelated coordinate is 1/(n - 1), so that
    # of coordinate j is (1 - q_j)/(n - 1) - q_j/(1 + u)^2; what is common to all goes in the projection.
    n, p = 10, 0.3
    code = torch.full((1, n), n**-0.5, dtype=torch.float64)
    q = torch.tensor([p, *[(1 - p) / (n - 1)] * (n - 1)], dtype=torch.float64)
    by_hand = (1 - q) / (n - 1) - q / (1 + n**-0.5) ** 2
    near(slope(code, p, "rms"), [(by_hand.mean() - by_hand[0]).item()])
    assert slope(code, p, "rms") > 0.1
    near(slope(code, 1 / n, "rms"), [0.0])  # pure chance has nowhere to go
    assert slope(code, 0.5 / n, "rms") < 0  # and an unlikely class is left


@pytest.mark.parametrize("form", FORMS)
def test_descent_from_near_the_uniform_code(form):
    code = (1 + 0.05 * random(0, 16, 10)).requires_grad_()
    for _ in range(200):
        unit = torch.nn.functional.normalize(code)
        (gradient,) = torch.autograd.grad(expected_loss(unit, 0.3, form).sum(), code)
        with torch.no_grad():
            code -= 0.05 * gradient
    unit = torch.nn.functional.normalize(code.detach())
    uniform = unit.mean(1) * math.sqrt(10)  # cosine with the uniform code
    if form == "max":
        assert uniform.min() > 0.9999
    else:
        assert (unit.argmax(1) == 0).all() and unit[:, 0].min() > 0.38 and uniform.max() < 0.997
