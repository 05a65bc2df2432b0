"""Match people between two periods by what they do in each: an attack that learns.

Two things link the periods. Items that somebody comes back to, rare ones above all (habits);
and what kind of items they have, how much they do and at what hours (taste), which tells even
where nobody has an item twice, as with likes. How far each may be trusted is learnt from the
release itself, whose people are seen in both halves of it: no name is needed for that.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from privaudit._core.arrays import Floats, Ints
from privaudit.measures.traces.claims import Claims, learn_claims
from privaudit.measures.traces.habits import Habits, fit_habits
from privaudit.measures.traces.two_covariance import TwoCovariance, fit_two_covariance

__all__ = ["Matcher", "Profiles", "chance_of_rank", "learn_matcher"]


# Numbers of latent directions to try; the best calibrated is selected.
_TASTES = (8, 16, 32, 64)
# Training people: fewest that suffice, most that help.
_FEWEST, _MOST = 100, 20_000
_ASKED, _CROWD = 300, 4_000


@dataclass(frozen=True, eq=False, kw_only=True)
class Profiles:
    """What people did in a period, one row a person.

    Attributes
    ----------
    counts : csr_array, shape (people, items)
        How often each had each item.
    rhythm : float array, shape (people, d)
        Share of their events at each kind of hour; no column where times are not known.
    days : float
        Length of the period: amounts of periods of any length compare by the day.
    """

    counts: Any
    rhythm: Floats
    days: float = 1.0

    def __len__(self) -> int:
        return int(self.counts.shape[0])

    def rows(self, which: Ints | slice) -> Profiles:
        """Return some of the people."""
        return Profiles(counts=self.counts[which], rhythm=self.rhythm[which], days=self.days)


@dataclass(frozen=True, eq=False, kw_only=True)
class _Taste:
    """Latent directions of items that co-occur in people."""

    basis: Floats

    def features(self, people: Profiles) -> Floats:
        """Return latent taste, amount and hours, shape (people, tastes + 1 + d)."""
        total = np.asarray(people.counts.sum(axis=1), float).ravel()
        spread = np.asarray(people.counts @ self.basis)
        length = np.sqrt((spread**2).sum(axis=1, keepdims=True))
        place = np.divide(spread, length, out=np.zeros_like(spread), where=length > 0)
        amount = np.log1p(total) - np.log(max(people.days, 1.0))
        return np.hstack([place, amount[:, None], np.sqrt(people.rhythm)])


@dataclass(frozen=True, eq=False, kw_only=True)
class Matcher:
    """A fitted matcher.

    Attributes
    ----------
    claims : Claims
        How far habits and, where it was learnt, taste are trusted.
    taught : int
        How many people of the release taught them; 0 where there were too few, and habits count
        in full.
    """

    claims: Claims
    taught: int
    _habits: Habits
    _taste: _Taste | None
    _model: TwoCovariance | None
    _features: Floats

    def scores(self, asked: Profiles) -> Floats:
        """Return the log odds that each queried person is each candidate.

        Parameters
        ----------
        asked : Profiles
            What is known of people, from another period.

        Returns
        -------
        float array, shape (people asked about, candidates)
        """
        habits = _habit_scores(self._habits, asked)
        if self._taste is None or self._model is None:
            return self.claims.combine([habits])
        taste = self._model.log_odds(self._taste.features(asked), self._features)
        return self.claims.combine([habits, taste])


def learn_matcher(release: Profiles, halves: tuple[Profiles, Profiles]) -> Matcher:
    """Fit a matcher of people between two periods on a release.

    Parameters
    ----------
    release : Profiles
        Everybody of the release, over all of it.
    halves : tuple of Profiles
        The same people in the same order, in the first and in the second half of it.

    Returns
    -------
    Matcher
    """
    habits = fit_habits(release.counts)
    first, second = (np.asarray(half.counts.sum(axis=1)).ravel() for half in halves)
    teach = _spaced(np.flatnonzero((first > 1) & (second > 1)), _MOST)
    if len(teach) < _FEWEST:
        return Matcher(
            claims=Claims(weights=(1.0,)),
            taught=0,
            _habits=habits,
            _taste=None,
            _model=None,
            _features=np.empty((len(release), 0)),
        )
    # One part of the people fits the model, the other calibrates its confidence.
    learn, crowd = teach[::2], _spaced(teach[1::2], _CROWD)
    right = _spaced(np.arange(len(crowd)), _ASKED)
    asked, shown = halves[0].rows(crowd[right]), halves[1].rows(crowd)
    by_habit = _habit_scores(fit_habits(shown.counts), asked)
    best: tuple[Claims, _Taste, TwoCovariance] | None = None
    # Directions from the later half alone: using both halves of a person would leak into
    # training what is not available at matching.
    for taste in _tastes(halves[1].counts[teach]):
        before, after = (taste.features(half.rows(learn)) for half in halves)
        model = fit_two_covariance(before, after)
        by_taste = model.log_odds(taste.features(asked), taste.features(shown))
        claims = learn_claims([by_habit, by_taste], right)
        if best is None or claims.surprise < best[0].surprise:
            best = claims, taste, model
    assert best is not None
    claims, taste, model = best
    return Matcher(
        claims=claims,
        taught=len(teach),
        _habits=habits,
        _taste=taste,
        _model=model,
        _features=taste.features(release),
    )


def _habit_scores(habits: Habits, asked: Profiles) -> Floats:
    """Return the habit scores of each pair."""
    counts = asked.counts
    return np.stack(
        [
            habits.log_odds(counts.indices[a:b], counts.data[a:b])
            for a, b in zip(counts.indptr[:-1], counts.indptr[1:], strict=True)
        ]
    )


def _tastes(counts: Any) -> list[_Taste]:
    """Return the number of latent directions to try."""
    from scipy.sparse import csr_array, diags_array
    from scipy.sparse.linalg import svds

    # As in correspondence analysis: an item weighs less the more people have it.
    popular = np.asarray(counts.sum(axis=0), float).ravel() + 1
    weight = 1 / np.sqrt(popular)
    rows = csr_array(counts @ diags_array(weight))
    length = np.sqrt(np.asarray(rows.multiply(rows).sum(axis=1)).ravel())
    scale = np.divide(1.0, length, out=np.zeros_like(length), where=length > 0)
    most = min(*counts.shape, max(_TASTES) + 1) - 1
    if most < 1:
        return [_Taste(basis=np.zeros((counts.shape[1], 0)))]
    start = np.ones(min(counts.shape))
    _, _, axes = svds(csr_array(diags_array(scale) @ rows), k=most, v0=start)
    basis = weight[:, None] * axes[::-1].T
    sizes = [k for k in _TASTES if k < most] + [most]
    return [_Taste(basis=basis[:, :k]) for k in sizes]


def _spaced(values: Ints, most: int) -> Ints:
    """Return at most so many values, evenly spaced."""
    if len(values) <= most:
        return values
    return values[np.linspace(0, len(values) - 1, most).astype(np.int64)]


def chance_of_rank(better: np.ndarray, ties: np.ndarray, rank: int) -> np.ndarray:
    """Return the chance to rank among the first `rank`, ties broken at random.

    Parameters
    ----------
    better : int, shape (n,)
        Candidates with a higher score than the right one.
    ties : int, shape (n,)
        Candidates with the score of the right one, itself included.
    rank : int
        1 or more.

    Returns
    -------
    ndarray

    Examples
    --------
    >>> chance_of_rank(np.array([0, 0, 9, 10]), np.array([1, 2, 4, 1]), 10)
    array([1.  , 1.  , 0.25, 0.  ])
    """
    return np.asarray(np.clip(rank - better, 0, ties) / ties)
