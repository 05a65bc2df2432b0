"""Who shows one thing or another, by hand: a union beside a part that is withheld is a bound."""

import datetime
import math
from dataclasses import replace

import pandas as pd
import pytest

from privaudit.columns.roles import Roles
from privaudit.release.inventory import Column, Inventory, table_inventory
from privaudit.release.release import TableRelease
from privaudit.report.guard import revealed_elsewhere, with_bounded_unions, would_reveal
from privaudit.report.sentences import row_sentence
from privaudit.results.measures import guarded
from privaudit.results.rows import Row
from privaudit.words.catalogues import Words


def row(measure, hits, n=100, what="", counts="dots", **more):
    part = ({"what": what} if what else {}) | more.pop("part", {})
    return Row(measure=measure, value=hits / n, unit="share", n=n, counts=counts, part=part, **more)


def bounded(inventories=(), **families):
    """Guard rows, then bound their unions: value and bound of each, by family."""
    rows = {family: guarded(rows) for family, rows in families.items()}
    found = with_bounded_unions(rows, inventories)
    return {
        family: [(None if math.isnan(r.value) else round(r.value * r.n), r.bound) for r in of]
        for family, of in found.items()
    }


def shown(phone, name):
    return [
        row("shown", phone, what="phone", cell=True), row("shown", name, what="name", cell=True),
        row("shown", 80, what="support", cell=True), row("identified", 47, cell=True),
        row("identified_with", 35, what="support", cell=True),
        row("shown_without", 0, what="identity", baseline=0.47, cell=True),
        row("shown_without", 0, what="support", baseline=0.8, cell=True),
    ]  # fmt: skip


def test_who_is_identified_beside_few_names():
    """40 show a telephone, 9 a name, 47 one of both: so 7 names at least."""
    assert bounded(properties=shown(40, 9))["properties"] == [
        (40, ""), (None, ""), (80, ""),
        # At least those with a telephone; of them and 80 of 100, at least 20 show support too.
        (40, "lower"), (20, "lower"), (0, ""), (0, ""),
    ]  # fmt: skip
    rows = with_bounded_unions({"properties": guarded(shown(40, 9))}, ())["properties"]
    assert [math.isnan(r.baseline) for r in rows[-2:]] == [True, False]
    assert rows[3].high == rows[3].low == rows[3].value
    assert [note.key for note in rows[3].notes] == ["least_beside_withheld"]


@pytest.mark.parametrize(
    ("both", "kept"),
    # Two notes in ten records at most are in both columns: 38 to 40 in one, 10 in the other.
    [(0, (40, "lower")), (2, (40, "lower")), (10, (40, ""))],
)
def test_a_table_says_no_more_than_the_notes_of_its_larger_column(both, kept):
    """Of 50, 48 or 40 records with a note, an inventory has 40 in a column and hides the other."""
    notes = ["Rappeler"] * 40 + [None] * 60
    few = [None] * (40 - both) + ["Repasser"] * 10 + [None] * (50 + both)
    frame = pd.DataFrame({"note": notes, "commentaire": few})
    found = table_inventory(TableRelease(records=frame, roles=Roles()))
    assert round(found.value("shown", what="note") * 100) == 50 - both
    (shown,) = (r for r in guarded(found.rows) if r.measure == "shown" and r.part["what"] == "note")
    assert (round(shown.value * 100), shown.bound) == kept


def test_nothing_changes_where_nothing_is_withheld():
    rows = guarded(shown(40, 11))
    assert with_bounded_unions({"properties": rows}, ())["properties"] == rows


def test_where_all_parts_are_withheld_nothing_is_said():
    """Ten telephones and nine names: 12 with one of both is no number that may stand."""
    rows = [row("shown", 10, what="phone", cell=True), row("shown", 9, what="name", cell=True),
            row("identified", 12, cell=True)]  # fmt: skip
    assert bounded(properties=rows)["properties"][-1] == (None, "lower")


