"""Every other way by which a simulated map leaks: pictures, copies in time, areas, accounts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from privaudit._core.streams import stream
from privaudit.attacks.adversary import Adversary
from privaudit.attacks.differencing import difference
from privaudit.attacks.guess import guess
from privaudit.attacks.link_versions import link_versions
from privaudit.attacks.read_back import read_back
from privaudit.attacks.timing import likely_accounts
from privaudit.errors import GeometryError, ReadError
from privaudit.exposure.maps.areas import area_exposure
from privaudit.exposure.maps.drawn import held_by_drawn, read_of_each
from privaudit.exposure.maps.heat import heat_exposure
from privaudit.exposure.maps.tiers import leak_curve
from privaudit.exposure.maps.timing import public_likes, timing_exposure
from privaudit.exposure.maps.versions import averaging_exposure, difference_exposure
from privaudit.exposure.parts import in_parts
from privaudit.exposure.results import Measures
from privaudit.exposure.shares import add_share
from privaudit.exposure.tables.rows import Rows
from privaudit.measures.interval import effective_n, wilson
from privaudit.release.area_map import AreaMap
from privaudit.release.heat_map import HeatMap
from privaudit.release.publish import publish
from privaudit.release.screenshot import Screenshot
from privaudit.release.versions import DotMapVersions
from privaudit.release.views import DotMap
from privaudit.studies.audits import attacked, held_against

if TYPE_CHECKING:
    from privaudit.campaign.campaign import Campaign
    from privaudit.exposure.results import Exposure
    from privaudit.release.masks import Mask
    from privaudit.release.release import Release
    from privaudit.simulation.world import SimulatedWorld

__all__ = [
    "audit_accounts",
    "audit_areas",
    "audit_copies",
    "audit_heat",
    "audit_pictures",
    "audit_times",
]

# Metres that a pixel covers: a street map at zooms 15, 14, 13 and 12, about.
RESOLUTIONS = (3.0, 6.0, 12.0, 25.0)
COPIES = (1, 3, 10, 30)
# One copy a day, for two weeks.
DAYS = 15
ACCOUNTS = (1, 10, 100, 1000)
SIDE, SMALL = 200.0, 11
SPREAD, COLOURS = 50.0, 8


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
        For each resolution, with 95 % Wilson intervals: found@, the share of people whose home
        is the guess for their dot, out of everybody on the map (baseline: the same from the
        file itself); control@, the share of comparable people who are not on the map; dots_read@,
        the share of the dots drawn that were read, and dots_right@, of the marks read those that
        are such dots. 0 is safe. Of a picture that cannot be read nobody is found.
    """
    who = Adversary.nearest()
    file = publish(campaign, DotMap(), seed=seed)
    exact = attacked(file, who, truth=campaign.world, seed=seed)
    parts = {}
    for metres in metres_per_pixel:
        shot = publish(campaign, Screenshot(metres_per_pixel=metres, basemap="streets"), seed=seed)
        rows = Rows(len(exact.per_person))
        try:
            read = read_back(shot.as_leaked())
        except (ReadError, GeometryError):
            _nothing_read(rows, exact, shot)
        else:
            _what_it_shows(rows, exact, shot, read, campaign.world, seed)
        parts[f"{metres:g} m a pixel"] = _measures(rows, "a picture of the map", shot.recipe)
    return in_parts("pictures of the map", parts)


def _what_it_shows(
    rows: Rows, exact: Exposure, shot: Release, read: Release, world: SimulatedWorld, seed: int
) -> None:
    """Add what was read of one picture, and the homes that it leads to."""
    who = Adversary.nearest()
    made = guess(read.as_leaked(), who, rng=stream(seed, "attack", "picture"))
    held, drawn = held_by_drawn(made, read, shot)
    found = held_against(held, drawn, who, truth=world, seed=seed).per_person
    _homes(rows, exact, found["address"], found["control_address"])
    seen = read_of_each(read, shot) >= 0
    right = np.arange(len(read)) < seen.sum()
    add_share(rows, "dots_read", seen, "n: dots drawn", unit="share of dots", baseline=1.0)
    add_share(rows, "dots_right", right, "n: marks read", unit="share of marks", baseline=1.0)


def _nothing_read(rows: Rows, exact: Exposure, shot: Release) -> None:
    """Add the zeros of a picture of which nothing can be read: nobody is found."""
    assert shot.sources is not None
    nobody = pd.Series(np.zeros(len(exact.per_person)))
    _homes(rows, exact, nobody, nobody)
    unseen = np.zeros(len(shot.sources))
    add_share(rows, "dots_read", unseen, "n: dots drawn", unit="share of dots", baseline=1.0)
    rows.absent(["dots_right"], "share of marks", "No dot can be read from this picture.")


