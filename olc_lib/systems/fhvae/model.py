"""The factorized hierarchical VAE (Hsu, Zhang & Glass 2017): its networks, its bound, its s-vectors.

A *sequence* is an utterance, a *segment* a fifth of a second of it. ``z2`` of a segment is drawn near the sequence's
s-vector ``mu2``, ``z1`` is not: what stays through an utterance is cheaper to keep in ``z2``. Shapes: ``B`` segments,
``T`` frames, ``F`` bands, ``D1`` and ``D2`` the sizes of ``z1`` and ``z2``, ``M`` sequences.
"""

import math
from typing import NamedTuple

import torch
from torch import Tensor, nn


class Gaussian(NamedTuple):
    """A diagonal Gaussian: ``mean`` and ``log_variance``, both ``[..., D]``."""

    mean: Tensor
    log_variance: Tensor

    def sample(self, generator: torch.Generator | None = None) -> Tensor:
        """One reparametrized draw.

        Args:
            generator: of the noise.

        Returns:
            ``[..., D]``.
        """
        noise = torch.randn(self.mean.shape, generator=generator, device=self.mean.device)
        return self.mean + noise * (0.5 * self.log_variance).exp()


def log_density(x: Tensor, gaussian: Gaussian) -> Tensor:
    """Log density of a diagonal Gaussian, in nats.

    Args:
        x: ``[..., D]``.
        gaussian: of the same shape, or one that broadcasts.

    Returns:
        ``[...]``, summed over the last dimension.
    """
    mean, log_variance = gaussian
    return -0.5 * (math.log(2 * math.pi) + log_variance + (x - mean).square() / log_variance.exp()).sum(-1)


def divergence(q: Gaussian, centre: Tensor | float, variance: float) -> Tensor:
    """KL divergence from a diagonal Gaussian to an isotropic one, in nats (Appendix A of the paper).

    Args:
        q: ``[..., D]``.
        centre: mean of the isotropic one.
        variance: of the isotropic one, positive.

    Returns:
        ``[...]``.
    """
    ratio = q.log_variance - math.log(variance)
    return 0.5 * (ratio.exp() + (q.mean - centre).square() / variance - 1 - ratio).sum(-1)


def s_vector(means: Tensor, variance_z2: float = 0.25, variance_mu2: float = 1.0) -> Tensor:
    """The s-vector of a sequence in closed form (Eq. 5).

    Args:
        means: ``[N, D2]``, posterior means of ``z2`` of its segments.
        variance_z2: of ``z2`` around the s-vector.
        variance_mu2: of the prior of s-vectors.

    Returns:
        ``[D2]``: their mean, drawn towards 0 a little if they are few.

    Raises:
        ValueError: if there are no segments.
    """
    if not len(means):
        raise ValueError("a sequence has no segments, expected at least one")
    return means.sum(0) / (len(means) + variance_z2 / variance_mu2)


def log_which(z2: Tensor, table: Tensor, row: Tensor, variance: float) -> Tensor:
    """Log probability that ``z2`` names its own sequence among those of the table (Section 2.1), in nats.

    Args:
        z2: ``[B, D2]``, posterior means.
        table: ``[M, D2]``, the s-vectors that compete.
        row: ``[B]``, the right row of each.
        variance: of ``z2`` around an s-vector.

    Returns:
        ``[B]``; ``-log(M)`` is chance.
    """
    # |z - m|^2 without |z|^2, which all rows share.
    scores = (z2 @ table.T - 0.5 * table.square().sum(1)) / variance
    return scores.log_softmax(1).gather(1, row[:, None])[:, 0]


class _Reader(nn.Module):
    """An LSTM over a segment; its last state gives a Gaussian."""

    def __init__(self, inputs: int, hidden: int, out: int):
        super().__init__()
        self.lstm = nn.LSTM(inputs, hidden, batch_first=True)
        self.head = nn.Linear(hidden, 2 * out)

    def forward(self, x: Tensor) -> Gaussian:
        return Gaussian(*self.head(self.lstm(x)[0][:, -1]).chunk(2, -1))


class _Writer(nn.Module):
    """An LSTM that sees the same code in every step; each state gives the Gaussian of a frame."""

    def __init__(self, inputs: int, hidden: int, bands: int, frames: int):
        super().__init__()
        self.frames = frames
        self.lstm = nn.LSTM(inputs, hidden, batch_first=True)
        self.head = nn.Linear(hidden, 2 * bands)

    def forward(self, code: Tensor) -> Gaussian:
        states = self.lstm(code[:, None].expand(-1, self.frames, -1))[0]
        return Gaussian(*self.head(states).chunk(2, -1))


