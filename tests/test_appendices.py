"""The appendices: what of the paper is where, the API page, the teacher's tables, and how a chapter is added.

``python tests/test_appendices.py`` writes the lists and tables between the marks on these pages anew.
"""

import ast
import functools
import importlib
import inspect
import io
import pkgutil
import re
import shutil
import subprocess
import sys
from contextlib import redirect_stdout
from pathlib import Path
from typing import NamedTuple

import nbformat
import pytest
import yaml
from conftest import ROOT
from execute import pages, use_python

import olc_lib

BOOK = ROOT / "book"
REWRITE = "run `python tests/test_appendices.py`"


# ---------------------------------------------------------------------------------------------------------
# What of the paper is where
# ---------------------------------------------------------------------------------------------------------


class Item(NamedTuple):
    """An equation, table or figure of the paper, or lines of its pseudo-code.

    Args:
        name: as chapters write it, for example ``Table 4``; for pseudo-code the lines, as
            ``paper_pseudocode.py`` counts them.
        what: what it says, in our words.
        chapters: numbers of chapters, or names of appendices, that name it in their text, with ``|`` between
            them; each perhaps with the section that explains it (``08: By pencil``). Otherwise that is the
            section that names it in its heading, or the first that names it at all.
        objects: what implements it, below ``olc_lib``.
        tests: ``file::function`` below ``tests``, without ``test_`` and ``.py``.
        needle: what the chapters' text must contain, if it is not the name.
    """

    name: str
    what: str
    chapters: str
    objects: str
    tests: str
    needle: str = ""


