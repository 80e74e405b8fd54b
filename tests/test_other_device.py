"""Training and measuring on another device, tried where there is none.

A pretended device: its tensors compute on the CPU, say that they are on ``meta`` (the one device beside the CPU that
every build of PyTorch knows), and refuse to meet tensors of the CPU, as a GPU's would. What works here and gives the
CPU's numbers has no tensor left on the wrong side.
"""

import importlib

import pytest
import torch
from test_experiments import embedded  # noqa: F401  (a fixture: small corpora under every name)
from test_runs import TINY
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_flatten, tree_map, tree_unflatten

from olc_lib import runs
from olc_lib.ledger import peers, speed
from olc_lib.systems.placed import MODELS

#: These may read from both sides; a GPU takes indices of the CPU.
CROSSING = {"aten::_to_copy", "aten::copy_", "aten::index.Tensor", "aten::index_put_"}


class Distant(torch.Tensor):
    """A tensor on the pretended device: a shell around one of the CPU."""

    @staticmethod
    def __new__(cls, inner):
        return torch.Tensor._make_wrapper_subclass(
            cls, inner.size(), inner.stride(), inner.storage_offset(), dtype=inner.dtype, device="meta"
        )

    def __init__(self, inner):
        self.inner = inner

    __torch_function__ = torch._C._disabled_torch_function_impl

    @classmethod
    def __torch_dispatch__(cls, function, types, args=(), kwargs=None):
        return compute(function, args, kwargs or {})

    def __format__(self, form):
        return format(self.item(), form)


def compute(function, args, kwargs):
    """One operation: refused if it mixes devices, else done on the CPU and put back where it belongs."""
    flat, spec = tree_flatten((args, dict(kwargs)))
    distant = [value for value in flat if isinstance(value, Distant)]
    here = [value for value in flat if isinstance(value, torch.Tensor) and not isinstance(value, Distant)]
    name = function.name().removesuffix(".default")
    if distant and name not in CROSSING and any(value.dim() for value in here):  # a scalar may come from the CPU
        raise RuntimeError(f"{name}: shapes {[tuple(value.shape) for value in here if value.dim()]} are on the CPU")
    if name == "aten::copy_":  # its result is the first, whichever side that is on
        target, source = (value.inner if isinstance(value, Distant) else value for value in args[:2])
        target.copy_(source)
        return args[0]
    given = kwargs.get("device")
    goes = torch.device(given).type == "meta" if given is not None else bool(distant)
    plain = [value.inner if isinstance(value, Distant) else value for value in flat]
    inner_args, inner_kwargs = tree_unflatten(plain, spec)
    if given is not None:
        inner_kwargs["device"] = torch.device("cpu")
    made = function(*inner_args, **inner_kwargs)
    shells = {id(value.inner): value for value in distant}  # what works in place gives the same tensor back

    def shell(value):
        if goes and isinstance(value, torch.Tensor):
            return shells[id(value)] if id(value) in shells else Distant(value)
        return value

    return tree_map(shell, made)


class Pretended(TorchDispatchMode):
    """Also tensors that are made from nothing on the device."""

    operations = 0

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        self.operations += any(isinstance(value, Distant) for value in tree_flatten(args)[0])
        return compute(function, args, kwargs or {})


@pytest.fixture
def device(monkeypatch):
    """The pretended device; counts what is done on it."""
    cast, generator, tensor = torch.autocast, torch.Generator, torch.tensor
    # These four ask for a device behind the mode's back.
    monkeypatch.setattr(torch, "tensor", lambda *values, device="cpu", **how: tensor(*values, **how).to(device))
    monkeypatch.setattr(torch, "autocast", lambda kind, *rest, **how: cast("cpu", *rest, **how))
    monkeypatch.setattr(torch, "Generator", type("Generator", (generator,), {"__new__": lambda *_: generator("cpu")}))
    optimizer = importlib.import_module("torch.optim.optimizer")
    monkeypatch.setattr(optimizer, "_get_fused_kernels_supported_devices", lambda: ["cpu", "meta"])
    torch.__future__.set_swap_module_params_on_conversion(True)
    with Pretended() as mode:
        yield mode
    torch.__future__.set_swap_module_params_on_conversion(False)


def test_the_pretended_device_refuses_what_a_gpu_refuses(device):
    near, far = torch.arange(3.0), torch.arange(3.0).to("meta")
    assert isinstance(far, Distant) and (far + 1).sum().item() == 6
    assert far[torch.tensor([2])].item() == 2 and torch.zeros(2, device="meta").sum().item() == 0
    assert torch.equal(far.cpu(), near) and (far + torch.tensor(1.0)).sum().item() == 6
    for mixed in (lambda: far + near, lambda: torch.cat([near, far]), lambda: far.gather(0, torch.tensor([0]))):
        with pytest.raises(RuntimeError, match="are on the CPU"):
            mixed()
    layer = torch.nn.Linear(3, 1).to("meta")
    with pytest.raises(RuntimeError, match="are on the CPU"):
        layer(near)
    layer(far).sum().backward()
    assert isinstance(layer.weight.grad, Distant)


@pytest.mark.slow
def test_a_run_trained_on_another_device_is_the_same_run(tmp_path, monkeypatch, request):
    monkeypatch.setenv("OLC_RUNS", str(tmp_path))
    here = runs.train("here", "cpu", False, TINY)
    mode = request.getfixturevalue("device")
    there = runs.train("there", "meta", False, TINY)
    assert mode.operations > 10_000
    assert there.results["metrics"] == here.results["metrics"]
    for part in MODELS:
        for name, value in getattr(there, part).state_dict().items():
            assert torch.equal(value, getattr(here, part).state_dict()[name]), (part, name)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["placed", "classified", "MoPoE"])
def test_other_systems_on_another_device(embedded, request, name):  # noqa: F811
    if name == "MoPoE":
        pytest.importorskip("multivae")
    here = peers.compare(name, 0, steps=4, points=2)
    mode = request.getfixturevalue("device")
    there = peers.compare(name, 0, "meta", steps=4, points=2)
    assert mode.operations > 1000
    for key in here.keys() - {"cpu_minutes", "course"}:
        assert there[key] == pytest.approx(here[key], abs=1e-3), key


@pytest.mark.parametrize("part", speed.MODELS)
def test_both_forms_of_a_step_on_another_device(device, part):
    vae, batch, tables = speed.made(part, 1 / 64, 4, None, "meta")
    for form in (speed.literal_loss, speed.objective.training_loss):
        before = device.operations
        history = speed.train.fit(vae, form(vae, *tables), batch, 2, batch_size=4, device="meta", progress=False)
        assert device.operations > before + 100 and history["total"].isfinite().all()
