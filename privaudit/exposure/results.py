"""The two result types. Their shape never depends on the arguments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["GAINS", "OVERALL_COLUMNS", "Exposure", "Measures"]

GAINS = ("address", "household", "person", "opinion")
OVERALL_COLUMNS = (
    "attack",
    "low",
    "high",
    "baseline",
    "control",
    "residual",
    "residual_low",
    "residual_high",
    "confidence",
    "n",
)


@dataclass(frozen=True, eq=False, kw_only=True)
class Exposure:
    """What an attack learnt, person by person and overall.

    Parameters
    ----------
    attack : str
        Name of the rung of the adversary.
    per_person : pandas.DataFrame
        One row a person of the release, no id and no position: for each gain g the columns
        ``g``, ``baseline_g``, ``control_g``, ``confidence_g`` in [0, 1], then the groups
        (age_band, sex, profession, station, zone, door, label) where they are known, and
        candidates, k_addresses, k_people, error (metres).
    overall : pandas.DataFrame
        Index ``gain``; columns `OVERALL_COLUMNS`. Means of `per_person`, with the 95 %
        interval; residual = (attack - control) / (1 - control).
    calibration : pandas.DataFrame
        Columns gain, confidence, observed, low, high, n: one row a bin of confidence.
        Empty for a real file, where nothing is known to compare with.
    expected : bool
        True where there is no truth, and gains are the posterior's own expectation.
    """

    attack: str
    per_person: pd.DataFrame
    overall: pd.DataFrame
    calibration: pd.DataFrame
    expected: bool = False
    provenance: str = "simulated"
    notes: tuple[str, ...] = ()
    reliable: bool = True
    recipe: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, eq=False, kw_only=True)
class Measures:
    """Measures of a table, or of a campaign's doors and accounts.

    Parameters
    ----------
    overall : pandas.DataFrame
        Index ``measure``; columns value, low, high (95 % interval; equal to value where the
        measure is a plain count of the file), baseline (nan where there is none), n
        (denominator, always people or records), unit, note.
    per_record : pandas.DataFrame
        Scores only, no cell of the table; may be empty.
    """

    overall: pd.DataFrame
    per_record: pd.DataFrame
    title: str = "measures"
    provenance: str = "audited file"
    notes: tuple[str, ...] = ()
    reliable: bool = True
    recipe: Mapping[str, Any] = field(default_factory=dict)
