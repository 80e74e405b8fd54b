"""From any recording of a digit to a picture of it, with the weights that ship with the package."""

from pathlib import Path

import torch

from . import data, stored, transfer
from .latent import IMAGE, VOICE
from .pictures import png

#: Below this margin between the two best digits the demo says that it is unsure. Chosen on the validation
#: takes of speakers left out of training: it catches most wrong answers and few right ones (README has the
#: shares on the test takes).
UNSURE = 0.5


def listen(recording: str | Path, run: stored.Run) -> tuple[torch.Tensor, torch.Tensor]:
    """Read a recording, find the word in it, and encode it.

    Args:
        recording: path of a sound file.
        run: the run whose voice model listens.

    Returns:
        ``(picture, code)``: the log-mel picture ``[1, 1, 32, 32]`` and the code ``[1, 16]``.

    Raises:
        FileNotFoundError, ValueError: see :func:`olc_lib.data.audio`.
    """
    word = data.find_word(data.audio(recording))
    picture = run.spectrogram(data.pad(word)[None], torch.tensor([len(word)]))
    with torch.no_grad():
        return picture, run.voice.encode(picture)


def draw(recording: str | Path, out: Path, name: str = "slim") -> str:
    """Turn a recording into a picture file.

    Args:
        recording: path of a sound file.
        out: where the picture goes, a PNG.
        name: of the run.

    Returns:
        What to tell the user: the two best digits, the margin, where the picture is.

    Raises:
        FileNotFoundError, ValueError: see :func:`olc_lib.data.audio`.
    """
    run = stored.load(name, only=["voice", "image"], quiet=True)
    _, code = listen(recording, run)
    with torch.no_grad():
        image = run.image.decode(transfer.drop(code, VOICE, IMAGE))[0]
    temporary = out.with_name(out.name + ".part")
    temporary.write_bytes(png(image, zoom=10))
    temporary.replace(out)
    value, digit = VOICE.split(code)["digit"][0].topk(2)
    margin = float(value[0] - value[1])
    doubt = f" - unsure, it may well be a {digit[1]}" if margin < UNSURE else ""
    return (
        f"{recording}: {digit[0]} ({value[0]:.2f}), then {digit[1]} ({value[1]:.2f}), margin {margin:.2f}{doubt}\n"
        f"picture: {out}"
    )
