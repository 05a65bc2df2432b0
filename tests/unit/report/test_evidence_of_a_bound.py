"""What a finding of a dossier rests on, what follows from it, and which are printed."""

from types import SimpleNamespace

import pytest

from privaudit.report.dossier_page import (
    _best_joins,
    _constat,
    _evidence,
    _gravest,
    _is_known,
    _kinds_of,
    _place,
    chosen,
    of_its_kind,
    weighed,
)
from privaudit.results.rows import Row
from privaudit.words.catalogues import Words


@pytest.mark.parametrize(("lang", "said"), [("en", "at most 20"), ("fr", "au plus 20")])
def test_a_bound_is_told_as_one(lang, said):
    row = Row(measure="placed_between", value=0.2, low=0.03, high=0.2, bound="upper",
              unit="share", n=240, counts="dots")  # fmt: skip
    told = SimpleNamespace(row=row, family="linked")
    assert said in _evidence(Words(lang), told)
    known = SimpleNamespace(row=Row(measure="reidentified", value=0.2, unit="share", n=240,
                                    counts="dots"), family="linked")  # fmt: skip
    assert said not in _evidence(Words(lang), known)


def row(measure, value=0.5, n=100, **more):
    return Row(measure=measure, value=value, unit="share", n=n, counts="people", **more)


def finding(measure, value=0.5, family="inventory", **part):
    return SimpleNamespace(row=row(measure, value, part=part), family=family, reliable=True)


def study_of(**column):
    about = {"name": "c", "by": "header", "role": "special", "kind": "health", **column}
    return SimpleNamespace(
        inventories=[SimpleNamespace(name="a.csv", columns=[SimpleNamespace(**about)])]
    )


@pytest.mark.parametrize(
    ("about", "consequence"),
    [
        # More than half of the matches come about by chance, by whichever is the larger.
        ({"control": 0.25}, "joined_tables"), ({"control": 0.26}, "joined_by_chance"),
        ({"baseline": 0.26}, "joined_by_chance"), ({}, "joined_tables"),
        ({"baseline": 0.1, "control": 0.26}, "joined_by_chance"),
    ],
)  # fmt: skip
def test_files_that_chance_matches_are_not_of_the_same_people(about, consequence):
    assert weighed(study_of(), row("found_in", **about), "joined_tables") == consequence
    assert weighed(study_of(), row("found_in", **about), "door") == "door"


@pytest.mark.parametrize(
    ("column", "part", "consequence"),
    [
        ({}, {"column": "c"}, "announced"), ({"by": "cells"}, {"column": "c"}, "coded"),
        ({"role": "text"}, {"column": "c"}, "health"), ({}, {"column": "d"}, "health"),
        ({}, {"column": "c", "file": "a.csv"}, "announced"),
        ({}, {"column": "c", "file": "b.csv"}, "health"),
    ],
)  # fmt: skip
def test_a_coded_column_is_no_free_text(column, part, consequence):
    assert weighed(study_of(**column), row("says", part=part), "health") == consequence


@pytest.mark.parametrize(
    ("column", "measure", "its"),
    [
        ({}, "says", True), ({}, "shown", False), ({"by": "cells"}, "says", False),
        ({"kind": "note"}, "says", False), ({"kind": "diet"}, "says", True),
    ],
)  # fmt: skip
def test_a_column_that_says_what_it_is_declared_to_hold_is_no_finding(column, measure, its):
    said = row(measure, part={"column": "c", "what": "health"})
    assert of_its_kind(study_of(**column), said) == its


@pytest.mark.parametrize(
    ("number", "place"),
    [("12", (12,)), ("2017-12/A", (2017, 12)), ("A", (float("inf"),)), ("", (float("inf"),))],
)
def test_exhibits_stand_in_the_order_of_their_numbers(number, place):
    assert _place(number) == place


def test_the_gravest_are_two_of_two_kinds_and_of_most_people():
    def one(weight, people):
        return SimpleNamespace(weight=weight, people=people)

    named, door, more = one("named", 5), one("door", 3), one("door", 9)
    opinion, unread, alone = one("learnt", 1), one("unread", 1), one("alone", 2)
    assert _gravest([named, door, more, opinion]) == [opinion, more]
    assert _gravest([unread, named]) == [named]
    assert _gravest([unread, alone, alone]) == [alone]
    assert _gravest([unread]) == []


