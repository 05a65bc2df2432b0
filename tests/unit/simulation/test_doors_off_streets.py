"""No door of a simulated town stands on a street or in its river, checked door by door.

A street reaches half its width to both sides of its axis, which is a side of each block beside it,
or goes into a block; at its ends, for half its width, it is the street that it meets. The river is
a straight line, as are the roads of hamlets.
"""

from dataclasses import replace

import numpy as np
import pytest

from privaudit.simulation import streets, territory
from privaudit.simulation.streets import FIELDS, RIVER
from privaudit.simulation.town import KINDS

# Positions are rounded to centimetres.
ROUNDED = 0.02
WIDE = replace(KINDS["mixed"].fabric, width=28.0, widths=0.3, lean=1.1, square=0.05)
TOWNS = {
    **KINDS,
    "of wide slanting streets": replace(KINDS["mixed"], fabric=WIDE),
    "of hamlets": replace(KINDS["rural"], hamlets=0.4, alone=0.2),
}


def laid_out(kind, households, seed, monkeypatch):
    """Return the doors before streets are bent, and what was planned for them."""
    seen = {}

    def rows(plan, half, *others, plain=streets._rows):
        seen["plan"], seen["half"] = plan, half
        return plain(plan, half, *others)

    def hamlets(*given, plain=territory._hamlets):
        seen["hamlets"] = plain(*given)
        return seen["hamlets"]

    monkeypatch.setattr(streets, "_rows", rows)
    monkeypatch.setattr(territory, "_hamlets", hamlets)
    monkeypatch.setattr(territory, "_bend", lambda at, *_: at)
    monkeypatch.setattr(territory, "_LAID_OUT", {})
    rng = np.random.default_rng(seed)
    base, _ = territory.fictional_territory(households, kind, drafts=1, rng=rng)
    return base, seen["plan"], seen["half"], seen["hamlets"]


def on(at, start, end, half, first=0.0, last=0.0):
    """Which points are within half the width of a street, less its first and last metres."""
    length = abs(end - start)
    place = (at - start) * np.conj((end - start) / length)
    between = (place.real > first) & (place.real < length - last)
    return between & (np.abs(place.imag) < half - ROUNDED)


def standing_on(at, plan, half):
    """Which of the points are on the carriageway of a street of town, and which in the river."""
    inside = np.zeros(len(at), dtype=bool)
    for block in plan.blocks:
        for (start, street), (end, _) in zip(block, [*block[1:], block[0]], strict=True):
            if street not in (FIELDS, RIVER) and abs(end - start) > 0.01:
                inside |= on(at, start, end, half[street], half[street], half[street])
    for start, end, street, *_ in plan.dead_ends:
        # It goes as far as its last door.
        beside = (at - start) * np.conj((end - start) / abs(end - start))
        own = (np.abs(np.abs(beside.imag) - half[street] - 3.0) < 3.1) & (beside.real > 0)
        until = beside.real[own & (beside.real < abs(end - start))].max(initial=0.0)
        if until > 0.01:
            to = start + until * plan.direction[street]
            inside |= on(at, start, to, half[street], half[street])
    off = ((at - plan.origin[RIVER]) * np.conj(plan.direction[RIVER])).imag
    return inside, np.abs(off) < half[RIVER] - ROUNDED


@pytest.mark.parametrize("name", TOWNS)
@pytest.mark.parametrize(
    ("households", "seeds"), [(100, range(8)), (2_500, range(3)), (12_000, [5])]
)
def test_no_door_is_on_a_street_or_in_the_river(name, households, seeds, monkeypatch):
    kind = TOWNS[name]
    for seed in seeds:
        base, plan, half, hamlets = laid_out(kind, households, seed, monkeypatch)
        total = max(9, round(households / kind.households))
        assert len(base) == total
        at = base.xy @ [1, 1j]
        inside, wet = standing_on(at, plan, half)
        assert not wet.any()
        alone, out = round(kind.alone * total), len(hamlets.at)
        assert not inside[: total - alone - out].any()
        # Beyond the edge of town the main roads go on.
        for road in range(4):
            apart = (at[total - alone :] - plan.origin[road]) * np.conj(plan.direction[road])
            assert (np.abs(apart.imag) > half[road] - ROUNDED).all()


def test_no_door_of_a_hamlet_is_on_its_lane(monkeypatch):
    """Half of a road and of a lane is nine metres; the lane leaves the road on its left."""
    kind, seen = TOWNS["of hamlets"], []
    for seed in range(4):
        *_, hamlets = laid_out(kind, 1_500, seed, monkeypatch)
        lanes = len(set(hamlets.street)) // 2
        for lane in range(lanes, 2 * lanes):
            of_lane = hamlets.street == lane
            road = hamlets.street == lane - lanes
            # Its axis is the middle between the rows on its two sides.
            along = np.exp(1j * hamlets.bearing[road & hamlets.left][0])
            place = hamlets.at * along.conj()
            axis = place[of_lane].real
            middle = (axis[axis < axis.mean()].max() + axis[axis > axis.mean()].min()) / 2
            mouth = road & hamlets.left & (np.abs(place.real - middle) < 9.0 - 3.0)
            assert not mouth.any()
            seen.append(lane)
    assert len(seen) > 8
