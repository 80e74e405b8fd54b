"""Three uses of a VAE of beats, each beside its linear rival: finding, cleaning, laying out."""

import numpy as np
import torch
from sklearn.cluster import KMeans
from sklearn.metrics import roc_auc_score
from torch import Tensor

from olc_lib import heartbeats

from .network import BeatVAE
from .rivals import NOISES, components, decibels, linear_filter

#: Shares of the record, in the order of time.
SPLITS = {"train": (0.0, 0.4), "validation": (0.4, 0.5), "test": (0.5, 1.0)}
#: How often every training beat is made noisy for the linear filter.
COPIES = 20


def part(record: str, split: str, seed: int = 0) -> tuple[Tensor, heartbeats.Beats]:
    """Beats of a split, on the scale of the nets.

    The parts of a labelled record follow each other in time. Only normal beats train. A test has all beats of its half,
    and the abnormal ones of the whole record, for there are few. A record without labels is one part.

    Args:
        record: of :func:`olc_lib.heartbeats.beats`.
        split: of :data:`SPLITS`.
        seed: of a synthetic record.

    Returns:
        ``[N, LENGTH]`` over the root mean square of the training beats, and the beats.

    Raises:
        ValueError: for an unknown split.
    """
    if split not in SPLITS:
        raise ValueError(f"split is {split!r}, expected one of {list(SPLITS)}")
    every = heartbeats.beats(record, seed)
    if (every.kind < 0).all():
        chosen = train = every
    else:
        share, normal = np.arange(len(every)) / len(every), every.kind == 0
        inside = {name: (share >= low) & (share < high) for name, (low, high) in SPLITS.items()}
        train = every[inside["train"] & normal]
        chosen = train if split == "train" else every[inside[split] | (~normal if split == "test" else False)]
    scale = np.sqrt(np.square(train.wave).mean())
    return torch.tensor(chosen.wave / scale, dtype=torch.float32), chosen


@torch.no_grad()
def strangeness(model: BeatVAE, record: str, split: str, seed: int = 0) -> dict[str, float]:
    """How well atrial premature beats are told from normal ones, without having seen one.

    Args:
        model: trained on normal beats.
        record: of :func:`olc_lib.heartbeats.beats`.
        split: "validation" or "test".
        seed: of a synthetic record, and of the noise.

    Returns:
        Areas under the ROC curve: by the error of reconstruction of the VAE (``auc``) and of as many principal
        components (``auc_pca``), by the interval to the last beat (``auc_interval``); and both mean squared errors of
        normal beats, as shares of their mean square.
    """
    train, (x, beats) = part(record, "train", seed)[0], part(record, split, seed)
    rows = beats.kind < 2
    x, odd = x[rows], beats.kind[rows] == 1
    made = {"": model(x), "_pca": components(train, model.member.latent)(x)[1]}
    errors = {name: (x - back).square().mean(1) for name, back in made.items()}
    found = {f"error{name}": (e[~odd].mean() / x[~odd].square().mean()).item() for name, e in errors.items()}
    if odd.any():
        found |= {f"auc{name}": float(roc_auc_score(odd, e)) for name, e in errors.items()}
        found["auc_interval"] = float(roc_auc_score(odd, -beats.interval[rows]))
    return found


@torch.no_grad()
def cleaning(model: BeatVAE, record: str, split: str, seed: int = 0) -> dict[str, float]:
    """How clean noisy beats become.

    Args:
        model: trained on one kind of noise.
        record: of :func:`olc_lib.heartbeats.beats`.
        split: "validation" or "test".
        seed: of a synthetic record, and of the noise.

    Returns:
        Signal to noise ratios in dB: of the noisy beats, of the mean training beat in the place of each, of the linear
        filter, of the VAE.
    """
    train, spoil = part(record, "train", seed)[0], NOISES[model.member.noise]
    x, beats = part(record, split, seed)
    x, generator = x[beats.kind < 2], torch.Generator().manual_seed(1000 + seed)
    many, seen = train.repeat(COPIES, 1), spoil(x, generator)
    best = linear_filter(spoil(many, generator), many)
    made = {"noisy": seen, "mean_beat": train.mean(0).expand_as(x), "linear": best(seen), "vae": model(seen)}
    return {f"snr_{name}": decibels(x, back) for name, back in made.items()}


@torch.no_grad()
def layout(model: BeatVAE, record: str) -> dict[str, float]:
    """What two groups of a code of beats without labels are: those of 2-means, in the VAE's code and in PCA's.

    Args:
        model: trained.
        record: without labels.

    Returns:
        ``rare``, size of the smaller group, ``wide`` and ``narrow``, the median widths of the groups in milliseconds;
        the same with ``_pca`` for as many principal components, and with ``_scaled`` for components that were each
        scaled to the same variance; ``agree`` and ``agree_scaled``, percent of beats that both of these put where the
        VAE's code puts them.
    """
    x, beats = part(record, "train")
    pca, width = components(x, model.member.latent)(x)[0], heartbeats.width(beats.wave)
    codes, found, groups = {"": model.encode(x)[0], "_pca": pca, "_scaled": pca / pca.std(0)}, {}, []
    for name, code in codes.items():
        group = KMeans(2, n_init=10, random_state=0).fit_predict(code.numpy())
        group = group if 2 * group.sum() <= len(group) else 1 - group
        middles = sorted((float(np.median(width[group == k])) for k in (0, 1)), reverse=True)
        found |= {f"rare{name}": int(group.sum()), f"wide{name}": middles[0], f"narrow{name}": middles[1]}
        groups.append(group)
    alike = [float(100 * (groups[0] == group).mean()) for group in groups[1:]]
    return found | {"agree": alike[0], "agree_scaled": alike[1]}
