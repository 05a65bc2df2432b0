"""Which sentence an inspection has of a file: by its counts, those withheld, and its columns.

A sentence is looked at by its key and the values that are put into it.
"""

import datetime
import math
from dataclasses import dataclass
from types import SimpleNamespace

import pytest

from privaudit.columns.roles import Roles
from privaudit.report import inspection
from privaudit.results.rows import Row

NAN = math.nan


class Keys:
    """Words whose sentences are their keys, with their values behind them."""

    def __call__(self, key, **values):
        return " ".join([key.removeprefix("inspect."), *(f"{v}" for v in values.values())])

    def name(self, of, key):
        return key

    def note(self, note):
        return note.key

    def counted(self, n, noun):
        return f"{n} {noun}"


KEYS = Keys()


def column(name="c", role="text", kind="", **more):
    about = {"by": "header", "declared": "", "type": "text", "formats": (), "filled": 40.0}
    return inspection.Column(name=name, role=role, kind=kind, **(about | more))


def inventory(*columns, **more):
    about = {
        "name": "a.csv", "n": 40, "roles": Roles(), "alone": 0.0, "births": "", "absent": (),
        "as_of": datetime.date(2016, 11, 8), "minors": NAN, "most_minors": NAN,
    }  # fmt: skip
    return inspection.Inventory(columns=columns, **(about | more))


def row(measure, value=1.0, n=40, **more):
    return Row(measure=measure, value=value, n=n, unit="records", counts="records", **more)


class Found:
    def __init__(self, *rows):
        self._rows = rows

    def family(self, family):
        return list(self._rows)

    def row(self, family, measure, *part):
        fit = [one for one in self._rows if one.measure == measure
               and set(part) <= {*one.part.values()}]  # fmt: skip
        return next(iter(fit), None)


@pytest.mark.parametrize(
    ("low", "high", "births", "said"),
    [
        (0.0, 0.0, "age", "minors_none"), (0.0, 3.0, "age", "minors_most"),
        (3.0, 3.0, "age", "minors_some"), (3.0, 4.0, "age", "minors_range"),
        (NAN, NAN, "age", "minors_unread"), (NAN, NAN, "", "minors_unknown"),
    ],
)  # fmt: skip
def test_minors_are_none_some_at_most_or_between(monkeypatch, low, high, births, said):
    monkeypatch.setattr(inspection, "long_date", lambda words, day: "day")
    told = inspection._minors(KEYS, inventory(births=births, minors=low, most_minors=high))
    assert told.split(" ")[0] == said


def test_minors_of_a_column_known_by_its_cells_alone_are_not_counted_for_that(monkeypatch):
    monkeypatch.setattr(inspection, "long_date", lambda words, day: "day")
    told = inspection._minors(KEYS, inventory(column("Year", by="cells"), births="Year"))
    assert told == "minors_guessed day Year"


def test_counts_stand_the_most_frequent_first_and_those_withheld_last():
    """Of several columns the one with most; of no known count its name alone."""
    counts = {"health": [3.0, NAN, 12.0], "origin": [20.0], "union": [NAN], "": [9.0]}
    assert inspection._counted(KEYS, counts) == [
        "says_item origin 20.0", "says_item health 12.0", "card_withheld union nan"
    ]  # fmt: skip


@pytest.mark.parametrize(("columns", "more"), [(1, False), (12, False), (13, True)])
def test_a_dozen_columns_are_listed(columns, more):
    told = inspection._listed(KEYS, [column(f"c{n}") for n in range(columns)])
    assert told.endswith("story.and_more") is more
    assert ("c11" in told, "c12" in told) == (columns > 11, False)


def test_columns_that_were_not_searched_stand_by_the_reason_three_of_each():
    one = inventory(*(column(f"n{k}", others="names") for k in range(4)),
                    column("d", others="dates"), column("t"))  # fmt: skip
    names, dates = inspection._not_searched(KEYS, one)
    assert names.startswith("card_left names")
    assert names.endswith("story.and_more")
    assert "n2" in names
    assert "n3" not in names
    assert dates.startswith("card_left dates")
    assert not dates.endswith("story.and_more")


