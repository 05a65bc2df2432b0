"""The family that a story follows: what happens to it, and how often that does in the town."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from privaudit.reporting.told import Told, whole
from privaudit.words.words import Words

if TYPE_CHECKING:
    from privaudit.studies.study import Study

__all__ = ["Happening", "happenings_of"]


@dataclass(frozen=True)
class Happening:
    """A step of the family's story: an icon, what happens, and how often it does."""

    icon: str
    head: str
    text: str
    number: str = ""


def happenings_of(study: Study, words: Words, told: Told) -> list[Happening]:
    """Tell the family's story, and how often each step happens in the town."""
    right = told.row("campaign", "label_precision")
    matched = told.row("campaign", "match_precision", "exact_name")
    doors = told.row("household", "wrong_addresses")
    opened = told.row("household", "opened_by_minors")
    before = told.row("access", "people_median", "before", "public")
    after = told.row("access", "people_median", "after", "public")
    dots = study.dots
    visited = int((dots["status"] == "visited").sum()) if dots is not None else 0
    wrong = None if right is None else 100 - round(100 * right.value)
    others = None if matched is None else whole(1 - matched.value, 1_000)
    values: dict[str, dict[str, Any] | None] = {
        "like": None if right is None else {"n": right.n},
        "score": None if wrong is None else {"n": wrong},
        "name": None if others is None else {"n": others},
        "door": None if doors is None else {"n": whole(doors.value, doors.n), "of": doors.n},
        "open": None if opened is None else {"n": opened.value, "of": opened.n},
        "grey": {"n": visited, "of": len(dots)} if dots is not None and visited else None,
        "seen": None if before is None else {"n": before.value},
        "closed": None if after is None else {"n": after.value},
    }
    steps = []
    for icon, told_values in values.items():
        number = words(f"steps.{icon}_number", **told_values) if told_values is not None else ""
        steps.append(Happening(icon, words(f"steps.{icon}_head"), words(f"steps.{icon}"), number))
    return steps
