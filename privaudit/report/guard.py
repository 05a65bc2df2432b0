"""What a report withholds: small cells, by two rounds of suppression, and numbers in doubt.

A count of zero is withheld like any other: in a canvassing file an empty cell says that
nobody there was marked, which is an answer about everybody there. Rows that would reveal a
withheld one go with it, and unions of withheld parts are given as lower bounds. The numerator
of a larger group is not covered: "1 of 41" is shown, and the page says so.

Of a result that is not reliable the reason is printed, and no number. In Python every number is
returned, with ``reliable=False``. A report goes through `only_reliable` first, so that pages,
figures, ``findings.json`` and tables agree. Counts of findings are compared with those of the
inventory of the same file.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pandas as pd

from privaudit.columns.free_text import SPECIAL
from privaudit.columns.headers import IDENTIFYING_KINDS
from privaudit.columns.roles import MISSING
from privaudit.core.checks import columns_present
from privaudit.core.thresholds import KNOWN_WITHIN, SMALL_CELL
from privaudit.errors import ParameterError
from privaudit.results.exposure import SCORES, Exposure
from privaudit.results.measures import Measures, emptied, guarded, suppressed
from privaudit.results.rows import NUMBERS, Row
from privaudit.words.catalogues import GUARDED, Note

if TYPE_CHECKING:
    from privaudit.release.inventory import Column, Inventory
    from privaudit.studies.study import Study


# Notes on searches that would reveal a small number of people.
_OF_FEW = ("lead_learnt", "absent_claimed")
_GAPS = ("sensitive_gaps_left_out", "sensitive_gaps_value")
_KEY_GAPS = tuple(f"key_gaps_{reading}" for reading in MISSING)

# Measures whose denominator is the hits of another measure.
_OF_HITS = {
    "right_when_claimed": ("reidentified", "wrong_claim"),
    "alone_at_address": ("address_found",),
    "doors": ("address_found",),
    "people_a_door": ("address_found",),
    "columns_agree": ("dot_named",),
    "named_right": ("dot_named",),
    "in_both_right": ("in_both",),
}
# Measures withheld with another one, which they would reveal.
_WITH = {
    "calibration_error": "matched", "alone_at_address": "doors", "record_tells": "address_found",
}  # fmt: skip
# Measures of two tables that reveal each other in both directions.
_BOTH_WAYS = ("found_in", "same_address")


def revealed_elsewhere(row: Row, family: Iterable[Row]) -> bool:
    """Whether the count of a withheld row can be read from other rows.

    Examples
    --------
    >>> few = Row(measure="right_when_claimed", value=0.5, unit="share", n=4, counts="guesses",
    ...           withheld=True)
    >>> found = Row(measure="reidentified", value=0.1, unit="share", n=20, counts="people")
    >>> revealed_elsewhere(few, [found, few]), revealed_elsewhere(found, [found, few])
    (True, False)
    """
    others = _OF_HITS.get(row.measure, ())
    return row.withheld and any(
        one.measure in others and not one.withheld and _alike(one, row) for one in family
    )


def would_reveal(row: Row, family: Iterable[Row]) -> bool:
    """Whether a row would reveal the count of a withheld one.

    Examples
    --------
    >>> few = Row(measure="matched", value=0.5, unit="share", n=7, counts="people", withheld=True)
    >>> twice = Row(measure="calibration_error", value=0.1, unit="probability", n=14,
    ...             counts="guesses")
    >>> would_reveal(twice, [few, twice]), would_reveal(few, [few, twice])
    (True, False)
    """
    if row.measure in _BOTH_WAYS:
        return any(one.withheld and _same_pair(one, row) for one in family)
    other = _WITH.get(row.measure, "")
    # Only the location counts the addresses that were found.
    if row.part.get("what", "location") != "location":
        return False
    return any(one.measure == other and one.withheld and _alike(one, row) for one in family)


def _same_pair(one: Row, row: Row) -> bool:
    """Whether two rows compare the same two tables, in either direction.

    Examples
    --------
    >>> fields = {"unit": "share", "n": 20, "counts": "records", "measure": "found_in"}
    >>> one, back = ({"table": a, "other": b} for a, b in ("xy", "yx"))
    >>> few = Row(value=0.2, part={**one, "by": "email"}, withheld=True, **fields)
    >>> back, whole, other = (
    ...     Row(value=0.6, part={**back, "by": by}, **fields) for by in ("email", "any", "phone")
    ... )
    >>> [_same_pair(few, row) for row in (back, whole, other)]
    [True, True, False]
    """
    from privaudit.linkage.join_tables import STRONG

    pair = {one.part.get("table"), one.part.get("other")}
    by = one.part.get("by")
    return (
        one.measure == row.measure
        and pair == {row.part.get("table"), row.part.get("other")}
        and (row.part.get("by") == by or (row.part.get("by") == "any" and by in STRONG))
    )


def notes_that_may_be_shown(measures: Measures) -> tuple[Note, ...]:
    """Return the notes of a family that may be printed.

    How many records lack a value may say how few have it.

    Examples
    --------
    >>> rows = [Row(measure="records", value=300, unit="records", n=300, counts="records")]
    >>> few, many = (Note("sensitive_gaps_left_out", column="x", records=k) for k in (294, 6))
    >>> found = Measures(family="table", rows=rows, notes=(few, many))
    >>> [note.key for note in notes_that_may_be_shown(found)]
    ['sensitive_gaps_most', 'sensitive_gaps_left_out']
    """
    sizes = [row.n for row in measures.rows if row.measure == "records" and row.n >= SMALL_CELL]
    few = any(row.counts in GUARDED and row.n < SMALL_CELL for row in measures.rows)
    shown = []
    for note in measures.notes:
        if note.key in _GAPS and any(0 < n - note.values["records"] < SMALL_CELL for n in sizes):
            note = Note("sensitive_gaps_most", column=note.values["column"])
        elif note.key in _KEY_GAPS and 0 < note.values["of"] - note.values["records"] < SMALL_CELL:
            note = Note("key_gaps_most")
        elif note.key == "blanks_learnt" and note.values["complete"] < SMALL_CELL:
            continue
        if not (few and note.key in _OF_FEW):
            shown.append(note)
    return _of_many(shown)


def _of_many(notes: Iterable[Note]) -> tuple[Note, ...]:
    """Leave out notes on some of fewer than `SMALL_CELL` people.

    Examples
    --------
    >>> _of_many(Note("unexplained_dots", dots=1, of=of, mask="exact") for of in (10, 11))
    (Note('unexplained_dots', dots=1, of=11, mask='exact'),)
    """
    return tuple(
        note for note in notes
        if not any(
            GUARDED & {*one.values} and one.values.get("of", SMALL_CELL) < SMALL_CELL
            for one in (note, note.inner)
        )
    )  # fmt: skip


def _alike(one: Row, other: Row) -> bool:
    """Whether two rows are about the same file or files."""
    return one.part.get("file") == other.part.get("file")


Rows = tuple[Row, ...]
# Families of shown properties, and the measure of the same rows joined to another file.
_JOINED_MEASURE = {"inventory": "record_tells", "properties": "dot_tells"}
SLIP = 1e-6
# Notes say "child" where an inventory counts "children".
KIND_IN_INVENTORY = {"child": "children"}


def with_bounded_unions(
    rows: Mapping[str, Rows], inventories: Sequence[Inventory]
) -> dict[str, Rows]:
    """Return guarded rows by family, with unions of withheld parts as lower bounds."""
    bounded = dict(rows)
    for family, tells in _JOINED_MEASURE.items():
        beside = bounded.get("linked", ())
        for file in dict.fromkeys(_file(row) for row in bounded.get(family, ())):
            mine = [row for row in bounded[family] if _file(row) == file]
            of_file = _of_file(mine, _columns(file, mine, inventories, family == "properties"))
            known = {id(old): new for old, new in zip(mine, of_file, strict=True)}
            bounded[family] = tuple(known.get(id(row), row) for row in bounded[family])
            unsaid = {r.part["what"] for r in of_file if r.measure == "shown" and _open(r)}
            beside = tuple(
                _without_baseline(row)
                if row.measure == tells and _of(row, file) and row.part["what"] in unsaid else row
                for row in beside
            )  # fmt: skip
        if beside:
            bounded["linked"] = tuple(_bound_identified(beside, tells))
    return bounded


def _file(row: Row) -> str:
    return str(row.part.get("file", ""))


def _of(row: Row, file: str) -> bool:
    """Whether a row of a joined table and map is about that file."""
    return not file or not _file(row) or file in _file(row).split(", ")


def _open(row: Row) -> bool:
    """Whether a number is withheld or a lower bound."""
    return row.withheld or row.bound == "lower"


def _columns(
    file: str, rows: Sequence[Row], inventories: Sequence[Inventory], is_map: bool
) -> Sequence[Column]:
    """Return the columns of a file whose inventory is printed too."""
    fits = [one for one in inventories if one.name == file]
    if not file:
        n = {row.n for row in rows if row.measure == "shown" and not row.withheld}
        fits = [one for one in inventories if one.n in n and one.is_map == is_map]
    return fits[0].columns if fits else ()


def _of_file(rows: Sequence[Row], columns: Sequence[Column]) -> list[Row]:
    """Bound shown properties by columns, then identified people by these properties."""
    bounded = []
    for row in rows:
        if row.measure in ("shown", "note_holds"):
            what = str(row.part.get("what", ""))
            kind = KIND_IN_INVENTORY.get(what, what)
            parts = list(mentions(columns, kind, row.measure == "note_holds"))
            if row.measure == "shown":
                parts += [column.filled for column in columns if column.kind == what]
            row = _at_least(row, parts)
        bounded.append(row)
    shown = {str(row.part["what"]): row for row in bounded if row.measure == "shown"}
    who = [_count(shown[kind]) for kind in IDENTIFYING_KINDS if kind in shown]
    lost = any(_open(shown[kind]) for kind in IDENTIFYING_KINDS if kind in shown)
    return [_identified(row, shown, who, lost) for row in bounded]


def _identified(row: Row, shown: Mapping[str, Row], who: Sequence[float], lost: bool) -> Row:
    """Bound a row on identified people where an identifier, or its property, is not known."""
    what = str(row.part.get("what", ""))
    unknown = what in shown and _open(shown[what])
    if lost and row.measure == "identified":
        return _at_least(row, [*who, math.nan])
    if row.measure == "identified_with" and what in shown and (lost or unknown):
        both = max([k for k in who if k == k], default=0) + _count(shown[what]) - row.n
        return _at_least(row, [both, math.nan])
    if row.measure == "shown_without" and (lost if what == "identity" else unknown):
        return _without_baseline(row)
    return row


def mentions(columns: Iterable[Column], what: str, notes: bool = False) -> Iterator[float]:
    """Yield how many cells of each column mention something."""
    for column in columns:
        if what in column.says and (column.kind == "note" or not notes):
            yield column.says[what]


def _bound_identified(rows: Sequence[Row], tells: str) -> Iterator[Row]:
    """Bound the people identified by both files where a direct identifier is withheld."""
    lost = {}
    for file in {_file(row) for row in rows}:
        mine = {str(r.part["what"]): r for r in rows if r.measure == tells and _file(r) == file}
        unknown = {k for k, one in mine.items() if one.withheld or one.baseline != one.baseline}
        if unknown & {*IDENTIFYING_KINDS, "location", "support"}:
            lost[file] = mine
    for row in rows:
        mine = lost.get(_file(row), {})
        what = str(row.part.get("what", ""))
        if row.measure != tells or not mine or what not in ("identity", "all_three"):
            yield row
            continue
        hits = [_count(mine[kind]) for kind in IDENTIFYING_KINDS if kind in mine]
        who = max((count for count in hits if count == count), default=0)
        if what == "all_three":
            others = [mine[kind] for kind in ("location", "support") if kind in mine]
            who += sum(_count(other) - row.n for other in others)
        yield _without_baseline(_at_least(row, [who, math.nan]))


def _count(row: Row) -> float:
    return row.value * row.n


def _at_least(row: Row, parts: Sequence[float]) -> Row:
    """Return a union as a lower bound, its largest part, if a part is withheld."""
    if row.withheld or not any(math.isnan(part) for part in parts):
        return row
    # A column may be filled with "no": filled cells exceed shown ones.
    least = max((part for part in parts if part <= _count(row) + SLIP), default=0.0)
    value = min(least / row.n, row.value) if least > 0 else math.nan
    notes = dict.fromkeys((*row.notes, Note("least_beside_withheld")))
    return replace(row, value=value, low=value, high=value, bound="lower", notes=(*notes,))


def _without_baseline(row: Row) -> Row:
    """Remove the baseline of a row."""
    return row if row.withheld else replace(row, baseline=math.nan)


GROUPS = ("zone", "age_band", "sex", "profession", "door", "label")
# Rows whose hits, summed, are the size of a level of a group.
_GROUP_ROWS: tuple[tuple[str, str, str, tuple[str, ...]], ...] = (
    ("door", "wrong", "household", ("wrong_addresses",)),
    ("door", "wrong", "household", ("wrong_households",)),
    ("door", "wrong", "household", ("wrong_addresses_homonym", "wrong_addresses_stale")),
    ("label", "wrong", "household", ("wrong_labels",)),
    *(("label", level, "harms", (f"label_{level}",)) for level in ("wrong", "right", "none")),
)


def withheld(counts: np.ndarray) -> np.ndarray:
    """Return which cells of a one-way table must be withheld beside their total.

    Parameters
    ----------
    counts : ndarray of shape (n,)
        People in each cell; the cells are exclusive and add up to the total. An empty cell is
        withheld, and is no cover for others: it may be known to be empty.

    Returns
    -------
    ndarray of bool, shape (n,)

    Raises
    ------
    ParameterError
        A count is negative or missing.

    Examples
    --------
    >>> withheld(np.array([400, 30, 5])).tolist()
    [False, True, True]
    >>> withheld(np.array([400, 30, 12])).tolist()
    [False, False, False]
    """
    counts = np.asarray(counts, dtype=float)
    if not (counts >= 0).all():
        raise ParameterError.of("withheld", "counts of 0 or more", "a negative or missing one")
    return suppressed(pd.DataFrame({"cell": np.arange(len(counts))}), counts)


def guarded_table(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a table without the numbers of its withheld cells.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row a cell, its people in column ``n``; the cells are exclusive and add up to a total
        that is shown.

    Returns
    -------
    pandas.DataFrame
        A copy with a new last column ``withheld``; numbers of withheld rows are nan.

    Raises
    ------
    SchemaError
        The column of counts is missing.

    Examples
    --------
    >>> guarded_table(pd.DataFrame({"zone": ["a", "b", "c"], "n": [400, 30, 5]}))["n"].tolist()
    [400.0, nan, nan]
    """
    columns_present("guarded_table", "count", ("n",), frame.columns, "the table")
    hidden = withheld(frame["n"].to_numpy(dtype=float))
    shown = frame.copy()
    for column in shown.select_dtypes("number").columns:
        shown[column] = shown[column].astype(float).where(~hidden)
    return shown.assign(withheld=hidden)


