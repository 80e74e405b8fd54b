"""README's two tables, from the result files; ``python book/readme_table.py`` prints them."""

import json
import statistics

from toc import ROOT, pages

from olc_lib.demo import UNSURE
from olc_lib.ledger import (
    claims,
    drawn_claims,
    dual_claims,
    experiments,
    family_claims,
    fhvae_claims,
    heartbeat_claims,
    joined_claims,
    rules,
    sdm_claims,
    separation_claims,
    surface_claims,
)
from olc_lib.metrics import wilson

#: Over the whole printed schedule, and at its end; `slim` trains its voices with all terms in for most of the time.
SPEED = ("schedule_ratio", "schedule_ceiling", "late_ratio")
TRAINED = ROOT / "olc_lib" / "trained"


def share(percent, count):
    """A share with its 95 % interval, as README prints it."""
    low, high = wilson(percent, count)
    return f"{percent:.1f} % ({low:.1f}–{high:.1f})"


def accuracy(record):
    """Accuracy on the test takes of a speaker left out."""
    return record["results"]["test"]


def mean_of(experiment, arm, key):
    """Mean over the repetitions of one result."""
    return statistics.mean(experiments.values(experiments.read(experiment, quiet=True)[arm], key))


def rows():
    """README's table, row by row, from the result files."""
    results = json.loads((TRAINED / "placed" / "slim" / "run.json").read_text())
    m, cost = results["metrics"], results["provenance"]["cost"]
    left = [json.loads(path.read_text()) for path in sorted((TRAINED / "experiments" / "left-out").glob("*.json"))]
    train, leave = "`python -m olc_lib train slim`", "`python -m olc_lib measure left-out`"
    yield "image model: digits read from the code", share(m["image_digit"], m["images"]), train
    yield "image model: mean absolute cosine of the class codes", f"{m['image_digit_cosine']:.3f}", train
    yield "voice model: digits", share(m["voice_digit"], m["voices"]), train
    yield "voice model: speakers", share(m["voice_speaker"], m["voices"]), train
    cosines = f"{m['voice_digit_cosine']:.3f}, {m['voice_speaker_cosine']:.3f}"
    yield "voice model: mean absolute cosine, digits and speakers", cosines, train
    yield "raw-waveform voice model: digits", share(m["raw_digit"], m["voices"]), train
    yield "raw-waveform voice model: speakers", share(m["raw_speaker"], m["voices"]), train
    cosines = f"{m['raw_digit_cosine']:.3f}, {m['raw_speaker_cosine']:.3f}"
    yield "raw-waveform voice model: mean absolute cosine, digits and speakers", cosines, train
    yield (
        "raw-waveform voice model: what its decoder redraws, signal to noise (0 dB is silence)",
        f"{m['raw_snr']:.1f} dB",
        train,
    )
    each = []
    for part, name in (("image", "images"), ("voice", "log-mel pictures")):
        each.append(f"{name} {m[f'{part}_rms']:.3f} ({drawn_claims.class_mean_rms(part):.3f})")
    yield "residual of what is redrawn (in brackets: the mean picture of the digit)", ", ".join(each), train
    yield "judge: accuracy on MNIST", share(m["image_classifier_accuracy"], m["images"]), train
    yield "handcrafted codes that the judge reads right", f"{m['handcrafted']} of 10", train
    yield "voice to image, dropping the speaker", share(m["transfer_drop"], m["voices"]), train
    yield "voice to image, through the bridge", share(m["transfer_bridge"], m["voices"]), train
    both = f"{m['image_to_voice_digit']:.1f} % and {m['image_to_voice_speaker']:.1f} %"
    yield "image to voice: digit and chosen speaker heard by an independent listener", both, train
    found = f"{m['search_images']:.1f} %, {m['search_voices']:.1f} %"
    yield "search: images by voice, voices by image (mean average precision)", found, train
    minutes = ", ".join(
        f"{cost[part]['cpu_minutes']:.1f}" for part in ("image", "voice", "raw", "bridge", "image_classifier")
    )
    yield "processor minutes to train image, voice and raw model, bridge, judge", minutes, train
    shares, (mean, low, high) = claims.strangers()
    what = f"a speaker left out: digits, mean over all {len(shares)} (interval over speakers)"
    yield what, f"{mean:.1f} % ({low:.1f}–{high:.1f})", leave
    worst, best = min(left, key=accuracy), max(left, key=accuracy)
    spread = f"{accuracy(worst):.0f} % ({worst['arm']}) to {accuracy(best):.0f} % ({best['arm']})"
    yield "a speaker left out, hardest to easiest", spread, leave
    wrong, right = [], []
    for record in left:
        columns = [record["results"][f"test_{name}"] for name in ("digit", "read", "margin")]
        for digit, read, margin in zip(*columns, strict=True):
            (right if digit == read else wrong).append(margin < UNSURE)
    flagged = f"{100 * statistics.mean(wrong):.0f} % of the wrong, {100 * statistics.mean(right):.0f} % of the right"
    yield "of these, answers that the demo calls unsure", flagged, leave
    crossed, redrawn = [], []
    for arm in ("placed codes", "placed codes, augmented", "MoPoE", "MMVAE", "MVAE", "supervised reference"):
        there, back = (mean_of("peers", arm, way) for way in ("voice_to_image", "image_to_voice"))
        image, voice = (mean_of("peers", arm, f"{part}_rms") for part in ("image", "voice"))
        name = arm.replace(", augmented", " with augmented voices")
        crossed.append(f"{name} {there:.1f} % and {back:.1f} %")
        redrawn.append(f"{name} {image:.3f} and {voice:.3f}")
    peers = "`python -m olc_lib measure peers`"
    what = "voice to image and back, after about four processor minutes, beside other systems"
    yield what, ", ".join(crossed), peers
    yield "the same systems: residual of images and voices redrawn in their own domain", ", ".join(redrawn), peers
    each = []
    for part, name in (("raw", "raw waveforms"), ("voice", "log-mel"), ("image", "images")):
        ratio, ceiling, late = (mean_of("speed", part, what) for what in SPEED)
        each.append(f"{name} {ratio:.2f} ({ceiling:.2f}), {late:.2f}")
    what = "a training step beside the vectorised pseudo-code, on the printed schedule, times faster "
    what += "(in brackets: what counted multiply-adds explain), and once all terms are in"
    yield what, "; ".join(each), "`python -m olc_lib measure speed`"
    verdicts = [claim.verdict()[1] for claim in claims.CLAIMS]
    yield "the paper's claims, as the ledger judges them", rules.tally(verdicts), "`book/ledger.ipynb`"


