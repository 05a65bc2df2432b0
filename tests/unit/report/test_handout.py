"""Each figure hands itself out: its files, its finding, and a sentence that names its numbers."""

import json
import re
import shutil
import warnings
from html import unescape
from io import BytesIO
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest

import privaudit as pa
from privaudit.cli import main
from privaudit.errors import OutputError
from privaudit.report.manifest import check_quoted, verify
from privaudit.report.page import figure_table, page_script
from privaudit.results.line_charts import ChartLine, Mark, Panel, line_chart
from privaudit.results.painter import Canvas, Display, raster
from privaudit.words.catalogues import Quoted, Words

pytestmark = pytest.mark.usefixtures("drawn_pictures")

SHARES = ("value", "control", "baseline", "confidence", "residual", "mean")
KINDS = ("demo", "map", "table", "traces", "country")
EVIL = "</script><script>alert(1)</script>\"'=1+1 \u4eba\U0001f600"


@pytest.fixture(scope="module")
def seized(tmp_path_factory):
    """Files of invented people, of places and of a country."""
    folder, rng, n = tmp_path_factory.mktemp("seized"), np.random.default_rng(4), 400
    ages, sides = rng.integers(18, 95, n), rng.choice(["left", "right", "none"], n)
    people = {"age": ages, "sex": rng.choice(["F", "M"], n), "opinion": sides,
              "commune": rng.choice(["Aubrac", "Brune", "Carse"], n)}  # fmt: skip
    pd.DataFrame(people).to_csv(folder / "people.csv", index=False)
    likes = {"account": rng.integers(0, 60, 2_000), "page": rng.integers(0, 200, 2_000)}
    pd.DataFrame(likes).to_csv(folder / "likes.csv", index=False)
    communes = {"code": ["94001", "94002"], "nom": ["A", "B"], "departement": "94",
                "region": "11", "population": [812, 20_431]}  # fmt: skip
    pd.DataFrame(communes).to_csv(folder / "communes.csv", index=False)
    street, number = np.divmod(np.arange(n), 20)
    places = pd.DataFrame(
        {"id": [f"a{i}" for i in range(n)], "code_insee": "94042", "nom_commune": "Bourg",
         "numero": number + 1, "nom_voie": [f"Rue {s}" for s in street],
         "x": 662_000.0 + number * 22, "y": 6_857_000.0 + street * 55}
    )  # fmt: skip
    places.to_csv(folder / "addresses.csv", index=False)
    dots = places.sample(60, random_state=1)[["x", "y"]].assign(support=rng.integers(1, 6, 60))
    dots.to_csv(folder / "dots.csv", index=False)
    return folder


@pytest.fixture(scope="module", params=[pytest.param("demo", marks=pytest.mark.heavy), *KINDS[1:]])
def folder(request, seized, tmp_path_factory, drawn_pictures):
    """A report of each kind, in French where the number of its kind is even."""
    if request.param == "demo":
        # A copy: tests change files of it, and put them back.
        made = request.getfixturevalue("french_demo")
        return Path(shutil.copytree(made, tmp_path_factory.mktemp("demo") / "out"))
    commands = {
        "map": ["map", "dots.csv", "--addresses", "addresses.csv", "--mask", "none"],
        "table": ["table", "people.csv", "--key", "age,sex,commune", "--sensitive", "opinion"],
        "traces": ["traces", "likes.csv", "--person", "account", "--item", "page"],
        "country": ["country", "--population", "communes.csv", "--by", "commune,sex,birth_year"],
    }
    lang = ("fr", "en")[KINDS.index(request.param) % 2]
    out = tmp_path_factory.mktemp(request.param) / "out"
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(seized)
        assert main([*commands[request.param], "--lang", lang, "--out", str(out)]) == 0
    return out


def handed(folder):
    """The parts of both pages that hand figures out."""
    pages = [(folder / f"{name}.html").read_text(encoding="utf-8") for name in ("index", "annex")]
    return re.findall(r'<div class="hand">(.*?)</div>', "".join(pages), re.S)


def quotation(part):
    return re.search(r"<blockquote><p>(.*?)</p>", part, re.S)[1]


def plain(text):
    return unescape(re.sub("<[^>]+>", "", text))


