"""Pictures of sound: the log-mel front end of the book's models, and frames, bands and segments of any sound.

The paper feeds raw waveforms to its voice model. ``LogMel``'s picture of 32 x 32 is the documented change that the
book's voice model rests on: the same losses and the same latent space, with the image stack of Table 6 in front.

The functions are for any sampling rate: windows and hops are counted in samples (64 ms are ``round(0.064 * rate)``).
Time comes before frequency in their results, so that a frame is a row.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torchaudio
from torch import Tensor
from torch.nn import functional as F

from .augment import in_float32
from .data import RATE

#: Rows (mel bands) and columns (time) of the picture.
SIZE = 32
_BANDS, _FRAMES, _HOP, _WINDOW, _FFT = 2 * SIZE, 4 * SIZE, 64, 256, 512
_LOWEST, _PREEMPHASIS = 60.0, 0.97


@dataclass(frozen=True)
class LogMel:
    """Log-mel spectrogram of a word, the word in the middle of the picture.

    Level is removed by measuring decibels from the clip's own maximum. The picture is 1.024 s wide.

    Args:
        floor: decibels below the maximum at which the picture is black; 0 dB is white (1.0).
        shift: largest random shift in time when augmenting, as a share of the picture.
        stretch: largest change of tempo (a natural logarithm: 0.1 is about 10 %).
        warp: largest change of the frequency scale (likewise): a longer or shorter vocal tract.
        tilt: largest smooth change of the spectrum's shape, as a share of the range: another microphone.
        noise: largest level of a noise floor, as a share of the range.
    """

    floor: float = 60.0
    shift: float = 0.075
    stretch: float = 0.25
    warp: float = 0.12
    tilt: float = 0.15
    noise: float = 0.3

    def fine_spectrogram(self, waves: Tensor, lengths: Tensor) -> Tensor:
        """The picture at a finer grain, from which it is cut with or without augmentation.

        Args:
            waves: ``[B, T]`` at 8 kHz, each word at the start of its row.
            lengths: ``[B]``, samples of each word.

        Returns:
            ``[B, 1, 64, 128]`` in 0..1: rows are mel bands from low to high.
        """
        mel = torchaudio.transforms.MelSpectrogram(
            RATE, _FFT, _WINDOW, _HOP, f_min=_LOWEST, f_max=RATE / 2, n_mels=_BANDS
        )
        waves = torch.cat([waves[:, :1], waves[:, 1:] - _PREEMPHASIS * waves[:, :-1]], dim=1)
        spectrograms = []
        # One word at a time: what follows it in its row must not leak into its last frames.
        for wave, length in zip(waves, lengths.tolist(), strict=True):
            power = mel(F.pad(wave[:length], (0, max(0, _FFT - length))))[:, :_FRAMES]
            level = 10 * torch.log10(power.clamp_min(1e-10))
            level = ((level - level.max()) / self.floor + 1).clamp(0, 1)
            free = _FRAMES - level.shape[1]
            spectrograms.append(F.pad(level, (free // 2, free - free // 2)))
        return torch.stack(spectrograms)[:, None]

    def picture(self, fine: Tensor) -> Tensor:
        """Bring spectrograms to the size the model sees, by averaging.

        Args:
            fine: ``[B, 1, 64, 128]``.

        Returns:
            ``[B, 1, 32, 32]``.
        """
        return F.avg_pool2d(fine, (_BANDS // SIZE, _FRAMES // SIZE))

    def __call__(self, waves: Tensor, lengths: Tensor) -> Tensor:
        """Waves ``[B, T]`` with word ``lengths`` ``[B]`` to pictures ``[B, 1, 32, 32]`` in 0..1."""
        return self.picture(self.fine_spectrogram(waves, lengths))

    @in_float32
    def augment(self, fine: Tensor, generator: torch.Generator) -> Tensor:
        """Pictures of the same words as another voice, room or tempo might give them.

        Args:
            fine: ``[B, 1, 64, 128]``.
            generator: source of every draw.

        Returns:
            ``[B, 1, 32, 32]`` in 0..1.
        """
        count, device = len(fine), fine.device

        def draw(scale: float) -> Tensor:
            return (torch.rand(count, generator=generator, device=device) * 2 - 1) * scale

        tempo, warp, zero = draw(self.stretch).exp(), draw(self.warp).exp(), torch.zeros(count, device=device)
        # Rows are scaled about the lowest band (-1 in grid coordinates), columns about the middle.
        affine = torch.stack([tempo, zero, draw(2 * self.shift), zero, warp, warp - 1], dim=1).view(-1, 2, 3)
        grid = F.affine_grid(affine, list(fine.shape), align_corners=False)
        picture = self.picture(F.grid_sample(fine, grid, align_corners=False))
        if self.tilt:
            row = torch.linspace(-1, 1, SIZE, device=device)
            curve = draw(self.tilt)[:, None] + draw(self.tilt)[:, None] * row
            curve = curve + draw(self.tilt)[:, None] * torch.cos(torch.pi * row)
            picture = (picture + (picture > 0) * curve[:, None, :, None]).clamp(0, 1)
        if self.noise:
            level = (draw(self.noise).abs())[:, None, None, None]
            grain = torch.randn(picture.shape, generator=generator, device=device)
            picture = torch.maximum(picture, level * (1 + 0.1 * grain)).clamp(0, 1)
        return picture

    def listen(self, picture: Tensor) -> Tensor:
        """Sound of a picture, by Griffin-Lim: phases are guessed, so the sound is only similar.

        Args:
            picture: ``[1, 32, 32]`` or ``[32, 32]``; values are taken relative to the largest one.

        Returns:
            ``[8128]`` samples at 8 kHz, peak 0.9; silence for a black picture.
        """
        picture = picture.reshape(1, 1, SIZE, SIZE) / picture.max().clamp_min(1e-6)
        level = F.interpolate(picture, (_BANDS, _FRAMES), mode="bilinear", align_corners=False)[0, 0]
        power = torch.where(level > 0.02, 10 ** ((level.clamp(0, 1) - 1) * self.floor / 10), 0.0)
        bands = torchaudio.functional.melscale_fbanks(_FFT // 2 + 1, _LOWEST, RATE / 2, _BANDS, RATE)
        # Which spectrum has these band energies? Non-negative least squares by multiplicative updates
        # (Lee & Seung, 2001); a plain pseudo-inverse goes negative between the bands.
        linear = bands @ power + 1e-8
        for _ in range(30):
            linear = linear * (bands @ power) / (bands @ (bands.T @ linear) + 1e-12)
        back = torchaudio.transforms.GriffinLim(_FFT, 64, _WINDOW, _HOP, power=2, rand_init=False)
        wave = back(linear)
        wave = torchaudio.functional.lfilter(
            wave, torch.tensor([1.0, -_PREEMPHASIS]), torch.tensor([1.0, 0.0]), clamp=False
        )
        return 0.9 * wave / wave.abs().max().clamp_min(1e-9)


def stft(wave: Tensor, window: int, hop: int, shape: str = "sine") -> tuple[Tensor, Tensor]:
    """Short-time Fourier transform of a sound; :func:`istft` undoes it exactly.

    Frame n is centred on sample ``n * hop``; half a window of zeros is put around the sound, so that its first and
    last samples count fully.

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
        ValueError: as in ``stft``.
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
        ValueError: as in ``stft``, or bands too narrow for the window: some would be empty.
    """
    window, hop = window or 2 * round(0.0125 * rate), hop or round(0.010 * rate)
    # The frame is padded with zeros: more points in frequency, so that the lowest bands have some as well.
    points = max(512, 1 << (window - 1).bit_length())
    filters = torchaudio.functional.melscale_fbanks(points // 2 + 1, lowest, highest or rate / 2, bands, rate)
    if (filters.sum(0) == 0).any():
        raise ValueError(f"{bands} bands are too many for a window of {window} samples: some would be empty")
    _check(window, hop)
    frames = F.pad(wave, (window // 2, window // 2)).unfold(-1, window, hop)
    power = torch.fft.rfft(frames * _window("hann", window).to(wave), points).abs().square()
    return (power @ filters.to(wave) + floor).log()


def segments(sequences: Sequence[Tensor], length: int, hop: int | None = None) -> tuple[Tensor, Tensor, Tensor]:
    """Cuts sequences into pieces of one length, and remembers where each comes from.

    Args:
        sequences: tensors ``[T_n, ...]``, equal in shape except for the first axis.
        length: of a piece.
        hop: from one piece to the next; None for ``length``, no overlap. A shorter rest at the end of a
            sequence is left out, and so is a sequence shorter than a piece.

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
