"""What the dots of a map show by themselves: those at one point, and attributes beside them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from privaudit.columns.recognise import ColumnKind, column_kinds
from privaudit.columns.roles import Roles
from privaudit.core.checks import an_instance
from privaudit.errors import ParameterError
from privaudit.maps.scoring.truth import fitting_world
from privaudit.release.inventory import shown_rows
from privaudit.release.release import DotRelease
from privaudit.results.measures import Measures
from privaudit.results.rows import Row, Rows
from privaudit.simulation.world import SimulatedWorld
from privaudit.tables.measure import measure
from privaudit.words.catalogues import Note

if TYPE_CHECKING:
    from privaudit.geo.address_base import AddressBase

# What two dots at one point may have in common.
_COMMON = {"same_address": "address", "same_household": "household"}


def shared_points(
    release: DotRelease,
    truth: SimulatedWorld | None = None,
    *,
    earlier: DotRelease | None = None,
) -> Measures:
    """Measure what dots at one point of a map, or of two copies, tell of each other.

    A mask that moves all dots of an address alike shows a household at one point; noise that is
    drawn anew does not. The attack needs only the map: two dots with equal coordinates are taken
    for a pair.

    Parameters
    ----------
    release : DotRelease
    truth : SimulatedWorld, optional
        The world of the release; without it, only the dots are counted.
    earlier : DotRelease, optional
        An older copy: its dots are paired with those of `release` at the same point.

    Returns
    -------
    Measures
        Family "shared_points". ``at_shared_point``: share of dots with another dot at their point;
        baseline: of as many people drawn at random from the residents or electors of the addresses
        (from the addresses, without counts), those with another of them at their address. Of these,
        ``same_address`` and ``same_household``: the chance, in [0, 1], that another person's dot
        there, drawn at random, is of their address or household. ``household_joined``: of people
        with others of their household on the map, the share with one at their own point. With
        `earlier`, ``same_person``: of dots at a point of the older copy, the chance that a dot
        drawn from it there is of the same person. Their baseline is the mean over all permutations
        of who is behind which dot; 0 is safe, and so is the baseline. Wilson intervals on the
        effective number of points. nan where no dot shares a point.

    Raises
    ------
    ParameterError
        Anything but maps of dots, a release without its sealed sources, or another world.

    Examples
    --------
    >>> import privaudit as pa
    >>> world = pa.simulate(pa.Town(inhabitants=2_000), seed=7)
    >>> campaign = pa.run_campaign(world, seed=7)
    >>> view = pa.DotMap(mask=pa.masks.Persistent(mask=pa.masks.Donut(r_min=50, r_max=200), seed=1))
    >>> old, new = (pa.publish(campaign, view, seed=seed) for seed in (1, 2))
    >>> shared_points(new, world, earlier=old).value("same_person")
    1.0
    """
    for name, one in (("release", release), ("earlier", earlier)):
        if one is not None:
            an_instance("shared_points", name, one, DotRelease, "Use publish or read_map.")
    points = _points(release)
    place, many = np.unique(points, axis=0, return_inverse=True, return_counts=True)[1:]
    place = place.reshape(-1)
    rows = Rows(len(points), "dots")
    chance = _pairs(many) / max(_pairs(np.array([len(points)])), 1)
    usual = _at_one_address(release.backdrop, len(points))
    rows.share("at_shared_point", many[place] > 1, clusters=place, baseline=usual)
    if truth is not None:
        fitting_world(release, truth)
        who = _people(release)
        for measure, column in _COMMON.items():
            of = truth.people[column].to_numpy()[who]
            _add_common(rows, measure, who, of, place)
        _add_joined(rows, truth.people["household"].to_numpy()[who], who, place, chance)
        if earlier is not None:
            fitting_world(earlier, truth)
            _add_same(rows, points, who, _points(earlier), _people(earlier))
    return Measures(
        family="shared_points",
        rows=rows,
        provenance=release.provenance,
        recipe={"release": dict(release.recipe)},
    )


def _points(release: DotRelease) -> np.ndarray:
    return release.records[["x", "y"]].to_numpy(dtype=float)


def _people(release: DotRelease) -> np.ndarray:
    sources = release.opened("shared_points")
    if len(sources) != len(release):
        raise ParameterError.of("shared_points", "one source a record", "others")
    return sources["person"].to_numpy(dtype=np.int64)


def _at_one_address(base: AddressBase | None, n: int) -> float:
    """Return the share of `n` people, drawn at random, who live at the address of another one."""
    if base is None or n == 0:
        return np.nan
    people = base.people()
    share = np.ones(len(base)) if people is None or people.sum() == 0 else people
    share = share / share.sum()
    return float((share * (1 - (1 - share) ** (n - 1))).sum())


def _pairs(counts: np.ndarray) -> float:
    """Return how many pairs there are within groups of these sizes."""
    return float((counts * (counts - 1.0)).sum() / 2)


def _sizes(*keys: np.ndarray) -> np.ndarray:
    """Return, of each row, how many rows have the same keys."""
    together = np.stack(keys, axis=1)
    code, count = np.unique(together, axis=0, return_inverse=True, return_counts=True)[1:]
    return np.asarray(count[code.reshape(-1)], dtype=float)


def _add_common(
    rows: Rows, measure: str, who: np.ndarray, of: np.ndarray, place: np.ndarray
) -> None:
    """Add the chance that another person's dot at the point has this in common."""
    beside = _sizes(place) - _sizes(place, who)
    alike = _sizes(place, of) - _sizes(place, who)
    some = beside > 0
    # Over all permutations, each pair of dots of two people is as likely to share a point.
    anywhere = (len(who) - _sizes(who)).sum()
    usual = float((_sizes(of) - _sizes(who)).sum() / anywhere) if anywhere else np.nan
    fields: dict[str, Any] = {"gain": _COMMON[measure], "baseline": usual}
    if not some.any():
        rows.absent([measure], "share", Note("no_shared_point"), **fields)
        return
    rows.share(measure, alike[some] / beside[some], clusters=place[some], **fields)