ITEMS = (
    Item(
        "Equation 1",
        "the deviation of the noise that is added to a code",
        "05",
        "latent.LatentSpace.resample",
        """latent::resampling_spreads_as_equation_1_says
        against_pseudocode::resampling_of_a_code_without_negative_coordinates
        against_pseudocode::deviation_absolute_deviation""",
    ),
    Item(
        "Equation 2",
        "the total: a mean of all terms with weights B M I",
        "06 | 09 | 10",
        "objective.total objective.training_loss",
        """objective::total_on_five_numbers objective::total_is_a_mean_of_the_terms
        against_pseudocode::whole_step against_pseudocode::deviation_denominator""",
    ),
    Item(
        "Equation 3",
        "the interpolation loss: a distance between two ways of mixing",
        "07",
        "losses.interpolation",
        "losses::norms_of_a_3_4_residual against_pseudocode::deviation_own_mix",
    ),
    Item(
        "Equation 4",
        "the same, written out: signals mixed, and codes mixed in the same proportion",
        "07",
        "losses.mix",
        """losses::mix_is_the_straight_line losses::mix_of_signals_and_codes_uses_the_same_proportion
        against_pseudocode::mixed_code_is_resampled_as_in_the_appendix_not_as_in_equation_4""",
    ),
    Item(
        "Equation 5",
        "the disentanglement loss of one category",
        "02 | 08",
        "losses.disentanglement",
        """losses::disentanglement losses::disentanglement_is_least_at_the_one_hot_code
        against_pseudocode::disentanglement_of_a_code_without_negative_coordinates""",
    ),
    Item(
        "Equation 6",
        "how a term is faded in",
        "09",
        "objective.injection placed.schedule",
        """objective::injection_is_0_then_linear_then_1 recipes::schedule_by_hand
        against_pseudocode::multipliers_of_every_iteration""",
    ),
    Item(
        "Table 1",
        "the authors' machine; here every run says on which machine it was made",
        "01",
        "paper.HARDWARE runs.describe",
        "paper::machine_of_table_1 results::a_run_says_where_it_comes_from runs::a_run_of_older_code_is_shown_as_such",
        r"runs\.load\(",
    ),
    Item(
        "Table 2",
        "the ten layers of the voice encoder",
        "11 | 12",
        "paper.VOICE_LAYERS networks.Encoder networks.Decoder",
        """paper::layers_of_tables_2_6_and_10 networks::lengths_of_the_tables
        networks::real_clips_come_back_at_their_length networks::parameters_at_width_one""",
    ),
    Item(
        "Table 3",
        "importance factors of the voice model",
        "06",
        "paper.VOICE_IMPORTANCE",
        "paper::importance_of_tables_3_and_7 objective::a_term_without_importance_has_no_say",
    ),
    Item(
        "Table 4",
        "when the voice model's terms are faded in",
        "09 | 11",
        "paper.VOICE_INJECTION objective.compress",
        "paper::injection_of_table_4 objective::injection_of_table_4_sparsity objective::compressed_schedule_by_hand",
    ),
    Item(
        "Table 5",
        "balancing factors of the voice model",
        "10",
        "paper.VOICE_BALANCE objective.balance",
        """paper::balancing_factors_of_tables_5_and_9 objective::balance_on_five_numbers
        against_pseudocode::balancing_factors_follow_the_rank""",
    ),
    Item(
        "Table 6",
        "the ten layers of the image encoder",
        "13",
        "paper.IMAGE_LAYERS networks.Encoder networks.Decoder",
        """paper::layers_of_tables_2_6_and_10 networks::lengths_of_the_tables
        networks::the_image_decoder_returns_every_legal_size networks::parameters_at_width_one""",
    ),
    Item(
        "Table 7",
        "importance factors of the image model",
        "06 | 13",
        "paper.IMAGE_IMPORTANCE",
        "paper::importance_of_tables_3_and_7 objective::a_category_without_importance_needs_no_labels",
    ),
    Item(
        "Table 8",
        "when the image model's terms are faded in",
        "09 | 13",
        "paper.IMAGE_INJECTION objective.compress",
        "paper::injection_of_table_8 objective::compressed_schedule_keeps_order_proportions_and_ends",
    ),
    Item(
        "Table 9",
        "balancing factors of the image model",
        "10 | 13",
        "paper.IMAGE_BALANCE objective.balance",
        """paper::balancing_factors_of_tables_5_and_9
        objective::balance_depends_on_the_order_of_the_terms_only""",
    ),
    Item(
        "Table 10",
        "the three layers of the bridge",
        "15",
        "paper.BRIDGE_LAYERS transfer.Bridge",
        "paper::layers_of_tables_2_6_and_10 networks::bridge transfer::the_bridge_writes_codes_of_the_image_space",
    ),
    Item(
        "Figure 1",
        "the model: normalization, encoder, code, decoder, normalization",
        "11",
        "networks.OrthogonalVAE",
        """networks::max_m_stands_at_the_encoders_input_and_the_decoders_output
        networks::the_decoder_mirrors_the_encoder networks::codes_are_normalized_and_nothing_is_sampled""",
    ),
    Item(
        "Figure 2",
        "how the disentanglement loss is computed, step by step",
        "08",
        "losses.disentanglement",
        """losses::disentanglement
        losses::gradient_raises_the_related_and_lowers_the_largest_unrelated_coordinate""",
    ),
    Item(
        "Figure 3",
        "loss terms without and with balancing factors",
        "10",
        "objective.balance plots.history ledger.paper_experiments.vae",
        """objective::without_balancing_every_factor_is_one widgets::plots_show_what_they_are_given
        experiments::study_of_a_vae""",
    ),
    Item(
        "Figure 4",
        "a voice signal and its reconstruction",
        "12",
        "metrics.snr ledger.paper_experiments.waveform",
        "metrics::snr_by_hand experiments::study_of_the_waveform",
    ),
    Item(
        "Figure 5",
        "average codes of the speakers",
        "11",
        "metrics.class_means metrics.mean_abs_cosine plots.heat",
        """metrics::class_means_are_unit_averages_and_zero_for_a_class_without_items
        metrics::mean_abs_cosine_of_perfect_opposite_duplicated_and_dead_codes
        widgets::plots_show_what_they_are_given runs::shipped_speakers_and_digits_are_semi_orthogonal""",
    ),
    Item(
        "Figure 6",
        "average voice codes of the digits",
        "11",
        "metrics.class_means metrics.mean_abs_cosine plots.heat",
        """metrics::class_means_are_unit_averages_and_zero_for_a_class_without_items
        metrics::mean_abs_cosine_of_perfect_opposite_duplicated_and_dead_codes
        widgets::plots_show_what_they_are_given runs::shipped_speakers_and_digits_are_semi_orthogonal""",
    ),
    Item(
        "Figure 7",
        "images and their reconstructions",
        "13",
        "networks.OrthogonalVAE.encode networks.OrthogonalVAE.decode plots.pictures",
        """networks::codes_are_normalized_and_nothing_is_sampled widgets::plots_show_what_they_are_given
        evaluation::a_perfect_system_has_perfect_figures""",
    ),
    Item(
        "Figure 8",
        "average image codes of the digits",
        "13",
        "metrics.class_means metrics.mean_abs_cosine plots.heat",
        """metrics::class_means_are_unit_averages_and_zero_for_a_class_without_items
        metrics::mean_abs_cosine_of_perfect_opposite_duplicated_and_dead_codes
        widgets::plots_show_what_they_are_given runs::shipped_speakers_and_digits_are_semi_orthogonal""",
    ),
    Item(
        "Figure 9",
        "images drawn from codes written by hand",
        "14",
        "latent.LatentSpace.handcrafted latent.LatentSpace.from_text",
        """latent::handcrafted_codes latent::the_text_of_the_paper latent::labels_text_and_code_agree
        evaluation::a_perfect_system_has_perfect_figures""",
    ),
    Item(
        "Figure 10",
        "images drawn from voices",
        "15",
        "transfer.drop transfer.bridge_loss",
        """transfer::drop_keeps_the_digit_and_inserts_one_for_the_writer
        transfer::the_trained_bridge_finds_the_digit_and_leaves_the_decoder_alone
        evaluation::a_perfect_system_has_perfect_figures""",
    ),
)

