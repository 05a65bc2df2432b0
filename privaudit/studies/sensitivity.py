"""How far the headline moves over the range of each thing that is assumed, not known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from privaudit._core.progress import Tick, silent
from privaudit.campaign.plan import SCENARIOS as OF_CAMPAIGN
from privaudit.campaign.plan import CampaignPlan
from privaudit.release.masks import Mask
from privaudit.release.views.dot_map import DotMap
from privaudit.results.measures import Measures
from privaudit.results.rows import Rows
from privaudit.simulation.town import SCENARIOS as OF_TOWN
from privaudit.simulation.town import Town
from privaudit.studies.many_towns import over_towns
from privaudit.studies.repeat import Repeated, repeat

__all__ = ["SENSITIVITY_TOWNS", "sensitivity"]

SENSITIVITY_TOWNS = 5


def sensitivity(
    town: Town,
    plan: CampaignPlan | None = None,
    *,
    views: Mapping[str, Mask | None],
    ranges: Mapping[str, Sequence[Any]] | None = None,
    seed: int = 7,
    towns: int = SENSITIVITY_TOWNS,
    workers: int = 1,
    tick: Tick = silent,
) -> Measures:
    """Measure the headline at both ends of each assumption's range, one at a time.

    The headline is the share of the people on the map who are found at their address, net of
    chance, by whoever holds the electoral roll; the towns are the same for every assumption.

    Parameters
    ----------
    town : Town
    plan : CampaignPlan, optional
        Everything that is not varied.
    views : mapping of str to Mask or None
        What leaks.
    ranges : mapping of str to sequence, optional
        What is varied, and its values; every parameter of `SCENARIOS` between its ends.
    seed : int
        Of the first town.
    towns : int
        2 or more.
    workers : int
    tick : callable
        Called as each run is done.

    Returns
    -------
    Measures
        Of the family ``sensitivity``: ``net(view=, parameter=, at=)``, the mean over towns of
        attack - control, its interval (Student's t over towns), its lowest and
        its highest town; its baseline is the same with nothing varied.

    Examples
    --------
    >>> ranges = {"roll_staleness": [0.02, 0.2]}
    >>> found = sensitivity(Town(inhabitants=900), views={"exact": None}, ranges=ranges, towns=2)
    >>> found.row("net", parameter="roll_staleness", at=0.2).unit
    'share'
    """
    plan, seeds = plan or CampaignPlan(), range(seed, seed + towns)
    rows = Rows(towns, "towns")
    for view, mask in views.items():
        shared: dict[str, Any] = {
            "view": DotMap(mask=mask), "adversary": "holds_register", "plan": plan,
            "seeds": seeds, "workers": workers, "tick": tick,
        }  # fmt: skip
        now = float(np.nanmean(_net(repeat(town, **shared))[0]))
        for name, ends in (ranges or OF_TOWN | OF_CAMPAIGN).items():
            found = repeat(town, vary={name: list(ends)}, **shared)
            for at, net in zip(ends, _net(found, name), strict=True):
                part = {"view": view, "parameter": name, "at": at}
                known = net[np.isfinite(net)]
                told: dict[str, Any] = {"baseline": now, "of": "people", "n": len(known)}
                if len(known):
                    over_towns(rows, "net", known, "share", part=part, **told)
                else:
                    rows.absent(["net"], "share", (), part=part, **told)
    return Measures(family="sensitivity", rows=rows, provenance="simulated")


def _net(found: Repeated, name: str = "") -> list[Any]:
    """Net share of people found at their address, one array over towns a setting."""
    runs = found.runs[found.runs["gain"] == "address"]
    parts = [part for _, part in runs.groupby(name, sort=False)] if name else [runs]
    return [(part["value"] - part["control"]).to_numpy(dtype=float) for part in parts]
