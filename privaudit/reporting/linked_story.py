"""What the page of a table and a map says first, and how it draws what each tells alone."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from privaudit.reporting.names import capital, note_text
from privaudit.reporting.sentences import hits_of
from privaudit.reporting.told import Told, by_chance, has_control, whole
from privaudit.results.charts import ChartLine, Mark, Panel, line_chart
from privaudit.results.painter import Display
from privaudit.results.row import Row
from privaudit.words.note import Note
from privaudit.words.words import Words

if TYPE_CHECKING:
    from privaudit.studies.study import Study

__all__ = ["linked_answer", "linked_chart"]

# Lines of the figure, of either side.
_MOST = 6


def linked_answer(words: Words, told: Told) -> tuple[str, list[str]] | None:
    """Return the headline of a table beside a map, and what stands under it."""
    named = _named(told)
    moved = _moved(told)
    if moved is not None and (named is None or not _adds(named)):
        # By place nothing was compared: nobody is cleared by that.
        return _between(words, told), [note_text(words, moved)]
    if named is None:
        return None
    alone, both = whole(named.baseline, named.n), hits_of(named)
    key = "headline_linked" if both > alone else "headline_linked_none"
    headline = words(f"story.{key}", n=both, alone=alone, of=named.n)
    leads = []
    every = told.row("linked", "dot_tells", "all_three")
    if every is not None and hits_of(every) > whole(every.baseline, every.n):
        before = whole(every.baseline, every.n)
        leads.append(words("story.lead_all_three", n=hits_of(every), alone=before, of=every.n))
    leads += [_chance(words, row) for row in told.rows("linked", "dot_named")[-1:]]
    agree = told.row("linked", "columns_agree")
    if agree is not None:
        values = {"n": hits_of(agree), "of": agree.n, "chance": whole(agree.baseline, agree.n)}
        leads.append(words("story.lead_agree", **values))
    return headline, [lead for lead in leads if lead]


def _between(words: Words, told: Told) -> str:
    """Say between what and what a table finds of a blurred map, or that nothing is cleared."""
    placed = told.row("linked", "placed_between")
    if placed is None:
        return words("story.headline_linked_moved")
    low, high = math.floor(placed.low * placed.n), math.ceil(placed.high * placed.n)
    return words("story.headline_linked_between", low=low, high=high, of=placed.n)


def _moved(told: Told) -> Note | None:
    """Return the note on a map whose dots stand on no address of theirs, if one was met."""
    notes = [n for one in told.study.measures.values() if one.family == "linked" for n in one.notes]
    return next((note for note in notes if note.key == "dots_moved_off"), None)


def _chance(words: Words, row: Row) -> str:
    """Say what the way that compares most names, beside what it names of others."""
    values = {"by": row.part["by"], "n": hits_of(row), "of": row.n}
    if not has_control(row):
        return words("story.lead_linked_gross", **values)
    return words("story.lead_linked", chance=by_chance(row), **values)


def linked_chart(study: Study, words: Words, told: Told) -> Display | None:
    """Draw what each file tells alone, and what both tell."""
    named = _named(told)
    if named is None or not _adds(named):
        return None
    panels: list[Panel] = []
    for measure, head in (("dot_tells", "linked_dots"), ("record_tells", "linked_records")):
        file = named.part.get("file")
        rows = [r for r in told.rows("linked", measure) if _adds(r) and r.part.get("file") == file]
        rows = sorted(rows, key=lambda row: row.baseline - row.value)[:_MOST]
        if rows:
            panels.append(
                Panel([_line(words, row, not panels and row is rows[0]) for row in rows],
                      head=words(f"figure.{head}", n=rows[0].n))
            )  # fmt: skip
    if not panels:
        return None
    return line_chart(
        "linked", words, study.provenance, title=_title(words, told, named),
        panels=panels, write=words.tick, axis=words("figure.linked_axis"),
    )  # fmt: skip


def _title(words: Words, told: Told, named: Row) -> str:
    """Say how many dots get a name, beside what a table names of people who are not in it.

    Not the difference: a table that holds everybody of the map is right wherever one person fits,
    and yet names as many dots of whoever is taken out of it.
    """
    before, after = whole(named.baseline, named.n), hits_of(named)
    file = named.part.get("file")
    ways = [row for row in told.rows("linked", "dot_named") if row.part.get("file") == file]
    if ways and has_control(ways[-1]):
        way = ways[-1]
        values = {"chance": by_chance(way), "n": hits_of(way), "of": way.n}
        return words("figure.linked_title_beside", **values)
    return words("figure.linked_title", before=before, after=after, of=named.n)


def _named(told: Told) -> Row | None:
    """Say how many dots are told by name; of several pairs of files, of the first that adds any."""
    rows = [r for r in told.rows("linked", "dot_tells") if r.part.get("what") == "identity"]
    return next((row for row in rows if _adds(row)), rows[0] if rows else None)


def _adds(row: Row) -> bool:
    return math.isfinite(row.value + row.baseline) and row.value > row.baseline


def _line(words: Words, row: Row, first: bool) -> ChartLine:
    """Return the share that one file tells, joined to what both tell."""
    name = capital(words.name("held", row.part["what"]))
    alone, both = (words.percent(v, short=True) for v in (row.baseline, row.value))
    marks = [
        Mark(row.baseline, words("figure.alone_title", value=alone),
             words("figure.alone_label", value=alone) if first else alone, "ring", "grey"),
        Mark(row.value, words("figure.both_title", value=both),
             words("figure.both_label", value=both) if first else both),
    ]  # fmt: skip
    return ChartLine(name, marks, joined=True)
