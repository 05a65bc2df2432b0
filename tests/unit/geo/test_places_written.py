"""Addresses as people write them, joined with the public ones: each expected by reading it."""

import numpy as np
import pandas as pd
import pytest

from privaudit.cli import main
from privaudit.geo.address_base import AddressBase
from privaudit.geo.written_addresses import join_addresses, match_addresses
from privaudit.io.addresses import read_addresses
from privaudit.linkage.scoring import score_addresses
from privaudit.release.read_map import read_map
from privaudit.release.read_table import read_table
from privaudit.studies.audit_table import placed_dots

HEADER = "id;code_insee;code_postal;nom_commune;numero;rep;nom_voie;alias;nom_afnor;x;y"
LINES = [
    "a;94042;94340;Joinville-le-Pont;12;;Avenue du Général Leclerc;Rue de Paris;AV DU GAL LECLERC",
    "b;94042;94340;Joinville-le-Pont;12;bis;Avenue du Général Leclerc;Rue de Paris;",
    "c;94042;94340;Joinville-le-Pont;14;;Avenue du Général Leclerc;Rue de Paris;",
    "d;94042;94340;Joinville-le-Pont;3;;Rue du 8 Mai 1945;;",
    "e;94042;94340;Joinville-le-Pont;5;;Chemin de l'Île Fanac;;",
    "f;94068;94210;Saint-Maur-des-Fossés;5;;Rue de la République;;",
    "g;94042;94340;Joinville-le-Pont;5;;Rue de la République;;",
    "h;94042;94340;Joinville-le-Pont;7;;Boulevard Saint-Martin;;",
]
# What is written, its postcode and town where they stand apart, and the address, or why none.
WRITTEN = [
    ("12 avenue du Général Leclerc", "", "", "a"),
    ("12, AV. DU GAL LECLERC - 94340 JOINVILLE LE PONT", "", "", "a"),
    ("12bis av general leclerc", "", "", "b"),
    ("12 B av. du Gal Leclerc", "94340", "Joinville-le-Pont", "b"),
    ("12 rue de Paris", "", "", "a"),
    ("12-14 avenue du Général Leclerc", "", "", "a"),
    ("Appt 24 bât. B, 14 av. Gén. Leclerc", "", "", "c"),
    ("avenue du Général Leclerc, 14", "", "", "c"),
    ("Résidence Les Lilas, n° 3 rue du 8 mai 1945", "", "", "d"),
    ("5 chem. de l’Ile-Fanac", "", "", "e"),
    ("7 Bd St Martin", "", "", "h"),
    ("5 rue de la République", "94210", "", "f"),
    ("5 rue de la République", "94340.0", "", "g"),
    ("5 rue de la République", "", "SAINT MAUR DES FOSSES CEDEX", "f"),
    ("5 rue de la République 94340 Joinville-le-Pont", "", "", "g"),
    ("5 rue de la République", "", "94068", "f"),
    ("12 avenue du Général Leclerc", "", "94042", "a"),
    ("12 avenue du Général Leclerc", "", "69123", "elsewhere"),
    ("5 rue de la République", "", "", "several_addresses"),
    ("12 ter avenue du Général Leclerc", "", "", "number_unknown"),
    ("16 avenue du Général Leclerc", "", "", "number_unknown"),
    ("avenue du Général Leclerc", "", "", "no_number"),
    ("12 rue des Inconnus", "", "", "street_unknown"),
    ("BP 12", "", "", "street_unknown"),
    ("12 avenue du Général Leclerc 75011 Paris", "", "", "elsewhere"),
    ("12 avenue du Général Leclerc", "75011", "Paris", "elsewhere"),
    ("12 avenue du Général Leclerc", "", "Lyon", "elsewhere"),
    ("", "94340", "", ""),
]


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    file = tmp_path_factory.mktemp("ban") / "adresses-94.csv"
    rows = (f"{line};{659_000 + 300 * i};6858900" for i, line in enumerate(LINES))
    file.write_text("\n".join([HEADER, *rows]), encoding="utf-8")
    return read_addresses(file)


