"""PhysioNet's formats against files written here, filters against closed forms, verdicts against made-up results."""

import os
import struct

import numpy as np
import pytest
import torch
from scipy import stats

from olc_lib import download, heartbeats
from olc_lib.ledger import heartbeat_claims
from olc_lib.systems import heartbeat
from olc_lib.systems.heartbeat import rivals, uses

real = pytest.mark.skipif(
    not os.environ.get("OLC_DATA") or not (download.root() / "ECG" / "mitdb").exists(), reason="no record in OLC_DATA"
)


# Formats


def packed_212(pairs):
    """Bytes of format 212 by PhysioNet's description, a pair of samples at a time."""
    written = b""
    for first, second in pairs:
        a, b = first & 0xFFF, second & 0xFFF  # two's complement of 12 bits
        written += bytes([a & 0xFF, (a >> 8) | ((b >> 8) << 4), b & 0xFF])
    return written


def test_format_212_is_read_as_written():
    rng = np.random.default_rng(0)
    pairs = np.concatenate([[[0, 0], [2047, -2048], [-1, 1], [-2048, 2047]], rng.integers(-2048, 2048, (500, 2))])
    assert np.array_equal(heartbeats.read_212(packed_212(pairs.tolist())), pairs)
    one = heartbeats.read_212(packed_212(pairs.tolist()), channels=1)
    assert np.array_equal(one[:, 0], pairs.flatten())


@pytest.mark.parametrize("size, channels", [(4, 2), (3, 4)])
def test_format_212_of_another_length_is_refused(size, channels):
    with pytest.raises(ValueError, match=f"format 212 has {size} bytes, expected three"):
        heartbeats.read_212(bytes(size), channels)


def packed_annotations(found):
    """Bytes of an annotation file, with what may stand between: long pauses, texts, numbers."""
    written, last = b"", 0
    for sample, code in found:
        step, last = sample - last, sample
        if not 0 <= step < 1024:
            written += struct.pack("<HHH", 59 << 10, step >> 16 & 0xFFFF, step & 0xFFFF)
            step = 0
        written += struct.pack("<H", code << 10 | step)
        if code == 28:  # a rhythm, with a text of odd length and its padding
            written += struct.pack("<H", 63 << 10 | 3) + b"(N\0" + b"\0"
        if code == 5:
            written += struct.pack("<HH", 62 << 10 | 1, 60 << 10 | 2)  # channel and number
    return written + b"\0\0"


def test_annotations_are_read_as_written():
    wanted = [(18, 28), (77, 1), (370, 8), (500_000, 5), (499_990, 1), (501_500, 1)]
    samples, codes = heartbeats.read_annotations(packed_annotations(wanted))
    assert list(zip(samples.tolist(), codes.tolist(), strict=True)) == wanted


def test_annotations_that_break_off_are_refused():
    with pytest.raises(ValueError, match="break off after 2, expected an end mark"):
        heartbeats.read_annotations(packed_annotations([(5, 1), (9, 1)])[:-2])


@real
def test_record_100_has_the_beats_that_its_directory_lists():
    folder = heartbeats.fetched(heartbeats.RECORD_100, get=False)
    samples, codes = heartbeats.read_annotations((folder / "100.atr").read_bytes())
    assert {kind: int((codes == code).sum()) for code, kind in heartbeats.CODES.items()} == {0: 2239, 1: 33, 2: 1}
    signal = heartbeats.read_212((folder / "100.dat").read_bytes())
    # From the record's header: the first sample of each channel, and the sum of all, modulo 65536.
    assert signal[0].tolist() == [995, 1011] and len(signal) == 650_000
    for channel, check in enumerate((-22131, 20052)):
        assert (signal[:, channel].sum(dtype=np.int64) - check) % 65536 == 0
    assert (np.diff(samples) > 0).all()


@real
def test_record_100_against_wfdb():
    wfdb = pytest.importorskip("wfdb")
    path = str(heartbeats.fetched(heartbeats.RECORD_100, get=False) / "100")
    samples, codes = heartbeats.read_annotations(open(path + ".atr", "rb").read())
    annotation = wfdb.rdann(path, "atr", return_label_elements=["label_store"])
    assert np.array_equal(samples, annotation.sample) and np.array_equal(codes, annotation.label_store)
    signal = heartbeats.read_212(open(path + ".dat", "rb").read())
    assert np.array_equal(signal, wfdb.rdrecord(path, physical=False).d_signal)


