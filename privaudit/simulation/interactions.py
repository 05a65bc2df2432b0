"""Interactions of accounts with pages: a latent-trait model of likes with Zipf popularity.

Accounts and audiences of pages have places in a space of traits (politics, age, sex, couple and
eight unnamed axes); a like is the more probable the more they agree. Calibrated to Kosinski,
Stillwell and Graepel (2013) and Kristensen et al. (2017); see `Town`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from privaudit.core.checks import Bools, Floats, Ints, Strs
from privaudit.simulation.population import draw_column
from privaudit.simulation.town import Town
from privaudit.simulation.world import INTERESTS, read_figures

FIRST_DAY = np.datetime64("2016-03-01", "s")
DAYS = 198
# Axes of taste: politics, age, sex, living as a couple, and eight without a name.
TRAITS = 12
SIDES = ("radical_left", "left", "centre", "right", "far_right")
POLITICAL_TOPIC = "politics"
PAGE_KINDS = ("generic", "partisan", "candidate", "post", "event", "group", "email", "link")
# Kinds with a date: reactions follow it within a day or two.
_MOMENTARY = ("post", "event", "email", "link")
_BLOCS = (("left", "radical_left"), ("right", "far_right"))
# Weight of an interest for the pages of its topic, on the scale of one trait.
_TOPIC_PULL = 1.5
# Numbers of audiences of ordinary and of partisan pages; pages of one audience have equal appeal.
_AUDIENCES, _PARTISAN = 600, 60
# Shares of kinds of ordinary pages, and pages of each candidate beside the main one (scenario).
_ORDINARY = {"generic": 0.86, "post": 0.06, "group": 0.05, "event": 0.03}
_CANDIDATE = {"post": 40, "event": 6, "group": 1, "email": 12, "link": 12}


@dataclass(frozen=True, eq=False, kw_only=True)
class Pages:
    """The frame of pages, and the popularity and appeal of ordinary and partisan ones (first rows).

    `popularity` is the share of all likes that go to each, `audience` its column in `appeal` (a
    row a trait, then a row an interest). `day` is when each page of the frame is published, in
    days from the first one; nan for a page without a date.
    """

    frame: pd.DataFrame
    popularity: Floats
    audience: Ints
    appeal: Floats
    day: Floats


def of_candidate(pages: pd.DataFrame, side: str | None = None) -> Bools:
    """Return which pages are a candidate's: main page, posts, events, group, e-mails and links.

    Parameters
    ----------
    pages : pandas.DataFrame
        A frame as `world.pages`.
    side : str, optional
        Of this candidate only.
    """
    own = (pages["side"] != "") & (pages["kind"] != "partisan")
    return np.asarray(own if side is None else own & (pages["side"] == side), dtype=bool)


def zipf_shares(n: int, exponent: float, most: float) -> Floats:
    """Return shares that fall as ``(rank + shift) ** -exponent``, sum to 1, and start at `most`.

    Zipf's law is shifted (Mandelbrot 1953) as little as possible, since a page cannot have more
    likers than there are accounts; its slope in the tail stays. Where even equal shares are above
    `most`, they are equal.

    Parameters
    ----------
    n : int
    exponent : float
        Slope of the logarithm of shares, with its sign changed.
    most : float
        Largest share, in (0, 1].

    Returns
    -------
    ndarray of float

    References
    ----------
    Zipf (1949). Mandelbrot (1953).

    Examples
    --------
    >>> zipf_shares(3, 1, 0.6).round(3).tolist()
    [0.545, 0.273, 0.182]
    >>> zipf_shares(3, 1, 0.4).round(3).tolist()
    [0.4, 0.326, 0.274]
    """
    return _zipf_shares(n, exponent, most).copy()


@lru_cache(maxsize=16)
def _zipf_shares(n: int, exponent: float, most: float) -> Floats:
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
    popularity: Floats, town: Town, *, given: pd.DataFrame | None = None, rng: np.random.Generator
) -> Pages:
    """Draw ordinary pages, partisan pages of the two blocs, and the pages of each candidate.

    Parameters
    ----------
    popularity : ndarray of float
        Share of the likes of each page, most popular first.
    town : Town
        Share of partisan pages, of the left or the right bloc, and places on the political axis.
        Partisan pages are spread evenly over ranks of popularity, so that likes are about as
        informative in every town.
    given : pandas.DataFrame, optional
        Kind, side and topic of the pages, including candidates', where the caller gives them.
    rng : numpy.random.Generator

    Returns
    -------
    Pages
        Its frame has page, kind, side, topic; pages of candidates come last.
    """
    n = len(popularity)
    appeal = _appeal(town, rng)
    # Audiences have equal numbers of popular pages.
    rounds = -(-n // _AUDIENCES)
    audience = np.concatenate([rng.permutation(_AUDIENCES) for _ in range(rounds)])[:n]
    if given is None:
        frame = _draw_frame(n, audience, town.partisan_pages, rng)
        frame = pd.concat([frame, candidate_pages()], ignore_index=True)
    else:
        frame = given.copy()
        audience = _of_topic(frame["topic"].to_numpy(dtype=str), audience)
    rows = np.flatnonzero((frame["kind"] == "partisan").to_numpy())
    right = frame["side"].iloc[rows].isin(_BLOCS[1]).to_numpy()
    audience[rows] = _AUDIENCES + 2 * rng.integers(_PARTISAN // 2, size=len(rows)) + right
    frame.insert(0, "page", np.arange(len(frame)))
    day = _days(frame, rng)
    return Pages(frame=frame, popularity=popularity, audience=audience, appeal=appeal, day=day)


def candidate_pages() -> pd.DataFrame:
    """List the pages of candidates: a main one each, posts, events, a group, e-mails and links."""
    kind = ["candidate"] + [kind for kind, count in _CANDIDATE.items() for _ in range(count)]
    frame = pd.DataFrame({"kind": np.repeat(kind, len(SIDES)), "side": SIDES * len(kind)})
    return frame.assign(topic=POLITICAL_TOPIC).astype("str")


def _appeal(town: Town, rng: np.random.Generator) -> Floats:
    """Draw the appeal of audiences by trait and interest; those of one interest are 12 apart."""
    from scipy.special import ndtri

    appeal = rng.standard_normal((TRAITS, _AUDIENCES + _PARTISAN))
    even = ndtri((np.arange(_AUDIENCES) + 0.5) / _AUDIENCES)
    appeal[0, :_AUDIENCES] = town.page_political_sd * rng.permutation(even)
    appeal[0, _AUDIENCES:] = town.partisan_position * np.tile([-1, 1], _PARTISAN // 2)
    pull = np.zeros((len(INTERESTS), _AUDIENCES + _PARTISAN))
    pull[np.arange(_AUDIENCES) % len(INTERESTS), np.arange(_AUDIENCES)] = _TOPIC_PULL
    return np.vstack([appeal, pull])


def _draw_frame(n: int, audience: Ints, partisan: float, rng: np.random.Generator) -> pd.DataFrame:
    """Draw kind, side and topic of ordinary and partisan pages."""
    kind = rng.choice(len(_ORDINARY), n, p=list(_ORDINARY.values()))
    side, topic = np.full(n, len(SIDES)), audience % len(INTERESTS)
    every = max(1, round(1 / partisan)) if partisan > 0 else n + 1
    rows = np.arange(int(rng.integers(min(every, n))), n, every)[: round(partisan * n)]
    kind[rows], topic[rows] = len(_ORDINARY), len(INTERESTS)
    for start, bloc in enumerate(_BLOCS):
        of_bloc = np.array([SIDES.index(name) for name in bloc])
        side[rows[start::2]] = rng.choice(of_bloc, len(rows[start::2]), p=(0.65, 0.35))
    # Words are made once, and taken by their number.
    words = {
        "kind": ([*_ORDINARY, "partisan"], kind),
        "side": ([*SIDES, ""], side),
        "topic": ([*INTERESTS, POLITICAL_TOPIC], topic),
    }
    return pd.DataFrame(
        {name: pd.array(known, dtype="str").take(code) for name, (known, code) in words.items()}
    )


def _of_topic(topic: Strs, audience: Ints) -> Ints:
    """Move each page to an audience of its topic, where it is one of the interests."""
    code = pd.Index(INTERESTS).get_indexer(pd.Index(topic)).astype(np.int64)
    return np.where(code < 0, audience, audience - audience % len(INTERESTS) + code)


def _days(frame: pd.DataFrame, rng: np.random.Generator) -> Floats:
    """Draw the day of pages with a date; those of candidates are denser towards the end."""
    draw = rng.random(len(frame))
    day = DAYS * np.where(of_candidate(frame), draw**0.3, draw)
    # Between 8 in the morning and 9 in the evening.
    day = np.floor(day) + (8 + 13 * rng.random(len(frame))) / 24
    return np.where(frame["kind"].isin(_MOMENTARY), day, np.nan)


_DAY = 86_400
# Sittings in the morning, at noon and in the evening: weight, hour and spread (scenario).
_SITTINGS = ((0.15, 8.2, 1.0), (0.25, 12.8, 1.3), (0.60, 20.3, 2.0))
_SITTING = 5  # mean number of likes
_APART = 150  # mean seconds between two of one sitting
# Mean delay of a reaction to a post, an event or a mailing, in seconds: the median is seven hours
# (scenario).
_REACTION = 10 * 3_600


def moments(account: Ints, day: Floats, *, rng: np.random.Generator) -> Ints:
    """Draw the second of each interaction, counted from the first day.

    Parameters
    ----------
    account : ndarray of int, sorted
        The account of each interaction. Accounts like a few pages in sittings on any day.
    day : ndarray of float
        When the page was published; nan without a date. Reactions follow soon after, seldom at
        night, never before.
    rng : numpy.random.Generator
    """
    n = len(account)
    if not n:
        return np.empty(0, dtype=np.int64)
    person = np.cumsum(np.append(True, account[1:] != account[:-1])) - 1
    sittings = 1 + np.bincount(person) // _SITTING
    first, total = np.cumsum(sittings) - sittings, int(sittings.sum())
    begins = _DAY * rng.integers(0, DAYS, total) + _clock(total, rng)
    sitting = first[person] + (rng.random(n) * sittings[person]).astype(np.int64)
    second = begins[sitting] + rng.exponential(_APART, n).astype(np.int64)
    burst = np.flatnonzero(~np.isnan(day))
    published = (day[burst] * _DAY).astype(np.int64)
    after = published + rng.exponential(_REACTION, len(burst)).astype(np.int64)
    # Reactions in the small hours are delayed to the morning.
    hour = after % _DAY // 3_600
    wakes = after - after % _DAY + 7 * 3_600 + (after % _DAY) // 3
    second[burst] = np.where(hour < 6, wakes, after)
    # Reactions after the last day are redrawn uniformly between publication and that day.
    end = DAYS * _DAY
    late = second >= end
    since = np.where(np.isnan(day[late]), end - _DAY, day[late] * _DAY)
    second[late] = (since + rng.random(int(late.sum())) * (end - since)).astype(np.int64)
    return np.asarray(second)


def _clock(n: int, rng: np.random.Generator) -> Ints:
    """Draw the second of the day at which sittings begin."""
    weight, hour, spread = (np.array(column) for column in zip(*_SITTINGS, strict=True))
    which = rng.choice(len(weight), n, p=weight)
    second = (hour[which] + spread[which] * rng.standard_normal(n)) * 3_600
    return np.asarray(second % _DAY, dtype=np.int64)


# Sign of each bloc on the political axis; the centre and no side are at 0.
_BLOC = {"radical_left": -1, "left": -1, "right": 1, "far_right": 1}
# Accounts on which rates are fitted (their order is random), and rounds of the fit.
_PANEL = 1_024
_FITS = 8
# Draws after which an account that keeps meeting known pages stops.
_ROUNDS = 200


def draw_traits(
    people: pd.DataFrame, couple: Bools, town: Town, *, rng: np.random.Generator
) -> npt.NDArray[np.float32]:
    """Draw the traits of people, shape (n people, `TRAITS` + interests).

    The first is political: half-normal on the side of their bloc, plus `town.label_noise`; the next
    ones are correlated with age, sex and couple. A column an interest comes last, 1 for their own.

    Parameters
    ----------
    people : pandas.DataFrame
        Columns leaning, age, sex, interest.
    couple : ndarray of bool
        Whether each lives as a couple.
    town : Town
        Noise of the political axis, and correlations of the axes of age, sex and couple.
    rng : numpy.random.Generator

    Returns
    -------
    ndarray of float32
    """
    n = len(people)
    traits = rng.standard_normal((n, TRAITS))
    bloc = people["leaning"].map(_BLOC).fillna(0).to_numpy()
    strength = np.where(bloc == 0, 0.5 * traits[:, 0], bloc * np.abs(traits[:, 0]))
    traits[:, 0] = strength + town.label_noise * rng.standard_normal(n)
    values = people["age"].to_numpy(), (people["sex"] == "F").to_numpy(), couple
    correlations = town.age_in_taste, town.sex_in_taste, town.couple_in_taste
    for axis, (value, r) in enumerate(zip(values, correlations, strict=True), start=1):
        unit = (value - value.mean()) / (value.std() or 1.0)
        traits[:, axis] = r * unit + np.sqrt(1 - r * r) * traits[:, axis]
    interest = np.array(INTERESTS) == people["interest"].to_numpy(dtype=str)[:, None]
    return np.hstack([traits, interest]).astype(np.float32)


@dataclass(frozen=True, eq=False, kw_only=True)
class PageExposure:
    """Exposure of accounts to pages: ``exp(slope * agreement)`` times the `rate` of each page.

    `page` lists pages by audience, `upto` is the cumulative sum of their rates in this order; those
    of an audience begin at `first` and sum to `size`.
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
    ) -> PageExposure:
        """Fit the rates to the popularity of pages and the likes of accounts.

        Parameters
        ----------
        traits : ndarray of float32
            As `draw_traits` gives them, a row an account.
        likes : ndarray of int
            Number of pages that each account likes.
        pages : Pages
        slope : float
        """
        some = slice(0, _PANEL)
        rate = _rates(_tilt(traits[some], pages, slope), likes[some], pages)
        page = np.argsort(pages.audience, kind="stable")
        first = np.searchsorted(pages.audience[page], np.arange(pages.appeal.shape[1] + 1))
        upto = np.concatenate([[0.0], np.cumsum(rate[page])])
        places = {"page": page, "upto": upto, "first": first, "size": np.diff(upto[first])}
        return cls(pages=pages, slope=slope, rate=rate, **places)

    def liked(
        self, traits: npt.NDArray[np.float32], likes: Ints, *, rng: np.random.Generator
    ) -> tuple[Ints, Ints]:
        """Draw the pages that accounts like: each is exposed to pages until it has enough likes.

        An account is exposed to as many pages at a time as it lacks likes, and likes every new one.
        One that meets only known pages ends with fewer.

        Parameters
        ----------
        traits : ndarray of float32
        likes : ndarray of int
        rng : numpy.random.Generator

        Returns
        -------
        account, page : ndarray of int
            One pair a like, by account then page.
        """
        pages, audiences = len(self.page), len(self.size)
        ladder = _ladder(_tilt(traits, self.pages, self.slope) * self.size)
        lacks = likes.astype(np.int64)
        pairs, complete = np.empty(0, dtype=np.int64), []
        for _ in range(_ROUNDS):
            row = np.repeat(np.arange(len(lacks)), lacks)
            if not len(row):
                break
            audience = _climb(ladder, row, audiences, rng)
            page = self._page_of(audience, rng.random(len(row)))
            pairs = np.concatenate([pairs, row * pages + page])
            pairs.sort()
            pairs = pairs[np.append(True, pairs[1:] != pairs[:-1])]
            account = pairs // pages
            lacks = np.where(lacks > 0, likes - np.bincount(account, minlength=len(lacks)), 0)
            # Only accounts that still lack likes are drawn again.
            again = lacks[account] > 0
            complete.append(pairs[~again])
            pairs = pairs[again]
        pairs = np.concatenate([*complete, pairs])
        pairs.sort()
        return np.divmod(pairs, max(pages, 1))

    def _page_of(self, audience: Ints, draw: Floats) -> Ints:
        """Return a page of each audience, in proportion to rates."""
        first, end = self.first[audience], self.first[audience + 1]
        at = np.searchsorted(self.upto, self.upto[first] + draw * self.size[audience], "right") - 1
        return self.page[np.clip(at, first, end - 1)]


