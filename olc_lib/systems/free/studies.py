"""What the ledger measures of :mod:`olc_lib.systems.free`: what each term of the training buys."""

import time

from olc_lib.systems import Experiment, Training, fit_stage

from .measures import measure
from .system import Settings, build, stages

#: Steps of every training on images.
STEPS = 1500


def cell(seed: int, device: str = "cpu", split: str = "test", steps: int = STEPS, lr: float = 4e-3, **changes) -> dict:
    """Train one model on MNIST, or another corpus, and measure it.

    Args:
        seed: of weights and training.
        device: where to train.
        split: "test", or "validation" where settings are chosen.
        steps: of training, batches of 128.
        lr: peak of the one-cycle learning rate.
        **changes: fields of :class:`olc_lib.systems.free.system.Settings`.

    Returns:
        See :func:`olc_lib.systems.free.measures.measure`; and ``cpu_minutes`` of training.
    """
    settings = Settings(Training(steps, 128, lr), seed=seed, **changes)
    models, [stage] = build(settings), stages(settings)
    began = time.process_time()
    fit_stage(stage, models, settings, device, progress=False)
    minutes = (time.process_time() - began) / 60
    return measure(models, settings, split, device)[0] | {"cpu_minutes": minutes}


#: On validation images, with fewer steps; what is named is different from the first arm.
TRIALS = {
    "KL 1e-4, exchange .1": {},
    "rate 8e-3": {"lr": 8e-3},
    "KL 3e-4": {"beta": 3e-4},
    "exchange .03": {"exchanged": 0.03},
    "interpolation as printed": {"interpolation": None},
    "KL 3e-5": {"beta": 3e-5},
}
#: On test images, with the weights that validation images preferred.
ARMS = {
    "placed plus free": {},
    "placed alone": {"free": 0},
    "no exchange": {"exchanged": 0.0},
    "no KL": {"beta": 0.0},
    "neither": {"beta": 0.0, "exchanged": 0.0},
    "decoder sees no class": {"blind": True, "exchanged": 0.0},
    "conditional VAE": {"told": True, "exchanged": 0.0},
}
EXPERIMENTS = {
    "free": Experiment(
        "What do free coordinates beside placed ones buy, and what does each term of the training?",
        cell,
        ARMS,
        seeds=3,
    ),
    "free-trials": Experiment(
        "Which weights shall the two terms have, asked of validation images?",
        cell,
        {name: {"split": "validation", "steps": 500, **changes} for name, changes in TRIALS.items()},
        seeds=1,
    ),
}
