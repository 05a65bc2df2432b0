"""Remedies: numbers that a study has computed, what saves most first, nothing guessed."""

from dataclasses import replace

import pytest

from privaudit.report.charts import mend_chart
from privaudit.report.file_charts import classes_chart
from privaudit.report.findings import findings_of
from privaudit.report.mitigations import (
    cost_of,
    in_story,
    mending_plan,
    remedies,
    sentences_of,
)
from privaudit.report.sentences import ResultLookup
from privaudit.tables.mend import MendingPlan
from privaudit.words.catalogues import Note, Words


def test_a_tier_that_was_closed_and_a_mask(town):
    found = remedies(town)
    by = {r.action: r for r in found}
    closed = by[Note("mend_limit_tier", tier="any_account")]
    assert (closed.before.value, closed.after.value, closed.saved) == (166, 12, 154)
    assert Note("mend_limit_tier", tier="team") not in by  # Nothing was saved.
    mask = by[Note("mend_mask", mask="donut:50:200", shown="exact")]
    assert mask.finding == "map.exact.nearest_address.address"
    # What the last adversary finds of the masked map, net; not what the weakest does.
    assert mask.after.value == pytest.approx(17 / 166)
    assert [r.saved for r in found] == sorted((r.saved for r in found), reverse=True)
    assert {r.finding for r in found} <= {f.id for f in findings_of(town)}


def test_columns_are_compared_with_the_table_as_it_is(measured, study):
    table = measured("table", ("sample_uniques", 40, "records", 400, "records", {}),
                     provenance="audited file")  # fmt: skip
    keys = measured(
        "contributions",
        ("sample_uniques", 3, "records", 400, "records",
         {"part": {"without": "age"}, "baseline": 40}),
        ("sample_uniques", 40, "records", 400, "records",
         {"part": {"without": "sex"}, "baseline": 40}),
        ("sample_uniques", 12, "records", 400, "records",
         {"part": {"coarser": "age"}, "baseline": 40}),
        provenance="audited file",
    )  # fmt: skip
    made = study(kind="table", provenance="audited file", measures=[table, keys])
    told = [(r.action, r.before.value, r.after.value, r.finding) for r in remedies(made)]
    assert told == [
        (Note("mend_delete_records", records=40), 40, 0, "table.sample_uniques"),
        (Note("mend_withhold_column", column="age"), 40, 3, "table.sample_uniques"),
        (Note("mend_coarsen_column", column="age"), 40, 12, "table.sample_uniques"),
    ]


def test_each_exhibit_is_compared_with_itself(study, measured):
    def of(file, n, hits):
        part = {"file": file, "what": "name"}
        return [
            ("shown", hits / n, "share", n, "dots", {"part": part}),
            ("shown_without", 0.0, "share", n, "dots",
             {"part": part | {"without": ("nom",)}, "baseline": hits / n}),
        ]  # fmt: skip

    many = measured("properties", *of("a.kmz", 400, 400), *of("b.csv", 600, 300))
    told = {
        (r.before.part["file"], r.pair, r.before.n, r.after.n)
        for r in remedies(study(measures=[many]))
    }
    assert told == {("a.kmz", (400, 0), 400, 400), ("b.csv", (300, 0), 600, 600)}
    masks = measured("frontier", *(
        ("reidentified_address", share, "share", 100, "dots",
         {"part": {"file": file, "mask": mask}})
        for file, exact, moved in (("a", 0.9, 0.1), ("b", 0.5, 0.2))
        for mask, share in (("exact", exact), ("donut:50:200", moved))
    ))  # fmt: skip
    told = {(r.before.part["file"], r.pair) for r in remedies(study(measures=[masks]))}
    assert told == {("a", (90, 10)), ("b", (50, 20))}


