"""A map as it stood at several dates: dots appear after a like, and turn grey after a visit."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from privaudit._core.by_name import by_name
from privaudit._core.checks import listed, one_of, say
from privaudit._core.streams import stream
from privaudit.campaign.plan import moment
from privaudit.errors import GeometryError, ParameterError
from privaudit.places.address_base import AddressBase
from privaudit.places.read_addresses import read_addresses
from privaudit.release.masks import Mask
from privaudit.release.profiles_shown import dot_map_release, recipe_of
from privaudit.release.readers import read_map
from privaudit.release.release import Release
from privaudit.release.views import DotMap

if TYPE_CHECKING:
    from privaudit.campaign.campaign import Campaign

__all__ = ["DOT_ID", "DotMapVersions", "as_it_stood", "read_versions", "version_releases"]

DOT_ID = "dot_id"


@by_name
@dataclass(frozen=True, kw_only=True)
class DotMapVersions:
    """The canvassing map, looked at on several dates.

    Parameters
    ----------
    at : sequence of datetime64, or of str in ISO form
        Moments at which somebody keeps a copy, each after the one before.
    mask : Mask, optional
        Moves the dots before they are shown; None shows them where they are.
    noise : {"fresh", "persistent"}
        ``"fresh"``: a dot is moved anew in each version, and averaging finds it.
        ``"persistent"``: the same dot makes the same move in every version.
    popup : tuple of str
        As in `DotMap`.
    shows_id : bool
        Each record carries the number under which the tool knows the dot, ``dot_id``: drawn at
        random, and the same in every version.

    Raises
    ------
    ParameterError
        Fewer than two dates, dates out of order, an unknown noise, or what `DotMap` refuses.

    Examples
    --------
    >>> DotMapVersions(at=("2016-08-26", "2016-09-01")).noise
    'fresh'
    """

    at: tuple[np.datetime64, ...]
    mask: Mask | None = None
    noise: str = "fresh"
    popup: tuple[str, ...] = ()
    shows_id: bool = False

    def __post_init__(self) -> None:
        who = "DotMapVersions"
        several = isinstance(self.at, Iterable) and not isinstance(self.at, str)
        given = tuple(self.at) if several else (self.at,)
        at = tuple(moment(who, "at", when) for when in given)
        if len(at) < 2 or any(later <= earlier for earlier, later in pairwise(at)):
            came = ", ".join(map(str, at)) or "none"
            raise ParameterError(say(who, "two dates or more, in order", came))
        object.__setattr__(self, "at", at)
        one_of(who, "noise", self.noise, ("fresh", "persistent"))
        one_of(who, "shows_id", self.shows_id, (True, False))
        object.__setattr__(self, "popup", DotMap(mask=self.mask, popup=self.popup).popup)

    def recipe(self) -> dict[str, Any]:
        """Return the parameters as plain JSON values."""
        return {
            **DotMap(mask=self.mask, popup=self.popup).recipe(),
            "view": "dot map, versions",
            "at": [str(when) for when in self.at],
            "noise": self.noise,
            "shows_id": self.shows_id,
        }


def as_it_stood(
    campaign: Campaign,
    whole: Release,
    shown: np.ndarray,
    when: np.datetime64,
    *,
    rng: np.random.Generator,
) -> Release:
    """Cut a published map down to the dots shown, in the colours that they had at a moment.

    Parameters
    ----------
    campaign : Campaign
    whole : Release
        A map of all its dots, with its sources.
    shown : ndarray of bool, shape (dots,)
        Of `campaign.dots`.
    when : datetime64
    rng : numpy.random.Generator
        Shuffles the rows anew, so that a row's number says nothing from map to map.

    Returns
    -------
    Release
    """
    assert whole.sources is not None
    dots = campaign.dots
    account = campaign.profiles["account"].to_numpy()[dots["profile"].to_numpy()]
    dot = pd.Index(account).get_indexer(whole.sources["account"].to_numpy())
    kept = rng.permutation(np.flatnonzero(np.asarray(shown)[dot]))
    visited = dots["visited_at"].to_numpy()[dot[kept]] <= when  # never true of a NaT
    records = whole.records.iloc[kept].reset_index(drop=True)
    status = pd.Series(np.where(visited, "visited", "to_meet"), dtype="str")
    return replace(
        whole,
        records=records.assign(status=status),
        sources=whole.sources.iloc[kept].reset_index(drop=True),
    )


def no_dot_yet(campaign: Campaign, when: np.datetime64) -> str:
    """Say that a map is empty at a moment because no dot had appeared by then."""
    dots = campaign.dots["appeared_at"].to_numpy()
    first = f"the first appears on {dots.min()}" if len(dots) else "the campaign has none"
    return f"The view shows nobody: no dot is on the map on {when}, {first}."


def version_releases(campaign: Campaign, view: DotMapVersions, *, seed: int) -> tuple[Release, ...]:
    """Publish the map as it stood at each date, oldest first, see `publish`.

    A dot is there from the moment it appeared, red until it is visited and grey from then on.
    """
    number = stream(seed, "versions", "ids").permutation(len(campaign.world.accounts))
    releases = []
    for version, when in enumerate(view.at):
        # One seed for every version is one move a dot; a seed of its own is a fresh one.
        own = version if view.noise == "fresh" else 0
        moves = int(stream(seed, "versions", "moves", own).integers(2**32))
        whole = dot_map_release(campaign, DotMap(mask=view.mask, popup=view.popup), seed=moves)
        there = campaign.dots["appeared_at"].to_numpy() <= when
        rng = stream(seed, "versions", "order", version)
        release = as_it_stood(campaign, whole, there, when, rng=rng)
        records = release.records
        if view.shows_id:
            assert release.sources is not None
            records = records.assign(**{DOT_ID: number[release.sources["account"].to_numpy()]})
        recipe = recipe_of(campaign, view, seed)
        recipe["view"] = {**recipe["view"], "version": version}
        if len(release) == 0:
            masked = "The view shows nobody: the mask leaves no dot."
            recipe["notes"] = [masked if there.any() else no_dot_yet(campaign, when)]
        name = f"{release.name}, {when}"
        releases.append(replace(release, records=records, name=name, recipe=recipe))
    return tuple(releases)


def read_versions(
    sources: Sequence[str | os.PathLike[str] | pd.DataFrame],
    *,
    addresses: AddressBase | str | os.PathLike[str],
    commune: str | None = None,
    crs: str | None = None,
) -> tuple[Release, ...]:
    """Read the copies that somebody kept of one map, oldest first.

    Parameters
    ----------
    sources : sequence of path or pandas.DataFrame
        Two or more, as for `read_map`, in order of time. Where every copy has a column
        ``dot_id``, the dots of one number are one dot; a column of another name is not read so.
    addresses, commune, crs
        As for `read_map`; the addresses are read once.

    Returns
    -------
    tuple of Release

    Raises
    ------
    ParameterError
        Fewer than two copies.
    GeometryError
        The copies are in two projections: a dot would seem to have moved.
    ReadError, SchemaError
        As `read_map`.

    Examples
    --------
    >>> place = pd.DataFrame({"id": "1", "number": "1", "street": "rue A", "commune": "Bourg",
    ...                       "station": "", "x": [0.0, 40.0], "y": [0.0, 30.0]})
    >>> monday = pd.DataFrame({"x": [12.0], "y": [4.0], "status": ["red"]})
    >>> tuesday = pd.DataFrame({"x": [13.5, 38.0], "y": [3.0, 28.0], "status": ["grey", "red"]})
    >>> [len(copy) for copy in read_versions([monday, tuesday], addresses=AddressBase(place))]
    [1, 2]
    """
    who = "read_versions"
    if isinstance(sources, (str, os.PathLike, pd.DataFrame)):
        sources = [sources]
    sources = listed(who, "sources", sources)
    if len(sources) < 2:
        raise ParameterError(say(who, "a sequence of two copies of a map or more", "fewer"))
    if isinstance(addresses, AddressBase):
        base, within = addresses, commune  # which read_map refuses together
    else:
        base, within = read_addresses(addresses, commune=commune), None
    releases = tuple(read_map(copy, addresses=base, commune=within, crs=crs) for copy in sources)
    found = {str(release.recipe["crs"]): release.name for release in releases}
    if len(found) > 1:
        came = "; ".join(f"{name} in {code}" for code, name in found.items())
        do = "Export every copy in the same projection."
        raise GeometryError(say(who, "copies in one projection", came, do))
    return releases
