"""Exports trained modules for the book's live pages: layers, sixteen-bit weights, one reference output.

``python -m olc_lib live`` writes every file of ``book/_static/live/models``. They are scripts, not data files, so that
they load in a page that was opened from a folder, too.
"""

import base64
import json
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from . import data, demo, stored
from .latent import IMAGE
from .networks import OrthogonalVAE
from .systems import placed
from .train import fit

FOLDER = Path(__file__).parents[1] / "book" / "_static" / "live" / "models"
#: What is exported; the last is a training of a minute or two, of the embedded run.
PARTS = ("voice_encoder", "voice_decoder", "image_decoder", "examples", "replay")
#: Speakers of the corpus that ``slim`` was trained on, in the order of the code.
SPEAKERS = ("George", "Jackson", "Lucas", "Nicolas", "Theo", "Yweweler")


def layers(network: nn.Sequential, shape: tuple[int, ...]) -> tuple[list[dict], Tensor, Tensor]:
    """The layers of an encoder or a decoder, batch normalization folded into the convolutions.

    Args:
        network: in evaluation mode; convolutions are square.
        shape: of one input, ``(C, H, W)`` or ``(D,)``.

    Returns:
        ``(layers, weights, exact)``: descriptions for ``networks.js``; all weights in one row, each divided by the
        largest of its output channel; and by layer those largest weights and the biases.

    Raises:
        TypeError: for a kind of layer that the page does not know.
    """
    found, weights, exact = [], [], []
    modules, size = list(network), shape[-1]
    for place, module in enumerate(modules):
        if isinstance(module, nn.Linear | nn.Conv2d | nn.ConvTranspose2d):
            weight, bias = module.weight.detach().double(), module.bias
            axis = 1 if isinstance(module, nn.ConvTranspose2d) else 0
            bias = weight.new_zeros(weight.shape[axis]) if bias is None else bias.detach().double()
            norm = modules[place + 1] if place + 1 < len(modules) else None
            if isinstance(norm, nn.BatchNorm2d):
                gain = norm.weight.detach().double() / (norm.running_var.double() + norm.eps).sqrt()
                weight = weight * gain.view([-1 if k == axis else 1 for k in range(weight.dim())])
                bias = norm.bias.detach().double() + (bias - norm.running_mean.double()) * gain
            others = [k for k in range(weight.dim()) if k != axis]
            scale = weight.abs().amax(others, keepdim=True).clamp_min(1e-12)
            weights.append((weight / scale).flatten())
            exact += [scale.flatten(), bias]
            about = {
                "out": len(bias),
                "weights": weight.numel(),
                "inner": weight[0, 0].numel() if axis else weight[0].numel(),
            }
            if isinstance(module, nn.Linear):
                found.append({"kind": "linear", **about})
            else:
                about |= {"channels": module.in_channels, "kernel": module.kernel_size[0], "size": size}
                about |= {"stride": module.stride[0], "padding": module.padding[0]}
                size = module(module.weight.new_zeros(1, module.in_channels, size, size)).shape[-1]
                found.append({"kind": "transposed" if axis else "conv", **about, "made": size})
        elif isinstance(module, nn.Unflatten):
            size = module.unflattened_size[-1]
        elif isinstance(module, nn.ReLU | nn.Sigmoid):
            found.append({"kind": type(module).__name__.lower()})
        elif not isinstance(module, nn.BatchNorm2d | nn.Flatten):
            raise TypeError(f"{type(module).__name__} has no counterpart in the page's engine")
    return found, torch.cat(weights), torch.cat(exact)


