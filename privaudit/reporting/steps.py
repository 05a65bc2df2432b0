"""The steps of the ladder: what a rung adds to the one before, on the same people."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from privaudit.results.exposure import Exposure
from privaudit.results.row import Row
from privaudit.results.rows import Rows

if TYPE_CHECKING:
    from privaudit.studies.study import Study

__all__ = ["Step", "climbs_of", "step_between", "steps_of"]


class Step(NamedTuple):
    """What one rung finds more than another of the same people: a difference of two shares."""

    before: Exposure
    after: Exposure
    row: Row

    @property
    def beyond(self) -> bool:
        """True where the interval leaves out 0: chance alone does not explain the step."""
        return self.row.low > 0 or self.row.high < 0


def step_between(before: Exposure, after: Exposure) -> Step:
    """Compare two rungs on one view, person by person."""
    rows = Rows(len(after.per_person), "people")
    rows.difference(
        "more_found",
        before.per_person["address"].to_numpy(float),
        after.per_person["address"].to_numpy(float),
        clusters=after.clusters,
        gain="address",
        reliable=before.reliable and after.reliable,
    )
    return Step(before, after, next(iter(rows)))


def climbs_of(study: Study) -> dict[str, list[Exposure]]:
    """Gather the rungs on each view whose addresses are known, views in their order.

    Rungs that are not about the same people as the first one are left out: nothing can be
    subtracted there.
    """
    views: dict[str, list[Exposure]] = {}
    for exposure in study.exposures:
        address = next(row for row in exposure.rows if row.gain == "address")
        if math.isfinite(address.value):
            rungs = views.setdefault(exposure.view, [])
            if not rungs or len(rungs[0].per_person) == len(exposure.per_person):
                rungs.append(exposure)
    return views


def steps_of(study: Study) -> dict[str, list[Step]]:
    """Return the steps between neighbouring rungs, by view."""
    climbs = {view: rungs for view, rungs in climbs_of(study).items() if len(rungs) > 1}
    return {
        view: [step_between(*pair) for pair in pairwise(rungs)] for view, rungs in climbs.items()
    }
