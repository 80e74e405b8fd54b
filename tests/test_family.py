"""The VAE family against closed forms, quadrature, and second implementations in NumPy.

The judge of the bounds is a line: one code z ~ N(0, 1), one number x ~ N(a z, s^2), so that log p(x) and the true
posterior are known. A made-up posterior N(m, v) stands for an encoder.
"""

import math
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from scipy import integrate, stats
from torch import nn

from olc_lib.systems import Training, family
from olc_lib.systems.family import autoregressive, bounds, clouds, divergences, network, quality
from olc_lib.train import fit

A, S, X = 1.3, 0.7, 0.9
MEAN, SD = 0.4, 0.9


class Line(nn.Module):
    """The model of one code and one number, in double precision."""

    def __init__(self, mean=MEAN, sd=SD, k=1, items=1):
        super().__init__()
        self.k, self.items, self.member = k, items, family.Member(latent=1)
        self.a = nn.Parameter(torch.tensor(A, dtype=torch.float64))
        self.place = nn.Parameter(torch.tensor([mean, math.log(sd)], dtype=torch.float64))

    def posterior(self, x):
        shape = (len(x), 1)
        return family.Gaussian(self.place[0].expand(shape), self.place[1].expand(shape))

    def log_likelihood(self, x, z):
        return -((x - self.a * z) / S).square().sum(-1) / 2 - math.log(S * math.sqrt(2 * math.pi))


def xs(items=1):
    return torch.full((items, 1), X, dtype=torch.float64)


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


@pytest.fixture(autouse=True)
def double():
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


LOG_P = stats.norm(0, math.hypot(A, S)).logpdf(X)
TRUE_SD = (1 + (A / S) ** 2) ** -0.5
TRUE_MEAN = TRUE_SD**2 * A * X / S**2


def log_weight(z):
    """The log weight of a code, by scipy."""
    return stats.norm(A * z, S).logpdf(X) + stats.norm.logpdf(z) - stats.norm(MEAN, SD).logpdf(z)


def quadrature(reduce, k, nodes=60):
    """The expected value of a reduction of k log weights, with its gradient by (a, mean, log sd), by Gauss-Hermite."""
    model = Line(k=k)
    points, masses = np.polynomial.hermite_e.hermegauss(nodes)
    masses = masses / masses.sum()
    grid = torch.tensor(np.stack(np.meshgrid(*[points] * k, indexing="ij")).reshape(k, -1, 1))
    mass = torch.tensor(np.prod(np.meshgrid(*[masses] * k, indexing="ij"), 0).reshape(-1))
    x = xs(grid.shape[1])
    q = model.posterior(x)
    value = (mass * reduce(bounds._weigh(model, x, q.at(grid), q))).sum()
    value.backward()
    return value.item(), torch.cat([model.a.grad[None], model.place.grad])


def gradient(objective, k, items=20_000, seed=0):
    """The mean gradient of an objective over many draws, with its standard error."""
    rows = []
    for part in range(10):
        model = Line(k=k)
        value, _ = objective(model, xs(items), generator(100 * seed + part))
        value.backward()
        rows.append(torch.cat([model.a.grad[None], model.place.grad]))
    rows = -torch.stack(rows)
    return rows.mean(0), rows.std(0) / math.sqrt(len(rows))


# --- bounds ---------------------------------------------------------------------------------------------------


def test_with_the_true_posterior_every_weight_is_the_likelihood():
    log_w, _ = bounds.log_weights(Line(TRUE_MEAN, TRUE_SD), xs(3), 7, generator())
    assert torch.allclose(log_w, torch.full((7, 3), LOG_P))


def test_log_weights_equal_scipys():
    log_w, z = bounds.log_weights(Line(), xs(4), 5, generator())
    assert np.allclose(log_w.detach(), log_weight(z[..., 0].detach().numpy()))


def test_evidence_lower_bound_is_the_likelihood_less_the_gap():
    gap = math.log(TRUE_SD / SD) + (SD**2 + (MEAN - TRUE_MEAN) ** 2) / (2 * TRUE_SD**2) - 0.5
    value, _ = quadrature(bounds.mean_bound, 1)
    assert np.isclose(value, LOG_P - gap, atol=1e-6)
    for objective in (family.elbo, bounds.sampled, bounds.stl, bounds.single):
        assert np.isclose(-objective(Line(k=1), xs(200_000), generator())[0].item(), LOG_P - gap, atol=0.02)


