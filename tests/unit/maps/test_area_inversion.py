"""Counts by area, inverted by hand: complement, threshold, two crossing grids."""

from dataclasses import replace
from itertools import product

import numpy as np
import pandas as pd
import pytest

from privaudit.columns.roles import Roles
from privaudit.errors import ParameterError, SchemaError
from privaudit.geo.address_base import AddressBase
from privaudit.maps.area_inversion import invert_change, invert_counts
from privaudit.maps.scoring.area_and_heat_exposure import area_exposure
from privaudit.release.release import AreaRelease
from privaudit.stats.overlapping_counts import count_bounds, spread_counts

HIDDEN = np.nan


def base(homes):
    n = len(homes)
    rows = {"id": [str(i) for i in range(n)], "number": "1", "street": "s", "commune": "c"}
    return AddressBase(
        pd.DataFrame(
            {**rows, "station": "", "x": np.arange(float(n)), "y": 0.0, "households": homes}
        ),
        real=False,
    )


def counts(addresses, **total):
    """An area map: names and totals, or names and (to_meet, visited, total)."""
    rows = {"area": list(total), "x": 0.0, "y": 0.0}
    values = list(total.values())
    if isinstance(values[0], tuple):
        rows |= dict(zip(("to_meet", "visited", "total"), zip(*values, strict=True), strict=True))
    else:
        rows["total"] = values
    return AreaRelease(
        records=pd.DataFrame(rows),
        roles=Roles(location=["x", "y"]),
        backdrop=addresses,
    )


def test_one_map_is_a_count_over_homes():
    addresses = base([4, 1, 5])
    found = invert_counts([counts(addresses, n=2, s=3)], [np.array(["n", "n", "s"])])
    assert found.group.tolist() == [0, 0, 1]
    assert found.low.tolist() == found.high.tolist() == [2, 3]
    assert found.expected.tolist() == [2.0, 3.0]
    # Two dots on five homes miss a given one with probability (4/5)^2, three with (4/5)^3.
    np.testing.assert_allclose(found.probability, [1 - 0.8**2, 1 - 0.8**3])


def test_a_house_alone_in_its_area_is_told():
    addresses = base([1, 9])
    found = invert_counts([counts(addresses, n=1, s=0)], [np.array(["n", "s"])])
    assert found.probability.tolist() == [1.0, 0.0]


def test_the_total_gives_away_the_one_count_that_is_hidden():
    addresses = base([1, 1, 1])
    area = np.array(["a", "b", "c"])
    hidden = counts(addresses, a=12, b=HIDDEN, c=20)
    found = invert_counts([hidden], [area], suppressed_under=[11], total=35)
    assert found.low.tolist() == found.high.tolist() == [12, 3, 20]
    unknown = invert_counts([hidden], [area], suppressed_under=[11])
    assert (unknown.low[1], unknown.high[1]) == (1, 10)


def test_two_hidden_counts_bound_each_other():
    addresses = base([1, 1, 1])
    hidden = counts(addresses, a=HIDDEN, b=HIDDEN, c=20)
    found = invert_counts([hidden], [np.array(list("abc"))], suppressed_under=[11], total=32)
    # Together 12, each at most 10.
    assert found.low.tolist() == [2, 2, 20]
    assert found.high.tolist() == [10, 10, 20]


def test_one_colour_and_the_total_give_the_other_away():
    addresses = base([1, 1])
    area = np.array(["a", "b"])
    # Both colours are shown and their sum is not.
    told = counts(addresses, a=(3, 4, HIDDEN), b=(0, HIDDEN, HIDDEN))
    found = invert_counts([told], [area], suppressed_under=[11])
    assert (found.low[0], found.high[0]) == (7, 7)
    assert (found.low[1], found.high[1]) == (1, 10)
    floor = counts(addresses, a=(6, HIDDEN, HIDDEN), b=(0, 0, 0))
    found = invert_counts([floor], [area], suppressed_under=[11])
    # A colour that is hidden is 1 at least: none is shown as 0.
    assert (found.low[0], found.high[0]) == (7, 10)


