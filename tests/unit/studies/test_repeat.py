"""The same audit in many towns: tidy runs, intervals that hold, nothing made twice."""

import dataclasses
import inspect
import re
from dataclasses import fields
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import t

import privaudit as pa
from privaudit.errors import ParameterError, ReadError
from privaudit.maps.scoring.access import LeakProbabilities, tier_exposure
from privaudit.release.release import PictureRelease
from privaudit.report.charts import tornado_chart
from privaudit.report.names import label_of
from privaudit.report.sentences import ResultLookup
from privaudit.results.repeated import Repeated, people_over_towns
from privaudit.results.rows import Row
from privaudit.stats.intervals import one_more_group, share_of_groups
from privaudit.studies import repeat as of_repeat
from privaudit.studies import sensitivity as sensitivity_study
from privaudit.studies.repeat import repeat
from privaudit.studies.sensitivity import RANGES, brief_sensitivity, sensitivity
from privaudit.studies.study import Study
from privaudit.words.catalogues import Words

pytestmark = pytest.mark.heavy

SMALL = pa.Town(inhabitants=500)
BLURRED = pa.DotMap(mask=pa.masks.Donut(r_min=50, r_max=200))


@pytest.fixture(scope="module")
def found():
    vary = {"non_aligned": [0.0, 0.6]}
    return repeat(SMALL, views=BLURRED, adversaries="holds_register", seeds=range(4), vary=vary)


def test_each_run_is_the_audit_of_its_town(found):
    world = pa.simulate(pa.Town(inhabitants=500, non_aligned=0.6), seed=2, generic_likes=False)
    campaign = pa.run_campaign(world, seed=2, with_score=False)
    leak = pa.publish(campaign, BLURRED, seed=2)
    whom = pa.Adversary.holds_register(world.roll, mask=BLURRED.mask)
    alone = pa.audit(leak, whom, truth=world, seed=2).overall
    runs = found.runs[(found.runs["seed"] == 2) & (found.runs["non_aligned"] == 0.6)]
    runs = runs.set_index("gain")
    for gain in ("address", "household", "person", "opinion"):
        assert runs.loc[gain, "value"] == alone.loc[gain, "value"]
        assert runs.loc[gain, "n"] == alone.loc[gain, "n"]


def test_values_pool_the_people_of_all_towns(found):
    runs = found.runs[(found.runs["gain"] == "address") & (found.runs["non_aligned"] == 0.0)]
    row = found.row("reidentified", "address", non_aligned=0.0)
    hits, n = (runs["value"] * runs["n"]).sum(), runs["n"].sum()
    assert (row.value, row.n) == (pytest.approx(hits / n), n)
    ends = share_of_groups(runs["value"], n, runs["n"])
    assert (row.low, row.high) == pytest.approx(ends)
    told = found.overall.query("gain == 'address' and non_aligned == 0")
    assert tuple(told[["mean_low", "mean_high"]].iloc[0]) == (row.low, row.high)
    assert not {"low", "high"} & set(found.overall.columns)


def test_what_is_printed_over_towns_is_the_interval_of_their_mean():
    """Two settings of the same people, .3 of 40 in all: equal towns, and towns that differ.

    Of 0, .2, .4, .6 the variance is .2 / 3, of the mean .2 / 12; .21 over it is worth 12.6
    people, times (1.95996 / 3.18245)^2 = .37929 these are 4.7791. Wilson of .3 among so many is
    centre .38912, half .31863.
    """
    runs = pd.DataFrame(
        {"at": [0] * 4 + [1] * 4, "measure": "found", "gain": "address", "n": 10.0, "worth": 10.0,
         "value": [0.3] * 4 + [0.0, 0.2, 0.4, 0.6], "control": 0.1, "baseline": 0.1,
         "confidence": 0.5, "unit": "share", "counts": "people"}
    )  # fmt: skip
    alike, apart = people_over_towns(runs, ["at"])
    assert (apart.low, apart.high) == pytest.approx((0.07050, 0.70775), abs=2e-5)
    assert apart.high - apart.low > 1.3 * (alike.high - alike.low)
    assert apart.residual_high - apart.residual_low > alike.residual_high - alike.residual_low
    shown = Repeated(family="repeat", rows=[apart], provenance="simulated", runs=runs)
    assert r"30.0~\% & 7.0~\% -- 70.8~\%" in shown.to_latex()


