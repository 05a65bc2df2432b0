"""Re-identification risk: prosecutor, journalist, marketer and individual risk, delta-presence.

f is the number of records with a key, F that of people of the population with it (El Emam 2013).
Every risk for a target of the population is made here from F: its value, and the range that the
sample and the blanks allow.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from privaudit.core.checks import Floats, in_range
from privaudit.core.thresholds import SMALL_CELL, SURE_OF_UNIQUE
from privaudit.tables.context import MeasureContext
from privaudit.tables.equivalence_classes import checked_class_sizes
from privaudit.tables.k_anonymity import (
    AT_MOST_AS_MANY,
    records_in_small_classes,
    share_of_records,
    unless_blanks,
)
from privaudit.tables.population.individual_risk import (
    individual_risks,
    individual_risks_approximate,
    weighted_sample,
)
from privaudit.tables.population.sample_ranges import (
    Estimate,
    at_most,
    doubtful,
    fewest_alone,
    judge,
    matched_share,
    uniques_range,
)
from privaudit.tables.table_measure import (
    NAMELESS,
    NOTHING,
    RISK,
    SAFETY,
    UNLESS_LEVELS_SHOW,
    Range,
    Shown,
    Values,
    fields_of,
    table_measure,
    where_levels_show,
)
from privaudit.words.catalogues import Note

_SHARE = (0.0, 1.0)
# What a report shows of the greatest risk where it would tell the size of a rare level.
_RISK_OF_FEW = unless_blanks(1 / (SMALL_CELL - 1), 1.0)
# People who share a key, up to which a threshold's classes are counted.
_MOST_BELOW = 50


def unless_of_population(shown: Shown) -> Shown:
    """Return `TableMeasure.shown` with nothing for what a population has beside such classes."""

    def of_population(context: MeasureContext, row: Mapping[str, Any]) -> Range | None:
        if context.reveals_levels and context.population.source != "file":
            return NOTHING
        return shown(context, row)

    return of_population


def prosecutor_risks(size: ArrayLike) -> Floats:
    """Return the prosecutor risk of each record, 1 / f: a random guess in its class.

    For a target known to be in the file (El Emam 2013). Its mean over records is classes / records;
    a mean over classes gives large classes too little weight.

    Parameters
    ----------
    size : array_like, shape (n,)

    Returns
    -------
    float64, shape (n,)
        In (0, 1]; 0 is safe. With population counts F in place of f: journalist risk.

    References
    ----------
    El Emam (2013).

    Examples
    --------
    >>> prosecutor_risks([1, 4, 4, 4, 4]).tolist()
    [1.0, 0.25, 0.25, 0.25, 0.25]
    """
    return 1.0 / checked_class_sizes("prosecutor_risks", size)


def share_above(risk: ArrayLike, threshold: float, count: ArrayLike | None = None) -> float:
    """Return the share of records whose risk is above a threshold, 0 (safe) to 1.

    Parameters
    ----------
    risk : array_like, shape (n,)
    threshold : float
        In [0, 1].
    count : int, shape (n,), optional
        Records that each value stands for. Default: one.

    Returns
    -------
    float

    Examples
    --------
    >>> share_above([1.0, 0.5, 0.2, 0.2], 0.2)
    0.5
    """
    limit = in_range("share_above", "threshold", threshold, 0, 1)
    return share_of_records(np.asarray(risk, dtype=np.float64) > limit, count)


def presence_range(released: ArrayLike, people: ArrayLike) -> tuple[float, float]:
    """Return delta-presence: the lowest and highest chance that a person is in the file.

    f / F over the classes of the population.

    Parameters
    ----------
    released : array_like, shape (m,)
        Records of each class of the *population*, 0 where the file holds none.
    people : array_like, shape (m,)
        People of each class, above 0.

    Returns
    -------
    low, high : float
        In [0, 1]. The nearer to 0 and to each other, the less the file discloses who is in it.

    References
    ----------
    Nergiz, Atzori and Clifton (2007).

    Examples
    --------
    >>> presence_range([0, 2, 3], [4, 4, 3])
    (0.0, 1.0)
    """
    share = np.asarray(released, dtype=np.float64) / checked_class_sizes("presence_range", people)
    return float(share.min()), float(share.max())


def household_risks(risk: ArrayLike, household: ArrayLike) -> Floats:
    """Return the household risk: the chance that any member is re-identified, 1 - prod(1 - r).

    Members are taken to be re-identified independently of each other.

    Parameters
    ----------
    risk : array_like, shape (n,)
        Risk of each record, in [0, 1].
    household : int, shape (n,)
        Household of each record, -1 where unknown (then the record stands alone).

    Returns
    -------
    float64, shape (n,)
        In [0, 1]; never below `risk`.

    Examples
    --------
    >>> household_risks([0.5, 0.5, 0.1], [0, 0, -1]).round(3).tolist()
    [0.75, 0.75, 0.1]
    """
    risks = np.asarray(risk, dtype=np.float64)
    home = np.asarray(household, dtype=np.int64).copy()
    alone = home < 0
    home[alone] = home.max(initial=-1) + 1 + np.arange(alone.sum())
    _, label = np.unique(home, return_inverse=True)
    with np.errstate(divide="ignore"):
        escape = np.bincount(label, weights=np.log1p(-risks))
    # expm1 keeps small risks exact; log1p(-1) = -inf gives a certain household.
    return np.maximum(-np.expm1(escape[label]), risks)


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


def with_notes(
    context: MeasureContext,
    estimate: Estimate,
    notes: tuple[Note, ...] = (),
    *,
    inverse: bool = False,
) -> dict[str, Any]:
    """Return an estimate as fields of a row, with the notes and doubts of the population.

    `inverse`: it is of expected 1 / F, where F is known from weights.
    """
    (fields,), population = fields_of(estimate), context.population
    if inverse and population.source == "weights":
        notes = (*notes, Note("expected_inverse"))
    return {
        **fields,
        # Where only the file is known, a risk is at most what it is there.
        "bound": "upper" if population.source == "file" else fields["bound"],
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
    value = low = high = float(summary(journalist_risks(context)))
    population = context.population
    if population.between is not None:
        least, most = population.between
        low, high = float(summary(1.0 / most)), float(summary(1.0 / least))
    elif population.source == "file" and in_file is not None:
        low, high = in_file
    return Estimate(value=min(max(value, low), high), low=low, high=high, worst_case=True)


def greatest_risk(
    context: MeasureContext, greatest: Callable[[NDArray[np.float64]], float] = np.max
) -> dict[str, Any]:
    """Return the greatest risk: from a sample 1 if a population unique is certain, else unreliable.

    The greatest of the expected risks does not estimate it: where each of a hundred records is
    alone in the population with a chance of a twentieth, one of them is. F is at least f, and the
    rarest key has at most the mean of all.

    Parameters
    ----------
    context : MeasureContext
    greatest : callable
        Risks of records to the greatest of them, or of their households.

    Returns
    -------
    dict
        Fields of a row.
    """
    if not is_estimated(context):
        in_file = context.sizes.ranges.get("risk_max")
        return with_notes(context, over_blanks(context, greatest, in_file))
    fewest = fewest_population_uniques(context)
    chance = -math.expm1(-fewest)
    highest = max(float(greatest(1.0 / context.size)), context.sizes.most("risk_max", 0.0))
    if chance >= SURE_OF_UNIQUE:
        notes = (Note("somebody_alone", records=math.floor(fewest)), Note("people_independent"))
        return with_notes(context, Estimate(value=1.0, low=1.0, high=1.0), notes)
    value = float(greatest(journalist_risks(context)))
    low = min(float(context.histogram[1].sum()) / people_of(context), highest)
    why = Note("rarest_not_known", chance=round(chance, 3))
    return with_notes(context, doubtful(value, low, highest, why))


def fewest_population_uniques(context: MeasureContext) -> float:
    """Return a lower bound of the sample uniques that are population uniques."""
    size, people, count = context.size, context.population.people, context.table.count
    return context.once("fewest_alone", lambda: fewest_alone(size, people, count))


def people_of(context: MeasureContext) -> float:
    """Return the people of the population."""
    rate = context.rate
    return context.population.size if rate is None else len(context) / rate.value


def needs_complete(value: float, most: float) -> Estimate:
    """Return an estimate that no complete record supports."""
    unread = doubtful(value, 0.0, most, Note("needs_complete_records"))
    return replace(unread, worst_case=True)


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
        drawn = weighted_sample(context)
        if drawn is None:
            return doubtful(mean, min(low, mean), most, Note("weights_unequal"))
        ends = context.once("weighted_risk", drawn.mean_risk)
        return judge(mean, max(low, ends[0]), min(most, ends[1]), 1.0)
    if context.none_complete:
        return needs_complete(mean, most)
    sizes, share = context.sample
    return context.once(
        "mean_risk", lambda: matched_share(mean, sizes, int(sizes.sum()), most, share)
    )


def _risk_row(context: MeasureContext) -> dict[str, Any]:
    """Return the mean risk as fields of a row; only an upper bound if weights give no more."""
    mean, rate = mean_risk(context), context.rate
    if mean.reliable or rate is None or not rate.uneven:
        return with_notes(context, mean, inverse=True)
    return with_notes(context, at_most(mean), (Note("value_is_upper_end"),), inverse=True)


@table_measure(
    unit="probability", safe="small", span=_SHARE, laws=RISK | AT_MOST_AS_MANY, shown=_RISK_OF_FEW
)
def prosecutor_risk_max(context: MeasureContext) -> dict[str, Any]:
    """Greatest chance of the right record for a target known to be in the file, 1 / f.

    References
    ----------
    El Emam (2013).

    Examples
    --------
    >>> import pandas as pd
    >>> import privaudit as pa
    >>> people = pd.DataFrame({"age": [30, 30, 41], "sex": ["F", "F", "M"]})
    >>> roles = pa.Roles(key=["age", "sex"])
    >>> pa.tables.prosecutor_risk_max(people, roles).value("prosecutor_risk_max")
    1.0
    """
    largest = float(prosecutor_risks(context.size).max())
    return {**context.sizes.ranged("risk_max", largest), "baseline": 1 / len(context)}


@table_measure(unit="probability", safe="small", span=_SHARE, laws=RISK | AT_MOST_AS_MANY)
def prosecutor_risk_mean(context: MeasureContext) -> dict[str, Any]:
    """Mean prosecutor risk over records, never over classes.

    References
    ----------
    El Emam (2013).

    Examples
    --------
    >>> import pandas as pd
    >>> import privaudit as pa
    >>> people = pd.DataFrame({"age": [30, 30, 41], "sex": ["F", "F", "M"]})
    >>> roles = pa.Roles(key=["age", "sex"])
    >>> round(pa.tables.prosecutor_risk_mean(people, roles).value("prosecutor_risk_mean"), 3)
    0.667
    """
    mean = context.mean(prosecutor_risks(context.size))
    return {**context.sizes.ranged("risk_mean", mean), "baseline": 1 / len(context)}


@table_measure(
    unit="probability", safe="small", span=_SHARE, laws=RISK,
    shown=unless_of_population(_RISK_OF_FEW),
)  # fmt: skip
def journalist_risk_max(context: MeasureContext) -> Values:
    """Greatest chance of the right person for a target of the population, 1 / F."""
    return greatest_risk(context)


@table_measure(
    unit="share", safe="small", span=_SHARE, laws=RISK,
    shown=unless_of_population(lambda context, row: None),
)  # fmt: skip
def marketer_risk(context: MeasureContext) -> Values:
    """Expected share of correct matches where all records are matched.

    References
    ----------
    El Emam (2013).

    Examples
    --------
    >>> import pandas as pd
    >>> import privaudit as pa
    >>> people = pd.DataFrame({"age": [30, 30, 41], "sex": ["F", "F", "M"]})
    >>> roles = pa.Roles(key=["age", "sex"])
    >>> everyone = pd.concat([people, people])
    >>> result = pa.tables.marketer_risk(people, roles, population=everyone)
    >>> round(result.value("marketer_risk"), 3)
    0.333
    """
    return _risk_row(context)


def _at_risk(context: MeasureContext, part: Mapping[str, Any]) -> tuple[float, float]:
    """Return the bounds of the share above a threshold: that in classes of fewer records."""
    than = 1 / part["threshold"] if part["threshold"] else math.inf
    return records_in_small_classes(context, than) if than < SMALL_CELL else (0.0, 1.0)


@table_measure(
    unit="share", safe="small", span=_SHARE, laws=NAMELESS,
    shown=unless_of_population(where_levels_show(_at_risk)),
)  # fmt: skip
def share_at_risk(context: MeasureContext) -> Values:
    """Share of records whose risk is above the threshold."""
    threshold = context.options.threshold
    above = partial(share_above, threshold=threshold, count=context.table.count)
    # The class of such a record has less than 1 / threshold records.
    than, ranges, in_file = 1 / threshold if threshold else math.inf, context.sizes.ranges, None
    if known := [few for few in ranges if isinstance(few, int)]:
        # The count grows with the threshold.
        low = max((ranges[few][0] for few in known if few <= than), default=0.0)
        in_file = low, min((ranges[few][1] for few in known if few >= than), default=1.0)
    if is_estimated(context):
        estimate = _estimated_share_at_risk(context, above, in_file)
        fields = with_notes(context, estimate, (Note("middle_of_range"),))
    else:
        fields = with_notes(context, over_blanks(context, above, in_file))
    return {**fields, "part": {"threshold": threshold}}


@table_measure(
    unit="people", safe="large", span=(1, math.inf), laws=SAFETY, needs_rate=True,
    shown=UNLESS_LEVELS_SHOW,
)  # fmt: skip
def k_map(context: MeasureContext) -> Values:
    """People of the population who share the rarest key (Sweeney 2001).

    References
    ----------
    Sweeney (2001).

    Examples
    --------
    >>> import pandas as pd
    >>> import privaudit as pa
    >>> people = pd.DataFrame({"age": [30, 30, 41], "sex": ["F", "F", "M"]})
    >>> roles = pa.Roles(key=["age", "sex"])
    >>> everyone = pd.concat([people, people])
    >>> result = pa.tables.k_map(people, roles, population=everyone)
    >>> round(result.value("k_map"), 3)
    2.0
    """
    fields = greatest_risk(context)
    value = float(context.population.people.min())
    if fields["reliable"]:
        value = 1 / fields["value"]
    return fields | {"value": value, "low": 1 / fields["high"], "high": 1 / fields["low"]}


@table_measure(unit="probability", span=_SHARE, laws=NAMELESS, shown=UNLESS_LEVELS_SHOW)
def delta_presence_low(context: MeasureContext) -> Values:
    """Lowest chance that a person of the population is in the file."""
    return _presence(context, 0)


@table_measure(
    unit="probability", safe="small", span=_SHARE, laws=NAMELESS, at_least="delta_presence_low",
    shown=UNLESS_LEVELS_SHOW,
)  # fmt: skip
def delta_presence(context: MeasureContext) -> Values:
    """Highest chance that a person of the population is in the file.

    References
    ----------
    Nergiz, Atzori and Clifton (2007).

    Examples
    --------
    >>> import pandas as pd
    >>> import privaudit as pa
    >>> people = pd.DataFrame({"age": [30, 30, 41], "sex": ["F", "F", "M"]})
    >>> roles = pa.Roles(key=["age", "sex"])
    >>> everyone = pd.concat([people, people])
    >>> result = pa.tables.delta_presence(people, roles, population=everyone)
    >>> round(result.value("delta_presence"), 3)
    0.5
    """
    return _presence(context, 1)


def _presence(context: MeasureContext, place: int) -> Values:
    population = context.population
    if population.released is None or population.listed is None:
        return Note("needs_population")
    value = low = high = min(presence_range(population.released, population.listed)[place], 1.0)
    if population.presences is not None:
        low, high = population.presences[place]
    value = min(max(value, low), high)
    return with_notes(context, Estimate(value=value, low=low, high=high, worst_case=True))


@table_measure(
    unit="probability", safe="small", span=_SHARE, laws=RISK, needs_rate=True,
    shown=UNLESS_LEVELS_SHOW,
)  # fmt: skip
def household_risk_max(context: MeasureContext) -> Values:
    """Greatest chance that at least one member of a household is re-identified."""
    homes = _households(context)
    if isinstance(homes, Note):
        return homes
    fields = greatest_risk(context, lambda risks: household_risks(risks, homes).max())
    return fields | {"notes": (Note("members_independent"), *fields["notes"])}


@table_measure(
    unit="probability", safe="small", span=_SHARE, laws=RISK, at_least="individual_risk",
    needs_rate=True, shown=UNLESS_LEVELS_SHOW,
)  # fmt: skip
def household_risk(context: MeasureContext) -> Values:
    """Mean over records of the chance that a member of the household is re-identified.

    Examples
    --------
    >>> import pandas as pd
    >>> import privaudit as pa
    >>> people = pd.DataFrame({"age": [30, 30, 41], "home": [1, 2, 1]})
    >>> everyone, roles = pd.concat([people, people]), pa.Roles(key="age")
    >>> result = pa.tables.household_risk(people, roles, household="home", population=everyone)
    >>> round(result.value("household_risk"), 3)
    0.5
    """
    homes = _households(context)
    if isinstance(homes, Note):
        return homes
    if context.population.source == "weights":
        risks = journalist_risks(context)
        estimate = household_share(mean_risk(context), risks, 1.0 / context.size, homes)
    else:
        estimate = over_blanks(context, lambda risks: household_risks(risks, homes).mean())
    return with_notes(context, estimate, (Note("members_independent"),), inverse=True)


@table_measure(
    unit="probability", safe="small", span=_SHARE, laws=RISK, needs_rate=True,
    shown=UNLESS_LEVELS_SHOW,
)  # fmt: skip
def individual_risk_max(context: MeasureContext) -> Values:
    """Greatest expected 1 / F given f and the weights."""
    if not is_estimated(context):
        return greatest_risk(context)
    value = float(journalist_risks(context).max())
    most = context.sizes.most("risk_max", float((1.0 / context.size).max()))
    mean = mean_risk(context)
    estimate = replace(mean, value=value, low=min(mean.low, value), high=most)
    return with_notes(context, estimate, (Note("expected_inverse"),))


@table_measure(
    unit="probability", safe="small", span=_SHARE, laws=RISK, needs_rate=True,
    shown=UNLESS_LEVELS_SHOW,
)  # fmt: skip
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
    return _risk_row(context)


@table_measure(
    unit="probability", safe="small", span=_SHARE, laws=NAMELESS, needs_rate=True,
    shown=UNLESS_LEVELS_SHOW,
)  # fmt: skip
def individual_risk_approximate(context: MeasureContext) -> Values:
    """The same mean by the usual approximation, which lies below."""
    mean = mean_risk(context)
    if context.population.source == "population":
        return with_notes(context, mean, (Note("nothing_to_approximate"),))
    value = context.mean(individual_risks_approximate(context.size, context.population.people))
    estimate = replace(mean, value=value, low=min(mean.low, value))
    return with_notes(context, estimate, (Note("usual_approximation"),), inverse=True)


def _households(context: MeasureContext) -> NDArray[np.int64] | Note:
    """Return the household of each record, or why its risk cannot be had."""
    if context.options.household is None:
        return Note("needs_household")
    return Note("needs_records") if context.household is None else context.household


def _estimated_share_at_risk(
    context: MeasureContext,
    above: Callable[[NDArray[np.float64]], float],
    in_file: tuple[float, float] | None,
) -> Estimate:
    """Return the middle of the range of the share of records whose F is small.

    Under a common rate its expectation is the share of people in such classes, which has a range
    without any model.
    """
    threshold, n, rate = context.options.threshold, len(context), context.rate
    most = above(1.0 / context.size) if in_file is None else in_file[1]
    if rate is None or rate.uneven:
        fewest = fewest_population_uniques(context)
        low = max(fewest - 2 * math.sqrt(fewest), 0.0) / n if threshold < 1 else 0.0
        value = above(journalist_risks(context))
        return doubtful(value, min(low, most), most, Note("weights_unequal"))
    if context.none_complete:
        return needs_complete(above(journalist_risks(context)), most)
    # F below this number is a risk above the threshold.
    below = math.inf if threshold == 0 else math.floor(1 / threshold) + 1
    if threshold and 1 / (below - 1) <= threshold:
        below -= 1
    people = n / rate.value
    low, high = 0.0, people
    if below <= _MOST_BELOW:
        low, high = uniques_range(*context.sample, below=int(below))
    share = high / people
    noise = 2 * math.sqrt((1 - rate.value) * share / n) if share == share else 0.0
    # Where no population fits, nan stays nan for `judge`, which notes it.
    high = min(share + noise, most)
    low = min(max(low / people - noise, 0.0), most)
    estimate = judge((low + high) / 2, low, high, 1.0)
    return replace(estimate, high=min(estimate.high, most))


def household_share(
    share: Estimate,
    risks: NDArray[np.float64],
    most: NDArray[np.float64],
    household: NDArray[np.int64],
) -> Estimate:
    """Return the mean household risk, with the range that the mean individual risk leaves it.

    The risks of all records are multiplied by one factor until their mean is at either end of its
    range, none above 1 / f. Where that range is not reliable, a household is re-identified at least
    as often as its members, and at most as often as with F = f.

    Parameters
    ----------
    share : Estimate
        Mean individual risk.
    risks, most : float array, shape (n,)
        Individual risk of each record, and its upper bound 1 / f.
    household : int array, shape (n,)
        Household of each record, -1 where unknown.

    Returns
    -------
    Estimate
    """
    value = float(household_risks(risks, household).mean())
    if not share.reliable:
        highest = float(household_risks(most, household).mean())
        return doubtful(value, share.low, highest, share.reason)
    low, high = (
        float(household_risks(_scaled_to(mean, risks, most), household).mean())
        for mean in (share.low, share.high)
    )
    return judge(value, min(low, value), max(high, value), 1.0)


def _scaled_to(
    mean: float, risks: NDArray[np.float64], most: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Multiply risks by one factor, none above its bound, until they have a mean."""
    low, high = 0.0, 1.0
    while np.minimum(high * risks, most).mean() < mean and high < 1e9:
        high *= 2
    for _ in range(50):
        factor = (low + high) / 2
        below = np.minimum(factor * risks, most).mean() < mean
        low, high = (factor, high) if below else (low, factor)
    return np.minimum(high * risks, most)
