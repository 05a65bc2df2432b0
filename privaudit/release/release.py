"""`Release`: what leaked, one type a kind; the only input of an attack."""

from __future__ import annotations

import io
import math
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from html import escape
from pathlib import Path
from typing import Any, ClassVar, NamedTuple, Self

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from privaudit.columns.roles import ROLES, Roles
from privaudit.core.checks import (
    an_instance,
    columns_present,
    in_range,
    keyword_only,
    one_of,
    whole,
)
from privaudit.errors import GeometryError, OutputError, ParameterError
from privaudit.geo.address_base import AddressBase
from privaudit.stats.protections import CountProtection
from privaudit.text.normalise import name_key
from privaudit.words.catalogues import Note

# Web Mercator: metres a pixel at the equator, zoom 0, tiles of 256 pixels.
_EQUATOR = 2 * math.pi * 6_378_137 / 256


def zoom_resolution(zoom: float, latitude: float) -> float:
    """Return the metres a pixel of a web map, on tiles of 256 pixels.

    Parameters
    ----------
    zoom : float
        0 to 24; each step halves the metres a pixel.
    latitude : float
        Degrees, -85 to 85.
    """
    in_range("zoom_resolution", "zoom", zoom, 0, 24)
    in_range("zoom_resolution", "latitude", latitude, -85, 85)
    return _EQUATOR * math.cos(math.radians(latitude)) / 2**zoom


@dataclass(frozen=True, eq=False)
class Georeference:
    """The affine map from a picture to the ground.

    Columns and rows are counted from the upper left corner of the picture: the centre of its
    first pixel is at (.5, .5).

    Parameters
    ----------
    matrix : float, shape (2, 3)
        ``x, y = matrix @ (column, row, 1)``, in metres.
    """

    matrix: np.ndarray

    def __post_init__(self) -> None:
        matrix = np.array(self.matrix, float).reshape(2, 3)
        if not np.isfinite(matrix).all() or abs(np.linalg.det(matrix[:, :2])) < 1e-12:
            needed = "a finite map from pixels to metres that has an inverse"
            raise GeometryError.of("Georeference", needed, "one that has none")
        matrix.flags.writeable = False
        object.__setattr__(self, "matrix", matrix)

    @classmethod
    def of_box(cls, box: ArrayLike, *, width: int, height: int) -> Georeference:
        """Return the map of a picture whose edges are known, north up.

        Parameters
        ----------
        box : float, shape (4,)
            West, south, east, north: the outer edges, in metres.
        width, height : int
            Of the picture, in pixels.
        """
        edges = np.asarray(box, float).reshape(-1)
        good = len(edges) == 4 and np.isfinite(edges).all()
        if not good or edges[0] >= edges[2] or edges[1] >= edges[3]:
            needed = "a box of west, south, east, north in metres, west below east, south below"
            raise GeometryError.of("Georeference", f"{needed} north", f"{edges.tolist()}")
        whole("Georeference", "width", width, 1)
        whole("Georeference", "height", height, 1)
        west, south, east, north = edges
        across, down = (east - west) / width, (north - south) / height
        return cls(np.array([[across, 0, west], [0, -down, north]]))

    @property
    def metres_per_pixel(self) -> float:
        """Return the side, in metres, of a square as large as a pixel."""
        return math.sqrt(abs(float(np.linalg.det(self.matrix[:, :2]))))

    def to_metres(self, pixels: ArrayLike) -> np.ndarray:
        """Return x and y in metres of columns and rows, shape (n, 2)."""
        points = np.asarray(pixels, float).reshape(-1, 2)
        return np.asarray(points @ self.matrix[:, :2].T + self.matrix[:, 2])

    def to_pixels(self, points: ArrayLike) -> np.ndarray:
        """Return columns and rows of x and y in metres, shape (n, 2)."""
        moved = np.asarray(points, float).reshape(-1, 2) - self.matrix[:, 2]
        return np.asarray(moved @ np.linalg.inv(self.matrix[:, :2]).T)