@dataclass(frozen=True)
class Shown:
    """What of a study may be shown.

    Parameters
    ----------
    rows : mapping of str to tuple of Row
        By family.
    withheld_groups : set of (int, str)
        Which group of which exposure is left out altogether: by its place, and its column.
    """

    rows: Mapping[str, tuple[Row, ...]]
    withheld_groups: frozenset[tuple[int, str]]

    def study(self, study: Study) -> Study:
        """Return a study with the rows that may be shown, and no other."""
        shown = {
            family: replace(one, rows=self.rows[family], notes=notes_that_may_be_shown(one))
            for family, one in study.measures.items()
        }
        exposures = tuple(replace(one, notes=_of_many(one.notes)) for one in study.exposures)
        return replace(study, measures=shown, exposures=exposures, notes=_of_many(study.notes))


def beside_third_tables(rows: tuple[Row, ...]) -> tuple[Row, ...]:
    """Withhold what two tables have in common with a third if it tells what they have in common.

    Of 50 records, 40 are in one table and 18 in another: eight are in both at least. None is in
    another, and all but two are in one: in both are two at most.

    Examples
    --------
    >>> def found(table, other, hits, n):
    ...     part = {"table": table, "other": other, "by": "name"}
    ...     return Row(measure="found_in", value=hits / n, unit="share", n=n, counts="records",
    ...                part=part, withheld=hits < 11)
    >>> asked = ("a", "b", 8, 100), ("a", "c", 40, 100), ("c", "a", 40, 50), ("c", "b", 18, 50)
    >>> [row.withheld for row in beside_third_tables(tuple(found(*one) for one in asked))]
    [True, False, False, True]
    """
    of = {tuple(row.part.get(name) for name in ("table", "other", "by")): row
          for row in rows if row.measure == "found_in"}  # fmt: skip
    gone: set[Any] = set()
    for (one, two, by), few in of.items():
        for third in {table for table, _, _ in of} - {one, two} if few.withheld else ():
            beside = [
                of.get((*pair, by)) or of.get((*pair, "any"))
                for pair in ((third, one), (third, two), (one, third))
            ]
            if any(row is None or row.withheld for row in beside):
                continue
            first, then, mine = cast("list[Row]", beside)
            least = max(_count(first) + _count(then) - first.n, 1)
            most = min(mine.n - _count(mine) + _count(then), SMALL_CELL - 1)
            if most - least <= KNOWN_WITHIN:
                gone.add((min(first, then, key=_count) if _count(then) else first).key)
    return tuple(emptied(row) if row.key in gone else row for row in rows)


