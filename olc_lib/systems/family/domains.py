"""One code for two domains by a mixture of experts (MMVAE, Shi et al. 2019, Eqs. 66-68), in the family's own terms.

It offers what every system of pairs does, see :mod:`olc_lib.pairs`. The model that is measured on real data is that of
the package MultiVae, in :mod:`olc_lib.systems.multivae`.
"""

import math
from collections.abc import Callable

import torch
from torch import Tensor, nn

from .bounds import importance_bound
from .network import Gaussian, _layers, bernoulli, noise, normal, standard

Generator = torch.Generator


class Experts(nn.Module):
    """An encoder and a decoder for each domain, and one code for all.

    Args:
        shapes: domain to the shape of a signal.
        latent: d.
        hidden: units of each decoder's layers; each encoder has two convolutions before the last of them.
        k: samples of each expert.
        bound: ``bound(model, batch, generator) -> [B]``, what training maximizes.
    """

    def __init__(self, shapes: dict, latent: int = 20, hidden=(200, 400), k: int = 1, bound: Callable | None = None):
        super().__init__()
        sizes = {domain: math.prod(shape) for domain, shape in shapes.items()}
        self.shapes, self.k, self.bound = shapes, k, bound or mixture
        self.encoder = nn.ModuleDict({a: _reader(shape, hidden[0], 2 * latent) for a, shape in shapes.items()})
        self.decoder = nn.ModuleDict({a: nn.Sequential(*_layers(latent, *hidden, n)) for a, n in sizes.items()})
        self.log_noise = nn.Parameter(torch.tensor(-2.0))

    def posterior(self, domain: str, signal: Tensor) -> Gaussian:
        """One expert: where the codes of signals of one domain may be.

        Args:
            domain: of ``shapes``.
            signal: ``[B, *shape]``.

        Returns:
            Its posterior.
        """
        mean, log_sd = self.encoder[domain](signal).chunk(2, dim=-1)
        return Gaussian(mean, (log_sd - 2).clamp(-8, 4))  # a wide start would drown the first things learned

    def log_likelihood(self, domain: str, signal: Tensor, z: Tensor) -> Tensor:
        """How well codes explain signals: images by black and white pixels, all else by a Gaussian of learned width.

        Args:
            domain: of ``shapes``.
            signal: ``[B, *shape]``.
            z: ``[k, B, d]``.

        Returns:
            ``[k, B]``, nats.
        """
        model = bernoulli if domain == "image" else normal
        return model(self, self.decoder[domain](z), signal.flatten(1))

    def loss(self, batch: dict[str, Tensor], step: int, generator: Generator) -> Tensor:
        """The negative bound.

        Args:
            batch: domain to ``[B, *shape]``; what else it holds, such as labels, is not read.
            step: not used.
            generator: of every draw.

        Returns:
            The scalar.
        """
        given = {domain: batch[domain] for domain in self.shapes}
        if "image" in given:
            given["image"] = torch.bernoulli(given["image"], generator=generator)
        return -self.bound(self, given, generator).mean()

    def code(self, domain: str, signal: Tensor) -> Tensor:
        """The mean of one expert.

        Args:
            domain: of ``shapes``.
            signal: ``[B, *shape]``.

        Returns:
            ``[B, d]``.
        """
        return self.posterior(domain, signal).mean

    def draw(self, domain: str, code: Tensor) -> Tensor:
        """Signals of codes: the mean of the likelihood.

        Args:
            domain: of ``shapes``.
            code: ``[B, d]``.

        Returns:
            ``[B, *shape]``.
        """
        output = self.decoder[domain](code)
        return (output.sigmoid() if domain == "image" else output).view(len(code), *self.shapes[domain])

    def cross(self, source: str, code: Tensor, speaker: Tensor) -> Tensor:
        """The code is shared; nobody can be asked to speak.

        Args:
            source: not used.
            code: ``[B, d]``.
            speaker: not used.

        Returns:
            The same code.
        """
        return code


def _reader(shape: tuple[int, ...], hidden: int, outputs: int) -> nn.Module:
    channels, rows, columns = shape
    return nn.Sequential(
        nn.Conv2d(channels, 16, 5, 2, 2), nn.ReLU(), nn.Conv2d(16, 32, 5, 2, 2), nn.ReLU(), nn.Flatten(),
        *_layers(32 * -(-rows // 4) * -(-columns // 4), hidden, outputs),
    )  # fmt: skip


def log_weights(model: Experts, batch: dict[str, Tensor], experts: dict[str, Gaussian], z: Tensor) -> Tensor:
    """``log p(z, x_1, ..., x_M) - log q(z | x_1, ..., x_M)``, with the mixture of all experts (Eq. 67) as q.

    Args:
        model: of two domains or more.
        batch: domain to ``[B, *shape]``.
        experts: domain to posterior.
        z: ``[k, B, d]``, whoever it was drawn from.

    Returns:
        ``[k, B]``, nats.
    """
    joint = standard(z) + sum(model.log_likelihood(domain, signal, z) for domain, signal in batch.items())
    dense = torch.stack([q.log_prob(z) for q in experts.values()]).logsumexp(0) - math.log(len(experts))
    return joint - dense


def mixture(model: Experts, batch: dict[str, Tensor], generator: Generator) -> Tensor:
    """Eq. 68 as Shi et al. have it: the k samples of the m-th term come from the m-th expert alone.

    Args:
        model: of two domains or more.
        batch: domain to ``[B, *shape]``.
        generator: of the noise.

    Returns:
        The bound, ``[B]`` nats.
    """
    experts = {domain: model.posterior(domain, signal) for domain, signal in batch.items()}
    terms = []
    for q in experts.values():  # whoever sent the code, it must explain every domain
        z = q.at(noise(q, model.k, generator))
        terms.append(importance_bound(log_weights(model, batch, experts, z)))
    return torch.stack(terms).mean(0)


def printed(model: Experts, batch: dict[str, Tensor], generator: Generator) -> Tensor:
    """Eq. 68 as the survey prints it: every sample from the mixture, so each time from an expert drawn by lot.

    All M terms of its sum are then the same. For k = 1 it is :func:`mixture` on average, for larger k another bound.

    Args:
        model: of two domains or more.
        batch: domain to ``[B, *shape]``.
        generator: of the lots and the noise.

    Returns:
        The bound, ``[B]`` nats.
    """
    experts = {domain: model.posterior(domain, signal) for domain, signal in batch.items()}
    drawn = torch.stack([q.at(noise(q, model.k, generator)) for q in experts.values()])
    lot = torch.randint(len(experts), drawn.shape[1:3], generator=generator, device=drawn.device)
    z = drawn.gather(0, lot[None, ..., None].expand(1, *drawn.shape[1:]))[0]
    return importance_bound(log_weights(model, batch, experts, z))
