"""Other shapes of codes against quadrature, scipy, and second implementations in NumPy."""

import functools
import inspect
import itertools
import math
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from scipy import integrate, special, stats
from torch import nn

from olc_lib.systems import family
from olc_lib.systems.family import clusters, codebook, flows, network, shaped, shapes


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def tensor(*values):
    return torch.tensor(values, dtype=torch.float64)


# --- a sphere -------------------------------------------------------------------------------------------------


@functools.cache
def legendre():
    """Nodes and masses of a quadrature on [-1, 1], fine enough for a peak of width 1 / 300."""
    return np.polynomial.legendre.leggauss(300)


def on_heights(d, kappa, what):
    """The integral of a function of the height over von Mises-Fisher on the sphere in d dimensions."""
    nodes, masses = legendre()
    weight = masses * np.exp(kappa * (nodes - 1)) * (1 - nodes**2) ** ((d - 3) / 2)
    return (weight * what(nodes)).sum() / weight.sum()


@pytest.mark.parametrize("d", [3, 5, 13])
@pytest.mark.parametrize("kappa", [0.5, 2.0, 30.0, 300.0])
def test_divergence_from_uniform_is_the_integral(d, kappa):
    nodes, masses = legendre()
    flat = (1 - nodes**2) ** ((d - 3) / 2)
    peak = np.exp(kappa * (nodes - 1)) * flat
    p, u = peak / (masses * peak).sum(), flat / (masses * flat).sum()
    exact = (masses * p * np.log(np.maximum(p, 1e-300) / u)).sum()
    assert np.isclose(shapes.sphere_divergence(tensor(kappa), d).item(), exact, rtol=1e-6)
    assert np.isclose(shapes.length(tensor(kappa), d).item(), on_heights(d, kappa, lambda t: t))


@pytest.mark.parametrize("d", [3, 8])
def test_slope_of_the_divergence_is_eq_76_and_a_finite_difference(d):
    kappa = tensor(2.5).requires_grad_()
    (found,) = torch.autograd.grad(shapes.sphere_divergence(kappa, d).sum(), kappa)
    i, k = lambda order: special.iv(order, 2.5), 2.5
    m = d / 2
    printed = k / 2 * (i(m + 1) / i(m - 1) - i(m) * (i(m - 2) + i(m)) / i(m - 1) ** 2 + 1)
    near = shapes.sphere_divergence(tensor(2.5 + 1e-5, 2.5 - 1e-5), d)
    assert np.isclose(found.item(), printed)
    assert np.isclose(found.item(), ((near[0] - near[1]) / 2e-5).item(), rtol=1e-4)


def test_density_is_scipys_and_integrates_to_one():
    mean, kappa = torch.nn.functional.normalize(tensor(1.0, 2.0, -1.0, 0.5, 1.0), dim=0), 4.0
    q = shapes.Sphere(mean[None], tensor(kappa))
    z = torch.nn.functional.normalize(torch.randn(200_000, 1, 5, generator=generator(), dtype=torch.float64), dim=-1)
    ratio = q.log_prob(z) - network.standard(z)
    assert np.isclose(ratio.exp().mean().item(), 1, atol=0.02)
    exact = stats.vonmises_fisher(mean.numpy(), kappa).logpdf(z[:20, 0].numpy()) + shapes.log_area(5)
    assert np.allclose(ratio[:20, 0], exact)


def wood(kappa, d, count, rng):
    """Wood's rejection sampler (1994), in NumPy: heights, and the proposals that they were made from."""
    b = (-2 * kappa + math.sqrt(4 * kappa**2 + (d - 1) ** 2)) / (d - 1)
    x0 = (1 - b) / (1 + b)
    c = kappa * x0 + (d - 1) * math.log(1 - x0**2)
    e = rng.beta((d - 1) / 2, (d - 1) / 2, count)
    w = (1 - (1 + b) * e) / (1 - (1 - b) * e)
    keep = kappa * w + (d - 1) * np.log(1 - x0 * w) - c >= np.log(rng.uniform(size=count))
    return w[keep], e[keep]


