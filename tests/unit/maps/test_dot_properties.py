"""What stands beside the dots: counted by hand, told before any attack, in both languages."""

import html
import json
import re

import numpy as np
import pandas as pd
import pytest

from privaudit.cli import main
from privaudit.geo.address_base import AddressBase
from privaudit.maps.scoring.shared_points import dot_properties, dot_table
from privaudit.release.read_map import read_map

N = 40


@pytest.fixture(scope="module")
def base():
    at = np.arange(N)
    return AddressBase(
        pd.DataFrame(
            {"id": at.astype(str), "number": "1", "street": "rue A", "commune": "Bourg",
             "station": "", "x": 30.0 * at, "y": 10.0}
        ), real=False)  # fmt: skip


@pytest.fixture(scope="module")
def people():
    """Forty dots, two at each of twenty addresses; what each shows can be counted."""
    at = np.arange(N)
    return pd.DataFrame(
        {
            "x": 30.0 * (at // 2), "y": 10.0,
            "prenom": ["Zoé"] * 30 + [None] * 10,
            "courriel": ["a@b.fr"] * 12 + [""] * 28,
            "age": [30, 41] * 20,
            "niveau_soutien": [1, 1, 5, 1] * 5 + [None] * 20,
            "note": ["sa soeur Sylvie a ouvert"] * 3 + ["pas là"] * 17 + [None] * 20,
        }
    )  # fmt: skip


def test_dots_are_counted_by_what_they_show(base, people):
    found = dot_properties(read_map(people, addresses=base))
    told = {r.part["what"]: r.value * N for r in found.rows if r.measure == "shown"}
    assert told == {"name": 30, "email": 12, "age": 40, "support": 20, "note": 20, "others": 3}
    assert found.value("identified") * N == 30
    assert found.value("identified_with", what="support") * N == 20
    assert {row.counts for row in found.rows} == {"dots"}
    (row,) = (r for r in found.rows if r.part == {"what": "others"} and r.measure == "shown")
    assert [note.key for note in row.notes] == ["found_within", "names_from_a_list"]
    assert "Sylvie" not in repr(found.rows) + repr(found.notes)


def test_what_withholding_saves_is_counted_again(base, people):
    found = dot_properties(read_map(people, addresses=base))
    after = {r.part["what"]: r for r in found.rows if r.measure == "shown_without"}
    assert after["identity"].part["without"] == ("prenom", "courriel")
    assert (after["identity"].baseline * N, after["identity"].value) == (30, 0)
    half = people.assign(portable=["06 12 34 56 78"] * 5 + [None] * 35, note="06 11 22 33 44")
    found = dot_properties(read_map(half, addresses=base))
    (row,) = (
        r for r in found.rows
        if r.measure == "shown_without" and r.part["what"] == "identity"
    )  # fmt: skip
    # A note holds a number as well: to take it away is part of the remedy.
    assert row.part["without"] == ("prenom", "courriel", "portable", "note")


def test_the_place_is_one_more_key(base, people):
    found = dot_table(read_map(people, addresses=base), exact=True)
    # Ages alternate: each stands with nineteen others, and alone at its address.
    assert found.value("sample_uniques", location="none") == 0
    assert found.value("sample_uniques", location="address") == N
    assert found.value("k_anonymity", location="none") == N / 2
    support = found.row("vulnerability_posterior", location="address")
    # Of the twenty whose level is shown, who knows age and address reads each.
    assert (support.value, support.n, support.counts) == (1, 20, "dots")
    assert support.baseline == 15 / 20


def test_where_a_dot_was_moved_to_is_no_key(base, people):
    """Each blurred dot stood alone at its point, by which an opinion was said to be guessed."""
    moved = people.assign(x=people["x"] + 7.0)
    found = dot_table(read_map(moved, addresses=base), exact=False)
    assert {row.part["location"] for row in found.rows} == {"none"}
    bare = moved.drop(columns=["age"])
    assert dot_table(read_map(bare, addresses=base), exact=True) is not None
    assert dot_table(read_map(bare, addresses=base), exact=False) is None


def test_bare_coordinates_are_said_once(base, people):
    found = dot_properties(read_map(people[["x", "y"]], addresses=base))
    assert list(found.rows) == []
    assert [note.key for note in found.notes] == ["only_coordinates"]
    assert dot_table(read_map(people[["x", "y"]], addresses=base), exact=True) is None


@pytest.fixture(scope="module")
def folder(tmp_path_factory, base, people):
    folder = tmp_path_factory.mktemp("dots")
    places = base.frame.assign(code_insee="94042", nom_commune="Bourg", numero=1, nom_voie="rue A")
    places["x"], places["y"] = places["x"] + 662_000, places["y"] + 6_857_000
    places.to_csv(folder / "addresses.csv", index=False)
    odd = people.assign(x=people["x"] + 662_000, y=people["y"] + 6_857_000)
    odd = odd.assign(**{"Marie Kowalczyk": "favorable", "<b>zone</b>": "z"})
    rows = [
        {"type": "Feature", "geometry": {"type": "Point", "coordinates": [r.pop("x"), r.pop("y")]},
         "properties": r}
        for r in json.loads(odd.to_json(orient="records"))
    ]  # fmt: skip
    crs = {"type": "name", "properties": {"name": "EPSG:2154"}}
    told = {"type": "FeatureCollection", "crs": crs, "features": rows}
    (folder / "leak.geojson").write_text(json.dumps(told), encoding="utf-8")
    odd[["x", "y"]].to_csv(folder / "bare.csv", index=False)
    return folder


def page(folder, leak, lang):
    out = folder / f"{leak}.{lang}"
    asked = ["map", str(folder / leak), "--addresses", str(folder / "addresses.csv"), "--lang",
             lang, "--mask", "none", "--crs", "EPSG:2154", "--adversary", "knows_mask"]  # fmt: skip
    assert main([*asked, "--out", str(out)]) == 0
    text = (out / "index.html").read_text(encoding="utf-8")
    text = re.sub("</?span[^>]*>", "", text)
    text = html.unescape(re.sub(r"<style.*?</style>|<svg.*?</svg>|<[^>]+>", " ", text, flags=re.S))
    return out, re.sub(r"\s+", " ", text)


@pytest.mark.heavy
@pytest.mark.parametrize(
    ("lang", "who", "attack"),
    [
        (
            "fr",
            "30 des 40 points disent de qui il s’agit, 20 avec un niveau",
            "s’attendrait à trouver",
        ),
        (
            "en",
            "30 of 40 dots say who the person is, 20 with a support level",
            "would expect to find",
        ),
    ],
)
def test_the_page_leads_with_what_is_shown_and_names_nobody(folder, lang, who, attack):
    out, text = page(folder, "leak.geojson", lang)
    assert 0 < text.index(who) < text.index(attack)
    everything = "".join(p.read_text("utf-8", "replace") for p in out.rglob("*") if p.is_file())
    assert not re.search("Kowalczyk|Sylvie|Zoé|a@b", everything)
    annex = (out / "annex.html").read_text(encoding="utf-8")
    assert "<b>zone" not in annex + (out / "index.html").read_text(encoding="utf-8")
    told = json.loads((out / "findings.json").read_text(encoding="utf-8"))
    assert "headers_withheld" in {note["key"] for note in told["notes"]}
    # Before any attack, and among what to mend, with the number before and after.
    first = annex.index('id="properties.identified"')
    assert first < annex.index('id="map.none.knows_mask.address"')
    mended = re.sub("</?span[^>]*>", "", annex[annex.index('id="mend"') :])
    mended = re.sub(r"<[^>]+>|\s", " ", mended)
    assert re.search(r"prenom\W+courriel\W+30 \w+ 40 \w+ +0 \w+ 40", mended)


def test_the_page_of_a_bare_map_says_so_in_one_sentence(folder):
    _, text = page(folder, "bare.csv", "fr")
    assert text.count("le fichier ne contient rien") == 1
    assert "rien à deviner" not in text


@pytest.mark.parametrize(("levels", "learnt"), [(1, False), (2, True), (20, True), (21, False)])
def test_a_column_is_learnt_from_two_to_twenty_levels(base, levels, learnt):
    frame = pd.DataFrame({"x": 30.0 * np.arange(N), "y": 10.0, "age": [30, 41] * 20,
                          "niveau_soutien": [f"s{i % levels}" for i in range(N)]})  # fmt: skip
    found = dot_table(read_map(frame, addresses=base), exact=True)
    assert ("vulnerability_posterior" in {
        row.measure for row in found.rows if np.isfinite(row.value)}) == learnt  # fmt: skip


@pytest.mark.parametrize(("keys", "used"), [(3, 3), (4, 4), (5, 4)])
def test_four_keys_of_dots_are_taken(base, keys, used):
    names = ["age", "date_naissance", "sexe", "civilite", "profession"][:keys]
    cells = {"age": ["30", "41"], "date_naissance": ["1980-02-01", "1975-03-05"],
             "sexe": ["F", "M"], "civilite": ["Mme", "M."],
             "profession": ["infirmier", "maçon"]}  # fmt: skip
    frame = pd.DataFrame({"x": 30.0 * np.arange(N), "y": 10.0,
                          **{name: cells[name] * 20 for name in names}})  # fmt: skip
    found = dot_table(read_map(frame, addresses=base), exact=True)
    (note,) = [note for note in found.notes if note.key == "keys_of_dots"]
    assert len(note.values["keys"]) == used


@pytest.mark.parametrize(
    ("columns", "levels", "learnt"),
    [(5, 2, True), (4, 20, True), (3, 21, False), (4, 1, False), (0, 20, True)],
)
def test_four_keys_beside_dots_and_two_to_twenty_levels_to_learn(base, columns, levels, learnt):
    keys = {
        "age": [30, 41],
        "annee_naissance": [1970, 1981],
        "sexe": ["F", "M"],
        "profession": ["Cadre", "Ouvrier"],
        "situation_familiale": ["mariée", "célibataire"],
    }
    at = np.arange(N)
    frame = pd.DataFrame(
        {"x": 30.0 * (at // 2), "y": 10.0, "niveau_soutien": at % levels}
        | {name: values * (N // 2) for name, values in [*keys.items()][:columns]}
    )
    found = dot_table(read_map(frame, addresses=base, crs="fictional"), exact=True)
    if not columns and not learnt:
        assert found is None
        return
    told = [note.values["keys"] for note in found.notes if note.key == "keys_of_dots"]
    assert [len(one) for one in told] == ([min(columns, 4)] if columns else [])
    rows = [row for row in found.rows if row.measure == "vulnerability_posterior"]
    assert any(np.isfinite(row.value) for row in rows) == learnt