def _add_joined(
    rows: Rows, household: np.ndarray, who: np.ndarray, place: np.ndarray, chance: float
) -> None:
    """Add the share of people with others of their household here who share a point with one."""
    mine = (_sizes(household) - _sizes(household, who)) > 0
    joined = (_sizes(place, household) - _sizes(place, household, who)) > 0
    fields: dict[str, Any] = {"gain": "household", "baseline": chance}
    if not mine.any():
        rows.absent(["household_joined"], "share", Note("no_shared_point"), **fields)
        return
    rows.share("household_joined", joined[mine], clusters=household[mine], **fields)


def _add_same(
    rows: Rows, points: np.ndarray, who: np.ndarray, before: np.ndarray, whose: np.ndarray
) -> None:
    """Add the chance that a dot of the older copy at the same point is of the same person."""
    both = np.concatenate([points, before])
    place = np.unique(both, axis=0, return_inverse=True)[1].reshape(-1)
    people = np.concatenate([who, whose])
    new = np.arange(len(both)) < len(points)
    there = np.bincount(place[~new], minlength=place.max() + 1)[place[new]].astype(float)
    # Dots of a person at the point, of both copies less those of the new one.
    same = _sizes(place, people)[new] - _sizes(place[new], who)
    some = there > 0
    usual = float((_sizes(people)[new] - _sizes(who)).mean() / max(len(before), 1))
    fields: dict[str, Any] = {"baseline": usual}
    if not some.any():
        rows.absent(["same_person"], "share", Note("no_shared_point"), **fields)
        return
    rows.share("same_person", same[some] / there[some], clusters=place[new][some], **fields)


# Kinds of key variables, and of sensitive variables, of the table of dots.
_KEYS, _LEARNT = ("age", "sex", "occupation", "family"), ("support", "origin")
_MOST_KEYS, _MOST_LEVELS = 4, 20
_MEASURES = ("k_anonymity", "sample_uniques", "prosecutor_risk_mean", "vulnerability_posterior")
_PLACE = "place of the dot"


def attributes_of_dots(release: DotRelease, *, exact: bool) -> dict[str, Measures]:
    """Return the measures of the attributes beside dots, by family; none for a picture."""
    if release.picture is not None:
        return {}
    table = dot_table(release, exact=exact)
    return {"properties": dot_properties(release)} | ({} if table is None else {"dot_table": table})


