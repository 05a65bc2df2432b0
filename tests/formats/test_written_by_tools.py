"""Files as tools write them, each with a truth that was drawn before it was written."""

import datetime
import json
import shlex
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import privaudit as pa
from privaudit.cli import main

sys.path.insert(0, str(Path(__file__).parent))
import writers

from privaudit.core.limits import Limits, limited
from privaudit.errors import ReadError
from privaudit.io.readers import read_frame
from privaudit.linkage.join_tables import linked_tables
from privaudit.linkage.person_index import PersonIndex
from privaudit.release.read_table import read_table
from privaudit.words.catalogues import Note

AS_OF = datetime.date(2016, 11, 8)
N = 60
# Every fifth is a minor, every third is ill; the others say what nobody minds.
BORN = [datetime.date(2001 if i % 5 == 0 else 1960, 1 + i % 12, 1 + i % 28) for i in range(N)]
MINORS = 12
NOTES = [
    "sous dialyse trois fois par semaine" if i % 3 == 0 else "sonnette cassée" for i in range(N)
]
ILL = 20
FAMILIES = ["Roux", "Diallo", "Morel", "Haddad", "Müller", "Petit", "Caron", "Yilmaz"]
SURNAMES = [f"{one}-{two}" for one in FAMILIES for two in FAMILIES]


def people(at):
    return SURNAMES[at], BORN[at], NOTES[at]


def inventory(path):
    return pa.inspect(path, as_of=AS_OF)


def held(found):
    return {column.name: column for column in found.columns}


def workbook_in_xml(rows, more=""):
    """Write a workbook as Excel 2003 does: blank cells are left out, and the next has its place."""
    lines = []
    for row in rows:
        cells, skipped = [], False
        for at, cell in enumerate(row, 1):
            if cell == "":
                skipped = True
                continue
            place = f' ss:Index="{at}"' if skipped else ""
            kind, text = "String", cell
            if isinstance(cell, datetime.date):
                kind, text = "DateTime", f"{cell}T00:00:00.000"
            cells.append(f'<Cell{place}><Data ss:Type="{kind}">{text}</Data></Cell>')
            skipped = False
        lines.append(f"<Row>{''.join(cells)}</Row>")
    name = "urn:schemas-microsoft-com:office:spreadsheet"
    return (
        f'<?xml version="1.0"?>\n<Workbook xmlns="{name}" xmlns:ss="{name}">'
        f'<Worksheet ss:Name="Liste"><Table>{"".join(lines)}</Table></Worksheet>{more}</Workbook>'
    )


@pytest.mark.parametrize("name", ["liste.xml", "liste.xls"])
def test_a_workbook_of_excel_2003_is_one(tmp_path, name):
    # Before: 61 records, the header one of them, in columns "Cell.3.Data.text", and no minor.
    rows = [["Nom", "Tél", "Né le", "Remarques"]]
    rows += [[people(i)[0], "" if i % 2 else "0612345678", *people(i)[1:]] for i in range(N)]
    (tmp_path / name).write_text(workbook_in_xml(rows), encoding="utf-8")
    found = inventory(tmp_path / name)
    assert (found.n, found.minors, found.most_minors) == (N, MINORS, MINORS)
    assert held(found)["Remarques"].says["health"] == ILL
    assert held(found)["Tél"].filled == N / 2


def test_comments_of_one_are_read_and_hidden_sheets_counted(tmp_path):
    comment = '<Comment><ss:Data xmlns="x">malade</ss:Data></Comment>'
    more = (
        '<Worksheet ss:Name="autre"><Table><Row><Cell><Data ss:Type="String">a</Data></Cell></Row>'
        "</Table><WorksheetOptions><Visible>SheetHidden</Visible></WorksheetOptions></Worksheet>"
    )
    text = workbook_in_xml([["nom", "n"], ["Roux", "1"], ["Petit", "2"]], more)
    (tmp_path / "a.xml").write_text(text.replace("Roux</Data>", f"Roux</Data>{comment}"), "utf-8")
    read = read_frame(tmp_path / "a.xml", gives="table")
    assert read.frame["nom"].tolist() == ["Roux", "Petit"]
    assert read.frame["comments of cells"].fillna("").tolist() == ["malade", ""]
    assert {
        Note("comments_read", n=1, column="comments of cells"),
        Note("sheets_hidden", sheets=1),
    } <= {*read.notes}


ASKED = "Avez-vous une de ces maladies ?"
FIRST = ["Respondent ID", "End Date", "Coordonnées", "", ASKED, "", "Autre remarque"]
SECOND = ["", "", "Nom", "Date de naissance", "Asthme", "Diabète", "Open-Ended Response"]


