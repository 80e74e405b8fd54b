"""What a chapter draws. Every function returns the figure; colours are safe for colour-blind readers."""

import re
from collections.abc import Callable, Sequence

import matplotlib.pyplot as plt
import numpy as np
import torch
from matplotlib.figure import Figure
from torch import Tensor

from .data import RATE
from .latent import LatentSpace
from .pictures import page as page
from .spectra import SIZE

#: Okabe and Ito's palette, told apart by all common kinds of colour vision.
COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442", "#000000")


def _axes(count: int, columns: int, width: float, height: float) -> tuple[Figure, list]:
    rows = -(-count // columns)
    figure, grid = plt.subplots(
        rows, columns, figsize=(width * columns, height * rows), squeeze=False, layout="constrained"
    )
    for axis in grid.flat[count:]:
        axis.remove()
    return figure, list(grid.flat[:count])


def waves(signals: Sequence[Tensor], titles: Sequence[str] = (), columns: int = 2) -> Figure:
    """Waveforms over time.

    Args:
        signals: each ``[T]`` at 8 kHz.
        titles: one for each, or none.
        columns: plots side by side.

    Returns:
        The figure.
    """
    figure, axes = _axes(len(signals), min(columns, len(signals)), 4.2, 2.0)
    for i, (axis, signal) in enumerate(zip(axes, signals, strict=True)):
        seconds = np.arange(len(signal)) / RATE
        axis.plot(seconds, signal.numpy(), linewidth=0.6, color=COLOURS[0])
        axis.set(xlabel="seconds", title=titles[i] if titles else "")
        axis.spines[["top", "right"]].set_visible(False)
    return figure


def pictures(
    images: Tensor, titles: Sequence[str] = (), columns: int = 10, size: float = 0.9, rows: Sequence[str] = ()
) -> Figure:
    """A row (or grid) of pictures, each on its own grey scale from 0 to its maximum.

    Args:
        images: ``[B, 1, H, W]``.
        titles: one for each, or none.
        columns: pictures side by side.
        size: inches of one picture.
        rows: a name for each row, written to the left of it, or none.

    Returns:
        The figure.
    """
    figure, axes = _axes(len(images), min(columns, len(images)), size, size * (1.25 if titles else 1.0))
    for i, (axis, image) in enumerate(zip(axes, images, strict=True)):
        axis.imshow(image[0].detach().numpy(), cmap="gray", vmin=0)
        axis.set_axis_off()
        if titles:
            axis.set_title(titles[i], fontsize=9)
    for axis, name in zip(axes[::columns], rows, strict=False):
        axis.text(-0.1, 0.5, name, transform=axis.transAxes, ha="right", va="center", fontsize=9)
    return figure


def sounds(images: Tensor, titles: Sequence[str] = (), columns: int = 4) -> Figure:
    """Log-mel pictures, low bands at the bottom.

    Args:
        images: ``[B, 1, 32, 32]``.
        titles: one for each, or none.
        columns: pictures side by side.

    Returns:
        The figure.
    """
    figure, axes = _axes(len(images), min(columns, len(images)), 2.1, 2.1)
    for i, (axis, image) in enumerate(zip(axes, images, strict=True)):
        axis.imshow(image[0].detach().numpy(), cmap="cividis", origin="lower", aspect="auto")
        axis.set(xticks=[], yticks=[], xlabel="time", ylabel="mel band", title=titles[i] if titles else "")
    return figure


def codes(codes: Tensor, space: LatentSpace, titles: Sequence[str] = ()) -> Figure:
    """Codes as bars, one colour per category.

    Args:
        codes: ``[B, D]``.
        space: names the categories.
        titles: one for each, or none.

    Returns:
        The figure.
    """
    figure, axes = _axes(len(codes), 1, 6.4, 1.7)
    for i, (axis, code) in enumerate(zip(axes, codes, strict=True)):
        start = 0
        for k, (name, block) in enumerate(space.split(code.detach()).items()):
            axis.bar(np.arange(start, start + len(block)), block.numpy(), color=COLOURS[k], label=name)
            start += len(block)
        ticks = [str(j) for size in space.sizes.values() for j in range(size)]
        axis.set_xticks(range(space.dim), ticks)
        axis.set(ylim=(-1.1, 1.1), title=titles[i] if titles else "")
        axis.axhline(0, color="grey", linewidth=0.5)
        axis.spines[["top", "right"]].set_visible(False)
    axes[0].legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False)
    return figure


