"""Placed codes at work: the speaker block of the book's own voice encoder says who shall be heard in a mixture."""

import functools
from collections.abc import Mapping
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from olc_lib import spectra, speech_metrics, stored
from olc_lib.latent import VOICE
from olc_lib.systems.sdm import speech
from olc_lib.train import Loss

WINDOW, HOP = 256, 64  # samples at 8 kHz: words are short, so frames are close
BINS = WINDOW // 2 + 1
#: Which run's encoder reads the speaker, for each corpus.
RUNS = {"embedded": "embedded", "fsdd": "slim"}


@dataclass(frozen=True, eq=False)
class Material:
    """Spoken digits as spectra, and who the placed encoder hears in each clip.

    Attributes:
        spectra: complex ``[N, BINS]``, frames of all clips, one under the other.
        owner: ``[N]``, the speaker of each frame.
        clips: waves ``[T]``, quiet ends cut off, mean square 1.
        speaker: ``[clips]``.
        block: ``[clips, 6]``, the speaker block of each clip's code.
    """

    spectra: Tensor
    owner: Tensor
    clips: list[Tensor]
    speaker: Tensor
    block: Tensor


@functools.cache
@torch.no_grad()
def material(corpus: str, split: str) -> Material:
    """The clips of a split, read by the encoder of a stored run.

    Args:
        corpus: "embedded" or "fsdd".
        split: "train", "validation" or "test".

    Returns:
        Material.

    Raises:
        ValueError: for another corpus.
    """
    if corpus not in RUNS:
        raise ValueError(f"corpus is {corpus!r}, expected one of {list(RUNS)}")
    cut, voices = speech.clips(corpus, split)
    run = stored.load(RUNS[corpus], only=["voice"], quiet=True)
    code = run.models["voice"].encode(run.spectrogram(voices.waves, voices.lengths))
    clips = [wave / wave.square().mean().sqrt() for wave in cut]
    parts = [_spectrum(wave) for wave in clips]
    counts = torch.tensor([len(part) for part in parts])
    owner = voices.speaker.repeat_interleave(counts)
    return Material(torch.cat(parts), owner, clips, voices.speaker, VOICE.split(code)["speaker"].clone())


def _spectrum(wave: Tensor) -> Tensor:
    power, phase = spectra.stft(wave, WINDOW, HOP)
    return torch.polar(power.sqrt(), phase)


class Chooser(nn.Module):
    """From a frame of the mixture and a speaker block to that speaker's share of every frequency.

    Args:
        hidden: units of both hidden layers.
    """

    def __init__(self, hidden: int = 128):
        super().__init__()
        speakers = VOICE.sizes["speaker"]
        self.layers = nn.Sequential(
            nn.Linear(BINS + speakers, hidden), nn.ReLU(), nn.Linear(hidden, hidden), nn.ReLU(), nn.Linear(hidden, BINS)
        )

    def forward(self, magnitudes: Tensor, block: Tensor) -> Tensor:
        """The mask.

        Args:
            magnitudes: ``[B, BINS]`` of the mixture.
            block: ``[B, 6]``.

        Returns:
            ``[B, BINS]`` between 0 and 1.
        """
        # The square root: loud and soft frames differ less.
        return self.layers(torch.cat([magnitudes.sqrt() / 2, block], 1)).sigmoid()

    @torch.no_grad()
    def hear(self, wave: Tensor, block: Tensor) -> Tensor:
        """One speaker out of a mixture.

        Args:
            wave: ``[T]``.
            block: ``[6]``, the speaker block of any other clip of that speaker, or one written by hand.

        Returns:
            ``[T]``.
        """
        power, phase = spectra.stft(wave, WINDOW, HOP)
        mask = self(power.sqrt(), block.expand(len(power), -1))
        return spectra.istft(power * mask.square(), phase, WINDOW, HOP, len(wave))


