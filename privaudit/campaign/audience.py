"""A look-alike audience: whom a platform finds to resemble a list, and who is served an ad.

It exists inside a simulated world only, as every inference here.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from privaudit._core.streams import stream
from privaudit._core.threads import one_thread
from privaudit.campaign.campaign import Campaign
from privaudit.campaign.inference import evidence_of
from privaudit.campaign.leaning import BLOCS

__all__ = ["POLITICS", "has_subject", "look_alikes"]

# The subject of the campaign's own ad; any other is an interest, and a shop's.
POLITICS = "politics"
# Ridge of the model that holds a list against everybody else.
_RIDGE = 0.01


def has_subject(campaign: Campaign, subject: str) -> np.ndarray:
    """Say of each person whether an ad is meant for them: the bloc of the campaign, an interest."""
    people = campaign.world.people
    if subject == POLITICS:
        return np.isin(people["leaning"].to_numpy(), BLOCS[campaign.plan.side])
    found: np.ndarray = people["interest"].to_numpy() == subject
    return found


@one_thread()
def look_alikes(
    campaign: Campaign,
    subject: str,
    *,
    listed: float,
    size: float,
    reach: float,
    stray: float,
    seed: int,
) -> pd.DataFrame:
    """Hand a list of customers or supporters to a platform, and let it serve an ad to their like.

    Logistic regression on the singular vectors of what accounts touched, the list against all
    others; the likest others are the audience. The engine is the same whatever the subject.

    - `listed`: Of the accounts whose person the ad is meant for, share that is on the list.
    - `size`: Of all other accounts, share that becomes the audience.
    - `reach`, `stray`: Share of the audience that is served the ad, and of everybody else.
    - returns: One row an account: listed, audience, served (bool).
    """
    from sklearn.linear_model import LogisticRegression

    world = campaign.world
    person = world.accounts["person"].to_numpy()
    rng = stream(seed, "audience", subject)
    meant = has_subject(campaign, subject)[person]
    on_list = meant & (rng.random(len(person)) < listed)
    likes = evidence_of(world, campaign.plan, stream(seed, "audience", "likes")).likes
    audience = np.zeros(len(person), dtype=bool)
    if on_list.any() and not on_list.all() and likes.shape[1]:
        model = LogisticRegression(C=_RIDGE, max_iter=500, class_weight="balanced")
        alike = model.fit(likes, on_list).decision_function(likes)
        others = np.flatnonzero(~on_list)
        most = others[np.argsort(-alike[others], kind="stable")][: round(size * len(others))]
        audience[most] = True
    share = np.where(audience, reach, stray)
    served = (rng.random(len(person)) < share) & ~on_list
    return pd.DataFrame({"listed": on_list, "audience": audience, "served": served})
