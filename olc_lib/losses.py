"""The loss terms: reconstruction, sparsity, interpolation (Eq. 3-4) and disentanglement (Eq. 5).

All are pure functions that return one number per item; averaging over the batch is left to the caller.
"""

import torch
from torch import Tensor


def _norm(residual: Tensor, order: int, norm: str) -> Tensor:
    flat = residual.flatten(1)
    length = flat.norm(p=order, dim=1)
    if norm == "sum":
        return length
    if norm == "mean":
        # The root of the mean square, the mean of the absolute values: a norm that does not grow with T or H W.
        return length / flat.shape[1] ** (1 / order)
    raise ValueError(f"norm is {norm!r}, expected 'mean' or 'sum'")


def reconstruction(x: Tensor, y: Tensor, norm: str = "mean") -> Tensor:
    """L2 norm of the residual: L_r of Eq. (2).

    Args:
        x: ``[B, ...]``, the normalized signal.
        y: ``[B, ...]``, the normalized reconstruction.
        norm: ``"mean"`` divides by the root of the number of samples (the root-mean-square error), so that
            terms of different domains can be compared; ``"sum"`` is the norm as printed.

    Returns:
        ``[B]``, in the unit of ``x``.
    """
    return _norm(x - y, 2, norm)


def sparsity(x: Tensor, y: Tensor, norm: str = "mean") -> Tensor:
    """L1 norm of the residual: L_s of Eq. (2). It favours a *sparse residual*, not a sparse code.

    Args:
        x: ``[B, ...]``, the normalized signal.
        y: ``[B, ...]``, the normalized reconstruction.
        norm: ``"mean"`` divides by the number of samples (the mean absolute error); ``"sum"`` is as printed.

    Returns:
        ``[B]``, in the unit of ``x``.
    """
    return _norm(x - y, 1, norm)


def mix(a: Tensor, b: Tensor, alpha: Tensor) -> Tensor:
    """``alpha * a + (1 - alpha) * b``: the straight line of Eq. (4), for signals and for codes.

    Args:
        a: ``[B, ...]``.
        b: ``[B, ...]``.
        alpha: ``[B]`` in [0, 1], one draw per item.

    Returns:
        ``[B, ...]``.
    """
    alpha = alpha.view(-1, *[1] * (a.dim() - 1))
    return alpha * a + (1 - alpha) * b


def interpolation(mixed: Tensor, decoded: Tensor, norm: str = "mean") -> Tensor:
    """Distance between the mix of two signals and the decoding of the mix of their codes, Eq. (3).

    Args:
        mixed: ``[B, ...]``, ``mix(S1, S2, alpha)``.
        decoded: ``[B, ...]``, ``Dec(mix(L1, L2, alpha))``.
        norm: as in :func:`reconstruction`.

    Returns:
        ``[B]``, in the unit of the signals.
    """
    return reconstruction(mixed, decoded, norm)


def disentanglement(category: Tensor, label: Tensor, absolute: bool = True, positive: bool = True) -> Tensor:
    """Loss of one category: the largest unrelated coordinate, plus 1 / (1 + related coordinate). Eq. (5).

    Its minimum is 0.5, at a code that is 1 in its own dimension and 0 elsewhere.

    Args:
        category: ``[B, n]``, one category of the normalized code.
        label: ``[B]``, the related dimension of each item, 0 to n - 1.
        absolute: take unrelated coordinates by absolute value, which favours orthogonal codes; ``False``
            takes their signed maximum, which also allows codes that point away from each other.
        positive: favour a *positive* related coordinate f: below 0, 1 / (1 + f) continues as its tangent
            1 - f. ``False`` is 1 / (1 + abs(f)) as printed, which is equally low at -1 and +1: some classes then
            end up with a negative coordinate, and no handcrafted code reaches them.

    Returns:
        ``[B]``, no unit.
    """
    value = _related(category, label, positive)
    if category.shape[1] == 1:
        return value
    others = category.abs() if absolute else category
    return value + others.scatter(1, label[:, None], -torch.inf).amax(1)


def disentanglement_rms(category: Tensor, label: Tensor) -> Tensor:
    """Eq. (5) with the root of the mean square of the unrelated coordinates in place of their maximum.

    The minimum is at the same code. With a maximum, every first step away from the uniform code raises the loss,
    so an encoder that still guesses returns to it; with the mean square it can leave.

    Args:
        category: ``[B, n]``, one category of the normalized code.
        label: ``[B]``, the related dimension of each item, 0 to n - 1.

    Returns:
        ``[B]``, no unit.
    """
    unrelated = category.scatter(1, label[:, None], 0.0).norm(dim=1) / max(1, category.shape[1] - 1) ** 0.5
    return _related(category, label) + unrelated


def _related(category: Tensor, label: Tensor, positive: bool = True) -> Tensor:
    """1 / (1 + f) of the related coordinate f."""
    related = category.gather(1, label[:, None]).squeeze(1)
    value = 1 / (1 + related.abs())
    return torch.where(related < 0, 1 - related, value) if positive else value
