"""`Release`: what leaked. The only thing that an attack is given to look at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from html import escape
from typing import TYPE_CHECKING, Any

from privaudit._core.by_name import by_name
from privaudit._core.checks import an_instance, in_range, one_of, say
from privaudit.errors import ParameterError
from privaudit.places.address_base import AddressBase
from privaudit.roles import Roles

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from privaudit.release.screenshot import Picture

__all__ = ["Release"]


@by_name
@dataclass(frozen=True, eq=False, kw_only=True)
class Release:
    """Records as an adversary sees them.

    Parameters
    ----------
    kind : {"table", "dots", "areas", "screenshot"}
        A table of profiles, points on a map, counts or densities of them by area, or a picture
        of a map, which has no record before it is read.
    records : pandas.DataFrame
        One row a record. Dots have ``x`` and ``y`` in the metres of `backdrop`; areas have
        those of their centres.
    roles : Roles
        What each column is.
    backdrop : AddressBase, optional
        The public addresses against which dots are read.
    provenance : {"simulated", "audited file"}
        Every figure repeats it.
    name : str
        What leaked, in words for a report: a file's name, or the view that was published.
    set_aside : mapping of str to int
        Rows that could not be used: reason to count.
    resolution : float
        Standard deviation, in metres, with which each coordinate of a dot was read, 0 for a
        file of points. An attack that knows the mask allows for it.
    picture : Picture, optional
        The picture that leaked, or from which the dots were read, and where it lies.
    recipe : mapping
        How it was made, plain JSON values. Taken away from what an attack sees.
    rows : ndarray of int64, optional
        Number of each record among the rows of its file, from 1, the header not counted.
    sources : pandas.DataFrame, optional
        Sealed. Whom each record stands for, in a simulation; None for a real file.

    Raises
    ------
    ParameterError
        An unknown kind or provenance, or a resolution below 0.
    SchemaError
        A column that a role names is missing or doubled.

    Examples
    --------
    >>> import pandas as pd
    >>> people = pd.DataFrame({"age": [30, 41], "opinion": ["left", "right"]})
    >>> Release(kind="table", records=people, roles=Roles(key="age", sensitive="opinion"))
    Release(table, 2 records, audited file, columns age, opinion)
    """

    kind: str
    records: pd.DataFrame
    roles: Roles
    backdrop: AddressBase | None = None
    provenance: str = "audited file"
    name: str = "release"
    set_aside: Mapping[str, int] = field(default_factory=dict)
    resolution: float = 0.0
    picture: Picture | None = None
    recipe: Mapping[str, Any] = field(default_factory=dict)
    rows: np.ndarray | None = None
    sources: pd.DataFrame | None = None

    def __post_init__(self) -> None:
        import pandas as pd

        an_instance("Release", "records", self.records, pd.DataFrame, "Use read_table or read_map.")
        an_instance("Release", "roles", self.roles, Roles)
        one_of("Release", "kind", self.kind, ("table", "dots", "areas", "screenshot"))
        one_of("Release", "provenance", self.provenance, ("simulated", "audited file"))
        in_range("Release", "resolution", self.resolution, 0)
        if self.kind == "screenshot" and self.picture is None:
            raise ParameterError(say("Release", "the picture of a screenshot", "None"))
        self.roles.check("Release", self.records.columns, self.name)

    def __len__(self) -> int:
        return len(self.records)

    def __repr__(self) -> str:
        # Counts and column names only: a repr lands in logs and notebooks.
        if self.kind == "screenshot" and self.picture is not None:
            height, width = self.picture.image.shape[:2]
            return f"Release(screenshot, {width:,} x {height:,} pixels, {self.provenance})"
        return (
            f"Release({self.kind}, {len(self):,} records, {self.provenance}, "
            f"columns {', '.join(map(str, self.records.columns))})"
        )

    def _repr_html_(self) -> str:
        # What each column is and what was set aside: never a record.
        roles = {}
        for part in fields(self.roles):
            named = getattr(self.roles, part.name) or ()
            for column in (named,) if isinstance(named, str) else named:
                roles[column] = part.name
        rows = "".join(
            f"<tr><th>{escape(str(column))}</th><td>{roles.get(str(column), '')}</td></tr>"
            for column in self.records.columns
        )
        said = "".join(f"<li>{count:,} {escape(why)}</li>" for why, count in self.set_aside.items())
        return f"<p>{escape(repr(self))}</p><table>{rows}</table><ul>{said}</ul>"

    def as_leaked(self) -> Release:
        """Return the release as an adversary holds it: no sources, no recipe."""
        return replace(self, sources=None, recipe={})
