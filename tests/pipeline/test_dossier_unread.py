"""A file of a seizure that cannot be read, or not be examined, stops no other: it is a finding."""

import html
import json
import re
import zipfile
from importlib import resources
from pathlib import Path

import pandas as pd
import pytest

import privaudit
from privaudit.cli import main
from privaudit.words.catalogues import LANGUAGES, Words
from tests.fixtures.doors import write_doors

STORY = resources.files("privaudit.rules") / "examples" / "story.toml"
KML = (
    '<?xml version="1.0"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document>{}</Document></kml>'
)
LINE = (
    "<Placemark><name>Zxqv</name><LineString><coordinates>2.46,48.81 2.47,48.82</coordinates>"
    "</LineString></Placemark>"
)
LINK = "<NetworkLink><Link><href>http://example.org/a.kml</href></Link></NetworkLink>"


def _without_spans(page):
    """Return a page whose numbers stand in their sentence."""
    return re.sub("</?span[^>]*>", "", page.read_text(encoding="utf-8"))


def line(at):
    shape = {"type": "LineString", "coordinates": [[at, 0], [at, 1]]}
    return {"type": "Feature", "properties": {"nom": "Zxqv"}, "geometry": shape}


@pytest.fixture(scope="module")
def seized(tmp_path_factory):
    folder = tmp_path_factory.mktemp("seized")
    write_doors(folder)
    dots = ["x,y,status", *(f"{700_000 + 30 * n},6600000,to_meet" for n in range(1, 25))]
    (folder / "carte.csv").write_text("\n".join(dots), encoding="utf-8")
    (folder / "routes.kml").write_text(KML.format(LINE * 23), encoding="utf-8")
    (folder / "liens.kml").write_text(KML.format(LINK * 2), encoding="utf-8")
    point = line(1) | {"geometry": {"type": "Point", "coordinates": [2.46, 48.8]}}
    mixed = {"type": "FeatureCollection", "features": [line(n) for n in range(30)] + [point] * 12}
    (folder / "mixte.geojson").write_text(json.dumps(mixed), encoding="utf-8")
    (folder / "d.toml").write_text(STORY.read_text("utf-8"), encoding="utf-8")
    return folder


def dossier(seized, out, *files, lang="fr"):
    given = {"description": seized / "d.toml", "exhibit": "S", "lang": lang, "out": out,
             "as-of": "2016-11-08", "addresses": seized / "adresses.csv"}  # fmt: skip
    options = [text for name, value in given.items() for text in (f"--{name}", str(value))]
    return main(["dossier", *(str(seized / name) for name in files), *options])


@pytest.mark.heavy
def test_the_other_exhibits_are_examined_and_it_is_said(seized, tmp_path):
    """Links alone stopped everything, as did a map of more lines than points."""
    out = tmp_path / "out"
    files = ("liens.kml", "mixte.geojson", "routes.kml", "carte.csv")
    assert dossier(seized, out, *files) == 0
    told = json.loads((out / "findings.json").read_text(encoding="utf-8"))
    rows = {f["measure"]: f for f in told["findings"] if f["family"] == "exhibits"}
    assert {name: (row["value"], row["n"]) for name, row in rows.items()} == {
        "unread": (1, 4), "unexamined": (1, 4), "of_shapes": (1, 4)
    }  # fmt: skip
    page = (out / "index.html").read_text(encoding="utf-8")
    text = " ".join(re.sub(r"<[^>]+>", " ", re.sub("</?span[^>]*>", "", page)).split())
    text = text.replace("\u00a0", " ").replace("\u202f", " ").replace("’", "'")
    for said in ("« liens.kml » n'a pas pu être lu : il ne fait que mener à 2 autres fichiers",
                 "30 lignes sur 42 sont inutilisables", "a 23 lignes ou surfaces et aucun point",
                 ):  # fmt: skip
        assert said in text
    # The reasons were the English lines of errors.
    assert not [word for word in ("needs", "but got", "en anglais", "Save ") if word in text]
    assert any(f["family"] == "maps" for f in told["findings"])
    assert f"privaudit dossier {' '.join(files)} " in told["command"]
    every = b"".join(file.read_bytes() for file in out.rglob("*") if file.is_file())
    assert b"Zxqv" not in every