def export(vae: OrthogonalVAE, half: str) -> dict:
    """One half of a model, ready for the page.

    Args:
        vae: in evaluation mode.
        half: ``"encoder"`` or ``"decoder"``.

    Returns:
        Layers, ``weights`` (base64 of int16, several times closer than float16 at the same size), ``exact`` (base64
        of float32), the space, M, and a reference: an input and what PyTorch makes of it.
    """
    encoder = half == "encoder"
    shape = vae.shape if encoder else (vae.space.dim,)
    described, weights, exact = layers(getattr(vae, half), shape)
    given = torch.rand(1, *shape, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        made = (vae.encode if encoder else vae.decode)(given)
    return {
        "layers": described,
        "space": [[name, size] for name, size in vae.space.sizes.items()],
        "m": vae.rule.keywords["m"],
        "weights": text((weights * 32767).round().numpy().astype("<i2")),
        "exact": text(exact.numpy().astype("<f4")),
        "reference": {"input": rounded(given), "output": rounded(made)},
    }


def text(array: np.ndarray) -> str:
    """Base64 of an array's bytes.

    Args:
        array: of any shape.

    Returns:
        ASCII text.
    """
    return base64.b64encode(array.tobytes()).decode()


def rounded(values: Tensor, digits: int = 5) -> list[float]:
    """Numbers short enough for a text file.

    Args:
        values: of any shape.
        digits: after the point.

    Returns:
        A flat list.
    """
    return [round(value, digits) for value in values.flatten().tolist()]


def mu_law(wave: Tensor) -> str:
    """A sound in eight bits a sample, companded.

    Args:
        wave: ``[T]`` in [-1, 1].

    Returns:
        Base64 text, which the engine's ``muLaw`` reads.
    """
    packed = wave.sign() * torch.log1p(255 * wave.abs().clamp(max=1)) / np.log(256)
    return text(((packed + 1) / 2 * 255).round().byte().numpy())


def examples(run: stored.Run) -> list[dict]:
    """Clips that a page may carry: what the voice model makes of held-out words, and a visitor's words.

    Args:
        run: whose voice model is asked; its corpus must be there.

    Returns:
        By clip its ``kind``, ``digit`` and ``sound``.
    """
    words = data.voices(run.settings.voices, "test")
    rows = [int(((words.digit == d) & (words.speaker == d % 6)).nonzero()[0]) for d in range(10)]
    with torch.no_grad():
        code = run.voice.encode(run.spectrogram(words.waves[rows], words.lengths[rows]))
        pictures = run.voice.decode(code)
    made = [("model", digit, data.find_word(run.spectrogram.listen(pictures[digit]))) for digit in range(10)]
    guest = data.visitor()
    made += [
        ("visitor", int(digit), wave[:length])
        for wave, length, digit in zip(guest.waves, guest.lengths, guest.digit, strict=True)
    ]
    return [{"kind": kind, "digit": digit, "sound": mu_law(wave)} for kind, digit, wave in made]


def replay(every: int = 30) -> dict:
    """Trains the embedded image model once more and records how it goes.

    Args:
        every: steps between two records.

    Returns:
        ``steps``; by term its ``value``, ``M``, ``I`` and ``B`` at these steps; and ``drawings``: base64 of ten
        handcrafted digits at every record, ``[records, 10, 28, 28]``, two pixels a byte.
    """
    settings = placed.SETTINGS["embedded"]
    models, how = placed.build(settings), settings.image
    vae = models["image"].eval()
    codes, steps, looks = torch.stack([IMAGE.handcrafted(digit=d) for d in range(10)]), [], []

    def look(done: int) -> None:
        steps.append(max(1, done))
        with torch.no_grad():
            drawn = vae.decode(codes)[:, 0].clamp(0, 1)
        looks.append((drawn * 15).round().byte().flatten())

    look(0)
    loss, tensors = placed.prepare("image", models, settings, placed.corpora(settings, "train"))
    history = fit(
        vae, loss, tensors, how.steps, batch_size=how.batch_size, lr=how.lr, weight_decay=how.weight_decay,
        seed=settings.seed, watch=look, watch_every=every, progress=False,
    )  # fmt: skip
    at = torch.tensor(steps) - 1
    pixels = torch.stack(looks)
    terms = {name: {} for name in history if "/" not in name and name != "total"}
    for name in terms:
        for key, series in {"value": name, "M": f"{name}/M", "I": f"{name}/I", "B": f"{name}/B"}.items():
            values = history[series][at].nan_to_num(0.0)
            terms[name][key] = rounded(values, 4)
    drawings = text((pixels[:, ::2] * 16 + pixels[:, 1::2]).numpy())
    return {"steps": steps, "terms": terms, "total": rounded(history["total"][at], 4), "drawings": drawings}


def write(name: str, content: object, folder: Path = FOLDER) -> Path:
    """One file of the page: a script that registers its content.

    Args:
        name: of the content.
        content: anything that JSON can hold.
        folder: where the file goes.

    Returns:
        Its path.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.js"
    path.write_text(f'OLC.register("{name}",{json.dumps(content, separators=(",", ":"))});\n', encoding="utf-8")
    return path


def export_all(name: str = "slim", parts: list[str] | None = None, folder: Path = FOLDER) -> list[str]:
    """The files that the live pages load, made again after a run was trained again.

    Args:
        name: of the run whose models the pages hold; its corpora must be there.
        parts: which files, see :data:`PARTS`; by default all.
        folder: where the files go.

    Returns:
        One line a file: its path and size.

    Raises:
        ValueError: for an unknown part.
        FileNotFoundError: outside a copy of the book.
    """
    if unknown := set(parts or ()) - set(PARTS):
        raise ValueError(f"parts are {sorted(unknown)}, expected some of {', '.join(PARTS)}")
    if not folder.parent.is_dir():
        raise FileNotFoundError(f"{folder.parent} does not exist; live pages are exported in a copy of the book")
    run = stored.load(name, quiet=True)
    front = {"floor": run.spectrogram.floor, "unsure": demo.UNSURE, "speakers": list(SPEAKERS)}
    content = {
        "voice_encoder": lambda: export(run.voice, "encoder") | front,
        "voice_decoder": lambda: export(run.voice, "decoder") | front,
        "image_decoder": lambda: export(run.image, "decoder"),
        "examples": lambda: examples(run),
        "replay": replay,
    }
    paths = [write(part, content[part](), folder) for part in parts or PARTS]
    return [f"{path}: {path.stat().st_size / 1000:.0f} kB" for path in paths]
