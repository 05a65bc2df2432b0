"""What a missing key is taken for: how many records share each record's key, under each reading.

likely
    What it hides is what records that share the other keys show: an expected number.
wildcard
    It agrees with any value.
value
    It is a level of its own.
exclude
    Its record is left out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from privaudit.columns.roles import MISSING
from privaudit.core.policy import CLASS_THRESHOLDS
from privaudit.tables import equivalence_classes, missing_bounds
from privaudit.tables.coded_table import CodedTable
from privaudit.tables.equivalence_classes import Classes
from privaudit.tables.missing_model import COST_LIMIT, Matches, likely_cost, likely_matches
from privaudit.words.catalogues import Note


@dataclass(frozen=True, eq=False, kw_only=True)
class Sizes:
    """How many records share the key of each row.

    Parameters
    ----------
    size : ndarray, shape (n,)
        Records that share it: 1 over the expected risk where that is an expectation, which
        is less than the expected number.
    expected : ndarray, shape (n,)
        The same number, or what is expected of it.
    read : str
        What missing keys were taken for in the end: one of `MISSING`.
    weight : ndarray of int64, shape (n,)
        Records that each row stands for.
    alpha : float
        Part of a record that a match by a blank counts for; see `blended`.
    fewer : mapping of int to ndarray of float64, shape (n,)
        Chance of fewer records than so many; empty where sizes are known.
    ranges : mapping of str to tuple of float
        Lowest and highest value that any way to fill in the blanks gives, by measure, or by
        measure and threshold; empty where nothing is expected.
    alone : mapping of str to tuple of float
        Records alone with their key, and of how many, under each reading that was taken.
    notes : tuple of Note
    """

    size: NDArray[Any]
    expected: NDArray[Any]
    read: str
    weight: NDArray[np.int64]
    alpha: float = 1.0
    fewer: Mapping[int, NDArray[np.float64]] = field(default_factory=dict)
    ranges: Mapping[Any, tuple[float, float]] = field(default_factory=dict)
    alone: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    notes: tuple[Note, ...] = ()

    def only(self, rows: NDArray[np.int64]) -> Sizes:
        """Return those of some rows; what is of all stays."""
        return replace(
            self,
            size=self.size[rows],
            expected=self.expected[rows],
            weight=self.weight[rows],
            fewer={than: chance[rows] for than, chance in self.fewer.items()},
        )

    def under(self, than: int) -> float:
        """Share of records in a class of fewer than so many, or expected to be."""
        if than not in self.fewer:
            return equivalence_classes.share_under(self.size, than, self.weight)
        return float(np.average(self.fewer[than], weights=self.weight))

    @property
    def alone_each(self) -> NDArray[np.float64]:
        """Chance of each row to stand alone with its key, of a table whose blanks are likely so."""
        return self.fewer[2]

    @property
    def lonely(self) -> int:
        """Records alone with their key, or as many as are expected to be."""
        if not self.fewer:
            return equivalence_classes.sample_uniques(self.size, self.weight)
        return round(float((self.alone_each * self.weight).sum()))

    def most(self, measure: Any, value: float) -> float:
        """The most that a measure may be: its value, where blanks hide nothing."""
        return self.ranges[measure][1] if measure in self.ranges else value

    def range_under(self, than: float) -> tuple[float, float] | None:
        """Range of the share of records in a class of fewer than so many; None: no blank."""
        known = sorted(few for few in self.ranges if isinstance(few, int))
        if not known:
            return None
        # More records are in a class of fewer than more.
        below = [self.ranges[few][0] for few in known if few <= than]
        above = [self.ranges[few][1] for few in known if few >= than]
        return max(below, default=0.0), min(above, default=1.0)

    def ranged(self, measure: Any, value: float) -> dict[str, float]:
        """Fields of a row: the value, and where blanks hide something, the range it may have."""
        if measure not in self.ranges:
            return {"value": value}
        low, high = self.ranges[measure]
        return {"value": min(max(value, low), high), "low": low, "high": high}


def blended(alpha: float, alike: NDArray[Any], matching: NDArray[Any]) -> NDArray[Any]:
    """Count what has the same key, and `alpha` of what only a blank lets agree."""
    return matching if alpha == 1 else alike + alpha * (matching - alike)


def sizes_of(
    table: CodedTable,
    groups: Classes,
    missing: str,
    alpha: float = 1.0,
    *,
    unseen: bool = False,
) -> Sizes:
    """Say how many records share the key of each row, missing keys being read as `missing`.

    Of a table whose rows are records of people, `Sizes.alone` and `Sizes.ranges` are of people:
    whoever has several counts by the riskiest. `unseen` says that a key which nobody shows was
    taken for the same in all: what it hides may still tell everybody apart.
    """
    weight = np.ones(len(groups.label), dtype=np.int64) if table.count is None else table.count
    keys = table.codes[groups.first] if table.has_gaps else table.codes[:0]
    complete = np.ones(len(groups.size), dtype=bool)
    if table.has_gaps:
        complete = np.asarray((keys >= 0).all(axis=1))
    lone = _Lone(groups, weight, table.person)
    alone = {"value": lone(groups.size == 1), "exclude": lone(groups.size == 1, complete)}
    if complete.all():
        left_out = missing == "exclude" and len(table) < table.records
        alone = dict.fromkeys(("exclude",) if left_out else MISSING, alone["value"])
    read = "value" if missing == "exclude" else missing
    size: NDArray[Any] = groups.size
    expected, notes = size, tuple[Note, ...]()
    ranges: Mapping[Any, tuple[float, float]] = {}
    fewer: Mapping[int, NDArray[np.float64]] = {}
    if read == "value" or complete.all():
        pass
    elif read == "wildcard":
        cost, most = missing_bounds.matching_cost(keys), missing_bounds.COST_LIMIT
        if cost <= most:
            matching = missing_bounds.matching_sums(keys, groups.size)
            size = expected = blended(alpha, groups.size, matching)
            alone["wildcard"] = lone(size == 1)
        else:
            read, notes = "value", _too_costly(groups, cost, most)
    elif (cost := likely_cost(keys)) > COST_LIMIT:
        # Nothing is known of who may agree: anybody.
        read, notes = "value", _too_costly(groups, cost, COST_LIMIT)
        ranges = _ranges(groups.size, complete, lone.people)
    else:
        found = likely_matches(keys, groups.size, under=CLASS_THRESHOLDS)
        size, expected, fewer = 1.0 / found.risk, found.expected, found.fewer
        ranges = _ranges(groups.size, complete, lone.people, found)
        likely, n = lone(found.fewer[2])
        alone["likely"] = min(max(likely, ranges["alone"][0]), ranges["alone"][1]), n
        alone["wildcard"] = lone(found.most == 1)
        learnt = int(groups.size[complete].sum())
        notes = (Note("blanks_learnt", complete=learnt, of=int(groups.size.sum())),)
    if unseen:
        ranges = _told_apart(ranges or _ranges(groups.size, complete, lone.people), lone.people)
    of_row = size[groups.label]
    return Sizes(
        size=of_row,
        expected=of_row if expected is size else expected[groups.label],
        read=read,
        weight=weight,
        alpha=alpha,
        fewer={than: chance[groups.label] for than, chance in fewer.items()},
        ranges=ranges,
        alone=alone,
        notes=notes,
    )


@dataclass(frozen=True, eq=False)
class _Lone:
    """Count records that stand alone by a chance of each class; or people, once each."""

    groups: Classes
    weight: NDArray[np.int64]
    person: NDArray[np.int64] | None

    @cached_property
    def people(self) -> int:
        """People, or records."""
        if self.person is None:
            return int(self.weight.sum())
        return len(np.unique(self.person))

    def __call__(self, chance: NDArray[Any], those: Any = True) -> tuple[float, float]:
        """How many are alone, and of how many who have a record of some classes."""
        if self.person is None and chance.dtype == bool:
            # Whole records: the sizes of the classes add up exactly.
            some = np.broadcast_to(those, chance.shape)
            size = self.groups.size
            return float(size[some & chance].sum()), float(size[some].sum())
        of_row = np.broadcast_to(those, chance.shape)[self.groups.label]
        each = (chance.astype(np.float64)[self.groups.label])[of_row]
        if self.person is None:
            weight = self.weight[of_row]
            return float((each * weight).sum()), float(weight.sum())
        highest = np.full(int(self.person.max()) + 1, -1.0)
        np.maximum.at(highest, self.person[of_row], each)
        there = highest >= 0
        return float(highest[there].sum()), float(there.sum())


def _too_costly(groups: Classes, cost: float, most: float) -> tuple[Note, ...]:
    classes = len(groups.size)
    return (Note("gaps_read_as_values", classes=classes, comparisons=cost, most=most),)


def _told_apart(
    ranges: Mapping[Any, tuple[float, float]], people: int
) -> dict[Any, tuple[float, float]]:
    """Widen ranges to where everybody may be alone."""
    wider = {name: (low, 1.0) for name, (low, _) in ranges.items()}
    return wider | {"k": (1.0, ranges["k"][1]), "alone": (ranges["alone"][0], float(people))}


def _ranges(
    count: NDArray[np.int64],
    complete: NDArray[np.bool_],
    people: int,
    found: Matches | None = None,
) -> dict[Any, tuple[float, float]]:
    """Bound k, the people in small classes, and the risks, over all ways to fill in blanks."""
    n, blanks = int(count.sum()), int(count[~complete].sum())
    most = np.full(len(count), n) if found is None else found.most
    pool = np.ones(len(count), dtype=np.int64) if found is None else found.pool
    k = missing_bounds.smallest_class(count, complete, most)
    # Of so many records at most, another one of their person is among them.
    further = n - people
    few, many = missing_bounds.class_numbers(count, complete, pool)
    ranges: dict[Any, tuple[float, float]] = {
        "k": k,
        "risk_max": (1 / k[1], 1 / k[0]),
        "risk_mean": (max(few - further, 1) / people, min(many / people, 1.0)),
    }
    for than in CLASS_THRESHOLDS:
        room = blanks if found is None else found.room[than]
        low, high = missing_bounds.records_under(count, complete, most, than, room)
        ends = max(low - further, 0), min(high, people)
        ranges[than] = ends[0] / people, ends[1] / people
        if than == 2:
            ranges["alone"] = ends
    return ranges
