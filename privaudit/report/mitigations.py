"""Mitigations: what would lower a finding, with the number before and after.

A remedy is read from rows of a study: the same measure without a column, under a mask, or after
access was restricted. Without a second number there is no remedy.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

from privaudit.core.thresholds import SMALL_CELL
from privaudit.report.findings import findings_of
from privaudit.report.names import is_masked, note_text, part_value
from privaudit.report.sentences import (
    BESIDE_A_KEY,
    ResultLookup,
    at_most,
    by_chance,
    is_at_most,
    people_of,
    times,
)
from privaudit.results.rows import Row
from privaudit.tables.mend import plan_text
from privaudit.words.catalogues import Note, Quoted, without_marks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from privaudit.report.findings import Finding
    from privaudit.studies.study import Study
    from privaudit.tables.mend import MendingPlan
    from privaudit.words.catalogues import Words


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
    window : str
        Of a log, how precisely in time the points are known.
    """

    action: Note
    finding: str
    before: Row
    after: Row
    window: str = "no_time"

    @property
    def pair(self) -> tuple[Quoted, Quoted]:
        """Whole people, or what the rows count, before and after."""
        first, then = (_counted(row) for row in (self.before, self.after))
        return first, then

    @property
    def saved(self) -> float:
        """How many fewer."""
        return self.pair[0] - self.pair[1]


class _Pair(NamedTuple):
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
    by: str = ""
    named: str = ""
    now: Mapping[str, Any] = {}
    then: Mapping[str, Any] = {}


_BEFORE, _AFTER = {"moment": "before"}, {"moment": "after"}
_PAIRS = (
    _Pair("mend_withhold_column", "contributions", "sample_uniques", "without", "column"),
    _Pair("mend_coarsen_column", "contributions", "sample_uniques", "coarser", "column"),
    _Pair("mend_log", "log_mended", "singled_out", "mended", "how", {"mended": "as_it_is"}),
    _Pair("mend_known", "country_mended", "unique", "mended", "how"),
    _Pair("mend_close_access", "access", "people_median", "role", "who", _BEFORE, _AFTER),
    _Pair("mend_limit_tier", "tiers", "people", "tier", "tier", _BEFORE, _AFTER),
    _Pair("mend_close", "tiers", "expected_people_by_address", now=_BEFORE, then=_AFTER),
    _Pair("mend_link", "linked", "dot_named_without", "what", "what"),
)


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
    every_finding = findings_of(study) if findings is None else findings
    usable = [f for f in every_finding if _is_known(f.row)]
    # An attacked mask takes precedence over the sweep of masks.
    every = [
        *_identity(usable, _measured(study, usable)),
        *_properties(usable),
        *_masks(usable),
        *_shown_masks(usable),
    ]
    # Fewer than SMALL_CELL may be alone without a key: their range says how many at most.
    bounded = [replace(f, row=at_most(f.row)) for f in every_finding]
    with_bounds = [f for f in bounded if _is_known(f.row)]
    every += [
        remedy
        for pair in _PAIRS
        for remedy in _rows(with_bounds if pair.action in OF_KEYS else usable, pair)
    ]
    every += [*_alone(usable), *_visited(usable)]
    # The finest window of a log stands last, and its remedies are measured in that.
    windows = [f.row.part.get("window", "") for f in every_finding if f.family == "unicity"]
    first: dict[Any, Remedy] = {}
    for remedy in (replace(one, window=windows[-1]) for one in every) if windows else every:
        if remedy.saved > 0:
            first.setdefault((remedy.action, remedy.before.part.get("file")), remedy)
    # Where a table says who people are, nothing else helps before that.
    return sorted(first.values(), key=lambda one: (one.action.key != _IDENTITY, -one.saved))


