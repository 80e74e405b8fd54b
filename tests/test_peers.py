"""Other systems on the same pairs: each trains, reads, draws and crosses over in the shapes it should; and what is
measured is sound. Models of MultiVae are skipped where it is not installed."""

import importlib.util

import pytest
import torch
from test_experiments import embedded  # noqa: F401  (a fixture: small corpora under every name)
from torch.nn import functional as F

from olc_lib import data, metrics, pairs, stored, systems, train
from olc_lib.latent import IMAGE, VOICE
from olc_lib.ledger import experiments, peers, peers_claims
from olc_lib.networks import Classifier
from olc_lib.normalize import max_m_percent
from olc_lib.systems import classified, conditional, multivae, placed_pair

installed = pytest.mark.skipif(
    not (importlib.util.find_spec("multivae") and importlib.util.find_spec("pydantic")),
    reason='MultiVae is missing: `pip install "olc_lib[peers]"`',
)
every = pytest.mark.parametrize(
    "name", ["placed", "classified", "conditional", *(pytest.param(name, marks=installed) for name in multivae.OPTIONS)]
)


def made(name, seed=0):
    torch.manual_seed(seed)
    if name == "placed":
        return placed_pair.PlacedPair(0.01, steps=4)
    plain = {"classified": classified.Classified, "conditional": conditional.Conditional}
    return plain[name](0.01) if name in plain else multivae.MultiVae(name, 0.01, passes=2)


def batch(size=6):
    generator = torch.Generator().manual_seed(1)
    signals = {domain: torch.rand(size, *shape, generator=generator) for domain, shape in pairs.SHAPES.items()}
    return signals | {"speaker": torch.arange(size) % 6, "digit": torch.arange(size) % 10}


@every
def test_a_system_reads_draws_and_crosses_over(name):
    """Shapes of every step, and nothing random in any of them."""
    module, given = made(name).eval(), batch()
    for source, target in (("voice", "image"), ("image", "voice")):
        with torch.no_grad():
            code = module.code(source, given[source])
            assert code.shape[0] == 6 and torch.equal(code, module.code(source, given[source]))
            assert module.draw(source, code).shape == given[source].shape
            crossed = module.cross(source, code, given["speaker"])
            assert module.draw(target, crossed).shape == given[target].shape
    alone, among = (module.code("voice", given["voice"][:2]), module.code("voice", given["voice"])[:2])
    torch.testing.assert_close(alone, among)  # no item's code depends on the others


@every
def test_a_system_trains_the_same_for_the_same_seed(name):
    """All randomness comes from the loop's own generator: what was drawn elsewhere before changes nothing."""
    histories = []
    for disturbance in (1, 2):
        module = made(name)
        torch.manual_seed(disturbance)
        words = {"signal": torch.rand(12, 1, 64, 128, generator=torch.Generator().manual_seed(0))}
        words |= {"speaker": torch.arange(12) % 6, "digit": torch.arange(12) % 10, "known": torch.arange(12) % 2 == 0}
        images, digit = torch.rand(20, 1, 28, 28, generator=torch.Generator().manual_seed(2)), torch.arange(20) % 10
        loss = pairs.paired_loss(module, lambda sheet, generator: F.avg_pool2d(sheet, (2, 4)), images, digit, digit > 4)
        before = [p.detach().clone() for p in module.parameters()]
        history = train.fit(module, loss, words, 4, batch_size=6, progress=False)
        moved = [not torch.equal(a, b) for a, b in zip(before, module.parameters(), strict=True)]
        assert sum(moved) > 0.8 * len(moved)
        histories.append(history["total"])
    assert torch.equal(*histories) and histories[0].isfinite().all()


