"""Every way a simulated map leaks: parts beside one another, against what each must be."""

import numpy as np
import pandas as pd
import pytest

from privaudit.campaign.campaign import run_campaign
from privaudit.campaign.publish import publish
from privaudit.campaign.views.dot_map import DotMap, Screenshot
from privaudit.columns.roles import Roles
from privaudit.errors import ParameterError, ReadError
from privaudit.geo.address_base import AddressBase
from privaudit.maps.adversary import Adversary
from privaudit.maps.masks.donut import Donut
from privaudit.maps.registry import read_back
from privaudit.maps.scoring.versions import copy_changes
from privaudit.maps.version_links import Linked, link_versions
from privaudit.release.read_map import read_versions
from privaudit.release.release import DotRelease
from privaudit.results.measures import Measures, joined
from privaudit.results.rows import Row
from privaudit.simulation.simulate import simulate
from privaudit.simulation.town import Town
from privaudit.studies import audit_access as pictures
from privaudit.studies.audit import audit
from privaudit.studies.audit_access import audit_accounts, audit_copies, audit_pictures, audit_times
from privaudit.studies.audit_map import judge_mask
from privaudit.studies.audit_views import audit_areas
from privaudit.studies.frontier import audit_beliefs

DONUT = Donut(r_min=50, r_max=200)


@pytest.fixture(scope="module")
def campaign():
    return run_campaign(
        simulate(Town(inhabitants=4_000), seed=7, generic_likes=False), seed=7, with_score=False
    )


@pytest.mark.heavy
def test_a_picture_gives_no_more_than_the_file_and_less_from_afar(campaign):
    told = audit_pictures(campaign, [3.0, 20.0])
    exact = audit(publish(campaign, DotMap()), Adversary.nearest(), truth=campaign.world)
    near, far = (told.row("reidentified", metres_a_pixel=m) for m in (3.0, 20.0))
    assert near.baseline == exact.overall.loc["address", "value"]
    assert far.value < near.value <= near.baseline
    assert near.n == len(exact.per_person)
    assert (near.counts, near.gain) == ("people", "address")
    # Whom the picture does not show is taken for somebody of it far more rarely.
    assert near.control < 0.2 * near.value
    assert near.residual == pytest.approx((near.value - near.control) / (1 - near.control))
    assert told.value("dots_read", metres_a_pixel=3.0) >= near.value
    # At an address that several households share, the right one is a guess.
    household = told.row("reidentified_household", metres_a_pixel=3.0)
    assert household.gain == "household"
    assert household.value < near.value


def test_the_size_of_the_dots_is_that_of_the_application_where_it_cannot_be_read(
    campaign, monkeypatch
):
    sizes = []

    def with_a_size(release, dot_radius=None):
        sizes.append(dot_radius)
        if dot_radius is None:
            raise ReadError("nothing of one size that is round")
        return read_back(release, dot_radius)

    monkeypatch.setattr(pictures, "read_back", with_a_size)
    found = audit_pictures(campaign, [3.0])
    assert sizes == [None, Screenshot(zoom=15).dot_radius]
    assert found.value("dots_read") > 0
    assert found.value("reidentified") > 0


def test_a_picture_that_cannot_be_read_says_nothing_of_who_is_found(campaign, monkeypatch):
    def refuse(release, dot_radius=None):
        raise ReadError("nothing of one size that is round")

    monkeypatch.setattr(pictures, "read_back", refuse)
    told = audit_pictures(campaign, [400.0])
    for measure in ("reidentified", "reidentified_household", "dots_right"):
        row = told.row(measure)
        assert np.isnan([row.value, row.low, row.high]).all()
        assert [note.key for note in row.notes] == ["nothing_read_of_picture"]
    assert told.value("dots_read") == 0


def test_copies_with_a_move_that_is_kept_tell_nothing_more(campaign):
    told = audit_copies(campaign, DONUT, (1, 4))
    error = {
        (n, noise): told.value("error", copies=n, noise=noise)
        for n in (1, 4)
        for noise in ("fresh", "persistent")
    }
    assert error[1, "persistent"] == pytest.approx(error[4, "persistent"])
    assert error[1, "fresh"] == pytest.approx(error[1, "persistent"])
    # Independent errors fall as one over the root of their number, by half here.
    assert error[4, "fresh"] == pytest.approx(error[1, "fresh"] / 2, rel=0.2)


def test_copies_lead_to_the_address_nearest_to_their_mean(campaign):
    told = audit_copies(campaign, DONUT, (1, 40))
    one, many = (told.row("reidentified", copies=n, noise="fresh") for n in (1, 40))
    kept = told.row("reidentified", copies=40, noise="persistent")
    exact = audit(publish(campaign, DotMap()), Adversary.nearest(), truth=campaign.world)
    assert one.n == many.n == len(exact.per_person)
    assert (many.counts, many.gain) == ("people", "address")
    # The move of a donut has mean zero: copies blurred anew converge to the marked address.
    assert one.value < many.value <= exact.overall.loc["address", "value"]
    assert kept.value == one.value
    assert many.residual == pytest.approx((many.value - many.control) / (1 - many.control))
    assert many.low < many.value < many.high


