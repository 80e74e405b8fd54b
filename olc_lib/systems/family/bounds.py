"""Bounds on log p(x), and the noise of their gradients: STL, IWAE, DReG and Renyi's bound.

All start from the same numbers, the log weights ``log p(x, z) - log q(z | x)`` of k samples; what differs is how they
are reduced to one number, and along which paths the gradient may flow.
"""

import math

import torch
from torch import Tensor

from .network import VAE, noise, standard

Found = tuple[Tensor, dict[str, Tensor]]
#: Of more samples than these, only so many are given a gradient; see :func:`iwae`.
KEPT = 5


def log_weights(model: VAE, x: Tensor, k: int, generator: torch.Generator, stop: bool = False) -> tuple[Tensor, Tensor]:
    """The log importance weights of k samples.

    Args:
        model: of the family.
        x: ``[B, n]``.
        k: samples an item.
        generator: of the noise.
        stop: no gradient through the parameters of log q, only through the sample: the score is dropped.

    Returns:
        ``[k, B]`` in nats, and the codes ``[k, B, d]``.
    """
    q = model.posterior(x)
    z = q.at(noise(q, k, generator))
    return _weigh(model, x, z, q.detached() if stop else q), z


def _weigh(model: VAE, x: Tensor, z: Tensor, q) -> Tensor:
    return model.log_likelihood(x, z) + standard(z) - q.log_prob(z)


def mean_bound(log_w: Tensor) -> Tensor:
    """The evidence lower bound, by its samples.

    Args:
        log_w: ``[k, B]``.

    Returns:
        ``[B]``.
    """
    return log_w.mean(0)


def importance_bound(log_w: Tensor) -> Tensor:
    """The importance-weighted bound (Eq. 64): the log of the mean weight.

    Args:
        log_w: ``[k, B]``.

    Returns:
        ``[B]``.
    """
    return log_w.logsumexp(0) - math.log(len(log_w))


def renyi_bound(log_w: Tensor, alpha: float) -> Tensor:
    """Renyi's bound by k samples (Eq. 69): the mean for order 1, IWAE for 0, the largest weight for minus infinity.

    Below order 0 it is no lower bound.

    Args:
        log_w: ``[k, B]``.
        alpha: the order.

    Returns:
        ``[B]``.
    """
    if alpha == 1:
        return mean_bound(log_w)
    if alpha == -math.inf:
        return log_w.amax(0)
    return importance_bound((1 - alpha) * log_w) / (1 - alpha)


def sampled(model: VAE, x: Tensor, generator: torch.Generator) -> Found:
    """The evidence lower bound all by samples, its divergence included: what STL is compared with.

    Args:
        model: of the family.
        x: ``[B, n]``.
        generator: of the noise.

    Returns:
        The scalar, negative; and the bound.
    """
    bound = mean_bound(log_weights(model, x, model.k, generator)[0]).mean()
    return -bound, {"bound": bound.detach()}


def single(model: VAE, x: Tensor, generator: torch.Generator) -> Found:
    """The evidence lower bound with the divergence in closed form, whatever the member's ``weight`` stands for.

    Args:
        model: of the family.
        x: ``[B, n]``.
        generator: of the noise.

    Returns:
        The scalar, negative; and what it consists of.
    """
    q = model.posterior(x)
    misfit, rate = -model.log_likelihood(x, q.at(noise(q, 1, generator)))[0].mean(), q.divergence().mean()
    return misfit + rate, {"misfit": misfit.detach(), "rate": rate.detach()}


def stl(model: VAE, x: Tensor, generator: torch.Generator) -> Found:
    """Sticking the landing (Roeder et al. 2017, Eq. 59): the evidence lower bound without the score's gradient.

    Args:
        model: of the family.
        x: ``[B, n]``.
        generator: of the noise.

    Returns:
        The scalar, negative; and the bound.
    """
    log_w, _ = log_weights(model, x, model.k, generator, stop=True)
    return -mean_bound(log_w).mean(), {"bound": mean_bound(log_w).mean().detach()}


def iwae(model: VAE, x: Tensor, generator: torch.Generator) -> Found:
    """The importance-weighted autoencoder (Burda et al. 2016).

    Its gradient is the sum of the samples' gradients, each times its normalized weight. With many samples the weights
    are found first, without gradients, and :data:`KEPT` samples drawn by them go on: the same gradient on average,
    at a third of the cost.

    Args:
        model: of the family.
        x: ``[B, n]``.
        generator: of the noise, and of the choice.

    Returns:
        The scalar, negative; and the bound.
    """
    if model.k <= KEPT:
        bound = importance_bound(log_weights(model, x, model.k, generator)[0]).mean()
        return -bound, {"bound": bound.detach()}
    q = model.posterior(x)
    drawn = noise(q, model.k, generator)
    with torch.no_grad():
        log_w = _weigh(model, x, q.at(drawn), q)
    chosen = torch.multinomial(log_w.softmax(0).T, KEPT, replacement=True, generator=generator).T  # [KEPT, B]
    z = q.at(drawn.gather(0, chosen[..., None].expand(-1, -1, drawn.shape[2])))
    return -_weigh(model, x, z, q).mean(), {"bound": importance_bound(log_w).mean()}


def iwae_stl(model: VAE, x: Tensor, generator: torch.Generator) -> Found:
    """IWAE with the score dropped: less noise, but for k > 1 another gradient than the bound's.

    Args:
        model: of the family.
        x: ``[B, n]``.
        generator: of the noise.

    Returns:
        The scalar, negative; and the bound.
    """
    bound = importance_bound(log_weights(model, x, model.k, generator, stop=True)[0]).mean()
    return -bound, {"bound": bound.detach()}


def dreg(model: VAE, x: Tensor, generator: torch.Generator) -> Found:
    """Doubly reparametrized gradients (Tucker et al. 2019): what IWAE's score expects, written as a path.

    The decoder's gradient keeps the normalized weight w, the gradient that reaches the code gets w squared.

    Args:
        model: of the family.
        x: ``[B, n]``.
        generator: of the noise.

    Returns:
        The scalar, its gradients are what matters; and the bound.
    """
    log_w, z = log_weights(model, x, model.k, generator, stop=True)
    w = log_w.detach().softmax(0)
    if z.requires_grad:
        z.register_hook(lambda gradient: w[..., None] * gradient)
    return -(w * log_w).sum(0).mean(), {"bound": importance_bound(log_w).mean().detach()}


def renyi(model: VAE, x: Tensor, generator: torch.Generator) -> Found:
    """The VR-alpha autoencoder (Li & Turner 2016); it *maximizes* the bound. The order is the member's ``weight``.

    Args:
        model: of the family.
        x: ``[B, n]``.
        generator: of the noise.

    Returns:
        The scalar, negative; and the bound.
    """
    bound = renyi_bound(log_weights(model, x, model.k, generator)[0], model.member.weight).mean()
    return -bound, {"bound": bound.detach()}


def vr_max(model: VAE, x: Tensor, generator: torch.Generator) -> Found:
    """The VR-max autoencoder (Li & Turner 2016): order minus infinity, the largest weight alone. No lower bound.

    Args:
        model: of the family.
        x: ``[B, n]``.
        generator: of the noise.

    Returns:
        The scalar, negative; and the largest log weight.
    """
    bound = renyi_bound(log_weights(model, x, model.k, generator)[0], -math.inf).mean()
    return -bound, {"bound": bound.detach()}