@real
def test_peaks_that_are_found_are_those_of_the_cardiologists():
    folder = heartbeats.fetched(heartbeats.RECORD_100, get=False)
    millivolts = (heartbeats.read_212((folder / "100.dat").read_bytes())[:100_000, 0] - 1024) / 200
    samples, codes = heartbeats.read_annotations((folder / "100.atr").read_bytes())
    wanted = samples[np.isin(codes, list(heartbeats.CODES)) & (samples < 99_000) & (samples > 300)]
    off = np.abs(wanted[:, None] - heartbeats.find_peaks(millivolts)).min(1)
    assert (off <= 5).mean() > 0.99


# Files from the network


@pytest.fixture
def small(tmp_path, monkeypatch):
    """A corpus of one file, and what the network answers for it."""
    import hashlib

    monkeypatch.setenv("OLC_DATA", str(tmp_path))
    body = b"two beats"
    corpus = heartbeats.Files(
        "a record", ("ECG", "x"), "https://nowhere.invalid/", {"x.dat": (9, hashlib.sha256(body).hexdigest())}
    )
    answers = {"body": body}

    def fetch(url, path, timeout):
        if answers["body"] is None:
            raise ConnectionError(f"{url}: not reached")
        assert url == "https://nowhere.invalid/x.dat"
        path.write_bytes(answers["body"])

    monkeypatch.setattr(download, "fetch", fetch)
    return corpus, answers, tmp_path / "ECG" / "x"


def test_a_missing_file_is_fetched_once_and_checked(small):
    corpus, answers, folder = small
    with pytest.raises(FileNotFoundError, match="a record is missing: .* has no x.dat"):
        heartbeats.fetched(corpus, get=False)
    assert heartbeats.fetched(corpus) == folder and (folder / "x.dat").read_bytes() == answers["body"]
    answers["body"] = None
    assert heartbeats.fetched(corpus) == folder and [path.name for path in folder.iterdir()] == ["x.dat"]


def test_a_wrong_file_is_refused_wherever_it_comes_from(small):
    corpus, answers, folder = small
    answers["body"] = b"<html>sorry</html>"
    with pytest.raises(ValueError, match="x.dat does not belong to a record: 18 bytes .*expected 9 .*try again later"):
        heartbeats.fetched(corpus)
    assert not list(folder.iterdir())
    (folder / "x.dat").write_bytes(b"other")
    with pytest.raises(ValueError, match="does not belong to a record: 5 bytes .*delete that file"):
        heartbeats.fetched(corpus)


def test_without_network_one_sentence_says_so(small):
    corpus, answers, _ = small
    answers["body"] = None
    with pytest.raises(ConnectionError, match='could not be downloaded .*the record "synthetic" needs no network'):
        heartbeats.fetched(corpus)


# Beats


def test_beats_are_cut_around_their_peaks():
    signal = np.zeros(3000)
    peaks = np.array([40, 400, 800, 1100, 2950])
    signal[peaks] = 1
    beats = heartbeats.cut(signal, peaks, np.arange(5))
    assert beats.kind.tolist() == [1, 2, 3] and np.allclose(beats.interval, np.array([360, 400, 300]) / 360)
    assert beats.wave.shape == (3, 128) and (beats.wave.argmax(1) == 45).all() and np.allclose(beats.wave.max(1), 0.5)


def test_width_is_that_of_a_rectangle():
    wave = np.zeros((2, 128))
    wave[0, 43:48] = 1
    wave[1, 40:52] = -2
    assert np.allclose(heartbeats.width(wave), np.array([5, 12]) * 2000 / 360)


