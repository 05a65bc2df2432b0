"""Sections of measures: what matters first is seen, the rest is there for who opens it."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from privaudit.reporting.names import measure_name
from privaudit.reporting.sentences import is_bound, worst_column
from privaudit.reporting.translation import Said, said
from privaudit.reporting.words import Words, slug

if TYPE_CHECKING:
    from privaudit.reporting.findings import Finding
    from privaudit.reporting.study import Study

__all__ = ["FAMILIES", "Block", "Row", "Section", "row_of", "sections_of"]

_MOMENTS, _ROLES = ("before", "after"), ("public", "volunteer", "team")
_ACCESS = [f"{m}_{r}_people_median" for r in _ROLES for m in _MOMENTS]
_ACCESS += [f"{m}_all_{what}_max" for what in ("homes", "household_members") for m in _MOMENTS]
_TIERS = (
    "before_any_account_people", "after_any_account_people", "before_any_account_leak_odds",
    "before_expected_people_found", "after_expected_people_found", "copies_possible",
)  # fmt: skip
_RISK = (
    "records", "k_anonymity", "share_under_2", "share_under_3", "share_under_5", "share_under_11",
    "prosecutor_risk_max", "prosecutor_risk_mean", "journalist_risk_max", "marketer_risk",
    "share_at_risk", "k_map", "population_unique_share",
)  # fmt: skip
_LEARNT = (
    "distinct_l", "entropy_l", "alpha", "t_closeness", "vulnerability_prior",
    "vulnerability_posterior", "leakage_additive",
)  # fmt: skip
_PULLED_OUT = ("sample_uniques", "share_under_5", "prosecutor_risk_mean", "vulnerability_posterior")


@dataclass(frozen=True, kw_only=True)
class Family:
    """How a family of measures is told.

    Parameters
    ----------
    heading : str
        Key of its title in the catalogue.
    figure : str
        The figure that opens it.
    first : tuple of (key of a subtitle, names of measures)
        What is seen; the other measures are under a closed heading. Without any, all are seen.
    closed : bool
        True where all of it is under a closed heading.
    """

    heading: str
    figure: str = ""
    first: tuple[tuple[str, tuple[str, ...]], ...] = ()
    closed: bool = False


# In the order of the page.
FAMILIES = {
    "hiding": Family(heading="page.hiding"),
    "household": Family(heading="page.households", figure="households"),
    "access": Family(heading="page.access", figure="access", first=(("", tuple(_ACCESS)),)),
    "tiers": Family(heading="family.tiers", first=(("", _TIERS),)),
    "table": Family(
        heading="page.table",
        figure="classes",
        first=(("page.table_risk", _RISK), ("page.table_learnt", _LEARNT)),
    ),
    "contributions": Family(heading="page.contributions", first=(("", _PULLED_OUT),)),
    "campaign": Family(heading="page.campaign"),
    "simulation": Family(heading="page.simulation", closed=True),
}


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
    shown, more : list of Block, list of Row
        What is seen, and what stands under a closed heading.
    absent : list of (reason, how many measures)
        What could not be told, by the reason.
    plain : list of str
        Each measure in a sentence.
    further : bool
        The library does not know the family: its measures have the names that they came with.
    """

    id: str
    title: str
    title_lang: str
    figure: str = ""
    shown: list[Block] = field(default_factory=list)
    more: list[Row] = field(default_factory=list)
    absent: list[tuple[Said, int]] = field(default_factory=list)
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
                _capital(measure_name(words, measure)),
                _note(words, measure, finding),
                label_lang=words.lang if _is_named(words, measure) else "en",
            )
            for measure, finding in zip(measures, mine, strict=True)
        }
        sections.append(_section(words, name, families[name].title, rows))
    return sections


def _section(words: Words, name: str, given: str, rows: dict[str, Row]) -> Section:
    """Put the rows of a family where they belong."""
    known = name in FAMILIES
    family = FAMILIES.get(name, Family(heading=f"family.{name}"))
    has_title = words.has(family.heading)
    told = {measure: row for measure, row in rows.items() if not row.absent}
    blocks, more = [], {} if family.first else dict(told)
    if family.first:
        taken: set[str] = set()
        for title, measures in family.first:
            mine = {m: row for m, row in told.items() if _stem(m, family) in measures}
            taken |= set(mine)
            if mine:
                lines = sorted(mine, key=lambda m: measures.index(_stem(m, family)))
                blocks.append(
                    Block(title=words(title) if title else "", rows=[mine[m] for m in lines])
                )
        more = {m: row for m, row in told.items() if m not in taken}
    if not blocks and more and not family.closed:
        blocks, more = [Block(title="", rows=list(more.values()))], {}
    reasons = Counter(row.note for row in rows.values() if row.absent)
    unknown = said("", words.lang)
    return Section(
        id=name,
        title=words(family.heading) if has_title else _capital(given),
        title_lang=words.lang if has_title else "en",
        figure=family.figure,
        shown=blocks,
        more=list(more.values()),
        absent=[(reason or unknown, n) for reason, n in reasons.items()],
        plain=[row.plain for row in rows.values()],
        further=not known,
    )


def _stem(measure: str, family: Family) -> str:
    """Return the name that decides where a row stands: rows of one column are details."""
    stem, bracket, change = measure.partition("[")
    whole = not bracket or change.startswith(("without ", "coarser "))
    return stem if whole else measure


def _is_named(words: Words, measure: str) -> bool:
    return words.has("measure." + slug(measure.partition("[")[0]))


def _note(words: Words, name: str, finding: Finding) -> Said | None:
    """Return the note of a measure where the reader needs it.

    A measure that has a name in the catalogue says the same as its note in the reader's
    language, but not why it could not be told, what its range or its bound rests on, nor of which
    of several columns it speaks.
    """
    known = _is_named(words, name)
    silent = math.isnan(finding.value) and math.isfinite(finding.n)
    worst = worst_column(finding.note) != ""
    needed = silent or not known or worst or is_bound(finding.note) or math.isinf(finding.value)
    return said(finding.note, words.lang) if finding.note and needed else None


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
    )


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
