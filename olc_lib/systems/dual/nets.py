"""The networks of the paper's appendix (Tables 1 to 3), as they are printed and at smaller sizes."""

import copy
import itertools
from collections.abc import Sequence
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm


class Row(NamedTuple):
    """A line of one of the three tables: kernel and output.

    Attributes:
        kind: "conv", "deconv" or "pool".
        kernel: its side, in pixels.
        side: of the output, in pixels, for pictures of 64 x 64.
        channels: of the output.
    """

    kind: str
    kernel: int
    side: int
    channels: int


def _rows(kind: str, *lines: tuple[int, int, int]) -> tuple[Row, ...]:
    return tuple(Row(kind, *line) for line in lines)


SIDE, COLOURS = 64, 3  # of the printed pictures
#: Table 1, the encoder. All activations are leaky ReLUs, also the last.
ENCODER = _rows(
    "conv", (1, 64, 16), (3, 32, 16), (5, 32, 32), (3, 32, 32), (5, 16, 64), (3, 16, 64), (5, 8, 128), (3, 8, 128),
    (5, 4, 256), (3, 4, 256), (5, 2, 512), (3, 2, 1024),
)  # fmt: skip
#: Table 2, the discriminator; a dense layer with a sigmoid follows.
DISCRIMINATOR = (
    Row("conv", 1, 64, 16), Row("pool", 2, 32, 16), Row("conv", 5, 32, 32), Row("conv", 3, 32, 64),
    Row("pool", 2, 16, 64), Row("conv", 3, 16, 128), Row("pool", 2, 8, 128), Row("conv", 3, 8, 256),
    Row("pool", 2, 4, 256), Row("conv", 3, 4, 256), Row("pool", 2, 2, 256), Row("conv", 3, 2, 128),
)  # fmt: skip
#: Table 3, the generator; two codes of 4096 numbers are reshaped to 4 x 4 x 512 first.
GENERATOR = (
    Row("conv", 3, 4, 512), Row("deconv", 3, 8, 512), Row("conv", 3, 8, 256), Row("deconv", 3, 16, 256),
    Row("conv", 3, 16, 128), Row("deconv", 3, 32, 128), Row("conv", 3, 32, 64), Row("deconv", 3, 64, 64),
    Row("conv", 3, 64, 32), Row("conv", 3, 64, 32), Row("conv", 1, 64, 3),
)  # fmt: skip
GROUP = 8  # channels that group normalization (Wu & He 2018) takes together
SLOPE = 0.2  # of the leaky ReLU; the paper gives none


