"""Is it the same person? Odds that are learnt from people who were seen twice.

Somebody's features are their own mean plus what changes from one time to another, both of them
normal: the two-covariance model of speaker recognition (Brümmer and de Villiers 2010). A
feature that stays with people while people differ in it tells much; one that changes from day
to day, or that everybody shares, tells nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from privaudit._core.arrays import Floats

__all__ = ["TwoCovariance", "fit_two_covariance"]


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
