"""Named runs: trained once by ``python -m olc_lib train NAME``, read everywhere by :func:`load`.

A run is a folder with ``results.json`` (settings, metrics, provenance), one safetensors file of weights per
model, ``history.safetensors`` (every term at every step) and ``arrays.safetensors`` (what figures need).
"""

import dataclasses
import datetime
import json
import os
import platform
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from . import __version__, augment, data, metrics, objective, paper, transfer
from .frontend import SIZE, LogMel
from .latent import IMAGE, VOICE
from .networks import VAE, Bridge, Judge, scale_layers
from .train import fit

#: The models of a run, in the order they are trained.
MODELS = ("judge", "image", "voice", "bridge")


@dataclass(frozen=True)
class Part:
    """How one model is trained: see :func:`olc_lib.train.fit`."""

    steps: int
    batch_size: int = 64
    lr: float = 4e-3
    weight_decay: float = 1e-4


@dataclass(frozen=True)
class Settings:
    """Everything that makes a run.

    Args:
        voices: corpus of spoken digits, ``"embedded"`` or ``"fsdd"``.
        images: corpus of written digits, ``"embedded"`` or ``"mnist"``.
        width: multiplier of the channels of Tables 2 and 6.
        judge: training of the independent image classifier.
        image: training of the image VAE.
        voice: training of the log-mel voice VAE.
        bridge: training of the bridge.
        m: M of Max M %, percent.
        mu: factor of Eq. (1).
        sigma_min: constant of Eq. (1).
        seed: of weights and of training.
        front: the log-mel front end, with its augmentation.
        precision: see :func:`olc_lib.train.fit`.
        compiled: see :func:`olc_lib.train.fit`.
    """

    voices: str
    images: str
    width: float
    judge: Part
    image: Part
    voice: Part
    bridge: Part
    m: float = 5.0
    mu: float = 0.05
    sigma_min: float = 0.05
    seed: int = 0
    front: LogMel = field(default_factory=LogMel)
    precision: str = "float32"
    compiled: bool = False


SETTINGS = {
    "embedded": Settings(
        "embedded", "embedded", 1 / 16, judge=Part(300, lr=5e-3), image=Part(700), voice=Part(700), bridge=Part(200, 128)
    ),
    "slim": Settings(
        "fsdd", "mnist", 1 / 16, judge=Part(1700, 128, 5e-3), image=Part(5000), voice=Part(3000), bridge=Part(400, 128)
    ),
    "paper": Settings(
        "fsdd",
        "mnist",
        1.0,
        judge=Part(1700, 128, 5e-3),
        image=Part(8000),
        voice=Part(paper.VOICE_ITERATIONS),
        bridge=Part(400, 128),
        precision="bfloat16",
    ),
}


@dataclass
class Run:
    """A trained run, as :func:`load` gives it: models in evaluation mode on the CPU, and their record."""

    name: str
    folder: Path
    settings: Settings
    results: dict
    history: dict[str, dict[str, Tensor]]
    arrays: dict[str, Tensor]
    judge: Judge
    image: VAE
    voice: VAE
    bridge: Bridge

    @property
    def front(self) -> LogMel:
        """The log-mel front end of the voice model."""
        return self.settings.front


def folders(name: str) -> list[Path]:
    """Where a run may be, first place first: ``$OLC_RUNS`` if set, then the package's own ``trained``."""
    places = [Path(os.environ["OLC_RUNS"])] if os.environ.get("OLC_RUNS") else []
    return [place / name for place in (*places, Path(__file__).parent / "trained")]


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
            "image": VAE(layers, (1, 28, 28), IMAGE, settings.m),
            "voice": VAE(layers, (1, SIZE, SIZE), VOICE, settings.m),
            "bridge": Bridge(VOICE, IMAGE),
        }


