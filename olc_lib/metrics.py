"""Figures of merit: tensors in, a number (or a small table) out."""

import torch
from torch import Tensor


def accuracy(predicted: Tensor, label: Tensor) -> float:
    """Share of predictions that are right, in percent.

    Args:
        predicted: ``[N]`` class indices.
        label: ``[N]`` class indices.

    Returns:
        0 to 100.

    Raises:
        ValueError: if the two differ in length or are empty.
    """
    if predicted.shape != label.shape or not len(label):
        raise ValueError(
            f"predicted and label have {len(predicted)} and {len(label)} items, expected as many, and some"
        )
    return 100 * (predicted == label).double().mean().item()


def wilson(percent: float, count: int, z: float = 1.96) -> tuple[float, float]:
    """Wilson's interval of a measured share: what it could be in truth, given so many items (95 % by default).

    Args:
        percent: measured share, 0 to 100.
        count: number of items it was measured on.
        z: quantile of the normal distribution.

    Returns:
        ``(low, high)`` in percent.

    Raises:
        ValueError: if ``count`` is not positive.
    """
    if count < 1:
        raise ValueError(f"count is {count}, expected at least 1")
    p = percent / 100
    centre = (p + z * z / (2 * count)) / (1 + z * z / count)
    half = z / (1 + z * z / count) * (p * (1 - p) / count + z * z / (4 * count * count)) ** 0.5
    return 100 * (centre - half), 100 * (centre + half)


def class_means(block: Tensor, label: Tensor, classes: int) -> Tensor:
    """Average code of each class, brought to unit length (Figures 5, 6 and 8).

    Args:
        block: ``[N, n]``, one category of normalized codes.
        label: ``[N]``.
        classes: how many rows to make.

    Returns:
        ``[classes, n]``; a class without items is a row of zeros.
    """
    sums = torch.zeros(classes, block.shape[1], dtype=block.dtype).index_add_(0, label, block)
    return torch.nn.functional.normalize(sums, dim=1)


def mean_abs_cosine(vectors: Tensor) -> float:
    """Mean absolute cosine between different rows: 0 for orthogonal ones, 1 for copies of one.

    Args:
        vectors: ``[K, n]``, K at least 2; a dead (all-zero) row counts as aligned with every other.

    Returns:
        0 to 1.

    Raises:
        ValueError: if there are fewer than two rows.
    """
    if len(vectors) < 2:
        raise ValueError(f"{len(vectors)} vectors, expected at least 2")
    unit = torch.nn.functional.normalize(vectors, dim=1)
    cosine = (unit @ unit.T).abs()
    dead = vectors.norm(dim=1) == 0
    cosine[dead] = 1.0
    cosine[:, dead] = 1.0
    return cosine[~torch.eye(len(vectors), dtype=torch.bool)].mean().item()


def confusion(predicted: Tensor, label: Tensor, classes: int = 10) -> Tensor:
    """Count table: row = true class, column = predicted class.

    Args:
        predicted: ``[N]``.
        label: ``[N]``.
        classes: side of the table.

    Returns:
        ``[classes, classes]`` int64.
    """
    return torch.bincount(label * classes + predicted, minlength=classes * classes).view(classes, classes)
