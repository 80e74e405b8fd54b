"""How members with other shapes of codes are trained and measured: at the family's own nets, steps and likelihood."""

import time

import torch
from torch import Tensor

from olc_lib.systems import Experiment
from olc_lib.train import fit

from . import bounds, quality
from .flows import FlowVAE
from .network import VAE, Gaussian, Member, elbo, noise, standard, start
from .shapes import correlated, globe, sphere

#: Log weights by which log p(x) is estimated, and pictures of which it is.
SAMPLES, ITEMS = 200, 500


def made(member: Member, x: Tensor, seed: int, steps: int, lr: float, batch: int = 64, **flow) -> VAE:
    """Train one member.

    Args:
        member: the row.
        x: ``[N, n]``.
        seed: of initialisation and training.
        steps: of the optimizer.
        lr: peak learning rate.
        batch: items a step.
        **flow: sizes of :class:`.flows.FlowVAE`; none for a plain member.

    Returns:
        The model.
    """
    with torch.random.fork_rng([]):
        torch.manual_seed(seed)
        model = FlowVAE(member, **flow) if flow else VAE(member)
    start(model, x.mean(0))

    def loss(rows, step, generator):
        return member.objective(model, model.seen(rows["x"], generator), generator)

    fit(model, loss, {"x": x}, steps, batch_size=batch, lr=lr, seed=seed, progress=False)
    return model.eval()


def own_gaussian(model: VAE, x: Tensor, steps: int = 150, k: int = 4, seed: int = 0) -> float:
    """The bound if every item had the best independent Gaussian of its own, instead of the encoder's.

    What the bound gains is the encoder's fault (the amortization gap of Cremer et al. 2018); what then remains below
    log p(x) is the fault of the shape.

    Args:
        model: trained, with independent Gaussians.
        x: ``[B, n]``, as the model sees it.
        steps: of Adam on the items' means and deviations.
        k: samples a step.
        seed: of the noise.

    Returns:
        Nats, the mean of 200 samples.
    """
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        parts = [part.clone().requires_grad_() for part in model.posterior(x)]
    optimizer = torch.optim.Adam(parts, lr=0.05)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)

    def bound(count: int) -> Tensor:
        q = Gaussian(*parts)
        z = q.at(noise(q, count, generator))
        return (model.log_likelihood(x, z).mean(0) - q.divergence()).mean()

    for _ in range(steps):
        optimizer.zero_grad()
        (-bound(k)).backward()
        optimizer.step()
        schedule.step()
    with torch.no_grad():
        return bound(200).item()


@torch.no_grad()
def likelihood(model: VAE, x: Tensor) -> dict[str, float]:
    """What the likelihood is, and how it splits.

    Args:
        model: trained.
        x: ``[B, n]``, as the model sees it.

    Returns:
        ``nll`` by 200 samples and ``nll_half`` by half of them, ``bound``, and ``kl``, by samples.
    """
    log_w = quality.log_p(model, x, SAMPLES)
    nll = [-bounds.importance_bound(log_w[:count]).mean().item() for count in (SAMPLES, SAMPLES // 2)]
    q = model.posterior(x)
    z = q.at(noise(q, 20, torch.Generator().manual_seed(1)))
    rate = (q.log_prob(z) - standard(z)).mean().item()
    return {"nll": nll[0], "nll_half": nll[1], "bound": log_w.mean().item(), "kl": rate}


def guide(
    seed: int,
    device: str = "cpu",
    split: str = "test",
    corpus: str = "mnist",
    steps: int = 800,
    lr: float = 4e-3,
    flow: dict | None = None,
    gaps: bool = False,
    **member,
) -> dict:
    """One cell: train a member, and measure its likelihood.

    Args:
        seed: of initialisation and training.
        device: not used: the models are small.
        split: "test", or "validation" where settings are chosen.
        corpus: of :func:`olc_lib.data.images`.
        steps: of the training.
        lr: peak learning rate.
        flow: sizes of a flow, none for no flow.
        gaps: also give each of 100 pictures the best Gaussian of its own, see :func:`own_gaussian`.
        **member: fields of :class:`olc_lib.systems.family.network.Member`.

    Returns:
        Metrics of :func:`likelihood`, and ``seconds`` of training on one core; with ``gaps`` also ``bound_100``,
        ``own_100`` and ``nll_100``, of the same 100 pictures.
    """
    began = time.process_time()
    model = made(Member(**member), quality.pixels(corpus, "train"), seed, steps, lr, **(flow or {}))
    spent = time.process_time() - began
    x = model.seen(quality.pixels(corpus, split)[:ITEMS], torch.Generator().manual_seed(0))
    found = likelihood(model, x) | {"seconds": spent}
    if gaps:
        log_w = quality.log_p(model, x[:100], 1000)
        found |= {"bound_100": log_w.mean().item(), "own_100": own_gaussian(model, x[:100]),
                  "nll_100": -bounds.importance_bound(log_w).mean().item()}  # fmt: skip
    return found


_FLOW = {"objective": bounds.sampled, "flow": {"bends": 2, "hidden": 100, "told": 32}}
_SPHERE = {"objective": elbo, "posterior": sphere, "decoder": globe, "log_sd": -1.5}
#: Member to its settings, in pairs of equal dimension.
SHAPES: dict[str, dict] = {
    "Gaussian, d 2": {"objective": elbo, "latent": 2},
    "S-VAE, d 2": {**_SPHERE, "latent": 3},
    "Gaussian, d 4": {"objective": elbo, "latent": 4},
    "S-VAE, d 4": {**_SPHERE, "latent": 5},
    "Gaussian, d 12": {"objective": elbo, "latent": 12},
    "S-VAE, d 12": {**_SPHERE, "latent": 13},
    "Gaussian, d 20": {"objective": elbo, "latent": 20, "gaps": True},
    "Gaussian, d 20, by samples": {"objective": bounds.sampled, "latent": 20},
    "IAF, d 20": {**_FLOW, "latent": 20},
    "IAF, d 2": {**_FLOW, "latent": 2},
    "rho-VAE, d 20": {"objective": elbo, "latent": 20, "posterior": correlated},
}
EXPERIMENTS = {
    "family-shapes": Experiment("Which shape of posterior is worth it, at equal nets, data and steps?", guide, SHAPES,
                                seeds=5),
}  # fmt: skip
