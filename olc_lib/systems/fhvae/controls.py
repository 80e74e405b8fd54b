"""Two controls: what noise does to an s-vector if it comes and goes, and why shifting ``z1`` converts a little.

They stand apart from :mod:`olc_lib.systems.fhvae.studies`, whose numbers they explain.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from olc_lib import spectra

from .corpus import Settings, log_mels, training_sequences, utterances
from .speakers import Supervectors, discriminant, encode, redraw, verification
from .studies import _held, _judge, learn

#: How each pair of utterances is made over in :func:`shifts`.
WAYS = ("heard", "redrawn", "z2", "z2_random", "z1", "z1_random", "z1_same_reader")


def recordings(seed: int, joined: bool, how: str = "noise") -> list[Tensor]:
    """The training utterances of LibriSpeech and a spoilt copy of each.

    Args:
        seed: of what is added.
        joined: clean and spoilt copy end to end as one recording, in which the noise comes and the voice stays; else
            as two recordings, as the experiment fhvae-spoilt has them.
        how: see :func:`olc_lib.systems.fhvae.corpus.spoil`.

    Returns:
        Log-mel ``[T_n, 80]`` each.
    """
    part = utterances("librispeech", "train")
    clean, spoilt = log_mels(part), log_mels(part, how, 1 + seed)
    return [torch.cat(pair) for pair in zip(clean, spoilt, strict=True)] if joined else clean + spoilt


def noisy(seed: int, device: str = "cpu", mixture: bool = False, joined: bool = True) -> dict:
    """Verify readers never heard, clean and noisy, after training on recordings in which noise stays or comes.

    Neither rival is told a name; discriminant analysis knows which pieces of 3 s are of one recording, and so does the
    discriminative term of the FHVAE.

    Args:
        seed: of the training, or of the mixture's start.
        device: where.
        mixture: measure the baseline, see :class:`~.speakers.Supervectors`, instead of an FHVAE.
        joined: see :func:`recordings`.

    Returns:
        ``eer`` and ``eer_noise``, and both after discriminant analysis (``_lda``), in percent; for an FHVAE also of
        ``mu1``.
    """
    sequences, (speaker, heard) = recordings(seed, joined), _held("librispeech")
    pieces, owner, _ = spectra.segments(sequences, 300)
    if mixture:
        fitted = Supervectors(sequences, seed=seed)
        known, asked = {"eer": fitted(list(pieces))}, {c: {"eer": fitted(heard[c])} for c in ("", "_noise")}
    else:
        model, _ = learn(Settings(seed=seed), sequences, device)
        names = {"eer": "mu2", "mu1": "mu1"}
        codes = {"known": encode(model, list(pieces), shift=20)} | {c: encode(model, heard[c]) for c in ("", "_noise")}
        by_name = {key: {n: getattr(some, field) for n, field in names.items()} for key, some in codes.items()}
        known, asked = by_name.pop("known"), by_name
    found = {}
    for condition, vectors in asked.items():
        for name, some in vectors.items():
            found[f"{name}{condition}"] = verification(some, speaker)
            found[f"{name}{condition}_lda"] = verification(discriminant(known[name], owner, some), speaker)
    return found


@dataclass(frozen=True)
class _Pair:
    """One utterance to be converted, ``one`` of the reader ``source``, and one of the reader ``target``."""

    source: int
    target: int
    one: int
    other: int
    again: int  # another utterance of the source's reader


def _pairs(own: list[Tensor], count: int) -> list[_Pair]:
    draw, pairs = np.random.default_rng(0), []
    for _ in range(count):
        source, target = (int(k) for k in draw.choice(len(own), 2, replace=False))
        one, again = (int(k) for k in draw.choice(own[source][: len(own[source]) // 2].numpy(), 2, replace=False))
        pairs.append(_Pair(source, target, one, int(draw.choice(own[target][: len(own[target]) // 2].numpy())), again))
    return pairs


def judged(model, judge, sequences: Sequence[Tensor], speaker: Tensor, pairs: int = 120) -> dict[str, float]:
    """Convert utterances in each of :data:`WAYS`, and let the judge say whose they are.

    Args:
        model: that encodes and decodes.
        judge: log-mels to vectors, fitted on other speakers.
        sequences: N utterances, log-mel ``[T_n, F]``.
        speaker: ``[N]``.
        pairs: how many conversions, of utterances that the judge's references were not made from.

    Returns:
        See :func:`shifts`.
    """
    own = [(speaker == name).nonzero()[:, 0] for name in speaker.unique()]
    codes, seen = encode(model, sequences), F.normalize(judge(sequences), dim=1)
    portraits = F.normalize(torch.stack([seen[rows[len(rows) // 2 :]].mean(0) for rows in own]), dim=1)
    generator = torch.Generator().manual_seed(0)

    def random(shift: Tensor) -> Tensor:
        return F.normalize(torch.randn(shift.shape, generator=generator), dim=0) * shift.norm()

    outcome, lengths = [], []
    for pair in _pairs(own, pairs):
        by1, by2 = (of[pair.other] - of[pair.one] for of in (codes.mu1, codes.mu2))
        again = codes.mu1[pair.again] - codes.mu1[pair.one]
        ways = ({}, {"by2": by2}, {"by2": random(by2)}, {"by1": by1}, {"by1": random(by1)}, {"by1": again})
        made = [sequences[pair.one], *(redraw(model, sequences[pair.one], **way) for way in ways)]
        near = judge(made) @ portraits.T
        nearer, named = near[:, pair.target] > near[:, pair.source], near.argmax(1) == pair.target
        outcome.append(torch.stack([nearer, named]))
        lengths.append(torch.stack([by1.norm(), again.norm(), by2.norm()]))
    nearer, named = 100 * torch.stack(outcome).double().mean(0)
    found = {f"nearer_{way}": nearer[k].item() for k, way in enumerate(WAYS)}
    found |= {f"named_{way}": named[k].item() for k, way in enumerate(WAYS)}
    spread1, spread2 = (code.var(0).sum().sqrt() for code in (codes.z1, codes.z2))
    names = ("length_z1", "length_z1_same_reader", "length_z2")
    lengths = torch.stack(lengths).mean(0) / torch.stack([spread1, spread1, spread2])
    return found | dict(zip(names, lengths.tolist(), strict=True))


def shifts(seed: int, device: str = "cpu") -> dict:
    """Why is a voice whose ``z1`` was shifted sometimes nearer the target?

    Three answers are possible. The judge errs, on the utterance as it was (``heard``) or once the model has drawn it
    (``redrawn``). Or any shift of that length confuses it (``z1_random``, in a random direction; ``z1_same_reader``,
    by the difference to another utterance of the same reader). Or ``mu1`` still holds some of the voice, and only the
    shift to the target's ``mu1`` (``z1``) does it.

    Args:
        seed: of the training.
        device: where.

    Returns:
        ``nearer_WAY``, nearer the target than the source, and ``named_WAY``, nearest the target among all readers, for
        each of :data:`WAYS`, in percent of the pairs; ``length_z1`` and others, mean length of the shift over the root
        mean square deviation of single segments' codes.
    """
    settings = Settings(seed=seed)
    model, _ = learn(settings, training_sequences(settings), device)
    speaker, heard = _held("librispeech")
    return judged(model, _judge(Settings()), heard[""], speaker)
