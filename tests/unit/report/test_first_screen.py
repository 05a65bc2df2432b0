"""Which sentence leads, and what is listed under it: rows made by hand, sentences read off them."""

import math
from types import SimpleNamespace

import pandas as pd
import pytest

from privaudit.io.public_counts import read_communes
from privaudit.report import answers
from privaudit.report.answers import (
    Answer,
    _choices,
    _doubted,
    _lead,
    _named_headline,
    _one_headline,
    _shown_first,
    answer_of,
    people_answer,
    table_answer,
)
from privaudit.report.sentences import ResultLookup
from privaudit.results.measures import Measures
from privaudit.results.rows import Row
from privaudit.studies.audit_log import audit_country
from privaudit.studies.study import Study
from privaudit.words.catalogues import Note, Words

WORDS = Words("en")


def plain(text):
    return str(text).replace("\u00a0", " ").replace("<em>", "*").replace("</em>", "*")


def beside(*told, **more):
    """What stands beside forty dots: (measure, what, share)."""
    rows = [Row(measure=measure, value=share, unit="share", n=40, counts="dots",
                part={"what": what} if what else {}) for measure, what, share in told]  # fmt: skip
    measured = {"properties": Measures(family="properties", rows=rows, **more)}
    study = Study(kind="map", title="m", provenance="audited file", real_places=True,
                  measures=measured)  # fmt: skip
    found = _shown_first(study, WORDS, ResultLookup(study), Answer(WORDS("story.if"), ("then",)))
    return plain(found.headline), [plain(lead) for lead in found.leads]


def test_the_gravest_thing_beside_dots_leads_and_lesser_ones_are_not_listed():
    headline, leads = beside(
        ("shown", "date", 1.0), ("shown", "age", 0.5), ("shown", "support", 0.75)
    )
    assert headline.startswith("If this map leaked, *30 of 40 dots* would show ")
    said = "Beside the 40 dots, the map shows: "
    (listed,) = [lead for lead in leads if lead.startswith(said)]
    assert "(30)" in listed
    assert "an age or a birth date (20)" in listed
    assert "a date" not in listed


def test_a_headline_of_names_lists_what_is_shown_and_nothing_else():
    rows = [
        Row(measure=measure, value=0.5, unit="share", n=400, counts="records",
            part={"what": what} if what else {})
        for measure, what in (("identified", ""), ("shown", "name"), ("shown", "phone"))
    ]  # fmt: skip
    measured = {"inventory": Measures(family="inventory", rows=rows)}
    study = Study(kind="table", title="t", provenance="audited file", real_places=True,
                  measures=measured)  # fmt: skip
    headline = plain(_named_headline(WORDS, ResultLookup(study)))
    assert "200 of the 400 records" in headline.replace("*", "")
    assert "by a name or a telephone number" in headline
    assert "e-mail" not in headline


def test_where_nothing_grave_stands_beside_dots_all_is_listed_and_what_was_found_leads():
    headline, leads = beside(("shown", "date", 1.0), ("shown", "consent", 0.5))
    assert headline == "If this map leaked"
    assert leads == ["then", "Beside the 40 dots, the map shows: a date (40), a consent (20)."]


def test_who_it_is_leads_before_all_and_with_a_side_where_there_is_one():
    named = ("identified", "", 0.5)
    headline, _ = beside(named, ("shown", "support", 1.0))
    assert headline.endswith(
        "nothing would have to be guessed: *20 of 40 dots* say who the person is."
    )
    headline, _ = beside(named, ("identified_with", "support", 0.25))
    assert "*20 of 40 dots* say who the person is, *10* with " in headline
    headline, _ = beside(named, ("identified_with", "support", 0.0))
    assert headline.endswith("say who the person is.")


def test_copies_that_were_not_linked_are_said_first_and_nothing_else_of_them():
    notes = (Note("links_to_none", of=30, records=4), Note("known_of_somebody", known=("sex",)),
             Note("links_left_out", records=2))  # fmt: skip
    changes = SimpleNamespace(notes=notes)
    said = _doubted(SimpleNamespace(measures={"changes": changes}), WORDS)
    assert [plain(text)[:2] for text in said] == ["Of", "2 "]
    assert _doubted(SimpleNamespace(measures={}, notes=()), WORDS) == []


