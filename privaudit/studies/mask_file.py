"""Mask the file of a map, and check a mask or an attack of one's own."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import types
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, fields, is_dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from privaudit import __version__
from privaudit.campaign.campaign import Campaign, run_campaign
from privaudit.campaign.publish import publish
from privaudit.campaign.views.dot_map import DotMap
from privaudit.columns.roles import Roles
from privaudit.core.checks import an_instance, columns_present
from privaudit.core.files import alone_in, put, refuse_reserved, regular
from privaudit.core.reproducible import stream
from privaudit.errors import GeometryError, OutputError, ParameterError, SchemaError
from privaudit.geo.address_base import AddressBase
from privaudit.geo.crs import (
    FICTIONAL,
    LONGITUDE_LATITUDE,
    crs_of_numbers,
    in_degrees,
    local_metres,
    project,
    stated_crs,
)
from privaudit.geo.neighbours import Pairs
from privaudit.io.coordinates import coordinate_pairs, location_columns, numbers
from privaudit.io.file_frame import FileFrame, refuse_if_most, tally
from privaudit.io.readers import read_frame
from privaudit.io.workbooks import inert
from privaudit.maps.adversary import Adversary, Attack
from privaudit.maps.guess import guess
from privaudit.maps.masks.donut import Donut
from privaudit.maps.masks.mask import ROUNDING_METRES, Mask, PlacedMask, parse_mask
from privaudit.maps.masks.persistent import Persistent
from privaudit.maps.posterior import Guesses
from privaudit.maps.registry import climb
from privaudit.maps.scoring.truth import Homes, Truth
from privaudit.release.column_roles import read_roles
from privaudit.release.read_map import read_map
from privaudit.release.release import DotRelease, Release
from privaudit.simulation.simulate import simulate
from privaudit.simulation.town import Town
from privaudit.simulation.world import SimulatedWorld
from privaudit.studies.audit import attacked
from privaudit.studies.commands import command_line
from privaudit.text.normalise import columns_named
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
    notes : tuple of Note
        What was assumed to read the points.
    recipe : mapping
        What the recipe file says: plain JSON values, no seed.
    """

    dots: int
    suppressed: int
    set_aside: Mapping[Note, int]
    notes: tuple[Note, ...]
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
    roles_file: str | Path | None = None,
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
        For a copy that can be made again. **Anyone who knows it can undo every move.** Default: a
        new one from the operating system, written nowhere.
    roles_file : path, optional
        TOML, roles of the columns of the file: its coordinates, and which columns identify a
        person, none of which is written. Default: coordinates are known by their headers.

    Returns
    -------
    MaskedFile

    Raises
    ------
    ParameterError
        The mask is unknown or needs addresses; the output has another ending or is the input.
    SchemaError
        A column to keep is not there, or identifies a person by the roles file.
    OutputError
        Something else stands where the copy or its recipe should, or it cannot be written.
    ReadError, GeometryError
        As `read_map`.
    """
    out = Path(out)
    secret = secrets.randbits(63) if seed is None else seed
    chosen = _check([file, addresses, roles_file], out, mask, secret)
    read = read_frame(file, who="mask", crs=crs)
    roles = _stated(roles_file, Path(file), read)
    read = replace(read, location=roles.location or read.location)
    moves: Mask | PlacedMask = chosen
    if addresses is None:
        points = _alone(read, _columns(read, crs), crs)
    else:
        leak = read_map(file, addresses=addresses, commune=commune, crs=crs, roles=roles)
        points, moves = _on_addresses(leak), chosen.on(leak.backdrop)
    moved = moves(points.at, rng=stream(secret, "mask file", "moves"))
    keep = columns_named(keep, read.frame.columns)
    _check_keep(keep, read, points.rest, roles)
    order = stream(secret, "mask file", "order").permutation(len(moved))
    order = order[~np.isnan(moved[order, 0])]
    if len(order) == 0:
        came = f"{mask}, which suppresses all {len(moved):,}"
        raise ParameterError.of("mask", "a mask that leaves a dot", came, "Take a smaller k.")
    others = points.rest[list(keep)].iloc[order].reset_index(drop=True)
    in_csv = out.suffix.lower() == ".csv"
    target = points.source if in_csv else LONGITUDE_LATITUDE
    positions = _projected(moved[order], points.plane, target, out)
    names = _columns(read, crs)
    text = _csv(positions, others, names, target) if in_csv else _json(positions, others)
    left_out = len(moved) - len(order)
    recipe = {
        "made by": f"privaudit {__version__}",
        "command": command_line(
            "mask", [file], mask=mask, out=out, commune=commune, crs=crs, keep=tuple(keep),
            addresses=addresses, roles_file=roles_file,
        ),
        "mask": {name: value for name, value in chosen.recipe().items() if name != "key"},
        "dots": len(order),
        "suppressed by the mask": left_out,
        "set aside": [{**why.record(), "rows": n} for why, n in points.set_aside.items()],
        "notes": [note.record() for note in points.notes],
        "columns": list(keep),
        "projection": target,
        "seed": "not written: anyone who knows it can undo every move",
    }  # fmt: skip
    write_copy(out, text, recipe)
    return MaskedFile(
        dots=len(order), suppressed=left_out,
        set_aside=points.set_aside, notes=points.notes, recipe=recipe,
    )  # fmt: skip


@dataclass(frozen=True, eq=False, kw_only=True)
class _MapPoints:
    """Positions on a plane in metres, the other columns, the projection they came in, the plane."""

    at: np.ndarray
    rest: pd.DataFrame
    source: str
    plane: str
    set_aside: Mapping[Note, int]
    notes: tuple[Note, ...]


def _on_addresses(leak: DotRelease) -> _MapPoints:
    """Return the positions of a map that was read on its addresses."""
    return _MapPoints(
        at=leak.records[["x", "y"]].to_numpy(dtype=float),
        rest=leak.records.drop(columns=["x", "y"]),
        source=leak.crs,
        plane=leak.backdrop.crs,
        set_aside=leak.set_aside,
        notes=leak.notes,
    )


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
        raise GeometryError.of("mask", "an output in CSV", came, "Name it with --crs.")
    return project(*positions.T, source=plane, target=target, who="mask")


def _check(inputs: Sequence[Any], out: Path, mask: str, secret: int) -> Mask:
    """Refuse what cannot be written before anything is read; return the mask."""
    check_copy(out, inputs, _ENDINGS, who="mask")
    chosen = parse_mask(mask, seed=secret)
    if chosen is None:
        raise ParameterError.of("mask", "a mask to apply", repr(mask), "Try donut:50:200.")
    if inputs[1] is None and chosen.needs_addresses:
        do = "Give the address file with --addresses."
        raise ParameterError.of("mask", f"addresses for {mask}", "none", do)
    return chosen


def _stated(roles_file: str | Path | None, file: Path, read: FileFrame) -> Roles:
    """Return the roles that a roles file has of a file; none without one."""
    if roles_file is None:
        return Roles()
    stated = read_roles(roles_file)
    stated.refuse_without([file.name], None, who="mask")
    return stated.checked(file.name, read.frame.columns, None, who="mask") or Roles()


def _check_keep(keep: Sequence[str], read: FileFrame, rest: pd.DataFrame, roles: Roles) -> None:
    """Refuse a column that is missing, that gives a place, or that is stated to identify."""
    for name in keep:
        if name in {*roles.identifier, *(roles.direct or ())}:
            raise SchemaError(
                f"mask: column to keep '{name}' identifies a person, by the roles file. Leave it "
                "out: it would lead back to where a point was."
            )
        if name not in rest.columns and name in read.frame.columns:
            raise SchemaError(
                f"mask: column to keep '{name}' says where a point is. Leave it out: the mask "
                "writes where points are moved to."
            )
        known = rest if name in rest.columns else read.frame
        columns_present("mask", "column to keep", [name], known.columns, read.name)


def _alone(read: FileFrame, names: tuple[str, ...], crs: str | None) -> _MapPoints:
    """Read positions without addresses around them.

    A file whose projection is not known is in metres; in another, it is projected to where a metre
    is a metre (`local_metres`).
    """
    reason = np.full(len(read.frame), "", dtype=object)
    raw = np.column_stack([numbers(read.frame[n], reason, read.name, "mask") for n in names])
    reason[~np.isfinite(raw).all(axis=1) & (reason == "")] = "coordinate_not_finite"
    usable = reason == ""
    stated = stated_crs(read.crs, given=crs, name=read.name, who="mask")
    source, assumed = crs_of_numbers(
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
        points, plane = local_metres(points, source, who="mask")
    rest = read.frame.loc[good].drop(columns=list(names)).reset_index(drop=True)
    rest = rest.drop(columns=coordinate_pairs(list(rest.columns)))
    notes = (*read.notes, *assumed)
    return _MapPoints(
        at=points, rest=rest, source=source, plane=plane, set_aside=set_aside, notes=notes
    )


def _csv(positions: np.ndarray, others: pd.DataFrame, names: tuple[str, ...], target: str) -> str:
    """Write positions under their original names, then the other columns."""
    unit = "degrees" if target != "fictional" and in_degrees(target) else "metres"
    frame = pd.DataFrame(positions.round(_DECIMALS[unit]), columns=list(names))
    whole = inert(pd.concat([frame, others], axis=1), numbers=True)
    return str(whole.to_csv(index=False, lineterminator="\n"))


def _json(positions: np.ndarray, others: pd.DataFrame) -> str:
    """Write a FeatureCollection of points in degrees."""
    properties = json.loads(others.to_json(orient="records")) or [{}] * len(positions)
    places = positions.round(_DECIMALS["degrees"]).tolist()
    features = [
        {"type": "Feature", "geometry": {"type": "Point", "coordinates": place}, "properties": row}
        for place, row in zip(places, properties, strict=True)
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}) + "\n"


def check_copy(out: Path, inputs: Sequence[Any], endings: Sequence[str], *, who: str) -> None:
    """Refuse a copy of another ending, over an input, or over what is no former copy.

    - `inputs`: What is read; paths among them must not be written over.
    - `who`: The command that errors name.
    """
    if out.suffix.lower() not in endings:
        needed = f"an output that ends in {', '.join(endings)}"
        raise ParameterError.of(who, needed, out.name or "no name")
    refuse_reserved(out, who)
    for path in (Path(one) for one in inputs if isinstance(one, (str, os.PathLike))):
        with suppress(OSError):
            if any(path.samefile(new) for new in (out, _recipe_of(out.resolve())) if new.exists()):
                raise ParameterError.of(who, "an output apart from the input", "the same file")
    _former(out, who)


def _recipe_of(out: Path) -> Path:
    return out.with_name(f"{out.name}.recipe.json")


def _former(out: Path, who: str) -> str:
    """Return the digest of the copy that stands there, "" for none; refuse all else.

    A copy is ours where the recipe beside it says so: the recipe is written first, with the digest
    of what it is about and of what that replaces.
    """
    out = out.resolve()
    recipe = _recipe_of(out)
    needed = "a new file, or a former copy with its recipe, to write over"
    written: Any = {}
    if os.path.lexists(recipe):
        try:
            written = json.loads(regular(recipe) or b"null")
        except (ValueError, RecursionError):
            written = None
        if not isinstance(written, dict) or not {"made by", "sha256"} <= set(written):
            raise OutputError.of(who, needed, f"{recipe.name}, which is none", "Move it away.")
    if not os.path.lexists(out):
        return ""
    data = regular(out)
    digest = "" if data is None else hashlib.sha256(data).hexdigest()
    if not digest or digest not in (written.get("sha256"), written.get("replaces")):
        raise OutputError.of(who, needed, f"{out.name}, which is none", "Give another name.")
    return digest


def write_copy(out: Path, text: str, recipe: Mapping[str, Any], *, who: str = "mask") -> None:
    """Write a copy and, before it, its recipe: both of one run, if several write there."""
    data = text.encode()
    complete = {**recipe, "sha256": hashlib.sha256(data).hexdigest()}

    def recipe_file(**more: str) -> dict[Path, bytes]:
        return {_recipe_of(out.resolve()): (json.dumps(complete | more, indent=2) + "\n").encode()}

    try:
        with alone_in(out.resolve().parent):
            former = _former(out, who)
            # Killed between the two moves, the recipe still knows the copy that stands there.
            put({**recipe_file(**({"replaces": former} if former else {})), out: data})
            if former:
                with suppress(OSError):
                    put(recipe_file())
    except OSError as error:
        needed = "a folder that can be written"
        raise OutputError.not_written(who, needed, out.name, error) from None


# Each of the tests of moves refuses a right mask at this level.
LEVEL = 1e-4
# Moves drawn; homes whose own law is tried; cells across a grid over the plane, and their blocks.
_MOVES, _HOMES, _CELLS, _BLOCKS = 20_000, 6, 320, 8
_RINGS, _SECTORS = 10, 8
# By how much what is summed over a grid may miss 1.
_SUM = 0.02


def check_mask(mask: Mask, *, seed: int = 7) -> dict[str, float]:
    """Hold a mask to what every mask promises, in a small town of its own.

    It is a frozen dataclass that compares, hashes, and reads back from its word; it moves a copy,
    by the generator alone, and the same generator makes the same moves; its density, or the
    likelihood of each of some homes, sums to 1 over where it may show a dot; its moves follow it
    and keep within its reach; and an adversary who knows it explains every dot of its map.

    Moves are tested by chi-square, of distances and directions together where they are the same
    for every dot, else of where the dots of one home land, home by home. Each test refuses a right
    mask with a probability of 1 in 10,000.

    Parameters
    ----------
    mask : Mask
    seed : int
        Of the town and of the moves.

    Returns
    -------
    dict of str to float
        ``density_sum``, the p-value of ``moves``, and the share of dots ``explained``.

    Raises
    ------
    ParameterError
        What it does not keep, in one line.

    Examples
    --------
    >>> import privaudit as pa
    >>> checks = check_mask(pa.masks.Donut(r_min=50, r_max=200))
    >>> round(checks["density_sum"], 3), checks["explained"]
    (1.0, 1.0)
    """
    an_instance("check_mask", "mask", mask, Mask, "Give one, with its parameters, not its class.")
    who = type(mask).__name__
    _compares(who, mask)
    campaign = small_campaign(seed)
    base = campaign.world.addresses
    placed = mask.on(base)
    an_instance(who, "what on() returns", placed, PlacedMask)
    _moves_by_the_generator(who, placed, base.xy)
    at = np.random.default_rng(seed).integers(len(base), size=_MOVES)
    # Without the key, moves look like those of the inner mask.
    law = mask.mask if isinstance(mask, Persistent) else mask
    placed = law.on(base)
    if law.radial:
        total, chance = _radial(who, law, base.xy[at], seed)
    else:
        total, chance = _by_home(who, placed, base.xy, at[:_HOMES], seed)
    explained = _explained(who, mask, campaign, seed)
    return {"density_sum": total, "moves": chance, "explained": explained}


@lru_cache(maxsize=1)
def small_campaign(seed: int) -> Campaign:
    """Return a campaign in a new small town."""
    world = simulate(Town(inhabitants=2_000), seed=seed, generic_likes=False)
    return run_campaign(world, seed=seed, with_score=False)


def _or_refuse(holds: Any, who: str, needed: str, came: str, do: str = "") -> None:
    """Go on where a promise holds; refuse what does not keep it."""
    if not holds:
        raise ParameterError.of(who, needed, came, do)


def _compares(who: str, mask: Mask) -> None:
    """Check that a mask is a frozen dataclass that its word reads back."""
    kind: Any = type(mask)
    frozen = is_dataclass(kind) and getattr(kind, "__dataclass_params__").frozen  # noqa: B009
    do = "Write @dataclass(frozen=True, kw_only=True) above it."
    _or_refuse(frozen, who, "a frozen dataclass", "a class that is none", do)
    made: Any = mask
    again = replace(made)
    try:
        same = again == mask and hash(again) == hash(mask)
    except (TypeError, ValueError):
        same = False
    names = ", ".join(f.name for f in fields(kind))
    do = "Arrays belong into what on() returns."
    _or_refuse(same, who, "parameters that compare and hash", names, do)
    again = parse_mask(str(mask)) if mask.word else made
    same, do = again == mask, ""
    if type(again) is not kind:
        do = "A class of that name was defined later: give each a word of its own."
    _or_refuse(same, who, f"'{mask}' to read back as the same", "another mask", do)


def _moves_by_the_generator(who: str, placed: PlacedMask, homes: np.ndarray) -> None:
    before = homes.copy()
    once, again, other = (placed(homes, rng=np.random.default_rng(k)) for k in (5, 5, 6))
    shape = np.shape(once)
    floats = shape == homes.shape and np.asarray(once).dtype.kind == "f"
    _or_refuse(floats, who, f"moves of shape {homes.shape}", f"{shape}")
    unchanged = np.array_equal(before, homes)
    _or_refuse(unchanged, who, "points left as they are", "points that were changed")
    same = np.array_equal(once, again, equal_nan=True)
    _or_refuse(same, who, "the same moves of the same generator", "others")
    away = np.nan_to_num(once - homes)
    radial = isinstance(placed, Mask) and np.abs(away).max() > ROUNDING_METRES
    same = radial and np.array_equal(once, other, equal_nan=True)
    do = "Draw moves from rng. A mask of places defines on(addresses) and likelihood."
    _or_refuse(not same, who, "other moves of another generator", "the same", do)
    none = np.shape(placed(homes[:0], rng=np.random.default_rng(5)))
    _or_refuse(none == (0, 2), who, "no move of no point", "some")


def _radial(who: str, mask: Mask, homes: np.ndarray, seed: int) -> tuple[float, float]:
    """Return what the density sums to, and how likely moves so unlike it are by chance."""
    from scipy.stats import chisquare

    edge = np.linspace(0, mask.reach, 200_001)
    density = np.asarray(mask.density((edge[1:] + edge[:-1]) / 2), dtype=float)
    known = (np.isfinite(density) & (density >= 0)).all()
    _or_refuse(known, who, "a density of 0 or more", "one below, or none")
    within = np.concatenate([[0.0], np.cumsum(density * np.diff(edge**2) * np.pi)])
    total = float(within[-1])
    needed, do = "a density that sums to 1 over the plane", "It is per square metre."
    _or_refuse(abs(total - 1) <= _SUM / 10, who, needed, f"{total:.4g}", do)
    gap = mask(homes, rng=np.random.default_rng(seed)) - homes
    # Moves are those of the dots that are not left out.
    gap = gap[np.isfinite(gap).all(axis=1)]
    _or_refuse(len(gap), who, "moves that leave a dot on the map", "nan for every dot")
    distance = np.hypot(gap[:, 0], gap[:, 1])
    if max(distance.max(), mask.reach) <= ROUNDING_METRES:
        return total, 1.0
    within_reach = distance.max() <= mask.reach + ROUNDING_METRES
    needed, came = f"moves within the reach of {mask.reach:g} m", f"one of {distance.max():.4g} m"
    _or_refuse(within_reach, who, needed, came)
    share = np.interp(distance, edge, within / total)
    ring = np.minimum((share * _RINGS).astype(int), _RINGS - 1)
    turn = np.arctan2(gap[:, 1], gap[:, 0]) / (2 * np.pi) % 1
    sector = np.minimum((turn * _SECTORS).astype(int), _SECTORS - 1)
    # A dot moved as the one before it would pass a test of each by itself.
    follows = np.roll(ring, 1)
    chance = min(
        float(chisquare(np.bincount(ring * _SECTORS + sector, minlength=_RINGS * _SECTORS)).pvalue),
        float(chisquare(np.bincount(ring * _RINGS + follows, minlength=_RINGS**2)).pvalue),
    )
    _refuse_unlikely(who, chance)
    return total, chance


def _by_home(
    who: str, placed: PlacedMask, places: np.ndarray, homes: np.ndarray, seed: int
) -> tuple[float, float]:
    """Return the sum farthest from 1, and the least likely of the tests, home by home."""
    totals, chances = [], []
    for k, home in enumerate(homes):
        start = np.repeat(places[home][None], _MOVES // 10, axis=0)
        dots = placed(start, rng=np.random.default_rng([seed, k]))
        shown = dots[np.isfinite(dots).all(axis=1)]
        part = len(shown) / len(dots)
        total = 1.0
        if len(shown):
            reach = placed.reach_of(shown)
            within = (np.hypot(*(shown - places[home]).T) <= reach).all()
            _or_refuse(within, who, "a home within reach_of its dot", "one beyond")
            few = len(np.unique(shown.round(3), axis=0)) < len(shown) / 2
            judge = _of_few if few else _of_plane
            total, chance = judge(placed, int(home), places, shown, len(dots))
            chances.append(chance)
        # What is left out is not shown anywhere.
        allowed = _SUM + 4 * np.sqrt(part * (1 - part) / len(dots))
        needed = f"likelihoods of one home that sum to {part:.3g} over where its dots go"
        _or_refuse(abs(total - part) <= allowed or not len(shown), who, needed, f"{total:.4g}")
        totals.append(total / part if part else 1.0)
    chance = min([1.0, *(c * len(homes) for c in chances)])
    _refuse_unlikely(who, chance)
    return float(max(totals, key=lambda t: abs(t - 1))), chance


def _refuse_unlikely(who: str, chance: float) -> None:
    came = f"others, which chance makes 1 time in {1 / LEVEL:,.0f}"
    _or_refuse(chance >= LEVEL, who, "moves that follow its density", came)


def _likelihood(placed: PlacedMask, home: int, places: np.ndarray, dots: np.ndarray) -> np.ndarray:
    apart = np.hypot(*(dots - places[home]).T)
    pairs = Pairs(np.arange(len(dots) + 1), np.full(len(dots), home), apart)
    return np.asarray(placed.likelihood(dots, pairs, 0.0), dtype=float)


def _of_few(
    placed: PlacedMask, home: int, places: np.ndarray, shown: np.ndarray, n: int
) -> tuple[float, float]:
    """Try where a mask with few outputs lands: each as often as its probability."""
    outputs, counts = np.unique(shown.round(6), axis=0, return_counts=True)
    # A rounded output may lie just beside the true one.
    first = np.array([shown[np.abs(shown - o).max(axis=1).argmin()] for o in outputs])
    likelihood = _likelihood(placed, home, places, first)
    return float(likelihood.sum()), _chance(counts, likelihood * n, n)


def _of_plane(
    placed: PlacedMask, home: int, places: np.ndarray, shown: np.ndarray, n: int
) -> tuple[float, float]:
    """Try where a mask that moves anywhere lands: in each block as often as it sums to there."""
    half = 1.02 * np.abs(shown - places[home]).max(axis=0) + ROUNDING_METRES
    side = 2 * half / _CELLS
    size = _CELLS // _BLOCKS
    at = ((shown - places[home] + half) / (side * size)).astype(int).clip(0, _BLOCKS - 1)
    counts = np.bincount(at[:, 0] * _BLOCKS + at[:, 1], minlength=_BLOCKS**2)
    # At the middles of cells the edge of a narrow area errs alike everywhere; at a place drawn in
    # each, a density that peaks within few cells is summed up by few. A right mask fits by one.
    results = []
    for drawn in (0.5, np.random.default_rng(home).random((_CELLS**2, 2))):
        grid = (np.indices((_CELLS, _CELLS)).reshape(2, -1).T + drawn) * side - half
        likelihood = _likelihood(placed, home, places, places[home] + grid) * side.prod()
        blocks = likelihood.reshape(_BLOCKS, size, _BLOCKS, size).sum(axis=(1, 3)).ravel()
        results.append((float(likelihood.sum()), _chance(counts, blocks * n, n)))
    return max(results, key=lambda result: result[1])


def _chance(counts: np.ndarray, expected: np.ndarray, n: int) -> float:
    """Return the p-value of counts, those that are rarely expected taken together."""
    from scipy.stats import chi2

    often = expected >= 10
    counted, likely = counts[often], expected[often]
    rest = n - likely.sum()
    if rest >= 10:
        counted, likely = np.append(counted, n - counted.sum()), np.append(likely, rest)
    if len(counted) < 2:
        return 1.0
    return float(chi2.sf((((counted - likely) ** 2) / likely).sum(), len(counted) - 1))


def _explained(who: str, mask: Mask, campaign: Campaign, seed: int) -> float:
    """Return the share of dots for which an adversary who knows the mask has an address."""
    leak = publish(campaign, DotMap(mask=mask), seed=seed)
    if not len(leak):
        return 1.0
    exposure = attacked(leak, Adversary.knows_mask(mask), truth=campaign.world, seed=seed)
    explained = float((exposure.per_person["candidates"] > 0).mean())
    needed = "every dot explained under the known mask"
    _or_refuse(explained >= 1, who, needed, f"{explained:.1%}")
    return explained


_TRUTHS = (SimulatedWorld, Campaign, Truth, Homes)
# Stands in for the value of an attribute `sources`, which a leaked release does not have.
_SEALED = object()
_ARRAYS = ("address", "confidence", "person", "person_confidence", "opinion", "opinion_confidence")


def check_attack(attack: Attack | Adversary, *, seed: int = 7) -> dict[str, float]:
    """Check what every attack promises, on a map of a new town.

    It returns a guess a record; the same generator makes the same guesses; it leaves what it is
    given as it is; its code names no world, no campaign and no release with its sources, nothing
    that it is given leads to one, and other people behind the same dots change no guess; its
    score counts people; and it can be tried in tiles, and on a file of points alone.

    Parameters
    ----------
    attack : Attack or Adversary
    seed : int
        Of the town, its map, and the ties.

    Returns
    -------
    dict of str to float
        The share of ``people`` whose address was found in that town, and how many there are, ``n``.

    Raises
    ------
    ParameterError
        What it does not keep, in one line.

    Examples
    --------
    >>> import privaudit as pa
    >>> check_attack(pa.Adversary.nearest())["n"] > 10
    True
    """
    an_instance("check_attack", "attack", attack, (Attack, Adversary), "Give one, with brackets.")
    adversary = attack.adversary() if isinstance(attack, Attack) else attack
    who = adversary.name
    if isinstance(attack, Attack):
        _names_no_truth(who, attack)
    campaign = small_campaign(seed)
    mask = adversary.mask or Donut(r_min=50, r_max=200)
    release = publish(campaign, DotMap(mask=mask, popup=("sex",)), seed=seed)
    leak = release.as_leaked()
    _leads_to_no_truth(leak, campaign)
    before, places = leak.records.copy(), campaign.world.addresses.frame.copy()
    once = _guessed(leak, adversary)
    # What is changed makes the next guess another one.
    unchanged = leak.records.equals(before) and campaign.world.addresses.frame.equals(places)
    _or_refuse(unchanged, who, "the leak left as it is", "one that was changed")
    _same(who, once, _guessed(leak, adversary), "of the same generator")
    sources = release.opened(who).sample(frac=1, random_state=seed).reset_index(drop=True)
    others = replace(release, sources=sources).as_leaked()
    _same(who, once, _guessed(others, adversary), "over other people")
    exposure = attacked(release, adversary, truth=campaign.world, seed=seed)
    people = release.opened(who)["person"].nunique()
    counted = {len(exposure.per_person), float(exposure.overall["n"]["address"])}
    _or_refuse(counted == {people}, who, f"a score of {people:,} people", "another denominator")
    tiled = climb(leak, (adversary,), seed=seed, dots_a_tile=max(1, len(leak) // 2))[0]
    alone = read_map(leak.records[["x", "y"]], addresses=campaign.world.addresses)
    for made, of in ((tiled, leak), (_guessed(alone, adversary), alone)):
        _or_refuse(len(made) == len(of), who, "a guess a record of any map", f"{len(made):,}")
    return {"people": float(exposure.overall["value"]["address"]), "n": float(people)}


def _guessed(leak: DotRelease, adversary: Adversary) -> Guesses:
    return guess(leak, adversary, rng=np.random.default_rng(11))


def _same(who: str, one: Guesses, other: Guesses, where: str) -> None:
    for name in _ARRAYS:
        same = np.array_equal(getattr(one, name), getattr(other, name))
        _or_refuse(same, who, f"the same {name} {where}", "others")


def _names_no_truth(who: str, attack: Attack) -> None:
    """Refuse code that names a truth, among globals or in a closure, or holds one."""
    for name, held in _named_by(attack):
        sealed = held is _SEALED or (isinstance(held, Release) and held.sealed)
        came = f"'{name}', {'a release with its sources' if sealed else type(held).__name__}"
        do = "Hand what the adversary knows over as a parameter."
        free = not sealed and not isinstance(held, _TRUTHS)
        _or_refuse(free, who, "an attack that cannot reach the truth", came, do)


def _named_by(attack: Attack) -> Iterator[tuple[str, Any]]:
    """Yield what an attack holds, and what its own code names outside of it."""
    yield from getattr(attack, "__dict__", {}).items()
    for kind in type(attack).__mro__:
        if kind in (Attack, object):
            break
        for value in vars(kind).values():
            value = getattr(value, "__func__", getattr(value, "fget", value))
            if not isinstance(value, types.FunctionType):
                continue
            cells = zip(value.__code__.co_freevars, value.__closure__ or (), strict=True)
            yield from ((name, cell.cell_contents) for name, cell in cells)
            codes = [value.__code__]
            while codes:
                code = codes.pop()
                codes += [c for c in code.co_consts if isinstance(c, types.CodeType)]
                for name in code.co_names:
                    if name == "sources" or name in value.__globals__:
                        yield name, value.__globals__.get(name, _SEALED)


def _leads_to_no_truth(leak: DotRelease, campaign: Campaign) -> None:
    """Check that nothing of a leaked release leads to the world that it came from."""
    public = campaign.world.addresses
    held = _reachable(campaign, public)
    secret = [array for array in held if isinstance(array, np.ndarray) and array.nbytes]
    for one in _reachable(leak, public):
        shared = isinstance(one, np.ndarray) and any(np.may_share_memory(one, s) for s in secret)
        free = not shared and not isinstance(one, _TRUTHS)
        _or_refuse(free, "check_attack", "a leak that leads to no truth", "one that does")


def _reachable(start: Any, public: AddressBase) -> list[Any]:
    """Return an object and all that can be reached from it, but the public addresses."""
    # The objects are held with their identity, which a later one could have otherwise.
    known: dict[int, Any] = {id(public): public}
    todo = [start]
    while todo:
        one = todo.pop()
        if id(one) not in known:
            known[id(one)] = one
            todo += _parts(one)
    return list(known.values())[1:]


def _parts(whole: Any) -> list[Any]:
    """Return the objects that an object refers to."""
    if isinstance(whole, pd.DataFrame):
        numbers = [whole[c].to_numpy() for c in whole if whole[c].dtype.kind in "biufM"]
        return [*numbers, *whole.attrs.values()]
    if isinstance(whole, np.ndarray):
        return [] if whole.base is None else [whole.base]
    if isinstance(whole, AddressBase):
        return [whole.frame]
    if isinstance(whole, (list, tuple)):
        return list(whole)
    if isinstance(whole, dict):
        return list(whole.values())
    if is_dataclass(whole) and not isinstance(whole, type):
        return [getattr(whole, f.name) for f in fields(whole)]
    return []
