"""The sparse dictionary model and its rivals, against closed forms and a second implementation in NumPy."""

import numpy as np
import pytest
import torch
from scipy import integrate, stats

from olc_lib import data, spectra
from olc_lib.systems import sdm
from olc_lib.systems.sdm import network, speech


@pytest.fixture(scope="module")
def code():
    g = torch.Generator().manual_seed(0)
    return network.Code(*(torch.randn(5, 7, generator=g, dtype=torch.float64) for _ in range(3)))


def small(prior, **changes):
    member = sdm.Member(prior=prior, latent=8, pseudo=3, **changes)
    return sdm.build(sdm.Single(hidden=16, it=member))["it"]


def power(count=6, seed=0):
    return torch.rand(count, speech.BINS, generator=torch.Generator().manual_seed(seed)) * 10


def kl_by_integration(mean, sd, prior_sd):
    """KL divergence of two Gaussians, the second with mean 0, as an integral."""
    p, q = stats.norm(mean, sd), stats.norm(0, prior_sd)
    value, _ = integrate.quad(lambda a: p.pdf(a) * (p.logpdf(a) - q.logpdf(a)), mean - 9 * sd, mean + 9 * sd)
    return value


def test_divergence_of_the_vae_by_integration(code):
    mean, sd = code.mean.numpy(), (code.log_variance / 2).exp().numpy()
    expected = [
        sum(kl_by_integration(m, s, 1.0) for m, s in zip(*row, strict=True)) for row in zip(mean, sd, strict=True)
    ]
    assert np.allclose(network.standard_normal(None, code, None), expected, atol=1e-7)


def test_divergence_of_the_dictionary_model_by_integration_at_the_best_gamma(code):
    mean, sd = code.mean[0].numpy(), (code.log_variance[0] / 2).exp().numpy()
    gamma = mean**2 + sd**2
    best = [kl_by_integration(m, s, g**0.5) for m, s, g in zip(mean, sd, gamma, strict=True)]
    assert np.isclose(network.learned_variances(None, code, None)[0], sum(best), atol=1e-7)
    for off in (0.9, 1.1):  # and the closed form is a minimum
        assert all(
            kl_by_integration(m, s, (off * g) ** 0.5) > b for m, s, g, b in zip(mean, sd, gamma, best, strict=True)
        )


def test_gradients_do_not_care_whether_gamma_is_held_fixed(code):
    def gradient(detach):
        mean, log_variance = (x.clone().requires_grad_() for x in code[:2])
        gamma = mean.square() + log_variance.exp()
        gamma = gamma.detach() if detach else gamma
        ratio = (mean.square() + log_variance.exp()) / gamma
        ((ratio - 1 - log_variance + gamma.log()).sum() / 2).backward()
        return torch.stack([mean.grad, log_variance.grad])

    assert torch.allclose(gradient(True), gradient(False))


def test_divergence_of_spike_and_slab_by_sampling():
    """Both have a point mass at 0 and the same base measure, so the log ratio of a draw is the term to average."""
    model = small(network.spike_and_slab, alpha=0.2)
    code = network.Code(torch.tensor([[0.7]]), torch.tensor([[-1.0]]), torch.tensor([[0.4]]))
    rng, on, sd = np.random.default_rng(0), 1 / (1 + np.exp(-0.4)), np.exp(-0.5)
    value = np.where(rng.random(400_000) < on, rng.normal(0.7, sd, 400_000), 0.0)
    slab = np.log(on / 0.2) + stats.norm.logpdf(value, 0.7, sd) - stats.norm.logpdf(value)
    ratio = np.where(value != 0, slab, np.log((1 - on) / 0.8))
    assert np.isclose(network.spike_and_slab(model, code, None).item(), ratio.mean(), atol=0.01)


