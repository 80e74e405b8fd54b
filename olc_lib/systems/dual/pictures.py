"""Two forms of two classes: {sketch, solid} x {bag, shoe} of Fashion-MNIST, or {outline, solid} x digits."""

import base64
import functools
import io

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from olc_lib import data

#: Corpus to the labels of its first and its second class. Shoes are sandals, sneakers and ankle boots; the digits of
#: the first group have a hole or more, those of the second are strokes.
CLASSES = {"fashion": ((8,), (5, 7, 9)), "embedded": ((0, 6, 8, 9), (1, 4, 7))}
NAMES = {"fashion": ("bag", "shoe"), "embedded": ("round digit", "stroke digit")}
#: In the order of the classifier's labels.
KINDS = ("sketch, first class", "solid, second class", "solid, first class", "sketch, second class")


def sketch(pictures: Tensor) -> Tensor:
    """The morphological gradient of a picture: in 3 x 3 pixels around each, the largest minus the smallest value.

    Args:
        pictures: ``[N, 1, H, W]``, 0 to 1.

    Returns:
        Edges, ``[N, 1, H, W]``, 0 to 1; 0 where the picture is flat.
    """
    around = F.pad(pictures, (1, 1, 1, 1), mode="replicate")
    return F.max_pool2d(around, 3, 1) + F.max_pool2d(-around, 3, 1)


@functools.cache
def classes(corpus: str, split: str) -> tuple[Tensor, Tensor]:
    """Solid pictures of both classes.

    Args:
        corpus: "fashion" or "embedded".
        split: "train", "validation" or "test".

    Returns:
        ``[N, 1, 28, 28]`` of the first class and ``[M, 1, 28, 28]`` of the second, 0 to 1.

    Raises:
        ValueError: for another corpus.
    """
    if corpus not in CLASSES:
        raise ValueError(f"corpus is {corpus!r}, expected one of {', '.join(map(repr, CLASSES))}")
    images = data.images(corpus, split)
    first, second = (sum(images.digit == label for label in labels).bool() for labels in CLASSES[corpus])
    return images.pixels[first], images.pixels[second]


def unpaired(corpus: str, split: str = "train") -> dict[str, Tensor]:
    """What the training sees. The sketch of no object is there together with its solid picture.

    Args:
        corpus: "fashion" or "embedded".
        split: "train", "validation" or "test".

    Returns:
        ``x1`` (sketch, first class), ``x2`` (solid, second class), ``u`` (solid, first class) and ``v`` (sketch,
        second class), each ``[N, 1, 28, 28]``, -1 to 1. Objects with even numbers are inputs, those with odd ones
        are what the discriminators call real.
    """
    first, second = classes(corpus, split)
    count = min(len(first), len(second)) // 2
    chosen = {"x1": sketch(first[0::2]), "x2": second[0::2], "u": first[1::2], "v": sketch(second[1::2])}
    return {name: 2 * pictures[:count] - 1 for name, pictures in chosen.items()}


def paired(corpus: str, split: str, most: int = 1000) -> dict[str, Tensor]:
    """What translations are judged by: inputs, and the true counterpart of each.

    Args:
        corpus: "fashion" or "embedded".
        split: "train", "validation" or "test".
        most: pictures a class.

    Returns:
        As :func:`unpaired`, 0 to 1; here ``u`` is ``x1`` in solid form, and ``v`` is ``x2`` as a sketch, row by row.
    """
    first, second = classes(corpus, split)
    count = min(len(first), len(second), most)
    # Evenly spread, for a corpus may be sorted.
    first, second = (solid[:: len(solid) // count][:count] for solid in (first, second))
    return {"x1": sketch(first), "x2": second, "u": first, "v": sketch(second)}


def packed(pictures: Tensor) -> str:
    """Pictures as text, for a result file: those of a corpus that is not shipped can still be shown.

    Args:
        pictures: ``[R, C, 1, H, W]``, rows and columns of a sheet, 0 to 1.

    Returns:
        A PNG file of the sheet, base64.
    """
    rows, columns, _, height, width = pictures.shape
    sheet = pictures[:, :, 0].permute(0, 2, 1, 3).reshape(rows * height, columns * width)
    file = io.BytesIO()
    Image.fromarray((255 * sheet.clamp(0, 1)).round().byte().numpy()).save(file, format="png", optimize=True)
    return base64.b64encode(file.getvalue()).decode()


def unpacked(text: str, side: int = 28) -> Tensor:
    """The inverse of :func:`packed`, to 256 grey levels.

    Args:
        text: see there.
        side: of a picture, in pixels.

    Returns:
        ``[R, C, 1, side, side]``, 0 to 1.

    Raises:
        ValueError: if the sheet cannot be cut into such pictures.
    """
    sheet = torch.tensor(np.array(Image.open(io.BytesIO(base64.b64decode(text))))) / 255
    if any(length % side for length in sheet.shape):
        raise ValueError(f"the sheet has {tuple(sheet.shape)} pixels, expected multiples of the side {side}")
    rows, columns = (length // side for length in sheet.shape)
    return sheet.reshape(rows, side, columns, side).permute(0, 2, 1, 3)[:, :, None]
