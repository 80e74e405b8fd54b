"""How completions are measured: the likelihood of what was not seen, and what a judge reads in it."""

import math
import time
from collections.abc import Callable

import torch
from torch import Tensor, nn

from olc_lib import data
from olc_lib.systems import Experiment

from . import bounds, quality
from .conditions import CVAE, Neighbours, Net, Parted, made, quadrants

#: Log weights by which log p(x | y) is estimated, and pictures of which it is.
SAMPLES, ITEMS = 300, 500
#: Completions of one picture that are drawn to be looked at.
DRAWN = 10
#: A picture counts as a valid digit if the judge gives at least this probability to one of the ten.
SURE = 0.9


@torch.no_grad()
def likelihood(model, items: Tensor, samples: int = SAMPLES, chunk: int = 25) -> dict[str, float]:
    """Conditional negative log-likelihood by importance samples of the posterior.

    Args:
        model: trained.
        items: ``[N, n]``, black and white.
        samples: an item.
        chunk: items at a time.

    Returns:
        ``nll`` in nats, ``nll_half`` by half the samples, ``bound`` without weighting, negative.
    """
    generator = torch.Generator().manual_seed(1)
    log_w = torch.cat([model.log_weights(rows, samples, generator) for rows in items.split(chunk)], 1)
    nll = [-bounds.importance_bound(log_w[:count]).mean().item() for count in (len(log_w), math.ceil(len(log_w) / 2))]
    return {"nll": nll[0], "nll_half": nll[1], "bound": -log_w.mean().item()}


@torch.no_grad()
def chances(pictures: Tensor, corpus: str) -> Tensor:
    """How probable each digit is to the judge of the family.

    Its features were brought to deviation 1 after its training; its last layer has to see them as they were, or it
    would be less sure than it is.

    Args:
        pictures: ``[N, n]``.
        corpus: of :func:`olc_lib.data.images`.

    Returns:
        ``[N, 10]``.
    """
    judge = quality.judge(corpus)
    return judge.head(judge.features(pictures) * judge.scale).softmax(1)


@torch.no_grad()
def looked_at(pictures: Tensor, digit: Tensor, corpus: str, split: str) -> dict[str, float]:
    """What the judge of the family reads in completions.

    Args:
        pictures: ``[k, N, n]``, k completions of each of N pictures.
        digit: ``[N]``, what was written.
        corpus: of :func:`olc_lib.data.images`.
        split: likewise.

    Returns:
        Percent: ``right``, in which the digit is read that was written, and ``valid``, see :data:`SURE`; ``readings``,
        how many digits are read in the k completions of one picture, on average; ``differ``, root mean square
        distance of two completions of one picture; ``fid`` of the first completions.
    """
    k, count, _ = pictures.shape
    chance = chances(pictures.flatten(0, 1), corpus).view(k, count, 10)
    read = chance.argmax(2)
    kinds = nn.functional.one_hot(read, 10).amax(0).sum(1).double().mean().item()
    differ = (pictures.var(0, unbiased=k > 1).mean(1) * 2).sqrt().mean().item()
    return {"right": 100 * (read == digit).double().mean().item(), "readings": kinds, "differ": differ,
            "valid": 100 * (chance.amax(2) >= SURE).double().mean().item(),
            "fid": quality.fid(pictures[0], corpus, split)}  # fmt: skip


def by_code(seen: Tensor, grey: Tensor, **training) -> CVAE:
    """Trains a CVAE.

    Args:
        seen: ``[n]``, which pixels are.
        grey: ``[N, n]``, training pictures.
        **training: of :func:`.conditions.made`, and the fields of :class:`.conditions.CVAE`.

    Returns:
        The model.
    """
    return made(CVAE, seen, grey, **training)


def by_net(seen: Tensor, grey: Tensor, **training) -> Net:
    """Trains the rival without a code.

    Args:
        seen: ``[n]``, which pixels are.
        grey: ``[N, n]``, training pictures.
        **training: of :func:`.conditions.made`, and the fields of :class:`.conditions.Net`.

    Returns:
        The model.
    """
    return made(Net, seen, grey, **training)


