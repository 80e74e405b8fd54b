"""Corpora as tensors: FSDD and MNIST (in the cache, see download.py), and the embedded ones.

Nothing here ever puts one corpus in the place of another: the name asked for is the corpus given,
or the call fails with one sentence that says what to do.
"""

import dataclasses
import functools
import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
import torch
import torch.nn.functional as F
import torchaudio

from olc_lib.download import CLIP_NAME, clips, digest, fsdd, mnist, root

__all__ = [
    "RATE",
    "SAMPLES",
    "Images",
    "Voices",
    "audio",
    "centre",
    "find_word",
    "images",
    "pad",
    "root",
    "select",
    "voices",
]

RATE = 8000  # samples per second, everywhere
SAMPLES = 8192  # length of a clip (1.024 s): FSDD's 99th percentile is 7,361
SHORTEST, LONGEST = 0.05, 30.0  # seconds of a recording that audio() takes
SPLITS = ("train", "validation", "test")
EMBEDDED = Path(__file__).parent / "corpora"
EMBEDDED_SHA256 = "16eccee4f4a6ae258dcc8ae09cbeeb9472bfacb122790107720cb71337a2a6dd"


@dataclass(frozen=True, eq=False, repr=False)
class Voices:
    """Spoken digits.

    Attributes:
        waves: [N, SAMPLES] float32 in [-1, 1], zero after each clip's own length.
        lengths: [N] int64, samples.
        speaker: [N] int64, index into ``speakers``.
        digit: [N] int64, 0-9.
        take: [N] int64, which time this speaker said this digit.
        speakers: names, in alphabetical order.
        corpus: "fsdd" or "embedded".
        split: "train", "validation" or "test".
    """

    waves: torch.Tensor
    lengths: torch.Tensor
    speaker: torch.Tensor
    digit: torch.Tensor
    take: torch.Tensor
    speakers: tuple[str, ...]
    corpus: str
    split: str

    def __len__(self):
        return len(self.waves)

    def __repr__(self):
        count = f"{len(self):,} spoken digits by {len(self.speakers)} speakers"
        return f"{count} (corpus {self.corpus!r}, {self.split})"


@dataclass(frozen=True, eq=False, repr=False)
class Images:
    """Handwritten digits.

    Attributes:
        pixels: [N, 1, 28, 28] float32, 0 (paper) to 1 (ink).
        digit: [N] int64, 0-9.
        corpus: "mnist" or "embedded".
        split: "train", "validation" or "test".
    """

    pixels: torch.Tensor
    digit: torch.Tensor
    corpus: str
    split: str

    def __len__(self):
        return len(self.pixels)

    def __repr__(self):
        return f"{len(self):,} handwritten digits (corpus {self.corpus!r}, {self.split})"


def voices(corpus: str, split: str = "train", download: bool = True) -> Voices:
    """Loads spoken digits.

    Splits go by take. FSDD: 0-4 test (the official ones), 5-9 validation, the rest train.
    Embedded: 0-1 test, 2 validation, the rest train. FSDD's clips run from 1,148 to 18,262 samples:
    one longer than SAMPLES is cut around its loudest stretch (see ``find_word`` for recordings).

    Args:
        corpus: "fsdd" (real; 2,400 / 300 / 300 clips of six men) or "embedded" (synthetic, see
            corpora/make_voices.py; 420 / 60 / 120 clips of three women and three men).
        split: "train", "validation" or "test".
        download: fetch FSDD if it is missing.

    Returns:
        Voices, fresh tensors on every call.

    Raises:
        ValueError: an unknown name, or a damaged corpus.
        FileNotFoundError: FSDD is missing, and ``download`` is off.
        ConnectionError: FSDD could not be downloaded.
    """
    _check("corpus", corpus, ("fsdd", "embedded"))
    _check("split", split, SPLITS)
    if corpus == "fsdd":
        waves, lengths, labels, speakers = _fsdd(fsdd(download))
        first, second = 5, 10
    else:
        waves, lengths, labels, speakers = _embedded_voices()
        first, second = 2, 3
    take = labels[:, 2]
    chosen = {"test": take < first, "train": take >= second}
    chosen["validation"] = ~(chosen["test"] | chosen["train"])
    rows = chosen[split]
    speaker, digit, take = labels[rows].T.contiguous()
    return Voices(waves[rows].float() / 32768, lengths[rows], speaker, digit, take, speakers, corpus, split)


