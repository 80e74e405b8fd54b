"""The family of variational autoencoders on one pair of nets: every member is a row of ``MEMBERS``.

A member says what makes it different: its objective, ``objective(model, x, generator)``, the shape of its posterior,
its decoder or likelihood. One more member is one function, one row, and one oracle in ``tests/test_family.py``;
``.github/CONTRIBUTING.md`` has the list.
"""

import dataclasses
import time
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from olc_lib.systems import Experiment, Stage, Training, fit_stage
from olc_lib.systems.shared import HasMembers, fresh
from olc_lib.train import Turn

from . import bounds, clouds, clusters, codebook, completed, overtime_studies, quality, shaped, trust, vaegan
from .autoregressive import pixel
from .network import VAE, Gaussian, Member, bernoulli, committed, elbo, normal, start

__all__ = ["EXPERIMENTS", "MEMBERS", "SETTINGS", "VAE", "Gaussian", "Member", "bernoulli", "build", "draw", "elbo",
           "field_guide", "measure", "stages"]  # fmt: skip

#: Log weights by which log p(x) is estimated; half of them must give nearly the same.
SAMPLES = 200
#: Pictures of which it is estimated.
ITEMS = 500
#: Pictures drawn for the Frechet distance.
DRAWN = 2000


@dataclass(frozen=True)
class Settings(HasMembers):
    """What runs of this system share. A run's own class adds a field for each model, a :class:`.network.Member`.

    Args:
        corpus: of :func:`olc_lib.data.images`.
        training: of every member.
        second: of a second stage, whose data are codes.
        seed: of initialisation and training.
    """

    corpus: str = "embedded"
    training: Training = Training(steps=800, batch_size=64, lr=4e-3, weight_decay=0.0)
    second: Training = Training(steps=2000, batch_size=128, lr=2e-3, weight_decay=0.0)
    seed: int = 0


@dataclass(frozen=True)
class Single(Settings):
    """One member alone, perhaps with a second stage.

    Args:
        it: the member.
        then: its second stage.
    """

    it: Member = Member()
    then: Member | None = None


_TINY = {"latent": 8, "hidden": (48,)}


@dataclass(frozen=True)
class Guide(Settings):
    """Six members on small nets, for pages that draw.

    Args:
        vae: the plain one.
        iwae: five samples, weighted.
        beta: a divergence that counts four times.
        autoencoder: no regularization.
        wae: a penalty on the cloud, by maximum mean discrepancy.
        itl: the same by the Cauchy-Schwarz divergence.
    """

    vae: Member = Member(**_TINY)
    iwae: Member = Member(bounds.iwae, k=5, **_TINY)
    beta: Member = Member(weight=4.0, **_TINY)
    autoencoder: Member = Member(clouds.autoencoder, point=True, **_TINY)
    wae: Member = Member(clouds.wae, weight=300.0, point=True, **_TINY)
    itl: Member = Member(clouds.itl_cs, weight=30.0, point=True, **_TINY)


#: Named runs.
SETTINGS = {"embedded": Guide(training=Training(steps=1200, batch_size=64, lr=4e-3, weight_decay=0.0))}


def build(settings: Settings) -> dict[str, nn.Module]:
    """Freshly initialised models.

    Args:
        settings: of the run.

    Returns:
        Name to model; each starts from the seed alone, whatever else is built.
    """
    return {name: fresh(settings.seed, VAE, member) for name, member in settings.members().items()}


def stages(settings: Settings) -> list[Stage]:
    """One stage a member; a second stage needs its first.

    Args:
        settings: of the run.

    Returns:
        Stages.
    """

    def prepare(name, training):
        def of(models, settings, device):
            model = models[name]
            member = model.member

            def turn(objective):
                def loss(batch, step, generator):
                    model.k = member.late if member.late and 4 * step >= 3 * training.steps else member.k
                    return objective(model, model.seen(batch["x"], generator), generator)

                return loss

            x = quality.pixels(settings.corpus, "train")
            if member.of:
                x = _codes(models[member.of].to(device), x.to(device), settings.seed)
            start(model, x.mean(0))
            if member.critic is None:
                return turn(member.objective), {"x": x}
            players = (model.players(), list(model.critic.parameters()))
            rates = (training.lr, training.lr / 2)
            turns = zip((member.objective, member.critic), players, rates, ("model", "critic"), strict=True)
            return [Turn(turn(objective), weights, lr, title) for objective, weights, lr, title in turns], {"x": x}

        return of

    found = []
    for name, member in settings.members().items():
        training = settings.second if member.of else settings.training
        found.append(Stage(name, training, (member.of,) if member.of else (), prepare(name, training)))
    return found


@torch.no_grad()
def _codes(first: VAE, x: Tensor, seed: int) -> Tensor:
    """What a second stage is trained on: a draw from each item's posterior."""
    x = first.seen(x, torch.Generator(x.device).manual_seed(seed))
    q = first.posterior(x)
    return q.at(torch.randn(1, *q.mean.shape, generator=torch.Generator(x.device).manual_seed(seed)))[0]


