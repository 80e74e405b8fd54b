"""What the ledger measures of :mod:`olc_lib.systems.joined`: every way, kind of encoders and number of pairs."""

import dataclasses

import torch

from olc_lib import block_metrics, metrics, stored, transfer
from olc_lib.latent import IMAGE, VOICE
from olc_lib.normalize import max_m_percent
from olc_lib.pairs import M
from olc_lib.reading import batched, read_digits
from olc_lib.systems import Experiment, fit_stage
from olc_lib.train import fit

from .nets import Drawer
from .system import KINDS, Encoders, Known, Settings, build, encoded, encoders, relative_loss, stages
from .ways import WAYS, Measured, Options, drawn, join, score

#: How many pairs are given.
COUNTS = (10, 50, 300)


def cell(kind: str, seed: int, device: str = "cpu", split: str = "test", **changes) -> dict:
    """Train both encoders of a kind on FSDD and MNIST, and join them in every way by 10, 50 and 300 pairs.

    Args:
        kind: a key of :data:`olc_lib.systems.joined.system.KINDS`, or ``"placed"``: the encoders of the run ``slim``,
            which stay the same in every repetition, with other pairs.
        seed: of weights, training and pairs.
        device: where to train.
        split: "test", or "validation" where settings are chosen.
        **changes: fields of :class:`olc_lib.systems.joined.system.Settings`.

    Returns:
        ``way/pairs/metric``, see :func:`olc_lib.systems.joined.ways.score`; ``voice_probe`` and ``image_probe``, what a
        linear probe reads of the digit in held-out codes; ``own``, percent of images read right when they are drawn
        again from their own codes; ``real_diversity`` of the images; of placed codes ``drop/0/metric``, without pairs.
    """
    settings, by, known, on = _trained(kind, seed, device, split, changes)
    found = _sides(by, known, on)
    for count in COUNTS:
        pairs, drawer = known.pairs(count, seed), relative_drawer(known, settings, count, kind, device)
        for way in WAYS:
            there = join(way, on.voice, on.image, pairs, settings.options)
            scores = score(drawn(way, there, on.shelf, by.draw, drawer), there, on)
            found |= {f"{way}/{count}/{key}": value for key, value in scores.items()}
    return found


def trial(kind: str, seed: int, device: str = "cpu", **changes) -> dict:
    """What the ways leave open, tried on validation clips and images.

    Args:
        kind: see :func:`cell`, as the rest.
        seed: likewise.
        device: likewise.
        **changes: likewise.

    Returns:
        ``way, setting/pairs/metric`` of penalties, of shares and powers of ASIF, of means moved to 0, and with 50 pairs
        of relative coordinates with and without length 1; and the numbers of both sides.
    """
    settings, by, known, on = _trained(kind, seed, device, "validation", changes)
    found = _sides(by, known, on)
    tried = {f"affine, penalty {x:g}": ("affine", Options(penalty=x)) for x in (0.01, 0.1, 1.0)}
    tried |= {f"asif, share {x:g}": ("asif", Options(share=x)) for x in (0.1, 0.2)}
    tried |= {"asif, power 4": ("asif", Options(power=4.0))}
    tried |= {"asif, centred": ("asif", Options(centre=("asif",))), "class_means": ("class_means", Options())}
    tried |= {"class_means, centred": ("class_means", Options(centre=("class_means",)))}
    forms = {"": {"centre": ()}, ", unit": {"centre": (), "unit": True}, ", centred": {}, ", both": {"unit": True}}
    tried |= {f"relative{name}": ("relative", Options(**form)) for name, form in forms.items()}
    for count in COUNTS:
        pairs = known.pairs(count, seed)
        for name, (way, options) in tried.items():
            drawer = None
            if way == "relative" and count != COUNTS[1]:
                continue  # each would need a decoder of its own
            if way == "relative":
                drawer = relative_drawer(known, dataclasses.replace(settings, options=options), count, kind, device)
            there = join(way, on.voice, on.image, pairs, options)
            scores = score(drawn(way, there, on.shelf, by.draw, drawer), there, on)
            found |= {f"{name}/{count}/{key}": value for key, value in scores.items()}
    return found


