"""`Row`: a number and what it takes to read it; `Rows` builds them; frames of rows."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from privaudit.core.checks import one_of
from privaudit.errors import ParameterError, SchemaError
from privaudit.stats.intervals import (
    bootstrap_mean,
    effective_n,
    paired_difference,
    residual,
    wilson,
)
from privaudit.words.catalogues import NOUNS, UNITS, Note, Quoted, plain
from privaudit.words.vocabulary import GainWord

if TYPE_CHECKING:
    import pandas as pd

GAINS: tuple[GainWord, ...] = ("address", "household", "person", "opinion")
NUMBERS = (
    "value", "low", "high", "mean", "between_low", "between_high", "baseline", "baseline_low",
    "baseline_high", "control", "residual",
    "residual_low", "residual_high", "confidence", "confidence_low", "confidence_high",
)  # fmt: skip
# Stands for a bound that is not given: the value is a plain count, and its own interval.
_SAME = -math.inf
_UNIT_WORDS, _NOUN_WORDS = tuple(sorted(UNITS)), tuple(sorted(NOUNS))
# What only the guard and the page read.
_NOT_RECORDED = ("printed", "unprinted", "why_unprinted", "finding")


@dataclass(frozen=True, kw_only=True)
class Row:
    """A number with its interval, what it is compared with, and what it counts.

    Parameters
    ----------
    measure : str
        What was measured, lower case words with underscores; never a parameter.
    value, low, high : float
        The number and its 95 % interval (equal to value for a plain count); nan: not known.
    worst_case : bool
        Low and high are no interval: the least and the most that the number can be, whatever
        blanks, unread cells, withheld counts or people who were not asked hide.
    mean, between_low, between_high : float
        Mean, lowest and highest value of several towns simulated alike; nan where there was one.
    unit : str
        What value is in: one of `UNITS`.
    n : float
        The denominator.
    counts : str
        What n counts: one of `NOUNS`. The small-cell guard reads it.
    of : str
        What a share is a share of; `counts` where "" is given.
    part : mapping of str to a plain value
        Parameters of the measure, by name: ``{"copies": 10}``, ``{"without": "age"}``.
    baseline, control, residual, residual_low, residual_high : float
        The same without the release; of comparable people who are not in it; and
        (value - control) / (1 - control) with its interval. nan where there is none.
    baseline_low, baseline_high : float
        Where the value would lie 95 times in 100 if chance alone had made it: a value within
        this range is no more than chance. Of what a town is built after: from the lowest to the
        highest real commune. nan where it is not known.
    confidence : float
        Mean of what the adversary claims, where there is a claim.
    confidence_low, confidence_high : float
        95 % interval of what is found, of as many, where the claim rests on what is assumed or
        learnt. nan where no range is stated.
    bound : {"", "upper", "lower"}
        Where value is not the number itself but known to lie above or below it.
    gain : {"", "address", "household", "person", "opinion"}
        What a hit is, where the row counts hits: sentences take their noun from it.
    reliable : bool
    cell : bool
        What has it is a group by itself: fewer than `SMALL_CELL` of them are withheld too.
    withheld : bool
        The guard took the numbers away: too few are counted, or others would be revealed.
    printed : tuple of float, optional
        The range that a report gives in place of every number of the row, where these would reveal
        a small count; ``(low, nan)``: at least so many; ``(nan, nan)``: nothing.
    unprinted : tuple of {"value", "baseline", "row"}
        What a report leaves out though the caller has it: a number that the sample does not
        support, or one that would give a small count away; "row": all of it.
    why_unprinted : Note, optional
        What a report says in place of the notes.
    notes : tuple of Note
    finding : str
        The id of the finding of a report that shows this row; "" before there is one. With it,
        the numbers are `Quoted`: a page writes beside each what it was read from.

    Raises
    ------
    ParameterError
        A unit, noun or gain that is not in the lists.

    Examples
    --------
    >>> row = Row(measure="k_anonymity", value=3, unit="records", n=190, counts="records")
    >>> row.low, row.of, row.label
    (3.0, 'records', 'k_anonymity')
    >>> Row(measure="error", value=3, unit="metres", n=190, counts="people",
    ...     part={"copies": 10}).label
    'error(copies=10)'
    """

    measure: str
    value: float
    unit: str
    n: float
    counts: str
    of: str = ""
    low: float = _SAME
    high: float = _SAME
    mean: float = math.nan
    between_low: float = math.nan
    between_high: float = math.nan
    baseline: float = math.nan
    baseline_low: float = math.nan
    baseline_high: float = math.nan
    control: float = math.nan
    residual: float = math.nan
    residual_low: float = math.nan
    residual_high: float = math.nan
    confidence: float = math.nan
    confidence_low: float = math.nan
    confidence_high: float = math.nan
    bound: str = ""
    gain: str = ""
    part: Mapping[str, Any] = field(default_factory=dict)
    worst_case: bool = False
    reliable: bool = True
    cell: bool = False
    withheld: bool = False
    printed: tuple[float, float] | None = None
    unprinted: tuple[str, ...] = ()
    why_unprinted: Note | None = None
    notes: tuple[Note, ...] = ()
    finding: str = ""

    def __post_init__(self) -> None:
        one_of("Row", "unit", self.unit, _UNIT_WORDS)
        one_of("Row", "counts", self.counts, _NOUN_WORDS)
        one_of("Row", "of", self.of or self.counts, _NOUN_WORDS)
        one_of("Row", "gain", self.gain, ("", *GAINS))
        one_of("Row", "bound", self.bound, ("", "upper", "lower"))
        for name in self.unprinted:
            one_of("Row", "unprinted", name, ("value", "baseline", "row"))
        keep = object.__setattr__
        keep(self, "of", self.of or self.counts)
        keep(self, "worst_case", self.worst_case and self.low != self.high)
        for name in ("low", "high"):
            if getattr(self, name) is _SAME:
                keep(self, name, self.value)
        for name in (*NUMBERS, "n"):
            number = getattr(self, name)
            if type(number) is float and not self.finding:
                continue
            source = number.field if isinstance(number, Quoted) else name
            number = float(number)
            keep(self, name, Quoted(number, self.finding, source) if self.finding else number)
        keep(self, "part", MappingProxyType({k: plain(v) for k, v in self.part.items()}))
        keep(self, "notes", tuple(self.notes))
        if not all(isinstance(note, Note) for note in self.notes):
            raise ParameterError.of("Row", "notes as Note", "another kind")

    def __eq__(self, other: object) -> bool:
        # What is not known in both is the same: nan would make a row differ from itself.
        return self._compared() == other._compared() if isinstance(other, Row) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.key)

    def _compared(self) -> list[Any]:
        values = [getattr(self, f.name) for f in fields(self) if f.name != "finding"]
        return ["nan" if isinstance(t, float) and math.isnan(t) else t for t in values]

    @property
    def label(self) -> str:
        """The measure with what tells it apart, for a reader of frames; never parsed."""
        parts = [self.gain] if self.gain else []
        parts += [f"{name}={value}" for name, value in self.part.items()]
        return f"{self.measure}({', '.join(parts)})" if parts else self.measure

    @property
    def of_gain(self) -> str:
        """The gain: one of the four, or one of the caller's own; "" for none."""
        return self.gain or str(self.part.get("own_gain", ""))

    @property
    def beyond_chance(self) -> bool | None:
        """Whether the value lies outside of the range of its baseline; None: not known.

        Examples
        --------
        >>> Row(measure="adults", value=177, unit="people", n=300, counts="adults",
        ...     baseline=174, baseline_low=158, baseline_high=191).beyond_chance
        False
        """
        if not math.isfinite(self.value + self.baseline_low + self.baseline_high):
            return None
        return not self.baseline_low <= self.value <= self.baseline_high

    @property
    def key(self) -> tuple[Any, ...]:
        """What tells this row from the others of its result."""
        return self.measure, self.gain, tuple(self.part.items())

    def record(self) -> dict[str, Any]:
        """Return the row as plain values, notes as their records."""
        values = {
            f.name: getattr(self, f.name) for f in fields(self) if f.name not in _NOT_RECORDED
        }
        return values | {"part": dict(self.part), "notes": [note.record() for note in self.notes]}

    def __reduce__(self) -> Any:
        # For workers of joblib only: nothing here is read from a file.
        values = {f.name: getattr(self, f.name) for f in fields(self)}
        return _made, ({**values, "part": dict(self.part)},)