def _consistent(rows: tuple[Row, ...]) -> tuple[Row, ...]:
    """Remove rows that another reveals, and empty rows that would reveal a withheld one."""
    rows = beside_third_tables(rows)
    rows = tuple(emptied(row) if would_reveal(row, rows) else row for row in rows)
    return tuple(row for row in rows if not revealed_elsewhere(row, rows))


def shown_of(study: Study) -> Shown:
    """Withhold small counts, and numbers that would reveal them.

    Group tables, totals and rows about the same people are held against each other: where rows
    tell the size of a group under `SMALL_CELL`, its table goes, until an integer programme that
    knows the
    rule and all that is printed leaves every withheld cell more than three values. The rows
    stay: they are numerators of all the people of the map.
    """
    guarded_rows = {name: _consistent(guarded(of.rows)) for name, of in study.measures.items()}
    rows = with_bounded_unions(guarded_rows, study.inventories)
    withheld_groups: set[tuple[int, str]] = set()
    known: dict[tuple[str, tuple[int, ...]], bool] = {}
    for place, exposure in enumerate(study.exposures):
        for column in GROUPS:
            sizes = _sizes(exposure, column)
            key = column, tuple(sizes)
            if key not in known:
                known[key] = _is_safe(rows, column, sizes)
            if not known[key]:
                withheld_groups.add((place, column))
    return Shown(rows, frozenset(withheld_groups))


