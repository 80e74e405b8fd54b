"""Volatility surfaces from a few points: a VAE whose code is searched (Bergeron et al. 2022), and its rivals.

The question is that of Table 1 in Singh & Ogunfunmi (2022). The surfaces are synthetic, see :mod:`.worlds`; the rivals
are a calibrated Heston model and the conditional mean of a Gaussian, see :mod:`.completion`.
"""

import dataclasses
import time
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from olc_lib.systems import Experiment, Stage, Training
from olc_lib.systems.shared import HasMembers, fresh, stage_each, trained

from . import pricing
from .completion import calibrate, conditional_mean, search
from .network import Member, SurfaceVAE, bound, standardized, volatilities
from .worlds import DELTA, POINTS, WORLDS, YEARS, error, known_points, surfaces

__all__ = ["EXPERIMENTS", "KNOWN", "SETTINGS", "Member", "Settings", "SurfaceVAE", "build", "complete", "measure",
           "stages", "table_one"]  # fmt: skip

#: How many points are quoted, of 40.
KNOWN = (3, 5, 10, 20)
#: Noise of quotes where there is some, in parts of 1 (20 basis points of volatility).
QUOTE_NOISE = 0.002


@dataclass(frozen=True)
class Settings(HasMembers):
    """What a run is trained on, and how. A run's own class adds a field for each model.

    Args:
        world: of :data:`olc_lib.systems.surface.worlds.WORLDS`.
        train: surfaces to train on.
        count: surfaces to complete.
        hidden: units of each hidden layer.
        training: of every model.
        seed: of surfaces, known points, initialisation and training.
    """

    world: str = "Heston"
    train: int = 3000
    count: int = 60
    hidden: int = 64
    training: Training = Training(steps=2500, batch_size=32, lr=4e-3, weight_decay=0.0)
    seed: int = 0


@dataclass(frozen=True)
class Both(Settings):
    """Both architectures.

    Args:
        pointwise: with four numbers, as in Table 1.
        grid: with eight.
    """

    pointwise: Member = Member()
    grid: Member = Member(False, 8)


@dataclass(frozen=True)
class Single(Settings):
    """One model alone.

    Args:
        it: the model.
    """

    it: Member = Member()


#: Named runs.
SETTINGS = {
    "embedded": Both(train=600, count=40, training=Training(steps=2000, batch_size=32, lr=4e-3, weight_decay=0.0))
}


def build(settings: Settings) -> dict[str, nn.Module]:
    """Freshly initialised models.

    Args:
        settings: of the run.

    Returns:
        Name to model; each starts from the seed alone.
    """
    return {
        name: fresh(settings.seed, SurfaceVAE, member, settings.hidden) for name, member in settings.members().items()
    }


def stages(settings: Settings) -> list[Stage]:
    """One stage a model; none needs another.

    Args:
        settings: of the run.

    Returns:
        Stages.
    """

    def prepare(model, settings, device):
        def loss(batch, step, generator):
            misfit, divergence = bound(model, batch["x"], generator)
            record = {"misfit": misfit.mean().detach(), "kl": divergence.mean().detach()}
            return (misfit + divergence).mean(), record

        return loss, {"x": standardized(surfaces(settings.world, "train", settings.train, settings.seed))}

    return stage_each(settings, prepare)


