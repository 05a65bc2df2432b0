"""What a map says of the people who are not on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from privaudit._core.checks import in_range, say
from privaudit.attacks.negative import passed_by, read_absence
from privaudit.errors import ParameterError
from privaudit.exposure.results import MEASURE_COLUMNS, Measures
from privaudit.measures.interval import effective_n, wilson

if TYPE_CHECKING:
    from privaudit.campaign.campaign import Campaign

__all__ = ["negative_exposure"]


def negative_exposure(
    campaign: Campaign,
    *,
    sensitivity: float | None = None,
    false_positive: float | None = None,
) -> Measures:
    """Compare what is learnt about electors with a dot, and without one, with their station.

    The side is the campaign's, a leaning the person's own; the base rate of an elector is the
    share of the side in the polling station, which anybody can read in the results.

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
        For each group of electors ``{group}_of_the_side``: the share that is of the side, with
        its Wilson interval (those of one home are not independent), and ``{group}_claimed``:
        what Bayes' rule says of them; the baseline of both is their mean base rate. Groups:
        with_dot; without_dot, everybody else; visited_without_dot, those among them who live at
        an address where a volunteer called for another; passed_by_without_dot, those at an
        address without any dot within 50 m of a visited one. ``shift_without_dot`` is the mean
        change of probability over everybody without a dot, 0 is safe: small each, but of the
        whole town. n: electors.

    Raises
    ------
    ParameterError
        No dot, or a rate out of range.
    """
    if len(campaign.dots) == 0:
        raise ParameterError(say("negative_exposure", "a map that holds a dot", "0 dots"))
    world = campaign.world
    people = world.people
    elector = people["elector"].to_numpy(dtype=bool)
    ours = (people["leaning"] == campaign.plan.side).to_numpy()
    account = campaign.profiles["account"].to_numpy()[campaign.dots["profile"].to_numpy()]
    has_dot = np.zeros(len(people), dtype=bool)
    has_dot[world.accounts["person"].to_numpy()[account]] = True
    s, f = (
        in_range("negative_exposure", name, given, 0, 1)
        if given is not None
        else float(has_dot[elector & of].mean())
        for name, given, of in (
            ("sensitivity", sensitivity, ours),
            ("false_positive", false_positive, ~ours),
        )
    )
    read = read_absence(_base_rates(campaign), sensitivity=s, false_positive=f)
    claim = np.where(has_dot, read.with_dot, read.without_dot)
    marked = campaign.dots["address"].to_numpy()
    visited = (campaign.dots["status"] == "visited").to_numpy()
    called = np.zeros(len(world.addresses), dtype=bool)
    called[marked[visited]] = True
    passed = passed_by(marked, visited, world.addresses)
    at = people["address"].to_numpy()
    groups = {
        "with_dot": has_dot,
        "without_dot": ~has_dot,
        "visited_without_dot": ~has_dot & called[at],
        "passed_by_without_dot": ~has_dot & passed[at],
    }
    rows = []
    household = people["household"].to_numpy()
    for name, members in groups.items():
        of = elector & members
        n = int(of.sum())
        usual = float(read.base_rate[of].mean()) if n else np.nan
        share = float(ours[of].mean()) if n else np.nan
        low, high = wilson(share, effective_n(ours[of], household[of])) if n else (0.0, 1.0)
        note = "electors, their own leaning; n: electors"
        rows.append((f"{name}_of_the_side", share, low, high, usual, n, "share of people", note))
        said = float(claim[of].mean()) if n else np.nan
        note = f"by Bayes' rule, s = {s:.3g}, f = {f:.3g}; n: electors"
        rows.append((f"{name}_claimed", said, said, said, usual, n, "probability", note))
    off = elector & ~has_dot
    shift = float((read.base_rate - claim)[off].mean()) if off.any() else np.nan
    note = "base rate less claim, mean; n: electors without a dot"
    rows.append(
        ("shift_without_dot", shift, shift, shift, 0.0, int(off.sum()), "probability", note)
    )
    notes = ["Exact positions are assumed: a mask hides which door was called at."]
    if sensitivity is None or false_positive is None:
        notes.append("Rates not given are this campaign's own: nobody could know them better.")
    return Measures(
        overall=pd.DataFrame(rows, columns=["measure", *MEASURE_COLUMNS]).set_index("measure"),
        per_record=pd.DataFrame(index=pd.RangeIndex(0)),
        title="those who are not on the map",
        provenance="simulated",
        notes=tuple(notes),
        recipe={"sensitivity": s, "false_positive": f, "campaign": dict(campaign.recipe)},
    )


def _base_rates(campaign: Campaign) -> np.ndarray:
    """Share of the side in the station of each person; the town's where there is none."""
    stations = campaign.world.stations
    share = stations[campaign.plan.side].to_numpy(dtype=float)
    row = pd.Index(stations["station"]).get_indexer(campaign.world.people["station"])
    return np.where(row >= 0, share[np.maximum(row, 0)], share.mean())
