"""Presumed leaning and attributes: a label from one like, scores learnt from all (Kosinski 2013).

For simulated worlds only, where the truth is known.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from privaudit.campaign.plan import CampaignPlan
from privaudit.core.checks import Bools, Floats, Ints, Strs
from privaudit.core.reproducible import one_thread, stream
from privaudit.core.thresholds import FEWEST_ALIKE, FEWEST_DECLARED, SMALL_CELL
from privaudit.release.release import LabelsChecked
from privaudit.results.rows import Rows
from privaudit.simulation.interactions import of_candidate
from privaudit.simulation.world import SimulatedWorld
from privaudit.stats.calibration import calibrated, calibration_gap, mean_roc_area, roc_area
from privaudit.words.catalogues import Note

# What a value is inferred from: the label of one like, the model of all likes, or both.
EVIDENCE_USED = ("rule", "likes", "both")
# Inverse ridge penalties of the logistic model, chosen by cross-validated likelihood.
_RIDGES = (0.003, 0.1)
_FOLDS = 5
COMPONENTS = 100  # as Kosinski, Stillwell, Graepel 2013
_MOST = 60_000  # accounts from which the axes are learnt
# Random vectors beyond the components, and columns that are multiplied at once.
_BESIDES, _AT_ONCE = 10, 16
_NO_LABEL = "none"
ATTRIBUTES = (
    "bloc", "leaning", "age_band", "sex", "profession", "education", "family", "interest",
    "turnout",
)  # fmt: skip
_DTYPES = {
    "profile": "int64", "attribute": "str", "value": "str", "probability": "float64",
    "source": "str",
}  # fmt: skip


class Evidence(NamedTuple):
    """Features of n accounts from their interactions.

    `touched` (n, pages) is 1 where the account touched a page that is no candidate's, sparse;
    `axes` (100, pages) are its singular vectors and `likes` (n, 100) the accounts' scores on them;
    `activity` (n,) is the standardised logarithm of the number of pages touched, and `label` (n,)
    the side of the candidate touched most, "none" without any.
    """

    touched: Any
    axes: Floats
    likes: Floats
    activity: Floats
    label: Strs


class Inferred(NamedTuple):
    """The k values learnt, and the log probability of each (n, k).

    `top` (n,), calibrated apart, is the probability that the most likely value is right.
    """

    values: Strs
    log_p: Floats
    top: Floats


# Logistic models by ridge and the accounts that they were learnt from.
Fits = dict[tuple[float, bytes], Any]


@one_thread()
def evidence_of(world: SimulatedWorld, plan: CampaignPlan, rng: np.random.Generator) -> Evidence:
    """Return the features of each account from its interactions up to `plan.as_of`.

    Parameters
    ----------
    world : SimulatedWorld
    plan : CampaignPlan
        Parameters of the campaign.
    rng : numpy.random.Generator

    Returns
    -------
    Evidence
    """
    clicks = world.interactions
    counted = clicks["time"].to_numpy() <= plan.as_of
    account, page = (clicks[name].to_numpy()[counted] for name in ("account", "page"))
    ours = of_candidate(world.pages)[page]
    touched = _touched(account[~ours], page[~ours], (len(world.accounts), len(world.pages)))
    side = world.pages["side"].to_numpy(dtype=str)
    label = _labels(account[ours], side[page[ours]], len(world.accounts))
    axes = _axes(touched, rng)
    return Evidence(touched, axes, _product(touched, axes.T), _activity(touched), label)


@one_thread()
def infer(
    evidence: Evidence,
    trained: Ints,
    labels: Strs,
    *,
    alike: Bools | None = None,
    way: str = "both",
    fits: Fits | None = None,
    seed: int,
) -> Inferred | None:
    """Learn an attribute from the accounts that declared it; return all accounts' probabilities.

    Logistic regression on singular vectors of likes; ridge and calibration are chosen on
    out-of-fold predictions (5 folds). Calibration depends on activity, since few likes are less
    informative: the log probability is ``(a + b activity) m + (c + d activity) p + e l + f s``,
    with m of the model, p the share of each value, l of the label (naive Bayes) and s the share
    among `alike` relative to that among all; a to f by maximum likelihood. The probability that the
    most likely value is right is calibrated again on the same predictions, as the maximum of
    several probabilities is biased.

    Parameters
    ----------
    evidence : Evidence
    trained : ndarray of int
        Accounts that declared a value.
    labels : ndarray of str
        Their values.
    alike : ndarray of bool, shape (n,), optional
        Accounts comparable with those to be inferred, such as those in no register. All accounts
        train the model, only these the shares and the calibration. Default: all.
    way : {"both", "likes", "rule"}
        "likes" leaves out the label, "rule" all but the label.
    fits : dict, optional
        Keeps the models of likes for another way with the same labels and seed.
    seed : int

    Returns
    -------
    Inferred, or None
        None where fewer than two values were declared by `FEWEST_DECLARED` accounts.

    References
    ----------
    Kosinski, Stillwell and Graepel (2013). Platt (1999).
    """
    values, count = np.unique(labels, return_counts=True)
    values = values[count >= FEWEST_DECLARED]
    frequent = np.isin(labels, values)
    if len(values) < 2 or evidence.likes.shape[1] == 0:
        return None
    trained, code = trained[frequent], np.searchsorted(values, labels[frequent])
    alike = np.ones(len(evidence.label), dtype=bool) if alike is None else alike
    learner = _Learner(evidence, len(values), way, alike, {} if fits is None else fits)
    judged = np.flatnonzero(alike[trained])
    judged = judged if len(judged) >= FEWEST_ALIKE else np.arange(len(code))
    folds = _folds(code, seed)
    best: tuple[float, float, Floats, Floats] | None = None
    for ridge in _RIDGES if way != "rule" else _RIDGES[:1]:
        terms = np.empty((len(code), 4, len(values)))
        for fold in folds:
            rest = np.setdiff1d(np.arange(len(code)), fold)
            terms[fold] = learner.fit(trained[rest], code[rest], ridge)(trained[fold])
        activity = evidence.activity[trained[judged]]
        fun, weights = _calibrated(terms[judged], activity, code[judged], way)
        if best is None or fun < best[0]:
            best = fun, ridge, weights, terms[judged]
    assert best is not None
    unseen = _claims(best[3], evidence.activity[trained[judged]], best[2])
    terms = learner.fit(trained, code, best[1])(np.arange(len(evidence.label)))
    claims = _claims(terms, evidence.activity, best[2])
    top = calibrated(_odds(unseen), unseen.argmax(axis=1) == code[judged], _odds(claims))
    # The last digits depend on the linear algebra library.
    return Inferred(values, np.round(claims, 4), np.round(top, 4))


def _odds(log_p: Floats) -> Floats:
    """Logarithm of the odds of the likeliest value."""
    top = log_p.max(axis=1)
    return np.asarray(top - np.log(np.maximum(-np.expm1(top), 1e-12)))


def _touched(account: Ints, page: Ints, shape: tuple[int, int]) -> Any:
    from scipy.sparse import csr_matrix

    touched = csr_matrix((np.ones(len(page)), (account.copy(), page.copy())), shape=shape)
    touched.data[:] = 1.0  # a like and a share of one page count once
    return touched


def _axes(touched: Any, rng: np.random.Generator) -> Floats:
    components = min(COMPONENTS, min(touched.shape) - 1)
    if components < 1 or not touched.nnz:
        return np.empty((0, touched.shape[1]))
    # The axes of a large town are learnt from some accounts: their order is random. Most pages are
    # touched by one account, which relates it to no other.
    part = touched[:_MOST]
    shared = np.flatnonzero(part.getnnz(axis=0) > 1)
    components = min(components, len(shared) - 1)
    axes = np.zeros((max(components, 0), touched.shape[1]))
    if components > 0:
        axes[:, shared] = _singular(part[:, shared], components, int(rng.integers(2**31)))
    return axes


def _singular(matrix: Any, components: int, seed: int) -> Floats:
    """Return right singular vectors, to the last bit as scikit-learn's `TruncatedSVD` finds them.

    A randomized SVD with three power iterations (Halko, Martinsson and Tropp 2011). Its products
    take most of the time: both ways round by rows, and few columns at a time, they take half.
    """
    from scipy.linalg import lu, qr, svd
    from sklearn.utils import check_random_state

    wide = matrix.shape[0] < matrix.shape[1]
    there, back = (m.tocsr() for m in ((matrix.T, matrix) if wide else (matrix, matrix.T)))
    found = check_random_state(seed).normal(size=(there.shape[1], components + _BESIDES))
    for _ in range(3):
        found = lu(_product(there, found), permute_l=True)[0]
        found = lu(_product(back, found), permute_l=True)[0]
    basis = qr(_product(there, found), mode="economic")[0]
    left, _, right = svd(_product(back, basis).T, full_matrices=False)
    vectors = ((basis @ left).T if wide else right)[:components]
    largest = np.abs(vectors).argmax(axis=1)
    return np.asarray(vectors * np.sign(vectors[np.arange(components), largest])[:, None])


def _product(sparse: Any, dense: Floats) -> Floats:
    """Multiply few columns at a time, so that their operands stay in the processor's cache."""
    parts = np.split(dense, range(_AT_ONCE, dense.shape[1], _AT_ONCE), axis=1)
    return np.concatenate([sparse @ np.ascontiguousarray(part) for part in parts], axis=1)


