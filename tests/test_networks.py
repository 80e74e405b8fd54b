"""The stacks of Tables 2, 6 and 10: sizes, parameters, output lengths, what stands at the ends.

Full-width networks live on torch's ``meta`` device: shapes and counts without memory or arithmetic.
"""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from olc_lib.latent import IMAGE, VOICE, LatentSpace
from olc_lib.networks import Decoder, Encoder, OrthogonalVAE, conv_lengths, scale_layers
from olc_lib.normalize import max_m_percent, standard_deviation
from olc_lib.paper import BRIDGE_LAYERS, IMAGE_LAYERS, VOICE_LAYERS, Layer
from olc_lib.transfer import Bridge

few = settings(derandomize=True, max_examples=25, deadline=None, database=None)
SHORTEST = 6286
SMALL = (Layer(4, 4, 2, 1), Layer(3, 3, 1, 1))
TINY = scale_layers(VOICE_LAYERS, 0.004, narrowest=2)


def count(module):
    return sum(parameter.numel() for parameter in module.parameters())


def on_meta(kind, *arguments, **options):
    with torch.device("meta"):
        return kind(*arguments, **options)


def small_vae(seed=0, space=None, **options):
    torch.manual_seed(seed)
    return OrthogonalVAE(SMALL, (1, 40), space or LatentSpace({"speaker": 2, "digit": 3}), m=10, **options).eval()


# --- lengths ---------------------------------------------------------------------------------------------


def test_lengths_of_the_tables():
    assert conv_lengths(VOICE_LAYERS, 8192) == [8192, 509, 60, 24, 19, 15, 12, 10, 9, 8, 8]
    assert conv_lengths(VOICE_LAYERS, SHORTEST)[-1] == 1
    assert conv_lengths(IMAGE_LAYERS, 28) == [28, 12] + [10] * 9
    assert conv_lengths(BRIDGE_LAYERS, 16) == [16] * 4


@few
@given(st.integers(SHORTEST, 20_000), st.sampled_from([(VOICE_LAYERS, 1), (IMAGE_LAYERS, 2)]))
def test_lengths_are_those_torch_makes(length, table):
    layers, rank = table
    size = [length] if rank == 1 else [9 + length % 50, 9 + length % 31]
    encoder = on_meta(Encoder, layers, (1, *size), 3)
    x, made = torch.empty(2, 1, *size, device="meta"), []
    for module in encoder:
        x = module(x)
        if isinstance(module, nn.Conv1d | nn.Conv2d):
            made.append(x.shape[2:])
    for axis, n in enumerate(size):
        assert [n, *(shape[axis] for shape in made)] == conv_lengths(layers, n)
    assert x.shape == (2, 3)


@pytest.mark.parametrize("length", [0, 1, 63, 1000, SHORTEST - 1])
def test_a_clip_that_is_too_short(length):
    for build in (
        lambda: conv_lengths(VOICE_LAYERS, length),
        lambda: Encoder(TINY, (1, length), 16),
        lambda: Decoder(TINY, (1, length), 16),
        lambda: OrthogonalVAE(TINY, (1, length), VOICE),
    ):
        with pytest.raises(ValueError, match=rf"\b{length}\b.*at least {SHORTEST}\b"):
            build()


def test_an_image_that_is_too_small():
    assert conv_lengths(IMAGE_LAYERS, 9)[-1] == 1
    with pytest.raises(ValueError, match=r"\b8\b.*at least 9\b"):
        OrthogonalVAE(scale_layers(IMAGE_LAYERS, 0.01, 2), (1, 28, 8), IMAGE)


any_layer = st.builds(Layer, st.just(1), st.integers(2, 9), st.integers(1, 4), st.integers(0, 1))


@few
@given(st.lists(any_layer, min_size=1, max_size=5))
def test_the_shortest_length_in_the_message_is_the_shortest_that_works(layers):
    with pytest.raises(ValueError) as error:
        conv_lengths(layers, 0)
    shortest = int(str(error.value).split("at least ")[1].split()[0])
    assert min(conv_lengths(layers, shortest)) >= 1
    with pytest.raises(ValueError, match=f"at least {shortest}"):
        conv_lengths(layers, shortest - 1)


# --- output length equals input length -----------------------------------------------------------------------


