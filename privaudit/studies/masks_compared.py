"""Masks beside one another: what each costs and still gives away, and what a wrong belief does."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from privaudit._core.streams import stream
from privaudit.attacks.adversary import Adversary
from privaudit.exposure.maps.belief import belief_exposure
from privaudit.release.masks import Donut, Exact, Gaussian, GridSnap
from privaudit.release.publish import publish
from privaudit.release.views.dot_map import DotMap
from privaudit.results.measures import Measures, joined
from privaudit.studies.audits import attacked
from privaudit.studies.frontier import frontier
from privaudit.words.note import Note

if TYPE_CHECKING:
    from privaudit.campaign.campaign import Campaign
    from privaudit.exposure.maps.frontier import Frontier
    from privaudit.release.release import DotRelease

__all__ = ["audit_beliefs", "audit_blurs", "audit_masks"]

MASKS = (
    Exact(),
    Donut(low=20, high=100),
    Donut(low=50, high=200),
    Donut(low=100, high=400),
    Gaussian(sigma=50),
    Gaussian(sigma=100),
)
# What the exact dots of a real map could be moved by, to say what that would save.
BLURS = (Donut(low=50, high=200), Donut(low=100, high=400), GridSnap(size=200))
MOST_DOTS = 20_000
# What is believed, and what was done: two wrong beliefs and, to compare with, a right one.
BELIEVED = Donut(low=50, high=200)
DONE = (Donut(low=100, high=400), Gaussian(sigma=100), BELIEVED)


def audit_masks(campaign: Campaign, *, seed: int = 7) -> Measures:
    """Put what each mask gives away beside what it costs.

    Returns
    -------
    Measures
        See `Frontier.measures`.
    """
    return _of_every_mask(frontier(campaign, MASKS, Adversary.knows_electors, seed=seed))


def _of_every_mask(found: Frontier) -> Measures:
    """Take what a report tells: of every mask, or whoever stopped it stops the report too."""
    if any(note.key == "stopped_early" for note in found.notes):
        raise KeyboardInterrupt
    return found.measures()


def audit_blurs(release: DotRelease, adversary: Adversary, *, seed: int = 7) -> Measures:
    """Say what somebody would expect to find on a real map of exact dots, were they moved.

    - `adversary`: Who knows most of the map as it is, and would know each mask.

    Returns
    -------
    Measures
        See `Frontier.measures`; of `MOST_DOTS` drawn at random where there are more, as the
        notes say.
    """
    who = Adversary.knows_electors if adversary.prior_word == "electors" else Adversary.knows_mask
    notes: tuple[Note, ...] = ()
    if len(release) > MOST_DOTS:
        drawn = stream(seed, "blurs").choice(len(release), MOST_DOTS, replace=False)
        records = release.records.iloc[np.sort(drawn)].reset_index(drop=True)
        notes = (Note("blurs_of_a_sample", dots=MOST_DOTS, of=len(release)),)
        release = replace(release, records=records, rows=None)
    found = _of_every_mask(frontier(release, (Exact(), *BLURS), who, seed=seed))
    return replace(found, notes=(*notes, *found.notes))


def audit_beliefs(campaign: Campaign, *, seed: int = 7) -> Measures:
    """Attack maps that were masked otherwise than the adversary believes.

    Returns
    -------
    Measures
        As `belief_exposure`, for each mask that was ``used``, which is the view, and the one
        ``believed``; who knows the right one is the baseline.
    """
    parts = {}
    for mask in DONE:
        leak = publish(campaign, DotMap(mask=mask), seed=seed)
        wrong, right = (
            attacked(leak, Adversary.knows_electors(m), truth=campaign.world, seed=seed)
            for m in (BELIEVED, mask)
        )
        found = belief_exposure(wrong, right)
        told = [replace(r, part={"believed": str(BELIEVED), **r.part}) for r in found.rows]
        parts[leak.view] = replace(found, rows=told)
    return joined("belief", parts, by="used")
