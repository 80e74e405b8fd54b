"""Self-checks of chapter 17."""

import torch

from .. import metrics
from ..latent import VOICE
from .check import check, close, returns_its_input, seeded


def nothing_rolled(pictures, digit, run) -> bool:
    """Whether the pictures are still those of the digits that were said."""
    from ..reading import read_digits

    return metrics.accuracy(read_digits(run.image_classifier, pictures), digit) > 50


@check("20 and 10.", "every domain has four others; with a shared code each needs one encoder and one decoder.")
def directions_parts(web, hub):
    """Translators between five domains, and encoders and decoders with a shared code.

    Args:
        web: number of translators.
        hub: number of ways in and out.
    """
    return close([web, hub] if web and hub else None, [20, 10])


@check("92.2 and 93.1 %.", "a chain holds where all its links hold: multiply the shares, then times 100.")
def directions_chain(expected, flawless):
    """Coherence of stations that are right 98, 95 and 99 times in a hundred, in percent.

    Args:
        expected: with that judge.
        flawless: with one that is always right.
    """
    return expected is not None and close([expected, flawless], [92.169, 93.1], 0.01)


@check(
    "two voices, one word.",
    "two numbers of 0.707, four of 0, then the ten of the digit, as they were.",
    stub=returns_its_input,
)
def directions_duet(duet):
    """Voice codes with half of one speaker and half of another.

    Args:
        duet: ``(code [B, 16], first, second) -> [B, 16]``.
    """
    code = VOICE.normalize(torch.randn(4, VOICE.dim, generator=seeded()))
    speaker = torch.zeros(4, 6)
    speaker[:, [1, 4]] = 0.5**0.5
    return close(duet(code.clone(), 1, 4), torch.cat([speaker, code[:, 6:]], 1))


@check(
    "the order is an agreement, and it was broken.",
    "`rolled` holds one picture for every spoken word.",
    stub=nothing_rolled,
)
def directions_rolled(pictures, digit: torch.Tensor, run):
    """Every spoken digit drawn as the next one.

    Args:
        pictures: ``[B, 1, 28, 28]``.
        digit: ``[B]``, what was said.
        run: whose judge reads them.
    """
    from ..reading import read_digits

    read = read_digits(run.image_classifier, pictures)
    right = metrics.accuracy(read, (digit + 1) % 10) > 90
    hint = f"the judge reads the next digit in {metrics.accuracy(read, (digit + 1) % 10):.0f} %."
    return right, f"{hint} torch.Tensor.roll moves the ten numbers on."
