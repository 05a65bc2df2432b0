"""What each column of a seized table is: of a French file, of VAN, of an electoral roll."""

import datetime
import html
import json
import re
import shlex
import shutil
import tomllib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import privaudit as pa
from privaudit.cli import main
from privaudit.columns.roles import Roles
from privaudit.core.thresholds import SMALL_CELL
from privaudit.release.inventory import suppress_small_counts
from privaudit.studies.audit_table import Beside, audit_table
from privaudit.words.catalogues import Note

DAY = "2016-11-08"
N = 300


@pytest.fixture(scope="module")
def french(tmp_path_factory):
    """A people file of 146 columns, as a spreadsheet in Windows saves it."""
    rng = np.random.default_rng(3)
    births = [
        f"{d:02d}/{m:02d}/{y}"
        for d, m, y in zip(
            rng.integers(1, 29, N), rng.integers(1, 13, N), rng.integers(1930, 1998, N), strict=True
        )
    ]
    births[:12] = ["05/06/2004"] * 12
    frame = pd.DataFrame({
        "N° fiche": np.arange(N) + 41_000,
        "Civilité": rng.choice(["M.", "Mme"], N),
        "Nom de famille": rng.choice(["Petit", "Garnier", "Faure"], N),
        "Prénom": rng.choice(["Zoé", "Éric", "Inès"], N),
        "Date de naissance": births,
        "Code postal": rng.choice(["94340", "94000", "01200"], N),
        "Adresse": [f"{i} rue des Lilas" for i in rng.integers(1, 90, N)],
        "Profession": rng.choice(["enseignant", "ouvrier", "cadre"], N),
        "Courriel": [f"u{i}@exemple.fr" for i in range(N)],
        "Tél. mobile": [f"06 12 34 5{i % 10} {i // 10:02d}" for i in range(N)],
        "Soutien présumé": rng.integers(1, 6, N),
        "Culte": rng.choice(["catholique", "musulman", ""], N),
        "Conjoint": rng.choice(["Paul Petit", "Léa Faure"], N),
        "c14": [_nir(i) for i in range(N)],
        "Commentaires": rng.choice(["Diabétique, ne sort plus", "Absent", "Sa femme est juive"], N),
        "Ne pas contacter": ["oui"] * 20 + [""] * (N - 20),
        "Date de création": "12/03/2016",
    })  # fmt: skip
    for i in range(146 - len(frame.columns)):
        frame[f"champ {i}"] = ""
    path = tmp_path_factory.mktemp("seized") / "fichier saisi.csv"
    frame.to_csv(path, sep=";", index=False, encoding="cp1252")
    return path


def _nir(i):
    body = f"1850375{i:03d}{7:03d}"
    return body + f"{97 - int(body) % 97:02d}"


ROLE = {
    "N° fiche": "direct identifier", "Civilité": "key", "Nom de famille": "direct identifier",
    "Prénom": "direct identifier", "Date de naissance": "key", "Code postal": "key",
    "Adresse": "location", "Profession": "key", "Courriel": "contact detail (identifier)",
    "Tél. mobile": "contact detail (identifier)",
    "Soutien présumé": "inferred opinion (special category)", "Culte": "special category",
    "Conjoint": "third party's data", "c14": "direct identifier",
    "Commentaires": "free text (special category)", "Ne pas contacter": "opt-out",
    "Date de création": "date", "champ 3": "unknown",
}  # fmt: skip


def test_a_french_people_file_is_understood(french):
    found = pa.inspect(french, as_of=DAY)
    frame = found.frame.set_index("column")
    assert list(found.frame.columns[:2]) == ["column", "role"]
    assert len(frame) == 146
    assert frame["role"].reindex(ROLE).to_dict() == ROLE
    assert frame.loc["c14", ["holds", "known_by"]].tolist() == ["nir", "cells"]
    assert frame.loc["Soutien présumé", "declared"] == "inferred"
    assert frame.loc["Culte", "declared"] == "declared"
    assert frame.loc["Date de naissance", "formats"] == "date_year_last"
    assert frame.loc["champ 3", ["type", "filled"]].tolist() == ["empty", 0]
    assert found.absent == ("source", "legal_basis", "informed", "proof")
    assert (found.minors, found.births) == (12, "Date de naissance")