def _ladder(weight: npt.NDArray[np.floating]) -> Floats:
    """Return the cumulative shares of rows of weights, one row above the other."""
    upto = np.cumsum(weight, axis=1, dtype=np.float64)
    upto /= upto[:, -1:]
    upto += np.arange(len(upto))[:, None]
    return upto.ravel()


def _climb(ladder: Floats, row: Ints, columns: int, rng: np.random.Generator) -> Ints:
    """Draw a column for each row number, in proportion to the weights of that row."""
    step = np.searchsorted(ladder, row + rng.random(len(row)), "right") - row * columns
    return np.asarray(np.minimum(step, columns - 1), dtype=np.int64)


def _tilt(traits: npt.NDArray[np.float32], pages: Pages, slope: float) -> npt.NDArray[np.float32]:
    """Return the factor on the rates of each audience for each account; 1 for the highest."""
    agreement: npt.NDArray[np.float32] = traits @ (slope * pages.appeal).astype(np.float32)
    agreement -= agreement.max(axis=1, keepdims=True)
    return np.exp(agreement, out=agreement)


def _rates(tilt: npt.NDArray[np.float32], likes: Ints, pages: Pages) -> Floats:
    """Fit the rate of each page to its expected likers by alternating scaling (Sinkhorn)."""
    # Expected likers of a page are sum(1 - exp(-much_i tilt_ig v_j)): a page that nearly all of its
    # audience like already needs a rate far above its popularity. Pages of one audience and of one
    # octave of popularity share a cell.

    octave = np.floor(np.log2(np.maximum(pages.popularity, 1e-12))).astype(np.int64)
    cell, where, size = np.unique(
        pages.audience * 64 - octave, return_inverse=True, return_counts=True
    )
    audience = pages.audience[np.unique(where, return_index=True)[1]]
    wanted = likes.astype(np.float32)
    share = np.bincount(where, pages.popularity, len(cell)) / size
    liked = (share * wanted.sum()).astype(np.float32)
    rate = liked.copy()
    much = wanted / (tilt @ np.bincount(audience, rate * size, tilt.shape[1]).astype(np.float32))
    for _ in range(_FITS):
        chance = np.take(much[:, None] * tilt, audience, axis=1)
        chance *= rate
        np.negative(np.expm1(np.negative(chance, out=chance), out=chance), out=chance)
        # Rescale liker totals last.
        much = much * wanted / np.maximum(chance @ size.astype(np.float32), 1e-9)
        rate = rate * liked / np.maximum(chance.sum(axis=0), 1e-9)
    factor = rate / np.maximum(liked, 1e-30)
    return np.asarray(pages.popularity * factor[where], dtype=np.float64)


