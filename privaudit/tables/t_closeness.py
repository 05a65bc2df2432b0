"""t-closeness, beta-likeness, delta-disclosure: how far a class's values are from the table's.

p is the share of a value in the table, q its share in a class.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from privaudit.core.checks import Floats, Ints
from privaudit.core.thresholds import SMALL_CELL
from privaudit.errors import ParameterError, SchemaError
from privaudit.tables.table_measure import (
    NAMELESS,
    NOTHING,
    OF_VALUES,
    RISK,
    Range,
    SensitiveColumn,
    SensitiveCounts,
    Shown,
    in_steps,
    table_measure,
)
from privaudit.text.cells import looked_up
from privaudit.words.catalogues import Note

# Classes by values that are looked at in one go.
_CELLS = 1 << 22


def t_categorical(counts: SensitiveCounts) -> float:
    """Return t-closeness under total variation: the largest distance of a class to the table.

    t-closeness with the equal distance: the earth mover's distance is half the sum of |q - p| (Li,
    Li and Venkatasubramanian 2007, section 5.2).

    Parameters
    ----------
    counts : SensitiveCounts

    Returns
    -------
    float
        In [0, 1); 0 is safe: every class looks like the table.

    References
    ----------
    Li, Li and Venkatasubramanian (2007), section 5.2.

    Examples
    --------
    >>> from privaudit.tables.table_measure import sensitive_counts
    >>> t_categorical(sensitive_counts([0, 0, 1, 1], [0, 1, 0, 1]))
    0.0
    """
    # Moving mass only downwards from the values in excess: absent values never are.
    excess = np.maximum(counts.share - counts.overall[counts.value], 0.0)
    return float(np.add.reduceat(excess, counts.start).max())


def t_ordered(counts: SensitiveCounts) -> float:
    """Return t-closeness of ordered values: the largest earth mover's distance of a class.

    With the ordered distance |i - j| / (m - 1) between the ranks of the m values that occur: EMD =
    1 / (m - 1) sum_i |sum_{j <= i} (q_j - p_j)| (Li et al. 2007, section 5.1). Between two values
    that a class holds, its cumulative share is constant and the table's rises: the sum over that
    run is read from prefix sums, so that a class costs the values that it holds, not the values
    that there are.

    Parameters
    ----------
    counts : SensitiveCounts
        Values coded in their order.

    Returns
    -------
    float
        In [0, 1]; 0 is safe, and 0 where there is one value only.

    References
    ----------
    Li et al. (2007), section 5.1.

    Examples
    --------
    >>> from privaudit.tables.table_measure import sensitive_counts
    >>> counts = sensitive_counts([0, 0, 0, 1, 1, 1, 2, 2, 2], [0, 1, 2, 3, 5, 8, 4, 6, 7])
    >>> round(t_ordered(counts), 4)
    0.375
    """
    m = len(counts.overall)
    if m < 2:
        return 0.0
    rises = np.cumsum(counts.overall)
    prefix = np.concatenate(([0.0], np.cumsum(rises)))
    row_end = np.append(counts.start[1:], len(counts.value))
    within = np.cumsum(counts.count)
    before = np.concatenate(([0.0], within[row_end[:-1] - 1]))
    level = (within - before[counts.row]) / counts.total[counts.row]
    # Run of entry e: from its value up to the next value of its row, or to m.
    left = counts.value
    right = np.append(counts.value[1:], m)
    right[row_end - 1] = m
    area = _area(rises, prefix, left, right, level)
    # Ahead of a row's first value the class has nothing: the table's own cumulative share.
    ahead = prefix[counts.value[counts.start]]
    return float((np.add.reduceat(area, counts.start) + ahead).max() / (m - 1))


def _area(rises: Floats, prefix: Floats, left: Ints, right: Ints, level: Floats) -> Floats:
    """Sum |level - rises[i]| over i in [left, right), `rises` being sorted."""
    cross = np.clip(np.searchsorted(rises, level), left, right)
    below = level * (cross - left) - (prefix[cross] - prefix[left])
    above = (prefix[right] - prefix[cross]) - level * (right - cross)
    return np.maximum(below, 0.0) + np.maximum(above, 0.0)


def t_hierarchical(counts: SensitiveCounts, ancestors: ArrayLike) -> float:
    """Return t-closeness over a tree of values: the largest earth mover's distance of a class.

    Two values are as far apart as the height of their lowest common ancestor over the height H of
    the tree; the distance is the sum over inner nodes N of height(N) / H times the smaller of the
    excess and the lack among its children (Li et al. 2007, section 5.2).

    Parameters
    ----------
    counts : SensitiveCounts
    ancestors : int, shape (m, H)
        Node above each value at height 1 (its parent) to H (the root, the same for all).

    Returns
    -------
    float
        In [0, 1); 0 is safe.

    Raises
    ------
    ParameterError
        Anything but a tree of the values.
        Anything but one root.
        Anything but one parent a node.

    References
    ----------
    Li et al. (2007), section 5.2.

    Examples
    --------
    >>> from privaudit.tables.table_measure import sensitive_counts
    >>> counts = sensitive_counts([0, 0, 1, 1], [0, 1, 2, 3])
    >>> t_hierarchical(counts, [[0, 9], [0, 9], [1, 9], [1, 9]])
    0.5
    """
    tree = np.asarray(ancestors)
    m = len(counts.overall)
    if tree.ndim != 2 or len(tree) != m or tree.shape[1] == 0:
        needed = f"ancestors of shape ({m}, height)"
        raise ParameterError.of("t_hierarchical", needed, f"shape {tree.shape}")
    height = tree.shape[1]
    if len(np.unique(tree[:, -1])) != 1:
        raise ParameterError.of("t_hierarchical", "one root", "several nodes at the top")
    levels = [np.arange(m)]
    levels += [np.unique(column, return_inverse=True)[1] for column in tree.T]
    for child, parent in pairwise(levels):
        if len(np.unique(np.stack([child, parent], 1), axis=0)) != child.max() + 1:
            raise ParameterError.of("t_hierarchical", "one parent a node", "a node with several")
    worst = 0.0
    step = max(1, _CELLS // m)
    ends = np.append(counts.start, len(counts.value))
    for low in range(0, len(counts.start), step):
        high = min(low + step, len(counts.start))
        part = slice(ends[low], ends[high])
        extra = np.tile(-counts.overall, (high - low, 1))
        extra[counts.row[part] - low, counts.value[part]] += counts.share[part]
        worst = max(worst, float(_tree_cost(extra, levels, height).max()))
    return worst


def _tree_cost(extra: Floats, levels: list[NDArray[Any]], height: int) -> Floats:
    """Return the earth mover's cost of each class over the tree."""
    cost = np.zeros(len(extra))
    for h in range(1, height + 1):
        _, child_first = np.unique(levels[h - 1], return_index=True)
        parent = levels[h][child_first]
        nodes = int(parent.max()) + 1
        member = np.zeros((len(parent), nodes))
        member[np.arange(len(parent)), parent] = 1.0
        surplus = np.maximum(extra, 0.0) @ member
        lack = np.maximum(-extra, 0.0) @ member
        cost += (h / height) * np.minimum(surplus, lack).sum(axis=1)
        extra = surplus - lack
    return cost


