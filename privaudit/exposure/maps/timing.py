"""How often the moment of a like names the account behind a dot, and whom it names wrongly."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from privaudit._core.checks import say
from privaudit.errors import ParameterError
from privaudit.measures.tables.compressed_rows import row_of, row_sum
from privaudit.release.release import DOT_ID
from privaudit.results.measures import Measures
from privaudit.results.rows import Rows
from privaudit.simulation.pages import of_candidate

if TYPE_CHECKING:
    from privaudit.attacks.guesses import Guesses
    from privaudit.attacks.timing import LikelyAccounts
    from privaudit.campaign.campaign import Campaign
    from privaudit.release.release import DotRelease, Release

__all__ = ["public_likes", "seated", "timing_exposure"]


def public_likes(campaign: Campaign) -> pd.DataFrame:
    """Return who interacted in public with what is the campaign's candidate's, and when.

    Anybody may read it there, by the name shown; who opens an e-mail or follows its link is
    known to the sender alone.

    Returns
    -------
    pandas.DataFrame
        Columns account, time, up to the plan's `as_of`.
    """
    world = campaign.world
    public = ~world.pages["kind"].isin(("email", "link")).to_numpy()
    own = of_candidate(world.pages, campaign.plan.side) & public
    clicks = world.interactions
    kept = own[clicks["page"].to_numpy()] & (clicks["time"] <= campaign.plan.as_of).to_numpy()
    shown: pd.DataFrame = clicks.loc[kept, ["account", "time"]]
    return shown.reset_index(drop=True)


def seated(release: DotRelease, appeared: pd.DataFrame, campaign: Campaign) -> DotRelease:
    """Give the dots of one point that show the same to their accounts in the order of appearing.

    Which of them is which, no map tells and no finder claims: what is claimed is that at this
    point one appeared then, and another one later.

    Parameters
    ----------
    release : DotRelease
        The last version, with its sealed sources.
    appeared : pandas.DataFrame
        As `attacks.differencing.difference` returns it, one row a record.
    campaign : Campaign
        Tells when each dot appeared.

    Returns
    -------
    DotRelease
        The same records, sources in another order; their colours no longer go with them.
    """
    sources, dots = release.opened("seated"), campaign.dots
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
    """Hold the accounts guessed by time against those that the dots stand for.

    Parameters
    ----------
    found : LikelyAccounts
        One row a record of `release`.
    release : Release
        The last version, with its sealed sources.
    likes : pandas.DataFrame
        What the adversary read: columns account and time.
    appeared : pandas.DataFrame
        As given to `likely_accounts`: tells the dots that appeared between two copies.
    guesses : Guesses, optional
        The same adversary's addresses, for ``account_and_address``.
    addresses : ndarray of int, optional
        Address where the person of each account lives; needed with `guesses`.

    Returns
    -------
    Measures
        Family "timing", 0 is safe; Wilson intervals:

        - account_named: mean probability given to the right account, over all dots, which is
          how often a guess with ties at random is right; account_named_new: over the dots
          that appeared between two copies. Baseline: one of all accounts that liked.
        - account_certain: share of dots with one candidate, the right one; baseline 0.
        - account_and_address: the right account named and the guessed address its own;
          baseline: one of all accounts, at one of all addresses.
        - Control of these: the same asked, dot by dot, of an account that liked and has no dot,
          each of them as often; none where all who liked have one.
        - accused_without_dot: mean, over the accounts that liked and have no dot, of the largest
          probability that some dot is given to be theirs; n: these accounts.
        - candidates: median number of accounts that a dot may be (not a share).

    Raises
    ------
    ParameterError
        No sources, lengths that differ, or guesses without addresses.
    """
    who = "timing_exposure"
    sources = release.sources
    if sources is None:
        raise ParameterError(say(who, "a release with its sealed sources", "none"))
    n = len(release)
    if len(found.account) != n or len(appeared) != n or (guesses is not None and addresses is None):
        do = "Pass what likely_accounts was given for this release, and addresses with guesses."
        raise ParameterError(say(who, "one row a record", "another number, or no addresses", do))
    posterior = found.posterior
    row = row_of(posterior.indptr)
    account = sources["account"].to_numpy()
    likers = np.unique(likes["account"].to_numpy())
    absent = np.setdiff1d(likers, account)
    # Asked for at each dot: its own account, or any of those that have none.
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
    rows.share(
        "accused_without_dot",
        np.clip(accused, 0, 1),
        unit="probability",
        counts="accounts",
        gain="person",
        baseline=chance,
    )
    middle = float(np.median(size)) if n else np.nan
    rows.count("candidates", middle, "accounts", baseline=len(likers))
    return Measures(
        family="timing", rows=rows, provenance=release.provenance, recipe=dict(release.recipe)
    )