KINDS = ("like", "share", "follow", "comment", "join", "attend", "open", "click")
# An account that opens an e-mail of a candidate receives the later ones, and opens or clicks some.
_OPENS_LATER, _CLICKS_LATER = 0.3, 0.05
# Shares of candidates (SIDES) in likes that follow no leaning (scenario).
_FAME = np.array([0.17, 0.25, 0.10, 0.30, 0.18])
# Mean interactions of a political liker with candidates beyond the first (scenario).
_MORE = 0.4
_MINOR_CHANCE = 0.3
_CHUNK = 2_048

Whole = npt.NDArray[np.integer]


class Acts(NamedTuple):
    """Interactions in narrow columns, by account and time.

    `kind` is a position in `KINDS`, `second` is counted from the first day.
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
        wide: tuple[Any, ...] = (account, page, kind, second)
        narrow = (np.int32, np.int32, np.int8, np.int32)
        return cls(*(v[order].astype(t) for v, t in zip(wide, narrow, strict=True)))

    @classmethod
    def together(cls, parts: list[Acts]) -> Acts:
        """Concatenate parts."""
        return cls(*map(np.concatenate, zip(*parts, strict=True)))

    def and_also(self, other: Acts) -> Acts:
        """Merge other interactions of the same accounts."""
        return self.in_order(*self.together([self, other]))

    def of(self, start: int, end: int) -> Acts:
        """Return the interactions of the accounts from `start` to before `end`."""
        at = slice(*np.searchsorted(self.account, [start, end]).tolist())
        return Acts._make(column[at] for column in self)


def draw_ordinary_acts(
    traits: npt.NDArray[np.float32],
    likes: Ints,
    meetings: PageExposure,
    besides: Acts,
    *,
    workers: int,
    rng: np.random.Generator,
) -> Acts:
    """Draw interactions of accounts with ordinary and partisan pages, each page at most once.

    Parameters
    ----------
    traits : ndarray of float32
    likes : ndarray of int
        A row an account, see `PageExposure`.
    meetings : PageExposure
    besides : Acts
        Their interactions with candidates, which are merged.
    workers : int
        Threads. They do not change the result: every chunk of accounts has its own generator.
    rng : numpy.random.Generator
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

    return Acts.together(
        Parallel(n_jobs=workers, prefer="threads")(delayed(part)(*job) for job in jobs)
    )


