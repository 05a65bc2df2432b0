"""Who would be taken for somebody else: known points of a person who is not in the release."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["one_other"]


def one_other(
    start: npt.NDArray[Any],
    people: npt.NDArray[Any],
    targets: npt.NDArray[Any],
    known: npt.NDArray[Any],
) -> npt.NDArray[np.bool_]:
    """Tell whether exactly one person other than the target has all the known points.

    Had the target not been released, that one would have been singled out, wrongly.

    Parameters
    ----------
    start, people : ndarray
        People of each point, ascending: ``people[start[q]:start[q + 1]]``.
    targets : ndarray of int, shape (m,)
    known : ndarray of int, shape (m, p)
        Points of each target.

    Returns
    -------
    ndarray of bool, shape (m,)

    Examples
    --------
    Point 0 is had by three people, point 1 by the first two of them.

    >>> start, people = np.array([0, 3, 5]), np.array([0, 1, 2, 0, 1])
    >>> one_other(start, people, np.array([0, 0]), np.array([[0], [1]]))
    array([False,  True])
    """
    support = start[known + 1] - start[known]
    asked = np.take_along_axis(known, np.argsort(support, axis=1, kind="stable"), axis=1)
    mistaken = np.zeros(len(targets), bool)
    for k, target in enumerate(targets):
        left = people[start[asked[k, 0]] : start[asked[k, 0] + 1]]
        left = left[left != target]
        for point in asked[k, 1:]:
            if not len(left):
                break
            having = people[start[point] : start[point + 1]]
            place = np.minimum(np.searchsorted(having, left), len(having) - 1)
            left = left[having[place] == left]
        mistaken[k] = len(left) == 1
    return mistaken
