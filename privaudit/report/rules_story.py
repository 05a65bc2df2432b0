"""The page of a rules check: verdicts with evidence, and how they change over time."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from privaudit.report.names import capital, long_date, note_text, quoted_note
from privaudit.words.catalogues import Note, Quoted, Words

if TYPE_CHECKING:
    from privaudit.report.sentences import ResultLookup
    from privaudit.results.rows import Row
    from privaudit.rules.check_rules import Ruling, Rulings
    from privaudit.rules.notices import Notice
    from privaudit.studies.study import Study

# Paths of a description that a card lists; the others are counted.
_LISTED = 8
# Rules whose evidence names recipients by their role.
_OF_ROLES = ("R10", "R11", "R37")
# Verdicts that rest on what a text says.
_RESTED = ("breach", "concern", "met")


@dataclass(frozen=True, kw_only=True)
class CardPart:
    """One branch of a rule that fires, or all that have the same verdict, in words."""

    evidence: str
    names_head: str
    names: Sequence[str]
    more: str
    source: str
    remedy: str
    caution: Sequence[str]


@dataclass(frozen=True, kw_only=True)
class Card:
    """One rule, in words."""

    id: str
    title: str
    parts: Sequence[CardPart]
    files: str


@dataclass(frozen=True, kw_only=True)
class Moves:
    """The verdict of each rule on several days: "" where the rule did not hold."""

    days: Sequence[str]
    lines: Sequence[tuple[str, str, Sequence[tuple[str, str]]]]


@dataclass(frozen=True, kw_only=True)
class RulesStory:
    """A section a verdict, and how verdicts move."""

    id: str
    title: str
    intro: str
    cards: Sequence[Card] = ()
    count: float = 0
    moves: Moves | None = None
    links: Sequence[tuple[str, str]] = ()
    lines: Sequence[tuple[str, str]] = ()


def rules_headline(study: Study, words: Words, results: ResultLookup) -> tuple[str, list[str]]:
    """Return the headline, with emphasis marks, and the leads under it."""
    from privaudit.rules.check_rules import VERDICTS

    today = study.rulings[0]
    rows = counts_of_day(results)
    n = {verdict: rows[verdict].value for verdict in VERDICTS}
    headline = words(
        "story.headline_rules", day=long_date(words, today.as_of), breach=n["breach"],
        concern=n["concern"], unknown=n["not_assessable"],
    )  # fmt: skip
    leads = [
        words("method_short.inspection"),
        words("story.lead_rules", rules=rows["met"].n, met=n["met"], idle=n["not_applicable"]),
    ]
    if study.graded:
        grades = {
            name: words.value(rows[name].value, "levels")
            if name in rows else words("story.not_graded")
            for name in ("severity", "likelihood")
        }  # fmt: skip
        leads.append(words("story.lead_graded", **grades))
    leads += [quoted_note(words, note) for note in study.notes if note.key == "described_absent"]
    return headline, leads


def rules_story(study: Study, words: Words, results: ResultLookup) -> list[RulesStory]:
    """Return a section a verdict, gravest first, then how verdicts move over the days asked."""
    if not study.rulings:
        return []
    from privaudit.rules.check_rules import VERDICTS
    from privaudit.rules.packs import to_be_read

    def section(ident: str, key: str, **content: Any) -> RulesStory:
        title, intro = words(f"story.rules_{key}"), words(f"story.intro_{key}")
        return RulesStory(id=ident, title=title, intro=intro, **content)

    verdicts = {verdict: study.rulings[0].of(verdict) for verdict in VERDICTS}
    rows = {row.measure: row for row in results.family("rules")}
    counted = {name: row.value for name, row in counts_of_day(results).items()}
    sections = [
        section(
            f"verdict-{verdict}",
            verdict,
            cards=[_card(words, one, rows) for one in rulings],
            count=counted.get(verdict, len(rulings)),
        )
        for verdict, rulings in verdicts.items()
        if rulings
    ]
    if len(study.rulings) > 1:
        sections.append(section("moved", "moved", moves=_moves(study.rulings, words)))
    rested = [one for one in study.rulings[0] if one.verdict in _RESTED]
    lines = to_be_read((one.rule for ruling in rested for one in ruling.branches), words.lang)
    if lines:
        lines = [(words.spaced(name), words.spaced(text)) for name, text in lines]
        sections.append(section("to-read", "to_read", lines=lines))
    drafts = [(draft.title, f"drafts/{draft.name}") for draft in drafts_of(study, words)]
    return [*sections, section("drafts", "drafts", links=drafts)]


def counts_of_day(results: ResultLookup, day: str = "") -> dict[str, Row]:
    """Return the counts of verdicts of a day by verdict; without one, of that which is reported."""
    return {row.measure: row for row in results.family("verdicts")
            if row.part.get("day", "") == day}  # fmt: skip


def drafts_of(study: Study, words: Words) -> tuple[Notice, ...]:
    """Return the draft notices of a processing."""
    if not study.rulings or study.described is None:
        return ()
    from privaudit.rules.notices import DescribedRulings, notices

    return notices(DescribedRulings(study.described, study.rulings[0], words))


def _card(words: Words, ruling: Ruling, rows: Mapping[str, Row]) -> Card:
    of = ruling.branches if ruling.is_firing else (ruling,)
    return Card(
        id=ruling.rule.id,
        title=words.translated(ruling.rule.title),
        parts=[_part(words, one, rows.get(ruling.rule.id)) for one in of],
        files=_files(words, ruling),
    )


def _part(words: Words, ruling: Ruling, row: Row | None) -> CardPart:
    rule, names = ruling.rule, ruling.checked.columns
    missing = ruling.verdict == "not_assessable"
    where = words.spaced(rule.where(words.lang))
    unbound = rule.norm and ruling.checked.outcome == "lesser"
    caution = ["norm_other"] * unbound
    caution += ["unread"] * (rule.to_verify and ruling.verdict in _RESTED)
    caution += ["press_reading"] * (rule.confidence == "press reading")
    return CardPart(
        evidence="" if missing else _evidence(words, ruling, row),
        names_head=words("story.missing_of" if missing else "story.shown_by"),
        names=[_named(words, name) if rule.id in _OF_ROLES else name for name in names[:_LISTED]],
        more=words("story.and_more") if len(names) > _LISTED else "",
        source=words("story.source_of", source=where),
        remedy=words("story.do_that", remedy=words.translated(rule.remedy))
        if ruling.is_firing else "",
        caution=[words(f"story.{key}") for key in caution],
    )  # fmt: skip


def _files(words: Words, ruling: Ruling) -> str:
    """Name the files that a ruling is based on, and the verdict for others."""
    notes = [Note(ruling.said_of, files=ruling.main_files)] if ruling.files else []
    beside = ruling.beside_by_verdict().items()
    notes += [Note(f"ruled_beside_{verdict}", files=files) for verdict, files in beside]
    return " ".join(note_text(words, note) for note in notes)


def _named(words: Words, name: str) -> str:
    """Return a path or column as it is, and a recipient's role translated."""
    return words.name("choice", name) if words.has(f"choice.{name}") else name


