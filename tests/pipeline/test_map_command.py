"""A real map on the command line: a file, copies, a picture; no dot of it is drawn or told."""

import html
import json
import re

import numpy as np
import pandas as pd
import pytest
from fixtures.crooked_streets import EAST, NORTH, crooked_streets

from privaudit.campaign.views.dot_map import Screenshot
from privaudit.cli import main
from privaudit.maps.masks.mask import parse_mask
from privaudit.words.catalogues import Words


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    """An address file of 900 doors on crooked streets, and 120 of them that a dot marks."""
    folder = tmp_path_factory.mktemp("town")
    rng = np.random.default_rng(4)
    places = crooked_streets(folder / "addresses.csv", rng)
    marked = places[rng.choice(900, 120, replace=False)]
    status = rng.choice(["to_meet", "visited"], 120)
    exact = pd.DataFrame({"x": marked[:, 0], "y": marked[:, 1], "status": status})
    exact.to_csv(folder / "exact.csv", index=False)
    later = exact.copy()
    later.loc[:29, "status"] = "visited"
    exact.assign(status="to_meet").iloc[:90].to_csv(folder / "first.csv", index=False)
    later.to_csv(folder / "last.csv", index=False)
    for name, spec in (("right", "donut:50:200"), ("wrong", "donut:200:500"), ("grid", "grid:200")):
        moved = parse_mask(spec)(marked, rng=np.random.default_rng(6))
        exact.assign(x=moved[:, 0], y=moved[:, 1]).to_csv(folder / f"{name}.csv", index=False)
    # Draws that do not happen to look like another mask's.
    for seed, draw in ((1, 1), (2, 3)):
        moved = parse_mask("gaussian:60")(marked, rng=np.random.default_rng(draw))
        named = exact.assign(x=moved[:, 0], y=moved[:, 1], dot_id=np.arange(120))
        named.to_csv(folder / f"fresh{seed}.csv", index=False)
    shot = Screenshot(metres_per_pixel=2.0)(marked, status == "to_meet")
    shot.save(folder / "shot.png")
    box = ",".join(f"{edge:.2f}" for edge in shot.box)
    return folder, box


RUNS = {
    "right": (["right.csv"], ["--mask", "donut:50:200"]),
    "wrong": (["wrong.csv"], ["--mask", "donut:50:200"]),
    "unmoved": (["wrong.csv"], ["--mask", "none"]),
    "unknown": (["right.csv"], []),
    "exact": (["exact.csv"], []),
    "grid": (["grid.csv"], ["--mask", "grid:200"]),
    "copies": (["first.csv", "last.csv"], ["--mask", "none"]),
    "fresh": (
        ["fresh1.csv", "fresh2.csv"],
        ["--mask", "gaussian:60", "--adversary", "holds_versions"],
    ),
    "picture": (["shot.png"], ["--mask", "none", "--bbox", "BOX"]),
}


@pytest.fixture(scope="module")
def reports(town, tmp_path_factory):
    """The French report of each run, made once."""
    folder, box = town
    out, made = tmp_path_factory.mktemp("reports"), {}

    def report(name):
        if name not in made:
            files, options = RUNS[name]
            leaks = [str(folder / file) for file in files]
            options = [f"--bbox={box}" if o == "--bbox" else o for o in options if o != "BOX"]
            crs = [] if "png" in files[0] else ["--crs", "EPSG:2154"]
            common = ["--addresses", str(folder / "addresses.csv"), "--lang", "fr"]
            assert main(["map", *leaks, *common, *crs, *options, "--out", str(out / name)]) == 0
            made[name] = out / name
        return made[name]

    return report


def findings(folder):
    content = json.loads((folder / "findings.json").read_text(encoding="utf-8"))
    return {f["id"]: f for f in content["findings"]}, content


