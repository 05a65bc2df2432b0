"""The Ewens-Pitman model of a population's classes, fitted to a sample's class sizes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from privaudit.measures.tables.equivalence import class_size_histogram

__all__ = ["NO_FIT", "PitmanFit", "expected_classes", "expected_uniques", "fit_pitman"]


NO_FIT = "Not estimable: the Pitman model has no maximum of likelihood on this sample."


@dataclass(frozen=True, kw_only=True)
class PitmanFit:
    """Maximum-likelihood parameters of the Ewens-Pitman model.

    Parameters
    ----------
    theta : float
        Above -alpha: how many classes there are.
    alpha : float
        In (0, 1): how heavy the tail of small classes is.
    """

    theta: float
    alpha: float


def fit_pitman(size: ArrayLike) -> PitmanFit | None:
    """Fit theta and alpha to the sizes of a sample's classes.

    The likelihood of u classes of n records with s_j classes of size j is
    prod_{i<u} (theta + i alpha) / prod_{i<n} (theta + i) x prod_j (prod_{i<j} (i - alpha))**s_j
    (Pitman 1995; for microdata Hoshino 2001).

    Parameters
    ----------
    size : array_like of int, shape (m,)
        Size of each class.

    Returns
    -------
    PitmanFit, or None
        None where the likelihood has no maximum inside its domain: fewer than two classes,
        every record alone, or parameters that run to their edge.

    Examples
    --------
    >>> fit = fit_pitman([1] * 40 + [2] * 10 + [3] * 5 + [6] * 3 + [30])
    >>> 0 < fit.alpha < 1
    True
    """
    from scipy.optimize import minimize

    sizes, counts = class_size_histogram(size)
    u, n = int(counts.sum()), int((sizes * counts).sum())
    if u < 2 or u == n:
        return None

    def loss(x: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        theta, alpha, jacobian = _parameters(x)
        value, gradient = _likelihood(theta, alpha, u, n, sizes, counts)
        return -value / n, -(jacobian.T @ gradient) / n

    best = min(
        (
            minimize(loss, start, jac=True, method="L-BFGS-B", bounds=[(-25, 35), (-14, 14)])
            for start in ([np.log(u), 0.0], [0.0, 2.0])
        ),
        key=lambda result: result.fun,
    )
    theta, alpha, _ = _parameters(best.x)
    inside = 1e-6 < alpha < 1 - 1e-6 and -24.5 < best.x[0] < 34.5
    return PitmanFit(theta=theta, alpha=alpha) if inside else None


def _parameters(x: NDArray[np.float64]) -> tuple[float, float, NDArray[np.float64]]:
    """(theta, alpha) from (log(theta + alpha), logit(alpha)), and their derivatives."""
    alpha = float(1.0 / (1.0 + np.exp(-x[1])))
    shift = float(np.exp(x[0]))
    slope = alpha * (1 - alpha)
    return shift - alpha, alpha, np.array([[shift, -slope], [0.0, slope]])


def _likelihood(
    theta: float,
    alpha: float,
    u: int,
    n: int,
    sizes: NDArray[np.int64],
    counts: NDArray[np.int64],
) -> tuple[float, NDArray[np.float64]]:
    """Log-likelihood and its gradient in (theta, alpha)."""
    from scipy.special import digamma, gammaln

    i = np.arange(1, u, dtype=np.float64)
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
    """Expected number of classes of one among `people` draws of the model.

    By exchangeability the chance that one person stays alone is
    prod_{i=1}^{N-1} (theta + alpha + i - 1) / (theta + i), so that the number is
    N Gamma(theta + alpha + N - 1) Gamma(theta + 1) / (Gamma(theta + alpha) Gamma(theta + N)).
    It tends to Gamma(theta + 1) / Gamma(theta + alpha) N**alpha, the form that Hoshino (2001)
    gives, for large N.

    Examples
    --------
    >>> round(expected_uniques(1.0, 0.0, 1000), 6)  # Ewens: theta N / (theta + N - 1)
    1.0
    """
    start = _log_rise(theta + alpha, 1 - alpha)
    return float(people * np.exp(start - _log_rise(theta + alpha + people - 1, 1 - alpha)))


def expected_classes(theta: float, alpha: float, people: float) -> float:
    """Expected number of classes among `people` draws of the model.

    (theta / alpha) (Gamma(theta + alpha + N) Gamma(theta) / (Gamma(theta + alpha) Gamma(theta + N))
    - 1) written with Gamma(theta + 1) so that theta may be 0 or below (Pitman 2006, eq. 3.13).

    Examples
    --------
    >>> round(expected_classes(0.5, 0.5, 1.0), 9)
    1.0
    """
    log = _log_rise(theta + people, alpha) + _log_rise(theta + alpha, 1 - alpha)
    return float((np.exp(log) - theta) / alpha)


def _log_rise(x: float, step: float) -> float:
    """log(Gamma(x + step) / Gamma(x)): through the beta function, which does not cancel."""
    from scipy.special import betaln, gammaln

    return float(gammaln(step) - betaln(x, step))
