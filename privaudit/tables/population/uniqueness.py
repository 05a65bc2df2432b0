"""Population uniques: estimated from a sample's class sizes, or expected from public counts."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from privaudit.core.checks import (
    Floats,
    Ints,
    an_instance,
    columns_present,
    in_range,
    listed,
    one_of,
)
from privaudit.core.thresholds import SMALL_CELL
from privaudit.errors import ParameterError
from privaudit.results.measures import Measures
from privaudit.results.rows import Rows
from privaudit.tables.context import MeasureContext
from privaudit.tables.equivalence_classes import class_size_histogram
from privaudit.tables.population.individual_risk import weighted_sample
from privaudit.tables.population.pitman_model import NO_FIT, expected_uniques, fit_pitman
from privaudit.tables.population.sample_ranges import (
    Estimate,
    at_most,
    judge,
    mixture_shares,
    narrowed,
    people_range,
    uniques_range,
)
from privaudit.tables.table_measure import (
    NAMELESS,
    UNLESS_LEVELS_SHOW,
    TableMeasure,
    Values,
    of_people,
    table_measure,
    unless_uneven,
)
from privaudit.words.catalogues import Note
from privaudit.words.vocabulary import BirthplaceWord

if TYPE_CHECKING:
    import pandas as pd


_BLOCK = 1_000_000
# exp of less is 0.
_NOTHING = -750.0


@dataclass(frozen=True, eq=False)
class _Sample:
    """Class sizes of a sample: s_j classes of size j, n records, u classes, fraction f."""

    sizes: Ints
    counts: Ints
    fraction: float

    @classmethod
    def of(cls, who: str, size: ArrayLike, fraction: float) -> _Sample:
        """Return the sample of class sizes."""
        f = in_range(who, "sampling_fraction", fraction, 0, 1, open_low=True)
        sizes, counts = class_size_histogram(size)
        if not len(sizes) or sizes[0] < 1:
            raise ParameterError.of(who, "class sizes of 1 or more", "none, or a smaller one")
        return cls(sizes, counts, f)

    @property
    def n(self) -> int:
        """Return the number of records."""
        return int((self.sizes * self.counts).sum())

    @property
    def people(self) -> float:
        """Return the number of people of the population."""
        return self.n / self.fraction

    def of_size(self, j: int) -> int:
        """Return the number of classes of a size."""
        return int(self.counts[self.sizes == j].sum())

    def estimate(self, value: float, why_not: Note | None = None) -> Estimate:
        """Return an estimate judged against the range that the sample allows."""
        low, high = uniques_range(np.repeat(self.sizes, self.counts), self.fraction)
        return judge(value, low, high, self.people, why_not)


def zayatz_uniques(size: ArrayLike, sampling_fraction: float) -> Estimate:
    """Return the population uniques by Zayatz's Bayes estimator (1991).

    S_1 = s_1 P(F = 1 | f = 1) / pi, where f given F is hypergeometric, P(f = 1 | F = h) = h C(N-h,
    n-1) / C(N, n), and the prior of F is the sample's own distribution of class sizes.

    Parameters
    ----------
    size : int, shape (m,)
        Sizes of the sample's classes.
    sampling_fraction : float
        pi = n / N, in (0, 1].

    Returns
    -------
    Estimate
        Of a number of people, 0 (safe) to N.

    Examples
    --------
    >>> zayatz_uniques([1, 1, 2, 3], 1.0).value
    2.0
    """
    sample = _Sample.of("zayatz_uniques", size, sampling_fraction)
    ones = float(sample.of_size(1))
    if not ones:
        return sample.estimate(ones)
    weight = _seen_once(sample.sizes, sample.n, sample.people)
    alone = ones / math.fsum(weight * sample.counts)
    return sample.estimate(min(ones * alone / sample.fraction, sample.people))


def _seen_once(sizes: Ints, n: int, people: float) -> Floats:
    """Return P(f = 1 | F = h) / P(f = 1 | F = 1) for ascending sizes h, the first being 1."""
    log = np.full(len(sizes), -np.inf)
    log[0], so_far = 0.0, 0.0
    possible = sizes <= people - n + 1
    most = int(sizes[possible].max())
    for start in range(1, most, _BLOCK):
        j = np.arange(start, min(start + _BLOCK, most), dtype=np.float64)
        running = so_far + np.cumsum(np.log1p(-(n - 1) / (people - j)))
        here = possible & (sizes > start) & (sizes <= start + len(j))
        log[here] = running[sizes[here] - start - 1]
        so_far = running[-1]
        if so_far < _NOTHING:
            break
    ratio: Floats = np.exp(log) * sizes
    return ratio


def pitman_uniques(size: ArrayLike, sampling_fraction: float) -> Estimate:
    """Return the population uniques under the Ewens-Pitman model.

    Maximum likelihood on the sample, then the expected number of classes of one among N people
    (`privaudit.tables.population.pitman_model.expected_uniques`).

    Parameters
    ----------
    size, sampling_fraction : array_like
        As for `zayatz_uniques`.

    Returns
    -------
    Estimate

    References
    ----------
    Hoshino (2001).

    Examples
    --------
    >>> pitman_uniques([1] * 50, 0.5).reliable
    False
    """
    sample = _Sample.of("pitman_uniques", size, sampling_fraction)
    if sample.fraction == 1 or sample.of_size(1) == 0:
        return sample.estimate(float(sample.of_size(1)))
    fit = fit_pitman(size)
    if fit is None:
        return sample.estimate(math.nan, NO_FIT)
    return sample.estimate(expected_uniques(fit.theta, fit.alpha, sample.people))


def snb_uniques(size: ArrayLike, sampling_fraction: float) -> Estimate:
    """Return the population uniques under the slide negative binomial.

    Class sizes of the population are 1 + NB(a, b); with q = 1 - pi, d = 1 - b and x = d q, E(s_1) =
    K pi (b / (1-x))**a (1 + a x / (1-x)) and E(s_2) = K pi**2 / 2 a d b**a (1-x)**-(a+2) (2 - (1-a)
    x), from the generating function z (b / (1 - d z))**a at z = q + pi z'. K, the number of
    classes, is Shlosser's estimator in the form of Haas and Stokes (1998); then S_1 = K b**a. Both
    moments were derived anew here: a common implementation multiplies by (1-x)**(a+2).

    Parameters
    ----------
    size, sampling_fraction : array_like
        As for `zayatz_uniques`.

    Returns
    -------
    Estimate
        Its value is nan where the moment equations have no solution.

    References
    ----------
    Chen and Keller-McNulty (1998).
    Haas and Stokes (1998).

    Examples
    --------
    >>> snb_uniques([1, 2, 2], 1.0).value
    1.0
    """
    sample = _Sample.of("snb_uniques", size, sampling_fraction)
    if sample.fraction == 1 or sample.of_size(1) == 0:
        return sample.estimate(float(sample.of_size(1)))
    value = _snb_uniques(_shlosser(sample), sample.of_size(1), sample.of_size(2), sample.fraction)
    if math.isnan(value):
        return sample.estimate(value, Note("moments_have_no_solution"))
    return sample.estimate(value)


def _shlosser(sample: _Sample) -> float:
    """Return the number of population classes (modified Shlosser, Haas and Stokes 1998)."""
    i, s, f = sample.sizes.astype(np.float64), sample.counts.astype(np.float64), sample.fraction
    first = (i * f**2 * (1 - f**2) ** (i - 1) * s).sum()
    # (1 - f)**i ((1 + f)**i - 1), whose second factor is bracketed.
    second = (((1 - f**2) ** i - (1 - f) ** i) * s).sum()
    ratio = ((1 - f) ** i * s).sum() / (i * f * (1 - f) ** (i - 1) * s).sum()
    return float(s.sum() + sample.of_size(1) * first / second * ratio**2)


def _snb_uniques(k: float, ones: int, twos: int, f: float) -> float:
    """Return K b**a of the solution of the two moment equations, nan where there is none."""
    from scipy.optimize import least_squares

    if twos == 0:
        return math.nan

    def gap(x: Floats) -> Floats:
        a, b = np.exp(x[0]), 1.0 / (1.0 + np.exp(-x[1]))
        d = 1 / (1 + np.exp(x[1]))
        y = d * (1 - f)
        log = a * (np.log(b) - np.log1p(-y))
        first = np.log(k * f) + log + np.log1p(a * y / (1 - y))
        second = np.log(k * f**2 / 2 * a * d) + log - 2 * np.log1p(-y) + np.log(2 - (1 - a) * y)
        return np.array([first - np.log(ones), second - np.log(twos)])

    box = ([-14.0, -25.0], [14.0, 25.0])
    for start in ([0.0, 0.0], [-2.0, -3.0], [2.0, 2.0], [-3.0, -8.0], [-1.0, 3.0]):
        solution = least_squares(gap, start, bounds=box, xtol=1e-14, ftol=1e-14, gtol=1e-14)
        if np.abs(solution.fun).max() < 1e-8:
            a, b = np.exp(solution.x[0]), 1.0 / (1.0 + np.exp(-solution.x[1]))
            return float(k * b**a)
    return math.nan


def dankar_uniques(size: ArrayLike, sampling_fraction: float) -> Estimate:
    """Return the population uniques by the decision rule of Dankar et al. (2012).

    Pitman at a sampling fraction of .1 and less, else the smaller of SNB (where its equations have
    a solution) and Zayatz.

    Parameters
    ----------
    size, sampling_fraction : array_like
        As for `zayatz_uniques`.

    Returns
    -------
    Estimate

    References
    ----------
    Dankar et al. (2012).

    Examples
    --------
    >>> dankar_uniques([1, 1, 2], 1.0).value
    2.0
    """
    fraction = in_range(
        "dankar_uniques", "sampling_fraction", sampling_fraction, 0, 1, open_low=True
    )
    if fraction <= 0.1:
        return pitman_uniques(size, fraction)
    zayatz = zayatz_uniques(size, fraction)
    snb = snb_uniques(size, fraction)
    # nan, where its equations have no solution, is not below anything.
    return snb if snb.value < zayatz.value else zayatz


def _uniques_measure(word: str, estimator: Callable[..., Estimate]) -> TableMeasure:
    """Declare the measure of an estimator of population uniques."""

    def take(context: MeasureContext) -> Values:
        return of_people(context, _uniques(context, word, estimator))

    take.__name__, take.__doc__ = word, (estimator.__doc__ or "").partition("\n")[0]
    return table_measure(
        unit="people", counts="people", safe="small", laws=NAMELESS, needs_rate=True,
        shown=UNLESS_LEVELS_SHOW,
    )(take)  # fmt: skip


population_uniques_zayatz = _uniques_measure("population_uniques_zayatz", zayatz_uniques)
population_uniques_pitman = _uniques_measure("population_uniques_pitman", pitman_uniques)
population_uniques_snb = _uniques_measure("population_uniques_snb", snb_uniques)
population_uniques_dankar = _uniques_measure("population_uniques_dankar", dankar_uniques)


@table_measure(
    unit="share", counts="people", safe="small", span=(0, 1), laws=NAMELESS, needs_rate=True,
    shown=UNLESS_LEVELS_SHOW,
)  # fmt: skip
def population_unique_share(context: MeasureContext) -> Values:
    """Population uniques over people: counted where it is listed, else by a smooth mixture."""
    people = len(context) / context.known_rate.value
    counted = context.population.uniques
    if counted is not None:
        notes = (Note("counted_in_population"),)
        return {"value": counted / people, "n": round(people), "notes": notes}
    estimate = _uniques(context, "population_uniques_dankar", dankar_uniques)
    if context.known_rate.uneven:
        low, high = estimate.low / people, min(estimate.high / people, 1.0)
        if high == 1.0:
            value = min(estimate.value / people, 1.0)
            return of_people(context, replace(estimate, value=value, low=low, high=high))
        share = judge((low + high) / 2, low, high, 1.0)
        if share.reliable:
            return of_people(context, share, Note("middle_of_range"))
        return of_people(context, at_most(share), Note("value_is_upper_end"))
    fewest, most = people_range(len(context), context.known_rate.value)
    value, low, high = (
        min(end / many, 1.0)
        for end, many in (
            (estimate.value, people), (estimate.low, most), (estimate.high, fewest)
        )
    )  # fmt: skip
    shares = replace(estimate, value=value, low=low, high=high)
    mixture = None if context.none_complete else mixture_shares(*context.sample)
    found, note = narrowed(shares, None if mixture is None else mixture.uniques)
    return of_people(context, found, note or Note("rule_of_dankar"))


def _uniques(context: MeasureContext, word: str, estimator: Callable[..., Estimate]) -> Estimate:
    """Return what an estimator gives for the sample, with its doubts."""
    people = len(context) / context.known_rate.value
    drawn = weighted_sample(context) if context.known_rate.uneven else None
    share = (0.0, 1.0) if drawn is None else context.once("weighted_uniques", drawn.unique_share)
    return unless_uneven(
        context,
        lambda: context.once(word, lambda: estimator(*context.sample)),
        (share[0] * people, share[1] * people),
    )


# Products of places and cells that are held at a time.
_CHUNK = 2_000_000


def class_share(
    residents: ArrayLike, probability: ArrayLike, cells: ArrayLike = 1, *, below: int = 2
) -> np.ndarray:
    """Return, for each place, the expected share of residents in a class smaller than `below`.

    Residents fall in cells independently. A resident in a cell of probability p shares it with a
    binomial number of the n - 1 others, so that the share is ``sum_c m_c p_c P(B < below - 1)``
    with B binomial (n - 1, p_c); for ``below=2`` that is the share of people who are unique,
    ``sum_c m_c p_c (1 - p_c)^(n - 1)``. Exact, no Poisson approximation.

    Parameters
    ----------
    residents : int, shape (places,)
        Population n of each place. A place with nobody gives nan.
    probability : float, shape (kinds,)
        Probability of one cell of each kind.
    cells : int, shape (kinds,)
        How many cells of that kind there are; ``sum(cells * probability)`` is 1.
    below : int
        2 for unique people, another number for classes of fewer people.

    Returns
    -------
    float, shape (places,)
        In [0, 1], denominator: the residents of the place. 0 = safe.

    Examples
    --------
    Two people and a fair coin: each is alone on their side half of the time.

    >>> class_share([2], [0.5], [2])
    array([0.5])
    """
    p = np.asarray(probability, float)
    weight = p * np.asarray(cells, float)
    odds = np.divide(p, 1 - p, out=np.zeros_like(p), where=p < 1)
    sizes, back = np.unique(np.asarray(residents, float), return_inverse=True)
    share = np.empty(len(sizes))
    for part in _parts(len(sizes), len(p)):
        others = np.maximum(sizes[part, None] - 1, 0.0)
        with np.errstate(divide="ignore", invalid="ignore"):
            # Nobody else is in the cell; 0 others times log(0) stands for certainty.
            term = np.exp(np.where(others == 0, 0.0, others * np.log1p(-p)))
        small = term.copy()
        for with_me in range(1, below - 1):
            term *= np.maximum(others - with_me + 1, 0.0) / with_me * odds
            small += term
        # One cell that takes everybody has no odds: one class of n.
        small[:, p == 1] = (sizes[part] < below)[:, None]
        share[part] = small @ weight
    return np.where(sizes > 0, share, np.nan)[back]


def _parts(places: int, kinds: int) -> Iterator[slice]:
    """Yield the cells of some places at a time."""
    step = max(1, _CHUNK // max(1, kinds))
    for start in range(0, places, step):
        yield slice(start, start + step)


_PLACES = ("commune", "departement", "region", "country")


_BIRTHS = ("birth_date", "birth_month", "birth_year")


_SHARES: tuple[tuple[str, int, dict[str, int]], ...] = (
    ("unique", 2, {}),
    ("class_under", 5, {"threshold": 5}),
    ("class_under", SMALL_CELL, {"threshold": SMALL_CELL}),
)


def population_uniqueness(
    communes: pd.DataFrame,
    pyramid: pd.DataFrame | None = None,
    *,
    by: Iterable[BirthplaceWord] = ("commune", "sex", "birth_date"),
) -> Measures:
    """Return the expected share of residents who are unique by place, sex and birth.

    The n residents of a place are spread over its cells (a sex, a birth) with the pyramid's
    probabilities p, and ``share = sum_c p_c (1 - p_c)^(n - 1)``: exact under that model. With
    equal cells and n people in d of them it is about ``exp(-n / d)``.

    Parameters
    ----------
    communes : pandas.DataFrame
        One row a commune: commune, departement, region, population, as `read_communes` gives
        them; only the columns that `by` needs.
    pyramid : pandas.DataFrame, optional
        As `read_pyramid` gives it; that of France in 2024 where not given. Only its shape
        counts, not its total.
    by : iterable of str
        What is known of a person: one place (commune, departement, region, country), one birth
        (birth_date, birth_month, birth_year), and sex or not.

    Returns
    -------
    Measures
        Family "country": ``unique``, and ``class_under`` of a ``threshold`` of 5 and
        `SMALL_CELL`: the
        share of residents who are alone, among fewer than 5, fewer than `SMALL_CELL` people
        (denominator:
        residents; 0 = safe). Upper bounds: in truth somewhat fewer are. ``per_record``: one row
        a place: place, departement where known, residents, and the shares ``unique``,
        ``class_under_5``, ``class_under_11``.

    Raises
    ------
    ParameterError
        `by` has no place or no birth, two of one, or another word.
    SchemaError
        A column is missing.

    Examples
    --------
    >>> import pandas as pd
    >>> village = pd.DataFrame({"commune": ["00001"], "population": [460]})
    >>> round(population_uniqueness(village).value("unique"), 3)
    0.993
    """
    import pandas as pd

    from privaudit.io.public_counts import birth_cells, read_pyramid, whole_counts

    who = "population_uniqueness"
    an_instance(who, "communes", communes, pd.DataFrame, "Use read_communes.")
    if pyramid is not None:
        an_instance(who, "pyramid", pyramid, pd.DataFrame, "Use read_pyramid.")
    place, birth, sex = _chosen(by)
    needed = ["population"] if place == "country" else [place, "population"]
    columns_present(who, "column", needed, communes.columns, "the communes")
    counted = whole_counts(communes["population"], who)
    places = _places(communes.assign(population=counted), place)
    people = places["residents"].to_numpy()
    probability, cells = birth_cells(
        read_pyramid() if pyramid is None else pyramid, birth=birth, sex=sex
    )
    total = float(people.sum())
    rows = Rows(int(total), "residents")
    # Neither chance nor the model's error is worth an interval: the one is nothing over so many
    # people, the other is not known.
    fields: dict[str, Any] = {"low": math.nan, "high": math.nan, "bound": "upper"}
    for word, below, part in _SHARES:
        share = class_share(people, probability, cells, below=below)
        places[word if not part else f"{word}_{below}"] = share
        rows.add(word, float(people @ share / total), "share", part=part, **fields)
    known = [word for word in (place, "sex" if sex else "", birth) if word]
    return Measures(
        family="country",
        rows=rows,
        per_record=places,
        provenance="public counts",
        notes=(Note("country_model"), Note("known_of_somebody", known=tuple(known))),
        recipe={"measure": "population_uniqueness", "by": known},
    )


def _chosen(by: Iterable[str]) -> tuple[str, str, bool]:
    who = "population_uniqueness"
    words = (by,) if isinstance(by, str) else listed(who, "by", by)
    for word in words:
        one_of(who, "by", word, (*_PLACES, "sex", *_BIRTHS))
    place = [word for word in words if word in _PLACES]
    birth = [word for word in words if word in _BIRTHS]
    if len(place) != 1 or len(birth) != 1 or words.count("sex") > 1:
        came = f"by={', '.join(words)}"
        raise ParameterError.of(who, "by with one place, one birth, and sex or not", came)
    return place[0], birth[0], "sex" in words


def _places(communes: pd.DataFrame, place: str) -> pd.DataFrame:
    """One row a place that has residents."""
    import pandas as pd

    if place == "country":
        whole = pd.DataFrame({"place": ["country"], "residents": [communes["population"].sum()]})
        return whole
    columns = {"residents": ("population", "sum")}
    if place == "commune" and "departement" in communes.columns:
        columns["departement"] = ("departement", "first")
    places = communes.groupby(place, as_index=False, sort=True, dropna=False).agg(**columns)
    places = places.rename(columns={place: "place"})
    if places["residents"].sum() <= 0:
        raise ParameterError.of("population_uniqueness", "communes with residents", "none")
    order = [c for c in ("place", "departement", "residents") if c in places.columns]
    return places.loc[places["residents"] > 0, order].reset_index(drop=True)