@pytest.mark.parametrize("d", [3, 5, 13])
@pytest.mark.parametrize("kappa", [0.7, 25.0])
def test_heights_are_distributed_as_a_rejection_samplers(d, kappa):
    u = (torch.arange(20_000, dtype=torch.float64)[:, None] + 0.5) / 20_000
    found = shapes.heights(tensor(kappa), d, u)[:, 0].numpy()
    kept, _ = wood(kappa, d, 40_000, np.random.default_rng(0))
    assert stats.ks_2samp(found, kept).statistic < 0.015


@pytest.mark.parametrize("d, kappa", [(3, 2.0), (5, 0.5), (13, 60.0)])
def test_gradient_through_the_sample_is_that_of_the_integral(d, kappa):
    """Of the mean of the height and of its square, by a finite difference of quadratures."""
    u = (torch.arange(40_000, dtype=torch.float64)[:, None] + 0.5) / 40_000
    for power in (1, 2):
        k = tensor(kappa).requires_grad_()
        (found,) = torch.autograd.grad((shapes.heights(k, d, u) ** power).mean(), k)
        more, less = (on_heights(d, kappa + step, lambda t: t**power) for step in (1e-4, -1e-4))  # noqa: B023
        assert np.isclose(found.item(), (more - less) / 2e-4, rtol=0.01)


def test_a_rejection_sampler_differentiated_as_if_nothing_were_rejected_is_biased():
    """-31 % in three dimensions with kappa 2: what is kept depends on kappa, too."""
    d, kappa, step = 3, 2.0, 1e-5
    _, e = wood(kappa, d, 400_000, np.random.default_rng(1))

    def made(k):
        b = (-2 * k + math.sqrt(4 * k**2 + (d - 1) ** 2)) / (d - 1)
        return (1 - (1 + b) * e) / (1 - (1 - b) * e)

    naive = ((made(kappa + step) - made(kappa - step)) / (2 * step)).mean()
    right = 1 / kappa**2 - 1 / math.sinh(kappa) ** 2
    assert np.isclose(naive / right, 0.69, atol=0.02)


def test_codes_lie_on_the_sphere_around_their_mean():
    member = family.Member(latent=5)
    q = shapes.sphere(3 * torch.randn(4, 10, generator=generator()), member)
    q = shapes.Sphere(q.mean, torch.full((4,), 20.0))
    z = q.at(torch.randn(20_000, 4, 5, generator=generator(1)))
    assert torch.allclose(z.norm(dim=-1), torch.ones(()), atol=1e-5)
    mean = z.mean(0)
    assert torch.allclose(mean, shapes.length(q.kappa, 5)[:, None] * q.mean, atol=0.01)
    around = shapes.Sphere(torch.eye(5)[:1], torch.full((1,), 20.0))  # at the pole itself
    assert torch.isfinite(around.at(torch.randn(3, 1, 5, generator=generator()))).all()


# --- correlated -----------------------------------------------------------------------------------------------


def test_correlated_posterior_is_scipys():
    d, rho, s = 6, -0.7, 0.4
    q = shapes.Correlated(
        torch.randn(1, d, generator=generator(), dtype=torch.float64), tensor(rho), tensor(math.log(s))
    )
    covariance = s * np.array([[rho ** abs(i - j) for j in range(d)] for i in range(d)])
    z = q.at(torch.randn(100_000, 1, d, generator=generator(1), dtype=torch.float64))
    exact = stats.multivariate_normal(q.mean[0].numpy(), covariance)
    assert np.allclose(q.log_prob(z[:9])[:, 0], exact.logpdf(z[:9, 0].numpy()))
    assert np.allclose(np.cov(z[:, 0].numpy().T), covariance, atol=0.01)
    wide = torch.distributions.MultivariateNormal(
        torch.zeros(d, dtype=torch.float64), torch.eye(d, dtype=torch.float64)
    )
    own = torch.distributions.MultivariateNormal(q.mean[0], torch.tensor(covariance))
    assert np.isclose(q.divergence().item(), torch.distributions.kl_divergence(own, wide).item())


