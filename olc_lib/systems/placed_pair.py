"""The book's own two models trained side by side on pairs, to be compared with systems that need pairs."""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from olc_lib import losses, objective, paper, transfer
from olc_lib.latent import IMAGE, VOICE
from olc_lib.networks import OrthogonalVAE, scale_layers
from olc_lib.pairs import SHAPES, Settings, measure, stages
from olc_lib.systems import Experiment, Models, Training, placed
from olc_lib.transfer import to_voice

__all__ = ["EXPERIMENTS", "SETTINGS", "PlacedPair", "build", "measure", "stages"]

SETTINGS = {
    "embedded": Settings(Training(300), "embedded", "embedded", reader="embedded"),
    "slim": Settings(Training(1350)),
}
#: It is measured beside the others, see :mod:`olc_lib.ledger.peers`.
EXPERIMENTS: dict[str, Experiment] = {}


class PlacedPair(nn.Module):
    """The book's own two models, trained side by side and crossed over by dropping the speaker.

    Args:
        width: of the stacks of Table 6, as in the other systems.
        steps: of the training, which the injection schedules are fitted to.
        injected: see :class:`olc_lib.systems.placed.Training`, as the next.
        disentanglement: form of Eq. (5) of the voice model; the image model keeps the printed one.
    """

    def __init__(
        self, width: float, steps: int, injected: float = 0.2, disentanglement: Callable = losses.disentanglement_rms
    ):
        super().__init__()
        layers = scale_layers(paper.IMAGE_LAYERS, width)
        self.voice, self.image = (
            OrthogonalVAE(layers, SHAPES["voice"], VOICE),
            OrthogonalVAE(layers, SHAPES["image"], IMAGE),
        )
        how = placed.Training(steps, injected=injected)
        self._losses = {
            "voice": objective.training_loss(
                self.voice, paper.VOICE_IMPORTANCE, placed.schedule("voice", how), paper.VOICE_BALANCE,
                disentanglement=disentanglement,
            ),
            "image": objective.training_loss(
                self.image, paper.IMAGE_IMPORTANCE, placed.schedule("image", how), paper.IMAGE_BALANCE
            ),
        }  # fmt: skip

    def loss(self, batch: dict[str, Tensor], step: int, generator: torch.Generator) -> Tensor:
        """Sum of the two totals of Eq. (2).

        Args:
            batch: ``voice`` and ``image`` ``[B, *shape]``, ``speaker`` and ``digit`` ``[B]``.
            step: counted from 0.
            generator: source of every draw.

        Returns:
            The scalar.
        """
        return sum(loss(batch | {"signal": batch[name]}, step, generator)[0] for name, loss in self._losses.items())

    def code(self, domain: str, signal: Tensor) -> Tensor:
        """Encode signals; nothing is sampled.

        Args:
            domain: ``"voice"`` or ``"image"``.
            signal: ``[B, *shape]`` in 0..1.

        Returns:
            Codes ``[B, D]``.
        """
        return getattr(self, domain).encode(signal)

    def draw(self, domain: str, code: Tensor) -> Tensor:
        """Draw signals from codes.

        Args:
            domain: ``"voice"`` or ``"image"``.
            code: ``[B, D]`` of that domain.

        Returns:
            Signals ``[B, *shape]``.
        """
        return getattr(self, domain).decode(code)

    def cross(self, source: str, code: Tensor, speaker: Tensor) -> Tensor:
        """Carry codes over to the other domain.

        Args:
            source: ``"voice"`` or ``"image"``.
            code: ``[B, D]`` of that domain.
            speaker: ``[B]``, who is to speak where a voice is made.

        Returns:
            Codes of the other domain.
        """
        if source == "voice":
            return transfer.drop(code, VOICE, IMAGE)
        return to_voice(IMAGE.split(code)["digit"], speaker)


def build(settings: Settings) -> Models:
    """The model, freshly initialised.

    Args:
        settings: of the run.

    Returns:
        ``{"pair": module}``.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(settings.seed)
        return {"pair": PlacedPair(settings.width, settings.pair.steps, **settings.options)}