def test_every_figure_has_its_files_and_its_finding(folder):
    parts = handed(folder)
    drawn = {path.stem for path in (folder / "figures").glob("*.svg")}
    assert drawn == {path.stem for path in (folder / "figures").glob("*.png")} != set()
    names = [re.search(r'href="figures/(\w+)\.svg"', part)[1] for part in parts]
    assert sorted(names) == sorted(drawn)
    anchors = (folder / "annex.html").read_text(encoding="utf-8")
    for part in parts:
        links = re.findall(r'href="([^"]+)"', part)
        assert [link.rpartition(".")[2] for link in links[:3]] == ["svg", "png", "csv"]
        assert [link for link in links[:3] if not (folder / link).is_file()] == []
        assert f'id="{links[3].partition("#")[2]}"' in anchors


def test_the_sentence_is_that_of_the_finding_and_names_where_the_data_are_from(folder):
    page = (folder / "index.html").read_text(encoding="utf-8")
    lang = re.search(r'<html lang="(\w+)"', page)[1]
    whole = json.loads((folder / "findings.json").read_text(encoding="utf-8"))
    known = {one["id"]: one for one in whole["findings"]}
    source = Words(lang)(f"provenance.{whole['provenance'].replace(' ', '_')}")
    for part in handed(folder):
        text, name = quotation(part), re.search(r'annex\.html#([^"]+)"', part)[1]
        assert plain(text).endswith(f"privaudit {pa.__version__}.")
        assert source in plain(text)
        sentence = known[name]["sentence"].get(lang)
        assert sentence is None or sentence in plain(text)
        # A number of a share stands with its denominator, each with its source.
        of = known[name]["n"] if known[name]["unit"] == "share" else None
        assert of is None or re.search(r'data-field="(n|low|high|value)"', text)
        assert "data-finding=" in text


def test_a_table_of_a_figure_holds_what_its_findings_bear(folder):
    """No number but those of findings, of a table or of the description of the figure."""
    whole = json.loads((folder / "findings.json").read_text("utf-8"))
    known = {one["id"]: one for one in whole["findings"]}
    for path in (folder / "tables").glob("figure_*.csv"):
        table = pd.read_csv(path)
        if "finding" not in table:
            continue
        for row in table.dropna(subset=["finding"]).to_dict("records"):
            finding = known[row["finding"]]
            assert not finding["withheld"]
            # A range in place of a number is drawn by its upper end.
            names = SHARES if finding["value"] is not None else (*SHARES, "high")
            shares = [finding[name] for name in names if finding.get(name) is not None]
            n, value = finding["n"] or 0, row["value"]
            borne = [x for share in shares for x in (share, share * n, share * 100)]
            # Of a step, in points.
            borne += [n, 100 * ((finding["value"] or 0) - (finding["baseline"] or 0))]
            near = min(abs(value - x) for x in borne)
            assert near <= max(0.5 * (value == round(value)), 1e-4 * abs(value)), (path.name, row)


def test_a_changed_digit_of_a_table_or_a_picture_is_detected(folder):
    for path in (next((folder / "tables").glob("figure_*.csv")), folder / "figures" / "map.png"):
        if not path.exists():
            continue
        before = path.read_bytes()
        agreed = verify(folder)
        at = next(k for k in range(len(before) - 1, 0, -1) if before[k : k + 1].isdigit())
        path.write_bytes(before[:at] + b"%d" % (9 - int(before[at : at + 1])) + before[at + 1 :])
        with pytest.raises(OutputError, match=f"changed .*{path.name}"):
            verify(folder)
        path.write_bytes(before)
        assert verify(folder) == agreed


@pytest.mark.parametrize("name", ["index.html", "annex.html"])
def test_a_changed_number_of_a_sentence_is_detected(folder, name):
    page = folder / name
    before = page.read_text(encoding="utf-8")
    start = before.find('<div class="hand">')
    if start < 0:
        assert name == "annex.html"  # The story shows every figure of this kind.
        return
    marked = re.compile(r'(<span data-finding="[^"]+" data-field="[^"]+">)(\d)')
    number = marked.search(before, start)
    other = str((int(number[2]) + 1) % 10)
    page.write_text(before[: number.start(2)] + other + before[number.end(2) :], encoding="utf-8")
    with pytest.raises(OutputError, match="differ"):
        check_quoted(folder)
    page.write_text(before, encoding="utf-8")


