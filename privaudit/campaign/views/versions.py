"""`DotMapVersions`: the canvassing map as it stood at several dates."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

from privaudit.campaign.campaign import Campaign
from privaudit.campaign.plan import Moment, check_switches, moment
from privaudit.campaign.publish import View, masked_word
from privaudit.campaign.views.dot_map import DotMap, PopupColumn, as_it_stood, no_dot_yet
from privaudit.core.checks import keyword_only, one_of
from privaudit.core.reproducible import stream
from privaudit.errors import ParameterError
from privaudit.maps.masks.mask import Mask
from privaudit.release.release import DOT_ID, DotRelease
from privaudit.words.catalogues import Note

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
