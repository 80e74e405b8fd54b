"""Placed plus free: categories hold what has a name, free coordinates the rest, such as the handwriting.

The decoder takes the class from the placed coordinates alone: a small KL divergence keeps the free ones poor, and one
exchange term draws them under other classes and asks the model's own encoder, held still, what it reads. ``model``
holds space and networks, ``training`` the loss, ``system`` the runs, ``measures`` what is measured of them, and
``studies`` what the ledger repeats.
"""

from .measures import exchanged, ink, kept, measure, slant
from .model import FreeSpace, FreeVAE
from .studies import EXPERIMENTS
from .system import SETTINGS, Settings, build, signals, stages
from .training import exchange, free_loss, kl

__all__ = [
    "EXPERIMENTS",
    "SETTINGS",
    "FreeSpace",
    "FreeVAE",
    "Settings",
    "build",
    "exchange",
    "exchanged",
    "free_loss",
    "ink",
    "kept",
    "kl",
    "measure",
    "signals",
    "slant",
    "stages",
]