def test_without_a_script_no_button_is_seen_and_no_other_script_may_run(folder):
    for name in ("index.html", "annex.html"):
        page = (folder / name).read_text(encoding="utf-8")
        buttons = re.findall(r"<button[^>]*data-copy[^>]*>", page)
        assert all(button.endswith(" hidden>") for button in buttons)
        (policy,) = re.findall(r'Content-Security-Policy" content="([^"]+)"', page)
        scripts = ["copy.js"] if buttons else []
        scripts += ["explorer.js"] if 'id="explorer"' in page else []
        scripts += ["street.js"] if 'class="told-street"' in page and 'class="now"' in page else []
        script = page_script(*scripts)
        own = f"; script-src {script.policy}" if script else ""
        assert unescape(policy) == f"default-src 'none'; style-src 'unsafe-inline'{own}"
        run = re.findall(r"<script>(.*?)</script>", page, re.S)
        assert run == ([str(script.text)] if script else [])


def test_a_picture_is_the_same_on_two_runs(folder):
    for path in sorted((folder / "figures").glob("*.svg"))[:3]:
        svg = path.read_text(encoding="utf-8")
        assert raster(svg, "png", 7.2, 200) == path.with_suffix(".png").read_bytes()


# What `raster` draws; another element or letter of a path would be missing from the picture.
_DRAWN = {"svg", "g", "use", "title", "desc", "style", "text", "tspan", "circle", "rect", "path"}


def test_a_picture_lacks_nothing_of_its_figure(folder):
    for path in (folder / "figures").glob("*.svg"):
        root = ElementTree.fromstring(path.read_text(encoding="utf-8"))
        assert {one.tag.rpartition("}")[2] for one in root.iter()} <= _DRAWN
        letters = {c for one in root.iter() for c in one.get("d", "") if c.isalpha()}
        assert letters <= set("MLVhvlz")


def test_a_table_of_a_figure_names_the_finding_of_each_mark_and_runs_no_formula():
    words = Words("en", marked=True)
    said = words("figure.found_of", n=Quoted(3, "map.b", "hits"), of=8)
    rows = [
        {"line": EVIL, "mark": "", "value": Quoted(3.0, "map.a", "hits"), "low": float("nan")},
        {"line": "b", "mark": said, "value": 3.0000000000001, "low": float("nan")},
        {"line": "c", "mark": "", "value": 4.0, "low": float("nan")},
    ]
    table = figure_table(Display("one", "", "", "", [Canvas(720, 40)], rows))
    assert list(table) == ["line", "mark", "value", "finding"]
    assert table["finding"].tolist()[:2] == ["map.a", "map.b"]
    assert pd.isna(table["finding"][2])
    assert table["value"].tolist() == [3.0, 3.0, 4.0]


def test_the_parts_of_a_script_are_one_and_named_together():
    both, one = page_script("copy.js", "explorer.js"), page_script("copy.js")
    assert str(both.text).startswith(str(one.text))
    assert both.policy != one.policy
    assert page_script() is None


def test_a_picture_of_letters_that_the_font_lacks_is_drawn_without_a_word():
    words = Words("en")
    line = ChartLine("\u4eba \U0001f600 <b>", [Mark(3, "3", "3")])
    drawing = line_chart("one", words, "simulated", title="x", panels=[Panel([line])],
                         write=words.count, axis="y")  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert raster(drawing.svg, "png", 7.2, 200).startswith(b"\x89PNG")


def test_a_picture_of_many_points_shows_each_of_them():
    """Dots may be strokes of no length with round ends: 200 of them, apart."""
    from matplotlib.image import imread

    at = [(20 + 34 * (k % 20), 20 + 34 * (k // 20)) for k in range(200)]
    strokes = "".join(f"M{x} {y}h.1" for x, y in at)
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 720 360">'
        f'<path class="street" stroke-width="12" d="{strokes}"/></svg>'
    )
    seen = imread(BytesIO(raster(svg, "png", 7.2, 100)))[:, :, :3]
    white = (seen > 0.99).all(axis=2)
    assert not any(white[y, x] for x, y in at)
    assert white[3:10].all()
