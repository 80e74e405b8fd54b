"""Self-checks of chapter 16."""

import torch

from .. import metrics, transfer
from ..latent import IMAGE, VOICE
from .check import check, close, seeded


@check(
    "the mean picture has the smaller error.",
    "a mean picture is s away from real ones, and never differs from itself; two real ones differ by sqrt(2) s.",
)
def crossing_by_hand(four):
    """Error and diversity of mean pictures, then of random real pictures, for a spread of 0.14.

    Args:
        four: error, diversity, error, diversity.
    """
    return close(four, [0.14, 0.0, 0.19799, 0.19799])


@check(
    "p = 1 drops, and the larger p, the nearer to snapping.",
    "sign times abs() ** p of the ten digit coordinates; length 1 again; a column of ones in front.",
)
def crossing_sharpen(sharpen):
    """A function (voice codes [B, 16], p) -> image codes [B, 11], between dropping and snapping.

    Args:
        sharpen: raises digit coordinates to the power p, keeps their signs and the length 1.
    """
    code = VOICE.normalize(torch.randn(4, VOICE.dim, generator=seeded()))
    block = VOICE.split(code)["digit"]
    cubed = torch.nn.functional.normalize(block**3, dim=1)
    square = torch.nn.functional.normalize(block * block.abs(), dim=1)
    hint = ""
    right = close(sharpen(code, 1), transfer.drop(code, VOICE, IMAGE))
    right = right and close(sharpen(code, 3)[:, 1:], cubed) and close(sharpen(code, 3)[:, 0], torch.ones(4))
    if right and (not close(sharpen(code, 2)[:, 1:], square)):
        right, hint = False, "an even power has lost the signs."
    return right, hint


@check(
    "fewer answers, better ones.",
    "kept = margin >= limit; then the share that is not kept, and metrics.accuracy of the kept ones.",
)
def crossing_refuse(refuse):
    """A function (margin, read, said, limit) -> (percent refused, coherence of the rest in percent).

    Args:
        refuse: refuses clips whose margin is below the limit.
    """
    margin = torch.tensor([0.1, 0.9, 0.3, 0.05, 0.6])
    read, said = torch.tensor([1, 2, 3, 4, 5]), torch.tensor([7, 2, 8, 4, 5])
    right = close(refuse(margin, read, said, 0.2), [40.0, 200 / 3], 0.01)
    right = right and close(refuse(margin, read, said, 0.0), [0.0, 60.0], 0.01)
    return right


@check(
    "full marks, and nothing was drawn.",
    "pictures [N, 1, 28, 28], one for each digit of `said`.",
    stub=lambda pictures, said, run: metrics.diversity(pictures, said) < 1e-4,
)
def crossing_cheat(pictures, said, run):
    """Pictures with high coherence and the diversity of real ones, made without a decoder.

    Args:
        pictures: ``[N, 1, 28, 28]``, Max M %-normalized.
        said: ``[N]`` digits.
        run: whose judge reads, and whose results hold the diversity of real pictures.
    """
    from ..reading import read_digits

    wanted = 0.9 * run.results["metrics"]["images_diversity"]
    coherence = metrics.accuracy(read_digits(run.image_classifier, pictures), said)
    diversity = metrics.diversity(pictures, said)
    right = coherence >= 95 and diversity >= wanted
    hint = f"coherence {coherence:.0f} %, diversity {diversity:.3f}; at least 95 % and {wanted:.3f} are wanted."
    return right, hint
