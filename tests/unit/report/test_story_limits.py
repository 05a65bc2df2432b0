"""Which sentence of the story stands at which number: each limit at, under and over it.

Sentences are looked at by their keys, so that what is asked is which one is chosen.
"""

import math
import re
from types import SimpleNamespace

import pytest

from privaudit.report import story
from privaudit.report.answers import people_answer
from privaudit.report.sentences import row_sentence
from privaudit.results.rows import Row
from privaudit.words.catalogues import Note, Words

NAN = math.nan


class Keys:
    """Words whose sentences are their keys."""

    lang = "en"

    def __call__(self, key, **values):
        return key

    def name(self, of, key):
        return f"{of}.{key}"

    def has(self, key):
        return key in ("story.do_map", "story.do_table")


class Found:
    """Rows of a study by family, measure and parameter; adversaries by map."""

    people = 100

    def __init__(self, *rows, best=None, rungs=(), of=None, study=None):
        self._rows, self._best, self._rungs, self._of = rows, best, rungs, of or {}
        self.study = study or SimpleNamespace(exposures=(), measures={f: 0 for f, _ in rows})

    def rows(self, family, measure, *part):
        return [
            one for of, one in self._rows
            if (of, one.measure) == (family, measure)
            and set(map(str, part)) <= {str(v) for v in one.part.values()}
        ]  # fmt: skip

    def row(self, family, measure, *part):
        return next(iter(self.rows(family, measure, *part)), None)

    def family(self, family):
        return [one for of, one in self._rows if of == family]

    def best(self, view):
        return self._best

    def rungs(self, view):
        return self._rungs

    def found(self, exposure, gain="address"):
        return self._of.get(gain)

    def exact(self):
        return "exact"

    def masked(self):
        return "donut:50:200"


def row(measure, value=0.5, n=100, unit="share", counts="people", **more):
    return Row(measure=measure, value=value, n=n, unit=unit, counts=counts, **more)


@pytest.mark.parametrize(
    ("measure", "value", "told"),
    [
        ("k_anonymity", 1, False), ("k_anonymity", 2, True), ("k_anonymity", 3, True),
        ("t_closeness", 0.49, False), ("t_closeness", 0.5, True), ("t_closeness", 0.55, True),
        ("suda_score_with", 0.19, False), ("suda_score_with", 0.2, True),
        ("suda_score_with", 0.99, True), ("suda_score_with", 0.995, False),
        ("likelier_elsewhere", 1.9, False), ("likelier_elsewhere", 2, True),
        ("distinct_l", 1, True), ("distinct_l", 2, False), ("distinct_l", 0, True),
        ("claimed", 0, False), ("claimed", -1, True), ("reidentified", -9, True),
        ("reidentified", 1e9, True), ("reidentified", NAN, False),
    ],
)  # fmt: skip
def test_a_number_is_quoted_from_where_it_says_something(measure, value, told):
    assert story._telling(row(measure, value, unit="index")) is told


@pytest.mark.parametrize(
    ("value", "control", "told"),
    [(0.5, 0.5, False), (0.5, 0.49, True), (0.4, 0.5, False), (0.5, NAN, True), (0.0, NAN, True)],
)
def test_what_absent_people_have_as_often_is_not_quoted(value, control, told):
    """Of 100 people one more than by chance is told, none is not."""
    assert story._telling(row("reidentified", value, control=control)) is told


def test_more_is_beyond_the_control_or_the_baseline_and_nothing_where_neither_is_known():
    assert story._more(row("a", 0.5, control=0.25)) == 0.25
    assert story._more(row("a", 0.5, baseline=0.125, control=0.25)) == 0.25
    assert story._more(row("a", 0.5, baseline=0.125)) == 0.375
    assert story._more(row("a", 0.5)) == 0


def test_an_anchor_is_the_first_finding_of_the_family_with_every_part():
    findings = [SimpleNamespace(id=one) for one in (
        "steps.map.a", "map.a.b.household", "map.a.b.address", "map.a.b.address.c",
    )]  # fmt: skip
    assert story.anchor(findings, "map") == "annex.html#map.a.b.household"
    assert story.anchor(findings, "map", "address") == "annex.html#map.a.b.address"
    assert story.anchor(findings, "map", "address", "c") == "annex.html#map.a.b.address.c"
    assert story.anchor(findings, "map", "x") == "annex.html"
    assert story.anchor(findings, "a") == "annex.html"


