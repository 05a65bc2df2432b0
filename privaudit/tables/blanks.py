"""What a missing key is taken for: how many records share each record's key, under each reading.

likely
    What it hides is what records that share the other keys show: an expected number.
wildcard
    It agrees with any value.
value
    It is a level of its own.
exclude
    Its record is left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from privaudit.measures.tables import completions, wildcard
from privaudit.measures.tables.equivalence import Classes
from privaudit.measures.tables.likely import COST_LIMIT, Matches, likely_cost, likely_matches
from privaudit.tables.codes import CodedTable
from privaudit.words.note import Note

__all__ = ["MISSING", "UNDER", "Sizes", "sizes_of"]

MISSING = ("likely", "wildcard", "value", "exclude")
# Classes of fewer records than each of these are told of.
UNDER = (2, 3, 5, 11)


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
    fewer: Mapping[int, NDArray[np.float64]] = field(default_factory=dict)
    ranges: Mapping[Any, tuple[float, float]] = field(default_factory=dict)
    alone: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    notes: tuple[Note, ...] = ()

    @cached_property
    def records(self) -> int:
        """Records of all rows."""
        return int(self.weight.sum())

    def under(self, than: int) -> float:
        """Records in a class of fewer than so many, or as many as are expected to be."""
        chance = self.fewer[than] if than in self.fewer else self.size < than
        return float((chance * self.weight).sum())

    @property
    def smallest(self) -> int:
        """Whole records in the smallest class, or in the one expected to be smallest."""
        return int(self.expected.min() + 1e-9)

    def ranged(self, measure: Any, value: float) -> dict[str, float]:
        """Fields of a row: the value, and where blanks hide something, the range it may have."""
        if measure not in self.ranges:
            return {"value": value}
        low, high = self.ranges[measure]
        return {"value": min(max(value, low), high), "low": low, "high": high}


def sizes_of(table: CodedTable, groups: Classes, missing: str) -> Sizes:
    """Say how many records share the key of each row, missing keys being read as `missing`."""
    weight = np.ones(len(groups.label), dtype=np.int64) if table.count is None else table.count
    complete = (table.codes[groups.first] >= 0).all(axis=1)
    if complete.all() or missing in ("value", "exclude"):
        size, left_out = groups.size[groups.label], len(table) < table.records
        alone = {"value": _alone(groups.size), "exclude": _alone(groups.size[complete])}
        if complete.all():
            alone = dict.fromkeys(("exclude",) if left_out else MISSING, alone["value"])
        read = "value" if missing == "exclude" else missing
        return Sizes(size=size, expected=size, read=read, weight=weight, alone=alone)
    keys = table.codes[groups.first]
    alone = {"exclude": _alone(groups.size[complete]), "value": _alone(groups.size)}
    if missing == "wildcard":
        cost = wildcard.matching_cost(keys)
        if cost > wildcard.COST_LIMIT:
            return _as_values(groups, weight, alone, cost, wildcard.COST_LIMIT, {})
        size = wildcard.matching_sums(keys, groups.size)
        alone["wildcard"] = float(groups.size[size == 1].sum()), float(groups.size.sum())
        size = size[groups.label]
        return Sizes(size=size, expected=size, read="wildcard", weight=weight, alone=alone)
    cost = likely_cost(keys)
    if cost > COST_LIMIT:
        # Nothing is known of who may agree: anybody.
        ranges = _ranges(groups.size, complete)
        return _as_values(groups, weight, alone, cost, COST_LIMIT, ranges)
    found = likely_matches(keys, groups.size, under=UNDER)
    ranges = _ranges(groups.size, complete, found)
    fewer = {than: chance[groups.label] for than, chance in found.fewer.items()}
    lonely = float((found.fewer[2] * groups.size).sum())
    everybody = float(groups.size.sum())
    alone["likely"] = min(max(lonely, ranges[2][0]), ranges[2][1]), everybody
    alone["wildcard"] = float(groups.size[found.most == 1].sum()), everybody
    learnt = int(groups.size[complete].sum())
    return Sizes(
        size=1.0 / found.risk[groups.label],
        expected=found.expected[groups.label],
        read="likely",
        weight=weight,
        fewer=fewer,
        ranges=ranges,
        alone=alone,
        notes=(Note("blanks_learnt", complete=learnt, of=int(everybody)),),
    )


def _alone(size: NDArray[np.int64]) -> tuple[float, float]:
    return float((size == 1).sum()), float(size.sum())


def _as_values(
    groups: Classes,
    weight: NDArray[np.int64],
    alone: Mapping[str, tuple[float, float]],
    cost: float,
    most: float,
    ranges: Mapping[Any, tuple[float, float]],
) -> Sizes:
    size = groups.size[groups.label]
    note = Note("gaps_read_as_values", classes=len(groups.size), comparisons=cost, most=most)
    return Sizes(
        size=size, expected=size, read="value", weight=weight, ranges=ranges, alone=alone,
        notes=(note,),
    )  # fmt: skip


def _ranges(
    count: NDArray[np.int64], complete: NDArray[np.bool_], found: Matches | None = None
) -> dict[Any, tuple[float, float]]:
    """Bound k, the records in small classes, and the risks, over all ways to fill in blanks."""
    n, blanks = int(count.sum()), int(count[~complete].sum())
    most = np.full(len(count), n) if found is None else found.most
    pool = np.ones(len(count), dtype=np.int64) if found is None else found.pool
    k = completions.smallest_class(count, complete, most)
    classes = completions.class_numbers(count, complete, pool)
    ranges: dict[Any, tuple[float, float]] = {
        "k": k,
        "risk_max": (1 / k[1], 1 / k[0]),
        "risk_mean": (classes[0] / n, classes[1] / n),
    }
    for than in UNDER:
        room = blanks if found is None else found.room[than]
        ranges[than] = completions.records_under(count, complete, most, than, room)
    return ranges
