"""The paper to the letter: its training step against the pseudo-code, and the ladder of repairs."""

import dataclasses

import paper_pseudocode as printed
import pytest
import torch
from test_against_pseudocode import ITEMS, MU, SIGMA, Step, near

from olc_lib import losses, objective, paper, runs
from olc_lib.latent import IMAGE
from olc_lib.ledger import raw_experiments
from olc_lib.systems import Training, fit_stage, letter

#: Where the text says something else than the pseudo-code, or where the pseudo-code cannot be run.
TEXT = frozenset(
    {
        "amplitudes", "around the code", "own sorted values", "own mix", "normalized code", "absolute related",
        "five terms", "batch means", "sorts after M and I", "denominator",
    }
)  # fmt: skip


class Literal(Step):
    """A step of the letter, with the random numbers in the order in which it draws them."""

    def __init__(self, sizes=None, **options):
        super().__init__(sizes, **options)
        self.vae.space = self.space = letter.PrintedSpace(self.space.sizes)

    def library(self, **options):
        loss = letter.printed_loss(
            self.vae, self.importance, self.injections, paper.VOICE_BALANCE, mu=MU, sigma_min=SIGMA,
            **({"norm": "sum", "disentanglement": letter.equation_5} | options),
        )  # fmt: skip
        batch = {"signal": self.signal, **self.labels}
        return loss(batch, self.iteration - 1, torch.Generator().manual_seed(self.seed))

    def oracle(self, mended=TEXT):
        generator, D = torch.Generator().manual_seed(self.seed), self.space.dim
        noise = torch.randn(ITEMS, D, generator=generator, dtype=torch.float64)
        partner, alpha = torch.arange(ITEMS), 1.0
        if self.iteration > self.injections["interpolation"][0]:
            partner = torch.randperm(ITEMS, generator=generator)
            alpha = torch.rand(1, generator=generator).item()
        weights = {name: objective.injection(self.iteration, *self.injections[name]) for name in self.injections}
        return printed.train_step(
            [list(row) for row in self.signal.flatten(1)],
            partner.tolist(),
            lambda row: list(self.vae.encoder(torch.stack(row).view(1, 1, -1))[0]),
            lambda row: list(self.vae.decoder(torch.stack(row)[None]).flatten()),
            list(self.space.sizes.values()),
            torch.stack(list(self.labels.values()), 1).tolist(),
            M=3, L=MU, Std_min=SIGMA, rand=[alpha] * ITEMS, noise=noise.tolist(),
            mixed_noise=torch.zeros(ITEMS, D).tolist(),  # Eq. (4) does not resample the mixed code
            multiplier={
                "Reconstruction": 1.0, "Sparsity": weights["sparsity"], "Interp": weights["interpolation"],
                "Disent": weights["digit"],
            },
            importance={
                "Reconstruction": 1.0, "Sparsity": 0.3, "Interp": 0.4, "Disent": [0.25] * len(self.space.sizes),
            },
            B=paper.VOICE_BALANCE, mended=mended,
        )  # fmt: skip


@pytest.mark.parametrize("sizes", [{"speaker": 3, "digit": 4}, {"writer": 1, "digit": 4}], ids=["voice", "image"])
@pytest.mark.parametrize("iteration", [1, 5, 7, 20])
def test_a_step_is_the_texts(sizes, iteration):
    step = Literal(sizes, iteration=iteration)
    scalar, record = step.library()
    ours = torch.autograd.grad(scalar, list(step.vae.parameters()), allow_unused=True)
    found = step.oracle()
    near(scalar, found.TotalLoss)
    theirs = torch.autograd.grad(found.TotalLoss, list(step.vae.parameters()), allow_unused=True)
    for one, other in zip(ours, theirs, strict=True):
        near(torch.zeros(1) if one is None else one, torch.zeros(1) if other is None else other)
    names = [*paper.VOICE_IMPORTANCE][:3] + list(sizes)
    for name, value in zip(names, found.terms, strict=True):
        if name in record:
            near(record[name], value)


@pytest.mark.parametrize("deviation", sorted(TEXT - {"five terms", "amplitudes", "sorts after M and I"}))
def test_every_reading_of_the_text_matters(deviation):
    step = Literal(seed=1)  # one whose partners are all others
    assert abs((step.library()[0] - step.oracle(TEXT - {deviation}).TotalLoss).item()) > 1e-4


