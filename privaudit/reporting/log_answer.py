"""What the page of a log says first: how many people a few known points single out."""

from __future__ import annotations

import math

from privaudit._core.policy import SMALL_CELL
from privaudit.reporting.log_charts import told_first, unicity_rows
from privaudit.reporting.told import Told, by_chance, net_hits, whole
from privaudit.results.row import Row
from privaudit.words.words import Words

__all__ = ["log_answer"]


def log_answer(words: Words, told: Told) -> tuple[str, list[str]] | None:
    """Return the headline of a log, and what stands under it."""
    points = unicity_rows(told)
    if not points:
        return None
    known, row = told_first(points)
    values = {
        "points": known, "n": net_hits(row), "of": row.n, "gross": whole(row.value, row.n),
        "control": by_chance(row),
    }  # fmt: skip
    known_control = math.isfinite(row.control)
    lead = words("story.lead_log" if known_control else "story.lead_log_gross", **values)
    window = str(row.part.get("window", "no_time"))
    key = "story.headline_log" if window == "no_time" else "story.headline_log_when"
    headline = words(key, window=words.name("part", window), **values)
    return headline, [lead, *_not_asked(words, row)]


def _not_asked(words: Words, row: Row) -> list[str]:
    """Say who of a log has too few points to be asked about, and whether the others were drawn."""
    few, people = 0, round(1 / row.baseline) if row.baseline > 0 else round(row.n)
    for note in row.notes:
        if note.key == "fewer_points":
            few, people = int(note.values["few"]), int(note.values["of"])
    said = []
    if few >= SMALL_CELL:
        said.append(words("story.lead_log_few", few=few, people=people))
    if row.n < people - few:
        said.append(words("story.lead_log_drawn", of=row.n))
    return said
