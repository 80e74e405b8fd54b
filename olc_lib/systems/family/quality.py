"""What is measured of every member: likelihood, active coordinates, the cloud of codes, and how its drawings look."""

import functools
import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from olc_lib import data
from olc_lib.train import fit

from .bounds import log_weights, renyi_bound
from .divergences import mmd
from .network import VAE

Generator = torch.Generator


def pixels(corpus: str, split: str) -> Tensor:
    """Pictures as rows.

    Args:
        corpus: of :func:`olc_lib.data.images`.
        split: "train", "validation" or "test".

    Returns:
        ``[N, 784]`` in 0 to 1.
    """
    return data.images(corpus, split).pixels.flatten(1)


@torch.no_grad()
def log_p(model: VAE, x: Tensor, samples: int, seed: int = 0, chunk: int = 25) -> Tensor:
    """Log-likelihood by importance sampling from the posterior: a lower bound, tight for many samples.

    Args:
        model: trained.
        x: ``[N, n]``, as the model sees it.
        samples: an item.
        seed: of the samples.
        chunk: items at a time.

    Returns:
        ``[samples, N]`` log weights; :func:`olc_lib.systems.family.bounds.importance_bound` of any part of the rows
        is an estimate.
    """
    generator = Generator().manual_seed(seed)
    return torch.cat([log_weights(model, rows, samples, generator)[0] for rows in x.split(chunk)], 1)


@torch.no_grad()
def active(model: VAE, x: Tensor, least: float = 0.01) -> int:
    """Coordinates that tell items apart: the variance of the posterior's mean over items (Burda et al. 2016).

    Args:
        model: trained.
        x: ``[N, n]``.
        least: variance from which a coordinate counts.

    Returns:
        Their number.
    """
    return int((model.posterior(x).mean.var(0) > least).sum())


@torch.no_grad()
def cloud(model: VAE, x: Tensor, seed: int = 0) -> Tensor:
    """Codes of items: one draw each from its posterior, or the mean where the member has no noise.

    Args:
        model: trained.
        x: ``[N, n]``.
        seed: of the noise.

    Returns:
        ``[N, d]``.
    """
    q = model.posterior(x)
    if model.member.point:
        return q.mean
    return q.at(torch.randn(1, *q.mean.shape, generator=Generator().manual_seed(seed)))[0]


def distance(codes: Tensor, seed: int = 1) -> float:
    """How far a cloud of codes is from N(0, I): squared maximum mean discrepancy, in thousandths.

    Args:
        codes: ``[N, d]``.
        seed: of the prior's draws.

    Returns:
        About 0 where the cloud is the prior.
    """
    prior = torch.randn(codes.shape, generator=Generator().manual_seed(seed))
    return 1000 * mmd(codes, prior).item()


class Judge(nn.Module):
    """Reads digits that are grey, blurred or binary, for it judges all three; 64 numbers before its last layer."""

    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(1, 16, 5, 2, 2), nn.ReLU(), nn.Conv2d(16, 32, 5, 2, 2), nn.ReLU(), nn.Flatten(),
            nn.Linear(32 * 49, 64), nn.ReLU(),
        )  # fmt: skip
        self.head = nn.Linear(64, 10)
        self.register_buffer("scale", torch.ones(()))

    def features(self, x: Tensor) -> Tensor:
        """What pictures look like to it.

        Args:
            x: ``[N, 784]`` in 0 to 1.

        Returns:
            ``[N, 64]``, of deviation 1 over real pictures.
        """
        return torch.cat([self.body(rows.view(-1, 1, 28, 28)) for rows in x.split(1000)]) / self.scale

    def forward(self, x: Tensor) -> Tensor:
        """Read digits.

        Args:
            x: ``[N, 784]``.

        Returns:
            Logits ``[N, 10]``.
        """
        return self.head(self.features(x))


def blurred(x: Tensor, sd: float) -> Tensor:
    """Pictures through a Gaussian blur.

    Args:
        x: ``[N, 784]``.
        sd: of the blur, in pixels.

    Returns:
        ``[N, 784]``.
    """
    kernel = torch.exp(-torch.arange(-3.0, 4.0).square() / (2 * sd**2))
    kernel = kernel / kernel.sum()
    picture = F.conv2d(x.view(-1, 1, 28, 28), kernel.view(1, 1, 1, 7), padding=(0, 3))
    return F.conv2d(picture, kernel.view(1, 1, 7, 1), padding=(3, 0)).flatten(1)