def draw_political_likes(
    people: pd.DataFrame, aligned: Bools, town: Town, *, rng: np.random.Generator
) -> tuple[Ints, Ints]:
    """Draw which accounts interact with which candidates.

    Every interaction of an aligned liker goes to one side: mostly their own, otherwise one beside
    it. Each interaction of the others is drawn anew by the candidates' fame. Probabilities are set
    so that a share `town.candidate_reach` of accounts is expected to touch the right; of adults who
    lean to no party, `town.no_party_likers` times as many touch anybody.

    Parameters
    ----------
    people : pandas.DataFrame
        Columns leaning, age, of the person of each account.
    aligned : ndarray of bool
    town : Town
    rng : numpy.random.Generator

    Returns
    -------
    account, side : ndarray of int
        One pair an interaction; `side` is a position in `SIDES`.
    """
    n, leaning = len(people), people["leaning"].to_numpy(dtype=str)
    chance = _side_chances(leaning, town.own_side)
    right = SIDES.index("right")
    # 1 + Poisson(m) draws all miss a share r with probability (1 - r) exp(-m r).
    missed = (1 - _FAME[right]) * np.exp(-_MORE * _FAME[right])
    touches = np.where(aligned, chance[:, right], 1 - missed)
    eager = np.where(leaning == "none", town.no_party_likers, 1.0)
    eager[people["age"].to_numpy() < 18] = _MINOR_CHANCE
    mean = float((touches * eager).mean()) if n else 1.0
    active = np.flatnonzero(rng.random(n) < np.minimum(eager * town.candidate_reach / mean, 1))
    side = draw_column(chance[active], rng)
    account = np.repeat(np.arange(len(active)), 1 + rng.poisson(_MORE, len(active)))
    anew = rng.choice(len(SIDES), len(account), p=_FAME)
    return active[account], np.where(aligned[active][account], side[account], anew)