def test_two_grids_cross_in_pieces_that_neither_shows():
    # West and east, north and south: three dots in the west, none in the east, one in the north.
    addresses = base([2, 2, 2, 2])
    across = counts(addresses, w=3, e=0), np.array(["w", "e", "w", "e"])
    down = counts(addresses, n=1, s=2), np.array(["n", "n", "s", "s"])
    found = invert_counts([across[0], down[0]], [across[1], down[1]])
    by_address = found.low[found.group].tolist(), found.high[found.group].tolist()
    assert by_address == ([1, 0, 2, 0], [1, 0, 2, 0])


def test_without_homes_each_address_is_one():
    addresses = base([1, 1])
    plain = replace(addresses, frame=addresses.frame.drop(columns="households"))
    found = invert_counts([counts(plain, a=1)], [np.array(["a", "a"])])
    assert found.homes.tolist() == [2.0]
    assert found.probability.tolist() == [0.5]


def test_expected_counts_follow_the_homes_and_the_margins():
    members = [np.array([0, 1]), np.array([2, 3]), np.array([0, 2]), np.array([1, 3])]
    shown = np.array([6.0, 4.0, 5.0, 5.0])
    even = spread_counts(members, shown, shown, np.ones(4))
    np.testing.assert_allclose(even, [3, 3, 2, 2])  # row times column over the whole
    within = spread_counts([np.array([0, 1])], np.array([1.0]), np.array([9.0]), np.array([2, 3]))
    np.testing.assert_allclose(within, [2, 3])  # nothing asks for a change


def test_counts_that_contradict_each_other():
    addresses = base([1, 1])
    area = np.array(["a", "b"])
    with pytest.raises(ParameterError, match="fit together"):
        invert_counts([counts(addresses, a=1, b=1)], [area], total=3)
    with pytest.raises(ParameterError, match="fit together"):
        invert_counts([counts(addresses, a=0, b=0)], [area], total=1)


def test_what_area_maps_must_be():
    addresses = base([1, 1])
    area, one = np.array(["a", "b"]), counts(addresses, a=1, b=1)
    with pytest.raises(ParameterError, match="one a map"):
        invert_counts([], [])
    with pytest.raises(ParameterError, match="one a map"):
        invert_counts([one], [area], suppressed_under=[1, 2])
    with pytest.raises(ParameterError, match="for each address"):
        invert_counts([one], [area[:1]])
    with pytest.raises(SchemaError, match="that its map lists"):
        invert_counts([one], [np.array(["a", "z"])])
    with pytest.raises(ParameterError, match="a bound"):
        invert_counts([counts(addresses, a=HIDDEN, b=1)], [area])
    with pytest.raises(ParameterError, match="as_leaked"):
        invert_counts([replace(one, sources=one.records)], [area])
    with pytest.raises(ParameterError, match="in a count"):
        count_bounds([np.array([0])], np.ones(1), np.ones(1), 2)


def brute(maps, areas, limit, total, most):
    """Least and most dots of each house, over every way to place red and grey ones."""
    ways = np.array(list(product(range(most + 1), repeat=len(areas[0]))))
    red, grey = (np.repeat(ways, len(ways), axis=0), np.tile(ways, (len(ways), 1)))
    placed = {"to_meet": red, "visited": grey, "total": red + grey}
    fits = placed["total"].sum(axis=1) == total
    for release, area in zip(maps, areas, strict=True):
        for row in release.records.itertuples():
            for column, count in placed.items():
                here, shown = count[:, area == row.area].sum(axis=1), getattr(row, column)
                fits &= ((here >= 1) & (here < limit)) if np.isnan(shown) else here == shown
    fitting = placed["total"][fits]
    return fitting.min(axis=0).tolist(), fitting.max(axis=0).tolist()


@pytest.mark.parametrize("seed", range(6))
def test_bounds_are_those_of_every_placement_that_fits(seed):
    # Three maps over four houses; colours and totals under 3 are hidden.
    rng = np.random.default_rng(seed)
    addresses = base([1, 1, 1, 1])
    areas = [np.array(list(cut)) for cut in ("aabb", "abab", "abba")]
    red, grey = rng.integers(0, 3, (2, 4))
    maps = []
    for area in areas:
        sums = {
            name: tuple(float(count[area == name].sum()) for count in (red, grey, red + grey))
            for name in "ab"
        }
        hide = {n: tuple(HIDDEN if 0 < c < 3 else c for c in v) for n, v in sums.items()}
        maps.append(counts(addresses, **hide))
    total = int(red.sum() + grey.sum())
    found = invert_counts(maps, areas, suppressed_under=[3] * 3, total=total)
    low, high = brute(maps, areas, 3, total, 3)
    assert (found.low[found.group].tolist(), found.high[found.group].tolist()) == (low, high)


