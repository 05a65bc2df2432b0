"""From scores to claims: how sure somebody may be who compares one trace with all others.

Several scores of a candidate, each a logarithm of odds under a model that is not quite right,
are put together with weights learnt where the answer is known, so that what is claimed with
confidence c is right about c of the time, whether or not the right one is among the candidates.

- Is it the same person? Odds that are learnt from people who were seen twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from privaudit.core.checks import Floats, Ints

# Odds of a model that is right have weight 1; a few hundred people cannot teach much more.
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
        What is added to the sum.
    surprise : float
        How unlikely the answers were that taught them: mean of ``-ln p``, 0 is the least.
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
    """Return the posterior probability of each candidate to be the person looked for.

    Parameters
    ----------
    score : float array
        (..., candidates). Logarithms of the odds, as `Claims.combine` gives; -inf for a
        candidate that is out.
    there : float
        Chance, before looking, that the one looked for is among the candidates, in (0, 1).

    Returns
    -------
    float array
        (..., candidates). In [0, 1]; what the sum over candidates lacks to 1 is the chance that
        nobody is.

    Examples
    --------
    Two candidates, one twice as likely as chance to be the one: 2 : 1 for them, 2 for nobody.

    >>> confidence(np.log([2.0, 1.0])).round(2).tolist()
    [0.4, 0.2]
    """
    from scipy.special import logsumexp

    candidates = np.isfinite(score).sum(axis=-1, keepdims=True)
    nobody = np.log(np.maximum(candidates, 1) * (1 - there) / there)
    every = logsumexp(score, axis=-1, keepdims=True)
    result: Floats = np.exp(score - np.logaddexp(every, nobody))
    return result


def learn_claims(scores: Sequence[Floats], right: Ints) -> Claims:
    """Fit the weights on people whose right candidate is known.

    Each is asked for twice: as they are, and with the right candidate taken away, when the answer
    should be that nobody is. The weights make these answers likeliest.

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
        """Mean surprise over both answers of everybody, and its gradient."""
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


# Share of the mean variance that is added to each direction: too few people leave some empty.
_RIDGE = 1e-3
# A direction in which people differ by less than this of what changes within one is noise.
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

        ``ln p(u, v | one person) - ln p(u) - ln p(v)``, where along an axis of spread s both looks
        have variance ``s + 1`` and, of one person, covariance s.

        Parameters
        ----------
        asked, candidates : float array, shape (m, d) and (c, d)

        Returns
        -------
        float array, shape (m, c)
            0 where nothing was learnt; above 0: likelier one person than two.

        Examples
        --------
        One axis: two people far from everybody else, at the same place.

        >>> model = TwoCovariance(mean=np.zeros(1), axes=np.eye(1), spread=np.full(1, 9.0))
        >>> model.log_odds(np.array([[5.0]]), np.array([[5.0], [0.0]])).round(2).tolist()
        [[2.01, -4.5]]
        """
        u, v = (asked - self.mean) @ self.axes, (candidates - self.mean) @ self.axes
        total = self.spread + 1
        left = total**2 - self.spread**2
        own, cross = total / left - 1 / total, self.spread / left
        apart = 0.5 * ((u**2 @ own)[:, None] + (v**2 @ own)[None, :])
        result: Floats = (u * cross) @ v.T - apart - 0.5 * np.log(left / total**2).sum()
        return result


def fit_two_covariance(first: Floats, second: Floats) -> TwoCovariance:
    """Fit the model on people observed twice.

    Parameters
    ----------
    first, second : float array, shape (people, d)
        The same people in the same order, two at least.

    Returns
    -------
    TwoCovariance
        Of as many axes as tell people apart, none where nothing does.
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
