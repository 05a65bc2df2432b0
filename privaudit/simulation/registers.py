"""Telephone directory, electoral roll and polling stations of a simulated town."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from privaudit.core.checks import Bools, Floats, Ints, Strs
from privaudit.simulation.population import (
    birth_years,
    draw_birth_dates,
    draw_first_names,
    draw_surname_ranks,
    surname,
)
from privaudit.simulation.town import Town

# Relative chance of a line in the directory by age: the young have mobile telephones only.
_AGES = (20, 35, 50, 65, 80)
_LINES = (0.15, 0.35, 0.6, 0.9, 1.0)
# Relative chance of opting out of a woman who lives alone (scenario).
_WOMAN_ALONE = 1.8
# Share of the people named by a stale line who moved within town (scenario).
_WITHIN_TOWN = 0.3


class Register(NamedTuple):
    """A register, and apart from it the person that each entry names and the household there."""

    frame: pd.DataFrame
    truth: pd.DataFrame


def draw_directory(
    people: pd.DataFrame, households: pd.DataFrame, town: Town, *, rng: np.random.Generator
) -> Register:
    """Draw the telephone directory: at most one entry a home, under its first adult's name.

    Parameters
    ----------
    people, households : pandas.DataFrame
        As in `SimulatedWorld`.
    town : Town
        Shares of homes with an entry, of homes that have opted out, and of entries whose person has
        left the dwelling: for another town (person -1), or for another dwelling.
    rng : numpy.random.Generator

    Returns
    -------
    Register
        Frame: entry, last_name, first_name, address; truth: entry, person, household, stale; both
        in the same random order.
    """
    n = len(households)
    first = np.searchsorted(people["household"].to_numpy(), np.arange(n))
    single = households["kind"].to_numpy(dtype=str) == "single"
    woman_alone = (people["sex"].to_numpy(dtype=str)[first] == "F") & single
    weight = np.interp(people["age"].to_numpy()[first], _AGES, _LINES)
    out, lines = round(town.directory_opt_out * n), max(round(town.directory_coverage * n), 1)
    weight[_weighted(np.where(woman_alone, _WOMAN_ALONE, 1.0), out, rng)] = 0
    home = rng.permutation(_weighted(weight, lines, rng))
    person = first[home]

    stale = np.zeros(len(home), dtype=bool)
    left = round(town.directory_staleness * len(home))
    stale[rng.choice(len(home), left, replace=False)] = True
    moved = stale & (rng.random(len(home)) < _WITHIN_TOWN)
    adults = np.flatnonzero(people["age"].to_numpy() >= 18)
    mover = rng.choice(adults, len(home))
    # A move to the same household is no move.
    moved &= people["household"].to_numpy()[mover] != home
    person = np.where(moved, mover, person)
    gone = stale & ~moved
    names = people[["last_name", "first_name"]].iloc[person].reset_index(drop=True)
    names.loc[gone] = _former_residents(int(gone.sum()), rng)[names.columns].to_numpy()
    names.insert(0, "entry", np.arange(len(home)))
    frame = names.assign(address=households["address"].to_numpy()[home])
    return Register(frame, _truth(np.where(gone, -1, person), home, stale))


def draw_roll(
    people: pd.DataFrame,
    households: pd.DataFrame,
    station: Strs,
    town: Town,
    *,
    rng: np.random.Generator,
) -> Register:
    """Draw the electoral roll: every elector once, some at an address they have left.

    Parameters
    ----------
    people, households : pandas.DataFrame
        As in `SimulatedWorld`.
    station : ndarray of str
        Polling station of each address.
    town : Town
        Share of entries with a former address: half have moved within town, half have left it and
        are yet to be struck off (person -1).
    rng : numpy.random.Generator

    Returns
    -------
    Register
        Frame: entry, last_name, birth_name, first_name, sex, birth_date, address, station; truth:
        entry, person, household, stale; both in the same random order.
    """
    electors = np.flatnonzero(people["elector"].to_numpy())
    half = town.roll_staleness / 2
    left = round(len(electors) * half / (1 - half))
    moved = rng.choice(len(electors), round(half * (len(electors) + left)), replace=False)
    home = people["household"].to_numpy()[electors]
    home = np.concatenate([home, rng.integers(len(households), size=left)])
    # Any household but the present one: a shift of 1 to n - 1 around the list.
    shift = rng.integers(1, len(households), len(moved))
    home[moved] = (home[moved] + shift) % len(households)
    stale = np.arange(len(home)) >= len(electors)
    stale[moved] = True
    person = np.concatenate([electors, np.full(left, -1)])

    former = _former_residents(left, rng)
    frame = pd.concat([people[list(former.columns)].iloc[electors], former], ignore_index=True)
    address = households["address"].to_numpy()[home]
    frame = frame.assign(address=address, station=pd.Series(station[address], dtype="str"))
    order = rng.permutation(len(frame))
    frame = frame.iloc[order].reset_index(drop=True)
    frame.insert(0, "entry", np.arange(len(frame)))
    return Register(frame, _truth(person[order], home[order], stale[order]))


def _truth(person: Ints, household: Ints, stale: Bools) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "entry": np.arange(len(person)),
            "person": person.astype(np.int64),
            "household": household.astype(np.int64),
            "stale": stale,
        }
    )


def _weighted(weight: Floats, count: int, rng: np.random.Generator) -> Ints:
    """Draw `count` indices without replacement, in proportion to weight (Gumbel top-k)."""
    with np.errstate(divide="ignore"):
        key = np.log(weight) + rng.gumbel(size=len(weight))
    count = min(count, int((weight > 0).sum()))
    return np.argsort(-key, kind="stable")[:count]


def _former_residents(n: int, rng: np.random.Generator) -> pd.DataFrame:
    """Draw names, sex and birth date of adults who have left the town."""
    sex = rng.choice(np.array(["F", "M"]), n)
    born = draw_birth_dates(rng.integers(20, 85, n), rng=rng)
    first = draw_first_names(sex, birth_years(born), rng=rng)
    last = surname(draw_surname_ranks(n, rng=rng))
    names = {"last_name": last, "birth_name": last, "first_name": first, "sex": sex}
    return pd.DataFrame(names, dtype="str").assign(birth_date=born)


def draw_stations(xy: Floats, electors: Ints, electors_per_station: int) -> Strs:
    """Divide a territory into polling stations of about equal size, by recursive bisection.

    Each cut is across the longer side.

    Parameters
    ----------
    xy : ndarray of float, shape (n, 2)
        Addresses, metres.
    electors : ndarray of int, shape (n,)
    electors_per_station : int

    Returns
    -------
    ndarray of str, shape (n,)
        Station of each address, from ``"001"``: the addresses within a rectangle.

    Examples
    --------
    >>> draw_stations(np.c_[np.arange(4.0), np.zeros(4)], np.array([9, 9, 9, 9]), 18).tolist()
    ['001', '001', '002', '002']
    """
    stations = max(1, round(int(electors.sum()) / electors_per_station))
    label = np.zeros(len(xy), dtype=np.int64)
    todo = [(np.arange(len(xy)), stations)]
    done = 0
    while todo:
        members, parts = todo.pop()
        if parts == 1 or len(members) < 2:
            done += 1
            label[members] = done
            continue
        spread = np.ptp(xy[members], axis=0)
        # Ties of position fall in the order of the addresses.
        order = members[np.argsort(xy[members, int(spread[1] > spread[0])], kind="stable")]
        left = parts // 2
        reached = np.cumsum(electors[order])
        cut = int(np.searchsorted(reached, reached[-1] * left / parts)) + 1
        cut = min(max(cut, 1), len(order) - 1)
        todo += [(order[cut:], parts - left), (order[:cut], left)]
    return np.array([f"{k:03d}" for k in range(done + 1)])[label]


def fill_stations(xy: Floats, station: Strs) -> Strs:
    """Assign to each address without a station that of the nearest address with one.

    Parameters
    ----------
    xy : ndarray of float
        Positions of addresses, metres.
    station : ndarray of str
        Polling station of each address.

    Returns
    -------
    ndarray of str

    Examples
    --------
    >>> fill_stations(np.array([[0.0, 0], [1, 0], [9, 0]]), np.array(["4", "", "7"])).tolist()
    ['4', '4', '7']
    """
    from scipy.spatial import cKDTree

    known = station != ""
    if known.all():
        return station
    nearest = cKDTree(xy[known]).query(xy[~known])[1]
    filled = station.copy()
    filled[~known] = station[known][nearest]
    return filled