@pytest.mark.parametrize(
    ("about", "said"),
    [
        ({"kind": "health", "role": "special"}, "by_header Health header filled 40.0"),
        ({"kind": "health", "role": "special", "by": "sap"}, "by_system Health sap filled 40.0"),
        ({"by": ""}, "by_words   filled 40.0"),
        ({"by": "cells", "filled": NAN, "bound": "few"}, "by_cells  cells filled_few"),
        ({"by": "stated", "filled": NAN}, "by_stated  stated"),
        # A text says what its cells mention; a special column only what is another category.
        ({"says": {"health": 3.0}}, "by_header  header filled 40.0 says says_item health 3.0"),
        ({"role": "special", "kind": "health", "says": {"health": 3.0}},
         "by_header Health header filled 40.0"),
        ({"role": "special", "kind": "health", "says": {"origin": 3.0}},
         "by_header Health header filled 40.0 says says_item origin 3.0"),
        ({"role": "hint", "kind": "abroad", "says": {"origin": 3.0}},
         "by_header Abroad header filled 40.0"),
        ({"role": "special", "kind": "couple", "says": {"health": 3.0}},
         "by_header Couple header filled 40.0 says says_item health 3.0"),
        ({"says": {"health": NAN, "children": NAN}},
         "by_header  header filled 40.0 says_few health"),
        ({"least": 5.0, "again": 2.0, "searched": 30.0},
         "by_header  header filled 40.0 sensitive_least 5.0 sensitive_again 2.0 30.0"),
        ({"least": NAN, "again": 2.0, "searched": 30.0},
         "by_header  header filled 40.0 sensitive_again 2.0 30.0"),
        ({"least": 5.0, "again": NAN}, "by_header  header filled 40.0 sensitive_least 5.0"),
        ({"least": 5.0, "again": 0.0}, "by_header  header filled 40.0"),
    ],
)  # fmt: skip
def test_a_column_is_described_by_what_it_holds_and_mentions(about, said):
    assert inspection._why(KEYS, column(**about)) == said


def test_mentions_stand_the_most_frequent_first_and_the_few_behind():
    values = {"health": 3.0, "origin": 9.0, "union": NAN}
    told = list(inspection._mentions(KEYS, "says", values, ["union"]))
    assert told == ["says says_item origin 9.0, says_item health 3.0", "says_few union"]
    assert list(inspection._mentions(KEYS, "says", {"union": NAN}, [])) == []


@pytest.mark.parametrize(
    ("role", "kind", "what", "beside"),
    [
        ("special", "health", "origin", True), ("inferred", "support", "health", True),
        ("special", "health", "health", False), ("hint", "health", "origin", False),
        ("special", "health", "children", False),
    ],
)  # fmt: skip
def test_another_special_category_is_told_beside_one(role, kind, what, beside):
    assert inspection._beside(column(role=role, kind=kind), what) is beside


def test_what_was_searched_is_told_with_what_was_not():
    every, left = row("searched", 30.0, 50), row("not_searched", 7.0, part={"column": "n"})
    text, names = column("t", texts=30.0, searched=30.0), column("n", texts=7.0, others="names")

    def told(one, *rows):
        section = inspection._searched(KEYS, Found(*rows), one)
        return None if section is None else ([*section.texts], [*section.items])

    assert told(inventory(text), every) == (["searched_text 30.0 50.0", "searched_all"], [])
    assert told(inventory(text, names), every, left) == (
        ["searched_text 30.0 50.0"], [("n", "searched_not 7.0 names")]
    )  # fmt: skip
    assert told(inventory(text, names)) == ([], [("n", "searched_not_some names")])
    # How many cells of a column are text is not known where they are few.
    few = column("f", texts=NAN)
    assert told(inventory(text, few)) == (["searched_few", "searched_all"], [])
    assert told(inventory(column("f"))) is None
    assert told(inventory(few)) == (["searched_few", "searched_all"], [])
    other = row("searched", 9.0, 9, part={"file": "b.csv"})
    assert told(inventory(text), other) == (["searched_all"], [])


def sections(*columns, **more):
    made = inspection._of_file(KEYS, Found(), inventory(*columns, **more), None)
    return {one.id: one for one in made}


