"""Self-checks of chapter 15."""

import torch

from ..latent import IMAGE
from .check import check, close, seeded


@check(
    "about twice as far as the noise of training reaches.",
    "the cosine of the angle is the own coordinate; the line goes from (1, 0) to (0.96, 0.28).",
)
def handcrafted_by_hand(angle_and_distance):
    """Angle (degrees) and distance from the ideal code to one of 0.96 in its own place and 0.28 in another.

    Args:
        angle_and_distance: the two numbers.
    """
    hint = ""
    right = close(angle_and_distance[0], 16.26, 0.005) and close(angle_and_distance[1], 0.2828, 0.005)
    if close(angle_and_distance[0], 0.2838, 0.005):
        hint = "the angle is in radians; times 180 / pi gives degrees."
    return right, hint


@check(
    "",
    "encode the pictures, take IMAGE.labels(...)['digit'], join the digits.",
    stub=lambda read_number, run: read_number(torch.zeros(1, 1, 28, 28)) == "",
)
def handcrafted_read(read_number, run):
    """A function from pictures to a number as text, tried on drawings of handcrafted codes.

    Args:
        read_number: ``[B, 1, 28, 28] -> str``.
        run: whose image model draws and reads.
    """
    with torch.no_grad():
        pictures = run.image.decode(torch.stack([IMAGE.handcrafted(digit=d) for d in (2, 7, 1, 8, 2, 8)]))
        expected = "".join(str(int(d)) for d in IMAGE.labels(run.image.encode(pictures))["digit"])
    found = read_number(pictures)
    hint = f"your text is {found!r}; encode the pictures, take IMAGE.labels(...)['digit'], join the digits."
    return found == expected, hint, f"the drawings of 271828 read {expected}."


@check(
    "each class is written the way it stands.",
    "a column of ones for the writer; then the sign of each class's own coordinate, on the diagonal.",
)
def handcrafted_mended(codes_for):
    """Codes that suit a model some of whose classes stand upside down.

    Args:
        codes_for: average codes ``[10, 10]`` to codes ``[10, 11]`` of 0, 1 and -1.
    """
    sign = torch.tensor([1.0, 1, -1, 1, 1, -1, 1, 1, 1, -1])
    lean = torch.randn(10, 10, generator=seeded()) * 0.2
    means = torch.nn.functional.normalize(torch.diag(sign) + lean, dim=1)
    return close(codes_for(means), torch.cat([torch.ones(10, 1), torch.diag(sign)], dim=1))


@check("", "a tensor of 11 numbers.", stub=lambda code, run: torch.equal(code, IMAGE.handcrafted(digit=7)))
def handcrafted_liar(code, run):
    """A code whose text says 7 and whose drawing the judge reads as another digit.

    Args:
        code: ``[11]``, writer 1, digit block of length 1.
        run: whose image model draws, and whose judge reads.
    """
    from ..reading import read_digits

    block = code[1:]
    fits = code.shape == (11,) and close(code[0], 1.0) and close(block.norm(), 1.0)
    with torch.no_grad():
        read = int(read_digits(run.image_classifier, run.image.decode(code[None]))[0])
    right = bool(fits and int(block.argmax()) == 7 and (read != 7))
    hint = "writer 1, and ten numbers of length 1." if not fits else f"the judge reads a {read}."
    if fits and int(block.argmax()) != 7:
        hint = f"the text says {int(block.argmax())}, not 7."
    praise = f"the text says 7, the judge reads a {read}."
    return right, hint, praise
