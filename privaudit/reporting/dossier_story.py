"""What the page of a dossier tells: the exhibits, then findings in the manner of a constat."""

from __future__ import annotations

import datetime
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from privaudit.reporting.dossier_findings import (
    CHAPTERS,
    FIGURES,
    OF_FILES,
    OF_PAIRS,
    chosen,
    of_its_kind,
    weighed,
)
from privaudit.reporting.findings import Finding
from privaudit.reporting.manifest import measured
from privaudit.reporting.names import bounded, capital, label_of, note_text
from privaudit.reporting.rules_story import long_date
from privaudit.reporting.sentences import under_other_names
from privaudit.reporting.told import has_control, net_hits
from privaudit.results.row import Row
from privaudit.words.words import Words, is_share

if TYPE_CHECKING:
    from privaudit.results.painter import Display
    from privaudit.studies.study import Study

__all__ = [
    "Constat",
    "DossierChapter",
    "ExhibitLine",
    "chapters_of_dossier",
    "dossier_headline",
    "exhibits_of",
]  # fmt: skip


# What is told first: a file that nobody read; then what is presumed of people who are named, a
# door, what opens an account, what files tell together, names.
_UNREAD = "unread"
_GRAVEST = (
    ("opinion", "learnt"), ("door",), ("credential",), ("joined", "joined_tables"), ("named",),
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class ExhibitLine:
    """A file of the seizure: what it is taken for, its size, its time and its SHA-256."""

    name: str
    role: str
    size: str
    time: str
    sha256: str


@dataclass(frozen=True, kw_only=True)
class Constat:
    """A finding: its number, the fact, the files, what it rests on, and what follows.

    - `weight`: What follows, as a word; `people`: of how many (or records, dots) it tells.
    """

    number: int
    fact: str
    source: str
    evidence: str
    link: str
    consequence: str
    weight: str
    people: float


@dataclass(frozen=True, kw_only=True)
class DossierChapter:
    """Findings that answer one question."""

    id: str
    title: str
    intro: str
    constats: Sequence[Constat]
    figures: Sequence[Display] = ()


def exhibits_of(study: Study, words: Words) -> list[ExhibitLine]:
    """Return every file that went in, as it lies there now; times are UTC."""
    lines = []
    for one in study.inputs if study.case is not None else ():
        told = measured(one.path.resolve())
        moment = datetime.datetime.fromtimestamp(Path(one.path).stat().st_mtime, datetime.UTC)
        lines.append(
            ExhibitLine(
                name=one.path.name,
                role=words.name("exhibit", one.role),
                size=words("dossier.bytes", n=told["bytes"]),
                time=moment.strftime("%Y-%m-%d %H:%M:%S"),
                sha256=str(told["sha256"]),
            )
        )
    return lines


def dossier_headline(
    study: Study, words: Words, findings: Sequence[Finding]
) -> tuple[str, list[str]]:
    """Return the headline, marked, and what stands under it."""
    assert study.case is not None
    day = long_date(words, datetime.date.fromisoformat(study.case.as_of))
    files = [
        one for one in study.inputs if one.role not in ("description", "addresses", "container")
    ]
    told = [c for chapter in chapters_of_dossier(study, words, findings) for c in chapter.constats]
    first = study.rulings[0] if study.rulings else None
    breaches, unknown = (len(first.of(v)) if first else 0 for v in ("breach", "not_assessable"))
    # Where most is unknown, no rule is broken for want of information: that stands first.
    headline = words(
        "dossier.headline_unknown" if unknown and not breaches else "dossier.headline",
        exhibit=study.case.exhibit, files=len(files), findings=len(told), breaches=breaches,
        unknown=unknown, rules=len(first.rulings) if first else 0,
    )  # fmt: skip
    leads = [words("dossier.lead_day", day=day)]
    if study.case.operator:
        leads.append(words("dossier.lead_operator", operator=study.case.operator))
    leads += [one.fact for one in told if one.weight == _UNREAD][:1]
    leads += [f"{one.fact} {one.source}" for one in _gravest(told)]
    leads += [note_text(words, note) for note in study.notes if note.key == "described_absent"]
    leads.append(words("method_short.inspection"))
    return headline, leads


def chapters_of_dossier(
    study: Study,
    words: Words,
    findings: Sequence[Finding],
    drawings: Mapping[str, Display] | None = None,
) -> list[DossierChapter]:
    """Return the chapters, their findings numbered through; none of what may not be shown."""
    if study.case is None:
        return []
    chapters, number = [], 0
    findings = [finding for finding in findings if not of_its_kind(study, finding.row)]
    for name, asked in CHAPTERS.items():
        constats, left = [], 0
        for found, consequence, most in chosen(findings, asked):
            left += len(found[most:])
            for finding in found[:most]:
                number += 1
                constats.append(_constat(study, words, finding, consequence, number))
        if constats:
            title, intro = words(f"dossier.{name}"), words(f"dossier.intro_{name}")
            intro += f" {words('dossier.left', n=left)}" if left else ""
            figures = [d for key in FIGURES[name] if (d := (drawings or {}).get(key))]
            chapters.append(
                DossierChapter(
                    id=name, title=title, intro=intro, constats=constats, figures=figures
                )
            )
    return chapters


def _gravest(told: Sequence[Constat]) -> list[Constat]:
    """Return what the first page tells: of each of two kinds the finding of the most people."""
    found = []
    for kinds in _GRAVEST:
        fit = [one for one in told if one.weight in kinds]
        found += sorted(fit, key=lambda one: -one.people)[:1]
    return found[:2] or [one for one in told if one.weight != _UNREAD][:1]


def _constat(
    study: Study, words: Words, finding: Finding, consequence: str, number: int
) -> Constat:
    row = finding.row
    label = capital(label_of(words, finding.family, replace(row, part=_without_file(row))))
    fact = finding.sentence.get(words.lang, "")
    weight = weighed(study, row, consequence)
    weight = "shared_contact" if under_other_names(row) else weight
    fact = fact or words("dossier.fact", label=label, value=bounded(words, row))
    return Constat(
        number=number,
        fact=fact,
        source=words("dossier.source", files=_files(study, finding)),
        evidence=_evidence(words, finding),
        link=f"annex.html#{finding.id}",
        consequence=words(f"consequence.{weight}"),
        weight=weight,
        people=row.value * row.n if row.unit == "share" else row.value,
    )


def _without_file(row: Row) -> dict[str, Any]:
    return {name: value for name, value in row.part.items() if name not in OF_FILES}


def _files(study: Study, finding: Finding) -> str:
    """Name the files that a finding is of."""
    row, measures = finding.row, study.measures.get(finding.family)
    if finding.family == "exhibits":
        return "; ".join(str(note.values["file"]) for note in row.notes)
    named = [str(row.part[name]) for name in OF_FILES if row.part.get(name)]
    if not named and measures is not None and finding.family == "linked":
        named = [one.path.name for one in study.inputs if one.role in ("table", "map")]
    if not named and measures is not None and measures.name:
        named = [measures.name]
    tested = {"table": "table", "map": "map"}.get(str(row.part.get("tested", "")), "")
    role = tested or ("map" if finding.family in ("map", "recipients") else "")
    if not named:
        known = [one.path.name for one in study.inputs if one.role == (role or "table")]
        named = known[:1]
    return ", ".join(named)


def _evidence(words: Words, finding: Finding) -> str:
    """Say how many of how many, with the interval, and beside what; of files, why."""
    row = finding.row
    texts = [words("dossier.value", value=bounded(words, row), n=row.n, counts=row.counts)]
    if finding.family in ("exhibits", "linked_tables"):
        texts += [note_text(words, note) for note in row.notes]
    if row.low < row.high and is_share(row.unit):
        texts.append(f"{capital(words.interval(row.low, row.high, row.unit))}.")
    if math.isfinite(row.baseline) and row.measure != "learnt":
        texts.append(words("dossier.baseline", value=words.measured(row.baseline, row.unit)))
    if has_control(row):
        # What one file names of the other's people is not taken off what it names rightly.
        key = "dossier.control_beside" if row.measure in OF_PAIRS else "dossier.control"
        value = words.measured(row.control, row.unit)
        texts.append(words(key, value=value, net=net_hits(row), counts=row.counts))
    return " ".join(texts)
