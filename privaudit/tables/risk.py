"""How many people of the population stand behind each record's key, and how that is known."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from privaudit.errors import SchemaError
from privaudit.measures.tables import risk
from privaudit.measures.tables.equivalence import Classes, classes
from privaudit.measures.tables.wildcard import COST_LIMIT, matching_cost, matching_sums
from privaudit.tables.codes import CodedTable
from privaudit.tables.crowd import Crowd
from privaudit.words.note import Note

__all__ = ["Population", "gaps_read_as_values", "match_sizes", "people_behind"]

# Some records are mistyped in any file; one in twenty is no longer a slip.
_SLIPS = 0.05


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
    notes : tuple of Note
    doubt : Note, optional
        Why nothing that rests on it is reliable; None where it may be.
    """

    people: NDArray[np.float64]
    source: str
    presence: tuple[float, float] | None = None
    size: float = float("nan")
    uniques: int | None = None
    notes: tuple[Note, ...] = ()
    doubt: Note | None = None

    @property
    def bound(self) -> str:
        """Where only the file is known, a risk is at most what it is there."""
        return "upper" if self.source == "file" else ""


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


def gaps_read_as_values(table: CodedTable, groups: Classes, wildcard: bool) -> list[Note]:
    """Say where missing keys, though wildcards, had to be read as values, and what it means."""
    if not (wildcard and (table.codes < 0).any()):
        return []
    cost = matching_cost(table.codes[groups.first])
    if cost <= COST_LIMIT:
        return []
    size = len(groups.size)
    return [Note("gaps_read_as_values", classes=size, comparisons=cost, most=COST_LIMIT)]


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
        note = Note("file_is_everybody")
        return Population(people=size.astype(np.float64), source="file", notes=(note,))
    people = match_sizes(table, groups, by_class, wildcard)
    fewer = people < size * (1 - 1e-12)
    short = int(fewer.sum() if table.count is None else table.count[fewer].sum())
    notes = [Note("people_from_weights" if weight is not None else "people_from_fraction")]
    if short:
        notes.append(Note("people_raised", records=short))
    people = np.maximum(people, size)
    return Population(people=people, source="weights", size=everybody, notes=tuple(notes))


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
    notes = []
    if cost > COST_LIMIT:
        notes.append(Note("population_as_published", comparisons=cost))
    if short:
        notes.append(Note("population_too_small", records=short, absent=absent))
    low, high = risk.delta_presence(released, of_class)
    return Population(
        people=np.maximum(people, size).astype(np.float64),
        source="population",
        presence=(min(low, 1.0), min(high, 1.0)),
        size=float(crowd.count.sum()),
        uniques=int((crowd.count == 1).sum()),
        notes=tuple(notes),
        doubt=Note("not_its_population") if short > _SLIPS * records(people >= 0) else None,
    )


def _sum_of_weights(weight: NDArray[np.float64], count: NDArray[np.int64] | None) -> float:
    """Sum of weights, the same to its last digit whatever the order and the grouping of records."""
    value, place = np.unique(weight, return_inverse=True)
    times = np.bincount(place, weights=count)
    return math.fsum(value * times)