def test_a_picture_that_may_be_no_map_is_said_first():
    of = SimpleNamespace(measures={}, notes=(Note("picture_pins"), Note("may_be_no_map")))
    (said,) = _doubted(of, WORDS)
    assert plain(said).startswith("Nothing but the edges or clicks that were given says that this")


@pytest.mark.parametrize(
    ("real", "provenance", "said"),
    [(True, "simulated", "In this simulation, if the map leaked"),
     (True, "audited file", "If this map leaked"), (False, "simulated", "If this map leaked")],
)  # fmt: skip
def test_people_who_are_simulated_on_real_places_are_said_to_be(real, provenance, said):
    assert _lead(SimpleNamespace(real_places=real, provenance=provenance), WORDS) == said


def exposure(view, attack, share, n=40, reliable=True, expected=False):
    row = Row(measure="reidentified", value=share, low=share / 2, high=share, unit="share", n=n,
              counts="people", gain="address")  # fmt: skip
    return SimpleNamespace(view=view, attack=attack, rows=[row], reliable=reliable,
                           expected=expected, notes=(), copies=1)  # fmt: skip


def test_of_those_who_may_look_the_one_who_knows_most_is_chosen():
    """Rungs in order of what they know; the last that can be told is pressed."""
    rungs = [exposure("donut:50:200", "nearest", 0.1), exposure("donut:50:200", "knows_mask", 0.4)]
    study = SimpleNamespace(exposures=rungs, blurred=(), measures={})
    made, question, chosen = _choices(study, WORDS, ResultLookup(study), "donut:50:200")
    assert (len(made), chosen) == (2, 1)
    assert question == "Who holds the blurred map?"
    assert any("16" in str(part) for part in vars(made[1]).values())
    study = SimpleNamespace(exposures=[], blurred=(), measures={})
    assert _choices(study, WORDS, ResultLookup(study), "donut:50:200")[2] == 0


def test_one_view_leads_with_the_last_that_is_reliable_and_is_called_what_it_is():
    one = [exposure("table", "nearest", 0.5), exposure("table", "knows_mask", 0.9, reliable=False)]
    headline, leads = _one_headline(WORDS, ResultLookup(SimpleNamespace(exposures=one)))
    assert plain(headline).startswith("If this table leaked, *20 of the 40 people*")
    many = [*one, exposure("exact", "nearest", 0.25)]
    headline, leads = _one_headline(WORDS, ResultLookup(SimpleNamespace(exposures=many)))
    assert plain(headline).startswith("If this map leaked, *10 of the 40 people*")
    hoped = [exposure("exact", "nearest", 0.5, expected=True)]
    headline, leads = _one_headline(WORDS, ResultLookup(SimpleNamespace(exposures=hoped)))
    assert "would expect to find" in plain(headline)
    assert "10 to 20 of 40" in plain(leads[0])
    nobody = [exposure("exact", "nearest", math.nan)]
    headline, leads = _one_headline(
        WORDS, ResultLookup(SimpleNamespace(exposures=nobody, measures={}))
    )
    assert "cannot be determined" in plain(headline)
    assert _one_headline(WORDS, ResultLookup(SimpleNamespace(exposures=[], measures={}))) is None


def test_of_a_country_at_most_so_many_are_alone_and_under_eleven_is_said_beside(tmp_path):
    """A village of 20: beside sex and year nearly everybody is alone, and all are under eleven."""
    file = tmp_path / "communes.csv"
    pd.DataFrame({"code": ["94042"], "nom": ["a"], "departement": ["94"], "region": ["11"],
                  "population": [20]}).to_csv(file, index=False)  # fmt: skip
    study = audit_country(file)
    answer = answer_of(study, WORDS, ResultLookup(study), ())
    assert len(read_communes(file)) == 1
    assert plain(answer.headline).startswith("Of 100 residents, *up to ")
    assert any(
        lead.startswith("Up to 100 in 100 share all of it with fewer than 10")
        for lead in answer.leads
    )
    # A count, and not a model, is not "up to"; without the row under eleven nothing is said of it.
    exact = Row(measure="unique", value=0.5, unit="share", n=40, counts="residents")
    measured = {"country": Measures(family="country", rows=[exact])}
    told = Study(kind="country", title="c", provenance="public counts", real_places=True,
                 measures=measured)  # fmt: skip
    answer = answer_of(told, WORDS, ResultLookup(told), ())
    assert plain(answer.headline).startswith("Of 100 residents, *50 are alone*")
    assert list(answer.leads) == []