def sentences_of(words: Words, remedies: Iterable[Remedy]) -> list[tuple[str, str]]:
    """Return what to do, and the number before and after it, of each remedy."""
    sentences = []
    for remedy in remedies:
        named = {n: part_value(words, v, n) for n, v in remedy.action.values.items()}
        before, after = remedy.pair
        most = "_most" if is_at_most(remedy.after) else ""
        read = any(note.key == "blurs_of_dots_read" for note in remedy.before.notes)
        values = named | {
            "before": before, "after": after, "of": remedy.before.n,
            "chance": by_chance(remedy.after), "points": remedy.before.part.get("points", 0),
            "window": words.name("part", remedy.window),
        }  # fmt: skip
        name = note_text(words, remedy.action).rstrip(".")
        sentence = words(f"mend.{remedy.action.key}{'_read' * read}{most}", **values)
        sentences.append((name, sentence + _blanks(words, remedy)))
    return sentences


def _blanks(words: Words, remedy: Remedy) -> str:
    """Return the ranges of the numbers of a remedy of keys; "" where both were counted."""
    if not has_range(remedy):
        return ""
    rows = {"": remedy.before, "then_": remedy.after}
    ends = {f"{at}{end}": times(row, end, 1) for at, row in rows.items() for end in ("low", "high")}
    both = remedy.after.low < remedy.after.high and not is_at_most(remedy.after)
    return " " + words("mend.blanks" if both else "mend.blanks_now", **ends)


def has_range(remedy: Remedy) -> bool:
    """Return whether blanks leave open how many are alone before a remedy of keys."""
    return remedy.action.key in OF_KEYS and remedy.before.low < remedy.before.high


def cost_of(words: Words, results: ResultLookup, remedy: Remedy) -> str:
    """Return what a remedy takes from those who use a map; "" where that was not measured."""
    key, file = remedy.action.key, remedy.before.part.get("file")
    rows: list[Row] = []
    if key == "mend_mask":
        of = [] if file is None else [file]
        rows = results.rows("frontier", "moved_mean", remedy.action.values["mask"], *of)
    elif key == "mend_close":
        closed = results.row("access", "people_max", "after", "public")
        if closed is not None and closed.value == 0:
            rows = results.rows("access", "accounts", "before", "public")
    # Of several maps without a name none is this one.
    if len(rows) != 1 or not (cost := times(rows[0], "value", 1)) > 0:
        return ""
    return words("mend.cost_mask" if key == "mend_mask" else "mend.cost_close", n=cost)


def in_plan(study: Study) -> list[Remedy]:
    """Choose those of an action plan: a few of a kind, those that save most."""
    return list(_few_of_a_kind(study, remedies(study), "").values())


def mending_plan(study: Study, findings: Sequence[Finding]) -> MendingPlan | None:
    """Return the remedies of a table as a plan; None where there are none.

    Columns that identify people are dropped, with addresses, notes and what is about other people,
    but for what was given as sensitive; and those that say the same as a key beside it. The plan
    of the study says which keys are coarsened, and withholds what is left in small classes.
    """
    plan = study.plan
    if plan is None:
        return None
    drop, measured = [], _measured(study, findings)
    for row in (f.row for f in findings if f.row.measure == "shown_without"):
        what, columns = row.part["what"], _columns_of(row.part["without"])
        beside = what in BESIDE_A_KEY and measured.isdisjoint(columns)
        if what == "identity" or beside or {*columns} & {*plan.key}:
            drop += [column for column in columns if column not in plan.key]
    actions = [remedy.action.key for remedy in remedies(study, findings)]
    if not (drop or {*actions} & {*OF_KEYS}):
        return None
    if not {*actions} & {*OF_KEYS}:
        plan = replace(plan, coarsen={}, drop=())
    return replace(plan, drop=tuple(dict.fromkeys((*drop, *plan.drop))))


def plan_of(study: Study, words: Words, findings: Sequence[Finding]) -> str:
    """Return the plan of a table as TOML, with what else would lower its findings; "" for none."""
    plan = mending_plan(study, findings)
    if plan is None:
        return ""
    others = [r for r in remedies(study, findings) if r.action.key == "mend_withhold_column"]
    also = [f"{name}. {sentence}" for name, sentence in sentences_of(words, others)]
    head = [words("mend.plan_head"), *([words("mend.plan_also"), *also] if also else [])]
    return plan_text(plan, map(without_marks, head))


def _columns_of(value: Any) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(map(str, value))


