"""The whole report of a small simulated campaign, and of a real-looking map: inert, complete."""

import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest

import privaudit as pa
from privaudit.errors import ParameterError
from privaudit.maps.scoring.household import household_exposure
from privaudit.report.manifest import verify
from privaudit.report.page import page_script
from privaudit.report.write import report
from privaudit.studies.study import Study
from privaudit.words.catalogues import Note, Words

COPY = page_script("copy.js")
ACTIVE = {"img", "image", "iframe", "object", "embed", "link", "base", "form"}
EVIL = "<script>alert(1)</script><img src=x onerror=alert(2)>"


@pytest.fixture(scope="module")
def demo():
    world = pa.simulate(pa.Town(inhabitants=1_500), seed=8)
    campaign = pa.run_campaign(world, seed=8)
    mask = pa.masks.Donut(r_min=50, r_max=200)
    rungs = [
        (pa.DotMap(), pa.Adversary.nearest()),
        (pa.DotMap(mask=mask), pa.Adversary.nearest()),
        (pa.DotMap(mask=mask), pa.Adversary.knows_mask(mask)),
    ]
    found = [
        pa.audit(pa.publish(campaign, view, seed=7), rung, truth=world) for view, rung in rungs
    ]
    return Study(
        kind="demo", title=f"Une ville {EVIL}", provenance="simulated", real_places=False,
        exposures=tuple(found), measures={"household": household_exposure(campaign)},
        command=f"privaudit demo --seed 7 {EVIL}", recipe={"seed": 7},
        notes=(Note("mend_withhold_column", column=EVIL),),
    )  # fmt: skip


@pytest.fixture(scope="module")
def leak(demo):
    """A real map: two villages and a lonely farm, no truth."""
    rng = np.random.default_rng(7)
    points = np.vstack(
        [
            rng.normal([662_000, 6_857_000], [450, 300], (380, 2)),
            rng.normal([663_500, 6_858_200], [200, 200], (130, 2)),
            [[665_550.25, 6_856_033.5]],
        ]
    )
    real = replace(demo.exposures[2], expected=True, provenance="audited file")
    return Study(
        kind="map", title=f"leak{EVIL}.csv", provenance="audited file", real_places=True,
        exposures=(real,), area_points=points, revealed_rows=True,
    )  # fmt: skip


