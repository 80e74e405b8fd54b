"""The verdicts on separation: each rule can be passed, and can be failed, by made-up results."""

import pytest

from olc_lib.ledger import separation_claims as ours
from olc_lib.systems import separation

RULES = {claim.verdict.__name__: claim for claim in ours.CLAIMS}
NET = ours.NET
#: Beginning or end of an arm's name, and key, to a number; every other number is 10.
PASSES = {
    "_noise": {(NET, "sdr"): 12},
    "_normalized": {("integers", "finite"): 0},
    "_sixty_four": {("B", "sdr"): 8},
    "_overlap": {("A", "sar"): 8},
    "_best": {("E", "sdr"): 12},
    "_eight": {("G", "sdr"): 8},
    "_codes": {},
    "_itl_codes": {},
    "_batches": {},
    "_beta": {},
    "_itl": {("ITL-AE", "sar"): 9, ("ITL-AE", "sir"): 11},
    "_nmf": {},
    "_variational": {},
    "_masking": {},
    "_exponent": {("autoencoder", f"{key}{at}"): value
                  for key, row in (("sir", (7, 9, 12, 13)), ("sar", (13, 12, 9, 7)))
                  for at, value in zip((" at 0.5", "", " at 2", " at 4"), row, strict=True)},
    "_clean": {("NMF", "sdr"): 8},
    "_prior": {("clean autoencoder", "sdr"): 8},
    "_block": {("", "heard"): 95, ("", "other"): 1},
    "_aim_pairs": {("NMF", "sdr"): 8, ("ideal mask", "sdr"): 11},
    "_aim_readers": {("NMF", "sdr"): 8},
    "_aim_strangers": {("strange readers: mixture", "sdr"): 5},
}  # fmt: skip
FAILS = {
    "_noise": {},
    "_normalized": {},
    "_sixty_four": {("B", "sdr"): 12},
    "_overlap": {("A", "sar"): 12},
    "_best": {("E", "sdr"): 10.5},
    "_eight": {("G", "sdr"): 12},
    "_codes": {("code 32", "sdr"): 8},
    "_itl_codes": {("code 32", "sdr"): 8},
    "_batches": {("batch 17", "sdr"): 8},
    "_beta": {("β-VAE 4", "sdr"): 8},
    "_itl": {},
    "_nmf": {("NMF", "sdr"): 8},
    "_variational": {("autoencoder", "sdr"): 8},
    "_masking": {("mask MLP", "sdr"): 8},
    "_exponent": {},
    "_clean": {("NMF", "sdr"): 12},
    "_prior": {("clean autoencoder", "sdr"): 12},
    "_block": {("", "heard"): 50},
    "_aim_pairs": {("NMF", "sdr"): 9, ("ideal mask", "sdr"): 14},
    "_aim_readers": {("NMF", "sdr"): 9},
    "_aim_strangers": {("strange readers: mixture", "sdr"): 8},
}


def fits(arm, part):
    letter = len(part) == 1
    if letter:
        return arm.startswith(f"{part}, equal")
    return arm.startswith(part) or arm.endswith(f": {part}") or arm.endswith(f", {part}")


def judged(monkeypatch, name, special, seeds=3):
    """The verdict on results of which all but the special ones are 10; seeds differ a little, alike in every arm."""

    class Results(dict):
        def __missing__(self, key):
            if key.endswith("_all"):
                return [self[key.removesuffix("_all")] + k for k in range(4)]
            return 10 + self.shift

    def record(arm, seed):
        results = Results(
            {key: value + 0.01 * seed * (key != "finite") for (part, key), value in special.items() if fits(arm, part)}
        )
        results.shift = 0.01 * seed
        return {"seed": seed, "results": results}

    def read(experiment):
        arms = separation.EXPERIMENTS[experiment].arms
        return {arm: [record(arm, seed) for seed in range(seeds)] for arm in arms}

    monkeypatch.setattr(ours, "read", read)
    text, verdict = RULES[name].verdict()
    assert text
    return verdict


def test_rules_have_texts_and_files_exist():
    assert set(RULES) == set(PASSES) == set(FAILS)
    assert all(claim.text.endswith(".") and claim.rule.endswith(".") and claim.source for claim in ours.CLAIMS)
    assert {file for claim in ours.CLAIMS for file in claim.files} <= set(separation.EXPERIMENTS)


@pytest.mark.parametrize("name", list(RULES))
def test_a_rule_can_be_passed_and_failed_and_needs_its_seeds(monkeypatch, name):
    assert judged(monkeypatch, name, PASSES[name]) == ours.HOLDS
    assert judged(monkeypatch, name, FAILS[name]) not in (ours.HOLDS, ours.UNMEASURED)
    fewest = ours.SEEDS if ours.MAIN in RULES[name].files else 1
    assert judged(monkeypatch, name, PASSES[name], seeds=fewest - 1) == ours.UNMEASURED


@pytest.mark.parametrize(
    "name, special",
    [
        ("_noise", {(f"{NET}, largest", "sdr"): 12}),
        ("_normalized", {(f"{NET}, integers", "sdr"): 5}),
        ("_best", {("E", "sdr"): 12, ("B", "sdr"): 12}),
        ("_itl", {("ITL-AE", "sar"): 9, ("ITL-AE", "sir"): 11, ("ITL-AE", "sdr"): 9}),
        ("_aim_pairs", {("NMF", "sdr"): 8, ("ideal mask", "sdr"): 14}),
        ("_clean", {("people: NMF", "sdr"): 8, ("readers: NMF", "sdr"): 12}),
    ],
)
def test_one_of_several_is_partly(monkeypatch, name, special):
    assert judged(monkeypatch, name, special) == ours.PARTLY


def test_what_an_interval_does_not_tell_is_undecided():
    assert ours._sides([("a", (1, -1, 3)), ("b", (2, 1, 3))], ours._more)[1] == ours.UNDECIDED
