"""What chapters 16 and 17 see in drawings, noise and round trips of synthetic voices, measured on people's voices."""

import dataclasses
from collections.abc import Callable

import torch
from torch import Tensor

from olc_lib import block_metrics, data, metrics, stored, transfer
from olc_lib.latent import IMAGE, VOICE
from olc_lib.reading import batched, hear, read_digits
from olc_lib.stored import Run
from olc_lib.systems import Experiment, placed
from olc_lib.systems.placed import SETTINGS, unchanged

from .paper_experiments import SHORT, signals

#: How often a word goes to an image and back.
ROUNDS = 6
#: Deviation of the white noise of the noisy room, as a share of a clip's peak.
NOISE = 0.05


def shortly(seed: int, device: str = "cpu", clean: bool = False) -> dict[str, float]:
    """Train an image and a log-mel voice model shortly, and look at what passes between them.

    Args:
        seed: of weights and training.
        device: where to train.
        clean: ask the voice model's decoder for the unchanged picture of what its encoder heard changed.

    Returns:
        See :func:`look`.
    """
    loss = SHORT["voice"].loss | ({"clean": unchanged} if clean else {})
    voice = dataclasses.replace(SHORT["voice"], loss=loss)
    settings = dataclasses.replace(SETTINGS["slim"], seed=seed, image=SHORT["image"], voice=voice, speech=None)
    models, given = placed.build(settings), placed.corpora(settings, "train")
    for part in ("image", "voice"):
        placed.fit_model(part, models, settings, given, device)
        models[part].to("cpu")
    return look(models, settings)


def trained(seed: int, device: str = "cpu", run: str = "slim") -> dict[str, float]:
    """Look at a stored run.

    Args:
        seed: changes nothing but the noise.
        device: not used.
        run: its name.

    Returns:
        See :func:`look`.
    """
    loaded = stored.load(run, quiet=True)
    return look(dict(loaded.models), dataclasses.replace(loaded.settings, seed=seed))


def look(models: dict, settings: placed.Settings) -> dict[str, float]:
    """What voices leave in drawings, what noise does, and what is left after round trips.

    Args:
        models: ``image`` and ``voice``; whoever reads and hears is a classifier of ``slim``.
        settings: with which they were trained.

    Returns:
        All shares in percent, on test clips. ``voice_digit``: read from the code; ``drawn``: read in the drawing.
        ``speaker_from_sound``, ``_block``, ``_drawn``, ``_snapped``: a linear probe names the speaker from the log-mel
        picture, from the digit block, from what is drawn from it, and from what is drawn from the nearest handcrafted
        one. ``length_real``, ``_redrawn``, ``_snapped``: correlation of a clip's length with its picture's bright
        columns, both from the mean of speaker and digit. ``noisy_heard``, ``_drawn``, ``_snapped``: as above with
        white noise; ``noisy_lost``: drawings read wrong of noisy clips that were heard right, ``noisy_mended``: how
        many of these a handcrafted code repairs (counts). ``drawn_1`` and so on: the digit in the drawing of each
        round; ``said_1``: in what is said from it; ``diversity_1``: of what is said; ``text_1``: the digit in the
        drawing where every round begins with a handcrafted code.
    """
    readers = stored.load("slim", only=["image_classifier", "voice_classifier"], quiet=True)
    voice, image, crafted = models["voice"], models["image"], torch.eye(10)
    sound, label = signals("voice", settings, "test")
    code = batched(voice.encode, sound)

    def draw(block: Tensor) -> Tensor:
        return batched(image.decode, torch.cat([torch.ones(len(block), 1), block], 1))

    def say(block: Tensor) -> Tensor:
        return batched(voice.decode, transfer.to_voice(block, label["speaker"]))

    def right(pictures: Tensor) -> float:
        return metrics.accuracy(read_digits(readers.image_classifier, pictures), label["digit"])

    block = VOICE.split(code)["digit"]
    snapped = crafted[block.argmax(1)]
    result = {"voice_digit": metrics.accuracy(block.argmax(1), label["digit"]), "drawn": right(draw(block))}
    seen, seen_label = signals("voice", settings, "train")
    given = VOICE.split(batched(voice.encode, seen))["digit"]
    probed = {
        "sound": (seen, sound),
        "block": (given, block),
        "drawn": (draw(given), draw(block)),
        "snapped": (draw(crafted[given.argmax(1)]), draw(snapped)),
    }
    for name, (fitted, asked) in probed.items():
        names = seen_label["speaker"], label["speaker"]
        share = block_metrics.probe(fitted.flatten(1), names[0], asked.flatten(1), names[1])
        result[f"speaker_from_{name}"] = share
    group = 10 * label["speaker"] + label["digit"]
    length = data.voices(settings.voices, "test").lengths.float()
    for name, picture in {"real": voice.normalize(sound), "redrawn": say(block), "snapped": say(snapped)}.items():
        result[f"length_{name}"] = together(length, bright_columns(picture), group)
    return result | _noisy(voice, settings, draw, readers) | _rounds(code, models, draw, say, readers, label)


