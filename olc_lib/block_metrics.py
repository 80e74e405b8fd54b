"""What blocks of a code say about factors: linear probes, information, modularity, DCI, the mutual information gap."""

import math
from collections.abc import Mapping

import torch
from torch import Tensor

from .metrics import accuracy


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
    """How much each block of a code tells about each factor, as a share of the factor's entropy.

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
