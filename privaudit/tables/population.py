"""Who could be found by somebody who does not know that they are in the file: risks in F."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from privaudit.measures.tables import risk
from privaudit.measures.tables.consistent_range import classes_range
from privaudit.measures.tables.estimate import Estimate, judge
from privaudit.measures.tables.individual_risk import individual_risk_approximate as approximation
from privaudit.measures.tables.individual_risk import people_at_most
from privaudit.tables.declared import NAMELESS, RISK, SAFETY, Told, declared, told_of
from privaudit.words.note import Note

if TYPE_CHECKING:
    from privaudit.tables.facts import Facts, Rate

_NEEDS_RATE = Note("needs_rate")
_SHARE = (0.0, 1.0)


@declared(unit="probability", safe="small", span=_SHARE, laws=RISK)
def journalist_risk_max(facts: Facts) -> Told:
    """Chance of the right person for somebody of the population, 1 / F: the greatest."""
    # Of one record nothing is certain but that F is at least f.
    return _of_one(facts, facts.found.max(), float((1.0 / facts.size).max()))


@declared(unit="share", safe="small", span=_SHARE, laws=RISK)
def marketer_risk(facts: Facts) -> Told:
    """Share of records matched rightly when all are matched at once."""
    return _with(facts, _matched(facts))


@declared(unit="share", safe="small", span=_SHARE, laws=NAMELESS)
def share_at_risk(facts: Facts) -> Told:
    """Share of records whose risk is above the threshold."""
    threshold = facts.options.threshold
    over = risk.share_above(facts.found, threshold, facts.count)
    most = risk.share_above(1.0 / facts.size, threshold, facts.count)
    return {**_of_one(facts, over, most), "part": {"threshold": threshold}}


@declared(unit="people", safe="large", span=(1, math.inf), laws=SAFETY)
def k_map(facts: Facts) -> Told:
    """People of the population who share the rarest key."""
    behind = facts.behind
    if behind.source == "file":
        return _NEEDS_RATE
    fewest = float(behind.people.min())
    if behind.source == "population":
        return {"value": fewest, **_said(facts)}
    rarest = int(behind.people.argmin())
    # Whatever the rarest key is, it is no commoner than this one.
    most = people_at_most(float(facts.size[rarest]), fewest)
    return {"value": fewest, "low": float(facts.size.min()), "high": most, **_said(facts)}


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
    return _of_one(facts, facts.found.max(), float((1.0 / facts.size).max()))


@declared(unit="probability", safe="small", span=_SHARE, laws=RISK)
def individual_risk(facts: Facts) -> Told:
    """The same, its mean over records."""
    return _NEEDS_RATE if facts.behind.source == "file" else _with(facts, _matched(facts))


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
    return _with(facts, near, (Note("usual_approximation"),))


@declared(unit="probability", safe="small", span=_SHARE, laws=RISK)
def household_risk_max(facts: Facts) -> Told:
    """Chance that at least one member of a household is found: the greatest."""
    homes = _households(facts)
    if isinstance(homes, Note):
        return homes
    most = risk.household_risk(1.0 / facts.size, homes)
    told = _of_one(facts, risk.household_risk(facts.found, homes).max(), most.max())
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
    return _with(facts, share, (Note("members_independent"),))


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


def _said(facts: Facts) -> dict[str, Any]:
    """What is to be said of all that rests on the people behind each key."""
    behind, notes = facts.behind, facts.behind.notes
    if behind.source == "weights":
        notes = (Note("expected_inverse"), *notes)
    sure = behind.doubt is None
    return {"notes": notes, "reliable": sure, "bound": behind.bound}


def _of_one(facts: Facts, value: float, most: float) -> dict[str, Any]:
    """Tell what rests on single records: from weights, only where their mean can be told.

    Of one record nothing is certain but that F is at least f.
    """
    said = _said(facts)
    if facts.behind.source != "weights":
        return {"value": value, **said}
    mean = _matched(facts)
    if mean.reliable:
        return {"value": value, "low": 0.0, "high": most, **said}
    return {
        "value": math.nan, "low": 0.0, "high": most, **said, "reliable": False,
        "notes": (*(() if mean.reason is None else (mean.reason,)), *said["notes"]),
    }  # fmt: skip


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
    if facts.behind.source != "weights" or facts.rate is None:
        return Estimate(value=mean, low=mean, high=mean)
    most, rate = facts.mean(1.0 / facts.size), facts.rate
    found: Estimate = facts.once(
        "matched", lambda: _matched_share(mean, facts.class_sizes, len(facts), most, rate)
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
    value: float, class_sizes: NDArray[np.int64], n: int, most: float, rate: Rate
) -> Estimate:
    """Put the mean of 1 / F over the file beside what the sample allows.

    Under a common rate its expectation is (classes of the population) / (people), which has a
    range without any model; a class adds f / F, whose variance is at most pi, to the sum.
    """
    people = n / rate.value
    low, high = classes_range(class_sizes, rate.value)
    if rate.value == 1:
        low = high = float(len(class_sizes))
    noise = (
        2 * math.sqrt(rate.value * (1 - rate.value) * high) / rate.value if high == high else 0.0
    )
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