def _activity(touched: Any) -> Floats:
    """Return the standardised logarithm of the number of pages of each account."""
    pages = np.log1p(np.diff(touched.indptr))
    return np.asarray((pages - pages.mean()) / max(float(pages.std()), 1e-9))


def _labels(account: Ints, side: Strs, n: int) -> Strs:
    """Return the side touched most by each account; ties go to the first in the alphabet."""
    label = np.full(n, _NO_LABEL, dtype="<U12")
    if len(account):
        count = pd.crosstab(account, side)
        top = count.to_numpy().argmax(axis=1)
        label[count.index.to_numpy()] = count.columns.to_numpy(dtype=str)[top]
    return label


def _folds(code: Ints, seed: int) -> list[Ints]:
    from sklearn.model_selection import StratifiedKFold

    folds = StratifiedKFold(_FOLDS, shuffle=True, random_state=seed)
    return [fold for _, fold in folds.split(code, code)]


class _Learner:
    """Fits model and label frequencies on some accounts; returns terms (n, 4, k) of others."""

    def __init__(self, evidence: Evidence, k: int, way: str, alike: Bools, fits: Fits) -> None:
        self.evidence, self.k, self.way, self.alike = evidence, k, way, alike
        self.fits = fits
        self.label = np.unique(evidence.label, return_inverse=True)[1]

    def fit(self, at: Ints, code: Ints, ridge: float) -> Any:
        from sklearn.linear_model import LogisticRegression

        model, key = None, (ridge, at.tobytes())
        if self.way != "rule":
            if key not in self.fits:
                logistic = LogisticRegression(C=ridge, max_iter=500)
                self.fits[key] = logistic.fit(self.evidence.likes[at], code)
            model = self.fits[key]
        share = np.bincount(code, minlength=self.k) / len(code)
        like = np.bincount(code[self.alike[at]], minlength=self.k)
        here = (like + self.k * share) / (like.sum() + self.k)
        count = np.zeros((self.label.max() + 1, self.k))
        np.add.at(count, (self.label[at], code), 1.0)
        # Smoothing by the share of each value, as one account for each value.
        given = (count + self.k * share) / (count.sum(axis=1, keepdims=True) + self.k)

        def terms(of: Ints) -> Floats:
            terms = np.zeros((len(of), 4, self.k))
            if model is not None:
                terms[:, 0] = _log_shares(model.decision_function(self.evidence.likes[of]))
            terms[:, 1] = np.log(here)
            terms[:, 3] = np.log(here / share)
            if self.way != "likes":
                terms[:, 2] = np.log(given / share)[self.label[of]]
            return terms

        return terms


