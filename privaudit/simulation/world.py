"""`SimulatedWorld`: everything that is true in a simulated town, and the registers on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from privaudit.geo.address_base import AddressBase
from privaudit.release.read_traces import Traces, read_traces
from privaudit.results.display import facts_html
from privaudit.results.measures import Measures

LEANINGS = ("radical_left", "left", "centre", "right", "far_right", "none")
PROFESSIONS = (
    "farmer", "artisan", "executive", "intermediate", "employee", "worker", "retired", "student",
    "none",
)  # fmt: skip
INTERESTS = (
    "cars", "cinema", "cooking", "fashion", "football", "gaming", "gardening", "health", "music",
    "pets", "reading", "travel",
)  # fmt: skip
AGE_BANDS = ("0-17", "18-24", "25-34", "35-49", "50-64", "65-79", "80+")
_BAND_STARTS = np.array([18, 25, 35, 50, 65, 80])


def age_band(age: np.ndarray) -> np.ndarray:
    """Return the age band of each age in years, as an array of str.

    Examples
    --------
    >>> age_band(np.array([11, 18, 79, 80])).tolist()
    ['0-17', '18-24', '65-79', '80+']
    """
    return np.array(AGE_BANDS)[np.searchsorted(_BAND_STARTS, np.asarray(age), side="right")]


@dataclass(frozen=True, eq=False, kw_only=True)
class SimulatedWorld:
    """A simulated town. Columns of every frame are listed in docs/flow.md.

    `addresses`, `directory`, `roll` are what anybody may find; everything else is the truth.
    `zone` is one of centre, houses, hamlet for each address. `quality` says how near the
    simulation came to its targets, a row each; the baseline is the target. `identity` tells the
    world from others: what is published of it carries it, sealed. `brought` says that its likes or
    its pages are somebody's own.
    """

    addresses: AddressBase
    zone: np.ndarray
    stations: pd.DataFrame
    households: pd.DataFrame
    people: pd.DataFrame
    accounts: pd.DataFrame
    pages: pd.DataFrame
    interactions: pd.DataFrame
    directory: pd.DataFrame
    roll: pd.DataFrame
    directory_truth: pd.DataFrame
    roll_truth: pd.DataFrame
    quality: Measures
    identity: str = ""
    brought: bool = False
    recipe: Mapping[str, Any] = field(default_factory=dict)

    def _repr_html_(self) -> str:
        counted = ("people", "households", "addresses", "accounts", "interactions", "pages", "roll")
        return facts_html(repr(self), {name: len(getattr(self, name)) for name in counted})

    def __repr__(self) -> str:
        return (
            f"SimulatedWorld({len(self.people):,} fictional people, "
            f"{len(self.households):,} households, {len(self.addresses):,} addresses, "
            f"{len(self.interactions):,} interactions)"
        )

    def like_traces(self) -> Mapping[str, Traces]:
        """Return the log of likes by page, and by the topic of the page."""
        likes = self.interactions[self.interactions["kind"] == "like"]
        topic = self.pages.set_index("page")["topic"]
        likes = likes.assign(topic=likes["page"].map(topic))
        return {
            item: replace(
                read_traces(
                    likes, person="account", item=item, time="time", provenance="simulated"
                ),
                counts="accounts",
                name="likes",
            )
            for item in ("page", "topic")
        }
