"""The tables of the paper as the library holds them, against values typed again, column by column."""

import pytest

from olc_lib import paper
from olc_lib.latent import IMAGE, VOICE

#: Tables 2, 6 and 10: output channels, kernel sizes, strides, paddings.
COLUMNS = {
    "VOICE_LAYERS": (
        [1026, 285, 79, 76, 73, 70, 67, 64, 62, 60],
        [64, 32, 16, 8, 7, 6, 5, 4, 4, 3],
        [16, 8, 2] + [1] * 7,
        [1] * 10,
    ),
    "IMAGE_LAYERS": (
        [1012, 405, 162, 115, 82, 59, 42, 30, 21, 15],
        [7, 5] + [3] * 8,
        [2] + [1] * 9,
        [1] * 10,
    ),
    "BRIDGE_LAYERS": ([64, 64, 64], [3, 3, 3], [1, 1, 1], [1, 1, 1]),
}


@pytest.mark.parametrize("table", COLUMNS)
def test_layers_of_tables_2_6_and_10(table):
    layers = getattr(paper, table)
    channels, kernels, strides, paddings = COLUMNS[table]
    assert [layer.channels for layer in layers] == channels
    assert [layer.kernel for layer in layers] == kernels
    assert [layer.stride for layer in layers] == strides
    assert [layer.padding for layer in layers] == paddings
    assert all(isinstance(layer, paper.Layer) for layer in layers) and isinstance(layers, tuple)


def test_importance_of_tables_3_and_7():
    voice, image = paper.VOICE_IMPORTANCE, paper.IMAGE_IMPORTANCE
    assert voice == dict(reconstruction=1, sparsity=3 / 10, interpolation=2 / 100, speaker=1 / 4, digit=1 / 4)
    assert image == dict(reconstruction=1, sparsity=3 / 10, interpolation=2 / 100, writer=0, digit=4 / 10)


def test_injection_of_table_4():
    starts = dict(reconstruction=1, sparsity=6000, interpolation=6500, speaker=6800, digit=6800)
    stops = dict(sparsity=6100, interpolation=6600, speaker=7300, digit=7300)
    assert {name: start for name, (start, _) in paper.VOICE_INJECTION.items()} == starts
    assert {name: paper.VOICE_INJECTION[name][1] for name in stops} == stops
    assert paper.VOICE_ITERATIONS == 10**4


def test_injection_of_table_8():
    starts = dict(reconstruction=1, sparsity=400, interpolation=450, writer=480, digit=480)
    stops = dict(sparsity=410, interpolation=460, writer=530, digit=530)
    assert {name: start for name, (start, _) in paper.IMAGE_INJECTION.items()} == starts
    assert {name: paper.IMAGE_INJECTION[name][1] for name in stops} == stops
    assert paper.IMAGE_ITERATIONS == 800


def test_reconstruction_has_a_start_and_no_stop():
    # The tables print none; the library closes the gap with a ramp of no length.
    assert paper.VOICE_INJECTION["reconstruction"] == paper.IMAGE_INJECTION["reconstruction"] == (1, 1)


def test_balancing_factors_of_tables_5_and_9():
    assert list(paper.VOICE_BALANCE) == list(paper.IMAGE_BALANCE) == [1, 1 / 2, 4 / 10, 3 / 10, 2 / 10]


def test_machine_of_table_1():
    text = " ".join(f"{key} {value}" for key, value in paper.HARDWARE.items()).lower()
    for part in ("i7-8750h", "2.2", "rtx 2070", "max-q", "512", "ssd", "1 tb", "hdd", "32", "64"):
        assert part in text, f"Table 1 names {part!r}"
    assert len(paper.HARDWARE) == 5


@pytest.mark.parametrize("model", ["VOICE", "IMAGE"])
def test_names_agree_across_tables_and_latent_spaces(model):
    importance, injection = getattr(paper, f"{model}_IMPORTANCE"), getattr(paper, f"{model}_INJECTION")
    categories = list({"VOICE": VOICE, "IMAGE": IMAGE}[model].sizes)
    assert list(importance) == list(injection) == ["reconstruction", "sparsity", "interpolation", *categories]
    assert len(importance) == len(getattr(paper, f"{model}_BALANCE"))
    iterations = getattr(paper, f"{model}_ITERATIONS")
    assert all(1 <= start <= stop < iterations for start, stop in injection.values())