def _if_infinite(key: str) -> Callable[[float, SensitiveColumn], dict[str, Any]]:
    """Return the fields of a row: the reason why a value is infinite."""
    return lambda value, _: {"notes": (Note(key),) if math.isinf(value) else ()}


def _given(column: SensitiveColumn) -> dict[str, Any]:
    """Return the distance of a column, and the tree of its values."""
    if column.name not in column.options.hierarchy:
        return {"distance": "ordered" if column.name in column.table.ordered else "equal"}
    levels, tree = column.table.levels[column.name], column.options.hierarchy[column.name]
    width = len(column.published.overall)
    return {"distance": "tree", "ancestors": _ancestors(column.name, levels, tree, width)}


def _distance_fields(_: float, column: SensitiveColumn) -> dict[str, Any]:
    """Return the distance, and the rule by which values are ordered, or numbers are not."""
    tree = column.name in column.options.hierarchy
    distance = "ordered" if column.name in column.table.ordered else "equal"
    why = column.table.why_ordered.get(column.name)
    notes = () if tree or why is None or why.key == "order_of_none" else (why,)
    return {"part": {"distance": "tree" if tree else distance}, "notes": notes}


def _distance_in_steps(column: SensitiveColumn, row: Mapping[str, Any]) -> Range | None:
    """Round where a rare value is alone in a class, or a class has a name."""
    if column.names_levels:
        return NOTHING if column.few_counts_tell else in_steps(column, row, column.stepped_class)
    return in_steps(column, row, column.n) if column.has_rare_value else None


