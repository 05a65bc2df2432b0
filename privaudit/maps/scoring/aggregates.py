"""Heat maps: which addresses the heat gives away, and whether whoever undoes it claims too much.

- Counts by area: which households they give away, alone or crossed with one another.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from privaudit.core.checks import error_message, kind_of
from privaudit.core.policy import SMALL_CELL, SURE_CLAIM
from privaudit.core.progress import stream
from privaudit.errors import ParameterError
from privaudit.results.measures import Measures
from privaudit.results.rows import Rows
from privaudit.simulation.world import SimulatedWorld
from privaudit.stats.calibration import expected_calibration_error
from privaudit.words.catalogues import Note

if TYPE_CHECKING:
    from privaudit.geo.address_base import AddressBase
    from privaudit.maps.area_inversion import InvertedCounts
    from privaudit.maps.heat_inversion import InvertedHeat
    from privaudit.release.release import AreaRelease, HeatRelease, Release


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
        raise ParameterError(error_message(who, "a SimulatedWorld as truth", came, do))
    if release.world not in ("", world.identity):
        do = "Give the world that the campaign ran in."
        raise ParameterError(
            error_message(who, "the world of the release as truth", "another one", do)
        )


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


_ABSENT = (
    ("reidentified", "share", "address"),
    ("at_named_address", "share", "address"),
    ("named_right", "share", ""),
    ("sure_right", "share", ""),
    ("calibration_gap", "probability", ""),
    ("given_to_marked", "probability", "household"),
    ("given_to_unmarked", "probability", "household"),
    ("likely", "households", "household"),
    ("error", "metres", "address"),
)


def heat_exposure(
    inverted: InvertedHeat,
    release: HeatRelease,
    world: SimulatedWorld | None = None,
    *,
    seed: int = 7,
) -> Measures:
    """Measure what one heat map says of each address and household.

    The adversary names as many addresses as the map has dots, the likeliest ones.

    Parameters
    ----------
    inverted : InvertedHeat
        What undoing the heat gave; see `attacks.heat_inversion`.
    release : HeatRelease
        The map, with its sources where there is a world.
    world : SimulatedWorld, optional
        The truth. Without it only dots, addresses_named, claimed, sure and bandwidth have a value.
    seed : int
        Of the bootstrap, 0 or more.

    Returns
    -------
    Measures
        Family "heat"; 0 is safe:

        - dots: on the map, told or estimated. addresses_named: how many are named.
        - found: people on the map whose marked address is named. Baseline: naming the addresses
          with most households, without the map.
        - at_named_address: people on the map who live at a named address; control: people who
          are not on the map and live at one.
        - named_right: named addresses that have a dot (baseline: as above); claimed: the mean
          probability that the adversary gave them (baseline: named_right).
        - sure: addresses claimed with .8 or more; sure_right: those of them that have a dot.
        - calibration_gap: expected calibration error of all addresses' claims.
        - given_to_marked, given_to_unmarked: mean probability given to the households with and
          without a dot; likely: those with one and a probability of .5 or more.
        - error: metres from a marked address to the nearest named one.
    """
    named = _likeliest(inverted.claim, inverted)
    sure = np.flatnonzero(inverted.claim >= SURE_CLAIM)
    rows, right, many = Rows(inverted.total, "dots"), np.nan, len(inverted.homes)
    of_addresses: dict[str, Any] = {"counts": "addresses", "n": many}
    if world is None:
        for measure, unit, gain in _ABSENT:
            counts = {"household": "households", "address": "people"}.get(gain, "addresses")
            fields: dict[str, Any] = {"n": np.nan, "counts": counts, "gain": gain}
            rows.absent([measure], unit, Note("needs_truth"), **fields)
    else:
        right = _held(rows, inverted, named, sure, release, world, seed)
    claimed = float(inverted.claim[named].mean())
    rows.add("claimed", claimed, "probability", baseline=right, n=len(named), counts="addresses")
    rows.count("sure", len(sure), "addresses", **of_addresses)
    rows.count("addresses_named", len(named), "addresses", **of_addresses)
    rows.count("dots", inverted.total, "dots")
    rows.add("bandwidth", inverted.bandwidth, "metres")
    # How many dots and how wide they spread is measured on the heat: the doubt is about claims.
    sure_of = ("dots", "bandwidth") if inverted.doubts else tuple(row.measure for row in rows)
    return Measures(
        family="heat",
        rows=[replace(row, reliable=row.measure in sure_of) for row in rows],
        provenance=release.provenance,
        notes=inverted.notes,
        reliable=not inverted.doubts,
        recipe={
            "release": dict(release.recipe),
            "bandwidth": inverted.bandwidth,
            "seed": seed,
        },
    )


def _likeliest(score: np.ndarray, inverted: InvertedHeat) -> np.ndarray:
    """Name as many places as there are dots; ties by what is expected, then by homes."""
    order = np.lexsort((-inverted.homes, -inverted.expected, -score))
    return order[: min(inverted.total, len(order))]


def _held(
    rows: Rows,
    inverted: InvertedHeat,
    named: np.ndarray,
    sure: np.ndarray,
    release: HeatRelease,
    world: SimulatedWorld,
    seed: int,
) -> float:
    """Hold names and claims against where the dots are; return the share of names that is right."""
    sources = release.opened("audit")
    rng = stream(seed, "heat exposure")
    door = inverted.place[sources["marked_address"].to_numpy()]
    marked = np.zeros(len(inverted.homes), dtype=bool)
    marked[door] = True
    seen, blind = (np.zeros(len(marked), dtype=bool) for _ in range(2))
    seen[named] = True
    blind[np.argsort(-inverted.homes, kind="stable")[: len(named)]] = True
    person = sources["person"].to_numpy()
    lives = inverted.place[world.people["address"].to_numpy()]
    own = person >= 0
    home = lives[person[own]]
    others = np.ones(len(lives), dtype=bool)
    others[person[own]] = False
    told: dict[str, Any] = {"gain": "address", "counts": "people"}
    chance = float(blind[door].mean())
    rows.share("reidentified", seen[door], clusters=door, baseline=chance, **told)
    rows.share(
        "at_named_address",
        seen[home],
        clusters=home,
        baseline=float(blind[home].mean()),
        control=seen[lives[others]],
        control_clusters=lives[others],
        **told,
    )
    right, at_random = float(marked[named].mean()), float(marked.mean())
    blindly = float(marked[blind].mean())
    rows.share("named_right", marked[named], baseline=blindly, counts="addresses")
    rows.share("sure_right", marked[sure], baseline=at_random, counts="addresses")
    gap = expected_calibration_error(inverted.claim, marked)
    fields: dict[str, Any] = {"baseline": 0.0, "n": len(marked), "counts": "addresses"}
    rows.add("calibration_gap", gap, "probability", **fields)
    _households_heat(rows, inverted, sources, world, rng)
    apart, usual = (_nearest(inverted, release, at, door) for at in (seen, blind))
    beside: dict[str, Any] = {"clusters": door, "baseline": float(usual.mean())}
    rows.mean("error", apart, "metres", rng=rng, **beside, **told)
    return right


def _households_heat(
    rows: Rows,
    inverted: InvertedHeat,
    sources: pd.DataFrame,
    world: SimulatedWorld,
    rng: np.random.Generator,
) -> None:
    """Add what households with and without a dot are given."""
    address = world.households["address"].to_numpy()
    marked = np.zeros(len(address), dtype=bool)
    household = sources["marked_household"].to_numpy()
    marked[household[household >= 0]] = True
    probability = inverted.claim_home[inverted.place[address]]
    chance = 1 - (1 - 1 / len(address)) ** inverted.total
    told: dict[str, Any] = {"counts": "households", "gain": "household"}
    for measure, of in (("given_to_marked", marked), ("given_to_unmarked", ~marked)):
        fields: dict[str, Any] = {"clusters": address[of], "baseline": chance, **told}
        rows.mean(measure, probability[of], "probability", rng=rng, **fields)
    likely = int((marked & (probability >= 0.5)).sum())
    rows.count("likely", likely, "households", baseline=0.0, n=int(marked.sum()), **told)


def _nearest(
    inverted: InvertedHeat, release: HeatRelease, named: np.ndarray, door: np.ndarray
) -> np.ndarray:
    """Return the metres from each marked place to the nearest named one."""
    from scipy.spatial import cKDTree

    at = np.empty((len(named), 2))
    at[inverted.place] = release.backdrop.xy
    return np.asarray(cKDTree(at[named]).query(at[door])[0], dtype=float)
