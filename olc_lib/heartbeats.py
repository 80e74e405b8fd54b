"""Electrocardiograms cut into beats: two records of the MIT-BIH Arrhythmia Database, and synthetic ones.

The records are Moody and Mark's (2001), ODC-By 1.0. Record 100 comes from PhysioNet, with the labels of two
cardiologists; five minutes of record 208, without labels, are those that SciPy fetches for its examples.
"""

import functools
import hashlib
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy import signal

from . import download

RATE = 360  # samples a second
BEFORE, AFTER = 90, 166  # samples around the R peak that make a beat
LENGTH = (BEFORE + AFTER) // 2  # two samples are averaged into one
KINDS = ("normal", "atrial premature", "ventricular")
#: The annotation codes of PhysioNet that stand for beats of these kinds.
CODES = {1: 0, 8: 1, 5: 2}


@dataclass(frozen=True)
class Files:
    """Files that lie somewhere on the network, each at an address of its own.

    Attributes:
        name: as messages print it.
        folder: where they lie in the cache, one part of the path each.
        url: of their folder, ending in a slash.
        files: name to (bytes, SHA-256).
    """

    name: str
    folder: tuple[str, ...]
    url: str
    files: Mapping[str, tuple[int, str]]


# Its header, 100.hea, is not needed: 360 samples a second, two channels, 200 units a millivolt around 1024.
RECORD_100 = Files(
    name="record 100 of the MIT-BIH Arrhythmia Database",
    folder=("ECG", "mitdb"),
    url="https://physionet.org/files/mitdb/1.0.0/",
    files={
        "100.dat": (1950000, "b2ea3c250e56e48f4b7b90697832b8ecd1afa1e0bb31f2dcfea4ed6e1075a639"),
        "100.atr": (4558, "8d8a5349fb16638ebbf649f1779d12e96d91b736b2aafe59db43719ae583d471"),
    },
)
RECORD_208 = Files(
    name="five minutes of record 208 of the MIT-BIH Arrhythmia Database",
    folder=("ECG", "scipy"),
    url="https://raw.githubusercontent.com/scipy/dataset-ecg/main/",
    files={"ecg.dat": (119035, "f20ad3365fb9b7f845d0e5c48b6fe67081377ee466c3a220b7f69f35c8958baf")},
)


def fetched(corpus: Files, get: bool = True, timeout: float = download.TIMEOUT) -> Path:
    """Makes sure that files are in the cache, whole and unchanged.

    Args:
        corpus: RECORD_100 (2 MB) or RECORD_208 (0.1 MB).
        get: download those that are missing.
        timeout: seconds to wait for the next byte.

    Returns:
        Their folder.

    Raises:
        FileNotFoundError: a file is missing, and ``get`` is off.
        ConnectionError: one could not be downloaded.
        ValueError: a file that was downloaded, or is there, is not this corpus's.
    """
    folder = download.root().joinpath(*corpus.folder)
    missing = [name for name in corpus.files if not (folder / name).exists()]
    if missing and not get:
        raise FileNotFoundError(
            f"{corpus.name} is missing: {folder} has no {', '.join(missing)}; pass get=True, or put the files of "
            f"{corpus.url} there (the variable OLC_DATA moves the cache)"
        )
    if missing:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".partial-", dir=folder) as workshop:
            for name in missing:
                try:
                    download.fetch(corpus.url + name, Path(workshop) / name, timeout)
                except ConnectionError as error:
                    raise ConnectionError(
                        f"{corpus.name} could not be downloaded ({error}); check the network, or copy {folder} from a "
                        f'machine that has it; the record "synthetic" needs no network'
                    ) from None
                _check(corpus, name, Path(workshop) / name, f"{corpus.url}{name}", "try again later")
            for name in missing:
                os.replace(Path(workshop) / name, folder / name)
    for name in corpus.files:
        _check(corpus, name, folder / name, f"{folder / name}", "delete that file to download it anew")
    return folder


def _check(corpus: Files, name: str, path: Path, place: str, advice: str) -> None:
    size, expected = corpus.files[name]
    found = path.read_bytes()
    if hashlib.sha256(found).hexdigest() != expected:
        raise ValueError(
            f"{place} does not belong to {corpus.name}: {len(found):,} bytes with SHA-256 "
            f"{hashlib.sha256(found).hexdigest()[:12]}…, expected {size:,} with {expected[:12]}…; {advice}"
        )