def _made(values: dict[str, Any]) -> Row:
    return Row(**values)


COLUMNS = (*NUMBERS, "n", "unit", "counts", "of", "bound", "gain", "reliable", "notes")
# Columns of `tidy_frame` beside the parameters of its measures.
VOCABULARY = ("measure", "gain", *(name for name in COLUMNS if name != "gain"))
_Notes = Note | Sequence[Note]


class Rows:
    """Rows in the order in which they are added; a measure with its parameters stands once.

    Parameters
    ----------
    n : int
        The denominator of a row that gives none of its own.
    counts : str
        What it counts; see `NOUNS`.

    Examples
    --------
    >>> rows = Rows(4, "people")
    >>> rows.count("alone", 1, "records", counts="records")
    >>> rows.share("reidentified", [1.0, 0.0, 0.5, 0.5], gain="address", part={"copies": 10})
    0.5
    >>> [row.label for row in rows]
    ['alone', 'reidentified(address, copies=10)']
    """

    def __init__(self, n: float, counts: str) -> None:
        self.n, self.counts = n, counts
        self._rows: dict[Any, Row] = {}

    def add(self, measure: str, value: float, unit: str, notes: _Notes = (), **fields: Any) -> None:
        """Add a row whose numbers are known; the other arguments are those of `Row`.

        Without an interval the value is a plain count of what is there, and its own interval.
        """
        fields.setdefault("n", self.n)
        fields.setdefault("counts", self.counts)
        own_notes = (notes,) if isinstance(notes, Note) else tuple(notes)
        # What counts nobody is empty, and says so where the caller gave no better reason.
        if not own_notes and math.isnan(value) and fields["n"] == 0:
            own_notes = (Note("nobody_counted"),)
        self.put(Row(measure=measure, value=value, unit=unit, notes=own_notes, **fields))

    count = add

    def put(self, row: Row) -> None:
        """Add a row that is made already."""
        if row.key in self._rows:
            raise AssertionError(f"measure '{row.label}' is given twice")
        self._rows[row.key] = row

    def share(
        self,
        measure: str,
        hits: ArrayLike,
        notes: _Notes = (),
        *,
        clusters: ArrayLike | None = None,
        control: ArrayLike | None = None,
        control_clusters: ArrayLike | None = None,
        paired: bool = False,
        **fields: Any,
    ) -> float:
        """Add the mean of hits in [0, 1] with Wilson's interval; return it.

        Parameters
        ----------
        measure : str
        hits : array_like of float in [0, 1], shape (n,)
            One a person (or what `counts` says).
        notes : Note, or several
        clusters : array_like, shape (n,), optional
            What people share, such as an address: the interval rests on their effective number.
        control : array_like of float in [0, 1], optional
            The same guesses held against comparable people who are not in the release: gives
            control and residual (Giomi et al. 2023) with its interval.
        control_clusters : array_like, optional
            As `clusters`, of the control; `clusters` where both have one length.
        paired : bool
            The control is of the same people, in their order, nan for those who were not asked:
            the interval of the residual is then that of two means that go together.
        **fields
            Others of `Row`: baseline, counts, of, gain, part, reliable.
        """
        hit = np.asarray(hits, dtype=float)
        n = people_worth(hit, clusters)
        mean = float(hit.mean()) if len(hit) else math.nan
        fields.setdefault("n", len(hit))
        known = math.nan, n
        together = 0.0
        if control is not None:
            beside = np.asarray(control, dtype=float)
            together = _together(hit, beside) if paired else 0.0
            beside = beside[np.isfinite(beside)]
            if len(beside):
                shared = clusters if len(beside) == len(hit) else None
                if control_clusters is not None:
                    shared = control_clusters
                known = float(beside.mean()), people_worth(beside, shared)
        return self.rate(
            measure, mean, n, notes,
            control=known[0], control_worth=known[1], correlation=together, **fields,
        )  # fmt: skip

    def rate(
        self,
        measure: str,
        mean: float,
        worth: float,
        notes: _Notes = (),
        *,
        control: float = math.nan,
        control_worth: float = math.nan,
        correlation: float = 0.0,
        **fields: Any,
    ) -> float:
        """Add a share whose mean is known, with its effective size; return it.

        Parameters
        ----------
        measure : str
        mean : float
        worth : float
            How many independent hits the mean rests on: its interval is Wilson's.
        notes : Note, or several
        control, control_worth : float
            As `mean` and `worth`, of comparable people who are not in the release.
        correlation : float
            Of the two means.
        **fields
            Others of `Row`.
        """
        low, high = wilson(mean, worth) if math.isfinite(mean) else (math.nan, math.nan)
        if math.isfinite(control) and math.isfinite(mean):
            fields |= net_of(mean, control, worth, control_worth, correlation)
        self.add(measure, mean, fields.pop("unit", "share"), notes, low=low, high=high, **fields)
        return mean

    def mean(
        self,
        measure: str,
        values: ArrayLike,
        unit: str,
        notes: _Notes = (),
        *,
        rng: np.random.Generator,
        clusters: ArrayLike | None = None,
        **fields: Any,
    ) -> float:
        """Add a mean that is no share, such as metres, with its bootstrap interval."""
        value = np.asarray(values, dtype=float)
        low, high = bootstrap_mean(value, rng, clusters=clusters)
        mean = float(value.mean()) if len(value) else math.nan
        fields.setdefault("n", len(value))
        self.add(measure, mean, unit, notes, low=low, high=high, **fields)
        return mean

    def difference(
        self,
        measure: str,
        first: ArrayLike,
        second: ArrayLike,
        notes: _Notes = (),
        *,
        clusters: ArrayLike | None = None,
        **fields: Any,
    ) -> float:
        """Add the mean of second - first, over the same people, with its paired interval."""
        value, low, high = paired_difference(first, second, clusters)
        given: dict[str, Any] = {"n": len(np.asarray(first)), "baseline": 0.0} | fields
        unit = given.pop("unit", "difference")
        self.add(measure, value, unit, notes, low=low, high=high, **given)
        return value

    def absent(self, measures: Iterable[str], unit: str, notes: _Notes, **fields: Any) -> None:
        """Add measures that cannot be had, with the reason: the shape stays the same."""
        for measure in measures:
            self.add(measure, math.nan, unit, notes, **fields)

    def extend(self, rows: Iterable[Row]) -> None:
        """Add rows that are made already."""
        for row in rows:
            self.put(row)

    def __iter__(self) -> Iterator[Row]:
        return iter(self._rows.values())

    def __len__(self) -> int:
        return len(self._rows)


