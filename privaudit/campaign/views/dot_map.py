"""`DotMap`: the canvassing map, a dot a profile, and the same as it stood at a moment.

`AccountView`: as one account sees it, all, a turf, the nearest dots, or a cap. `LookUp`: a tool
that returns the record of a contact who is registered by name. `Screenshot`: as a picture.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, Literal, TypeAlias, get_args

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from privaudit.campaign.campaign import ROLES, Campaign, seen_by
from privaudit.campaign.plan import (
    Moment,
    check_switches,
    moment,
    set_choices,
    set_moments,
    set_pairs,
)
from privaudit.campaign.publish import (
    KEY_COLUMNS,
    NAME_COLUMNS,
    SOURCES_FROM,
    View,
    masked_word,
    read_mask,
    shuffled,
    sources_of,
)
from privaudit.columns.roles import Roles
from privaudit.core.checks import an_instance, in_range, keyword_only, one_of, plain_fields, whole
from privaudit.core.declaration import number
from privaudit.core.reproducible import stream
from privaudit.errors import GeometryError, ParameterError
from privaudit.maps.masks.mask import Mask, no_mask
from privaudit.release.release import (
    API_COLUMNS,
    DOT_ID,
    SCREEN_COLUMNS,
    DotRelease,
    Georeference,
    LookUpTool,
    Picture,
    PictureRelease,
    name_keys,
    zoom_resolution,
)
from privaudit.screenshots.open_picture import draw_ground, open_share, paint
from privaudit.text.normalise import name_key
from privaudit.words.catalogues import Note
from privaudit.words.vocabulary import RoleWord

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


RED, GREY = (214, 39, 40), (128, 128, 128)
# Most pixels of a picture: about 200 MB while it is drawn.
MOST_PIXELS = 50_000_000


@keyword_only
@dataclass(frozen=True, kw_only=True)
class Screenshot(View[PictureRelease]):
    """A picture of the dot map: round marks, grey for visited, red above them for those to meet.

    Parameters
    ----------
    metres_per_pixel : float, optional
        Above 0. Give it or `zoom`, not both.
    zoom : float, optional
        Of a web map, 0 to 24, at `latitude` degrees.
    latitude : float
    dot_radius : float
        Pixels, 1 to 50.
    antialias : bool
        Soft edges: the colour of a pixel is mixed by the share of its area that dots cover.
    basemap : {"plain", "streets"}
        White, or pale blocks, streets, a main road and a river.
    margin : int
        Pixels around the outermost dots, 0 or more.
    mask : Mask, optional
        Moves the dots before they are drawn.
    jpeg_quality : int, optional
        JPEG quality of the published picture, 1 to 95. None: a PNG, without loss.
    tells_place : bool
        Whether the published picture is georeferenced, as with coordinates or a scale. Otherwise it
        must be registered to addresses.

    Raises
    ------
    ParameterError
        A value is out of range, or both or none of `metres_per_pixel` and `zoom` are given.

    Examples
    --------
    >>> picture = Screenshot(metres_per_pixel=2, margin=10)([[0, 0], [100, 40]], [True, False])
    >>> picture.image.shape, picture.image[30, 10].tolist(), picture.image[10, 60].tolist()
    ((41, 71, 3), [214, 39, 40], [128, 128, 128])
    >>> round(Screenshot(zoom=15).step, 2)
    3.15
    """

    word, example = "screenshot", "screenshot:3:exact"

    metres_per_pixel: float | None = None
    zoom: float | None = None
    latitude: float = 48.8
    dot_radius: float = 4.0
    antialias: bool = True
    basemap: Literal["plain", "streets"] = "plain"
    margin: int = 20
    mask: Mask | None = None
    jpeg_quality: int | None = None
    tells_place: bool = True

    def __post_init__(self) -> None:
        who = "Screenshot"
        if (self.metres_per_pixel is None) == (self.zoom is None):
            came = "both" if self.zoom is not None else "none"
            raise ParameterError.of(who, "either metres_per_pixel or zoom", came)
        if self.zoom is None:
            in_range(who, "metres_per_pixel", self.metres_per_pixel, 0, open_low=True)
        else:
            in_range(who, "zoom", self.zoom, 0, 24)
        in_range(who, "latitude", self.latitude, -85, 85)
        in_range(who, "dot_radius", self.dot_radius, 1, 50)
        one_of(who, "basemap", self.basemap, ("plain", "streets"))
        whole(who, "margin", self.margin, 0)
        if self.jpeg_quality is not None:
            whole(who, "jpeg_quality", self.jpeg_quality, 1, 95)
        check_switches(self, "antialias", "tells_place")
        DotMap(mask=self.mask)  # checks the mask

    @property
    def step(self) -> float:
        """Return the metres a pixel."""
        if self.metres_per_pixel is not None:
            return float(self.metres_per_pixel)
        return zoom_resolution(self.zoom or 0, self.latitude)

    def __call__(self, points: ArrayLike, red: ArrayLike) -> Picture:
        """Draw a map.

        Parameters
        ----------
        points : array_like of float, shape (n, 2)
            Positions of dots, metres.
        red : array_like of bool, shape (n,)
            Whether each dot is red, not grey.

        Returns
        -------
        Picture

        Raises
        ------
        GeometryError
            No dot, a missing position, or too many pixels.
        """
        xy = np.asarray(points, float).reshape(-1, 2)
        is_red = np.asarray(red, bool).reshape(-1)
        if len(xy) == 0 or not np.isfinite(xy).all():
            came = "none" if len(xy) == 0 else "a missing position"
            raise GeometryError.of("Screenshot", "dots with finite x and y", came)
        if len(is_red) != len(xy):
            came = f"{len(is_red)} colours for {len(xy)} dots"
            raise ParameterError.of("Screenshot", "one colour a dot", came)
        step = self.step
        low, high = xy.min(axis=0), xy.max(axis=0)
        # One pixel more than the span, so that the last dot's own pixel is there.
        width, height = (int(n) + 2 * self.margin + 1 for n in np.floor((high - low) / step))
        if width * height > MOST_PIXELS:
            needed = f"at most {MOST_PIXELS:,} pixels"
            do = "Take more metres a pixel, or fewer communes."
            raise GeometryError.of("Screenshot", needed, f"{width:,} x {height:,}", do)
        west, north = low[0] - self.margin * step, high[1] + self.margin * step
        place = Georeference(np.array([[step, 0, west], [0, -step, north]]))
        image = draw_ground(height, width, self.basemap)
        pixels = place.to_pixels(xy)
        for chosen, colour in ((~is_red, GREY), (is_red, RED)):
            clear = open_share(
                pixels[chosen], height, width, radius=self.dot_radius, antialias=self.antialias
            )
            paint(image, clear, colour)
        return Picture(image, place)

    def __str__(self) -> str:
        scale = f"zoom{number(self.zoom)}" if self.zoom is not None else number(self.step)
        return f"{self.word}:{scale}:{masked_word(self.mask)}"

    @classmethod
    def takes(cls, values: Sequence[str]) -> bool:
        """Return whether a scale and the label of a mask follow the word."""
        return len(values) >= 2

    @classmethod
    def read(cls, values: Sequence[str]) -> Screenshot:
        """Make a view from metres a pixel (or ``zoom15``) and the label of its mask."""
        name = "zoom" if values[0].startswith("zoom") else "metres_per_pixel"
        scale = cls._value(name, float, values[0].removeprefix("zoom"))
        return cls(mask=read_mask(values[1:]), **{name: scale})

    def published(self, campaign: Campaign, *, seed: int) -> PictureRelease:
        """Draw the dots and publish the picture; sources have the pixel of each dot."""
        shown = DotMap(mask=self.mask).published(campaign, seed=seed)
        if len(shown) == 0:
            needed = "a map that shows a dot"
            raise GeometryError.of("Screenshot", needed, "none to draw")
        points = shown.records[["x", "y"]].to_numpy(dtype=float)
        picture = self(points, shown.records["status"].to_numpy(dtype=str) == "to_meet")
        assert picture.georeference is not None
        column, row = picture.georeference.to_pixels(points).T
        if not self.tells_place:
            picture = Picture(picture.image, None)
        if self.jpeg_quality is not None:
            picture = picture.compressed(self.jpeg_quality)
        return PictureRelease(
            records=pd.DataFrame(index=pd.RangeIndex(0)),
            roles=Roles(),
            name="screenshot",
            set_aside=shown.set_aside,
            picture=picture,
            sources=shown.opened("Screenshot").assign(column=column, row=row),
            **self.stamped(campaign, seed),
        )
