"""Tools for timing a training step: always two things in one run, taken in turn, never an absolute time.

On a CPU the clock is that of the processor (seconds it worked for this process), on a GPU that of the wall.
"""

import time
from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from olc_lib import data, losses, objective, paper, train
from olc_lib.latent import IMAGE, VOICE
from olc_lib.networks import OrthogonalVAE, scale_layers
from olc_lib.spectra import SIZE

#: Of each model the tables, the shape of a signal and the space.
MODELS = {
    "raw": (paper.RAW, (1, data.SAMPLES), VOICE),
    "voice": (paper.LOG_MEL, (1, SIZE, SIZE), VOICE),
    "image": (paper.IMAGE, (1, 28, 28), IMAGE),
}


def literal_loss(
    vae: OrthogonalVAE, importance: dict, injections: dict, factors: tuple, *, mu: float = 0.05,
    sigma_min: float = 0.05, careful: bool = False,
) -> Callable:  # fmt: skip
    """The appendix's step in the order it is printed, on whole batches in memory.

    It computes the numbers of :func:`olc_lib.objective.training_loss` as the print does: item and partner are
    normalized and encoded each on its own, the mix is decoded on its own, every term is computed at every
    iteration whatever its M, and all amplitudes are sorted where the mean of the largest is wanted. A careful
    programmer would skip a term whose M is 0, and select the largest amplitudes.

    Args:
        vae: without inner normalization, or its statistics are those of other batches than the library's.
        importance: see :func:`olc_lib.objective.training_loss`, as the rest.
        injections: likewise.
        factors: likewise.
        mu: likewise.
        sigma_min: likewise.
        careful: skip such terms, and select.

    Returns:
        ``loss(batch, step, generator)``.
    """
    percent = vae.rule.keywords["m"]

    def normalize(x: Tensor) -> Tensor:
        amplitude, count = x.flatten(1).abs(), max(1, round(x[0].numel() * percent / 100))
        largest = amplitude.topk(count, sorted=False) if careful else amplitude.sort(dim=1, descending=True)
        scale = largest.values[:, :count].mean(1)
        return x / scale.clamp_min(torch.finfo(x.dtype).tiny).view(-1, *[1] * (x.dim() - 1))

    def encode(x: Tensor) -> Tensor:
        return vae.space.normalize(vae.encoder(x))

    def decode(code: Tensor, generator: torch.Generator) -> Tensor:
        return normalize(vae.decoder(vae.space.resample(code, mu, sigma_min, generator)))

    def loss(batch, step, generator):
        def wanted(name: str) -> bool:
            return not careful or objective.injection(step + 1, *injections[name]) > 0

        k = torch.randperm(len(batch["signal"]), generator=generator, device=batch["signal"].device)
        alpha = torch.rand(len(k), generator=generator, device=k.device)
        signal, other = normalize(batch["signal"]), normalize(batch["signal"][k])
        code = encode(signal)
        other_code = encode(other) if wanted("interpolation") else None
        made = decode(code, generator)
        terms = {"reconstruction": losses.reconstruction(signal, made).mean()}
        if wanted("sparsity"):
            terms["sparsity"] = losses.sparsity(signal, made).mean()
        if other_code is not None:
            mixed, mixed_code = losses.mix(signal, other, alpha), losses.mix(code, other_code, alpha)
            terms["interpolation"] = losses.interpolation(mixed, decode(mixed_code, generator)).mean()
        for name, block in vae.space.split(code).items():
            if importance[name] > 0 and wanted(name):
                terms[name] = losses.disentanglement(block, batch[name]).mean()
        return objective.total(terms, step + 1, importance, injections, factors)

    return loss


def made(
    part: str, width: float, batch_size: int, samples: int | None, device: str
) -> tuple[OrthogonalVAE, dict, tuple]:
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
    design, shape, space = MODELS[part]
    shape = shape if samples is None else (1, samples)
    generator = torch.Generator().manual_seed(0)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        narrowest = 64 if part == "raw" else 16
        vae = OrthogonalVAE(
            scale_layers(design.layers, width, narrowest),
            shape,
            space,
            output="bipolar" if part == "raw" else "sigmoid",
        )
    batch = {"signal": torch.rand(batch_size, *shape, generator=generator)}
    batch |= {name: torch.arange(batch_size) % size for name, size in space.sizes.items()}
    return (
        vae.to(device),
        {name: values.to(device) for name, values in batch.items()},
        (
            design.importance,
            design.injection,
            design.balance,
        ),
    )


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


def a_turn(
    vae: nn.Module, loss: Callable, batch: dict, iteration: int, steps: int, seed: int, device: str,
    precision: str = "float32",
) -> Callable:  # fmt: skip
    """So many steps of ``train.fit`` that all stand at one iteration of the schedule.

    Args:
        vae: the model.
        loss: of it.
        batch: see :func:`made`.
        iteration: of the schedule, counted from 0.
        steps: how many.
        seed: of the noise.
        device: where.
        precision: see :func:`olc_lib.train.fit`.

    Returns:
        What :func:`in_turn` times.
    """

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


def profile(turn: Callable) -> dict[str, float]:
    """Shares of the time of PyTorch's operations; Python between them is not seen.

    Args:
        turn: what is looked at.

    Returns:
        Percent of the time for convolutions and for normalizations.
    """
    with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CPU], acc_events=True) as profile:
        turn()
    events = [(event.key, event.self_cpu_time_total) for event in profile.key_averages()]
    whole = sum(spent for _, spent in events)
    groups = {"convolutions": "convolution", "normalizations": "batch_norm"}
    return {
        name: 100 * sum(spent for key, spent in events if word in key.lower()) / whole for name, word in groups.items()
    }