def sides(side: int) -> dict[int, int]:
    """Which side takes the place of each printed one.

    Args:
        side: of the pictures: 64, or 28 to 32.

    Returns:
        Printed side to side: halved, rounded up, again and again. Pictures of 28 or 32 pixels reach 2 x 2, the side
        of the printed code, where 4 x 4 is printed.

    Raises:
        ValueError: for another side.
    """
    if side != SIDE and not 28 <= side <= 32:
        raise ValueError(f"side is {side}, expected 64, or 28 to 32")
    found = {64: side}
    for at in (32, 16, 8, 4, 2):
        found[at] = -(-found[2 * at] // 2)
    return found if side == SIDE else found | {2: found[4]}


def scaled(table: Sequence[Row], side: int = SIDE, width: float = 1.0, least: int = 8) -> list[Row]:
    """A table for smaller pictures and narrower nets.

    Depth: smaller pictures are halved one time less, so what is printed at 2 x 2 is left out, but for the
    discriminator's last convolution; so is a convolution that changes neither side nor channels. The code then is
    2 x 2 x 256 instead of 2 x 2 x 1024, and two of them fill the generator's first layer exactly, as they do in
    print. Width: every number of channels times ``width``, and no fewer than ``least``.

    Args:
        table: one of the three.
        side: of the pictures.
        width: see above.
        least: see above.

    Returns:
        Rows with the sides and channels that are built.
    """
    at = sides(side)
    kept = list(table)
    if side != SIDE:
        before = (Row("", 0, 4, 512) if table is GENERATOR else Row("", 0, SIDE, COLOURS), *table)
        changed = [row for last, row in itertools.pairwise(before) if row[2:] != last[2:]]
        kept = [row for row in changed if row.side > 2 or (table is DISCRIMINATOR and row.kind == "conv")]
    return [Row(row.kind, row.kernel, at[row.side], max(least, round(row.channels * width))) for row in kept]


def _normal(kind: str, channels: int) -> nn.Module:
    if kind not in ("none", "batch", "instance", "group"):
        raise ValueError(f"norm is {kind!r}, expected none, batch, instance or group")
    if kind in ("none", "batch"):
        return nn.BatchNorm2d(channels) if kind == "batch" else nn.Identity()
    return nn.GroupNorm(channels if kind == "instance" else max(1, channels // GROUP), channels)


def layers(rows: Sequence[Row], channels: int, side: int, norm: str = "none") -> list[nn.Module]:
    """The layers of a table, each but pooling followed by its norm and a leaky ReLU.

    Args:
        rows: from :func:`scaled`.
        channels: of the input.
        side: of the input, in pixels.
        norm: "none" (as printed), "batch", "instance" or "group".

    Returns:
        Modules for ``nn.Sequential``.
    """
    built: list[nn.Module] = []
    for row in rows:
        if row.kind == "pool":
            built.append(nn.MaxPool2d(2, ceil_mode=True))
        elif row.kind == "conv":
            stride = 1 if row.side == side else 2
            built.append(nn.Conv2d(channels, row.channels, row.kernel, stride, row.kernel // 2))
        else:
            stride = 1 if row.side == side else 2
            lacking = row.side - ((side - 1) * stride + 1)  # what the transposed convolution must add
            built.append(nn.ConvTranspose2d(channels, row.channels, row.kernel, stride, 1, lacking))
        if row.kind != "pool":
            built += [_normal(norm, row.channels), nn.LeakyReLU(SLOPE)]
        channels, side = row.channels, row.side
    return built


class Net(nn.Sequential):
    """One of the three networks, with weights whose variance keeps the signal's (He et al. 2015) unless ``plain``."""

    def __init__(self, *modules: nn.Module, plain: bool = False):
        super().__init__(*modules)
        for module in self.modules():
            if isinstance(module, nn.Conv2d | nn.ConvTranspose2d | nn.Linear) and not plain:
                fan = "fan_out" if isinstance(module, nn.ConvTranspose2d) else "fan_in"
                nn.init.kaiming_normal_(module.weight, SLOPE, fan)
                if isinstance(module, nn.ConvTranspose2d):  # a stride spreads the input: an output has fewer terms
                    module.weight.data *= module.stride[0]
                nn.init.zeros_(module.bias)


def encoder(side: int = SIDE, colours: int = COLOURS, width: float = 1.0, norm: str = "none", codes: int = 1) -> Net:
    """Table 1: a picture ``[B, colours, side, side]`` to its code ``[B, codes * n]``.

    Args:
        side: of the pictures.
        colours: channels of the pictures.
        width: see :func:`scaled`.
        norm: see :func:`layers`.
        codes: how many codes' length the output has.

    Returns:
        The network; at full size n is 4096.
    """
    rows = scaled(ENCODER, side, width)
    rows[-1] = rows[-1]._replace(channels=codes * rows[-1].channels)
    return Net(*layers(rows, colours, side, norm), nn.Flatten())


def discriminator(side: int = SIDE, colours: int = COLOURS, width: float = 1.0, spectral: bool = False) -> Net:
    """Table 2: a picture ``[B, colours, side, side]`` to a logit ``[B, 1]``; the losses apply the sigmoid.

    Args:
        side: of the pictures.
        colours: channels of the pictures.
        width: see :func:`scaled`.
        spectral: divide every weight by its largest singular value (Miyato et al. 2018).

    Returns:
        The network.
    """
    rows = scaled(DISCRIMINATOR, side, width)
    size = rows[-1].channels * rows[-1].side ** 2
    net = Net(*layers(rows, colours, side), nn.Flatten(), nn.Linear(size, 1))
    if spectral:
        for module in net:
            if isinstance(module, nn.Conv2d | nn.Linear):
                spectral_norm(module)
    return net


def generator(side: int = SIDE, colours: int = COLOURS, width: float = 1.0, norm: str = "none") -> Net:
    """Table 3: two codes, one behind the other, ``[B, 2 n]``, to a picture ``[B, colours, side, side]`` in -1 to 1.

    Args:
        side: of the pictures.
        colours: channels of the pictures.
        width: see :func:`scaled`.
        norm: see :func:`layers`.

    Returns:
        The network.
    """
    code, rows = scaled(ENCODER, side, width)[-1], scaled(GENERATOR, side, width)
    start = sides(side)[4]
    channels = 2 * code.channels * code.side**2 // start**2
    body = layers(rows[:-1], channels, start, norm)
    return Net(nn.Unflatten(1, (channels, start, start)), *body, nn.Conv2d(rows[-2].channels, colours, 1), nn.Tanh())


class Translator(nn.Module):
    """Two encoders, a generator, two discriminators (Figure 2).

    ``x1`` is a sketch of the first class, ``x2`` a solid picture ("entity") of the second. Slot 1 of the generator
    decides the class, slot 2 the form: {z1, z2} gives the first class in solid form, {z2, z1} the second as a sketch.

    Args:
        side: of the pictures.
        width: see :func:`scaled`.
        norm: of encoders and generator, see :func:`layers`.
        spectral: of the discriminators.
        encoders: "two" as printed; "one" that sees both pictures at once, so that nothing keeps the codes apart;
            "pair" for two translators that each see one picture and share nothing, as CycleGAN's do.
        narrow: how many numbers of the code in slot 2 the generator sees; 0 for all, as printed.
    """

    def __init__(self, side=28, width=0.125, norm="none", spectral=False, encoders="two", narrow=0):
        super().__init__()
        if encoders not in ("two", "one", "pair"):
            raise ValueError(f"encoders is {encoders!r}, expected two, one or pair")
        self.encoders, self.narrow = encoders, narrow
        small = {"side": side, "colours": 1, "width": width}
        if encoders == "one":
            self.joint = encoder(side, 2, width, norm, codes=2)
        else:
            self.first, self.second = encoder(**small, norm=norm), encoder(**small, norm=norm)
        self.generator = generator(**small, norm=norm)
        self.other = copy.deepcopy(self.generator) if encoders == "pair" else None
        self.judges = nn.ModuleList(discriminator(**small, spectral=spectral) for _ in range(2))

    def encode(self, sketch: Tensor, solid: Tensor) -> tuple[Tensor, Tensor]:
        """Codes of a sketch (by E1) and of a solid picture (by E2), -1 to 1.

        Args:
            sketch: ``[B, 1, H, W]``.
            solid: ``[B, 1, H, W]``.

        Returns:
            ``[B, n]`` each.
        """
        if self.encoders == "one":
            return self.joint(torch.cat([sketch, solid], 1)).chunk(2, 1)
        return self.first(sketch), self.second(solid)

    def draw(self, kind: Tensor, form: Tensor) -> Tensor:
        """The generator's picture, -1 to 1, of the codes in slot 1 (class) and slot 2 (form).

        Args:
            kind: ``[B, n]``.
            form: ``[B, n]``.

        Returns:
            ``[B, 1, H, W]``.
        """
        if self.narrow:
            form = F.pad(form[:, : self.narrow], (0, form.shape[1] - self.narrow))
        return self.generator(torch.cat([kind, form], 1))

    def forward(self, sketch: Tensor, solid: Tensor) -> tuple[Tensor, Tensor]:
        """Algorithm 1, lines 3 and 4: both translations of two pictures, -1 to 1.

        Args:
            sketch: of the first class, ``[B, 1, H, W]``.
            solid: of the second class, ``[B, 1, H, W]``.

        Returns:
            The first class in solid form, and the second as a sketch.
        """
        z1, z2 = self.encode(sketch, solid)
        if self.other is not None:
            return self.draw(z1, z1), self.other(torch.cat([z2, z2], 1))
        return self.draw(z1, z2), self.draw(z2, z1)

    def players(self) -> list[nn.Parameter]:
        """The weights of encoders and generators: all but the discriminators'."""
        return [weight for name, weight in self.named_parameters() if not name.startswith("judges")]
