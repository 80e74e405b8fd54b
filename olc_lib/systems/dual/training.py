"""Algorithm 1 as two turns of :func:`olc_lib.train.fit`, and the repairs, each of them one function."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from olc_lib.train import Turn

from .nets import Translator

Judged = Callable[[Tensor], Tensor]


def non_saturating(real: Tensor | None, fake: Tensor) -> Tensor:
    """The GAN loss with which generators are usually trained (Goodfellow et al. 2014).

    Args:
        real: logits of real pictures, ``[B, 1]``, for the discriminator's loss; ``None`` for the generator's.
        fake: logits of made pictures, ``[B, 1]``.

    Returns:
        Minus Eq. 4 for the discriminator; minus the mean of log D(fake) for the generator. In nats.
    """
    return F.softplus(-fake).mean() if real is None else F.softplus(-real).mean() + F.softplus(fake).mean()


def minimax(real: Tensor | None, fake: Tensor) -> Tensor:
    """Eq. 4 to the letter: the generator minimizes log(1 - D(fake)), which is flat where the discriminator wins.

    Args:
        real: as of :func:`non_saturating`.
        fake: likewise.

    Returns:
        As :func:`non_saturating`, with that other loss for the generator.
    """
    return -F.softplus(fake).mean() if real is None else non_saturating(real, fake)


def hinge(real: Tensor | None, fake: Tensor) -> Tensor:
    """The hinge loss (Lim & Ye 2017): logits beyond the margins +1 and -1 do not count.

    Args:
        real: as of :func:`non_saturating`.
        fake: likewise.

    Returns:
        The loss, a scalar.
    """
    return -fake.mean() if real is None else F.relu(1 - real).mean() + F.relu(1 + fake).mean()


def r1(judge: Judged, real: Tensor) -> Tensor:
    """The squared slope of a discriminator at real pictures (R1, Mescheder et al. 2018).

    Args:
        judge: pictures to logits ``[B, 1]``.
        real: ``[B, ...]``.

    Returns:
        Half the mean squared norm of the gradient, a scalar.
    """
    real = real.detach().requires_grad_()
    (slope,) = torch.autograd.grad(judge(real).sum(), real, create_graph=True)
    return slope.square().flatten(1).sum(1).mean() / 2


def self_reconstruction(
    model: Translator, batch: Mapping[str, Tensor], codes: tuple[Tensor, Tensor], real: bool
) -> Tensor:
    """A code in both slots must give its own picture back: G(z, z) = x.

    Args:
        model: the translator.
        batch: pictures ``[B, 1, H, W]``, -1 to 1, named as in :func:`olc_lib.systems.dual.pictures.unpaired`.
        codes: of ``x1`` and ``x2``.
        real: ask it also of ``u`` and ``v``, the pictures that the discriminators see.

    Returns:
        Mean absolute error, a scalar.
    """
    z, x = torch.cat(codes), torch.cat([batch["x1"], batch["x2"]])
    if real:
        z, x = torch.cat([z, *model.encode(batch["v"], batch["u"])]), torch.cat([x, batch["v"], batch["u"]])
    return (model.draw(z, z) - x).abs().mean()


def cross_cycle(model: Translator, batch: Mapping[str, Tensor], made: tuple[Tensor, Tensor]) -> Tensor:
    """Translating twice must return both inputs (Lee et al. 2018): the first class from u, its form from v.

    Args:
        model: the translator.
        batch: see :func:`self_reconstruction`.
        made: its translations u and v of ``x1`` and ``x2``.

    Returns:
        Mean absolute error, a scalar.
    """
    u, v = made
    form, kind = model.encode(v, u)  # v is a sketch, so E1 reads it; u is solid
    back = model.draw(torch.cat([kind, form]), torch.cat([form, kind]))
    return (back - torch.cat([batch["x1"], batch["x2"]])).abs().mean()


def plain_cycle(model: Translator, batch: Mapping[str, Tensor], made: tuple[Tensor, Tensor]) -> Tensor:
    """CycleGAN's condition (Zhu et al. 2017): there with one translator, back with the other.

    Args:
        model: a translator with ``encoders="pair"``.
        batch: see :func:`self_reconstruction`.
        made: see :func:`cross_cycle`.

    Returns:
        Mean absolute error, a scalar.
    """
    u, v = made
    x2, x1 = model(v, u)
    return (x1 - batch["x1"]).abs().mean() + (x2 - batch["x2"]).abs().mean()


@dataclass(frozen=True)
class Recipe:
    """What is asked of the players. The defaults are Algorithm 1 and nothing else.

    Args:
        adversary: the GAN loss; ``None`` trains no discriminator.
        r1: weight of :func:`r1`.
        selves: weight of :func:`self_reconstruction`.
        real: ask self-reconstruction of the discriminators' real pictures, too.
        cycle: weight of :func:`cross_cycle`, of :func:`plain_cycle` where the translators are a pair.
        frozen: leave the encoders as the pre-training has made them.
        judge_rate: learning rate of the discriminators, as a multiple of the others'.
        constant: keep both rates, instead of one cycle.
        betas: of Adam.
    """

    adversary: Callable[[Tensor | None, Tensor], Tensor] | None = non_saturating
    r1: float = 0.0
    selves: float = 0.0
    real: bool = False
    cycle: float = 0.0
    frozen: bool = False
    judge_rate: float = 1.0
    constant: bool = False
    betas: tuple[float, float] = (0.5, 0.99)


def shuffled(batch: Mapping[str, Tensor], generator: torch.Generator) -> dict[str, Tensor]:
    """The pictures of a batch, each kind in an order of its own: which meets which is drawn anew in every step.

    Args:
        batch: name to ``[B, ...]``.
        generator: of random numbers.

    Returns:
        The same names.
    """
    draw = lambda x: torch.randperm(len(x), generator=generator, device=x.device)  # noqa: E731
    return {name: pictures[draw(pictures)] for name, pictures in batch.items()}


def turns(model: Translator, recipe: Recipe, lr: float) -> list[Turn]:
    """A step of Algorithm 1: first the discriminators move, then encoders and generator.

    Both turns use the same translations, made once in the first.

    Args:
        model: the translator.
        recipe: what is asked of it.
        lr: peak learning rate of encoders and generator.

    Returns:
        Two turns; one where there is no adversary.
    """
    now: dict = {}  # of this step alone

    def look(batch: Mapping[str, Tensor], generator: torch.Generator) -> None:
        now["batch"] = mixed = shuffled(batch, generator)
        now["codes"] = z1, z2 = model.encode(mixed["x1"], mixed["x2"])
        if model.other is not None:
            now["made"] = model.draw(z1, z1), model.other(torch.cat([z2, z2], 1))
        else:
            now["made"] = model.draw(torch.cat([z1, z2]), torch.cat([z2, z1])).chunk(2)

    def judges(batch, step, generator):
        look(batch, generator)
        scalar, record = torch.zeros(()), {}
        for judge, made, name in zip(model.judges, now["made"], "uv", strict=True):
            real = now["batch"][name]
            on_real, on_made = judge(torch.cat([real, made.detach()])).chunk(2)
            scalar = scalar + recipe.adversary(on_real, on_made)
            record[f"right_{name}"] = ((on_real > 0).float().mean() + (on_made < 0).float().mean()) / 2
            if recipe.r1:
                slope = r1(judge, real)
                scalar, record[f"slope_{name}"] = scalar + recipe.r1 * slope, slope.detach()
        return scalar, record | {"judges": scalar.detach()}

    def players(batch, step, generator):
        if recipe.adversary is None:
            look(batch, generator)
        scalar, record = torch.zeros(()), {}
        if recipe.adversary is not None:
            both = zip(model.judges, now["made"], strict=True)
            fooled = sum(recipe.adversary(None, judge(made)) for judge, made in both)
            scalar, record["fooling"] = scalar + fooled, fooled.detach()
        if recipe.selves:
            term = self_reconstruction(model, now["batch"], now["codes"], recipe.real)
            scalar, record["selves"] = scalar + recipe.selves * term, term.detach()
        if recipe.cycle:
            term = (cross_cycle if model.other is None else plain_cycle)(model, now["batch"], now["made"])
            scalar, record["cycle"] = scalar + recipe.cycle * term, term.detach()
        now.clear()
        return scalar, record

    moved = players_of(model, recipe.frozen)
    options = {"betas": recipe.betas, "constant": recipe.constant}
    second = Turn(players, moved, lr, "loss of the generator", **options)
    if recipe.adversary is None:
        return [second]
    weights = list(model.judges.parameters())
    first = Turn(judges, weights, recipe.judge_rate * lr, "loss of the discriminators", **options)
    return [first, second]


def players_of(model: nn.Module, frozen: bool) -> list[nn.Parameter]:
    """The weights that the second turn moves.

    Args:
        model: the translator.
        frozen: without the encoders'.

    Returns:
        Parameters.
    """
    if not frozen:
        return model.players()
    kept = [model.generator] if model.other is None else [model.generator, model.other]
    return [weight for part in kept for weight in part.parameters()]
