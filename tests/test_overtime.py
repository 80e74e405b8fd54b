"""Codes over time against a linear-Gaussian model, whose likelihood is known; and VAE-GAN's turns."""

import math

import numpy as np
import pytest
import torch
from scipy import stats

from olc_lib.systems.family import divergences, network, overtime, overtime_studies, vaegan

Q, R, C = 0.8, 0.3, (1.0, -0.6)


@pytest.fixture(autouse=True)
def double():
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


class Linear:
    """z' ~ N(a z, Q), x ~ N(C z, R I), with the methods of a VRNN: its past is its last code.

    The posterior is the true one of a code given the frame and the code before; it does not look at later frames.
    """

    state = 1

    def __init__(self, a):
        self.a, self.c = a, torch.tensor(C)

    def see(self, x):
        return x

    def prior(self, h):
        return self.a * h, torch.full_like(h, math.log(Q) / 2)

    def posterior(self, seen, h):
        precision = 1 / Q + self.c @ self.c / R
        mean = (self.a * h / Q + (seen @ self.c)[..., None] / R) / precision
        return mean, torch.full_like(h, -math.log(precision) / 2)

    def decode(self, z, h):
        return z * self.c, torch.full((*z.shape[:-1], 2), math.log(R) / 2)

    def move(self, seen, z, h):
        return z


def joint(a, steps):
    """Covariance of all frames as one long vector: no recursion, so not what the code does."""
    spread = np.zeros((steps, steps))
    for s in range(steps):
        for t in range(steps):
            spread[s, t] = sum(Q * a ** (s - k) * a ** (t - k) for k in range(min(s, t) + 1))
    return np.kron(spread, np.outer(C, C)) + R * np.eye(2 * steps)


def clips(a, steps, count, seed=0):
    """Draws from the model, with their exact log-likelihood."""
    model = stats.multivariate_normal(cov=joint(a, steps), seed=seed)
    x = model.rvs(count).reshape(count, steps, 2)
    return torch.tensor(x), torch.tensor(model.logpdf(x.reshape(count, -1)))


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def test_bound_is_exact_where_the_posterior_is():
    """Without a memory, later frames say nothing of a code: each single sample gives the log-likelihood."""
    x, exact = clips(0.0, 5, 40)
    bound, log_w = overtime.walk(Linear(0.0), x, generator())
    torch.testing.assert_close(log_w.sum(1), exact)
    assert (bound.sum(1) - exact).abs().max() > 0.01  # the closed form is right on average only
    many = overtime.walk(Linear(0.0), x.repeat_interleave(2000, 0), generator())[0].sum(1).view(-1, 2000)
    assert (many.mean(1) - exact).abs().max() < 6 * many.std(1).max() / 2000**0.5


def test_bound_is_below_where_the_posterior_cannot_see_the_future():
    """With a memory, the best guess from the past and the present is not the posterior."""
    x, exact = clips(0.9, 8, 400)
    bound = torch.stack([overtime.walk(Linear(0.9), x, generator(seed))[0].sum(1) for seed in range(50)]).mean()
    assert 0.1 < exact.mean() - bound < 5


def test_both_forms_of_the_bound_agree_on_average():
    """The divergence in closed form, and by samples."""
    x, _ = clips(0.9, 6, 200)
    found = [overtime.walk(Linear(0.9), x, generator(seed)) for seed in range(100)]
    first, second = (torch.stack([row[k].sum(1).mean() for row in found]) for k in (0, 1))
    assert abs(first.mean() - second.mean()) < 5 * (first - second).std() / 10


def test_particle_filter_is_unbiased_and_tighter():
    """The mean of exp(estimate) is the likelihood; more particles come closer to its logarithm."""
    x, exact = clips(0.9, 6, 3)
    many = x.repeat_interleave(4000, 0)
    ratio = (overtime.filtered(Linear(0.9), many, 4, generator()).view(3, -1) - exact[:, None]).exp()
    assert ((ratio.mean(1) - 1).abs() < 5 * ratio.std(1) / 4000**0.5).all()
    x, exact = clips(0.9, 8, 400)
    gaps = [(exact - overtime.filtered(Linear(0.9), x, n, generator())).mean().item() for n in (1, 4, 64)]
    assert gaps[0] > gaps[1] > gaps[2] and abs(gaps[2]) < 0.1


