"""Joint VAEs of the package MultiVae on the same stacks and pairs: MVAE, MMVAE, MoPoE.

The package is an extra (``pip install "olc_lib[peers]"``); the rest of the library does not need it.
"""

import torch
from torch import Tensor, nn

from olc_lib import paper
from olc_lib.networks import Decoder, Encoder, scale_layers
from olc_lib.pairs import SHAPES, Settings, measure, stages, words
from olc_lib.systems import Experiment, Models, Training

__all__ = ["EXPERIMENTS", "OPTIONS", "SETTINGS", "MultiVae", "build", "measure", "stages"]

#: Latent dimensions; placed codes have 16 and 11.
DIM = 20
#: Configuration where it differs from MultiVae's own.
OPTIONS = {
    "MVAE": {},
    "MMVAE": {"K": 1, "prior_and_posterior_dist": "normal", "scale": 0.05},
    "MoPoE": {},
}
SETTINGS = {
    "embedded": Settings(Training(300), "embedded", "embedded", reader="embedded", options={"name": "MoPoE"}),
    "slim": Settings(Training(2000), options={"name": "MoPoE"}),
}
#: They are measured beside the others, see :mod:`olc_lib.ledger.peers`.
EXPERIMENTS: dict[str, Experiment] = {}


class MultiVae(nn.Module):
    """A model of the package MultiVae on the same stacks.

    Args:
        name: ``"MVAE"``, ``"MMVAE"`` or ``"MoPoE"``.
        width: of the stacks of Table 6.
        passes: steps in a pass over the data, which is what MultiVae counts its warm-up in.
        **options: in place of those of :data:`OPTIONS`: ``likelihood``, the distribution of a pixel around the drawn
            value, ``"laplace"`` (the default here) or ``"normal"`` (MultiVae's Bernoulli does not take grey
            values); ``scale``, its width; and any field of the model's own configuration.

    Raises:
        ModuleNotFoundError: if MultiVae is not installed.
    """

    def __init__(self, name: str, width: float, passes: int, **options):
        super().__init__()
        options = OPTIONS[name] | options
        likelihood, scale = options.pop("likelihood", "laplace"), options.pop("scale", 0.1)
        try:
            from multivae import models
            from multivae.data.datasets.base import MultimodalBaseDataset
        except ModuleNotFoundError as error:
            raise ModuleNotFoundError(f'{name} is a model of MultiVae: `pip install "olc_lib[peers]"`') from error
        layers = scale_layers(paper.IMAGE_LAYERS, width)
        config = getattr(models, f"{name}Config")(
            n_modalities=2,
            latent_dim=DIM,
            decoders_dist=dict.fromkeys(SHAPES, likelihood),
            decoder_dist_params={domain: {"scale": scale} for domain in SHAPES},
            **options,
        )
        encoders = {domain: _encoder(layers, shape) for domain, shape in SHAPES.items()}
        decoders = {domain: _decoder(layers, shape) for domain, shape in SHAPES.items()}
        self.model = getattr(models, name)(config, encoders=encoders, decoders=decoders)
        self.passes, self._dataset = passes, MultimodalBaseDataset

    def loss(self, batch: dict[str, Tensor], step: int, generator: torch.Generator) -> Tensor:
        """The model's own loss; its draws from torch's global generator follow ``generator``.

        Args:
            batch: as :meth:`olc_lib.systems.placed_pair.PlacedPair.loss`; labels are not used.
            step: counted from 0.
            generator: source of every draw.

        Returns:
            The scalar.
        """
        given = self._dataset({name: batch[name] for name in SHAPES})
        device = batch["voice"].device
        with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
            torch.manual_seed(torch.randint(2**31, (), generator=generator, device=device).item())
            epoch, place = 1 + step // self.passes, step % self.passes / self.passes
            return self.model(given, epoch=epoch, batch_ratio=place).loss

    def code(self, domain: str, signal: Tensor) -> Tensor:
        """The shared code, inferred from one domain alone; nothing is sampled.

        Args:
            domain: ``"voice"`` or ``"image"``.
            signal: ``[B, *shape]``.

        Returns:
            Means ``[B, 20]``.
        """
        other = next(name for name in SHAPES if name != domain)
        # MoPoE reads every domain, also one that it then leaves out.
        given = {domain: signal, other: signal.new_zeros(len(signal), *SHAPES[other])}
        return self.model.encode(self._dataset(given), cond_mod=domain, return_mean=True).z.view(len(signal), DIM)

    def draw(self, domain: str, code: Tensor) -> Tensor:
        """Draw signals from codes.

        Args:
            domain: ``"voice"`` or ``"image"``.
            code: ``[B, 20]``.

        Returns:
            Signals ``[B, *shape]``, the middle of the likelihood.
        """
        return self.model.decoders[domain](code).reconstruction

    def cross(self, source: str, code: Tensor, speaker: Tensor) -> Tensor:
        """The code is shared; it has no coordinate by which a speaker could be chosen.

        Args:
            source: not used.
            code: ``[B, 20]``.
            speaker: not used.

        Returns:
            The same code.
        """
        return code


def _encoder(layers, shape: tuple[int, ...]) -> nn.Module:
    from pythae.models.base.base_utils import ModelOutput
    from pythae.models.nn.base_architectures import BaseEncoder

    class Stack(BaseEncoder):
        def __init__(self):
            super().__init__()
            self.stack, self.latent_dim = Encoder(layers, shape, 2 * DIM), DIM

        def forward(self, signal):
            mean, log_variance = self.stack(signal).chunk(2, dim=1)
            return ModelOutput(embedding=mean, log_covariance=log_variance)

    return Stack()


def _decoder(layers, shape: tuple[int, ...]) -> nn.Module:
    from pythae.models.base.base_utils import ModelOutput
    from pythae.models.nn.base_architectures import BaseDecoder

    class Stack(BaseDecoder):
        def __init__(self):
            super().__init__()
            self.stack, self.latent_dim = Decoder(layers, shape, DIM), DIM

        def forward(self, code):
            return ModelOutput(reconstruction=self.stack(code))

    return Stack()


def build(settings: Settings) -> Models:
    """The model, freshly initialised.

    Args:
        settings: of the run.

    Returns:
        ``{"pair": module}``.
    """
    passes = len(words(settings, "train")) // settings.pair.batch_size
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(settings.seed)
        return {"pair": MultiVae(width=settings.width, passes=passes, **settings.options)}
