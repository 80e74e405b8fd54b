"""Dual disentangled image translation (Li): two encoders, one generator, and codes that change places.

``nets`` holds the appendix's tables, ``pictures`` two forms of two classes, ``training`` Algorithm 1 and its repairs,
``measures`` how a translation is judged, ``system`` the runs, ``studies`` what the ledger measures. A model of this
system is a :class:`olc_lib.systems.dual.nets.Translator`.
"""

from .studies import EXPERIMENTS
from .system import (
    ADVERSARIES,
    SETTINGS,
    Both,
    Member,
    Recipe,
    Settings,
    Single,
    Training,
    Translator,
    build,
    measure,
    mix,
    stages,
    translate,
)

__all__ = [
    "ADVERSARIES",
    "EXPERIMENTS",
    "SETTINGS",
    "Both",
    "Member",
    "Recipe",
    "Settings",
    "Single",
    "Training",
    "Translator",
    "build",
    "measure",
    "mix",
    "stages",
    "translate",
]
