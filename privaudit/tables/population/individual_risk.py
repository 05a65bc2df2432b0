"""Individual risk: the expected 1 / F given f and the weights (Benedetti and Franconi 1998)."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from privaudit.core.checks import Floats
from privaudit.tables.population.sample_ranges import sizes_and_share

# From this class size on, the series needs some hundred terms at most, whatever p.
_SERIES_FROM = 8
_TERMS = 4000


def individual_risks(size: ArrayLike, people: ArrayLike) -> Floats:
    """Return the individual risk of each record: the expected 1 / F given f.

    With p = f / F-hat and F given f negative binomial, E(1 / F) = (p**f / f) 2F1(f, f; f+1; 1-p).
    Euler's transformation turns it into (p / f) 2F1(1, 1; f+1; 1-p), a series of positive terms,
    finite for every f and p: the alternating sum in common use cancels and overflows. Where the
    series is slow (small f and p) it is replaced by its integral's recursion I(f+1) = (1/f - p
    I(f)) / (1 - p) from I(1) = -ln(p) / (1 - p), with r = p I(f), which is stable for p below 1/2.

    Parameters
    ----------
    size : int, shape (n,)
        f: records of the sample with each record's key, 1 or more.
    people : array_like, shape (n,)
        F-hat: estimated people of the population with it (the sum of weights), at least f.

    Returns
    -------
    float64, shape (n,)
        In (0, 1]; 0 is safe; 1 / f where F-hat = f.

    References
    ----------
    Benedetti and Franconi (1998).

    Examples
    --------
    >>> individual_risks([1, 2, 3], [100.0, 100.0, 3.0]).round(4).tolist()
    [0.0465, 0.0188, 0.3333]
    """
    f, p = sizes_and_share("individual_risks", size, people)
    # Records of one class share a value: a pair is sorted as one complex number.
    pairs, place = np.unique(f + 1j * p, return_inverse=True)
    return _expected_inverse(pairs.real, pairs.imag)[place]


def individual_risks_approximate(size: ArrayLike, people: ArrayLike) -> Floats:
    """Return the usual approximation of individual risk, p / (f - (1 - p)) for f of 3 and more.

    Exact for f = 1 and 2. The form that sdcMicro uses by default; it lies below the exact value.

    Parameters
    ----------
    size, people : array_like
        As for `individual_risks`.

    Returns
    -------
    float64, shape (n,)

    Examples
    --------
    >>> individual_risks_approximate([5], [50.0]).round(4).tolist()
    [0.0244]
    """
    f, p = sizes_and_share("individual_risks_approximate", size, people)
    risk = p / (f - (1.0 - p))
    few = f < 3
    risk[few] = _expected_inverse(f[few], p[few])
    return risk


def _expected_inverse(f: Floats, p: Floats) -> Floats:
    """Return the expected 1 / F of each distinct size."""
    risk = np.empty_like(p)
    slow = (f < _SERIES_FROM) & (p < 0.5)
    risk[slow] = _by_recursion(f[slow], p[slow])
    risk[~slow] = _by_series(f[~slow], p[~slow])
    return risk


def _by_recursion(f: Floats, p: Floats) -> Floats:
    """Return the expected 1 / F by recursion over f."""
    integral = -np.log(p) / (1.0 - p)
    risk = p * integral
    for size in range(1, _SERIES_FROM - 1):
        integral = (1.0 / size - p * integral) / (1.0 - p)
        here = f == size + 1
        risk[here] = p[here] * integral[here]
    return risk


def _by_series(f: Floats, p: Floats) -> Floats:
    """Return the expected 1 / F by a series, where the recursion cancels."""
    total = np.ones_like(p)
    term = np.ones_like(p)
    left = np.arange(len(p))
    for k in range(1, _TERMS):
        if not len(left):
            break
        size, share = f[left], p[left]
        term[left] *= k * (1.0 - share) / (size + k)
        total[left] += term[left]
        # What follows term k: at most term (f + k) / (f - 1), and at most geometric in 1 - p.
        rest = np.minimum((size + k) / np.maximum(size - 1, 1e-9), 1 / share)
        left = left[term[left] * rest > 1e-16 * total[left]]
    return p / f * total
