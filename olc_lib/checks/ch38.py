"""Self-checks of chapter 38."""

import numpy as np

from .check import check, close


@check("a covariance over a variance is a slope.", "12 plus covariance over the first variance, times 11 - 10.")
def second_point(answer):
    """Conditional mean of the second of two correlated points."""
    return close(answer, 13.2)


@check(
    "a price in other units.",
    "where the price at the middle is too high, the volatility lies in the lower half.",
)
def implied_volatility(implied):
    """Black's formula, inverted.

    Args:
        implied: of price, log strike and years.
    """
    from ..systems.surface import pricing

    cases = [(0.0, 1.0, 0.2), (-0.1, 0.25, 0.35), (0.3, 2.0, 0.08), (0.05, 0.02, 1.1)]
    found = [float(implied(float(pricing.black(k, t, v)), k, t)) for k, t, v in cases]
    return close(np.array(found), [v for _, _, v in cases], 1e-4)
