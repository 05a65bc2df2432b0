"""`Row`: one number, and what it takes to read it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from types import MappingProxyType
from typing import Any

from privaudit._core.checks import one_of, say
from privaudit.errors import ParameterError
from privaudit.words.note import Note, plain
from privaudit.words.nouns import NOUNS, UNITS

__all__ = ["GAINS", "NUMBERS", "Row"]

GAINS = ("address", "household", "person", "opinion")
NUMBERS = (
    "value", "low", "high", "between_low", "between_high", "baseline", "baseline_low",
    "baseline_high", "control", "residual",
    "residual_low", "residual_high", "confidence", "confidence_low", "confidence_high",
)  # fmt: skip
# Stands for a bound that is not given: the value is a plain count, and its own interval.
_SAME = -math.inf
# What only the guard reads.
_OF_GUARD = ("unprinted", "why_unprinted")


@dataclass(frozen=True, kw_only=True)
class Row:
    """A number with its interval, what it is compared with, and what it counts.

    Parameters
    ----------
    measure : str
        What was measured, lower case words with underscores; never a parameter.
    value, low, high : float
        The number and its 95 % interval (equal to value for a plain count); nan: not known.
    between_low, between_high : float
        Lowest and highest value of several towns simulated alike; nan where there was one.
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
        Between what is found lies, of as many, where the claim rests on what is assumed or learnt:
        95 % of the time. nan where no range is stated.
    bound : {"", "upper", "lower"}
        Where value is not the number itself but known to lie above or below it.
    gain : {"", "address", "household", "person", "opinion"}
        What a hit is, where the row counts hits: sentences take their noun from it.
    reliable : bool
    cell : bool
        What has it is a group by itself: fewer than `SMALL_CELL` of them are withheld too.
    withheld : bool
        The guard took the numbers away: too few are counted, or others would be told.
    unprinted : tuple of {"value", "baseline", "row"}
        What a report leaves out though the caller has it: a number that the sample does not
        support, or one that would give a small count away; "row": all of it.
    why_unprinted : Note, optional
        What a report says in place of the notes.
    notes : tuple of Note

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
    reliable: bool = True
    cell: bool = False
    withheld: bool = False
    unprinted: tuple[str, ...] = ()
    why_unprinted: Note | None = None
    notes: tuple[Note, ...] = ()

    def __post_init__(self) -> None:
        one_of("Row", "unit", self.unit, tuple(sorted(UNITS)))
        one_of("Row", "counts", self.counts, tuple(sorted(NOUNS)))
        one_of("Row", "of", self.of or self.counts, tuple(sorted(NOUNS)))
        one_of("Row", "gain", self.gain, ("", *GAINS))
        one_of("Row", "bound", self.bound, ("", "upper", "lower"))
        for name in self.unprinted:
            one_of("Row", "unprinted", name, ("value", "baseline", "row"))
        keep = object.__setattr__
        keep(self, "of", self.of or self.counts)
        for name in ("low", "high"):
            if getattr(self, name) is _SAME:
                keep(self, name, self.value)
        for name in (*NUMBERS, "n"):
            keep(self, name, float(getattr(self, name)))
        keep(self, "part", MappingProxyType({k: plain(v) for k, v in self.part.items()}))
        keep(self, "notes", tuple(self.notes))
        if not all(isinstance(note, Note) for note in self.notes):
            raise ParameterError(say("Row", "notes as Note", "another kind of thing"))

    def __eq__(self, other: object) -> bool:
        # What is not known in both is the same: nan would make a row differ from itself.
        return self._told() == other._told() if isinstance(other, Row) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.key)

    def _told(self) -> list[Any]:
        told = [getattr(self, f.name) for f in fields(self)]
        return ["nan" if isinstance(t, float) and math.isnan(t) else t for t in told]

    @property
    def label(self) -> str:
        """The measure with what tells it apart, for a reader of frames; never parsed."""
        told = [self.gain] if self.gain else []
        told += [f"{name}={value}" for name, value in self.part.items()]
        return f"{self.measure}({', '.join(told)})" if told else self.measure

    @property
    def of_gain(self) -> str:
        """The gain that is told: one of the four, or one of somebody's own; "" for none."""
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
        told = {f.name: getattr(self, f.name) for f in fields(self) if f.name not in _OF_GUARD}
        return told | {"part": dict(self.part), "notes": [note.record() for note in self.notes]}

    def __reduce__(self) -> Any:
        # For workers of joblib only: nothing here is read from a file.
        told = {f.name: getattr(self, f.name) for f in fields(self)}
        return _made, ({**told, "part": dict(self.part)},)


def _made(told: dict[str, Any]) -> Row:
    return Row(**told)