PRINTED = r"pseudo-?code|\bappendix\b"
LINES = (
    Item(
        "1-5, 88-109",
        "the multipliers M: set before the loop, raised in it",
        "09: When is iteration 6800? | reading_notes: The total",
        "objective.injection",
        "against_pseudocode::multipliers_of_every_iteration against_pseudocode::deviation_iterations_count_from_one",
    ),
    Item(
        "6-7, 114",
        "the loop, and the step of the optimizer",
        "09: When is iteration 6800? | reading_notes: The total",
        "train.fit",
        "train::each_pass_sees_every_item_once train::resumed_equals_uninterrupted",
    ),
    Item(
        "8-12",
        "a batch is drawn and normalized",
        "04: Three small questions the paper leaves open | reading_notes: Signals and their normalization",
        "normalize.max_m_percent",
        """against_pseudocode::normalization_of_a_signal_without_negative_values
        against_pseudocode::deviation_amplitudes against_pseudocode::deviation_percentage""",
    ),
    Item(
        "13-21",
        "the encoder; every category is divided by its own length",
        "05: Each category on its own circle | reading_notes: Codes",
        "networks.OrthogonalVAE.encode latent.LatentSpace.normalize",
        """against_pseudocode::normalization_of_every_category against_pseudocode::deviation_writer_sign
        networks::codes_are_normalized_and_nothing_is_sampled""",
    ),
    Item(
        "22-27",
        "noise on the code; the decoder",
        "05: Resampling: from a point to a cloud | reading_notes: Codes",
        "latent.LatentSpace.resample",
        """against_pseudocode::resampling_of_a_code_without_negative_coordinates
        against_pseudocode::deviation_around_the_code""",
    ),
    Item(
        "28-31",
        "the reconstruction is normalized (in print: by the input's factor)",
        "04: A line of the pseudo-code that divides by the wrong factor | 06: What a normalized output cannot say",
        "networks.OrthogonalVAE.decode",
        "against_pseudocode::deviation_own_sorted_values",
    ),
    Item(
        "32-37",
        "reconstruction and sparsity loss",
        "06: The residual | reading_notes: Loss terms",
        "losses.reconstruction losses.sparsity",
        "against_pseudocode::norms_of_the_residual against_pseudocode::deviation_mean_norms",
    ),
    Item(
        "38-75",
        "interpolation loss: a second signal, both mixes, the distance",
        "07: Four small questions | reading_notes: Loss terms",
        "losses.mix losses.interpolation",
        """against_pseudocode::deviation_alpha_per_item against_pseudocode::deviation_own_mix
        against_pseudocode::deviation_partner_of_the_same_batch""",
    ),
    Item(
        "76-87",
        "disentanglement loss, on the code before normalization",
        "08: The appendix | reading_notes: Loss terms",
        "losses.disentanglement",
        """against_pseudocode::disentanglement_of_a_code_without_negative_coordinates
        against_pseudocode::deviation_normalized_code against_pseudocode::deviation_absolute_unrelated
        against_pseudocode::deviation_positive_related""",
    ),
    Item(
        "110-113",
        "terms are sorted, weighted and added",
        "10: Sorted before or after? | reading_notes: The total",
        "objective.balance objective.total",
        """against_pseudocode::balancing_factors_follow_the_rank
        against_pseudocode::deviation_sorts_after_m_and_i against_pseudocode::deviation_denominator""",
    ),
)
LINES = tuple(item._replace(needle=PRINTED) for item in LINES)
EVERY = ITEMS + LINES