def survey():
    return [
        [str(7_000 + i), "2016-10-01", people(i)[0], f"{people(i)[1]:%d/%m/%Y}",
         "Asthme" if i % 4 == 0 else "", "Diabète" if i % 5 == 0 else "", people(i)[2]]
        for i in range(N)
    ]  # fmt: skip


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_a_survey_has_its_questions_above_their_parts(tmp_path, form):
    # Before: the second line was one of 61 records, and no birth was read.
    file = tmp_path / f"survey.{form}"
    table = pd.DataFrame([FIRST, SECOND, *survey()])
    if form == "csv":
        table.to_csv(file, index=False, header=False)
    else:
        writers.xlsx(file, [FIRST, SECOND, *survey()])
    found = inventory(file)
    assert (found.n, found.minors, found.most_minors) == (N, MINORS, MINORS)
    assert Note("header_merged", rows=2) in read_frame(file, gives="table").notes
    assert [column.filled for column in found.columns[4:6]] == [15, 12]
    assert [column.role for column in found.columns[4:6]] == ["special", "special"]


def test_a_survey_of_qualtrics_has_three_lines_above(tmp_path):
    codes = ["ResponseId", "Q1", "Q2", "Q3"]
    asked = ["Response ID", "What is your surname?", "What is your date of birth?", "Remarks"]
    places = [json.dumps({"ImportId": code}, separators=(",", ":")) for code in codes]
    rows = [[f"R_{i:08x}", people(i)[0], f"{people(i)[1]}", people(i)[2]] for i in range(N)]
    table = pd.DataFrame([codes, asked, places, *rows])
    table.to_csv(tmp_path / "q.csv", index=False, header=False)
    found = inventory(tmp_path / "q.csv")
    assert (found.n, found.minors) == (N, MINORS)
    assert [column.name for column in found.columns] == asked


@pytest.mark.parametrize("above", ["", '"Sondage de quartier"\n'])
def test_names_of_columns_stand_below_those_of_their_groups(tmp_path, above):
    """The names were set aside as units, a question of illness with them; with a title, all."""
    lines = ["Numéro,,Envoi,,Vos réponses,,", "Série,SID,Heure,Adresse IP,Votre courriel,"
             "Avez-vous une maladie chronique ?,Un mot"]  # fmt: skip
    lines += [f"{i},{880 + i},01/02/2016,82.64.{i}.1,zq{i}@exemple.fr,{'oui' if i % 3 else 'non'},"
              f"mot {'abcdefgh'[i % 8]}" for i in range(1, N + 1)]  # fmt: skip
    (tmp_path / "form.csv").write_text(above + "\n".join(lines) + "\n", "utf-8")
    found = inventory(tmp_path / "form.csv")
    assert found.n == N
    asked = next(c for c in found.columns if c.name.endswith("Avez-vous une maladie chronique ?"))
    assert asked.role == "special"
    assert asked.shows == N - N // 3


def test_a_first_record_below_a_header_is_no_second_line(tmp_path):
    text = "nom,,tel,note\nPetit,absent,,sonnette\n" + "Roux,vu,0612345678,\n" * 20
    (tmp_path / "a.csv").write_text(text)
    assert len(read_frame(tmp_path / "a.csv", gives="table").frame) == 21


def test_lists_and_objects_in_cells_of_parquet_are_columns(tmp_path):
    # Before: 300 notes, names and births were left out, with a note that named three columns.
    who = [{"nom": people(i)[0], "naissance": people(i)[1]} for i in range(N)]
    frame = pd.DataFrame({"id": range(N), "who": who, "notes": [[note] for note in NOTES]})
    frame.to_parquet(tmp_path / "a.parquet")
    found = inventory(tmp_path / "a.parquet")
    assert (found.n, found.minors) == (N, MINORS)
    assert held(found)["notes"].says["health"] == ILL
    assert held(found)["who.nom"].role == "identifier"


def test_points_of_geoparquet_are_places_of_its_inventory(tmp_path):
    geopandas = pytest.importorskip("geopandas")
    at = geopandas.points_from_xy([2.4 + i / 1e4 for i in range(N)], [48.8] * N)
    geopandas.GeoDataFrame({"n": range(N)}, geometry=at, crs=4326).to_parquet(
        tmp_path / "a.parquet"
    )
    assert inventory(tmp_path / "a.parquet").is_map


