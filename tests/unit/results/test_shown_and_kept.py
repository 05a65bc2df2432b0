"""Results as figures, tables and pages of a notebook; frames taken over; towns kept."""

import dataclasses
import re
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

import privaudit as pa
from privaudit.report.page import figure_style
from privaudit.results.painter import LOOKS, variables
from privaudit.results.rows import Row
from privaudit.studies import frontier as frontiers
from privaudit.words.catalogues import languages


@pytest.fixture(scope="module")
def campaign():
    return pa.run_campaign(pa.simulate(pa.Town(inhabitants=1_500), seed=7), seed=7)


@pytest.fixture(scope="module")
def found(campaign):
    leak = pa.publish(campaign, pa.DotMap(mask=pa.masks.Donut(r_min=50, r_max=200)), seed=7)
    return pa.audit(leak, "knows_mask", truth=campaign.world, gains={"near": near})


def near(true, guessed):
    return np.hypot(*(true - guessed).T) <= 100


@pytest.fixture(scope="module")
def measured():
    people = pd.DataFrame(
        {"age": [30, 30, 41] * 10, "sex": list("FFM") * 10, "party": list("aba") * 10},
        index=[f"p{k}" for k in range(30)],
    )
    return pa.measure(people, pa.Roles(key=["age", "sex"], sensitive="party"))


def test_a_figure_shows_itself_without_pyplot(found, measured):
    for result in (found, measured):
        shown = result.plot()
        assert isinstance(shown, pa.io.Display)
        assert shown._repr_svg_().startswith("<svg ")
        assert len(shown.data) > 0
    code = "import privaudit as pa, sys; pa.io.Display; print('matplotlib' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


@pytest.mark.parametrize("lang", languages())
def test_a_figure_is_in_somebody_s_language_and_can_be_drawn_again(found, lang):
    data = found.plot(lang=lang).data
    labels = list(dict.fromkeys(data["line"].dropna()))
    assert labels[0] == {"en": "Right address", "fr": "Bonne adresse"}[lang]
    assert labels[-1] == "near"
    # The last mark of a line is the value, with its interval.
    last = data.dropna(subset="line").groupby("line", sort=False)[["value", "low", "high"]].last()
    values = found.overall[["value", "low", "high"]]
    assert np.allclose(last.to_numpy(), values.to_numpy(float), equal_nan=True)


def test_eight_rows_are_drawn_and_none_without_a_number(measured):
    assert measured.plot().data["line"].nunique() == 8
    # Each line has a dot.
    shown = measured.plot(most=30)
    assert np.isfinite(shown.data.groupby("line")["value"].last()).all()
    assert shown.html.count('class="m-red" c') == 2 * shown.data["line"].nunique()
    assert measured.plot("k_anonymity").data["line"].nunique() == 1
    with pytest.raises(pa.PrivauditError, match="Did you mean 'k_anonymity'"):
        measured.plot("k_anonymty")
    none = dataclasses.replace(
        measured, rows=[dataclasses.replace(r, value=np.nan) for r in measured.rows]
    )
    assert "There is nothing to draw." in none.plot()._repr_svg_()
    assert none.plot().data.empty


def test_notebook_and_report_have_one_look(measured):
    for part in (LOOKS, variables(0), variables(1)):
        assert part in figure_style()
        assert part in measured.plot()._repr_svg_()


