"""The presumed leaning: a rule on one like, and a score learnt from all of them.

It exists inside a simulated world only, where the truth is known and the score can be judged.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from privaudit._core.policy import FEWEST_DECLARED
from privaudit._core.streams import stream
from privaudit._core.threads import one_thread
from privaudit.campaign.plan import CampaignPlan
from privaudit.campaign.platt import calibrated
from privaudit.measures.area import auc
from privaudit.measures.calibration import calibration_gap
from privaudit.release.labels import LabelsChecked
from privaudit.results.rows import Rows
from privaudit.simulation.pages import of_candidate
from privaudit.simulation.world import SimulatedWorld
from privaudit.words.note import Note

__all__ = [
    "BLOCS",
    "declared",
    "labels_checked",
    "leaning_quality",
    "presume",
    "side_contacts",
    "untold",
]

# The two blocs; centre and none belong to neither.
BLOCS = {"left": ("left", "radical_left"), "right": ("right", "far_right")}
COMPONENTS = 100  # as Kosinski, Stillwell, Graepel 2013
_MOST = 60_000  # accounts from which the axes are learnt
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

        for start in range(0, self.shape[0], _MOST):
            end = min(start + _MOST, self.shape[0])
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
