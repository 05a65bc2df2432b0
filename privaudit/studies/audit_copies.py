"""Keep copies of a campaign's map: average them, subtract them, look up who liked when.

- Screenshots of a campaign's map, read back, and how many are found from them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from privaudit.campaign.publish import publish
from privaudit.campaign.views.dot_map import DotMap
from privaudit.campaign.views.screenshot import Screenshot
from privaudit.campaign.views.versions import DotMapVersions
from privaudit.core.checks import error_message, one_of, whole
from privaudit.core.progress import stream
from privaudit.errors import GeometryError, ParameterError, ReadError
from privaudit.maps.adversary import Adversary
from privaudit.maps.guess import guess
from privaudit.maps.posterior import mean_position
from privaudit.maps.registry import read_back
from privaudit.maps.scoring.household import holds_a_dot
from privaudit.maps.scoring.screenshot import held_by_drawn, read_of_each
from privaudit.maps.scoring.versions import (
    Averaged,
    averaging_exposure,
    difference_exposure,
    public_likes,
    seated,
    timing_exposure,
)
from privaudit.maps.version_averaging import weigh_links
from privaudit.maps.version_links import (
    Linked,
    difference,
    likely_accounts,
    link_versions,
    positions_of,
)
from privaudit.results.exposure import Exposure
from privaudit.results.measures import Measures, joined
from privaudit.results.rows import Rows
from privaudit.studies.audit import attacked, held_against
from privaudit.words.catalogues import Note

if TYPE_CHECKING:
    from privaudit.campaign.campaign import Campaign
    from privaudit.maps.masks.mask import Mask
    from privaudit.release.release import DotRelease, PictureRelease
    from privaudit.simulation.world import SimulatedWorld

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
        raise ParameterError(
            error_message(who, "numbers of copies, each once", f"copies={copies!r}")
        )
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


# Metres that a pixel covers: a street map at zooms 15, 14, 13 and 12, about.
RESOLUTIONS = (3.0, 6.0, 12.0, 25.0)


def audit_pictures(
    campaign: Campaign, metres_per_pixel: Sequence[float] = RESOLUTIONS, *, seed: int = 7
) -> Measures:
    """Read screenshots of a campaign's exact map, and take the address nearest to each dot.

    Parameters
    ----------
    campaign : Campaign
    metres_per_pixel : sequence of float
        Resolutions, metres a pixel.
    seed : int

    Returns
    -------
    Measures
        Family "screenshots", for each resolution ``metres_a_pixel``: found, the share of people
        whose address is the guess for their dot, out of everybody on the map, and
        found_household, that divided by the households there (baseline: the same from the file
        itself; control: comparable people who are not on the map); dots_read, the
        share of the dots drawn that were read, and dots_right, of the marks read those that are
        such dots. 0 is safe. Of a picture that cannot be read nobody is found.
    """
    file = publish(campaign, DotMap(), seed=seed)
    exact = attacked(file, Adversary.nearest(), truth=campaign.world, seed=seed)
    parts = {}
    for metres in metres_per_pixel:
        shot = publish(campaign, Screenshot(metres_per_pixel=metres, basemap="streets"), seed=seed)
        rows = _rows(exact, shot, campaign.world, seed)
        parts[metres] = Measures(
            family="screenshots", rows=rows, provenance="simulated", recipe=dict(shot.recipe)
        )
    return joined("screenshots", parts, by="metres_a_pixel")


def _rows(exact: Exposure, shot: PictureRelease, world: SimulatedWorld, seed: int) -> Rows:
    """What was read of one picture, and the addresses that it leads to."""
    people = len(exact.per_person)
    gains = ("address", "household")
    found = dict.fromkeys([*gains, *(f"control_{gain}" for gain in gains)], np.zeros(people))
    seen, right = np.zeros(len(shot.opened("audit_pictures")), dtype=bool), None
    who = Adversary.nearest()
    try:
        read = read_back(shot.as_leaked())
    except (ReadError, GeometryError):
        pass
    else:
        made = guess(read.as_leaked(), who, rng=stream(seed, "attack", "picture"))
        held, drawn = held_by_drawn(made, read, shot)
        each = held_against(held, drawn, who, truth=world, seed=seed).per_person
        found = {name: each[name].to_numpy() for name in found}
        seen = read_of_each(read, shot) >= 0
        right = np.arange(len(read)) < seen.sum()
    rows = Rows(people, "people")
    for measure, gain in (("reidentified", "address"), ("found_household", "household")):
        rows.share(
            measure,
            found[gain],
            clusters=exact.clusters,
            control=found[f"control_{gain}"],
            baseline=float(exact.overall["value"][gain]),
            gain=gain,
        )
    rows.share("dots_read", seen, counts="dots", baseline=1.0)
    if right is None:
        nothing: dict[str, Any] = {"n": 0, "counts": "marks", "of": "marks"}
        rows.absent(["dots_right"], "share", Note("nothing_read_of_picture"), **nothing)
    else:
        rows.share("dots_right", right, counts="marks", baseline=1.0)
    return rows