def of_table(*rows):
    """The first screen of a table of two hundred records of whom thirty are alone."""
    alone = Row(measure="sample_uniques", value=30, unit="records", n=200, counts="records")
    told = ResultLookup(
        SimpleNamespace(
            measures={"table": SimpleNamespace(family="table", rows=[alone, *rows])}, exposures=(),
            notes=(Note("key_given", key=("age", "sex")),),
        )
    )  # fmt: skip
    headline, leads = table_answer(WORDS, told)
    return plain(headline), [plain(lead) for lead in leads]


def test_the_key_of_a_table_is_named():
    headline, _ = of_table()
    assert headline == (
        "*30 of the 200 records* are alone: nobody else in the table has the same “age” and “sex”."
    )


@pytest.mark.parametrize(
    ("column", "what", "share", "named", "listed"),
    [
        ("voie", "address", 1.0, False, "an address in words (200)"),
        ("remarque", "note", 0.5, False, "a note or tags (100)"),
        ("age", "address", 1.0, False, ""),
        ("profession", "occupation", 1.0, False, ""),
        ("voie", "address", 0.0, False, ""),
        # Where some are named, the addresses of the others are shown all the same.
        ("voie", "address", 1.0, True, "an address in words (200)"),
        # The row counts the column of the key as well, by which 200 have an address.
        (("age", "voie"), "address", 1.0, False, "an address in words"),
    ],
)
def test_an_address_that_no_class_counts_stands_beside_how_many_are_alone(
    column, what, share, named, listed
):
    """A table of classes of twenty was cleared, with the address of each person in it."""
    about = {"unit": "share", "n": 200, "counts": "records"}
    columns = (column,) if isinstance(column, str) else column
    notes = (Note("known_by_header", columns=columns),)
    rows = [Row(measure="shown", value=share, part={"what": what}, notes=notes, **about)]
    if named:
        rows += [Row(measure="shown", value=1.0, part={"what": "name"}, **about),
                 Row(measure="identified", value=1.0, **about)]  # fmt: skip
    alone = Row(measure="sample_uniques", value=0, unit="records", n=200, counts="records")
    families = {"table": [alone], "inventory": rows}
    measures = {name: SimpleNamespace(family=name, rows=of) for name, of in families.items()}
    notes = (Note("key_given", key=("age", "sex")),)
    study = SimpleNamespace(measures=measures, exposures=(), notes=notes)
    headline, leads = table_answer(WORDS, ResultLookup(study))
    if not named:
        assert plain(headline).startswith("None of the 200 records is alone on “age” and “sex”: ")
    said = [lead for lead in leads if lead.startswith("Besides the key variables")]
    ends = ". The classes do not take them into account."
    assert [plain(one) for one in said] == (
        [f"Besides the key variables, the table shows: {listed}{ends}"] if listed else []
    )


def test_of_few_who_are_alone_a_range_leads_and_the_key_is_named():
    """Where a closer number is withheld, its range is a finding, and so a headline."""
    alone = Row(measure="sample_uniques", value=math.nan, low=0, high=30, unit="records", n=400,
                counts="records")  # fmt: skip
    study = Study(kind="table", title="t", provenance="audited file", real_places=True,
                  measures={"table": Measures(family="table", rows=[alone])},
                  notes=(Note("key_given", key=("age",)),))  # fmt: skip
    found = answer_of(study, WORDS, ResultLookup(study), ())
    assert plain(found.headline).startswith("*At most 30 of the 400 records* are alone with")
    assert "their “age”;" in plain(found.headline)
    assert "fewer than 11 people" in plain(found.headline)


