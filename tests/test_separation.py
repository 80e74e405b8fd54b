"""Separation of two voices, against closed forms, second implementations in NumPy and published packages."""

import math
import os

import numpy as np
import pytest
import torch

from olc_lib import spectra
from olc_lib.latent import VOICE
from olc_lib.systems import separation
from olc_lib.systems.family import divergences
from olc_lib.systems.separation import choosing, codes, mixtures, network, objectives, plans, rivals, studies, training
from olc_lib.train import fit

EMBEDDED = ("people", "synthetic pairs", "synthetic strangers")


def noise(*shape, seed=0):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def small(name="autoencoder", window=64, hop=32, layers=(16, 8), **options):
    with torch.random.fork_rng([]):
        torch.manual_seed(0)
        return network.Separator(objectives.MEMBERS[name], layers, window, hop, scale=1.0, **options)


def toy(seconds=1.0, rate=8000):
    """A low and a high voice that no frequency shares: noise below and above 1500 Hz."""
    frequencies = torch.fft.rfftfreq(int(seconds * rate), 1 / rate)
    return [
        mixtures.level(torch.fft.irfft(torch.fft.rfft(noise(int(seconds * rate), seed=k)) * band))
        for k, band in enumerate((frequencies < 1400, frequencies > 1600))
    ]


def toy_scene():
    low, high = toy()
    parts = {split: ([low[a:b]], [high[a:b]]) for split, a, b in (("train", 0, 6000), ("test", 6000, 8000))}
    names = {split: ([("low", split)], [("high", split)]) for split in parts}
    return mixtures.Scene(("low", "high"), parts, names, 8000)


# --- scenes ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", EMBEDDED)
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_no_sentence_of_the_test_was_heard_in_training_from_anybody(name, seed):
    for scene in mixtures.SCENES[name](seed):
        said = {split: {s for side in scene.names[split] for _, s in side} for split in scene.names}
        assert said["train"] and said["test"]
        assert not said["train"] & said["test"] and not said["validation"] & (said["train"] | said["test"])


@pytest.mark.parametrize("name, known", [("people", True), ("synthetic pairs", True), ("synthetic strangers", False)])
def test_known_and_unknown_voices_are_what_they_are_called(name, known):
    for scene in mixtures.SCENES[name](0):
        who = {split: {s for side in scene.names[split] for s, _ in side} for split in scene.names}
        assert (who["test"] <= who["train"]) if known else not who["test"] & who["train"]
        sides = [{s for s, _ in scene.names["train"][k]} for k in (0, 1)]
        assert not sides[0] & sides[1]


def test_seeds_pick_other_synthetic_voices():
    first, second = (mixtures.synthetic_pairs(seed) for seed in (0, 1))
    assert len(first) == 6 and all(a.sources != b.sources for a, b in zip(first, second, strict=True))


@pytest.mark.skipif("OLC_DATA" not in os.environ, reason="needs the excerpt of LibriSpeech")
def test_readers_share_no_utterance_and_strange_ones_no_reader():
    (known,), (strange,) = mixtures.readers(0), mixtures.strange_readers(0)
    for scene in (known, strange):
        said = {split: {s for side in scene.names[split] for _, s in side} for split in scene.names}
        assert not said["train"] & said["test"] and not said["validation"] & (said["train"] | said["test"])
    who = {split: {s for side in strange.names[split] for s, _ in side} for split in strange.names}
    assert len(who["test"]) == 10 and len(who["train"]) > 200 and not who["train"] & (who["test"] | who["validation"])
    assert len(mixtures.mixtures(known, "test")) >= 20
    assert mixtures.readers(0)[0].names != mixtures.readers(1)[0].names


@pytest.mark.parametrize("name, count", [("people", 24), ("synthetic pairs", 4), ("synthetic strangers", 24)])
def test_mixtures_are_of_equal_power_and_all_different(name, count):
    scene = mixtures.SCENES[name](0)[0]
    pairs = mixtures.mixtures(scene, "test", count)
    assert len(pairs) == count
    for pair in pairs:
        assert pair.shape[1] <= 3 * scene.rate and torch.allclose(pair.square().mean(1), torch.ones(2), atol=1e-4)
    sums = {round(float(pair.sum(0).square().mean()), 5) for pair in pairs}
    assert len(sums) == count
    again = mixtures.mixtures(scene, "test", count)
    assert all(torch.equal(a, b) for a, b in zip(pairs, again, strict=True))


def test_what_cannot_be_mixed_is_named():
    with pytest.raises(ValueError, match="silent, expected a voice"):
        mixtures.level(torch.zeros(10))
    with pytest.raises(ValueError, match="'validation' .* has no sentences"):
        mixtures.mixtures(mixtures.synthetic_pairs(0)[0], "validation")


