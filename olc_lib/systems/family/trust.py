"""A check against published numbers: IWAE on the network of its own article, as far as some hours of one core go."""

import torch
from torch import nn

from olc_lib import stored
from olc_lib.systems import Experiment
from olc_lib.systems.shared import fresh
from olc_lib.train import fit

from . import bounds, quality
from .network import VAE, Member, start

#: Negative log-likelihoods of Burda et al. (2016), Table 1, one stochastic layer, MNIST; by samples an item.
PUBLISHED = {1: 86.76, 5: 85.54, 50: 84.78}
#: The article's training, 3,280 passes over 60,000 pictures, 20 a step.
BATCH, PASSES = 20, 3280
#: Steps between two writes of the resume file.
SAVED = 5000


def network(k: int) -> VAE:
    """The article's: two hidden layers of 200 hyperbolic tangents on either side of 50 coordinates, Glorot's start.

    Args:
        k: samples an item.

    Returns:
        The model; its start depends on torch's seed.
    """
    model = VAE(Member(bounds.iwae, latent=50, k=k, hidden=(200, 200)))
    for layers in (model.encoder, model.decoder):
        for i, layer in enumerate(layers):
            if isinstance(layer, nn.ReLU):
                layers[i] = nn.Tanh()
            else:
                nn.init.xavier_uniform_(layer.weight)
                nn.init.zeros_(layer.bias)
    return model


def published(
    seed: int, device: str = "cpu", k: int = 1, passes: int = 50, corpus: str = "mnist", samples: int = 1000,
    items: int | None = None,
) -> dict[str, float]:  # fmt: skip
    """Train it, and estimate its likelihood on all test pictures; an interrupted training goes on.

    The rate runs through one cycle up to the article's first rate, .001; the article has eight steps down.

    Args:
        seed: of initialisation and training.
        device: where to train.
        k: samples an item.
        passes: over the training pictures; the article had ``PASSES``.
        corpus: of :func:`olc_lib.data.images`.
        samples: of which the likelihood is estimated; the article has 5,000.
        items: test pictures, the first ones; ``None`` for all.

    Returns:
        ``nll`` in nats, ``nll_half`` by half the samples, ``published``, ``behind`` (how much larger ours is),
        ``spread``, the standard error over pictures, ``passes`` and ``steps``.
    """
    x = quality.pixels(corpus, "train")
    model = fresh(seed, network, k)
    start(model, x.mean(0))

    def loss(batch, step, generator):
        return model.member.objective(model, model.seen(batch["x"], generator), generator)

    steps = passes * len(x) // BATCH
    resume = stored.folders("experiments")[0] / "family-trust" / f"{corpus}-{k}-{seed}.resume"
    resume.parent.mkdir(parents=True, exist_ok=True)
    fit(model, loss, {"x": x}, steps, batch_size=BATCH, lr=1e-3, weight_decay=0.0, seed=seed, device=device,
        resume=resume, save_every=SAVED, progress=False)  # fmt: skip
    model = model.to("cpu").eval()
    unseen = model.seen(quality.pixels(corpus, "test")[:items], torch.Generator().manual_seed(0))
    log_w = quality.log_p(model, unseen, samples)
    each = -bounds.importance_bound(log_w)
    nll = each.mean().item()
    resume.unlink(missing_ok=True)
    return {
        "nll": nll,
        "nll_half": -bounds.importance_bound(log_w[: samples // 2]).mean().item(),
        "spread": (each.std() / len(each) ** 0.5).item(),
        "published": PUBLISHED[k],
        "behind": nll - PUBLISHED[k],
        "passes": passes,
        "steps": steps,
    }


EXPERIMENTS = {
    "family-trust": Experiment(
        "How far from the published likelihoods of IWAE is this code on the article's own network?",
        published,
        {"k 1": {"k": 1}, "k 5": {"k": 5, "passes": 25}},
        seeds=1,
    )
}
