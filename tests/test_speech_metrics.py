"""Quality of speech: our own against closed forms and mir_eval, packages wrapped so that nonsense is refused."""

import numpy as np
import pytest
import torch

from olc_lib import data, speech_metrics


def noise(count, seed=0):
    return torch.randn(count, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def test_hoyer_of_known_vectors():
    codes = torch.tensor([[3.0, 3, 3, 3], [0, 0, -2, 0], [1, 1, 0, 0]])
    expected = [0, 1, 2 - 2**0.5]  # (2 - 2 / sqrt 2) / (2 - 1)
    assert torch.allclose(speech_metrics.hoyer(codes), torch.tensor(expected))
    assert speech_metrics.hoyer(torch.zeros(4)).isnan()
    with pytest.raises(ValueError, match="1 coordinates, expected at least 2"):
        speech_metrics.hoyer(torch.ones(3, 1))


def test_si_sdr_is_what_was_mixed_at_any_level():
    t = torch.arange(8000, dtype=torch.float64) / 8000
    voice, other = torch.sin(2 * torch.pi * 100 * t), torch.sin(2 * torch.pi * 300 * t)  # orthogonal
    assert speech_metrics.si_sdr(voice, 7 * (voice + 0.1 * other) + 3) == pytest.approx(20)


@pytest.mark.parametrize("metric", [speech_metrics.stoi, speech_metrics.pesq])
def test_a_short_clip_is_refused_with_a_sentence(metric):
    with pytest.raises(ValueError, match=r"the clip lasts 0\.40 s, expected at least 1 s: join clips"):
        metric(noise(3200), noise(3200), 8000)
    with pytest.raises(ValueError, match="silent"):
        metric(torch.zeros(16000), noise(16000), 8000)
    with pytest.raises(ValueError, match="expected .T. twice"):
        metric(noise(16000), noise(16001), 8000)


@pytest.mark.parametrize("metric, best", [(speech_metrics.stoi, 1.0), (speech_metrics.pesq, 4.5)])
def test_the_same_voice_is_best_and_noise_costs(metric, best):
    pytest.importorskip(metric.__name__.replace("stoi", "pystoi"))
    voices = data.voices("embedded", "test")
    wave = torch.cat([w[:n] for w, n in zip(voices.waves[:4], voices.lengths[:4], strict=True)])
    assert metric(wave, wave, 8000) == pytest.approx(best, abs=0.06)
    assert metric(wave, wave + 0.1 * noise(len(wave)).float(), 8000) < best - 0.1


def test_pesq_knows_two_rates():
    with pytest.raises(ValueError, match="44100 Hz, expected 8000 or 16000"):
        speech_metrics.pesq(noise(88200), noise(88200), 44100)


def test_raw_pesq_undoes_the_mapping():
    for raw in (1.5, 2.5, 3.42):
        mapped = 0.999 + 4 / (1 + np.exp(-1.4945 * raw + 4.6607))
        assert speech_metrics.raw_pesq(mapped) == pytest.approx(raw)


def mixed(seed):
    """Random sources, and estimates with a filter, leakage and noise of random size."""
    rng = np.random.default_rng(seed)
    sources = rng.normal(size=(2 + seed % 2, 3000))
    leak = rng.normal(size=(len(sources),) * 2) * 0.2 + np.eye(len(sources))
    estimates = leak @ sources + 0.3 * rng.normal(size=sources.shape)
    return sources, np.stack([np.convolve(e, [1, 0.4, -0.2])[:3000] for e in estimates])


@pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::DeprecationWarning")
@pytest.mark.parametrize("seed", range(20))
def test_bss_eval_equals_mir_eval(seed):
    separation = pytest.importorskip("mir_eval.separation")
    sources, estimates = mixed(seed)
    expected = separation.bss_eval_sources(sources, estimates, compute_permutation=False)[:3]
    found = speech_metrics.bss_eval(torch.from_numpy(sources), torch.from_numpy(estimates))
    assert np.allclose(found, expected, rtol=1e-6, atol=1e-6)


def test_bss_eval_of_orthogonal_parts():
    """One tap, and parts that are orthogonal by construction: the three ratios are those put in."""
    voice, other, rest = torch.linalg.qr(noise(3000, 1).reshape(1000, 3)).Q.T
    found = speech_metrics.bss_eval(
        torch.stack([voice, other]), torch.stack([voice + 0.1 * other + 0.01 * rest, other]), 1
    )
    expected = [-10 * np.log10(0.0101), 20, 10 * np.log10(1.01 / 1e-4)]
    assert np.allclose(found[:, 0], expected)


@pytest.mark.parametrize(
    "sources, estimates, message",
    [
        (torch.ones(2, 600), torch.ones(2, 601), "expected"),
        (torch.ones(2, 100), torch.ones(2, 100), "T at least 512"),
        (torch.zeros(2, 600), torch.ones(2, 600), "silent"),
    ],
)
def test_bss_eval_refuses(sources, estimates, message):
    with pytest.raises(ValueError, match=message):
        speech_metrics.bss_eval(sources, estimates)
