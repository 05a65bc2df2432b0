"""Who could be found by somebody who does not know that they are in the file: risks in F."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from privaudit.core.policy import SURE_OF_UNIQUE
from privaudit.tables import equivalence_classes
from privaudit.tables.population.individual_risk import Estimate, fewest_alone, judge
from privaudit.tables.population.individual_risk import individual_risk_approximate as approximation
from privaudit.tables.population.sample_ranges import household_share, matched_share, uniques_range
from privaudit.tables.table_measure import NAMELESS, RISK, SAFETY, Told, declared, told_of
from privaudit.words.catalogues import Note

if TYPE_CHECKING:
    from privaudit.tables.context import Facts

_NEEDS_RATE = Note("needs_rate")
_SHARE = (0.0, 1.0)
# People who share a key, up to which a threshold's classes are counted.
_MOST_BELOW = 50


@declared(unit="probability", safe="small", span=_SHARE, laws=RISK)
def journalist_risk_max(facts: Facts) -> Told:
    """Chance of the right person for somebody of the population, 1 / F: the greatest."""
    return _of_the_rarest(facts)


@declared(unit="share", safe="small", span=_SHARE, laws=RISK)
def marketer_risk(facts: Facts) -> Told:
    """Share of records matched rightly when all are matched at once."""
    return _with(facts, _matched(facts), _inverse(facts))


@declared(unit="share", safe="small", span=_SHARE, laws=NAMELESS)
def share_at_risk(facts: Facts) -> Told:
    """Share of records whose risk is above the threshold."""
    threshold = facts.options.threshold
    if _estimated(facts):
        told = _with(facts, _share_at_risk(facts, threshold), (Note("middle_of_range"),))
    else:
        told = _with(facts, _beside_blanks(facts, _above(facts, threshold), _file_above(facts)))
    return {**told, "part": {"threshold": threshold}}


@declared(unit="people", safe="large", span=(1, math.inf), laws=SAFETY)
def k_map(facts: Facts) -> Told:
    """People of the population who share the rarest key."""
    if facts.behind.source == "file":
        return _NEEDS_RATE
    told = _of_the_rarest(facts)
    value = 1 / told["value"] if told["reliable"] else float(facts.behind.people.min())
    return told | {"value": value, "low": 1 / told["high"], "high": 1 / told["low"]}


@declared(unit="probability", span=_SHARE, laws=NAMELESS)
def delta_presence_low(facts: Facts) -> Told:
    """How sure one is, at least, that somebody of the population is in the file."""
    return _presence(facts, 0)


@declared(
    unit="probability", safe="small", span=_SHARE, laws=NAMELESS, at_least="delta_presence_low"
)
def delta_presence(facts: Facts) -> Told:
    """The same, at most."""
    return _presence(facts, 1)


@declared(unit="probability", safe="small", span=_SHARE, laws=RISK)
def individual_risk_max(facts: Facts) -> Told:
    """The greatest expected 1 / F given f and the weights."""
    if facts.behind.source == "file":
        return _NEEDS_RATE
    if not _estimated(facts):
        return _of_the_rarest(facts)
    value = float(facts.found.max())
    most = facts.sizes.most("risk_max", float((1.0 / facts.size).max()))
    mean = _matched(facts)
    found = replace(mean, value=value, low=min(mean.low, value), high=most)
    return _with(facts, found, (Note("expected_inverse"),))


@declared(unit="probability", safe="small", span=_SHARE, laws=RISK)
def individual_risk(facts: Facts) -> Told:
    """The same, its mean over records."""
    if facts.behind.source == "file":
        return _NEEDS_RATE
    return _with(facts, _matched(facts), _inverse(facts))


@declared(unit="probability", safe="small", span=_SHARE, laws=NAMELESS)
def individual_risk_approximate(facts: Facts) -> Told:
    """The same mean by the usual approximation, which lies below."""
    if facts.behind.source == "file":
        return _NEEDS_RATE
    share = _matched(facts)
    if facts.behind.source == "population":
        return _with(facts, share, (Note("nothing_to_approximate"),))
    close = facts.mean(approximation(facts.size, facts.behind.people))
    near = replace(share, value=close, low=min(share.low, close))
    return _with(facts, near, (Note("usual_approximation"), *_inverse(facts)))


@declared(unit="probability", safe="small", span=_SHARE, laws=RISK)
def household_risk_max(facts: Facts) -> Told:
    """Chance that at least one member of a household is found: the greatest."""
    homes = _households(facts)
    if isinstance(homes, Note):
        return homes
    told = _of_the_rarest(facts, lambda one: equivalence_classes.household_risk(one, homes))
    return told | {"notes": (Note("members_independent"), *told["notes"])}


@declared(unit="probability", safe="small", span=_SHARE, laws=RISK, at_least="individual_risk")
def household_risk(facts: Facts) -> Told:
    """The same, its mean over records."""
    homes = _households(facts)
    if isinstance(homes, Note):
        return homes
    share = _beside_blanks(
        facts, lambda one: float(equivalence_classes.household_risk(one, homes).mean())
    )
    if facts.behind.source == "weights":
        share = household_share(_matched(facts), facts.found, 1.0 / facts.size, homes)
    return _with(facts, share, (Note("members_independent"), *_inverse(facts)))


def _households(facts: Facts) -> NDArray[np.int64] | Note:
    """Household of each record; or why its risk cannot be had."""
    if facts.behind.source == "file":
        return _NEEDS_RATE
    if facts.options.household is None:
        return Note("needs_household")
    return Note("needs_records") if facts.household is None else facts.household


def _presence(facts: Facts, place: int) -> Told:
    behind = facts.behind
    if behind.presence is None:
        return Note("needs_population")
    value = low = high = behind.presence[place]
    if behind.presences is not None:
        low, high = behind.presences[place]
    return _with(facts, Estimate(value=min(max(value, low), high), low=low, high=high))


def _estimated(facts: Facts) -> bool:
    """Whether F is known from weights alone, of some of the people."""
    behind = facts.behind
    return behind.source == "weights" and bool((behind.people > facts.size).any())


def _said(facts: Facts) -> dict[str, Any]:
    """What is to be said of all that rests on the people behind each key."""
    behind = facts.behind
    return {"notes": behind.notes, "reliable": behind.doubt is None, "bound": behind.bound}


def _inverse(facts: Facts) -> tuple[Note, ...]:
    return (Note("expected_inverse"),) if facts.behind.source == "weights" else ()


def _beside_blanks(
    facts: Facts,
    of: Callable[[NDArray[np.float64]], float],
    in_file: tuple[float, float] | None = None,
) -> Estimate:
    """What the risk of each record gives, and its range over all ways to fill in blanks.

    of : The measure, of a risk a row, shape (n,); never less where each risk is greater.
    in_file : Its range where only the file is known.
    """
    value = low = high = of(facts.found)
    if facts.behind.between is not None:
        least, most = facts.behind.between
        low, high = of(1.0 / most), of(1.0 / least)
    elif facts.behind.source == "file" and in_file is not None:
        low, high = in_file
    return Estimate(value=min(max(value, low), high), low=low, high=high)


def _above(facts: Facts, threshold: float) -> Callable[[NDArray[np.float64]], float]:
    return lambda found: equivalence_classes.share_above(found, threshold, facts.count)


def _file_above(facts: Facts) -> tuple[float, float] | None:
    """Range of the share of records whose class has less than 1 / threshold records."""
    threshold = facts.options.threshold
    return facts.sizes.range_under(1 / threshold if threshold else math.inf)


def _itself(found: NDArray[np.float64]) -> NDArray[np.float64]:
    return found


def _of_the_rarest(
    facts: Facts, of: Callable[[NDArray[np.float64]], NDArray[np.float64]] = _itself
) -> dict[str, Any]:
    """Tell the greatest risk: from a sample 1, where somebody of it is alone for sure, or none.

    The greatest of the expected risks says nothing of it: where each of a hundred records is
    alone in the population with a chance of a twentieth, one of them is. F is at least f, and the
    rarest key has at most the mean of all.

    of : What is found of each record by a risk a record.
    """
    in_file = facts.sizes.ranges.get("risk_max")
    if not _estimated(facts):
        return _with(facts, _beside_blanks(facts, lambda one: float(of(one).max()), in_file))
    fewest = facts.once("alone", lambda: _fewest_alone(facts))
    chance = -math.expm1(-fewest)
    highest = max(float(of(1.0 / facts.size).max()), facts.sizes.most("risk_max", 0.0))
    if chance >= SURE_OF_UNIQUE:
        notes = (Note("somebody_alone", records=math.floor(fewest)), Note("people_independent"))
        sure = Estimate(value=1.0, low=1.0, high=1.0)
        return _with(facts, sure, notes)
    why = Note("rarest_not_known", chance=round(chance, 3))
    value = float(of(facts.found).max())
    low = min(float(facts.histogram[1].sum()) / _people(facts), highest)
    return _with(facts, Estimate(value=value, low=low, high=highest, reliable=False, reason=why))


def _fewest_alone(facts: Facts) -> float:
    return fewest_alone(facts.size, facts.behind.people, facts.count)


def _people(facts: Facts) -> float:
    return facts.behind.size if facts.rate is None else len(facts) / facts.rate.value


def _share_at_risk(facts: Facts, threshold: float) -> Estimate:
    """Put the share of records whose F is small beside what the sample allows.

    Under a common rate its expectation is the share of people in such classes, which has a range
    without any model; the value is its middle.
    """
    in_file = _file_above(facts)
    most = _above(facts, threshold)(1.0 / facts.size) if in_file is None else in_file[1]
    n, rate = len(facts), facts.rate
    if rate is None or rate.uneven:
        fewest = facts.once("alone", lambda: _fewest_alone(facts))
        low = max(fewest - 2 * math.sqrt(fewest), 0.0) / n if threshold < 1 else 0.0
        why = Note("weights_unequal")
        value = _above(facts, threshold)(facts.found)
        return Estimate(value=value, low=min(low, most), high=most, reliable=False, reason=why)
    if facts.nobody_complete:
        return _nobody_complete(_above(facts, threshold)(facts.found), most)
    # F below so many is a risk above the threshold.
    below = math.inf if threshold == 0 else math.floor(1 / threshold) + 1
    if threshold and 1 / (below - 1) <= threshold:
        below -= 1
    people = n / rate.value
    low, high = 0.0, people
    if below <= _MOST_BELOW:
        low, high = uniques_range(*facts.drawn, below=int(below))
    share = high / people
    noise = 2 * math.sqrt((1 - rate.value) * share / n) if share == share else 0.0
    # Where no population fits, nan stays nan for `judge`, which says so.
    high = min(share + noise, most)
    low = min(max(low / people - noise, 0.0), most)
    found = judge((low + high) / 2, low, high, 1.0)
    return replace(found, high=min(found.high, most))


def _nobody_complete(value: float, most: float) -> Estimate:
    why = Note("needs_complete_records")
    return Estimate(value=value, low=0.0, high=most, reliable=False, reason=why)


def _with(facts: Facts, found: Estimate, notes: tuple[Note, ...] = ()) -> dict[str, Any]:
    """Tell an estimate with all that is to be said of it."""
    (told,), said = told_of(found), _said(facts)
    return {
        **told,
        "bound": said["bound"],
        "reliable": told["reliable"] and said["reliable"],
        "notes": (*told["notes"], *notes, *said["notes"]),
    }


def _matched(facts: Facts) -> Estimate:
    """The mean of 1 / F over the records, and what the sample allows."""
    if not _estimated(facts) or facts.rate is None:
        return _beside_blanks(facts, facts.mean, facts.sizes.ranges.get("risk_mean"))
    mean, rate = facts.mean(facts.found), facts.rate
    most = facts.sizes.most("risk_mean", facts.mean(1.0 / facts.size))
    if rate.uneven:
        # By Cauchy: classes / records is the mean of f / f, and no more people than all share it.
        low = float(facts.histogram[1].sum()) ** 2 / (_people(facts) * len(facts))
        why = Note("weights_unequal")
        return Estimate(value=mean, low=min(low, mean), high=most, reliable=False, reason=why)
    if facts.nobody_complete:
        return _nobody_complete(mean, most)
    sizes, drawn = facts.drawn
    found: Estimate = facts.once(
        "matched", lambda: matched_share(mean, sizes, int(sizes.sum()), most, drawn)
    )
    return found
