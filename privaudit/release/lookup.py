"""A tool that answers by name: register a contact called so, and its record comes back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from privaudit._core.checks import columns_present, one_of, say
from privaudit.campaign.canvass import marked_households
from privaudit.campaign.civil_names import name_key
from privaudit.errors import ParameterError

if TYPE_CHECKING:
    from privaudit.campaign.campaign import Campaign

__all__ = ["API_COLUMNS", "SCREEN_COLUMNS", "LookUp", "LookUpTool", "open_look_up"]

# What a canvasser is shown of a contact, and what the programme behind the screen sends.
SCREEN_COLUMNS = ("first_name", "last_name", "address", "presumed_leaning")
API_COLUMNS = (
    *SCREEN_COLUMNS,
    "display_name",
    "age_band",
    "sex",
    "profession",
    "interest",
    "station",
    "side_interactions",
    "first_seen",
    "score",
    "candidates",
)


@dataclass(frozen=True, kw_only=True)
class LookUp:
    """How the tool answers somebody who registers a contact by name.

    Parameters
    ----------
    wide : bool
        The answer holds all that the interface sends (`API_COLUMNS`), not only what the
        screen shows (`SCREEN_COLUMNS`).
    map_only : bool
        Only people who have a dot are in the file that is looked up; False for all profiles.

    Raises
    ------
    ParameterError
        A switch that is not True or False.

    Examples
    --------
    >>> len(LookUp(wide=True).columns) - len(LookUp().columns)
    10
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
        return {"view": "look-up", "wide": self.wide, "map_only": self.map_only}


@dataclass(frozen=True, eq=False, kw_only=True)
class LookUpTool:
    """What answers. It can be asked by name, and not listed.

    Parameters
    ----------
    columns : tuple of str
        What an answer holds; ``address`` is the row of the public addresses, -1 unknown.
    sources : pandas.DataFrame, optional
        Sealed. Whom each record stands for, as in `Release`; None once leaked.
    provenance : {"simulated"}
    recipe : mapping
        Taken away from what an attack sees.
    """

    columns: tuple[str, ...]
    sources: pd.DataFrame | None = None
    provenance: str = "simulated"
    recipe: Mapping[str, Any] = field(default_factory=dict)
    # The file behind the tool: one row a record, its key first.
    _file: pd.DataFrame = field(repr=False, kw_only=True)

    def __len__(self) -> int:
        return len(self._file)

    def __repr__(self) -> str:
        return f"LookUpTool({len(self):,} records, {self.provenance}, {', '.join(self.columns)})"

    def as_leaked(self) -> LookUpTool:
        """Return the tool as a stranger meets it: no sources, no recipe."""
        return replace(self, sources=None, recipe={})

    def ask(self, names: pd.DataFrame) -> pd.DataFrame:
        """Register one contact a row, and return what comes back.

        Names agree when their letters do, accents, case, hyphens and particles aside
        (`name_key`): with the name that the tool matched, or, where it matched none, with the
        one that the account shows.

        Parameters
        ----------
        names : pandas.DataFrame
            Columns first_name, last_name.

        Returns
        -------
        pandas.DataFrame
            One row an answer: ``asked`` (position in `names`), ``record`` (a number of the
            tool's own, the same whenever that record comes back), then `columns`.

        Raises
        ------
        SchemaError
            A name column is missing.
        """
        columns_present("ask", "column", ("first_name", "last_name"), names.columns, "the names")
        asked = pd.DataFrame({"asked": np.arange(len(names), dtype=np.int64), "key": _keys(names)})
        found = asked[asked["key"] != ""].merge(self._file, on="key", validate="many_to_many")
        found = found.sort_values(["asked", "record"], ignore_index=True)
        return found[["asked", "record", *self.columns]]


def open_look_up(campaign: Campaign, view: LookUp | None = None) -> LookUpTool:
    """Open the file of a campaign to whoever registers a contact.

    Parameters
    ----------
    campaign : Campaign
    view : LookUp, optional
        The screen's columns, and people who have a dot, where not given.

    Returns
    -------
    LookUpTool

    Raises
    ------
    ParameterError
        There is no profile to look up.
    """
    view = view or LookUp()
    profiles = campaign.profiles
    if view.map_only:
        profiles = profiles.iloc[np.unique(campaign.dots["profile"].to_numpy())]
    if len(profiles) == 0:
        raise ParameterError(say("open_look_up", "a campaign with a profile", "0 profiles"))
    account = profiles["account"].to_numpy()
    key = _keys(profiles)
    shown = pd.Series([name_key(name) for name in profiles["display_name"]], dtype="str")
    file = profiles[list(API_COLUMNS)].reset_index(drop=True)
    file = file.assign(
        key=key.where(key != "", shown), record=np.arange(len(profiles), dtype=np.int64)
    )
    sources = pd.DataFrame(
        {
            "account": account,
            "person": campaign.world.accounts["person"].to_numpy()[account],
            "marked_address": profiles["address"].to_numpy(),
            "marked_household": marked_households(campaign.world, profiles),
        }
    )
    return LookUpTool(
        columns=view.columns,
        sources=sources,
        recipe={"stage": "look-up", "view": view.recipe(), "campaign": dict(campaign.recipe)},
        _file=file,
    )


def _keys(names: pd.DataFrame) -> pd.Series:
    """Key of each first and last name, "" where one of them is missing."""
    pairs = zip(names["first_name"].fillna(""), names["last_name"].fillna(""), strict=True)
    return pd.Series([name_key(f"{a} {b}") if a and b else "" for a, b in pairs], dtype="str")
