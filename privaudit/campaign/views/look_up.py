"""`LookUp`: a tool that returns the record of a contact who is registered by name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from privaudit.campaign.campaign import Campaign
from privaudit.campaign.plan import check_switches
from privaudit.campaign.publish import sources_of
from privaudit.core.checks import plain_fields
from privaudit.errors import ParameterError
from privaudit.release.release import API_COLUMNS, SCREEN_COLUMNS, LookUpTool, name_keys
from privaudit.text.names import name_key


@dataclass(frozen=True, kw_only=True)
class LookUp:
    """Answers of the tool to a query by name.

    Parameters
    ----------
    wide : bool
        Whether an answer has all columns of the interface (`API_COLUMNS`), not only those on the
        screen (`SCREEN_COLUMNS`).
    map_only : bool
        Whether only people with a dot are looked up, not all profiles.
    """

    wide: bool = False
    map_only: bool = True

    def __post_init__(self) -> None:
        check_switches(self, "wide", "map_only")

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the columns of an answer."""
        return API_COLUMNS if self.wide else SCREEN_COLUMNS

    def recipe(self) -> dict[str, Any]:
        """Return the parameters as plain JSON values."""
        return {"view": "look-up", **plain_fields(self)}


def open_look_up(campaign: Campaign, view: LookUp | None = None) -> LookUpTool:
    """Return the look-up tool over the profiles of a campaign.

    Parameters
    ----------
    campaign : Campaign
    view : LookUp, optional
        Default: the screen's columns, and people with a dot.

    Returns
    -------
    LookUpTool

    Raises
    ------
    ParameterError
        The campaign has no profile to look up.
    """
    view = view or LookUp()
    profiles = campaign.profiles
    if view.map_only:
        profiles = profiles.iloc[np.unique(campaign.dots["profile"].to_numpy())]
    if len(profiles) == 0:
        needed = "a campaign with a profile"
        raise ParameterError.of("open_look_up", needed, "0 profiles")
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