@functools.cache
def page(name):
    """The path, without suffix, of a page of the book: named in full, or by the two digits it begins with."""
    found = [BOOK / Path(p).name for p in pages() if re.match(rf"{name}(_|$)", Path(p).name)]
    assert len(found) == 1, f"{name!r} is {len(found)} pages of _toc.yml"
    return found[0]


def sections(path):
    """The text of a chapter's script, section by section.

    Returns:
        ``[(heading, text)]``, prose and code; the first heading is the title.
    """
    found = [("", "")]
    for cell in re.split(r"(?m)^# %%", path.with_suffix(".py").read_text(encoding="utf-8"))[1:]:
        first, _, body = cell.partition("\n")
        prose = first.startswith(" [markdown]")
        for line in body.splitlines():
            line = line.removeprefix("#").strip() if prose else line
            if prose and (heading := re.match(r"#+ (.*)", line)):
                found.append((heading[1], ""))
            found[-1] = (found[-1][0], f"{found[-1][1]}{line}\n")
    return found[1:]


def mentions(text):
    """The equations, tables and figures that a text names, for example ``{"Table 3", "Table 7"}``."""
    kinds = {"eq": "Equation", "ta": "Table", "fi": "Figure"}
    found = set()
    number = r"\(?\d+\)?"
    for kind, numbers in re.findall(
        rf"\b(Eqs?\.|Equations?|Tables?|Fig(?:ure)?s?\.?) ({number}(?:(?:, |,? and |,? or | to |[-–]){number})*)",
        text.replace("\n", " ").replace("~", " "),
    ):
        pieces = re.findall(r"(\bto |[-–])?\(?(\d+)", numbers)
        for (joint, value), (_, before) in zip(pieces, [("", "0"), *pieces], strict=False):
            start = int(before) if joint else int(value)
            found |= {f"{kinds[kind[:2].lower()]} {n}" for n in range(start, int(value) + 1)}
    return found


def names(item, text):
    """Whether a text names an item."""
    return bool(re.search(item.needle, text)) if item.needle else item.name in mentions(text)


FRAME = {"Goals", "What to remember", "Where next"}


def places(item):
    """Where an item is explained, as ``[(chapter, section or "")]``."""
    return [(name, section) for name, _, section in (place.partition(": ") for place in item.chapters.split(" | "))]


def link(path):
    """A link to a chapter, by number and title; by its name while it is not written."""
    title = sections(path)[0][0] if path.with_suffix(".py").exists() else path.name[3:].replace("_", " ")
    number = f"{int(path.name[:2])} " if path.name[:2].isdigit() else ""
    return f"[{number}{title}]({path.name}.ipynb)"


def shown(item, name, section):
    """Where a chapter explains an item, as Markdown."""
    path = page(name)
    if not section and item in ITEMS and path.with_suffix(".py").exists():
        found = [heading for heading, text in sections(path)[1:] if heading not in FRAME and names(item, text)]
        titles = [heading for heading in found if names(item, heading)]
        section = [*titles, *found, ""][0]
    return f"{link(path)}, *{section}*" if section else link(path)


