"""The social network of a town: accounts, pages, and what is done with them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from privaudit._core.arrays import Ints
from privaudit._core.cache import fingerprint
from privaudit._core.streams import stream
from privaudit.simulation.accounts import draw_accounts
from privaudit.simulation.interactions import (
    Acts,
    draw_candidate_acts,
    draw_ordinary_acts,
    draw_political_likes,
)
from privaudit.simulation.own_frames import own_acts, own_pages
from privaudit.simulation.pages import Pages, draw_pages, of_candidate, zipf_shares
from privaudit.simulation.tastes import Meetings, Tastes, draw_traits
from privaudit.simulation.town import Town

__all__ = ["Brought", "Members", "draw_members", "draw_network"]

_READ = ("account", "page", "kind", "time", "side", "topic")


@dataclass(frozen=True, eq=False)
class Brought:
    """Interactions and pages that somebody brings along, or None."""

    interactions: pd.DataFrame | None = None
    pages: pd.DataFrame | None = None

    def recipe(self) -> dict[str, Any]:
        """Say how many rows they have, and their fingerprint."""
        given = {"interactions": self.interactions, "pages": self.pages}
        return {name: _said(frame) for name, frame in given.items()}


def _said(frame: pd.DataFrame | None) -> dict[str, Any] | None:
    """Rows and fingerprint of the columns that are read, whatever types they are of."""
    if frame is None:
        return None
    read = [name for name in _READ if name in frame.columns]
    plain = pd.DataFrame({name: frame[name].astype("str").array for name in read})
    return {"rows": len(frame), "fingerprint": fingerprint(plain)}


@dataclass(frozen=True, eq=False)
class Members:
    """Accounts; `also`, the second person behind each, or -1; `partner` of each person, or -1."""

    accounts: pd.DataFrame
    also: Ints
    partner: Ints


def draw_members(
    people: pd.DataFrame, households: pd.DataFrame, town: Town, *, seed: int
) -> Members:
    """Draw who has an account."""
    partner = _partners(people, households)
    rng = stream(seed, "accounts")
    accounts, also = draw_accounts(people, town, partner=partner, rng=rng)
    return Members(accounts, also, partner)


def draw_network(
    town: Town,
    people: pd.DataFrame,
    members: Members,
    *,
    brought: Brought,
    ordinary: bool,
    workers: int,
    seed: int,
) -> tuple[Pages, Acts]:
    """Draw pages and what accounts do with them, or take what somebody brings.

    Brought interactions stand for all that accounts do, candidates too where one of them has a
    page among the brought ones; else what is done with candidates is drawn, as ever.

    - `ordinary`: False leaves out what is done with pages that are no candidate's.
    """
    own, ids = (None, None) if brought.pages is None else own_pages(brought.pages)
    acts = None
    if brought.interactions is not None:
        rng = stream(seed, "own interactions")
        acts, made = own_acts(brought.interactions, ids, len(members.accounts), rng=rng)
        own = made if own is None else own
    pages = _pages(town, own, seed)
    candidates = _candidates(town, people, members, pages, seed)
    if acts is not None:
        theirs = own is not None and ids is not None and of_candidate(own[: len(ids)]).any()
        return pages, acts if theirs else acts.and_also(candidates)
    if not ordinary or not pages.popularity.any():
        return pages, candidates
    traits = _traits(town, people, members, seed)
    spread = np.sqrt(2 * np.log(town.mean_likes / town.median_likes))
    draw = stream(seed, "how many likes").standard_normal(len(traits))
    likes = np.rint(np.clip(town.median_likes * np.exp(spread * draw), 1, _most(pages)))
    likes = likes.astype(np.int64)
    meetings = Meetings.fitted(traits, likes, pages, slope=town.page_slope)
    rng = stream(seed, "likes")
    return pages, draw_ordinary_acts(traits, likes, meetings, candidates, workers=workers, rng=rng)


def _most(pages: Pages) -> float:
    """Nobody likes more than half of what there is."""
    return max(1.0, int((pages.popularity > 0).sum()) / 2)


def _pages(town: Town, own: pd.DataFrame | None, seed: int) -> Pages:
    if own is None:
        ordinary = np.ones(town.pages, dtype=bool)
    else:
        ordinary = ~of_candidate(own)
    popularity = np.zeros(len(ordinary))
    if ordinary.any():
        popularity[ordinary] = zipf_shares(
            int(ordinary.sum()), town.popularity, town.top_reach / town.mean_likes
        )
    return draw_pages(
        popularity,
        partisan=town.partisan_pages,
        political_sd=town.page_political_sd,
        partisan_position=town.partisan_position,
        given=own,
        rng=stream(seed, "pages"),
    )


def _candidates(
    town: Town, people: pd.DataFrame, members: Members, pages: Pages, seed: int
) -> Acts:
    owner = people.iloc[members.accounts["person"].to_numpy()]
    likes = draw_political_likes(
        owner["leaning"].to_numpy(dtype=str),
        members.accounts["aligned"].to_numpy(),
        owner["age"].to_numpy(),
        reach=town.candidate_reach,
        own_side=town.own_side,
        no_party=town.no_party_likers,
        rng=stream(seed, "political likes"),
    )
    return draw_candidate_acts(likes, pages, rng=stream(seed, "what candidates get"))


def _traits(
    town: Town, people: pd.DataFrame, members: Members, seed: int
) -> npt.NDArray[np.float32]:
    """Place accounts: where their person stands, a couple's in the middle."""
    person, also = members.accounts["person"].to_numpy(), members.also
    known = np.unique(np.concatenate([person, also[also >= 0]]))
    who = people.iloc[known]
    tastes = Tastes(
        leaning=who["leaning"].to_numpy(dtype=str),
        age=who["age"].to_numpy(),
        sex=who["sex"].to_numpy(dtype=str),
        couple=members.partner[known] >= 0,
        interest=who["interest"].to_numpy(dtype=str),
        correlation=(town.age_in_taste, town.sex_in_taste, town.couple_in_taste),
        label_noise=town.label_noise,
    )
    of_person = draw_traits(tastes, rng=stream(seed, "traits"))
    traits = of_person[np.searchsorted(known, person)]
    two = np.flatnonzero(also >= 0)
    traits[two] = (traits[two] + of_person[np.searchsorted(known, also[two])]) / 2
    return traits


def _partners(people: pd.DataFrame, households: pd.DataFrame) -> Ints:
    """Return the person whom each one lives with as a couple, or -1."""
    household = people["household"].to_numpy()
    paired = np.isin(households["kind"].to_numpy(dtype=str), ("couple", "family"))
    # Adults stand first in their household.
    first = np.flatnonzero(np.append(True, household[1:] != household[:-1]))
    one = first[paired[household[first]]]
    partner = np.full(len(people), -1, dtype=np.int64)
    partner[one], partner[one + 1] = one + 1, one
    return partner
