"""Learning a value from the accounts that declared it: what all others' interactions say of it."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from privaudit._core.arrays import Bools, Floats, Ints, Strs
from privaudit._core.policy import FEWEST_ALIKE, FEWEST_DECLARED
from privaudit._core.threads import one_thread
from privaudit.campaign.plan import CampaignPlan
from privaudit.campaign.platt import calibrated
from privaudit.simulation.pages import of_candidate
from privaudit.simulation.world import SimulatedWorld

__all__ = ["WAYS", "Evidence", "Inferred", "evidence_of", "infer"]

# One like makes a label; all likes make a model; a campaign may hold one against the other.
WAYS = ("rule", "likes", "both")
# Ridges of the logistic model: the one whose claims on unseen accounts are the likeliest is kept.
_RIDGES = (0.003, 0.1)
_FOLDS = 5
_COMPONENTS = 100  # as Kosinski, Stillwell, Graepel 2013
_MOST = 60_000  # accounts from which the axes are learnt
_NO_LABEL = "none"


class Evidence(NamedTuple):
    """What interactions say of n accounts: `likes` (n, 100), `activity` (n,), `label` (n,).

    `touched` (n, pages) is 1 where the account touched a page that is no candidate's, sparse;
    `axes` (100, pages) are its singular vectors and `likes` the accounts' places on them;
    `activity` is the logarithm of how many pages they touched, around 0 with spread 1, and `label`
    the side of the candidate whom they touched most, "none" without any.
    """

    touched: Any
    axes: Floats
    likes: Floats
    activity: Floats
    label: Strs


class Inferred(NamedTuple):
    """Values that were learnt, and the logarithm of the probability of each: shape (n, k).

    `top` (n,) is the probability that the likeliest is right.
    """

    values: Strs
    log_p: Floats
    top: Floats


@one_thread()
def evidence_of(world: SimulatedWorld, plan: CampaignPlan, rng: np.random.Generator) -> Evidence:
    """Gather what each account's interactions up to `plan.as_of` say, sparse throughout."""
    seen = world.interactions
    kept = seen["time"].to_numpy() <= plan.as_of
    account, page = seen["account"].to_numpy()[kept], seen["page"].to_numpy()[kept]
    ours = of_candidate(world.pages)[page]
    touched = _touched(account[~ours], page[~ours], (len(world.accounts), len(world.pages)))
    side = world.pages["side"].to_numpy(dtype=str)
    label = _labels(account[ours], side[page[ours]], len(world.accounts))
    axes = _axes(touched, rng)
    return Evidence(touched, axes, touched @ axes.T, _activity(touched), label)


@one_thread()
def infer(
    evidence: Evidence,
    trained: Ints,
    labels: Strs,
    *,
    alike: Bools | None = None,
    way: str = "both",
    seed: int,
) -> Inferred | None:
    """Learn a value from the accounts that declared one, and give every account its probabilities.

    Logistic regression on the singular vectors, as Kosinski, Stillwell and Graepel (2013); its
    ridge and its calibration come from what it says of accounts that it has not seen (5 folds).
    Whoever likes little is known less surely, so the calibration is by activity: the logarithm of
    the claim is ``(a + b activity) m + (c + d activity) p + e l + f s`` with m the model's, p the
    share of each value, l that of the label (naive Bayes) and s that among `alike` beside that
    among all, a to f by maximum likelihood. How often the likeliest value is right is learnt again
    from the same unseen accounts (`platt.calibrated`): the best of several claims is the luckiest.

    - `trained` (int64), `labels` (str): Accounts that declared a value, and the value.
    - `alike` (bool, shape (n,)): Accounts like those that are to be inferred, in what the campaign
      sees: nobody looks in vain for people of an age who are in no register among those who are.
      All teach the model, only these the shares and the calibration. None: all are alike.
    - `way`: "likes" leaves the label out, "rule" everything else.
    - returns: None where fewer than two values were declared by `FEWEST_DECLARED` accounts.
    """
    values, count = np.unique(labels, return_counts=True)
    values = values[count >= FEWEST_DECLARED]
    kept = np.isin(labels, values)
    if len(values) < 2 or evidence.likes.shape[1] == 0:
        return None
    trained, code = trained[kept], np.searchsorted(values, labels[kept])
    alike = np.ones(len(evidence.label), dtype=bool) if alike is None else alike
    learner = _Learner(evidence, len(values), way, alike)
    judged = np.flatnonzero(alike[trained])
    judged = judged if len(judged) >= FEWEST_ALIKE else np.arange(len(code))
    folds = _folds(code, seed)
    best: tuple[float, float, Floats, Floats] | None = None
    for ridge in _RIDGES if way != "rule" else _RIDGES[:1]:
        terms = np.empty((len(code), 4, len(values)))
        for held in folds:
            rest = np.setdiff1d(np.arange(len(code)), held)
            terms[held] = learner.fit(trained[rest], code[rest], ridge)(trained[held])
        activity = evidence.activity[trained[judged]]
        fun, weights = _calibrated(terms[judged], activity, code[judged], way)
        if best is None or fun < best[0]:
            best = fun, ridge, weights, terms[judged]
    assert best is not None
    said = _claims(best[3], evidence.activity[trained[judged]], best[2])
    terms = learner.fit(trained, code, best[1])(np.arange(len(evidence.label)))
    claims = _claims(terms, evidence.activity, best[2])
    top = calibrated(_odds(said), said.argmax(axis=1) == code[judged], _odds(claims))
    # The last digits depend on the machine's linear algebra: they are not a result.
    return Inferred(values, np.round(claims, 4), np.round(top, 4))


