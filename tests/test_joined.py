"""Spaces joined afterwards: planted maps come back, relative coordinates do not turn, every way is read by numbers."""

import numpy as np
import pytest
import scipy.linalg
import torch
from hypothesis import given
from hypothesis import strategies as st

from olc_lib import relative, systems
from olc_lib.ledger import experiments, joined_claims, search
from olc_lib.systems import joined
from olc_lib.systems.joined import Options, Pairs, studies, ways


def random(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def rotation(size, seed=1):
    return torch.linalg.qr(random(size, size, seed=seed))[0]


def standard(x):
    """Mean 0 and deviation 1, in double precision from the start: the rank of few anchors is at stake."""
    x = x.double()
    return (x - x.mean(0)) / x.std(0, correction=0)


# Relative coordinates


def test_relative_coordinates_are_cosines():
    codes, anchors = random(4, 5), random(3, 5, seed=1)
    by_hand = [
        [float(np.dot(c, a) / np.linalg.norm(c) / np.linalg.norm(a)) for a in anchors.numpy()] for c in codes.numpy()
    ]
    assert torch.allclose(relative.relative(codes, anchors), torch.tensor(by_hand), atol=1e-6)
    unit = relative.relative(codes, anchors, unit=True)
    assert torch.allclose(unit.norm(dim=1), torch.ones(4)) and torch.allclose(unit, scipy_unit(by_hand), atol=1e-6)


def scipy_unit(rows):
    return torch.tensor(np.array(rows) / np.linalg.norm(rows, axis=1, keepdims=True), dtype=torch.float32)


@given(st.integers(0, 1000), st.floats(0.01, 100))
def test_they_do_not_feel_rotation_mirroring_and_rescaling(seed, factor):
    codes, anchors = random(6, 4, seed=seed), random(5, 4, seed=seed + 1)
    turn = rotation(4, seed=seed + 2)
    stretched = codes * (0.1 + random(6, 1, seed=seed).abs())
    there = relative.relative(factor * stretched @ turn, anchors @ turn)
    assert torch.allclose(there, relative.relative(codes, anchors), atol=1e-4)
    sparse = [relative.asif(*pair, 3) for pair in ((codes, anchors), (factor * codes @ turn, anchors @ turn))]
    assert torch.allclose(*sparse, atol=1e-3)


def test_they_do_feel_a_shift():
    codes, anchors = random(6, 4), random(5, 4, seed=1)
    assert not torch.allclose(relative.relative(codes + 1, anchors + 1), relative.relative(codes, anchors), atol=0.1)
    moved = ways.centred(codes + 1, anchors + 1, True)
    assert torch.allclose(
        relative.relative(*moved), relative.relative(codes - anchors.mean(0), anchors - anchors.mean(0))
    )


def test_asif_keeps_the_nearest_few():
    anchors = torch.tensor([[1.0, 0, 0], [0, 1, 0], [0.6, 0.8, 0], [-1, 0, 0]])
    made = relative.asif(torch.tensor([[2.0, 0, 0]]), anchors, k=2, p=2)
    assert torch.allclose(made, torch.tensor([[1.0, 0, 0.36, 0]]) / (1 + 0.36**2) ** 0.5)
    every = relative.asif(torch.tensor([[2.0, 0, 0]]), anchors, k=4, p=1)
    assert torch.allclose(every * (1 + 0.36) ** 0.5, torch.tensor([[1.0, 0, 0.6, 0]]))  # opposite ones count as 0


# Translation


def test_a_planted_rotation_comes_back():
    source, turn = random(40, 6), rotation(6)
    held = random(10, 6, seed=3)
    # Its target must have the same deviation in every direction, or the scaling is not undone by a rotation.
    white = torch.linalg.qr(source - source.mean(0))[0] * 40**0.5
    assert torch.allclose(relative.procrustes(white, white @ turn)(held), held @ turn, atol=1e-4)


def test_procrustes_is_scipys():
    source, target = random(30, 4), random(30, 4, seed=1)
    x, y = (standard(a) for a in (source, target))
    expected, _ = scipy.linalg.orthogonal_procrustes(x.numpy(), y.numpy())
    assert np.allclose(relative.procrustes(source, target).matrix.numpy(), expected, atol=1e-5)


@pytest.mark.parametrize("shape", [(3, 5), (5, 3)])
def test_the_smaller_space_is_padded_with_zeros(shape):
    source, target = random(30, shape[0]), random(30, shape[1], seed=1)
    made = relative.procrustes(source, target)
    x, y = (standard(a).numpy() for a in (source, target))
    padded = [np.pad(a, ((0, 0), (0, 5 - a.shape[1]))) for a in (x, y)]
    expected = x @ scipy.linalg.orthogonal_procrustes(*padded)[0][: shape[0], : shape[1]]
    fitted = (made(source) - target.mean(0)) / target.std(0, correction=0)
    assert fitted.shape == (30, shape[1]) and np.allclose(fitted.numpy(), expected, atol=1e-4)


@pytest.mark.parametrize("sizes", [(4, 4), (5, 3), (3, 6)])
def test_a_planted_affine_map_comes_back(sizes):
    source, matrix, constant = random(20, sizes[0]), random(*sizes, seed=1), random(sizes[1], seed=2)
    held = random(7, sizes[0], seed=3)
    made = relative.least_squares(source, source @ matrix + constant)
    assert torch.allclose(made(held), held @ matrix + constant, atol=1e-4)
    shrunk = relative.affine(source, source @ matrix + constant, 1e-9)
    assert torch.allclose(shrunk(held), held @ matrix + constant, atol=1e-4)


@pytest.mark.parametrize("count", [6, 40])
def test_least_squares_is_numpys_and_needs_no_constant(count):
    """With fewer anchors than dimensions the smallest matrix; a column of ones changes nothing."""
    source, target = random(count, 10), random(count, 4, seed=1)
    x, y = (standard(a).numpy() for a in (source, target))
    assert np.allclose(relative.least_squares(source, target).matrix, np.linalg.lstsq(x, y, rcond=None)[0], atol=1e-4)
    with_ones = np.linalg.lstsq(np.column_stack([x, np.ones(count)]), y, rcond=None)[0]
    assert np.allclose(with_ones[-1], 0, atol=1e-9) and np.allclose(
        with_ones[:-1], np.linalg.lstsq(x, y, rcond=None)[0]
    )


def test_the_penalty_is_that_of_ridge_regression():
    source, target = random(15, 5), random(15, 3, seed=1)
    x, y = (standard(a).numpy() for a in (source, target))
    rows = np.vstack([x, np.sqrt(0.3 * 15) * np.eye(5)])  # ridge regression is least squares with more rows
    expected = np.linalg.lstsq(rows, np.vstack([y, np.zeros((5, 3))]), rcond=None)[0]
    assert np.allclose(relative.affine(source, target, 0.3).matrix, expected, atol=1e-5)


def test_a_constant_coordinate_does_no_harm():
    source = torch.cat([random(20, 3), torch.ones(20, 1)], dim=1)
    for fit in (relative.procrustes, relative.least_squares, relative.affine):
        assert fit(source, source)(source).isfinite().all()


def test_what_cannot_be_joined_is_named():
    x = random(5, 3)
    with pytest.raises(ValueError, match="codes have 3 dimensions and anchors 2, expected the same"):
        relative.relative(x, x[:, :2])
    with pytest.raises(ValueError, match="k is 6, expected 1 to 5"):
        relative.asif(x, x, 6)
    for fit in (relative.procrustes, relative.least_squares, relative.affine):
        with pytest.raises(ValueError, match="source has 5 anchors and target 4, expected as many"):
            fit(x, x[:4])
    with pytest.raises(ValueError, match="penalty is 0, expected a number above 0"):
        relative.affine(x, x, 0)
    with pytest.raises(ValueError, match="no way 'telepathy'"):
        joined.join("telepathy", x, x, Pairs(x, x, torch.arange(5)), Options())
    with pytest.raises(ValueError, match="no encoders 'drawn', expected one of .*placed"):
        joined.encoders("drawn", {})


# Pairs and ways


def test_pairs_are_of_one_digit_as_many_of_each_and_never_twice():
    said, written = torch.arange(60) % 10, torch.arange(100) // 10
    clips, images = joined.draw_pairs(said, written, 30, seed=4)
    assert torch.equal(said[clips], written[images]) and (said[clips].bincount() == 3).all()
    assert len(clips.unique()) == len(images.unique()) == 30
    assert torch.equal(clips, joined.draw_pairs(said, written, 30, seed=4)[0])
    assert not torch.equal(clips, joined.draw_pairs(said, written, 30, seed=5)[0])
    for wrong in (0, 25, 70):
        with pytest.raises(ValueError, match=f"count is {wrong}, expected a multiple of ten from 10 to 60"):
            joined.draw_pairs(said, written, wrong, 0)


@pytest.fixture
def world():
    """Codes of ten classes in two spaces that differ by rotation, with labels; noise is small."""
    digit = torch.arange(200) % 10
    centres = 3 * torch.eye(10)
    voice = centres[digit] + 0.1 * random(200, 10)
    image = (centres[digit] + 0.1 * random(200, 10, seed=1)) @ rotation(10)
    pairs = Pairs(voice[:50], image[torch.arange(50) + 50], digit[:50])
    return voice[100:], image[100:], digit[100:], pairs


@pytest.mark.parametrize("way", joined.WAYS)
def test_every_way_finds_the_class_in_a_world_that_is_only_turned(way, world):
    voice, image, digit, pairs = world
    queries, keys = joined.join(way, voice, image, pairs, Options(share=0.2))
    found = (torch.nn.functional.normalize(queries) @ torch.nn.functional.normalize(keys).T).argmax(1)
    assert (digit[found] == digit).all()
    shuffled = Pairs(pairs.voice, pairs.image.roll(1, 0), pairs.digit)  # each clip with an image of another digit
    if way != "class_means":
        queries, keys = joined.join(way, voice, image, shuffled, Options(share=0.2))
        found = (torch.nn.functional.normalize(queries) @ torch.nn.functional.normalize(keys).T).argmax(1)
        assert (digit[found] == digit).double().mean() < 0.2


def test_asif_fetches_and_the_others_draw(world):
    voice, image, digit, pairs = world
    shelf = torch.rand(len(image), 1, 28, 28, generator=torch.Generator().manual_seed(0))
    there = joined.join("asif", voice, image, pairs, Options())
    fetched = joined.drawn("asif", there, shelf, None, None)
    nearest = (there[0] @ there[1].T).argmax(1)
    ratio = fetched / shelf[nearest]
    assert torch.allclose(ratio, ratio[:, :, :1, :1].expand_as(ratio), rtol=1e-3)  # the same but for the level

    def rising(codes):
        return torch.linspace(0.1, 1, 28).expand(len(codes), 1, 28, 28)

    for way in ("relative", "affine"):
        made = joined.drawn(way, there, shelf, rising, lambda codes: rising(codes).flip(3))
        assert bool(made[0, 0, 0, -1] > made[0, 0, 0, 0]) == (way == "affine")


def test_scores_of_a_perfect_and_of_a_deaf_way(world):
    _, image, digit, _ = world
    bars = torch.zeros(10, 1, 28, 28)
    for d in range(10):
        bars[d, 0, 2 * d : 2 * d + 2] = 1.0

    class Judge(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.weight = torch.nn.Parameter(torch.zeros(1))

        def forward(self, pictures):
            return pictures.flatten(1) @ bars.flatten(1).T

    on = joined.Measured(image, digit, image, bars[digit], digit, Judge())
    perfect = joined.score(bars[digit], (torch.eye(10)[digit], torch.eye(10)[digit]), on)
    assert perfect == {"digit": 100, "diversity": 0, "diversity_right": 0, "search": pytest.approx(100)}
    deaf = joined.score(bars[[3]].expand(100, 1, 28, 28), (torch.ones(100, 10), torch.eye(10)[digit]), on)
    assert deaf["digit"] == 10 and deaf["search"] == pytest.approx(10)


def test_a_relative_decoder_is_that_of_its_pairs():
    """The decoder of a run and that of the grid are made for the pairs that are used with them."""
    digit = torch.arange(40) % 10
    known = joined.Known(random(40, 3), digit, random(40, 16, seed=1), digit, torch.rand(40, 1, 28, 28))
    small = systems.Training(2, 8, 1e-3, 0.0)
    settings = joined.Settings(channels=4, relative_vae=small, relative_reader=small)
    for count in (10, 20):
        drawer = studies.relative_drawer(known, settings, count, "with labels", "cpu")
        pairs = known.pairs(count, settings.seed)
        queries = joined.join("relative", known.voice, known.image, pairs, settings.options)[0]
        assert drawer(queries).shape == (40, 1, 28, 28)


def test_experiments_are_found_and_their_arms_are_the_claims():
    assert set(experiments.find("joined").arms) == {joined_claims.WITHOUT, joined_claims.WITH, joined_claims.PLACED}
    assert experiments.find("joined").seeds >= joined_claims.SEEDS
    assert set(joined_claims.JOINS) | {"class_means"} == set(joined.WAYS) and "search" in experiments.known()


# Claims


RULES = {claim.verdict.__name__: claim for claim in joined_claims.CLAIMS}


def judged(monkeypatch, name, rule, seeds=3):
    """The verdict where ``rule(arm, way, count)`` is the share drawn right; seeds differ a little, alike everywhere."""
    found = {}
    for arm in (joined_claims.WITHOUT, joined_claims.WITH, joined_claims.PLACED):
        for seed in range(seeds):
            results = {"real_diversity": 0.3}
            for way, count in [(w, c) for w in joined.WAYS for c in (10, 50, 300)] + [("drop", 0)]:
                results[f"{way}/{count}/digit"] = rule(arm, way, count) + 0.1 * seed
                results[f"{way}/{count}/diversity_right"] = rule(arm, way, count) / 300 + 0.001 * seed
            found.setdefault(arm, []).append({"seed": seed, "results": results})
    monkeypatch.setattr(joined_claims, "read", lambda experiment: found)
    text, verdict = RULES[name].verdict()
    assert text
    return verdict


@pytest.mark.parametrize("name", list(RULES))
def test_two_repetitions_are_not_enough(monkeypatch, name):
    assert judged(monkeypatch, name, lambda *_: 50.0, seeds=2) == "not measured yet"
    assert RULES[name].text.endswith(".") and RULES[name].rule and RULES[name].source


@pytest.mark.parametrize("name", ["_relative", "_translated", "_asif"])
@pytest.mark.parametrize(
    "share, verdict", [(90, "holds"), (60, "holds partly"), (30, "does not hold"), (79.95, "undecided")]
)
def test_joined_or_not(monkeypatch, name, share, verdict):
    assert judged(monkeypatch, name, lambda *_: share) == verdict


def test_as_good_as_placed(monkeypatch):
    assert judged(monkeypatch, "_supervised", lambda arm, *_: 96 if arm == "placed" else 95) == "holds"
    assert judged(monkeypatch, "_supervised", lambda arm, *_: 96 if arm == "placed" else 90) == "does not hold"
    some = lambda arm, way, _: 96 if arm == "placed" or way == "asif" else 90  # noqa: E731
    assert judged(monkeypatch, "_supervised", some) == "holds partly"
    assert judged(monkeypatch, "_placed_first", lambda arm, way, _: 96 if way == "drop" else 97) == "holds"
    assert judged(monkeypatch, "_placed_first", lambda arm, way, _: 90 if way == "drop" else 97) == "does not hold"


def test_few_pairs_and_rotations(monkeypatch):
    assert judged(monkeypatch, "_few", lambda arm, way, count: 90 if count == 10 else 93) == "holds"
    assert judged(monkeypatch, "_few", lambda arm, way, count: 60 if count == 10 else 93) == "does not hold"
    assert judged(monkeypatch, "_rotation", lambda arm, way, _: 60 if way == "procrustes" else 50) == "holds"
    assert judged(monkeypatch, "_rotation", lambda arm, way, _: 40 if way == "procrustes" else 50) == "does not hold"


def test_means_and_labels(monkeypatch):
    assert judged(monkeypatch, "_means", lambda *_: 30) == "holds"
    assert judged(monkeypatch, "_means", lambda *_: 80) == "does not hold"
    assert judged(monkeypatch, "_more_than_labels", lambda arm, way, _: 50 if way == "class_means" else 60) == "holds"
    assert (
        judged(monkeypatch, "_more_than_labels", lambda arm, way, _: 70 if way == "class_means" else 60)
        == "does not hold"
    )


# Search at size


def test_recall_counts_ties_and_gives_up_on_none():
    codes = torch.eye(12)[torch.arange(24) % 12]
    query = torch.eye(12)[:1] + 0.1 * torch.linspace(1, 0, 12)
    exact = (query @ codes.T).topk(10).indices
    assert search.found(exact, codes, query) == {"recall": 100, "same": 100}
    twins = (exact + 12) % 24  # the same codes under other numbers
    assert search.found(twins, codes, query)["recall"] == 100
    lost = exact.clone()
    lost[0, :3] = -1
    assert search.found(lost, codes, query)["same"] == pytest.approx(70)
    assert search.found(lost, codes, query)["recall"] == pytest.approx(70)


def test_a_large_shelf_is_made_of_real_codes_and_real_changes():
    codes, digit = search.shelf("embedded", 2500, seed=0)
    assert codes.shape == (2500, 10) and torch.allclose(codes.norm(dim=1), torch.ones(2500), atol=1e-5)
    real, labels = search.shelf("embedded", 1797, seed=0)
    assert torch.equal(codes[:1797], real) and torch.equal(digit[:1797], labels)
    right = (codes.argmax(1) == digit).double()
    assert right[:1797].mean() > 0.95 and right[1797:].mean() > 0.9
    assert not torch.equal(codes[1797:], search.shelf("embedded", 2500, seed=1)[0][1797:])


def test_indexes_answer_as_the_product_does():
    pytest.importorskip("faiss")
    codes = torch.nn.functional.normalize(random(2000, 10))
    queries = torch.nn.functional.normalize(random(20, 10, seed=1))
    made = search.indexes(codes)
    assert list(made) == ["product", "flat", "ivf", "hnsw"]
    for name, (ask, seconds, mib) in made.items():
        recall = search.found(ask(queries), codes, queries)["recall"]
        assert recall == 100 if name in ("product", "flat") else recall > 60, name
        assert seconds >= 0 and mib >= 2000 * 10 * 4 / 2**20


def test_without_the_extra_one_sentence_says_what_to_install(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "faiss", None)
    with pytest.raises(ModuleNotFoundError, match=r'pip install "olc_lib\[search\]"'):
        search.indexes(torch.eye(10))
