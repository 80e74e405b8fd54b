"""Pairs of a word and an image of its digit: what systems with two domains are trained on, and how they are measured.

A system of pairs is one module with ``loss(batch, step, generator)``, ``code(domain, signal)``, ``draw(domain, code)``
and ``cross(source, code, speaker)``, see :class:`olc_lib.systems.classified.Classified`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from olc_lib import block_metrics, data, metrics, stored, transfer
from olc_lib.normalize import max_m_percent
from olc_lib.reading import batched, hear, read_digits
from olc_lib.spectra import SIZE, LogMel
from olc_lib.systems import Models, Stage, Training

#: Shape of one signal of each domain.
SHAPES = {"image": (1, 28, 28), "voice": (1, SIZE, SIZE)}
#: M of Max M %, percent, that drawn and real signals are compared after.
M = 5.0


@dataclass(frozen=True)
class Settings:
    """Everything that makes a run of a system of pairs.

    Args:
        pair: how the one model is trained.
        voices: corpus of spoken digits.
        images: corpus of written digits.
        width: of the stacks of Table 6.
        seed: of weights and of training.
        left_out: a speaker who is not heard in training, and the only one who is measured.
        augmented: change the words at random, see :class:`olc_lib.spectra.LogMel`.
        labelled: share of the words and of the images, chosen by the seed, whose labels a system may see that can
            do without (:mod:`olc_lib.systems.conditional`).
        reader: the run of the system ``placed`` whose classifiers read what is drawn.
        options: of the system.
        spectrogram: the log-mel front end.
    """

    pair: Training
    voices: str = "fsdd"
    images: str = "mnist"
    width: float = 1 / 16
    seed: int = 0
    left_out: int | None = None
    augmented: bool = False
    labelled: float = 1.0
    reader: str = "slim"
    options: dict = field(default_factory=dict)
    spectrogram: LogMel = field(default_factory=LogMel)


def words(settings: Settings, split: str) -> data.Voices:
    """The voices of a split that the settings leave in: in training all but the one left out, else this one alone.

    Args:
        settings: of the run.
        split: ``"train"``, ``"validation"`` or ``"test"``.

    Returns:
        Voices.
    """
    voices = data.voices(settings.voices, split)
    if settings.left_out is None:
        return voices
    out = voices.speaker == settings.left_out
    return data.select(voices, ~out if split == "train" else out)


def stages(settings: Settings) -> Sequence[Stage]:
    """The one training of a system of pairs.

    Args:
        settings: of the run.

    Returns:
        One stage; its model is called ``pair``.
    """

    def prepare(models: Models, settings: Settings, device: str):
        voices, images = words(settings, "train"), data.images(settings.images, "train")
        spectrogram = settings.spectrogram
        fine = spectrogram.fine_spectrogram(voices.waves, voices.lengths)
        change = spectrogram.augment if settings.augmented else lambda fine, generator: spectrogram.picture(fine)
        chance = torch.Generator().manual_seed(settings.seed)
        known = [torch.rand(len(some), generator=chance) < settings.labelled for some in (voices, images)]
        loss = paired_loss(
            models["pair"], change, images.pixels.to(device), images.digit.to(device), known[1].to(device)
        )
        return loss, {"signal": fine, "speaker": voices.speaker, "digit": voices.digit, "known": known[0]}

    return [Stage("pair", settings.pair, (), prepare)]


def paired_loss(module: nn.Module, change: Callable, images: Tensor, digit: Tensor, known: Tensor) -> Callable:
    """Pairs of a word and an image of its digit, a new image each time, as a loss for :func:`olc_lib.train.fit`.

    Args:
        module: a system.
        change: augmentation of the words, ``change(fine spectrograms, generator)``.
        images: ``[N, 1, 28, 28]`` in 0..1.
        digit: ``[N]``.
        known: ``[N]``, the images whose digit may be seen.

    Returns:
        ``loss(batch, step, generator)``; the batch holds ``signal`` (fine spectrograms), ``speaker``, ``digit`` and
        ``known`` ``[B]``. The system's own loss gets ``voice`` and ``image`` in place of ``signal``, and
        ``voice_known`` and ``image_known`` in place of ``known``.
    """
    pick = transfer.same_digit(digit)

    def loss(batch, step, generator):
        voice, at = change(batch["signal"], generator), pick(batch["digit"], generator)
        given = {
            "voice": voice,
            "image": images[at],
            "voice_known": batch["known"],
            "image_known": known[at],
            "speaker": batch["speaker"],
            "digit": batch["digit"],
        }
        value = module.loss(given, step, generator)
        return value, {"total": value.detach()}

    return loss


def measure(models: Models, settings: Settings, split: str, device: str = "cpu") -> tuple[dict, dict[str, Tensor]]:
    """Measure a model on a split: both crossings, redrawing in each domain, and what the voice code holds.

    Signals that are drawn are compared after Max M %, so that the level does not count.

    Args:
        models: trained.
        settings: of the run.
        split: where to measure.
        device: where to work; the model is on the CPU afterwards.

    Returns:
        ``(metrics, {})``. ``voice_to_image``: the image classifier reads the spoken digit (percent),
        ``image_to_voice``: the voice classifier hears the written one (on 3,000 images), each with ``_error`` (see
        :func:`olc_lib.metrics.class_error`) and ``_diversity``; ``image_to_voice_speaker``: it hears the speaker
        asked for; ``voice_rms``, ``image_rms`` of signals redrawn in their own domain; ``parameters``; and, if no
        speaker is left out, what linear probes read in the voice code (``digit_probe``, ``speaker_probe``) and
        ``dci_disentanglement``, ``dci_completeness`` of its single dimensions.
    """
    module, held = models["pair"].to(device).eval(), words(settings, split)
    pixels, digit, asked = written(settings.images, split)
    given = {"voice": settings.spectrogram(held.waves, held.lengths), "image": pixels}
    real = {domain: max_m_percent(signals, M)[0] for domain, signals in given.items()}
    labels = {"voice": held.digit, "image": digit}
    result = {"parameters": sum(p.numel() for p in module.parameters())}
    codes, crossed = {}, {}
    for source, speaker in (("voice", held.speaker), ("image", asked)):
        codes[source] = code = batched(lambda x, source=source: module.code(source, x), given[source], device)
        crossed[source] = drawn(module, source, code, speaker, device)
        again = batched(lambda x, source=source: module.draw(source, x), code, device)
        result[f"{source}_rms"] = metrics.rms(real[source], max_m_percent(again, M)[0])
        result[f"{source}_diversity"] = metrics.diversity(real[source], labels[source])
    result |= crossings(settings.reader, crossed, labels, asked, real)
    if settings.left_out is None:
        result |= _probed(module, settings, codes["voice"], held, device)
    module.to("cpu")
    return result, {}


def crossings(reader: str, crossed: dict, labels: dict, asked: Tensor, real: dict) -> dict:
    """How good the signals are that were drawn from codes of the other domain.

    Args:
        reader: the run of the system ``placed`` whose classifiers read them.
        crossed: source domain to the signals drawn from it.
        labels: source domain to the digits they should show.
        asked: the speakers who were asked for where the source is an image.
        real: domain to real signals, to compare with.

    Returns:
        See :func:`measure`.
    """
    run = stored.load(reader, only=["image_classifier", "voice_classifier"], quiet=True)
    said = {
        "voice": {"digit": read_digits(run.image_classifier, crossed["voice"])},
        "image": hear(run.voice_classifier, crossed["image"]),
    }
    result = {}
    for source, target in (("voice", "image"), ("image", "voice")):
        way, drawn = f"{source}_to_{target}", crossed[source]
        result[way] = metrics.accuracy(said[source]["digit"], labels[source])
        result[f"{way}_error"] = metrics.class_error(drawn, labels[source], real[target], labels[target])
        result[f"{way}_diversity"] = metrics.diversity(drawn, labels[source])
    return result | {"image_to_voice_speaker": metrics.accuracy(said["image"]["speaker"], asked)}


def written(images: str, split: str) -> tuple[Tensor, Tensor, Tensor]:
    """3,000 images to be spoken.

    Args:
        images: name of the corpus.
        split: of it.

    Returns:
        ``(pixels, digits, speakers)``: whose voice is asked for, all six in turn.
    """
    corpus = data.images(images, split)
    return corpus.pixels[:3000], corpus.digit[:3000], torch.arange(min(len(corpus), 3000)) % 6


def drawn(module: nn.Module, source: str, code: Tensor, speaker: Tensor, device: str) -> Tensor:
    """Signals drawn from codes of the other domain, brought to one level: a classifier needs bright pictures.

    Args:
        module: the system.
        source: ``"voice"`` or ``"image"``.
        code: ``[N, D]`` of that domain.
        speaker: ``[N]``, who is to speak where a voice is made.
        device: where the module works.

    Returns:
        ``[N, *shape]`` of the other domain.
    """
    target = "image" if source == "voice" else "voice"
    crossed = module.cross(source, code, speaker)
    return max_m_percent(batched(lambda part: module.draw(target, part), crossed, device), M)[0]


def _probed(module: nn.Module, settings: Settings, code: Tensor, held: data.Voices, device: str) -> dict:
    """What linear probes read in the whole voice code, and in its single dimensions."""
    voices = data.voices(settings.voices, "train")
    voices = data.select(voices, torch.arange(len(voices)) % 4 == 0)
    sound = settings.spectrogram(voices.waves, voices.lengths)
    seen = batched(lambda x: module.code("voice", x), sound, device)
    true = [{"digit": corpus.digit, "speaker": corpus.speaker} for corpus in (voices, held)]
    result = {f"{name}_probe": block_metrics.probe(seen, true[0][name], code, true[1][name]) for name in true[0]}
    dimensions = [{str(k): one[:, k] for k in range(one.shape[1])} for one in (seen, code)]
    table = block_metrics.information(dimensions[0], true[0], dimensions[1], true[1])
    result["dci_disentanglement"], result["dci_completeness"] = block_metrics.dci(table)
    return result