def test_synthetic_beats_are_of_three_kinds():
    beats = heartbeats.synthetic(1)
    widths, intervals = (
        [np.median(values[beats.kind == k]) for k in range(3)]
        for values in (heartbeats.width(beats.wave), beats.interval)
    )
    assert widths[2] > 2 * widths[0] and abs(widths[1] - widths[0]) < 6 and intervals[1] < 0.85 * intervals[0]
    assert (np.bincount(beats.kind) > 15).all() and np.array_equal(beats.wave, heartbeats.synthetic(1).wave)
    assert not np.array_equal(beats.wave, heartbeats.synthetic(2).wave)


def test_an_unknown_record_or_split_is_named():
    with pytest.raises(ValueError, match="record is '101', expected"):
        heartbeats.beats("101")
    with pytest.raises(ValueError, match="split is 'all', expected"):
        uses.part("synthetic", "all")


def test_training_beats_are_normal_and_come_before_the_others():
    _, train = uses.part("synthetic", "train")
    _, validation = uses.part("synthetic", "validation")
    _, test = uses.part("synthetic", "test")
    assert (train.kind == 0).all() and train.seconds.max() < validation.seconds.min()
    assert validation.seconds.max() < test.seconds[test.kind == 0].min()
    assert (test.kind > 0).sum() == (heartbeats.beats("synthetic").kind > 0).sum()


# Rivals


def test_filter_tends_to_wieners_closed_form():
    """For white noise of variance s^2: covariance (covariance + s^2)^-1."""
    g = torch.Generator().manual_seed(0)
    clean = torch.randn(40_000, 6, generator=g) @ torch.randn(6, 128, generator=g) * 0.4 + 0.3
    noisy = clean + 0.5 * torch.randn(clean.shape, generator=g)
    covariance = torch.cov(clean.T)
    wiener = torch.linalg.solve(covariance + 0.25 * torch.eye(128), covariance)
    y = noisy[:50]
    expected = clean.mean(0) + (y - clean.mean(0)) @ wiener
    found = rivals.linear_filter(noisy, clean)(y)
    assert rivals.decibels(expected, found) > 25


def test_components_are_the_best_linear_code():
    from sklearn.decomposition import PCA

    x, _ = uses.part("synthetic", "train")
    code, back = rivals.components(x, 3)(x[:40])
    pca = PCA(3, svd_solver="full").fit(x.numpy())
    assert np.allclose(back, pca.inverse_transform(pca.transform(x[:40].numpy())), atol=1e-4)
    assert np.allclose(code.abs().numpy(), np.abs(pca.transform(x[:40].numpy())), atol=1e-4) and code.shape == (40, 3)


@pytest.mark.parametrize("name, low, high", [("white", 5.5, 6.5), ("wander", 5.0, 7.0), ("salt and pepper", 3.0, 6.0)])
def test_noise_is_as_loud_as_it_says(name, low, high):
    x, _ = uses.part("synthetic", "train")
    noisy = rivals.NOISES[name](x, torch.Generator().manual_seed(0))
    assert low < rivals.decibels(x, noisy) < high
    if name == "salt and pepper":
        assert abs((noisy != x).float().mean() - 1 / 12) < 0.005


def test_decibels_by_hand():
    x = torch.ones(2, 5)
    assert np.isclose(rivals.decibels(x, 1.1 * x), 20, atol=1e-4)


# The model


def test_bound_equals_a_second_implementation():
    model = heartbeat.build(heartbeat.Single(hidden=8, it=heartbeat.Member(3)))["it"]
    model.log_noise.data += 0.3
    g = torch.Generator().manual_seed(1)
    seen, clean = torch.randn(2, 4, 128, generator=g)
    misfit, kl = heartbeat.bound(model, seen, clean, torch.Generator().manual_seed(2))
    noise = torch.randn(4, 3, generator=torch.Generator().manual_seed(2)).numpy()
    w = {name: value.detach().numpy() for name, value in model.state_dict().items()}

    def net(name, v):
        v = w[f"{name}.0.weight"] @ v + w[f"{name}.0.bias"]
        return w[f"{name}.2.weight"] @ (v / (1 + np.exp(-v))) + w[f"{name}.2.bias"]

    for row in range(4):
        out = net("encoder", seen[row].numpy())
        mean, deviation = out[:3], np.exp(out[3:] / 2)
        density = stats.norm(net("decoder", mean + deviation * noise[row]), np.exp(w["log_noise"]))
        expected = -density.logpdf(clean[row].numpy()).sum() - 64 * np.log(2 * np.pi)
        assert np.isclose(misfit[row].item(), expected, rtol=1e-4)
        prices = -np.log(deviation) + (deviation**2 + mean**2 - 1) / 2
        assert np.isclose(kl[row].item(), prices.sum(), rtol=1e-4)


