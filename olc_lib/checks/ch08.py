"""Self-checks of chapter 8."""

import torch

from ..latent import IMAGE
from .check import check, close


@check("0.707 and 0.354.", "mix the signals first, 0.75 to 0.25; then take the residual's length.")
def interpolation_by_hand(answer):
    """Interpolation loss of (2, 0, 0, 2) and (0, 4, 0, 0), alpha 0.75, decoded (1, 1, 0, 1).

    Args:
        answer: as a sum, as a mean.
    """
    return close(answer, [0.5**0.5, 0.5**0.5 / 2])


@check("the law of cosines.", "square alpha a + (1 - alpha) b: two squares, twice a product; then the root.")
def interpolation_length(function):
    """Length of a mix of two unit codes.

    Args:
        function: ``(alpha, cosine) -> length``.
    """
    found = [function(a, c) for a, c in ((0.5, 1.0), (0.5, 0.0), (0.5, -1.0), (0.25, 0.5), (0.1, 0.0))]
    return close(found, [1.0, 0.5**0.5, 0.0, 0.8125**0.5, 0.82**0.5])


@check("Equation 4.", "normalize(x) and encode(x), losses.mix for both with [partner], decode, compare.")
def interpolation_term(function, vae, x: torch.Tensor):
    """The interpolation term of a batch, without noise.

    Args:
        function: ``(vae, x, partner [B], alpha [B]) -> [B]``.
        vae: the model to try it on.
        x: ``[B, ...]``, signals that are not normalized.
    """
    from .. import losses

    partner, alpha = torch.arange(len(x)).flip(0), torch.linspace(0.1, 0.9, len(x))
    with torch.no_grad():
        signal, code = vae.normalize(x), vae.encode(x)
        made = vae.decode(losses.mix(code, code[partner], alpha))
        expected = losses.interpolation(losses.mix(signal, signal[partner], alpha), made)
        right = close(function(vae, x, partner, alpha), expected)
    return right


@check("a negative eight.", "losses.mix of the handcrafted 3 and 8, alpha 1, 1.5 and 2.")
def interpolation_beyond(codes):
    """Mixes of the handcrafted image codes of 3 and 8 for alpha 1, 1.5 and 2.

    Args:
        codes: ``[3, 11]``.
    """
    three, eight = IMAGE.handcrafted(digit=3), IMAGE.handcrafted(digit=8)
    expected = torch.stack([a * three + (1 - a) * eight for a in (1.0, 1.5, 2.0)])
    return close(codes, expected)
