"""The profile table as exported."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from privaudit.campaign.campaign import Campaign
from privaudit.campaign.views.view import KEY_COLUMNS, NAME_COLUMNS, View, columns_of, sources_of
from privaudit.columns.roles import Roles
from privaudit.core.checks import keyword_only, one_of
from privaudit.core.progress import stream
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

    word, example, told = "table", "table", ()

    columns: tuple[str, ...] = ("age_band", "sex", "profession", "station")
    names: bool = False
    map_only: bool = False

    def __post_init__(self) -> None:
        chosen = columns_of("TableExport", "columns", self.columns, KEY_COLUMNS)
        object.__setattr__(self, "columns", chosen)
        for name in ("names", "map_only"):
            one_of("TableExport", name, getattr(self, name), (True, False))

    def published(self, campaign: Campaign, *, seed: int) -> TableRelease:
        profiles = campaign.profiles
        if self.map_only:
            profiles = profiles.iloc[campaign.dots["profile"].to_numpy()]
        names = NAME_COLUMNS if self.names else ()
        records = profiles[[*names, *self.columns, "presumed_leaning"]]
        records = records.assign(score_band=score_bands(profiles["score"].to_numpy()).to_numpy())
        order = stream(seed, "publish", "order").permutation(len(profiles))
        return TableRelease(
            records=records.iloc[order].reset_index(drop=True),
            roles=Roles(
                identifier=names, key=self.columns, sensitive=("presumed_leaning", "score_band")
            ),
            name="table export",
            sources=sources_of(campaign, profiles).iloc[order].reset_index(drop=True),
            **self.stamped(campaign, seed),
        )


def score_bands(score: np.ndarray) -> pd.Series:
    """Band of each score, its lower end included and 1 in the last; "" where there is none."""
    known = ~np.isnan(score)
    band = np.full(len(score), "", dtype=object)
    at = np.searchsorted([0.2, 0.4, 0.6, 0.8], score[known], side="right")
    band[known] = np.array(SCORE_BANDS, dtype=object)[at]
    return pd.Series(band, dtype="str")
