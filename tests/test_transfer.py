"""Dropping a category, and the bridge that learns to do as well."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from olc_lib import transfer
from olc_lib.latent import IMAGE, VOICE, LatentSpace
from olc_lib.train import fit
from olc_lib.transfer import Bridge

few = settings(derandomize=True, max_examples=25, deadline=None, database=None)


def test_drop_keeps_the_digit_and_inserts_one_for_the_writer():
    code = VOICE.normalize(torch.randn(5, 16, generator=torch.Generator().manual_seed(0)))
    dropped = transfer.drop(code, VOICE, IMAGE)
    assert dropped.shape == (5, 11)
    assert torch.equal(dropped[:, 0], torch.ones(5))
    assert torch.equal(dropped[:, 1:], code[:, 6:])


def test_drop_of_a_handcrafted_code_is_the_handcrafted_code_of_the_other_domain():
    for digit in range(10):
        code = VOICE.handcrafted(speaker=2, digit=digit)
        assert torch.equal(transfer.drop(code, VOICE, IMAGE), IMAGE.handcrafted(digit=digit))


def test_drop_leaves_what_the_source_lacks_at_zero():
    code = IMAGE.handcrafted(digit=3)
    assert VOICE.to_text(transfer.drop(code, IMAGE, VOICE)) == "000000-0001000000"
    assert transfer.drop(torch.ones(2), LatentSpace({"a": 2}), LatentSpace({"b": 3})).tolist() == [0, 0, 0]


class Draws(torch.nn.Module):
    """A stand-in for the image model: the digits of a code, scaled by a weight, are the pixels of the picture."""

    def __init__(self):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.ones(10))

    def normalize(self, x):
        return x

    def decode(self, code):
        return (code[:, 1:] * self.weight).view(-1, 1, 2, 5)


@pytest.fixture(scope="module")
def trained_bridge():
    torch.manual_seed(0)
    image, bridge = Draws(), Bridge(VOICE, IMAGE, residual=False)
    digit = torch.arange(60) % 10
    code = torch.stack([VOICE.handcrafted(speaker=i % 6, digit=int(d)) for i, d in enumerate(digit)])
    order = torch.randperm(10)
    images = torch.eye(10)[order].view(10, 1, 2, 5)
    loss = transfer.bridge_loss(bridge, image, images, order)
    history = fit(bridge, loss, {"code": code, "digit": digit}, 60, batch_size=60, progress=False)
    return image, bridge, code, digit, history


def test_the_bridge_writes_codes_of_the_image_space(trained_bridge):
    _, bridge, code, _, _ = trained_bridge
    made = bridge(code)
    assert made.shape == (60, 11)
    assert torch.equal(made[:, 0], torch.ones(60))
    assert torch.allclose(made[:, 1:].norm(dim=1), torch.ones(60), atol=1e-5)


def test_the_trained_bridge_finds_the_digit_and_leaves_the_decoder_alone(trained_bridge):
    image, bridge, code, digit, history = trained_bridge
    assert history["reconstruction"][-1] < 0.1 * history["reconstruction"][0]
    assert torch.equal(bridge(code)[:, 1:].argmax(1), digit)
    assert torch.equal(image.weight, torch.ones(10))


def test_bridge_pairs_are_of_the_same_digit():
    """Images that are constant per digit: with the right pairs, the loss is the distance to that constant."""

    class Constant(Draws):
        def decode(self, code):
            return code[:, 1:].argmax(1).float().view(-1, 1, 1, 1).expand(-1, 1, 4, 4)

    class Drop(torch.nn.Module):
        def forward(self, code):
            return transfer.drop(code, VOICE, IMAGE)

    digit = torch.tensor([3, 0, 7, 7, 1, 2, 4, 5, 6, 8, 9, 3])
    images = digit.float().view(-1, 1, 1, 1).expand(-1, 1, 4, 4)
    loss = transfer.bridge_loss(Drop(), Constant(), images, digit)
    spoken = torch.arange(10)
    code = torch.stack([VOICE.handcrafted(digit=int(d)) for d in spoken])
    value, _ = loss({"code": code, "digit": spoken}, 0, torch.Generator().manual_seed(0))
    assert value == 0


def test_an_untrained_residual_bridge_is_dropping_and_another_is_not():
    code = VOICE.normalize(torch.randn(5, 16, generator=torch.Generator().manual_seed(0)))
    torch.manual_seed(0)
    assert torch.allclose(Bridge(VOICE, IMAGE)(code), transfer.drop(code, VOICE, IMAGE), atol=1e-6)
    assert not torch.allclose(Bridge(VOICE, IMAGE, residual=False)(code), transfer.drop(code, VOICE, IMAGE), atol=0.1)


def test_to_voice_by_hand():
    block = torch.tensor([[0.0, 1, 0, 0, 0, 0, 0, 0, 0, 0], [0.6, 0, 0, 0, 0, -0.8, 0, 0, 0, 0]])
    got = transfer.to_voice(block, torch.tensor([2, 0]))
    assert VOICE.to_text(got[0]) == "001000-0100000000"
    torch.testing.assert_close(got[1], torch.tensor([1.0, 0, 0, 0, 0, 0, 0.6, 0, 0, 0, 0, -0.8, 0, 0, 0, 0]))
    assert transfer.to_voice(block.double(), torch.tensor([2, 0])).dtype == torch.float64


@few
@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 9)), min_size=1, max_size=8))
def test_to_voice_of_handcrafted_digits_is_the_handcrafted_code(labels):
    speaker, digit = torch.tensor(labels).T
    got = transfer.to_voice(torch.eye(10)[digit], speaker)
    assert torch.equal(got, torch.stack([VOICE.handcrafted(speaker=s, digit=d) for s, d in labels]))
    assert torch.equal(VOICE.normalize(got), got)
