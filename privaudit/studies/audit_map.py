"""Audit a real map: points, a screenshot, or several copies of one map.

Test on the dots alone whether they stand on addresses (`exact_dots`) and whether a declared mask
fits them (`judge_mask`); then climb the ladder of adversaries without a truth.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from privaudit.columns.roles import Roles
from privaudit.core.checks import columns_present, keyword_only
from privaudit.core.progress import Tick, silent
from privaudit.core.reproducible import stream
from privaudit.core.thresholds import MOVED_BY_HAND
from privaudit.errors import ParameterError
from privaudit.io.readers import read_frame
from privaudit.maps.adversary import Adversary
from privaudit.maps.guess import guess, prior_over_addresses
from privaudit.maps.masks.location_swap import LocationSwap
from privaudit.maps.masks.mask import EXACT_METRES, Exact, Mask, parse_mask
from privaudit.maps.posterior import ComparedAddress, Guesses, Posterior
from privaudit.maps.registry import climb, parse_adversary, rungs
from privaudit.maps.scoring.shared_points import attributes_of_dots, shared_points
from privaudit.maps.scoring.spatial_k import belief_exposure, fit_of_belief, spatial_k_anonymity
from privaudit.maps.scoring.versions import copy_changes
from privaudit.maps.undeclared_mask import UNKNOWN_MASK, infer_mask
from privaudit.maps.version_averaging import guess_versions
from privaudit.maps.version_links import (
    Linked,
    id_like,
    link_versions,
    points_of,
    positions_of,
    same_metres,
)
from privaudit.release.column_roles import read_roles
from privaudit.release.read_map import read_map, read_versions
from privaudit.release.release import DotRelease
from privaudit.results.exposure import Exposure
from privaudit.results.measures import Measures
from privaudit.results.rows import Rows
from privaudit.screenshots.open_picture import PICTURES
from privaudit.screenshots.read_screenshot import read_screenshot
from privaudit.studies.audit import held_against
from privaudit.studies.audit_log import rounds_of_file
from privaudit.studies.chain import read_register
from privaudit.studies.commands import command_line
from privaudit.studies.frontier import audit_blurs
from privaudit.studies.study import Input, Study, address_input, address_notes, addresses_set_aside
from privaudit.words.catalogues import Note

if TYPE_CHECKING:
    from privaudit.geo.address_base import AddressBase

# Rows on how well the dots fit the mask; they rest on no claim.
_EVIDENCE = ("no_candidate", "likelier_elsewhere")


def judge_mask(
    release: DotRelease, rungs: Sequence[tuple[Adversary, Exposure]], *, seed: int
) -> tuple[Measures | None, list[Exposure]]:
    """Hold the mask that was stated against the dots, and doubt what rests on it if they differ.

    Parameters
    ----------
    release : DotRelease
        A real map of dots, or the last of its copies.
    rungs : sequence of (Adversary, Exposure)
        The ladder, in order.
    seed : int

    Returns
    -------
    belief : Measures or None
        Rows of `belief_exposure` and `fit_of_belief`; None where no mask was stated.
    exposures : list of Exposure
        As given; not reliable, with the reason, where the dots fit another mask better.
    """
    exposures = [exposure for _, exposure in rungs]
    stated = next((pair for pair in rungs if pair[0].mask is not None), None)
    if stated is None:
        return None, exposures
    adversary, exposure = stated
    belief = belief_exposure(exposure)
    rng = stream(seed, "belief")
    fit, other = fit_of_belief(release.as_leaked(), adversary, rng=rng)
    belief = replace(belief, rows=(*belief.rows, *fit.rows))
    row = fit.row("likelier_elsewhere")
    if other is not None and row.low > 1:
        doubt = Note("fits_other_mask", other=str(other), stated=str(adversary.mask))
        exposures = [replace(e, reliable=False, notes=(*e.notes, doubt)) for e in exposures]
        # What refutes the mask is counted on the dots themselves, and stays.
        rows = [r if r.measure in _EVIDENCE else replace(r, reliable=False) for r in belief.rows]
        belief = replace(belief, rows=rows, notes=(*belief.notes, doubt))
    return belief, exposures


# Dots are taken for exact where so many stand on an address, and the next mask is so far behind.
ON_ADDRESS, NATS = 0.95, 10.0
# No position tells a dot that was swapped with another address from one that was not.
SWAP = LocationSwap(r_min=50, r_max=200)


def exact_dots(release: DotRelease, *, seed: int) -> Measures | None:
    """Test whether the dots of a map stand where they belong.

    Parameters
    ----------
    release : DotRelease
        A real map, or the last of its copies, of which nobody said how dots were moved.
    seed : int

    Returns
    -------
    Measures or None
        None unless nineteen dots in twenty stand within 5 m of an address (three errors of
        reading where they were read from a picture) and no mask comes within 10 nats of none at
        all, over the dots looked at. Otherwise family "reading":

        - on_address: share of the dots that stand on an address; baseline: of as many points
          spread evenly over the box of the addresses.
        - next_mask_behind: nats by which the most likely mask, ``mask``, is less likely than none.
        - found, for a ``believed`` of in_place, and of swapped among addresses 50 to 200 m apart,
          which these dots cannot exclude: dots expected at the right address; baseline and
          control as of any exposure without a truth.
    """
    base, rng = release.backdrop, stream(seed, "exact dots")
    dots = release.records[["x", "y"]].to_numpy(dtype=float)
    places, reach = cKDTree(base.xy), max(EXACT_METRES, 3 * release.resolution)
    near = places.query(dots)[0] <= reach
    if not len(dots) or near.mean() < ON_ADDRESS:
        return None
    prior = prior_over_addresses(base, Adversary.unknown_mask())
    fit = infer_mask(dots, base, prior, resolution=release.resolution, rng=rng)
    if not fit.on_addresses or fit.gap < NATS:
        return None
    corner, sides = base.xy.min(axis=0), np.ptp(base.xy, axis=0)
    anywhere = corner + sides * rng.random((max(len(dots), 1_000), 2))
    rows = Rows(len(dots), "dots")
    rows.share("on_address", near, baseline=float((places.query(anywhere)[0] <= reach).mean()))
    rows.add("next_mask_behind", fit.gap, "nats", n=fit.dots, part={"mask": str(fit.second)})
    for believed, mask in (("in_place", Exact()), ("swapped", SWAP)):
        who = Adversary.knows_mask(mask)
        made = guess(release.as_leaked(), who, rng=stream(seed, "exact dots", str(mask)))
        expected = held_against(made, release, who, truth=None, seed=seed).overall
        fields: dict[Any, Any] = expected.loc["address"].to_dict()
        part = {"believed": believed}
        rows.add("reidentified", unit="share", gain="address", part=part, **fields)
    return Measures(
        family="reading",
        rows=rows,
        provenance=release.provenance,
        notes=(Note("exact_unless_swapped", swap=str(SWAP)),),
    )


# Dots whose posterior is put together; a larger map is attacked tile by tile, and of each tile's
# posterior only what the report says is kept.
_DOTS_AT_ONCE = 100_000


def climb_map(
    versions: tuple[DotRelease, ...],
    adversaries: Sequence[Adversary],
    linked: Linked | None,
    seed: int,
    tick: Tick,
) -> list[tuple[Adversary, Guesses]]:
    """Attack by each rung, all versions together where there are several.

    The first who knows how dots were moved also meets the last version alone: the step between
    the two is what keeping copies adds. No posterior of a large map is held.
    """
    if len(versions) == 1 and versions[0].dots_shown is None and len(versions[0]) > _DOTS_AT_ONCE:
        return _climb_large(versions[0].as_leaked(), adversaries, seed, tick)
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


def _climb_large(
    leaked: DotRelease, adversaries: Sequence[Adversary], seed: int, tick: Tick
) -> list[tuple[Adversary, Guesses]]:
    """Attack a map by each rung in tiles, with what each makes of the first one's guesses."""
    made: list[tuple[Adversary, Guesses]] = []
    first: np.ndarray | None = None
    for adversary in adversaries:
        tick(adversary.name)
        (guesses,) = climb(leaked, [adversary], seed=seed, summarise=True, beside=first)
        first = guesses.address if first is None else first
        made.append((adversary, guesses))
    return made


