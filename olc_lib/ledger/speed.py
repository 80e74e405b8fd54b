"""How fast a training step is, beside the pseudo-code's, beside another trainer's, and beside a matrix product."""

import contextlib
import io
import logging
import statistics
import tempfile
from functools import partial

import torch

from olc_lib import objective, train
from olc_lib.pairs import SHAPES
from olc_lib.systems import Experiment, multivae

from .timing import MODELS, a_turn, in_turn, literal_loss, made, operations, profile

__all__ = [
    "EXPERIMENTS",
    "MODELS",
    "against_literal",
    "against_product",
    "against_trainer",
    "in_turn",
    "literal_loss",
    "made",
    "operations",
]


def against_literal(
    part: str, seed: int, device: str = "cpu", width: float = 1 / 16, batch_size: int = 32, steps: int = 6,
    careful: bool = False,
) -> dict:  # fmt: skip
    """``train.fit`` on the library's step against ``train.fit`` on the pseudo-code's, on the same batches.

    Args:
        part: see :func:`olc_lib.ledger.timing.made`, as the next ones.
        seed: a repetition; nothing that is measured depends on it but the noise.
        device: where.
        width: of the stack.
        batch_size: items.
        steps: of one turn.
        careful: see :func:`olc_lib.ledger.timing.literal_loss`.

    Returns:
        For the first iteration (``early``: one term has a weight) and the last (``late``: all have), and, against
        the print itself, for the whole printed ``schedule``: ``_ms`` a step, of the library, ``_literal_ms``,
        ``_ratio`` of the two, and ``_ceiling``, the ratio of their multiply-adds, forward and backward.
    """
    iterations = MODELS[part][0].iterations
    result = {}
    start = MODELS[part][0].injection["interpolation"][0] / iterations
    for phase, iteration in (("early", 0), ("late", iterations - 1)):
        turns, work = {}, {}
        for name, form in (("", objective.training_loss), ("literal_", partial(literal_loss, careful=careful))):
            vae, batch, tables = made(part, width, batch_size, None, device)
            turns[name] = a_turn(vae, form(vae, *tables), batch, iteration, steps, seed, device)
            work[name] = operations(vae, form(vae, *tables), batch, iteration)
        seconds = in_turn(turns, device)
        for name in turns:
            result[f"{phase}_{name}ms"] = 1000 * statistics.median(seconds[name]) / steps
        ratios = [b / a for a, b in zip(seconds[""], seconds["literal_"], strict=True)]
        result[f"{phase}_ratio"] = statistics.median(ratios)
        result[f"{phase}_ceiling"] = work["literal_"] / work[""]
    if careful:  # its step costs less at first, so shares of steps are no shares of time
        return result
    # The print's step costs the same throughout, so a phase has the share of its time that it has of its steps.
    for what in ("ratio", "ceiling"):
        result[f"schedule_{what}"] = 1 / (start / result[f"early_{what}"] + (1 - start) / result[f"late_{what}"])
    return result


