"""Conditions and two domains against closed forms, quadrature, scipy and torch's own divergences.

The judge of the CVAE is a line: y is seen, z | y ~ N(a y + b, t^2), x | z, y ~ N(c z + e y, s^2), so that p(x | y) and
the true posterior are known.
"""

import itertools
import math

import numpy as np
import pytest
import torch
from scipy import stats

from olc_lib.ledger import experiments
from olc_lib.systems import family
from olc_lib.systems.family import bounds, completed, conditions, divergences, domains, network
from olc_lib.train import fit

A, B, T, C, E, S = 0.7, -0.2, 0.8, 1.3, -0.5, 0.6
Y, X = 0.9, 1.4
SEEN = torch.tensor([True, False])
MARGINAL = stats.norm(C * (A * Y + B) + E * Y, math.hypot(C * T, S))
TRUE_SD = (1 / T**2 + (C / S) ** 2) ** -0.5
TRUE_MEAN = TRUE_SD**2 * ((A * Y + B) / T**2 + C * (X - E * Y) / S**2)


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


@pytest.fixture(autouse=True)
def double():
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


def line(mean=TRUE_MEAN, sd=TRUE_SD):
    """A CVAE whose three nets are single layers with known weights; its posterior is the same for every item."""
    model = conditions.CVAE(SEEN, latent=1, hidden=(), likelihood=network.normal)
    model.guess = torch.nn.Sequential(torch.nn.Linear(1, 2))
    weights = {
        "encoder.0.weight": [[0, 0], [0, 0]], "encoder.0.bias": [mean, math.log(sd)],
        "guess.0.weight": [[A], [0]], "guess.0.bias": [B, math.log(T)],
        "decoder.0.weight": [[C, E]], "decoder.0.bias": [0], "log_noise": math.log(S),
    }  # fmt: skip
    model.load_state_dict({name: torch.tensor(value).double() for name, value in weights.items()} | {"seen": SEEN})
    return model


def items(count):
    return torch.tensor([[Y, X]]).expand(count, -1)


# --- a condition ----------------------------------------------------------------------------------------------


def test_with_the_true_posterior_every_weight_is_the_conditional_likelihood():
    log_w = line().log_weights(items(3), 7, generator())
    assert np.allclose(log_w.detach(), MARGINAL.logpdf(X))
    found = completed.likelihood(line(), items(30), samples=5)
    assert np.allclose([found["nll"], found["nll_half"], found["bound"]], -MARGINAL.logpdf(X))


def test_the_objective_is_the_conditional_likelihood_less_the_divergence_from_the_true_posterior():
    mean, sd = 0.2, 0.9
    gap = math.log(TRUE_SD / sd) + (sd**2 + (mean - TRUE_MEAN) ** 2) / (2 * TRUE_SD**2) - 0.5
    value, parts = line(mean, sd).loss(items(400_000), generator())
    assert np.isclose(-value.item(), MARGINAL.logpdf(X) - gap, atol=0.01)
    own = torch.distributions.kl_divergence(
        torch.distributions.Normal(mean, sd), torch.distributions.Normal(A * Y + B, T)
    )
    assert np.isclose(parts["rate"].item(), own.item())


def test_importance_samples_of_a_wrong_posterior_come_to_the_same():
    found = completed.likelihood(line(0.2, 1.1), items(200), samples=4000)
    assert np.isclose(found["nll"], -MARGINAL.logpdf(X), atol=0.01)
    assert found["bound"] > found["nll"] + 0.1 and abs(found["nll"] - found["nll_half"]) < 0.01


def test_divergence_of_two_gaussians_is_torchs():
    parts = torch.randn(4, 5, 3, generator=generator())
    q, p = family.Gaussian(*parts[:2]), family.Gaussian(*parts[2:])
    exact = torch.distributions.kl_divergence(
        torch.distributions.Normal(q.mean, q.log_sd.exp()), torch.distributions.Normal(p.mean, p.log_sd.exp())
    )
    assert torch.allclose(divergences.gaussians_kl(q, p), exact.sum(1))


