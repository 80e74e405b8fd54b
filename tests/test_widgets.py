"""What a reader drags redraws, in ipywidgets 8 and 7; what a chapter draws shows its data."""

import io

import ipywidgets as w
import matplotlib.image
import matplotlib.pyplot as plt
import pytest
import torch

from olc_lib import pictures, plots, widgets
from olc_lib.latent import IMAGE, VOICE


class Echo(torch.nn.Module):
    """A decoder whose picture is the code itself."""

    def decode(self, code):
        return code[:, None, None, :]


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def test_a_png_shows_the_picture():
    image = torch.tensor([[0.0, 1.0], [0.5, -3.0]])
    pixels = matplotlib.image.imread(io.BytesIO(pictures.png(image, zoom=3)))[..., 0]
    assert pixels.shape == (6, 6)
    assert pixels[::3, ::3].round(1).tolist() == [[0, 1], [0.5, 0]]
    assert pictures.png(image) == pictures.png(image)


def test_a_flip_book_is_linked_in_the_page(monkeypatch):
    links = []
    monkeypatch.setattr(w, "jslink", lambda *ends: links.append(ends))
    book = widgets.flip_book(torch.rand(3, 1, 4, 4), ["a", "b", "c"], "page")
    slider, stack = book.children
    assert links == [((slider, "value"), (stack, "selected_index"))]
    assert slider.max == 2 and [page.children[1].value for page in stack.children] == ["a", "b", "c"]


def test_a_flip_book_turns_its_pages_in_ipywidgets_7(monkeypatch):
    monkeypatch.delattr(w, "Stack")
    slider, holder = widgets.flip_book(torch.rand(3, 1, 4, 4), ["a", "b", "c"], "page").children
    slider.value = 2
    assert holder.children[0].children[1].value == "c"


def test_dragging_a_code_redraws_it():
    widget = widgets.drag_code(Echo(), IMAGE, start=5)
    sliders, shown = widget.children
    first = shown.value
    assert [slider.value for slider in sliders.children] == [0, 0, 0, 0, 0, 1, 0, 0, 0, 0]
    sliders.children[5].value = 0
    sliders.children[2].value = 0.5
    pixels = matplotlib.image.imread(io.BytesIO(shown.value))[0, ::6, 0]
    assert shown.value != first
    assert pixels.round().tolist() == [1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0]  # the writer, and 2 at unit length


def test_plots_show_what_they_are_given():
    assert len(plots.waves([torch.rand(80)] * 3, list("abc")).axes) == 3
    assert [axis.get_title() for axis in plots.pictures(torch.rand(2, 1, 5, 5), ["x", "y"]).axes] == ["x", "y"]
    assert len(plots.sounds(torch.rand(2, 1, 32, 32)).axes) == 2
    bars = plots.codes(torch.rand(1, 16), VOICE).axes[0].patches
    assert len(bars) == 16
    heat = plots.heat(torch.tensor([[1, 22], [3, 4]]), ["r", "s"], ["c", "d"]).axes[0]
    assert [text.get_text() for text in heat.texts] == ["1", "22", "3", "4"]
    heat = plots.heat(torch.tensor([[10.46, -0.001, 0.5, -0.25]]), ["r"], list("abcd")).axes[0]
    assert [text.get_text() for text in heat.texts] == ["10.46", ".00", ".50", "-.25"]
    nan = torch.full((30,), float("nan"))
    lines = plots.history({"a": torch.rand(30), "b": nan}, ["a", "b"], smooth=5).axes[0].lines
    assert len(lines) == 1 and len(lines[0].get_xdata()) == 26


@pytest.mark.parametrize("old", [False, True])
def test_a_flip_table_picks_row_and_column(monkeypatch, old):
    links = []
    monkeypatch.setattr(w, "jslink", lambda source, target: links.append((source, target)))
    if old:
        monkeypatch.delattr(w, "Stack")
    pages = [[bytes([10 * r + c]) for c in range(3)] for r in range(2)]
    row, column, shown = widgets.flip_table(pages, ["a", "b"], ["x", "y", "z"], ("row", "column")).children
    if old:
        row.index, column.index = 1, 2
        assert shown.children[0].value == bytes([12])
    else:
        assert [target[0] for _, target in links] == [shown, *shown.children]
        assert shown.children[1].children[2].value == bytes([12])
