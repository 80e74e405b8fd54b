"""One training loop for every model of the book; the loss is a function it is given."""

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from tqdm.auto import tqdm

#: ``loss(batch, step, generator) -> (scalar, record)``, or ``None`` for a step in which nothing is to be learned.
Loss = Callable[[Mapping[str, Tensor], int, torch.Generator], tuple[Tensor, dict[str, Tensor]] | None]


@dataclass(frozen=True)
class Turn:
    """One optimizer's share of a step. Adversarial training is two turns: each moves its own weights only.

    Args:
        loss: see :func:`fit`; ``None`` instead of a pair skips the turn in this step.
        weights: the parameters that this turn moves; the gradient is taken with respect to these alone.
        lr: peak of the one-cycle schedule.
        name: what an error calls it.
        weight_decay: decoupled weight decay.
        betas: of Adam.
        clip: largest norm of the gradient; ``None`` leaves it as it is.
        constant: keep the rate at ``lr`` instead of the one-cycle schedule.
        after: called as ``after(step, optimizer)`` once the weights have moved, ``step`` counted from 1.
    """

    loss: Loss
    weights: Sequence[nn.Parameter]
    lr: float = 2e-3
    name: str = "loss"
    weight_decay: float = 0.0
    betas: tuple[float, float] = (0.9, 0.999)
    clip: float | None = None
    constant: bool = False
    after: Callable[[int, torch.optim.Optimizer], None] | None = None


def live() -> bool:
    """Tells whether someone is watching: a terminal, or a notebook that a person has open.

    A notebook that papermill, nbclient or nbval executes is not live: a progress bar there would
    end up in the stored outputs.
    """
    if os.environ.get("CI"):
        return False
    notebook = "JPY_SESSION_NAME" in os.environ or "COLAB_RELEASE_TAG" in os.environ
    return notebook or sys.stderr.isatty()  # a kernel's own stderr is none, wherever it was started


