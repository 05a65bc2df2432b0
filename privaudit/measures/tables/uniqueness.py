"""Population uniques estimated from the class sizes of a sample."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from privaudit._core.arrays import Floats, Ints
from privaudit._core.checks import in_range, say
from privaudit.errors import ParameterError
from privaudit.measures.tables import pitman
from privaudit.measures.tables.consistent_range import uniques_range
from privaudit.measures.tables.equivalence import class_size_histogram
from privaudit.measures.tables.estimate import Estimate, judge
from privaudit.words.note import Note

__all__ = [
    "population_uniques_dankar",
    "population_uniques_pitman",
    "population_uniques_snb",
    "population_uniques_zayatz",
]

_BLOCK = 1_000_000
# exp of less is 0.
_NOTHING = -750.0


@dataclass(frozen=True, eq=False)
class _Sample:
    """Class sizes of a sample: s_j classes of size j, n records, u classes, fraction f."""

    sizes: Ints
    counts: Ints
    fraction: float

    @classmethod
    def of(cls, who: str, size: ArrayLike, fraction: float) -> _Sample:
        """Return the sample of class sizes."""
        f = in_range(who, "sampling_fraction", fraction, 0, 1, open_low=True)
        sizes, counts = class_size_histogram(size)
        if not len(sizes) or sizes[0] < 1:
            raise ParameterError(say(who, "class sizes of 1 or more", "none, or a smaller one"))
        return cls(sizes, counts, f)

    @property
    def n(self) -> int:
        """Return the number of records."""
        return int((self.sizes * self.counts).sum())

    @property
    def people(self) -> float:
        """Return the number of people of the population."""
        return self.n / self.fraction

    def of_size(self, j: int) -> int:
        """Return the number of classes of a size."""
        return int(self.counts[self.sizes == j].sum())

    def estimate(self, value: float, why_not: Note | None = None) -> Estimate:
        """Return an estimate judged against the range that the sample allows."""
        low, high = uniques_range(np.repeat(self.sizes, self.counts), self.fraction)
        return judge(value, low, high, self.people, why_not)


def population_uniques_zayatz(size: ArrayLike, sampling_fraction: float) -> Estimate:
    """Return the population uniques by Zayatz's Bayes estimator (1991).

    S_1 = s_1 P(F = 1 | f = 1) / pi, where f given F is hypergeometric, P(f = 1 | F = h) = h C(N-h,
    n-1) / C(N, n), and the prior of F is the sample's own distribution of class sizes.

    Parameters
    ----------
    size : int, shape (m,)
        Sizes of the sample's classes.
    sampling_fraction : float
        pi = n / N, in (0, 1].

    Returns
    -------
    Estimate
        Of a number of people, 0 (safe) to N.

    Examples
    --------
    >>> population_uniques_zayatz([1, 1, 2, 3], 1.0).value
    2.0
    """
    sample = _Sample.of("population_uniques_zayatz", size, sampling_fraction)
    if sample.fraction == 1 or sample.of_size(1) == 0:
        return sample.estimate(float(sample.of_size(1)))
    weight = _seen_once(sample.sizes, sample.n, sample.people)
    ones = float(sample.of_size(1))
    alone = ones / math.fsum(weight * sample.counts)
    return sample.estimate(min(ones * alone / sample.fraction, sample.people))


def _seen_once(sizes: Ints, n: int, people: float) -> Floats:
    """Return P(f = 1 | F = h) / P(f = 1 | F = 1) for ascending sizes h, the first being 1."""
    log = np.full(len(sizes), -np.inf)
    log[0], so_far = 0.0, 0.0
    possible = sizes <= people - n + 1
    most = int(sizes[possible].max())
    for start in range(1, most, _BLOCK):
        j = np.arange(start, min(start + _BLOCK, most), dtype=np.float64)
        running = so_far + np.cumsum(np.log1p(-(n - 1) / (people - j)))
        here = possible & (sizes > start) & (sizes <= start + len(j))
        log[here] = running[sizes[here] - start - 1]
        so_far = running[-1]
        if so_far < _NOTHING:
            break
    ratio: Floats = np.exp(log) * sizes
    return ratio


def population_uniques_pitman(size: ArrayLike, sampling_fraction: float) -> Estimate:
    """Return the population uniques under the Ewens-Pitman model.

    Maximum likelihood on the sample, then the expected number of classes of one among N people
    (`privaudit.measures.tables.pitman.expected_uniques`).

    Parameters
    ----------
    size, sampling_fraction : array_like
        As for `population_uniques_zayatz`.

    Returns
    -------
    Estimate

    References
    ----------
    Hoshino (2001).

    Examples
    --------
    >>> population_uniques_pitman([1] * 50, 0.5).reliable
    False
    """
    sample = _Sample.of("population_uniques_pitman", size, sampling_fraction)
    if sample.fraction == 1 or sample.of_size(1) == 0:
        return sample.estimate(float(sample.of_size(1)))
    fit = pitman.fit_pitman(size)
    if fit is None:
        return sample.estimate(math.nan, pitman.NO_FIT)
    return sample.estimate(pitman.expected_uniques(fit.theta, fit.alpha, sample.people))


def population_uniques_snb(size: ArrayLike, sampling_fraction: float) -> Estimate:
    """Return the population uniques under the slide negative binomial.

    Class sizes of the population are 1 + NB(a, b); with q = 1 - pi, d = 1 - b and x = d q, E(s_1) =
    K pi (b / (1-x))**a (1 + a x / (1-x)) and E(s_2) = K pi**2 / 2 a d b**a (1-x)**-(a+2) (2 - (1-a)
    x), from the generating function z (b / (1 - d z))**a at z = q + pi z'. K, the number of
    classes, is Shlosser's estimator in the form of Haas and Stokes (1998); then S_1 = K b**a. Both
    moments were derived anew here: a common implementation multiplies by (1-x)**(a+2).

    Parameters
    ----------
    size, sampling_fraction : array_like
        As for `population_uniques_zayatz`.

    Returns
    -------
    Estimate
        Its value is nan where the moment equations have no solution.

    References
    ----------
    Chen and Keller-McNulty (1998).
    Haas and Stokes (1998).

    Examples
    --------
    >>> population_uniques_snb([1, 2, 2], 1.0).value
    1.0
    """
    sample = _Sample.of("population_uniques_snb", size, sampling_fraction)
    if sample.fraction == 1 or sample.of_size(1) == 0:
        return sample.estimate(float(sample.of_size(1)))
    value = _snb_uniques(_shlosser(sample), sample.of_size(1), sample.of_size(2), sample.fraction)
    if math.isnan(value):
        return sample.estimate(value, Note("moments_have_no_solution"))
    return sample.estimate(value)


def _shlosser(sample: _Sample) -> float:
    """Return the number of population classes (modified Shlosser, Haas and Stokes 1998)."""
    i, s, f = sample.sizes.astype(np.float64), sample.counts.astype(np.float64), sample.fraction
    first = (i * f**2 * (1 - f**2) ** (i - 1) * s).sum()
    # (1 - f)**i ((1 + f)**i - 1), whose second factor is bracketed.
    second = (((1 - f**2) ** i - (1 - f) ** i) * s).sum()
    ratio = ((1 - f) ** i * s).sum() / (i * f * (1 - f) ** (i - 1) * s).sum()
    return float(s.sum() + sample.of_size(1) * first / second * ratio**2)


def _snb_uniques(k: float, ones: int, twos: int, f: float) -> float:
    """Return K b**a of the solution of the two moment equations, nan where there is none."""
    from scipy.optimize import least_squares

    if twos == 0:
        return math.nan

    def gap(x: Floats) -> Floats:
        a, b = np.exp(x[0]), 1.0 / (1.0 + np.exp(-x[1]))
        d = 1 / (1 + np.exp(x[1]))
        y = d * (1 - f)
        log = a * (np.log(b) - np.log1p(-y))
        first = np.log(k * f) + log + np.log1p(a * y / (1 - y))
        second = np.log(k * f**2 / 2 * a * d) + log - 2 * np.log1p(-y) + np.log(2 - (1 - a) * y)
        return np.array([first - np.log(ones), second - np.log(twos)])

    box = ([-14.0, -25.0], [14.0, 25.0])
    for start in ([0.0, 0.0], [-2.0, -3.0], [2.0, 2.0], [-3.0, -8.0], [-1.0, 3.0]):
        solution = least_squares(gap, start, bounds=box, xtol=1e-14, ftol=1e-14, gtol=1e-14)
        if np.abs(solution.fun).max() < 1e-8:
            a, b = np.exp(solution.x[0]), 1.0 / (1.0 + np.exp(-solution.x[1]))
            return float(k * b**a)
    return math.nan


def population_uniques_dankar(size: ArrayLike, sampling_fraction: float) -> Estimate:
    """Return the population uniques by the decision rule of Dankar et al. (2012).

    Pitman at a sampling fraction of .1 and less, else the smaller of SNB (where its equations have
    a solution) and Zayatz.

    Parameters
    ----------
    size, sampling_fraction : array_like
        As for `population_uniques_zayatz`.

    Returns
    -------
    Estimate

    References
    ----------
    Dankar et al. (2012).

    Examples
    --------
    >>> population_uniques_dankar([1, 1, 2], 1.0).value
    2.0
    """
    fraction = in_range(
        "population_uniques_dankar", "sampling_fraction", sampling_fraction, 0, 1, open_low=True
    )
    if fraction <= 0.1:
        return population_uniques_pitman(size, fraction)
    zayatz = population_uniques_zayatz(size, fraction)
    snb = population_uniques_snb(size, fraction)
    # nan, where its equations have no solution, is not below anything.
    return snb if snb.value < zayatz.value else zayatz