def dot_properties(release: DotRelease) -> Measures:
    """Count the dots beside which a name, an age, a support level or a note stands.

    Parameters
    ----------
    release : DotRelease
        A real map. Columns are known by their headers, in French and English, or by their cells.

    Returns
    -------
    Measures
        Family "properties"; n counts dots, 0 is safe.

        - shown: share of the dots that show ``what``, a kind of `privaudit.columns.headers.KINDS`;
          the notes say by which columns, and how these were known.
        - identified: share that show a name, an e-mail, a telephone or an account.
        - identified_with: of all dots, those that do and show ``what`` as well.
        - shown_without: the same as shown, or identified (``what="identity"``), once the columns
          ``without`` are withheld; baseline: today.
        - unknown_columns: columns of which nothing was recognised.

        No row where the dots have only coordinates, as the notes say.

    Examples
    --------
    >>> from privaudit.geo.address_base import AddressBase
    >>> from privaudit.release.read_map import read_map
    >>> place = pd.DataFrame({"id": "1", "number": "1", "street": "rue A", "commune": "Bourg",
    ...                       "station": "", "x": [0.0, 40.0], "y": [0.0, 30.0]})
    >>> dots = pd.DataFrame({"x": [1.0] * 4, "y": 2.0, "prenom": ["Anne", "Paul", None, "Léa"]})
    >>> found = dot_properties(read_map(dots, addresses=AddressBase(place, real=False)))
    >>> found.value("shown", what="name"), found.value("identified")
    (0.75, 0.75)
    """
    rows = shown_rows(release.beside, "dots", release.roles)
    notes = () if len(rows) else (Note("only_coordinates"),)
    return _result(release, "properties", rows, notes)


def dot_table(release: DotRelease, *, exact: bool) -> Measures | None:
    """Measure the table that the dots are, with their place as one more key.

    Parameters
    ----------
    release : DotRelease
    exact : bool
        The dots stand on addresses: the place that is known is the nearest address. Nobody
        knows of a person where a dot was moved to.

    Returns
    -------
    Measures or None
        Family "dot_table", rows of `privaudit.measure` by ``location``: none (what the keys alone
        tell), then address if `exact`, by the keys and sensitive columns of the release's roles,
        or those known by their kinds. Records are dots. None where nothing is known of a person,
        or where there is neither a key nor anything to learn beside the dots: a place alone is
        what the attacks on the map are for.
    """
    frame = release.beside
    known = column_kinds(frame)
    roles = release.roles
    keys = list(roles.key) or _columns(known, _KEYS)[:_MOST_KEYS]
    sensitive = list(roles.sensitive) or _columns(known, _LEARNT)
    learnt = [c for c in sensitive if 1 < frame[c].nunique() <= _MOST_LEVELS and c not in keys]
    table, asked = frame[[*keys, *learnt]], {"none": keys} if keys else {}
    if exact and (keys or learnt):
        table, asked["address"] = table.assign(**{_PLACE: _place(release)}), [*keys, _PLACE]
    if not asked:
        return None
    rows: list[Row] = []
    for location, by in asked.items():
        measured = measure(table, Roles(key=tuple(by), sensitive=tuple(learnt)), special=1)
        rows += [_of_dots(row, location) for row in measured.rows if row.measure in _MEASURES]
    notes = (Note("keys_of_dots", keys=tuple(keys)),) if keys else ()
    return _result(release, "dot_table", rows, notes)


def _columns(known: Mapping[str, ColumnKind], kinds: tuple[str, ...]) -> list[str]:
    return [column for kind in kinds for column, one in known.items() if one.kind == kind]


def _place(release: DotRelease) -> pd.Series:
    """Return the nearest address of each dot."""
    from scipy.spatial import cKDTree

    points = release.records[["x", "y"]].to_numpy(dtype=float)
    return pd.Series(cKDTree(release.backdrop.xy).query(points)[1]).astype("str")


def _of_dots(row: Row, location: str) -> Row:
    """Return a row of a table with dots for records."""
    dots: dict[str, Any] = {
        name: "dots" for name in ("unit", "counts", "of") if getattr(row, name) == "records"
    }
    return replace(row, part={"location": location, **row.part}, **dots)


def _result(release: DotRelease, family: str, rows: Any, notes: tuple[Note, ...]) -> Measures:
    return Measures(
        family=family,
        rows=rows,
        name=release.name,
        provenance=release.provenance,
        notes=notes,
        recipe={"stage": family},
    )
