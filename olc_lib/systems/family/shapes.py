"""Posteriors that are no independent Gaussians: on a sphere, correlated, or bent by an autoregressive flow.

Each offers what :class:`.network.Gaussian` offers, so the objectives and the measures of the family apply unchanged:
standard normal noise becomes codes (``at``), codes have a density (``log_prob``), and there is a ``divergence`` from
the prior.
"""

import math

import torch
import torch.nn.functional as F
from scipy import special
from torch import Tensor, nn

from .network import Dense, Member, standard

#: Nodes of the tables from which the sphere's samples are read.
NODES = 256


class _LogBessel(torch.autograd.Function):
    """log of the modified Bessel function of the first kind, by scipy, with its derivative."""

    @staticmethod
    def forward(context, kappa: Tensor, order: float) -> Tensor:
        value = torch.as_tensor(special.ive(order, kappa.detach().double().numpy())).log() + kappa
        context.save_for_backward(kappa)
        context.order = order
        return value.to(kappa.dtype)

    @staticmethod
    def backward(context, gradient: Tensor):
        (kappa,) = context.saved_tensors
        return gradient * (length(kappa, 2 * context.order + 2) + context.order / kappa), None


def length(kappa: Tensor, d: float) -> Tensor:
    """How long the mean of the von Mises-Fisher distribution is: I_{d/2}(kappa) / I_{d/2-1}(kappa). No gradient.

    Args:
        kappa: concentration, above 0.
        d: numbers a point; the sphere has one dimension fewer.

    Returns:
        Like ``kappa``, 0 to 1.
    """
    at = kappa.detach().double().numpy()
    return torch.as_tensor(special.ive(d / 2, at) / special.ive(d / 2 - 1, at)).to(kappa.dtype)


def sphere_divergence(kappa: Tensor, d: int) -> Tensor:
    """From von Mises-Fisher to uniform (Eq. 75 with the inverse inside the logarithm); it has a gradient.

    Args:
        kappa: ``[...]``, concentration, above 0.
        d: numbers a point.

    Returns:
        ``[...]`` nats: kappa times the mean's length, plus the log of the density's constant, plus the log of the area.
    """
    a = length(kappa, d)
    slope = kappa * (1 - a.square() - (d - 1) / kappa * a)  # Eq. 76: the derivative is kappa times that of the length
    value = kappa * a + _log_constant(kappa, d) + log_area(d)
    return value.detach() + slope.detach() * (kappa - kappa.detach())


def _log_constant(kappa: Tensor, d: int) -> Tensor:
    order = d / 2 - 1
    return order * kappa.log() - d / 2 * math.log(2 * math.pi) - _LogBessel.apply(kappa, order)


def log_area(d: int) -> float:
    """Log of the area of the sphere of unit vectors.

    Args:
        d: numbers a point.

    Returns:
        Log of ``2 pi^(d/2) / Gamma(d/2)``.
    """
    return math.log(2) + d / 2 * math.log(math.pi) - math.lgamma(d / 2)


def _table(kappa: Tensor, d: int) -> tuple[Tensor, Tensor, Tensor]:
    """Heights 1 - r, their distribution function from the top, and its derivative by kappa; ``[..., NODES]`` each."""
    a = (d - 1) / 2
    deep = ((a + 10 * math.sqrt(a) + 18) / kappa).clamp_max(2.0)[..., None]  # below there is next to nothing
    r = deep * torch.linspace(0, 1, NODES, device=kappa.device).square()  # finer near the top
    step = r.diff(dim=-1)
    middle = (r[..., 1:] + r[..., :-1]) / 2
    log_mass = -kappa[..., None] * middle + (a - 1) * (middle * (2 - middle)).clamp_min(1e-30).log() + step.log()
    mass = log_mass.softmax(-1)
    pull = mass * ((mass * middle).sum(-1, keepdim=True) - middle)  # what a larger kappa adds to each piece
    return r, F.pad(mass.cumsum(-1), (1, 0)), F.pad(pull.cumsum(-1), (1, 0))


def heights(kappa: Tensor, d: int, u: Tensor) -> Tensor:
    """Heights of points above the equator that faces the mean, from uniform numbers; differentiable by kappa.

    The distribution function F has no closed inverse, so it is tabulated. The gradient is that of the exact sample
    (implicit reparametrization, Figurnov et al. 2018): moving kappa must leave F(height) where it was.

    Args:
        kappa: ``[B]``.
        d: numbers a point.
        u: ``[k, B]`` in 0 to 1.

    Returns:
        ``[k, B]`` in -1 to 1.
    """
    with torch.no_grad():
        r, cdf, pull = _table(kappa, d)
        rows = u.T.contiguous()
        place = torch.searchsorted(cdf, rows).clamp(1, NODES - 1)
        low, high = cdf.gather(-1, place - 1), cdf.gather(-1, place)
        share = ((rows - low) / (high - low).clamp_min(1e-12)).clamp(0, 1)
        left, right = r.gather(-1, place - 1), r.gather(-1, place)
        deep = left + share * (right - left)
        density = (high - low) / (right - left)
        lifted = pull.gather(-1, place - 1).lerp(pull.gather(-1, place), share)
        slope = lifted / density.clamp_min(1e-12)
    return 1 - deep.T + slope.T * (kappa - kappa.detach())


