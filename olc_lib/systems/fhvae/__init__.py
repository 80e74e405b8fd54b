"""FHVAE (Hsu, Zhang & Glass 2017): what stays through an utterance and what changes within it, without a label.

``model`` holds the networks, the bound and the s-vectors; ``corpus`` what is read and how it is trained; ``speakers``
verification, its baseline and conversion; ``studies``, ``controls`` and ``domains`` what the ledger measures.
"""

from olc_lib.systems import Experiment, Training

from . import controls, domains, studies
from .corpus import Settings, build, stages
from .model import FHVAE
from .speakers import encode, listen, redraw, verification
from .studies import measure

SETTINGS = {
    "embedded": Settings(corpus="embedded", training=Training(steps=1200, batch_size=64, lr=3e-3)),
    "slim": Settings(),
    "wide": Settings(hidden=256, size=32, training=Training(steps=30_000, batch_size=256, lr=1e-3)),
}

_TRIAL = {"corpus": "librispeech:trial", "judged": False}

EXPERIMENTS = {
    "fhvae-clocks": Experiment(
        "Does the s-vector know the speaker, does z1 not, and what does alpha do?",
        studies.verify,
        {"alpha 10": {}, "alpha 1": {"alpha": 1.0}, "alpha 0": {"alpha": 0.0}},
        seeds=5,
    ),
    "fhvae-baseline": Experiment(
        "How well does a mixture of Gaussians verify the same speakers?",
        studies.baseline,
        {"as recorded": {}, "noise": {"spoilt": "noise"}, "rooms": {"spoilt": "rooms"}},
        seeds=3,
    ),
    "fhvae-spoilt": Experiment(
        "With noise or changing rooms in training and test, does the s-vector win? Does shifting it remove noise?",
        studies.verify,
        {"noise": {"spoilt": "noise", "judged": False}, "rooms": {"spoilt": "rooms", "judged": False}},
        seeds=3,
    ),
    "fhvae-rivals": Experiment(
        "What do one clock, and a table a few sequences at a time, change?",
        studies.verify,
        {
            "fifty compete": {"compete": 50, "judged": False},
            "one clock, beta 1": {"one_clock": True},
            "one clock, beta 4": {"one_clock": True, "beta": 4.0},
        },
        seeds=3,
    ),
    "fhvae-noise-within": Experiment(
        "If noise comes and goes within a recording, does the s-vector win in noise?",
        controls.noisy,
        {
            "FHVAE": {},
            "mixture": {"mixture": True},
            "mixture, apart": {"mixture": True, "joined": False},
        },
        seeds=3,
    ),
    "fhvae-shifts": Experiment(
        "Why does shifting z1 bring some utterances nearer the target's voice?",
        controls.shifts,
        {"alpha 10": {}},
        seeds=3,
    ),
    "fhvae-domains": Experiment(
        "Does z1 carry a recognizer of words to women and to noise?",
        domains.carry,
        {"embedded voices": {}, "six real men": {"corpus": "fsdd"}},
        seeds=3,
    ),
    "fhvae-trials": Experiment(
        "Which training of the table, chosen on readers held out of the training ones?",
        studies.verify,
        {
            "as chosen": _TRIAL,
            "authors' start, no refresh": {**_TRIAL, "table_start": 1.0, "table_rate": 1.0, "refresh": 0},
            "without 1/N log p": {**_TRIAL, "variances": [1.0, 0.25, 1e6]},
        },
        seeds=1,
    ),
}

__all__ = [
    "EXPERIMENTS",
    "FHVAE",
    "SETTINGS",
    "Settings",
    "build",
    "encode",
    "listen",
    "measure",
    "redraw",
    "stages",
    "verification",
]
