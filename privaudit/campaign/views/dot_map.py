"""`DotMap`: the canvassing map, a dot a profile, and the same as it stood at a moment."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, Literal, TypeAlias, get_args

import numpy as np
import pandas as pd

from privaudit.campaign.campaign import Campaign
from privaudit.campaign.plan import Moment, check_switches, moment, set_choices
from privaudit.campaign.publish import (
    KEY_COLUMNS,
    NAME_COLUMNS,
    SOURCES_FROM,
    View,
    masked_word,
    read_mask,
    shuffled,
)
from privaudit.columns.roles import Roles
from privaudit.core.checks import keyword_only, one_of
from privaudit.core.reproducible import stream
from privaudit.errors import ParameterError
from privaudit.maps.masks.mask import Mask, no_mask
from privaudit.release.release import DOT_ID, DotRelease
from privaudit.words.catalogues import Note

PopupColumn: TypeAlias = Literal[
    "age_band", "sex", "profession", "interest", "first_name", "last_name", "match_probability",
    "visited_at", "volunteer",
]  # fmt: skip
_POPUP = get_args(PopupColumn)
# What the log of visits says of a dot, beside its profile.
_VISITS = ("visited_at", "volunteer")


@keyword_only
@dataclass(frozen=True, kw_only=True)
class DotMap(View[DotRelease]):
    """The canvassing map: a dot a profile with its status and presumed leaning.

    Parameters
    ----------
    mask : Mask, optional
        Moves the dots before they are shown; None shows them where they are.
    popup : tuple of str
        What a click on a dot shows besides, among age_band, sex, profession, interest,
        first_name, last_name, match_probability, visited_at (NaT where not yet) and volunteer
        (who canvasses the dot).

    Raises
    ------
    ParameterError
        A mask that is not one, an unknown column, or one asked for twice.

    Examples
    --------
    >>> DotMap(popup=("sex", "first_name"))
    DotMap(mask=None, popup=('sex', 'first_name'))
    """

    word, example = "dots", "donut:50:200"

    mask: Mask | None = None
    popup: tuple[PopupColumn, ...] = ()

    def __post_init__(self) -> None:
        if self.mask is not None and not isinstance(self.mask, Mask):
            needed = "mask a mask such as Donut(r_min=50, r_max=200), or None"
            raise no_mask("DotMap", needed, self.mask)
        set_choices(self, "popup", allowed=_POPUP)

    def __str__(self) -> str:
        return masked_word(self.mask)

    @classmethod
    def read(cls, values: Sequence[str]) -> DotMap:
        """Make a view from the label of its mask."""
        return cls(mask=read_mask(values))

    def published(self, campaign: Campaign, *, seed: int) -> DotRelease:
        """Publish the map of all dots; those that the mask suppresses are set aside."""
        shown = {"presumed_leaning", *self.popup}.difference(_VISITS)
        columns = dict.fromkeys((*SOURCES_FROM, *sorted(shown)))
        dots = campaign.dots
        points = dots[["x", "y"]].to_numpy(dtype=float)
        if self.mask is not None:
            placed = self.mask.on(campaign.world.addresses)
            points = placed(points, rng=stream(seed, "publish", "mask"))
        order = shuffled(len(dots), seed)
        order = order[~np.isnan(points[order, 0])]
        lost = len(dots) - len(order)
        profiles = campaign.profiles[[*columns]].iloc[dots["profile"].to_numpy()[order]]
        return DotRelease(
            records=self._records(campaign, points, profiles, order),
            roles=Roles(
                identifier=tuple(c for c in self.popup if c in NAME_COLUMNS),
                key=tuple(c for c in self.popup if c in KEY_COLUMNS),
                sensitive=("presumed_leaning",),
                location=("x", "y"),
            ),
            name="dot map, exact" if self.mask is None else "dot map, masked",
            set_aside={Note("suppressed_by_the_mask"): lost} if lost else {},
            sources=self.sources(campaign, profiles),
            **self.stamped(campaign, seed),
        )

    def _records(
        self, campaign: Campaign, points: np.ndarray, profiles: pd.DataFrame, order: np.ndarray
    ) -> pd.DataFrame:
        """Return the records of the map, one a dot, in this order of dots."""
        dots, shown = campaign.dots, points[order]
        beside = [name for name in self.popup if name not in _VISITS]
        texts = {
            "status": dots["status"].iloc[order],
            "presumed_leaning": profiles["presumed_leaning"],
        }
        columns: dict[str, Any] = {
            "x": shown[:, 0],
            "y": shown[:, 1],
            **{name: one.astype("str").array for name, one in texts.items()},
            **{name: profiles[name].array for name in beside},
        }
        if "visited_at" in self.popup:
            columns["visited_at"] = dots["visited_at"].to_numpy()[order]
        if "volunteer" in self.popup:
            columns["volunteer"] = pd.Series(campaign.canvassers()[order], dtype="str")
        return pd.DataFrame(columns)


def as_it_stood(
    campaign: Campaign,
    whole: DotRelease,
    shown: np.ndarray,
    when: np.datetime64,
    *,
    rng: np.random.Generator,
) -> DotRelease:
    """Restrict a published map to some dots, with the status that they had at a moment.

    Parameters
    ----------
    campaign : Campaign
    whole : DotRelease
    shown : ndarray of bool, shape (dots,)
        Which of `campaign.dots` are shown.
    when : datetime64
    rng : numpy.random.Generator
        Shuffles the rows anew, so that row numbers do not link maps.

    Returns
    -------
    DotRelease
    """
    sources = whole.opened("as_it_stood")
    dots = campaign.dots
    account = campaign.profiles["account"].to_numpy()[dots["profile"].to_numpy()]
    dot = pd.Index(account).get_indexer(sources["account"].to_numpy())
    rows = rng.permutation(np.flatnonzero(np.asarray(shown)[dot]))
    records = whole.records.iloc[rows].reset_index(drop=True)
    return replace(
        whole,
        records=records.assign(status=_status(dots.iloc[dot[rows]], when)),
        sources=sources.iloc[rows].reset_index(drop=True),
    )


def dots_at(
    campaign: Campaign, when: np.datetime64 | None, *, seed: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the dots as they stood at a moment, by default that of the plan, and their sources.

    Sources are in an order of their own. Counts and heat maps are made of these dots.

    Parameters
    ----------
    campaign : Campaign
    when : datetime64, optional
        Moment of the map.
    seed : int
        0 or more.

    Returns
    -------
    tuple of pandas.DataFrame
    """
    whole = DotMap().published(campaign, seed=seed)
    if when is None:
        return campaign.dots, whole.opened("dots_at")
    there = campaign.dots["appeared_at"].to_numpy() <= when
    rng = stream(seed, "publish", "order at")
    sources = as_it_stood(campaign, whole, there, when, rng=rng).opened("dots_at")
    dots = campaign.dots[there].reset_index(drop=True)
    return dots.assign(status=_status(dots, when)), sources