class Sphere:
    """A von Mises-Fisher posterior on the unit sphere (S-VAE, Davidson et al. 2018); the prior is uniform.

    Densities need a measure. Here it is the one under which the uniform prior has the density that ``standard`` gives
    to vectors of length 1; so every bound of the family, which subtracts one from the other, holds as it is.

    Args:
        mean: unit vectors ``[B, d]``.
        kappa: ``[B]``, concentration.
    """

    def __init__(self, mean: Tensor, kappa: Tensor):
        self.mean, self.kappa = mean, kappa

    def at(self, noise: Tensor) -> Tensor:
        """The code that standard normal noise becomes: its first number gives the height, the others the direction.

        Args:
            noise: ``[k, B, d]``.

        Returns:
            ``[k, B, d]``, unit vectors.
        """
        height = heights(self.kappa, self.mean.shape[1], torch.special.ndtr(noise[..., 0]))[..., None]
        around = F.normalize(noise[..., 1:], dim=-1)
        z = torch.cat([height, (1 - height.square()).clamp_min(1e-10).sqrt() * around], -1)
        pole = torch.zeros_like(self.mean)
        pole[:, 0] = 1
        mirror = F.normalize(pole - self.mean + 1e-8, dim=-1)  # its reflection takes the pole to the mean
        return z - 2 * (z * mirror).sum(-1, keepdim=True) * mirror

    def log_prob(self, z: Tensor) -> Tensor:
        """How dense the posterior is there, by the measure above.

        Args:
            z: ``[k, B, d]``, unit vectors.

        Returns:
            ``[k, B]``, nats.
        """
        d = self.mean.shape[1]
        prior = -(1 + d * math.log(2 * math.pi)) / 2
        return self.kappa * (z * self.mean).sum(-1) + _log_constant(self.kappa, d) + log_area(d) + prior

    def detached(self) -> "Sphere":
        """The same, through which no gradient flows."""
        return Sphere(self.mean.detach(), self.kappa.detach())

    def divergence(self) -> Tensor:
        """From the uniform prior, ``[B]`` nats."""
        return sphere_divergence(self.kappa, self.mean.shape[1])


def sphere(outputs: Tensor, member: Member) -> Sphere:
    """S-VAE's posterior.

    Args:
        outputs: of the encoder, ``[B, 2 d]``: the mean's direction; of the rest only the first is read.
        member: ``log_sd`` says where the concentration starts: a von Mises-Fisher distribution of kappa is about as
            wide as a Gaussian of variance 1 / kappa.

    Returns:
        The posterior.
    """
    mean, rest = outputs.chunk(2, dim=-1)
    return Sphere(F.normalize(mean + 1e-6, dim=-1), (rest[:, 0] - 2 * member.log_sd).clamp(-2, 9).exp())


class Globe(Dense):
    """The shared decoder for codes of length 1: made as long as codes of a Gaussian prior are, about the root of d.

    Args:
        member: sizes.
    """

    def __init__(self, member: Member):
        super().__init__(member)
        self.radius = member.latent**0.5

    def forward(self, z: Tensor, x: Tensor | None = None) -> Tensor:
        """Logits of pixels, or means.

        Args:
            z: ``[..., d]``, unit vectors.
            x: not read.

        Returns:
            ``[..., n]``.
        """
        return super().forward(self.radius * z)


def globe(member: Member) -> nn.Module:
    """The decoder of codes on a sphere.

    Args:
        member: sizes.

    Returns:
        The module.
    """
    return Globe(member)


class Correlated:
    """A Gaussian posterior whose coordinates follow an autoregression of order 1 (rho-VAE, Ferdowsi et al. 2019).

    Args:
        mean: ``[B, d]``.
        rho: ``[B]`` in -1 to 1.
        log_s: ``[B]``, log of the variance of every coordinate.
    """

    def __init__(self, mean: Tensor, rho: Tensor, log_s: Tensor):
        self.mean, self.rho, self.log_s = mean, rho, log_s

    def at(self, noise: Tensor) -> Tensor:
        """The code that standard normal noise becomes: each coordinate remembers rho of the one before.

        Args:
            noise: ``[k, B, d]``.

        Returns:
            ``[k, B, d]``.
        """
        new, parts = (1 - self.rho.square()).sqrt(), [noise[..., 0]]
        for i in range(1, noise.shape[-1]):
            parts.append(self.rho * parts[-1] + new * noise[..., i])
        return self.mean + (self.log_s / 2).exp()[:, None] * torch.stack(parts, -1)

    def log_prob(self, z: Tensor) -> Tensor:
        """How dense the posterior is there.

        Args:
            z: ``[k, B, d]``.

        Returns:
            ``[k, B]``, nats.
        """
        y = (z - self.mean) * (-self.log_s / 2).exp()[:, None]
        new = (y[..., 1:] - self.rho[:, None] * y[..., :-1]) / (1 - self.rho.square()).sqrt()[:, None]
        return standard(torch.cat([y[..., :1], new], -1)) - self._log_volume()

    def _log_volume(self) -> Tensor:
        d = self.mean.shape[1]
        return (d * self.log_s + (d - 1) * (1 - self.rho.square()).log()) / 2

    def detached(self) -> "Correlated":
        """The same, through which no gradient flows."""
        return Correlated(self.mean.detach(), self.rho.detach(), self.log_s.detach())

    def divergence(self) -> Tensor:
        """From N(0, I), ``[B]`` nats (the equation after 61)."""
        d = self.mean.shape[1]
        return (self.mean.square().sum(1) + d * (self.log_s.exp() - 1)) / 2 - self._log_volume()


def correlated(outputs: Tensor, member: Member) -> Correlated:
    """rho-VAE's posterior.

    Args:
        outputs: of the encoder, ``[B, 2 d]``: means; of the rest the first two are read, rho and the variance.
        member: says d.

    Returns:
        The posterior.
    """
    mean, rest = outputs.chunk(2, dim=-1)
    return Correlated(mean, 0.99 * rest[:, 0].tanh(), rest[:, 1].clamp(-12, 4))
