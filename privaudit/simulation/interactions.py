"""What accounts do: ordinary pages by taste, candidates by leaning, or not; kinds and times.

- When people click: in sittings, by the hour of the day, and in bursts around what happens.
- What people like on a network, and whom each of it pleases.
- Who likes which page: tastes, and how often pages come one's way. Nothing is dense here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from privaudit.core.checks import Bools, Floats, Ints, Strs
from privaudit.simulation.world import INTERESTS

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


_DAY = 86_400
# Sittings in the morning, at noon and in the evening: weight, hour and spread (scenario).
_SITTINGS = ((0.15, 8.2, 1.0), (0.25, 12.8, 1.3), (0.60, 20.3, 2.0))
_A_SITTING = 5  # likes, on average
_APART = 150  # seconds between two of one sitting, on average
# Half of what follows a post, an event or a mailing follows within some seven hours (scenario).
_REACTION = 10 * 3_600


def moments(account: Ints, day: Floats, *, rng: np.random.Generator) -> Ints:
    """Draw the second of each interaction, counted from the first day.

    - `account` (sorted): Who interacts. They sit down at any day, like a few pages and leave.
    - `day`: When what they interact with was published; nan where it is there all the time. What
      was published is reacted to soon after, seldom at night, never before.
    """
    n = len(account)
    if not n:
        return np.empty(0, dtype=np.int64)
    new = np.append(True, account[1:] != account[:-1])
    whose = np.cumsum(new) - 1
    often = 1 + np.bincount(whose) // _A_SITTING
    first = np.cumsum(often) - often
    begins = _DAY * rng.integers(0, DAYS, int(often.sum())) + _clock(int(often.sum()), rng)
    sitting = first[whose] + (rng.random(n) * often[whose]).astype(np.int64)
    second = begins[sitting] + rng.exponential(_APART, n).astype(np.int64)
    burst = np.flatnonzero(~np.isnan(day))
    published = (day[burst] * _DAY).astype(np.int64)
    after = published + rng.exponential(_REACTION, len(burst)).astype(np.int64)
    # Who would react in the small hours does so after waking up.
    hour = after % _DAY // 3_600
    wakes = after - after % _DAY + 7 * 3_600 + (after % _DAY) // 3
    second[burst] = np.where(hour < 6, wakes, after)
    # What would be seen after the last day is seen before, at any time since it was there.
    end = DAYS * _DAY
    late = second >= end
    since = np.where(np.isnan(day[late]), end - _DAY, day[late] * _DAY)
    second[late] = (since + rng.random(int(late.sum())) * (end - since)).astype(np.int64)
    return np.asarray(second)


def _clock(n: int, rng: np.random.Generator) -> Ints:
    weight, hour, spread = (np.array(column) for column in zip(*_SITTINGS, strict=True))
    which = rng.choice(len(weight), n, p=weight)
    second = (hour[which] + spread[which] * rng.standard_normal(n)) * 3_600
    return np.asarray(second % _DAY, dtype=np.int64)


# Bloc of each leaning on the political axis; the centre and those of no side stand between.
_BLOC = {"radical_left": -1, "left": -1, "right": 1, "far_right": 1}
# Rates are fitted on so many accounts; these stand in random order.
_PANEL = 1_024
_FITS = 8
# An account that meets the same pages again and again gives up.
_ROUNDS = 200


@dataclass(frozen=True, eq=False, kw_only=True)
class Tastes:
    """What people are, as far as likes tell it; one value a person each.

    `couple` says who lives as one; `correlation` how much the axes of age, sex and couple follow
    these; `label_noise` how much people of one bloc differ on the political axis.
    """

    leaning: Strs
    age: Ints
    sex: Strs
    couple: Bools
    interest: Strs
    correlation: tuple[float, float, float]
    label_noise: float


def draw_traits(tastes: Tastes, *, rng: np.random.Generator) -> npt.NDArray[np.float32]:
    """Place people on the axes of taste, shape (n people, `TRAITS` + interests).

    The first is political: half-normal on the side of their bloc, blurred by `label_noise`; the
    next ones follow age, sex and couple. A column an interest comes last, 1 for one's own.
    """
    n = len(tastes.leaning)
    traits = rng.standard_normal((n, TRAITS))
    bloc = np.array([_BLOC.get(name, 0) for name in tastes.leaning.tolist()])
    strength = np.where(bloc == 0, 0.5 * traits[:, 0], bloc * np.abs(traits[:, 0]))
    traits[:, 0] = strength + tastes.label_noise * rng.standard_normal(n)
    followed = tastes.age, tastes.sex == "F", tastes.couple
    for axis, (value, r) in enumerate(zip(followed, tastes.correlation, strict=True), start=1):
        traits[:, axis] = r * _unit(value) + np.sqrt(1 - r * r) * traits[:, axis]
    fond = np.array(INTERESTS)[None, :] == tastes.interest[:, None]
    return np.hstack([traits, fond]).astype(np.float32)


def _unit(value: npt.NDArray[Any]) -> Floats:
    spread = value.std()
    return np.asarray((value - value.mean()) / (spread if spread > 0 else 1.0))


@dataclass(frozen=True, eq=False, kw_only=True)
class Meetings:
    """How often pages come by: `slope` by agreement, times `rate` of each page.

    `page` lists pages by audience, `upto` sums their rates in this order; those of an audience
    begin at `first` and have `size` in all.
    """

    pages: Pages
    slope: float
    rate: Floats
    page: Ints
    upto: Floats
    first: Ints
    size: Floats

    @classmethod
    def fitted(
        cls, traits: npt.NDArray[np.float32], likes: Ints, pages: Pages, *, slope: float
    ) -> Meetings:
        """Fit the rates to the popularity of pages and the likes of accounts.

        - `traits`: As `draw_traits` gives them, a row an account.
        - `likes` (int): How many pages each account likes.
        """
        some = slice(0, _PANEL)
        rate = _rates(_tilt(traits[some], pages, slope), likes[some], pages)
        page = np.argsort(pages.audience, kind="stable")
        first = np.searchsorted(pages.audience[page], np.arange(pages.appeal.shape[1] + 1))
        upto = np.concatenate([[0.0], np.cumsum(rate[page])])
        return cls(
            pages=pages,
            slope=slope,
            rate=rate,
            page=page,
            upto=upto,
            first=first,
            size=np.diff(upto[first]),
        )

    def liked(
        self, traits: npt.NDArray[np.float32], likes: Ints, *, rng: np.random.Generator
    ) -> tuple[Ints, Ints]:
        """Draw what some accounts like: each meets pages until it has as many as it likes.

        An account never meets more pages than it still lacks: whatever is new is liked. One
        that keeps meeting what it likes already ends with fewer.

        - returns `account`, `page` (int64): One pair a like, by account then page.
        """
        many, audiences = len(self.page), len(self.size)
        upto = np.cumsum(
            _tilt(traits, self.pages, self.slope) * self.size, axis=1, dtype=np.float64
        )
        upto /= upto[:, -1:]
        upto += np.arange(len(upto))[:, None]
        ladder, lacks = upto.ravel(), likes.astype(np.int64)
        held, whole = np.empty(0, dtype=np.int64), []
        for _ in range(_ROUNDS):
            who = np.repeat(np.arange(len(lacks)), lacks)
            if not len(who):
                break
            step = np.searchsorted(ladder, who + rng.random(len(who)), "right") - who * audiences
            page = self._one_of(np.minimum(step, audiences - 1), rng.random(len(who)))
            held = np.concatenate([held, who * many + page])
            held.sort()
            held = held[np.append(True, held[1:] != held[:-1])]
            account = held // many
            found = np.bincount(account, minlength=len(lacks))
            lacks = np.where(lacks > 0, likes - found, 0)
            # Only those who still lack some are looked at again.
            again = lacks[account] > 0
            whole.append(held[~again])
            held = held[again]
        pair = np.concatenate([*whole, held])
        pair.sort()
        return np.divmod(pair, max(many, 1))

    def _one_of(self, audience: Ints, draw: Floats) -> Ints:
        """Return a page of each audience, by its rate."""
        first, end = self.first[audience], self.first[audience + 1]
        at = np.searchsorted(self.upto, self.upto[first] + draw * self.size[audience], "right") - 1
        return self.page[np.clip(at, first, end - 1)]


def _tilt(traits: npt.NDArray[np.float32], pages: Pages, slope: float) -> npt.NDArray[np.float32]:
    """What multiplies the rates of each audience for each account; 1 for the most pleasing."""
    agreement: npt.NDArray[np.float32] = traits @ (slope * pages.appeal).astype(np.float32)
    agreement -= agreement.max(axis=1, keepdims=True)
    return np.exp(agreement, out=agreement)


def _rates(tilt: npt.NDArray[np.float32], likes: Ints, pages: Pages) -> Floats:
    """Find how often each page must come by, so that as many people like it as should.

    A page that nearly all who are fond of it like already must come by far more often than it
    is liked. Expected likers of a page, ``sum(1 - exp(-much_i tilt_ig v_j))``, and likes of an
    account are held by turns (Sinkhorn). Pages of one audience, about as popular, go together.
    """
    octave = np.floor(np.log2(np.maximum(pages.popularity, 1e-12))).astype(np.int64)
    cell, where, many = np.unique(
        pages.audience * 64 - octave, return_inverse=True, return_counts=True
    )
    audience = pages.audience[np.unique(where, return_index=True)[1]]
    wanted = likes.astype(np.float32)
    # What one page of the cell should get, and what it is thought to come by.
    share = np.bincount(where, pages.popularity, len(cell)) / many
    liked = (share * wanted.sum()).astype(np.float32)
    rate = liked.copy()
    much = wanted / (tilt @ np.bincount(audience, rate * many, tilt.shape[1]).astype(np.float32))
    for _ in range(_FITS):
        chance = np.take(much[:, None] * tilt, audience, axis=1)
        chance *= rate
        np.negative(np.expm1(np.negative(chance, out=chance), out=chance), out=chance)
        # Likers are the last to be held.
        much = much * wanted / np.maximum(chance @ many.astype(np.float32), 1e-9)
        rate = rate * liked / np.maximum(chance.sum(axis=0), 1e-9)
    factor = rate / np.maximum(liked, 1e-30)
    return np.asarray(pages.popularity * factor[where], dtype=np.float64)


KINDS = ("like", "share", "follow", "comment", "join", "attend", "open", "click")
# What is done with each kind of page (scenario).
_DONE: Mapping[str, Mapping[str, float]] = {
    "generic": {"like": 0.90, "share": 0.02, "follow": 0.06, "comment": 0.02},
    "partisan": {"like": 0.90, "share": 0.02, "follow": 0.06, "comment": 0.02},
    "candidate": {"like": 0.80, "follow": 0.20},
    "post": {"like": 0.80, "share": 0.12, "comment": 0.08},
    "event": {"attend": 1.0},
    "group": {"join": 1.0},
    "email": {"open": 1.0},
    "link": {"click": 1.0},
}
# Where interactions with a candidate take place (scenario). Who opens an e-mail gets the later
# ones too, and opens or clicks some of them.
_PLACES = {
    "candidate": 0.38, "post": 0.42, "event": 0.04, "group": 0.03, "email": 0.09, "link": 0.04,
}  # fmt: skip
_OPENS_LATER, _CLICKS_LATER = 0.3, 0.05
# Who is liked by those whose likes follow no leaning, in the order of SIDES (scenario).
_FAME = np.array([0.17, 0.25, 0.10, 0.30, 0.18])
# Interactions of a political liker with candidates beyond the first, on average (scenario).
_MORE = 0.4
_MINOR_CHANCE = 0.3
_CHUNK = 2_048

Whole = npt.NDArray[np.integer]


@dataclass(frozen=True, eq=False)
class Acts:
    """Interactions in columns as narrow as they can be, by account and time.

    `kind` counts `KINDS`, `second` is counted from the first day.
    """

    account: npt.NDArray[np.int32]
    page: npt.NDArray[np.int32]
    kind: npt.NDArray[np.int8]
    second: npt.NDArray[np.int32]

    @classmethod
    def at(cls, account: Ints, page: Ints, pages: Pages, rng: np.random.Generator) -> Acts:
        """Give each pair, sorted by account, its kind and time."""
        kind = _kinds(page, pages.frame, rng)
        return cls.in_order(account, page, kind, moments(account, pages.day[page], rng=rng))

    @classmethod
    def in_order(cls, account: Whole, page: Whole, kind: Whole, second: Whole) -> Acts:
        """Put interactions in order of account and time."""
        order = np.argsort((account.astype(np.int64) << 32) + second, kind="stable")
        return cls(
            account[order].astype(np.int32),
            page[order].astype(np.int32),
            kind[order].astype(np.int8),
            second[order].astype(np.int32),
        )

    @classmethod
    def together(cls, parts: list[Acts]) -> Acts:
        """Put parts one after the other."""
        columns = ("account", "page", "kind", "second")
        return cls(*(np.concatenate([getattr(part, name) for part in parts]) for name in columns))

    def and_also(self, other: Acts) -> Acts:
        """Add what the same accounts did besides, in its place."""
        both = self.together([self, other])
        return self.in_order(both.account, both.page, both.kind, both.second)

    def of(self, start: int, end: int) -> Acts:
        """Return what the accounts from `start` to before `end` did."""
        at = slice(*np.searchsorted(self.account, [start, end]).tolist())
        return Acts(self.account[at], self.page[at], self.kind[at], self.second[at])


def draw_ordinary_acts(
    traits: npt.NDArray[np.float32],
    likes: Ints,
    meetings: Meetings,
    besides: Acts,
    *,
    workers: int = 1,
    rng: np.random.Generator,
) -> Acts:
    """Draw what accounts do with ordinary and partisan pages, each page at most once.

    - `traits`, `likes`: A row an account, see `Meetings`.
    - `besides`: What they do with candidates, which is put in its place.
    - `workers`: Threads. They change nothing: every part of the accounts has draws of its own.
    """
    starts = range(0, len(likes), _CHUNK)

    def part(start: int, own: np.random.Generator) -> Acts:
        end = start + _CHUNK
        account, page = meetings.liked(traits[start:end], likes[start:end], rng=own)
        acts = Acts.at(account + start, page, meetings.pages, own)
        return acts.and_also(besides.of(start, end))

    jobs = list(zip(starts, rng.spawn(len(starts)), strict=True))
    if workers == 1 or len(jobs) < 2:
        return Acts.together([part(*job) for job in jobs] or [besides])
    from joblib import Parallel, delayed

    found = Parallel(n_jobs=workers, prefer="threads")(delayed(part)(*job) for job in jobs)
    return Acts.together(found)


def draw_political_likes(
    leaning: Strs,
    aligned: Bools,
    age: Ints,
    *,
    reach: float,
    own_side: float,
    no_party: float,
    rng: np.random.Generator,
) -> tuple[Ints, Ints]:
    """Draw who interacts with which candidate.

    Every interaction of an aligned liker goes to one side: mostly their own, else one beside
    it. Those of the others follow the candidates' fame, each anew: theirs never converge.
    Chances are set so that a share `reach` of accounts is expected to touch the right; of adults
    who lean to no party, `no_party` times as many touch anybody.

    - returns `account`, `side` (int64): One pair an interaction; `side` counts `SIDES`.
    """
    n = len(leaning)
    chance = _side_chances(leaning, own_side)
    right = SIDES.index("right")
    # 1 + Poisson(m) draws all miss a share r with probability (1 - r) exp(-m r).
    missed = (1 - _FAME[right]) * np.exp(-_MORE * _FAME[right])
    touches = np.where(aligned, chance[:, right], 1 - missed)
    eager = np.where(leaning == "none", no_party, 1.0)
    eager[age < 18] = _MINOR_CHANCE
    mean = float((touches * eager).mean()) if n else 1.0
    active = np.flatnonzero(rng.random(n) < np.minimum(eager * reach / mean, 1))
    side = _pick(chance[active], rng)
    account = np.repeat(np.arange(len(active)), 1 + rng.poisson(_MORE, len(active)))
    anew = rng.choice(len(SIDES), len(account), p=_FAME)
    return active[account], np.where(aligned[active][account], side[account], anew)


def draw_candidate_acts(
    likes: tuple[Ints, Ints], pages: Pages, *, rng: np.random.Generator
) -> Acts:
    """Give each interaction with a candidate its place, kind and time.

    Posts, events and mailings crowd towards the end of the period, 1 March to 14 September
    2016, and so do interactions with the candidate's page itself.

    - `likes`: Account and side, as `draw_political_likes` gives them; sorted by account.
    """
    account, side = likes
    n, frame = len(account), pages.frame
    kind = frame["kind"].to_numpy(dtype=str)
    own = [of_candidate(frame, name) for name in SIDES]
    place = rng.choice(list(_PLACES), n, p=list(_PLACES.values()))
    page = np.empty(n, dtype=np.int64)
    later: list[tuple[Ints, Ints]] = []
    for i in range(len(SIDES)):
        for word in _PLACES:
            there = np.flatnonzero(own[i] & (kind == word))
            # Somebody's own pages may lack such a one.
            there = there if len(there) else np.flatnonzero(own[i])
            at = np.flatnonzero((side == i) & (place == word))
            page[at] = there[rng.integers(len(there), size=len(at))]
        for word, chance in (("email", _OPENS_LATER), ("link", _CLICKS_LATER)):
            mails = np.flatnonzero(own[i] & (kind == word))
            reads = np.flatnonzero((side == i) & (place == "email"))
            again = rng.random((len(reads), len(mails))) < chance
            again &= pages.day[mails] > pages.day[page[reads]][:, None]
            who, which = np.nonzero(again)
            later.append((account[reads[who]], mails[which]))
    account = np.concatenate([account, *(who for who, _ in later)])
    page = np.concatenate([page, *(which for _, which in later)])
    order = np.lexsort((page, account))
    account, page = account[order], page[order]
    day = pages.day[page]
    # A page has no date of its own: one clicks on it as the campaign goes.
    lasting = np.isnan(day)
    day[lasting] = DAYS * rng.random(int(lasting.sum())) ** 0.3
    return Acts.in_order(account, page, _kinds(page, frame, rng), moments(account, day, rng=rng))


def interaction_frame(acts: Acts) -> pd.DataFrame:
    """Write the frame `world.interactions`; of millions, no column is held twice."""
    return pd.DataFrame(
        {
            "account": acts.account.astype(np.int64),
            "page": acts.page.astype(np.int64),
            "kind": pd.array(list(KINDS), dtype="str").take(acts.kind),
            "time": FIRST_DAY + acts.second.astype("timedelta64[s]"),
        },
        copy=False,
    )


def _kinds(page: Ints, frame: pd.DataFrame, rng: np.random.Generator) -> Ints:
    """Draw what is done with each page, by what it is."""
    chance = np.array([[_DONE[kind].get(act, 0.0) for act in KINDS] for kind in PAGE_KINDS])
    ladder = np.cumsum(chance, axis=1)
    ladder /= ladder[:, -1:]
    ladder += np.arange(len(PAGE_KINDS))[:, None]
    what = pd.Categorical(frame["kind"], categories=list(PAGE_KINDS)).codes.astype(np.int64)[page]
    step = np.searchsorted(ladder.ravel(), what + rng.random(len(page)), "right")
    return np.asarray(np.minimum(step - what * len(KINDS), len(KINDS) - 1))


def _side_chances(leaning: Strs, own_side: float) -> Floats:
    """Chance of each side for an aligned liker of each leaning."""
    by_leaning = np.tile(_FAME, (len(SIDES) + 1, 1))
    for i in range(len(SIDES)):
        beside = [j for j in (i - 1, i + 1) if 0 <= j < len(SIDES)]
        by_leaning[i] = 0
        by_leaning[i, i] = own_side
        by_leaning[i, beside] = (1 - own_side) / len(beside)
    row = {name: i for i, name in enumerate(SIDES)}
    return by_leaning[[row.get(name, len(SIDES)) for name in leaning.tolist()]]


def _pick(chance: Floats, rng: np.random.Generator) -> Ints:
    drawn = (np.cumsum(chance, axis=1) < rng.random(len(chance))[:, None]).sum(axis=1)
    return np.asarray(np.minimum(drawn, chance.shape[1] - 1))
