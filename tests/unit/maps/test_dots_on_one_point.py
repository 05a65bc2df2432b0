"""Dots that share a point: what subtracting copies tells equals a count over the sealed truth."""

from collections import Counter

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import privaudit as pa
from privaudit.columns.roles import Roles
from privaudit.geo.address_base import AddressBase
from privaudit.maps.version_links import difference, link_versions
from privaudit.release.release import DotRelease
from privaudit.studies.audit_access import audit_times

seeds = st.integers(0, 2**32 - 1)
DAY = np.timedelta64(1, "D")
START = np.datetime64("2016-08-25", "s")


def town(points):
    rows = {"id": [str(i) for i in range(points)], "number": "1", "street": "s", "commune": "c"}
    return AddressBase(
        pd.DataFrame({**rows, "station": "", "x": np.arange(points) * 90.0, "y": 0}), real=False
    )


def lives(rng, dots, points):
    """Where each dot is, when it appears and when it turns grey (never: NaT)."""
    appears = START + rng.integers(-40, 100, dots) * np.timedelta64(1, "h")
    visited = appears + rng.integers(1, 90, dots) * np.timedelta64(1, "h")
    visited[rng.random(dots) < 0.4] = np.datetime64("NaT", "s")
    return rng.integers(0, points, dots), appears, visited


def copies(rng, base, point, appears, visited, moments, kind=None):
    found = []
    for moment in moments:
        there = rng.permutation(np.flatnonzero(appears <= moment))
        grey = visited[there] <= moment
        records = pd.DataFrame(
            {
                "x": base.xy[point[there], 0],
                "y": 0.0,
                "status": np.where(grey, "visited", "to_meet"),
                **({} if kind is None else {"sex": kind[there]}),
            }
        )
        found.append(DotRelease(records=records, roles=Roles(location=("x", "y")), backdrop=base))
    return found


def between(moments, when):
    """The two copies between which something happened: NaT, NaT if it never did."""
    if np.isnat(when) or when > moments[-1]:
        return "NaT", "NaT"
    k = int((moments < when).sum())
    return "NaT" if k == 0 else str(moments[k - 1]), str(moments[k])


def counted(place, after, by):
    return Counter(zip(place, map(str, after), map(str, by), strict=True))


@settings(deadline=None, max_examples=25)
@given(seeds, st.integers(1, 25), st.integers(1, 3), st.booleans())
def test_moments_on_a_point_are_those_of_its_dots(seed, dots, points, kinds):
    rng = np.random.default_rng(seed)
    base = town(points)
    point, appears, visited = lives(rng, dots, points)
    kind = rng.choice(["F", "M"], dots) if kinds else np.full(dots, "F")
    moments = START + np.arange(5) * DAY
    versions = copies(rng, base, point, appears, visited, moments, kind if kinds else None)
    if any(len(version) == 0 for version in versions):
        return
    linked = link_versions(versions)
    assert linked.how == "position"
    assert linked.lost == 0
    found = difference(versions, moments, linked)
    last = versions[-1].records
    where = list(zip(last["x"], last["sex"] if kinds else np.full(len(last), "F"), strict=True))
    there = np.flatnonzero(appears <= moments[-1])
    truly = [(float(base.xy[point[i], 0]), str(kind[i])) for i in there]
    for what, when in (("appeared", appears), ("visited", visited)):
        expected = Counter(
            (place, *between(moments, when[i])) for place, i in zip(truly, there, strict=True)
        )
        after, by = (found[f"{what}_{end}"].to_numpy("datetime64[s]") for end in ("after", "by"))
        assert counted(where, after, by) == expected
    assert not found["red_again"].any()
    assert found["stayed_grey"].sum() == (visited[there] <= moments[-1]).sum()


def test_a_dot_that_left_lends_its_place_to_nobody():
    # Two on one point; one leaves, and another comes: the first copy's second dot is gone.
    base, sexes = town(2), [["F", "F"], ["F"], ["F", "F"]]
    versions = [
        DotRelease(
            records=pd.DataFrame({"x": 0.0, "y": 0.0, "status": "to_meet", "sex": sex}),
            roles=Roles(location=("x", "y")),
            backdrop=base,
        )
        for sex in sexes
    ]
    found = link_versions(versions)
    assert sorted((found.rows >= 0).sum(axis=0).tolist()) == [2, 3]
    # A lone dot that is red after it was grey stays one dot: nobody had opened.
    grey = versions[1].records.assign(status="visited")
    first = DotRelease(records=grey, roles=Roles(location=("x", "y")), backdrop=base)
    assert link_versions([first, versions[1]]).rows.tolist() == [[0], [0]]


@pytest.fixture(scope="module")
def campaign():
    """A town of few, large buildings: most dots share their point with others."""
    rng = np.random.default_rng(5)
    n = 60
    rows = {"id": [str(i) for i in range(n)], "number": "1", "street": "s", "commune": "c"}
    xy = rng.uniform(0, 900, (n, 2))
    base = AddressBase(
        pd.DataFrame({**rows, "station": "", "x": xy[:, 0], "y": xy[:, 1], "households": 60}),
        real=False,
    )
    made = pa.Town(inhabitants=4_000, base=base, candidate_reach=0.2)
    world = pa.simulate(made, seed=7, generic_likes=False)
    return pa.run_campaign(world, seed=7, with_score=False)


def test_a_campaign_by_brute_force(campaign):
    dots, plan = campaign.dots, campaign.plan
    assert dots.duplicated(["x", "y"], keep=False).mean() > 0.3
    moments = np.array([plan.as_of - k * DAY for k in range(14, -1, -1)])
    found = audit_times(campaign, seed=3)
    appeared = [between(moments, when) for when in dots["appeared_at"].to_numpy()]
    visited = [between(moments, when) for when in dots["visited_at"].to_numpy()]
    grey = [by != "NaT" for _, by in visited]
    known = [after != "NaT" for after, _ in appeared]
    differences = found["differences"]
    assert differences.value("appeared_between") == pytest.approx(np.mean(known))
    seen = [after != "NaT" for (after, _), on in zip(visited, grey, strict=True) if on]
    assert differences.value("visited_between") == pytest.approx(np.mean(seen))
    log = campaign.contact_log.set_index("dot")["status"]
    said = [log.loc[dot] for dot, on in zip(dots["dot"], grey, strict=True) if on]
    assert differences.row("refusal_by_elimination").n == len(said)
    refused = np.isin(said, ["not_interested", "refused"]).mean()
    assert differences.value("refusal_by_elimination") == pytest.approx(refused)
    # Who liked between the two copies, each as likely.
    world = campaign.world
    # What anybody may see: a candidate's page, posts, events and group, no e-mails nor links.
    public = world.pages["kind"].isin(["candidate", "post", "event", "group"])
    page = world.pages[public & (world.pages["side"] == plan.side)]
    likes = world.interactions[world.interactions["page"].isin(page["page"])]
    first = likes[likes["time"] <= plan.as_of].groupby("account")["time"].min()
    account = campaign.profiles["account"].to_numpy()[dots["profile"].to_numpy()]
    named = []
    for one, (after, by) in zip(account, appeared, strict=True):
        inside = first[(first <= np.datetime64(by))]
        inside = inside if after == "NaT" else inside[inside > np.datetime64(after)]
        named.append(float(one in inside.index) / max(len(inside), 1))
    timing = found["timing"]
    assert timing.value("account_named") == pytest.approx(np.mean(named))
    assert timing.row("account_named_new").n == sum(known)
    assert timing.value("account_named_new") == pytest.approx(np.mean(np.array(named)[known]))
