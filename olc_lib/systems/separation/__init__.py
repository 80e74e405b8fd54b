"""Two voices at once: separation with VAEs, after Section 8 of Singh & Ogunfunmi (2022), and without mixtures.

Every source has a net that maps a frame of the mixture to the frame of the source; both together make the mask of
Eq. 90. Kinds of net differ in the objective alone, see :mod:`.objectives`. :mod:`.codes` separates with nets that were
trained on clean speech, :mod:`.choosing` with the speaker block of the book's own encoder, :mod:`.rivals` without a
net; :mod:`.studies` has the experiments.
"""

from dataclasses import dataclass

import torch
from torch import nn

from olc_lib.systems import Stage, Training
from olc_lib.systems.shared import HasMembers, fresh, stage_each

from . import choosing, mixtures, rivals, training
from .mixtures import SCENES
from .network import Member, Separator
from .objectives import MEMBERS, autoencoder, variational
from .studies import EXPERIMENTS

__all__ = ["EXPERIMENTS", "MEMBERS", "SCENES", "SETTINGS", "Settings", "build", "measure", "stages"]


FEW = 8  # mixtures that a run is measured on; experiments take 20 and more


@dataclass(frozen=True)
class Settings(HasMembers):
    """What a run of this system is.

    Args:
        scene: name of the scene, of :data:`olc_lib.systems.separation.mixtures.SCENES`.
        layers: units of each encoder, the last the code's.
        window: samples of a frame.
        hop: from one frame to the next.
        training: of every separator.
        choosing: of the net that a speaker block steers.
        autoencoder: a separator.
        vae: a separator.
        clean: a separator of nets that hear one source alone.
        seed: of initialisation and training.
    """

    scene: str = "people"
    layers: tuple[int, ...] = (96, 96, 48)
    window: int = 256
    hop: int = 128
    training: Training = Training(steps=2000, batch_size=128, lr=4e-3, weight_decay=0.0)
    choosing: Training = Training(steps=700, batch_size=128, lr=2e-3, weight_decay=0.0)
    autoencoder: Member = Member(autoencoder)
    vae: Member = Member(variational, noise=0.01)
    clean: Member = Member(variational, clean=True)
    seed: int = 0


#: Named runs.
SETTINGS = {"embedded": Settings()}


def build(settings: Settings) -> dict[str, nn.Module]:
    """Freshly initialised models.

    Args:
        settings: of the run.

    Returns:
        Name to model; each starts from the seed alone, whatever else is built.
    """
    seed, shape = settings.seed, (settings.layers, settings.window, settings.hop)
    models: dict[str, nn.Module] = {
        name: fresh(seed, Separator, member, *shape, scale=1.0) for name, member in settings.members().items()
    }
    return models | {"chooser": fresh(seed, choosing.Chooser, settings.layers[0])}


def stages(settings: Settings) -> list[Stage]:
    """One stage a model; none needs another.

    Args:
        settings: of the run.

    Returns:
        Stages.
    """

    def prepare(model, settings, device):
        (scene,) = SCENES[settings.scene](settings.seed)
        some = training.frames(scene, settings.window, settings.hop)
        model.scale.copy_(training.deviation(some))
        return training.objective(model, some)

    def choose(models, settings, device):
        return choosing.objective(models["chooser"], choosing.material("embedded", "train"))

    return [*stage_each(settings, prepare), Stage("chooser", settings.choosing, (), choose)]


def measure(models, settings: Settings, split: str, device: str = "cpu") -> tuple[dict, dict]:
    """Means over the mixtures of a split, beside what needs no training.

    Args:
        models: trained.
        settings: of the run.
        split: "validation" or "test".
        device: not used: the models are small.

    Returns:
        ``{name/metric: dB}``; and no arrays but the mixtures' SDR of each separator, ``{name/sdr: [2 n]}``.
    """
    (scene,) = SCENES[settings.scene](settings.seed)
    pairs, found, arrays = mixtures.mixtures(scene, split, FEW), {}, {}
    made = {
        "mixture": [pair.sum(0).expand(2, -1) for pair in pairs],
        "ideal": [rivals.ideal(pair, settings.window, settings.hop) for pair in pairs],
    }
    for name in settings.members():
        made[name] = [training.separate(models[name].to("cpu").eval(), pair.sum(0)) for pair in pairs]
    for name, separated in made.items():
        scores = training.scores(pairs, separated)
        keep = [name != "mixture" or key == "sdr" for key in scores]  # the mixture has no artefacts: SAR is infinite
        found |= {f"{name}/{key}": sum(row) / len(row) for (key, row), k in zip(scores.items(), keep, strict=True) if k}
        arrays[f"{name}/sdr"] = torch.tensor(scores["sdr"])
    found |= {
        f"chooser/{key}": value for key, value in choosing.measure(models["chooser"].to("cpu"), "embedded", FEW).items()
    }
    return found, arrays