def train(
    name: str, device: str | None = None, progress: bool | None = None, settings: Settings | None = None
) -> Run:
    """Train every model of a run, measure them on the test splits, and store the run.

    Nothing is lost on the way: each model resumes from a file beside the run's folder, and the folder is
    replaced only when all is done.

    Args:
        name: ``"embedded"``, ``"slim"`` or ``"paper"``, or any name if ``settings`` are given.
        device: ``None`` takes a GPU if there is one.
        progress: show progress bars; ``None`` shows them on a terminal or in a live notebook only.
        settings: other settings than :data:`SETTINGS` has for ``name``.

    Returns:
        The run, as :func:`load` gives it.

    Raises:
        ValueError: for a name without settings.
    """
    settings = settings or _settings(name)
    device = device or ("cuda" if torch.cuda.is_available() else "cpu")
    folder = folders(name)[0]
    work = folder.with_name(folder.name + ".part")
    work.mkdir(parents=True, exist_ok=True)
    models, history, cost = build(settings), {}, {}
    corpora = _corpora(settings, "train")
    for part in MODELS:
        weights, record = work / f"{part}.safetensors", work / f"{part}.json"
        about = _about(settings, part)
        if record.exists() and json.loads(record.read_text())["settings"] == about:
            models[part].load_state_dict(load_file(weights))  # an earlier, interrupted call finished this one
            history[part] = load_file(work / f"{part}.history")
            cost[part] = json.loads(record.read_text())["cost"]
            continue
        began, busy = time.monotonic(), time.process_time()
        history[part] = fit_part(part, models, settings, corpora, device, work / f"{part}.resume", progress)
        models[part].to("cpu")
        cost[part] = {
            "minutes": round((time.monotonic() - began) / 60, 2),
            "cpu_minutes": round((time.process_time() - busy) / 60, 2),
        }
        save_file(history[part], work / f"{part}.history")
        save_file(models[part].state_dict(), weights)
        record.write_text(json.dumps({"settings": about, "cost": cost[part]}))  # written last: it vouches for the rest
        (work / f"{part}.resume").unlink(missing_ok=True)

    measured, arrays = evaluate(models, settings, "test")
    results = {
        "settings": dataclasses.asdict(settings),
        "metrics": measured,
        "provenance": {
            "date": datetime.date.today().isoformat(),
            "device": torch.cuda.get_device_name() if device.startswith("cuda") else f"{torch.get_num_threads()} CPU threads",
            "machine": platform.machine(),
            "torch": torch.__version__,
            "olc_lib": __version__,
            "seed": settings.seed,
            "cost": cost,
        },
    }
    for part in MODELS:
        (work / f"{part}.json").unlink()
        (work / f"{part}.history").unlink()
    flat = {f"{part}/{term}": values for part, terms in history.items() for term, values in terms.items()}
    # A history is for drawing: half precision draws the same curve, and M, I and B follow from the settings.
    save_file({term: values.half() for term, values in flat.items()}, work / "history.safetensors")
    save_file(arrays, work / "arrays.safetensors")
    (work / "results.json").write_text(json.dumps(results, indent=1) + "\n")
    old = folder.with_name(folder.name + ".old")
    if folder.exists():
        os.replace(folder, old)
    os.replace(work, folder)
    shutil.rmtree(old, ignore_errors=True)
    return load(name)


