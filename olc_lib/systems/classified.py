"""What the labels alone can do: classifiers trained by cross-entropy, decoders that are told the class."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from olc_lib import paper
from olc_lib.latent import IMAGE, VOICE
from olc_lib.networks import Decoder, Encoder, scale_layers
from olc_lib.pairs import SHAPES, Settings, measure, stages
from olc_lib.systems import Experiment, Models, Training
from olc_lib.transfer import to_voice

__all__ = ["EXPERIMENTS", "SETTINGS", "Classified", "build", "measure", "stages"]

SETTINGS = {
    "embedded": Settings(Training(300), "embedded", "embedded", reader="embedded"),
    "slim": Settings(Training(1350, lr=2e-3)),
}
#: It is measured beside the others, see :mod:`olc_lib.ledger.peers`.
EXPERIMENTS: dict[str, Experiment] = {}


class Classified(nn.Module):
    """The supervised reference: classifiers trained by cross-entropy, decoders that are told the class.

    Args:
        width: of the stacks of Table 6.
    """

    def __init__(self, width: float):
        super().__init__()
        layers = scale_layers(paper.IMAGE_LAYERS, width)
        self.space = {"voice": VOICE, "image": IMAGE}
        self.encoder = nn.ModuleDict({name: Encoder(layers, SHAPES[name], VOICE.dim) for name in SHAPES})
        self.decoder = nn.ModuleDict({name: Decoder(layers, SHAPES[name], VOICE.dim) for name in SHAPES})

    def loss(self, batch: dict[str, Tensor], step: int, generator: torch.Generator) -> Tensor:
        """Cross-entropy of what is read, and absolute error of what is drawn from the true classes.

        Args:
            batch: as :meth:`olc_lib.systems.placed_pair.PlacedPair.loss`.
            step: not used.
            generator: not used.

        Returns:
            The scalar.
        """
        wanted = to_voice(F.one_hot(batch["digit"], 10).float(), batch["speaker"])
        total = 0.0
        for domain in SHAPES:
            logits = VOICE.split(self.encoder[domain](batch[domain]))
            # Who wrote the image is not known: its encoder names digits only, its decoder sees no speaker.
            told = wanted if domain == "voice" else to_voice(wanted[:, 6:], torch.zeros_like(batch["digit"]))
            names = ("speaker", "digit") if domain == "voice" else ("digit",)
            total = total + sum(F.cross_entropy(logits[name], batch[name]) for name in names)
            total = total + F.l1_loss(self.decoder[domain](told), batch[domain])
        return total

    def code(self, domain: str, signal: Tensor) -> Tensor:
        """Which class each signal is in.

        Args:
            domain: ``"voice"`` or ``"image"``.
            signal: ``[B, *shape]``.

        Returns:
            One-hot codes ``[B, 16]``: speaker (the first for images) and digit.
        """
        labels = VOICE.labels(self.encoder[domain](signal))
        speaker = labels["speaker"] if domain == "voice" else torch.zeros_like(labels["digit"])
        return to_voice(F.one_hot(labels["digit"], 10).float(), speaker)

    def draw(self, domain: str, code: Tensor) -> Tensor:
        """Draw signals from codes.

        Args:
            domain: ``"voice"`` or ``"image"``.
            code: ``[B, D]`` of that domain.

        Returns:
            Signals ``[B, *shape]``.
        """
        return self.decoder[domain](code)

    def cross(self, source: str, code: Tensor, speaker: Tensor) -> Tensor:
        """As :meth:`olc_lib.systems.placed_pair.PlacedPair.cross`.

        Args:
            source: likewise.
            code: likewise.
            speaker: likewise.

        Returns:
            One-hot codes ``[B, 16]``.
        """
        return to_voice(VOICE.split(code)["digit"], torch.zeros_like(speaker) if source == "voice" else speaker)


def build(settings: Settings) -> Models:
    """The model, freshly initialised.

    Args:
        settings: of the run.

    Returns:
        ``{"pair": module}``.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(settings.seed)
        return {"pair": Classified(settings.width)}
