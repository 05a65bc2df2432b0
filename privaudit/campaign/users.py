"""Accounts of the map: the team, volunteers with a turf, and the public."""

from __future__ import annotations

import numpy as np
import pandas as pd

from privaudit._core.streams import stream
from privaudit.campaign.plan import CampaignPlan
from privaudit.simulation.world import SimulatedWorld

__all__ = ["ROLES", "USER_COLUMNS", "register_users"]

ROLES = ("public", "volunteer", "team")
USER_COLUMNS = ("user", "registered_at", "role", "station")


def register_users(world: SimulatedWorld, plan: CampaignPlan, *, seed: int) -> pd.DataFrame:
    """Register the accounts of the map.

    The team is there at the launch; volunteers, each with a polling station as turf, join
    between launch and `plan.as_of`; the public joins while registration is open.

    - returns: `USER_COLUMNS`, in order of registration; station "" stands for the whole map.
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
