"""Who could be found in the table: rows of class sizes and of re-identification risk."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from privaudit.errors import SchemaError
from privaudit.exposure.tables.codes import CodedTable
from privaudit.exposure.tables.crowd import Crowd
from privaudit.exposure.tables.rows import Rows
from privaudit.measures.tables import risk
from privaudit.measures.tables.equivalence import Classes, classes
from privaudit.measures.tables.wildcard import COST_LIMIT, matching_cost, matching_sums

__all__ = ["Population", "add_classes", "gaps_read_as_values", "match_sizes", "people_behind"]

THRESHOLDS = (2, 3, 5, 11)
_BINS = ((1, 1), (2, 2), (3, 4), (5, 10), (11, 100), (101, None))


_SLIPS = 0.05
_NOT_ITS_POPULATION = (
    "The population holds fewer people than the file for more than one record in twenty: it is "
    "hardly the population of this file."
)


@dataclass(frozen=True, eq=False, kw_only=True)
class Population:
    """How many people of the population carry each record's key, and how that is known.

    Parameters
    ----------
    people : ndarray of float64, shape (n,)
        F of each record, at least f.
    source : {"population", "weights", "file"}
        A list of everybody; sums of weights; or only the file, so that F >= f is all one knows.
    presence : tuple of float, optional
        Lowest and highest share of a class of the population that is in the file.
    size : float
        People in the population; nan where only the file is known.
    uniques : int, optional
        People of the population who are alone with their key, where it is listed.
    note : str
    doubt : str
        Why nothing that rests on it is reliable; "" where it may be.
    """

    people: NDArray[np.float64]
    source: str
    presence: tuple[float, float] | None = None
    size: float = float("nan")
    uniques: int | None = None
    note: str = ""
    doubt: str = ""


def match_sizes(
    table: CodedTable, groups: Classes, amount: NDArray[Any], wildcard: bool
) -> NDArray[Any]:
    """Sum an amount of each class over the records that each record matches, shape (n,).

    Where missing keys can be filled in too many ways they are read as values, which never sums
    up more: `gaps_read_as_values` says so.
    """
    if wildcard and (table.codes < 0).any():
        keys = table.codes[groups.first]
        if matching_cost(keys) <= COST_LIMIT:
            amount = matching_sums(keys, amount)
    return amount[groups.label]


def gaps_read_as_values(table: CodedTable, groups: Classes, wildcard: bool) -> list[str]:
    """Say where missing keys, though wildcards, had to be read as values, and what it means."""
    if not (wildcard and (table.codes < 0).any()):
        return []
    cost = matching_cost(table.codes[groups.first])
    if cost <= COST_LIMIT:
        return []
    return [
        f"Missing keys are read as values after all: as wildcards, {len(groups.size):,} classes "
        f"would take {cost:.1e} comparisons, and at most {COST_LIMIT:.0e} are made. Class sizes "
        "are lower bounds and risks upper bounds. Leave out the keys with most blanks."
    ]


def add_classes(
    rows: Rows,
    size: NDArray[np.int64],
    histogram: tuple[NDArray[np.int64], NDArray[np.int64]],
    count: NDArray[np.int64] | None = None,
) -> None:
    """Add what the classes alone tell: somebody known to be in the file can be found so far.

    Parameters
    ----------
    rows : Rows
    size : ndarray of int64, shape (n,)
        Records that carry each row's key.
    histogram : tuple of ndarray of int64, shape (s,)
        Sizes, and the classes of each size.
    count : ndarray of int64, shape (n,), optional
        Records that each row stands for.
    """
    n = rows.n
    found = risk.prosecutor_risk(size)
    sizes, counts = histogram
    rows.add("records", n, "records")
    rows.add("classes", int(counts.sum()), "classes", "Distinct keys as published.")
    rows.add("k_anonymity", risk.k_anonymity(size), "records", "Size of the smallest class.")
    alone = risk.sample_uniques(size, count)
    rows.add("sample_uniques", alone, "records", "Alone with their key.")
    for threshold in THRESHOLDS:
        share = risk.share_under(size, threshold, count)
        note = f"Records in a class of fewer than {threshold}."
        rows.add(f"share_under_{threshold}", share, "share of records", note)
    for low, high in _BINS:
        inside = (sizes >= low) & (sizes <= (high or np.inf))
        span = f"{low}" if low == high else f"{low}_to_{high}" if high else f"{low}_and_more"
        rows.add(f"classes_of_{span}", int(counts[inside].sum()), "classes")
    rows.add("prosecutor_risk_max", found.max(), "probability", baseline=1 / n)
    note = "Mean over records, never over classes."
    mean = float(np.average(found, weights=count))
    rows.add("prosecutor_risk_mean", mean, "probability", note, baseline=1 / n)


def people_behind(
    table: CodedTable,
    groups: Classes,
    size: NDArray[np.int64],
    *,
    crowd: Crowd | None,
    sampling_fraction: float | None,
    wildcard: bool,
    who: str,
) -> Population:
    """Count or estimate F, the people of the population behind each record's key."""
    if crowd is not None:
        return _counted(table, groups, size, crowd, wildcard, who)
    weight = table.weight
    if weight is not None:
        stands_for = weight if table.count is None else weight * table.count
        by_class: NDArray[Any] = np.bincount(
            groups.label, weights=stands_for, minlength=len(groups.size)
        )
        everybody = _sum_of_weights(weight, table.count)
    elif sampling_fraction is not None:
        by_class = groups.size / sampling_fraction
        everybody = len(table) / sampling_fraction
    else:
        note = "No population and no weight: the file is taken for everybody, an upper bound."
        return Population(people=size.astype(np.float64), source="file", note=note)
    people = match_sizes(table, groups, by_class, wildcard)
    fewer = people < size * (1 - 1e-12)
    short = int(fewer.sum() if table.count is None else table.count[fewer].sum())
    note = (
        "F estimated as the sum of weights." if table.weight is not None else "F taken as f / pi."
    )
    if short:
        note += f" Raised to f in {short:,} records whose weights sum to fewer people than records."
    people = np.maximum(people, size)
    return Population(people=people, source="weights", size=everybody, note=note)


