"""The directory and the electoral roll as a campaign would find them, and whom they mean.

- Polling stations: whole neighbourhoods of about as many electors each.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from privaudit.core.checks import Bools, Floats, Ints, Strs
from privaudit.simulation.names import draw_first_names, draw_surname_ranks, surname
from privaudit.simulation.population import birth_years, draw_birth_dates

# A line in the directory by age of the subscriber: the young have mobile telephones only.
_AGES = (20, 35, 50, 65, 80)
_LINES = (0.15, 0.35, 0.6, 0.9, 1.0)
# Women who live alone had themselves struck off more often than others (scenario).
_WOMAN_ALONE = 1.8
# Of those whom a stale line names, the share who moved within town (scenario).
_WITHIN_TOWN = 0.3


class Register(NamedTuple):
    """A register, and apart from it whom each entry names and who lives there today."""

    frame: pd.DataFrame
    truth: pd.DataFrame


def draw_directory(
    people: pd.DataFrame,
    households: pd.DataFrame,
    *,
    coverage: float,
    opt_out: float,
    staleness: float,
    rng: np.random.Generator,
) -> Register:
    """Draw the telephone directory: at most one entry a home, under its first adult's name.

    Parameters
    ----------
    people, households : pandas.DataFrame
        As in `SimulatedWorld`.
    coverage, opt_out : float
        Shares of homes with an entry, and of homes that have opted out.
    staleness : float
        Share of entries that name somebody who has left the dwelling: for another town (person
        -1), or for another dwelling.
    rng : numpy.random.Generator

    Returns
    -------
    Register
        Frame: entry, last_name, first_name, address; truth: entry, person, household, stale; both
        in the same random order.
    """
    n = len(households)
    first = np.searchsorted(people["household"].to_numpy(), np.arange(n))
    age = people["age"].to_numpy()[first]
    woman_alone = (people["sex"].to_numpy(dtype=str)[first] == "F") & (
        households["kind"].to_numpy(dtype=str) == "single"
    )
    wish = np.where(woman_alone, _WOMAN_ALONE, 1.0)
    out = _weighted(wish, round(opt_out * n), rng)
    weight = np.interp(age, _AGES, _LINES)
    weight[out] = 0
    home = rng.permutation(_weighted(weight, max(round(coverage * n), 1), rng))
    person = first[home]

    stale = np.zeros(len(home), dtype=bool)
    stale[rng.choice(len(home), round(staleness * len(home)), replace=False)] = True
    moved = stale & (rng.random(len(home)) < _WITHIN_TOWN)
    adults = np.flatnonzero(people["age"].to_numpy() >= 18)
    mover = rng.choice(adults, len(home))
    # Somebody who moved here from here did not move.
    moved &= people["household"].to_numpy()[mover] != home
    person = np.where(moved, mover, person)
    gone = stale & ~moved
    first_name, last_name, _, _ = _strangers(int(gone.sum()), rng)
    frame = pd.DataFrame(
        {
            "entry": np.arange(len(home)),
            "last_name": _replace(people["last_name"].to_numpy()[person], gone, last_name),
            "first_name": _replace(people["first_name"].to_numpy()[person], gone, first_name),
            "address": households["address"].to_numpy()[home],
        }
    ).astype({"last_name": "str", "first_name": "str"})
    return Register(frame, _truth(np.where(gone, -1, person), home, stale))


def draw_roll(
    people: pd.DataFrame,
    households: pd.DataFrame,
    station: Strs,
    *,
    staleness: float,
    rng: np.random.Generator,
) -> Register:
    """Draw the electoral roll: every elector once, some at an address they have left.

    Parameters
    ----------
    people, households : pandas.DataFrame
        As in `SimulatedWorld`.
    station : ndarray of str
        Polling station of each address.
    staleness : float
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
    half = staleness / 2
    left = round(len(electors) * half / (1 - half))
    moved = rng.choice(len(electors), round(half * (len(electors) + left)), replace=False)
    home = people["household"].to_numpy()[electors]
    home = np.concatenate([home, rng.integers(len(households), size=left)])
    # Any household but one's own: a turn of 1 to n - 1 around the list.
    turn = rng.integers(1, len(households), len(moved))
    home[moved] = (home[moved] + turn) % len(households)
    stale = np.zeros(len(home), dtype=bool)
    stale[moved] = True
    stale[len(electors) :] = True
    person = np.concatenate([electors, np.full(left, -1)])

    first_name, last_name, sex, born = _strangers(left, rng)
    known = people.iloc[electors]
    address = households["address"].to_numpy()[home]
    frame = pd.DataFrame(
        {
            "last_name": np.append(known["last_name"].to_numpy(), last_name),
            "birth_name": np.append(known["birth_name"].to_numpy(), last_name),
            "first_name": np.append(known["first_name"].to_numpy(), first_name),
            "sex": np.append(known["sex"].to_numpy(), sex),
            "birth_date": np.append(known["birth_date"].to_numpy(), born),
            "address": address,
            "station": station[address],
        }
    ).astype(dict.fromkeys(("last_name", "birth_name", "first_name", "sex", "station"), "str"))
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


def _strangers(
    n: int, rng: np.random.Generator
) -> tuple[Strs, Strs, Strs, npt.NDArray[np.datetime64]]:
    """Draw first name, last name, sex and birth date of adults who have left town."""
    sex = rng.choice(np.array(["F", "M"]), n)
    born = draw_birth_dates(rng.integers(20, 85, n), rng=rng)
    first_name = draw_first_names(sex, birth_years(born), rng=rng)
    return first_name, surname(draw_surname_ranks(n, rng=rng)), sex, born


def _replace(values: npt.NDArray[np.object_], where: Bools, by: Strs) -> npt.NDArray[np.object_]:
    replaced = np.array(values, dtype=object)
    replaced[where] = by
    return replaced


def draw_stations(xy: Floats, electors: Ints, electors_per_station: int) -> Strs:
    """Cut a territory in stations by halving it again and again along its longer side.

    - `xy` (shape (n, 2)): Addresses, metres.
    - `electors` (int, shape (n,))
    - returns (str, shape (n,)): Station of each address, ``"001"`` and on. Each is a rectangle's
      worth of addresses.

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
    """Give an address without a station that of the nearest address which has one.

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
