"""How often a match on the key is right, as the crowd grows."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from privaudit._core.checks import in_range, say
from privaudit.errors import ParameterError
from privaudit.measures.tables.consistent_range import classes_range
from privaudit.measures.tables.estimate import Estimate, judge
from privaudit.measures.tables.pitman import NO_FIT, expected_classes, fit_pitman

__all__ = ["correctness", "individual_correctness", "individual_uniqueness"]


def individual_uniqueness(probability: ArrayLike, people: float) -> NDArray[np.float64]:
    """Chance that somebody is unique among n people, (1 - p)**(n - 1) (Rocher et al. 2019).

    Parameters
    ----------
    probability : array_like
        p: probability of the person's key in the population, in [0, 1].
    people : float
        n, 1 or more.

    Returns
    -------
    ndarray of float64
        In [0, 1]; 0 is safe.

    Examples
    --------
    >>> float(individual_uniqueness(0.5, 3))
    0.25
    """
    p = _probability("individual_uniqueness", probability)
    n = in_range("individual_uniqueness", "people", people, 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        value = np.exp((n - 1) * np.log1p(-p))
    return np.where((p == 1) & (n == 1), 1.0, value)


def individual_correctness(probability: ArrayLike, people: float) -> NDArray[np.float64]:
    """Chance that a match is right among n people, (1 - (1 - p)**n) / (n p) (Rocher et al. 2019).

    The expected 1 / F of somebody who shares the key with a binomial number of the others.

    Parameters
    ----------
    probability : array_like
        p: probability of the person's key in the population, in [0, 1].
    people : float
        n, 1 or more.

    Returns
    -------
    ndarray of float64
        In (0, 1]; never below the uniqueness; 0 is safe.

    Examples
    --------
    >>> round(float(individual_correctness(0.5, 2)), 6)
    0.75
    """
    p = _probability("individual_correctness", probability)
    n = in_range("individual_correctness", "people", people, 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        value = -np.expm1(n * np.log1p(-p)) / (n * p)
    return np.where(p == 0, 1.0, value)


def _probability(who: str, probability: ArrayLike) -> NDArray[np.float64]:
    p = np.asarray(probability, dtype=np.float64)
    if not np.all((p >= 0) & (p <= 1)):
        raise ParameterError(say(who, "probabilities in [0, 1]", "a value outside"))
    return p


def correctness(size: ArrayLike, sampling_fraction: float) -> Estimate:
    """Expected share of people matched rightly when the whole population is matched on the key.

    kappa(N) = E(number of classes among N) / N: in each class one guess in F is right. Under the
    Ewens-Pitman (Pitman-Yor) model that is a closed form of two parameters and N
    (`pitman.expected_classes`): a scaling law from the sample's kappa(n) =
    classes / records to the population. Derived here; Rocher, Hendrickx and de Montjoye (2025)
    propose a law of the same model, whose own parametrisation was not at hand to compare.

    Parameters
    ----------
    size, sampling_fraction
        As for `population_uniques_zayatz`.

    Returns
    -------
    Estimate
        Of a share, in (0, 1]; 0 is safe.

    Examples
    --------
    >>> correctness([1, 1, 2], 1.0).value
    0.75
    """
    low, high = classes_range(size, sampling_fraction)
    people = float(np.asarray(size).sum()) / sampling_fraction
    if sampling_fraction == 1:
        value, why_not = low, ""
    elif (fit := fit_pitman(size)) is None:
        value, why_not = math.nan, NO_FIT
    else:
        value, why_not = expected_classes(fit.theta, fit.alpha, people), ""
    found = judge(value, low, high, people, why_not)
    return replace(
        found, value=found.value / people, low=found.low / people, high=found.high / people
    )
