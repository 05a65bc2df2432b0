"""What several copies of one map give away: positions by averaging, moments by subtraction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from privaudit._core.checks import say
from privaudit._core.streams import stream
from privaudit.errors import ParameterError
from privaudit.results.measures import Measures
from privaudit.results.rows import Rows
from privaudit.words.note import Note

if TYPE_CHECKING:
    from privaudit.attacks.link_versions import Linked
    from privaudit.campaign.campaign import Campaign
    from privaudit.release.release import DotRelease

__all__ = ["Averaged", "averaging_exposure", "difference_exposure"]

_DAY = np.timedelta64(1, "D")
# Words of the contact log for somebody who opened, and would not hear of it.
REFUSALS = ("not_interested", "refused")


@dataclass(frozen=True, eq=False, kw_only=True)
class Averaged:
    """The first copies of a map, put together dot by dot.

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
    averaged: Sequence[Averaged], *, mask: str, noise: str, shows_id: bool, seed: int = 7
) -> Measures:
    """Measure how near the mean of several copies of a dot comes to the door that it marks.

    Parameters
    ----------
    averaged : sequence of Averaged
        Of one copy first, then of more.
    mask, noise : str
        What moved the dots, a word that can be read back; "fresh" or "persistent" noise.
    shows_id : bool
        Whether the map shows which dot is which.
    seed : int
        Of the bootstrap.

    Returns
    -------
    Measures
        Family "copies", each row told apart by ``copies``, ``noise`` and ``mask``. error: mean
        distance, in metres, from the mean position to the marked address, 0 is found; the
        interval is a bootstrap over marked addresses, the baseline the error of one copy, n the
        dots. Without ids also linked: share of the links that join the copies of one dot, nan
        where there is none; the baseline is a link at random, n the links.
    """
    rows = Rows(0, "dots")
    single = np.nan
    for one in averaged:
        count, last = len(one.copies), one.copies[-1]
        if last.sources is None or last.backdrop is None:
            raise ParameterError(say("averaging_exposure", "copies with their sources", "others"))
        marked = last.sources["marked_address"].to_numpy()
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


def _links(one: Averaged) -> tuple[np.ndarray, np.ndarray]:
    """Whether each link joins the copies of one dot, and the dot."""
    right, dots = [], []
    last = one.copies[-1].sources
    for version, found in zip(one.copies[:-1], one.linked.rows[:-1], strict=True):
        there = found >= 0
        if version.sources is None or last is None:
            raise ParameterError(say("averaging_exposure", "copies with their sources", "others"))
        account = version.sources["account"].to_numpy()[found[there]]
        right.append(account == last["account"].to_numpy()[there])
        dots.append(np.flatnonzero(there))
    return np.concatenate(right), np.concatenate(dots)


def difference_exposure(
    campaign: Campaign, last: DotRelease, found: pd.DataFrame, linked: Linked
) -> Measures:
    """Measure what subtracting the copies of a map says of moments and of what was said.

    Parameters
    ----------
    campaign : Campaign
        Its contact log says what was said at the doors; only the score sees it.
    last : Release
        The last copy, with its sealed sources.
    found : pandas.DataFrame
        As `attacks.differencing.difference` returns it, one row a dot of the last copy.
    linked : Linked
        What it rests on.

    Returns
    -------
    Measures
        Family "differences". Shares of dots of the last copy, 0 is safe:

        - appeared_between: appeared between two copies, so that both ends of the moment of the
          like are known; appeared_within_a_day: and these ends are at most a day apart.
        - visited_between, visited_within_a_day: likewise for the visit, of the dots that are
          grey; the baseline, without earlier copies, is 0.
        - opened_when_visited, refusal_by_elimination: of the dots that were grey and never red
          again, those where somebody opened, and those where whoever opened would not hear of
          it. The baseline is the share among all visits: what the colour adds is the rest.

    Raises
    ------
    ParameterError
        A copy without its sources, or of another length.
    """
    sources = last.sources
    if sources is None or len(found) != len(sources):
        came = "a leaked one, or another number of dots"
        raise ParameterError(say("difference_exposure", "a copy with its sealed sources", came))
    household = sources["marked_household"].to_numpy()
    grey = found["visited_by"].notna().to_numpy()
    rows = Rows(len(found), "dots")
    for what, of in (("appeared", np.ones(len(found), dtype=bool)), ("visited", grey)):
        gap = (found[f"{what}_by"] - found[f"{what}_after"]).to_numpy(dtype="timedelta64[s]")
        known = ~np.isnat(gap)
        for name, values in (("between", known), ("within_a_day", known & (gap <= _DAY))):
            rows.share(f"{what}_{name}", values[of], clusters=household[of], baseline=0)
    said = _said(campaign, sources["account"].to_numpy())
    stayed = found["stayed_grey"].to_numpy() & (said != "")
    log = campaign.contact_log["status"].to_numpy(dtype=str)
    for name, values, in_log in (
        ("opened_when_visited", said != "no_answer", log != "no_answer"),
        ("refusal_by_elimination", np.isin(said, REFUSALS), np.isin(log, REFUSALS)),
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
    """Contact status of the visit of each account's dot, "" where there was none."""
    dots, log = campaign.dots, campaign.contact_log
    dot_account = campaign.profiles["account"].to_numpy()[dots["profile"].to_numpy()]
    status = np.full(len(campaign.world.accounts), "", dtype=object)
    status[dot_account[log["dot"].to_numpy()]] = log["status"].to_numpy()
    found: np.ndarray = status[account].astype(str)
    return found
