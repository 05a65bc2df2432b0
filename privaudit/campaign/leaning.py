"""The presumed leaning: a rule on one like, and a score learnt from all of them.

It exists inside a simulated world only, where the truth is known and the score can be judged.

- Learning a value from the accounts that declared it: what all others' interactions say of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from privaudit.campaign.plan import CampaignPlan
from privaudit.core.checks import Bools, Floats, Ints, Strs
from privaudit.core.policy import FEWEST_ALIKE, FEWEST_DECLARED
from privaudit.core.progress import one_thread, stream
from privaudit.release.release import LabelsChecked
from privaudit.results.rows import Rows
from privaudit.simulation.interactions import of_candidate
from privaudit.simulation.world import SimulatedWorld
from privaudit.stats.calibration import auc, calibrated, calibration_gap
from privaudit.words.catalogues import Note

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


# The two blocs; centre and none belong to neither.
BLOCS = {"left": ("left", "radical_left"), "right": ("right", "far_right")}
COMPONENTS = 100  # as Kosinski, Stillwell, Graepel 2013
_MOST_leaning = 60_000  # accounts from which the axes are learnt
FOLDS = 10


@one_thread()
def presume(
    world: SimulatedWorld, plan: CampaignPlan, *, seed: int, with_score: bool = True
) -> tuple[pd.DataFrame, np.ndarray]:
    """Presume each account's leaning as the tool does.

    The label follows the rule of Knockin: as many interactions with what is the candidate's as
    `plan.min_interactions` make a sympathiser, whoever they are. The score is the probability
    that an account is of the candidate's bloc (`BLOCS`), among all accounts, from all pages that it
    touched: truncated SVD of the account by page matrix, then logistic regression on the accounts
    that declared a leaning, whatever it is. It is calibrated: what models say of accounts that they
    have not seen is held against what these declared (`platt.calibrated`, in 10 folds), so that a
    declared account is scored, too, without its own label.

    - `world`: Accounts, pages, interactions; a person's leaning is read for declared accounts only.
    - `with_score`: False leaves the score out, nan throughout: the map rests on the label alone.
    - returns `presumed`: One row an account: side_interactions, first_seen (first contact with the
      candidate's page, NaT without one), score in [0, 1] (nan where fewer than 5 accounts of the
      bloc, or of none, declared themselves), presumed_leaning (the side or "").
    - returns `known` (bool): Accounts that declared a leaning: the score was learnt from them.
    """
    contacts = side_contacts(world, plan)
    enough = contacts["side_interactions"].to_numpy() >= plan.min_interactions
    known = declared(len(world.accounts), plan, stream(seed, "declared"))
    score = np.full(len(world.accounts), np.nan)
    if with_score:
        ours = np.isin(_leanings(world)[known], BLOCS[plan.side])
        score = _scores(_Touched(world, plan), np.flatnonzero(known), ours, stream(seed, "score"))
    presumed = contacts.assign(
        score=score, presumed_leaning=pd.Series(np.where(enough, plan.side, ""), dtype="str")
    )
    return presumed, known


def labels_checked(
    world: SimulatedWorld, labelled: np.ndarray, known: np.ndarray, plan: CampaignPlan
) -> LabelsChecked:
    """Hold labels against what people declared.

    - `labelled` (bool): Accounts with the label.
    - `known` (bool): Accounts that declared a leaning.
    """
    ours = known & (_leanings(world) == plan.side)
    return LabelsChecked(
        right=int((ours & labelled).sum()),
        of=int((known & labelled).sum()),
        side=int(ours.sum()),
        declared=int(known.sum()),
    )


def _leanings(world: SimulatedWorld) -> np.ndarray:
    """Return the leaning of each account's person."""
    found: np.ndarray = world.people["leaning"].to_numpy()[world.accounts["person"].to_numpy()]
    return found


def declared(n: int, plan: CampaignPlan, rng: np.random.Generator) -> np.ndarray:
    """Draw which of n accounts declared their leaning: `plan.label_share` of them, any leaning."""
    return rng.random(n) < plan.label_share


def side_contacts(world: SimulatedWorld, plan: CampaignPlan) -> pd.DataFrame:
    """Count what each account did with what is the candidate's, up to `plan.as_of`.

    A page, a post, an event, a group, an e-mail or a link of the candidate's counts alike.

    - returns: One row an account: side_interactions, first_seen.
    """
    seen = world.interactions
    ours = of_candidate(world.pages, plan.side)[seen["page"].to_numpy()]
    seen = seen[ours & (seen["time"] <= plan.as_of).to_numpy()]
    by_account = seen.groupby("account")["time"].agg(["size", "min"])
    by_account = by_account.reindex(world.accounts["account"])
    return pd.DataFrame(
        {
            "side_interactions": by_account["size"].fillna(0).to_numpy(dtype=np.int64),
            "first_seen": by_account["min"].to_numpy(dtype="datetime64[s]"),
        }
    )