def test_what_says_who_a_person_is_goes_first(study, measured):
    """300 of 400 records have a name, and all 400 are alone by their key."""
    shown = measured(
        "inventory",
        ("identified", 0.75, "share", 400, "records", {}),
        ("shown_without", 0.0, "share", 400, "records",
         {"part": {"what": "identity", "without": ("name", "email")}}),
        ("shown_without", 0.0, "share", 400, "records",
         {"part": {"what": "age", "without": ("born",)}}),
        provenance="audited file",
    )  # fmt: skip
    alone = measured("table", ("sample_uniques", 400, "records", 400, "records", {}),
                     provenance="audited file")  # fmt: skip
    made = study(kind="table", provenance="audited file", measures=[alone, shown])
    first, *_ = found = remedies(made)
    assert (first.action.key, first.action.values["columns"]) == (
        "mend_drop_identity", ("name", "email"))  # fmt: skip
    assert (first.pair, first.finding) == ((300, 0), "inventory.identified")
    assert sum(one.action.key == "mend_drop_identity" for one in found) == 1
    words = Words("en")
    assert sentences_of(words, in_story(made, found, "")[:1]) == [(
        "Remove what says who a person is: “name”, “email”",
        "Records that say who the person is: 300 of 400 today, none without these columns.",
    )]  # fmt: skip


@pytest.mark.parametrize(("lang", "said"), [
    ("en", "of the dots that could be read: 166 of 166 today"),
    ("fr", "parmi celles des 166 points qui ont pu être lus : 166 aujourd’hui"),
])  # fmt: skip
def test_a_mask_of_a_picture_is_said_of_the_dots_that_were_read(lang, said, town):
    (mask,) = [r for r in remedies(town) if r.action.key == "mend_mask"]
    read = Note("blurs_of_dots_read", dots=166, of=180)
    before = replace(mask.before, value=1.0, notes=(read,))
    plain, of_picture = (
        sentences_of(Words(lang), [replace(mask, before=one)])[0][1]
        for one in (replace(before, notes=()), before)
    )
    assert said in of_picture.replace("\N{NO-BREAK SPACE}", " ")
    assert said not in plain


def test_where_the_numbers_lack_nothing_is_said(exposed, study, measured):
    assert remedies(study(exposed("nearest address", "exact"))) == []
    rows = [
        ("people", v, "people", 6, "people", {"part": {"moment": m, "tier": "team"}})
        for m, v in (("before", 6), ("after", 1))
    ]
    few = measured("tiers", *rows)
    assert remedies(study(measures=[few])) == []


def test_what_is_not_reliable_is_no_remedy(exposed, study):
    made = study(
        exposed("nearest address", "exact", share=0.9),
        exposed("nearest address", share=0.05, reliable=False),
    )
    assert remedies(made) == []


def test_a_remedy_of_keys_says_between_what_blanks_leave_both_numbers(measured, study):
    # 1 of 300 is expected alone, between 0 and 22; without the column 0, between 0 and 21.
    table = measured("table",
                     ("share_under", 1 / 300, "share", 300, "records",
                      {"part": {"threshold": 2}, "low": 0.0, "high": 22 / 300}),
                     ("sample_uniques", 1, "records", 300, "records",
                      {"low": 0.0, "high": 22.0}), provenance="audited file")  # fmt: skip
    keys = measured(
        "contributions",
        ("sample_uniques", 0, "records", 300, "records",
         {"part": {"without": "town"}, "baseline": 1, "low": 0.0, "high": 21.0}),
        ("sample_uniques", 0, "records", 300, "records",
         {"part": {"without": "age"}, "baseline": 1, "low": 0.0, "high": 0.0}),
        provenance="audited file",
    )  # fmt: skip
    made = study(kind="table", provenance="audited file", measures=[table, keys])
    texts = dict(sentences_of(Words("en"), remedies(made)))
    assert texts["Withhold the column “town”"].endswith(
        "Depending on what the blanks hide, 0 to 22 are alone today, 0 to 21 afterwards."
    )
    assert texts["Withhold the column “age”"].endswith("0 to 22 are alone today.")
    assert all("de 0 à 22 sont seules" in text
               for _, text in sentences_of(Words("fr"), remedies(made)))  # fmt: skip
    for chart in (mend_chart(made, Words("en"), remedies(made), ResultLookup(made)),
                  classes_chart(made, Words("en"), ResultLookup(made))):  # fmt: skip
        drawn = {(r["low"], r["high"]) for r in chart.rows if "town" in str(r["line"])}
        assert drawn == {(0, 22), (0, 21)}


def access_rows(left):
    """Sixty open accounts see forty people before, and `left` after."""
    for moment, seen in (("before", 40), ("after", left)):
        part = {"moment": moment, "role": "public"}
        yield "accounts", 60, "accounts", 69, "accounts", {"part": part}
        yield "people_max", seen, "people", 52, "people", {"part": part}


