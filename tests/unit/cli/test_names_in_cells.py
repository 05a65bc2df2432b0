"""People whom no header announces: titles, the windows of a map, texts; and what to run on them."""

import json
import re

import pandas as pd
import pytest

import privaudit as pa
from privaudit.cli import main
from privaudit.release.read_traces import read_traces
from privaudit.studies.inspect import inspect_files
from privaudit.text.dates import timestamp_unit

DAY = "2026-11-27"
# Surnames that are on no list of given names.
SURNAMES = ("Zwingelstein", "Kervadec", "Oulhaci", "Trotabas", "Vandeputte")


@pytest.mark.parametrize(
    "title", ["M. {}", "Mme {}", "MME {}", "Monsieur {}", "M. et Mme {}", "Mr and Mrs {}", "Ms {}"]
)
def test_a_title_before_a_word_is_a_name(title):
    cells = [title.format(SURNAMES[i % 5].upper()) for i in range(40)]
    found = pa.inspect(pd.DataFrame({"libelle court": cells, "n": range(40)}), as_of=DAY)
    assert found.frame.set_index("column")["role"]["libelle court"] == "direct identifier"


@pytest.mark.parametrize(
    "cell", ["M {} 12", "Mairie de {}", "Marché {}", "{}", "Métro ligne 8", "Drapeau {}"]
)
def test_what_only_begins_alike_is_no_name(cell):
    cells = [cell.format(SURNAMES[i % 5]) for i in range(40)]
    found = pa.inspect(pd.DataFrame({"libelle court": cells, "n": range(40)}), as_of=DAY)
    assert found.frame.set_index("column")["role"]["libelle court"] != "direct identifier"


def test_what_a_window_of_a_map_is_written_in_is_no_word_of_it():
    bare = ["très favorable", "hostile", "indécis", "favorable"] * 15
    dressed = [f'<div class="x"><b>{text}</b><br/>&nbsp;</div>' for text in bare]
    kinds = [
        pa.inspect(pd.DataFrame({"popup": cells, "n": range(60)}), as_of=DAY).frame["holds"][0]
        for cells in (bare, dressed)
    ]
    assert kinds == ["support", "support"]


@pytest.mark.parametrize(("lang", "none"), [("en", "No column was"), ("fr", "Aucune colonne n")])
def test_a_note_that_names_somebody_is_not_cleared(tmp_path, lang, none):
    notes = ["Sa voisine Martine Kervadec ouvre", "Rappeler le 06 12 34 56 78 demain soir svp"] * 20
    pd.DataFrame({"avis": notes, "n": range(40)}).to_csv(tmp_path / "f.csv", index=False)
    out = tmp_path / "out"
    asked = ["inspect", str(tmp_path / "f.csv"), "--as-of", DAY, "--lang", lang, "--out", str(out)]
    assert main(asked) == 0
    page = (out / "index.html").read_text(encoding="utf-8")
    who = re.search(r'<section id="who".*?</section>', page, re.S)
    assert who is not None
    assert "avis" in who[0]
    assert none not in who[0].replace("’", "'")
    assert re.sub("</?span[^>]*>", "", who[0]).count("(20)") == 2
    assert "Kervadec" not in page


def test_a_text_without_columns_names_none(tmp_path):
    """Its first line may be about somebody: it is a line like the others, and no header."""
    file = tmp_path / "LISEZMOI.txt"
    file.write_text("voir avec Marie Zwingelstein\nle mot de passe est chez Karim\n", "utf-8")
    study = inspect_files([file], as_of=DAY)
    assert [(c.name, study.inventories[0].n) for c in study.inventories[0].columns] == [
        ("column_1", 2)
    ]


def _seized(folder):
    people = pd.DataFrame(
        {"nom": [f"{SURNAMES[i % 5]}" for i in range(60)], "adresse": [f"{i} rue du Lac" for i in
         range(60)], "date_naissance": [f"{i % 28 + 1:02d}/05/19{i % 60 + 30}" for i in range(60)]}
    )  # fmt: skip
    people.to_csv(folder / "people.csv", index=False)
    dots = [
        {"type": "Feature", "properties": {"etat": "vu"},
         "geometry": {"type": "Point", "coordinates": [2.4 + i / 1e4, 48.8]}} for i in range(40)
    ]  # fmt: skip
    file = folder / "dots.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": dots}), "utf-8")
    return [folder / "people.csv", file]


@pytest.mark.parametrize("based", [False, True])
def test_a_map_is_to_be_attacked_and_laid_beside_the_table(tmp_path, based):
    files = _seized(tmp_path)
    if based:
        base = pd.DataFrame(
            {"id": range(30), "numero": range(30), "nom_voie": "Rue du Lac",
             "code_insee": "94059", "lon": 2.4, "lat": 48.8}
        )  # fmt: skip
        base.to_csv(tmp_path / "base.csv", index=False)
        files.append(tmp_path / "base.csv")
    lines = inspect_files(files, as_of=DAY).next_commands
    place = "base.csv" if based else "ADDRESSES.csv"
    assert f"privaudit map dots.geojson --addresses {place} --out report-dots-map" in lines
    link = f"privaudit link people.csv dots.geojson --addresses {place} --out report-people-dots"
    assert link in lines


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
@pytest.mark.parametrize("written", ["int64", "float64", "str"])
def test_what_a_machine_counts_since_1970_is_a_moment(unit, written):
    days = pd.to_datetime(["2001-01-01", "2016-09-02 10:00", "2026-11-27"], format="ISO8601")
    many = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}[unit]
    seconds = [978_307_200, 1_472_810_400, 1_795_737_600]
    assert [int(day.timestamp()) for day in days] == seconds
    log = pd.DataFrame({"who": list("aba"), "what": list("xyz"), "at": [many * s for s in seconds]})
    log["at"] = log["at"].astype(written)
    traces = read_traces(log, person="who", item="what", time="at")
    assert sorted(traces.time.tolist()) == seconds
    assert [note.key for note in traces.notes] == ["times_counted"]


def test_numbers_that_are_no_moments_are_none():
    for numbers in ([1, 2, 3], [9.4e8], [4.2e9], [1.7e9, 1.7e12], [float("nan")], [], [-1.7e9]):
        assert timestamp_unit(pd.Series(numbers, dtype=float).to_numpy()) == ""


def test_several_files_lead_to_each_and_tell_their_minors(tmp_path):
    files = _seized(tmp_path)
    children = pd.DataFrame({"eleve": [f"n{i}" for i in range(30)], "date_naissance": "2014-05-02"})
    children.to_csv(tmp_path / "cantine.csv", index=False)
    out = tmp_path / "out"
    asked = [*map(str, files), str(tmp_path / "cantine.csv")]
    assert main(["inspect", *asked, "--as-of", DAY, "--lang", "en", "--out", str(out)]) == 0
    page = (out / "index.html").read_text(encoding="utf-8")
    contents = re.search(r"<nav.*?</nav>", page, re.S)
    assert contents is not None
    links = re.findall(r'href="#([^"]+)">([^<]+)<', contents[0])
    assert [title for _, title in links][1:4] == ["people.csv", "cantine.csv", "dots.geojson"]
    assert all(f'id="{place}"' in page for place, _ in links)
    text = re.sub("</?span[^>]*>", "", page).replace("\u00a0", " ")
    assert "cantine.csv: 30 records concern a person under 18." in text