def _odds(log_p: Floats) -> Floats:
    """Logarithm of the odds of the likeliest value."""
    top = log_p.max(axis=1)
    return np.asarray(top - np.log(np.maximum(-np.expm1(top), 1e-12)))


def _touched(account: Ints, page: Ints, shape: tuple[int, int]) -> Any:
    from scipy.sparse import csr_matrix

    touched = csr_matrix((np.ones(len(page)), (account.copy(), page.copy())), shape=shape)
    touched.data[:] = 1.0  # a like and a share of one page tell the same
    return touched


def _axes(touched: Any, rng: np.random.Generator) -> Floats:
    from sklearn.decomposition import TruncatedSVD

    components = min(_COMPONENTS, min(touched.shape) - 1)
    if components < 1 or not touched.nnz:
        return np.empty((0, touched.shape[1]))
    # The axes of a large town are those of a part of it: accounts stand in no order. A page that
    # one account touched joins it to nobody, and most pages are such.
    part = touched[:_MOST]
    shared = np.flatnonzero(part.getnnz(axis=0) > 1)
    components = min(components, len(shared) - 1)
    axes = np.zeros((max(components, 0), touched.shape[1]))
    if components > 0:
        svd = TruncatedSVD(components, n_iter=3, random_state=int(rng.integers(2**31)))
        axes[:, shared] = svd.fit(part[:, shared]).components_
    return axes


def _activity(touched: Any) -> Floats:
    found = np.log1p(np.diff(touched.indptr))
    return np.asarray((found - found.mean()) / max(float(found.std()), 1e-9))


def _labels(account: Ints, side: Strs, n: int) -> Strs:
    """Side touched most by each account, the first in the alphabet where several are."""
    label = np.full(n, _NO_LABEL, dtype="<U12")
    if len(account):
        count = pd.crosstab(account, side)
        label[count.index.to_numpy()] = count.columns.to_numpy(dtype=str)[
            count.to_numpy().argmax(axis=1)
        ]
    return label


def _folds(code: Ints, seed: int) -> list[Ints]:
    from sklearn.model_selection import StratifiedKFold

    folds = StratifiedKFold(_FOLDS, shuffle=True, random_state=seed)
    return [held for _, held in folds.split(code, code)]


class _Learner:
    """Fits both models on some accounts; what comes back gives terms (n, 4, k) for others."""

    def __init__(self, evidence: Evidence, k: int, way: str, alike: Bools) -> None:
        self.evidence, self.k, self.way, self.alike = evidence, k, way, alike
        self.label = np.unique(evidence.label, return_inverse=True)[1]

    def fit(self, at: Ints, code: Ints, ridge: float) -> Any:
        from sklearn.linear_model import LogisticRegression

        model = None
        if self.way != "rule":
            model = LogisticRegression(C=ridge, max_iter=500).fit(self.evidence.likes[at], code)
        share = np.bincount(code, minlength=self.k) / len(code)
        like = np.bincount(code[self.alike[at]], minlength=self.k)
        here = (like + self.k * share) / (like.sum() + self.k)
        count = np.zeros((self.label.max() + 1, self.k))
        np.add.at(count, (self.label[at], code), 1.0)
        # A label that few declared accounts bear says little: a like for each value, by its share.
        given = (count + self.k * share) / (count.sum(axis=1, keepdims=True) + self.k)

        def terms(of: Ints) -> Floats:
            found = np.zeros((len(of), 4, self.k))
            if model is not None:
                found[:, 0] = _log_shares(model.decision_function(self.evidence.likes[of]))
            found[:, 1] = np.log(here)
            found[:, 3] = np.log(here / share)
            if self.way != "likes":
                found[:, 2] = np.log(given / share)[self.label[of]]
            return found

        return terms


def _log_shares(decided: Floats) -> Floats:
    """Logarithms of what a logistic model says of each value, finite however sure it is.

    - `decided`: Log odds of the second of two values, or a score for each of several.
    """
    from scipy.special import log_softmax

    scores = np.column_stack([np.zeros(len(decided)), decided]) if decided.ndim == 1 else decided
    return np.asarray(log_softmax(scores, axis=1))


def _claims(terms: Floats, activity: Floats, weights: Floats) -> Floats:
    from scipy.special import log_softmax

    a, b, c, d, e, f = weights
    by = activity[:, None]
    claimed = (a + b * by) * terms[:, 0] + (c + d * by) * terms[:, 1]
    claimed = claimed + e * terms[:, 2] + f * terms[:, 3]
    return np.asarray(log_softmax(claimed, axis=1))


def _calibrated(terms: Floats, activity: Floats, code: Ints, way: str) -> tuple[float, Floats]:
    """Weights under which unseen accounts are the likeliest; those of a part left out stay 0."""
    from scipy.optimize import minimize

    def surprise(weights: Floats) -> float:
        return -float(_claims(terms, activity, weights)[np.arange(len(code)), code].mean())

    fixed = (0.0, 0.0)
    likes = [(0.0, 20.0), (-10.0, 10.0)] if way != "rule" else [fixed, fixed]
    label = [(0.0, 5.0)] if way != "likes" else [fixed]
    others = (0.0, 5.0) if way != "rule" else fixed
    models = float(way != "rule")
    found = minimize(
        surprise, [models, 0.0, 1 - models, 0.0, float(way != "likes"), models],
        method="L-BFGS-B", bounds=[*likes, (-20.0, 20.0), (-10.0, 10.0), *label, others],
    )  # fmt: skip
    return float(found.fun), found.x
