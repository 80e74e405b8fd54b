"""The VAE of a surface: the two architectures of the survey."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from olc_lib.systems.shared import AnyMember

from .worlds import DELTA, POINTS, YEARS

#: A volatility v is shown to the nets as ``(log v - CENTRE) / SCALE``.
CENTRE, SCALE = float(np.log(0.11)), 0.45


@dataclass(frozen=True)
class Member(AnyMember):
    """One of the survey's two architectures.

    Args:
        pointwise: the decoder gets the code and one place, and outputs one point (Figure 14 of the survey); else it
            outputs the whole grid (Figure 12).
        latent: length of the code.
        noise: standard deviation of a standardized point around the decoder's; its square is the weight of the KL
            divergence, the survey's beta, up to a factor.
    """

    pointwise: bool = True
    latent: int = 4
    noise: float = 0.05


class SurfaceVAE(nn.Module):
    """A VAE of surfaces.

    Args:
        member: which architecture.
        hidden: units of each of two hidden layers.
    """

    def __init__(self, member: Member, hidden: int):
        super().__init__()
        self.member = member
        place = [(DELTA - 0.5) / 0.3, (np.log(YEARS) + 1.2) / 1.5]
        grid = np.stack([part.flatten() for part in np.meshgrid(*place)], 1)  # maturity by maturity
        self.register_buffer("grid", torch.tensor(grid, dtype=torch.float32), persistent=False)
        inputs, outputs = (member.latent + 2, 1) if member.pointwise else (member.latent, POINTS)
        self.encoder = _net(POINTS, hidden, 2 * member.latent)
        self.decoder = _net(inputs, hidden, outputs)

    def encode(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """The posterior.

        Args:
            x: standardized surfaces ``[B, 40]``.

        Returns:
            Means and logarithms of variances, both ``[B, latent]``.
        """
        return self.encoder(x).chunk(2, 1)

    def decode(self, code: Tensor) -> Tensor:
        """Surfaces of codes.

        Args:
            code: ``[B, latent]``.

        Returns:
            Standardized ``[B, 40]``.
        """
        if not self.member.pointwise:
            return self.decoder(code)
        many = code[:, None].expand(-1, POINTS, -1)
        return self.decoder(torch.cat([many, self.grid.expand(len(code), -1, -1)], 2))[..., 0]

    def forward(self, x: Tensor) -> Tensor:
        """Through the mean of the posterior and back.

        Args:
            x: standardized ``[B, 40]``.

        Returns:
            ``[B, 40]``.
        """
        return self.decode(self.encode(x)[0])


def _net(inputs: int, hidden: int, outputs: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Linear(inputs, hidden), nn.SiLU(), nn.Linear(hidden, hidden), nn.SiLU(), nn.Linear(hidden, outputs)
    )


def standardized(volatility: np.ndarray) -> Tensor:
    """Volatilities as nets see them.

    Args:
        volatility: in parts of 1, any shape.

    Returns:
        The same shape.
    """
    return torch.tensor((np.log(volatility) - CENTRE) / SCALE, dtype=torch.float32)


def volatilities(x: Tensor) -> np.ndarray:
    """The inverse of :func:`standardized`.

    Args:
        x: any shape.

    Returns:
        Volatilities.
    """
    return np.exp(CENTRE + SCALE * x.detach().double().numpy())


def bound(model: SurfaceVAE, x: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Both parts of the negative evidence lower bound, constants left out.

    Args:
        model: of this system.
        x: standardized surfaces ``[B, 40]``.
        generator: of the sample.

    Returns:
        Misfit and KL divergence, each ``[B]`` in nats.
    """
    mean, log_variance = model.encode(x)
    noise = torch.randn(mean.shape, generator=generator, device=mean.device)
    made = model.decode(mean + (log_variance / 2).exp() * noise)
    misfit = (made - x).square().sum(1) / (2 * model.member.noise**2)
    return misfit, (mean.square() + log_variance.exp() - 1 - log_variance).sum(1) / 2