def test_likelihood_of_pixels_by_quadrature():
    """One code, nonlinear nets, black and white pixels: the integral over the code, on a grid."""
    torch.manual_seed(0)
    seen = torch.tensor([True, True, False, False, False])
    model = conditions.CVAE(seen, latent=1, hidden=(6, 4))
    for weight in (*model.guess.parameters(), *model.decoder.parameters()):
        weight.data.mul_(2)
    x = torch.bernoulli(torch.full((3, 5), 0.5), generator=generator())
    z = torch.linspace(-12, 12, 4001)
    for item in x:
        hidden, y = item[~seen], item[seen][None]
        logits = model.output(z[:, None, None], y)[:, 0]
        p = torch.distributions.Bernoulli(logits=logits).log_prob(hidden).sum(1).exp()
        mean, log_sd = model.guess(y)[0]
        weight = torch.distributions.Normal(mean, log_sd.exp()).log_prob(z).exp()
        exact = torch.trapezoid(p * weight, z).log().item()
        assert np.isclose(-completed.likelihood(model, item[None].expand(10, -1), 20_000)["nll"], exact, atol=0.01)


def test_a_prior_that_reads_what_is_seen_can_be_moved_into_the_decoder():
    """With z = m(y) + t(y) u, a CVAE with p(z | y) is one with N(0, I) for u: the same weights, sample by sample."""
    model, x = line(0.2, 0.9), items(6)
    (hidden, y), q, p = model.split(x), model.posterior(x), model.prior(x[:, :1])
    u = ((q.mean - p.mean) / p.log_sd.exp()) + (q.log_sd - p.log_sd).exp() * torch.randn(8, 6, 1, generator=generator())
    moved = model.likelihood(model, model.output(p.mean + p.log_sd.exp() * u, y), hidden)
    moved = moved + network.standard(u) - network.Gaussian((q.mean - p.mean) / p.log_sd.exp(), q.log_sd - p.log_sd
                                                           ).log_prob(u)  # fmt: skip
    assert torch.allclose(moved, model.log_weights(x, 8, generator()))


def test_quadrants_are_quarters_and_parts_come_back_in_their_places():
    masks = [conditions.quadrants(name, side=6) for name in conditions.PARTS]
    assert torch.equal(torch.stack(masks).sum(0), torch.ones(36, dtype=torch.long))
    corner = conditions.quadrants("lower left", side=6).view(6, 6)
    assert corner[3:, :3].all() and corner.sum() == 9
    parted, item = conditions.Parted(masks[1]), torch.randn(2, 4, 36, generator=generator())
    assert torch.equal(parted.joined(*parted.split(item)), item)
    with pytest.raises(ValueError, match="quadrants are .*below"):
        conditions.quadrants("below")
    with pytest.raises(ValueError, match="one or more"):
        conditions.quadrants()


def test_completions_keep_what_is_seen_and_only_those_with_a_code_differ():
    seen, y = conditions.quadrants("upper left", side=4), torch.ones(3, 4)
    torch.manual_seed(0)
    own = conditions.CVAE(seen, latent=2, hidden=(5, 4)).complete(y, 6, generator())
    net = conditions.Net(seen, hidden=(5,)).complete(y, 6, generator())
    for pictures in (own, net):
        assert pictures.shape == (6, 3, 16) and torch.equal(pictures[..., seen], y.expand(6, -1, -1))
    assert own.var(0)[:, ~seen].min() > 0 and net.var(0).max() == 0
    shelf = torch.cat([torch.ones(2, 16), torch.zeros(5, 16)])
    copied = conditions.Neighbours(seen, shelf).complete(y, 3, generator())
    assert torch.equal(copied[:2], torch.ones(2, 3, 16)) and torch.equal(copied[2][:, ~seen], torch.zeros(3, 12))


def test_the_net_is_of_the_same_size_as_the_cvae():
    seen = conditions.quadrants("lower left")
    sizes = [sum(w.numel() for w in kind(seen).parameters()) for kind in (conditions.CVAE, conditions.Net)]
    assert abs(sizes[1] / sizes[0] - 1) < 0.01


def test_what_a_judge_reads_is_counted(monkeypatch):
    """Two pictures of one item are read as 3 and as 5, both of the other as 5, one of them without certainty."""
    logits = torch.zeros(2, 2, 10)
    logits[0, 0, 3], logits[1, 0, 5], logits[0, 1, 5], logits[1, 1, 5] = 50, 50, 50, 1
    monkeypatch.setattr(completed, "chances", lambda pictures, corpus: logits.flatten(0, 1).softmax(1))
    monkeypatch.setattr(completed.quality, "fid", lambda *given: 7.0)
    pictures = torch.zeros(2, 2, 16)
    pictures[1, 0] = 1
    found = completed.looked_at(pictures, torch.tensor([3, 5]), "embedded", "test")
    assert found["right"] == 75 and found["valid"] == 75 and found["readings"] == 1.5 and found["fid"] == 7
    assert np.isclose(found["differ"], 0.5)