def test_times_of_core_data_are_counted_from_2001(tmp_path):
    first = datetime.date(2001, 1, 1)
    with closing(sqlite3.connect(tmp_path / "Model.sqlite")) as database:
        database.execute(
            "CREATE TABLE ZPERSON (Z_PK INTEGER PRIMARY KEY, Z_ENT INTEGER, ZBIRTHDATE TIMESTAMP,"
            " ZLASTNAME VARCHAR, ZNOTE VARCHAR)"
        )
        database.executemany(
            "INSERT INTO ZPERSON VALUES (?, 1, ?, ?, ?)",
            [(i, (BORN[i] - first).total_seconds(), *people(i)[::2]) for i in range(N)],
        )
        database.commit()
    found = inventory(tmp_path / "Model.sqlite")
    assert (found.minors, held(found)["ZLASTNAME"].role) == (MINORS, "identifier")


def test_tables_that_a_geopackage_does_not_declare_are_there(tmp_path):
    geopandas = pytest.importorskip("geopandas")
    pytest.importorskip("pyogrio")
    at = geopandas.points_from_xy([2.4], [48.8])
    file = tmp_path / "a.gpkg"
    geopandas.GeoDataFrame({"n": [1]}, geometry=at, crs=4326).to_file(file, layer="doors")
    with closing(sqlite3.connect(file)) as database:
        database.execute("CREATE TABLE carnet (memo TEXT)")
        database.execute("INSERT INTO carnet VALUES ('sous dialyse')")
        database.commit()
    assert read_frame(file, gives="table", sheet="carnet").frame["memo"].tolist() == [
        "sous dialyse"
    ]
    assert any(note.key == "layer_read" for note in read_frame(file, gives="table").notes)


@pytest.mark.parametrize("quantised", [False, True])
def test_points_of_topojson_are_points(tmp_path, quantised):
    scale, start = ([1e-6, 1e-6], [2.4, 48.8]) if quantised else ([1, 1], [0, 0])
    points = [(2.4 + i * 1e-4, 48.8 + i * 1e-5) for i in range(N)]
    steps = [
        [round((value - s) / k) if quantised else value
         for value, k, s in zip(point, scale, start, strict=True)]
        for point in points
    ]  # fmt: skip
    layer = {
        "type": "GeometryCollection",
        "geometries": [
            {"type": "Point", "coordinates": at, "properties": {"nom": people(i)[0]}}
            for i, at in enumerate(steps)
        ],
    }
    document = {"type": "Topology", "objects": {"portes": layer}, "arcs": []}
    if quantised:
        document["transform"] = {"scale": scale, "translate": start}
    (tmp_path / "t.json").write_text(json.dumps(document))
    frame = read_frame(tmp_path / "t.json").frame
    assert list(frame) == ["longitude", "latitude", "nom"]
    assert frame["longitude"].tolist() == pytest.approx([x for x, _ in points], abs=1e-9)
    assert frame["latitude"].tolist() == pytest.approx([y for _, y in points], abs=1e-9)


def test_what_stands_beside_the_properties_of_a_feature_is_read(tmp_path):
    feature = {
        "type": "Feature", "geometry": {"type": "Point", "coordinates": [2.4, 48.8]},
        "properties": {"n": 1}, "memo": "sous dialyse",
    }  # fmt: skip
    document = {"type": "FeatureCollection", "features": [feature]}
    (tmp_path / "a.geojson").write_text(json.dumps(document))
    assert read_frame(tmp_path / "a.geojson").frame["memo"].tolist() == ["sous dialyse"]


def test_what_an_iphone_writes_itself_in_a_chat_is_no_message(tmp_path):
    lines = [
        "\u200e[02/10/2016, 09:00:00] Équipe: \u200eLes messages sont chiffrés de bout en bout.",
        "[02/10/2016, 09:00:10] Léa: \u200eLéa a ajouté Paul.",
        "[02/10/2016, 09:01:00] Léa Roux: sous dialyse",
        "\u200e[02/10/2016, 09:02:00] Léa Roux: \u200eimage absente",
        "[02/10/2016, 09:03:00] Paul Petit: j'ai ajouté le groupe de Marne",
    ]
    (tmp_path / "chat.txt").write_text("\n".join(lines))
    read = read_frame(tmp_path / "chat.txt", gives="table")
    assert read.frame["author"].tolist() == ["Léa Roux", "Léa Roux", "Paul Petit"]
    assert read.set_aside == {Note("chat_without_writer"): 2}