def in_story(study: Study, every: Sequence[Remedy], mask: str) -> list[Remedy]:
    """Choose those that a story tells: a few of a kind, of masks the one that it shows.

    Of a table, columns. Deleting the records that are alone helps any table: it is shown only
    where no column saves anything.
    """
    best = list(_few_of_a_kind(study, every, mask).values())
    columns = [r for r in best if r.action.key != "mend_delete_records"]
    return (columns or best)[: 3 if study.kind == "demo" else 4]


def _few_of_a_kind(study: Study, every: Sequence[Remedy], mask: str) -> dict[Any, Remedy]:
    chosen: dict[Any, Remedy] = {}
    for remedy in every:
        key = remedy.action.key
        if key == "mend_mask" and mask and remedy.action.values["mask"] != mask:
            continue
        if study.case is None and (key in OF_TABLE) != (study.kind == "table"):
            continue
        several = sum(r.action.key == key for r in chosen.values())
        # A dossier has few places: those of a table leave some to what its files reveal together.
        most = 1 if key == _BESIDE and study.case is not None else _STORIES.get(key, 0)
        if several < most:
            chosen[remedy.action, remedy.before.part.get("file")] = remedy
    return chosen


_IDENTITY, _BESIDE = "mend_drop_identity", "mend_drop_beside"
# Remedies that lower how many are alone by the keys of a table, and all of a table.
OF_KEYS = ("mend_withhold_column", "mend_coarsen_column", "mend_delete_records")
OF_TABLE = (_IDENTITY, _BESIDE, *OF_KEYS)
# Most remedies of each kind on the main page.
_STORIES = {
    _IDENTITY: 1, _BESIDE: 3, "mend_withhold_property": 3, "mend_withhold_column": 3,
    "mend_coarsen_column": 3,
    "mend_log": 4, "mend_known": 4, "mend_mask": 1, "mend_close": 1, "mend_delete_visited": 1,
    "mend_delete_records": 1, "mend_link": 3,
}  # fmt: skip


def _is_known(row: Row) -> bool:
    return row.reliable and not row.withheld and math.isfinite(row.value)


def _counted(row: Row) -> Quoted:
    return people_of(row) if row.unit in ("share", "probability") else times(row, "value", 1)


def _masks(usable: Sequence[Finding]) -> Iterator[Remedy]:
    """Compare one adversary on the exact map and on each masked one."""
    of = [f for f in usable if f.family == "map" and f.row.gain == "address"]
    # On the exact map no mask has to be known: the last adversary is the strongest.
    exact = [f for f in of if not is_masked(f.view)]
    # The strongest adversary of a view, the last, decides what a mask is worth.
    strongest = {f.view: f for f in of if is_masked(f.view)}
    for after in strongest.values():
        same = [f for f in exact if (f.attack, f.copies) == (after.attack, after.copies)]
        for before in same[:1] or exact[-1:]:
            action = Note("mend_mask", mask=after.view, shown=before.view)
            yield Remedy(action=action, finding=before.id, before=before.row, after=after.row)


def _shown_masks(usable: Sequence[Finding]) -> Iterator[Remedy]:
    """Compare masks on the frontier with the dots as they are."""
    of = [f for f in usable if f.family == "frontier" and f.row.measure == "reidentified_address"]
    masks = [(f, str(f.row.part.get("mask", "")), f.row.part.get("file")) for f in of]
    exact = {file: f for f, mask, file in reversed(masks) if mask and not is_masked(mask)}
    for after, mask, file in masks:
        if file in exact and is_masked(mask):
            first = exact[file]
            action = Note("mend_mask", mask=mask, shown=str(first.row.part["mask"]))
            yield Remedy(action=action, finding=first.id, before=first.row, after=after.row)


