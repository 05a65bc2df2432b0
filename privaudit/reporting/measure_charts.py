"""Charts of measures: who else is touched, who sees the map, what mending saves, a table's keys."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from privaudit.reporting.names import capital, note_text
from privaudit.reporting.sentences import hits_of
from privaudit.reporting.told import Told, whole
from privaudit.results.charts import ChartLine, Mark, Panel, line_chart
from privaudit.results.painter import Display
from privaudit.words.words import Words

if TYPE_CHECKING:
    from privaudit.reporting.mend import Remedy
    from privaudit.studies.study import Study

__all__ = [
    "access_chart", "classes_chart", "country_chart", "mend_chart", "others_chart", "shown_chart",
]  # fmt: skip

TIERS = ("any_account", "turf", "stolen_phone", "team", "whole_file")


def others_chart(study: Study, words: Words, told: Told) -> Display | None:
    """Draw who lives behind marked doors and never did anything, beside doors drawn at random."""
    lines: list[ChartLine] = []
    for measure in ("adults_never_interacted", "minors_never_interacted"):
        row = told.row("household", measure)
        if row is None:
            continue
        people, chance = whole(1, row.value), whole(1, row.baseline)
        label = words("figure.marked_label", n=people) if not lines else words.count(people)
        title = words("figure.marked_title", n=people)
        random = words("figure.random_label", n=chance)
        marks = [
            Mark(row.baseline, words("figure.random_title", n=chance), "", "tick", "grey"),
            Mark(row.value, title, f"{label} {random}" if not lines else f"{label} ({chance})"),
        ]
        lines.append(ChartLine(words(f"figure.{measure}"), marks))
    wrong = told.row("household", "wrong_labels")
    if wrong is not None and lines:
        n = whole(wrong.value, wrong.n)
        title = words("figure.wrong_title", n=n, of=wrong.n)
        mark = Mark(wrong.value * wrong.n, title, words.count(n))
        lines.append(ChartLine(words("figure.wrong_labels"), [mark]))
    if not lines:
        return None
    adults = told.row("household", "adults_never_interacted")
    minors = told.row("household", "minors_never_interacted")
    title = words(
        "figure.others_title",
        adults=adults.value if adults else 0,
        minors=minors.value if minors else 0,
    )
    return line_chart(
        "others", words, study.provenance, title=title, panels=[Panel(lines)],
        write=words.count, axis=words("figure.people_axis"),
    )  # fmt: skip


def access_chart(study: Study, words: Words, told: Told) -> Display | None:
    """Draw how many people each tier of access shows, before and after the restriction."""
    lines: list[ChartLine] = []
    for tier in TIERS:
        before, after = (_tier(told, moment, tier) for moment in ("before", "after"))
        if before is None or after is None:
            continue
        texts = [
            words(f"figure.{when}_label", n=n) if not lines else words.count(n)
            for when, n in (("before", before), ("after", after))
        ]
        same = before == after
        told_after = words("figure.unchanged", n=after) if same else texts[1]
        marks = [
            Mark(before, words("figure.before_title", n=before), "" if same else texts[0]),
            Mark(after, words("figure.after_title", n=after), told_after, "ring", "grey"),
        ]
        lines.append(ChartLine(words(f"figure.tier_{tier}"), marks, joined=True))
    if not lines:
        return None
    before, after = (int(mark.value) for mark in lines[0].marks)
    return line_chart(
        "access", words, study.provenance,
        title=words("figure.access_title", before=before, after=after), panels=[Panel(lines)],
        write=words.count, axis=words("figure.access_axis"),
    )  # fmt: skip


def _tier(told: Told, moment: str, tier: str) -> int | None:
    row = told.row("tiers", "people", moment, tier)
    return None if row is None else whole(1, row.value)


def mend_chart(study: Study, words: Words, remedies: Sequence[Remedy]) -> Display | None:
    """Draw each remedy as a step from the number before to the number after."""
    if not remedies:
        return None
    lines: list[ChartLine] = []
    for remedy in remedies:
        (before, after), first = remedy.pair, not lines
        marks = [
            Mark(
                n, words(f"figure.{when}_title", n=n),
                words(f"figure.{when}_label", n=n) if first else words.count(n), shape, colour,
            )
            for when, n, shape, colour in (
                ("today", before, "dot", "red"), ("mended", after, "ring", "grey"),
            )
        ]  # fmt: skip
        lines.append(ChartLine(note_text(words, remedy.action).rstrip("."), marks, joined=True))
    before, after = remedies[0].pair
    kind = "records" if study.kind == "table" else "people"
    return line_chart(
        "mend", words, study.provenance,
        title=words("figure.mend_title", name=lines[0].name, before=before, after=after),
        panels=[Panel(lines)], write=words.count, axis=words(f"figure.mend_axis_{kind}"),
    )  # fmt: skip


def shown_chart(study: Study, words: Words, told: Told) -> Display | None:
    """Draw how many dots show each kind of thing beside them, the most first."""
    rows = sorted(told.rows("properties", "shown"), key=lambda row: -row.value)
    if not rows:
        return None
    lines = []
    for row in rows:
        n = hits_of(row)
        said = words("figure.shown_mark", n=n, of=row.n)
        name = capital(words.name("held", row.part["what"]))
        lines.append(ChartLine(name, [Mark(n, said, words.count(n))]))
    n, of = hits_of(rows[0]), rows[0].n
    what = words.name("held", rows[0].part["what"])
    return line_chart(
        "shown", words, study.provenance, title=words("figure.shown_title", of=of, n=n, what=what),
        panels=[Panel(lines)], write=words.count, axis=words("figure.shown_axis", n=of),
    )  # fmt: skip


def classes_chart(study: Study, words: Words, told: Told) -> Display | None:
    """Draw how many records of a table share their keys with how many others."""
    rows = [row for row in told.rows("table", "classes_of") if "least" in row.part]
    # Of several tables, the one that most are alone in; one figure is never of two.
    files = dict.fromkeys(row.part.get("file") for row in rows)
    each = [[row for row in rows if row.part.get("file") == file] for file in files]
    known = max(
        (sorted(of_one, key=lambda row: row.part["least"]) for of_one in each),
        key=lambda of_one: of_one[0].value, default=[],
    )  # fmt: skip
    if len(known) < 2:
        return None
    lines = []
    for row in known:
        least, most = row.part["least"], row.part.get("most")
        key = "one" if most == 1 else "same" if most == least else "range" if most else "more"
        name = words(f"figure.class_{key}", least=least, most=most)
        lines.append(
            ChartLine(name, [Mark(row.value, words.count(row.value), words.count(row.value))])
        )
    alone = known[0].value
    return line_chart(
        "classes", words, study.provenance, title=words("figure.classes_title", n=alone),
        panels=[Panel(lines)], write=words.count, axis=words("figure.classes_axis"),
    )  # fmt: skip


def country_chart(study: Study, words: Words, told: Told) -> Display | None:
    """Draw how many residents of 100 are alone, or among few, with what is known of them."""
    lines: list[ChartLine] = []
    for row in told.rows("country", ("unique", "class_under")):
        said = words.percent(row.value)
        mark = Mark(row.value, said, said, low=row.low, high=row.high)
        name = words(f"figure.country_{row.measure}", n=row.part.get("threshold", 2))
        lines.append(ChartLine(name, [mark]))
    if not lines:
        return None
    return line_chart(
        "country", words, study.provenance,
        title=words("figure.country_title", value=lines[0].marks[0].label),
        panels=[Panel(lines)], write=words.tick, axis=words("figure.country_axis"),
    )  # fmt: skip