def test_where_no_file_can_be_read_the_first_is_the_error(seized, tmp_path, capsys):
    assert dossier(seized, tmp_path / "out", "liens.kml") == 2
    assert "links to 2 other files" in capsys.readouterr().err


def test_notes_under_a_header_that_nobody_knows_are_told(tmp_path):
    """What a column of cults says of a cult is its own; of a union, or under *Rq*, it is not."""
    n = 60
    notes = ["malade, cancer du sein", "absent", "fils de 9 ans a ouvert", "RAS"]
    groups = ["paroisse Saint-Jean", "mosquée", "CGT cheminots", ""]
    pd.DataFrame(
        {"nom": [f"Kervadec{i}" for i in range(n)], "Rq": [notes[i % 4] for i in range(n)],
         "Asso / culte": [groups[i % 4] for i in range(n)]}
    ).to_csv(tmp_path / "people.csv", index=False)  # fmt: skip
    assert main(["rules", "--init", str(tmp_path / "d.toml")]) == 0
    asked = ["dossier", str(tmp_path / "people.csv"), "--description", str(tmp_path / "d.toml")]
    out = tmp_path / "out"
    told = [*asked, "--as-of", "2026-11-27", "--exhibit", "1", "--out", str(out)]
    assert main(told) == 0
    page = re.sub(
        r"<[^>]+>",
        " ",
        _without_spans(out / "index.html"),
    )
    page = re.sub(r"\s+", " ", page.replace("\u00a0", " "))
    # By hand: a quarter of sixty each; two quarters are of a cult, which its column is there for.
    said = re.findall(r"“([^”]+)” mentions ([^.]+) in (\d+) of the (\d+) records", page)
    assert ("Rq", "an illness", "15", "60") in said
    assert ("Rq", "a child", "15", "60") in said
    assert ("Asso / culte", "a trade union", "15", "45") in said
    assert not any((column, what) == ("Asso / culte", "a religion") for column, what, *_ in said)


@pytest.mark.heavy
def test_the_files_of_a_zip_are_exhibits_of_their_own(seized, tmp_path):
    """One was read, and of the others it was said that they were not."""
    kml = KML.format(
        "".join(
            f"<Placemark><name>Zxqv</name><Point><coordinates>2.4{n},48.81</coordinates></Point>"
            "</Placemark>" for n in range(10, 30)
        )
    )  # fmt: skip
    people = "\n".join(f"Zxqv{n},{20 + n % 9},{'FM'[n % 2]}" for n in range(40))
    when = (2017, 3, 13, 8, 30, 0)
    with zipfile.ZipFile(tmp_path / "saisie.zip", "w") as file:
        for name, text in (("a/points.kml", kml), ("b/fiches.csv", f"nom,age,sexe\n{people}\n")):
            file.writestr(zipfile.ZipInfo(name, when), text)
    pages = []
    for run in ("one", "two"):
        assert dossier(seized, tmp_path / run, tmp_path / "saisie.zip", lang="en") == 0
        pages.append((tmp_path / run / "index.html").read_bytes())
    assert pages[0] == pages[1]
    page = pages[0].decode()
    exhibits = re.findall(r"<h[23]>Exhibit [\d.]+, ([\w.-]+)<", page)
    assert {"points.kml", "fiches.csv", "saisie.zip"} <= set(exhibits)
    assert page.count("2017-03-13 08:30:00") == 2
    told = json.loads((tmp_path / "one" / "findings.json").read_text(encoding="utf-8"))
    assert told["command"].startswith("privaudit dossier saisie.zip --description")
    # The dots lie far from these addresses, which is said; no part was left.
    assert {f["measure"] for f in told["findings"] if f["family"] == "exhibits"} == {"unexamined"}
    assert b"Zxqv" not in b"".join(f.read_bytes() for f in tmp_path.glob("one/**/*.*"))


