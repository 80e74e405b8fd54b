"""Two more appearances of the digits, made by code from a seed: telephone keys, and displays photographed badly.

A key sends two tones at once, one for its row and one for its column (ITU-T Q.23, *dual-tone multi-frequency*). A
display lights some of seven segments. Each appearance comes with a reader that was not trained: Goertzel's filters for
tones, templates for displays.
"""

import functools
import math
from dataclasses import dataclass

import torch
from torch import Tensor

from .data import SPLITS, Images
from .recordings import RATE
from .spectra import istft, stft

#: Frequencies in Hz of the rows and columns of a telephone's keys.
ROWS, COLUMNS = (697.0, 770.0, 852.0, 941.0), (1209.0, 1336.0, 1477.0)
#: The keys, row by row; only ten of them are digits.
KEYS = "123456789*0#"
#: Samples of a key press at 8 kHz, 0.45 s.
LENGTH = 3584
#: Items of the splits.
SIZES = {"train": 2000, "validation": 300, "test": 600}
_WINDOW, _HOP, _LOWEST, _SIZE, _FLOOR = 256, 128, 21, 28, 45.0
#: Samples of a block in which Goertzel's filters listen, as long as separates neighbouring rows.
BLOCK = 205
#: Ends of the seven segments, which are top, upper right, lower right, bottom, lower left, upper left and middle.
SEGMENTS = (
    ((-1, -2), (1, -2)), ((1, -2), (1, 0)), ((1, 0), (1, 2)), ((-1, 2), (1, 2)), ((-1, 0), (-1, 2)),
    ((-1, -2), (-1, 0)), ((-1, 0), (1, 0)),
)  # fmt: skip
#: What is lit for each digit; makers do not agree on 6, 7 and 9.
LIT = (
    ("1111110",), ("0110000",), ("1101101",), ("1111001",), ("0110011",), ("1011011",), ("1011111", "0011111"),
    ("1110000", "1110010"), ("1111111",), ("1111011", "1110011"),
)  # fmt: skip


@dataclass(frozen=True, eq=False, repr=False)
class Presses:
    """Keys that were pressed, heard over a bad line.

    Attributes:
        waves: [N, LENGTH] float32, peak 0.9, 8 kHz.
        digit: [N] int64, 0-9.
        split: "train", "validation" or "test".
    """

    waves: Tensor
    digit: Tensor
    split: str

    def __len__(self):
        return len(self.waves)

    def __repr__(self):
        return f"{len(self):,} key presses ({self.split})"


