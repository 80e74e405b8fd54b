"""What the decoder is asked for: the changed picture that the encoder heard, or the clean one of the same clip."""

import dataclasses

import torch

from olc_lib import data, losses, metrics, stored, transfer
from olc_lib.reading import batched, hear
from olc_lib.systems import Experiment, placed
from olc_lib.systems.placed import SETTINGS, unchanged

from .paper_experiments import SPEAKERS, left_out

#: Results that begin so depend on the voice model.
OF_VOICES = ("voice_", "transfer_", "text_to_voice_", "image_to_voice_", "conversion_")


def speaking(
    seed: int, device: str = "cpu", split: str = "test", steps: int = 5000, clean: bool = False, rms: bool = False
) -> dict[str, float]:
    """Train the log-mel model of ``slim`` and a bridge to its image model, and measure both.

    Args:
        seed: of weights and training.
        device: where to train.
        split: ``"test"``, or ``"validation"`` where settings are chosen.
        steps: of the voice model.
        clean: ask the decoder for the unchanged picture of what the encoder heard changed.
        rms: take the root mean square form of Eq. (5).

    Returns:
        Those metrics of ``placed.measure`` that depend on the voice model. Drawings are read, and
        voices are heard, by the classifiers of ``slim``.
    """
    loss = {"clean": unchanged} if clean else {}
    loss |= {"disentanglement": losses.disentanglement_rms} if rms else {}
    voice = dataclasses.replace(SETTINGS["slim"].voice, steps=steps, loss=loss)
    settings = dataclasses.replace(SETTINGS["slim"], seed=seed, voice=voice)
    fresh, models = placed.build(settings), dict(stored.load("slim", quiet=True).models)
    given = placed.corpora(settings, "train")
    for name in ("voice", "bridge"):
        models[name] = fresh[name]
        placed.fit_model(name, models, settings, given, device)
    measured = placed.measure(models, settings, split, device)[0]
    return {name: value for name, value in measured.items() if name.startswith(OF_VOICES)}


def taught(
    seed: int, device: str = "cpu", split: str = "test", steps: int = 2000, lr: float = 2e-3, told: float = 0.0
) -> dict[str, float]:
    """Train the last stage of ``slim`` alone, its voice model's decoder on clean pictures, and measure what it says.

    Args:
        seed: of the training; the decoder starts from that of ``slim`` before this stage.
        device: where to train.
        split: ``"test"``, or ``"validation"`` where settings are chosen.
        steps: of the stage.
        lr: its highest rate.
        told: share of the blocks of a code that are written by hand from the label.

    Returns:
        Those metrics of ``placed.measure`` that depend on the decoder, heard by the classifier of ``slim``.
    """
    training = placed.Training(steps, 32, lr, loss={"told": told} if told else {})
    settings = dataclasses.replace(SETTINGS["slim"], seed=seed, speech=training)
    models = dict(stored.load("slim", quiet=True).models)
    models |= stored.load("slim", only=["voice"], quiet=True).models
    given = placed.corpora(settings, "train")
    placed.fit_model("speech", models | {"speech": models["voice"].decoder}, settings, given, device)
    measured = placed.measure(models, settings, split, device)[0]
    return {name: value for name, value in measured.items() if name.startswith((*OF_VOICES[2:], "voice_rms"))}


def heard(seed: int, device: str = "cpu", what: str = "decoder") -> dict[str, float]:
    """Is a speaker heard in one picture a word: in the decoder's, in the mean of his clips, in the clip nearest to it?

    Args:
        seed: not used, nothing is drawn.
        device: not used.
        what: ``"decoder"``: handcrafted codes, decoded by ``slim``; ``"mean"``: of the normalized training clips of
            every speaker and digit; ``"nearest"``: the training clip with the smallest distance to that mean.

    Returns:
        Percent of the sixty pictures in which the classifier of ``slim`` hears ``digit`` and ``speaker``, and of the
        ten words of each speaker, by name, in which it hears him.
    """
    run, voices = stored.load("slim", quiet=True), data.voices("fsdd", "train")
    speaker, digit = torch.arange(6).repeat_interleave(10), torch.arange(10).repeat(6)
    if what == "decoder":
        pictures = run.voice.decode(transfer.to_voice(torch.eye(10)[digit], speaker))
    else:
        clips = batched(run.voice.normalize, run.spectrogram(voices.waves, voices.lengths))
        groups = [clips[(voices.speaker == s) & (voices.digit == d)] for s, d in zip(speaker, digit, strict=True)]
        if what == "nearest":
            groups = [some[(some - some.mean(0)).flatten(1).norm(dim=1).argmin()][None] for some in groups]
        pictures = torch.stack([some.mean(0) for some in groups])
    ear = hear(run.voice_classifier, pictures)
    shares = {"digit": metrics.accuracy(ear["digit"], digit), "speaker": metrics.accuracy(ear["speaker"], speaker)}
    own = {name: metrics.accuracy(ear["speaker"][speaker == s], speaker[speaker == s])
           for s, name in enumerate(voices.speakers)}  # fmt: skip
    return shares | own


#: Target, with the form of Eq. (5) that the trials preferred.
ARMS = {"clean, largest": {"clean": True}, "changed, largest": {}}
TRIALS = {"clean, largest": {"clean": True}, "clean, root mean square": {"clean": True, "rms": True}}
#: Ways to train the decoder alone; the first is what slim had when they were tried. Taken is the one whose asked
#: speakers are heard most often over validation images said by each speaker, of those that lose at most a point of
#: digits.
SPEECH = {
    "codes as heard": {},
    "half of the blocks by hand": {"told": 0.5},
    "codes as heard, three times the steps": {"steps": 6000},
    "half by hand, three times the steps": {"told": 0.5, "steps": 6000},
    "half by hand, twice the rate": {"told": 0.5, "lr": 4e-3},
}
EXPERIMENTS = {
    "clean-targets": Experiment(
        "Does a decoder that is asked for clean pictures speak better, and does the encoder read as well?",
        speaking,
        ARMS,
        seeds=5,
    ),
    "clean-targets-trials": Experiment(
        "Which form of Eq. (5) goes with clean targets, asked of validation takes?",
        speaking,
        {name: {"split": "validation", "steps": 2000, **arm} for name, arm in TRIALS.items()},
        seeds=1,
    ),
    "speech-trials": Experiment(
        "How is the decoder of slim best trained on clean pictures, asked of validation takes?",
        taught,
        {name: {"split": "validation", **arm} for name, arm in SPEECH.items()},
        seeds=1,
    ),
    "speech-limits": Experiment(
        "Is a speaker heard in what slim draws of him, and in the mean of his clips?",
        heard,
        {
            "drawn by slim": {"what": "decoder"},
            "mean of training clips": {"what": "mean"},
            "training clip nearest to the mean": {"what": "nearest"},
        },
        seeds=1,
    ),
    "clean-left-out": Experiment(
        "How well is a voice read that was never heard, if the decoder is asked for clean pictures?",
        left_out,
        {name: {"speaker": name, "clean": True} for name in SPEAKERS},
        seeds=5,
    ),
}