def test_the_judge_is_as_sure_as_its_training_left_it(monkeypatch):
    torch.manual_seed(0)
    judge, x = completed.quality.Judge(), torch.rand(4, 784)
    before = judge(x).softmax(1)
    judge.scale.fill_(7.0)
    monkeypatch.setattr(completed.quality, "judge", lambda corpus: judge)
    assert torch.allclose(completed.chances(x, "embedded"), before)
    assert not torch.allclose(judge(x).softmax(1), before)


def test_a_code_pays_where_two_answers_are_right():
    """Four pixels that all agree with a coin that is not seen: log 2 nats with the best code, 4 log 2 without."""
    seen = torch.tensor([True, False, False, False, False])
    coin = torch.bernoulli(torch.full((400, 1), 0.5), generator=generator())
    grey = torch.cat([torch.ones(400, 1), coin.expand(-1, 4)], 1).float()
    torch.set_default_dtype(torch.float32)
    own = conditions.made(conditions.CVAE, seen, grey, 0, 150, 0.03, 64, latent=1, hidden=(16, 16))
    net = conditions.made(conditions.Net, seen, grey, 0, 100, 0.02, 64, hidden=(16,))
    nll = [completed.likelihood(model, grey[:100], 400)["nll"] for model in (own, net)]
    assert nll[0] < 2 * math.log(2) and np.isclose(nll[1], 4 * math.log(2), atol=0.1)


def test_a_cell_of_the_grid(monkeypatch):
    torch.set_default_dtype(torch.float32)
    monkeypatch.setattr(completed, "SAMPLES", 4)
    monkeypatch.setattr(completed, "ITEMS", 8)
    monkeypatch.setattr(completed, "chances", lambda pictures, corpus: pictures[:, 300:310].softmax(1))
    monkeypatch.setattr(completed.quality, "fid", lambda *given: 7.0)
    for arm, settings in completed.COMPLETED.items():
        kind = settings.get("kind")
        sizes = {completed.by_code: {"hidden": (8, 6)}, completed.by_net: {"hidden": (8,)}}.get(kind, {})
        found = completed.guide(0, corpus="embedded", steps=2, items=10, **settings, **sizes)
        assert ("nll" in found) == (kind in (completed.by_code, completed.by_net)), arm
        assert all(map(math.isfinite, found.values())) and 1 <= found["readings"] <= 10
    both = completed.guide(0, corpus="embedded", steps=2, items=0, kind=completed.by_code, rival=True, hidden=(8, 6))
    assert both["nll"] != both["net_nll"] and both["net_weights"] > both["weights"]


# --- two domains ----------------------------------------------------------------------------------------------

CENTRES, SPREADS = np.array([[-0.6, -0.7], [0.7, -0.5]]).T  # of two experts: means, then log deviations
GIVEN = {"left": 0.8, "right": -0.3}
LIFT, WIDTH = {"left": 1.2, "right": -0.7}, 1.0


class Two(torch.nn.Module):
    """Two experts of one code and two numbers, z ~ N(0, 1), x_m ~ N(a_m z, s^2)."""

    k = 1

    def posterior(self, domain, x):
        which = list(GIVEN).index(domain)
        return family.Gaussian(*(torch.full((len(x), 1), float(part[which])) for part in (CENTRES, SPREADS)))

    def log_likelihood(self, domain, x, z):
        return -((x - LIFT[domain] * z) / WIDTH).square().sum(-1) / 2 - math.log(WIDTH * math.sqrt(2 * math.pi))


def two(k=1):
    model = Two()
    model.k = k
    return model


def batch(count):
    return {domain: torch.full((count, 1), value) for domain, value in GIVEN.items()}


def log_w(z):
    """The log weight of a code, by scipy."""
    joint = stats.norm.logpdf(z) + sum(stats.norm(LIFT[m] * z, WIDTH).logpdf(x) for m, x in GIVEN.items())
    return joint - np.log(
        np.mean([stats.norm(c, math.exp(s)).pdf(z) for c, s in zip(CENTRES, SPREADS, strict=True)], 0)
    )