def _log_shares(decided: Floats) -> Floats:
    """Return the log probabilities of a logistic model, always finite."""
    from scipy.special import log_softmax

    scores = np.column_stack([np.zeros(len(decided)), decided]) if decided.ndim == 1 else decided
    return np.asarray(log_softmax(scores, axis=1))


def _claims(terms: Floats, activity: Floats, weights: Floats) -> Floats:
    """Return the log probability of each value from terms and calibration weights."""
    from scipy.special import log_softmax

    a, b, c, d, e, f = weights
    by = activity[:, None]
    logits = (a + b * by) * terms[:, 0] + (c + d * by) * terms[:, 1]
    return np.asarray(log_softmax(logits + e * terms[:, 2] + f * terms[:, 3], axis=1))


def _calibrated(terms: Floats, activity: Floats, code: Ints, way: str) -> tuple[float, Floats]:
    """Return the loss and the maximum-likelihood weights; those of a part left out stay 0."""
    from scipy.optimize import minimize

    def loss(weights: Floats) -> float:
        return -float(_claims(terms, activity, weights)[np.arange(len(code)), code].mean())

    fixed = (0.0, 0.0)
    likes = [(0.0, 20.0), (-10.0, 10.0)] if way != "rule" else [fixed, fixed]
    label = [(0.0, 5.0)] if way != "likes" else [fixed]
    others = (0.0, 5.0) if way != "rule" else fixed
    models = float(way != "rule")
    fitted = minimize(
        loss, [models, 0.0, 1 - models, 0.0, float(way != "likes"), models],
        method="L-BFGS-B", bounds=[*likes, (-20.0, 20.0), (-10.0, 10.0), *label, others],
    )  # fmt: skip
    return float(fitted.fun), fitted.x


