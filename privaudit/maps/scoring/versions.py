"""Scores of attacks on several versions of one map: averaging, differencing, timing of likes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from privaudit.core.reproducible import stream
from privaudit.errors import ParameterError
from privaudit.maps.version_links import not_linked
from privaudit.release.release import DOT_ID
from privaudit.results.measures import Measures
from privaudit.results.rows import Rows
from privaudit.simulation.interactions import of_candidate
from privaudit.stats.csr import row_of, row_sum
from privaudit.words.catalogues import Note

if TYPE_CHECKING:
    from privaudit.campaign.campaign import Campaign
    from privaudit.maps.posterior import Guesses
    from privaudit.maps.version_links import LikelyAccounts, Linked
    from privaudit.release.release import DotRelease, Release

_DAY = np.timedelta64(1, "D")
# Contact statuses of a refusal.
REFUSALS = ("not_interested", "refused")


@dataclass(frozen=True, eq=False, kw_only=True)
class AveragedVersions:
    """The first versions of a map, averaged dot by dot.

    Parameters
    ----------
    copies : sequence of Release
        With their sealed sources.
    linked : Linked
        Which dot is which.
    position : ndarray of float, shape (dots of the last of them, 2)
        Mean position of each dot, metres.
    """

    copies: Sequence[DotRelease]
    linked: Linked
    position: np.ndarray


def averaging_exposure(
    averaged: Sequence[AveragedVersions], *, mask: str, noise: str, shows_id: bool, seed: int = 7
) -> Measures:
    """Measure the error of the mean position of several versions of a dot.

    Parameters
    ----------
    averaged : sequence of AveragedVersions
        Of one copy first, then of more.
    mask, noise : str
        Word of the mask; "fresh" or "persistent" noise.
    shows_id : bool
        Whether the map shows which dot is which.
    seed : int
        Of the bootstrap.

    Returns
    -------
    Measures
        Family "copies", a row for each ``copies``, ``noise`` and ``mask``. error: mean distance,
        in metres, from the mean position to the marked address, 0 is found; bootstrap interval
        over marked addresses; baseline: the error of one version; n: dots. Without ids also
        linked: share of right links, nan where there is none; baseline: a link at random; n:
        links.
    """
    rows = Rows(0, "dots")
    single = np.nan
    for one in averaged:
        count, last = len(one.copies), one.copies[-1]
        marked = last.opened("averaging_exposure")["marked_address"].to_numpy()
        error = np.hypot(*(one.position - last.backdrop.xy[marked]).T)
        single = float(error.mean()) if count == 1 else single
        part = {"copies": count, "noise": noise, "mask": mask}
        notes = () if count == 1 else Note("links_by", how=one.linked.how)
        rng = stream(seed, "averaging", count)
        rows.mean(
            "error", error, "metres", notes, rng=rng, clusters=marked, baseline=single, part=part
        )
        if count > 1 and not shows_id:
            right, dot = _links(one)
            rows.share(
                "linked", right, clusters=dot, counts="pairs", baseline=1 / len(last), part=part
            )
    return Measures(family="copies", rows=rows, provenance="simulated", recipe={"seed": seed})


def _links(one: AveragedVersions) -> tuple[np.ndarray, np.ndarray]:
    """Return whether each link joins versions of one dot, and the dot."""
    right, dots = [], []
    who = "averaging_exposure"
    last = one.copies[-1].opened(who)
    for version, rows in zip(one.copies[:-1], one.linked.rows[:-1], strict=True):
        there = rows >= 0
        account = version.opened(who)["account"].to_numpy()[rows[there]]
        right.append(account == last["account"].to_numpy()[there])
        dots.append(np.flatnonzero(there))
    return np.concatenate(right), np.concatenate(dots)


def difference_exposure(
    campaign: Campaign, last: DotRelease, found: pd.DataFrame, linked: Linked
) -> Measures:
    """Score what differences between versions say of moments and of answers at the door.

    Parameters
    ----------
    campaign : Campaign
        Its contact log holds the answers; only the score reads it.
    last : Release
        The last copy, with its sealed sources.
    found : pandas.DataFrame
        Result of `difference`, one row a dot of the last version.
    linked : Linked
        The links that it used.

    Returns
    -------
    Measures
        Family "differences". Shares of dots of the last copy, 0 is safe:

        - appeared_between: appeared between two versions, so that the moment of the like is
          bounded on both sides; appeared_within_a_day: and the bounds are at most a day apart.
        - visited_between, visited_within_a_day: likewise for the visit, of the dots that are
          grey; the baseline, without earlier versions, is 0.
        - opened_when_visited, refusal_by_elimination: of the dots that were grey and never red
          again, the visits that were answered, and those that were refused. Baseline: the share
          among all visits.
        - not_visited: not grey yet: what would be left if visited dots were deleted.

    Raises
    ------
    ParameterError
        A copy without its sources, or of another length.
    """
    sources = last.opened("difference_exposure")
    if len(found) != len(sources):
        came = f"{len(found):,} for {len(sources):,}"
        raise ParameterError.of("difference_exposure", "a row a dot of the sealed sources", came)
    household = sources["marked_household"].to_numpy()
    grey = found["visited_by"].notna().to_numpy()
    rows = Rows(len(found), "dots")
    for what, of in (("appeared", np.ones(len(found), dtype=bool)), ("visited", grey)):
        gap = (found[f"{what}_by"] - found[f"{what}_after"]).to_numpy(dtype="timedelta64[s]")
        known = ~np.isnat(gap)
        for name, values in (("between", known), ("within_a_day", known & (gap <= _DAY))):
            rows.share(f"{what}_{name}", values[of], clusters=household[of], baseline=0)
    rows.share("not_visited", ~grey, clusters=household)
    answer = _said(campaign, sources["account"].to_numpy())
    stayed = found["stayed_grey"].to_numpy() & (answer != "")
    log = campaign.contact_log["status"].to_numpy(dtype=str)
    for name, values, in_log in (
        ("opened_when_visited", answer != "no_answer", log != "no_answer"),
        ("refusal_by_elimination", np.isin(answer, REFUSALS), np.isin(log, REFUSALS)),
    ):
        usual = float(in_log.mean()) if len(in_log) else np.nan
        rows.share(name, values[stayed], clusters=household[stayed], baseline=usual)
    return Measures(
        family="differences",
        rows=rows,
        provenance="simulated",
        notes=(Note("links_by", how=linked.how),),
        recipe=dict(last.recipe),
    )


def _said(campaign: Campaign, account: np.ndarray) -> np.ndarray:
    """Return the contact status of the visit of each account's dot, "" where none."""
    dots, log = campaign.dots, campaign.contact_log
    dot_account = campaign.profiles["account"].to_numpy()[dots["profile"].to_numpy()]
    status = np.full(len(campaign.world.accounts), "", dtype=object)
    status[dot_account[log["dot"].to_numpy()]] = log["status"].to_numpy()
    return np.asarray(status[account].astype(str))


