"""Placed codes beside other ways from a voice to an image: same pairs, same stacks, same loop, same judges.

MVAE, MMVAE and MoPoE are the published ones of the package MultiVae (``pip install "olc_lib[peers]"``), which
the rest of the library does not need. The classifier is what the labels alone can do.
"""

import dataclasses
import time
from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from olc_lib import data, metrics, objective, paper, recipes, runs, train, transfer
from olc_lib.evaluation import batched, heard, judged, to_voice
from olc_lib.frontend import SIZE
from olc_lib.latent import IMAGE, VOICE
from olc_lib.networks import VAE, Decoder, Encoder, scale_layers
from olc_lib.normalize import max_m_percent

#: Shape of one signal of each domain.
SHAPES = {"image": (1, 28, 28), "voice": (1, SIZE, SIZE)}
#: M of Max M %, percent, that drawn and real signals are compared after.
M = 5.0
#: Latent dimensions of the peers; placed codes have 16 and 11.
DIM = 20
#: Configuration of the peers where it differs from MultiVae's own.
OPTIONS = {
    "MVAE": {},
    "MMVAE": {"K": 1, "prior_and_posterior_dist": "normal", "scale": 0.05},
    "MoPoE": {},
}
#: The systems that are compared; each has the steps that four processor minutes allow, the reference needs fewer.
#: Rates, widths of the likelihood and augmentation were chosen on validation clips and images, see :func:`compare`.
ARMS = {
    "placed codes": {"name": "placed", "steps": 1350, "lr": 4e-3},
    "placed codes, augmented": {"name": "placed", "steps": 1350, "lr": 4e-3, "augmented": True},
    "supervised reference": {"name": "classified", "steps": 1350},
    "MVAE": {"name": "MVAE", "steps": 1000},
    "MMVAE": {"name": "MMVAE", "steps": 1300},
    "MoPoE": {"name": "MoPoE", "steps": 2000, "lr": 4e-3},
}


class Placed(nn.Module):
    """The book's own two models, trained side by side and crossed over by dropping the speaker.

    Args:
        width: of the stacks of Table 6, as in the other systems.
        steps: of the training, which the injection schedules are fitted to.
        injected: see :class:`olc_lib.recipes.Part`, as the next.
        unrelated: form of the disentanglement term of the voice model; the image model keeps the printed one.
    """

    def __init__(self, width: float, steps: int, injected: float = 0.2, unrelated: str = "rms"):
        super().__init__()
        layers = scale_layers(paper.IMAGE_LAYERS, width)
        self.voice, self.image = VAE(layers, SHAPES["voice"], VOICE), VAE(layers, SHAPES["image"], IMAGE)
        how = recipes.Part(steps, injected=injected)
        self._losses = {
            "voice": objective.vae_loss(
                self.voice, paper.VOICE_IMPORTANCE, recipes.schedule("voice", how), paper.VOICE_BALANCE,
                unrelated=unrelated,
            ),
            "image": objective.vae_loss(
                self.image, paper.IMAGE_IMPORTANCE, recipes.schedule("image", how), paper.IMAGE_BALANCE
            ),
        }  # fmt: skip

    def loss(self, batch: dict[str, Tensor], step: int, generator: torch.Generator) -> Tensor:
        """Sum of the two totals of Eq. (2).

        Args:
            batch: ``voice`` and ``image`` ``[B, *shape]``, ``speaker`` and ``digit`` ``[B]``.
            step: counted from 0.
            generator: source of every draw.

        Returns:
            The scalar.
        """
        return sum(loss(batch | {"signal": batch[name]}, step, generator)[0] for name, loss in self._losses.items())

    def code(self, domain: str, signal: Tensor) -> Tensor:
        """Read signals; nothing is sampled.

        Args:
            domain: ``"voice"`` or ``"image"``.
            signal: ``[B, *shape]`` in 0..1.

        Returns:
            Codes ``[B, D]``.
        """
        return getattr(self, domain).encode(signal)

    def draw(self, domain: str, code: Tensor) -> Tensor:
        """Draw codes.

        Args:
            domain: ``"voice"`` or ``"image"``.
            code: ``[B, D]`` of that domain.

        Returns:
            Signals ``[B, *shape]``.
        """
        return getattr(self, domain).decode(code)

    def cross(self, source: str, code: Tensor, speaker: Tensor) -> Tensor:
        """Carry codes over to the other domain.

        Args:
            source: ``"voice"`` or ``"image"``.
            code: ``[B, D]`` of that domain.
            speaker: ``[B]``, who is to speak where a voice is made.

        Returns:
            Codes of the other domain.
        """
        if source == "voice":
            return transfer.drop(code, VOICE, IMAGE)
        return to_voice(IMAGE.split(code)["digit"], speaker)


