"""Scores of aggregate maps: what counts by area and heat maps say of addresses and households."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from privaudit.core.reproducible import stream
from privaudit.core.thresholds import KNOWN_WITHIN, SMALL_CELL, SURE_CLAIM
from privaudit.results.measures import Measures
from privaudit.results.rows import Rows
from privaudit.simulation.world import SimulatedWorld
from privaudit.stats.calibration import expected_calibration_error
from privaudit.stats.overlapping_counts import shortest_range
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
    """Score the inversion of one or several crossed area maps of a campaign, by household.

    A household is *marked* where a dot stands for it. The adversary knows the households of each
    address, the areas, the thresholds and, where `total` is given, the number of dots.

    Parameters
    ----------
    found : InvertedCounts
        Result of `invert_counts` on the maps as leaked.
    releases : sequence of AreaRelease
        One map, or several that were crossed, with their sources where there is a world.
    areas : sequence of ndarray of str
        The area of each address, for each map.
    world : SimulatedWorld, optional
        The truth. Without it given_to_marked, given_to_unmarked and likely are nan with n = 0;
        the other rows follow from the counts alone.
    total : int, optional
        Dots on the whole map, where known.
    seed : int
        Of the bootstrap, 0 or more.

    Returns
    -------
    Measures
        Family "areas"; 0 is safe:

        - given_to_marked: mean posterior probability of the households that have a dot;
          given_to_unmarked: the control, the same of those without one. Interval: bootstrap over
          addresses. Baseline: the probability of any household where only the total is known
          (nan where it is not).
        - likely: households that have a dot and a probability of .5 or more.
        - cleared: households that provably have no dot.
        - groups_told: small groups (under `SMALL_CELL` households, in one area of each map) that
          provably hold a dot; in_groups_told: households in them.
        - hidden_counts_told: suppressed totals that are recovered exactly; baseline: the number
          of suppressed totals.
        - small_narrowed: groups with a dot and fewer than `SMALL_CELL` whose count is in a credible
          range (`CREDIBLE_MASS`) of at most `KNOWN_WITHIN` more values than one, and in truth
          there; baseline: the same where only the number of dots is known, and homes.
    """
    base = releases[0].backdrop
    address = _households(base) if world is None else world.households["address"].to_numpy()
    group = found.group[address]
    rows = Rows(len(address), "households")
    marked = None if world is None else _marked(releases[0], len(address))
    probability = found.probability[group]
    _add_given(rows, probability, marked, address, total, stream(seed, "area exposure"))
    small = (found.homes < SMALL_CELL) & (found.low > 0)
    hidden, told_exactly = _hidden(releases, areas, found)
    cleared = int((found.high[group] == 0).sum())
    of_groups: dict[str, Any] = {"n": len(found.homes), "counts": "groups"}
    of_areas: dict[str, Any] = {"n": hidden, "counts": "areas"}
    gain: dict[str, Any] = {"baseline": 0.0, "gain": "household"}
    rows.count("cleared", cleared, "households", **gain)
    rows.count("groups_told", int(small.sum()), "groups", baseline=0.0, **of_groups)
    rows.count("in_groups_told", int(small[group].sum()), "households", **gain)
    rows.count("hidden_counts_told", told_exactly, "areas", baseline=float(hidden), **of_areas)
    _add_narrowed(rows, found, releases[0], world)
    notes = []
    rough = int(found.homes[~found.exact].sum())
    if rough:
        noisy = any(one.protection is not None for one in releases)
        note = "odds_sampled" if noisy else "odds_of_even_spread"
        notes.append(Note(note, households=rough, of=int(found.homes.sum())))
    if world is None:
        notes.append(Note("areas_without_truth"))
    return Measures(
        family="areas",
        rows=rows,
        provenance=releases[0].provenance,
        notes=tuple(notes),
        recipe={"maps": [dict(one.recipe) for one in releases], "total": total, "seed": seed},
    )


def _add_narrowed(
    rows: Rows, found: InvertedCounts, release: AreaRelease, world: SimulatedWorld | None
) -> None:
    """Add the share of small groups whose count is known within two; nan without a truth."""
    if world is None:
        rows.absent(["small_narrowed"], "share", Note("needs_truth"), n=np.nan, counts="groups")
        return
    address = release.opened("audit")["marked_address"].to_numpy()
    count = np.bincount(found.group[address], minlength=len(found.homes))
    small = (count > 0) & (count < SMALL_CELL)
    low, high = _blind_ranges(len(address), found.homes)
    known, blind = (
        (np.abs(b - a) <= KNOWN_WITHIN) & (a <= count) & (count <= b)
        for a, b in ((found.likely_low, found.likely_high), (low, high))
    )
    chance = float(blind[small].mean()) if small.any() else np.nan
    rows.share("small_narrowed", known[small], counts="groups", baseline=chance)


def _blind_ranges(total: int, homes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the credible range of each group's count where dots fall on any home alike."""
    from scipy.stats import binom

    chance = homes / max(float(homes.sum()), 1.0)
    laws = binom.pmf(np.arange(total + 1)[:, None], total, chance)
    ranges = np.array([shortest_range(law) for law in laws.T])
    return ranges[:, 0], ranges[:, 1]


def _households(base: AddressBase) -> np.ndarray:
    """Return the address of each counted household, one an address where none is counted."""
    each = base.frame["households"].to_numpy() if "households" in base.counts else 1
    return np.repeat(np.arange(len(base)), each)


