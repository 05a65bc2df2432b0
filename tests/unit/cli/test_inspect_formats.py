"""Exports of other tools, an electoral roll, a map, a log, a mailing: what each is taken for."""

import json
import re
import shlex

import numpy as np
import pandas as pd
import pytest

import privaudit as pa
from privaudit.cli import main
from privaudit.columns.recognise import refuse_names
from privaudit.errors import ParameterError
from privaudit.release.column_roles import formats_of

DAY, N = "2016-11-08", 120


@pytest.fixture
def rng():
    return np.random.default_rng(5)


def roles(frame, **options):
    return pa.inspect(frame, as_of=DAY, **options).frame.set_index("column")["role"].to_dict()


def test_a_van_export(rng):
    frame = pd.DataFrame({
        "Voter File VANID": np.arange(N) + 10_000, "LastName": "Gordon", "FirstName": "Zoe",
        "Sex": rng.choice(list("FM"), N), "DOB": ["1980-02-01", "1999-05-07"] * (N // 2),
        "City": "Springfield", "Zip5": rng.choice([12_345, 23_456], N), "Cell Phone": "",
        "Party": rng.choice(list("DRI"), N), "Date Canvassed": "2016-10-01",
        "Canvassed By": "T. Reed", "Survey Question Name": ["Support"] * 5 + [None] * (N - 5),
        "Survey Response": rng.choice(["1 - Strong", "3 - Undecided"], N),
        "NoteText": rng.choice(["On dialysis", "Not home"], N),
    })  # fmt: skip
    told = roles(frame)
    assert told["Voter File VANID"] == "direct identifier"
    assert (told["Party"], told["Survey Response"]) == ("special category",) * 2
    assert told["NoteText"] == "free text (special category)"
    assert told["Canvassed By"] == "third party's data"
    assert told["DOB"] == told["Zip5"] == "key"
    assert told["Date Canvassed"] == "date"
    assert "Survey Question Name" in told  # a rare column of a known export keeps its name
    found = pa.inspect(frame, as_of=DAY)
    assert found.system == "VAN"
    assert set(found.roles.key) == {"Sex", "DOB", "Zip5"}


def test_an_electoral_roll(rng):
    frame = pd.DataFrame({
        "Numéro d'ordre": np.arange(N), "Nom de naissance": rng.choice(["PETIT", "ROUX"], N),
        "Nom d'usage": "DURAND", "Prénoms": "Zoé, Marie", "Sexe": rng.choice(list("FM"), N),
        "Date de naissance": [f"0{1 + i % 9}/05/19{30 + i % 60}" for i in range(N)],
        "Commune de naissance": rng.choice(["Paris", "Alger"], N),
        "Numéro de voie": rng.integers(1, 90, N), "Libellé de voie": "rue des Lilas",
        "Code postal": rng.choice(["94340", "01200"], N),
        "Bureau de vote": rng.choice(["0001", "0002"], N),
    })  # fmt: skip
    told = roles(frame)
    for column in ("Numéro d'ordre", "Nom de naissance", "Nom d'usage", "Prénoms"):
        assert told[column] == "direct identifier", column
    # A birth abroad is a hint of an origin, and of no special category by itself.
    assert told["Commune de naissance"] == "hint"
    assert told["Numéro de voie"] == told["Libellé de voie"] == "location"
    assert told["Sexe"] == told["Date de naissance"] == told["Bureau de vote"] == "key"


def test_a_directory_and_a_mailing_list():
    frame = pd.DataFrame({
        "Nom": ["Petit", "Roux"] * 60, "Prénom": ["Zoé", "Paul"] * 60, "Tél.": "01 43 55 12 09",
        "Liste rouge": ["", "oui"] * 60, "Email Address": "a@b.fr", "OPTIN_TIME": "2016-01-01",
        "OPTIN_IP": "10.0.0.1", "MEMBER_RATING": 2, "Poids": 1.5, "Profil estimé": "B",
    })  # fmt: skip
    told = roles(frame)
    assert told["Tél."] == told["Email Address"] == "contact detail (identifier)"
    assert told["Liste rouge"] == "opt-out"
    assert told["OPTIN_TIME"] == "legal basis"
    assert told["MEMBER_RATING"] == "technical"
    assert told["Poids"] == "weight"
    # Of whom nobody says that they hold it for a campaign: a profile is no opinion yet.
    assert told["Profil estimé"] == "hint"
    assert "proof" not in pa.inspect(frame, as_of=DAY).absent


def test_cells_tell_what_a_header_does_not(rng):
    frame = pd.DataFrame({
        "c1": rng.choice(["musulman", "catholique", "athée"], N),
        "c2": rng.choice(["CGT", "CFDT", "non syndiqué"], N),
        "c3": [f"FR76300060000112345678{i:03d}" for i in range(N)],
        "c4": [f"2016-01-{1 + i % 28:02d}" for i in range(N)],
        "c5": [f"AB-{i:05d}" for i in range(N)],
        "c6": rng.choice(["bleu", "vert"], N),
    })  # fmt: skip
    assert roles(frame) == {
        "c1": "special category", "c2": "special category", "c3": "direct identifier",
        "c4": "date", "c5": "direct identifier", "c6": "unknown",
    }  # fmt: skip


def test_a_month_of_birth_is_no_age():
    frame = pd.DataFrame({"birthdate.month": [3] * 40, "birthdate.year": [1950] * 40})
    found = pa.inspect(frame, as_of=DAY)
    assert (found.births, found.minors) == ("birthdate.year", 0)


def test_a_header_that_is_a_person_is_numbered(tmp_path):
    frame = pd.DataFrame({"age": range(40), "Marie Dupont": ["oui", ""] * 20, "zone": "a"})
    assert list(pa.inspect(frame, as_of=DAY).frame["column"]) == ["age", "column 2", "zone"]


@pytest.fixture
def seizure(tmp_path, rng):
    """A log, a map with its addresses, and a table: what its commands are."""
    hours = pd.date_range("2016-01-01", periods=600, freq="h")
    log = {
        "user_id": rng.integers(0, 40, 600),
        "page": rng.integers(0, 60, 600),
        "timestamp": hours,
    }
    pd.DataFrame(log).to_csv(tmp_path / "likes.csv", index=False)
    at = [(2.47 + i / 2e3, 48.82 + i % 7 / 2e3) for i in range(60)]
    places = pd.DataFrame({
        "id": [f"94042_0001_{i:05d}" for i in range(60)], "numero": range(1, 61), "rep": "",
        "nom_voie": "rue A", "code_insee": "94042", "nom_commune": "Bourg",
        "lon": [lon for lon, _ in at], "lat": [lat for _, lat in at],
    })  # fmt: skip
    places.to_csv(tmp_path / "adresses.csv", index=False, sep=";")
    features = [
        {"type": "Feature", "geometry": {"type": "Point", "coordinates": list(place)},
         "properties": {"prenom": "Zoé", "sexe": "FM"[i % 2], "age": 30 + i % 9}}
        for i, place in enumerate(at)
    ]  # fmt: skip
    told = {"type": "FeatureCollection", "features": features}
    (tmp_path / "carte.geojson").write_text(json.dumps(told), encoding="utf-8")
    return [str(tmp_path / name) for name in ("likes.csv", "adresses.csv", "carte.geojson")]


@pytest.mark.heavy
def test_several_files_each_with_its_commands(seizure, tmp_path, capsys, monkeypatch):
    out = str(tmp_path / "out")
    assert main(["inspect", *seizure, "--as-of", DAY, "--lang", "fr", "--out", out]) == 0
    lines = [
        shlex.split(line.removeprefix("next: "))
        for line in capsys.readouterr().out.splitlines() if line.startswith("next: ")
    ]  # fmt: skip
    assert [line[1] for line in lines] == ["traces", "map", "table"]
    assert lines[0][3:7] == ["--person", "user_id", "--item", "page"]
    table = pd.read_csv(tmp_path / "out" / "tables" / "inventory.csv")
    assert set(table["file"]) == {"likes.csv", "carte.geojson"}
    monkeypatch.chdir(tmp_path)
    for line in lines:
        assert main(line[1:]) == 0, line


@pytest.mark.parametrize("key", ["email", "nom", "prenom", "telephone", "n_fiche", "c7"])
@pytest.mark.parametrize("more", [[], ["--contributions"]])
def test_identifiers_are_no_keys(tmp_path, capsys, key, more):
    frame = pd.DataFrame({
        "age": [30, 41] * 20, "email": [f"u{i}@b.fr" for i in range(40)],
        "nom": ["Petit", "Traoré"] * 20, "prenom": ["Zoé", "Paul"] * 20,
        "telephone": [f"06 12 34 56 {i}" for i in range(10, 50)], "n_fiche": range(40),
        "c7": [f"v{i}@b.fr" for i in range(40)], "station_id": [1, 2, 3, 4] * 10,
    })  # fmt: skip
    frame.to_csv(tmp_path / "people.csv", index=False)
    asked = ["table", str(tmp_path / "people.csv"), "--key", f"age,{key}", *more]
    assert main([*asked, "--out", str(tmp_path / "out")]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert f"'{key}', of the kind" in said
    assert "Petit" not in said
    assert not (tmp_path / "out").exists()


def test_a_number_that_comes_back_is_a_key(tmp_path):
    frame = pd.DataFrame({"age": [30, 41] * 20, "station_id": [1, 2, 3, 4] * 10})
    frame.to_csv(tmp_path / "people.csv", index=False)
    asked = ["table", str(tmp_path / "people.csv"), "--key", "age,station_id"]
    assert main([*asked, "--out", str(tmp_path / "out")]) == 0


def test_without_keys_the_proposed_ones_are_used_and_said(tmp_path, rng):
    frame = pd.DataFrame({
        "sexe": rng.choice(list("FM"), N), "age": rng.integers(18, 90, N),
        "commune": rng.choice(["Bourg", "Ville"], N), "religion": rng.choice(["a", "b", "c"], N),
    })  # fmt: skip
    frame.to_csv(tmp_path / "people.csv", index=False)
    out = tmp_path / "out"
    assert main(["table", str(tmp_path / "people.csv"), "--out", str(out)]) == 0
    told = json.loads((out / "findings.json").read_text(encoding="utf-8"))
    whole = frame.groupby(["sexe", "age", "commune"]).size()
    (alone,) = (f for f in told["findings"] if f["id"] == "table.sample_uniques")
    assert alone["value"] == (whole == 1).sum()
    page = (out / "index.html").read_text(encoding="utf-8")
    assert "sexe, age, commune" in page
    pd.DataFrame({"a": [1, 2] * 20}).to_csv(tmp_path / "bare.csv", index=False)
    assert main(["table", str(tmp_path / "bare.csv"), "--out", str(tmp_path / "o2")]) == 2


def test_a_surname_is_known_by_the_given_name_beside_it():
    frame = pd.DataFrame({"nom": ["XQZ", "BRR"] * 20, "prenom": ["Zoé"] * 40})
    with pytest.raises(ParameterError, match="'nom', of the kind name"):
        refuse_names("table", ["nom"], frame)


def test_a_cell_of_several_lines_is_written_like_another():
    texts = ["Bonjour\nà tous", "un deux trois quatre\ncinq six", "08/11/2016 18:02\n(corrigé)"]
    assert [formats_of([text]) for text in texts] == [("word",), ("sentence",), ("date_and_time",)]


def test_a_chat_whose_messages_go_over_lines_is_inspected(tmp_path):
    lines = [f"12/05/2016 à 18:{n:02d} - Zxqv{n % 3}: bonjour\nà tous {n}" for n in range(30)]
    (tmp_path / "chat.txt").write_text("\n".join(lines), encoding="utf-8")
    out = tmp_path / "out"
    assert main(["inspect", str(tmp_path / "chat.txt"), "--as-of", DAY, "--out", str(out)]) == 0
    assert not any(
        "Zxqv" in path.read_text("utf-8", "replace") for path in out.rglob("*") if path.is_file()
    )


def test_two_files_of_one_name_are_refused_by_their_name(tmp_path, capsys):
    paths = []
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        paths.append(str(tmp_path / folder / "people.csv"))
        pd.DataFrame({"age": [30, 41] * 20}).to_csv(paths[-1], index=False)
    assert main(["inspect", *paths, "--out", str(tmp_path / "out")]) == 2
    line = capsys.readouterr().err
    assert line.count("\n") == 1
    assert "inspect: needs files of different names, but got two files of one name" in line


def test_a_mail_with_an_open_list_says_first_who_sees_whom(tmp_path):
    people = ", ".join(f"p{i}@example.org" for i in range(30))
    mail = tmp_path / "mail.eml"
    mail.write_text(
        f"From: a@example.org\nTo: {people}\nSubject: Réunion\n"
        "Date: Mon, 02 May 2016 10:00:00 +0200\n\nOUI / NON\n"
    )
    out = tmp_path / "out"
    assert main(["inspect", str(mail), "--as-of", DAY, "--out", str(out)]) == 0
    page = (out / "index.html").read_text()
    assert "30 addresses were shown in this way" in re.sub("</?span[^>]*>", "", page)
    # The number of a message is nobody's mark, and no opinion that was worked out.
    assert "none was recognised as a special category" in page


def test_columns_kept_apart_by_blanks_are_no_single_column(tmp_path, capsys):
    file = tmp_path / "liste.txt"
    lines = [f"{'Garnier':<15}{'Zoé':<12}{i:>4} {'rue Foch':<20}hostile" for i in range(40)]
    file.write_text("\n".join(lines))
    assert main(["inspect", str(file), "--as-of", DAY, "--out", str(tmp_path / "o")]) == 2
    said = capsys.readouterr().err
    assert "where blanks alone keep columns apart. Save it as CSV." in said
    assert "Garnier" not in said


def test_a_log_is_one_whose_moments_are_written_in_words(tmp_path, capsys):
    file = tmp_path / "likes.csv"
    rows = [
        f"user{u:03d};Post n°{(u * k) % 17};{1 + (u + k) % 28} mai 2016 à {8 + k}h{u % 60:02d}"
        for u in range(40)
        for k in range(1, 9)
    ]
    file.write_text("\n".join(["Compte;Publication;Le", *rows]), encoding="utf-8")
    assert main(["inspect", str(file), "--as-of", DAY, "--out", str(tmp_path / "o")]) == 0
    said = capsys.readouterr().out
    assert "likes.csv --person Compte --item Publication --time Le" in said


@pytest.mark.parametrize(
    ("name", "do"),
    [("seed.yaml", "Convert it to JSON"), ("a.tar.gz", "Unpack it"), ("a.sav", "as CSV")],
)
def test_a_file_of_no_reader_says_what_to_do_with_it(tmp_path, capsys, name, do):
    (tmp_path / name).write_bytes(b"- nom: Roux\n  memo: x\n")
    assert main(["inspect", str(tmp_path / name)]) == 2
    assert do in capsys.readouterr().err
