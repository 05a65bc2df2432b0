"""Towns simulated alike: run one task a town, and make rows of means over towns."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from privaudit import __version__
from privaudit._core.cache import fingerprint
from privaudit._core.checks import whole
from privaudit._core.progress import Tick, silent
from privaudit.attacks.adversary import Adversary
from privaudit.campaign.campaign import Campaign, run_campaign
from privaudit.campaign.plan import CampaignPlan
from privaudit.exposure.maps.household import household_exposure
from privaudit.measures.interval import (
    difference_of_shares,
    groups_worth,
    mean_of_groups,
    one_more_group,
    share_of_groups,
)
from privaudit.release.masks import Mask
from privaudit.release.publish import publish
from privaudit.release.views.dot_map import DotMap
from privaudit.results.exposure import Exposure
from privaudit.results.measures import Measures
from privaudit.results.rows import Rows
from privaudit.simulation.simulate import simulate
from privaudit.simulation.town import Town
from privaudit.studies.audits import attacked
from privaudit.studies.chain import chain
from privaudit.words.note import Note

__all__ = [
    "COUNTED", "TOWNS", "begin_towns", "cache_recipe", "campaign_in", "climb", "in_turn",
    "over_towns", "people_over_towns",
]  # fmt: skip

# Towns simulated alike, and as many draws of each mask in the first of them.
TOWNS = 20
# Counts of a whole town that the page tells as more than chance, or not.
COUNTED = ("adults_never_interacted", "minors_never_interacted", "wrong_labels")
T = TypeVar("T")


def in_turn(tasks: Sequence[T], do: Callable[[T], Any], workers: int) -> Iterator[Any]:
    """Run tasks one by one, or in parallel processes; results come in the order of the tasks."""
    if not (isinstance(workers, int) and workers == -1):
        whole("repeat", "workers", workers, 1)
    if workers == 1 or len(tasks) < 2:
        return map(do, tasks)
    from joblib import Parallel, delayed
    from joblib.parallel import get_active_backend

    # Some backends can only return every result at once.
    streams = getattr(get_active_backend()[0], "supports_return_generator", False)
    pool = Parallel(n_jobs=workers, return_as="generator" if streams else "list")
    results: Iterator[Any] = pool(delayed(do)(task) for task in tasks)
    return results


def campaign_in(town: Town, plan: CampaignPlan, seed: int, *, likes: bool = False) -> Campaign:
    """Simulate one town and run its campaign; `likes` adds ordinary likes and the score."""
    world = simulate(town, seed=seed, generic_likes=likes)
    return run_campaign(world, plan, seed=seed, with_score=likes)


def cache_recipe(town: Town, seed: int, **more: Any) -> dict[str, Any]:
    """Return what tells the results of a town from others in a cache."""
    return {
        "town": dict(town.recipe()),
        "inputs": [fingerprint(frame) for frame in town.frames()],
        "seed": seed,
        "library": __version__,
        **more,
    }


def climb(
    campaign: Campaign, mask: Mask | None, *, draw: int, seed: int, tick: Tick = silent
) -> Iterator[Exposure]:
    """Publish a map with a mask, and attack it with each adversary of the ladder.

    - `draw`: Seed of the mask; `seed` that of the attacks.
    """
    leak = publish(campaign, DotMap(mask=mask), seed=draw)
    for adversary in _ladder(campaign, mask):
        tick(f"{'exact' if mask is None else mask}, {adversary.name}")
        yield attacked(leak, adversary, truth=campaign.world, seed=seed)


def _ladder(campaign: Campaign, mask: Mask | None) -> list[Adversary]:
    """Return the adversaries of one view, the least informed first."""
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
        campaign = campaign_in(self.town, self.plan, self.seed)
        world = campaign.world
        parts = []
        for view, mask in self.views.items():
            for draw in range(self.draws if mask is not None else 1):
                for exposure in climb(campaign, mask, draw=self.seed + draw, seed=self.seed):
                    gains = exposure.overall.rename(columns={"attack": "value"}).reset_index()
                    parts.append(
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
        return pd.concat(parts, ignore_index=True), counted, pd.DataFrame(linked)


def _rows(runs: pd.DataFrame, counts: pd.DataFrame, linked: pd.DataFrame) -> Rows:
    rows = Rows(runs["town"].nunique(), "towns")
    by = ["view", "attack", "gain"]
    by_town = runs.groupby([*by, "town"], sort=False).mean(numeric_only=True)
    for (view, attack, gain), part in by_town.groupby(by, sort=False):
        fields = {"part": {"view": view, "attack": attack}, "gain": gain}
        beside = {name: float(part[name].mean()) for name in ("baseline", "control")}
        value, control = (
            (float(part[name].mean()), *share_of_groups(part[name], float(part["n"].sum())))
            for name in ("value", "control")
        )
        of_people: dict[str, Any] = {"of": "people", **fields}
        over_towns(
            rows, "reidentified", part["value"], "share", ends=value[1:], **of_people, **beside
        )
        net = part["value"] - part["control"]
        ends = difference_of_shares(value, control)
        over_towns(rows, "net", net, "share", ends=ends, **of_people)
    first = runs[(runs["town"] == runs["town"].iloc[0]) & (runs["view"] != runs["view"].iloc[0])]
    for (view, attack, gain), part in first.groupby(by, sort=False):
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
    """Add a mean over towns with its interval, and the lowest and the highest town.

    - `ends`: The interval of a share; Student's t over towns where not given.
    """
    value = np.asarray(values, dtype=float)
    low, high = ends or mean_of_groups(value)
    lowest, highest = float(value.min()), float(value.max())
    ranged: dict[str, Any] = {
        "low": low,
        "high": high,
        "between_low": lowest,
        "between_high": highest,
    }
    rows.add(measure, float(value.mean()), unit, **ranged, **fields)


def people_over_towns(runs: pd.DataFrame, varied: Sequence[str]) -> Rows:
    """Return a row a setting, measure and gain: the mean over the people of all towns.

    `low` and `high` are the interval between towns (`share_of_groups`, weighted by people; of what
    is no share `mean_of_groups`), `between_low` and `between_high` the range of one more town.

    - `runs`: A row a town, setting, measure and gain, as `repeat` makes them.
    """
    rows = Rows(int(runs["n"].sum()), "people")
    groups: Any = runs.groupby([*varied, "measure", "gain"], sort=False, dropna=False)
    for (*values, measure, gain), part in groups:
        people, unit = part["n"].to_numpy(dtype=float), str(part["unit"].iloc[0])
        low, high = one_more_group(part["value"])
        # Clip to [0, 1], differences excepted.
        low = low if unit == "difference" else max(0.0, low)
        high = min(1.0, high) if unit in ("share", "probability") else high
        mean = {
            name: _over_people(part[name], people)
            for name in ("value", "baseline", "control", "confidence")
        }
        fields: dict[str, Any] = {
            "part": dict(zip(varied, values, strict=True)), "gain": gain, "n": float(people.sum()),
            "counts": str(part["counts"].iloc[0]), "between_low": low, "between_high": high,
            "baseline": mean["baseline"], "confidence": mean["confidence"],
            "control": mean["control"],
        }  # fmt: skip
        if unit == "share" and 0 <= mean["value"] <= 1:
            worth, fields["control_worth"] = (_worth(part, name) for name in ("value", "control"))
            rows.rate(measure, mean["value"], worth, **fields)
        else:
            low, high = mean_of_groups(part["value"])
            rows.add(measure, mean["value"], unit, low=low, high=high, **fields)
    return rows


def _over_people(values: pd.Series, people: np.ndarray) -> float:
    """Average over the people of all towns; over towns where nobody is counted."""
    value = values.to_numpy(dtype=float)
    known = np.isfinite(value)
    if not known.any():
        return math.nan
    weight = people[known] if people[known].sum() > 0 else None
    return float(np.average(value[known], weights=weight))


def _worth(runs: pd.DataFrame, column: str) -> float:
    """How many independent people a share over towns rests on; 0 with fewer than two towns."""
    value, people = (runs[name].to_numpy(dtype=float) for name in (column, "n"))
    known = np.isfinite(value) & (people > 0)
    if known.sum() < 2:
        return 0.0
    return groups_worth(value[known], people[known].sum(), people[known])
