"""What a first screen must not leave out: few people, rows aside, a value that all share."""

import re
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

import privaudit as pa
from privaudit.report.answers import _guess, answer_of
from privaudit.report.charts import others_chart
from privaudit.report.maps import area_map, with_squares
from privaudit.report.page import story_page
from privaudit.report.sentences import ResultLookup
from privaudit.report.story import _advice
from privaudit.results.measures import guarded
from privaudit.results.rows import Row
from privaudit.studies.audit_table import audit_table
from privaudit.studies.study import Study
from privaudit.words.catalogues import Note, Words

SAID = {"en": "Fewer than 11 people", "fr": "Moins de 11 personnes"}


def study_of(found, **more):
    return Study(
        kind="table", title="t.csv", provenance="audited file", real_places=False,
        measures={"table": found}, **more,
    )  # fmt: skip


MEASURED = pa.measure(pd.DataFrame({"age": range(30)}), pa.Roles(key=["age"]))


def led_with(people, lang):
    table = pd.DataFrame({"age": range(20, 20 + people), "side": "left"})
    found = pa.measure(table, pa.Roles(key=["age"], sensitive="side"))
    study = study_of(replace(found, rows=guarded(found.rows)))
    return answer_of(study, Words(lang), ResultLookup(study), ())


@pytest.mark.parametrize(
    ("lang", "withhold", "share"),
    [("en", "Withhold or coarsen", "Do not share this table"),
     ("fr", "retirer les variables clés", "Ce tableau ne doit pas être communiqué")],
)  # fmt: skip
def test_ten_people_are_found_whatever_is_withheld_and_eleven_by_their_keys(lang, withhold, share):
    for people, said, unsaid in ((10, share, withhold), (11, withhold, share)):
        table = pd.DataFrame({"age": range(20, 20 + people), "side": "left"})
        found = pa.measure(table, pa.Roles(key=["age"], sensitive="side"))
        study = study_of(replace(found, rows=guarded(found.rows)))
        advice = _advice(study, Words(lang), ResultLookup(study))
        assert said in advice
        assert unsaid not in advice


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_ten_people_are_too_few_and_eleven_are_not(lang):
    few, many = led_with(10, lang), led_with(11, lang)
    assert SAID[lang] in str(few.headline)
    assert {"en": "does not show that the file is safe", "fr": "ne prouve pas"}[lang] in few.leads[
        0
    ]
    assert SAID[lang] not in str(many.headline)
    # Eleven of them, each of an age of their own: all are alone.
    assert "11" in str(many.headline)


LARGER = {"en": "Simulate more inhabitants", "fr": "simuler plus d’habitants"}


@pytest.mark.parametrize("lang", LARGER)
@pytest.mark.parametrize(("kind", "n", "said"), [("demo", 10, True), ("map", 10, False)])
def test_a_town_with_few_people_on_its_map_says_what_to_do(study, exposed, lang, kind, n, said):
    few = study(exposed("exact", 0.9, n=n), exposed("donut:50:200", 0.3, n=n), kind=kind)
    answer = answer_of(few, Words(lang), ResultLookup(few), ())
    assert SAID[lang] in str(answer.headline)
    assert any(LARGER[lang] in lead for lead in answer.leads) == said


@pytest.mark.parametrize(("gone", "said"), [(4, False), (5, True)])
def test_rows_that_could_not_be_used_are_told_from_one_in_twenty(gone, said):
    table = pd.DataFrame({"age": range(95), "side": "left"})
    found = pa.measure(table, pa.Roles(key=["age"], sensitive="side"))
    study = study_of(found, set_aside={Note("reason_far", n=gone, of=99): gone})
    answer = answer_of(study, Words("en"), ResultLookup(study), ())
    lead = f"{gone} rows could not be used, against 95 that this page counts"
    assert answer.leads[0].startswith(lead) == said
    assert f"{gone} rows could not be used" in story_page(study, Words("en"), (), {})


SHARED = {"en": "same value for 12 of the 30 records", "fr": "même valeur pour 12 des 30 fiches"}


@pytest.mark.parametrize("lang", SHARED)
def test_a_value_that_all_share_is_known_without_a_key(lang):
    table = pd.DataFrame({"age": range(30), "side": ["left"] * 12 + [None] * 18})
    found = pa.measure(table, pa.Roles(key=["age"], sensitive="side"))
    study = study_of(found)
    leads = answer_of(study, Words(lang), ResultLookup(study), ()).leads
    assert any(SHARED[lang] in lead.replace("\u00a0", " ") for lead in leads)


