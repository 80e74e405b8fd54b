"""Matching the whole cloud: the codes of all items together shall look like the prior, whatever each does alone."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from .divergences import cauchy_schwarz, euclidean, mmd
from .network import VAE, noise

Found = tuple[Tensor, dict[str, Tensor]]


def codes(model: VAE, x: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Codes of a batch, and as many draws from the prior.

    Args:
        model: of the family; one with ``point`` gives the means.
        x: ``[B, n]``.
        generator: of the noise.

    Returns:
        Both ``[B, d]``.
    """
    q = model.posterior(x)
    z = q.mean if model.member.point else q.at(noise(q, 1, generator))[0]
    return z, torch.randn(z.shape, generator=generator, device=z.device)


def _regularized(model: VAE, x: Tensor, z: Tensor, penalty: Tensor, rate: Tensor | float = 0.0) -> Found:
    misfit = -model.log_likelihood(x, z[None])[0].mean()
    total = misfit + rate + model.member.weight * penalty
    return total, {"misfit": misfit.detach(), "penalty": penalty.detach()}


def autoencoder(model: VAE, x: Tensor, generator: torch.Generator) -> Found:
    """No regularization at all.

    Args:
        model: of the family.
        x: ``[B, n]``.
        generator: not used but for the prior.

    Returns:
        The scalar, and what it consists of.
    """
    z, _ = codes(model, x, generator)
    return _regularized(model, x, z, z.new_zeros(()))


def wae(model: VAE, x: Tensor, generator: torch.Generator) -> Found:
    """The Wasserstein autoencoder with a maximum mean discrepancy (Tolstikhin et al. 2018).

    Args:
        model: of the family.
        x: ``[B, n]``.
        generator: of the prior's draws.

    Returns:
        The scalar, and what it consists of.
    """
    z, prior = codes(model, x, generator)
    return _regularized(model, x, z, mmd(z, prior))


def info(model: VAE, x: Tensor, generator: torch.Generator) -> Found:
    """InfoVAE (Zhao et al. 2019, Eq. 71) with alpha = 1: the divergence of each item's posterior is not charged.

    What is charged is the cloud's distance from the prior, times ``weight``, lambda; the survey's first KL divergence
    in Eq. 70 is of q(z), not of q(z | x), and the expectations of Eq. 71 are over data.

    Args:
        model: of the family.
        x: ``[B, n]``.
        generator: of the noise.

    Returns:
        The scalar, and what it consists of.
    """
    return wae(model, x, generator)


def itl_cs(model: VAE, x: Tensor, generator: torch.Generator) -> Found:
    """The information-theoretic learning autoencoder (Eq. 81) with the Cauchy-Schwarz divergence.

    The kernel's variance is d / 4; with a narrow one codes do not feel each other.

    Args:
        model: of the family.
        x: ``[B, n]``.
        generator: of the prior's draws.

    Returns:
        The scalar, and what it consists of.
    """
    z, prior = codes(model, x, generator)
    return _regularized(model, x, z, cauchy_schwarz(z, prior, z.shape[1] / 4))


def itl_ed(model: VAE, x: Tensor, generator: torch.Generator) -> Found:
    """The same with the Euclidean divergence.

    Args:
        model: of the family.
        x: ``[B, n]``.
        generator: of the prior's draws.

    Returns:
        The scalar, and what it consists of.
    """
    z, prior = codes(model, x, generator)
    return _regularized(model, x, z, euclidean(z, prior, z.shape[1] / 4))


def adversarial(model: VAE, x: Tensor, generator: torch.Generator) -> Found:
    """The adversarial autoencoder (Makhzani et al. 2016): codes shall pass for draws from the prior.

    Args:
        model: with a critic.
        x: ``[B, n]``.
        generator: of the noise.

    Returns:
        The scalar, and what it consists of.
    """
    z, _ = codes(model, x, generator)
    return _regularized(model, x, z, F.softplus(-model.critic(z)).mean())


def critic(model: VAE, x: Tensor, generator: torch.Generator) -> Found:
    """The critic's own turn: tell draws from the prior from codes.

    Args:
        model: with a critic.
        x: ``[B, n]``.
        generator: of the noise.

    Returns:
        The scalar, 2 log 2 where it must guess; and the same.
    """
    with torch.no_grad():
        z, prior = codes(model, x, generator)
    loss = F.softplus(model.critic(z)).mean() + F.softplus(-model.critic(prior)).mean()
    return loss, {"critic": loss.detach()}


def calibrated(model: VAE, x: Tensor, generator: torch.Generator) -> Found:
    """The evidence lower bound with the decoder's noise at its best value, the root mean square error of the batch.

    A two-stage VAE needs a learned noise (Dai & Wipf 2019). Learned by gradients from 1 on, it is too large for too
    long: no coordinate pays, and the code collapses before the noise has fallen. The best value has a closed form.

    Args:
        model: with the likelihood :func:`olc_lib.systems.family.network.normal`; its noise is set.
        x: ``[B, n]``.
        generator: of the noise.

    Returns:
        The scalar, negative; and what it consists of.
    """
    q = model.posterior(x)
    error = (x - model.decoder(q.at(noise(q, 1, generator)))[0]).square().mean()
    model.log_noise.data.copy_(error.detach().log() / 2)
    misfit = x.shape[1] / 2 * ((2 * math.pi * error).log() + 1) + 0 * model.log_noise
    rate = q.divergence().mean()
    return misfit + rate, {"misfit": misfit.detach(), "rate": rate.detach()}
