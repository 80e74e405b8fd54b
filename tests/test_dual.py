"""Dual translation: the appendix's tables, losses by NumPy, two turns with a known end, translators of three kinds."""

import dataclasses

import numpy as np
import pytest
import torch
from torch import nn

from olc_lib.systems import dual, fit_stage
from olc_lib.systems.dual import measures, nets, pictures, training
from olc_lib.train import Turn, fit

# Tables 1 to 3, written down a second time: side and channels after every layer.
PRINTED = {
    "encoder": "64x16 32x16 32x32 32x32 16x64 16x64 8x128 8x128 4x256 4x256 2x512 2x1024",
    "discriminator": "64x16 32x16 32x32 32x64 16x64 16x128 8x128 8x256 4x256 4x256 2x256 2x128",
    "generator": "4x512 8x512 8x256 16x256 16x128 32x128 32x64 64x64 64x32 64x32 64x3",
}
KERNELS = {"encoder": "135353535353", "discriminator": "125323232323", "generator": "33333333331"}


def shapes(net, x):
    """Side and channels after each convolution or pooling, and the shape that comes out."""
    seen = []
    for module in net:
        x = module(x)
        if isinstance(module, nn.Conv2d | nn.ConvTranspose2d | nn.MaxPool2d):
            seen.append(f"{x.shape[-1]}x{x.shape[1]}")
    return " ".join(seen), tuple(x.shape)


def kernels(net):
    sizes = [m.kernel_size for m in net if isinstance(m, nn.Conv2d | nn.ConvTranspose2d | nn.MaxPool2d)]
    return "".join(str(size if isinstance(size, int) else size[0]) for size in sizes)


@pytest.mark.parametrize("name", list(PRINTED))
def test_full_size_is_the_appendix(name):
    net = getattr(nets, name)()
    start = torch.zeros(1, 8192) if name == "generator" else torch.zeros(1, 3, 64, 64)
    with torch.no_grad():
        seen, out = shapes(net, start)
    assert seen == PRINTED[name]
    assert kernels(net) == KERNELS[name]
    assert out == {"encoder": (1, 4096), "discriminator": (1, 1), "generator": (1, 3, 64, 64)}[name]
    assert "BatchNorm" not in str(net)


def test_the_discriminator_ends_in_one_dense_layer_of_512():
    assert nets.discriminator()[-1].in_features == 512


@pytest.mark.parametrize("side", [28, 32])
@pytest.mark.parametrize("norm", ["none", "batch", "instance"])
def test_smaller_pictures_keep_code_and_generator_together(side, norm):
    model = nets.Translator(side, 0.125, norm).eval()
    x = torch.zeros(2, 1, side, side)
    with torch.no_grad():
        z1, z2 = model.encode(x, x)
        u, v = model(x, x)
        logits = model.judges[0](x)
    assert z1.shape == z2.shape == (2, 128)
    assert u.shape == v.shape == x.shape and logits.shape == (2, 1)
    # the first layer is filled exactly by two codes
    assert model.generator[1].in_channels == 64


def test_other_sides_and_norms_are_refused():
    with pytest.raises(ValueError, match="side is 48"):
        nets.encoder(48)
    with pytest.raises(ValueError, match="norm is 'layer'"):
        nets.encoder(28, norm="layer")
    with pytest.raises(ValueError, match="encoders is 'three'"):
        nets.Translator(encoders="three")


def test_the_start_keeps_the_size_of_the_signal():
    """He's variances: unit noise into the generator leaves its last hidden layer neither tiny nor huge."""
    torch.manual_seed(0)
    net = nets.generator(28, 1, 0.5)
    x = net[:-2](torch.randn(64, net[1].in_channels * 4))
    assert 0.2 < x.square().mean().sqrt() < 5


def numpy_losses(real, fake, kind):
    sigmoid = lambda x: 1 / (1 + np.exp(-x))  # noqa: E731
    if kind == "hinge":
        return np.maximum(0, 1 - real).mean() + np.maximum(0, 1 + fake).mean(), -fake.mean()
    value = np.log(sigmoid(real)).mean() + np.log(1 - sigmoid(fake)).mean()  # Eq. 4
    return -value, np.log(1 - sigmoid(fake)).mean() if kind == "minimax" else -np.log(sigmoid(fake)).mean()


@pytest.mark.parametrize("kind", ["non_saturating", "minimax", "hinge"])
def test_adversarial_losses_by_numpy(kind):
    rng = np.random.default_rng(0)
    real, fake = rng.normal(0, 2, (2, 50, 1))
    loss = dual.ADVERSARIES[kind]
    expected = numpy_losses(real, fake, kind)
    found = loss(torch.from_numpy(real), torch.from_numpy(fake)), loss(None, torch.from_numpy(fake))
    assert np.allclose([float(x) for x in found], expected)


