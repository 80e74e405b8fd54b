"""Self-checks of chapter 7."""

import torch

from .check import check, close, returns_its_input


@check("0.6, 1.0, 0.3 and 0.25.", "squares add up to 0.36, sizes to 1; divide by the root of 4, and by 4.")
def residual_by_hand(answer):
    """Norms of the residual (0.2, -0.4, 0, 0.4).

    Args:
        answer: L2 and L1 as sums, L2 and L1 as means.
    """
    return close(answer, [0.6, 1.0, 0.3, 0.25])


@check("one sample carries it all.", "a tensor of 100 numbers.", stub=lambda residual: not residual.any())
def residual_sparsest(residual):
    """A residual of 100 samples with root mean square 0.1 and the least mean absolute value.

    Args:
        residual: ``[100]``.
    """
    size = torch.as_tensor(residual, dtype=torch.float64).abs()
    rms, mean = float(size.square().mean().sqrt()), float(size.mean())
    right = size.shape == (100,) and abs(rms - 0.1) < 0.0001 and (mean < 0.0101)
    hint = f"root mean square {rms:.3f}, mean absolute value {mean:.3f}. How few samples can carry it all?"
    return right, hint


@check("the projection of x on y.", "set the slope in a of the sum of (x - a y)**2 to zero.")
def residual_best_volume(function):
    """The factor that brings y closest to x in L2.

    Args:
        function: ``(x [T], y [T]) -> number``.
    """
    x, y = torch.tensor([3.0, 1.0, 0.0]), torch.tensor([2.0, 2.0, 1.0])
    return close(function(x, y), 8 / 9) and close(function(y, 2 * y), 0.5)


@check(
    "two in a row are a majority of three.",
    "`damage` takes one clip [T] and returns a clip of the same length.",
    stub=returns_its_input,
)
def residual_break_median(damage, wave: torch.Tensor):
    """At most two changed samples that make a full-scale click survive a running median of three.

    Args:
        damage: ``[T] -> [T]``.
        wave: ``[T]``, the clip it is tried on.
    """
    broken = damage(wave.clone())
    changed = int((broken != wave).sum())
    middle = torch.nn.functional.pad(broken, (1, 1)).unfold(0, 3, 1).median(1).values
    right = broken.shape == wave.shape and changed <= 2 and (float(middle.abs().max()) > 0.99)
    hint = f"{changed} samples changed; the largest amplitude after the median is {middle.abs().max():.2f}."
    return right, hint
