"""What a campaign presumes of each account beside its leaning, and how sure it may be.

It exists inside a simulated world only, where the truth is known and every claim can be judged.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from privaudit._core.arrays import Bools, Floats, Strs
from privaudit._core.streams import stream
from privaudit.campaign.inference import Evidence, Inferred, infer
from privaudit.campaign.leaning import BLOCS, auc, declared
from privaudit.campaign.plan import CampaignPlan
from privaudit.measures.calibration import calibration_gap
from privaudit.results.rows import Rows
from privaudit.simulation.world import SimulatedWorld

__all__ = ["ATTRIBUTES", "attribute_quality", "nothing", "presume_attributes", "truth_of"]

ATTRIBUTES = (
    "bloc", "leaning", "age_band", "sex", "profession", "education", "family", "interest",
    "turnout",
)  # fmt: skip
_LEAST = 11  # accounts of a group below which its figures are left out
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
        if attribute in ("age_band", "sex"):
            listed = profiles[attribute].to_numpy(dtype=object)
            taken = ~shown & (listed != "")
            # How often the roll is right is seen where people also declared themselves.
            right = listed[shown & (listed != "")] == value[shown & (listed != "")]
            value[taken], source[taken] = listed[taken], "register"
            sure[taken] = (right.sum() + 1) / (len(right) + 2)
        learnt = infer(
            evidence, np.flatnonzero(shown), truth[attribute][shown], seed=_seed(seed, attribute)
        )
        left = np.flatnonzero(source == "")
        if learnt is not None:
            found[attribute] = learnt
            top = learnt.log_p[left].argmax(axis=1)
            value[left], source[left] = learnt.values[top], "inferred"
            sure[left] = np.round(np.exp(learnt.log_p[left, top]), 4)
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
    """Judge every cell against the truth, by attribute; what was inferred also by age and sex.

    Rows, each with the attribute: filled (share of accounts with a value, by source), right (share
    of filled cells that are right; baseline: the commonest value for everybody), told_apart (area
    under the curve of each value against all others, of accounts that declared none), claim_error
    (expected calibration error of inferred cells, 0 = as sure as right; baseline: chance alone).
    """
    truth = truth_of(world)
    age, sex = truth["age_band"], truth["sex"]
    for attribute in attributes["attribute"].unique().tolist():
        cells = attributes[attributes["attribute"] == attribute]
        value, source = cells["value"].to_numpy(dtype=str), cells["source"].to_numpy(dtype=str)
        sure, true = cells["probability"].to_numpy(), truth[attribute]
        hit = (value == true).astype(float)
        for name in ("declared", "register", "inferred"):
            part = {"attribute": attribute, "source": name}
            if (source == name).any():
                rows.share("filled", source == name, part=part)
                usual = _commonest(true[source == name])
                rows.share("right", hit[source == name], baseline=usual, part=part)
        inferred = source == "inferred"
        if attribute in learnt:
            _told_apart(rows, learnt[attribute], true, source != "declared", attribute=attribute)
        _claims_judged(rows, {"attribute": attribute}, sure, hit, inferred)
        for name, group in (("age_band", age), ("sex", sex)):
            for one in np.unique(group):
                within = inferred & (group == one)
                if name != attribute and within.sum() >= _LEAST:
                    part = {"attribute": attribute, "group": str(one)}
                    usual = _commonest(true[within])
                    rows.share("right", hit[within], baseline=usual, part=part)
                    _claims_judged(rows, part, sure, hit, within)


def _told_apart(rows: Rows, found: Inferred, true: Strs, judged: Bools, **part: Any) -> None:
    """Add the area under the curve of each value against all others, over the judged accounts."""
    for k, name in enumerate(found.values.tolist()):
        value, low, high = auc(found.log_p[judged, k], true[judged] == name)
        rows.add(
            "told_apart", value, "area_under_curve", low=low, high=high, baseline=0.5,
            n=int(judged.sum()), part=part | {"answer": name},
        )  # fmt: skip


def _claims_judged(rows: Rows, part: dict[str, Any], sure: Floats, hit: Floats, of: Bools) -> None:
    if of.sum() < _LEAST:
        return
    gap = calibration_gap(sure[of], hit[of])
    rows.add(
        "claim_error", gap.value, "share", low=gap.low, high=gap.high,
        baseline=gap.chance, n=int(of.sum()), part=part,
    )  # fmt: skip


def _commonest(values: Strs) -> float:
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