def test_numbers_that_write_in_a_chat_are_telephones(tmp_path):
    """They were names: of 40 people of a list beside it, none was found in the group's chat."""
    lines = [
        f"5/{1 + at % 28}/16, 9:05 AM - +33 6 12 34 {at:02d} {99 - at}: vu" for at in range(40)
    ]
    lines[7:7] = ["5/1/16, 9:05 AM - Zoé Zq: absent"]
    (tmp_path / "WhatsApp Chat.txt").write_text("\n".join(lines) + "\n", "utf-8")
    frame = read_frame(tmp_path / "WhatsApp Chat.txt", gives="table").frame
    assert frame.columns.tolist() == ["date", "phone", "author", "message"]
    assert frame["phone"].notna().sum() == 40
    assert frame["author"].dropna().tolist() == ["Zoé Zq"]
    numbers = [f"06 12 34 {at:02d} {99 - at}" for at in range(40)]
    people = pd.DataFrame({"nom": [f"Zq{at}" for at in range(40)], "tel": numbers})
    sides = [PersonIndex.of(read_table(side), name)
             for side, name in ((people, "liste"), (frame, "chat"))]  # fmt: skip
    found = linked_tables(sides, rng=np.random.default_rng(3))
    assert found.value("found_in", by="phone", table="liste", other="chat") == 1.0


@pytest.mark.parametrize("header", ["author", "from", "nom", "address", "contact"])
@pytest.mark.parametrize(("cell", "kind"), [
    ("+33 6 12 34 {:02d} 07", "phone"), ("06 12 34 {:02d} 07", "phone"),
    ("06.12.34.{:02d}.07", "phone"), ("zq{}@exemple.fr", "email"),
])  # fmt: skip
def test_cells_tell_a_contact_under_any_header(header, cell, kind):
    frame = pd.DataFrame({header: [cell.format(at) for at in range(40)], "note": ["vu"] * 40})
    assert pa.inspect(frame, as_of="2016-11-08").columns[0].kind == kind


@pytest.mark.parametrize("name", ["carte.umap", "carte.geojson", "carte.json"])
def test_every_layer_of_a_map_of_umap_is_read(tmp_path, name):
    def layer(called, numbers):
        features = [
            {"type": "Feature", "properties": {"name": f"Zq{n}", "_umap_options": {"color": "Red"}},
             "geometry": {"type": "Point", "coordinates": [2.4 + n / 100, 48.8]}} for n in numbers
        ]  # fmt: skip
        return {
            "type": "FeatureCollection",
            "features": features,
            "_umap_options": {"name": called},
        }

    layers = [layer("pour", range(20)), layer("contre", range(20, 30))]
    place = {"type": "Point", "coordinates": [2.4, 48.8]}
    document = {"type": "umap", "properties": {"name": "x"}, "geometry": place, "layers": layers}
    (tmp_path / name).write_text(json.dumps(document), "utf-8")
    read = read_frame(tmp_path / name)
    assert len(read.location) == 2
    assert read.frame["layer"].tolist() == ["pour"] * 20 + ["contre"] * 10
    assert read.frame["name"].tolist() == [f"Zq{n}" for n in range(30)]
    assert read.frame.iloc[:, 0].tolist() == pytest.approx([2.4 + n / 100 for n in range(30)])


def test_an_archive_of_twitter_is_read(tmp_path):
    rows = [{"tweet": {"id_str": str(10**17 + n), "full_text": "malade"}} for n in range(12)]
    (tmp_path / "tweets.js").write_text(f"window.YTD.tweets.part0 = {json.dumps(rows)}", "utf-8")
    frame = read_frame(tmp_path / "tweets.js", gives="table").frame
    assert frame["tweet.full_text"].tolist() == ["malade"] * 12
    (tmp_path / "page.js").write_text("var people = [];", "utf-8")
    with pytest.raises(ReadError, match=r"page\.js"):
        read_frame(tmp_path / "page.js", gives="table")


def test_the_names_in_a_mail_are_columns_beside_its_addresses(tmp_path):
    """They were left out: of 40 people whose names are in a list, none was found in the mail."""
    mails = [
        f"From a {datetime.date(2016, 5, 1 + at % 28):%a %b %d} 10:00:00 2016\n"
        f"From: =?utf-8?q?Zo=C3=AB_Zq{at}?= <zq{at}@exemple.fr>\n"
        f'To: "Roux, Anne" <anne{at}@exemple.fr>, qg@exemple.fr\nSubject: x\n\nvu\n\n'
        for at in range(12)
    ]
    (tmp_path / "boite.mbox").write_text("".join(mails), "utf-8")
    frame = read_frame(tmp_path / "boite.mbox", gives="table").frame
    assert frame["sender_name"].tolist() == [f"Zoë Zq{at // 2}" for at in range(24)]
    assert frame["recipient_name"].dropna().tolist() == ["Roux, Anne"] * 12
    kinds = {c.name: c.kind for c in pa.inspect(frame, as_of="2016-11-08").columns}
    assert kinds["sender_name"] == kinds["recipient_name"] == "name"
    assert kinds["sender"] == kinds["recipient"] == "email"