# The two blocs; centre and none belong to neither.
BLOCS = {"left": ("left", "radical_left"), "right": ("right", "far_right")}
FOLDS = 10


def presume(
    world: SimulatedWorld, plan: CampaignPlan, *, seed: int, with_score: bool = True
) -> tuple[pd.DataFrame, np.ndarray]:
    """Presume each account's leaning as the tool does.

    The label follows the rule of Knockin: `plan.min_interactions` interactions with pages of the
    candidate make a sympathiser. The score is the probability that an account is of the candidate's
    bloc (`BLOCS`), from all pages that it touched: truncated SVD of the account by page matrix,
    then logistic regression on the accounts that declared a leaning. It is calibrated on
    out-of-fold predictions (`calibrated`, 10 folds), so that declared accounts are scored without
    their own label.

    Parameters
    ----------
    world : SimulatedWorld
        Accounts, pages, interactions; leanings are read for declared accounts only.
    plan : CampaignPlan
    seed : int
    with_score : bool
        False leaves out the score (nan); the map depends on the label only.

    Returns
    -------
    presumed : pandas.DataFrame
        One row an account: side_interactions, first_seen (first contact with the candidate's page,
        NaT without one), score in [0, 1] (nan where fewer than 5 accounts of the bloc, or of
        others, declared it), presumed_leaning (the side or "").
    known : ndarray of bool
        Accounts that declared a leaning; the score is learnt from them.
    """
    contacts = side_contacts(world, plan)
    enough = contacts["side_interactions"].to_numpy() >= plan.min_interactions
    known = declared(len(world.accounts), plan, stream(seed, "declared"))
    score = np.full(len(world.accounts), np.nan)
    if with_score:
        ours = np.isin(_leanings(world)[known], BLOCS[plan.side])
        with one_thread():
            score = _scores(
                _Touched(world, plan), np.flatnonzero(known), ours, stream(seed, "score")
            )
    presumed = contacts.assign(
        score=score, presumed_leaning=pd.Series(np.where(enough, plan.side, ""), dtype="str")
    )
    return presumed, known


