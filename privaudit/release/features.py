"""Features of a geographic file (GeoJSON, KML, shapefile, GeoPackage) as one table."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from privaudit._core.checks import say
from privaudit.errors import ReadError
from privaudit.words.note import Note

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from privaudit.release.files import Asked
    from privaudit.tables.file_frame import FileFrame

__all__ = ["Features", "texts_frame", "with_location"]

Point = tuple[float, float]
Tabled = Callable[
    [list[dict[str, Any]], tuple[str, ...], str, str], "tuple[pd.DataFrame, list[Note]]"
]


@dataclass(eq=False)
class Features:
    """Features of a file, in its order, as they are found.

    A row is a feature with a point; of a table, any feature, the coordinates of one without a
    point being missing.

    - `without`: Features without a point, by reason.
    """

    asked: Asked
    points: list[Point] = field(default_factory=list)
    rows: list[dict[str, Any]] = field(default_factory=list)
    without: dict[Note, int] = field(default_factory=dict)

    def add(self, point: Point | None, row: dict[str, Any], reason: Note | None = None) -> None:
        """Add a feature: its point, or the reason why it has none."""
        if point is None and reason is not None:
            self.lack(reason)
            if self.asked.places:
                return
        self.points.append(point or (math.nan, math.nan))
        self.rows.append(row)

    def lack(self, reason: Note) -> None:
        """Count something that has no point."""
        self.without[reason] = self.without.get(reason, 0) + 1

    def located(self) -> bool:
        """Whether there are coordinates to be read."""
        return self.asked.places or any(math.isfinite(x + y) for x, y in self.points)

    def read(
        self, tabled: Tabled, *, declared: Any = None, notes: tuple[Note, ...] = ()
    ) -> FileFrame:
        """Return the table: two coordinates, eastward first, where there are any; the properties.

        - `tabled`: Makes a table of the properties: `properties_frame` of values that have their
          type, `texts_frame` of cells as they are written.
        - `declared`: CRS that the file declares, in any form that `stated_crs` reads.

        Raises
        ------
        ReadError
            There is no feature that can be used, or no property.
        """
        import numpy as np

        from privaudit.places.crs import stated_crs
        from privaudit.release.coordinates import location_names
        from privaudit.tables.file_frame import FileFrame, reasons

        asked, told = self.asked, list(notes)
        if not self.points:
            needed = f"at least one {'point' if asked.places else 'feature'} in {asked.name}"
            raise ReadError(
                say(asked.who, needed, reasons(self.without) or "no feature at all"), why="no_point"
            )
        located = self.located()
        crs = asked.crs
        if located:
            crs = stated_crs(declared, given=crs, name=asked.name, who=asked.who)
        location = location_names(crs) if located else ()
        frame, said = tabled(self.rows, location, asked.name, asked.who)
        for place, values in enumerate(np.array(self.points, dtype=float).T if located else ()):
            frame.insert(place, location[place], values)
        if not len(frame.columns):
            raise ReadError(
                say(asked.who, f"at least one property in {asked.name}", "none"), why="empty"
            )
        if not asked.places and self.without:
            told.append(Note("features_without_point", features=sum(self.without.values())))
        return FileFrame(
            frame=frame,
            name=asked.name,
            location=location,
            crs=crs,
            notes=(*told, *said),
            set_aside=self.without if asked.places else {},
            shapes=0 if located else sum(self.without.values()),
        )


def with_location(table: FileFrame, xy: np.ndarray) -> FileFrame:
    """Put the coordinates of a geometry before the columns of a table.

    A table made of a map repeats its coordinates: the geometry is what is read.

    Parameters
    ----------
    table : FileFrame
    xy : float array, shape (rows, 2)
        Eastward first, in the CRS of the table.

    Returns
    -------
    FileFrame
        Columns of the same names are renamed ``property NAME``, which a note says.
    """
    from privaudit.release.coordinates import location_names

    location = location_names(table.crs)
    twice = [str(column) for column in table.frame.columns if column in location]
    frame = table.frame.rename(columns={column: f"property {column}" for column in twice})
    for place, values in enumerate(xy.T):
        frame.insert(place, location[place], values)
    notes = (*table.notes, *(Note("named_like_a_coordinate", column=c) for c in twice))
    return replace(table, frame=frame, location=location, notes=notes)


def texts_frame(
    rows: list[dict[str, Any]], location: tuple[str, ...], name: str, who: str
) -> tuple[pd.DataFrame, list[Note]]:
    """Make a table of properties that are text, typed as the cells of a CSV file are.

    Examples
    --------
    >>> frame, _ = texts_frame([{"age": "34", "side": "left"}, {"age": "71"}], (), "a.kml", "read")
    >>> frame["age"].tolist(), frame["side"].isna().tolist()
    ([34, 71], [False, True])
    """
    import numpy as np
    import pandas as pd

    from privaudit.tables.text_table import table_of_cells

    header = list(dict.fromkeys(key for row in rows for key in row))
    if not header:
        return pd.DataFrame(index=pd.RangeIndex(len(rows))), []
    shown, notes = [], []
    for column in header:
        if column in location:
            notes.append(Note("named_like_a_coordinate", column=column))
        shown.append(f"property {column}" if column in location else column)
    cells = [np.array([row.get(c, "") for row in rows], dtype=object) for c in header]
    read = table_of_cells(shown, cells, name=name, who=who)
    return read.frame, [*notes, *read.notes]
