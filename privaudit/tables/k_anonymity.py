"""k-anonymity: how many records share a key, and which records stand alone."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from privaudit.columns.roles import MISSING
from privaudit.core.checks import Bools
from privaudit.core.thresholds import (
    CLASS_BINS,
    CLASS_THRESHOLDS,
    KNOWN_WITHIN,
    MENDED_CLASS,
    SMALL_CELL,
)
from privaudit.tables.context import MeasureContext
from privaudit.tables.equivalence_classes import checked_class_sizes
from privaudit.tables.table_measure import (
    NAMELESS,
    NOTHING,
    RISK,
    SAFETY,
    Shown,
    table_measure,
    up_to_small_classes,
    where_levels_show,
)
from privaudit.words.catalogues import Note

AT_MOST_AS_MANY = {"everybody_twice": "not_more"}


def smallest_class(size: ArrayLike) -> int:
    """Return k of k-anonymity: the size of the smallest class.

    Parameters
    ----------
    size : array_like, shape (n,)
        Records that carry each record's key, or people of the population (then k-map, Sweeney
        2001).

    Returns
    -------
    int
        1 (a record is alone) to n; higher is safer.

    References
    ----------
    Samarati and Sweeney (1998).

    Examples
    --------
    >>> smallest_class([2, 2, 3, 3, 3])
    2
    """
    return int(checked_class_sizes("smallest_class", size).min())


def count_uniques(size: ArrayLike, count: ArrayLike | None = None) -> int:
    """Return the number of sample uniques: records alone in their class, 0 (safe) to n.

    Parameters
    ----------
    size : array_like, shape (n,)
    count : int, shape (n,), optional
        Records that each value stands for. Default: one.

    Returns
    -------
    int

    Examples
    --------
    >>> count_uniques([1, 2, 2])
    1
    """
    alone = checked_class_sizes("count_uniques", size) == 1
    return int(alone.sum() if count is None else np.asarray(count)[alone].sum())


def share_below(size: ArrayLike, threshold: int, count: ArrayLike | None = None) -> float:
    """Return the share of records in classes smaller than a threshold, 0 (safe) to 1.

    Parameters
    ----------
    size : array_like, shape (n,)
    threshold : int
        1 or more.
    count : int, shape (n,), optional
        Records that each value stands for. Default: one.

    Returns
    -------
    float

    Examples
    --------
    >>> share_below([1, 2, 2, 5, 5, 5, 5, 5], 5)
    0.375
    """
    return share_of_records(checked_class_sizes("share_below", size) < threshold, count)


def share_of_records(those: Bools, count: ArrayLike | None) -> float:
    """Return the share of records for which a condition holds."""
    weights = None if count is None else np.asarray(count)
    return float(np.average(those.astype(np.float64), weights=weights))


@table_measure(unit="records", span=(1, math.inf), laws=NAMELESS | {"everybody_twice": "double"})
def records(context: MeasureContext) -> float:
    """Records that are measured."""
    return len(context)


@table_measure(unit="classes", span=(1, math.inf), laws=RISK | {"everybody_twice": "same"})
def classes(context: MeasureContext) -> float:
    """Distinct keys as published."""
    return int(context.histogram[1].sum())


def unless_blanks(low: float, high: float) -> Shown:
    """Return `TableMeasure.shown` with a range of small classes, none where blanks may join them.

    Parameters
    ----------
    low, high : float
        Bounds of the measure if the smallest class has fewer than `SMALL_CELL` records.

    Returns
    -------
    callable
    """
    return where_levels_show(lambda c, _: NOTHING if c.table.has_gaps else (low, high))


def _of_small_class(context: MeasureContext, _: Any) -> tuple[float, float]:
    """Return the range in place of k if a level is rare; `MENDED_CLASS` on if that reveals none.

    A level of one class or more has as many records as the smallest: of two, twice as many. Of 17
    records in three classes of five or more, none has more than seven.
    """
    rare = [j for j, few in enumerate(context.rare_keys) if few]
    sizes, classes_of_size = context.published
    spare = int(sizes @ classes_of_size) - MENDED_CLASS * int(classes_of_size.sum())
    is_mended = len(context.rare_keys) > 1 and int(sizes.min()) >= MENDED_CLASS
    is_mended = is_mended and spare > KNOWN_WITHIN
    is_mended = (
        is_mended
        and not context.tells_classes()
        and all(
            context.least_classes(j) == 1 and min(context.values_left(j), default=1) >= MENDED_CLASS
            for j in rare
        )
    )
    low = float(MENDED_CLASS if is_mended else 1)
    return NOTHING if context.table.has_gaps else (low, SMALL_CELL - 1.0)


@table_measure(
    unit="records", safe="large", span=(1, math.inf), laws=SAFETY | {"everybody_twice": "double"},
    shown=where_levels_show(_of_small_class),
)  # fmt: skip
def k_anonymity(context: MeasureContext) -> dict[str, Any]:
    """Size of the smallest class, with its range over the values that blanks may hide.

    References
    ----------
    Samarati and Sweeney (1998).

    Examples
    --------
    >>> import pandas as pd
    >>> import privaudit as pa
    >>> people = pd.DataFrame({"age": [30, 30, 41], "sex": ["F", "F", "M"]})
    >>> roles = pa.Roles(key=["age", "sex"])
    >>> pa.tables.k_anonymity(people, roles).value("k_anonymity")
    1.0
    """
    return context.sizes.ranged("k", smallest_class(context.sizes.expected))


@table_measure(
    unit="records", safe="small", laws=RISK | AT_MOST_AS_MANY,
    shown=where_levels_show(up_to_small_classes),
)  # fmt: skip
def sample_uniques(context: MeasureContext) -> dict[str, Any]:
    """Records alone with their key, or as many as are expected to be.

    Examples
    --------
    >>> import pandas as pd
    >>> import privaudit as pa
    >>> people = pd.DataFrame({"age": [30, 30, 41], "sex": ["F", "F", "M"]})
    >>> roles = pa.Roles(key=["age", "sex"])
    >>> pa.tables.sample_uniques(people, roles).value("sample_uniques")
    1.0
    """
    sizes = context.sizes
    if not sizes.fewer:
        return sizes.ranged("alone", count_uniques(sizes.size, sizes.weight))
    return sizes.ranged("alone", round(float((sizes.fewer[2] * sizes.weight).sum())))


@table_measure(
    unit="records", safe="small", laws=RISK | AT_MOST_AS_MANY,
    shown=where_levels_show(up_to_small_classes),
)  # fmt: skip
def uniques_by_reading(context: MeasureContext) -> list[dict[str, Any]]:
    """Sample uniques under each reading of missing keys; of complete records alone first."""
    alone = context.sizes.alone
    return [
        {"value": round(alone[read][0]), "n": alone[read][1], "part": {"missing": read}}
        if read in alone
        else {"value": math.nan, "part": {"missing": read}, "notes": (Note("not_read_so"),)}
        for read in reversed(MISSING)
    ]


def records_in_small_classes(context: MeasureContext, than: float) -> tuple[float, float]:
    """Return the bounds of the share of records in smaller classes, whatever their sizes.

    Parameters
    ----------
    context : MeasureContext
    than : float
        Classes are smaller than so many records, `SMALL_CELL` at most.

    Returns
    -------
    tuple of float
    """
    most = len(context.unnamed_classes) * (math.ceil(than) - 1) / len(context)
    least = 1 / len(context) if than == SMALL_CELL else 0.0
    return 0.0 if context.table.has_gaps else least, min(most, 1.0)


@table_measure(
    unit="share", safe="small", span=(0, 1), laws=RISK | AT_MOST_AS_MANY,
    shown=where_levels_show(lambda c, part: records_in_small_classes(c, part["threshold"])),
)  # fmt: skip
def share_under(context: MeasureContext) -> list[dict[str, Any]]:
    """Share of records in a class smaller than the threshold, or expected to be."""
    sizes = context.sizes
    rows = []
    for than in CLASS_THRESHOLDS:
        if than in sizes.fewer:
            share = float(np.average(sizes.fewer[than], weights=sizes.weight))
        else:
            share = share_below(sizes.size, than, sizes.weight)
        rows.append({**sizes.ranged(than, share), "part": {"threshold": than}})
    return rows


def _of_any_size(context: MeasureContext, part: Mapping[str, Any]) -> tuple[float, float]:
    """Return the bounds of the number of classes of a size, unnamed ones being of any size.

    Nothing where the classes that are counted are not those as published.
    """
    if not all(map(np.array_equal, context.histogram, context.published)):
        return NOTHING
    (sizes, made), hidden = context.published, context.unnamed_classes
    least, most = part["least"], part.get("most", math.inf)
    named = int(made[(sizes >= least) & (sizes <= most)].sum())
    named -= int(((hidden >= least) & (hidden <= most)).sum())
    return float(named), float(named + len(hidden))


@table_measure(unit="classes", laws=NAMELESS, shown=where_levels_show(_of_any_size))
def classes_of(context: MeasureContext) -> list[dict[str, Any]]:
    """Number of classes of so many records, or as many as are expected: each record is 1 / f."""
    rows = []
    for least, most in CLASS_BINS:
        part = {"least": least} if most is None else {"least": least, "most": most}
        above = math.inf if most is None else most + 1
        if context.sizes.fewer:
            value = round(_expected_between(context, least, above))
        else:
            sizes, counts = context.histogram
            value = int(counts[(sizes >= least) & (sizes < above)].sum())
        rows.append({"value": value, "part": part})
    return rows


def _expected_between(context: MeasureContext, least: int, above: float) -> float:
    """Return the expected classes of `least` records to fewer than `above`."""
    fewer, size = context.sizes.fewer, context.size
    last = max(fewer)
    below = fewer.get(min(least, last), np.zeros_like(size))
    there = (np.ones_like(size) if above > last else fewer[int(above)]) - below
    if above > last:
        # Of large classes the expected size is known well enough.
        there = there * ((size < above) & ((size >= least) | (least <= last)))
    typical = np.clip(size, least, above - 1)
    return float((context.sizes.weight * there / typical).sum())
