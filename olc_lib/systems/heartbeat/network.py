"""The VAE of one beat."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from olc_lib.heartbeats import LENGTH
from olc_lib.systems.shared import AnyMember


@dataclass(frozen=True)
class Member(AnyMember):
    """One model.

    Args:
        latent: length of its code.
        noise: of ``rivals.NOISES``, what is done to the beats that it sees, or ``None``; it outputs clean ones.
    """

    latent: int = 2
    noise: str | None = None


class BeatVAE(nn.Module):
    """A VAE of one beat, with a learned deviation around its output.

    Args:
        member: which.
        hidden: units of the hidden layers.
    """

    def __init__(self, member: Member, hidden: int):
        super().__init__()
        self.member = member
        self.encoder = nn.Sequential(nn.Linear(LENGTH, hidden), nn.SiLU(), nn.Linear(hidden, 2 * member.latent))
        self.decoder = nn.Sequential(nn.Linear(member.latent, hidden), nn.SiLU(), nn.Linear(hidden, LENGTH))
        self.log_noise = nn.Parameter(torch.tensor(-1.0))

    def encode(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """The posterior.

        Args:
            x: beats ``[B, LENGTH]``.

        Returns:
            Means and logarithms of variances, both ``[B, latent]``.
        """
        return self.encoder(x).chunk(2, 1)

    def decode(self, code: Tensor) -> Tensor:
        """Beats of codes.

        Args:
            code: ``[B, latent]``.

        Returns:
            ``[B, LENGTH]``.
        """
        return self.decoder(code)

    def forward(self, x: Tensor) -> Tensor:
        """Through the mean of the posterior and back.

        Args:
            x: beats ``[B, LENGTH]``.

        Returns:
            ``[B, LENGTH]``.
        """
        return self.decode(self.encode(x)[0])


def bound(model: BeatVAE, seen: Tensor, clean: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Both parts of the negative evidence lower bound, constants left out.

    Args:
        model: of this system.
        seen: what the encoder gets, ``[B, LENGTH]``.
        clean: what the decoder should output, ``[B, LENGTH]``.
        generator: of the sample.

    Returns:
        Misfit and KL divergence, each ``[B]`` in nats.
    """
    mean, log_variance = model.encode(seen)
    noise = torch.randn(mean.shape, generator=generator, device=mean.device)
    made = model.decode(mean + (log_variance / 2).exp() * noise)
    misfit = ((made - clean).square() * (-2 * model.log_noise).exp() / 2 + model.log_noise).sum(1)
    return misfit, (mean.square() + log_variance.exp() - 1 - log_variance).sum(1) / 2
