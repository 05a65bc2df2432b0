"""Differences of area and heat maps of two dates."""

from dataclasses import replace

import numpy as np
import pytest

from privaudit.campaign.campaign import run_campaign
from privaudit.campaign.publish import publish
from privaudit.campaign.views.area_and_heat_maps import AreaMap, HeatMap, areas_of_addresses
from privaudit.errors import GeometryError, ParameterError
from privaudit.studies.audit import audit

# Of the street's five dots, Éric's appears on 30 August and Luc Fabre's on 5 September.
BEFORE, AFTER = "2016-08-29", "2016-09-01"


@pytest.fixture(scope="module")
def campaign(street):
    return run_campaign(street)


def dates(campaign, view):
    return tuple(publish(campaign, replace(view, at=at)) for at in (BEFORE, AFTER))


def stood(campaign, at):
    dots = campaign.dots[campaign.dots["appeared_at"].to_numpy() <= np.datetime64(at)]
    return dots, (dots["visited_at"].to_numpy() <= np.datetime64(at)).sum()


@pytest.mark.parametrize("at", [BEFORE, AFTER])
def test_a_map_of_a_date_counts_the_dots_of_that_date(campaign, at):
    dots, visited = stood(campaign, at)
    counts = publish(campaign, AreaMap(size=20, at=at))
    assert counts.records["total"].sum() == len(dots) == len(counts.sources)
    assert counts.records["visited"].sum() == visited
    heat = publish(campaign, HeatMap(bandwidth=10, cell=5, at=at))
    assert heat.records["intensity"].sum() * 25e-6 == pytest.approx(len(dots), rel=1e-2)
    assert counts.recipe["view"]["at"].startswith(at)
    with pytest.raises(ParameterError, match="a date such as"):
        AreaMap(at="yesterday")


def test_two_dates_of_counts_reveal_a_new_dot(campaign):
    before, after = dates(campaign, AreaMap(size=20))
    result = audit((before, after), truth=campaign.world)
    # One dot more, in one cell: every household of that cell may have it alike.
    new = set(after.sources["account"]) - set(before.sources["account"])
    assert len(new) == 1
    world, household = campaign.world, after.sources.set_index("account")["marked_household"]
    area = areas_of_addresses(world.addresses, after)
    home = area[world.households["address"].to_numpy()]
    here = (home == home[household.loc[new.pop()]]).sum()
    assert result.value("given_to_marked", counted="new_dots") == pytest.approx(1 / here)
    assert result.value("cleared", counted="new_dots") == len(home) - here
    # Small counts hidden: the change is bounded, no more.
    hidden = audit(dates(campaign, AreaMap(size=20, suppress_under=11)), truth=world)
    measured = hidden.value("given_to_marked", counted="new_dots")
    assert measured <= 1 / here + 1e-9


def test_two_dates_of_heat_reveal_a_new_dot(campaign):
    result = audit(dates(campaign, HeatMap(bandwidth=8, cell=4)), truth=campaign.world)
    assert (result.value("dots"), result.value("reidentified")) == (1, 1)
    assert result.value("claimed") > 0.8
    for kernel in ("quartic", "disc"):
        view = HeatMap(bandwidth=15, cell=4, kernel=kernel)
        assert audit(dates(campaign, view), truth=campaign.world).value("reidentified") == 1


def test_invalid_pairs_of_dates_are_refused(campaign):
    before, after = dates(campaign, AreaMap(size=20))
    with pytest.raises(ParameterError, match="a dot that has left"):
        audit((after, before), truth=campaign.world)
    with pytest.raises(ParameterError, match="other areas"):
        audit((before, publish(campaign, AreaMap(size=40, at=AFTER))), truth=campaign.world)
    with pytest.raises(ParameterError, match="none that is new"):
        audit((after, after), truth=campaign.world)
    heat = dates(campaign, HeatMap(bandwidth=8, cell=4))
    with pytest.raises(ParameterError, match="a Release"):
        audit((before, heat[1]), truth=campaign.world)
    other = publish(campaign, HeatMap(bandwidth=8, cell=5, at=AFTER))
    with pytest.raises(GeometryError, match="on one raster"):
        audit((heat[0], other), truth=campaign.world)