@pytest.mark.heavy
@pytest.mark.parametrize("name", RUNS)
def test_the_french_page_is_french_and_tells_no_dot(reports, town, name):
    out = reports(name)
    figures = {path.stem for path in (out / "figures").iterdir()}
    # Areas are drawn, never the dots.
    assert "map" not in figures or "circle" not in (out / "figures" / "map.svg").read_text()
    everything = "".join(p.read_text("utf-8", "replace") for p in out.rglob("*") if p.is_file())
    for file in RUNS[name][0] if name != "picture" else ["exact.csv"]:
        dots = pd.read_csv(town[0] / file)[["x", "y"]].to_numpy()
        assert not [value for value in dots.ravel() if f"{value:.1f}" in everything]
    for page in ("index.html", "annex.html"):
        text = (out / page).read_text(encoding="utf-8")
        assert re.findall(r'lang="en"[^>]*>([^<]*)', text) == []
        for english in ("Expected", "Not reliable", "address", "dots fit", "Links"):
            visible = re.sub(r"<(style|code|title|desc)[^>]*>.*?</\1>", "", text, flags=re.DOTALL)
            # Names of files and options are the user's own; those of findings are no words.
            visible = re.sub(r'<a href="#[^"]*">[a-z_0-9.]*</a>', "", visible)
            told = re.sub(r"<[^>]+>", " ", re.sub("</?span[^>]*>", "", visible)).replace(
                "addresses.csv", ""
            )
            assert english not in told.replace("--addresses", ""), (page, english)


@pytest.mark.heavy
@pytest.mark.parametrize(
    ("name", "doubted"),
    [("right", False), ("wrong", True), ("unmoved", True), ("copies", False), ("picture", False)],
)
def test_a_belief_that_the_dots_deny_is_said_and_doubted(reports, name, doubted):
    found, _ = findings(reports(name))
    rungs = [f for key, f in found.items() if key.startswith("map.")]
    assert rungs
    assert all(f["reliable"] != doubted for f in rungs)
    (lost,) = (f for f in found.values() if f["measure"] == "no_candidate")
    assert lost["baseline"] == 0
    assert lost["low"] <= lost["value"] <= lost["high"]
    if doubted:
        (elsewhere,) = (f for f in found.values() if f["measure"] == "likelier_elsewhere")
        assert elsewhere["low"] > 1
    annex = (reports(name) / "annex.html").read_text(encoding="utf-8").lower()
    assert ("pas fiable" in annex) == doubted
    story = (reports(name) / "index.html").read_text(encoding="utf-8")
    refused = Words("fr")("story.headline_doubt").replace("*", "")
    told = html.unescape(re.sub("<[^>]+>", "", story))
    assert (refused in told) == doubted
    # The first screen has the reason and what to do; nothing is measured from such dots.
    first = told.partition("La preuve")[0]
    assert ("Pas fiable" in first) == doubted
    assert ("--mask unknown" in first) == doubted
    frontier = [f for key, f in found.items() if key.startswith("frontier.")]
    assert not (doubted and frontier)
    assert not re.search(r"\b(avec|qu.avec|par) sans\b|\(sans\)", told)


def headline(folder):
    (said,) = re.findall(
        r"<h1[^>]*>(.*?)</h1>", (folder / "index.html").read_text("utf-8"), re.DOTALL
    )
    return " ".join(html.unescape(re.sub("<[^>]+>", "", said)).split())


def test_the_headline_of_copies_names_who_kept_them_and_every_file(reports):
    page = (reports("fresh") / "index.html").read_text("utf-8")
    assert "fresh1.csv, fresh2.csv" in page
    said, (found, _) = headline(reports("fresh")), findings(reports("fresh"))
    copies = re.search(r"a gardé (\d) copies s.attendrait", said)
    assert copies is not None
    assert copies[1] == "2"
    # It leads with the number of that adversary.
    (row,) = (f for key, f in found.items() if re.search(r"^map\..*copies_2\.address$", key))
    assert f"{row['value'] * row['n']:.0f} des 120" in said.replace("\u00a0", " ")


@pytest.mark.heavy
def test_what_cannot_be_told_apart_leads_with_both(reports):
    # Every dot stands on the door of its person: found if left there; of a swap, few are.
    left, of, swapped = map(int, re.findall(r"\d+", headline(reports("exact"))))
    assert left >= 0.95 * of == 114
    assert swapped < of / 2


@pytest.mark.heavy
def test_a_mask_that_nobody_states_leads_with_its_range(reports):
    low, high, of = map(int, re.findall(r"\d+", headline(reports("unknown"))))
    known, _ = findings(reports("right"))
    told = next(f for key, f in known.items() if "knows_mask.address" in key)
    # The same dots, to somebody who knows how they were moved.
    assert low <= told["value"] * told["n"] <= high
    assert of == told["n"]
    assert low < high < of / 2


