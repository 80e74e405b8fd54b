"""The whole run ``slim`` trained again from other seeds: how far its figures move from one training to the next."""

import dataclasses

from olc_lib.systems import Experiment, fit_stage, placed
from olc_lib.systems.placed import SETTINGS


def again(seed: int, device: str = "cpu") -> dict[str, float]:
    """Train every model of ``slim``, classifiers included, and measure them as the run was.

    Args:
        seed: of the repetition, from 0; the models get the seed after it, since ``slim`` itself has seed 0.
        device: where to train.

    Returns:
        The metrics of :func:`olc_lib.systems.placed_measure.measure` on test clips and images.
    """
    settings = dataclasses.replace(SETTINGS["slim"], seed=seed + 1)
    models = placed.build(settings)
    for stage in placed.stages(settings):
        fit_stage(stage, models, settings, device)
    return placed.measure(models, settings, "test", device)[0]


EXPERIMENTS = {
    "slim-again": Experiment(
        "How far do the figures of slim move if all of it is trained again?",
        again,
        {"all of slim": {}},
    ),
}
