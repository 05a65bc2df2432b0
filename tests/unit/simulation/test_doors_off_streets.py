"""No door of a simulated town stands on a street or in its river, checked door by door.

A street reaches half its width to both sides of its axis, which is a side of the blocks beside it
or goes into a block. It ends at the axis of the street that it meets. The river and the main roads
are straight lines through the whole town.
"""

from dataclasses import replace

import numpy as np
import pytest

from privaudit.simulation import streets, territory
from privaudit.simulation.streets import FIELDS
from privaudit.simulation.town import KINDS

# Positions are rounded to centimetres.
ROUNDED = 0.02
# As wide as streets of a town fitted to a commune may be, and as slanting as those of any kind.
# (At its largest `lean`, twice as much, blocks may be slivers that a wide street covers whole.)
WIDE = replace(KINDS["dense"].fabric, width=30.0, lean=KINDS["mixed"].fabric.lean, square=0.02)
TOWNS = {
    **KINDS,
    "of wide slanting streets": replace(KINDS["dense"], fabric=WIDE),
    "of hamlets": replace(KINDS["rural"], hamlets=0.4, alone=0.2),
}


def laid_out(kind, households, seed, monkeypatch):
    """Return addresses before streets are bent, the town and its hamlets, and what was planned."""
    seen = {}

    def rows(plan, half, *others, plain=streets._rows):
        seen["plan"], seen["half"] = plan, half
        return plain(plan, half, *others)

    def hamlets(wanted, town, *others, plain=territory._hamlets):
        seen["town"], seen["hamlets"] = town, plain(wanted, town, *others)
        return seen["hamlets"]

    monkeypatch.setattr(streets, "_rows", rows)
    monkeypatch.setattr(territory, "_hamlets", hamlets)
    monkeypatch.setattr(territory, "_bend", lambda at, *_: at)
    monkeypatch.setattr(territory, "_LAID_OUT", {})
    rng = np.random.default_rng(seed)
    base, _ = territory.fictional_territory(households, kind, drafts=1, rng=rng)
    monkeypatch.undo()
    return base.xy @ [1, 1j], *(seen[part] for part in ("town", "hamlets", "plan", "half"))


def beside(at, start, end):
    """Metres along the way from one point to the next, and to its left."""
    place = (at - start) * np.conj((end - start) / abs(end - start))
    return place.real, place.imag


def on_streets(doors, plan, half):
    """Which doors of the town stand on one of its streets."""
    on = np.zeros(len(doors.at), dtype=bool)
    for block in plan.blocks:
        corners = [z for z, _ in block]
        for k, (start, street) in enumerate(block):
            before, end, after = (corners[(k + turn) % len(block)] for turn in (-1, 1, 2))
            if street == FIELDS or min(abs(start - before), abs(end - start), abs(after - end)) < 1:
                continue
            along, left = beside(doors.at, start, end)
            near = (along > 0) & (along < abs(end - start)) & (left >= 0) & (left < half[street])
            for one, other in ((before, start), (end, after)):
                near &= beside(doors.at, one, other)[1] > 0
            on |= near & (left < half[street] - ROUNDED)
    for start, end, street, *_ in plan.dead_ends:
        # It goes as far as its last door.
        along, left = beside(doors.at, start, end)
        last = along[doors.street == street].max(initial=0.0)
        on |= (along > 0) & (along < last) & (np.abs(left) < half[street] - ROUNDED)
    return on


def on_lines(at, plan, half):
    """Which points stand in the river or on a main road."""
    off = [beside(at, plan.origin[k], plan.origin[k] + plan.direction[k])[1] for k in range(4)]
    return np.abs(off) < half[:4, None] - ROUNDED


@pytest.mark.heavy
@pytest.mark.parametrize("name", TOWNS)
@pytest.mark.parametrize(
    ("households", "seeds"), [(100, range(8)), (2_500, range(3)), (12_000, [5])]
)
def test_no_door_is_on_a_street_or_in_the_river(name, households, seeds, monkeypatch):
    kind = TOWNS[name]
    for seed in seeds:
        at, town, hamlets, plan, half = laid_out(kind, households, seed, monkeypatch)
        total = max(9, round(households / kind.households))
        assert len(at) == total
        outside = at[len(town.doors.at) + len(hamlets.at) :]
        assert len(outside) == round(kind.alone * total)
        river, *roads = on_lines(at, plan, half)
        assert not river.any()
        # Hamlets have roads of their own.
        assert not np.any([road[: len(town.doors.at)] for road in roads])
        assert not on_lines(outside, plan, half).any()
        assert not on_streets(town.doors, plan, half).any()


def test_no_door_of_a_hamlet_is_on_its_lane_or_road(monkeypatch):
    """A lane leaves the road on its left, 40 m beyond its middle; half of both is nine metres."""
    seen = 0
    for seed in range(4):
        _, _, hamlets, _, _ = laid_out(TOWNS["of hamlets"], 1_500, seed, monkeypatch)
        lane = hamlets.street > hamlets.block
        mouth = 12.0 * 18 + 40
        assert (np.abs(hamlets.along[~lane & hamlets.left] - mouth) > 9.0).all()
        assert (hamlets.along[lane] > 9.0).all()
        seen += lane.sum()
    assert seen > 100
