"""Keep copies of a campaign's map: average them, subtract them, look up who liked when."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from privaudit._core.checks import one_of, say, whole
from privaudit._core.streams import stream
from privaudit.attacks.adversary import Adversary
from privaudit.attacks.differencing import difference
from privaudit.attacks.guess import guess
from privaudit.attacks.link_versions import Linked, link_versions, positions_of
from privaudit.attacks.timing import likely_accounts
from privaudit.attacks.weighed_links import weigh_links
from privaudit.errors import ParameterError
from privaudit.exposure.maps.doors import holds_a_dot
from privaudit.exposure.maps.timing import public_likes, seated, timing_exposure
from privaudit.exposure.maps.versions import Averaged, averaging_exposure, difference_exposure
from privaudit.measures.maps.joint_posterior import mean_position
from privaudit.release.publish import publish
from privaudit.release.views.versions import DotMapVersions
from privaudit.results.measures import Measures, joined

if TYPE_CHECKING:
    from privaudit.campaign.campaign import Campaign
    from privaudit.release.masks import Mask
    from privaudit.release.release import DotRelease

__all__ = ["audit_averages", "audit_copies", "audit_times"]

COPIES = (1, 3, 10, 30)
NOISES = ("fresh", "persistent")
# One copy a day, for two weeks.
DAYS = 15


def audit_copies(
    campaign: Campaign, mask: Mask, copies: Sequence[int] = COPIES, *, seed: int = 7
) -> Measures:
    """Average several copies of a masked map: with new noise in each, and with a move kept.

    Returns
    -------
    Measures
        As `averaging_exposure`, for both kinds of ``noise``.
    """
    return joined(
        "copies",
        {n: audit_averages(campaign, mask, copies=copies, noise=n, seed=seed) for n in NOISES},
    )


def audit_averages(
    campaign: Campaign,
    mask: Mask,
    *,
    copies: Sequence[int] = (1, 10, 50),
    noise: str = "fresh",
    link: str = "id",
    seed: int = 7,
) -> Measures:
    """Publish copies of the day of the plan, link them, and average them.

    Parameters
    ----------
    campaign : Campaign
    mask : Mask
        Moves the dots.
    copies : sequence of int
        How many copies are averaged, each number once; one copy is told too.
    noise : {"fresh", "persistent"}
        As for `DotMapVersions`.
    link : {"id", "certain", "weighed", "assignment"}
        Whether the map shows which dot is which, or the adversary must find out; see
        `link_versions`, and `weigh_links` for links that are likelier than not to who knows the
        mask. Dots that stand still are linked by their position.
    seed : int
        0 or more.

    Returns
    -------
    Measures
        See `averaging_exposure`.

    Raises
    ------
    ParameterError
        No dot, no copy, a number twice, or an unknown noise or link.
    """
    who = "audit_averages"
    one_of(who, "link", link, ("id", "certain", "weighed", "assignment"))
    wanted = [whole(who, "copies", n, 1) for n in copies]
    if not wanted or len(set(wanted)) < len(wanted):
        raise ParameterError(say(who, "numbers of copies, each once", f"copies={copies!r}"))
    holds_a_dot(who, campaign)
    minute = np.timedelta64(1, "m")
    at = tuple(campaign.plan.as_of + i * minute for i in range(max(2, *wanted)))
    view = DotMapVersions(at=at, mask=mask, noise=noise, shows_id=link == "id")
    versions = publish(campaign, view, seed=seed)
    how = link if noise == "fresh" or link == "id" else "position"
    averaged = []
    for count in sorted({1, *wanted}):
        kept = versions[:count]
        linked = _linked(kept, mask, how, stream(seed, "averaging", "links", count))
        position = mean_position(positions_of(kept, linked))
        averaged.append(Averaged(copies=kept, linked=linked, position=position))
    return averaging_exposure(
        averaged, mask=str(mask), noise=noise, shows_id=link == "id", seed=seed
    )


def _linked(
    versions: Sequence[DotRelease], mask: Mask, link: str, rng: np.random.Generator
) -> Linked:
    if len(versions) == 1:
        return Linked(rows=np.arange(len(versions[0]))[None, :], how="position", lost=0)
    leaked = [version.as_leaked() for version in versions]
    base = versions[0].backdrop
    placed = mask.on(base)
    if link == "weighed":
        prior = np.full(len(base), 1 / len(base))
        weighed = weigh_links(leaked, base, [placed] * len(leaked), prior, rng=rng)
        if weighed is not None:
            return weighed.linked
        link = "certain"
    reach = max(
        float(placed.reach_of(version.records[["x", "y"]].to_numpy(dtype=float)).max())
        for version in versions
    )
    return link_versions(leaked, how=link, farthest=2 * reach)


def audit_times(campaign: Campaign, days: int = DAYS, *, seed: int = 7) -> dict[str, Measures]:
    """Keep a copy of the exact map each day, subtract them, and look up who liked when.

    Returns
    -------
    dict of str to Measures
        ``"differences"`` (see `difference_exposure`) and ``"timing"`` (see `timing_exposure`).
    """
    end, day = campaign.plan.as_of, np.timedelta64(1, "D")
    at = tuple(end - k * day for k in range(days - 1, -1, -1))
    versions = publish(campaign, DotMapVersions(at=at), seed=seed)
    leaked = [version.as_leaked() for version in versions]
    linked = link_versions(leaked)
    appeared = difference(leaked, at, linked)
    likes = public_likes(campaign)
    rng = stream(seed, "attack", "timing")
    accounts = likely_accounts(appeared, likes, rng=rng)
    world = campaign.world
    addresses = world.people["address"].to_numpy()[world.accounts["person"].to_numpy()]
    nearest = guess(leaked[-1], Adversary.nearest(), rng=rng)
    return {
        "differences": difference_exposure(campaign, versions[-1], appeared, linked),
        "timing": timing_exposure(
            accounts,
            seated(versions[-1], appeared, campaign),
            likes,
            appeared=appeared,
            guesses=nearest,
            addresses=addresses,
        ),
    }