def runs_of(unit, measure="moved", **values):
    """Return the runs of a design: a row a view and town."""
    parts = [
        pd.DataFrame({"seed": range(len(found)), "view": view, "measure": measure, "gain": "",
                      "value": np.asarray(found, float), "n": n, "unit": unit, "counts": "dots",
                      "baseline": np.nan, "control": np.nan, "confidence": np.nan})
        for view, (found, n) in values.items()
    ]  # fmt: skip
    runs = pd.concat(parts, ignore_index=True)
    rows = people_over_towns(runs, ["view"])
    return Repeated(family="repeat", rows=rows, provenance="simulated", runs=runs, varied=("view",))


def test_what_is_no_share_has_the_interval_of_the_mean_that_is_printed():
    """Of 1, 2, 6 with 20, 10 and 10 dots the mean is 2.5; the interval was that of 3."""
    (row,) = runs_of("metres", a=([1, 2, 6], [20, 10, 10])).rows
    assert row.value == 2.5
    # Weights w of 1/2, 1/4 and 1/4: sum(w^2) is .375, the variance 1.34375 / (1 - .375) = 2.15.
    assert row.high == pytest.approx(2.5 + t.ppf(0.975, 1 / 0.375 - 1) * 2.15**0.5)
    assert row.low == 0  # No distance is below 0, and none was.
    (row,) = runs_of("metres", a=([-1, 2, 9], [20, 10, 10])).rows
    assert (row.low + row.high) / 2 == pytest.approx(row.value)
    (row,) = runs_of("probability", a=([0.9, 0.99, 1], [9, 9, 9])).rows
    assert row.high == row.between_high == 1
    # One town with dots shows no variation; what no town knows has no range.
    (row,) = runs_of("metres", a=([3, 4], [0, 5])).rows
    assert (row.value, np.isnan(row.low)) == (4, True)
    (row,) = runs_of("probability", a=([np.nan] * 3, [9] * 3)).rows
    assert np.isnan([row.value, row.low, row.between_low, row.between_high]).all()


def test_towns_count_equally_in_the_mean_and_its_interval_where_people_are_unknown():
    """1, 2, 6: mean 3, deviation sqrt(7), half 4.302653 sqrt(7 / 3). The interval was nan."""
    for values, people in (([1, 2, 6], [np.nan, 5, 5]), ([np.nan, 1, 2, 6], [9, 0, 0, 0])):
        (row,) = runs_of("metres", a=(values, people)).rows
        assert (row.value, row.high) == pytest.approx((3, 3 + 4.302653 * (7 / 3) ** 0.5))


def test_a_rank_is_the_mean_place_in_each_town_and_ties_are_both_first():
    """In four towns a is first, second, first, and at one place with b."""
    found = runs_of("metres", b=([2, 1, 9, 5], [9] * 4), a=([1, 2, 6, 5], [9] * 4))
    ranked = found.rank(gain="", measure="moved")
    assert ranked.index.tolist() == ["a", "b"]
    assert ranked["value"].tolist() == [3.5, 4.25]
    assert ranked["mean_rank"].tolist() == [(1 + 2 + 1 + 1.5) / 4, (2 + 1 + 2 + 1.5) / 4]
    assert ranked["first"].tolist() == [3 / 4, 2 / 4]
    assert ranked["difference"].tolist()[1] == 0.75


def test_an_end_is_clipped_where_no_town_lay_beyond_it():
    """One town below 0 left both ends open; an end at 1 was below its own mean."""
    (row,) = runs_of("share", a=([-0.5, 0.5, 0.9], 5)).rows
    assert row.between_low < -1
    assert row.between_high == 1
    # Deviation .3: half is 4.302653 * .3 / sqrt(3).
    (row,) = runs_of("share", a=([1.2, 1.5, 1.8], 5)).rows
    assert (row.low, row.high) == pytest.approx((1.5 - 0.745241, 1.5 + 0.745241))


def test_a_town_without_a_finite_difference_leaves_none():
    """It was left out: the value of the others stood beside the people of all."""
    for value in (np.inf, -np.inf):
        design = runs_of("metres", a=([value, 40, 60], 5), b=([10, 20, 30], 5))
        gap = design.difference("a", "b", gain="", measure="moved").rows[0]
        assert np.isnan([gap.value, gap.low, gap.high]).all()
    design = runs_of("metres", a=([np.inf, 40, 60], [0, 5, 5]), b=([10, 20, 30], 5))
    assert design.difference("a", "b", gain="", measure="moved").rows[0].value == 25


