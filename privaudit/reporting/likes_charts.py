"""What likes tell, drawn: the pages that give a bloc away."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from privaudit.reporting.told import Told
from privaudit.results.charts import ChartLine, Mark, Panel, line_chart
from privaudit.results.painter import Display
from privaudit.words.words import Words

if TYPE_CHECKING:
    from privaudit.results.row import Row
    from privaudit.studies.study import Study

__all__ = ["pages_chart"]

# Pages that the figure has room for: those that tell most.
_LINES = 10


def pages_chart(study: Study, words: Words, told: Told) -> Display | None:
    """Draw what touching each of the most telling pages says of a bloc, beside chance."""
    rows = sorted(told.rows("likes", "page_tells"), key=lambda row: -row.value)[:_LINES]
    if not rows:
        return None
    return line_chart(
        "pages", words, study.provenance, title=words("figure.pages_title"),
        panels=[Panel([_line(words, row) for row in rows])], write=words.count,
        axis=words("figure.pages_axis"),
    )  # fmt: skip


def _line(words: Words, row: Row) -> ChartLine:
    kind = words.name("page_kind", row.part["page_kind"])
    bloc = words.name("value", row.part["bloc"])
    title = words("figure.pages_mark", bits=row.value, n=row.n, bloc=bloc)
    marks = [Mark(row.value, title, bloc, low=row.low, high=row.high)]
    if math.isfinite(row.baseline):
        chance = words("figure.pages_chance", bits=row.baseline)
        marks.insert(0, Mark(row.baseline, chance, "", "tick", "grey"))
    return ChartLine(words("figure.pages_line", page=row.part["page"], kind=kind), marks)
