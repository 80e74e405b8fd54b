"""Nets that never heard a mixture: both codes are searched for, so that the two decoded voices add up to it."""

import torch
from torch import Tensor

from .network import Separator

#: Steps and rate of Adam for the codes of one mixture.
STEPS, RATE = 150, 0.1


def search(model: Separator, seen: Tensor, steps: int = STEPS, prior: float = 1.0) -> Tensor:
    """The most probable codes of both sources in every frame.

    It starts at the codes that the encoders give for the mixture, which they were not trained for, and goes down the
    sum of the misfit and, for a VAE, minus the log of the prior of both codes. Powers add up, on average over phases;
    so the mixture is compared with the root of the sum of squares.

    Args:
        model: of clean nets.
        seen: ``[frames, context, M]``, magnitudes of the mixture.
        steps: of Adam.
        prior: weight of the codes' squared length; an autoencoder has no prior, whatever this says.

    Returns:
        ``[2, frames, M]``, what the codes found stand for.
    """
    mixed = seen[:, seen.shape[1] // 2]
    prior = 0.0 if model.member.objective.__name__ == "autoencoder" else prior
    with torch.no_grad():
        start = torch.stack([net.posterior(seen)[0] for net in model.nets])
    with torch.enable_grad():
        code = start.clone().requires_grad_()
        optimizer = torch.optim.Adam([code], RATE)
        for _ in range(steps):
            both = torch.stack([net.decode(z) for net, z in zip(model.nets, code, strict=True)])
            misfit = ((both.square().sum(0) + 1e-6).sqrt() - mixed).square().sum() / 2
            loss = misfit + prior * code.square().sum() / 2
            (code.grad,) = torch.autograd.grad(loss, [code])
            optimizer.step()
    with torch.no_grad():
        return torch.stack([net.decode(z) for net, z in zip(model.nets, code, strict=True)])
