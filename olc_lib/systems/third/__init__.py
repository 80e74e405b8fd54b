"""A third and a fourth domain, trained alone and plugged into the voices and images of a run that stays as it is.

Telephone keys (``tones``) and seven-segment displays (``display``), see :mod:`olc_lib.appearances`. Each is a model of
the paper's with one category, the digit, in the place that the others have for it too: nothing else is agreed on.
Beside them two classifiers, which only the plain rival needs. ``system`` holds the run, ``ways`` the directions,
``studies`` what the ledger measures.
"""

from .studies import EXPERIMENTS
from .system import SETTINGS, Settings, build, measure, stages
from .ways import (
    DOMAINS,
    NEW,
    SPACE,
    Domain,
    directions,
    domains,
    mean_signals,
    new_domain,
    old_domains,
    pictures,
    ring,
)

__all__ = [
    "DOMAINS",
    "EXPERIMENTS",
    "NEW",
    "SETTINGS",
    "SPACE",
    "Domain",
    "Settings",
    "build",
    "directions",
    "domains",
    "mean_signals",
    "measure",
    "new_domain",
    "old_domains",
    "pictures",
    "ring",
    "stages",
]