class Page(HTMLParser):
    """Every tag with its attributes, and the text that a reader sees."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.seen, self._silent = [], [], 0
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self._silent += tag == "style"

    def handle_endtag(self, tag):
        self._silent -= tag == "style"

    def handle_data(self, data):
        if not self._silent:
            self.seen.append(data)

    @property
    def text(self):
        return "".join(self.seen)

    @property
    def ids(self):
        return [a["id"] for _, a in self.tags if "id" in a]


@pytest.fixture(scope="module", params=["demo", "leak"])
def study(request):
    return request.getfixturevalue(request.param)


@pytest.fixture(scope="module", params=["en", "fr"])
def lang(request):
    return request.param


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """Write a study once for all the tests that only read its report."""
    kept = {}

    def once(study, lang="en"):
        if (study, lang) not in kept:
            out = tmp_path_factory.mktemp("report") / "out"
            kept[study, lang] = report(study, out, lang=lang).parent
        return kept[study, lang]

    return once


def pages(folder):
    return {p.name: Page(p.read_text(encoding="utf-8")) for p in folder.glob("*.html")}


def test_pages_load_nothing_and_run_nothing(study, lang, written):
    for path in written(study, lang).glob("*.html"):
        text = path.read_text(encoding="utf-8")
        page = Page(text)
        (policy,) = [a["content"] for t, a in page.tags if t == "meta" and "http-equiv" in a]
        # One script of ours at most, which the policy names by its digest, and nothing else runs.
        scripts = [a for t, a in page.tags if t == "script"]
        named = f"; script-src {COPY.policy}" if scripts else ""
        assert policy == f"default-src 'none'; style-src 'unsafe-inline'{named}"
        assert scripts == ([{}] if "data-copy " in text else [])
        assert text.count(f"<script>{COPY.text}</script>") == len(scripts)
        assert not {tag for tag, _ in page.tags} & ACTIVE
        assert not any(name.startswith("on") for _, told in page.tags for name in told)
        assert "@import" not in text
        assert "http://" not in text.replace("http://www.w3.org/2000/svg", "")
        assert "https://" not in text
        assert ("html", {"lang": lang}) in page.tags


def test_every_link_leads_to_a_file_and_an_anchor_of_the_folder(study, lang, written):
    folder = written(study, lang)
    found = pages(folder)
    assert set(found) == {"index.html", "annex.html"}
    for name, page in found.items():
        assert len(page.ids) == len(set(page.ids)), name
        for _, told in page.tags:
            if "href" in told:
                path, _, anchor = told["href"].partition("#")
                assert (folder / (path or name)).is_file(), told["href"]
                if anchor:
                    assert anchor in found[path or name].ids, told["href"]


def test_every_finding_has_its_anchor_and_its_number_in_the_annex(study, lang, written):
    folder = written(study, lang)
    text = (folder / "annex.html").read_text(encoding="utf-8")
    told = json.loads((folder / "findings.json").read_text(encoding="utf-8"))
    assert told["findings"]
    for finding in told["findings"]:
        row = re.search(rf'id="{re.escape(finding["id"])}".*?</(tr|li)>', text, re.DOTALL)[0]
        if finding["value"] is not None:
            number = Words(lang).measured(finding["value"], finding["unit"], short=True)
            assert number in re.sub("</?span[^>]*>", "", row)


def test_what_comes_from_outside_is_inert(study, written):
    assert "<script" in study.title
    for path in written(study).glob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert "<script" not in text.replace(f"<script>{COPY.text}</script>", "")
        assert "onerror=alert(2)>" not in text


def test_every_figure_says_where_its_data_are_from(study, lang, written):
    said = {
        ("simulated", "en"): "Simulated data: no real person",
        ("simulated", "fr"): "Données simulées : aucune personne réelle",
        ("audited file", "en"): "Audited file",
        ("audited file", "fr"): "Fichier examiné",
    }[study.provenance, lang]
    figures = sorted((written(study, lang) / "figures").glob("*.svg"))
    assert figures
    for path in [*figures, *written(study, lang).glob("*.html")]:
        assert said in path.read_text(encoding="utf-8").replace("\u00a0", " "), path.name


def test_a_real_map_shows_no_position_and_no_small_area(leak, written):
    out = written(leak)
    everything = "".join(p.read_text("utf-8", "replace") for p in out.rglob("*") if p.is_file())
    assert "665550" not in everything
    assert "6856033" not in everything
    areas = pd.read_csv(out / "tables" / "areas.csv")
    assert (areas["n"].dropna() >= 11).all()
    assert (areas[["x", "y", "side"]] % 200 == 0).all().all()


def test_tables_hold_groups_never_people(demo, written):
    for path in (written(demo) / "tables").iterdir():
        table = pd.read_csv(path)
        assert len(table) < 300, path.name
        if "n" in table and not path.name.startswith("findings"):
            assert (table["n"].dropna() >= 11).all(), path.name


def test_findings_do_not_depend_on_the_language(study, written):
    english, french = (written(study, lang) / "findings.json" for lang in ("en", "fr"))
    assert english.read_bytes() == french.read_bytes()


def test_the_report_agrees_with_its_manifest(study, written):
    assert verify(written(study)) > 4


def test_rows_only_where_they_were_asked_for(leak, tmp_path):
    rows = {"dots": pd.DataFrame({"dot": [1, 2], "address_id": ["=cmd()", "94042_1"]})}
    page = report(leak, tmp_path / "out", lang="en", extra_tables=rows)
    assert "Rows were asked for" in page.with_name("annex.html").read_text(encoding="utf-8")
    written = (page.parent / "tables" / "dots.csv").read_text(encoding="utf-8").split()
    assert written == ["dot,address_id", "1,'=cmd()", "2,94042_1"]
    discreet = replace(leak, revealed_rows=False)
    with pytest.raises(ParameterError, match="revealed_rows=True"):
        report(discreet, tmp_path / "other", extra_tables=rows)
    assert not (tmp_path / "other").exists()
    with pytest.raises(ParameterError, match="table names"):
        report(leak, tmp_path / "other", extra_tables={"../dots": rows["dots"]})
    report(discreet, tmp_path / "out")
    # The rows of the former report went with it.
    assert not (tmp_path / "out" / "tables" / "dots.csv").exists()


def test_the_french_annex_exchanges_no_nouns(demo, written):
    """An address is never a household: every row says the noun of its gain, and no other."""
    folder = written(demo, "fr")
    told = json.loads((folder / "findings.json").read_text(encoding="utf-8"))["findings"]
    rows = [f for f in told if f["gain"] in ("address", "household") and f["sentence"]]
    assert {f["gain"] for f in rows} == {"address", "household"}
    for finding in rows:
        text = finding["sentence"]["fr"]
        for adversary in ("l’adresse la plus proche", "un fichier d’adresses"):
            text = text.replace(adversary, "")
        if finding["gain"] == "address":
            assert "foyer" not in text, finding["id"]
        elif finding["family"] == "map":
            assert "adresse" not in text, finding["id"]
