"""Read a campaign's map for the people who are not on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from privaudit._core.checks import in_range
from privaudit.attacks.negative import passed_by, read_absence
from privaudit.exposure.maps.doors import holds_a_dot
from privaudit.exposure.maps.negative import negative_exposure, rates_of, station_rates
from privaudit.words.note import Note

if TYPE_CHECKING:
    from privaudit.campaign.campaign import Campaign
    from privaudit.results.measures import Measures

__all__ = ["audit_absence"]


def audit_absence(
    campaign: Campaign,
    *,
    sensitivity: float | None = None,
    false_positive: float | None = None,
) -> Measures:
    """Compare what is learnt about electors with a dot, and without one, with their station.

    Parameters
    ----------
    campaign : Campaign
    sensitivity, false_positive : float, optional
        What the adversary believes: probability, 0 to 1, that an elector of the side, or
        another, has a dot. Default: the true rates of this campaign, as its best-informed
        adversary would have them.

    Returns
    -------
    Measures
        See `negative_exposure`.

    Raises
    ------
    ParameterError
        No dot, or a rate out of range.
    """
    holds_a_dot("audit_absence", campaign)
    rates = [
        true if given is None else in_range("audit_absence", name, given, 0, 1)
        for name, given, true in zip(
            ("sensitivity", "false_positive"),
            (sensitivity, false_positive),
            rates_of(campaign),
            strict=True,
        )
    ]
    s, f = (float(rate) for rate in rates)
    notes = [Note("absence_exact_positions"), Note("absence_rates", sensitivity=s, others=f)]
    if sensitivity is None or false_positive is None:
        notes.append(Note("absence_rates_own"))
    marked = campaign.dots["address"].to_numpy()
    visited = (campaign.dots["status"] == "visited").to_numpy()
    read = read_absence(station_rates(campaign), sensitivity=s, false_positive=f)
    passed = np.asarray(passed_by(marked, visited, campaign.world.addresses))
    return negative_exposure(campaign, read, passed, notes=tuple(notes))