def expected_of(
    adversary: Adversary, made: Guesses, informed: Guesses | None, release: DotRelease, seed: int
) -> Exposure:
    """Score guesses by their posterior, where there is no truth.

    The nearest address is claimed with certainty, wrongly: its expected share comes from the
    posterior of an adversary who knows, or has inferred, how dots were moved.
    """
    believed: Posterior | ComparedAddress | None = None
    if adversary.mask is None and not adversary.estimates_mask and informed is not None:
        notes = (*made.notes, Note("expected_under_next_rung"))
        if not informed.reliable:
            notes += (Note("next_rung_not_reliable"),)
        right, both = informed.right_between, informed.both_readings
        made = replace(
            made, reliable=informed.reliable, notes=notes, right_between=right, both_readings=both
        )
        believed = informed.posterior
        if believed is None and informed.beside is not None:
            believed = ComparedAddress(made.address, informed.beside)
    return held_against(made, release, adversary, truth=None, seed=seed, believed=believed)


# Steps of the progress bar: reading, up to four rungs, masks, the report.
MAP_PARTS = 7
CLICKS = ("column", "row", "x", "y")


@keyword_only
@dataclass(frozen=True, kw_only=True)
class SeizedMap:
    """The files of a real map, and what the adversary is taken to know of it.

    Parameters
    ----------
    leaks : sequence of path
        One file of points, one screenshot (see `PICTURES`), or the copies of one map, oldest
        first.
    addresses : path
        The national address base as downloaded.
    commune, crs : str, optional
        INSEE code or codes, with commas; projection of points in metres.
    mask : str
        What the adversary believes was done to the points, see `parse_mask`.
    swapped : bool
        False where it is known that no dot was swapped with another address.
    adversary : str, optional
        One rung only, see `parse_adversary`. Default: every rung that the files allow.
    register : path, optional
        Names and the address of each: columns address_id, first_name, last_name and others.
    results : path, optional
        Published results: column station as in the address file, one column a leaning.
    bbox : tuple of float, optional
        West, south, east and north edges of a screenshot, metres.
    clicks : path, optional
        Table of column, row, x, y: points of a screenshot whose place is known.
    link : str, optional
        Column that numbers the dots in every copy of a map.
    sheet : str, optional
        Of a file that holds several tables, the one to read, see `read_map`.
    roles_file : path, optional
        TOML, roles of the columns of each file of points: coordinates, what stands beside the dots,
        and what numbers a dot in every copy.
    colour, marker : str
        Of the dots to meet on a screenshot, see `read_screenshot`.
    """

    leaks: Sequence[str | Path]
    addresses: str | Path
    commune: str | None = None
    crs: str | None = None
    mask: str = "unknown"
    swapped: bool = True
    adversary: str | None = None
    register: str | Path | None = None
    results: str | Path | None = None
    bbox: tuple[float, float, float, float] | None = None
    clicks: str | Path | None = None
    link: str | None = None
    sheet: str | None = None
    colour: str = "red"
    marker: str | None = None
    roles_file: str | Path | None = None

    @property
    def stated(self) -> list[Roles] | None:
        """Return the roles that a roles file has of each map; None without such a file."""
        if self.roles_file is None:
            return None
        stated = read_roles(self.roles_file)
        names = [Path(leak).name for leak in self.leaks]
        stated.refuse_without(names, self.sheet, who="map")
        sections = [stated.section(name, self.sheet) for name in names]
        return [stated.roles.get(section, Roles()) for section in sections]

    @property
    def linked_by(self) -> str | None:
        """Return the column that numbers a dot in every copy, as it was stated."""
        stated = self.stated or []
        numbers = {one.identifier[0] for one in stated if len(one.identifier) == 1}
        alike = len(numbers) == 1 and len(self.leaks) > 1 and all(one.identifier for one in stated)
        return self.link or (numbers.pop() if alike else None)

    def read(self, base: AddressBase | None = None) -> tuple[DotRelease, ...]:
        """Read one map, one picture of a map, or the copies of a map, over addresses if read."""
        pictures = [Path(leak).suffix.lower() in PICTURES for leak in self.leaks]
        placed = (self.bbox, self.clicks, self.marker) != (None, None, None)
        if not any(pictures) and (placed or self.colour != "red"):
            do = "Leave --bbox, --clicks, --colour and --marker out."
            raise ParameterError.of("map", "a screenshot for options of one", "points", do)
        if self.crs is not None and any(pictures):
            do = "Leave crs out: a screenshot is laid in metres on the addresses."
            raise ParameterError.of("map", "points for crs", "a screenshot", do)
        if self.link is not None and len(self.leaks) == 1:
            do = "Leave --link out, or name the earlier copies first."
            raise ParameterError.of("map", "two copies of a map for --link", "one map", do)
        place: dict[str, Any] = {"addresses": self.addresses, "commune": self.commune}
        place = place if base is None else {"addresses": base}
        if len(self.leaks) > 1:
            if any(pictures):
                needed, came = "copies of a map as points", "a picture among them"
                raise ParameterError.of("map", needed, came)
            place |= {"crs": self.crs, "sheet": self.sheet, "roles": self.stated}
            return read_versions(self.leaks, **place)
        if not pictures[0]:
            stated = self.stated
            place |= {"roles": stated[0] if stated else None}
            return (read_map(self.leaks[0], crs=self.crs, sheet=self.sheet, **place),)
        if self.roles_file is not None:
            do = "Leave --roles out."
            raise ParameterError.of("map", "points for --roles", "a screenshot", do)
        clicked = None
        if self.clicks is not None:
            clicked = read_frame(self.clicks, who="map").frame
            columns_present("map", "column", CLICKS, clicked.columns, Path(self.clicks).name)
            clicked = clicked[list(CLICKS)]
        drawn: dict[str, Any] = {"colour": self.colour, "marker": self.marker}
        return (read_screenshot(self.leaks[0], bbox=self.bbox, clicks=clicked, **place, **drawn),)

    def inputs(self, backdrop: AddressBase) -> tuple[Input, ...]:
        """Return every file that was named, with what it was read as."""
        others = {role: getattr(self, role) for role in ("register", "results", "clicks")}
        others["roles"] = self.roles_file
        return (
            *(Input(path=Path(leak), role="map") for leak in self.leaks),
            address_input(self.addresses, backdrop),
            *(Input(path=Path(p), role=role) for role, p in others.items() if p is not None),
        )