def _sizes(exposure: Exposure, column: str) -> pd.Series:
    if column not in exposure.per_person:
        return pd.Series(dtype=int)
    return exposure.per_person[column].fillna("").astype("str").value_counts(sort=False)


def _is_safe(rows: Mapping[str, tuple[Row, ...]], column: str, sizes: pd.Series) -> bool:
    """Whether the small groups of a table stay unknown beside the printed rows."""
    counts = sizes.to_numpy()
    hidden = withheld(counts)
    least, most = ranges(counts, hidden, _revealed(rows, column, sizes, hidden))
    return not (hidden & (counts < SMALL_CELL) & (most - least <= KNOWN_WITHIN)).any()


def _revealed(
    rows: Mapping[str, tuple[Row, ...]], column: str, sizes: pd.Series, hidden: np.ndarray
) -> dict[int, int]:
    """Return the hidden groups whose size some rows reveal, or nearly."""
    revealed: dict[int, int] = {}
    every = [row for of_family in rows.values() for row in of_family]
    for cell in np.flatnonzero(hidden).tolist():
        level, size = str(sizes.index[cell]), int(sizes.iloc[cell])
        sums = [
            [_hits(row) for row in rows.get(family, ())
             if row.measure in measures and math.isfinite(row.value)]
            for named, of_level, family, measures in _GROUP_ROWS
            if (named, of_level) == (column, level)
        ]  # fmt: skip
        near = any(hits and abs(sum(hits) - size) <= KNOWN_WITHIN for hits in sums)
        if near or any(str(row.part.get(column)) == level and row.n == size for row in every):
            revealed[cell] = size
    return revealed


