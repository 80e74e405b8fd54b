"""VAE-GAN (Larsen et al. 2016): reconstructions are compared in a layer of a critic, and the critic judges drawings.

Encoder and decoder are the family's own; the critic is a small convolutional net. The survey's Section 6.12 has two
misprints, which are mended here: its likelihood lacks the logarithm, and its critic descends where it must ascend.
"""

import time

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils import parametrizations

from olc_lib.systems import Experiment
from olc_lib.systems.shared import fresh
from olc_lib.train import Turn, fit

from . import quality
from .network import VAE, Member, noise, start

Found = tuple[Tensor, dict[str, Tensor]]
#: Pictures drawn for the Frechet distance.
DRAWN = 2000


class Critic(nn.Module):
    """Tells pictures of people from those of the decoder.

    Args:
        tame: divide every weight by its largest singular value (spectral normalization, Miyato et al. 2018).
    """

    def __init__(self, tame: bool = True):
        super().__init__()
        hold = parametrizations.spectral_norm if tame else nn.Identity()
        self.body = nn.Sequential(
            hold(nn.Conv2d(1, 8, 4, 2, 1)), nn.LeakyReLU(0.2), hold(nn.Conv2d(8, 16, 4, 2, 1)), nn.LeakyReLU(0.2),
            nn.Flatten(),
        )  # fmt: skip
        self.head = hold(nn.Linear(16 * 49, 1))

    def features(self, x: Tensor) -> Tensor:
        """The layer in which pictures are compared, Dis_l.

        Args:
            x: ``[B, 784]`` in 0 to 1.

        Returns:
            ``[B, 784]``.
        """
        return self.body(x.view(-1, 1, 28, 28))

    def forward(self, x: Tensor) -> Tensor:
        """How real pictures look.

        Args:
            x: ``[B, 784]``.

        Returns:
            Logits ``[B]``.
        """
        return self.head(self.features(x))[:, 0]


class VAEGAN(VAE):
    """The family's nets with a critic of pictures.

    Args:
        member: of the family; ``weight`` is that of the critic's opinion in the decoder's loss, 1 / eta.
        tame: see :class:`Critic`.
        calibrated: take the feature's variance that explains them best, instead of 1.
    """

    def __init__(self, member: Member, tame: bool = True, calibrated: bool = True):
        super().__init__(member)
        self.critic, self.calibrated = Critic(tame), calibrated


def misfit(there: Tensor, here: Tensor, calibrated: bool) -> Tensor:
    """Negative log-likelihood of features, without its constant.

    With variance 1 the scale of the features decides whether a code is worth its nats, and nobody has set that scale:
    where features are small the code collapses. The best variance is the mean squared error, whatever the scale.

    Args:
        there: features of pictures ``[B, n]``.
        here: of their reconstructions.
        calibrated: use the best variance of the batch; else 1.

    Returns:
        Nats a picture, 0-d.
    """
    error = (there - here).square()
    return there.shape[1] / 2 * error.mean().clamp_min(1e-8).log() if calibrated else error.sum(1).mean() / 2


def creative(model: VAEGAN, x: Tensor, generator: torch.Generator) -> Found:
    """Encoder and decoder's turn. The critic's opinion reaches the decoder alone: its codes carry no gradient.

    Args:
        model: with a critic.
        x: ``[B, 784]``, grey.
        generator: of the noise.

    Returns:
        The scalar, and what it consists of.
    """
    q = model.posterior(x)
    z = q.at(noise(q, 1, generator))[0]
    with torch.no_grad():
        there = model.critic.features(x)
    fidelity = misfit(there, model.critic.features(model.expected(z)), model.calibrated)
    rate = q.divergence().mean()
    drawn = torch.cat([z.detach(), torch.randn(z.shape, generator=generator)])
    opinion = F.softplus(-model.critic(model.expected(drawn))).mean()  # not saturating (Goodfellow et al. 2014)
    record = {"misfit": fidelity, "rate": rate, "opinion": opinion}
    total = fidelity + rate + model.member.weight * opinion
    return total, {name: value.detach() for name, value in record.items()}


def critical(model: VAEGAN, x: Tensor, generator: torch.Generator) -> Found:
    """The critic's turn: real pictures against reconstructions and drawings.

    Args:
        model: with a critic.
        x: ``[B, 784]``, grey.
        generator: of the noise.

    Returns:
        The scalar, 2 log 2 where it must guess; and the same.
    """
    with torch.no_grad():
        q = model.posterior(x)
        z = q.at(noise(q, 1, generator))[0]
        drawn = model.expected(torch.cat([z, torch.randn(z.shape, generator=generator)]))
    loss = F.softplus(-model.critic(x)).mean() + F.softplus(model.critic(drawn)).mean()
    return loss, {"critic": loss.detach()}


