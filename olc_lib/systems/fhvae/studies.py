"""What is measured of FHVAEs: two clocks, the baseline, rivals, noise, and whether z1 carries words across domains."""

import functools
from collections.abc import Sequence
from dataclasses import replace

import torch
from torch import Tensor

from olc_lib import block_metrics, spectra, train

from .corpus import Settings, build, log_mels, training_sequences, turn, utterances
from .speakers import Supervectors, conversion, discriminant, encode, redraw, verification

#: How the test utterances are spoilt, and whether only their middle second is heard.
CONDITIONS = {"": ("", False), "_second": ("", True), "_noise": ("noise", False), "_rooms": ("rooms", False)}


def learn(settings: Settings, sequences: Sequence[Tensor], device: str = "cpu"):
    """Train a model.

    Args:
        settings: of the training.
        sequences: log-mel ``[T_n, F]`` each.
        device: where.

    Returns:
        The model on the processor, and its history.
    """
    model = build(settings, len(sequences))["fhvae"]
    turns, items = turn(model, settings, sequences, device)
    plan = settings.training
    history = train.fit(
        model, turns, items, plan.steps, batch_size=plan.batch_size, seed=settings.seed, device=device, progress=False
    )
    return model.cpu(), history


def middle(sequences: Sequence[Tensor], frames: int = 100) -> list[Tensor]:
    """The middle second of every utterance.

    Args:
        sequences: log-mel ``[T_n, F]`` each.
        frames: how many, 10 ms each.

    Returns:
        As many, ``[frames, F]`` or shorter.
    """
    return [s[(len(s) - frames) // 2 :][:frames] for s in sequences]


def probes(codes, speaker: Tensor) -> dict[str, float]:
    """Speakers read linearly from single segments: fitted on the first half of each one's utterances.

    Args:
        codes: of N utterances.
        speaker: ``[N]``, sorted.

    Returns:
        ``probe_z1`` and ``probe_z2``, right in the second half, in percent.
    """
    rank = torch.cat([torch.arange(int(n)) for n in torch.bincount(speaker)[speaker.unique()]])
    half = torch.bincount(speaker)[speaker] // 2
    some = slice(None, None, 4)  # a quarter of the segments is enough
    first, whose = (rank < half)[codes.owner][some], speaker[codes.owner][some]
    return {
        f"probe_{name}": block_metrics.probe(z[some][first], whose[first], z[some][~first], whose[~first])
        for name, z in (("z1", codes.z1), ("z2", codes.z2))
    }


@functools.lru_cache(1)
def _held(corpus: str):
    """Whom a model is tested on: the test readers, or for trials 3 s pieces of the validation readers."""
    if corpus == "librispeech":
        test = utterances("librispeech", "test")
        return test.speaker, {c: log_mels(test, how, 77) for c, (how, _) in CONDITIONS.items()}
    test = utterances("librispeech", "validation")
    pieces, owner, _ = spectra.segments(log_mels(test), 300)
    return test.speaker[owner], {"": list(pieces)}


@functools.lru_cache(1)
def _judge(settings: Settings) -> Supervectors:
    return Supervectors(training_sequences(settings))


def verify(seed: int, device: str = "cpu", judged: bool = True, **changes) -> dict:
    """Train on LibriSpeech readers, and verify readers never heard.

    Args:
        seed: of the training.
        device: where.
        judged: convert voices, too, and have the baseline judge them.
        changes: to :class:`~.corpus.Settings`.

    Returns:
        Equal error rates in percent (``eer``: s-vectors, ``mu1``: the check), probes, conversions, and the terms of the
        bound at the end, in nats a segment.
    """
    settings = replace(Settings(seed=seed), **changes)
    sequences = training_sequences(settings)
    model, history = learn(settings, sequences, device)
    speaker, heard = _held(settings.corpus)
    found = {name: values[-100:].mean().item() for name, values in history.items()}
    for condition, tests in heard.items():
        codes = encode(model, middle(tests) if CONDITIONS[condition][1] else tests)
        found[f"eer{condition}"] = verification(codes.mu2, speaker)
        found[f"mu1{condition}"] = verification(codes.mu1, speaker)
    pieces, owner, _ = spectra.segments(sequences, 300)
    known, codes = encode(model, list(pieces), shift=20), encode(model, heard[""])
    for name in ("mu1", "mu2"):
        reduced = discriminant(getattr(known, name), owner, getattr(codes, name))
        found["eer_lda" if name == "mu2" else "mu1_lda"] = verification(reduced, speaker)
    if settings.corpus == "librispeech":
        found |= probes(codes, speaker)
    if judged and not settings.one_clock:
        verdict = conversion(model, _judge(Settings()), heard[""], speaker)
        found |= {f"convert_{name}": value for name, value in vars(verdict).items()}
    if settings.spoilt:
        found |= denoising(model, speaker, heard[""], heard["_noise"])
    return found


def baseline(seed: int, device: str = "cpu", **changes) -> dict:
    """The mixture-model baseline on the same utterances.

    Args:
        seed: of the mixture's start.
        device: not used: the mixture is fitted on the processor.
        changes: to :class:`~.corpus.Settings`; what the FHVAE hears, the baseline hears.

    Returns:
        ``eer`` in each condition, and after discriminant analysis, in percent.
    """
    settings = replace(Settings(seed=seed), **changes)
    sequences = training_sequences(settings)
    mixture = Supervectors(sequences, seed=seed)
    speaker, heard = _held(settings.corpus)
    found = {}
    for condition, tests in heard.items():
        seen = mixture(middle(tests) if CONDITIONS[condition][1] else tests)
        found[f"eer{condition}"] = verification(seen, speaker)
    pieces, owner, _ = spectra.segments(sequences, 300)
    found["eer_lda"] = verification(discriminant(mixture(list(pieces)), owner, mixture(heard[""])), speaker)
    return found


def denoising(model, speaker: Tensor, clean: Sequence[Tensor], noisy: Sequence[Tensor]) -> dict[str, float]:
    """Shift the s-vector of a noisy utterance to that of another, clean one of the same reader.

    Args:
        model: trained with noisy utterances among others.
        speaker: ``[N]``, sorted.
        clean: N utterances.
        noisy: the same, with noise.

    Returns:
        Root mean square errors against the clean log-mel, in nats: the noisy input, its reconstruction, with ``z2``
        shifted, with ``z1`` shifted instead (control), the input with each band's mean and deviation moved (no model),
        and the reconstruction of the clean utterance (what is reachable).
    """
    quiet, loud = encode(model, clean), encode(model, noisy)
    squares, frames = torch.zeros(6), 0
    for k in range(len(clean)):
        other = k + 1 if k + 1 < len(clean) and speaker[k + 1] == speaker[k] else k - 1
        by1, by2 = quiet.mu1[other] - loud.mu1[k], quiet.mu2[other] - loud.mu2[k]
        moved = (noisy[k] - noisy[k].mean(0)) / noisy[k].std(0) * clean[other].std(0) + clean[other].mean(0)
        made = [redraw(model, noisy[k], **by) for by in ({}, {"by2": by2}, {"by1": by1})]
        made = [noisy[k], *made, moved, redraw(model, clean[k])]
        size = len(made[1])
        squares += torch.stack([(some[:size] - clean[k][:size]).square().mean(1).sum() for some in made])
        frames += size
    names = ("noisy", "redrawn", "shifted_z2", "shifted_z1", "bands_moved", "redrawn_clean")
    return {f"denoise_{name}": (square / frames).sqrt().item() for name, square in zip(names, squares, strict=True)}


def measure(models, settings: Settings, split: str, device: str = "cpu") -> tuple[dict, dict[str, Tensor]]:
    """What is printed of a run: equal error rates of ``mu2``, of ``mu1`` and of the baseline, and conversions.

    Args:
        models: of the run.
        settings: of the run.
        split: as of :func:`~.corpus.utterances`.
        device: not used: measured on the processor.

    Returns:
        Metrics, keys beginning with the corpus, in percent; and ``CORPUS_mu2``, ``CORPUS_mu1`` ``[N, D]``.
    """
    embedded = settings.corpus == "embedded"
    mixture = Supervectors(training_sequences(settings), size=24 if embedded else 48)
    found, arrays = {}, {}
    for name in ("people", "synthetic") if embedded else (settings.corpus,):
        part = utterances(name, split)
        mels = log_mels(part)
        codes = encode(models["fhvae"].cpu(), mels, frames=settings.frames)
        found[f"{name}_eer"] = verification(codes.mu2, part.speaker)
        found[f"{name}_mu1"] = verification(codes.mu1, part.speaker)
        found[f"{name}_baseline"] = verification(mixture(mels), part.speaker)
        verdict = conversion(models["fhvae"], mixture, mels, part.speaker)
        found |= {f"{name}_{key}": value for key, value in vars(verdict).items()}
        arrays |= {f"{name}_mu1": codes.mu1, f"{name}_mu2": codes.mu2}
    return found, arrays