def against_trainer(
    name: str, seed: int, device: str = "cpu", width: float = 1 / 16, items: int = 512, **options
) -> dict:
    """A pass over the data by ``train.fit`` against one by MultiVae's own trainer, on the same model.

    Args:
        name: a model of :class:`olc_lib.systems.multivae.MultiVae`.
        seed: of both.
        device: where.
        width: of the stacks of Table 6.
        items: pairs in a pass; batches of 64.
        **options: of the model.

    Returns:
        ``fit_ms`` and ``trainer_ms`` a step, and ``ratio``, the trainer's over ours.
    """
    from multivae.data.datasets.base import MultimodalBaseDataset
    from multivae.trainers import BaseTrainer, BaseTrainerConfig

    generator = torch.Generator().manual_seed(seed)
    pairs = {domain: torch.rand(items, *shape, generator=generator) for domain, shape in SHAPES.items()}
    ours, theirs = (multivae.MultiVae(name, width, items // 64, **options).to(device) for _ in range(2))

    def loss(batch, step, generator):
        value = ours.loss(batch, step, generator)
        return value, {"total": value.detach()}

    for logger in [logging.getLogger(name) for name in logging.root.manager.loggerDict if name.startswith("multivae")]:
        logger.setLevel(logging.WARNING)
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stderr(io.StringIO()):
        settings = BaseTrainerConfig(
            output_dir=folder, num_epochs=100, learning_rate=1e-3, optimizer_cls="AdamW",
            per_device_train_batch_size=64, drop_last=True, no_cuda=device == "cpu", seed=seed,
        )  # fmt: skip
        trainer = BaseTrainer(theirs.model, MultimodalBaseDataset(pairs), training_config=settings)
        trainer.prepare_training()
        seconds = in_turn(
            {
                "fit": lambda: train.fit(
                    ours, loss, pairs, items // 64, batch_size=64, lr=1e-3, seed=seed, device=device, progress=False
                ),
                "trainer": lambda: trainer.train_step(1),
            },
            device,
        )
    ratios = [b / a for a, b in zip(seconds["fit"], seconds["trainer"], strict=True)]
    return {f"{which}_ms": 1000 * statistics.median(seconds[which]) / (items // 64) for which in seconds} | {
        "ratio": statistics.median(ratios)
    }


def against_product(
    part: str,
    seed: int,
    device: str = "cpu",
    width: float = 1 / 16,
    batch_size: int = 32,
    samples: int | None = None,
    precision: str = "float32",
    compiled: bool = False,
    steps: int = 6,
    size: int = 0,
) -> dict:
    """A late step (all terms) of one model against the same step in float32, uncompiled, and a matrix product.

    Args:
        part: see :func:`olc_lib.ledger.timing.made`, as the next ones.
        seed: a repetition.
        device: where.
        width: of the stack.
        batch_size: items.
        samples: length of a raw clip.
        precision: see :func:`olc_lib.train.fit`, as the next.
        compiled: likewise.
        steps: of one turn.
        size: side of the matrices; 0 takes 1,024 on a CPU and 4,096 on a GPU.

    Returns:
        ``ms`` a step; ``plain_ms`` of the float32, uncompiled one; ``gain``, the second over the first;
        ``gflop`` of a step (two for a multiply-add, forward and backward); ``rate`` in GFLOP/s; ``product_rate``
        of a square matrix product in the same precision; ``share``, percent of it; on a CPU ``convolutions`` and
        ``normalizations``, percent of the time of all of PyTorch's operations.
    """
    iteration = MODELS[part][0].iterations - 1
    variants = {"plain": ("float32", False), "this": (precision, compiled)}
    turns = {}
    for name, (kind, fast) in variants.items():
        vae, batch, tables = made(part, width, batch_size, samples, device)
        if fast:
            vae.encoder.compile()
            vae.decoder.compile()
        loss = objective.training_loss(vae, *tables)
        turns[name] = a_turn(vae, loss, batch, iteration, steps, seed, device, kind)
    size = size or (4096 if device.startswith("cuda") else 1024)
    matrix = torch.rand(size, size, device=device, dtype=getattr(torch, precision))
    turns["product"] = lambda: [torch.mm(matrix, matrix) for _ in range(8)]
    seconds = in_turn(turns, device)
    ms = {name: 1000 * statistics.median(taken) / steps for name, taken in seconds.items()}
    vae, batch, tables = made(part, width, batch_size, samples, device)
    work = operations(vae, objective.training_loss(vae, *tables), batch, iteration)
    rates = [work * steps / taken / 1e9 for taken in seconds["this"]]
    products = [8 * 2 * size**3 / taken / 1e9 for taken in seconds["product"]]
    result = {
        "ms": ms["this"],
        "plain_ms": ms["plain"],
        "gain": statistics.median(b / a for a, b in zip(seconds["this"], seconds["plain"], strict=True)),
        "gflop": work / 1e9,
        "rate": statistics.median(rates),
        "product_rate": statistics.median(products),
        "share": 100 * statistics.median(a / b for a, b in zip(rates, products, strict=True)),
    }
    return result | (profile(turns["this"]) if device == "cpu" and not compiled else {})


#: Those whose name ends in gpu are at full width; measured with ``--device cuda``.
EXPERIMENTS = {
    "speed": Experiment(
        "How much faster is a step than the pseudo-code, and how much could it be?",
        against_literal,
        {name: {"part": name} for name in MODELS}
        | {f"{name}, careful": {"part": name, "careful": True} for name in MODELS},
        seeds=3,
    ),
    "trainer": Experiment(
        "Is the loop slower than the peers' own trainer?",
        against_trainer,
        {name: {"name": name} for name in multivae.OPTIONS},
        seeds=3,
    ),
    "cost": Experiment(
        "What does a step cost, and how does that grow?",
        against_product,
        {
            "as built": {"part": "raw"},
            "log-mel": {"part": "voice"},
            "log-mel, width 1/32": {"part": "voice", "width": 1 / 32},
            "log-mel, width 1/8": {"part": "voice", "width": 1 / 8},
            "log-mel, width 1/4": {"part": "voice", "width": 1 / 4, "steps": 2},
            "image": {"part": "image"},
            "batches of 8": {"part": "raw", "batch_size": 8},
            "batches of 128": {"part": "raw", "batch_size": 128, "steps": 2},
            "clips of 6,286 samples": {"part": "raw", "samples": 6286},
            "clips of 16,384 samples": {"part": "raw", "samples": 16384},
            "bfloat16": {"part": "raw", "precision": "bfloat16"},
            "compiled": {"part": "raw", "compiled": True},
        },
        seeds=1,
    ),
    "speed-gpu": Experiment(
        "How much faster than the pseudo-code is a step at full width?",
        against_literal,
        {name: {"part": name, "width": 1.0, "steps": 50} for name in MODELS},
        seeds=3,
    ),
    "trainer-gpu": Experiment(
        "Is the loop faster than the peers' own trainer at full width?",
        against_trainer,
        {name: {"name": name, "width": 1.0, "items": 2048} for name in multivae.OPTIONS},
        seeds=3,
    ),
    "cost-gpu": Experiment(
        "What do mixed precision and compilation gain at full width, and how much of the card is used?",
        against_product,
        {
            f"{part}, {precision}{', compiled' * compiled}": {
                "part": part,
                "width": 1.0,
                "precision": precision,
                "compiled": compiled,
                "steps": 50,
            }
            for part in MODELS
            for precision in ("float32", "bfloat16")
            for compiled in (False, True)
        },
        seeds=3,
    ),
}
