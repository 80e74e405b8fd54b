"""Two voices at once: which sentences are whose, which are kept for the test, and how they are mixed."""

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor

from olc_lib import sentences
from olc_lib.systems.sdm import speech

#: Seconds of a test mixture at most.
LONGEST = 3.0
#: Seconds taken of a reader in the scene of unknown readers; all of it would not train better in the time there is.
PER_READER = 6.0


@dataclass(frozen=True, eq=False)
class Scene:
    """Two sources to tell apart, such as a woman and a man.

    Attributes:
        sources: their names.
        waves: split to two lists of waves ``[T]``, one list a source, each wave with a mean square of 1.
        names: split to two lists of ``(speaker, sentence)``, likewise; a sentence of two speakers has one name if they
            say the same.
        rate: samples per second.
    """

    sources: tuple[str, str]
    waves: dict[str, tuple[list[Tensor], list[Tensor]]]
    names: dict[str, tuple[list[tuple[str, str]], list[tuple[str, str]]]] = field(repr=False)
    rate: int


def level(wave: Tensor) -> Tensor:
    """A wave at the power that every source has.

    Args:
        wave: ``[T]``, not silent.

    Returns:
        ``[T]`` with a mean square of 1.

    Raises:
        ValueError: if the wave is silent.
    """
    power = wave.square().mean()
    if power == 0:
        raise ValueError("the wave is silent, expected a voice to mix")
    return wave / power.sqrt()


def mixtures(scene: Scene, split: str, count: int = 24, seed: int = 0) -> list[Tensor]:
    """Pairs of sources of equal power; their sum is what is to be separated.

    Args:
        scene: whose.
        split: "train", "validation" or "test".
        count: how many; fewer where there are fewer pairs of sentences.
        seed: of the choice of pairs.

    Returns:
        Tensors ``[2, T]`` of the two sources, cut to the shorter one and to 3 s, each row with a mean square of 1.

    Raises:
        ValueError: if the scene has no sentences in this split.
    """
    first, second = scene.waves[split]
    if not first or not second:
        raise ValueError(f"the split {split!r} of {scene.sources} has no sentences, expected some of both sources")
    pairs = len(first) * len(second)
    generator = torch.Generator().manual_seed(seed)
    # Whole rounds through both lists, so that no sentence comes up more often than it must.
    order = [torch.randperm(len(some), generator=generator) for some in (first, second)]
    chosen, place = dict.fromkeys(()), 0
    while len(chosen) < min(count, pairs):
        shift = place // (len(first) * len(second) // _common(len(first), len(second)))
        chosen[int(order[0][place % len(first)]), int(order[1][(place + shift) % len(second)])] = None
        place += 1
    found = []
    for i, j in chosen:
        length = min(len(first[i]), len(second[j]), round(LONGEST * scene.rate))
        found.append(torch.stack([level(first[i][:length]), level(second[j][:length])]))
    return found


def held(scene: Scene) -> Scene:
    """A scene with one training sentence of each source kept for validation, and no test.

    Args:
        scene: at least two training sentences of each source.

    Returns:
        The scene in which settings are chosen, where no other sentences are left for it.

    Raises:
        ValueError: if a source has a single training sentence.
    """
    if min(map(len, scene.waves["train"])) < 2:
        raise ValueError(f"a source of {scene.sources} has one training sentence, expected two or more to keep one")

    def parts(both) -> dict:
        return {"train": tuple(x[:-1] for x in both), "validation": tuple(x[-1:] for x in both), "test": ([], [])}

    return Scene(scene.sources, parts(scene.waves["train"]), parts(scene.names["train"]), scene.rate)


def _common(a: int, b: int) -> int:
    """Greatest common divisor."""
    return a if b == 0 else _common(b, a % b)


def _scene(sources, rows, rate: int) -> Scene:
    """From rows of (split, source 0 or 1, speaker, sentence, wave)."""
    waves: dict = {split: ([], []) for split in ("train", "validation", "test")}
    names: dict = {split: ([], []) for split in waves}
    for split, source, speaker, sentence, wave in rows:
        waves[split][source].append(level(wave))
        names[split][source].append((speaker, sentence))
    return Scene(sources, waves, names, rate)


def _rows(some: sentences.Sentences):
    """Speaker, name of the sentence, sex and wave of each."""
    for i, wave in enumerate(some.waves):
        speaker = some.speakers[int(some.speaker[i])]
        yield speaker, some.ids[i].partition("/")[2] or some.ids[i], bool(some.woman[i]), wave


# --- the scenes ----------------------------------------------------------------------------------------------


def people(seed: int = 0) -> list[Scene]:
    """A woman who speaks English and a man who speaks Italian, both known; what they say is split by prompt.

    Args:
        seed: not used: there is one pair.

    Returns:
        One scene at 8 kHz: of five prompts, three are for training, one for validation, one for the test.
    """
    rows = [row for row in _rows(sentences.embedded("people")) if row[0] in ("allison", "carlo")]
    prompts = sorted({row[1] for row in rows})
    place = {prompt: ("train", "train", "train", "validation", "test")[k % 5] for k, prompt in enumerate(prompts)}
    return [
        _scene(("Allison", "Carlo"), [(place[s], int(not woman), who, s, wave) for who, s, woman, wave in rows], 8000)
    ]