def test_a_sentence_is_held_back_where_settings_are_chosen():
    scenes, whole = studies.scenes_of("synthetic pairs", 0, "validation"), mixtures.synthetic_pairs(0)
    for one, all_of_it in zip(scenes, whole, strict=True):
        for k in (0, 1):
            assert one.names["train"][k] + one.names["validation"][k] == all_of_it.names["train"][k]
            assert len(one.names["validation"][k]) == 1
        assert not one.waves["test"][0] and not one.waves["test"][1]
    people = studies.scenes_of("people", 0, "validation")[0]
    assert people.names == mixtures.people()[0].names
    with pytest.raises(ValueError, match="one training sentence, expected two or more"):
        mixtures.held(toy_scene())


# --- frames and masks ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("letter", list(studies.WINDOWS))
@pytest.mark.parametrize("length", [4000, 4001, 4321])
def test_frames_of_every_window_lose_nothing(letter, length):
    window, hop = (8 * ms for ms in studies.WINDOWS[letter])
    wave = noise(2, length)
    back = network.sound(network.spectrum(wave, window, hop), window, hop, length)
    assert torch.allclose(back, wave, atol=1e-4)


def test_spectra_are_those_of_the_library_where_both_are_defined():
    wave = noise(4096)
    power, phase = spectra.stft(wave, 256, 128)
    assert torch.allclose(network.spectrum(wave, 256, 128), torch.polar(power.sqrt(), phase), atol=1e-4)


@pytest.mark.parametrize("window, hop", [(63, 16), (64, 64), (64, 0)])
def test_windows_that_lose_something_are_refused(window, hop):
    with pytest.raises(ValueError, match="expected an even window"):
        network.spectrum(noise(500), window, hop)


def test_masks_are_shares_in_numpy():
    s = noise(2, 5, 7).abs() + 0.1
    for p in (0.5, 1.0, 2.0, 4.0):
        expected = s.numpy() ** p / (s.numpy() ** p).sum(0)
        assert np.allclose(network.wiener(s, p), expected, atol=1e-5)
    nothing = network.wiener(torch.zeros(2, 3))
    assert torch.allclose(nothing, torch.full((2, 3), 0.5))


@pytest.mark.parametrize("exponent", [0.5, 1.0, 4.0])
def test_what_is_heard_sums_to_the_mixture(exponent):
    wave = noise(3000)
    made = network.masked(noise(2, 95, 33, seed=1).abs(), wave, 64, 32, exponent)
    assert torch.allclose(made.sum(0), wave, atol=1e-4)


def test_a_larger_exponent_lets_less_of_the_weaker_source_through():
    s = torch.tensor([[0.2], [0.8]])
    shares = [float(network.wiener(s, p)[0]) for p in (0.5, 1, 2, 4)]
    assert shares == sorted(shares, reverse=True)


def test_the_ideal_mask_separates_sources_that_share_no_frequency():
    pair = torch.stack(toy())
    found = training.scores([pair], [rivals.ideal(pair, 256, 128)])
    assert min(found["sdr"]) > 15
    other = training.scores([pair], [pair.sum(0).expand(2, -1)])
    assert max(other["sir"]) < 1


def test_neighbours_by_a_loop():
    frames = noise(6, 3)
    found = network.neighbours(frames, 3)
    for t in range(6):
        for k in range(3):
            expected = frames[t + k - 1] if 0 <= t + k - 1 < 6 else torch.zeros(3)
            assert torch.equal(found[t, k], expected)


# --- nets and objectives ---------------------------------------------------------------------------------------


def numpy_net(stack, x):
    layers = [layer for layer in stack if isinstance(layer, torch.nn.Linear)]
    for k, layer in enumerate(layers):
        x = x @ layer.weight.detach().double().numpy().T + layer.bias.detach().double().numpy()
        x = np.maximum(x, 0) if k < len(layers) - 1 else x
    return x


@pytest.mark.parametrize("name", ["autoencoder", "VAE", "VAE, ε .01", "β-VAE 4", "mask MLP"])
def test_objectives_in_numpy(name):
    model = small(name)
    net, member = model.nets[0], model.member
    seen, wanted = noise(5, 1, 33).abs(), noise(5, 33, seed=1).abs()
    value, record = member.objective(net, seen, wanted, torch.Generator().manual_seed(3), member)
    mean, log_variance = np.split(numpy_net(net.encoder, seen[:, 0].double().numpy()), 2, axis=1)
    code, kl = mean, 0.0
    if name.startswith(("VAE", "β")):
        epsilon = noise(5, 8, seed=3).double().numpy()
        code = mean + {"VAE": 1.0}.get(name, 0.01) * np.exp(log_variance / 2) * epsilon
        kl = {"β-VAE 4": 4.0}.get(name, 1.0) * 0.5 * (mean**2 + np.exp(log_variance) - 1 - log_variance).sum(1).mean()
    out = numpy_net(net.decoder, code)
    estimate = seen[:, 0].numpy() / (1 + np.exp(-out)) if name == "mask MLP" else np.log1p(np.exp(out))
    expected = 0.5 * ((estimate - wanted.numpy()) ** 2).sum(1).mean() + kl
    assert math.isclose(value.item(), expected, rel_tol=1e-4)
    assert set(record) == ({"misfit", "kl"} if kl else {"misfit"})


