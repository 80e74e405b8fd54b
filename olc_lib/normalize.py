"""Max M % normalization (section 3.1 of the paper) and the two rivals it is said to beat."""

import torch
from torch import Tensor


def max_m_percent(x: Tensor, m: float = 5.0) -> tuple[Tensor, Tensor]:
    """Divide each item by the mean of its largest ``m`` % of amplitudes.

    The paper sorts the signal and averages its top M values; its text calls M a percentage, and a waveform
    has two signs, so amplitudes here are absolute values.

    Args:
        x: ``[B, ...]``, any unit; one item per row of the first axis.
        m: percentage of the samples that set the scale, in (0, 100]; at least one sample is used.

    Returns:
        ``(normalized, scale)``: a tensor like ``x``, and ``[B]`` scales in the unit of ``x``. A silent item
        has scale 0 and stays silent.

    Raises:
        ValueError: if ``m`` lies outside (0, 100].
    """
    if not 0 < m <= 100:
        raise ValueError(f"m is a percentage in (0, 100], found {m}")
    amplitude = x.flatten(1).abs()
    count = max(1, round(amplitude.shape[1] * m / 100))
    # Only the mean of the largest values is wanted: a partial selection is enough, no full sort.
    scale = amplitude.topk(count, dim=1, sorted=False).values.mean(1)
    return _divide(x, scale)


def maximum(x: Tensor) -> tuple[Tensor, Tensor]:
    """Divide each item of ``x`` ``[B, ...]`` by its largest amplitude; the limit of small M.

    Args:
        x: ``[B, ...]``, any unit.

    Returns:
        ``(normalized, scale)`` as :func:`max_m_percent`.
    """
    return _divide(x, x.flatten(1).abs().amax(1))


def standard_deviation(x: Tensor) -> tuple[Tensor, Tensor]:
    """Divide each item of ``x`` ``[B, ...]`` by its (biased) standard deviation; the mean is left in place.

    Args:
        x: ``[B, ...]``, any unit.

    Returns:
        ``(normalized, scale)`` as :func:`max_m_percent`.
    """
    return _divide(x, x.flatten(1).std(1, correction=0))


def _divide(x: Tensor, scale: Tensor) -> tuple[Tensor, Tensor]:
    # Dividing silence by 1 instead of 0 keeps both the value and its gradient finite.
    # So does it for amplitudes too small for their own reciprocal.
    heard = scale > torch.finfo(x.dtype).tiny
    safe = torch.where(heard, scale, torch.ones_like(scale))
    return x / safe.view(-1, *[1] * (x.dim() - 1)), scale