def _hidden(
    maps: Sequence[AreaRelease], areas: Sequence[np.ndarray], found: InvertedCounts
) -> tuple[int, int]:
    """Count the suppressed totals, and those that the bounds recover exactly."""
    first = np.unique(found.group, return_index=True)[1]
    hidden = exact = 0
    for release, area in zip(maps, areas, strict=True):
        records = release.records
        missing = records.loc[records["total"].isna(), "area"].to_numpy(dtype=str)
        of_group = area[first]
        for name in missing:
            inside = of_group == name
            hidden += 1
            exact += int(found.low[inside].sum() == found.high[inside].sum())
    return hidden, exact


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
    """Score the inversion of one heat map, by address and household.

    The adversary names as many addresses as the map has dots: the most probable ones.

    Parameters
    ----------
    inverted : InvertedHeat
        Result of `invert_heat` on the map as leaked.
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

        - dots: on the map, known or estimated. addresses_named: number of named addresses.
        - reidentified: people on the map whose marked address is named. Baseline: naming the
          addresses with most households, without the map.
        - at_named_address: people on the map who live at a named address; control: people who
          are not on the map and live at one.
        - named_right: named addresses that have a dot (baseline: as above); claimed: their mean
          posterior probability (baseline: named_right), and bounds of named_right.
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
    low, high = inverted.claimed_range
    rows.add(
        "claimed", claimed, "probability", low=low, high=high, baseline=right, n=len(named),
        counts="addresses",
    )  # fmt: skip
    rows.count("sure", len(sure), "addresses", **of_addresses)
    rows.count("addresses_named", len(named), "addresses", **of_addresses)
    rows.count("dots", inverted.total, "dots")
    rows.add("bandwidth", inverted.bandwidth, "metres")
    return Measures(
        family="heat",
        # Where the heat is not explained, neither its kernel nor its dots are known.
        rows=[replace(row, reliable=not inverted.doubts) for row in rows],
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
    """Return as many places as there are dots, by score, then expected dots, then homes."""
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
    """Add names and claims against where the dots are; return the share of right names."""
    sources = release.opened("audit")
    rng = stream(seed, "heat exposure")
    door = inverted.place[sources["marked_address"].to_numpy()]
    marked = np.zeros(len(inverted.homes), dtype=bool)
    marked[door] = True
    is_named, blind = (np.zeros(len(marked), dtype=bool) for _ in range(2))
    is_named[named] = True
    blind[np.argsort(-inverted.homes, kind="stable")[: len(named)]] = True
    person = sources["person"].to_numpy()
    lives = inverted.place[world.people["address"].to_numpy()]
    own = person >= 0
    home = lives[person[own]]
    others = np.ones(len(lives), dtype=bool)
    others[person[own]] = False
    counted: dict[str, Any] = {"gain": "address", "counts": "people"}
    chance = float(blind[door].mean())
    rows.share("reidentified", is_named[door], clusters=door, baseline=chance, **counted)
    beside: dict[str, Any] = {"clusters": home, "baseline": float(blind[home].mean()), **counted}
    beside |= {"control": is_named[lives[others]], "control_clusters": lives[others]}
    rows.share("at_named_address", is_named[home], **beside)
    right, at_random = float(marked[named].mean()), float(marked.mean())
    blindly = float(marked[blind].mean())
    rows.share("named_right", marked[named], baseline=blindly, counts="addresses")
    rows.share("sure_right", marked[sure], baseline=at_random, counts="addresses")
    gap = expected_calibration_error(inverted.claim, marked)
    fields: dict[str, Any] = {"baseline": 0.0, "n": len(marked), "counts": "addresses"}
    rows.add("calibration_gap", gap, "probability", **fields)
    address = world.households["address"].to_numpy()
    probability = inverted.claim_home[inverted.place[address]]
    _add_given(rows, probability, _marked(release, len(address)), address, inverted.total, rng)
    apart, usual = (_nearest(inverted, release, at, door) for at in (is_named, blind))
    beside = {"clusters": door, "baseline": float(usual.mean()), **counted}
    rows.mean("error", apart, "metres", rng=rng, **beside)
    return right


def _marked(release: Release, households: int) -> np.ndarray:
    """Return which households of the town a dot stands for."""
    marked = np.zeros(households, dtype=bool)
    household = release.opened("audit")["marked_household"].to_numpy()
    marked[household[household >= 0]] = True
    return marked


def _add_given(
    rows: Rows,
    probability: np.ndarray,
    marked: np.ndarray | None,
    address: np.ndarray,
    total: int | None,
    rng: np.random.Generator,
) -> None:
    """Add the mean probability of households with and without a dot; nan without a truth."""
    nobody = np.zeros(len(address), dtype=bool)
    with_dot, without = (nobody, nobody) if marked is None else (marked, ~marked)
    chance = np.nan if total is None else 1 - (1 - 1 / len(address)) ** total
    counted: dict[str, Any] = {"counts": "households", "gain": "household"}
    for measure, of in (("given_to_marked", with_dot), ("given_to_unmarked", without)):
        beside: dict[str, Any] = {"clusters": address[of], "baseline": chance, **counted}
        rows.mean(measure, probability[of], "probability", rng=rng, **beside)
    likely = np.nan if marked is None else float((marked & (probability >= 0.5)).sum())
    rows.count("likely", likely, "households", baseline=0.0, n=int(with_dot.sum()), **counted)


def _nearest(
    inverted: InvertedHeat, release: HeatRelease, named: np.ndarray, door: np.ndarray
) -> np.ndarray:
    """Return the metres from each marked place to the nearest named one."""
    from scipy.spatial import cKDTree

    at = np.empty((len(named), 2))
    at[inverted.place] = release.backdrop.xy
    return np.asarray(cKDTree(at[named]).query(at[door])[0], dtype=float)
