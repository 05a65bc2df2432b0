"""`publish` of every view, and a screenshot of the street read by hand."""

from dataclasses import replace

import numpy as np
import pytest

from privaudit.campaign.campaign import run_campaign
from privaudit.campaign.publish import declared_views, parse_view, publish
from privaudit.campaign.views.area_and_heat_maps import AreaMap, HeatMap
from privaudit.campaign.views.dot_map import (
    GREY,
    RED,
    AccountView,
    DotMap,
    DotMapVersions,
    Screenshot,
)
from privaudit.campaign.views.exports import Filled, PeopleTable, TableExport, people_facts
from privaudit.campaign.views.mailings_and_ads import Audience, Mailing
from privaudit.columns.roles import Roles
from privaudit.errors import GeometryError, ParameterError
from privaudit.maps.masks.donut import Donut
from privaudit.maps.masks.snapping import GridSnap
from privaudit.release.release import (
    AdRelease,
    AreaRelease,
    DotRelease,
    HeatRelease,
    MailRelease,
    PictureRelease,
    Release,
    TableRelease,
)
from privaudit.screenshots.open_picture import open_picture

ONE_OF_EACH = [
    (DotMap(), DotRelease),
    (TableExport(), TableRelease),
    (Screenshot(metres_per_pixel=1), PictureRelease),
    (AreaMap(), AreaRelease),
    (HeatMap(cell=20), HeatRelease),
    (DotMapVersions(at=("2016-08-30", "2016-09-02")), DotRelease),
    (AccountView(), DotRelease),
    (PeopleTable(), TableRelease),
    (Mailing(), MailRelease),
    (Audience(), AdRelease),
]
# Of a view that is added, the example that it gives.
ONE_OF_EACH += [
    (parse_view(kind.example), Release)
    for kind in declared_views().values()
    if not any(type(view) is kind for view, _ in ONE_OF_EACH)
]


@pytest.fixture(scope="module")
def campaign(street):
    return run_campaign(street)


@pytest.mark.parametrize(("view", "kind"), ONE_OF_EACH, ids=lambda x: type(x).__name__)
def test_publish_of_every_view(campaign, view, kind):
    made = publish(campaign, view, seed=3)
    for release in made if isinstance(made, tuple) else (made,):
        assert isinstance(release, kind)
        assert kind is Release or type(release) is kind
        assert release.view == str(view)
        assert release.provenance == "simulated"
        assert release.recipe["stage"] == "publish"
        assert release.recipe["view"]["view"] == view.recipe()["view"]
        assert release.sources is not None
        leaked = release.as_leaked()
        assert leaked.sources is None
        assert leaked.recipe == {}


def test_every_view_is_tested():
    assert {type(view) for view, _ in ONE_OF_EACH} == set(declared_views().values())


@pytest.mark.parametrize(
    ("view", "message"),
    [
        (Donut(r_min=50, r_max=200), "a view, one of AccountView, .* but got Donut"),
        (DotMap, "the class DotMap. Write its brackets"),
        ("DotMap", "but got str"),
        (None, "a view"),
    ],
)
def test_other_objects_are_refused(campaign, view, message):
    with pytest.raises(ParameterError, match=message):
        publish(campaign, view)
    with pytest.raises(ParameterError, match="run_campaign"):
        publish(campaign.world, DotMap())


def test_dots_are_drawn_at_the_pixel_of_their_source(campaign):
    shot = publish(campaign, Screenshot(metres_per_pixel=1, dot_radius=3))
    image = shot.picture.image
    assert len(shot) == 0
    assert len(shot.sources) == len(campaign.dots)
    status = campaign.dots.set_index("address")["status"]
    top = {}
    for row in shot.sources.itertuples():
        at = image[int(row.row), int(row.column)]
        x, y = shot.picture.georeference.to_metres([[row.column, row.row]])[0]
        np.testing.assert_allclose([x, y], shot.backdrop.xy[row.marked_address], atol=1e-6)
        top.setdefault(row.marked_address, tuple(at.tolist()))
    for address, colour in top.items():
        # Red is drawn above grey where both stand at one door.
        red = (status.loc[[address]] == "to_meet").any()
        assert colour == (RED if red else GREY)


def test_dots_of_a_masked_map_are_drawn_at_masked_positions(campaign):
    mask = GridSnap(size=50)
    shot = publish(campaign, Screenshot(metres_per_pixel=1, mask=mask))
    drawn = shot.picture.georeference.to_metres(shot.sources[["column", "row"]])
    home = shot.backdrop.xy[shot.sources["marked_address"]]
    np.testing.assert_allclose(drawn, mask(home, rng=np.random.default_rng(0)), atol=1e-6)
    assert shot.recipe["view"]["mask"] == {"mask": "grid", "size": 50, "k": 0}


def test_a_screenshot_can_hide_its_place_and_be_compressed(campaign, tmp_path):
    plain = publish(campaign, Screenshot(metres_per_pixel=1))
    hidden = publish(campaign, Screenshot(metres_per_pixel=1, tells_place=False))
    assert hidden.picture.georeference is None
    with pytest.raises(GeometryError, match="says where it lies"):
        _ = hidden.picture.box
    jpeg = publish(campaign, Screenshot(metres_per_pixel=1, jpeg_quality=30))
    assert (jpeg.picture.image != plain.picture.image).any()
    as_file = open_picture(plain.picture.save(tmp_path / "leak.png"))[0]
    np.testing.assert_array_equal(as_file, plain.picture.image)
    assert repr(plain).startswith("Release(screenshot, ")
    assert repr(plain).endswith("pixels, simulated)")


def test_the_scale_of_a_web_map():
    # 40,075,016.7 m around the equator, 256 * 2**15 pixels, cosine of the latitude.
    expected = 40_075_016.7 * np.cos(np.radians(60)) / (256 * 2**15)
    assert Screenshot(zoom=15, latitude=60).step == pytest.approx(expected)


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"metres_per_pixel": 1, "zoom": 15},
        {"zoom": 25},
        {"zoom": 15, "latitude": 90},
        {"zoom": 15, "mask": "donut"},
        {"zoom": 15, "jpeg_quality": 0},
        {"zoom": 15, "tells_place": "no"},
    ],
)
def test_invalid_screenshots_are_refused(wrong):
    with pytest.raises(ParameterError, match=r"Screenshot|DotMap"):
        Screenshot(**wrong)


def test_a_screenshot_needs_a_dot_and_a_release_its_picture(campaign):
    far = GridSnap(size=50, k=10_000)
    with pytest.raises(GeometryError, match="shows a dot"):
        publish(campaign, Screenshot(metres_per_pixel=1, mask=far))
    with pytest.raises(ParameterError, match="picture"):
        PictureRelease(records=campaign.dots[[]], roles=Roles())


def test_an_answer_is_marked_by_how_far_it_supports(knocked):
    # 1 is strong support and 5 strong opposition; who answers without a side is in the middle.
    scale = {"meaningful_interaction": 1, "answered": 3, "not_interested": 4, "refused": 5}
    log = knocked.contact_log
    log = log.assign(status=np.resize([*scale, "no_answer", "bad_info"], len(log)))
    facts = people_facts(replace(knocked, contact_log=log), Filled(), seed=1)
    marked = facts.groupby("contact_status")["marked"].agg(["min", "max"])
    for status, mark in scale.items():
        assert marked.loc[status].tolist() == [mark, mark]
    assert marked.drop(index=list(scale)).isna().all(axis=None)
