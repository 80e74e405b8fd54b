"""Self-checks of chapter 24."""

import torch

from .. import metrics
from .check import check, close


@check(
    "1.72 and 0.56, sharper than either.",
    "precisions (one over the variance) add up; the mean is that of the means, weighted by them.",
)
def peers_product(mean_and_deviation):
    """The product of two Gaussians, mean 0 and deviation 1.5, mean 2 and deviation 0.6.

    Args:
        mean_and_deviation: two numbers.
    """
    precision = 1 / 1.5**2 + 1 / 0.6**2
    mean = 2 / 0.6**2 / precision
    hint = ""
    if close(mean_and_deviation, [mean, 1 / precision], 0.005):
        hint = "nearly: that is the variance, not the deviation."
    return close(mean_and_deviation, [mean, precision ** (-0.5)], 0.005), hint


@check(
    "",
    "stamps should be a tensor of shape [6, 10, 1, 32, 32].",
    stub=lambda stamps, run: torch.equal(stamps, stamps[:1, :1].expand_as(stamps)),
)
def peers_stamps(stamps, run):
    """Mean words that win the way back, though nothing hears or draws.

    Args:
        stamps: ``[6, 10, 1, 32, 32]``, for each speaker and digit a log-mel picture.
        run: a loaded run, whose listener hears them.
    """
    from ..reading import hear
    from ..systems import placed

    if not isinstance(stamps, torch.Tensor) or list(stamps.shape) != [6, 10, 1, 32, 32]:
        return False
    ear = hear(run.voice_classifier, stamps.flatten(0, 1))
    digit, speaker = torch.arange(10).repeat(6), torch.arange(6).repeat_interleave(10)
    digits, speakers = metrics.accuracy(ear["digit"], digit), metrics.accuracy(ear["speaker"], speaker)
    voices = placed.corpora(run.settings, "test")[0]
    real = run.voice.normalize(run.spectrogram(voices.waves, voices.lengths))
    spread = metrics.diversity(run.voice.normalize(stamps.flatten(0, 1)), digit)
    wanted = metrics.diversity(real, voices.digit)
    found = f"digits {digits:.0f} %, speakers {speakers:.0f} %, diversity {spread:.2f} of {wanted:.2f}"
    hint = f"the listener and the ruler say: {found}. Take the mean of the pictures of one speaker and one digit."
    return digits >= 90 and speakers >= 90 and (spread >= 0.6 * wanted), hint, f"{found}, and no network at all."


@check(
    "both directions, all seeds.",
    "take both directions and all seeds of a system into one mean, then the largest.",
    stub=lambda winner: winner({}) == "MVAE",
)
def peers_winner(winner):
    """The system with the best mean of both directions, over all its seeds.

    Args:
        winner: ``(system name -> list of records) -> name``.
    """

    def system(*pairs):
        return [{"results": {"voice_to_image": there, "image_to_voice": back}} for there, back in pairs]

    systems = {"a": system((90, 50), (90, 50)), "b": system((70, 60), (70, 90)), "c": system((71, 71))}
    return winner(systems) == "b" and winner({name: systems[name] for name in "ac"}) == "c"