def table():
    """README's table, as Markdown."""
    lines = ["| on held-out data | measured (95 % interval) | command |", "|---|---|---|"]
    return "\n".join([*lines, *("| " + " | ".join(row) + " |" for row in rows())])


#: What stands around the paper's system: what it is, its first chapter, and the modules that judge it.
NEIGHBOURS = (
    ("spaces joined afterwards: relative representations, translation, ASIF", "joined_afterwards", joined_claims),
    ("FHVAE: a slow and a fast code of speech, without labels", "two_clocks", fhvae_claims),
    ("SDM-VAE: a sparse dictionary of speech", "a_sparse_dictionary", sdm_claims),
    ("dual disentangled image translation", "one_picture_two_slots", dual_claims),
    ("the VAE family: bounds, collapse, priors", "the_bound", family_claims),
    ("two voices at once: source separation", "two_voices_at_once", separation_claims),
    ("volatility surfaces from a few points", "a_surface_from_a_few_points", surface_claims),
    ("heartbeats in two numbers", "a_heartbeat_in_two_numbers", heartbeat_claims),
)


def neighbours():
    """README's table of the systems around the paper's own, as Markdown."""
    lines = ["| system | starts with | its claims, as the ledger judges them |", "|---|---|---|"]
    for what, name, judge in NEIGHBOURS:
        (page,) = [page for page in pages() if page.endswith(f"_{name}")]
        number = int(page.removeprefix("book/")[:2])
        tally = rules.tally([claim.verdict()[1] for claim in judge.CLAIMS])
        lines.append(f"| {what} | [chapter {number}]({page}.ipynb) | {tally} |")
    return "\n".join(lines)


if __name__ == "__main__":  # prints the tables for README
    print(table(), neighbours(), sep="\n\n")