@pytest.mark.parametrize(
    ("other", "counted", "chance", "share"),
    [([20, 40, 60], 0, 1, 1 / 2), ([19, 40, 60], 1, 1, 4 / 6), ([21, 40, 60], 1, 1, 2 / 6),
     ([19, 39, 60], 2, 1 / 2, 5 / 6), ([19, 39, 61], 3, 1, 2 / 3)],
)  # fmt: skip
def test_towns_without_a_difference_are_of_neither_side(other, counted, chance, share):
    """Signs alike in two of two: 2 / 4. In two of three: 1."""
    design = runs_of("metres", a=([20, 40, 60], 5), b=(other, 5))
    _, sign, higher = design.difference("a", "b", gain="", measure="moved").rows
    assert (sign.measure, sign.n, higher.n) == ("sign_test", counted, 3)
    assert (sign.value, higher.value) == pytest.approx((chance, share))


def test_a_difference_of_what_is_no_share_is_in_its_own_unit():
    """10, 20 and 30 m: deviation 10, t 4.302653, half 24.841377. It was cut to [-1, 1]."""
    design = runs_of("metres", a=([20, 40, 60], 5), b=([10, 20, 30], 5))
    gap = design.difference("a", "b", gain="", measure="moved").rows[0]
    assert (gap.value, gap.low, gap.high) == pytest.approx((20, -4.841377, 44.841377))
    assert (gap.unit, gap.counts) == ("metres", "dots")
    alike = runs_of("people", a=([400, 380], 5), b=([400, 380], 5))
    gap = alike.difference("a", "b", gain="", measure="moved").rows[0]
    # Towns that differ alike do not show how much others would.
    assert (gap.value, np.isnan([gap.low, gap.high]).all()) == (0, True)
    shares = runs_of("share", a=([1, 1, 0.8], 5), b=([0, 0, 0.1], 5))
    gap = shares.difference("a", "b", gain="", measure="moved").rows[0]
    assert (gap.unit, gap.high) == ("difference", 1)


@pytest.mark.parametrize(("lang", "gain"), [("en", "right household"), ("fr", "bon foyer")])
def test_a_report_names_the_gain_of_each_row(lang, gain):
    """Four gains of a cell were all "Reidentified (exact dots)", in French too."""
    shared = {"value": 0.5, "unit": "share", "n": 20, "counts": "people", "gain": "household"}
    row = Row(measure="reidentified", part={"view": "exact"}, **shared)
    assert label_of(Words(lang), "repeat", row).startswith(gain)
    assert "eidentified" not in label_of(Words(lang), "repeat", row)
    assert gain in label_of(Words(lang), "of_late", Row(measure="unheard_of", **shared))


def test_one_more_town_lies_in_the_range():
    """Prediction interval of normal values: 95 % of 4,000 tries, 3 standard errors are 1 %."""
    rng = np.random.default_rng(4)
    held = 0
    for _ in range(4_000):
        low, high = one_more_group(rng.normal(0.3, 0.05, 20))
        held += low <= rng.normal(0.3, 0.05) <= high
    assert held / 4_000 == pytest.approx(0.95, abs=0.0104)


def test_workers_and_a_cache_change_nothing(found, tmp_path):
    settings = {"views": BLURRED, "adversaries": "holds_register", "seeds": range(4)}
    vary = {"non_aligned": [0.0, 0.6]}
    for _ in range(2):
        again = repeat(SMALL, vary=vary, cache=tmp_path / "kept", n_jobs=2, **settings)
        pd.testing.assert_frame_equal(again.runs, found.runs)
    assert again.rows == found.rows


@pytest.mark.slow
def test_threads_change_nothing(found):
    from joblib import parallel_config

    vary = {"non_aligned": [0.0, 0.6]}
    with parallel_config(backend="threading"):
        again = repeat(
            SMALL, vary=vary, views=BLURRED, adversaries="holds_register", seeds=range(4), n_jobs=2
        )
    pd.testing.assert_frame_equal(again.runs, found.runs)