def numpy_bound(model, s, noise, uniform):
    """The negative bound of a frame, written again without torch: loops, densities and no shared function."""
    w = {name: value.detach().double().numpy() for name, value in model.state_dict().items()}

    def net(name, x):
        return w[f"{name}.2.weight"] @ np.tanh(w[f"{name}.0.weight"] @ x + w[f"{name}.0.bias"]) + w[f"{name}.2.bias"]

    def kl_coin(p, q):
        return p * np.log(p / q) + (1 - p) * np.log((1 - p) / (1 - q))

    def sigmoid(x):
        return 1 / (1 + np.exp(-x))

    x = np.log(s + 1e-6) / 4
    parts = net("encoder", x).reshape(-1, w["dictionary"].shape[1])
    mean, variance = parts[0], np.exp(parts[1])
    a = mean + np.sqrt(variance) * noise
    kind = model.member.prior.__name__
    if kind == "standard_normal":
        kl = sum((m * m + v - 1 - np.log(v)) / 2 for m, v in zip(mean, variance, strict=True))
    elif kind == "learned_variances":
        gamma = mean**2 + variance
        kl = sum((np.log(g / v) + (v + m * m) / g - 1) / 2 for m, v, g in zip(mean, variance, gamma, strict=True))
    else:
        on = sigmoid(parts[2])
        a = a * sigmoid((parts[2] + np.log(uniform / (1 - uniform))) / model.member.temperature)
        scores = np.exp(net("choose", x))
        kl = 0.0
        for u, chance in enumerate(scores / scores.sum()):
            m0, v0, o0 = net("encoder", w["pseudo"][u]).reshape(3, -1)
            v0, o0 = np.exp(v0), sigmoid(o0)
            gauss = (np.log(v0 / variance) + (variance + (mean - m0) ** 2) / v0 - 1) / 2
            kl += chance * np.sum(on * gauss + kl_coin(on, o0))
            kl += chance * len(o0) * kl_coin(o0.mean(), model.member.alpha)
    log_variance = net("decoder", w["dictionary"] @ a)
    return np.sum(log_variance + (s + 1e-6) / np.exp(log_variance)) + kl


@pytest.mark.parametrize("prior", [network.standard_normal, network.learned_variances, network.pseudo_inputs])
@pytest.mark.parametrize("atoms", [None, 12])
def test_bound_equals_a_second_implementation(prior, atoms):
    model = small(prior, atoms=atoms)
    model.encoder[2].bias.data += 0.3
    frames, k = power(), atoms or 8
    found = sum(network.bound(model, frames, torch.Generator().manual_seed(3)))
    g = torch.Generator().manual_seed(3)
    noise = torch.randn(6, k, generator=g).double().numpy()
    uniform = torch.rand(6, k, generator=g).double().numpy()
    expected = [numpy_bound(model, *row) for row in zip(frames.double().numpy(), noise, uniform, strict=True)]
    assert np.allclose(found.detach(), expected, rtol=1e-4)


def test_likelihood_is_that_of_a_complex_gaussian():
    """Real and imaginary part are independent, each with half of the variance."""
    rng = np.random.default_rng(0)
    real, imaginary = rng.normal(size=(2, speech.BINS))
    variance = rng.random(speech.BINS) + 0.5
    parts = [stats.norm.logpdf(part, scale=np.sqrt(variance / 2)).sum() for part in (real, imaginary)]
    s = torch.from_numpy(real**2 + imaginary**2)[None]
    found = network.negative_log_likelihood(s, torch.from_numpy(np.log(variance))[None])
    assert np.isclose(found.item(), -sum(parts) - speech.BINS * np.log(np.pi), rtol=1e-5)


@pytest.mark.parametrize("latent, atoms", [(32, 64), (32, 32), (64, 32)])
def test_dictionary_has_atoms_of_length_one(latent, atoms):
    dictionary = network.dct(latent, atoms)
    assert dictionary.shape == (latent, atoms)
    assert torch.allclose(dictionary.norm(dim=0), torch.ones(atoms))
    if latent == atoms:
        assert torch.allclose(dictionary.T @ dictionary, torch.eye(atoms), atol=1e-5)


