"""Which keys do it: rows of distinction, separation and special uniques."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from privaudit.exposure.tables.codes import CodedTable
from privaudit.exposure.tables.rows import Rows
from privaudit.measures.tables import quasi_identifiers, special_uniques
from privaudit.measures.tables.equivalence import Classes

__all__ = [
    "add_all_keys",
    "add_keys",
    "add_no_special_uniques",
    "add_special_uniques",
    "search_uniques",
    "sets_to_scan",
]


def add_keys(rows: Rows, table: CodedTable, groups: Classes, subsets: int) -> list[str]:
    """Add distinction and separation of all keys, then of every small set of them."""
    add_all_keys(rows, groups.size)
    largest, notes = sets_to_scan(len(table), len(table.keys), subsets)
    if largest:
        for keys, apart, pairs in quasi_identifiers.scan_subsets(table.codes, largest, table.count):
            name = ",".join(table.keys[j] for j in keys)
            rows.add(f"distinction[{name}]", apart, "share of records")
            rows.add(f"separation[{name}]", pairs, "share of pairs")
    return notes


def sets_to_scan(n: int, d: int, subsets: int) -> tuple[int, list[str]]:
    """How many of d keys a scanned set may hold, 0 for no scan; and why fewer than asked."""
    asked = min(subsets, d)
    largest = asked
    while largest and quasi_identifiers.scan_cost(n, d, largest) > quasi_identifiers.COST_LIMIT:
        largest -= 1
    if largest == asked:
        return largest, []
    sets = sum(math.comb(d, k) for k in range(1, asked + 1))
    return largest, [
        f"Sets of keys were scanned up to {largest} keys, not {asked}: "
        f"that would be {sets:,} sets of keys over {n:,} records."
    ]


def add_all_keys(
    rows: Rows, size: NDArray[np.int64], count: NDArray[np.int64] | None = None
) -> None:
    """Add distinction and separation of all keys together; `count` classes have each size."""
    note = "Distinct keys over records; a missing key is a value."
    rows.add("distinction", quasi_identifiers.distinction(size, count), "share of records", note)
    note = "Pairs of records that differ; a missing key is a value."
    rows.add("separation", quasi_identifiers.separation(size, count), "share of pairs", note)


def search_uniques(
    table: CodedTable, special: int
) -> tuple[special_uniques.MinimalUniques, str, list[str]]:
    """Search minimal uniques of at most `special` keys; say how far, and why no farther."""
    n, d = table.codes.shape
    depth, notes = min(special, d), []
    while depth > 1 and special_uniques.search_cost(n, d, depth) > special_uniques.COST_LIMIT:
        depth -= 1
    if depth < min(special, d):
        sets = sum(math.comb(d, k) for k in range(1, min(special, d) + 1))
        notes.append(
            f"Special uniques were searched up to {depth} keys, not {min(special, d)}: "
            f"that would be {sets:,} sets of keys over {n:,} records."
        )
    found = special_uniques.minimal_uniques(table.codes, max_size=depth)
    return found, f"Sets of at most {depth} of {d} keys; a missing key is a value.", notes


def add_no_special_uniques(rows: Rows, keys: tuple[str, ...], why: str) -> None:
    """Add the rows of `add_special_uniques` without a number, and why."""
    rows.absent(["special_uniques"], "records", why)
    rows.absent(["minimal_uniques"], "sets", why)
    rows.absent(["suda_score_max", "suda_score"], "score", why)
    rows.absent(["dis_suda_max", "dis_suda"], "index", why)
    rows.absent([f"suda_contribution[{key}]" for key in keys], "share of score", why)


def add_special_uniques(
    rows: Rows, table: CodedTable, groups: Classes, special: int, rate: float | None
) -> tuple[dict[str, NDArray[Any]], list[str]]:
    """Add SUDA scores and each key's part in them; return the scores by record."""
    n, d = table.codes.shape
    if d > special_uniques.MOST_KEYS or (
        special_uniques.search_cost(n, d, 1) > special_uniques.COST_LIMIT
    ):
        why = f"Special uniques were not searched: {d} keys over {n:,} records are too many."
        add_no_special_uniques(rows, table.keys, why)
        return {}, [why]
    found, note, notes = search_uniques(table, special)
    score = special_uniques.suda_score(found)
    rows.add("special_uniques", int((found.count > 0).sum()), "records", note)
    rows.add("minimal_uniques", len(found.record), "sets", note)
    rows.add("suda_score_max", score.max(), "score", note)
    rows.add("suda_score", score.mean(), "score", note)
    scores: dict[str, NDArray[Any]] = {
        "suda_score": score,
        "minimal_uniques": found.count,
        "smallest_unique": found.smallest,
    }
    if rate is None:
        names = ("dis_suda_max", "dis_suda")
        rows.absent(names, "index", "Needs sampling_fraction, weights or a population.")
    else:
        uniques, pairs = (int((groups.size == j).sum()) for j in (1, 2))
        index = special_uniques.dis_suda(score, uniques, pairs, rate, len(table.keys))
        rows.add("dis_suda_max", index.max(), "index", note)
        rows.add("dis_suda", index.mean(), "index", note)
        scores["dis_suda"] = index
    for name, part in zip(table.keys, special_uniques.key_contributions(found), strict=True):
        note = "Part of the SUDA score from sets that hold this key; the parts overlap."
        rows.add(f"suda_contribution[{name}]", part, "share of score", note)
    return scores, notes
