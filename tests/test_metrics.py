"""Metrics on codes that are perfect, dead or duplicated, and on numbers that can be checked by hand."""

import itertools

import numpy as np
import pytest
import torch
from scipy.stats import binomtest, entropy
from sklearn.metrics import adjusted_mutual_info_score, confusion_matrix
from torch.nn.functional import one_hot

from olc_lib import block_metrics, metrics
from olc_lib.latent import VOICE

EYE = torch.eye(4)

#: Four times every digit by every speaker, and their perfect code.
LABELS = {"speaker": torch.arange(240) // 10 % 6, "digit": torch.arange(240) % 10}
CODE = torch.cat([one_hot(LABELS["speaker"], 6), one_hot(LABELS["digit"], 10)], dim=1).float()
SPEAKER, DIGIT = VOICE.split(CODE).values()


def random(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def told(**blocks):
    """What blocks tell of LABELS; fitted and read on the same codes, for these have no noise to overfit."""
    return block_metrics.information(blocks, LABELS, blocks, LABELS)


def test_mean_abs_cosine_of_perfect_opposite_duplicated_and_dead_codes():
    assert metrics.mean_abs_cosine(EYE) == 0
    assert metrics.mean_abs_cosine(EYE * torch.tensor([[1.0], [-2], [3], [4]])) == 0  # signs and lengths do not matter
    assert metrics.mean_abs_cosine(torch.tensor([[1.0, 0], [-1, 0]])) == pytest.approx(1)
    assert metrics.mean_abs_cosine(EYE[:1].repeat(4, 1)) == pytest.approx(1)
    assert metrics.mean_abs_cosine(torch.zeros(4, 4)) == 1  # a dead code is no orthogonal one
    with pytest.raises(ValueError, match="1 vectors"):
        metrics.mean_abs_cosine(EYE[:1])


def test_class_means_are_unit_averages_and_zero_for_a_class_without_items():
    block, label = torch.tensor([[3.0, 0], [1, 0], [0, 2]]), torch.tensor([0, 0, 2])
    assert torch.allclose(metrics.class_means(block, label, 3), torch.tensor([[1.0, 0], [0, 0], [0, 1]]))


def test_accuracy():
    assert metrics.accuracy(torch.tensor([1, 2, 3, 4]), torch.tensor([1, 2, 0, 4])) == 75
    for bad in (torch.tensor([1]), torch.zeros(0, dtype=torch.long)):
        with pytest.raises(ValueError, match="expected as many"):
            metrics.accuracy(bad, torch.tensor([], dtype=torch.long))


@pytest.mark.parametrize("right, count", [(0, 10), (7, 10), (297, 300), (10, 10)])
def test_wilson_is_scipys_interval(right, count):
    expected = binomtest(right, count).proportion_ci(method="wilson")
    low, high = metrics.wilson(100 * right / count, count)
    assert (low, high) == pytest.approx((100 * expected.low, 100 * expected.high), abs=2e-3)
    with pytest.raises(ValueError, match="count is 0"):
        metrics.wilson(50, 0)


def test_confusion_is_scikit_learns():
    label, read = torch.tensor([0, 1, 1, 2, 2, 2]), torch.tensor([0, 1, 2, 2, 2, 0])
    assert metrics.confusion(read, label, 3).tolist() == confusion_matrix(label, read).tolist()


@pytest.mark.filterwarnings("error")
def test_probe_reads_perfect_shuffled_and_dead_codes():
    label = LABELS["digit"]
    turned = DIGIT @ torch.linalg.qr(random(10, 10)).Q + 0.1 * random(240, 10)
    assert block_metrics.probe(turned[:120], label[:120], turned[120:], label[120:]) == 100  # any linear code will do
    assert block_metrics.probe(DIGIT * 1e-4, label, DIGIT * 1e-4, label) == 100  # of any size
    assert block_metrics.probe(random(240, 10), label, random(240, 10, seed=1), label) < 20
    for dead in (0.0, 0.1, 1 / 3):
        block = torch.full((240, 10), dead)
        assert block_metrics.probe(block, label, block, label) == pytest.approx(10)
    rare = torch.tensor([0, 1, 1])
    assert (
        block_metrics.probe(torch.ones(3), rare, torch.ones(4), torch.tensor([1, 1, 1, 0])) == 75
    )  # the frequent class
    with pytest.raises(ValueError, match="two classes"):
        block_metrics.probe(EYE, torch.zeros(4), EYE, torch.zeros(4))
    with pytest.raises(ValueError, match="4 codes and 3 labels"):
        block_metrics.probe(EYE, rare, EYE, rare)


def test_probe_is_linear():
    """A class that is an exclusive or is there, but not for a linear reader; hence 'lower bound'."""
    corner = torch.tensor([[0.0, 0], [0, 1], [1, 0], [1, 1]]).repeat(20, 1)
    label = torch.tensor([0, 1, 1, 0]).repeat(20)
    assert block_metrics.probe(corner, label, corner, label) < 80
    bent = torch.cat([corner, corner.prod(1, keepdim=True)], dim=1)
    assert block_metrics.probe(bent, label, bent, label) == 100


@pytest.mark.filterwarnings("error")
def test_information_of_perfect_swapped_dead_and_duplicated_codes():
    assert torch.allclose(told(speaker=SPEAKER, digit=DIGIT), torch.eye(2).double())
    assert torch.allclose(told(speaker=DIGIT, digit=SPEAKER), torch.eye(2).double().flip(0))
    assert torch.allclose(told(speaker=DIGIT, digit=DIGIT), torch.tensor([[0.0, 1], [0, 1]]).double())
    assert torch.allclose(told(speaker=CODE, digit=0 * DIGIT), torch.tensor([[1.0, 1], [0, 0]]).double())


@pytest.mark.filterwarnings("error")
def test_information_is_adjusted_mutual_information():
    """Scikit-learn's with `max`, for the label's entropy is the larger one; a dimension says on or off."""
    found = told(three=DIGIT[:, 3])
    expected = adjusted_mutual_info_score(LABELS["digit"], DIGIT[:, 3].long(), average_method="max")
    assert found[0].tolist() == pytest.approx([0, expected])
    assert 0.1 < expected < 1 - 0.9 * np.log(9) / np.log(10)  # a little below the share that is not adjusted


def test_information_of_noise_is_nothing_on_few_codes():
    """Without the correction these are 0.02 to 0.09."""
    blocks = [{str(i): random(240, 10, seed=seed + i) for i in range(4)} for seed in (10, 20)]
    found = block_metrics.information(blocks[0], LABELS, blocks[1], LABELS)
    assert found.max() < 0.03
    assert found.min() == 0  # worse than chance is 0 as well


def test_information_is_read_on_codes_that_the_probe_has_not_seen():
    """A block so wide that the probe learns its noise by heart tells nothing of others."""
    noise = {"wide": random(240, 300)}
    other = {"wide": random(240, 300, seed=1)}
    assert block_metrics.information(noise, LABELS, noise, LABELS).min() > 0.9
    assert block_metrics.information(noise, LABELS, other, LABELS).max() < 0.03


def test_information_refuses_what_does_not_match():
    one = {"digit": torch.zeros(240, dtype=torch.long)}
    with pytest.raises(ValueError, match="expected the same"):
        block_metrics.information({"a": DIGIT}, LABELS, {"b": DIGIT}, LABELS)
    with pytest.raises(ValueError, match="expected the same"):
        block_metrics.information({"a": DIGIT}, LABELS, {"a": DIGIT}, one)
    with pytest.raises(ValueError, match="'digit' has one class"):
        block_metrics.information({"a": DIGIT}, {"digit": LABELS["digit"]}, {"a": DIGIT}, one)


#: Name to (table, modularity, disentanglement, completeness, gap).
TABLES = {
    "perfect": ([[1.0, 0], [0, 1]], 1, 1, 1, 1),
    "dead": ([[0.0, 0], [0, 0]], 0, 0, 0, 0),
    "everything in both": ([[1.0, 1], [1, 1]], 0, 0, 0, 0),
    "digit in both": ([[0.0, 1], [0, 1]], 1, 1, 0, 0),  # each block tells of one factor; only the columns show it
    "everything in one": ([[1.0, 1], [0, 0]], 0, 0, 1, 1),  # and here only the rows
    "by hand": (
        [[0.8, 0.2], [0, 0.5], [0, 0]],
        (1 - 0.04 / 0.64 + 1 + 0) / 3,
        1 / 1.5 * (1 - entropy([0.8, 0.2], base=2)) + 0.5 / 1.5,
        (1 + 1 - entropy([2 / 7, 5 / 7], base=3)) / 2,
        (0.8 + 0.3) / 2,
    ),
    "three factors": ([[0.6, 0.3, 0.3], [0, 0.4, 0]], 0.875, None, None, 0.3333333),
}


@pytest.mark.parametrize("name", TABLES)
def test_modularity_dci_and_gap_by_hand(name):
    rows, modularity, disentanglement, completeness, gap = TABLES[name]
    table = torch.tensor(rows, dtype=torch.float64)
    assert block_metrics.modularity(table) == pytest.approx(modularity)
    assert block_metrics.mutual_information_gap(table) == pytest.approx(gap)
    if disentanglement is not None:
        assert block_metrics.dci(table) == pytest.approx((disentanglement, completeness))
        assert block_metrics.dci(table / 10) == pytest.approx((disentanglement, completeness))  # shares, not sizes


def test_tables_too_small_are_refused():
    with pytest.raises(ValueError, match="1 factors"):
        block_metrics.modularity(torch.ones(2, 1))
    with pytest.raises(ValueError, match="1 blocks"):
        block_metrics.mutual_information_gap(torch.ones(1, 2))
    for shape in ((1, 2), (2, 1)):
        with pytest.raises(ValueError, match="2 blocks and 2 factors"):
            block_metrics.dci(torch.ones(shape))


def test_the_gap_over_dimensions_does_not_see_a_perfect_one_hot_code():
    """An honest score of the wrong thing: no single dimension of ten is ahead. Over blocks the code is perfect."""
    dimensions = told(**{str(i): column for i, column in enumerate(CODE.T)})
    assert block_metrics.mutual_information_gap(dimensions) == pytest.approx(0, abs=1e-6)
    assert dimensions.max(0).values.min() > 0.1  # though each dimension does tell something
    assert block_metrics.modularity(dimensions) == pytest.approx(1)
    assert block_metrics.mutual_information_gap(told(**VOICE.split(CODE))) == pytest.approx(1)


def test_diversity_is_that_of_all_pairs():
    label = torch.tensor([2] * 5 + [0] * 3 + [7])  # the lone 7 does not count
    pictures = random(9, 1, 4, 4) * torch.arange(1, 10)[:, None, None, None] + 100
    expected = []
    for k in (0, 2):
        pairs = itertools.combinations(pictures[label == k].double(), 2)
        expected.append(np.sqrt(np.mean([((a - b) ** 2).mean() for a, b in pairs])))
    assert metrics.diversity(pictures, label) == pytest.approx(np.mean(expected))
    assert metrics.diversity(torch.tensor([[0.0], [1.0]]), torch.tensor([0, 0])) == 1


def test_diversity_of_class_means_is_0():
    means = torch.rand(10, 28, 28, generator=torch.Generator().manual_seed(0))
    assert metrics.diversity(means[LABELS["digit"]], LABELS["digit"]) == pytest.approx(0, abs=1e-9)
    assert metrics.diversity(means, torch.zeros(10)) > 0.1
    with pytest.raises(ValueError, match="no class has two"):
        metrics.diversity(means, torch.arange(10))


def test_rms_by_hand():
    """Residuals 3, 4, 0, 0 and 5, 0, 0, 0: 50 over 8 samples."""
    signal = torch.tensor([[1.0, 1.0, 1.0, 1.0], [0.0, 0.0, 0.0, 0.0]])
    estimate = torch.tensor([[4.0, -3.0, 1.0, 1.0], [5.0, 0.0, 0.0, 0.0]])
    assert metrics.rms(signal, estimate) == pytest.approx(2.5) and metrics.rms(signal, signal) == 0


def test_snr_by_hand():
    signal = random(2, 3, 50)
    assert metrics.snr(signal, 0.9 * signal).tolist() == pytest.approx([20, 20], abs=1e-4)
    assert metrics.snr(signal, 0 * signal).tolist() == [0, 0]
    assert metrics.snr(signal, -signal).tolist() == pytest.approx([-20 * np.log10(2)] * 2)
    assert metrics.snr(torch.tensor([[3.0, 4], [3, 4]]), torch.tensor([[3.0, 3], [3, 4]])).tolist() == pytest.approx(
        [10 * np.log10(25), np.inf]
    )
    with pytest.raises(ValueError, match="expected the same"):
        metrics.snr(signal, signal[:1])


def spectrum(wave):
    """Log power spectrum in dB below its maximum, one frame after the other."""
    padded = np.pad(wave.double().numpy(), 128, mode="reflect")
    window = np.sin(np.pi * np.arange(256) / 256) ** 2
    frames = [np.abs(np.fft.rfft(window * padded[i : i + 256])) ** 2 for i in range(0, len(padded) - 255, 64)]
    level = 10 * np.log10(np.array(frames) / np.max(frames))
    return np.maximum(level, -60)


def test_log_spectral_distance_is_that_of_the_definition():
    time = torch.arange(1000) / 8000
    tone = torch.stack([torch.sin(2 * torch.pi * f * time) for f in (440, 1000, 2500)])
    noisy = tone + 0.1 * random(3, 1000)
    expected = [np.sqrt(np.mean((spectrum(a) - spectrum(b)) ** 2)) for a, b in zip(tone, noisy, strict=True)]
    assert metrics.log_spectral_distance(tone, noisy).tolist() == pytest.approx(expected)
    assert min(expected) > 5
    assert metrics.log_spectral_distance(tone, -0.25 * tone).tolist() == [0, 0, 0]  # neither level nor sign
    silent = metrics.log_spectral_distance(tone, 0 * tone)
    assert silent.isfinite().all() and (0 < silent).all() and (silent < 60).all()
    for bad in (tone[:1], tone[:, :999]):
        with pytest.raises(ValueError, match="expected the same"):
            metrics.log_spectral_distance(tone, bad)
    with pytest.raises(ValueError, match="256 or more"):
        metrics.log_spectral_distance(tone[:, :255], tone[:, :255])


def test_mean_average_precision_of_perfect_duplicated_and_dead_codes():
    label = LABELS["digit"]
    queries = torch.arange(10)
    assert metrics.mean_average_precision(torch.eye(10), queries, DIGIT * 7, label) == pytest.approx(100)
    assert metrics.mean_average_precision(torch.ones(10, 10), queries, torch.ones(240, 10), label) == pytest.approx(10)
    assert metrics.mean_average_precision(torch.eye(10), queries, 0 * DIGIT, label) == pytest.approx(10)
    with pytest.raises(ValueError, match="one item of its class"):
        metrics.mean_average_precision(torch.eye(10), queries + 1, DIGIT, label)
    with pytest.raises(ValueError, match="expected queries"):
        metrics.mean_average_precision(torch.zeros(0, 10), queries[:0], DIGIT, label)


def test_mean_average_precision_by_hand_and_by_counting():
    items = torch.tensor([[9.0, 1], [1, 1], [1, 9]])  # length does not matter: ranks 1, 2, 3
    found = metrics.mean_average_precision(torch.tensor([[1.0, 0]]), torch.tensor([5]), items, torch.tensor([5, 0, 5]))
    assert found == pytest.approx(100 * (1 + 2 / 3) / 2)
    queries, items, label = random(6, 5), random(40, 5, seed=1), torch.arange(40) % 6
    precisions = []
    for k, query in enumerate(queries):
        ranked = sorted(range(40), key=lambda i: -torch.cosine_similarity(query, items[i], dim=0).item())
        places = [place for place, i in enumerate(ranked, 1) if label[i] == k]
        precisions.append(np.mean([n / place for n, place in enumerate(places, 1)]))
    found = metrics.mean_average_precision(queries, torch.arange(6), items, label)
    assert found == pytest.approx(100 * np.mean(precisions))


def test_class_error_is_the_root_mean_square_over_all_pairs():
    generator = torch.Generator().manual_seed(0)
    drawn, real = torch.rand(7, 1, 3, 3, generator=generator), torch.rand(9, 1, 3, 3, generator=generator)
    label, own = torch.tensor([0, 0, 1, 1, 1, 0, 1]), torch.tensor([0, 1, 0, 1, 0, 1, 1, 0, 0])
    pairs = [
        torch.stack([(drawn[i] - real[k]).square().mean() for k in range(9) if own[k] == label[i]]).mean()
        for i in range(7)
    ]
    assert metrics.class_error(drawn, label, real, own) == pytest.approx(torch.stack(pairs).mean().sqrt().item(), 1e-5)
    mean = torch.stack([real[own == c].mean(0) for c in (0, 1)])
    assert metrics.class_error(mean, torch.arange(2), real, own) < metrics.class_error(drawn, label, real, own)
    with pytest.raises(ValueError, match="class 1 has no real item"):
        metrics.class_error(drawn, label, real, torch.zeros_like(own))
