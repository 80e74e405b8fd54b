"""What the ledger measures of dual translation: a ladder of repairs, and three rivals."""

import dataclasses

from olc_lib.systems import Experiment, fit_stage

from .system import ADVERSARIES, Member, Recipe, Single, build, measure, stages


def translation(seed: int, device: str = "cpu", split: str = "test", **changes) -> dict[str, float]:
    """Train one translator on bags and shoes, and judge it.

    Args:
        seed: of initialisation and training.
        device: where to train.
        split: "test", or "validation" where settings are chosen.
        **changes: fields of :class:`olc_lib.systems.dual.system.Member` and of
            :class:`olc_lib.systems.dual.training.Recipe`, the adversary by its name; ``steps``, ``lr`` and
            ``batch_size`` change the training.

    Returns:
        Metrics of :func:`olc_lib.systems.dual.measures.judge`.
    """
    training = {key: changes.pop(key) for key in ("steps", "lr", "batch_size") if key in changes}
    outer = {key: changes.pop(key) for key in ("norm", "spectral", "encoders", "narrow", "warmed") if key in changes}
    if "adversary" in changes:
        changes["adversary"] = ADVERSARIES[changes["adversary"]]
    it = Member(Recipe(**changes), **outer)
    settings = Single("fashion", seed=seed, it=it)
    settings = dataclasses.replace(settings, training=dataclasses.replace(settings.training, **training))
    models = build(settings)
    for stage in stages(settings):
        fit_stage(stage, models, settings, device, progress=False)
    scores = measure({"it": models["it"]}, settings, split)[0]
    return {key.removeprefix("it/"): value for key, value in scores.items()}


#: The repaired translator, as chosen on validation pictures by ``dual-trials``.
REPAIRED = {"norm": "batch", "r1": 0.5, "selves": 5.0, "real": True, "cycle": 5.0, "narrow": 4}
_WIDE = {key: value for key, value in REPAIRED.items() if key != "narrow"}
STEPS = 400
_TRIAL = {"steps": 300, "split": "validation"}


def _ladder() -> dict[str, dict]:
    """Arms without a reconstruction have the printed arm's rate, the others that of the repaired one.

    Returns:
        Those that decide first.
    """
    game, task = {"lr": 0.001, "norm": "batch"}, {"norm": "batch", "lr": 0.01}
    arms = {
        "as printed": {"lr": 0.001},
        "repaired": {**REPAIRED, "lr": 0.01},
        "CycleGAN-like pair": {**task, "encoders": "pair", "cycle": 5.0},
        "R1 + self + cycle": {**_WIDE, "lr": 0.01},
        "autoencoder swap": {**task, "adversary": "none", "selves": 5.0, "real": True},
        "+ batch norm": game,
        "+ self-reconstruction": {**task, "selves": 5.0, "real": True},
        "+ cross-cycle": {**task, "cycle": 5.0},
        "+ R1": {**game, "r1": 0.5},
        "+ hinge": {**game, "adversary": "hinge"},
        "+ spectral norm": {**game, "spectral": True},
        "+ pre-training": {**game, "warmed": 200, "frozen": True},
        "one entangled encoder": {**game, "encoders": "one"},
        "as printed, Eq. 4": {"lr": 0.001, "adversary": "minimax"},
    }
    return {name: {**arm, "steps": STEPS} for name, arm in arms.items()}


EXPERIMENTS = {
    "dual-trials": Experiment(
        "Which rate and which weights shall the repaired translator have, and which rate the printed one?",
        translation,
        {
            "rate .01": {**_WIDE, **_TRIAL, "lr": 0.01},
            "300 steps": {**_WIDE, **_TRIAL, "lr": 0.006},
            "narrow": {**REPAIRED, **_TRIAL, "lr": 0.01},
            "narrow, weights 2": {**REPAIRED, **_TRIAL, "lr": 0.01, "selves": 2.0, "cycle": 2.0},
            "narrow, weights 10": {**REPAIRED, **_TRIAL, "lr": 0.01, "selves": 10.0, "cycle": 10.0},
            "as printed, rate .0003": {**_TRIAL, "lr": 0.0003},
            "as printed, rate .001": {**_TRIAL, "lr": 0.001},
        },
        seeds=1,
    ),
    "dual-ladder": Experiment(
        "Which repair does what for dual translation, and how do three rivals do?",
        translation,
        _ladder(),
        seeds=3,
    ),
}