def test_a_chat_of_signal_has_writers(tmp_path):
    """Each message was a paragraph, and who wrote it no column."""
    lines = [f"[2016-02-{1 + n:02d}, 09:00] Zoé Zq{n}: malade  \n" for n in range(20)]
    (tmp_path / "chat.md").write_text("".join(lines), "utf-8")
    frame = inventory(tmp_path / "chat.md")
    assert [(c.name, c.role) for c in frame.columns] == [
        ("date", "date"), ("author", "identifier"), ("message", "text_special")]  # fmt: skip
    assert frame.columns[2].says["health"] == 20


def test_an_address_of_a_visit_is_an_identifier():
    frame = pd.DataFrame({"visitIp": [f"82.64.{n}.1" for n in range(20)], "pages": range(20)})
    assert pa.inspect(frame, as_of="2016-11-08").columns[0].role == "identifier"


@pytest.mark.parametrize("lines", [True, False])
def test_values_of_mongodb_have_their_types(tmp_path, lines):
    """The map of such a dump was proposed, and then refused: its points stood in texts."""
    rows = [
        {"_id": {"$oid": f"{n:024x}"}, "visites": {"$numberInt": "3"},
         "ne": {"$date": {"$numberLong": str(86_400_000 * n)}}, "vu": {"$date": "2016-05-03"},
         "loc": {"type": "Point", "coordinates": [{"$numberDouble": f"{2.4 + n / 100:.2f}"},
                                                  {"$numberDouble": "48.8"}]},
         "odd": {"$date": None}} for n in range(20)
    ]  # fmt: skip
    text = "\n".join(map(json.dumps, rows)) if lines else json.dumps(rows)
    (tmp_path / "dump.json").write_text(text, "utf-8")
    frame = read_frame(tmp_path / "dump.json", gives="table").frame
    assert frame["_id"].tolist() == [f"{n:024x}" for n in range(20)]
    assert frame["visites"].tolist() == [3] * 20
    assert frame["ne"].tolist()[:2] == ["1970-01-01T00:00:00", "1970-01-02T00:00:00"]
    places = read_frame(tmp_path / "dump.json")
    assert places.frame.loc[1, list(places.location)].tolist() == [2.41, 48.8]


def proposed(file, capsys):
    assert main(["inspect", str(file), "--as-of", "2016-11-08"]) == 0
    lines = capsys.readouterr().out.splitlines()
    return [shlex.split(line)[2:] for line in lines if line.strip().startswith("next: privaudit")]


def test_a_command_on_columns_within_a_column_runs(tmp_path, capsys):
    # Before: "column 'who.naissance' is not a column of a.parquet".
    who = [{"nom": people(i)[0], "naissance": people(i)[1]} for i in range(N)]
    pd.DataFrame({"id": range(N), "who": who}).to_parquet(tmp_path / "a.parquet")
    (command,) = proposed(tmp_path / "a.parquet", capsys)
    assert command[command.index("--key") + 1] == "who.naissance"
    command[command.index("--out") + 1] = str(tmp_path / "out")
    assert main(command) == 0


def test_no_map_is_proposed_of_a_format_that_none_is_read_from(tmp_path, capsys):
    rows = "".join(
        f"<row><nom>{people(i)[0]}</nom><lat>48.8{i:03d}</lat><lon>2.4{i:03d}</lon></row>"
        for i in range(N)
    )
    (tmp_path / "a.xml").write_text(f"<?xml version='1.0'?><rows>{rows}</rows>")
    assert "map" not in {command[0] for command in proposed(tmp_path / "a.xml", capsys)}


# A pivot table that Excel writes: its labels, and people of a list by town and sex.
TOWNS = ["Cormay", "Saint-Fort", "Brune"]
LIST = [["ID", "Sexe", "Commune"], *([i, "FM"[i % 2], TOWNS[i % 3]] for i in range(N))]
COUNTED = [
    ["Nombre de ID", "Étiquettes de colonnes"],
    ["Étiquettes de lignes", "F", "M", "Total général"],
    *([town, 10, 10, 20] for town in TOWNS),
    ["Total général", 30, 30, 60],
]


@pytest.mark.parametrize("write", [writers.xlsx, writers.ods])
def test_a_pivot_table_is_no_list_of_people_where_its_list_stands_beside_it(
    tmp_path, write, capsys
):
    sheets = {"TCD": COUNTED, "Liste": LIST}
    file = write(tmp_path / f"t.{'ods' if write is writers.ods else 'xlsx'}", None, sheets=sheets)
    assert len(read_frame(file, gives="table").frame) == N
    assert main(["inspect", str(file)]) == 0
    said = capsys.readouterr()
    assert said.out.count(" records, ") == 1
    assert f"{N} records, 3 columns" in said.out
    # It is read where it is asked for, and named as what it is.
    read = read_frame(file, gives="table", sheet="TCD")
    assert [note.key for note in read.notes].count("pivot_table") == 1