def test_it_draws_a_curve_a_gain_along_a_number_and_a_line_a_setting_else(found):
    along = found.plot(lang="fr")
    assert along.data["curve"].nunique() == 4
    assert re.search(r"sans adhésion</text>", along.svg)
    alone = repeat(SMALL, views=pa.DotMap(), adversaries="nearest", seeds=[1, 2])
    first = alone.plot().data.query("line == 'Right address'")
    towns = alone.runs.loc[alone.runs["gain"] == "address", "value"].tolist()
    assert first["value"].tolist()[: len(towns)] == towns
    assert first["outer_high"].iloc[-1] == alone.row("reidentified", "address").between_high


def test_a_bar_moves_in_a_notebook_and_is_silent_elsewhere(monkeypatch, capsys):
    import sys
    import types

    from privaudit.core.progress import progress

    def two_steps():
        with progress("repeat", 2) as tick:
            tick("a town")
            tick("a town")
        return capsys.readouterr().err

    assert two_steps() == ""
    shell = types.SimpleNamespace(kernel=object())
    # What is quick shows no bar; here none is waited for.
    monkeypatch.setattr("privaudit.core.progress.DELAY", 0)
    monkeypatch.setitem(sys.modules, "IPython", types.SimpleNamespace(get_ipython=lambda: shell))
    assert "/2" in two_steps()


def test_it_is_short_in_a_notebook(found):
    assert repr(found) == "Measures(repeat, simulated, reidentified)"


def test_a_study_that_was_stopped_goes_on_where_it_was(tmp_path, monkeypatch):
    from privaudit.studies import repeat as module

    made = []
    simulate = module.simulate
    monkeypatch.setattr(
        module, "simulate", lambda *a, **k: made.append(k["seed"]) or simulate(*a, **k)
    )

    def stop(_):
        if len(made) == 2:
            raise KeyboardInterrupt

    settings = {"views": pa.DotMap(), "adversaries": "nearest", "seeds": [3, 4, 5]}
    with pytest.raises(KeyboardInterrupt):
        repeat(SMALL, cache=tmp_path, tick=stop, **settings)
    repeat(SMALL, cache=tmp_path, **settings)
    assert made == [3, 4, 5]


def test_measures_are_repeated_too():
    found = repeat(SMALL, views=pa.AreaMap(), seeds=[1, 2])
    runs = found.runs[found.runs["measure"] == "given_to_unmarked(household)"]
    row = next(row for row in found.rows if row.measure == "given_to_unmarked(household)")
    assert (row.n, row.counts) == (runs["n"].sum(), "households")
    assert row.value == pytest.approx((runs["value"] * runs["n"]).sum() / runs["n"].sum())
    assert found.runs["seed"].tolist() == sorted(found.runs["seed"])


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"vary": {"non_alined": [0]}}, "Did you mean 'non_aligned'"),
        ({"vary": {"non_aligned": 0.3}}, "values of non_aligned, one or more"),
        ({"seeds": [1]}, "two seeds or more"),
        ({"seeds": [1, 1]}, "each once"),
        ({"adversaries": "nearst"}, "nearst"),
        ({"n_jobs": 0}, "n_jobs"),
    ],
)
def test_a_wrong_call_is_one_clear_line(wrong, said):
    given = {"views": pa.DotMap(), "adversaries": "nearest", "seeds": [1, 2]} | wrong
    with pytest.raises(ParameterError, match=said):
        repeat(SMALL, **given)


def test_a_town_of_which_nobody_is_on_the_map_weighs_nothing():
    none = pa.CampaignPlan(min_interactions=1_000)
    found = repeat(SMALL, plans=none, views=pa.DotMap(), adversaries="nearest", seeds=[1, 2])
    row = found.row("reidentified", "address")
    assert np.isnan(row.value)
    assert row.n == 0
    # Counts by area have no row at all then.
    with pytest.raises(ParameterError, match="somebody on the map"):
        repeat(SMALL, plans=none, views=pa.AreaMap(), seeds=[1, 2])