def behind(who, value):
    return "household", row(f"{who}_never_interacted", value, unit="people", counts=who, n=300,
                            baseline=174, baseline_low=158, baseline_high=191)  # fmt: skip


@pytest.mark.parametrize(
    ("adults", "minors", "said"),
    [
        (192, 192, "more"), (192, 191, "adults"), (191, 192, "minors"), (191, 158, "text"),
        # Fewer than behind random doors: nothing is said of either.
        (157, 192, None), (192, 157, None), (None, 192, "more"), (None, 191, "text"),
        (None, None, None),
    ],
)  # fmt: skip
def test_others_behind_the_doors_are_more_than_behind_random_ones(adults, minors, said):
    rows = [behind(who, n) for who, n in (("adults", adults), ("minors", minors)) if n is not None]
    assert story._beside_random_doors(Found(*rows)) == said
    sentence = [f"story.others_{said}"] if said else []
    assert story._others(Keys(), Found(*rows), None) == sentence
    one = "household", row("households_one_interacted", 7, unit="households", baseline=2)
    assert story._others(Keys(), Found(one, *rows), None) == ["story.one_household", *sentence]
    # A figure shows it.
    assert story._others(Keys(), Found(one, *rows), object()) == sentence


def finder(expected=False):
    return SimpleNamespace(attack="nearest", view="donut:50:200", copies=1, expected=expected)


@pytest.mark.parametrize(
    ("claimed", "said"),
    [(0.4, "good"), (0.6, "good"), (0.39, "under"), (0.61, "over"), (NAN, None)],
)
def test_a_finder_is_judged_by_both_ends_of_what_was_found(monkeypatch, claimed, said):
    monkeypatch.setattr(story, "attack_name", lambda words, attack, copies: attack)
    best = finder()
    own = row("reidentified", 0.5, low=0.4, high=0.6, confidence=claimed)
    found = Found(best=best, rungs=[(best, own)], of={"address": own})
    assert story._sure(Keys(), found) == ([f"story.sure_{said}"] if said else [])
    # What is expected, and not found, is not judged.
    assert story._sure(Keys(), Found(best=finder(True), of={"address": own})) == []
    assert story._sure(Keys(), Found(best=best)) == []
    assert story._sure(Keys(), Found()) == []
    for other, rash in ((0.6, False), (0.61, True)):
        beside = row("reidentified", 0.5, low=0.4, high=0.6, confidence=other)
        found = Found(best=best, rungs=[(finder(), beside), (best, own)], of={"address": own})
        assert ("story.sure_rash" in story._sure(Keys(), found)) is (rash and said is not None)


def test_gains_are_told_of_what_was_found_and_never_of_what_is_expected():
    hits = {"household": row("reidentified", 0.5, gain="household"),
            "opinion": row("reidentified", 0.2, gain="opinion")}  # fmt: skip
    gains = ("household", "person", "opinion")
    told = story._gains(Keys(), Found(best=finder(), of=hits), gains)
    assert told == ["story.reidentified_household story.reidentified_opinion"]
    assert story._gains(Keys(), Found(best=finder()), gains) == []
    assert story._gains(Keys(), Found(best=finder(True), of=hits), gains) == []
    assert story._gains(Keys(), Found(of=hits), gains) == []


def test_a_chain_is_told_with_a_right_and_a_wrong_label():
    right = "chain", row("so_far", part={"step": "location"})
    wrong = "chain", row("wrong_label", part={"what": "at_home"})
    assert story._chain(Keys(), Found(right, wrong)) == ["story.chain_text"]
    assert story._chain(Keys(), Found(right)) == story._chain(Keys(), Found(wrong)) == []


def test_who_sees_it_is_told_where_it_was_counted():
    people = "tiers", row("people", 9, unit="people")
    copies = "tiers", row("copies_possible", 3, unit="people")
    assert story._access(Keys(), Found()) == []
    assert story._access(Keys(), Found(people)) == ["story.access_text"]
    both = ["story.access_text", "story.access_copies"]
    assert story._access(Keys(), Found(people, copies)) == both


def opened(kind, case=None, inventories=(), measures=None, notes=(), rulings=()):
    return SimpleNamespace(
        kind=kind, case=case, inventories=inventories, measures=measures or {}, notes=notes,
        exposures=(), set_aside={}, rulings=rulings,
    )  # fmt: skip