def test_pairs_are_of_the_same_digit_and_change():
    """The partner of a word is any image of its digit."""
    images, digit = torch.arange(40.0).view(40, 1, 1, 1).expand(40, 1, 28, 28), torch.arange(40) % 10
    seen = []

    class Spy(torch.nn.Module):
        def loss(self, given, step, generator):
            seen.append(given["image"][:, 0, 0, 0].long())
            assert torch.equal(given["image_known"], seen[-1] < 20)  # the mask follows the image
            assert given["voice_known"].tolist() == [True, True, True, False]
            return torch.zeros((), requires_grad=True)

    loss = pairs.paired_loss(Spy(), lambda sheet, generator: sheet, images, digit, images[:, 0, 0, 0] < 20)
    wanted = torch.tensor([3, 3, 7, 0])
    given = {"signal": torch.zeros(4, 1, 32, 32), "speaker": wanted, "digit": wanted, "known": wanted > 0}
    generator = torch.Generator().manual_seed(0)
    for step in range(30):
        loss(given, step, generator)
    assert all(torch.equal(digit[rows], wanted) for rows in seen)
    assert {int(rows[0]) for rows in seen} == {3, 13, 23, 33}


def test_placed_codes_cross_by_dropping_and_by_asking_for_a_speaker():
    module = made("placed")
    voice = VOICE.normalize(torch.randn(4, 16, generator=torch.Generator().manual_seed(0)))
    image = module.cross("voice", voice, torch.zeros(4, dtype=torch.long))
    assert torch.equal(image[:, 1:], voice[:, 6:]) and (image[:, 0] == 1).all()
    back = module.cross("image", image, torch.tensor([0, 5, 2, 2]))
    assert VOICE.labels(back)["speaker"].tolist() == [0, 5, 2, 2] and torch.equal(back[:, 6:], image[:, 1:])


def test_hidden_labels_are_not_seen():
    """What a semi-supervised system learns changes with the labels that it sees, and not with those that are hidden."""
    gradients = []
    for changed in (None, 0, 1):
        module, given = made("conditional").eval(), batch(4)
        given |= {f"{domain}_known": torch.tensor([True, False, True, False]) for domain in pairs.SHAPES}
        if changed is not None:
            given["digit"][changed], given["speaker"][changed] = 9, 5
        module.loss(given, 0, torch.Generator().manual_seed(0)).backward()
        gradients.append(torch.cat([p.grad.flatten() for p in module.parameters()]))
    told, hidden = gradients[1], gradients[2]
    assert torch.equal(gradients[0], hidden) and not torch.equal(gradients[0], told)


def test_a_conditional_code_crosses_with_its_digit_and_the_asked_speaker():
    module, given = made("conditional").eval(), batch()
    with torch.no_grad():
        image = module.code("image", given["image"])
        voice = module.cross("image", image, given["speaker"])
        assert voice[:, :6].argmax(1).tolist() == given["speaker"].tolist() and torch.equal(
            voice[:, 6:16], image[:, :10]
        )
        back = module.cross("voice", voice, given["speaker"])
    assert torch.equal(back[:, :10], image[:, :10]) and not back[:, 10:].any() and not voice[:, 16:].any()


def test_its_bound_is_the_closed_form():
    """Against a second way to write it: torch.distributions, label by label."""
    module, given = made("conditional").eval(), batch(3)
    given |= {f"{domain}_known": torch.tensor([True, True, False]) for domain in pairs.SHAPES}
    with torch.no_grad():
        value = module.loss(given, 0, torch.Generator().manual_seed(3))
        draws, wanted = torch.Generator().manual_seed(3), 0.0
        for domain, sizes in conditional.CLASSES.items():
            free, blocks, bound = module.free[domain], [], torch.zeros(3)
            parts = module.encoder[domain](given[domain]).split([*sizes.values(), free, free], 1)
            for (name, size), values in zip(sizes.items(), parts, strict=False):
                posterior = torch.distributions.Categorical(logits=values)
                gumbel = -(-torch.rand(3, size, generator=draws).clamp(1e-6, 1 - 1e-6).log()).log()
                drawn = (values + gumbel).argmax(1)
                drawn[:2] = given[name][:2]
                blocks.append(F.one_hot(drawn, size).float())
                flat = torch.distributions.Categorical(logits=torch.zeros(3, size))
                bound += torch.distributions.kl_divergence(posterior, flat) * torch.tensor([0.0, 0.0, 1.0])
                wanted += -posterior.log_prob(given[name])[:2].mean()
            gauss = torch.distributions.Normal(parts[-2], (parts[-1] / 2).exp())
            bound += torch.distributions.kl_divergence(gauss, torch.distributions.Normal(0, 1)).sum(1)
            code = torch.cat([*blocks, gauss.mean + gauss.stddev * torch.randn(3, free, generator=draws)], 1)
            likely = torch.distributions.Laplace(module.decoder[domain](code), module.scale)
            distance = -(likely.log_prob(given[domain]) + torch.tensor(2 * module.scale).log()).flatten(1).sum(1)
            wanted += ((distance + bound) * module.scale / given[domain][0].numel()).mean()
    torch.testing.assert_close(value, torch.as_tensor(wanted))