def test_fast_cauchy_schwarz_is_that_of_the_family():
    x, y = noise(30, 16).double(), (0.5 * noise(40, 16, seed=1) + 1).double()
    expected = divergences.cauchy_schwarz(x, y, 4.0)
    assert torch.allclose(objectives.cauchy_schwarz(x, y, 4.0), expected, rtol=1e-6)


def test_itl_charges_a_cloud_that_is_not_the_prior():
    model = small("ITL-AE")
    net, seen = model.nets[0], noise(200, 1, 33).abs()
    _, near = model.member.objective(net, seen, seen[:, 0], torch.Generator().manual_seed(0), model.member)
    with torch.no_grad():
        net.encoder[-1].bias += 5
    _, far = model.member.objective(net, seen, seen[:, 0], torch.Generator().manual_seed(0), model.member)
    assert far["apart"] > near["apart"] + 1


def test_nets_of_one_layer_or_of_half_a_context_are_refused():
    for layers, context in (((8,), 1), ((8, 4), 2)):
        with pytest.raises(ValueError, match="expected two layers or more"):
            network.Net(33, layers, context)


def test_mixtures_made_on_the_fly_are_sums_of_waves():
    """What the loss sees: the magnitudes of the sum of two frames, here of a whole wave at once."""
    first, second = noise(2000), noise(2000, seed=1)
    both = network.spectrum(first + second, 64, 32)
    assert torch.allclose(both, network.spectrum(first, 64, 32) + network.spectrum(second, 64, 32), atol=1e-4)


@pytest.mark.parametrize("name", list(objectives.MEMBERS))
def test_every_member_learns_to_separate_what_is_separable(name):
    scene = toy_scene()
    some = training.frames(scene, 64, 32)
    model = small(name, layers=(32, 8))
    model.scale.copy_(training.deviation(some))
    loss, rows = training.objective(model, some)
    fit(model, loss, rows, 150, batch_size=64, lr=8e-3, progress=False)
    pairs = mixtures.mixtures(scene, "test")
    found = training.scores(pairs, [training.separate(model, pair.sum(0)) for pair in pairs])
    assert min(found["sdr"]) > 6, found["sdr"]


def test_frames_of_silence_are_made_when_asked_for():
    scene, seen = toy_scene(), []
    some = training.frames(scene, 64, 32)

    def spy(net, mixed, own, generator, member):
        seen.append(own)
        return (net(mixed) * 0).sum(), {}

    model = small()
    model.member = network.Member(spy)
    loss, rows = training.objective(model, some, alone=0.3)
    loss({"row": torch.arange(100)}, 0, torch.Generator().manual_seed(0))
    silent = [(own.abs().sum(1) == 0).float().mean() for own in seen]
    assert all(0.15 < share < 0.45 for share in silent)
    assert not ((seen[0].abs().sum(1) == 0) & (seen[1].abs().sum(1) == 0)).any()


# --- rivals and codes ------------------------------------------------------------------------------------------


def test_factors_are_those_of_scikit_learn():
    """The same updates from the same start."""
    decomposition = pytest.importorskip("sklearn.decomposition")
    frames = noise(40, 12).abs().double()
    generator = torch.Generator().manual_seed(0)
    basis = torch.rand(3, 12, generator=generator) + 0.1
    amount = torch.rand(40, 3, generator=generator) + 0.1
    found, parts = rivals.factorize(frames.float(), 3, 200)
    model = decomposition.NMF(3, init="custom", solver="mu", beta_loss="kullback-leibler", max_iter=200, tol=0)
    expected = model.fit_transform(frames.numpy(), W=amount.double().numpy(), H=basis.double().numpy())
    assert np.allclose(found @ parts, expected @ model.components_, atol=5e-3)


def test_factors_never_do_worse_with_more_steps():
    frames = noise(40, 12).abs()

    def distance(steps):
        amount, basis = rivals.factorize(frames, 4, steps)
        model = amount @ basis
        return float((torch.special.xlogy(frames, frames / model) - frames + model).sum())

    values = [distance(steps) for steps in (1, 5, 20, 100)]
    assert values == sorted(values, reverse=True)