def draw_candidate_acts(
    likes: tuple[Ints, Ints], pages: Pages, *, rng: np.random.Generator
) -> Acts:
    """Draw the page, kind and time of each interaction with a candidate.

    Posts, events and mailings, and interactions with the main page, are denser towards the end of
    the period, 1 March to 14 September 2016.

    Parameters
    ----------
    likes : tuple[ndarray of int, ndarray of int]
        Account and side, as `draw_political_likes` gives them; sorted by account.
    pages : Pages
    rng : numpy.random.Generator
    """
    account, side = likes
    n = len(account)
    # Few pages are candidates': only theirs are read.
    of = np.flatnonzero(of_candidate(pages.frame))
    frame = pages.frame.iloc[of]
    kind, whose = (frame[name].to_numpy(dtype=str) for name in ("kind", "side"))
    places = read_figures("population")["pages_of_candidate"]
    place = rng.choice(list(places), n, p=list(places.values()))
    page = np.empty(n, dtype=np.int64)
    later: list[tuple[Ints, Ints]] = []
    for i, name in enumerate(SIDES):
        own = whose == name
        for word in places:
            there = of[own & (kind == word)]
            # Pages that the caller gives may lack a kind.
            there = there if len(there) else of[own]
            at = np.flatnonzero((side == i) & (place == word))
            page[at] = there[rng.integers(len(there), size=len(at))]
        for word, chance in (("email", _OPENS_LATER), ("link", _CLICKS_LATER)):
            mails = of[own & (kind == word)]
            reads = np.flatnonzero((side == i) & (place == "email"))
            again = rng.random((len(reads), len(mails))) < chance
            again &= pages.day[mails] > pages.day[page[reads]][:, None]
            reader, mail = np.nonzero(again)
            later.append((account[reads[reader]], mails[mail]))
    account = np.concatenate([account, *(reader for reader, _ in later)])
    page = np.concatenate([page, *(mail for _, mail in later)])
    order = np.lexsort((page, account))
    account, page = account[order], page[order]
    day = pages.day[page]
    # The main page has no date: interactions grow denser as the campaign goes on.
    lasting = np.isnan(day)
    day[lasting] = DAYS * rng.random(int(lasting.sum())) ** 0.3
    return Acts.in_order(
        account, page, _kinds(page, pages.frame, rng), moments(account, day, rng=rng)
    )