def test_the_reference_is_told_nothing_but_the_class():
    """Two words of one class give one image, to the last bit: that is what its diversity of 0 means."""
    module, given = made("classified").eval(), batch()
    with torch.no_grad():
        code = module.code("voice", given["voice"])
        assert set(code.sum(1).tolist()) == {2.0} and set(code.unique().tolist()) == {0.0, 1.0}
        same = module.cross("voice", torch.stack([code[0], code[0]]), torch.zeros(2, dtype=torch.long))
        drawn = module.draw("image", same)
    assert torch.equal(drawn[0], drawn[1])


@installed
def test_options_of_a_peer_reach_the_place_they_are_meant_for(monkeypatch):
    """MultiVae takes any configuration field in silence, also one that it does not know."""
    assert made("MMVAE").model.model_config.K == 1
    torch.manual_seed(0)
    narrow, wide = (multivae.MultiVae("MoPoE", 0.01, 2, scale=scale).model for scale in (0.1, 1.0))
    value, wanted = torch.zeros(1), torch.full((1,), 0.3)
    for model, scale in ((narrow, 0.1), (wide, 1.0)):
        expected = torch.distributions.Laplace(value, scale).log_prob(wanted)
        assert torch.equal(model.recon_log_probs["voice"](value, wanted), expected)
    normal = multivae.MultiVae("MoPoE", 0.01, 2, likelihood="normal", scale=0.3).model
    expected = torch.distributions.Normal(value, 0.3).log_prob(wanted)
    assert torch.equal(normal.recon_log_probs["image"](value, wanted), expected)


def test_a_missing_package_is_named(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "multivae", None)
    with pytest.raises(ModuleNotFoundError, match=r'MoPoE is a model of MultiVae: `pip install "olc_lib\[peers\]"`'):
        made("MoPoE")


