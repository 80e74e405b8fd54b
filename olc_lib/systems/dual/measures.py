"""How good a translation is: form, class, diversity, what each code decides, and likeness to the true counterpart.

A *translator* here is any function of inputs ``(x1, x2)`` to translations ``(u, v)``, all ``[N, 1, H, W]`` from 0 to
1; it may be a dead one, a constant one or a perfect one.
"""

import functools
from collections.abc import Callable, Mapping

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from olc_lib.train import fit

from .pictures import classes, sketch

Translate = Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]
#: ``mix(x1, x2, kind, form)``: a picture of the class code of x1 (0) or x2 (1) and the form code of x1 (0) or x2 (1).
Mix = Callable[[Tensor, Tensor, float, float], Tensor]


class Classifier(nn.Module):
    """Reads form and class of a picture; independent of every translator.

    Attributes:
        features: picture ``[B, 1, 28, 28]``, 0 to 1, to ``[B, 32]``.
        form: to one logit, positive for a sketch.
        kind: to one logit, positive for the second class.
    """

    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 12, 5, 2, 2), nn.BatchNorm2d(12), nn.ReLU(), nn.Conv2d(12, 24, 5, 2, 2), nn.BatchNorm2d(24),
            nn.ReLU(), nn.Flatten(), nn.Linear(24 * 49, 32), nn.ReLU(),
        )  # fmt: skip
        self.form, self.kind = nn.Linear(32, 1), nn.Linear(32, 1)

    def forward(self, pictures: Tensor) -> tuple[Tensor, Tensor]:
        """Logits of form and class.

        Args:
            pictures: ``[B, 1, 28, 28]``, 0 to 1.

        Returns:
            ``[B]`` each.
        """
        found = self.features(pictures)
        return self.form(found)[:, 0], self.kind(found)[:, 0]


@functools.cache
def classifier(corpus: str, steps: int = 120) -> Classifier:
    """A classifier trained on all four kinds of the training pictures.

    Pictures of a batch are blended with a little noise, so that it does not decide by single pixels.

    Args:
        corpus: "fashion" or "embedded".
        steps: of training.

    Returns:
        The classifier, in evaluation mode.
    """
    solid = torch.cat(classes(corpus, "train"))
    kind = torch.arange(len(solid)) >= len(classes(corpus, "train")[0])
    with torch.random.fork_rng([]):
        torch.manual_seed(12345)  # its own: no translator starts from it
        model = Classifier()

    def loss(batch, step, generator):
        both = torch.cat([batch["solid"], sketch(batch["solid"])])
        form, second = model((both + 0.05 * torch.randn(both.shape, generator=generator)).clamp(0, 1))
        is_sketch = torch.arange(len(both)) >= len(batch["solid"])
        weight = torch.where(batch["kind"].repeat(2), 1 / kind.float().mean(), 1 / (1 - kind.float().mean()))
        wrong = F.binary_cross_entropy_with_logits(form, is_sketch.float())
        return wrong + F.binary_cross_entropy_with_logits(second, batch["kind"].repeat(2).float(), weight / 2), {}

    fit(model, loss, {"solid": solid, "kind": kind}, steps, batch_size=32, lr=5e-3, seed=12345, progress=False)
    return model


def distance(pictures: Tensor) -> float:
    """Mean distance between two pictures of a set; what two draws have in common counts nothing.

    Args:
        pictures: ``[N, ...]``.

    Returns:
        Mean Euclidean distance of every picture to the next one but some, around the set.
    """
    flat = pictures.flatten(1)
    shifts = [1 + 7 * k for k in range(5) if 1 + 7 * k < len(flat)]
    return torch.stack([(flat - flat.roll(by, 0)).norm(dim=1).mean() for by in shifts]).mean().item()


def frechet(first: Tensor, second: Tensor) -> float:
    """The Fréchet distance of two clouds, each taken for a Gaussian one (Heusel et al. 2017).

    Args:
        first: features ``[N, d]``.
        second: features ``[M, d]``.

    Returns:
        Squared distance of the means, plus tr(A + B - 2 (AB)^1/2) of the covariances.
    """
    mean = (first.mean(0) - second.mean(0)).double().square().sum()
    a, b = (torch.cov(cloud.double().T) for cloud in (first, second))
    values, vectors = torch.linalg.eigh(a)
    root = vectors @ torch.diag(values.clamp_min(0).sqrt()) @ vectors.T
    shared = torch.linalg.eigvalsh(root @ b @ root).clamp_min(0).sqrt().sum()
    return (mean + a.trace() + b.trace() - 2 * shared).clamp_min(0).item()