def test_r1_of_a_quadratic_judge_by_hand():
    """D(x) = a.x + |x|^2 has the slope a + 2x."""
    a = torch.tensor([1.0, -2.0, 0.5])
    x = torch.randn(7, 3, generator=torch.Generator().manual_seed(0))
    found = training.r1(lambda x: (x @ a + x.square().sum(1))[:, None], x)
    assert np.isclose(found.item(), 0.5 * np.square(a.numpy() + 2 * x.numpy()).sum(1).mean(), rtol=1e-5)


class Ruler(nets.Translator):
    """A translator whose codes are (class, form) by construction; E1 reads sketches, E2 solid pictures."""

    def __init__(self, swapped=False):
        nn.Module.__init__(self)
        self.other, self.encoders, self.swapped = None, "two", swapped

    def encode(self, sketch, solid):
        return sketch.flatten(1)[:, :2], solid.flatten(1)[:, :2]

    def draw(self, kind, form):
        kind, form = (form, kind) if self.swapped else (kind, form)
        return torch.stack([kind[:, 0], form[:, 1]], 1)[:, None, None]


def kinds(count=4):
    """Pictures of two pixels: class 0 or 1, form 0 (sketch) or 1 (solid)."""
    rows = {"x1": (0.0, 0.0), "x2": (1.0, 1.0), "u": (0.0, 1.0), "v": (1.0, 0.0)}
    return {name: torch.tensor(row).expand(count, 1, 1, 2) for name, row in rows.items()}


def test_disentangled_codes_cost_nothing_and_swapped_slots_do():
    batch = kinds()
    for swapped, cost in ((False, 0.0), (True, 1.0)):
        model = Ruler(swapped)
        codes = model.encode(batch["x1"], batch["x2"])
        made = model(batch["x1"], batch["x2"])
        assert training.self_reconstruction(model, batch, codes, real=True) == 0
        assert (made[0] - batch["u"]).abs().mean() == cost
        # E1 expects a sketch and E2 a solid picture; wrongly swapped translations are read by the wrong encoder
        assert training.cross_cycle(model, batch, made) == 0
    assert training.cross_cycle(Ruler(), batch, (batch["v"], batch["u"])) == 1


def test_shuffled_breaks_the_pairs_and_keeps_the_pictures():
    batch = {name: torch.arange(50.0) for name in ("x1", "x2", "u", "v")}
    mixed = training.shuffled(batch, torch.Generator().manual_seed(0))
    assert all(torch.equal(x.sort().values, torch.arange(50.0)) for x in mixed.values())
    assert not torch.equal(mixed["x1"], mixed["x2"])


def dirac(weight, steps=300):
    """The Dirac GAN (Mescheder et al. 2018): data at 0, a generator with one number, D(x) = psi x."""
    game = nn.Module()
    game.theta, game.psi = nn.Parameter(torch.tensor(1.0)), nn.Parameter(torch.tensor(1.0))
    judge = lambda x: game.psi * x  # noqa: E731

    def first(batch, step, generator):
        fake = game.theta.detach().expand(len(batch["x"]), 1)
        return training.non_saturating(judge(batch["x"]), judge(fake)) + weight * training.r1(judge, batch["x"]), {}

    def second(batch, step, generator):
        return training.minimax(None, judge(game.theta.expand(1, 1))), {"theta": game.theta.detach().clone()}

    options = {"lr": 0.1, "betas": (0.0, 0.99), "constant": True}
    turns = [Turn(first, [game.psi], **options), Turn(second, [game.theta], **options)]
    return fit(game, turns, {"x": torch.zeros(8, 1)}, steps, batch_size=8, progress=False)["theta"]


def test_two_turns_reach_the_equilibrium_with_r1_and_circle_without():
    assert dirac(2.0)[-50:].abs().max() < 0.06
    assert dirac(0.0)[-200:].abs().max() > 0.5


SMALL = dual.Single(
    "embedded", 0.0625, dual.Training(steps=6, batch_size=8, lr=1e-3), it=dual.Member(norm="batch", spectral=True)
)


def recipe(**changes):
    return dataclasses.replace(SMALL, it=dataclasses.replace(SMALL.it, recipe=dual.Recipe(**changes)))


def trained(settings, **options):
    models = dual.build(settings)
    for stage in dual.stages(settings):
        history = fit_stage(stage, models, settings, progress=False, **options)
    return models, history


FULL = recipe(r1=1.0, selves=1.0, real=True, cycle=1.0, adversary=training.hinge)


