"""How many people are unique in the population that the file was drawn from, and the like.

- Correctness of matches on a key as the population grows (Rocher et al. 2025).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from privaudit.tables.population import uniqueness
from privaudit.tables.population.individual_risk import Estimate, fewest_alone, judge
from privaudit.tables.population.loglinear_model import tau_estimates
from privaudit.tables.population.sample_ranges import classes_range, people_range
from privaudit.tables.population.uniqueness import (
    NO_FIT,
    entropy_and_exponent,
    expected_classes,
    fit_pitman,
    likely_parameters,
)
from privaudit.tables.table_measure import NAMELESS, TableMeasure, Told, declared, told_of
from privaudit.words.catalogues import Note

if TYPE_CHECKING:
    from privaudit.tables.context import Facts, Rate


def expected_correctness(size: ArrayLike, sampling_fraction: float) -> Estimate:
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
    >>> expected_correctness([1, 1, 2], 1.0).value
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
    """Return the two parameters of the scaling law of `expected_correctness`.

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


_NEEDS_RATE = Note("needs_rate")
_SHARE = (0.0, 1.0)


def _uniques(facts: Facts, estimator: Callable[..., Estimate]) -> Told:
    if facts.rate is None:
        return _NEEDS_RATE
    return _of_people(facts, _uniques_by(facts, estimator, facts.rate))


def _uniques_by(facts: Facts, estimator: Callable[..., Estimate], rate: Rate) -> Estimate:
    return _where_it_holds(
        facts, rate, lambda: facts.once(estimator.__name__, lambda: estimator(*facts.drawn)),
        (0.0, len(facts) / rate.value),
    )  # fmt: skip


def _where_it_holds(
    facts: Facts, rate: Rate, take: Callable[[], Estimate], ends: tuple[float, float]
) -> Estimate:
    """Doubt what rests on one common sampling rate, or on records that lack no key.

    `ends`: Its range whatever the weights.
    """
    low, high = ends
    none = Estimate(value=math.nan, low=low, high=high, reliable=False)
    if facts.nobody_complete:
        why = "weights_unequal" if rate.uneven else "needs_complete_records"
        return replace(none, low=low if rate.uneven else 0.0, reason=Note(why))
    return (
        replace(none, value=take().value, reason=Note("weights_unequal")) if rate.uneven else take()
    )


def _of_people(facts: Facts, found: Estimate, *notes: Note, n: float | None = None) -> Told:
    """Tell an estimate over the people of the population."""
    rate = facts.rate
    if rate is None:
        return _NEEDS_RATE
    (told,) = told_of(found)
    people = round(len(facts) / rate.value) if n is None else n
    return told | {"notes": (*told["notes"], *notes), "n": people}


def _of(estimator: Callable[..., Estimate]) -> TableMeasure:
    """Declare a measure that has the name of its estimator: people unique in the population."""

    def take(facts: Facts) -> Told:
        return _uniques(facts, estimator)

    take.__name__ = estimator.__name__
    return declared(unit="people", counts="people", safe="small", laws=NAMELESS)(take)


population_uniques_zayatz = _of(uniqueness.population_uniques_zayatz)
population_uniques_pitman = _of(uniqueness.population_uniques_pitman)
population_uniques_snb = _of(uniqueness.population_uniques_snb)
population_uniques_dankar = _of(uniqueness.population_uniques_dankar)


@declared(unit="share", counts="people", safe="small", span=_SHARE, laws=NAMELESS)
def population_unique_share(facts: Facts) -> Told:
    """That, or the count where the population is listed, over its people."""
    if facts.rate is None:
        return _NEEDS_RATE
    people = len(facts) / facts.rate.value
    if facts.behind.uniques is not None:
        alone = facts.behind.uniques / people
        return {"value": alone, "n": round(people), "notes": (Note("counted_in_population"),)}
    found = _uniques_by(facts, uniqueness.population_uniques_dankar, facts.rate)
    fewest, most = people_range(len(facts), facts.rate.value)
    each = {"value": people, "low": most, "high": fewest}
    ends = {name: min(getattr(found, name) / many, 1.0) for name, many in each.items()}
    return _of_people(facts, replace(found, **ends), Note("rule_of_dankar"))


