"""The headline in many towns simulated alike: what one town's figure owes to that town."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from privaudit._core.checks import whole
from privaudit._core.progress import Tick, silent
from privaudit.attacks.adversary import Adversary
from privaudit.campaign.campaign import Campaign, run_campaign
from privaudit.campaign.plan import CampaignPlan
from privaudit.exposure.maps.household import household_exposure
from privaudit.measures.interval import difference_of_shares, share_of_groups
from privaudit.release.masks import Mask
from privaudit.release.publish import publish
from privaudit.release.views.dot_map import DotMap
from privaudit.results.measures import Measures
from privaudit.results.rows import Rows
from privaudit.simulation.simulate import simulate
from privaudit.simulation.town import Town
from privaudit.studies.audits import attacked
from privaudit.studies.chain import chain
from privaudit.studies.repeat import in_turn
from privaudit.words.note import Note

__all__ = ["COUNTED", "TOWNS", "begin_towns", "over_towns", "rungs_on"]

# Towns simulated alike, and as many draws of each mask in the first of them.
TOWNS = 20
# Counts of a whole town that the page tells as more than chance, or not.
COUNTED = ("adults_never_interacted", "minors_never_interacted", "wrong_labels")


def rungs_on(campaign: Campaign, mask: Mask | None) -> list[Adversary]:
    """Return the ladder of one view, the least informed first."""
    roll = campaign.world.roll
    ends = [Adversary.nearest(), Adversary.holds_register(roll, mask=mask)]
    if mask is None:
        return ends
    return [ends[0], Adversary.knows_mask(mask), Adversary.knows_electors(mask), ends[1]]


def begin_towns(
    town: Town,
    plan: CampaignPlan,
    views: Mapping[str, Mask | None],
    *,
    seed: int,
    towns: int = TOWNS,
    draws: int | None = None,
    workers: int = 1,
    tick: Tick = silent,
) -> Callable[[], Measures]:
    """Begin to simulate, campaign, publish and attack in many towns; say how far they differ.

    Processes work on while the caller does something else; with one worker nothing is done before
    it is waited for.

    The town of `seed` has its map published `draws` times with each mask; each of the others, of
    the seeds that follow, once. Generic likes and the score, on which no map rests, are left out.

    Parameters
    ----------
    town : Town
    plan : CampaignPlan
    views : mapping of str to Mask or None
        What leaks: the word of a mask, and the mask.
    seed : int
        Of the first town.
    towns : int
        2 or more.
    draws : int, optional
        1 or more; as many as towns where not given.
    workers : int
        Processes; the result is the same with any number.
    tick : callable
        Called as each town is done.

    Returns
    -------
    callable
        Waits, and returns a `Measures` of the family "towns".
        ``reidentified(view=, attack=, gain=)``: the mean over towns of the share of people found,
        its 95 % interval (`share_of_groups`), `between_low` and `between_high` the lowest and the
        highest town, baseline and control their means; n counts towns. ``net``: the same of
        value - control (`difference_of_shares`). ``reidentified_by_draw``: over the draws
        of the first town's mask; n counts draws. ``so_far(link=)``: the chain, link by link (see
        `chain`). Then counts of a town (`COUNTED`), whose baseline is what chance expects.

    Raises
    ------
    ParameterError
        Fewer than two towns, or no draw.
    """
    towns = whole("begin_towns", "towns", towns, 2)
    draws = towns if draws is None else whole("begin_towns", "draws", draws, 1)
    tasks = [_Task(town, plan, dict(views), seed + k, draws if k == 0 else 1) for k in range(towns)]
    running = in_turn(tasks, _Task.run, workers)

    def wait() -> Measures:
        done = []
        for part in running:
            tick("towns simulated alike")
            done.append(part)
        frames = [pd.concat(parts, ignore_index=True) for parts in zip(*done, strict=True)]
        return Measures(
            family="towns",
            rows=_rows(*frames),
            provenance="simulated",
            notes=(Note("towns_alike", towns=towns, draws=draws),),
            recipe={"seed": seed, "towns": towns, "draws": draws, "views": list(views)},
        )

    return wait


@dataclass(frozen=True, eq=False)
class _Task:
    """One town: what a worker does."""

    town: Town
    plan: CampaignPlan
    views: dict[str, Mask | None]
    seed: int
    draws: int

    def run(self) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
        """Return what each rung finds of each view and draw, the town's counts, and its chain."""
        world = simulate(self.town, seed=self.seed, generic_likes=False)
        campaign = run_campaign(world, self.plan, seed=self.seed, with_score=False)
        found = []
        for view, mask in self.views.items():
            for draw in range(self.draws if mask is not None else 1):
                leak = publish(campaign, DotMap(mask=mask), seed=self.seed + draw)
                for adversary in rungs_on(campaign, mask):
                    exposure = attacked(leak, adversary, truth=world, seed=self.seed)
                    gains = exposure.overall.rename(columns={"attack": "value"}).reset_index()
                    found.append(
                        gains.assign(town=self.seed, draw=draw, view=view, attack=exposure.attack)
                    )
        households = household_exposure(campaign).overall.loc[list(COUNTED)]
        counted = households[["value", "baseline", "n", "unit"]].reset_index()
        linked = [
            {"link": row.part["link"], "value": row.value, "control": row.control}
            for row in chain(world, campaign, seed=self.seed).rows
            if row.measure == "so_far"
        ]
        counted = counted.assign(town=self.seed)
        return pd.concat(found, ignore_index=True), counted, pd.DataFrame(linked)


