"""What of the paper is where: every equation, table and figure, and the lines of its pseudo-code."""

from typing import NamedTuple


class Item(NamedTuple):
    """An equation, table or figure of the paper, or lines of its pseudo-code.

    Args:
        name: as chapters write it, for example ``Table 4``; for pseudo-code the lines, as
            ``paper_pseudocode.py`` counts them.
        what: what it says, in our words.
        chapters: numbers of chapters, or names of appendices, that name it in their text, with ``|`` between
            them; each perhaps with the section that explains it (``09: By hand``). Otherwise that is the
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
        "06",
        "latent.LatentSpace.resample",
        """latent::resampling_spreads_as_equation_1_says
        against_pseudocode::resampling_of_a_code_without_negative_coordinates
        against_pseudocode::deviation_absolute_deviation""",
    ),
    Item(
        "Equation 2",
        "the total: a mean of all terms with weights B M I",
        "07 | 10 | 11",
        "objective.total objective.training_loss",
        """objective::total_on_five_numbers objective::total_is_a_mean_of_the_terms
        against_pseudocode::whole_step against_pseudocode::deviation_denominator""",
    ),
    Item(
        "Equation 3",
        "the interpolation loss: a distance between two ways of mixing",
        "08",
        "losses.interpolation",
        "losses::norms_of_a_3_4_residual against_pseudocode::deviation_own_mix",
    ),
    Item(
        "Equation 4",
        "the same, written out: signals mixed, and codes mixed in the same proportion",
        "08",
        "losses.mix",
        """losses::mix_is_the_straight_line losses::mix_of_signals_and_codes_uses_the_same_proportion
        against_pseudocode::mixed_code_is_resampled_as_in_the_appendix_not_as_in_equation_4""",
    ),
    Item(
        "Equation 5",
        "the disentanglement loss of one category",
        "03 | 09",
        "losses.disentanglement",
        """losses::disentanglement losses::disentanglement_is_least_at_the_one_hot_code
        against_pseudocode::disentanglement_of_a_code_without_negative_coordinates""",
    ),
    Item(
        "Equation 6",
        "how a term is faded in",
        "10",
        "objective.injection systems.placed.schedule",
        """objective::injection_is_0_then_linear_then_1 placed::schedule_by_hand
        against_pseudocode::multipliers_of_every_iteration""",
    ),
    Item(
        "Table 1",
        "the authors' machine; here every run says on which machine it was made",
        "14",
        "paper.HARDWARE runs.describe",
        """paper::machine_of_table_1 results::a_run_says_where_it_comes_from
        runs::a_run_of_earlier_code_is_shown_as_such_until_somebody_vouches_for_it""",
        r"runs\.load\(",
    ),
    Item(
        "Table 2",
        "the ten layers of the voice encoder",
        "12 | 13",
        "paper.VOICE_LAYERS networks.Encoder networks.Decoder",
        """paper::layers_of_tables_2_6_and_10 networks::lengths_of_the_tables
        networks::real_clips_come_back_at_their_length networks::parameters_at_width_one""",
    ),
    Item(
        "Table 3",
        "importance factors of the voice model",
        "07",
        "paper.VOICE_IMPORTANCE",
        "paper::importance_of_tables_3_and_7 objective::a_term_without_importance_has_no_say",
    ),
    Item(
        "Table 4",
        "when the voice model's terms are faded in",
        "10 | 12",
        "paper.VOICE_INJECTION objective.compress",
        "paper::injection_of_table_4 objective::injection_of_table_4_sparsity objective::compressed_schedule_by_hand",
    ),
    Item(
        "Table 5",
        "balancing factors of the voice model",
        "11",
        "paper.VOICE_BALANCE objective.balance",
        """paper::balancing_factors_of_tables_5_and_9 objective::balance_on_five_numbers
        against_pseudocode::balancing_factors_follow_the_rank""",
    ),
    Item(
        "Table 6",
        "the ten layers of the image encoder",
        "14",
        "paper.IMAGE_LAYERS networks.Encoder networks.Decoder",
        """paper::layers_of_tables_2_6_and_10 networks::lengths_of_the_tables
        networks::the_image_decoder_returns_every_legal_size networks::parameters_at_width_one""",
    ),
    Item(
        "Table 7",
        "importance factors of the image model",
        "07 | 14",
        "paper.IMAGE_IMPORTANCE",
        "paper::importance_of_tables_3_and_7 objective::a_category_without_importance_needs_no_labels",
    ),
    Item(
        "Table 8",
        "when the image model's terms are faded in",
        "10 | 14",
        "paper.IMAGE_INJECTION objective.compress",
        "paper::injection_of_table_8 objective::compressed_schedule_keeps_order_proportions_and_ends",
    ),
    Item(
        "Table 9",
        "balancing factors of the image model",
        "11 | 14",
        "paper.IMAGE_BALANCE objective.balance",
        """paper::balancing_factors_of_tables_5_and_9
        objective::balance_depends_on_the_order_of_the_terms_only""",
    ),
    Item(
        "Table 10",
        "the three layers of the bridge",
        "16",
        "paper.BRIDGE_LAYERS transfer.Bridge",
        "paper::layers_of_tables_2_6_and_10 networks::bridge transfer::the_bridge_writes_codes_of_the_image_space",
    ),
    Item(
        "Figure 1",
        "the model: normalization, encoder, code, decoder, normalization",
        "12",
        "networks.OrthogonalVAE",
        """networks::max_m_stands_at_the_encoders_input_and_the_decoders_output
        networks::the_decoder_mirrors_the_encoder networks::codes_are_normalized_and_nothing_is_sampled""",
    ),
    Item(
        "Figure 2",
        "how the disentanglement loss is computed, step by step",
        "09",
        "losses.disentanglement",
        """losses::disentanglement
        losses::gradient_raises_the_related_and_lowers_the_largest_unrelated_coordinate""",
    ),
    Item(
        "Figure 3",
        "loss terms without and with balancing factors",
        "11",
        "objective.balance plots.history ledger.paper_experiments.vae",
        """objective::without_balancing_every_factor_is_one widgets::plots_show_what_they_are_given
        experiments::study_of_a_vae""",
    ),
    Item(
        "Figure 4",
        "a voice signal and its reconstruction",
        "13",
        "metrics.snr ledger.raw_experiments.waveform",
        "metrics::snr_by_hand experiments::study_of_the_waveform",
    ),
    Item(
        "Figure 5",
        "average codes of the speakers",
        "12",
        "metrics.class_means metrics.mean_abs_cosine plots.heat",
        """metrics::class_means_are_unit_averages_and_zero_for_a_class_without_items
        metrics::mean_abs_cosine_of_perfect_opposite_duplicated_and_dead_codes
        widgets::plots_show_what_they_are_given runs::shipped_speakers_and_digits_are_semi_orthogonal""",
    ),
    Item(
        "Figure 6",
        "average voice codes of the digits",
        "12",
        "metrics.class_means metrics.mean_abs_cosine plots.heat",
        """metrics::class_means_are_unit_averages_and_zero_for_a_class_without_items
        metrics::mean_abs_cosine_of_perfect_opposite_duplicated_and_dead_codes
        widgets::plots_show_what_they_are_given runs::shipped_speakers_and_digits_are_semi_orthogonal""",
    ),
    Item(
        "Figure 7",
        "images and their reconstructions",
        "14",
        "networks.OrthogonalVAE.encode networks.OrthogonalVAE.decode plots.pictures",
        """networks::codes_are_normalized_and_nothing_is_sampled widgets::plots_show_what_they_are_given
        placed_measure::a_perfect_system_has_perfect_figures""",
    ),
    Item(
        "Figure 8",
        "average image codes of the digits",
        "14",
        "metrics.class_means metrics.mean_abs_cosine plots.heat",
        """metrics::class_means_are_unit_averages_and_zero_for_a_class_without_items
        metrics::mean_abs_cosine_of_perfect_opposite_duplicated_and_dead_codes
        widgets::plots_show_what_they_are_given runs::shipped_speakers_and_digits_are_semi_orthogonal""",
    ),
    Item(
        "Figure 9",
        "images drawn from codes written by hand",
        "15",
        "latent.LatentSpace.handcrafted latent.LatentSpace.from_text",
        """latent::handcrafted_codes latent::the_text_of_the_paper latent::labels_text_and_code_agree
        placed_measure::a_perfect_system_has_perfect_figures""",
    ),
    Item(
        "Figure 10",
        "images drawn from voices",
        "16",
        "transfer.drop transfer.bridge_loss",
        """transfer::drop_keeps_the_digit_and_inserts_one_for_the_writer
        transfer::the_trained_bridge_finds_the_digit_and_leaves_the_decoder_alone
        placed_measure::a_perfect_system_has_perfect_figures""",
    ),
)


PRINTED = r"pseudo-?code|\bappendix\b"
LINES = (
    Item(
        "1-5, 88-109",
        "the multipliers M: set before the loop, raised in it",
        "10: What is an iteration? | reading_notes: The total",
        "objective.injection",
        "against_pseudocode::multipliers_of_every_iteration against_pseudocode::deviation_iterations_count_from_one",
    ),
    Item(
        "6-7, 114",
        "the loop, and the step of the optimizer",
        "10: What is an iteration? | reading_notes: The total",
        "train.fit",
        "train::each_pass_sees_every_item_once train::resumed_equals_uninterrupted",
    ),
    Item(
        "8-12",
        "a batch is drawn and normalized",
        "05: Three small questions the paper leaves open | reading_notes: Signals and their normalization",
        "normalize.max_m_percent",
        """against_pseudocode::normalization_of_a_signal_without_negative_values
        against_pseudocode::deviation_amplitudes against_pseudocode::deviation_percentage""",
    ),
    Item(
        "13-21",
        "the encoder; every category is divided by its own length",
        "06: Each category on its own circle | reading_notes: Codes",
        "networks.OrthogonalVAE.encode latent.LatentSpace.normalize",
        """against_pseudocode::normalization_of_every_category against_pseudocode::deviation_writer_sign
        networks::codes_are_normalized_and_nothing_is_sampled""",
    ),
    Item(
        "22-27",
        "noise on the code; the decoder",
        "06: Resampling: from a point to a cloud | reading_notes: Codes",
        "latent.LatentSpace.resample",
        """against_pseudocode::resampling_of_a_code_without_negative_coordinates
        against_pseudocode::deviation_around_the_code""",
    ),
    Item(
        "28-31",
        "the reconstruction is normalized (in print: by the input's factor)",
        "05: A line of the pseudo-code that divides by the wrong factor | 07: What a normalized output cannot express",
        "networks.OrthogonalVAE.decode",
        "against_pseudocode::deviation_own_sorted_values",
    ),
    Item(
        "32-37",
        "reconstruction and sparsity loss",
        "07: The residual | reading_notes: Loss terms",
        "losses.reconstruction losses.sparsity",
        "against_pseudocode::norms_of_the_residual against_pseudocode::deviation_mean_norms",
    ),
    Item(
        "38-75",
        "interpolation loss: a second signal, both mixes, the distance",
        "08: Four choices the paper leaves open | reading_notes: Loss terms",
        "losses.mix losses.interpolation",
        """against_pseudocode::deviation_alpha_per_item against_pseudocode::deviation_own_mix
        against_pseudocode::deviation_partner_of_the_same_batch""",
    ),
    Item(
        "76-87",
        "disentanglement loss, on the code before normalization",
        "09: The appendix: no lower bound | reading_notes: Loss terms",
        "losses.disentanglement",
        """against_pseudocode::disentanglement_of_a_code_without_negative_coordinates
        against_pseudocode::deviation_normalized_code against_pseudocode::deviation_absolute_unrelated
        against_pseudocode::deviation_positive_related""",
    ),
    Item(
        "110-113",
        "terms are sorted, weighted and added",
        "11: Sorted before or after? | reading_notes: The total",
        "objective.balance objective.total",
        """against_pseudocode::balancing_factors_follow_the_rank
        against_pseudocode::deviation_sorts_after_m_and_i against_pseudocode::deviation_denominator""",
    ),
)

LINES = tuple(item._replace(needle=PRINTED) for item in LINES)
EVERY = ITEMS + LINES
