"""Self-checks of chapter 19."""

import torch

from ..latent import IMAGE
from .check import check, close, seeded


@check("0.667 and 0.589.", "right ones stand in places 2, 3 and 5: how many of so many are right there?")
def search_by_hand(at_three, average):
    """The ranking wrong, right, right, wrong, right.

    Args:
        at_three: precision at 3.
        average: average precision.
    """
    hint = ""
    if close([at_three, average] if average else None, [2 / 3, (2 / 3 + 3 / 5) / 3], 0.002):
        hint = "the first right one counts, too: one of two."
    right = average is not None and close([at_three, average], [2 / 3, (1 / 2 + 2 / 3 + 3 / 5) / 3], 0.002)
    return right, hint


@check("also for codes of any length.", "rank by cosine, take topk, compare labels.")
def search_precision(precision):
    """Mean precision at k in percent.

    Args:
        precision: ``(queries [Q, n], query_label [Q], items [N, n], item_label [N], k) -> number``.
    """
    draw = seeded()
    queries, items = torch.randn(8, 5, generator=draw), torch.randn(30, 5, generator=draw)
    labels = (torch.arange(8) % 3, torch.arange(30) % 3)
    cosine = torch.nn.functional.normalize(queries, dim=1) @ torch.nn.functional.normalize(items, dim=1).T
    found = labels[1][cosine.topk(4, dim=1).indices]
    expected, hint = 100 * (found == labels[0][:, None]).double().mean(), "rank by cosine, take topk, compare labels."
    answer = precision(queries, labels[0], items, labels[1], 4)
    if close(answer, 100 * (labels[1][(queries @ items.T).topk(4).indices] == labels[0][:, None]).double().mean()):
        hint = "nearly: codes may have any length, so bring them to length 1 first."
    right = close(answer, expected)
    return right, hint


@check(
    "a minus sign excludes.",
    "`but_not` is one code of ten numbers.",
    stub=lambda query, drawn, digit: torch.equal(query, IMAGE.handcrafted(digit=9)[1:]),
)
def search_but_not(query, drawn: torch.Tensor, digit: torch.Tensor):
    """Nines first, sevens last.

    Args:
        query: ``[10]``.
        drawn: ``[N, 10]``, digit blocks of the shelf.
        digit: ``[N]``.
    """
    order = digit[(query @ drawn.T).argsort(descending=True)]
    first, last = (order[:10] == 9).double().mean(), (order[-10:] == 7).double().mean()
    right = query.shape == (10,) and first >= 0.9 and (last >= 0.9)
    hint = f"of the first ten {100 * first:.0f} % are nines, of the last ten {100 * last:.0f} % are sevens."
    return right, f"{hint} A coordinate may be negative."


@check(
    "every query found itself.",
    "`answers` is [M, 10], `answer_label` [M].",
    stub=lambda codes, label, answers, answer_label: not (codes[:1] == answers).all(1).any(),
)
def search_flattered(codes, label: torch.Tensor, answers, answer_label):
    """A flawless first place with codes of noise.

    Args:
        codes: ``[N, 10]``, the queries.
        label: ``[N]``.
        answers: ``[M, 10]``, the shelf.
        answer_label: ``[M]``.
    """
    unit = [torch.nn.functional.normalize(c.double(), dim=1) for c in (codes, answers)]
    found = answer_label[(unit[0] @ unit[1].T).topk(10, dim=1).indices] == label[:, None]
    first, rest = 100 * found[:, 0].double().mean(), 100 * found[:, 1:].double().mean()
    right = first == 100 and rest < 30
    hint = f"precision at 1 is {first:.0f} %."
    return right, f"{hint} Which item is surely nearest to a query?"
