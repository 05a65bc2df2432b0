"""How often something said is right, learnt from what was said of those who were not taught."""

from __future__ import annotations

import numpy as np

from privaudit._core.arrays import Bools, Floats

__all__ = ["calibrated"]


def calibrated(said: Floats, right: Bools, of: Floats) -> Floats:
    """Return the probability that what is said is right, the higher the more is said.

    Logistic regression of `right` on `said` (Platt 1999) and on its normal score, the normal
    quantile of its rank among `of`: who likes much is said much of, so that the law of what is said
    has long tails, and a slope that fits these is too flat for everybody else.

    - `said` (shape (k,)): Log odds that a model says of cases which did not teach it.
    - `right` (shape (k,)): Whether each is right.
    - `of` (shape (n,)): What it says of all that are to be told.
    - returns (shape (n,)): In (0, 1).
    """
    from scipy.optimize import minimize
    from scipy.special import expit, ndtri

    if right.all() or not right.any():
        return np.full(len(of), (right.sum() + 1) / (len(right) + 2))
    ranked, spread = np.sort(of), max(float(of.std()), 1e-9)

    def features(values: Floats) -> Floats:
        below = np.searchsorted(ranked, values) + np.searchsorted(ranked, values, side="right")
        score = ndtri((below / 2 + 0.5) / (len(ranked) + 1))
        return np.column_stack([np.ones(len(values)), (values - np.median(of)) / spread, score])

    x, sign = features(said), np.where(right, 1.0, -1.0)

    def surprise(weights: Floats) -> tuple[float, Floats]:
        odds = sign * (x @ weights)
        return float(np.logaddexp(0, -odds).mean()), -(x * (sign * expit(-odds))[:, None]).mean(0)

    usual = np.log(right.mean() / (1 - right.mean()))
    bounds = [(None, None), (0.0, None), (0.0, None)]
    found = minimize(surprise, [usual, 0.0, 1.0], jac=True, method="L-BFGS-B", bounds=bounds)
    return np.asarray(expit(features(of) @ found.x))