def copy_changes(versions: Sequence[DotRelease], linked: Linked) -> Measures:
    """Count the dots that came, went or changed colour between versions of one map.

    No truth is needed.

    Parameters
    ----------
    versions : sequence of DotRelease
        Two or more, oldest first.
    linked : Linked
        Which dot is which, see `link_versions`.

    Returns
    -------
    Measures
        Shares of the dots of the last version, with Wilson intervals; the baseline, of that
        version alone, is 0:

        - appeared_between: dots that the first version does not show: their like fell between
          two versions, if each is linked rightly.
        - turned_grey: dots whose status changed since they first appeared; nan where no version
          has one.

        and gone: records of earlier versions that are linked to no dot of the last (n: these
        records). `reliable` is False where the links are uncertain.

    Raises
    ------
    ParameterError
        Fewer than two copies, or links of other ones.

    Examples
    --------
    >>> import pandas as pd
    >>> from privaudit.maps.version_links import link_versions
    >>> from privaudit.geo.address_base import AddressBase
    >>> from privaudit.release.read_map import read_versions
    >>> base = AddressBase(pd.DataFrame({"id": ["a", "b"], "number": ["1", "2"], "street": "s",
    ...     "commune": "c", "station": "", "x": [0.0, 40.0], "y": 0.0}), real=False)
    >>> monday = pd.DataFrame({"x": [0.0], "y": [0.0], "status": ["red"]})
    >>> friday = pd.DataFrame({"x": [0.0, 40.0], "y": [0.0, 0.0], "status": ["grey", "red"]})
    >>> copies = read_versions([monday, friday], addresses=base)
    >>> linked = link_versions([copy.as_leaked() for copy in copies])
    >>> copy_changes(copies, linked).overall["value"].to_dict()
    {'appeared_between': 0.5, 'turned_grey': 0.5, 'gone': 0.0}
    """
    who = "copy_changes"
    if len(versions) < 2 or linked.rows.shape != (len(versions), len(versions[-1])):
        came = f"{len(versions)} copies, links of shape {linked.rows.shape}"
        raise ParameterError.of(who, "two copies or more, and their links", came)
    there = linked.rows >= 0
    first = there.argmax(axis=0)
    rows = Rows(there.shape[1], "dots")
    rows.share("appeared_between", first > 0, baseline=0)
    if all("status" in version.records.columns for version in versions):
        status = [version.records["status"].to_numpy(dtype=str) for version in versions]
        began = np.array([status[k][linked.rows[k, dot]] for dot, k in enumerate(first)])
        rows.share("turned_grey", began != status[-1][linked.rows[-1]], baseline=0)
    else:
        rows.absent(["turned_grey"], "share", Note("copies_without_status"))
    earlier = sum(len(version) for version in versions[:-1])
    rows.share("gone", np.arange(earlier) < linked.lost, baseline=0)
    return Measures(
        family="changes",
        rows=rows,
        provenance=versions[-1].provenance,
        notes=(Note("links_by", how=linked.how), *not_linked(versions, linked)),
        reliable=linked.how in ("id", "position"),
        recipe=dict(versions[-1].recipe),
    )


