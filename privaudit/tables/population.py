"""Who could be found by somebody who does not know that they are in the file: risks in F."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from privaudit.measures.tables import risk
from privaudit.measures.tables.consistent_range import classes_range, uniques_range
from privaudit.measures.tables.estimate import Estimate, judge
from privaudit.measures.tables.individual_risk import fewest_alone
from privaudit.measures.tables.individual_risk import individual_risk_approximate as approximation
from privaudit.tables.declared import NAMELESS, RISK, SAFETY, Told, declared, told_of
from privaudit.words.note import Note

if TYPE_CHECKING:
    from privaudit.tables.facts import Facts

_NEEDS_RATE = Note("needs_rate")
_SHARE = (0.0, 1.0)
# That somebody of the file is alone in the population, for the rarest key to be told.
_SURE = 0.975
# People who share a key, up to which a threshold's classes are counted.
_MOST_BELOW = 50


@declared(unit="probability", safe="small", span=_SHARE, laws=RISK)
def journalist_risk_max(facts: Facts) -> Told:
    """Chance of the right person for somebody of the population, 1 / F: the greatest."""
    return _of_the_rarest(facts, facts.found, 1.0 / facts.size)


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
        told = {"value": risk.share_above(facts.found, threshold, facts.count), **_said(facts)}
    return {**told, "part": {"threshold": threshold}}


@declared(unit="people", safe="large", span=(1, math.inf), laws=SAFETY)
def k_map(facts: Facts) -> Told:
    """People of the population who share the rarest key."""
    if facts.behind.source == "file":
        return _NEEDS_RATE
    if not _estimated(facts):
        return {"value": float(facts.behind.people.min()), **_said(facts)}
    told = _of_the_rarest(facts, facts.found, 1.0 / facts.size)
    return told | {"value": 1 / told["value"], "low": 1 / told["high"], "high": 1 / told["low"]}


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
    value, most = float(facts.found.max()), float((1.0 / facts.size).max())
    if not _estimated(facts):
        return {"value": value, **_said(facts)}
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
        return {"value": share.value, "notes": (Note("nothing_to_approximate"),)}
    close = facts.mean(approximation(facts.size, facts.behind.people))
    near = replace(share, value=close, low=min(share.low, close))
    return _with(facts, near, (Note("usual_approximation"), *_inverse(facts)))


@declared(unit="probability", safe="small", span=_SHARE, laws=RISK)
def household_risk_max(facts: Facts) -> Told:
    """Chance that at least one member of a household is found: the greatest."""
    homes = _households(facts)
    if isinstance(homes, Note):
        return homes
    found, most = (risk.household_risk(one, homes) for one in (facts.found, 1.0 / facts.size))
    told = _of_the_rarest(facts, found, most)
    return told | {"notes": (Note("members_independent"), *told["notes"])}


@declared(unit="probability", safe="small", span=_SHARE, laws=RISK, at_least="individual_risk")
def household_risk(facts: Facts) -> Told:
    """The same, its mean over records."""
    homes = _households(facts)
    if isinstance(homes, Note):
        return homes
    found = risk.household_risk(facts.found, homes)
    share = Estimate(value=found.mean(), low=found.mean(), high=found.mean())
    if facts.behind.source == "weights":
        share = _household_share(_matched(facts), facts.found, 1.0 / facts.size, homes)
    return _with(facts, share, (Note("members_independent"), *_inverse(facts)))


def _households(facts: Facts) -> NDArray[np.int64] | Note:
    """Household of each record; or why its risk cannot be had."""
    if facts.behind.source == "file":
        return _NEEDS_RATE
    if facts.options.household is None:
        return Note("needs_household")
    return Note("needs_records") if facts.household is None else facts.household


def _presence(facts: Facts, place: int) -> Told:
    if facts.behind.presence is None:
        return Note("needs_population")
    return {"value": facts.behind.presence[place], **_said(facts)}


def _estimated(facts: Facts) -> bool:
    """Whether F is known from weights alone, of some of the people."""
    behind = facts.behind
    return behind.source == "weights" and bool((behind.people > facts.size).any())


def risk_is_told(facts: Facts) -> bool:
    """Whether the risks of single records may be told: where their mean is."""
    return not _estimated(facts) or _matched(facts).reliable


def _said(facts: Facts) -> dict[str, Any]:
    """What is to be said of all that rests on the people behind each key."""
    behind = facts.behind
    return {"notes": behind.notes, "reliable": behind.doubt is None, "bound": behind.bound}


def _inverse(facts: Facts) -> tuple[Note, ...]:
    return (Note("expected_inverse"),) if facts.behind.source == "weights" else ()


def _of_the_rarest(
    facts: Facts, found: NDArray[np.float64], most: NDArray[np.float64]
) -> dict[str, Any]:
    """Tell the greatest risk: from a sample 1, where somebody of it is alone for sure, or none.

    The greatest of the expected risks says nothing of it: where each of a hundred records is
    alone in the population with a chance of a twentieth, one of them is. F is at least f, and the
    rarest key has at most the mean of all.

    found, most : (n,). Risk of each record as estimated, and with F = f.
    """
    if not _estimated(facts):
        return {"value": float(found.max()), **_said(facts)}
    fewest = facts.once("alone", lambda: _fewest_alone(facts))
    chance, highest = -math.expm1(-fewest), float(most.max())
    if chance >= _SURE:
        notes = (Note("somebody_alone", records=math.floor(fewest)), Note("people_independent"))
        sure = Estimate(value=1.0, low=1.0, high=1.0)
        return _with(facts, sure, notes)
    why = Note("rarest_not_known", chance=round(chance, 3))
    low = min(float(facts.histogram[1].sum()) / _people(facts), highest)
    return _with(facts, Estimate(value=math.nan, low=low, high=highest, reliable=False, reason=why))


def _fewest_alone(facts: Facts) -> float:
    return fewest_alone(facts.size, facts.behind.people, facts.count)


def _people(facts: Facts) -> float:
    return facts.behind.size if facts.rate is None else len(facts) / facts.rate.value


def _share_at_risk(facts: Facts, threshold: float) -> Estimate:
    """Put the share of records whose F is small beside what the sample allows.

    Under a common rate its expectation is the share of people in such classes, which has a range
    without any model; the value is its middle.
    """
    most = risk.share_above(1.0 / facts.size, threshold, facts.count)
    n, rate = len(facts), facts.rate
    if rate is None or rate.uneven:
        fewest = facts.once("alone", lambda: _fewest_alone(facts))
        low = max(fewest - 2 * math.sqrt(fewest), 0.0) / n if threshold < 1 else 0.0
        why = Note("weights_unequal")
        return Estimate(value=math.nan, low=min(low, most), high=most, reliable=False, reason=why)
    if facts.nobody_complete:
        return _nobody_complete(most)
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


def _nobody_complete(most: float) -> Estimate:
    why = Note("needs_complete_records")
    return Estimate(value=math.nan, low=0.0, high=most, reliable=False, reason=why)


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
    mean = facts.mean(facts.found)
    if not _estimated(facts) or facts.rate is None:
        return Estimate(value=mean, low=mean, high=mean)
    most, rate = facts.mean(1.0 / facts.size), facts.rate
    if rate.uneven:
        # By Cauchy: classes / records is the mean of f / f, and no more people than all share it.
        low = float(facts.histogram[1].sum()) ** 2 / (_people(facts) * len(facts))
        why = Note("weights_unequal")
        return Estimate(value=mean, low=min(low, mean), high=most, reliable=False, reason=why)
    if facts.nobody_complete:
        return _nobody_complete(most)
    sizes, drawn = facts.drawn
    found: Estimate = facts.once(
        "matched", lambda: _matched_share(mean, sizes, int(sizes.sum()), most, drawn)
    )
    return found


def _household_share(
    share: Estimate,
    found: NDArray[np.float64],
    most: NDArray[np.float64],
    household: NDArray[np.int64],
) -> Estimate:
    """Put the mean risk of households beside the range that the risk of people leaves it.

    The risks of all records are raised, or lowered, by one factor until their mean is at either
    end of its range, none above 1 / f. Where that range is no use, a home is found at least as
    often as its members are, and at most as often as with F = f.
    """
    value = float(risk.household_risk(found, household).mean())
    if not share.reliable:
        highest = float(risk.household_risk(most, household).mean())
        return Estimate(
            value=value, low=share.low, high=highest, reliable=False, reason=share.reason
        )
    low, high = (
        float(risk.household_risk(_moved_to(mean, found, most), household).mean())
        for mean in (share.low, share.high)
    )
    return judge(value, min(low, value), max(high, value), 1.0)


def _moved_to(
    mean: float, found: NDArray[np.float64], most: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Multiply risks by one factor, none above its bound, until they have a mean."""
    low, high = 0.0, 1.0
    while np.minimum(high * found, most).mean() < mean and high < 1e9:
        high *= 2
    for _ in range(50):
        factor = (low + high) / 2
        below = np.minimum(factor * found, most).mean() < mean
        low, high = (factor, high) if below else (low, factor)
    return np.minimum(high * found, most)


def _matched_share(
    value: float, class_sizes: NDArray[np.int64], n: int, most: float, rate: float
) -> Estimate:
    """Put the mean of 1 / F over the file beside what the sample allows.

    Under a common rate its expectation is (classes of the population) / (people), which has a
    range without any model; a class adds f / F, whose variance is at most pi, to the sum.
    """
    people = n / rate
    low, high = classes_range(class_sizes, rate)
    if rate == 1:
        low = high = float(len(class_sizes))
    noise = 2 * math.sqrt(rate * (1 - rate) * high) / rate if high == high else 0.0
    # With the whole population in the file the range is one number, and a mean of fractions
    # misses it by its last digit.
    noise += 1e-9 * people
    found = judge(value * people, max(low - noise, 0.0), high + noise, people)
    return replace(
        found,
        value=value,
        low=min(max(found.low / people, 0.0), value),
        high=max(min(found.high / people, most), value) if found.reliable else most,
    )