@declared(unit="records", safe="small", laws=NAMELESS)
def tau1(facts: Facts) -> Told:
    """Sample uniques expected to be population uniques."""
    return _tau(facts, "tau1")


@declared(unit="records", safe="small", laws=NAMELESS, at_least="tau1")
def tau2(facts: Facts) -> Told:
    """Sample uniques expected to be matched rightly."""
    return _tau(facts, "tau2")


def _tau(facts: Facts, word: str) -> Told:
    if facts.behind.source == "population":
        # Alone as published; of a record with a blank the people are those expected.
        alone = facts.groups.size[facts.groups.label] == 1
        people = np.round(facts.behind.people)
        worth = people == 1 if word == "tau1" else 1 / people
        value = low = high = float(worth[alone].sum())
        if facts.behind.between is not None:
            # Who is alone in the population is in the file; else one of two at least.
            least, most = facts.behind.between
            each = 1 / least if word == "tau2" else least == 1
            low = float((most == 1).sum())
            high = min(
                float((each * facts.sizes.weight).sum()), facts.sizes.most("alone", math.inf)
            )
        return {
            "value": min(max(value, low), high),
            "low": low,
            "high": high,
            "reliable": facts.behind.doubt is None,
            "notes": (Note("counted_in_population"), *facts.behind.notes),
        }
    if facts.rate is None or facts.counted:
        return _NEEDS_RATE if facts.rate is None else Note("needs_records")
    rate = facts.rate
    if facts.sizes.fewer:
        return Note("needs_complete_records")
    return _of_people(facts, facts.once("tau", lambda: _taus(facts, rate))[word], n=len(facts))


def _taus(facts: Facts, rate: Rate) -> dict[str, Estimate]:
    """Estimate both; where the model does not bear them, pairs of records still say how few."""
    weight = facts.table.weight if rate.uneven else None
    stands_for = 1 / rate.value if weight is None else np.maximum(weight, 1.0)
    found = tau_estimates(facts.table.codes, stands_for, facts.household)
    fewest = fewest_alone(facts.size, facts.behind.people)
    fewest = max(fewest - 2 * math.sqrt(fewest), 0.0)
    return {
        word: one if one.reliable else replace(one, low=min(max(one.low, fewest), one.high))
        for word, one in found.items()
    }


@declared(unit="share", counts="people", safe="small", span=_SHARE, laws=NAMELESS)
def correctness(facts: Facts) -> Told:
    """Share matched rightly when the whole population is matched, by a scaling law."""
    if facts.rate is None:
        return _NEEDS_RATE
    return _of_people(facts, _by_the_law(facts, facts.rate), Note("pitman_yor_model"))


@declared(unit="nats", laws=NAMELESS)
def correctness_entropy(facts: Facts) -> Told:
    """Parameter of that law: entropy of the keys."""
    return _parameter(facts, 0)


@declared(unit="ratio", laws=NAMELESS)
def correctness_exponent(facts: Facts) -> Told:
    """Parameter of that law: the part of the entropy in the tail of rare keys."""
    return _parameter(facts, 1)


def _by_the_law(facts: Facts, rate: Rate) -> Estimate:
    # The classes of the file are in the population.
    least = len(facts.class_sizes) * rate.value / len(facts)
    return _where_it_holds(
        facts, rate, lambda: facts.once("correctness", lambda: expected_correctness(*facts.drawn)),
        (least, 1.0),
    )  # fmt: skip


def _parameter(facts: Facts, place: int) -> Told:
    if facts.rate is None:
        return _NEEDS_RATE
    if facts.nobody_complete:
        return Note("needs_complete_records")
    found = _by_the_law(facts, facts.rate)
    parameter = facts.once("law", lambda: scaling_law(facts.drawn[0]))[place]
    # They describe the law: where it does not hold, neither do they.
    if not found.reliable:
        parameter = replace(parameter, reliable=False, reason=found.reason)
    return _of_people(facts, parameter, Note("parameter_of_the_law"), n=len(facts))