def _rows(usable: Sequence[Finding], pair: _Pair) -> Iterator[Remedy]:
    mine = [f for f in usable if f.family == pair.family and f.row.measure == pair.measure]
    for finding in mine:
        after = finding.row
        named = not pair.by or after.part.get(pair.by, "all") != "all"
        if not (named and pair.then.items() <= after.part.items()):
            continue
        action = Note(pair.action, **({pair.named: after.part[pair.by]} if pair.by else {}))
        if pair.now:
            part = {**after.part, **pair.now}
            befores = [(f.id, f.row) for f in mine if dict(f.row.part) == part]
        else:
            blank = after.baseline
            before = replace(after, value=blank, low=blank, high=blank)
            # The measure of the whole table or country.
            of_all = [f for f in usable if f.family in ("table", "country")
                      and f.row.measure == pair.measure and not f.row.part]  # fmt: skip
            ranged = pair.action in OF_KEYS and any(f.row.low < f.row.high for f in of_all)
            if (is_at_most(after) or ranged) and of_all:
                before = of_all[0].row
            ident = of_all[0].id if of_all else finding.id
            befores = [(ident, before)] if _is_known(before) and not is_at_most(before) else []
        for ident, before in befores:
            yield Remedy(action=action, finding=ident, before=before, after=after)


def _properties(usable: Sequence[Finding]) -> Iterator[Remedy]:
    """Withhold what is written beside the dots: identity first, then each property."""
    mine = [f for f in usable if f.family == "properties"]
    shown = {
        (f.row.part.get("file"), str(f.row.part.get("what", "identity"))): f
        for f in mine if f.row.measure in ("shown", "identified")
    }  # fmt: skip
    for after in (f.row for f in mine if f.row.measure == "shown_without"):
        what, columns = after.part["what"], after.part["without"]
        action = Note("mend_withhold_property", columns=columns, what=what)
        first = shown.get((after.part.get("file"), what))
        if first is not None:
            yield Remedy(action=action, finding=first.id, before=first.row, after=after)


def _measured(study: Study, findings: Sequence[Finding]) -> set[str]:
    """Return the columns of the key of a table, and those that are learnt."""
    learnt = {str(f.row.part["sensitive"]) for f in findings if "sensitive" in f.row.part}
    return {*ResultLookup(study).keys, *learnt}


def _identity(usable: Sequence[Finding], measured: Set[str]) -> Iterator[Remedy]:
    """Drop the columns of a table that say who a person is, or tell of them beside any key."""
    mine = [f for f in usable if f.family == "inventory"]
    before = {
        (f.row.part.get("file"), str(f.row.part.get("what", "identity"))): f
        for f in mine if f.row.measure in ("identified", "shown")
    }  # fmt: skip
    named = set[Any]()
    for after in (f.row for f in mine if f.row.measure == "shown_without"):
        file, what, columns = after.part.get("file"), str(after.part["what"]), after.part["without"]
        first = before.get((file, what))
        # A note that is about other people too is one column to drop.
        beside = what in BESIDE_A_KEY and measured.isdisjoint(_columns_of(columns))
        asked = what == "identity" or (beside and (file, columns) not in named)
        if first is not None and asked:
            action = Note(_IDENTITY, columns=columns)
            if what != "identity":
                action, named = Note(_BESIDE, columns=columns, what=what), {*named, (file, columns)}
            yield Remedy(action=action, finding=first.id, before=first.row, after=after)


def _alone(usable: Sequence[Finding]) -> Iterator[Remedy]:
    """Delete the records that are alone."""
    for finding in usable:
        row = finding.row
        # Once deleted, what blanks hide may still leave others alone: that was not counted.
        counted = row.measure == "sample_uniques" and not row.low < row.high
        if finding.family == "table" and counted and not row.part:
            after = replace(row, value=0.0, low=0.0, high=0.0, finding="")
            action = Note("mend_delete_records", records=row.value)
            yield Remedy(action=action, finding=finding.id, before=row, after=after)


def _visited(usable: Sequence[Finding]) -> Iterator[Remedy]:
    """Delete visited dots: a leak shows the others only."""
    dots = next((f for f in usable if f.family == "map"), None)
    left = next((f.row for f in usable if f.row.measure == "not_visited"), None)
    if dots is None or left is None or people_of(left) < SMALL_CELL:
        return
    before = Row(measure="dots", value=left.n, unit="dots", n=left.n, counts="dots",
                 finding=left.finding)  # fmt: skip
    yield Remedy(action=Note("mend_delete_visited"), finding=dots.id, before=before, after=left)
