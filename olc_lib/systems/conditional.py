"""Conditional VAEs side by side, with all labels or a part of them: what else can be done with the same labels.

Each domain has an encoder that names the classes and gives a Gaussian for everything else, and a decoder that is told
both (M2 of Kingma et al. 2014, the encoder of the rest reading the signal alone). Where a label is hidden, the class
is drawn from what the encoder says (Gumbel-softmax with a straight-through gradient, Jang et al. 2017).
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from olc_lib import paper
from olc_lib.networks import Decoder, Encoder, scale_layers
from olc_lib.pairs import SHAPES, Settings, measure, stages
from olc_lib.systems import Experiment, Models, Training

__all__ = ["EXPERIMENTS", "SETTINGS", "Conditional", "build", "measure", "stages"]

#: Latent dimensions in all, as many as the joint VAEs have.
DIM = 20
#: Classes of each domain, in the order of the code; free dimensions follow them.
CLASSES = {"voice": {"speaker": 6, "digit": 10}, "image": {"digit": 10}}
SETTINGS = {
    "embedded": Settings(Training(300), "embedded", "embedded", reader="embedded"),
    "slim": Settings(Training(1350, lr=2e-3)),
}
#: They are measured beside the others, see :mod:`olc_lib.ledger.peers`.
EXPERIMENTS: dict[str, Experiment] = {}


class Conditional(nn.Module):
    """Two conditional VAEs on the stacks of Table 6, joined by the name of the digit.

    Args:
        width: of the stacks.
        scale: width of the Laplace likelihood of a pixel.
    """

    def __init__(self, width: float, scale: float = 0.1):
        super().__init__()
        layers = scale_layers(paper.IMAGE_LAYERS, width)
        self.scale, self.free = scale, {name: DIM - sum(classes.values()) for name, classes in CLASSES.items()}
        self.encoder = nn.ModuleDict({n: Encoder(layers, SHAPES[n], DIM + self.free[n]) for n in SHAPES})
        self.decoder = nn.ModuleDict({n: Decoder(layers, SHAPES[n], DIM) for n in SHAPES})

    def _read(self, domain: str, signal: Tensor) -> tuple[dict[str, Tensor], Tensor, Tensor]:
        """Logits of every category, mean and log variance of the rest."""
        sizes = [*CLASSES[domain].values(), self.free[domain], self.free[domain]]
        *logits, mean, log_variance = self.encoder[domain](signal).split(sizes, dim=1)
        return dict(zip(CLASSES[domain], logits, strict=True)), mean, log_variance

    def loss(self, batch: dict[str, Tensor], step: int, generator: torch.Generator) -> Tensor:
        """Negative evidence bound, scaled so that its first part is the mean absolute error, and cross-entropy.

        Args:
            batch: as :meth:`olc_lib.systems.placed_pair.PlacedPair.loss`, and ``voice_known`` and ``image_known``
                ``[B]``: whose labels may be seen.
            step: not used.
            generator: source of every draw.

        Returns:
            The scalar.
        """
        total = batch["voice"].new_zeros(())
        for domain in SHAPES:
            logits, mean, log_variance = self._read(domain, batch[domain])
            known, classes = batch[f"{domain}_known"], []
            seen = known.sum().clamp_min(1)
            rest = 0.5 * (mean.square() + log_variance.exp() - log_variance - 1).sum(1)
            for name, values in logits.items():
                size, label = values.shape[1], batch[name]
                uniform = torch.rand(values.shape, generator=generator, device=values.device).clamp(1e-6, 1 - 1e-6)
                soft = (values - (-uniform.log()).log()).softmax(1)
                hard = F.one_hot(soft.argmax(1), size) + soft - soft.detach()
                classes.append(torch.where(known[:, None], F.one_hot(label, size), hard))
                log = values.log_softmax(1)
                rest = rest + ~known * (log.exp() * (log + torch.tensor(float(size)).log())).sum(1)
                total = total + (F.cross_entropy(values, label, reduction="none") * known).sum() / seen
            noise = torch.randn(mean.shape, generator=generator, device=mean.device)
            drawn = self.decoder[domain](torch.cat([*classes, mean + noise * (log_variance / 2).exp()], 1))
            total = total + (drawn - batch[domain]).abs().mean() + rest.mean() * self.scale / drawn[0].numel()
        return total

    def code(self, domain: str, signal: Tensor) -> Tensor:
        """The most likely class of every category and the mean of the rest; nothing is sampled.

        Args:
            domain: ``"voice"`` or ``"image"``.
            signal: ``[B, *shape]``.

        Returns:
            Codes ``[B, 20]``.
        """
        logits, mean, _ = self._read(domain, signal)
        return torch.cat([*(F.one_hot(v.argmax(1), v.shape[1]).to(mean.dtype) for v in logits.values()), mean], 1)

    def draw(self, domain: str, code: Tensor) -> Tensor:
        """Draw signals from codes.

        Args:
            domain: ``"voice"`` or ``"image"``.
            code: ``[B, 20]`` of that domain.

        Returns:
            Signals ``[B, *shape]``.
        """
        return self.decoder[domain](code)

    def cross(self, source: str, code: Tensor, speaker: Tensor) -> Tensor:
        """The same digit in the other domain, the rest at the mean of its prior.

        Args:
            source: ``"voice"`` or ``"image"``.
            code: ``[B, 20]`` of that domain.
            speaker: ``[B]``, who is to speak where a voice is made.

        Returns:
            Codes ``[B, 20]`` of the other domain.
        """
        if source == "voice":
            return torch.cat([code[:, 6:16], code.new_zeros(len(code), self.free["image"])], 1)
        asked = F.one_hot(speaker, 6).to(code)
        return torch.cat([asked, code[:, :10], code.new_zeros(len(code), self.free["voice"])], 1)


def build(settings: Settings) -> Models:
    """The model, freshly initialised.

    Args:
        settings: of the run.

    Returns:
        ``{"pair": module}``.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(settings.seed)
        return {"pair": Conditional(settings.width, **settings.options)}
