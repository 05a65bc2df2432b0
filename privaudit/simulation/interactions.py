"""What accounts do: ordinary pages by taste, candidates by leaning, or not; kinds and times."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from privaudit._core.arrays import Bools, Floats, Ints, Strs
from privaudit.simulation.moments import moments
from privaudit.simulation.pages import DAYS, FIRST_DAY, PAGE_KINDS, SIDES, Pages, of_candidate
from privaudit.simulation.tastes import Meetings

__all__ = [
    "KINDS", "Acts", "draw_candidate_acts", "draw_ordinary_acts", "draw_political_likes",
    "interaction_frame",
]  # fmt: skip

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