def test_factors_separate_what_is_separable():
    scene = toy_scene()
    factors = rivals.Factors(training.frames(scene, 64, 32), 4, 64, 32)
    pairs = mixtures.mixtures(scene, "test")
    assert min(training.scores(pairs, [factors.separate(pair.sum(0)) for pair in pairs])["sdr"]) > 6


def test_codes_found_explain_the_mixture_better_than_those_it_starts_from():
    model, seen = small("clean autoencoder"), noise(7, 1, 33).abs()

    def misfit(both):
        return float((both.square().sum(0).sqrt() - seen[:, 0]).square().sum())

    start, found = (codes.search(model, seen, steps).detach() for steps in (0, 100))
    assert misfit(found) < misfit(start)


def test_the_prior_keeps_codes_short():
    model, seen = small("clean VAE"), 5 * noise(7, 1, 33).abs()
    with torch.no_grad():
        free, tied = (codes.search(model, seen, 100, prior) for prior in (0.0, 1000.0))
        rest = torch.stack([net.decode(torch.zeros(7, 8)) for net in model.nets])
    assert (tied - rest).abs().mean() < (free - rest).abs().mean()


# --- choosing --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def digits():
    return choosing.material("embedded", "test")


def test_the_block_is_that_of_the_placed_encoder_and_names_the_speaker(digits):
    assert digits.block.shape == (len(digits.clips), VOICE.sizes["speaker"])
    assert (digits.block.argmax(1) == digits.speaker).float().mean() > 0.9
    assert len(digits.spectra) == len(digits.owner)


def test_cases_ask_for_a_speaker_by_another_clip(digits):
    for i, j, k, m in choosing.cases(digits, 20):
        s = digits.speaker
        assert s[i] != s[j] and s[k] == s[i] and s[m] == s[j] and len({i, j, k, m}) == 4
        assert choosing.mixed(digits, i, j).shape[1] == max(len(digits.clips[i]), len(digits.clips[j]))


def test_an_open_mask_hears_everything():
    chooser = choosing.Chooser(8)
    with torch.no_grad():
        chooser.layers[-1].weight.zero_()
        chooser.layers[-1].bias.fill_(50)
    wave = noise(4000)
    assert torch.allclose(chooser.hear(wave, torch.zeros(6)), wave, atol=1e-4)


def test_another_corpus_is_refused():
    with pytest.raises(ValueError, match="corpus is 'tape', expected one of"):
        choosing.material("tape", "test")


# --- experiments -----------------------------------------------------------------------------------------------


def test_violins_have_what_the_means_are_of(monkeypatch):
    monkeypatch.setitem(plans.PLANS, "people", plans.Plan(steps=2))
    found = studies.compare(0, scene="people", method="autoencoder", layers=(8, 4), exponents=(2.0,), count=4)
    assert found["mixtures"] == 4 and len(found["sdr_all"]) == 8
    assert math.isclose(found["sdr"], sum(found["sdr_all"]) / 8, abs_tol=0.01)
    assert {"sir at 2", "counted", "gain"} <= set(found) and 0 <= found["counted"] <= 100


def test_closer_frames_are_more_frames_of_the_same_voices(monkeypatch):
    heard = []
    monkeypatch.setattr(plans, "fit", lambda model, loss, data, *args, **options: heard.append(len(data["row"])))
    for shift in (0, 32, 8):
        plan = plans.Plan(window=64, hop=32, steps=1, shift=shift)
        plans.trained(toy_scene(), objectives.MEMBERS["autoencoder"], plan, 0, (8, 4))
    assert heard[0] == heard[1] and abs(heard[2] - 4 * heard[0]) < 8
    with pytest.raises(ValueError, match="expected a shift of 0 or a context of 1"):
        plans.trained(toy_scene(), objectives.MEMBERS["autoencoder"], plans.Plan(shift=8, context=3), 0)


def test_references_order_as_they_must():
    found = {
        name: studies.compare(0, scene="people", method=name, count=4)["sdr"] for name in ("mixture", "ideal mask")
    }
    assert found["ideal mask"] > found["mixture"] + 5


def test_arms_name_scenes_and_methods_that_exist():
    arms = separation.EXPERIMENTS["separation"].arms
    assert {arm["scene"] for arm in arms.values()} == set(mixtures.SCENES) == set(plans.PLANS)
    assert {arm["method"] for arm in arms.values()} <= {*objectives.MEMBERS, *studies.REFERENCES}
    for scene in mixtures.SCENES:
        assert {f"{scene}: {name}" for name in (*studies.REFERENCES, "autoencoder")} <= set(arms)