@pytest.mark.parametrize("kind", ["table", "log", "link", "map", "country"])
@pytest.mark.parametrize("lang", ["en", "fr"])
def test_where_nothing_was_measured_the_first_screen_says_why_and_what_to_do(kind, lang):
    doubted = Row(measure="unheard_of", value=math.nan, unit="share", n=300, counts="people")
    study = Study(kind=kind, title="t", provenance="audited file", real_places=True,
                  measures={"further": Measures(family="further", rows=[doubted])})  # fmt: skip
    found = answer_of(study, Words(lang), ResultLookup(study), ())
    assert plain(found.headline).startswith("*")
    assert any("privaudit inspect" in plain(lead) for lead in found.leads)


def reading(missing, value, n=200):
    return Row(measure="uniques_by_reading", value=value, unit="records", n=n, counts="records",
               part={"missing": missing})  # fmt: skip


@pytest.mark.parametrize("least", [10, 22, 30])
@pytest.mark.parametrize(("more", "leads"), [(1, False), (2, True), (3, True)])
def test_readings_of_blanks_that_differ_by_one_in_a_hundred_lead(least, more, leads):
    """Of 200, two are one in a hundred; by the last digits of shares, 22 and 24 were less."""
    headline, _ = of_table(reading("wildcard", least), reading("value", least + more))
    assert headline.startswith("*30 of the 200 records* are alone") is not leads
    assert (f"{least} to {least + more}" in headline) is leads


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [(12, 12, "Of these 30, 12 are alone in the population too."),
     (9, 15, "Of these 30, about 12 are alone in the population too (9 to 15).")],
)  # fmt: skip
def test_what_is_counted_is_not_about_and_what_is_reckoned_has_its_range(low, high, said):
    row = Row(measure="tau1", value=12, low=low, high=high, unit="records", n=200, counts="records")
    assert said in of_table(row)[1]


@pytest.mark.parametrize("kind", ["table", "log", "link"])
def test_what_a_kind_says_first_leads_and_the_rest_stands_under_it(monkeypatch, kind):
    name = {"table": "table_answer", "log": "log_answer", "link": "linked_answer"}[kind]
    monkeypatch.setattr(answers, name, lambda words, told: ("*one* of two", ["then"]))
    study = Study(kind=kind, title="t", provenance="audited file", real_places=False, measures={
        "table": Measures(family="table", rows=[Row(measure="sample_uniques", value=1,
                                                    unit="records", n=40, counts="records")])
    })  # fmt: skip
    answer = answer_of(study, WORDS, ResultLookup(study), ())
    assert (plain(answer.headline), list(answer.leads)) == ("*one* of two", ["then"])


@pytest.mark.parametrize("expected", [True, False])
def test_three_kinds_learnt_are_named_with_a_lead_on_the_matches_or_without(expected):
    part = {"table": "a.csv", "other": "b.csv"}
    about = {"unit": "share", "n": 400, "counts": "records", "part": part}
    kinds = ("religion", "support", "phone", "name", "age")
    rows = [
        Row(measure="matched", value=0.25, low=0.2, high=0.3, baseline=0.01, **about),
        *(Row(measure="learnt", value=0.2, baseline=0.05, **about | {"part": part | {"what": kind}})
          for kind in kinds),
    ]  # fmt: skip
    if expected:
        rows += [
            Row(
                measure="expected_matches", value=95, low=90, high=98, **about | {"unit": "records"}
            ),
            Row(measure="match_precision", value=0.95, low=0.9, high=0.98, **about),
            Row(measure="match_recall", value=0.8, **about),
        ]
    measured = {"linked_people": Measures(family="linked_people", rows=rows)}
    study = Study(kind="link", title="a.csv, b.csv", provenance="audited file", real_places=True,
                  measures=measured)  # fmt: skip
    _, leads = people_answer(WORDS, ResultLookup(study))
    assert len(leads) == 3 + expected
