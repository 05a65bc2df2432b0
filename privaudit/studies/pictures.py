"""Screenshots of a campaign's map, read back, and how many are found from them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from privaudit._core.streams import stream
from privaudit.attacks.adversary import Adversary
from privaudit.attacks.guess import guess
from privaudit.attacks.read_back import read_back
from privaudit.errors import GeometryError, ReadError
from privaudit.exposure.maps.drawn import held_by_drawn, read_of_each
from privaudit.release.publish import publish
from privaudit.release.views.dot_map import DotMap
from privaudit.release.views.screenshot import Screenshot
from privaudit.results.exposure import Exposure
from privaudit.results.measures import Measures, joined
from privaudit.results.rows import Rows
from privaudit.studies.audits import attacked, held_against
from privaudit.words.note import Note

if TYPE_CHECKING:
    from privaudit.campaign.campaign import Campaign
    from privaudit.release.release import PictureRelease
    from privaudit.simulation.world import SimulatedWorld

__all__ = ["audit_pictures"]

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