@dataclass(frozen=True, eq=False)
class Picture:
    """An image, uint8 of shape (height, width, 3), and where it lies on the ground.

    `georeference` is None where the picture does not say it.
    """

    image: np.ndarray
    georeference: Georeference | None

    def __repr__(self) -> str:
        height, width = self.image.shape[:2]
        placed = "not placed" if self.georeference is None else "placed"
        return f"Picture({width} x {height} pixels, {placed})"

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Return west, south, east and north of the outer edges, in metres."""
        if self.georeference is None:
            do = "Lay it by read_screenshot."
            raise GeometryError.of("Picture", "a picture that says where it lies", "another", do)
        height, width = self.image.shape[:2]
        (west, north), (east, south) = self.georeference.to_metres([[0, 0], [width, height]])
        return float(west), float(south), float(east), float(north)

    def encode(self, *, quality: int | None = None) -> bytes:
        """Return the picture as a PNG file, or as a JPEG file of a quality from 1 to 95."""
        from PIL import Image

        file = io.BytesIO()
        if quality is None:
            Image.fromarray(self.image).save(file, "PNG")
        else:
            whole("Picture", "quality", quality, 1, 95)
            Image.fromarray(self.image).save(file, "JPEG", quality=quality)
        return file.getvalue()

    def compressed(self, quality: int) -> Picture:
        """Return the picture as a JPEG file of that quality gives it back."""
        from PIL import Image

        with Image.open(io.BytesIO(self.encode(quality=quality))) as file:
            return Picture(np.asarray(file.convert("RGB")), self.georeference)

    def save(self, path: str | os.PathLike[str], *, quality: int | None = None) -> Path:
        """Write a PNG file, or a JPEG file of a quality from 1 to 95."""
        target = Path(path)
        try:
            target.write_bytes(self.encode(quality=quality))
        except OSError as error:
            needed = "a file that can be written"
            raise OutputError.not_written("Picture", needed, target.name, error) from None
        return target


class LabelsChecked(NamedTuple):
    """Accuracy of labels, by the people who declared their leaning to a campaign.

    Of the labelled people `of` declared a leaning, `right` of them the label's; of all `declared`,
    labelled or not, `side` did.
    """

    right: int = 0
    of: int = 0
    side: int = 0
    declared: int = 0


# The column of the persistent number of a dot, the same in every version of a map.
DOT_ID = "dot_id"


@keyword_only
@dataclass(frozen=True, eq=False, kw_only=True)
class Release:
    """Records as an adversary sees them.

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
        Notes on how it was read or published.
    backdrop : AddressBase, optional
        The public addresses of the place; every map needs them, a table may do without.
    rows : ndarray of int64, optional
        Number of each record among the rows of its file, from 1, the header not counted.
    sources : pandas.DataFrame, optional
        Sealed. The true person of each record, in a simulation; None for a real file.
    world : str
        Sealed. `SimulatedWorld.identity` of the world that it came from; "" where there is none.
    labels_checked : LabelsChecked, optional
        Accuracy of the labels in the campaign that made it: of its labelled people who declared
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
    # None where nothing is known of whom the records stand for.
    sources: pd.DataFrame | Any = None
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
        text = "".join(
            f"<li>{count:,} {escape(why.key.replace('_', ' '))}</li>"
            for why, count in self.set_aside.items()
        )
        listed = f"<ul>{text}</ul>" if text else ""
        return f"<p>{escape(repr(self))}</p><table>{rows}</table>{listed}"

    @property
    def sealed(self) -> bool:
        """Return whether it still holds the truth, which no attack may see."""
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
            raise ParameterError.of(who, needed, came, do)
        return self.sources

    def why_empty(self) -> str:
        """Return why there is no record, for an error."""
        values = [
            f"{note.key.replace('_', ' ')} "
            f"({', '.join(f'{name} {value}' for name, value in note.values.items())})"
            for note in self.notes
        ]
        return f"The view shows nobody: {'; '.join(values) or 'widen it'}."

    def as_leaked(self) -> Self:
        """Return the release as an adversary holds it: no sources, no world, no recipe."""
        # Field by field: the records were checked when the release was made.
        leak = object.__new__(type(self))
        for each in fields(self):
            object.__setattr__(leak, each.name, getattr(self, each.name))
        for name, value in (("sources", None), ("world", ""), ("recipe", {})):
            object.__setattr__(leak, name, value)
        return leak