def test_a_hard_choice_is_what_the_relaxation_tends_to():
    code = network.Code(torch.ones(2000, 1), torch.full((2000, 1), -30.0), torch.full((2000, 1), -1.0))
    drawn = code.sample(torch.Generator().manual_seed(0), 0.01)
    assert ((drawn < 0.01) | (drawn > 0.99)).float().mean() > 0.95
    assert abs(drawn.mean() - torch.sigmoid(torch.tensor(-1.0))) < 0.04
    assert torch.allclose(code.expected(), torch.sigmoid(torch.tensor(-1.0)).expand(2000, 1))


def test_no_take_is_in_two_splits_and_every_split_has_every_speaker():
    parts = {split: data.voices("embedded", split) for split in data.SPLITS}
    spoken = {
        name: set(zip(v.speaker.tolist(), v.digit.tolist(), v.take.tolist(), strict=True)) for name, v in parts.items()
    }
    takes = {name: set(speech.frames("embedded", name).take.tolist()) for name in parts}
    for first, second in (("train", "validation"), ("train", "test"), ("validation", "test")):
        assert not spoken[first] & spoken[second] and not takes[first] & takes[second]
    assert all(len(v.speaker.unique()) == 6 for v in parts.values())


def test_strings_are_ten_digits_long():
    waves = speech.strings("embedded", "test")
    assert len(waves) == 12 and all(len(wave) > 2 * data.RATE for wave in waves)
    assert all(abs(wave.abs().max() - 1) < 1e-6 for wave in waves)


def test_voicing_tells_a_buzz_from_noise():
    t = torch.arange(8000) / 8000
    buzz = sum(torch.sin(2 * torch.pi * 120 * k * t) / k for k in range(1, 12))
    hiss = torch.randn(8000, generator=torch.Generator().manual_seed(0))
    shares = [
        speech.voiced(spectra.stft(wave, speech.WINDOW, speech.HOP)[0][4:-4]).float().mean().item()
        for wave in (buzz, hiss)
    ]
    assert shares[0] > 0.95 and shares[1] < 0.1


def test_idle_coordinates_are_told_apart_from_sparse_frames():
    g = torch.Generator().manual_seed(0)
    idle = torch.randn(4000, 64, generator=g) * (torch.arange(64) < 16)
    sparse = torch.randn(4000, 64, generator=g) * (torch.rand(4000, 64, generator=g) < 0.25)
    first, second = sdm.sparsity(idle), sdm.sparsity(sparse)
    assert abs(first["hoyer"] - second["hoyer"]) < 0.06  # the bare figure cannot tell
    assert first["profile"] > 0.5 > 0.05 > second["profile"]
    assert first["frame_by_frame"] < 0.3 < second["frame_by_frame"] - 0.2
    assert (first["active"], second["active"]) == (16, 64)


def test_meaning_finds_the_atom_that_says_it():
    g = torch.Generator().manual_seed(0)
    label = torch.arange(600) % 2
    codes = torch.randn(600, 3, generator=g)
    codes[:, 1] *= 0.05 + 3 * label  # its size tells, its sign does not
    told = sdm.meaning((codes, {"voiced": label}), (codes, {"voiced": label}))
    assert told[:, 0].argmax() == 1 and told[1, 0] > 0.5 > 0.1 > told[0, 0]


def test_training_lowers_the_bound_and_repeats_itself():
    settings = sdm.Single(hidden=16, it=sdm.Member(network.learned_variances, latent=8))
    from olc_lib.train import fit

    def once():
        models = sdm.build(settings)
        (stage,) = sdm.stages(settings)
        loss, tensors = stage.prepare(models, settings, "cpu")
        return fit(models["it"], loss, tensors, 60, batch_size=64, lr=1e-2, progress=False)

    first, second = once(), once()
    assert torch.equal(first["misfit"], second["misfit"])
    assert first["misfit"][-10:].mean() < first["misfit"][:10].mean()
