"""Versions subtracted, and likes put beside new dots, by hand."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from privaudit.columns.roles import Roles
from privaudit.errors import ParameterError, SchemaError
from privaudit.geo.address_base import AddressBase
from privaudit.maps.version_links import (
    DIFFERENCE_COLUMNS,
    difference,
    id_like,
    likely_accounts,
    link_versions,
)
from privaudit.release.release import DotRelease

AT = ("2016-08-26", "2016-08-28", "2016-08-31", "2016-09-05")
NAT = "NaT"
NOWHERE = AddressBase(
    pd.DataFrame(
        {
            "id": ["a"],
            "number": "1",
            "street": "s",
            "commune": "c",
            "station": "",
            "x": 0.0,
            "y": 0.0,
        }
    ),
    real=False,
)


def copy(**status):
    """A map whose dots are named a, b, ..; each shows its status."""
    records = pd.DataFrame(
        {
            "x": [float(ord(name)) * 100 for name in status],
            "y": 0.0,
            "status": list(status.values()),
            "dot_id": [ord(name) for name in status],
        }
    )
    return DotRelease(records=records, roles=Roles(location=["x", "y"]), backdrop=NOWHERE)


RED, GREY = "to_meet", "visited"
VERSIONS = [
    copy(a=RED, b=RED, c=GREY),
    copy(c=GREY, b=GREY, a=RED),
    copy(a=RED, b=RED, c=GREY, d=GREY),
    copy(e=RED, d=GREY, c=GREY, b=RED, a=GREY),
]


@pytest.fixture(scope="module")
def found():
    frame = difference(VERSIONS, AT, link_versions(VERSIONS))
    return frame.set_axis(list("edcba"), axis=0)


def days(column):
    moments = column.to_numpy(dtype="datetime64[D]").astype(str)
    return dict(zip(column.index, moments.tolist(), strict=True))


def test_who_appeared_when(found):
    assert tuple(found.columns) == DIFFERENCE_COLUMNS
    after = days(found["appeared_after"])
    by = days(found["appeared_by"])
    assert after == {"a": NAT, "b": NAT, "c": NAT, "d": "2016-08-28", "e": "2016-08-31"}
    assert by == {
        **dict.fromkeys("abc", "2016-08-26"), "d": "2016-08-31", "e": "2016-09-05",
    }  # fmt: skip


def test_who_was_visited_when(found):
    # d came grey: visited after the last version without it. c was grey from the start on.
    after = days(found["visited_after"])
    by = days(found["visited_by"])
    assert after == {"a": "2016-08-31", "b": "2016-08-26", "c": NAT, "d": "2016-08-28", "e": NAT}
    assert by == {
        "a": "2016-09-05", "b": "2016-08-28", "c": "2016-08-26", "d": "2016-08-31", "e": NAT,
    }  # fmt: skip


def test_who_is_to_be_visited_again_and_who_is_not(found):
    assert found["red_again"].to_dict() == {
        "a": False, "b": True, "c": False, "d": False, "e": False,
    }  # fmt: skip
    assert found["stayed_grey"].to_dict() == {
        "a": True, "b": False, "c": True, "d": True, "e": False,
    }  # fmt: skip


def test_moments_must_fit_the_versions():
    linked = link_versions(VERSIONS)
    with pytest.raises(ParameterError, match="one moment a version"):
        difference(VERSIONS, AT[:3], linked)
    with pytest.raises(ParameterError, match="in order"):
        difference(VERSIONS, AT[::-1], linked)
    plain = [replace(v, records=v.records.drop(columns="status")) for v in VERSIONS]
    with pytest.raises(SchemaError, match="status"):
        difference(plain, AT, linked)


def windows(*pairs):
    after, by = zip(*pairs, strict=True)
    days = {"appeared_after": after, "appeared_by": by}
    return pd.DataFrame({name: np.array(d, "datetime64[s]") for name, d in days.items()})


LIKES = pd.DataFrame(
    {
        "account": [7, 3, 3, 9, 5],
        "time": np.array(
            ["2016-08-28", "2016-08-20", "2016-08-30", "2016-08-29", "2016-09-03"], "datetime64[s]"
        ),
    }
)


def candidates(found, row):
    inside = slice(*found.posterior.indptr[row : row + 2])
    pairs = zip(found.posterior.candidate[inside], found.posterior.probability[inside], strict=True)
    return {int(account): float(p) for account, p in pairs}


def test_a_like_on_tuesday_and_a_dot_on_wednesday():
    appeared = windows(
        (NAT, AT[0]), (AT[0], AT[1]), (AT[1], AT[2]), (AT[2], AT[3]), (AT[3], "2016-09-09")
    )
    found = likely_accounts(appeared, LIKES, rng=np.random.default_rng(0))
    # The second like of account 3 makes no dot. A like at the very moment of a copy is in it.
    assert [candidates(found, row) for row in range(5)] == [
        {3: 1.0}, {7: 1.0}, {9: 1.0}, {5: 1.0}, {},
    ]  # fmt: skip
    assert found.account.tolist() == [3, 7, 9, 5, -1]
    assert found.confidence.tolist() == [1, 1, 1, 1, 0]


def test_those_who_liked_in_one_interval_are_as_likely():
    found = likely_accounts(windows((AT[0], AT[2])), LIKES, rng=np.random.default_rng(0))
    assert candidates(found, 0) == {7: 0.5, 9: 0.5}
    less = likely_accounts(
        windows((AT[0], AT[2])), LIKES, coverage=0.8, rng=np.random.default_rng(0)
    )
    assert candidates(less, 0) == {7: 0.4, 9: 0.4}


def test_a_dot_may_come_late():
    found = likely_accounts(
        windows((AT[1], AT[2])), LIKES, delay=24.5, rng=np.random.default_rng(0)
    )
    assert candidates(found, 0) == {7: 0.5, 9: 0.5}


def test_ties_are_drawn_and_not_taken_in_order():
    appeared = windows(*[(AT[0], AT[2])] * 400)
    found = likely_accounts(appeared, LIKES, rng=np.random.default_rng(0))
    share = (found.account == 7).mean()
    assert abs(share - 0.5) < 4 * 0.5 / 20  # four standard errors of 400 fair draws


def test_what_likes_must_be():
    rng = np.random.default_rng(0)
    with pytest.raises(SchemaError, match="time"):
        likely_accounts(windows((AT[0], AT[1])), LIKES[["account"]], rng=rng)
    with pytest.raises(SchemaError, match="appeared_by"):
        likely_accounts(pd.DataFrame({"appeared_after": []}), LIKES, rng=rng)
    with pytest.raises(ParameterError, match="coverage"):
        likely_accounts(windows((AT[0], AT[1])), LIKES, coverage=0, rng=rng)
    with pytest.raises(ParameterError, match="delay"):
        likely_accounts(windows((AT[0], AT[1])), LIKES, delay=-1, rng=rng)


def copies(*points, resolution=0.0, **columns):
    """Copies of a map, one a list of x; other columns are the same in each, or one a copy."""
    doors = {"id": ["a"], "number": "1", "street": "s", "commune": "c", "station": ""}
    base = AddressBase(pd.DataFrame({**doors, "x": [0.0], "y": 0.0}), real=False)
    made = []
    for at, x in enumerate(points):
        own = {name: values[at] for name, values in columns.items()}
        records = pd.DataFrame({"x": x, "y": 0.0, **own})
        made.append(DotRelease(records=records, roles=Roles(location=("x", "y")), backdrop=base,
                               resolution=resolution))  # fmt: skip
    return made


@pytest.mark.parametrize(
    ("resolution", "apart", "same"),
    [(0.0, 0.19, True), (0.0, 0.21, False), (10.0, 60.1, True), (10.0, 60.3, False)],
)
def test_two_readings_of_a_position_lie_within_rounding_and_six_deviations(resolution, apart, same):
    """Two roundings to a tenth of a metre are .2 apart at most."""
    maps = copies([0.0], [apart], resolution=resolution)
    assert (link_versions(maps, how="position").rows[0, 0] == 0) == same


@pytest.mark.parametrize(("still", "how"), [(4, "certain"), (5, "position"), (6, "position")])
def test_dots_are_linked_by_position_where_half_of_them_stand_still(still, how):
    first = np.arange(10) * 100.0
    later = first + np.where(np.arange(10) < still, 0.0, 7.0)
    assert link_versions(copies(first, later), farthest=5.0).how == how


@pytest.mark.parametrize(
    ("sexes", "linked"),
    [(("F", "F"), True), (("F", "M"), False), (("F", None), True), ((None, "M"), True)],
)
def test_dots_that_both_copies_show_as_unlike_are_not_linked(sexes, linked):
    """A column that one of both lacks excludes no link."""
    maps = copies([0.0], [0.0], sex=sexes)
    for at, sex in enumerate(sexes):
        if sex is None:
            maps[at] = replace(maps[at], records=maps[at].records.drop(columns="sex"))
    assert (link_versions(maps, how="position").rows[0, 0] == 0) == linked


@pytest.mark.parametrize(
    ("n", "common", "like"), [(10, 4, ()), (10, 5, ("m",)), (3, 1, ()), (3, 2, ("m",)),
                              (2, 2, ("m",)), (1, 1, ())],
)  # fmt: skip
def test_a_column_is_like_an_id_where_half_of_its_values_recur_and_two(n, common, like):
    old, new = [*range(n)], [*range(common), *range(100, 100 + n - common)]
    assert id_like(copies([*range(n)], [*range(n)], m=[old, new])) == like


@pytest.mark.parametrize(("blank", "linked"), [(5, True), (6, False)])
def test_an_id_numbers_half_of_the_dots_of_a_version_or_links_none(blank, linked):
    ids = [str(n) if n >= blank else "" for n in range(10)]
    maps = copies(np.arange(10.0), np.arange(10.0), n=[ids, ids])
    if linked:
        assert (link_versions(maps, how="id", by="n").rows[0] >= 0).sum() == 10 - blank
    else:
        with pytest.raises(ParameterError, match="for most of its records"):
            link_versions(maps, how="id", by="n")


@pytest.mark.parametrize(("apart", "linked"), [(4.9, True), (5.0, True), (5.1, False)])
@pytest.mark.parametrize("how", ["assignment", "certain"])
def test_two_positions_as_far_apart_as_the_mask_reaches_may_be_one_dot(how, apart, linked):
    rows = link_versions(copies([0.0], [apart]), how=how, farthest=5.0).rows
    assert (rows[0, 0] == 0) == linked


HOURS = np.timedelta64(1, "h")
T0 = np.datetime64("2016-09-01T00:00:00")


@pytest.mark.parametrize(
    ("seconds", "delay", "may"),
    [
        # After one moment, by the other: the first is excluded, the last is not.
        (0, 0, False), (1, 0, True), (36_000, 0, True), (36_001, 0, False),
        (-3_600, 1, False), (-3_599, 1, True), (-3_599, 0, False),
    ],
)  # fmt: skip
def test_a_like_between_two_copies_may_have_made_the_dot(seconds, delay, may):
    appeared = pd.DataFrame({"appeared_after": [T0], "appeared_by": [T0 + 10 * HOURS]})
    likes = pd.DataFrame({"account": [7], "time": [T0 + np.timedelta64(seconds, "s")]})
    found = likely_accounts(appeared, likes, delay=delay, rng=np.random.default_rng(1))
    assert found.account.tolist() == ([7] if may else [-1])


@pytest.mark.parametrize("gap", [-1, 0, 1])
def test_copies_are_in_order_of_time(gap):
    maps = copies([0.0], [0.0], status=[["red"], ["red"]])
    linked = link_versions(maps, how="position")
    moments = [T0, T0 + np.timedelta64(gap, "s")]
    if gap > 0:
        assert difference(maps, moments, linked)["appeared_by"].tolist() == [pd.Timestamp(T0)]
    else:
        with pytest.raises(ParameterError, match="in order"):
            difference(maps, moments, linked)
