"""Individual risk: the expected 1 / F given f and the weights (Benedetti and Franconi 1998).

Every risk for a target of the population is made here from F, the people behind each record's key:
its value, and the range that the sample and the blanks allow.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from privaudit.core.checks import Floats
from privaudit.core.policy import SURE_OF_UNIQUE
from privaudit.tables.context import MeasureContext
from privaudit.tables.population.sample_ranges import (
    Estimate,
    fewest_alone,
    matched_share,
    sizes_and_share,
)
from privaudit.tables.table_measure import NAMELESS, RISK, Values, fields_of, table_measure
from privaudit.words.catalogues import Note

# From this class size on, the series needs some hundred terms at most, whatever p.
_SERIES_FROM = 8
_TERMS = 4000


def individual_risks(size: ArrayLike, people: ArrayLike) -> Floats:
    """Return the individual risk of each record: the expected 1 / F given f.

    With p = f / F-hat and F given f negative binomial, E(1 / F) = (p**f / f) 2F1(f, f; f+1; 1-p).
    Euler's transformation turns it into (p / f) 2F1(1, 1; f+1; 1-p), a series of positive terms,
    finite for every f and p: the alternating sum in common use cancels and overflows. Where the
    series is slow (small f and p) it is replaced by its integral's recursion I(f+1) = (1/f - p
    I(f)) / (1 - p) from I(1) = -ln(p) / (1 - p), with r = p I(f), which is stable for p below 1/2.

    Parameters
    ----------
    size : int, shape (n,)
        f: records of the sample with each record's key, 1 or more.
    people : array_like, shape (n,)
        F-hat: estimated people of the population with it (the sum of weights), at least f.

    Returns
    -------
    float64, shape (n,)
        In (0, 1]; 0 is safe; 1 / f where F-hat = f.

    References
    ----------
    Benedetti and Franconi (1998).

    Examples
    --------
    >>> individual_risks([1, 2, 3], [100.0, 100.0, 3.0]).round(4).tolist()
    [0.0465, 0.0188, 0.3333]
    """
    f, p = sizes_and_share("individual_risks", size, people)
    # Records of one class share a value: a pair is sorted as one complex number.
    pairs, place = np.unique(f + 1j * p, return_inverse=True)
    return _expected_inverse(pairs.real, pairs.imag)[place]


def individual_risks_approximate(size: ArrayLike, people: ArrayLike) -> Floats:
    """Return the usual approximation of individual risk, p / (f - (1 - p)) for f of 3 and more.

    Exact for f = 1 and 2. The form that sdcMicro uses by default; it lies below the exact value.

    Parameters
    ----------
    size, people : array_like
        As for `individual_risks`.

    Returns
    -------
    float64, shape (n,)

    Examples
    --------
    >>> individual_risks_approximate([5], [50.0]).round(4).tolist()
    [0.0244]
    """
    f, p = sizes_and_share("individual_risks_approximate", size, people)
    risk = p / (f - (1.0 - p))
    few = f < 3
    risk[few] = _expected_inverse(f[few], p[few])
    return risk


def _expected_inverse(f: Floats, p: Floats) -> Floats:
    """Return the expected 1 / F of each distinct size."""
    risk = np.empty_like(p)
    slow = (f < _SERIES_FROM) & (p < 0.5)
    risk[slow] = _by_recursion(f[slow], p[slow])
    risk[~slow] = _by_series(f[~slow], p[~slow])
    return risk


def _by_recursion(f: Floats, p: Floats) -> Floats:
    """Return the expected 1 / F by recursion over f."""
    integral = -np.log(p) / (1.0 - p)
    risk = p * integral
    for size in range(1, _SERIES_FROM - 1):
        integral = (1.0 / size - p * integral) / (1.0 - p)
        here = f == size + 1
        risk[here] = p[here] * integral[here]
    return risk


def _by_series(f: Floats, p: Floats) -> Floats:
    """Return the expected 1 / F by a series, where the recursion cancels."""
    total = np.ones_like(p)
    term = np.ones_like(p)
    left = np.arange(len(p))
    for k in range(1, _TERMS):
        if not len(left):
            break
        size, share = f[left], p[left]
        term[left] *= k * (1.0 - share) / (size + k)
        total[left] += term[left]
        # What follows term k: at most term (f + k) / (f - 1), and at most geometric in 1 - p.
        rest = np.minimum((size + k) / np.maximum(size - 1, 1e-9), 1 / share)
        left = left[term[left] * rest > 1e-16 * total[left]]
    return p / f * total


def journalist_risks(context: MeasureContext) -> NDArray[np.float64]:
    """Return the chance of a right guess among the people behind each row's key.

    1 / F where everybody is listed. From weights the expected 1 / F given f: the inverse of the
    estimated F is always below it (Jensen), and halves the risk of rare keys. 1 / f where only the
    file is known, an upper bound.

    Parameters
    ----------
    context : MeasureContext

    Returns
    -------
    float array, shape (n,)
        In (0, 1]; 0 is safe.
    """
    people = context.population.people
    if context.population.source != "weights":
        return context.once("journalist_risks", lambda: 1.0 / people)
    return context.once("journalist_risks", lambda: individual_risks(context.size, people))


def is_estimated(context: MeasureContext) -> bool:
    """Whether F is known from weights alone, of some of the people."""
    population = context.population
    return population.source == "weights" and bool((population.people > context.size).any())


def inverse_notes(context: MeasureContext) -> tuple[Note, ...]:
    """Return the note that a risk is the expected 1 / F, where it is."""
    return (Note("expected_inverse"),) if context.population.source == "weights" else ()


def with_notes(
    context: MeasureContext, estimate: Estimate, notes: tuple[Note, ...] = ()
) -> dict[str, Any]:
    """Return an estimate as fields of a row, with the notes and doubts of the population."""
    (fields,), population = fields_of(estimate), context.population
    return {
        **fields,
        # Where only the file is known, a risk is at most what it is there.
        "bound": "upper" if population.source == "file" else "",
        "reliable": fields["reliable"] and population.doubt is None,
        "notes": (*fields["notes"], *notes, *population.notes),
    }


def over_blanks(
    context: MeasureContext,
    summary: Callable[[NDArray[np.float64]], float],
    in_file: tuple[float, float] | None = None,
) -> Estimate:
    """Summarise the risk of each record, with its range over all ways to fill in blanks.

    Parameters
    ----------
    context : MeasureContext
    summary : callable
        Risks, shape (n,), to a number that never falls where each risk rises.
    in_file : tuple of float, optional
        Its range where only the file is known.

    Returns
    -------
    Estimate
    """
    value = low = high = summary(journalist_risks(context))
    population = context.population
    if population.between is not None:
        least, most = population.between
        low, high = summary(1.0 / most), summary(1.0 / least)
    elif population.source == "file" and in_file is not None:
        low, high = in_file
    return Estimate(value=min(max(value, low), high), low=low, high=high)


def greatest_risk(
    context: MeasureContext,
    transform: Callable[[NDArray[np.float64]], NDArray[np.float64]] | None = None,
) -> dict[str, Any]:
    """Return the greatest risk: from a sample 1 if a population unique is certain, else unreliable.

    The greatest of the expected risks does not estimate it: where each of a hundred records is
    alone in the population with a chance of a twentieth, one of them is. F is at least f, and the
    rarest key has at most the mean of all.

    Parameters
    ----------
    context : MeasureContext
    transform : callable, optional
        Risks of records to other risks of them, such as those of their households.

    Returns
    -------
    dict
        Fields of a row.
    """

    def greatest(risks: NDArray[np.float64]) -> float:
        return float((risks if transform is None else transform(risks)).max())

    if not is_estimated(context):
        in_file = context.sizes.ranges.get("risk_max")
        return with_notes(context, over_blanks(context, greatest, in_file))
    fewest = fewest_population_uniques(context)
    chance = -math.expm1(-fewest)
    highest = max(greatest(1.0 / context.size), context.sizes.most("risk_max", 0.0))
    if chance >= SURE_OF_UNIQUE:
        notes = (Note("somebody_alone", records=math.floor(fewest)), Note("people_independent"))
        return with_notes(context, Estimate(value=1.0, low=1.0, high=1.0), notes)
    value = greatest(journalist_risks(context))
    low = min(float(context.histogram[1].sum()) / people_of(context), highest)
    why = Note("rarest_not_known", chance=round(chance, 3))
    return with_notes(
        context, Estimate(value=value, low=low, high=highest, reliable=False, reason=why)
    )


def fewest_population_uniques(context: MeasureContext) -> float:
    """Return a lower bound of the sample uniques that are population uniques."""
    return context.once(
        "fewest_alone", lambda: fewest_alone(context.size, context.population.people, context.count)
    )


def people_of(context: MeasureContext) -> float:
    """Return the people of the population."""
    rate = context.rate
    return context.population.size if rate is None else len(context) / rate.value


def needs_complete(value: float, most: float) -> Estimate:
    """Return an estimate that no complete record supports."""
    why = Note("needs_complete_records")
    return Estimate(value=value, low=0.0, high=most, reliable=False, reason=why)


def mean_risk(context: MeasureContext) -> Estimate:
    """Return the mean of 1 / F over the records, with the range that the sample allows.

    Parameters
    ----------
    context : MeasureContext

    Returns
    -------
    Estimate
    """
    rate = context.rate
    if not is_estimated(context) or rate is None:
        return over_blanks(context, context.mean, context.sizes.ranges.get("risk_mean"))
    mean = context.mean(journalist_risks(context))
    most = context.sizes.most("risk_mean", context.mean(1.0 / context.size))
    if rate.uneven:
        # By Cauchy: classes / records is the mean of f / f, and no more people than all share it.
        low = float(context.histogram[1].sum()) ** 2 / (people_of(context) * len(context))
        why = Note("weights_unequal")
        return Estimate(value=mean, low=min(low, mean), high=most, reliable=False, reason=why)
    if context.none_complete:
        return needs_complete(mean, most)
    sizes, share = context.sample
    return context.once(
        "mean_risk", lambda: matched_share(mean, sizes, int(sizes.sum()), most, share)
    )


@table_measure(unit="probability", safe="small", span=(0, 1), laws=RISK, needs_rate=True)
def individual_risk_max(context: MeasureContext) -> Values:
    """Greatest expected 1 / F given f and the weights."""
    if not is_estimated(context):
        return greatest_risk(context)
    value = float(journalist_risks(context).max())
    most = context.sizes.most("risk_max", float((1.0 / context.size).max()))
    mean = mean_risk(context)
    estimate = replace(mean, value=value, low=min(mean.low, value), high=most)
    return with_notes(context, estimate, (Note("expected_inverse"),))


@table_measure(unit="probability", safe="small", span=(0, 1), laws=RISK, needs_rate=True)
def individual_risk(context: MeasureContext) -> Values:
    """Mean over records of the expected 1 / F given f and the weights.

    References
    ----------
    Benedetti and Franconi (1998).

    Examples
    --------
    >>> import pandas as pd
    >>> import privaudit as pa
    >>> people = pd.DataFrame({"age": [30, 30, 41], "sex": ["F", "F", "M"]})
    >>> roles = pa.Roles(key=["age", "sex"])
    >>> everyone = pd.concat([people, people])
    >>> result = pa.tables.individual_risk(people, roles, population=everyone)
    >>> round(result.value("individual_risk"), 3)
    0.333
    """
    return with_notes(context, mean_risk(context), inverse_notes(context))


@table_measure(unit="probability", safe="small", span=(0, 1), laws=NAMELESS, needs_rate=True)
def individual_risk_approximate(context: MeasureContext) -> Values:
    """The same mean by the usual approximation, which lies below."""
    mean = mean_risk(context)
    if context.population.source == "population":
        return with_notes(context, mean, (Note("nothing_to_approximate"),))
    value = context.mean(individual_risks_approximate(context.size, context.population.people))
    estimate = replace(mean, value=value, low=min(mean.low, value))
    return with_notes(context, estimate, (Note("usual_approximation"), *inverse_notes(context)))