@pytest.mark.parametrize(("left", "cost"), [(0, "Cost: 60 accounts see nothing."), (12, "")])
def test_a_closed_map_costs_the_accounts_that_see_nothing_any_more(measured, study, left, cost):
    tiers = measured("tiers", *(
        ("expected_people_by_address", v, "people", 52, "people", {"part": {"moment": m}})
        for m, v in (("before", 25), ("after", 15))
    ))  # fmt: skip
    made = study(measures=[tiers, measured("access", *access_rows(left))])
    (closed,) = [r for r in remedies(made) if r.action.key == "mend_close"]
    assert cost_of(Words("en"), ResultLookup(made), closed).replace("\u00a0", " ") == cost


def frontier_of(file, moved):
    part = {} if file is None else {"file": file}
    for mask, hits, metres in (("exact", 45, 0.0), ("donut:50:200", 5, moved)):
        own = {"part": part | {"mask": mask}}
        yield "reidentified_address", hits / 50, "share", 50, "people", own
        yield "moved_mean", metres, "metres", 50, "dots", own


@pytest.mark.parametrize(
    ("files", "costs"),
    [
        ({None: 142.6}, ["143"]),
        ({"a.kmz": 120.2, "b.csv": 131.0}, ["120", "131"]),
        ({None: 0.0}, [""]),
    ],
)
def test_a_mask_costs_what_it_moves_the_dots_of_its_own_file(measured, study, files, costs):
    rows = [row for file, moved in files.items() for row in frontier_of(file, moved)]
    made = study(kind="map", provenance="audited file", measures=[measured("frontier", *rows)])
    said = {
        remedy.before.part.get("file"): cost_of(Words("en"), ResultLookup(made), remedy)
        for remedy in remedies(made)
        if remedy.action.key == "mend_mask"
    }
    expected = [f"Cost: dots {n} m away, on average." if n else "" for n in costs]
    assert [said[file].replace("\u00a0", " ") for file in files] == expected


def test_what_a_remedy_of_a_table_costs_was_not_measured(measured, study):
    table = measured("table", ("sample_uniques", 40, "records", 400, "records", {}))
    made = study(kind="table", measures=[table])
    (deleted,) = remedies(made)
    assert cost_of(Words("en"), ResultLookup(made), deleted) == ""


BESIDE = [
    ("shown", 0.6, "share", 400, "records", {"part": {"what": "address"}}),
    ("shown", 0.3, "share", 400, "records", {"part": {"what": "note"}}),
    ("shown", 0.2, "share", 400, "records", {"part": {"what": "others"}}),
    ("shown", 0.5, "share", 400, "records", {"part": {"what": "age"}}),
    *(("shown_without", 0.0, "share", 400, "records",
       {"part": {"what": what, "without": (column,)}})
      for what, column in (("address", "home"), ("note", "memo"), ("others", "memo"),
                           ("age", "born"))),
]  # fmt: skip


@pytest.mark.parametrize(
    ("key", "learnt", "dropped"),
    [
        # A note that is about others too is one column; an age is no column beside a key.
        (("sex",), "side", [("home", 240), ("memo", 120)]),
        (("sex", "home"), "side", [("memo", 120)]), (("sex",), "memo", [("home", 240)]),
    ],
)  # fmt: skip
def test_what_no_key_counts_is_to_be_dropped_but_for_what_is_measured(
    study, measured, key, learnt, dropped
):
    guess = ("vulnerability_posterior", 0.5, "share", 400, "records",
             {"part": {"sensitive": learnt}, "baseline": 0.5})  # fmt: skip
    shown = measured("inventory", *BESIDE, provenance="audited file")
    made = study(
        kind="table", provenance="audited file", notes=(Note("key_given", key=key),),
        measures=[measured("table", guess, provenance="audited file"), shown],
    )  # fmt: skip
    found = [r for r in remedies(made) if r.action.key == "mend_drop_beside"]
    assert [(*r.action.values["columns"], int(r.pair[0])) for r in found] == dropped
    plan = mending_plan(replace(made, plan=MendingPlan(below=5, key=key)), findings_of(made))
    assert plan is not None
    assert sorted(plan.drop) == sorted(column for column, _ in dropped)
