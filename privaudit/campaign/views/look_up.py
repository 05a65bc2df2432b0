"""A tool that answers by name: register a contact called so, and its record comes back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from privaudit.campaign.campaign import Campaign
from privaudit.campaign.views.view import sources_of
from privaudit.core.checks import error_message, one_of, plain_fields
from privaudit.errors import ParameterError
from privaudit.release.release import API_COLUMNS, SCREEN_COLUMNS, LookUpTool, name_keys
from privaudit.text.names import name_key


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


def open_look_up(campaign: Campaign, view: LookUp | None = None) -> LookUpTool:
    """Open the file of a campaign to whoever registers a contact.

    - `view`: The screen's columns, and people who have a dot, where not given.
    """
    view = view or LookUp()
    profiles = campaign.profiles
    if view.map_only:
        profiles = profiles.iloc[np.unique(campaign.dots["profile"].to_numpy())]
    if len(profiles) == 0:
        raise ParameterError(
            error_message("open_look_up", "a campaign with a profile", "0 profiles")
        )
    key = name_keys(profiles)
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
