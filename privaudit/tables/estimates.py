"""How many people are unique in the population that the file was drawn from, and the like."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from privaudit.measures.tables import uniqueness
from privaudit.measures.tables.consistent_range import people_range
from privaudit.measures.tables.correctness import correctness as matched_by_the_law
from privaudit.measures.tables.correctness import scaling_law
from privaudit.measures.tables.estimate import Estimate
from privaudit.measures.tables.individual_risk import fewest_alone
from privaudit.tables.declared import NAMELESS, TableMeasure, Told, declared, told_of
from privaudit.tables.tau import tau_estimates
from privaudit.words.note import Note

if TYPE_CHECKING:
    from privaudit.tables.facts import Facts, Rate

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
        facts, rate, lambda: facts.once("correctness", lambda: matched_by_the_law(*facts.drawn)),
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
