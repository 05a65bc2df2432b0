"""Tables that leave a campaign: `TableExport` of profiles, `PeopleTable` of a canvassing system."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import pandas as pd

from privaudit.campaign.campaign import Campaign
from privaudit.campaign.exports import SYSTEMS, Filled, export_cells
from privaudit.campaign.plan import check_switches, set_choices
from privaudit.campaign.publish import KEY_COLUMNS, NAME_COLUMNS, KeyColumn, View, shuffled
from privaudit.columns.roles import Roles, check_table, known_export, roles_known
from privaudit.core.checks import an_instance, keyword_only, one_of
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

    columns: tuple[KeyColumn, ...] = ("age_band", "sex", "profession", "station")
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


@keyword_only
@dataclass(frozen=True, kw_only=True)
class PeopleTable(View[TableRelease]):
    """The people table of a canvassing system: the headers of its export, most of them empty.

    Parameters
    ----------
    system : {"nationbuilder", "van", "osdi"}
        System whose headers, scales and terms are used: see ``privaudit/columns/systems.toml``.
    filled : Filled
        Shares of it that are filled.

    Raises
    ------
    ParameterError
        An unknown system.

    Examples
    --------
    >>> PeopleTable(system="van").word
    'people'
    """

    word, example, label_fields = "people", "people:nationbuilder", ("system",)

    system: Literal["nationbuilder", "van", "osdi"] = "nationbuilder"
    filled: Filled = field(default_factory=Filled)

    def __post_init__(self) -> None:
        one_of("PeopleTable", "system", self.system, SYSTEMS)
        do = "Write filled=Filled(emails=0.2)."
        an_instance("PeopleTable", "filled", self.filled, Filled, do)

    def published(self, campaign: Campaign, *, seed: int) -> TableRelease:
        """Publish the table as a reader of the export has it."""
        facts, cells = export_cells(campaign, self.system, self.filled, seed=seed)
        records, notes = check_table(cells.mask(cells == ""))
        roles, about_roles = roles_known(records)
        return TableRelease(
            records=records,
            roles=roles,
            notes=(*about_roles, *notes),
            name=f"people table of {known_export(self.system).word}",
            sources=self.sources(campaign, facts),
            **self.stamped(campaign, seed),
        )