def labels_checked(
    world: SimulatedWorld, labelled: np.ndarray, known: np.ndarray, plan: CampaignPlan
) -> LabelsChecked:
    """Compare labels with declared leanings.

    Parameters
    ----------
    world : SimulatedWorld
    labelled : ndarray of bool
        Accounts with the label.
    known : ndarray of bool
        Accounts that declared a leaning.
    plan : CampaignPlan
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
    person = world.accounts["person"].to_numpy()
    return np.asarray(world.people["leaning"].iloc[person].to_numpy())


def declared(n: int, plan: CampaignPlan, rng: np.random.Generator) -> np.ndarray:
    """Draw which of n accounts declared their leaning: `plan.label_share` of them, any leaning.

    Parameters
    ----------
    n : int
    plan : CampaignPlan
        Parameters of the campaign.
    rng : numpy.random.Generator

    Returns
    -------
    ndarray
    """
    return rng.random(n) < plan.label_share


def side_contacts(world: SimulatedWorld, plan: CampaignPlan) -> pd.DataFrame:
    """Count each account's interactions with pages of the candidate up to `plan.as_of`.

    Main page, posts, events, group, e-mails and links count alike.

    Parameters
    ----------
    world : SimulatedWorld
    plan : CampaignPlan

    Returns
    -------
    pandas.DataFrame
        One row an account: side_interactions, first_seen.
    """
    clicks = world.interactions
    ours = of_candidate(world.pages, plan.side)[clicks["page"].to_numpy()]
    clicks = clicks[ours & (clicks["time"] <= plan.as_of).to_numpy()]
    by_account = clicks.groupby("account")["time"].agg(["size", "min"])
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
    """Compare score and label with the truth.

    Rows, of accounts that did not declare: score_auc (one bloc against the other; .5 is blind) and
    score_error (expected calibration error; baseline: sampling error alone). Then learnt_from
    (accounts that declared) and label_precision (share of labelled accounts whose person leans to
    the side; baseline: the share of all accounts).

    Parameters
    ----------
    rows : Rows
        Rows to which measures are added.
    world : SimulatedWorld
    presumed : pandas.DataFrame
        As returned by `presume`.
    known : ndarray
        Accounts that declared a leaning.
    plan : CampaignPlan
        Parameters of the campaign.
    """
    leaning, score = _leanings(world), presumed["score"].to_numpy()
    judged = ~known & ~np.isnan(score)
    ours = np.isin(leaning, BLOCS[plan.side])
    either = judged & np.isin(leaning, [side for bloc in BLOCS.values() for side in bloc])
    add_area(rows, "score_auc", roc_area(score[either], ours[either]), int(either.sum()))
    add_calibration(rows, "score_error", score[judged], ours[judged])
    rows.count("learnt_from", int(known.sum()), "accounts")
    labelled = presumed["presumed_leaning"].to_numpy() == plan.side
    leans = leaning == plan.side
    usual = float(leans.mean()) if len(leans) else np.nan
    rows.share("label_precision", leans[labelled], gain="opinion", baseline=usual)


def add_area(
    rows: Rows, measure: str, area: tuple[float, float, float], n: int, **fields: Any
) -> None:
    """Add the area under a ROC curve with its interval; .5 is its baseline.

    Parameters
    ----------
    rows : Rows
        Rows to which measures are added.
    measure : str
    area : tuple[float, float, float]
        Area, and its 95 % interval.
    n : int
    **fields : Any
    """
    value, low, high = area
    rows.add(
        measure, value, "area_under_curve", untold(value),
        low=low, high=high, baseline=0.5, n=n, **fields,
    )  # fmt: skip


def add_calibration(
    rows: Rows, measure: str, probability: Floats, hit: Bools, **fields: Any
) -> None:
    """Add an expected calibration error; its baseline is the sampling error alone.

    Parameters
    ----------
    rows : Rows
        Rows to which measures are added.
    measure : str
    probability, hit : ndarray
        Claimed probability, and whether each claim is right.
    **fields : Any
    """
    gap, n = calibration_gap(probability, hit), len(probability)
    fields |= {"low": gap.low, "high": gap.high, "baseline": gap.chance, "n": n}
    rows.add(measure, gap.value, "share", **fields)


def untold(area: float) -> tuple[Note, ...]:
    """Return the note why there is no area under a curve, if there is none."""
    return (Note("none_to_tell_apart"),) if np.isnan(area) else ()


class _Touched:
    """The sparse matrix of accounts by pages touched up to a day, in blocks of accounts.

    A town of a million has some 80 million interactions: they are never all in one matrix.
    """

    def __init__(self, world: SimulatedWorld, plan: CampaignPlan) -> None:
        clicks = world.interactions
        self._account, self._page = clicks["account"].to_numpy(), clicks["page"].to_numpy()
        self._counted = clicks["time"].to_numpy() <= plan.as_of
        self.shape = (len(world.accounts), len(world.pages))
        often = np.zeros(self.shape[1], dtype=np.int64)
        for _, part in self._blocks(np.arange(self.shape[1])):
            often += np.bincount(part.indices, minlength=self.shape[1])
        # A page that one account touched relates it to no other.
        self.pages = np.flatnonzero(often > 1)

    def first(self) -> Any:
        """Return the matrix of the first accounts, from which axes are learnt."""
        return next(iter(self.parts()), (0, None))[1]

    def parts(self) -> Iterator[tuple[int, Any]]:
        """Yield the first account of each block, and its matrix: 1 for a page touched."""
        return self._blocks(self.pages)

    def _blocks(self, pages: np.ndarray) -> Iterator[tuple[int, Any]]:
        for start in range(0, self.shape[0], _MOST):
            end = min(start + _MOST, self.shape[0])
            # Interactions are sorted by account.
            at = slice(*np.searchsorted(self._account, [start, end]).tolist())
            counted = self._counted[at]
            account, page = self._account[at][counted] - start, self._page[at][counted]
            part = _touched(account, page, (end - start, self.shape[1]))
            yield start, part if len(pages) == self.shape[1] else part[:, pages]


def _scores(
    touched: _Touched, trained: np.ndarray, labels: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Return the calibrated probability of `labels` of every row, out of fold for trained rows."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedKFold, cross_val_predict

    score = np.full(touched.shape[0], np.nan)
    fewest = min(int(labels.sum()), int((~labels).sum()))
    components = min(COMPONENTS, touched.shape[0] - 1, len(touched.pages) - 1)
    if fewest < FEWEST_DECLARED or components < 1:
        return score
    random_state = int(rng.integers(2**31))
    # The axes of a large town are learnt from some accounts: their order is random.
    axes = _singular(touched.first(), components, random_state)
    features = np.empty((touched.shape[0], components))
    for start, part in touched.parts():
        features[start : start + part.shape[0]] = _product(part, axes.T)
    model = LogisticRegression(max_iter=1000)
    folds = StratifiedKFold(min(FOLDS, fewest), shuffle=True, random_state=random_state)
    known = features[trained]
    unseen = cross_val_predict(model, known, labels, cv=folds, method="decision_function")
    decided = model.fit(known, labels).decision_function(features)
    decided[trained] = unseen
    score = calibrated(unseen, labels, decided)
    for rest, fold in folds.split(trained, labels):
        score[trained[fold]] = calibrated(unseen[rest], labels[rest], decided)[trained[fold]]
    # The last digits depend on the linear algebra library.
    return np.round(score, 6)


def presume_attributes(
    world: SimulatedWorld,
    plan: CampaignPlan,
    profiles: pd.DataFrame,
    evidence: Evidence,
    *,
    seed: int,
) -> tuple[pd.DataFrame, dict[str, Inferred]]:
    """Infer every attribute of every account: declared, from a register, or learnt.

    Parameters
    ----------
    world : SimulatedWorld
    plan : CampaignPlan
    profiles : pandas.DataFrame
        As returned by `make_profiles`; its age bands and sexes come from the roll.
    evidence : Evidence
        As returned by `evidence_of`.
    seed : int

    Returns
    -------
    attributes : pandas.DataFrame
        One row a cell, by attribute then profile: profile, attribute, value ("" where
        unknown), probability that it is right, source (declared, register, inferred, "").
    learnt : dict of str to Inferred
        Learnt probabilities of every account, by attribute.
    """
    truth = truth_of(world)
    parts, inferred = [], {}
    for attribute in (name for name in ATTRIBUTES if name in truth):
        shown = _declared(attribute, len(profiles), plan, seed)
        value = np.where(shown, truth[attribute], "").astype(object)
        source = np.where(shown, "declared", "").astype(object)
        probability = np.where(shown, 1.0, np.nan)
        alike = None
        if attribute in ("age_band", "sex"):
            listed = profiles[attribute].to_numpy(dtype=object)
            taken, alike = ~shown & (listed != ""), listed == ""
            # The accuracy of the roll is estimated on declared values.
            both = shown & (listed != "")
            value[taken], source[taken] = listed[taken], "register"
            probability[taken] = ((listed == value)[both].sum() + 1) / (both.sum() + 2)
        own = int(stream(seed, f"infer {attribute}").integers(2**31))
        declared_values = truth[attribute][shown]
        learnt = infer(evidence, np.flatnonzero(shown), declared_values, alike=alike, seed=own)
        left = np.flatnonzero(source == "")
        if learnt is not None:
            inferred[attribute] = learnt
            top = learnt.log_p[left].argmax(axis=1)
            value[left], source[left] = learnt.values[top], "inferred"
            probability[left] = learnt.top[left]
        cells = {"value": value, "probability": probability, "source": source}
        profile = profiles["profile"].to_numpy()
        parts.append(pd.DataFrame({"profile": profile, "attribute": attribute, **cells}))
    return pd.concat(parts, ignore_index=True).astype(_DTYPES), inferred


def no_attributes() -> pd.DataFrame:
    """Return the frame of `presume_attributes` without rows."""
    return pd.DataFrame(columns=list(_DTYPES)).astype(_DTYPES)


def truth_of(world: SimulatedWorld) -> dict[str, Strs]:
    """Return the true attributes of each account's person, by attribute."""
    asked = [name for name in (*ATTRIBUTES, "household") if name in world.people]
    people = world.people[asked].iloc[world.accounts["person"].to_numpy()]
    leaning = people["leaning"].to_numpy(dtype=str)
    bloc = np.full(len(leaning), "neither", dtype="<U10")
    for name, sides in BLOCS.items():
        bloc[np.isin(leaning, sides)] = f"{name}_bloc"
    kind = world.households["kind"].to_numpy(dtype=str)
    truth = {name: people[name].to_numpy(dtype=str) for name in ATTRIBUTES if name in people}
    return truth | {"bloc": bloc, "family": kind[people["household"].to_numpy()]}