def _hits(row: Row) -> float:
    return round(_count(row)) if row.unit in ("share", "probability") else row.value


def ranges(
    counts: np.ndarray, hidden: np.ndarray, known: Mapping[int, int]
) -> tuple[np.ndarray, np.ndarray]:
    """Return the feasibility interval of each cell, given everything printed.

    The total is known, the cells that are shown, the rule, that nobody is in a level for
    nothing, and the hidden cells that something else tells.

    Examples
    --------
    >>> counts, hidden = np.array([4, 12, 150]), np.array([True, True, False])
    >>> [end.astype(int).tolist() for end in ranges(counts, hidden, {})]
    [[1, 1, 150], [15, 15, 150]]
    >>> [end.astype(int).tolist() for end in ranges(counts, hidden, {1: 12})]
    [[4, 12, 150], [4, 12, 150]]
    """
    counts = np.asarray(counts, dtype=float)
    least, most = counts.copy(), counts.copy()
    cells = np.flatnonzero(hidden)
    if not len(cells):
        return least, most
    shown = counts[~hidden]
    # If nothing is shown and no cell was added, each is known to be small.
    alone = SMALL_CELL - 1 if counts.max() < SMALL_CELL else counts.sum()
    top = shown.min() if len(shown) else alone
    low = np.array([known.get(int(c), 1) for c in cells], dtype=float)
    high = np.array([known.get(int(c), top) for c in cells], dtype=float)
    total = counts[cells].sum()
    if low.sum() <= total <= high.sum():
        # What the others leave of the total, at most and at least.
        least[cells] = np.maximum(low, total - (high.sum() - high))
        most[cells] = np.minimum(high, total - (low.sum() - low))
    return least, most


