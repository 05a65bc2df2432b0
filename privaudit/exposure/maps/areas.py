"""Counts by area: which households they give away, alone or crossed with one another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from privaudit._core.checks import kind_of, say
from privaudit._core.policy import SMALL_CELL
from privaudit._core.streams import stream
from privaudit.errors import ParameterError
from privaudit.results.measures import Measures
from privaudit.results.rows import Rows
from privaudit.simulation.world import SimulatedWorld
from privaudit.words.note import Note

if TYPE_CHECKING:
    from privaudit.attacks.aggregates import InvertedCounts
    from privaudit.places.address_base import AddressBase
    from privaudit.release.release import AreaRelease, Release

__all__ = ["area_exposure", "fitting_world"]


def area_exposure(
    found: InvertedCounts,
    releases: Sequence[AreaRelease],
    areas: Sequence[np.ndarray],
    world: SimulatedWorld | None = None,
    *,
    total: int | None,
    seed: int = 7,
) -> Measures:
    """Measure what area maps of one campaign, held together, say of each household.

    A household is *marked* where a dot stands for it. The adversary knows the households of each
    address, the areas, the thresholds and, where `total` is given, the number of dots.

    Parameters
    ----------
    found : InvertedCounts
        What `invert_counts` made of the maps as leaked.
    releases : sequence of AreaRelease
        One map, or several that were crossed, with their sources where there is a world.
    areas : sequence of ndarray of str
        The area of each address, for each map.
    world : SimulatedWorld, optional
        The truth. Without it given_to_marked, given_to_unmarked and likely are nan, n 0: they
        ask which households have a dot. The others are proved by the counts alone.
    total : int, optional
        Dots on the whole map, where that was told.
    seed : int
        Of the bootstrap, 0 or more.

    Returns
    -------
    Measures
        Family "areas"; 0 is safe:

        - given_to_marked: mean probability that the maps give to the households that have a
          dot; given_to_unmarked: the control, the same over those that have none. Interval:
          bootstrap over addresses. Baseline: the probability of any household where only the
          total is known (nan where it is not).
        - likely: households that have a dot and a probability of .5 or more.
        - cleared: households that the maps prove to have no dot.
        - groups_told: small groups (under `SMALL_CELL` households, in one area of each map) that
        are
          proved to hold a dot; in_groups_told: households in them.
        - hidden_counts_told: totals that a map leaves out and that are yet known exactly;
          baseline: how many were left out.
    """
    base = releases[0].backdrop
    address = _households(base) if world is None else world.households["address"].to_numpy()
    marked = np.zeros(len(address), dtype=bool)
    if world is not None:
        household = releases[0].opened("audit")["marked_household"].to_numpy()
        marked[household[household >= 0]] = True
    group = found.group[address]
    probability = found.probability[group]
    chance = np.nan if total is None else 1 - (1 - 1 / len(address)) ** total
    rng = stream(seed, "area exposure")
    rows = Rows(len(address), "households")
    unmarked = np.zeros(len(address), dtype=bool) if world is None else ~marked
    for measure, of in (("given_to_marked", marked), ("given_to_unmarked", unmarked)):
        told: dict[str, Any] = {"clusters": address[of], "baseline": chance, "gain": "household"}
        rows.mean(measure, probability[of], "probability", rng=rng, **told)
    likely = np.nan if world is None else float((marked & (probability >= 0.5)).sum())
    small = (found.homes < SMALL_CELL) & (found.low > 0)
    hidden, told_exactly = _hidden(releases, areas, found)
    cleared = int((found.high[group] == 0).sum())
    of_groups: dict[str, Any] = {"n": len(found.homes), "counts": "groups"}
    of_areas: dict[str, Any] = {"n": hidden, "counts": "areas"}
    gain: dict[str, Any] = {"baseline": 0.0, "gain": "household"}
    rows.count("likely", likely, "households", n=int(marked.sum()), **gain)
    rows.count("cleared", cleared, "households", **gain)
    rows.count("groups_told", int(small.sum()), "groups", baseline=0.0, **of_groups)
    rows.count("in_groups_told", int(small[group].sum()), "households", **gain)
    rows.count("hidden_counts_told", told_exactly, "areas", baseline=float(hidden), **of_areas)
    notes = []
    rough = int(found.homes[~found.exact].sum())
    if rough:
        notes.append(Note("odds_of_even_spread", households=rough, of=int(found.homes.sum())))
    if world is None:
        notes.append(Note("areas_without_truth"))
    return Measures(
        family="areas",
        rows=rows,
        provenance=releases[0].provenance,
        notes=tuple(notes),
        recipe={"maps": [dict(one.recipe) for one in releases], "total": total, "seed": seed},
    )


def fitting_world(release: Release, world: SimulatedWorld) -> None:
    """Refuse what is not the world that a release came from.

    Raises
    ------
    ParameterError
    """
    who = "audit"
    if not isinstance(world, SimulatedWorld):
        came, do = kind_of(world), "Give what simulate() returned."
        raise ParameterError(say(who, "a SimulatedWorld as truth", came, do))
    if release.world not in ("", world.identity):
        do = "Give the world that the campaign ran in."
        raise ParameterError(say(who, "the world of the release as truth", "another one", do))


def _households(base: AddressBase) -> np.ndarray:
    """Return the address of each household that is counted, one an address where none is."""
    each = base.frame["households"].to_numpy() if "households" in base.counts else 1
    return np.repeat(np.arange(len(base)), each)


def _hidden(
    maps: Sequence[AreaRelease], areas: Sequence[np.ndarray], found: InvertedCounts
) -> tuple[int, int]:
    """Count the totals that are left out, and those of them that the bounds tell exactly."""
    first = np.unique(found.group, return_index=True)[1]
    hidden = told = 0
    for release, area in zip(maps, areas, strict=True):
        records = release.records
        missing = records.loc[records["total"].isna(), "area"].to_numpy(dtype=str)
        of_group = area[first]
        for name in missing:
            inside = of_group == name
            hidden += 1
            told += int(found.low[inside].sum() == found.high[inside].sum())
    return hidden, told
