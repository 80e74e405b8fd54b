"""How fast a training step is: always two things in one run, taken in turn, never an absolute time.

On a CPU the clock is that of the processor (seconds it worked for this process), on a GPU that of the wall.
"""

import contextlib
import io
import logging
import statistics
import tempfile
import time
from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from olc_lib import data, losses, objective, paper, train
from olc_lib.frontend import SIZE
from olc_lib.latent import IMAGE, VOICE
from olc_lib.networks import VAE, scale_layers

from . import peers

#: Of each model the stack, the shape of a signal, the space, and the tables of importance, injection and balancing.
MODELS = {
    "raw": (
        paper.VOICE_LAYERS, (1, data.SAMPLES), VOICE,
        paper.VOICE_IMPORTANCE, paper.VOICE_INJECTION, paper.VOICE_BALANCE,
    ),
    "voice": (
        paper.IMAGE_LAYERS, (1, SIZE, SIZE), VOICE,
        paper.VOICE_IMPORTANCE, paper.VOICE_INJECTION, paper.VOICE_BALANCE,
    ),
    "image": (
        paper.IMAGE_LAYERS, (1, 28, 28), IMAGE,
        paper.IMAGE_IMPORTANCE, paper.IMAGE_INJECTION, paper.IMAGE_BALANCE,
    ),
}  # fmt: skip
ITERATIONS = {"raw": paper.VOICE_ITERATIONS, "voice": paper.VOICE_ITERATIONS, "image": paper.IMAGE_ITERATIONS}


def literal_loss(
    vae: VAE, importance: dict, injections: dict, factors: tuple, *, mu: float = 0.05, sigma_min: float = 0.05
) -> Callable:
    """The appendix's step in the order it is printed, on whole batches in memory.

    It computes the numbers of :func:`olc_lib.objective.vae_loss` as the print does: item and partner are
    normalized and encoded each on its own, the mix is decoded on its own, every term is computed at every
    iteration whatever its M, and all amplitudes are sorted where the mean of the largest is wanted.

    Args:
        vae: without inner normalization, or its statistics are those of other batches than the library's.
        importance: see :func:`olc_lib.objective.vae_loss`, as the rest.
        injections: likewise.
        factors: likewise.
        mu: likewise.
        sigma_min: likewise.

    Returns:
        ``loss(batch, step, generator)``.
    """
    percent = vae.rule.keywords["m"]

    def normalize(x: Tensor) -> Tensor:
        amplitude = x.flatten(1).abs().sort(dim=1, descending=True).values
        scale = amplitude[:, : max(1, round(x[0].numel() * percent / 100))].mean(1)
        return x / scale.clamp_min(torch.finfo(x.dtype).tiny).view(-1, *[1] * (x.dim() - 1))

    def loss(batch, step, generator):
        k = torch.randperm(len(batch["signal"]), generator=generator, device=batch["signal"].device)
        alpha = torch.rand(len(k), generator=generator, device=k.device)
        signal, other = normalize(batch["signal"]), normalize(batch["signal"][k])
        code, other_code = (vae.space.normalize(vae.encoder(x)) for x in (signal, other))
        made = normalize(vae.decoder(vae.space.resample(code, mu, sigma_min, generator)))
        mixed, mixed_code = losses.mix(signal, other, alpha), losses.mix(code, other_code, alpha)
        mixed_made = normalize(vae.decoder(vae.space.resample(mixed_code, mu, sigma_min, generator)))
        terms = {
            "reconstruction": losses.reconstruction(signal, made).mean(),
            "sparsity": losses.sparsity(signal, made).mean(),
            "interpolation": losses.interpolation(mixed, mixed_made).mean(),
        }
        for name, block in vae.space.split(code).items():
            if importance[name] > 0:
                terms[name] = losses.disentanglement(block, batch[name]).mean()
        return objective.total(terms, step + 1, importance, injections, factors)

    return loss


