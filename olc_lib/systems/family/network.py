"""One encoder and one decoder for the whole family, and the shapes that a posterior may have."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from olc_lib.systems.shared import AnyMember

from .divergences import gaussian_kl

PIXELS = 784


class Gaussian(NamedTuple):
    """A posterior with independent coordinates. Other shapes offer the same four methods.

    Attributes:
        mean: ``[B, d]``.
        log_sd: ``[B, d]``.
    """

    mean: Tensor
    log_sd: Tensor

    def at(self, noise: Tensor) -> Tensor:
        """The code that standard normal noise becomes.

        Args:
            noise: ``[k, B, d]``.

        Returns:
            ``[k, B, d]``.
        """
        return self.mean + self.log_sd.exp() * noise

    def log_prob(self, z: Tensor) -> Tensor:
        """How dense the posterior is there.

        Args:
            z: ``[k, B, d]``.

        Returns:
            ``[k, B]``, nats.
        """
        return standard((z - self.mean) * (-self.log_sd).exp()) - self.log_sd.sum(-1)

    def detached(self) -> "Gaussian":
        """The same, through which no gradient flows."""
        return Gaussian(self.mean.detach(), self.log_sd.detach())

    def divergence(self) -> Tensor:
        """From N(0, I), ``[B]`` nats."""
        return gaussian_kl(self.mean, self.log_sd)


def standard(z: Tensor) -> Tensor:
    """Log density of N(0, I).

    Args:
        z: ``[..., d]``.

    Returns:
        ``[...]``, nats.
    """
    return -(z.square().sum(-1) + z.shape[-1] * math.log(2 * math.pi)) / 2


def gaussian(outputs: Tensor, member: "Member") -> Gaussian:
    """The VAE's posterior.

    Args:
        outputs: of the encoder, ``[B, 2 d]``: means, then logarithms of deviations.
        member: says where the deviations start.

    Returns:
        The posterior.
    """
    mean, log_sd = outputs.chunk(2, dim=-1)
    return Gaussian(mean, (log_sd + member.log_sd).clamp(-8, 4))


def committed(outputs: Tensor, member: "Member") -> Gaussian:
    """delta-VAE's posterior: no deviation exceeds the one at which a coordinate at mean 0 costs delta / d nats.

    So the divergence is at least delta, whatever the encoder does (Eq. 77).

    Args:
        outputs: of the encoder, ``[B, 2 d]``.
        member: ``weight`` is delta, in nats.

    Returns:
        The posterior.
    """
    mean, logit = outputs.chunk(2, dim=-1)
    return Gaussian(mean, math.log(largest_sd(member.weight / member.latent)) + F.logsigmoid(logit + 3).clamp_min(-8))


def largest_sd(nats: float) -> float:
    """The deviation below 1 at which N(0, sd^2) is so far from N(0, 1).

    Args:
        nats: divergence of one coordinate.

    Returns:
        The root of ``(sd^2 - 1) / 2 - log(sd) = nats``, by bisection.
    """
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if (middle**2 - 1) / 2 - math.log(middle) > nats else (low, middle)
    return low


def bernoulli(model: "VAE", output: Tensor, x: Tensor) -> Tensor:
    """Log-likelihood of binary pixels.

    Args:
        model: not used.
        output: logits ``[..., n]``.
        x: ``[..., n]``, 0 or 1.

    Returns:
        ``[...]``, nats.
    """
    return (output * x).sum(-1) - F.softplus(output).sum(-1)


def normal(model: "VAE", output: Tensor, x: Tensor) -> Tensor:
    """Log-likelihood of a Gaussian with one learned deviation; with the log of sigma^2 that Section 4 leaves out.

    Args:
        model: has ``log_noise``, the log of the deviation.
        output: means ``[..., n]``.
        x: ``[..., n]``.

    Returns:
        ``[...]``, nats.
    """
    n, error = x.shape[-1], (x - output).square().sum(-1)
    return -error * (-2 * model.log_noise).exp() / 2 - n * model.log_noise - n / 2 * math.log(2 * math.pi)


class Dense(nn.Sequential):
    """The shared decoder, mirror of the encoder; pixels are independent given the code.

    Args:
        member: sizes.
    """

    def __init__(self, member: "Member"):
        super().__init__(*_layers(member.latent, *reversed(member.hidden), member.inputs))

    def forward(self, z: Tensor, x: Tensor | None = None) -> Tensor:
        """What codes stand for.

        Args:
            z: ``[..., d]``.
            x: not used; decoders that read earlier pixels need it.

        Returns:
            ``[..., n]``, logits or means.
        """
        return super().forward(z)


def dense(member: "Member") -> nn.Module:
    """The shared decoder.

    Args:
        member: sizes.

    Returns:
        The module.
    """
    return Dense(member)


def elbo(model: "VAE", x: Tensor, generator: torch.Generator) -> tuple[Tensor, dict[str, Tensor]]:
    """The VAE's own objective: one sample, the divergence in closed form times ``weight`` (beta, Eq. 72).

    Args:
        model: of the family.
        x: ``[B, n]``.
        generator: of the noise.

    Returns:
        The scalar, negative; and what it consists of.
    """
    q = model.posterior(x)
    misfit = -model.log_likelihood(x, q.at(noise(q, 1, generator)))[0].mean()
    rate = q.divergence().mean()
    return misfit + model.member.weight * rate, {"misfit": misfit.detach(), "rate": rate.detach()}


def noise(q, k: int, generator: torch.Generator) -> Tensor:
    """What k samples of each item's posterior are made from.

    Args:
        q: posterior with ``mean`` ``[B, d]``.
        k: how many.
        generator: source.

    Returns:
        ``[k, B, d]``, standard normal.
    """
    return torch.randn(k, *q.mean.shape, generator=generator, device=q.mean.device)


@dataclass(frozen=True)
class Member(AnyMember):
    """One row of the table: what makes it different from a plain VAE.

    Args:
        objective: ``objective(model, x, generator) -> (scalar, record)``; the record's first entry falls in training,
            unless it is called ``bound``, which rises.
        latent: d.
        k: samples an item.
        late: samples an item in the last quarter of the training; 0 for no change.
        weight: of what the objective adds: beta, lambda, delta in nats, or the order alpha of Renyi's bound. Each
            objective reads it in its own way.
        posterior: ``posterior(outputs, member)``, its shape.
        decoder: ``decoder(member) -> module(z, x)``.
        likelihood: ``likelihood(model, output, x) -> [...]``.
        critic: loss of an adversary ``critic(model, x, generator)``, which has a turn of its own; ``None`` for none.
        of: a second stage names the first, whose codes are its data.
        log_sd: where the logarithm of the posterior's deviations starts.
        inputs: numbers an item.
        hidden: units of the encoder's layers.
        point: the code is the posterior's mean; no noise, and no likelihood to speak of.
    """

    objective: Callable = elbo
    latent: int = 20
    k: int = 1
    late: int = 0
    weight: float = 1.0
    posterior: Callable = gaussian
    decoder: Callable = dense
    likelihood: Callable = bernoulli
    critic: Callable | None = None
    of: str = ""
    log_sd: float = 0.0
    inputs: int = PIXELS
    hidden: tuple[int, ...] = field(default=(400, 200))
    point: bool = False


class VAE(nn.Module):
    """A member of the family: encoder, decoder, and the row of the table that says how they are trained.

    Args:
        member: the row.
    """

    def __init__(self, member: Member):
        super().__init__()
        self.member, self.k = member, member.k
        self.encoder = nn.Sequential(*_layers(member.inputs, *member.hidden, 2 * member.latent))
        self.decoder = member.decoder(member)
        self.log_noise = nn.Parameter(torch.zeros(()), requires_grad=member.likelihood is normal)
        self.critic = nn.Sequential(*_layers(member.latent, 256, 256, 1)) if member.critic else None

    def posterior(self, x: Tensor):
        """Where the codes of items may be.

        Args:
            x: ``[B, n]``.

        Returns:
            A posterior, such as :class:`Gaussian`.
        """
        return self.member.posterior(self.encoder(x), self.member)

    def log_likelihood(self, x: Tensor, z: Tensor) -> Tensor:
        """How well codes explain items.

        Args:
            x: ``[B, n]``.
            z: ``[k, B, d]``.

        Returns:
            ``[k, B]``, nats.
        """
        return self.member.likelihood(self, self.decoder(z, x), x)

    def players(self) -> list[nn.Parameter]:
        """All weights but the adversary's."""
        return [weight for name, weight in self.named_parameters() if not name.startswith("critic")]

    def seen(self, x: Tensor, generator: torch.Generator) -> Tensor:
        """Grey pixels as this member sees them: for a Bernoulli likelihood each is drawn black or white.

        Args:
            x: ``[B, n]`` in 0 to 1.
            generator: of the draw.

        Returns:
            ``[B, n]``.
        """
        return torch.bernoulli(x, generator=generator) if self.member.likelihood is bernoulli else x

    def forward(self, x: Tensor) -> Tensor:
        """Through the mean of the code and back.

        Args:
            x: ``[B, n]``.

        Returns:
            ``[B, n]``, expected values.
        """
        return self.expected(self.posterior(x).mean)

    def expected(self, z: Tensor) -> Tensor:
        """The mean picture of codes.

        Args:
            z: ``[B, d]``.

        Returns:
            ``[B, n]``.
        """
        output = self.decoder(z)
        return output.sigmoid() if self.member.likelihood is bernoulli else output


def start(model: VAE, mean: Tensor) -> None:
    """Let the shared decoder begin with the mean picture, whatever the code: it is the first thing any would learn.

    Args:
        model: freshly initialised; one with another decoder is left as it is.
        mean: of the training items, ``[n]``; of a Bernoulli likelihood in 0 to 1.
    """
    if isinstance(model.decoder, Dense):
        bias = mean.clamp(0.01, 0.99).logit() if model.member.likelihood is bernoulli else mean
        model.decoder[-1].bias.data.copy_(bias)


def _layers(*sizes: int) -> list[nn.Module]:
    layers: list[nn.Module] = []
    for before, after in zip(sizes[:-1], sizes[1:], strict=True):
        layers += [nn.Linear(before, after), nn.ReLU()]
    return layers[:-1]
