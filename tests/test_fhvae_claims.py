"""The verdicts on FHVAE: each rule can be passed, failed and left undecided by made-up results."""

import copy

import pytest

from olc_lib.ledger import fhvae_claims, rules
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
        voices: {
            f"{domain}_{kind}": value
            for domain in domains
            for kind, value in {"features": 50, "vae": 55, "z1": 70, "z2": 20}.items()
        }
        for voices, domains in {"embedded voices": ("women", "noisy"), "six real men": ("noisy",)}.items()
    },
}  # fmt: skip


#: Results of three seeds that lie on both sides of every threshold below.
WIDE = (1, 90, 30)


def named(words):
    return next(text for text in CLAIMS if words in text)


def judged(monkeypatch, text, seeds=3, **changed):
    """The verdict in the good world with some results changed: ``experiment__arm__key=value``, with spaces as in it.

    A value is one number, to which seeds add a little, or one number a seed.
    """
    world = copy.deepcopy(GOOD)
    for place, value in changed.items():
        experiment, arm, key = place.split("__")
        world[experiment][arm][key] = value
    records = {
        experiment: {
            arm: [
                {"seed": k, "results": {key: v[k] if isinstance(v, tuple) else v + 0.01 * k for key, v in some.items()}}
                for k in range(seeds)
            ]
            for arm, some in arms.items()
        }
        for experiment, arms in world.items()
    }
    monkeypatch.setattr(fhvae_claims, "read", lambda experiment: records[experiment])
    told, verdict = CLAIMS[text].verdict()
    assert told
    if verdict != rules.UNMEASURED:
        assert rules.intervals([told])
    return verdict


def test_world_has_the_experiments_arms():
    for experiment, arms in GOOD.items():
        assert set(arms) <= set(fhvae.EXPERIMENTS[experiment].arms)


def test_texts_are_sentences_with_a_paper_and_files():
    for claim in fhvae_claims.CLAIMS:
        assert claim.text[0].isupper() and claim.text.endswith(".") and claim.rule.endswith(".")
        assert "20" in claim.source or claim.source.startswith("ours")
        assert set(claim.files) <= set(fhvae.EXPERIMENTS)
    assert "i-vectors" in named("mixture of Gaussians")


@pytest.mark.parametrize("text", CLAIMS)
def test_two_repetitions_are_not_enough(monkeypatch, text):
    assert judged(monkeypatch, text, seeds=2) == rules.UNMEASURED


@pytest.mark.parametrize("text", CLAIMS)
def test_all_hold_in_a_good_world(monkeypatch, text):
    assert judged(monkeypatch, text) == rules.HOLDS


@pytest.mark.parametrize(
    ("words", "places", "value", "verdict"),
    [
        ("S-vectors verify", ["fhvae-clocks__alpha 10__eer"], 12, rules.FAILS),
        ("S-vectors verify", ["fhvae-clocks__alpha 10__eer"], 7, rules.PARTLY),
        ("S-vectors verify", ["fhvae-clocks__alpha 10__eer"], (2.7, 4.2, 2.2), rules.UNDECIDED),
        ("more discriminative", ["fhvae-clocks__alpha 10__eer"], 5, rules.PARTLY),
        ("more discriminative", ["fhvae-clocks__alpha 0__eer"], 1, rules.PARTLY),
        ("more discriminative", ["fhvae-clocks__alpha 0__eer", "fhvae-clocks__alpha 1__eer"], 1, rules.FAILS),
        ("more discriminative", ["fhvae-clocks__alpha 1__eer"], (2, 9, 4), rules.UNDECIDED),
        ("mu1", ["fhvae-clocks__alpha 10__mu1"], 1, rules.FAILS),
        ("mu1", ["fhvae-clocks__alpha 10__mu1"], 4, rules.PARTLY),
        ("mu1", ["fhvae-clocks__alpha 10__mu1"], WIDE, rules.UNDECIDED),
        ("z1 does not", ["fhvae-clocks__alpha 10__probe_z1"], 90, rules.FAILS),
        ("z1 does not", ["fhvae-clocks__alpha 10__probe_z1"], 70, rules.PARTLY),
        ("z1 does not", ["fhvae-clocks__alpha 10__probe_z1"], WIDE, rules.UNDECIDED),
        ("converts the voice", ["fhvae-clocks__alpha 10__convert_control_nearer"], 20, rules.PARTLY),
        (
            "converts the voice",
            ["fhvae-clocks__alpha 10__convert_control_nearer", "fhvae-clocks__alpha 10__convert_nearer"],
            60,
            rules.FAILS,
        ),
        ("converts the voice", ["fhvae-clocks__alpha 10__convert_control_nearer"], WIDE, rules.UNDECIDED),
        ("i-vectors", ["fhvae-baseline__as recorded__eer"], 1, rules.PARTLY),
        ("i-vectors", ["fhvae-baseline__as recorded__eer"], WIDE, rules.UNDECIDED),
        ("removes noise", ["fhvae-spoilt__noise__denoise_bands_moved"], 1, rules.PARTLY),
        ("removes noise", ["fhvae-spoilt__noise__denoise_shifted_z2"], 6, rules.FAILS),
        ("removes noise", ["fhvae-spoilt__noise__denoise_bands_moved"], WIDE, rules.UNDECIDED),
        ("men to women", ["fhvae-domains__embedded voices__women_z1"], 10, rules.FAILS),
        ("men to women", ["fhvae-domains__embedded voices__women_z1"], WIDE, rules.UNDECIDED),
        ("clean to noisy", ["fhvae-domains__embedded voices__noisy_vae"], 80, rules.PARTLY),
        ("clean to noisy", ["fhvae-domains__embedded voices__noisy_features"], WIDE, rules.UNDECIDED),
        ("clean to noisy", ["fhvae-domains__six real men__noisy_features"], 80, rules.PARTLY),
        ("few sequences", ["fhvae-rivals__fifty compete__eer"], 11, rules.FAILS),
        ("few sequences", ["fhvae-rivals__fifty compete__eer"], WIDE, rules.UNDECIDED),
        ("comes and goes", ["fhvae-noise-within__mixture__eer_noise_lda"], 8, rules.PARTLY),
        ("comes and goes", ["fhvae-noise-within__FHVAE__eer_noise"], 30, rules.FAILS),
        ("comes and goes", ["fhvae-noise-within__mixture__eer_noise_lda"], WIDE, rules.UNDECIDED),
        ("beta-VAE", ["fhvae-rivals__one clock, beta 1__eer"], 1, rules.PARTLY),
        ("beta-VAE", [f"fhvae-rivals__one clock, beta {beta}__eer" for beta in (1, 4)], 1, rules.FAILS),
        ("beta-VAE", ["fhvae-rivals__one clock, beta 1__eer"], WIDE, rules.UNDECIDED),
    ],
)
def test_and_can_fail_or_stay_open(monkeypatch, words, places, value, verdict):
    assert judged(monkeypatch, named(words), **dict.fromkeys(places, value)) == verdict


def test_s_vectors_that_lose_everywhere_do_not_beat_the_mixture(monkeypatch):
    worse = {"noise__eer_noise": 30, "rooms__eer_rooms": 30}
    changed = {f"fhvae-spoilt__{place}": value for place, value in worse.items()}
    changed |= {"fhvae-clocks__alpha 10__eer": 30, "fhvae-clocks__alpha 10__eer_second": 30}
    assert judged(monkeypatch, named("i-vectors"), **changed) == rules.FAILS
