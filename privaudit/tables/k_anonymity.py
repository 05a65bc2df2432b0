"""Who could be found in the table by somebody who knows that they are in it: its class sizes."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from privaudit.columns.roles import MISSING
from privaudit.core.policy import CLASS_BINS, CLASS_THRESHOLDS, SMALL_CELL
from privaudit.tables import equivalence_classes, quasi_identifiers
from privaudit.tables.table_measure import NAMELESS, RISK, SAFETY, declared
from privaudit.words.catalogues import Note

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from privaudit.tables.context import Facts

_AT_MOST_AS_MANY = {"everybody_twice": "not_more"}


@declared(unit="records", span=(1, math.inf), laws=NAMELESS | {"everybody_twice": "double"})
def records(facts: Facts) -> float:
    """Records that are measured."""
    return len(facts)


@declared(unit="classes", span=(1, math.inf), laws=RISK | {"everybody_twice": "same"})
def classes(facts: Facts) -> float:
    """Distinct keys as published."""
    return int(facts.histogram[1].sum())


@declared(
    unit="records", safe="large", span=(1, math.inf), laws=SAFETY | {"everybody_twice": "double"}
)
def k_anonymity(facts: Facts) -> dict[str, Any]:
    """Records that share the rarest key."""
    return facts.sizes.ranged("k", equivalence_classes.k_anonymity(facts.sizes.expected))


@declared(unit="records", safe="small", laws=RISK | _AT_MOST_AS_MANY)
def sample_uniques(facts: Facts) -> dict[str, Any]:
    """Records that stand alone with their key."""
    return facts.sizes.ranged("alone", facts.sizes.lonely)


@declared(unit="records", safe="small", laws=RISK | _AT_MOST_AS_MANY)
def uniques_by_reading(facts: Facts) -> list[dict[str, Any]]:
    """The same, missing keys being read in each way; of complete records alone first."""
    told = facts.sizes.alone
    return [
        {"value": round(told[read][0]), "n": told[read][1], "part": {"missing": read}}
        if read in told
        else {"value": math.nan, "part": {"missing": read}, "notes": (Note("not_read_so"),)}
        for read in reversed(MISSING)
    ]


@declared(unit="share", safe="small", span=(0, 1), laws=RISK | _AT_MOST_AS_MANY)
def share_under(facts: Facts) -> list[dict[str, Any]]:
    """Share of records in a class of fewer than the threshold."""
    sizes = facts.sizes
    return [
        {**sizes.ranged(few, sizes.under(few)), "part": {"threshold": few}}
        for few in CLASS_THRESHOLDS
    ]


@declared(unit="classes", laws=NAMELESS)
def classes_of(facts: Facts) -> list[dict[str, Any]]:
    """Classes of so many records."""
    return [
        {
            "value": facts.classes_between(least, most),
            "part": {"least": least, **({} if most is None else {"most": most})},
        }
        for least, most in CLASS_BINS
    ]


@declared(unit="probability", safe="small", span=(0, 1), laws=RISK | _AT_MOST_AS_MANY)
def prosecutor_risk_max(facts: Facts) -> dict[str, Any]:
    """Chance of the right record for somebody known to be in the file: the greatest."""
    largest = float(facts.prosecuted.max())
    return {**facts.sizes.ranged("risk_max", largest), "baseline": 1 / len(facts)}


@declared(unit="probability", safe="small", span=(0, 1), laws=RISK | _AT_MOST_AS_MANY)
def prosecutor_risk_mean(facts: Facts) -> dict[str, Any]:
    """The same, its mean over records, never over classes."""
    mean = facts.mean(facts.prosecuted)
    return {**facts.sizes.ranged("risk_mean", mean), "baseline": 1 / len(facts)}


@declared(unit="share", safe="small", span=(0, 1), laws=RISK | _AT_MOST_AS_MANY)
def distinction(facts: Facts) -> Iterator[dict[str, Any]]:
    """Distinct keys over records: of all keys, then of every small set of them."""
    return _of_sets(facts, quasi_identifiers.distinction)


@declared(unit="share", of="pairs", safe="small", span=(0, 1), laws=RISK | _AT_MOST_AS_MANY)
def separation(facts: Facts) -> Iterator[dict[str, Any]]:
    """Pairs of records that differ in their key: of all keys, then of every small set of them."""
    return _of_sets(facts, quasi_identifiers.separation)


def _of_sets(facts: Facts, taken: Any) -> Iterator[dict[str, Any]]:
    keys = facts.table.keys
    told = _of_the_holder(_gives_levels_away(facts, range(len(keys)), facts.published))
    yield {"value": taken(*facts.published), "notes": (Note("missing_key_is_a_value"),), **told}
    largest, _ = sets_to_scan(len(facts), len(keys), facts.options.subsets)
    if not largest:
        return
    for chosen in quasi_identifiers.subsets(len(facts), len(keys), largest):
        part = {"keys": tuple(keys[j] for j in chosen)}
        told = _of_the_holder(any(has_small_level(facts, j) for j in chosen))
        yield {"value": taken(*facts.sizes_of(chosen)), "part": part, **told}


def has_small_level(facts: Facts, key: int) -> bool:
    """Whether a level of a key, or its blank, is held by fewer than `SMALL_CELL` records."""
    return bool(facts.sizes_of((key,))[0].min() < SMALL_CELL)


def _gives_levels_away(facts: Facts, keys: Sequence[int], published: Any) -> bool:
    """Whether sums over the classes of some keys tell how many records have a rare level.

    The sum of squares of class sizes, n and the number of classes are three equations. Where a
    key's levels are nearly the classes themselves, and the frequent ones are named elsewhere,
    these solve for the rare ones. Where classes are at least twice as many as the levels of the
    key, a level is a sum of classes whose sizes are shared out in too many ways.
    """
    made = int(published[1].sum())
    return any(
        has_small_level(facts, j) and made < 2 * int(facts.sizes_of((j,))[1].sum()) for j in keys
    )


def _of_the_holder(small: bool) -> dict[str, Any]:
    """Return the fields of a row that a report must not print."""
    why = Note("levels_would_show", smallest=SMALL_CELL)
    return {"unprinted": ("value",), "why_unprinted": why} if small else {}


def sets_to_scan(n: int, d: int, subsets: int) -> tuple[int, list[Note]]:
    """How many of d keys a scanned set may hold, 0 for no scan; and why fewer than asked."""
    largest = asked = min(subsets, d)
    while largest and quasi_identifiers.scan_cost(n, d, largest) > quasi_identifiers.COST_LIMIT:
        largest -= 1
    if largest == asked:
        return largest, []
    sets = sum(math.comb(d, k) for k in range(1, asked + 1))
    return largest, [Note("sets_cut_short", size=largest, asked=asked, sets=sets, records=n)]


def scan_notes(facts: Facts) -> list[Note]:
    """Say why fewer sets of keys were scanned than asked."""
    return sets_to_scan(len(facts), len(facts.table.keys), facts.options.subsets)[1]
