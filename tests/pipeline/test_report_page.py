"""The whole report: inert, complete, in two languages."""

import json
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest

from privaudit.errors import ParameterError
from privaudit.exposure.results import (
    CALIBRATION_COLUMNS,
    GAINS,
    MEASURE_COLUMNS,
    Exposure,
    Measures,
)
from privaudit.exposure.summary import summarise
from privaudit.measures.interval import wilson
from privaudit.reporting.findings import findings_of
from privaudit.reporting.study import Study
from privaudit.reporting.words import Words
from privaudit.reporting.write import report

NAN = float("nan")
ACTIVE = {"script", "img", "image", "iframe", "object", "embed", "link", "base", "form"}
EVIL = "<script>alert(1)</script><img src=x onerror=alert(2)>"


def exposure(attack, view, found, n=412, *, calibrated=True, **changes):
    """An attack that finds given shares of n people, with bins of confidence."""
    rng = np.random.default_rng(3)
    frame = {}
    for gain, share in zip(GAINS, found, strict=True):
        frame[gain] = (rng.random(n) < share).astype(float) if share == share else np.full(n, NAN)
        frame[f"baseline_{gain}"] = np.full(n, 0.3 if gain == "opinion" else 0.001)
        frame[f"control_{gain}"] = (rng.random(n) < 0.01).astype(float)
        frame[f"confidence_{gain}"] = np.full(n, share)
    people = pd.DataFrame(frame)
    people["zone"] = rng.choice(["centre", "houses", "hamlet"], n, p=[0.6, 0.385, 0.015])
    people["sex"] = rng.choice(["F", "M"], n)
    people["candidates"] = rng.lognormal(3, 1, n).round().clip(1)
    bins = []
    if calibrated:
        for gain, share in zip(GAINS, found, strict=True):
            for confidence in np.linspace(0.5, 1.5, 4) * share:
                observed = min(confidence, 1.0)
                bins.append((gain, observed, observed, *wilson(observed, n // 4), n // 4))
    return Exposure(
        attack=attack, per_person=people, overall=summarise(people, np.arange(n)),
        calibration=pd.DataFrame(bins, columns=list(CALIBRATION_COLUMNS)),
        recipe={"view": view}, **changes,
    )  # fmt: skip


def measures(*rows, **changes):
    columns = ["measure", *MEASURE_COLUMNS]
    overall = pd.DataFrame(list(rows), columns=columns).set_index("measure")
    return Measures(overall=overall, per_record=pd.DataFrame(), **changes)


def count(name, value, n, unit="people", baseline=NAN):
    return (name, value, value, value, baseline, n, unit, "")


@pytest.fixture(scope="module")
def demo():
    """A simulated campaign: 500 dots on 3,600 addresses of fictional streets."""
    rng = np.random.default_rng(7)
    street, number = np.divmod(np.arange(3600), 60)
    places = np.column_stack([street * 45.0, number * 22.0]) + rng.normal(0, 2, (3600, 2))
    at = places[rng.choice(3600, 500)]
    status = rng.choice(["to_meet", "visited"], 500)
    rungs = (
        exposure("nearest address", "exact", (0.8, 0.4, 0.2, 0.66)),
        exposure("knows the mask", "donut:50:200", (0.023, 0.01, 0.004, 0.66)),
        exposure("an attack of tomorrow", "donut:50:200", (0.03, 0.01, 0.004, 0.6), reliable=False),
    )
    closed = {("after", "public"), ("after", "volunteer")}
    seen = [
        count(f"{moment}_{role}_people_median", 0 if (moment, role) in closed else 412, 60)
        for moment in ("before", "after")
        for role in ("public", "volunteer", "team")
    ]
    return Study(
        kind="demo", title="Une ville", provenance="simulated", real_places=False, exposures=rungs,
        dots=pd.DataFrame({"x": at[:, 0], "y": at[:, 1], "status": status}), addresses=places,
        measures={
            "household": measures(
                count("adults_never_interacted", 431, 839, baseline=503.2),
                count("minors_never_interacted", 187, 187, baseline=171.4),
                count("told_at_wrong_doors", 41, 78),
                ("wrong_doors", 0.19, 0.155, 0.23, 0.9996, 412, "share", "n: dots"),
                ("wrong_labels", 0.33, 0.287, 0.377, 0.69, 412, "share", "n: dots"),
            ),
            "access": measures(*seen),
        },
        set_aside={f"no name {EVIL}": 3}, notes=(f"A note {EVIL}",),
        recipe={"command": f"privaudit demo --seed 7 {EVIL}", "seed": 7},
    )  # fmt: skip


@pytest.fixture(scope="module")
def leak():
    """A real map: two villages and a lonely farm, no truth."""
    rng = np.random.default_rng(7)
    points = np.vstack(
        [
            rng.normal([662_000, 6_857_000], [450, 300], (380, 2)),
            rng.normal([663_500, 6_858_200], [200, 200], (130, 2)),
            [[665_550.25, 6_856_033.5]],
        ]
    )
    real = exposure(
        "knows the mask", "donut:50:200", (0.023, 0.01, NAN, NAN), calibrated=False,
        expected=True, provenance="audited file",
    )  # fmt: skip
    return Study(
        kind="map", title=f"leak{EVIL}.csv", provenance="audited file", real_places=True,
        exposures=(real,), area_points=points, revealed_rows=True,
    )  # fmt: skip


@pytest.fixture(scope="module")
def table():
    rows = [count(f"share_under_{k}", share, 5000, "share of records")
            for k, share in ((2, 0.02), (3, 0.05), (5, 0.11), (11, 0.3))]  # fmt: skip
    return Study(
        kind="table", title="export.csv", provenance="audited file", real_places=True,
        measures={
            "table": measures(
                count("k_anonymity", 1, 5000, "records"),
                count("sample_uniques", 100, 5000, "records"),
                ("k_map", NAN, NAN, NAN, NAN, 5000, "people", "Needs a population or weights."),
                *rows,
            )
        },
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


@pytest.fixture(scope="module", params=["demo", "leak", "table"])
def study(request):
    return request.getfixturevalue(request.param)


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """Write a study once for all the tests that only read its report."""
    kept = {}

    def once(study, lang="en"):
        if (study, lang) not in kept:
            kept[study, lang] = report(study, tmp_path_factory.mktemp("report") / "out", lang=lang)
        return kept[study, lang]

    return once


@pytest.fixture(scope="module", params=["en", "fr"])
def lang(request):
    return request.param


def test_the_page_loads_nothing_and_runs_nothing(study, lang, written):
    text = written(study, lang).read_text(encoding="utf-8")
    page = Page(text)
    policies = [a["content"] for t, a in page.tags if t == "meta" and "http-equiv" in a]
    assert policies == ["default-src 'none'; style-src 'unsafe-inline'"]
    assert not {tag for tag, _ in page.tags} & ACTIVE
    for tag, attributes in page.tags:
        for name, value in attributes.items():
            assert not name.startswith("on"), (tag, name)
            if name in ("href", "src", "xlink:href", "srcset", "action", "data"):
                assert value.startswith("#"), (tag, name, value)
            assert "url(http" not in (value or "")
    assert "@import" not in text
    assert "http://" not in text.replace("http://www.w3.org/2000/svg", "")
    assert "https://" not in text
    assert ("html", {"lang": lang}) in page.tags


def test_anchors_lead_somewhere_and_ids_stand_once(study, lang, written):
    page = Page(written(study, lang).read_text(encoding="utf-8"))
    ids = [a["id"] for _, a in page.tags if "id" in a]
    assert len(ids) == len(set(ids))
    targets = {a["href"][1:] for _, a in page.tags if a.get("href", "").startswith("#")}
    assert targets <= set(ids)


def test_every_number_of_the_findings_is_on_the_page(study, lang, written):
    path = written(study, lang)
    page = Page(path.read_text(encoding="utf-8"))
    content = json.loads(path.with_name("findings.json").read_text(encoding="utf-8"))
    words = Words(lang)
    assert len(content["findings"]) == len(findings_of(study)) > 0
    for finding in content["findings"]:
        assert finding["sentence"][lang] in page.text
        for part in ("value", "low", "high", "baseline", "control", "residual"):
            if finding[part] is not None:
                assert words.value(finding[part], finding["unit"]) in page.text, finding["id"]
        assert words.count(finding["n"]) in page.text


def test_what_comes_from_outside_is_inert(demo, leak, written):
    for study in (demo, leak):
        text = written(study).read_text(encoding="utf-8")
        assert "<script" not in text
        assert "onerror=alert(2)>" not in text
        assert "&lt;script&gt;alert(1)" in text
    # The test can fail: the mark is in what was given.
    assert "<script" in leak.title


def test_it_says_where_its_data_are_from(study, lang, written):
    page = written(study, lang)
    said = {
        ("simulated", "en"): "Simulated data: no real person",
        ("simulated", "fr"): "Données simulées : aucune personne réelle",
        ("audited file", "en"): "Audited file",
        ("audited file", "fr"): "Fichier examiné",
    }[study.provenance, lang]
    figures = sorted((page.parent / "figures").iterdir())
    assert figures
    for path in [page, *figures]:
        assert said in path.read_text(encoding="utf-8").replace("\u00a0", " "), path.name
    law = {"en": "This is not legal advice", "fr": "pas un avis juridique"}[lang]
    assert law in page.read_text(encoding="utf-8")


def test_the_fictional_map_is_watermarked_and_the_page_is_small(demo, written):
    page = written(demo, "fr")
    text = page.read_text(encoding="utf-8")
    assert ">SIMULATION<" in text
    assert len(text.encode()) < 600_000
    figures = {path.stem for path in (page.parent / "figures").iterdir()}
    assert figures == {"map", "ladder", "calibration", "candidates", "households", "access"}


def test_a_real_map_shows_no_dot_and_no_position(leak, written):
    out = written(leak).parent
    figure = (out / "figures" / "map.svg").read_text(encoding="utf-8")
    # Dots are circles put in place by <use>; the hatch and the squares are not.
    assert "<use" not in figure
    everything = "".join(p.read_text(encoding="utf-8") for p in out.rglob("*") if p.is_file())
    assert "665550" not in everything
    assert "6856033" not in everything
    areas = pd.read_csv(out / "tables" / "areas.csv")
    assert (areas["n"].dropna() >= 11).all()
    assert (areas[["x", "y", "side"]] % 200 == 0).all().all()


def test_tables_hold_groups_never_people(demo, written):
    for path in (written(demo).parent / "tables").iterdir():
        table = pd.read_csv(path)
        assert len(table) < 100, path.name
        if "n" in table and not path.name.startswith("findings"):
            assert (table["n"].dropna() >= 11).all(), path.name


def test_small_groups_are_withheld_on_the_page(demo, written):
    people = demo.exposures[1].per_person
    assert 0 < (people["zone"] == "hamlet").sum() < 11
    page = Page(written(demo).read_text(encoding="utf-8"))
    assert page.text.split("hamlet", 1)[1].strip().startswith("withheld")


def test_a_count_on_few_people_is_in_no_figure(demo, tmp_path):
    household = measures(
        count("adults_never_interacted", 431, 839, baseline=503.2),
        count("told_at_wrong_doors", 7, 9),
        ("wrong_labels", 0.33, 0.287, 0.377, 0.69, 412, "share", "n: dots"),
    )
    page = report(replace(demo, measures={"household": household}), tmp_path / "out")
    figure = (page.parent / "figures" / "households.svg").read_text(encoding="utf-8")
    assert "431" in figure
    assert "at a wrong door" not in figure
    table = pd.read_csv(page.parent / "tables" / "findings.csv").set_index("id")
    assert table.loc["household.told_at_wrong_doors", ["value", "low", "n"]].isna().all()


def snapshot(folder):
    return {p.relative_to(folder): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_the_same_study_gives_the_same_bytes(study, written, tmp_path):
    assert snapshot(report(study, tmp_path / "again").parent) == snapshot(written(study).parent)


def test_findings_do_not_depend_on_the_language(demo, written):
    english, french = (written(demo, lang).with_name("findings.json") for lang in ("en", "fr"))
    assert english.read_bytes() == french.read_bytes()


def test_a_table_alone_has_its_page(table, tmp_path):
    alone = table.measures["table"]
    page = Page(report(alone, tmp_path / "out", lang="fr").read_text(encoding="utf-8"))
    assert "fiches sont seules avec leurs variables clés" in page.text.replace("\u00a0", " ")
    assert "Needs a population or weights" in page.text


def test_rows_only_where_they_were_asked_for(leak, tmp_path):
    rows = {"dots": pd.DataFrame({"dot": [1, 2], "address_id": ["=cmd()", "94042_1"]})}
    page = report(leak, tmp_path / "out", lang="en", extra_tables=rows)
    assert "Rows were asked for" in page.read_text(encoding="utf-8")
    written = (page.parent / "tables" / "dots.csv").read_text(encoding="utf-8").split()
    assert written == ["dot,address_id", "1,'=cmd()", "2,94042_1"]
    discreet = replace(leak, revealed_rows=False)
    with pytest.raises(ParameterError, match="revealed_rows=True"):
        report(discreet, tmp_path / "other", extra_tables=rows)
    assert not (tmp_path / "other").exists()
    with pytest.raises(ParameterError, match="table names"):
        report(leak, tmp_path / "other", extra_tables={"../dots": rows["dots"]})
    page = report(discreet, tmp_path / "out")
    assert "Rows were asked for" not in page.read_text(encoding="utf-8")
    # The rows of the former report went with it.
    assert not (tmp_path / "out" / "tables" / "dots.csv").exists()


def test_values_of_people_stay_out(demo, written):
    out = written(demo).parent
    first = demo.dots.iloc[0]
    for path in [out / "findings.json", *(out / "tables").iterdir()]:
        text = path.read_text(encoding="utf-8")
        assert f"{first['x']:.2f}" not in text
        assert f"{first['y']:.2f}" not in text


def test_a_note_begins_with_a_capital_unless_a_measure_does(table, tmp_path):
    notes = ("degrees were taken as longitude and latitude in WGS 84", "tau1: a reason of its own.")
    made = replace(table, notes=notes)
    page = report(made, tmp_path / "en", lang="en").read_text(encoding="utf-8")
    assert "<li>Degrees were taken" in page
    assert "<li>tau1: a reason" in page
    page = report(made, tmp_path / "fr", lang="fr").read_text(encoding="utf-8")
    assert "<li>Les degrés ont été pris" in page
