"""What the ledger measures of the paper's system: short trainings with one thing changed at a time.

Every function here makes the same library calls as the chapters and returns numbers measured on test splits.
None of these numbers was used to choose anything, but for one: the short log-mel training has the root mean square
since a first one with the maximum was seen to stay at the uniform code. That one is now the arm *largest, as printed*,
which takes the largest absolute coordinate and is not the letter of the paper; pages call it so.
"""

import dataclasses
from functools import partial

import torch
from torch import Tensor

from olc_lib import block_metrics, data, losses, metrics, stored, train, transfer
from olc_lib.latent import IMAGE, VOICE
from olc_lib.normalize import standard_deviation
from olc_lib.reading import batched, read_digits
from olc_lib.systems import Experiment, Stage, fit_stage, placed
from olc_lib.systems.placed import SETTINGS, Training
from olc_lib.train import Turn

#: Of FSDD.
SPEAKERS = ("george", "jackson", "lucas", "nicolas", "theo", "yweweler")
#: Short trainings, each about a minute on one core.
SHORT = {
    "image": Training(600),
    "voice": Training(800, 32, injected=0.2, loss={"disentanglement": losses.disentanglement_rms}),
    "raw": Training(800, 32, injected=0.1, loss={"disentanglement": losses.disentanglement_rms}),
}


def vae(
    part: str, seed: int, device: str = "cpu", how: dict | None = None, rule: str = "max m", constant: bool = False,
    **changes,
) -> dict:  # fmt: skip
    """Train one VAE shortly and measure it.

    Args:
        part: ``"image"``, ``"voice"`` or ``"raw"``.
        seed: of weights and training.
        device: where to train.
        how: what differs from :data:`SHORT`, see :class:`olc_lib.systems.placed.Training`.
        rule: ``"max m"`` or ``"deviation"``: what signals are divided by.
        constant: keep the learning rate instead of the one-cycle schedule.
        **changes: what differs from the run ``slim``, see :class:`olc_lib.systems.placed.Settings`.

    Returns:
        For each category: accuracy (percent), ``_cosine`` of class means, ``_own`` (mean coordinate in the
        item's own dimension), ``_upside_down`` (share of classes whose mean is negative there, percent).
        Besides ``rms`` of the residual; of every term the mean right after it is fully injected (``_early``) and
        at the end (``_final``); ``spike``, how far the total rises above its level before disentanglement sets
        in, and ``jump``, its largest rise within five steps from then on; curves of ten-step means. For voices,
        what linear probes and block metrics say of the test codes; for images, how many handcrafted codes the
        judge of ``slim`` reads right.
    """
    short = dataclasses.replace(SHORT[part], **(how or {}))
    settings = dataclasses.replace(SETTINGS["slim"], seed=seed, **{part: short}, **changes)
    models = placed.build(settings)
    model = models[part]
    if rule == "deviation":
        model.rule = standard_deviation
    history = _history(part, models, settings, constant, device)
    model.to("cpu")
    signal, labels = signals(part, settings, "test")
    code = batched(model.encode, signal)
    result = {"rms": metrics.rms(batched(model.normalize, signal), batched(model.decode, code))}
    blocks = {name: block for name, block in model.space.split(code).items() if name in labels}
    for name, block in blocks.items():
        result |= placed_codes(name, block, labels[name])
    if part == "image":
        crafted = batched(model.decode, torch.stack([IMAGE.handcrafted(digit=d) for d in range(10)]))
        judge = stored.load("slim", quiet=True).image_classifier
        result["handcrafted"] = int((read_digits(judge, crafted) == torch.arange(10)).sum())
    else:
        seen, seen_labels = signals(part, settings, "train", every=4)
        result |= _leaks(model.space.split(batched(model.encode, seen)), seen_labels, blocks, labels)
    return result | _course(history, short, placed.schedule(part, short))


def _history(part: str, models: dict, settings: placed.Settings, constant: bool, device: str) -> dict[str, Tensor]:
    corpora, training = placed.corpora(settings, "train"), getattr(settings, part)

    def prepared(models: dict, settings: placed.Settings, device: str):
        loss, tensors = placed.prepare(part, models, settings, corpora, device)
        rate = {"lr": training.lr, "weight_decay": training.weight_decay, "constant": constant}
        return [Turn(loss, list(models[part].parameters()), **rate)], tensors

    return fit_stage(Stage(part, training, (), prepared), models, settings, device)


