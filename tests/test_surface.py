"""Prices against published values and closed forms, completion against brute force, verdicts against made-up files."""

import numpy as np
import pytest
import torch
from scipy import integrate, optimize, stats

from olc_lib.ledger import surface_claims
from olc_lib.systems import surface
from olc_lib.systems.surface import completion, pricing, worlds

#: kappa, theta, eta, rho, v0 of Fang and Oosterlee (2008), Section 5.2.
PUBLISHED = np.array([[1.5768, 0.0398, 0.5751, -0.5711, 0.0175]])


def heston_put(k, years, parameters, **options):
    return pricing.put(np.full((1, 1, 1), k), pricing.series(np.array([years]), parameters, **options)).item()


@pytest.mark.parametrize("years, price", [(1.0, 5.785155450), (10.0, 22.318945791)])
def test_cos_price_is_the_published_one(years, price):
    """At the money and without interest a put costs as much as a call; spot and strike are 100."""
    assert abs(100 * heston_put(0.0, years, PUBLISHED) - price) < 1e-6


@pytest.mark.parametrize("k", [-0.2, 0.0, 0.15])
def test_without_volatility_of_the_variance_heston_is_black(k):
    still = np.array([[1.0, 0.04, 1e-4, 0.0, 0.04]])
    assert np.isclose(heston_put(k, 0.5, still), pricing.black(k, 0.5, 0.2), atol=1e-7)


@pytest.mark.parametrize("years, k", [(1 / 52, -0.03), (1.0, 0.1), (3.0, -0.4)])
def test_cos_price_equals_an_integral_over_frequencies(years, k):
    """Another way to the same price (Lewis 2001): put = e^k - e^(k/2) / pi * integral of Re(...) / (u^2 + 1/4)."""
    parameters = np.array([[1.2, 0.02, 0.4, -0.3, 0.012]])

    def integrand(u):
        shifted = pricing.log_characteristic(np.full((1, 1, 1), u - 0.5j), np.array([years]), parameters).item()
        return (np.exp(-1j * u * k + shifted)).real / (u**2 + 0.25)

    value, _ = integrate.quad(integrand, 0, 2000, limit=2000, epsabs=1e-12)
    call = 1 - np.exp(k / 2) / np.pi * value
    assert np.isclose(heston_put(k, years, parameters), call - 1 + np.exp(k), atol=2e-7)


def test_black_by_integration_and_its_vega_by_differences():
    k, years, sigma = 0.07, 0.6, 0.18
    spread = sigma * years**0.5
    density = stats.norm(-(spread**2) / 2, spread).pdf
    value, _ = integrate.quad(lambda x: (np.exp(k) - np.exp(x)) * density(x), -3, k)
    assert np.isclose(pricing.black(k, years, sigma), value, atol=1e-9)
    slope = (pricing.black(k, years, sigma + 1e-5) - pricing.black(k, years, sigma - 1e-5)) / 2e-5
    assert np.isclose(pricing.vega(k, years, sigma), slope, atol=1e-7)


def test_a_strike_has_its_delta():
    """The delta of a call is the derivative of its price by the forward, at a fixed strike."""
    years, sigma, wanted = 0.4, 0.13, 0.25
    level = np.exp(pricing.strike(wanted, years, sigma))

    def call(forward):
        return forward * (pricing.black(np.log(level / forward), years, sigma) + 1 - level / forward)

    assert np.isclose((call(1 + 1e-5) - call(1 - 1e-5)) / 2e-5, wanted, atol=1e-6)


def test_a_surface_gives_back_the_prices_of_its_model():
    parameters = worlds.heston_parameters(np.random.default_rng(3), 3)
    sigma, moved = pricing.heston_surface(worlds.DELTA, worlds.YEARS, parameters)
    assert moved.max() < worlds.REST
    t = worlds.YEARS[:, None]
    k = pricing.strike(worlds.DELTA, t, sigma)
    for n, m, s in ((0, 0, 0), (1, 4, 2), (2, 7, 4)):
        price = heston_put(k[n, m, s], worlds.YEARS[m], parameters[n : n + 1], terms=1200)
        found = optimize.brentq(lambda v: pricing.black(k[n, m, s], worlds.YEARS[m], v) - price, 0.005, 2, xtol=1e-12)  # noqa: B023
        assert np.isclose(found, sigma[n, m, s], atol=1e-6)


def test_sabr_against_the_general_formula_of_hagan():
    """Written again for any beta, and taken at 1 - 1e-9, where forward and strike no longer cancel."""
    alpha, rho, nu, years, strike, beta = 0.12, -0.35, 0.6, 0.7, 1.13, 1 - 1e-9
    middle, log = strike ** ((1 - beta) / 2), np.log(1 / strike)
    z = nu / alpha * middle * log
    x = np.log((np.sqrt(1 - 2 * rho * z + z * z) + z - rho) / (1 - rho))
    drift = (1 - beta) ** 2 / 24 * alpha**2 / middle**2 + rho * beta * nu * alpha / (4 * middle)
    drift += (2 - 3 * rho**2) / 24 * nu**2
    expected = alpha / middle * z / x * (1 + drift * years)
    smile = (np.array([np.log(strike), 0.0]), years, alpha, rho, nu)
    found = pricing.sabr(*smile)
    assert np.isclose(found[0], expected, atol=1e-9)
    assert np.isclose(found[1], alpha * (1 + (rho * nu * alpha / 4 + (2 - 3 * rho**2) * nu**2 / 24) * years))


