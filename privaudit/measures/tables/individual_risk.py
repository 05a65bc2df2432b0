"""Individual risk from a sample: the expected 1 / F given f (Benedetti and Franconi 1998)."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from privaudit._core.checks import in_range, say
from privaudit.errors import ParameterError
from privaudit.measures.arrays import Floats

__all__ = ["individual_risk", "individual_risk_approximate", "people_at_most"]

# From this class size on, the series needs some hundred terms at most, whatever p.
_SERIES_FROM = 8
_TERMS = 4000


def individual_risk(size: ArrayLike, people: ArrayLike) -> Floats:
    """Expected chance that a guess among the F people behind a record's key is right.

    With p = f / F-hat and F given f negative binomial, E(1 / F) = (p**f / f) 2F1(f, f; f+1; 1-p).
    Euler's transformation turns it into (p / f) 2F1(1, 1; f+1; 1-p), a series of positive terms,
    finite for every f and p: the alternating sum in common use cancels and overflows. Where the
    series is slow (small f and p) it is replaced by its integral's recursion
    I(f+1) = (1/f - p I(f)) / (1 - p) from I(1) = -ln(p) / (1 - p), with r = p I(f), which is
    stable for p below 1/2.

    size : int (n,). f: records of the sample with each record's key, 1 or more.
    people : (n,). F-hat: estimated people of the population with it (the sum of weights), at least
        f.
    Returns: float64 (n,). In (0, 1]; 0 is safe; 1 / f where F-hat = f.

    >>> individual_risk([1, 2, 3], [100.0, 100.0, 3.0]).round(4).tolist()
    [0.0465, 0.0188, 0.3333]
    """
    f, p = _sizes_and_share("individual_risk", size, people)
    # Records of one class share a value: a pair is sorted as one complex number.
    pairs, place = np.unique(f + 1j * p, return_inverse=True)
    return _expected_inverse(pairs.real, pairs.imag)[place]


def individual_risk_approximate(size: ArrayLike, people: ArrayLike) -> Floats:
    """Individual risk by its usual approximation, p / (f - (1 - p)) for f of 3 and more.

    Exact for f = 1 and 2. The form that sdcMicro uses by default; it lies below the exact value.

    size, people : As for `individual_risk`.
    Returns: float64 (n,).

    >>> individual_risk_approximate([5], [50.0]).round(4).tolist()
    [0.0244]
    """
    f, p = _sizes_and_share("individual_risk_approximate", size, people)
    risk = p / (f - (1.0 - p))
    few = f < 3
    risk[few] = _expected_inverse(f[few], p[few])
    return risk


def people_at_most(size: float, people: float, *, level: float = 0.975) -> float:
    """Upper bound of the people behind one key, F given f negative binomial.

    size : f: records of the sample with the key, 1 or more.
    people : F-hat: estimated people of the population with it, at least f.
    level : Chance that the bound holds, in (0, 1).
    Returns: F or more with that chance; f where F-hat = f.

    >>> people_at_most(1, 5)  # 1 - .8**17 = .977
    17.0
    """
    from scipy.stats import nbinom

    f, p = _sizes_and_share("people_at_most", [size], [people])
    chance = in_range("people_at_most", "level", level, 0, 1, open_low=True, open_high=True)
    return float(f[0] + nbinom.ppf(chance, f[0], p[0]))


def _sizes_and_share(who: str, size: ArrayLike, people: ArrayLike) -> tuple[Floats, Floats]:
    f = np.asarray(size, dtype=np.float64)
    total = np.asarray(people, dtype=np.float64)
    if f.shape != total.shape or f.ndim != 1:
        raise ParameterError(say(who, "one F a record", f"shapes {f.shape} and {total.shape}"))
    if not np.all(f >= 1):
        raise ParameterError(say(who, "class sizes of 1 or more", "a smaller one"))
    if not np.all(total >= f * (1 - 1e-12)):
        do = "Sampling weights are 1 or more."
        raise ParameterError(say(who, "F of at least f", "fewer people than records", do))
    return f, np.minimum(f / total, 1.0)


def _expected_inverse(f: Floats, p: Floats) -> Floats:
    risk = np.empty_like(p)
    slow = (f < _SERIES_FROM) & (p < 0.5)
    risk[slow] = _by_recursion(f[slow], p[slow])
    risk[~slow] = _by_series(f[~slow], p[~slow])
    return risk


def _by_recursion(f: Floats, p: Floats) -> Floats:
    integral = -np.log(p) / (1.0 - p)
    risk = p * integral
    for size in range(1, _SERIES_FROM - 1):
        integral = (1.0 / size - p * integral) / (1.0 - p)
        here = f == size + 1
        risk[here] = p[here] * integral[here]
    return risk


def _by_series(f: Floats, p: Floats) -> Floats:
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