@few
@given(st.integers(SHORTEST, 20_000))
def test_the_voice_decoder_returns_every_legal_length(length):
    decoder = on_meta(Decoder, VOICE_LAYERS, (1, length), 16)
    assert decoder(torch.empty(2, 16, device="meta")).shape == (2, 1, length)


@few
@given(st.integers(9, 70), st.integers(9, 70), st.integers(1, 3))
def test_the_image_decoder_returns_every_legal_size(height, width, channels):
    decoder = on_meta(Decoder, IMAGE_LAYERS, (channels, height, width), 11)
    assert decoder(torch.empty(2, 11, device="meta")).shape == (2, channels, height, width)


@pytest.mark.parametrize("length", [SHORTEST, SHORTEST + 1, SHORTEST + 255, SHORTEST + 256, 8192])
def test_real_clips_come_back_at_their_length(length):
    vae = OrthogonalVAE(TINY, (1, length), VOICE, output="bipolar").eval()
    x = torch.randn(2, 1, length, generator=torch.Generator().manual_seed(length))
    with torch.no_grad():
        code = vae.encode(x)
        assert code.shape == (2, 16) and vae.decode(code).shape == x.shape


# --- width and parameters ---------------------------------------------------------------------------------------


def test_width_one_is_the_table():
    assert tuple(scale_layers(VOICE_LAYERS, 1.0)) == VOICE_LAYERS
    assert tuple(scale_layers(IMAGE_LAYERS, 1.0)) == IMAGE_LAYERS


def test_width_scales_channels_alone_down_to_the_narrowest():
    assert [layer.channels for layer in scale_layers(VOICE_LAYERS, 0.5)] == [513, 142, 40, 38, 36, 35, 34, 32, 31, 30]
    assert [layer.channels for layer in scale_layers(IMAGE_LAYERS, 1 / 8)] == [126, 51, 20, 16, 16, 16, 16, 16, 16, 15]
    assert [layer.channels for layer in scale_layers(IMAGE_LAYERS, 1 / 8, 4)] == [126, 51, 20, 14, 10, 7, 5, 4, 4, 4]
    for table in (VOICE_LAYERS, IMAGE_LAYERS):
        assert [layer[1:] for layer in scale_layers(table, 0.1)] == [layer[1:] for layer in table]


def weights_and_biases(layers, rank):
    """Numbers of weights and of output channels, by the rule of a convolution, for one input channel."""
    weights, channels = 0, 1
    for made, kernel, _, _ in layers:
        weights += channels * made * kernel**rank
        channels = made
    return weights, sum(layer.channels for layer in layers)


@pytest.mark.parametrize(
    ("layers", "shape", "space", "millions", "features"),
    [(VOICE_LAYERS, (1, 8192), VOICE, 9.98, 60 * 8), (IMAGE_LAYERS, (1, 28, 28), IMAGE, 11.24, 15 * 10 * 10)],
    ids=["voice", "image"],
)
def test_parameters_at_width_one(layers, shape, space, millions, features):
    weights, channels = weights_and_biases(layers, len(shape) - 1)
    dim = space.dim
    plain = on_meta(OrthogonalVAE, layers, shape, space, inner_norm=False)
    assert count(plain.encoder) == weights + channels + features * dim + dim
    # The mirror's biases: every layer's input channels, the signal's one last; its first is the fully connected one.
    assert count(plain.decoder) == weights + channels - layers[-1].channels + 1 + dim * features + features
    normed = on_meta(OrthogonalVAE, layers, shape, space)
    assert count(normed.encoder) == count(plain.encoder) + channels  # a scale and a shift for every bias
    assert count(normed.decoder) == count(plain.decoder) + channels - layers[-1].channels  # no shift before the sigmoid
    for side in (plain.encoder, plain.decoder, normed.encoder, normed.decoder):
        assert count(side) / 1e6 == pytest.approx(millions, abs=0.01)


@pytest.mark.parametrize("shape", [(1, 8192), (1, 28, 28)], ids=["voice", "image"])
def test_the_decoder_mirrors_the_encoder(shape):
    layers = VOICE_LAYERS if len(shape) == 2 else IMAGE_LAYERS
    encoder, decoder = on_meta(Encoder, layers, shape, 5), on_meta(Decoder, layers, shape, 5)
    down = [m for m in encoder if isinstance(m, nn.Conv1d | nn.Conv2d)]
    up = [m for m in decoder if isinstance(m, nn.ConvTranspose1d | nn.ConvTranspose2d)]
    assert len(down) == len(up) == 10
    for conv, layer in zip(down, layers, strict=True):
        assert (conv.out_channels, {*conv.kernel_size}, {*conv.stride}, {*conv.padding}) == (
            layer.channels, {layer.kernel}, {layer.stride}, {layer.padding},
        )  # fmt: skip
    for conv, back in zip(down, reversed(up), strict=True):
        assert conv.weight.shape == back.weight.shape
        assert (conv.kernel_size, conv.stride, conv.padding) == (back.kernel_size, back.stride, back.padding)


