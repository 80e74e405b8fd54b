"""README's four tables, from the result files; ``python book/readme_table.py`` prints them."""

import json
import statistics

from toc import ROOT, pages

from olc_lib.demo import UNSURE
from olc_lib.ledger import (
    claims,
    clean_claims,
    condition_claims,
    drawn_claims,
    dual_claims,
    experiments,
    family_claims,
    fhvae_claims,
    free_claims,
    heartbeat_claims,
    interpolation,
    joined_claims,
    ladder_claims,
    letter_claims,
    overtime_claims,
    peers,
    peers_claims,
    people_claims,
    rules,
    sdm_claims,
    separation_claims,
    shape_claims,
    stranger_claims,
    surface_claims,
    third_claims,
    width_claims,
)
from olc_lib.metrics import wilson
from olc_lib.systems import placed

#: Over the whole printed schedule, and at its end.
SPEED = ("schedule_ratio", "schedule_ceiling", "late_ratio")
TRAINED = ROOT / "olc_lib" / "trained"


def share(percent, count):
    """A share with its 95 % interval, as README prints it."""
    low, high = wilson(percent, count)
    return f"{percent:.1f} % ({low:.1f}–{high:.1f})"


def shown(numbers):
    """Mean percent over trainings with its 95 % interval, as README prints it."""
    mean, low, high = experiments.interval(numbers)
    return f"{mean:.1f} % ({low:.1f}–{high:.1f})"


def slim():
    """What the run `slim` measured, and what it cost."""
    return json.loads((TRAINED / "placed" / "slim" / "run.json").read_text())


def accuracy(record):
    """Accuracy on the test takes of a speaker left out."""
    return record["results"]["test"]


def mean_of(experiment, arm, key):
    """Mean over the repetitions of one result."""
    return statistics.mean(experiments.values(experiments.read(experiment, quiet=True)[arm], key))


def others():
    """Other trainings of all of `slim`."""
    (records,) = experiments.read("slim-again", quiet=True).values()
    return records


def again(*keys, text=shown):
    """Figures of the other trainings of all of `slim`: means, with intervals over them."""
    return " and ".join(text(experiments.values(others(), key)) for key in keys)


def headline():
    """README's first table, row by row, from the result files: what a reader with five minutes wants to know."""
    m, train = slim()["metrics"], "`python -m olc_lib train slim`"

    def both(first, second):
        return f"{m[first]:.1f} % and {m[second]:.1f} %", again(first, second), train

    what = "voice to image, dropping the speaker: digit read in the drawing"
    yield what, share(m["transfer_drop"], m["voices"]), again("transfer_drop"), train
    yield "the same, through the bridge", share(m["transfer_bridge"], m["voices"]), again("transfer_bridge"), train
    what = "for comparison, a plain classifier of voices: digit read in the clip"
    yield what, share(m["voice_classifier_digit"], m["voices"]), again("voice_classifier_digit"), train
    what = "image to voice: digit and chosen speaker heard by an independent classifier"
    yield what, *both("image_to_voice_digit", "image_to_voice_speaker")
    clean = experiments.read("clean-targets", quiet=True)[clean_claims.CLEAN]
    shares = " and ".join(shown(experiments.values(clean, f"image_to_voice_{part}")) for part in ("digit", "speaker"))
    what = f"the same, clean pictures asked for from the start, {len(clean)} trainings of voice model and bridge"
    yield what, "–", shares, "`python -m olc_lib measure clean-targets`"
    yield "voice model: digit and speaker read from the code", *both("voice_digit", "voice_speaker")
    image = share(m["image_digit"], m["images"])
    yield "image model: digit read from the code", image, again("image_digit"), train
    what = "raw-waveform voice model of the book: digit and speaker read from the code"
    yield what, *both("raw_digit", "raw_speaker")
    letter = json.loads((TRAINED / "letter" / "printed" / "run.json").read_text())["metrics"]
    what = "raw-waveform model trained to the letter of the paper, at its width: digit and speaker read from the code"
    shares = " and ".join(share(letter[f"raw_{name}"], letter["raw_signals"]) for name in ("digit", "speaker"))
    chance = f"{shares}; chance {letter_claims.CHANCE['raw']}"
    yield what, chance, "–", "`python -m olc_lib train printed --system letter`"
    what = "the book's: what its decoder redraws, signal to noise (0 dB is silence)"
    decibels = f"{m['raw_snr']:.1f} dB", again("raw_snr", text=lambda x: rules.shown(*experiments.interval(x), " dB"))
    yield what, *(text.replace("-", "−") for text in decibels), train
    shares, (mean, low, high) = claims.strangers()
    what = f"a speaker left out of training: digits, mean over all {len(shares)} (interval over speakers)"
    yield what, f"{mean:.1f} % ({low:.1f}–{high:.1f})", "–", "`python -m olc_lib measure left-out`"
    for whose, count, verdicts in rules.whose(claims.CLAIMS, "of the paper", "of ours, beside the paper's"):
        yield f"{count} claims {whose}, as the ledger judges them", verdicts.rstrip("."), "–", "`book/ledger.ipynb`"


