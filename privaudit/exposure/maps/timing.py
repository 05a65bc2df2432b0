"""How often the moment of a like names the account behind a dot, and whom it names wrongly."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from privaudit._core.checks import say
from privaudit.errors import ParameterError
from privaudit.exposure.results import MEASURE_COLUMNS, Measures
from privaudit.measures.interval import wilson
from privaudit.measures.tables.compressed_rows import row_of, row_sum

if TYPE_CHECKING:
    from privaudit.attacks.guesses import Guesses
    from privaudit.attacks.timing import LikelyAccounts
    from privaudit.campaign.campaign import Campaign
    from privaudit.release.release import Release

__all__ = ["public_likes", "timing_exposure"]


def public_likes(campaign: Campaign) -> pd.DataFrame:
    """Return who interacted with the page of the campaign's candidate, and when.

    Anybody may read it on the page, by the name shown there.

    Returns
    -------
    pandas.DataFrame
        Columns account, time, up to the plan's `as_of`.
    """
    world = campaign.world
    pages = world.pages
    own = (pages["kind"] == "candidate") & (pages["side"] == campaign.plan.side)
    clicks = world.interactions
    kept = clicks["page"].isin(pages.loc[own, "page"]) & (clicks["time"] <= campaign.plan.as_of)
    return clicks.loc[kept, ["account", "time"]].reset_index(drop=True)


def timing_exposure(
    found: LikelyAccounts,
    release: Release,
    likes: pd.DataFrame,
    *,
    appeared: pd.DataFrame,
    guesses: Guesses | None = None,
    homes: np.ndarray | None = None,
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
        The same adversary's addresses, for ``account_and_home``.
    homes : ndarray of int, optional
        Address where each person lives (``world.people["address"]``); needed with `guesses`.

    Returns
    -------
    Measures
        0 is safe; Wilson intervals:

        - account_named: mean probability given to the right account, over all dots, which is
          how often a guess with ties at random is right; account_named_new: over the dots
          that appeared between two copies. Baseline: one of all accounts that liked.
        - account_certain: share of dots with one candidate, the right one.
        - account_and_home: the right account named and the guessed address its home.
        - accused_without_dot: the control: mean, over the accounts that liked and have no dot,
          of the largest probability that some dot is given to be theirs.
        - candidates: median number of accounts that a dot may be (not a share).

    Raises
    ------
    ParameterError
        No sources, lengths that differ, or guesses without homes.
    """
    who = "timing_exposure"
    sources = release.sources
    if sources is None:
        raise ParameterError(say(who, "a release with its sealed sources", "none"))
    n = len(release)
    if len(found.account) != n or len(appeared) != n or (guesses is not None and homes is None):
        do = "Pass what likely_accounts was given for this release, and homes with guesses."
        raise ParameterError(say(who, "one row a record", "another number, or no homes", do))
    posterior = found.posterior
    row = row_of(posterior.indptr)
    right = posterior.candidate == sources["account"].to_numpy()[row]
    named = row_sum(posterior.indptr, posterior.probability * right)
    size = np.diff(posterior.indptr)
    likers = np.unique(likes["account"].to_numpy())
    chance = 1 / len(likers) if len(likers) else np.nan
    new = appeared["appeared_after"].notna().to_numpy()
    top = pd.Series(posterior.probability).groupby(posterior.candidate).max()
    absent = np.setdiff1d(likers, sources["account"].to_numpy())
    accused = top.reindex(absent, fill_value=0.0).to_numpy(dtype=float)
    dots, certain = "share of dots", "one candidate, the right one; n: dots"
    rows = [
        _row("account_named", named, chance, dots, "the right account; n: dots"),
        _row("account_named_new", named[new], chance, dots, "n: dots new between two copies"),
        _row("account_certain", (size == 1) & (named > 0), 0.0, dots, certain),
    ]
    if guesses is not None and homes is not None:
        at_home = guesses.address == homes[sources["person"].to_numpy()]
        note = "the right account, and its home; n: dots"
        rows.append(_row("account_and_home", named * at_home, np.nan, dots, note))
    note = "largest probability that a dot is theirs; n: who liked, without a dot"
    rows.append(_row("accused_without_dot", accused, chance, "probability", note))
    middle = float(np.median(size)) if n else np.nan
    rows.append(
        ("candidates", middle, middle, middle, float(len(likers)), n, "accounts", "median; n: dots")
    )
    return Measures(
        overall=pd.DataFrame(rows, columns=["measure", *MEASURE_COLUMNS]).set_index("measure"),
        per_record=pd.DataFrame(index=pd.RangeIndex(0)),
        title="likes and new dots",
        provenance=release.provenance,
        recipe=dict(release.recipe),
    )


def _row(name: str, values: np.ndarray, baseline: float, unit: str, note: str) -> tuple:
    flags = np.asarray(values, dtype=float)
    value = float(flags.mean()) if len(flags) else np.nan
    low, high = wilson(value, len(flags)) if len(flags) else (0.0, 1.0)
    return name, value, low, high, baseline, len(flags), unit, note
