"""The towns of a report: many simulated alike, each attacked by everyone on the ladder."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from privaudit.campaign.campaign import Campaign
from privaudit.campaign.plan import CampaignPlan
from privaudit.campaign.publish import masked_word, publish
from privaudit.campaign.views.dot_map import DotMap
from privaudit.core.checks import whole
from privaudit.core.progress import Tick, silent
from privaudit.maps.adversary import Adversary
from privaudit.maps.masks.mask import Mask
from privaudit.maps.scoring.household import household_counts
from privaudit.results.exposure import Exposure
from privaudit.results.measures import Measures
from privaudit.results.repeated import mean_over_people, over_towns, wilson_over_towns
from privaudit.results.rows import Row, Rows
from privaudit.simulation.town import Town
from privaudit.stats.intervals import difference_of_shares, share_of_groups
from privaudit.studies.audit import attacked_together, gains_alone
from privaudit.studies.chain import chain_so_far
from privaudit.studies.explorer import found_in_town
from privaudit.studies.repeat import campaign_in, in_turn
from privaudit.words.catalogues import Note
from privaudit.words.vocabulary import MeasureWord

# Towns simulated alike, and as many draws of each mask in the first of them.
TOWNS = 20
# Counts of a whole town that the page tells as more than chance, or not.
COUNTED: tuple[MeasureWord, ...] = (
    "adults_never_interacted",
    "minors_never_interacted",
    "wrong_labels",
)


def climb(
    campaign: Campaign,
    mask: Mask | None,
    *,
    draw: int,
    seed: int,
    tick: Tick = silent,
) -> Iterator[Exposure]:
    """Publish a map with a mask, and attack it with each adversary of the ladder.

    - `draw`: Seed of the mask; `seed` that of the attacks.
    """
    leak = publish(campaign, DotMap(mask=mask), seed=draw)
    for believers in _ladder(campaign, mask):
        for adversary in believers:
            tick(f"{masked_word(mask)}, {adversary.name}")
        yield from attacked_together(leak, believers, truth=campaign.world, seed=seed)


def _ladder(campaign: Campaign, mask: Mask | None) -> list[list[Adversary]]:
    """Return the adversaries of one view, the least informed first, by the mask they believe in."""
    roll = campaign.world.roll
    if mask is None or not mask.has_likelihood:
        return [[Adversary.nearest(), Adversary.holds_register(roll, mask=None)]]
    informed = [Adversary.knows_mask(mask), Adversary.knows_electors(mask)]
    return [[Adversary.nearest()], [*informed, Adversary.holds_register(roll, mask=mask)]]


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
    """Begin to simulate, campaign, publish and attack in many towns.

    Processes work on while the caller does something else; with one worker nothing is done before
    it is waited for.

    The town of `seed` has its map published `draws` times with each mask; each of the others, of
    the seeds that follow, once. Means and ranges over towns take the first draw of each. Generic
    likes and the score, on which no map rests, are left out.

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
        ``reidentified(view=, attack=, gain=)``: the share of the people of all towns who are
        found, its 95 % interval between towns (`share_of_groups`, weighted by people, as in
        `repeat`), `between_low` and `between_high` the lowest and the highest town, baseline and
        control likewise over people; n counts towns. ``net``: the same of
        value - control (`difference_of_shares`). ``reidentified_by_draw``: over the draws
        of the first town's mask; n counts draws. ``so_far(link=)``: of the labelled accounts of
        all towns, the chain, link by link (see `chain`). Then counts of a town (`COUNTED`), whose
        baseline is what chance expects. ``per_record``: a row a town, view and looker of the
        explorer (`found_in_town`).

    Raises
    ------
    ParameterError
        Fewer than two towns, or no draw.
    """
    towns = whole("begin_towns", "towns", towns, 2)
    draws = towns if draws is None else whole("begin_towns", "draws", draws, 1)
    tasks = [_Task(town, plan, dict(views), seed + k, draws if k == 0 else 1) for k in range(towns)]
    running = in_turn(tasks, _Task.run, workers)
    counts: dict[str, int] = {"towns": towns, "draws": draws}

    def wait() -> Measures:
        done = []
        for part in running:
            tick("towns simulated alike")
            done.append(part)
        *frames, explored = (pd.concat(p, ignore_index=True) for p in zip(*done, strict=True))
        return Measures(
            family="towns",
            rows=_rows(*frames),
            per_record=explored,
            provenance="simulated",
            notes=(Note("towns_alike", **counts),),
            recipe={"seed": seed, **counts, "views": list(views)},
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

    def run(self) -> tuple[pd.DataFrame, ...]:
        """Return what each rung finds of each view and draw, counts, the chain, the explorer."""
        seed, campaign = self.seed, campaign_in(self.town, self.plan, self.seed)
        parts, known = [], {}
        for view, mask in self.views.items():
            for draw in range(self.draws if mask is not None else 1):
                leak = publish(campaign, DotMap(mask=mask), seed=seed + draw)
                ladder, world = _ladder(campaign, mask), campaign.world
                for guesses, gains in gains_alone(leak, ladder, world=world, seed=seed):
                    attack = guesses.attack
                    parts.append(gains.assign(town=seed, view=view, attack=attack, draw=draw))
                    if not draw:
                        known[masked_word(mask), attack] = guesses
        households = household_counts(campaign)
        counted = _frame(map(households.__getitem__, COUNTED), "measure", "baseline", "unit")
        so_far = _frame(chain_so_far(campaign, seed=seed), "link", "control", "n")
        explored = found_in_town(campaign, known, seed=seed).assign(town=seed)
        return pd.concat(parts, ignore_index=True), counted, so_far, explored


def _frame(rows: Iterable[Row], *names: str) -> pd.DataFrame:
    """Return the value of each row, and other fields or parameters."""
    columns = ("value", *names)
    return pd.DataFrame(
        [{name: row.part.get(name, getattr(row, name, None)) for name in columns} for row in rows]
    )


def _rows(runs: pd.DataFrame, counts: pd.DataFrame, linked: pd.DataFrame) -> Rows:
    rows = Rows(runs["town"].nunique(), "towns")
    by = ["view", "attack", "gain"]
    # One draw of each town: a mean over draws would lie nearer to the middle than a town does.
    for (view, attack, gain), part in runs[runs["draw"] == 0].groupby(by, sort=False):
        people = part["n"].to_numpy(dtype=float)
        value, control = (
            (mean_over_people(part[name], people), *wilson_over_towns(part, name))
            for name in ("value", "control")
        )
        chance = mean_over_people(part["baseline"], people)
        beside: dict[str, Any] = {"baseline": chance, "control": control[0]}
        fields = _of_rung(view, attack, gain) | {"weights": people}
        shares = part["value"]
        over_towns(rows, "reidentified", shares, "share", ends=value[1:], **fields, **beside)
        ends = difference_of_shares(value, control)
        over_towns(rows, "net", shares - part["control"], "share", ends=ends, **fields)
    first = runs[(runs["town"] == runs["town"].iloc[0]) & (runs["view"] != runs["view"].iloc[0])]
    for (view, attack, gain), part in first.groupby(by, sort=False):
        fields = _of_rung(view, attack, gain) | {"n": len(part), "counts": "draws"}
        over_towns(rows, "reidentified_by_draw", part["value"], "share", **fields)
    for link, part in linked.groupby("link", sort=False):
        part = part[part["value"].notna()]
        if part.empty:  # No town has an account with a label.
            continue
        shares, accounts = part["value"], part["n"].to_numpy(dtype=float)
        ends = share_of_groups(shares, accounts.sum(), accounts)
        chance = mean_over_people(part["control"], accounts)
        fields = {"part": {"link": str(link)}, "of": "accounts", "weights": accounts}
        over_towns(rows, "so_far", shares, "share", ends=ends, control=chance, **fields)
    for measure, part in counts.groupby("measure", sort=False):
        unit = str(part["unit"].iloc[0])
        over_towns(rows, str(measure), part["value"], unit, baseline=float(part["baseline"].mean()))
        over_towns(rows, f"{measure}_beyond_chance", part["value"] - part["baseline"], unit)
    return rows


def _of_rung(view: Any, attack: Any, gain: Any) -> dict[str, Any]:
    return {"part": {"view": view, "attack": attack}, "gain": gain, "of": "people"}