class FHVAE(nn.Module):
    """Two LSTM encoders, one LSTM decoder, and a table of s-vectors (Section 3, Figure 3).

    The table is kept as ``table_rate`` times a parameter: Adam moves every weight by about its learning rate, whatever
    the size of its gradient, so the s-vectors move ``table_rate`` times as fast as the networks.

    Args:
        rows: of the table: how many sequences compete.
        bands: of a frame.
        frames: of a segment.
        hidden: of each LSTM.
        size: of ``z1`` and ``z2``, each.
        table_start: deviation of the s-vectors at the start.
        table_rate: see above.
    """

    def __init__(self, rows, bands=80, frames=20, hidden=64, size=16, table_start=0.1, table_rate=5.0):
        super().__init__()
        self.table_rate = table_rate
        self.read2 = _Reader(bands, hidden, size)
        self.read1 = _Reader(bands + size, hidden, size)
        self.write = _Writer(2 * size, hidden, bands, frames)
        self.weight = nn.Parameter(torch.randn(rows, size) * table_start / table_rate)
        self.register_buffer("mean", torch.zeros(bands))
        self.register_buffer("deviation", torch.ones(bands))

    @property
    def table(self) -> Tensor:
        """The s-vectors, ``[M, D2]``."""
        return self.table_rate * self.weight

    def standard(self, x: Tensor) -> Tensor:
        """Frames as the networks see them: mean 0 and variance 1 in each band.

        Args:
            x: log-mel ``[..., F]``.

        Returns:
            ``[..., F]``.
        """
        return (x - self.mean) / self.deviation

    def encode2(self, x: Tensor) -> Gaussian:
        """Posterior of ``z2``.

        Args:
            x: standardized segments ``[B, T, F]``.

        Returns:
            Of ``[B, D2]``.
        """
        return self.read2(x)

    def encode1(self, x: Tensor, z2: Tensor) -> Gaussian:
        """Posterior of ``z1`` given ``z2``.

        Args:
            x: standardized segments ``[B, T, F]``.
            z2: ``[B, D2]``.

        Returns:
            Of ``[B, D1]``.
        """
        return self.read1(torch.cat([x, z2[:, None].expand(-1, x.shape[1], -1)], -1))

    def decode(self, z1: Tensor, z2: Tensor) -> Gaussian:
        """Decode both codes.

        Args:
            z1: ``[B, D1]``.
            z2: ``[B, D2]``.

        Returns:
            Standardized frames, of ``[B, T, F]``.
        """
        return self.write(torch.cat([z1, z2], -1))

    def codes(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Posterior means of ``z1`` and ``z2``; nothing is sampled.

        Args:
            x: log-mel segments ``[B, T, F]``, as they are.

        Returns:
            ``[B, D1]`` and ``[B, D2]``.
        """
        x = self.standard(x)
        z2 = self.encode2(x).mean
        return self.encode1(x, z2).mean, z2


class Terms(NamedTuple):
    """What the objective is made of, ``[B]`` each, in nats a segment."""

    likelihood: Tensor
    kl1: Tensor
    kl2: Tensor
    prior: Tensor
    which: Tensor

    def bound(self) -> Tensor:
        """The segment variational lower bound (Eq. 2), without its constant."""
        return self.likelihood - self.kl1 - self.kl2 + self.prior


def terms(
    model: FHVAE,
    x: Tensor,
    row: Tensor,
    share: Tensor,
    generator: torch.Generator | None = None,
    variances: tuple[float, float, float] = (1.0, 0.25, 1.0),
) -> Terms:
    """The terms of Eqs. 2 and 3 for a batch of segments.

    Args:
        model: whose bound.
        x: standardized segments ``[B, T, F]``.
        row: ``[B]``, the table's row of each one's sequence.
        share: ``[B]``, one over the number of segments in the sequence: 1/N of Eq. 2.
        generator: of the samples of ``z2`` and ``z1``.
        variances: of ``z1``, of ``z2`` around its s-vector, and of s-vectors.

    Returns:
        The terms; the encoder of ``z1`` sees the sample of ``z2``, the discriminative term its mean.
    """
    table, (variance_z1, variance_z2, variance_mu2) = model.table, variances
    q2 = model.encode2(x)
    z2 = q2.sample(generator)
    q1 = model.encode1(x, z2)
    z1 = q1.sample(generator)
    mu2 = table[row]
    wide = Gaussian(torch.zeros_like(mu2), torch.full_like(mu2, math.log(variance_mu2)))
    return Terms(
        likelihood=log_density(x, model.decode(z1, z2)).sum(-1),
        kl1=divergence(q1, 0.0, variance_z1),
        kl2=divergence(q2, mu2, variance_z2),
        prior=share * log_density(mu2, wide),
        which=log_which(q2.mean, table, row, variance_z2),
    )


class SegmentVAE(nn.Module):
    """The rival with one clock: the same LSTMs, one code of the size of both, and one prior (beta-VAE, Section 4.3).

    Args:
        bands: of a frame.
        frames: of a segment.
        hidden: of each LSTM.
        size: of the code.
    """

    def __init__(self, bands=80, frames=20, hidden=64, size=32):
        super().__init__()
        self.read = _Reader(bands, hidden, size)
        self.write = _Writer(size, hidden, bands, frames)
        self.register_buffer("mean", torch.zeros(bands))
        self.register_buffer("deviation", torch.ones(bands))

    standard = FHVAE.standard

    def codes(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """The same posterior means twice, so that it can stand where an FHVAE does.

        Args:
            x: log-mel segments ``[B, T, F]``.

        Returns:
            ``[B, D]``, twice.
        """
        z = self.read(self.standard(x)).mean
        return z, z
