"""Dots at one point: what a shared masked point tells of who lives with whom, or is the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from privaudit.core.checks import an_instance
from privaudit.errors import ParameterError
from privaudit.maps.scoring.truth import fitting_world
from privaudit.release.release import DotRelease
from privaudit.results.measures import Measures
from privaudit.results.rows import Rows
from privaudit.simulation.world import SimulatedWorld
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
