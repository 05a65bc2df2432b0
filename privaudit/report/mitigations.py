"""Mitigations: what would lower a finding, with the number before and after.

A remedy is read from rows of a study: the same measure without a column, under a mask, or after
access was restricted. Without a second number there is no remedy.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from privaudit.core.policy import SMALL_CELL
from privaudit.report.findings import findings_of
from privaudit.report.names import is_masked
from privaudit.report.sentences import net_hits, whole
from privaudit.results.rows import Row
from privaudit.words.catalogues import Note

if TYPE_CHECKING:
    from collections.abc import Sequence

    from privaudit.report.findings import Finding
    from privaudit.studies.study import Study


@dataclass(frozen=True, kw_only=True)
class Remedy:
    """One thing to do, and a number before and after it.

    Parameters
    ----------
    action : Note
        What to do; its sentence stands in the catalogues.
    finding : str
        The id of the finding that it lowers.
    before, after : Row
        The same measure of the same people.
    """

    action: Note
    finding: str
    before: Row
    after: Row

    @property
    def pair(self) -> tuple[int, int]:
        """Whole people, or what the rows count, before and after; net where there is a control."""
        first, then = (_counted(row) for row in (self.before, self.after))
        return first, then

    @property
    def saved(self) -> int:
        """How many less."""
        return self.pair[0] - self.pair[1]


@dataclass(frozen=True, kw_only=True)
class _Way:
    """Where a remedy is found: the rows of a measure that differ in one parameter.

    Parameters
    ----------
    action : str
        The key of the note; the parameter `by` is its value `named`.
    family, measure : str
    by : str
        The parameter that names what is done; "" where there is none to name.
    now : mapping
        The parameter, and its value, of the row before; empty: the baseline of the same row.
    then : mapping
        The same of the row after.
    """

    action: str
    family: str
    measure: str
    by: str
    named: str
    now: Mapping[str, Any]
    then: Mapping[str, Any]


_WAYS = (
    _Way(action="mend_withhold_column", family="contributions", measure="sample_uniques",
         by="without", named="column", now={}, then={}),
    _Way(action="mend_coarsen_column", family="contributions", measure="sample_uniques",
         by="coarser", named="column", now={}, then={}),
    _Way(action="mend_log", family="log_mended", measure="singled_out",
         by="mended", named="how", now={"mended": "as_it_is"}, then={}),
    _Way(action="mend_known", family="country_mended", measure="unique",
         by="mended", named="how", now={}, then={}),
    _Way(action="mend_close_access", family="access", measure="people_median",
         by="role", named="who", now={"moment": "before"}, then={"moment": "after"}),
    _Way(action="mend_limit_tier", family="tiers", measure="people",
         by="tier", named="tier", now={"moment": "before"}, then={"moment": "after"}),
    _Way(action="mend_close", family="tiers", measure="expected_people_by_address",
         by="", named="", now={"moment": "before"}, then={"moment": "after"}),
    _Way(action="mend_link", family="linked", measure="dot_named_without",
         by="what", named="what", now={}, then={}),
)  # fmt: skip


def remedies(study: Study, findings: Sequence[Finding] | None = None) -> list[Remedy]:
    """Return what would lower the findings of a study, what saves most first.

    Parameters
    ----------
    study : Study
    findings : sequence of Finding, optional
        Those of the study, through the guard.

    Returns
    -------
    list of Remedy
        One a thing to do, by the finding that it lowers most. Nothing that saves nothing, and
        nothing whose numbers are withheld, unknown or not reliable.
    """
    found = findings_of(study) if findings is None else findings
    usable = [f for f in found if _is_known(f.row)]
    # An attacked mask takes precedence over the sweep of masks.
    every = [*_properties(usable), *_masks(usable), *_shown_masks(usable)]
    every += [
        *(r for w in _WAYS for r in _rows(usable, w)),
        *_alone(usable),
        *_visited(study, usable),
    ]
    kept: dict[Any, Remedy] = {}
    for remedy in every:
        if remedy.saved > 0:
            kept.setdefault((remedy.action, remedy.before.part.get("file")), remedy)
    return sorted(kept.values(), key=lambda remedy: -remedy.saved)


def in_story(study: Study, found: Sequence[Remedy], mask: str) -> list[Remedy]:
    """Choose those that a story tells: a few of a kind, of masks the one that it shows.

    Of a table, columns. To delete the records that are alone is true of any table: it is told
    where no column saves anything.
    """
    chosen: dict[Any, Remedy] = {}
    for remedy in found:
        key = remedy.action.key
        if key == "mend_mask" and mask and remedy.action.values["mask"] != mask:
            continue
        if study.case is None and (key in _OF_TABLE) != (study.kind == "table"):
            continue
        several = sum(r.action.key == key for r in chosen.values())
        if key in _STORIES and several < _STORIES[key]:
            chosen[remedy.action, remedy.before.part.get("file")] = remedy
    best = list(chosen.values())
    columns = [r for r in best if r.action.key != "mend_delete_records"]
    return (columns or best)[: 3 if study.kind == "demo" else 4]


_OF_TABLE = ("mend_withhold_column", "mend_coarsen_column", "mend_delete_records")
# Most remedies of each kind on the main page.
_STORIES = {
    "mend_withhold_property": 3, "mend_withhold_column": 3, "mend_coarsen_column": 3,
    "mend_log": 4, "mend_known": 4, "mend_mask": 1, "mend_close": 1, "mend_delete_visited": 1,
    "mend_delete_records": 1, "mend_link": 3,
}  # fmt: skip


def _is_known(row: Row) -> bool:
    return row.reliable and not row.withheld and math.isfinite(row.value)


def _counted(row: Row) -> int:
    return net_hits(row) if row.unit in ("share", "probability") else whole(1, row.value)


def _masks(told: Sequence[Finding]) -> Iterator[Remedy]:
    """Compare one adversary on the exact map and on each masked one."""
    of = [f for f in told if f.family == "map" and f.row.gain == "address"]
    # On the exact map no mask has to be known: the last adversary is the strongest.
    exact = [f for f in of if not is_masked(f.view)]
    for after in (f for f in of if is_masked(f.view)):
        same = [f for f in exact if f.attack == after.attack and f.copies == after.copies]
        last = _last(of, after.view)
        before = same[0] if same else exact[-1] if exact and after is last else None
        if before is not None and after is last:
            action = Note("mend_mask", mask=after.view, shown=before.view)
            yield Remedy(action=action, finding=before.id, before=before.row, after=after.row)


def _last(of: Sequence[Finding], view: str) -> Finding:
    """Return the strongest adversary of a view, who decides what a mask is worth."""
    return [f for f in of if f.view == view][-1]


def _shown_masks(told: Sequence[Finding]) -> Iterator[Remedy]:
    """Compare masks on the frontier with the dots as they are."""
    of = [f for f in told if f.family == "frontier" and f.row.measure == "reidentified_address"]
    exact = {
        f.row.part.get("file"): f for f in reversed(of)
        if not is_masked(str(f.row.part.get("mask", "map")))
    }  # fmt: skip
    for after in of:
        mask, first = str(after.row.part.get("mask", "")), exact.get(after.row.part.get("file"))
        if first is not None and is_masked(mask):
            action = Note("mend_mask", mask=mask, shown=str(first.row.part["mask"]))
            yield Remedy(action=action, finding=first.id, before=first.row, after=after.row)


def _rows(told: Sequence[Finding], way: _Way) -> Iterator[Remedy]:
    mine = [
        f for f in told
        if f.family == way.family and f.row.measure == way.measure
        and (not way.by or f.row.part.get(way.by, "all") != "all")
        and way.then.items() <= f.row.part.items()
    ]  # fmt: skip
    for after in mine:
        action = Note(way.action, **({way.named: after.row.part[way.by]} if way.by else {}))
        if not way.now:
            before = replace(
                after.row, value=after.row.baseline, low=after.row.baseline,
                high=after.row.baseline,
            )  # fmt: skip
            if _is_known(before):
                finding = next((f.id for f in told if _plain_of(f, way)), after.id)
                yield Remedy(action=action, finding=finding, before=before, after=after.row)
            continue
        part = {**after.row.part, **way.now}
        for first in told:
            one = first.family == way.family and first.row.measure == way.measure
            if one and dict(first.row.part) == part:
                yield Remedy(action=action, finding=first.id, before=first.row, after=after.row)


def _properties(told: Sequence[Finding]) -> Iterator[Remedy]:
    """Withhold what is written beside the dots: identity first, then each property."""
    shown = {
        (f.row.part.get("file"), str(f.row.part.get("what", "identity"))): f for f in told
        if f.family == "properties" and f.row.measure in ("shown", "identified")
    }  # fmt: skip
    for after in told:
        if after.family == "properties" and after.row.measure == "shown_without":
            what, columns = after.row.part["what"], after.row.part["without"]
            action = Note("mend_withhold_property", columns=columns, what=what)
            first = shown.get((after.row.part.get("file"), what))
            if after.row.withheld or first is None or first.row.withheld:
                continue
            yield Remedy(action=action, finding=first.id, before=first.row, after=after.row)


def _plain_of(finding: Finding, way: _Way) -> bool:
    """Whether a finding is the measure of the whole table or country."""
    row = finding.row
    whole_of = finding.family in ("table", "country")
    return whole_of and row.measure == way.measure and not row.part


def _alone(told: Sequence[Finding]) -> Iterator[Remedy]:
    """Delete the records that are alone."""
    for found in told:
        row = found.row
        if found.family == "table" and row.measure == "sample_uniques" and not row.part:
            after = replace(row, value=0.0, low=0.0, high=0.0)
            action = Note("mend_delete_records", records=row.value)
            yield Remedy(action=action, finding=found.id, before=row, after=after)


def _visited(study: Study, told: Sequence[Finding]) -> Iterator[Remedy]:
    """Delete visited dots: a leak shows the others only."""
    dots = study.dots
    gone = 0 if dots is None else int((dots["status"] == "visited").sum())
    if dots is None or not gone or len(dots) - gone < SMALL_CELL:
        return
    rows = [
        Row(measure="dots", value=n, unit="dots", n=len(dots), counts="dots")
        for n in (len(dots), len(dots) - gone)
    ]
    finding = next((f.id for f in told if f.family == "map"), "")
    if finding:
        action = Note("mend_delete_visited")
        yield Remedy(action=action, finding=finding, before=rows[0], after=rows[1])
