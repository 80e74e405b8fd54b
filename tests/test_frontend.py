"""The log-mel picture: level drops out, augmentation is seeded, and it can be heard again."""

import pytest
import torch

from olc_lib import augment, data
from olc_lib.spectra import LogMel

FRONT = LogMel()


@pytest.fixture(scope="module")
def some():
    voices = data.voices("embedded", "test")
    rows = torch.arange(0, len(voices.digit), 11)
    return voices.waves[rows], voices.lengths[rows]


def test_pictures_have_the_promised_shape_and_range(some):
    picture = FRONT(*some)
    assert picture.shape == (len(some[0]), 1, 32, 32)
    assert picture.min() >= 0 and picture.max() <= 1
    assert (picture.amax((1, 2, 3)) > 0.8).all()


def test_level_does_not_matter(some):
    waves, lengths = some
    assert torch.allclose(FRONT(waves, lengths), FRONT(waves * 0.05, lengths), atol=2e-3)


def test_what_comes_after_the_word_does_not_matter(some):
    waves, lengths = some
    loud = waves.clone()
    for row, length in zip(loud, lengths.tolist(), strict=True):
        row[length:] = 1.0
    assert torch.equal(FRONT(waves, lengths), FRONT(loud, lengths))


def test_silence_and_very_short_words_give_finite_pictures():
    picture = FRONT(torch.zeros(2, data.SAMPLES), torch.tensor([50, data.SAMPLES]))
    assert torch.isfinite(picture).all()


def test_a_low_and_a_high_tone_light_different_rows():
    time = torch.arange(data.SAMPLES) / data.RATE
    tones = torch.stack([torch.sin(2 * torch.pi * f * time) for f in (200.0, 3000.0)])
    rows = FRONT(tones, torch.tensor([4000, 4000])).mean((1, 3)).argmax(1)
    assert rows[0] < 8 < 24 < rows[1]


def test_augmentation_is_seeded_bounded_and_changes_something(some):
    sheet = FRONT.fine_spectrogram(*some)
    first, second = (FRONT.augment(sheet, torch.Generator().manual_seed(4)) for _ in range(2))
    assert torch.equal(first, second) and first.shape == (len(sheet), 1, 32, 32)
    assert first.min() >= 0 and first.max() <= 1
    other = FRONT.augment(sheet, torch.Generator().manual_seed(5))
    assert (other - first).abs().mean() > 0.01


def test_augmentation_of_strength_zero_is_the_plain_picture(some):
    still = LogMel(shift=0, stretch=0, warp=0, tilt=0, noise=0, mask=0)
    sheet = still.fine_spectrogram(*some)
    made = still.augment(sheet, torch.Generator().manual_seed(0))
    assert (made - still.picture(sheet)).abs().mean() < 0.02


def test_a_picture_heard_again_looks_like_itself(some):
    waves, lengths = some
    picture = FRONT(waves[:4], lengths[:4])
    for one in picture:
        heard = FRONT.listen(one)
        again = FRONT(data.pad(heard)[None], torch.tensor([len(heard)]))[0]
        assert torch.corrcoef(torch.stack([one.flatten(), again.flatten()]))[0, 1] > 0.8
    assert FRONT.listen(torch.zeros(32, 32)).abs().max() == 0


def test_moving_images_keeps_their_ink_in_the_frame():
    pixels = data.images("embedded", "test").pixels[:32]
    moved = augment.images(pixels, torch.Generator().manual_seed(0))
    assert moved.shape == pixels.shape
    assert (moved.sum((1, 2, 3)) / pixels.sum((1, 2, 3)) - 1).abs().max() < 0.35
    still = augment.images(pixels, torch.Generator().manual_seed(0), turn=0, scale=0, shift=0)
    assert torch.allclose(still, pixels, atol=1e-5)