@pytest.mark.parametrize("beside", [None, [["ID", "Don"], [1, 20], [2, 30]]])
def test_a_pivot_table_that_says_what_no_other_sheet_does_is_read(tmp_path, beside):
    named = [
        *COUNTED[:2],
        ["Nadia Zxqv", 1, 0, 1],
        ["Karim Zxqw", 0, 1, 1],
        ["Total général", 1, 1, 2],
    ]
    sheets = {"TCD": named} | ({"Dons": beside} if beside else {})
    file = writers.xlsx(tmp_path / "t.xlsx", None, sheets=sheets)
    out = tmp_path / "report"
    assert main(["inspect", str(file), "--out", str(out)]) == 0
    page = (out / "index.html").read_text("utf-8").replace("\u00a0", " ")
    assert "is a pivot table" in page
    assert len(read_frame(file, gives="table", sheet="TCD").frame) == 2


PEOPLE = [(f"{given} Zxq{chr(97 + i)}", f"06 11 22 33 {i:02d}") for i, given in
          enumerate(["Nadia", "Karim", "Anna", "Paul"] * 5)]  # fmt: skip
LABELS = "Étiquettes de lignes"


@pytest.mark.parametrize(
    "rows",
    [
        [[LABELS, "telephone", "religion"], *([*who, "musulman"] for who in PEOPLE)],
        [[LABELS, "Nombre de visites"], *([who, 3] for who, _ in PEOPLE)],
        [[LABELS, "telephone"], *([town, 612345600 + i] for i, town in enumerate(TOWNS))],
        [[LABELS, "Nombre de visites"], *([phone, 3] for _, phone in PEOPLE)],
        [[LABELS, "Nombre de visites"], *(["", 3] for _ in PEOPLE)],
    ],
)
def test_a_sheet_of_people_is_read_beside_others_whatever_its_header(tmp_path, rows, capsys):
    there = [["Nom", "Téléphone", "Commune"],
             *([*who, TOWNS[i % 3]] for i, who in enumerate(PEOPLE))]  # fmt: skip
    file = writers.xlsx(tmp_path / "t.xlsx", None, sheets={"Presence": there, "Contacts": rows})
    assert main(["inspect", str(file)]) == 0
    assert capsys.readouterr().out.count(" records, ") == 2


@pytest.mark.parametrize("header", ["Nom", "Nom complet"])
def test_names_that_a_pivot_table_counts_are_people(tmp_path, header, capsys):
    """Surnames alone are like other words: the header of the list says what they are."""
    names = ["Roux", "Zxqv", "Bara"]
    sheets = {
        "Liste": [[header, "Commune"], *([names[i % 3], TOWNS[0]] for i in range(N))],
        "TCD": [[LABELS, "Nombre de visites"], *([name, 20] for name in names)],
    }
    assert main(["inspect", str(writers.xlsx(tmp_path / "t.xlsx", None, sheets=sheets))]) == 0
    assert capsys.readouterr().out.count(" records, ") == 2


def test_the_first_sheet_is_read_where_it_has_people_below_the_header_of_a_pivot_table(tmp_path):
    rows = [[LABELS, "telephone", "code"], *([*who, i % 3] for i, who in enumerate(PEOPLE))]
    codes = [["code", "libellé"], *([i, town] for i, town in enumerate(TOWNS))]
    file = writers.xlsx(tmp_path / "t.xlsx", None, sheets={"Personnes": rows, "Codes": codes})
    read = read_frame(file, gives="table")
    assert len(read.frame) == len(PEOPLE)
    assert "pivot_table" not in [note.key for note in read.notes]


def test_a_list_above_a_pivot_table_is_read(tmp_path):
    rows = [["ID", "Sexe", "Commune"], *LIST[1:21], [], *COUNTED]
    file = writers.xlsx(tmp_path / "t.xlsx", None, sheets={"Liste": rows})
    assert len(read_frame(file, gives="table").frame) >= 20


def test_a_table_whose_header_is_like_that_of_a_pivot_table_is_a_list(tmp_path):
    file = tmp_path / "t.csv"
    lines = [f"{i};F;{i % 3}" for i in range(N)]
    file.write_text("Étiquette de ligne;Sexe;Total général\n" + "\n".join(lines))
    assert "pivot_table" not in [n.key for n in read_frame(file, gives="table").notes]
    file.write_text("Étiquettes de lignes;F;M\nCormay;10;12\nBrune;11;13\n")
    assert "pivot_table" in [n.key for n in read_frame(file, gives="table").notes]
    assert "pivot_table" in [n.key for n in read_table(file, roles=pa.Roles(key=["F", "M"])).notes]