@pytest.mark.parametrize("inner_norm", [False, True])
def test_what_stands_between_the_layers(inner_norm):
    torch.manual_seed(0)
    encoder, decoder = Encoder(SMALL, (1, 40), 5, inner_norm), Decoder(SMALL, (1, 40), 5, inner_norm)
    norm = ["BatchNorm1d"] if inner_norm else []
    assert [type(m).__name__ for m in encoder] == ["Conv1d", *norm, "ReLU"] * 2 + ["Flatten", "Linear"]
    # No ReLU before the sigmoid: it would keep every sample at or above one half.
    assert [type(m).__name__ for m in decoder] == [
        "Linear", "Unflatten", "ConvTranspose1d", *norm, "ReLU", "ConvTranspose1d", "Sigmoid",
    ]  # fmt: skip
    assert decoder(torch.randn(4, 5)).min() < 0.5


# --- the ends: last activation and Max M % --------------------------------------------------------------------------


def test_last_activation():
    code = 1000 * torch.randn(64, 5, generator=torch.Generator().manual_seed(0))
    torch.manual_seed(1)
    literal = Decoder(SMALL, (1, 40), 5, inner_norm=False)
    torch.manual_seed(1)
    bipolar = Decoder(SMALL, (1, 40), 5, inner_norm=False, output="bipolar")
    one, two = literal(code), bipolar(code)
    torch.testing.assert_close(two, 2 * one - 1)
    assert 0 <= one.min() < 0.1 and 0.9 < one.max() <= 1
    assert -1 <= two.min() < -0.8 and 0.8 < two.max() <= 1
    inner = nn.Sequential(*list(literal)[:-1])
    torch.testing.assert_close(one, 1 / (1 + torch.exp(-inner(code))))


def test_unknown_last_activation():
    with pytest.raises(ValueError, match="output .*'tanh'.*'sigmoid' or 'bipolar'"):
        Decoder(SMALL, (1, 40), 5, output="tanh")


