"""The experiments on separation: Section 8 of the survey, and beyond it."""

import dataclasses
import functools
import math

import torch
from torch import Tensor

from olc_lib.systems import Experiment
from olc_lib.train import fit

from .choosing import Chooser, material
from .choosing import measure as judge
from .choosing import objective as choice
from .mixtures import SCENES, Scene, held, mixtures
from .network import Separator
from .objectives import MEMBERS, divergence
from .plans import PLANS, trained
from .rivals import Factors, ideal
from .training import estimates, frames, scores, separate

#: What is judged in the table of every scene; the last three need no net.
REFERENCES = ("mixture", "ideal mask", "NMF")
#: Milliseconds of the window and of the hop in Figure 21; the survey gives the overlap, which is the rest.
WINDOWS = {"A": (64, 48), "B": (64, 32), "C": (32, 24), "D": (32, 16),
           "E": (16, 8), "F": (16, 12), "G": (8, 4), "H": (8, 6)}  # fmt: skip


def summary(rows: dict[str, list[float]]) -> dict:
    """Means, and the lists that violins are drawn of.

    Args:
        rows: from :func:`olc_lib.systems.separation.training.scores`.

    Returns:
        ``sdr``, ``sir`` and ``sar``; ``sdr_all`` and so on.
    """
    means = {key: math.fsum(row) / len(row) for key, row in rows.items()}
    return means | {f"{key}_all": [round(value, 2) for value in row] for key, row in rows.items()}


def scenes_of(name: str, seed: int, split: str) -> list[Scene]:
    """The pairs of voices of a scene; for validation, where it keeps no sentences for that, one is held back.

    Args:
        name: of :data:`olc_lib.systems.separation.mixtures.SCENES`.
        seed: of the choice of speakers.
        split: what will be measured.

    Returns:
        Scenes.
    """
    found = SCENES[name](seed)
    return [held(one) if split == "validation" and not one.waves[split][0] else one for one in found]


@functools.cache
def unseparated(scene: str, split: str, each: int, seed: int) -> float:
    """SDR of the mixtures themselves.

    Args:
        scene: as of :func:`compare`.
        split: likewise.
        each: mixtures of each pair.
        seed: likewise.

    Returns:
        Mean in dB.
    """
    pairs = [pair for one in scenes_of(scene, seed, split) for pair in mixtures(one, split, each, seed)]
    row = scores(pairs, [pair.sum(0).expand(2, -1) for pair in pairs])["sdr"]
    return math.fsum(row) / len(row)


