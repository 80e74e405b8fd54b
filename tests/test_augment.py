"""Changes of raw waves: each of them alone against an oracle that shares no code with it.

What is drawn depends on the generator and the number of waves alone, so the same seed changes two batches alike:
a ramp shows where every sample came from, and an oracle then changes any other wave in the same way.
"""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from olc_lib import augment
from olc_lib.spectra import LogMel

few = settings(derandomize=True, max_examples=25, deadline=None, database=None)
seeds = st.integers(0, 10_000)
OFF = {"shift": 0.0, "tempo": 0.0, "tilt": 0.0, "noise": 0.0}
T, MIDDLE = 400, 199.5


def changed(waves, seed=0, **strengths):
    return augment.waves(waves, torch.Generator().manual_seed(seed), **(OFF | strengths))


def random(seed, count=5, length=T):
    return torch.randn(count, 1, length, generator=torch.Generator().manual_seed(seed))


def places(seed, count=5, **strengths):
    """Which place of the wave every sample is taken from, and the sign of each wave, as a ramp tells."""
    level = changed(torch.ones(count, 1, T), seed, **strengths)[:, 0]
    ramp = changed(torch.arange(float(T)).expand(count, 1, T), seed, **strengths)[:, 0]
    return (ramp.abs().double().numpy(), (level.abs() > 0.9999).numpy(), level.sign().sum(1).sign().numpy())


@pytest.mark.parametrize("length", [1, 2, 5, 400, 8192])
def test_waves_keep_their_shape_and_type(length):
    wave = random(0, 3, length)
    made = augment.waves(wave, torch.Generator().manual_seed(0))
    assert made.shape == wave.shape and made.dtype == wave.dtype and made.isfinite().all()


def test_draws_come_from_the_generator_alone_and_the_waves_are_left_as_they_were():
    wave = random(0)
    kept = wave.clone()
    torch.manual_seed(1)
    first = augment.waves(wave, torch.Generator().manual_seed(3))
    torch.manual_seed(2)
    state = torch.get_rng_state()
    again = augment.waves(wave, torch.Generator().manual_seed(3))
    other = augment.waves(wave, torch.Generator().manual_seed(4))
    assert torch.equal(first, again) and torch.equal(torch.get_rng_state(), state)
    assert (first - other).abs().amax(2).min() > 0.1  # every wave is changed in another way
    assert torch.equal(wave, kept)


def test_no_change_at_all_but_half_of_them_upside_down():
    wave = random(0, 400)
    made = changed(wave)
    sign = (made[:, 0] * wave[:, 0]).sum(1).sign()
    torch.testing.assert_close(made, wave * sign[:, None, None])
    assert 160 < (sign < 0).sum() < 240


@few
@given(seeds)
def test_silence_stays_silence(seed):
    wave = random(seed)
    wave[1::2] = 0
    made = augment.waves(wave, torch.Generator().manual_seed(seed))
    assert not made[1::2].any() and made[::2].abs().amax(2).min() > 0


@few
@given(seeds, st.floats(0.01, 100))
def test_level_is_kept(seed, gain):
    wave = random(seed)
    made, louder = (augment.waves(g * wave, torch.Generator().manual_seed(seed)) for g in (1, gain))
    torch.testing.assert_close(louder, gain * made, rtol=1e-4, atol=1e-4 * gain)


@few
@given(seeds, st.floats(0, 0.3), st.floats(0, 0.3))
def test_shift_and_tempo_against_linear_interpolation(seed, shift, tempo):
    place, inside, sign = places(seed, shift=shift, tempo=tempo)
    wave = random(seed + 1)
    made = changed(wave, seed, shift=shift, tempo=tempo)[:, 0].numpy()
    index = np.arange(T)
    for row in range(len(wave)):
        assert inside[row].sum() > T / 4
        slope, offset = np.polyfit((index - MIDDLE)[inside[row]], place[row][inside[row]], 1)
        # One straight line: tempo about the middle, within its bound, and a shift within its own.
        line = slope * (index - MIDDLE) + offset
        assert np.abs(line - place[row])[inside[row]].max() < 1e-3
        assert abs(np.log(slope)) <= tempo + 1e-4 and abs(offset - MIDDLE) <= shift * T + 1e-2
        padded = np.concatenate([[0.0], wave[row, 0].double().numpy(), [0.0]])  # beyond the ends there are zeros
        expected = sign[row] * np.interp(line, np.arange(-1, T + 1), padded, left=0, right=0)
        assert np.abs(made[row] - expected).max() < 0.01