def test_what_people_write(base):
    texts, postcodes, towns, wanted = (list(column) for column in zip(*WRITTEN, strict=True))
    row, why = match_addresses(texts, base, postcodes=postcodes, towns=towns)
    ids = np.append(base.frame["id"].to_numpy(), "")
    found = [ids[r] if r >= 0 else w for r, w in zip(row, why, strict=True)]
    assert [(t, f) for t, f in zip(texts, found, strict=True)] == list(
        zip(texts, wanted, strict=True)
    )


def test_without_postcodes_the_department_decides(base):
    bare = AddressBase(base.frame, crs=base.crs, real=True)
    row, why = match_addresses(["3 rue du 8 mai 1945"] * 3, bare, postcodes=["94999", "75011", ""])
    assert (row.tolist(), why.tolist()) == ([3, -1, 3], ["", "elsewhere", ""])


def test_columns_that_belong_together(base):
    export = pd.DataFrame(
        {
            "nationbuilder_id": [1, 2, 3, 4],
            "first_name": list("abcd"),
            "primary_address1": ["12 av Gal Leclerc", None, "5 rue de la République", "9 rue X"],
            "primary_zip": ["94340", None, "94210", "94340"],
            "primary_city": ["Joinville-le-Pont", None, "Saint-Maur", "Joinville-le-Pont"],
            "mailing_address1": [None, "3 rue du 8 mai 1945", None, None],
            "mailing_zip": [None, "94340", None, None],
            "support_level": [1, 2, 3, 4],
        }
    )
    found = join_addresses(export, base)
    assert found.address.tolist() == [0, 3, 5, -1]
    assert found.why.tolist() == ["", "", "", "street_unknown"]
    plain = pd.DataFrame(
        {"numéro": [12, 14], "voie": ["av. Gal Leclerc"] * 2, "CP": [94340, 75011]}
    )
    found = join_addresses(plain, base)
    assert (found.address.tolist(), found.why.tolist()) == ([0, -1], ["", "elsewhere"])


def people():
    told = ["12 av Gal Leclerc"] * 3 + ["3 rue du 8 mai 1945"] * 12 + ["9 rue X"] * 4 + [None]
    n = len(told)
    frame = {
        "nom": [f"P{i}" for i in range(n)],
        "adresse": told,
        "cp": "94340",
        "soutien": range(n),
    }
    return pd.DataFrame(frame)


def test_shares_doors_and_people_by_hand(base):
    found = score_addresses(read_table(people()), base)
    # 15 of the 19 who tell an address are found, at two doors: 7.5 people a door, nobody alone.
    assert found.value("address_found") == pytest.approx(15 / 19)
    assert found.value("address_lost", why="street_unknown") == pytest.approx(4 / 19)
    assert (found.value("doors"), found.value("people_a_door")) == (2, 7.5)
    assert found.value("alone_at_address") == 0
    counted = base.with_counts(households=np.arange(1, 9))
    assert score_addresses(read_table(people()), counted).value("households_there") == 1 + 4


def test_a_table_that_never_had_coordinates_is_a_map(base):
    dots = read_map(people(), addresses=base)
    assert len(dots) == 15
    assert np.unique(dots.records[["x", "y"]], axis=0).tolist() == [
        [659_000.0, 6_858_900.0], [659_900.0, 6_858_900.0],
    ]  # fmt: skip
    assert {n.key: c for n, c in dots.set_aside.items()} == {"street_unknown": 4, "no_address": 1}
    placed = placed_dots(read_table(people()), base)
    assert placed.records[["x", "y"]].equals(dots.records[["x", "y"]])
    assert placed_dots(read_table(people().assign(adresse="9 rue X")), base) is None


def test_the_command_lays_a_table_beside_addresses(tmp_path, capsys):
    file = tmp_path / "people.csv"
    people().assign(sexe=["F", "M"] * 10).to_csv(file, index=False)
    addresses = tmp_path / "adresses-94.csv"
    rows = (f"{line};{659_000 + 300 * i};6858900" for i, line in enumerate(LINES))
    addresses.write_text("\n".join([HEADER, *rows]), encoding="utf-8")
    out = tmp_path / "out"
    words = ["table", str(file), "--key", "sexe", "--addresses", str(addresses), "--out", str(out)]
    assert main(words) == 0
    told = (out / "findings.json").read_text(encoding="utf-8")
    assert '"linked.address_found"' in told
    assert "P3" not in told
    capsys.readouterr()
