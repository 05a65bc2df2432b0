"""Singling out: predicates that isolate one record, and the rate expected by chance.

Tables are float matrices, one column an attribute: numbers and dates as they are (ordered),
categories as codes, nan where a value is missing.

An attack is one row: its rate, that of its control, and the residual (WP216; Giomi et al. 2023).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from privaudit.columns.values import Reading
from privaudit.core.checks import whole
from privaudit.core.reproducible import stream
from privaudit.core.thresholds import FEWEST_TO_LEARN, WIDEST_RESIDUAL
from privaudit.errors import ParameterError
from privaudit.results.measures import Measures
from privaudit.results.rows import Rows, net_of
from privaudit.tables.nearest_records import TableMatrix, columns_of, portions, table_matrix
from privaudit.words.catalogues import Note

EQUAL, AT_MOST, AT_LEAST, MISSING = range(4)
_HOLDS = (np.equal, np.less_equal, np.greater_equal, lambda column, _: np.isnan(column))


@dataclass(frozen=True, eq=False, kw_only=True)
class Predicates:
    """Conjunctions of conditions, one row a predicate.

    Attributes
    ----------
    column : int, shape (m, c)
        Attribute of each condition.
    operator : int, shape (m, c)
        0 equal, 1 at most, 2 at least, 3 missing.
    value : float, shape (m, c)
    """

    column: np.ndarray
    operator: np.ndarray
    value: np.ndarray

    def __len__(self) -> int:
        return len(self.column)

    def pick(self, rows: np.ndarray | slice) -> Predicates:
        """Return some of the predicates."""
        return Predicates(
            column=self.column[rows], operator=self.operator[rows], value=self.value[rows]
        )


def count_matches(
    table: np.ndarray, predicates: Predicates, group: np.ndarray | None = None, groups: int = 1
) -> np.ndarray:
    """Return the number of records of each group that each predicate describes.

    Parameters
    ----------
    table : float, shape (n, c)
    predicates : Predicates
        Predicates, one row each.
    group : int, shape (n,), optional
        Group of each record, from 0; all are in group 0 where not given.
    groups : int
        Number of groups.

    Returns
    -------
    int64, shape (m, groups)

    Examples
    --------
    >>> older = Predicates(
    ...     column=np.array([[0]]), operator=np.array([[AT_LEAST]]), value=np.array([[50.0]]))
    >>> count_matches(np.array([[30.0], [50.0], [np.nan], [80.0]]), older)
    array([[2]])
    """
    group = np.zeros(len(table), np.int64) if group is None else group
    order = np.argsort(group, kind="stable")
    columns = np.ascontiguousarray(table[order].T)
    # Empty groups have no first record for reduceat.
    size = np.bincount(group, minlength=groups)
    begin = (np.cumsum(size) - size)[size > 0]
    matches = np.zeros((len(predicates), groups), np.int64)
    for rows in portions(len(predicates), len(table)):
        some = predicates.pick(rows)
        holds = np.ones((len(some), len(table)), bool)
        for column, operator, value in zip(
            some.column.T, some.operator.T, some.value.T, strict=True
        ):
            for each in np.unique(operator):
                asked = operator == each
                holds[asked] &= _HOLDS[each](columns[column[asked]], value[asked, None])
        matches[rows, size > 0] = np.add.reduceat(holds, begin, axis=1, dtype=np.int64)
    return matches


def extreme_predicates(table: np.ndarray, ordered: np.ndarray) -> Predicates:
    """Return every one-attribute predicate that isolates a record of the release.

    A value that stands once, and of numbers and dates the lowest or the highest where it does; a
    missing value where one alone is missing.

    Parameters
    ----------
    table : float, shape (n, d)
        One column an attribute; nan where missing.
    ordered : bool, shape (d,)
        Columns whose values have an order.

    Returns
    -------
    Predicates
    """
    rows: list[tuple[int, int, float]] = []
    for k in range(table.shape[1]):
        known = table[~np.isnan(table[:, k]), k]
        value, count = np.unique(known, return_counts=True)
        rows += [(k, EQUAL, float(v)) for v in value[count == 1]]
        for end, operator in ((0, AT_MOST), (-1, AT_LEAST)):
            if ordered[k] and len(value) and count[end] == 1:
                rows.append((k, operator, float(value[end])))
        if len(table) - len(known) == 1:
            rows.append((k, MISSING, np.nan))
    flat = np.array(rows, float).reshape(-1, 3)
    return Predicates(
        column=flat[:, :1].astype(np.int64),
        operator=flat[:, 1:2].astype(np.int64),
        value=flat[:, 2:],
    )


def combined_predicates(
    table: np.ndarray, ordered: np.ndarray, attributes: int, tries: int, rng: np.random.Generator
) -> Predicates:
    """Return conjunctions of some attributes of random records that isolate one record.

    A record drawn at random and attributes drawn at random: equal to its category, at least its
    number where that is not below the median, at most its number otherwise.

    Parameters
    ----------
    table : float, shape (n, attributes of the release)
    ordered : ndarray of bool
    attributes : int
        Conditions in a predicate.
    tries : int
        Predicates to draw; fewer, all different, come back.
    rng : numpy.random.Generator
        Source of all draws.

    Returns
    -------
    Predicates
    """
    middle = np.array(
        [np.median(c[~np.isnan(c)]) if (~np.isnan(c)).any() else np.nan for c in table.T]
    )
    record = rng.integers(0, len(table), tries)
    column = np.sort(
        np.argsort(rng.random((tries, table.shape[1])), axis=1)[:, :attributes], axis=1
    )
    value = table[record[:, None], column]
    side = np.where(value >= middle[column], AT_LEAST, AT_MOST)
    operator = np.where(ordered[column], side, EQUAL)
    operator = np.where(np.isnan(value), MISSING, operator)
    together = np.concatenate([column, operator, np.where(np.isnan(value), 0.0, value)], axis=1)
    first = np.sort(np.unique(together, axis=0, return_index=True)[1])
    drawn = Predicates(column=column, operator=operator, value=value).pick(first)
    return drawn.pick(count_matches(table, drawn)[:, 0] == 1)


def random_predicates(
    table: np.ndarray, ordered: np.ndarray, attributes: int, count: int, rng: np.random.Generator
) -> Predicates:
    """Draw predicates without using records: any value of the range, any category.

    Parameters
    ----------
    table : float, shape (n, d)
        One column an attribute; nan where missing.
    ordered : bool, shape (d,)
        Columns whose values have an order.
    attributes : int
        1 or more. Attributes of each predicate.
    count : int
        Predicates to draw.
    rng : numpy.random.Generator
        Source of all draws.

    Returns
    -------
    Predicates
    """
    lowest = np.array([np.nanmin(c) if (~np.isnan(c)).any() else 0.0 for c in table.T])
    highest = np.array([np.nanmax(c) if (~np.isnan(c)).any() else 0.0 for c in table.T])
    column = np.argsort(rng.random((count, table.shape[1])), axis=1)[:, :attributes]
    low, high = lowest[column], highest[column]
    number = low + rng.random(column.shape) * (high - low)
    category = np.minimum(np.floor(low + rng.random(column.shape) * (high - low + 1)), high)
    side = rng.integers(AT_MOST, AT_LEAST + 1, column.shape)
    return Predicates(
        column=column,
        operator=np.where(ordered[column], side, EQUAL),
        value=np.where(ordered[column], number, category),
    )


def isolation_rate(matches: ArrayLike, n: int, size: int) -> np.ndarray:
    """Return the chance that a random sample of `size` people holds exactly one match.

    ``m C(n - m, size - 1) / C(n, size)``. Over tables of n people it is, on average, exactly ``size
    w (1 - w)^(size - 1)``, whatever w: the chance to isolate one of `size` people, without
    an estimate of w. With ``size = n`` it is 1 where m is 1, else 0.

    Parameters
    ----------
    matches : int, shape (m,)
    n : int
        People in the table in which the matches were counted.
    size : int
        At most n.

    Returns
    -------
    ndarray

    Examples
    --------
    >>> isolation_rate([0, 1, 2], 4, 2).round(3)  # of 6 pairs, 4 hold one of two
    array([0.   , 0.5  , 0.667])
    """
    from scipy.special import gammaln

    m = np.asarray(matches, float)
    possible = (m >= 1) & (n - m >= size - 1)
    safe = np.where(possible, m, 1.0)
    left = n - safe - size + 1
    log = np.log(safe) + gammaln(n - safe + 1) - gammaln(size) - gammaln(np.maximum(left, 0) + 1)
    log -= gammaln(n + 1) - gammaln(size + 1) - gammaln(n - size + 1)
    return np.where(possible, np.exp(log), 0.0)


def independent_predicates(matches: np.ndarray, group_size: np.ndarray, size: int) -> float:
    """Return the effective number of independent predicates behind a mean isolation rate.

    Predicates of one release overlap, and are tried on the same people, so that they succeed
    together. The variance of their mean over tables of people is that of a jackknife which leaves
    out one group of people after another, on average too large, never too small (Efron and Stein
    1981); that over other predicates is added.

    Parameters
    ----------
    matches : int, shape (m, groups)
        From `count_matches`, people being in groups at random.
    group_size : int, shape (groups,)
    size : int
        As for `isolation_rate`; made smaller with the table.

    Returns
    -------
    float
        In (0, m].

    References
    ----------
    Efron and Stein (1981).
    """
    m, groups = matches.shape
    total, n = matches.sum(axis=1), int(group_size.sum())
    mean = float(isolation_rate(total, n, size).mean())
    without = [
        isolation_rate(total - matches[:, g], n - left, max(1, round(size * (n - left) / n))).mean()
        for g, left in enumerate(group_size.tolist())
    ]
    people = (groups - 1) * float(np.var(without))
    alone = mean * (1 - mean)
    return m * alone / (alone + m * people) if alone > 0 else float(m)


def attack_worth(attack: float, predicates: int, chance: float, worth: float) -> float:
    """Return the effective number of independent predicates of an attack, its chance part redrawn.

    A share r of the predicates isolates a person because the release was made of these people, and
    does so in any population; the others do as by chance: ``attack = r + (1 - r) chance``. Only
    the latter succeed together, as they do among people outside, so that what people add to the
    variance there is multiplied by ``(1 - r)^2``: a copy is worth all of its predicates, a
    stranger's release as many as its control.

    Parameters
    ----------
    attack : float
        Share that isolates, of the predicates.
    predicates : int
        How many were tried.
    chance, worth : float
        Of as many people outside, and how many independent predicates it is worth.

    Returns
    -------
    float
        In (0, predicates].

    Examples
    --------
    >>> round(attack_worth(1.0, 500, 0.4, 50.0)), round(attack_worth(0.4, 500, 0.4, 50.0))
    (488, 50)
    """
    if not 0 < chance < 1:
        return float(predicates)
    people = max(0.0, chance * (1 - chance) * (1 / worth - 1 / predicates))
    # Of so many attacks none may fail, or none succeed: half of four tries more (Agresti, Coull).
    rate = (attack * predicates + 2) / (predicates + 4)
    left = people * (1 - rate) / (rate * (1 - chance) ** 2)
    return predicates / (1 + predicates * left)


# The interval of the attack holds its baseline.
WEAK = Note("weak_attack")


def drawn(people: np.ndarray, most: int, rng: np.random.Generator) -> np.ndarray:
    """Return all people, or so many of them, drawn at random; in their order."""
    if len(people) <= most:
        return people
    return people[np.sort(rng.choice(len(people), most, replace=False))]


def bounded_control(
    control: np.ndarray, worth: float, *, smaller_by: float, highest: float
) -> tuple[float, float]:
    """Return mean and worth of a control that was measured on fewer people, as an upper bound.

    It is at most `smaller_by` times the mean that was measured, and at most `highest`.
    """
    mean = float(control.mean())
    chance = min(smaller_by * mean, highest)
    if 0 < chance < 1 and smaller_by > 1:
        # A mean that is multiplied varies more: it is worth so many fewer gains.
        worth *= chance * (1 - chance) / (smaller_by**2 * mean * (1 - mean))
    return chance, worth


def attack_result(
    word: str,
    attack: np.ndarray,
    control: tuple[float, float],
    baseline: float,
    *,
    worth: float | None = None,
    recipe: dict[str, Any],
    doubts: Sequence[Note] = (),
    **fields: Any,
) -> Measures:
    """Return an attack as a result, not reliable where weak, too vague, or doubted.

    An attack that beats its baseline but not its control is reliable, with a note: it learns about
    the population, or is too weak to show a leak.

    Parameters
    ----------
    word : str
        The measure, and the family.
    attack : ndarray of float in [0, 1]
        Gains.
    control : tuple of float
        Mean gain of people outside the release, and how many independent ones it is worth.
    baseline : float
    worth : float, optional
        How many independent gains the attack is worth for its residual. Default: all.
    recipe : dict
    doubts : sequence of Note
    **fields
        Others of `Row`; `notes` of the whole attack.
    """
    notes = list(fields.pop("notes", ()))
    rows = Rows(len(attack), "people")
    mean = float(attack.mean())
    mine = len(attack) if worth is None else worth
    rows.rate(word, mean, len(attack), baseline=baseline, **fields)
    net: dict[str, Any] = net_of(mean, control[0], mine, control[1])
    row = replace(next(iter(rows)), **net)
    doubts = list(doubts)
    if row.residual_high - row.residual_low > WIDEST_RESIDUAL:
        doubts.append(Note("residual_too_wide"))
    if not row.low > baseline:
        doubts.append(WEAK)
    elif not row.residual_low > 0:
        notes.append(Note("nothing_added"))
    return Measures(
        family=word,
        rows=[replace(row, reliable=not doubts)],
        notes=(*doubts, *notes),
        reliable=not doubts,
        recipe={"measure": word, **recipe},
    )


# Of people, for the jackknife.
_GROUPS = 20
# Records that are looked at to find predicates: some seconds.
_MOST_LOOKS = 50_000_000


def singling_out(
    original: pd.DataFrame,
    release: pd.DataFrame,
    control: pd.DataFrame,
    *,
    columns: Sequence[str] | None = None,
    attributes: int = 1,
    attacks: int = 500,
    seed: int = 7,
    reading: Reading | None = None,
) -> Measures:
    """Measure how many predicates that a release suggests isolate exactly one person.

    Every predicate describes one record of the release alone. With one attribute, it names a
    value that occurs once there, as such or as the lowest or the highest, or a single missing
    value; with several, values of one record. A predicate that describes a share w of the
    population isolates one of n people by chance with probability ``n w (1 - w)^(n - 1)`` (Cohen
    and Nissim 2020); the control measures that chance, for as many people as the original has,
    on people who had no
    part in the release. Fewer people outside than inside can only bound it, from above.

    Parameters
    ----------
    original, release, control : pandas.DataFrame, or a Polars or Arrow frame
        People that the release was made of; what was released; people of the same population
        who are not in it.
    columns : sequence of str, optional
        Attributes that may be known; all columns of the release where not given.
    attributes : int
        Conditions in a predicate; 1 is univariate.
    attacks : int
        At most so many predicates.
    seed : int
    reading : Reading, optional
        How the cells of the three tables are read, as those of one.

    Returns
    -------
    Measures
        Family "singling_out", one row: share of predicates that describe exactly one person of
        the original; baseline: predicates drawn from the ranges alone; control: chance to
        isolate one of as many people outside; residual. n: predicates. These overlap and share
        their people, and so succeed together by chance: for that part the interval of the
        residual counts fewer, by a jackknife over people outside (`independent_predicates`,
        `attack_worth`). 0 = safe. Not reliable
        where the attack does not beat its baseline, where there are fewer people outside than
        inside, where most of the control stands in the original, or where the release suggests
        fewer than 30 predicates.

    Raises
    ------
    SchemaError
        A column is missing, or is a date in one table and text in another.
    ParameterError
        A number out of range, or a release that suggests no predicate.

    Examples
    --------
    A verbatim copy: each of its predicates describes one person of the original.

    >>> import pandas as pd
    >>> people = pd.DataFrame({"rent": range(400)})
    >>> found = singling_out(people[::2], people[::2], people[1::2])
    >>> found.value("singling_out")
    1.0
    """
    who = "singling_out"
    whole(who, "attacks", attacks, 1)
    names = columns_of(who, columns, release)
    whole(who, "attributes", attributes, 1, len(names))
    tables = table_matrix(who, original, release, control, names, reading)
    rng = stream(seed, who)
    if attributes == 1:
        suggested = extreme_predicates(tables.release, tables.ordered)
    else:
        suggested = _combined(tables, attributes, attacks, rng)
    if not len(suggested):
        came = "a release that describes nobody alone"
        raise ParameterError.of(who, "a predicate", came, "Raise attributes.")
    if len(suggested) > attacks:
        suggested = suggested.pick(np.sort(rng.choice(len(suggested), attacks, replace=False)))
    blind = random_predicates(tables.release, tables.ordered, attributes, len(suggested), rng)
    n, m = len(tables.original), len(tables.control)
    inside, guessed = (
        count_matches(tables.original, tried)[:, 0] == 1 for tried in (suggested, blind)
    )
    beside = _chance(tables.control, suggested, n, rng)
    # The variance is that of as many people as the original has.
    redrawn = (
        _chance(tables.control[rng.permutation(m)[:n]], suggested, n, rng) if m > n else beside
    )
    doubts = list(tables.doubts)
    if m < n:
        doubts.append(Note("control_is_smaller", control=m, original=n))
    if len(suggested) < FEWEST_TO_LEARN:
        doubts.append(Note("few_predicates", predicates=len(suggested)))
    return attack_result(
        who,
        inside.astype(float),
        beside,
        float(guessed.mean()),
        worth=attack_worth(float(inside.mean()), len(suggested), *redrawn),
        recipe={"columns": names, "attributes": attributes, "attacks": attacks, "seed": seed},
        doubts=doubts,
        notes=tables.notes,
        counts="attacks",
        bound="lower" if m < n else "",
    )


def _combined(
    tables: TableMatrix, attributes: int, attacks: int, rng: np.random.Generator
) -> Predicates:
    """Draw more and more predicates until enough of them describe one record."""
    for tries in (20 * attacks, 60 * attacks, 180 * attacks):
        found = combined_predicates(tables.release, tables.ordered, attributes, tries, rng)
        if len(found) >= attacks or tries * len(tables.release) > _MOST_LOOKS:
            break
    return found


def _chance(
    people: np.ndarray, suggested: Predicates, n: int, rng: np.random.Generator
) -> tuple[float, float]:
    """Return the probability to isolate one of n such people, and the effective number of
    predicates."""
    m = len(people)
    size, groups = min(n, m), max(1, min(_GROUPS, m - 1))
    group = rng.permutation(np.arange(m) % groups)
    matches = count_matches(people, suggested, group, groups)
    worth = float(len(matches))
    if groups > 1:
        worth = independent_predicates(matches, np.bincount(group), size)
    rate = isolation_rate(matches.sum(axis=1), m, size)
    # n w (1 - w)^(n - 1) is at most n / m times what it is for m < n, and never above what
    # w = 1 / n gives.
    highest = (1 - 1 / n) ** (n - 1) if m < n else 1.0
    return bounded_control(rate, worth, smaller_by=max(1.0, n / m), highest=highest)