def rest():
    """The rows that README folds."""
    results = slim()
    m, cost = results["metrics"], results["provenance"]["cost"]
    left = [json.loads(path.read_text()) for path in sorted((TRAINED / "experiments" / "left-out").glob("*.json"))]
    train, leave = "`python -m olc_lib train slim`", "`python -m olc_lib measure left-out`"
    yield "image model: mean absolute cosine of the class codes", f"{m['image_digit_cosine']:.3f}", train
    cosines = f"{m['voice_digit_cosine']:.3f}, {m['voice_speaker_cosine']:.3f}"
    yield "voice model: mean absolute cosine, digits and speakers", cosines, train
    cosines = f"{m['raw_digit_cosine']:.3f}, {m['raw_speaker_cosine']:.3f}"
    yield "raw-waveform voice model: mean absolute cosine, digits and speakers", cosines, train
    each = []
    for part, name in (("image", "images"), ("voice", "log-mel pictures")):
        each.append(f"{name} {m[f'{part}_rms']:.3f} ({drawn_claims.class_mean_rms(part):.3f})")
    what = "residual of what is redrawn (in brackets: that of the mean of the digit's own test items)"
    yield what, ", ".join(each), train
    yield "judge, the classifier that reads drawings: MNIST", share(m["image_classifier_accuracy"], m["images"]), train
    yield "handcrafted codes that the judge reads right", f"{m['handcrafted']} of 10", train
    found = f"{m['search_images']:.1f} %, {m['search_voices']:.1f} %"
    yield "search: images by voice, voices by image (mean average precision)", found, train
    parts = ("image", "voice", "speech", "raw", "bridge", "image_classifier")
    minutes = ", ".join(f"{cost[part]['cpu_minutes']:.1f}" for part in parts)
    yield "processor minutes to train image, voice, speech and raw model, bridge, judge", minutes, train
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
    each = []
    for part, name in (("raw", "raw waveforms"), ("voice", "log-mel"), ("image", "images")):
        ratio, ceiling, late = (mean_of("speed", part, what) for what in SPEED)
        how = placed.SETTINGS["slim"]
        start = placed.schedule(part, getattr(how, part))["interpolation"][0] / getattr(how, part).steps
        records = experiments.read("speed", quiet=True)[part]
        pairs = zip(*(experiments.values(records, f"{end}_ratio") for end in ("early", "late")), strict=True)
        there = statistics.mean(1 / (start / first + (1 - start) / last) for first, last in pairs)
        careful = mean_of("speed", f"{part}, careful", "late_ratio")
        each.append(f"{name} {ratio:.2f} ({ceiling:.2f}), {late:.2f}, {there:.2f}, {careful:.2f}")
    what = "how many times faster a training step is than the vectorised pseudo-code, over the printed schedule "
    what += "(in brackets: what fewer multiply-adds alone would give), once all terms are in, and so over the schedule "
    what += "of slim; and, once all terms are in, than a careful form of it, which skips terms without weight"
    yield what, "; ".join(each), "`python -m olc_lib measure speed`"


