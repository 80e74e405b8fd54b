"""Self-checks of chapter 26."""

import torch

from .check import check, close, seeded


@check(
    "many segments: the mean. One segment: four fifths of it.",
    "the sum over N segments is divided by N + 0.25 / 1.",
)
def speaking_shrink(one, hundred):
    """By how much Eq. 5 shrinks the mean of 1 and of 100 segments, variances 0.25 and 1.

    Args:
        one: factor for a single segment.
        hundred: factor for a hundred.
    """
    return close(one, 0.8, 1e-3) and close(hundred, 100 / 100.25, 1e-4)


@check(
    "the two mistakes meet there.",
    "sort by score; walk down; count the share of same pairs refused and of different pairs accepted at each step.",
)
def speaking_threshold(threshold):
    """A threshold at which both mistakes are as near each other as they get.

    Args:
        threshold: ``(score [P], same [P] bool) -> a threshold``; pairs with at least this score are accepted.
    """
    draw = seeded()
    same = torch.rand(400, generator=draw) < 0.3
    score = torch.randn(400, generator=draw) + 1.5 * same

    def gap(limit):
        accepted = score >= limit
        return abs(float((accepted & ~same).sum() / (~same).sum() - (~accepted & same).sum() / same.sum()))

    return gap(float(threshold(score, same))) <= min(gap(limit) for limit in score) + 0.01


@check(
    "a fair figure for one more kind of feature.",
    "a tensor [N, D] with one row an utterance, made from the log-mels alone.",
)
def speaking_own(vectors, rows, rate):
    """A vector of the reader's own for each utterance.

    Args:
        vectors: ``[N, D]``.
        rows: N.
        rate: its equal error rate, in percent.
    """
    right = isinstance(vectors, torch.Tensor) and vectors.dim() == 2 and len(vectors) == rows
    right = right and bool(vectors.isfinite().all()) and 0 <= float(rate) <= 60
    return right, "", f"equal error rate {float(rate):.1f} %."
