"""What each column of a seized table is: of a French file, of VAN, of an electoral roll."""

import datetime
import shlex

import numpy as np
import pandas as pd
import pytest

import privaudit as pa
from privaudit.cli import main
from privaudit.core.policy import SMALL_CELL
from privaudit.release.inventory import suppress_small_counts

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
        text = path.read_text(encoding="utf-8") if path.is_file() else ""
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