def _noisy(voice, settings: placed.Settings, draw: Callable[[Tensor], Tensor], readers: Run) -> dict[str, float]:
    """White noise inside every clip, and where the wrong drawings come from."""
    clips = data.voices(settings.voices, "test")
    generator = torch.Generator().manual_seed(settings.seed)
    noise = NOISE * clips.waves.abs().amax(1, keepdim=True) * torch.randn(clips.waves.shape, generator=generator)
    inside = torch.arange(clips.waves.shape[1]) < clips.lengths[:, None]
    heard = VOICE.split(batched(voice.encode, settings.spectrogram(clips.waves + noise * inside, clips.lengths)))
    digit = heard["digit"].argmax(1)
    ways = {"drawn": heard["digit"], "snapped": torch.eye(10)[digit]}
    read = {way: read_digits(readers.image_classifier, draw(block)) for way, block in ways.items()}
    lost = (digit == clips.digit) & (read["drawn"] != clips.digit)
    result = {f"noisy_{way}": metrics.accuracy(found, clips.digit) for way, found in read.items()}
    return result | {
        "noisy_heard": metrics.accuracy(digit, clips.digit),
        "noisy_lost": int(lost.sum()),
        "noisy_mended": int((read["snapped"] == clips.digit)[lost].sum()),
    }


def _rounds(code: Tensor, models: dict, draw: Callable, say: Callable, readers: Run, label: dict) -> dict[str, float]:
    """From voice to image and back, each time in the clip's own speaker's voice; then the same over text."""
    group, result = 10 * label["speaker"] + label["digit"], {}
    for name, text in (("drawn", False), ("text", True)):
        block = VOICE.split(code)["digit"]
        for number in range(1, ROUNDS + 1):
            drawing = draw(torch.eye(10)[block.argmax(1)] if text else block)
            word = say(IMAGE.split(batched(models["image"].encode, drawing))["digit"])
            block = VOICE.split(batched(models["voice"].encode, word))["digit"]
            read = read_digits(readers.image_classifier, drawing)
            result[f"{name}_{number}"] = metrics.accuracy(read, label["digit"])
            if not text:
                ear = hear(readers.voice_classifier, word)["digit"]
                result[f"said_{number}"] = metrics.accuracy(ear, label["digit"])
                result[f"diversity_{number}"] = metrics.diversity(word, group)
    return result


def bright_columns(pictures: Tensor) -> Tensor:
    """How long a picture of sound is bright.

    Args:
        pictures: ``[B, 1, H, W]``.

    Returns:
        ``[B]``: columns louder than half of the picture's maximum.
    """
    loudest = pictures[:, 0].amax(1)
    return (loudest > 0.5 * loudest.amax(1, keepdim=True)).float().sum(1)


def together(a: Tensor, b: Tensor, group: Tensor) -> float:
    """Correlation of two numbers, each measured from the mean of its group.

    Args:
        a: ``[B]``.
        b: ``[B]``.
        group: ``[B]`` indices.

    Returns:
        -1 to 1; 0 where one of them is constant in every group.
    """
    a, b = (x - torch.stack([x[group == k].mean() for k in group]) for x in (a, b))
    return float(a @ b / (a.norm() * b.norm()).clamp_min(1e-9))


#: The ledger's experiments with what passes between people's voices and images.
EXPERIMENTS = {
    "people": Experiment(
        "What do people's voices leave in drawings, what does noise do, and do round trips drift?",
        shortly,
        {"changed targets": {}, "clean targets": {"clean": True}},
        seeds=5,
    ),
    "people-slim": Experiment(
        "And those of the run slim, which is trained longer?", trained, {"slim": {"run": "slim"}}, seeds=1
    ),
}