@pytest.mark.heavy
def test_a_figure_is_saved_as_wide_as_a_column(found, tmp_path):
    from PIL import Image

    shown = found.plot()
    with Image.open(shown.save(tmp_path / "one.png", width="column", dpi=100)) as image:
        assert image.width == pytest.approx(88 / 25.4 * 100, abs=1)
        assert image.height > image.width
    svg = shown.save(tmp_path / "one.svg").read_text(encoding="utf-8")
    assert 'width="180mm"' in svg
    assert "Right address" in svg
    again = found.plot().save(tmp_path / "two.svg").read_text(encoding="utf-8")
    assert svg == again
    for name in ("one.pdf", "one.png"):
        assert shown.save(tmp_path / name).read_bytes() == shown.save(tmp_path / name).read_bytes()
    assert (tmp_path / "one.pdf").read_bytes()[:5] == b"%PDF-"
    for wrong in ({"width": "colum"}, {"width": 0}):
        with pytest.raises(pa.PrivauditError):
            shown.save(tmp_path / "one.png", **wrong)
    with pytest.raises(pa.PrivauditError, match="ending"):
        shown.save(tmp_path / "one.gif")


def test_a_page_of_a_notebook_is_short_and_says_no_person(found, measured, campaign):
    for result, most in ((found, 5), (measured, 8)):
        html = result._repr_html_()
        assert html.count("<tr>") <= most
    assert re.search(r"\b[1-8] of \d+ rows", measured._repr_html_())
    world = campaign.world
    register = pa.Adversary.holds_register(world.roll)
    for thing in (world, campaign, register):
        assert "<table>" in thing._repr_html_()
        assert world.roll["last_name"].iloc[3] not in thing._repr_html_()
    assert f"{len(world.people):,}" in world._repr_html_()


def test_a_table_in_latex_escapes_what_must_be(found):
    made = dataclasses.replace(
        pa.Measures(family="by hand", rows=[Row(measure="a_b", value=0.5, unit="share", n=20,
                                                counts="people", low=0.25, high=0.75)]),
    )  # fmt: skip
    assert made.to_latex().splitlines() == [
        r"\begin{tabular}{lrrr}",
        r"\toprule",
        r"measure & value & 95~\% interval & n \\",
        r"\midrule",
        r"A b & 50.0~\% & 25.0~\% -- 75.0~\% & 20 \\",
        r"\bottomrule",
        r"\end{tabular}",
    ]
    assert r"Bonne adresse &" in found.to_latex(lang="fr")
    with pytest.raises(pa.PrivauditError, match="pip install great_tables"):
        found.to_great_table()


def test_measures_keep_the_index_of_their_frame(measured):
    assert measured.per_record.index[:2].tolist() == ["p0", "p1"]


def test_addresses_and_maps_take_frames_and_each_other_s_results():
    frame = pd.DataFrame({"x": [0.0, 40, np.nan], "y": 0.0, "electors": [1, 2, 3]})
    before = frame.copy()
    base = pa.io.read_addresses(frame)
    assert base.real
    assert base.frame["electors"].tolist() == [1, 2]
    assert sum(base.set_aside.values()) == 1
    pd.testing.assert_frame_equal(frame, before)
    assert pa.io.read_addresses(base) is base
    assert pa.io.read_addresses(base.frame).frame.equals(base.frame)
    national = pd.DataFrame(
        {"code_insee": [94042, "94042", "94068"], "numero": [1, 2, 3], "nom_voie": "Rue A",
         "x": [659100.0, 659130, 659200], "y": 6858900.0}
    )  # fmt: skip
    taken = pa.io.read_addresses(national, commune="94068")
    assert taken.crs == "EPSG:2154"
    assert taken.frame["number"].tolist() == ["3"]
    with pytest.raises(pa.PrivauditError, match="'94069'"):
        pa.io.read_addresses(national, commune="94069")
    with pytest.raises(pa.PrivauditError, match="'x' is not a column"):
        pa.io.read_addresses(pd.DataFrame({"a": [1]}))
    dots = pd.DataFrame({"x": [1.0, 41], "y": 0.0, "status": "red"})
    leak = pa.read_map(dots, addresses=frame.dropna())
    again = pa.read_map(leak)
    assert again.backdrop is leak.backdrop
    pd.testing.assert_frame_equal(again.records, leak.records)
    with pytest.raises(pa.PrivauditError, match="the addresses of the place"):
        pa.read_map(dots)


