"""Ewens-Pitman model of population classes, fitted to the class sizes of a sample."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from privaudit._core.arrays import Floats, Ints
from privaudit.measures.tables.equivalence import class_size_histogram
from privaudit.words.note import Note

__all__ = [
    "NO_FIT",
    "PitmanFit",
    "entropy_and_exponent",
    "expected_classes",
    "expected_uniques",
    "fit_pitman",
    "likely_parameters",
]


# Points a side of the grid on which the likelihood is looked at, and its 95 % bound.
_GRID = 121
_CHI_SQUARE = 3.841458820694124

NO_FIT = Note("pitman_has_no_fit")


@dataclass(frozen=True, kw_only=True)
class PitmanFit:
    """Maximum-likelihood parameters of the Ewens-Pitman model.

    Attributes
    ----------
    theta : float
        Above -alpha: how many classes there are.
    alpha : float
        In (0, 1): how heavy the tail of small classes is.
    """

    theta: float
    alpha: float


class _Seen(NamedTuple):
    """A sample of u classes and n records: `counts` classes of each of `sizes`."""

    u: int
    n: int
    sizes: Ints
    counts: Ints

    @classmethod
    def of(cls, size: ArrayLike) -> _Seen:
        """Return the sample of class sizes."""
        sizes, counts = class_size_histogram(size)
        return cls(int(counts.sum()), int((sizes * counts).sum()), sizes, counts)


def fit_pitman(size: ArrayLike) -> PitmanFit | None:
    """Fit theta and alpha to the class sizes of a sample by maximum likelihood.

    The likelihood of u classes of n records with s_j classes of size j is prod_{i<u} (theta + i
    alpha) / prod_{i<n} (theta + i) x prod_j (prod_{i<j} (i - alpha))**s_j (Pitman 1995; for
    microdata Hoshino 2001).

    Parameters
    ----------
    size : int, shape (m,)
        Size of each class.

    Returns
    -------
    PitmanFit or None
        None where the likelihood has no maximum inside its domain: fewer than two classes,
        every record alone, or parameters that run to their edge.

    References
    ----------
    Pitman (1995).
    Hoshino (2001).

    Examples
    --------
    >>> fit = fit_pitman([1] * 40 + [2] * 10 + [3] * 5 + [6] * 3 + [30])
    >>> 0 < fit.alpha < 1
    True
    """
    from scipy.optimize import minimize

    sample = _Seen.of(size)
    if sample.u < 2 or sample.u == sample.n:
        return None

    def loss(x: Floats) -> tuple[float, Floats]:
        theta, alpha, jacobian = _parameters(x)
        value, gradient = _likelihood(theta, alpha, sample)
        return -value / sample.n, -(jacobian.T @ gradient) / sample.n

    best = min(
        (
            minimize(loss, start, jac=True, method="L-BFGS-B", bounds=[(-25, 35), (-14, 14)])
            for start in ([np.log(sample.u), 0.0], [0.0, 2.0])
        ),
        key=lambda result: result.fun,
    )
    theta, alpha, _ = _parameters(best.x)
    inside = 1e-6 < alpha < 1 - 1e-6 and -24.5 < best.x[0] < 34.5
    return PitmanFit(theta=theta, alpha=alpha) if inside else None


def likely_parameters(fit: PitmanFit, size: ArrayLike) -> tuple[Floats, Floats]:
    """Return the parameters within the 95 % likelihood-ratio region, on a grid.

    The extremes of a function of theta and alpha over them are its profile likelihood interval
    (twice the loss of log-likelihood is below the .95 quantile of chi-square of one degree).

    Parameters
    ----------
    fit : PitmanFit
        Of `size`.
    size : int, shape (m,)

    Returns
    -------
    theta, alpha : float64, shape (r,)

    Examples
    --------
    >>> size = [1] * 40 + [2] * 10 + [3] * 5 + [6] * 3 + [30]
    >>> theta, alpha = likely_parameters(fit_pitman(size), size)
    >>> bool(alpha.min() < fit_pitman(size).alpha < alpha.max())
    True
    """
    sample = _Seen.of(size)
    place = np.array([np.log(fit.theta + fit.alpha), np.log(fit.alpha / (1 - fit.alpha))])

    def slope(x: Floats) -> Floats:
        theta, alpha, jacobian = _parameters(x)
        return jacobian.T @ _likelihood(theta, alpha, sample)[1]

    step = 1e-4
    rows = [(slope(place + move) - slope(place - move)) / (2 * step) for move in step * np.eye(2)]
    information = -(np.array(rows) + np.array(rows).T) / 2
    # Marginal deviations at the maximum: the bound lies within some of them.
    spread = np.sqrt(np.maximum(np.diag(np.linalg.pinv(information)), 1e-12))
    axes = [
        np.clip(place[i] + np.minimum(4 * spread[i], 14) * np.linspace(-1, 1, _GRID), -edge, edge)
        for i, edge in enumerate((24.0, 14.0))
    ]
    alpha = 1 / (1 + np.exp(-axes[1]))
    theta = np.exp(axes[0])[:, None] - alpha
    most = _log_likelihood(np.array([fit.theta]), np.array([fit.alpha]), sample)
    near = 2 * (most - _log_likelihood(theta, alpha, sample)) <= _CHI_SQUARE
    return theta[near], np.broadcast_to(alpha, near.shape)[near]


def _log_likelihood(theta: Floats, alpha: Floats, sample: _Seen) -> Floats:
    """Return the log-likelihood of many theta, shape (..., k), for each of k alpha."""
    from scipy.special import betaln, gammaln

    # Gamma(x + k) / Gamma(x) is Gamma(k) / B(x, k), which does not cancel.
    of_alpha = (sample.u - 1) * np.log(alpha)
    for count, many in zip(sample.sizes.tolist(), sample.counts.tolist(), strict=True):
        if count > 1:
            of_alpha = of_alpha + many * (gammaln(count - 1) - betaln(1 - alpha, count - 1))
    of_both = gammaln(sample.u - 1) - betaln(theta / alpha + 1, sample.u - 1)
    of_theta = gammaln(sample.n - 1) - betaln(theta + 1, sample.n - 1)
    return np.asarray(of_alpha + of_both - of_theta)


def entropy_and_exponent(theta: Floats, alpha: Floats) -> tuple[Floats, Floats]:
    """Return the expected entropy of the classes in nats, and its share in the tail.

    h = psi(theta + 1) - psi(1 - alpha) and gamma = (psi(1) - psi(1 - alpha)) / h, as Rocher,
    Hendrickx and de Montjoye (2025) write the model.

    Parameters
    ----------
    theta : float array
        Larger than ``-alpha``.
    alpha : float array
        In [0, 1).

    Returns
    -------
    tuple of float array

    References
    ----------
    Rocher, Hendrickx and de Montjoye (2025).

    Examples
    --------
    >>> h, gamma = entropy_and_exponent(np.array([1.0]), np.array([0.0]))
    >>> h.tolist(), gamma.tolist()
    ([1.0], [0.0])
    """
    from scipy.special import digamma

    h = digamma(theta + 1) - digamma(1 - alpha)
    return h, (digamma(1) - digamma(1 - alpha)) / h


def _parameters(x: Floats) -> tuple[float, float, Floats]:
    """Return (theta, alpha) from (log(theta + alpha), logit(alpha)), and their derivatives."""
    alpha = float(1.0 / (1.0 + np.exp(-x[1])))
    shift = float(np.exp(x[0]))
    slope = alpha * (1 - alpha)
    return shift - alpha, alpha, np.array([[shift, -slope], [0.0, slope]])


def _likelihood(theta: float, alpha: float, sample: _Seen) -> tuple[float, Floats]:
    """Return the log-likelihood and its gradient in (theta, alpha)."""
    from scipy.special import digamma, gammaln

    n, sizes, counts = sample.n, sample.sizes, sample.counts
    i = np.arange(1, sample.u, dtype=np.float64)
    base = theta + i * alpha
    value = (
        np.log(base).sum()
        - (gammaln(theta + n) - gammaln(theta + 1))
        + (counts * (gammaln(sizes - alpha) - gammaln(1 - alpha))).sum()
    )
    by_theta = (1 / base).sum() - (digamma(theta + n) - digamma(theta + 1))
    by_alpha = (i / base).sum() - (counts * (digamma(sizes - alpha) - digamma(1 - alpha))).sum()
    return float(value), np.array([by_theta, by_alpha])


def expected_uniques(theta: float, alpha: float, people: float) -> float:
    """Return the expected number of classes of size one among `people` draws of the model.

    By exchangeability the chance that one person stays alone is prod_{i=1}^{N-1} (theta + alpha + i
    - 1) / (theta + i), so that the number is N Gamma(theta + alpha + N - 1) Gamma(theta + 1) /
    (Gamma(theta + alpha) Gamma(theta + N)). It tends to Gamma(theta + 1) / Gamma(theta + alpha)
    N**alpha, the form that Hoshino (2001) gives, for large N.

    Parameters
    ----------
    theta : float
        Larger than ``-alpha``.
    alpha : float
        In [0, 1).
    people : float
        People of the population.

    Returns
    -------
    float

    References
    ----------
    Hoshino (2001).

    Examples
    --------
    >>> round(expected_uniques(1.0, 0.0, 1000), 6)  # Ewens: theta N / (theta + N - 1)
    1.0
    """
    start = _log_rise(theta + alpha, 1 - alpha)
    return float(people * np.exp(start - _log_rise(theta + alpha + people - 1, 1 - alpha)))


def expected_classes(theta: float, alpha: float, people: float) -> float:
    """Return the expected number of classes among `people` draws of the model.

    (theta / alpha) (Gamma(theta + alpha + N) Gamma(theta) / (Gamma(theta + alpha) Gamma(theta + N))
    - 1) written with Gamma(theta + 1) so that theta may be 0 or below (Pitman 2006, eq. 3.13).

    Parameters
    ----------
    theta : float
        Larger than ``-alpha``.
    alpha : float
        In [0, 1).
    people : float
        People of the population.

    Returns
    -------
    float

    References
    ----------
    Pitman (2006), eq. 3.13.

    Examples
    --------
    >>> round(expected_classes(0.5, 0.5, 1.0), 9)
    1.0
    """
    log = _log_rise(theta + people, alpha) + _log_rise(theta + alpha, 1 - alpha)
    return float((np.exp(log) - theta) / alpha)


def _log_rise(x: float, step: float) -> float:
    """Return log(Gamma(x + step) / Gamma(x)) through the beta function, which does not cancel."""
    from scipy.special import betaln, gammaln

    return float(gammaln(step) - betaln(x, step))