_FAMILIES = ("inspect", "inventory", "properties")


def refuse_other_counts(study: Study) -> None:
    """Raise if a row and the inventory of its file count differently.

    Parameters
    ----------
    study : Study
        Rows of the families inspect, inventory and properties are compared: records, minors, who
        is alone by the proposed keys, what cells speak of, what columns show and notes hold.

    Raises
    ------
    AssertionError
        The message names the file, the measure and both counts, and no cell.
    """
    for family in _FAMILIES:
        measures = study.measures.get(family)
        if measures is None:
            continue
        for row in measures.rows:
            name = str(row.part.get("file") or measures.name)
            mine = [one for one in study.inventories if name in (one.name, one.file)]
            # A file of several parts has one inventory per part.
            if len(mine) == 1 and not row.withheld and math.isfinite(row.value):
                _compare(row, mine[0])


def _compare(row: Row, one: Inventory) -> None:
    """Compare a count with the bounds that the inventory allows."""
    count = row.value * row.n if row.unit == "share" else row.value
    least, most = _bounds(row, one)
    if not least - SLIP <= count <= most + SLIP:
        raise AssertionError(
            f"{one.name}: '{row.label}' counts {count:g}, its inventory {least:g} to {most:g}"
        )


def _bounds(row: Row, one: Inventory) -> tuple[float, float]:
    """Return the least and most records that the inventory allows."""
    what = str(row.part.get("what"))
    what = KIND_IN_INVENTORY.get(what, what)
    if row.measure == "minors":
        return _known([one.minors])
    if row.measure == "alone_by_keys":
        return _known([one.alone])
    if row.measure == "says":
        named = row.part.get("column")
        return _known(mentions([c for c in one.columns if named in (None, c.name)], what))
    every = float(one.n)
    if row.measure == "note_holds":
        # Several notes of a record may mention the same thing.
        return 0.0, _at_most(every, mentions(one.columns, what))
    if row.measure in ("shown", "identified", "identified_with"):
        counted = list[float]()
        for kind in IDENTIFYING_KINDS if row.measure == "identified" else (what,):
            counted += [column.filled for column in one.columns if column.kind == kind]
            counted += mentions([column for column in one.columns if column.kind != kind], kind)
        # Only special categories have the same kind in an inventory.
        if what in SPECIAL or counted:
            return 0.0, _at_most(every, counted)
    return -math.inf, math.inf


def _known(counts: Iterable[float]) -> tuple[float, float]:
    """Return the sum of counts as both bounds, unbounded if one is withheld."""
    numbers = list(counts)
    if any(map(math.isnan, numbers)):
        return -math.inf, math.inf
    return float(sum(numbers)), float(sum(numbers))


def _at_most(every: float, counts: Iterable[float]) -> float:
    """Return the most records that counts allow, withheld ones at their maximum."""
    return min(every, sum(every if math.isnan(count) else count for count in counts))