@pytest.mark.parametrize("k", [1, 2, 3])
def test_importance_bound_by_quadrature(k):
    exact, _ = quadrature(bounds.importance_bound, k, 40)
    found = -bounds.iwae(Line(k=k), xs(200_000), generator())[0].item()
    assert np.isclose(found, exact, atol=0.01)
    assert exact < LOG_P and (k == 1 or exact > quadrature(bounds.importance_bound, k - 1, 40)[0])


@pytest.mark.parametrize("alpha", [-0.5, 0.0, 0.5, 1.2])
def test_renyi_bound_by_integration(alpha):
    """With many samples the estimate is the integral of Eq. 69."""
    inside = integrate.quad(lambda z: stats.norm(MEAN, SD).pdf(z) * np.exp((1 - alpha) * log_weight(z)), -9, 9)[0]
    exact = math.log(inside) / (1 - alpha)
    log_w, _ = bounds.log_weights(Line(), xs(20), 60_000, generator())
    assert np.isclose(bounds.renyi_bound(log_w, alpha).mean().item(), exact, atol=0.02)
    assert (exact < LOG_P + 1e-9) == (alpha >= 0)  # below order 0 it is no lower bound


def test_renyi_bound_has_the_others_as_orders():
    log_w = torch.randn(5, 3, generator=generator())
    assert torch.allclose(bounds.renyi_bound(log_w, 1), bounds.mean_bound(log_w))
    assert torch.allclose(bounds.renyi_bound(log_w, 0), bounds.importance_bound(log_w))
    assert torch.allclose(bounds.renyi_bound(log_w, 0.9999), bounds.mean_bound(log_w), atol=1e-3)
    assert torch.allclose(bounds.renyi_bound(log_w, -1e6), bounds.renyi_bound(log_w, -math.inf), atol=1e-4)


def test_the_largest_weight_is_above_the_likelihood():
    found = -bounds.vr_max(Line(k=50), xs(2000), generator())[0].item()
    assert found > LOG_P + 0.1


@pytest.mark.parametrize("objective, k", [(bounds.sampled, 1), (bounds.stl, 1), (family.elbo, 1)])
def test_gradients_of_the_elbo_are_those_of_the_integral(objective, k):
    _, exact = quadrature(bounds.mean_bound, k)
    mean, error = gradient(objective, k)
    assert (mean - exact).abs().lt(5 * error + 1e-6).all()


@pytest.mark.parametrize("objective", [bounds.iwae, bounds.dreg])
@pytest.mark.parametrize("k", [2, 3])
def test_gradients_of_iwae_and_dreg_are_those_of_the_integral(objective, k):
    _, exact = quadrature(bounds.importance_bound, k, 40)
    mean, error = gradient(objective, k)
    assert (mean - exact).abs().lt(5 * error + 1e-6).all()


@pytest.mark.parametrize("k", [2, 3])
def test_dropping_the_score_biases_iwae(k):
    """Section 6.3.3 says that it may be dropped. Only for k = 1; only the posterior's gradient suffers."""
    _, exact = quadrature(bounds.importance_bound, k, 40)
    mean, error = gradient(bounds.iwae_stl, k)
    assert ((mean - exact).abs() > 20 * error)[1:].all()
    assert (mean - exact).abs()[0] < 5 * error[0]


def test_dreg_is_quieter_and_stl_vanishes_at_the_truth():
    def noise(objective, model):
        rows = []
        for seed in range(400):
            value, _ = objective(model, xs(), generator(seed))
            rows.append(torch.autograd.grad(value, model.place)[0])
        return torch.stack(rows).var(0).sum().item()

    assert noise(bounds.dreg, Line(k=5)) < 0.5 * noise(bounds.iwae, Line(k=5))
    true = Line(TRUE_MEAN, TRUE_SD)
    assert noise(bounds.stl, true) < 1e-20 < 0.1 < noise(bounds.sampled, true)


