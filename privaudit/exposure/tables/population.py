"""From the file to the population it was drawn from: rows of estimates, and what they are worth."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from privaudit.exposure.tables.codes import CodedTable
from privaudit.exposure.tables.risk import Population
from privaudit.exposure.tables.rows import Rows
from privaudit.exposure.tables.tau import tau_estimates
from privaudit.measures.tables import risk, uniqueness
from privaudit.measures.tables.consistent_range import classes_range
from privaudit.measures.tables.correctness import correctness, scaling_law
from privaudit.measures.tables.estimate import Estimate, judge
from privaudit.measures.tables.individual_risk import (
    individual_risk,
    individual_risk_approximate,
    people_at_most,
)

__all__ = [
    "NEEDS_RECORDS",
    "NO_HOUSEHOLD",
    "add_estimates",
    "add_population",
    "common_rate",
    "risk_in_population",
]

_ESTIMATORS = {
    "population_uniques_zayatz": uniqueness.population_uniques_zayatz,
    "population_uniques_pitman": uniqueness.population_uniques_pitman,
    "population_uniques_snb": uniqueness.population_uniques_snb,
    "population_uniques_dankar": uniqueness.population_uniques_dankar,
}
_NEEDS_RATE = "Needs sampling_fraction, weights or a population."
NEEDS_RECORDS = "Needs the records, not their counts."
NO_HOUSEHOLD = "Needs the column of households."


@dataclass(frozen=True, kw_only=True)
class _Rate:
    """Share of the population in the file, taken as the same for everybody."""

    value: float
    note: str


def common_rate(
    table: CodedTable, behind: Population, sampling_fraction: float | None
) -> _Rate | None:
    """Share of the population that is in the file; None where nothing tells."""
    if sampling_fraction is not None:
        return _Rate(value=sampling_fraction, note="")
    if not math.isfinite(behind.size):
        return None
    rate = min(len(table) / behind.size, 1.0)
    weight = table.weight
    uneven = behind.source == "weights" and weight is not None and np.ptp(weight) > 0
    return _Rate(value=rate, note="Unequal weights read as one common rate." if uneven else "")


def risk_in_population(behind: Population, size: NDArray[Any]) -> NDArray[np.float64]:
    """Chance of a right guess among the people behind each record's key, shape (n,).

    1 / F where everybody is listed. From weights the expected 1 / F given f: the inverse of the
    estimated F is always below it (Jensen), and halves the risk of rare keys. 1 / f where only
    the file is known, an upper bound.
    """
    if behind.source == "weights":
        return individual_risk(size, behind.people)
    return 1.0 / behind.people


def add_population(
    rows: Rows,
    behind: Population,
    class_sizes: NDArray[np.int64],
    size: NDArray[Any],
    found: NDArray[np.float64],
    *,
    rate: _Rate | None,
    threshold: float,
    household: NDArray[np.int64] | None,
    no_household: str = NO_HOUSEHOLD,
    count: NDArray[np.int64] | None = None,
) -> tuple[dict[str, NDArray[np.float64]], list[str]]:
    """Add the risks to somebody who may or may not be in the file, and to their household.

    `count` says how many records each of `size` and `found` stands for, `no_household` why
    there is no `household`.
    """
    note, weighted = behind.note, behind.source == "weights"
    if weighted:
        note = f"Expected 1 / F, F negative binomial given f. {note}"
    most = float((1.0 / size).max())
    # Of one record nothing is certain but that F is at least f.
    lowest, highest = (0.0, most) if weighted else (found.max(), found.max())
    rows.add("journalist_risk_max", found.max(), "probability", note, low=lowest, high=highest)
    doubts: list[str] = []
    mean = float(np.average(found, weights=count))
    share = Estimate(value=mean, low=mean, high=mean)
    if weighted and rate is not None:
        bound = float(np.average(1.0 / size, weights=count))
        share = _matched_share(mean, class_sizes, rows.n, bound, rate)
    _add(rows, doubts, "marketer_risk", share, "share of records", note, rows.n)
    text = f"Records with a risk above {threshold:g}. {note}".strip()
    over = risk.share_above(found, threshold, count)
    # F is at least f, and of a record nothing else is certain.
    surely_not, at_most = (
        (0.0, risk.share_above(1.0 / size, threshold, count)) if weighted else (over, over)
    )
    rows.add("share_at_risk", over, "share of records", text, low=surely_not, high=at_most)
    _add_k_map(rows, behind, size)
    presence = ("delta_presence_low", "delta_presence")
    if behind.presence is None:
        rows.absent(presence, "probability", "Needs the population, a row a person.")
    else:
        for name, value in zip(presence, behind.presence, strict=True):
            rows.add(name, value, "probability", behind.note)

    names = ("individual_risk_max", "individual_risk", "individual_risk_approximate")
    homes = ("household_risk_max", "household_risk")
    if behind.source == "file":
        rows.absent((*names, *homes), "probability", _NEEDS_RATE)
        return {}, doubts
    rows.add(names[0], found.max(), "probability", note, low=lowest, high=highest)
    _add(rows, doubts, names[1], share, "probability", note, rows.n)
    if weighted:
        approximate = individual_risk_approximate(size, behind.people)
        close = float(np.average(approximate, weights=count))
        near = replace(share, value=close, low=min(share.low, close))
        _add(
            rows, doubts, names[2], near, "probability", "p / (f - (1 - p)) from f = 3 on.", rows.n
        )
    else:
        rows.add(names[2], share.value, "probability", "F is known: nothing to approximate.")
    scores = {"individual_risk": found}
    if household is None:
        rows.absent(homes, "probability", no_household)
        return scores, doubts
    together = risk.household_risk(found, household)
    text = "At least one member found; members independent of each other."
    bounds = risk.household_risk(1.0 / size, household) if weighted else together
    lowest = 0.0 if weighted else together.max()
    rows.add(homes[0], together.max(), "probability", text, low=lowest, high=bounds.max())
    if weighted:
        shared = _household_share(share, found, 1.0 / size, household)
        _add(rows, doubts, homes[1], shared, "probability", text, rows.n)
    else:
        rows.add(homes[1], together.mean(), "probability", text)
    return scores | {"household_risk": together}, doubts


def _add_k_map(rows: Rows, behind: Population, size: NDArray[Any]) -> None:
    """Add the people who share the rarest key; from weights that is an estimate."""
    if behind.source == "file":
        rows.absent(["k_map"], "people", _NEEDS_RATE)
        return
    fewest = float(behind.people.min())
    if behind.source == "population":
        rows.add("k_map", fewest, "people", behind.note)
        return
    rarest = int(behind.people.argmin())
    # Whatever the rarest key is, it is no commoner than this one.
    most = people_at_most(float(size[rarest]), fewest)
    rows.add("k_map", fewest, "people", behind.note, low=float(size.min()), high=most)


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
    value: float, class_sizes: NDArray[np.int64], n: int, most: float, rate: _Rate
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


def add_estimates(
    rows: Rows,
    class_sizes: NDArray[np.int64],
    codes: NDArray[np.int64] | None,
    rate: _Rate | None,
    uniques: int | None,
) -> list[str]:
    """Add population uniques, correctness, tau1 and tau2; return why some cannot be had.

    Without `codes`, one row a record, there is no tau. Where the population was listed and its
    `uniques` counted, nothing rests on an estimate: one that cannot be had is no doubt.
    """
    names = (*_ESTIMATORS, "tau1", "tau2")
    if rate is None:
        rows.absent(names, "people", _NEEDS_RATE)
        rows.absent(["population_unique_share", "correctness"], "share of people", _NEEDS_RATE)
        rows.absent(["correctness_entropy"], "nats", _NEEDS_RATE)
        rows.absent(["correctness_exponent"], "ratio", _NEEDS_RATE)
        return []
    doubts: list[str] = []
    people = rows.n / rate.value
    share: Estimate | None = None
    for name, estimator in _ESTIMATORS.items():
        share = estimator(class_sizes, rate.value)
        _add(rows, doubts, name, share, "people", rate.note, round(people))
    if codes is None:
        rows.absent(("tau1", "tau2"), "people", NEEDS_RECORDS)
    else:
        for name, value in tau_estimates(codes, rate.value).items():
            _add(rows, doubts, name, value, "people", rate.note, rows.n)
    assert share is not None
    if uniques is not None:
        note = "Counted in the population."
        alone = uniques / people
        rows.add("population_unique_share", alone, "share of people", note, n=round(people))
    else:
        scaled = Estimate(
            value=share.value / people,
            low=share.low / people,
            high=share.high / people,
            reliable=share.reliable,
            reason=share.reason,
        )
        note = f"By the rule of Dankar. {rate.note}".strip()
        _add(
            rows, doubts, "population_unique_share", scaled, "share of people", note, round(people)
        )
    found = correctness(class_sizes, rate.value)
    note = f"All matched at once, under the Pitman-Yor model. {rate.note}".strip()
    _add(rows, doubts, "correctness", found, "share of people", note, round(people))
    law = zip(
        ("correctness_entropy", "correctness_exponent"),
        ("nats", "ratio"),
        scaling_law(class_sizes),
        strict=True,
    )
    for name, unit, parameter in law:
        # They describe the law: where it does not hold, neither do they.
        if not found.reliable:
            parameter = replace(parameter, reliable=False, reason=found.reason)
        text = f"Parameter of that law; the interval is the model's. {rate.note}".strip()
        _add(rows, [], name, parameter, unit, text, rows.n)
    return doubts if uniques is None else []


def _add(
    rows: Rows, doubts: list[str], name: str, found: Estimate, unit: str, note: str, n: int
) -> None:
    """Add an estimate; one that is not reliable keeps its range and loses its value."""
    value = found.value if found.reliable else math.nan
    text = " ".join(part for part in (found.reason, note) if part)
    rows.add(name, value, unit, text, low=found.low, high=found.high, n=n)
    if not found.reliable:
        doubts.append(f"{name}: {found.reason}")