def test_every_assumption_is_a_parameter_with_two_ends_around_its_default():
    for kind in (pa.Town, pa.CampaignPlan, pa.io.Filled, pa.maps.Links, LeakProbabilities):
        usual = {f.name: getattr(kind(), f.name) for f in fields(kind)}
        for name in RANGES.keys() & usual.keys():
            low, high = RANGES[name]
            pair = isinstance(usual[name], tuple)
            # What is left to the kind of town: see the laws of homes.
            if usual[name] is not None:
                assert low <= (usual[name][0] if pair else usual[name]) <= high
            for end in (low, high):
                kind(**{name: (end, end) if pair else end})


def test_more_accounts_and_likelier_leaks_let_more_people_out():
    ranges = {"n_public_users": [0, 600], "file": [0.01, 0.3], "n_team": [3]}
    found = sensitivity(SMALL, views={}, ranges=ranges, towns=2, seed=3)
    for name, low, high in (("n_public_users", 0, 600), ("file", 0.01, 0.3)):
        few, many = (found.row("leaked", parameter=name, at=at) for at in (low, high))
        assert few.value < few.baseline < many.value
    # By hand, of the unvaried towns.
    campaigns = [
        pa.run_campaign(pa.simulate(SMALL, seed=s, generic_likes=False), seed=s, with_score=False)
        for s in (3, 4)
    ]
    rows = [
        tier_exposure(campaign).row("expected_people_by_address", moment="before")
        for campaign in campaigns
    ]
    usual = found.row("leaked", parameter="n_team", at=3)
    assert usual.value == usual.baseline == pytest.approx(np.mean([r.value / r.n for r in rows]))


@pytest.fixture(scope="module")
def moved():
    ranges = {
        "min_interactions": [1, 2], "kin_near": [0.0, 1.0], "opens": [0.0, 0.35], "emails": [0.4],
    }  # fmt: skip
    return sensitivity(SMALL, views={"exact": None}, ranges=ranges, towns=2, seed=3)


def test_sensitivity_stands_beside_the_same_towns_unvaried(moved):
    runs = repeat(SMALL, views=pa.DotMap(), adversaries="holds_register", seeds=[3, 4]).runs
    address = runs[runs["gain"] == "address"]
    now = np.average(address["value"] - address["control"], weights=address["n"])
    on_map = [row for row in moved.rows if row.measure == "net"]
    assert [row.baseline for row in on_map] == pytest.approx([now] * 7)
    same = moved.row("net", parameter="min_interactions", at=1)
    assert same.value == pytest.approx(now)


def test_what_is_mailed_moves_the_message_and_not_the_map(moved):
    """Where nobody opens, an e-mail reaches nobody and a click tells nothing; the map stays."""
    for measure in ("net", "whole", "answers_tell"):
        for name, usual in (("opens", 0.35), ("emails", 0.4), ("min_interactions", 1)):
            row = moved.row(measure, parameter=name, at=usual)
            assert row.value == pytest.approx(row.baseline, nan_ok=True), (measure, name)
    shut = {m: moved.row(m, parameter="opens", at=0.0) for m in ("net", "whole", "answers_tell")}
    assert shut["net"].value == shut["net"].baseline
    assert shut["whole"].value <= shut["whole"].baseline
    worlds = [pa.simulate(SMALL, seed=seed, generic_likes=False) for seed in (3, 4)]
    silent = pa.Mailing(filled=pa.io.Filled(emails=0))
    door = [
        pa.chain(w, pa.run_campaign(w, seed=s, with_score=False), mailing=silent, seed=s)
        .row("whole").residual
        for w, s in zip(worlds, (3, 4), strict=True)
    ]  # fmt: skip
    assert shut["whole"].value == pytest.approx(np.mean(door))


@pytest.mark.slow
def test_what_ordinary_likes_rest_on_moves_the_score_alone():
    ranges = {"label_share": [0.05, 0.5], "top_reach": [0.25]}
    town = pa.Town(inhabitants=3_000)
    found = sensitivity(town, views={"exact": None}, ranges=ranges, towns=2, seed=3)
    assert {row.measure for row in found.rows} == {
        "score_tells", "cells_right", "inhabitants", "on_map",
    }  # fmt: skip
    few, many = (found.row("score_tells", parameter="label_share", at=at) for at in (0.05, 0.5))
    assert few.value < few.baseline < many.value
    usual = found.row("score_tells", parameter="top_reach", at=0.25)
    assert usual.value == usual.baseline
    worlds = [(pa.simulate(town, seed=seed), seed) for seed in (3, 4)]
    areas = [pa.run_campaign(w, seed=s).quality.value("score_auc") for w, s in worlds]
    assert usual.value == pytest.approx(np.mean(areas))