def test_a_resumed_training_is_bit_equal(tmp_path):
    whole, history = trained(FULL)
    models = dual.build(FULL)
    (stage,) = dual.stages(FULL)
    turns, data = stage.prepare(models, FULL, "cpu")
    broken = list(turns)

    def stop(batch, step, generator):
        if step == 4:
            raise KeyboardInterrupt
        return turns[1].loss(batch, step, generator)

    broken[1] = dataclasses.replace(turns[1], loss=stop)
    options = {"batch_size": 8, "resume": tmp_path / "resume", "save_every": 2, "progress": False}
    with pytest.raises(KeyboardInterrupt):
        fit(models["it"], broken, data, 6, **options)
    again = dual.build(FULL)
    turns, data = stage.prepare(again, FULL, "cpu")
    resumed = fit(again["it"], turns, data, 6, **options)
    assert all(torch.equal(resumed[name], history[name]) for name in history)
    state = again["it"].state_dict()
    assert all(torch.equal(state[name], value) for name, value in whole["it"].state_dict().items())


def test_each_turn_moves_its_own_weights():
    settings = recipe()
    models = dual.build(settings)
    (stage,) = dual.stages(settings)
    turns, data = stage.prepare(models, settings, "cpu")
    before = {name: weight.clone() for name, weight in models["it"].named_parameters()}
    fit(models["it"], turns[:1], data, 1, batch_size=8, progress=False)
    moved = {name for name, weight in models["it"].named_parameters() if not torch.equal(weight, before[name])}
    assert moved and all(name.startswith("judges") for name in moved)


def test_divergence_ends_in_one_sentence_and_leaves_the_last_good_state(tmp_path):
    models = dual.build(SMALL)
    (stage,) = dual.stages(SMALL)
    (judges, players), data = stage.prepare(models, SMALL, "cpu")

    def burst(batch, step, generator):
        scalar, record = players.loss(batch, step, generator)
        return scalar * (float("nan") if step == 3 else 1), record

    turns, options = [judges, dataclasses.replace(players, loss=burst)], {"batch_size": 8, "progress": False}
    place = tmp_path / "resume"
    with pytest.raises(FloatingPointError, match="the loss of the generator is nan at step 4, expected a finite"):
        fit(models["it"], turns, data, 6, resume=place, save_every=2, **options)
    kept = torch.load(place, weights_only=True)
    assert len(kept["history"]["judges"]) == 2
    assert all(torch.isfinite(value).all() for value in kept["module"].values() if value.is_floating_point())


def test_a_narrow_slot_lets_nothing_else_through():
    torch.manual_seed(0)
    model = nets.Translator(norm="batch", narrow=4).eval()
    kind, form = torch.randn(2, 3, 128)
    with torch.no_grad():
        same = form.clone()
        same[:, 4:] = 0
        assert torch.equal(model.draw(kind, form), model.draw(kind, same))
        assert not torch.equal(model.draw(kind, form), model.draw(kind, form.roll(1, 1)))


@pytest.mark.parametrize("encoders", ["one", "pair"])
def test_baselines_train_and_translate(encoders):
    it = dual.Member(dual.Recipe(cycle=1.0 * (encoders == "pair")), norm="batch", encoders=encoders)
    models, history = trained(dataclasses.replace(SMALL, it=it))
    assert torch.isfinite(history["fooling"]).all()
    pairs = pictures.paired("embedded", "test", 8)
    u, v = dual.translate(models["it"].eval(), pairs["x1"], pairs["x2"])
    assert u.shape == v.shape == pairs["u"].shape and 0 <= u.min() and v.max() <= 1
    if encoders == "pair":  # its pictures know nothing of the other input
        other = dual.translate(models["it"], pairs["x1"], pairs["x2"].flip(0))
        assert torch.equal(other[0], u)


def test_pre_trained_encoders_are_taken_over_and_stay():
    it = dual.Member(dual.Recipe(frozen=True), warmed=5)
    models, history = trained(dataclasses.replace(SMALL, it=it))
    start, end = models["it_start"].first.state_dict(), models["it"].first.state_dict()
    assert all(torch.equal(start[name], end[name]) for name in start)
    assert "fooling" in history and "selves" not in history


def test_autoencoder_swap_has_no_discriminator_at_work():
    _, history = trained(recipe(adversary=None, selves=1.0))
    assert set(history) == {"selves"}


def test_a_sketch_is_the_local_range():
    x = torch.rand(2, 1, 9, 9, generator=torch.Generator().manual_seed(0))
    found, flat = pictures.sketch(x)[:, 0].numpy(), x[:, 0].numpy()
    for i, j in ((0, 0), (4, 5), (8, 3)):
        around = flat[:, max(0, i - 1) : i + 2, max(0, j - 1) : j + 2].reshape(2, -1)
        assert np.allclose(found[:, i, j], around.max(1) - around.min(1))
    assert pictures.sketch(torch.full((1, 1, 5, 5), 0.7)).abs().max() == 0


