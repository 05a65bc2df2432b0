"""The main job from the command line: same bytes, former report kept, nothing but aggregates."""

import base64
import hashlib
import html
import json
import re
import shutil
from contextlib import closing
from pathlib import Path

import pandas as pd
import pytest

import privaudit as pa
from privaudit.campaign.plan import CampaignPlan
from privaudit.cli import main
from privaudit.core.cache import Store
from privaudit.core.progress import silent
from privaudit.simulation.town import Town
from privaudit.studies.demo import VIEWS, Stages
from privaudit.studies.study import Study
from tests.conftest import SMALL_DEMO

pytestmark = [pytest.mark.heavy, pytest.mark.usefixtures("drawn_pictures")]

SHARED = Path(__file__).parents[2].parent / "shared" / "data"


def test_same_arguments_give_the_same_bytes(english_demo, french_demo):
    first, again = ((path / "findings.json").read_bytes() for path in (english_demo, french_demo))
    assert first == again


@pytest.fixture(scope="module")
def demo(english_demo, tmp_path_factory):
    """Copy the report in English and its cache, which another process may read at the same time."""
    folder = tmp_path_factory.mktemp("demo")
    shutil.copytree(english_demo, folder / "first")
    shutil.copytree(english_demo.parent / "cache", folder / "cache")
    return folder


def files_of(report):
    return {path.relative_to(report): path.read_bytes() for path in report.rglob("*.*")}


def test_second_run_reuses_the_stages_and_gives_the_same_bytes(demo, capsys):
    arguments = [*SMALL_DEMO, "--cache", str(demo / "cache")]
    assert main([*arguments, "--out", str(demo / "second")]) == 0
    assert "reused from the cache: results, pages" in capsys.readouterr().out
    assert files_of(demo / "first") == files_of(demo / "second")
    # In another language the results are the same, and the pages are not.
    assert main([*arguments, "--out", str(demo / "other"), "--lang", "fr"]) == 0
    assert capsys.readouterr().out.endswith("reused from the cache: results\n")
    # What the results rest on is kept too, for others of the same town.
    with closing(Store(demo / "cache")) as store:
        stages = Stages(Town(inhabitants=1500), CampaignPlan(), 8, store, silent)
        stages.towns(VIEWS, 2, 1)()
        stages.campaign(stages.world())
        assert store.hits == ["towns", "simulate", "campaign"]


def test_a_page_from_the_cache_is_the_one_that_is_drawn_without(demo, french_demo):
    other, drawn = files_of(demo / "other"), files_of(french_demo)
    assert other.keys() == drawn.keys()
    assert {name for name in drawn if other[name] != drawn[name]} <= {Path("manifest.json")}


def test_other_code_takes_no_results_of_this(tmp_path, monkeypatch):
    made = []

    def attacked(stages, towns, assumptions, workers):
        made.append(towns)
        return {"title": stages.town.name}

    monkeypatch.setattr("privaudit.studies.demo._attacked", attacked)
    asked = {"assumptions": False, "workers": 1}
    for code, towns in (("a", 1), ("a", 1), ("b", 1), ("b", 2), ("a", 1), ("a", 2)):
        monkeypatch.setattr("privaudit.studies.demo.code_digest", lambda code=code: code)
        with closing(Store(tmp_path / "cache")) as store:
            stages = Stages(Town(), CampaignPlan(), 7, store, silent)
            assert stages.results(towns=towns, **asked) == {"title": Town().name}
    assert made == [1, 1, 2, 2]


def test_pages_of_a_real_file_are_never_kept(tmp_path):
    """Only what was simulated is, and the pages of one study are not those of another."""
    with closing(Store(tmp_path / "cache")) as store:
        for provenance, title in (("audited file", "a"), ("simulated", "a"), ("simulated", "b")):
            study = Study(kind="map", title=title, provenance=provenance, real_places=False)
            drawn, kept, again = (
                pa.report(study, tmp_path / name, cache=cache)
                for name, cache in (("drawn", None), ("kept", store), ("again", store))
            )
            assert files_of(drawn.parent) == files_of(kept.parent) == files_of(again.parent)
        assert store.hits == ["pages", "pages"]
        assert store.summary()["stages"] == 2


def test_every_number_has_its_company(english_demo):
    told = json.loads((english_demo / "findings.json").read_text())
    findings = told["findings"]
    assert told["provenance"] == "simulated"
    rungs = [f for f in findings if f["id"].startswith("map.")]
    assert len(rungs) >= 4 * 10  # four gains, ten rungs on three views
    for finding in rungs:
        for name in ("value", "low", "high", "baseline", "control", "n"):
            assert finding[name] is not None, (finding["id"], name)
        assert finding["low"] <= finding["value"] <= finding["high"]
        assert finding["sentence"]["fr"]
        assert finding["sentence"]["en"]
    assert len({f["id"] for f in findings}) == len(findings)


