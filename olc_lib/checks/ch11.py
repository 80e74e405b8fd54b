"""Self-checks of chapter 11."""

import torch

from .check import check, close


@check(
    "the total is a mean, so it lies among the terms.",
    "the products with I are 0.3, 0.06, 0.006 and 0.4; the largest gets 1, the next 0.5.",
)
def balancing_by_hand(factors, total):
    """Factors and total of 0.3, 0.2, 0.3, 1.0 with importance 1, 0.3, 0.02, 0.4.

    Args:
        factors: four, in this order.
        total: of Equation 2.
    """
    first = close(factors, [0.5, 0.4, 0.3, 1.0])
    hint = ""
    if first:
        hint = "the factors are right; now add up B I L, and divide by the sum of B I."
    return first and close(total, 0.5758 / 1.026), hint


@check(
    "the two sortings give opposite orders.",
    "the products should be in the order of the importance factors, the bare values in the opposite one.",
)
def balancing_reversed(bare):
    """Bare terms whose order is reversed by the importance factors 1, 0.3, 0.02, 0.4.

    Args:
        bare: four positive values.
    """
    values = torch.as_tensor(bare, dtype=torch.float64)
    products = values * torch.tensor([1.0, 0.3, 0.02, 0.4], dtype=torch.float64)
    right = values.shape == (4,) and bool((values > 0).all()) and (len(values.unique()) == 4)
    right = right and torch.equal(values.argsort(), products.argsort(descending=True))
    return right


@check(
    "the smaller term gets at most a third of the weight.",
    "equality is at t = 1/4; where does the ring rest while L_b is larger, with weights beta for a and 1 for b?",
)
def balancing_chatter(beta):
    """The largest second factor with which the two springs end at equality."""
    return close(beta, 1 / 3, 0.005)


@check("better in every term, worse in the loss.", "where do reconstruction and 0.4 times 0.8 change ranks?")
def balancing_worse(better):
    """A reconstruction below 0.35 with which the total rises, the digits being 0.8."""
    from .. import objective, paper

    def total(reconstruction):
        terms = {"reconstruction": torch.tensor(float(reconstruction)), "digit": torch.tensor(0.8)}
        return objective.total(terms, 800, paper.IMAGE_IMPORTANCE, paper.IMAGE_INJECTION, paper.IMAGE_BALANCE)[0].item()

    right = 0 < float(better) < 0.35 and total(better) > total(0.35)
    hint = f"the total goes from {total(0.35):.3f} to {total(better):.3f}. Where do the two change ranks?"
    return right, hint