@functools.lru_cache(2)
def judge(corpus: str, steps: int = 300) -> Judge:
    """The classifier in whose features drawings are compared, trained for what it judges.

    Args:
        corpus: of :func:`olc_lib.data.images`.
        steps: of its training.

    Returns:
        Trained; a third of each batch was grey, a third blurred, a third binary.
    """
    with torch.random.fork_rng([]):
        torch.manual_seed(0)
        model = Judge()

    def loss(batch, step, generator):
        grey, soft, hard = batch["x"].tensor_split(3)
        seen = torch.cat([grey, blurred(soft, 0.7), torch.bernoulli(hard, generator=generator)])
        value = F.cross_entropy(model(seen), batch["digit"])
        return value, {"cross_entropy": value.detach()}

    digit = data.images(corpus, "train").digit
    x = pixels(corpus, "train")
    with torch.enable_grad():  # whoever asks for it may have turned gradients off
        fit(model, loss, {"x": x, "digit": digit}, steps, batch_size=96, lr=4e-3, progress=False)
    with torch.no_grad():
        model.scale.copy_(model.features(x[:2000]).var(0).mean().sqrt())
    return model


@functools.lru_cache(4)
def known(corpus: str, split: str) -> Tensor:
    """What real pictures look like to :func:`judge`.

    Args:
        corpus: of the pictures.
        split: likewise.

    Returns:
        ``[N, 64]``.
    """
    with torch.no_grad():
        return judge(corpus).features(pixels(corpus, split))


def frechet(first: Tensor, second: Tensor) -> float:
    """Frechet distance of two samples, each taken for a Gaussian.

    Args:
        first: ``[N, k]`` features.
        second: ``[M, k]``.

    Returns:
        Squared distance of the means, plus the trace of ``A + B - 2 (A B)^(1/2)``.
    """
    a, b = first.double(), second.double()
    cov_a, cov_b = a.T.cov(), b.T.cov()
    root = torch.linalg.eigvals(cov_a @ cov_b).real.clamp_min(0).sqrt().sum()
    return ((a.mean(0) - b.mean(0)).square().sum() + cov_a.trace() + cov_b.trace() - 2 * root).item()


@torch.no_grad()
def fid(drawn: Tensor, corpus: str, split: str) -> float:
    """Frechet distance of drawings from real pictures in the features of :func:`judge`; not Inception's.

    Args:
        drawn: ``[N, 784]`` in 0 to 1.
        corpus: of the real pictures.
        split: likewise.

    Returns:
        0 for the same distribution of features, each of variance 1 or so; of these features only.
    """
    return frechet(judge(corpus).features(drawn), known(corpus, split))


def gradients(model: VAE, objective, x: Tensor, k: int, repeats: int, seed: int = 0) -> Tensor:
    """Gradients of an objective by the biases of the encoder's last layer, again and again on the same items.

    Args:
        model: at the point of interest.
        objective: of the family.
        x: ``[B, n]``.
        k: samples an item.
        repeats: how often.
        seed: of the noise.

    Returns:
        ``[repeats, 2 d]``.
    """
    before, model.k = model.k, k
    generator, rows = Generator().manual_seed(seed), []
    for _ in range(repeats):
        value, _ = objective(model, x, generator)
        rows.append(torch.autograd.grad(value, model.encoder[-1].bias)[0])
    model.k = before
    return torch.stack(rows)


def compared(model: VAE, x: Tensor, objectives: dict, k: int, repeats: int) -> dict[str, float]:
    """Noise of gradients, and whether they agree on average with those of the first objective.

    Args:
        model: at the point of interest.
        x: ``[B, n]``, the items.
        objectives: name to objective; the first is the reference.
        k: samples an item.
        repeats: of each; every objective has noise of its own.

    Returns:
        ``{name_variance: total variance, name_gap: ...}``; a gap is the squared distance of two means over what
        chance alone would give, about 1 where they agree.
    """
    found, first = {}, None
    for number, (name, objective) in enumerate(objectives.items()):
        rows = gradients(model, objective, x, k, repeats, seed=number)
        found[f"{name}_variance"] = rows.var(0).sum().item()
        if first is None:
            first = rows
        else:
            chance = (rows.var(0).sum() + first.var(0).sum()) / repeats
            found[f"{name}_gap"] = ((rows.mean(0) - first.mean(0)).square().sum() / chance).item()
    return found


def orders(log_w: Tensor) -> dict[str, float]:
    """Renyi's bounds of five samples, and the largest of fifty weights, averaged over items.

    Args:
        log_w: ``[samples, N]``; at least 50 samples, others than those that estimate log p.

    Returns:
        Nats.
    """
    alphas = {"minus_infinity": -math.inf, "0": 0.0, "1": 1.0, "2": 2.0}
    found = {f"renyi_{name}": renyi_bound(log_w[:5], alpha).mean().item() for name, alpha in alphas.items()}
    return found | {"renyi_max_50": renyi_bound(log_w[:50], -math.inf).mean().item()}