@pytest.mark.parametrize("world", worlds.WORLDS)
def test_worlds_are_reproducible_sound_and_split(world):
    first = worlds.surfaces(world, "train", 6, 1)
    again = worlds.surfaces.__wrapped__(world, "train", 6, 1)
    other = worlds.surfaces(world, "test", 6, 1)
    assert np.array_equal(first, again) and first.shape == (6, 40) and not np.isin(first, other).any()
    assert (first > 0.01).all() and (first < 1.5).all()
    with pytest.raises(ValueError, match="read-only"):
        first[0] = 0


@pytest.mark.parametrize("world, split", [("market", "train"), ("SABR", "all")])
def test_an_unknown_world_or_split_is_named(world, split):
    with pytest.raises(ValueError, match="is '(market|all)', expected one of"):
        worlds.surfaces(world, split, 3)


def test_known_points_are_counted_and_nested():
    few, many = worlds.known_points(50, 3, 2), worlds.known_points(50, 10, 2)
    assert (few.sum(1) == 3).all() and (many.sum(1) == 10).all() and not (few & ~many).any()
    assert len({tuple(row) for row in few}) > 40
    with pytest.raises(ValueError, match="points is 40, expected 1 to 39"):
        worlds.known_points(2, 40)


def test_error_counts_unknown_points_only():
    truth, known = np.full((2, 40), 0.1), worlds.known_points(2, 5)
    guess = np.where(known, 9.0, 0.101)
    assert np.isclose(worlds.error(guess, truth, known), 10)


def test_conditional_mean_by_brute_force():
    """The mean of those draws of the Gaussian whose known points come near the given ones, in two dimensions of it."""
    rng = np.random.default_rng(0)
    mix = rng.normal(size=(40, 40))
    train = rng.normal(size=(3000, 40)) @ mix * 0.1
    value, known = train[:1] + 0.05, np.zeros((1, 40), bool)
    known[0, :6] = True
    found = completion.conditional_mean(train, value, known, ridge=0.0)[0]
    mean, covariance = train.mean(0), np.cov(train.T)
    precision = np.linalg.inv(covariance)  # another formula: the conditional mean by the block of the precision
    rest = mean[6:] - np.linalg.solve(precision[6:, 6:], precision[6:, :6] @ (value[0, :6] - mean[:6]))
    assert np.allclose(found[6:], rest, atol=1e-6) and np.allclose(found[:6], value[0, :6])
    draws = rng.multivariate_normal(mean[[0, 20]], covariance[np.ix_([0, 20], [0, 20])], 400_000)
    near = np.abs(draws[:, 0] - value[0, 0]) < 0.02
    alone = np.arange(40)[None] == 0
    guess = completion.conditional_mean(train, value, alone, ridge=0.0)[0, 20]
    assert abs(draws[near, 1].mean() - guess) < 4 * draws[near, 1].std() / near.sum() ** 0.5


def test_search_finds_the_closed_form_of_a_linear_decoder():
    g = torch.Generator().manual_seed(0)
    decode = torch.nn.Linear(3, 40)
    decode.weight.data = torch.randn(40, 3, generator=g)
    x, known, noise = torch.randn(4, 40, generator=g), torch.rand(4, 40, generator=g) < 0.4, 0.5
    found = completion.search(decode, x, known, 3, noise, steps=400)
    for row in range(4):
        w = decode.weight.detach()[known[row]]
        off = (x[row] - decode.bias.detach())[known[row]]
        expected = torch.linalg.solve(w.T @ w + noise**2 * torch.eye(3), w.T @ off)
        assert torch.allclose(found[row], expected, atol=5e-3)
    assert decode.weight.grad is None


def test_calibration_finds_the_parameters_of_its_own_world():
    parameters = np.array([[1.8, 0.012, 0.25, -0.4, 0.009], [1.2, 0.02, 0.3, 0.3, 0.03]])
    sigma, _ = pricing.heston_surface(worlds.DELTA, worlds.YEARS, parameters)
    known = worlds.known_points(2, 20)
    found = completion.calibrate(np.where(known, sigma.reshape(2, 40), np.nan), known)
    assert np.allclose(found, parameters, rtol=0.02)


def test_completion_looks_at_known_points_only():
    model = surface.build(surface.Single(hidden=8))["it"]
    truth = worlds.surfaces("SABR", "test", 2)
    known = worlds.known_points(2, 10)
    other = np.where(known, truth, 7.0)
    train = np.log(worlds.surfaces("SABR", "train", 60))
    for way in (lambda v: surface.complete(model, v, known),
                lambda v: completion.conditional_mean(train, np.log(v), known)[~known]):  # fmt: skip
        assert np.array_equal(way(truth), way(other))


