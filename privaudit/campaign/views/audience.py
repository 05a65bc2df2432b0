"""`Audience`: an ad that a platform serves to a look-alike audience."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from privaudit.campaign.campaign import Campaign
from privaudit.campaign.leaning import BLOCS, evidence_of
from privaudit.campaign.plan import check_shares
from privaudit.campaign.publish import View, shuffled
from privaudit.columns.roles import Roles
from privaudit.core.checks import keyword_only, one_of
from privaudit.core.reproducible import one_thread, stream
from privaudit.release.release import AdRelease
from privaudit.simulation.world import INTERESTS

# The subject of the campaign's own ad; any other is an interest, as of a shop.
POLITICS = "politics"
_SHARES = ("listed", "size", "reach", "stray")
# Inverse of the ridge penalty of the model.
_RIDGE = 0.01


@keyword_only
@dataclass(frozen=True, kw_only=True)
class Audience(View[AdRelease]):
    """An ad served to accounts that resemble a list given to a platform.

    The control is the same algorithm with a commercial subject: a shop's list of customers. Every
    share is a scenario, in [0, 1].

    Parameters
    ----------
    subject : str
        "politics", the campaign's list of supporters; or an interest, such as "gardening".
    listed : float
        Share of the target group that is on the list.
    size : float
        Share of all other accounts that becomes the audience.
    reach, stray : float
        Shares of the audience and of all others that are served the ad.

    Raises
    ------
    ParameterError
        An unknown subject, or a share outside 0 to 1.

    Examples
    --------
    >>> str(Audience(subject="gardening"))
    'audience:gardening'
    """

    word, example, label_fields = "audience", "audience:politics", ("subject",)

    subject: str = POLITICS
    listed: float = 0.2
    size: float = 0.05
    reach: float = 0.6
    stray: float = 0.002

    def __post_init__(self) -> None:
        one_of("Audience", "subject", self.subject, (POLITICS, *INTERESTS))
        check_shares(self, *_SHARES)

    def published(self, campaign: Campaign, *, seed: int) -> AdRelease:
        """Publish one row an account that was not on the list."""
        drawn = self.look_alikes(campaign, seed=seed)
        others = (~drawn["listed"]).to_numpy()
        order = shuffled(int(others.sum()), seed)
        profiles = campaign.profiles.sort_values("account")[others].iloc[order]
        return AdRelease(
            records=drawn.loc[others, ["audience", "served"]].iloc[order].reset_index(drop=True),
            roles=Roles(),
            subject=self.subject,
            side=campaign.plan.side,
            name="audience",
            sources=self.sources(campaign, profiles),
            **self.stamped(campaign, seed),
        )

    @one_thread()
    def look_alikes(self, campaign: Campaign, *, seed: int) -> pd.DataFrame:
        """Draw the list, find the look-alike audience, and serve the ad.

        Logistic regression on the singular vectors of likes, the list against all others; the
        audience is the others with the highest scores. The algorithm does not know the subject.

        Parameters
        ----------
        campaign : Campaign
        seed : int

        Returns
        -------
        pandas.DataFrame of bool
            One row an account: listed, audience, served.
        """
        from sklearn.linear_model import LogisticRegression

        world = campaign.world
        person = world.accounts["person"].to_numpy()
        rng = stream(seed, "audience", self.subject)
        on_list = has_subject(campaign, self.subject)[person]
        on_list &= rng.random(len(person)) < self.listed
        likes = evidence_of(world, campaign.plan, stream(seed, "audience", "likes")).likes
        audience = np.zeros(len(person), dtype=bool)
        if on_list.any() and not on_list.all() and likes.shape[1]:
            model = LogisticRegression(C=_RIDGE, max_iter=500, class_weight="balanced")
            score = model.fit(likes, on_list).decision_function(likes)
            others = np.flatnonzero(~on_list)
            top = np.argsort(-score[others], kind="stable")[: round(self.size * len(others))]
            audience[others[top]] = True
        share = np.where(audience, self.reach, self.stray)
        served = (rng.random(len(person)) < share) & ~on_list
        return pd.DataFrame({"listed": on_list, "audience": audience, "served": served})


def has_subject(campaign: Campaign, subject: str) -> np.ndarray:
    """Return which people an ad targets: those of the campaign's bloc, or with an interest.

    Parameters
    ----------
    campaign : Campaign
    subject : str
        "politics" or an interest.

    Returns
    -------
    ndarray
    """
    people = campaign.world.people
    if subject == POLITICS:
        return np.isin(people["leaning"].to_numpy(), BLOCS[campaign.plan.side])
    return np.asarray(people["interest"].to_numpy() == subject)