@pytest.mark.parametrize("left_out", [False, True])
def test_what_is_measured(monkeypatch, embedded, left_out):  # noqa: F811
    """A tiny training on embedded voices; coherence, error and diversity again by other means."""
    kept, drawn = {}, pairs.drawn

    class Run:
        image_classifier, voice_classifier = Classifier(), Classifier((1, 32, 32), 16)

    torch.manual_seed(0)
    Run.image_classifier.eval()
    Run.voice_classifier.eval()
    monkeypatch.setattr(stored, "load", lambda name, only=None, quiet=False: Run)

    def keep(module, source, code, speaker, device):
        kept[source] = (module, drawn(module, source, code, speaker, device))
        return kept[source][1]

    monkeypatch.setattr(pairs, "drawn", keep)
    voices = data.voices("fsdd", "test")
    trained_on = []
    fit = train.fit
    monkeypatch.setattr(
        systems,
        "fit",
        lambda module, loss, tensors, *rest, **how: (
            trained_on.append(tensors["speaker"]) or fit(module, loss, tensors, *rest, **how)
        ),
    )
    result = peers.compare("classified", 4, left_out=left_out, steps=12, points=3)
    assert set(trained_on[0].tolist()) == set(range(6)) - ({4} if left_out else set())
    assert [point[0] for point in result["course"]] == sorted(point[0] for point in result["course"])
    assert len(result["course"]) == 2 and result["cpu_minutes"] >= result["course"][-1][0]
    if left_out:
        voices = data.select(voices, voices.speaker == 4)
        assert "digit_probe" not in result
    else:
        assert 0 <= result["dci_disentanglement"] <= 1 and 0 <= result["digit_probe"] <= 100
    pictures = kept["voice"][1]
    assert len(pictures) == len(voices)
    with torch.no_grad():
        read = Run.image_classifier(pictures.clamp(0, 1)).argmax(1)
    assert result["voice_to_image"] == pytest.approx(100 * (read == voices.digit).double().mean().item())
    images = data.images("mnist", "test")
    torch.testing.assert_close(max_m_percent(pictures, 5.0)[0], pictures)  # all at one level
    wanted = metrics.class_error(pictures, voices.digit, max_m_percent(images.pixels, 5.0)[0], images.digit)
    assert result["voice_to_image_error"] == pytest.approx(wanted)
    assert result["voice_to_image_diversity"] == pytest.approx(metrics.diversity(pictures, voices.digit))
    sounds = kept["image"][1]
    with torch.no_grad():
        heard = VOICE.split(Run.voice_classifier((sounds / sounds.flatten(1).amax(1)[:, None, None, None]).clamp(0, 1)))
    right = (heard["digit"].argmax(1) == images.digit).double().mean().item()
    assert result["image_to_voice"] == pytest.approx(100 * right)
    asked = (heard["speaker"].argmax(1) == torch.arange(len(images)) % 6).double().mean().item()
    assert result["image_to_voice_speaker"] == pytest.approx(100 * asked)
    assert result["parameters"] == sum(p.numel() for p in kept["voice"][0].parameters())


def test_every_system_has_the_same_stacks():
    """Sizes differ by what the codes need: means and variances of 20 dimensions, or one code."""
    counts = {name: sum(p.numel() for p in made(name).parameters()) for name in ("placed", "classified")}
    assert counts["placed"] < counts["classified"] < 1.2 * counts["placed"]
    assert IMAGE.dim == 11


def test_the_best_trial_has_the_best_mean_of_both_directions():
    """Not the best of one direction; among those with changed words, or without, only such."""
    scores = {(2e-3, False): (90, 60), (4e-3, False): (70, 82), (2e-3, True): (99, 40), (4e-3, True): (60, 60)}
    stored = {
        peers.trial("MVAE", *how): [{"results": {"voice_to_image": there, "image_to_voice": back}}]
        for how, (there, back) in scores.items()
    }
    assert peers.best("MVAE", stored) == "MVAE, rate 0.004"
    assert peers.best("MVAE", stored, augmented=[True]) == "MVAE, rate 0.002, augmented"
    del stored["MVAE, rate 0.004, augmented"]
    assert peers.best("MVAE", stored, augmented=[False]) == "MVAE, rate 0.004"
    with pytest.raises(ValueError, match="no result of .'MVAE, rate 0.004, augmented'., expected one of every trial"):
        peers.best("MVAE", stored)


def test_every_system_has_the_same_trials():
    """Two rates, with and without changed words; otherwise nothing differs, and test data is not looked at."""
    arms = peers.EXPERIMENTS["peers-trials"].arms
    assert len(arms) == 4 * len(peers.TRIED)
    for name, system in peers.TRIED.items():
        for rate in peers.RATES:
            for augmented in (False, True):
                settings = {
                    "steps": peers.STEPS,
                    "lr": rate,
                    "augmented": augmented,
                    "split": "validation",
                    "points": 1,
                }
                assert arms[peers.trial(name, rate, augmented)] == system | settings


def test_what_is_compared_is_what_the_trials_chose():
    trials = experiments.read("peers-trials", quiet=True)
    assert set(trials) == set(peers.EXPERIMENTS["peers-trials"].arms)
    assert {name: peers.best(name, trials) for name in peers.CHOSEN} == {
        name: peers.trial(name, *how) for name, how in peers.CHOSEN.items()
    }
    ways = ("voice_to_image", "image_to_voice")
    score = {name: sum(trials[peers.best(name, trials)][0]["results"][way] for way in ways) for name in peers.TRIED}
    for plain in peers.TRIED.keys() - peers.CHOSEN.keys():
        [chosen] = [name for name in peers.CHOSEN if name.partition(",")[0] == plain.partition(",")[0]]
        assert score[chosen] > score[plain], "the better one of two is trained again"


