"""The database of an app in a seizure: its doors and its visits are told together."""

import json
import re
import sqlite3

import pytest

from privaudit.cli import main
from tests.pipeline.test_dossier_command import STORY, SURNAMES

# What is shared is the report of a whole dossier.
pytestmark = pytest.mark.heavy
N = 60


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """Sixty doors with names, and what 36 of them said: a table of its own, without a name."""
    at = tmp_path_factory.mktemp("database")
    base = sqlite3.connect(at / "app.db")
    base.execute("create table door(id integer, nom text, prenom text, lon real, lat real)")
    base.execute("create table visit(door_id integer, who text, answer text)")
    names = [f"{SURNAMES[k % 6]}{'aeiouy'[k % 5]}{'lmn'[k % 3]}" for k in range(N)]
    lon = [2.40 + 0.0004 * k for k in range(N)]
    for k in range(N):
        base.execute(
            "insert into door values (?,?,?,?,?)",
            (900 + k, names[k], ("Zoé", "Paul")[k % 2], lon[k], 48.8),
        )
    for k in range(36):
        answer = ("sympathisant", "hostile", "absent")[k % 3]
        base.execute("insert into visit values (?,?,?)", (900 + k, f"v{k % 4}", answer))
    base.commit()
    base.close()
    doors = ["id;numero;rep;nom_voie;code_insee;nom_commune;lon;lat"]
    doors += [f"{k};{k + 1};;Rue Haute;94042;B;{lon[k]:.4f};48.8" for k in range(N)]
    (at / "adresses.csv").write_text("\n".join(doors), encoding="utf-8")
    (at / "d.toml").write_text(STORY.read_text("utf-8"), encoding="utf-8")
    given = ["--description", str(at / "d.toml"), "--addresses", str(at / "adresses.csv")]
    given += ["--as-of", "2016-11-08", "--exhibit", "Scellé 3", "--out", str(at / "out")]
    assert main(["dossier", str(at / "app.db"), *given]) == 0
    return at / "out"


def test_visits_are_those_of_doors_though_addresses_are_given(page):
    found = {one["id"]: one for one in json.loads((page / "findings.json").read_text())["findings"]}
    way = "linked_tables.{}.table_app_db_visit.other_app_db_door.{}"
    met = found[way.format("found_in", "by_reference")]
    assert (met["value"], met["n"]) == (1, 36)
    assert found[way.format("learnt", "what_name")]["value"] == 1
    said = found["linked_tables.learnt.table_app_db_door.other_app_db_visit.what_support"]
    # Who was absent showed no opinion.
    assert (round(said["value"] * said["n"]), said["n"]) == (24, N)


def test_the_gravest_findings_stand_first_with_their_file(page):
    text = (page / "index.html").read_text(encoding="utf-8")
    top = text[: text.index('<section id="exhibits"')].replace("\xa0", " ")
    top = re.sub("</?span[^>]*>", "", top)
    # What a table without a name says of people who are named, then their doors.
    told = re.search(r"For 24 of the 60 dots of “app.db › door”, “app.db › visit” reveals", top)
    doors = re.search(r"60 of 60 dots are expected to lead to the right address", top)
    assert told.start() < doors.start()
    assert "Source: app.db › door, app.db › visit." in top


def test_a_code_in_a_column_of_its_own_is_no_free_text(page):
    text = (page / "index.html").read_text(encoding="utf-8")
    assert "“answer” mentions a political opinion" in text
    assert "under a header that does not say so" in text
    assert "stands in free text" not in text
