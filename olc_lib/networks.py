"""The networks: encoder and decoder stacks of Tables 2 and 6, the model that joins them, and a classifier."""

from collections.abc import Sequence
from functools import partial

import torch
from torch import Tensor, nn

from .latent import LatentSpace
from .normalize import max_m_percent
from .paper import Layer

_CONV = {1: nn.Conv1d, 2: nn.Conv2d}
_CONV_TRANSPOSE = {1: nn.ConvTranspose1d, 2: nn.ConvTranspose2d}
_BATCH_NORM = {1: nn.BatchNorm1d, 2: nn.BatchNorm2d}


def scale_layers(layers: Sequence[Layer], width: float = 1.0, narrowest: int = 16) -> list[Layer]:
    """Make a table's stack narrower.

    Args:
        layers: rows of Table 2 or 6.
        width: multiplier of every channel count; 1.0 gives the table exactly.
        narrowest: no layer gets fewer channels than this or than its table has. Table 6 ends in 15
            channels: an eighth of that would leave two, and everything has to pass through them.

    Returns:
        The scaled rows.
    """
    return [
        layer._replace(channels=max(min(layer.channels, narrowest), round(layer.channels * width))) for layer in layers
    ]


def conv_lengths(layers: Sequence[Layer], length: int) -> list[int]:
    """Lengths of a signal on its way through a stack: the input's, then one per layer.

    Args:
        layers: the stack.
        length: samples (or pixels along one axis) at the input.

    Returns:
        ``len(layers) + 1`` lengths.

    Raises:
        ValueError: if the signal is shorter than the stack can take.
    """
    lengths = [length]
    for layer in layers:
        lengths.append((lengths[-1] + 2 * layer.padding - layer.kernel) // layer.stride + 1)
    if min(lengths) < 1:
        shortest = 1
        for layer in reversed(layers):
            shortest = max(1, (shortest - 1) * layer.stride + layer.kernel - 2 * layer.padding)
        raise ValueError(f"input is {length} long, expected at least {shortest} for these {len(layers)} layers")
    return lengths


class Encoder(nn.Sequential):
    """Convolution stack, then a fully connected layer: normalized signal to primary latent.

    Args:
        layers: the convolution layers, e.g. ``scale_layers(VOICE_LAYERS, width)``.
        shape: ``(C, T)`` or ``(C, H, W)`` of one signal.
        dim: ``D``.
        inner_norm: batch normalization after every convolution. The paper normalizes at the ends only;
            ten layers without it train slowly or not at all (appendix *Reading notes*).

    Maps ``[B, *shape]`` to ``[B, D]``.

    Raises:
        ValueError: if the signal is too short for the stack.
    """

    def __init__(self, layers: Sequence[Layer], shape: tuple[int, ...], dim: int, inner_norm: bool = True):
        channels, *size = shape
        final = [conv_lengths(layers, n)[-1] for n in size]
        rank = len(size)
        stack: list[nn.Module] = []
        for layer in layers:
            stack.append(_CONV[rank](channels, *layer, bias=not inner_norm))
            if inner_norm:
                stack.append(_BATCH_NORM[rank](layer.channels))
            stack.append(nn.ReLU())
            channels = layer.channels
        features = channels * torch.Size(final).numel()
        super().__init__(*stack, nn.Flatten(), nn.Linear(features, dim))

    def forward(self, signal: Tensor) -> Tensor:
        """Encode signals.

        Args:
            signal: ``[B, *shape]``, normalized.

        Returns:
            Primary latents ``[B, D]``, in the precision of ``signal``, whatever that of the layers.
        """
        return super().forward(signal).to(signal.dtype)


class Decoder(nn.Sequential):
    """The encoder's mirror: code to signal, through transposed convolutions and a sigmoid.

    Args:
        layers: the *encoder's* layers, in the encoder's order.
        shape: ``(C, T)`` or ``(C, H, W)`` of the signal to make; reached exactly, whatever the strides drop.
        dim: ``D``.
        inner_norm: as in :class:`Encoder`.
        output: ``"sigmoid"`` for signals in 0..1, as printed; ``"bipolar"``, ``2 sigmoid - 1``, for a
            waveform, which a sigmoid alone could never draw below zero.

    Maps ``[B, D]`` to ``[B, *shape]``, before the closing Max M % normalization.

    Raises:
        ValueError: for an unknown ``output`` or a signal too short for the stack.
    """

    def __init__(
        self,
        layers: Sequence[Layer],
        shape: tuple[int, ...],
        dim: int,
        inner_norm: bool = True,
        output: str = "sigmoid",
    ):
        if output not in ("sigmoid", "bipolar"):
            raise ValueError(f"output is {output!r}, expected 'sigmoid' or 'bipolar'")
        channels, *size = shape
        rank = len(size)
        lengths = list(zip(*(conv_lengths(layers, n) for n in size), strict=True))
        deepest = (layers[-1].channels, *lengths[-1])
        stack: list[nn.Module] = [nn.Linear(dim, torch.Size(deepest).numel()), nn.Unflatten(1, deepest)]
        for i in reversed(range(len(layers))):
            layer, last = layers[i], i == 0
            made = channels if last else layers[i - 1].channels
            # A stride drops the samples that do not fill a whole step; the mirror has to put them back.
            dropped = [(n + 2 * layer.padding - layer.kernel) % layer.stride for n in lengths[i]]
            stack.append(
                _CONV_TRANSPOSE[rank](
                    layer.channels,
                    made,
                    layer.kernel,
                    layer.stride,
                    layer.padding,
                    output_padding=tuple(dropped),  # type: ignore[arg-type]  # torch takes a tuple, too
                    bias=last or not inner_norm,
                )
            )
            if not last:
                stack += [_BATCH_NORM[rank](made), nn.ReLU()] if inner_norm else [nn.ReLU()]
        super().__init__(*stack, nn.Sigmoid())
        self.output = output

    def forward(self, code: Tensor) -> Tensor:
        """Decode codes into signals.

        Args:
            code: ``[B, D]``.

        Returns:
            ``[B, *shape]``, in the precision of ``code``, whatever that of the layers.
        """
        signal = super().forward(code).to(code.dtype)
        return 2 * signal - 1 if self.output == "bipolar" else signal


class OrthogonalVAE(nn.Module):
    """Encoder, categories, decoder, with Max M % at the encoder's input and the decoder's output (Figure 1).

    Args:
        layers: the convolution layers (Table 2 or 6, perhaps scaled).
        shape: ``(C, T)`` or ``(C, H, W)`` of one signal.
        space: the latent space.
        m: M of Max M %, in percent of the samples.
        inner_norm: batch normalization between the layers.
        output: the decoder's last activation, see :class:`Decoder`.
    """

    def __init__(
        self,
        layers: Sequence[Layer],
        shape: tuple[int, ...],
        space: LatentSpace,
        m: float = 5.0,
        inner_norm: bool = True,
        output: str = "sigmoid",
    ):
        super().__init__()
        self.shape, self.space = tuple(shape), space
        #: What signals are divided by; a rival of Max M % can be put in its place.
        self.rule = partial(max_m_percent, m=m)
        self.encoder = Encoder(layers, shape, space.dim, inner_norm)
        self.decoder = Decoder(layers, shape, space.dim, inner_norm, output)

    def normalize(self, x: Tensor) -> Tensor:
        """Max M % normalization, the first thing that happens to a signal.

        Args:
            x: ``[B, *shape]``.

        Returns:
            ``[B, *shape]``.

        Raises:
            ValueError: if ``x`` has another shape.
        """
        if tuple(x.shape[1:]) != self.shape:
            raise ValueError(f"signals have shape {tuple(x.shape[1:])}, expected {self.shape}")
        return self.rule(x)[0]

    def encode(self, x: Tensor) -> Tensor:
        """Encode signals; nothing is sampled.

        Args:
            x: ``[B, *shape]``, any level.

        Returns:
            Codes ``[B, D]``, normalized by category.
        """
        return self.space.normalize(self.encoder(self.normalize(x)))

    def decode(self, code: Tensor) -> Tensor:
        """Decode codes into signals; nothing is sampled.

        Args:
            code: ``[B, D]``.

        Returns:
            ``[B, *shape]``, Max-M %-normalized.
        """
        return self.rule(self.decoder(code))[0]


class Classifier(nn.Sequential):
    """A plain classifier: trained on real signals alone, it reads what the decoders draw.

    Args:
        shape: ``(1, H, W)``.
        classes: how many.

    Maps ``[B, 1, H, W]`` (0..1) to logits ``[B, classes]``.
    """

    def __init__(self, shape: tuple[int, int, int] = (1, 28, 28), classes: int = 10):
        channels, *size = shape
        stack: list[nn.Module] = []
        for made in (16, 32):
            for _ in range(2):
                stack += [nn.Conv2d(channels, made, 3, padding=1, bias=False), nn.BatchNorm2d(made), nn.ReLU()]
                channels = made
            stack.append(nn.MaxPool2d(2))
        features = channels * torch.Size([n // 4 for n in size]).numel()
        super().__init__(*stack, nn.Flatten(), nn.Linear(features, classes))