def test_a_report_takes_several_results(measured, found, tmp_path):
    both = {"before": measured, "after": measured}
    page = pa.report(both, tmp_path / "dict")
    assert "result" in page.with_name("findings.json").read_text(encoding="utf-8")
    assert pa.report([found], tmp_path / "list").exists()
    with pytest.raises(pa.PrivauditError, match="Give a dict"):
        pa.report([measured, measured], tmp_path / "none")
    with pytest.raises(pa.PrivauditError, match="one provenance"):
        pa.report([measured, found], tmp_path / "none")


def test_parameters_compare_and_hash(campaign):
    mask = pa.masks.Donut(r_min=50, r_max=200)
    for make in (
        pa.Town, pa.CampaignPlan, pa.DotMap, pa.TableExport, pa.AreaMap, pa.HeatMap, pa.Roles,
        lambda: pa.Adversary.knows_mask(mask),
        lambda: pa.Adversary.holds_register(campaign.world.roll.copy()),
        lambda: pa.Adversary(name="mine", mask=mask, prior=[1.0, 2.0]),
        lambda: pa.Town(base=campaign.world.addresses),
    ):  # fmt: skip
        assert make() == make()
        assert hash(make()) == hash(make())
    assert pa.Town(inhabitants=500) != pa.Town()
    assert pa.Adversary.knows_mask(mask) != pa.Adversary.knows_electors(mask)


@pytest.mark.heavy
def test_towns_and_campaigns_are_kept_where_a_notebook_says(tmp_path):
    town = pa.Town(inhabitants=300)
    before = pa.run_campaign(pa.simulate(town, seed=3), seed=3)
    store = pa.cache(tmp_path / "kept")
    try:
        for _ in range(2):
            world = pa.simulate(town, seed=3)
            campaign = pa.run_campaign(world, seed=3)
        assert store.misses == store.hits == ["world", "campaign of a world"]
        pa.simulate(town, seed=4)
        assert store.misses.count("world") == 2
    finally:
        assert pa.cache(None) is None
    pd.testing.assert_frame_equal(campaign.profiles, before.profiles)
    pd.testing.assert_frame_equal(campaign.dots, before.dots)
    assert world.identity == before.world.identity


def test_whoever_stops_a_frontier_has_what_is_done(campaign, monkeypatch):
    done = []

    def point(*given):
        if done:
            raise KeyboardInterrupt
        done.append(given)
        return real(*given)

    real = frontiers._point
    monkeypatch.setattr(frontiers, "_point", point)
    found = pa.frontier(campaign, [pa.masks.Exact(), pa.masks.Donut(r_min=50, r_max=200)])
    assert found.frame["mask"].tolist() == ["exact"]
    assert [dict(n.values) for n in found.notes if n.key == "stopped_early"] == [
        {"done": 1, "of": 2}
    ]


def test_a_measure_of_one_s_own_is_taken_and_held_to_its_laws():
    people = pd.DataFrame({"age": [30, 30, 30, 41, 60]})
    largest = pa.tables.TableMeasure(
        word="largest_class", take=lambda facts: float(facts.size.max()), unit="records",
        laws={"rows_shuffled": "same", "everybody_twice": "double", "key_coarsened": "not_less"},
    )  # fmt: skip
    assert pa.measure(people, pa.Roles(key="age"), own=[largest]).value("largest_class") == 3
    assert pa.tables.check_measure(largest)["laws"] == 3
    # An average over classes, as a peer computes it, rises where less is known.
    peer = pa.tables.TableMeasure(
        word="over_classes", take=lambda facts: float((1 / facts.groups.size).mean()),
        unit="share", laws={"key_left_out": "not_more"},
    )  # fmt: skip
    for wrong, said in (
        (peer, "not more after key_left_out"),
        (dataclasses.replace(largest, span=(0.0, 2.0)), "values from 0 to 2"),
    ):
        with pytest.raises(pa.PrivauditError, match=said):
            pa.tables.check_measure(wrong)
