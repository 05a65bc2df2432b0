"""`Audience`: disclosure by a political ad, with a shop's as the control."""

import numpy as np
import pandas as pd
import pytest

import privaudit as pa
from privaudit.campaign.views.mailings_and_ads import has_subject
from privaudit.errors import ParameterError


@pytest.fixture
def campaign(knocked):
    return knocked


def test_the_list_is_of_the_target_group_and_gets_no_ad(campaign):
    leak = pa.publish(
        campaign, pa.maps.Audience(listed=1.0, size=0.1, reach=1.0, stray=0.0), seed=5
    )
    meant = has_subject(campaign, "politics")
    # The whole target group is listed, and no listed account is served.
    assert not meant[leak.sources["person"]].any()
    assert (leak.records["served"] == leak.records["audience"]).all()
    assert leak.records["audience"].sum() == round(0.1 * len(leak))
    again = pa.publish(
        campaign, pa.maps.Audience(listed=1.0, size=0.1, reach=1.0, stray=0.0), seed=5
    )
    pd.testing.assert_frame_equal(leak.records, again.records)


@pytest.mark.heavy
def test_rows_are_counted_by_hand_for_both_subjects(campaign):
    measured = {"listed": 0.5, "size": 0.2, "reach": 0.9}
    ads = tuple(
        pa.publish(campaign, pa.maps.Audience(subject=subject, **measured), seed=5)
        for subject in ("politics", "football")
    )
    result = pa.audit(ads, truth=campaign.world)
    people = campaign.world.people
    for ad in ads:
        person = ad.sources["person"].to_numpy()
        served = ad.records["served"].to_numpy()
        for what, holds in (
            ("side", people["leaning"].isin(("right", "far_right")).to_numpy()),
            ("interest", (people["interest"] == "football").to_numpy()),
        ):
            row = result.row("holds", ad=ad.subject, what=what)
            assert row.n == served.sum()
            assert row.value == pytest.approx(holds[person[served]].mean())
            assert row.baseline == pytest.approx(holds[person].mean())
            assert row.control == pytest.approx(holds[person[~served]].mean())
            lift = result.value("times", ad=ad.subject, what=what)
            assert lift == pytest.approx(row.value / row.baseline)
    # The ad reaches its target group, over ten lists of so small a town.
    times = []
    for seed in range(10):
        ad = pa.publish(campaign, pa.maps.Audience(subject="politics", **measured), seed=seed)
        times.append(pa.audit(ad, truth=campaign.world).value("times", what="side"))
    assert np.mean(times) - 2 * np.std(times, ddof=1) / np.sqrt(10) > 1


def test_an_ad_served_at_random_is_uninformative(campaign):
    leak = pa.publish(campaign, pa.maps.Audience(reach=0.5, stray=0.5), seed=5)
    row = pa.audit(leak, truth=campaign.world).row("holds", ad="politics", what="side")
    assert row.low <= row.baseline <= row.high
    nobody = pa.publish(campaign, pa.maps.Audience(reach=0.0, stray=0.0), seed=5)
    empty = pa.audit(nobody, truth=campaign.world)
    for measure in ("holds", "times"):
        row = empty.row(measure, what="side")
        assert np.isnan(row.value)
        assert row.notes[0].key == "nobody_counted"


def test_rows_are_present_when_the_whole_bloc_is_listed(campaign):
    """The whole bloc is on the list, so that no account of it can be served."""
    leak = pa.publish(campaign, pa.maps.Audience(listed=1.0, reach=1.0), seed=5)
    row = pa.audit(leak, truth=campaign.world).row("times", what="side")
    assert np.isnan(row.value)
    assert row.notes


def test_two_ads_on_one_subject_are_distinct(campaign):
    ads = [pa.publish(campaign, pa.maps.Audience(size=size), seed=5) for size in (0.05, 0.5)]
    with pytest.raises(ParameterError, match="subjects of their own, but got politics, politics"):
        pa.audit(ads, truth=campaign.world)


def test_invalid_audiences_are_refused(campaign):
    with pytest.raises(ParameterError, match="subject"):
        pa.maps.Audience(subject="yachts")
    with pytest.raises(ParameterError, match="truth of an audience"):
        pa.audit(pa.publish(campaign, pa.maps.Audience(), seed=5))


def test_unused_options_of_an_ad_are_refused(campaign):
    ads = tuple(
        pa.publish(campaign, pa.maps.Audience(subject=subject), seed=5)
        for subject in ("politics", "football")
    )
    for given in (ads, ads[0]):
        with pytest.raises(ParameterError, match="a map of dots for gains"):
            pa.audit(given, truth=campaign.world, gains={"near": lambda true, guessed: true[:, 0]})