def _counted(
    table: CodedTable,
    groups: Classes,
    size: NDArray[np.int64],
    crowd: Crowd,
    wildcard: bool,
    who: str,
) -> Population:
    mine = crowd.mine[groups.first]
    cost = max(matching_cost(mine, of=crowd.codes), matching_cost(crowd.codes)) if wildcard else 0
    if wildcard and cost <= COST_LIMIT:
        people = matching_sums(mine, crowd.count, of=crowd.codes)[groups.label]
        released = matching_sums(crowd.codes, groups.size, of=mine)
        of_class = matching_sums(crowd.codes, crowd.count)
    else:
        joint = classes(np.concatenate([mine, crowd.codes]))
        k, m = len(mine), len(joint.size)
        in_file, in_crowd = np.zeros(m, dtype=np.int64), np.zeros(m, dtype=np.int64)
        in_file[joint.label[:k]] = groups.size
        in_crowd[joint.label[k:]] = crowd.count
        people = in_crowd[joint.label[:k]][groups.label]
        lives = in_crowd > 0
        released, of_class = in_file[lives], in_crowd[lives]

    def records(those: NDArray[np.bool_]) -> int:
        return int(those.sum() if table.count is None else table.count[those].sum())

    if not people.any():
        needed = "a population that holds the people of the table, with the same values of the keys"
        raise SchemaError(f"{who}: needs {needed}, but no record's key occurs in it.")
    short, absent = records(people < size), records(people == 0)
    note = ""
    if cost > COST_LIMIT:
        note = (
            f"Of the people with a key as published, a missing key being a value: as a wildcard it "
            f"would take {cost:.1e} comparisons. F is a lower bound, and risks are upper bounds. "
        )
    if short:
        note += (
            f"The population holds fewer people than the file for the keys of {short:,} records "
            f"({absent:,} not at all): F raised to f there. Is it the population of this file?"
        )
    low, high = risk.delta_presence(released, of_class)
    return Population(
        people=np.maximum(people, size).astype(np.float64),
        source="population",
        presence=(min(low, 1.0), min(high, 1.0)),
        size=float(crowd.count.sum()),
        uniques=int((crowd.count == 1).sum()),
        note=note.strip(),
        # Some records are mistyped in any file; one in twenty is no longer a slip.
        doubt=_NOT_ITS_POPULATION if short > _SLIPS * records(people >= 0) else "",
    )


def _sum_of_weights(weight: NDArray[np.float64], count: NDArray[np.int64] | None) -> float:
    """Sum of weights, the same to its last digit whatever the order and the grouping of records."""
    value, place = np.unique(weight, return_inverse=True)
    times = np.bincount(place, weights=count)
    return math.fsum(value * times)
