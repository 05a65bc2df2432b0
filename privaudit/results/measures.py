"""`Measures`: the rows of one question; `guarded`: the rows that may leave the process."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import combinations, groupby
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from privaudit.core.checks import an_instance, keyword_only, of_kind, one_of
from privaudit.core.thresholds import NARROWEST_RANGE, SMALL_CELL
from privaudit.errors import ParameterError, SchemaError, did_you_mean
from privaudit.results.display import Tabled
from privaudit.results.rows import NUMBERS, Row, labelled_frame
from privaudit.words.catalogues import GUARDED, Note

if TYPE_CHECKING:
    from privaudit.results.painter import Display
    from privaudit.words.vocabulary import GainWord, MeasureWord, Worded


def suppressed(groups: pd.DataFrame, n: np.ndarray) -> np.ndarray:
    """Return which groups of a table must be withheld.

    A group under `SMALL_CELL` people goes. Then, within every total that a reader may have (the
    whole, or any of the columns alone or together), what is hidden must be at least two groups
    and `SMALL_CELL` people, or it could be had by subtraction: the smallest shown groups of that
    total go too, until it holds.

    Parameters
    ----------
    groups : pandas.DataFrame
        One row a group, its columns what the group is made of.
    n : ndarray of int
        People in each group.

    Returns
    -------
    ndarray of bool

    Examples
    --------
    >>> ages = pd.DataFrame({"age_band": ["18-24", "25-34", "35-49"]})
    >>> suppressed(ages, np.array([4, 40, 30])).tolist()
    [True, False, True]
    """
    hidden = np.asarray(n) < SMALL_CELL
    columns = list(groups.columns)
    totals = [
        groups.groupby(list(part), dropna=False, observed=True).ngroup().to_numpy()
        if part
        else np.zeros(len(groups), dtype=np.int64)
        for size in range(len(columns))
        for part in combinations(columns, size)
    ]
    while True:
        before = hidden.sum()
        for total in totals:
            for code in np.unique(total[hidden]):
                _hide_enough(hidden, np.flatnonzero(total == code), n)
        if hidden.sum() == before:
            return hidden


def _hide_enough(hidden: np.ndarray, rows: np.ndarray, n: np.ndarray) -> None:
    """Hide the smallest shown rows of one total, those of one size together, until it is enough."""
    for size in np.unique(n[rows[~hidden[rows]]]):
        if _enough(n[rows[hidden[rows]]], n[rows[~hidden[rows]]]):
            return
        hidden[rows[n[rows] == size]] = True


def _enough(inside: np.ndarray, shown: np.ndarray) -> bool:
    """Return whether the hidden rows of one total could have many values for a reader of the rule.

    The rule hides the smallest first. So nothing hidden is larger than the smallest that is
    shown, and where small cells alone are enough, nothing hidden is above 10: either bounds each
    cell from below. From above, all others hold somebody: an empty cell may be known to be
    empty, as one without an address is, and is no cover.
    """
    held = inside[inside > 0]
    total, others = held.sum(), len(held) - 1
    if others < 1 or total < SMALL_CELL:
        return False
    if not len(shown) or inside.min() >= SMALL_CELL:
        return True
    if shown.min() == held.max():
        return False  # Which of two alike is hidden would tell their order.
    top = shown.min() if held.max() >= SMALL_CELL else SMALL_CELL - 1
    least, most = max(total - others * top, 1), min(total - others, SMALL_CELL - 1)
    return bool(most - least >= NARROWEST_RANGE)


def apart(size: np.ndarray) -> np.ndarray:
    """Return which levels may be named: large enough, and no rare one deducible by subtraction.

    Who knows how many levels there are knows that each hidden one holds one record at least.

    Examples
    --------
    >>> apart(np.array([3, 40, 30])).tolist(), apart(np.array([40, 30])).tolist()
    ([False, True, False], [True, True])
    """
    held = np.flatnonzero(size)
    named = np.zeros(len(size), dtype=bool)
    named[held] = ~suppressed(pd.DataFrame({"level": held}), size[held])
    return named


def or_suppressed(count: float, n: float = math.inf) -> float:
    """Return a count, or nan where it, or what is left of n, is of fewer than `SMALL_CELL` records.

    Examples
    --------
    >>> [or_suppressed(count, 300) for count in (0, 10, 290, 300)]
    [0, nan, nan, 300]
    """
    return math.nan if 0 < count < SMALL_CELL or 0 < n - count < SMALL_CELL else count


def least_of_union(hits: int, parts: list[int], n: int) -> tuple[float, float] | None:
    """Return what a report prints of a union beside a small part of it; None: the number itself.

    Other reports of a file give the parts that are no small ones: what the union holds beyond them
    is of the small one.

    Examples
    --------
    >>> least_of_union(48, [40, 10], 100), least_of_union(40, [40, 10], 100)
    ((0.4, nan), None)
    """
    large = max([part for part in parts if not 0 < part < SMALL_CELL], default=SMALL_CELL)
    few = any(0 < part < SMALL_CELL for part in parts)
    return (large / n, math.nan) if few and large < hits else None


def outward_range(low: float, high: float, n: float) -> tuple[float, float]:
    """Return a range that holds [low, high] and gives no count of fewer than `SMALL_CELL` away.

    Neither a bound, nor what a bound leaves of n, nor what lies between the two.

    Examples
    --------
    >>> [outward_range(low, high, 600) for low, high in ((0, 0), (0, 3), (40, 41), (596, 600))]
    [(0, 0), (0, 10), (40, 51), (590, 600)]
    >>> outward_range(40, 40, 600), outward_range(5, 5, 600)
    ((40, 40), (0, 10))
    """
    small = SMALL_CELL - 1
    if 0 < low <= small:
        low = 0
    if 0 < n - low <= small:
        low = max(0, n - small)
    if 0 < high - low <= small:
        high = low + SMALL_CELL if low else small
    if n - high <= small and high != n:
        high = n
    return low, high


# Notes that count people who are found and show something: nothing is said of few.
_AGREE = ("names_agree", "births_agree", "addresses_agree")


def guarded(rows: Iterable[Row]) -> tuple[Row, ...]:
    """Return rows, those that count fewer than `SMALL_CELL` people with every number taken away.

    What is counted decides (`Row.counts`), and what a row says of itself (`Row.unprinted`), never
    a family's name or a note. Levels of a key that few records hold share one row.

    Examples
    --------
    >>> few = Row(measure="reidentified", value=0.5, unit="share", n=4, counts="people")
    >>> many = Row(measure="seen", value=3, unit="people", n=4, counts="accounts")
    >>> stations = Row(measure="gap", value=0.1, unit="share", n=4, counts="stations")
    >>> ill = Row(measure="ill", value=0.1, unit="share", n=40, counts="records", cell=True)
    >>> [row.withheld for row in guarded([few, many, stations, ill])]
    [True, True, False, True]
    """
    printed = [row for row in named_levels(rows) if "row" not in row.unprinted]
    return tuple(emptied(row) if is_small(row) else _printed(row) for row in printed)


def as_printed(found: Measures) -> Measures:
    """Return a result as a report of it has its rows."""
    return replace(found, rows=guarded(found.rows))


def _printed(row: Row) -> Row:
    """Leave out the numbers of a row that only the holder of the file has."""
    notes = tuple(n for n in row.notes if not (n.key in _AGREE and n.values["of"] < SMALL_CELL))
    if len(notes) < len(row.notes):
        row = replace(row, notes=notes)
    if row.printed is not None and not math.isnan(row.value + row.low + row.high):
        return _in_range(row, *row.printed)
    if not row.unprinted:
        return row
    gone: dict[str, Any] = dict.fromkeys(row.unprinted, math.nan)
    if "value" in gone and row.low == row.value == row.high:
        gone |= {"low": math.nan, "high": math.nan}
    notes = row.notes if row.why_unprinted is None else (row.why_unprinted,)
    return replace(row, **gone, notes=notes, unprinted=(), why_unprinted=None)


def _in_range(row: Row, low: float, high: float) -> Row:
    """Leave a range in place of the numbers of a row; a bound where it has no upper end."""
    numbers: dict[str, Any] = dict.fromkeys(NUMBERS, math.nan) | {"low": low, "high": high}
    if low == low and high != high:
        numbers |= {"value": low, "high": low}
        notes = (*row.notes, Note("least_beside_withheld"))
        return replace(row, **numbers, bound="lower", notes=notes, printed=None, unprinted=())
    why = Note("levels_would_show" if low != low else "range_for_few", smallest=SMALL_CELL)
    return replace(
        row, **numbers, worst_case=True, bound="", notes=(why,), printed=None, unprinted=(),
        why_unprinted=None,
    )  # fmt: skip


def is_small(row: Row) -> bool:
    """Return whether a row counts fewer than `SMALL_CELL` people, or what stands for them.

    Of a group by itself (`Row.cell`), those who are in it are such a count too, and those by whom
    it grew or shrank.
    """
    few = row.n < SMALL_CELL or (row.cell and any(0 < hits < SMALL_CELL for hits in _cells(row)))
    return row.counts in GUARDED and few


def _cells(row: Row) -> tuple[float, float, float]:
    """Return how many are counted in the value and the baseline of a row, and between the two."""
    share = row.unit in ("share", "probability")
    now, before = (round(v * row.n if share else v, 6) for v in (row.value, row.baseline))
    between = math.nan if "baseline" in row.unprinted else abs(now - before)
    return now, before, between


def emptied(row: Row) -> Row:
    """Take every number of a row away; its notes go too, which may hold some."""
    gone: dict[str, Any] = dict.fromkeys((*NUMBERS, "n"), math.nan)
    return replace(row, **gone, notes=(), withheld=True, printed=None, unprinted=())


def named_levels(rows: Iterable[Row]) -> list[Row]:
    """Return rows, levels of a key that few records hold in one row, ``levels="rare"``.

    A few blanks have no row: notes count them, so that they hide no rare level. A key that is like
    an identifier, with as many levels as half of the records, loses them all.
    """
    named: list[Row] = []
    for key, some in groupby(rows, _key_of_level):
        one = [r for r in some if r.part.get("levels") != "missing" or r.n >= SMALL_CELL]
        named += one if key is None else _few_together(one, named)
    return named


def _key_of_level(row: Row) -> object:
    """Return the key of a row of levels; None for any other row."""
    return (row.measure, row.part.get("key")) if {"level", "levels"} & set(row.part) else None


def _few_together(levels: list[Row], before: list[Row]) -> list[Row]:
    """Put the rare levels of one key into one row; `before` ends with the row of the key."""
    sizes = np.array([row.n for row in levels], dtype=np.int64)
    of_key = (
        before[-1] if before and before[-1].part == {"key": levels[0].part.get("key")} else None
    )
    if of_key is not None and 2 * len(levels) > of_key.n:
        before[-1] = replace(of_key, notes=(*of_key.notes, Note("levels_identify")))
        return []
    put = np.array([row.part.get("levels", "") for row in levels])
    kept = np.isin(put, ("rare", "other", "missing"))
    kept[~kept] = apart(sizes[~kept])
    shown = [row for row, named in zip(levels, kept, strict=True) if named]
    if not kept.all():
        rare = [row for row, named in zip(levels, kept, strict=True) if not named]
        shown.append(_together(rare, "rare"))
    # The order of shares that are not printed would tell which level has somebody alone.
    return sorted(shown, key=lambda row: -(row.n if "value" in row.unprinted else row.value))


def most_levels(rows: Iterable[Row], most: int) -> list[Row]:
    """Return rows, of each key the levels with the greatest values, the others in one row."""
    levels_shown: list[Row] = []
    for key, some in groupby(rows, _key_of_level):
        levels = list(some)
        if key is not None and len(levels) > most:
            levels = [*levels[:most], _together(levels[most:], "other")]
        levels_shown += levels
    return levels_shown


def _together(levels: list[Row], word: str) -> Row:
    """Return one row for several levels of a key."""
    value, baseline, n = (
        sum(getattr(row, name) for row in levels) for name in ("value", "baseline", "n")
    )
    part = {"key": levels[0].part["key"], "levels": word}
    return replace(levels[0], value=value, low=value, high=value, n=n, baseline=baseline, part=part)


PROVENANCES = ("simulated", "audited file", "public counts")


@keyword_only
@dataclass(frozen=True, eq=False, kw_only=True)
class Measures(Tabled):
    """Measures of a table, of a log, of a map, or of a campaign's doors and accounts.

    Parameters
    ----------
    family : str
        What was asked, a key of the catalogues such as "table", "household", "unicity".
    rows : iterable of Row
        Each measure with its parameters once.
    per_record : pandas.DataFrame, optional
        Scores only, no cell of the table; empty where there is none.
    name : str
        What was measured, in the user's words: a file's name. "" where there is none.
    provenance : {"simulated", "audited file", "public counts"}
    notes : tuple of Note
        About all rows; a note on one of them stands in the row.
    reliable : bool
        False where something casts doubt on every row.
    recipe : mapping
        How it was made, plain JSON values. Provenance only: nothing reads it to decide.

    Raises
    ------
    SchemaError
        A measure with its parameters stands twice.

    Examples
    --------
    >>> row = Row(measure="marked", value=5, unit="households", n=19, counts="dots")
    >>> found = Measures(family="household", rows=[row], provenance="simulated")
    >>> found
    Measures(household, simulated, marked)
    >>> found.value("marked"), len(found.overall)
    (5.0, 1)
    """

    family: str
    rows: Iterable[Row]
    per_record: pd.DataFrame | Any = None
    name: str = ""
    provenance: str = "audited file"
    notes: tuple[Note, ...] = ()
    reliable: bool = True
    recipe: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        import pandas as pd

        one_of("Measures", "provenance", self.provenance, PROVENANCES)
        rows = of_kind("Measures", "rows", self.rows, Row)
        object.__setattr__(self, "rows", rows)
        notes = of_kind("Measures", "notes", self.notes, Note)
        object.__setattr__(self, "notes", tuple(dict.fromkeys(notes)))
        if len({row.key for row in rows}) < len(rows):
            raise SchemaError.of("Measures", "each measure once", "a row that stands twice")
        if self.per_record is None:
            object.__setattr__(self, "per_record", pd.DataFrame(index=pd.RangeIndex(0)))
        an_instance("Measures", "per_record", self.per_record, pd.DataFrame)

    @cached_property
    def overall(self) -> pd.DataFrame:
        """The rows as a frame with a unique index, no column empty; see `labelled_frame`."""
        return labelled_frame(self.rows)

    def row(self, measure: MeasureWord | Worded, gain: GainWord | None = None, **part: Any) -> Row:
        """Return the row of a measure, selected by gain and parameters.

        Parameters that are not given may be anything, unless a row has just those that are. One's
        own measure is given as its `TableMeasure`, one's own gain as ``own_gain=``.

        Raises
        ------
        ParameterError
            No such row, or several.
        """
        name = measure if isinstance(measure, str) else measure.word
        named = [row for row in self.rows if row.measure == name]
        found = [
            row for row in named if part.items() <= row.part.items() and gain in (None, row.gain)
        ]
        # A row of just these parameters goes before those that have more.
        just = [row for row in found if dict(row.part) == part]
        found = just if len(just) == 1 else found
        if len(found) == 1:
            return found[0]
        if not named:
            hint = did_you_mean(name, dict.fromkeys(row.measure for row in self.rows))
            raise ParameterError.of("Measures.row", "a measure", repr(name), hint)
        labels = ", ".join(row.label for row in named[:6])
        needed = f"the parameters of one of {labels}"
        raise ParameterError.of("Measures.row", needed, f"{len(found)} rows that fit")

    def value(
        self, measure: MeasureWord | Worded, gain: GainWord | None = None, **part: Any
    ) -> float:
        """Return the value of a measure; see `row`."""
        return self.row(measure, gain, **part).value

    def _repr_html_(self) -> str:
        # A notebook is passed on: of a file it shows what a report of it would.
        if not (self.name and self.provenance == "audited file"):
            return super()._repr_html_()
        return Tabled._repr_html_(as_printed(self))

    def __repr__(self) -> str:
        doubt = "" if self.reliable else ", not reliable"
        names = list(dict.fromkeys(row.measure for row in self.rows))
        more = ", ..." if len(names) > 4 else ""
        return f"Measures({self.family}, {self.provenance}, {', '.join(names[:4])}{more}{doubt})"

    def plot(self, *names: str, most: int = 8, lang: str = "en") -> Display:
        """Draw the main measures, each with interval, control and baseline.

        Parameters
        ----------
        *names : str
            Measures to choose among; all where none is named.
        most : int
            How many rows are drawn; those that are not known are left out.
        lang : str

        Returns
        -------
        Display
            A plot a unit, with `save` and `data`; it shows itself in a notebook.

        Raises
        ------
        ParameterError
            A name that is no measure.
        """
        from privaudit.results.display import draw_measures

        return draw_measures(self, names, most, lang)


def joined(
    family: str, parts: Mapping[Any, Measures], by: str | None = None, **fields: Any
) -> Measures:
    """Put the measures of several parts into one result.

    Parameters
    ----------
    family : str
    parts : mapping
        Measures by the value of the parameter `by`, in order; all of one provenance.
    by : str, optional
        The parameter that the key of each part becomes: ``by="copies"`` gives every row of
        ``parts[10]`` the parameter ``copies=10``. None: rows are distinguished already.
    **fields
        Others of `Measures`.

    Returns
    -------
    Measures
        A row is reliable where it was, and its part is; notes of all parts, once each.

    Raises
    ------
    ParameterError
        No part, or parts of different provenance.

    Examples
    --------
    >>> def seen(share):
    ...     row = Row(measure="reidentified", value=share, unit="share", n=20, counts="people")
    ...     return Measures(family="pictures", rows=[row])
    >>> near_and_far = joined("pictures", {3: seen(0.9), 12: seen(0.2)}, by="metres_a_pixel")
    >>> near_and_far.value("reidentified", metres_a_pixel=12)
    0.2
    """
    kinds = {measures.provenance for measures in parts.values()}
    if len(kinds) != 1:
        came = ", ".join(sorted(kinds)) or "none"
        raise ParameterError.of("joined", "parts of one provenance, at least one", came)
    rows = [
        replace(
            row,
            part={**({} if by is None else {by: key}), **row.part},
            reliable=row.reliable and measures.reliable,
        )
        for key, measures in parts.items()
        for row in measures.rows
    ]
    given: dict[str, Any] = {
        "rows": rows,
        "provenance": kinds.pop(),
        "notes": tuple(note for measures in parts.values() for note in measures.notes),
        "recipe": {str(key): dict(measures.recipe) for key, measures in parts.items()},
    }
    return Measures(family=family, **given | fields)
