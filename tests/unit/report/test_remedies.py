"""What would lower a finding: two rows of a measure, how many fewer, and which are told."""

import math
from dataclasses import dataclass, field
from types import SimpleNamespace

import pytest

from privaudit.report import mitigations
from privaudit.report.mitigations import Note, Row

NAN = math.nan


def row(measure, value, unit="people", n=100, **more):
    return Row(measure=measure, value=value, unit=unit, n=n, counts="people", **more)


@dataclass(frozen=True)
class Found:
    id: str
    family: str
    row: Row
    view: str = ""
    attack: str = ""
    copies: int = 1


def finding(family, one, *, ident="", **more):
    return Found(ident or f"{family}.{one.measure}", family, one, **more)


def found(*findings, kind="table", case=None):
    study = SimpleNamespace(kind=kind, case=case, notes=())
    return mitigations.remedies(study, findings)


def told(remedies):
    return [(one.action.key, *one.action.values.values(), *map(int, one.pair)) for one in remedies]


def without(name, value, **more):
    return finding("contributions", row("sample_uniques", value, baseline=40.0,
                                        part={"without": name}, **more))  # fmt: skip


def test_what_saves_most_stands_first_and_what_saves_nothing_is_left_out():
    alone = finding("table", row("sample_uniques", 40), ident="table.sample_uniques")
    made = found(alone, without("age", 30.0), without("sex", 10.0), without("town", 40.0),
                 without("vote", 41.0), without("all", 0.0))  # fmt: skip
    assert told(made) == [
        ("mend_delete_records", 40, 40, 0), ("mend_withhold_column", "sex", 40, 10),
        ("mend_withhold_column", "age", 40, 30),
    ]  # fmt: skip
    # The finding is that of the whole table, where there is one.
    assert {one.finding for one in made} == {"table.sample_uniques"}
    assert {one.finding for one in found(without("age", 30.0))} == {"contributions.sample_uniques"}


def test_who_is_alone_is_not_deleted_where_blanks_leave_it_open():
    ranged = row("sample_uniques", 40, low=10.0, high=90.0)
    assert not found(finding("table", ranged, ident="table.sample_uniques"))


@pytest.mark.parametrize(
    ("about", "n"),
    [({}, 1), ({"reliable": False}, 0), ({"withheld": True}, 0), ({"value": NAN}, 0),
     ({"baseline": NAN}, 0)],
)  # fmt: skip
def test_nothing_rests_on_a_number_that_is_not_known(about, n):
    usual = {"value": 30.0, "baseline": 40.0, "part": {"without": "age"}}
    one = row("sample_uniques", **(usual | about))
    assert len(found(finding("contributions", one))) == n


def test_one_thing_is_told_once_for_each_file():
    first, again = (without("age", value) for value in (30.0, 20.0))
    assert told(found(first, again)) == [("mend_withhold_column", "age", 40, 30)]
    of_file = finding("contributions", row("sample_uniques", 20.0, baseline=40.0,
                                           part={"without": "age", "file": "b"}))  # fmt: skip
    assert len(found(first, of_file)) == 2


def test_identity_is_dropped_before_anything_else():
    named = finding("inventory", row("identified", 50))
    gone, other = (
        finding("inventory", row("shown_without", value, part={"what": what, "without": "mail"}))
        for what, value in (("identity", 45), ("health", 1))
    )
    made = found(named, gone, other, without("age", 1.0))
    assert told(made) == [
        ("mend_drop_identity", "mail", 50, 45), ("mend_withhold_column", "age", 40, 1)
    ]  # fmt: skip
    assert told(found(gone)) == []


def test_access_is_compared_before_and_after():
    rows = [
        finding("tiers", row("people", value, part={"tier": tier, "moment": moment}))
        for tier, moment, value in (
            ("public", "before", 90), ("public", "after", 12), ("team", "before", 90),
            ("team", "after", 90), ("all", "before", 90), ("all", "after", 1),
        )
    ]  # fmt: skip
    # Nothing is named by all of them together.
    assert told(found(*rows)) == [("mend_limit_tier", "public", 90, 12)]


def of_map(view, attack, value, gain="address", copies=1):
    one = row("reidentified", value, "share", gain=gain)
    return finding("map", one, view=view, attack=attack, copies=copies,
                   ident=f"map.{view}.{attack}")  # fmt: skip


def test_a_mask_is_worth_what_its_strongest_adversary_finds_less():
    exact = [of_map("exact", attack, value) for attack, value in (("near", 0.9), ("roll", 0.95))]
    masked = [of_map("donut:50:200", attack, v) for attack, v in (("near", 0.1), ("roll", 0.4))]
    (one,) = found(*exact, *masked)
    assert told([one]) == [("mend_mask", "donut:50:200", "exact", 95, 40)]
    assert one.finding == "map.exact.roll"
    # Whoever attacked the mask alone is compared with the strongest of the exact map.
    (other,) = found(*exact, of_map("donut:50:200", "mask", 0.4))
    assert other.finding == "map.exact.roll"
    (same,) = found(*exact, of_map("donut:50:200", "near", 0.1))
    assert same.finding == "map.exact.near"
    assert found(*masked) == []
    # Of another gain nothing is compared, nor of other copies.
    assert found(*exact, of_map("donut:50:200", "near", 0.1, gain="household")) == []
    (copied,) = found(*exact, of_map("donut:50:200", "near", 0.1, copies=2))
    assert copied.finding == "map.exact.roll"