def crossing(seed: int, device: str = "cpu") -> dict:
    """Train an image and a voice model shortly, then cross over: by dropping, and by bridges trained lightly.

    Args:
        seed: of weights and training.
        device: where to train.

    Returns:
        Percent that the judge of ``slim`` reads right, for ``drop`` and for bridges of so many steps, each
        starting from dropping (``bridge_25``, ...) or from random weights (``free_25``, ...); besides ``voice_digit``.
    """
    settings = dataclasses.replace(SETTINGS["slim"], seed=seed, image=SHORT["image"], voice=SHORT["voice"])
    models, given = placed.build(settings), placed.corpora(settings, "train")
    for part in ("image", "voice"):
        placed.fit_model(part, models, settings, given, device)
        models[part].to("cpu")
    voices, images = given
    image, judge = models["image"], stored.load("slim", quiet=True).image_classifier
    signal, labels = signals("voice", settings, "test")
    code = batched(models["voice"].encode, signal)

    def read(carried: Tensor) -> float:
        return metrics.accuracy(read_digits(judge, batched(image.decode, carried)), labels["digit"])

    result = {"voice_digit": metrics.accuracy(VOICE.labels(code)["digit"], labels["digit"])}
    result["drop"] = read(transfer.drop(code, VOICE, IMAGE))
    tensors = transfer.bridge_codes(
        models["voice"],
        settings.spectrogram.fine_spectrogram(voices.waves, voices.lengths),
        settings.spectrogram.augment,
        voices.digit,
        seed,
        copies=1,
    )
    for name, residual in (("bridge", True), ("free", False)):
        for steps in (25, 100, 200):
            with torch.random.fork_rng(devices=[]):
                torch.manual_seed(seed)
                bridge = transfer.Bridge(VOICE, IMAGE, residual)
            loss = transfer.bridge_loss(bridge, image, images.pixels, images.digit)
            train.fit(bridge, loss, tensors, steps, batch_size=128, lr=1e-3, seed=seed)
            result[f"{name}_{steps}"] = read(batched(bridge, code))
    return result


def left_out(speaker: str, seed: int, device: str = "cpu", steps: int = 3000, clean: bool = False) -> dict:
    """A voice never heard before: the log-mel model trained without one speaker, then tested on that speaker.

    Longer training does not help: it fits the five others better and the sixth worse.

    Args:
        speaker: name of the one left out.
        seed: of weights and training.
        device: where to train.
        steps: of training.
        clean: ask the decoder for the unchanged picture of what the encoder heard changed.

    Returns:
        ``validation``, ``test`` and ``train`` accuracy of digits (percent; the training clips of the one left out are
        as new to the model), and for every clip of the first two its digit, the digit read and the margin between the
        two best (``validation_digit``, ...).
    """
    part = dataclasses.replace(SETTINGS["slim"].voice, steps=steps, loss={"clean": placed.unchanged} if clean else {})
    settings = dataclasses.replace(SETTINGS["slim"], seed=seed, voice=part)
    models, voices = placed.build(settings), data.voices("fsdd", "train")
    others = voices.speaker != voices.speakers.index(speaker)
    placed.fit_model("voice", models, settings, (data.select(voices, others), None), device)
    result = {}
    for split in ("train", "validation", "test"):
        held = data.voices("fsdd", split)
        held = data.select(held, held.speaker == held.speakers.index(speaker))
        code = batched(models["voice"].to("cpu").encode, settings.spectrogram(held.waves, held.lengths))
        value, digit = VOICE.split(code)["digit"].topk(2, dim=1)
        result[split] = metrics.accuracy(digit[:, 0], held.digit)
        if split == "train":
            continue
        result[f"{split}_digit"] = held.digit.tolist()
        result[f"{split}_read"] = digit[:, 0].tolist()
        result[f"{split}_margin"] = [round(m, 3) for m in (value[:, 0] - value[:, 1]).tolist()]
    return result


def signals(part: str, settings: placed.Settings, split: str, every: int = 1) -> tuple[Tensor, dict[str, Tensor]]:
    """What one model reads of a split, and what it should say.

    Args:
        part: ``"image"``, ``"voice"`` or ``"raw"``.
        settings: name the corpora.
        split: of them.
        every: step between the items that are taken.

    Returns:
        Signals ``[N, ...]``, and category to labels ``[N]``.
    """
    voices, images = placed.corpora(settings, split)
    if part == "image":
        return images.pixels[::every], {"digit": images.digit[::every]}
    signal = (
        settings.spectrogram(voices.waves, voices.lengths)
        if part == "voice"
        else data.centre(voices.waves, voices.lengths)
    )
    return signal[::every], {"speaker": voices.speaker[::every], "digit": voices.digit[::every]}


def placed_codes(name: str, block: Tensor, label: Tensor) -> dict:
    """How well one category of codes is placed, see :func:`vae`.

    Args:
        name: of the category, with which the results begin.
        block: ``[N, n]``.
        label: ``[N]``.

    Returns:
        Accuracy, ``_cosine``, ``_own`` and ``_upside_down``.
    """
    means = metrics.class_means(block, label, block.shape[1])
    return {
        name: metrics.accuracy(block.argmax(1), label),
        f"{name}_cosine": metrics.mean_abs_cosine(means),
        f"{name}_own": block.gather(1, label[:, None]).mean().item(),
        f"{name}_upside_down": 100 * (means.diagonal() < 0).double().mean().item(),
    }


