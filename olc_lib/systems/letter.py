"""The paper to the letter: its image and raw-waveform models as the text prints them, and one repair at a time.

Where text and pseudo-code differ, the text counts. What neither says is a setting: the appendix *Reading notes* has a
row for each. The fields of :class:`Settings` are the repairs that lead from here to what the rest of the book uses.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from olc_lib import augment, data, losses, metrics, objective, paper, stored
from olc_lib.latent import IMAGE, VOICE, LatentSpace
from olc_lib.networks import OrthogonalVAE, scale_layers
from olc_lib.reading import batched, read_digits
from olc_lib.systems import Experiment, Models, Stage, Training
from olc_lib.train import Turn

#: Model name to the paper's tables and its latent space.
DESIGNS = {"image": (paper.IMAGE, IMAGE), "raw": (paper.RAW, VOICE)}


def equation_5(category: Tensor, label: Tensor) -> Tensor:
    """Eq. (5): the signed maximum of the unrelated coordinates, and 1 / (1 + abs(f)) of the related one.

    Args:
        category: ``[B, n]``.
        label: ``[B]``.

    Returns:
        ``[B]``.
    """
    return losses.disentanglement(category, label, absolute=False, positive=False)


@dataclass(frozen=True)
class Settings:
    """One rung: the defaults are the letter.

    Args:
        voices: corpus of spoken digits, ``"embedded"`` or ``"fsdd"``.
        images: corpus of written digits, ``"embedded"`` or ``"mnist"``.
        width: multiplier of the channels of Tables 2 and 6.
        narrowest: no layer gets fewer channels than this or than its table has.
        image: training of the image model.
        raw: training of the voice model.
        m: M of Max M %, percent. The paper gives no value, nor for the next two.
        mu: factor of Eq. (1).
        sigma_min: constant of Eq. (1).
        norm: ``"sum"``, the norms of Eqs. (2) to (4), or ``"mean"``, see :func:`olc_lib.losses.reconstruction`.
        disentanglement: form of Eq. (5).
        injected: share of the steps in which Table 4 or 8 is run through.
        draws: ``"printed"``: a deviation that is negative where the code is, one alpha a step, a mixed code that is
            not resampled, a writer of either sign. ``"mended"``: as :func:`olc_lib.objective.training_loss`.
        output: the voice decoder's last activation, see :class:`olc_lib.networks.Decoder`.
        inner_norm: batch normalization between the layers.
        centred: put the words into the middle of their clips.
        augmented: change the waves at random.
        clean: ask the decoder for the unchanged wave; only with mended draws.
        constant: keep the learning rate, or let it run through one cycle.
        seed: of weights and training.
    """

    voices: str = "fsdd"
    images: str = "mnist"
    width: float = 1.0
    narrowest: int = 1
    image: Training = Training(paper.IMAGE_ITERATIONS, 8, 1e-3, 0.0)
    raw: Training = Training(paper.VOICE_ITERATIONS, 8, 1e-3, 0.0)
    m: float = 5.0
    mu: float = 0.05
    sigma_min: float = 0.05
    norm: str = "sum"
    disentanglement: Callable[[Tensor, Tensor], Tensor] = equation_5
    injected: float = 1.0
    draws: str = "printed"
    output: str = "sigmoid"
    inner_norm: bool = False
    centred: bool = False
    augmented: bool = False
    clean: bool = False
    constant: bool = True
    seed: int = 0


#: Named runs; ``printed`` has no weights in the package, for they would be a hundred times what all others take.
SETTINGS = {
    "embedded": Settings(
        "embedded", "embedded", 1 / 16, 64, image=Training(60, 8, 1e-3, 0.0), raw=Training(60, 8, 1e-3, 0.0)
    ),
    "printed": Settings(),
}

#: The ladder of repairs stands in the ledger's own grid, see :mod:`olc_lib.ledger.raw_experiments`.
EXPERIMENTS: dict[str, Experiment] = {}


class PrintedSpace(LatentSpace):
    """A latent space that divides a category of one dimension by its amplitude, too: the writer is +1 or -1."""

    def normalize(self, primary: Tensor) -> Tensor:
        """Bring every category to unit L2 norm.

        Args:
            primary: ``[..., D]``.

        Returns:
            Codes ``[..., D]``.
        """
        return torch.cat([torch.nn.functional.normalize(b, dim=-1, eps=1e-6) for b in self.split(primary).values()], -1)


def build(settings: Settings) -> Models:
    """The two models, freshly initialised from the seed.

    Args:
        settings: of the rung.

    Returns:
        ``image`` and ``raw``.
    """
    shapes = {"image": (1, 28, 28), "raw": (1, data.SAMPLES)}
    models: Models = {}
    for name, (design, space) in DESIGNS.items():
        layers = scale_layers(design.layers, settings.width, settings.narrowest)
        output = settings.output if name == "raw" else "sigmoid"
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(settings.seed)
            space = PrintedSpace(space.sizes) if settings.draws == "printed" else space
            models[name] = OrthogonalVAE(layers, shapes[name], space, settings.m, settings.inner_norm, output)
    return models


def stages(settings: Settings) -> list[Stage]:
    """Both trainings; neither needs the other.

    Args:
        settings: of the rung.

    Returns:
        Stages.
    """

    def prepare(name: str) -> Callable:
        def prepared(models: Models, settings: Settings, device: str):
            model, training = models[name], getattr(settings, name)
            loss, tensors = objective_of(model, name, settings), signals(name, settings, "train")
            rate = {"lr": training.lr, "weight_decay": training.weight_decay, "constant": settings.constant}
            return [Turn(loss, list(model.parameters()), **rate)], tensors

        return prepared

    return [Stage(name, getattr(settings, name), (), prepare(name)) for name in DESIGNS]


def signals(name: str, settings: Settings, split: str) -> dict[str, Tensor]:
    """What a model reads, with its labels.

    Args:
        name: ``"image"`` or ``"raw"``.
        settings: name the corpora.
        split: ``"train"``, ``"validation"`` or ``"test"``.

    Returns:
        ``signal`` ``[N, 1, ...]`` and a label ``[N]`` a category that is disentangled.
    """
    if name == "image":
        images = data.images(settings.images, split)
        return {"signal": images.pixels, "digit": images.digit}
    voices = data.voices(settings.voices, split)
    waves = data.centre(voices.waves, voices.lengths) if settings.centred else voices.waves[:, None]
    return {"signal": waves, "speaker": voices.speaker, "digit": voices.digit}


def objective_of(model: OrthogonalVAE, name: str, settings: Settings) -> Callable:
    """The training step of a rung as a loss for :func:`olc_lib.train.fit`.

    Args:
        model: what is trained.
        name: ``"image"`` or ``"raw"``.
        settings: of the rung.

    Returns:
        ``loss(batch, step, generator)``.
    """
    design, training = DESIGNS[name][0], getattr(settings, name)
    steps = max(1, settings.injected * training.steps)
    injections = objective.compress(design.injection, design.iterations, steps)
    make = objective.training_loss if settings.draws == "mended" else printed_loss
    clean = {"clean": _unchanged} if settings.clean else {}
    return make(
        model, design.importance, injections, design.balance,
        mu=settings.mu, sigma_min=settings.sigma_min, norm=settings.norm, disentanglement=settings.disentanglement,
        augment=augment.waves if settings.augmented and name == "raw" else None, **clean,
    )  # fmt: skip


def _unchanged(signal: Tensor) -> Tensor:
    return signal


def printed_loss(
    model: OrthogonalVAE,
    importance: Mapping[str, float],
    injections: objective.Injections,
    factors: Sequence[float],
    *,
    mu: float,
    sigma_min: float,
    norm: str,
    disentanglement: Callable[[Tensor, Tensor], Tensor],
    augment: Callable[[Tensor, torch.Generator], Tensor] | None = None,
) -> Callable:
    """Equations (1) to (6) as printed.

    Args:
        model: what is trained.
        importance: I (Table 3 or 7); a category of importance 0 needs no labels.
        injections: (start, stop) iterations (Table 4 or 8).
        factors: B (Table 5 or 9).
        mu: factor of Eq. (1): the deviation is ``mu l + sigma_min``, of whichever sign.
        sigma_min: constant of Eq. (1).
        norm: scale of the norms.
        disentanglement: form of Eq. (5).
        augment: changes the signals of a batch first; not the paper's.

    Returns:
        ``loss(batch, step, generator)``, as that of :func:`olc_lib.objective.training_loss`.
    """

    def loss(batch: Mapping[str, Tensor], step: int, generator: torch.Generator) -> tuple[Tensor, dict[str, Tensor]]:
        weights = {name: value * objective.injection(step + 1, *injections[name]) for name, value in importance.items()}
        signal = model.normalize(batch["signal"] if augment is None else augment(batch["signal"], generator))
        code = model.space.normalize(model.encoder(signal))
        noise = torch.randn(code.shape, generator=generator, device=code.device, dtype=code.dtype)
        made = model.decode(code + (mu * code + sigma_min) * noise)
        terms = {"reconstruction": losses.reconstruction(signal, made, norm).mean()}
        if weights["sparsity"] > 0:
            terms["sparsity"] = losses.sparsity(signal, made, norm).mean()
        if weights["interpolation"] > 0:
            partner = torch.randperm(len(code), generator=generator, device=code.device)
            alpha = torch.rand(1, generator=generator, device=code.device).expand(len(code))
            mixed = losses.mix(signal, signal[partner], alpha)
            drawn = model.decode(losses.mix(code, code[partner], alpha))
            terms["interpolation"] = losses.interpolation(mixed, drawn, norm).mean()
        for name, block in model.space.split(code).items():
            if weights[name] > 0:
                terms[name] = disentanglement(block, batch[name]).mean()
        return objective.total(terms, step + 1, importance, injections, factors)

    return loss


def measure(models: Models, settings: Settings, split: str, device: str = "cpu") -> tuple[dict, dict[str, Tensor]]:
    """What the models read, and what they draw again.

    Args:
        models: trained.
        settings: of the rung.
        split: of the corpora.
        device: where to work.

    Returns:
        ``(metrics, arrays)``. Of each model: percent of labels read right (``_digit``, ``_speaker``), also of every
        eighth training signal (``_train_digit``), ``_cosine`` of class means, ``_rms`` of the residual,
        ``_silence``, that of an output of zeros, ``_constant``, that of the mean training signal, and ``_differ``,
        how much two drawings differ over how much two signals differ (0: one drawing for everything). Arrays: class
        means of the codes, and what is drawn again of the first item of each digit.
    """
    measured: dict[str, float] = {}
    arrays: dict[str, Tensor] = {}
    for name, model in models.items():
        model.to(device).eval()
        given, seen = signals(name, settings, split), signals(name, settings, "train")
        measured[f"{name}_signals"] = len(given["signal"])
        code = batched(model.encode, given["signal"], device)
        wanted, drawn = batched(model.normalize, given["signal"], device), batched(model.decode, code, device)
        train_code = batched(model.encode, seen["signal"][::8], device)
        for category in given.keys() - {"signal"}:
            block, label = model.space.split(code)[category], given[category]
            means = metrics.class_means(block, label, block.shape[1])
            measured[f"{name}_{category}"] = metrics.accuracy(block.argmax(1), label)
            measured[f"{name}_{category}_cosine"] = metrics.mean_abs_cosine(means)
            read = model.space.split(train_code)[category].argmax(1)
            measured[f"{name}_train_{category}"] = metrics.accuracy(read, seen[category][::8])
            arrays[f"{name}_{category}"] = means
        mean = batched(model.normalize, seen["signal"], device).mean(0, keepdim=True)
        measured[f"{name}_rms"] = metrics.rms(wanted, drawn)
        measured[f"{name}_silence"] = metrics.rms(wanted, torch.zeros_like(wanted))
        measured[f"{name}_constant"] = metrics.rms(wanted, mean.expand_as(wanted))
        apart = [metrics.rms(some, some.roll(len(some) // 2, 0)) for some in (drawn, wanted)]
        measured[f"{name}_differ"] = apart[0] / apart[1]
        first = torch.stack([(given["digit"] == digit).nonzero()[0, 0] for digit in range(10)])
        arrays[f"{name}_drawn"] = drawn[first].half()
        model.to("cpu")
    if "image" not in models:
        return {name: round(value, 4) for name, value in measured.items()}, arrays
    image = models["image"]
    crafted = batched(image.decode, torch.stack([IMAGE.handcrafted(digit=digit) for digit in range(10)]))
    judge = stored.load("slim", only=["image_classifier"], quiet=True).image_classifier
    measured["handcrafted"] = int((read_digits(judge, crafted) == torch.arange(10)).sum())
    return {name: round(value, 4) for name, value in measured.items()}, arrays | {"handcrafted": crafted.half()}
