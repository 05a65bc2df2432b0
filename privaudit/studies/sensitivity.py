"""How far the headlines move over the range of each thing that is assumed, not known."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from privaudit._core.checks import did_you_mean, say
from privaudit._core.progress import Tick, silent
from privaudit.attacks.adversary import Adversary
from privaudit.campaign.campaign import run_campaign
from privaudit.campaign.messages import SCENARIOS as OF_LINKS
from privaudit.campaign.messages import Links
from privaudit.campaign.plan import SCENARIOS as OF_CAMPAIGN
from privaudit.campaign.plan import CampaignPlan
from privaudit.errors import ParameterError
from privaudit.release.masks import Mask
from privaudit.release.people.facts import SCENARIOS as OF_TABLE
from privaudit.release.people.facts import Filled
from privaudit.release.publish import publish
from privaudit.release.views.dot_map import DotMap
from privaudit.release.views.mailing import Mailing
from privaudit.results.measures import Measures
from privaudit.results.rows import Rows
from privaudit.simulation.simulate import simulate
from privaudit.simulation.town import SCENARIOS as OF_TOWN
from privaudit.simulation.town import Town
from privaudit.studies.audits import audit
from privaudit.studies.chain import chain
from privaudit.studies.mailings import audit_mailing
from privaudit.studies.many_towns import over_towns
from privaudit.studies.repeat import in_turn

__all__ = ["ON_LIKES", "RANGES", "SENSITIVITY_RUNS", "SENSITIVITY_TOWNS", "sensitivity"]

SENSITIVITY_TOWNS = 5
# What moves nothing but what ordinary likes tell, which takes longest to draw and to learn.
ON_LIKES: dict[str, tuple[float, float]] = {"top_reach": (0.1, 0.5), "label_share": (0.05, 0.5)}
RANGES = OF_TOWN | OF_CAMPAIGN | OF_TABLE | OF_LINKS | ON_LIKES
# Towns simulated for it: with nothing varied, then at both ends of what town and campaign assume.
SENSITIVITY_RUNS = SENSITIVITY_TOWNS * (2 + 2 * len(OF_TOWN | OF_CAMPAIGN | ON_LIKES))
# What rests on no ordinary like, so that none has to be drawn.
_MAILING = Mailing(segments=("age_band", "station"), variants=())
_OF = {"net": "people", "whole": "accounts", "answers_tell": "people", "score_tells": "accounts"}
_Setting = tuple[str, Any] | None


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
        What is varied, and its values: parameters of `Town`, `CampaignPlan`, `Filled` and `Links`;
        every one of `RANGES` between its ends. Of a pair of shares, that of the people of the
        bloc; the others' moves in proportion.
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
        Of the family ``sensitivity``, each ``(parameter=, at=)``, a mean over towns with its
        interval (Student's t over towns), its lowest and its highest town; its baseline is the
        same with nothing varied. All net of chance, attack - control:

        - ``net(view=)``: people on the map who are found at their address by whoever holds the
          electoral roll;
        - ``whole``: labelled accounts right at every link of `chain`, down to the
          message;
        - ``answers_tell``: people who were sent an e-mail, whose bloc the server of its links
          tells;
        - ``score_tells``: area under the curve of the score, of what moves ordinary likes alone.

    Raises
    ------
    ParameterError
        A parameter that nothing has.

    Examples
    --------
    >>> ranges = {"roll_staleness": [0.02, 0.2]}
    >>> found = sensitivity(Town(inhabitants=900), views={"exact": None}, ranges=ranges, towns=2)
    >>> found.row("net", parameter="roll_staleness", at=0.2).unit
    'share'
    """
    plan, ranges = plan or CampaignPlan(), RANGES if ranges is None else ranges
    seeds = range(seed, seed + towns)
    tasks = [*_tasks(town, plan, views, ranges, seeds), *_on_likes(town, plan, ranges, seeds)]
    told: dict[tuple[str, str], dict[_Setting, list[float]]] = {}
    for part in in_turn(tasks, _Task.run, workers):
        tick("assumptions")
        for setting, found in part:
            for key, value in found.items():
                told.setdefault(key, {}).setdefault(setting, []).append(value)
    rows = Rows(towns, "towns")
    for (measure, view), by_setting in told.items():
        now = float(np.nanmean(by_setting.pop(None)))
        for setting, values in by_setting.items():
            name, at = setting or ("", None)
            part = ({"view": view} if view else {}) | {"parameter": name, "at": at}
            _add(rows, measure, np.array(values), now, part)
    return Measures(family="sensitivity", rows=rows, provenance="simulated")


