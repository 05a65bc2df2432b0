"""Canvassing: dots of the map, visits, and the answers at doors."""

from __future__ import annotations

import numpy as np
import pandas as pd

from privaudit.campaign.plan import CampaignPlan
from privaudit.core.reproducible import stream
from privaudit.simulation.network import partners
from privaudit.simulation.world import SimulatedWorld

DOT_COLUMNS = (
    "dot", "profile", "x", "y", "address", "match_probability", "status", "appeared_at",
    "visited_at",
)  # fmt: skip
CONTACT_COLUMNS = ("contact", "dot", "time", "status", "opened_by")
OPENS_FROM_AGE = 10

# Volunteers knock between 18:00 and 21:00.
_EVENING = np.timedelta64(18 * 3600, "s")
_EVENING_SECONDS = 3 * 3600
_DAY = np.timedelta64(1, "D")
# A round (scenario): doors, metres from home within which it mostly begins, metres a second on
# foot, and seconds at a door at least and at most.
DOORS_A_ROUND, _FROM_HOME, _PACE, _AT_DOOR = 12, 400.0, 1.2, (120, 480)

# Shares of answers by who opens the door (scenario), in the values of NationBuilder's
# contact_status.
_ANSWERS = {
    "supporter": {"meaningful_interaction": 0.6, "answered": 0.35, "not_interested": 0.05},
    "other": {"answered": 0.4, "not_interested": 0.4, "refused": 0.2},
    "child": {"answered": 1.0},
    "stranger": {"bad_info": 1.0},
    "nobody": {"no_answer": 1.0},
}


def draw_dots(
    world: SimulatedWorld,
    plan: CampaignPlan,
    profiles: pd.DataFrame,
    users: pd.DataFrame,
    *,
    seed: int,
) -> pd.DataFrame:
    """Make a dot for each profile of the side that has an address, and draw visits.

    A dot appears at the profile's first contact, or at the launch where that is later. Each dot is
    visited once with probability `plan.share_visited`, on an evening between its appearance and
    `plan.as_of`, and turns from *to_meet* to *visited* whether the door opens or not.

    Parameters
    ----------
    world : SimulatedWorld
    plan : CampaignPlan
    profiles : pandas.DataFrame
        Profiles of the campaign, one row an account.
    users : pandas.DataFrame
        Accounts of the map; the volunteers among them walk where `plan.rounds` is "walk".
    seed : int

    Returns
    -------
    pandas.DataFrame
        `DOT_COLUMNS`; x, y in metres, visited_at NaT where not visited; match_probability is the
        campaign's probability that the profile's person lives there.
    """
    rng = stream(seed, "visits")
    on_map = (profiles["presumed_leaning"] == plan.side) & (profiles["address"] >= 0)
    marked = profiles[on_map.to_numpy()]
    address = marked["address"].to_numpy(dtype=np.int64, copy=True)
    appeared = np.maximum(marked["first_seen"].to_numpy(dtype="datetime64[s]"), plan.launch)
    chosen = rng.random(len(marked)) < plan.share_visited
    visited_at = _evenings(appeared, plan, rng)
    visited_at[~chosen] = np.datetime64("NaT", "s")
    positions = world.addresses.xy[address]
    if plan.rounds == "walk":
        rows, who = np.flatnonzero(chosen), volunteers_of(world, users, seed=seed)
        walker = turf_of(world, who, address[rows])
        visited_at = np.full(len(marked), np.datetime64("NaT", "s"))
        visited_at[rows] = walk_rounds(
            positions[rows], appeared[rows], walker, world.addresses.xy[who["home"].to_numpy()],
            plan, rng=stream(seed, "rounds"),
        )  # fmt: skip
    return pd.DataFrame(
        {
            "dot": np.arange(len(marked), dtype=np.int64),
            "profile": marked["profile"].to_numpy(dtype=np.int64, copy=True),
            "x": positions[:, 0],
            "y": positions[:, 1],
            "address": address,
            "match_probability": marked["match_probability"].to_numpy(copy=True),
            "status": pd.Series(np.where(np.isnat(visited_at), "to_meet", "visited"), dtype="str"),
            "appeared_at": appeared,
            "visited_at": visited_at,
        }
    )


