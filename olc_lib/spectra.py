"""Pictures of sound as pure functions: power and phase, log-mel bands, and segments of a sequence.

Windows and hops are counted in samples, so that one function serves every sampling rate: 64 ms are
``round(0.064 * rate)``. Time comes before frequency in every result, so that a frame is a row.
"""

from collections.abc import Sequence

import torch
import torchaudio
from torch import Tensor


def stft(wave: Tensor, window: int, hop: int, shape: str = "sine") -> tuple[Tensor, Tensor]:
    """Takes a sound apart into frames of frequencies, and loses nothing.

    Frame n is centred on sample ``n * hop``; half a window of zeros is put around the sound, so that its first and
    last samples are heard as well.

    Args:
        wave: ``[..., T]``.
        window: samples of a frame, even.
        hop: samples from one frame to the next, at most half a window (an overlap of 75 % is ``window // 4``).
        shape: of the window: "sine" or "hann".

    Returns:
        power ``[..., 1 + T // hop, 1 + window // 2]`` and phase, likewise, in radians.

    Raises:
        ValueError: a window, a hop or a shape that is none of these.
    """
    _check(window, hop)
    flat = wave.reshape(-1, wave.shape[-1])
    spectrum = torch.stft(
        flat,
        window,
        hop,
        window=_window(shape, window).to(wave),
        center=True,
        pad_mode="constant",
        return_complex=True,
    )
    spectrum = spectrum.mT.reshape(*wave.shape[:-1], -1, window // 2 + 1)
    return spectrum.abs().square(), spectrum.angle()


def istft(power: Tensor, phase: Tensor, window: int, hop: int, length: int, shape: str = "sine") -> Tensor:
    """Puts a sound together from its frames: the inverse of ``stft``, by overlap-add.

    With a power that was changed (by a mask, or by a model) it is the sound whose frames come nearest in the sense of
    least squares (Griffin & Lim, 1984, eq. 6).

    Args:
        power: ``[..., frames, 1 + window // 2]``, not negative.
        phase: likewise, in radians.
        window, hop, shape: those of ``stft``.
        length: samples of the sound.

    Returns:
        ``[..., length]``.

    Raises:
        ValueError: as of ``stft``.
    """
    _check(window, hop)
    spectrum = torch.polar(power.sqrt(), phase)
    flat = spectrum.reshape(-1, *spectrum.shape[-2:]).mT
    wave = torch.istft(flat, window, hop, window=_window(shape, window).to(power), center=True, length=length)
    return wave.reshape(*power.shape[:-2], length)


def log_mel(
    wave: Tensor,
    rate: int,
    bands: int = 80,
    window: int | None = None,
    hop: int | None = None,
    lowest: float = 0.0,
    highest: float | None = None,
    floor: float = 1e-6,
) -> Tensor:
    """Measures the energy in bands that are as wide as the ear's, as a logarithm.

    Args:
        wave: ``[..., T]``.
        rate: samples per second.
        bands: how many, evenly spaced in mel (HTK's formula).
        window: samples of a frame, even; None for 25 ms.
        hop: samples from one frame to the next; None for 10 ms.
        lowest, highest: edges of the outer bands in Hz; None for half of ``rate``.
        floor: added to the energy before the logarithm, so that silence is finite.

    Returns:
        ``[..., 1 + T // hop, bands]``: the natural logarithm of energy plus floor.

    Raises:
        ValueError: as of ``stft``, or bands too narrow for the window: some would be empty.
    """
    window, hop = window or 2 * round(0.0125 * rate), hop or round(0.010 * rate)
    # The frame is padded with zeros: more points in frequency, so that the lowest bands have some as well.
    points = max(512, 1 << (window - 1).bit_length())
    filters = torchaudio.functional.melscale_fbanks(points // 2 + 1, lowest, highest or rate / 2, bands, rate)
    if (filters.sum(0) == 0).any():
        raise ValueError(f"{bands} bands are too many for a window of {window} samples: some would be empty")
    _check(window, hop)
    frames = torch.nn.functional.pad(wave, (window // 2, window // 2)).unfold(-1, window, hop)
    power = torch.fft.rfft(frames * _window("hann", window).to(wave), points).abs().square()
    return (power @ filters.to(wave) + floor).log()


def segments(sequences: Sequence[Tensor], length: int, hop: int | None = None) -> tuple[Tensor, Tensor, Tensor]:
    """Cuts sequences into pieces of one length, and remembers where each comes from.

    Args:
        sequences: tensors ``[T_n, ...]``, alike but for the first axis.
        length: of a piece.
        hop: from one piece to the next; None for ``length``, no overlap. What is left at the end of a sequence and is
            shorter than a piece is left out, and so is a whole sequence that is.

    Returns:
        The pieces ``[M, length, ...]``, the index of each piece's sequence ``[M]`` int64, and its start there ``[M]``.

    Raises:
        ValueError: no sequence is as long as a piece, or ``length`` or ``hop`` is not positive.
    """
    hop = length if hop is None else hop
    if length < 1 or hop < 1:
        raise ValueError(f"length is {length} and hop is {hop}, expected 1 or more")
    places = [
        (index, start)
        for index, sequence in enumerate(sequences)
        for start in range(0, len(sequence) - length + 1, hop)
    ]
    if not places:
        raise ValueError(f"none of the {len(sequences)} sequences is {length} long")
    pieces = torch.stack([sequences[index][start : start + length] for index, start in places])
    index, start = torch.tensor(places).T.contiguous()
    return pieces, index, start


def _window(shape: str, size: int) -> Tensor:
    hann = torch.hann_window(size, dtype=torch.float64)
    shapes = {"hann": hann, "sine": torch.sin(torch.pi * (torch.arange(size, dtype=torch.float64) + 0.5) / size)}
    if shape not in shapes:
        raise ValueError(f"shape is {shape!r}, expected 'sine' or 'hann'")
    return shapes[shape]


def _check(window: int, hop: int) -> None:
    if window < 2 or window % 2:
        raise ValueError(f"window is {window}, expected an even number of samples")
    if not 1 <= hop <= window // 2:
        raise ValueError(f"hop is {hop}, expected 1 to {window // 2}: half a window")
