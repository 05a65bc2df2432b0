"""How near a simulated town came to its targets: rows whose baseline is the target."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from privaudit.core.checks import Floats, Ints, Strs
from privaudit.geo.address_base import AddressBase
from privaudit.results.rows import Rows
from privaudit.simulation.dwellings import Dwellings
from privaudit.simulation.interactions import Acts, Pages, of_candidate
from privaudit.simulation.kinds import Kind
from privaudit.simulation.leaning import STATION_MOMENTS
from privaudit.simulation.names import surname
from privaudit.simulation.network import Members
from privaudit.simulation.registers import Register
from privaudit.simulation.spatial_statistics import shape_of, shared_by_station, shared_out
from privaudit.simulation.town import Town
from privaudit.simulation.world import LEANINGS
from privaudit.words.catalogues import Note

_UNIT_OF_SHAPE = {
    "nearest_address": "metres",
    "addresses_within": "addresses",
    "ground_around": "square_metres",
    "people_within": "people",
    "people_by_station": "people",
    "households_an_address": "households",
    "next_street": "degrees",
    "street_grid": "degrees",
}


def place_fit(rows: Rows, town: Town, dwellings: Dwellings, people: pd.DataFrame) -> None:
    """Add counts of people and households, and how sizes are spread."""
    size, many = dwellings.size, len(people)
    housed: dict[str, Any] = {"n": len(size), "counts": "households"}
    held = len(np.unique(dwellings.address))
    young = float((people["age"].to_numpy() < 18).mean())
    target = float(town.inhabitants)
    rows.count("inhabitants", many, "people", n=many, counts="people", baseline=target)
    rows.count("households", len(size), "households", **housed)
    rows.count("people_a_household", float(size.mean()), "people", **housed)
    rows.count("households_of_one", float((size == 1).mean()), "share", **housed)
    rows.count("under_18", young, "share", n=many, counts="people")
    rows.count("addresses_with_household", held, "addresses", n=held, counts="addresses")


def likeness_fit(
    rows: Rows, kind: Kind, base: AddressBase, dwellings: Dwellings, station: Strs
) -> None:
    """Compare how addresses and people lie with real communes of the kind (`shape_of`).

    The baseline is the median commune's, and its range that of all communes of the kind; of a town
    like a user's own commune it is that commune's, beside the range between towns made like it.
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
    for found in shape_of(base, *shared, of_stations):
        rows.count(
            found.measure, found.value, _UNIT_OF_SHAPE[found.measure], n=found.n,
            counts="addresses", **_target(kind, found[:3]),
            part={"kind": kind.name}
            | ({"quantile": found.quantile} if found.quantile else {})
            | ({"metres": found.metres} if found.metres else {}),
        )  # fmt: skip


def _target(kind: Kind, key: tuple[str, int, float]) -> dict[str, Any]:
    low, high = kind.ranges().get(key, (np.nan, np.nan))
    baseline = kind.targets().get(key, np.nan)
    least, most = kind.drafted.get(key, (np.nan, np.nan))
    return {
        "baseline": baseline, "baseline_low": low, "baseline_high": high,
        "between_low": least, "between_high": most,
    }  # fmt: skip


def name_fit(rows: Rows, people: pd.DataFrame) -> None:
    """Add the shares of adults with a homonym in town, and of the country's commonest surnames.

    Twelve surnames held 1.9 % of France in 1975 (Tesnière 1975).
    """
    adults = people.loc[people["age"] >= 18, ["household", "last_name", "first_name"]]
    homes = adults.groupby("last_name")["household"].transform("nunique")
    full = adults.groupby(["last_name", "first_name"])["household"].transform("size")
    common = adults["last_name"].isin(surname(np.arange(12)))
    told: dict[str, Any] = {"n": len(adults), "counts": "adults"}
    rows.count("same_last_name", float((homes > 1).mean()), "share", **told)
    rows.count("same_full_name", float((full > 1).mean()), "share", **told)
    rows.count("twelve_surnames", float(common.mean()), "share", baseline=0.019, **told)


def cell_fit(rows: Rows, dwellings: Dwellings, cells: pd.DataFrame, home: Ints) -> None:
    """Compare the simulated households and residents with the cells' counts.

    The error by cell is the sum of absolute differences over the sum of the counts, each cell
    without an address counted with the one that took it over. `home` is the cell in which
    each address lies; what a cell that lies there holds is counted, not what it was given.
    """
    n, taken = len(cells), dwellings.merged
    where = home[dwellings.address]
    for name, weight in (("households", np.ones(len(where))), ("residents", dwellings.size)):
        wanted = np.bincount(taken, cells[name].to_numpy(dtype=float), n)
        found = np.bincount(where[where >= 0], weight[where >= 0], n)
        total = float(wanted.sum())
        error = float(np.abs(found - wanted).sum()) / total
        told: dict[str, Any] = {"counts": "cells", "part": {"what": name}}
        rows.count("in_all_cells", float(weight.sum()), name, n=n, baseline=total, **told)
        held = int((wanted > 0).sum())
        rows.count("error_by_cell", error, "ratio", n=held, baseline=0.0, **told)
    moved = taken != np.arange(n)
    share = cells["households"].to_numpy(dtype=float)[moved].sum() / cells["households"].sum()
    rows.count(
        "households_moved_to_a_cell_near", float(share), "share",
        n=int(moved.sum()), counts="cells", of="households",
    )  # fmt: skip