@keyword_only
@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class TableRelease(Release):
    """A table of profiles.

    Parameters
    ----------
    tidied : bool
        Its cells were read by `privaudit.columns.values` already.
    """

    kind: ClassVar[str] = "table"

    tidied: bool = False


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class _OnAddresses(Release):
    """A release over the public addresses of a place."""

    # Columns that its records have.
    shown: ClassVar[tuple[str, ...]] = ()

    backdrop: AddressBase

    def __post_init__(self) -> None:
        super().__post_init__()
        columns_present("Release", "column", self.shown, self.records.columns, self.name)
        do = "A map is read against the addresses of its place."
        an_instance("Release", "backdrop", self.backdrop, AddressBase, do)


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class _Placed(_OnAddresses):
    """A release whose records have a position, x and y."""

    def to_geodataframe(self) -> Any:
        """Return the records as a GeoDataFrame, in the CRS of the addresses.

        Squares and hexagons are polygons, all else points. A fictional town has no CRS.

        Raises
        ------
        OutputError
            GeoPandas is not installed.
        """
        from privaudit.io.frames import geodataframe

        others = self.records.drop(columns=["x", "y"]).reset_index(drop=True)
        crs = self.backdrop.crs
        return geodataframe(others, self._shapes(), crs, who="to_geodataframe")

    def _shapes(self) -> np.ndarray:
        """Return a point a record, shape (n, 2), or the corners of its area, (n, corners, 2)."""
        return self.records[["x", "y"]].to_numpy(dtype=float)


@keyword_only
@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class DotRelease(_Placed):
    """Points on a map, ``x`` and ``y`` in the metres of `backdrop`.

    Parameters
    ----------
    resolution : float, optional
        Standard deviation, in metres, with which each coordinate of a dot was read, 0 for a file of
        points. An attack that knows the mask allows for it.
    picture : Picture, optional
        The picture from which the dots were read, and where it lies.
    crs : str, optional
        Projection in which a file gave its points; "" where they came from no file.
    dots_shown : tuple[float, float, float], optional
        Of a picture, how many dots it shows, read or not: at least, about, at most.
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
        """Return the attributes of each dot: every column but its position."""
        return self.records.drop(columns=["x", "y"])


@keyword_only
@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class MailRelease(Release):
    """Targeted messages: a row a recipient, and what the server recorded.

    Parameters
    ----------
    cut : tuple of str, optional
        Columns by which the people were cut into segments.
    text : tuple of str, optional
        Those of them that decide the variant of the text.
    links : {"token", "shared", "none"}
        Whose answer a click is.
    side : str, optional
        Of the campaign that sends them.
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


@keyword_only
@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class AdRelease(Release):
    """An ad: a row an account, and whether it was in the audience, and served it.

    Parameters
    ----------
    subject : str, optional
        "politics", or an interest.
    side : str, optional
        Of the campaign.
    """

    kind: ClassVar[str] = "advert"
    subject: str = "politics"
    side: str = "right"

    def __post_init__(self) -> None:
        super().__post_init__()
        columns_present("Release", "column", ("served",), self.records.columns, self.name)


@keyword_only
@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class AreaRelease(_Placed):
    """Counts by area: columns area, x, y (of the centres), to_meet, visited, total.

    Parameters
    ----------
    by : str, optional
        ({"station", "grid", "hexagon", "adaptive", "polygons"})
    size : float, optional
        Side of a square, or width of a hexagon, in metres.
    origin : (float, float)
        Where squares or hexagons start, in metres.
    suppress_under : int, optional
        Counts from 1 to below this are nan.
    protection : CountProtection, optional
        How totals were rounded, or which noise was added: stated on the map.
    k : int, optional
        Fewest people of an adaptive square.
    """

    kind: ClassVar[str] = "areas"
    shown = ("area", "x", "y", "total")
    by: str = "station"
    size: float = 200.0
    origin: tuple[float, float] = (0.0, 0.0)
    suppress_under: int = 0
    protection: CountProtection | None = None
    k: int = 0

    def _shapes(self) -> np.ndarray:
        corners = {"grid": 4, "hexagon": 6}.get(self.by)
        centres = super()._shapes()
        if corners is None:
            return centres
        # Both have two sides that run north, `size` apart.
        angle = np.pi * (2 * np.arange(corners) + 1) / corners
        radius = self.size / 2 / np.cos(np.pi / corners)
        around = radius * np.column_stack([np.cos(angle), np.sin(angle)])
        return np.asarray(centres[:, None] + around)


