"""`TableExport`: the profile table as a file."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from privaudit.campaign.campaign import Campaign
from privaudit.campaign.plan import check_switches, set_choices
from privaudit.campaign.publish import KEY_COLUMNS, NAME_COLUMNS, View, shuffled
from privaudit.columns.roles import Roles
from privaudit.core.checks import keyword_only
from privaudit.release.release import TableRelease

SCORE_BANDS = ("0.0-0.2", "0.2-0.4", "0.4-0.6", "0.6-0.8", "0.8-1.0")


@keyword_only
@dataclass(frozen=True, kw_only=True)
class TableExport(View[TableRelease]):
    """The profile table as exported: key variables, presumed leaning, score in five bands.

    Parameters
    ----------
    columns : tuple of str
        Key variables, among age_band, sex, profession, interest, station.
    names : bool
        Export display_name, first_name and last_name too.
    map_only : bool
        Export only the profiles that have a dot, instead of all.

    Raises
    ------
    ParameterError
        An unknown column, one asked for twice, or a switch that is not True or False.

    Examples
    --------
    >>> TableExport(columns=("age_band", "sex")).names
    False
    """

    word, example, label_fields = "table", "table", ()

    columns: tuple[str, ...] = ("age_band", "sex", "profession", "station")
    names: bool = False
    map_only: bool = False

    def __post_init__(self) -> None:
        set_choices(self, "columns", allowed=KEY_COLUMNS)
        check_switches(self, "names", "map_only")

    def published(self, campaign: Campaign, *, seed: int) -> TableRelease:
        """Publish the table."""
        profiles = campaign.profiles
        if self.map_only:
            profiles = profiles.iloc[campaign.dots["profile"].to_numpy()]
        profiles = profiles.iloc[shuffled(len(profiles), seed)].reset_index(drop=True)
        profiles = profiles.assign(score_band=score_bands(profiles["score"].to_numpy()))
        names, sensitive = NAME_COLUMNS if self.names else (), ("presumed_leaning", "score_band")
        return TableRelease(
            records=profiles[[*names, *self.columns, *sensitive]],
            roles=Roles(identifier=names, key=self.columns, sensitive=sensitive),
            name="table export",
            sources=self.sources(campaign, profiles),
            **self.stamped(campaign, seed),
        )


def score_bands(score: np.ndarray) -> pd.Series:
    """Return the band of each score, closed below, the last also above; "" without a score."""
    band = np.searchsorted([0.2, 0.4, 0.6, 0.8], score, side="right")
    named = np.where(np.isnan(score), "", np.array(SCORE_BANDS)[band])
    return pd.Series(named, dtype="str")
