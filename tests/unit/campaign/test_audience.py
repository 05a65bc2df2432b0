"""An ad served to those who resemble a list: what it tells, and a shop's beside it."""

import numpy as np
import pandas as pd
import pytest

import privaudit as pa
from privaudit.campaign.views.audience import has_subject
from privaudit.errors import ParameterError


@pytest.fixture
def campaign(knocked):
    return knocked


def test_who_is_on_the_list_is_meant_and_gets_no_ad(campaign):
    leak = pa.publish(
        campaign, pa.maps.Audience(listed=1.0, size=0.1, reach=1.0, stray=0.0), seed=5
    )
    meant = has_subject(campaign, "politics")
    # All who are meant are on the list: nobody whom the ad reaches is.
    assert not meant[leak.sources["person"]].any()
    assert (leak.records["served"] == leak.records["audience"]).all()
    assert leak.records["audience"].sum() == round(0.1 * len(leak))
    again = pa.publish(
        campaign, pa.maps.Audience(listed=1.0, size=0.1, reach=1.0, stray=0.0), seed=5
    )
    pd.testing.assert_frame_equal(leak.records, again.records)


def test_rows_are_counted_by_hand_for_both_subjects(campaign):
    told = {"listed": 0.5, "size": 0.2, "reach": 0.9}
    ads = tuple(
        pa.publish(campaign, pa.maps.Audience(subject=subject, **told), seed=5)
        for subject in ("politics", "football")
    )
    found = pa.audit(ads, truth=campaign.world)
    people = campaign.world.people
    for ad in ads:
        person = ad.sources["person"].to_numpy()
        served = ad.records["served"].to_numpy()
        for what, holds in (
            ("side", people["leaning"].isin(("right", "far_right")).to_numpy()),
            ("interest", (people["interest"] == "football").to_numpy()),
        ):
            row = found.row("holds", ad=ad.subject, what=what)
            assert row.n == served.sum()
            assert row.value == pytest.approx(holds[person[served]].mean())
            assert row.baseline == pytest.approx(holds[person].mean())
            assert row.control == pytest.approx(holds[person[~served]].mean())
            lift = found.value("times", ad=ad.subject, what=what)
            assert lift == pytest.approx(row.value / row.baseline)
    # An ad reaches those whom it is meant for.
    assert found.row("times", ad="politics", what="side").low > 1


def test_an_ad_served_at_random_tells_nothing(campaign):
    leak = pa.publish(campaign, pa.maps.Audience(reach=0.5, stray=0.5), seed=5)
    row = pa.audit(leak, truth=campaign.world).row("holds", ad="politics", what="side")
    assert row.low <= row.baseline <= row.high
    nobody = pa.publish(campaign, pa.maps.Audience(reach=0.0, stray=0.0), seed=5)
    empty = pa.audit(nobody, truth=campaign.world)
    for measure in ("holds", "times"):
        row = empty.row(measure, what="side")
        assert np.isnan(row.value)
        assert row.notes[0].key == "nobody_counted"


def test_rows_stand_where_nobody_of_the_bloc_is_left(campaign):
    """All of the bloc are on the list: nobody is left whom an ad could be likelier to reach."""
    leak = pa.publish(campaign, pa.maps.Audience(listed=1.0, reach=1.0), seed=5)
    row = pa.audit(leak, truth=campaign.world).row("times", what="side")
    assert np.isnan(row.value)
    assert row.notes


def test_two_ads_on_one_subject_are_not_taken_for_one(campaign):
    ads = [pa.publish(campaign, pa.maps.Audience(size=size), seed=5) for size in (0.05, 0.5)]
    with pytest.raises(ParameterError, match="subjects of their own, but got politics, politics"):
        pa.audit(ads, truth=campaign.world)


def test_what_is_wrong_is_said(campaign):
    with pytest.raises(ParameterError, match="subject"):
        pa.maps.Audience(subject="yachts")
    with pytest.raises(ParameterError, match="truth of an audience"):
        pa.audit(pa.publish(campaign, pa.maps.Audience(), seed=5))


def test_what_an_ad_cannot_use_is_refused_not_ignored(campaign):
    ads = tuple(
        pa.publish(campaign, pa.maps.Audience(subject=subject), seed=5)
        for subject in ("politics", "football")
    )
    for given in (ads, ads[0]):
        with pytest.raises(ParameterError, match="a map of dots for gains"):
            pa.audit(given, truth=campaign.world, gains={"near": lambda true, guessed: true[:, 0]})
