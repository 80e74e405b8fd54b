"""The latent space with named categories: so many dimensions for the speaker, ten for the digit."""

import torch
from torch import Tensor


class LatentSpace:
    """A latent space cut into named categories, one dimension per class (section 3.1 of the paper).

    Args:
        sizes: category name to its number of classes, in the order of the code, e.g.
            ``{"speaker": 6, "digit": 10}`` for a code of ``D`` = 16 dimensions.

    A category of one dimension (the paper's single writer) carries no information: normalized to unit length it
    could only be +1 or -1, with no gradient to choose between them. Here it is +1 by construction.

    Raises:
        ValueError: if a category is empty.
    """

    def __init__(self, sizes: dict[str, int]):
        for name, size in sizes.items():
            if size < 1:
                raise ValueError(f"category {name!r} has {size} dimensions, expected at least 1")
        self.sizes = dict(sizes)
        self.dim = sum(sizes.values())

    def __repr__(self) -> str:
        return f"LatentSpace({self.sizes})"

    def split(self, code: Tensor) -> dict[str, Tensor]:
        """Cut codes into their categories.

        Args:
            code: ``[..., D]``.

        Returns:
            Category name to its block ``[..., n]``, views of ``code``.

        Raises:
            ValueError: if the last axis is not ``D`` long.
        """
        if code.shape[-1] != self.dim:
            raise ValueError(f"code has {code.shape[-1]} dimensions, expected {self.dim} for {self.sizes}")
        return dict(zip(self.sizes, code.split(list(self.sizes.values()), dim=-1), strict=True))

    def normalize(self, primary: Tensor) -> Tensor:
        """Bring every category to unit L2 norm, as the appendix does between encoder and decoder.

        Args:
            primary: ``[..., D]``, the output of the encoder's last layer.

        Returns:
            Codes ``[..., D]``; a category that is all zeros stays so, a one-dimensional one is +1.
        """
        blocks = [
            torch.ones_like(block) if block.shape[-1] == 1 else torch.nn.functional.normalize(block, dim=-1, eps=1e-6)
            for block in self.split(primary).values()
        ]
        return torch.cat(blocks, dim=-1)

    def resample(self, code: Tensor, mu: float, sigma_min: float, generator: torch.Generator | None = None) -> Tensor:
        """Draw a code from a Gaussian around ``code``, Eq. (1).

        The deviation is ``mu * |l| + sigma_min``, where ``l`` is the code: the paper writes ``l`` itself,
        which makes the deviation of a negative coordinate negative.

        Args:
            code: ``[..., D]``, the mean.
            mu: part of the deviation that grows with the coordinate (a factor, not a mean).
            sigma_min: the deviation of a coordinate at 0.
            generator: source of the noise; ``None`` takes torch's global one.

        Returns:
            ``[..., D]``, not normalized again.
        """
        noise = torch.randn(code.shape, generator=generator, device=code.device, dtype=code.dtype)
        return code + (mu * code.abs() + sigma_min) * noise

    def handcrafted(self, **classes: int | None) -> Tensor:
        """Write a code by hand: 1 in the named class of each category, 0 elsewhere.

        Args:
            **classes: category name to class index. A category that is not named, or ``None``, stays 0,
                except a one-dimensional one, which is always 1.

        Returns:
            ``[D]``.

        Raises:
            ValueError: for an unknown category or a class out of range.
        """
        code = torch.zeros(self.dim)
        for name in classes.keys() - self.sizes.keys():
            raise ValueError(f"unknown category {name!r}, expected one of {list(self.sizes)}")
        for name, block in self.split(code).items():
            index = classes.get(name)
            if index is None:
                if len(block) > 1:
                    continue
                index = 0
            if not 0 <= index < self.sizes[name]:
                raise ValueError(f"{name} {index} is out of range, expected 0 to {self.sizes[name] - 1}")
            block[index] = 1.0
        return code

    def labels(self, code: Tensor) -> dict[str, Tensor]:
        """Read codes: the class of each category is its largest coordinate.

        Args:
            code: ``[..., D]``.

        Returns:
            Category name to class indices ``[...]``.
        """
        return {name: block.argmax(-1) for name, block in self.split(code).items()}

    def to_text(self, code: Tensor) -> str:
        """Write one code as the paper does, e.g. ``1-0000010000``: one group per category, 1 for its class.

        Args:
            code: ``[D]``; it is read by :meth:`labels`. A category that is all zeros is written as zeros.

        Returns:
            The text.
        """
        groups = []
        for block in self.split(code).values():
            one = int(block.argmax()) if block.any() else -1
            groups.append("".join("1" if i == one else "0" for i in range(len(block))))
        return "-".join(groups)

    def from_text(self, text: str) -> Tensor:
        """Read a code written as ``1-0000010000``.

        Args:
            text: one group of 0 and 1 per category, joined by ``-``; at most one 1 in a group, and always 1
                for a one-dimensional category.

        Returns:
            ``[D]``.

        Raises:
            ValueError: if the groups do not fit this space.
        """
        groups = text.strip().split("-")
        fits = [len(group) for group in groups] == list(self.sizes.values())
        if not fits or any(set(group) - set("01") or group.count("1") > 1 or group == "0" for group in groups):
            form = "-".join("1" if size == 1 else "0" * size for size in self.sizes.values())
            raise ValueError(
                f"code {text!r} does not fit {self.sizes}: expected {form} with at most one 1 in each group"
            )
        return torch.tensor([float(bit) for group in groups for bit in group])


#: Section 3.1, six speakers and ten digits, 16 dimensions.
VOICE = LatentSpace({"speaker": 6, "digit": 10})
#: Section 3.2, one writer and ten digits, 11 dimensions.
IMAGE = LatentSpace({"writer": 1, "digit": 10})