def test_a_zip_that_cannot_be_unpacked_stays_one(seized, tmp_path):
    (tmp_path / "broken.zip").write_bytes(b"PK\x03\x04 nothing")
    with zipfile.ZipFile(tmp_path / "twice.zip", "w") as file:
        file.writestr("a/f.csv", "age\n1\n2\n")
        file.writestr("b/f.csv", "age\n3\n4\n")
    assert dossier(seized, tmp_path / "o", tmp_path / "broken.zip", tmp_path / "twice.zip") == 0
    told = json.loads((tmp_path / "o" / "findings.json").read_text(encoding="utf-8"))
    rows = {f["measure"]: f["value"] for f in told["findings"] if f["family"] == "exhibits"}
    assert rows == {"unread": 1}
    # Two files of one name are two exhibits.
    page = (tmp_path / "o" / "index.html").read_text("utf-8")
    assert {"f.csv", "2 f.csv"} <= set(re.findall(r"2\.[12], ([^<]+csv)", page))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_reason_of_an_error_has_its_words(lang):
    words, found = Words(lang), set()
    for file in Path(privaudit.__file__).parent.rglob("*.py"):
        found |= set(re.findall(r'why="(\w+)"', file.read_text(encoding="utf-8")))
    assert len(found) > 15
    for key in (*found, "read", "schema", "geometry", "parameter"):
        assert words.has(f"note.reason_{key}"), key


REFUSED = {
    "a.zip": (b"PK\x03\x04 nothing", "il est abîmé"),
    "b.xlsx": (b"\xd0\xcf\x11\xe0" + bytes(600), "il n'est pas du format"),
    "c.csv": (b"", "il n'y a rien à y lire"),
    "d.json": (b'{"a": 1', "il est abîmé"),
    "e.kml": (b'<!DOCTYPE a [<!ENTITY b "c">]><kml/>', "il contient une définition"),
    "f.csv": (b"nom,nom\nZxqv,Zxqw\n", "deux de ses colonnes"),
}


@pytest.mark.heavy
def test_reasons_are_in_the_language_of_the_page(seized, tmp_path):
    for name, (data, _) in REFUSED.items():
        (tmp_path / name).write_bytes(data)
    files = [tmp_path / name for name in REFUSED]
    assert dossier(seized, tmp_path / "o", *files, "carte.csv", lang="fr") == 0
    text = html.unescape((tmp_path / "o" / "index.html").read_text(encoding="utf-8"))
    text = text.replace("\u00a0", " ").replace("\u202f", " ").replace("’", "'")
    for name, (_, why) in REFUSED.items():
        assert f"« {name} » n'a pas pu être lu : {why}" in text
    assert "Zxq" not in text


def test_addresses_that_cannot_be_read_stop_no_other(seized, tmp_path):
    """A damaged address file among the exhibits ended the run; one that is named still does."""
    doors = ["id;numero;rep;nom_voie;code_insee;nom_commune;x;y;lon;lat"]
    doors += [f"{n};{n};;Rue Haute;94042;B;700000;6600000;55.4;-20.9" for n in range(1, 41)]
    (tmp_path / "base.csv").write_text("\n".join(doors), encoding="utf-8")
    told = ["--description", str(seized / "d.toml"), "--exhibit", "S", "--as-of", "2016-11-08"]
    files = [str(tmp_path / "base.csv"), str(seized / "carte.csv")]
    assert main(["dossier", *files, *told, "--out", str(tmp_path / "o")]) == 0
    found = json.loads((tmp_path / "o" / "findings.json").read_text(encoding="utf-8"))
    rows = [f["measure"] for f in found["findings"] if f["family"] == "exhibits"]
    assert rows == ["unexamined"]
    assert "privaudit dossier base.csv carte.csv" in found["command"]
    inputs = json.loads((tmp_path / "o" / "manifest.json").read_text("utf-8"))["inputs"]
    assert {one["name"]: one["role"] for one in inputs}["base.csv"] == "unread"
    named = [*files[1:], *told, "--addresses", files[0], "--out", str(tmp_path / "p")]
    assert main(["dossier", *named]) == 2
