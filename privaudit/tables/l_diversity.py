"""l-diversity and (alpha, k)-anonymity: how many sensitive values a class holds, how evenly."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from privaudit.core.checks import Floats, Ints, whole
from privaudit.errors import ParameterError
from privaudit.tables.coded_table import values_by_class
from privaudit.tables.context import MeasureContext
from privaudit.tables.missing_keys import matching_parts
from privaudit.tables.table_measure import (
    COUNTED,
    NOTHING,
    OF_VALUES,
    RISK,
    SAFETY,
    Range,
    SensitiveColumn,
    SensitiveCounts,
    Shown,
    in_steps,
    sensitive_columns,
    table_measure,
)

_LEVELS = (1, math.inf)


def _without_full_classes(column: SensitiveColumn, row: Mapping[str, Any]) -> Range | None:
    """Leave out whether every class has every value, where a rare one then has as many holders."""
    return (1.0, float(len(column.holders))) if column.few_classes_hold_rare else None


def _share_of_level(column: SensitiveColumn, row: Mapping[str, Any]) -> Range | None:
    """Round the largest share in a class that has a name, unless it is all of it."""
    if not column.names_levels or row["value"] == 1:
        return None
    return in_steps(column, row, column.stepped_class)


def _beside_share(of_share: Callable[[SensitiveColumn, float, float], Range | None]) -> Shown:
    """Return what a report shows of the counts in a class that has a name.

    That is what the printed share of its commonest value gives, or the number where all have it.
    """

    def shown(column: SensitiveColumn, row: Mapping[str, Any]) -> Range | None:
        share = {"value": float(column.counts.share.max())}
        if not column.names_levels or share["value"] == 1 or math.isinf(row["value"]):
            return None
        if column.table.has_gaps:
            return NOTHING
        return of_share(column, *in_steps(column, share, column.stepped_class))

    return shown


def _entropy_beside(column: SensitiveColumn, low: float, high: float) -> Range:
    """Return the bounds of entropy l, given the step in which the largest share lies."""
    others = len(column.holders) - 1
    # The commonest of so many has an even share at least.
    low = max(low, 1 / (others + 1))
    return 1 / high, min(low**-low * ((1 - low) / others) ** (low - 1), others + 1.0)


def _ratio_beside(column: SensitiveColumn, low: float, high: float) -> Range:
    """Return the bounds of recursive c, given the step in which the largest share lies."""
    if column.options.l > 2:
        return NOTHING
    return low / (1 - low), min(high / (1 - high) if high < 1 else math.inf, column.n - 1.0)


@table_measure(
    unit="values", safe="large", per="class", span=_LEVELS, laws=SAFETY | OF_VALUES,
    shown=_without_full_classes,
)  # fmt: skip
def distinct_l(counts: SensitiveCounts) -> int:
    """Return distinct l-diversity: the fewest distinct sensitive values in a class.

    Parameters
    ----------
    counts : SensitiveCounts

    Returns
    -------
    int
        1 (the value of a class is certain) and up; higher is safer.

    References
    ----------
    Machanavajjhala et al. (2007).

    Examples
    --------
    >>> import pandas as pd
    >>> import privaudit as pa
    >>> people = pd.DataFrame({"age": [30, 30, 41], "vote": ["a", "b", "a"]})
    >>> roles = pa.Roles(key="age", sensitive="vote")
    >>> pa.tables.distinct_l(people, roles).value("distinct_l", column="vote")
    1.0
    >>> from privaudit.tables.table_measure import sensitive_counts
    >>> distinct_l.take(sensitive_counts([0, 0, 0, 1, 1], [0, 0, 1, 1, 1]))
    1
    """
    return int(counts.values.min())


@table_measure(
    unit="values", safe="large", per="class", span=_LEVELS, laws=SAFETY | OF_VALUES,
    others_as_keys=True, shown=_without_full_classes,
)  # fmt: skip
def distinct_l_multi(counts: SensitiveCounts) -> int:
    """Distinct l-diversity with the other sensitive columns as keys."""
    return int(counts.values.min())


# Entropy is concave: a joint class is at least as diverse as the less diverse of its parts.
@table_measure(
    unit="values", safe="large", per="class", span=_LEVELS, laws=SAFETY | OF_VALUES,
    shown=_beside_share(_entropy_beside),
)  # fmt: skip
def entropy_l(counts: SensitiveCounts) -> float:
    """Return entropy l-diversity: the smallest exponential of a class's entropy, a real number.

    min over classes of exp(-sum q ln q) (Machanavajjhala et al. 2007): the table is entropy
    l-diverse for every l up to this value. Never rounded: 2.23 is not 2.

    Parameters
    ----------
    counts : SensitiveCounts

    Returns
    -------
    float
        1 (known for sure) up to the number of values; higher is safer.

    References
    ----------
    Machanavajjhala et al. (2007).

    Examples
    --------
    >>> import pandas as pd
    >>> import privaudit as pa
    >>> people = pd.DataFrame({"age": [30, 30, 41], "vote": ["a", "b", "a"]})
    >>> roles = pa.Roles(key="age", sensitive="vote")
    >>> pa.tables.entropy_l(people, roles).value("entropy_l", column="vote")
    1.0
    >>> from privaudit.tables.table_measure import sensitive_counts
    >>> round(entropy_l.take(sensitive_counts([0] * 10, [0] * 7 + [1] * 2 + [2])), 4)
    2.2296
    """
    entropy = -np.add.reduceat(counts.share * np.log(counts.share), counts.start)
    return float(np.exp(entropy.min()))


# Joining two classes keeps the bound of the worse one (Machanavajjhala et al. 2007).
@table_measure(
    unit="ratio", safe="small", per="class", laws=RISK | OF_VALUES,
    given=lambda column: {"l": column.options.l},
    fields=lambda _, column: {"part": {"l": column.options.l}}, shown=_beside_share(_ratio_beside),
)  # fmt: skip
def recursive_c(counts: SensitiveCounts, l: int = 2) -> float:  # noqa: E741 - the paper's name
    """Return the bound of c above which a table is recursive (c, l)-diverse.

    A class is recursive (c, l)-diverse when r_1 < c (r_l + ... + r_m), with r the counts of its
    values, sorted from the most to the least frequent (Machanavajjhala et al. 2007). The result is
    the largest r_1 / (r_l + ... + r_m) over classes; c must exceed it.

    Parameters
    ----------
    counts : SensitiveCounts
    l : int
        2 or more.

    Returns
    -------
    float
        Lower is safer; infinite where a class has fewer than l values.

    References
    ----------
    Machanavajjhala et al. (2007).

    Examples
    --------
    >>> from privaudit.tables.table_measure import sensitive_counts
    >>> counts = sensitive_counts([0] * 10, [0] * 7 + [1] * 2 + [2])
    >>> recursive_c.take(counts, 3), round(recursive_c.take(counts, 2), 4)
    (7.0, 2.3333)
    """
    rank = whole("recursive_c", "l", l, 2)
    if int(counts.values.min()) < rank:
        return float("inf")
    order = np.lexsort((-counts.count, counts.row))
    ranked = counts.count[order]
    place = np.arange(len(ranked)) - counts.start[counts.row]
    tail = np.add.reduceat(np.where(place >= rank - 1, ranked, 0.0), counts.start)
    return float((ranked[counts.start] / tail).max())


@table_measure(
    unit="share", safe="small", per="class", span=(0, 1), laws=RISK | OF_VALUES,
    against_prior=True, shown=_share_of_level,
)  # fmt: skip
def alpha(counts: SensitiveCounts) -> float:
    """Return alpha of (alpha, k)-anonymity: the largest share of one sensitive value in a class.

    Wong, Li, Fu and Wang 2006, over every sensitive value.

    Parameters
    ----------
    counts : SensitiveCounts

    Returns
    -------
    float
        In (0, 1]; 1: the value of everybody in that class is known.

    References
    ----------
    Wong, Li, Fu and Wang (2006).

    Examples
    --------
    >>> from privaudit.tables.table_measure import sensitive_counts
    >>> alpha.take(sensitive_counts([0, 0, 0, 0], [0, 0, 0, 1]))
    0.75
    """
    return float(counts.share.max())


def diversity_by_class(matrix: Any) -> tuple[Floats, Floats]:
    """Return the distinct values and the exponential of the entropy of each class.

    Parameters
    ----------
    matrix : scipy sparse, shape (m, levels)
        Records by class and sensitive value.

    Returns
    -------
    distinct, entropy : float array, shape (m,)
        As `distinct_l` and `entropy_l` of one class; nan where no value is known.

    Examples
    --------
    >>> from scipy.sparse import csr_array
    >>> distinct, entropy = diversity_by_class(csr_array([[7, 2, 1], [0, 3, 0], [0, 0, 0]]))
    >>> distinct.tolist(), entropy.round(4).tolist()
    ([3.0, 1.0, nan], [2.2296, 1.0, nan])
    """
    cells = matrix.tocoo()
    some = cells.data > 0
    return _diversity_of_cells(cells.row[some], cells.data[some], matrix.shape[0])


def _diversity_of_cells(row: Ints, count: Floats, m: int) -> tuple[Floats, Floats]:
    """Return what `diversity_by_class` does of cells that hold records, by their class."""
    total = np.bincount(row, weights=count, minlength=m)
    share = count / total[row]
    distinct = np.bincount(row, minlength=m).astype(np.float64)
    entropy = np.exp(np.bincount(row, weights=-share * np.log(share), minlength=m))
    return np.where(total > 0, distinct, np.nan), np.where(total > 0, entropy, np.nan)


def diversity_of(context: MeasureContext) -> dict[str, NDArray[np.float64]]:
    """Distinct and entropy l of each row's class, of its least diverse sensitive column, (n,).

    nan where no sensitive value is known in the class, or nothing differs in any column.
    """
    table, groups = context.table, context.groups
    worst = np.full((2, len(groups.size)), np.nan)
    for column in sensitive_columns(context):
        if np.count_nonzero(column.counts.overall) < 2:
            continue
        held, diversity = column.published, np.full(worst.shape, np.nan)
        row = np.flatnonzero(np.bincount(groups.label, column.code >= 0) > 0)[held.row]
        published = np.stack(_diversity_of_cells(row, held.count, len(groups.size)))
        keys, likely = table.codes[groups.first], column.expected(table, groups, COUNTED)
        if likely is not None:
            diversity[:, (keys >= 0).all(axis=1)] = diversity_by_class(likely)
        elif table.has_gaps and context.sizes.read == "wildcard":
            try:
                matrix = values_by_class(table, groups, column.code)
                for rows, part in matching_parts(keys, matrix):
                    diversity[:, rows] = diversity_by_class(part)
            except ParameterError:  # too many sums: as published, as these measures' rows say
                diversity[:] = np.nan
        # A class that lacks a key is taken as published where complete ones are expected.
        worst = np.fmin(worst, np.where(np.isnan(diversity), published, diversity))
    return {"distinct_l": worst[0][groups.label], "entropy_l": worst[1][groups.label]}
