"""Negative disclosure: what a map says of the people who have no dot."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from privaudit.maps.scoring.household import check_holds_dots, marked_addresses, of_campaign
from privaudit.results.measures import Measures
from privaudit.results.rows import Rows
from privaudit.words.catalogues import Note

if TYPE_CHECKING:
    from privaudit.campaign.campaign import Campaign
    from privaudit.maps.opinion import NegativeDisclosure


def station_rates(campaign: Campaign) -> np.ndarray:
    """Return the side's share in each person's station, from the results; else the town's."""
    stations = campaign.world.stations
    share = stations[campaign.plan.side].to_numpy(dtype=float)
    row = pd.Index(stations["station"]).get_indexer(campaign.world.people["station"])
    return np.asarray(np.where(row >= 0, share[np.maximum(row, 0)], share.mean()))


def rates_of(campaign: Campaign) -> tuple[float, float]:
    """Return the share of electors of the side, and of the others, who have a dot."""
    check_holds_dots("rates_of", campaign)
    people, has_dot = campaign.world.people, _has_dot(campaign)
    elector = people["elector"].to_numpy(dtype=bool)
    ours = (people["leaning"] == campaign.plan.side).to_numpy()
    return float(has_dot[elector & ours].mean()), float(has_dot[elector & ~ours].mean())


def negative_exposure(
    campaign: Campaign,
    read: NegativeDisclosure,
    passed: np.ndarray,
    *,
    notes: tuple[Note, ...] = (),
) -> Measures:
    """Compare electors with and without a dot with the base rate of their polling station.

    The side is the campaign's, a leaning the person's own; the base rate of an elector is the
    share of the side in the polling station.

    Parameters
    ----------
    campaign : Campaign
    read : NegativeDisclosure
        The adversary's belief about each person of the world.
    passed : ndarray of bool, shape (addresses,)
        Addresses without a dot that volunteers passed by.
    notes : tuple of Note
        Assumptions about the adversary.

    Returns
    -------
    Measures
        Family "negative". For each ``group`` of electors: of_the_side, the share that is of
        the side (Wilson interval; those of one household are not independent), and claimed,
        their mean posterior; the baseline of both is their mean base rate. Groups: with_dot;
        without_dot; visited_without_dot, those without a dot at an address that was visited for
        another resident; passed_by_without_dot, those at an address without any dot within 50 m
        of a visited one. shift: mean change of probability over all electors without a dot, 0 is
        safe. n: electors. A hit is an opinion.

    Raises
    ------
    ParameterError
        No dot.
    """
    check_holds_dots("negative_exposure", campaign)
    world = campaign.world
    people = world.people
    elector = people["elector"].to_numpy(dtype=bool)
    ours = (people["leaning"] == campaign.plan.side).to_numpy()
    household, at = people["household"].to_numpy(), people["address"].to_numpy()
    has_dot = _has_dot(campaign)
    claim = np.where(has_dot, read.with_dot, read.without_dot)
    called = np.zeros(len(world.addresses), dtype=bool)
    visited = (campaign.dots["status"] == "visited").to_numpy()
    called[campaign.dots["address"].to_numpy()[visited]] = True
    groups = {
        "with_dot": has_dot,
        "without_dot": ~has_dot,
        "visited_without_dot": ~has_dot & called[at],
        "passed_by_without_dot": ~has_dot & passed[at],
    }
    rows = Rows(int(elector.sum()), "electors")
    for group, members in groups.items():
        of = elector & members
        usual = float(read.base_rate[of].mean()) if of.any() else np.nan
        belief = float(claim[of].mean()) if of.any() else np.nan
        fields: dict[str, Any] = {"part": {"group": group}, "gain": "opinion", "baseline": usual}
        rows.share("of_the_side", ours[of], clusters=household[of], **fields)
        rows.count("claimed", belief, "probability", n=int(of.sum()), **fields)
    off = elector & ~has_dot
    shift = float((read.base_rate - claim)[off].mean()) if off.any() else np.nan
    rows.count("shift", shift, "probability", n=off.sum(), gain="opinion", baseline=0)
    return of_campaign("negative", rows, campaign, *notes)


def _has_dot(campaign: Campaign) -> np.ndarray:
    """Whether each person has a dot."""
    has_dot = np.zeros(len(campaign.world.people), dtype=bool)
    has_dot[marked_addresses(campaign)["person"].to_numpy()] = True
    return has_dot
