"""A code of symbols: VQ-VAE (van den Oord et al. 2017), and a prior over its symbols that is learned afterwards."""

import math
import time

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from olc_lib.systems import Experiment
from olc_lib.train import fit

from . import quality

Found = tuple[Tensor, dict[str, Tensor]]
#: A picture becomes so many rows and columns of symbols.
GRID = 7
#: Pictures drawn for the Frechet distance.
DRAWN = 2000


class Codebook(nn.Module):
    """Convolutional encoder and decoder with a table of vectors between them: each place keeps the nearest one.

    Args:
        symbols: K, rows of the table.
        size: numbers a row.
        width: channels of the convolutions.
        commitment: how much the encoder is drawn to the row it chose.
    """

    def __init__(self, symbols: int = 64, size: int = 16, width: int = 32, commitment: float = 0.25):
        super().__init__()
        self.commitment = commitment
        self.encoder = nn.Sequential(
            nn.Conv2d(1, width, 4, 2, 1), nn.ReLU(), nn.Conv2d(width, 2 * width, 4, 2, 1), nn.ReLU(),
            nn.Conv2d(2 * width, size, 1),
        )  # fmt: skip
        self.decoder = nn.Sequential(
            nn.Conv2d(size, 2 * width, 3, 1, 1), nn.ReLU(), nn.ConvTranspose2d(2 * width, width, 4, 2, 1), nn.ReLU(),
            nn.ConvTranspose2d(width, 1, 4, 2, 1),
        )  # fmt: skip
        self.table = nn.Parameter(torch.randn(symbols, size))

    def encode(self, x: Tensor) -> Tensor:
        """What the encoder outputs before anything is rounded.

        Args:
            x: ``[B, 784]`` in 0 to 1.

        Returns:
            ``[B, 49, size]``.
        """
        return self.encoder(x.view(-1, 1, 28, 28)).flatten(2).transpose(1, 2)

    def nearest(self, h: Tensor) -> Tensor:
        """The row of the table nearest to each vector.

        Args:
            h: ``[B, 49, size]``.

        Returns:
            ``[B, 49]``, symbols as integers.
        """
        return (self.table.square().sum(1) - 2 * h @ self.table.T).argmin(2)

    def decode(self, vectors: Tensor) -> Tensor:
        """Logits of pixels.

        Args:
            vectors: ``[B, 49, size]``.

        Returns:
            ``[B, 784]``.
        """
        grid = vectors.transpose(1, 2).unflatten(2, (GRID, GRID))
        return self.decoder(grid).flatten(1)

    def picture(self, symbols: Tensor) -> Tensor:
        """The picture that symbols stand for.

        Args:
            symbols: ``[B, 49]``.

        Returns:
            ``[B, 784]`` in 0 to 1.
        """
        return torch.cat([self.decode(self.table[rows]).sigmoid() for rows in symbols.split(500)])

    def forward(self, x: Tensor) -> Tensor:
        """Through the symbols and back.

        Args:
            x: ``[B, 784]``.

        Returns:
            ``[B, 784]``.
        """
        return self.picture(self.symbols(x))

    def symbols(self, x: Tensor) -> Tensor:
        """The symbols of pictures.

        Args:
            x: ``[B, 784]``.

        Returns:
            ``[B, 49]``.
        """
        return torch.cat([self.nearest(self.encode(rows)) for rows in x.split(500)])


def unrounded(model: Codebook, x: Tensor, generator: torch.Generator) -> Found:
    """Reconstruction alone, without the table: how the training begins.

    Args:
        model: its table is not used.
        x: ``[B, 784]`` in 0 to 1.
        generator: not used.

    Returns:
        The scalar, and the same.
    """
    misfit = F.binary_cross_entropy_with_logits(model.decode(model.encode(x)), x, reduction="none").sum(1).mean()
    return misfit, {"misfit": misfit.detach()}