def _status(dots: pd.DataFrame, when: np.datetime64) -> pd.Series:
    """Return the status of dots at a moment."""
    visited = dots["visited_at"].to_numpy() <= when  # False for NaT
    return pd.Series(np.where(visited, "visited", "to_meet"), dtype="str")


def no_dot_yet(campaign: Campaign, when: np.datetime64) -> Note:
    """Return the note that no dot had appeared by a moment.

    Parameters
    ----------
    campaign : Campaign
    when : datetime64
        Moment of the map.

    Returns
    -------
    Note
    """
    dots = campaign.dots["appeared_at"].to_numpy()
    if len(dots) == 0:
        return Note("no_dot_at_all", at=str(when))
    return Note("no_dot_yet", at=str(when), first=str(dots.min()))


MASK_LEAVES_NONE = Note("no_dot_left_by_mask")


@keyword_only
@dataclass(frozen=True, kw_only=True)
class DotMapVersions(View[tuple[DotRelease, ...]]):
    """The canvassing map as it stood at several dates.

    A dot appears after a like and turns grey after a visit.

    Parameters
    ----------
    at : sequence of datetime64, or of str in ISO form
        Moments of the copies, in order.
    mask : Mask, optional
        Moves the dots before they are shown; None shows them where they are.
    noise : {"fresh", "persistent"}
        ``"fresh"``: the noise is drawn anew in each version, so that averaging reduces it.
        ``"persistent"``: the same dot has the same noise in every version.
    popup : tuple of str
        As in `DotMap`.
    shows_id : bool
        Whether each record has the tool's number of the dot, ``dot_id``: drawn at random, and the
        same in every version.

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

    at: Sequence[Moment]
    mask: Mask | None = None
    noise: Literal["fresh", "persistent"] = "fresh"
    popup: tuple[PopupColumn, ...] = ()
    shows_id: bool = False

    def __post_init__(self) -> None:
        who = "DotMapVersions"
        several = isinstance(self.at, Iterable) and not isinstance(self.at, str)
        given = tuple(self.at) if several else (self.at,)
        at = tuple(moment(who, "at", when) for when in given)
        if len(at) < 2 or any(later <= earlier for earlier, later in pairwise(at)):
            came = ", ".join(map(str, at)) or "none"
            raise ParameterError.of(who, "two dates or more, in order", came)
        object.__setattr__(self, "at", at)
        one_of(who, "noise", self.noise, ("fresh", "persistent"))
        check_switches(self, "shows_id")
        object.__setattr__(self, "popup", DotMap(mask=self.mask, popup=self.popup).popup)

    def __str__(self) -> str:
        return masked_word(self.mask)

    def published(self, campaign: Campaign, *, seed: int) -> tuple[DotRelease, ...]:
        """Publish the map as it stood at each date, oldest first.

        A dot is shown from the moment it appeared, red until it is visited and grey from then on.
        """
        number = stream(seed, "versions", "ids").permutation(len(campaign.world.accounts))
        recipe = self.made_from(campaign, seed)
        releases = []
        for version, when in enumerate(self.at):
            # The same seed for every version gives persistent noise.
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
            made = recipe | {"view": recipe["view"] | {"version": version}}
            name = f"{release.name}, {when}"
            releases.append(replace(release, records=records, name=name, notes=notes, recipe=made))
        return tuple(releases)
