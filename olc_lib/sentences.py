"""Spoken sentences: real people and synthetic voices (both embedded), and an excerpt of LibriSpeech.

All three come as the same ``Sentences``, so that a model of one can be tried on another.
"""

import dataclasses
import json
from dataclasses import dataclass
from pathlib import Path

import torch
import torchaudio
from torch.nn.utils.rnn import pad_sequence

from olc_lib.download import LIBRISPEECH, archived, digest, members
from olc_lib.recordings import RATE, samples

EMBEDDED = Path(__file__).parent / "corpora"
#: What ``digest`` gives for the files of each embedded folder.
SHA256 = {
    "people": "4dc5e1fb211f0b2b863cc1a8e985fc0bb208e4c14ce4c4f579ac80147d397a55",
    "synthetic": "a2649857345a53ecf36cfa49daeeb77c3cc05ca38e50c6a19b375e60a8ea6b29",
    "visitor": "6e6ba7bc874db09461b037afa7fc803914999cd01b2986a944f31aee75e0974a",
}
LIBRISPEECH_RATE = 16_000


@dataclass(frozen=True, eq=False, repr=False)
class Sentences:
    """Spoken sentences, by speaker.

    Attributes:
        waves: N tensors [T_n], float32 in [-1, 1].
        lengths: [N] int64, samples.
        speaker: [N] int64, index into ``speakers``.
        woman: [N] bool, the speaker's sex.
        ids: N names, each once: "speaker/sentence" of an embedded corpus, LibriSpeech's own of LibriSpeech.
        subset: N names: "train-clean-100" or "test-other" of LibriSpeech, the language of people, else empty.
        texts: N texts, empty where nobody wrote them down.
        phones: N tuples of (symbol of espeak-ng, start, end), in seconds; empty except for synthetic speech.
        speakers: names, in alphabetical order (LibriSpeech: numbers of readers, as text).
        rate: samples per second.
        corpus: "people", "synthetic", "visitor" or "librispeech".
    """

    waves: tuple[torch.Tensor, ...]
    lengths: torch.Tensor
    speaker: torch.Tensor
    woman: torch.Tensor
    ids: tuple[str, ...]
    subset: tuple[str, ...]
    texts: tuple[str, ...]
    phones: tuple[tuple[tuple[str, float, float], ...], ...]
    speakers: tuple[str, ...]
    rate: int
    corpus: str

    def __len__(self):
        return len(self.waves)

    def __repr__(self):
        minutes, speakers = float(self.lengths.sum()) / self.rate / 60, len(self.speaker.unique())
        return f"{len(self):,} sentences by {speakers} speakers, {minutes:.1f} minutes (corpus {self.corpus!r})"


def embedded(corpus: str) -> Sentences:
    """Reads an embedded corpus of sentences.

    Args:
        corpus: "people", "synthetic" or "visitor".

    Returns:
        Sentences at RATE.

    Raises:
        ValueError: the corpus is damaged.
    """
    folder = EMBEDDED / corpus
    found = digest(file for file in folder.glob("*.*"))
    if found != SHA256[corpus]:
        raise ValueError(
            f"{folder} does not hold the embedded corpus {corpus!r}: digest {found[:12]}…, expected "
            f"{SHA256[corpus][:12]}…; install the package again"
        )
    rows, waves = [], []
    for name, about in json.loads((folder / "about.json").read_text(encoding="utf-8")).items():
        sentences = about["sentences"]
        waves += torch.split(samples(folder / f"{name}.flac"), [sentence["samples"] for sentence in sentences])
        for sentence in sentences:
            phones = tuple(tuple(phone) for phone in sentence.get("phones", ()))
            identity = f"{name}/{sentence['id']}"
            rows.append((name, identity, about["sex"], about["subset"], sentence.get("text", ""), phones))
    return _gather(rows, waves, RATE, corpus)


def librispeech(download: bool = True) -> Sentences:
    """Reads the excerpt of LibriSpeech.

    Args:
        download: fetch it if it is missing (about 80 MB).

    Returns:
        Sentences at 16 kHz: 251 readers with one each of "train-clean-100", 10 others with ten each of "test-other".

    Raises:
        ValueError: the corpus is damaged.
        FileNotFoundError: it is missing, and ``download`` is off.
        ConnectionError: it could not be downloaded.
    """
    files = members(archived(LIBRISPEECH, download), LIBRISPEECH)
    sexes = {}
    for table in (file for file in files if file.name == "SPEAKERS.TXT"):
        lines = (line.split("|") for line in table.read_text(encoding="utf-8").splitlines() if line[:1] != ";")
        sexes |= {line[0].strip(): line[1].strip() for line in lines}
    rows, waves = [], []
    for file in (file for file in files if file.suffix == ".flac"):
        reader = file.stem.partition("-")[0]
        subset = "test-other" if file.parent.name == reader else "train-clean-100"
        rows.append((reader, file.stem, sexes[reader], subset, "", ()))
        waves.append(samples(file, LIBRISPEECH_RATE))
    return _gather(rows, waves, LIBRISPEECH_RATE, "librispeech")


def padded(sentences: Sentences) -> torch.Tensor:
    """Puts sentences into one tensor.

    Args:
        sentences: at least one.

    Returns:
        [N, T] float32, T the longest length, zeros after each sentence.
    """
    return pad_sequence(sentences.waves, batch_first=True)


def resample(sentences: Sentences, rate: int) -> Sentences:
    """Brings sentences to another sampling rate.

    Args:
        sentences: any.
        rate: samples per second.

    Returns:
        The same sentences at that rate.
    """
    waves = tuple(torchaudio.functional.resample(wave, sentences.rate, rate) for wave in sentences.waves)
    lengths = torch.tensor([len(wave) for wave in waves])
    return dataclasses.replace(sentences, waves=waves, lengths=lengths, rate=rate)


def _gather(rows, waves, rate, corpus):
    """Sorts by speaker and id. ``rows``: speaker, id, sex, subset, text, phones."""
    order = sorted(range(len(rows)), key=lambda place: rows[place][:2])
    waves = tuple(waves[place].float() / 32768 for place in order)
    speaker, ids, sexes, subset, texts, phones = zip(*(rows[place] for place in order), strict=True)
    speakers = tuple(sorted(set(speaker)))
    return Sentences(
        waves=waves,
        lengths=torch.tensor([len(wave) for wave in waves]),
        speaker=torch.tensor([speakers.index(name) for name in speaker]),
        woman=torch.tensor([sex == "F" for sex in sexes]),
        ids=ids,
        subset=subset,
        texts=texts,
        phones=phones,
        speakers=speakers,
        rate=rate,
        corpus=corpus,
    )