@pytest.mark.parametrize("output", ["sigmoid", "bipolar"])
def test_max_m_stands_at_the_encoders_input_and_the_decoders_output(output):
    vae, seen = small_vae(output=output), {}
    vae.encoder.register_forward_pre_hook(lambda module, inputs: seen.update(input=inputs[0]))
    vae.decoder.register_forward_hook(lambda module, inputs, made: seen.update(made=made))
    x = 7 * torch.randn(3, 1, 40, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        code = vae.encode(x)
        signal = vae.decode(code)
    torch.testing.assert_close(seen["input"], max_m_percent(x, 10)[0])
    torch.testing.assert_close(signal, max_m_percent(seen["made"], 10)[0])
    assert not torch.allclose(seen["made"], signal)
    largest = signal.flatten(1).abs().topk(4).values.mean(1)  # 10 % of 40 samples
    torch.testing.assert_close(largest, torch.ones(3))


def test_a_rival_rule_can_be_put_in_place_of_max_m():
    vae, x = small_vae(), 3 * torch.randn(3, 1, 40, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(vae.rule(x)[0], max_m_percent(x, 10)[0])
    with torch.no_grad():
        code, drawn = vae.encode(x), vae.decoder(torch.eye(5))
        vae.rule = standard_deviation
        torch.testing.assert_close(vae.normalize(x), standard_deviation(x)[0])
        torch.testing.assert_close(vae.encode(x), vae.space.normalize(vae.encoder(standard_deviation(x)[0])))
        torch.testing.assert_close(vae.decode(torch.eye(5)), standard_deviation(drawn)[0])
        assert (vae.encode(x) - code).abs().max() > 1e-4
    assert list(vae.state_dict()) == list(small_vae().state_dict())  # a rule is no weight


@few
@given(st.floats(0.01, 100), st.integers(0, 99))
def test_codes_do_not_depend_on_the_level(gain, seed):
    vae = small_vae()
    x = torch.randn(3, 1, 40, generator=torch.Generator().manual_seed(seed))
    with torch.no_grad():
        torch.testing.assert_close(vae.encode(gain * x), vae.encode(x), rtol=1e-4, atol=1e-5)


def test_codes_are_normalized_and_nothing_is_sampled():
    vae = small_vae(space=LatentSpace({"writer": 1, "digit": 4}))
    x = torch.randn(5, 1, 40, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        code = vae.encode(x)
        assert torch.equal(vae.encode(x), code) and torch.equal(vae.decode(code), vae.decode(code))
    assert code[:, 0].tolist() == [1.0] * 5
    torch.testing.assert_close(code[:, 1:].norm(dim=1), torch.ones(5))
    assert code[:, 1:].std(0).max() > 1e-3  # the clips do get different codes


def test_in_evaluation_items_do_not_see_each_other():
    vae = small_vae()
    x, order = torch.randn(5, 1, 40, generator=torch.Generator().manual_seed(0)), torch.tensor([3, 1, 4, 0, 2])
    with torch.no_grad():
        code = vae.encode(x)
        torch.testing.assert_close(vae.encode(x[order]), code[order])
        torch.testing.assert_close(vae.encode(x[1:2]), code[1:2])
        torch.testing.assert_close(vae.decode(code[order]), vae.decode(code)[order])


def test_signals_of_another_shape():
    with pytest.raises(ValueError, match=r"\(1, 41\), expected \(1, 40\)"):
        small_vae().encode(torch.zeros(2, 1, 41))


@pytest.mark.parametrize("inner_norm", [False, True])
def test_every_parameter_learns_even_from_a_batch_with_silence(inner_norm):
    vae = small_vae(inner_norm=inner_norm).train()
    x = torch.randn(6, 1, 40, generator=torch.Generator().manual_seed(0))
    x[2] = 0
    (vae.decode(vae.encode(x)) * torch.randn(6, 1, 40, generator=torch.Generator().manual_seed(1))).sum().backward()
    for name, parameter in vae.named_parameters():
        assert torch.isfinite(parameter.grad).all() and parameter.grad.abs().max() > 0, name


# --- the bridge ----------------------------------------------------------------------------------------------------


def test_bridge():
    torch.manual_seed(0)
    bridge = Bridge(VOICE, IMAGE, residual=False)
    convs = [m for m in bridge.modules() if isinstance(m, nn.Conv1d)]
    assert [(c.out_channels, *c.kernel_size, *c.stride, *c.padding) for c in convs] == [tuple(r) for r in BRIDGE_LAYERS]
    # Three convolutions by hand, then 64 channels of 16 values to 11.
    assert count(bridge) == (3 * 64 + 64) + 2 * (64 * 64 * 3 + 64) + (64 * 16 * 11 + 11)
    source = VOICE.normalize(torch.randn(5, 16))
    code = bridge(source)
    assert code.shape == (5, 11) and (code[:, 0] == 1).all()
    torch.testing.assert_close(code[:, 1:].norm(dim=1), torch.ones(5))
    assert code[:, 1:].std(0).max() > 1e-4
    (code * torch.randn(5, 11)).sum().backward()
    assert all(parameter.grad.abs().max() > 0 for parameter in bridge.parameters())


def test_bridge_between_any_two_spaces():
    bridge = Bridge(LatentSpace({"digit": 3}), LatentSpace({"writer": 1, "digit": 3, "ink": 2}), residual=False)
    code = bridge(torch.eye(3))
    assert code.shape == (3, 6)
    assert [round(math.hypot(*row[4:].tolist()), 4) for row in code.detach()] == [1.0] * 3


def test_mixed_precision_stays_inside_the_layers():
    """Codes, drawings and with them the losses are float32; the weights get gradients of their own precision."""
    vae = _small()
    signal = torch.rand(3, *vae.shape)
    with torch.autocast("cpu", torch.bfloat16):
        assert vae.encoder[0](signal).dtype == torch.bfloat16  # the layers do work in it
        code = vae.encode(signal)
        drawn = vae.decode(code)
    assert code.dtype == drawn.dtype == torch.float32
    assert _small().double().encode(signal.double()).dtype == torch.float64


def _small():
    return OrthogonalVAE((Layer(6, 4, 2, 1), Layer(4, 3, 1, 1)), (1, 24), VOICE)