def test_few_of_many_samples_give_the_same_gradient_on_average():
    _, exact = quadrature(bounds.importance_bound, 2, 40)
    assert bounds.KEPT == 5
    plain, error = gradient(lambda m, x, g: (-bounds.importance_bound(bounds.log_weights(m, x, 12, g)[0]).mean(), {}),
                            12, 10_000)  # fmt: skip
    kept, other = gradient(bounds.iwae, 12, 10_000, seed=1)
    assert (plain - kept).abs().lt(5 * (error + other)).all()
    assert (plain - exact).abs().max() > 0.02  # and it is not the gradient of another k


def test_likelihood_by_importance_sampling_converges():
    log_w = quality.log_p(Line(), xs(50), 4000)
    assert np.isclose(bounds.importance_bound(log_w).mean().item(), LOG_P, atol=2e-3)
    assert bounds.importance_bound(log_w[:5]).mean() < bounds.importance_bound(log_w[:500]).mean() + 0.02


# --- posteriors, likelihoods, nets -------------------------------------------------------------------------


def test_gaussian_density_and_divergence_are_scipys():
    g = generator()
    q = family.Gaussian(torch.randn(3, 2, generator=g), torch.randn(3, 2, generator=g) / 2)
    z = q.at(torch.randn(4, 3, 2, generator=g))
    expected = stats.norm(q.mean.numpy(), q.log_sd.exp().numpy()).logpdf(z.numpy()).sum(-1)
    assert np.allclose(q.log_prob(z), expected)
    prior = torch.distributions.Normal(0.0, 1.0)
    exact = torch.distributions.kl_divergence(torch.distributions.Normal(q.mean, q.log_sd.exp()), prior).sum(1)
    assert torch.allclose(q.divergence(), exact)


@pytest.mark.parametrize("delta", [0.5, 8.0, 40.0])
def test_a_committed_posterior_never_costs_less_than_delta(delta):
    member = family.Member(latent=4, weight=delta)
    outputs = 30 * torch.randn(500, 8, generator=generator())
    assert network.committed(outputs, member).divergence().min() >= delta
    free = torch.cat([torch.zeros(1, 4), torch.full((1, 4), 40.0)], 1)  # as near to the prior as it may come
    assert np.isclose(network.committed(free, member).divergence().item(), delta)


def test_likelihoods_are_scipys():
    g = generator()
    output, x = torch.randn(2, 3, 5, generator=g), torch.rand(3, 5, generator=g).round()
    expected = stats.bernoulli(output.sigmoid().numpy()).logpmf(x.numpy()).sum(-1)
    assert np.allclose(network.bernoulli(None, output, x), expected)
    noisy = SimpleNamespace(log_noise=torch.tensor(-0.7))
    expected = stats.norm(output.numpy(), math.exp(-0.7)).logpdf(x.numpy()).sum(-1)
    assert np.allclose(network.normal(noisy, output, x), expected)


def test_a_pixel_is_drawn_from_those_before_it_alone():
    torch.manual_seed(0)
    decoder = autoregressive.PixelDecoder(family.Member(latent=3))
    x = torch.rand(1, 784, requires_grad=True)
    logits = decoder(torch.zeros(1, 1, 3), x)[0, 0]
    for place in (0, 1, 27, 28, 400, 783):
        (slope,) = torch.autograd.grad(logits[place], x, retain_graph=True)
        assert not slope[0, place:].any()
    assert slope[0, :783].any()


def test_drawing_pixel_by_pixel_follows_the_logits():
    torch.set_default_dtype(torch.float32)
    torch.manual_seed(0)
    decoder = autoregressive.PixelDecoder(family.Member(latent=3), channels=4)
    decoder.last.weight.data *= 20
    z = torch.randn(2, 3)
    drawn = autoregressive.draw(decoder, z, generator())
    chance = decoder(z[None], drawn)[0].sigmoid()
    g, again = generator(), torch.empty_like(drawn)
    for place in range(784):
        again[:, place] = torch.bernoulli(chance[:, place].detach(), generator=g)
    assert torch.equal(drawn, again)


# --- divergences ------------------------------------------------------------------------------------------


P, Q = torch.tensor([0.5, 0.3, 0.2]), torch.tensor([0.2, 0.2, 0.6])


