"""Figures of merit: tensors in, a number (or a small table) out."""

import math
from collections.abc import Mapping

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


def _probe(train: Tensor, train_label: Tensor, test: Tensor) -> Tensor:
    """Labels ``[M]`` that a linear classifier, fitted on ``train``, reads from ``test``."""
    from sklearn.linear_model import LogisticRegression  # here, for it takes a second to import
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    if len(train_label.unique()) < 2:
        raise ValueError("train_label has fewer than two classes, expected at least 2 to tell apart")
    if len(train) != len(train_label):
        raise ValueError(f"train has {len(train)} codes and {len(train_label)} labels, expected as many")
    train, test = (code.detach().double().reshape(len(code), -1).numpy() for code in (train, test))
    reader = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
    return torch.from_numpy(reader.fit(train, train_label.numpy()).predict(test))


def probe(train: Tensor, train_label: Tensor, test: Tensor, test_label: Tensor) -> float:
    """Share of held-out labels that a linear probe reads from codes (Alain & Bengio 2016), in percent.

    The probe is a logistic regression on standardized coordinates. It has no random part.

    Args:
        train: ``[N, n]`` codes it is fitted on, or ``[N]`` for a single dimension.
        train_label: ``[N]`` class indices.
        test: ``[M, n]`` other codes of the same kind, or ``[M]``.
        test_label: ``[M]`` class indices.

    Returns:
        0 to 100; from a dead (constant) block, the share of the class most frequent in ``train_label``.

    Raises:
        ValueError: if codes and labels differ in number, or ``train_label`` has fewer than two classes.
    """
    return accuracy(_probe(train, train_label, test), test_label)


def information(
    train: Mapping[str, Tensor],
    train_labels: Mapping[str, Tensor],
    test: Mapping[str, Tensor],
    test_labels: Mapping[str, Tensor],
) -> Tensor:
    """What each block of a code tells of each factor, as a share of the factor's entropy.

    A linear probe of the block predicts the factor on held-out codes; counted is the mutual information ``I`` of
    prediction and factor. By the data processing inequality a prediction knows no more than the block it was made
    from, so this bounds the block's information from below: what only a bent boundary would find is missed.

    A few hundred codes give ``I`` above 0 even where a probe guesses. As in the adjusted mutual information of
    Vinh et al. (2010), what shuffled predictions give by chance, ``E``, is therefore taken off:
    ``(I - E) / (H - E)``, and 0 where that is negative. It is never above ``I / H``. Guesses give 0 on
    average before the cut, so an uninformative block shows 0 or a little more.

    Args:
        train: block name to codes ``[N, n]`` (a category, as from
            :meth:`olc_lib.latent.LatentSpace.split`) or ``[N]`` (one
            dimension), which the probes are fitted on.
        train_labels: factor name to class indices ``[N]``.
        test: block name to other codes ``[M, n]`` or ``[M]``.
        test_labels: factor name to class indices ``[M]``.

    Returns:
        ``[blocks, factors]`` float64, 0 to 1, rows in the order of ``train``, columns of ``train_labels``.

    Raises:
        ValueError: if train and test differ in names, codes and labels in number, or a factor has one class only.
    """
    from sklearn.metrics import mutual_info_score
    from sklearn.metrics.cluster import contingency_matrix, expected_mutual_information

    if train.keys() != test.keys() or train_labels.keys() != test_labels.keys():
        raise ValueError(f"train has {[*train, *train_labels]} and test {[*test, *test_labels]}, expected the same")
    table = torch.zeros(len(train), len(train_labels), dtype=torch.float64)
    for column, factor in enumerate(train_labels):
        label = test_labels[factor]
        if len(label.unique()) < 2:
            raise ValueError(f"factor {factor!r} has one class in test_labels, expected at least 2")
        entropy = mutual_info_score(label, label)
        for row, block in enumerate(train):
            counts = contingency_matrix(label, _probe(train[block], train_labels[factor], test[block]))
            chance = expected_mutual_information(counts, len(label))
            excess = mutual_info_score(None, None, contingency=counts) - chance
            table[row, column] = excess / max(entropy - chance, 1e-9)
    return table.clamp(0, 1)


def modularity(information: Tensor) -> float:
    """Whether each block tells of one factor only (Ridgeway & Mozer 2018), on blocks in place of dimensions.

    Args:
        information: ``[blocks, factors]``, see :func:`information`. A dead block (all 0) counts 0; one that tells
            almost nothing counts as much as any other.

    Returns:
        0 (every block tells as much of all factors) to 1, mean over blocks.

    Raises:
        ValueError: if there are fewer than two factors.
    """
    factors = information.shape[1]
    if factors < 2:
        raise ValueError(f"{factors} factors, expected at least 2")
    square = information.square()
    best = square.amax(1)
    score = 1 - (square.sum(1) - best) / (best * (factors - 1))
    return torch.where(best > 0, score, 0.0).mean().item()


def _concentration(rows: Tensor) -> Tensor:
    """1 for a row with all its weight in one place, 0 for an even or a dead one: 1 - entropy / largest entropy."""
    total = rows.sum(1, keepdim=True)
    entropy = torch.special.entr(rows / total).sum(1) / math.log(rows.shape[1])
    return torch.where(total[:, 0] > 0, 1 - entropy, 0.0)


def dci(information: Tensor) -> tuple[float, float]:
    """Disentanglement and completeness (Eastwood & Williams 2018), on blocks in place of dimensions.

    Args:
        information: ``[blocks, factors]``, see :func:`information`.

    Returns:
        ``(disentanglement, completeness)``, each 0 to 1. Disentanglement: does a block tell of one factor only?
        A mean over blocks, weighted by their share of the table. Completeness: is a factor told by one block
        only? A plain mean over factors, where one that no block tells of counts 0.

    Raises:
        ValueError: if there are fewer than two blocks or two factors.
    """
    if min(information.shape) < 2:
        raise ValueError(f"information is {list(information.shape)}, expected at least 2 blocks and 2 factors")
    weight = torch.nn.functional.normalize(information.sum(1), p=1, dim=0)
    return (weight * _concentration(information)).sum().item(), _concentration(information.T).mean().item()


def mutual_information_gap(information: Tensor) -> float:
    """How far the block that tells most of a factor is ahead of the next one (Chen et al. 2018).

    Over single dimensions it is near 0 for a perfect one-hot code, for ten dimensions share the ten classes
    evenly. Over blocks the same code has 1.

    Args:
        information: ``[blocks, factors]``, see :func:`information`.

    Returns:
        0 to 1, mean over factors.

    Raises:
        ValueError: if there are fewer than two blocks.
    """
    if len(information) < 2:
        raise ValueError(f"{len(information)} blocks, expected at least 2")
    first, second = information.topk(2, dim=0).values
    return (first - second).mean().item()


def diversity(pictures: Tensor, label: Tensor) -> float:
    """How much pictures of one class differ: root mean square distance of two of them, mean over classes.

    The mean square is taken over pixels and over all pairs of different pictures; it is twice the variance.

    Args:
        pictures: ``[N, ...]``.
        label: ``[N]``; a class with a single picture is left out.

    Returns:
        In units of a pixel; 0 if every picture is the mean of its class.

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
