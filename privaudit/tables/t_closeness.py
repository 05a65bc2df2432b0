"""t-closeness, beta-likeness and delta-disclosure: how far a class is from the table.

p is the share of a value in the table, q its share in a class."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from privaudit.core.checks import Floats, Ints, error_message
from privaudit.errors import ParameterError
from privaudit.tables.l_diversity import SensitiveCounts


def t_categorical(counts: SensitiveCounts) -> float:
    """Return t-closeness under total variation: the largest distance of a class to the table.

    t-closeness with the equal distance: the earth mover's distance is half the sum of |q - p| (Li,
    Li and Venkatasubramanian 2007, section 5.2).

    Parameters
    ----------
    counts : SensitiveCounts
        Records by class and sensitive value, from `sensitive_counts`.

    Returns
    -------
    float
        In [0, 1); 0 is safe: every class looks like the table.

    References
    ----------
    Li, Li and Venkatasubramanian (2007), section 5.2.

    Examples
    --------
    >>> from privaudit.tables.l_diversity import sensitive_counts
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
    >>> from privaudit.tables.l_diversity import sensitive_counts
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
        Records by class and sensitive value, from `sensitive_counts`.
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
    >>> from privaudit.tables.l_diversity import sensitive_counts
    >>> counts = sensitive_counts([0, 0, 1, 1], [0, 1, 2, 3])
    >>> t_hierarchical(counts, [[0, 9], [0, 9], [1, 9], [1, 9]])
    0.5
    """
    tree = np.asarray(ancestors)
    m = len(counts.overall)
    if tree.ndim != 2 or len(tree) != m or tree.shape[1] == 0:
        needed = f"ancestors of shape ({m}, height)"
        raise ParameterError(error_message("t_hierarchical", needed, f"shape {tree.shape}"))
    height = tree.shape[1]
    if len(np.unique(tree[:, -1])) != 1:
        raise ParameterError(
            error_message("t_hierarchical", "one root", "several nodes at the top")
        )
    levels = [np.arange(m)]
    levels += [np.unique(column, return_inverse=True)[1] for column in tree.T]
    for child, parent in pairwise(levels):
        if len(np.unique(np.stack([child, parent], 1), axis=0)) != child.max() + 1:
            raise ParameterError(
                error_message("t_hierarchical", "one parent a node", "a node with several")
            )
    worst = 0.0
    step = max(1, (1 << 22) // m)
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


def basic_beta(counts: SensitiveCounts) -> float:
    """Return basic beta-likeness: the largest relative gain of confidence in a value, (q - p) / p.

    Basic beta-likeness (Cao and Karras 2012): the smallest beta that the table satisfies.

    Parameters
    ----------
    counts : SensitiveCounts
        Records by class and sensitive value, from `sensitive_counts`.

    Returns
    -------
    float
        0 (safe) and up.

    References
    ----------
    Cao and Karras (2012).

    Examples
    --------
    >>> from privaudit.tables.l_diversity import sensitive_counts
    >>> basic_beta(sensitive_counts([0, 0, 1, 1], [0, 0, 1, 1]))
    1.0
    """
    p = counts.overall[counts.value]
    return float(max(0.0, ((counts.share - p) / p).max()))


def enhanced_beta(counts: SensitiveCounts) -> float:
    """Return the smallest beta of enhanced beta-likeness, infinite where none holds.

    Every value must satisfy (q - p) / p <= min(beta, -ln p) (Cao and Karras 2012; ARX checks the
    same). The second bound does not depend on beta: where q is above p (1 - ln p) no beta will do,
    and the result is infinite. Where it holds, the answer is that of `basic_beta`.

    Parameters
    ----------
    counts : SensitiveCounts
        Records by class and sensitive value, from `sensitive_counts`.

    Returns
    -------
    float
        0 (safe) and up; infinity: infeasible.

    References
    ----------
    Cao and Karras (2012).

    Examples
    --------
    >>> from privaudit.tables.l_diversity import sensitive_counts
    >>> enhanced_beta(sensitive_counts([0, 0, 1, 1], [0, 0, 1, 1]))
    inf
    """
    p = counts.overall[counts.value]
    gain = (counts.share - p) / p
    if np.any(gain > -np.log(p)):
        return float("inf")
    return float(max(0.0, gain.max()))


def enhanced_beta_present(counts: SensitiveCounts) -> float:
    """Return the largest relative gain, capped at the second bound of the rarest value.

    ``min(basic_beta, -ln min p)``, as pycanon counts enhanced beta. It compares tables; that a
    table satisfies enhanced beta-likeness only `enhanced_beta` says.

    Parameters
    ----------
    counts : SensitiveCounts
        Records by class and sensitive value, from `sensitive_counts`.

    Returns
    -------
    float
        0 (safe) and up.

    Examples
    --------
    >>> from privaudit.tables.l_diversity import sensitive_counts
    >>> round(enhanced_beta_present(sensitive_counts([0, 0, 1, 1], [0, 0, 1, 1])), 4)
    0.6931
    """
    rarest = counts.overall[counts.overall > 0].min()
    return min(basic_beta(counts), -float(np.log(rarest)))


def delta_disclosure(counts: SensitiveCounts) -> float:
    """Return delta-disclosure: the largest |ln(q / p)| over classes and all values of the table.

    delta-disclosure privacy (Brickell and Shmatikov 2008) asks for less than delta. A value that a
    class lacks gives |ln 0|: infinity, which is the definition's answer and is not skipped.

    Parameters
    ----------
    counts : SensitiveCounts
        Records by class and sensitive value, from `sensitive_counts`.

    Returns
    -------
    float
        0 (safe) to infinity.

    References
    ----------
    Brickell and Shmatikov (2008).

    Examples
    --------
    >>> from privaudit.tables.l_diversity import sensitive_counts
    >>> delta_disclosure(sensitive_counts([0, 0, 1], [0, 1, 1]))
    inf
    """
    present = np.count_nonzero(counts.overall)
    if np.diff(counts.start, append=len(counts.value)).min() < present:
        return float("inf")
    return delta_disclosure_present(counts)


def delta_disclosure_present(counts: SensitiveCounts) -> float:
    """Return the largest |ln(q / p)| over classes and the values present in each.

    As ARX and pycanon count. What a class lacks is left out, though to learn that somebody does not
    have a value may be what hurts; and joining two classes may raise it.

    Parameters
    ----------
    counts : SensitiveCounts
        Records by class and sensitive value, from `sensitive_counts`.

    Returns
    -------
    float
        0 (safe) and up.

    Examples
    --------
    >>> from privaudit.tables.l_diversity import sensitive_counts
    >>> round(delta_disclosure_present(sensitive_counts([0, 0, 1], [0, 1, 1])), 4)
    0.4055
    """
    return float(np.abs(np.log(counts.share / counts.overall[counts.value])).max())
