"""Likes and leaning: how many likes it takes, which pages, of whom; mutual information in bits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from privaudit.campaign.leaning_and_attributes import (
    BLOCS,
    EVIDENCE_USED,
    Evidence,
    Fits,
    declared,
    evidence_of,
    infer,
    truth_of,
    untold,
)
from privaudit.campaign.plan import CampaignPlan
from privaudit.core.checks import Bools, Floats, Ints, Strs, an_instance, kind_of
from privaudit.core.progress import in_steps, step
from privaudit.core.reproducible import one_thread, stream
from privaudit.core.thresholds import SMALL_CELL
from privaudit.errors import ParameterError
from privaudit.results.measures import Measures
from privaudit.results.rows import Rows
from privaudit.simulation.interactions import SIDES, of_candidate
from privaudit.simulation.world import SimulatedWorld
from privaudit.stats.calibration import roc_area
from privaudit.words.catalogues import Note

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

_PAGES = 20


def telling_pages(rows: Rows, pages: pd.DataFrame, touched: csr_matrix, right: Bools) -> None:
    """Add ``page_tells``: mutual information of touching a page and leaning to the right bloc.

    Of accounts of either bloc, in bits, 0 to 1, of the 20 pages that tell most and that 11
    accounts or more touched; n counts these. Its interval is 1.96 standard errors of the mean of
    what each account tells; its baseline what chance alone gives the page of that place, of as many
    pages: twice the information of n accounts follows chi-squared of one degree of freedom
    (Miller 1955). ``bloc`` is the one that touching it speaks for.

    - `pages`: Frame `world.pages`.
    - `touched` (n, pages): 1 where an account touched a page, sparse.
    - `right` (n,): Leans to the right bloc.
    """
    from scipy.stats import chi2

    n = len(right)
    if not n:
        return
    count = np.asarray(touched.sum(axis=0)).ravel()
    both = np.asarray(touched[right].sum(axis=0)).ravel()
    tried = np.flatnonzero(count >= SMALL_CELL)
    bits, error = _information(both[tried], count[tried], int(right.sum()), n)
    for place, at in enumerate(np.argsort(-bits, kind="stable")[:_PAGES].tolist()):
        page, value = int(tried[at]), float(bits[at])
        if value <= 0:
            break
        chance = chi2.isf((place + 0.5) / len(tried), 1) / (2 * n * np.log(2))
        more = both[page] / count[page] >= right.mean()
        part = {
            "page": str(page), "page_kind": str(pages["kind"].iloc[page]),
            "bloc": "right_bloc" if more else "left_bloc",
        }  # fmt: skip
        reach = 1.959964 * float(error[at])
        rows.add(
            "page_tells", value, "bits", low=max(0.0, value - reach), high=min(1.0, value + reach),
            baseline=float(chance), n=int(count[page]), part=part,
        )  # fmt: skip


def _information(both: Floats, count: Floats, right: int, n: int) -> tuple[Floats, Floats]:
    """Return bits of a page, and their standard error, from how many of each bloc touched it."""
    joint = np.array([both, right - both, count - both, n - right - count + both]) / n
    page, bloc = np.array([count, n - count]) / n, np.array([right, n - right]) / n
    apart = np.array([p * b for b in bloc for p in page])
    of_each = np.log2(np.divide(joint, apart, out=np.ones_like(joint), where=joint > 0))
    bits = (joint * of_each).sum(axis=0)
    spread = (joint * of_each**2).sum(axis=0) - bits**2
    return bits, np.sqrt(np.maximum(spread, 0.0) / n)


LIKES = (1, 2, 5, 10, 20, 50, 100, 200, 300)
HIDDEN = (1, 2, 5, 10, 20, 50)
_BLOCS = ("left_bloc", "right_bloc")
_TOO_FEW = Note("too_few_declared")


class _Split(NamedTuple):
    """Accounts of either bloc: `right` (n,) is the bloc, `learnt` those who declared it."""

    account: Ints
    right: Bools
    learnt: Bools


@in_steps("likes_needed", parts=6)
@one_thread()
def likes_needed(
    world: SimulatedWorld,
    plan: CampaignPlan | None = None,
    *,
    seed: int = 7,
    evidence: Evidence | None = None,
) -> Measures:
    """Measure how well likes predict the bloc of a person, left or right.

    Parameters
    ----------
    world : SimulatedWorld
    plan : CampaignPlan, optional
        `label_share` of the accounts declare a leaning: it is learnt from them, and judged on the
        others.
    seed : int
    evidence : Evidence, optional
        What interactions say, where a campaign of the same plan and seed has gathered it already.

    Returns
    -------
    Measures
        Of the family ``likes``. ``bloc_told`` is the area under the curve (.5: uninformative,
        1: all) of right against left, of accounts of either: by `way` (the one-like rule, all
        likes, both); by `likes`, from that many random pages of those who touched 300 or more,
        learnt from as many; and for `likes=political` from one contact with a candidate alone, of
        those who had one. ``worth`` is how many ordinary likes tell as much as that one: its
        interval holds each number that the two areas do not tell apart; where it passes 300, more
        than which too few accounts have, the value is a lower bound or the upper end nan.
        ``party_right`` is the share of accounts that touched a candidate whose person leans to the
        party that they touched most (baseline: all accounts that lean to it, or to the largest):
        of `who` (all, or voters: those who lean to a party at all), by their number of
        `contacts`, and by that `leaning`.
        ``bloc_right`` is the share of labelled accounts whose person leans to the bloc of the
        label, by `who`: aligned or not (baseline: the share of that bloc among all);
        ``labelled_neither`` that of people of neither bloc. ``page_tells`` is what an interaction
        with a page reveals about the bloc, in bits; see `telling_pages`.
        ``still_told`` is the share of accounts of either bloc whose bloc is still inferred
        after so many of their likes are hidden, the most telling or random ones (baseline: always
        the larger bloc).

    Raises
    ------
    ParameterError
        `world` is no `SimulatedWorld`: nobody else's leaning is presumed here.

    References
    ----------
    Kosinski, Stillwell, Graepel (2013) PNAS 110:5802; Kristensen et al. (2017) PLOS ONE.

    Examples
    --------
    >>> import privaudit as pa
    >>> likes = likes_needed(pa.simulate(pa.Town(inhabitants=2_000), seed=7))
    >>> likes.row("bloc_told", way="likes").value > 0.5
    True
    """
    if not isinstance(world, SimulatedWorld):
        do = "Use simulate."
        raise ParameterError.of("likes_needed", "a SimulatedWorld", kind_of(world), do)
    plan = CampaignPlan() if plan is None else plan
    an_instance("likes_needed", "plan", plan, CampaignPlan, 'Write CampaignPlan(side="left").')
    if evidence is not None:
        an_instance("likes_needed", "evidence", evidence, Evidence, "Give campaign.evidence.")
    else:
        evidence = evidence_of(world, plan, stream(seed, "evidence"))
    step("evidence")
    known = declared(len(world.accounts), plan, stream(seed, "declared"))
    bloc = truth_of(world)["bloc"]
    either = np.flatnonzero(np.isin(bloc, _BLOCS))
    split = _Split(either, bloc[either] == _BLOCS[1], known[either])
    rows = Rows(len(world.accounts), "accounts")
    _by_way(rows, evidence, known, bloc, seed)
    step("by kind of interaction")
    _by_number(rows, evidence, split, seed)
    step("by number of likes")
    _by_alignment(rows, world, evidence, bloc)
    _by_party(rows, world, plan, evidence)
    step("by party")
    telling_pages(rows, world.pages, evidence.touched[split.account], split.right)
    step("telling pages")
    _hidden(rows, evidence, split, stream(seed, "hidden"))
    step("hidden likes")
    return Measures(family="likes", rows=rows, provenance="simulated")


def _by_way(rows: Rows, evidence: Evidence, known: Bools, bloc: Strs, seed: int) -> None:
    judged, fits = ~known & np.isin(bloc, _BLOCS), Fits()
    for way in EVIDENCE_USED:
        learnt = np.flatnonzero(known), bloc[known]
        inferred = infer(evidence, *learnt, way=way, fits=fits, seed=seed)
        if inferred is None or not np.isin(_BLOCS, inferred.values).all():
            rows.absent(["bloc_told"], "area_under_curve", _TOO_FEW, part={"way": way})
            continue
        left, right = (inferred.log_p[:, inferred.values == one][:, 0] for one in _BLOCS)
        _add_area(rows, (right - left)[judged], bloc[judged] == _BLOCS[1], way=way)


def _add_area(rows: Rows, score: Floats, right: Bools, **part: Any) -> tuple[float, float, float]:
    """Add how well a score tells the bloc; return the area under its curve with its interval."""
    area, low, high = roc_area(score, right)
    fields: dict[str, Any] = {"low": low, "high": high, "n": len(score), "part": part}
    rows.add("bloc_told", area, "area_under_curve", untold(area), baseline=0.5, **fields)
    return area, low, high


def _by_number(rows: Rows, evidence: Evidence, split: _Split, seed: int) -> None:
    """Learn from n random likes an account; score on the other accounts."""
    rng = stream(seed, "learning curve")
    many = np.diff(evidence.touched.indptr)[split.account] >= LIKES[-1]
    judged = many & ~split.learnt
    curve: list[tuple[float, float, float]] = []
    touched = evidence.touched[split.account]
    place = _places(touched, rng.random(touched.nnz))
    for n in LIKES:
        few = _some_of(touched, place < n) @ evidence.axes.T
        model = _model(few[split.learnt], split.right[split.learnt])
        if model is None or judged.sum() < SMALL_CELL:
            part = {"likes": str(n)}
            rows.absent(["bloc_told"], "area_under_curve", _TOO_FEW, part=part)
            continue
        score = model.decision_function(few[judged])
        curve.append(_add_area(rows, score, split.right[judged], likes=str(n)))
    label = evidence.label[split.account]
    share = {}
    for side in np.unique(label).tolist():
        of_side = split.right[split.learnt & (label == side)]
        share[side] = (of_side.sum() + 0.5) / (len(of_side) + 1)
    political = ~split.learnt & (label != "none")
    score = np.array([share[side] for side in label[political].tolist()])
    area = _add_area(rows, score, split.right[political], likes="political")
    value, low, high = _worth(curve, area)
    notes: tuple[Note, ...] = ()
    if not np.isfinite(value):
        notes = (_TOO_FEW,)
    elif not np.isfinite(high):
        notes = (Note("likes_not_tried", n=LIKES[-1]),)
    beyond, n = "lower" if value >= LIKES[-1] else "", int(political.sum())
    rows.add("worth", value, "pages", notes, low=low, high=high, bound=beyond, n=n)


def _worth(
    curve: list[tuple[float, float, float]], beside: tuple[float, float, float]
) -> tuple[float, float, float]:
    """Return how many ordinary likes predict as well, with the range (nan: beyond).

    An area and its interval for each of `LIKES`, and of what is held against them. A number is in
    the interval where the difference of the two areas is within 1.96 of its standard error.
    """
    if len(curve) < len(LIKES) or not np.isfinite(beside).all():
        return np.nan, np.nan, np.nan
    areas = np.array([*curve, beside])
    area, error = areas[:, 0], (areas[:, 2] - areas[:, 1]) / 2
    apart = np.hypot(error[:-1], error[-1])
    value, low, high = (_reached(area[:-1] + moved, beside[0]) for moved in (0.0, apart, -apart))
    return min(value, LIKES[-1]), min(low, LIKES[-1]), high if np.isfinite(high) else np.nan


def _reached(curve: Floats, area: float) -> float:
    """Where a curve first reaches an area, between its points (logarithms); infinite: nowhere."""
    rising = np.maximum.accumulate(curve)
    if area > rising[-1]:
        return float("inf")
    return float(np.round(np.exp(np.interp(area, rising, np.log(LIKES))), 1))


def _model(likes: Floats, right: Bools) -> Any:
    from sklearn.linear_model import LogisticRegression

    if min(right.sum(), (~right).sum()) < SMALL_CELL or not likes.shape[1]:
        return None
    return LogisticRegression(C=0.01, max_iter=500).fit(likes, right)


def _places(touched: csr_matrix, rank: Floats) -> Ints:
    """Return the place of each page among those that its account touched, by rank."""
    accounts, pages = touched.shape[0], np.diff(touched.indptr)
    # Numbers of 16 bits, which suffice for most towns, are sorted digit by digit.
    who = np.repeat(np.arange(accounts).astype(np.min_scalar_type(accounts)), pages)
    place = np.empty(touched.nnz, dtype=np.int64)
    place[np.lexsort((rank, who))] = np.arange(touched.nnz) - np.repeat(touched.indptr[:-1], pages)
    return place


def _some_of(touched: csr_matrix, some: Bools) -> csr_matrix:
    """Return some of the pages that accounts touched."""
    from scipy.sparse import csr_matrix

    ends = np.append(0, np.cumsum(some))[touched.indptr]
    return csr_matrix((touched.data[some], touched.indices[some], ends), touched.shape)


def _by_alignment(rows: Rows, world: SimulatedWorld, evidence: Evidence, bloc: Strs) -> None:
    """Score the one-like rule, for accounts whose likes converge and others."""
    side = {one: f"{name}_bloc" for name, sides in BLOCS.items() for one in sides}
    presumed = np.array([side.get(label, "") for label in evidence.label.tolist()])
    aligned = world.accounts["aligned"].to_numpy()
    labelled, hit = presumed != "", presumed == bloc
    shares = [np.mean(bloc == one) for one in _BLOCS]
    usual = np.select([presumed == one for one in _BLOCS], shares)
    groups = {"all": np.ones_like(aligned), "aligned": aligned, "non_aligned": ~aligned}
    for who, members in groups.items():
        group = labelled & members
        blind = float(usual[group].mean()) if group.any() else np.nan
        rows.share("bloc_right", hit[group], baseline=blind, gain="opinion", part={"who": who})
    neither = bloc == "neither"
    rows.share("labelled_neither", neither[labelled], baseline=float(neither.mean()))


def _by_party(rows: Rows, world: SimulatedWorld, plan: CampaignPlan, evidence: Evidence) -> None:
    """Hold the party touched most against the one leant to, however many contacts there were."""
    page, time, account = (world.interactions[c].to_numpy() for c in ("page", "time", "account"))
    ours = of_candidate(world.pages)[page] & (time <= plan.as_of)
    contacts = np.bincount(account[ours], minlength=len(world.accounts))
    leaning, presumed = truth_of(world)["leaning"], evidence.label
    groups: dict[tuple[str, str], Bools] = {
        ("who", "all"): contacts > 0,
        ("who", "voters"): (contacts > 0) & (leaning != "none"),
        ("contacts", "1"): contacts == 1,
        ("contacts", "2"): contacts == 2,
        ("contacts", "three_or_more"): contacts > 2,
        **{("leaning", side): presumed == side for side in SIDES},
    }
    share = {side: float(np.mean(leaning == side)) for side in SIDES}
    for (name, which), group in groups.items():
        # Of one party, how many lean to it; else to the party that most lean to.
        blind = share[which] if name == "leaning" else max(share.values())
        hit, part = (presumed == leaning)[group], {name: which}
        rows.share("party_right", hit, baseline=blind, gain="opinion", part=part)


def _hidden(rows: Rows, evidence: Evidence, split: _Split, rng: np.random.Generator) -> None:
    """Let accounts that declared nothing hide likes from a model that was learnt without them."""
    model = _model(evidence.likes[split.account[split.learnt]], split.right[split.learnt])
    tried = {"telling": (0, *HIDDEN), "random": HIDDEN}
    parts: list[dict[str, Any]] = [
        {"hidden": n, "which": which} for which, numbers in tried.items() for n in numbers
    ]
    if model is None:
        for part in parts:
            rows.absent(["still_told"], "share", _TOO_FEW, gain="opinion", part=part)
        return
    judged, right = split.account[~split.learnt], split.right[~split.learnt]
    larger = max(float(right.mean()), 1 - float(right.mean())) if len(right) else np.nan
    touched = evidence.touched[judged]
    weight = evidence.axes.T @ model.coef_[0]
    bare = float(model.intercept_[0])
    towards = np.where(right, 1.0, -1.0)[np.repeat(np.arange(len(judged)), np.diff(touched.indptr))]
    ranks = {"telling": -weight[touched.indices] * towards, "random": rng.random(touched.nnz)}
    places = {which: _places(touched, rank) for which, rank in ranks.items()}
    for part in parts:
        shown = _some_of(touched, places[part["which"]] >= part["hidden"])
        hit = (shown @ weight + bare > 0) == right
        rows.share("still_told", hit, baseline=larger, gain="opinion", part=part)