def test_discrete_divergences():
    assert np.isclose(divergences.kl(P, Q), stats.entropy(P, Q))
    assert np.isclose(divergences.kl(torch.tensor([1.0, 0]), torch.tensor([0.5, 0.5])), math.log(2))
    apart = torch.eye(2)
    assert np.isclose(divergences.jensen_shannon(*apart), math.log(2))
    assert np.isclose(divergences.jensen_shannon(P, Q), divergences.jensen_shannon(Q, P))
    uniform = torch.full((8,), 1 / 8)
    for alpha in (0.5, 1, 2, 7.0):  # all orders agree on it; with Eq. 22's sign they would be negative
        assert np.isclose(divergences.renyi_entropy(uniform, alpha), math.log(8))
    assert np.isclose(divergences.renyi_entropy(P, 1.0001), stats.entropy(P), atol=1e-3)
    assert np.isclose(divergences.renyi(P, Q, 1.0001), stats.entropy(P, Q), atol=1e-3)
    assert np.isclose(divergences.renyi(P, Q, 2.0), math.log(sum(p * p / q for p, q in zip(P, Q, strict=True))))


def test_potential_is_the_integral_of_two_density_estimates():
    rng = np.random.default_rng(0)
    x, y, variance = rng.normal(size=6), rng.normal(1, 2, size=9), 0.3

    def density(points, at):
        return stats.norm(points, variance**0.5).pdf(at).mean()

    exact = integrate.quad(lambda at: density(x, at) * density(y, at), -12, 12, limit=200)[0]
    found = divergences.log_potential(torch.tensor(x)[:, None], torch.tensor(y)[:, None], variance)
    assert np.isclose(found.exp().item(), exact)


def test_divergences_of_samples_are_zero_for_the_same_and_positive_for_others():
    g = generator()
    x, y = torch.randn(40, 3, generator=g), 1 + torch.randn(50, 3, generator=g)
    for divergence in (divergences.cauchy_schwarz, divergences.euclidean):
        assert abs(divergence(x, x, 0.5)) < 1e-12 < 0.1 < divergence(x, y, 0.5)
        assert torch.isclose(divergence(x, y, 0.5), divergence(y, x, 0.5))
    far = 40 * torch.randn(20, 64, generator=g)
    assert torch.isfinite(divergences.cauchy_schwarz(far, torch.randn(20, 64, generator=g), 16.0))


def test_cauchy_schwarz_of_two_single_points_by_hand():
    """Two estimates of one kernel each: the overlap is exp(-r^2 / 4 v), squared."""
    x, y = torch.zeros(1, 2), torch.tensor([[3.0, 4.0]])
    assert np.isclose(divergences.cauchy_schwarz(x, y, 2.0), 2 * 25 / 8)


def test_mmd_by_loops():
    g = generator()
    x, y = torch.randn(5, 3, generator=g), torch.randn(4, 3, generator=g) + 1

    def mean(a, b, skip):
        pairs = [(u, v) for i, u in enumerate(a.numpy()) for j, v in enumerate(b.numpy()) if not (skip and i == j)]
        return np.mean([6 / (6 + ((u - v) ** 2).sum()) for u, v in pairs])

    expected = mean(x, x, True) + mean(y, y, True) - 2 * mean(x, y, False)
    assert np.isclose(divergences.mmd(x, y), expected)


# --- the survey's equations that are wrong as printed ----------------------------------------------------------


def test_kl_of_section_4_has_its_sign_changed_midway():
    """The line that is called D_KL there integrates q (log p - log q), which is negative."""
    q, p = stats.norm(0.5, 0.6), stats.norm(0, 1)
    printed = integrate.quad(lambda z: q.pdf(z) * (p.logpdf(z) - q.logpdf(z)), -8, 8)[0]
    right = divergences.gaussian_kl(torch.tensor([0.5]), torch.tensor([math.log(0.6)])).item()
    assert right > 0 > printed and np.isclose(right, -printed)


def test_gaussian_likelihood_of_section_4_lacks_a_logarithm():
    variance = 0.25
    printed = -math.log(2 * math.pi) / 2 - variance / 2 - (0.3**2) / (2 * variance)
    assert not np.isclose(printed, stats.norm(0, variance**0.5).logpdf(0.3), atol=0.3)
    assert np.isclose(printed + variance / 2 - math.log(variance) / 2, stats.norm(0, variance**0.5).logpdf(0.3))