def vq(model: Codebook, x: Tensor, generator: torch.Generator) -> Found:
    """VQ-VAE's objective: reconstruction, the table drawn to the encoder, the encoder drawn to the table.

    Rounding has no gradient. So the decoder's gradient is passed to the encoder as if nothing had been rounded (the
    straight-through estimator), and the table learns from the second term alone.

    Args:
        model: with its table.
        x: ``[B, 784]`` in 0 to 1.
        generator: not used: nothing is drawn.

    Returns:
        The scalar, and what it consists of.
    """
    h = model.encode(x)
    rows = model.table[model.nearest(h)]
    logits = model.decode(h + (rows - h).detach())
    misfit = F.binary_cross_entropy_with_logits(logits, x, reduction="none").sum(1).mean()
    apart = (rows - h.detach()).square().sum((1, 2)).mean()
    loyal = (rows.detach() - h).square().sum((1, 2)).mean()
    return misfit + apart + model.commitment * loyal, {"misfit": misfit.detach(), "apart": apart.detach()}


class SymbolPrior(nn.Module):
    """A small transformer that says how probable the next symbol is, given those before it.

    Args:
        symbols: K.
        width: numbers a place.
        layers: of attention.
        places: symbols a picture.
    """

    def __init__(self, symbols: int, width: int = 64, layers: int = 2, places: int = GRID * GRID):
        super().__init__()
        self.start = nn.Parameter(torch.zeros(1, 1, width))
        self.symbol = nn.Embedding(symbols, width)
        self.place = nn.Parameter(torch.randn(places, width) / 10)
        block = nn.TransformerEncoderLayer(width, 4, 4 * width, 0.0, "gelu", batch_first=True, norm_first=True)
        self.body = nn.TransformerEncoder(block, layers, enable_nested_tensor=False)
        self.head = nn.Sequential(nn.LayerNorm(width), nn.Linear(width, symbols))
        self.register_buffer("mask", nn.Transformer.generate_square_subsequent_mask(places))

    def forward(self, symbols: Tensor) -> Tensor:
        """Logits of every symbol, given those before it.

        Args:
            symbols: ``[B, n]``; the last one is not read.

        Returns:
            ``[B, n, K]``.
        """
        before = torch.cat([self.start.expand(len(symbols), -1, -1), self.symbol(symbols[:, :-1])], 1)
        count = symbols.shape[1]
        return self.head(self.body(before + self.place[:count], mask=self.mask[:count, :count], is_causal=True))

    @torch.no_grad()
    def draw(self, count: int, generator: torch.Generator) -> Tensor:
        """New pictures as symbols, one place after the other.

        Args:
            count: how many.
            generator: of the draws.

        Returns:
            ``[count, places]``.
        """
        symbols = torch.zeros(count, len(self.place), dtype=torch.long)
        for place in range(len(self.place)):
            chance = self(symbols[:, : place + 1])[:, -1].softmax(1)
            symbols[:, place] = torch.multinomial(chance, 1, generator=generator)[:, 0]
        return symbols


def surprise(prior: SymbolPrior, symbols: Tensor, generator: torch.Generator) -> Found:
    """The prior's objective: nats by which the symbols of a picture surprise it.

    Args:
        prior: over symbols.
        symbols: ``[B, n]``.
        generator: not used.

    Returns:
        The scalar, and the same.
    """
    nats = F.cross_entropy(prior(symbols).flatten(0, 1), symbols.flatten(), reduction="sum") / len(symbols)
    return nats, {"nats": nats.detach()}


def perplexity(symbols: Tensor, count: int) -> float:
    """How many symbols are in use, as if all in use were used alike.

    Args:
        symbols: of any shape.
        count: K.

    Returns:
        1 to K.
    """
    share = torch.bincount(symbols.flatten(), minlength=count) / symbols.numel()
    return torch.special.entr(share).sum().exp().item()


