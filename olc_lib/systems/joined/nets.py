"""The networks of :mod:`olc_lib.systems.joined`: small convolutional encoders and decoders, and what trains them."""

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional as F


def encoder(channels: int, side: int, dim: int) -> nn.Sequential:
    """Two convolutions that halve a picture, then one layer.

    Args:
        channels: of the second convolution; the first has half as many.
        side: of the square picture, a multiple of 4.
        dim: numbers it gives.

    Returns:
        A module, ``[B, 1, side, side]`` to ``[B, dim]``.
    """
    return nn.Sequential(
        nn.Conv2d(1, channels // 2, 4, 2, 1), nn.ReLU(), nn.Conv2d(channels // 2, channels, 4, 2, 1), nn.ReLU(),
        nn.Flatten(), nn.Linear(channels * (side // 4) ** 2, dim),
    )  # fmt: skip


class Drawer(nn.Sequential):
    """The encoder's mirror: ``[B, dim]`` to pictures ``[B, 1, side, side]`` in 0..1.

    Args:
        channels: see :func:`encoder`, as the next.
        side: likewise.
        dim: numbers that it reads.
    """

    def __init__(self, channels: int, side: int, dim: int):
        quarter = side // 4
        super().__init__(
            nn.Linear(dim, channels * quarter**2), nn.ReLU(), nn.Unflatten(1, (channels, quarter, quarter)),
            nn.ConvTranspose2d(channels, channels // 2, 4, 2, 1), nn.ReLU(),
            nn.ConvTranspose2d(channels // 2, 1, 4, 2, 1), nn.Sigmoid(),
        )  # fmt: skip


class VAE(nn.Module):
    """An encoder that no label was shown: a variational autoencoder (Kingma & Welling 2014).

    Args:
        channels: see :func:`encoder`, as the next.
        side: likewise.
        dim: of its code.
    """

    def __init__(self, channels: int, side: int, dim: int):
        super().__init__()
        self.encoder, self.decoder = encoder(channels, side, 2 * dim), Drawer(channels, side, dim)

    def code(self, pictures: Tensor) -> Tensor:
        """Means of the posteriors.

        Args:
            pictures: ``[B, 1, side, side]``.

        Returns:
            ``[B, dim]``.
        """
        return self.encoder(pictures).chunk(2, dim=1)[0]

    def loss(self, pictures: Tensor, generator: torch.Generator) -> Tensor:
        """Negative evidence lower bound with a Bernoulli likelihood, nats a picture, mean over the batch.

        Args:
            pictures: ``[B, 1, side, side]``.
            generator: source of the noise.

        Returns:
            The scalar.
        """
        mean, log_variance = self.encoder(pictures).chunk(2, dim=1)
        noise = torch.randn(mean.shape, generator=generator, device=mean.device)
        misfit = drawing_error(self.decoder(mean + (log_variance / 2).exp() * noise), pictures)
        return misfit + (mean.square() + log_variance.exp() - log_variance - 1).sum(1).mean() / 2


class Reader(nn.Module):
    """An encoder that learned from labels: a classifier, whose code is what its last layer reads.

    Args:
        channels: see :func:`encoder`, as the next.
        side: likewise.
        dim: of its code.
        sharpness: bring codes and the last layer's weights to length 1, and multiply their cosines by this (Wang et
            al. 2017); ``None`` for a plain last layer.
        classes: what it tells apart.
    """

    def __init__(self, channels: int, side: int, dim: int, sharpness: float | None, classes: int = 10):
        super().__init__()
        self.encoder, self.head, self.sharpness = encoder(channels, side, dim), nn.Linear(dim, classes), sharpness

    def code(self, pictures: Tensor) -> Tensor:
        """What the last layer reads.

        Args:
            pictures: ``[B, 1, side, side]``.

        Returns:
            ``[B, dim]``.
        """
        code = self.encoder(pictures)
        return code if self.sharpness is None else F.normalize(code, dim=1)

    def loss(self, pictures: Tensor, label: Tensor) -> Tensor:
        """Cross-entropy, mean over the batch.

        Args:
            pictures: ``[B, 1, side, side]``.
            label: ``[B]``.

        Returns:
            The scalar.
        """
        code = self.code(pictures)
        if self.sharpness is None:
            return F.cross_entropy(self.head(code), label)
        return F.cross_entropy(self.sharpness * code @ F.normalize(self.head.weight, dim=1).T, label)


def drawing_error(drawn: Tensor, pictures: Tensor) -> Tensor:
    """Bernoulli misfit, nats a picture, mean over the batch.

    Args:
        drawn: ``[B, 1, H, W]`` in 0..1.
        pictures: likewise.

    Returns:
        The scalar.
    """
    return F.binary_cross_entropy(drawn, pictures, reduction="sum") / len(pictures)


def drawing_loss(drawer: nn.Module, prepare: Callable[[Tensor], Tensor], noise: float) -> Callable:
    """Train a decoder on the codes of an encoder that stays as it is.

    Args:
        drawer: what is trained.
        prepare: from codes ``[B, D]`` to what the decoder reads: the codes themselves, or their relative coordinates.
        noise: deviation of what is added to each number the decoder reads, as Equation 1 does for placed codes.

    Returns:
        ``loss(batch, step, generator)`` for :func:`olc_lib.train.fit`; the batch holds ``code`` and ``signal``.
    """

    def loss(batch, step, generator):
        given = prepare(batch["code"])
        given = given + noise * torch.randn(given.shape, generator=generator, device=given.device)
        value = drawing_error(drawer(given), batch["signal"])
        return value, {"total": value.detach()}

    return loss