def checked_by(item):
    """The tests of an item as ``{file: [functions]}``."""
    found = {}
    for name in item.tests.split():
        file, function = name.split("::")
        found.setdefault(f"test_{file}.py", []).append(f"test_{function}")
    return found


def described(items):
    """Items as Markdown, a paragraph and three lines each."""
    blocks = []
    for item in items:
        name = f"Lines {item.name.replace('-', '–')}" if item in LINES else item.name
        explained = [shown(item, *where) for where in places(item)]
        code = [f"`{name}`" for name in item.objects.split()]
        tests = [
            f"`{file}`: {', '.join(f'`{function}`' for function in functions)}"
            for file, functions in checked_by(item).items()
        ]
        blocks.append(
            f"**{name}**: {item.what}.\n\n"
            f"- explained in {'; '.join(explained)}\n- code: {', '.join(code)}\n- tests: {'; '.join(tests)}\n"
        )
    return "\n".join(blocks)


def test_every_item_of_the_paper_is_listed_once():
    expected = [("Equation", 6), ("Table", 10), ("Figure", 10)]
    assert [item.name for item in ITEMS] == [f"{kind} {n}" for kind, last in expected for n in range(1, last + 1)]
    lines = []
    for item in LINES:
        for piece in item.name.split(", "):
            first, *last = map(int, piece.split("-"))
            lines += range(first, (last or [first])[0] + 1)
    last = max(map(int, re.findall(r"\[(\d+)\]", (ROOT / "tests" / "paper_pseudocode.py").read_text(encoding="utf-8"))))
    assert sorted(lines) == list(range(1, last + 1))


every_item = pytest.mark.parametrize("item", EVERY, ids=lambda item: item.name)


@every_item
def test_chapters_name_the_item(item):
    """Every chapter that is listed exists and says which part of the paper it explains."""
    assert places(item)
    for name, section in places(item):
        script = page(name).with_suffix(".py")
        assert script.exists(), f"{script.name} is not written yet"
        headings = [heading for heading, _ in sections(page(name))]
        assert not section or section in headings, f"{script.name} has no section {section!r}"
        assert any(names(item, text) for _, text in sections(page(name))), f"{script.name} does not name {item.name}"


@functools.cache
def resolved(name):
    """An object below olc_lib, and the docstring or the comment that describes it."""
    parts = name.split(".")
    for cut in range(len(parts), 0, -1):
        try:
            found = importlib.import_module(".".join(["olc_lib", *parts[:cut]]))
        except ModuleNotFoundError:
            continue
        module = found
        for part in parts[cut:]:
            found = getattr(found, part)
        if callable(found):
            return found, inspect.getdoc(found)
        comment = re.search(rf"(?m)((?:^#: .*\n)+){parts[-1]} = ", inspect.getsource(module))
        return found, comment[1] if comment else ""
    raise AssertionError(f"no module of olc_lib begins {name}")


@every_item
def test_code_of_the_item_exists_and_says_so(item):
    """Of equations and tables, the docstring (or comment) of one object gives the number."""
    texts = [resolved(name)[1] for name in item.objects.split()]
    assert texts
    if item in ITEMS and not item.name.startswith("Figure"):
        assert any(item.name in mentions(text) for text in texts)


@every_item
def test_tests_of_the_item_exist_and_use_its_code(item):
    sources = ""
    for file, functions in checked_by(item).items():
        text = (ROOT / "tests" / file).read_text(encoding="utf-8")
        defined = {node.name for node in ast.parse(text).body if isinstance(node, ast.FunctionDef)}
        assert set(functions) <= defined, f"{file} has no {set(functions) - defined}"
        sources += text
    if file == "test_against_pseudocode.py":  # a whole training step runs what is below it
        sources += inspect.getsource(importlib.import_module("olc_lib.objective"))
    for name in item.objects.split():
        assert re.search(rf"\b{name.split('.')[-1]}\b", sources), f"no test of {item.name} uses {name}"