def by_copies(seen: Tensor, grey: Tensor, **training) -> Neighbours:
    """The rival that needs no training.

    Args:
        seen: ``[n]``, which pixels are.
        grey: ``[N, n]``, pictures to copy from.
        **training: not used.

    Returns:
        The model.
    """
    return Neighbours(seen, grey)


def guide(
    seed: int,
    device: str = "cpu",
    split: str = "test",
    corpus: str = "mnist",
    see: tuple[str, ...] = ("lower left",),
    kind: Callable | None = None,
    steps: int = 1600,
    lr: float = 4e-3,
    items: int = 1000,
    rival: bool = False,
    **options,
) -> dict:
    """One cell: train a model that completes pictures, and measure it.

    Args:
        seed: of initialisation and training.
        device: not used: the models are small.
        split: "test", or "validation" where settings are chosen.
        corpus: of :func:`olc_lib.data.images`.
        see: names of quadrants that are seen.
        kind: :func:`by_code`, :func:`by_net` or :func:`by_copies`; ``None`` measures the real pictures.
        steps: of training.
        lr: peak learning rate.
        items: pictures that are completed; 0 for none.
        rival: also train the net, by the same steps and rate; its metrics have ``net_`` before them.
        **options: of the kind.

    Returns:
        Metrics of :func:`likelihood` where there is one, and of :func:`looked_at`; ``seconds`` of training on one core
        and ``weights``.
    """
    if rival:
        net = guide(seed, device, split, corpus, see, by_net, steps, lr, items)
        own = guide(seed, device, split, corpus, see, kind, steps, lr, items, **options)
        return own | {f"net_{key}": value for key, value in net.items()}
    began, seen, found = time.process_time(), quadrants(*see), {}
    train, grey = quality.pixels(corpus, "train"), quality.pixels(corpus, split)
    if kind:
        model = kind(seen, train, seed=seed, steps=steps, lr=lr, **options)
    found["seconds"] = time.process_time() - began
    hard = torch.bernoulli(grey, generator=torch.Generator().manual_seed(0))
    if kind in (by_code, by_net):
        found |= likelihood(model, hard[:ITEMS])
        found["weights"] = sum(weight.numel() for weight in model.parameters() if weight.requires_grad)
    if not items:
        return found
    y = hard[:items, seen]
    if kind:
        with torch.no_grad():
            pictures = model.complete(y, DRAWN, torch.Generator().manual_seed(seed))
    else:
        pictures = Parted(seen).joined(grey[:items, ~seen], y)[None]
    return found | looked_at(pictures, data.images(corpus, split).digit[:items], corpus, split)


_TRIED = {"split": "validation", "kind": by_code, "rival": True}
#: Settings asked of validation pictures; the first are the family's own, at twice its steps.
TRIALS: dict[str, dict] = {
    "CVAE": {**_TRIED},
    "CVAE, rate .002": {**_TRIED, "lr": 2e-3},
}
_HALF = {"see": ("upper left", "lower left")}
#: What completes pictures, one quadrant or half of them seen.
COMPLETED: dict[str, dict] = {
    "CVAE": {"kind": by_code},
    "net": {"kind": by_net},
    "neighbours": {"kind": by_copies},
    "real pictures": {},
    "CVAE, left half": {"kind": by_code, **_HALF},
    "net, left half": {"kind": by_net, **_HALF},
    "CVAE, prior N(0, I)": {"kind": by_code, "told": False},
}
EXPERIMENTS = {
    "family-conditions": Experiment("What completes a picture of which a part is seen, at equal size and steps?",
                                    guide, COMPLETED, seeds=3),
    "family-conditions-trials": Experiment("Which settings complete pictures best, asked of validation pictures?",
                                           guide, TRIALS, seeds=1),
}  # fmt: skip
