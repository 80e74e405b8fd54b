"""What the ledger measures of dual translation: a ladder of repairs, and three rivals."""

import dataclasses
import functools
import zlib
from collections.abc import Mapping

import torch
from torch import Tensor

from olc_lib.systems import Experiment, fit_stage
from olc_lib.train import fit

from .measures import Mix, Translate, classifier, exchanged, judge
from .nets import Translator
from .pictures import packed, paired, unpaired
from .placed import Placed
from .placed import loss as placed_loss
from .placed import mix as placed_mix
from .system import ADVERSARIES, Member, Recipe, Single, build, measure, mix, stages, translate


def trained(seed: int, device: str = "cpu", **changes) -> tuple[Translator, Single]:
    """Train one translator on bags and shoes.

    Args:
        seed: of initialisation and training.
        device: where to train.
        **changes: see :func:`translation`.

    Returns:
        The translator, and the settings of its run.
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
    return models["it"], settings


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
    model, settings = trained(seed, device, **changes)
    scores = measure({"it": model}, settings, split)[0]
    return {key.removeprefix("it/"): value for key, value in scores.items()}


def placing(seed: int, device: str, steps: int, lr: float, batch_size: int = 16, beta=1.0, back=0.0, **nets) -> Placed:
    """Train placed codes on the same piles.

    Args:
        seed: of initialisation and training.
        device: where to train.
        steps: of training.
        lr: peak rate.
        batch_size: pictures of each pile a step.
        beta: see :func:`olc_lib.systems.dual.placed.loss`.
        back: likewise.
        **nets: options of :class:`olc_lib.systems.dual.placed.Placed`.

    Returns:
        The model.
    """
    with torch.random.fork_rng([]):
        torch.manual_seed(1000 * seed + zlib.crc32(b"dual placed") % 1000)
        model = Placed(**nets)
    fit(
        model, placed_loss(model, beta, back), unpaired("fashion"), steps, batch_size=batch_size, lr=lr, seed=seed,
        device=device, progress=False,
    )  # fmt: skip
    return model.to("cpu")


#: Shares of the second code in a slot, for pictures between two codes.
SHARES = (0, 0.25, 0.5, 0.75, 1)


def portrait(turn: Translate, blend: Mix, pairs: Mapping[str, Tensor]) -> dict[str, str]:
    """What a translator draws, for pages that have no bags and shoes of their own.

    Args:
        turn: inputs to translations, see :mod:`olc_lib.systems.dual.measures`.
        blend: codes to pictures, see there.
        pairs: from :func:`olc_lib.systems.dual.pictures.paired`; eight of them are shown, evenly spread.

    Returns:
        ``sheet``, row by row ``x1``, its translation and its true counterpart, then the same of ``x2``; ``between``,
        for the first of these pairs all :data:`SHARES` of class (down) and form (across). Both as
        :func:`olc_lib.systems.dual.pictures.packed` writes them.
    """
    few = {name: some[:: len(some) // 8][:8] for name, some in pairs.items()}
    u, v = turn(few["x1"], few["x2"])
    sheet = torch.stack([few["x1"], u, few["u"], few["x2"], v, few["v"]])
    x1, x2 = few["x1"][:1], few["x2"][:1]
    between = torch.stack([torch.cat([blend(x1, x2, kind, form) for form in SHARES]) for kind in SHARES])
    return {"sheet": packed(sheet), "between": packed(between)}


def compare(
    seed: int, device: str = "cpu", split: str = "test", system: str = "dual", shown: int | None = None, **changes
) -> dict[str, float | str]:
    """As :func:`translation`, and what each slot decides; also of placed codes.

    Args:
        seed: of initialisation and training.
        device: where to train.
        split: "test", or "validation" where settings are chosen.
        system: "dual" or "placed".
        shown: the repetition whose pictures are kept; of others they would only make files large.
        **changes: as of :func:`translation`, or of :func:`placing`.

    Returns:
        Metrics of :func:`olc_lib.systems.dual.measures.judge` and, but for a pair of translators, of
        :func:`olc_lib.systems.dual.measures.exchanged`; of one repetition also its :func:`portrait`.
    """
    model: Translator | Placed
    if system == "placed":
        model, blending = placing(seed, device, **changes).eval(), placed_mix
    else:
        model, blending = trained(seed, device, **changes)[0].eval(), mix
    pairs = paired("fashion", split)
    turn, blend = functools.partial(translate, model), functools.partial(blending, model)
    scores: dict[str, float | str] = {**judge(turn, pairs, classifier("fashion"))}
    if getattr(model, "other", None) is not None:  # two translators share no slots
        return scores
    scores |= exchanged(blend, pairs)
    return scores | portrait(turn, blend, pairs) if seed == shown else scores


#: The repaired translator, as chosen on validation pictures by ``dual-trials``.
REPAIRED = {"norm": "batch", "r1": 0.5, "selves": 5.0, "real": True, "cycle": 5.0, "narrow": 4}
_WIDE = {key: value for key, value in REPAIRED.items() if key != "narrow"}
STEPS = 400
_TRIAL = {"steps": 300, "split": "validation"}
#: With the weights that were better in the first trials, and for longer.
_HEAVY = {**REPAIRED, "selves": 10.0, "cycle": 10.0}
_LONG = {"steps": 800, "split": "validation"}


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
        "R1 + self": {**_WIDE, "lr": 0.01, "cycle": 0.0},
        "repaired, no cycle": {**REPAIRED, "lr": 0.01, "cycle": 0.0},
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


#: The best of the trials, beside placed codes; the others as in the ladder.
LONG = 800
CHOSEN = {**_HEAVY, "norm": "group", "lr": 0.01, "steps": LONG}

EXPERIMENTS = {
    "dual-chosen": Experiment(
        "Trained for longer, does the chosen translator reach what was asked, and does it beat placed codes?",
        compare,
        {
            "repaired": CHOSEN,
            "repaired, 1,600 steps": {**CHOSEN, "steps": 2 * LONG, "shown": 0},
            "placed codes": {"system": "placed", "lr": 0.004, "steps": 600},
        },
        seeds=5,
    ),
    "dual-pictures": Experiment(
        "What do the printed translator and placed codes draw, where the chosen one draws bags and shoes?",
        compare,
        {
            "as printed": {"lr": 0.001, "steps": STEPS, "shown": 0},
            "placed codes": {"system": "placed", "lr": 0.004, "steps": 600, "shown": 0},
        },
        seeds=1,
    ),
    "dual-trials": Experiment(
        "Which rate and which weights shall the repaired translator have, and which rate the printed one?",
        translation,
        {
            "rate .01": {**_WIDE, **_TRIAL, "lr": 0.01},
            "300 steps": {**_WIDE, **_TRIAL, "lr": 0.006},
            "narrow": {**REPAIRED, **_TRIAL, "lr": 0.01},
            "narrow, weights 2": {**REPAIRED, **_TRIAL, "lr": 0.01, "selves": 2.0, "cycle": 2.0},
            "narrow, weights 10": {**REPAIRED, **_TRIAL, "lr": 0.01, "selves": 10.0, "cycle": 10.0},
            "batch norm, longer": {**_HEAVY, **_LONG, "lr": 0.01},
            "group norm, longer": {**_HEAVY, **_LONG, "norm": "group", "lr": 0.01},
            "group norm, weights 20": {**_HEAVY, **_LONG, "norm": "group", "lr": 0.01, "selves": 20.0, "cycle": 20.0},
            "group norm, 1,600 steps": {**_HEAVY, **_LONG, "norm": "group", "lr": 0.01, "steps": 1600},
            "as printed, rate .0003": {**_TRIAL, "lr": 0.0003},
            "as printed, rate .001": {**_TRIAL, "lr": 0.001},
        },
        seeds=1,
    ),
    "dual-ladder": Experiment(
        "Which repair does what for dual translation, and how do three rivals do?",
        translation,
        _ladder(),
        seeds=5,
    ),
}
