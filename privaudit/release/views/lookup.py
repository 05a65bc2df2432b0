"""A tool that answers by name: register a contact called so, and its record comes back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from privaudit._core.by_name import plain_fields
from privaudit._core.checks import columns_present, one_of, say
from privaudit.campaign.campaign import Campaign
from privaudit.campaign.civil_names import name_key
from privaudit.campaign.leaning import LabelsChecked
from privaudit.errors import ParameterError
from privaudit.release.views.profiles_shown import sources_of

__all__ = ["API_COLUMNS", "SCREEN_COLUMNS", "LookUp", "LookUpTool", "open_look_up"]

# What a canvasser is shown of a contact, and what the programme behind the screen sends.
SCREEN_COLUMNS = ("first_name", "last_name", "address", "presumed_leaning")
API_COLUMNS = (
    *SCREEN_COLUMNS, "display_name", "age_band", "sex", "profession", "interest", "station",
    "side_interactions", "first_seen", "score", "candidates", "match_probability",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class LookUp:
    """How the tool answers somebody who registers a contact by name.

    - `wide`: The answer holds all that the interface sends (`API_COLUMNS`), not only what the
      screen shows (`SCREEN_COLUMNS`).
    - `map_only`: Only people who have a dot are in the file that is looked up; False for all
      profiles.
    """

    wide: bool = False
    map_only: bool = True

    def __post_init__(self) -> None:
        for name in ("wide", "map_only"):
            one_of("LookUp", name, getattr(self, name), (True, False))

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns of an answer."""
        return API_COLUMNS if self.wide else SCREEN_COLUMNS

    def recipe(self) -> dict[str, Any]:
        """Return the parameters as plain JSON values."""
        return {"view": "look-up", **plain_fields(self)}


@dataclass(frozen=True, eq=False, kw_only=True)
class LookUpTool:
    """What answers. It can be asked by name, and not listed.

    - `columns`: What an answer holds; ``address`` is the row of the public addresses, -1 unknown.
    - `sources`: Sealed. Whom each record stands for, as in `Release`; None once leaked.
    - `labels_checked`: As in `Release`.
    """

    columns: tuple[str, ...]
    sources: pd.DataFrame | None = None
    provenance: str = "simulated"
    labels_checked: LabelsChecked | None = None
    recipe: Mapping[str, Any] = field(default_factory=dict)
    # The file behind the tool: one row a record, its key first.
    _file: pd.DataFrame = field(repr=False, kw_only=True)

    def __len__(self) -> int:
        return len(self._file)

    def __repr__(self) -> str:
        return f"LookUpTool({len(self):,} records, {self.provenance}, {', '.join(self.columns)})"

    @property
    def sealed(self) -> bool:
        """Whether it still holds what only a judge may know, and no attack."""
        return self.sources is not None

    def as_leaked(self) -> LookUpTool:
        """Return the tool as a stranger meets it: no sources, no recipe."""
        return replace(self, sources=None, recipe={})

    def ask(self, names: pd.DataFrame) -> pd.DataFrame:
        """Register one contact a row, and return what comes back.

        Names agree when their letters do, accents, case, hyphens and particles aside
        (`name_key`): with the name that the tool matched, or, where it matched none, with the
        one that the account shows.

        - `names`: Columns first_name, last_name.
        - returns: One row an answer: ``asked`` (position in `names`), ``record`` (a number of the
          tool's own, the same whenever that record comes back), then `columns`.
        """
        columns_present("ask", "column", ("first_name", "last_name"), names.columns, "the names")
        asked = pd.DataFrame({"asked": np.arange(len(names), dtype=np.int64), "key": _keys(names)})
        found = asked[asked["key"] != ""].merge(self._file, on="key", validate="many_to_many")
        found = found.sort_values(["asked", "record"], ignore_index=True)
        return found[["asked", "record", *self.columns]]


def open_look_up(campaign: Campaign, view: LookUp | None = None) -> LookUpTool:
    """Open the file of a campaign to whoever registers a contact.

    - `view`: The screen's columns, and people who have a dot, where not given.
    """
    view = view or LookUp()
    profiles = campaign.profiles
    if view.map_only:
        profiles = profiles.iloc[np.unique(campaign.dots["profile"].to_numpy())]
    if len(profiles) == 0:
        raise ParameterError(say("open_look_up", "a campaign with a profile", "0 profiles"))
    key = _keys(profiles)
    shown = pd.Series([name_key(name) for name in profiles["display_name"]], dtype="str")
    file = profiles[list(API_COLUMNS)].reset_index(drop=True)
    file = file.assign(
        key=key.where(key != "", shown), record=np.arange(len(profiles), dtype=np.int64)
    )
    return LookUpTool(
        columns=view.columns,
        sources=sources_of(campaign, profiles),
        labels_checked=campaign.labels_checked,
        recipe={"stage": "look-up", "view": view.recipe(), "campaign": dict(campaign.recipe)},
        _file=file,
    )


def _keys(names: pd.DataFrame) -> pd.Series:
    """Key of each first and last name, "" where one of them is missing."""
    pairs = zip(names["first_name"].fillna(""), names["last_name"].fillna(""), strict=True)
    return pd.Series([name_key(f"{a} {b}") if a and b else "" for a, b in pairs], dtype="str")