def exact(experts, nodes=60):
    """E log of the mean weight of one sample from each of the experts named, by Gauss-Hermite."""
    points, masses = np.polynomial.hermite_e.hermegauss(nodes)
    grids = [log_w(CENTRES[m] + math.exp(SPREADS[m]) * points) for m in experts]
    value = np.logaddexp.reduce(np.stack(np.meshgrid(*grids, indexing="ij")), 0) - math.log(len(experts))
    for _ in experts:
        value = (value * (masses / masses.sum())).sum(-1)
    return value


LOG_P = stats.multivariate_normal(
    [0, 0], np.outer(list(LIFT.values()), list(LIFT.values())) + WIDTH**2 * np.eye(2)
).logpdf(list(GIVEN.values()))


def test_log_weights_hold_the_density_of_the_mixture():
    model, given = two(), batch(1)
    z = torch.linspace(-2, 2, 9).view(9, 1, 1)
    experts = {domain: model.posterior(domain, signal) for domain, signal in given.items()}
    assert np.allclose(domains.log_weights(model, given, experts, z)[:, 0], log_w(z[:, 0, 0].numpy()))


@pytest.mark.parametrize("k", [1, 2])
def test_eq_68_has_each_terms_samples_from_one_expert(k):
    """Ours is the mean of two terms; the survey's, every sample from the mixture, that of all 2^k choices."""
    each = [exact([m] * k) for m in (0, 1)]
    by_lot = [exact(choice) for choice in itertools.product((0, 1), repeat=k)]
    assert np.isclose(domains.mixture(two(k), batch(300_000), generator()).mean().item(), np.mean(each), atol=0.01)
    assert np.isclose(domains.printed(two(k), batch(300_000), generator()).mean().item(), np.mean(by_lot), atol=0.01)
    assert np.mean(each) < LOG_P and np.mean(by_lot) < LOG_P


def test_eq_68_as_printed_is_the_same_for_one_sample_and_tighter_for_more():
    """log of a sum rewards unlike samples: a pair from two experts beats the average of two pairs from one each."""
    assert np.isclose(np.mean([exact([0]), exact([1])]), np.mean([exact(c) for c in ([0], [1])]))
    ours = np.mean([exact([0, 0]), exact([1, 1])])
    as_printed = np.mean([exact(choice) for choice in itertools.product((0, 1), repeat=2)])
    assert ours + 0.02 < as_printed < LOG_P


def test_a_mixture_of_one_expert_is_iwae():
    torch.manual_seed(0)
    model = domains.Experts({"image": (1, 8, 8)}, latent=3, hidden=(7,), k=4)
    x = torch.bernoulli(torch.rand(5, 1, 8, 8, generator=generator()), generator=generator())
    q = model.posterior("image", x)
    z = q.at(network.noise(q, 4, generator(1)))
    alone = bounds.importance_bound(model.log_likelihood("image", x, z) + network.standard(z) - q.log_prob(z))
    assert torch.allclose(domains.mixture(model, {"image": x}, generator(1)), alone)


def test_every_expert_learns_to_draw_the_other_domain():
    """Two domains that share one bit: an image that is all black or all white, a voice that is high or low."""
    torch.set_default_dtype(torch.float32)
    bit = torch.bernoulli(torch.full((200,), 0.5), generator=generator()).view(-1, 1, 1, 1)
    given = {"image": bit.expand(-1, 1, 8, 8).contiguous()}
    given["voice"] = bit + 0.1 * torch.randn(200, 1, 8, 8, generator=generator())
    torch.manual_seed(0)
    model = domains.Experts({"image": (1, 8, 8), "voice": (1, 8, 8)}, latent=2, hidden=(16,))

    def loss(rows, step, generator):
        value = model.loss(rows, step, generator)
        return value, {"total": value.detach()}

    history = fit(model, loss, given, 120, batch_size=32, lr=0.01, progress=False)["total"]
    assert history[-10:].mean() < history[:10].mean() - 50
    with torch.no_grad():
        for source, target in (("image", "voice"), ("voice", "image")):
            drawn = model.draw(target, model.code(source, given[source]))
            assert drawn.shape == given[target].shape
            right = ((drawn.mean((1, 2, 3)) > 0.5) == (bit.flatten() > 0.5)).float().mean()
            assert right > 0.95, source
            assert torch.equal(model.cross(source, drawn, None), drawn)


def test_experiments_are_registered_once():
    for name in ("family-conditions", "family-conditions-trials"):
        experiment = family.EXPERIMENTS[name]
        assert experiment.measure is completed.guide
        for arm in experiment.arms:  # a result can be stored with its settings, and with the code that made it
            assert experiments._settings(experiment, arm) and experiments._code(experiment, arm)
