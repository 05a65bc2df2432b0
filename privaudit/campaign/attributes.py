"""Attribute inference: what a campaign presumes of each account, with its accuracy.

For simulated worlds only, where the truth is known.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from privaudit.campaign.leaning import (
    BLOCS,
    Evidence,
    Inferred,
    add_area,
    add_calibration,
    declared,
    infer,
)
from privaudit.campaign.plan import CampaignPlan
from privaudit.core.checks import Bools, Floats, Strs
from privaudit.core.reproducible import stream
from privaudit.core.thresholds import SMALL_CELL
from privaudit.results.rows import Rows
from privaudit.simulation.world import SimulatedWorld
from privaudit.stats.calibration import mean_roc_area, roc_area

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
    """Infer every attribute of every account: declared, from a register, or learnt.

    Parameters
    ----------
    world : SimulatedWorld
    plan : CampaignPlan
    profiles : pandas.DataFrame
        As returned by `make_profiles`; its age bands and sexes come from the roll.
    evidence : Evidence
        As returned by `evidence_of`.
    seed : int

    Returns
    -------
    attributes : pandas.DataFrame
        One row a cell, by attribute then profile: profile, attribute, value ("" where
        unknown), probability that it is right, source (declared, register, inferred, "").
    learnt : dict of str to Inferred
        Learnt probabilities of every account, by attribute.
    """
    truth = truth_of(world)
    parts, inferred = [], {}
    for attribute in (name for name in ATTRIBUTES if name in truth):
        shown = _declared(attribute, len(profiles), plan, seed)
        value = np.where(shown, truth[attribute], "").astype(object)
        source = np.where(shown, "declared", "").astype(object)
        probability = np.where(shown, 1.0, np.nan)
        alike = None
        if attribute in ("age_band", "sex"):
            listed = profiles[attribute].to_numpy(dtype=object)
            taken, alike = ~shown & (listed != ""), listed == ""
            # The accuracy of the roll is estimated on declared values.
            both = shown & (listed != "")
            value[taken], source[taken] = listed[taken], "register"
            probability[taken] = ((listed == value)[both].sum() + 1) / (both.sum() + 2)
        own = int(stream(seed, f"infer {attribute}").integers(2**31))
        declared_values = truth[attribute][shown]
        learnt = infer(evidence, np.flatnonzero(shown), declared_values, alike=alike, seed=own)
        left = np.flatnonzero(source == "")
        if learnt is not None:
            inferred[attribute] = learnt
            top = learnt.log_p[left].argmax(axis=1)
            value[left], source[left] = learnt.values[top], "inferred"
            probability[left] = learnt.top[left]
        cells = {"value": value, "probability": probability, "source": source}
        profile = profiles["profile"].to_numpy()
        parts.append(pd.DataFrame({"profile": profile, "attribute": attribute, **cells}))
    return pd.concat(parts, ignore_index=True).astype(_DTYPES), inferred


def nothing() -> pd.DataFrame:
    """Return the frame of `presume_attributes` without rows."""
    return pd.DataFrame(columns=list(_DTYPES)).astype(_DTYPES)


def truth_of(world: SimulatedWorld) -> dict[str, Strs]:
    """Return the true attributes of each account's person, by attribute."""
    asked = [name for name in (*ATTRIBUTES, "household") if name in world.people]
    people = world.people[asked].iloc[world.accounts["person"].to_numpy()]
    leaning = people["leaning"].to_numpy(dtype=str)
    bloc = np.full(len(leaning), "neither", dtype="<U10")
    for name, sides in BLOCS.items():
        bloc[np.isin(leaning, sides)] = f"{name}_bloc"
    kind = world.households["kind"].to_numpy(dtype=str)
    truth = {name: people[name].to_numpy(dtype=str) for name in ATTRIBUTES if name in people}
    return truth | {"bloc": bloc, "family": kind[people["household"].to_numpy()]}


def attribute_quality(
    rows: Rows, world: SimulatedWorld, attributes: pd.DataFrame, learnt: Mapping[str, Inferred]
) -> None:
    """Compare every cell with the truth, by attribute, and by age and sex.

    Rows, each with the attribute, of all accounts and of those of each `group`: filled (share of
    accounts with a value), right (share of filled cells that are right; baseline: the commonest
    value), told_apart (area under the ROC curve of a value against all others, the mean over
    values, of accounts that declared none), claim_error (expected calibration error of inferred
    cells; baseline: sampling error alone). Then filled and right by source, and told_apart of each
    value, the `answer`.

    Parameters
    ----------
    rows : Rows
        Rows to which measures are added.
    world : SimulatedWorld
    attributes : pandas.DataFrame
        As returned by `presume_attributes`.
    learnt : Mapping[str, Inferred]
        As returned by `presume_attributes`.
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
        _areas_by_value(rows, judged)
        for name in ("age_band", "sex"):
            for value in np.unique(truth[name]).tolist():
                group = truth[name] == value
                if name != attribute and group.sum() >= SMALL_CELL:
                    _judge(rows, judged, group, group=value)


class _Judged(NamedTuple):
    """The cells of an attribute, an account each, with the truth and the learnt probabilities."""

    attribute: str
    true: Strs
    value: Strs
    source: Strs
    probability: Floats
    learnt: Inferred | None


def _judge(rows: Rows, cells: _Judged, of: Bools, **group: str) -> None:
    """Add the rows of an attribute, of some accounts."""
    part = {"attribute": cells.attribute} | group
    _filled(rows, cells, cells.source != "", of, **group)
    judged = of & (cells.source != "declared")
    if cells.learnt is not None:
        area = mean_roc_area(cells.learnt.log_p[judged], cells.true[judged], cells.learnt.values)
        add_area(rows, "told_apart", area, int(judged.sum()), part=part)
    inferred = of & (cells.source == "inferred")
    hit = (cells.value == cells.true)[inferred]
    add_calibration(rows, "claim_error", cells.probability[inferred], hit, part=part)


def _filled(rows: Rows, cells: _Judged, filled: Bools, of: Bools, **group: str) -> None:
    """Add the shares of filled cells and of right ones."""
    part = {"attribute": cells.attribute} | group
    within = filled & of
    rows.share("filled", filled[of].astype(float), part=part)
    hit = (cells.value == cells.true)[within].astype(float)
    rows.share("right", hit, baseline=_commonest(cells.true[within]), part=part)


def _areas_by_value(rows: Rows, cells: _Judged) -> None:
    """Add the area under the curve of each value against all others."""
    judged = cells.source != "declared"
    if cells.learnt is None:
        return
    for k, name in enumerate(cells.learnt.values.tolist()):
        area = roc_area(cells.learnt.log_p[judged, k], cells.true[judged] == name)
        part = {"attribute": cells.attribute, "answer": name}
        add_area(rows, "told_apart", area, int(judged.sum()), part=part)


def _commonest(values: Strs) -> float:
    """Return the share of the commonest value."""
    return float(pd.Series(values).value_counts(normalize=True).max())


def _declared(attribute: str, n: int, plan: CampaignPlan, seed: int) -> Bools:
    """Draw which accounts declared the attribute: the leaning as for the score, others apart."""
    if attribute in ("bloc", "leaning"):
        return np.asarray(declared(n, plan, stream(seed, "declared")))
    share = plan.profession_shown if attribute == "profession" else plan.attributes_shown
    return np.asarray(stream(seed, f"{attribute} shown").random(n) < share)
