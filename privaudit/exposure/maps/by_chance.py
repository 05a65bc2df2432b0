"""What a map of as many homes drawn at random would give: the range of a baseline."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

__all__ = ["chance_range"]

DRAWS = 1_000


def chance_range(
    draw: Callable[[np.random.Generator], np.ndarray],
    rng: np.random.Generator,
    draws: int = DRAWS,
) -> tuple[np.ndarray, np.ndarray]:
    """Return where values that chance alone makes lie 95 times in 100.

    Parameters
    ----------
    draw : callable
        From a generator to the values of one draw, shape (k,).
    rng : numpy.random.Generator
    draws : int

    Returns
    -------
    low, high : ndarray of float, shape (k,)

    Examples
    --------
    Heads among 100 throws: 50 on average, 40 to 60 nearly always.

    >>> low, high = chance_range(lambda rng: rng.integers(2, size=100).sum(keepdims=True),
    ...                          np.random.default_rng(1))
    >>> bool(38 <= low[0] <= 42), bool(58 <= high[0] <= 62)
    (True, True)
    """
    values = np.array([draw(rng) for _ in range(draws)], dtype=float)
    low, high = np.quantile(values, [0.025, 0.975], axis=0, method="inverted_cdf")
    return low, high
