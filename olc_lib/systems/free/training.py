"""What trains a model with free coordinates: Eq. 2 as it stands, a small KL divergence, and one exchange term."""

from collections.abc import Callable, Mapping

import torch
from torch import Tensor

from olc_lib import losses, objective

from .model import FreeVAE


def kl(mean: Tensor, log_variance: Tensor) -> Tensor:
    """KL divergence of a Gaussian with independent coordinates from N(0, I).

    Args:
        mean: ``[B, n]``.
        log_variance: ``[B, n]``.

    Returns:
        ``[B, n]``, nats of each coordinate.
    """
    return (mean.square() + log_variance.exp() - log_variance - 1) / 2


def exchange(
    model: FreeVAE, free: Tensor, generator: torch.Generator, disentanglement: Callable = losses.disentanglement
) -> Tensor:
    """Draw free codes of some items under other classes, and ask the model's own encoder whether it reads these.

    The encoder judges and does not learn: its weights are constants here, and its batch statistics are those it
    uses after training. What learns is the decoder, and whoever made the free codes.

    Args:
        model: in training.
        free: ``[B, free]``, sampled.
        generator: draws a class of every category.
        disentanglement: form of Eq. (5).

    Returns:
        ``[B]``: Eq. (5) of what is read, mean over the categories of more than one class.
    """
    space, training = model.space, model.encoder.training
    sizes = {name: size for name, size in space.sizes.items() if size > 1}
    asked = {
        name: torch.randint(size, (len(free),), generator=generator, device=free.device) for name, size in sizes.items()
    }
    blank = space.handcrafted()[: space.placed].to(free).expand(len(free), -1)
    drawn = model.decode(space.carry(torch.cat([blank, free], dim=1), **asked))
    weights = [weight for weight in model.encoder.parameters() if weight.requires_grad]
    model.encoder.eval().requires_grad_(False)
    try:
        read = space.split(model.posterior(drawn)[0])
    finally:
        model.encoder.train(training)
        for weight in weights:
            weight.requires_grad_(True)
    return torch.stack([disentanglement(read[name], label) for name, label in asked.items()]).mean(0)


def free_loss(
    model: FreeVAE,
    importance: Mapping[str, float],
    injections: objective.Injections,
    factors,
    *,
    beta: float,
    exchanged: float,
    begin: int = 0,
    imagined: float = 0.0,
    mu: float = 0.05,
    sigma_min: float = 0.05,
    told: bool = False,
    disentanglement: Callable[[Tensor, Tensor], Tensor] = losses.disentanglement,
    augment: Callable[[Tensor, torch.Generator], Tensor] | None = None,
) -> Callable:
    """The training step. Without free coordinates it is :func:`olc_lib.objective.training_loss`.

    Args:
        model: what is trained.
        importance: I of Eq. (2); a term of importance 0 is left out.
        injections: (start, stop) iterations.
        factors: B.
        beta: weight of the KL divergence of the free coordinates, per nat.
        exchanged: weight of :func:`exchange`, which half of every batch goes through.
        begin: first step of it, counted from 0: before, the encoder cannot judge.
        imagined: share of its free codes that are drawn from N(0, I) in place of an item's.
        mu: factor of Eq. (1), for placed coordinates.
        sigma_min: constant of Eq. (1), likewise.
        told: the decoder is given the handcrafted code of the label in place of the encoder's placed code, as in a
            conditional VAE.
        disentanglement: form of Eq. (5).
        augment: changes the signals of a batch before the encoder reads them.

    Returns:
        ``loss(batch, step, generator)`` for :func:`olc_lib.train.fit`, as of ``training_loss``.
    """
    space = model.space

    def loss(batch: Mapping[str, Tensor], step: int, generator: torch.Generator) -> tuple[Tensor, dict[str, Tensor]]:
        active = {name for name in importance if importance[name] * objective.injection(step + 1, *injections[name])}
        signal = batch["signal"] if augment is None else augment(batch["signal"], generator)
        signal = model.normalize(signal)
        placed, mean, log_variance = model.posterior(signal)
        named = {name: batch[name] for name, size in space.sizes.items() if size > 1}
        given = space.carry(placed.detach(), **named) if told else placed
        noise = torch.randn(mean.shape, generator=generator, device=mean.device) if space.free else mean
        free = mean + (log_variance / 2).exp() * noise
        drawn, wanted = torch.cat([given, free], dim=1), signal
        if "interpolation" in active:
            partner = torch.randperm(len(drawn), generator=generator, device=drawn.device)
            alpha = torch.rand(len(drawn), generator=generator, device=drawn.device)
            drawn = torch.cat([drawn, losses.mix(drawn, drawn[partner], alpha)])
            wanted = torch.cat([signal, losses.mix(signal, signal[partner], alpha)])
        around = space.resample(drawn[:, : space.placed], mu, sigma_min, generator)
        made = model.decode(torch.cat([around, drawn[:, space.placed :]], dim=1))

        n = len(signal)
        terms = {"reconstruction": losses.reconstruction(signal, made[:n]).mean()}
        if "sparsity" in active:
            terms["sparsity"] = losses.sparsity(signal, made[:n]).mean()
        if "interpolation" in active:
            terms["interpolation"] = losses.interpolation(wanted[n:], made[n:]).mean()
        for name, block in space.split(placed).items():
            if name in active:
                terms[name] = disentanglement(block, batch[name]).mean()
        value, record = objective.total(terms, step + 1, importance, injections, factors)
        if space.free:
            divergence = kl(mean, log_variance).sum(1).mean()
            value, record = value + beta * divergence, record | {"kl": divergence.detach()}
            if exchanged and step >= begin:
                some = free[: n // 2]
                if imagined:
                    count = round(imagined * len(some))
                    normal = torch.randn(some[:count].shape, generator=generator, device=some.device)
                    some = torch.cat([normal, some[count:]])
                term = exchange(model, some, generator, disentanglement).mean()
                value, record = value + exchanged * term, record | {"exchange": term.detach()}
        return value, record | {"total": value.detach()}

    return loss