def tones(key: Tensor, time: Tensor, drift: Tensor | float = 1.0, twist: Tensor | float = 0.0) -> Tensor:
    """What keys send: two sines each.

    Args:
        key: ``[N]``, places in :data:`KEYS`.
        time: ``[T]``, seconds.
        drift: ``[N, 2]`` or a number, by which the two frequencies are multiplied.
        twist: ``[N]`` or a number, decibels by which the column is louder than the row.

    Returns:
        ``[N, T]``, each of power 1.
    """
    frequency = torch.stack([torch.tensor(ROWS)[key // 3], torch.tensor(COLUMNS)[key % 3]], 1) * drift
    gain = 10 ** (torch.as_tensor(twist).reshape(-1, 1) / 40)
    low, high = torch.sin(2 * math.pi * frequency[:, :, None] * time).unbind(1)
    wave = low / gain + high * gain
    return wave / ((gain**2 + gain**-2) / 2).sqrt()


def presses(split: str = "train") -> Presses:
    """Draws key presses: 0.1 to 0.3 s long, drifting tones of unequal level, noise, crosstalk, a telephone's band.

    As words do, a press stands in the middle of its clip, give or take 20 ms.

    Args:
        split: "train" (2,000), "validation" (300) or "test" (600), as many of each digit.

    Returns:
        The presses, fresh tensors on every call and always the same.

    Raises:
        ValueError: for an unknown split.
    """
    generator, digit = _split(split, 100)
    count = len(digit)

    def draw(low: float, high: float, *shape: int) -> Tensor:
        return low + (high - low) * torch.rand(count, *shape, generator=generator)

    time = torch.arange(LENGTH) / RATE
    drift = draw(-0.02, 0.02, 1).exp() * draw(-0.004, 0.004, 2).exp()
    wave = tones(_key(digit), time + 0.01, drift, draw(-6, 6))
    length = draw(0.1, 0.3)
    start = (LENGTH / RATE - length) / 2 + draw(-0.02, 0.02)
    since, left = time - start[:, None], (start + length)[:, None] - time
    wave = wave * (torch.minimum(since, left) / 0.005).clamp(0, 1)
    other = tones(torch.randint(12, (count,), generator=generator), time)
    crosstalk = (draw(0, 1) < 1 / 3) * 10 ** (draw(-25, -12) / 20)
    noise = torch.randn(count, LENGTH, generator=generator) * 10 ** (-draw(0, 25, 1) / 20)
    spectrum = torch.fft.rfft(wave + crosstalk[:, None] * other + noise)
    band = torch.fft.rfftfreq(LENGTH, 1 / RATE)
    wave = torch.fft.irfft(spectrum * ((band > 300) & (band < 3400)), LENGTH)
    return Presses(0.9 * wave / wave.abs().amax(1, keepdim=True), digit, split)


def picture(waves: Tensor) -> Tensor:
    """A spectrogram between 656 and 1,500 Hz, where the tones are.

    Args:
        waves: ``[N, T]`` at 8 kHz, of at least :data:`LENGTH` samples.

    Returns:
        ``[N, 1, 28, 28]`` in 0..1: rows are frequencies, 31 Hz apart, from low to high; columns are 16 ms each;
        brightness is decibels, 0 dB (white) is the loudest place and -45 dB is black.
    """
    power, _ = stft(waves[:, :LENGTH], _WINDOW, _HOP)
    level = 10 * power[:, :_SIZE, _LOWEST : _LOWEST + _SIZE].mT.clamp_min(1e-10).log10()
    return ((level - level.amax((1, 2), keepdim=True)) / _FLOOR + 1).clamp(0, 1)[:, None]


def sound(pictures: Tensor) -> Tensor:
    """The way back: every frequency of the picture sounds steadily, so its phase needs no guess.

    Args:
        pictures: ``[N, 1, 28, 28]``; values are taken relative to the largest one.

    Returns:
        ``[N, LENGTH]`` at 8 kHz, peak 0.9.
    """
    level = (pictures / pictures.amax((1, 2, 3), keepdim=True).clamp_min(1e-6))[:, 0].mT
    power = torch.zeros(len(pictures), 1 + LENGTH // _HOP, _WINDOW // 2 + 1)
    loud = torch.where(level > 0.02, 10 ** ((level.clamp(0, 1) - 1) * _FLOOR / 10), 0.0)
    power[:, :_SIZE, _LOWEST : _LOWEST + _SIZE] = loud
    frame, place = torch.arange(power.shape[1])[:, None], torch.arange(power.shape[2])
    # A frame is centred on its sample, so its phases are counted from half a window before.
    phase = 2 * math.pi * place * (frame * _HOP - _WINDOW // 2) / _WINDOW
    wave = istft(power, phase.expand_as(power), _WINDOW, _HOP, LENGTH)
    return 0.9 * wave / wave.abs().amax(1, keepdim=True).clamp_min(1e-9)


def goertzel(waves: Tensor, frequencies: Tensor) -> Tensor:
    """Power at given frequencies, block by block (Goertzel 1958), summed over the blocks.

    Args:
        waves: ``[N, T]`` at 8 kHz.
        frequencies: ``[F]``, Hz.

    Returns:
        ``[N, F]``.
    """
    turn = 2 * math.pi * frequencies[:, None] * torch.arange(BLOCK) / RATE
    blocks = waves.unfold(1, BLOCK, BLOCK // 2)
    return ((blocks @ turn.cos().T).square() + (blocks @ turn.sin().T).square()).sum(1)


def dialled(waves: Tensor) -> Tensor:
    """Which digits an exchange reads: the loudest row and the loudest column.

    Args:
        waves: ``[N, T]`` at 8 kHz.

    Returns:
        ``[N]`` digits, -1 for the keys * and #.
    """
    power = goertzel(waves, torch.tensor(ROWS + COLUMNS))
    key = 3 * power[:, :4].argmax(1) + power[:, 4:].argmax(1)
    return torch.tensor([int(name) if name.isdigit() else -1 for name in KEYS])[key]


def displays(split: str = "train") -> Images:
    """Draws photographs of seven-segment displays: turned, in perspective, out of focus, with glare and weak segments.

    Args:
        split: "train" (2,000), "validation" (300) or "test" (600), as many of each digit.

    Returns:
        Images of the corpus "display", fresh tensors on every call and always the same.

    Raises:
        ValueError: for an unknown split.
    """
    generator, digit = _split(split, 200)
    count = len(digit)

    def draw(low: float, high: float, *shape: int) -> Tensor:
        return low + (high - low) * torch.rand(count, *shape, generator=generator)

    lit = _patterns(digit, draw(0, 1))
    weak = torch.nn.functional.one_hot(torch.randint(7, (count,), generator=generator), 7) * (draw(0, 1, 1) < 0.3)
    light = torch.maximum(lit * (1 - weak * draw(0.3, 0.7, 1)), draw(0, 0.15, 1))
    pixels = render(light, pose(count, generator), draw(0.25, 0.4), draw(0.05, 0.25))
    row = torch.linspace(-1, 1, _SIZE)
    x, y = row.expand(_SIZE, _SIZE), row[:, None].expand(_SIZE, _SIZE)
    at = draw(-1, 1, 2, 1, 1)
    away = ((x - at[:, 0]) ** 2 + (y - at[:, 1]) ** 2) / draw(0.2, 0.6, 1, 1) ** 2
    glare = (draw(0, 1, 1, 1) < 0.5) * draw(0.2, 0.6, 1, 1) * (-away).exp()
    daylight = draw(0, 0.15, 1, 1) * (1 + x * draw(-1, 1, 1, 1))
    noise = draw(0.02, 0.12, 1, 1) * torch.randn(count, _SIZE, _SIZE, generator=generator)
    pixels = (draw(0.6, 1.0, 1, 1) * pixels + glare + daylight + noise).clamp(0, 1)
    return Images(pixels[:, None], digit, "display", split)


def pose(count: int, generator: torch.Generator) -> Tensor:
    """Where displays stand in a photograph.

    Args:
        count: how many.
        generator: source of every draw.

    Returns:
        ``[count, 3, 3]``: homographies from pixels in -1..1 to the display's own plane (see :data:`SEGMENTS`).
    """

    def draw(scale: float) -> Tensor:
        return (2 * torch.rand(count, generator=generator) - 1) * scale

    turn, slant, grow = draw(0.2), 0.12 + draw(0.12), draw(0.15).exp() * 3.0
    matrix = torch.zeros(count, 3, 3)
    matrix[:, 0, 0], matrix[:, 0, 1] = grow * turn.cos(), grow * (slant - turn.sin())
    matrix[:, 1, 0], matrix[:, 1, 1] = grow * turn.sin(), grow * turn.cos()
    matrix[:, 0, 2], matrix[:, 1, 2] = draw(0.4), draw(0.4)
    matrix[:, 2, 0], matrix[:, 2, 1], matrix[:, 2, 2] = draw(0.2), draw(0.2), 1.0
    return matrix


def render(light: Tensor, pose: Tensor, width: Tensor, blur: Tensor) -> Tensor:
    """Displays as a camera sees them, before glare and noise.

    Args:
        light: ``[N, 7]``, of each segment, 0..1.
        pose: ``[N, 3, 3]``, see :func:`pose`.
        width: ``[N]``, half of a segment's, in units of the display's plane.
        blur: ``[N]``, likewise: over which distance an edge fades.

    Returns:
        ``[N, 28, 28]`` in 0..1.
    """
    row = torch.linspace(-1, 1, _SIZE)
    grid = torch.stack([row.repeat(_SIZE), row.repeat_interleave(_SIZE), torch.ones(_SIZE**2)])
    there = pose @ grid
    x, y = there[:, 0] / there[:, 2], there[:, 1] / there[:, 2]
    picture = torch.zeros_like(x)
    for bulb, (start, end) in zip(light.T, SEGMENTS, strict=True):
        along = (end[0] - start[0], end[1] - start[1])
        # Segments are a little shorter than their places, so that neighbours do not touch.
        share = (((x - start[0]) * along[0] + (y - start[1]) * along[1]) / 4).clamp(0.15, 0.85)
        away = torch.hypot(x - start[0] - share * along[0], y - start[1] - share * along[1])
        ink = torch.sigmoid((width[:, None] - away) / (blur[:, None] / 2))
        picture = torch.maximum(picture, ink * bulb[:, None])
    return picture.view(-1, _SIZE, _SIZE)


def displayed(pictures: Tensor) -> Tensor:
    """Which digits templates read: the clean display, of 600 poses a digit, that correlates best.

    Args:
        pictures: ``[N, 1, 28, 28]``, any level; slow changes of brightness are taken out first.

    Returns:
        ``[N]`` digits.
    """
    templates, digit = _templates()
    return digit[(_levelled(pictures.flatten(1)) @ templates.T).argmax(1)]


@functools.cache
def _templates() -> tuple[Tensor, Tensor]:
    """Clean displays of every make ``[M, 784]``, levelled and of length 1, and their digits ``[M]``."""
    generator = torch.Generator().manual_seed(300)
    digit = torch.arange(10).repeat_interleave(600)
    lit, stand = _patterns(digit, torch.arange(len(digit)) % 2 / 2), pose(len(digit), generator)
    parts = [
        render(light, place, torch.full((len(light),), 0.32), torch.full((len(light),), 0.2)).flatten(1)
        for light, place in zip(lit.split(500), stand.split(500), strict=True)
    ]
    return torch.nn.functional.normalize(_levelled(torch.cat(parts))), digit


def _levelled(flat: Tensor) -> Tensor:
    """Pictures ``[N, 784]`` without what a polynomial of second degree in both coordinates can draw."""
    row = torch.linspace(-1, 1, _SIZE)
    x, y = row.repeat(_SIZE), row.repeat_interleave(_SIZE)
    slow = torch.linalg.qr(torch.stack([torch.ones_like(x), x, y, x * x, y * y, x * y], 1))[0]
    return flat - (flat @ slow) @ slow.T


def _patterns(digit: Tensor, make: Tensor) -> Tensor:
    """Lit segments ``[N, 7]`` of digits ``[N]``; ``make`` ``[N]`` in 0..1 chooses among makers."""
    table = torch.tensor([[[int(bit) for bit in kinds[k % len(kinds)]] for k in range(2)] for kinds in LIT])
    return table[digit, (make >= 0.5).long()].float()


def _key(digit: Tensor) -> Tensor:
    return torch.tensor([KEYS.index(str(d)) for d in range(10)])[digit]


def _split(split: str, seed: int) -> tuple[torch.Generator, Tensor]:
    if split not in SPLITS:
        raise ValueError(f"split is {split!r}, expected one of {', '.join(map(repr, SPLITS))}")
    generator = torch.Generator().manual_seed(seed + SPLITS.index(split))
    return generator, torch.arange(SIZES[split]) % 10
