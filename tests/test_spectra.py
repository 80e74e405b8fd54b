"""Frames, bands and segments against direct sums and known sounds."""

import math

import numpy as np
import pytest
import torch

from olc_lib import data, spectra


def noise(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("shape", ["sine", "hann"])
@pytest.mark.parametrize("length, window, hop", [(4000, 512, 128), (1001, 256, 128), (130, 64, 10), (5, 8, 2)])
def test_stft_and_back_is_exact(shape, length, window, hop):
    wave = noise(2, 3, length).double()
    power, phase = spectra.stft(wave, window, hop, shape)
    assert power.shape == phase.shape == (2, 3, 1 + length // hop, window // 2 + 1)
    assert power.min() >= 0 and phase.abs().max() <= math.pi + 1e-9
    back = spectra.istft(power, phase, window, hop, length, shape)
    assert back.shape == wave.shape and (back - wave).abs().max() < 1e-9


def test_stft_of_a_real_sentence_in_float32():
    wave = data.sentences("people").waves[7]
    power, phase = spectra.stft(wave, round(0.064 * 8000), round(0.016 * 8000))
    assert (spectra.istft(power, phase, 512, 128, len(wave)) - wave).abs().max() < 1e-6


@pytest.mark.parametrize("shape", ["sine", "hann"])
def test_a_frame_is_the_sum_of_its_definition(shape):
    wave, window, hop, frame = noise(300), 32, 8, 11
    power, phase = spectra.stft(wave, window, hop, shape)
    n = np.arange(window)
    weight = np.sin(np.pi * (n + 0.5) / window) if shape == "sine" else 0.5 - 0.5 * np.cos(2 * np.pi * n / window)
    piece = wave.numpy()[frame * hop - window // 2 : frame * hop + window // 2] * weight
    for k in (0, 3, 16):
        value = (piece * np.exp(-2j * np.pi * k * n / window)).sum()
        assert power[frame, k] == pytest.approx(abs(value) ** 2, rel=1e-3, abs=1e-4)
        assert torch.polar(power[frame, k].sqrt(), phase[frame, k]).numpy() == pytest.approx(value, abs=1e-3)


def test_masks_that_add_up_to_one_give_sounds_that_add_up():
    wave = noise(2000)
    power, phase = spectra.stft(wave, 256, 64)
    share = torch.rand(power.shape, generator=torch.Generator().manual_seed(1))
    parts = [spectra.istft(power * mask.square(), phase, 256, 64, 2000) for mask in (share, 1 - share)]
    assert (sum(parts) - wave).abs().max() < 1e-5 and parts[0].std() > 0.3


@pytest.mark.parametrize("rate", [8000, 16_000, 22_050])
def test_log_mel_of_a_tone(rate):
    time = torch.arange(rate) / rate
    tones = torch.stack([torch.sin(2 * math.pi * hertz * time) for hertz in (300.0, 1000.0, 3000.0)])
    picture = spectra.log_mel(tones, rate, bands=40)
    assert picture.shape == (3, 101, 40) and picture.isfinite().all()
    mel = 2595 * np.log10(1 + np.array([300, 1000, 3000]) / 700)
    width = 2595 * np.log10(1 + rate / 2 / 700) / 41
    assert picture[:, 50].argmax(1).numpy() == pytest.approx(mel / width - 1, abs=1)
    louder = spectra.log_mel(10 * tones, rate, bands=40, floor=1e-12) - spectra.log_mel(
        tones, rate, bands=40, floor=1e-12
    )
    assert louder[0, 50].max() == pytest.approx(math.log(100), abs=1e-2)
    assert torch.allclose(spectra.log_mel(torch.zeros(rate), rate), torch.tensor(math.log(1e-6)))


def test_log_mel_options():
    wave = noise(8000)
    picture = spectra.log_mel(wave, 8000, bands=20, window=256, hop=64, lowest=100, highest=3000)
    assert picture.shape == (126, 20)
    hiss = torch.sin(2 * math.pi * 3700 * torch.arange(8000) / 8000)
    inside = spectra.log_mel(hiss, 8000, bands=20, highest=3000)[50].max()
    assert inside < spectra.log_mel(hiss, 8000, bands=20)[50].max() - 5


@pytest.mark.filterwarnings("ignore:At least one mel")
def test_bad_settings_get_one_sentence():
    wave = noise(800)
    for call, says in [
        (lambda: spectra.stft(wave, 255, 64), "window is 255"),
        (lambda: spectra.stft(wave, 256, 129), "hop is 129, expected 1 to 128"),
        (lambda: spectra.istft(*spectra.stft(wave, 256, 64), 256, 0, 800), "hop is 0"),
        (lambda: spectra.stft(wave, 256, 64, "square"), "expected 'sine' or 'hann'"),
        (lambda: spectra.log_mel(wave, 8000, bands=400), "400 bands are too many"),
        (lambda: spectra.segments([wave], 0), "length is 0"),
        (lambda: spectra.segments([wave], 801), "none of the 1 sequences is 801 long"),
    ]:
        with pytest.raises(ValueError, match=says) as error:
            call()
        assert "\n" not in str(error.value)


def test_segments_know_their_sequence():
    sequences = [100 * n + torch.arange(length)[:, None].repeat(1, 3) for n, length in enumerate((7, 2, 10, 4))]
    pieces, index, start = spectra.segments(sequences, 4)
    assert pieces.shape == (4, 4, 3)
    assert index.tolist() == [0, 2, 2, 3] and start.tolist() == [0, 0, 4, 0]
    for piece, n, first in zip(pieces, index.tolist(), start.tolist(), strict=True):
        assert piece[:, 0].tolist() == [100 * n + first + step for step in range(4)]
    _, index, start = spectra.segments(sequences, 4, hop=3)
    assert index.tolist() == [0, 0, 2, 2, 2, 3] and start.tolist() == [0, 3, 0, 3, 6, 0]