def fit(
    module: nn.Module,
    loss: Loss | Sequence[Turn],
    data: Mapping[str, Tensor],
    steps: int,
    *,
    batch_size: int = 64,
    lr: float = 2e-3,
    weight_decay: float = 0.0,
    seed: int = 0,
    device: str | torch.device = "cpu",
    precision: str = "float32",
    watch: Callable[[int], Mapping[str, float] | None] | None = None,
    watch_every: int = 100,
    resume: Path | None = None,
    save_every: int = 100,
    label: str = "training",
    progress: bool | None = None,
) -> dict[str, Tensor]:
    """Train ``module`` by Adam with a one-cycle learning rate, and return what happened.

    What a step draws (its batch, its noise) depends on ``seed`` and the step's number alone, so the same
    seed gives the same history on the same device, and a resumed run equals an uninterrupted one. That holds
    for torch's global generator too (dropout, ``rsample``); its state is restored afterwards.

    Args:
        module: what is trained, in place; its buffers are saved with it. With several players, one module
            that holds them all.
        loss: ``loss(batch, step, generator) -> (scalar, record)``; ``step`` counts from 0, random draws come
            from ``generator``, and the record maps names to 0-d tensors. Or several :class:`Turn`, taken in
            order on the same batch; each has its own weights and rate, and ``lr`` and ``weight_decay`` are not
            used.
        data: name to tensor ``[N, ...]``; all of it is moved to the device once.
        steps: how many steps in all.
        batch_size: items a step; each pass over the data is a fresh permutation, an incomplete last batch
            is left out.
        lr: peak of the one-cycle schedule.
        weight_decay: decoupled weight decay.
        seed: see above.
        device: where to train.
        precision: ``"float32"``, or ``"bfloat16"`` for mixed precision.
        watch: called as ``watch(steps done)`` after every ``watch_every`` steps and the last one, with the
            module in evaluation mode and without gradients. Numbers it returns join the history.
        watch_every: see above.
        resume: file to continue from if it exists, rewritten every ``save_every`` steps, so an interrupted
            run loses fewer than that; only the caller deletes it.
        save_every: steps between two writes of ``resume``.
        label: text before the progress bar.
        progress: show the bar; ``None`` shows it on a terminal or in a live notebook only.

    Returns:
        History: name to a float32 tensor ``[steps]``, NaN where a step did not record the name.

    Raises:
        ValueError: if there are no data, lengths differ, or ``resume`` belongs to another run.
        FloatingPointError: if a loss stops being finite; the last written resume file stays.
    """
    lengths = {name: len(values) for name, values in data.items()}
    if not lengths or min(lengths.values()) < 1 or len(set(lengths.values())) > 1:
        raise ValueError(f"data has lengths {lengths}, expected one or more tensors of equal length")
    count = next(iter(lengths.values()))
    batch_size = min(batch_size, count)
    device = torch.device(device)
    module.to(device).train()
    data = {name: values.to(device) for name, values in data.items()}
    turns = [Turn(loss, list(module.parameters()), lr, weight_decay=weight_decay)] if callable(loss) else list(loss)
    players = [_Player(turn, steps) for turn in turns]
    settings = {"steps": steps, "batch_size": batch_size, "lr": [t.lr for t in turns], "seed": seed, "count": count}
    step, history = _restore(resume, module, players, settings)
    records: list[dict[str, Tensor]] = []
    unread: list[tuple[int, str, Tensor]] = []  # losses whose values nobody has looked at yet
    generator = torch.Generator(device)
    per_pass, order = count // batch_size, None
    bar = tqdm(total=steps, initial=step, desc=label, disable=not (live() if progress is None else progress))
    with bar, torch.random.fork_rng([device] if device.type == "cuda" else []):
        while step < steps:
            if order is None or step % per_pass == 0:
                shuffled = np.random.default_rng((seed, 0, step // per_pass)).permutation(count)
                order = torch.from_numpy(shuffled).to(device)
            at = step % per_pass * batch_size
            batch = {name: values[order[at : at + batch_size]] for name, values in data.items()}
            number = int(np.random.SeedSequence((seed, 1, step)).generate_state(1)[0])
            generator.manual_seed(number)
            torch.manual_seed(number + 1)
            record = {}  # type: dict[str, Tensor]
            for player in players:
                with torch.autocast(device.type, torch.bfloat16, enabled=precision == "bfloat16"):
                    outcome = player.turn.loss(batch, step, generator)
                if outcome is not None:
                    unread.append((step + 1, player.turn.name, outcome[0].detach()))
                    player.move(outcome[0], step + 1)
                    record |= outcome[1]
                player.schedule.step()
            step += 1
            bar.update()
            due = resume is not None and step % save_every == 0
            if due or step % 50 == 0 or step == steps:  # reading a value waits for the device: not every step
                _check_finite(unread, label)
                if unread:
                    bar.set_postfix(loss=f"{unread[-1][2]:.3f}")
                unread = []
            if watch is not None and (step % watch_every == 0 or step == steps):
                record |= _watched(module, watch, step)
            records.append(record)
            if due:
                history, records = _extend(history, records), []
                _save(resume, module, players, settings, history)  # type: ignore[arg-type]  # due: it is a path
    module.eval()
    return _extend(history, records)


class _Player:
    """A turn with its optimizer and schedule."""

    def __init__(self, turn: Turn, steps: int):
        self.turn = turn
        self.weights = [weight for weight in turn.weights if weight.requires_grad]
        # Fused: one call for all parameters, where a loop over them costs some percent of a step.
        self.optimizer = torch.optim.AdamW(
            self.weights, lr=turn.lr, betas=turn.betas, weight_decay=turn.weight_decay, fused=True
        )
        rates = torch.optim.lr_scheduler
        self.schedule = (
            rates.ConstantLR(self.optimizer, 1.0, 0)
            if turn.constant
            else rates.OneCycleLR(self.optimizer, turn.lr, total_steps=steps + 1, pct_start=0.1, cycle_momentum=False)
        )

    def move(self, scalar: Tensor, step: int) -> None:
        self.optimizer.zero_grad(set_to_none=True)
        scalar.backward(inputs=self.weights)
        if self.turn.clip is not None:
            nn.utils.clip_grad_norm_(self.weights, self.turn.clip)
        self.optimizer.step()
        if self.turn.after is not None:
            self.turn.after(step, self.optimizer)


def _check_finite(losses: list[tuple[int, str, Tensor]], label: str) -> None:
    if losses and not torch.isfinite(torch.stack([value for *_, value in losses])).all():
        step, turn, value = next(entry for entry in losses if not torch.isfinite(entry[2]))
        raise FloatingPointError(f"{label}: the {turn} is {value:g} at step {step}, expected a finite number")


def _watched(module: nn.Module, watch: Callable, step: int) -> dict[str, Tensor]:
    """What an onlooker says; its draws do not matter, for every step starts from its own seed."""
    module.eval()
    with torch.no_grad():
        seen = watch(step) or {}
    module.train()
    return {name: torch.tensor(float(value)) for name, value in seen.items()}


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


def _save(path: Path, module, players: list[_Player], settings: dict, history: dict[str, Tensor]) -> None:
    state = {
        "settings": settings,
        "module": module.state_dict(),
        "optimizer": [player.optimizer.state_dict() for player in players],
        "schedule": [player.schedule.state_dict() for player in players],
        "history": history,
    }
    temporary = path.with_name(path.name + ".part")
    torch.save(state, temporary)
    os.replace(temporary, path)


def _restore(path: Path | None, module, players: list[_Player], settings: dict) -> tuple[int, dict[str, Tensor]]:
    if path is None or not path.exists():
        return 0, {}
    state = torch.load(path, map_location="cpu", weights_only=True)
    if state["settings"] != settings:
        raise ValueError(
            f"{path} belongs to a run with {state['settings']}, expected {settings}: delete it or resume that run"
        )
    module.load_state_dict(state["module"])
    for player, optimizer, schedule in zip(players, state["optimizer"], state["schedule"], strict=True):
        player.optimizer.load_state_dict(optimizer)
        player.schedule.load_state_dict(schedule)
    return len(next(iter(state["history"].values()))), state["history"]