def column(name, kind, filled, **says):
    return Column(
        name=name, role="", kind=kind, by="header", declared="", type="text", formats=(),
        filled=filled, says=says,
    )  # fmt: skip


def inventory(name, n, *columns):
    return Inventory(
        name=name, n=n, columns=columns, roles=Roles(), alone=0.0, as_of=datetime.date(2016, 11, 8),
        minors=0.0, most_minors=0.0, births="", absent=(),
    )  # fmt: skip


def test_two_columns_of_notes_of_which_one_is_nearly_empty():
    """45 of a first, 9 of a second, 54 together: nobody who reads 54 and 45 is to know nine."""
    held = inventory("a.csv", 100, column("note", "note", 45), column("more", "note", math.nan))
    rows = [row("shown", 54, what="note", cell=True), row("shown", 60, what="age", cell=True),
            row("shown_without", 0, what="note", baseline=0.54, cell=True)]  # fmt: skip
    assert bounded([held], inventory=rows)["inventory"][:2] == [(45, "lower"), (60, "")]
    # An inventory of another file, or of another number of records, says nothing of this one.
    other = inventory("b.csv", 99, *held.columns)
    assert bounded([other], inventory=rows)["inventory"][0] == (54, "")
    named = [row("shown", 54, what="note", cell=True, part={"file": "a.csv"})]
    assert bounded([held], inventory=named)["inventory"] == [(45, "lower")]
    named = [row("shown", 54, what="note", cell=True, part={"file": "c.csv"})]
    assert bounded([held], inventory=named)["inventory"] == [(54, "")]


def test_the_inventory_of_a_map_is_not_that_of_a_table_with_as_many_rows():
    spots = column("lon", "spot", 100), column("lat", "spot", 100)
    dots = inventory("map.csv", 100, column("a", "note", math.nan), column("b", "note", 45), *spots)
    rows = [row("shown", 54, what="note", cell=True)]
    assert bounded([dots], inventory=rows)["inventory"] == [(54, "")]
    assert bounded([dots], properties=rows)["properties"] == [(45, "lower")]


def test_what_notes_hold_is_bounded_by_what_a_note_says_and_nothing_else():
    few = column("more", "note", 30, children=math.nan, health=0.0)
    held = inventory("a.csv", 100, column("note", "note", 45, children=15.0, health=14.0), few)
    rows = [row("note_holds", 22, 60, what="child", cell=True),
            row("note_holds", 14, 60, what="health", cell=True)]  # fmt: skip
    rows += [row("shown", 60, what="age", cell=True)]
    assert bounded([held], inventory=rows)["inventory"][:2] == [(15, "lower"), (14, "")]
    # What a column says that is no note counts among who shows it, not among notes.
    job = column("job", "occupation", 80, health=math.nan)
    held = inventory("a.csv", 100, column("note", "note", 45, health=14.0), job)
    rows = [row("note_holds", 14, 60, what="health", cell=True),
            row("shown", 20, what="health", cell=True)]  # fmt: skip
    assert bounded([held], inventory=rows)["inventory"] == [(14, ""), (14, "lower")]


def tells(measure, what, now, before, file="", n=100):
    part = {"file": file} if file else {}
    return row(measure, now, n, what, cell=before > 0, baseline=before / n, part=part)


def test_who_is_named_by_a_table_and_a_map_together():
    """Beside nine names of the map, how many dots say who they are is told as a bound."""
    rows = [tells("dot_tells", "name", 15, 9), tells("dot_tells", "phone", 52, 40),
            tells("dot_tells", "support", 90, 90), tells("dot_tells", "identity", 60, 47),
            tells("dot_tells", "all_three", 45, 45),
            tells("record_tells", "identity", 62, 50),
    ]  # fmt: skip
    found = with_bounded_unions({"properties": guarded(shown(40, 9)), "linked": guarded(rows)}, ())
    told = [
        (None if math.isnan(r.value) else round(r.value * r.n), r.bound) for r in found["linked"]
    ]
    # A dot has a place: of 52 and 90 of 100, at least 42 tell all three.
    assert told == [(None, ""), (52, ""), (90, ""), (52, "lower"), (42, "lower"), (62, "")]
    assert [math.isnan(r.baseline) for r in found["linked"]] == [
        True,
        False,
        False,
        True,
        True,
        False,
    ]


