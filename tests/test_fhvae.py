"""FHVAE against a second implementation in NumPy, numerical integration, and hand-made cases."""

import types
from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy import integrate, optimize, stats

from olc_lib import data, train
from olc_lib.systems import Training
from olc_lib.systems.fhvae import controls, corpus, model, speakers


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def lstm(weights, x):
    """States ``[T, H]`` of one sequence ``[T, F]``; gates in the order input, forget, cell, output."""
    into, back, *biases = (weights[f"lstm.{n}_l0"] for n in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"))
    h = c = np.zeros(back.shape[1])
    states = []
    for frame in x:
        i, f, g, o = np.split(into @ frame + back @ h + sum(biases), 4)
        c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
        h = sigmoid(o) * np.tanh(c)
        states.append(h)
    return np.array(states)


def head(weights, h):
    return np.split(h @ weights["head.weight"].T + weights["head.bias"], 2, -1)


def numpy_bound(net, x, row, share, noise2, noise1):
    """Eq. 2 of one segment, and log p(i | z2), all spelled out."""
    every = {name: value.double().numpy() for name, value in net.state_dict().items()}

    def part(name):
        return {key[len(name) + 1 :]: value for key, value in every.items() if key.startswith(name + ".")}

    table = net.table_rate * every["weight"]
    m2, v2 = head(part("read2"), lstm(part("read2"), x)[-1])
    z2 = m2 + np.exp(v2 / 2) * noise2
    m1, v1 = head(part("read1"), lstm(part("read1"), np.hstack([x, np.tile(z2, (len(x), 1))]))[-1])
    z1 = m1 + np.exp(v1 / 2) * noise1
    mx, vx = head(part("write"), lstm(part("write"), np.tile(np.hstack([z1, z2]), (len(x), 1))))
    normal = stats.norm.logpdf
    kl1 = 0.5 * np.sum(np.exp(v1) + m1**2 - 1 - v1)
    kl2 = 0.5 * np.sum(np.exp(v2) / 0.25 + (m2 - table[row]) ** 2 / 0.25 - 1 - v2 + np.log(0.25))
    bound = normal(x, mx, np.exp(vx / 2)).sum() - kl1 - kl2 + share * normal(table[row]).sum()
    near = np.array([normal(m2, mu, 0.5).sum() for mu in table])
    return bound, near[row] - np.log(np.exp(near).sum())


@pytest.fixture
def net():
    torch.manual_seed(0)
    return model.FHVAE(4, bands=6, frames=5, hidden=7, size=3, table_start=1.0)


def test_bound_equals_numpy(net):
    x, row, share = torch.randn(2, 5, 6), torch.tensor([3, 1]), torch.tensor([0.5, 0.1])
    found = model.terms(net, x, row, share, torch.Generator().manual_seed(5))
    generator = torch.Generator().manual_seed(5)
    noise2, noise1 = (torch.randn(2, 3, generator=generator).double().numpy() for _ in range(2))
    for k in range(2):
        expected = numpy_bound(net, x[k].double().numpy(), int(row[k]), float(share[k]), noise2[k], noise1[k])
        assert [found.bound()[k].item(), found.which[k].item()] == pytest.approx(expected, rel=1e-4)


def test_divergence_by_integration():
    q, p = stats.norm(0.7, 0.4), stats.norm(-0.2, 0.5)
    area = integrate.quad(lambda z: q.pdf(z) * (q.logpdf(z) - p.logpdf(z)), -4, 5)[0]
    gaussian = model.Gaussian(torch.tensor([0.7]), torch.tensor([2 * np.log(0.4)], dtype=torch.float32))
    assert model.divergence(gaussian, torch.tensor([-0.2]), 0.25).item() == pytest.approx(area, rel=1e-5)


def test_log_density_integrates_to_one():
    gaussian = model.Gaussian(torch.tensor([0.3]), torch.tensor([-1.0]))
    area = integrate.quad(lambda x: model.log_density(torch.tensor([x]), gaussian).exp().item(), -6, 6)[0]
    assert area == pytest.approx(1, abs=1e-5)


def test_s_vector_maximizes_equation_4():
    means = torch.randn(5, 2, generator=torch.Generator().manual_seed(1))

    def worse(mu):  # - log N(mu | 0, 0.8) + sum of divergences, up to what does not depend on mu
        return 0.5 * np.sum(mu**2) / 0.8 + 0.5 * ((means.numpy() - mu) ** 2).sum() / 0.3

    best = optimize.minimize(worse, np.zeros(2)).x
    np.testing.assert_allclose(model.s_vector(means, 0.3, 0.8), best, atol=1e-4)


def test_s_vector_of_nothing():
    with pytest.raises(ValueError, match="no segments"):
        model.s_vector(torch.zeros(0, 3))


@pytest.mark.parametrize(
    ("same", "expected"),
    [([1, 1, 0, 0], 0), ([0, 0, 1, 1], 100), ([1, 0, 1, 0], 50), ([1, 1, 0, 1, 0, 0], 100 / 3)],
)
def test_equal_error_rate(same, expected):
    score = torch.arange(len(same), 0, -1.0)
    assert speakers.equal_error_rate(score, torch.tensor(same, dtype=torch.bool)) == pytest.approx(expected)


def test_equal_scores_are_chance_and_one_kind_is_refused():
    assert speakers.equal_error_rate(torch.zeros(6), torch.tensor([1, 0, 0, 1, 0, 0]) == 1) == pytest.approx(50)
    with pytest.raises(ValueError, match="one kind"):
        speakers.equal_error_rate(torch.zeros(2), torch.tensor([True, True]))


def test_cosine_ignores_length():
    vectors = torch.tensor([[1.0, 0.0], [5.0, 0.1], [0.0, 1.0], [0.1, 9.0]])
    assert speakers.verification(vectors, torch.tensor([0, 0, 1, 1])) == 0


def tones(count=6, frames=60):
    """Sequences with a level of their own, and a little noise."""
    generator = torch.Generator().manual_seed(0)
    return [torch.randn(frames, 80, generator=generator) * 0.3 + 3 * torch.randn(80, generator=generator)] * 1 + [
        torch.randn(frames, 80, generator=generator) * 0.3 + 3 * torch.randn(80, generator=generator)
        for _ in range(count - 1)
    ]


SMALL = corpus.Settings(frames=10, hidden=8, size=4, refresh=5, training=Training(steps=10, batch_size=8, lr=1e-2))


def run(settings, sequences, steps):
    net = corpus.build(settings, len(sequences))["fhvae"]
    turns, items = corpus.turn(net, settings, sequences)
    return net, train.fit(net, turns, items, steps, batch_size=8, seed=settings.seed, progress=False)


def test_refresh_puts_the_table_at_equation_5():
    sequences = tones()
    net, _ = run(SMALL, sequences, 5)
    pieces = net.standard(torch.stack([sequences[2][k : k + 10] for k in range(0, 51, 8)]))
    own = torch.linspace(0, 1, 24) * (len(pieces) - 1)
    expected = model.s_vector(net.encode2(pieces[own.long()]).mean)
    torch.testing.assert_close(net.table[2], expected, atol=1e-5, rtol=1e-4)


def test_few_compete():
    net, history = run(replace(SMALL, compete=2), tones(), 10)
    assert net.table.shape == (2, 4)
    # Among two, a network that names at random loses log 2 a segment; among six it would lose log 6.
    assert history["which"].mean() > -1.5


def test_same_seed_same_history():
    first, second = (run(SMALL, tones(), 7)[1]["likelihood"] for _ in range(2))
    assert torch.equal(first, second)


def test_one_clock_learns():
    history = run(replace(SMALL, one_clock=True), tones(), 30)[1]["likelihood"]
    assert history[-5:].mean() > history[:5].mean()


def test_short_sequence_is_refused():
    with pytest.raises(ValueError, match="1 sequences are shorter"):
        run(SMALL, [*tones(), torch.zeros(4, 80)], 1)


def test_redraw_keeps_the_length_and_shifts():
    net, _ = run(SMALL, tones(), 5)
    net.eval()
    plain = speakers.redraw(net, tones()[0])
    assert plain.shape == (60, 80)
    assert not torch.allclose(plain, speakers.redraw(net, tones()[0], by2=torch.ones(4)))


@pytest.mark.parametrize("how", ["", "noise", "room", "rooms"])
def test_spoil_keeps_the_length(how):
    wave = torch.sin(torch.arange(30_000) / 9)
    made = corpus.spoil(wave, how, 8000, torch.Generator().manual_seed(0))
    assert made.shape == wave.shape
    assert torch.equal(made, wave) == (how == "")


def test_noise_is_as_loud_as_said():
    wave = torch.ones(20_000)
    added = [corpus.spoil(wave, "noise", 8000, torch.Generator().manual_seed(k)) - wave for k in range(20)]
    levels = torch.stack([10 * part.square().mean().log10() for part in added])
    assert levels.max() <= 0.01
    assert levels.min() >= -15.01


def test_unknown_spoiling():
    with pytest.raises(ValueError, match="'echo'"):
        corpus.spoil(torch.zeros(4), "echo", 8000, torch.Generator())


@pytest.mark.parametrize("name", ["people", "synthetic"])
def test_embedded_splits_are_disjoint(name):
    rest, held = (corpus.utterances(name, split) for split in ("train", "test"))
    assert not set(rest.ids) & set(held.ids)
    if name == "synthetic":
        assert not set(rest.speaker.tolist()) & set(held.speaker.tolist())
    else:
        assert set(rest.speaker.tolist()) == set(held.speaker.tolist())


def test_librispeech_splits_share_no_reader(monkeypatch):
    count = 40
    speaker = torch.cat([torch.arange(count - 4), torch.arange(count - 4, count).repeat_interleave(3)])
    rows = len(speaker)
    fields = dict.fromkeys(data.Sentences.__dataclass_fields__, ())
    fields |= {
        "waves": tuple(torch.zeros(9) for _ in range(rows)),
        "lengths": torch.full((rows,), 9),
        "speaker": speaker,
        "woman": speaker % 2 == 0,
        "ids": tuple(map(str, range(rows))),
        "subset": tuple("test-other" if k >= count - 4 else "train-clean-100" for k in speaker.tolist()),
        "texts": ("",) * rows,
        "phones": ((),) * rows,
        "rate": 16_000,
        "corpus": "librispeech",
    }
    monkeypatch.setattr(data, "sentences", lambda corpus: data.Sentences(**fields))
    who = {
        s: set(corpus.utterances("librispeech", s).speaker.tolist()) for s in ("train", "trial", "validation", "test")
    }
    assert not who["train"] & who["test"]
    assert not who["trial"] & who["validation"]
    assert who["trial"] | who["validation"] == who["train"]
    with pytest.raises(ValueError, match="'dev'"):
        corpus.utterances("librispeech", "dev")


def test_mixture_tells_two_colours_apart():
    generator = torch.Generator().manual_seed(0)
    colours = [torch.randn(80, generator=generator).cumsum(0) / 3 for _ in range(2)]
    made = [torch.randn(80, 80, generator=generator) * 0.3 + colours[k % 2] for k in range(8)]
    vectors = speakers.Supervectors(made[:6], components=1, size=2)(made)
    assert speakers.verification(vectors, torch.arange(8) % 2) < 10


class Levels(torch.nn.Module):
    """A decoder that draws the level that z2 names; z1 does nothing."""

    write = types.SimpleNamespace(frames=5)
    mean, deviation = torch.zeros(2), torch.ones(2)

    def codes(self, x):
        return torch.zeros(len(x), 2), x.mean(1)

    def decode(self, z1, z2):
        return model.Gaussian(z2[:, None].expand(-1, 5, -1), None)


def levels():
    """Twelve sequences of three speakers, a judge who hears the mean level, and whose they are."""
    speaker = torch.arange(3).repeat_interleave(4)
    sequences = [torch.stack([a.cos(), a.sin()]).expand(20, 2) for a in speaker * 2.0]
    return sequences, lambda some: torch.stack([s.mean(0) for s in some]), speaker


def test_conversion_by_a_judge_who_knows():
    """Shifting z2 always converts, shifting z1 never."""
    sequences, judge, speaker = levels()
    verdict = speakers.conversion(Levels(), judge, sequences, speaker, pairs=20)
    assert (verdict.nearer, verdict.named, verdict.control_named, verdict.redrawn_nearer) == (100, 100, 0, 0)


def test_controls_by_a_judge_who_knows():
    sequences, judge, speaker = levels()
    found = controls.judged(Levels(), judge, sequences, speaker, pairs=30)
    assert found["nearer_z2"] == found["named_z2"] == 100
    assert all(found[f"nearer_{way}"] == 0 for way in ("heard", "redrawn", "z1", "z1_random", "z1_same_reader"))
    assert 0 < found["named_z2_random"] < 100  # as far, but anywhere
    assert found["length_z1"] == 0 < found["length_z2"] or np.isnan(found["length_z1"])


def test_noise_within_a_recording(monkeypatch):
    part = data.select(corpus.utterances("people", "train"), torch.arange(2))
    monkeypatch.setattr(controls, "utterances", lambda *_: part)
    (long, *rest), apart = controls.recordings(0, joined=True), controls.recordings(0, joined=False)
    assert len(rest) == 1 and len(apart) == 4
    torch.testing.assert_close(long, torch.cat([apart[0], apart[2]]))
    assert not torch.allclose(apart[0], apart[2], atol=0.1)
