"""Expected population uniques by cell when only the shares of the cells are known."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["class_share"]

# Products of places and cells that are held at a time.
_CHUNK = 2_000_000


def class_share(
    residents: ArrayLike, probability: ArrayLike, cells: ArrayLike = 1, *, below: int = 2
) -> np.ndarray:
    """Return, for each place, the expected share of residents in a class smaller than `below`.

    Residents fall in cells independently. Whoever is in a cell of probability p shares it with a
    binomial number of the n - 1 others, so that the share is ``sum_c m_c p_c P(B < below - 1)``
    with B binomial (n - 1, p_c); for ``below=2`` that is the share of people who are unique,
    ``sum_c m_c p_c (1 - p_c)^(n - 1)``. Exact, no Poisson approximation.

    Parameters
    ----------
    residents : int, shape (places,)
        Population n of each place. A place with nobody gives nan.
    probability : float, shape (kinds,)
        Probability of one cell of each kind.
    cells : int, shape (kinds,)
        How many cells of that kind there are; ``sum(cells * probability)`` is 1.
    below : int
        2 for unique people, another number for classes of fewer people.

    Returns
    -------
    float, shape (places,)
        In [0, 1], denominator: the residents of the place. 0 = safe.

    Examples
    --------
    Two people and a fair coin: each is alone on their side half of the time.

    >>> class_share([2], [0.5], [2])
    array([0.5])
    """
    p = np.asarray(probability, float)
    weight = p * np.asarray(cells, float)
    odds = np.divide(p, 1 - p, out=np.zeros_like(p), where=p < 1)
    sizes, back = np.unique(np.asarray(residents, float), return_inverse=True)
    share = np.empty(len(sizes))
    for part in _parts(len(sizes), len(p)):
        others = np.maximum(sizes[part, None] - 1, 0.0)
        with np.errstate(divide="ignore", invalid="ignore"):
            # Nobody else is in the cell; 0 others times log(0) stands for certainty.
            term = np.exp(np.where(others == 0, 0.0, others * np.log1p(-p)))
        small = term.copy()
        for with_me in range(1, below - 1):
            term *= np.maximum(others - with_me + 1, 0.0) / with_me * odds
            small += term
        # One cell that takes everybody has no odds: one class of n.
        small[:, p == 1] = (sizes[part] < below)[:, None]
        share[part] = small @ weight
    return np.where(sizes > 0, share, np.nan)[back]


def _parts(places: int, kinds: int) -> Iterator[slice]:
    """Yield the cells of some places at a time."""
    step = max(1, _CHUNK // max(1, kinds))
    for start in range(0, places, step):
        yield slice(start, start + step)
