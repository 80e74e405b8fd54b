"""How the terms are put together: importance I, injection M (Eq. 6), balancing B and the total of Eq. (2)."""

from collections.abc import Callable, Mapping, Sequence

import torch
from torch import Tensor

from . import losses
from .networks import OrthogonalVAE

Injections = Mapping[str, tuple[float, float]]


def injection(iteration: float, start: float, stop: float) -> float:
    """Multiplier M of a term, Eq. (6): 0 up to ``start``, 1 from ``stop`` on, a straight line between.

    Args:
        iteration: the current iteration, counted from 1.
        start: where the ramp leaves 0.
        stop: where it reaches 1; equal to ``start`` for a term that is switched on at once.

    Returns:
        M in [0, 1].

    Raises:
        ValueError: if ``stop`` comes before ``start``.
    """
    if stop < start:
        raise ValueError(f"injection stops at {stop}, before its start at {start}")
    if iteration >= stop:
        return 1.0
    if iteration <= start:
        return 0.0
    return (iteration - start) / (stop - start)


def compress(injections: Injections, iterations: float, steps: float) -> dict[str, tuple[float, float]]:
    """Fit a printed schedule (Tables 4 and 8) to another number of steps; the first iteration stays the first.

    Args:
        injections: (start, stop) of every term, in the printed iterations.
        iterations: the printed overall stop.
        steps: the steps in which to run through it.

    Returns:
        (start, stop) of every term, in steps counted from 1.
    """
    factor = (steps - 1) / (iterations - 1)
    return {name: (1 + (start - 1) * factor, 1 + (stop - 1) * factor) for name, (start, stop) in injections.items()}


def balance(values: Tensor, factors: Sequence[float]) -> Tensor:
    """Balancing factor B of each term: the largest term gets the first factor, and so on (Tables 5 and 9).

    Args:
        values: ``[K]``, terms after importance and injection; equal ones keep their order.
        factors: at least ``K`` factors, largest first.

    Returns:
        ``[K]``, constants: no gradient flows through the sorting.

    Raises:
        ValueError: if there are fewer factors than terms.
    """
    if len(factors) < len(values):
        raise ValueError(f"{len(factors)} balancing factors for {len(values)} terms, expected one for each")
    order = values.detach().argsort(descending=True, stable=True)
    given = _constants(factors[: len(values)], values)
    return torch.empty_like(given).scatter(0, order, given)


def _constants(numbers: Sequence[float], like: Tensor) -> Tensor:
    """Numbers as a tensor made on the device itself: copying them to a GPU would make every step wait for it."""
    return torch.stack([like.new_full((), number) for number in numbers])


def total(
    terms: Mapping[str, Tensor],
    iteration: float,
    importance: Mapping[str, float],
    injections: Injections,
    factors: Sequence[float],
    balanced: bool = True,
) -> tuple[Tensor, dict[str, Tensor]]:
    """The total loss, Eq. (2): a mean of the terms with weights B M I.

    Args:
        terms: term name to its value, a scalar averaged over the batch. Terms that are not active yet may
            be absent; they would have weight 0 and come last in the sorting.
        iteration: the current iteration, counted from 1.
        importance: I of every term (Tables 3 and 7).
        injections: (start, stop) of every term (Tables 4 and 8).
        factors: balancing factors, largest first (Tables 5 and 9).
        balanced: ``False`` sets every B to 1.

    Returns:
        ``(scalar, record)``. The record holds, detached, ``total`` and for every term its value under its
        own name and ``name/M``, ``name/I``, ``name/B``.

    Raises:
        ValueError: if a term has no importance or no injection, or none has a weight.
    """
    names = list(terms)
    for name in names:
        if name not in importance or name not in injections:
            raise ValueError(f"term {name!r} has no importance or no injection, expected one of {list(importance)}")
    values = torch.stack([terms[name] for name in names])
    i = _constants([importance[name] for name in names], values)
    m = _constants([injection(iteration, *injections[name]) for name in names], values)
    if not any(importance[name] * injection(iteration, *injections[name]) > 0 for name in names):
        raise ValueError(f"no term of {names} has a weight at iteration {iteration}")
    weighted = m * i * values
    # A term without weight comes last, as if it were absent, even if others are negative.
    b = balance(torch.where(m * i > 0, weighted, -torch.inf), factors) if balanced else torch.ones_like(values)
    weights = b * m * i
    scalar = (weights * values).sum() / weights.sum()
    record = {"total": scalar.detach()}
    for k, name in enumerate(names):
        record |= {name: values[k].detach(), f"{name}/M": m[k], f"{name}/I": i[k], f"{name}/B": b[k]}
    return scalar, record