def test_of_several_files_each_is_told_by_its_own():
    rows = [
        tells("record_tells", what, now, before, file)
        for file, names in (("a.csv, m.csv", 9), ("b.csv, m.csv", 20))
        for what, now, before in (("name", names, names), ("identity", 60, 47))
    ]
    inventories = [row("shown", 9, what="name", cell=True, part={"file": "a.csv"}),
                   row("shown", 20, what="name", cell=True, part={"file": "b.csv"})]  # fmt: skip
    told = bounded(linked=rows, inventory=inventories)["linked"]
    assert told == [(None, ""), (None, "lower"), (20, ""), (60, "")]


def few(measure, **part):
    return Row(measure=measure, value=0.5, unit="share", n=4, counts="records", part=part,
               withheld=True)  # fmt: skip


@pytest.mark.parametrize(
    ("measure", "of"),
    [("right_when_claimed", "reidentified"), ("right_when_claimed", "wrong_claim"),
     ("alone_at_address", "address_found"), ("doors", "address_found"),
     ("people_a_door", "address_found"), ("columns_agree", "dot_named"),
     ("named_right", "dot_named"), ("in_both_right", "in_both")],
)  # fmt: skip
def test_what_others_count_is_left_out_and_not_marked(measure, of):
    told = row(of, 4)
    assert revealed_elsewhere(few(measure), [told])
    assert not revealed_elsewhere(row(measure, 40), [told])
    assert not revealed_elsewhere(few(measure), [few(of)])
    assert not revealed_elsewhere(few(measure), [row("other", 4)])
    # Of another file it says nothing.
    assert not revealed_elsewhere(few(measure, file="a"), [row(of, 4, part={"file": "b"})])
    assert revealed_elsewhere(few(measure, file="a"), [row(of, 4, part={"file": "a"})])


def test_what_counts_the_same_goes_with_them():
    assert would_reveal(row("calibration_error", 1), [few("matched")])
    assert not would_reveal(row("calibration_error", 1), [row("matched", 50)])
    assert would_reveal(row("alone_at_address", 8), [few("doors")])
    where, name = (row("record_tells", 8, what=what) for what in ("location", "name"))
    assert would_reveal(where, [few("address_found")])
    assert not would_reveal(name, [few("address_found")])


@pytest.mark.parametrize("file", ["", "a.csv, m.csv"])
def test_what_one_table_shows_is_told_bounded_beside_each_map(file):
    """One table needs no name of its file; beside two maps each row has that of both."""
    held = inventory("a.csv", 100, column("note", "note", 45), column("more", "note", math.nan))
    rows = {
        "inventory": guarded([row("shown", 54, what="note", cell=True)]),
        "linked": guarded([tells("record_tells", "note", 66, 54, file)]),
    }
    (told,) = with_bounded_unions(rows, [held])["linked"]
    assert told.value == 0.66
    assert math.isnan(told.baseline)


@pytest.mark.parametrize(("lang", "least"), [("en", "At least 50 "), ("fr", "Au moins 50 ")])
@pytest.mark.parametrize("family", ["inventory", "properties"])
def test_a_bound_is_told_as_one(lang, least, family):
    told = {"value": 0.25, "low": 0.25, "high": 0.25, "unit": "share", "n": 200}
    for measure, part in (("identified", {}), ("identified_with", {"what": "support"})):
        row = Row(measure=measure, counts="records", part=part, **told)
        bound = row_sentence(Words(lang), family, replace(row, bound="lower"))
        assert bound.replace("\u00a0", " ").startswith(least)
        assert not row_sentence(Words(lang), family, row).startswith(least[:8])