def heat(table: Tensor, rows: Sequence[str], columns: Sequence[str], xlabel: str = "", ylabel: str = "") -> Figure:
    """A table as a heat map with its values written in, as in Figures 5, 6 and 8.

    Args:
        table: ``[R, K]``.
        rows: ``R`` names.
        columns: ``K`` names.
        xlabel: what the columns are.
        ylabel: what the rows are.

    Returns:
        The figure.
    """
    figure, (axis,) = _axes(1, 1, 1.2 + 0.5 * len(columns), 0.9 + 0.36 * len(rows))
    values = table.numpy()
    whole = not torch.is_floating_point(table)
    top = max(1e-9, float(np.abs(values).max()))
    axis.imshow(values, cmap="cividis", aspect="auto", vmin=min(0, values.min()))
    for (row, column), value in np.ndenumerate(values):
        text = str(value) if whole else re.sub(r"^(-?)0(?=\.)", r"\1", f"{value:.2f}").replace("-.00", ".00")
        axis.text(
            column, row, text, ha="center", va="center", fontsize=7, color="black" if value > 0.6 * top else "white"
        )
    axis.set_xticks(range(len(columns)), columns)
    axis.set_yticks(range(len(rows)), rows)
    axis.set(xlabel=xlabel, ylabel=ylabel)
    return figure


def history(terms: dict[str, Tensor], names: Sequence[str], smooth: int = 20) -> Figure:
    """Loss terms over the steps of a training.

    Args:
        terms: history of one model, name to ``[steps]``; steps without a value are left blank.
        names: which terms to draw.
        smooth: steps in the running mean.

    Returns:
        The figure.
    """
    figure, (axis,) = _axes(1, 1, 6.4, 2.8)
    styles = ("-", "--", "-.", ":", (0, (5, 1)), (0, (1, 1)))
    for k, name in enumerate(names):
        values = terms[name].numpy()
        there = np.flatnonzero(np.isfinite(values))
        if len(there) < smooth:
            continue
        mean = np.convolve(values[there], np.ones(smooth) / smooth, "valid")
        axis.plot(there[smooth - 1 :] + 1, mean, label=name, color=COLOURS[k % len(COLOURS)], linestyle=styles[k % 6])
    axis.set(xlabel="step", ylabel="loss", ylim=(0, None))
    axis.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False)
    axis.spines[["top", "right"]].set_visible(False)
    return figure


def counted(signal: Tensor, m: float) -> Figure:
    """A waveform with the samples that Max M % averages picked out, and their mean amplitude as lines.

    Args:
        signal: ``[T]`` at 8 kHz.
        m: percentage of the samples that count.

    Returns:
        The figure.
    """
    figure, (axis,) = _axes(1, 1, 6.4, 2.2)
    seconds, amplitude = np.arange(len(signal)) / RATE, signal.abs()
    chosen = amplitude.topk(max(1, round(len(signal) * m / 100)))
    axis.plot(seconds, signal.numpy(), linewidth=0.6, color="0.6")
    at = chosen.indices.numpy()
    axis.plot(seconds[at], signal.numpy()[at], ".", markersize=3, color=COLOURS[5])
    for sign in (-1, 1):
        axis.axhline(sign * float(chosen.values.mean()), color=COLOURS[0], linestyle="--", linewidth=1.2)
    axis.set(xlabel="seconds", ylim=(-1.05 * float(amplitude.max()), 1.05 * float(amplitude.max())))
    axis.spines[["top", "right"]].set_visible(False)
    return figure