ANY = {"unit": "share", "counts": "people"}


@pytest.mark.parametrize(
    ("study", "rows", "said"),
    [
        # A whole table is counted.
        (opened("table"), [("table", row("sample_uniques", low=0.5, high=0.5))], "sure_counted"),
        (opened("table"), [("table", row("sample_uniques", low=0.4, high=0.6))], None),
        (opened("table"), [], None), (opened("map"), [], None),
        (opened("dossier", case=object()), [], "sure_dossier"),
        (opened("link"), [("linked", row("dot_named", low=0.4, high=0.6))], "sure_between"),
        (opened("link"), [("linked", row("dot_named", low=0.5, high=0.5))], None),
        (opened("link"), [], None),
        # A map that names somebody by itself tells of itself, whatever the table adds.
        (opened("link"), [("linked", row("dot_tells", 0.5, baseline=0.5,
                                         part={"what": "identity"}))], "sure_on_map"),
        (opened("link"), [("linked", row("dot_tells", 0.5, baseline=0.4,
                                         part={"what": "identity"}))], None),
        (opened("link"), [("linked", row("dot_tells", 0.0, baseline=0.0,
                                         part={"what": "identity"}))], None),
        (opened("link"), [("linked_people", row("match_precision"))], "sure_matches"),
        (opened("link"), [("linked_people", row("expected_matches", 9, unit="people"))],
         "sure_in_both"),
        # The number counts records where a person has several.
        (opened("link"), [("linked_people", row("expected_matches", 9, unit="people",
                                                notes=(Note("doubles_in_tables"),)))], None),
        (opened("log"), [("unicity", row("unicity", low=0.4, high=0.6, part={"points": 4}))],
         "sure_between"),
        (opened("log"), [], None),
    ],
)  # fmt: skip
def test_how_sure_the_headline_is(study, rows, said):
    assert story._how_sure(study, Keys(), Found(*rows)) == (f"story.{said}" if said else "")


def test_of_several_files_the_gravest_is_said_to_be_searched():
    one, two = SimpleNamespace(name="a.csv"), SimpleNamespace(name="b.csv")
    of_a, of_b = (("inspect", row("searched", part={"file": f})) for f in ("a.csv", "b.csv"))
    whole = ("inspect", row("searched"))
    for files, rows, said in (
        ((one,), [whole], True), ((one, two), [of_b, of_a], True), ((one, two), [of_b], False),
        ((two, one), [of_a], False), ((one,), [], False),
    ):  # fmt: skip
        told = story._how_sure(opened("inspect", inventories=files), Keys(), Found(*rows))
        assert told == ("story.sure_inspect" if said else "")
    # Of another kind of study an inventory is no headline.
    assert story._how_sure(opened("map", inventories=(one,)), Keys(), Found(whole)) == ""


@pytest.mark.parametrize(
    ("kind", "doubt", "remedies", "case", "said"),
    [
        ("demo", False, [1], None, []), ("map", True, [1], None, ["do_doubt"]),
        ("map", False, [1, 2], None, ["first. 1"]), ("table", True, [1], None, ["first. 1"]),
        ("map", False, [], None, ["do_map"]), ("table", False, [], None, ["do_table"]),
        ("rules", False, [], None, []), ("table", False, [1], object(), ["do_table"]),
    ],
)  # fmt: skip
def test_what_to_do_first(monkeypatch, kind, doubt, remedies, case, said):
    monkeypatch.setattr(story, "doubts_of", lambda words, results: [1] * doubt)
    monkeypatch.setattr(story, "_how_sure", lambda *_: "")
    monkeypatch.setattr(
        story, "sentences_of", lambda words, some: [("first", str(len(some)))] * len(some)
    )
    told = story.first_lines(opened(kind, case=case), Keys(), Found(), remedies)
    texts = [text.removeprefix("story.") for _, text in told]
    assert texts == said
    assert all(head == "story.first_do" for head, _ in told)


SMALL_GROUPS = {
    "none": ("table", row("share_under", 0.0)), "some": ("table", row("share_under", 0.1)),
    "hidden": ("table", row("share_under", 0.0, low=0.0, high=0.2, worst_case=True)),
    "withheld": ("table", row("share_under", NAN)),
    "named": ("inventory", row("identified", 1.0)),
    "unnamed": ("inventory", row("identified", 0.0)),
    "learnt": ("table", row("distinct_l", 1.0, unit="values")),
}  # fmt: skip


