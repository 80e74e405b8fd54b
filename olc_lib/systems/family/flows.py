"""A posterior bent by inverse autoregressive flows (IAF, Kingma et al. 2016)."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .network import VAE, Gaussian, Member


class Ordered(nn.Linear):
    """A linear layer that respects the order of coordinates: units are numbered, and read only smaller numbers.

    Args:
        before: numbers of its inputs ``[n]``.
        after: numbers of its outputs ``[m]``.
        itself: also equal numbers, as every layer but the last may.
    """

    def __init__(self, before: Tensor, after: Tensor, itself: bool):
        super().__init__(len(before), len(after))
        self.register_buffer("mask", (after[:, None] >= before if itself else after[:, None] > before).float())

    def forward(self, x: Tensor) -> Tensor:
        """Like any linear layer.

        Args:
            x: ``[..., n]``.

        Returns:
            ``[..., m]``.
        """
        return F.linear(x, self.weight * self.mask, self.bias)


class Bend(nn.Module):
    """One step of the flow: every coordinate is mixed with what the ones before it say.

    Args:
        d: coordinates.
        hidden: units.
        told: numbers that the encoder says to it.
    """

    def __init__(self, d: int, hidden: int, told: int):
        super().__init__()
        places, units = torch.arange(d), torch.arange(hidden) % max(d - 1, 1)
        self.first = Ordered(places, units, itself=True)
        self.told = nn.Linear(told, hidden, bias=False)
        self.then = Ordered(units, places.repeat(2), itself=False)
        nn.init.normal_(self.then.weight, std=0.01)
        nn.init.zeros_(self.then.bias)

    def forward(self, z: Tensor, told: Tensor) -> tuple[Tensor, Tensor]:
        """Codes, bent; and by how much the logarithm of volumes changed.

        Args:
            z: ``[k, B, d]``.
            told: ``[B, c]``.

        Returns:
            ``[k, B, d]`` and ``[k, B]``.
        """
        shift, gate = self._says(z, told)
        return gate.exp() * z + (1 - gate.exp()) * shift, gate.sum(-1)

    def back(self, z: Tensor, told: Tensor) -> tuple[Tensor, Tensor]:
        """The inverse, one coordinate after the other.

        Args:
            z: ``[k, B, d]``, bent.
            told: ``[B, c]``.

        Returns:
            What :meth:`forward` was given, and by how much the logarithm of volumes changed there.
        """
        before = torch.zeros_like(z)
        for i in range(z.shape[-1]):
            shift, gate = self._says(before, told)
            straight = (z - (1 - gate.exp()) * shift) * (-gate).exp()
            before = torch.cat([straight[..., : i + 1], before[..., i + 1 :]], -1)
        return before, self._says(before, told)[1].sum(-1)

    def _says(self, z: Tensor, told: Tensor) -> tuple[Tensor, Tensor]:
        shift, gate = self.then((self.first(z) + self.told(told)).tanh()).chunk(2, -1)
        return shift, F.logsigmoid(gate + 2)


class Bent:
    """A Gaussian posterior, bent.

    Args:
        start: the Gaussian.
        told: what the encoder says to the flow ``[B, c]``.
        bends: steps of the flow; between two of them the order of coordinates is reversed.
    """

    def __init__(self, start: Gaussian, told: Tensor, bends: nn.ModuleList):
        self.start, self.told, self.bends = start, told, bends
        self.mean = start.mean
        self._last: tuple[Tensor, Tensor] | None = None

    def at(self, noise: Tensor) -> Tensor:
        """The code that standard normal noise becomes; its density is kept, for it costs nothing here.

        Args:
            noise: ``[k, B, d]``.

        Returns:
            ``[k, B, d]``.
        """
        z = self.start.at(noise)
        density = self.start.log_prob(z)
        for bend in self.bends:
            z, grown = bend(z.flip(-1), self.told)
            density = density - grown
        self._last = z, density
        return z

    def log_prob(self, z: Tensor) -> Tensor:
        """How dense the posterior is there: kept from :meth:`at` for codes it made, else by going back.

        Args:
            z: ``[k, B, d]``.

        Returns:
            ``[k, B]``, nats.
        """
        if self._last is not None and self._last[0] is z:
            return self._last[1]
        grown: Tensor | float = 0.0
        for bend in reversed(self.bends):
            z, more = bend.back(z, self.told)
            z, grown = z.flip(-1), grown + more
        return self.start.log_prob(z) - grown


class FlowVAE(VAE):
    """A member whose posterior is bent.

    Args:
        member: the row; its ``k`` stays what it was.
        bends: steps of the flow.
        hidden: units of each.
        told: numbers that the encoder says to them.
    """

    def __init__(self, member: Member, bends: int = 2, hidden: int = 100, told: int = 32):
        super().__init__(member)
        self.bends = nn.ModuleList(Bend(member.latent, hidden, told) for _ in range(bends))
        self.told = nn.Linear(member.hidden[-1], told)

    def posterior(self, x: Tensor) -> Bent:
        """Where the codes of items may be.

        Args:
            x: ``[B, n]``.

        Returns:
            The bent posterior; its ``mean`` is the Gaussian's, before it is bent.
        """
        h = self.encoder[:-1](x)
        return Bent(self.member.posterior(self.encoder[-1](h), self.member), self.told(h), self.bends)