def test_no_person_of_the_town_is_in_the_report(english_demo):
    """The family whose story the first page follows is nobody of the town."""
    from privaudit.simulation.simulate import simulate
    from privaudit.simulation.town import Town

    people = simulate(Town(inhabitants=1500), seed=8).people
    full_names = set(people["first_name"] + " " + people["last_name"])
    told = {}
    for path in english_demo.rglob("*"):
        if path.suffix in (".html", ".json", ".csv", ".svg"):
            text = path.read_text(encoding="utf-8")
            told[path.name] = {name for name in full_names if name in text}
    assert not set().union(*told.values())
    assert "Éric Meyer" in (english_demo / "index.html").read_text(encoding="utf-8")


def test_the_french_page_is_french_and_answers_in_order(french_demo):
    page = (french_demo / "index.html").read_text(encoding="utf-8")
    assert re.findall(r'lang="en"[^>]*>([^<]*)', page) == []
    told = re.findall(r'<section id="(\w+)"', page)
    assert told == [
        "explorer", "meyer", "access", "chain", "ladder", "others", "ways", "assumed", "mend",
        "method",
    ]  # fmt: skip
    contents = page[page.index("<nav") : page.index("</nav>")]
    assert re.findall(r'href="#(\w+)"', contents) == told
    figures = {path.stem for path in (french_demo / "figures").iterdir()}
    assert figures >= {
        "map",
        "ladder",
        "leak",
        "screenshots",
        "copies",
        "frontier",
    }


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_every_finding_is_a_line_of_the_annex_or_a_row_of_a_table_that_it_names(
    english_demo, french_demo, lang
):
    folder = {"en": english_demo, "fr": french_demo}[lang]
    annex, index = (
        (folder / name).read_text(encoding="utf-8") for name in ("annex.html", "index.html")
    )
    left = re.findall(r'<p class="soft left">(.*?)<a href="tables/(findings_\w+)\.csv">', annex)
    said: dict[str, int] = {}
    for text, table in left:
        said[table] = said.get(table, 0) + int(re.search(r"(\d+) (?:lines|lignes)", text)[1])
    tables = {name: pd.read_csv(folder / "tables" / f"{name}.csv") for name in said}
    assert {path.stem for path in (folder / "tables").glob("findings_*")} == {*tables}
    # The number of lines that the page leaves to a table is that of its rows.
    assert {name: len(rows) for name, rows in tables.items()} == said
    beside = [one for rows in tables.values() for one in rows["id"]]
    lines = re.findall(r'<(?:tr|li) id="([^"]+)"', annex)
    told = [f["id"] for f in json.loads((folder / "findings.json").read_bytes())["findings"]]
    assert sorted([*beside, *lines]) == sorted(told)
    assert len(beside) > 300
    assert all(rows["label"].str.len().min() > 3 for rows in tables.values())
    # What the main page quotes, or links to, stays a line.
    cited = re.findall(r'data-finding="([^"]+)"|annex\.html#([a-z_0-9.]+)"', index)
    ids = {one for pair in cited for one in pair if one in told}
    assert len(ids) > 30
    assert ids <= {*lines}


def test_pages_load_nothing(english_demo):
    """What they link to lies in the folder, and is opened by who clicks on it."""
    for name in ("index.html", "annex.html"):
        page = (english_demo / name).read_text(encoding="utf-8")
        assert "default-src 'none'" in page
        assert re.findall(r"""\bsrc\s*=""", page) == []
        links = re.findall(r"""href\s*=\s*["']([^"'#]*)""", page)
        assert [link for link in links if not (english_demo / link).is_file() and link] == []
        # The script is named by its digest in the policy; data of the explorer are no code.
        scripts = re.findall(r"<script([^>]*)>(.*?)</script>", page, re.DOTALL)
        code = [
            text for kind, text in scripts if kind != ' type="application/json" id="explorer-data"'
        ]
        assert len(code) == 1
        for text in code:
            digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
            assert f"script-src 'sha256-{digest}'\"" in html.unescape(page)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["demo", "--inhabitants", "12", "--out", "x"], "inhabitants"),
        (["demo", "--commune", "94042", "--out", "x"], "--addresses"),
        (["table", "absent.csv", "--key", "age", "--out", "x"], "absent.csv"),
        (["map", "absent.csv", "--addresses", "gone.csv", "--out", "x"], "absent.csv"),
        (
            ["map", "absent.csv", "--addresses", "a.csv", "--mask", "donut:200:50", "--out", "x"],
            "r_min below r_max",
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
    from privaudit.studies import audit_table

    def fail(*arguments, **options):
        raise RuntimeError("Éric Meyer, 12 rue des Lilas")

    monkeypatch.setattr(audit_table, "reader_of", fail)
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
    arguments += ["--towns", "2", "--workers", "1"]
    assert main([*arguments, "--cells", str(cells), "--out", str(tmp_path / "report")]) == 0
    findings = json.loads((tmp_path / "report" / "findings.json").read_text())["findings"]
    errors = [f["value"] for f in findings if f["measure"] == "error_by_cell"]
    assert len(errors) == 2
    assert max(errors) < 0.05
