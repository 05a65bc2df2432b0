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
