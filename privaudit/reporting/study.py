"""`Study`: the results of one run, in the order in which a report tells them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from privaudit._core.checks import columns_present, one_of, say
from privaudit.errors import ParameterError
from privaudit.exposure.results import Exposure, Measures
from privaudit.reporting.words import slug

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["KINDS", "STATUSES", "Study"]

KINDS = ("demo", "map", "table", "log", "country")
# What is measured of a log, and not of a table of profiles.
_OF_LOGS = (
    "unicity", "unicity_curve", "known_points_risk", "neighbourhood_risk", "match_periods",
    "match_neighbourhoods", "scoreboard",
)  # fmt: skip
PROVENANCES = ("simulated", "audited file", "public counts")
STATUSES = ("to_meet", "visited")


@dataclass(frozen=True, eq=False, kw_only=True)
class Study:
    """What a report is made of.

    Parameters
    ----------
    kind : {"demo", "map", "table", "log", "country"}
        What was run; names of findings begin with "map" for the first two.
    title : str
        What was examined, such as the name of the file.
    provenance : {"simulated", "audited file", "public counts"}
        Every figure and every sentence repeats it.
    real_places : bool
        True where the places exist: areas are drawn then, never a dot.
    exposures : tuple of Exposure
        The ladder, in order. ``recipe["view"]`` says what leaked: "exact", "donut:50:200",
        "gaussian:100", "unknown", "table", or any other words.
    measures : mapping of str to Measures
        Such as "access", "household", "table", "campaign", "simulation".
    dots : pandas.DataFrame, optional
        Columns x, y (metres) and status (to_meet, visited), of fictional places only.
    addresses : ndarray of shape (n, 2), optional
        Positions in metres, drawn faintly behind the dots; fictional places only.
    moved : pair of ndarray of shape (n, 2), optional
        Where dots belong and where a mask shows them, metres; fictional places only.
    one_dot : pandas.DataFrame, optional
        Who one simulated dot could be: columns address (str) and probability, the likeliest
        first; the last row, with address "", is all others. Fictional places only.
    area_points : ndarray of shape (n, 2), optional
        Positions in metres that are counted by area and never drawn.
    set_aside : mapping of str to int
        Rows that could not be used: reason to count.
    notes : tuple of str
    recipe : mapping
        Plain JSON values that make the run again; ``recipe["command"]`` is shown.
    revealed_rows : bool
        Rows were asked for explicitly; the header of the report says so.

    Raises
    ------
    ParameterError
        Dots or addresses of real places, an unknown kind, provenance or status, or two
        exposures with the same view and attack.
    SchemaError
        A column of `dots` is missing.

    Examples
    --------
    >>> Study(kind="map", title="leak.csv", provenance="audited file", real_places=True)
    Study(map, 'leak.csv', audited file, 0 exposures, 0 measures)
    """

    kind: str
    title: str
    provenance: str
    real_places: bool
    exposures: tuple[Exposure, ...] = ()
    measures: Mapping[str, Measures] = field(default_factory=dict)
    dots: pd.DataFrame | None = None
    addresses: np.ndarray | None = None
    moved: tuple[np.ndarray, np.ndarray] | None = None
    one_dot: pd.DataFrame | None = None
    area_points: np.ndarray | None = None
    set_aside: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    recipe: Mapping[str, Any] = field(default_factory=dict)
    revealed_rows: bool = False

    def __post_init__(self) -> None:
        one_of("Study", "kind", self.kind, KINDS)
        one_of("Study", "provenance", self.provenance, PROVENANCES)
        drawn = (self.dots, self.addresses, self.moved, self.one_dot)
        if self.real_places and any(part is not None for part in drawn):
            raise ParameterError(
                say(
                    "Study",
                    "area_points where the places are real",
                    "positions to draw",
                    "Give area_points instead of dots, addresses, moved and one_dot.",
                )
            )
        if self.one_dot is not None:
            needed = ("address", "probability")
            columns_present("Study", "column", needed, self.one_dot.columns, "one_dot")
        if self.dots is not None:
            columns_present("Study", "column", ("x", "y", "status"), self.dots.columns, "dots")
            known = self.dots["status"].isin(STATUSES)
            if not known.all():
                raise ParameterError(
                    say("Study", f"status one of {STATUSES}", f"{(~known).sum()} other dots")
                )
        rungs = [(slug(e.recipe.get("view", "")), slug(e.attack)) for e in self.exposures]
        if len(set(rungs)) < len(rungs):
            raise ParameterError(say("Study", "one exposure a view and attack", "two of the same"))

    def __repr__(self) -> str:
        return (
            f"Study({self.kind}, {self.title!r}, {self.provenance}, "
            f"{len(self.exposures)} exposures, {len(self.measures)} measures)"
        )

    @classmethod
    def of(cls, result: Study | Exposure | Measures) -> Study:
        """Wrap a single result, so that it can be reported by itself.

        Raises
        ------
        ParameterError
            The result is neither a Study, an Exposure nor a Measures.
        """
        if isinstance(result, Study):
            return result
        if isinstance(result, Exposure):
            return cls(
                kind="table" if result.recipe.get("view") == "table" else "map",
                title=result.attack,
                provenance=result.provenance,
                real_places=result.provenance != "simulated",
                exposures=(result,),
                notes=result.notes,
                recipe=result.recipe,
            )
        if isinstance(result, Measures):
            measure = result.recipe.get("measure")
            kind = "log" if measure in _OF_LOGS else "table"
            family = kind
            if measure == "population_uniqueness":
                kind = family = "country"
            if measure == "heat":
                kind, family = "map", "heat"
            return cls(
                kind=kind,
                title=result.title,
                provenance=result.provenance,
                real_places=result.provenance != "simulated",
                measures={family: result},
                notes=result.notes,
                recipe=result.recipe,
            )
        raise ParameterError(
            say("report", "a Study, an Exposure or a Measures", type(result).__name__)
        )