def volunteers_of(world: SimulatedWorld, users: pd.DataFrame, *, seed: int) -> pd.DataFrame:
    """Return the volunteers who have a turf of their own, each with a home there.

    Parameters
    ----------
    world : SimulatedWorld
    users : pandas.DataFrame
        Accounts of the map, as `register_users` draws them.
    seed : int

    Returns
    -------
    pandas.DataFrame
        `VOLUNTEER_COLUMNS`: the name that the tool shows, the polling station, and the row of an
        address of it, each as likely (scenario). Of several volunteers of a station, the first.
    """
    own = users[(users["role"] == "volunteer").to_numpy()].drop_duplicates("station")
    rng, station = stream(seed, "homes of volunteers"), world.addresses.frame["station"].to_numpy()
    homes = [int(rng.choice(np.flatnonzero(station == turf))) for turf in own["station"]]
    names = [f"benevole{user:02d}@campagne.example" for user in own["user"]]
    return pd.DataFrame(
        {
            "volunteer": pd.Series(names, dtype="str"),
            "station": own["station"].reset_index(drop=True),
            "home": np.array(homes, dtype=np.int64),
        }
    )


def turf_of(world: SimulatedWorld, volunteers: pd.DataFrame, address: np.ndarray) -> np.ndarray:
    """Return the row of the volunteer of each address: of its station, or of the nearest one."""
    base = world.addresses
    code, stations = pd.factorize(base.frame["station"].to_numpy())
    middle = np.column_stack([np.bincount(code, axis) / np.bincount(code) for axis in base.xy.T])
    turf = middle[pd.Index(stations).get_indexer(volunteers["station"])]
    gap = middle[:, None] - turf
    return np.asarray(np.hypot(gap[..., 0], gap[..., 1]).argmin(axis=1)[code[address]])


