"""Closed vocabularies of arguments, as types: a checker sees a word that is misspelt.

What a caller may add to (words of masks with their parameters, own gains, own attacks) is given as
an instance, or as any text. `tests/architecture/test_vocabulary.py` compares each with its list.
"""

from __future__ import annotations

from typing import Literal, Protocol, TypeAlias

AdversaryWord: TypeAlias = Literal[
    "nearest", "unknown_mask", "knows_mask", "knows_electors", "knows_results", "holds_versions",
    "holds_register", "neighbour",
]  # fmt: skip
PriorWord: TypeAlias = Literal["addresses", "electors", "register"]
GainWord: TypeAlias = Literal["address", "household", "person", "opinion"]
MissingWord: TypeAlias = Literal["likely", "wildcard", "value", "exclude"]
UtilityWord: TypeAlias = Literal[
    "suppressed", "moved_mean", "drift", "station_count_error", "clustering_error", "moran_error",
    "density_moved", "hot_spots_lost", "nearest_ratio_error", "tour_extra",
]  # fmt: skip
RoleWord: TypeAlias = Literal["public", "volunteer", "team"]
KindWord: TypeAlias = Literal["dense", "mixed", "rural"]
RoundsWord: TypeAlias = Literal["apart", "walk"]
KernelWord: TypeAlias = Literal[
    "gaussian", "quartic", "epanechnikov", "triweight", "disc", "triangular", "blurred_disc",
    "qgis", "leaflet", "deck.gl",
]  # fmt: skip
HoldsWord: TypeAlias = Literal["mask", "electors", "results", "directory", "roll", "residents"]
BirthplaceWord: TypeAlias = Literal[
    "commune", "departement", "region", "country", "sex", "birth_date", "birth_month", "birth_year",
]  # fmt: skip
LinkWord: TypeAlias = Literal["id", "certain", "weighed", "assignment"]
MeasureWord: TypeAlias = Literal[
    "absent", "account_and_address", "account_certain", "account_named", "account_named_new",
    "accounts", "accounts_named", "accused_without_dot", "accused_wrongly", "added",
    "additive_leakage", "address_and_label_right", "address_and_label_wrong", "address_found",
    "address_found_between", "address_found_if", "address_lost", "address_probability",
    "address_probability_max", "addresses_by_number", "addresses_found", "addresses_named",
    "addresses_with_household", "addresses_within", "adds", "adults_never_interacted",
    "adults_never_interacted_beyond_chance", "adults_with_namesake", "alone", "alone_at_address",
    "alone_by", "alone_by_keys", "alone_in_segment", "alpha", "answers_tell", "any_leak",
    "appeared_between", "appeared_within_a_day", "at_named_address", "at_shared_point", "bandwidth",
    "basic_beta", "before", "best_match", "bloc_right", "bloc_told", "bodies_unread", "both",
    "breach", "by_chance", "calibration_error", "calibration_gap", "candidate_reach", "candidates",
    "cells_changed", "cells_right", "claim_error", "claimed", "claimed_vulnerability",
    "class_under", "classes", "classes_of", "cleared", "closest_record", "clustering_error",
    "columns_agree", "columns_beyond_screen", "columns_of", "columns_on_screen", "columns_sent",
    "concern", "copies_possible", "correctness", "correctness_entropy", "correctness_exponent",
    "days", "delta_disclosure", "delta_disclosure_present", "delta_presence", "delta_presence_low",
    "density_moved", "difference", "directory_coverage", "dis_suda", "dis_suda_max", "dissent_dots",
    "distinct_l", "distinct_l_multi", "distinction", "doors", "dot_among", "dot_named",
    "dot_named_without", "dot_right", "dot_tells", "dots", "dots_read", "dots_right", "doubtful",
    "drift", "empty", "empty_columns", "enhanced_beta", "enhanced_beta_present", "entropy_l",
    "error",
    "error_by_cell", "error_expected", "error_mean", "euros", "expected_findings_by_address",
    "expected_findings_by_household", "expected_matches", "expected_people_by_address",
    "expected_people_by_household", "false_answer", "false_claims", "false_doors", "false_matches",
    "false_opening", "few_in_segment", "fields_named", "fields_shown", "fields_unused", "filled",
    "first_door_within", "found_among", "found_in", "given_to_marked", "given_to_unmarked", "gone",
    "grave", "ground_around", "groups_told", "hidden_counts_told", "higher", "holds", "home_within",
    "homonym_victims", "hot_spots_lost", "household_and_label_right", "household_and_label_wrong",
    "household_found", "household_joined", "household_risk", "household_risk_max", "households",
    "households_an_address", "households_found", "households_max",
    "households_moved_to_a_cell_near", "households_none_interacted", "households_of_one",
    "households_one_interacted", "households_there", "identified", "identified_with", "identifying",
    "in_all_cells", "in_both", "in_both_right", "in_groups_told", "in_squares", "individual_risk",
    "individual_risk_approximate", "individual_risk_max", "inference", "inference_by_keys",
    "inferred", "information_lost", "inhabitants", "journalist_risk_max", "judged_right",
    "k_addresses", "k_anonymity", "k_map", "k_moved", "k_original", "k_people", "k_satisfied",
    "label_none", "label_precision", "label_right", "label_wrong", "labelled_neither", "leak_odds",
    "leakage_additive", "leakage_multiplicative", "leaked", "leaning_mean", "leaning_spread",
    "leans", "leans_by_answer", "learnt", "learnt_from", "least_lead", "left", "liked_by_nobody",
    "liked_by_ten_or_fewer", "likelier_elsewhere", "likelihood", "likely", "likers_who_lean_right",
    "likes_mean", "likes_median", "link", "linkability", "linked", "lost", "marked_households",
    "marketer_risk", "mass", "mass_from_elsewhere", "mass_max", "mass_on_wrong_addresses",
    "mass_on_wrong_households", "match_claimed", "match_error", "match_precision", "match_rate",
    "match_recall", "match_right_household", "matched", "matched_first", "matched_in_ten",
    "members_by_address", "members_by_household", "members_max", "membership",
    "membership_advantage", "membership_area", "membership_if_copied", "membership_least", "met",
    "minimal_uniques", "minors", "minors_by_address", "minors_by_household",
    "minors_never_interacted", "minors_never_interacted_beyond_chance", "moran_error",
    "mostly_opposed", "moved_mean", "multiplicative_leakage", "named_between", "named_innocent",
    "named_nobody", "named_right", "named_wrong", "names_answered", "names_asked",
    "nearest_address", "nearest_ratio_error", "neighbour_ratio", "neighbour_ratio_loss",
    "neighbours", "neighbours_in_sight", "net", "next_mask_behind", "next_street", "no_candidate",
    "not_aligned", "not_applicable", "not_assessable", "not_searched", "not_visited", "note_holds",
    "numbers_left", "numbers_received", "of_shapes", "of_the_side", "on_address", "on_map",
    "on_the_list", "opened_by_minors", "opened_when_visited", "opinion_right", "opinion_wrong",
    "opposed_in_sight", "order_as_good", "other_address", "other_household",
    "other_households_there", "overclaim", "page_tells", "party_right", "people", "people_a_door",
    "people_a_household", "people_an_address", "people_behind_wrong_addresses", "people_by_station",
    "people_max", "people_mean", "people_median", "people_seen", "people_within", "placed_between",
    "popularity_slope", "population_unique_share", "population_uniques_dankar",
    "population_uniques_pitman", "population_uniques_snb", "population_uniques_zayatz",
    "posterior_vulnerability", "printed", "prior_vulnerability", "prosecutor_risk_max",
    "prosecutor_risk_mean", "reached", "received", "received_again", "record_located",
    "record_tells", "recorded", "records", "records_withheld", "recursive_c",
    "refusal_by_elimination", "reidentified", "reidentified_address", "reidentified_by_draw",
    "reidentified_household", "reidentified_in_time", "reidentified_opinion", "reidentified_person",
    "right", "right_when_claimed", "risk_max", "risk_mean", "same_address", "same_full_name",
    "same_household", "same_last_name", "same_name", "same_person", "sample_uniques", "saved",
    "says", "score_auc", "score_error", "score_tells", "searched", "second_accounts",
    "seen_by_others", "segments", "sensitive_again", "sensitive_least", "sent_to", "separation",
    "served", "severity", "share_at_risk", "share_under", "shared_accounts", "shift", "shown",
    "shown_precision", "shown_recall", "shown_without", "shows", "sign_test", "singled_out",
    "singled_out_by", "singling_out", "size", "small_narrowed", "smallest_segment", "so_far",
    "special_uniques", "squares", "stale_entries", "station_count_error", "step", "still_told",
    "street_grid", "suda_score", "suda_score_max", "suda_score_with", "suppressed", "sure",
    "sure_right", "suspects", "t_closeness", "taken_for_another", "tau1", "tau2", "times",
    "told_apart", "told_at_wrong_households", "top_reach", "tour_extra", "turned_grey",
    "twelve_surnames", "under_18", "unexamined", "unicity", "unicity_in_population", "unique",
    "uniques_by_reading", "unknown_columns", "unmatched", "unread", "utility_clustering_error",
    "utility_density_moved", "utility_drift", "utility_hot_spots_lost", "utility_moran_error",
    "utility_moved_mean", "utility_nearest_ratio_error", "utility_station_count_error",
    "utility_suppressed", "utility_tour_extra", "variants", "visited_between",
    "visited_within_a_day", "vulnerability_held_out", "vulnerability_posterior",
    "vulnerability_prior", "walk", "whole", "whole_climb", "with_account", "worth",
    "wrong_addresses", "wrong_addresses_homonym", "wrong_addresses_stale", "wrong_claim",
    "wrong_households", "wrong_label", "wrong_labels", "wrong_labels_beyond_chance",
]  # fmt: skip


class Worded(Protocol):
    """A measure of the caller's own, which has its word."""

    @property
    def word(self) -> str:
        """The measure, lower case words with underscores."""