def station_frame(station: Strs, xy: Floats, people: pd.DataFrame, address: Ints) -> pd.DataFrame:
    """Count each station's electors and leanings, and place it amid its electors."""
    elector = people["elector"].to_numpy()
    names = np.unique(station)
    where = np.searchsorted(names, station[address[elector]])
    electors = np.bincount(where, minlength=len(names))
    leaning = people["leaning"].to_numpy(dtype=str)[elector]
    per = np.maximum(electors, 1)
    doors = np.searchsorted(names, station)
    frame = pd.DataFrame({"station": pd.Series(names, dtype="str"), "electors": electors})
    for i, axis in enumerate("xy"):
        amid = np.bincount(where, xy[address[elector], i], len(names)) / per
        middle = np.bincount(doors, xy[:, i], len(names)) / np.bincount(doors, minlength=len(names))
        frame[axis] = np.where(electors > 0, amid, middle)
    for name in LEANINGS:
        frame[name] = np.bincount(where, leaning == name, len(names)) / per
    return frame


def station_fit(rows: Rows, stations: pd.DataFrame) -> None:
    """Add mean and spread of each leaning between stations, weighted by electors."""
    weight = stations["electors"].to_numpy(dtype=float)
    for name, moments in STATION_MOMENTS.items():
        share = stations[name].to_numpy()
        mean = float(np.average(share, weights=weight))
        sd = float(np.sqrt(np.average((share - mean) ** 2, weights=weight)))
        told: dict[str, Any] = {"n": len(stations), "counts": "stations", "part": {"leaning": name}}
        rows.count("leaning_mean", mean, "share", baseline=moments.mean, **told)
        rows.count("leaning_spread", sd, "share", baseline=moments.sd, **told)


def account_fit(rows: Rows, town: Town, people: pd.DataFrame, members: Members) -> None:
    """Add who has an account, and how many are a second one or a couple's."""
    accounts, n = members.accounts, len(members.accounts)
    older = int((people["age"] >= 13).sum())
    owners = accounts["person"].nunique()
    told: dict[str, Any] = {"n": n, "counts": "accounts"}
    rows.count("with_account", owners / older, "share", n=older, counts="people", baseline=0.56)
    second = (n - owners) / n
    rows.count("second_accounts", second, "share", baseline=town.duplicate_accounts, **told)
    couples = float((members.also >= 0).mean())
    rows.count("shared_accounts", couples, "share", baseline=town.shared_accounts, **told)


def likes_fit(rows: Rows, town: Town, pages: Pages, acts: Acts, drawn: bool) -> None:
    """Add likes of accounts, and how popular pages are; without targets where they are brought.

    The slope of popularity is that of likers by rank, in logarithms, from the twentieth part of
    pages to the half, where Zipf's law is shifted little and chance is small.
    """
    ordinary = ~of_candidate(pages.frame)
    kept = ordinary[acts.page]
    likes = np.bincount(acts.account[kept])
    likes = likes[likes > 0]
    n, many = len(likes), int(ordinary.sum())
    likers = np.sort(np.bincount(acts.page[kept], minlength=len(ordinary))[ordinary])[::-1]
    if not n or many < 100:
        return
    expected = np.sort(pages.popularity[ordinary[: len(pages.popularity)]])[::-1]
    wish: dict[str, float] = {
        "likes_mean": town.mean_likes,
        "likes_median": town.median_likes,
        "top_reach": float(expected[0] * likes.mean()),
        "popularity_slope": _slope(expected),
    }
    for measure, value, unit, of in (
        ("likes_mean", float(likes.mean()), "interactions", (n, "accounts")),
        ("likes_median", float(np.median(likes)), "interactions", (n, "accounts")),
        ("top_reach", likers[0] / n, "share", (n, "accounts")),
        ("popularity_slope", _slope(likers), "ratio", (many, "pages")),
        ("liked_by_ten_or_fewer", float((likers <= 10).mean()), "share", (many, "pages")),
        ("liked_by_nobody", float((likers == 0).mean()), "share", (many, "pages")),
    ):
        target = wish.get(measure, np.nan) if drawn else np.nan
        why = Note("no_slope_of_nobody") if np.isnan(value) else ()
        rows.count(measure, value, unit, why, n=of[0], counts=of[1], baseline=target)


def _slope(likers: Floats | Ints) -> float:
    rank = np.arange(max(1, len(likers) // 20), len(likers) // 2)
    if not (likers[rank] > 0).all():
        return np.nan
    return float(-np.polyfit(np.log(rank + 1), np.log(likers[rank]), 1)[0])


def political_fit(
    rows: Rows,
    town: Town,
    people: pd.DataFrame,
    accounts: pd.DataFrame,
    pages: pd.DataFrame,
    acts: Acts,
) -> None:
    """Add what an interaction with the right's candidate is worth.

    The share of the right's likers who lean to it is held against 60 to 70 % in Kristensen et
    al. 2017.
    """
    n = len(accounts)
    likers = np.unique(acts.account[of_candidate(pages)[acts.page]])
    of_right = np.unique(acts.account[of_candidate(pages, "right")[acts.page]])
    leaning = people["leaning"].to_numpy(dtype=str)[accounts["person"]]
    aligned = accounts["aligned"].to_numpy()
    # Likes of the caller's own may hold no page of a candidate, and nobody liked one then.
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
    """Add coverage and staleness of the two registers."""
    homes, listed = len(households), len(directory.frame)
    rows.count(
        "directory_coverage", listed / homes, "share",
        n=homes, counts="households", baseline=town.directory_coverage,
    )  # fmt: skip
    for name, register, target in (
        ("directory", directory, town.directory_staleness),
        ("roll", roll, town.roll_staleness),
    ):
        stale = float(register.truth["stale"].mean())
        told: dict[str, Any] = {
            "n": len(register.frame),
            "counts": "entries",
            "part": {"register": name},
        }
        rows.count("stale_entries", stale, "share", baseline=target, **told)
