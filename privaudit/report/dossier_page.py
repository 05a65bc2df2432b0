"""The page of a dossier: its exhibits, then numbered findings with evidence and consequence."""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from privaudit.columns.headers import IDENTIFYING_KINDS
from privaudit.columns.recognise import INDIRECT
from privaudit.release.column_roles import KIND_OF
from privaudit.release.inventory import Column
from privaudit.report.findings import Finding, findings_of_family
from privaudit.report.guard import KIND_IN_INVENTORY
from privaudit.report.manifest import measured
from privaudit.report.names import bounded, capital, label_of, long_date, quoted_note
from privaudit.report.sentences import compared_with, has_control, interval_of, under_other_names
from privaudit.results.measures import Measures
from privaudit.results.rows import Row
from privaudit.words.catalogues import Words, is_share

if TYPE_CHECKING:
    from privaudit.results.painter import Display
    from privaudit.studies.study import Study

# Findings of each chapter in order: family, measure, required parameter ("" for any), its value,
# and the consequence.
_Pattern = tuple[str, str, str, str, str]
_SPECIAL = ("health", "origin", "religion", "union", "sex_life", "biometric", "support")
_SENT = ("support", "email", "phone", "name", "place", "ad_id")
_IN_NOTES = ("health", "religion", "origin", "union", "sex_life", "party")
CHAPTERS: dict[str, tuple[_Pattern, ...]] = {
    "in_it": (
        ("exhibits", "unread", "", "", "unread"),
        ("exhibits", "unexamined", "", "", "unexamined"),
        ("exhibits", "left", "", "", "left"),
        ("exhibits", "of_shapes", "", "", "of_shapes"),
        ("inventory", "identified", "", "", "named"),
        *(("inventory", "identified_with", "what", kind, "opinion") for kind in _SPECIAL),
        *((family, "shown", "what", kind, consequence)
          for kind, consequence in (("credential", "credential"), ("abroad", "hint"))
          for family in ("inventory", "properties")),
        ("inventory", "note_holds", "what", "others", "third"),
        *(("inspect", "says", "what", kind, "health") for kind in _IN_NOTES),
        ("inspect", "says", "what", "children", "minors"),
        ("inspect", "minors", "", "", "minors"),
        ("recording", "received", "", "", "sent"),
        ("recording", "fields_unused", "", "", "sent"),
        ("recording", "numbers_left", "", "", "counted"),
        *(("recording", "sent_to", "what", kind, "sent_out") for kind in _SENT),
        ("inspect", "absent", "", "", "absent"),
        ("properties", "identified", "", "", "named"),
        *(("properties", measure, "what", kind, "opinion")
          for measure in ("identified_with", "shown") for kind in _SPECIAL),
    ),
    "exposed": (
        ("table", "sample_uniques", "", "", "alone"),
        ("map", "reidentified", "", "", "door"),
        *(("maps", "address_found_if", "believed", belief, "door")
          for belief in ("in_place", "swapped")),
        ("maps", "address_found", "", "", "door"),
        ("maps", "address_found_between", "", "", "door"),
        ("unicity", "unicity", "points", "4", "log"),
        ("wp216", "singling_out", "", "", "alone"),
        ("wp216", "inference", "", "", "inferred"),
        ("recipients", "reidentified", "recipient", "hostile_campaign", "door"),
        ("recipients", "reached", "recipient", "journalist", "reach"),
    ),
    "joins": (
        ("linked_tables", "found_in", "", "", "joined_tables"),
        *(("linked_tables", "learnt", "what", kind, "learnt") for kind in _SPECIAL),
        ("linked_tables", "same_address", "", "", "same_address"),
        ("linked", "dot_named", "", "", "joined"),
        ("linked", "dot_tells", "what", "all_three", "opinion"),
        ("linked", "record_located", "", "", "door"),
        ("linked", "placed_between", "", "", "door"),
        ("linked", "named_between", "", "", "joined"),
        ("linked", "columns_agree", "", "", "same"),
        ("linked_log", "accounts_named", "", "", "named"),
    ),
}  # fmt: skip
FIGURES = {
    "in_it": ("shown",), "exposed": ("classes", "gains", "ladder", "unicity"),
    "joins": ("linked", "people"),
}  # fmt: skip
_BESIDE = ("dot_named", "record_located")
OF_PAIRS = (*_BESIDE, "found_in", "same_address")
# Notes that name the columns of the one file that a row is of.
_OF_COLUMNS = (
    "known_by_header", "known_by_cells", "found_within", "notes_in", "minors_by", "wp216_key",
)  # fmt: skip
# Measures that count who is named.
_OF_THE_NAMED = ("identified", "identified_with", "singling_out")
# Digits of a SHA-256 beside a finding; the exhibits have the whole.
_DIGITS = 12
# Parameters that name the files of a row.
OF_FILES = ("file", "log", "table", "other")
# Most findings of one kind, and the exceptions.
_MOST, _MOST_OF = 3, {"found_in": 10, "learnt": 2, "absent": 1}


