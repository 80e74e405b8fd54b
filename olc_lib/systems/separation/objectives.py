"""What a net of one source can be trained for; members differ in this alone."""

import math

import torch
from torch import Tensor

from .network import Member, Net


def _misfit(estimate: Tensor, wanted: Tensor) -> Tensor:
    """Minus the log-likelihood of a Gaussian with deviation 1, but for a constant; ``[B]`` nats."""
    return (estimate - wanted).square().sum(1) / 2


def autoencoder(net: Net, seen: Tensor, wanted: Tensor, generator: torch.Generator, member: Member):
    """Half the squared error, and nothing else. Serves the net that masks as well.

    Args:
        net: of one source.
        seen: ``[B, context, M]``.
        wanted: ``[B, M]``.
        generator: not used.
        member: not used.

    Returns:
        The scalar, and what it consists of.
    """
    misfit = _misfit(net(seen), wanted).mean()
    return misfit, {"misfit": misfit.detach()}


def variational(net: Net, seen: Tensor, wanted: Tensor, generator: torch.Generator, member: Member):
    """The VAE: noise in the code, and beta times the KL divergence from N(0, 1).

    With ``noise`` below 1 the divergence is still that of the variance before it was shrunk, as in the survey.

    Args:
        net: of one source.
        seen: ``[B, context, M]``.
        wanted: ``[B, M]``.
        generator: of the noise.
        member: tells beta and the noise.

    Returns:
        The scalar, and what it consists of.
    """
    mean, log_variance = net.posterior(seen)
    epsilon = torch.randn(mean.shape, generator=generator, device=mean.device)
    code = mean + member.noise * (log_variance / 2).exp() * epsilon
    misfit = _misfit(net.decode(code, seen), wanted).mean()
    kl = divergence(mean, log_variance).mean()
    return misfit + member.beta * kl, {"misfit": misfit.detach(), "kl": kl.detach()}


def divergence(mean: Tensor, log_variance: Tensor) -> Tensor:
    """KL divergence of a Gaussian code from N(0, 1).

    Args:
        mean: ``[B, d]``.
        log_variance: ``[B, d]``.

    Returns:
        ``[B]`` nats.
    """
    return (mean.square() + log_variance.exp() - 1 - log_variance).sum(1) / 2


def itl(net: Net, seen: Tensor, wanted: Tensor, generator: torch.Generator, member: Member):
    """The information-theoretic learning autoencoder (Eq. 81 and 83) with the Cauchy-Schwarz divergence.

    The kernel's variance is d / 4, as in chapter 32; with a narrow one codes do not feel each other.

    Args:
        net: of one source.
        seen: ``[B, context, M]``.
        wanted: ``[B, M]``.
        generator: of the prior's draws.
        member: tells the weight.

    Returns:
        The scalar, and what it consists of.
    """
    code, _ = net.posterior(seen)
    prior = torch.randn(code.shape, generator=generator, device=code.device)
    misfit = _misfit(net.decode(code, seen), wanted).mean()
    apart = cauchy_schwarz(code, prior, code.shape[1] / 4)
    return misfit + member.weight * apart, {"misfit": misfit.detach(), "apart": apart.detach()}


def cauchy_schwarz(x: Tensor, y: Tensor, variance: float) -> Tensor:
    """As :func:`olc_lib.systems.family.divergences.cauchy_schwarz`, faster in many dimensions.

    Distances come from one product of matrices in place of a table ``[N, M, d]``.

    Args:
        x: ``[N, d]``.
        y: ``[M, d]``.
        variance: of the kernel.

    Returns:
        0-d.
    """

    def log_potential(a: Tensor, b: Tensor) -> Tensor:
        squares = a.square().sum(1)[:, None] + b.square().sum(1) - 2 * a @ b.T
        return (-squares.clamp_min(0) / (4 * variance)).flatten().logsumexp(0) - math.log(len(a) * len(b))

    return log_potential(x, x) + log_potential(y, y) - 2 * log_potential(x, y)


#: By name, as experiments name them.
MEMBERS = {
    "autoencoder": Member(autoencoder),
    "VAE": Member(variational),
    "VAE, ε .01": Member(variational, noise=0.01),
    "β-VAE 4": Member(variational, beta=4.0, noise=0.01),
    "ITL-AE": Member(itl),
    "mask MLP": Member(autoencoder, masking=True),
    "clean VAE": Member(variational, clean=True),
    "clean autoencoder": Member(autoencoder, clean=True),
}
