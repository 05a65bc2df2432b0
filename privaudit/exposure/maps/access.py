"""How many people one account could look at, before and after the map was restricted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from privaudit._core.checks import say
from privaudit.campaign.access import ROLES, seen_by
from privaudit.errors import ParameterError
from privaudit.exposure.maps.doors import marked_doors
from privaudit.exposure.results import MEASURE_COLUMNS, Measures

if TYPE_CHECKING:
    from privaudit.campaign.campaign import Campaign

__all__ = ["access_exposure"]


def access_exposure(campaign: Campaign) -> Measures:
    """Count the people whom an account of the map can see.

    *before* is one second before ``plan.restricted_at``, *after* is that very moment: the same
    map and the same accounts, so that the difference is the restriction's alone. People are
    those whom the dots stand for, each counted once for an account however many dots they have;
    homes are the marked ones, household members everybody who lives there today.

    Parameters
    ----------
    campaign : Campaign

    Returns
    -------
    Measures
        For each moment (before, after) and role (public, volunteer, team, all) the rows
        ``{moment}_{role}_accounts``, ``_people_median``, ``_people_mean``, ``_people_max``
        (people that one account sees; nan without an account), ``_person_exposures`` (their
        sum over accounts); and for each moment ``{moment}_all_homes_max`` and
        ``_household_members_max``, those that the account which sees most homes, or members,
        can see. Plain counts of one simulated campaign (low = high = value). The baseline of an
        *after* row is its *before*. n: accounts. 0 is safe.

    Raises
    ------
    ParameterError
        The map has no user.
    """
    if len(campaign.users) == 0:
        raise ParameterError(
            say("access_exposure", "a map that somebody uses", "0 users", "Raise n_public_users.")
        )
    restricted = np.datetime64(str(campaign.plan.restricted_at), "s")
    before = _at(campaign, restricted - np.timedelta64(1, "s"))
    after = _at(campaign, restricted)
    rows = [
        (f"{moment}_{name}", value, value, value, baseline.get(name, np.nan), n, unit, note)
        for moment, table, baseline in (
            ("before", before, {}),
            ("after", after, {name: row[0] for name, row in before.items()}),
        )
        for name, (value, n, unit, note) in table.items()
    ]
    return Measures(
        overall=pd.DataFrame(rows, columns=["measure", *MEASURE_COLUMNS]).set_index("measure"),
        per_record=pd.DataFrame(index=pd.RangeIndex(0)),
        title="access to the map",
        provenance="simulated",
        recipe=dict(campaign.recipe),
    )


def _at(campaign: Campaign, when: np.datetime64) -> dict[str, tuple[float, int, str, str]]:
    """Value, n, unit and note of each measure at one moment."""
    seen = _seen(campaign, when)
    table: dict[str, tuple[float, int, str, str]] = {}
    for role in (*ROLES, "all"):
        people = seen.loc[(seen["role"] == role) | (role == "all"), "people"].to_numpy(float)
        n = len(people)
        table[f"{role}_accounts"] = (n, n, "accounts", "registered by then")
        for name, of in (("median", np.median), ("mean", np.mean), ("max", np.max)):
            value = float(of(people)) if n else np.nan
            note = f"seen by one account: {name} over accounts; n: accounts"
            table[f"{role}_people_{name}"] = (value, n, "people", note)
        table[f"{role}_person_exposures"] = (
            float(people.sum()), n, "person-exposures",
            "people seen, summed over accounts; n: accounts",
        )  # fmt: skip
    for name in ("homes", "household_members"):
        value = float(seen[name].max()) if len(seen) else np.nan
        unit = "homes" if name == "homes" else "people"
        note = "seen by the account that sees most; n: accounts"
        table[f"all_{name}_max"] = (value, len(seen), unit, note)
    return table


def _seen(campaign: Campaign, when: np.datetime64) -> pd.DataFrame:
    """One row an account registered by then: role, people, homes, household_members seen."""
    doors = marked_doors(campaign)
    liker, household = doors["liker"].to_numpy(), doors["household"].to_numpy()
    size = np.bincount(campaign.world.people["household"], minlength=len(campaign.world.households))
    users = campaign.users[campaign.users["registered_at"].to_numpy() <= when]
    kinds = users[["role", "station"]].drop_duplicates(ignore_index=True)
    counts = []
    for role, station in zip(kinds["role"], kinds["station"], strict=True):
        shown = seen_by(campaign, role, station, when)
        homes = np.unique(household[shown & (household >= 0)])
        counts.append((len(np.unique(liker[shown])), len(homes), size[homes].sum()))
    names = ["people", "homes", "household_members"]
    kinds = kinds.join(pd.DataFrame(counts, columns=names, index=kinds.index))
    return users.merge(kinds, on=["role", "station"], validate="many_to_one")
