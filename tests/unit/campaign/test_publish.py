"""Releases of a campaign and their sealed sources."""

import json

import numpy as np
import pytest

from privaudit.campaign.campaign import run_campaign
from privaudit.campaign.plan import CampaignPlan
from privaudit.campaign.publish import SOURCE_COLUMNS, publish
from privaudit.campaign.views.dot_map import DotMap
from privaudit.campaign.views.exports import TableExport
from privaudit.errors import ParameterError
from privaudit.maps.masks.donut import Donut


@pytest.fixture
def campaign(street):
    return run_campaign(street)


def test_an_exact_map(campaign):
    release = publish(campaign, DotMap())
    assert release.kind == "dots"
    assert release.provenance == "simulated"
    assert list(release.records.columns) == ["x", "y", "status", "presumed_leaning"]
    assert release.roles.location == ("x", "y")
    assert release.roles.sensitive == ("presumed_leaning",)
    assert release.backdrop is campaign.world.addresses
    assert tuple(release.sources.columns) == SOURCE_COLUMNS
    marked = release.sources["marked_address"].to_numpy()
    np.testing.assert_array_equal(release.backdrop.xy[marked], release.records[["x", "y"]])


def test_sources_have_person_and_household_of_each_dot(campaign):
    sources = publish(campaign, DotMap()).sources.set_index("account")
    assert sorted(sources.index) == [0, 3, 4, 5, 13]
    assert sources.loc[0].tolist() == [0, 0, 0]
    # Luc Fabre (18) at the door where Hélène (household 5) lives today.
    assert sources.loc[5].tolist() == [18, 5, 5]
    assert sources.loc[13].tolist() == [21, 6, 10]
    marie = int(campaign.profiles.loc[3, "address"])
    assert sources.loc[3].tolist() == [5, marie, marie]


def test_a_mask_moves_dots_and_nothing_else(campaign):
    mask = Donut(r_min=50, r_max=200)
    release = publish(campaign, DotMap(mask=mask))
    home = release.backdrop.xy[release.sources["marked_address"].to_numpy()]
    moved = np.hypot(*(release.records[["x", "y"]].to_numpy() - home).T)
    assert ((moved >= 50) & (moved <= 200)).all()
    exact = publish(campaign, DotMap())
    assert release.sources.equals(exact.sources)
    assert release.records["status"].equals(exact.records["status"])


def test_the_pop_up_is_of_the_same_profile(campaign):
    popup = ("age_band", "interest", "first_name", "last_name")
    release = publish(campaign, DotMap(popup=popup))
    assert tuple(release.records.columns[4:]) == popup
    assert release.roles.key == ("age_band", "interest")
    assert release.roles.identifier == ("first_name", "last_name")
    names = dict(zip(release.sources["account"], release.records["last_name"], strict=True))
    assert names == {0: "Meyer", 3: "Martin", 4: "Dupont", 5: "Fabre", 13: "Morel"}


def test_a_table_of_everybody_or_of_the_map(campaign):
    whole = publish(campaign, TableExport())
    assert whole.kind == "table"
    assert len(whole) == 14
    assert list(whole.records.columns) == [
        *("age_band", "sex", "profession", "station", "presumed_leaning", "score_band"),
    ]
    assert whole.roles.key == ("age_band", "sex", "profession", "station")
    assert whole.roles.sensitive == ("presumed_leaning", "score_band")
    unmatched = whole.sources.set_index("account").loc[9]
    assert unmatched.tolist() == [12, -1, -1]
    assert len(publish(campaign, TableExport(map_only=True))) == 5


def test_names_only_when_asked(campaign):
    named = publish(campaign, TableExport(columns=("sex",), names=True))
    assert named.roles.identifier == ("display_name", "first_name", "last_name")
    shown = dict(zip(named.sources["account"], named.records["display_name"], strict=True))
    assert shown == dict(enumerate(campaign.world.accounts["display_name"]))


def test_scores_are_shown_in_bands(street):
    campaign = run_campaign(street, CampaignPlan(label_share=1.0))
    release = publish(campaign, TableExport())
    score = campaign.profiles["score"].to_numpy()[release.sources["account"]]
    for band, value in zip(release.records["score_band"], score, strict=True):
        low, high = (float(end) for end in band.split("-"))
        assert low <= value < high or value == high == 1.0
    none = publish(run_campaign(street, CampaignPlan(label_share=0.0)), TableExport())
    assert set(none.records["score_band"]) == {""}


def test_rows_are_shuffled_and_carry_no_id(campaign):
    orders = [publish(campaign, TableExport(), seed=s).sources["account"] for s in range(5)]
    assert len({tuple(order) for order in orders}) == 5
    for view in (DotMap(), TableExport(names=True)):
        records = publish(campaign, view).records
        assert records.index.tolist() == list(range(len(records)))
        assert not {"account", "profile", "dot", "entry", "address"} & set(records.columns)


def test_the_recipe_is_plain_and_does_not_leak(campaign):
    release = publish(campaign, DotMap(mask=Donut(r_min=50, r_max=200)), seed=9)
    assert json.loads(json.dumps(release.recipe)) == release.recipe
    assert release.recipe["view"]["mask"]["r_min"] == 50
    assert release.recipe["campaign"]["plan"]["side"] == "right"
    assert release.as_leaked().sources is None


@pytest.mark.parametrize(
    ("view", "wrong", "named"),
    [
        (DotMap, {"popup": ("age",)}, "popup"),
        (DotMap, {"popup": ("sex", "sex")}, "popup"),
        (DotMap, {"mask": "donut:50:200"}, "mask"),
        (TableExport, {"columns": ("score",)}, "columns"),
        (TableExport, {"names": "yes"}, "names"),
    ],
)
def test_invalid_views_are_refused(view, wrong, named):
    with pytest.raises(ParameterError, match=named):
        view(**wrong)