def of_its_kind(study: Study, row: Row) -> bool:
    """Whether a column mentions what it is declared to hold.

    What is known by the words of its cells alone no other finding tells.
    """
    return row.measure == "says" and any(
        column.by != "cells"
        and (KIND_OF.get(str(row.part.get("what"))) == column.kind or column.kind in INDIRECT)
        for column in _columns_of(study, row)
    )


def weighed(study: Study, row: Row, consequence: str) -> str:
    """Return the consequence of a finding: a coded column, or one so headed, is not free text.

    Words that may tell of a special category, none of them without doubt, are to be read.

    Matches most of which would come about by chance do not show that two files are about the
    same people.
    """
    if any(note.key == "no_word_sure" for note in row.notes):
        return "to_read"
    chance = max((one for one in (row.control, row.baseline) if math.isfinite(one)), default=0.0)
    if consequence == "joined_tables" and 2 * chance > row.value:
        return "joined_by_chance"
    by = {column.by for column in _columns_of(study, row) if column.role == "special"}
    coded = "announced" if by == {"header"} else "coded"
    return coded if consequence == "health" and by else consequence


def _columns_of(study: Study, row: Row) -> list[Column]:
    """Return the columns that a row of an inventory is of."""
    return [
        column
        for one in study.inventories
        if row.part.get("file", one.name) == one.name
        for column in one.columns
        if column.name == row.part.get("column")
    ]


def chosen(
    findings: Sequence[Finding], asked: Sequence[_Pattern]
) -> Iterator[tuple[Sequence[Finding], str, int]]:
    """Yield the findings of a chapter, their consequence, and how many are printed."""
    pairs, shown = set[Any](), set[Any]()
    for family, name, part, value, consequence in asked:
        fit = [
            f for f in findings
            if f.family == family and f.row.measure == name and _is_known(f.row)
            and (not part or str(f.row.part.get(part)) == value)
            and (part or not set(f.row.part) - {*OF_FILES, "by", "tested"})
        ]  # fmt: skip
        if family == "map":
            # The strongest adversary represents an attack on a map.
            fit = [f for f in fit if f.row.gain == "address" and f.reliable][-1:]
        if name in OF_PAIRS:
            fit = _best_joins(fit)
        pairs |= {_pair(one.row) for one in fit if name == "found_in"}
        if name == "learnt":
            fit = sorted(fit, key=lambda one: -one.row.value * one.row.n)
        if name in ("identified_with", "shown"):
            # A property beside a name is not repeated without the name.
            of = [(f.family, f.row.part.get("file"), f.row.part.get("what")) for f in fit]
            fit = [f for f, one in zip(fit, of, strict=True) if one not in shown]
            shown |= set(of)
        if name == "accounts_named":
            # Not repeated where the same people were joined otherwise.
            fit = [one for one in fit if _pair(one.row) not in pairs]
        yield fit, consequence, _MOST_OF.get(name, _MOST)


def _best_joins(fit: Sequence[Finding]) -> list[Finding]:
    """Keep, for each pair of files, the join that finds most beyond chance.

    A name that many bear tells less than an address at which one person lives. Of two tables a
    name alone is printed beside a surer join where it finds more.
    """
    best: dict[Any, Finding] = {}
    for one in fit:
        pair = _pair(one.row), one.row.part.get("by") == "name"
        # Joins of two tables come the surest first, those with a map last.
        more = _beyond(one.row) - _beyond(best[pair].row) if pair in best else math.inf
        if more > 0 or (more == 0 and "other" not in one.row.part):
            best[pair] = one
    sure = {pair: finding.row.value for (pair, by_name), finding in best.items() if not by_name}
    return [
        finding for (pair, by_name), finding in best.items()
        if not by_name or finding.row.value > sure.get(pair, 0.0)
    ]  # fmt: skip


def _pair(row: Row) -> Any:
    """Return the two files that a row is of."""
    part = row.part
    return part.get("file") or frozenset((part.get("table"), part.get("other", part.get("log"))))


def _beyond(row: Row) -> float:
    beside = compared_with(row)
    return row.value - (beside if math.isfinite(beside) else 0.0)


