"""`AccountView`: the map as one account sees it: all, a turf, the nearest dots, or a cap.

`LookUp`: a tool that returns the record of a contact who is registered by name.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from privaudit.campaign.campaign import ROLES, Campaign, seen_by
from privaudit.campaign.plan import Moment, check_switches, set_moments, set_pairs
from privaudit.campaign.publish import View, masked_word, sources_of
from privaudit.campaign.views.dot_map import (
    MASK_LEAVES_NONE,
    DotMap,
    PopupColumn,
    as_it_stood,
    no_dot_yet,
)
from privaudit.core.checks import an_instance, keyword_only, one_of, plain_fields, whole
from privaudit.core.reproducible import stream
from privaudit.errors import ParameterError
from privaudit.maps.masks.mask import Mask
from privaudit.release.release import API_COLUMNS, SCREEN_COLUMNS, DotRelease, LookUpTool, name_keys
from privaudit.text.normalise import name_key
from privaudit.words.catalogues import Note
from privaudit.words.vocabulary import RoleWord


@keyword_only
@dataclass(frozen=True, kw_only=True)
class AccountView(View[DotRelease]):
    """The map as one account sees it.

    Parameters
    ----------
    user : int, optional
        A row of ``campaign.users``, whose role and turf are taken. Default: `role` and
        `station`.
    role : {"public", "volunteer", "team"}
    station : str
        Turf of a volunteer, one of ``campaign.world.stations["station"]``.
    at : datetime64, or str in ISO form, optional
        When the account looks; default the plan's `as_of`.
    nearest : int, optional
        Only that many dots, those nearest to `position`.
    position : (float, float), optional
        Position that the account claims, in metres; it is not verified.
    cap : int, optional
        Most dots that the tool shows, drawn at random once for each account: an account sees the
        same dots whenever it looks. Without a `user`, all with one role and turf are one account.
    mask : Mask, optional
    popup : tuple of str
        As in `DotMap`.

    Raises
    ------
    ParameterError
        A volunteer without turf, `nearest` without `position` or the reverse, a number of dots
        under 1, or what `DotMap` refuses. On publishing: an unknown station or user, or a user who
        registers later.

    Examples
    --------
    >>> AccountView(role="volunteer", station="003", cap=20).cap
    20
    """

    word = "account"

    user: int | None = None
    role: RoleWord = "public"
    station: str = ""
    at: Moment | None = None
    nearest: int | None = None
    position: tuple[float, float] | None = None
    cap: int | None = None
    mask: Mask | None = None
    popup: tuple[PopupColumn, ...] = ()

    def __post_init__(self) -> None:
        who = "AccountView"
        one_of(who, "role", self.role, ROLES)
        an_instance(who, "station", self.station, str)
        if self.user is not None:
            whole(who, "user", self.user, 0)
        elif (self.role == "volunteer") != (self.station != ""):
            came = f"role={self.role!r}, station={self.station!r}"
            needed = "a station for a volunteer, and only there"
            raise ParameterError.of(who, needed, came)
        if self.at is not None:
            set_moments(self, "at")
        for name in ("nearest", "cap"):
            if getattr(self, name) is not None:
                whole(who, name, getattr(self, name), 1)
        if (self.nearest is None) != (self.position is None):
            raise ParameterError.of(who, "nearest and position together", "one of them")
        if self.position is not None:
            set_pairs(self, "position")
        object.__setattr__(self, "popup", DotMap(mask=self.mask, popup=self.popup).popup)

    def __str__(self) -> str:
        return masked_word(self.mask)

    def published(self, campaign: Campaign, *, seed: int) -> DotRelease:
        """Publish what the account sees.

        Distances are those of the true positions; dots are shown at the masked ones.
        """
        when = campaign.plan.as_of if self.at is None else self.at
        role, station = str(self.role), self.station
        if self.user is not None:
            role, station = _account(campaign, int(self.user), when)
        elif role == "volunteer":
            _check_station(campaign, station)
        account = (role, station) if self.user is None else ("user", str(self.user))
        shown = self._shown(campaign, seen_by(campaign, role, station, when), seed, account)
        whole_map = DotMap(mask=self.mask, popup=self.popup).published(campaign, seed=seed)
        rng = stream(seed, "account view", "order")
        release = as_it_stood(campaign, whole_map, shown, when, rng=rng)
        return replace(
            release,
            name=f"{release.name}, as a {role} account sees it",
            notes=() if len(release) else (_why_empty(campaign, role, when),),
            recipe=self.made_from(campaign, seed),
        )

    def _shown(
        self, campaign: Campaign, shown: np.ndarray, seed: int, account: tuple[str, str]
    ) -> np.ndarray:
        """Restrict the dots that an account may see to the nearest, and to the cap."""
        if self.position is not None:
            apart = np.hypot(*(campaign.dots[["x", "y"]].to_numpy(dtype=float) - self.position).T)
            visible = np.flatnonzero(shown)
            nearest = visible[np.argsort(apart[visible], kind="stable")[: self.nearest]]
            shown = np.isin(np.arange(len(shown)), nearest)
        if self.cap is not None:
            # One order of all dots, so that later dots change the selection little.
            order = stream(seed, "account view", "cap", *account).permutation(len(shown))
            shown = np.isin(np.arange(len(shown)), order[shown[order]][: self.cap])
        return shown


def _why_empty(campaign: Campaign, role: str, when: np.datetime64) -> Note:
    """Return the note why a view is empty, so that it is not taken for a safe one."""
    restricted = campaign.plan.restricted_at
    dots = campaign.dots["appeared_at"].to_numpy()
    if not (dots <= when).any():
        return no_dot_yet(campaign, when)
    if when >= restricted and role == "public":
        return Note("closed_to_public", closed=str(restricted), at=str(when))
    if when >= restricted and role == "volunteer":
        return Note("no_dot_of_station", at=str(when))
    return MASK_LEAVES_NONE


def _check_station(campaign: Campaign, station: str) -> None:
    """Raise an error for a station that the town does not have: an empty turf would look safe."""
    known = campaign.world.stations["station"].astype(str).tolist()
    if station not in known:
        do = f"Known are {', '.join(known[:5])}{', ...' if len(known) > 5 else ''}."
        needed, came = "a polling station of the town", f"station={station!r}"
        raise ParameterError.of("AccountView", needed, came, do)


def _account(campaign: Campaign, user: int, when: np.datetime64) -> tuple[str, str]:
    """Return role and turf of a user who has registered by a moment."""
    row = campaign.users[campaign.users["user"].to_numpy() == user]
    if len(row) == 0 or row["registered_at"].to_numpy()[0] > when:
        came = "a later registration" if len(row) else f"user={user}"
        raise ParameterError.of("AccountView", "a user registered by then", came)
    return str(row["role"].iloc[0]), str(row["station"].iloc[0])


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