def audit_map(
    seized: SeizedMap,
    *,
    base: AddressBase | None = None,
    reveal_rows: bool = False,
    seed: int = 7,
    tick: Tick = silent,
) -> tuple[Study, Mapping[str, pd.DataFrame]]:
    """Attack a real map; return the study and the rows that were asked for.

    Parameters
    ----------
    seized : SeizedMap
    base : AddressBase, optional
        Its addresses, where they were read already.
    reveal_rows : bool
        Also return one row a dot: the only way to get them.
    seed : int
    tick : callable

    Raises
    ------
    ParameterError
        A rung that the files do not allow, or options that do not go with the files.
    PrivauditError
        As the readers.
    """
    believed = parse_mask(seized.mask, seed=seed)
    tick("addresses and map")
    versions = seized.read(base)
    # Where no mask is stated, dots that stand on addresses may be exact.
    not_stated = believed is None and seized.adversary != UNKNOWN_MASK.word
    leaked = [version.as_leaked() for version in versions]
    if not_stated and len(leaked) > 1:
        not_stated = not _moved_between(leaked, _linked(leaked, (), seized.linked_by))
    reading = exact_dots(versions[-1], seed=seed) if not_stated else None
    if reading is not None and not seized.swapped:
        believed = Exact()
    view = str(believed) if reading is not None and believed is not None else seized.mask
    versions = tuple(replace(v, view=view) for v in versions)
    release, backdrop = versions[-1], versions[-1].backdrop
    chosen = _chosen(seized, believed, backdrop, copies=len(versions))
    linked = _linked(leaked, chosen, seized.linked_by) if len(versions) > 1 else None
    doubt = _picture_in_doubt(versions, believed)
    made = _doubted(climb_map(versions, chosen, linked, seed, tick), doubt)
    # Of as many copies, the first who knows how dots were moved, or has worked it out.
    informed = {g.copies: g for a, g in reversed(made) if a.mask is not None or a.estimates_mask}
    expected = [expected_of(a, g, informed.get(g.copies), release, seed) for a, g in made]
    belief, exposures = judge_mask(
        release, list(zip([a for a, _ in made], expected, strict=True)), seed=seed
    )
    # What is written beside the dots comes before any attack.
    measures = attributes_of_dots(release, exact=isinstance(believed, Exact))
    measures |= {} if reading is None else {"reading": reading}
    measures |= {"hiding": spatial_k_anonymity(exposures[-1], backdrop)}
    measures |= {} if belief is None else {"belief": belief}
    measures |= {} if linked is None else {"changes": copy_changes(versions, linked)}
    measures |= _points_shared(release) | rounds_of_file(release, believed, seed=seed)
    # What a mask would save is measured from the homes, which refused dots do not show.
    if isinstance(believed, Exact) and exposures[-1].reliable:
        tick("masks")
        measures |= {"frontier": audit_blurs(release, chosen[-1], seed=seed)}
    inputs = seized.inputs(backdrop)
    study = Study(
        kind="map",
        title=", ".join(dict.fromkeys(version.name for version in versions)),
        provenance=release.provenance,
        real_places=True,
        exposures=tuple(exposures),
        measures=measures,
        **({} if doubt else _ground(release, backdrop)),
        set_aside=_set_aside(versions, backdrop),
        notes=(*address_notes(backdrop, inputs), *_notes_of(versions, reading)),
        command=command_line("map", seized.leaks, seized, reveal_rows=reveal_rows, seed=seed),
        inputs=inputs,
        recipe={"seed": seed, "mask": seized.mask},
        revealed_rows=reveal_rows,
    )
    return study, {"dots": _dot_rows(made[-1][1], release)} if reveal_rows else {}