def test_terms_are_sorted_after_their_weights():
    step = Literal(iteration=7)  # on the ramps
    step.importance = step.importance | {"sparsity": 0.001}
    _, record = step.library()
    weighted = {name: record[name] * record[f"{name}/M"] * record[f"{name}/I"] for name in step.importance}
    assert record["sparsity/B"] == paper.VOICE_BALANCE[-1] and max(weighted, key=weighted.get) != "sparsity"
    assert record["sparsity"] > record["digit"]  # by its own size it would have come earlier


def test_a_writer_is_plus_or_minus_one():
    space = letter.PrintedSpace(IMAGE.sizes)
    code = space.normalize(torch.tensor([[-3.0] + [1.0] * 10, [0.5] + [2.0] * 10]))
    assert code[:, 0].tolist() == [-1.0, 1.0] and torch.allclose(code[:, 1:].norm(dim=1), torch.ones(2))


def test_the_ladder_leads_from_the_letter_to_what_the_book_uses():
    arms = raw_experiments.EXPERIMENTS["letter-ladder"].arms
    assert next(iter(arms.values())) == {}
    for below, above in zip(list(arms.values()), list(arms.values())[1:], strict=False):
        assert below.keys() <= above.keys() and len(above.items() - below.items()) in (1, 2)  # none takes a change back
    last = dict(list(arms.values())[-1])
    assert last.pop("rate") == 4e-3 and last.pop("steps") == 3000
    settings = letter.Settings(**last)
    assert (
        settings.disentanglement is losses.disentanglement_rms
        and settings.inner_norm
        and settings.centred
        and settings.augmented
    )
    assert (settings.norm, settings.output, settings.draws, settings.constant) == ("mean", "bipolar", "mended", False)


def test_the_narrow_letters_differ_from_it_in_width_alone():
    arms = raw_experiments.EXPERIMENTS["letter-widths"].arms
    assert [arm["width"] for arm in arms.values()] == [1 / 16, 1 / 4]
    for arm in arms.values():
        training = Training(arm["steps"], arm["batch_size"], 1e-3, 0.0)
        assert arm.keys() == {"width", "steps", "batch_size"} and training == letter.Settings().raw


def test_the_printed_run_has_the_papers_numbers():
    settings = letter.SETTINGS["printed"]
    assert settings == letter.Settings() and settings.width == 1 and not settings.inner_norm and settings.constant
    assert (settings.image.steps, settings.raw.steps) == (800, 10_000)
    channels = [
        layer.out_channels for layer in letter.build(settings)["image"].encoder if hasattr(layer, "out_channels")
    ]
    assert channels == [layer.channels for layer in paper.IMAGE_LAYERS]


@pytest.mark.parametrize("draws", ["printed", "mended"])
def test_both_ways_to_draw_train(draws):
    settings = dataclasses.replace(
        letter.SETTINGS["embedded"], width=1 / 64, narrowest=8, draws=draws, injected=0.5,
        image=Training(4, 8, 1e-3, 0.0), raw=Training(4, 4, 1e-3, 0.0), augmented=True, clean=draws == "mended",
    )  # fmt: skip
    models = letter.build(settings)
    for stage in letter.stages(settings):
        history = fit_stage(stage, models, settings)
        assert set(stage.needs) == set() and "digit" in history and history["total"].isfinite().all()
    found, arrays = letter.measure(models, settings, "test")
    assert 0 <= found["raw_digit"] <= 100 and found["raw_differ"] >= 0 and arrays["raw_drawn"].shape == (10, 1, 8192)


def test_the_printed_run_is_read_without_its_weights():
    """Its history and metrics come with the package; whoever asks for a model is told how to make it."""
    run = runs.load("printed", "letter", only=[], quiet=True)
    assert run.models == {} and len(run.history["raw"]["total"]) == 10_000 and run.results["metrics"]["raw_signals"]
    with pytest.raises(FileNotFoundError, match="came without its weights: `python -m olc_lib train printed"):
        runs.load("printed", "letter", only=["raw"])