def objective(chooser: Chooser, some: Material) -> tuple[Loss, dict[str, Tensor]]:
    """What ``fit`` needs: a frame of one speaker, a frame of another, and the block of some clip of the first.

    Args:
        chooser: to be trained.
        some: training material.

    Returns:
        Loss and data.
    """
    whose = [(some.owner != s).nonzero().flatten() for s in range(VOICE.sizes["speaker"])]
    own = [(some.speaker == s).nonzero().flatten() for s in range(VOICE.sizes["speaker"])]

    def draw(lists: list[Tensor], speaker: Tensor, generator: torch.Generator) -> Tensor:
        chance = torch.rand(len(speaker), generator=generator)
        return torch.stack([lists[s][int(u * len(lists[s]))] for s, u in zip(speaker.tolist(), chance, strict=True)])

    def loss(batch: Mapping[str, Tensor], step: int, generator: torch.Generator):
        wanted, speaker = some.spectra[batch["row"]], some.owner[batch["row"]]
        mixed = (wanted + some.spectra[draw(whose, speaker, generator)]).abs()
        mask = chooser(mixed, some.block[draw(own, speaker, generator)])
        misfit = (mask * mixed - wanted.abs()).square().mean()
        return misfit, {"misfit": misfit.detach()}

    return loss, {"row": torch.arange(len(some.spectra))}


def cases(some: Material, count: int = 24, seed: int = 0) -> list[tuple[int, int, int, int]]:
    """Mixtures of two clips of two speakers, and for each speaker another clip whose block asks for them.

    Args:
        some: test material.
        count: how many.
        seed: of the draws.

    Returns:
        Clips ``(first, second, another of the first's speaker, another of the second's)``.
    """
    generator = torch.Generator().manual_seed(seed)
    found = []
    while len(found) < count:
        i, j, k, m = torch.randint(len(some.clips), (4,), generator=generator).tolist()
        s = some.speaker
        if s[i] != s[j] and s[k] == s[i] and s[m] == s[j] and k != i and m != j:
            found.append((i, j, k, m))
    return found


def mixed(some: Material, first: int, second: int) -> Tensor:
    """Two clips as sources of equal power, the shorter one followed by silence.

    Args:
        some: material.
        first: a clip.
        second: another.

    Returns:
        ``[2, T]``.
    """
    waves = [some.clips[first], some.clips[second]]
    longest = max(map(len, waves))
    return torch.stack([F.pad(wave, (0, longest - len(wave))) for wave in waves])


def measure(chooser: Chooser, corpus: str, count: int = 24) -> dict[str, float]:
    """Whether the block decides who is heard, on test clips.

    Args:
        chooser: trained.
        corpus: as of :func:`material`.
        count: mixtures.

    Returns:
        Mean SDR of the wanted voice: of the ``mixture``, ``asked`` with the block of another clip, with a block
        written by ``hand``, with the ``other`` speaker's block, with a ``stranger``'s; ``heard``, percent of cases in
        which what is heard is nearer to the speaker asked for than to the other.
    """
    some = material(corpus, "test")
    eye, found = torch.eye(VOICE.sizes["speaker"]), {}
    rows: dict[str, list[float]] = {name: [] for name in ("mixture", "asked", "hand", "other", "stranger", "heard")}
    for i, j, k, m in cases(some, count):
        pair = mixed(some, i, j)
        wave, speakers = pair.sum(0), some.speaker[[i, j]]
        third = next(s for s in range(len(eye)) if s not in speakers.tolist())
        blocks = {
            "asked": some.block[[k, m]],
            "hand": eye[speakers],
            "other": some.block[[m, k]],
            "stranger": eye[[third] * 2],
        }
        made = {name: torch.stack([chooser.hear(wave, b) for b in both]) for name, both in blocks.items()}
        made["mixture"] = wave.expand(2, -1)
        for name, estimates in made.items():
            rows[name] += speech_metrics.bss_eval(pair, estimates)[0].tolist()
        for k_, heard in enumerate(made["asked"]):
            near = [speech_metrics.si_sdr(source, heard) for source in pair]
            rows["heard"].append(100.0 * (near[k_] > near[1 - k_]))
    found = {name: sum(row) / len(row) for name, row in rows.items()}
    return found