def _homes(rows: Rows, exact: Exposure, found: pd.Series, control: pd.Series) -> None:
    """Add the homes found, beside those from the file itself and those of people not shown."""
    assert exact.clusters is not None
    from_file = float(exact.overall["attack"]["address"])
    for name, gains, baseline, note in (
        ("found", found, from_file, "right home; n: people on the map"),
        ("control", control, 0.0, "the same guesses, held against people who are not on the map"),
    ):
        values = gains.to_numpy(dtype=float)
        low, high = wilson(values.mean(), effective_n(values, exact.clusters))
        rows.add(
            name, values.mean(), "share of people", note,
            low=float(low), high=float(high), baseline=baseline,
        )  # fmt: skip


def audit_copies(
    campaign: Campaign, mask: Mask, copies: Sequence[int] = COPIES, *, seed: int = 7
) -> Measures:
    """Average several copies of a masked map: with new noise in each, and with a move kept.

    Returns
    -------
    Measures
        As `averaging_exposure`, for the parts fresh and persistent.
    """
    noises = ("fresh", "persistent")
    return in_parts(
        "averaging of copies",
        {
            noise: averaging_exposure(campaign, mask, copies=copies, noise=noise, seed=seed)
            for noise in noises
        },
    )


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
    homes = campaign.world.people["address"].to_numpy()
    nearest = guess(leaked[-1], Adversary.nearest(), rng=rng)
    return {
        "differences": difference_exposure(campaign, versions, at, linked=linked),
        "timing": timing_exposure(
            accounts, versions[-1], likes, appeared=appeared, guesses=nearest, homes=homes
        ),
    }


def audit_areas(campaign: Campaign, *, seed: int = 7) -> Measures:
    """Turn counts by area back into homes: squares, squares with small counts hidden, crossed.

    Returns
    -------
    Measures
        As `area_exposure`, for the parts squares, squares_hidden (counts under 11) and two_grids
        (of such squares, shifted by half a square).
    """
    squares = AreaMap(by="grid", size=SIDE)
    hidden = AreaMap(by="grid", size=SIDE, suppress_under=SMALL)
    half = AreaMap(by="grid", size=SIDE, origin=(SIDE / 2, SIDE / 2), suppress_under=SMALL)
    views = {"squares": [squares], "squares_hidden": [hidden], "two_grids": [hidden, half]}
    parts = {part: area_exposure(campaign, maps, seed=seed) for part, maps in views.items()}
    return in_parts("counts by area", parts)


def audit_heat(campaign: Campaign, *, seed: int = 7) -> Measures:
    """Turn a heat map in eight colours back into doors.

    Returns
    -------
    Measures
        As `heat_exposure`.
    """
    view = HeatMap(bandwidth=SPREAD, cell=SPREAD, levels=COLOURS)
    return heat_exposure(publish(campaign, view, seed=seed), campaign.world, seed=seed)


def audit_accounts(campaign: Campaign, accounts: Sequence[int] = ACCOUNTS) -> Measures:
    """Follow the odds of a leak, and who is then found, as more accounts see the exact map.

    Returns
    -------
    Measures
        For each number of accounts: any_leak@, the chance that one at least lets it out;
        leaked_before@ and leaked_after@, the expected share of people whose home is then found,
        before the restriction and after it (its baseline is before). Scenarios: plain figures,
        without an interval.
    """
    curve = leak_curve(campaign, accounts)
    told: dict[str, dict[int, dict[str, Any]]] = {"before": {}, "after": {}}
    for row in curve.to_dict("records"):
        told[row["moment"]][row["accounts"]] = {str(name): cell for name, cell in row.items()}
    parts = {}
    for many, before in told["before"].items():
        after, rows = told["after"][many], Rows(before["n"])
        q = f"scenario: {before['probability']:g} an account"
        rows.add("any_leak", before["any_leak"], "probability", f"{q}; n: accounts", n=many)
        rows.add(
            "leaked_before", before["share_found"], "share of people",
            f"{q}; n: people of the file", baseline=0.0,
        )  # fmt: skip
        rows.add(
            "leaked_after", after["share_found"], "share of people",
            f"{q}; n: people of the file", baseline=before["share_found"],
        )  # fmt: skip
        parts["1 account" if many == 1 else f"{many} accounts"] = _measures(
            rows, "accounts", campaign.recipe
        )
    return in_parts("accounts that see the map", parts)


def _measures(rows: Rows, title: str, recipe: object) -> Measures:
    return Measures(
        overall=rows.frame(),
        per_record=pd.DataFrame(index=pd.RangeIndex(0)),
        title=title,
        provenance="simulated",
        recipe=dict(recipe),  # type: ignore[call-overload]
    )
