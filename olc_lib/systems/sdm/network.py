"""One network for a frame of speech, its three kinds of prior, and the dictionary: what the poster compares."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from olc_lib.systems.shared import AnyMember

from .speech import BINS

FLOOR = 1e-6  # added to a power; the loudest frames have about 1e4


def identity(latent: int) -> Tensor:
    """The dictionary that leaves a code as it is.

    Args:
        latent: m.

    Returns:
        ``[m, m]``.
    """
    return torch.eye(latent)


def dct(latent: int, atoms: int) -> Tensor:
    """An (over- or undercomplete) dictionary of cosines with columns of length 1.

    Args:
        latent: m, length of an atom.
        atoms: k, their number.

    Returns:
        ``[m, k]``: column j is ``cos(pi j (2 i + 1) / (2 k))``, normalized; orthogonal for k = m.
    """
    i, j = torch.arange(latent)[:, None], torch.arange(atoms)
    return F.normalize(torch.cos(math.pi * j * (2 * i + 1) / (2 * atoms)), dim=0)


class Code(NamedTuple):
    """What the encoder outputs for a frame: a Gaussian for each coordinate and, for VSC, whether it is on.

    Attributes:
        mean: ``[B, k]``.
        log_variance: ``[B, k]``.
        on: ``[B, k]`` logit of the probability that a coordinate is not 0; ``None`` where it never is.
    """

    mean: Tensor
    log_variance: Tensor
    on: Tensor | None

    def expected(self) -> Tensor:
        """The mean of the code, ``[B, k]``; of VSC, with the chance of a 0 counted."""
        return self.mean if self.on is None else self.on.sigmoid() * self.mean

    def sample(self, generator: torch.Generator, temperature: float) -> Tensor:
        """A draw with gradients.

        Args:
            generator: of the noise.
            temperature: of the concrete relaxation of on and off (Maddison et al. 2017).

        Returns:
            ``[B, k]``.
        """
        noise = torch.randn(self.mean.shape, generator=generator, device=self.mean.device)
        drawn = self.mean + (self.log_variance / 2).exp() * noise
        if self.on is None:
            return drawn
        u = torch.rand(self.on.shape, generator=generator, device=self.on.device).clamp(1e-6, 1 - 1e-6)
        return drawn * ((self.on + u.logit()) / temperature).sigmoid()


def standard_normal(model: "FrameVAE", code: Code, features: Tensor) -> Tensor:
    """The VAE's prior: KL divergence from N(0, 1), in closed form.

    Args:
        model: not used.
        code: of the frames.
        features: not used.

    Returns:
        ``[B]`` in nats.
    """
    return (code.mean.square() + code.log_variance.exp() - 1 - code.log_variance).sum(1) / 2


def learned_variances(model: "FrameVAE", code: Code, features: Tensor) -> Tensor:
    """The sparse dictionary model's prior (Eq. 3): N(0, gamma), every frame and coordinate with its own gamma.

    The best gamma is ``mean^2 + variance`` (Eq. 9). Put in, the KL divergence becomes
    ``log(1 + mean^2 / variance) / 2``.

    Args:
        model: not used.
        code: of the frames.
        features: not used.

    Returns:
        ``[B]`` in nats.
    """
    return torch.log1p(code.mean.square() * (-code.log_variance).exp()).sum(1) / 2


def spike_and_slab(model: "FrameVAE", code: Code, features: Tensor) -> Tensor:
    """VSC's first prior: a coordinate is N(0, 1) with probability alpha, else 0.

    Args:
        model: tells alpha.
        code: of the frames.
        features: not used.

    Returns:
        ``[B]`` in nats.
    """
    slab = (code.mean.square() + code.log_variance.exp() - 1 - code.log_variance) / 2
    on = code.on.sigmoid()
    return (on * slab + _bernoulli(code.on, torch.logit(torch.tensor(model.member.alpha)))).sum(1)


def pseudo_inputs(model: "FrameVAE", code: Code, features: Tensor) -> Tensor:
    """VSC's prior (Tonolini et al. 2020): the code of a learned pseudo-input that a classifier picks for the frame.

    The classifier's choice is averaged over. A last term draws the mean share of coordinates that are on, in every
    pseudo-input's code, to alpha.

    Args:
        model: has the pseudo-inputs, the classifier and alpha.
        code: of the frames.
        features: ``[B, BINS]``, what the encoder saw.

    Returns:
        ``[B]`` in nats.
    """
    prior, on, variance = model.heads(model.pseudo), code.on.sigmoid(), code.log_variance.exp()
    precision = (-prior.log_variance).exp()
    # Of every frame from every pseudo-input, [B, pseudo-inputs]; squares are multiplied out, for products are fast.
    divergence = (on * (code.on - (1 + code.log_variance) / 2) - F.softplus(code.on)).sum(1, keepdim=True)
    divergence = divergence + F.softplus(prior.on).sum(1) + (on * (variance + code.mean.square()) / 2) @ precision.T
    divergence = divergence - (on * code.mean) @ (prior.mean * precision).T
    divergence = divergence + on @ ((prior.mean.square() * precision + prior.log_variance) / 2 - prior.on).T
    share = prior.on.sigmoid().mean(1).clamp(1e-6, 1 - 1e-6).logit()
    alpha = torch.logit(torch.tensor(model.member.alpha))
    divergence = divergence + prior.mean.shape[1] * _bernoulli(share, alpha)
    return (model.choose(features).softmax(1) * divergence).sum(1)


def _bernoulli(p: Tensor, q: Tensor) -> Tensor:
    """KL divergence of two coins, given by their logits."""
    return p.sigmoid() * (p - q) + F.softplus(q) - F.softplus(p)


#: By name, as experiments name them.
PRIORS = {prior.__name__: prior for prior in (standard_normal, pseudo_inputs, spike_and_slab, learned_variances)}


@dataclass(frozen=True)
class Member(AnyMember):
    """One model of the family.

    Args:
        prior: ``prior(model, code, features) -> [B]`` nats.
        latent: m, length of z.
        atoms: k, columns of a DCT dictionary; ``None`` for the identity.
        alpha: VSC only, expected share of coordinates that are on.
        pseudo: VSC only, number of pseudo-inputs.
        temperature: VSC only, of the concrete relaxation.
    """

    prior: Callable[["FrameVAE", Code, Tensor], Tensor]
    latent: int = 64
    atoms: int | None = None
    alpha: float = 0.5
    pseudo: int = 16
    temperature: float = 0.2


class FrameVAE(nn.Module):
    """Encoder and decoder of one frame, one hidden layer each, as in Leglaive et al. (2018).

    The decoder outputs the variance of a complex Gaussian for every frequency: the frame's expected power.

    Args:
        member: which of the family.
        hidden: units of the hidden layers.
    """

    def __init__(self, member: Member, hidden: int):
        super().__init__()
        self.member = member
        self.register_buffer(
            "dictionary", dct(member.latent, member.atoms) if member.atoms else identity(member.latent)
        )
        k, self.sparse = self.dictionary.shape[1], member.prior in (spike_and_slab, pseudo_inputs)
        self.encoder = nn.Sequential(nn.Linear(BINS, hidden), nn.Tanh(), nn.Linear(hidden, (2 + self.sparse) * k))
        self.decoder = nn.Sequential(nn.Linear(member.latent, hidden), nn.Tanh(), nn.Linear(hidden, BINS))
        if member.prior is pseudo_inputs:
            self.pseudo = nn.Parameter(torch.randn(member.pseudo, BINS))
            self.choose = nn.Sequential(nn.Linear(BINS, hidden), nn.Tanh(), nn.Linear(hidden, member.pseudo))

    def heads(self, features: Tensor) -> Code:
        """The code of frames as :func:`features` gives them.

        Args:
            features: ``[B, BINS]``.

        Returns:
            A code of ``[B, k]``.
        """
        parts = self.encoder(features).chunk(2 + self.sparse, dim=1)
        return Code(*parts) if self.sparse else Code(*parts, None)

    def encode(self, power: Tensor) -> Code:
        """The code of frames.

        Args:
            power: ``[B, BINS]``.

        Returns:
            A code of ``[B, k]``.
        """
        return self.heads(features(power))

    def decode(self, code: Tensor) -> Tensor:
        """The frames that codes stand for.

        Args:
            code: a, ``[B, k]``.

        Returns:
            ``[B, BINS]``, natural log of the expected power.
        """
        return self.decoder(code @ self.dictionary.T)

    def forward(self, power: Tensor) -> Tensor:
        """Through the mean of the code and back.

        Args:
            power: of frames, ``[B, BINS]``.

        Returns:
            ``[B, BINS]``, expected power.
        """
        return self.decode(self.encode(power).expected()).exp()


def features(power: Tensor) -> Tensor:
    """What the encoder sees: the log of a power, on a scale that suits a tanh.

    Args:
        power: ``[..., BINS]``.

    Returns:
        ``[..., BINS]``.
    """
    return (power + FLOOR).log() / 4


def negative_log_likelihood(power: Tensor, log_variance: Tensor) -> Tensor:
    """Of a complex Gaussian frame, log pi left out: the Itakura-Saito divergence, but for a constant of the frame.

    Args:
        power: ``[B, BINS]``, squared magnitudes.
        log_variance: ``[B, BINS]``, from the decoder.

    Returns:
        ``[B]`` in nats.
    """
    return (log_variance + (power + FLOOR) * (-log_variance).exp()).sum(1)


def bound(model: FrameVAE, power: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Both parts of the negative evidence lower bound (Eq. 10), by one sample of the code.

    Args:
        model: of this system.
        power: ``[B, BINS]``.
        generator: of the sample.

    Returns:
        Negative log-likelihood and KL divergence, each ``[B]`` in nats.
    """
    seen = features(power)
    code = model.heads(seen)
    drawn = code.sample(generator, model.member.temperature)
    return negative_log_likelihood(power, model.decode(drawn)), model.member.prior(model, code, seen)
