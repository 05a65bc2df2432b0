"""Each dot beside the truth about it: whose door it marks, and whose it should."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from privaudit._core.checks import say
from privaudit.campaign.canvass import marked_households
from privaudit.campaign.match_quality import named_person
from privaudit.errors import ParameterError

if TYPE_CHECKING:
    from privaudit.campaign.campaign import Campaign
    from privaudit.simulation.world import SimulatedWorld

__all__ = ["NEAR", "electors_households", "holds_a_dot", "households_at", "marked_doors"]

# Metres: the doors around, from which one sees who is called upon.
NEAR = 50.0


def holds_a_dot(who: str, campaign: Campaign) -> None:
    """Complain of a map without a dot.

    Raises
    ------
    ParameterError
    """
    if len(campaign.dots) == 0:
        do = "Simulate a larger town, or presume a leaning from fewer interactions."
        raise ParameterError(say(who, "a map that holds a dot", "0 dots", do))


def marked_doors(campaign: Campaign) -> pd.DataFrame:
    """Put each dot beside the truth.

    Returns
    -------
    pandas.DataFrame
        One row a dot, in order: person (whom it stands for), home_address and home_household
        (theirs), address and household (those that are marked; household -1 where nobody lives
        there), then bool: wrong_address; homonym, stale (the two causes of a wrong address,
        which exclude each other); wrong_household (another household than theirs, wherever it
        lives); wrong_label.
    """
    world = campaign.world
    profiles = campaign.profiles.iloc[campaign.dots["profile"].to_numpy()]
    person = world.accounts["person"].to_numpy()[profiles["account"].to_numpy()]
    home_address = world.people["address"].to_numpy()[person]
    home_household = world.people["household"].to_numpy()[person]
    address = campaign.dots["address"].to_numpy()
    household = marked_households(world, profiles)
    wrong_address = home_address != address
    own_entry = named_person(world, profiles) == person
    leaning = world.people["leaning"].to_numpy(dtype=str)[person]
    return pd.DataFrame(
        {
            "person": person,
            "home_address": home_address,
            "home_household": home_household,
            "address": address,
            "household": household,
            "wrong_address": wrong_address,
            "homonym": wrong_address & ~own_entry,
            "stale": wrong_address & own_entry,
            "wrong_household": wrong_address | (household != home_household),
            "wrong_label": leaning != profiles["presumed_leaning"].to_numpy(dtype=str),
        }
    )


def electors_households(world: SimulatedWorld) -> np.ndarray:
    """Return the households where at least one elector lives."""
    elector = world.people["elector"].to_numpy(dtype=bool)
    return np.unique(world.people["household"].to_numpy()[elector])


def households_at(world: SimulatedWorld) -> np.ndarray:
    """Count the households that live at each address."""
    return np.bincount(world.households["address"].to_numpy(), minlength=len(world.addresses))
