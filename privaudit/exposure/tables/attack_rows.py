"""An attack on a table as rows: the attack, its control, what it gains over it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from privaudit.exposure.results import Measures
from privaudit.exposure.shares import add_share
from privaudit.exposure.tables.rows import Rows
from privaudit.measures.interval import residual, wilson

__all__ = ["WEAK", "attack_result", "attack_rows"]

# The interval of the attack holds its baseline, or that of what it adds holds 0.
WEAK = (
    "The attack does no better than its baseline: it was too weak to tell anything, and a weak "
    "attack does not make a release safe."
)
_NOTHING_ADDED = (
    "What the release adds to the control cannot be told from 0: either what was found is true "
    "of people outside it too, or the attack is too weak. A weak attack does not make a release "
    "safe: try a stronger one, or more attacks."
)


def attack_rows(
    name: str,
    attack: np.ndarray,
    control: np.ndarray,
    baseline: float,
    *,
    unit: str = "share of people",
    note: str = "people outside the release",
    worth: tuple[float, float] | None = None,
    smaller_by: float = 1.0,
    highest: float = 1.0,
) -> Rows:
    """Add attack, control and residual.

    `worth` says how many independent gains attack and control are worth. Where the control
    could only be had for fewer people, `smaller_by` times its mean, and `highest`, bound what
    it would have been.
    """
    rows = Rows(len(attack))
    found = add_share(rows, name, attack, unit=unit, baseline=baseline)
    n_attack, n_control = worth or (len(attack), len(control))
    seen = float(control.mean())
    chance = min(smaller_by * seen, highest)
    if 0 < chance < 1 and smaller_by > 1:
        # A mean that is multiplied varies more: it is worth so many fewer gains.
        n_control *= chance * (1 - chance) / (smaller_by**2 * seen * (1 - seen))
    low, high = wilson(chance, n_control)
    rows.add(
        f"{name}_control", chance, unit, note, low=float(low), high=float(high), n=len(control)
    )
    value, low, high = residual(found, chance, n_attack, n_control)
    rows.add(
        f"{name}_residual",
        float(value),
        "share",
        "(attack - control) / (1 - control)",
        low=float(low),
        high=float(high),
    )
    return rows


def attack_result(
    name: str, rows: Rows, recipe: dict[str, Any], doubts: Sequence[str] = ()
) -> Measures:
    """Put the rows in a result, not reliable where the attack was weak or there are doubts.

    An attack that beats its baseline and not its control is no doubt, but how to read it is
    said: it is about the population, or too weak to tell.
    """
    overall = rows.frame()
    low = overall["low"]
    doubts = list(doubts)
    notes = []
    if not low[name] > overall["baseline"][name]:
        doubts.append(WEAK)
    elif not low[f"{name}_residual"] > 0:
        notes.append(_NOTHING_ADDED)
    return Measures(
        overall=overall,
        per_record=pd.DataFrame(),
        title=name.replace("_", " "),
        notes=(*doubts, *notes),
        reliable=not doubts,
        recipe={"measure": name, **recipe},
    )