def complete(model: SurfaceVAE, volatility: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Surfaces from their known points, by a search for the code.

    Args:
        model: trained.
        volatility: of which the known ones are looked at, ``[N, 40]``.
        known: bool ``[N, 40]``.

    Returns:
        ``[N, 40]``.
    """
    x, seen, member = standardized(np.where(known, volatility, 0.1)), torch.from_numpy(known), model.member
    blocks = zip(x.split(25), seen.split(25), strict=True)  # small ones stay in the processor's cache
    codes = [search(model.decode, *block, member.latent, member.noise) for block in blocks]
    return volatilities(model.decode(torch.cat(codes)))


def measure(models, settings: Settings, split: str, device: str = "cpu") -> tuple[dict, dict]:
    """How well surfaces are completed.

    Args:
        models: trained.
        settings: of the run.
        split: "validation" or "test".
        device: not used: the models are small.

    Returns:
        ``{name/error_K: basis points}`` at the unknown points with K known ones, and ``name/whole``, where the encoder
        saw all forty. And ``{name/code: [N, latent]}``, means of the posterior.
    """
    truth = surfaces(settings.world, split, settings.count, settings.seed)
    found, arrays = {}, {}
    for name, model in models.items():
        model = model.to("cpu").eval()
        for points in KNOWN:
            known = known_points(len(truth), points, settings.seed)
            found[f"{name}/error_{points}"] = error(complete(model, truth, known), truth, known)
        with torch.no_grad():
            made = volatilities(model(standardized(truth)))
            arrays[f"{name}/code"] = model.encode(standardized(truth))[0].contiguous()
        found[f"{name}/whole"] = error(made, truth, np.zeros_like(truth, bool))
    return found, arrays


def table_one(
    seed: int,
    device: str = "cpu",
    split: str = "test",
    world: str = "Heston",
    method: str = "VAE",
    pull: float = 0.1,
    ridge: float = 1e-6,
    noisy_ridge: float = 1e-3,
    steps: int = 2500,
    **member,
) -> dict:
    """One cell of our Table 1: a method completes surfaces of a world.

    Args:
        seed: of surfaces, known points and training.
        device: where to train.
        split: "test", or "validation" where settings are chosen.
        world: of :data:`olc_lib.systems.surface.worlds.WORLDS`.
        method: "VAE", "Gaussian" or "calibration".
        pull: of :func:`olc_lib.systems.surface.completion.calibrate`.
        ridge: of :func:`olc_lib.systems.surface.completion.conditional_mean`.
        noisy_ridge: the same where quotes are noisy: they are to be believed less.
        steps: of the VAE's training.
        **member: fields of :class:`Member`.

    Returns:
        ``error_K`` in basis points for K known points, ``noisy_10`` where ten are known with an error of 20 basis
        points, and ``milliseconds`` of one core for a surface with ten known points, training not counted.

    Raises:
        ValueError: for an unknown method.
    """
    settings = Single(world, training=dataclasses.replace(Settings().training, steps=steps), seed=seed,
                      it=Member(**member))  # fmt: skip
    truth = surfaces(world, split, settings.count, seed)
    if method == "VAE":
        model = trained(build, stages, settings, device)["it"]

        def way(values, known, noisy=False):
            return complete(model, values, known)
    elif method == "Gaussian":
        train = np.log(surfaces(world, "train", settings.train, seed))

        def way(values, known, noisy=False):
            return np.exp(conditional_mean(train, np.log(values), known, noisy_ridge if noisy else ridge))
    elif method == "calibration":

        def way(values, known, noisy=False):
            parameters = calibrate(values, known, pull)
            made = [pricing.heston_surface(DELTA, YEARS, parameters[i : i + 50])[0] for i in range(0, len(known), 50)]
            return np.concatenate(made).reshape(-1, POINTS)
    else:
        raise ValueError(f"method is {method!r}, expected VAE, Gaussian or calibration")
    scores = {}
    for points in KNOWN:
        known, began = known_points(len(truth), points, seed), time.process_time()
        scores[f"error_{points}"] = error(way(truth, known), truth, known)
        if points == 10:
            scores["milliseconds"] = 1000 * (time.process_time() - began) / len(truth)
            noise = np.random.default_rng((seed, 8)).standard_normal(truth.shape)
            noisy = np.maximum(truth + QUOTE_NOISE * noise, truth / 2)
            scores["noisy_10"] = error(way(noisy, known, True), truth, known)
    return scores


_ROWS: dict[str, dict] = {
    "VAE": {},
    "VAE, grid": {"pointwise": False, "latent": 8},
    "Gaussian": {"method": "Gaussian"},
    "Heston calibration": {"method": "calibration"},
}
_CHOOSING = {world: {"world": world, "split": "validation"} for world in WORLDS}
EXPERIMENTS: dict[str, Experiment] = {
    "surface": Experiment(
        "From a few points of a volatility surface, which method finds the others best?",
        table_one,
        {
            f"{name}, {world} world": {**row, "world": world}
            for world in ("Heston", "SABR")
            for name, row in _ROWS.items()
        },
        seeds=3,
    ),
    "surface-trials": Experiment(
        "Which settings shall the methods have, asked of validation surfaces?",
        table_one,
        {
            **{f"VAE, noise {s:g}, SABR world": {"noise": s, **_CHOOSING["SABR"]} for s in (0.01, 0.02, 0.05)},
            **{
                f"Gaussian, noisy ridge {r:g}, SABR world": {
                    "method": "Gaussian",
                    "noisy_ridge": r,
                    **_CHOOSING["SABR"],
                }
                for r in (1e-2, 1e-3, 1e-4)
            },
            **{
                f"Gaussian, ridge {r:g}, {world} world": {"method": "Gaussian", "ridge": r, **_CHOOSING[world]}
                for world in WORLDS
                for r in (1e-4, 1e-6, 1e-8)
            },
            **{
                f"calibration, pull {p:g}, {world} world": {"method": "calibration", "pull": p, **_CHOOSING[world]}
                for world in WORLDS
                for p in (0.01, 0.1, 1.0)
            },
        },
        seeds=1,
    ),
}
