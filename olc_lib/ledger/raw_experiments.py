"""What the ledger measures of raw waveforms: why the encoder collapses, and how much sixteen numbers can carry."""

import torch
from torch import nn

from olc_lib import augment, data, losses, metrics, paper, stored, train
from olc_lib.latent import VOICE
from olc_lib.networks import OrthogonalVAE, scale_layers
from olc_lib.reading import batched
from olc_lib.systems import Experiment, Training, fit_stage, letter

from .paper_experiments import placed_codes, signals, thinned


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
        loss: ``"max"`` (Eq. 5 with the largest absolute coordinate), ``"rms"`` (see
            :func:`olc_lib.losses.disentanglement_rms`) or ``"cross-entropy"`` of ten times the normalized code.
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
        As :func:`olc_lib.ledger.paper_experiments.vae` for each category, also for training clips (``train_``), the
        terms over the last hundred steps, and curves of the terms and of the share of digits read right.
    """
    voices = {split: data.voices("fsdd", split) for split in ("train", "test")}
    waves = {
        split: data.centre(clips.waves, clips.lengths) if centred else clips.waves[:, None]
        for split, clips in voices.items()
    }
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        layers = scale_layers(paper.VOICE_LAYERS, width, narrowest)
        model = OrthogonalVAE(layers, (1, data.SAMPLES), VOICE, inner_norm=inner_norm)
    stack = model.encoder
    form = losses.disentanglement_rms if loss == "rms" else losses.disentanglement

    def step_loss(batch, step, generator):
        signal = augment.waves(batch["signal"], generator) if augmented else batch["signal"]
        blocks = VOICE.split(VOICE.normalize(stack(model.normalize(signal))))
        record = {}
        for name, block in blocks.items():
            if loss == "cross-entropy" or step < warm * steps:
                record[name] = nn.functional.cross_entropy(10 * block, batch[name])
            else:
                record[name] = form(block, batch[name]).mean()
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
            result |= placed_codes(before + name, block, getattr(voices[split], name)[::every])
    result |= {f"{name}_final": history[name][-100:].mean().item() for name in ("speaker", "digit")}
    return result | {"curves": {name: thinned(values, max(1, steps // 50)) for name, values in history.items()}}


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
    run = stored.load("slim", quiet=True)
    clips, labels = {}, {}
    for split in ("train", "test"):
        clips[split], labels[split] = signals("raw", run.settings, split)
        clips[split] = batched(run.raw.normalize, clips[split])
    train_x, test_x = clips["train"].flatten(1), clips["test"].flatten(1)
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
        "raw": batched(lambda x: run.raw.decode(run.raw.encode(x)), clips["test"]).flatten(1),
    }
    result = {name: metrics.snr(test_x, estimate).mean().item() for name, estimate in ratios.items()}
    seen = clips["train"][::8]
    again = batched(lambda x: run.raw.decode(run.raw.encode(x)), seen)
    result["raw_train"] = metrics.snr(seen, again).mean().item()
    read = VOICE.labels(batched(run.raw.encode, clips["train"]))
    for category, found in read.items():
        result[f"raw_train_{category}"] = metrics.accuracy(found, labels["train"][category])
    picture, _ = signals("voice", run.settings, "test")
    redrawn = batched(lambda x: run.voice.decode(run.voice.encode(x)), picture)
    result["pictures"] = metrics.snr(batched(run.voice.normalize, picture), redrawn).mean().item()
    some = range(0, len(picture), 10)
    for name, source in (("listen", picture), ("listen_redrawn", redrawn)):
        sound = torch.stack([run.spectrogram.listen(source[i]) for i in some])
        result[name] = metrics.log_spectral_distance(test_x[::10, : sound.shape[1]], sound).mean().item()
    result["raw_lsd"] = metrics.log_spectral_distance(test_x[::10], ratios["raw"][::10]).mean().item()
    return result


#: The ledger's experiments with waveforms.
def absolute_maximum(category: torch.Tensor, label: torch.Tensor) -> torch.Tensor:
    """Eq. (5) with the largest absolute unrelated coordinate, and 1 / (1 + abs(f)) as printed.

    Args:
        category: ``[B, n]``.
        label: ``[B]``.

    Returns:
        ``[B]``.
    """
    return losses.disentanglement(category, label, positive=False)


#: What is changed, one after another; each rung keeps the changes before it.
REPAIRS: tuple[tuple[str, dict], ...] = (
    ("as printed, a sixteenth of the width", {}),
    ("norms as means", {"norm": "mean"}),
    ("a wave of both signs", {"output": "bipolar"}),
    ("draws as in this book", {"draws": "mended"}),
    ("absolute maximum", {"disentanglement": absolute_maximum}),
    ("positive coordinate", {"disentanglement": losses.disentanglement}),
    ("root mean square", {"disentanglement": losses.disentanglement_rms}),
    ("early injection", {"injected": 0.1}),
    ("inner normalization", {"inner_norm": True}),
    ("one-cycle rate up to 0.004", {"constant": False, "rate": 4e-3}),
    ("words in the middle", {"centred": True}),
    ("augmentation", {"augmented": True}),
    ("clean target", {"clean": True}),
    ("three times the steps", {"steps": 3000}),
)


def rung(
    seed: int, device: str = "cpu", steps: int = 1000, batch_size: int = 32, rate: float = 1e-3, **changes
) -> dict:
    """Train the raw-waveform model of one rung on FSDD, and measure it.

    Args:
        seed: of weights and training.
        device: where to train.
        steps: of the optimizer; Table 4 is fitted to them.
        batch_size: clips a step.
        rate: of learning.
        **changes: what differs from the letter, see :class:`olc_lib.systems.letter.Settings`.

    Returns:
        The metrics of :func:`olc_lib.systems.letter.measure` on test clips that begin with ``raw``, without the
        prefix; and each term's mean over the last fifty steps, ``_final``.
    """
    width = {"width": 1 / 16, "narrowest": 64}  # the tail as wide as printed: it is cheap
    settings = letter.Settings(**(width | changes), raw=Training(steps, batch_size, rate, 0.0), seed=seed)
    models = {"raw": letter.build(settings)["raw"]}
    (stage,) = (stage for stage in letter.stages(settings) if stage.model == "raw")
    history = fit_stage(stage, models, settings, device)
    found = letter.measure(models, settings, "test", device)[0]
    finals = {f"{term}_final": values[-50:].mean().item() for term, values in history.items() if "/" not in term}
    return {name.removeprefix("raw_"): value for name, value in found.items()} | finals


#: Widths of the letter that a processor can train in half an hour; at full width it is the run ``printed``.
WIDTHS = {"a sixteenth of the width": 1 / 16, "a quarter of the width": 1 / 4}


#: Rungs that are trained at a quarter of the width as well, since codes move between these at a sixteenth.
DECIDING = ("positive coordinate", "root mean square", "early injection", "inner normalization")


def _rungs() -> dict[str, dict]:
    so_far: dict = {}
    return {name: dict(so_far := so_far | change) for name, change in REPAIRS}


EXPERIMENTS = {
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
    "encoder-widths": Experiment(
        "Does the raw-waveform encoder, alone, collapse at every width, and does the root mean square cure it there?",
        encoder,
        {
            f"{form}, {name}": {"batch_size": 8, **form_of, **({} if width == 1 / 16 else {"width": width})}
            for name, width in (WIDTHS | {"full width": 1.0}).items()
            for form, form_of in (("largest", {}), ("root mean square", {"loss": "rms"}))
        },
        seeds=3,
    ),
    "waveform": Experiment("How much of a waveform can sixteen numbers carry?", waveform, {"slim": {}}, seeds=1),
    "letter-ladder": Experiment(
        "Which changes, made one after another to the paper's letter, make the raw-waveform model read and redraw?",
        rung,
        _rungs(),
        seeds=5,
    ),
    "letter-ladder-quarter": Experiment(
        "Do the same changes decide at a quarter of the width?",
        rung,
        {name: changes | {"width": 1 / 4} for name, changes in _rungs().items() if name in DECIDING},
        seeds=3,
    ),
    "letter-widths": Experiment(
        "Does the paper's letter read voices on narrower networks, over all of its 10,000 iterations?",
        rung,
        {name: {"steps": 10_000, "batch_size": 8, "width": width} for name, width in WIDTHS.items()},
        seeds=3,
    ),
}
