"""Who likes which page: tastes, and how often pages come one's way. Nothing is dense here.

Account i meets page j at the rate ``v_j exp(slope * agreement of i with the audience of j)`` and
likes the first pages that it meets, as many as it likes in all. Pages of one audience please an
account alike: an audience is drawn first, one of its pages next, and what was met before is met
for nothing. The rates v are such that as many accounts like a page as its popularity says.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from privaudit._core.arrays import Bools, Floats, Ints, Strs
from privaudit.simulation.pages import TRAITS, Pages
from privaudit.simulation.world import INTERESTS

__all__ = ["Meetings", "Tastes", "draw_traits"]

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