def test_a_list_in_each_visit_is_no_column_of_events(tmp_path, capsys):
    """A visit of Matomo has the pages that were seen as a list of its own."""
    visits = [
        {
            "idSite": "1", "visitorId": f"{i % 20:016x}", "serverDate": f"2016-09-{1 + i % 28:02d}",
            "actionDetails": [{"url": f"https://c.example/{(i * k) % 9}"} for k in range(1, 4)],
        }
        for i in range(N)
    ]  # fmt: skip
    file = tmp_path / "matomo.json"
    file.write_text(json.dumps(visits))
    assert main(["inspect", str(file)]) == 0
    assert "privaudit traces" not in "".join(capsys.readouterr())
    first = {"person": "visitorId", "item": "actionDetails.1.url"}
    assert "item_of_list" in [n.key for n in pa.read_traces(file, **first).notes]


def test_a_log_of_several_people_is_proposed_with_its_person(tmp_path, capsys):
    rows = [f"1,{i % 20:016x},/{i % 9},2016-09-{1 + i % 28:02d}" for i in range(3 * N)]
    file = tmp_path / "visits.csv"
    file.write_text("\n".join(["idSite,visitorId,url.1,serverDate", *rows]))
    assert main(["inspect", str(file)]) == 0
    said = "".join(capsys.readouterr())
    assert "--person visitorId --item url.1" in said
    only = {"person": "visitorId", "item": "url.1"}
    assert "item_of_list" not in [n.key for n in pa.read_traces(file, **only).notes]


@pytest.mark.parametrize("version", [114, 117, 118, 119])
def test_a_file_of_stata_is_read_with_its_labels_and_blanks(tmp_path, version):
    frame = pd.DataFrame({
        "sex": [1, 2, 2, 9], "age": [34.0, np.nan, 51.0, 18.0],
        "town": ["Évry", "", "Brune", "Cormay"],
        "born": pd.to_datetime(["1982-03-04", None, "1965-01-02", "1998-07-08"]),
        "note": ["x" * 3_000, "y", "", "x" * 3_000] if version > 114 else ["x", "y", "", "x"],
    })  # fmt: skip
    more = {"convert_strl": ["note"]} if version > 114 else {}
    frame.to_stata(
        tmp_path / "t.dta", version=version, write_index=False, convert_dates={"born": "td"},
        value_labels={"sex": {1: "Homme", 2: "Femme"}},
        variable_labels={"sex": "Quel est votre sexe ?"}, **more,
    )  # fmt: skip
    read = read_frame(tmp_path / "t.dta", gives="table")
    assert list(read.frame) == ["sex", "age", "town", "born", "note"]
    # A code without a label stays one.
    assert read.frame["sex"].tolist() == ["Homme", "Femme", "Femme", "9"]
    assert read.frame.isna().sum().tolist() == [0, 1, 1, 1, 1]
    assert read.frame["age"].dropna().tolist() == [34, 51, 18]
    assert read.frame["town"][0] == "Évry"
    assert read.frame["born"][0] == pd.Timestamp("1982-03-04")
    assert read.questions == {"sex": "Quel est votre sexe ?"}


def test_periods_of_stata_are_no_days(tmp_path):
    # As Stata's manual counts them: whole months, quarters, half-years and weeks from 1960.
    frame = pd.DataFrame({
        "ym": [0.0, 559.0, np.nan], "yq": [0, -1, 187], "yh": [93, 0, 1], "yw": [0, 51, 2396],
        "year": np.array([1987, 1990, 2001], dtype=np.int16), "most": [1987, np.nan, 1990],
        "day": [0, 1, 16862],
    })  # fmt: skip
    file = tmp_path / "t.dta"
    frame.to_stata(file, version=118, write_index=False)
    data = file.read_bytes()
    at, stored = data.index(b"<formats>") + 9, len(data)
    kinds = (b"%tm", b"%tq", b"%th", b"%tw", b"%ty", b"%ty", b"%-td")
    for place, kind in enumerate(kinds):
        start = at + 57 * place
        data = data[:start] + kind.ljust(57, b"\0") + data[start + 57 :]
    assert len(data) == stored
    file.write_bytes(data)
    read = read_frame(file, gives="table").frame
    assert read["ym"].tolist()[:2] == ["1960-01", "2006-08"]
    assert read["ym"].isna().tolist() == [False, False, True]
    assert read["yq"].tolist() == ["1960q1", "1959q4", "2006q4"]
    assert read["yh"].tolist() == ["2006h2", "1960h1", "1960h2"]
    assert read["yw"].tolist() == ["1960w1", "1960w52", "2006w5"]
    assert read["year"].tolist() == [1987, 1990, 2001]
    assert read["year"].dtype == np.int64
    assert read["most"].dropna().tolist() == [1987, 1990]
    assert read["day"].dt.strftime("%F").tolist() == ["1960-01-01", "1960-01-02", "2006-03-02"]


