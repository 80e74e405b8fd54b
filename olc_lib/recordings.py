"""Recordings: any sound file as samples, and the spoken word in it."""

import re
from pathlib import Path

import numpy as np
import soundfile
import torch
import torch.nn.functional as F
import torchaudio

RATE = 8000  # samples per second of a spoken digit
SAMPLES = 8192  # length of a clip (1.024 s): FSDD's 99th percentile is 7,361
SHORTEST, LONGEST = 0.05, 30.0  # seconds of a recording that audio() takes
CANCELLED = 0.1  # of the loudest channel's level: less is left of a mean of channels that cancel


def audio(path: str | Path) -> torch.Tensor:
    """Reads any recording.

    Args:
        path: a file that libsndfile reads (WAV, FLAC, OGG, MP3, AIFF, ...), of any sampling rate
            and number of channels, from 0.05 to 30 seconds long.

    Returns:
        [T] float32 at RATE, in [-1, 1]: the mean of the channels, resampled. If the channels cancel
        each other (one has the opposite sign, as a balanced line or a miswired plug makes it), the mean
        would be nearly silent; then it is the loudest channel instead.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: one sentence that names the file and what is wrong: a folder, empty, no sound file,
            truncated, not finite, silent, too short or too long.
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
    wave = _one_channel(wave)
    if np.ptp(wave) < 1e-4:  # less than 3 steps of 16 bits, whatever the offset
        raise fault("is silent")
    # An odd rate would need thousands of filters; to the nearest 25 Hz nobody hears a difference.
    wave = torchaudio.functional.resample(torch.from_numpy(wave), 25 * round(rate / 25), RATE)
    return wave / wave.abs().max().clamp(min=1)


def find_word(wave: torch.Tensor) -> torch.Tensor:
    """Cuts a recording to the spoken word: one contiguous piece of at most SAMPLES samples.

    By energy, in frames of 20 ms, one every 10 ms; a running median over five of them removes clicks.
    Speech is what exceeds the noise floor (the quietest 100 ms) by 8 dB and is at most 35 dB below
    the loudest frame. A clip that already fits may be all speech, with no noise to measure: in it,
    whatever is within 30 dB of the loudest frame counts as well (6 dB in a longer one). Stretches
    up to 200 ms apart are one word ("six" and "eight" have a pause inside); the word with the most
    energy is kept, with 50 ms on both sides for soft beginnings and endings.

    Args:
        wave: [T] float at RATE, T >= 1.

    Returns:
        [T'] the piece, a view of ``wave``; a short silent clip comes back whole.
    """
    frame, hop = RATE // 50, RATE // 100
    centred = wave - wave.mean()
    if len(wave) < 10 * hop + frame or not centred.any():
        return loudest(wave)
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
    return loudest(wave[start : int(word[-1]) * hop + frame + margin])


def pad(wave: torch.Tensor) -> torch.Tensor:
    """Brings a clip to SAMPLES samples: zeros after it, or its loudest stretch.

    Args:
        wave: [T] float.

    Returns:
        [SAMPLES] float, a new tensor.
    """
    wave = loudest(wave)
    return F.pad(wave, (0, SAMPLES - len(wave))).clone()


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


def samples(file: Path, rate: int = RATE) -> torch.Tensor:
    """Reads a file of a corpus, whose sampling rate is known.

    Args:
        file: a mono sound file of 16 bits.
        rate: what its sampling rate must be, in Hz.

    Returns:
        [T] int16.

    Raises:
        ValueError: it has another rate.
    """
    wave, found = soundfile.read(file, dtype="int16")
    if found != rate:
        raise ValueError(f"{file} has a sampling rate of {found} Hz, expected {rate}")
    return torch.from_numpy(wave)


def loudest(wave):
    """Cuts a wave to its loudest stretch, by the sum of amplitudes (of squares, a click would win).

    Args:
        wave: [T].

    Returns:
        [at most SAMPLES], a view of ``wave``.
    """
    if len(wave) <= SAMPLES:
        return wave
    sums = (wave - wave.mean()).abs().double().cumsum(0)
    sums = F.pad(sums, (1, 0))
    start = int((sums[SAMPLES:] - sums[:-SAMPLES]).argmax())
    return wave[start : start + SAMPLES]


def _one_channel(wave):
    """The mean of the channels, or the loudest of them where they cancel: [T, C] -> [T]."""
    mean, level = wave.mean(1), wave.std(0)
    return wave[:, level.argmax()] if mean.std() < CANCELLED * level.max() else mean


def _cut_off(log):
    """Whether libsndfile, in its notes on the header, found under 95 % of the promised bytes.

    Programs that write to a pipe leave a length of 2 GiB or more, which promises nothing.
    """
    notes = re.findall(r":\s*(\d+) \(should be (\d+)\)", log)
    return any(int(held) < 0.95 * int(said) < 0.95 * 0x7FFFF000 for said, held in notes)