def test_each_column_is_proposed_for_what_the_roles_say(french):
    found = pa.inspect(french, as_of=DAY)
    told = found.frame.set_index("column")["proposed"]
    for role in ("identifier", "key", "sensitive"):
        listed = getattr(found.roles, role)
        columns = {listed} if isinstance(listed, str) else set(listed)
        assert set(told.index[told == role]) == columns
    assert told["Civilité"] == "key"
    assert told["champ 3"] == ""


def test_counts_are_those_of_a_hand_count(french):
    found = pa.inspect(french, as_of=DAY)
    raw = pd.read_csv(french, sep=";", encoding="cp1252", dtype=str)
    frame = found.frame.set_index("column")
    assert frame.loc["Culte", "filled"] == raw["Culte"].notna().sum()
    assert frame.loc["Commentaires", "says_health"] == raw["Commentaires"].str.startswith("D").sum()
    births = raw["Date de naissance"].value_counts()
    assert frame.loc["Date de naissance", "alone"] == (births == 1).sum()
    keys = list(found.roles.key)
    whole = raw.groupby(keys, dropna=False).size()
    assert found.alone == (whole == 1).sum()
    without = raw.groupby([k for k in keys if k != "Profession"], dropna=False).size()
    fewer = (whole == 1).sum() - (without == 1).sum()
    assert frame.loc["Profession", "adds"] == fewer
    # A report of the file does not print so few.
    shown = suppress_small_counts(found).frame.set_index("column").loc["Profession", "adds"]
    assert shown is pd.NA if 0 < fewer < SMALL_CELL else shown == fewer


@pytest.mark.heavy
def test_the_commands_run_as_they_are_pasted(french, tmp_path, capsys, monkeypatch):
    assert main(["inspect", str(french), "--as-of", DAY, "--out", str(tmp_path / "out")]) == 0
    said = [line for line in capsys.readouterr().out.splitlines() if line.startswith("next: ")]
    assert said
    monkeypatch.chdir(tmp_path)
    for line in said:
        program, *words = shlex.split(line.removeprefix("next: "))
        assert program == "privaudit"
        assert main(words) == 0
    table = pd.read_csv(tmp_path / "out" / "tables" / "inventory.csv")
    assert list(table.columns[:2]) == ["column", "role"]
    assert table["role"].str.contains("identifier").sum() == 6
    assert table["role"].str.contains("special category").sum() == 3


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_no_cell_stands_in_the_report(french, tmp_path, lang):
    arguments = ["inspect", str(french), "--as-of", DAY, "--lang", lang]
    assert main([*arguments, "--out", str(tmp_path / "out")]) == 0
    cells = ("Petit", "Garnier", "exemple.fr", "rue des Lilas", "Diab", "06 12", "juive", "41000")
    for path in (tmp_path / "out").rglob("*"):
        text = path.read_text("utf-8", "replace") if path.is_file() else ""
        assert not [cell for cell in cells if cell in text], path.name


def test_a_frame_a_release_and_traces_are_taken(french):
    release = pa.read_table(french)
    traces = pa.read_traces(
        pd.DataFrame({"u": [1, 1, 2], "i": list("aba"), "t": ["2016-01-01"] * 3}),
        person="u", item="i", time="t",
    )  # fmt: skip
    assert pa.inspect(release, as_of=DAY).frame["role"].iloc[1] == "key"
    assert list(pa.inspect(traces, as_of=DAY).frame["column"]) == ["person", "item", "time"]
    day = datetime.date(2016, 11, 8)
    assert pa.inspect(pd.DataFrame({"age": [3.0, 40.0]}), as_of=day).births == "age"


def proposed(tmp_path, capsys, **columns):
    """Return the commands that are proposed for a file of 300 records."""
    rng = np.random.default_rng(5)
    made = {name: rng.choice(of, N) if len(of) < N else of for name, of in columns.items()}
    pd.DataFrame(made).to_csv(tmp_path / "f.csv", index=False)
    given = ["inspect", str(tmp_path / "f.csv"), "--out", str(tmp_path / "out")]
    assert main([*given, "--as-of", DAY]) == 0
    lines = capsys.readouterr().out.splitlines()
    return [shlex.split(line)[2:] for line in lines if line.startswith("next: privaudit ")]


def keys_of(lines):
    """Return the keys of the one table command."""
    (words,) = [words for words in lines if words[0] == "table"]
    return words[words.index("--key") + 1].split(",")


