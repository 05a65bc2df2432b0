"""What a campaign presumes of each account beside its leaning, and how sure it may be.

It exists inside a simulated world only, where the truth is known and every claim can be judged."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from privaudit.campaign.leaning import BLOCS, Evidence, Inferred, declared, infer, untold
from privaudit.campaign.plan import CampaignPlan
from privaudit.core.checks import Bools, Floats, Strs
from privaudit.core.policy import SMALL_CELL
from privaudit.core.progress import stream
from privaudit.results.rows import Rows
from privaudit.simulation.world import SimulatedWorld
from privaudit.stats.calibration import auc, calibration_gap, mean_auc

ATTRIBUTES = (
    "bloc", "leaning", "age_band", "sex", "profession", "education", "family", "interest",
    "turnout",
)  # fmt: skip
_DTYPES = {
    "profile": "int64", "attribute": "str", "value": "str", "probability": "float64",
    "source": "str",
}  # fmt: skip


def presume_attributes(
    world: SimulatedWorld,
    plan: CampaignPlan,
    profiles: pd.DataFrame,
    evidence: Evidence,
    *,
    seed: int,
) -> tuple[pd.DataFrame, dict[str, Inferred]]:
    """Presume every attribute of every account: declared, from a register, or inferred.

    - `profiles`: Frame of `make_profiles`; age band and sex that it holds come from the roll.
    - `evidence`: Of `evidence_of`.
    - returns `attributes`: One row a cell, by attribute then profile: profile, attribute, value
      ("" where nothing is known), probability that it is right, source (declared, register,
      inferred, "").
    - returns `learnt`: What was inferred of every account, by attribute.
    """
    truth = truth_of(world)
    parts, found = [], {}
    for attribute in (name for name in ATTRIBUTES if name in truth):
        shown = _declared(attribute, len(profiles), plan, seed)
        value = np.where(shown, truth[attribute], "").astype(object)
        source = np.where(shown, "declared", "").astype(object)
        sure = np.where(shown, 1.0, np.nan)
        alike = None
        if attribute in ("age_band", "sex"):
            listed = profiles[attribute].to_numpy(dtype=object)
            taken, alike = ~shown & (listed != ""), listed == ""
            # How often the roll is right is seen where people also declared themselves.
            right = listed[shown & (listed != "")] == value[shown & (listed != "")]
            value[taken], source[taken] = listed[taken], "register"
            sure[taken] = (right.sum() + 1) / (len(right) + 2)
        learnt = infer(
            evidence, np.flatnonzero(shown), truth[attribute][shown], alike=alike,
            seed=_seed(seed, attribute),
        )  # fmt: skip
        left = np.flatnonzero(source == "")
        if learnt is not None:
            found[attribute] = learnt
            top = learnt.log_p[left].argmax(axis=1)
            value[left], source[left] = learnt.values[top], "inferred"
            sure[left] = learnt.top[left]
        parts.append(
            pd.DataFrame(
                {
                    "profile": profiles["profile"].to_numpy(),
                    "attribute": attribute,
                    "value": value,
                    "probability": sure,
                    "source": source,
                }
            )
        )
    return pd.concat(parts, ignore_index=True).astype(_DTYPES), found


def nothing() -> pd.DataFrame:
    """Return the frame of `presume_attributes` without a row."""
    return pd.DataFrame(columns=list(_DTYPES)).astype(_DTYPES)


def truth_of(world: SimulatedWorld) -> dict[str, Strs]:
    """Return what is true of each account's person, by attribute."""
    people = world.people.iloc[world.accounts["person"].to_numpy()]
    leaning = people["leaning"].to_numpy(dtype=str)
    bloc = np.full(len(leaning), "neither", dtype="<U10")
    for name, sides in BLOCS.items():
        bloc[np.isin(leaning, sides)] = f"{name}_bloc"
    kind = world.households["kind"].to_numpy(dtype=str)
    found = {name: people[name].to_numpy(dtype=str) for name in ATTRIBUTES if name in people}
    return found | {"bloc": bloc, "family": kind[people["household"].to_numpy()]}


