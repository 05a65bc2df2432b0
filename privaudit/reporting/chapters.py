"""The order of the annex: chapters that answer a reader's questions, and the families of each.

To add a family to a chapter is to name it here, and in ``[family]`` of the catalogues; one that
is named nowhere stands in the last chapter, under its own name.
"""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["CHAPTERS", "chapter_of", "in_order"]

# What is read without looking for it, who would be found, how sure is the finder, what is learnt,
# whom else it touches, by which way it leaks, what moving dots costs; then the table, and how it
# was made.
CHAPTERS: dict[str, tuple[str, ...]] = {
    "law": ("rules", "wp216"),
    "shown": (
        "exhibits", "inspect", "recording", "properties", "dot_table", "inventory", "linked",
        "linked_tables", "linked_log",
    ),
    "found": (
        "country", "maps", "log", "unicity", "unicity_curve", "known_points", "neighbourhood_risk",
        "match_periods", "match_neighbourhoods", "scoreboard", "hiding", "steps", "towns",
        "recipients", "compared",
    ),
    "sure": ("belief", "reliability"),
    "learnt": (
        "chain", "harms", "look_up", "timing", "negative", "correlations", "likes",
    ),
    "beside": ("household", "neighbours", "dissent"),
    "ways": (
        "access", "tiers", "leak", "screenshots", "pictures", "copies", "differences", "changes",
        "areas", "heat",
    ),
    "messages": ("mailing", "advert"),
    "cost": ("frontier", "masks"),
    "mended": ("log_mended", "country_mended"),
    "table": (
        "table", "contributions", "levels", "combinations", "singling_out", "linkability",
        "inference", "membership", "population",
    ),
    "made": ("sensitivity", "campaign", "simulation"),
    "further": (),
}  # fmt: skip


def chapter_of(family: str) -> str:
    """Return the chapter of a family, the last one where nobody named it.

    Examples
    --------
    >>> chapter_of("household"), chapter_of("of_late")
    ('beside', 'further')
    """
    return next((name for name, families in CHAPTERS.items() if family in families), "further")


def in_order(families: Iterable[str]) -> list[str]:
    """Sort families as the annex tells them; those that nobody named come last, as they came.

    Examples
    --------
    >>> in_order(["of_late", "access", "household"])
    ['household', 'access', 'of_late']
    """
    named = [family for known in CHAPTERS.values() for family in known]
    return sorted(families, key=lambda f: named.index(f) if f in named else len(named))
