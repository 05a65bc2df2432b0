"""Who may look at the map: everybody who registers, then only a few."""

from __future__ import annotations

import numpy as np

from privaudit._core.checks import one_of
from privaudit.campaign.campaign import Campaign
from privaudit.campaign.plan import moment
from privaudit.campaign.users import ROLES

__all__ = ["ROLES", "seen_by"]


def seen_by(campaign: Campaign, role: str, station: str, when: str | np.datetime64) -> np.ndarray:
    """Tell which dots an account of that role and turf sees at a moment.

    Until `plan.restricted_at` every account sees the whole map. From then on the team sees all,
    a volunteer the dots of the turf, the public nothing. Dots that appear later are not seen.

    - `role` ({"public", "volunteer", "team"})
    - `station`: Turf of a volunteer; not looked at for other roles.
    - returns (bool, shape (dots,))
    """
    one_of("seen_by", "role", role, ROLES)
    now = moment("seen_by", "when", when)
    there = campaign.dots["appeared_at"].to_numpy() <= now
    if now < campaign.plan.restricted_at or role == "team":
        return there
    if role == "public":
        return np.zeros(len(there), dtype=bool)
    turf = campaign.profiles["station"].to_numpy()[campaign.dots["profile"].to_numpy()]
    return np.asarray(there & (turf == station))
