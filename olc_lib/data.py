"""Corpora as tensors: spoken digits and sentences, pictures of digits and clothes; downloaded or embedded.

Nothing here ever puts one corpus in the place of another: the name asked for is the corpus given,
or the call fails with one sentence that says what to do.
"""

import dataclasses
import functools
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import torch
import torch.nn.functional as F

from olc_lib import sentences as spoken
from olc_lib.download import CLIP_NAME, FASHION, FSDD, MNIST, archived, digest, members, mirrored, root
from olc_lib.recordings import RATE, SAMPLES, audio, centre, find_word, loudest, pad, samples
from olc_lib.sentences import Sentences, padded, resample

__all__ = [
    "GARMENTS",
    "RATE",
    "SAMPLES",
    "Images",
    "Sentences",
    "Voices",
    "audio",
    "centre",
    "find_word",
    "images",
    "pad",
    "padded",
    "resample",
    "root",
    "select",
    "sentences",
    "split_sentences",
    "split_speakers",
    "visitor",
    "voices",
]

SPLITS = ("train", "validation", "test")
#: The ten kinds of Fashion-MNIST.
GARMENTS = ("T-shirt", "trousers", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot")
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
        corpus: "fsdd", "embedded" or "visitor".
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
    """Handwritten digits, or clothes.

    Attributes:
        pixels: [N, 1, 28, 28] float32, 0 (paper) to 1 (ink).
        digit: [N] int64, 0-9; for clothes an index into ``GARMENTS``.
        corpus: "mnist", "fashion" or "embedded".
        split: "train", "validation" or "test".
    """

    pixels: torch.Tensor
    digit: torch.Tensor
    corpus: str
    split: str

    def __len__(self):
        return len(self.pixels)

    def __repr__(self):
        kind = "pieces of clothing" if self.corpus == "fashion" else "handwritten digits"
        return f"{len(self):,} {kind} (corpus {self.corpus!r}, {self.split})"


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
        waves, lengths, labels, speakers = _fsdd(archived(FSDD, download))
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
    """Loads handwritten digits, or clothes.

    MNIST and Fashion-MNIST have a test file; the last 5,000 of the training file are validation. Embedded: real
    digits of scikit-learn, 8x8, brought to 20x20 in the middle of 28x28 as MNIST's are, split
    evenly over the digits and over the order of collection.

    Args:
        corpus: "mnist" or "fashion" (55,000 / 5,000 / 10,000 each), or "embedded" (1,350 / 150 / 297).
        split: "train", "validation" or "test".
        download: fetch MNIST or Fashion-MNIST if it is missing.

    Returns:
        Images, fresh tensors on every call.

    Raises:
        ValueError, FileNotFoundError, ConnectionError: as in ``voices``.
    """
    _check("corpus", corpus, ("mnist", "fashion", "embedded"))
    _check("split", split, SPLITS)
    if corpus != "embedded":
        place = mirrored(FASHION if corpus == "fashion" else MNIST, download)
        pixels, digit = _idx(place, corpus, split == "test")
        part = {"train": slice(None, -5000), "validation": slice(-5000, None), "test": slice(None)}
        pixels, digit = pixels[part[split], None].float() / 255, digit[part[split]].clone()
    else:
        pixels, digit, rows = _embedded_images()
        pixels, digit = pixels[rows[split]], digit[rows[split]]
    return Images(pixels, digit, corpus, split)


def visitor(oh: bool = False) -> Voices:
    """Loads ten English digits, one take each, spoken by a woman whom no model of the book was trained on.

    Allison Smith, CC BY-SA 3.0 (see corpora/visitor/about.json); cut by ``find_word`` as any recording is.

    Args:
        oh: append "oh", the other word for 0, as a second take of it.

    Returns:
        Voices, the digits in order; fresh tensors on every call. Like ``voices``, it raises for a damaged corpus.
    """
    spoken_words = spoken.embedded("visitor")
    words = [find_word(wave) for wave in spoken_words.waves[: 10 + oh]]
    waves, lengths = torch.stack([pad(word) for word in words]), torch.tensor([len(word) for word in words])
    speaker, count = torch.zeros(len(words), dtype=torch.int64), torch.arange(len(words))
    return Voices(waves, lengths, speaker, count % 10, count // 10, spoken_words.speakers, "visitor", "test")


def sentences(corpus: str, download: bool = True) -> Sentences:
    """Loads spoken sentences.

    Args:
        corpus: "people" (embedded, 8 kHz: three women and a man, one language each, sixty sentences of 2-4 s each),
            "synthetic" (embedded, 8 kHz: twelve women, twelve men, six sentences each; in each of six groups, four
            speakers say the same six) or "librispeech" (16 kHz, 65 minutes: 261 readers, one recording of nearly all).
        download: fetch LibriSpeech's excerpt if it is missing.

    Returns:
        Sentences, fresh tensors on every call.

    Raises:
        ValueError, FileNotFoundError, ConnectionError: as in ``voices``.
    """
    _check("corpus", corpus, ("people", "synthetic", "librispeech"))
    return spoken.librispeech(download) if corpus == "librispeech" else spoken.embedded(corpus)


Rows = TypeVar("Rows", Voices, Images, Sentences)


def select(clips: Rows, rows: torch.Tensor) -> Rows:
    """Takes some of the clips.

    Args:
        clips: Voices, Images or Sentences.
        rows: [N] bool, or indices.

    Returns:
        The same kind of object with these rows only; ``speakers`` stays complete.
    """
    places = torch.arange(len(clips))[rows]
    chosen = {}
    for field in dataclasses.fields(clips):
        column = getattr(clips, field.name)
        if torch.is_tensor(column):
            chosen[field.name] = column[places]
        elif isinstance(column, tuple) and field.name != "speakers":
            chosen[field.name] = tuple(column[place] for place in places.tolist())
    return dataclasses.replace(clips, **chosen)


def split_speakers(clips: Sentences, share: float = 0.25) -> tuple[Sentences, Sentences]:
    """Holds out speakers: the same share of the women and of the men, evenly spaced among their names.

    Args:
        clips: any.
        share: of the speakers of each sex, rounded.

    Returns:
        ``(rest, held)``; no speaker is in both.
    """
    held = torch.zeros(len(clips), dtype=torch.bool)
    for woman in (True, False):
        names = clips.speaker[clips.woman == woman].unique()
        held |= torch.isin(clips.speaker, names[_spread(len(names), round(share * len(names)))])
    return select(clips, ~held), select(clips, held)


def split_sentences(clips: Sentences, share: float = 0.25) -> tuple[Sentences, Sentences]:
    """Holds out sentences: the same share of each speaker's, evenly spaced in the order of their texts or ids.

    In the embedded corpora, speakers who share one text share all of theirs, so no text is in both parts.

    Args:
        clips: any.
        share: of each speaker's sentences, rounded, and never all of them.

    Returns:
        ``(rest, held)``; no sentence is in both, every speaker is in ``rest``.
    """
    held = torch.zeros(len(clips), dtype=torch.bool)
    for name in clips.speaker.unique():
        rows = (clips.speaker == name).nonzero()[:, 0].tolist()
        rows = torch.tensor(sorted(rows, key=lambda row: (clips.texts[row], clips.ids[row])))
        held[rows[_spread(len(rows), min(round(share * len(rows)), len(rows) - 1))]] = True
    return select(clips, ~held), select(clips, held)


def _check(argument, value, allowed):
    if value not in allowed:
        raise ValueError(f"{argument} is {value!r}, expected one of {', '.join(map(repr, allowed))}")


@functools.lru_cache(2)
def _fsdd(folder):
    """All of FSDD: int16 waves [N, SAMPLES], lengths [N], labels [N, 3], speakers."""
    files = members(folder, FSDD)
    names = [CLIP_NAME.fullmatch(file.name).groups() for file in files]
    speakers = tuple(sorted({speaker for _, speaker, _ in names}))
    labels = [(speakers.index(speaker), int(digit), int(take)) for digit, speaker, take in names]
    waves = [samples(file) for file in files]
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
        whole, takes = samples(EMBEDDED / f"{name}.flac"), len(lengths[name]) // 10
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
def _idx(place, corpus, test):
    from torchvision import datasets  # here, for it takes a second to import

    kind = datasets.FashionMNIST if corpus == "fashion" else datasets.MNIST
    read = kind(place, train=not test, download=False)
    return read.data, read.targets


def _stack(waves, labels, speakers):
    """Sorts by speaker, digit, take. Kept as int16: half the memory, and exact."""
    order = sorted(range(len(labels)), key=labels.__getitem__)
    waves = [loudest(waves[row].float()) for row in order]
    lengths = torch.tensor([len(wave) for wave in waves])
    stacked = torch.stack([F.pad(wave, (0, SAMPLES - len(wave))).short() for wave in waves])
    return stacked, lengths, torch.tensor([labels[row] for row in order]), speakers


def _spread(total, count):
    """``count`` evenly spaced places among ``total``: int64 [count]."""
    return (torch.arange(count) * 2 + 1) * total // max(1, 2 * count)
