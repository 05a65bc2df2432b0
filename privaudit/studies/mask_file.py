"""`mask_file`: write a masked copy of a map of points, and the recipe of how it was made."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from privaudit import __version__
from privaudit.core.checks import columns_present, error_message
from privaudit.core.files import alone_in, put, regular
from privaudit.core.progress import stream
from privaudit.errors import GeometryError, OutputError, ParameterError, SchemaError
from privaudit.geo.address_base import AddressBase
from privaudit.geo.crs import (
    FICTIONAL,
    LONGITUDE_LATITUDE,
    crs_of_numbers,
    in_degrees,
    project,
    stated_crs,
    utm_zone,
)
from privaudit.io.addresses import read_addresses
from privaudit.io.coordinates import coordinate_pairs, location_columns, numbers
from privaudit.io.file_frame import FileFrame, refuse_if_most, tally
from privaudit.io.files import read_frame
from privaudit.io.workbooks import inert
from privaudit.maps.masks.mask import Mask, PlacedMask, parse_mask
from privaudit.release.read_map import read_map
from privaudit.studies.commands import command_line
from privaudit.text.column_names import columns_named
from privaudit.words.catalogues import Note

# Decimals written: a decimetre, in either unit.
_DECIMALS = {"degrees": 6, "metres": 1}
_ENDINGS = (".csv", ".geojson", ".json")


@dataclass(frozen=True, eq=False, kw_only=True)
class MaskedFile:
    """What was written.

    Parameters
    ----------
    dots : int
        Points in the file.
    suppressed : int
        Points that the mask left out.
    set_aside : mapping of Note to int
        Rows that could not be read: reason to count.
    recipe : mapping
        What the recipe file says: plain JSON values, no seed.
    """

    dots: int
    suppressed: int
    set_aside: Mapping[Note, int]
    recipe: Mapping[str, Any]


def mask_file(
    file: str | Path,
    *,
    mask: str,
    out: str | Path,
    addresses: AddressBase | str | Path | None = None,
    commune: str | None = None,
    crs: str | None = None,
    keep: tuple[str, ...] = (),
    seed: int | None = None,
) -> MaskedFile:
    """Write a masked copy of a map of points, and beside it ``NAME.recipe.json``.

    Only positions are written, and the columns that `keep` names: a column with a street, an
    identifier or other coordinates would undo the mask. Rows are shuffled.

    Parameters
    ----------
    file : path
        CSV, Parquet or GeoJSON of points, as `read_map` takes them.
    mask : str
        See `parse_mask`.
    out : path
        ``.csv`` (coordinates named and projected as they came) or ``.geojson`` (degrees). It
        appears whole or not at all, and replaces nothing but a former copy whose recipe stands
        beside it.
    addresses : AddressBase or path, optional
        Needed by masks that depend on addresses.
    commune, crs : str, optional
        As for `read_map`.
    keep : tuple of str
        Columns to write besides.
    seed : int, optional
        For a copy that can be made again. **Whoever knows it can undo every move.** Default: a
        new one from the operating system, written nowhere.

    Returns
    -------
    MaskedFile

    Raises
    ------
    ParameterError
        The mask is unknown or needs addresses; the output has another ending or is the input.
    SchemaError
        A column to keep is not there.
    OutputError
        Something else stands where the copy or its recipe should, or it cannot be written.
    ReadError, GeometryError
        As `read_map`.
    """
    out = Path(out)
    secret = secrets.randbits(63) if seed is None else seed
    chosen = _check([file, addresses], out, mask, secret)
    read = read_frame(file, who="mask", crs=crs)
    if addresses is None:
        points = _alone(read, _columns(read, crs), crs)
        moves: Mask | PlacedMask = chosen
    else:
        base = addresses
        if not isinstance(base, AddressBase):
            base = read_addresses(base, commune=commune)
        leak = read_map(file, addresses=base, crs=crs)
        points = _MapPoints(
            at=leak.records[["x", "y"]].to_numpy(dtype=float),
            rest=leak.records.drop(columns=["x", "y"]),
            source=leak.crs,
            plane=base.crs,
            set_aside=leak.set_aside,
        )
        moves = chosen.on(base)
    moved = moves(points.at, rng=stream(secret, "mask file", "moves"))
    keep = columns_named(keep, read.frame.columns)
    _check_keep(keep, read, points.rest)
    order = stream(secret, "mask file", "order").permutation(len(moved))
    order = order[~np.isnan(moved[order, 0])]
    if len(order) == 0:
        came = f"{mask}, which suppresses all {len(moved):,}"
        raise ParameterError(
            error_message("mask", "a mask that leaves a dot", came, "Take a smaller k.")
        )
    target = LONGITUDE_LATITUDE if _is_json(out) else points.source
    positions = _projected(moved[order], points.plane, target, out)
    kept = points.rest[list(keep)].iloc[order].reset_index(drop=True)
    names = () if _is_json(out) else _columns(read, crs)
    text = _json(positions, kept) if _is_json(out) else _csv(positions, kept, names, target)
    recipe = {
        "made by": f"privaudit {__version__}",
        "command": command_line(
            "mask", [file], mask=mask, out=out, commune=commune, crs=crs, keep=tuple(keep),
            addresses=addresses,
        ),
        "mask": {name: value for name, value in chosen.recipe().items() if name != "key"},
        "dots": len(order),
        "suppressed by the mask": len(moved) - len(order),
        "set aside": [{**why.record(), "rows": n} for why, n in points.set_aside.items()],
        "columns": list(keep),
        "projection": target,
        "seed": "not written: whoever knows it can undo every move",
    }  # fmt: skip
    _write(out, text, recipe)
    return MaskedFile(
        dots=len(order),
        suppressed=len(moved) - len(order),
        set_aside=points.set_aside,
        recipe=recipe,
    )


@dataclass(frozen=True, eq=False, kw_only=True)
class _MapPoints:
    """Positions on a plane in metres, the other columns, the projection they came in, the plane."""

    at: np.ndarray
    rest: pd.DataFrame
    source: str
    plane: str
    set_aside: Mapping[Note, int]


def _columns(read: FileFrame, crs: str | None) -> tuple[str, ...]:
    """Return the two columns of coordinates of a file."""
    in_metres = crs is not None and crs != "fictional" and not in_degrees(crs)
    names = list(read.frame.columns)
    return read.location or location_columns(names, metres=in_metres, name=read.name, who="mask")


def _projected(positions: np.ndarray, plane: str, target: str, out: Path) -> np.ndarray:
    """Carry positions into the projection of the output."""
    if target == plane:
        return positions
    if plane == "fictional":
        came = f"{out.name}, for a map whose projection is not known"
        raise GeometryError(error_message("mask", "an output in CSV", came, "Name it with --crs."))
    return project(*positions.T, source=plane, target=target, who="mask")


def _check(inputs: Sequence[Any], out: Path, mask: str, secret: int) -> Mask:
    """Refuse what cannot be written before anything is read; return the mask."""
    if out.suffix.lower() not in _ENDINGS:
        needed = f"an output that ends in {', '.join(_ENDINGS)}"
        raise ParameterError(error_message("mask", needed, out.name or "no name"))
    for path in (Path(one) for one in inputs if isinstance(one, (str, os.PathLike))):
        with suppress(OSError):
            if any(path.samefile(new) for new in (out, _recipe_of(out.resolve())) if new.exists()):
                raise ParameterError(
                    error_message("mask", "an output apart from the input", "the same file")
                )
    _former(out)
    chosen = parse_mask(mask, seed=secret)
    if chosen is None:
        raise ParameterError(
            error_message("mask", "a mask to apply", repr(mask), "Try donut:50:200.")
        )
    if inputs[1] is None and chosen.needs_addresses:
        do = "Give the address file with --addresses."
        raise ParameterError(error_message("mask", f"addresses for {mask}", "none", do))
    return chosen


def _check_keep(keep: Sequence[str], read: FileFrame, rest: pd.DataFrame) -> None:
    """Refuse a column that is not there, or that says where a point is, which is never kept."""
    for name in keep:
        if name not in rest.columns and name in read.frame.columns:
            raise SchemaError(
                f"mask: column to keep '{name}' says where a point is. Leave it out: the mask "
                "writes where points are moved to."
            )
        known = rest if name in rest.columns else read.frame
        columns_present("mask", "column to keep", [name], known.columns, read.name)


def _alone(read: FileFrame, names: tuple[str, ...], crs: str | None) -> _MapPoints:
    """Read positions without addresses around them.

    A file whose projection is not known is in metres; in degrees, or in any known projection,
    it is carried to the zone of UTM around its middle, where a metre is a metre.
    """
    reason = np.full(len(read.frame), "", dtype=object)
    raw = np.column_stack([numbers(read.frame[n], reason, read.name, "mask") for n in names])
    reason[~np.isfinite(raw).all(axis=1) & (reason == "")] = "coordinate_not_finite"
    usable = reason == ""
    stated = stated_crs(read.crs, given=crs, name=read.name, who="mask")
    source, _ = crs_of_numbers(
        raw[usable], stated=stated, metres=FICTIONAL, name=read.name, who="mask"
    )
    if source != FICTIONAL and in_degrees(source):
        beyond = (np.abs(raw) > (180, 90)).any(axis=1)
        reason[beyond & usable] = "outside_longitude_latitude"
    good = reason == ""
    set_aside = dict(Counter(read.set_aside) + Counter(tally(reason[~good].tolist())))
    refuse_if_most(set_aside, int(good.sum()), name=read.name, who="mask")
    points, plane = raw[good], FICTIONAL
    if source != FICTIONAL:
        degrees = project(*points.T, source=source, target=LONGITUDE_LATITUDE, who="mask")
        plane = utm_zone(degrees)
        points = project(*points.T, source=source, target=plane, who="mask")
    rest = read.frame.loc[good].drop(columns=list(names)).reset_index(drop=True)
    rest = rest.drop(columns=coordinate_pairs(list(rest.columns)))
    return _MapPoints(at=points, rest=rest, source=source, plane=plane, set_aside=set_aside)


def _is_json(out: Path) -> bool:
    return out.suffix.lower() != ".csv"


def _csv(positions: np.ndarray, kept: pd.DataFrame, names: tuple[str, ...], target: str) -> str:
    """Write positions under the names that they came under, then the columns kept."""
    unit = "degrees" if target != "fictional" and in_degrees(target) else "metres"
    frame = pd.DataFrame(positions.round(_DECIMALS[unit]), columns=list(names))
    whole = inert(pd.concat([frame, kept], axis=1), numbers=True)
    return str(whole.to_csv(index=False, lineterminator="\n"))


def _json(positions: np.ndarray, kept: pd.DataFrame) -> str:
    """Write a FeatureCollection of points in degrees."""
    properties = json.loads(kept.to_json(orient="records")) if len(kept.columns) else None
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": place},
            "properties": properties[i] if properties else {},
        }
        for i, place in enumerate(positions.round(_DECIMALS["degrees"]).tolist())
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}) + "\n"


def _recipe_of(out: Path) -> Path:
    return out.with_name(f"{out.name}.recipe.json")


def _former(out: Path) -> str:
    """Return the digest of the masked copy that stands there, "" for none; refuse all else.

    A copy is ours where the recipe beside it says so: the recipe is written first, with the digest
    of what it is about and of what that replaces.
    """
    out = out.resolve()
    recipe = _recipe_of(out)
    needed = "a new file, or a former masked copy with its recipe, to write over"
    told: Any = {}
    if os.path.lexists(recipe):
        try:
            told = json.loads(regular(recipe) or b"null")
        except (ValueError, RecursionError):
            told = None
        if not isinstance(told, dict) or not {"made by", "sha256"} <= set(told):
            raise OutputError(
                error_message("mask", needed, f"{recipe.name}, which is none", "Move it away.")
            )
    if not os.path.lexists(out):
        return ""
    data = regular(out)
    found = "" if data is None else hashlib.sha256(data).hexdigest()
    if not found or found not in (told.get("sha256"), told.get("replaces")):
        raise OutputError(
            error_message("mask", needed, f"{out.name}, which is none", "Give another name.")
        )
    return found


def _write(out: Path, text: str, recipe: Mapping[str, Any]) -> None:
    """Write a masked copy and, before it, its recipe: both of one run, if several write there."""
    data = text.encode()
    told = {**recipe, "sha256": hashlib.sha256(data).hexdigest()}

    def recipe_file(**more: str) -> dict[Path, bytes]:
        return {_recipe_of(out.resolve()): (json.dumps(told | more, indent=2) + "\n").encode()}

    try:
        with alone_in(out.resolve().parent):
            former = _former(out)
            # Killed between the two moves, the recipe still knows the copy that stands there.
            put({**recipe_file(**({"replaces": former} if former else {})), out: data})
            if former:
                with suppress(OSError):
                    put(recipe_file())
    except OSError as error:
        came = f"{out.name}, which cannot be written ({type(error).__name__})"
        raise OutputError(error_message("mask", "a folder that can be written to", came)) from None