def _picture_in_doubt(versions: Sequence[DotRelease], believed: Mask | None) -> Note | None:
    """Return the note of a picture that may be no map, of which nobody states how dots were moved.

    A stated mask says that it is a map: dots that were moved far do not show it.
    """
    doubt = Note("may_be_no_map")
    doubted = believed is None and any(doubt in version.notes for version in versions)
    return doubt if doubted else None


def _doubted(
    made: Sequence[tuple[Adversary, Guesses]], doubt: Note | None
) -> Sequence[tuple[Adversary, Guesses]]:
    """Return guesses of which a doubt leaves neither a number nor a range; as given without one."""
    if doubt is None:
        return made
    without: dict[str, Any] = {
        "reliable": False,
        "right_between": (math.nan,) * 3,
        "both_readings": False,
    }
    return [(who, replace(one, notes=(*one.notes, doubt), **without)) for who, one in made]


def _ground(release: DotRelease, backdrop: AddressBase) -> dict[str, Any]:
    """Return what the map of areas counts, and what it shows to find one's way by."""
    return {
        "area_points": release.records[["x", "y"]].to_numpy(dtype=float),
        "area_names": backdrop.place_names(),
        "area_streets": backdrop.street_lines(),
    }


def _notes_of(versions: Sequence[DotRelease], reading: Measures | None) -> list[Note]:
    """Return the notes of every copy, each once, and those of dots on addresses."""
    noted = dict.fromkeys(note for version in versions for note in version.notes)
    return [*noted, *(() if reading is None else reading.notes)]


