"""Re-identification between two periods: scores of candidates, confidence, and what came true.

Scores of different models (recurring habits; latent taste and hours) are log odds. Weights learnt
within the release, where pseudonyms hold, turn them into a confidence that is right as often as
it says, whether or not the person is among the candidates.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from privaudit.core.checks import Floats, Ints
from privaudit.core.reproducible import one_thread
from privaudit.release.read_traces import Traces
from privaudit.results.measures import Measures
from privaudit.results.rows import Rows
from privaudit.stats.calibration import expected_calibration_error
from privaudit.stats.csr import take_rows
from privaudit.stats.intervals import wilson
from privaudit.traces.unicity import trace_result
from privaudit.words.catalogues import Note

# A correct model has weight 1; a few hundred people cannot support much more.
_HIGHEST_WEIGHT = 3.0
_FARTHEST_OFFSET = 50.0


@dataclass(frozen=True, kw_only=True)
class Claims:
    """Weights that turn scores into a confidence.

    Attributes
    ----------
    weights : tuple of float
        One a score, 0 or more.
    offset : float
        Added to the sum.
    surprise : float
        Log loss of the training answers: mean of ``-ln p``, 0 or more.
    """

    weights: tuple[float, ...]
    offset: float = 0.0
    surprise: float = float("nan")

    def combine(self, scores: Sequence[Floats]) -> Floats:
        """Return ``offset + sum of weight times score``, of the shape of the scores."""
        total = np.full(np.shape(scores[0]), self.offset)
        for weight, score in zip(self.weights, scores, strict=True):
            if weight > 0:
                total += weight * score
        return total


def confidence(score: Floats, there: float = 0.5) -> Floats:
    """Return the posterior probability of each candidate to be the queried person.

    Parameters
    ----------
    score : float array
        (..., candidates). Log odds, as `Claims.combine` gives; -inf for an excluded candidate.
    there : float
        Prior probability that the person is among the candidates, in (0, 1).

    Returns
    -------
    float array
        (..., candidates). In [0, 1]; 1 less their sum is the probability that nobody is.

    Examples
    --------
    Two candidates with odds 2 and 1, and odds 2 of nobody:

    >>> confidence(np.log([2.0, 1.0])).round(2).tolist()
    [0.4, 0.2]
    """
    from scipy.special import logsumexp

    candidates = np.isfinite(score).sum(axis=-1, keepdims=True)
    nobody = np.log(np.maximum(candidates, 1) * (1 - there) / there)
    every = logsumexp(score, axis=-1, keepdims=True)
    return np.asarray(np.exp(score - np.logaddexp(every, nobody)))


@one_thread(learning=False)
def learn_claims(scores: Sequence[Floats], right: Ints) -> Claims:
    """Fit the weights by maximum likelihood on people whose right candidate is known.

    Each is queried twice: with the right candidate, and with it removed, where the right answer is
    that nobody is.

    Parameters
    ----------
    scores : sequence of ndarray, each of shape (asked, candidates)
        Logarithms of odds by different models.
    right : int, shape (asked,)
        Place of the right candidate.

    Returns
    -------
    Claims
    """
    from scipy.optimize import minimize
    from scipy.special import logsumexp

    stack = np.stack([np.asarray(s, float) for s in scores])
    asked = np.arange(stack.shape[1])
    own = stack[:, asked, right]
    crowd = stack.shape[2]

    def unlikely(at: Floats) -> tuple[float, Floats]:
        """Return the mean log loss over both queries, and its gradient."""
        total = at[-1] + np.tensordot(at[:-1], stack, axes=1)
        value, slope = 0.0, np.zeros(len(at))
        for there in (True, False):
            if not there:
                total[asked, right] = -np.inf
            nobody = np.log(max(crowd - (not there), 1))
            every = np.logaddexp(logsumexp(total, axis=1), nobody)
            chance = np.exp(total - every[:, None])
            expected = np.append(np.tensordot(stack, chance, axes=2), chance.sum())
            hit = np.append(own.sum(axis=1), len(asked)) * there
            value += float((every - (at[-1] + at[:-1] @ own if there else nobody)).sum())
            slope += expected - hit
        return value / len(asked), slope / len(asked)

    start = np.append(np.full(len(stack), 0.5), 0.0)
    bounds = [(0.0, _HIGHEST_WEIGHT)] * len(stack) + [(-_FARTHEST_OFFSET, _FARTHEST_OFFSET)]
    best = minimize(unlikely, start, jac=True, bounds=bounds, method="L-BFGS-B")
    weights = tuple(float(w) for w in best.x[:-1])
    return Claims(weights=weights, offset=float(best.x[-1]), surprise=float(best.fun))


# Ridge: share of the mean variance that is added to each direction.
_RIDGE = 1e-3
# Between-person variance, as a share of the within-person one, below which a direction is noise.
_LEAST = 1e-3


@dataclass(frozen=True, eq=False, kw_only=True)
class TwoCovariance:
    """A two-covariance model: between-person directions, whitened by within-person variance.

    Attributes
    ----------
    mean : float array, shape (d,)
    axes : float array, shape (d, k)
        Features times these are independent of each other.
    spread : float array, shape (k,)
        Variance between people along each.
    """

    mean: Floats
    axes: Floats
    spread: Floats

    def log_odds(self, asked: Floats, candidates: Floats) -> Floats:
        """Return the log likelihood ratio that two observations are of one person.

        ``ln p(u, v | one person) - ln p(u) - ln p(v)``, where along an axis of spread s both
        observations have variance ``s + 1`` and, of one person, covariance s.

        Parameters
        ----------
        asked, candidates : float array, shape (m, d) and (c, d)

        Returns
        -------
        float array, shape (m, c)
            Above 0: likelier one person than two; 0 without an axis.

        Examples
        --------
        One axis: two observations far from the mean, at the same place.

        >>> model = TwoCovariance(mean=np.zeros(1), axes=np.eye(1), spread=np.full(1, 9.0))
        >>> model.log_odds(np.array([[5.0]]), np.array([[5.0], [0.0]])).round(2).tolist()
        [[2.01, -4.5]]
        """
        u, v = (asked - self.mean) @ self.axes, (candidates - self.mean) @ self.axes
        total = self.spread + 1
        left = total**2 - self.spread**2
        own, cross = total / left - 1 / total, self.spread / left
        apart = 0.5 * ((u**2 @ own)[:, None] + (v**2 @ own)[None, :])
        return np.asarray((u * cross) @ v.T - apart - 0.5 * np.log(left / total**2).sum())


def fit_two_covariance(first: Floats, second: Floats) -> TwoCovariance:
    """Fit the model on people observed twice.

    Parameters
    ----------
    first, second : float array, shape (people, d)
        The same people in the same order, two at least.

    Returns
    -------
    TwoCovariance
        With the axes along which people differ; none where they do not.
    """
    mean = (first.mean(axis=0) + second.mean(axis=0)) / 2
    u, v = first - first.mean(axis=0), second - second.mean(axis=0)
    within = (u - v).T @ (u - v) / (2 * len(u))
    between = (u.T @ v + v.T @ u) / (2 * len(u))
    scale = max(float(np.trace(within + np.abs(between))) / len(within), 1e-12)
    root = np.linalg.cholesky(within + _RIDGE * scale * np.eye(len(within)))
    back = np.linalg.inv(root)
    spread, turn = np.linalg.eigh(back @ between @ back.T)
    varying = spread > _LEAST
    return TwoCovariance(mean=mean, axes=(back.T @ turn)[:, varying], spread=spread[varying])


_MOST_LEARNT = 2_000
# Logarithm of the concentration: from habits of one item each to the crowd's own shares.
_RANGE = (-3.0, 15.0)


@dataclass(frozen=True, eq=False, kw_only=True)
class Habits:
    """Dirichlet-multinomial model of the item counts of a set of candidates.

    Each person has their own shares of items, drawn from a Dirichlet law around the shares of all
    candidates; each event falls on an item by these shares.

    Attributes
    ----------
    counts : object
        Shape (candidates, items).
    weight : float array, shape (items,)
        Parameters of the Dirichlet law: the overall share of each item times the concentration.
        Small sums: habits differ strongly between people.
    """

    counts: Any
    weight: Floats
    total: Floats
    _entry: Floats

    def log_odds(self, item: Ints, count: Floats) -> Floats:
        """Return the log likelihood ratio that one person made both counts, for each candidate.

        ``ln p(x, y) - ln p(x) - ln p(y)``. Shared items raise it, rare ones by more; other events
        lower it.

        Parameters
        ----------
        item, count : int array, shape (k,)
            The items of a person in another period, each once, and how often.

        Returns
        -------
        float, shape (candidates,)
        """
        from scipy.special import gammaln

        taken, entry = take_rows(self.counts.indptr, item)
        length = np.diff(taken)
        here = self.weight[item]
        both = gammaln(np.repeat(count + here, length) + self.counts.data[entry])
        both += self._entry[entry] - np.repeat(gammaln(count + here), length)
        odds = np.bincount(self.counts.indices[entry], both, minlength=len(self.total))
        # Candidates with the same number of events share the rest of the sum.
        mine, size = float(count.sum()), float(self.weight.sum())
        theirs, code = np.unique(self.total, return_inverse=True)
        rest = gammaln(mine + size) + gammaln(theirs + size)
        rest -= gammaln(mine + theirs + size) + gammaln(size)
        return np.asarray(odds + rest[code])


def fit_habits(counts: Any) -> Habits:
    """Fit the concentration by maximum likelihood on at most 2,000 evenly spaced candidates.

    Parameters
    ----------
    counts : csr_array, shape (candidates, items)
        How often each had each item.

    Returns
    -------
    Habits

    Examples
    --------
    Of three people, one has item 0 like the queried person:

    >>> from scipy.sparse import csr_array
    >>> crowd = csr_array(np.array([[3.0, 0, 0], [0, 3, 0], [0, 0, 3]]))
    >>> int(fit_habits(crowd).log_odds(np.array([0]), np.array([2.0])).argmax())
    0
    """
    from scipy.optimize import minimize_scalar
    from scipy.special import gammaln

    people = counts.shape[0]
    crowd = np.asarray(counts.sum(axis=0), float).ravel() + 0.5
    share = crowd / crowd.sum()
    total = np.asarray(counts.sum(axis=1), float).ravel()
    rows = np.unique(np.linspace(0, people - 1, min(people, _MOST_LEARNT)).astype(np.int64))
    part, events = counts[rows], total[rows]
    near = share[part.indices]

    def unlikely(logarithm: float) -> float:
        size = np.exp(logarithm)
        apart = gammaln(part.data + size * near) - gammaln(size * near)
        return float(gammaln(events + size).sum() - len(rows) * gammaln(size) - apart.sum())

    size = float(np.exp(minimize_scalar(unlikely, bounds=_RANGE, method="bounded").x))
    weight = size * share
    by_item = counts.tocsc()
    own = np.repeat(weight, np.diff(by_item.indptr))
    entry = gammaln(own) - gammaln(by_item.data + own)
    return Habits(counts=by_item, weight=weight, total=total, _entry=entry)


_DAY = 86_400
# Six parts of the day, on weekdays and at the weekend.
_PARTS = 6


def rhythm(time: Ints, who: Ints, people: int) -> Floats:
    """Return the share of events at each kind of hour.

    Parameters
    ----------
    time : int, shape (events,)
        Seconds since 1970.
    who : int, shape (events,)
        Codes from 0.
    people : int
        Number of people.

    Returns
    -------
    float array, shape (people, 12)
        Four hours a column, from midnight, weekdays first; rows sum to 1, or to 0 where there
        is no event.

    Examples
    --------
    Thursday 1 January 1970 at 1:00, and the Saturday after it at 23:00.

    >>> shares = rhythm(np.array([3_600, 2 * 86_400 + 23 * 3_600]), np.array([0, 0]), 1)
    >>> np.flatnonzero(shares[0]).tolist(), shares[0].max()
    ([0, 11], np.float64(0.5))
    """
    # 1 January 1970 was a Thursday.
    weekend = (time // _DAY + 3) % 7 >= 5
    kind = time % _DAY * _PARTS // _DAY + _PARTS * weekend
    counted = np.bincount(who * 2 * _PARTS + kind, minlength=people * 2 * _PARTS)
    often = counted.reshape(people, 2 * _PARTS)
    return np.asarray(often / np.maximum(often.sum(axis=1, keepdims=True), 1))


# Numbers of latent directions to try; the best calibrated is selected.
_TASTES = (8, 16, 32, 64)
# Training people: fewest that suffice, most that help.
_FEWEST, _MOST = 100, 20_000
ASKED, CROWD = 300, 4_000


@dataclass(frozen=True, eq=False, kw_only=True)
class Profiles:
    """Item counts and hours of people in a period, one row a person.

    Attributes
    ----------
    counts : csr_array, shape (people, items)
        How often each had each item.
    rhythm : float array, shape (people, d)
        Share of their events at each kind of hour; no column where times are not known.
    days : float
        Length of the period, by which amounts are divided.
    """

    counts: Any
    rhythm: Floats
    days: float = 1.0

    def __len__(self) -> int:
        return int(self.counts.shape[0])

    def rows(self, which: Ints | slice) -> Profiles:
        """Return some of the people."""
        return Profiles(counts=self.counts[which], rhythm=self.rhythm[which], days=self.days)

    def features(self, basis: Floats) -> Floats:
        """Return latent taste, amount and hours, shape (people, tastes + 1 + d).

        `basis` (items, tastes) are latent directions of items that co-occur within people.
        """
        total = np.asarray(self.counts.sum(axis=1), float).ravel()
        spread = np.asarray(self.counts @ basis)
        length = np.sqrt((spread**2).sum(axis=1, keepdims=True))
        place = np.divide(spread, length, out=np.zeros_like(spread), where=length > 0)
        amount = np.log1p(total) - np.log(max(self.days, 1.0))
        return np.hstack([place, amount[:, None], np.sqrt(self.rhythm)])


@dataclass(frozen=True, eq=False, kw_only=True)
class Matcher:
    """A fitted matcher.

    Attributes
    ----------
    claims : Claims
        Weights of habits and, where it was learnt, of taste.
    taught : int
        People of the release in the training set; 0 where there were too few, and habits count
        in full.
    """

    claims: Claims
    taught: int
    _habits: Habits
    # Latent directions, their model, and the features of the candidates.
    _taste: tuple[Floats, TwoCovariance, Floats] | None = None

    def scores(self, asked: Profiles) -> Floats:
        """Return the log odds that each queried person is each candidate.

        Parameters
        ----------
        asked : Profiles
            Profiles of people from another period.

        Returns
        -------
        float array, shape (people asked about, candidates)
        """
        scores = [_habit_scores(self._habits, asked)]
        if self._taste is not None:
            basis, model, candidates = self._taste
            scores.append(model.log_odds(asked.features(basis), candidates))
        return self.claims.combine(scores)


def learn_matcher(release: Profiles, halves: tuple[Profiles, Profiles]) -> Matcher:
    """Fit a matcher of people between two periods on a release.

    Parameters
    ----------
    release : Profiles
        All people of the release, over all of it.
    halves : tuple of Profiles
        The same people in the same order, in the first and in the second half of it.

    Returns
    -------
    Matcher
    """
    habits = fit_habits(release.counts)
    first, second = (np.asarray(half.counts.sum(axis=1)).ravel() for half in halves)
    teach = spaced(np.flatnonzero((first > 1) & (second > 1)), _MOST)
    if len(teach) < _FEWEST:
        return Matcher(claims=Claims(weights=(1.0,)), taught=0, _habits=habits)
    # One part of the people fits the model, the other calibrates its confidence.
    learn, crowd = teach[::2], spaced(teach[1::2], CROWD)
    right = spaced(np.arange(len(crowd)), ASKED)
    asked, shown = halves[0].rows(crowd[right]), halves[1].rows(crowd)
    by_habit = _habit_scores(fit_habits(shown.counts), asked)
    best: tuple[Claims, Floats, TwoCovariance] | None = None
    # Directions from the later half alone: using both halves of a person would leak into
    # training what is not available at matching.
    for basis in _taste_bases(halves[1].counts[teach]):
        before, after = (half.rows(learn).features(basis) for half in halves)
        model = fit_two_covariance(before, after)
        by_taste = model.log_odds(asked.features(basis), shown.features(basis))
        claims = learn_claims([by_habit, by_taste], right)
        if best is None or claims.surprise < best[0].surprise:
            best = claims, basis, model
    assert best is not None
    claims, basis, model = best
    taste = basis, model, release.features(basis)
    return Matcher(claims=claims, taught=len(teach), _habits=habits, _taste=taste)


def _habit_scores(habits: Habits, asked: Profiles) -> Floats:
    """Return the habit scores of each pair."""
    counts = asked.counts
    rows = pairwise(counts.indptr.tolist())
    return np.stack([habits.log_odds(counts.indices[a:b], counts.data[a:b]) for a, b in rows])


def _taste_bases(counts: Any) -> list[Floats]:
    """Return the bases to try, shape (items, tastes), of several numbers of latent directions."""
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
        return [np.zeros((counts.shape[1], 0))]
    start = np.ones(min(counts.shape))
    _, _, axes = svds(csr_array(diags_array(scale) @ rows), k=most, v0=start)
    basis = weight[:, None] * axes[::-1].T
    sizes = [k for k in _TASTES if k < most] + [most]
    return [basis[:, :k] for k in sizes]


def spaced(values: Ints, most: int) -> Ints:
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


# Scores in memory at a time.
_CELLS = 1 << 23
# Scores that differ only by the order of summation are ties.
_TIE = 1e-9


class CandidateRanks(NamedTuple):
    """Rank and confidence of each queried person, one entry a person.

    - `better`, `ties` (int): Candidates who score higher than the right one, and as high (itself
      included).
    - `right` (float): Probability that the best guess is right, ties at random.
    - `sure`, `sure_when_absent` (float): Confidence in the best guess: with the right candidate,
      and with it removed.
    """

    better: Ints
    ties: Ints
    right: Floats
    sure: Floats
    sure_when_absent: Floats
    candidates: int


def rank_candidates(blocks: Iterable[tuple[Floats, Ints]]) -> CandidateRanks:
    """Rank the right candidates by their scores.

    - `blocks` (iterable of (scores, right)): Scores of shape (people, candidates), and the place of
      the right candidate of each.
    """
    parts = []
    candidates = 0
    for scores, right in blocks:
        rows, candidates = np.arange(len(scores)), scores.shape[1]
        own = scores[rows, right][:, None]
        room = _TIE * np.maximum(1.0, np.abs(own))
        chance = confidence(scores)
        top = scores >= scores.max(axis=1, keepdims=True) - room
        without = scores.copy()
        without[rows, right] = -np.inf
        parts.append(
            (
                (scores > own + room).sum(axis=1),
                (np.abs(scores - own) <= room).sum(axis=1),
                top[rows, right] / top.sum(axis=1),
                chance.max(axis=1),
                confidence(without).max(axis=1),
            )
        )
    better, ties, hit, sure, absent = (np.concatenate(part) for part in zip(*parts, strict=True))
    return CandidateRanks(better, ties, hit, sure, absent, candidates)


def score_blocks(
    asked: Ints, shown: Ints, scores: Callable[[slice], Floats]
) -> Iterator[tuple[Floats, Ints]]:
    """Yield blocks of scores with the place of the right candidates, for `rank_candidates`.

    - `asked`, `shown` (int): Queried people, and all candidates, ascending.
    - `scores`: From a slice of `asked` to their scores, shape (people, candidates).
    """
    step = max(1, _CELLS // len(shown))
    for top in range(0, len(asked), step):
        part = slice(top, top + step)
        yield scores(part), np.searchsorted(shown, asked[part])


class ClaimWorth(NamedTuple):
    """Effective number of people behind each share of claims; how control and right ones go."""

    reidentified: float
    wrong_claim: float
    right_when_claimed: float
    control: float
    correlation: float


def add_claims(
    rows: Rows,
    right: npt.NDArray[Any],
    wrong: npt.NDArray[Any],
    absent: npt.NDArray[Any],
    chance: float,
    worth: ClaimWorth | None = None,
) -> float:
    """Add the right and wrong claims, with those on absent people as the control.

    - `right`, `wrong`, `absent` (bool, shape (people,)): One entry a queried person; ``absent`` is
      the control of ``reidentified``.
    - `chance`: The baseline: a right guess at random.
    - `worth`: Where people are not independent of each other; each counts one otherwise.
    - returns: Lower end of the residual over the control.
    """
    of_person: dict[str, Any] = {"baseline": chance, "gain": "person"}
    claims = float(np.sum(right) + np.sum(wrong))
    if worth is None:
        rows.share("reidentified", right, control=absent.astype(float), paired=True, **of_person)
        rows.share("wrong_claim", wrong)
    else:
        rows.rate(
            "reidentified", float(np.mean(right)), worth.reidentified,
            control=float(np.mean(absent)), control_worth=worth.control,
            correlation=worth.correlation, **of_person,
        )  # fmt: skip
        rows.rate("wrong_claim", float(np.mean(wrong)), worth.wrong_claim)
    if claims:
        share = float(np.sum(right)) / claims
        guesses: dict[str, Any] = {"n": round(claims), "counts": "guesses"}
        on = claims if worth is None else worth.right_when_claimed
        rows.rate("right_when_claimed", share, on, baseline=chance, **guesses)
    else:
        nobody = Note("nobody_claimed")
        rows.absent(["right_when_claimed"], "share", nobody, n=0, counts="guesses")
    return next(row.residual_low for row in rows if row.measure == "reidentified")


def attack_notes(
    best: npt.NDArray[Any], chance: float, beyond: float
) -> tuple[tuple[Note, ...], bool]:
    """Return notes on a weak attack, and whether the attack is reliable.

    - `best` (float, shape (people,)): Probability that the best guess is right, claimed or not.
    - `chance`: The same without the release.
    - `beyond`: Lower end of the residual over the control.
    """
    if not wilson(float(np.mean(best)), len(best))[0] > chance:
        return (Note("weak_attack"),), False
    return (() if beyond > 0 else (Note("claims_as_of_absent"),)), True


def matching_result(
    family: str,
    traces: Traces,
    outcome: CandidateRanks,
    least_confidence: float,
    recipe: dict[str, Any],
    note: Note,
) -> Measures:
    """Put rank, claims and calibration in one result."""
    n, candidates = len(outcome.right), outcome.candidates
    rows, columns = Rows(n, traces.counts), {}
    among = Note("among_candidates", candidates=candidates)
    for rank in (1, 10):
        columns[f"matched_{rank}"] = hit = chance_of_rank(outcome.better, outcome.ties, rank)
        blind = min(1.0, rank / candidates)
        rows.share("matched", hit, among, baseline=blind, gain="person", part={"rank": rank})
    claimed = outcome.sure >= least_confidence
    right, wrong = claimed * outcome.right, claimed * (1 - outcome.right)
    absent = outcome.sure_when_absent >= least_confidence
    beyond = add_claims(rows, right, wrong, absent, 1 / candidates)
    claimed_chance = np.concatenate([outcome.sure, outcome.sure_when_absent])
    came_true = np.concatenate([outcome.right, np.zeros(n)])
    error = expected_calibration_error(claimed_chance, came_true)
    means = Note("claimed_and_true", claimed=claimed_chance.mean(), true=came_true.mean())
    rows.add("calibration_error", error, "probability", means, n=2 * n, counts="guesses")
    columns["confidence"] = outcome.sure
    doubts, reliable = attack_notes(outcome.right, 1 / candidates, beyond)
    every = [note, Note("least_confidence", confidence=least_confidence), *doubts]
    per_record = pd.DataFrame(columns)
    return trace_result(traces, family, rows, per_record, recipe, every, reliable=reliable)
