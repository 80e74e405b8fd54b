"""The demo: any recording in, a picture and an honest word about it out; bad input gets one sentence."""

import numpy as np
import pytest
import soundfile
import torch

from olc_lib import data, demo, runs, transfer
from olc_lib.__main__ import main
from olc_lib.latent import IMAGE, VOICE
from olc_lib.reading import read_digits


def spoken(digit, speaker=0):
    voices = data.voices("embedded", "test")
    row = int(((voices.digit == digit) & (voices.speaker == speaker)).nonzero()[0])
    return voices.waves[row, : voices.lengths[row]].numpy()


@pytest.fixture
def clip(tmp_path):
    """A seven in the middle of two seconds of faint noise, stereo, at 44.1 kHz."""
    word = spoken(7)
    noise = np.random.default_rng(0).normal(0, 0.001, 16000).astype(np.float32)
    noise[6000 : 6000 + len(word)] += word
    wave = np.interp(np.arange(88200) / 44100, np.arange(16000) / 8000, noise)
    path = tmp_path / "my clip.wav"
    soundfile.write(path, np.stack([wave, wave], 1), 44100)
    return path


def test_a_recording_becomes_a_picture(clip, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["demo", str(clip), "--run", "embedded"]) == 0
    said = capsys.readouterr().out
    assert "my clip.wav: 7 (" in said and "margin" in said
    picture = (tmp_path / "my clip.png").read_bytes()
    assert picture.startswith(b"\x89PNG") and len(picture) > 200
    assert not list(tmp_path.glob("*.part"))


def test_the_picture_shows_the_digit(clip):
    run = runs.load("embedded", quiet=True)
    _, code = demo.listen(clip, run)
    with torch.no_grad():
        image = run.image.decode(transfer.drop(code, VOICE, IMAGE))
    assert read_digits(run.image_classifier, image).tolist() == [7]


def test_it_says_when_it_is_unsure(tmp_path):
    path = tmp_path / "noise.wav"
    soundfile.write(path, np.random.default_rng(1).normal(0, 0.1, 4000), 8000)
    run = runs.load("embedded", quiet=True)
    _, code = demo.listen(path, run)
    top = VOICE.split(code)["digit"][0].topk(2).values
    said = demo.draw(path, tmp_path / "a.png", "embedded")
    assert ("unsure" in said) == bool(top[0] - top[1] < demo.UNSURE)


@pytest.mark.parametrize("content, found", [(b"", "is empty"), (b"no sound at all" * 9, "is no readable sound file")])
def test_bad_input_is_one_sentence_and_makes_no_picture(tmp_path, monkeypatch, capsys, content, found):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bad.wav").write_bytes(content)
    assert main(["demo", "bad.wav", "--run", "embedded"]) == 2
    captured = capsys.readouterr()
    assert captured.out == "" and found in captured.err and captured.err.count("\n") == 1 and "bad.wav" in captured.err
    assert not (tmp_path / "bad.png").exists()


def test_a_missing_file_or_folder_for_the_picture_is_named(clip, tmp_path, capsys):
    assert main(["demo", str(tmp_path / "nothing.wav")]) == 2
    assert "nothing.wav does not exist" in capsys.readouterr().err
    assert main(["demo", str(clip), "--run", "embedded", "--out", str(tmp_path / "no" / "a.png")]) == 2
    assert "no" in capsys.readouterr().err
