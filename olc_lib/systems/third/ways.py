"""Four domains of :mod:`olc_lib.systems.third`: their ways in and out, all directions between them, and the rival."""

import functools
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from olc_lib import appearances, data, metrics, stored, transfer
from olc_lib.latent import IMAGE, VOICE, LatentSpace
from olc_lib.reading import batched, hear, read_digits
from olc_lib.systems import Models, placed

#: All that the new domains have to say, and that the old ones say as well.
SPACE = LatentSpace({"digit": 10})
NEW = ("tones", "display")
#: In the order of the ring that a code is sent around.
DOMAINS = ("voice", *NEW, "image")
#: Rounds of the ring.
ROUNDS = 5


@functools.cache
def pictures(name: str, split: str) -> tuple[Tensor, Tensor]:
    """What a model of the new domains looks at.

    Args:
        name: "tones" or "display".
        split: "train", "validation" or "test".

    Returns:
        Pictures ``[N, 1, 28, 28]`` and digits ``[N]``.
    """
    if name == "tones":
        keys = appearances.presses(split)
        return appearances.picture(keys.waves), keys.digit
    seen = appearances.displays(split)
    return seen.pixels, seen.digit


@dataclass(frozen=True)
class Domain:
    """One appearance of the digits: a way in, a way out, and who judges.

    Args:
        signal: ``[N, ...]``, held-out items.
        digit: ``[N]``.
        encode: signals to digit blocks ``[N, 10]``.
        decode: digit blocks to signals.
        judge: signals to digits; it took no part in the training of the model.
        look: signals to pictures, whose diversity is measured.
        name: the rival's way in, a classifier: signals to digits.
        album: its way out: digits to mean signals of the training data, Max-M-%-normalized as a decoder's are.
    """

    signal: Tensor
    digit: Tensor
    encode: Callable[[Tensor], Tensor]
    decode: Callable[[Tensor], Tensor]
    judge: Callable[[Tensor], Tensor]
    look: Callable[[Tensor], Tensor]
    name: Callable[[Tensor], Tensor]
    album: Callable[[Tensor], Tensor]


def new_domain(name: str, models: Models, split: str) -> Domain:
    """Telephone keys or displays.

    Args:
        name: "tones" or "display".
        models: of this system, trained.
        split: of the held-out items.

    Returns:
        The domain; keys are exchanged as sound.
    """
    model, classifier, sounds = models[name], models[f"{name}_classifier"], name == "tones"
    into = appearances.picture if sounds else torch.nn.Identity()
    out = appearances.sound if sounds else torch.nn.Identity()
    signal, digit = pictures(name, split)
    means = model.normalize(mean_signals(*pictures(name, "train")))
    return Domain(
        appearances.presses(split).waves if sounds else signal,
        digit,
        lambda signal: batched(model.encode, into(signal)),
        lambda block: out(batched(model.decode, block)),
        appearances.dialled if sounds else appearances.displayed,
        lambda signal: model.normalize(into(signal)),
        lambda signal: read_digits(classifier, into(signal)),
        lambda digit: out(means[digit]),
    )