@pytest.mark.parametrize("power, right", [(0.5, True), (-0.5, False)])
def test_cholesky_factor_of_section_6_2_needs_the_root_of_s(power, right):
    d, rho, s = 5, 0.6, 2.5
    factor = np.sqrt(1 - rho**2) * np.tril([[rho ** abs(i - j) for j in range(d)] for i in range(d)])
    factor[:, 0] = rho ** np.arange(d)
    factor = s**power * factor
    covariance = s * np.array([[rho ** abs(i - j) for j in range(d)] for i in range(d)])
    assert np.allclose(factor @ factor.T, covariance) == right


def test_vr_bound_of_section_6_5_is_maximized():
    """The bound rises, not falls, as the posterior nears the true one; the loss is its negative."""
    near, far = Line(TRUE_MEAN + 0.05, TRUE_SD), Line(TRUE_MEAN + 1, TRUE_SD)
    values = [-bounds.iwae(model, xs(2000), generator())[0].item() for model in (near, far)]
    assert values[0] > values[1] + 0.1


def test_divergence_of_eq_75_has_its_inverse_in_the_wrong_place():
    """On the sphere in three dimensions, von Mises-Fisher against uniform, by integration over the height t."""
    kappa = 2.0
    log_c = math.log(kappa / (4 * math.pi * math.sinh(kappa)))
    exact = integrate.quad(
        lambda t: 2 * math.pi * math.exp(log_c + kappa * t) * (log_c + kappa * t + math.log(4 * math.pi)), -1, 1
    )[0]
    mean = 1 / math.tanh(kappa) - 1 / kappa
    area = math.log(4 * math.pi)
    assert np.isclose(kappa * mean + log_c - -area, exact)  # the log of the inverse
    assert not np.isclose(kappa * mean + log_c - 1 / area, exact, atol=0.5)  # the inverse of the log


def test_eq_82_with_the_single_variance_does_not_vanish_for_equal_densities():
    """Of N(0, I) itself with a bandwidth of d / 4 or less: the single variance leaves a term that grows with d."""
    for d in (1, 4):
        x, v = torch.randn(2000, d, generator=generator()), 1.0
        single, double = divergences.log_potential(x, x, v / 2), divergences.log_potential(x, x, v)
        assert abs(2 * double - 2 * double) < 1e-9
        assert np.isclose(2 * (single - double), d * math.log(4 / 3), rtol=0.1)  # .29 d, for two equal samples


# --- clouds and measures ------------------------------------------------------------------------------------


def test_frechet_distance_in_closed_form():
    rng = np.random.default_rng(0)
    a = torch.tensor(rng.normal(0, 1, (200_000, 2)))
    b = torch.tensor(rng.normal([1, 2], [3, 0.5], (200_000, 2)))
    assert np.isclose(quality.frechet(a, b), 5 + 4 + 0.25, rtol=0.02)
    assert abs(quality.frechet(a, a)) < 1e-9


def test_active_coordinates_are_counted():
    class Fixed(nn.Module):
        def posterior(self, x):
            return family.Gaussian(x * torch.tensor([1.0, 0.05, 0.5]), x)

    assert quality.active(Fixed(), torch.randn(4000, 3, generator=generator())) == 2


def test_distance_of_a_cloud_from_the_prior():
    g = generator()
    assert abs(quality.distance(torch.randn(2000, 4, generator=g))) < 2
    assert quality.distance(torch.randn(2000, 4, generator=g) + 1) > 50


def test_blur_keeps_ink_and_spreads_it():
    x = torch.zeros(1, 784)
    x[0, 14 * 28 + 14] = 1
    soft = quality.blurred(x, 0.7)
    assert np.isclose(soft.sum().item(), 1) and soft.max() < 0.5


def test_the_critic_moves_alone_and_the_model_without_it():
    torch.set_default_dtype(torch.float32)
    settings = family.Single(training=Training(1, 16), it=family.Member(**small("AAE")))
    models = family.build(settings)
    turns, data = family.stages(settings)[0].prepare(models, settings, "cpu")
    first, second = ({id(weight) for weight in turn.weights} for turn in turns)
    assert not first & second and len(first | second) == len(list(models["it"].parameters()))
    x = data["x"][:16]
    loss, _ = clouds.critic(models["it"], x, generator())
    loss.backward()
    assert all(weight.grad is None for weight in models["it"].players())