def _scenarios(kind):
    """Parameters that the docstring of a class calls a scenario, or all of one that says so."""
    head, _, rest = inspect.cleandoc(kind.__doc__).partition("Parameters\n----------\n")
    blocks = re.split(r"\n(?=\S)", rest.split("\n\n")[0])
    usual = {f.name: getattr(kind(), f.name) for f in fields(kind)}
    told = {name for name, value in usual.items() if not isinstance(value, (str, bool))}
    if re.search(
        r"each a scenario|every (figure|default) is a \*?scenario", " ".join(head.split()), re.I
    ):
        return told
    said = {
        name.strip() for block in blocks if "scenario" in block.lower()
        for name in block.partition(" :")[0].split(",")
    }  # fmt: skip
    return said & told


def test_every_scenario_has_its_range_and_a_name():
    assert {"kin_near", "kin_in_town", "opens", "clicks", "scanned", "forwarded", "emails",
            "share_visited", "door_open_rate", "attributes_shown", "profession_shown",
            "n_public_users", "n_volunteers", "n_team",
            "no_party_likers"} <= set(RANGES)  # fmt: skip
    # Whatever a docstring calls a scenario has a range, but for days.
    for kind in (pa.Town, pa.CampaignPlan, pa.io.Filled, pa.maps.Links, LeakProbabilities):
        for name in _scenarios(kind) - {"launch", "restricted_at", "as_of"}:
            assert name in RANGES, name
    for lang in ("en", "fr"):
        assert all(Words(lang).has(f"assumption.{name}") for name in RANGES)


def test_what_nothing_has_is_not_varied():
    with pytest.raises(ParameterError, match="CampaignPlan, Filled, Links or LeakOdds"):
        sensitivity(SMALL, views={}, ranges={"openz": [0.1]}, towns=2)


def test_a_tornado_shows_what_moves_each_headline_most(moved):
    study = Study(
        kind="demo", title="t", provenance="simulated", real_places=False,
        measures={"sensitivity": moved},
    )  # fmt: skip
    for lang in ("en", "fr"):
        words = Words(lang)
        drawing = tornado_chart(study, words, ResultLookup(study))
        assert words("assumption.min_interactions") in drawing.description


def test_homes_in_a_tornado_are_numbers_and_the_axis_says_in_how_many_towns():
    found = brief_sensitivity(SMALL, views={"exact": None}, seed=3)
    assert {row.n for row in found.rows if row.measure == "net"} == {3}
    assert {row.measure for row in found.rows} == {
        "reidentified", "by_chance", "net", "inhabitants", "on_map",
    }  # fmt: skip
    study = Study(
        kind="demo", title="t", provenance="simulated", real_places=False,
        measures={"sensitivity": found},
    )  # fmt: skip
    drawing = tornado_chart(study, Words("en"), ResultLookup(study))
    towns = [
        pa.run_campaign(
            pa.simulate(pa.Town(inhabitants=500, kind="rural", candidate_reach=0.2), seed=s),
            seed=s, with_score=False,
        )
        for s in (3, 4, 5)
    ]  # fmt: skip
    people = round(np.mean([len(campaign.dots) for campaign in towns]))
    shown = " ".join(re.sub(r"<[^>]+>", " ", drawing.svg.replace("\u00a0", " ")).split())
    assert f"mean of 3 towns of 500 people, {people} on each map" in shown
    assert not re.search(r"at \d{3,}(\.\d)? ?%", drawing.description.replace("\u00a0", " "))


def test_runs_that_are_announced_are_those_that_are_made():
    # Two assumptions of the brief make other towns, at two ends each; one town with none varied.
    assert sensitivity_study.BRIEF_RUNS == 3 * (1 + 2 * 2)
    ranges, views = sensitivity_study.ranges_of(SMALL), {"exact": None}
    made = {
        likes: sensitivity_study._tasks(
            SMALL, pa.CampaignPlan(), views, ranges, range(5), likes=likes
        )
        for likes in (False, True)
    }
    assert len(made[False]) + len(made[True]) == sensitivity_study.SENSITIVITY_RUNS
    few = {name: ranges[name] for name in sensitivity_study.BRIEF}
    tasks = sensitivity_study._tasks(SMALL, pa.CampaignPlan(), views, few, range(3), likes=False)
    assert len(tasks) == sensitivity_study.BRIEF_RUNS