def old_domains(partner: str, split: str, most: int = 600) -> dict[str, Domain]:
    """Voices and images of a run of the system ``placed``, whose weights are read and not changed.

    Args:
        partner: name of the run.
        split: of the held-out items.
        most: images at most, evenly spread.

    Returns:
        "voice" and "image". A sound that comes from elsewhere is said by all six speakers in turn.
    """
    run = stored.load(partner, quiet=True)
    voices, images = placed.corpora(run.settings, split)
    images = data.select(images, torch.arange(0, len(images), max(1, len(images) // most)))
    said, drawn = placed.corpora(run.settings, "train")
    heard = run.spectrogram(said.waves, said.lengths)
    spoken = run.voice.normalize(mean_signals(heard, 10 * said.speaker + said.digit))
    written = run.image.normalize(mean_signals(drawn.pixels, drawn.digit))

    def listen(sounds: Tensor) -> Tensor:
        return hear(run.voice_classifier, sounds)["digit"]

    def read(drawings: Tensor) -> Tensor:
        return read_digits(run.image_classifier, drawings)

    return {
        "voice": Domain(
            run.spectrogram(voices.waves, voices.lengths),
            voices.digit,
            lambda signal: VOICE.split(batched(run.voice.encode, signal))["digit"],
            lambda block: batched(run.voice.decode, transfer.to_voice(block, _turns(block))),
            listen,
            run.voice.normalize,
            listen,
            lambda digit: spoken[10 * _turns(digit) + digit],
        ),
        "image": Domain(
            images.pixels,
            images.digit,
            lambda signal: IMAGE.split(batched(run.image.encode, signal))["digit"],
            lambda block: batched(run.image.decode, transfer.drop(block, SPACE, IMAGE)),
            read,
            run.image.normalize,
            read,
            lambda digit: written[digit],
        ),
    }


def _turns(items: Tensor) -> Tensor:
    return torch.arange(len(items)) % VOICE.sizes["speaker"]


def mean_signals(signal: Tensor, label: Tensor) -> Tensor:
    """The mean of every class.

    Args:
        signal: ``[N, ...]``.
        label: ``[N]``, every class from 0 on.

    Returns:
        ``[classes, ...]``.
    """
    return torch.stack([signal[label == k].mean(0) for k in range(int(label.max()) + 1)])


def domains(models: Models, partner: str, split: str) -> dict[str, Domain]:
    """All four.

    Args:
        models: of this system, trained.
        partner: run of the system ``placed``.
        split: of the held-out items.

    Returns:
        Name to domain, in the order of :data:`DOMAINS`.
    """
    found = old_domains(partner, split) | {name: new_domain(name, models, split) for name in NEW}
    return {name: found[name] for name in DOMAINS}


def directions(found: dict[str, Domain]) -> dict[str, float]:
    """Every way from a domain to another, to itself and to text, beside the plain rival.

    Args:
        found: name to domain.

    Returns:
        ``A_to_B``: percent of the held-out items of A whose digit the judge of B reads; the same under ``rival/``, for
        a classifier of A and mean signals of B; ``A_judge``, what the judge reads in the items themselves;
        ``A_to_B/diversity``, and ``A/diversity`` of the items.
    """
    scores: dict[str, float] = {}
    for name, domain in found.items():
        block, named = domain.encode(domain.signal), domain.name(domain.signal)
        scores[f"{name}_judge"] = metrics.accuracy(domain.judge(domain.signal), domain.digit)
        scores[f"{name}_to_text"] = metrics.accuracy(block.argmax(1), domain.digit)
        scores[f"rival/{name}_to_text"] = metrics.accuracy(named, domain.digit)
        scores[f"text_to_{name}"] = metrics.accuracy(domain.judge(domain.decode(torch.eye(10))), torch.arange(10))
        scores[f"{name}/diversity"] = metrics.diversity(domain.look(domain.signal), domain.digit)
        for other, target in found.items():
            way, made = f"{name}_to_{other}", target.decode(block)
            scores[way] = metrics.accuracy(target.judge(made), domain.digit)
            scores[f"{way}/diversity"] = metrics.diversity(target.look(made), domain.digit)
            scores[f"rival/{way}"] = metrics.accuracy(target.judge(target.album(named)), domain.digit)
    return scores


def ring(found: dict[str, Domain], rounds: int = ROUNDS, snap: bool = False) -> list[float]:
    """Send the codes of held-out voices around: drawn in each domain in turn, and read again from what was drawn.

    Args:
        found: name to domain, in the order of the ring; it begins with the first.
        rounds: how often.
        snap: replace every code by the nearest handcrafted one before it is drawn.

    Returns:
        Percent of the items whose digit the judge reads at the last station of each round.
    """
    first, *stations = found.values()
    block, shares = first.encode(first.signal), []
    for _ in range(rounds):
        for station in (*stations, first):
            block = torch.eye(10)[block.argmax(1)] if snap else block
            made = station.decode(block)
            block = station.encode(made)
            if station is stations[-1]:
                shares.append(metrics.accuracy(station.judge(made), first.digit))
    return shares
