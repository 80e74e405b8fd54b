"""Placed codes on the dual model's pictures, what each slot decides, and a norm that does not look at the batch."""

import functools

import numpy as np
import pytest
import torch

from olc_lib.systems import dual
from olc_lib.systems.dual import measures, nets, pictures, placed, studies
from olc_lib.train import fit


@pytest.fixture(scope="module")
def pairs():
    return pictures.paired("embedded", "test", 50)


def perfect(pairs):
    """Knows all four pictures of a row: class code 0 is that of x1, form code 0 a sketch."""
    table = {(0, 0): "x1", (0, 1): "u", (1, 0): "v", (1, 1): "x2"}
    return lambda x1, x2, kind, form: pairs[table[kind, form]]


def test_a_perfect_translator_listens_to_both_slots(pairs):
    scores = measures.exchanged(perfect(pairs), pairs)
    assert all(value == pytest.approx(1) for value in scores.values())


@pytest.mark.parametrize("dull", ["constant", "dead"])
def test_constant_and_dead_translators_listen_to_none(pairs, dull):
    picture = pairs["u"][:1].expand_as(pairs["u"]) if dull == "constant" else torch.zeros_like(pairs["u"])
    assert set(measures.exchanged(lambda *_: picture, pairs).values()) == {0.0}


def test_a_slot_that_is_not_read_is_found(pairs):
    whole = perfect(pairs)
    deaf = {
        "form": lambda x1, x2, kind, form: whole(x1, x2, kind, 1),
        "class": lambda a, b, k, form: whole(a, b, 0, form),
    }
    for slot, other in (("form", "class"), ("class", "form")):
        scores = measures.exchanged(deaf[slot], pairs)
        assert scores[f"{slot}_code_worst"] == 0 and scores[f"{other}_code_worst"] > 0.5


@pytest.mark.parametrize("norm", ["group", "batch"])
def test_group_norm_translates_a_picture_alike_in_every_company(norm):
    """In training the encoders see one pile at a time; what they learn must hold for a single picture."""
    torch.manual_seed(0)
    model = nets.Translator(norm=norm)
    x1, x2 = torch.rand(2, 6, 1, 28, 28)
    with torch.no_grad():
        many, alone = model(x1, x2)[0][:2], model(x1[:2], x2[:2])[0]
        used = model.eval()(x1, x2)[0][:2]
    same = torch.allclose(many, alone, atol=1e-5) and torch.allclose(many, used, atol=1e-5)
    assert same == (norm == "group")


def test_divergence_is_that_of_two_gaussians():
    rng = torch.Generator().manual_seed(0)
    free, log_variance = torch.randn(2, 5, 3, generator=rng)
    posterior = torch.distributions.Normal(free, (log_variance / 2).exp())
    expected = torch.distributions.kl_divergence(posterior, torch.distributions.Normal(0.0, 1.0)).sum(1)
    assert torch.allclose(placed.divergence(placed.Code(free[:, :2], free, log_variance)), expected, atol=1e-5)


class Known(placed.Placed):
    """Reads and draws pictures of three pixels, (form, class, rest), without weights."""

    def __init__(self):
        torch.nn.Module.__init__(self)

    def encode(self, pictures):
        form, kind, rest = pictures.flatten(1).unbind(1)
        blocks = torch.stack([1 - form, form, 1 - kind, kind], 1)
        return placed.Code(blocks, rest[:, None], torch.full((len(rest), 1), -8.0))

    def draw(self, blocks, free):
        return torch.stack([blocks[:, 1], blocks[:, 3], free[:, 0]], 1)[:, None, None]


def known(form, kind, rest):
    return torch.tensor([form, kind, rest]).expand(2, 1, 1, 3)


def test_placed_translations_take_form_from_one_and_all_else_from_the_other():
    u, v = Known()(known(0.0, 0.0, 0.3), known(1.0, 1.0, 0.7))
    assert torch.equal(u, known(1.0, 0.0, 0.3)) and torch.equal(v, known(0.0, 1.0, 0.7))


def test_blended_placed_codes_have_the_translations_at_their_corners(pairs):
    torch.manual_seed(0)
    model = placed.Placed().eval()
    x1, x2 = pairs["x1"][:4], pairs["x2"][:4]
    u, v = dual.translate(model, x1, x2)
    assert torch.allclose(placed.mix(model, x1, x2, 0, 1), u, atol=1e-6)
    assert torch.allclose(placed.mix(model, x1, x2, 1, 0), v, atol=1e-6)


