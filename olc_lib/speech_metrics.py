"""How good a resynthesized or separated voice is, and how sparse a code: arrays in, numbers out."""

from collections.abc import Callable

import numpy as np
import torch
from scipy.linalg import LinAlgError, cho_factor, cho_solve, solve, toeplitz
from scipy.signal import correlate, fftconvolve
from torch import Tensor

SHORTEST = 1.0  # seconds: STOI and PESQ answer shorter clips with numbers that mean nothing


def hoyer(codes: Tensor) -> Tensor:
    """How sparse a vector is (Hoyer 2004): ``(sqrt(n) - |x|_1 / |x|_2) / (sqrt(n) - 1)``.

    Args:
        codes: ``[..., n]``, n at least 2.

    Returns:
        ``[...]``: 0 where all coordinates are equally large, 1 where only one is not 0; NaN for a vector of zeros.

    Raises:
        ValueError: if n is below 2.
    """
    n = codes.shape[-1]
    if n < 2:
        raise ValueError(f"codes have {n} coordinates, expected at least 2")
    return (n**0.5 - codes.abs().sum(-1) / codes.norm(dim=-1)) / (n**0.5 - 1)


def si_sdr(signal: Tensor, estimate: Tensor) -> float:
    """Scale-invariant signal-to-distortion ratio (Le Roux et al. 2019), means taken off first.

    Args:
        signal: ``[T]``, the clean one.
        estimate: ``[T]``.

    Returns:
        In dB; it does not depend on the level of either.

    Raises:
        ValueError: if the two differ in length, or the signal is silent.
    """
    signal, estimate = _pair(signal, estimate)
    signal, estimate = signal - signal.mean(), estimate - estimate.mean()
    target = (estimate @ signal) / (signal @ signal) * signal
    return float(_decibel(target, estimate - target))


def stoi(signal: Tensor, estimate: Tensor, rate: int) -> float:
    """Short-time objective intelligibility (Taal et al. 2011), by the package ``pystoi``.

    Args:
        signal: ``[T]``, the clean one, a second or longer.
        estimate: ``[T]``.
        rate: samples per second.

    Returns:
        About 0 to 1.

    Raises:
        ImportError: if ``pystoi`` is not installed.
        ValueError: if the two differ in length, are shorter than a second, or the signal is silent.
    """
    signal, estimate = _pair(signal, estimate, rate)
    try:
        import pystoi
    except ImportError:
        raise ImportError('STOI needs the package pystoi: pip install "olc_lib[speech]"') from None
    return float(pystoi.stoi(signal, estimate, rate))


def pesq(signal: Tensor, estimate: Tensor, rate: int) -> float:
    """Perceptual evaluation of speech quality, as the listening score MOS-LQO, by the package ``pesq``.

    At 8 kHz the narrow-band measure P.862 with the mapping P.862.1, at 16 kHz the wide-band one, P.862.2.

    Args:
        signal: ``[T]``, the clean one, a second or longer.
        estimate: ``[T]``.
        rate: 8000 or 16000 samples per second.

    Returns:
        About 1 (bad) to 4.6.

    Raises:
        ImportError: if ``pesq`` is not installed; it is compiled on the spot and needs a C compiler.
        ValueError: for another rate, if the two differ in length, are shorter than a second, or the signal is silent.
    """
    signal, estimate = _pair(signal, estimate, rate)
    if rate not in (8000, 16000):
        raise ValueError(f"the rate is {rate} Hz, expected 8000 or 16000 for PESQ")
    try:
        import pesq as package
    except ImportError:
        raise ImportError('PESQ needs the package pesq and a C compiler: pip install "olc_lib[speech]"') from None
    return float(package.pesq(rate, signal, estimate, "nb" if rate == 8000 else "wb"))


def raw_pesq(score: float) -> float:
    """The score of P.862 before it was mapped to a listening score (P.862.1, narrow band).

    Args:
        score: MOS-LQO, 1.0 to 4.5, as from :func:`pesq` at 8 kHz.

    Returns:
        -0.5 to 4.5, what older papers print.
    """
    return float((4.6607 - np.log(4 / (score - 0.999) - 1)) / 1.4945)


