"""Correctness of matches on a key as the population grows (Rocher et al. 2025)."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike

from privaudit.measures.tables.consistent_range import classes_range, people_range
from privaudit.measures.tables.estimate import Estimate, judge
from privaudit.measures.tables.pitman import (
    NO_FIT,
    entropy_and_exponent,
    expected_classes,
    fit_pitman,
    likely_parameters,
)

__all__ = ["correctness", "scaling_law"]


def correctness(size: ArrayLike, sampling_fraction: float) -> Estimate:
    """Return the expected share of people matched correctly when a population is matched on a key.

    kappa(N) = E(number of classes among N) / N: in each class one guess in F is right. Under the
    Pitman-Yor (Ewens-Pitman) model with discount alpha and concentration theta, kappa(N) = (Gamma(1
    + theta) Gamma(N + theta + alpha) / (Gamma(theta + alpha) Gamma(N + theta)) - theta) / (alpha
    N): the scaling law of Rocher, Hendrickx and de Montjoye (2025), in the form of their package
    `pydataless`, which carries the sample's kappa(n) = classes / records to the population. They
    fit it to kappa at several sizes of sample; here the parameters are those of the greatest
    likelihood of the class sizes, and `scaling_law` gives them as the paper does.

    Parameters
    ----------
    size, sampling_fraction : array_like
        As for `population_uniques_zayatz`.

    Returns
    -------
    Estimate
        Of a share, in (0, 1]; 0 is safe.

    References
    ----------
    Rocher, Hendrickx and de Montjoye (2025).

    Examples
    --------
    >>> correctness([1, 1, 2], 1.0).value
    0.75
    """
    low, high = classes_range(size, sampling_fraction)
    records = float(np.asarray(size).sum())
    people = records / sampling_fraction
    fewest, most = people_range(records, sampling_fraction)
    why_not = None
    if sampling_fraction == 1:
        value = low
    elif (fit := fit_pitman(size)) is None:
        value, why_not = math.nan, NO_FIT
    else:
        value = expected_classes(fit.theta, fit.alpha, people)
    estimate = judge(value, low, high, people, why_not)
    return replace(
        estimate,
        value=estimate.value / people,
        low=estimate.low / most,
        high=estimate.high if math.isnan(estimate.high) else min(estimate.high / fewest, 1.0),
    )


def scaling_law(size: ArrayLike) -> tuple[Estimate, Estimate]:
    """Return the two parameters of the scaling law of `correctness`.

    The expected entropy of the keys in nats, h = psi(theta + 1) - psi(1 - alpha), and the exponent
    gamma = (psi(1) - psi(1 - alpha)) / h: how much of the entropy lies in the tail of rare keys.
    The interval is that of the model, by its profile likelihood: it says how well the sample fixes
    the law, and nothing of whether the law is right.

    Parameters
    ----------
    size : int, shape (m,)
        Sizes of the sample's classes. Under the model a sample has the parameters of its
        population.

    Returns
    -------
    entropy, exponent : Estimate
        H, 0 (everybody alike) and up; gamma, 0 and up, at most 1 where theta is not negative.
        nan where the model has no fit.

    References
    ----------
    Rocher et al. (2025).

    Examples
    --------
    >>> h, gamma = scaling_law([1] * 40 + [2] * 10 + [3] * 5 + [6] * 3 + [30])
    >>> h.low < h.value < h.high, gamma.low < gamma.value < gamma.high
    (True, True)
    """
    fit = fit_pitman(size)
    if fit is None:
        none = Estimate(value=math.nan, low=0.0, high=math.inf, reliable=False, reason=NO_FIT)
        return none, none
    theta, alpha = likely_parameters(fit, size)
    entropies, exponents = entropy_and_exponent(theta, alpha)
    here = entropy_and_exponent(np.array(fit.theta), np.array(fit.alpha))
    entropy, exponent = (
        Estimate(
            value=float(value),
            low=float(np.minimum(np.min(some), value)),
            high=float(np.maximum(np.max(some), value)),
        )
        for value, some in zip(here, (entropies, exponents), strict=True)
    )
    return entropy, exponent