def fit_part(
    part: str,
    models: dict[str, nn.Module],
    settings: Settings,
    corpora: tuple[data.Voices, data.Images],
    device: str = "cpu",
    resume: Path | None = None,
    progress: bool | None = None,
) -> dict[str, Tensor]:
    """Train one model of a run, in place.

    Args:
        part: its name, see :data:`MODELS`; the bridge needs the trained image and voice models.
        models: all models, as :func:`build` gives them.
        settings: of the run.
        corpora: training voices and images.
        device: where to train.
        resume: see :func:`olc_lib.train.fit`.
        progress: see :func:`olc_lib.train.fit`.

    Returns:
        The history, term to ``[steps]``.
    """
    voices, images = corpora
    module, how = models[part], getattr(settings, part)
    loss: Callable
    if part == "judge":
        loss, tensors = judge_loss(models["judge"]), {"signal": images.pixels, "digit": images.digit}
    elif part == "image":
        tensors = {"signal": images.pixels, "digit": images.digit}
        injections = objective.compress(paper.IMAGE_INJECTION, paper.IMAGE_ITERATIONS, how.steps)
        loss = objective.vae_loss(
            module, paper.IMAGE_IMPORTANCE, injections, paper.IMAGE_BALANCE,
            mu=settings.mu, sigma_min=settings.sigma_min, augment=augment.images,
        )  # fmt: skip
    elif part == "voice":
        sheet = settings.front.sheet(voices.waves, voices.lengths)
        tensors = {"signal": sheet, "speaker": voices.speaker, "digit": voices.digit}
        injections = objective.compress(paper.VOICE_INJECTION, paper.VOICE_ITERATIONS, how.steps)
        loss = objective.vae_loss(
            module, paper.VOICE_IMPORTANCE, injections, paper.VOICE_BALANCE,
            mu=settings.mu, sigma_min=settings.sigma_min, augment=settings.front.augment,
        )  # fmt: skip
    else:
        tensors = _bridge_codes(models["voice"], settings, voices)
        pixels, digit = images.pixels.to(device), images.digit.to(device)
        loss = transfer.bridge_loss(module, models["image"].to(device), pixels, digit)
    history = fit(
        module, loss, tensors, how.steps, batch_size=how.batch_size, lr=how.lr, weight_decay=how.weight_decay,
        seed=settings.seed, device=device, precision=settings.precision, compiled=settings.compiled,
        resume=resume, label=part, progress=progress,
    )  # fmt: skip
    models["image"].to("cpu").requires_grad_(True)
    return history


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


def judged(judge: Judge, pictures: Tensor) -> Tensor:
    """What the judge reads in generated pictures.

    Args:
        judge: trained on real images.
        pictures: ``[B, 1, H, W]``, Max-M %-normalized as decoders give them; brought back to 0..1 by clipping.

    Returns:
        ``[B]`` digits.
    """
    with torch.no_grad():
        return torch.cat([judge(part.clamp(0, 1)).argmax(1) for part in pictures.split(500)])


def _bridge_codes(voice: VAE, settings: Settings, voices: data.Voices, copies: int = 8) -> dict[str, Tensor]:
    """Codes of training words, each heard ``copies`` times with augmentation.

    A model's codes for the very clips it was trained on are cleaner than those for new ones; a bridge that
    sees only these never learns what to do with an unclear code.
    """
    sheet, generator = settings.front.sheet(voices.waves, voices.lengths), torch.Generator().manual_seed(settings.seed)
    voice.to("cpu").eval()
    with torch.no_grad():
        code = [voice.encode(settings.front.augment(part, generator)) for _ in range(copies) for part in sheet.split(500)]
    return {"code": torch.cat(code), "digit": voices.digit.repeat(copies)}


def evaluate(models: dict[str, nn.Module], settings: Settings, split: str) -> tuple[dict, dict[str, Tensor]]:
    """Measure the models of a run.

    Args:
        models: trained, on the CPU.
        settings: of the run.
        split: ``"validation"`` for choices, ``"test"`` for reports.

    Returns:
        ``(metrics, arrays)``: name to number (percent where a share), and the small tensors figures need.
    """
    voices, images = _corpora(settings, split)
    judge, image, voice, bridge = (models[part].eval() for part in MODELS)
    with torch.no_grad():
        image_code = torch.cat([image.encode(part) for part in images.pixels.split(500)])
        sound = settings.front(voices.waves, voices.lengths)
        voice_code = torch.cat([voice.encode(part) for part in sound.split(500)])
        heard, seen = VOICE.labels(voice_code), IMAGE.labels(image_code)
        crafted = image.decode(torch.stack([IMAGE.handcrafted(digit=d) for d in range(10)]))
        drawn = {"drop": transfer.drop(voice_code, VOICE, IMAGE), "bridge": bridge(voice_code)}
        pictures = {way: torch.cat([image.decode(part) for part in code.split(500)]) for way, code in drawn.items()}
        redrawn = torch.cat([image.decode(part) for part in image_code.split(500)])
        resounded = torch.cat([voice.decode(part) for part in voice_code.split(500)])

    means = {
        "image_digit": metrics.class_means(IMAGE.split(image_code)["digit"], images.digit, 10),
        "voice_digit": metrics.class_means(VOICE.split(voice_code)["digit"], voices.digit, 10),
        "voice_speaker": metrics.class_means(VOICE.split(voice_code)["speaker"], voices.speaker, 6),
    }
    measured = {
        "images": len(images.digit),
        "voices": len(voices.digit),
        "judge_accuracy": metrics.accuracy(judged(judge, images.pixels), images.digit),
        "image_digit": metrics.accuracy(seen["digit"], images.digit),
        "image_digit_cosine": metrics.mean_abs_cosine(means["image_digit"]),
        "image_rms": _rms(redrawn, image.normalize(images.pixels)),
        "voice_digit": metrics.accuracy(heard["digit"], voices.digit),
        "voice_speaker": metrics.accuracy(heard["speaker"], voices.speaker),
        "voice_digit_cosine": metrics.mean_abs_cosine(means["voice_digit"]),
        "voice_speaker_cosine": metrics.mean_abs_cosine(means["voice_speaker"]),
        "voice_rms": _rms(resounded, voice.normalize(sound)),
        "handcrafted": int((judged(judge, crafted) == torch.arange(10)).sum()),
        **{f"transfer_{way}": metrics.accuracy(judged(judge, p), voices.digit) for way, p in pictures.items()},
    }
    measured = {name: round(value, 4) for name, value in measured.items()}
    return measured, {name: value.contiguous() for name, value in (means | {"handcrafted": crafted}).items()}


