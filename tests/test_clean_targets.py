"""What the decoder is asked for in the experiment on clean targets."""

import torch

from olc_lib.ledger import clean_experiments


def test_the_clean_picture_averages_two_bands_and_four_frames():
    fine = torch.rand(2, 1, 64, 128, generator=torch.Generator().manual_seed(0))
    expected = fine.view(2, 1, 32, 2, 32, 4).mean((3, 5))
    torch.testing.assert_close(clean_experiments.unchanged(fine), expected)


def test_arms_differ_in_form_and_target_alone():
    arms = clean_experiments.EXPERIMENTS["clean-targets"].arms.values()
    assert len({(arm.get("clean", False), arm.get("rms", False)) for arm in arms}) == 4
    assert all(arm.keys() <= {"clean", "rms"} for arm in arms)
