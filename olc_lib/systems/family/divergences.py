"""How far apart two distributions are: the measures of Section 2 of the survey, ten lines each.

Those of discrete distributions take probabilities ``[N]``. Those of samples take points ``[N, d]`` and use a kernel.
Equation numbers are those of Singh & Ogunfunmi 2022.
"""

import math

import torch
from torch import Tensor


def kl(p: Tensor, q: Tensor) -> Tensor:
    """Kullback-Leibler divergence of two discrete distributions (Eq. 11).

    Args:
        p: ``[N]``, sums to 1.
        q: ``[N]``, positive where ``p`` is.

    Returns:
        0-d, nats.
    """
    return (torch.special.xlogy(p, p) - torch.special.xlogy(p, q)).sum()


def jensen_shannon(p: Tensor, q: Tensor) -> Tensor:
    """Jensen-Shannon divergence (Eq. 21): symmetric, and at most log 2.

    Args:
        p: ``[N]``, sums to 1.
        q: ``[N]``, likewise.

    Returns:
        0-d, nats.
    """
    middle = (p + q) / 2
    return (kl(p, middle) + kl(q, middle)) / 2


def renyi_entropy(p: Tensor, alpha: float) -> Tensor:
    """Renyi's entropy (Eq. 22, with the sign that it lacks there), Shannon's for alpha = 1.

    Args:
        p: ``[N]``, positive, sums to 1.
        alpha: order, above 0.

    Returns:
        0-d, nats.
    """
    if alpha == 1:
        return -torch.special.xlogy(p, p).sum()
    return (alpha * p.log()).logsumexp(0) / (1 - alpha)


def renyi(p: Tensor, q: Tensor, alpha: float) -> Tensor:
    """Renyi's alpha-divergence (Eq. 29), the Kullback-Leibler divergence for alpha = 1.

    Args:
        p: ``[N]``, positive, sums to 1.
        q: ``[N]``, likewise.
        alpha: order, above 0.

    Returns:
        0-d, nats.
    """
    if alpha == 1:
        return kl(p, q)
    return (alpha * p.log() + (1 - alpha) * q.log()).logsumexp(0) / (alpha - 1)


def gaussian_kl(mean: Tensor, log_sd: Tensor) -> Tensor:
    """Divergence of a diagonal Gaussian from N(0, I): ``D_KL``, not minus it (Section 4 has the sign changed midway).

    Args:
        mean: ``[..., d]``.
        log_sd: ``[..., d]``.

    Returns:
        ``[...]``, nats.
    """
    return (mean.square() + (2 * log_sd).exp() - 1 - 2 * log_sd).sum(-1) / 2


def gaussians_kl(q: tuple[Tensor, Tensor], p: tuple[Tensor, Tensor]) -> Tensor:
    """Divergence of two diagonal Gaussians, by measuring the first in units of the second.

    Args:
        q: mean and logarithm of the deviation, ``[..., d]``.
        p: likewise.

    Returns:
        ``[...]``, nats.
    """
    return gaussian_kl((q[0] - p[0]) * (-p[1]).exp(), q[1] - p[1])


def log_potential(x: Tensor, y: Tensor, variance: float) -> Tensor:
    """Log of the cross information potential, the mean of a Gaussian kernel over all pairs (Eq. 84).

    Two kernel density estimates of bandwidth ``variance`` have the integral of their product in closed form, with
    twice that variance. Eq. 82 uses ``variance`` itself for a distribution with itself; then the divergence of
    equal samples is not zero.

    Args:
        x: ``[N, d]``.
        y: ``[M, d]``.
        variance: of the kernel of the density estimates.

    Returns:
        0-d; in logarithms, for the potential itself underflows in high dimensions.
    """
    distance = (x[:, None] - y).square().sum(-1) / (4 * variance)
    constant = x.shape[1] / 2 * math.log(4 * math.pi * variance)
    return (-distance).flatten().logsumexp(0) - constant - math.log(len(x) * len(y))


def cauchy_schwarz(x: Tensor, y: Tensor, variance: float) -> Tensor:
    """Cauchy-Schwarz divergence of two samples (Eq. 34 and 83; Eq. 33 is half of it).

    Args:
        x: ``[N, d]``.
        y: ``[M, d]``.
        variance: of the kernel.

    Returns:
        0-d, never negative.
    """
    own = log_potential(x, x, variance) + log_potential(y, y, variance)
    return own - 2 * log_potential(x, y, variance)


def euclidean(x: Tensor, y: Tensor, variance: float) -> Tensor:
    """Squared Euclidean distance of two densities (Eq. 32 and 85), in units of the potential of N(0, I).

    The plain integral is of the order of ``(4 pi)^(-d/2)``, too small to train by.

    Args:
        x: ``[N, d]``.
        y: ``[M, d]``.
        variance: of the kernel.

    Returns:
        0-d, never negative; 1 is the size of the standard normal density's own potential.
    """
    unit = -x.shape[1] / 2 * math.log(4 * math.pi * (1 + variance))
    own, other, cross = (log_potential(*pair, variance) - unit for pair in ((x, x), (y, y), (x, y)))
    return own.exp() + other.exp() - 2 * cross.exp()


def mmd(x: Tensor, y: Tensor) -> Tensor:
    """Squared maximum mean discrepancy with the inverse multiquadratic kernel, pairs of a point with itself left out.

    The kernel is ``c / (c + r^2)`` with ``c = 2 d``, as of the Wasserstein autoencoder (Tolstikhin et al. 2018).

    Args:
        x: ``[N, d]``.
        y: ``[M, d]``.

    Returns:
        0-d; 0 on average for samples of one distribution, so it may be negative.
    """
    c = 2.0 * x.shape[1]

    def kernel(a: Tensor, b: Tensor) -> Tensor:
        squares = a.square().sum(1)[:, None] + b.square().sum(1) - 2 * a @ b.T
        return c / (c + squares.clamp_min(0))

    n, m = len(x), len(y)
    own = (kernel(x, x).sum() - n) / (n * (n - 1)) + (kernel(y, y).sum() - m) / (m * (m - 1))
    return own - 2 * kernel(x, y).mean()
