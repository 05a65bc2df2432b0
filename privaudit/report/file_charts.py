"""Charts of reports on real files: classes and keys, files linked by people, verdicts of rules."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from privaudit.core.thresholds import CLASS_THRESHOLDS, MENDED_CLASS
from privaudit.report.answers import identity_row
from privaudit.report.charts import held_bar
from privaudit.report.names import capital, long_date
from privaudit.report.rules_story import counts_of_day
from privaudit.report.sentences import (
    ResultLookup,
    at_most,
    enough,
    hits_of,
    is_at_most,
    times,
)
from privaudit.results.amounts import Amount, GridCell, NestedUnits, Unit, UnitGrid
from privaudit.results.line_charts import ChartLine, LinePlot, Mark, Panel, key_of, line_chart
from privaudit.results.painter import Display, Plot, compose
from privaudit.results.rows import Row
from privaudit.words.catalogues import Words

if TYPE_CHECKING:
    from privaudit.rules.check_rules import Ruling
    from privaudit.studies.study import Study

# Sizes of classes that are drawn: alone, among fewer than 5, among fewer than may be shown.
_DRAWN = (CLASS_THRESHOLDS[0], MENDED_CLASS, CLASS_THRESHOLDS[-1])
_KEYS = dict(zip(_DRAWN, ("one", "mended", "few"), strict=True))
# Keys, and kinds of what is learnt, that are drawn.
_MOST_KEYS, _MOST_LEARNT = 8, 4


def classes_chart(study: Study, words: Words, results: ResultLookup) -> Display | None:
    """Draw the records of a table that are alone or among few, to count, and what each key adds.

    Of several tables, the one with most records alone.
    """
    files: dict[Any, dict[int, Row]] = {}
    for row in map(at_most, results.family("table")):
        than = row.part.get("threshold") if row.measure == "share_under" else None
        if than in _DRAWN and enough(row) and math.isfinite(row.value):
            files.setdefault(row.part.get("file"), {})[than] = row
    alone = {file: rows[_DRAWN[0]] for file, rows in files.items() if _DRAWN[0] in rows}
    if not alone:
        return None  # The sizes of small classes are not shown.
    file = max(alone, key=lambda name: _records(alone[name]))
    rows = [files[file][than] for than in _DRAWN if than in files[file]]
    noun = "people" if rows[0].counts == "people" else "records"
    most = _KEYS[rows[-1].part["threshold"]]
    plot = NestedUnits(
        steps=[_of_class(words, row) for row in rows], rest=words(f"figure.class_rest_{most}"),
        note=lambda each: words(f"figure.class_unit_{noun}", n=each),
    )  # fmt: skip
    parts: list[Plot] = [plot]
    if keys := _keys_plot(words, results, file):
        parts.append(keys)
    few = next((row for row in rows if row.part["threshold"] == MENDED_CLASS), None)
    values = {"n": _records(rows[0]), "of": rows[0].n, "counts": rows[0].counts}
    key = "classes_title" if few is None else "classes_title_few"
    few_n: Any = math.nan if few is None else _records(few)
    if any(map(is_at_most, rows)):
        key += "_most"
    elif any(row.low < row.high for row in (rows[0], few) if row is not None):
        key += "_between"
        # The verbs agree with the most.
        values |= {"n": _between(words, rows[0]), "most": _most(rows[0])}
        if few is not None:
            few_n, values["few_most"] = _between(words, few), _most(few)
    title = capital(words(f"figure.{key}", few=few_n, **values))
    return compose("classes", words, study.provenance, title=title, parts=parts)


def _records(row: Row) -> float:
    """Return the records that a row counts, or their most where it has a range in their place."""
    return times(row, "value", row.n) if is_at_most(row) else hits_of(row)


def _most(row: Row) -> float:
    """Return the most records that a row may count."""
    return times(row, "high", row.n) if row.low < row.high else _records(row)


def _between(words: Words, row: Row) -> str:
    """Write how many records a row counts, at the least and at the most."""
    low, high = times(row, "low", row.n), _most(row)
    if low < high:
        return words("figure.class_ends", low=low, high=high)
    return words("figure.class_exact", n=high)


def _class_name(words: Words, row: Row) -> str:
    return words(f"figure.class_{_KEYS[row.part['threshold']]}")


def _of_class(words: Words, row: Row) -> Amount:
    """Return the records under a threshold as marks, of all of them."""
    n, name = _records(row), _class_name(words, row)
    most = "_most" if is_at_most(row) else ""
    label = words(f"figure.class_of{most}", n=n, of=row.n)
    if row.low < row.high and not most:
        ends = {end: times(row, end, row.n) for end in ("low", "high")}
        label = words("figure.class_between", n=n, of=row.n, **ends)
    shape = "person" if row.counts == "people" else "record"
    return Amount(n, words.spaced(f"{name}: {label}"), name, shape, of=row.n)


def _keys_plot(words: Words, results: ResultLookup, file: Any) -> LinePlot | None:
    """Return how many records would be alone without each key, beside those that are now."""
    of_all = [row for row in results.rows("table", "sample_uniques")
              if not row.part or row.part == {"file": file}]  # fmt: skip
    every = [
        row for row in map(at_most, results.family("contributions"))
        if row.measure == "sample_uniques" and "without" in row.part
        and row.part.get("file") == file
    ]  # fmt: skip
    rows = [row for row in every if enough(row) and math.isfinite(row.value)]
    if not rows or not of_all or not of_all[0].value > 0:
        return None
    now, lines = times(of_all[0], "value", 1), list[ChartLine]()
    ranged = of_all[0].low < of_all[0].high
    for row in sorted(rows, key=lambda one: one.value)[:_MOST_KEYS]:
        most, then = is_at_most(row), times(row, "value", 1)
        without = "figure.key_without_most" if most else "figure.key_without"
        label = words(without, n=then) if most or not lines else words.count(then)
        label = words("figure.key_same", n=then) if now == then else label
        ends = (row.low, row.high) if ranged else ()
        marks = [Mark(then, words(without, n=then), label, "ring", "teal", *ends)]
        if now != then:
            label = words("figure.key_now", n=now) if not lines else words.count(now)
            ends = (of_all[0].low, of_all[0].high) if ranged else ()
            title = words("figure.key_now", n=now)
            marks.insert(0, Mark(now, title, label, "dot", "red", *ends))
        name = words.name("column", row.part["without"])
        lines.append(ChartLine(name, marks, joined=not ranged, apart=ranged))
    panels = [Panel(lines, words("figure.keys_head"))]
    axis, names = (
        words("figure.keys_alone_axis"),
        [words.name("column", row.part["without"]) for row in every if row not in rows],
    )
    if len(rows) > len(lines):
        axis = words("figure.keys_more", axis=axis, n=len(rows) - len(lines))
    if names:
        quoted = words("dossier.quoted", name=names)
        axis = words("figure.keys_withheld", axis=axis, names=quoted)
    return LinePlot(
        panels=panels, write=words.count, least=1.0, axis=axis,
        key=key_of(panels, "", words("figure.key_range")),
    )  # fmt: skip


def people_chart(study: Study, words: Words, results: ResultLookup) -> Display | None:
    """Draw who is matched between two tables, beside chance, and what each side learns."""
    matched = results.rows("linked_people", "matched")
    if not matched:
        return None
    panels = []
    for row in matched:
        part = {name: row.part.get(name, "") for name in ("table", "other")}
        learnt = results.rows("linked_people", "learnt", *part.values())
        learnt = [one for one in learnt if one.part.get("table", "") == part["table"]]
        lines = [_bar(words, words("figure.people_matched"), row, colour="ink")]
        gained = [one for one in learnt if one.value > one.baseline]
        for one in sorted(gained, key=lambda one: -one.value)[:_MOST_LEARNT]:
            name = capital(words.name("held", str(one.part["what"])))
            lines.append(_bar(words, name, one))
        panels.append(Panel(lines, words("figure.people_head", n=row.n, **part)))
    first = matched[0]
    title = words(
        "figure.people_title", n=hits_of(first), of=first.n, counts=first.counts,
        chance=times(first, "baseline", first.n),
    )  # fmt: skip
    key = key_of(panels, words("figure.people_else"), words("figure.key_interval"))
    return line_chart(
        "people", words, study.provenance, title=title, panels=panels, write=words.count,
        axis=words("figure.people_learnt_axis"), key=key, least=1.0,
    )  # fmt: skip


def _bar(words: Words, name: str, row: Row, colour: str = "red") -> ChartLine:
    """Return a bar of records, of all of them, with a tick for what is there without the link."""
    n, before = hits_of(row), times(row, "baseline", row.n)
    marks = [Mark(n, words("figure.found_of", n=n, of=row.n), words.count(n), "bar", colour,
                  row.low * row.n, row.high * row.n)]  # fmt: skip
    if before > 0:
        key = "people_chance" if row.measure == "matched" else "people_own"
        marks.append(Mark(before, words(f"figure.{key}", n=before), "", "tick", "grey"))
    return ChartLine(name, marks, whole=row.n)


def named_chart(study: Study, words: Words, results: ResultLookup) -> Display | None:
    """Draw what a map reveals about its dots by itself, where a table adds no name."""
    named = identity_row(results)
    if named is None or hits_of(named) > times(named, "baseline", named.n):
        return None
    rows = [
        row for row in results.rows("linked", "dot_tells")
        if row.part.get("file") == named.part.get("file") and row.value > 0
        and row.part["what"] not in ("all_three", "identity")
    ]  # fmt: skip
    if not rows:
        return None
    lines = [held_bar(words, row, "found_of") for row in sorted(rows, key=lambda one: -one.value)]
    title = words("figure.named_title", n=hits_of(named), of=named.n)
    return line_chart(
        "named", words, study.provenance, title=title, panels=[Panel(lines)], write=words.count,
        axis=words("figure.named_axis"), least=1.0,
    )  # fmt: skip


# Colours of verdicts, gravest first, as in the lists below the figure.
_COLOURS = {
    "breach": "red", "concern": "blue", "not_assessable": "grey", "met": "teal",
    "not_applicable": "grey",
}  # fmt: skip


def verdicts_chart(study: Study, words: Words, results: ResultLookup) -> Display | None:
    """Draw the rules of each day to count, by verdict; those that changed are drawn full."""
    if not study.rulings:
        return None
    today = study.rulings[0]
    rows = counts_of_day(results)
    ordered = sorted(study.rulings, key=lambda one: one.as_of)
    used = [v for v in _COLOURS if any(of.of(v) for of in ordered)]
    lines, table = [], list[dict[str, Any]]()
    before: dict[str, str] = {}
    for of in ordered:
        day, cells = long_date(words, of.as_of), list[GridCell]()
        for verdict in used:
            known = of.of(verdict)
            count = counts_of_day(results, "" if of is today else str(of.as_of))[verdict].value
            units = [Unit(_unit_title(words, one), _COLOURS[verdict],
                          before.get(one.rule.id) != verdict or of is ordered[0])
                     for one in known]  # fmt: skip
            fresh = [one.rule.id for one, unit in zip(known, units, strict=True) if unit.full]
            named = "" if of is ordered[0] and len(ordered) > 1 else " ".join(fresh)
            cells.append(GridCell(label=words.count(count), units=units, named=named))
            table.append({
                "day": str(of.as_of), "verdict": verdict, "value": count,
                "rules": " ".join(one.rule.id for one in known),
                "changed": named if len(ordered) > 1 else "",
            })  # fmt: skip
        lines.append((day, cells))
        before = {one.rule.id: one.verdict for one in of}
    heads = [capital(words.name("verdict", verdict)) for verdict in used]
    key = "verdicts_note" if len(ordered) == 1 else "verdicts_note_days"
    grid = UnitGrid(heads=heads, lines=lines, note=words(f"figure.{key}"), table=table)
    title = words("figure.verdicts_title", day=long_date(words, today.as_of),
                  n=rows["breach"].value, of=rows["breach"].n)  # fmt: skip
    return compose("verdicts", words, study.provenance, title=title, parts=[grid])


def _unit_title(words: Words, ruling: Ruling) -> str:
    title = words.translated(ruling.rule.title)
    return f"{ruling.rule.id} {title}: {words.name('verdict', ruling.verdict)}"