def _rows(runs: pd.DataFrame, counts: pd.DataFrame, linked: pd.DataFrame) -> Rows:
    rows = Rows(runs["town"].nunique(), "towns")
    told = ["view", "attack", "gain"]
    by_town = runs.groupby([*told, "town"], sort=False).mean(numeric_only=True)
    for (view, attack, gain), part in by_town.groupby(told, sort=False):
        fields = {"part": {"view": view, "attack": attack}, "gain": gain}
        beside = {name: float(part[name].mean()) for name in ("baseline", "control")}
        found, control = (
            (float(part[name].mean()), *share_of_groups(part[name], float(part["n"].sum())))
            for name in ("value", "control")
        )
        told_of: dict[str, Any] = {"of": "people", **fields}
        ends = found[1:]
        over_towns(rows, "reidentified", part["value"], "share", ends=ends, **told_of, **beside)
        net = part["value"] - part["control"]
        ends = difference_of_shares(found, control)
        over_towns(rows, "net", net, "share", ends=ends, **told_of)
    first = runs[(runs["town"] == runs["town"].iloc[0]) & (runs["view"] != runs["view"].iloc[0])]
    for (view, attack, gain), part in first.groupby(told, sort=False):
        fields = {"part": {"view": view, "attack": attack}, "gain": gain}
        of_draws: dict[str, Any] = {"n": len(part), "counts": "draws", "of": "people", **fields}
        over_towns(rows, "reidentified_by_draw", part["value"], "share", **of_draws)
    for link, part in linked.groupby("link", sort=False):
        chance = float(part["control"].mean())
        of_link: dict[str, Any] = {"part": {"link": str(link)}, "of": "accounts"}
        over_towns(rows, "so_far", part["value"], "share", control=chance, **of_link)
    for measure, part in counts.groupby("measure", sort=False):
        unit = str(part["unit"].iloc[0])
        over_towns(rows, str(measure), part["value"], unit, baseline=float(part["baseline"].mean()))
        over_towns(rows, f"{measure}_beyond_chance", part["value"] - part["baseline"], unit)
    return rows


def over_towns(
    rows: Rows,
    measure: str,
    values: ArrayLike,
    unit: str,
    *,
    ends: tuple[float, float] | None = None,
    **fields: Any,
) -> None:
    """Add a mean over towns, its interval, and the towns that lie farthest apart.

    - `ends`: The interval, where it is known better than by Student's t.
    """
    value = np.asarray(values, dtype=float)
    mean, half = float(value.mean()), _half_width(value)
    low, high = ends or (mean - half, mean + half)
    rows.add(
        measure,
        mean,
        unit,
        low=low,
        high=high,
        between_low=float(value.min()),
        between_high=float(value.max()),
        **fields,
    )


def _half_width(value: np.ndarray) -> float:
    from scipy.stats import t

    if len(value) < 2:
        return math.nan
    return float(t.ppf(0.975, len(value) - 1) * value.std(ddof=1) / math.sqrt(len(value)))