def circle(
    panels: Sequence[dict[str, Tensor]],
    titles: Sequence[str] = (),
    names: Sequence[str] = ("", ""),
    reach: float | None = None,
) -> Figure:
    """Codes of a category of two classes, around the circle on which normalized ones lie.

    Args:
        panels: for each plot, the name of each cloud to its points ``[N, 2]``.
        titles: one for each plot, or none.
        names: of the two coordinates.
        reach: the axes go from minus this to this; ``None`` shows every point.

    Returns:
        The figure.
    """
    figure, axes = _axes(len(panels), min(4, len(panels)), 2.9, 3.2)
    turn = np.linspace(0, 2 * np.pi, 200)
    if reach is None:
        reach = max([1.25] + [1.05 * float(points.abs().max()) for panel in panels for points in panel.values()])
    for i, (axis, panel) in enumerate(zip(axes, panels, strict=True)):
        axis.plot(np.cos(turn), np.sin(turn), color="grey", linewidth=0.8)
        axis.axhline(0, color="lightgrey", linewidth=0.6, zorder=0)
        axis.axvline(0, color="lightgrey", linewidth=0.6, zorder=0)
        for k, (label, points) in enumerate(panel.items()):
            size = 40 if len(points) < 10 else 6
            axis.scatter(*points.T.numpy(), s=size, marker="osD^v"[k % 5], color=COLOURS[k], alpha=0.7, label=label)
        axis.set(xlim=(-reach, reach), ylim=(-reach, reach), aspect="equal", xlabel=names[0], ylabel=names[1])
        axis.set_title(titles[i] if titles else "", fontsize=10)
        below = {"loc": "upper center", "bbox_to_anchor": (0.5, -0.2), "ncols": len(panel), "frameon": False}
        axis.legend(fontsize=8, handletextpad=0.0, columnspacing=0.6, **below)
    return figure


def places(maps: Sequence[Tensor], labels: Sequence[Tensor], titles: Sequence[str] = (), columns: int = 2) -> Figure:
    """Two-dimensional codes as maps: every item is drawn as its digit, so that colour is not needed to read them.

    Args:
        maps: for each plot, codes ``[N, 2]``.
        labels: for each plot, digits ``[N]``.
        titles: one for each plot, or none.
        columns: plots side by side.

    Returns:
        The figure.
    """
    figure, axes = _axes(len(maps), min(columns, len(maps)), 4.0, 3.6)
    for i, (axis, codes, digits) in enumerate(zip(axes, maps, labels, strict=True)):
        for digit in digits.unique().tolist():
            chosen = codes[digits == digit].numpy()
            colour = (COLOURS[:6] + COLOURS[7:])[digit % 7]  # without the yellow, which is faint on white
            axis.scatter(*chosen.T, s=36, marker=f"${digit}$", color=colour, linewidths=0.3)
        axis.set(xlabel="coordinate 0", ylabel="coordinate 1", title=titles[i] if titles else "")
        axis.spines[["top", "right"]].set_visible(False)
    return figure