# --- a flow ---------------------------------------------------------------------------------------------------


def bent(d=3, seed=0):
    torch.manual_seed(seed)
    bends = nn.ModuleList(flows.Bend(d, 12, 4) for _ in range(2)).double()
    for bend in bends:
        nn.init.normal_(bend.then.weight, std=0.8)
    start = family.Gaussian(torch.randn(2, d).double(), torch.randn(2, d).double() / 3)
    return flows.Bent(start, torch.randn(2, 4).double(), bends)


def test_density_of_a_flow_is_that_of_the_noise_over_the_jacobians_volume():
    q = bent()
    noise = torch.randn(1, 2, 3, generator=generator(), dtype=torch.float64)
    z = q.at(noise)
    for item in range(2):

        def moved(n, item=item):
            full = noise.clone()
            full[0, item] = n
            return q.at(full)[0, item]

        volume = torch.linalg.slogdet(torch.autograd.functional.jacobian(moved, noise[0, item]))[1]
        q.at(noise)
        exact = network.standard(noise[0, item]) - volume
        assert torch.isclose(q.log_prob(z.clone())[0, item], exact)


def test_a_flow_goes_back_to_where_it_came_from():
    q = bent(4)
    z = q.at(torch.randn(5, 2, 4, generator=generator(), dtype=torch.float64))
    kept = q.log_prob(z)
    assert torch.allclose(q.log_prob(z.clone()), kept)
    assert not torch.allclose(q.log_prob(z + 0.1), kept)


def test_a_flows_density_integrates_to_one():
    torch.manual_seed(1)
    q = bent(2)
    axis = torch.linspace(-12, 12, 601, dtype=torch.float64)
    grid = torch.stack(torch.meshgrid(axis, axis, indexing="ij"), -1).view(-1, 1, 2).expand(-1, 2, 2)
    with torch.no_grad():
        mass = q.log_prob(grid).exp().sum(0) * (axis[1] - axis[0]) ** 2
    assert torch.allclose(mass, torch.ones(2, dtype=torch.float64), atol=0.01)


# --- clusters -------------------------------------------------------------------------------------------------


def clustered(d=1, k=3):
    torch.manual_seed(0)
    model = clusters.Clustered(family.Member(latent=d, inputs=4, hidden=(8,), likelihood=network.normal), k).double()
    with torch.no_grad():
        for weight in (model.share, model.centre, model.log_sd):
            weight.copy_(torch.randn(weight.shape))
    return model


def test_mixture_is_scipys():
    model = clustered(2)
    z = torch.randn(7, 2, generator=generator(), dtype=torch.float64)
    share = special.softmax(model.share.detach().numpy())
    exact = [
        [math.log(w) + stats.norm(c, np.exp(s)).logpdf(row).sum() for w, c, s in zip(share, *parts, strict=True)]
        for row in z.numpy()
        for parts in [(model.centre.detach().numpy(), model.log_sd.detach().numpy())]
    ]
    assert np.allclose(model.log_joint(z).detach(), exact)


def test_clustered_bound_by_quadrature():
    model = clustered()
    x = torch.randn(1, 4, generator=generator(), dtype=torch.float64)
    q = model.posterior(x)
    density = stats.norm(q.mean.item(), q.log_sd.exp().item())

    def inside(z):
        at = torch.tensor([[[z]]], dtype=torch.float64)
        joint = model.log_likelihood(x, at).item() + model.log_joint(at[0]).logsumexp(1).item()
        return density.pdf(z) * (joint - density.logpdf(z))

    low, high = density.interval(1 - 1e-10)
    exact = integrate.quad(inside, low, high, limit=100)[0]
    with torch.no_grad():
        found = np.mean([-clusters.vade(model, x.expand(5000, 4), generator(s))[0].item() for s in range(8)])
    assert np.isclose(found, exact, atol=0.02)