def public_likes(campaign: Campaign) -> pd.DataFrame:
    """Return the public interactions with the pages of the campaign's candidate.

    E-mails opened and links followed are left out: only the sender knows them.

    Returns
    -------
    pandas.DataFrame
        Columns account, time, up to the plan's `as_of`.
    """
    world = campaign.world
    public = ~world.pages["kind"].isin(("email", "link")).to_numpy()
    own = of_candidate(world.pages, campaign.plan.side) & public
    clicks = world.interactions
    shown_likes = (
        own[clicks["page"].to_numpy()] & (clicks["time"] <= campaign.plan.as_of).to_numpy()
    )
    shown: pd.DataFrame = clicks.loc[shown_likes, ["account", "time"]]
    return shown.reset_index(drop=True)


def order_identical_dots(
    release: DotRelease, appeared: pd.DataFrame, campaign: Campaign
) -> DotRelease:
    """Assign identical dots at one point to their accounts in the order of appearance.

    No map distinguishes them: a claim is that one dot of this point appeared then.

    Parameters
    ----------
    release : DotRelease
        The last version, with its sealed sources.
    appeared : pandas.DataFrame
        Result of `difference`, one row a record.
    campaign : Campaign
        Holds the moment when each dot appeared.

    Returns
    -------
    DotRelease
        The same records, sources in another order; their colours no longer go with them.
    """
    sources, dots = release.opened("order_identical_dots"), campaign.dots
    account = campaign.profiles["account"].to_numpy()[dots["profile"].to_numpy()]
    since = dots["appeared_at"].to_numpy()[pd.Index(account).get_indexer(sources["account"])]
    alike = [name for name in release.records.columns if name not in ("status", DOT_ID)]
    point = release.records.groupby(alike, dropna=False, sort=False).ngroup().to_numpy()
    seats = np.lexsort((appeared["appeared_by"].to_numpy(), point))
    order = np.empty_like(seats)
    order[seats] = np.lexsort((since, point))
    return replace(release, sources=sources.iloc[order].reset_index(drop=True))


