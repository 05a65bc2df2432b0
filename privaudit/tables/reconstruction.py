"""Reconstruction: rows guessed from published tables of counts, ranked by confidence.

Randomised relaxed projection (Dick et al. 2023): tables of relaxed rows are fitted to the counts
by gradient descent from many random starts, and a row that more of them hold is more certain. An
integer programme adds what the counts prove.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np
import pandas as pd

from privaudit.core.checks import an_instance, keyword_only, listed, whole
from privaudit.core.progress import along
from privaudit.core.reproducible import stream
from privaudit.errors import ParameterError, SchemaError
from privaudit.stats.overlapping_counts import count_bounds
from privaudit.stats.protections import CountProtection, parse_protection

# Relaxed rows of a run; of more people, each stands for several.
_MOST_ROWS = 1_000
_STEPS, _RATE, _DECAY = 300, 0.1, (0.9, 0.999)
# Rows that may be there beyond which no integer programme bounds each.
_MOST_CELLS = 600


@keyword_only
@dataclass(frozen=True, eq=False, kw_only=True)
class Reconstruction:
    """Rows that a reconstruction proposes, the most certain first.

    Attributes
    ----------
    guesses : pandas.DataFrame
        The attributes; `confidence`, the share of runs that hold the row, in [0, 1]; `expected`,
        people with it a run; `least` and `most`, between which their number is proved to lie
        (nan where there are too many cells).
    independent : pandas.DataFrame
        The same number of rows or fewer, ranked by the product of one-way margins: what anyone
        would guess who reads the attributes one by one.
    people : int
        Of the tables.
    misfit : float
        Mean over runs of the absolute error of all counts, relative to their sum; 0 where each
        run agrees with what is published, or none was made.

    Examples
    --------
    >>> people = pd.DataFrame({"age": ["a", "a", "b"], "sex": ["f", "f", "m"]})
    >>> found = reconstruct([people.value_counts("age"), people.value_counts("sex")], runs=3)
    >>> found.people, found.independent.values.tolist()[0]
    (3, ['a', 'f'])
    """

    guesses: pd.DataFrame
    independent: pd.DataFrame
    people: int
    misfit: float

    def to_frame(self) -> pd.DataFrame:
        """Return the guesses."""
        return self.guesses.copy()


@dataclass(frozen=True, eq=False, kw_only=True)
class _Margin:
    """One published table: attributes by place, counts, and the bounds of each."""

    axes: tuple[int, ...]
    count: np.ndarray
    low: np.ndarray
    high: np.ndarray


def reconstruct(
    tables: Sequence[pd.Series[float]],
    *,
    runs: int = 30,
    suppressed_under: int = 0,
    protection: CountProtection | str | None = None,
    seed: int = 7,
) -> Reconstruction:
    """Guess rows from published tables of counts of one population, with a confidence each.

    Parameters
    ----------
    tables : sequence of pandas.Series
        Counts by one attribute or more, whose names are those of the index
        (``frame.value_counts(["commune", "age"])``). A level that one table lists and another
        that has the attribute does not is 0 there; nan is a count that is not shown.
    runs : int
        Random starts; 0 for every row that may be there, with what is proved of it alone.
    suppressed_under : int
        Counts that are not shown lie between 1 and one less; 0: they may be anything.
    protection : CountProtection or str, optional
        How the counts were rounded, or which noise was added; see `pa.maps.protections`.
    seed : int

    Returns
    -------
    Reconstruction
        A row that every table of people which fits the counts holds has confidence 1 and stands
        first, and one that none holds is left out, where cells are few enough to prove it; other
        confidences, of 1 too, are shares of the runs, and no probabilities.

    Raises
    ------
    SchemaError
        An index without a name, or an attribute twice in one table.
    ParameterError
        No table, a negative count, tables of other totals, counts that no rows fit, or no run over
        more than 600 cells.

    References
    ----------
    Dick et al. (2023), PNAS 120(8), section 1; bounds: Dobra and Fienberg (2000). Here a
    confidence is the share of runs that hold a row; its copies over all runs, by which the paper
    ranks, decide ties.

    Examples
    --------
    >>> people = pd.DataFrame({"age": ["a", "a", "b"], "sex": ["f", "f", "m"]})
    >>> known = reconstruct([people.value_counts("age"), people.value_counts("sex"),
    ...     people.value_counts(["age", "sex"])], runs=3)
    >>> known.guesses[["age", "sex", "confidence", "least"]].values.tolist()
    [['a', 'f', 1.0, 2], ['b', 'm', 1.0, 1]]
    """
    whole("reconstruct", "runs", runs, 0)
    whole("reconstruct", "suppressed_under", suppressed_under, 0)
    law = parse_protection(protection) if isinstance(protection, str) else protection
    given = [an_instance("reconstruct", "tables", one, pd.Series)
             for one in listed("reconstruct", "tables", tables)]  # fmt: skip
    names, levels = _levels(given)
    people = _people(given, law)
    margins = [_margin(one, names, levels, people, suppressed_under, law) for one in given]
    sizes = [len(of) for of in levels]
    least, most = _proved(margins, sizes, people if law is None else None)
    found, confidence, expected, misfit = _over_runs(margins, sizes, people, runs, seed)
    if len(least):
        sure = np.setdiff1d(np.flatnonzero(least > 0), found)
        found = np.concatenate([found, sure])
        confidence = np.where(least[found] > 0, 1.0, np.pad(confidence, (0, len(sure))))
        expected = np.clip(np.pad(expected, (0, len(sure))), least[found], most[found])
    proved = least[found] > 0 if len(least) else np.zeros(len(found), bool)
    order = np.lexsort((found, -expected, ~proved, -confidence))
    order = order[most[found][order] > 0] if len(most) else order
    found = found[order]
    guesses = _frame(found, names, levels, sizes).assign(
        confidence=confidence[order],
        expected=expected[order],
        least=least[found] if len(least) else np.nan,
        most=most[found] if len(most) else np.nan,
    )
    independent = _frame(_by_product(margins, sizes, len(found)), names, levels, sizes)
    return Reconstruction(guesses=guesses, independent=independent, people=people, misfit=misfit)


def _over_runs(
    margins: Sequence[_Margin], sizes: Sequence[int], people: int, runs: int, seed: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray, float]:
    """Return the cells of all runs, the share of runs and people a run of each, and the misfit."""
    if runs == 0:
        every = np.arange(int(min(np.prod(sizes, dtype=float), _MOST_CELLS + 1)))
        if len(every) > _MOST_CELLS:
            raise ParameterError.of("reconstruct", f"{_MOST_CELLS} cells or a run", "more")
        return every, np.zeros(len(every)), np.zeros(len(every)), 0.0
    held, copies, misfit = list[np.ndarray](), list[np.ndarray](), 0.0
    for run in along("reconstruct", range(runs)):
        rows = _projected(margins, sizes, people, stream(seed, "reconstruct", run))
        cells, count = np.unique(rows, axis=0, return_counts=True)
        held.append(cells)
        copies.append(count * people / len(rows))
        misfit += _misfit(margins, rows, people) / runs
    every = np.ravel_multi_index(tuple(np.concatenate(held).T), sizes)
    found, at = np.unique(every, return_inverse=True)
    expected = np.bincount(at, weights=np.concatenate(copies)) / runs
    return found, np.bincount(at) / runs, expected, misfit


def _levels(tables: Sequence[pd.Series[float]]) -> tuple[list[str], list[pd.Index[str]]]:
    """Return the attributes in the order that they come, and the levels of each."""
    levels: dict[str, pd.Index[str]] = {}
    for table in tables:
        named = list(table.index.names)
        if any(name is None for name in named) or len(set(named)) < len(named):
            needed = "an index whose names are attributes, each once"
            raise SchemaError.of("reconstruct", needed, "one without a name, or one twice")
        if not table.index.is_unique:
            raise SchemaError.of("reconstruct", "each cell of a table once", "one twice")
        for name in map(str, named):
            here = pd.Index(table.index.get_level_values(name).unique())
            levels[name] = levels[name].union(here) if name in levels else here.sort_values()
    if not levels:
        raise ParameterError.of("reconstruct", "a table of counts or more", "none")
    return list(levels), list(levels.values())


def _people(tables: Sequence[pd.Series[float]], law: CountProtection | None) -> int:
    """Return how many people the tables count; the median where they are protected."""
    if any((table < 0).any() for table in tables) and (law is None or not law.additive):
        raise ParameterError.of("reconstruct", "counts of 0 or more", "a negative one")
    shown = [float(table.sum()) for table in tables if not table.isna().any()]
    if not shown:
        do = "Add the number of people by one attribute."
        raise ParameterError.of("reconstruct", "one table with no hidden count", "none", do)
    if law is None and max(shown) - min(shown) > 0.5:
        raise ParameterError.of("reconstruct", "tables of the same people", "other totals")
    people = round(float(np.median(shown)))
    if people < 1:
        raise ParameterError.of("reconstruct", "tables that count people", "0")
    return people


def _margin(
    table: pd.Series[float],
    names: Sequence[str],
    levels: Sequence[pd.Index[str]],
    people: int,
    limit: int,
    law: CountProtection | None,
) -> _Margin:
    """Return a table as an array over all levels of its attributes."""
    axes = tuple(names.index(str(name)) for name in table.index.names)
    count = np.zeros([len(levels[axis]) for axis in axes])
    place = [levels[axis].get_indexer(table.index.get_level_values(k))
             for k, axis in enumerate(axes)]  # fmt: skip
    count[tuple(place)] = table.to_numpy(dtype=float)
    hidden = np.isnan(count)
    low = np.where(hidden, float(limit > 0), count)
    high = np.where(hidden, limit - 1.0 if limit else float(people), count)
    if law is not None:
        for cell in zip(*np.nonzero(~hidden), strict=True):
            first, weight = law.likelihood(round(float(count[cell])))
            low[cell], high[cell] = first, first + len(weight) - 1
    return _Margin(axes=axes, count=count, low=low, high=high)


def _proved(
    margins: Sequence[_Margin], sizes: Sequence[int], people: int | None
) -> tuple[np.ndarray, np.ndarray]:
    """Return the least and most people of each cell, empty where there are too many cells."""
    if int(np.prod(sizes, dtype=float)) > _MOST_CELLS:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    cells = np.arange(int(np.prod(sizes))).reshape(sizes)
    members, low, high = list[np.ndarray](), list[float](), list[float]()
    for margin in margins:
        rest = [axis for axis in range(len(sizes)) if axis not in margin.axes]
        of = cells.transpose(*margin.axes, *rest).reshape(margin.count.size, -1)
        members += list(of)
        low += margin.low.ravel().tolist()
        high += margin.high.ravel().tolist()
    if people is not None:
        members.append(cells.ravel())
        low, high = [*low, float(people)], [*high, float(people)]
    return count_bounds(members, np.array(low), np.array(high), cells.size)


def _products(shares: Sequence[np.ndarray]) -> np.ndarray:
    """Return the probability of each combination of levels in each row."""
    return reduce(lambda a, b: (a[:, :, None] * b[:, None, :]).reshape(len(a), -1), shares)


def _projected(
    margins: Sequence[_Margin], sizes: Sequence[int], people: int, rng: np.random.Generator
) -> np.ndarray:
    """Return the rows of one run: fitted by Adam from a random start, then drawn."""
    n = min(people, _MOST_ROWS)
    logits = [rng.normal(size=(n, size)) for size in sizes]
    moments = [[np.zeros_like(one), np.zeros_like(one)] for one in logits]
    shown = [~np.isnan(margin.count) for margin in margins]
    targets = [np.where(s, margin.count, 0.0) / people
               for s, margin in zip(shown, margins, strict=True)]  # fmt: skip
    for step in range(1, _STEPS + 1):
        shares = [_softmax(one) for one in logits]
        slopes = [np.zeros_like(one) for one in logits]
        for margin, target, s in zip(margins, targets, shown, strict=True):
            of = [shares[axis] for axis in margin.axes]
            now = _products(of).sum(axis=0).reshape(target.shape) / n
            error = np.where(s, now - target, 0.0)
            for k, axis in enumerate(margin.axes):
                others = of[:k] + of[k + 1 :]
                by_level = np.moveaxis(error, k, 0).reshape(error.shape[k], -1)
                slopes[axis] += (_products(others) if others else np.ones((n, 1))) @ by_level.T
        for one, share, slope, (first, second) in zip(logits, shares, slopes, moments, strict=True):
            slope = share * (slope - (slope * share).sum(axis=1, keepdims=True))
            first += (1 - _DECAY[0]) * (slope - first)
            second += (1 - _DECAY[1]) * (slope**2 - second)
            mean = first / (1 - _DECAY[0] ** step)
            one -= _RATE * mean / (np.sqrt(second / (1 - _DECAY[1] ** step)) + 1e-12)
    drawn = [(_softmax(one).cumsum(axis=1) < rng.random((n, 1))).sum(axis=1) for one in logits]
    return np.stack([np.minimum(d, s - 1) for d, s in zip(drawn, sizes, strict=True)], axis=1)


def _softmax(logits: np.ndarray) -> np.ndarray:
    weight = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(weight / weight.sum(axis=1, keepdims=True))


def _misfit(margins: Sequence[_Margin], rows: np.ndarray, people: int) -> float:
    """Return the absolute error of all shown counts of a run, relative to their sum."""
    wrong = shown = 0.0
    for margin in margins:
        code = np.ravel_multi_index(tuple(rows[:, margin.axes].T), margin.count.shape)
        count = np.bincount(code, minlength=margin.count.size) * people / len(rows)
        wrong += float(np.nansum(np.abs(count.reshape(margin.count.shape) - margin.count)))
        shown += float(np.nansum(np.abs(margin.count)))
    return wrong / max(shown, 1.0)


def _by_product(margins: Sequence[_Margin], sizes: Sequence[int], many: int) -> np.ndarray:
    """Return the likeliest cells where attributes are independent, as many as asked."""
    one_way = []
    for axis, size in enumerate(sizes):
        smallest = min((m for m in margins if axis in m.axes), key=lambda m: len(m.axes))
        others = tuple(k for k, of in enumerate(smallest.axes) if of != axis)
        count = np.nansum(np.maximum(smallest.count, 0), axis=others)
        one_way.append((count + 1e-9) / (count.sum() + size * 1e-9))
    weight = reduce(np.multiply.outer, one_way).ravel()
    return np.argsort(-weight, kind="stable")[:many]


def _frame(
    cells: np.ndarray,
    names: Sequence[str],
    levels: Sequence[pd.Index[str]],
    sizes: Sequence[int],
) -> pd.DataFrame:
    """Return cells as rows of levels."""
    places = np.unravel_index(cells, sizes)
    return pd.DataFrame({name: of[at] for name, of, at in zip(names, levels, places, strict=True)})
