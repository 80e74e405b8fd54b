"""Self-checks of chapter 4."""

import torch

from .check import check, close, seeded

#: Forty recordings of three clips each.
THREE_EACH = torch.arange(40).repeat(3)


@check("40 dB down leave a third.", "how many decibels are a factor of 100 in amplitude?")
def data_brightness(brightness):
    """Brightness of a spot at a hundredth of the loudest amplitude, with a floor of 60 dB.

    Args:
        brightness: 0 to 1.
    """
    return close(brightness, 1 / 3, 0.01)


@check("every word has mean zero.", "divide the sum by the word's length, and touch only the word's samples.")
def data_centre(centre):
    """Words lose their own mean, the padding stays zero.

    Args:
        centre: ``(waves [N, T], lengths [N]) -> [N, T]``.
    """
    waves = torch.randn(3, 50, generator=seeded()) + 1
    lengths = torch.tensor([50, 30, 10])
    inside = torch.arange(50) < lengths[:, None]
    waves = waves * inside
    mean = waves.sum(1) / lengths
    return close(centre(waves.clone(), lengths), (waves - mean[:, None]) * inside, 1e-5)


@check(
    "all clips of a recording are on one side.",
    "no clip may have a sister on the other side.",
    stub=lambda fair: torch.equal(fair(THREE_EACH, seeded()), torch.rand(120, generator=seeded()) < 0.2),
)
def data_fair_split(fair):
    """No recording on both sides, and about a fifth of them held out.

    Args:
        fair: ``(recording [N], generator) -> mask [N]``.
    """
    recording, hint = torch.arange(400).repeat(3), "no clip may have a sister on the other side."
    held = fair(recording, seeded())
    counts = torch.bincount(recording[held], minlength=400)
    whole = bool(((counts == 0) | (counts == 3)).all())
    part = float((counts == 3).float().mean())
    right = whole and 0.12 < part < 0.28
    if whole:
        hint = f"{part:.0%} of the recordings are held out; about a fifth is wanted."
    return right, hint


@check("to the recognizer this is Finn.", "`disguised` is one clip as long as `anna`.", stub=torch.equal)
def data_disguise(before: torch.Tensor, after):
    """The same curve, 0.05 higher, give or take half a step of the recognizer.

    Args:
        before: ``[T]``, Anna's word.
        after: ``[T]``, what was made of it.
    """
    lift = after - before
    moved, bent = float(lift.mean()), float((lift - lift.mean()).abs().max())
    right = after.shape == before.shape and bent < 0.001 and (0.045 < moved < 0.056)
    hint = f"it was lifted by {moved:.3f} and bent by {bent:.3f}; the mean of Finn's clips is five steps above Anna's."
    return right, hint