def attribute_quality(
    rows: Rows, world: SimulatedWorld, attributes: pd.DataFrame, learnt: Mapping[str, Inferred]
) -> None:
    """Compare every cell with the truth, by attribute, and by age and sex.

    Rows, each with the attribute, of all accounts and of those of each `group`: filled (share of
    accounts with a value), right (share of filled cells that are right; baseline: the commonest
    value), told_apart (area under the ROC curve of a value against all others, the mean over
    values, of accounts that declared none), claim_error (expected calibration error of inferred
    cells; baseline: sampling error alone). Then filled and right by source, and told_apart of each
    value, the `answer`.

    Parameters
    ----------
    rows : Rows
        Rows to which measures are added.
    world : SimulatedWorld
    attributes : pandas.DataFrame
        As returned by `presume_attributes`.
    learnt : Mapping[str, Inferred]
        As returned by `presume_attributes`.
    """
    truth = truth_of(world)
    everybody = np.ones(len(world.accounts), dtype=bool)
    for attribute in attributes["attribute"].unique().tolist():
        cells = attributes[attributes["attribute"] == attribute]
        source = cells["source"].to_numpy(dtype=str)
        judged = _Judged(
            attribute, truth[attribute], cells["value"].to_numpy(dtype=str), source,
            cells["probability"].to_numpy(), learnt.get(attribute),
        )  # fmt: skip
        _judge(rows, judged, everybody)
        for name in ("declared", "register", "inferred"):
            if (source == name).any():
                _filled(rows, judged, source == name, everybody, source=name)
        _areas_by_value(rows, judged)
        for name in ("age_band", "sex"):
            for value in np.unique(truth[name]).tolist():
                group = truth[name] == value
                if name != attribute and group.sum() >= SMALL_CELL:
                    _judge(rows, judged, group, group=value)


