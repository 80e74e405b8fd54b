"""How models of sequences are trained and measured: nats a frame on clips that were held out, and what they draw."""

import time
from collections.abc import Callable

import torch
from torch import Tensor, nn

from olc_lib.systems import Experiment
from olc_lib.systems.shared import fresh
from olc_lib.train import Turn, fit

from . import overtime
from .quality import frechet

#: Pasts of a clip that the particle filter follows, drawings that are judged, and components they are judged in.
PARTICLES, DRAWN, COMPONENTS = 16, 300, 20


def with_code(**sizes) -> nn.Module:
    """A VRNN, or without a state a VAE of single frames.

    Args:
        **sizes: of :class:`.overtime.VRNN`.

    Returns:
        The model.
    """
    return overtime.VRNN(**sizes)


def without_code(**sizes) -> nn.Module:
    """A recurrent network.

    Args:
        **sizes: of :class:`.overtime.RNN`.

    Returns:
        The model.
    """
    return overtime.RNN(**sizes)


def made(
    make: Callable[..., nn.Module],
    x: Tensor,
    seed: int = 0,
    steps: int = 300,
    lr: float = 4e-3,
    batch: int = 32,
    **sizes,
) -> nn.Module:
    """Train one model.

    Args:
        make: :func:`with_code` or :func:`without_code`.
        x: ``[N, T, BANDS]``, without noise; every step adds noise of its own.
        seed: of initialisation and training.
        steps: of the optimizer.
        lr: peak learning rate.
        batch: clips a step.
        **sizes: of the model.

    Returns:
        The model.
    """
    model = fresh(seed, make, **sizes)

    def loss(rows, step, generator):
        value = -model.score(overtime.noisy(rows["x"], generator), generator).mean()
        return value, {"misfit": value.detach()}

    turn = Turn(loss, list(model.parameters()), lr, clip=5.0)
    fit(model, [turn], {"x": x}, steps, batch_size=batch, seed=seed, progress=False)
    return model.eval()


@torch.no_grad()
def likelihood(model: nn.Module, x: Tensor, samples: int = 8) -> dict[str, float]:
    """How probable held-out clips are.

    Args:
        model: trained.
        x: ``[N, T, BANDS]``, with noise.
        samples: of the bound's noise.

    Returns:
        ``nats`` a frame: of a network without a code exact, of one with a code a lower bound; of the latter also
        ``tight``, the bound of a particle filter.
    """
    generator = torch.Generator().manual_seed(0)
    if isinstance(model, overtime.RNN):
        return {"nats": model.score(x).mean().item()}
    scores = torch.stack([overtime.walk(model, x, generator)[0].mean() for _ in range(samples)])
    tight = overtime.filtered(model, x, PARTICLES, generator).mean() / x.shape[1]
    return {"nats": scores.mean().item(), "tight": tight.item()}


@torch.no_grad()
def resemblance(drawn: Tensor, real: Tensor, train: Tensor) -> float:
    """Frechet distance of two sets of clips in principal components of whole clips.

    Args:
        drawn: ``[N, T, BANDS]``.
        real: ``[M, T, BANDS]``.
        train: whose components.

    Returns:
        In units of the variance of the first component.
    """
    flat = train.flatten(1)
    sizes, axes = torch.linalg.eigh(flat.T.cov())
    first, second = (part.flatten(1) @ axes[:, -COMPONENTS:] / sizes[-1].sqrt() for part in (drawn, real))
    return frechet(first, second)


def study(
    seed: int,
    device: str = "cpu",
    split: str = "test",
    corpus: str = "fsdd",
    make: Callable[..., nn.Module] = with_code,
    steps: int = 300,
    lr: float = 4e-3,
    **sizes,
) -> dict:
    """One cell: train a model of sequences, and measure it.

    Args:
        seed: of initialisation and training.
        device: not used: the models are small.
        split: "test", or "validation" where settings are chosen.
        corpus: of :func:`olc_lib.data.voices`.
        make: the kind of model.
        steps: of the training.
        lr: peak learning rate.
        **sizes: of the model.

    Returns:
        Metrics of :func:`likelihood`; ``frechet`` of free drawings, and ``frechet_real``, of as many training clips;
        ``weights``; and ``seconds`` of training on one core.
    """
    train = overtime.frames(corpus, "train")[0]
    began = time.process_time()
    model = made(make, train, seed, steps, lr, **sizes)
    spent = time.process_time() - began
    real = overtime.noisy(overtime.frames(corpus, split)[0], torch.Generator().manual_seed(1))
    with torch.no_grad():
        drawn = model.draw(DRAWN, train.shape[1], torch.Generator().manual_seed(2))
    some = overtime.noisy(train[:: len(train) // DRAWN][:DRAWN], torch.Generator().manual_seed(3))
    return likelihood(model, real) | {
        "frechet": resemblance(drawn, real, train), "frechet_real": resemblance(some, real, train),
        "weights": sum(weight.numel() for weight in model.parameters()), "seconds": spent,
    }  # fmt: skip


#: Every model has about as many weights as the first.
SIZES: dict[str, dict] = {
    "VRNN": {"make": with_code},
    "VRNN, prior N(0, I)": {"make": with_code, "learned": False, "state": 70},
    "RNN": {"make": without_code, "state": 106},
    "RNN, mixture of 4": {"make": without_code, "state": 90, "parts": 4},
    "RNN, rank 6": {"make": without_code, "state": 92, "rank": 6},
    "VAE of frames": {"make": with_code, "state": 0, "width": 153},
}
#: The better rate of two, see the trials.
MODELS = {name: {**sizes, "lr": 8e-3} for name, sizes in SIZES.items()}
EXPERIMENTS = {
    "family-overtime": Experiment("Is a code at every step worth its weights?", study, MODELS, seeds=3),
    "family-overtime-trials": Experiment(
        "Which rate, asked of validation clips after half of the steps?", study,
        {f"{name}, rate {rate:g}": {**SIZES[name], "lr": rate, "steps": 150, "split": "validation"}
         for name in ("VRNN", "RNN", "RNN, rank 6") for rate in (4e-3, 8e-3)},
        seeds=1,
    ),
}  # fmt: skip
