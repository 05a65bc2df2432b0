"""`privaudit dossier`: a seizure of several files becomes one page, and nobody's cell leaves it."""

import hashlib
import html
import json
import re
import shutil
from importlib import resources

import numpy as np
import pandas as pd
import pytest
from docx import Document

import privaudit
from privaudit.cli import main
from privaudit.geo import written_addresses
from privaudit.results.rows import Rows
from privaudit.studies.exhibits import Exhibit, add_named, open_exhibit
from privaudit.studies.inspect import inspect
from tests.conftest import text_in
from tests.fixtures.doors import write_doors
from tests.formats.writers import xlsx

STORY = resources.files("privaudit.rules") / "examples" / "story.toml"
SURNAMES = ("Bergeret", "Castanier", "Dieulafoy", "Esquirol", "Fontvieille", "Grandcoing")


@pytest.fixture(scope="module")
def seized(tmp_path_factory):
    """A table, a map and a log of one street of forty doors."""
    folder, rng = tmp_path_factory.mktemp("seized"), np.random.default_rng(5)
    write_doors(folder)
    home = rng.permutation(40)[:36] + 1
    people = pd.DataFrame(
        {
            "compte": [f"c{n:03d}x" for n in range(36)],
            "nom": [SURNAMES[n % 6] + "aeiouy"[n // 6] for n in range(36)],
            "adresse": [f"{n} rue Haute" for n in home],
            "sexe": rng.choice(list("FM"), 36),
            "soutien": rng.integers(1, 6, 36),
            "notes": ["Sa fille Zoé a ouvert" if n % 3 else "rien" for n in range(36)],
        }
    )
    people.to_csv(folder / "fiches.csv", index=False)
    dots = pd.DataFrame({"x": 700_000 + 30 * home[:24], "y": 6_600_000, "status": "to_meet"})
    dots.to_csv(folder / "carte.csv", index=False)
    who, page = np.repeat(people["compte"][:30], 5), rng.integers(0, 40, 150)
    log = pd.DataFrame({"compte": who, "page": page, "date": "2016-09-02"})
    log.to_csv(folder / "likes.csv", index=False)
    (folder / "d.toml").write_text(STORY.read_text("utf-8"), encoding="utf-8")
    return folder


def dossier(seized, out, *more, files=("fiches.csv", "carte.csv", "likes.csv"), lang="fr"):
    given = {"description": seized / "d.toml", "exhibit": "Scellé 7", "lang": lang, "out": out}
    options = [text for name, value in given.items() for text in (f"--{name}", str(value))]
    return main(["dossier", *(str(seized / name) for name in files), *options, *more])


@pytest.fixture(scope="module")
def made(seized, tmp_path_factory):
    """The folder of a dossier, and the texts whose addresses were looked up for it."""
    out, asked = tmp_path_factory.mktemp("made") / "out", []
    match = written_addresses.match_addresses

    def counted(texts, base, **beside):
        asked.append(tuple(texts))
        return match(texts, base, **beside)

    given = ["--addresses", str(seized / "adresses.csv"), "--as-of", "2016-11-08", "--also",
             "2018-05-25"]  # fmt: skip
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(written_addresses, "match_addresses", counted)
        assert dossier(seized, out, *given) == 0
    return out, asked


@pytest.fixture(scope="module")
def page(made):
    return made[0]


def test_what_is_in_it_comes_first_and_what_to_mend_last(page):
    text = (page / "index.html").read_text(encoding="utf-8")
    order = re.findall(r'<section id="([a-z_-]+)"', text)
    wanted = ["exhibits", "in_it", "exposed", "joins", "verdict-breach", "moved", "mend", "method"]
    assert [one for one in order if one in wanted] == wanted
    numbers = [int(n) for n in re.findall(r'<li id="constat-(\d+)"', text)]
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(numbers) >= 6


def test_the_dossier_and_its_drafts_are_word_documents_of_the_same_text(page):
    documents = sorted(page.rglob("*.docx"))
    assert [one.name for one in documents] == [
        "dossier.docx", "authority.docx", "information.docx", "people.docx", "record.docx",
    ]  # fmt: skip
    for path in documents:
        source = page / "index.html" if path.name == "dossier.docx" else path.with_suffix(".html")
        # Without words for a screen reader alone.
        html_text = re.sub(
            '<span class="unseen">.*?</span>', "", source.read_text(encoding="utf-8")
        )
        plain = re.sub(r"\s", "", html.unescape(re.sub(r"<[^>]+>", "", html_text)))
        read = Document(str(path))
        cells = [cell for table in read.tables for row in table.rows for cell in row.cells]
        texts = [one.text for one in (*read.paragraphs, *cells)]
        # Nothing that the page does not hold, and every heading of it.
        assert [t for t in texts if re.sub(r"\s", "", t) not in plain] == []
        heads = re.findall(r"<h[23][^>]*>(.*?)</h[23]>", html_text, re.DOTALL)
        known = [one.text for one in read.paragraphs if one.style.name.startswith("Heading")]
        wanted = [re.sub(r"\s", "", html.unescape(re.sub(r"<[^>]+>", "", one))) for one in heads]
        assert [re.sub(r"\s", "", one) for one in known] == wanted
        assert read.core_properties.language == "fr-FR"
    pictures = Document(str(page / "dossier.docx")).element.xpath("//wp:docPr/@descr")
    assert len(pictures) >= 3
    assert all(pictures)


def test_what_a_lawyer_must_read_travels_with_the_verdicts(page):
    text = (page / "index.html").read_text(encoding="utf-8").replace("\u00a0", " ")
    part = re.search(r'<section id="to-read".*?</section>', text, re.DOTALL)[0]
    # Of the law of the day that it cites, and of no other.
    assert "loi 78-17 modifiée en 2004" in part
    assert "RGPD" not in part
    assert part.count("<dt>") == part.count("<dd>") >= 3


def test_every_finding_leads_to_its_number_in_the_annex(page):
    text = (page / "index.html").read_text(encoding="utf-8")
    annex = (page / "annex.html").read_text(encoding="utf-8")
    linked = re.findall(r'<h3><a href="annex.html#([^"]+)">Constat', text)
    assert linked
    assert all(f'id="{one}"' in annex for one in linked)
    known = {one["id"] for one in json.loads((page / "findings.json").read_text())["findings"]}
    assert set(linked) <= known


def test_exhibits_are_told_by_their_hash_and_the_report_verifies(page, seized, capsys):
    text = (page / "index.html").read_text(encoding="utf-8")
    manifest = json.loads((page / "manifest.json").read_text(encoding="utf-8"))
    for name in ("fiches.csv", "carte.csv", "likes.csv", "adresses.csv", "d.toml"):
        digest = hashlib.sha256((seized / name).read_bytes()).hexdigest()
        assert digest in text
        assert digest in [one["sha256"] for one in manifest["inputs"]]
    assert main(["report", "--verify", str(page)]) == 0
    assert "Réalisé par" not in text


def test_what_joins_with_what_is_counted(page):
    found = {one["id"]: one for one in json.loads((page / "findings.json").read_text())["findings"]}
    named = found["linked.dot_tells.what_identity"]
    assert (named["value"], named["baseline"], named["n"]) == (1, 0, 24)
    accounts = next(one for name, one in found.items() if name.startswith("linked_log"))
    assert (accounts["value"], accounts["n"], accounts["baseline"]) == (1, 30, 0)
    assert found["inventory.note_holds.what_others"]["n"] == 36


def test_no_cell_of_anybody_stands_in_any_file(page):
    for path in page.rglob("*"):
        if path.is_file():
            text = text_in(path)
            assert not any(name in text for name in SURNAMES), path.name
            assert "c001x" not in text
            assert "Zoé" not in text


@pytest.mark.heavy
def test_without_addresses_the_map_is_read_and_the_page_says_so(seized, tmp_path):
    out = tmp_path / "out"
    more = [
        "--as-of",
        "2018-06-01",
        "--operator",
        "A. Contrôleuse",
        "--pia",
        str(tmp_path / "p.json"),
    ]
    assert dossier(seized, out, *more, files=("carte.csv", "fiches.csv")) == 0
    text = (out / "index.html").read_text(encoding="utf-8")
    assert "A. Contrôleuse" in text
    annex = (out / "annex.html").read_text(encoding="utf-8")
    assert "n’a pas été attaquée" in annex
    assert len(json.loads((tmp_path / "p.json").read_text("utf-8"))["answers"]) == 36


def found_in(text):
    """Return the number, title and lines of each finding of a page."""
    items = re.findall(r'<li id="constat-(\d+)"><h3>(.*?)</h3>(.*?)</li>', text, re.DOTALL)
    strip = lambda part: re.sub(r"<[^>]+>", "", part).replace("\xa0", " ")  # noqa: E731
    return [(int(n), strip(head), strip(lines)) for n, head, lines in items]


@pytest.mark.heavy
def test_every_finding_names_its_exhibit_its_place_and_its_acquisition(seized, tmp_path):
    more = ["--as-of", "2016-11-08", "--acquired", "2017-03-01", "--mission", "2017-042",
            "--agents", "A. Dupré,B. Roux"]  # fmt: skip
    assert dossier(seized, tmp_path / "out", *more, lang="en") == 0
    text = (tmp_path / "out" / "index.html").read_text("utf-8")
    findings = found_in(text)
    assert findings
    sha = {n: hashlib.sha256((seized / n).read_bytes()).hexdigest()[:12]
           for n in ("fiches.csv", "carte.csv", "likes.csv")}  # fmt: skip
    number = {"fiches.csv": 1, "carte.csv": 2, "likes.csv": 3}  # in the order given
    for _, _, lines in findings:
        named = [name for name in sha if f"“{name}”" in lines]
        assert named
        for name in named:
            assert f"xhibit {number[name]}, “{name}”" in lines
            assert f"SHA-256 beginning {sha[name]}" in lines
        assert ("Acquired on 1 March 2017; mission 2017-042; agents: A. Dupré, B. Roux; "
                f"examined with privaudit {privaudit.__version__}.") in lines  # fmt: skip
    third = next(lines for _, _, lines in findings if "never dealt with its holder" in lines)
    # The notes of 36 people, of whom 24 (n % 3) name a daughter.
    assert "column “notes”, 36 rows read" in third
    by_what = {
        "identify the person, by a name": "columns “compte”, “nom”, 36 rows read",
        "and show a support level": "columns “compte”, “nom”, “soutien”, 36 rows read",
        "single out 30 of 30 people": "columns “compte”, “page”, “date”, 150 rows read",
        "in the map, 24 of 24 dots": "columns “x”, “y”, 24 rows read",
    }
    for what, place in by_what.items():
        assert place in next(lines for _, head, lines in findings if what in head), what
    cards = r'id="exhibit-(\d+)">.*?<h[23]>Exhibit \1, ([\w.]+)'
    assert re.findall(cards, text, re.DOTALL) == [
        ("1", "fiches.csv"), ("3", "likes.csv"), ("2", "carte.csv")]  # fmt: skip


@pytest.mark.heavy
def test_sheets_are_parts_of_their_exhibit(seized, tmp_path):
    rows = pd.read_csv(seized / "fiches.csv")
    sheets = {"Fiches": rows, "Suivi": rows.drop(columns="nom")}
    written = {name: [list(one), *one.to_numpy().tolist()] for name, one in sheets.items()}
    xlsx(tmp_path / "classeur.xlsx", [], sheets=written)
    out = tmp_path / "out"
    given = ("--as-of", "2016-11-08")
    assert dossier(seized, out, *given, files=("likes.csv", tmp_path / "classeur.xlsx")) == 0
    text = (out / "index.html").read_text("utf-8").replace("\xa0", " ")
    named = re.findall(r"pièce (\d[.\d]*), « ([^»]*) »", text)
    assert ("2.1", "classeur.xlsx › Fiches") in named
    assert ("2.2", "classeur.xlsx › Suivi") in named
    assert not {one for one in named if one[0] == "2"}  # what is told is told of a sheet
    assert "Acquisition" not in text
    assert f"Examen avec privaudit {privaudit.__version__}." in text


ACQUIRED = """
[acquisition]
date = 2017-03-01
mission = "2017-042"
agents = ["A. Dupré", "B. Roux"]

[[exhibits]]
file = "carte.csv"
number = "2017-12/A"
"""


def described(seized, folder, more):
    """A seizure in a folder of its own, whose description says more."""
    shutil.copytree(seized, folder)
    (file,) = folder.glob("*.toml")
    file.write_text(file.read_text("utf-8") + more, "utf-8")
    return folder


@pytest.mark.heavy
def test_a_description_states_the_acquisition_and_numbers_of_exhibits(seized, tmp_path):
    folder = described(seized, tmp_path / "files", ACQUIRED)
    more = ("--as-of", "2016-11-08")
    assert (
        dossier(folder, tmp_path / "out", *more, lang="en", files=("fiches.csv", "carte.csv")) == 0
    )
    lines = " ".join(
        line for *_, line in found_in((tmp_path / "out/index.html").read_text("utf-8"))
    )
    assert "Acquired on 1 March 2017; mission 2017-042; agents: A. Dupré, B. Roux; " in lines
    # The first has no number of its own: it keeps its place.
    assert "xhibit 2017-12/A, “carte.csv”" in lines
    assert "xhibit 1, “fiches.csv”" in lines


@pytest.mark.heavy
def test_the_action_plan_has_remedies_of_masks_and_columns(seized, tmp_path):
    file = tmp_path / "pia.json"
    more = (
        "--as-of",
        "2016-11-08",
        "--addresses",
        str(seized / "adresses.csv"),
        "--pia",
        str(file),
    )
    assert (
        dossier(seized, tmp_path / "out", *more, lang="en", files=("fiches.csv", "carte.csv")) == 0
    )
    pia = json.loads(file.read_text("utf-8"))
    titles = {f"3.1.{one['id']}": one["title"] for one in pia["measures"]}
    plan = {
        titles[one["reference_to"]]: one
        for one in pia["evaluations"]
        if one["reference_to"] in titles
    }
    # What the page says is to be mended: each with its number before and after.
    page = (tmp_path / "out" / "index.html").read_text("utf-8")
    mend = page.partition('<section id="mend"')[2].partition("</section>")[0]
    mend = re.sub(r"<[^>]+>", "", mend).replace("\xa0", " ")
    planned = [title for title in plan if not re.match(r"R\d\d,|H1,", title)]
    assert planned
    for title in planned:
        text = re.sub(r"<[^>]+>", "", plan[title]["evaluation_comment"])
        assert plan[title]["action_plan_comment"] == f"<p>{title}.</p>"
        assert re.search(r"\d+ of [\d,]+.* today, (?:\d+|none)", text), text
    assert any(title in mend for title in planned)


@pytest.mark.parametrize(
    ("stated", "more", "said"),
    [
        (ACQUIRED, ("--mission", "2017-043"), "acquisition.mission as it was given"),
        (ACQUIRED.replace("carte", "plan"), (), "exhibits 1.file among the files given"),
        (ACQUIRED.replace("2017-12/A", "1"), (), "exhibits.number of each its own"),
        (ACQUIRED.replace("2017-03-01", '"mars"'), (), "a date such as 2016-09-02"),
    ],
)
def test_an_acquisition_that_cannot_be_is_one_line(seized, tmp_path, capsys, stated, more, said):
    folder = described(seized, tmp_path / "files", stated)
    given = ("--as-of", "2016-11-08", *more)
    assert dossier(folder, tmp_path / "out", *given, files=("fiches.csv", "carte.csv")) == 2
    line = capsys.readouterr().err
    assert said in line
    assert line.count("\n") == 1


@pytest.mark.parametrize(
    ("files", "more", "said"),
    [
        (("fiches.csv", "fiches.csv"), (), "different names"),
        (("absent.csv",), (), "absent.csv"),
        (("fiches.csv",), ("--as-of", "1999-01-01"), "1999"),
        (("fiches.csv",), ("--as-of", "2016-11-08", "--acquired", "mars 2017"), "acquired a day"),
    ],
)
def test_bad_input_is_one_line(seized, tmp_path, capsys, files, more, said):
    given = more or ("--as-of", "2016-11-08")
    assert dossier(seized, tmp_path / "out", *given, files=files) == 2
    line = capsys.readouterr().err
    assert said in line
    assert line.count("\n") == 1


def frame(**columns):
    return pd.DataFrame(columns)


@pytest.mark.parametrize(
    ("table", "kind"),
    [
        (frame(lon=[2.4, 2.5], lat=[48.8, 48.9], nom=["A", "B"]), "map"),
        (frame(user_id=[1, 1, 1, 2, 2], page=[3, 4, 5, 3, 9], liked_at=["2016-01-02"] * 5), "log"),
        (frame(email=["a@b.fr", "c@d.fr"], subject=["x", "x"], opened=[1, 0]), "mailing"),
        (frame(nom=["Petit", "Roux"], age=[30, 40]), "table"),
    ],
)
def test_a_file_is_known_by_its_columns(tmp_path, table, kind):
    table.to_csv(tmp_path / "f.csv", index=False)
    assert open_exhibit(tmp_path / "f.csv").kind == kind


def test_numbers_that_count_up_meet_by_chance():
    table = Exhibit(path=STORY, kind="table", frame=frame(id=range(1, 101)))
    log = Exhibit(path=STORY, kind="log", frame=frame(user=list(range(0, 60, 2)) * 2), who="user")
    rows = Rows(0, "accounts")
    add_named(rows, log, table)
    (row,) = rows
    assert row.value == 29 / 30  # All but 0,
    assert row.baseline == 58 / 59  # and of 0 to 58 the table has 1 to 58.


@pytest.mark.heavy
def test_every_map_is_attacked_and_the_page_names_each(seized, tmp_path):
    # Forty doors 30 m apart; a second map whose dots stand 9 m beside them leads to each, too.
    dots = pd.read_csv(seized / "carte.csv")
    dots.assign(x=dots["x"] + 9, y=dots["y"]).iloc[:20].to_csv(seized / "seconde.csv", index=False)
    given = ["--addresses", str(seized / "adresses.csv"), "--as-of", "2016-11-08"]
    assert dossier(seized, tmp_path / "out", *given, files=("carte.csv", "seconde.csv")) == 0
    told = json.loads((tmp_path / "out" / "findings.json").read_text("utf-8"))["findings"]
    doors = {one["id"]: one["n"] for one in told if one["id"].startswith("maps.")}
    # The first map's dots stand on addresses: left there, or swapped.
    assert sorted(doors.values()) == [20, 24, 24]
    text = (tmp_path / "out" / "index.html").read_text(encoding="utf-8")
    assert "carte.csv" in text
    assert "seconde.csv" in text


def test_the_title_of_what_joins_stands_beside_its_control(page):
    # Never the difference alone: where the table holds all people of the map, it names rightly
    # and names as many dots of whoever is taken out of it.
    found = {one["id"]: one for one in json.loads((page / "findings.json").read_text())["findings"]}
    named = next(one for name, one in found.items() if name.startswith("linked.dot_named.by_"))
    fits, others = (round(named[key] * named["n"]) for key in ("value", "control"))
    text = (page / "index.html").read_text(encoding="utf-8")
    text = re.sub("</?span[^>]*>", "", text)
    assert f"convient à {fits} des {named['n']}" in text.replace("\u00a0", " ")
    assert f"une autre conviendrait à {others}" in text.replace("\u00a0", " ")
    # In the finding too, and in its evidence.
    assert f"{others} recevraient le nom d’une autre" in text.replace("\u00a0", " ")
    assert "il reste" not in named["sentence"]["fr"]


@pytest.mark.heavy
def test_public_addresses_among_the_files_are_what_maps_are_held_against(seized, page, tmp_path):
    # As an inspector names them: all files of the folder, in any order.
    files = ("adresses.csv", "fiches.csv", "carte.csv", "likes.csv")
    assert dossier(seized, tmp_path / "out", "--as-of", "2016-11-08", files=files) == 0
    found, told = (
        {
            one["id"]: one["value"]
            for one in json.loads((at / "findings.json").read_text())["findings"]
        }
        for at in (tmp_path / "out", page)
    )
    assert {k: v for k, v in found.items() if k.startswith(("linked", "maps", "unicity"))} == {
        k: v for k, v in told.items() if k.startswith(("linked", "maps", "unicity"))
    }


def test_dots_on_addresses_are_told_as_left_and_as_swapped(page):
    found = {one["id"]: one for one in json.loads((page / "findings.json").read_text())["findings"]}
    left, swapped = (
        found[f"maps.address_found_if.file_carte_csv.believed_{one}"]
        for one in ("in_place", "swapped")
    )
    # Every dot stands on the address of its person; a swap leaves each 50 m or more away.
    assert left["value"] > 0.95
    assert swapped["value"] < 0.5
    text = (page / "index.html").read_text(encoding="utf-8").replace("\u202f", " ")
    assert "si les points ont été laissés en place" in text
    assert "si les points ont été échangés" in text


@pytest.mark.heavy
def test_one_map_whose_mask_nobody_states_is_told_by_its_range(seized, tmp_path):
    # A blur of 60 m over doors 30 m apart: no one number, and no silence either.
    dots, rng = pd.read_csv(seized / "carte.csv"), np.random.default_rng(8)
    moved = dots.assign(x=dots["x"] + rng.normal(0, 60, 24), y=dots["y"] + rng.normal(0, 60, 24))
    moved.to_csv(seized / "floue.csv", index=False)
    given = ["--addresses", str(seized / "adresses.csv"), "--as-of", "2016-11-08"]
    assert dossier(seized, tmp_path / "out", *given, files=("floue.csv",)) == 0
    found = json.loads((tmp_path / "out" / "findings.json").read_text("utf-8"))["findings"]
    (told,) = (one for one in found if one["family"] == "maps")
    assert told["bound"] == "upper"
    assert 0 <= told["low"] < told["high"] == told["value"] <= 1
    text = (tmp_path / "out" / "index.html").read_text("utf-8")
    assert "selon la façon dont ils ont été déplacés" in text


def test_a_log_is_known_by_what_its_columns_hold(tmp_path):
    who = [f"u{k % 40:02d}k" for k in range(400)]
    rows = {"compte": who, "truc": [f"p{k * 7 % 31}" for k in range(400)],
            "vu": pd.date_range("2026-01-01", periods=400, freq="h").astype(str)}  # fmt: skip
    pd.DataFrame(rows).to_csv(tmp_path / "x.csv", index=False)
    found = open_exhibit(tmp_path / "x.csv", inspect(tmp_path / "x.csv"))
    assert (found.kind, found.who, found.what, found.when) == ("log", "compte", "truc", "vu")


def test_every_special_category_of_notes_is_a_finding(seized, tmp_path):
    said = ["va à la mosquée", "délégué CGT", "diabétique, à rappeler"] * 12
    notes = pd.DataFrame({"nom": SURNAMES * 6, "commentaire": said})
    notes.to_csv(seized / "notes.csv", index=False)
    assert dossier(seized, tmp_path / "out", "--as-of", "2016-11-08", files=("notes.csv",)) == 0
    text = (tmp_path / "out" / "index.html").read_text(encoding="utf-8")
    told = re.findall(r'<li id="constat-\d+".*?</h3>', text, flags=re.S)
    for kind in ("religion", "syndicat", "maladie"):
        assert any(kind in one for one in told), kind


@pytest.mark.heavy
def test_a_figure_is_of_one_table_and_says_what_is_added(tmp_path):
    # In one table all are alone by their age, in the other nobody is; a map that names its dots
    # itself gains no name by a table.
    n = 60
    names = [f"{SURNAMES[k % 6]}{'aeiouy'[k % 5]}{k}" for k in range(n)]
    few = pd.DataFrame({"nom": names, "sexe": list("FFMM") * 15, "age": [40, 41] * 30})
    few.to_csv(tmp_path / "a.csv", index=False)
    frame = pd.DataFrame({"nom": names, "sexe": list("FM") * 30, "age": range(20, 20 + n)})
    frame.to_csv(tmp_path / "b.csv", index=False)
    at = pd.DataFrame({"x": 700_000 + 30 * np.arange(1, n + 1), "y": 6_600_000, "nom": names})
    at.to_csv(tmp_path / "carte.csv", index=False)
    (tmp_path / "d.toml").write_text(STORY.read_text("utf-8"), encoding="utf-8")
    write_doors(tmp_path, n)
    given = ["--as-of", "2016-11-08", "--addresses", str(tmp_path / "adresses.csv")]
    files = ("a.csv", "b.csv", "carte.csv")
    assert dossier(tmp_path, tmp_path / "out", *given, files=files) == 0
    text = (tmp_path / "out" / "index.html").read_text(encoding="utf-8")
    title = re.search(r"<figcaption>(Par les variables clés.*?)</figcaption>", text)[1]
    title = re.sub(r"<[^>]+>", "", title).replace("\xa0", " ")
    assert title == (
        "Par les variables clés, 60 des 60 personnes sont seules, "
        "60 sont dans un groupe de moins de 5"
    )
    assert 'id="linked-0-t"' not in text


@pytest.mark.parametrize("where", ["dossier", "rules"])
def test_a_column_that_no_file_has_is_refused_before_anything_is_measured(
    seized, tmp_path, capsys, monkeypatch, where
):
    """It was at the end, minutes later."""

    def late(*_, **__):
        raise AssertionError

    monkeypatch.setattr("privaudit.studies.dossier.inspect_files", late)
    monkeypatch.setattr("privaudit.studies.audit_rules.three_tests", late)
    told = tmp_path / "d.toml"
    told.write_text('[people]\nconsent = "soutiem"\n', encoding="utf-8")
    table = ["--table", str(seized / "fiches.csv")]
    files = [str(told), *table] if where == "rules" else [str(seized / "fiches.csv")]
    more = ["--description", str(told), "--exhibit", "S"] if where == "dossier" else []
    given = [where, *files, *more, "--as-of", "2018-06-01", "--out", str(tmp_path / "o")]
    assert main(given) == 2
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert "people.consent a column of the files" in line
    assert "Did you mean 'soutien'?" in line
    # What is no description is refused before a file is opened.
    told.write_text("[peopel]\n", encoding="utf-8")
    monkeypatch.setattr("privaudit.studies.dossier.open_exhibit", late)
    assert main(given) == 2


@pytest.mark.heavy
def test_the_address_of_each_record_is_looked_up_once(made):
    """The table is laid beside the map, then beside the other lists."""
    _, asked = made
    assert asked
    assert len(set(asked)) == len(asked)
