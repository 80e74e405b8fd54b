"""One training loop for every model of the book; the loss is a function it is given."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from tqdm.auto import tqdm

from .download import live

Loss = Callable[[Mapping[str, Tensor], int, torch.Generator], tuple[Tensor, dict[str, Tensor]]]


def fit(
    module: nn.Module,
    loss: Loss,
    data: Mapping[str, Tensor],
    steps: int,
    *,
    batch_size: int = 64,
    lr: float = 2e-3,
    weight_decay: float = 0.0,
    seed: int = 0,
    device: str | torch.device = "cpu",
    precision: str = "float32",
    resume: Path | None = None,
    save_every: int = 100,
    label: str = "training",
    progress: bool | None = None,
) -> dict[str, Tensor]:
    """Train ``module`` by Adam with a one-cycle learning rate, and return what happened.

    What a step draws (its batch, its noise) depends on ``seed`` and the step's number alone, so the same
    seed gives the same history on the same device, and a resumed run equals an uninterrupted one.

    Args:
        module: what is trained, in place; its buffers are saved with it.
        loss: ``loss(batch, step, generator) -> (scalar, record)``; ``step`` counts from 0, every random
            draw comes from ``generator``, and the record maps names to 0-d tensors.
        data: name to tensor ``[N, ...]``; all of it is moved to the device once.
        steps: how many steps in all.
        batch_size: items a step; each pass over the data is a fresh permutation, an incomplete last batch
            is left out.
        lr: peak of the one-cycle schedule.
        weight_decay: decoupled weight decay.
        seed: see above.
        device: where to train.
        precision: ``"float32"``, or ``"bfloat16"`` for mixed precision.
        resume: file to continue from if it exists, rewritten every ``save_every`` steps, so an interrupted
            run loses fewer than that; only the caller deletes it.
        save_every: steps between two writes of ``resume``.
        label: text before the progress bar.
        progress: show the bar; ``None`` shows it on a terminal or in a live notebook only.

    Returns:
        History: name to a float32 tensor ``[steps]``, NaN where a step did not record the name.

    Raises:
        ValueError: if there are no data, lengths differ, or ``resume`` belongs to another run.
        FloatingPointError: if the loss stops being finite; the last written resume file stays.
    """
    lengths = {name: len(values) for name, values in data.items()}
    if not lengths or min(lengths.values()) < 1 or len(set(lengths.values())) > 1:
        raise ValueError(f"data has lengths {lengths}, expected one or more tensors of equal length")
    count = next(iter(lengths.values()))
    batch_size = min(batch_size, count)
    device = torch.device(device)
    module.to(device).train()
    data = {name: values.to(device) for name, values in data.items()}
    # Fused: one call for all parameters, where a loop over them costs some percent of a step.
    optimizer = torch.optim.AdamW(module.parameters(), lr=lr, weight_decay=weight_decay, fused=True)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, lr, total_steps=steps + 1, pct_start=0.1, cycle_momentum=False
    )
    settings = {"steps": steps, "batch_size": batch_size, "lr": lr, "seed": seed, "count": count}
    step, history = _restore(resume, module, optimizer, schedule, settings)
    records: list[dict[str, Tensor]] = []
    generator = torch.Generator(device)
    per_pass, order = count // batch_size, None
    with tqdm(total=steps, initial=step, desc=label, disable=not (live() if progress is None else progress)) as bar:
        while step < steps:
            if order is None or step % per_pass == 0:
                shuffled = np.random.default_rng((seed, 0, step // per_pass)).permutation(count)
                order = torch.from_numpy(shuffled).to(device)
            at = step % per_pass * batch_size
            batch = {name: values[order[at : at + batch_size]] for name, values in data.items()}
            generator.manual_seed(int(np.random.SeedSequence((seed, 1, step)).generate_state(1)[0]))
            with torch.autocast(device.type, torch.bfloat16, enabled=precision == "bfloat16"):
                scalar, record = loss(batch, step, generator)
            optimizer.zero_grad(set_to_none=True)
            scalar.backward()
            optimizer.step()
            schedule.step()
            records.append(record)
            step += 1
            bar.update()
            due = resume is not None and step % save_every == 0
            if due or step % 50 == 0 or step == steps:  # reading a value waits for the device: not every step
                if not torch.isfinite(scalar):
                    raise FloatingPointError(
                        f"{label}: the loss is {scalar:g} at step {step}, expected a finite number"
                    )
                bar.set_postfix(loss=f"{scalar:.3f}")
            if due:
                history, records = _extend(history, records), []
                _save(resume, module, optimizer, schedule, settings, history)
    module.eval()
    return _extend(history, records)


def _extend(history: dict[str, Tensor], records: list[dict[str, Tensor]]) -> dict[str, Tensor]:
    """Append records to a history; a name that one of the two lacks is NaN there."""
    before = len(next(iter(history.values()), ()))
    names = dict.fromkeys([*history, *(name for record in records for name in record)])
    missing = torch.tensor(float("nan"))
    extended = {}
    for name in names:
        past = history.get(name, missing.expand(before))
        new = [record.get(name, missing).float() for record in records]
        extended[name] = torch.cat([past, torch.stack(new).cpu() if new else past[:0]])
    return extended


def _save(path: Path, module, optimizer, schedule, settings: dict, history: dict[str, Tensor]) -> None:
    state = {
        "settings": settings,
        "module": module.state_dict(),
        "optimizer": optimizer.state_dict(),
        "schedule": schedule.state_dict(),
        "history": history,
    }
    temporary = path.with_name(path.name + ".part")
    torch.save(state, temporary)
    os.replace(temporary, path)


def _restore(path: Path | None, module, optimizer, schedule, settings: dict) -> tuple[int, dict[str, Tensor]]:
    if path is None or not path.exists():
        return 0, {}
    state = torch.load(path, map_location="cpu", weights_only=True)
    if state["settings"] != settings:
        raise ValueError(
            f"{path} belongs to a run with {state['settings']}, expected {settings}: delete it or resume that run"
        )
    module.load_state_dict(state["module"])
    optimizer.load_state_dict(state["optimizer"])
    schedule.load_state_dict(state["schedule"])
    return len(next(iter(state["history"].values()))), state["history"]