SEX, TOWN = list("FM"), ["94340", "94000", "01200", "75011"]


@pytest.mark.parametrize(
    ("header", "cells"),
    [
        # Days of 2015 and 2016 as a spreadsheet numbers them: 42,005 is the first of 2015.
        ("cree_le", [str(42_005 + 7 * k) for k in range(100)]),
        ("age", [str(42_005 + k) for k in range(N)]),
        # A series, with the kind of a station by its header.
        ("bureau", [str(10_000 + k) for k in range(N)]),
        # Codes of a tool under a header of trades and of languages.
        ("profession", ["E0034", "E0035", "E1200"]),
        ("langue", ["fr_FR", "en_US", "fr_CA"]),
    ],
)
def test_no_key_is_a_series_a_day_of_a_spreadsheet_or_a_code(tmp_path, capsys, header, cells):
    lines = proposed(tmp_path, capsys, sexe=SEX, cp=TOWN, **{header: cells})
    assert sorted(keys_of(lines)) == ["cp", "sexe"]


@pytest.mark.parametrize(
    ("header", "cells"),
    [
        # 12,000 to 38,000: births of 1932 to 2004.
        ("naissance", [str(12_000 + 86 * k) for k in range(N)]),
        ("profession", ["enseignant", "ouvrier", "cadre", "aide-soignante"]),
        ("langue", ["français", "arabe", "portugais"]),
        # Communes of Isère and a postcode, whose header says so.
        ("code_insee", ["38185", "38421", "38151"]),
        ("lieu", ["38000", "38100", "38130", "38400"]),
    ],
)
def test_a_birth_a_trade_a_tongue_and_a_place_are_keys(tmp_path, capsys, header, cells):
    assert header in keys_of(proposed(tmp_path, capsys, sexe=SEX, **{header: cells}))


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_a_table_of_named_people_leads_with_their_names(tmp_path, capsys, lang):
    people = pd.DataFrame({
        "email": [f"u{k}@exemple.fr" if k < 280 else None for k in range(N)],
        "sexe": ["F", "M"] * 150, "cp": ["94340", "94000", "75011"] * 100,
    })  # fmt: skip
    people.to_csv(tmp_path / "f.csv", index=False)
    out = tmp_path / "out"
    given = ["table", str(tmp_path / "f.csv"), "--out", str(out), "--key", "sexe,cp"]
    assert main([*given, "--lang", lang]) == 0
    page = re.sub(r"</?(?:em|span)[^>]*>", "", (out / "index.html").read_text("utf-8")).replace(
        "\xa0", " "
    )
    headline = re.search(r'<h1 id="answer">(.*?)</h1>', page)[1]
    first = re.search(r'<p class="lead">(.*?)</p>', page)[1]
    # By hand: 280 of 300 have an address; six classes of 50 records, so that nobody is alone.
    assert (
        html.unescape(headline)
        == {
            "en": "280 of the 300 records say who the person is, by an e-mail address: "
            "nothing has to be guessed.",
            "fr": "280 des 300 fiches disent de qui il s’agit, par un courriel : "
            "il n’y a rien à deviner.",
        }[lang]
    )
    assert {"en": "None of the 300 records is alone", "fr": "Aucune des 300 fiches"}[lang] in first
    assert "50" in first


def test_interests_that_tell_opinions_are_no_key_but_sensitive(tmp_path, capsys):
    cells = ["jardinage", "cyclisme", "cuisine", "La France insoumise", "Les Républicains"]
    lines = proposed(tmp_path, capsys, sexe=SEX, cp=TOWN, interests=cells)
    assert "interests" not in keys_of(lines)
    (words,) = lines
    assert words[words.index("--sensitive") + 1] == "interests"
    others = proposed(tmp_path, capsys, sexe=SEX, cp=TOWN, interests=cells[:3])
    assert "interests" in keys_of(others)


