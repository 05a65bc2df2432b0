"""`SimulatedWorld`: the ground truth of a simulated town, and the registers of its people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from privaudit.core.files import packaged_toml
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
DATA = Path(__file__).parent / "data"


def read_figures(name: str) -> dict[str, Any]:
    """Return a table of published figures and scenarios, a file of the folder `data`."""
    return packaged_toml("privaudit.simulation", f"data/{name}.toml")


AGE_STARTS: tuple[int, ...] = tuple(read_figures("population")["age_bands"])
AGE_BANDS = (
    f"0-{AGE_STARTS[0] - 1}",
    *(f"{first}-{after - 1}" for first, after in pairwise(AGE_STARTS)),
    f"{AGE_STARTS[-1]}+",
)


def scenario_ranges(kind: str) -> dict[str, tuple[float, float]]:
    """Return the range of each scenario without a published figure, which `sensitivity` varies."""
    ranges = read_figures("population")["ranges"][kind]
    return {name: (low, high) for name, (low, high) in ranges.items()}


def age_band(age: np.ndarray) -> np.ndarray:
    """Return the age band of each age in years, as an array of str.

    Examples
    --------
    >>> age_band(np.array([11, 18, 79, 80])).tolist()
    ['0-17', '18-24', '65-79', '80+']
    """
    return np.array(AGE_BANDS)[np.searchsorted(AGE_STARTS, np.asarray(age), side="right")]


@dataclass(frozen=True, eq=False, kw_only=True)
class SimulatedWorld:
    """A simulated town. Columns of every frame are listed in docs/flow.md.

    `addresses`, `directory` and `roll` are public; everything else is the ground truth. `zone` is
    one of centre, houses, hamlet for each address. `quality` compares the simulation with its
    targets, a row each, with the target as baseline. `identity` is a fingerprint of the world that
    every release of it carries, sealed. `brought` is True where likes or pages are the caller's.
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