@pytest.mark.parametrize("pointwise", [True, False])
def test_bound_equals_a_second_implementation(pointwise):
    model = surface.build(surface.Single(hidden=8, it=surface.Member(pointwise, 3, 0.1)))["it"]
    x = torch.randn(5, 40, generator=torch.Generator().manual_seed(1))
    misfit, kl = surface.bound(model, x, torch.Generator().manual_seed(2))
    noise = torch.randn(5, 3, generator=torch.Generator().manual_seed(2)).numpy()
    w = {name: value.detach().numpy() for name, value in model.state_dict().items()}

    def net(name, v):
        for layer in (0, 2, 4):
            v = w[f"{name}.{layer}.weight"] @ v + w[f"{name}.{layer}.bias"]
            v = v / (1 + np.exp(-v)) if layer < 4 else v
        return v

    for row in range(5):
        out = net("encoder", x[row].numpy())
        mean, deviation = out[:3], np.exp(out[3:] / 2)
        z = mean + deviation * noise[row]
        places = [(delta, years) for years in worlds.YEARS for delta in worlds.DELTA]
        if pointwise:
            made = [net("decoder", [*z, (d - 0.5) / 0.3, (np.log(t) + 1.2) / 1.5]).item() for d, t in places]
        else:
            made = net("decoder", z)
        assert np.isclose(misfit[row].item(), ((made - x[row].numpy()) ** 2).sum() / 0.02, rtol=1e-4)
        expected = sum(-np.log(s) + (s * s + m * m - 1) / 2 for m, s in zip(mean, deviation, strict=True))
        assert np.isclose(kl[row].item(), expected, rtol=1e-4)


def test_an_unknown_method_is_named():
    with pytest.raises(ValueError, match="method is 'magic', expected VAE, Gaussian or calibration"):
        surface.table_one(0, world="SABR", method="magic")


# Verdicts

RULES = {claim.verdict.__name__: claim for claim in surface_claims.CLAIMS}
ARMS = list(surface.EXPERIMENTS["surface"].arms)


def judged(monkeypatch, name, rule, seeds=3):
    """The verdict where ``rule(arm)`` gives an arm's results; seeds differ a little, and alike in every arm."""
    found = {
        arm: [{"seed": s, "results": {key: v + 0.01 * s for key, v in rule(arm).items()}} for s in range(seeds)]
        for arm in ARMS
    }
    monkeypatch.setattr(surface_claims, "read", lambda experiment: found)
    text, verdict = RULES[name].verdict()
    assert text
    return verdict


def errors(numbers):
    """The same errors for every number of known points, by the arm's name."""

    def rule(arm):
        value = next(v for key, v in numbers.items() if arm.startswith(key))
        value = value[("Heston world" in arm, "SABR world" in arm).index(True)] if isinstance(value, tuple) else value
        return {key: value for key in (*(f"error_{k}" for k in surface_claims.KNOWN), "noisy_10", "milliseconds")}

    return rule


@pytest.mark.parametrize("name", list(RULES))
def test_two_repetitions_are_not_enough(monkeypatch, name):
    assert judged(monkeypatch, name, lambda arm: {}, seeds=2) == surface_claims.UNMEASURED


@pytest.mark.parametrize("name", ["_beats_calibration", "_beats_linear", "_noisy", "_faster"])
def test_less_holds_more_does_not(monkeypatch, name):
    better = errors({"VAE": 10.0, "Gaussian": 30.0, "Heston cal": 30.0})
    worse = errors({"VAE": 40.0, "Gaussian": 30.0, "Heston cal": 30.0})
    assert judged(monkeypatch, name, better) == surface_claims.HOLDS
    assert judged(monkeypatch, name, worse) == surface_claims.FAILS


def test_better_in_one_world_is_partly(monkeypatch):
    rule = errors({"VAE": 20.0, "Gaussian": 5.0, "Heston cal": (10.0, 30.0)})
    assert judged(monkeypatch, "_beats_calibration", rule) == surface_claims.PARTLY
    assert judged(monkeypatch, "_faster", errors({"VAE": 20.0, "Heston cal": 25.0, "Gau": 1.0})) == "holds partly"


@pytest.mark.parametrize("wrong, verdict", [(60.0, surface_claims.HOLDS), (20.0, surface_claims.FAILS)])
def test_a_wrong_model_errs_more(monkeypatch, wrong, verdict):
    assert judged(monkeypatch, "_wrong_model", errors({"Heston cal": (5.0, wrong), "": 1.0})) == verdict


def test_arms_are_those_of_the_experiment():
    wanted = {f"{m}, {w} world" for m in ("VAE", "Gaussian", "Heston calibration") for w in surface_claims.WORLDS}
    assert wanted <= set(ARMS) and surface_claims.KNOWN == surface.KNOWN
    assert all(claim.text.endswith(".") and claim.rule and claim.source for claim in surface_claims.CLAIMS)