def timing_exposure(
    found: LikelyAccounts,
    release: Release,
    likes: pd.DataFrame,
    *,
    appeared: pd.DataFrame,
    guesses: Guesses | None = None,
    addresses: np.ndarray | None = None,
) -> Measures:
    """Score the accounts guessed from the times of likes.

    Parameters
    ----------
    found : LikelyAccounts
        One row a record of `release`.
    release : Release
        The last version, with its sealed sources.
    likes : pandas.DataFrame
        As the adversary read them: columns account and time.
    appeared : pandas.DataFrame
        As given to `likely_accounts`.
    guesses : Guesses, optional
        The same adversary's addresses, for ``account_and_address``.
    addresses : ndarray of int, optional
        Address where the person of each account lives; needed with `guesses`.

    Returns
    -------
    Measures
        Family "timing", 0 is safe; Wilson intervals:

        - account_named: mean posterior probability of the right account over all dots, the
          success rate of a guess with ties at random; account_named_new: over the dots that
          appeared between two versions. Baseline: one of all accounts that liked.
        - account_certain: share of dots with one candidate, the right one; baseline 0.
        - account_and_address: the right account named and the guessed address its own;
          baseline: one of all accounts, at one of all addresses.
        - Control of these: the same for an account that liked and has no dot, on average; none
          where all who liked have one.
        - accused_without_dot: mean, over the accounts that liked and have no dot, of their
          largest posterior probability for any dot; n: these accounts.
        - candidates: median number of candidate accounts of a dot (not a share).

    Raises
    ------
    ParameterError
        No sources, lengths that differ, or guesses without addresses.
    """
    who = "timing_exposure"
    sources, n = release.opened(who), len(release)
    if len(found.account) != n or len(appeared) != n or (guesses is not None and addresses is None):
        do = "Pass what likely_accounts was given for this release, and addresses with guesses."
        raise ParameterError.of(who, "one row a record", "another number, or no addresses", do)
    posterior = found.posterior
    row = row_of(posterior.indptr)
    account = sources["account"].to_numpy()
    likers = np.unique(likes["account"].to_numpy())
    absent = np.setdiff1d(likers, account)
    # Weights, at each dot, of its own account, and of those that have no dot.
    own = (posterior.candidate == account[row]).astype(float)
    other = np.isin(posterior.candidate, absent) / max(1, len(absent))
    size = np.diff(posterior.indptr)

    def asked(given: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
        beside = row_sum(posterior.indptr, given * other) if len(absent) else None
        return np.clip(row_sum(posterior.indptr, given * own), 0, 1), beside

    new = appeared["appeared_after"].notna().to_numpy()
    top = pd.Series(posterior.probability).groupby(posterior.candidate).max()
    accused = top.reindex(absent, fill_value=0.0).to_numpy(dtype=float)
    chance = 1 / len(likers) if len(likers) else np.nan
    rows = Rows(n, "dots")
    named, beside = asked(posterior.probability)
    for name, of in (("account_named", np.ones(n, dtype=bool)), ("account_named_new", new)):
        control = None if beside is None else beside[of]
        rows.share(name, named[of], control=control, baseline=chance, gain="person")
    certain, beside = asked((size == 1)[row].astype(float))
    rows.share("account_certain", certain, control=beside, baseline=0, gain="person")
    if guesses is not None and addresses is not None:
        there = addresses[posterior.candidate] == guesses.address[row]
        both, beside = asked(posterior.probability * there)
        blind = chance / len(release.backdrop) if release.backdrop is not None else np.nan
        rows.share("account_and_address", both, control=beside, gain="address", baseline=blind)
    claims: dict[str, Any] = {"unit": "probability", "counts": "accounts", "gain": "person"}
    rows.share("accused_without_dot", np.clip(accused, 0, 1), baseline=chance, **claims)
    middle = float(np.median(size)) if n else np.nan
    rows.count("candidates", middle, "accounts", baseline=len(likers))
    return Measures(
        family="timing", rows=rows, provenance=release.provenance, recipe=dict(release.recipe)
    )