def test_copies_in_time_and_the_moments_of_likes(campaign):
    told = audit_times(campaign, 8)
    rows = told["differences"].overall
    last = publish(campaign, DotMap())
    day = np.timedelta64(1, "D")
    born = campaign.dots["appeared_at"].to_numpy()
    since = (born > campaign.plan.as_of - 7 * day) & (born <= campaign.plan.as_of)
    assert rows.loc["appeared_between", "value"] == pytest.approx(since.sum() / len(last))
    assert (
        told["timing"].overall.loc["account_named", "value"]
        > told["timing"].overall.loc["account_named", "baseline"]
    )


def test_odds_that_some_account_leaks(campaign):
    told = audit_accounts(campaign, [1, 50])
    row = told.row("addresses_found", accounts=50, moment="before")
    assert row.low < row.value < row.high
    assert told.value("any_leak", accounts=1) == pytest.approx(0.01)
    assert told.value("any_leak", accounts=50) == pytest.approx(1 - 0.99**50)
    for found in ("addresses_found", "households_found"):
        before, after = (told.row(found, accounts=50, moment=m) for m in ("before", "after"))
        assert after.value < before.value < told.value("any_leak", accounts=50)
        assert after.baseline == before.value


def test_counts_by_area_tell_marked_homes_from_others(campaign):
    told = audit_areas(campaign)
    for part in ("squares", "squares_hidden", "two_grids"):
        marked, other = (
            told.value(f"given_to_{kind}", counted=part) for kind in ("marked", "unmarked")
        )
        assert marked > other
    # A second grid can only prove more.
    cleared = {
        part: told.value("cleared", counted=part) for part in ("squares_hidden", "two_grids")
    }
    assert cleared["two_grids"] >= cleared["squares_hidden"]


def test_a_right_belief_is_its_own_baseline(campaign):
    told = audit_beliefs(campaign)
    right = [row for row in told.rows if row.part["used"] == "donut:50:200"]
    assert len(right) == 5
    for row in right:
        assert row.value == pytest.approx(row.baseline)
    assert told.value("no_candidate", used="donut:50:200") == 0
    # Who is wrong claims another share than who is right, of the same dots.
    wrong = told.row("claimed", used="donut:100:400")
    assert wrong.value != pytest.approx(wrong.baseline, rel=0.05)
    found = told.value("reidentified", used="donut:100:400")
    assert told.value("overclaim", used="donut:100:400") == pytest.approx(wrong.value - found)


def test_parts_of_another_kind_are_not_joined():
    def one(provenance):
        row = Row(measure="x", value=1.0, unit="records", n=400, counts="records")
        return Measures(family="t", rows=[row], provenance=provenance)

    with pytest.raises(ParameterError, match="one provenance"):
        joined("t", {"a": one("simulated"), "b": one("audited file")}, by="kind")
    with pytest.raises(ParameterError, match="at least one"):
        joined("t", {}, by="kind")


def street(n):
    names = {"id": [str(i) for i in range(n)], "number": "1", "street": "s", "commune": "c"}
    return AddressBase(
        pd.DataFrame({**names, "station": "", "x": np.arange(n) * 40.0, "y": 0.0}), real=False
    )


def test_changes_between_copies_are_counted():
    """Twelve dots, then two of them grey and one gone, then three more."""
    x = np.arange(15) * 40.0
    first = pd.DataFrame({"x": x[:12], "y": 0.0, "status": "red"})
    second = first.drop(index=11).assign(status=["grey"] * 2 + ["red"] * 9)
    third = pd.concat([second, pd.DataFrame({"x": x[12:], "y": 0.0, "status": "red"})])
    copies = read_versions([first, second, third], addresses=street(15))
    linked = link_versions([copy.as_leaked() for copy in copies])
    told = copy_changes(copies, linked)
    assert told.overall["value"].to_dict() == pytest.approx(
        {"appeared_between": 3 / 14, "turned_grey": 2 / 14, "gone": 1 / 23}
    )
    assert told.overall["n"].tolist() == [14, 14, 23]
    assert told.reliable
    bare = [copy.drop(columns="status") for copy in (first, second)]
    copies = read_versions(bare, addresses=street(15))
    linked = link_versions([copy.as_leaked() for copy in copies])
    assert np.isnan(copy_changes(copies, linked).overall.loc["turned_grey", "value"])
    unsure = Linked(rows=linked.rows, how="assignment", lost=0)
    assert not copy_changes(copies, unsure).reliable
    with pytest.raises(ParameterError, match="copy_changes"):
        copy_changes(copies[:1], linked)


@pytest.mark.parametrize(("true", "doubted"), [(DONUT, False), (Donut(r_min=150, r_max=400), True)])
def test_what_rests_on_a_mask_that_the_dots_deny_is_doubted(campaign, true, doubted):
    base = campaign.world.addresses
    rng = np.random.default_rng(3)
    homes = base.xy[rng.integers(len(base), size=150)]
    dots = pd.DataFrame(true(homes, rng=rng), columns=["x", "y"])
    real = DotRelease(records=dots, roles=Roles(location=("x", "y")), backdrop=base)
    ladder = [Adversary.nearest(), Adversary.knows_mask(DONUT)]
    rungs = [(who, audit(real, who)) for who in ladder]
    belief, exposures = judge_mask(real, rungs, seed=7)
    assert [row.measure for row in belief.rows] == ["no_candidate", "claimed", "likelier_elsewhere"]
    said = "fits_other_mask" in [note.key for note in exposures[1].notes]
    assert said == doubted
    assert exposures[1].reliable != doubted
    nothing, same = judge_mask(real, rungs[:1], seed=7)
    assert nothing is None
    assert same == [rungs[0][1]]