def _points_shared(release: DotRelease) -> dict[str, Measures]:
    """Count dots at one point; on a picture they are read as one dot."""
    return {"shared_points": shared_points(release)} if release.resolution == 0 else {}


def _chosen(
    seized: SeizedMap, mask: Mask | None, backdrop: AddressBase, *, copies: int
) -> tuple[Adversary, ...]:
    """Return the rungs to climb: all that the files allow, or the one that was asked for."""
    known: dict[str, Any] = {"mask": mask}
    known["electors"] = bool({"electors", "residents"} & set(backdrop.counts))
    if seized.register is not None:
        known["register"] = read_register(seized.register, backdrop)
    if seized.results is not None:
        known["results"] = read_frame(seized.results, who="map").frame
    if seized.adversary is None:
        chosen = rungs(**known)
    else:
        chosen = (parse_adversary(seized.adversary, **known, copies=copies),)
    return tuple(replace(rung, swapped=seized.swapped) for rung in chosen)


def _linked(
    leaked: list[DotRelease], adversaries: Sequence[Adversary], column: str | None
) -> Linked:
    """Link the dots of the copies, for all rungs alike: by id, by position, or by distance."""
    if column is not None:
        return link_versions(leaked, by=column)
    mask = next((rung.mask for rung in adversaries if rung.mask is not None), None)
    farthest = None
    if mask is not None:
        placed = mask.on(leaked[-1].backdrop)
        farthest = 2 * max(float(placed.reach_of(points_of(version)).max()) for version in leaked)
    try:
        return link_versions(leaked, farthest=farthest)
    except ParameterError:
        if farthest is not None:
            raise
        needed, do = "the mask, to link dots that moved between the copies", "Give --mask SPEC."
        if names := id_like(leaked):
            do += f" Or, if column '{names[0]}' numbers the dots, --link {names[0]}."
        raise ParameterError.of("map", needed, "a mask that is not known", do) from None


