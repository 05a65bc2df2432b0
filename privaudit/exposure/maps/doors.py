"""Wrong doors, wrong labels, and who was told: each dot beside the truth about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from privaudit.campaign.canvass import marked_households
from privaudit.measures.interval import effective_n, wilson

if TYPE_CHECKING:
    from privaudit.campaign.campaign import Campaign
    from privaudit.simulation.world import SimulatedWorld

__all__ = ["door_mistakes", "doors_opened", "electors_homes", "marked_doors"]


def marked_doors(campaign: Campaign) -> pd.DataFrame:
    """Put each dot beside the truth.

    Returns
    -------
    pandas.DataFrame
        One row a dot, in order: liker (the person it stands for), home (that person's
        household), address and household (those that are marked; household -1 where nobody
        lives there), then bool: wrong_door, homonym, stale (the two causes of a wrong door,
        which exclude each other), wrong_bell, wrong_label.
    """
    world = campaign.world
    profiles = campaign.profiles.iloc[campaign.dots["profile"].to_numpy()]
    liker = world.accounts["person"].to_numpy()[profiles["account"].to_numpy()]
    home = world.people["household"].to_numpy()[liker]
    address = campaign.dots["address"].to_numpy()
    household = marked_households(world, profiles)
    wrong_door = world.people["address"].to_numpy()[liker] != address
    own_entry = _named(world, profiles) == liker
    leaning = world.people["leaning"].to_numpy(dtype=str)[liker]
    return pd.DataFrame(
        {
            "liker": liker,
            "home": home,
            "address": address,
            "household": household,
            "wrong_door": wrong_door,
            "homonym": wrong_door & ~own_entry,
            "stale": wrong_door & own_entry,
            "wrong_bell": ~wrong_door & (household != home),
            "wrong_label": leaning != profiles["presumed_leaning"].to_numpy(dtype=str),
        }
    )


def electors_homes(world: SimulatedWorld) -> np.ndarray:
    """Return the households where at least one elector lives."""
    elector = world.people["elector"].to_numpy(dtype=bool)
    return np.unique(world.people["household"].to_numpy()[elector])


def door_mistakes(campaign: Campaign, doors: pd.DataFrame) -> list[tuple]:
    """Return the shares of dots that mark or presume what is not so, as rows of `Measures`."""
    world = campaign.world
    people = world.people
    homes = electors_homes(world)
    at_address = np.bincount(
        world.households["address"].to_numpy()[homes], minlength=len(world.addresses)
    )
    by_chance = at_address[people["address"].to_numpy()[doors["liker"].to_numpy()]] / len(homes)
    elector = people["elector"].to_numpy(dtype=bool)
    supporters = people["leaning"].to_numpy()[elector] == campaign.plan.side

    def row(name: str, column: str, baseline: float, note: str) -> tuple:
        hits = doors[column].to_numpy(dtype=float)
        value = float(hits.mean())
        low, high = wilson(value, effective_n(hits, doors["home"].to_numpy()))
        return name, value, low, high, baseline, len(doors), "share", f"{note}; n: dots"

    return [
        row(
            "wrong_doors", "wrong_door", 1 - float(by_chance.mean()),
            "the marked address is not the home of whoever interacted",
        ),
        row(
            "wrong_doors_homonym", "homonym", np.nan,
            "wrong door: the register entry is another person's",
        ),
        row(
            "wrong_doors_stale", "stale", np.nan,
            "wrong door: their own register entry, at a former address",
        ),
        row("wrong_bells", "wrong_bell", np.nan, "right address, another home"),
        row(
            "wrong_labels", "wrong_label", 1 - float(supporters.mean()),
            "they interacted, their leaning is not the presumed one",
        ),
    ]  # fmt: skip


def doors_opened(campaign: Campaign, doors: pd.DataFrame) -> list[tuple]:
    """Return who opened and was told, as rows of `Measures`."""
    log = campaign.contact_log
    opened = log[log["opened_by"].to_numpy() != "nobody"]
    at = doors.iloc[opened["dot"].to_numpy()]
    told = int((at["wrong_door"] | at["wrong_bell"]).sum())
    minors = int((opened["opened_by"] == "child").sum())
    return [
        (
            "told_at_wrong_doors", told, told, told, np.nan, len(opened), "people",
            "opened at a wrong door or bell, and learnt what is presumed of another; "
            "n: visits where somebody opened",
        ),
        (
            "opened_by_minors", minors, minors, minors, np.nan, len(opened), "people",
            "under 18, opened at the right door; n: visits where somebody opened",
        ),
    ]  # fmt: skip


def _named(world: SimulatedWorld, profiles: pd.DataFrame) -> np.ndarray:
    """Return the person whom each profile's register entry names, -1 for nobody of the town."""
    person = np.full(len(profiles), -1, dtype=np.int64)
    for name in ("directory", "roll"):
        rows = profiles["register"].to_numpy() == name
        truth = getattr(world, f"{name}_truth")["person"].to_numpy()
        person[rows] = truth[profiles["entry"].to_numpy()[rows]]
    return person
