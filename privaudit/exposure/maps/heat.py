"""Heat maps: which doors the heat gives away, and whether whoever undoes it claims too much."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from privaudit._core.checks import listed, say
from privaudit._core.streams import stream
from privaudit.attacks.heat_inversion import InvertedHeat, invert_heat
from privaudit.errors import ParameterError
from privaudit.exposure.maps.areas import fitting_world
from privaudit.exposure.results import Measures
from privaudit.exposure.tables.rows import Rows
from privaudit.measures.calibration import expected_calibration_error
from privaudit.measures.interval import bootstrap_mean, effective_n, residual, wilson
from privaudit.release.heat_map import HeatMap
from privaudit.release.publish import publish

if TYPE_CHECKING:
    from privaudit.campaign.campaign import Campaign
    from privaudit.release.release import Release
    from privaudit.simulation.world import SimulatedWorld

__all__ = ["SURE", "heat_curve", "heat_exposure"]

# A finder who claims as much is sure.
SURE = 0.8
_ABSENT = (
    ("found", "share of people"), ("found_at_home", "share of people"),
    ("control", "share of people"), ("residual", "share of people"),
    ("named_right", "share of addresses"), ("sure_right", "share of addresses"),
    ("calibration_gap", "probability"), ("home_in_set", "probability"),
    ("home_not_in_set", "probability"), ("homes_likely", "homes"), ("error_mean", "metres"),
)  # fmt: skip
_ENDS = {"value": "", "low": "_low", "high": "_high", "baseline": "_baseline"}
_NO_TRUTH = "needs the truth, that of a simulation"


def heat_exposure(
    release: Release, world: SimulatedWorld | None = None, *, seed: int = 7
) -> Measures:
    """Measure what one heat map says of each address and home; see `attacks.heat_inversion`.

    The adversary names as many addresses as the map has dots, the likeliest ones. The bandwidth
    is taken as told, where the recipe has it, and so is the number of dots, where there are
    sources; both are against the map. Without them they are estimated, and the notes say so.

    Parameters
    ----------
    release : Release
        What `publish` made of a `HeatMap`, or areas with the columns x, y and intensity.
    world : SimulatedWorld, optional
        The truth. Without it only dots, addresses_named, claimed and sure have a value.
    seed : int
        Of the maps that the adversary draws to calibrate, and of the bootstrap, 0 or more.

    Returns
    -------
    Measures
        0 is safe:

        - dots: on the map, told or estimated. addresses_named: how many are named.
        - found: people on the map whose marked address is named; found_at_home: those who live
          at a named address. Baseline: naming the addresses with most homes, without the map.
          control: people who are not on the map and live at a named address; residual: of
          found_at_home over it.
        - named_right: named addresses that have a dot (baseline: as above); claimed: the mean
          probability that the adversary gave them (baseline: named_right).
        - sure: addresses claimed with .8 or more; sure_right: those of them that have a dot.
        - calibration_gap: expected calibration error of all addresses' claims.
        - home_in_set, home_not_in_set, homes_likely: as in `area_exposure`.
        - error_mean: metres from a marked address to the nearest named one.

    Raises
    ------
    ParameterError
        No dot, another world than the release's own, or what `invert_heat` refuses.
    """
    if world is not None:
        fitting_world(release, world)
    sources = release.sources
    if sources is not None and len(sources) == 0:
        raise ParameterError(
            say("audit", "a map that holds a dot", "0 dots", "Publish a wider view.")
        )
    if world is not None and sources is None:
        do = "Give what publish() returned for a HeatMap, or no truth."
        raise ParameterError(say("audit", "a simulated heat map with a truth", "no sources", do))
    view = release.recipe.get("view")
    told = view.get("bandwidth") if isinstance(view, dict) else None
    inverted = invert_heat(
        release.as_leaked(),
        rng=stream(seed, "attack", "heat map"),
        bandwidth=told,
        total=None if sources is None else len(sources),
    )
    named = _likeliest(inverted.claim, inverted)
    sure = np.flatnonzero(inverted.claim >= SURE)
    rows, right, many = Rows(inverted.total), np.nan, len(inverted.homes)
    if world is None:
        for name, unit in _ABSENT:
            rows.absent([name], unit, _NO_TRUTH)
    else:
        right = _held(rows, inverted, named, sure, release, world, seed)
    rows.add(
        "claimed", float(inverted.claim[named].mean()), "probability",
        "mean claim for a named address; n: these", baseline=right, n=len(named),
    )  # fmt: skip
    rows.add("sure", len(sure), "addresses", "claimed with .8 or more; n: addresses", n=many)
    rows.add("addresses_named", len(named), "addresses", "one a dot; n: addresses", n=many)
    rows.add("dots", inverted.total, "dots", "on the map; n: dots")
    rows.add("bandwidth", inverted.bandwidth, "m", "standard deviation of the kernel")
    estimated = told is None
    return Measures(
        overall=rows.frame(),
        per_record=pd.DataFrame(index=pd.RangeIndex(0)),
        title="heat map",
        provenance=release.provenance,
        notes=inverted.notes,
        reliable=not estimated,
        recipe={
            "measure": "heat",
            "release": dict(release.recipe),
            "bandwidth": inverted.bandwidth,
            "seed": seed,
        },
    )


def heat_curve(
    campaign: Campaign,
    bandwidths: Sequence[float] = (25.0, 50.0, 100.0, 200.0),
    *,
    cell: float = 25.0,
    levels: Sequence[int | None] = (None,),
    seed: int = 7,
) -> pd.DataFrame:
    """Follow what heat maps of one campaign give away as their kernel widens.

    Parameters
    ----------
    campaign : Campaign
    bandwidths : sequence of float
        Metres.
    cell : float
        Side of a cell, metres.
    levels : sequence of int or None
        Colour steps, None for exact intensities; all bandwidths with each.
    seed : int

    Returns
    -------
    pandas.DataFrame
        One row a map: bandwidth, levels (0 where exact), found with found_low, found_high and
        found_baseline, named_right likewise, claimed, calibration_gap, and n people; shares as
        in `heat_exposure`, 0 is safe. ``pa.pictures.hit_rate(curve, x="bandwidth",
        label="bandwidth, m", shares=["found"])`` draws it.

    Raises
    ------
    ParameterError
        No bandwidth or no levels, or what `HeatMap` refuses.

    Examples
    --------
    >>> import privaudit as pa
    >>> campaign = pa.run_campaign(pa.simulate(pa.Town(inhabitants=1_000), seed=7), seed=7)
    >>> curve = heat_curve(campaign, [20, 200])
    >>> bool(curve["found"].is_monotonic_decreasing)
    True
    """
    bandwidths = listed("heat_curve", "bandwidths", bandwidths)
    levels = listed("heat_curve", "levels", levels)
    if not bandwidths or not levels:
        came = f"{len(bandwidths)} bandwidths and {len(levels)} levels"
        raise ParameterError(say("heat_curve", "one bandwidth and one level at least", came))
    found = []
    for steps in levels:
        for bandwidth in bandwidths:
            view = HeatMap(bandwidth=bandwidth, cell=cell, levels=steps)
            rows = heat_exposure(publish(campaign, view, seed=seed), campaign.world, seed=seed)
            told = rows.overall.to_dict("index")
            row: dict[str, object] = {"bandwidth": float(bandwidth), "levels": steps or 0}
            for share in ("found", "named_right"):
                for column, end in _ENDS.items():
                    row[share + end] = told[share][column]
            row |= {name: told[name]["value"] for name in ("claimed", "calibration_gap")}
            found.append(row | {"n": told["found"]["n"]})
    return pd.DataFrame(found)


def _likeliest(score: np.ndarray, inverted: InvertedHeat) -> np.ndarray:
    """Name as many places as there are dots; ties by what is expected, then by homes."""
    order = np.lexsort((-inverted.homes, -inverted.expected, -score))
    return order[: min(inverted.total, len(order))]


def _held(
    rows: Rows,
    inverted: InvertedHeat,
    named: np.ndarray,
    sure: np.ndarray,
    release: Release,
    world: SimulatedWorld,
    seed: int,
) -> float:
    """Hold names and claims against where the dots are; return the share of names that is right."""
    sources = release.sources
    assert sources is not None
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
    _people(
        rows,
        "found",
        seen[door],
        door,
        "marked address named; n: people",
        float(blind[door].mean()),
    )
    _people(
        rows, "found_at_home", seen[home], home, "lives there; n: people", float(blind[home].mean())
    )
    others = np.ones(len(lives), dtype=bool)
    others[person[own]] = False
    absent = seen[lives[others]]
    _people(rows, "control", absent, lives[others], "not on the map; n: people")
    value, low, high = residual(
        seen[home].mean(), absent.mean(),
        effective_n(seen[home], home), effective_n(absent, lives[others]),
    )  # fmt: skip
    rows.add("residual", float(value), "share of people", "of found at home over the control",
             low=float(low), high=float(high), baseline=0.0, n=len(home))  # fmt: skip
    right = float(marked[named].mean())
    for name, of, base in (("named_right", named, float(marked[blind].mean())),
                           ("sure_right", sure, float(marked.mean()))):  # fmt: skip
        mean = float(marked[of].mean()) if len(of) else np.nan
        low, high = wilson(mean, len(of)) if len(of) else (np.nan, np.nan)
        rows.add(name, mean, "share of addresses", "that have a dot; n: these",
                 low=float(low), high=float(high), baseline=base, n=len(of))  # fmt: skip
    rows.add("calibration_gap", expected_calibration_error(inverted.claim, marked), "probability",
             "claimed against what is there; n: addresses", baseline=0.0,
             n=len(marked))  # fmt: skip
    _homes(rows, inverted, sources, world, rng)
    apart, usual = (_nearest(inverted, release, at, door) for at in (seen, blind))
    low, high = bootstrap_mean(apart, rng, clusters=door)
    rows.add("error_mean", float(apart.mean()), "metres", "to the nearest named address; n: dots",
             low=low, high=high, baseline=float(usual.mean()), n=len(door))  # fmt: skip
    return right


def _people(
    rows: Rows, name: str, found: np.ndarray, door: np.ndarray, note: str, baseline: float = np.nan
) -> None:
    """Add a share of people; those of one door are found together, or not."""
    mean = float(found.mean()) if len(found) else np.nan
    low, high = wilson(mean, effective_n(found, door)) if len(found) else (np.nan, np.nan)
    rows.add(name, mean, "share of people", note, low=float(low), high=float(high),
             baseline=baseline, n=len(found))  # fmt: skip


def _homes(
    rows: Rows,
    inverted: InvertedHeat,
    sources: pd.DataFrame,
    world: SimulatedWorld,
    rng: np.random.Generator,
) -> None:
    """Add what homes with and without a dot are given."""
    households = world.households["address"].to_numpy()
    marked = np.zeros(len(households), dtype=bool)
    home = sources["marked_household"].to_numpy()
    marked[home[home >= 0]] = True
    probability = inverted.claim_home[inverted.place[households]]
    chance = 1 - (1 - 1 / len(households)) ** inverted.total
    for name, of, note in (
        ("home_in_set", marked, "mean probability given to homes with a dot; n: such homes"),
        (
            "home_not_in_set",
            ~marked,
            "mean probability given to homes without a dot; n: such homes",
        ),
    ):
        value = float(probability[of].mean()) if of.any() else np.nan
        low, high = bootstrap_mean(probability[of], rng, clusters=households[of])
        rows.add(name, value, "probability", note, low=low, high=high, baseline=chance,
                 n=int(of.sum()))  # fmt: skip
    rows.add("homes_likely", int((marked & (probability >= 0.5)).sum()), "homes",
             "with a dot and a probability of .5 or more; n: homes with a dot", baseline=0.0,
             n=int(marked.sum()))  # fmt: skip


def _nearest(
    inverted: InvertedHeat, release: Release, named: np.ndarray, door: np.ndarray
) -> np.ndarray:
    """Return the metres from each marked place to the nearest named one."""
    from scipy.spatial import cKDTree

    assert release.backdrop is not None
    at = np.empty((len(named), 2))
    at[inverted.place] = release.backdrop.xy
    return np.asarray(cKDTree(at[named]).query(at[door])[0], dtype=float)