def images(corpus: str, split: str = "train", download: bool = True) -> Images:
    """Loads handwritten digits.

    MNIST: its own test file; the last 5,000 of the training file are validation. Embedded: real
    digits of scikit-learn, 8x8, brought to 20x20 in the middle of 28x28 as MNIST's are, split
    evenly over the digits and over the order of collection.

    Args:
        corpus: "mnist" (55,000 / 5,000 / 10,000) or "embedded" (1,350 / 150 / 297).
        split: "train", "validation" or "test".
        download: fetch MNIST if it is missing.

    Returns:
        Images, fresh tensors on every call.

    Raises:
        ValueError: an unknown name, or a damaged corpus.
        FileNotFoundError: MNIST is missing, and ``download`` is off.
        ConnectionError: MNIST could not be downloaded.
    """
    _check("corpus", corpus, ("mnist", "embedded"))
    _check("split", split, SPLITS)
    if corpus == "mnist":
        pixels, digit = _mnist(mnist(download), split == "test")
        part = {"train": slice(None, -5000), "validation": slice(-5000, None), "test": slice(None)}
        pixels, digit = pixels[part[split], None].float() / 255, digit[part[split]].clone()
    else:
        pixels, digit, rows = _embedded_images()
        pixels, digit = pixels[rows[split]], digit[rows[split]]
    return Images(pixels, digit, corpus, split)


def audio(path: str | Path) -> torch.Tensor:
    """Reads any recording.

    Args:
        path: a file that libsndfile reads (WAV, FLAC, OGG, MP3, AIFF, ...), of any sampling rate
            and number of channels, from 0.05 to 30 seconds long.

    Returns:
        [T] float32 at RATE, in [-1, 1]: the mean of the channels, resampled.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: one sentence that names the file: a folder, empty, no sound file, truncated,
            not finite, silent, too short or too long.
    """
    path = Path(path).expanduser()

    def fault(found, expected="a WAV, FLAC, OGG or MP3 recording of a spoken digit"):
        return ValueError(f"{path} {found}; expected {expected}")

    if not path.exists():
        raise FileNotFoundError(f"{path} does not exist; expected a recording, such as a .wav file")
    if not path.is_file():
        raise fault("is a folder" if path.is_dir() else "is no plain file")
    if path.stat().st_size == 0:
        raise fault("is empty (0 bytes)")
    try:
        with path.open("rb") as stream, soundfile.SoundFile(stream) as sound:
            rate, promised = sound.samplerate, sound.frames
            if not 2000 <= rate <= 400_000:
                raise fault(f"has a sampling rate of {rate} Hz", "2,000 to 400,000 Hz")
            # Asked of the header, so that an hour of music is not read first.
            if promised > LONGEST * rate:
                raise fault(f"lasts {promised / rate:,.0f} s", f"at most {LONGEST:.0f} s")
            if _cut_off(sound.extra_info):
                raise fault("is truncated: its header promises more sound than it holds")
            wave = sound.read(dtype="float32", always_2d=True)
    except (soundfile.LibsndfileError, TypeError) as error:  # TypeError: a name ending in .raw
        reason = getattr(error, "error_string", "it has no header").strip().rstrip(".")
        raise fault(f"is no readable sound file, or a damaged one ({reason})") from None
    if len(wave) < 0.9 * promised:
        raise fault(f"is truncated: {len(wave):,} of {promised:,} samples are there")
    if len(wave) < SHORTEST * rate:
        raise fault(f"lasts {len(wave) / rate:.3f} s", f"at least {SHORTEST} s")
    if not np.isfinite(wave).all():
        raise fault("holds samples that are NaN or infinite", "finite ones")
    wave = wave.mean(1)
    if np.ptp(wave) < 1e-4:  # less than 3 steps of 16 bits, whatever the offset
        raise fault("is silent")
    # An odd rate would need thousands of filters; to the nearest 25 Hz nobody hears a difference.
    wave = torchaudio.functional.resample(torch.from_numpy(wave), 25 * round(rate / 25), RATE)
    return wave / wave.abs().max().clamp(min=1)


