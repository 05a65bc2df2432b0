"""The chain from a like to a knock, and how far the headline moves with what is assumed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from privaudit.reporting.names import view_name
from privaudit.reporting.told import Told, whole
from privaudit.results.charts import ChartLine, Mark, Panel, line_chart
from privaudit.results.painter import Display
from privaudit.words.words import Words

if TYPE_CHECKING:
    from privaudit.results.row import Row
    from privaudit.studies.study import Study

__all__ = ["chain_chart", "moved_most", "tornado_chart"]

# Headlines beside those of a map, and the head of each one's panel.
_HEADS = (
    ("whole", "chain"), ("answers_tell", "mailing"), ("leaked", "leaked"),
    ("score_tells", "likes"), ("cells_right", "cells"),
)  # fmt: skip
# Assumptions that a panel has room for: those that move its headline most.
_LINES = 8


def chain_chart(study: Study, words: Words, told: Told) -> Display | None:
    """Draw how many labelled accounts are left after each link, beside those by chance."""
    rows = [row for row in told.rows("chain", "so_far") if math.isfinite(row.value)]
    if not rows:
        return None
    n = whole(1, rows[0].n)
    lines = [ChartLine(words("figure.chain_labelled"), [Mark(n, words.count(n), words.count(n))])]
    left = {}
    for row in rows:
        link = str(row.part["link"])
        left[link] = hits = whole(row.value, row.n)
        title = words("figure.chain_mark", n=hits, of=n)
        marks = [Mark(hits, title, words.count(hits), low=row.low * n, high=row.high * n)]
        if math.isfinite(row.control):
            chance = whole(row.control, row.n)
            said = words("figure.chain_chance", n=chance, of=n)
            marks.insert(0, Mark(row.control * n, said, "", "tick", "grey"))
        lines.append(ChartLine(words(f"figure.chain_{link}"), marks))
    title = words("figure.chain_title", of=n, n=left.get("location", 0))
    return line_chart(
        "chain", words, study.provenance, title=title, panels=[Panel(lines)],
        write=words.count, axis=words("figure.chain_axis"),
    )  # fmt: skip


def tornado_chart(study: Study, words: Words, told: Told) -> Display | None:
    """Draw how far each headline moves at both ends of an assumption's range, the widest first."""
    on_map = told.rows("sensitivity", "net")
    panels = []
    for view in dict.fromkeys(row.part["view"] for row in on_map):
        head = words("figure.tornado_map", view=view_name(words, view, "view_short"))
        panels.append(_tornado(words, [r for r in on_map if r.part["view"] == view], head))
    for measure, name in _HEADS:
        rows = told.rows("sensitivity", measure)
        panels.append(_tornado(words, rows, words(f"figure.tornado_{name}")))
    panels = [panel for panel in panels if panel.lines]
    if not panels:
        return None
    return line_chart(
        "tornado", words, study.provenance, title=words("figure.tornado_title"), panels=panels,
        write=words.count, axis=words("figure.tornado_axis"),
    )  # fmt: skip


def _tornado(words: Words, rows: list[Row], head: str) -> Panel:
    lines = []
    for name, *ends in moved_most(rows)[:_LINES]:
        marks = []
        for row in sorted(ends, key=lambda row: row.part["at"]):
            at, moved = row.part["at"], row.value - row.baseline
            text = words.count(at) if isinstance(at, int) else words.value(at, "share", short=True)
            title = words("figure.tornado_mark", at=text, moved=words.points(moved))
            marks.append(Mark(100 * moved, title, text, "ring", "grey"))
        lines.append(ChartLine(words.name("assumption", name), marks, joined=True))
    return Panel(lines, head)


def moved_most(rows: Sequence[Row]) -> list[tuple[str, Row, Row]]:
    """Return each assumption with the lowest and the highest of its rows, what moves most first.

    One that moves nothing is left out.
    """
    ends: dict[str, list[Row]] = {}
    for row in rows:
        if math.isfinite(row.value):
            ends.setdefault(row.part["parameter"], []).append(row)
    found = []
    for name, known in ends.items():
        low, high = (pick(known, key=lambda row: row.value) for pick in (min, max))
        if high.value > low.value:
            found.append((name, low, high))
    return sorted(found, key=lambda one: one[1].value - one[2].value)
