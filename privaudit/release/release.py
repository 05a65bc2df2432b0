"""`Release`: what leaked. The only thing that an attack is given to look at. One type a kind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from html import escape
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd

from privaudit._core.by_name import by_name
from privaudit._core.checks import an_instance, columns_present, in_range, one_of, say
from privaudit.errors import ParameterError
from privaudit.places.address_base import AddressBase
from privaudit.release.labels import LabelsChecked
from privaudit.release.pictures.picture import Picture
from privaudit.roles import ROLES, Roles
from privaudit.words.note import Note

__all__ = [
    "DOT_ID", "AdRelease", "AreaRelease", "DotRelease", "HeatRelease", "MailRelease",
    "PictureRelease", "Release", "TableRelease",
]  # fmt: skip

# The column of the number under which a tool knows a dot, the same in every copy of a map.
DOT_ID = "dot_id"


@by_name
@dataclass(frozen=True, eq=False, kw_only=True)
class Release:
    """Records as an adversary sees them. What is published or read is one of its kinds.

    Parameters
    ----------
    records : pandas.DataFrame
        One row a record.
    roles : Roles
        What each column is.
    provenance : {"simulated", "audited file"}
        Every figure repeats it.
    name : str
        What leaked, in words for a report: a file's name, or the view that was published.
    view : str
        What was published, a word that `parse_view` reads back: "exact", "donut:50:200",
        "table". "" for a file, of which nothing is known.
    set_aside : mapping of Note to int
        Rows that could not be used: reason to count.
    notes : tuple of Note
        What is to be said of how it was read or published.
    backdrop : AddressBase, optional
        The public addresses of the place; every map needs them, a table may do without.
    rows : ndarray of int64, optional
        Number of each record among the rows of its file, from 1, the header not counted.
    sources : pandas.DataFrame, optional
        Sealed. Whom each record stands for, in a simulation; None for a real file.
    world : str
        Sealed. `SimulatedWorld.identity` of the world that it came from; "" where there is none.
    labels_checked : LabelsChecked, optional
        What the campaign that made it knows of its labels: of its labelled people who declared
        their leaning, how many declared the label's, and how many did of all who declared one. None
        for a file, of which nothing is known.
    doors_checked : (int, int), optional
        Of the doors that opened to the campaign, behind how many the household was that of the
        person, and how many opened. None likewise.
    recipe : mapping
        How it was made, plain JSON values. Provenance only: nothing reads it to decide.

    Raises
    ------
    ParameterError
        An unknown provenance, or another value that is out of range.
    SchemaError
        A column that a role names is missing or doubled.

    Examples
    --------
    >>> import pandas as pd
    >>> people = pd.DataFrame({"age": [30, 41], "opinion": ["left", "right"]})
    >>> TableRelease(records=people, roles=Roles(key="age", sensitive="opinion"))
    Release(table, 2 records, audited file, columns age, opinion)
    """

    # What it is called in errors.
    kind: ClassVar[str] = "release"

    records: pd.DataFrame
    roles: Roles
    provenance: str = "audited file"
    name: str = "release"
    view: str = ""
    set_aside: Mapping[Note, int] = field(default_factory=dict)
    notes: tuple[Note, ...] = ()
    backdrop: AddressBase | None = None
    rows: np.ndarray | None = None
    sources: pd.DataFrame | None = None
    world: str = ""
    labels_checked: LabelsChecked | None = None
    doors_checked: tuple[int, int] | None = None
    recipe: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        an_instance("Release", "records", self.records, pd.DataFrame, "Use read_table or read_map.")
        an_instance("Release", "roles", self.roles, Roles)
        one_of("Release", "provenance", self.provenance, ("simulated", "audited file"))
        object.__setattr__(self, "notes", tuple(self.notes))
        self.roles.check("Release", self.records.columns, self.name)

    def __len__(self) -> int:
        return len(self.records)

    def __repr__(self) -> str:
        # Counts and column names only: a repr lands in logs and notebooks.
        return (
            f"Release({self.kind}, {len(self):,} records, {self.provenance}, "
            f"columns {', '.join(map(str, self.records.columns))})"
        )

    def _repr_html_(self) -> str:
        # What each column is and what was set aside: never a record.
        roles = {}
        for role in ROLES:
            named = getattr(self.roles, role) or ()
            for column in (named,) if isinstance(named, str) else named:
                roles[column] = role
        rows = "".join(
            f"<tr><th>{escape(str(column))}</th><td>{roles.get(str(column), '')}</td></tr>"
            for column in self.records.columns
        )
        said = "".join(
            f"<li>{count:,} {escape(why.key.replace('_', ' '))}</li>"
            for why, count in self.set_aside.items()
        )
        listed = f"<ul>{said}</ul>" if said else ""
        return f"<p>{escape(repr(self))}</p><table>{rows}</table>{listed}"

    @property
    def sealed(self) -> bool:
        """Whether it still holds what only a judge may know, and no attack."""
        return self.sources is not None or self.world != ""

    def opened(self, who: str) -> pd.DataFrame:
        """Return the sealed sources for the function `who`.

        Raises
        ------
        ParameterError
            There are none: the release was leaked, or is a real file.
        """
        if self.sources is None:
            do = "Give what publish() returned; a real file has no truth: score it without one."
            needed, came = "a release with its sealed sources", "a release without sources"
            raise ParameterError(say(who, needed, came, do))
        return self.sources

    def why_empty(self) -> str:
        """Say, for an error, why there is no record."""
        told = [
            f"{note.key.replace('_', ' ')} "
            f"({', '.join(f'{name} {value}' for name, value in note.values.items())})"
            for note in self.notes
        ]
        return f"The view shows nobody: {'; '.join(told) or 'widen it'}."

    def as_leaked(self) -> Self:
        """Return the release as an adversary holds it: no sources, no world, no recipe."""
        return replace(self, sources=None, world="", recipe={})


@by_name
@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class TableRelease(Release):
    """A table of profiles.

    Parameters
    ----------
    tidied : bool
        Its cells were read by `privaudit.tables.reading` already.
    """

    kind: ClassVar[str] = "table"

    tidied: bool = False


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class _OnAddresses(Release):
    """What lies over the public addresses of a place."""

    # Columns that its records have.
    shown: ClassVar[tuple[str, ...]] = ()

    backdrop: AddressBase

    def __post_init__(self) -> None:
        super().__post_init__()
        columns_present("Release", "column", self.shown, self.records.columns, self.name)
        do = "A map is read against the addresses of its place."
        an_instance("Release", "backdrop", self.backdrop, AddressBase, do)


@by_name
@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class DotRelease(_OnAddresses):
    """Points on a map, ``x`` and ``y`` in the metres of `backdrop`.

    - `resolution`: Standard deviation, in metres, with which each coordinate of a dot was read, 0
      for a file of points. An attack that knows the mask allows for it.
    - `picture`: The picture from which the dots were read, and where it lies.
    - `crs`: Projection in which a file gave its points; "" where they came from no file.
    - `dots_shown`: Of a picture, how many dots it shows, read or not: at least, about, at most.
    """

    kind: ClassVar[str] = "dots"
    resolution: float = 0.0
    picture: Picture | None = None
    crs: str = ""
    dots_shown: tuple[float, float, float] | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        in_range("Release", "resolution", self.resolution, 0)

    @property
    def beside(self) -> pd.DataFrame:
        """What stands beside each dot: every column of the records but its place."""
        return self.records.drop(columns=["x", "y"])


@by_name
@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class MailRelease(Release):
    """Targeted messages: a row a person to whom one was sent, and what the server recorded.

    - `cut`: Columns by which the people were cut into segments.
    - `text`: Those of them that decide which text somebody gets: its variant.
    - `links` ({"token", "shared", "none"}): Whose answer a click is.
    - `side`: Of the campaign that speaks.
    """

    kind: ClassVar[str] = "mailing"
    cut: tuple[str, ...] = ()
    text: tuple[str, ...] = ()
    links: str = "token"
    side: str = "right"

    def __post_init__(self) -> None:
        super().__post_init__()
        shown = ("variant", "score", "opened", "answer", *self.cut, *self.text)
        columns_present("Release", "column", shown, self.records.columns, self.name)


@by_name
@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class AdRelease(Release):
    """An ad: a row an account, and whether it was in the audience, and served it.

    - `subject`: "politics", or an interest.
    - `side`: Of the campaign.
    """

    kind: ClassVar[str] = "advert"
    subject: str = "politics"
    side: str = "right"

    def __post_init__(self) -> None:
        super().__post_init__()
        columns_present("Release", "column", ("served",), self.records.columns, self.name)


@by_name
@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class AreaRelease(_OnAddresses):
    """Counts by area: columns area, x, y (of the centres), to_meet, visited, total.

    - `by` ({"station", "grid", "hexagon"})
    - `size`: Side of a square, or width of a hexagon, in metres.
    - `origin` ((float, float)): Where squares or hexagons start, in metres.
    - `suppress_under`: Counts from 1 to below this are nan.
    """

    kind: ClassVar[str] = "areas"
    shown = ("area", "x", "y", "total")
    by: str = "station"
    size: float = 200.0
    origin: tuple[float, float] = (0.0, 0.0)
    suppress_under: int = 0


@by_name
@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class HeatRelease(_OnAddresses):
    """A raster of density: columns x, y (of the cells' centres) and intensity (a square km).

    - `bandwidth`: Standard deviation of a Gaussian kernel, radius of another one, in metres, where
      it is told.
    - `kernel`: Its name, see `HeatMap`, where it is told.
    """

    kind: ClassVar[str] = "heat"
    shown = ("x", "y", "intensity")
    bandwidth: float | None = None
    kernel: str | None = None


@by_name
@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class PictureRelease(_OnAddresses):
    """A picture of a map, which has no record before it is read."""

    kind: ClassVar[str] = "screenshot"
    picture: Picture

    def __post_init__(self) -> None:
        super().__post_init__()
        an_instance("Release", "picture", self.picture, Picture)

    def __repr__(self) -> str:
        height, width = self.picture.image.shape[:2]
        return f"Release(screenshot, {width:,} x {height:,} pixels, {self.provenance})"
