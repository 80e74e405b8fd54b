"""One net for each source: from a frame of the mixture to the frame of the source, and the mask made of both."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from olc_lib.systems.shared import AnyMember

TINY = 1e-8


@dataclass(frozen=True)
class Member(AnyMember):
    """What one kind of net is trained for.

    Args:
        objective: ``objective(net, seen, wanted, generator) -> (scalar, record)``; ``seen`` ``[B, context, M]`` are
            magnitudes that the net sees, ``wanted`` ``[B, M]`` those of its source.
        beta: weight of the KL divergence.
        noise: standard deviation of epsilon in ``z = mean + noise * sigma * epsilon``.
        weight: of the divergence of the cloud of codes (ITL).
        clean: the net sees its own source alone; mixtures are taken apart by :mod:`.codes`.
        masking: the last layer is a share of what is seen, between 0 and 1, and no magnitude.
    """

    objective: Callable
    beta: float = 1.0
    noise: float = 1.0
    weight: float = 100.0
    clean: bool = False
    masking: bool = False


class Net(nn.Module):
    """Encoder ``[M, ...layers]`` and its mirror image as decoder, of one frame's magnitudes.

    Args:
        bins: M.
        layers: units; the last is the code's dimension.
        context: frames that the encoder sees, the one to be estimated in the middle; odd.
        masking: see :class:`Member`.
        root: the encoder sees the square root of magnitudes.
    """

    def __init__(self, bins: int, layers: tuple[int, ...], context: int = 1, masking: bool = False, root: bool = False):
        super().__init__()
        if len(layers) < 2 or context % 2 == 0:
            raise ValueError(
                f"layers are {layers} and context is {context}, expected two layers or more, and an odd one"
            )
        self.masking, self.root = masking, root
        *hidden, latent = layers
        self.encoder = _stack([context * bins, *hidden, 2 * latent])
        self.decoder = _stack([latent, *reversed(hidden), bins])

    def posterior(self, seen: Tensor) -> tuple[Tensor, Tensor]:
        """Where the code of a frame is.

        Args:
            seen: ``[B, context, M]``.

        Returns:
            Mean and log variance, each ``[B, d]``.
        """
        return self.encoder((seen.sqrt() if self.root else seen).flatten(1)).chunk(2, 1)

    def decode(self, code: Tensor, seen: Tensor | None = None) -> Tensor:
        """The magnitudes that a code stands for.

        Args:
            code: ``[B, d]``.
            seen: ``[B, context, M]``, needed by a net that masks.

        Returns:
            ``[B, M]``, not negative.
        """
        out = self.decoder(code)
        return out.sigmoid() * seen[:, seen.shape[1] // 2] if self.masking else F.softplus(out)

    def forward(self, seen: Tensor) -> Tensor:
        """Through the mean of the code.

        Args:
            seen: ``[B, context, M]``.

        Returns:
            ``[B, M]``.
        """
        return self.decode(self.posterior(seen)[0], seen)


def _stack(sizes: list[int]) -> nn.Sequential:
    layers: list[nn.Module] = []
    for a, b in zip(sizes[:-1], sizes[1:], strict=True):
        layers += [nn.Linear(a, b), nn.ReLU()]
    return nn.Sequential(*layers[:-1])


class Separator(nn.Module):
    """Two nets, and what they need to take a wave apart.

    Args:
        member: what they are trained for.
        layers: of each net.
        window: samples of a frame.
        hop: from one frame to the next.
        context: frames that a net sees.
        root: see :class:`Net`.
        scale: magnitudes are divided by ``scale``; NaN until training sets it to their deviation.
    """

    def __init__(
        self,
        member: Member,
        layers: tuple[int, ...] = (256, 256, 128),
        window: int = 256,
        hop: int = 128,
        context: int = 1,
        root: bool = False,
        scale: float = math.nan,
    ):
        super().__init__()
        self.member, self.window, self.hop, self.context = member, window, hop, context
        self.register_buffer("scale", torch.tensor(scale))
        self.nets = nn.ModuleList(Net(window // 2 + 1, layers, context, member.masking, root) for _ in range(2))

    def magnitudes(self, wave: Tensor) -> Tensor:
        """Frames of a wave as the nets see them.

        Args:
            wave: ``[T]``.

        Returns:
            Scaled magnitudes ``[frames, context, M]``.
        """
        return neighbours(spectrum(wave, self.window, self.hop).abs() / self.scale, self.context)

    def resynthesize(self, estimates: Tensor, wave: Tensor, exponent: float = 1.0) -> Tensor:
        """The mixture through the masks of Eq. 90.

        Args:
            estimates: see :func:`masked`.
            wave: ``[T]``, the mixture.
            exponent: of the mask.

        Returns:
            ``[2, T]``.
        """
        return masked(estimates, wave, self.window, self.hop, exponent)

    def forward(self, seen: Tensor) -> Tensor:
        """Both nets' estimates.

        Args:
            seen: ``[B, context, M]``.

        Returns:
            ``[2, B, M]``.
        """
        return torch.stack([net(seen) for net in self.nets])


def spectrum(wave: Tensor, window: int, hop: int) -> Tensor:
    """Frames of frequencies, with windows of half a sine; unlike :func:`olc_lib.spectra.stft` for any overlap.

    Args:
        wave: ``[..., T]``.
        window: samples of a frame, even.
        hop: from one to the next, below ``window``.

    Returns:
        Complex ``[..., frames, 1 + window // 2]``; frame n is centred on sample ``n * hop``, the last one at the end of
        the wave or up to a hop behind it.

    Raises:
        ValueError: for a window or a hop that is not allowed.
    """
    if window < 2 or window % 2 or not 0 < hop < window:
        raise ValueError(f"window is {window} and hop is {hop}, expected an even window and a hop of 1 to {window - 1}")
    wave = F.pad(wave, (0, -wave.shape[-1] % hop))
    flat = torch.stft(wave.reshape(-1, wave.shape[-1]), window, hop, window=_sine(window).to(wave), center=True,
                      pad_mode="constant", return_complex=True).mT  # fmt: skip
    return flat.reshape(*wave.shape[:-1], *flat.shape[1:])


def sound(frames: Tensor, window: int, hop: int, length: int) -> Tensor:
    """The inverse of :func:`spectrum`; of changed frames, the sound whose frames come nearest.

    Args:
        frames: complex ``[..., frames, 1 + window // 2]``.
        window: as it was.
        hop: as it was.
        length: samples of the sound.

    Returns:
        ``[..., length]``.
    """
    flat = frames.reshape(-1, *frames.shape[-2:]).mT
    whole = length + -length % hop
    wave = torch.istft(flat, window, hop, window=_sine(window), center=True, length=whole)
    return wave[:, :length].reshape(*frames.shape[:-2], length)


def _sine(window: int) -> Tensor:
    return torch.sin(torch.pi * (torch.arange(window, dtype=torch.float64) + 0.5) / window).float()


def masked(estimates: Tensor, wave: Tensor, window: int, hop: int, exponent: float = 1.0) -> Tensor:
    """A mixture through the masks that two estimates make (Eq. 90), with the phase of the mixture.

    Args:
        estimates: ``[2, frames, M]`` magnitudes of the sources, at any common scale.
        wave: ``[T]``, the mixture.
        window: samples of a frame.
        hop: from one to the next.
        exponent: see :func:`wiener`.

    Returns:
        ``[2, T]``, which sum to the mixture.
    """
    return sound(wiener(estimates, exponent) * spectrum(wave, window, hop), window, hop, len(wave))


def neighbours(frames: Tensor, context: int) -> Tensor:
    """Every frame with those around it; beyond the ends there is silence.

    Args:
        frames: ``[N, M]``.
        context: how many in all, odd.

    Returns:
        ``[N, context, M]``.
    """
    if context == 1:
        return frames[:, None]
    around = F.pad(frames, (0, 0, context // 2, context // 2))
    return around.unfold(0, context, 1).mT


def wiener(estimates: Tensor, exponent: float = 1.0) -> Tensor:
    """The masks of Eq. 90: each source's share of the sum.

    Args:
        estimates: ``[2, ...]`` magnitudes, not negative.
        exponent: of the magnitudes; 1 is Eq. 90, 2 Wiener's filter of powers, and a large one gives all to the
            larger source.

    Returns:
        ``[2, ...]`` between 0 and 1; they sum to 1.
    """
    # In logarithms: a power of a small number is 0, and 0 / 0 is no mask.
    return (exponent * (estimates + TINY).log()).softmax(0)