@pytest.mark.parametrize(
    "text, expected",
    [
        ("Equation 5, Eq. (1) and Eqs. (3) and (4)", "Equation 5, Equation 1, Equation 3, Equation 4"),
        ("Tables 3 and 7; Table 10.", "Table 3, Table 7, Table 10"),
        ("Figures 5, 6 and\n8, Figures 1 to 3", "Figure 5, Figure 6, Figure 8, Figure 1, Figure 2, Figure 3"),
        ("a table 3 wide, equations of the second kind, Table A", ""),
    ],
)
def test_mentions(text, expected):
    assert mentions(text) == set(filter(None, expected.split(", ")))


# ---------------------------------------------------------------------------------------------------------
# The API page
# ---------------------------------------------------------------------------------------------------------


def modules_on_the_page():
    """The modules that book/api.md documents, in its order."""
    text = (BOOK / "api.md").read_text(encoding="utf-8")
    return re.findall(r"(?m)^\.\. automodule:: (\S+)$", text)


def test_api_page_has_every_module_once():
    found = [module.name for module in pkgutil.walk_packages(olc_lib.__path__, "olc_lib.") if not module.ispkg]
    assert sorted(modules_on_the_page()) == sorted(found)


def test_api_page_is_in_reading_order():
    """A module uses only what stands above it (an import within a function aside)."""
    above = {"olc_lib", "olc_lib.ledger"}
    for name in modules_on_the_page():
        tree = ast.parse(Path(importlib.util.find_spec(name).origin).read_text(encoding="utf-8"))
        for node in tree.body:
            if not isinstance(node, ast.ImportFrom):
                continue
            source = importlib.util.resolve_name("." * node.level + (node.module or ""), name.rpartition(".")[0])
            for used in {f"{source}.{alias.name}" for alias in node.names} & set(modules_on_the_page()) | {source}:
                assert not used.startswith("olc_lib") or used in above, f"{name} uses {used}, which comes later"
        above.add(name)


# ---------------------------------------------------------------------------------------------------------
# For teachers
# ---------------------------------------------------------------------------------------------------------

WORDS = {"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "seconds": 0}


def minutes(text):
    """ "25 minutes", "one minute", "20 seconds" as a number of minutes."""
    amount = re.match(r"(?:about |under )?(\w+)", text)[1]
    number = int(amount) if amount.isdigit() else WORDS[amount]
    return number * 60 if "hour" in text else number / 60 if "second" in text else number


def frame(path):
    """What a chapter says of itself: time to read, time to run, and the chapters it builds on."""
    opening = "".join(text for _, text in sections(path)[:2])
    read, run = re.search(r"\*\*Time:\*\* (.+?) to read, (.+?) to run\.", opening).groups()
    needs = re.search(r"(?s)\*\*Needs:\*\* (.+?)(\n\n|\Z)", opening)[1]
    return read, run, sorted(set(map(int, re.findall(r"\((\d\d)_\w+\.ipynb\)", needs))))


def parts():
    """The parts of the book as ``{caption: [path of each numbered chapter]}``."""
    found = {}
    for part in yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))["parts"]:
        paths = [BOOK / Path(entry["file"]).name for entry in part["chapters"]]
        if numbered := [path for path in paths if re.match(r"\d\d_", path.name)]:
            found[part["caption"]] = numbered
    return found


def written(paths):
    """Those chapters that there are."""
    return [path for path in paths if path.with_suffix(".py").exists()]


def chapter_table():
    """What depends on what."""
    rows = ["| chapter | to read | to run | builds on |", "|---|---|---|---|"]
    for path in written(sum(parts().values(), [])):
        read, run, needs = frame(path)
        rows.append(f"| {link(path)} | {read} | {run} | {', '.join(map(str, needs)) or 'basic PyTorch'} |")
    return "\n".join(rows) + "\n"


def week_table():
    """A part of the book a week."""
    rows = ["| week | part | chapters | to read | to run |", "|---|---|---|---|---|"]
    for week, (caption, paths) in enumerate(parts().items(), 1):
        times = [frame(path)[:2] for path in written(paths)]
        read, run = (sum(minutes(time[n]) for time in times) for n in (0, 1))
        chapters = f"{int(paths[0].name[:2])} to {int(paths[-1].name[:2])}"
        hours, run = f"{round(read / 30) / 2:g} hours", f"{max(2, round(run))} minutes"
        rows.append(f"| {week} | {caption.split(maxsplit=1)[1]} | {chapters} | {hours} | {run} |")
    return "\n".join(rows) + "\n"