def test_numbers_of_stata_are_those_that_were_typed(tmp_path):
    typed = [1234.1, 99.95, 0.1, 16777216.0, -7.25, 3.0]
    frame = pd.DataFrame({"gift": np.array(typed, dtype=np.float32)})
    frame.to_stata(tmp_path / "t.dta", write_index=False)
    assert read_frame(tmp_path / "t.dta", gives="table").frame["gift"].tolist() == typed


def test_codes_of_stata_that_share_a_label_are_one_value(tmp_path):
    frame = pd.DataFrame({"town": [1, 2, 3, 9.5, np.nan], "size": [1, 2, 2, 1, 1]})
    labels = {"town": {1: "Brest", 2: "Brest", 3: "Lyon"}, "size": {1: "2"}}
    frame["town"] = frame["town"].where(frame["town"] != 9.5, 9)
    frame.to_stata(tmp_path / "t.dta", write_index=False, value_labels=labels)
    read = read_frame(tmp_path / "t.dta", gives="table")
    assert read.frame["town"].tolist()[:4] == ["Brest", "Brest", "Lyon", "9"]
    assert read.frame["town"].isna().sum() == 1
    # The label "2" is not the code 2, which has none.
    assert read.frame["size"].tolist() == [1, 2, 2, 1, 1]
    assert read.notes == (Note("labels_shared", column="town", codes=2),)


@pytest.mark.parametrize("version", [114, 117, 118])
def test_texts_of_stata_are_in_the_letters_of_windows(tmp_path, version):
    frame = pd.DataFrame({"town": ["Le C#ur", "L$Haye"], "note": ["#uvre", "x"], "code": [1, 2]})
    more = {"convert_strl": ["note"]} if version == 117 else {}
    file = tmp_path / "t.dta"
    frame.to_stata(
        file, version=version, write_index=False, value_labels={"code": {1: "s#ur", 2: "$"}},
        variable_labels={"town": "d$o#"}, **more,
    )  # fmt: skip
    data = file.read_bytes()
    if version < 118:
        file.write_bytes(data.replace(b"#", b"\x9c").replace(b"$", b"\x92"))
    read = read_frame(file, gives="table")
    oe, mark = ("œ", "’") if version < 118 else ("#", "$")
    assert read.frame["town"].tolist() == [f"Le C{oe}ur", f"L{mark}Haye"]
    assert read.frame["note"][0] == f"{oe}uvre"
    assert read.frame["code"].tolist() == [f"s{oe}ur", mark]
    assert read.questions == {"town": f"d{mark}o{oe}"}


def test_a_long_text_of_stata_is_charged_where_it_stands(tmp_path):
    short = {f"c{i}": ["x"] * 5_000 for i in range(20)}
    frame = pd.DataFrame(short | {"note": ["y" * 5_000, *["z"] * 4_999]})
    frame.to_stata(tmp_path / "t.dta", version=118, write_index=False, convert_strl=["note"])
    read = read_frame(tmp_path / "t.dta", gives="table").frame
    assert read["note"].str.len().tolist() == [5_000, *[1] * 4_999]


def test_what_a_file_of_stata_swells_to_is_refused(tmp_path):
    """A text of 100,000 letters stands once in the file and is of a thousand rows: 100 MB."""
    file = tmp_path / "t.dta"
    ten_megabytes = Limits(memory=8 * 10_000_000)
    long = pd.DataFrame({"note": ["x" * 100_000] * 1_000})
    long.to_stata(file, version=118, write_index=False, convert_strl=["note"])
    with limited(ten_megabytes), pytest.raises(ReadError, match="when decoded"):
        read_frame(file, gives="table")
    shown = pd.DataFrame({"a": pd.Categorical(["y" * 30_000] * 1_000)})
    shown.to_stata(file, version=118, write_index=False)
    with limited(ten_megabytes), pytest.raises(ReadError, match="when decoded"):
        read_frame(file, gives="table")
    # Without what rows share it would fit.
    assert file.stat().st_size < 1_000_000
    head = bytearray(file.read_bytes())
    at = head.index(b"<N>") + 3
    head[at : at + 8] = (1 << 50).to_bytes(8, "little")
    file.write_bytes(head)
    with pytest.raises(ReadError, match="damaged"):
        read_frame(file, gives="table")
