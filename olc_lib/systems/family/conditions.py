"""The conditional VAE (Sohn et al. 2015): a part of a picture is seen, the rest is drawn, in more than one way.

Names are those of Eqs. 78 and 79 with x and y exchanged: y is what is seen, x is what is not.
"""

import torch
from torch import Tensor, nn

from olc_lib.systems.shared import fresh
from olc_lib.train import fit

from .divergences import gaussians_kl
from .network import Gaussian, _layers, bernoulli, noise, normal

Found = tuple[Tensor, dict[str, Tensor]]
#: What can be seen, by halves of the picture's rows and of its columns.
PARTS = {"upper left": (0, 0), "upper right": (0, 1), "lower left": (1, 0), "lower right": (1, 1)}


def quadrants(*names: str, side: int = 28) -> Tensor:
    """Which pixels are seen.

    Args:
        *names: of :data:`PARTS`.
        side: of the picture.

    Returns:
        ``[side * side]``, true where seen.

    Raises:
        ValueError: for an unknown name, or none.
    """
    if not names or set(names) - set(PARTS):
        raise ValueError(f"quadrants are {list(names)}, expected one or more of {list(PARTS)}")
    seen, half = torch.zeros(2, side // 2, 2, side // 2, dtype=torch.bool), side // 2
    for name in names:
        row, column = PARTS[name]
        seen[row, :, column] = True
    return seen.view(4 * half * half)


class Parted(nn.Module):
    """What knows which part of an item is seen.

    Args:
        seen: ``[n]``, true where an item is seen.
    """

    def __init__(self, seen: Tensor):
        super().__init__()
        self.register_buffer("seen", seen)

    def split(self, items: Tensor) -> tuple[Tensor, Tensor]:
        """The part that is not seen, and the one that is.

        Args:
            items: ``[..., n]``.

        Returns:
            x and y, in the order of their pixels.
        """
        return items[..., ~self.seen], items[..., self.seen]

    def joined(self, x: Tensor, y: Tensor) -> Tensor:
        """Both parts in their places.

        Args:
            x: ``[..., n - m]``, what was not seen.
            y: ``[..., m]``, what was.

        Returns:
            ``[..., n]``.
        """
        items = x.new_empty(*x.shape[:-1], len(self.seen))
        items[..., self.seen], items[..., ~self.seen] = y.expand(*x.shape[:-1], -1), x
        return items


class CVAE(Parted):
    """q(z | x, y), p(z | y) and p(x | z, y).

    Args:
        seen: ``[n]``, which part of an item is y.
        latent: d.
        hidden: units of the encoder's layers; the decoder has the same, reversed, the prior the last one.
        told: the prior reads y; else it is N(0, I), and only the decoder reads it.
        likelihood: of the family's ``network``, ``bernoulli`` or ``normal``.
    """

    def __init__(self, seen: Tensor, latent: int = 20, hidden=(400, 200), told: bool = True, likelihood=bernoulli):
        super().__init__(seen)
        m, n = int(seen.sum()), len(seen)
        self.encoder = nn.Sequential(*_layers(n, *hidden, 2 * latent))
        self.guess = nn.Sequential(*_layers(m, *hidden[-1:], 2 * latent)) if told else None
        self.decoder = nn.Sequential(*_layers(latent + m, *reversed(hidden), n - m))
        self.log_noise = nn.Parameter(torch.zeros(()), requires_grad=likelihood is normal)
        self.latent, self.likelihood = latent, likelihood

    def posterior(self, items: Tensor) -> Gaussian:
        """Where the codes of whole items may be, q(z | x, y).

        Args:
            items: ``[B, n]``.

        Returns:
            The posterior.
        """
        return _gaussian(self.encoder(items))

    def prior(self, y: Tensor) -> Gaussian:
        """Where codes may be if only this is seen, p(z | y).

        Args:
            y: ``[B, m]``.

        Returns:
            The prior.
        """
        return _gaussian(self.guess(y) if self.guess else y.new_zeros(len(y), 2 * self.latent))

    def output(self, z: Tensor, y: Tensor) -> Tensor:
        """What a code and the seen part say of the rest: logits or means.

        Args:
            z: ``[k, B, d]``.
            y: ``[B, m]``.

        Returns:
            ``[k, B, n - m]``.
        """
        return self.decoder(torch.cat([z, y.expand(len(z), *y.shape)], -1))

    def log_weights(self, items: Tensor, k: int, generator: torch.Generator) -> Tensor:
        """Log importance weights ``log p(x | z, y) + log p(z | y) - log q(z | x, y)`` of k samples of the posterior.

        Args:
            items: ``[B, n]``.
            k: samples an item.
            generator: of the noise.

        Returns:
            ``[k, B]``, nats; the log of their mean estimates log p(x | y).
        """
        (x, y), q = self.split(items), self.posterior(items)
        z = q.at(noise(q, k, generator))
        return self.likelihood(self, self.output(z, y), x) + self.prior(y).log_prob(z) - q.log_prob(z)

    def complete(self, y: Tensor, k: int, generator: torch.Generator) -> Tensor:
        """Draw what is not seen: the mean picture of codes drawn from the prior.

        Args:
            y: ``[B, m]``.
            k: how many for each.
            generator: of the codes.

        Returns:
            ``[k, B, n]``, with the seen part in its place.
        """
        p = self.prior(y)
        return self.joined(_mean(self, self.output(p.at(noise(p, k, generator)), y)), y)

    def loss(self, items: Tensor, generator: torch.Generator) -> Found:
        """Eq. 79 with one sample, negative.

        Args:
            items: ``[B, n]``.
            generator: of the noise.

        Returns:
            The scalar, and what it consists of.
        """
        x, y = self.split(items)
        q, p = self.posterior(items), self.prior(y)
        misfit = -self.likelihood(self, self.output(q.at(noise(q, 1, generator)), y), x)[0].mean()
        rate = gaussians_kl(q, p).mean()
        return misfit + rate, {"misfit": misfit.detach(), "rate": rate.detach()}


class Net(Parted):
    """The rival without a code: one answer for what is seen.

    Args:
        seen: ``[n]``, which part of an item is y.
        hidden: units of its layers.
        likelihood: as of :class:`CVAE`.
    """

    def __init__(self, seen: Tensor, hidden=(588, 588), likelihood=bernoulli):
        super().__init__(seen)
        self.decoder = nn.Sequential(*_layers(int(seen.sum()), *hidden, int((~seen).sum())))
        self.log_noise = nn.Parameter(torch.zeros(()), requires_grad=likelihood is normal)
        self.likelihood = likelihood

    def log_weights(self, items: Tensor, k: int, generator: torch.Generator) -> Tensor:
        """Log p(x | y) itself, so that the same estimator serves both.

        Args:
            items: ``[B, n]``.
            k: not used.
            generator: not used.

        Returns:
            ``[1, B]``, nats.
        """
        x, y = self.split(items)
        return self.likelihood(self, self.decoder(y), x)[None]

    def complete(self, y: Tensor, k: int, generator: torch.Generator) -> Tensor:
        """Its mean picture, the same every time.

        Args:
            y: ``[B, m]``.
            k: how many for each.
            generator: not used.

        Returns:
            ``[k, B, n]``.
        """
        return self.joined(_mean(self, self.decoder(y)), y).expand(k, -1, -1)

    def loss(self, items: Tensor, generator: torch.Generator) -> Found:
        """The negative log-likelihood.

        Args:
            items: ``[B, n]``.
            generator: not used.

        Returns:
            The scalar, and the same.
        """
        misfit = -self.log_weights(items, 1, generator).mean()
        return misfit, {"misfit": misfit.detach()}


class Neighbours(Parted):
    """The rival without training: the rest is copied from items whose seen part is nearest.

    Args:
        seen: ``[n]``, which part of an item is y.
        items: ``[N, n]``, to copy from.
    """

    def __init__(self, seen: Tensor, items: Tensor):
        super().__init__(seen)
        self.x, self.y = self.split(items)

    def complete(self, y: Tensor, k: int, generator: torch.Generator) -> Tensor:
        """The rest of the k nearest items.

        Args:
            y: ``[B, m]``.
            k: how many for each.
            generator: not used.

        Returns:
            ``[k, B, n]``, the nearest first.
        """
        near = torch.cat([torch.cdist(part, self.y).topk(k, largest=False).indices for part in y.split(100)])
        return self.joined(self.x[near.T], y)


def _gaussian(outputs: Tensor) -> Gaussian:
    mean, log_sd = outputs.chunk(2, dim=-1)
    return Gaussian(mean, log_sd.clamp(-8, 4))


def _mean(model, output: Tensor) -> Tensor:
    return output.sigmoid() if model.likelihood is bernoulli else output


def made(kind, seen: Tensor, grey: Tensor, seed: int, steps: int, lr: float, batch: int = 64, **options):
    """Train a CVAE or its rival; each pixel is drawn black or white anew in every step.

    Args:
        kind: :class:`CVAE` or :class:`Net`.
        seen: ``[n]``, which part of an item is y.
        grey: ``[N, n]`` in 0 to 1.
        seed: of initialisation and training.
        steps: of the optimizer.
        lr: peak learning rate.
        batch: items a step.
        **options: of the kind.

    Returns:
        The model.
    """
    model = fresh(seed, kind, seen, **options)
    model.decoder[-1].bias.data.copy_(grey.mean(0)[~seen].clamp(0.01, 0.99).logit())  # begin with the mean picture

    def loss(rows, step, generator):
        return model.loss(torch.bernoulli(rows["x"], generator=generator), generator)

    fit(model, loss, {"x": grey}, steps, batch_size=batch, lr=lr, seed=seed, progress=False)
    return model.eval()
