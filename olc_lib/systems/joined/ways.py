"""Ways from a voice to an image, given pairs: to a common space where one can search, and to a picture."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from olc_lib import metrics, relative
from olc_lib.normalize import max_m_percent
from olc_lib.pairs import M
from olc_lib.reading import batched, read_digits

#: All that need pairs; the last is the plain rival, which takes nothing from a pair but its label.
WAYS = ("relative", "procrustes", "least_squares", "affine", "asif", "class_means")


@dataclass(frozen=True)
class Pairs:
    """Anchors: clips and images of the same digits.

    Args:
        voice: ``[K, D]``, codes of clips.
        image: ``[K, E]``, codes of images.
        digit: ``[K]``.
    """

    voice: Tensor
    image: Tensor
    digit: Tensor


@dataclass(frozen=True)
class Options:
    """What the ways leave open; chosen on validation data.

    Args:
        unit: see :func:`olc_lib.relative.relative`.
        centre: ways that move the mean of the anchors to 0 before they take cosines; in the papers none does.
        penalty: see :func:`olc_lib.relative.affine`.
        share: of the anchors, that ASIF keeps.
        power: p of :func:`olc_lib.relative.asif`.
    """

    unit: bool = False
    centre: tuple[str, ...] = ("relative",)
    penalty: float = 0.1
    share: float = 0.2
    power: float = 8.0


def draw_pairs(voice_digit: Tensor, image_digit: Tensor, count: int, seed: int) -> tuple[Tensor, Tensor]:
    """As many pairs of each digit, drawn at random: nothing pairs a clip with one particular image.

    Args:
        voice_digit: ``[N]``, of the clips to draw from.
        image_digit: ``[M]``, of the images.
        count: a multiple of ten.
        seed: of the draw.

    Returns:
        Rows of clips ``[count]`` and of images ``[count]``, digit after digit.

    Raises:
        ValueError: if the count is no multiple of ten, or there are too few items of a digit.
    """
    generator = torch.Generator().manual_seed(seed)
    most = 10 * min(int(labels.bincount(minlength=10).min()) for labels in (voice_digit, image_digit))
    if count % 10 or not 10 <= count <= most:
        raise ValueError(f"count is {count}, expected a multiple of ten from 10 to {most}")
    rows: tuple[list, list] = ([], [])
    for digit in range(10):
        for side, labels in enumerate((voice_digit, image_digit)):
            places = (labels == digit).nonzero()[:, 0]
            rows[side].append(places[torch.randperm(len(places), generator=generator)[: count // 10]])
    return torch.cat(rows[0]), torch.cat(rows[1])


def join(way: str, heard: Tensor, shelf: Tensor, pairs: Pairs, options: Options) -> tuple[Tensor, Tensor]:
    """Bring voices and images into one space.

    Args:
        way: one of :data:`WAYS`.
        heard: ``[N, D]``, codes of voices.
        shelf: ``[M, E]``, codes of images.
        pairs: the anchors.
        options: of the ways.

    Returns:
        The voices ``[N, n]`` and the images ``[M, n]`` there; for translations this is the images' own space.

    Raises:
        ValueError: for an unknown way.
    """
    if way in ("relative", "asif", "class_means"):
        sides = [centred(*side, way in options.centre) for side in ((heard, pairs.voice), (shelf, pairs.image))]
        if way == "relative":
            return tuple(relative.relative(*side, options.unit) for side in sides)
        if way == "asif":
            k = max(1, round(options.share * len(pairs.digit)))
            return tuple(relative.asif(*side, k, options.power) for side in sides)
        (codes, anchors), _ = sides
        means = [torch.stack([x[pairs.digit == d].mean(0) for d in range(10)]) for x in (anchors, pairs.image)]
        return means[1][relative.relative(codes, means[0]).argmax(1)], shelf
    if way == "affine":
        return relative.affine(pairs.voice, pairs.image, options.penalty)(heard), shelf
    if way in ("procrustes", "least_squares"):
        return getattr(relative, way)(pairs.voice, pairs.image)(heard), shelf
    raise ValueError(f"no way {way!r}, expected one of {WAYS}")


def centred(codes: Tensor, anchors: Tensor, centre: bool) -> tuple[Tensor, Tensor]:
    """Codes and anchors as cosines are taken of them.

    Args:
        codes: ``[B, D]``.
        anchors: ``[K, D]``.
        centre: move the mean of the anchors to 0.

    Returns:
        Both.
    """
    mean = anchors.mean(0) if centre else torch.zeros_like(anchors[0])
    return codes - mean, anchors - mean


@dataclass(frozen=True)
class Measured:
    """What every way is measured on.

    Args:
        voice: ``[N, D]``, codes of held-out clips.
        digit: ``[N]``, what they say.
        image: ``[M, E]``, codes of the shelf of held-out images.
        shelf: ``[M, 1, 28, 28]``, these images.
        shelf_digit: ``[M]``.
        classifier: reads what is drawn; it took no part in any training.
    """

    voice: Tensor
    digit: Tensor
    image: Tensor
    shelf: Tensor
    shelf_digit: Tensor
    classifier: torch.nn.Module


def drawn(way: str, there: tuple[Tensor, Tensor], shelf: Tensor, draw: Callable, draw_relative: Callable) -> Tensor:
    """Pictures for voices that were brought into the common space.

    Args:
        way: one of :data:`WAYS`.
        there: from :func:`join`.
        shelf: ``[M, 1, 28, 28]``; ASIF cannot draw, it fetches the nearest of these.
        draw: the image decoder, of the images' own codes.
        draw_relative: the decoder of relative coordinates.

    Returns:
        ``[N, 1, 28, 28]``, Max-M %-normalized: nothing is read in a dim picture.
    """
    queries, keys = there
    if way == "asif":
        pictures = shelf[(queries @ keys.T).argmax(1)]
    else:
        pictures = batched(draw_relative if way == "relative" else draw, queries)
    return max_m_percent(pictures, M)[0]


def score(pictures: Tensor, there: tuple[Tensor, Tensor], on: Measured) -> dict[str, float]:
    """How good one way is.

    Args:
        pictures: from :func:`drawn`.
        there: from :func:`join`.
        on: what it was measured on.

    Returns:
        ``digit``: percent of clips whose picture the classifier reads right; ``diversity`` of the pictures of one
        spoken digit, and ``diversity_right`` of those among them that are read right (0 if no digit has two);
        ``search``: mean average precision, in percent, of the shelf ranked by cosine.
    """
    right = read_digits(on.classifier, pictures) == on.digit
    enough = int(on.digit[right].bincount(minlength=10).max()) > 1
    return {
        "digit": 100 * right.double().mean().item(),
        "diversity": metrics.diversity(pictures, on.digit),
        "diversity_right": metrics.diversity(pictures[right], on.digit[right]) if enough else 0.0,
        "search": metrics.mean_average_precision(there[0], on.digit, there[1], on.shelf_digit),
    }