def read_212(packed: bytes, channels: int = 2) -> np.ndarray:
    """Unpacks samples of PhysioNet's format 212: two signed numbers of 12 bits in three bytes.

    Args:
        packed: the file.
        channels: how many; their samples take turns.

    Returns:
        int16 ``[T, channels]``.

    Raises:
        ValueError: if the bytes do not come out even.
    """
    if len(packed) % 3 or len(packed) // 3 * 2 % channels:
        raise ValueError(f"format 212 has {len(packed)} bytes, expected three for each pair of samples")
    low, middle, high = np.frombuffer(packed, np.uint8).reshape(-1, 3).astype(np.int16).T
    pairs = np.stack([low | (middle & 0x0F) << 8, high | (middle & 0xF0) << 4], 1)
    return np.where(pairs > 2047, pairs - 4096, pairs).astype(np.int16).reshape(-1, channels)


def read_annotations(packed: bytes) -> tuple[np.ndarray, np.ndarray]:
    """Reads PhysioNet's annotation format: words of 16 bits, 6 for a code and 10 for the time since the last one.

    Args:
        packed: the file.

    Returns:
        Samples and codes, int64 ``[N]``; notes that belong to an annotation (codes above 49) are passed over.

    Raises:
        ValueError: if it breaks off before its end mark.
    """
    words = np.frombuffer(packed[: len(packed) // 2 * 2], "<u2").astype(np.int64)
    found, time, at = [], 0, 0
    while at < len(words):
        code, number = words[at] >> 10, words[at] & 0x3FF
        at += 1
        if code == 0 and number == 0:
            return tuple(np.array(found, np.int64).reshape(-1, 2).T)  # type: ignore[return-value]
        if code == 59 and at + 1 < len(words):  # a long pause, in the two words that follow
            pause = words[at] << 16 | words[at + 1]
            time, at = time + (pause - (1 << 32) if pause >> 31 else pause), at + 2
        elif code == 63:  # a text of so many bytes follows
            at += (number + 1) // 2
        elif code < 59:
            time += number
            if code < 50:
                found.append((time, code))
    raise ValueError(f"annotations break off after {len(found)}, expected an end mark")


@dataclass(frozen=True, eq=False)
class Beats:
    """Beats in the order of time.

    Attributes:
        wave: millivolts ``[N, LENGTH]`` at half of RATE, the median of each beat taken away; the R peak is at 45.
        kind: index into KINDS ``[N]``; -1 where nobody labelled it.
        interval: seconds since the beat before, ``[N]``.
        seconds: when it was, ``[N]``.
    """

    wave: np.ndarray
    kind: np.ndarray
    interval: np.ndarray
    seconds: np.ndarray

    def __getitem__(self, rows) -> "Beats":
        return Beats(self.wave[rows], self.kind[rows], self.interval[rows], self.seconds[rows])

    def __len__(self) -> int:
        return len(self.wave)


def cut(millivolts: np.ndarray, peaks: np.ndarray, kind: np.ndarray) -> Beats:
    """Cuts a signal into beats.

    Args:
        millivolts: ``[T]`` at RATE.
        peaks: samples of the R peaks, rising, ``[N]``.
        kind: of each, ``[N]``.

    Returns:
        All beats that are whole and have one before them.
    """
    whole = (peaks >= BEFORE) & (peaks + AFTER <= len(millivolts)) & (np.arange(len(peaks)) > 0)
    interval = np.diff(peaks, prepend=peaks[:1]) / RATE
    windows = millivolts[peaks[whole, None] + np.arange(-BEFORE, AFTER)].reshape(-1, LENGTH, 2).mean(2)
    return Beats(windows - np.median(windows, 1, keepdims=True), kind[whole], interval[whole], peaks[whole] / RATE)


def find_peaks(millivolts: np.ndarray) -> np.ndarray:
    """Finds the R peaks of a signal without labels: they are loud between 5 and 25 Hz.

    Args:
        millivolts: ``[T]`` at RATE.

    Returns:
        Samples, each at the largest deflection within 60 ms of a burst between 5 and 25 Hz.
    """
    steep = signal.sosfiltfilt(signal.butter(2, (5, 25), "bandpass", fs=RATE, output="sos"), millivolts)
    loud = np.convolve(steep**2, np.ones(36) / 36, "same")
    rough, _ = signal.find_peaks(loud, height=0.15 * np.quantile(loud, 0.98), distance=int(0.3 * RATE))
    reach = int(0.06 * RATE)
    rough = rough[(rough >= reach) & (rough + reach < len(steep))]
    return rough - reach + np.abs(steep[rough[:, None] + np.arange(-reach, reach + 1)]).argmax(1)


def width(wave: np.ndarray) -> np.ndarray:
    """How long a beat's main deflection stays above half of its height.

    Args:
        wave: ``[N, LENGTH]``.

    Returns:
        Milliseconds ``[N]``.
    """
    near = np.abs(wave[:, 30:65])
    peak = near.argmax(1)
    low = near < near.max(1, keepdims=True) / 2
    at = np.arange(near.shape[1])
    right = np.where(low & (at > peak[:, None]), at, near.shape[1]).min(1)
    left = np.where(low & (at < peak[:, None]), at, -1).max(1)
    return 2000 / RATE * (right - left - 1)


@functools.cache
def beats(record: str, seed: int = 0) -> Beats:
    """All beats of a record.

    Args:
        record: "100", "208" or "synthetic".
        seed: of the synthetic one.

    Returns:
        Beats.

    Raises:
        ValueError: for an unknown record.
    """
    if record == "synthetic":
        return synthetic(seed)
    if record == "208":
        with np.load(fetched(RECORD_208) / "ecg.dat") as stored:
            millivolts = (stored["ecg"].astype(np.float64) - 1024) / 200
        peaks = find_peaks(millivolts)
        return cut(millivolts, peaks, np.full(len(peaks), -1))
    if record != "100":
        raise ValueError(f'record is {record!r}, expected "100", "208" or "synthetic"')
    folder = fetched(RECORD_100)
    millivolts = (read_212((folder / "100.dat").read_bytes())[:, 0].astype(np.float64) - 1024) / 200
    samples, codes = read_annotations((folder / "100.atr").read_bytes())
    known = np.isin(codes, list(CODES))
    return cut(millivolts, samples[known], np.array([CODES[code] for code in codes[known]]))


#: The place in seconds, the width in seconds and the height in millivolts of P, Q, R, S and T in a normal beat.
WAVES = np.array(
    [[-0.17, 0.025, 0.12], [-0.03, 0.009, -0.12], [0, 0.011, 1.1], [0.03, 0.010, -0.25], [0.27, 0.05, 0.25]]
)


def synthetic(seed: int = 0, count: int = 1600) -> Beats:
    """A synthetic record: every beat is a sum of five Gaussians, as in McSharry et al. (2003).

    One beat in 25 is "premature": it comes early, with a P wave that is later, narrower and lower. One in 50 is
    "ventricular": wide, and without a P wave. The height follows a slow breath, the T wave's
    position the interval before it, and everything varies a little.

    Args:
        seed: of the draws.
        count: N.

    Returns:
        Beats.
    """
    rng = np.random.default_rng(seed)
    kind = rng.choice(3, count, p=(0.94, 0.04, 0.02))
    interval = 0.8 + 0.04 * rng.standard_normal(count) - np.array([0, 0.15, 0.2])[kind]
    seconds = np.cumsum(interval)
    shape = np.tile(WAVES, (count, 1, 1))
    shape[:, 4, 0] *= np.sqrt(interval / 0.8)
    shape[kind == 1, 0] = -0.155, 0.022, 0.08
    shape[kind == 2, 0, 2] = 0
    shape[kind == 2, 1:, 1] *= 2.5
    shape *= 1 + 0.04 * rng.standard_normal(shape.shape)
    breath = 1 + 0.1 * np.sin(2 * np.pi * seconds / 4)
    t = (np.arange(LENGTH) - BEFORE / 2 + 0.25) * 2 / RATE
    place, size, height = (shape[:, :, None, part] for part in range(3))
    wave = breath[:, None] * (height * np.exp(-(((t - place) / size) ** 2) / 2)).sum(1)
    wave = wave + 0.02 * rng.standard_normal(wave.shape)
    return Beats(wave - np.median(wave, 1, keepdims=True), kind, interval, seconds)
