"""Sliders for readers. In a built page, where no kernel runs, each shows its last state or is linked in the page."""

from collections.abc import Sequence

import ipywidgets as w
import torch
from torch import Tensor

from .latent import LatentSpace
from .networks import OrthogonalVAE
from .pictures import png


def flip_book(images: Tensor, labels: Sequence[str], description: str) -> w.Widget:
    """A slider that turns the pages of a book of pictures; works in a built page too.

    Args:
        images: ``[B, 1, H, W]``.
        labels: one for each, shown under it.
        description: of the slider.

    Returns:
        The widget.
    """
    return flip_pages([png(image) for image in images], labels, description)


def drag_code(vae: OrthogonalVAE, space: LatentSpace, category: str = "digit", start: int = 5) -> w.Widget:
    """One slider per coordinate of a category; the decoder redraws at every move.

    Args:
        vae: an image model.
        space: its latent space.
        category: whose coordinates move; the others stay as :meth:`olc_lib.latent.LatentSpace.handcrafted` puts them.
        start: class that is 1 at first.

    Returns:
        The widget.
    """
    size = space.sizes[category]
    sliders = [
        w.FloatSlider(value=float(i == start), min=-1, max=1, step=0.05, description=str(i), continuous_update=True)
        for i in range(size)
    ]
    shown = w.Image(format="png")

    def redraw(_=None):
        code = space.handcrafted()
        space.split(code)[category].copy_(torch.tensor([slider.value for slider in sliders]))
        with torch.no_grad():
            shown.value = png(vae.decode(space.normalize(code[None]))[0])

    for slider in sliders:
        slider.observe(redraw, "value")
    redraw()
    return w.HBox([w.VBox(sliders), shown])


def flip_pages(pages: Sequence[bytes], labels: Sequence[str], description: str, start: int = 0) -> w.Widget:
    """A slider that turns ready-made pages, such as figures saved as PNG; works in a built page too.

    Args:
        pages: the bytes of one PNG file each, see :func:`olc_lib.pictures.page`.
        labels: one for each, shown under the page.
        description: of the slider.
        start: the page that is open at first.

    Returns:
        The widget.
    """
    images = [w.Image(value=page, format="png") for page in pages]
    shown = [w.VBox([image, w.Label(text)]) for image, text in zip(images, labels, strict=True)]
    slider = w.IntSlider(value=start, min=0, max=len(shown) - 1, description=description, readout=False)
    if not hasattr(w, "Stack"):  # ipywidgets 7, as on Colab: a kernel is there, so let it turn the pages
        holder = w.VBox([shown[start]])
        slider.observe(lambda change: setattr(holder, "children", [shown[change["new"]]]), "value")
        return w.VBox([slider, holder])
    stack = w.Stack(shown, selected_index=start)
    w.jslink((slider, "value"), (stack, "selected_index"))
    return w.VBox([slider, stack])


def flip_table(
    pages: Sequence[Sequence[bytes]], rows: Sequence[str], columns: Sequence[str], names: tuple[str, str]
) -> w.Widget:
    """Two sliders that pick a page out of a table of ready-made ones; works in a built page too.

    Args:
        pages: the bytes of PNG files, see :func:`olc_lib.pictures.page`: row by row.
        rows: value that the first slider shows for each row.
        columns: value that the second slider shows for each column.
        names: of the two sliders.

    Returns:
        The widget.
    """
    shown = [[w.Image(value=page, format="png") for page in row] for row in pages]
    row, column = (
        w.SelectionSlider(options=list(at), description=name) for at, name in zip((rows, columns), names, strict=True)
    )
    if not hasattr(w, "Stack"):  # ipywidgets 7: as in flip_pages
        holder = w.VBox([shown[0][0]])
        for slider in (row, column):
            slider.observe(lambda _: setattr(holder, "children", [shown[row.index][column.index]]), "index")
        return w.VBox([row, column, holder])
    stacks = [w.Stack(line, selected_index=0) for line in shown]
    outer = w.Stack(stacks, selected_index=0)
    for slider, targets in ((row, [outer]), (column, stacks)):
        for target in targets:
            w.jslink((slider, "index"), (target, "selected_index"))
    return w.VBox([row, column, outer])