@pytest.mark.parametrize(
    ("known", "printed"),
    [
        (row("shown", 0.0), False), (row("shown", -1.0), False), (row("shown", 0.1), True),
        (row("shown", float("nan")), False), (row("dot_named", 0.1, control=0.5), True),
        (row("accounts_named", low=0.2, high=0.6, baseline=0.2), False),
        (row("accounts_named", low=0.21, high=0.6, baseline=0.2), True),
        (row("found_in", low=0.2, high=0.6, baseline=0.1, control=0.2), False),
        (row("found_in", low=0.21, high=0.6, baseline=0.1, control=0.2), True),
        (row("found_in", low=0.1, high=0.6), True), (row("reached", 1.0), False),
        (row("reached", 0.9), True), (row("reidentified", 0.5, baseline=0.5), False),
        (row("reidentified", 0.5, baseline=0.4), True),
    ],
)  # fmt: skip
def test_what_is_printed_is_known_and_beyond_chance(known, printed):
    assert _is_known(known) == printed


def test_of_joins_of_two_files_the_one_that_finds_most_is_kept():
    pair = {"table": "a.csv", "other": "b.csv"}
    mail, home = (
        finding("found_in", v, by=by, **pair) for v, by in ((0.4, "email"), (0.5, "home"))
    )
    same, name = (finding("found_in", v, by=by, **pair) for v, by in ((0.5, "tel"), (0.5, "name")))
    more = finding("found_in", 0.6, by="name", **pair)
    back = finding("found_in", 0.1, by="tel", table="b.csv", other="a.csv")
    assert _best_joins([mail, home, same, back]) == [home]
    assert _best_joins([home, name]) == [home]
    assert _best_joins([home, more]) == [home, more]
    assert _best_joins([name]) == [name]
    # Of joins with a map, the last as good is kept.
    first, last = (finding("dot_named", 0.5, table="a.csv", n=k) for k in range(2))
    assert _best_joins([first, last]) == [last]


def test_a_property_beside_a_name_is_not_repeated_without_it():
    asked = (
        ("inventory", "identified_with", "what", "health", "opinion"),
        ("inventory", "shown", "what", "health", "hint"),
        ("inventory", "shown", "", "", "hint"),
        ("linked_tables", "learnt", "", "", "learnt"),
    )
    named = finding("identified_with", what="health", file="a.csv")
    shown = [finding("shown", what="health", file=file) for file in ("a.csv", "b.csv")]
    whole = finding("shown", file="c.csv")
    few, many = (finding("learnt", v, "linked_tables", table="a", other="b") for v in (0.1, 0.2))
    found = list(chosen([named, *shown, whole, few, many], asked))
    assert found == [
        ([named], "opinion", 3), ([shown[1]], "hint", 3), ([whole], "hint", 3),
        ([many, few], "learnt", 2),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("one", "kinds"),
    [
        (finding("singling_out"), {"name", "email", "phone", "account"}),
        (finding("shown", what="health"), {"health"}),
        (finding("shown", family="map"), {"", "spot"}),
        (finding("classes", tested="map"), {"spot"}), (finding("classes"), set()),
    ],
)  # fmt: skip
def test_a_finding_counts_cells_of_its_kinds(one, kinds):
    assert _kinds_of(one) == kinds


@pytest.mark.parametrize(("unit", "value", "people"), [("share", 0.25, 30), ("people", 25, 25)])
def test_a_finding_of_a_share_is_of_so_many_of_its_people(unit, value, people):
    known = Row(measure="minors", value=value, unit=unit, n=120, counts="people")
    told = SimpleNamespace(row=known, family="inspect", id="a", sentence={"en": "Said."})
    study = SimpleNamespace(
        measures={},
        inventories=(),
        inputs=(),
        case=SimpleNamespace(acquired="", mission="", agents=()),
    )
    assert _constat(study, Words("en"), told, "minors", 1).people == people