class Classified(nn.Module):
    """The honest upper reference: classifiers trained by cross-entropy, decoders that are told the class.

    Args:
        width: of the stacks of Table 6.
    """

    def __init__(self, width: float):
        super().__init__()
        layers = scale_layers(paper.IMAGE_LAYERS, width)
        self.space = {"voice": VOICE, "image": IMAGE}
        self.encoder = nn.ModuleDict({name: Encoder(layers, SHAPES[name], VOICE.dim) for name in SHAPES})
        self.decoder = nn.ModuleDict({name: Decoder(layers, SHAPES[name], VOICE.dim) for name in SHAPES})

    def loss(self, batch: dict[str, Tensor], step: int, generator: torch.Generator) -> Tensor:
        """Cross-entropy of what is read, and absolute error of what is drawn from the true classes.

        Args:
            batch: as :meth:`Placed.loss`.
            step: not used.
            generator: not used.

        Returns:
            The scalar.
        """
        wanted = to_voice(F.one_hot(batch["digit"], 10).float(), batch["speaker"])
        total = 0.0
        for domain in SHAPES:
            logits = VOICE.split(self.encoder[domain](batch[domain]))
            # Who wrote the image is not known: its encoder names digits only, its decoder sees no speaker.
            told = wanted if domain == "voice" else to_voice(wanted[:, 6:], torch.zeros_like(batch["digit"]))
            names = ("speaker", "digit") if domain == "voice" else ("digit",)
            total = total + sum(F.cross_entropy(logits[name], batch[name]) for name in names)
            total = total + F.l1_loss(self.decoder[domain](told), batch[domain])
        return total

    def code(self, domain: str, signal: Tensor) -> Tensor:
        """Which class each signal is in.

        Args:
            domain: ``"voice"`` or ``"image"``.
            signal: ``[B, *shape]``.

        Returns:
            One-hot codes ``[B, 16]``: speaker (the first for images) and digit.
        """
        labels = VOICE.labels(self.encoder[domain](signal))
        speaker = labels["speaker"] if domain == "voice" else torch.zeros_like(labels["digit"])
        return to_voice(F.one_hot(labels["digit"], 10).float(), speaker)

    def draw(self, domain: str, code: Tensor) -> Tensor:
        """Draw codes.

        Args:
            domain: ``"voice"`` or ``"image"``.
            code: ``[B, D]`` of that domain.

        Returns:
            Signals ``[B, *shape]``.
        """
        return self.decoder[domain](code)

    def cross(self, source: str, code: Tensor, speaker: Tensor) -> Tensor:
        """As :meth:`Placed.cross`.

        Args:
            source: likewise.
            code: likewise.
            speaker: likewise.

        Returns:
            One-hot codes ``[B, 16]``.
        """
        return to_voice(VOICE.split(code)["digit"], torch.zeros_like(speaker) if source == "voice" else speaker)


