"""Tables of a report: aggregates only, each through the small-cell guard."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from privaudit._core.policy import SMALL_CELL
from privaudit.reporting.areas import areas_of
from privaudit.reporting.guard import GROUPS, Shown, guarded_table
from privaudit.results.exposure import Exposure
from privaudit.text.normalise import slug

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from privaudit.reporting.findings import Finding
    from privaudit.studies.study import Study

__all__ = [
    "calibration_rows",
    "candidate_rows",
    "group_rows",
    "joined",
    "tables_of",
]

# Addresses left to search: upper ends of the classes.
_CANDIDATE_TOPS = (1, 5, 20, 100, 500)


def calibration_rows(exposure: Exposure) -> pd.DataFrame:
    """Return the calibration of an attack; bins that are too small are withheld."""
    parts = [guarded_table(part) for _, part in exposure.calibration.groupby("gain", sort=False)]
    return pd.concat(parts, ignore_index=True)


def candidate_rows(exposure: Exposure) -> pd.DataFrame | None:
    """Count people by how many addresses hold 95 % of the probability.

    Classes under `SMALL_CELL` people are joined with the next one, so that none has to be withheld.

    Returns
    -------
    pandas.DataFrame or None
        Columns addresses, n, share; None where nothing is known of it, or of too few people.
    """
    if "candidates" not in exposure.per_person:
        return None
    candidates = exposure.per_person["candidates"].to_numpy(dtype=float)
    candidates = candidates[np.isfinite(candidates) & (candidates >= 1)]
    if len(candidates) < SMALL_CELL:
        return None
    counts = np.bincount(
        np.searchsorted(_CANDIDATE_TOPS, candidates, side="left"),
        minlength=len(_CANDIDATE_TOPS) + 1,
    )
    lows = (1, *(top + 1 for top in _CANDIDATE_TOPS))
    tops = (*_CANDIDATE_TOPS, None)
    classes = joined([int(n) for n in counts], SMALL_CELL)
    n = np.array([counts[first : last + 1].sum() for first, last in classes])
    names = [_span(lows[first], tops[last]) for first, last in classes]
    return pd.DataFrame({"addresses": names, "n": n, "share": n / n.sum()})


def joined(counts: list[int], least: int) -> list[tuple[int, int]]:
    """Join neighbouring classes until each holds enough: first and last class of each.

    Examples
    --------
    >>> joined([2, 3, 40, 0, 9, 60, 4], least=11)
    [(0, 2), (3, 6)]
    """
    classes: list[tuple[int, int]] = []
    first = held = 0
    for place, n in enumerate(counts):
        held += n
        if held >= least:
            classes.append((first, place))
            first, held = place + 1, 0
    if classes:
        # What is left over is too small to stand alone; of nobody it would say so.
        classes[-1] = (classes[-1][0], len(counts) - 1)
    return classes


def _span(low: int, top: int | None) -> str:
    return f"{low}+" if top is None else f"{low}" if low == top else f"{low}–{top}"


def group_rows(exposure: Exposure, untold: Collection[str] = ()) -> pd.DataFrame:
    """Return what an attack finds in each group of people.

    Parameters
    ----------
    exposure : Exposure
    untold : collection of str
        Columns that cannot be shown at all; see `shown_of`.

    Returns
    -------
    pandas.DataFrame
        Columns by, group, gain, then value, low, high, baseline, control, residual, n and
        withheld; numbers of small groups are nan.
    """
    columns = ["by", "group", "gain", "value", "low", "high"]
    columns += ["baseline", "control", "residual", "n", "withheld"]
    parts = [pd.DataFrame(columns=columns)]
    for column in GROUPS:
        known = column in exposure.per_person and exposure.per_person[column].nunique() > 1
        if not known or column in untold:
            continue
        rows = exposure.by(column).reset_index().rename(columns={column: "group"})
        parts.append(rows.assign(by=column, group=rows["group"].fillna("").astype("str")))
    return pd.concat(parts[1:] or parts, ignore_index=True)[columns]


def _numbers(findings: Sequence[Finding]) -> pd.DataFrame:
    """Return every number of the report, one row a finding; parameters as the id has them."""
    told = (
        "value", "low", "high", "n", "unit", "counts", "of", "gain", "baseline", "control",
        "residual", "residual_low", "residual_high", "between_low", "between_high",
        "confidence", "confidence_low", "confidence_high", "bound", "reliable", "withheld",
    )  # fmt: skip
    rows = [
        {"id": f.id, "family": f.family, "measure": f.row.measure}
        | {name: getattr(f.row, name) for name in told}
        for f in findings
    ]
    # The last digits of a sum depend on where an array lies in memory: they are not a result.
    return pd.DataFrame(rows).map(lambda x: float(f"{x:.10g}") if isinstance(x, float) else x)


def _verdicts(study: Study) -> pd.DataFrame:
    """Return the verdict of each rule on each day: of the day told, with its evidence."""
    first = study.rulings[0].overall.reset_index()
    first.insert(1, "as_of", str(study.rulings[0].as_of))
    others = [of.overall.reset_index().assign(as_of=str(of.as_of)) for of in study.rulings[1:]]
    return pd.concat([first, *others], ignore_index=True)[list(first.columns)]


def _inventory(study: Study) -> pd.DataFrame:
    """Return the columns of every file that was inspected, and of several which is whose."""
    frames = [one.frame.assign(file=one.name) for one in study.inventories]
    found = pd.concat(frames, ignore_index=True)
    return found if len(frames) > 1 else found.drop(columns="file")


def tables_of(study: Study, findings: Sequence[Finding], shown: Shown) -> dict[str, pd.DataFrame]:
    """Build every table that is written beside a report: file name to frame."""
    tables = {}
    if findings:
        tables["findings"] = _numbers(findings)
    if study.rulings:
        tables["rules"] = _verdicts(study)
    if study.inventories:
        tables["inventory"] = _inventory(study)
    for place, exposure in enumerate(study.exposures):
        copies = f"_copies_{exposure.copies}" if exposure.copies > 1 else ""
        name = f"{slug(exposure.view)}_{slug(exposure.attack)}{copies}"
        groups = group_rows(exposure, {c for at, c in shown.untold if at == place})
        if len(groups) and exposure.overall["attack"].notna().any():
            tables[f"groups_{name}"] = groups
        if len(exposure.calibration):
            tables[f"calibration_{name}"] = calibration_rows(exposure)
        candidates = candidate_rows(exposure)
        if candidates is not None:
            tables[f"candidates_{name}"] = candidates
    if study.area_points is not None and len(study.area_points):
        areas = areas_of(np.asarray(study.area_points, dtype=float))
        tables["areas"] = pd.DataFrame(
            {
                "x": areas.corner[:, 0],
                "y": areas.corner[:, 1],
                "side": areas.side,
                "n": areas.count,
            }
        )
    return tables
