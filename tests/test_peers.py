"""Other systems on the same pairs: each trains, reads, draws and crosses over in the shapes it should; and what is
measured is sound. Models of MultiVae are skipped where it is not installed."""

import importlib.util

import pytest
import torch
from test_experiments import embedded  # noqa: F401  (a fixture: small corpora under every name)
from torch.nn import functional as F

from olc_lib import metrics, train
from olc_lib.latent import IMAGE, VOICE
from olc_lib.ledger import paper_experiments, peers
from olc_lib.networks import Classifier
from olc_lib.normalize import max_m_percent

installed = pytest.mark.skipif(
    not importlib.util.find_spec("multivae"), reason='MultiVae is missing: `pip install "olc_lib[peers]"`'
)
every = pytest.mark.parametrize(
    "name", ["placed", "classified", *(pytest.param(name, marks=installed) for name in peers.OPTIONS)]
)


def made(name, seed=0):
    torch.manual_seed(seed)
    return peers.system(name, 0.01, steps=4, passes=2)


def batch(size=6):
    generator = torch.Generator().manual_seed(1)
    signals = {domain: torch.rand(size, *shape, generator=generator) for domain, shape in peers.SHAPES.items()}
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
        pairs = {"signal": torch.rand(12, 1, 64, 128, generator=torch.Generator().manual_seed(0))}
        pairs |= {"speaker": torch.arange(12) % 6, "digit": torch.arange(12) % 10}
        images, digit = torch.rand(20, 1, 28, 28, generator=torch.Generator().manual_seed(2)), torch.arange(20) % 10
        loss = peers.paired_loss(module, lambda sheet, generator: F.avg_pool2d(sheet, (2, 4)), images, digit)
        before = [p.detach().clone() for p in module.parameters()]
        history = train.fit(module, loss, pairs, 4, batch_size=6, progress=False)
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
            return torch.zeros((), requires_grad=True)

    loss = peers.paired_loss(Spy(), lambda sheet, generator: sheet, images, digit)
    wanted = torch.tensor([3, 3, 7, 0])
    given = {"signal": torch.zeros(4, 1, 32, 32), "speaker": wanted, "digit": wanted}
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
    narrow, wide = (peers.system("MoPoE", 0.01, 4, 2, scale=scale).model for scale in (0.1, 1.0))
    value, wanted = torch.zeros(1), torch.full((1,), 0.3)
    for model, scale in ((narrow, 0.1), (wide, 1.0)):
        expected = torch.distributions.Laplace(value, scale).log_prob(wanted)
        assert torch.equal(model.recon_log_probs["voice"](value, wanted), expected)
    normal = peers.system("MoPoE", 0.01, 4, 2, likelihood="normal", scale=0.3).model
    expected = torch.distributions.Normal(value, 0.3).log_prob(wanted)
    assert torch.equal(normal.recon_log_probs["image"](value, wanted), expected)


def test_a_missing_package_is_named(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "multivae", None)
    with pytest.raises(ModuleNotFoundError, match=r'MoPoE is a model of MultiVae: `pip install "olc_lib\[peers\]"`'):
        made("MoPoE")


@pytest.mark.parametrize("left_out", [False, True])
def test_what_is_measured(monkeypatch, embedded, left_out):  # noqa: F811
    """A tiny training on embedded voices; coherence, error and diversity again by other means."""
    kept, drawn = {}, peers._drawn

    class Run:
        judge, listener = Classifier(), Classifier((1, 32, 32), 16)

    torch.manual_seed(0)
    Run.image_classifier.eval()
    Run.voice_classifier.eval()
    monkeypatch.setattr(peers.runs, "load", lambda name, quiet: Run)

    def keep(module, source, code, speaker, device):
        kept[source] = (module, drawn(module, source, code, speaker, device))
        return kept[source][1]

    monkeypatch.setattr(peers, "_drawn", keep)
    voices = peers.data.voices("fsdd", "test")
    trained_on = []
    fit = peers.train.fit
    monkeypatch.setattr(
        peers.train,
        "fit",
        lambda module, loss, data, *rest, **how: (
            trained_on.append(data["speaker"]) or fit(module, loss, data, *rest, **how)
        ),
    )
    result = peers.compare("classified", 4, left_out=left_out, steps=12, points=3)
    assert set(trained_on[0].tolist()) == set(range(6)) - ({4} if left_out else set())
    assert [point[0] for point in result["course"]] == sorted(point[0] for point in result["course"])
    assert len(result["course"]) == 2 and result["cpu_minutes"] >= result["course"][-1][0]
    if left_out:
        voices = peers.data.select(voices, voices.speaker == 4)
        assert "digit_probe" not in result
    else:
        assert 0 <= result["dci_disentanglement"] <= 1 and 0 <= result["digit_probe"] <= 100
    pictures = kept["voice"][1]
    assert len(pictures) == len(voices)
    with torch.no_grad():
        read = Run.image_classifier(pictures.clamp(0, 1)).argmax(1)
    assert result["voice_to_image"] == pytest.approx(100 * (read == voices.digit).double().mean().item())
    images = peers.data.images("mnist", "test")
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
    assert IMAGE.dim == 11 and paper_experiments.EXPERIMENTS["peers"].arms.keys() == peers.ARMS.keys()


def test_mean_signals_need_no_code(monkeypatch, embedded):  # noqa: F811
    """One picture a digit, one word a digit and speaker; the error by a plain loop."""

    class Run:
        judge, listener = Classifier().eval(), Classifier((1, 32, 32), 16).eval()

    monkeypatch.setattr(peers.runs, "load", lambda name, quiet: Run)
    found, again = peers.means(0), peers.means(1)
    assert found == again and found["voice_to_image_diversity"] == 0 < found["image_to_voice_diversity"]
    train, test = peers.data.images("mnist", "train"), peers.data.images("mnist", "test")
    shelf, real = (max_m_percent(images.pixels, 5.0)[0] for images in (train, test))
    mean = max_m_percent(torch.stack([shelf[train.digit == d].mean(0) for d in range(10)]), 5.0)[0]
    said = peers.data.voices("fsdd", "test").digit
    squares = torch.stack([(real[test.digit == d] - mean[d]).square().mean() for d in said.tolist()])
    assert found["voice_to_image_error"] == pytest.approx(squares.mean().sqrt().item(), rel=1e-3)