@torch.no_grad()
def draw(model: VAE, count: int, seed: int = 0, second: VAE | None = None) -> Tensor:
    """New pictures: the mean picture of codes drawn from the prior.

    Args:
        model: with a decoder that needs no pixels.
        count: how many.
        seed: of the codes.
        second: draws the codes, noise included, instead of the prior.

    Returns:
        ``[count, 784]``.
    """
    generator = torch.Generator().manual_seed(seed)
    z = torch.randn(count, (second or model).member.latent, generator=generator)
    if second is not None:
        z = second.expected(z)
        z = z + second.log_noise.exp() * torch.randn(z.shape, generator=generator)
    return model.expected(z).clamp(0, 1)


def measure(models, settings: Settings, split: str, device: str = "cpu") -> tuple[dict, dict]:
    """What every member is measured by.

    Args:
        models: trained.
        settings: of the run.
        split: "validation" or "test".
        device: not used: the models are small.

    Returns:
        ``{name/metric: number}``: ``nll`` by 200 samples and ``nll_half`` by half of them, ``kl`` and
        ``bound`` in nats, ``active`` coordinates, ``mmd`` of the cloud of codes in thousandths, ``error`` of
        reconstruction (squared, a picture), ``fid`` of drawings, and ``fid_known``, of decoded codes of real pictures:
        what the decoder could reach if the prior were the cloud. No arrays.
    """
    found = {}
    grey = quality.pixels(settings.corpus, split)
    for name, model in models.items():
        model = model.to("cpu").eval()
        if model.member.of:
            first = models[model.member.of]
            found[f"{name}/fid"] = quality.fid(draw(first, DRAWN, 0, model), settings.corpus, split)
            codes = _codes(first, grey[:3000], 1)
            found[f"{name}/mmd"] = quality.distance(quality.cloud(model, codes))
            continue
        x = model.seen(grey, torch.Generator().manual_seed(0))
        scores = _likelihood(model, x[:ITEMS]) if not model.member.point else {}
        scores |= {"active": quality.active(model, x[:3000])}
        codes = quality.cloud(model, x[:3000])
        scores["mmd"] = quality.distance(codes)
        if model.member.decoder is not pixel:
            with torch.no_grad():
                scores["error"] = (model(x[:3000]) - grey[:3000]).square().sum(1).mean().item()
                scores["fid_known"] = quality.fid(model.expected(codes).clamp(0, 1), settings.corpus, split)
            scores["fid"] = quality.fid(draw(model, DRAWN), settings.corpus, split)
        found |= {f"{name}/{key}": value for key, value in scores.items()}
    return found, {}