def _add(rows: Rows, measure: str, values: Any, now: float, part: dict[str, Any]) -> None:
    known = values[np.isfinite(values)]
    told: dict[str, Any] = {"baseline": now, "of": _OF[measure], "n": len(known), "part": part}
    unit = "area_under_curve" if measure == "score_tells" else "share"
    if len(known):
        over_towns(rows, measure, known, unit, **told)
    else:
        rows.absent([measure], unit, (), **told)


@dataclass(frozen=True, eq=False)
class _Task:
    """One town under one setting, and every mailing that is tried on it: what a worker does."""

    town: Town
    plan: CampaignPlan
    views: Mapping[str, Mask | None]
    mailings: tuple[tuple[_Setting, Mailing], ...]
    seed: int
    likes: bool = False

    def run(self) -> list[tuple[_Setting, dict[tuple[str, str], float]]]:
        """Return every figure, by measure and view, for each setting."""
        seed = self.seed
        if self.likes:
            scored = run_campaign(simulate(self.town, seed=seed), self.plan, seed=seed)
            area = scored.judged.value("score_auc")
            return [(setting, {("score_tells", ""): area}) for setting, _ in self.mailings]
        world = simulate(self.town, seed=seed, generic_likes=False)
        campaign = run_campaign(world, self.plan, seed=seed, with_score=False)
        on_map: dict[tuple[str, str], float] = {}
        for view, mask in self.views.items():
            leak = publish(campaign, DotMap(mask=mask), seed=seed)
            whom = Adversary.holds_register(world.roll, mask=mask)
            found = audit(leak, whom, truth=world, seed=seed) if len(leak) else None
            home = found.overall.to_dict("index")["address"] if found else None
            net = math.nan if home is None else home["attack"] - home["control"]
            on_map["net", view] = net
        told = []
        for setting, mailing in self.mailings:
            whole = chain(world, campaign, mailing=mailing, seed=seed).row("whole")
            sent = audit_mailing(publish(campaign, mailing, seed=seed), world, seed=seed)
            answers = sent.row("learnt", observer="link_server", what="side")
            further = {
                (name, ""): row.value - row.control
                for name, row in (("whole", whole), ("answers_tell", answers))
            }
            told.append((setting, on_map | further))
        return told


def _tasks(
    town: Town,
    plan: CampaignPlan,
    views: Mapping[str, Mask | None],
    ranges: Mapping[str, Sequence[Any]],
    seeds: range,
) -> list[_Task]:
    """What is mailed changes neither town nor map: every mailing is tried on the unvaried towns."""
    mailings: list[tuple[_Setting, Mailing]] = [(None, _MAILING)]
    others: list[tuple[Town, CampaignPlan, tuple[tuple[_Setting, Mailing], ...]]] = []
    for name, ends in ranges.items():
        for at in ends if name not in ON_LIKES else ():
            if _has(Town, name) or _has(CampaignPlan, name):
                others.append((*_set(town, plan, name, at), (((name, at), _MAILING),)))
            else:
                mailings.append(((name, at), _mailed(name, at)))
    settings = [(town, plan, tuple(mailings)), *others]
    return [
        _Task(place, way, views, mailed, seed) for place, way, mailed in settings for seed in seeds
    ]


def _on_likes(
    town: Town, plan: CampaignPlan, ranges: Mapping[str, Sequence[Any]], seeds: range
) -> list[_Task]:
    """What only the score rests on: with nothing varied, then at each value."""
    settings: list[tuple[_Setting, Town, CampaignPlan]] = [
        ((name, at), *_set(town, plan, name, at))
        for name, ends in ranges.items()
        for at in ends
        if name in ON_LIKES
    ]
    if settings:
        settings.insert(0, (None, town, plan))
    return [
        _Task(place, way, {}, ((setting, _MAILING),), seed, likes=True)
        for setting, place, way in settings
        for seed in seeds
    ]


def _set(town: Town, plan: CampaignPlan, name: str, at: Any) -> tuple[Town, CampaignPlan]:
    given = {name: at}
    return (replace(town, **given), plan) if _has(Town, name) else (town, replace(plan, **given))


def _has(kind: Any, name: str) -> bool:
    return name in {field.name for field in fields(kind)}


def _mailed(name: str, at: Any) -> Mailing:
    if _has(Filled, name):
        return replace(_MAILING, filled=replace(_MAILING.filled, **{name: at}))
    if not _has(Links, name):
        known = [f.name for kind in (Town, CampaignPlan, Filled, Links) for f in fields(kind)]
        needed = "parameters of Town, CampaignPlan, Filled or Links to vary"
        raise ParameterError(say("sensitivity", needed, repr(name), did_you_mean(name, known)))
    usual = getattr(_MAILING.links, name)
    value: Any = (at, min(1.0, usual[1] * at / usual[0])) if isinstance(usual, tuple) else at
    return replace(_MAILING, links=replace(_MAILING.links, **{name: value}))