def test_accuracy_is_the_best_of_all_namings():
    g = generator()
    cluster, digit = torch.randint(0, 4, (60,), generator=g), torch.randint(0, 4, (60,), generator=g)
    best = max(
        (torch.tensor(names)[cluster] == digit).float().mean().item() for names in itertools.permutations(range(4))
    )
    assert np.isclose(clusters.accuracy(cluster, digit), 100 * best)
    assert np.isclose(clusters.accuracy((digit + 1) % 4, digit), 100)


def test_pictures_move_and_may_stay():
    x = torch.rand(5, 784, generator=generator())
    assert torch.allclose(clusters.moved(x, 0.0, generator()), x, atol=1e-5)
    dot = torch.zeros(400, 784)
    dot[:, 14 * 28 + 14] = 1
    weight = clusters.moved(dot, 1.0, generator()).sum(0).view(28, 28)
    assert weight[:, :7].sum() < 0.02 * weight.sum() and weight[14, 14] < 0.3 * weight.sum()


@pytest.mark.parametrize("tied", [False, True])
def test_clusters_start_where_a_mixture_finds_groups_of_codes(tied):
    """Three groups, far apart and of different sizes and widths: shares, centres and widths are theirs."""
    centre, width = np.array([[0.0, 8], [8, 0], [-8, -8]]), np.array([[0.5, 1], [1, 0.5], [0.3, 0.3]])
    group = np.repeat([0, 1, 2], [100, 200, 700])
    codes = centre[group] + width[group] * np.random.default_rng(0).standard_normal((1000, 2))
    model = clusters.Clustered(family.Member(latent=2, inputs=4, hidden=(8,)), 3)
    model.posterior = lambda x: SimpleNamespace(mean=torch.tensor(codes))
    clusters.place(model, torch.zeros(1000, 4), 0, 3, tied)
    order = [int((model.centre.detach().numpy() - c).__abs__().sum(1).argmin()) for c in centre]
    assert np.allclose(model.share.softmax(0).detach().numpy()[order], [0.1, 0.2, 0.7], atol=1e-3)
    for k, at in enumerate(order):
        own = codes[group == k]
        assert np.allclose(model.centre.detach().numpy()[at], own.mean(0), atol=0.01)
        assert np.allclose(model.log_sd.exp().detach().numpy()[at], own.std(0), atol=0.01)


# --- a codebook -----------------------------------------------------------------------------------------------


def small_codebook():
    torch.manual_seed(0)
    return codebook.Codebook(symbols=5, size=3, width=4)


def test_the_nearest_row_by_loops():
    model = small_codebook()
    h = torch.randn(2, 49, 3, generator=generator())
    table = model.table.detach().numpy()
    exact = [[np.argmin([((v - row) ** 2).sum() for row in table]) for v in item] for item in h.numpy()]
    assert np.array_equal(model.nearest(h), exact)


def test_rounding_passes_gradients_on_as_if_it_were_not_there():
    model, x = small_codebook(), torch.rand(3, 784, generator=generator())
    model.commitment = 0.0
    h = model.encode(x).detach().requires_grad_()
    rows = model.table[model.nearest(h)].detach()
    misfit = nn.functional.binary_cross_entropy_with_logits(model.decode(rows.requires_grad_()), x, reduction="sum") / 3
    (exact,) = torch.autograd.grad(misfit, rows)
    model.encode = lambda _: h
    loss, record = codebook.vq(model, x, generator())
    (found,) = torch.autograd.grad(loss, h, retain_graph=True)
    assert torch.allclose(found, exact, atol=1e-6) and np.isclose(record["misfit"].item(), misfit.item(), rtol=1e-5)
    (pull,) = torch.autograd.grad(loss, model.table)  # of the table: towards the mean of those that chose it
    chosen = model.nearest(h)
    for k in range(5):
        mine = h[chosen == k]
        assert torch.allclose(pull[k], 2 * (model.table[k] - mine).sum(0).detach() / 3, atol=1e-5)