def test_the_placed_loss_by_numpy():
    """Codes that are placed already, with free coordinates at (0.5, variance 1): every part is known."""

    class Fixed(placed.Placed):
        def __init__(self):
            torch.nn.Module.__init__(self)

        def encode(self, pictures):
            blocks = (
                torch.nn.functional.one_hot(torch.tensor([0, 1, 1, 0]), 2),
                torch.nn.functional.one_hot(torch.tensor([0, 1, 0, 1]), 2),
            )
            free = torch.full((4, 2), 0.5)
            return placed.Code(torch.cat(blocks, 1).float(), free, torch.zeros(4, 2))

        def draw(self, blocks, free):
            return torch.full((4, 1, 2, 2), -0.5)  # 0.25 on the scale from 0 to 1

    batch = {name: torch.ones(1, 1, 2, 2) for name in placed.PILES}
    scalar, record = placed.loss(Fixed(), beta=3.0)(batch, 0, torch.Generator().manual_seed(0))
    pixels, divergence = -4 * np.log(0.25), 2 * 0.5**2 / 2
    assert record["pixels"].item() == pytest.approx(pixels) and record["divergence"].item() == pytest.approx(divergence)
    assert record["blocks"].item() == pytest.approx(2 * 0.5)
    assert scalar.item() == pytest.approx(pixels + 3 * divergence + placed.BLOCKS)


def test_placed_codes_learn_their_places():
    data = pictures.unpaired("embedded")
    torch.manual_seed(0)
    model = placed.Placed(width=0.0625, free=4)
    history = fit(model, placed.loss(model), data, 40, batch_size=8, lr=6e-3, progress=False)
    assert history["blocks"][-5:].mean() < 0.8 * history["blocks"][:5].mean()
    assert history["pixels"][-5:].mean() < 0.8 * history["pixels"][:5].mean()
    scores = measures.exchanged(functools.partial(placed.mix, model.eval()), pictures.paired("embedded", "test", 20))
    assert set(scores) > {"class_code_u", "form_code_v"} and all(np.isfinite(value) for value in scores.values())


def test_packed_pictures_come_back_to_256_grey_levels():
    sheet = torch.rand(2, 3, 1, 28, 28, generator=torch.Generator().manual_seed(0))
    again = pictures.unpacked(pictures.packed(sheet))
    assert again.shape == sheet.shape and (again - sheet).abs().max() <= 0.5 / 255 + 1e-6
    with pytest.raises(ValueError, match="multiples of the side 30"):
        pictures.unpacked(pictures.packed(sheet), 30)


@pytest.mark.parametrize("system", ["dual", "placed"])
def test_a_portrait_shows_inputs_translations_and_counterparts(monkeypatch, system):
    torch.manual_seed(0)
    model = nets.Translator(norm="group", narrow=4) if system == "dual" else placed.Placed()
    reader, pairs = measures.Classifier().eval(), pictures.paired("embedded", "test", 40)
    monkeypatch.setattr(studies, "trained", lambda seed, device: (model, None))
    monkeypatch.setattr(studies, "placing", lambda seed, device: model)
    monkeypatch.setattr(studies, "paired", lambda corpus, split: pairs)
    monkeypatch.setattr(studies, "classifier", lambda corpus: reader)
    found = studies.compare(3, system=system, shown=3)
    sheet, between = (pictures.unpacked(found[name]) for name in ("sheet", "between"))
    u, v = dual.translate(model, pairs["x1"][::5], pairs["x2"][::5])
    wanted = [pairs["x1"][::5], u, pairs["u"][::5], pairs["x2"][::5], v, pairs["v"][::5]]
    assert torch.allclose(sheet, torch.stack(wanted), atol=0.003)
    assert torch.allclose(torch.stack([between[0, -1], between[-1, 0]]), torch.stack([u[0], v[0]]), atol=0.005)
    other = studies.compare(2, system=system, shown=3)  # other repetitions have the same numbers, and no pictures
    assert other == {key: value for key, value in found.items() if key not in ("sheet", "between")}
