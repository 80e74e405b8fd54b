"""A latent space with named categories and free coordinates, and the model that is built on it."""

from functools import partial

import torch
from torch import Tensor, nn

from olc_lib.latent import LatentSpace
from olc_lib.networks import OrthogonalVAE
from olc_lib.normalize import max_m_percent


class FreeSpace(LatentSpace):
    """Named categories of placed coordinates, and after them ``free`` coordinates that no category names.

    Args:
        sizes: see :class:`olc_lib.latent.LatentSpace`.
        free: how many coordinates follow; 0 makes it a plain latent space.

    Codes have ``D + free`` numbers, of which ``D``, ``placed``, belong to categories. Labels, texts and
    categories are those of the placed coordinates alone.

    Raises:
        ValueError: if a category is empty, one is called ``free``, or ``free`` is negative.
    """

    def __init__(self, sizes: dict[str, int], free: int = 0):
        super().__init__(sizes)
        if free < 0 or "free" in sizes:
            raise ValueError(f"free is {free} beside {sizes}, expected 0 or more, and no category of that name")
        self.placed, self.free = self.dim, free
        self.dim += free

    def __repr__(self) -> str:
        return f"FreeSpace({self.sizes}, free={self.free})"

    def split(self, code: Tensor) -> dict[str, Tensor]:
        """Cut codes into their categories, and the rest.

        Args:
            code: ``[..., D + free]``, or ``[..., D]`` where the free coordinates are left out.

        Returns:
            Category name to its block, and ``"free"`` to the free coordinates if there are some; views of ``code``.

        Raises:
            ValueError: if the last axis has another length.
        """
        if code.shape[-1] not in (self.dim, self.placed):
            raise ValueError(f"code has {code.shape[-1]} dimensions, expected {self.dim} or {self.placed} for {self}")
        blocks = dict(zip(self.sizes, code[..., : self.placed].split(list(self.sizes.values()), dim=-1), strict=True))
        return blocks | ({"free": code[..., self.placed :]} if code.shape[-1] > self.placed else {})

    def normalize(self, primary: Tensor) -> Tensor:
        """Bring every category to unit L2 norm; free coordinates stay as they are.

        Args:
            primary: ``[..., D + free]`` or ``[..., D]``.

        Returns:
            Codes of the same shape.
        """
        blocks = self.split(primary)
        rest = [blocks.pop("free")] if "free" in blocks else []
        unit = [
            torch.ones_like(block) if block.shape[-1] == 1 else nn.functional.normalize(block, dim=-1, eps=1e-6)
            for block in blocks.values()
        ]
        return torch.cat(unit + rest, dim=-1)

    def handcrafted(self, **classes: int | None) -> Tensor:
        """Write a code by hand, see :meth:`olc_lib.latent.LatentSpace.handcrafted`; free coordinates are 0.

        Args:
            **classes: category name to class index.

        Returns:
            ``[D + free]``.

        Raises:
            ValueError: for an unknown category or a class out of range.
        """
        placed = LatentSpace(self.sizes).handcrafted(**classes)
        return torch.cat([placed, placed.new_zeros(self.free)])

    def labels(self, code: Tensor) -> dict[str, Tensor]:
        """Read codes: the class of each category is its largest coordinate.

        Args:
            code: ``[..., D + free]`` or ``[..., D]``.

        Returns:
            Category name to class indices ``[...]``.
        """
        return {name: block.argmax(-1) for name, block in self.split(code).items() if name != "free"}

    def to_text(self, code: Tensor) -> str:
        """Write the placed coordinates as text, see :meth:`olc_lib.latent.LatentSpace.to_text`.

        Args:
            code: ``[D + free]`` or ``[D]``.

        Returns:
            The text.
        """
        return LatentSpace(self.sizes).to_text(code[: self.placed])

    def from_text(self, text: str) -> Tensor:
        """Read a text, see :meth:`olc_lib.latent.LatentSpace.from_text`; free coordinates are 0.

        Args:
            text: one group per category.

        Returns:
            ``[D + free]``.
        """
        placed = LatentSpace(self.sizes).from_text(text)
        return torch.cat([placed, placed.new_zeros(self.free)])

    def carry(self, code: Tensor, **classes: Tensor) -> Tensor:
        """Keep the free coordinates of codes, and write other classes into their categories.

        Args:
            code: ``[B, D + free]``.
            **classes: category name to class indices ``[B]``; a category that is not named stays as it is.

        Returns:
            ``[B, D + free]``.

        Raises:
            ValueError: for an unknown category.
        """
        for name in classes.keys() - self.sizes.keys():
            raise ValueError(f"unknown category {name!r}, expected one of {list(self.sizes)}")
        written = {name: nn.functional.one_hot(label, self.sizes[name]).to(code) for name, label in classes.items()}
        return torch.cat(list((self.split(code) | written).values()), dim=-1)