def test_divergence_is_torchs():
    """Of two normal distributions."""
    q, p = ((torch.randn(4, 3, generator=generator(s)), torch.randn(4, 3, generator=generator(s + 9))) for s in (0, 1))
    kinds = torch.distributions
    expected = kinds.kl_divergence(kinds.Normal(q[0], q[1].exp()), kinds.Normal(p[0], p[1].exp())).sum(-1)
    torch.testing.assert_close(divergences.gaussians_kl(q, p), expected)


def test_ceiling_is_the_noise_alone():
    """A model that knows a clip by heart reaches it, and nothing more."""
    x = overtime.noisy(torch.zeros(4000, overtime.BANDS), generator())
    best = overtime.log_normal(x, (torch.zeros(1), torch.full((1, overtime.BANDS), math.log(overtime.NOISE))))
    assert abs(best.mean() - overtime.CEILING) < 0.3


@pytest.mark.parametrize("sizes", [{}, {"parts": 3}, {"rank": 2}])
def test_likelihood_of_a_network_without_a_code(sizes):
    """By scipy, frame by frame, with the recurrence written out."""
    torch.manual_seed(0)
    model = overtime.RNN(5, 7, **sizes)
    x = torch.randn(2, 3, overtime.BANDS, generator=generator())
    found, h = model.score(x), torch.zeros(1, 2, 5)
    for t in range(3):
        about = model.about(h[0])
        for row in range(2):
            if sizes.get("rank"):
                cov = about.covariance_matrix[row].detach().numpy()
                expected = stats.multivariate_normal(about.mean[row].detach().numpy(), cov).logpdf(x[row, t].numpy())
            else:
                each = about.component_distribution.base_dist
                logs = stats.norm(each.loc[row].detach(), each.scale[row].detach()).logpdf(x[row, t]).sum(1)
                expected = np.logaddexp.reduce(logs + np.log(about.mixture_distribution.probs[row].detach().numpy()))
            assert found[row, t].item() == pytest.approx(expected, rel=1e-9)
        _, h = model.memory(model.see(x[:, t])[:, None], h)


@pytest.mark.parametrize("name", overtime_studies.SIZES)
def test_no_frame_is_told_by_itself(name):
    """A change of the last frame changes no score before it; a change of the first does change later ones."""
    row = dict(overtime_studies.SIZES[name])
    torch.manual_seed(0)
    model = row.pop("make")(**row)
    x = torch.randn(2, 4, overtime.BANDS, generator=generator())
    last, first = x.clone(), x.clone()
    last[:, 3] += 1
    first[:, 0] += 1
    before, after, later = (model.score(rows, generator()) for rows in (x, last, first))
    torch.testing.assert_close(before[:, :3], after[:, :3])
    if name != "VAE of frames":
        assert (before[:, 3] - later[:, 3]).abs().max() > 1e-6
    else:
        torch.testing.assert_close(before[:, 1:], later[:, 1:])


def test_models_have_as_many_weights_as_the_first():
    """Within two percent, or a comparison would be unfair."""
    counts = {}
    for name, row in overtime_studies.SIZES.items():
        model = {**row}.pop("make")(**{key: value for key, value in row.items() if key != "make"})
        counts[name] = sum(weight.numel() for weight in model.parameters())
    first = counts["VRNN"]
    assert all(abs(count / first - 1) < 0.02 for count in counts.values()), counts