def test_masks_of_the_frontier_are_compared_with_dots_as_they_are():
    rows = [
        finding("frontier", row("reidentified_address", value, "share",
                                part={"mask": mask, "file": "m"}), ident=mask)
        for mask, value in (("exact", 0.9), ("donut:50:200", 0.4), ("gaussian:50", 0.2))
    ]  # fmt: skip
    assert told(found(*rows)) == [
        ("mend_mask", "gaussian:50", "exact", 90, 20),
        ("mend_mask", "donut:50:200", "exact", 90, 40),
    ]  # fmt: skip
    assert found(*rows[1:]) == []


@pytest.mark.parametrize(("left", "n"), [(10, 0), (11, 1), (12, 1)])
def test_visited_dots_are_deleted_where_eleven_are_left(left, n):
    dots = of_map("exact", "near", 0.9)
    rest = finding("map", row("not_visited", left / 60, "share", n=60))
    made = [one for one in found(dots, rest) if one.action.key == "mend_delete_visited"]
    assert told(made) == [("mend_delete_visited", 60, left)] * n


def test_properties_are_withheld_file_by_file():
    rows = [
        finding("properties", row("shown", 30, part={"what": "health", "file": "a"}), ident="a"),
        finding("properties", row("identified", 40, part={"file": "a"}), ident="i"),
        finding("properties", row("shown_without", 5, part={"what": "health", "without": "note",
                                                           "file": "a"})),
        finding("properties", row("shown_without", 2, part={"what": "identity", "without": "nom",
                                                           "file": "a"})),
        finding("properties", row("shown_without", 1, part={"what": "health", "without": "note",
                                                           "file": "b"})),
    ]  # fmt: skip
    made = found(*rows)
    assert told(made) == [
        ("mend_withhold_property", "nom", "identity", 40, 2),
        ("mend_withhold_property", "note", "health", 30, 5),
    ]
    assert [one.finding for one in made] == ["i", "a"]


def remedy(key, saved=1, **values):
    before, after = row("m", 10 + saved), row("m", 10)
    return mitigations.Remedy(action=Note(key, **values), finding="f", before=before, after=after)


def story(*every, kind="table", case=None, mask=""):
    study = SimpleNamespace(kind=kind, case=case, notes=())
    return [one.action.key.removeprefix("mend_") + "".join(map(str, one.action.values.values()))
            for one in mitigations.in_story(study, every, mask)]  # fmt: skip


def test_a_story_tells_a_few_of_a_kind():
    columns = [remedy("mend_withhold_column", column=f"c{n}") for n in range(5)]
    assert story(*columns) == ["withhold_columnc0", "withhold_columnc1", "withhold_columnc2"]
    coarser = [remedy("mend_coarsen_column", column=f"d{n}") for n in range(5)]
    assert len(story(*columns, *coarser)) == 4
    # To delete records is told where no column saves anything.
    delete = remedy("mend_delete_records", records=4)
    assert story(delete) == ["delete_records4"]
    assert story(delete, *columns[:1]) == ["withhold_columnc0"]
    # Of a map nothing of a table, and of a table nothing of a map; of a seizure both.
    masked = remedy("mend_mask", mask="a", shown="exact")
    assert story(masked, *columns[:1], kind="map") == ["maskaexact"]
    assert story(masked, *columns[:1]) == ["withhold_columnc0"]
    assert len(story(masked, *columns[:1], kind="dossier", case=object())) == 2
    # What a table shows beside its key takes one place in a dossier: its files were not separated.
    beside = [remedy("mend_drop_beside", columns=f"b{n}") for n in range(3)]
    linked = remedy("mend_link", what="address")
    assert story(*beside) == ["drop_besideb0", "drop_besideb1", "drop_besideb2"]
    both = ["drop_besideb0", "linkaddress"]
    assert story(*beside, linked, kind="dossier", case=object()) == both
    # A demo tells three, and of masks the one that it shows.
    logs = [remedy("mend_log", how=f"h{n}") for n in range(6)]
    assert len(story(*logs, kind="log")) == 4
    assert len(story(*logs, kind="demo")) == 3
    second = remedy("mend_mask", mask="b", shown="exact")
    assert story(masked, second, kind="demo", mask="b") == ["maskbexact"]
    assert story(masked, second, kind="demo") == ["maskaexact"]


@dataclass(frozen=True)
class Plan:
    key: tuple = ("age", "sex")
    coarsen: dict = field(default_factory=lambda: {"age": 1})
    drop: tuple = ("old",)


@pytest.mark.parametrize(
    ("what", "without", "keys", "dropped", "coarsened"),
    [
        ("identity", "mail", [], ("mail", "old"), False),
        # What says the same as a key is dropped beside it, and no key.
        ("age", ("age", "birth"), [], ("birth", "old"), False),
        ("health", "note", [], None, None), ("identity", "mail", ["mend_coarsen_column"],
         ("mail", "old"), True), ("health", "note", ["mend_withhold_column"], ("old",), True),
    ],
)  # fmt: skip
def test_a_plan_drops_who_people_are_and_coarsens_keys(monkeypatch, what, without, keys, dropped,
                                                       coarsened):  # fmt: skip
    monkeypatch.setattr(mitigations, "remedies", lambda *_: [remedy(key) for key in keys])
    shown = finding("inventory", row("shown_without", 1, part={"what": what, "without": without}))
    made = mitigations.mending_plan(SimpleNamespace(plan=Plan(), notes=()), [shown])
    if dropped is None:
        assert made is None
        return
    assert made.drop == (dropped if coarsened else dropped[:-1])
    assert bool(made.coarsen) is coarsened
    assert mitigations.mending_plan(SimpleNamespace(plan=None, notes=()), [shown]) is None
