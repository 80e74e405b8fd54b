"""How the separators of the experiments are trained, scene by scene."""

from dataclasses import dataclass

import torch
from torch import Tensor

from olc_lib.train import fit

from .mixtures import Scene
from .network import Member, Separator
from .training import deviation, frames, objective


@dataclass(frozen=True)
class Plan:
    """How the nets of a scene are trained.

    Args:
        window: samples of a frame.
        hop: from one to the next.
        steps: of both nets together.
        batch: frames a step.
        lr: peak rate.
        context: frames that a net sees.
        root: a net sees the root of magnitudes.
        shift: from one training frame to the next, where more frames are wanted than a hop gives; 0 for the hop.
    """

    window: int = 512
    hop: int = 256
    steps: int = 600
    batch: int = 128
    lr: float = 4e-3
    context: int = 1
    root: bool = False
    shift: int = 0


#: Scene to plan; what they share was chosen on validation mixtures of the people, the steps and frames of synthetic
#: pairs on theirs, see *separation-trials*.
PLANS = {
    "people": Plan(),
    "readers": Plan(),
    "synthetic pairs": Plan(steps=600, batch=64, shift=64),
    "strange readers": Plan(),
    "synthetic strangers": Plan(),
    "digits": Plan(steps=300),
}


def trained(
    scene: Scene,
    member: Member,
    plan: Plan,
    seed: int,
    layers: tuple[int, ...] = (256, 256, 128),
    unit: float | None = None,
    fixed: bool = False,
    alone: float = 0.0,
) -> tuple[Separator, dict[str, Tensor]]:
    """A separator for a scene.

    Args:
        scene: whose training sentences it hears.
        member: what it is trained for.
        plan: steps and frames.
        seed: of initialisation and training.
        layers: of each net.
        unit: what magnitudes are divided by; ``None`` for their deviation.
        fixed: mixtures made once, as in Section 8.
        alone: see :func:`olc_lib.systems.separation.training.objective`.

    Returns:
        The separator, in evaluation mode, and the history of its training.

    Raises:
        ValueError: if frames shall be closer in training and have neighbours, which would then be others.
    """
    if plan.shift and plan.context > 1:
        raise ValueError(f"shift is {plan.shift} and context {plan.context}, expected a shift of 0 or a context of 1")
    some = frames(scene, plan.window, plan.shift or plan.hop)
    with torch.random.fork_rng([]):
        torch.manual_seed(seed)
        model = Separator(member, layers, plan.window, plan.hop, plan.context, plan.root)
    model.scale.copy_(deviation(some) if unit is None else torch.tensor(unit))
    loss, data = objective(model, some, fixed, alone)
    history = fit(model, loss, data, plan.steps, batch_size=plan.batch, lr=plan.lr, seed=seed, progress=False)
    return model, history
