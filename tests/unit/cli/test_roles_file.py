"""A roles file: inspect writes it, a person edits it, each command obeys."""

import json
import tomllib

import numpy as np
import pandas as pd
import pytest

from privaudit.cli import main

DAY = "2016-11-08"
EAST, NORTH = 662_000.0, 6_857_000.0
N = 60


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    """A table of 60 people, and a map of their doors with two pairs of coordinates."""
    folder = tmp_path_factory.mktemp("town")
    rng = np.random.default_rng(3)
    street, number = np.divmod(np.arange(300), 20)
    places = np.column_stack([number * 25.0 + EAST, street * 60.0 + NORTH])
    doors = pd.DataFrame({"id": [f"a{k}" for k in range(300)], "code_insee": "94042",
                          "nom_commune": "Bourg", "numero": number + 1,
                          "nom_voie": [f"Rue {s}" for s in street],
                          "x": places[:, 0], "y": places[:, 1]})  # fmt: skip
    doors.to_csv(folder / "addresses.csv", index=False)
    home = rng.choice(300, N, replace=False)
    people = pd.DataFrame({
        "repere": [f"Zqrepere {'ab'[k % 2]}{k // 2}" for k in range(N)],
        "mail": [f"zq{k}@exemple.fr" for k in range(N)],
        "agence": ["Alain Petit", "Bruno Roux"] * 30, "sexe": list("FM") * 30,
        "soutien": rng.choice(["pour", "contre"], N),
        "adresse": [f"{number[h] + 1} Rue {street[h]}" for h in home],
    })  # fmt: skip
    people.to_csv(folder / "gens.csv", index=False)
    dots = pd.DataFrame({"num": np.arange(N), "x": places[home, 0], "y": places[home, 1],
                         "vers_x": places[home, 0] + 900, "vers_y": places[home, 1] + 400,
                         "sexe": people["sexe"], "bord": people["soutien"]})  # fmt: skip
    dots.to_csv(folder / "carte.csv", index=False)
    dots.assign(bord="contre").to_csv(folder / "carte2.csv", index=False)
    files = [str(folder / name) for name in ("gens.csv", "carte.csv", "carte2.csv")]
    assert main(["inspect", *files, "--as-of", DAY, "--out", str(folder / "seen")]) == 0
    return folder


def edited(town, name, **sections):
    """Return the path of a copy of the roles that inspect wrote, with other fields in sections."""
    written = tomllib.loads((town / "seen" / "roles.toml").read_text("utf-8"))
    for file, fields in sections.items():
        written[f"{file}.csv"] |= fields
    lines = []
    for file, fields in written.items():
        lines += [f'["{file}"]', *(f"{key} = {json.dumps(value)}" for key, value in fields.items())]
    (town / name).write_text("\n".join(lines) + "\n", "utf-8")
    return str(town / name)


def run(town, command, files, roles, out, *more):
    given = [command, *(str(town / file) for file in files), *more, "--roles", roles]
    status = main([*given, "--out", str(town / out)])
    return status, (json.loads((town / out / "findings.json").read_text("utf-8"))
                    if status == 0 else {})  # fmt: skip


def value_of(found, measure, **part):
    rows = [one for one in found["findings"] if one["measure"] == measure
            and part.items() <= one["part"].items()]  # fmt: skip
    return rows[0]["value"] if rows else None


def test_the_file_names_each_column_for_what_it_is(town):
    written = tomllib.loads((town / "seen" / "roles.toml").read_text("utf-8"))["gens.csv"]
    # By hand: mail names its person; nothing else is one of the person's own.
    assert "mail" in written["direct_identifiers"]
    assert written["record_id"] == "mail"
    assert written["key"] == ["sexe"]
    assert "soutien" in written["sensitive"]


def test_inspect_gives_back_what_was_stated(town):
    direct = ["repere", "mail"]
    stated = {"direct_identifiers": direct, "record_id": "repere", "key": ["agence"]}
    roles = edited(town, "a.toml", gens=stated)
    assert run(town, "inspect", ["gens.csv"], roles, "again", "--as-of", DAY)[0] == 0
    again = tomllib.loads((town / "again" / "roles.toml").read_text("utf-8"))["gens.csv"]
    assert {name: again[name] for name in stated} == stated
    page = (town / "again" / "index.html").read_text("utf-8")
    assert "as the roles file states" in page
    assert "Zqrepere" not in page


def test_a_table_counts_who_is_identified_by_the_columns_that_were_stated(town):
    for name, direct, identified in (("b", ["repere"], 1.0), ("c", [], None)):
        roles = edited(town, f"{name}.toml", gens={"direct_identifiers": direct})
        status, found = run(town, "table", ["gens.csv"], roles, name)
        assert (status, value_of(found, "identified")) == (0, identified)
        # The command that the report prints makes the same again.
        assert "--direct" in found["command"]


