"""How many people one account could look at, before and after the map was restricted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from privaudit._core.checks import say
from privaudit.campaign.access import ROLES, seen_by
from privaudit.errors import ParameterError
from privaudit.exposure.maps.doors import marked_doors
from privaudit.results.measures import Measures
from privaudit.results.rows import Rows

if TYPE_CHECKING:
    from privaudit.campaign.campaign import Campaign

__all__ = ["access_exposure", "moments"]


def moments(campaign: Campaign) -> Iterator[tuple[str, np.datetime64]]:
    """Return "before", one second before ``plan.restricted_at``, and "after", that very moment."""
    restricted = np.datetime64(str(campaign.plan.restricted_at), "s")
    yield "before", restricted - np.timedelta64(1, "s")
    yield "after", restricted


def access_exposure(campaign: Campaign) -> Measures:
    """Count the people whom an account of the map can see, before and after its restriction.

    The same map and the same accounts, so that the difference is the restriction's alone. People
    are those whom the dots stand for, each counted once for an account however many dots they
    have; households are the marked ones, members everybody who lives there today.

    Parameters
    ----------
    campaign : Campaign

    Returns
    -------
    Measures
        Family "access": for each ``moment`` (before, after) and ``role`` (public, volunteer,
        team, all):

        - accounts: registered by then; n: accounts of all roles by then.
        - people_median, people_mean, people_max: people whom one account sees; nan without an
          account; people_seen: their sum over accounts, pairs of an account and a person.
          n: people on the file.
        - for role all, households_max and members_max: those that the account which sees most
          of them can see; n: all marked households, all who live there.

        Plain counts of one simulated campaign (low = high = value). The baseline of an *after*
        row is its *before*. 0 is safe.

    Raises
    ------
    ParameterError
        The map has no user.
    """
    if len(campaign.users) == 0:
        raise ParameterError(
            say("access_exposure", "a map that somebody uses", "0 users", "Raise n_public_users.")
        )
    doors = marked_doors(campaign)
    household = doors["household"].to_numpy()
    marked = np.unique(household[household >= 0])
    size = np.bincount(campaign.world.people["household"], minlength=len(campaign.world.households))
    rows = Rows(doors["person"].nunique(), "people")
    before: dict[tuple[str, str], float] = {}
    for moment, when in moments(campaign):
        seen = _seen(campaign, doors, size, when)

        def count(
            name: str,
            role: str,
            value: float,
            unit: str,
            *,
            moment: str = moment,
            **more: Any,
        ) -> None:
            part = {"moment": moment, "role": role}
            baseline = before.get((name, role), np.nan)
            rows.count(name, value, unit, part=part, baseline=baseline, **more)
            before.setdefault((name, role), value)

        for role in (*ROLES, "all"):
            people = seen.loc[(seen["role"] == role) | (role == "all"), "people"].to_numpy(float)
            count("accounts", role, len(people), "accounts", n=len(seen), counts="accounts")
            for name, of in (("median", np.median), ("mean", np.mean), ("max", np.max)):
                value = float(of(people)) if len(people) else np.nan
                count(f"people_{name}", role, value, "people")
            count("people_seen", role, people.sum(), "pairs")
        for name, unit, n, counts in (
            ("households", "households", len(marked), "households"),
            ("members", "residents", size[marked].sum(), "residents"),
        ):
            value = float(seen[name].max()) if len(seen) else np.nan
            count(f"{name}_max", "all", value, unit, n=n, counts=counts)
    return Measures(
        family="access", rows=rows, provenance="simulated", recipe=dict(campaign.recipe)
    )


def _seen(
    campaign: Campaign, doors: pd.DataFrame, size: np.ndarray, when: np.datetime64
) -> pd.DataFrame:
    """One row an account registered by then: role, people, households, members that it sees."""
    person, household = doors["person"].to_numpy(), doors["household"].to_numpy()
    users = campaign.users[campaign.users["registered_at"].to_numpy() <= when]
    kinds = users[["role", "station"]].drop_duplicates(ignore_index=True)
    counts = []
    for role, station in zip(kinds["role"], kinds["station"], strict=True):
        shown = seen_by(campaign, role, station, when)
        households = np.unique(household[shown & (household >= 0)])
        counts.append((len(np.unique(person[shown])), len(households), size[households].sum()))
    names = ["people", "households", "members"]
    kinds = kinds.join(pd.DataFrame(counts, columns=names, index=kinds.index))
    return users.merge(kinds, on=["role", "station"], validate="many_to_one")
