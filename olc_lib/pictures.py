"""A picture as the bytes of a file."""

import io

import numpy as np
from PIL import Image
from torch import Tensor


def png(image: Tensor, zoom: int = 6) -> bytes:
    """A picture as the bytes of a PNG file.

    Args:
        image: ``[1, H, W]`` or ``[H, W]``; shown from 0 to its maximum.
        zoom: screen pixels per pixel.

    Returns:
        The file's bytes, which depend on nothing but the picture.
    """
    pixels = image.detach().reshape(image.shape[-2:]).clamp_min(0)
    pixels = (255 * pixels / pixels.max().clamp_min(1e-6)).round().byte().numpy()
    file = io.BytesIO()
    Image.fromarray(np.kron(pixels, np.ones((zoom, zoom), np.uint8))).save(file, format="png")
    return file.getvalue()


def page(figure, dpi: int = 80) -> bytes:
    """A figure as the bytes of a PNG file, closed so that a notebook does not show it as well.

    Args:
        figure: what to save.
        dpi: pixels per inch.

    Returns:
        The file's bytes, for :func:`olc_lib.widgets.flip_pages`.
    """
    from matplotlib import pyplot as plt

    file = io.BytesIO()
    figure.savefig(file, dpi=dpi, format="png", metadata={"Software": None})
    plt.close(figure)
    return file.getvalue()