@pytest.mark.parametrize(
    ("rows", "nobody"),
    [
        ("none", True), ("none unnamed", True), ("none some", False), ("hidden", False),
        ("withheld", False), ("none named", False), ("none learnt", False),
        ("", False),
    ],
)  # fmt: skip
def test_advice_on_a_table_of_which_nobody_is_in_a_small_group(rows, nobody):
    words, found = Words("en"), Found(*(SMALL_GROUPS[name] for name in rows.split()))
    said = f"story.do_table{'_none' * nobody}"
    assert story._advice(opened("table"), words, found) == words(said, smallest=11)


@pytest.mark.parametrize("share", [0.0, 0.1, None])
def test_advice_on_a_link_that_finds_nobody(share):
    rows = [] if share is None else [("linked_people", row("matched", share))]
    said = f"story.do_link{'_none' * (share == 0)}"
    assert story._advice(opened("link"), Words("en"), Found(*rows)) == Words("en")(said)


@pytest.mark.parametrize(
    ("verdicts", "said"),
    [
        (["breach", "concern", "not_assessable"], ["do_rules_breach", "do_rules"]),
        (["concern", "met"], ["do_rules_concern"]),
        (["not_assessable"], ["do_rules"]), (["met"], []),
    ],
)  # fmt: skip
def test_what_to_do_first_by_what_the_rules_show(verdicts, said):
    ruled = SimpleNamespace(of=lambda verdict: [verdict] * (verdict in verdicts))
    of = opened("rules", rulings=[ruled])
    assert story._advice(of, Keys(), Found()) == " ".join(f"story.{key}" for key in said)


def test_a_note_is_left_out_because_it_is_quoted_above_not_for_its_words(monkeypatch):
    monkeypatch.setattr(story, "_how_sure", lambda *_: "")
    above, other = (Note("members_unread", file=file, n=1) for file in ("a.zip", "b.zip"))
    of = opened("table", notes=(above, other))
    monkeypatch.setattr(story, "quoted_note", lambda words, note: f"note.{note.key}")  # alike
    texts = [text for _, text in story.first_lines(of, Keys(), Found(), [], [above])]
    assert texts == ["story.do_table", "note.members_unread"]


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("picture_colours_unread", True), ("points_of_paths", True),
        ("points_of_tracks_left", True), ("picture_marks", False), ("points_inside", False),
    ],
)  # fmt: skip
def test_what_a_map_leaves_unread_stands_on_the_first_page(monkeypatch, key, said):
    monkeypatch.setattr(story, "_how_sure", lambda *_: "")
    monkeypatch.setattr(story, "quoted_note", lambda words, note: f"note.{note.key}")
    of = opened("table", notes=(Note(key),))
    texts = [text for _, text in story.first_lines(of, Keys(), Found(), [])]
    assert texts == ["story.do_table", *[f"note.{key}"] * said]


@pytest.mark.parametrize(("reason", "said"), [("other_table", True), ("total_row", False)])
def test_rows_of_another_table_are_said_on_the_first_page_and_totals_are_not(reason, said):
    of = opened("inspect")
    of.set_aside = {Note("total_row"): 1, Note(reason): 20}
    texts = [text for _, text in story.first_lines(of, Words("en"), Found(), [])]
    assert any(text.startswith("Rows of another table") for text in texts) == said


@pytest.mark.parametrize(
    ("reason", "rows", "said"),
    [
        # A second table with one more column; one line in twenty, and more; footers and totals.
        ("line_with_more_fields", 20, True), ("line_with_more_fields", 1, False),
        ("line_with_more_fields", 2, True), ("total_row", 20, False),
    ],
)  # fmt: skip
def test_lines_that_may_be_records_are_said_on_the_first_page(monkeypatch, reason, rows, said):
    monkeypatch.setattr(story, "_how_sure", lambda *_: "")
    of = opened("inspect", inventories=[SimpleNamespace(n=19)])
    of.set_aside = {Note(reason): rows}
    texts = [text for _, text in story.first_lines(of, Words("en"), Found(), [])]
    assert any("could not be used" in text for text in texts) == said


def finding(measure, text, value=0.5, family="table", gain="", **more):
    one = row(measure, value, gain=gain, **more)
    return SimpleNamespace(row=one, family=family, sentence={"en": text}, reliable=True)


