"""The training loop: same seed, same history; a resumed run equals an uninterrupted one; bad input is named."""

import pytest
import torch
from torch import nn

from olc_lib import objective, paper
from olc_lib.latent import IMAGE
from olc_lib.networks import OrthogonalVAE, scale_layers
from olc_lib.train import fit

DATA = {"x": torch.arange(40.0).view(20, 2) / 40}


def regression(module):
    """A loss that draws noise, so that a wrong generator shows; it records a second term from step 5 on."""

    def loss(batch, step, generator):
        noise = torch.randn(batch["x"].shape, generator=generator)
        value = (module(batch["x"] + 0.1 * noise) - 1).square().mean()
        late = {"late": value.detach() * 2} if step >= 5 else {}
        return value, {"total": value.detach()} | late

    return loss


def made(seed=0):
    torch.manual_seed(seed)
    return nn.Sequential(nn.Linear(2, 8), nn.BatchNorm1d(8), nn.Tanh(), nn.Linear(8, 1))


def run(steps=17, module=None, **options):
    module = module or made()
    return module, fit(module, regression(module), DATA, steps, batch_size=6, progress=False, **options)


def test_same_seed_same_history_other_seed_other_history():
    (a, first), (b, second), (_, other) = run(), run(), run(seed=1)
    assert torch.equal(first["total"], second["total"])
    assert all(torch.equal(p, q) for p, q in zip(a.state_dict().values(), b.state_dict().values(), strict=True))
    assert not torch.equal(first["total"], other["total"])


def test_history_is_nan_where_a_term_was_not_recorded():
    _, history = run()
    assert history["total"].shape == history["late"].shape == (17,)
    assert history["late"][:5].isnan().all() and not history["late"][5:].isnan().any()


@pytest.mark.parametrize("stop", [1, 3, 4, 11, 16])
def test_resumed_equals_uninterrupted(tmp_path, stop):
    whole, expected = run(seed=3)
    file, module = tmp_path / "state.resume", made()
    plain = regression(module)

    def interrupted(batch, step, generator):
        if step == stop:
            raise KeyboardInterrupt
        return plain(batch, step, generator)

    options = dict(batch_size=6, seed=3, resume=file, save_every=2, progress=False)
    with pytest.raises(KeyboardInterrupt):
        fit(module, interrupted, DATA, 17, **options)
    again = made(seed=9)  # other weights: everything has to come from the file, if there is one yet
    if not file.exists():
        again = made()
    resumed = fit(again, regression(again), DATA, 17, **options)
    assert resumed.keys() == expected.keys()
    assert all(torch.equal(resumed[k].nan_to_num(-1), expected[k].nan_to_num(-1)) for k in expected)
    assert all(torch.equal(p, q) for p, q in zip(again.state_dict().values(), whole.state_dict().values(), strict=True))
    assert not list(tmp_path.glob("*.part"))


def test_resume_file_of_another_run_is_refused(tmp_path):
    file = tmp_path / "state.resume"
    run(resume=file, save_every=2)
    with pytest.raises(ValueError, match="state.resume belongs to a run with"):
        run(steps=18, resume=file)


def test_unequal_or_missing_data_is_named():
    with pytest.raises(ValueError, match="'a': 2, 'b': 3"):
        fit(made(), regression, {"a": torch.zeros(2), "b": torch.zeros(3)}, 1)
    with pytest.raises(ValueError, match="one or more tensors"):
        fit(made(), regression, {}, 1)


def test_a_loss_that_is_not_finite_stops_the_training():
    module = made()

    def broken(batch, step, generator):
        value = module(batch["x"]).mean() * float("nan")
        return value, {"total": value.detach()}

    with pytest.raises(FloatingPointError, match="the loss is nan at step 1"):
        fit(module, broken, DATA, 3, progress=False)


def test_each_pass_sees_every_item_once():
    seen = []
    module = made()

    def loss(batch, step, generator):
        seen.append(batch["x"][:, 0])
        return regression(module)(batch, step, generator)

    fit(module, loss, DATA, 10, batch_size=4, progress=False)
    passes = torch.cat(seen).view(2, 20)
    assert torch.equal(passes[0].sort().values, DATA["x"][:, 0])
    assert torch.equal(passes[1].sort().values, DATA["x"][:, 0])
    assert not torch.equal(passes[0], passes[1])


def test_no_bar_when_output_is_no_terminal(capsys):
    module = made()
    fit(module, regression(module), DATA, 3)
    assert capsys.readouterr() == ("", "")


@pytest.fixture(scope="module")
def tiny():
    torch.manual_seed(0)
    vae = OrthogonalVAE(scale_layers(paper.IMAGE_LAYERS, 0.01, narrowest=2), (1, 28, 28), IMAGE)
    data = {"signal": torch.rand(16, 1, 28, 28), "digit": torch.arange(16) % 10}
    return vae, data


def test_the_vae_loss_injects_terms_on_schedule_and_skips_those_not_yet_active(tiny):
    vae, data = tiny
    injections = {name: (4, 6) for name in paper.IMAGE_INJECTION} | {"reconstruction": (1, 1), "sparsity": (2, 3)}
    calls = []
    vae.decoder.register_forward_hook(lambda module, given, made: calls.append(len(given[0])))
    loss = objective.training_loss(vae, paper.IMAGE_IMPORTANCE, injections, paper.IMAGE_BALANCE)
    history = fit(vae, loss, data, 8, batch_size=8, progress=False)
    assert history["sparsity"].isnan().tolist() == [True] * 2 + [False] * 6
    assert history["digit"].isnan().tolist() == [True] * 4 + [False] * 4
    assert history["digit/M"][4:].tolist() == [0.5, 1, 1, 1]
    assert "writer" not in history  # importance 0
    assert calls == [8] * 4 + [16] * 4  # mixed codes are decoded in the same call, once they matter


def test_items_without_a_label_leave_their_term_alone(tiny):
    vae, data = tiny
    on = {name: (0, 0) for name in paper.IMAGE_INJECTION}
    loss = objective.training_loss(vae.eval(), paper.IMAGE_IMPORTANCE, on, paper.IMAGE_BALANCE)
    vae.eval()

    def digit_term(labels):
        batch = {"signal": data["signal"][:4], "digit": torch.tensor(labels)}
        return loss(batch, 5, torch.Generator().manual_seed(0))[1]["digit"]

    apart = [digit_term([k if i == k else -1 for i in range(4)]) for k in range(4)]
    assert torch.allclose(digit_term([0, 1, 2, 3]), torch.stack(apart).mean(), atol=1e-6)
    assert digit_term([-1] * 4) == 0