# Distances to the table are convex in the class: a joint class is no farther than the worse.
@table_measure(
    unit="index", safe="small", per="class", span=(0, 1), laws=RISK | {"everybody_twice": "same"},
    given=_given, fields=_distance_fields, shown=_distance_in_steps,
)  # fmt: skip
def t_closeness(
    counts: SensitiveCounts, distance: str = "equal", ancestors: ArrayLike = ()
) -> float:
    """Largest earth mover's distance of a class's values to the table's (Li et al. 2007).

    Examples
    --------
    >>> import pandas as pd
    >>> import privaudit as pa
    >>> people = pd.DataFrame({"age": [30, 30, 41], "vote": ["a", "b", "a"]})
    >>> roles = pa.Roles(key="age", sensitive="vote")
    >>> result = pa.tables.t_closeness(people, roles)
    >>> round(result.value("t_closeness", column="vote", distance="equal"), 3)
    0.333
    """
    if distance == "tree":
        return t_hierarchical(counts, ancestors)
    return t_ordered(counts) if distance == "ordered" else t_categorical(counts)


def _ancestors(
    name: str, levels: pd.Index, tree: Mapping[Any, tuple[str, ...]], width: int
) -> NDArray[np.int64]:
    """Return the nodes above each level as numbers, from parent to root, (levels, height)."""
    if width != len(levels):
        came = "missing values counted as a value"
        raise ParameterError.of("measure", f"a tree over the values of '{name}'", came)
    given, without = looked_up(levels, tree)
    if without:
        came = f"{without} values without a path"
        raise SchemaError.of("measure", f"hierarchy['{name}'] to place every value", came)
    paths = [tuple(path) for path in given]
    lengths = {len(path) for path in paths}
    if len(lengths) != 1 or 0 in lengths:
        came = "paths of different lengths" if len(lengths) > 1 else "empty paths"
        raise ParameterError.of("measure", f"hierarchy['{name}'] with paths of one length", came)
    height = lengths.pop()
    numbers = np.empty((len(paths), height), dtype=np.int64)
    for h in range(height):
        numbers[:, h] = pd.factorize(np.array([str(path[h]) for path in paths], dtype=object))[0]
    return numbers


def _beside_rarest(of_share: Callable[[float], float]) -> Shown:
    """Return what a report shows of a comparison with the rarest value.

    Where a value has fewer than `SMALL_CELL` holders, or classes have names: whether the measure
    is below what the most such holders give in a class that holds nothing else.
    """

    def shown(column: SensitiveColumn, row: Mapping[str, Any]) -> Range | None:
        if not (column.has_rare_value or column.names_levels):
            return None
        if column.few_classes_hold_rare or column.few_counts_tell:
            return NOTHING
        if math.isinf(row["value"]):
            return None
        limit, most = (of_share(column.n / holders) for holders in (SMALL_CELL - 1, 1))
        return (limit, most) if row["value"] >= limit else (0.0, limit)

    return shown


_GAIN, _LOG_RATIO = _beside_rarest(lambda times: times - 1), _beside_rarest(math.log)


@table_measure(unit="ratio", safe="small", per="class", laws=RISK | OF_VALUES, shown=_GAIN)
def basic_beta(counts: SensitiveCounts) -> float:
    """Return basic beta-likeness: the largest relative gain of confidence in a value, (q - p) / p.

    Basic beta-likeness (Cao and Karras 2012): the smallest beta that the table satisfies.

    Parameters
    ----------
    counts : SensitiveCounts

    Returns
    -------
    float
        0 (safe) and up.

    References
    ----------
    Cao and Karras (2012).

    Examples
    --------
    >>> from privaudit.tables.table_measure import sensitive_counts
    >>> basic_beta.take(sensitive_counts([0, 0, 1, 1], [0, 0, 1, 1]))
    1.0
    """
    return _largest_gain(counts)


def _largest_gain(counts: SensitiveCounts) -> float:
    """Return the largest (q - p) / p, at least 0."""
    p = counts.overall[counts.value]
    return float(max(0.0, ((counts.share - p) / p).max()))


