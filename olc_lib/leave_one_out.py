"""A voice never heard before: the voice model trained without one speaker, then tested on that speaker."""

import dataclasses
import json
import os
from collections.abc import Iterator

import torch

from . import __version__, data, metrics, recipes, runs
from .latent import VOICE

#: At most so many steps a training: six of them should fit into half an hour on two cores.
STEPS = 3000


def without(voices: data.Voices, speaker: int, keep: bool = False) -> data.Voices:
    """Leave one speaker out.

    Args:
        voices: any split.
        speaker: whose clips to drop.
        keep: the reverse, keep only these.

    Returns:
        The remaining clips.
    """
    rows = (voices.speaker == speaker) == keep
    fields = {name: getattr(voices, name)[rows] for name in ("waves", "lengths", "speaker", "digit", "take")}
    return dataclasses.replace(voices, **fields)


def measure(name: str, speaker: int, progress: bool | None = None) -> dict:
    """Train a run's voice model, for at most :data:`STEPS` steps, without one speaker; read that speaker's digits.

    Args:
        name: of the run whose settings are used.
        speaker: index of the one left out.
        progress: see :func:`olc_lib.train.fit`.

    Returns:
        Speaker, accuracy on validation and test takes (percent), and for every test and validation clip its
        digit, the digit read and the margin between the two best. Stored beside the run's folder and read from
        there the next time.
    """
    settings = recipes.SETTINGS[name]
    voices = data.voices(settings.voices, "train")
    folder = runs.folders(name)[0].with_name(f"{name}-leave-one-out")
    path = folder / f"{voices.speakers[speaker]}.json"
    if path.exists():
        return json.loads(path.read_text())
    folder.mkdir(parents=True, exist_ok=True)
    steps = min(STEPS, settings.voice.steps)
    settings = dataclasses.replace(settings, voice=dataclasses.replace(settings.voice, steps=steps))
    models = recipes.build(settings)
    resume = path.with_suffix(".resume")
    recipes.fit_part("voice", models, settings, (without(voices, speaker), None), resume=resume, progress=progress)
    result = {"speaker": voices.speakers[speaker], "steps": steps, "olc_lib": __version__, "torch": torch.__version__}
    for split in ("validation", "test"):
        held = without(data.voices(settings.voices, split), speaker, keep=True)
        with torch.no_grad():
            code = models["voice"].encode(settings.front(held.waves, held.lengths))
        value, digit = VOICE.split(code)["digit"].topk(2, dim=1)
        result[split] = {
            "accuracy": round(metrics.accuracy(digit[:, 0], held.digit), 2),
            "digit": held.digit.tolist(),
            "read": digit[:, 0].tolist(),
            "margin": [round(m, 3) for m in (value[:, 0] - value[:, 1]).tolist()],
        }
    temporary = path.with_suffix(".part")
    temporary.write_text(json.dumps(result) + "\n")
    os.replace(temporary, path)
    resume.unlink(missing_ok=True)
    return result


def table(name: str, speakers: list[int] | None = None) -> Iterator[str]:
    """Measure speaker after speaker and report.

    Args:
        name: of the run whose settings are used.
        speakers: which ones; ``None`` takes all.

    Yields:
        A line for each speaker, then one for their mean.
    """
    count = VOICE.sizes["speaker"]
    results = []
    for speaker in range(count) if speakers is None else speakers:
        results.append(measure(name, speaker))
        yield f"without {results[-1]['speaker']:10} digits {results[-1]['test']['accuracy']:6.2f} %"
    items = sum(len(result["test"]["digit"]) for result in results)
    mean = sum(result["test"]["accuracy"] for result in results) / len(results)
    low, high = metrics.wilson(mean, items)
    yield f"mean of {len(results)} speakers: digits {mean:.2f} % (95 % interval {low:.1f} to {high:.1f}, {items} clips)"