def test_an_impulse_moves_by_the_shift_as_a_whole():
    wave = torch.zeros(200, 1, T)
    wave[:, :, 150] = 1
    made = changed(wave, shift=0.1)[:, 0]
    index = torch.arange(float(T))
    assert torch.equal((made != 0).sum(1).clamp(1, 2), (made != 0).sum(1))  # two neighbours share it
    torch.testing.assert_close(made.sum(1).abs(), torch.ones(200))
    moved = (made.abs() * index).sum(1) - 150
    assert moved.abs().max() <= 0.1 * T + 1e-3
    assert moved.min() < -0.09 * T and moved.max() > 0.09 * T and moved.mean().abs() < 6  # all of the range, evenly


def test_two_bumps_move_away_from_the_middle_or_towards_it_in_proportion():
    index, left, right = torch.arange(float(T)), 130.0, 290.0
    bumps = torch.stack([torch.exp(-(((index - at) / 5) ** 2)) for at in (left, right)])
    made = changed(bumps.repeat_interleave(100, 0)[:, None], tempo=0.2)[:, 0].abs()
    # Both halves of the batch are drawn apart: each bump alone tells its own tempo.
    found = (made * index).sum(1) / made.sum(1) - MIDDLE
    tempo = torch.cat([(left - MIDDLE) / found[:100], (right - MIDDLE) / found[100:]]).log()
    assert tempo.abs().max() < 0.201 and tempo.min() < -0.18 and tempo.max() > 0.18
    # A wave played faster is shorter by that much: so is the area under a bump.
    area = made.sum(1) / bumps[0].sum()
    torch.testing.assert_close(area, (-tempo).exp(), rtol=1e-2, atol=0)


@few
@given(seeds, st.floats(0.01, 2))
def test_colour_is_a_filter_over_three_samples(seed, tilt):
    impulse = torch.zeros(5, 1, T)
    impulse[:, :, 0] = 1
    response = changed(impulse, seed, tilt=tilt)[:, 0]
    response = response * response[:, :1]  # turned back, where it was turned
    assert torch.equal(response[:, 0], torch.ones(5)) and not response[:, 3:].any()
    assert response[:, 1].abs().max() <= tilt and response[:, 2].abs().max() <= tilt / 2
    wave = random(seed + 1)
    made = changed(wave, seed, tilt=tilt)[:, 0]
    sign = changed(impulse, seed, tilt=tilt)[:, 0, 0]
    for row in range(5):
        expected = float(sign[row]) * np.convolve(wave[row, 0].numpy(), response[row, :3].numpy())[:T]
        np.testing.assert_allclose(made[row].numpy(), expected, atol=1e-5)


def test_noise_is_white_and_a_share_of_the_peak():
    wave = torch.zeros(300, 1, 4000)
    wave[:, :, 2000] = torch.linspace(0.5, 8, 300)[:, None]
    made = changed(wave, noise=0.03)[:, 0]
    grain = torch.cat([made[:, :2000], made[:, 2001:]], 1) / wave.amax(2)
    deviation = grain.std(1)
    assert deviation.max() < 0.031 and deviation.min() < 0.002 and deviation.max() > 0.028
    assert deviation.mean() == pytest.approx(0.015, abs=0.002)  # drawn evenly from none to all
    assert (grain.mean(1) / deviation).abs().max() < 4 / 3999**0.5
    neighbours = (grain[:, 1:1999] * grain[:, :1998]).mean(1) / deviation**2
    assert neighbours.abs().mean() < 2 / 1998**0.5


@pytest.mark.parametrize("change, shape", [
    (augment.images, (4, 1, 28, 28)), (augment.waves, (4, 1, 800)), (LogMel().augment, (4, 1, 64, 128)),
])  # fmt: skip
def test_mixed_precision_does_not_move_anything(change, shape):
    """Inside of autocast the same pictures and waves come out, to the last bit."""
    given = torch.rand(shape, generator=torch.Generator().manual_seed(0))
    plain = change(given, torch.Generator().manual_seed(1))
    with torch.autocast("cpu", torch.bfloat16):
        mixed = change(given, torch.Generator().manual_seed(1))
    assert mixed.dtype == torch.float32 and torch.equal(plain, mixed)
