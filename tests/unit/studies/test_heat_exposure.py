"""`audit` of a heat map: two streets by hand, with and without a truth, and what it refuses."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from privaudit.campaign.publish import publish
from privaudit.campaign.views.area_and_heat_maps import HeatMap
from privaudit.errors import ParameterError
from privaudit.studies.audit import audit
from privaudit.studies.audit_views import _is_noisy, audit_heat, heat_curve
from privaudit.studies.study import Study
from privaudit.words.catalogues import Note, Words

NARROW = HeatMap(bandwidth=8, cell=4)
FOR_TRUTH = ["reidentified", "at_named_address", "named_right", "sure_right", "calibration_gap",
             "given_to_marked", "given_to_unmarked", "likely", "error"]  # fmt: skip


@pytest.fixture
def played(campaign):
    """Five dots where they are marked: addresses 0, 3, 4, 1 and 2."""
    return replace(
        campaign, dots=campaign.dots.assign(x=[0.0, 1040.0, 1100.0, 30.0, 1000.0], y=0.0)
    )


@pytest.fixture
def two(played):
    """Two dots, of addresses 0 (person 0, who lives there) and 3 (person 4, who lives at 0)."""
    return replace(played, dots=played.dots.iloc[:2].reset_index(drop=True))


def test_a_narrow_heat_map_by_hand(two):
    found = audit(publish(two, NARROW), truth=two.world)
    told = found.overall["value"]
    # Two addresses of five are named, both rightly; persons 0 and 4 both live at address 0.
    assert told[["dots", "addresses_named", "reidentified", "at_named_address"]].tolist() == [
        2,
        2,
        1,
        1,
    ]
    assert told[["named_right", "error"]].tolist() == [1, 0]
    # By homes alone: addresses 0 (three homes) and 1 (two): one of two is right, 0 m and 1,010 m.
    assert found.overall.loc[["reidentified", "named_right", "error"], "baseline"].tolist() == [
        0.5, 0.5, 505.0,
    ]  # fmt: skip
    of = found.overall["n"]
    assert of[["reidentified", "at_named_address", "given_to_marked"]].tolist() == [2, 2, 2]
    # Of the 17 others, five more live at address 0 and two at address 3.
    live = two.world.people["address"].to_numpy()
    others = np.setdiff1d(np.arange(19), [0, 4])
    assert found.row("at_named_address").control == np.isin(live[others], [0, 3]).mean()
    assert found.row("at_named_address").residual == pytest.approx(1.0)
    assert told["calibration_gap"] < 0.02
    # One dot at an address of three homes: a third for each; at address 3, its only home.
    assert told["given_to_marked"] == pytest.approx((1 / 3 + 1) / 2, abs=0.02)
    assert told["given_to_unmarked"] == pytest.approx(2 / 3 / 6, abs=0.02)
    assert found.reliable
    assert found.notes[0].key == "heat_is_exact"


def test_the_truth_never_moves_a_name(two):
    leak = publish(two, NARROW)
    swapped = replace(leak, sources=leak.sources.assign(marked_address=[1, 2]))
    claims = [audit_heat(one, two.world).overall for one in (leak, swapped)]
    assert claims[0].loc["claimed", "value"] == claims[1].loc["claimed", "value"]
    assert claims[0].loc["sure", "value"] == claims[1].loc["sure", "value"]
    assert claims[1].loc["reidentified", "value"] == 0


def test_a_wide_heat_map_in_one_colour_tells_nothing(two):
    told = audit(publish(two, HeatMap(bandwidth=500, cell=200, levels=1)), truth=two.world).overall
    assert told.loc["reidentified", "value"] == told.loc["reidentified", "baseline"]
    assert told.loc["named_right", "value"] == told.loc["named_right", "baseline"]


def test_without_a_truth_and_without_a_legend(two):
    leak = publish(two, NARROW)
    found = audit(leak)
    assert found.overall.loc[FOR_TRUTH, "value"].isna().all()
    assert set(found.overall.loc[FOR_TRUTH, "notes"]) == {(Note("needs_truth"),)}
    assert found.overall.loc["claimed", "value"] > 0.9
    blank = audit(replace(leak.as_leaked(), bandwidth=None, kernel=None))
    assert blank.reliable
    assert blank.overall.loc["dots", "value"] == 2
    assert blank.value("bandwidth") == pytest.approx(8, rel=1e-3)
    assert {note.key for note in blank.notes} >= {"kernel_estimated", "dots_from_heat"}
    assert list(found.overall.index) == list(audit(leak, truth=two.world).overall.index)


def test_what_an_audit_of_heat_refuses(two):
    leak = publish(two, NARROW)
    with pytest.raises(ParameterError, match="a SimulatedWorld"):
        audit(leak, truth=two)
    with pytest.raises(ParameterError, match="no sources"):
        audit(leak.as_leaked(), truth=two.world)
    with pytest.raises(ParameterError, match="0 dots"):
        audit(replace(leak, sources=leak.sources.iloc[:0]))
    other, named = replace(two.world, identity="another"), replace(leak, world="this")
    with pytest.raises(ParameterError, match="another one"):
        audit(named, truth=other)
    for bandwidths, levels in (([], [None]), ([10.0], [])):
        with pytest.raises(ParameterError, match="heat_curve"):
            heat_curve(two, bandwidths, levels=levels)


def test_levels_are_kept_in_the_recipe_and_shown(two):
    shown = publish(two, HeatMap(bandwidth=30, cell=10, levels=4))
    assert shown.recipe["view"]["levels"] == 4
    exact = publish(two, HeatMap(bandwidth=30, cell=10)).records["intensity"]
    # The middles of four equal steps, each within half a step of what it stands for.
    step = exact.max() / 4
    assert set(np.round(shown.records["intensity"] / step, 9)) <= {0.5, 1.5, 2.5, 3.5}
    assert (shown.records["intensity"] - exact).abs().max() <= step / 2 * (1 + 1e-9)
    for wrong in (0, 4097, 2.5):
        with pytest.raises(ParameterError, match="levels"):
            HeatMap(levels=wrong)


def test_a_curve_falls_with_the_bandwidth_and_is_drawn(two):
    curve = heat_curve(two, [10, 1000], cell=8, levels=[None, 1])
    frame = curve.to_frame()
    first = frame[frame["measure"] == "reidentified"]
    assert first[["bandwidth", "levels"]].to_numpy().tolist() == [
        [10, 0], [1000, 0], [10, 1], [1000, 1],
    ]  # fmt: skip
    assert curve.value("reidentified", bandwidth=10.0, levels=0) == 1
    assert (first["low"] < first["value"]).all()
    assert curve.plot("reidentified").data["line"].nunique() == 4


def test_a_report_names_each_measure_in_both_languages(two):
    found = audit(publish(two, NARROW), truth=two.world)
    study = Study.of(found)
    assert (study.kind, list(study.measures)) == ("map", ["heat"])
    for lang in ("en", "fr"):
        words = Words(lang)
        assert all(words.has(f"measure.heat__{name}") for name in found.overall.index)
        assert words.has("family.heat")


@pytest.mark.parametrize(("additive", "noisy"), [
    ((True, False), True), ((None, True), True), ((False, None), False), ((), False),
])  # fmt: skip
def test_one_map_with_noise_of_several_is_bounded_by_it(additive, noisy):
    maps = [
        SimpleNamespace(protection=None if one is None else SimpleNamespace(additive=one))
        for one in additive
    ]
    assert _is_noisy(maps) == noisy
