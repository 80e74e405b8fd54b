"""Max M % normalization and its two rivals."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from olc_lib.normalize import max_m_percent, maximum, standard_deviation

few = settings(derandomize=True, max_examples=25, deadline=None, database=None)
seeds = st.integers(0, 10_000)
percentages = st.floats(0.5, 100)
gains = st.floats(1e-3, 1e3)
shapes = st.sampled_from([(1, 40), (3, 1, 25), (2, 1, 6, 7)])


def signal(seed, shape):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def m_percent(m):
    return lambda x: max_m_percent(x, m)


RULES = {"M 5 %": m_percent(5), "M 50 %": m_percent(50), "maximum": maximum, "std": standard_deviation}
every_rule = pytest.mark.parametrize("rule", RULES.values(), ids=RULES.keys())


def test_on_ten_numbers():
    x = torch.tensor([[0.0, 1, -2, 3, -4, 5, -6, 7, -8, 9]])
    for m, scale in ((10, 9.0), (20, 8.5), (30, 8.0), (100, 4.5), (1, 9.0)):
        y, found = max_m_percent(x, m)
        assert found.tolist() == [scale] and y.shape == x.shape
        torch.testing.assert_close(y, x / scale)
    assert maximum(x)[1].tolist() == [9.0]
    # Mean -0.5 + 1 = 0.5 a sample, mean square 28.5: variance 28.25.
    assert standard_deviation(x)[1].item() == pytest.approx(math.sqrt(28.25))


@pytest.mark.parametrize(("m", "n", "count"), [(5, 8192, 410), (5, 784, 39), (5, 5, 1), (30, 5, 2), (100, 5, 5)])
def test_count_of_the_samples_that_set_the_scale(m, n, count):
    x = torch.arange(1.0, n + 1, dtype=torch.float64)[None]
    assert max_m_percent(x, m)[1].item() == pytest.approx(sum(range(n - count + 1, n + 1)) / count)


def test_the_default_is_five_percent():
    x = signal(0, (1, 200))
    assert torch.equal(max_m_percent(x)[1], max_m_percent(x, 5)[1])
    assert not torch.equal(max_m_percent(x)[1], max_m_percent(x, 6)[1])


def test_a_single_outlier_moves_the_maximum_more():
    x = signal(1, (1, 1000)).clamp(-2, 2)
    spike = x.clone()
    spike[0, 7] = 50.0
    moved = {rule: rule(spike)[1] / rule(x)[1] for rule in (maximum, max_m_percent)}
    assert moved[maximum] == pytest.approx(25) and moved[max_m_percent] < 2


@few
@given(seeds, shapes, percentages)
def test_largest_amplitudes_average_to_one(seed, shape, m):
    y = max_m_percent(signal(seed, shape), m)[0].flatten(1).abs()
    count = max(1, round(y.shape[1] * m / 100))
    torch.testing.assert_close(y.sort(descending=True).values[:, :count].mean(1), torch.ones(shape[0]).double())


@few
@given(seeds, shapes, percentages, gains)
def test_scale_equivariance(seed, shape, m, gain):
    x = signal(seed, shape)
    for rule in (m_percent(m), maximum, standard_deviation):
        y, scale = rule(x)
        louder, larger = rule(gain * x)
        torch.testing.assert_close(louder, y)
        torch.testing.assert_close(larger, gain * scale)
        mirrored, same = rule(-gain * x)
        torch.testing.assert_close(mirrored, -y)
        torch.testing.assert_close(same, gain * scale)


@few
@given(seeds, shapes, percentages)
def test_idempotence(seed, shape, m):
    for rule in (m_percent(m), maximum, standard_deviation):
        once, _ = rule(signal(seed, shape))
        twice, scale = rule(once)
        torch.testing.assert_close(twice, once)
        torch.testing.assert_close(scale, torch.ones_like(scale))


@few
@given(seeds, percentages)
def test_items_do_not_see_each_other(seed, m):
    x, order = signal(seed, (5, 1, 30)), torch.randperm(5, generator=torch.Generator().manual_seed(seed))
    for rule in (m_percent(m), maximum, standard_deviation):
        y, scale = rule(x)
        shuffled, scales = rule(x[order])
        torch.testing.assert_close(shuffled, y[order])
        torch.testing.assert_close(scales, scale[order])
        alone, single = rule(x[2:3])
        torch.testing.assert_close(alone[0], y[2])
        torch.testing.assert_close(single[0], scale[2])


@few
@given(seeds)
def test_scale_falls_as_more_samples_count(seed):
    x = signal(seed, (2, 50))
    scales = torch.stack([max_m_percent(x, m)[1] for m in (1, 5, 20, 60, 100)])
    assert (scales[1:] <= scales[:-1]).all() and (scales[0] == maximum(x)[1]).all()
    torch.testing.assert_close(scales[-1], x.abs().mean(1))


@every_rule
def test_silence_stays_silence_and_leaves_its_neighbours_alone(rule):
    loud = signal(2, (1, 40))
    y, scale = rule(torch.cat([torch.zeros(1, 40).double(), loud]))
    assert y[0].tolist() == [0.0] * 40 and scale[0] == 0
    torch.testing.assert_close(y[1:], rule(loud)[0])


@every_rule
def test_gradients_stay_finite_at_silence(rule):
    x = torch.zeros(2, 40, dtype=torch.float64)
    x[1] = signal(3, (40,))
    x.requires_grad_()
    rule(x)[0].square().sum().backward()
    assert torch.isfinite(x.grad).all()


def test_the_scale_takes_part_in_the_gradient():
    # A reconstruction cannot lower its loss by growing: along its own direction the gradient is zero.
    x = signal(4, (1, 40)).requires_grad_()
    y = max_m_percent(x)[0]
    ((y - signal(5, (1, 40))) ** 2).sum().backward()
    assert abs((x.grad * x).sum().item()) < 1e-9 < x.grad.abs().max().item()


@pytest.mark.parametrize("m", [0, -1, 100.5, math.nan])
def test_bad_percentage(m):
    with pytest.raises(ValueError, match=rf"m .*\(0, 100\].*found {m}"):
        max_m_percent(torch.ones(1, 10), m)