@table_measure(
    unit="ratio", safe="small", per="class", laws=RISK | OF_VALUES,
    fields=_if_infinite("infeasible_for_every_beta"), shown=_GAIN,
)  # fmt: skip
def enhanced_beta(counts: SensitiveCounts) -> float:
    """Return the smallest beta of enhanced beta-likeness, infinite where none holds.

    Every value must satisfy (q - p) / p <= min(beta, -ln p) (Cao and Karras 2012; ARX checks the
    same). The second bound does not depend on beta: where q is above p (1 - ln p) no beta will do,
    and the result is infinite. Where it holds, the answer is that of `basic_beta`.

    Parameters
    ----------
    counts : SensitiveCounts

    Returns
    -------
    float
        0 (safe) and up; infinity: infeasible.

    References
    ----------
    Cao and Karras (2012).

    Examples
    --------
    >>> from privaudit.tables.table_measure import sensitive_counts
    >>> enhanced_beta.take(sensitive_counts([0, 0, 1, 1], [0, 0, 1, 1]))
    inf
    """
    p = counts.overall[counts.value]
    gain = (counts.share - p) / p
    if np.any(gain > -np.log(p)):
        return float("inf")
    return _largest_gain(counts)


@table_measure(unit="ratio", safe="small", per="class", laws=RISK | OF_VALUES, shown=_LOG_RATIO)
def enhanced_beta_present(counts: SensitiveCounts) -> float:
    """Return the largest relative gain, capped at the second bound of the rarest value.

    ``min(basic_beta, -ln min p)``, as pycanon counts enhanced beta. It compares tables; that a
    table satisfies enhanced beta-likeness is decided by `enhanced_beta`.

    Parameters
    ----------
    counts : SensitiveCounts

    Returns
    -------
    float
        0 (safe) and up.

    Examples
    --------
    >>> from privaudit.tables.table_measure import sensitive_counts
    >>> round(enhanced_beta_present.take(sensitive_counts([0, 0, 1, 1], [0, 0, 1, 1])), 4)
    0.6931
    """
    rarest = counts.overall[counts.overall > 0].min()
    return min(_largest_gain(counts), -float(np.log(rarest)))


@table_measure(
    unit="nats", safe="small", per="class", laws=RISK | OF_VALUES,
    fields=_if_infinite("class_lacks_a_value"), shown=_LOG_RATIO,
)  # fmt: skip
def delta_disclosure(counts: SensitiveCounts) -> float:
    """Return delta-disclosure: the largest |ln(q / p)| over classes and all values of the table.

    delta-disclosure privacy (Brickell and Shmatikov 2008) asks for less than delta. A value that a
    class lacks gives |ln 0|: infinity, which is the definition's answer and is not skipped.

    Parameters
    ----------
    counts : SensitiveCounts

    Returns
    -------
    float
        0 (safe) to infinity.

    References
    ----------
    Brickell and Shmatikov (2008).

    Examples
    --------
    >>> from privaudit.tables.table_measure import sensitive_counts
    >>> delta_disclosure.take(sensitive_counts([0, 0, 1], [0, 1, 1]))
    inf
    """
    present = np.count_nonzero(counts.overall)
    if np.diff(counts.start, append=len(counts.value)).min() < present:
        return float("inf")
    return largest_present_log_ratio(counts)


def largest_present_log_ratio(counts: SensitiveCounts) -> float:
    """Return the largest |ln(q / p)| over classes and the values present in each.

    As ARX and pycanon count. What a class lacks is left out, though it discloses that a person does
    not have a value, which may be what harms; and joining two classes may raise it.

    Parameters
    ----------
    counts : SensitiveCounts

    Returns
    -------
    float
        0 (safe) and up.

    Examples
    --------
    >>> from privaudit.tables.table_measure import sensitive_counts
    >>> round(largest_present_log_ratio(sensitive_counts([0, 0, 1], [0, 1, 1])), 4)
    0.4055
    """
    return float(np.abs(np.log(counts.share / counts.overall[counts.value])).max())


# Of joint classes it may be more: a value that one of them lacks is rare in both together.
@table_measure(unit="nats", safe="small", per="column", laws=NAMELESS | OF_VALUES, shown=_LOG_RATIO)
def delta_disclosure_present(column: SensitiveColumn) -> dict[str, Any]:
    """Largest |ln(q / p)| over the values that each class has: finite, to compare tables by."""
    value = largest_present_log_ratio(column.counts.profiles)
    return {"value": value, "notes": column.as_published}
