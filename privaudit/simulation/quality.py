"""How well a simulated town met its targets."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from privaudit.simulation.dwellings import Dwellings
from privaudit.simulation.leaning import STATION_MOMENTS
from privaudit.simulation.registers import Register
from privaudit.simulation.town import Town
from privaudit.simulation.world import LEANINGS

__all__ = ["cell_fit", "network_fit", "place_fit", "register_fit", "station_fit", "station_frame"]

Row = dict[str, object]
# Who aims at nothing in particular.
_FREE = float("nan")


def place_fit(town: Town, dwellings: Dwellings, people: pd.DataFrame) -> list[Row]:
    """Counts of people and households, and how sizes are spread."""
    size = dwellings.size
    homes = len(size)
    age = people["age"].to_numpy()
    return [
        _row("inhabitants", town.inhabitants, len(people), len(people)),
        _row("households", _FREE, homes, homes),
        _row("people a household", _FREE, size.mean(), homes),
        _row("share of households of one person", _FREE, (size == 1).mean(), homes),
        _row("share of people under 18", _FREE, (age < 18).mean(), len(people)),
        _row("addresses with a household", _FREE, len(np.unique(dwellings.address)), homes),
    ]


def cell_fit(dwellings: Dwellings, cells: pd.DataFrame, home: npt.NDArray[np.int64]) -> list[Row]:
    """Compare the simulated households and residents with the cells' counts.

    The error by cell is the sum of absolute differences over the sum of the counts, each cell
    without an address counted with the one that took it over. `home` is the cell in which
    each address lies; what a cell that lies there holds is counted, not what it was given.
    """
    rows = []
    n, taken = len(cells), dwellings.merged
    where = home[dwellings.address]
    for name, weight in (("households", np.ones(len(where))), ("residents", dwellings.size)):
        wanted = np.bincount(taken, cells[name].to_numpy(dtype=float), n)
        found = np.bincount(where[where >= 0], weight[where >= 0], n)
        total = wanted.sum()
        error = np.abs(found - wanted).sum() / total
        held = int((wanted > 0).sum())
        rows += [
            _row(f"{name} of all cells", total, float(weight.sum()), n),
            _row(f"weighted error of {name} by cell", 0.0, error, held),
        ]
    moved = taken != np.arange(n)
    share = cells["households"].to_numpy(dtype=float)[moved].sum() / cells["households"].sum()
    rows.append(
        _row(
            "share of households of cells without an address",
            _FREE,
            share,
            int(moved.sum()),
            "given to the cell of the nearest address",
        )
    )
    return rows


def station_frame(
    station: npt.NDArray[np.str_],
    xy: npt.NDArray[np.float64],
    people: pd.DataFrame,
    address: npt.NDArray[np.int64],
) -> pd.DataFrame:
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


def station_fit(stations: pd.DataFrame) -> list[Row]:
    """Mean and spread of each leaning between stations, weighted by electors."""
    weight = stations["electors"].to_numpy(dtype=float)
    rows = []
    for name, moments in STATION_MOMENTS.items():
        share = stations[name].to_numpy()
        mean = np.average(share, weights=weight)
        sd = np.sqrt(np.average((share - mean) ** 2, weights=weight))
        n = len(stations)
        rows.append(_row(f"mean share of {name} between stations", moments.mean, mean, n))
        rows.append(_row(f"spread (sd) of {name} between stations", moments.sd, sd, n))
    return rows


def network_fit(
    town: Town,
    people: pd.DataFrame,
    accounts: pd.DataFrame,
    pages: pd.DataFrame,
    interactions: pd.DataFrame,
) -> list[Row]:
    """Accounts, likes, and what a like of the right's candidate is worth."""
    n = len(accounts)
    older = int((people["age"] >= 13).sum())
    kind = pages["kind"].to_numpy(dtype=str)[interactions["page"]]
    side = pages["side"].to_numpy(dtype=str)[interactions["page"]]
    account = interactions["account"].to_numpy()
    likes = np.bincount(account[kind != "candidate"], minlength=n)
    likers = np.unique(account[kind == "candidate"])
    of_right = np.unique(account[(kind == "candidate") & (side == "right")])
    leaning = people["leaning"].to_numpy(dtype=str)[accounts["person"]]
    aligned = accounts["aligned"].to_numpy()
    return [
        _row("share of people of 13 or more with an account", 0.56, n / older, older),
        _row("likes an account, mean", town.mean_likes, likes.mean(), n),
        _row("likes an account, median", town.median_likes, np.median(likes), n),
        _row("share of accounts that touch the right's candidate", town.candidate_reach,
             len(of_right) / n, n),
        _row("share of non-aligned among political likers", town.non_aligned,
             (~aligned[likers]).mean(), len(likers)),
        _row("share of the right's likers who lean to it", 0.65,
             (leaning[of_right] == "right").mean(), len(of_right),
             "60 to 70 % in Kristensen et al. 2017"),
    ]  # fmt: skip


def register_fit(
    town: Town, households: pd.DataFrame, directory: Register, roll: Register
) -> list[Row]:
    """Coverage and staleness of the two registers."""
    homes = len(households)
    return [
        _row("share of homes in the directory", town.directory_coverage,
             len(directory.frame) / homes, homes),
        _row("share of stale lines in the directory", town.directory_staleness,
             directory.truth["stale"].mean(), len(directory.frame)),
        _row("share of stale entries on the roll", town.roll_staleness,
             roll.truth["stale"].mean(), len(roll.frame)),
    ]  # fmt: skip


def _row(measure: str, target: float, value: float, n: int, note: str = "") -> Row:
    return {
        "measure": measure,
        "target": float(target),
        "value": float(value),
        "n": int(n),
        "note": note,
    }