def test_sections_of_a_file_are_those_that_it_fills(monkeypatch):
    monkeypatch.setattr(inspection, "long_date", lambda words, day: "day")
    bare = sections()
    assert [*bare] == ["special", "who", "absent", "minors", "keys"]
    assert bare["special"].texts == ["special_none"]
    assert bare["absent"].texts == ["absent_nothing"]
    assert bare["keys"].texts == ["keys_none"]
    full = sections(column("d", role="date"), column("e", role="text", filled=0.0),
                    column("h", role="hint", kind="abroad_place"), absent=("consent",),
                    roles=Roles(key=("d",)), alone=12.0)  # fmt: skip
    assert full["absent"].texts == ["absent_text"]
    assert full["absent"].items == [("", "absent_consent")]
    heads = [head for head, _ in full["rest"].items]
    # By their role; those without a cell stand apart.
    assert heads == ["Date", "empty"]
    assert full["keys"].texts == ["keys_text d", "keys_alone 12.0 40"]
    assert [name for name, _ in full["hints"].items] == ["h"]
    assert sections(roles=Roles(key=("d",)), alone=NAN)["keys"].texts == ["keys_text d"]


@pytest.mark.parametrize(
    ("adds", "alone", "drawn"),
    [
        ((5.0, 2.0), 9.0, ["one", "two"]), ((2.0, 5.0), 9.0, ["two", "one"]),
        ((5.0, 0.0), 9.0, ["one", "two"]), ((0.0, 0.0), 9.0, None), ((5.0, NAN), 9.0, None),
        ((5.0, 2.0), NAN, None), ((5.0,), 9.0, None),
    ],
)  # fmt: skip
def test_keys_are_drawn_where_two_add_somebody_alone(monkeypatch, adds, alone, drawn):
    monkeypatch.setattr(
        inspection, "line_chart",
        lambda *given, panels, **more: [line.name for line in panels[0].lines],
    )  # fmt: skip
    words = type("Counting", (Keys,), {"count": staticmethod(str)})()
    columns = [column(name, adds=n) for name, n in zip(("one", "two"), adds, strict=False)]
    one = inventory(*columns, column("no key", adds=99.0), alone=alone,
                    roles=Roles(key=tuple(c.name for c in columns)))  # fmt: skip
    study = SimpleNamespace(inventories=(one,), provenance="real")
    assert inspection.keys_chart(study, words, Found()) == drawn
    assert inspection.keys_chart(SimpleNamespace(inventories=()), words, Found()) is None


def study_of(*inventories, commands=("privaudit table",), inputs=(), recording=()):
    measures = {"recording": SimpleNamespace(rows=recording)} if recording else {}
    return SimpleNamespace(
        inventories=inventories, next_commands=commands, measures=measures, notes=(),
        inputs=[SimpleNamespace(role=role) for role in inputs],
    )  # fmt: skip


SPOTS = (column("x", kind="spot"), column("y", kind="spot"))


@pytest.mark.parametrize(
    ("columns", "commands", "inputs", "texts"),
    [
        ((), (), (), ["roles_text", "next_none"]),
        ((), ("a",), (), ["roles_text", "next_text"]),
        (SPOTS, ("a",), (), ["roles_text", "next_addresses", "next_text"]),
        (SPOTS, ("a",), ("addresses",), ["roles_text", "next_text"]),
        (SPOTS[:1], ("a",), (), ["roles_text", "next_text"]),
        (SPOTS, (), (), ["roles_text", "next_none"]),
    ],
)  # fmt: skip
def test_what_to_do_next_asks_for_addresses_of_a_map(monkeypatch, columns, commands, inputs, texts):
    monkeypatch.setattr(inspection, "long_date", lambda words, day: "day")
    study = study_of(inventory(*columns), commands=commands, inputs=inputs)
    *_, last = inspection.inspect_sections(study, KEYS, Found(), {})
    assert (last.id, last.texts) == ("next", texts)


def test_sections_of_several_files_are_numbered_and_the_first_of_each_is_named(monkeypatch):
    monkeypatch.setattr(inspection, "long_date", lambda words, day: "day")
    keys = {"keys": "figure"}
    one = inventory(roles=Roles(key=("d",)))
    alone = inspection.inspect_sections(study_of(one), KEYS, Found(), keys)
    assert [s.id for s in alone][:2] == ["special", "who"]
    assert [s.contents for s in alone] == [None] * len(alone)
    two = inspection.inspect_sections(study_of(one, one), KEYS, Found(), keys)
    assert [s.id for s in two if s.id.startswith("special")] == ["special-1", "special-2"]
    assert [s.contents for s in two][:-1] == ["a.csv", "", "", "", ""] * 2
    # The figure is that of the gravest file.
    assert [s.figure for s in two if s.id.startswith("keys")] == ["figure", None]