# --- every member trains ----------------------------------------------------------------------------------


def small(name):
    """A row of the table with small nets."""
    row = {key: value for key, value in family.MEMBERS[name].items() if key not in ("gradients", "then")}
    return row | {"hidden": (16,)}


@pytest.mark.parametrize("name", list(family.MEMBERS))
def test_a_member_learns_and_repeats_itself(name):
    torch.set_default_dtype(torch.float32)
    steps = 6 if "Pixel" in name else 30
    settings = family.Single(training=Training(steps, 16), it=family.Member(**small(name)))

    def once():
        models = family.build(settings)
        loss, data = family.stages(settings)[0].prepare(models, settings, "cpu")
        return fit(models["it"], loss, {"x": data["x"][:200]}, steps, batch_size=16, lr=4e-3, progress=False)

    first, second = once(), once()
    term = next(iter(first))
    assert torch.equal(first[term], second[term]) and torch.isfinite(first[term]).all()
    better = -1 if term == "bound" else 1
    change = better * (first[term][-3:].mean() - first[term][:3].mean())
    assert change < 0, f"{name}: {term}, first in the record, should {'rise' if better < 0 else 'fall'}"


def test_a_newcomers_member_is_a_function_a_row_and_an_oracle():
    """The checklist: a made-up member with a bound halfway between the VAE's and IWAE's."""
    torch.set_default_dtype(torch.float32)

    def halfway(model, x, g):
        log_w, _ = bounds.log_weights(model, x, model.k, g)
        value = (bounds.mean_bound(log_w) + bounds.importance_bound(log_w)).mean() / 2
        return -value, {"bound": value.detach()}

    row = {"objective": halfway, "k": 5, "hidden": (16,)}
    settings = family.Single(training=Training(20, 16), it=family.Member(**row))
    models = family.build(settings)
    loss, data = family.stages(settings)[0].prepare(models, settings, "cpu")
    fit(models["it"], loss, {"x": data["x"][:64]}, 20, batch_size=16, progress=False)
    torch.set_default_dtype(torch.float64)
    between = -halfway(Line(k=2), xs(100_000), generator())[0].item()
    exact = (quadrature(bounds.mean_bound, 1)[0] + quadrature(bounds.importance_bound, 2)[0]) / 2
    assert np.isclose(between, exact, atol=0.01)


def test_the_best_noise_has_a_closed_form():
    """Against a search over deviations, with the plain likelihood."""
    torch.set_default_dtype(torch.float32)
    member = family.Member(clouds.calibrated, latent=2, inputs=5, hidden=(8,), likelihood=network.normal)
    model = family.build(family.Single(it=member))["it"]
    x = torch.randn(30, 5, generator=generator(), dtype=torch.float32)
    loss, record = clouds.calibrated(model, x, generator(1))
    q = model.posterior(x)
    z = q.at(network.noise(q, 1, generator(1)))
    chosen = model.log_noise.item()
    found = {}
    for off in (-0.1, 0.0, 0.1):
        model.log_noise.data.fill_(chosen + off)
        found[off] = -model.log_likelihood(x, z).mean().item()
    assert found[0.0] < min(found[-0.1], found[0.1])
    assert np.isclose(record["misfit"].item(), found[0.0], rtol=1e-4)


def test_a_second_stage_learns_the_codes_of_the_first():
    torch.set_default_dtype(torch.float32)
    first = family.Member(latent=2, hidden=(16,), likelihood=network.normal)
    then = family.Member(latent=2, inputs=2, hidden=(16,), likelihood=network.normal, of="it")
    settings = family.Single(training=Training(20, 32), second=Training(20, 32), it=first, then=then)
    models = family.build(settings)
    one, two = family.stages(settings)
    assert two.needs == ("it",)
    _, data = two.prepare(models, settings, "cpu")
    assert data["x"].shape[1] == 2
    assert family.draw(models["it"], 5, second=models["then"]).shape == (5, 784)