def test_drawings_repeat_and_have_their_deviation():
    """The same generator, the same clips; torch's own generator is left alone."""
    torch.manual_seed(0)
    for model in (overtime.VRNN(), overtime.RNN(6, parts=2)):
        state = torch.get_rng_state()
        with torch.no_grad():
            one, two = (model.draw(3, 4, generator(5)) for _ in range(2))
        assert torch.equal(one, two) and one.shape == (3, 4, overtime.BANDS)
        assert torch.equal(state, torch.get_rng_state())


def test_resemblance_of_a_set_with_itself():
    """0 for the same clips, and larger the farther they are moved."""
    x = torch.randn(300, 2, overtime.BANDS, generator=generator())
    same, near, far = (overtime_studies.resemblance(x + move, x, x) for move in (0, 0.1, 0.3))
    assert abs(same) < 1e-4 < near < far


def test_training_learns():
    """A few steps on made-up clips raise the score."""
    torch.set_default_dtype(torch.float32)
    x = torch.randn(64, 1, overtime.BANDS, generator=generator()).expand(-1, 3, -1).contiguous()
    scores = []
    for steps in (1, 30):
        model = overtime_studies.made(overtime_studies.with_code, x, steps=steps, lr=1e-2, latent=4, state=8, width=16)
        scores.append(overtime_studies.likelihood(model, overtime.noisy(x, generator()))["nats"])
    assert scores[1] > scores[0] + 5


# VAE-GAN


def gan(**options):
    torch.set_default_dtype(torch.float32)
    torch.manual_seed(0)
    return vaegan.VAEGAN(network.Member(latent=3, hidden=(16,), weight=2.0), **options)


def test_best_variance_of_features_does_not_depend_on_their_scale():
    """By a search over the variance; and the scale of the features only adds a constant."""
    a, b = (torch.randn(5, 7, generator=generator(s)) for s in (0, 1))
    error = (a - b).square()
    variances = torch.linspace(0.1, 10, 4000)
    searched = (error.sum(1).mean() / (2 * variances) + 7 / 2 * variances.log()).min() - 7 / 2
    assert vaegan.misfit(a, b, True).item() == pytest.approx(searched.item(), abs=1e-4)
    gap = vaegan.misfit(10 * a, 10 * b, True) - vaegan.misfit(a, b, True)
    assert gap.item() == pytest.approx(7 * math.log(10))
    torch.testing.assert_close(vaegan.misfit(a, b, False), error.sum(1).mean() / 2)


def test_the_critics_opinion_reaches_the_decoder_alone():
    """With the opinion counted a thousand times, the encoder's gradient is what it was."""
    gradients = []
    for weight in (0.0, 1000.0):
        model = gan(tame=False)
        object.__setattr__(model.member, "weight", weight)
        total, _ = vaegan.creative(model, torch.rand(4, 784, generator=generator()).float(), generator())
        gradients.append(torch.autograd.grad(total, [model.encoder[-1].bias, model.decoder[-1].bias]))
    torch.testing.assert_close(gradients[0][0], gradients[1][0])
    assert (gradients[0][1] - gradients[1][1]).abs().max() > 1e-3


def test_critic_ascends_its_likelihood():
    """A step against its gradient makes it tell pictures from drawings better, at rest it has 2 log 2."""
    model, x = gan(tame=False), torch.rand(16, 784, generator=generator()).float()
    before, _ = vaegan.critical(model, x, generator())
    optimizer = torch.optim.SGD(model.critic.parameters(), 1e-3)
    before.backward()
    optimizer.step()
    after, _ = vaegan.critical(model, x, generator())
    assert after < before
    for weight in model.critic.parameters():
        weight.data.zero_()
    assert vaegan.critical(model, x, generator())[0].item() == pytest.approx(2 * math.log(2))


def test_a_tame_critic_has_gain_one():
    """Largest singular value of its last layer, after some passes."""
    model = gan(tame=True)
    for _ in range(30):
        model.critic(torch.rand(2, 784))
    assert torch.linalg.matrix_norm(model.critic.head.weight, 2).item() == pytest.approx(1, abs=1e-3)