def training_loss(
    model: OrthogonalVAE,
    importance: Mapping[str, float],
    injections: Injections,
    factors: Sequence[float],
    *,
    mu: float = 0.05,
    sigma_min: float = 0.05,
    balanced: bool = True,
    norm: str = "mean",
    disentanglement: Callable[[Tensor, Tensor], Tensor] = losses.disentanglement,
    augment: Callable[[Tensor, torch.Generator], Tensor] | None = None,
    clean: Callable[[Tensor], Tensor] | None = None,
) -> Callable:
    """The paper's training step as a loss for :func:`olc_lib.train.fit`.

    Args:
        model: what is trained.
        importance: I (Table 3 or 7); a category of importance 0 needs no labels.
        injections: (start, stop) iterations (Table 4 or 8).
        factors: B (Table 5 or 9).
        mu: factor of Eq. (1). The paper gives no value.
        sigma_min: constant of Eq. (1). The paper gives no value.
        balanced: ``False`` leaves the balancing factors out.
        norm: scale of the norms, see :func:`olc_lib.losses.reconstruction`.
        disentanglement: form of Eq. (5), ``disentanglement(block [B, n], label [B]) -> [B]``.
        augment: changes the signals of a batch before the encoder reads them.
        clean: what the decoder has to reproduce, made from the unchanged signals of the batch; ``None``
            takes the changed ones.

    Returns:
        ``loss(batch, step, generator)``; the batch holds ``signal`` ``[B, *shape]`` and a label ``[B]`` for
        every category of positive importance (-1: not known, the item is left out of that term).
    """
    space = model.space

    def loss(batch: Mapping[str, Tensor], step: int, generator: torch.Generator) -> tuple[Tensor, dict[str, Tensor]]:
        iteration = step + 1
        active = {
            name for name in importance if importance[name] * injection(iteration, *injections[name]) > 0
        }  # a term whose M is 0 is not computed
        signal = batch["signal"] if augment is None else augment(batch["signal"], generator)
        signal = model.normalize(signal)
        target = signal if clean is None else model.normalize(clean(batch["signal"]))
        code = space.normalize(model.encoder(signal))
        drawn, wanted = code, target
        if "interpolation" in active:
            # The partner of an item is another item of the same batch, so its code is already there.
            partner = torch.randperm(len(code), generator=generator, device=code.device)
            alpha = torch.rand(len(code), generator=generator, device=code.device)
            drawn = torch.cat([code, losses.mix(code, code[partner], alpha)])
            wanted = torch.cat([target, losses.mix(target, target[partner], alpha)])
        made = model.decode(space.resample(drawn, mu, sigma_min, generator))

        n = len(signal)
        terms = {"reconstruction": losses.reconstruction(wanted[:n], made[:n], norm).mean()}
        if "sparsity" in active:
            terms["sparsity"] = losses.sparsity(wanted[:n], made[:n], norm).mean()
        if "interpolation" in active:
            terms["interpolation"] = losses.interpolation(wanted[n:], made[n:], norm).mean()
        for name, block in space.split(code).items():
            if name in active:
                known = batch[name] >= 0
                value = disentanglement(block, batch[name].clamp_min(0))
                terms[name] = (value * known).sum() / known.sum().clamp_min(1)
        return total(terms, iteration, importance, injections, factors, balanced)

    return loss
