"""The main job from the command line: same bytes, former report kept, nothing but aggregates."""

import json
import re
from pathlib import Path

import pytest

from privaudit.cli import main

SHARED = Path(__file__).parents[2].parent / "shared" / "data"


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """A small town's report, made twice with one cache and once without."""
    folder = tmp_path_factory.mktemp("demo")
    common = ["demo", "--inhabitants", "1500", "--seed", "7"]
    cache = ["--cache", str(folder / "cache")]
    for name, rest in (("first", cache), ("second", cache), ("third", ["--no-cache"])):
        lang = ["--lang", "fr"] if name == "third" else []
        assert main([*common, *rest, *lang, "--out", str(folder / name)]) == 0
    return folder


def test_same_arguments_give_the_same_bytes(demo):
    first, second, third = (
        (demo / name / "findings.json").read_bytes() for name in ("first", "second", "third")
    )
    assert first == second
    assert first == third


def test_second_run_reuses_the_stages(demo, capsys):
    arguments = ["demo", "--inhabitants", "1500", "--cache", str(demo / "cache")]
    assert main([*arguments, "--out", str(demo / "fourth")]) == 0
    assert "reused from the cache: simulate, campaign" in capsys.readouterr().out


def test_every_number_has_its_company(demo):
    findings = json.loads((demo / "first" / "findings.json").read_text())["findings"]
    rungs = [f for f in findings if f["id"].startswith("map.")]
    assert len(rungs) >= 4 * 10  # four gains, ten rungs on three views
    for finding in rungs:
        for name in ("value", "low", "high", "baseline", "control", "n"):
            assert finding[name] is not None, (finding["id"], name)
        assert finding["low"] <= finding["value"] <= finding["high"]
        assert finding["provenance"] == "simulated"
        assert finding["sentence"]["fr"]
        assert finding["sentence"]["en"]
    assert len({f["id"] for f in findings}) == len(findings)


def test_no_person_of_the_town_is_in_the_report(demo):
    from privaudit.simulation.simulate import simulate
    from privaudit.simulation.town import Town

    people = simulate(Town(inhabitants=1500), seed=7).people
    full_names = (people["first_name"] + " " + people["last_name"]).tolist()
    text = "".join(
        path.read_text(encoding="utf-8")
        for path in (demo / "first").rglob("*")
        if path.suffix in (".html", ".json", ".csv", ".svg")
    )
    assert [name for name in full_names if name in text] == []


def test_the_french_page_is_french_and_answers_in_order(demo):
    page = (demo / "third" / "index.html").read_text(encoding="utf-8")
    assert re.findall(r'lang="en"[^>]*>([^<]*)', page) == []
    chapters = re.findall(r'<section id="chapter-(\w+)"', page)
    assert chapters == ["found", "sure", "learnt", "beside", "ways", "cost", "table", "made"]
    listed = re.findall(r'<li><a href="#chapter-(\w+)"', page)
    assert listed == chapters
    figures = {path.stem for path in (demo / "third" / "figures").iterdir()}
    assert figures >= {
        "map",
        "ladder",
        "one_dot",
        "leak",
        "screenshots",
        "copies",
        "frontier",
        "moved",
    }


def test_page_loads_nothing(demo):
    page = (demo / "first" / "index.html").read_text(encoding="utf-8")
    assert "default-src 'none'" in page
    assert re.findall(r"""(?:src|href)\s*=\s*["'](?!#)""", page) == []
    assert "<script" not in page


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["demo", "--inhabitants", "12", "--out", "x"], "inhabitants"),
        (["demo", "--commune", "94042", "--out", "x"], "--addresses"),
        (["table", "absent.csv", "--key", "age", "--out", "x"], "absent.csv"),
        (["map", "absent.csv", "--addresses", "gone.csv", "--out", "x"], "absent.csv"),
        (
            ["map", "absent.csv", "--addresses", "a.csv", "--mask", "donut:200:50", "--out", "x"],
            "low below high",
        ),
    ],
)
def test_bad_input_is_one_line_and_status_2(arguments, said, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert error.startswith("privaudit: ")
    assert said in error


def test_a_fault_of_ours_shows_no_text_of_the_error(capsys, tmp_path, monkeypatch):
    from privaudit.studies import audits

    def fail(*arguments, **options):
        raise RuntimeError("Éric Meyer, 12 rue des Lilas")

    monkeypatch.setattr(audits, "take_in", fail)
    arguments = ["table", "absent.csv", "--key", "age", "--out", str(tmp_path / "x")]
    assert main(arguments) == 1
    error = capsys.readouterr().err
    assert "RuntimeError" in error
    assert "Meyer" not in error


@pytest.mark.slow
def test_real_addresses_of_joinville(tmp_path):
    """The demo on a real commune: areas, never dots; households as the cells count them."""
    addresses = SHARED / "val-de-marne-addresses.csv.gz"
    if not addresses.exists():
        pytest.skip("needs ../shared/data: the address file of Val-de-Marne")
    cells = SHARED / "joinville-households-200m.csv"
    arguments = ["demo", "--addresses", str(addresses), "--commune", "94042", "--no-cache"]
    assert main([*arguments, "--cells", str(cells), "--out", str(tmp_path / "report")]) == 0
    findings = json.loads((tmp_path / "report" / "findings.json").read_text())["findings"]
    errors = [f["value"] for f in findings if "weighted_error" in f["id"].replace(" ", "_")]
    assert len(errors) == 2
    assert max(errors) < 0.05