def likeness(made: Tensor, true: Tensor) -> tuple[float, float]:
    """Cosine to the true counterpart, and to those of other inputs.

    Args:
        made: ``[N, 1, H, W]``, 0 to 1.
        true: likewise, row by row.

    Returns:
        Mean cosine of pixels to the own counterpart, and to all others'. A constant picture has twice the same.
    """
    a, b = (F.normalize(pictures.flatten(1), dim=1) for pictures in (made, true))
    table = a @ b.T
    own = table.diagonal().mean()
    return own.item(), ((table.sum() - table.trace()) / (len(table) * (len(table) - 1))).item()


def judge(translate: Translate, pairs: Mapping[str, Tensor], reader: Classifier) -> dict[str, float]:
    """All measures of a translator.

    Args:
        translate: see above.
        pairs: inputs and their true counterparts, from :func:`olc_lib.systems.dual.pictures.paired`.
        reader: the classifier.

    Returns:
        For ``u`` (first class, solid) and ``v`` (second class, sketch) each: ``form`` and ``class``, percent read
        right; ``diversity``, :func:`distance` over that of the true ones; ``kind`` and ``shape``, the change of the
        picture when the input that gives the class, or the one that gives the form, is another one, over the
        distance of two true pictures; ``cosine`` and ``gap``, likeness to the true counterpart and how much more
        that is than to others; ``ceiling``, the gap of the true ones; ``fid``, :func:`frechet` in the classifier's
        features. And the poorer of each as ``NAME_worst``.
    """
    with torch.no_grad():
        made = dict(zip("uv", translate(pairs["x1"], pairs["x2"]), strict=True))
        first = translate(pairs["x1"].roll(1, 0), pairs["x2"])
        second = translate(pairs["x1"], pairs["x2"].roll(1, 0))
    moved = {"u": {"kind": first[0], "shape": second[0]}, "v": {"kind": second[1], "shape": first[1]}}
    scores: dict[str, float] = {}
    for name, picture in made.items():
        true = pairs[name]
        with torch.no_grad():
            form, kind = (logit > 0 for logit in reader(picture))
            features = [reader.features(some) for some in (picture, true)]
        wanted = name == "v"  # v is a sketch of the second class, u neither
        apart = distance(true)
        own, others = likeness(picture, true)
        best, rest = likeness(true, true)
        scores |= {
            f"form_{name}": 100 * (form == wanted).float().mean().item(),
            f"class_{name}": 100 * (kind == wanted).float().mean().item(),
            f"diversity_{name}": distance(picture) / apart,
            **{
                f"{code}_{name}": ((picture - other).flatten(1).norm(dim=1).mean() / apart).item()
                for code, other in moved[name].items()
            },
            f"cosine_{name}": own,
            f"gap_{name}": own - others,
            f"ceiling_{name}": best - rest,
            f"fid_{name}": frechet(*features),
        }
    for key in ("form", "class", "diversity", "kind", "shape", "gap"):
        scores[f"{key}_worst"] = min(scores[f"{key}_u"], scores[f"{key}_v"])
    return scores | {"fid_worst": max(scores["fid_u"], scores["fid_v"])}


def exchanged(mix: Mix, pairs: Mapping[str, Tensor]) -> dict[str, float]:
    """What each slot decides: how far a translation moves when one slot gets the code of the other input.

    :func:`judge` exchanges an input for another one of its pile, which has the same form and class. Here the form
    code of a solid picture is replaced by that of a sketch, or the class code by that of the other class.

    Args:
        mix: see above.
        pairs: as of :func:`judge`.

    Returns:
        For ``u`` and ``v`` each: ``class_code`` and ``form_code``, the mean change of the picture over the mean
        change of the true ones. 1 for a perfect translator, 0 for one that does not listen to the slot. And the
        poorer of both as ``NAME_worst``.
    """
    change = lambda a, b: (a - b).flatten(1).norm(dim=1).mean().item()  # noqa: E731
    x1, x2 = pairs["x1"], pairs["x2"]
    with torch.no_grad():
        made = {"x1": mix(x1, x2, 0, 0), "u": mix(x1, x2, 0, 1), "v": mix(x1, x2, 1, 0), "x2": mix(x1, x2, 1, 1)}
    share = lambda a, b: change(made[a], made[b]) / change(pairs[a], pairs[b])  # noqa: E731
    found = {
        "class_code_u": share("u", "x2"),
        "class_code_v": share("v", "x1"),
        "form_code_u": share("u", "x1"),
        "form_code_v": share("v", "x2"),
    }
    return found | {f"{key}_worst": min(found[f"{key}_u"], found[f"{key}_v"]) for key in ("class_code", "form_code")}
