"""Training of both nets on mixtures that are made as they are needed, and what a trained pair is worth."""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from olc_lib import speech_metrics
from olc_lib.train import Loss

from .codes import search
from .mixtures import Scene
from .network import Separator, spectrum


@dataclass(frozen=True, eq=False)
class Frames:
    """All training frames of the two sources.

    Attributes:
        spectra: two complex tensors ``[N_k, M]``, the sentences of a source one after the other.
    """

    spectra: tuple[Tensor, Tensor]


def frames(scene: Scene, window: int, hop: int) -> Frames:
    """Short-time spectra of a scene's training sentences.

    Args:
        scene: whose.
        window: samples of a frame.
        hop: from one to the next.

    Returns:
        Frames.
    """
    first, second = (torch.cat([spectrum(wave, window, hop) for wave in waves]) for waves in scene.waves["train"])
    return Frames((first, second))


def deviation(some: Frames) -> Tensor:
    """Standard deviation of the magnitudes of mixtures, about what every magnitude is divided by.

    Args:
        some: training frames.

    Returns:
        0-d.
    """
    count = min(map(len, some.spectra))
    return (some.spectra[0][:count] + some.spectra[1][:count]).abs().std()


def objective(
    model: Separator, some: Frames, fixed: bool = False, alone: float = 0.0
) -> tuple[Loss, dict[str, Tensor]]:
    """What ``fit`` needs to train both nets of a separator at once.

    Spectra add as waves do, so a mixture is made of any two frames: every step has new ones.

    Args:
        model: whose.
        some: training frames.
        fixed: every frame always meets the same frame of the other source, as in mixtures made once.
        alone: share of frames in which the first source, and as many in which the second, is silent.

    Returns:
        Loss and data.
    """
    counts = [len(one) for one in some.spectra]
    reach = torch.arange(-(model.context // 2), model.context // 2 + 1)

    def pick(source: int, rows: Tensor) -> Tensor:
        return some.spectra[source][(rows[:, None] + reach).clamp(0, counts[source] - 1)]

    def loss(batch: Mapping[str, Tensor], step: int, generator: torch.Generator):
        rows = batch["row"]
        other = rows % counts[1] if fixed else torch.randint(counts[1], rows.shape, generator=generator)
        parts = [pick(0, rows % counts[0]), pick(1, other)]
        if alone:
            chance = torch.rand(len(rows), 1, 1, generator=generator)
            parts = [parts[0] * (chance >= alone), parts[1] * (chance < 1 - alone)]
        mixed = (parts[0] + parts[1]).abs() / model.scale
        total, record = torch.zeros(()), {}
        for k, net in enumerate(model.nets):
            own = parts[k].abs() / model.scale
            member = model.member
            value, terms = member.objective(
                net, own if member.clean else mixed, own[:, len(reach) // 2], generator, member
            )
            total = total + value
            record |= {f"{name} {k}": term for name, term in terms.items()}
        return total, record

    return loss, {"row": torch.arange(max(counts))}


@torch.no_grad()
def estimates(model: Separator, wave: Tensor) -> Tensor:
    """The magnitudes of both sources in a mixture.

    Args:
        model: trained.
        wave: ``[T]``, the mixture.

    Returns:
        ``[2, frames, M]``, scaled.
    """
    seen = model.magnitudes(wave)
    return search(model, seen) if model.member.clean else model(seen)


def separate(model: Separator, wave: Tensor, exponent: float = 1.0) -> Tensor:
    """A mixture taken apart.

    Args:
        model: trained.
        wave: ``[T]``, the mixture.
        exponent: of the mask, see :func:`olc_lib.systems.separation.network.wiener`.

    Returns:
        ``[2, T]``.
    """
    return model.resynthesize(estimates(model, wave), wave, exponent)


def scores(pairs: list[Tensor], separated: list[Tensor]) -> dict[str, list[float]]:
    """SDR, SIR and SAR of both sources of many mixtures.

    Args:
        pairs: the true sources, each ``[2, T]``.
        separated: estimates, likewise.

    Returns:
        ``sdr``, ``sir`` and ``sar``: first and second source of the first mixture, of the second, and so on, in dB.
    """
    found = torch.cat([speech_metrics.bss_eval(*both) for both in zip(pairs, separated, strict=True)], 1)
    return {name: row.tolist() for name, row in zip(("sdr", "sir", "sar"), found, strict=True)}