def _evidence(words: Words, ruling: Ruling, row: Row | None = None) -> str:
    """Return the evidence of a ruling: counts, which its row has, and case."""
    checked, met = ruling.checked, ruling.verdict == "met"
    case = words.spaced((" ; " if words.lang == "fr" else "; ").join(
        dict.fromkeys(words(f"case.{key}") for key in ruling.cases)))  # fmt: skip
    value, n = checked.value, checked.n
    if row is not None and (row.value, row.n) == (value, n):
        value, n = row.value, row.n
    if checked.withheld:
        key = "small"
    elif ruling.verdict == "not_applicable":
        key = "idle"
    elif math.isnan(value):
        key = "tested" if met else "told"
    elif checked.counts == "levels":
        key = "level"
    elif met:
        key = "none" if math.isfinite(n) else "tested"
    else:
        key = "share" if math.isfinite(n) and n else "count"
    share = math.nan if not n else value / n
    if isinstance(value, Quoted):
        share = Quoted(share, value.finding, value.field, 1 / n)
    return words(
        f"story.ruled_{key}", case=case, value=value, n=n, counts=checked.counts, share=share
    )


def _moves(rulings: Sequence[Rulings], words: Words) -> Moves:
    ordered = sorted(rulings, key=lambda one: one.as_of)
    known = {one.rule.id: words.translated(one.rule.title) for of in ordered for one in of}
    verdicts = [{one.rule.id: one.verdict for one in of} for of in ordered]
    lines = [
        (name, known[name], [(v, capital(words.name("verdict", v)) if v else "")
                             for v in (day.get(name, "") for day in verdicts)])
        for name in sorted(known, key=lambda name: (name[0] == "H", name))
    ]  # fmt: skip
    return Moves(days=[long_date(words, one.as_of) for one in ordered], lines=lines)
