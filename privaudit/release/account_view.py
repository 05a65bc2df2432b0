"""What one account of the map sees: all of it, a turf, the nearest dots, or as many as allowed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from privaudit._core.by_name import by_name
from privaudit._core.checks import in_range, one_of, say, whole
from privaudit._core.streams import stream
from privaudit.campaign.access import ROLES, seen_by
from privaudit.campaign.plan import moment
from privaudit.errors import ParameterError
from privaudit.release.masks import Mask
from privaudit.release.profiles_shown import dot_map_release, recipe_of
from privaudit.release.release import Release
from privaudit.release.versions import as_it_stood, no_dot_yet
from privaudit.release.views import DotMap

if TYPE_CHECKING:
    from privaudit.campaign.campaign import Campaign

__all__ = ["AccountView", "account_release"]


@by_name
@dataclass(frozen=True, kw_only=True)
class AccountView:
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
        Where the account says that it is, in metres; nothing stops it from saying anything.
    cap : int, optional
        The tool shows no more dots than that, drawn at random once for the account.
    mask : Mask, optional
    popup : tuple of str
        As in `DotMap`.

    Raises
    ------
    ParameterError
        A volunteer without turf, `nearest` without `position` or the reverse, a number of
        dots under 1, or what `DotMap` refuses. On publishing: the station or the user is not
        there, or the user registers only later.

    Examples
    --------
    >>> AccountView(role="volunteer", station="003", cap=20).cap
    20
    """

    user: int | None = None
    role: str = "public"
    station: str = ""
    at: np.datetime64 | str | None = None
    nearest: int | None = None
    position: tuple[float, float] | None = None
    cap: int | None = None
    mask: Mask | None = None
    popup: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        who = "AccountView"
        one_of(who, "role", self.role, ROLES)
        if self.user is not None:
            whole(who, "user", self.user, 0)
        elif (self.role == "volunteer") != (self.station != ""):
            came = f"role={self.role!r}, station={self.station!r}"
            raise ParameterError(say(who, "a station for a volunteer, and only there", came))
        if self.at is not None:
            object.__setattr__(self, "at", moment(who, "at", self.at))
        for name in ("nearest", "cap"):
            if getattr(self, name) is not None:
                whole(who, name, getattr(self, name), 1)
        if (self.nearest is None) != (self.position is None):
            raise ParameterError(say(who, "nearest and position together", "one of them"))
        if self.position is not None:
            place = tuple(in_range(who, "position", value) for value in self.position)
            if len(place) != 2:
                raise ParameterError(say(who, "position x and y", f"{len(place)} numbers"))
            object.__setattr__(self, "position", place)
        object.__setattr__(self, "popup", DotMap(mask=self.mask, popup=self.popup).popup)

    def recipe(self) -> dict[str, Any]:
        """Return the parameters as plain JSON values."""
        return {
            **DotMap(mask=self.mask, popup=self.popup).recipe(),
            "view": "an account's view",
            "user": self.user,
            "role": self.role,
            "station": self.station,
            "at": None if self.at is None else str(self.at),
            "nearest": self.nearest,
            "position": None if self.position is None else list(self.position),
            "cap": self.cap,
        }


def account_release(campaign: Campaign, view: AccountView, *, seed: int) -> Release:
    """Publish what an account of the map sees, see `publish`.

    The tool sorts by where the dots are, and shows them where the mask puts them.
    """
    when = campaign.plan.as_of if view.at is None else moment("AccountView", "at", view.at)
    role, station = view.role, view.station
    if view.user is not None:
        role, station = _account(campaign, int(view.user), when)
    elif role == "volunteer":
        _check_station(campaign, station)
    shown = seen_by(campaign, role, station, when)
    if view.position is not None:
        apart = np.hypot(*(campaign.dots[["x", "y"]].to_numpy(dtype=float) - view.position).T)
        seen = np.flatnonzero(shown)
        nearest = seen[np.argsort(apart[seen], kind="stable")[: view.nearest]]
        shown = np.isin(np.arange(len(shown)), nearest)
    if view.cap is not None:
        rng = stream(seed, "account view", "cap")
        drawn = rng.permutation(np.flatnonzero(shown))[: view.cap]
        shown = np.isin(np.arange(len(shown)), drawn)
    whole_map = dot_map_release(campaign, DotMap(mask=view.mask, popup=view.popup), seed=seed)
    rng = stream(seed, "account view", "order")
    release = as_it_stood(campaign, whole_map, shown, when, rng=rng)
    name = f"{release.name}, as a {role} account sees it"
    recipe = recipe_of(campaign, view, seed)
    if len(release) == 0:
        recipe["notes"] = [_nobody(campaign, role, when)]
    return replace(release, name=name, recipe=recipe)


def _nobody(campaign: Campaign, role: str, when: np.datetime64) -> str:
    """Say why a view is empty, so that it is not taken for a safe one."""
    restricted = campaign.plan.restricted_at
    dots = campaign.dots["appeared_at"].to_numpy()
    if not (dots <= when).any():
        return no_dot_yet(campaign, when)
    if when >= restricted and role == "public":
        return (
            f"The view shows nobody: the map was closed to the public on {restricted}, and the "
            f"account looks on {when}. Look earlier, or as a volunteer or the team."
        )
    if when >= restricted and role == "volunteer":
        return f"The view shows nobody: no dot of the volunteer's station is there on {when}."
    return "The view shows nobody: the mask leaves no dot."


def _check_station(campaign: Campaign, station: str) -> None:
    """Refuse a station that the town does not have: its turf would be empty, and look safe."""
    known = campaign.world.stations["station"].astype(str).tolist()
    if station not in known:
        do = f"Known are {', '.join(known[:5])}{', ...' if len(known) > 5 else ''}."
        came = f"station={station!r}"
        raise ParameterError(say("AccountView", "a polling station of the town", came, do))


def _account(campaign: Campaign, user: int, when: np.datetime64) -> tuple[str, str]:
    """Role and turf of a user who has registered by then."""
    row = campaign.users[campaign.users["user"].to_numpy() == user]
    if len(row) == 0 or row["registered_at"].to_numpy()[0] > when:
        came = "a later registration" if len(row) else f"user={user}"
        raise ParameterError(say("AccountView", "a user registered by then", came))
    return str(row["role"].iloc[0]), str(row["station"].iloc[0])
