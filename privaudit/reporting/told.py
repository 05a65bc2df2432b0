"""The numbers that a story asks for: rows found by family, measure and what they are told for."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from privaudit._core.policy import SMALL_CELL
from privaudit.reporting.names import is_masked
from privaudit.results.row import Row
from privaudit.text.normalise import slug
from privaudit.words.nouns import GUARDED

if TYPE_CHECKING:
    from privaudit.results.exposure import Exposure
    from privaudit.studies.study import Study

__all__ = ["Told", "by_chance", "has_control", "net", "net_hits", "net_interval", "whole"]


# A control that is written as 0 takes nothing off.
_NIL = 5e-5


def has_control(row: Row) -> bool:
    """Say whether what is right by chance takes something off: the net stands first then."""
    return math.isfinite(row.residual) and row.control >= _NIL


def net(row: Row) -> float:
    """Return a share less what the same guesses find of people who are not there.

    Examples
    --------
    >>> net(Row(measure="reidentified", value=.5, unit="share", n=20, counts="people", control=.25))
    0.25
    """
    return max(0.0, row.value - row.control) if math.isfinite(row.control) else row.value


def net_interval(row: Row) -> tuple[float, float]:
    """Return the interval of `net`: that of the residual, which is `net` of 1 - control."""
    if not math.isfinite(row.residual + row.control):
        return row.low, row.high
    rest = 1 - row.control
    return max(0.0, row.residual_low * rest), row.residual_high * rest


def by_chance(row: Row) -> int:
    """Return how many, of as many people who are not there, the same guesses fit."""
    return whole(row.control, row.n) if math.isfinite(row.control) else 0


def net_hits(row: Row) -> int:
    """Return whole people, or what the row counts, less those by chance: gross - by_chance."""
    return max(0, whole(row.value, row.n) - by_chance(row))


def whole(share: float, n: float) -> int:
    """Return a share of n as whole ones, never below 0."""
    return max(0, int(share * n + 0.5))


class Told:
    """What a study tells, of which nothing under the threshold is returned.

    Parameters
    ----------
    study : Study
    towns : Measures, optional
        The same numbers over towns simulated alike.
    """

    def __init__(self, study: Study, towns: Any = None) -> None:
        self.study, self._towns = study, towns

    def row(self, family: str, measures: str | Iterable[str], *parts: Any) -> Row | None:
        """Return the first known row of a measure with these values among its parameters.

        None where there is none, where it is not known, or where it counts too few.
        """
        for row in self.rows(family, measures, *parts):
            return row
        return None

    def rows(self, family: str, measures: str | Iterable[str], *parts: Any) -> list[Row]:
        """Return every known row of a measure with these values among its parameters."""
        names = (measures,) if isinstance(measures, str) else tuple(measures)
        wanted = {str(part) for part in parts}
        return [
            row
            for name in names
            for row in self.family(family)
            if row.measure == name
            and wanted <= {str(v) for v in row.part.values()}
            and math.isfinite(row.value)
            and enough(row)
        ]

    def family(self, family: str) -> list[Row]:
        """Return all rows of a family, whatever the study calls it."""
        held = self.study.measures
        return [
            row
            for key, measures in held.items()
            if family in (key, measures.family)
            for row in measures.rows
        ]

    @property
    def people(self) -> float:
        """The most people, records or dots that any number counts; 0 where all are withheld."""
        found = [row for one in self.study.exposures for row in one.rows]
        found += [row for one in self.study.measures.values() for row in one.rows]
        # A size under the threshold is withheld, not a number.
        return max(
            (row.n for row in found if row.counts in GUARDED and row.n >= SMALL_CELL), default=0
        )

    def exposures(self, view: str) -> list[Exposure]:
        """Return the reliable exposures of a view, in order of what the adversary knows."""
        return [e for e in self.study.exposures if view_of(e) == view and e.reliable]

    def views(self) -> list[str]:
        """Return what leaked, in order, once each."""
        return list(dict.fromkeys(view_of(e) for e in self.study.exposures))

    def exposures_on_maps(self) -> list[str]:
        """Return the views of maps, in order."""
        return [view for view in self.views() if view != "table"]

    def masked(self) -> str:
        """Return the first view whose dots were moved; "" where there is none."""
        return next((view for view in self.exposures_on_maps() if is_masked(view)), "")

    def found(self, exposure: Exposure, gain: str = "address") -> Row | None:
        """Return what an exposure finds of a gain."""
        row = next(row for row in exposure.rows if row.gain == gain)
        return row if math.isfinite(row.value) and enough(row) else None

    def best(self, view: str) -> Exposure | None:
        """Return who knows most of those that are reliable on a view.

        Not who finds most: that would be learnt from the same people.
        """
        return next(iter(reversed(self.exposures(view))), None)

    def towns(self, view: str, attack: str, measure: str = "reidentified") -> Row | None:
        """Return the address found over towns simulated alike."""
        if self._towns is None:
            return None
        row: Row
        for row in self._towns.rows:
            told = {slug(str(v)) for v in row.part.values()}
            fits = {slug(view), slug(attack)} <= told and row.gain == "address"
            if fits and row.measure == measure and math.isfinite(row.value):
                return row
        return None

    @property
    def n_towns(self) -> int:
        """How many towns were simulated alike; 0 where not told."""
        for row in self._towns.rows if self._towns is not None else ():
            if row.counts == "towns":
                return int(row.n)
        return 0


def view_of(exposure: Exposure) -> str:
    """Return what leaked."""
    return str(exposure.view)


def enough(row: Row) -> bool:
    """Say whether a row counts enough people to be told."""
    return row.counts not in GUARDED or not row.n < SMALL_CELL


def finite(values: Any) -> np.ndarray:
    """Return the values that are known, sorted."""
    found = np.asarray(values, dtype=float)
    return np.sort(found[np.isfinite(found)])
