"""The order of the page: chapters that answer a reader's questions, and families of measures."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["CHAPTERS", "FAMILIES", "Family"]

# Who would be found, how sure is the finder, what is learnt, whom else it touches, by which way
# it leaks, what moving dots costs; then the table, and how it was made.
CHAPTERS = ("found", "sure", "learnt", "beside", "ways", "cost", "table", "made", "further")

_MOMENTS, _ROLES = ("before", "after"), ("public", "volunteer", "team")
_ACCESS = [f"{m}_{r}_people_median" for r in _ROLES for m in _MOMENTS]
_ACCESS += [f"{m}_all_{what}_max" for what in ("homes", "household_members") for m in _MOMENTS]
_TIERS = (
    "before_any_account_people", "after_any_account_people", "before_any_account_leak_odds",
    "before_expected_people_found", "after_expected_people_found", "copies_possible",
)  # fmt: skip
_HARMS = (
    "label_right", "label_wrong", "found_and_right", "found_and_wrong", "elsewhere",
    "members_found", "minors_found", "error_p50",
)  # fmt: skip
_LOOK_UP = (
    "found", "found_at_home", "opinion_right", "opinion_wrong", "false_matches",
    "taken_for_another", "accused_wrongly", "columns_beyond_screen",
)  # fmt: skip
_HOUSEHOLD = (
    "marked_homes", "homes_one_interacted", "adults_never_interacted",
    "minors_never_interacted", "neighbours", "wrong_doors", "wrong_labels",
    "told_at_wrong_doors", "opened_by_minors",
)  # fmt: skip
_NEIGHBOURS = ("suspects", "false_doors", "people_behind_false_doors", "mass_from_elsewhere")
_HEAT = (
    "found", "found_at_home", "control", "residual", "named_right", "claimed", "calibration_gap",
    "error_mean",
)  # fmt: skip
_AREAS = ("home_in_set", "home_not_in_set", "homes_cleared", "homes_in_groups_told")
_RISK = (
    "records", "k_anonymity", "share_under_2", "share_under_3", "share_under_5", "share_under_11",
    "prosecutor_risk_max", "prosecutor_risk_mean", "journalist_risk_max", "marketer_risk",
    "share_at_risk", "k_map", "population_unique_share",
)  # fmt: skip
_LEARNT = (
    "distinct_l", "entropy_l", "alpha", "t_closeness", "vulnerability_prior",
    "vulnerability_posterior", "leakage_additive",
)  # fmt: skip
_PULLED_OUT = ("sample_uniques", "share_under_5", "prosecutor_risk_mean", "vulnerability_posterior")


@dataclass(frozen=True, kw_only=True)
class Family:
    """How a family of measures is told.

    Parameters
    ----------
    heading : str
        Key of its title in the catalogue.
    chapter : str
        One of `CHAPTERS`.
    figures : tuple of str
        The figures that open it.
    first : tuple of (key of a subtitle, names of measures)
        What is seen, each measure in all its parts; the other measures are under a closed
        heading. Without any, all are seen.
    closed : bool
        True where all of it is under a closed heading.
    """

    heading: str
    chapter: str = "further"
    figures: tuple[str, ...] = ()
    first: tuple[tuple[str, tuple[str, ...]], ...] = ()
    closed: bool = False


def _family(
    name: str, chapter: str, *figures: str, first: tuple[str, ...] = (), closed: bool = False
) -> Family:
    seen = (("", first),) if first else ()
    return Family(
        heading=f"family.{name}", chapter=chapter, figures=figures, first=seen, closed=closed
    )


# In the order of the page.
FAMILIES = {
    "hiding": _family("hiding", "found", "hidden", "one_dot", closed=True),
    "belief": _family(
        "belief",
        "sure",
        first=("claimed", "found", "overclaim", "no_candidate", "likelier_elsewhere"),
    ),
    "harms": _family("harms", "learnt", first=_HARMS),
    "look_up_exposure": _family("look_up_exposure", "learnt", first=_LOOK_UP),
    "timing": _family("timing", "learnt"),
    "negative_exposure": _family("negative_exposure", "learnt"),
    "household": _family("household", "beside", "households", first=_HOUSEHOLD),
    "neighbours": _family("neighbours", "beside", first=_NEIGHBOURS),
    "dissent": _family("dissent", "beside"),
    "access": _family("access", "ways", "access", first=tuple(_ACCESS)),
    "tiers": _family("tiers", "ways", first=_TIERS),
    "leak": _family("leak", "ways", "leak", closed=True),
    "screenshots": _family("screenshots", "ways", "screenshots", closed=True),
    "copies": _family("copies", "ways", "copies", closed=True),
    "differences": _family("differences", "ways"),
    "changes": _family("changes", "ways"),
    "area_exposure": _family("area_exposure", "ways", first=_AREAS),
    "heat": _family("heat", "ways", first=_HEAT),
    "frontier": _family("frontier", "cost", "frontier", "moved", closed=True),
    "table": Family(
        heading="page.table",
        chapter="table",
        figures=("classes",),
        first=(("page.table_risk", _RISK), ("page.table_learnt", _LEARNT)),
    ),
    "country": _family("country", "found"),
    "log": _family("log", "found", "unicity"),
    "contributions": _family("contributions", "table", first=_PULLED_OUT),
    "levels": _family("levels", "table"),
    "singling_out": _family("singling_out", "table"),
    "campaign": _family("campaign", "made"),
    "simulation": _family("simulation", "made", closed=True),
}