class _Judged(NamedTuple):
    """The cells of an attribute, an account each, with the truth and the learnt probabilities."""

    attribute: str
    true: Strs
    value: Strs
    source: Strs
    probability: Floats
    learnt: Inferred | None


def _judge(rows: Rows, cells: _Judged, of: Bools, **group: str) -> None:
    """Add the rows of an attribute, of some accounts."""
    part = {"attribute": cells.attribute} | group
    _filled(rows, cells, cells.source != "", of, **group)
    judged = of & (cells.source != "declared")
    if cells.learnt is not None:
        area = mean_roc_area(cells.learnt.log_p[judged], cells.true[judged], cells.learnt.values)
        add_area(rows, "told_apart", area, int(judged.sum()), part=part)
    inferred = of & (cells.source == "inferred")
    hit = (cells.value == cells.true)[inferred]
    add_calibration(rows, "claim_error", cells.probability[inferred], hit, part=part)


def _filled(rows: Rows, cells: _Judged, filled: Bools, of: Bools, **group: str) -> None:
    """Add the shares of filled cells and of right ones."""
    part = {"attribute": cells.attribute} | group
    within = filled & of
    rows.share("filled", filled[of].astype(float), part=part)
    hit = (cells.value == cells.true)[within].astype(float)
    rows.share("right", hit, baseline=_commonest(cells.true[within]), part=part)


def _areas_by_value(rows: Rows, cells: _Judged) -> None:
    """Add the area under the curve of each value against all others."""
    judged = cells.source != "declared"
    if cells.learnt is None:
        return
    for k, name in enumerate(cells.learnt.values.tolist()):
        area = roc_area(cells.learnt.log_p[judged, k], cells.true[judged] == name)
        part = {"attribute": cells.attribute, "answer": name}
        add_area(rows, "told_apart", area, int(judged.sum()), part=part)


def _commonest(values: Strs) -> float:
    """Return the share of the commonest value."""
    return float(pd.Series(values).value_counts(normalize=True).max())


def _declared(attribute: str, n: int, plan: CampaignPlan, seed: int) -> Bools:
    """Draw which accounts declared the attribute: the leaning as for the score, others apart."""
    if attribute in ("bloc", "leaning"):
        return np.asarray(declared(n, plan, stream(seed, "declared")))
    share = plan.profession_shown if attribute == "profession" else plan.attributes_shown
    return np.asarray(stream(seed, f"{attribute} shown").random(n) < share)