def test_the_gap_of_an_audited_map_has_an_interval(reports):
    found, _ = findings(reports("right"))
    (step,) = (f for k, f in found.items() if k.startswith("step") and "knows_mask" in k)
    assert step["low"] < step["value"] < step["high"]
    assert step["n"] == 120
    assert step["unit"] == "difference"


def test_what_is_believed_is_said_to_be_believed(reports):
    page = (reports("right") / "annex.html").read_text(encoding="utf-8").replace("\u00a0", " ")
    assert "selon l’hypothèse" in page


def test_copies_tell_what_changed_between_them(reports, town):
    found, _ = findings(reports("copies"))
    # 90 of the 120 dots are on the first copy, all red; some of them are grey on the last.
    last = pd.read_csv(town[0] / "last.csv")
    grey = int((last["status"].iloc[:90] == "visited").sum())
    assert found["changes.appeared_between"]["value"] == pytest.approx(30 / 120)
    assert found["changes.turned_grey"]["value"] == pytest.approx(grey / 120, rel=1e-5)
    assert found["changes.gone"]["value"] == 0
    assert command(reports("copies")).startswith("privaudit map first.csv last.csv ")


def test_what_a_second_copy_adds_is_a_step_of_the_ladder(reports, town, capsys):
    found, _ = findings(reports("fresh"))
    # Two draws of one point leave half the variance, and so about half the addresses to try.
    alone = found["map.gaussian_60.knows_mask.address"]
    both = found["map.gaussian_60.knows_mask.copies_2.address"]
    assert both["value"] > 1.3 * alone["value"]
    (step,) = (f for k, f in found.items() if k.startswith("step"))
    assert step["value"] == pytest.approx(both["value"] - alone["value"], abs=1e-5)
    one = ["map", str(town[0] / "fresh1.csv"), "--addresses", str(town[0] / "addresses.csv")]
    one += ["--crs", "EPSG:2154", "--mask", "gaussian:60", "--adversary", "holds versions"]
    assert main([*one, "--out", str(town[0] / "none")]) == 2
    assert "several copies" in capsys.readouterr().err


def test_the_box_of_a_picture_can_be_given_again(reports, town):
    told = command(reports("picture"))
    given = re.search(r"--bbox[ =]'?([-\d.,]+)", told)[1]
    assert [float(e) for e in given.split(",")] == [float(e) for e in town[1].split(",")]


def command(folder):
    return json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["command"]


def test_dots_at_one_point_stand_in_the_report_and_few_of_them_do_not(reports, town, tmp_path):
    folder, _ = town
    file = pd.read_csv(folder / "grid.csv")
    at = file.groupby(["x", "y"])["status"].transform("size")
    found, _ = findings(reports("grid"))
    one = found["shared_points.at_shared_point"]
    assert one["value"] == pytest.approx((at > 1).mean(), abs=5e-4)
    # 120 drawn from 900 addresses that are equally likely.
    assert one["baseline"] == pytest.approx(1 - (1 - 1 / 900) ** 119, abs=5e-4)
    annex = (reports("grid") / "annex.html").read_text(encoding="utf-8")
    plain = html.unescape(re.sub(r"<[^>]+>", "", annex)).replace("\u202f", " ")
    assert f"{(at > 1).sum()} des 120 points sont placés exactement sur un autre" in plain
    # Dots read from a picture at one point are one dot.
    assert not [id for id in findings(reports("picture"))[0] if id.startswith("shared_points")]
    # The guard: of ten dots nothing is said.
    file[:10].assign(x=EAST + 100.0, y=NORTH + 100.0).to_csv(tmp_path / "few.csv", index=False)
    few = [str(tmp_path / "few.csv"), "--addresses", str(folder / "addresses.csv")]
    few += ["--crs", "EPSG:2154", "--mask", "grid:200", "--out", str(tmp_path / "few")]
    assert main(["map", *few]) == 0
    row = findings(tmp_path / "few")[0]["shared_points.at_shared_point"]
    assert row["value"] is None