def test_where_a_network_has_its_readers_is_no_map_of_doors(tmp_path, capsys):
    at = {"lat": [round(48.8 + 0.003 * (k % 120), 4) for k in range(N)],
          "lon": [round(2.3 + 0.003 * (k % 120), 4) for k in range(N)]}  # fmt: skip
    ips = [f"81.2.{k % 200}.{k % 251}" for k in range(N)]
    lines = proposed(tmp_path, capsys, adresse_ip=ips, sexe=SEX, cp=TOWN, **at)
    assert not [words for words in lines if words[0] in ("map", "link")]
    # Of readers whose place is where their network ends, neither region nor country is a key.
    mails = {"email": [f"u{k}@exemple.fr" for k in range(N)], "sexe": SEX}
    lines = proposed(tmp_path, capsys, **mails, GMTOFF=["1", "2"], region=["11", "84"], **at)
    assert keys_of(lines) == ["sexe"]
    assert [words[0] for words in lines] == ["table"]
    note = "where a network places its users"
    assert note in (tmp_path / "out" / "annex.html").read_text("utf-8")
    # Exact points, each of its own, are homes, whatever stands beside them.
    exact = {"lat": [f"{48.8 + k * 0.0012345:.6f}" for k in range(N)],
             "lon": [f"{2.3 + k * 0.0012345:.6f}" for k in range(N)]}  # fmt: skip
    lines = proposed(tmp_path, capsys, adresse_ip=ips, **exact)
    assert "map" in [words[0] for words in lines]


@pytest.fixture(scope="module")
def inspected(tmp_path_factory):
    """A table of 60 people and a log of their 240 likes, with the roles that inspect writes."""
    folder, rng = tmp_path_factory.mktemp("street"), np.random.default_rng(1)
    people = pd.DataFrame({"mail": [f"u{k}@exemple.fr" for k in range(60)], "sexe": SEX * 30,
                           "quartier": rng.choice(["nord", "sud"], 60),
                           "bord": rng.choice(["gauche", "droite"], 60)})  # fmt: skip
    people.to_csv(folder / "gens.csv", index=False)
    log = pd.DataFrame({"qui": np.repeat(people["mail"], 4), "quoi": rng.integers(0, 9, 240),
                        "quand": "2016-09-02"})  # fmt: skip
    log.to_csv(folder / "mentions.csv", index=False)
    files = [str(folder / name) for name in ("gens.csv", "mentions.csv")]
    assert main(["inspect", *files, "--as-of", DAY, "--out", str(folder / "seen")]) == 0
    return folder


@pytest.fixture
def street(inspected, tmp_path):
    """A copy of it, to be written into."""
    shutil.copytree(inspected, tmp_path, dirs_exist_ok=True)
    return tmp_path


def rewritten(street, old="", new=""):
    """Return the path of an edited copy of the roles that inspect wrote."""
    text = (street / "seen" / "roles.toml").read_text("utf-8")
    assert old in text
    (street / "roles.toml").write_text(text.replace(old, new), "utf-8")
    return str(street / "roles.toml")


def test_inspect_writes_its_roles_as_a_file(street):
    text = (street / "seen" / "roles.toml").read_text("utf-8")
    roles = tomllib.loads(text)
    assert list(roles) == ["gens.csv", "mentions.csv"]
    assert roles["gens.csv"]["key"] == ["sexe", "quartier"]
    assert "# mail: contact details" in text
    assert "@exemple" not in text
    assert main(["report", "--verify", str(street / "seen")]) == 0


def test_a_table_is_measured_by_the_roles_of_the_file(street):
    roles = rewritten(street, 'key = ["sexe", "quartier"]', 'key = ["SEXE"]')
    given = ["table", str(street / "gens.csv"), "--roles", roles]
    assert main([*given, "--out", str(street / "out")]) == 0
    found = json.loads((street / "out" / "findings.json").read_text("utf-8"))
    k = next(one["value"] for one in found["findings"] if one["id"] == "table.k_anonymity")
    assert k == 30  # by hand: 30 women and 30 men
    assert "--key SEXE " in found["command"]
    # An option goes before the file.
    assert main([*given, "--key", "quartier", "--out", str(street / "b")]) == 0
    command = json.loads((street / "b" / "findings.json").read_text("utf-8"))["command"]
    assert "--key quartier " in command


