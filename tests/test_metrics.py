"""Metrics on codes that are perfect, dead or duplicated, and on numbers that can be checked by hand."""

import pytest
import torch
from scipy.stats import binomtest
from sklearn.metrics import confusion_matrix

from olc_lib import metrics

EYE = torch.eye(4)


def test_mean_abs_cosine_of_perfect_opposite_duplicated_and_dead_codes():
    assert metrics.mean_abs_cosine(EYE) == 0
    assert metrics.mean_abs_cosine(EYE * torch.tensor([[1.0], [-2], [3], [4]])) == 0  # signs and lengths do not matter
    assert metrics.mean_abs_cosine(torch.tensor([[1.0, 0], [-1, 0]])) == pytest.approx(1)
    assert metrics.mean_abs_cosine(EYE[:1].repeat(4, 1)) == pytest.approx(1)
    assert metrics.mean_abs_cosine(torch.zeros(4, 4)) == 1  # a dead code is no orthogonal one
    with pytest.raises(ValueError, match="1 vectors"):
        metrics.mean_abs_cosine(EYE[:1])


def test_class_means_are_unit_averages_and_zero_for_a_class_without_items():
    block, label = torch.tensor([[3.0, 0], [1, 0], [0, 2]]), torch.tensor([0, 0, 2])
    assert torch.allclose(metrics.class_means(block, label, 3), torch.tensor([[1.0, 0], [0, 0], [0, 1]]))


def test_accuracy():
    assert metrics.accuracy(torch.tensor([1, 2, 3, 4]), torch.tensor([1, 2, 0, 4])) == 75
    for bad in (torch.tensor([1]), torch.zeros(0, dtype=torch.long)):
        with pytest.raises(ValueError, match="expected as many"):
            metrics.accuracy(bad, torch.tensor([], dtype=torch.long))


@pytest.mark.parametrize("right, count", [(0, 10), (7, 10), (297, 300), (10, 10)])
def test_wilson_is_scipys_interval(right, count):
    expected = binomtest(right, count).proportion_ci(method="wilson")
    low, high = metrics.wilson(100 * right / count, count)
    assert (low, high) == pytest.approx((100 * expected.low, 100 * expected.high), abs=2e-3)
    with pytest.raises(ValueError, match="count is 0"):
        metrics.wilson(50, 0)


def test_confusion_is_scikit_learns():
    label, read = torch.tensor([0, 1, 1, 2, 2, 2]), torch.tensor([0, 1, 2, 2, 2, 0])
    assert metrics.confusion(read, label, 3).tolist() == confusion_matrix(label, read).tolist()