def test_no_object_is_on_both_sides():
    data = pictures.unpaired("embedded")
    assert len({len(x) for x in data.values()}) == 1
    solid, made = data["u"].add(1).div(2), data["x1"].add(1).div(2)
    assert (torch.cdist(pictures.sketch(solid).flatten(1), made.flatten(1)).min() > 1e-3).item()
    with pytest.raises(ValueError, match="corpus is 'mnist'"):
        pictures.classes("mnist", "train")


@pytest.fixture(scope="module")
def pairs():
    return pictures.paired("embedded", "test", 100)


@pytest.fixture(scope="module")
def reader():
    return measures.classifier("embedded")


def test_the_classifier_reads_real_pictures(pairs, reader):
    wanted = {"x1": (True, False), "x2": (False, True), "u": (False, False), "v": (True, True)}
    for name, (sketched, second) in wanted.items():
        form, kind = (logit > 0 for logit in reader(pairs[name]))
        assert (form == sketched).float().mean() > 0.95 and (kind == second).float().mean() > 0.95, name


def test_a_perfect_translator(pairs, reader):
    """It knows the true counterpart of each input, whatever the other input is."""
    table = {tuple(x.flatten().tolist()): y for x, y in zip(pairs["x1"], pairs["u"], strict=True)}
    translate = lambda x1, x2: (torch.stack([table[tuple(x.flatten().tolist())] for x in x1]), pictures.sketch(x2))  # noqa: E731
    scores = measures.judge(translate, pairs, reader)
    assert scores["form_worst"] > 95 and scores["class_worst"] > 95
    assert scores["diversity_worst"] == pytest.approx(1)
    assert scores["gap_u"] == pytest.approx(scores["ceiling_u"], abs=1e-5) and scores["gap_v"] > 0.1
    assert scores["fid_worst"] < 1e-3 and scores["kind_worst"] > 0.5
    assert scores["shape_u"] == 0  # a perfect copy of the counterpart takes nothing from the other input


def test_a_constant_translator(pairs, reader):
    """One good picture a domain: form and class are right, and nothing else is."""
    translate = lambda x1, x2: tuple(pairs[name][:1].expand(len(x1), -1, -1, -1) for name in "uv")  # noqa: E731
    scores = measures.judge(translate, pairs, reader)
    assert scores["form_worst"] == scores["class_worst"] == 100
    assert max(scores[f"{key}_worst"] for key in ("diversity", "kind", "shape")) < 1e-6
    assert abs(scores["gap_worst"]) < 1e-6
    assert scores["fid_worst"] > 1


def test_a_dead_translator(pairs, reader):
    scores = measures.judge(lambda x1, x2: (0 * x1, 0 * x2), pairs, reader)
    assert scores["diversity_worst"] == scores["kind_worst"] == scores["gap_worst"] == scores["cosine_u"] == 0
    assert scores["form_worst"] < 50 or scores["class_worst"] < 50
    assert all(np.isfinite(value) for value in scores.values())


def test_the_inputs_themselves_are_no_translation(pairs, reader):
    scores = measures.judge(lambda x1, x2: (x1, x2), pairs, reader)
    assert scores["form_u"] < 5 and scores["form_v"] < 5 and scores["class_worst"] > 90 and scores["gap_v"] > 0.03


def test_frechet_of_two_gaussians_by_the_closed_form():
    rng = np.random.default_rng(0)
    first, second = rng.normal(0, 1, (20000, 3)), rng.normal(0, 1, (20000, 3)) * [1, 2, 3] + [1, 0, 0]
    found = measures.frechet(torch.from_numpy(first), torch.from_numpy(second))
    assert found == pytest.approx(1 + (2 - 1) ** 2 + (3 - 1) ** 2, rel=0.05)
    assert measures.frechet(torch.from_numpy(first), torch.from_numpy(first)) < 1e-6


def test_distance_by_hand_and_likeness_of_a_constant():
    points = torch.tensor([[0.0], [3.0]] * 4)  # shifts 1 (all 3 apart)
    assert measures.distance(points[:6]) == pytest.approx(3)
    own, others = measures.likeness(torch.ones(5, 1, 2, 2), torch.rand(5, 1, 2, 2))
    assert own == pytest.approx(others, abs=1e-6)


def test_codes_that_change_places(pairs):
    torch.manual_seed(0)
    model = nets.Translator(norm="batch").eval()
    x1, x2 = pairs["x1"][:4], pairs["x2"][:4]
    u, v = dual.translate(model, x1, x2)
    assert torch.allclose(dual.mix(model, x1, x2, 0, 1), u, atol=1e-6)
    assert torch.allclose(dual.mix(model, x1, x2, 1, 0), v, atol=1e-6)