@pytest.mark.heavy
def test_a_map_stands_where_the_file_says(town):
    more = ["--addresses", str(town / "addresses.csv"), "--crs", "EPSG:2154"]
    as_is = edited(town, "d.toml", carte={"direct_identifiers": [], "key": [], "sensitive": []})
    status, found = run(town, "map", ["carte.csv"], as_is, "d", *more)
    assert (status, value_of(found, "on_address")) == (0, 1.0)
    moved = edited(town, "e.toml", carte={"location": ["vers_x", "vers_y"]})
    status, elsewhere = run(town, "map", ["carte.csv"], moved, "e", *more)
    assert (status, value_of(elsewhere, "on_address")) != (0, 1.0)
    keys = edited(town, "f.toml", carte={"key": ["bord"], "sensitive": ["sexe"]})
    status, found = run(town, "map", ["carte.csv"], keys, "f", *more)
    notes = [note["values"]["keys"] for one in found["findings"] for note in one["notes"]
             if note["key"] == "keys_of_dots"]  # fmt: skip
    notes += [one["values"]["keys"] for one in found["notes"] if one["key"] == "keys_of_dots"]
    assert status == 0
    assert ["bord"] in notes
    assert "--roles f.toml" in found["command"]


@pytest.mark.heavy
def test_copies_of_a_map_are_linked_by_the_number_of_the_file(town):
    more = ["--addresses", str(town / "addresses.csv"), "--crs", "EPSG:2154", "--mask", "none"]
    numbered = {"record_id": "num", "location": ["x", "y"]}
    roles = edited(town, "g.toml", carte=numbered, carte2=numbered)
    status, found = run(town, "map", ["carte.csv", "carte2.csv"], roles, "g", *more)
    assert status == 0
    wrong = edited(town, "h.toml", carte=numbered | {"record_id": "nom"}, carte2=numbered)
    assert run(town, "map", ["carte.csv", "carte2.csv"], wrong, "h", *more)[0] == 2
    assert any(one["measure"] == "changed" or "num" in json.dumps(one["notes"])
               for one in found["findings"])  # fmt: skip


@pytest.mark.heavy
def test_a_link_takes_the_roles_of_both_files(town):
    more = ["--addresses", str(town / "addresses.csv"), "--crs", "EPSG:2154"]
    roles = edited(town, "i.toml")
    status, found = run(town, "link", ["gens.csv", "carte.csv"], roles, "i", *more)
    named = value_of(found, "dot_named", by="address")
    assert (status, named) == (0, 1.0)
    moved = edited(town, "j.toml", carte={"location": ["vers_x", "vers_y"]})
    status, found = run(town, "link", ["gens.csv", "carte.csv"], moved, "j", *more)
    assert value_of(found, "dot_named", by="address") != 1.0
    # One person in two records counts once, by the column that says so.
    once = edited(town, "k.toml", gens={"record_id": "agence"})
    status, found = run(town, "link", ["gens.csv", "carte.csv"], once, "k", *more)
    assert status == 0
    located = [one["n"] for one in found["findings"] if one["measure"] == "record_located"]
    # Two agencies stand for two people: so few are not printed.
    assert located
    assert {*located} == {None}


WRONG = {
    "a column": ({"key": ["sexxe"]}, "sexe"),
    "a direct identifier": ({"direct_identifiers": ["mial"]}, "mail"),
    "a number": ({"record_id": "mial"}, "mail"),
    "a key that identifies": ({"direct_identifiers": ["sexe"], "key": ["sexe"]}, "twice"),
    "a field": ({"identifier": ["mail"]}, "identifier"),
}


@pytest.mark.parametrize(("fields", "said"), WRONG.values(), ids=WRONG)
@pytest.mark.parametrize("command", ["inspect", "table", "link", "map"])
def test_what_is_not_there_is_refused_in_one_line(town, capsys, command, fields, said):
    name = "carte" if command == "map" else "gens"
    if command == "map":
        # The map has other columns.
        fields = {k: ["numm"] if isinstance(v, list) else "numm" for k, v in fields.items()}
        said = "twice" if said == "twice" else "identifier" if "identifier" in fields else "num"
    roles = edited(town, "wrong.toml", **{name: fields})
    more = [] if command in ("inspect", "table") else ["--addresses", str(town / "addresses.csv")]
    files = {"link": ["gens.csv", "carte.csv"], "map": ["carte.csv"]}.get(command, ["gens.csv"])
    capsys.readouterr()
    assert run(town, command, files, roles, "wrong", *more)[0] == 2
    line = capsys.readouterr().err
    assert line.count("\n") == 1
    assert said in line
    assert not (town / "wrong").exists()