def _is_known(row: Row) -> bool:
    """Whether a row is known, not nil, and beyond chance."""
    if row.withheld or not math.isfinite(row.value) or row.value <= 0:
        return False
    # A name is printed with its control even if that is larger: where many people of a table
    # live at one address, absent people are named more often than present ones.
    if row.measure == "dot_named":
        return True
    if row.measure in ("accounts_named", "columns_agree"):
        return row.low > row.baseline
    if row.measure == "found_in":
        beside = max((v for v in (row.baseline, row.control) if math.isfinite(v)), default=0.0)
        return row.reliable and row.low > beside
    return not row.value <= compared_with(row) and (row.measure, row.value) != ("reached", 1.0)


# Order of seriousness: an unread file, presumed data of named people, an address, credentials,
# joins, names.
_UNREAD = "unread"
_GRAVEST = (
    ("opinion", "learnt"), ("door",), ("credential",), ("joined", "joined_tables"), ("named",),
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class ExhibitLine:
    """A file: its number as an exhibit, what it is taken for, its size, time and SHA-256."""

    number: str
    name: str
    role: str
    size: str
    time: str
    sha256: str


@dataclass(frozen=True, kw_only=True)
class Constat:
    """A finding: its number, the fact, the files, what it rests on, and what follows.

    - `files`: Names of the files; `source`: each with its number as an exhibit, its columns and
      rows, and the first digits of its SHA-256.
    - `acquired`: When, in which mission and by whom the files were acquired, and what examined
      them.
    - `weight`: What follows, as a word; `people`: of how many (or records, dots) it tells.
    """

    number: int
    fact: str
    files: str
    source: str
    acquired: str
    evidence: str
    link: str
    consequence: str
    weight: str
    people: float


@dataclass(frozen=True)
class DossierChapter:
    """Findings that answer one question."""

    id: str
    title: str
    intro: str
    constats: Sequence[Constat]
    count: float
    figures: Sequence[Display] = ()


def exhibits_of(study: Study, words: Words) -> list[ExhibitLine]:
    """Return every input file with its size and digest, exhibits first, in order.

    Of a seizure also the time in UTC; elsewhere a copy of a file makes the same page.
    """
    lines = []
    inspected = study.case is not None or study.kind == "inspect"
    for one in sorted(study.inputs, key=lambda one: _place(one.number)) if inspected else ():
        known = measured(one.path.resolve())
        if known["bytes"] is None:
            continue
        moment = datetime.datetime.fromtimestamp(Path(one.path).stat().st_mtime, datetime.UTC)
        line = ExhibitLine(
            number=one.number, name=one.path.name, role=words.name("exhibit", one.role),
            size=words("dossier.bytes", n=known["bytes"]),
            time=moment.strftime("%Y-%m-%d %H:%M:%S") if study.case else "",
            sha256=str(known["sha256"]),
        )  # fmt: skip
        lines.append(line)
    return lines


def dossier_headline(
    study: Study, words: Words, findings: Sequence[Finding]
) -> tuple[str, list[str]]:
    """Return the headline, with emphasis marks, and the leads under it."""
    assert study.case is not None
    day = long_date(words, datetime.date.fromisoformat(study.case.as_of))
    beside = ("description", "addresses", "container", "roles")
    files = [one for one in study.inputs if one.role not in beside]
    chapters = chapters_of_dossier(study, words, findings)
    constats = [constat for chapter in chapters for constat in chapter.constats]
    rows = {finding.id: finding.row for finding in findings}
    verdicts = [rows.get(f"verdicts.{v}") for v in ("breach", "not_assessable")]
    breaches, unknown = (0 if row is None else row.value for row in verdicts)
    counted, rules = rows.get(f"{_COUNTED}.printed"), verdicts[0]
    # If most rules are unknown, few breaches only reflect missing information: say so first.
    headline = words(
        "dossier.headline_unknown" if unknown and not breaches else "dossier.headline",
        exhibit=study.case.exhibit, files=len(files), breaches=breaches, unknown=unknown,
        findings=0 if counted is None else counted.value, rules=0 if rules is None else rules.n,
    )  # fmt: skip
    leads = [words("dossier.lead_day", day=day)]
    if study.case.operator:
        leads.append(words("dossier.lead_operator", operator=study.case.operator))
    leads += [one.fact for one in constats if one.weight == _UNREAD][:1]
    leads += [
        f"{one.fact} {words('dossier.source', files=one.files)}" for one in _gravest(constats)
    ]
    leads += [quoted_note(words, note) for note in study.notes if note.key == "described_absent"]
    leads.append(words("method_short.inspection"))
    return headline, leads


def chapters_of_dossier(
    study: Study,
    words: Words,
    findings: Sequence[Finding],
    drawings: Mapping[str, Display] | None = None,
) -> list[DossierChapter]:
    """Return the chapters with consecutively numbered findings."""
    if study.case is None:
        return []
    chapters, number = [], 0
    counted = {f.id: f.row.value for f in findings if f.family == _COUNTED}
    findings = [finding for finding in findings if not of_its_kind(study, finding.row)]
    for name, asked in CHAPTERS.items():
        constats, left = [], 0
        for fit, consequence, most in chosen(findings, asked):
            left += len(fit[most:])
            for finding in fit[:most]:
                number += 1
                constats.append(_constat(study, words, finding, consequence, number))
        if constats:
            title, intro = words(f"dossier.{name}"), words(f"dossier.intro_{name}")
            if left:
                n = counted.get(f"{_COUNTED}.left.chapter_{name}", left)
                intro += f" {words('dossier.left', n=n)}"
            printed = counted.get(f"{_COUNTED}.printed.chapter_{name}", len(constats))
            figures = [d for key in FIGURES[name] if (d := (drawings or {}).get(key))]
            chapters.append(DossierChapter(name, title, intro, constats, printed, figures))
    return chapters


# The family of the numbers of constats.
_COUNTED = "constats"


def with_constats(
    study: Study, words: Words, findings: Sequence[Finding]
) -> tuple[Study, tuple[Finding, ...]]:
    """Add the number of constats of each chapter to a dossier and its findings."""
    if study.case is None:
        return study, tuple(findings)
    mine = [finding for finding in findings if not of_its_kind(study, finding.row)]
    rows, total = list[Row](), 0
    about: dict[str, Any] = {"unit": "findings", "counts": "findings"}
    for name, asked in CHAPTERS.items():
        fits = [(len(fit), most) for fit, _, most in chosen(mine, asked)]
        every, printed = sum(n for n, _ in fits), sum(min(n, most) for n, most in fits)
        total += printed
        for measure, n in (("printed", printed), ("left", every - printed)):
            rows.append(Row(measure=measure, value=n, n=every, part={"chapter": name}, **about))
    rows.append(Row(measure="printed", value=total, n=total, **about))
    measures = {**study.measures, _COUNTED: Measures(family=_COUNTED, rows=rows)}
    made = findings_of_family(study, _COUNTED, rows)
    return replace(study, measures=measures), (*findings, *made)


def _gravest(constats: Sequence[Constat]) -> list[Constat]:
    """Return the most serious findings, one of each of two kinds."""
    gravest: list[Constat] = []
    for kinds in _GRAVEST:
        fit = [one for one in constats if one.weight in kinds]
        gravest += sorted(fit, key=lambda one: -one.people)[:1]
    return gravest[:2] or [one for one in constats if one.weight != _UNREAD][:1]


def _constat(
    study: Study, words: Words, finding: Finding, consequence: str, number: int
) -> Constat:
    row = finding.row
    part = {name: value for name, value in row.part.items() if name not in OF_FILES}
    fact = finding.sentence.get(words.lang, "")
    if not fact:
        label = capital(label_of(words, finding.family, replace(row, part=part)))
        fact = words("dossier.fact", label=label, value=bounded(words, row))
    weight = "shared_contact" if under_other_names(row) else weighed(study, row, consequence)
    files = _files(study, finding)
    return Constat(
        number=number, fact=fact, files=", ".join(files),
        source=words("dossier.source", files=_places(study, words, finding, files)),
        acquired=_acquired(study, words), evidence=_evidence(words, finding),
        link=f"annex.html#{finding.id}", consequence=words(f"consequence.{weight}"), weight=weight,
        people=row.value * row.n if row.unit == "share" else row.value,
    )  # fmt: skip


def _place(number: str) -> tuple[float, ...]:
    """Return the order of an exhibit by its number; other files stand after all exhibits."""
    # Its own number may be any text, such as 2017-12/A.
    digits = re.findall(r"\d+", number)
    return tuple(map(int, digits)) if digits else (math.inf,)


def _places(study: Study, words: Words, finding: Finding, files: Sequence[str]) -> str:
    """Return where each file of a finding is: its exhibit, columns, rows and digest."""
    inputs = {one.path.name: one for one in study.inputs if one.number}
    columns = _columns_named(study, finding, files)
    places = []
    for name in files:
        parts = [words("dossier.quoted", name=name)]
        if name in inputs:
            parts = [words("dossier.in_exhibit", number=inputs[name].number, file=parts[0])]
        if columns.get(name):
            named = tuple(words("dossier.quoted", name=column) for column in columns[name])
            parts.append(words("dossier.of_columns", n=len(named), columns=named))
        rows = [one.n for one in study.inventories if name in (one.name, one.file)]
        if len(rows) == 1 and math.isfinite(rows[0]):
            parts.append(words("dossier.of_rows", n=rows[0]))
        if name in inputs:
            digest = str(measured(inputs[name].path.resolve())["sha256"])
            parts.append(words("dossier.sha", sha=digest[:_DIGITS]))
        places.append(", ".join(parts))
    return words("dossier.then").join(places)


def _columns_named(
    study: Study, finding: Finding, files: Sequence[str]
) -> dict[str, tuple[str, ...]]:
    """Return the columns of each file that a finding is of, by its row and the inventories."""
    from privaudit.studies.exhibits import log_columns

    row, by_file = finding.row, dict[str, tuple[str, ...]]()
    named = [str(row.part["column"])] if row.part.get("column") else []
    for note in row.notes:
        if note.key == "named_by_column":
            by_file[str(row.part["table"])] = (str(note.values["column"]),)
            by_file[str(row.part["log"])] = (str(note.values["log_column"]),)
        elif note.key in _OF_COLUMNS:
            columns = note.values.get("columns", note.values.get("column"))
            named += columns if isinstance(columns, tuple) else [str(columns)]
    for one in study.inventories:
        if len(files) == 1 and files[0] in (one.name, one.file):
            named += one.roles.key if finding.family == "table" else ()
            named += (log_columns(one) or ()) if finding.family == "unicity" else ()
            kinds = _kinds_of(finding)
            named += [c.name for c in one.columns if kinds & {c.kind, *c.says}]
    if named and len(files) == 1:
        by_file[files[0]] = tuple(dict.fromkeys(map(str, named)))
    return by_file


def _kinds_of(finding: Finding) -> set[str]:
    """Return the kinds of column whose cells a finding counts."""
    measure, what = finding.row.measure, str(finding.row.part.get("what", ""))
    kinds = {*IDENTIFYING_KINDS} if measure in _OF_THE_NAMED else set[str]()
    if measure in ("identified_with", "shown"):
        kinds |= {what, KIND_IN_INVENTORY.get(what, what)}
    of_map = (
        finding.family in ("map", "maps", "recipients") or finding.row.part.get("tested") == "map"
    )
    return kinds | {"spot"} if of_map else kinds


def _acquired(study: Study, words: Words) -> str:
    """Return when, in which mission and by whom files were acquired, and what examined them."""
    from privaudit import __version__

    case, parts = study.case, list[str]()
    assert case is not None
    if case.acquired:
        day = long_date(words, datetime.date.fromisoformat(case.acquired))
        parts.append(words("dossier.acquired", day=day))
    if case.mission:
        parts.append(words("dossier.mission", mission=case.mission))
    if case.agents:
        parts.append(words("dossier.agents", n=len(case.agents), agents=case.agents))
    parts.append(words("dossier.tool", version=__version__))
    return f"{capital(words('dossier.then').join(parts))}."


def _files(study: Study, finding: Finding) -> list[str]:
    """Name the files that a finding is of."""
    row, measures = finding.row, study.measures.get(finding.family)
    if finding.family == "exhibits":
        return [str(note.values["file"]) for note in row.notes]

    def files(*roles: str) -> list[str]:
        return [one.path.name for one in study.inputs if one.role in roles]

    named = [str(row.part[name]) for name in OF_FILES if row.part.get(name)]
    if not named and measures is not None:
        named = files("table", "map") if finding.family == "linked" else []
        named = named or [name for name in (measures.name,) if name]
    tested = row.part.get("tested")
    of_map = tested == "map" or (tested != "table" and finding.family in ("map", "recipients"))
    return named or files("map" if of_map else "table")[:1]


def _evidence(words: Words, finding: Finding) -> str:
    """Return the evidence of a finding: numbers, interval, baseline and control."""
    row = finding.row
    texts = [words("dossier.value", value=bounded(words, row), n=row.n, counts=row.counts)]
    if finding.family in ("exhibits", "linked_tables"):
        texts += [quoted_note(words, note, row.finding) for note in row.notes]
    if row.low < row.high and is_share(row.unit):
        texts.append(f"{capital(interval_of(words, row))}.")
    if math.isfinite(row.baseline) and row.measure != "learnt":
        texts.append(words("dossier.baseline", value=words.measured(row.baseline, row.unit)))
    if has_control(row):
        texts.append(words("dossier.control", value=words.measured(row.control, row.unit)))
    return " ".join(texts)