def _likelihood(model: VAE, x: Tensor) -> dict[str, float]:
    samples = SAMPLES if model.member.decoder is not pixel else SAMPLES // 5
    log_w = quality.log_p(model, x, samples)
    nll = [-bounds.importance_bound(log_w[:count]).mean().item() for count in (samples, samples // 2)]
    with torch.no_grad():
        rate = model.posterior(x).divergence().mean().item()
    return {"nll": nll[0], "nll_half": nll[1], "kl": rate, "bound": log_w.mean().item()}


def field_guide(
    seed: int,
    device: str = "cpu",
    split: str = "test",
    corpus: str = "mnist",
    steps: int = 800,
    batch: int = 64,
    lr: float = 4e-3,
    then: dict | None = None,
    gradients: bool = False,
    **member,
) -> dict:
    """One cell of the field guide: train a member, and measure it.

    Args:
        seed: of initialisation and training.
        device: where to train.
        split: "test", or "validation" where settings are chosen.
        corpus: of :func:`olc_lib.data.images`.
        steps: of the training.
        batch: pictures a step.
        lr: peak learning rate.
        then: fields of the second stage.
        gradients: also measure the noise of gradients and Renyi's bounds at the trained model.
        **member: fields of :class:`.network.Member`.

    Returns:
        Metrics of :func:`measure`, those of a second stage with ``then_`` before them; ``seconds`` of training on one
        core, ``weights`` that are trained.
    """
    training = dataclasses.replace(Settings().training, steps=steps, batch_size=batch, lr=lr)
    settings = Single(corpus, training, seed=seed, it=Member(**member), then=Member(**then) if then else None)
    models, began = build(settings), time.process_time()
    for stage in stages(settings):
        fit_stage(stage, models, settings, device, progress=False)
    spent = time.process_time() - began
    found = measure(models, settings, split)[0]
    scores = {name.removeprefix("it/").replace("/", "_"): value for name, value in found.items()}
    scores |= {"seconds": spent, "weights": sum(w.numel() for model in models.values() for w in model.players())}
    return scores | (_noise(models["it"], corpus, split) if gradients else {})


def _noise(model: VAE, corpus: str, split: str) -> dict[str, float]:
    x = model.seen(quality.pixels(corpus, split)[:ITEMS], torch.Generator().manual_seed(0))
    one = quality.compared(model, x[:20], {"sampled": bounds.sampled, "vae": elbo, "stl": bounds.stl}, k=1, repeats=300)
    five = {"iwae": bounds.iwae, "iwae_stl": bounds.iwae_stl, "dreg": bounds.dreg}
    found = one | quality.compared(model, x[:20], five, k=5, repeats=300)
    many = bounds.importance_bound(quality.log_p(model, x, 500)).mean().item()
    return found | quality.orders(quality.log_p(model, x, 50, seed=1)) | {"nll_500": -many}


_POINT = {"latent": 8, "point": True}
#: Every member, in the order of the chapters, from its name to the fields of its :class:`.network.Member`.
MEMBERS: dict[str, dict] = {
    "VAE": {"objective": elbo, "gradients": True},
    "STL": {"objective": bounds.stl},
    "IWAE 5": {"objective": bounds.iwae, "k": 5},
    "IWAE 5, then 50": {"objective": bounds.iwae, "k": 5, "late": 50},
    "DReG 5": {"objective": bounds.dreg, "k": 5},
    "VR-max 5": {"objective": bounds.vr_max, "k": 5},
    "beta 0.1, d 10": {"objective": elbo, "latent": 10, "weight": 0.1},
    "beta 1, d 10": {"objective": elbo, "latent": 10},
    "beta 4, d 10": {"objective": elbo, "latent": 10, "weight": 4.0},
    "beta 12, d 10": {"objective": elbo, "latent": 10, "weight": 12.0},
    "PixelVAE": {"objective": elbo, "latent": 16, "decoder": pixel},
    "PixelVAE, delta 8": {"objective": bounds.single, "latent": 16, "decoder": pixel, "posterior": committed,
                          "weight": 8.0},
    "VAE, d 8": {"objective": elbo, "latent": 8},
    "autoencoder": {"objective": clouds.autoencoder, **_POINT},
    "WAE": {"objective": clouds.wae, "weight": 100.0, **_POINT},
    "AAE": {"objective": clouds.adversarial, "critic": clouds.critic, "weight": 10 / 3, **_POINT},
    "InfoVAE": {"objective": clouds.info, "weight": 100.0, "log_sd": -3.0, "latent": 8},
    "ITL-CS": {"objective": clouds.itl_cs, "weight": 30.0, **_POINT},
    "ITL-ED": {"objective": clouds.itl_ed, "weight": 100 / 3, **_POINT},
    "two-stage": {"objective": clouds.calibrated, "latent": 16, "likelihood": normal,
                  "then": {"objective": clouds.calibrated, "of": "it", "likelihood": normal, "latent": 16, "inputs": 16,
                           "hidden": (256, 256)}},
}  # fmt: skip
#: Those whose gain may need a longer training, with five times the pictures at half the rate.
LONGER = ("VAE", "IWAE 5", "IWAE 5, then 50", "two-stage")


#: First guesses of the weights of penalties. They are tried, a third and three times as much; the members have what
#: gave the smallest Frechet distance on validation pictures.
GUESSED = {"WAE": 300.0, "AAE": 10.0, "ITL-CS": 30.0, "ITL-ED": 100.0, "InfoVAE": 300.0}


def _trials() -> dict[str, dict]:
    """Learning rates of the VAE, and weights of penalties."""
    arms: dict[str, dict] = {"VAE, rate .002": {"objective": elbo, "lr": 2e-3}, "VAE, rate .004": {"objective": elbo}}
    for name, weight in GUESSED.items():
        arms |= {f"{name} {w:.3g}": {**MEMBERS[name], "weight": w} for w in (weight / 3, weight, 3 * weight)}
    return arms


TRIALS = _trials()

EXPERIMENTS = {
    "family": Experiment("What is each member of the family for, at equal nets, data and steps?", field_guide, MEMBERS,
                         seeds=5),
    "family-long": Experiment("Does what members gain survive a training on five times the pictures?", field_guide,
                              {name: {key: value for key, value in MEMBERS[name].items() if key != "gradients"}
                               | {"steps": 2000, "batch": 128, "lr": 2e-3} for name in LONGER}, seeds=5),
    "family-trials": Experiment("Which settings, asked of validation pictures?", field_guide,
                                {name: {**row, "split": "validation"} for name, row in TRIALS.items()}, seeds=1),
}  # fmt: skip
EXPERIMENTS |= shaped.EXPERIMENTS | clusters.EXPERIMENTS | codebook.EXPERIMENTS
EXPERIMENTS |= completed.EXPERIMENTS
EXPERIMENTS |= overtime_studies.EXPERIMENTS | vaegan.EXPERIMENTS | trust.EXPERIMENTS