def compare(
    seed: int, device: str = "cpu", scene: str = "people", method: str = "autoencoder", split: str = "test",
    parts: int = 40, exponents: tuple[float, ...] = (), alone: float = 0.0, fixed: bool = False,
    layers: tuple[int, ...] = (256, 256, 128), count: int = 20, **changes,
) -> dict:  # fmt: skip
    """One method on one scene; scenes of several pairs are pooled.

    Args:
        seed: of the scene's choice of speakers, of the mixtures, of initialisation and training.
        device: not used: the nets are small.
        scene: one of :data:`olc_lib.systems.separation.mixtures.SCENES`.
        method: "mixture", "ideal mask", "NMF", or one of :data:`olc_lib.systems.separation.objectives.MEMBERS`.
        split: "test", or "validation" where settings are chosen.
        parts: of NMF, for each source.
        exponents: of the mask, measured besides 1.
        alone: see :func:`olc_lib.systems.separation.training.objective`.
        fixed: mixtures made once, as in Section 8.
        layers: of each net.
        count: mixtures, four of each pair at least.
        **changes: of the scene's :class:`olc_lib.systems.separation.plans.Plan`.

    Returns:
        Means in dB and the list behind them; ``gain`` over the mixture's SDR; ``sdr at p`` and so on for exponents;
        ``counted``, percent of pairs of a mixture and a single voice that an autoencoder's outputs tell apart.
    """
    plan, scenes = dataclasses.replace(PLANS[scene], **changes), scenes_of(scene, seed, split)
    each = max(4, count // len(scenes))
    pairs, made, powers, counted = [], [], {p: [] for p in exponents}, []
    for one in scenes:
        some = mixtures(one, split, each, seed)
        waves = [pair.sum(0) for pair in some]
        pairs += some
        if method == "mixture":
            made += [wave.expand(2, -1) for wave in waves]
        elif method == "ideal mask":
            made += [ideal(pair, plan.window, plan.hop) for pair in some]
        elif method == "NMF":
            factors = Factors(frames(one, plan.window, plan.hop), parts, plan.window, plan.hop, seed)
            made += [factors.separate(wave) for wave in waves]
        else:
            model, _ = trained(one, MEMBERS[method], plan, seed, layers, fixed=fixed, alone=alone)
            found = [estimates(model, wave) for wave in waves]
            both = list(zip(found, waves, strict=True))
            made += [model.resynthesize(magnitudes, wave) for magnitudes, wave in both]
            for p, list_ in powers.items():
                list_ += [model.resynthesize(magnitudes, wave, p) for magnitudes, wave in both]
            if method == "autoencoder":
                counted.append(told_apart(model, some))
    results = summary(scores(pairs, made))
    for p, separated in powers.items():
        means = summary(scores(pairs, separated))
        results |= {f"{key} at {p:g}": means[key] for key in ("sdr", "sir", "sar")}
    if method != "mixture":
        results["gain"] = results["sdr"] - unseparated(scene, split, each, seed)
    else:
        results["sar"], results["sar_all"] = 0.0, []  # no artefacts at all: infinite, but for rounding
    return results | ({"counted": math.fsum(counted) / len(counted)} if counted else {}) | {"mixtures": len(pairs)}


def told_apart(model: Separator, pairs: list[Tensor]) -> float:
    """How well the weaker output's share of the power tells mixtures of two from one voice alone.

    Args:
        model: trained.
        pairs: sources ``[2, T]``.

    Returns:
        Percent of all pairs of a mixture and a single voice in which the mixture has the larger share.
    """

    def share(wave: Tensor) -> float:
        power = separate(model, wave).square().sum(1)
        return float(power.min() / power.sum())

    two = torch.tensor([share(pair.sum(0)) for pair in pairs])
    one = torch.tensor([share(wave) for pair in pairs for wave in pair])
    return 100 * float((two[:, None] > one).float().mean())


def scaling(seed: int, device: str = "cpu", method: str = "VAE", unit: str = "deviation", split: str = "test") -> dict:
    """The VAE with magnitudes on one scale or another.

    Args:
        seed: of everything.
        device: not used.
        method: of :data:`olc_lib.systems.separation.objectives.MEMBERS`.
        unit: "deviation", "largest" (magnitudes from 0 to 1), or "integers" (of 16-bit samples, not scaled).
        split: "test" or "validation".

    Returns:
        As :func:`compare`; ``kl``, nats in the codes of test frames; ``finite``, 0 if training broke off.
    """
    (one,), plan = SCENES["people"](seed), dataclasses.replace(PLANS["people"], steps=300)
    some = frames(one, plan.window, plan.hop)
    largest = max(float(part.abs().max()) for part in some.spectra)
    size = {"deviation": None, "largest": 2 * largest, "integers": 1 / 3000}[unit]
    pairs = mixtures(one, split, 20, seed)
    try:
        model, _ = trained(one, MEMBERS[method], plan, seed, unit=size)
    except FloatingPointError:
        return {"finite": 0, "sdr": 0.0, "sir": 0.0, "sar": 0.0, "kl": 0.0}
    with torch.no_grad():
        seen = torch.cat([model.magnitudes(pair.sum(0)) for pair in pairs])
        kl = [float(divergence(*net.posterior(seen)).mean()) for net in model.nets]
    made = [separate(model, pair.sum(0)) for pair in pairs]
    # An autoencoder has a mean and no variance: what its other half outputs, nothing has trained.
    return summary(scores(pairs, made)) | {"kl": 0.0 if method == "autoencoder" else sum(kl) / 2, "finite": 1}


def windows(seed: int, device: str = "cpu", letter: str = "E", passes: float | None = None, net: bool = True) -> dict:
    """One window of Figure 21, on a pair of readers.

    Args:
        seed: as of :func:`compare`.
        device: not used.
        letter: of :data:`WINDOWS`.
        passes: over all frames; ``None`` for as many steps as every window has.
        net: an autoencoder, else the ideal mask.

    Returns:
        As :func:`compare`, and ``steps``.
    """
    window, hop = (16 * ms for ms in WINDOWS[letter])
    changes = {"window": window, "hop": hop}
    if not net:
        return compare(seed, scene="readers", method="ideal mask", **changes)
    steps = 250
    if passes is not None:
        (one,) = SCENES["readers"](seed)
        steps = round(passes * max(map(len, frames(one, window, hop).spectra)) / PLANS["readers"].batch)
    return compare(seed, scene="readers", method="autoencoder", steps=steps, **changes) | {"steps": steps}


def chosen(seed: int, device: str = "cpu", corpus: str = "embedded") -> dict:
    """Whether the speaker block of the placed encoder decides who is heard.

    Args:
        seed: of initialisation and training.
        device: not used.
        corpus: "embedded" or "fsdd".

    Returns:
        As :func:`olc_lib.systems.separation.choosing.measure`.
    """
    with torch.random.fork_rng([]):
        torch.manual_seed(seed)
        chooser = Chooser(128)
    loss, data = choice(chooser, material(corpus, "train"))
    fit(chooser, loss, data, 1000, batch_size=128, lr=2e-3, seed=seed, progress=False)
    return judge(chooser, corpus)


def _arms() -> dict[str, dict]:
    """All scenes by what decides first; the rest of the nets where it matters most."""
    scenes, arms = list(SCENES), {}
    for some, methods in (
        (scenes[:2], (*REFERENCES, "autoencoder", "VAE, ε .01", "ITL-AE", "clean VAE", "mask MLP")),
        (scenes[3:4], (*REFERENCES, "autoencoder", "VAE, ε .01", "mask MLP")),
        (scenes[2:3] + scenes[4:], (*REFERENCES, "autoencoder")),
        (scenes[:2], ("β-VAE 4", "clean autoencoder")),
    ):
        for scene in some:
            for method in methods:
                known = method == "autoencoder" and scene in scenes[:2]
                arm = {"scene": scene, "method": method}
                arms[f"{scene}: {method}"] = arm | ({"exponents": [0.5, 2.0, 4.0]} if known else {})
    return arms


#: What was tried on validation mixtures of the people before anything was measured on the test.
TRIALS = {
    "rate .004": {},
    "rate .001": {"lr": 0.001},
    "rate .008": {"lr": 0.008},
    "root of magnitudes": {"root": True},
    "root, 5 frames": {"root": True, "context": 5},
    "window of 32 ms": {"window": 256, "hop": 128},
}
#: Likewise for synthetic pairs, of whom one of four sentences is held out. The first row was their setting before.
PAIR_TRIALS = {
    "250 steps": {"steps": 250, "shift": 0},
    "frames every 8 ms": {"steps": 250, "shift": 64},
    "frames every 8 ms, 600 steps": {"steps": 600, "shift": 64},
    "frames every 8 ms, 1500 steps": {"steps": 1500, "shift": 64},
    "NMF": {"method": "NMF"},
    "ideal mask": {"method": "ideal mask"},
    "window of 16 ms": {"window": 128, "hop": 64, "steps": 250, "shift": 0},
    "window of 16 ms, NMF": {"method": "NMF", "window": 128, "hop": 64},
    "window of 16 ms, ideal mask": {"method": "ideal mask", "window": 128, "hop": 64},
}


EXPERIMENTS = {
    "separation": Experiment("Which net separates two voices, known or unknown, and what do plain rivals do?",
                             compare, _arms(), seeds=3),
    "separation-scale": Experiment(
        "Why had the noise of the code to be small?",
        scaling,
        {
            f"{method}, {unit}": {"method": method, "unit": unit}
            for unit in ("largest", "deviation", "integers")
            for method in ("VAE", "VAE, ε .01", "autoencoder")
        },
        seeds=3,
    ),
    "separation-windows": Experiment(
        "Which window separates best, at equal steps and at equal passes over the data?",
        windows,
        {f"{letter}, equal {what}": {"letter": letter, **how}
         for what, how in (("passes", {"passes": 10.0}), ("steps", {}), ("mask", {"net": False}))
         for letter in WINDOWS},
        seeds=3,
    ),
    "separation-sizes": Experiment(
        "Do the size of the code, of the batch, and fresh mixtures matter?",
        compare,
        {
            **{f"{method}, code {d}": {"method": method, "layers": [128, d], "steps": 300}
               for method in ("VAE, ε .01", "ITL-AE") for d in (32, 64, 128, 256)},
            **{f"batch {size}": {"method": "VAE, ε .01", "batch": size, "steps": 40_000 // size, "layers": [128, 64]}
               for size in (70, 34, 17)},
            "mixtures made once": {"fixed": True},
        },
        seeds=3,
    ),
    "separation-choosing": Experiment(
        "Does the speaker block of a placed code decide who is heard in a mixture of two digits?",
        chosen,
        {"embedded": {"corpus": "embedded"}, "fsdd": {"corpus": "fsdd"}},
        seeds=3,
    ),
    "separation-trials": Experiment(
        "Which rate, input and window shall the nets have, asked of validation mixtures?",
        compare,
        {name: {"split": "validation", "steps": 400, **how} for name, how in TRIALS.items()}
        | {f"pairs: {name}": {"scene": "synthetic pairs", "split": "validation", **how}
           for name, how in PAIR_TRIALS.items()},
        seeds=1,
    ),
}  # fmt: skip
