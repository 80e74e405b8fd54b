"""Models applied part by part, and what the independent classifiers are given to read and to hear."""

import math

import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from olc_lib import reading
from olc_lib.networks import Classifier

few = settings(derandomize=True, max_examples=25, deadline=None, database=None)


@few
@given(st.integers(1, 25), st.integers(1, 30))
def test_batched_gives_what_one_call_gives_in_parts_of_the_size(count, size):
    items = torch.arange(3.0 * count).view(count, 3).requires_grad_()
    sizes = []

    def double(part):
        sizes.append(len(part))
        return 2 * part.sum(1)

    made = reading.batched(double, items, size=size)
    assert torch.equal(made, 2 * items.detach().sum(1)) and not made.requires_grad
    assert sum(sizes) == count and max(sizes) <= size and len(sizes) == math.ceil(count / size)


class Reader(nn.Module):
    """A classifier whose logits are the first pixels."""

    def __init__(self, classes):
        super().__init__()
        self.weight, self.classes, self.seen = nn.Parameter(torch.ones(1)), classes, []

    def forward(self, pictures):
        self.seen.append(pictures.detach())
        return pictures.flatten(1)[:, : self.classes] * self.weight


def test_the_image_classifier_sees_pictures_cut_to_0_and_1():
    reader = Reader(10)
    pictures = torch.rand(700, 1, 4, 4, generator=torch.Generator().manual_seed(0)) * 3 - 1
    got = reading.read_digits(reader, pictures)
    seen = torch.cat(reader.seen)
    assert torch.equal(seen, pictures.clamp(0, 1)) and len(reader.seen) == 2
    assert torch.equal(got, pictures.clamp(0, 1).flatten(1)[:, :10].argmax(1))
    torch.manual_seed(0)
    classifier = Classifier().eval()
    pictures = torch.rand(3, 1, 28, 28)
    with torch.no_grad():
        assert reading.read_digits(classifier, pictures).tolist() == [
            int(classifier(p[None]).argmax()) for p in pictures
        ]


def test_the_voice_classifier_hears_every_picture_at_its_own_full_level():
    reader = Reader(16)
    sounds = torch.rand(6, 1, 4, 4, generator=torch.Generator().manual_seed(0)) - 0.2
    sounds[3] = 0
    sounds[4] *= 1000
    sounds[5] *= 1e-3
    got = reading.hear(reader, sounds)
    seen = torch.cat(reader.seen)
    for sound, picture in zip(sounds, seen, strict=True):
        if sound.any():
            torch.testing.assert_close(picture, (sound / sound.max()).clamp(0, 1))
            assert picture.max() == 1
        else:
            assert not picture.any()  # silence is heard as silence, not as NaN
    assert got["speaker"].tolist() == seen.flatten(1)[:, :6].argmax(1).tolist()
    assert got["digit"].tolist() == seen.flatten(1)[:, 6:16].argmax(1).tolist()


@few
@given(st.integers(0, 10_000), st.floats(0.01, 100))
def test_what_is_heard_does_not_depend_on_level(seed, gain):
    sounds = torch.rand(5, 1, 4, 4, generator=torch.Generator().manual_seed(seed))
    quiet, loud = (reading.hear(Reader(16), g * sounds) for g in (1, gain))
    assert all(torch.equal(quiet[name], loud[name]) for name in ("speaker", "digit"))