def test_mean_signals_need_no_code(monkeypatch, embedded):  # noqa: F811
    """One picture a digit, one word a digit and speaker; the error by a plain loop."""

    class Run:
        image_classifier, voice_classifier = Classifier().eval(), Classifier((1, 32, 32), 16).eval()

    monkeypatch.setattr(stored, "load", lambda name, only=None, quiet=False: Run)
    found, again = peers.means(0), peers.means(1)
    assert found == again and found["voice_to_image_diversity"] == 0 < found["image_to_voice_diversity"]
    train, test = data.images("mnist", "train"), data.images("mnist", "test")
    shelf, real = (max_m_percent(images.pixels, 5.0)[0] for images in (train, test))
    mean = max_m_percent(torch.stack([shelf[train.digit == d].mean(0) for d in range(10)]), 5.0)[0]
    said = data.voices("fsdd", "test").digit
    squares = torch.stack([(real[test.digit == d] - mean[d]).square().mean() for d in said.tolist()])
    assert found["voice_to_image_error"] == pytest.approx(squares.mean().sqrt().item(), rel=1e-3)


RULES = {claim.verdict.__name__: claim for claim in peers_claims.CLAIMS}


def chosen(monkeypatch, name, seeds=5, **rival):
    """The verdict if a rival differs from placed codes by so much."""

    def arm(**more):
        level = {"voice_to_image": 96.0, "image_to_voice": 97.0, "image_rms": 0.22, "voice_rms": 0.1}
        return [
            {"seed": s, "results": {key: value + more.get(key, 0) + 0.001 * s for key, value in level.items()}}
            for s in range(seeds)
        ]

    rivals = (peers_claims.CONDITIONAL, peers_claims.REFERENCE, *peers_claims.JOINT)
    found = dict.fromkeys(rivals, arm(**rival)) | {"placed codes": arm()}
    monkeypatch.setattr(peers_claims, "read", lambda name: found)
    return RULES[name].verdict()[1]


@pytest.mark.parametrize("name", ["_conditional", "_reference"])
def test_a_rival_may_fall_short_by_a_point(monkeypatch, name):
    better = {"image_rms": -0.04, "voice_rms": -0.01}
    assert chosen(monkeypatch, name, **better, voice_to_image=-0.9) == "holds"
    assert chosen(monkeypatch, name, **better, voice_to_image=-0.9, seeds=4) == "not measured yet"
    assert chosen(monkeypatch, name, **better, voice_to_image=-1.1) == "holds partly"
    assert chosen(monkeypatch, name, image_rms=0.04, voice_rms=0.01, voice_to_image=-5, image_to_voice=-5) == (
        "does not hold"
    )


def test_only_the_conditional_vae_must_redraw_better(monkeypatch):
    assert chosen(monkeypatch, "_conditional", image_rms=0.04, voice_rms=-0.01) == "holds partly"
    assert chosen(monkeypatch, "_reference", image_rms=0.04, voice_rms=0.04) == "holds"


def test_joint_systems_must_redraw_better_and_lose_the_way_back(monkeypatch):
    better = {"image_rms": -0.04, "voice_rms": -0.01}
    assert chosen(monkeypatch, "_joint", **better, image_to_voice=-2) == "holds"
    assert chosen(monkeypatch, "_joint", **better, image_to_voice=2) == "holds partly"
    assert chosen(monkeypatch, "_joint", **better) == "undecided"
    assert chosen(monkeypatch, "_joint", image_rms=0.04, voice_rms=0.01, image_to_voice=2) == "does not hold"
    assert chosen(monkeypatch, "_joint", **better, seeds=4) == "not measured yet"
