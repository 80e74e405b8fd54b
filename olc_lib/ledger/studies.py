"""What the ledger measures: short trainings with one thing changed at a time, and the grid of all of them.

Every function here makes the same library calls as the chapters and returns numbers measured on test splits.
None of these numbers was used to choose anything, but for one: the short log-mel training has the root mean square
since a first one with the printed maximum was seen to stay at the uniform code (now the arm *largest, as printed*).
"""

import dataclasses

import torch
from torch import Tensor, nn

from olc_lib import augment, data, losses, metrics, paper, recipes, runs, train, transfer
from olc_lib.evaluation import batched, judged
from olc_lib.latent import IMAGE, VOICE
from olc_lib.networks import VAE, scale_layers
from olc_lib.normalize import standard_deviation
from olc_lib.recipes import SETTINGS, Part

from . import peers, speed
from .experiments import Experiment

#: Short trainings, each about a minute on one core.
SHORT = {
    "image": Part(600),
    "voice": Part(800, 32, injected=0.2, loss={"unrelated": "rms"}),
    "raw": Part(800, 32, injected=0.1, loss={"unrelated": "rms"}),
}


def vae(part: str, seed: int, device: str = "cpu", how: dict | None = None, rule: str = "max m", **changes) -> dict:
    """Train one VAE shortly and measure it.

    Args:
        part: ``"image"``, ``"voice"`` or ``"raw"``.
        seed: of weights and training.
        device: where to train.
        how: what differs from :data:`SHORT`, see :class:`olc_lib.recipes.Part`.
        rule: ``"max m"`` or ``"deviation"``: what signals are divided by.
        **changes: what differs from the run ``slim``, see :class:`olc_lib.recipes.Settings`.

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
    models = recipes.build(settings)
    model = models[part]
    if rule == "deviation":
        model.rule = standard_deviation
    history = recipes.fit_part(part, models, settings, recipes.corpora(settings, "train"), device)
    model.to("cpu")
    signal, labels = _signals(part, settings, "test")
    code = batched(model.encode, signal)
    result = {"rms": metrics.rms(batched(model.normalize, signal), batched(model.decode, code))}
    blocks = {name: block for name, block in model.space.split(code).items() if name in labels}
    for name, block in blocks.items():
        result |= _placed(name, block, labels[name])
    if part == "image":
        crafted = batched(model.decode, torch.stack([IMAGE.handcrafted(digit=d) for d in range(10)]))
        judge = runs.load("slim", quiet=True).judge
        result["handcrafted"] = int((judged(judge, crafted) == torch.arange(10)).sum())
    else:
        seen, seen_labels = _signals(part, settings, "train", every=4)
        result |= _leaks(model.space.split(batched(model.encode, seen)), seen_labels, blocks, labels)
    return result | _course(history, short, recipes.schedule(part, short))


def encoder(
    seed: int,
    device: str = "cpu",
    loss: str = "max",
    warm: float = 0.0,
    steps: int = 1000,
    batch_size: int = 32,
    lr: float = 4e-3,
    width: float = 1 / 16,
    narrowest: int = 64,
    inner_norm: bool = True,
    augmented: bool = True,
    centred: bool = True,
) -> dict:
    """Train the raw-waveform encoder alone on Eq. (5): which part of the training makes it collapse?

    Args:
        seed: of weights and training.
        device: where to train.
        loss: ``"max"`` (Eq. 5 as printed), ``"rms"`` (see :func:`olc_lib.losses.disentanglement`) or
            ``"cross-entropy"`` of ten times the normalized code.
        warm: share of the steps, at the start, in which the loss is cross-entropy.
        steps: see :func:`olc_lib.train.fit`, as the next two.
        batch_size: likewise.
        lr: likewise.
        width: of the stack of Table 2.
        narrowest: see :func:`olc_lib.networks.scale_layers`.
        inner_norm: batch normalization between the layers.
        augmented: change the waves at random.
        centred: words in the middle of the clip, or at its start.

    Returns:
        As :func:`vae` for each category, also for training clips (``train_``), the terms over the last
        hundred steps, and curves of the terms and of the share of digits read right.
    """
    voices = {split: data.voices("fsdd", split) for split in ("train", "test")}
    waves = {
        split: data.centre(clips.waves, clips.lengths) if centred else clips.waves[:, None]
        for split, clips in voices.items()
    }
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        layers = scale_layers(paper.VOICE_LAYERS, width, narrowest)
        model = VAE(layers, (1, data.SAMPLES), VOICE, inner_norm=inner_norm)
    stack = model.encoder

    def step_loss(batch, step, generator):
        signal = augment.waves(batch["signal"], generator) if augmented else batch["signal"]
        blocks = VOICE.split(VOICE.normalize(stack(model.normalize(signal))))
        record = {}
        for name, block in blocks.items():
            if loss == "cross-entropy" or step < warm * steps:
                record[name] = nn.functional.cross_entropy(10 * block, batch[name])
            else:
                record[name] = losses.disentanglement(block, batch[name], unrelated=loss).mean()
        value = sum(record.values())
        right = (blocks["digit"].argmax(1) == batch["digit"]).float().mean()
        return value, {name: term.detach() for name, term in record.items()} | {"digits right": right}

    clips = voices["train"]
    tensors = {"signal": waves["train"], "speaker": clips.speaker, "digit": clips.digit}
    history = train.fit(
        stack, step_loss, tensors, steps, batch_size=batch_size, lr=lr, weight_decay=1e-4, seed=seed, device=device
    )
    stack.to("cpu")
    result = {}
    for split, every, before in (("test", 1, ""), ("train", 4, "train_")):
        blocks = VOICE.split(batched(model.encode, waves[split][::every]))
        for name, block in blocks.items():
            result |= _placed(before + name, block, getattr(voices[split], name)[::every])
    result |= {f"{name}_final": history[name][-100:].mean().item() for name in ("speaker", "digit")}
    return result | {"curves": {name: _thinned(values, max(1, steps // 50)) for name, values in history.items()}}


def crossing(seed: int, device: str = "cpu") -> dict:
    """Train an image and a voice model shortly, then cross over: by dropping, and by bridges trained lightly.

    Args:
        seed: of weights and training.
        device: where to train.

    Returns:
        Percent that the judge of ``slim`` reads right, for ``drop`` and for bridges of so many steps, each
        starting from dropping (``bridge_25``, ...) or from anywhere (``free_25``, ...); besides ``voice_digit``.
    """
    settings = dataclasses.replace(SETTINGS["slim"], seed=seed, image=SHORT["image"], voice=SHORT["voice"])
    models, given = recipes.build(settings), recipes.corpora(settings, "train")
    for part in ("image", "voice"):
        recipes.fit_part(part, models, settings, given, device)
        models[part].to("cpu")
    voices, images = given
    image, judge = models["image"], runs.load("slim", quiet=True).judge
    signal, labels = _signals("voice", settings, "test")
    code = batched(models["voice"].encode, signal)

    def read(carried: Tensor) -> float:
        return metrics.accuracy(judged(judge, batched(image.decode, carried)), labels["digit"])

    result = {"voice_digit": metrics.accuracy(VOICE.labels(code)["digit"], labels["digit"])}
    result["drop"] = read(transfer.drop(code, VOICE, IMAGE))
    tensors = recipes.bridge_codes(models["voice"], settings, voices, copies=1)
    for name, residual in (("bridge", True), ("free", False)):
        for steps in (25, 100, 200):
            with torch.random.fork_rng(devices=[]):
                torch.manual_seed(seed)
                bridge = transfer.Bridge(VOICE, IMAGE, residual)
            loss = transfer.bridge_loss(bridge, image, images.pixels, images.digit)
            train.fit(bridge, loss, tensors, steps, batch_size=128, lr=1e-3, seed=seed)
            result[f"{name}_{steps}"] = read(batched(bridge, code))
    return result


def left_out(speaker: str, seed: int, device: str = "cpu", steps: int = 3000) -> dict:
    """A voice never heard before: the log-mel model trained without one speaker, then tested on that speaker.

    Longer training does not help: it fits the five others better and the sixth worse.

    Args:
        speaker: name of the one left out.
        seed: of weights and training.
        device: where to train.
        steps: of training.

    Returns:
        ``validation`` and ``test`` accuracy of digits (percent), and for every clip of both splits its
        digit, the digit read and the margin between the two best (``validation_digit``, ...).
    """
    part = dataclasses.replace(SETTINGS["slim"].voice, steps=steps)
    settings = dataclasses.replace(SETTINGS["slim"], seed=seed, voice=part)
    models, voices = recipes.build(settings), data.voices("fsdd", "train")
    others = voices.speaker != voices.speakers.index(speaker)
    recipes.fit_part("voice", models, settings, (data.select(voices, others), None), device)
    result = {}
    for split in ("validation", "test"):
        held = data.voices("fsdd", split)
        held = data.select(held, held.speaker == held.speakers.index(speaker))
        code = batched(models["voice"].to("cpu").encode, settings.front(held.waves, held.lengths))
        value, digit = VOICE.split(code)["digit"].topk(2, dim=1)
        result[split] = metrics.accuracy(digit[:, 0], held.digit)
        result[f"{split}_digit"] = held.digit.tolist()
        result[f"{split}_read"] = digit[:, 0].tolist()
        result[f"{split}_margin"] = [round(m, 3) for m in (value[:, 0] - value[:, 1]).tolist()]
    return result


def waveform(seed: int, device: str = "cpu") -> dict:
    """How much of a waveform sixteen numbers can carry: signal-to-noise ratios on test clips, in decibels.

    Args:
        seed: not used, nothing is drawn.
        device: not used.

    Returns:
        ``silence`` (always 0); ``class_mean``: the best constant for a speaker and digit, the mean of their
        training clips; ``class_mean_scaled``: the same, brought to unit Max M % amplitude as the decoder's output
        is; ``components_16``: the best linear code of 16 free numbers (principal components of training clips);
        ``raw``: the raw model of ``slim``; ``raw_train``: on training clips, whose labels it reads right in
        ``raw_train_digit`` and ``raw_train_speaker`` percent; ``pictures``: log-mel pictures redrawn by the voice
        model; ``listen``: log-spectral distance (dB) of Griffin-Lim's sound of the clip's own picture,
        ``listen_redrawn``: of the redrawn one, ``raw_lsd``: of the raw model's output.
    """
    run = runs.load("slim", quiet=True)
    signals, labels = {}, {}
    for split in ("train", "test"):
        signals[split], labels[split] = _signals("raw", run.settings, split)
        signals[split] = batched(run.raw.normalize, signals[split])
    train_x, test_x = signals["train"].flatten(1), signals["test"].flatten(1)
    group = {split: 10 * label["speaker"] + label["digit"] for split, label in labels.items()}
    sums = torch.zeros(60, train_x.shape[1]).index_add_(0, group["train"], train_x)
    mean = (sums / group["train"].bincount(minlength=60)[:, None])[group["test"]]
    centre = train_x.mean(0)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)  # the randomized algorithm starts somewhere; after four rounds it hardly matters where
        basis = torch.pca_lowrank(train_x - centre, 16, center=False, niter=4)[2]
    ratios = {
        "silence": torch.zeros_like(test_x),
        "class_mean": mean,
        "class_mean_scaled": batched(run.raw.normalize, mean[:, None]).flatten(1),
        "components_16": centre + (test_x - centre) @ basis @ basis.T,
        "raw": batched(lambda x: run.raw.decode(run.raw.encode(x)), signals["test"]).flatten(1),
    }
    result = {name: metrics.snr(test_x, estimate).mean().item() for name, estimate in ratios.items()}
    seen = signals["train"][::8]
    again = batched(lambda x: run.raw.decode(run.raw.encode(x)), seen)
    result["raw_train"] = metrics.snr(seen, again).mean().item()
    read = VOICE.labels(batched(run.raw.encode, signals["train"]))
    for category, found in read.items():
        result[f"raw_train_{category}"] = metrics.accuracy(found, labels["train"][category])
    picture, _ = _signals("voice", run.settings, "test")
    redrawn = batched(lambda x: run.voice.decode(run.voice.encode(x)), picture)
    result["pictures"] = metrics.snr(batched(run.voice.normalize, picture), redrawn).mean().item()
    some = range(0, len(picture), 10)
    for name, source in (("listen", picture), ("listen_redrawn", redrawn)):
        sound = torch.stack([run.front.listen(source[i]) for i in some])
        result[name] = metrics.log_spectral_distance(test_x[::10, : sound.shape[1]], sound).mean().item()
    result["raw_lsd"] = metrics.log_spectral_distance(test_x[::10], ratios["raw"][::10]).mean().item()
    return result


def _signals(part: str, settings: recipes.Settings, split: str, every: int = 1) -> tuple[Tensor, dict[str, Tensor]]:
    voices, images = recipes.corpora(settings, split)
    if part == "image":
        return images.pixels[::every], {"digit": images.digit[::every]}
    signal = (
        settings.front(voices.waves, voices.lengths) if part == "voice" else data.centre(voices.waves, voices.lengths)
    )
    return signal[::every], {"speaker": voices.speaker[::every], "digit": voices.digit[::every]}


def _placed(name: str, block: Tensor, label: Tensor) -> dict:
    means = metrics.class_means(block, label, block.shape[1])
    return {
        name: metrics.accuracy(block.argmax(1), label),
        f"{name}_cosine": metrics.mean_abs_cosine(means),
        f"{name}_own": block.gather(1, label[:, None]).mean().item(),
        f"{name}_upside_down": 100 * (means.diagonal() < 0).double().mean().item(),
    }


def _leaks(seen: dict, seen_labels: dict, blocks: dict, labels: dict) -> dict:
    table = metrics.information(seen, seen_labels, blocks, labels)
    disentangled, complete = metrics.dci(table)
    return {
        "digit_from_speaker": metrics.probe(seen["speaker"], seen_labels["digit"], blocks["speaker"], labels["digit"]),
        "speaker_from_digit": metrics.probe(seen["digit"], seen_labels["speaker"], blocks["digit"], labels["speaker"]),
        "modularity": metrics.modularity(table),
        "dci_disentanglement": disentangled,
        "dci_completeness": complete,
        "mig": metrics.mutual_information_gap(table),
    }


def _course(history: dict[str, Tensor], how: Part, injections: dict) -> dict:
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
    return result | {"curves": {name: _thinned(history[name], 10) for name in terms}}


def _thinned(values: Tensor, size: int) -> list[float | None]:
    """Means of so many steps each; ``None`` where there is no value yet."""
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
                "related coordinate as printed": _loss(positive=False),
                "signed maximum": _loss(absolute=False, positive=False),
                "root mean square": _loss(unrelated="rms"),
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
                "without balancing": _loss(unrelated="rms", balanced=False),
                "largest, as printed": {"how": {"loss": {}}},
                "largest, injected as printed": {"how": {"loss": {}, "injected": 1.0}},
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
                "without balancing": _loss(unrelated="rms", balanced=False),
                "divided by the maximum": {"m": 0.001},
                "divided by the deviation": {"rule": "deviation"},
            },
        ),
    ),
    "collapse": Experiment(
        "Why does the raw-waveform encoder collapse, and what cures it?",
        encoder,
        {
            "largest, as printed": {},
            "root mean square": {"loss": "rms"},
            "cross-entropy": {"loss": "cross-entropy"},
            "a fifth of cross-entropy first": {"warm": 0.2},
            "three fifths of cross-entropy first": {"warm": 0.6},
            "no inner normalization": {"inner_norm": False},
            "narrow tail": {"narrowest": 16},
            "not augmented": {"augmented": False},
            "not centred": {"centred": False},
            "batches of 128": {"batch_size": 128, "steps": 500},
            "a tenth of the learning rate": {"lr": 4e-4},
            "three times the steps": {"steps": 3000},
            "narrow tail, root mean square": {"narrowest": 16, "loss": "rms"},
            "no inner normalization, root mean square": {"inner_norm": False, "loss": "rms"},
            "not augmented, root mean square": {"augmented": False, "loss": "rms"},
        },
    ),
    "crossing": Experiment(
        "How lightly may the bridge be trained, and is it better than dropping?", crossing, {"as built": {}}
    ),
    "left-out": Experiment(
        "How well is a voice read that was never heard?",
        left_out,
        {name: {"speaker": name} for name in ("george", "jackson", "lucas", "nicolas", "theo", "yweweler")},
        seeds=1,
    ),
    "waveform": Experiment("How much of a waveform can sixteen numbers carry?", waveform, {"slim": {}}, seeds=1),
    "speed": Experiment(
        "How much faster is a step than the pseudo-code, and how much could it be?",
        speed.against_literal,
        {name: {"part": name} for name in speed.MODELS},
        seeds=3,
    ),
    "trainer": Experiment(
        "Is the loop slower than the peers' own trainer?",
        speed.against_trainer,
        {name: {"name": name} for name in peers.OPTIONS},
        seeds=3,
    ),
    "cost": Experiment(
        "What does a step cost, and how does that grow?",
        speed.against_product,
        {
            "as built": {"part": "raw"},
            "log-mel": {"part": "voice"},
            "log-mel, width 1/32": {"part": "voice", "width": 1 / 32},
            "log-mel, width 1/8": {"part": "voice", "width": 1 / 8},
            "log-mel, width 1/4": {"part": "voice", "width": 1 / 4, "steps": 2},
            "image": {"part": "image"},
            "batches of 8": {"part": "raw", "batch_size": 8},
            "batches of 128": {"part": "raw", "batch_size": 128, "steps": 2},
            "clips of 6,286 samples": {"part": "raw", "samples": 6286},
            "clips of 16,384 samples": {"part": "raw", "samples": 16384},
            "bfloat16": {"part": "raw", "precision": "bfloat16"},
            "compiled": {"part": "raw", "compiled": True},
        },
        seeds=1,
    ),
    "peers": Experiment(
        "How good are placed codes beside other ways from a voice to an image?", peers.compare, peers.ARMS, seeds=3
    ),
    "peers-means": Experiment(
        "And beside mean signals, which need no code?", peers.means, {"mean signals": {}}, seeds=1
    ),
    "peers-left-out": Experiment(
        "And how good for a speaker who was never heard?",
        peers.compare,
        {name: {**settings, "left_out": True} for name, settings in peers.ARMS.items() if name != "MVAE"},
        seeds=6,  # one for each stranger
    ),
    # At full width; measured with --device cuda.
    "speed-gpu": Experiment(
        "How much faster than the pseudo-code is a step at full width?",
        speed.against_literal,
        {name: {"part": name, "width": 1.0, "steps": 50} for name in speed.MODELS},
        seeds=3,
    ),
    "trainer-gpu": Experiment(
        "Is the loop faster than the peers' own trainer at full width?",
        speed.against_trainer,
        {name: {"name": name, "width": 1.0, "items": 2048} for name in peers.OPTIONS},
        seeds=3,
    ),
    "cost-gpu": Experiment(
        "What do mixed precision and compilation gain at full width, and how much of the card is used?",
        speed.against_product,
        {
            f"{part}, {precision}{', compiled' * compiled}": {
                "part": part,
                "width": 1.0,
                "precision": precision,
                "compiled": compiled,
                "steps": 50,
            }
            for part in speed.MODELS
            for precision in ("float32", "bfloat16")
            for compiled in (False, True)
        },
        seeds=3,
    ),
}