def bss_eval(sources: Tensor, estimates: Tensor, taps: int = 512) -> Tensor:
    """SDR, SIR and SAR of separated voices (BSS Eval 3, Vincent et al. 2006).

    An estimate is split into three parts by two projections: on its own source through any filter of ``taps``
    samples (*target*), then on all sources through such filters (what that adds is *interference*); the rest is
    *artefacts*. Estimate n is taken for source n; no permutation is tried.

    Args:
        sources: ``[S, T]``, the true voices; none silent.
        estimates: ``[S, T]``.
        taps: length of the filter that does not count as an error.

    Returns:
        ``[3, S]`` float64 in dB: target over all the rest, target over interference, both of them over artefacts.

    Raises:
        ValueError: if the shapes differ, a source or an estimate is silent, or T is below ``taps``.
    """
    sources, estimates = (np.asarray(x, dtype=np.float64) for x in (sources, estimates))
    if sources.shape != estimates.shape or sources.ndim != 2 or sources.shape[1] < taps:
        raise ValueError(
            f"sources are {list(sources.shape)} and estimates {list(estimates.shape)}, "
            f"expected [S, T] twice, T at least {taps}"
        )
    if not (np.any(sources, 1).all() and np.any(estimates, 1).all()):
        raise ValueError("a source or an estimate is silent, expected sound in each of them")
    # What all estimates share is computed once: correlations of the sources, and the factors of both systems.
    blocks = [[_toeplitz(_lags(x, y, taps), taps) for y in sources] for x in sources]
    alone, together = [_factors(row[n]) for n, row in enumerate(blocks)], _factors(np.block(blocks))
    ratios = []
    for n, estimate in enumerate(estimates):
        right = np.concatenate([_lags(x, estimate, taps)[taps - 1 :] for x in sources])
        target = _filtered(sources[n : n + 1], alone[n](right[n * taps : (n + 1) * taps]))
        both = _filtered(sources, together(right))
        rest = np.pad(estimate, (0, taps - 1)) - target
        ratios.append((_decibel(target, rest), _decibel(target, both - target), _decibel(both, rest + target - both)))
    return torch.from_numpy(np.array(ratios).T.copy())


def _lags(x: np.ndarray, y: np.ndarray, taps: int) -> np.ndarray:
    """Sum over t of ``x[t] y[t + lag]``, lag from 1 - taps to taps - 1."""
    middle = len(x) - 1
    return correlate(y, x, method="fft")[middle - taps + 1 : middle + taps]


def _toeplitz(lags: np.ndarray, taps: int) -> np.ndarray:
    return toeplitz(lags[taps - 1 :], lags[taps - 1 :: -1])


def _factors(gram: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
    """Solves systems with a Gram matrix; one that rounding leaves without a Cholesky factor goes another way."""
    try:
        factor = cho_factor(gram)
    except LinAlgError:
        return lambda right: solve(gram, right, assume_a="sym")
    return lambda right: cho_solve(factor, right)


def _filtered(sources: np.ndarray, filters: np.ndarray) -> np.ndarray:
    """The sum of filtered sources, ``[T + taps - 1]``."""
    return sum(fftconvolve(x, f) for x, f in zip(sources, filters.reshape(len(sources), -1), strict=True))


def _decibel(wanted: np.ndarray, rest: np.ndarray) -> float:
    with np.errstate(divide="ignore"):
        return 10 * np.log10(np.sum(wanted**2) / np.sum(rest**2))


def _pair(signal: Tensor, estimate: Tensor, rate: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Both in double precision, once they can be compared."""
    signal, estimate = (np.asarray(x, dtype=np.float64) for x in (signal, estimate))
    if signal.shape != estimate.shape or signal.ndim != 1:
        raise ValueError(f"signal is {list(signal.shape)} and estimate {list(estimate.shape)}, expected [T] twice")
    if len(signal) < SHORTEST * rate:
        raise ValueError(f"the clip lasts {len(signal) / rate:.2f} s, expected at least {SHORTEST:.0f} s: join clips")
    if not np.ptp(signal):
        raise ValueError("the signal is silent, expected a voice to compare with")
    return signal, estimate