def find_word(wave: torch.Tensor) -> torch.Tensor:
    """Cuts a recording to the spoken word: one contiguous piece of at most SAMPLES samples.

    By energy, in frames of 20 ms, one every 10 ms; a running median over five of them removes clicks.
    Speech is what exceeds the noise floor (the quietest 100 ms) by 8 dB and is at most 35 dB below
    the loudest frame. A clip that already fits may be all speech, with no noise to measure: there
    whatever is within 30 dB of the loudest frame counts as well (6 dB in a longer one). Stretches
    up to 200 ms apart are one word ("six" and "eight" have a pause inside); the word with the most
    energy is kept, with 50 ms on both sides for soft beginnings and endings.

    Args:
        wave: [T] float at RATE, T >= 1.

    Returns:
        [T'] the piece, a view of ``wave``; all of a short silent one.
    """
    frame, hop = RATE // 50, RATE // 100
    centred = wave - wave.mean()
    if len(wave) < 10 * hop + frame or not centred.any():
        return _loudest(wave)
    power = centred.unfold(0, frame, hop).square().mean(1)
    power = F.pad(power[None], (2, 2), mode="replicate")[0].unfold(0, 5, 1).median(1).values
    level = 10 * power.clamp(min=1e-12).log10()
    peak = level.max()
    floor = 10 * power.unfold(0, 10, 1).mean(1).min().clamp(min=1e-12).log10()
    surely = 6 if len(wave) > SAMPLES else 30
    threshold = torch.maximum(peak - 35, torch.minimum(floor + 8, peak - surely))
    spoken = (level >= threshold).nonzero()[:, 0]
    breaks = (spoken.diff() > 20).nonzero()[:, 0] + 1
    words = torch.tensor_split(spoken, breaks.tolist())
    word = max(words, key=lambda frames: float(power[frames].sum()))
    margin = RATE // 20
    start = max(0, int(word[0]) * hop - margin)
    return _loudest(wave[start : int(word[-1]) * hop + frame + margin])


def pad(wave: torch.Tensor) -> torch.Tensor:
    """Brings a clip to SAMPLES samples: zeros after it, or its loudest stretch.

    Args:
        wave: [T] float.

    Returns:
        [SAMPLES] float, a new tensor.
    """
    wave = _loudest(wave)
    return F.pad(wave, (0, SAMPLES - len(wave))).clone()


def select(clips: Voices, rows: torch.Tensor) -> Voices:
    """Some of the clips.

    Args:
        clips: any split.
        rows: [N] bool, or indices.

    Returns:
        Voices with these clips alone.
    """
    fields = {name: getattr(clips, name)[rows] for name in ("waves", "lengths", "speaker", "digit", "take")}
    return dataclasses.replace(clips, **fields)