def attribute_quality(
    rows: Rows, world: SimulatedWorld, attributes: pd.DataFrame, learnt: Mapping[str, Inferred]
) -> None:
    """Judge every cell against the truth, by attribute; and again by age and sex.

    Rows, each with the attribute, of all accounts and of those of each `group`: filled (share of
    accounts with a value), right (share of filled cells that are right; baseline: the commonest
    value for everybody), told_apart (area under the curve of a value against all others, the mean
    over values, of accounts that declared none), claim_error (expected calibration error of
    inferred cells, 0 = as sure as right; baseline: chance alone). Then filled and right by source,
    and told_apart of each value, the `answer`.
    """
    truth = truth_of(world)
    everybody = np.ones(len(world.accounts), dtype=bool)
    for attribute in attributes["attribute"].unique().tolist():
        cells = attributes[attributes["attribute"] == attribute]
        source = cells["source"].to_numpy(dtype=str)
        judged = _Judged(
            attribute, truth[attribute], cells["value"].to_numpy(dtype=str), source,
            cells["probability"].to_numpy(), learnt.get(attribute),
        )  # fmt: skip
        _judge(rows, judged, everybody)
        for name in ("declared", "register", "inferred"):
            if (source == name).any():
                _filled(rows, judged, source == name, everybody, source=name)
        _each_told_apart(rows, judged)
        for name in ("age_band", "sex"):
            for one in np.unique(truth[name]).tolist():
                group = truth[name] == one
                if name != attribute and group.sum() >= SMALL_CELL:
                    _judge(rows, judged, group, group=one)


class _Judged(NamedTuple):
    """The cells of one attribute, an account each, beside the truth and what was learnt."""

    attribute: str
    true: Strs
    value: Strs
    source: Strs
    sure: Floats
    learnt: Inferred | None


def _judge(rows: Rows, cells: _Judged, of: Bools, **group: str) -> None:
    part = {"attribute": cells.attribute} | group
    _filled(rows, cells, cells.source != "", of, **group)
    judged = of & (cells.source != "declared")
    if cells.learnt is not None:
        found = mean_auc(cells.learnt.log_p[judged], cells.true[judged], cells.learnt.values)
        _told_apart(rows, found, judged, part)
    inferred = of & (cells.source == "inferred")
    gap = calibration_gap(cells.sure[inferred], (cells.value == cells.true)[inferred])
    rows.add(
        "claim_error", gap.value, "share", low=gap.low, high=gap.high,
        baseline=gap.chance, n=int(inferred.sum()), part=part,
    )  # fmt: skip


def _filled(rows: Rows, cells: _Judged, filled: Bools, of: Bools, **told: str) -> None:
    part = {"attribute": cells.attribute} | told
    within = filled & of
    rows.share("filled", filled[of].astype(float), part=part)
    hit = (cells.value == cells.true)[within].astype(float)
    rows.share("right", hit, baseline=_commonest(cells.true[within]), part=part)


def _each_told_apart(rows: Rows, cells: _Judged) -> None:
    """Add the area under the curve of each value against all others."""
    judged = cells.source != "declared"
    if cells.learnt is None:
        return
    for k, name in enumerate(cells.learnt.values.tolist()):
        found = auc(cells.learnt.log_p[judged, k], cells.true[judged] == name)
        _told_apart(rows, found, judged, {"attribute": cells.attribute, "answer": name})


def _told_apart(
    rows: Rows, found: tuple[float, float, float], judged: Bools, part: dict[str, str]
) -> None:
    value, low, high = found
    rows.add(
        "told_apart", value, "area_under_curve", untold(value), low=low, high=high, baseline=0.5,
        n=int(judged.sum()), part=part,
    )  # fmt: skip


def _commonest(values: Strs) -> float:
    if not len(values):
        return float("nan")
    return float(np.unique(values, return_counts=True)[1].max() / len(values))


def _declared(attribute: str, n: int, plan: CampaignPlan, seed: int) -> Bools:
    """Who declared the attribute: leaning as the score knows it, others each on their own."""
    if attribute in ("bloc", "leaning"):
        return np.asarray(declared(n, plan, stream(seed, "declared")))
    if attribute == "profession":
        return np.asarray(stream(seed, "profession shown").random(n) < plan.profession_shown)
    return np.asarray(stream(seed, f"{attribute} shown").random(n) < plan.attributes_shown)


def _seed(seed: int, attribute: str) -> int:
    return int(stream(seed, f"infer {attribute}").integers(2**31))
