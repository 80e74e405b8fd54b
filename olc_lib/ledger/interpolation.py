"""What the interpolation loss does for the image model: without it, as printed, and with fifty times its weight."""

import dataclasses

import torch

from olc_lib import data, losses, metrics, objective, stored
from olc_lib.reading import batched, read_digits
from olc_lib.systems import Experiment, Stage, fit_stage, placed
from olc_lib.systems.placed import SETTINGS

from .experiments import difference, read
from .paper_experiments import SHORT
from .rules import OVER, Claim, above, below, missing, several, shown

#: Points on the way from one code to another, both ends included.
STEPS = 11


def interpolating(seed: int, device: str = "cpu", importance: float | None = None) -> dict[str, float]:
    """Train the image model shortly, and measure what it draws between the codes of two images.

    Args:
        seed: of weights and training.
        device: where to train.
        importance: I of the interpolation loss (Eq. 4); ``None`` takes that of Table 7, 0 leaves the term out.

    Returns:
        ``digit`` (percent read right) and ``rms`` of single test images. Of pairs of test images with different
        digits: ``halfway``, the distance of the drawing of the mixed code from the mix of the two images (the unit of
        ``rms``); ``either``, percent of these drawings that the judge of ``slim`` reads as one of the two digits;
        ``length`` of the way between the two drawings, in multiples of the straight one (a double
        exposure, normalized at every step, has about 1.1).
    """
    training, design = SHORT["image"], placed.DESIGNS["image"]
    settings = dataclasses.replace(SETTINGS["slim"], seed=seed, image=training)
    models = placed.build(settings)
    model = models["image"]
    weights = dict(design.importance) | ({} if importance is None else {"interpolation": importance})

    def prepared(models: dict, settings: placed.Settings, device: str):
        images = data.images(settings.images, "train")
        loss = objective.training_loss(
            model, weights, placed.schedule("image", training), design.balance,
            mu=settings.mu, sigma_min=settings.sigma_min,
        )  # fmt: skip
        return loss, {"signal": images.pixels, "digit": images.digit}

    fit_stage(Stage("image", training, (), prepared), models, settings, device)
    images = data.images(settings.images, "test")
    signal, code = batched(model.normalize, images.pixels), batched(model.encode, images.pixels)
    result = {
        "digit": metrics.accuracy(model.space.labels(code)["digit"], images.digit),
        "rms": metrics.rms(signal, batched(model.decode, code)),
    }
    partner = torch.randperm(len(code), generator=torch.Generator().manual_seed(0))
    pair = images.digit != images.digit[partner]
    first, second = pair.nonzero()[:, 0], partner[pair]
    way = torch.stack([
        batched(model.decode, losses.mix(code[first], code[second], torch.full((len(first),), alpha)))
        for alpha in torch.linspace(1, 0, STEPS).tolist()
    ])  # fmt: skip
    middle = way[STEPS // 2]
    result["halfway"] = metrics.rms((signal[first] + signal[second]) / 2, middle)
    seen = read_digits(stored.load("slim", quiet=True).image_classifier, middle)
    hits = (seen == images.digit[first]) | (seen == images.digit[second])
    result["either"] = 100 * hits.double().mean().item()
    steps, straight = way.diff(dim=0).flatten(2).norm(dim=2).sum(0), (way[-1] - way[0]).flatten(1).norm(dim=1)
    return result | {"length": (steps / straight).mean().item()}


WITHOUT, PRINTED, HEAVY = "without the term", "importance as printed", "fifty times the importance"
EXPERIMENTS = {
    "interpolation": Experiment(
        "What does the interpolation loss do for the image model?",
        interpolating,
        {WITHOUT: {"importance": 0.0}, PRINTED: {}, HEAVY: {"importance": 1.0}},
    ),
}


def _against(arm: str, conditions: dict) -> tuple[str, str]:
    found = read("interpolation")
    if gap := missing(found, arm, WITHOUT):
        return gap
    texts, sides = [], []
    for key, (name, side, unit, digits) in conditions.items():
        result = difference(found[arm], found[WITHOUT], key)
        texts.append(f"{name} {shown(*result, unit, digits)}")
        sides.append(side(result, 0))
    return f"{arm} minus {WITHOUT}: " + "; ".join(texts), several(sides)


_HALFWAY = ("distance from the mix of the images", below, "", 4)
_EITHER = ("read as one of the two digits", above, " points", 1)


def _printed() -> tuple[str, str]:
    return _against(PRINTED, {"halfway": _HALFWAY, "either": _EITHER})


def _heavy() -> tuple[str, str]:
    return _against(HEAVY, {"halfway": _HALFWAY, "rms": ("residual of single images", above, "", 4)})


CLAIMS = [
    Claim(
        "With the importance as printed, the interpolation loss improves what the image model draws between two codes.",
        "ours, next to Equation 4",
        "paired by seed with trainings without the term: drawings halfway are closer to the mix of the two images, and "
        "are read more often as one of the two digits; both intervals." + OVER,
        _printed,
        ("interpolation",),
        "2026-11-30: new; written before these trainings",
    ),
    Claim(
        "With fifty times the importance, drawings halfway are closer to the mix, and single images are redrawn worse.",
        "ours, next to Equation 4",
        "paired by seed with trainings without the term: drawings halfway are closer to the mix of the two images, the "
        "residual of single images is larger; both intervals." + OVER,
        _heavy,
        ("interpolation",),
        "2026-11-30: new; written after the toy of chapter 8 and before these trainings",
    ),
]