def quotes(kind, *findings):
    made = story._quotes(opened(kind), Keys(), findings)
    return None if made is None else [text for _, text in made.items]


def test_five_sentences_are_quoted_one_a_measure_and_the_one_that_adds_most():
    assert quotes("demo", finding("a", "x")) is None
    assert quotes("link") is None
    many = [finding(f"m{n}", f"t{n}", family="linked") for n in range(7)]
    assert quotes("link", *many) == ["t0", "t1", "t2", "t3", "t4"]
    one = [
        finding("a", text, value, "linked", baseline=0.1)
        for text, value in (("first", 0.5), ("equal", 0.5), ("more", 0.6), ("less", 0.2))
    ]
    assert quotes("link", *one[:2]) == ["first"]
    assert quotes("link", *one) == ["more"]
    # Of a map the last, which is the strongest; another gain is another sentence.
    of_map = [finding("reidentified", text, value, "map", gain)
              for text, value, gain in (("weak", 0.9, "address"), ("strong", 0.5, "address"),
                                        ("home", 0.4, "household"))]  # fmt: skip
    assert quotes("map", *of_map) == ["strong", "home"]
    # Of what is read each parameter, of a table the measures of its list in their order.
    read = [finding("reached", f"r{n}", family="reading", part={"points": n}) for n in (1, 2)]
    assert quotes("log", *read) == ["r1", "r2"]
    told = [finding("k_anonymity", "k", 3, unit="index"), finding("inference", "i"),
            finding("membership", "m"), finding("unlisted", "u")]  # fmt: skip
    assert quotes("table", *told) == ["m", "i", "k"]
    left = [finding("a", "x", family="properties"), finding("b", "", family="linked")]
    assert quotes("link", *left) is None


def ways(*rows, figure=None):
    made = story._ways(Keys(), Found(*rows), figure, [])
    return [] if made is None else [title.removeprefix("ways.") for title, _ in made.items]


def test_ways_out_are_those_that_were_measured():
    leak = "leak", row("any_leak", 0.63, part={"accounts": 100, "each": 0.01})
    other = "leak", row("any_leak", 0.63, part={"accounts": 99, "each": 0.01})
    shot = "screenshots", row("reidentified", part={"metres": 12})
    coarse = "screenshots", row("reidentified", part={"metres": 13})
    first, last, tenth = (
        ("copies", row("error", 40, unit="metres", part={"copies": n, "how": "fresh"}))
        for n in (1, 10, 9)
    )
    named = "look_up", row("names_answered", 3, unit="people")
    assert ways() == ways(other) == ways(coarse) == ways(first) == ways(first, tenth) == []
    assert ways(leak, coarse, shot, first, last, named) == [
        "accounts", "picture", "copies", "search"
    ]  # fmt: skip
    # The figure shows how many a picture and the search box find.
    assert ways(leak, shot, first, last, named, figure=object()) == ["accounts", "copies"]


def test_an_account_leaks_as_often_as_was_assumed():
    said = []

    class Values(Keys):
        def __call__(self, key, **values):
            said.append(values)
            return key

    for part, each in ((0.01, 1), (0.02, 2)):
        leak = row("any_leak", 0.634, part={"accounts": 100, "each": part})
        story._ways(Values(), Found(("leak", leak)), None, [])
        (told,) = [values for values in said if "each" in values]
        assert (told["n"], told["each"]) == (63, each)
        said.clear()


@pytest.mark.parametrize(("low", "over"), [(0.54, False), (0.55, True), (0.56, True)])
def test_ends_of_an_assumption_whose_intervals_touch_show_no_influence(monkeypatch, low, over):
    """The interval of the lower value ends where that of the higher one begins, or behind it."""
    part = {"view": "exact", "parameter": "emails"}
    ends = [row("reidentified", 0.5, 5, low=0.4, high=low, part=part | {"at": 1}),
            row("reidentified", 0.6, 5, low=0.55, high=0.7, part=part | {"at": 2})]  # fmt: skip
    chance = [row("by_chance", 0.1, 5, part=end.part) for end in ends]
    rows = [("sensitivity", one) for one in (*ends, *chance, row("inhabitants", 9, unit="people"))]
    monkeypatch.setattr(story, "moved_most", lambda some: [("emails", *some)])
    monkeypatch.setattr(story, "view_name", lambda words, view, key: view)
    made = story._assumed(Keys(), Found(*rows), [])
    ((_, text),) = made.items
    assert ("story.assumed_overlap" in text) is over
    assert (made.folded, made.texts) == (True, ["story.assumed_each"])
    assert story._assumed(Keys(), Found(*rows[:4]), []) is None
    monkeypatch.setattr(story, "moved_most", lambda some: [])
    assert story._assumed(Keys(), Found(*rows), []) is None