def made(
    x: Tensor,
    seed: int,
    steps: int,
    lr: float,
    prior_steps: int,
    prior_lr: float,
    warm: int = 100,
    batch: int = 64,
    **sizes,
) -> tuple[Codebook, SymbolPrior]:
    """Train a codebook, then the prior over its symbols.

    The encoder first learns for a while without the table, which then starts among the encoder's outputs: a table that
    starts elsewhere has rows that are never the nearest, and those get no gradient.

    Args:
        x: ``[N, 784]`` in 0 to 1.
        seed: of initialisation and training.
        steps: with the table.
        lr: peak rate.
        prior_steps: of the prior.
        prior_lr: its peak rate.
        warm: steps before, without the table.
        batch: pictures a step.
        **sizes: of :class:`Codebook`.

    Returns:
        Both models.
    """
    with torch.random.fork_rng([]):
        torch.manual_seed(seed)
        model = Codebook(**sizes)
        prior = SymbolPrior(len(model.table))
    how = {"batch_size": batch, "seed": seed, "progress": False}
    fit(model, lambda rows, step, g: unrounded(model, rows["x"], g), {"x": x}, warm, lr=lr, **how)
    with torch.no_grad():
        g = torch.Generator().manual_seed(seed)
        some = model.encode(x[torch.randperm(len(x), generator=g)[:500]]).flatten(0, 1)
        model.table.copy_(some[torch.randperm(len(some), generator=g)[: len(model.table)]])
    fit(model, lambda rows, step, g: vq(model, rows["x"], g), {"x": x}, steps, lr=lr, **how)
    with torch.no_grad():
        symbols = model.symbols(x)
    fit(prior, lambda rows, step, g: surprise(prior, rows["s"], g), {"s": symbols}, prior_steps, lr=prior_lr, **how)
    return model, prior


def guide(seed: int, device: str = "cpu", split: str = "test", corpus: str = "mnist", **settings) -> dict:
    """One cell: train, draw, and measure.

    Args:
        seed: of initialisation and training.
        device: not used: the models are small.
        split: "test", or "validation" where settings are chosen.
        corpus: of :func:`olc_lib.data.images`.
        **settings: of :func:`made`.

    Returns:
        ``fid`` of drawings, ``fid_random`` of symbols drawn alike and alone, ``fid_known`` of reconstructions,
        ``error`` (squared, a picture), ``nats`` of the prior and of symbols drawn alone, ``perplexity``, ``seconds``.
    """
    began = time.process_time()
    model, prior = made(quality.pixels(corpus, "train"), seed, **settings)
    spent = time.process_time() - began
    grey, generator = quality.pixels(corpus, split), torch.Generator().manual_seed(seed)
    count = len(model.table)
    with torch.no_grad():
        symbols = model.symbols(grey)
        share = torch.bincount(symbols.flatten(), minlength=count) / symbols.numel()
        alone = torch.multinomial(share, DRAWN * GRID**2, replacement=True, generator=generator).view(DRAWN, -1)
        again = model.picture(symbols)
        nats = surprise(prior, symbols[:2000], generator)[0].item()
        pictures = {"fid": model.picture(prior.draw(DRAWN, generator)), "fid_random": model.picture(alone),
                    "fid_known": again[:DRAWN]}  # fmt: skip
    found = {name: quality.fid(rows, corpus, split) for name, rows in pictures.items()}
    found |= {"error": (again - grey).square().sum(1).mean().item(), "nats": nats, "seconds": spent}
    used = perplexity(symbols, count)
    return found | {"nats_alone": GRID**2 * math.log(used), "perplexity": used}


_BUILT = {"steps": 600, "lr": 3e-3, "prior_steps": 1000, "prior_lr": 2e-3}
EXPERIMENTS = {
    "family-codebook": Experiment("Do a codebook and a prior over it draw well?", guide, {"VQ-VAE": _BUILT}, seeds=5),
}
