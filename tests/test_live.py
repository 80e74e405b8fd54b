"""The engine of the live pages beside PyTorch, from a file's bytes to the drawing; needs Node, nothing else."""

import copy
import json
import re
import shutil
import subprocess

import numpy as np
import pytest
import soundfile
import torch
from torch import nn

from conftest import ROOT
from olc_lib import data, demo, live, runs, transfer
from olc_lib.latent import IMAGE, VOICE

NODE = shutil.which("node")
with_node = pytest.mark.skipif(not NODE, reason="no node on this machine")
RATES = (8000, 11025, 16000, 22050, 44100, 48000)
KINDS = ("PCM_16", "PCM_24", "PCM_32", "PCM_U8", "FLOAT", "DOUBLE")


def engine(*files):
    """What the engine makes of recordings: its references' errors, and by file all it found."""
    script = ROOT / "tests" / "live_engine.cjs"
    command = [NODE, script, ROOT / "book" / "_static" / "live", *files]
    return json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


@pytest.fixture(scope="module")
def recordings(tmp_path_factory):
    """Sixty words in faint noise: six voices, ten digits, six rates, six kinds of samples, mono, stereo, cancelling."""
    folder, voices, paths = tmp_path_factory.mktemp("live"), data.voices("embedded", "test"), []
    chosen = [int(((voices.digit == d) & (voices.speaker == s)).nonzero()[0]) for d in range(10) for s in range(6)]
    for k, row in enumerate(chosen):
        rate = RATES[k % 6]
        word = voices.waves[row, : voices.lengths[row]].numpy()
        noise = np.random.default_rng(k).normal(0, 0.0005, 4000 * (k % 4) + len(word))
        noise[2000 * (k % 4) :][: len(word)] += word
        times = np.arange(int(len(noise) * rate / 8000)) / rate
        wave = np.interp(times, np.arange(len(noise)) / 8000, noise)
        paths.append(folder / f"{k}.wav")
        soundfile.write(
            paths[-1],
            np.stack([wave, -wave if k % 20 == 7 else 0.5 * wave], 1)[:, : 1 + k % 2],
            rate,
            subtype=KINDS[k // 10],
        )
    return paths


@pytest.fixture(scope="module")
def slim():
    """The run that the pages hold."""
    return runs.load("slim", quiet=True)


@with_node
def test_page_and_pytorch_agree_from_bytes_to_drawing(recordings, slim):
    """Word, picture, code, drawing and what the voice decoder makes of the code, each within a thousandth."""
    made, errors = engine(*recordings), {}
    for path, page in zip(recordings, made["recordings"], strict=True):
        word = data.find_word(data.audio(path))
        picture, code = demo.listen(path, slim)
        with torch.no_grad():
            drawing = slim.image.decode(transfer.drop(code, VOICE, IMAGE))
            said = slim.voice.decode(code)
        ours = {"word": word, "picture": picture, "code": code, "drawing": drawing, "said": said}
        for name, value in ours.items():
            assert len(page[name]) == value.numel(), (path, name)
            off = float((torch.tensor(page[name]) - value.flatten()).abs().max())
            errors[name] = max(errors.get(name, 0), off)
    print(errors, made["references"])
    assert all(off < 1e-3 for off in errors.values()), errors
    assert all(off < 1e-3 for off in made["references"].values())


@with_node
def test_a_sound_made_in_the_page_is_the_library_s(recordings, slim):
    """Speaking back: Griffin-Lim from the same picture gives a sound with the same picture; phases drift."""
    page = engine(recordings[0])["recordings"][0]
    ours = slim.spectrogram.listen(torch.tensor(page["said"]).view(1, 32, 32))
    theirs = torch.tensor(page["sound"])
    assert theirs.shape == ours.shape
    both = slim.spectrogram(torch.stack([theirs, ours]), torch.tensor([len(ours)] * 2))
    off = (both[0] - both[1]).abs().mean()
    print("mean difference of the pictures:", float(off))
    assert off < 0.01


@with_node
def test_bad_files_get_one_sentence(tmp_path):
    """Silence, too short, too long, cut off, no sound at all."""
    noise = np.random.default_rng(0).normal(0, 0.1, 31 * 8000)
    for name, wave in {"silence": 0 * noise[:8000], "short": noise[:99], "long": noise}.items():
        soundfile.write(tmp_path / f"{name}.wav", wave, 8000)
    (tmp_path / "cut.wav").write_bytes((tmp_path / "long.wav").read_bytes()[:9000])
    (tmp_path / "text.wav").write_bytes(b"no sound at all" * 9)
    names = ["silence", "short", "long", "cut", "text"]
    found = [page["fault"] for page in engine(*(tmp_path / f"{name}.wav" for name in names))["recordings"]]
    for fault, word in zip(found, ["silence", "shorter", "31 seconds", "cut off", "no WAV"], strict=True):
        assert word in fault


def test_exported_layers_compute_what_the_module_does(slim):
    """Batch normalization is folded into the convolutions: the first layer, by hand, in double precision."""
    first = copy.deepcopy(nn.Sequential(*list(slim.voice.encoder)[:3])).double()
    described, weights, exact = live.layers(first, (1, 32, 32))
    assert [layer["kind"] for layer in described] == ["conv", "relu"]
    scale, bias = exact.split(len(exact) // 2)
    weight = weights.view(-1, 1, 7, 7) * scale.view(-1, 1, 1, 1)
    x = torch.rand(1, 1, 32, 32, dtype=torch.float64)
    with torch.no_grad():
        wanted = first(x)
    found = nn.functional.conv2d(x, weight, bias, stride=2, padding=1).relu()
    assert torch.allclose(found, wanted)


def test_an_unknown_layer_is_refused():
    """The engine would skip it in silence."""
    with pytest.raises(TypeError, match="Tanh"):
        live.layers(nn.Sequential(nn.Tanh()), (3,))


def test_what_a_page_loads_is_small():
    """All that any page can ask for; a page compresses it further."""
    files = [path for path in (ROOT / "book" / "_static" / "live").rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < 1_500_000


def test_every_live_part_says_what_it_is_where_it_cannot_run():
    """Without JavaScript, in Jupyter and in Colab: a sentence in its place, the script after it, and no other page."""
    for page in sorted((ROOT / "book").glob("*.py")):
        text = page.read_text(encoding="utf-8").replace("\n# ", "\n")
        parts = re.findall(r'<div class="olc-live" data-live="\w+"[^>]*>\n(.*?)</div>\n(.*)', text, re.S)
        assert bool(parts) == ("live/live.js" in text), page.name
        for inside, after in parts:
            assert re.fullmatch(r"<p><em>.{40,}</em>.*</p>\n", inside, re.S), page.name
            assert after.startswith('<script src="../_static/live/live.js" defer></script>'), page.name


def test_the_page_holds_the_models_and_the_threshold_of_today(slim):
    """The files in the book are what `python -m olc_lib live` would write now."""
    for name, model, half in (
        ("voice_encoder", slim.voice, "encoder"),
        ("voice_decoder", slim.voice, "decoder"),
        ("image_decoder", slim.image, "decoder"),
    ):
        held = json.loads((live.FOLDER / f"{name}.js").read_text(encoding="utf-8").split(",", 1)[1].rstrip(");\n"))
        made = live.export(model, half)
        assert held["layers"] == made["layers"] and held["m"] == made["m"], name
        assert held["weights"] == made["weights"], f"{name}: python -m olc_lib live"
        assert held.get("unsure", demo.UNSURE) == demo.UNSURE
