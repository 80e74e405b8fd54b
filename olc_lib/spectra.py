"""The log-mel front end: a recording becomes a 32 x 32 picture of its sound, and back again.

The paper feeds raw waveforms to its voice model. This picture is the documented change that the book's voice
model rests on: the same losses and the same latent space, with the image stack of Table 6 in front.
"""

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
        """Pictures of the same words as another voice, room or hurry might give them.

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
        """Sound of a picture, by Griffin-Lim: phases are guessed, so it is only a likeness.

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
