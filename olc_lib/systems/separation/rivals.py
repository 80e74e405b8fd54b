"""What needs no net: the mixture itself, the ideal ratio mask, and non-negative matrix factorization."""

import torch
from torch import Tensor

from .network import TINY, masked, spectrum
from .training import Frames


def ideal(pair: Tensor, window: int, hop: int) -> Tensor:
    """The ideal ratio mask: Eq. 90 with the true magnitudes, which no method can know.

    Args:
        pair: ``[2, T]``, the true sources.
        window: samples of a frame.
        hop: from one to the next.

    Returns:
        ``[2, T]``.
    """
    return masked(spectrum(pair, window, hop).abs(), pair.sum(0), window, hop)


def factorize(frames: Tensor, parts: Tensor | int, steps: int = 100, seed: int = 0) -> tuple[Tensor, Tensor]:
    """Non-negative matrix factorization by the Kullback-Leibler divergence (Lee & Seung 2001).

    Args:
        frames: ``[N, M]``, not negative.
        parts: how many, or the parts ``[K, M]`` themselves, which then stay as they are.
        steps: multiplicative updates.
        seed: of the random start.

    Returns:
        How much of each part is in each frame, ``[N, K]``, and the parts ``[K, M]``.
    """
    generator = torch.Generator().manual_seed(seed)
    given = isinstance(parts, Tensor)
    basis = parts if given else torch.rand(parts, frames.shape[1], generator=generator) + 0.1
    amount = torch.rand(len(frames), len(basis), generator=generator) + 0.1
    frames = frames + TINY
    for _ in range(steps):
        amount = amount * ((frames / (amount @ basis + TINY)) @ basis.T) / (basis.sum(1) + TINY)
        if not given:
            basis = basis * (amount.T @ (frames / (amount @ basis + TINY))) / (amount.sum(0)[:, None] + TINY)
    return amount, basis


class Factors:
    """NMF for two sources: parts of each are learned on its clean sentences, then both explain the mixture.

    Args:
        some: training frames.
        parts: of each source.
        window: samples of a frame.
        hop: from one to the next.
        seed: of the random starts.
        most: frames of each source that are used.
    """

    def __init__(self, some: Frames, parts: int, window: int, hop: int, seed: int = 0, most: int = 4000):
        self.window, self.hop, self.seed = window, hop, seed
        rows = [torch.linspace(0, len(one) - 1, min(most, len(one))).long() for one in some.spectra]
        self.basis = [
            factorize(one[row].abs(), parts, seed=seed)[1] for one, row in zip(some.spectra, rows, strict=True)
        ]

    def separate(self, wave: Tensor) -> Tensor:
        """A mixture taken apart.

        Args:
            wave: ``[T]``.

        Returns:
            ``[2, T]``.
        """
        seen = spectrum(wave, self.window, self.hop).abs()
        amount, _ = factorize(seen, torch.cat(self.basis), seed=self.seed)
        half = len(self.basis[0])
        both = torch.stack([amount[:, :half] @ self.basis[0], amount[:, half:] @ self.basis[1]])
        return masked(both, wave, self.window, self.hop)