def test_what_was_sent_stands_by_its_host(monkeypatch):
    monkeypatch.setattr(inspection, "row_sentence", lambda words, family, one: one.measure)
    rows = [
        row("sent_to", part={"host": "b.org"}), row("other", part={"host": "c.org"}),
        row("bodies_unread", part={"host": "b.org"}), row("sent_to", part={"host": "a.org"}),
    ]  # fmt: skip
    (sent,) = inspection._sent(study_of(recording=rows), KEYS)
    assert sent.items == [("b.org", "sent_to bodies_unread"), ("a.org", "sent_to")]
    assert inspection._sent(study_of(recording=rows[1:2]), KEYS) == []
    assert inspection._sent(study_of(), KEYS) == []


@dataclass(frozen=True)
class Opened:
    inventories: tuple


@pytest.mark.parametrize(("files", "about"), [(1, ""), (2, "a.csv")])
def test_counts_are_those_of_the_findings(files, about):
    """Of one file its name is no parameter of a finding; of several it is."""
    named = column("c", filled=9.0, shows=9.0, adds=1.0, searched=8.0, again=1.0,
                   says={"health": 5.0})  # fmt: skip
    apart = column("d", filled=9.0, shows=4.0)
    one = inventory(named, apart, minors=1.0, most_minors=2.0, alone=3.0)
    other = inventory(name="b.csv")

    def of(measure, value, what="", name="c", **more):
        part = {"file": about, "column": name, "what": what}
        return row(measure, value, part={k: v for k, v in part.items() if v}, **more)

    rows = [of("size", 41.0, name=""), of("minors", 12.0, name="", low=11.0, high=13.0),
            of("alone_by_keys", 14.0, name=""), of("filled", 15.0), of("adds", 16.0),
            of("sensitive_again", 17.0, n=18), of("says", 19.0, what="health"),
            of("shows", 20.0, name="d"), of("filled", 21.0, name="d")]  # fmt: skip
    study = Opened(inventories=(one, other)[:files])
    made = {i.name: i for i in inspection.quoted_inventories(study, Found(*rows)).inventories}
    told = made["a.csv"]
    assert (told.n, told.minors, told.most_minors, told.alone) == (41, 12, 13, 14)
    c, d = told.columns
    assert (c.filled, c.shows, c.adds, c.again, c.searched) == (15, 15, 16, 17, 18)
    assert c.says == {"health": 19}
    assert (d.filled, d.shows) == (21, 20)
    if files == 2:
        assert made["b.csv"].n == 40


def test_a_file_is_titled_by_its_number_and_read_as_what_it_is(monkeypatch):
    numbered, bare = (SimpleNamespace(number=n) for n in ("12", ""))
    assert inspection._titled(KEYS, numbered, "a.csv") == "Dossier.in_exhibit 12 a.csv"
    assert inspection._titled(KEYS, bare, "a.csv") == inspection._titled(KEYS, None, "a.csv")
    assert inspection._titled(KEYS, None, "a.csv") == "a.csv"
    monkeypatch.setattr(inspection, "log_columns", lambda one: one.sheet or None)
    kinds = [inspection._read_as(one) for one in (
        inventory(*SPOTS, system="sap"), inventory(*SPOTS, sheet="log"), inventory(sheet="log"),
        inventory(),
    )]  # fmt: skip
    assert kinds == ["system", "map", "log", "table"]


def test_lines_of_a_summary_are_the_columns_by_role():
    one = inventory(column("d", role="date"), column("t", role="text"), column("u", role="date"))
    assert inspection.summary_lines(study_of(one), KEYS) == [
        "a.csv: 40 records, 3 columns", "  text: t", "  date: d, u"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("again", "searched", "named"),
    [
        (0.0, 30.0, False), (1.0, 30.0, True), (2.0, 30.0, True), (NAN, 30.0, True),
        # Of a column without texts nothing is read again; how many are withheld may be some.
        (1.0, 0.0, False), (1.0, 1.0, True), (1.0, NAN, True), (0.0, NAN, False),
    ],
)  # fmt: skip
def test_columns_with_cells_to_read_again_are_named(again, searched, named):
    one = column("t", again=again, searched=searched)
    assert inspection._to_read_again(inventory(one)) == [one] * named
