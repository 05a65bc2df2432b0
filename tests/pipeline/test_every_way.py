"""Every way a simulated map leaks: parts beside one another, against what each must be."""

import numpy as np
import pandas as pd
import pytest

from privaudit.attacks.adversary import Adversary
from privaudit.attacks.link_versions import Linked, link_versions
from privaudit.campaign.campaign import run_campaign
from privaudit.errors import ParameterError, ReadError
from privaudit.exposure.maps.changes import copy_changes
from privaudit.exposure.maps.utility import UTILITIES
from privaudit.exposure.parts import in_parts
from privaudit.exposure.results import MEASURE_COLUMNS, Measures
from privaudit.places.address_base import AddressBase
from privaudit.release.masks import Donut, Exact
from privaudit.release.publish import publish
from privaudit.release.release import Release
from privaudit.release.versions import read_versions
from privaudit.release.views import DotMap
from privaudit.roles import Roles
from privaudit.simulation.simulate import simulate
from privaudit.simulation.town import Town
from privaudit.studies import ways_it_leaks
from privaudit.studies.audits import audit
from privaudit.studies.frontier import frontier
from privaudit.studies.masks_compared import audit_beliefs, who_it_could_be
from privaudit.studies.stated_mask import judge_mask
from privaudit.studies.ways_it_leaks import (
    audit_accounts,
    audit_areas,
    audit_copies,
    audit_pictures,
    audit_times,
)

DONUT = Donut(low=50, high=200)


@pytest.fixture(scope="module")
def campaign():
    return run_campaign(simulate(Town(inhabitants=4_000), seed=7), seed=7)


def test_a_picture_gives_no_more_than_the_file_and_less_from_afar(campaign):
    rows = audit_pictures(campaign, [3.0, 30.0]).overall
    exact = audit(publish(campaign, DotMap()), Adversary.nearest(), truth=campaign.world)
    near, far = (rows.xs(f"found@{m} m a pixel") for m in (3, 30))
    assert near["baseline"] == exact.overall.loc["address", "attack"]
    assert far["value"] < near["value"] <= near["baseline"]
    assert near["n"] == len(exact.per_person)
    # Whom the picture does not show is taken for somebody of it far more rarely.
    assert rows.loc["control@3 m a pixel", "value"] < 0.2 * near["value"]
    assert rows.loc["dots_read@3 m a pixel", "value"] >= near["value"]


def test_a_picture_that_cannot_be_read_finds_nobody(campaign, monkeypatch):
    def refuse(release):
        raise ReadError("nothing of one size that is round")

    monkeypatch.setattr(ways_it_leaks, "read_back", refuse)
    rows = audit_pictures(campaign, [400.0]).overall
    found = rows.loc["found@400 m a pixel"]
    # Wilson's interval of nobody in 29 homes, where two of the 30 live: 0 to 3.84 / 32.84.
    assert found[["value", "low", "n"]].tolist() == [0.0, 0.0, 30]
    assert found["high"] == pytest.approx(3.8415 / 32.8415, abs=1e-4)
    assert found["baseline"] > 0.5
    assert rows.loc["dots_read@400 m a pixel", "value"] == 0
    assert np.isnan(rows.loc["dots_right@400 m a pixel", "value"])


def test_copies_with_a_move_that_is_kept_tell_nothing_more(campaign):
    rows = audit_copies(campaign, DONUT, (1, 4)).overall["value"]
    assert rows["error_1@persistent"] == pytest.approx(rows["error_4@persistent"])
    assert rows["error_1@fresh"] == pytest.approx(rows["error_1@persistent"])
    # Independent errors fall as one over the root of their number, by half here.
    assert rows["error_4@fresh"] == pytest.approx(rows["error_1@fresh"] / 2, rel=0.2)


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
    rows = audit_accounts(campaign, [1, 50]).overall
    assert rows.loc["any_leak@1 account", "value"] == pytest.approx(0.01)
    assert rows.loc["any_leak@50 accounts", "value"] == pytest.approx(1 - 0.99**50)
    before, after = (rows.loc[f"leaked_{m}@50 accounts", "value"] for m in ("before", "after"))
    assert after < before < rows.loc["any_leak@50 accounts", "value"]
    assert rows.loc["leaked_after@50 accounts", "baseline"] == before


