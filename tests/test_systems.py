"""The contract that every system keeps: built, trained, interrupted, resumed, stored, read and measured by one way."""

import dataclasses
import math

import pytest
import torch

from olc_lib import runs, systems

SMALL = {"width": 1 / 64, "hidden": 8}


@pytest.fixture(params=systems.NAMES)
def system(request):
    """A system's name, its module, and its embedded settings cut down to three steps of a few narrow models."""
    if request.param == "multivae":
        pytest.importorskip("multivae.models")
    module = systems.find(request.param)
    settings = module.SETTINGS["embedded"]
    changes = {name: value for name, value in SMALL.items() if hasattr(settings, name)}
    for name, value in vars(settings).items():
        if isinstance(value, systems.Training):
            changes[name] = dataclasses.replace(value, steps=3, batch_size=8)
    return request.param, module, dataclasses.replace(settings, **changes)


def weights(models):
    return {f"{name}.{key}": value for name, model in models.items() for key, value in model.state_dict().items()}


def same(a, b):
    return a.keys() == b.keys() and all(torch.equal(a[key], b[key]) for key in a)


def test_models_follow_from_the_seed_alone(system):
    _, module, settings = system
    torch.manual_seed(1)
    first, then = weights(module.build(settings)), torch.get_rng_state()
    torch.manual_seed(2)
    assert same(first, weights(module.build(settings)))
    torch.manual_seed(1)
    assert torch.equal(then, torch.get_rng_state())  # nothing was drawn from the generator that others draw from
    assert not same(first, weights(module.build(dataclasses.replace(settings, seed=settings.seed + 1))))


def test_stages_train_every_model_once_and_after_those_that_it_needs(system):
    _, module, settings = system
    stages, trained = module.stages(settings), set()
    for stage in stages:
        assert set(stage.needs) <= trained and stage.model not in trained
        trained.add(stage.model)
    assert trained == set(module.build(settings))


def test_interrupted_and_resumed_it_is_the_same(system, tmp_path):
    """Whatever a model draws and however many turns a step has: weights and history, bit for bit."""
    _, module, settings = system
    there, here = module.build(settings), module.build(settings)
    before = {key: value.clone() for key, value in weights(here).items()}
    for stage in module.stages(settings):

        def stop(step):
            raise KeyboardInterrupt

        torch.manual_seed(5)
        plain = systems.fit_stage(stage, there, settings)
        resume = tmp_path / stage.model
        with pytest.raises(KeyboardInterrupt):
            systems.fit_stage(stage, here, settings, resume=resume, save_every=1, watch=stop, watch_every=2)
        torch.manual_seed(6)
        resumed = systems.fit_stage(stage, here, settings, resume=resume, save_every=1)
        assert plain.keys() == resumed.keys()
        for term, values in plain.items():
            assert len(values) == 3 and torch.equal(values.nan_to_num(-1), resumed[term].nan_to_num(-1)), term
    after = weights(here)
    assert same(weights(there), after)
    for name in here:  # every model has learnt something
        assert any(not torch.equal(before[key], after[key]) for key in before if key.startswith(f"{name}.")), name


def test_stored_measured_and_read_again_one_model_alone(system, tmp_path, monkeypatch):
    name, _, settings = system
    monkeypatch.setenv("OLC_RUNS", str(tmp_path))
    run = runs.train("tiny", name, device="cpu", settings=settings, progress=False)
    assert sorted(path.name for path in tmp_path.iterdir()) == [name] and not list(tmp_path.rglob("*.part"))
    assert run.results["metrics"] and all(_finite(value) for value in run.results["metrics"].values())
    assert all(isinstance(value, torch.Tensor) and value.isfinite().all() for value in run.arrays.values())
    assert runs.read_results("tiny", name)["provenance"]["code"] == runs.code(name, settings)
    last = list(run.models)[-1]
    alone = runs.load("tiny", name, only=[last], quiet=True)
    assert list(alone.models) == [last] and not alone.models[last].training
    assert same(weights(alone.models), weights({last: run.models[last]})) and alone.settings == settings


def _finite(value):
    if isinstance(value, dict):
        return all(map(_finite, value.values()))
    if isinstance(value, list):
        return all(map(_finite, value))
    return isinstance(value, str) or math.isfinite(value)


def test_experiments_are_questions_with_arms(system):
    _, module, _ = system
    for name, experiment in module.EXPERIMENTS.items():
        assert experiment.question.endswith("?") and experiment.arms and experiment.seeds >= 1, name


def test_an_unknown_system_is_named():
    with pytest.raises(ValueError, match="no system 'nobody', expected one of .*placed"):
        systems.find("nobody")


def test_embedded_runs_need_no_network(system, monkeypatch, tmp_path):
    """The data of a system's embedded run come with the package."""
    _, module, settings = system

    def refuse(*_):
        raise AssertionError("a connection was opened")

    monkeypatch.setenv("OLC_DATA", str(tmp_path))
    monkeypatch.setattr("socket.socket.connect", refuse)
    stage, models = module.stages(settings)[0], module.build(settings)
    assert all(len(values) for values in stage.prepare(models, settings, "cpu")[1].values())