def exercises(path):
    """The exercises of a chapter, number to title."""
    found = [re.match(r"Exercise (\d+): (.+)", heading) for heading, _ in sections(path)]
    return {int(match[1]): match[2] for match in found if match}


def exercise_table():
    """All exercises of the book."""
    rows = ["| chapter | exercises |", "|---|---|"]
    for path in written(sum(parts().values(), [])):
        rows.append(f"| {link(path)} | {'; '.join(f'{n} {title}' for n, title in exercises(path).items())} |")
    return "\n".join(rows) + "\n"


@pytest.mark.parametrize("path", sum(parts().values(), []), ids=lambda path: path.name)
def test_a_chapter_says_what_it_needs_and_numbers_its_exercises(path):
    """In the words that the tables are made from; and nothing depends on what comes later."""
    read, run, needs = frame(path)
    assert minutes(read) >= 1 and minutes(run) >= 0
    assert max(needs, default=0) < int(path.name[:2])
    assert list(exercises(path)) == list(range(1, len(exercises(path)) + 1))


def test_exercises_and_sections_that_the_page_names_exist():
    text = (BOOK / "for_teachers.md").read_text(encoding="utf-8")
    found = re.findall(r"(?i)exercise (\d+) of chapter (\d+)", text)
    assert found
    for exercise, chapter in found:
        assert int(exercise) in exercises(page(f"{int(chapter):02}")), f"chapter {chapter} has no exercise {exercise}"
    found = re.findall(r"(?i)chapter (\d+), (?:to |as far as )?\*([^*]+)\*", text)
    assert found
    for chapter, section in found:
        headings = [heading for heading, _ in sections(page(f"{int(chapter):02}"))]
        assert section in headings, f"chapter {chapter} has no section {section!r}"


def blocks(name, language="python"):
    """The fenced blocks of one language on an appendix."""
    text = (BOOK / f"{name}.md").read_text(encoding="utf-8")
    return re.findall(rf"(?ms)^```{language}\n(.*?)^```", text)


def test_grading_script_counts_what_is_right(tmp_path):
    """On two submissions: one solved, one with an error in one cell and a stub in another."""
    (script,) = [block for block in blocks("for_teachers") if "nbclient" in block]
    (tmp_path / "grade.py").write_text(script, encoding="utf-8")
    (tmp_path / "handed_in").mkdir()
    first = "from olc_lib import checks"
    four, text = "answer = {}\nchecks.code_of_a_four(answer)", "text = {}\nchecks.code_text(text)"
    for name, cells in {
        "ada": [first, four.format('"1-0000100000"'), text.format('"000100-0000000001"')],
        "bob": [first, four.format("1 / 0"), text.format('""')],
    }.items():
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
        nbformat.write(notebook, tmp_path / "handed_in" / f"{name}.ipynb")
    use_python(tmp_path / "jupyter")
    command = [sys.executable, "grade.py", "handed_in"]
    shown = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True).stdout.splitlines()
    assert shown == ["ada.ipynb: 2 of 2", "bob.ipynb: 0 of 2, not yet: code_of_a_four, code_text"]


# ---------------------------------------------------------------------------------------------------------
# Add a chapter
# ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def new_chapter(tmp_path, monkeypatch):
    """The chapter that the page shows, synchronized and executed as the commands on the page do it."""
    import execute
    import pair

    for module in (execute, pair):
        monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(execute, "BUILD", tmp_path / "_build")
    monkeypatch.setenv("OLC_RUNS", "")
    monkeypatch.setenv("JUPYTER_PATH", "")
    (tmp_path / "olc_lib").mkdir()
    (tmp_path / "book").mkdir()
    for name in ("_config.yml", "book/setup_cell.py"):
        shutil.copy(ROOT / name, tmp_path / name)
    (tmp_path / "_toc.yml").write_text("root: book/22_clipping\n")
    text = next(block for block in blocks("add_a_chapter") if "# %%" in block)
    # The check is not in the library; what it says has a test of its own.
    text = text.replace("import checks\n", "import checks\n\nchecks.clipping_by_hand = print\n", 1)
    (tmp_path / "book" / "22_clipping.py").write_text(text, encoding="utf-8")
    chapter = Path("book/22_clipping.ipynb")
    with redirect_stdout(io.StringIO()):
        pair.sync(chapter)
        stage, good = execute.execute_all("as_committed", {}, False)
        assert good
        pair.update(chapter, stage / chapter)
    return tmp_path / chapter