def test_the_prior_reads_only_symbols_before():
    torch.manual_seed(0)
    prior = codebook.SymbolPrior(6, width=8, places=9).eval()
    symbols = torch.randint(0, 6, (1, 9), generator=generator())
    other = symbols.clone()
    other[0, 5] = (other[0, 5] + 1) % 6
    with torch.no_grad():
        same = (prior(symbols) - prior(other)).abs().amax((0, 2)) < 1e-6
    assert same[:6].all() and not same[6:].any()


def test_drawing_symbols_follows_a_known_prior():
    """A prior that was told one rule, the next symbol is one more, draws by it; and its nats are the entropy's."""
    torch.manual_seed(0)
    g = generator()
    first = torch.randint(0, 4, (400, 1), generator=g)
    rule = (first + torch.arange(6)) % 4
    prior = codebook.SymbolPrior(4, width=16, places=6)
    from olc_lib.train import fit

    fit(prior, lambda b, s, r: codebook.surprise(prior, b["s"], r), {"s": rule}, 150, batch_size=64, lr=1e-2,
        progress=False)  # fmt: skip
    drawn = prior.draw(200, g)
    assert (((drawn[:, 1:] - drawn[:, :-1]) % 4) == 1).float().mean() > 0.97
    assert np.isclose(codebook.surprise(prior, rule, g)[0].item(), math.log(4), atol=0.1)


def test_perplexity():
    assert np.isclose(codebook.perplexity(torch.arange(8).repeat(3), 8), 8)
    assert np.isclose(codebook.perplexity(torch.zeros(9, dtype=torch.long), 8), 1)


# --- how they are measured --------------------------------------------------------------------------------------


def test_the_best_gaussian_of_its_own_reaches_a_gaussian_likelihood():
    """One code, one number: the true posterior is Gaussian, so nothing may be left below log p."""
    a, s, x = 1.3, 0.7, torch.full((400, 1), 0.9)

    def log_likelihood(x, z):
        return -((x - a * z) / s).square().sum(-1) / 2 - math.log(s * math.sqrt(2 * math.pi))

    model = SimpleNamespace(posterior=lambda x: family.Gaussian(torch.zeros(400, 1), torch.zeros(400, 1)),
                            log_likelihood=log_likelihood)  # fmt: skip
    exact = stats.norm(0, math.hypot(a, s)).logpdf(0.9)
    assert np.isclose(shaped.own_gaussian(model, x, 200), exact, atol=0.01)


@pytest.mark.parametrize("name", ["S-VAE, d 4", "IAF, d 2", "rho-VAE, d 20"])
def test_a_member_learns_and_repeats_itself(name):
    row = {key: value for key, value in shaped.SHAPES[name].items() if key not in ("flow", "gaps")} | {"hidden": (16,)}
    x = torch.rand(200, 784, generator=generator()).round()
    member = family.Member(**row)
    flow = {"bends": 1, "hidden": 8, "told": 4} if "IAF" in name else {}
    first, second = (shaped.made(member, x, 0, 20, 4e-3, 16, **flow) for _ in range(2))
    assert all(
        torch.equal(a, b) for a, b in zip(first.state_dict().values(), second.state_dict().values(), strict=True)
    )
    found = shaped.likelihood(first, x[:20])
    assert found["nll"] <= found["nll_half"] + 0.2 and -found["bound"] >= found["nll"]


@pytest.mark.parametrize("objective", [codebook.vq, codebook.surprise, codebook.unrounded, clusters.vade,
                                       clusters.straightened], ids=lambda f: f.__name__)  # fmt: skip
def test_an_objective_has_at_most_forty_lines(objective):
    assert len(inspect.getsource(objective).splitlines()) <= 40
