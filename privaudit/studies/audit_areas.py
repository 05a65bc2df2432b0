"""Audit a real map of counts by area: invert the counts, without a truth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from privaudit.campaign.views.area_and_heat_maps import AreaMap, areas_of_addresses
from privaudit.columns.roles import Roles
from privaudit.core.checks import keyword_only
from privaudit.core.progress import Tick, silent
from privaudit.errors import GeometryError, ParameterError, SchemaError
from privaudit.geo.address_base import (
    AddressBase,
    Polygons,
    check_polygons,
    hexagon_centres,
    polygons_of,
    square_centres,
)
from privaudit.geo.crs import given_crs, project
from privaudit.io.addresses import read_addresses
from privaudit.io.features import json_of
from privaudit.io.formats.geojson import is_geojson
from privaudit.io.readers import ReadRequest
from privaudit.maps.area_inversion import invert_counts
from privaudit.maps.scoring.area_and_heat_exposure import area_exposure
from privaudit.release.read_map import COLOURS, count_columns, read_points
from privaudit.release.release import AreaRelease
from privaudit.results.measures import joined
from privaudit.studies.commands import command_line
from privaudit.studies.study import Input, Study, address_input, address_notes, addresses_set_aside
from privaudit.words.catalogues import Note

AREA_PARTS = 3
_FORMS = (
    "polygons:0:UNDER, station:0:UNDER, grid:SIZE:UNDER, hexagon:SIZE:UNDER or adaptive:K:UNDER"
)
# Centres may be off by this share of a cell: degrees are written with few decimals.
_OFF = 0.05


@keyword_only
@dataclass(frozen=True, kw_only=True)
class SeizedAreas:
    """The file of a real map of counts, and what its legend says.

    Parameters
    ----------
    leak : path
        One row, or feature, an area: its name or its centre, and its counts.
    addresses : path
        A file of public addresses.
    areas : str
        As an `AreaMap` is written, without its first word: ``"grid:200:11"`` for squares of 200 m
        of which counts of 1 to 10 are not shown, ``"adaptive:25:0:cell_key:5:2"``; or
        ``"polygons:0:11"`` for the features of a GeoJSON.
    commune, crs, sheet : str, optional
        As for `read_map`.
    dots : int, optional
        Dots on the whole map, where it tells.
    """

    leak: str | Path
    addresses: str | Path
    areas: str
    commune: str | None = None
    crs: str | None = None
    sheet: str | None = None
    dots: int | None = None


def audit_area_file(seized: SeizedAreas, *, seed: int = 7, tick: Tick = silent) -> Study:
    """Invert the counts of a real area map, and return the study.

    Parameters
    ----------
    seized : SeizedAreas
    seed : int
    tick : callable

    Raises
    ------
    ParameterError
        `areas` is no kind of area; a count is hidden and nothing bounds it; a count that the legend
        hides is shown.
    SchemaError
        There is no column of counts, or an area stands twice.
    GeometryError
        Centres are not those of such cells, or dots are counted where no address is.
    PrivauditError
        As the readers.
    """
    tick("addresses and map")
    view = _view(seized.areas)
    base = read_addresses(seized.addresses, commune=seized.commune)
    if seized.areas.partition(":")[0].strip().lower() == "polygons":
        read = _of_polygons(seized, base)
    else:
        read = _of_table(seized, base, view)
    of_address, release = read.of_address, read.areas
    # Rows that could not be used hold dots too: the total of the map is not that of the others.
    dots = None if read.set_aside else seized.dots
    counts = _counts(read.records, view, dots, Path(seized.leak).name)
    twice = len(np.unique(release)) < len(release)
    if twice:
        raise SchemaError.of("map", "each area once", "one of them twice")
    listed = np.isin(of_address, release)
    empty = ~np.isin(release, of_address[listed])
    if bool((counts["total"].to_numpy()[empty] > 0).any()) or not listed.any():
        came = f"{int((counts['total'].to_numpy()[empty] > 0).sum()):,} areas without one"
        do = "Give the addresses of the whole map, and the size that the map has."
        raise GeometryError.of("map", "an address in each area that counts a dot", came, do)
    inside = replace(base, frame=base.frame[listed].reset_index(drop=True), written=None)
    table = counts.assign(area=release, x=0.0, y=0.0)[~empty].reset_index(drop=True)
    shown = AreaRelease(
        records=table,
        roles=Roles(location=("x", "y")),
        backdrop=inside,
        by=seized.areas.partition(":")[0],
        suppress_under=view.suppress_under,
        protection=view._protection,
        name=Path(seized.leak).name,
        provenance="audited file",
    )
    tick("areas")
    area = of_address[listed]
    noisy = shown.protection is not None and shown.protection.additive
    inverted = invert_counts(
        [shown], [area], suppressed_under=[view.suppress_under],
        total=None if noisy else dots,
    )  # fmt: skip
    exposure = area_exposure(inverted, [shown], [area], total=dots, seed=seed)
    inputs = (Input(path=Path(seized.leak), role="map"), address_input(seized.addresses, base))
    outside = int((~listed).sum())
    notes = [Note("addresses_in_no_area", addresses=outside)] if outside else []
    if seized.dots is not None and dots is None:
        notes.append(Note("total_of_dots_not_used", dots=seized.dots))
    return Study(
        kind="map",
        title=shown.name,
        provenance=shown.provenance,
        real_places=True,
        measures={"areas": joined("areas", {"this_map": exposure}, by="counted")},
        set_aside={**read.set_aside, **addresses_set_aside(base)},
        notes=(*address_notes(base, inputs), *read.notes, *notes),
        command=command_line("map", [seized.leak], seized, seed=seed),
        inputs=inputs,
        recipe={"seed": seed, "areas": seized.areas},
    )


def _view(areas: str) -> AreaMap:
    """Return the legend of a map: kind, size and threshold; polygons have a threshold alone."""
    values: Sequence[str] = [part.strip().lower() for part in areas.split(":")]
    if values[0] in ("polygons", "station"):
        values = ["station", "1", *values[2:]]
    elif values[0] not in ("grid", "hexagon", "adaptive") or len(values) < 2:
        raise ParameterError.of("map", f"--areas {_FORMS}", repr(areas))
    return AreaMap.read(values)


class _AreaRows(NamedTuple):
    """Rows of a file of areas.

    - `records`: One row an area.
    - `of_address`, `areas` (str): The area of each address, and of each record.
    - `set_aside`: Rows that could not be used, by reason.
    """

    records: pd.DataFrame
    of_address: np.ndarray
    areas: np.ndarray
    set_aside: Mapping[Note, int] = MappingProxyType({})
    notes: tuple[Note, ...] = ()


def _of_polygons(seized: SeizedAreas, base: AddressBase) -> _AreaRows:
    """Read polygons, one an area."""
    path, who = Path(seized.leak), "map"
    asked = ReadRequest(
        path=path, name=path.name, who=who, places=True, crs=given_crs(seized.crs, who=who)
    )
    needed = "a GeoJSON FeatureCollection of polygons for --areas polygons"
    document = json_of(asked, needed)
    if not is_geojson(document) or not isinstance(document.get("features"), list):
        raise asked.other_kind(needed, "Save the layer as GeoJSON.")
    features = [one for one in document["features"] if isinstance(one, dict)]
    unread = len(document["features"]) - len(features)
    areas = polygons_of([{"geometry": one.get("geometry")} for one in features], who=who)
    declared = document.get("crs")
    if isinstance(declared, dict):
        held = declared.get("properties")
        declared = held.get("name") if isinstance(held, dict) else None
    source = asked.stated_crs(declared, default="EPSG:4326")
    assert source is not None
    if source != base.crs:
        moved = [
            tuple(project(*ring.T, source=source, target=base.crs, who=who) for ring in area)
            for area in areas.rings
        ]
        areas = Polygons(tuple(moved))
    check_polygons(areas, base.xy, base.crs, who=who)
    held = [one.get("properties") for one in features]
    records = pd.DataFrame([one if isinstance(one, dict) else {} for one in held])
    number = areas.of(base.xy)
    names = np.array([str(i) for i in range(len(areas))])
    aside = {Note("line_unreadable"): unread} if unread else {}
    return _AreaRows(records, np.where(number >= 0, names[number], ""), names, aside)


def _of_table(seized: SeizedAreas, base: AddressBase, view: AreaMap) -> _AreaRows:
    """Read a table with a row an area."""
    kind, who = seized.areas.partition(":")[0].strip().lower(), "map"
    read = read_points(seized.leak, addresses=base, crs=seized.crs, sheet=seized.sheet)
    records, xy = read.records, read.records[["x", "y"]].to_numpy(dtype=float)
    if kind == "station":
        columns = count_columns(records)
        if not columns:
            raise SchemaError.of(who, "a column that names the station", f"none in {read.name}")
        whole, areas = areas_of_addresses(base, view), records[columns[0]].to_numpy(dtype=str)
        return _AreaRows(records, whole, areas, read.set_aside, read.notes)
    if kind == "adaptive":
        whole = areas_of_addresses(base, view)
        centre = np.array([[float(v) for v in name.split(", ")] for name in np.unique(whole)])
        off, nearest = cKDTree(centre).query(xy)
        _on_cells(off, 1.0, view)
        return _AreaRows(records, whole, np.unique(whole)[nearest], read.set_aside, read.notes)
    tile = square_centres if kind == "grid" else hexagon_centres
    size = float(view.size)
    origin = _origin(xy, size, tile)
    centre = tile(xy, size, origin)
    _on_cells(np.hypot(*(centre - xy).T), _OFF * size, view)
    both = np.vstack([tile(base.xy, size, origin), centre]).round(1)
    code = np.unique(both, axis=0, return_inverse=True)[1].reshape(-1).astype(str)
    return _AreaRows(records, code[: len(base)], code[len(base) :], read.set_aside, read.notes)


def _origin(xy: np.ndarray, size: float, tile: Any) -> tuple[float, float]:
    """Return where cells start whose centres are these points, nearly."""
    half = size / 2 if tile is square_centres else 0.0
    start = (float(xy[0, 0]) - half, float(xy[0, 1]) - half)
    x, y = (xy - tile(xy, size, start)).mean(axis=0)
    return start[0] + float(x), start[1] + float(y)


def _on_cells(off: np.ndarray, most: float, view: AreaMap) -> None:
    if (off > most).any():
        came = f"{int((off > most).sum()):,} of {len(off):,} elsewhere"
        raise GeometryError.of("map", f"the centres of {view}", came, "Correct --areas.")


def _counts(frame: pd.DataFrame, view: AreaMap, dots: int | None, name: str) -> pd.DataFrame:
    """Return the counts of each area, nan where they are not shown."""
    named = {str(column).strip().lower(): column for column in frame.columns}
    columns = count_columns(frame.assign(area=np.arange(len(frame))).rename(columns=str.lower))
    known = next((c for c in columns if c not in ("area", *COLOURS)), None)
    shown = {}
    if known is not None:
        shown["total"] = pd.to_numeric(frame[named[known]], errors="coerce")
    if {*COLOURS} <= {*columns} and view.protection is None:
        shown |= {c: pd.to_numeric(frame[named[c]], errors="coerce") for c in COLOURS}
        shown.setdefault("total", shown["to_meet"] + shown["visited"])
    if "total" not in shown:
        do = "Name it total."
        raise SchemaError.of("map", f"a column of whole counts in {name}", "none", do)
    counts = pd.DataFrame(shown).astype(float)
    total = counts["total"].to_numpy()
    hidden = view.suppress_under
    if hidden > 1 and bool(((total > 0) & (total < hidden)).any()):
        came = f"{int(((total > 0) & (total < hidden)).sum()):,} of them shown"
        raise ParameterError.of("map", f"no count of 1 to {hidden - 1} in {name}", came)
    if np.isnan(total).any() and (view.protection is not None or not (hidden or dots)):
        do = "Say under which number counts are hidden (--areas KIND:SIZE:UNDER), or --dots N."
        raise ParameterError.of("map", f"a bound on the counts that {name} hides", "none", do)
    return counts
