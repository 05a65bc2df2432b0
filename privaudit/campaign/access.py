"""Who may look at the map: everybody who registers, then only a few."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from privaudit._core.checks import one_of
from privaudit._core.streams import stream
from privaudit.campaign.plan import moment

if TYPE_CHECKING:
    from privaudit.campaign.campaign import Campaign
    from privaudit.campaign.plan import CampaignPlan
    from privaudit.simulation.world import SimulatedWorld

__all__ = ["ROLES", "USER_COLUMNS", "register_users", "seen_by", "visible"]

ROLES = ("public", "volunteer", "team")
USER_COLUMNS = ("user", "registered_at", "role", "station")


def register_users(world: SimulatedWorld, plan: CampaignPlan, *, seed: int) -> pd.DataFrame:
    """Register the accounts of the map.

    The team is there at the launch; volunteers, each with a polling station as turf, join
    between launch and `plan.as_of`; the public joins while registration is open.

    Returns
    -------
    pandas.DataFrame
        `USER_COLUMNS`, in order of registration; station "" stands for the whole map.
    """
    rng = stream(seed, "users")
    role = np.repeat(ROLES, (plan.n_public_users, plan.n_volunteers, plan.n_team))
    closes = {"public": min(plan.restricted_at, plan.as_of), "volunteer": plan.as_of}
    stations = np.unique(world.stations["station"].to_numpy(dtype=str))
    joined = np.full(len(role), plan.launch, dtype="datetime64[s]")
    station = np.full(len(role), "", dtype=object)
    for name, end in closes.items():
        rows = np.flatnonzero(role == name)
        span = int((end - plan.launch).astype(np.int64))
        joined[rows] += rng.integers(0, span, len(rows)).astype("timedelta64[s]")
    turf = np.flatnonzero(role == "volunteer")
    station[turf] = rng.choice(stations, len(turf)) if len(turf) else ""
    order = np.argsort(joined, kind="stable")
    return pd.DataFrame(
        {
            "user": np.arange(len(role), dtype=np.int64),
            "registered_at": joined[order],
            "role": pd.Series(role[order], dtype="str"),
            "station": pd.Series(station[order], dtype="str"),
        }
    )


def seen_by(campaign: Campaign, role: str, station: str, when: str | np.datetime64) -> np.ndarray:
    """Tell which dots an account of that role and turf sees at a moment.

    Until `plan.restricted_at` every account sees the whole map. From then on the team sees all,
    a volunteer the dots of the turf, the public nothing. Dots that appear later are not seen.

    Parameters
    ----------
    campaign : Campaign
    role : {"public", "volunteer", "team"}
    station : str
        Turf of a volunteer; not looked at for other roles.
    when : str or datetime64

    Returns
    -------
    ndarray of bool, shape (dots,)
    """
    one_of("seen_by", "role", role, ROLES)
    now = moment("seen_by", "when", when)
    there = campaign.dots["appeared_at"].to_numpy() <= now
    if now < campaign.plan.restricted_at or role == "team":
        return there
    if role == "public":
        return np.zeros(len(there), dtype=bool)
    turf = campaign.profiles["station"].to_numpy()[campaign.dots["profile"].to_numpy()]
    return there & (turf == station)


def visible(campaign: Campaign, when: str | np.datetime64) -> pd.DataFrame:
    """Count the dots that each account can see at a moment.

    Returns
    -------
    pandas.DataFrame
        Columns user, role, dots; one row an account registered by then.
    """
    now = moment("visible", "when", when)
    users = campaign.users[campaign.users["registered_at"].to_numpy() <= now]
    kinds = users[["role", "station"]].drop_duplicates(ignore_index=True)
    kinds = kinds.assign(
        dots=np.array(
            [
                seen_by(campaign, role, station, now).sum()
                for role, station in zip(kinds["role"], kinds["station"], strict=True)
            ],
            dtype=np.int64,
        )
    )
    counted = users.merge(kinds, on=["role", "station"], validate="many_to_one")
    return counted[["user", "role", "dots"]]