def people_worth(values: np.ndarray, clusters: ArrayLike | None) -> float:
    """Return how many independent people a mean rests on; see `effective_n`."""
    return float(len(values)) if clusters is None else effective_n(values, clusters)


def _together(hit: np.ndarray, beside: np.ndarray) -> float:
    """Correlation of the mean of hits with that of a control of some of the same people."""
    asked = np.isfinite(beside)
    a, c = hit[asked], beside[asked]
    if len(a) < 2 or not (np.ptp(a) and np.ptp(c)):
        return 0.0
    # A person who was not queried counts in one mean only.
    return float(np.corrcoef(a, c)[0, 1] * math.sqrt(len(a) / len(hit)))


def net_of(
    mean: float, control: float, n: float, n_control: float, correlation: float = 0.0
) -> dict[str, float]:
    """Return the fields of `Row` that a control gives to a share, each worth so many hits."""
    value, low, high = residual(mean, control, n, n_control, correlation=correlation)
    return {
        "control": control,
        "residual": float(value),
        "residual_low": float(low),
        "residual_high": float(high),
    }


def labelled_frame(rows: Iterable[Row]) -> pd.DataFrame:
    """Return rows as a frame with a unique index: one row an observation.

    Parameters
    ----------
    rows : iterable of Row

    Returns
    -------
    pandas.DataFrame
        Index ``measure``: the measure, or where it stands in several rows its label with gain and
        parameters, ``reidentified(address, copies=10)``. Columns as in `tidy_frame`.

    Examples
    --------
    >>> rows = Rows(40, "people")
    >>> rows.add("alone", 3, "people", part={"points": 4})
    >>> rows.add("alone", 9, "people", part={"points": 8})
    >>> rows.add("likes", 800, "interactions", counts="interactions")
    >>> labelled_frame(rows)["value"].to_dict()
    {'alone(points=4)': 3.0, 'alone(points=8)': 9.0, 'likes': 800.0}
    """
    import pandas as pd

    rows = list(rows)
    often = Counter(row.measure for row in rows)
    labels = [row.label if often[row.measure] > 1 else row.measure for row in rows]
    index = pd.Index(labels, name="measure", dtype="str")
    return tidy_frame(rows).drop(columns="measure", errors="ignore").set_axis(index)


