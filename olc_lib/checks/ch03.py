"""Self-checks of chapter 3."""

import torch

from .check import check, close


@check(
    "half the square of the mean; a deviation of 1 costs nothing.",
    "0.5 * (mean**2 + deviation**2 - 1 - log(deviation**2)), with mean 2 and deviation 1.",
)
def vae_kl_by_hand(value):
    """KL of a Gaussian with mean 2 and deviation 1 from the standard one."""
    return close(value, 2.0)


@check(
    "noise from outside, so gradients reach mean and deviation.",
    "stretch the noise by the deviation, then move it by the mean.",
)
def vae_draw(draw):
    """A function (mean, deviation, noise) -> code."""
    mean, deviation, noise = torch.tensor([[1.0, -2.0]]), torch.tensor([[0.5, 3.0]]), torch.tensor([[2.0, -1.0]])
    return close(draw(mean, deviation, noise), mean + deviation * noise)


@check(
    "whatever goes in, the same grey picture comes out.",
    "the pictures still differ; a larger beta makes the KL term win outright.",
)
def vae_collapsed(drawn):
    """Pictures ``[N, P]`` that a collapsed VAE draws for N different codes: all the same."""
    return bool(len(drawn) > 9 and drawn.std(0).max() < 0.02)


@check(
    "ten free dimensions draw better, and still nobody else can read them.",
    "train twin(0, 10) and twin(1, 10) with autoencoder_loss; own: 0 draws what 0 encoded, crossed: 1 draws it.",
)
def twins_free(own, crossed, average):
    """Errors of two free twins of ten dimensions: each by itself, crossed, and of the average picture."""
    return bool(own < 0.5 * average and crossed > average)


@check("axis 0 now draws a seven.", "add 3 to every label; what passes 9 starts again at 0 (the remainder % 10).")
def placed_moved(moved, digits):
    """Labels that send digit d to axis (d + 3) modulo 10."""
    return bool(torch.equal(moved, (digits + 3) % 10))