def test_counts_by_area_tell_marked_homes_from_others(campaign):
    rows = audit_areas(campaign).overall["value"]
    for part in ("squares", "squares_hidden", "two_grids"):
        assert rows[f"home_in_set@{part}"] > rows[f"home_not_in_set@{part}"]
    # A second grid can only prove more.
    assert rows["homes_cleared@two_grids"] >= rows["homes_cleared@squares_hidden"]


def test_a_right_belief_is_its_own_baseline(campaign):
    rows = audit_beliefs(campaign).overall
    right = rows[rows.index.str.endswith("@donut:50:200")]
    np.testing.assert_allclose(right["value"], right["baseline"])
    assert rows.loc["no_candidate@donut:50:200", "value"] == 0
    # Who is wrong claims another share than who is right, of the same dots.
    wrong = rows.loc["claimed@donut:100:400"]
    assert wrong["value"] != pytest.approx(wrong["baseline"], rel=0.05)
    assert rows.loc["overclaim@donut:100:400", "value"] == pytest.approx(
        wrong["value"] - rows.loc["found@donut:100:400", "value"]
    )


def test_masks_are_told_one_part_each(campaign):
    compared = frontier(campaign, [Exact(), DONUT])
    told = compared.measures()
    assert len(told.overall) == 2 * (1 + len(UTILITIES))
    row = compared.frame.set_index("mask").loc["donut:50:200"]
    address = told.overall.loc["address@donut:50:200"]
    assert (address["value"], address["low"], address["high"]) == (
        row["address"], row["address_low"], row["address_high"],
    )  # fmt: skip
    walk = told.overall.loc["tour_extra@donut:50:200"]
    assert (walk["value"], walk["baseline"]) == (row["tour_extra"], row["tour_extra_baseline"])
    assert told.overall.loc["tour_extra@exact", "value"] == 0
    with pytest.raises(ParameterError, match="risk one of"):
        compared.measures("door")


def test_who_a_dot_could_be_sums_to_one_and_names_no_one(campaign):
    leak = publish(campaign, DotMap(mask=DONUT))
    rows = who_it_could_be(leak, DONUT, campaign.world)
    assert rows["probability"].sum() == pytest.approx(1)
    assert rows["address"].iloc[-1] == ""
    listed = rows["probability"].to_numpy()[:-1]
    assert (np.diff(listed) <= 0).all()
    assert not rows["address"].str.contains("Meyer").any()


def test_parts_of_another_kind_are_not_joined():
    def one(provenance):
        overall = pd.DataFrame([dict.fromkeys(MEASURE_COLUMNS, 1.0)], index=["x"])
        return Measures(overall=overall, per_record=pd.DataFrame(), provenance=provenance)

    with pytest.raises(ParameterError, match="one provenance"):
        in_parts("t", {"a": one("simulated"), "b": one("audited file")})
    with pytest.raises(ParameterError, match="at least one"):
        in_parts("t", {})


def street(n):
    names = {"id": [str(i) for i in range(n)], "number": "1", "street": "s", "commune": "c"}
    return AddressBase(pd.DataFrame({**names, "station": "", "x": np.arange(n) * 40.0, "y": 0.0}))


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


@pytest.mark.parametrize(("true", "doubted"), [(DONUT, False), (Donut(low=150, high=400), True)])
def test_what_rests_on_a_mask_that_the_dots_deny_is_doubted(campaign, true, doubted):
    base = campaign.world.addresses
    rng = np.random.default_rng(3)
    homes = base.xy[rng.integers(len(base), size=150)]
    dots = pd.DataFrame(true(homes, rng=rng), columns=["x", "y"])
    real = Release(kind="dots", records=dots, roles=Roles(location=("x", "y")), backdrop=base)
    ladder = [Adversary.nearest(), Adversary.knows_mask(DONUT)]
    rungs = [(who, audit(real, who)) for who in ladder]
    belief, exposures = judge_mask(real, rungs, seed=7)
    assert belief.overall.index.tolist() == ["no_candidate", "claimed", "likelier_elsewhere"]
    said = any("fit Donut" in note for note in exposures[1].notes)
    assert said == doubted
    assert exposures[1].reliable != doubted
    nothing, same = judge_mask(real, rungs[:1], seed=7)
    assert nothing is None
    assert same == [rungs[0][1]]
