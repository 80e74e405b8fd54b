"""Two encoders trained apart and joined afterwards by pairs, instead of by places agreed on before.

Relative representations (Moschella et al. 2023), latent translation (Maiorca et al. 2023) and ASIF (Norelli et al.
2023), all in :mod:`olc_lib.relative`, between encoders of voices and of images that learned without labels or with
labels; the ledger joins placed codes in the same ways, too. ``nets`` holds the networks, ``ways`` how a voice
becomes an image, ``system`` the runs, ``studies`` what the ledger measures.
"""

from .studies import EXPERIMENTS
from .system import KINDS, SETTINGS, Encoders, Known, Settings, build, encoded, encoders, measure, stages
from .ways import WAYS, Measured, Options, Pairs, draw_pairs, drawn, join, score

__all__ = [
    "EXPERIMENTS",
    "KINDS",
    "SETTINGS",
    "WAYS",
    "Encoders",
    "Known",
    "Measured",
    "Options",
    "Pairs",
    "Settings",
    "build",
    "draw_pairs",
    "drawn",
    "encoded",
    "encoders",
    "join",
    "measure",
    "score",
    "stages",
]