def leaning_quality(
    rows: Rows,
    world: SimulatedWorld,
    presumed: pd.DataFrame,
    known: np.ndarray,
    plan: CampaignPlan,
) -> None:
    """Judge score and label against the truth.

    Rows, of accounts that the score was not learnt from: score_auc (one bloc against the other; .5
    tells nothing) and score_error (expected calibration error over all accounts, 0 = as sure as
    right; baseline: chance alone). Then learnt_from (accounts that declared themselves) and
    label_precision (accounts labelled, whose person leans to the side; baseline: the same of all
    accounts).
    """
    leaning, score = _leanings(world), presumed["score"].to_numpy()
    judged = ~known & ~np.isnan(score)
    ours = np.isin(leaning, BLOCS[plan.side])
    either = judged & np.isin(leaning, [one for bloc in BLOCS.values() for one in bloc])
    value, low, high = auc(score[either], ours[either])
    rows.add(
        "score_auc", value, "area_under_curve", untold(value),
        low=low, high=high, n=int(either.sum()), baseline=0.5,
    )  # fmt: skip
    gap = calibration_gap(score[judged], ours[judged])
    rows.add(
        "score_error", gap.value, "share",
        low=gap.low, high=gap.high, n=int(judged.sum()), baseline=gap.chance,
    )  # fmt: skip
    rows.count("learnt_from", int(known.sum()), "accounts")
    labelled = presumed["presumed_leaning"].to_numpy() == plan.side
    leans = leaning == plan.side
    usual = float(leans.mean()) if len(leans) else np.nan
    rows.share("label_precision", leans[labelled], gain="opinion", baseline=usual)


def untold(area: float) -> tuple[Note, ...]:
    """Say why there is no area under a curve, where there is none."""
    return (Note("none_to_tell_apart"),) if np.isnan(area) else ()


class _Touched:
    """What accounts touched up to a day: sparse, accounts by pages, stretch by stretch.

    A town of a million has some 80 million interactions: never is all of it held in a matrix.
    """

    def __init__(self, world: SimulatedWorld, plan: CampaignPlan) -> None:
        seen = world.interactions
        self._account = seen["account"].to_numpy()
        self._page = seen["page"].to_numpy()
        self._time = seen["time"].to_numpy()
        self._as_of = plan.as_of
        self.shape = (len(world.accounts), len(world.pages))
        often = np.zeros(self.shape[1], dtype=np.int64)
        for _, part in self._stretches(np.arange(self.shape[1])):
            often += np.bincount(part.indices, minlength=self.shape[1])
        # What a single account touched ties it to nobody.
        self.pages = np.flatnonzero(often > 1)

    def first(self) -> Any:
        """Return the matrix of the first accounts, from which axes are learnt."""
        return next(iter(self.parts()), (0, None))[1]

    def parts(self) -> Iterator[tuple[int, Any]]:
        """Yield where each stretch of accounts starts, and its matrix: 1 for a page touched."""
        return self._stretches(self.pages)

    def _stretches(self, pages: np.ndarray) -> Iterator[tuple[int, Any]]:
        from scipy.sparse import csr_matrix

        for start in range(0, self.shape[0], _MOST_leaning):
            end = min(start + _MOST_leaning, self.shape[0])
            # Interactions stand by account.
            at = slice(*np.searchsorted(self._account, [start, end]).tolist())
            kept = self._time[at] <= self._as_of
            account = (self._account[at][kept] - start).astype(np.int32)
            page = self._page[at][kept].astype(np.int32)
            shape = (end - start, self.shape[1])
            part = csr_matrix((np.ones(len(page), dtype=np.float64), (account, page)), shape=shape)
            part.data[:] = 1.0  # a like and a share of one page tell the same
            yield start, part if len(pages) == shape[1] else part[:, pages]


def _scores(
    touched: _Touched, trained: np.ndarray, labels: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Calibrated probability of `labels` for every row, out of fold for trained rows."""
    from sklearn.decomposition import TruncatedSVD
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedKFold, cross_val_predict

    score = np.full(touched.shape[0], np.nan)
    fewest = min(int(labels.sum()), int((~labels).sum()))
    components = min(COMPONENTS, touched.shape[0] - 1, len(touched.pages) - 1)
    if fewest < FEWEST_DECLARED or components < 1:
        return score
    random_state = int(rng.integers(2**31))
    svd = TruncatedSVD(components, n_iter=3, random_state=random_state)
    # The axes of a large town are those of a part of it: accounts stand in no order.
    svd.fit(touched.first())
    features = np.empty((touched.shape[0], components))
    for start, part in touched.parts():
        features[start : start + part.shape[0]] = svd.transform(part)
    model = LogisticRegression(max_iter=1000)
    folds = StratifiedKFold(min(FOLDS, fewest), shuffle=True, random_state=random_state)
    said = cross_val_predict(model, features[trained], labels, cv=folds, method="decision_function")
    decided = model.fit(features[trained], labels).decision_function(features)
    decided[trained] = said
    score = calibrated(said, labels, decided)
    for rest, held in folds.split(trained, labels):
        score[trained[held]] = calibrated(said[rest], labels[rest], decided)[trained[held]]
    # The last digits depend on the machine's linear algebra: they are not a result.
    return np.round(score, 6)