def load(name: str = "embedded", quiet: bool = False) -> Run:
    """Read a run and say in one line what it is.

    Args:
        name: of the run.
        quiet: say nothing.

    Returns:
        The run, models ready to use.

    Raises:
        FileNotFoundError: if there is no such run, with the command that makes it.
    """
    folder = next((place for place in folders(name) if (place / "results.json").exists()), None)
    if folder is None:
        looked = " or ".join(str(place) for place in folders(name))
        raise FileNotFoundError(f"no run {name!r} in {looked}: make it with `python -m olc_lib train {name}`")
    results = json.loads((folder / "results.json").read_text())
    settings = _from_dict(results["settings"])
    models = build(settings)
    for part, module in models.items():
        module.load_state_dict(load_file(folder / f"{part}.safetensors"))
        module.eval()
    history: dict[str, dict[str, Tensor]] = {part: {} for part in MODELS}
    for key, values in load_file(folder / "history.safetensors").items():
        part, term = key.split("/", 1)
        history[part][term] = values.float()
    run = Run(name, folder, settings, results, history, load_file(folder / "arrays.safetensors"), **models)
    if not quiet:
        print(describe(run))
    return run


def describe(run: Run) -> str:
    """One line on where a run comes from.

    Args:
        run: a loaded run.

    Returns:
        The line; it says so if older code made the run.
    """
    origin, settings = run.results["provenance"], run.settings
    age = "" if origin["olc_lib"] == __version__ else f" (older code; this is {__version__})"
    return (
        f"run {run.name!r}: {settings.voices} voices, {settings.images} images, width {settings.width:g}; "
        f"made on {origin['date']} with olc_lib {origin['olc_lib']}{age}, torch {origin['torch']}, "
        f"{origin['device']}, seed {origin['seed']}, {sum(part['minutes'] for part in origin['cost'].values()):.1f} minutes"
    )


def _rms(a: Tensor, b: Tensor) -> float:
    return (a - b).square().mean().sqrt().item()


def _settings(name: str) -> Settings:
    if name not in SETTINGS:
        raise ValueError(f"no settings for a run {name!r}, expected one of {list(SETTINGS)}")
    return SETTINGS[name]


def _about(settings: Settings, part: str) -> dict:
    """The settings that one model of a run depends on, as JSON gives them back."""
    stored = dataclasses.asdict(settings)
    others = () if part == "bridge" else (other for other in MODELS if other != part)
    return {name: value for name, value in stored.items() if name not in others}


def _corpora(settings: Settings, split: str) -> tuple[data.Voices, data.Images]:
    return data.voices(settings.voices, split), data.images(settings.images, split)


def _from_dict(stored: dict) -> Settings:
    parts = {part: Part(**stored[part]) for part in MODELS}
    return Settings(**(stored | parts | {"front": LogMel(**stored["front"])}))