def test_halves_fit_where_whole_numbers_do_not():
    # Three pairs of three groups hold one dot each: halves, says a linear programme.
    pairs = [np.array(m) for m in ([0, 1], [1, 2], [0, 2])]
    with pytest.raises(ParameterError, match="fit together"):
        count_bounds(pairs, np.ones(3), np.ones(3), 3)
    # One more group takes the odd one: then one pair of the three is empty, each in turn.
    members = [np.array([*pair, 3]) for pair in pairs]
    least, most = count_bounds(members, np.ones(3), np.ones(3), 4)
    assert (least.tolist(), most.tolist()) == ([0, 0, 0, 1], [0, 0, 0, 1])


def test_two_dates_tell_who_is_new():
    # Two areas of two houses; from Monday to Friday one dot more in the west, and none elsewhere.
    addresses = base([1, 1, 2])
    area = np.array(["w", "w", "e"])
    monday = counts(addresses, w=(1, 0, 1), e=(0, 2, 2))
    friday = counts(addresses, w=(1, 1, 2), e=(0, 2, 2))
    found = invert_change(monday, friday, area, totals=(3, 4))
    by_area = dict(zip(area, zip(found.low[found.group], found.high[found.group], strict=True),
                       strict=True))  # fmt: skip
    assert by_area == {"w": (1, 1), "e": (0, 0)}
    np.testing.assert_allclose(found.probability[found.group], [0.5, 0.5, 0.0])
    assert found.exact.all()
    # Hidden on both days, under 5: the totals of the maps leave the change to one area.
    hidden = [replace(counts(addresses, w=(HIDDEN,) * 3, e=(0, n, n)), suppress_under=5)
              for n in (7.0, 7.0)]  # fmt: skip
    found = invert_change(*hidden, area, totals=(9, 11))
    assert found.low[found.group].tolist() == found.high[found.group].tolist() == [2, 2, 0]
    # 2 at least are red and grey on Monday: at most 4, and none leaves.
    found = invert_change(*hidden, area)
    assert (found.low[found.group[0]], found.high[found.group[0]]) == (0, 2)
    assert not found.exact[found.group[0]]


def test_a_map_of_nobody_and_a_threshold_of_nothing_are_what_they_say():
    """Nobody on Monday, three on Friday: three are new, wherever they are."""
    addresses = base([1, 1, 1])
    area = np.array(["w", "w", "e"])
    nobody = counts(addresses, w=(0, 0, 0), e=(0, 0, 0))
    three = counts(addresses, w=(1, 0, 1), e=(2, 0, 2))
    found = invert_change(nobody, three, area, totals=(0, 3))
    told = dict(zip(area, found.low[found.group].tolist(), strict=True))
    assert told == {"w": 1, "e": 2}
    # A threshold of 0 hides nothing; one below is none.
    assert invert_counts([three], [area], suppressed_under=[0]).exact.all()
    with pytest.raises(ParameterError, match="suppressed_under"):
        invert_counts([three], [area], suppressed_under=[-1])


def test_two_maps_of_nobody_have_nobody_new():
    addresses = base([1, 1])
    nobody = counts(addresses, w=(0, 0, 0), e=(0, 0, 0))
    found = invert_change(nobody, nobody, np.array(["w", "e"]), totals=(0, 0))
    assert found.low.tolist() == found.high.tolist() == [0] * len(found.low)


def test_a_small_group_is_told_under_eleven_homes_where_a_dot_is_sure():
    # Of 10, 11 and 12 homes, each with one dot, and 4 homes without any: the first alone is told.
    addresses = base([10, 11, 12, 4])
    release, areas = counts(addresses, a=1, b=1, c=1, d=0), [np.array(list("abcd"))]
    scored = area_exposure(invert_counts([release], areas), [release], areas, total=None)
    assert scored.value("groups_told") == 1
    assert scored.value("in_groups_told") == 10
    assert scored.value("cleared") == 4
