"""What the ledger measures of :mod:`olc_lib.systems.third`."""

from olc_lib.systems import Experiment, fit_stage
from olc_lib.systems.placed import Training

from .system import SETTINGS, Settings, build, measure, stages
from .ways import NEW


def cell(seed: int, device: str = "cpu", split: str = "test", **changes) -> dict:
    """Train both new domains alone, and join them with the voices and images of the run ``slim``.

    Args:
        seed: of weights and of training; the voices and images stay the same in every repetition.
        device: where to train.
        split: "test", or "validation" where settings are chosen.
        **changes: fields of :class:`olc_lib.systems.third.system.Settings`.

    Returns:
        See :func:`olc_lib.systems.third.system.measure`.
    """
    settings = Settings(partner="slim", seed=seed, **changes)
    models = build(settings)
    for stage in stages(settings):
        fit_stage(stage, models, settings, device, progress=False)
    return measure(models, settings, split)[0]


EXPERIMENTS = {
    "third": Experiment("Can a domain that was trained alone be plugged into models that stay as they are?", cell,
                        {"as built": {name: getattr(SETTINGS["embedded"], name) for name in NEW}}, seeds=3),
    "third-trials": Experiment(
        "Are eight channels enough, and terms that come in early, asked of validation data?",
        cell,
        {
            f"{narrowest} channels, injected in {share:g}": {
                "split": "validation", "narrowest": narrowest,
                "tones": Training(600, 32, injected=share), "display": Training(600, 32, injected=share),
            }
            for narrowest, share in ((8, 0.2),)
        },
        seeds=1,
    ),
}  # fmt: skip
