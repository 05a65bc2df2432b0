"""An ad that a platform serves to a look-alike audience."""

from __future__ import annotations

from dataclasses import dataclass

from privaudit.campaign.campaign import Campaign
from privaudit.campaign.messages import POLITICS, look_alikes
from privaudit.campaign.views.view import View, sources_of
from privaudit.columns.roles import Roles
from privaudit.core.checks import in_range, keyword_only, one_of
from privaudit.core.progress import stream
from privaudit.release.release import AdRelease
from privaudit.simulation.world import INTERESTS

_SHARES = ("listed", "size", "reach", "stray")


@keyword_only
@dataclass(frozen=True, kw_only=True)
class Audience(View[AdRelease]):
    """An ad served to those who resemble a list that was handed to a platform.

    The control run is the same engine with a commercial subject: a shop's list of customers.
    Every share is a scenario, in [0, 1].

    Parameters
    ----------
    subject : str
        "politics", the campaign's list of supporters; or an interest, such as "gardening".
    listed : float
        Of the people whom the ad is meant for, share that is on the list.
    size : float
        Of all other accounts, share that becomes the audience.
    reach, stray : float
        Share of the audience that is served the ad, and of everybody else.

    Raises
    ------
    ParameterError
        An unknown subject, or a share outside 0 to 1.

    Examples
    --------
    >>> str(Audience(subject="gardening"))
    'audience:gardening'
    """

    word, example, told = "audience", "audience:politics", ("subject",)

    subject: str = POLITICS
    listed: float = 0.2
    size: float = 0.05
    reach: float = 0.6
    stray: float = 0.002

    def __post_init__(self) -> None:
        one_of("Audience", "subject", self.subject, (POLITICS, *INTERESTS))
        for name in _SHARES:
            object.__setattr__(self, name, in_range("Audience", name, getattr(self, name), 0, 1))

    def published(self, campaign: Campaign, *, seed: int) -> AdRelease:
        """Serve the ad, and return a row an account that was not on the list."""
        shares = {name: getattr(self, name) for name in _SHARES}
        found = look_alikes(campaign, self.subject, seed=seed, **shares)
        kept = (~found["listed"]).to_numpy()
        order = stream(seed, "publish", "order").permutation(int(kept.sum()))
        profiles = campaign.profiles.sort_values("account")[kept]
        return AdRelease(
            records=found.loc[kept, ["audience", "served"]].iloc[order].reset_index(drop=True),
            roles=Roles(),
            subject=self.subject,
            side=campaign.plan.side,
            name="audience",
            sources=sources_of(campaign, profiles).iloc[order].reset_index(drop=True),
            **self.stamped(campaign, seed),
        )