def test_a_brief_run_is_the_same_towns_as_a_full_one():
    """Of a town that is small enough, the same figures as `sensitivity` gives."""
    brief = brief_sensitivity(SMALL, views={"exact": None}, seed=3)
    ranges = {"min_interactions": [1, 2]}
    same = dataclasses.replace(SMALL, kind="rural", candidate_reach=0.2)
    full = sensitivity(same, views={"exact": None}, ranges=ranges, towns=3, seed=3)
    for at in (1, 2):
        one, other = (s.row("net", parameter="min_interactions", at=at) for s in (brief, full))
        assert one.value == other.value


def test_a_picture_that_cannot_be_read_is_left_out_and_stops_nothing(monkeypatch):
    """It says nothing of what others find on it: the mean is that of the town that was read."""

    def unread_at_50(leak, adversary, *, truth, seed):
        if seed == 50 and isinstance(leak, PictureRelease):
            raise ReadError("no mark")
        return pa.audit(leak, adversary, truth=truth, seed=seed)

    monkeypatch.setattr("privaudit.studies.repeat.audit", unread_at_50)
    town, view = pa.Town(inhabitants=1_200), pa.Screenshot(zoom=12)
    found = repeat(town, views=view, adversaries="nearest", seeds=[3, 50])
    design = repeat(town, views=[view, "exact"], adversaries="nearest", seeds=[3, 50])
    with pytest.raises(ParameterError, match=r"but got 1\. Publish pictures of more pixels"):
        design.difference(*design.runs["view"].unique())
    world = pa.simulate(town, seed=3, generic_likes=False)
    campaign = pa.run_campaign(world, seed=3, with_score=False)
    first = pa.audit(pa.publish(campaign, view, seed=3), "nearest", truth=world)
    row, unread = found.row("reidentified", "address"), found.runs[found.runs["seed"] == 50]
    assert row.n == len(campaign.dots)
    assert row.value == pytest.approx(first.per_person["address"].mean())
    assert len(unread) == 4
    assert unread["value"].isna().all()
    assert (unread[["n", "worth"]] == 0).all(axis=None)
    notes = {note.key: dict(note.values) for note in found.notes}
    assert notes["pictures_unread"] == {"n": 1, "of": 2}
    assert "unread" not in found.runs


def test_a_count_of_seeds_and_a_campaign_for_a_truth_are_told_what_to_do():
    with pytest.raises(ParameterError, match=r"seeds, two or more, but got 8\. Give range"):
        repeat(SMALL, views=pa.DotMap(), adversaries="nearest", seeds=8)
    campaign = pa.run_campaign(pa.simulate(SMALL, seed=3, generic_likes=False), seed=3,
                               with_score=False)  # fmt: skip
    leak = pa.publish(campaign, pa.DotMap(), seed=3)
    with pytest.raises(ParameterError, match=r"got a Campaign\. Give campaign\.world"):
        pa.audit(leak, "nearest", truth=campaign)