def made(part: str, width: float, batch_size: int, samples: int | None, device: str) -> tuple[VAE, dict, tuple]:
    """A model and a batch to time it on; what a step costs does not depend on what the signals say.

    Args:
        part: ``"raw"``, ``"voice"`` or ``"image"``.
        width: of its stack.
        batch_size: items.
        samples: length of a raw clip, ``None`` for the usual one.
        device: where.

    Returns:
        ``(model, batch, (importance, injections, factors))``.
    """
    layers, shape, space, *tables = MODELS[part]
    shape = shape if samples is None else (1, samples)
    generator = torch.Generator().manual_seed(0)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        narrowest = 64 if part == "raw" else 16
        vae = VAE(
            scale_layers(layers, width, narrowest), shape, space, output="bipolar" if part == "raw" else "sigmoid"
        )
    batch = {"signal": torch.rand(batch_size, *shape, generator=generator)}
    batch |= {name: torch.arange(batch_size) % size for name, size in space.sizes.items()}
    return vae.to(device), {name: values.to(device) for name, values in batch.items()}, tuple(tables)


def against_literal(
    part: str, seed: int, device: str = "cpu", width: float = 1 / 16, batch_size: int = 32, steps: int = 6
) -> dict:
    """``train.fit`` on the library's step against ``train.fit`` on the pseudo-code's, on the same batches.

    Args:
        part: see :func:`made`, as the next ones.
        seed: a repetition; nothing that is measured depends on it but the noise.
        device: where.
        width: of the stack.
        batch_size: items.
        steps: of one turn.

    Returns:
        For the first iteration (``early``: one term has a weight) and the last (``late``: all have), and for the
        whole printed ``schedule``: ``_ms`` a step, of the library, ``_literal_ms``, ``_ratio`` of the two, and
        ``_ceiling``, the ratio of their multiply-adds, forward and backward.
    """
    iterations = ITERATIONS[part]
    result = {}
    start = MODELS[part][4]["interpolation"][0] / iterations
    for phase, iteration in (("early", 0), ("late", iterations - 1)):
        turns, work = {}, {}
        for name, form in (("", objective.vae_loss), ("literal_", literal_loss)):
            vae, batch, tables = made(part, width, batch_size, None, device)
            turns[name] = _turn(vae, form(vae, *tables), batch, iteration, steps, seed, device)
            work[name] = operations(vae, form(vae, *tables), batch, iteration)
        seconds = in_turn(turns, device)
        for name in turns:
            result[f"{phase}_{name}ms"] = 1000 * statistics.median(seconds[name]) / steps
        ratios = [b / a for a, b in zip(seconds[""], seconds["literal_"], strict=True)]
        result[f"{phase}_ratio"] = statistics.median(ratios)
        result[f"{phase}_ceiling"] = work["literal_"] / work[""]
    # The print's step costs the same throughout, so a phase has the share of its time that it has of its steps.
    for what in ("ratio", "ceiling"):
        result[f"schedule_{what}"] = 1 / (start / result[f"early_{what}"] + (1 - start) / result[f"late_{what}"])
    return result


