"""Goodness of fit of a simulated town: measures with their targets as baselines."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from privaudit.core.checks import Floats, Ints, Strs
from privaudit.geo.address_base import AddressBase
from privaudit.results.rows import Rows
from privaudit.simulation.dwellings import Dwellings, covering_cells
from privaudit.simulation.interactions import Acts, Pages, of_candidate
from privaudit.simulation.network import Members
from privaudit.simulation.population import STATION_MOMENTS, surname
from privaudit.simulation.registers import Register
from privaudit.simulation.spatial_statistics import shape_of, shared_by_station, shared_out
from privaudit.simulation.town import Kind, Town
from privaudit.simulation.world import LEANINGS
from privaudit.words.catalogues import Note

_UNIT_OF_SHAPE = {
    "nearest_address": "metres", "addresses_within": "addresses",
    "ground_around": "square_metres", "people_within": "people", "people_by_station": "people",
    "households_an_address": "households", "next_street": "degrees", "street_grid": "degrees",
}  # fmt: skip


def place_fit(rows: Rows, town: Town, dwellings: Dwellings, people: pd.DataFrame) -> None:
    """Add counts of people and households, and the distribution of household sizes.

    Parameters
    ----------
    rows : Rows
        Rows to which measures are added.
    town : Town
    dwellings : Dwellings
    people : pandas.DataFrame
    """
    size = dwellings.size
    of_people: dict[str, Any] = {"n": len(people), "counts": "people"}
    of_homes: dict[str, Any] = {"n": len(size), "counts": "households"}
    occupied = len(np.unique(dwellings.address))
    minors = float((people["age"].to_numpy() < 18).mean())
    target = float(town.inhabitants)
    rows.count("inhabitants", len(people), "people", baseline=target, **of_people)
    rows.count("households", len(size), "households", **of_homes)
    rows.count("people_a_household", float(size.mean()), "people", **of_homes)
    rows.count("households_of_one", float((size == 1).mean()), "share", **of_homes)
    rows.count("under_18", minors, "share", **of_people)
    rows.count("addresses_with_household", occupied, "addresses", n=occupied, counts="addresses")


def likeness_fit(
    rows: Rows, kind: Kind, base: AddressBase, dwellings: Dwellings, station: Strs
) -> None:
    """Compare spatial statistics with real communes of the kind (`shape_of`).

    The baseline is the median commune, and its range that of all communes of the kind; for a town
    fitted to one commune it is that commune, beside the range of the towns drafted for it.

    Parameters
    ----------
    rows : Rows
        Rows to which measures are added.
    kind : Kind
    base : AddressBase
        Addresses.
    dwellings : Dwellings
    station : ndarray of str
        Polling station of each address.
    """
    n = len(base)
    households = np.bincount(dwellings.address, minlength=n)
    people = np.bincount(dwellings.address, dwellings.size, n)
    rows.count(
        "people_an_address", float(people.sum()) / n, "people", n=n, counts="addresses",
        part={"kind": kind.name}, **_target(kind, ("people_an_address", 0, 0.5)),
    )  # fmt: skip
    shared = shared_out(base.xy, people), shared_out(base.xy, households)
    of_stations = shared_by_station(station, float(people.sum()))
    for q in shape_of(base, *shared, of_stations):
        named = {"quantile": q.quantile, "metres": q.metres}
        part = {"kind": kind.name} | {name: value for name, value in named.items() if value}
        rows.count(
            q.measure, q.value, _UNIT_OF_SHAPE[q.measure], n=q.n, counts="addresses", part=part,
            **_target(kind, q[:3]),
        )  # fmt: skip


def _target(kind: Kind, key: tuple[str, int, float]) -> dict[str, Any]:
    """Return the baseline of a quantile, with its ranges."""
    names = "baseline", "baseline_low", "baseline_high", "between_low", "between_high"
    unknown = np.nan, np.nan
    ranges = *kind.ranges().get(key, unknown), *kind.drafted.get(key, unknown)
    return dict(zip(names, (kind.targets().get(key, np.nan), *ranges), strict=True))


def name_fit(rows: Rows, people: pd.DataFrame) -> None:
    """Add the shares of adults with a homonym in town, and of the country's commonest surnames.

    Parameters
    ----------
    rows : Rows
        Rows to which measures are added.
    people : pandas.DataFrame

    References
    ----------
    Tesnière (1975): twelve surnames held 1.9 % of France.
    """
    adults = people.loc[people["age"] >= 18, ["household", "last_name", "first_name"]]
    homes = adults.groupby("last_name")["household"].transform("nunique")
    full = adults.groupby(["last_name", "first_name"])["household"].transform("size")
    common = adults["last_name"].isin(surname(np.arange(12)))
    of_adults: dict[str, Any] = {"n": len(adults), "counts": "adults"}
    rows.count("same_last_name", float((homes > 1).mean()), "share", **of_adults)
    rows.count("same_full_name", float((full > 1).mean()), "share", **of_adults)
    rows.count("twelve_surnames", float(common.mean()), "share", baseline=0.019, **of_adults)


def cell_fit(rows: Rows, town: Town, dwellings: Dwellings) -> None:
    """Compare the simulated households and residents with the counts of the town's cells, if any.

    The error by cell is the sum of absolute differences over the sum of the counts, each cell
    without an address counted with the one that its counts moved to.

    Parameters
    ----------
    rows : Rows
        Rows to which measures are added.
    town : Town
    dwellings : Dwellings
    """
    cells = town.cells
    if town.base is None or cells is None:
        return
    n, merged = len(cells), dwellings.merged
    where = covering_cells(town.base, cells)[dwellings.address]
    for name, weight in (("households", np.ones(len(where))), ("residents", dwellings.size)):
        wanted = np.bincount(merged, cells[name].to_numpy(dtype=float), n)
        simulated = np.bincount(where[where >= 0], weight[where >= 0], n)
        total = float(wanted.sum())
        error = float(np.abs(simulated - wanted).sum()) / total
        of_cells: dict[str, Any] = {"counts": "cells", "part": {"what": name}}
        rows.count("in_all_cells", float(weight.sum()), name, n=n, baseline=total, **of_cells)
        filled = int((wanted > 0).sum())
        rows.count("error_by_cell", error, "ratio", n=filled, baseline=0.0, **of_cells)
    moved = merged != np.arange(n)
    share = cells["households"].to_numpy(dtype=float)[moved].sum() / cells["households"].sum()
    rows.count(
        "households_moved_to_a_cell_near", float(share), "share",
        n=int(moved.sum()), counts="cells", of="households",
    )  # fmt: skip


def station_frame(station: Strs, xy: Floats, people: pd.DataFrame, address: Ints) -> pd.DataFrame:
    """Return each station's electors, shares of leanings, and the mean position of its electors.

    Parameters
    ----------
    station : ndarray of str
        Polling station of each address.
    xy : ndarray of float
        Positions of addresses, metres.
    people : pandas.DataFrame
    address : ndarray of int

    Returns
    -------
    pandas.DataFrame
    """
    elector = people["elector"].to_numpy()
    names = np.unique(station)
    where = np.searchsorted(names, station[address[elector]])
    electors = np.bincount(where, minlength=len(names))
    leaning = people["leaning"].to_numpy(dtype=str)[elector]
    per = np.maximum(electors, 1)
    doors = np.searchsorted(names, station)
    frame = pd.DataFrame({"station": pd.Series(names, dtype="str"), "electors": electors})
    for i, axis in enumerate("xy"):
        mean = np.bincount(where, xy[address[elector], i], len(names)) / per
        middle = np.bincount(doors, xy[:, i], len(names)) / np.bincount(doors, minlength=len(names))
        frame[axis] = np.where(electors > 0, mean, middle)
    for name in LEANINGS:
        frame[name] = np.bincount(where, leaning == name, len(names)) / per
    return frame


def station_fit(rows: Rows, stations: pd.DataFrame) -> None:
    """Add mean and spread of each leaning between stations, weighted by electors.

    Parameters
    ----------
    rows : Rows
        Rows to which measures are added.
    stations : pandas.DataFrame
    """
    weight = stations["electors"].to_numpy(dtype=float)
    for name, moments in STATION_MOMENTS.items():
        share = stations[name].to_numpy()
        mean = float(np.average(share, weights=weight))
        sd = float(np.sqrt(np.average((share - mean) ** 2, weights=weight)))
        of: dict[str, Any] = {"n": len(stations), "counts": "stations", "part": {"leaning": name}}
        rows.count("leaning_mean", mean, "share", baseline=moments.mean, **of)
        rows.count("leaning_spread", sd, "share", baseline=moments.sd, **of)


def account_fit(rows: Rows, town: Town, people: pd.DataFrame, members: Members) -> None:
    """Add the shares of people with an account, of second accounts and of couples' accounts.

    Parameters
    ----------
    rows : Rows
        Rows to which measures are added.
    town : Town
    people : pandas.DataFrame
    members : Members
    """
    accounts, n = members.accounts, len(members.accounts)
    older = int((people["age"] >= 13).sum())
    owners = accounts["person"].nunique()
    rows.count("with_account", owners / older, "share", n=older, counts="people", baseline=0.56)
    couples = float((members.also >= 0).mean())
    for measure, share, target in (
        ("second_accounts", (n - owners) / n, town.duplicate_accounts),
        ("shared_accounts", couples, town.shared_accounts),
    ):
        rows.count(measure, share, "share", n=n, counts="accounts", baseline=target)


def likes_fit(rows: Rows, town: Town, pages: Pages, acts: Acts, drawn: bool) -> None:
    """Add likes per account and the popularity of pages; without targets for the caller's data.

    The slope of popularity is that of log likers by log rank, from the first twentieth of pages to
    the half, where the shift of Zipf's law and sampling error are small.

    Parameters
    ----------
    rows : Rows
        Rows to which measures are added.
    town : Town
    pages : Pages
    acts : Acts
        Interactions.
    drawn : bool
        Whether likes were drawn, not given.
    """
    ordinary = ~of_candidate(pages.frame)
    on_ordinary = ordinary[acts.page]
    likes = np.bincount(acts.account[on_ordinary])
    likes = likes[likes > 0]
    n, count = len(likes), int(ordinary.sum())
    likers = np.sort(np.bincount(acts.page[on_ordinary], minlength=len(ordinary))[ordinary])[::-1]
    if not n or count < 100:
        return
    expected = np.sort(pages.popularity[ordinary[: len(pages.popularity)]])[::-1]
    mean, reach, few = float(likes.mean()), float(expected[0] * likes.mean()), likers <= 10
    accounts, pages_counted = (n, "accounts"), (count, "pages")
    for measure, value, target, unit, (of, counts) in (
        ("likes_mean", mean, town.mean_likes, "interactions", accounts),
        ("likes_median", float(np.median(likes)), town.median_likes, "interactions", accounts),
        ("top_reach", likers[0] / n, reach, "share", accounts),
        ("popularity_slope", _slope(likers), _slope(expected), "ratio", pages_counted),
        ("liked_by_ten_or_fewer", float(few.mean()), np.nan, "share", pages_counted),
        ("liked_by_nobody", float((likers == 0).mean()), np.nan, "share", pages_counted),
    ):
        why = Note("no_slope_of_nobody") if np.isnan(value) else ()
        baseline = target if drawn else np.nan
        rows.count(measure, value, unit, why, n=of, counts=counts, baseline=baseline)


def _slope(likers: Floats | Ints) -> float:
    """Return the slope of log likers by log rank, with its sign changed."""
    rank = np.arange(len(likers) // 20, len(likers) // 2)
    if not (likers[rank] > 0).all():
        return np.nan
    return float(-np.polyfit(np.log(rank + 1), np.log(likers[rank]), 1)[0])


def political_fit(
    rows: Rows, town: Town, people: pd.DataFrame, members: Members, pages: Pages, acts: Acts
) -> None:
    """Add the reach of the right's candidate, and how many likers lean to the side they like.

    Parameters
    ----------
    rows : Rows
        Rows to which measures are added.
    town : Town
    people : pandas.DataFrame
    members : Members
    pages : Pages
    acts : Acts
        Interactions.

    References
    ----------
    Kristensen et al. (2017): 60 to 70 % of voters are predicted from likes of politicians.
    """
    accounts, n = members.accounts, len(members.accounts)
    likers = np.unique(acts.account[of_candidate(pages.frame)[acts.page]])
    of_right = np.unique(acts.account[of_candidate(pages.frame, "right")[acts.page]])
    leaning = people["leaning"].to_numpy(dtype=str)[accounts["person"]]
    aligned = accounts["aligned"].to_numpy()
    # Given likes may hold no page of a candidate.
    right = float((leaning[of_right] == "right").mean()) if len(of_right) else np.nan
    apart = float((~aligned[likers]).mean()) if len(likers) else np.nan
    for measure, target, value, among in (
        ("candidate_reach", town.candidate_reach, len(of_right) / n, n),
        ("not_aligned", town.non_aligned, apart, len(likers)),
        ("likers_who_lean_right", 0.65, right, len(of_right)),
    ):
        rows.count(measure, value, "share", n=among, counts="accounts", baseline=float(target))


def register_fit(
    rows: Rows, town: Town, households: pd.DataFrame, directory: Register, roll: Register
) -> None:
    """Add coverage and staleness of the two registers.

    Parameters
    ----------
    rows : Rows
        Rows to which measures are added.
    town : Town
    households : pandas.DataFrame
    directory : Register
    roll : Register
    """
    n = len(households)
    rows.count(
        "directory_coverage", len(directory.frame) / n, "share",
        n=n, counts="households", baseline=town.directory_coverage,
    )  # fmt: skip
    for name, register, target in (
        ("directory", directory, town.directory_staleness),
        ("roll", roll, town.roll_staleness),
    ):
        rows.count(
            "stale_entries", float(register.truth["stale"].mean()), "share", baseline=target,
            n=len(register.frame), counts="entries", part={"register": name},
        )  # fmt: skip