@pytest.mark.parametrize(
    ("kind", "figure", "folded"),
    [("demo", object(), True), ("demo", None, False), ("map", object(), False)],
)
def test_what_mends_it_is_folded_below_its_figure_in_a_demo(monkeypatch, kind, figure, folded):
    monkeypatch.setattr(story, "sentences_of", lambda words, some: [("a", "b")])
    made = story._mend(opened(kind), Keys(), [1], figure, "advice")
    assert (made.folded, made.link, made.figure) == (folded, "annex.html#mend", figure)
    # What the first screen says to do is not contradicted where nothing was computed.
    assert story._mend(opened(kind), Keys(), [], figure, "do").texts == ["do", "story.mend_none"]


def test_grave_properties_stand_before_harmless_ones():
    grave, name, harmless = (
        ("properties", row("shown", part={"what": what})) for what in ("origin", "email", "party")
    )

    def shown(*rows):
        made = story._shown(Keys(), Found(*rows), None, [])
        return [] if made is None else [head.removeprefix("Held.") for head, _ in made.items]

    assert shown(harmless, grave, name) == ["origin", "email"]
    assert shown(harmless) == ["party"]
    assert shown() == []


def test_sections_of_a_kind_are_of_that_kind_alone():
    def ids(kind, drawings=(), case=None):
        found = Found(study=SimpleNamespace(exposures=(), measures={}))
        made = story.sections_of(
            opened(kind, case), Keys(), found, dict.fromkeys(drawings, object()), [], []
        )
        return [one.id for one in made]

    assert ids("map") == ["mend"]
    # A figure alone fills a section.
    assert ids("log", ["unicity", "classes"]) == ["unicity", "mend"]
    assert ids("table", ["unicity", "classes"]) == ["classes", "mend"]
    assert ids("demo", ["chain", "gains"]) == ["chain", "mend"]
    assert ids("demo", ["gains"]) == ["gains", "mend"]
    assert ids("log", ["unicity"], case=object()) == ["mend"]


@pytest.mark.parametrize("lang", ["en", "fr"])
@pytest.mark.parametrize("notes", [(), (Note("doubles_in_tables"),)])
def test_people_of_several_records_are_given_as_a_range_alone(lang, notes):
    """174 records had a match where 120 people were in both: the page said 174 people."""
    of = {"part": {"table": "a", "other": "b"}}
    expected = row(
        "expected_matches", 174.0, unit="people", low=111.6, high=194.4, notes=notes, **of
    )
    rows = [
        expected, row("matched", 0.4, n=437, **of),
        row("match_precision", 0.99, low=0.97, high=1.0),
        row("match_recall", 0.96, low=0.6, high=1.0),
    ]  # fmt: skip
    answer = people_answer(Words(lang), Found(*(("linked_people", one) for one in rows)))
    lead, sentence = answer[1][0], row_sentence(Words(lang), "linked_people", expected)
    for text in (lead, sentence):
        assert ("174" in text) is not bool(notes)
    # One range is rounded in one way, whole people outwards, as the number between is.
    for end in ("111", "195"):
        assert end in lead
        assert end in sentence


@pytest.mark.parametrize("lang", ["en", "fr"])
@pytest.mark.parametrize(
    ("low", "value", "high", "whole"),
    [(85.4, 91.3, 97.5, [85, 91, 98]), (0.1, 2.3, 5.1, [0, 2, 6])],
)
def test_people_in_both_are_whole_in_every_sentence(lang, low, value, high, whole):
    part = {"table": "a", "other": "b"}
    one = row("expected_matches", value, unit="records", low=low, high=high, part=part)
    texts = [
        row_sentence(Words(lang), "linked_people", one),
        story._how_sure(opened("link"), Words(lang), Found(("linked_people", one))),
    ]
    for text in texts:
        shown = re.findall(r"\d+(?:[.,]\d+)?", text)
        # Beside the level of the interval.
        assert sorted({*map(int, shown)} - {95}) == whole