class MultiVae(nn.Module):
    """A model of the package MultiVae on the same stacks.

    Args:
        name: ``"MVAE"``, ``"MMVAE"`` or ``"MoPoE"``.
        width: of the stacks of Table 6.
        passes: steps in a pass over the data, which is what MultiVae counts its warm-up in.
        **options: over those of :data:`OPTIONS`: ``likelihood`` of a pixel about what is drawn, ``"laplace"`` (the
            default here) or ``"normal"`` (its Bernoulli refuses grey), ``scale``, its width, and any of the model's
            own configuration.

    Raises:
        ModuleNotFoundError: if MultiVae is not installed.
    """

    def __init__(self, name: str, width: float, passes: int, **options):
        super().__init__()
        options = OPTIONS[name] | options
        likelihood, scale = options.pop("likelihood", "laplace"), options.pop("scale", 0.1)
        try:
            from multivae import models
            from multivae.data.datasets.base import MultimodalBaseDataset
        except ModuleNotFoundError as error:
            raise ModuleNotFoundError(f'{name} is a model of MultiVae: `pip install "olc_lib[peers]"`') from error
        layers = scale_layers(paper.IMAGE_LAYERS, width)
        config = getattr(models, f"{name}Config")(
            n_modalities=2,
            latent_dim=DIM,
            decoders_dist=dict.fromkeys(SHAPES, likelihood),
            decoder_dist_params={domain: {"scale": scale} for domain in SHAPES},
            **options,
        )
        encoders = {domain: _encoder(layers, shape) for domain, shape in SHAPES.items()}
        decoders = {domain: _decoder(layers, shape) for domain, shape in SHAPES.items()}
        self.model = getattr(models, name)(config, encoders=encoders, decoders=decoders)
        self.passes, self._dataset = passes, MultimodalBaseDataset

    def loss(self, batch: dict[str, Tensor], step: int, generator: torch.Generator) -> Tensor:
        """The model's own loss; what it draws from the global generator comes from ours.

        Args:
            batch: as :meth:`Placed.loss`; labels are not looked at.
            step: counted from 0.
            generator: source of every draw.

        Returns:
            The scalar.
        """
        given = self._dataset({name: batch[name] for name in SHAPES})
        device = batch["voice"].device
        with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
            torch.manual_seed(torch.randint(2**31, (), generator=generator, device=device).item())
            epoch, place = 1 + step // self.passes, step % self.passes / self.passes
            return self.model(given, epoch=epoch, batch_ratio=place).loss

    def code(self, domain: str, signal: Tensor) -> Tensor:
        """What one domain alone says of the shared code; nothing is sampled.

        Args:
            domain: ``"voice"`` or ``"image"``.
            signal: ``[B, *shape]``.

        Returns:
            Means ``[B, 20]``.
        """
        other = next(name for name in SHAPES if name != domain)
        # MoPoE reads every domain, also one that it then leaves out.
        given = {domain: signal, other: signal.new_zeros(len(signal), *SHAPES[other])}
        return self.model.encode(self._dataset(given), cond_mod=domain, return_mean=True).z.view(len(signal), DIM)

    def draw(self, domain: str, code: Tensor) -> Tensor:
        """Draw codes.

        Args:
            domain: ``"voice"`` or ``"image"``.
            code: ``[B, 20]``.

        Returns:
            Signals ``[B, *shape]``, where the likelihood has its middle.
        """
        return self.model.decoders[domain](code).reconstruction

    def cross(self, source: str, code: Tensor, speaker: Tensor) -> Tensor:
        """The code is shared; it has no place in which a speaker could be asked for.

        Args:
            source: not used.
            code: ``[B, 20]``.
            speaker: not used.

        Returns:
            The same code.
        """
        return code


def _encoder(layers, shape: tuple[int, ...]) -> nn.Module:
    from pythae.models.base.base_utils import ModelOutput
    from pythae.models.nn.base_architectures import BaseEncoder

    class Stack(BaseEncoder):
        def __init__(self):
            super().__init__()
            self.stack, self.latent_dim = Encoder(layers, shape, 2 * DIM), DIM

        def forward(self, signal):
            mean, log_variance = self.stack(signal).chunk(2, dim=1)
            return ModelOutput(embedding=mean, log_covariance=log_variance)

    return Stack()


def _decoder(layers, shape: tuple[int, ...]) -> nn.Module:
    from pythae.models.base.base_utils import ModelOutput
    from pythae.models.nn.base_architectures import BaseDecoder

    class Stack(BaseDecoder):
        def __init__(self):
            super().__init__()
            self.stack, self.latent_dim = Decoder(layers, shape, DIM), DIM

        def forward(self, code):
            return ModelOutput(reconstruction=self.stack(code))

    return Stack()


def system(name: str, width: float, steps: int, passes: int, **options) -> nn.Module:
    """A fresh system.

    Args:
        name: ``"placed"``, ``"classified"`` or one of :class:`MultiVae`.
        width: of the stacks of Table 6.
        steps: of the training.
        passes: steps in a pass over the data.
        **options: of the system.

    Returns:
        A module with ``loss``, ``code``, ``draw`` and ``cross``.
    """
    if name == "placed":
        return Placed(width, steps, **options)
    return Classified(width) if name == "classified" else MultiVae(name, width, passes, **options)


def paired_loss(module: nn.Module, change: Callable, images: Tensor, digit: Tensor) -> Callable:
    """Pairs of a word and an image of its digit, another one every time, as a loss for :func:`olc_lib.train.fit`.

    Args:
        module: a system.
        change: augmentation of the words, ``change(sheets, generator)``.
        images: ``[N, 1, 28, 28]`` in 0..1.
        digit: ``[N]``.

    Returns:
        ``loss(batch, step, generator)``; the batch holds ``signal`` (sheets), ``speaker`` and ``digit`` ``[B]``.
        The system's own loss gets ``voice`` and ``image`` in place of ``signal``.
    """
    pick = transfer.same_digit(digit)

    def loss(batch, step, generator):
        given = {
            "voice": change(batch["signal"], generator),
            "image": images[pick(batch["digit"], generator)],
            "speaker": batch["speaker"],
            "digit": batch["digit"],
        }
        value = module.loss(given, step, generator)
        return value, {"total": value.detach()}

    return loss