def hemispheres(losses: Sequence[Callable[[Tensor], Tensor]], titles: Sequence[str]) -> Figure:
    """Losses of a three-class category over unit codes, seen along (1, 1, 1), with arrows pointing downhill.

    Half a sphere becomes a disc: the middle is the uniform code, the dashed triangle holds the codes without a
    negative coordinate, and the dots are its corners, the orthogonal codes.

    Args:
        losses: each maps codes ``[B, 3]`` to values ``[B]``.
        titles: one for each.

    Returns:
        The figure.
    """
    figure, axes = _axes(len(losses), min(3, len(losses)), 2.9, 2.5)
    view = torch.tensor([[0.0, -1.0, 1.0], [2.0, -1.0, -1.0], [1.0, 1.0, 1.0]])  # right, up, towards the reader
    view = view / view.norm(dim=1, keepdim=True)

    def downhill(loss: Callable, side: int) -> tuple[Tensor, Tensor, Tensor]:
        v, u = torch.meshgrid(*[torch.linspace(-1, 1, side)] * 2, indexing="ij")
        flat = torch.stack([u, v, (1 - u**2 - v**2).clamp_min(0).sqrt()], dim=-1).view(-1, 3)
        code = torch.nn.functional.normalize(flat @ view, dim=1).requires_grad_(True)
        value = loss(code)
        slope = torch.autograd.grad(value.sum(), code)[0]
        code = code.detach()
        slope = slope - (slope * code).sum(1, keepdim=True) * code  # along the sphere: normalization eats the rest
        return flat[:, :2], value.detach(), -(slope @ view.T)[:, :2]

    fields = [downhill(loss, 151) for loss in losses]
    every = torch.cat([value for _, value, _ in fields])
    levels = torch.linspace(every.min(), every.max(), 13).numpy()  # one scale for all
    for axis, loss, title, (place, value, _) in zip(axes, losses, titles, fields, strict=True):
        line = place[:151, 0].numpy()
        shades = axis.contourf(line, line, value.view(151, 151).numpy(), levels=levels, cmap="cividis")
        shades.set_clip_path(plt.Circle((0, 0), 1, transform=axis.transData))
        figure.colorbar(shades, ax=axis, shrink=0.7, format="%.2f")
        place, _, arrow = downhill(loss, 12)
        inside = place.norm(dim=1) < 0.97
        arrow = arrow / arrow.norm(dim=1, keepdim=True).clamp_min(1e-6) ** 0.5  # short ones can be seen, too
        axis.quiver(
            *place[inside].T.numpy(), *arrow[inside].T.numpy(), color="white", scale=12, width=0.012,
            headwidth=3, headlength=3.5, headaxislength=3.5,
        )  # fmt: skip
        turn = torch.linspace(0, torch.pi / 2, 40)
        for k, corner in enumerate(torch.eye(3)):
            arc = torch.outer(turn.cos(), corner) + torch.outer(turn.sin(), corner.roll(1))
            axis.plot(*(arc @ view.T)[:, :2].T.numpy(), color="white", linewidth=1, linestyle="--")
            at = (view @ corner)[:2].numpy()
            axis.plot(*at, marker="o", color=COLOURS[5], markeredgecolor="white")
            axis.annotate(f"class {k}", 1.36 * at, ha="center", va="center", fontsize=8)
        axis.set_title(title, fontsize=10)
        axis.set(aspect="equal", xlim=(-1.15, 1.15), ylim=(-1.15, 1.2))
        axis.set_axis_off()
    return figure


def mosaic(
    cells: Sequence[Sequence[Tensor | str]],
    rows: Sequence[str] = (),
    columns: Sequence[str] = (),
    size: float = 1.05,
) -> Figure:
    """A table whose cells are pictures, pictures of sound, or words.

    Args:
        cells: row by row, each a picture ``[1, 28, 28]``, a log-mel picture ``[1, 32, 32]`` or a text.
        rows: a name for each row, or none.
        columns: a name for each column, or none.
        size: inches of one cell.

    Returns:
        The figure.
    """
    height, width = len(cells), max(len(row) for row in cells)
    figure, grid = plt.subplots(
        height, width, figsize=(size * width + 0.9 * bool(rows), size * height + 0.3), squeeze=False,
        layout="constrained",
    )  # fmt: skip
    for (i, j), axis in np.ndenumerate(grid):
        axis.set(xticks=[], yticks=[])
        axis.spines[:].set_visible(False)
        item = cells[i][j] if j < len(cells[i]) else ""
        if isinstance(item, str):
            axis.text(0.5, 0.5, item, ha="center", va="center", fontsize=20, transform=axis.transAxes)
        elif item.shape[-1] == SIZE:
            axis.imshow(item[0].detach().numpy(), cmap="cividis", origin="lower", aspect="equal")
        else:
            axis.imshow(item[0].detach().numpy(), cmap="gray", vmin=0)
        if j == 0 and rows:
            axis.set_ylabel(rows[i], rotation=0, ha="right", va="center")
        if i == 0 and columns:
            axis.set_title(columns[j], fontsize=9)
    return figure
