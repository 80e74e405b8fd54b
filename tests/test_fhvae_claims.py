"""The verdicts on FHVAE: each rule can be passed, and can be failed, by made-up results."""

import copy

import pytest

from olc_lib.ledger import fhvae_claims
from olc_lib.systems import fhvae

CLAIMS = {claim.text: claim for claim in fhvae_claims.CLAIMS}

#: A world in which every claim holds: experiment, arm, result.
GOOD = {
    "fhvae-clocks": {
        "alpha 10": {
            "eer": 2, "mu1": 20, "probe_z1": 40, "probe_z2": 80, "convert_nearer": 80, "convert_control_nearer": 10,
            "eer_second": 10,
        },
        "alpha 1": {"eer": 4},
        "alpha 0": {"eer": 6},
    },
    "fhvae-baseline": {
        "as recorded": {"eer": 5, "eer_second": 12}, "noise": {"eer_noise": 20}, "rooms": {"eer_rooms": 9},
    },
    "fhvae-spoilt": {
        "noise": {
            "eer_noise": 15, "denoise_noisy": 5, "denoise_redrawn": 5, "denoise_shifted_z2": 2,
            "denoise_shifted_z1": 5, "denoise_bands_moved": 3,
        },
        "rooms": {"eer_rooms": 8},
    },
    "fhvae-noise-within": {
        "FHVAE": {"eer_noise": 10},
        "mixture": {"eer_noise": 20, "eer_noise_lda": 14},
        "mixture, apart": {"eer_noise": 20, "eer_noise_lda": 16},
    },
    "fhvae-rivals": {
        "fifty compete": {"eer": 2.5}, "one clock, beta 1": {"eer": 9}, "one clock, beta 4": {"eer": 12},
    },
    "fhvae-domains": {
        "embedded voices": {
            f"{domain}_{kind}": value
            for domain in ("women", "noisy")
            for kind, value in {"features": 50, "vae": 55, "z1": 70, "z2": 20}.items()
        }
    },
}  # fmt: skip


def judged(monkeypatch, text, seeds=3, **changed):
    """The verdict in the good world with some results changed: ``experiment__arm__key=value``, with spaces as in it."""
    world = copy.deepcopy(GOOD)
    for place, value in changed.items():
        experiment, arm, key = place.split("__")
        world[experiment][arm][key] = value
    records = {
        experiment: {
            arm: [{"seed": k, "results": {key: v + 0.01 * k for key, v in some.items()}} for k in range(seeds)]
            for arm, some in arms.items()
        }
        for experiment, arms in world.items()
    }
    monkeypatch.setattr(fhvae_claims, "read", lambda experiment: records[experiment])
    told, verdict = CLAIMS[text].verdict()
    assert told
    return verdict


def test_world_has_the_experiments_arms():
    for experiment, arms in GOOD.items():
        assert set(arms) <= set(fhvae.EXPERIMENTS[experiment].arms)


@pytest.mark.parametrize("text", CLAIMS)
def test_two_repetitions_are_not_enough(monkeypatch, text):
    assert judged(monkeypatch, text, seeds=2) == fhvae_claims.UNDECIDED


@pytest.mark.parametrize("text", CLAIMS)
def test_all_hold_in_a_good_world(monkeypatch, text):
    assert judged(monkeypatch, text) == fhvae_claims.HOLDS


@pytest.mark.parametrize(
    ("text", "place", "value", "verdict"),
    [
        ("s-vectors verify speakers never heard", "fhvae-clocks__alpha 10__eer", 12, "does not hold"),
        ("the more discriminative the training, the better", "fhvae-clocks__alpha 10__eer", 5, "holds partly"),
        ("the more discriminative the training, the better", "fhvae-clocks__alpha 10__eer", 7, "does not hold"),
        ("mu1 tells speakers much worse", "fhvae-clocks__alpha 10__mu1", 1, "does not hold"),
        ("z2 holds the speaker, z1 does not", "fhvae-clocks__alpha 10__probe_z1", 90, "does not hold"),
        ("shifting z2 converts the voice", "fhvae-clocks__alpha 10__convert_control_nearer", 20, "holds partly"),
        ("shifting z2 converts the voice", "fhvae-clocks__alpha 10__convert_control_nearer", 90, "does not hold"),
        ("s-vectors beat i-vectors", "fhvae-baseline__as recorded__eer", 1, "holds partly"),
        ("shifting z2 removes noise", "fhvae-spoilt__noise__denoise_bands_moved", 1, "holds partly"),
        ("shifting z2 removes noise", "fhvae-spoilt__noise__denoise_shifted_z2", 6, "does not hold"),
        ("z1 carries a recognizer from men to women", "fhvae-domains__embedded voices__women_z1", 30, "does not hold"),
        (
            "z1 carries a recognizer from clean to noisy",
            "fhvae-domains__embedded voices__noisy_vae",
            80,
            "holds partly",
        ),
        ("a table of a few sequences at a time does as well", "fhvae-rivals__fifty compete__eer", 11, "does not hold"),
    ],
)
def test_and_can_fail(monkeypatch, text, place, value, verdict):
    assert judged(monkeypatch, text, **{place: value}) == verdict


def named(words):
    return next(text for text in CLAIMS if words in text)


def test_noise_within_a_recording(monkeypatch):
    text, place = named("comes and goes"), "fhvae-noise-within__{}__{}"
    lda = {place.format("mixture", "eer_noise_lda"): 8}
    assert judged(monkeypatch, text, **lda) == fhvae_claims.PARTLY
    assert judged(monkeypatch, text, **{place.format("mixture, apart", "eer_noise"): 5}) == fhvae_claims.FAILS


def test_one_clock(monkeypatch):
    text, place = named("beta-VAE"), "fhvae-rivals__one clock, beta {}__eer"
    assert judged(monkeypatch, text, **{place.format(1): 1}) == fhvae_claims.PARTLY
    assert judged(monkeypatch, text, **{place.format(1): 1, place.format(4): 1}) == fhvae_claims.FAILS