def test_the_caption_of_a_figure_of_towns_stays_within_a_column(tmp_path):
    """By Matplotlib's own measure of its bold letters of 19 pixels, in a drawing of 340."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import TextPath

    found = repeat(SMALL, views=pa.DotMap(), adversaries="nearest", seeds=[3, 4])
    bold = FontProperties(family="DejaVu Sans", weight="bold")
    for lang in ("en", "fr"):
        place = found.plot(lang=lang).save(tmp_path / "towns.svg", width="column")
        svg = place.read_text(encoding="utf-8")
        assert 'width="88mm" viewBox="0 0 340 ' in svg
        lines = re.findall(r'<text x="16" y="\d+" class="title">([^<]+)', svg)
        assert len(lines) > 1
        for text in lines:
            # What Matplotlib draws is 88 hundredths of this.
            assert 16 + TextPath((0, 0), text, size=19, prop=bold).get_extents().x1 <= 340
        assert Words(lang)("provenance.simulated") in re.sub(r"</text><text[^>]*>", " ", svg)


def test_towns_that_differ_in_their_roll_alone_are_simulated_once(monkeypatch):
    """The figures of each are those of the town that is simulated with that roll."""
    made = []

    def counted(town, **how):
        made.append(how["seed"])
        return pa.simulate(town, **how)

    monkeypatch.setattr("privaudit.studies.sensitivity.simulate", counted)
    ranges = {"roll_staleness": [0.02, 0.2], "min_interactions": [1, 2]}
    found = sensitivity(SMALL, views={"exact": None}, ranges=ranges, towns=2, seed=3)
    assert made == [3, 4]
    named = [row.part.get("parameter") for row in found.rows if row.measure == "net"]
    assert named == ["min_interactions"] * 2 + ["roll_staleness"] * 2
    old = dataclasses.replace(SMALL, roll_staleness=0.2)
    runs = repeat(old, views=pa.DotMap(), adversaries="holds_register", seeds=[3, 4]).runs
    address = runs[runs["gain"] == "address"]
    by_hand = np.average(address["value"] - address["control"], weights=address["n"])
    assert found.row("net", parameter="roll_staleness", at=0.2).value == pytest.approx(by_hand)


def test_sensitivity_counts_people_of_all_maps_with_the_interval_of_a_share(monkeypatch):
    """9 of 9, 3 of 3 and 0 of 8 people are 12 of 20; towns that find everybody are not certain."""
    on_maps, shares = [9.0, 3.0, 8.0], {0.2: [1.0, 1.0, 0.0], 0.4: [1.0, 1.0, 1.0]}

    def run(task):
        town = {
            ("roll_staleness", at): {("reidentified", "exact"): share[task.seed - 3]}
            for at, share in shares.items()
        }
        town[None] = {("reidentified", "exact"): 0.5}
        return [(at, row | {("on_map", ""): on_maps[task.seed - 3]}) for at, row in town.items()]

    monkeypatch.setattr("privaudit.studies.sensitivity._VariedTask.run", run)
    ranges = {"roll_staleness": list(shares)}
    found = sensitivity(SMALL, views={"exact": None}, ranges=ranges, towns=3, seed=3)
    some, all_found = (found.row("reidentified", view="exact", at=at) for at in shares)
    assert (some.value, all_found.value) == (0.6, 1.0)
    for row, share in ((some, shares[0.2]), (all_found, shares[0.4])):
        assert (row.low, row.high) == share_of_groups(share, 20.0, on_maps)
    # Wilson's bound of 20 of 20 is .84; three towns say less than 20 people.
    assert all_found.low < 0.84


def test_a_design_of_which_no_picture_is_read_says_so(monkeypatch):
    def unread(leak, adversary, *, truth, seed):
        raise ReadError("no mark")

    monkeypatch.setattr("privaudit.studies.repeat.audit", unread)
    town, view = pa.Town(inhabitants=1_200), pa.Screenshot(zoom=12)
    with pytest.raises(ParameterError, match="picture that can be read"):
        repeat(town, views=view, adversaries="nearest", seeds=[3, 50])


def test_values_that_vary_may_be_frames():
    """Whether two are one cannot be asked of frames; that a cell cannot be used is said by name."""
    frame = pd.DataFrame({"a": [1, 2]})
    with pytest.raises(ParameterError, match="cells"):
        repeat(SMALL, views=pa.DotMap(), adversaries="nearest", vary={"cells": [None, frame]},
               seeds=[3, 4])  # fmt: skip


@pytest.mark.parametrize("alone", [True, False])
@pytest.mark.parametrize("custom", [True, False])
@pytest.mark.parametrize("made", [True, False])
def test_code_of_a_caller_that_fails_on_one_map_of_several_leaves_it_empty(
    monkeypatch, alone, custom, made
):
    """Our own code, one cell alone or a town that cannot be made stop the design."""

    def fails(cell, town):
        raise ValueError("a cell of the map")

    monkeypatch.setattr(of_repeat, "_made", fails)
    cell = SimpleNamespace(is_custom=custom, has_gains=False)
    town = SimpleNamespace(is_made=lambda of: made)
    worker = of_repeat._InTown(seed=1, cells=(), cache=None, alone=alone)
    if alone or not custom or not made:
        with pytest.raises(ValueError, match="a cell of the map"):
            worker._of(cell, town)
    else:
        (row,) = worker._of(cell, town).to_dict("records")
        assert "ValueError" in row["failed"]
        assert "a cell of the map" not in row["failed"]