def walk_rounds(
    xy: np.ndarray,
    appeared: np.ndarray,
    walker: np.ndarray,
    homes: np.ndarray,
    plan: CampaignPlan,
    *,
    rng: np.random.Generator,
) -> np.ndarray:
    """Draw evenings on which volunteers walk from each door to the nearest one that is left.

    As many evenings as rounds of `DOORS_A_ROUND` doors take, drawn between launch and `plan.as_of`;
    each round begins mostly near the home of the volunteer, at about 18:00 (scenario).

    Parameters
    ----------
    xy : float, shape (n, 2)
        Doors to visit, metres.
    appeared : datetime64, shape (n,)
    walker : int, shape (n,)
        Row of the volunteer of each.
    homes : float, shape (volunteers, 2)
    plan : CampaignPlan
    rng : numpy.random.Generator

    Returns
    -------
    datetime64, shape (n,)
        NaT for a door that appeared after the last evening.
    """
    visited = np.full(len(xy), np.datetime64("NaT", "s"))
    first = plan.launch.astype("datetime64[D]") + _DAY
    days = int((plan.as_of.astype("datetime64[D]") - first).astype(np.int64))
    for volunteer, home in enumerate(homes):
        left = np.flatnonzero(walker == volunteer)
        many = min(-(-len(left) // DOORS_A_ROUND), max(days, 0))
        evenings = np.sort(rng.choice(max(days, 0), many, replace=False))
        for turn, evening in enumerate(evenings):
            begin = (first + np.timedelta64(int(evening), "D")).astype("datetime64[s]")
            there = left[appeared[left] < begin]
            doors = _round(xy, there, home, -(-len(left) // (many - turn)), rng)
            steps = np.diff(xy[doors], axis=0)
            seconds = np.hypot(*steps.T) / _PACE + rng.integers(*_AT_DOOR, len(steps))
            late = np.concatenate([rng.integers(0, 1_800, len(doors[:1])), seconds]).cumsum()
            visited[doors] = begin + _EVENING + late.astype("timedelta64[s]")
            left = np.setdiff1d(left, doors)
    return visited


def _round(
    xy: np.ndarray, there: np.ndarray, home: np.ndarray, most: int, rng: np.random.Generator
) -> np.ndarray:
    """Return the doors of one round, in turn."""
    doors: list[int] = []
    for _ in range(min(most, len(there))):
        if doors:
            at = int(np.hypot(*(xy[there] - xy[doors[-1]]).T).argmin())
        else:
            far = np.hypot(*(xy[there] - home).T)
            near = np.exp(-(far - far.min()) / _FROM_HOME)
            at = int(rng.choice(len(there), p=near / near.sum()))
        doors.append(int(there[at]))
        there = np.delete(there, at)
    return np.array(doors, dtype=np.int64)


def behind_entry(world: SimulatedWorld, profiles: pd.DataFrame, what: str) -> np.ndarray:
    """Return the person that each profile's register entry names, or the household there today.

    Parameters
    ----------
    world : SimulatedWorld
    profiles : pandas.DataFrame
        Profiles of the campaign, or matches as returned by `match_accounts`.
    what : {"person", "household"}

    Returns
    -------
    ndarray of int
        -1 for none of the town.
    """
    behind = np.full(len(profiles), -1, dtype=np.int64)
    for name in ("directory", "roll"):
        rows = profiles["register"].to_numpy() == name
        truth = getattr(world, f"{name}_truth")[what].to_numpy()
        behind[rows] = truth[profiles["entry"].to_numpy()[rows]]
    return behind


def knock(
    world: SimulatedWorld,
    plan: CampaignPlan,
    profiles: pd.DataFrame,
    dots: pd.DataFrame,
    *,
    seed: int,
) -> pd.DataFrame:
    """Draw the answers at visits: which member of the household opens, and what they answer.

    A door opens with probability `plan.door_open_rate`; each member aged ten or more is equally
    likely to open it. At a wrong home the opener is a *stranger*. At the right one *target* is the
    account's person, *child* another member under 18, *spouse* the partner (the two oldest of a
    couple or family) and *other_adult* any other.

    Parameters
    ----------
    world : SimulatedWorld
    plan : CampaignPlan
    profiles, dots : pandas.DataFrame
    seed : int

    Returns
    -------
    pandas.DataFrame
        `CONTACT_COLUMNS`, one row a visit, in order of time.
    """
    rng = stream(seed, "doors")
    visits = dots[dots["visited_at"].notna()].sort_values(["visited_at", "dot"])
    profile = visits["profile"].to_numpy()
    account = profiles["account"].to_numpy()[profile]
    target = world.accounts["person"].to_numpy()[account]
    home = behind_entry(world, profiles[["register", "entry"]].iloc[profile], "household")
    opener = _openers(world, home, rng)
    opener[rng.random(len(visits)) >= plan.door_open_rate] = -1
    opened_by = _role_of_opener(world, target, home, opener)
    favours = world.people["leaning"].to_numpy() == plan.side
    supporter = (opened_by == "target") & favours[target]
    opener_kind = np.where(supporter, "supporter", opened_by)
    opener_kind[~np.isin(opener_kind, list(_ANSWERS))] = "other"
    status = np.full(len(visits), "", dtype=object)
    draw = rng.random(len(visits))
    for kind, shares in _ANSWERS.items():
        rows = opener_kind == kind
        # The last step is exactly 1.
        steps = np.append(np.cumsum(list(shares.values()))[:-1], 1.0)
        answer = np.searchsorted(steps, draw[rows], side="right")
        status[rows] = np.array(list(shares), dtype=object)[answer]
    return pd.DataFrame(
        {
            "contact": np.arange(len(visits), dtype=np.int64),
            "dot": visits["dot"].to_numpy(dtype=np.int64, copy=True),
            "time": visits["visited_at"].to_numpy(dtype="datetime64[s]", copy=True),
            "status": pd.Series(status, dtype="str"),
            "opened_by": pd.Series(opened_by, dtype="str"),
        }
    )


def _evenings(appeared: np.ndarray, plan: CampaignPlan, rng: np.random.Generator) -> np.ndarray:
    """Draw a time on an evening after each dot appeared; NaT where no evening is left."""
    first = appeared.astype("datetime64[D]") + _DAY
    days = (plan.as_of.astype("datetime64[D]") - first).astype(np.int64)
    day = first + np.floor(rng.random(len(first)) * np.maximum(days, 0)).astype("timedelta64[D]")
    seconds = rng.integers(0, _EVENING_SECONDS, len(first)).astype("timedelta64[s]")
    return np.where(
        days > 0, day.astype("datetime64[s]") + _EVENING + seconds, np.datetime64("NaT", "s")
    )


def _openers(world: SimulatedWorld, home: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Draw a member aged ten or more of each household; -1 where there is none."""
    people = world.people
    able = people.loc[people["age"] >= OPENS_FROM_AGE, ["household", "person"]]
    able = able.sort_values(["household", "person"])
    household = able["household"].to_numpy()
    first = np.searchsorted(household, home, side="left")
    size = np.searchsorted(household, home, side="right") - first
    drawn = first + np.floor(rng.random(len(home)) * size).astype(np.int64)
    opener = np.full(len(home), -1, dtype=np.int64)
    opener[size > 0] = able["person"].to_numpy()[drawn[size > 0]]
    return opener


def _role_of_opener(
    world: SimulatedWorld, target: np.ndarray, home: np.ndarray, opener: np.ndarray
) -> np.ndarray:
    """Return the role of each opener relative to the account's person."""
    household, age = (world.people[name].to_numpy() for name in ("household", "age"))
    # The first that holds is the role.
    roles = {
        "nobody": opener < 0,
        "stranger": household[target] != home,
        "target": opener == target,
        "child": age[opener] < 18,
        "spouse": partners(world.people, world.households)[target] == opener,
    }
    return np.select(list(roles.values()), list(roles), "other_adult")