@keyword_only
@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class HeatRelease(_Placed):
    """A raster of density: columns x, y (of the cells' centres) and intensity (a square km).

    Parameters
    ----------
    bandwidth : float, optional
        Standard deviation of a Gaussian kernel, radius of another one, in metres, where known.
    kernel : str, optional
        Its name, see `HeatMap`, where known.
    dots : int, optional
        Dots on the whole map, where known.
    tone : float, optional
        Width of the interval around an intensity in which it lies. Default: exact, or the width of
        the colour steps that the intensities show.
    resolution : float
        Standard deviation of where the raster lies, on each axis, in metres.
    """

    kind: ClassVar[str] = "heat"
    shown = ("x", "y", "intensity")
    bandwidth: float | None = None
    kernel: str | None = None
    dots: int | None = None
    tone: float | None = None
    resolution: float = 0.0


@keyword_only
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


# What a canvasser is shown of a contact, and what the programme behind the screen sends.
SCREEN_COLUMNS = ("first_name", "last_name", "address", "presumed_leaning")
API_COLUMNS = (
    *SCREEN_COLUMNS, "display_name", "age_band", "sex", "profession", "interest", "station",
    "side_interactions", "first_seen", "score", "candidates", "match_probability",
)  # fmt: skip


@dataclass(frozen=True, eq=False, kw_only=True)
class LookUpTool:
    """A tool that answers by name, and cannot be listed.

    Parameters
    ----------
    columns : tuple of str
        What an answer holds; ``address`` is the row of the public addresses, -1 unknown.
    sources : pandas.DataFrame, optional
        Sealed. The true person of each record, as in `Release`; None once leaked.
    labels_checked : LabelsChecked, optional
        As in `Release`.
    """

    columns: tuple[str, ...]
    sources: pd.DataFrame | None = None
    provenance: str = "simulated"
    labels_checked: LabelsChecked | None = None
    recipe: Mapping[str, Any] = field(default_factory=dict)
    # The file behind the tool: one row a record, its key first.
    _file: pd.DataFrame = field(repr=False, kw_only=True)

    def __len__(self) -> int:
        return len(self._file)

    def __repr__(self) -> str:
        return f"LookUpTool({len(self):,} records, {self.provenance}, {', '.join(self.columns)})"

    @property
    def sealed(self) -> bool:
        """Return whether it still holds the truth, which no attack may see."""
        return self.sources is not None

    def as_leaked(self) -> LookUpTool:
        """Return the tool as a stranger meets it: no sources, no recipe."""
        return replace(self, sources=None, recipe={})

    def ask(self, names: pd.DataFrame) -> pd.DataFrame:
        """Register one contact a row, and return what comes back.

        Names agree when their letters do, accents, case, hyphens and particles aside
        (`name_key`): with the name that the tool matched, or, where it matched none, with the
        one that the account shows.

        Parameters
        ----------
        names : pandas.DataFrame
            Columns first_name, last_name.

        - returns: One row an answer: ``asked`` (position in `names`), ``record`` (a number of the
          tool's own, the same whenever that record comes back), then `columns`.
        """
        columns_present("ask", "column", ("first_name", "last_name"), names.columns, "the names")
        asked = pd.DataFrame(
            {"asked": np.arange(len(names), dtype=np.int64), "key": name_keys(names)}
        )
        result = asked[asked["key"] != ""].merge(self._file, on="key", validate="many_to_many")
        result = result.sort_values(["asked", "record"], ignore_index=True)
        return result[["asked", "record", *self.columns]]


def name_keys(names: pd.DataFrame) -> pd.Series:
    """Return the key of each first and last name, "" where one is missing."""
    pairs = zip(names["first_name"].fillna(""), names["last_name"].fillna(""), strict=True)
    return pd.Series([name_key(f"{a} {b}") if a and b else "" for a, b in pairs], dtype="str")