def relative_drawer(known: Known, settings: Settings, count: int, kind: str, device: str) -> Drawer:
    """A decoder of relative coordinates to so many pairs, trained on training images.

    Args:
        known: codes and images.
        settings: of the run; the seed draws the pairs.
        count: pairs.
        kind: of encoders; those without labels get the training of ``relative_vae``.
        device: where to train.

    Returns:
        The decoder, on the CPU.
    """
    settings = dataclasses.replace(settings, anchors=count)
    training = settings.relative_vae if KINDS.get(kind) == "vae" else settings.relative_reader
    drawer = build(settings)["relative_vae"]
    loss = relative_loss(drawer, known.image, known.image_digit, known.voice_digit, settings, device)
    fit(
        drawer, loss, {"code": known.image, "signal": known.images}, training.steps, batch_size=training.batch_size,
        lr=training.lr, weight_decay=training.weight_decay, seed=settings.seed, device=device, progress=False,
    )  # fmt: skip
    return drawer.to("cpu").eval()


def _trained(kind: str, seed: int, device: str, split: str, changes: dict) -> tuple:
    """Settings, encoders, codes of the training data, and what is measured on."""
    settings = Settings(seed=seed, **changes)
    if kind == "placed":
        models = stored.load("slim", only=["voice", "image"], quiet=True).models
    else:
        models, wanted = build(settings), {f"voice_{KINDS[kind]}", f"image_{KINDS[kind]}"}
        wanted |= {"drawer"} if KINDS[kind] == "reader" else set()
        for stage in stages(settings):
            if stage.model in wanted:
                fit_stage(stage, models, settings, device, progress=False)
                models[stage.model].eval()
    by = encoders(kind, models)
    return settings, by, *encoded(by, settings, split)


def _sides(by: Encoders, known: Known, on: Measured) -> dict:
    """What each side can do by itself; and placed codes that are joined by nothing but their places."""
    some = torch.arange(0, len(known.image), max(1, len(known.image) // 5000))
    own = max_m_percent(batched(by.draw, on.image), M)[0]
    found = {
        "voice_probe": block_metrics.probe(known.voice, known.voice_digit, on.voice, on.digit),
        "image_probe": block_metrics.probe(known.image[some], known.image_digit[some], on.image, on.shelf_digit),
        "own": metrics.accuracy(read_digits(on.classifier, own), on.shelf_digit),
        "real_diversity": metrics.diversity(max_m_percent(on.shelf, M)[0], on.shelf_digit),
    }
    if on.voice.shape[1] == VOICE.dim and on.image.shape[1] == IMAGE.dim:
        there = VOICE.split(on.voice)["digit"], IMAGE.split(on.image)["digit"]
        pictures = max_m_percent(batched(by.draw, transfer.drop(on.voice, VOICE, IMAGE)), M)[0]
        found |= {f"drop/0/{key}": value for key, value in score(pictures, there, on).items()}
    return found


EXPERIMENTS = {
    "joined": Experiment(
        "How well do a voice and an image encoder fit together that are joined afterwards, by pairs?",
        cell,
        {kind: {"kind": kind} for kind in (*KINDS, "placed")},
        seeds=5,
    ),
    "joined-trials": Experiment(
        "Which settings shall the ways have, asked of validation data?",
        trial,
        {
            **{kind: {"kind": kind} for kind in (*KINDS, "placed")},
            "with labels, no noise": {"kind": "with labels", "noise": 0.0},
            "with labels, plain last layer": {"kind": "with labels", "sharpness": None},
            "without labels, shorter codes": {"kind": "without labels", "voice_dim": 16, "image_dim": 8},
        },
        seeds=1,
    ),
}