def tidy_frame(rows: Iterable[Row]) -> pd.DataFrame:
    """Return rows as a tidy frame: one row an observation.

    Parameters
    ----------
    rows : iterable of Row

    Returns
    -------
    pandas.DataFrame
        Columns of `VOCABULARY`, the parameters of the measures after ``gain``; those that are
        empty throughout are left out. The index is 0 to the number of rows less one.

    Raises
    ------
    SchemaError
        A parameter has the name of a column.

    Examples
    --------
    >>> rows = Rows(40, "people")
    >>> rows.add("alone", 3, "people", part={"points": 4})
    >>> tidy_frame(rows).columns.tolist()
    ['measure', 'points', 'value', 'low', 'high', 'n', 'unit', 'counts', 'of', 'reliable']
    """
    import pandas as pd

    rows = list(rows)
    parts = list(dict.fromkeys(name for row in rows for name in row.part))
    clash = sorted(set(parts) & set(VOCABULARY))
    if clash:
        raise SchemaError.of("Rows", "parameters with names of their own", ", ".join(clash))
    records = [
        {name: row.part.get(name) for name in parts} | {n: getattr(row, n) for n in VOCABULARY}
        for row in rows
    ]
    return tidy(pd.DataFrame(records, columns=["measure", "gain", *parts, *VOCABULARY[2:]]))


def tidy(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame without the columns that are empty throughout, rows numbered from 0.

    Examples
    --------
    >>> import pandas as pd
    >>> tidy(pd.DataFrame({"value": [1.0], "low": [float("nan")], "bound": [""]}, index=[7]))
       value
    0    1.0
    """
    import pandas as pd

    def says(cell: Any) -> bool:
        return bool(cell) if isinstance(cell, str | tuple) else not pd.isna(cell)

    filled = [name for name in frame if any(map(says, frame[name].tolist()))]
    return frame[filled].reset_index(drop=True)
