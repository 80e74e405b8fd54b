"""Spaces of two encoders trained apart, joined afterwards by *anchors*: pairs of items that belong together.

Relative coordinates (Moschella et al. 2023), latent translation (Maiorca et al. 2023) and ASIF (Norelli et al. 2023).
Shapes: ``K`` anchors; one space has ``D`` dimensions, the other ``E``. Row k of ``source`` belongs to row k of
``target``.
"""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F


def relative(codes: Tensor, anchors: Tensor, unit: bool = False) -> Tensor:
    """Relative coordinates: the cosines of a code with the anchors (Moschella et al. 2023).

    They stay the same if codes and anchors are rotated together, mirrored, or each rescaled.

    Args:
        codes: ``[B, D]``.
        anchors: ``[K, D]``, of the same encoder.
        unit: bring the coordinates of an item to length 1.

    Returns:
        ``[B, K]``; a code that is all zeros has zeros.

    Raises:
        ValueError: if codes and anchors differ in their dimensions.
    """
    if codes.shape[-1] != anchors.shape[-1]:
        raise ValueError(f"codes have {codes.shape[-1]} dimensions and anchors {anchors.shape[-1]}, expected the same")
    cosine = F.normalize(codes, dim=-1) @ F.normalize(anchors, dim=-1).T
    return F.normalize(cosine, dim=-1) if unit else cosine


def asif(codes: Tensor, anchors: Tensor, k: int, p: float = 8.0) -> Tensor:
    """Sparse relative coordinates (Norelli et al. 2023): only the nearest anchors count, the nearest one most.

    Args:
        codes: ``[B, D]``.
        anchors: ``[K, D]``, of the same encoder.
        k: how many of the largest cosines are kept; the others become 0, and so do negative ones.
        p: power that those kept are raised to.

    Returns:
        ``[B, K]``, each row of length 1.

    Raises:
        ValueError: if ``k`` is not in 1..K.
    """
    if not 1 <= k <= len(anchors):
        raise ValueError(f"k is {k}, expected 1 to {len(anchors)}, the number of anchors")
    cosine = relative(codes, anchors).clamp_min(0)
    largest = cosine.topk(k, dim=-1)
    kept = torch.zeros_like(cosine).scatter(-1, largest.indices, largest.values.pow(p))
    return F.normalize(kept, dim=-1)


@dataclass(frozen=True)
class Translation:
    """A map from one space to the other: scaled by its anchors, multiplied by a matrix, scaled back.

    Args:
        source_mean: ``[D]``, of the anchors, as the other three.
        source_scale: ``[D]``, standard deviations; 1 where all anchors agree.
        matrix: ``[D, E]``.
        target_mean: ``[E]``.
        target_scale: ``[E]``.
    """

    source_mean: Tensor
    source_scale: Tensor
    matrix: Tensor
    target_mean: Tensor
    target_scale: Tensor

    def __call__(self, codes: Tensor) -> Tensor:
        """Translate codes ``[B, D]`` to ``[B, E]``."""
        return (codes - self.source_mean) / self.source_scale @ self.matrix * self.target_scale + self.target_mean


def procrustes(source: Tensor, target: Tensor) -> Translation:
    """The best rotation (or mirroring) between scaled anchors; the smaller space is padded with zeros.

    Closed form of Schönemann (1966): the singular value decomposition of ``source.T @ target`` with all
    singular values set to 1.

    Args:
        source: ``[K, D]``.
        target: ``[K, E]``.

    Returns:
        The translation.

    Raises:
        ValueError: if the two differ in length or there are fewer than two pairs.
    """
    x, y, scales = _scaled(source, target)
    size = max(x.shape[1], y.shape[1])
    left, _, right = torch.linalg.svd(F.pad(x, (0, size - x.shape[1])).T @ F.pad(y, (0, size - y.shape[1])))
    # Zeros of a padded source are never multiplied, padded coordinates of the target are never asked for.
    return _translation((left @ right)[: x.shape[1], : y.shape[1]], scales)


def least_squares(source: Tensor, target: Tensor) -> Translation:
    """The best matrix between scaled anchors, by least squares; the smallest of several that fit equally.

    Scaled anchors have mean 0, so the best constant to add is 0: the map is affine already.

    Args:
        source: ``[K, D]``.
        target: ``[K, E]``.

    Returns:
        The translation.

    Raises:
        ValueError: as :func:`procrustes`.
    """
    x, y, scales = _scaled(source, target)
    return _translation(torch.linalg.lstsq(x, y, driver="gelsd").solution, scales)


def affine(source: Tensor, target: Tensor, penalty: float = 0.1) -> Translation:
    """As :func:`least_squares`, with a penalty on large entries of the matrix: ridge regression (Hoerl & Kennard 1970).

    Maiorca et al. fit their affine map by gradient descent, which ends near the least-squares map and stays small on
    the way; the penalty is that restraint in a closed form.

    Args:
        source: ``[K, D]``.
        target: ``[K, E]``.
        penalty: cost of the squared entries, beside the mean squared error of a pair; above 0.

    Returns:
        The translation.

    Raises:
        ValueError: as :func:`procrustes`, or if the penalty is not above 0.
    """
    if penalty <= 0:
        raise ValueError(f"penalty is {penalty}, expected a number above 0; without one take least_squares")
    x, y, scales = _scaled(source, target)
    square = x.T @ x + penalty * len(x) * torch.eye(x.shape[1], dtype=x.dtype)
    return _translation(torch.linalg.solve(square, x.T @ y), scales)


def _scaled(source: Tensor, target: Tensor) -> tuple[Tensor, Tensor, list[Tensor]]:
    """Both sets of anchors with mean 0 and deviation 1, in double precision; and their means and deviations."""
    if len(source) != len(target) or len(source) < 2:
        raise ValueError(f"source has {len(source)} anchors and target {len(target)}, expected as many, at least 2")
    scaled, scales = [], []
    for anchors in (source.double(), target.double()):
        mean, deviation = anchors.mean(0), anchors.std(0, correction=0)
        deviation = torch.where(deviation > 1e-9, deviation, 1.0)
        scaled.append((anchors - mean) / deviation)
        scales += [mean.float(), deviation.float()]
    return scaled[0], scaled[1], scales


def _translation(matrix: Tensor, scales: list[Tensor]) -> Translation:
    return Translation(scales[0], scales[1], matrix.float(), scales[2], scales[3])
