"""What the ledger measures of :mod:`olc_lib.systems.third`."""

from olc_lib.systems import Experiment, fit_stage
from olc_lib.systems.placed import Training

from .system import Settings, build, measure, stages


def cell(seed: int, device: str = "cpu", split: str = "test", **changes) -> dict:
    """Train both new domains alone, and join them with the voices and images of the run ``slim``.

    Args:
        seed: of weights and of training; the voices and images stay the same in every repetition.
        device: where to train.
        split: "test", or "validation" where settings are chosen.
        **changes: fields of :class:`Settings`.

    Returns:
        See :func:`measure`.
    """
    settings = Settings(partner="slim", seed=seed, **changes)
    models = build(settings)
    for stage in stages(settings):
        fit_stage(stage, models, settings, device, progress=False)
    return measure(models, settings, split)[0]


EXPERIMENTS = {
    "third": Experiment("Can a domain that was trained alone be plugged into models that stay as they are?", cell,
                        {"as built": {}}),
    "third-trials": Experiment(
        "How large and how long shall the new models be, asked of validation data?",
        cell,
        {
            f"{steps} steps, {narrowest} channels": {
                "split": "validation", "narrowest": narrowest,
                "tones": Training(steps, 32), "display": Training(steps, 32),
            }
            for steps, narrowest in ((300, 8), (600, 8), (600, 16))
        },
        seeds=1,
    ),
}  # fmt: skip