@pytest.mark.parametrize("seed", range(3))
def test_a_map_of_areas_says_how_many_of_all_are_in_those_that_are_shown(seed):
    rng = np.random.default_rng(seed)
    groups = [rng.uniform(0, 150, (40, 2)) + far for far in (0, 3_000, 9_000)]
    spread = np.vstack([*groups, np.repeat(rng.uniform(0, 20_000, (7, 2)), 3, axis=0)])
    study = replace(study_of(MEASURED), kind="map", real_places=True, area_points=spread)
    study = with_squares(study)
    drawn = area_map(study, Words("en"), ResultLookup(study))
    shown, people, areas = map(int, re.findall(r"\d+", drawn.title)[:3])
    # Not the number of the key, under which an area is withheld.
    each = re.findall(r"(?<!than )\b(\d+)\speople", drawn.description)
    shares = [int(n) for n in each]
    assert (sum(shares), len(shares), people) == (shown, areas, 141)
    assert 40 <= shown < 141


def test_fewer_than_eleven_have_no_map_of_areas():
    few = np.random.default_rng(1).uniform(0, 400, (10, 2))
    study = replace(study_of(MEASURED), kind="map", real_places=True, area_points=few)
    assert area_map(study, Words("en"), ResultLookup(study)) is None
    assert with_squares(study) is study


@pytest.mark.parametrize(
    ("lang", "title"),
    [
        ("en", "Behind the marked doors live 40 adults who never interacted with a candidate"),
        ("fr", "Derrière les portes marquées vivent 40 adultes qui n’ont jamais interagi avec un "
               "candidat"),
    ],
)  # fmt: skip
def test_a_number_of_minors_that_is_withheld_is_no_zero(lang, title, measured, study):
    rows = [
        ("adults_never_interacted", 40, "adults", 60, "adults", {"baseline": 38.0}),
        ("minors_never_interacted", 3, "minors", 4, "minors", {"baseline": 2.0}),
    ]
    of = study(kind="demo", measures=[measured("household", *rows)])
    made = others_chart(of, Words(lang), ResultLookup(of))
    assert made.title.replace("\u00a0", " ") == title


@pytest.mark.parametrize(
    ("lang", "told"),
    [("en", "Fewer than 11 of the 200 records share the rarest values of key variables:"),
     ("fr", "Moins de 11 des 200 fiches partagent les valeurs les plus rares de variables clés :")],
)  # fmt: skip
def test_the_headline_of_a_key_with_a_rare_level_says_fewer_than_eleven(lang, told):
    towns = np.repeat(["north", "south", "west"], [140, 53, 7])
    found = pa.measure(pd.DataFrame({"town": towns}), pa.Roles(key="town"))
    study = study_of(replace(found, rows=guarded(found.rows)))
    headline = re.sub(
        r"<[^>]+>", "", answer_of(study, Words(lang), ResultLookup(study), ()).headline
    )
    assert told in headline.replace("\xa0", " ")


@pytest.mark.parametrize(
    ("gains", "column", "shares"),
    [
        # What the keys tell is the share with them less the share without.
        ({"side": (0.9, 0.8), "note": (0.6, 0.2)}, "note", (60, 20)),
        ({"side": (0.9, 0.3), "note": (0.6, 0.2)}, "side", (90, 30)),
        ({"side": (0.5, 0.5)}, "", ()), ({"side": (0.4, 0.5)}, "", ()), ({}, None, ()),
    ],
)  # fmt: skip
def test_of_several_columns_the_one_of_which_the_keys_tell_most_leads(gains, column, shares):
    rows = [
        Row(measure="vulnerability_posterior", value=value, baseline=baseline, unit="share", n=100,
            counts="records", part={"sensitive": name})
        for name, (value, baseline) in gains.items()
    ]  # fmt: skip
    words = Words("en")
    found = _guess(words, SimpleNamespace(rows=lambda *_: rows))
    if column is None:
        assert found == []
    elif not column:
        assert found == [words("story.guess_nothing")]
    else:
        assert column in found[0]
        assert [float(n) for n in re.findall(r"[\d.]+(?=\s%)", found[0])] == [*shares]


@pytest.mark.parametrize(
    ("lang", "remove", "share"),
    [
        ("en", "Remove what says who a person is: “last_name”, “email”. Withhold or",
         "Do not share this table with its people in it"),
        ("fr", "Il faut retirer ce qui dit de qui il s'agit : « last_name », « email ». Avant de",
         "Ce tableau ne doit pas être communiqué avec ses personnes"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("people", [10, 30])
def test_names_are_removed_first_where_that_is_a_way_out(tmp_path, people, lang, remove, share):
    names = [f"Zq{chr(97 + k)}et" for k in range(26)] + ["Durand", "Petit", "Roy", "Noir"]
    rows = {"last_name": names, "email": [f"{name}@x.fr" for name in names], "age": range(30, 60)}
    pd.DataFrame(rows)[:people].to_csv(tmp_path / "t.csv", index=False)
    study = audit_table(tmp_path / "t.csv", pa.Roles(key=["age"]))
    study = replace(study, measures={
        family: replace(found, rows=guarded(found.rows)) for family, found in study.measures.items()
    })  # fmt: skip
    advice = _advice(study, Words(lang), ResultLookup(study))
    advice = advice.replace("’", "'").replace("\u00a0", " ")
    assert advice.startswith(share if people == 10 else remove)
    assert (remove.split("“")[0].split("«")[0] in advice) == (people == 30)
