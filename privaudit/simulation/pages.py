"""What people like on a network, and whom each of it pleases."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from privaudit._core.arrays import Bools, Floats, Ints, Strs
from privaudit.simulation.world import INTERESTS

__all__ = [
    "FIRST_DAY", "PAGE_KINDS", "POLITICAL_TOPIC", "SIDES", "TRAITS", "Pages", "candidate_pages",
    "draw_pages", "of_candidate", "zipf_shares",
]  # fmt: skip

FIRST_DAY = np.datetime64("2016-03-01", "s")
DAYS = 198
# Axes of taste: politics, age, sex, living as a couple, and eight without a name.
TRAITS = 12
SIDES = ("radical_left", "left", "centre", "right", "far_right")
POLITICAL_TOPIC = "politics"
PAGE_KINDS = ("generic", "partisan", "candidate", "post", "event", "group", "email", "link")
# Kinds that live for a day or two: reactions crowd around their moment.
_MOMENTARY = ("post", "event", "email", "link")
_BLOCS = (("left", "radical_left"), ("right", "far_right"))
# How much an interest draws to the pages of its topic, on the scale of one trait.
_TOPIC_PULL = 1.5
# Pages of one audience please everybody alike; so many of ordinary pages, and of partisan ones.
_AUDIENCES, _PARTISAN = 600, 60
# What ordinary pages are, and how much each candidate has (scenario).
_ORDINARY = {"generic": 0.86, "post": 0.06, "group": 0.05, "event": 0.03}
_CANDIDATE = {"post": 40, "event": 6, "group": 1, "email": 12, "link": 12}


@dataclass(frozen=True, eq=False, kw_only=True)
class Pages:
    """The frame of pages, and of the ordinary and partisan ones, which come first, their law.

    `popularity` is the share of all likes that go to each, `audience` the column of `appeal` (a
    row a trait, then a row an interest) that says whom it pleases. `day` is when each page of the
    frame is published, in days from the first one; nan for what is there all the time.
    """

    frame: pd.DataFrame
    popularity: Floats
    audience: Ints
    appeal: Floats
    day: Floats


def of_candidate(pages: pd.DataFrame, side: str | None = None) -> Bools:
    """Which pages are a candidate's own: their page, posts, events, group, e-mails and links.

    - `pages`: A frame as `world.pages`.
    - `side`: Of this candidate only.
    """
    there = pages["side"].to_numpy(dtype=str)
    own = (there != "") & (pages["kind"] != "partisan").to_numpy()
    return np.asarray(own if side is None else own & (there == side))


def zipf_shares(n: int, exponent: float, most: float) -> Floats:
    """Return shares that fall as ``(rank + shift) ** -exponent``, sum to 1, and start at `most`.

    A page cannot have more likers than there are accounts: Zipf's law is shifted (Mandelbrot
    1953) by as little as that asks for, and keeps its slope in the tail. Where even equal
    shares are above `most`, they are equal.

    Examples
    --------
    >>> zipf_shares(3, 1, 0.6).round(3).tolist()
    [0.545, 0.273, 0.182]
    >>> zipf_shares(3, 1, 0.4).round(3).tolist()
    [0.4, 0.326, 0.274]
    """
    from scipy.optimize import brentq

    rank = np.arange(1.0, n + 1)

    def shares(shift: float) -> Floats:
        weight = (1 + (rank - 1) / (1 + shift)) ** -exponent
        return np.asarray(weight / weight.sum())

    far = 1e6 * n
    if shares(0)[0] <= most:
        return shares(0)
    if shares(far)[0] >= most:
        return np.full(n, 1 / n)
    return shares(brentq(lambda shift: shares(shift)[0] - most, 0, far))


def draw_pages(
    popularity: Floats,
    *,
    partisan: float,
    political_sd: float,
    partisan_position: float,
    given: pd.DataFrame | None = None,
    rng: np.random.Generator,
) -> Pages:
    """Draw ordinary pages, some that speak for a bloc, and what each candidate has.

    - `popularity`: Share of the likes of each page, most popular first.
    - `partisan`: Share of these that speak for the left or the right bloc; they stand evenly among
      popular and unpopular ones, so that towns differ little in what likes tell.
    - `political_sd`, `partisan_position`: Spread of ordinary pages, and place of partisan ones, on
      the political axis.
    - `given`: Kind, side and topic of the pages, candidates' among them, where they are
      somebody's own. A page without popularity is left to those who draw its likes.
    - returns: Its frame has page, kind, side, topic; what candidates have comes last.
    """
    n = len(popularity)
    appeal = _appeal(political_sd, partisan_position, rng)
    # Each audience has as many popular pages as any other.
    rounds = -(-n // _AUDIENCES)
    audience = np.concatenate([rng.permutation(_AUDIENCES) for _ in range(rounds)])[:n]
    if given is None:
        frame = _drawn(n, audience, partisan, rng)
        frame = pd.concat([frame, candidate_pages()], ignore_index=True)
    else:
        frame = given.copy()
        audience = _of_topic(frame["topic"].to_numpy(dtype=str), audience)
    stands = np.flatnonzero((frame["kind"] == "partisan").to_numpy())
    right = np.isin(frame["side"].to_numpy(dtype=str)[stands], _BLOCS[1])
    audience[stands] = _AUDIENCES + 2 * rng.integers(_PARTISAN // 2, size=len(stands)) + right
    frame.insert(0, "page", np.arange(len(frame)))
    return Pages(
        frame=frame,
        popularity=popularity,
        audience=audience,
        appeal=appeal,
        day=_days(frame, rng),
    )


def candidate_pages() -> pd.DataFrame:
    """List what candidates have: a page each, then posts, events, a group, e-mails and links."""
    kind = ["candidate"] + [kind for kind, many in _CANDIDATE.items() for _ in range(many)]
    frame = pd.DataFrame({"kind": np.repeat(kind, len(SIDES)), "side": SIDES * len(kind)})
    return frame.assign(topic=POLITICAL_TOPIC).astype("str")


def _appeal(political_sd: float, partisan_position: float, rng: np.random.Generator) -> Floats:
    """Place audiences on the axes of taste and interest; an interest's stand 12 apart."""
    from scipy.special import ndtri

    appeal = rng.standard_normal((TRAITS, _AUDIENCES + _PARTISAN))
    even = ndtri((np.arange(_AUDIENCES) + 0.5) / _AUDIENCES)
    appeal[0, :_AUDIENCES] = political_sd * rng.permutation(even)
    appeal[0, _AUDIENCES:] = partisan_position * np.tile([-1, 1], _PARTISAN // 2)
    pull = np.zeros((len(INTERESTS), _AUDIENCES + _PARTISAN))
    pull[np.arange(_AUDIENCES) % len(INTERESTS), np.arange(_AUDIENCES)] = _TOPIC_PULL
    return np.vstack([appeal, pull])


def _drawn(n: int, audience: Ints, partisan: float, rng: np.random.Generator) -> pd.DataFrame:
    kind = rng.choice(list(_ORDINARY), n, p=list(_ORDINARY.values()))
    kind = kind.astype("<U9")
    side = np.full(n, "", dtype="<U12")
    topic = np.array(INTERESTS)[audience % len(INTERESTS)]
    every = max(1, round(1 / partisan)) if partisan > 0 else n + 1
    stands = np.arange(int(rng.integers(min(every, n))), n, every)[: round(partisan * n)]
    kind[stands] = "partisan"
    topic[stands] = POLITICAL_TOPIC
    for bloc, start in zip(_BLOCS, (0, 1), strict=True):
        side[stands[start::2]] = rng.choice(bloc, len(stands[start::2]), p=(0.65, 0.35))
    return pd.DataFrame({"kind": kind, "side": side, "topic": topic}).astype("str")


def _of_topic(topic: Strs, audience: Ints) -> Ints:
    """Move each page to an audience of its topic, where it is one of the interests."""
    place = {name: i for i, name in enumerate(INTERESTS)}
    at = np.array([place.get(name, -1) for name in topic.tolist()], dtype=np.int64)
    return np.where(at < 0, audience, audience - audience % len(INTERESTS) + at)


def _days(frame: pd.DataFrame, rng: np.random.Generator) -> Floats:
    """Draw when what is momentary happens; with candidates it crowds towards the end."""
    draw = rng.random(len(frame))
    day = DAYS * np.where(of_candidate(frame), draw**0.3, draw)
    # Between 8 in the morning and 9 in the evening.
    day = np.floor(day) + (8 + 13 * rng.random(len(frame))) / 24
    return np.where(frame["kind"].isin(_MOMENTARY), day, np.nan)
