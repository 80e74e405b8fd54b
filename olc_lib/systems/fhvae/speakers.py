"""Who is speaking: verification by cosine, its error, the baseline of mixture models, and conversion of a voice."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torchaudio
from torch import Tensor
from torch.nn import functional as F

from olc_lib import spectra

from .model import FHVAE, s_vector


def equal_error_rate(score: Tensor, same: Tensor) -> float:
    """Where as many pairs of one speaker are refused as pairs of two are accepted, in percent.

    Args:
        score: ``[P]``, larger for more alike.
        same: ``[P]`` bool, whether a pair is of one speaker.

    Returns:
        0 to 100; between two thresholds, the point where the two shares cross. 50 is chance.

    Raises:
        ValueError: if all pairs are of one kind.
    """
    if same.all() or not same.any():
        raise ValueError("all pairs are of one kind, expected some of one speaker and some of two")
    order = score.argsort(descending=True, stable=True)
    score, same = score[order], same[order].double()
    last = torch.cat([score.diff() != 0, torch.ones(1, dtype=torch.bool)])  # equal scores share one threshold
    accepted = torch.cat([torch.zeros(1).double(), ((1 - same).cumsum(0) / (1 - same).sum())[last]])
    refused = torch.cat([torch.ones(1).double(), (1 - same.cumsum(0) / same.sum())[last]])
    after = int((accepted >= refused).nonzero()[0])
    gap = (accepted - refused)[after - 1 : after + 1]
    between = (-gap[0] / (gap[1] - gap[0])).item()
    return 100 * (accepted[after - 1] + between * (accepted[after] - accepted[after - 1])).item()


def verification(vectors: Tensor, speaker: Tensor) -> float:
    """Equal error rate over all pairs of utterances, scored by cosine (Section 4.2), in percent.

    Args:
        vectors: ``[N, D]``, one an utterance.
        speaker: ``[N]``.

    Returns:
        See :func:`olc_lib.systems.fhvae.speakers.equal_error_rate`.
    """
    first, second = torch.triu_indices(len(vectors), len(vectors), 1)
    unit = F.normalize(vectors.double(), dim=1)
    return equal_error_rate((unit @ unit.T)[first, second], speaker[first] == speaker[second])


def discriminant(train: Tensor, speaker: Tensor, test: Tensor, size: int = 12) -> Tensor:
    """Vectors after linear discriminant analysis, fitted on the training speakers.

    Args:
        train: ``[N, D]``.
        speaker: ``[N]``.
        test: ``[K, D]``.
        size: dimensions kept; fewer if ``D`` is smaller.

    Returns:
        ``[K, size]``.
    """
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

    size = min(size, train.shape[1], len(speaker.unique()) - 1)
    analysis = LinearDiscriminantAnalysis(n_components=size).fit(train.double().numpy(), speaker.numpy())
    return torch.from_numpy(analysis.transform(test.double().numpy()))


@dataclass(frozen=True)
class Codes:
    """What an encoder makes of N utterances.

    Args:
        z1: ``[S, D1]`` posterior means, one a segment.
        z2: ``[S, D2]``.
        owner: ``[S]``, each segment's utterance.
        mu1: ``[N, D1]``, means of ``z1`` (the check of Section 4.2).
        mu2: ``[N, D2]``, s-vectors (Eq. 5).
    """

    z1: Tensor
    z2: Tensor
    owner: Tensor
    mu1: Tensor
    mu2: Tensor


@torch.no_grad()
def encode(model: FHVAE, sequences: Sequence[Tensor], shift: int = 10, frames: int = 20) -> Codes:
    """Codes of whole utterances.

    Args:
        model: any with ``codes``.
        sequences: log-mel ``[T_n, F]``, T_n at least ``frames``.
        shift: frames from one segment to the next.
        frames: of a segment.

    Returns:
        The codes of all segments, and two vectors an utterance.
    """
    pieces, owner, _ = spectra.segments(list(sequences), frames, shift)
    z1, z2 = (torch.cat(part) for part in zip(*(model.codes(some) for some in pieces.split(512)), strict=True))
    of = [owner == k for k in range(len(sequences))]
    mu1 = torch.stack([s_vector(z1[rows], 1.0) for rows in of])
    return Codes(z1, z2, owner, mu1, torch.stack([s_vector(z2[rows]) for rows in of]))


@torch.no_grad()
def redraw(model: FHVAE, sequence: Tensor, by1: Tensor | float = 0.0, by2: Tensor | float = 0.0) -> Tensor:
    """An utterance through the codes, which are shifted on the way (Appendix E): segments end to end.

    Args:
        model: that encodes and decodes.
        sequence: log-mel ``[T, F]``.
        by1: added to ``z1`` of every segment.
        by2: added to ``z2``; the difference of two s-vectors converts the voice.

    Returns:
        Log-mel ``[T', F]``, T' the largest multiple of the segment's length up to T.
    """
    pieces = spectra.segments([sequence], model.write.frames)[0]
    z1, z2 = model.codes(pieces)
    frames = model.decode(z1 + by1, z2 + by2).mean
    return frames.flatten(0, 1) * model.deviation + model.mean


def cepstra(sequence: Tensor, keep: int = 13) -> Tensor:
    """Cepstral coefficients with first and second differences, of the louder frames.

    Args:
        sequence: log-mel ``[T, F]``.
        keep: coefficients.

    Returns:
        ``[T', 3 keep]``: frames whose mean level is within 30 dB of the 95th percentile, as a simple detector of voice.
    """
    basis = torchaudio.functional.create_dct(keep, sequence.shape[1], "ortho")
    still = sequence @ basis
    first = torchaudio.functional.compute_deltas(still.T).T
    second = torchaudio.functional.compute_deltas(first.T).T
    level = sequence.mean(1)
    return torch.cat([still, first, second], 1)[level > level.quantile(0.95) - 3 * np.log(10)]


class Supervectors:
    """The classical baseline: how an utterance moves the means of a mixture of Gaussians, in few dimensions.

    A stand-in for i-vectors (Dehak et al. 2011): a diagonal mixture of all speech, adapted to the utterance by maximum
    a posteriori (Reynolds et al. 2000); the moved means, scaled, then principal components.

    Args:
        sequences: training utterances, log-mel ``[T_n, F]``.
        components: of the mixture.
        size: principal components kept.
        relevance: how many frames it takes to move a mean half-way.
        seed: of the mixture's start.
    """

    def __init__(self, sequences, components: int = 64, size: int = 48, relevance: float = 16.0, seed: int = 0):
        from sklearn.decomposition import PCA
        from sklearn.mixture import GaussianMixture

        frames = [cepstra(sequence) for sequence in sequences]
        every = torch.cat(frames)
        self.mean, self.deviation, self.relevance = every.mean(0), every.std(0), relevance
        few = every[torch.randperm(len(every), generator=torch.Generator().manual_seed(seed))[:30_000]]
        mixture = GaussianMixture(components, covariance_type="diag", random_state=seed, max_iter=20, tol=1e-2)
        with np.errstate(all="ignore"):
            self.mixture = mixture.fit(((few - self.mean) / self.deviation).numpy())
        moved = np.stack([self._moved(some) for some in frames])
        self.components = PCA(min(size, len(moved) - 1), random_state=seed).fit(moved)

    def _moved(self, frames: Tensor) -> np.ndarray:
        x = ((frames - self.mean) / self.deviation).numpy()
        share = self.mixture.predict_proba(x)
        count = share.sum(0)[:, None]
        step = (share.T @ x - count * self.mixture.means_) / (count + self.relevance)
        return (step * np.sqrt(self.mixture.weights_[:, None] / self.mixture.covariances_)).ravel()

    def __call__(self, sequences: Sequence[Tensor]) -> Tensor:
        """Vectors of N utterances, ``[N, size]``."""
        moved = np.stack([self._moved(cepstra(sequence)) for sequence in sequences])
        return torch.from_numpy(self.components.transform(moved))


@dataclass(frozen=True)
class Conversion:
    """What an independent judge says of conversions, in percent of the pairs.

    Args:
        nearer: nearer the target speaker than the source.
        named: nearest the target among all speakers.
        control_nearer: the same for a shift of ``z1`` by the difference of ``mu1``.
        control_named: likewise.
        redrawn_nearer: the same for the mere reconstruction.
    """

    nearer: float
    named: float
    control_nearer: float
    control_named: float
    redrawn_nearer: float


def conversion(model: FHVAE, judge: Supervectors, sequences, speaker: Tensor, pairs: int = 60) -> Conversion:
    """Convert utterances to other speakers, and ask the judge whose they are.

    Of every speaker the first half of the utterances gives sources and references, the second half the judge's
    reference for the speaker, so the judge never saw what it judges.

    Args:
        model: that converts.
        judge: fitted on other speakers.
        sequences: N utterances, log-mel.
        speaker: ``[N]``.
        pairs: how many conversions.

    Returns:
        The shares.
    """
    names, codes = speaker.unique(), encode(model, sequences)
    own = [(speaker == name).nonzero()[:, 0] for name in names]
    seen = judge(sequences)
    portraits = F.normalize(
        torch.stack([F.normalize(seen[rows[len(rows) // 2 :]], dim=1).mean(0) for rows in own]), dim=1
    )
    draw = np.random.default_rng(0)
    outcome = []
    for _ in range(pairs):
        source, target = draw.choice(len(names), 2, replace=False)
        one, other = (int(draw.choice(own[k][: len(own[k]) // 2].numpy())) for k in (source, target))
        by1, by2 = codes.mu1[other] - codes.mu1[one], codes.mu2[other] - codes.mu2[one]
        made = [redraw(model, sequences[one], **by) for by in ({"by2": by2}, {"by1": by1}, {})]
        near = judge(made) @ portraits.T
        outcome.append([*(near[:, target] > near[:, source]).tolist(), *(near.argmax(1) == target).tolist()])
    share = 100 * torch.tensor(outcome).double().mean(0)
    return Conversion(*(float(share[k]) for k in (0, 3, 1, 4, 2)))


def listen(sequence: Tensor, rate: int, seed: int = 0) -> Tensor:
    """Sound of log-mel frames, by Griffin-Lim: phases are guessed, so the sound is only similar.

    Args:
        sequence: log-mel ``[T, F]`` as :func:`olc_lib.spectra.log_mel` gives it.
        rate: samples a second.
        seed: of the first phases.

    Returns:
        ``[(T - 1) * hop]`` samples, peak 0.9.
    """
    hop, window = round(0.010 * rate), 2 * round(0.0125 * rate)
    points = max(512, 1 << (window - 1).bit_length())
    bands = torchaudio.functional.melscale_fbanks(points // 2 + 1, 0.0, rate / 2, sequence.shape[1], rate)
    power = sequence.exp().T
    # Which spectrum has these band energies? Non-negative least squares by multiplicative updates (Lee & Seung 2001).
    linear = bands @ power + 1e-8
    for _ in range(30):
        linear = linear * (bands @ power) / (bands @ (bands.T @ linear) + 1e-12)
    with torch.random.fork_rng([]):
        torch.manual_seed(seed)
        wave = torchaudio.functional.griffinlim(
            linear, torch.hann_window(window), points, hop, window, 2.0, 40, 0.99, None, True
        )
    return 0.9 * wave / wave.abs().max().clamp_min(1e-9)
