"""What each rung of a ladder adds to the one before: a difference over the same people."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import pandas as pd

from privaudit._core.checks import listed, one_of, say
from privaudit.errors import ParameterError
from privaudit.exposure.results import GAINS, Exposure, Measures
from privaudit.exposure.tables.rows import Rows
from privaudit.measures.paired import paired_difference

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["ladder_steps"]


def ladder_steps(rungs: Sequence[Exposure], *, gain: str = "address") -> Measures:
    """Say what each adversary finds more than the one before it, on one and the same release.

    Parameters
    ----------
    rungs : sequence of Exposure
        Two or more, of one release, the least informed first, as `audit` returns them.
    gain : {"address", "household", "person", "opinion"}

    Returns
    -------
    Measures
        One row a rung but the first, named ``step@`` and the attack: the share of people that
        it finds more, in [-1, 1], 0 = nothing more; then ``whole_climb``, the last rung over
        the first. The 95 % interval is paired (`measures.paired.paired_difference`), over the
        effective number of people where some share a home. The baseline is 0, of a rung that
        adds nothing; n counts people; nan where a gain is not known. A step that leans on an
        exposure that is not reliable is not, and the result says so.

    Raises
    ------
    ParameterError
        Fewer than two rungs, another gain, or exposures of different people.

    Examples
    --------
    >>> import privaudit as pa
    >>> mask = pa.Donut(low=50, high=200)
    >>> world = pa.simulate(pa.Town(inhabitants=1_000), seed=7)
    >>> leak = pa.publish(pa.run_campaign(world, seed=7), pa.DotMap(mask=mask), seed=7)
    >>> rungs = [pa.Adversary.nearest(), pa.Adversary.knows_mask(mask)]
    >>> found = [pa.audit(leak, rung, truth=world) for rung in rungs]
    >>> ladder_steps(found).overall.index.tolist()
    ['step@knows the mask', 'whole_climb']
    """
    who = "ladder_steps"
    one_of(who, "gain", gain, GAINS)
    rungs = listed(who, "rungs", rungs, "Audit one release with each adversary.")
    if len(rungs) < 2 or not all(isinstance(rung, Exposure) for rung in rungs):
        raise ParameterError(say(who, "two exposures of one release or more", f"{len(rungs)}"))
    first, last = rungs[0], rungs[-1]
    if any(not _same_people(first, rung) for rung in rungs[1:]):
        do = "Audit the same release with each adversary."
        raise ParameterError(say(who, "exposures of the same people", "others", do))
    rows = Rows(len(first.per_person))
    doubts = []
    steps = [(f"step@{after.attack}", before, after) for before, after in pairwise(rungs)]
    for name, before, after in [*steps, ("whole_climb", first, last)]:
        value, low, high = paired_difference(
            before.per_person[gain], after.per_person[gain], after.clusters
        )
        rows.add(
            name, value, "share of people", f"found more than by '{before.attack}'; n: people",
            low=low, high=high, baseline=0.0,
        )  # fmt: skip
        if not (before.reliable and after.reliable):
            doubts.append(f"{name}: one of the two rungs is not reliable.")
    return Measures(
        overall=rows.frame(),
        per_record=pd.DataFrame(index=pd.RangeIndex(0)),
        title=f"steps of the ladder, {gain}",
        provenance=first.provenance,
        notes=tuple(doubts),
        reliable=not doubts,
        recipe={"gain": gain, "rungs": [dict(rung.recipe) for rung in rungs]},
    )


def _same_people(one: Exposure, other: Exposure) -> bool:
    """Say whether two exposures are of the same people: as many, in the same groups."""
    if len(one.per_person) != len(other.per_person) or one.expected != other.expected:
        return False
    groups = [c for c in ("age_band", "sex", "station") if c in one.per_person]
    if not set(groups) <= set(other.per_person.columns):
        return False
    return one.per_person[groups].equals(other.per_person[groups])
