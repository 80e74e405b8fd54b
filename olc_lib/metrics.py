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
    """Wilson's interval for a true share, given the measured share and the number of items (95 % by default).

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
    """Mean absolute cosine between different rows: 0 for orthogonal ones, 1 for parallel ones.

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


def diversity(pictures: Tensor, label: Tensor) -> float:
    """How much pictures of one class differ: root mean square distance of two of them, mean over classes.

    The mean square is taken over pixels and over all pairs of different pictures; it is twice the variance.

    Args:
        pictures: ``[N, ...]``.
        label: ``[N]``; a class with a single picture is left out.

    Returns:
        In the unit of a pixel; 0 if every picture is the mean of its class.

    Raises:
        ValueError: if no class has two pictures.
    """
    groups = [pictures[label == k].double() for k in label.unique()]
    distances = [(2 * group.var(0).mean()).sqrt() for group in groups if len(group) > 1]
    if not distances:
        raise ValueError("no class has two pictures, expected at least one that has")
    return torch.stack(distances).mean().item()


def class_error(pictures: Tensor, label: Tensor, items: Tensor, item_label: Tensor) -> float:
    """How far pictures are from real ones of their class: the root mean square difference over all pairs.

    Lowest for the mean picture of the class: read it together with :func:`diversity`.

    Args:
        pictures: ``[N, ...]``.
        label: ``[N]``, the class each is meant to show.
        items: ``[M, ...]``, real ones.
        item_label: ``[M]``.

    Returns:
        In the unit of a pixel.

    Raises:
        ValueError: if a class has no real item.
    """
    total, flat, real = 0.0, pictures.flatten(1).double(), items.flatten(1).double()
    for c in label.unique():
        drawn, own = flat[label == c], real[item_label == c]
        if not len(own):
            raise ValueError(f"class {int(c)} has no real item to compare with")
        # |a - b|^2 over all pairs, from means alone.
        total += len(drawn) * (
            own.square().sum(1).mean() + drawn.square().sum(1).mean() - 2 * drawn.mean(0) @ own.mean(0)
        )
    return (total / flat.numel()).clamp_min(0).sqrt().item()  # rounding can go below 0


def rms(signal: Tensor, estimate: Tensor) -> float:
    """Root mean square of the residual, over all items and samples.

    Args:
        signal: ``[N, ...]``.
        estimate: ``[N, ...]``.

    Returns:
        In the unit of the signals.
    """
    return (estimate - signal).square().mean().sqrt().item()


def snr(signal: Tensor, estimate: Tensor) -> Tensor:
    """Signal-to-noise ratio, where the noise is what the estimate gets wrong: ``10 log10(|x|^2 / |x - y|^2)``.

    Args:
        signal: ``[N, ...]``, x.
        estimate: ``[N, ...]``, y.

    Returns:
        ``[N]`` float64 in dB: 0 for a silent estimate, infinite for a perfect one, NaN if both are silent.

    Raises:
        ValueError: if the two differ in shape.
    """
    if signal.shape != estimate.shape:
        raise ValueError(f"signal is {list(signal.shape)} and estimate {list(estimate.shape)}, expected the same")
    signal, estimate = signal.double().flatten(1), estimate.double().flatten(1)
    return 10 * (signal.square().sum(1) / (signal - estimate).square().sum(1)).log10()


def log_spectral_distance(signal: Tensor, estimate: Tensor) -> Tensor:
    """Root mean square difference of two log power spectra, over frames and bins (after Gray & Markel 1976).

    Frames of 256 samples, 64 apart, Hann window. Each spectrum is in dB below its own maximum, and cut at -60 dB,
    so neither level nor sign matters.

    Args:
        signal: ``[N, T]``, T at least 256.
        estimate: ``[N, T]``.

    Returns:
        ``[N]`` float64 in dB, 0 to 60; a silent signal is -60 dB everywhere.

    Raises:
        ValueError: if the two differ in shape or are shorter than one frame.
    """
    if signal.shape != estimate.shape or signal.shape[-1] < 256:
        raise ValueError(
            f"signal is {list(signal.shape)} and estimate {list(estimate.shape)}, expected the same, of 256 or more"
        )
    levels = []
    for wave in (signal.double(), estimate.double()):
        window = torch.hann_window(256, dtype=wave.dtype, device=wave.device)
        power = torch.stft(wave, 256, 64, window=window, return_complex=True).abs().square()
        relative = power / power.amax((1, 2), keepdim=True).clamp(min=1e-30)
        levels.append(10 * relative.clamp(min=1e-6).log10())
    return (levels[0] - levels[1]).square().mean((1, 2)).sqrt()


def mean_average_precision(queries: Tensor, query_label: Tensor, items: Tensor, item_label: Tensor) -> float:
    """Search by code: items are ranked by cosine with the query, those of its class are the right ones.

    Average precision is the mean, over the right items, of the share of right ones down to that place (Manning,
    Raghavan & Schütze 2008, section 8.4). Ties share one place, so a dead code gets the share of its class.

    Args:
        queries: ``[Q, n]`` codes.
        query_label: ``[Q]``.
        items: ``[N, n]`` codes to find; a query should not be among them.
        item_label: ``[N]``.

    Returns:
        Mean over queries, in percent.

    Raises:
        ValueError: if there is no query, or no item of a query's class.
    """
    from sklearn.metrics import average_precision_score

    right = query_label[:, None] == item_label
    if not len(queries) or not right.any(1).all():
        raise ValueError("expected queries, and for each of them at least one item of its class")
    unit = [torch.nn.functional.normalize(code.detach().double(), dim=1) for code in (queries, items)]
    cosine = unit[0] @ unit[1].T
    scores = [average_precision_score(*query) for query in zip(right.numpy(), cosine.numpy(), strict=True)]
    return 100 * sum(scores) / len(scores)