def _moved_between(leaked: list[DotRelease], linked: Linked) -> bool:
    """Return whether one dot in twenty moved between copies."""
    positions = positions_of(leaked, linked)
    gaps = np.hypot(*(positions[:-1] - positions[-1]).transpose(2, 0, 1))
    known = gaps[np.isfinite(gaps)]
    return bool((known > same_metres(leaked)).mean() > MOVED_BY_HAND) if len(known) else False


def _set_aside(versions: tuple[DotRelease, ...], backdrop: AddressBase) -> dict[Note, int]:
    """Count what could not be used, over all copies and among the addresses."""
    total: Counter[Note] = sum((Counter(one.set_aside) for one in versions), Counter())
    return dict(total) | addresses_set_aside(backdrop)


def _dot_rows(guesses: Guesses, release: DotRelease) -> pd.DataFrame:
    """One row a dot: its number in the file, the best address, how sure, among how many."""
    ids = release.backdrop.frame["id"].to_numpy(dtype=str)
    guessed = guesses.address >= 0
    if guesses.right_between is not None and np.isnan(guesses.right_between).any():
        # No mask fits the dots: neither does the best address of any of them.
        guessed = np.zeros_like(guessed)
    sizes = guesses.credible
    number = np.arange(1, len(guesses) + 1) if release.rows is None else release.rows
    return pd.DataFrame(
        {
            "dot": number,
            "address_id": np.where(guessed, ids[guesses.address], ""),
            "probability": np.where(guessed, guesses.confidence, np.nan).round(6),
            "candidates_95": None if sizes is None else np.where(guessed, sizes, 0),
        }
    )