def test_the_chapter_on_the_page_is_a_chapter(new_chapter, tmp_path):
    """It passes what every chapter has to pass."""
    import test_book

    for test in (
        test_book.test_pair_is_in_sync,
        test_book.test_every_code_cell_was_executed_in_order,
        test_book.test_outputs_are_clean_and_portable,
        test_book.test_code_cells_are_short,
        test_book.test_prose_blocks_are_short,
        test_book.test_markdown_is_plain,
        test_book.test_chapter_has_its_frame,
        test_book.test_parameters_are_the_agreed_ones,
        test_book.test_every_image_has_alt_text,
    ):
        test(new_chapter)
    found = test_book.exercises(nbformat.read(new_chapter, 4))
    assert len(found) == 1


def test_the_check_on_the_page_knows_right_from_wrong(capsys):
    """It stands in for a function of checks.py; stub and solution are those of the chapter on the page."""
    from olc_lib import checks

    script, check = (next(b for b in blocks("add_a_chapter") if mark in b) for mark in ("# %%", "def clipping"))
    space = dict(vars(checks))
    exec(check, space)
    stub = re.search(r"(?m)^(answer = .*)\nchecks\.(\w+)\(answer\)", script)
    solution = re.search(r"(?m)^# (answer = .*)$", script[stub.end() :])
    for text, says in ((stub[1], "Not yet"), (solution[1], "Correct")):
        answer = {}
        exec(text, answer)
        space[stub[2]](answer["answer"])
        assert capsys.readouterr().out.startswith(says)


def test_commands_on_the_page_are_those_of_the_scripts():
    """Every option that the page names is one that the script takes."""

    @functools.cache
    def helped(script):
        command = [sys.executable, *script.split(), "--help"]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout

    for command in [line for block in blocks("add_a_chapter", "bash") for line in block.splitlines()]:
        assert re.match(r"(python|bash|jupytext) ", command), command
        if script := re.match(r"python (book/execute\.py|-m olc_lib measure)", command):
            assert all(option in helped(script[1]) for option in re.findall(r"--[\w-]+", command)), command


# ---------------------------------------------------------------------------------------------------------
# What is generated
# ---------------------------------------------------------------------------------------------------------

GENERATED = {
    "paper_to_code": {
        "equations": lambda: described(ITEMS[:6]),
        "tables": lambda: described(ITEMS[6:16]),
        "figures": lambda: described(ITEMS[16:]),
        "pseudo-code": lambda: described(LINES),
    },
    "for_teachers": {"chapters": chapter_table, "weeks": week_table, "exercises": exercise_table},
}


def generated(name):
    """An appendix with everything between its marks made anew."""
    text = (BOOK / f"{name}.md").read_text(encoding="utf-8")
    for mark, make in GENERATED[name].items():
        pattern = rf"(?s)(<!-- {mark}: .*? -->\n).*?(<!-- end -->)"
        assert len(re.findall(pattern, text)) == 1, f"{name}.md has no mark {mark!r}"
        text = re.sub(pattern, lambda found, make=make: f"{found[1]}\n{make()}\n{found[2]}", text)
    return text


@pytest.mark.parametrize("name", GENERATED)
def test_what_is_generated_is_up_to_date(name):
    assert (BOOK / f"{name}.md").read_text(encoding="utf-8") == generated(name), REWRITE


if __name__ == "__main__":
    for name in GENERATED:
        (BOOK / f"{name}.md").write_text(generated(name), encoding="utf-8", newline="\n")
        print(f"book/{name}.md is up to date")