class FreeVAE(nn.Module):
    """An autoencoder whose code is placed in its categories and variational in its free coordinates.

    The encoder's last layer gives ``D`` numbers for the categories, and a mean and a log variance for each free
    coordinate. It has what an :class:`olc_lib.networks.OrthogonalVAE` has, so that whatever draws or reads with one
    works with the other.

    Args:
        channels: of the encoder's second convolution; the first has half as many. Each halves the signal.
        hidden: units of each of the decoder's two hidden layers.
        shape: ``(1, side, side)`` of one signal.
        space: the latent space.
        m: M of Max M %, in percent of the samples.
        blind: the decoder sees nothing of the placed coordinates, to find out what they are worth.
        units: of one more layer before the encoder's last; 0 leaves it out.
    """

    def __init__(
        self,
        channels: int,
        hidden: int,
        shape: tuple[int, int, int],
        space: FreeSpace,
        m: float = 5.0,
        blind: bool = False,
        units: int = 0,
    ):
        super().__init__()
        self.shape, self.space, self.blind = tuple(shape), space, blind
        self.rule = partial(max_m_percent, m=m)
        features = channels * (shape[1] // 4) ** 2
        between = [nn.Linear(features, units), nn.BatchNorm1d(units), nn.ReLU()] if units else []
        self.encoder = nn.Sequential(
            nn.Conv2d(1, channels // 2, 4, 2, 1), nn.BatchNorm2d(channels // 2), nn.ReLU(),
            nn.Conv2d(channels // 2, channels, 4, 2, 1), nn.BatchNorm2d(channels), nn.ReLU(),
            nn.Flatten(), *between, nn.Linear(units or features, space.placed + 2 * space.free),
        )  # fmt: skip
        self.decoder = nn.Sequential(
            nn.Linear(space.dim, hidden), nn.BatchNorm1d(hidden), nn.ReLU(),
            nn.Linear(hidden, hidden), nn.BatchNorm1d(hidden), nn.ReLU(),
            nn.Linear(hidden, shape[1] * shape[2]), nn.Sigmoid(), nn.Unflatten(1, self.shape),
        )  # fmt: skip

    normalize = OrthogonalVAE.normalize

    def posterior(self, normalized: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Read signals that are normalized already.

        Args:
            normalized: ``[B, *shape]``.

        Returns:
            Placed codes ``[B, D]``, normalized by category; means and log variances of the free coordinates, each
            ``[B, free]``.
        """
        n = self.space.free
        placed, mean, log_variance = self.encoder(normalized).split([self.space.placed, n, n], dim=1)
        return self.space.normalize(placed), mean, log_variance

    def encode(self, x: Tensor) -> Tensor:
        """Read signals; nothing is sampled.

        Args:
            x: ``[B, *shape]``, any level.

        Returns:
            Codes ``[B, D + free]``: categories normalized, of the free coordinates the means.
        """
        return torch.cat(self.posterior(self.normalize(x))[:2], dim=1)

    def decode(self, code: Tensor) -> Tensor:
        """Draw signals; nothing is sampled.

        Args:
            code: ``[B, D + free]``; or ``[B, D]``, then free coordinates are 0.

        Returns:
            ``[B, *shape]``, Max-M %-normalized.
        """
        if code.shape[1] == self.space.placed:
            code = nn.functional.pad(code, (0, self.space.free))
        if self.blind:
            code = torch.cat([torch.zeros_like(code[:, : self.space.placed]), code[:, self.space.placed :]], dim=1)
        return self.rule(self.decoder(code))[0]
