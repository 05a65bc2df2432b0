"""What each rung of a ladder adds to the one before: a difference over the same people."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from privaudit._core.checks import listed, one_of, say
from privaudit.errors import ParameterError
from privaudit.results.exposure import Exposure
from privaudit.results.measures import Measures
from privaudit.results.row import GAINS
from privaudit.results.rows import Rows
from privaudit.words.note import Note

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
        Family "steps". ``step(view=, attack=, over=)``, one row a rung but the first: the share
        of people that it finds more, in [-1, 1], 0 = nothing more; then ``whole_climb``, the last
        rung over the first. The 95 % interval is paired (`measures.interval.paired_difference`),
        over the effective number of people where some share an address. The baseline is 0, of a
        rung that adds nothing; n counts people; nan where a gain is not known. A step that leans
        on an exposure that is not reliable is not.

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
    >>> [row.measure for row in ladder_steps(found).rows]
    ['step', 'whole_climb']
    """
    who = "ladder_steps"
    rungs = listed(who, "rungs", rungs, "Audit one release with each adversary.")
    if len(rungs) < 2 or not all(isinstance(rung, Exposure) for rung in rungs):
        raise ParameterError(say(who, "two exposures of one release or more", f"{len(rungs)}"))
    first, last = rungs[0], rungs[-1]
    one_of(who, "gain", gain, tuple(g for g in first.gains if all(g in r.gains for r in rungs)))
    if any(not _same_people(first, rung) for rung in rungs[1:]):
        do = "Audit the same release with each adversary."
        raise ParameterError(say(who, "exposures of the same people", "others", do))
    rows = Rows(len(first.per_person), "people")
    steps = [("step", before, after) for before, after in pairwise(rungs)]
    for measure, before, after in [*steps, ("whole_climb", first, last)]:
        reliable = before.reliable and after.reliable
        rows.difference(
            measure,
            before.per_person[gain],
            after.per_person[gain],
            () if reliable else Note("rung_not_reliable"),
            clusters=after.clusters,
            gain=gain if gain in GAINS else "",
            part={"view": after.view, "attack": after.attack, "over": before.attack},
            reliable=reliable,
        )
    return Measures(
        family="steps",
        rows=rows,
        provenance=first.provenance,
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