def test_a_model_that_copies_nothing_finds_and_cleans_nothing():
    """A decoder that always outputs the mean beat has the mean beat's figures."""
    settings = heartbeat.Single(hidden=4, it=heartbeat.Member(2, "white"))
    model = heartbeat.build(settings)["it"]
    model.decoder[2].weight.data.zero_()
    model.decoder[2].bias.data = uses.part("synthetic", "train")[0].mean(0)
    found = uses.cleaning(model, "synthetic", "test")
    assert np.isclose(found["snr_vae"], found["snr_mean_beat"], atol=1e-4)
    assert found["snr_linear"] > found["snr_mean_beat"] > found["snr_noisy"]
    strange = uses.strangeness(model, "synthetic", "test")
    assert strange["auc_interval"] > 0.95 and strange["error"] > strange["error_pca"]


@real
def test_layout_of_a_record_without_labels():
    class Heights(torch.nn.Module):
        """A code of the width itself, which any grouping must tell apart."""

        member = heartbeat.Member(2)

        def encode(self, x):
            size = torch.tensor(heartbeats.width(x.numpy()), dtype=torch.float32)
            return torch.stack([size, 0 * size], 1), None

    found = uses.layout(Heights(), "208")
    assert found["wide"] > 2 * found["narrow"] and 20 < found["rare"] < 200 and 50 <= found["agree"] <= 100


# Verdicts

RULES = {claim.verdict.__name__: claim for claim in heartbeat_claims.CLAIMS}
ARMS = list(heartbeat.EXPERIMENTS["heartbeat"].arms)
LOW = {"snr_vae": 15.0, "snr_linear": 18.0, "auc": 0.8, "auc_pca": 0.9, "auc_interval": 0.95, "wide": 30.0, "agree": 99}
HIGH = {
    "snr_vae": 19.0,
    "snr_linear": 18.0,
    "auc": 0.99,
    "auc_pca": 0.9,
    "auc_interval": 0.95,
    "wide": 80.0,
    "agree": 60,
}


def judged(monkeypatch, name, rule, seeds=3):
    """The verdict where ``rule(arm)`` gives an arm's results."""
    found = {arm: [{"seed": s, "results": {"narrow": 20.0} | rule(arm)} for s in range(seeds)] for arm in ARMS}
    monkeypatch.setattr(heartbeat_claims, "read", lambda experiment: found)
    text, verdict = RULES[name].verdict()
    assert text
    return verdict


@pytest.mark.parametrize("name", list(RULES))
def test_a_rule_can_be_passed_and_failed(monkeypatch, name):
    assert judged(monkeypatch, name, lambda arm: HIGH) == heartbeat_claims.HOLDS
    assert judged(monkeypatch, name, lambda arm: LOW) == heartbeat_claims.FAILS
    assert judged(monkeypatch, name, lambda arm: HIGH, seeds=2) == "not measured yet"


@pytest.mark.parametrize("name", ["_robust", "_finds", "_shape"])
def test_better_in_one_arm_is_partly(monkeypatch, name):
    mixed = {"clean, white", "find, d 2"}
    assert judged(monkeypatch, name, lambda arm: HIGH if arm in mixed else LOW) == heartbeat_claims.PARTLY


def test_arms_are_those_of_the_experiment():
    wanted = {f"clean, {n}" for n in heartbeat_claims.NOISES} | {f"find, d {d}" for d in heartbeat_claims.SIZES}
    assert wanted | {"208, d 2"} == set(ARMS) and set(heartbeat_claims.NOISES) == set(rivals.NOISES)
    assert all(claim.text.endswith(".") and claim.rule and claim.source for claim in heartbeat_claims.CLAIMS)
