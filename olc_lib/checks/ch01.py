"""Self-checks of chapter 1."""

import torch

from .. import metrics, transfer
from ..latent import IMAGE, VOICE
from .check import check, close, returns_its_input, seeded

#: The ten handcrafted codes, as the chapter has them.
WRITTEN = torch.stack([IMAGE.handcrafted(digit=d) for d in range(10)])


@check(
    "writer 1, and the fifth place of the digit.",
    "two groups, 1 for the writer, and one 1 among ten places.",
    stub=lambda answer: answer == "1-0000000000",
)
def code_of_a_four(answer):
    """Check the text of the code that draws a 4."""
    return isinstance(answer, str) and answer.strip() == "1-0000100000"


@check(
    "eleven numbers, the first one 1.",
    "the result needs 11 numbers: a 1, then dimensions 6 to 15.",
    stub=returns_its_input,
)
def drop_by_hand(to_image):
    """Check a function from voice codes ``[B, 16]`` to image codes ``[B, 11]``."""
    code = VOICE.normalize(torch.randn(3, VOICE.dim, generator=seeded()))
    return close(to_image(code), transfer.drop(code, VOICE, IMAGE))


@check("", "compare VOICE.labels(...)['speaker'] with the truth; percent.")
def speaker_share(share, codes, speaker):
    """Check the share of codes attributed to the right speaker, in percent."""
    expected = metrics.accuracy(VOICE.labels(codes)["speaker"], speaker)
    return close(share, expected, 0.01), "", f"{expected:.1f} %."


@check(
    "the writer's sign matters.",
    "set column 0 of all ten codes to -1 and decode.",
    stub=lambda images, run: bool(torch.allclose(images, run.image.decode(WRITTEN), atol=1e-4)),
)
def wrong_writer(images, run):
    """Check the drawings of the handcrafted codes with the writer's sign turned."""
    code = torch.stack([IMAGE.handcrafted(digit=d) for d in range(10)])
    code[:, 0] = -1
    with torch.no_grad():
        expected = run.image.decode(code)
    return close(images, expected, 0.01)