def synthetic_pairs(seed: int = 0) -> list[Scene]:
    """Six pairs of a synthetic woman and a synthetic man who say the same six sentences; each pair is learned alone.

    Args:
        seed: which woman and which man of the two of each in a group.

    Returns:
        Six scenes at 8 kHz, four sentences for training and two for the test: eight seconds of each voice.
    """
    found = []
    for group in _groups():
        women, men = (sorted({row[0] for row in group if row[2] is sex}) for sex in (True, False))
        pair = women[seed // 2 % 2], men[seed % 2]
        texts = sorted({row[1] for row in group})
        rows = [
            ("train" if texts.index(s) < 4 else "test", int(not woman), who, s, wave)
            for who, s, woman, wave in group
            if who in pair
        ]
        found.append(_scene(pair, rows, 8000))
    return found


def synthetic_strangers(seed: int = 0) -> list[Scene]:
    """A woman and a man nobody has heard: sixteen synthetic voices for training, eight others for the test.

    Args:
        seed: not used.

    Returns:
        One scene at 8 kHz.
    """
    rows = [
        ("test" if k > 3 else "train", int(not woman), who, s, wave)
        for k, group in enumerate(_groups())
        for who, s, woman, wave in group
    ]
    return [_scene(("woman", "man"), rows, 8000)]


def _groups() -> list[list]:
    """The four synthetic speakers of each set of six sentences."""
    groups: dict[int, list] = {}
    for row in _rows(sentences.embedded("synthetic")):
        groups.setdefault(int(row[1]) // 6, []).append(row)
    return [groups[k] for k in sorted(groups)]


@functools.lru_cache(maxsize=1)
def _librispeech() -> sentences.Sentences:
    return sentences.librispeech()


def _pieces(wave: Tensor, rate: int, longest: float) -> list[Tensor]:
    """A long utterance in pieces of about LONGEST seconds, up to so many seconds; a short rest is left out."""
    wave, size = wave[: round(longest * rate)], round(LONGEST * rate)
    return [piece for piece in wave.split(size) if len(piece) > size // 2] or [wave]


def readers(seed: int = 0) -> list[Scene]:
    """A woman and a man of LibriSpeech with ten utterances each; seven are for training, three for the test.

    Args:
        seed: which pair of the four; settings were chosen on pair 3, so repetitions are pairs 0 to 2.

    Returns:
        One scene at 16 kHz.
    """
    some = [row for row in _rows(_librispeech()) if _several(row[1])]
    pair = [sorted({row[0] for row in some if row[2] is sex})[seed % 4] for sex in (True, False)]
    rows = []
    for source, speaker in enumerate(pair):
        own = [row for row in some if row[0] == speaker]
        for k, (who, s, _, wave) in enumerate(own):
            split = "test" if k >= 7 else "train"
            rows += [(split, source, who, s, piece) for piece in _pieces(wave, 16_000, 60.0)]
    return [_scene(("woman", "man"), rows, 16_000)]


def strange_readers(seed: int = 0) -> list[Scene]:
    """The sex alone is known: some 230 readers for training, ten others of another subset for the test.

    Args:
        seed: not used.

    Returns:
        One scene at 16 kHz; ten women and ten men of the training subset are kept for validation.
    """
    rows = []
    kept = {True: 0, False: 0}
    for who, s, woman, wave in _rows(_librispeech()):
        split = "test" if _several(s) else "validation" if kept[woman] < 10 else "train"
        kept[woman] += split == "validation"
        rows += [(split, int(not woman), who, s, piece) for piece in _pieces(wave, 16_000, PER_READER)]
    return [_scene(("woman", "man"), rows, 16_000)]


@functools.lru_cache(maxsize=1)
def _recorded_several() -> frozenset[str]:
    some = _librispeech()
    return frozenset(name for name, subset in zip(some.ids, some.subset, strict=True) if subset == "test-other")


def _several(name: str) -> bool:
    """Whether an utterance is of a reader with several."""
    return name in _recorded_several()


def digit_strings(seed: int = 0, corpus: str = "fsdd") -> list[Scene]:
    """Two speakers of spoken digits, strings of four; words come up again in the test, takes do not.

    Args:
        seed: which pair of three: the first and second speaker, and so on.
        corpus: of :func:`olc_lib.data.voices`.

    Returns:
        One scene at 8 kHz.
    """
    rows = []
    pair = (2 * (seed % 3), 2 * (seed % 3) + 1)
    for split in ("train", "validation", "test"):
        waves, voices = speech.clips(corpus, split)
        for source, speaker in enumerate(pair):
            own = (voices.speaker == speaker).nonzero().flatten()
            own = own[torch.randperm(len(own), generator=torch.Generator().manual_seed(source))]
            for four in own.split(4):
                name = "-".join(f"{int(voices.digit[i])}.{int(voices.take[i])}" for i in four)
                rows.append(
                    (split, source, voices.speakers[speaker], name, torch.cat([waves[i] for i in four.tolist()]))
                )
    return [_scene((voices.speakers[pair[0]], voices.speakers[pair[1]]), rows, 8000)]


#: By name, as experiments name them.
SCENES: dict[str, Callable[[int], Sequence[Scene]]] = {
    "people": people,
    "readers": readers,
    "synthetic pairs": synthetic_pairs,
    "strange readers": strange_readers,
    "synthetic strangers": synthetic_strangers,
    "digits": digit_strings,
}
