"""Categories, their normalization, resampling (Eq. 1), handcrafted codes and their text."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from olc_lib.latent import IMAGE, VOICE, LatentSpace

few = settings(derandomize=True, max_examples=25, deadline=None, database=None)
seeds = st.integers(0, 10_000)
spaces = st.sampled_from([VOICE, IMAGE, LatentSpace({"digit": 2}), LatentSpace({"a": 1, "b": 1, "c": 3})])


def random(seed, *shape):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def test_spaces_of_the_paper():
    assert (VOICE.dim, VOICE.sizes) == (16, {"speaker": 6, "digit": 10})
    assert (IMAGE.dim, IMAGE.sizes) == (11, {"writer": 1, "digit": 10})
    assert list(VOICE.sizes) == ["speaker", "digit"] and list(IMAGE.sizes) == ["writer", "digit"]


def test_an_empty_category():
    with pytest.raises(ValueError, match="'digit' has 0 dimensions"):
        LatentSpace({"speaker": 3, "digit": 0})


def test_a_space_keeps_its_own_sizes():
    sizes = {"digit": 3}
    space = LatentSpace(sizes)
    sizes["digit"] = 5
    assert space.sizes == {"digit": 3} and space.dim == 3


def test_split():
    parts = VOICE.split(torch.arange(32.0).view(2, 16))
    assert list(parts) == ["speaker", "digit"]
    assert parts["speaker"].tolist() == [[0, 1, 2, 3, 4, 5], [16, 17, 18, 19, 20, 21]]
    assert parts["digit"][0].tolist() == list(range(6, 16))
    with pytest.raises(ValueError, match="15 dimensions, expected 16"):
        VOICE.split(torch.zeros(2, 15))


@few
@given(seeds, spaces, st.floats(1e-3, 1e3))
def test_every_category_has_unit_norm_whatever_the_gain(seed, space, gain):
    primary = random(seed, 4, space.dim)
    code = space.normalize(primary)
    for block in space.split(code).values():
        torch.testing.assert_close(block.norm(dim=1), torch.ones(4).double())
    torch.testing.assert_close(space.normalize(gain * primary), code)
    torch.testing.assert_close(space.normalize(code), code)


@few
@given(seeds, spaces)
def test_normalization_keeps_directions_of_wide_categories(seed, space):
    primary = random(seed, 4, space.dim)
    after = space.split(space.normalize(primary))
    for name, before in space.split(primary).items():
        if space.sizes[name] > 1:
            torch.testing.assert_close(after[name] * before.norm(dim=1, keepdim=True), before)


@few
@given(seeds)
def test_categories_and_items_do_not_see_each_other(seed):
    primary, order = random(seed, 5, 16), torch.randperm(5, generator=torch.Generator().manual_seed(seed))
    code = VOICE.normalize(primary)
    torch.testing.assert_close(VOICE.normalize(primary[order]), code[order])
    torch.testing.assert_close(VOICE.normalize(primary[2]), code[2])
    other = primary.clone()
    other[:, :6] *= -3
    torch.testing.assert_close(VOICE.normalize(other)[:, 6:], code[:, 6:])


@pytest.mark.parametrize("primary", [-5.0, -1e-30, -0.0, 0.0, 1e-30, 7.0])
def test_the_writer_is_always_plus_one(primary):
    code = torch.ones(3, 11)
    code[:, 0] = primary
    assert IMAGE.normalize(code)[:, 0].tolist() == [1.0] * 3


def test_the_writer_gets_no_gradient_and_the_digits_do():
    primary = random(0, 3, 11).requires_grad_()
    (IMAGE.normalize(primary) * random(1, 3, 11)).sum().backward()
    assert (primary.grad[:, 0] == 0).all() and (primary.grad[:, 1:] != 0).all()
    # Length is free: no gradient along the category itself.
    assert (primary.grad * primary).sum(1).abs().max() < 1e-12


def test_a_category_of_zeros_stays_zero_with_a_finite_gradient():
    primary = torch.zeros(2, 16)
    primary[1, :6] = 1.0
    primary.requires_grad_()
    code = VOICE.normalize(primary)
    assert code[0].tolist() == [0.0] * 16 and code[1, 6:].tolist() == [0.0] * 10
    assert code[1, :6].norm().item() == pytest.approx(1)
    (code * random(0, 2, 16).float()).sum().backward()
    assert torch.isfinite(primary.grad).all()


def test_resampling_spreads_as_equation_1_says():
    code = torch.tensor([1.0, -1.0, 0.5, -0.25, 0.0])
    space, mu, sigma_min = LatentSpace({"digit": 5}), 0.4, 0.1
    drawn = space.resample(code.expand(40_000, 5), mu, sigma_min, torch.Generator().manual_seed(0))
    # The error of a deviation from n draws is deviation / sqrt(2 n), 0.35 %: four of those; of a mean 0.5 %.
    expected = torch.tensor([0.5, 0.5, 0.3, 0.2, 0.1])
    assert ((drawn.std(0) / expected - 1).abs() < 0.015).all()
    assert ((drawn.mean(0) - code).abs() < 0.02 * expected).all()
    correlation = torch.corrcoef(drawn.T) - torch.eye(5)
    assert correlation.abs().max() < 0.02


def test_resampling_without_deviation_returns_the_code():
    code = random(0, 3, 16)
    assert torch.equal(VOICE.resample(code, 0.0, 0.0), code)
    zero = torch.zeros(3, 16)
    assert torch.equal(VOICE.resample(zero, 0.7, 0.0), zero)  # mu scales with the coordinate
    assert not torch.equal(VOICE.resample(zero, 0.0, 0.1), zero)


def test_resampling_follows_its_generator_and_leaves_the_code_alone():
    code = random(0, 3, 16)
    kept = code.clone()
    first, again, other = (VOICE.resample(code, 0.1, 0.1, torch.Generator().manual_seed(s)) for s in (1, 1, 2))
    assert torch.equal(first, again) and not torch.equal(first, other) and torch.equal(code, kept)
    state = torch.get_rng_state()
    VOICE.resample(code, 0.1, 0.1, torch.Generator().manual_seed(1))
    assert torch.equal(torch.get_rng_state(), state)
    assert first.dtype == torch.float64 and first.shape == code.shape


def test_resampling_passes_the_gradient_to_the_code():
    code = torch.tensor([[0.5, -0.5]], requires_grad=True)
    space, noise = LatentSpace({"digit": 2}), torch.randn(1, 2, generator=torch.Generator().manual_seed(3))
    space.resample(code, 0.2, 0.1, torch.Generator().manual_seed(3)).sum().backward()
    # d/dl of l + (mu |l| + s) e is 1 + mu sign(l) e.
    torch.testing.assert_close(code.grad, 1 + 0.2 * torch.tensor([[1.0, -1.0]]) * noise)


def test_handcrafted_codes():
    assert IMAGE.handcrafted(digit=5).tolist() == [1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0]
    assert VOICE.handcrafted(speaker=2, digit=9).tolist() == [0, 0, 1, 0, 0, 0] + [0] * 9 + [1]
    assert VOICE.handcrafted(digit=0).tolist() == [0] * 6 + [1] + [0] * 9
    assert VOICE.handcrafted(speaker=None, digit=0).tolist() == VOICE.handcrafted(digit=0).tolist()
    assert IMAGE.handcrafted().tolist() == [1] + [0] * 10


def test_the_writer_of_a_handcrafted_code_is_one_however_it_is_named():
    for writer in (0, None):
        assert IMAGE.handcrafted(writer=writer, digit=5).tolist() == IMAGE.handcrafted(digit=5).tolist()


@pytest.mark.parametrize(
    ("classes", "message"),
    [
        ({"digit": 10}, "digit 10 .*0 to 9"),
        ({"digit": -1}, "digit -1 .*0 to 9"),
        ({"writer": 1}, "writer 1 .*0 to 0"),
        ({"speaker": 1, "digit": 2}, "'speaker'.*writer.*digit"),
    ],
)
def test_handcrafted_errors(classes, message):
    with pytest.raises(ValueError, match=message):
        IMAGE.handcrafted(**classes)


@few
@given(st.integers(0, 5), st.integers(0, 9))
def test_labels_text_and_code_agree(speaker, digit):
    code = VOICE.handcrafted(speaker=speaker, digit=digit)
    text = VOICE.to_text(code)
    assert text == f"{'0' * speaker}1{'0' * (5 - speaker)}-{'0' * digit}1{'0' * (9 - digit)}"
    assert torch.equal(VOICE.from_text(text), code)
    assert {name: int(label) for name, label in VOICE.labels(code).items()} == {"speaker": speaker, "digit": digit}
    noisy = code + 0.1 * random(speaker * 10 + digit, 16).float().clamp(-3, 3)
    assert VOICE.to_text(noisy) == text
    torch.testing.assert_close(VOICE.normalize(code), code)


def test_the_text_of_the_paper():
    assert IMAGE.to_text(IMAGE.handcrafted(digit=5)) == "1-0000010000"
    assert torch.equal(IMAGE.from_text(" 1-0000010000\n"), IMAGE.handcrafted(digit=5))
    assert VOICE.to_text(VOICE.handcrafted(digit=1)) == "000000-0100000000"
    assert torch.equal(VOICE.from_text("000000-0100000000"), VOICE.handcrafted(digit=1))


@pytest.mark.parametrize(
    "text",
    ["", "-", "1", "10000010000", "1-000001000", "1-00000100000", "1-0000020000", "1-00000x0000", "1-0000011000"]
    + ["1-0000010000-", "1 - 0000010000", "1-0000０10000", "0000010000-1", "000000-0000010000"],
)
def test_text_that_does_not_fit(text):
    with pytest.raises(ValueError, match="does not fit.*expected 1-0000000000") as error:
        IMAGE.from_text(text)
    assert repr(text) in str(error.value)


def test_labels_of_a_batch_take_the_largest_coordinate():
    code = torch.zeros(2, 3, 16)
    code[0, 1, 4], code[0, 1, 15], code[0, 1, 6] = 0.2, 0.3, -0.9
    labels = VOICE.labels(code)
    assert labels["speaker"].shape == labels["digit"].shape == (2, 3)
    assert (labels["speaker"][0, 1], labels["digit"][0, 1]) == (4, 9)