# Notes that no mask which was tried moves dots as those of a map were moved.
_MISFITS = {
    "mask_lacks_sharing", "mask_misfits_distance", "mask_misfits_positions", "mask_misfits_streets",
}  # fmt: skip


def kind_of_doubt(study: Study) -> str:
    """Return why a map has no number: "no_map" of a picture, "misfit" of masks, or "doubt"."""
    keys = {note.key for exposure in study.exposures for note in exposure.notes}
    return "no_map" if "may_be_no_map" in keys else "misfit" if keys & _MISFITS else "doubt"


# Notes that estimate the dots of a picture, removed with its result.
_ESTIMATES = ("picture_shows", "picture_pieces_hold", "picture_bubbles_hold")


def gives_range(row: Row) -> bool:
    """Whether a row gives a range in place of a value.

    Examples
    --------
    >>> row = Row(measure="reidentified", value=math.nan, low=.1, high=.4, unit="share", n=90,
    ...           counts="people", reliable=False)
    >>> gives_range(row), gives_range(Row(measure="k", value=3, unit="records", n=9,
    ...                                   counts="records"))
    (True, False)
    """
    return math.isnan(row.value) and row.low < row.high


def without_numbers(row: Row, reasons: Sequence[Note]) -> Row:
    """Return a row without numbers except its size, with the reasons."""
    notes = row.notes or tuple(reasons)
    return replace(row, **dict.fromkeys(NUMBERS, math.nan), reliable=False, notes=notes)  # type: ignore[arg-type]


def only_reliable(study: Study) -> Study:
    """Return a study whose unreliable rows hold a reason and no number.

    A row that gives a range in the place of a value keeps it. Applied twice it changes nothing
    more.
    """
    measures = {family: _measures(result) for family, result in study.measures.items()}
    both = any(result.family == "reading" for result in measures.values())
    exposures = tuple(
        result if result.reliable or both or _ranged(result) else _without_numbers(result)
        for result in study.exposures
    )
    notes = study.notes
    if exposures and not (both or any(e.reliable or _ranged(e) for e in exposures)):
        notes = tuple(note for note in notes if note.key not in _ESTIMATES)
    return replace(study, measures=measures, exposures=exposures, notes=notes)


def reliable_rows(study: Study, rows: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Return the requested rows, without results of an unreliable attack.

    Rows are those of the last exposure of the study: with no number of it printed, a row tells no
    address and no probability either.
    """
    last = study.exposures[-1] if study.exposures else None
    if last is None or last.reliable or _ranged(last) or last.overall["value"].notna().any():
        return dict(rows)
    return {
        name: frame.iloc[:, :1].assign(**dict.fromkeys(frame.columns[1:], ""))
        for name, frame in rows.items()
    }


def _measures(measures: Measures) -> Measures:
    """Blank unreliable rows, all of them if the result does not say which."""
    all_of_them = not measures.reliable and all(row.reliable for row in measures.rows)
    doubted = [not gives_range(row) and (all_of_them or not row.reliable) for row in measures.rows]
    if not any(doubted):
        return measures
    rows = [
        without_numbers(row, measures.notes) if doubt else row
        for row, doubt in zip(measures.rows, doubted, strict=True)
    ]
    return replace(measures, rows=rows, per_record=None)


def _ranged(exposure: Exposure) -> bool:
    return any(gives_range(row) for row in exposure.rows)


def _without_numbers(exposure: Exposure) -> Exposure:
    """Return an exposure of the same people without results."""
    prefixes, ends = ("", "baseline_", "control_", "confidence_"), ("", "_low", "_high")
    gains = [f"{start}{gain}{end}" for gain in exposure.gains for start in prefixes for end in ends]
    scores = [c for c in (*gains, *SCORES) if c in exposure.per_person]
    counted = [str(c) for c in exposure.overall if c != "n"]
    return replace(
        exposure,
        per_person=exposure.per_person.assign(**dict.fromkeys(scores, math.nan)),
        overall=exposure.overall.assign(**dict.fromkeys(counted, math.nan)),
        calibration=exposure.calibration.iloc[:0],
        notes=tuple(note for note in exposure.notes if note.key not in _ESTIMATES),
    )
