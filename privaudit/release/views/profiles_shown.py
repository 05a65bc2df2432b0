"""What views show of the campaign's profiles, and whom each profile stands for."""

from __future__ import annotations

import pandas as pd

from privaudit.campaign.campaign import Campaign
from privaudit.campaign.canvass import marked_households

__all__ = ["KEY_COLUMNS", "NAME_COLUMNS", "SOURCE_COLUMNS", "sources_of"]

KEY_COLUMNS = ("age_band", "sex", "profession", "interest", "station")
NAME_COLUMNS = ("display_name", "first_name", "last_name")
SOURCE_COLUMNS = ("account", "person", "marked_address", "marked_household")


def sources_of(campaign: Campaign, profiles: pd.DataFrame) -> pd.DataFrame:
    """Return whom each profile stands for, and what the campaign marked for it."""
    account = profiles["account"].to_numpy()
    return pd.DataFrame(
        {
            "account": account,
            "person": campaign.world.accounts["person"].to_numpy()[account],
            "marked_address": profiles["address"].to_numpy(),
            "marked_household": marked_households(campaign.world, profiles),
        }
    )
