"""The study of a real map: points, a screenshot, or several copies of one map."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from privaudit._core.checks import columns_present, say
from privaudit._core.progress import Tick, silent
from privaudit._core.streams import stream
from privaudit.attacks.adversary import Adversary
from privaudit.attacks.guess import guess
from privaudit.attacks.ladder import rungs
from privaudit.attacks.link_versions import Linked, id_like, link_versions
from privaudit.attacks.versions import guess_versions
from privaudit.errors import ParameterError
from privaudit.exposure.maps.changes import copy_changes
from privaudit.exposure.maps.hiding import hiding
from privaudit.exposure.results import Exposure
from privaudit.release.files import read_frame
from privaudit.release.masks import Mask, parse_mask
from privaudit.release.open_picture import PICTURES
from privaudit.release.read_screenshot import read_screenshot
from privaudit.release.readers import read_map
from privaudit.release.release import Release
from privaudit.release.versions import read_versions
from privaudit.reporting.study import Study
from privaudit.studies.audits import held_against
from privaudit.studies.stated_mask import judge_mask

if TYPE_CHECKING:
    from privaudit.attacks.guesses import Guesses
    from privaudit.places.address_base import AddressBase

__all__ = ["MAP_PARTS", "audit_map"]

# Steps of the progress bar: reading, up to four rungs, the report.
MAP_PARTS = 6
CLICKS = ("column", "row", "x", "y")


def audit_map(
    leaks: Sequence[str | Path],
    *,
    addresses: str | Path,
    commune: str | None = None,
    crs: str | None = None,
    mask: str = "unknown",
    adversary: str | None = None,
    register: str | Path | None = None,
    results: str | Path | None = None,
    bbox: tuple[float, float, float, float] | None = None,
    clicks: str | Path | None = None,
    colour: str = "red",
    marker: str | None = None,
    reveal_rows: bool = False,
    seed: int = 7,
    tick: Tick = silent,
) -> tuple[Study, Mapping[str, pd.DataFrame]]:
    """Attack a real map; return the study and the rows that were asked for.

    Parameters
    ----------
    leaks : sequence of path
        One file of points (CSV, Parquet, GeoJSON), one screenshot (see `PICTURES`), or
        the copies of one map, oldest first.
    addresses : path
        The national address base as downloaded.
    commune, crs : str, optional
        INSEE code or codes, with commas; projection of points in metres.
    mask : str
        What the adversary believes was done to the points, see `parse_mask`.
    adversary : str, optional
        One rung only, see `Adversary.parse`; or ``holds_versions``, who knows the mask and has
        kept several copies. Default: every rung that the files allow.
    register : path, optional
        Names and the address of each: columns address_id, first_name, last_name and others.
    results : path, optional
        Published results: column station as in the address file, one column a leaning.
    bbox : tuple of float, optional
        West, south, east and north edges of a screenshot, metres.
    clicks : path, optional
        Table of column, row, x, y: points of a screenshot whose place is known.
    colour, marker : str
        Of the dots to meet on a screenshot, see `read_screenshot`.
    reveal_rows : bool
        Also return one row a dot: the only way to get them.

    Raises
    ------
    ParameterError
        A rung that the files do not allow, or options that do not go with the files.
    PrivauditError
        As the readers.
    """
    believed = parse_mask(mask, seed=seed)
    tick("addresses and map")
    versions = _read(leaks, addresses, commune, crs, bbox, clicks, colour, marker)
    versions = tuple(replace(v, recipe={**v.recipe, "view": mask}) for v in versions)
    release, backdrop = versions[-1], versions[-1].backdrop
    assert backdrop is not None
    names = None if register is None else _read_register(register, backdrop)
    told = None if results is None else read_frame(results, who="map").frame
    if adversary is not None and "holds_versions" in adversary.replace("-", "_").replace(" ", "_"):
        if len(versions) < 2:
            do = "Name every copy, the oldest first."
            raise ParameterError(say("map", "several copies for holds_versions", "one", do))
        # Every rung holds the copies that are there: this one knows nothing more than the mask.
        adversary = "unknown_mask" if believed is None else "knows_mask"
    chosen = _chosen(adversary, believed, backdrop, names, told)
    linked = _linked([v.as_leaked() for v in versions], chosen) if len(versions) > 1 else None
    made = _climb(versions, chosen, linked, seed, tick)
    informed = next((g for a, g in made if a.mask is not None or a.estimates_mask), None)
    expected = [_expected(a, g, informed, release, seed) for a, g in made]
    rungs_told = list(zip([a for a, _ in made], expected, strict=True))
    belief, exposures = judge_mask(release, rungs_told, seed=seed)
    measures = {"hiding": hiding(exposures[-1], backdrop)}
    measures |= {} if belief is None else {"belief": belief}
    measures |= {} if linked is None else {"changes": copy_changes(versions, linked)}
    options = {
        "mask": mask,
        "adversary": adversary,
        "commune": commune,
        "crs": crs,
        "register": None if register is None else "REGISTER",
        "results": None if results is None else "RESULTS",
        "bbox": None if bbox is None else ",".join(f"{edge:.10g}" for edge in bbox),
        "clicks": None if clicks is None else "CLICKS",
        "colour": None if colour == "red" else colour,
        "marker": marker,
        "seed": seed,
    }
    asked = " ".join(f"--{name} {value}" for name, value in options.items() if value is not None)
    files = "LEAK" if len(versions) == 1 else " ".join(f"V{i + 1}" for i in range(len(versions)))
    study = Study(
        kind="map",
        title=release.name,
        provenance=release.provenance,
        real_places=True,
        exposures=tuple(exposures),
        measures=measures,
        area_points=release.records[["x", "y"]].to_numpy(dtype=float),
        set_aside=_set_aside(versions, backdrop),
        notes=(
            f"Addresses: {len(backdrop):,}, {backdrop.source}.",
            *dict.fromkeys(note for v in versions for note in v.recipe.get("notes", ())),
        ),
        recipe={"command": f"privaudit map {files} --addresses FILE {asked}", **options},
        revealed_rows=reveal_rows,
    )
    return study, {"dots": _dot_rows(made[-1][1], release)} if reveal_rows else {}


def _read(
    leaks: Sequence[str | Path],
    addresses: str | Path,
    commune: str | None,
    crs: str | None,
    bbox: tuple[float, float, float, float] | None,
    clicks: str | Path | None,
    colour: str,
    marker: str | None,
) -> tuple[Release, ...]:
    """Read one map, one picture of a map, or the copies of a map."""
    pictures = [Path(leak).suffix.lower() in PICTURES for leak in leaks]
    placed = bbox is not None or clicks is not None or colour != "red" or marker is not None
    if not any(pictures) and placed:
        do = "Leave --bbox, --clicks, --colour and --marker out."
        raise ParameterError(say("map", "a screenshot for options of one", "points", do))
    if crs is not None and any(pictures):
        do = "Leave crs out: a screenshot is laid in metres on the addresses."
        raise ParameterError(say("map", "points for crs", "a screenshot", do))
    if len(leaks) > 1:
        if any(pictures):
            raise ParameterError(say("map", "copies of a map as points", "a picture among them"))
        return read_versions(leaks, addresses=addresses, commune=commune, crs=crs)
    if not pictures[0]:
        return (read_map(leaks[0], addresses=addresses, commune=commune, crs=crs),)
    clicked = None if clicks is None else read_frame(clicks, who="map").frame
    if clicked is not None:
        columns_present("map", "column", CLICKS, clicked.columns, Path(str(clicks)).name)
        clicked = clicked[list(CLICKS)]
    shot = read_screenshot(
        leaks[0],
        addresses=addresses,
        commune=commune,
        bbox=bbox,
        clicks=clicked,
        colour=colour,
        marker=marker,
    )
    return (shot,)


def _read_register(file: str | Path, backdrop: AddressBase) -> pd.DataFrame:
    """Read who is known to live where, by the identifiers of the address file."""
    table = read_frame(file, who="map")
    columns_present("map", "column", ["address_id"], table.frame.columns, table.name)
    ids = pd.Index(backdrop.frame["id"])
    if not ids.is_unique:
        ids = pd.Index(ids.where(~ids.duplicated(), None))
    at = ids.get_indexer(table.frame["address_id"].astype("str"))
    if not (at >= 0).any():
        came = f"none of its {len(backdrop):,} addresses in {table.name}"
        raise ParameterError(say("map", "address_id as in the address file", came))
    return table.frame.assign(address=at.astype(np.int64))


def _chosen(
    word: str | None,
    mask: Mask | None,
    backdrop: AddressBase,
    register: pd.DataFrame | None,
    results: pd.DataFrame | None,
) -> tuple[Adversary, ...]:
    """Return the rungs to climb: all that the files allow, or the one that was asked for."""
    counted = "electors" in backdrop.counts or "residents" in backdrop.counts
    if word is None:
        return rungs(mask, electors=counted, register=register, results=results)
    asked = Adversary.parse(word, mask=mask, register=register, results=results)
    if asked.prior == "electors" and not counted:
        came, do = "addresses without counts", "Add a column electors to the address file."
        raise ParameterError(say("map", f"electors at each address for {word}", came, do))
    return (asked,)


def _climb(
    versions: tuple[Release, ...],
    adversaries: Sequence[Adversary],
    linked: Linked | None,
    seed: int,
    tick: Tick,
) -> list[tuple[Adversary, Guesses]]:
    """Attack by each rung, all versions together where there are several.

    The first who knows how dots were moved also meets the last version alone: the step between
    the two is what keeping copies adds.
    """
    leaked, made = [version.as_leaked() for version in versions], []
    informed = next((a for a in adversaries if a.mask is not None or a.estimates_mask), None)
    for adversary in adversaries:
        tick(adversary.name)
        rng = stream(seed, "attack", adversary.name)
        if len(leaked) == 1 or adversary is informed:
            made.append((adversary, guess(leaked[-1], adversary, rng=rng)))
        if len(leaked) > 1:
            made.append((adversary, guess_versions(leaked, adversary, rng=rng, linked=linked)))
    return made


def _linked(leaked: list[Release], adversaries: Sequence[Adversary]) -> Linked:
    """Say which dot is which, for all rungs alike: by ids, by standing still, or by distance."""
    mask = next((rung.mask for rung in adversaries if rung.mask is not None), None)
    backdrop = leaked[-1].backdrop
    farthest = None
    if mask is not None and backdrop is not None:
        placed = mask.on(backdrop)
        points = [version.records[["x", "y"]].to_numpy(dtype=float) for version in leaked]
        farthest = 2 * max(float(placed.reach_of(dots).max()) for dots in points)
    try:
        return link_versions(leaked, farthest=farthest)
    except ParameterError:
        if farthest is not None:
            raise
        needed, do = "the mask, to link dots that moved between the copies", "Give --mask SPEC."
        if names := id_like(leaked):
            do += f" Or, if column '{names[0]}' numbers the dots, rename it dot_id."
        raise ParameterError(say("map", needed, "a mask that is not known", do)) from None


def _expected(
    adversary: Adversary, made: Guesses, informed: Guesses | None, release: Release, seed: int
) -> Exposure:
    """Say what guesses are worth, where nobody knows the truth.

    The nearest address claims to be right every time, and is not: what it is worth is told by
    the posterior of whoever knows, or has worked out, how dots were moved.
    """
    believed = None
    if adversary.mask is None and not adversary.estimates_mask and informed is not None:
        note = "Expected under what the next rung knows of the mask."
        doubts = [n for n in informed.notes if n.startswith("Not reliable")]
        made = replace(made, reliable=informed.reliable, notes=(*made.notes, note, *doubts))
        believed = informed.posterior
    return held_against(made, release, adversary, truth=None, seed=seed, believed=believed)


def _set_aside(versions: tuple[Release, ...], backdrop: AddressBase) -> dict[str, int]:
    """Count what could not be used, over all copies and among the addresses."""
    total: dict[str, int] = {}
    for version in versions:
        for reason, count in version.set_aside.items():
            total[reason] = total.get(reason, 0) + count
    return total | {f"addresses: {reason}": n for reason, n in backdrop.set_aside.items()}


def _dot_rows(guesses: Guesses, release: Release) -> pd.DataFrame:
    """One row a dot: its number in the file, the best address, how sure, among how many."""
    assert release.backdrop is not None
    assert guesses.credible is not None
    ids = release.backdrop.frame["id"].to_numpy(dtype=str)
    found = guesses.address >= 0
    number = np.arange(1, len(guesses) + 1) if release.rows is None else release.rows
    return pd.DataFrame(
        {
            "dot": number,
            "address_id": np.where(found, ids[guesses.address], ""),
            "probability": np.where(found, guesses.address_confidence, np.nan).round(6),
            "candidates_95": guesses.credible,
        }
    )
