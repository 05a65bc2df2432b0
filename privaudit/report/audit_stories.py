"""What the page of a table says first: who is alone, of whom, and what blanks may hide.

- What the page of a table and a map says first, and how it draws what each tells alone.
- Chart of a log: how many people a few known points single out, beside people not in it.
- What the page of a log says first: how many people a few known points single out.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from privaudit.core.policy import READINGS_AGREE, SMALL_CELL
from privaudit.report.names import capital, note_text
from privaudit.report.sentences import (
    Told,
    by_chance,
    enough,
    has_control,
    hits_of,
    net,
    net_hits,
    whole,
)
from privaudit.results.charts import ChartLine, Curve, Mark, Panel, curve_chart, line_chart
from privaudit.results.painter import Display
from privaudit.results.rows import Row
from privaudit.words.catalogues import Note, Words

if TYPE_CHECKING:
    from privaudit.studies.study import Study

# Notes of cells that may stand for no answer; so many are told first, the others in the annex.
_MAY_BE_NO_ANSWER, _DOUBTS = ("number_like_a_mark", "word_like_a_mark"), 2


def table_answer(words: Words, told: Told) -> tuple[str, list[str]] | None:
    """Return the headline of a table, and what stands under it; None where too few are counted."""
    rows = [row for row in told.rows("table", "sample_uniques") if not row.part]
    if not rows:
        return None
    alone = rows[0]
    k = told.row("table", "k_anonymity")
    key = "headline_table" if alone.value else "headline_table_none"
    values = {"alone": alone.value, "of": alone.n, "counts": alone.counts}
    headline = words(f"story.{key}", k=k.value if k else math.nan, **values)
    first, leads = _blanks(words, told, alone)
    proposed = [note.values["key"] for note in told.study.notes if note.key == "roles_proposed"]
    leads = [*(words("story.lead_proposed", key=", ".join(keys)) for keys in proposed), *leads]
    leads += _in_population(words, told, alone)
    leads += [*_doubted(words, told), *_constant(words, told, alone), *_guess(words, told)]
    return first or headline, leads


def _blanks(words: Words, told: Told, alone: Row) -> tuple[str, list[str]]:
    """Lead with the records that lack nothing, then with what the blanks of others may hide.

    Where the ways to read blanks disagree by one record in a hundred, that comes first.
    """
    read = {row.part["missing"]: row for row in told.rows("table", "uniques_by_reading")}
    complete = read.pop("exclude", None)
    if complete is not None and complete.n == alone.n:
        return "", []
    nouns: dict[str, Any] = {"counts": alone.counts, "of": alone.n}
    shares = [row.value / row.n for row in (*read.values(), *([complete] if complete else []))]
    first, leads = [], []
    # Rounded, or .16 less .15 would be more than .12 less .11.
    if len(read) > 1 and round(max(shares) - min(shares), 9) >= READINGS_AGREE:
        ends = [row.value for row in read.values()]
        first = [words("story.headline_readings", least=min(ends), most=max(ends), **nouns)]
    if complete is not None:
        values = {"complete": complete.n, "alone": complete.value, "counts": complete.counts}
        first.append(words("story.headline_blanks", **values))
    if alone.low < alone.high:
        values = {"value": alone.value, "low": alone.low, "high": alone.high}
        leads = [words("story.lead_blanks", **values, **nouns)]
    if {"wildcard", "value"} <= set(read):
        said = {"wildcard": read["wildcard"].value, "as_value": read["value"].value}
        leads.append(words("story.lead_readings", **said))
    return " ".join(first), leads


def _in_population(words: Words, told: Told, alone: Row) -> list[str]:
    """Say how many of those alone in a sample are alone where it was drawn, or why none can."""
    row = next((row for row in told.family("table") if row.measure == "tau1"), None)
    if row is None or row.withheld or not (alone.value and enough(row)):
        return []
    if any(note.key == "needs_rate" for note in row.notes):
        return []  # The file is not said to be a sample.
    values = {"alone": alone.value, "value": row.value, "low": row.low, "high": row.high}
    if not math.isfinite(row.value):
        why = " ".join(note_text(words, note) for note in row.notes)
        return [words("story.lead_sample_unknown", why=why, **values)]
    exact = not row.low < row.high
    return [words("story.lead_sample_counted" if exact else "story.lead_sample", **values)]


def _doubted(words: Words, told: Told) -> list[str]:
    """Say what was counted as a value and may be none: it makes doubles of strangers."""
    notes = [note for note in told.study.notes if note.key in _MAY_BE_NO_ANSWER]
    notes.sort(key=lambda note: -note.values["records"])
    return [
        words(
            "story.lead_doubted",
            column=words.name("column", note.values["column"]),
            mark=note.values.get("mark", note.values.get("value")),
            records=note.values["records"],
        )
        for note in notes[:_DOUBTS]
    ]


def _constant(words: Words, told: Told, alone: Row) -> list[str]:
    """Say of which columns the file tells the same of everybody: nobody needs a key for these."""
    rows = [row for row in told.family("table") if row.measure == "vulnerability_prior"]
    of: dict[float, list[str]] = {}
    for row in filter(enough, rows):
        for note in row.notes:
            if note.key == "column_constant":
                of.setdefault(row.n, []).append(words.name("column", note.values["column"]))
    # Of several that all share, one line.
    return [
        words(
            f"story.lead_constant{'s' if len(columns) > 1 else ''}",
            column=columns[0], columns=tuple(columns), n=n, of=alone.n, counts=alone.counts,
        )
        for n, columns in of.items()
    ]  # fmt: skip


def _guess(words: Words, told: Told) -> list[str]:
    """Say what a guess about somebody of the file is worth beside one about somebody who is not.

    Of several sensitive columns, the one of which the keys tell most.
    """
    rows = told.rows("table", "vulnerability_posterior")
    if not rows:
        return []
    row = max(rows, key=lambda one: one.value - one.baseline)
    if not row.value > row.baseline:
        return [words("story.guess_nothing")]
    column = next((v for v in row.part.values() if isinstance(v, str)), "")
    what = words("story.value_of", column=words.name("column", column)) if column else ""
    values = {
        "what": what or words("story.the_value"),
        "in_file": round(100 * row.value), "without": round(100 * row.baseline),
    }  # fmt: skip
    if math.isfinite(row.control):
        return [words("story.guess_net", held_out=round(100 * row.control), **values)]
    return [words("story.guess_gross", **values)]


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


def unicity_rows(told: Told) -> list[tuple[int, Row]]:
    """Return the rows of one resolution, the finest: points known, and the row."""
    rows: list[Row] = []
    for family in told.study.measures:
        rows += told.rows(family, "unicity")
    series: dict[str, list[tuple[int, Row]]] = {}
    for row in rows:
        points = [v for k, v in row.part.items() if k in ("points", "known", "p")]
        points = points or [v for v in row.part.values() if isinstance(v, int)]
        others = [str(v) for v in row.part.values() if v not in points]
        if points:
            series.setdefault("|".join(others), []).append((int(points[0]), row))
    if not series:
        return []
    # The finest resolution singles out most.
    best = max(series.values(), key=lambda part: max(row.value for _, row in part))
    return sorted(best, key=lambda pair: pair[0])


def told_first(points: list[tuple[int, Row]]) -> tuple[int, Row]:
    """Return the fewest points that single out half of the people, else those that do most."""
    half = (pair for pair in points if net(pair[1]) >= 0.5)
    return next(half, max(points, key=lambda pair: net(pair[1])))


def unicity_chart(study: Study, words: Words, told: Told) -> Display | None:
    """Draw what is left once the control is taken away, and both that it is made of."""
    points = unicity_rows(told)
    if len(points) < 2:
        return None
    x = [p for p, _ in points]
    curves = [Curve.of(words("figure.unicity_found"), x, [row for _, row in points])]
    controls = [row.control for _, row in points]
    if any(c == c for c in controls):
        curves.append(Curve(words("figure.unicity_control"), x, controls, "grey", True))
    known, row = told_first(points)
    key = "figure.unicity_title_net" if row.residual == row.residual else "figure.unicity_title"
    n, window = row.n, str(row.part.get("window", "no_time"))
    key += "" if window == "no_time" else "_when"
    values = {
        "points": known, "n": whole(row.value, n), "of": n, "control": by_chance(row),
        "window": words.name("part", window),
    }  # fmt: skip
    return curve_chart(
        "unicity", words, study.provenance,
        title=words(key, **values),
        curves=curves, write=words.tick, low=0.0,
        axes=(words("figure.points_axis"), words("figure.unicity_axis")),
    )  # fmt: skip


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
