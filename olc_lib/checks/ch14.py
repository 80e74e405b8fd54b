"""Self-checks of chapter 14."""

import torch

from .. import block_metrics, metrics
from ..latent import IMAGE
from .check import check, close


@check("1.33 epochs, 480,000 steps, step 3,000.", "one epoch is 60,000 / 100 steps; 480 / 800 is the share.")
def image_vae_iterations(epochs, steps, start):
    """800 iterations of 60,000 pictures in batches of 100, read both ways; a start by its share.

    Args:
        epochs: that 800 steps are.
        steps: that 800 epochs are.
        start: step of 5,000 at the share 480 / 800.
    """
    return close(epochs, 4 / 3, 0.01) and close(steps, 480_000) and close(start, 3000, 0.005)


@check("", "try error(free(k)) for k = 1, 2, 3; `k` is a whole number.")
def image_vae_worth(k, free, error, redrawn: torch.Tensor):
    """How many free numbers draw as well as the placed code.

    Args:
        k: the answer.
        free: ``k -> pictures``.
        error: ``pictures -> number``.
        redrawn: the model's drawings.
    """
    right, limit = False, error(redrawn)
    if isinstance(k, int) and k > 0:
        right = error(free(k)) <= limit and (k == 1 or error(free(k - 1)) > limit)
    return right, f"the model's error is {limit:.3f}; try error(free(k)) for k = 1, 2, 3.", f"{k} free numbers do it."


@check(
    "a perfect cosine, and not one digit in its place.",
    "`fake` is a tensor [N, 10].",
    stub=lambda fake, digit: bool((fake == 1).all()),
)
def image_vae_fake(fake, digit: torch.Tensor):
    """Orthogonal, readable by a probe, not negative, and every digit in a wrong place.

    Args:
        fake: ``[N, 10]``.
        digit: ``[N]``.
    """
    hint = "which axis a digit gets is up to you."
    code = torch.as_tensor(fake, dtype=torch.float32)
    read = metrics.accuracy(code.argmax(1), digit)
    cosine = metrics.mean_abs_cosine(metrics.class_means(code, digit, 10))
    half = len(code) // 2
    found = block_metrics.probe(code[:half], digit[:half], code[half:], digit[half:])
    hint = f"read {read:.0f} %, cosine {cosine:.2f}, probe {found:.0f} %. " + hint
    right = read == 0 and cosine < 0.01 and (found > 99) and bool((code >= 0).all())
    return right, hint


@check(
    "as good as the other in training, and useless for codes written by hand.",
    "turn column 0 of the decoder's first weight.",
    stub=lambda turned, vae: turned(vae) is vae,
)
def image_vae_turned(turned, vae):
    """An image model that wants the writer at -1.

    Args:
        turned: ``vae -> vae``.
        vae: the model to try it on; it is not to be changed.
    """
    plus = torch.stack([IMAGE.handcrafted(digit=d) for d in range(10)])
    minus = plus.clone()
    minus[:, 0] = -1
    with torch.no_grad():
        before = vae.decode(plus)
        other = turned(vae)
        kept, far = close(vae.decode(plus), before, 0.0001), vae.decode(minus)
        right = kept and close(other.decode(minus), before, 0.0001) and close(other.decode(plus), far, 0.0001)
    hint = "copy.deepcopy(vae) first." if not kept else "turn column 0 of the decoder's first weight."
    return right, hint