def against_trainer(
    name: str, seed: int, device: str = "cpu", width: float = 1 / 16, items: int = 512, **options
) -> dict:
    """A pass over the data by ``train.fit`` against one by MultiVae's own trainer, on the same model.

    Args:
        name: a model of :class:`olc_lib.ledger.peers.MultiVae`.
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
    pairs = {domain: torch.rand(items, *shape, generator=generator) for domain, shape in peers.SHAPES.items()}
    ours, theirs = (peers.MultiVae(name, width, items // 64, **options).to(device) for _ in range(2))

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
) -> dict:
    """A late step (all terms) of one model against the same step in float32, uncompiled, and a matrix product.

    Args:
        part: see :func:`made`, as the next ones.
        seed: a repetition.
        device: where.
        width: of the stack.
        batch_size: items.
        samples: length of a raw clip.
        precision: see :func:`olc_lib.train.fit`, as the next.
        compiled: likewise.
        steps: of one turn.

    Returns:
        ``ms`` a step; ``plain_ms`` of the float32, uncompiled one; ``gain``, the second over the first;
        ``gflop`` of a step (two for a multiply-add, forward and backward); ``rate`` in GFLOP/s; ``product_rate``
        of a square matrix product in the same precision; ``share``, percent of it; on a CPU ``convolutions`` and
        ``normalizations``, percent of the time of all of PyTorch's operations.
    """
    iteration = ITERATIONS[part] - 1
    variants = {"plain": ("float32", False), "this": (precision, compiled)}
    turns = {}
    for name, (kind, fast) in variants.items():
        vae, batch, tables = made(part, width, batch_size, samples, device)
        if fast:
            vae.encoder.compile()
            vae.decoder.compile()
        loss = objective.vae_loss(vae, *tables)
        turns[name] = _turn(vae, loss, batch, iteration, steps, seed, device, kind)
    size = 4096 if device.startswith("cuda") else 1024
    matrix = torch.rand(size, size, device=device, dtype=getattr(torch, precision))
    turns["product"] = lambda: [torch.mm(matrix, matrix) for _ in range(8)]
    seconds = in_turn(turns, device)
    ms = {name: 1000 * statistics.median(taken) / steps for name, taken in seconds.items()}
    vae, batch, tables = made(part, width, batch_size, samples, device)
    work = operations(vae, objective.vae_loss(vae, *tables), batch, iteration)
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
    return result | (_profile(turns["this"]) if device == "cpu" and not compiled else {})


def in_turn(turns: dict[str, Callable[[], object]], device: str, rounds: int = 5) -> dict[str, list[float]]:
    """Time several things one after the other, in changing order, round after round; a first round is not counted.

    On a CPU by one thread, so that processor time and work go together.

    Args:
        turns: name to what is timed.
        device: where they work.
        rounds: how often.

    Returns:
        Name to seconds, one number a round.
    """
    seconds: dict[str, list[float]] = {name: [] for name in turns}
    threads = torch.get_num_threads()
    torch.set_num_threads(1 if device == "cpu" else threads)
    try:
        for counted in range(-1, rounds):
            for name in list(turns)[:: 1 if counted % 2 else -1]:
                began = _now(device)
                turns[name]()
                if counted >= 0:
                    seconds[name].append(_now(device) - began)
    finally:
        torch.set_num_threads(threads)
    return seconds


def _now(device: str) -> float:
    if not device.startswith("cuda"):
        return time.process_time()
    torch.cuda.synchronize()
    return time.perf_counter()


def _turn(
    vae: nn.Module, loss: Callable, batch: dict, iteration: int, steps: int, seed: int, device: str,
    precision: str = "float32",
) -> Callable:  # fmt: skip
    """So many steps of ``train.fit`` that all stand at one iteration of the schedule."""

    def at(given, step, generator):
        return loss(given, iteration, generator)

    size = len(batch["signal"])
    return lambda: train.fit(
        vae, at, batch, steps, batch_size=size, lr=1e-4, seed=seed, device=device, precision=precision, progress=False
    )


def operations(vae: nn.Module, loss: Callable, batch: dict, iteration: int) -> int:
    """Floating-point operations of the convolutions and products of one step, forward and backward.

    Args:
        vae: the model.
        loss: of it, see :func:`olc_lib.train.fit`.
        batch: see :func:`made`.
        iteration: of the schedule, counted from 0.

    Returns:
        Their number; a multiply-add is two.
    """
    with FlopCounterMode(display=False) as counter:
        generator = torch.Generator(batch["signal"].device).manual_seed(0)
        loss(batch, iteration, generator)[0].backward()
    vae.zero_grad(set_to_none=True)
    return counter.get_total_flops()


def _profile(turn: Callable) -> dict[str, float]:
    """Shares of the time of PyTorch's operations, in percent; Python between them is not seen."""
    with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CPU], acc_events=True) as profile:
        turn()
    events = [(event.key, event.self_cpu_time_total) for event in profile.key_averages()]
    whole = sum(spent for _, spent in events)
    groups = {"convolutions": "convolution", "normalizations": "batch_norm"}
    return {
        name: 100 * sum(spent for key, spent in events if word in key.lower()) / whole for name, word in groups.items()
    }