def systems():
    """README's table of systems on the same pairs, row by row."""

    def measured(experiment, arm):
        ways = [f"{mean_of(experiment, arm, way):.1f} %" for way in ("voice_to_image", "image_to_voice")]
        return *ways, *(f"{mean_of(experiment, arm, f'{part}_rms'):.3f}" for part in ("image", "voice"))

    for arm in peers.CHOSEN:
        yield arm, *measured("peers-chosen", arm)
    clean = [mean_of("clean-targets", clean_claims.CLEAN, key)
             for key in ("transfer_drop", "image_to_voice_digit", "voice_rms")]  # fmt: skip
    ways = [f"{share:.1f} %" for share in clean[:2]]
    yield "placed codes with clean targets, trained about five times as long", *ways, "–", f"{clean[2]:.3f}"
    free = [("free-chosen", "voice_sampled"), ("free-chosen", "rms"), ("free-voices", "rms")]
    read, image, voice = (mean_of(experiment, "placed plus free", key) for experiment, key in free)
    yield "placed plus free codes, on networks of their own", f"{read:.1f} %", "–", f"{image:.3f}", f"{voice:.3f}"


def markdown(headings, lines):
    """A table, as Markdown."""
    ruled = ["| " + " | ".join(headings) + " |", "|" + "---|" * len(headings)]
    return "\n".join([*ruled, *("| " + " | ".join(line) + " |" for line in lines)])


def table():
    """README's first table."""
    heading = f"mean of {len(others())} other trainings (interval over them)"
    return markdown(["on held-out data", "measured (95 % interval)", heading, "command"], headline())


def beside():
    """README's table of other systems."""
    headings = ["system", "voice to image", "image to voice", "residual of images redrawn", "of voices redrawn"]
    return markdown(headings, systems())


def folded():
    """README's folded table."""
    return markdown(["more on held-out data", "measured (95 % interval)", "command"], rest())


#: What stands around the paper's system: what it is, its first chapter, and the modules that judge it.
NEIGHBOURS = (
    ("clean targets: a decoder that is asked for unchanged pictures", "six_directions", clean_claims),
    ("traces of the speaker, noise and round trips, on people's voices", "six_directions", people_claims),
    ("strangers and devices: what training can prepare for", "a_voice_never_heard", stranger_claims),
    ("raw waveforms: from the letter to this book, one repair at a time", "raw_waveforms", ladder_claims),
    ("with and without the interpolation loss", "interpolation", interpolation),
    ("width of the layers", "does_width_matter", width_claims),
    ("other systems, trained on the same pairs", "beside_other_systems", peers_claims),
    ("a third and a fourth domain: telephone keys and displays", "a_third_domain", third_claims),
    ("spaces joined afterwards: relative representations, translation, ASIF", "joined_afterwards", joined_claims),
    ("FHVAE: a slow and a fast code of speech, without labels", "two_clocks", fhvae_claims),
    ("SDM-VAE: a sparse dictionary of speech", "a_sparse_dictionary", sdm_claims),
    ("dual disentangled image translation", "one_picture_two_slots", dual_claims),
    ("the VAE family: bounds, collapse, priors", "the_bound", family_claims),
    ("other shapes of codes: sphere, flow, clusters, symbols", "other_shapes_of_codes", shape_claims),
    ("conditions and several domains: CVAE, MMVAE", "conditions_and_domains", condition_claims),
    ("codes over time: VRNN; VAE-GAN", "codes_over_time", overtime_claims),
    ("placed plus free codes: ten different sevens", "ten_different_sevens", free_claims),
    ("two voices at once: source separation", "two_voices_at_once", separation_claims),
    ("volatility surfaces from a few points", "a_surface_from_a_few_points", surface_claims),
    ("heartbeats in two numbers", "a_heartbeat_in_two_numbers", heartbeat_claims),
)


def neighbours():
    """README's table of the systems around the paper's own, as Markdown."""
    lines = []
    for what, name, judge in NEIGHBOURS:
        (page,) = [page for page in pages() if page.endswith(f"_{name}")]
        number = int(page.removeprefix("book/")[:2])
        judged = rules.whose(judge.CLAIMS, "theirs", "ours")
        tally = "; ".join(f"{whose} {count}: {verdicts.rstrip('.')}" for whose, count, verdicts in judged if int(count))
        lines.append([what, f"[chapter {number}]({page}.ipynb)", tally])
    return markdown(["system", "starts with", "claims of its papers and of ours, as the ledger judges them"], lines)


if __name__ == "__main__":  # prints the tables for README
    print(table(), beside(), folded(), neighbours(), sep="\n\n")
