"""How far the headlines move over the range of each thing that is assumed, not known."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from itertools import groupby
from typing import Any

import numpy as np

from privaudit.campaign.campaign import Campaign, run_campaign
from privaudit.campaign.leaning_and_attributes import truth_of
from privaudit.campaign.plan import SCENARIOS as OF_CAMPAIGN
from privaudit.campaign.plan import CampaignPlan
from privaudit.campaign.publish import publish
from privaudit.campaign.views.dot_map import DotMap
from privaudit.campaign.views.exports import SCENARIOS as OF_TABLE
from privaudit.campaign.views.exports import Filled
from privaudit.campaign.views.mailings_and_ads import SCENARIOS as OF_LINKS
from privaudit.campaign.views.mailings_and_ads import Links, Mailing
from privaudit.core.progress import Tick, silent
from privaudit.errors import ParameterError, did_you_mean
from privaudit.maps.adversary import Adversary
from privaudit.maps.masks.mask import Mask
from privaudit.maps.scoring.access import SCENARIOS as OF_LEAKS
from privaudit.maps.scoring.access import LeakProbabilities, tier_exposure
from privaudit.results.measures import Measures
from privaudit.results.repeated import mean_over_people, over_towns
from privaudit.results.rows import Rows
from privaudit.simulation.simulate import simulate, with_roll
from privaudit.simulation.town import SCENARIOS as OF_TOWN
from privaudit.simulation.town import Town, homes_ranges
from privaudit.stats.intervals import share_of_groups
from privaudit.studies.audit import gains_alone
from privaudit.studies.audit_views import audit_mailing
from privaudit.studies.chain import chain
from privaudit.studies.repeat import in_turn

SENSITIVITY_TOWNS = 5
# Assumptions that act through ordinary likes alone, which take longest to draw and to learn.
ON_LIKES: dict[str, tuple[float, float]] = {
    "top_reach": (0.1, 0.5), "label_share": (0.05, 0.5), "attributes_shown": (0.1, 0.6),
    "profession_shown": (0.1, 0.7),
}  # fmt: skip
RANGES = OF_TOWN | OF_CAMPAIGN | OF_TABLE | OF_LINKS | OF_LEAKS | ON_LIKES
# The assumption that changes only the roll of a town.
_ROLL = "roll_staleness"
# Towns to simulate: with nothing varied, without and with ordinary likes, then at both ends of each
# assumption on the town.
SENSITIVITY_RUNS = SENSITIVITY_TOWNS * (2 + 2 * len(OF_TOWN.keys() - {_ROLL}) + 2)
# Of the demo as it is: the three that move its maps most of all (decision 0047) and one of its
# plan, in towns of at most so many people.
BRIEF = ("homes_per_building", "homes_per_address", "roll_staleness", "min_interactions")
BRIEF_TOWNS, BRIEF_PEOPLE = 3, 5_000
# Puts more people on the map, each found as often: a small town is then as precise as a large one.
BRIEF_REACH = 0.2
BRIEF_RUNS = BRIEF_TOWNS * (1 + 2 * len(OF_TOWN.keys() & {*BRIEF} - {_ROLL}))
# A mailing that uses no ordinary like, so that none has to be drawn.
_MAILING = Mailing(segments=("age_band", "station"), variants=())
_ODDS = LeakProbabilities()
_OF = {
    "reidentified": "people", "by_chance": "people", "net": "people",
    "whole": "accounts", "answers_tell": "people", "leaked": "people",
    "score_tells": "accounts", "cells_right": "accounts",
}  # fmt: skip
# Shares of the people on a map, pooled over towns with equal weight a person.
_OF_MAP = ("reidentified", "by_chance", "net")
# What a declared leaning makes: it is not among the cells that are held against what is usual.
_LEANINGS = ("bloc", "leaning")
_Setting = tuple[str, Any] | None
_Figures = dict[tuple[str, str], float]


def ranges_of(town: Town) -> dict[str, tuple[float, float]]:
    """Return the range of everything that is assumed of a town, a campaign and a leak.

    That of homes is of the kind of the town; where they are counted they are not assumed.
    """
    others = {name: ends for name, ends in RANGES.items() if not name.startswith("homes")}
    return homes_ranges(town) | others


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
    """Measure the headlines at both ends of each assumption's range, one at a time.

    The towns are the same for every assumption.

    Parameters
    ----------
    town : Town
    plan : CampaignPlan, optional
        Everything that is not varied.
    views : mapping of str to Mask or None
        What leaks.
    ranges : mapping of str to sequence, optional
        What is varied, and its values: parameters of `Town`, `CampaignPlan`, `Filled`, `Links` and
        `LeakProbabilities`; every one of `ranges_of` between its ends. Of a pair of shares, that of
        the people of the bloc; the others' moves in proportion.
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
        Of the family ``sensitivity``, each ``(parameter=, at=)``, a mean over the people of all
        maps, or else over towns, with its interval (of the first two as `share_of_groups`, of the
        others Student's t over towns), its lowest and its highest town; its baseline is the same
        with nothing varied. All but the first two net of chance, attack - control:

        - ``reidentified(view=)``, ``by_chance(view=)``: people on the map who are found at their
          address by a holder of the electoral roll, and the same of as many absent people;
        - ``net(view=)``: the first less the second;
        - ``whole``: labelled accounts right at every link of `chain`, down to the
          message;
        - ``answers_tell``: people who were sent an e-mail, whose bloc the server of its links
          tells;
        - ``leaked``: people of the file whose address is expected to get out and be right, before
          the map is restricted (`LeakProbabilities`);
        - ``score_tells``: area under the curve of the score, of what moves ordinary likes alone;
        - ``cells_right``: of the same, cells of the profiles that are right, leanings apart, less
          what the commonest value of each attribute would get right;
        - ``inhabitants``, ``on_map``: people of each town that was tried, and, on average, of the
          file behind its map with nothing varied.

    Raises
    ------
    ParameterError
        A parameter that nothing has.

    Examples
    --------
    >>> ranges = {"roll_staleness": [0.02, 0.2]}
    >>> measures = sensitivity(Town(inhabitants=900), views={"exact": None}, ranges=ranges, towns=2)
    >>> measures.row("net", parameter="roll_staleness", at=0.2).unit
    'share'
    """
    plan, ranges = plan or CampaignPlan(), ranges_of(town) if ranges is None else ranges
    seeds = range(seed, seed + towns)
    tasks = [
        *_tasks(town, plan, views, ranges, seeds, likes=False),
        *_tasks(town, plan, {}, ranges, seeds, likes=True),
    ]
    return _over_towns(tasks, list(ranges), town.inhabitants, workers, tick)


def brief_sensitivity(
    town: Town,
    plan: CampaignPlan | None = None,
    *,
    views: Mapping[str, Mask | None],
    seed: int = 7,
    workers: int = 1,
    tick: Tick = silent,
) -> Measures:
    """Measure what is found on the maps alone, as `BRIEF` varies, in a few small towns.

    A fictional town has the kind of the one that is asked for, and at most `BRIEF_PEOPLE`; more of
    its accounts touch the candidate (`BRIEF_REACH`), which moves what is found by .02 at most.

    Parameters
    ----------
    town : Town
    plan : CampaignPlan, optional
    views : mapping of str to Mask or None
        What leaks.
    seed : int
        Of the first town.
    workers : int
    tick : callable
        Called as each run is done.

    Returns
    -------
    Measures
        ``reidentified``, ``by_chance``, ``net``, ``inhabitants`` and ``on_map`` of `sensitivity`.

    Examples
    --------
    >>> brief_sensitivity(Town(inhabitants=300), views={"exact": None}).value("inhabitants")
    300.0
    """
    if town.base is None:
        people = min(town.inhabitants, BRIEF_PEOPLE)
        kind, reach = town.built_like(), BRIEF_REACH
        town = replace(town, inhabitants=people, kind=kind, candidate_reach=reach)
    seeds = range(seed, seed + BRIEF_TOWNS)
    ranges = {name: ends for name, ends in ranges_of(town).items() if name in BRIEF}
    made = _tasks(town, plan or CampaignPlan(), views, ranges, seeds, likes=False)
    tasks = [replace(task, maps_alone=True) for task in made]
    return _over_towns(tasks, list(ranges), town.inhabitants, workers, tick)


def _over_towns(
    tasks: Sequence[_VariedTask], names: list[str], inhabitants: int, workers: int, tick: Tick
) -> Measures:
    """Run the tasks, and return each figure at each setting over the towns.

    - `names`: Of what is varied, in order: what makes another town stands behind all others.
    """

    def place(setting: _Setting) -> int:
        name, _ = setting or ("", None)
        return names.index(name) if _has(Town, name) else -1

    figures: dict[tuple[str, str], dict[_Setting, list[float]]] = {}
    for part in in_turn(tasks, _VariedTask.run, workers):
        tick("assumptions")
        for setting, of_setting in part:
            for key, value in of_setting.items():
                figures.setdefault(key, {}).setdefault(setting, []).append(value)
    rows = Rows(len({task.seed for task in tasks}), "towns")
    on_map = figures.pop(("on_map", ""), {})
    if on_map:
        rows.count("on_map", round(float(np.mean(on_map[None]))), "people")
    for (measure, view), by_setting in figures.items():
        of_map = measure in _OF_MAP
        now = _known(by_setting.pop(None), on_map[None] if of_map else None)
        for setting in sorted(by_setting, key=place):
            name, at = setting or ("", None)
            part = ({"view": view} if view else {}) | {"parameter": name, "at": at}
            here = _known(by_setting[setting], on_map[setting] if of_map else None)
            _add(rows, measure, here, mean_over_people(*now), part)
    rows.count("inhabitants", inhabitants, "people")
    return Measures(family="sensitivity", rows=rows, provenance="simulated")


def _known(values: list[float], people: list[float] | None) -> tuple[Any, Any]:
    """Return the figures that are known, and what each weighs: the people of its map, or one."""
    value, weight = np.array(values), np.array(people or [1.0] * len(values))
    known = np.isfinite(value)
    return value[known], weight[known]


def _add(
    rows: Rows, measure: str, known: tuple[Any, Any], now: float, part: dict[str, Any]
) -> None:
    value, people = known
    fields: dict[str, Any] = {"baseline": now, "of": _OF[measure], "n": len(value), "part": part}
    unit = "area_under_curve" if measure == "score_tells" else "share"
    if len(value):
        ends = None
        if measure in ("reidentified", "by_chance"):
            ends = share_of_groups(value, people.sum(), people)
        over_towns(rows, measure, value, unit, ends=ends, weights=people, **fields)
    else:
        rows.absent([measure], unit, (), **fields)


@dataclass(frozen=True, eq=False)
class _VariedRun:
    """One setting of a town: the campaign, the mailing, the odds of a leak."""

    setting: _Setting
    plan: CampaignPlan
    town: Town
    mailing: Mailing = _MAILING
    odds: LeakProbabilities = _ODDS


@dataclass(frozen=True, eq=False)
class _VariedTask:
    """One town, and every setting that is tried on it: what a worker does.

    Towns of its runs differ from it in their roll alone.
    """

    town: Town
    runs: tuple[_VariedRun, ...]
    views: Mapping[str, Mask | None]
    seed: int
    likes: bool
    maps_alone: bool = False

    def run(self) -> list[tuple[_Setting, _Figures]]:
        """Return every figure, by measure and view, for each setting."""
        lean: dict[str, Any] = {"generic_likes": self.likes, "with_quality": False}
        world = simulate(self.town, seed=self.seed, **lean)
        figures: list[tuple[_Setting, _Figures]] = []
        for (town, plan), runs in groupby(self.runs, key=lambda run: (run.town, run.plan)):
            here = world
            if town is not self.town:
                here = with_roll(world, town, seed=self.seed)
            campaign = run_campaign(here, plan, seed=self.seed, with_score=self.likes)
            if self.likes:
                figures += [(run.setting, _presumed(campaign)) for run in runs]
            else:
                on_map = _on_map(campaign, self.views, self.seed)
                on_map["on_map", ""] = float(len(campaign.dots))
                for run in runs:
                    sent = {} if self.maps_alone else _sent(campaign, run)
                    figures.append((run.setting, on_map | sent))
        return figures


def _on_map(campaign: Campaign, views: Mapping[str, Mask | None], seed: int) -> _Figures:
    """Return what the holder of the roll re-identifies in each view, by chance too, and net."""
    on_map: _Figures = {}
    for view, mask in views.items():
        leak = publish(campaign, DotMap(mask=mask), seed=seed)
        found = chance = math.nan
        if len(leak):
            holder = Adversary.holds_register(campaign.world.roll, mask=mask)
            ((_, gains),) = gains_alone(leak, [[holder]], world=campaign.world, seed=seed)
            home = gains.set_index("gain").to_dict("index")["address"]
            found, chance = home["value"], home["control"]
        shares = {"reidentified": found, "by_chance": chance, "net": found - chance}
        on_map |= {(measure, view): share for measure, share in shares.items()}
    return on_map


def _sent(campaign: Campaign, run: _VariedRun) -> _Figures:
    """What the chain, an e-mail's links and the accounts of the map give away."""
    world, seed = campaign.world, campaign.seed
    whole = chain(world, campaign, mailing=run.mailing, seed=seed).row("whole")
    sent = audit_mailing(publish(campaign, run.mailing, seed=seed), world, seed=seed)
    answers = sent.row("learnt", observer="link_server", what="side")
    leaked = math.nan
    if len(campaign.dots):
        row = tier_exposure(campaign, run.odds).row("expected_people_by_address", moment="before")
        leaked = row.value / row.n
    return {
        ("whole", ""): whole.value - whole.control,
        ("answers_tell", ""): answers.value - answers.control,
        ("leaked", ""): leaked,
    }


def _presumed(campaign: Campaign) -> _Figures:
    """Return the AUC of the score, and the cells right beyond the commonest values."""
    truth, gains = truth_of(campaign.world), []
    for name, cells in campaign.attributes.groupby("attribute"):
        if name not in _LEANINGS:
            true = truth[str(name)]
            usual = float(np.unique(true, return_counts=True)[1].max() / len(true))
            gains.append(float((cells["value"].to_numpy(dtype=str) == true).mean()) - usual)
    return {
        ("score_tells", ""): campaign.judged.value("score_auc"),
        ("cells_right", ""): float(np.mean(gains)) if gains else math.nan,
    }


def _tasks(
    town: Town,
    plan: CampaignPlan,
    views: Mapping[str, Mask | None],
    ranges: Mapping[str, Sequence[Any]],
    seeds: range,
    *,
    likes: bool,
) -> list[_VariedTask]:
    """Try all that does not make another town on the unvaried towns.

    - `likes`: The tasks that need ordinary likes; none where nothing is varied that rests on them.
    """
    on_town: list[_VariedRun] = []
    towns: list[tuple[Town, tuple[_VariedRun, ...]]] = []
    for name in (name for name in ranges if (name in ON_LIKES) == likes):
        for at in ranges[name]:
            run = _VariedRun((name, at), plan, town)
            if name == _ROLL:
                on_town.append(replace(run, town=town.assuming(name, at)))
            elif _has(Town, name):
                run = replace(run, town=town.assuming(name, at))
                towns.append((run.town, (run,)))
            elif _has(CampaignPlan, name):
                on_town.append(replace(run, plan=replace(plan, **{name: at})))
            elif _has(LeakProbabilities, name):
                on_town.append(replace(run, odds=LeakProbabilities(**{name: at})))
            else:
                on_town.append(replace(run, mailing=_mailed(name, at)))
    if likes and not (towns or on_town):
        return []
    # One campaign serves all that differ in what is sent and who lets it out.
    on_town.sort(key=lambda run: (run.town is not town, run.plan is not plan))
    towns.insert(0, (town, (_VariedRun(None, plan, town), *on_town)))
    return [_VariedTask(*one, views, seed, likes=likes) for one in towns for seed in seeds]


def _has(kind: Any, name: str) -> bool:
    return name in {field.name for field in fields(kind)}


def _mailed(name: str, at: Any) -> Mailing:
    if _has(Filled, name):
        return replace(_MAILING, filled=replace(_MAILING.filled, **{name: at}))
    if not _has(Links, name):
        kinds = (Town, CampaignPlan, Filled, Links, LeakProbabilities)
        known = [f.name for kind in kinds for f in fields(kind)]
        needed = "parameters of Town, CampaignPlan, Filled, Links or LeakOdds to vary"
        raise ParameterError.of("sensitivity", needed, repr(name), did_you_mean(name, known))
    usual = getattr(_MAILING.links, name)
    value: Any = (at, min(1.0, usual[1] * at / usual[0])) if isinstance(usual, tuple) else at
    return replace(_MAILING, links=replace(_MAILING.links, **{name: value}))