@pytest.mark.heavy
def test_inspect_a_log_a_dossier_and_rules_read_the_roles(street):
    roles = rewritten(street, 'key = ["sexe", "quartier"]', 'key = ["quartier"]')
    gens = str(street / "gens.csv")
    given = ["inspect", gens, "--as-of", DAY, "--roles", roles, "--out", str(street / "again")]
    assert main(given) == 0
    again = tomllib.loads((street / "again" / "roles.toml").read_text("utf-8"))
    assert again["gens.csv"]["key"] == ["quartier"]
    (street / "d.toml").write_text("[processing]\n", "utf-8")
    stated = ["--as-of", DAY, "--roles", roles]
    files = [gens, str(street / "mentions.csv"), "--description", str(street / "d.toml")]
    out = str(street / "whole")
    assert main(["dossier", *files, *stated, "--exhibit", "S", "--out", out]) == 0
    page = (street / "whole" / "index.html").read_text("utf-8").replace("\xa0", " ")
    page = re.sub(r"</?span[^>]*>", "", page)
    assert "in 2 exhibits" in page
    assert "Roles of the columns, as a person stated them" in page
    found = json.loads((street / "whole" / "findings.json").read_text("utf-8"))
    notes = [one["values"] for one in found["notes"] if one["key"] == "keys_taken"]
    assert [one["columns"] for one in notes] == [["quartier"]]
    assert "--roles roles.toml" in found["command"]
    rules = ["rules", str(street / "d.toml"), "--table", gens, *stated]
    assert main([*rules, "--out", str(street / "ruled")]) == 0
    held = json.loads((street / "ruled" / "findings.json").read_text("utf-8"))["findings"]
    notes = [note for one in held for note in one["notes"] if note["key"] == "wp216_key"]
    assert [note["values"]["columns"] for note in notes] == [["quartier"]]
    text = (street / "roles.toml").read_text("utf-8")
    of_log = 'record_id = "qui"\nitem = "quoi"\ntime = "quand"\n'
    (street / "log.toml").write_text(f'["mentions.csv"]\n{of_log}', "utf-8")
    traces = ["traces", str(street / "mentions.csv"), "--out", str(street / "log")]
    assert main([*traces, "--roles", str(street / "log.toml")]) == 0
    assert '["mentions.csv"]' in text


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"quartier"]', '"quartir"]', "Did you mean 'quartier'?"),
        ("key =", "kex =", "Did you mean 'key'?"),
        ('["gens.csv"]', '["autres.csv"]', 'Add ["gens.csv"].'),
        ('key = ["sexe", "quartier"]', "key = 3", "a list of columns as key"),
        ('key = ["sexe", "quartier"]', 'key = ["mail"]', "'mail' twice"),
        ('["gens.csv"]', "[gens.csv", "TOML"),
    ],
)
@pytest.mark.parametrize("command", ["table", "inspect", "rules", "dossier"])
def test_a_wrong_roles_file_is_one_line(street, capsys, command, old, new, said):
    (street / "d.toml").write_text("[processing]\n", "utf-8")
    text = (street / "seen" / "roles.toml").read_text("utf-8")
    assert old in text
    (street / "roles.toml").write_text(text.replace(old, new, 1), "utf-8")
    gens, out = str(street / "gens.csv"), ["--out", str(street / "out")]
    given = {
        "table": [gens], "inspect": [gens],
        "rules": [str(street / "d.toml"), "--table", gens, "--as-of", DAY],
        "dossier": [gens, "--description", str(street / "d.toml"), "--as-of", DAY,
                    "--exhibit", "S"],
    }[command]  # fmt: skip
    capsys.readouterr()
    assert main([command, *given, *out, "--roles", str(street / "roles.toml")]) == 2
    line = capsys.readouterr().err
    assert line.count("\n") == 1
    assert said in line
    assert not (street / "out").exists()


def test_what_cannot_be_inspected_is_refused_in_one_line(tmp_path, capsys):
    (tmp_path / "a.docx").write_bytes(b"PK")
    (tmp_path / "b.csv").write_text("age\n3\n")
    for arguments in (
        ["inspect", str(tmp_path / "a.docx")],
        ["inspect", str(tmp_path / "none.csv")],
        ["inspect", str(tmp_path / "b.csv"), "--as-of", "tomorrow"],
    ):
        assert main([*arguments, "--out", str(tmp_path / "out")]) == 2
        error = capsys.readouterr().err
        assert error.count("\n") == 1


