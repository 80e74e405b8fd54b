"""Spoken digits as frames of a power spectrogram, and as strings long enough to judge their quality."""

import functools
import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from olc_lib import data, spectra

WINDOW, HOP = 512, 128  # samples: 64 ms at 8 kHz, 75 % overlap
BINS = WINDOW // 2 + 1
QUIET = 30.0  # dB below the loudest frame: cut from both ends of a clip


@dataclass(frozen=True, eq=False)
class Frames:
    """Frames of many clips, one under the other.

    Attributes:
        power: ``[N, BINS]``.
        labels: "speaker", "digit" and "voiced" to ``[N]`` class indices.
        take: ``[N]``.
    """

    power: Tensor
    labels: dict[str, Tensor]
    take: Tensor


def clips(corpus: str, split: str) -> tuple[list[Tensor], data.Voices]:
    """Spoken digits, quiet ends cut off, each as loud as 1 at its peak.

    Args:
        corpus: of :func:`olc_lib.data.voices`.
        split: "train", "validation" or "test".

    Returns:
        Waves ``[T]``, and the voices that they are of.
    """
    voices = data.voices(corpus, split)
    return [_trimmed(wave[:n]) for wave, n in zip(voices.waves, voices.lengths, strict=True)], voices


def _trimmed(wave: Tensor) -> Tensor:
    level = F.avg_pool1d(wave.square()[None], 160, 40, padding=80)[0]
    loud = (level > level.max() * 10 ** (-QUIET / 10)).nonzero().flatten() * 40
    cut = wave[max(int(loud[0]) - 80, 0) : int(loud[-1]) + 80]
    return cut / cut.abs().max()


@functools.cache
def frames(corpus: str, split: str) -> Frames:
    """All frames of a split, with what they are of.

    Args:
        corpus: of :func:`olc_lib.data.voices`.
        split: "train", "validation" or "test".

    Returns:
        Frames.
    """
    waves, voices = clips(corpus, split)
    powers = [spectra.stft(wave, WINDOW, HOP)[0] for wave in waves]
    counts = torch.tensor([len(power) for power in powers])
    power = torch.cat(powers)
    labels = {"speaker": voices.speaker.repeat_interleave(counts), "digit": voices.digit.repeat_interleave(counts)}
    return Frames(power, labels | {"voiced": voiced(power).long()}, voices.take.repeat_interleave(counts))


def voiced(power: Tensor, rate: int = data.RATE) -> Tensor:
    """Whether a frame repeats itself with a period of a voice, 70 to 400 Hz.

    Args:
        power: ``[N, BINS]``.
        rate: samples per second.

    Returns:
        ``[N]`` bool: the autocorrelation within that range comes above half of its value at 0, where the window's own
        autocorrelation is divided out.
    """
    window = torch.sin(math.pi * (torch.arange(WINDOW) + 0.5) / WINDOW)
    fade = torch.fft.irfft(torch.fft.rfft(window, 2 * WINDOW).abs().square())[: WINDOW // 4]
    repeated = torch.fft.irfft(power, n=WINDOW)[:, : WINDOW // 4] / (fade / fade[0])
    return repeated[:, rate // 400 : rate // 70].amax(1) > 0.5 * repeated[:, 0]


def strings(corpus: str, split: str, takes: int = 2) -> list[Tensor]:
    """Ten digits in a row, one string a speaker and take: long enough for STOI and PESQ.

    Args:
        corpus: of :func:`olc_lib.data.voices`.
        split: "train", "validation" or "test".
        takes: the first so many of the split.

    Returns:
        Waves ``[T]``.
    """
    waves, voices = clips(corpus, split)
    chosen = [(s, t) for s in range(len(voices.speakers)) for t in voices.take.unique()[:takes].tolist()]
    rows = [((voices.speaker == s) & (voices.take == t)).nonzero().flatten().tolist() for s, t in chosen]
    return [torch.cat([waves[i] for i in sorted(row, key=lambda i: int(voices.digit[i]))]) for row in rows]