def made(
    member: Member,
    x: Tensor,
    seed: int = 0,
    steps: int = 800,
    lr: float = 2e-3,
    critic_lr: float = 1e-3,
    batch: int = 64,
    **options,
) -> VAEGAN:
    """Train one.

    Args:
        member: sizes and weight.
        x: ``[N, 784]``, grey.
        seed: of initialisation and training.
        steps: of the optimizers.
        lr: peak learning rate of encoder and decoder.
        critic_lr: of the critic.
        batch: pictures a step.
        **options: of :class:`VAEGAN`.

    Returns:
        The model.
    """
    model = fresh(seed, VAEGAN, member, **options)
    start(model, x.mean(0))

    def turn(objective, weights, rate, name):
        return Turn(lambda rows, step, generator: objective(model, rows["x"], generator), list(weights), rate, name,
                    betas=(0.5, 0.99))  # fmt: skip

    first = turn(creative, model.players(), lr, "model")
    second = turn(critical, model.critic.parameters(), critic_lr, "critic")
    fit(model, [first, second], {"x": x}, steps, batch_size=batch, seed=seed, progress=False)
    return model.eval()


@torch.no_grad()
def measured(model: VAEGAN, corpus: str, split: str) -> dict[str, float]:
    """What it is measured by; it has no likelihood of pixels.

    Args:
        model: trained.
        corpus: of :func:`olc_lib.data.images`.
        split: "validation" or "test".

    Returns:
        ``kl``, ``active``, ``mmd``, ``error``, ``fid`` and ``fid_known`` as in :func:`olc_lib.systems.family.measure`;
        ``digits``, the entropy of the digits that the judge reads in drawings, log 10 where all are equally frequent;
        and ``told``, percent of pictures that the critic takes for what they are.
    """
    x = quality.pixels(corpus, split)
    q, codes = model.posterior(x[:3000]), quality.cloud(model, x[:3000])
    drawn = model.expected(torch.randn(DRAWN, model.member.latent, generator=torch.Generator().manual_seed(0)))
    share = torch.bincount(quality.judge(corpus)(drawn).argmax(1), minlength=10) / DRAWN
    told = ((model.critic(x[:DRAWN]) > 0).float().mean() + (model.critic(drawn) < 0).float().mean()) / 2
    return {
        "kl": q.divergence().mean().item(), "active": quality.active(model, x[:3000]), "mmd": quality.distance(codes),
        "error": (model(x[:3000]) - x[:3000]).square().sum(1).mean().item(),
        "fid": quality.fid(drawn, corpus, split), "fid_known": quality.fid(model.expected(codes), corpus, split),
        "digits": torch.special.entr(share).sum().item(), "told": 100 * told.item(),
    }  # fmt: skip


def study(
    seed: int,
    device: str = "cpu",
    split: str = "test",
    corpus: str = "mnist",
    latent: int = 8,
    weight: float = 10.0,
    steps: int = 800,
    lr: float = 2e-3,
    critic_lr: float = 1e-3,
    **options,
) -> dict:
    """One cell: train a VAE-GAN, and measure it.

    Args:
        seed: of initialisation and training.
        device: not used: the nets are small.
        split: "test", or "validation" where settings are chosen.
        corpus: of :func:`olc_lib.data.images`.
        latent: d.
        weight: of the critic's opinion.
        steps: of the training.
        lr: peak learning rate of encoder and decoder.
        critic_lr: of the critic.
        **options: of :class:`VAEGAN`.

    Returns:
        Metrics of :func:`measured`, ``weights`` and ``seconds`` of training on one core.
    """
    began = time.process_time()
    member = Member(latent=latent, weight=weight)
    model = made(member, quality.pixels(corpus, "train"), seed, steps, lr, critic_lr, **options)
    spent = time.process_time() - began
    weights = sum(weight.numel() for weight in model.parameters())
    return measured(model, corpus, split) | {"weights": weights, "seconds": spent}


_PRINTED = {"tame": False, "calibrated": False, "weight": 1.0, "lr": 1e-3}
#: The row of the family's table.
MEMBERS: dict[str, dict] = {"VAE-GAN, d 8": {"weight": 100.0}}
EXPERIMENTS = {
    "family-gan": Experiment("Does a critic of pictures make better drawings?", study, MEMBERS, seeds=5),
    "family-gan-trials": Experiment(
        "What does VAE-GAN need, asked of validation pictures?", study,
        {name: {**row, "split": "validation"} for name, row in {
            "as printed, misprints mended": _PRINTED,
            "calibrated": {**_PRINTED, "calibrated": True},
            "calibrated, tame, 10": {"weight": 10.0},
            "calibrated, tame, 100": {"weight": 100.0},
            "calibrated, tame, 300": {"weight": 300.0},
            "calibrated, tame, 1,000": {"weight": 1000.0},
            "calibrated, tame, no opinion": {"weight": 0.0},
        }.items()}, seeds=1,
    ),
}  # fmt: skip