@pytest.mark.parametrize(
    ("lang", "said"),
    [("en", "at most 10 of 40 records concern a person under 18"),
     ("fr", "10 fiches au plus, sur 40, concernent une personne de moins de 18 ans")],
)  # fmt: skip
def test_a_few_minors_are_not_said_to_be_none_or_undecided(tmp_path, lang, said):
    """Two of forty births are of minors, and every cell is a date: nothing is left undecided."""
    births = ["05/06/1970"] * 38 + ["05/06/2004"] * 2
    frame = pd.DataFrame({"Nom": [f"Nom{k}" for k in range(40)], "Date de naissance": births})
    frame.to_csv(tmp_path / "t.csv", index=False)
    out = ["--as-of", DAY, "--lang", lang, "--out", str(tmp_path / "out")]
    assert main(["inspect", str(tmp_path / "t.csv"), *out]) == 0
    page = (tmp_path / "out" / "index.html").read_text("utf-8")
    text = re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", "", page)))
    assert said in text
    assert not re.search("decides it|en décider|certainly concern|avec certitude une", text)


@pytest.mark.parametrize("identifier", [True, False])
def test_pupils_of_one_day_of_birth_are_minors_and_their_day_is_noted(tmp_path, identifier):
    """Thirty of 1 January 2010 among twenty others: a class, or the default of a program."""
    others = [f"19{50 + k}-03-{k + 1:02d}" for k in range(20)]
    frame = pd.DataFrame({"date_naissance": ["2010-01-01"] * 30 + others})
    if identifier:
        frame.insert(0, "email", [f"p{k}@exemple.fr" for k in range(50)])
    frame.to_csv(tmp_path / "t.csv", index=False)
    found = pa.inspect(tmp_path / "t.csv", as_of=DAY)
    assert (found.minors, found.most_minors) == (30, 30)
    assert found.heaps == (Note("births_heaped", column="date_naissance", records=30),)
    arguments = ["inspect", str(tmp_path / "t.csv"), "--as-of", DAY, "--lang", "fr"]
    assert main([*arguments, "--out", str(tmp_path / "out")]) == 0
    page = (tmp_path / "out" / "annex.html").read_text("utf-8")
    assert "date de naissance bien plus fréquente que toute autre" in html.unescape(page)
    # Thirty visits of one person are no heap.
    if identifier:
        frame["email"] = ["p0@exemple.fr"] * 30 + list(frame["email"][30:])
        assert pa.inspect(frame, as_of=DAY).heaps == ()


@pytest.mark.heavy
def test_a_table_is_measured_with_the_codebook_that_is_named(tmp_path, capsys, monkeypatch):
    """`inspect` wrote out the codes of a codebook beside the table, and `table` measured 99."""
    monkeypatch.chdir(tmp_path)
    rows = [("F" if at % 2 else "M", at % 3 + 1, 1 if at % 4 else 99) for at in range(48)]
    lines = (f"{sex},{faith},{vote}\n" for sex, faith, vote in rows)
    Path("data.csv").write_text("sexe,religion,vote\n" + "".join(lines))
    Path("codes.csv").write_text(
        "Variable,Code,Libellé\nreligion,1,catholique\nreligion,2,musulman\nreligion,3,juif\n"
        "vote,1,FN\nvote,99,Refus\n", "utf-8",
    )  # fmt: skip
    assert main(["inspect", "data.csv", "codes.csv", "--as-of", "2016-11-08"]) == 0
    line = next(one for one in capsys.readouterr().out.splitlines() if "privaudit table" in one)
    assert "--codebook codes.csv" in line
    given = ["table", "data.csv", "--key", "sexe,religion", "--sensitive", "vote"]
    study = audit_table(
        "data.csv", Roles(key=("sexe", "religion"), sensitive=("vote",)),
        beside=Beside(codebook="codes.csv"),
    )  # fmt: skip
    assert study.measures["table"].row("k_anonymity").value == 8
    decoded = {note.values["column"] for note in study.notes if note.key == "decoded_by"}
    assert decoded == {"religion", "vote"}
    assert main([*given, "--codebook", "data.csv", "--out", "no"]) == 2
    assert "--codebook" in capsys.readouterr().err
    # A population in codes is not one of words; originals may be in either.
    both = ["--codebook", "codes.csv", "--population", "data.csv"]
    assert main([*given, *both, "--out", "no"]) == 2
    assert "--population or --codebook" in capsys.readouterr().err
    words = (f"{sex},{['catholique', 'musulman', 'juif'][faith - 1]},{'FN' if vote == 1 else ''}\n"
             for sex, faith, vote in rows)  # fmt: skip
    Path("original.csv").write_text("sexe,religion,vote\n" + "".join(words))
    beside = ["--original", "original.csv", "--holdout", "original.csv"]
    assert main([*given, "--codebook", "codes.csv", *beside, "--out", "held"]) == 0