def interaction_frame(acts: Acts) -> pd.DataFrame:
    """Return the frame `world.interactions`; columns are not copied, as there may be millions."""
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
    """Draw the kind of each interaction by the kind of its page."""
    acts = read_figures("population")["interactions_with_page"]
    chance = np.array([[acts[kind].get(act, 0.0) for act in KINDS] for kind in PAGE_KINDS])
    # The pages of candidates stand side by side: no others are read for them.
    first, last = int(page.min(initial=len(frame))), int(page.max(initial=-1))
    near = frame["kind"].iloc[first : last + 1]
    code = pd.Categorical(near, categories=list(PAGE_KINDS)).codes.astype(np.int64)[page - first]
    return _climb(_ladder(chance), code, len(KINDS), rng)


def _side_chances(leaning: Strs, own_side: float) -> Floats:
    """Return the probability of each side for an aligned liker of each leaning."""
    by_leaning = np.tile(_FAME, (len(SIDES) + 1, 1))
    for i in range(len(SIDES)):
        beside = [j for j in (i - 1, i + 1) if 0 <= j < len(SIDES)]
        by_leaning[i] = 0
        by_leaning[i, i] = own_side
        by_leaning[i, beside] = (1 - own_side) / len(beside)
    row = {name: i for i, name in enumerate(SIDES)}
    return by_leaning[[row.get(name, len(SIDES)) for name in leaning.tolist()]]