def centre(waves: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
    """Puts every word in the middle of its row, for a model of raw waveforms.

    Args:
        waves: [N, T], each word at the start of its row.
        lengths: [N], samples of each word.

    Returns:
        [N, 1, T], zeros around the words.
    """
    at = torch.arange(waves.shape[1]) - (waves.shape[1] - lengths[:, None]) // 2
    inside = (at >= 0) & (at < lengths[:, None])
    return (waves.gather(1, at.clamp(0, waves.shape[1] - 1)) * inside)[:, None]


def _loudest(wave):
    """The SAMPLES samples with the largest sum of amplitudes (not squares: a click is no word)."""
    if len(wave) <= SAMPLES:
        return wave
    sums = (wave - wave.mean()).abs().double().cumsum(0)
    sums = F.pad(sums, (1, 0))
    start = int((sums[SAMPLES:] - sums[:-SAMPLES]).argmax())
    return wave[start : start + SAMPLES]


def _cut_off(log):
    """Whether libsndfile, in its notes on the header, found under 95 % of the promised bytes.

    Programs that write to a pipe leave a length of 2 GiB or more, which promises nothing.
    """
    notes = re.findall(r":\s*(\d+) \(should be (\d+)\)", log)
    return any(int(held) < 0.95 * int(said) < 0.95 * 0x7FFFF000 for said, held in notes)


def _check(argument, value, allowed):
    if value not in allowed:
        raise ValueError(f"{argument} is {value!r}, expected one of {', '.join(map(repr, allowed))}")


@functools.lru_cache(2)
def _fsdd(folder):
    """All of FSDD: int16 waves [N, SAMPLES], lengths [N], labels [N, 3], speakers."""
    files = clips(folder)
    names = [CLIP_NAME.fullmatch(file.name).groups() for file in files]
    speakers = tuple(sorted({speaker for _, speaker, _ in names}))
    labels = [(speakers.index(speaker), int(digit), int(take)) for digit, speaker, take in names]
    waves = [_int16(file) for file in files]
    return _stack(waves, labels, speakers)


@functools.lru_cache(1)
def _embedded_voices():
    """As ``_fsdd``. The 100 clips of a voice lie end to end in one FLAC file, digit by digit."""
    lengths = json.loads((EMBEDDED / "voices.json").read_text())
    speakers = tuple(sorted(lengths))
    found = digest(EMBEDDED / f"{name}.flac" for name in speakers)
    found = hashlib.sha256((found + json.dumps(lengths, sort_keys=True)).encode()).hexdigest()
    if found != EMBEDDED_SHA256:
        raise ValueError(
            f"{EMBEDDED} does not hold the embedded voices: digest {found[:12]}…, expected "
            f"{EMBEDDED_SHA256[:12]}…; install the package again"
        )
    waves, labels = [], []
    for index, name in enumerate(speakers):
        whole, takes = _int16(EMBEDDED / f"{name}.flac"), len(lengths[name]) // 10
        waves += torch.split(whole, lengths[name])
        labels += [(index, digit, take) for digit in range(10) for take in range(takes)]
    return _stack(waves, labels, speakers)


@functools.lru_cache(1)
def _embedded_images():
    """Pixels [1797, 1, 28, 28], digits [1797], and the rows of each split."""
    from sklearn.datasets import load_digits  # here, for it takes a second to import

    digits = load_digits()
    small = torch.from_numpy(digits.images / 16).float()[:, None]
    large = F.interpolate(small, (20, 20), mode="bicubic").clamp(0, 1)
    digit = torch.from_numpy(digits.target).long()
    # Evenly spaced places in the order by digit: the same share of each digit, and no random numbers.
    order = digit.argsort(stable=True)
    held = _spread(len(order), 297 + 150)
    validation = held[_spread(len(held), 150)]
    kind = torch.zeros(len(order), dtype=torch.long)
    kind[order[held]], kind[order[validation]] = 2, 1
    rows = {split: (kind == place).nonzero()[:, 0] for place, split in enumerate(SPLITS)}
    return F.pad(large, (4, 4, 4, 4)), digit, rows


@functools.lru_cache(2)
def _mnist(place, test):
    from torchvision.datasets import MNIST  # here, for it takes a second to import

    corpus = MNIST(place, train=not test, download=False)
    return corpus.data, corpus.targets


def _int16(file):
    samples, rate = soundfile.read(file, dtype="int16")
    if rate != RATE:
        raise ValueError(f"{file} has a sampling rate of {rate} Hz, expected {RATE}")
    return torch.from_numpy(samples)


def _stack(waves, labels, speakers):
    """Sorts by speaker, digit, take. Kept as int16: half the memory, and exact."""
    order = sorted(range(len(labels)), key=labels.__getitem__)
    waves = [_loudest(waves[row].float()) for row in order]
    lengths = torch.tensor([len(wave) for wave in waves])
    stacked = torch.stack([F.pad(wave, (0, SAMPLES - len(wave))).short() for wave in waves])
    return stacked, lengths, torch.tensor([labels[row] for row in order]), speakers


def _spread(total, count):
    """``count`` evenly spaced places among ``total``: int64 [count]."""
    return (torch.arange(count) * 2 + 1) * total // (2 * count)
