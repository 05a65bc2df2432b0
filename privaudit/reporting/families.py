"""Sections of measures: what matters first is seen, the rest is there for who opens it."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from privaudit.reporting.chapters import CHAPTERS, FAMILIES, Family
from privaudit.reporting.names import measure_key, part_name, stem_of
from privaudit.reporting.sentences import beside_label, is_bound, label_of, worst_column
from privaudit.reporting.tells import tell
from privaudit.reporting.translation import Said, said
from privaudit.reporting.words import Words, slug

if TYPE_CHECKING:
    from privaudit.reporting.findings import Finding
    from privaudit.reporting.study import Study

__all__ = ["Block", "Chapter", "Row", "Section", "chapters_of", "row_of", "sections_of"]

# Rows of a section without an order of its own that are all shown; what steps back in a longer.
_LONG = 12
_BESIDE = re.compile("_(control|residual)$")


@dataclass(frozen=True, kw_only=True)
class Row:
    """A line of a table on the page, already in words."""

    label: str
    label_lang: str
    value: str
    interval: str
    baseline: str
    control: str = ""
    residual: str = ""
    n: str
    note: Said | None = None
    plain: str
    reliable: bool = True
    absent: bool = False
    withheld: bool = False


@dataclass(frozen=True, kw_only=True)
class Block:
    """Rows under a subtitle; ``""`` where none is needed."""

    title: str
    rows: list[Row]


@dataclass(frozen=True, kw_only=True)
class Section:
    """A family of measures on the page.

    Parameters
    ----------
    told : list of str
        What the family says, in a sentence or two, before any table.
    shown, more : list of Block
        What is seen, and what stands under a closed heading.
    absent : list of (reason, how many measures)
        What could not be told, by the reason.
    withheld : int
        Measures that are not shown, because fewer than 11 people are concerned.
    plain : list of str
        Each measure in a sentence.
    further : bool
        The library does not know the family: its measures have the names that they came with.
    """

    id: str
    title: str
    title_lang: str
    chapter: str = "further"
    figures: tuple[str, ...] = ()
    told: list[str] = field(default_factory=list)
    shown: list[Block] = field(default_factory=list)
    more: list[Block] = field(default_factory=list)
    absent: list[tuple[Said, int]] = field(default_factory=list)
    withheld: int = 0
    plain: list[str] = field(default_factory=list)
    further: bool = False


def sections_of(study: Study, words: Words, findings: Sequence[Finding]) -> list[Section]:
    """Gather the measures of a study, a section a family; unknown families come last."""
    families = {slug(name): found for name, found in study.measures.items()}
    ordered = [f for f in FAMILIES if f in families] + [f for f in families if f not in FAMILIES]
    sections = []
    for name in ordered:
        mine = [f for f in findings if f.id.startswith(f"{name}.") and f.id.count(".") == 1]
        measures = [str(measure) for measure in families[name].overall.index]
        rows = {
            measure: row_of(
                words,
                finding,
                # The part that a measure is told for stands above its rows.
                _capital(label_of(words, measure.partition("@")[0], name, finding.note)),
                _note(words, name, measure, finding),
                label_lang=words.lang if measure_key(words, measure, name) else "en",
            )
            for measure, finding in zip(measures, mine, strict=True)
        }
        told = tell(words, study.provenance, name, dict(zip(measures, mine, strict=True)))
        sections.append(_section(words, name, families[name].title, rows, told))
    return sections


@dataclass(frozen=True, kw_only=True)
class Chapter:
    """Sections that answer one question of a reader."""

    id: str
    title: str
    sections: list[Section]


def chapters_of(words: Words, sections: Sequence[Section], opened: Sequence[str]) -> list[Chapter]:
    """Put sections into chapters, in the order of the page.

    Parameters
    ----------
    words : Words
    sections : sequence of Section
    opened : sequence of str
        Chapters that hold something else than sections, and are there without any.
    """
    chapters = []
    for name in CHAPTERS:
        mine = [section for section in sections if section.chapter == name]
        # A chapter of one section needs no title above that of the section.
        alone = len(mine) == 1 and name not in opened and not mine[0].further
        title = mine[0].title if alone else words(f"chapter.{name}")
        if mine or name in opened:
            chapters.append(Chapter(id=f"chapter-{name}", title=title, sections=mine))
    return chapters


def _section(words: Words, name: str, given: str, rows: dict[str, Row], says: list[str]) -> Section:
    """Put the rows of a family where they belong."""
    family = FAMILIES.get(name, Family(heading=f"family.{name}"))
    has_title = words.has(family.heading)
    told = {m: row for m, row in rows.items() if not (row.absent or row.withheld)}
    blocks: list[Block] = []
    rest = dict(told)
    for title, measures in family.first:
        mine = {m: row for m, row in told.items() if _stem(m, family) in measures}
        lines = sorted(mine, key=lambda m: measures.index(_stem(m, family)))
        blocks += _blocks(words, {m: mine[m] for m in lines}, words(title) if title else "")
        rest = {m: row for m, row in rest.items() if m not in mine}
    if not blocks and not family.closed:
        beside = [m for m in rest if _BESIDE.search(m.partition("[")[0])]
        # A long list is read by what is found; what it is held against is a click away.
        first = {m: row for m, row in rest.items() if len(rest) <= _LONG or m not in beside}
        blocks = _blocks(words, first)
        rest = {m: row for m, row in rest.items() if m not in first}
    more = _blocks(words, rest)
    reasons = Counter(row.note for row in rows.values() if row.absent)
    unknown = said("", words.lang)
    return Section(
        id=name,
        title=words(family.heading) if has_title else _capital(given),
        title_lang=words.lang if has_title else "en",
        chapter=family.chapter,
        figures=family.figures,
        told=says,
        shown=blocks,
        more=more,
        absent=[(reason or unknown, n) for reason, n in reasons.items()],
        withheld=sum(row.withheld for row in rows.values()),
        plain=[row.plain for row in rows.values()],
        further=name not in FAMILIES,
    )


def _blocks(words: Words, rows: Mapping[str, Row], title: str = "") -> list[Block]:
    """Gather rows under a subtitle, or under the part that each is told for."""
    parts: dict[str, list[Row]] = {}
    for measure, row in rows.items():
        parts.setdefault(measure.partition("@")[2], []).append(row)
    return [
        Block(title=_capital(part_name(words, part)) if part else title, rows=lines)
        for part, lines in parts.items()
    ]


def _stem(measure: str, family: Family) -> str:
    """Return the name that decides where a row stands: rows of one column are details."""
    _, bracket, change = measure.partition("[")
    whole = not bracket or change.startswith(("without ", "coarser "))
    return stem_of(measure) if whole else measure


def _note(words: Words, family: str, name: str, finding: Finding) -> Said | None:
    """Return the note of a measure where the reader needs it.

    A measure that has a name in the catalogue says the same as its note in the reader's
    language, but not why it could not be told, what its range or its bound rests on, nor of which
    of several columns it speaks.
    """
    known = measure_key(words, name, family) != ""
    silent = math.isnan(finding.value) and math.isfinite(finding.n)
    worst = worst_column(finding.note) != ""
    needed = silent or not known or worst or is_bound(finding.note) or math.isinf(finding.value)
    note = beside_label(finding.note)
    return said(note, words.lang) if note and needed else None


def row_of(
    words: Words,
    finding: Finding,
    label: str,
    note: Said | None = None,
    *,
    label_lang: str = "",
) -> Row:
    """Put a finding in the words of a table; its label is in the page's language by default."""

    def cell(value: float) -> str:
        return words.value(value, finding.unit, short=True) if not math.isnan(value) else "–"

    withheld = not finding.reliable and math.isnan(finding.n)
    interval = "–"
    if finding.low < finding.high:
        interval = words("number.range", low=cell(finding.low), high=cell(finding.high))
    value = words("head.withheld") if withheld else cell(finding.value)
    if is_bound(finding.note) and math.isfinite(finding.value):
        value = words("number.at_most", value=value)
    return Row(
        label=label,
        label_lang=label_lang or words.lang,
        value=value,
        interval=interval,
        baseline=cell(finding.baseline),
        control=cell(finding.control),
        residual=cell(finding.residual),
        n=words.count(finding.n),
        note=note,
        plain=finding.sentence[words.lang],
        reliable=finding.reliable or withheld,
        absent=math.isnan(finding.value) and not withheld and interval == "–",
        withheld=withheld,
    )


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
