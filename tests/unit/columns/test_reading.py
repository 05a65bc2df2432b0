"""What a cell means: marks, blanks, case, numbers, dates; each by hand."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import privaudit as pa
from privaudit import cli
from privaudit.columns.levels import order_of
from privaudit.columns.roles import Roles
from privaudit.columns.values import (
    Reading,
    decoded_column,
    read_column,
    read_levels,
    read_values,
)
from privaudit.errors import ParameterError, SchemaError
from privaudit.release.read_table import read_table
from privaudit.release.read_traces import read_traces
from privaudit.tables.inference import inference
from privaudit.tables.measure import measure
from privaudit.words.catalogues import Note


def read(cells, **how):
    """Levels and notes of a column that each cell stands in once."""
    levels = pd.Index(cells, dtype=object)
    found = read_levels(levels, np.ones(len(levels), dtype=np.int64), "c", Reading(**how))
    named = {i: str(level)[:10] for i, level in enumerate(found.levels)}
    return [named.get(i, "") for i in found.number], [note.key for note in found.notes]


@pytest.mark.parametrize(
    ("cells", "want", "said"),
    [
        (["a", "*", "?", "NULL", "N/A", "-"], ["a", "", "", "", "", ""], "marks_read_as_missing"),
        (["12", "null", "14"], ["12", "", "14"], "marks_read_as_missing"),
        # Values that look like marks: blood groups, stars, a surname.
        (["+", "-"], ["+", "-"], "mark_kept"),
        (["*", "**", "***"], ["*", "**", "***"], "mark_kept"),
        (["Null", "Durand", "Martin"], ["Null", "Durand", "Martin"], "mark_kept"),
        ([" 30", "30\xa0", "31"], ["30", "30", "31"], "spelling_made_alike"),
        (["Évry", "E\u0301vry", "Évry\u200b"], ["Évry"] * 3, "spelling_made_alike"),
        (["PARIS", "Paris", "Lyon"], ["PARIS", "PARIS", "Lyon"], "case_made_alike"),
        (["Saint-Maur", "Saint Maur", "St. Maur"], ["Saint-Maur", "Saint Maur", "St. Maur"],
         "spelling_kept"),
        (["Saint-Maur", "St-Maur", "Évry"], ["Saint-Maur", "St-Maur", "Évry"], "spelling_kept"),
        (["Stains-Nord", "Saintains-Nord"], ["Stains-Nor", "Saintains-"], None),
        (["A-1", "A1", "B-2"], ["A-1", "A1", "B-2"], None),
        (["01000", "1000"], ["01000", "1000"], "numbers_kept_apart"),
        (["06 12 34 56 78", "+33612345678", "0612345678", "06.98.76.54.32"],
         ["06 12 34 5", "+336123456", "0612345678", "06.98.76.5"], "spelling_kept"),
        (["12-34-56", "A123456", "12 34 56"], ["12-34-56", "A123456", "12 34 56"], None),
        (["1 234,5", "1.234,5", "12"], ["1234.5", "1234.5", "12.0"], "numbers_read"),
        (["1,234.50", "1234.5"], ["1234.5", "1234.5"], "numbers_read"),
        (["1,234", "500"], ["1234", "500"], "numbers_undecided"),
        (["1,5", "2.5"], ["1,5", "2.5"], "numbers_contradict"),
        # Beside a word they are words.
        (["1,5", "2.5", "abc"], ["1,5", "2.5", "abc"], None),
        (["08/11/2016", "31/12/2016"], ["2016-11-08", "2016-12-31"], "dates_day_first"),
        (["08/11/2016", "12/31/2016"], ["2016-08-11", "2016-12-31"], "dates_month_first"),
        (["08/11/2016", "07/11/2016"], ["2016-11-08", "2016-11-07"], "dates_undecided_first"),
        (["8 nov. 2016", "1er mars 2016", "November 8, 2016", "2016/11/08", "08.11.2016 00:00"],
         ["2016-11-08", "2016-03-01", "2016-11-08", "2016-11-08", "2016-11-08"],
         "dates_in_formats"),
        (["13/11/2016", "11/13/2016", "01/02/2016"],
         ["13/11/2016", "11/13/2016", "01/02/2016"], "dates_contradict"),
        (["08/11/16", "31/12/16"], ["08/11/16", "31/12/16"], "dates_of_two_digits"),
        (["31/02/2016", "30/02/2016"], ["31/02/2016", "30/02/2016"], "dates_unread"),
        ([-99, 1, 2], ["-99", "1", "2"], "number_like_a_mark"),
        # Words for no answer may be one: kept, and said.
        (["Évry", "Non communique", "Lyon"], ["Évry", "Non commun", "Lyon"], "word_like_a_mark"),
        (["Inconnue", "F", "M"], ["Inconnue", "F", "M"], "word_like_a_mark"),
        # Other words for one value stay apart, and that is said; a title may say more than a sex.
        (["F", "M.", "Mme", "M", "Homme"], ["F", "M.", "Mme", "M", "Homme"],
         "words_of_one_meaning"),
        (["oui", "ja", "нет", "1"], ["oui", "ja", "нет", "1"], "words_of_one_meaning"),
        (["Mme", "Mlle", "M."], ["Mme", "Mlle", "M."], None),
        (["H", "M"], ["H", "M"], None),
        (["F", "M", "female", "autre"], ["F", "M", "female", "autre"], None),
        (["Brest", "Brest (29)", "Évry"], ["Brest", "Brest (29)", "Évry"], "marks_around_kept"),
        (["Brest¹", "Brest", "Évry"], ["Brest¹", "Brest", "Évry"], "marks_around_kept"),
        (["« Brest »", "Brest"], ["« Brest »", "Brest"], "marks_around_kept"),
        (["29 Brest", "Brest"], ["29 Brest", "Brest"], None),
        (["29200 A", "A", "B"], ["29200 A", "A", "B"], "marks_around_kept"),
        (["Denis (2)", "Denis (3)"], ["Denis (2)", "Denis (3)"], None),
        (["12/07/1395", "31/01/1976", "17/02/1980"], ["1395-07-12", "1976-01-31", "1980-02-17"],
         "dates_far_away"),
        (["12/07/1395", "31/01/1376"], ["1395-07-12", "1376-01-31"], "dates_day_first"),
        (["NC", "FR", "BE"], ["NC", "FR", "BE"], "word_like_a_mark"),
        (["NC", *(f"{a}{b}" for a in "ABCDE" for b in "FGHIJKL")],
         ["NC", *(f"{a}{b}" for a in "ABCDE" for b in "FGHIJKL")], None),
    ],
)  # fmt: skip
def test_cells_by_hand(cells, want, said):
    got, notes = read(cells)
    assert got == want
    assert notes[-1:] == ([said] if said else [])


@pytest.mark.parametrize(
    ("cells", "how", "want"),
    [
        (["Null", "Durand"], {"missing_values": ["null"]}, ["", "Durand"]),
        (["unknown", "a"], {"missing_values": ["Unknown"]}, ["", "a"]),
        (["*", "a"], {"missing_values": []}, ["*", "a"]),
        (["*", "a"], {"missing_values": {"c": []}}, ["*", "a"]),
        (["*", "NC"], {"missing_values": {"other": ["NC"]}}, ["", "NC"]),
        ([-99.0, 1.5], {"missing_values": [-99]}, ["", "1.5"]),
        (["-99", "?", "1"], {"missing_values": ["-99"]}, ["", "", "1"]),
        (["08/11/2016"], {"day_first": False}, ["2016-08-11"]),
        (["1,234"], {"decimal": ","}, ["1.234"]),
        (["Paris", "PARIS"], {"fold_case": False}, ["Paris", "PARIS"]),
        (["30 ", "30", "*"], {"as_written": "c"}, ["30 ", "30", "*"]),
    ],
)
def test_a_given_option_outranks_the_cells(cells, how, want):
    assert read(cells, **how)[0] == want


def test_long_codes_are_no_numbers():
    codes = ["12345678901234567", "12345678901234568"]
    assert read(codes)[0] == [c[:10] for c in codes]
    assert len(set(read_levels(pd.Index(codes), np.ones(2, int), "c").number)) == 2


def test_suppressed_cells_of_a_file_are_missing_with_a_note(tmp_path):
    file = tmp_path / "t.csv"
    file.write_text("age,sex\n30,F\n*,F\n30,F\n41,M\n-99,M\n")
    roles = Roles(key=["age", "sex"])
    # By hand: 30 F twice and * F agrees with them; 41 M, -99 M.
    found = measure(file, roles, missing="wildcard")
    assert found.per_record["class_size"].tolist() == [3, 3, 3, 1, 1]
    assert Note("marks_read_as_missing", column="age", records=1, marks=("*",)) in found.notes
    assert "number_like_a_mark" in [note.key for note in found.notes]
    told = measure(file, roles, missing="wildcard", missing_values=["-99"])
    assert told.per_record["class_size"].tolist() == [3, 3, 3, 2, 2]
    release = read_table(file, roles=roles, missing_values=["-99"])
    assert release.records["age"].isna().tolist() == [False, True, False, False, True]
    assert measure(release, missing="wildcard").per_record["class_size"].tolist() == [3, 3, 3, 2, 2]
    off = measure(file, roles, missing="wildcard", reading=Reading(as_written=True))
    assert off.per_record["class_size"].tolist() == [2, 1, 2, 1, 1]
    assert Note("kept_as_written", column="age", records=1) in off.notes


@pytest.mark.parametrize(
    ("cells", "roles", "distance", "why"),
    [
        ([1, 2, 3, 4, 5, 1], {}, "equal", "order_not_of_codes"),
        ([1, 2, 3, 4, 5, 1], {"ordered": "c"}, "ordered", "order_told"),
        ([1.5, 2, 3, 4, 5, 1], {}, "ordered", "order_of_numbers"),
        ([1.5, 2, 3, 4, 5, 1], {"ordered": ()}, "equal", "order_not_told"),
        (["2016-11-08", "2016-11-09"] * 3, {}, "ordered", "order_of_dates"),
        (["18-24", "25-34", "80+"] * 2, {"ordered": ["c"]}, "ordered", "order_told"),
        (["low", "mid", "high"] * 2, {"ordered": {"c": ["low", "mid", "high"]}}, "ordered",
         "order_told"),
        (["low", "mid", "high"] * 2, {}, "equal", None),
    ],
)  # fmt: skip
def test_what_is_ordered_is_printed_in_the_row(cells, roles, distance, why):
    frame = pd.DataFrame({"k": list("aabbcc"), "c": cells})
    for one in (frame, frame.astype("str"), frame.assign(c=frame["c"].astype("category"))):
        row = measure(one, Roles(key="k", sensitive="c", **roles)).row("t_closeness")
        assert row.part["distance"] == distance
        assert [note.key for note in row.notes] == ([why] if why else [])


def test_an_order_of_words_is_the_one_that_is_given():
    # By hand: a class of low and low against a table of two low, one mid, one high:
    # |1 - .5| + |1 - .75| over 2 steps = .375.
    frame = pd.DataFrame({"k": list("aabb"), "c": ["low", "low", "high", "mid"]})
    order = {"c": ["low", "mid", "high"]}
    found = measure(frame, Roles(key="k", sensitive="c", ordered=order))
    assert found.value("t_closeness") == pytest.approx(0.375)
    with pytest.raises(SchemaError, match="in their order"):
        measure(frame, Roles(key="k", sensitive="c", ordered="c"))
    with pytest.raises(SchemaError, match="1 of 3 without a place"):
        measure(frame, Roles(key="k", sensitive="c", ordered={"c": ["low", "mid"]}))
    with pytest.raises(SchemaError, match="ordered column 'd'"):
        measure(frame, Roles(key="k", sensitive="c", ordered="d"))


def test_a_blank_does_not_hide_an_inference():
    rng = np.random.default_rng(3)
    people = pd.DataFrame(
        {
            "town": [f"Town {i}" for i in range(300)],
            "age": rng.integers(18, 90, 300),
            "opinion": rng.choice(list("abcd"), 300),
        }
    )
    control = people.assign(
        age=rng.integers(18, 90, 300), opinion=rng.choice(list("abcd"), 300)
    ).sample(frac=1, random_state=1)
    asked = {"known": ["town", "age"], "secret": "opinion"}
    plain = inference(people, people, control, **asked)
    blank = people.assign(town=people["town"].str.upper() + " ")
    found = inference(people, blank, control, **asked)
    assert found.row("inference").value == plain.row("inference").value > 0.9
    assert "spelling_made_alike" in [note.key for note in found.notes]
    # Another code for every town: the attack fails, and is not to be trusted for that.
    other = people.assign(town=[f"No {i:03d}" for i in range(300)])
    doubted = inference(people, other, control, **asked)
    assert not doubted.reliable
    assert Note("release_hardly_meets", column="town", records=300, of=300) in doubted.notes


def test_a_population_written_otherwise_names_the_column():
    table = pd.DataFrame({"town": ["1 Paris", "2 Lyon", "3 Nice"], "sex": list("FMF")})
    crowd = pd.DataFrame({"town": ["paris", "LYON ", "3 nice"] * 9, "sex": list("FMF") * 9})
    found = measure(table, Roles(key=["town", "sex"]), population=crowd)
    assert not found.reliable
    assert Note("population_hardly_meets", column="town", records=2, of=3) in found.notes


def test_blank_accounts_are_set_aside():
    log = pd.DataFrame({"who": [1, "1", "1 ", " ", "NULL", "2"], "what": list("xyzxyz")})
    traces = read_traces(log, person="who", item="what")
    assert (traces.n_people, len(traces)) == (2, 4)
    assert traces.set_aside == {Note("no_person"): 2}
    called = pd.DataFrame({"from": [7, 8, 9], "to": ["9", "7 ", "x"]})
    calls = read_traces(called, person="from", item="to", items_are_people=True)
    # Items in their order: 7, 9, x; people 7, 8, 9.
    assert calls.item_person.tolist() == [0, 2, -1]


def test_times_of_a_log_are_read_in_any_format():
    at = ["31/12/2016 10:30", "1 janvier 2017", "x"]
    log = pd.DataFrame({"who": list("aba"), "what": list("xyx"), "at": at})
    traces = read_traces(log, person="who", item="what", time="at")
    assert traces.time.tolist() == [1483180200, 1483228800]
    assert traces.set_aside == {Note("no_time"): 1}


def test_the_command_line_has_the_options_of_reading(tmp_path, capsys):
    file, out = tmp_path / "t.csv", tmp_path / "report"
    file.write_text("age,born,opinion\n" + "30,08/11/2016,a\n-99,09/11/2016,b\n" * 12)
    asked = ["table", str(file), "--key", "age,born", "--sensitive", "opinion", "--out", str(out)]
    assert cli.main([*asked, "--missing-values=NC,-99", "--date-order", "month"]) == 0
    told = (out / "findings.json").read_text(encoding="utf-8")
    assert "--missing-values NC,-99 --date-order month" in told
    assert "dates_month_first" in told
    assert "marks_read_as_missing" in told


def test_reading_refuses_what_it_cannot_use():
    assert pa.tables.Reading is Reading
    for wrong in ({"decimal": ";"}, {"missing_values": 3}, {"day_first": "yes"}):
        with pytest.raises(ParameterError):
            Reading(**wrong)
    with pytest.raises(ParameterError, match="missing_values once"):
        measure(
            pd.DataFrame({"a": [1]}), Roles(key="a"), missing_values=["x"],
            reading=Reading(missing_values=["y"]),
        )  # fmt: skip


def test_kinds_of_apostrophes_and_hyphens_are_one_value():
    typed = ["L\u2019Ha\u00ff-les-Roses", "L'Ha\u00ff-les-Roses", "L'Hay\u0308\u2011les\u2011Roses"]
    found = read_levels(pd.Index(typed), np.array([1, 3, 1]), "place")
    assert found.levels.tolist() == ["L'Ha\u00ff-les-Roses"]


# Cells as people and programs write them, so that a column is of one kind or of several.
WRITTEN = [
    [
        "Brest",
        "brest ",
        "BREST",
        "Évry",
        "E\u0301vry",
        "Le\u00a0Havre",
        "Null",
        "NC",
        "*",
        "x\u200b",
    ],
    ["1", "2", "3,5", "1 200", "1.1", "1.10", "-99", "007", "*", "2e3"],
    ["2016-11-08", "1900-01-01", "2021-02-29", "08/11/2016", "31/12/99", "8 nov. 2016", ""],
    ["u1@a.fr", "u2@a.fr", "U2@a.fr", "aB1", "Xy2z", "undecided", "oui", "non", " ", "inconnu"],
]
COLUMNS = st.sampled_from(WRITTEN).flatmap(
    lambda pool: st.lists(st.sampled_from(pool) | st.none(), min_size=1, max_size=12)
)


@given(COLUMNS, st.booleans())
def test_text_is_read_alike_whatever_holds_it(cells, measured):
    held = pd.Series(cells, dtype="str", name="opinion")
    one_by_one = pd.Series(cells, dtype=object, name="opinion")
    reading = Reading()
    for column in (held, one_by_one):
        read, notes = read_column(column, reading, "measure", measured=measured)
        values, same = read_values(column, reading, "measure", measured=measured)
        pd.testing.assert_series_equal(values, decoded_column(read))
        assert notes == same
    mine, theirs = (
        read_values(c, reading, "measure", measured=measured) for c in (held, one_by_one)
    )
    pd.testing.assert_series_equal(mine[0], theirs[0])
    assert mine[1] == theirs[1]


def counted(cells, count, name="c", *, measured=False, **how):
    """Levels of each cell and notes of a column whose cells stand in so many records."""
    levels = pd.Index(cells, dtype=object)
    found = read_levels(levels, np.array(count), name, Reading(**how), measured=measured)
    named = {i: str(level)[:10] for i, level in enumerate(found.levels)}
    return [named.get(i, "") for i in found.number], found.notes


@pytest.mark.parametrize(
    ("numbers", "doubt"),
    [
        # One negative number that surveys write for nothing, beside answers of nought and more.
        ([-9, 0, 1], True), ([-99, 3], True), ([-8, 0, 1], False), ([-9, -1, 1], False),
        ([-9], False), ([-9, 0], True), ([-99_999, 5], True), ([-999_999, 5], False),
    ],
)  # fmt: skip
def test_one_negative_number_beside_others_may_be_a_mark(numbers, doubt):
    found = read_levels(pd.Index(numbers), np.ones(len(numbers), dtype=np.int64), "c", Reading())
    assert ("number_like_a_mark" in [note.key for note in found.notes]) == doubt


@pytest.mark.parametrize(
    ("largest", "whole"), [(2.0**53 - 1, True), (2.0**53, False), (0.5, False), (-(2.0**53), False)]
)
def test_decimals_are_whole_numbers_below_the_first_that_is_not_exact(largest, whole):
    found = read_levels(pd.Index([1.0, largest]), np.array([1, 1]), "c", Reading())
    assert (found.levels.dtype.kind == "i") == whole


@pytest.mark.parametrize(("dates", "alike"), [(89, False), (90, True), (91, True)])
def test_nine_of_ten_dates_are_written_alike(dates, alike):
    found, _ = counted(["01/02/1980", "13/02/1980", "zz"], [dates - 10, 10, 100 - dates])
    assert (found[0] == "1980-02-01") == alike


@pytest.mark.parametrize(("undecided", "answer"), [(4, False), (5, True), (6, True)])
def test_a_question_mark_in_one_of_twenty_answers_is_undecided(undecided, answer):
    cells, count = ["?", "pour", "contre"], [undecided, 50, 50 - undecided]
    assert (counted(cells, count, "opinion")[0][0] == "?") == answer
    assert counted(cells, count, "note")[0][0] == ""


@pytest.mark.parametrize(("codes", "kept"), [(1, False), (2, False), (3, True)])
def test_case_counts_where_more_than_half_of_the_words_are_codes(codes, kept):
    """Of four words, two of which differ by case alone."""
    cells = ["aB", "ab", "cD", "eF"][: 1 + codes] + ["zz", "yy"][: 3 - codes]
    keys = [note.key for note in counted(cells, [1] * 4)[1]]
    assert keys == (["case_kept"] if kept else ["case_made_alike"])


@pytest.mark.parametrize(
    ("count", "spelling"), [([1, 2], "paris"), ([2, 1], "Paris"), ([1, 1], "Paris")]
)
def test_the_most_frequent_spelling_stays_then_the_first_of_the_alphabet(count, spelling):
    assert counted(["Paris", "paris"], count)[0] == [spelling] * 2


@pytest.mark.parametrize(
    ("cells", "changed"),
    [
        ([True, False], 0), ([1, 2], 0), ([1.5, 2.0], 0), (["a", "b"], 0), (["1,5", "2"], 1),
        ([pd.Timestamp("2016-11-08")], 0), (["2016-11-08"], 0), (["08/11/2016", "31/12/2016"], 2),
        (["a ", "b", "*"], 2), (["Paris", "PARIS"], 1),
    ],
)  # fmt: skip
def test_what_is_kept_as_written_says_how_many_cells_would_have_changed(cells, changed):
    notes = read_levels(pd.Index(cells), np.ones(len(cells), dtype=np.int64), "c",
                        Reading(as_written=True)).notes  # fmt: skip
    assert [(n.key, n.values["records"]) for n in notes] == (
        [("kept_as_written", changed)] if changed else []
    )


def test_null_dates_are_missing_where_a_column_is_measured():
    days = ["1900-01-01", "1980-05-02"]
    assert counted(days, [1, 1], measured=True)[0] == ["", "1980-05-02"]
    assert counted(days, [1, 1])[0] == ["1900-01-01", "1980-05-02"]


def test_a_birth_that_far_more_records_have_than_any_other_is_kept_and_noted():
    days = [*(f"1980-05-{day:02d}" for day in range(10, 22)), "2000-01-01"]
    count = [1] * 12 + [12]
    for column, gap in (("date_naissance", True), ("inscrit_le", False)):
        read, notes = counted(days, count, name=column, measured=True)
        assert read == days
        assert [n.values["records"] for n in notes if n.key == "births_heaped"] == [12] * gap


def test_a_birth_that_is_to_come_is_noted():
    days = [str(np.datetime64("today") + np.timedelta64(k, "D")) for k in (-9_000, 0, 1, 400)] + [
        "2050-01-01"
    ]
    for column, n in (("date_naissance", [5]), ("rendez_vous", [])):
        _, notes = counted(days, [1, 1, 2, 3, 1], name=column, measured=True)
        assert [note.values["records"] for note in notes if note.key == "births_to_come"] == n


def test_among_dates_that_are_measured_what_is_none_is_missing():
    cells, count = ["01/02/1980", "13/02/1980", "zz"], [1, 1, 9]
    read, notes = counted(cells, count, measured=True)
    assert read == ["1980-02-01", "1980-02-13", ""]
    assert {note.key: note.values.get("records") for note in notes}["dates_missing"] == 9
    assert counted(cells, count)[0] == cells


@pytest.mark.parametrize(
    ("cells", "n"),
    [
        (["12.5 €", "3 €", "7 €"], 0), (["12.5 €", "3 €", "700 cts"], 1),
        (["12.5 EUR", "3 eur", "EUR 7"], 1), (["€ 3", "€ 4", "5"], 1), (["3 rue A", "4 rue A"], 0),
        # Fewer than two of five.
        (["3 €", "4 cts", "a1", "a2", "a3"], 3), (["3 €", "a1", "a2", "a3"], 0),
        # Classes of pupils, and thousands.
        (["6C", "5C", "4C", "6A", "5B"], 0), (["6K", "5K", "5B"], 0), (["12 k€", "3 €"], 1),
    ],
)  # fmt: skip
def test_numbers_of_several_units_are_said(cells, n):
    """Of how many the unit is not that of most, in a column where two of five have one."""
    found = read_levels(pd.Index(cells), np.ones(len(cells), dtype=np.int64), "c", Reading())
    told = [note.values["records"] for note in found.notes if note.key == "numbers_unread"]
    assert told == ([4] if n == 3 else [n] if n else [])


@pytest.mark.parametrize(
    ("cells", "n"),
    [
        ([1, 2, 9], 1), ([0, 2, 3, 9], 0), ([1, 2, 10], 0), ([20, 33, 99], 0), ([20, 32, 99], 1),
        ([-9, -99, 1, 2], 2), ([-9, -5, 1], 0), ([-9, -99], 0), (["F", "M", "9"], 1),
        (["F", "M", *"XYZ", "-9", "99"], 2), (["F", "M", "9", "12"], 0), (["F", "M", "a9"], 0),
    ],
)  # fmt: skip
def test_a_number_that_no_other_value_is_like_may_be_a_mark(cells, n):
    """Three times above all others, below 0 alone, or alone among words; "99" in codebooks."""
    found = read_levels(pd.Index(cells), np.ones(len(cells), dtype=np.int64), "c", Reading())
    told = [note.values["records"] for note in found.notes if note.key == "number_like_a_mark"]
    assert told == ([n] if n else [])


@pytest.mark.parametrize(
    ("cells", "key"),
    [
        (["Saint_Maur", "Saint-Maur", "Lyon"], "spelling_kept"),
        (["<u1@x.fr>", "u1@x.fr", "u2@x.fr"], "marks_around_kept"),
        (["{0a1b-AA}", "0a1b-aa", "0a1c-aa"], "marks_around_kept"),
    ],
)
def test_what_stands_around_and_within_a_value_is_said(cells, key):
    found = read_levels(pd.Index(cells), np.ones(3, dtype=np.int64), "c", Reading())
    assert [n.values["records"] for n in found.notes if n.key == key] == [1]


@pytest.mark.parametrize("written", [str, pd.Timestamp])
def test_dates_of_2050_on_are_far_away_among_others(written):
    for last, n in (("2049-12-31", 0), ("2050-01-01", 1)):
        levels = pd.Index([*map(written, ("1980-02-01", "1990-03-01", last))])
        found = read_levels(levels, np.ones(3, dtype=np.int64), "c", Reading())
        told = [note.values["records"] for note in found.notes if note.key == "dates_far_away"]
        assert told == ([n] if n else [])


@pytest.mark.parametrize(
    ("numbers", "others", "said"),
    [
        (4, ["12.5 €"] * 6, True), (3, ["12.5 x"] * 7, False), (9, ["<10"], True),
        (9, ["secret"], True), (10, [], False), (9, ["075"], False), (8, ["12.5*", "n.c."], True),
    ],
)  # fmt: skip
def test_what_is_no_number_among_numbers_is_said(numbers, others, said):
    """Where two cells of five are numbers; but of codes, which begin with 0, nothing is said."""
    cells = [*(f"{i + 1}.5" for i in range(numbers)), *(f"{i}{cell}" if cell[0] in "1" else cell
             for i, cell in enumerate(others, 1))]  # fmt: skip
    levels = pd.Index(cells, dtype=object)
    found = read_levels(levels, np.ones(len(levels), dtype=np.int64), "c", Reading())
    n = [note.values["records"] for note in found.notes if note.key == "numbers_unread"]
    assert n == ([len(others)] if said else [])
    assert sorted(map(str, found.levels)) == sorted(
        cells if others else map(str, map(float, cells))
    )


@pytest.mark.parametrize("day", ["0001-01-01", "1601-01-01", "1753-01-01", "9999-12-31"])
def test_the_first_and_the_last_day_of_programs_are_none(day):
    frame = pd.DataFrame({"born": [day, "1950-05-02", "1951-05-02", "1951-05-02"], "k": "x"})
    found = measure(frame, Roles(key="born"))
    assert [n.values["records"] for n in found.notes if n.key == "null_dates"] == [1]


@pytest.mark.parametrize(
    ("levels", "declared", "rank"),
    [
        (["18-24", "80+", "25-34"], False, [0, 2, 1]), (["a", "b"], True, [0, 1]),
        ([3, 7], False, [0, 1]), (["18-24", "none"], False, None),
        (["18-24", "18-30"], False, None), (["none", "never"], False, None),
    ],
)  # fmt: skip
def test_bands_have_an_order_where_each_begins_with_a_number_of_its_own(levels, declared, rank):
    roles, index = Roles(ordered=["c"]), pd.Index(levels)
    if rank is None:
        with pytest.raises(SchemaError, match="words"):
            order_of("c", index, roles, declared=declared)
    else:
        assert order_of("c", index, roles, declared=declared)[0].tolist() == rank


@pytest.mark.parametrize(
    ("value", "whole"),
    [(2**63 - 1, True), (2**63, False), (-(2**63), True), (-(2**63) - 1, False)],
)
def test_whole_numbers_of_sixty_four_bits_are_numbers(value, whole):
    found = read_column(pd.Series([value, 5], dtype=object, name="c"), Reading(), "test")[0]
    assert (found.cat.categories.dtype == np.int64) == whole
    assert found.notna().all()


@pytest.mark.parametrize(
    ("other", "kept"),
    [
        ("https://a.example/p?utm_source=mail", True), ("http://www.a.example/p", True),
        ("https://a.example/p/", True), ("https://a.example/p?id=7&fbclid=x", False),
        ("https://a.example/p?id=7", False), ("https://a.example/q", False),
    ],
)  # fmt: skip
def test_an_address_that_differs_by_where_a_visitor_came_from_is_said(other, kept):
    _, notes = counted(["https://a.example/p", other], [3, 2])
    found = [n.values["records"] for n in notes if n.key == "web_addresses_kept"]
    assert found == ([2] if kept else [])


def test_what_is_no_address_of_the_web_is_not_compared_as_one():
    _, notes = counted(["Quimper: 3/4 nord", "Brest", "Brest?", "Lyon#"], [1, 4, 8, 2])
    assert "web_addresses_kept" not in [n.key for n in notes]
    _, notes = counted(["WWW.a.example/p", "HTTPS://a.example/p", "p/", "p"], [1, 4, 2, 2])
    found = [n.values["records"] for n in notes if n.key == "web_addresses_kept"]
    assert found == [1]


def test_a_number_that_may_be_cut_is_said_of_a_file_that_is_counted_where_it_is(tmp_path):
    for end, noted in (("3", True), ("31\n", False), ("3\n", False)):
        (tmp_path / "gifts.csv").write_text(
            "town,gift\n" + "Brest,31\nLyon,45\n" * 6 + f"Brest,{end}"
        )
        for limit in ({}, {"memory_limit": "1GB"}):
            found = measure(tmp_path / "gifts.csv", Roles(key="town"), **limit)
            assert (Note("number_may_be_cut") in found.notes) == noted
