"""A map as it stood at several dates: dots appear after a like, and turn grey after a visit."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import pandas as pd

from privaudit.campaign.campaign import Campaign
from privaudit.campaign.plan import moment
from privaudit.campaign.views.dot_map import DotMap
from privaudit.campaign.views.view import View, masked_word
from privaudit.core.checks import error_message, keyword_only, one_of
from privaudit.core.progress import stream
from privaudit.errors import ParameterError
from privaudit.maps.masks.mask import Mask
from privaudit.release.release import DOT_ID, DotRelease
from privaudit.words.catalogues import Note

MASK_LEAVES_NONE = Note("no_dot_left_by_mask")


@keyword_only
@dataclass(frozen=True, kw_only=True)
class DotMapVersions(View[tuple[DotRelease, ...]]):
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

    word = "versions"

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
            raise ParameterError(error_message(who, "two dates or more, in order", came))
        object.__setattr__(self, "at", at)
        one_of(who, "noise", self.noise, ("fresh", "persistent"))
        one_of(who, "shows_id", self.shows_id, (True, False))
        object.__setattr__(self, "popup", DotMap(mask=self.mask, popup=self.popup).popup)

    def __str__(self) -> str:
        return masked_word(self.mask)

    def published(self, campaign: Campaign, *, seed: int) -> tuple[DotRelease, ...]:
        """Publish the map as it stood at each date, oldest first.

        A dot is there from the moment it appeared, red until it is visited and grey from then on.
        """
        number = stream(seed, "versions", "ids").permutation(len(campaign.world.accounts))
        recipe = self.made_from(campaign, seed)
        releases = []
        for version, when in enumerate(self.at):
            # One seed for every version is one move a dot; a seed of its own is a fresh one.
            own = version if self.noise == "fresh" else 0
            moves = int(stream(seed, "versions", "moves", own).integers(2**32))
            whole = DotMap(mask=self.mask, popup=self.popup).published(campaign, seed=moves)
            there = campaign.dots["appeared_at"].to_numpy() <= when
            rng = stream(seed, "versions", "order", version)
            release = as_it_stood(campaign, whole, there, when, rng=rng)
            records = release.records
            if self.shows_id:
                account = release.opened("DotMapVersions")["account"].to_numpy()
                records = records.assign(**{DOT_ID: number[account]})
            notes: tuple[Note, ...] = ()
            if len(release) == 0:
                notes = (MASK_LEAVES_NONE if there.any() else no_dot_yet(campaign, when),)
            told = replace(
                release,
                records=records,
                name=f"{release.name}, {when}",
                notes=notes,
                recipe=recipe | {"view": recipe["view"] | {"version": version}},
            )
            releases.append(told)
        return tuple(releases)


def as_it_stood(
    campaign: Campaign,
    whole: DotRelease,
    shown: np.ndarray,
    when: np.datetime64,
    *,
    rng: np.random.Generator,
) -> DotRelease:
    """Cut a published map down to the dots shown, in the colours that they had at a moment.

    - `shown` (bool, shape (dots,)): Of `campaign.dots`.
    - `rng`: Shuffles the rows anew, so that a row's number says nothing from map to map.
    """
    sources = whole.opened("as_it_stood")
    dots = campaign.dots
    account = campaign.profiles["account"].to_numpy()[dots["profile"].to_numpy()]
    dot = pd.Index(account).get_indexer(sources["account"].to_numpy())
    kept = rng.permutation(np.flatnonzero(np.asarray(shown)[dot]))
    visited = dots["visited_at"].to_numpy()[dot[kept]] <= when  # never true of a NaT
    records = whole.records.iloc[kept].reset_index(drop=True)
    status = pd.Series(np.where(visited, "visited", "to_meet"), dtype="str")
    return replace(
        whole,
        records=records.assign(status=status),
        sources=sources.iloc[kept].reset_index(drop=True),
    )


def dots_at(
    campaign: Campaign, when: np.datetime64 | None, *, seed: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the dots as they stood at a moment, by default that of the plan, and their sources.

    What counts the dots, or draws their heat, shows these; sources are in an order of their own.
    """
    whole = DotMap().published(campaign, seed=seed)
    if when is None:
        return campaign.dots, whole.opened("dots_at")
    there = campaign.dots["appeared_at"].to_numpy() <= when
    rng = stream(seed, "publish", "order at")
    sources = as_it_stood(campaign, whole, there, when, rng=rng).opened("dots_at")
    dots = campaign.dots[there].reset_index(drop=True)
    visited = dots["visited_at"].to_numpy() <= when  # never true of a NaT
    status = pd.Series(np.where(visited, "visited", "to_meet"), dtype="str")
    return dots.assign(status=status), sources


def no_dot_yet(campaign: Campaign, when: np.datetime64) -> Note:
    """Say that a map is empty at a moment because no dot had appeared by then."""
    dots = campaign.dots["appeared_at"].to_numpy()
    if len(dots) == 0:
        return Note("no_dot_at_all", at=str(when))
    return Note("no_dot_yet", at=str(when), first=str(dots.min()))
