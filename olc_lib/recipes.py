"""What a named run is made of: its settings, its models, and how each of them is trained."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import Tensor, nn

from . import augment, data, objective, paper, transfer
from .frontend import SIZE, LogMel
from .latent import IMAGE, VOICE
from .networks import VAE, Judge, scale_layers
from .train import fit
from .transfer import Bridge

#: The models of a run, in the order they are trained.
MODELS = ("judge", "listener", "image", "voice", "raw", "bridge")


@dataclass(frozen=True)
class Part:
    """How one model is trained.

    Args:
        steps: see :func:`olc_lib.train.fit`, as the next three.
        batch_size: items a step.
        lr: peak learning rate.
        weight_decay: decoupled weight decay.
        injected: share of the steps in which the printed injection schedule (Table 4 or 8) is run through;
            1.0 spreads it over the whole training, as printed.
        ramp: ``False`` switches a term on at once where its ramp would start.
        loss: options of :func:`olc_lib.objective.vae_loss`, by name: forms of the terms and of their sum.
    """

    steps: int
    batch_size: int = 64
    lr: float = 4e-3
    weight_decay: float = 1e-4
    injected: float = 1.0
    ramp: bool = True
    loss: dict = field(default_factory=dict)


@dataclass(frozen=True)
class Settings:
    """Everything that makes a run.

    Args:
        voices: corpus of spoken digits, ``"embedded"`` or ``"fsdd"``.
        images: corpus of written digits, ``"embedded"`` or ``"mnist"``.
        width: multiplier of the channels of Tables 2 and 6.
        judge: training of the independent image classifier.
        listener: training of the independent voice classifier.
        image: training of the image VAE.
        voice: training of the log-mel voice VAE.
        raw: training of the raw-waveform voice VAE, the paper's own.
        bridge: training of the bridge.
        m: M of Max M %, percent.
        mu: factor of Eq. (1).
        sigma_min: constant of Eq. (1).
        seed: of weights and of training.
        jitter: augment the images of the image model. A few hundred images need it; many thousand do not,
            and what moves about is drawn blurred.
        front: the log-mel front end, with its augmentation.
        inner_norm: batch normalization between the layers, see :class:`olc_lib.networks.Encoder`.
        precision: see :func:`olc_lib.train.fit`.
        compiled: run the networks through ``torch.compile``.
    """

    voices: str
    images: str
    width: float
    judge: Part
    listener: Part
    image: Part
    voice: Part
    raw: Part
    bridge: Part
    m: float = 5.0
    mu: float = 0.05
    sigma_min: float = 0.05
    seed: int = 0
    jitter: bool = True
    front: LogMel = field(default_factory=LogMel)
    inner_norm: bool = True
    precision: str = "float32"
    compiled: bool = False


#: The settings of the three named runs.
SETTINGS = {
    "embedded": Settings(
        "embedded",
        "embedded",
        1 / 16,
        judge=Part(300, lr=5e-3),
        listener=Part(300, lr=5e-3),
        image=Part(900),
        voice=Part(1500, 32, injected=0.2),
        raw=Part(800, 32, injected=0.1, loss={"unrelated": "rms"}),
        bridge=Part(200, 128, 1e-3),
    ),
    "slim": Settings(
        "fsdd",
        "mnist",
        1 / 16,
        judge=Part(2000, 128, 5e-3),
        listener=Part(2000, lr=5e-3),
        image=Part(5000),
        voice=Part(5000, 32, injected=0.2),
        raw=Part(5000, 32, injected=0.1, loss={"unrelated": "rms"}),
        bridge=Part(400, 128, 1e-3),
        jitter=False,
    ),
    "paper": Settings(
        "fsdd",
        "mnist",
        1.0,
        judge=Part(2000, 128, 5e-3),
        listener=Part(2000, lr=5e-3),
        image=Part(5000),
        voice=Part(paper.VOICE_ITERATIONS, 32, injected=0.2),
        raw=Part(paper.VOICE_ITERATIONS, 32, injected=0.1, loss={"unrelated": "rms"}),
        bridge=Part(400, 128, 1e-3),
        jitter=False,
        precision="bfloat16",
    ),
}


def build(settings: Settings) -> dict[str, nn.Module]:
    """The models of a run, freshly initialised from its seed.

    Args:
        settings: of the run.

    Returns:
        Model name (see :data:`MODELS`) to module.
    """
    layers = scale_layers(paper.IMAGE_LAYERS, settings.width)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(settings.seed)
        return {
            "judge": Judge(),
            "image": VAE(layers, (1, 28, 28), IMAGE, settings.m, settings.inner_norm),
            "voice": VAE(layers, (1, SIZE, SIZE), VOICE, settings.m, settings.inner_norm),
            "bridge": Bridge(VOICE, IMAGE),
            "listener": Judge((1, SIZE, SIZE), VOICE.dim),
            "raw": VAE(
                # The seven layers at the end are cheap, and too narrow for words if they shrink with the others.
                scale_layers(paper.VOICE_LAYERS, settings.width, narrowest=64),
                (1, data.SAMPLES),
                VOICE,
                settings.m,
                settings.inner_norm,
                output="bipolar",
            ),
        }


def corpora(settings: Settings, split: str) -> tuple[data.Voices, data.Images]:
    """Voices and images of one split.

    Args:
        settings: name the corpora.
        split: ``"train"``, ``"validation"`` or ``"test"``.

    Returns:
        ``(voices, images)``.
    """
    return data.voices(settings.voices, split), data.images(settings.images, split)


def schedule(part: str, how: Part) -> dict[str, tuple[float, float]]:
    """When the terms of a VAE are injected: Table 4 or 8, fitted to a training.

    Args:
        part: ``"image"``, ``"voice"`` or ``"raw"``.
        how: its training.

    Returns:
        (start, stop) of every term, in steps counted from 1.
    """
    printed, iterations = (
        (paper.IMAGE_INJECTION, paper.IMAGE_ITERATIONS)
        if part == "image"
        else (paper.VOICE_INJECTION, paper.VOICE_ITERATIONS)
    )
    injections = objective.compress(printed, iterations, max(1, how.injected * how.steps))
    return injections if how.ramp else {name: (start, start) for name, (start, _) in injections.items()}


def fit_part(
    part: str,
    models: dict[str, nn.Module],
    settings: Settings,
    given: tuple[data.Voices, data.Images],
    device: str = "cpu",
    resume: Path | None = None,
    progress: bool | None = None,
) -> dict[str, Tensor]:
    """Train one model of a run, in place.

    Args:
        part: its name, see :data:`MODELS`; the bridge needs the trained image and voice models.
        models: all models, as :func:`build` gives them.
        settings: of the run.
        given: training voices and images.
        device: where to train.
        resume: see :func:`olc_lib.train.fit`.
        progress: see :func:`olc_lib.train.fit`.

    Returns:
        The history, term to ``[steps]``.
    """
    voices, images = given
    module, how = models[part], getattr(settings, part)
    if settings.compiled:  # the networks alone: the loss around them changes its shape with every injection
        for network in (module.encoder, module.decoder) if isinstance(module, VAE) else (module,):
            network.compile()
    loss: Callable
    if part == "judge":
        loss, tensors = judge_loss(module), {"signal": images.pixels, "digit": images.digit}
    elif part == "listener":
        tensors = {"signal": settings.front.sheet(voices.waves, voices.lengths)} | _labels(voices)
        loss = listener_loss(module, settings.front)
    elif part == "image":
        tensors = {"signal": images.pixels, "digit": images.digit}
        loss = _vae_loss(part, module, settings, augment.images if settings.jitter else None)
    elif part in ("voice", "raw"):
        if part == "voice":
            signal, change = settings.front.sheet(voices.waves, voices.lengths), settings.front.augment
        else:
            signal, change = data.centre(voices.waves, voices.lengths), augment.waves
        tensors = {"signal": signal} | _labels(voices)
        loss = _vae_loss(part, module, settings, change)
    else:
        tensors = bridge_codes(models["voice"], settings, voices, device=device)
        pixels, digit = images.pixels.to(device), images.digit.to(device)
        loss = transfer.bridge_loss(module, models["image"].to(device), pixels, digit)
    history = fit(
        module, loss, tensors, how.steps, batch_size=how.batch_size, lr=how.lr, weight_decay=how.weight_decay,
        seed=settings.seed, device=device, precision=settings.precision,
        resume=resume, label=part, progress=progress,
    )  # fmt: skip
    models["image"].to("cpu").requires_grad_(True)
    return history


def _labels(voices: data.Voices) -> dict[str, Tensor]:
    return {"speaker": voices.speaker, "digit": voices.digit}


def _vae_loss(part: str, vae: VAE, settings: Settings, change: Callable | None) -> Callable:
    how, image = getattr(settings, part), part == "image"
    return objective.vae_loss(
        vae,
        paper.IMAGE_IMPORTANCE if image else paper.VOICE_IMPORTANCE,
        schedule(part, how),
        paper.IMAGE_BALANCE if image else paper.VOICE_BALANCE,
        mu=settings.mu,
        sigma_min=settings.sigma_min,
        augment=change,
        **how.loss,
    )


def judge_loss(judge: Judge) -> Callable:
    """Cross-entropy on slightly moved images, as a loss for :func:`olc_lib.train.fit`.

    Args:
        judge: what is trained.

    Returns:
        ``loss(batch, step, generator)``; the batch holds ``signal`` ``[B, 1, H, W]`` and ``digit`` ``[B]``.
    """

    def loss(batch, step, generator):
        logits = judge(augment.images(batch["signal"], generator))
        value = nn.functional.cross_entropy(logits, batch["digit"])
        return value, {"total": value.detach()}

    return loss


def listener_loss(listener: Judge, front: LogMel) -> Callable:
    """Cross-entropy of speaker and digit on augmented log-mel pictures, as a loss for :func:`olc_lib.train.fit`.

    Args:
        listener: what is trained; its logits are cut like a voice code, so it names speakers, too.
        front: the front end.

    Returns:
        ``loss(batch, step, generator)``; the batch holds ``signal`` (sheets), ``speaker`` and ``digit`` ``[B]``.
    """

    def loss(batch, step, generator):
        logits = VOICE.split(listener(front.augment(batch["signal"], generator)))
        value = sum(nn.functional.cross_entropy(block, batch[name]) for name, block in logits.items())
        return value, {"total": value.detach()}

    return loss


def bridge_codes(
    voice: VAE, settings: Settings, voices: data.Voices, copies: int = 8, device: str = "cpu"
) -> dict[str, Tensor]:
    """Codes of training words, each heard several times with augmentation.

    A model's codes for the very clips it was trained on are cleaner than those for new ones; a bridge that
    sees only these never learns what to do with an unclear code.

    Args:
        voice: trained.
        settings: of the run.
        voices: training words.
        copies: how often each is heard.
        device: where to work; the model is on the CPU afterwards.

    Returns:
        ``code`` ``[copies * N, 16]`` and ``digit`` ``[copies * N]``, on the CPU.
    """
    sheet = settings.front.sheet(voices.waves, voices.lengths).to(device)
    generator = torch.Generator(device).manual_seed(settings.seed)
    voice.to(device).eval()
    with torch.no_grad():
        code = [
            voice.encode(settings.front.augment(part, generator)).cpu()
            for _ in range(copies)
            for part in sheet.split(500)
        ]
    voice.to("cpu")
    return {"code": torch.cat(code), "digit": voices.digit.repeat(copies)}