def _leaks(seen: dict, seen_labels: dict, blocks: dict, labels: dict) -> dict:
    table = block_metrics.information(seen, seen_labels, blocks, labels)

    def probed(block: str, factor: str) -> float:
        return block_metrics.probe(seen[block], seen_labels[factor], blocks[block], labels[factor])

    disentangled, complete = block_metrics.dci(table)
    return {
        "digit_from_speaker": probed("speaker", "digit"),
        "speaker_from_digit": probed("digit", "speaker"),
        "modularity": block_metrics.modularity(table),
        "dci_disentanglement": disentangled,
        "dci_completeness": complete,
        "mig": block_metrics.mutual_information_gap(table),
    }


def _course(history: dict[str, Tensor], how: Training, injections: dict) -> dict:
    """Where the terms started, where they ended, and how far the total jumped when disentanglement came in."""
    start, stop = injections["digit"]
    start, stop, tenth = int(start), int(stop), how.steps // 10
    result, terms = {}, [name for name in history if "/" not in name]
    for name in terms:
        result[f"{name}_early"] = history[name][stop + 10 : stop + 10 + tenth].nanmean().item()
        result[f"{name}_final"] = history[name][-tenth:].nanmean().item()
    if start > 30:  # terms that are there from the start have no before
        smooth = history["total"].unfold(0, 5, 1).mean(1)
        before = history["total"][start - 25 : start].mean().item()
        result["spike"] = smooth[start : start + 2 * tenth].max().item() - before
        # How sudden: the largest rise within five steps.
        rise = smooth[5:] - smooth[:-5]
        result["jump"] = rise[start - 5 : start + 2 * tenth].max().item()
    return result | {"curves": {name: thinned(history[name], 10) for name in terms}}


def thinned(values: Tensor, size: int) -> list[float | None]:
    """Curves short enough for a file.

    Args:
        values: ``[steps]``.
        size: steps of which one mean is taken.

    Returns:
        Means; ``None`` where there is no value yet.
    """
    means = values[: len(values) // size * size].view(-1, size).nanmean(1).tolist()
    return [None if mean != mean else round(mean, 4) for mean in means]


def _loss(**options) -> dict:
    return {"how": {"loss": options}}


def _each(part: str, arms: dict[str, dict]) -> dict[str, dict]:
    return {name: {"part": part, **changes} for name, changes in arms.items()}


#: The grid of the ledger; ``python -m olc_lib measure NAME`` measures what is missing of it.
EXPERIMENTS = {
    "image": Experiment(
        "What does each choice do for the image model?",
        vae,
        _each(
            "image",
            {
                "as built": {},
                "without balancing": _loss(balanced=False),
                "without ramps": {"how": {"ramp": False}},
                "all terms from the start": {"how": {"injected": 0.0}},
                "related coordinate as printed": _loss(disentanglement=partial(losses.disentanglement, positive=False)),
                "signed maximum": _loss(
                    disentanglement=partial(losses.disentanglement, absolute=False, positive=False)
                ),
                "root mean square": _loss(disentanglement=losses.disentanglement_rms),
                "norms as sums": _loss(norm="sum"),
                "no inner normalization": {"inner_norm": False},
                "no resampling": {"mu": 0.0, "sigma_min": 0.0},
                "divided by the maximum": {"m": 0.01},
                "divided by the deviation": {"rule": "deviation"},
            },
        ),
    ),
    "voice": Experiment(
        "What does each choice do for the log-mel voice model?",
        vae,
        _each(
            "voice",
            {
                "as built": {},
                "injected as printed": {"how": {"injected": 1.0}},
                "without balancing": _loss(disentanglement=losses.disentanglement_rms, balanced=False),
                "largest, as printed": {"how": {"loss": {}}},
                "largest, injected as printed": {"how": {"loss": {}, "injected": 1.0}},
                # A one-cycle rate has nearly ended where late terms come in. Half its peak is about its mean.
                "constant rate": {"constant": True, "how": {"lr": 2e-3}},
                "constant rate, injected as printed": {"constant": True, "how": {"lr": 2e-3, "injected": 1.0}},
            },
        ),
    ),
    "raw": Experiment(
        "What does each choice do for the raw-waveform model?",
        vae,
        _each(
            "raw",
            {
                "as built": {},
                "largest, as printed": {"how": {"loss": {}}},
                "injected as printed": {"how": {"injected": 1.0}},
                "without balancing": _loss(disentanglement=losses.disentanglement_rms, balanced=False),
                "divided by the maximum": {"m": 0.001},
                "divided by the deviation": {"rule": "deviation"},
            },
        ),
    ),
    "widths": Experiment(
        "Do wider layers read and redraw better, after the same short training?",
        vae,
        {
            f"{what}, {name}": {"part": part, "width": width}
            for what, part in (("images", "image"), ("log-mel voices", "voice"))
            for name, width in (("an eighth of the width", 1 / 8), ("a quarter of the width", 1 / 4))
        },
        seeds=5,
    ),
    "crossing": Experiment(
        "How lightly may the bridge be trained, and is it better than dropping?", crossing, {"as built": {}}
    ),
    "left-out": Experiment(
        "How well is a voice read that was never heard?",
        left_out,
        {name: {"speaker": name} for name in SPEAKERS},
        seeds=1,
    ),
}