def compare(
    name: str,
    seed: int,
    device: str = "cpu",
    left_out: bool = False,
    steps: int = 2000,
    lr: float = 2e-3,
    split: str = "test",
    points: int = 10,
    augmented: bool = False,
    **options,
) -> dict:
    """Train one system on pairs of FSDD words and MNIST images, and cross over both ways.

    Batches of 64 pairs, width 1/16 as in the run ``slim``, whose judge and listener read what is drawn. Signals
    that are drawn are compared after Max M %, so that the level does not count.

    Args:
        name: see :func:`system`.
        seed: of weights and training.
        device: where to train.
        left_out: the speaker whose number is the seed (0 to 5) is not heard in training; then voices are this
            speaker's only.
        steps: of training.
        lr: peak of the one-cycle learning rate.
        split: where to measure.
        points: how often coherence is read on validation clips while training.
        augmented: change the words at random, see :class:`olc_lib.frontend.LogMel`.
        **options: of the system.

    Returns:
        ``voice_to_image``: the judge reads the spoken digit (percent), ``image_to_voice``: the listener hears the
        written one (on 3,000 images), each with ``_error`` (see :func:`olc_lib.metrics.class_error`) and
        ``_diversity``; ``image_to_voice_speaker``: the listener hears the speaker asked for; ``voice_rms``,
        ``image_rms`` of signals redrawn in their own domain; what linear probes read in the voice code
        (``digit_probe``, ``speaker_probe``) and ``dci_disentanglement``, ``dci_completeness`` of its single
        dimensions; ``parameters``; ``cpu_minutes`` of training alone and ``course``: [minutes, percent of
        validation words drawn right] as it went.
    """
    settings = dataclasses.replace(recipes.SETTINGS["slim"], seed=seed)
    voices, images = recipes.corpora(settings, "train")
    if left_out:
        voices = data.select(voices, voices.speaker != seed)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        module = system(name, settings.width, steps, len(voices) // 64, **options)
    run = runs.load("slim", quiet=True)
    read = {where: _held(settings, where, seed if left_out else None) for where in ("validation", split)}
    sheet = settings.front.sheet(voices.waves, voices.lengths)
    change = settings.front.augment if augmented else lambda sheet, generator: settings.front.picture(sheet)
    inner = paired_loss(module, change, images.pixels.to(device), images.digit.to(device))
    course, clock = [], time.process_time()

    def loss(batch, step, generator):
        nonlocal clock
        if step and step % (steps // points) == 0:
            spent = (time.process_time() - clock) / 60
            module.eval()
            sound, held = read["validation"]
            code = batched(lambda x: module.code("voice", x), sound, device)
            right = metrics.accuracy(judged(run.judge, _drawn(module, "voice", code, held.speaker, device)), held.digit)
            module.train()
            course.append([round(spent, 3), round(right, 2)])
            clock = time.process_time() - 60 * spent  # looking is not training
        return inner(batch, step, generator)

    tensors = {"signal": sheet, "speaker": voices.speaker, "digit": voices.digit}
    train.fit(module, loss, tensors, steps, lr=lr, weight_decay=1e-4, seed=seed, device=device, label=name)
    result = {
        "parameters": sum(p.numel() for p in module.parameters()),
        "cpu_minutes": (time.process_time() - clock) / 60,
        "course": course,
    }
    sound, held = read[split]
    pixels, digit, asked = _written(split)
    given = {"voice": sound, "image": pixels}
    real = {domain: max_m_percent(signals, M)[0] for domain, signals in given.items()}
    labels = {"voice": held.digit, "image": digit}
    codes, crossed = {}, {}
    for source, speaker in (("voice", held.speaker), ("image", asked)):
        codes[source] = code = batched(lambda x, source=source: module.code(source, x), given[source], device)
        crossed[source] = _drawn(module, source, code, speaker, device)
        again = batched(lambda x, source=source: module.draw(source, x), code, device)
        result[f"{source}_rms"] = metrics.rms(real[source], max_m_percent(again, M)[0])
        result[f"{source}_diversity"] = metrics.diversity(real[source], labels[source])
    result |= _crossings(run, crossed, labels, asked, real)
    return result if left_out else result | _probed(module, settings, codes["voice"], held, device)


def means(seed: int, device: str = "cpu", split: str = "test") -> dict:
    """What needs no code: for every word the mean image of its digit, for every image the asked speaker's mean word.

    Args:
        seed: changes nothing.
        device: changes nothing.
        split: where to measure.

    Returns:
        The crossings of :func:`compare`; and, the measure of both, ``real_image_error``, ``real_voice_error``:
        the error that real signals have among themselves.
    """
    settings = recipes.SETTINGS["slim"]
    voices, images = recipes.corpora(settings, "train")
    run = runs.load("slim", quiet=True)
    sound, held = _held(settings, split, None)
    pixels, digit, asked = _written(split)
    real = {"voice": max_m_percent(sound, M)[0], "image": max_m_percent(pixels, M)[0]}
    labels = {"voice": held.digit, "image": digit}
    words = max_m_percent(settings.front(voices.waves, voices.lengths), M)[0]
    shelf = max_m_percent(images.pixels, M)[0]
    of_image = torch.stack([shelf[images.digit == d].mean(0) for d in range(10)])
    of_voice = torch.stack(
        [
            torch.stack([words[(voices.digit == d) & (voices.speaker == s)].mean(0) for d in range(10)])
            for s in range(len(voices.speakers))
        ]
    )
    crossed = {"voice": of_image[held.digit], "image": of_voice[asked, digit]}
    crossed = {source: max_m_percent(signals, M)[0] for source, signals in crossed.items()}
    return _crossings(run, crossed, labels, asked, real) | {
        f"real_{domain}_error": metrics.class_error(real[domain], labels[domain], real[domain], labels[domain])
        for domain in real
    }


def _crossings(run: runs.Run, crossed: dict, labels: dict, asked: Tensor, real: dict) -> dict:
    """How good signals are that were drawn from those of the other domain; ``crossed`` is by source."""
    said = {"voice": {"digit": judged(run.judge, crossed["voice"])}, "image": heard(run.listener, crossed["image"])}
    result = {}
    for source, target in (("voice", "image"), ("image", "voice")):
        way, drawn = f"{source}_to_{target}", crossed[source]
        result[way] = metrics.accuracy(said[source]["digit"], labels[source])
        result[f"{way}_error"] = metrics.class_error(drawn, labels[source], real[target], labels[target])
        result[f"{way}_diversity"] = metrics.diversity(drawn, labels[source])
    return result | {"image_to_voice_speaker": metrics.accuracy(said["image"]["speaker"], asked)}


def _written(split: str) -> tuple[Tensor, Tensor, Tensor]:
    """3,000 images, their digits, and whose voice is asked for: all six in turn."""
    images = data.images("mnist", split)
    return images.pixels[:3000], images.digit[:3000], torch.arange(min(len(images), 3000)) % 6


def _held(settings: recipes.Settings, split: str, speaker: int | None) -> tuple[Tensor, data.Voices]:
    voices = data.voices(settings.voices, split)
    if speaker is not None:
        voices = data.select(voices, voices.speaker == speaker)
    return settings.front(voices.waves, voices.lengths), voices


def _drawn(module: nn.Module, source: str, code: Tensor, speaker: Tensor, device: str) -> Tensor:
    """Codes of one domain to signals of the other, brought to one level: a judge reads nothing in a dim picture."""
    target = "image" if source == "voice" else "voice"
    crossed = module.cross(source, code, speaker)
    return max_m_percent(batched(lambda part: module.draw(target, part), crossed, device), M)[0]


def _probed(module: nn.Module, settings: recipes.Settings, code: Tensor, held: data.Voices, device: str) -> dict:
    """What linear probes read in the whole voice code, and in its single dimensions."""
    voices = data.voices(settings.voices, "train")
    voices = data.select(voices, torch.arange(len(voices)) % 4 == 0)
    sound = settings.front(voices.waves, voices.lengths)
    seen = batched(lambda x: module.code("voice", x), sound, device)
    true = [{"digit": corpus.digit, "speaker": corpus.speaker} for corpus in (voices, held)]
    result = {f"{name}_probe": metrics.probe(seen, true[0][name], code, true[1][name]) for name in true[0]}
    dimensions = [{str(k): one[:, k] for k in range(one.shape[1])} for one in (seen, code)]
    table = metrics.information(dimensions[0], true[0], dimensions[1], true[1])
    result["dci_disentanglement"], result["dci_completeness"] = metrics.dci(table)
    return result
