"""Numbers of a row as a sentence takes them, and which sentence is chosen, at each limit."""

import math
from dataclasses import dataclass
from types import SimpleNamespace

import pytest

from privaudit.report import sentences
from privaudit.results.rows import Row
from privaudit.words.catalogues import Note, Words

NAN = math.nan


class Keys:
    """Words whose sentences are their keys, and which have those that are named."""

    lang = "en"

    def __init__(self, *known, takes=()):
        self._known, self._takes = known, takes

    def __call__(self, key, **values):
        return key

    def has(self, key):
        return key in self._known

    def placeholders(self, key):
        return {*self._takes}

    def interval(self, low, high, unit, worst_case=False):
        return ""

    def name(self, of, key):
        return str(key)


def row(measure="m", value=0.5, n=100, unit="share", **more):
    about = {
        "low": value, "high": value, "control": NAN, "baseline": NAN, "residual": NAN,
        "residual_low": NAN, "residual_high": NAN, "confidence_low": NAN, "counts": "people",
        "of": "people", "bound": "", "withheld": False, "reliable": True, "notes": (), "part": {},
        "finding": "", "gain": "", "of_gain": "", "beyond_chance": None,
    }  # fmt: skip
    made = dict.fromkeys(sentences.NUMBERS, NAN) | about | more
    return SimpleNamespace(
        worst_case=False, **{**made, "measure": measure, "value": value, "n": n, "unit": unit}
    )


@pytest.mark.parametrize(
    ("share", "n", "people"),
    [(0.5, 1, 1), (0.49, 1, 0), (0.045, 100, 5), (0.044, 100, 4), (-0.1, 100, 0), (0.0, 100, 0)],
)
def test_a_share_is_the_nearest_number_of_people_halves_up(share, n, people):
    assert sentences.whole(share, n) == people
    assert sentences.people_of(row(value=share, n=n)) == people


@pytest.mark.parametrize(
    ("name", "number", "times", "whole"),
    [
        # Ends of an interval outward; what a product of floats adds is no person.
        ("low", 0.039, 100, 3), ("high", 0.031, 100, 4), ("low", 0.03, 100, 3),
        ("high", 0.03, 100, 3), ("high", 0.07, 100, 7), ("low", 0.29, 100, 29),
        ("value", 0.295, 100, 30), ("value", 0.294, 100, 29), ("low", -0.5, 100, 0),
    ],
)  # fmt: skip
def test_a_number_times_a_factor_is_whole(name, number, times, whole):
    found = sentences.times(row(**{name: number}), name, times)
    assert (float(found), found.field, found.times) == (whole, name, times)
    assert math.isnan(sentences.times(row(value=NAN), "value", 100))


@pytest.mark.parametrize(
    ("value", "control", "net", "hits"),
    [(0.5, 0.2, 0.3, 30), (0.2, 0.5, 0.0, 0), (0.5, NAN, 0.5, 50), (0.5, 0.5, 0.0, 0)],
)
def test_what_absent_people_have_is_taken_off_down_to_nothing(value, control, net, hits):
    one = row(value=value, control=control)
    assert sentences.net(one) == pytest.approx(net)
    assert sentences.net_hits(one) == hits
    assert sentences.by_chance(one) == (0 if math.isnan(control) else 100 * control)
    told = sentences.counts_of(one)
    assert (told["n"], told["of"]) == (100 * value, 100)


@pytest.mark.parametrize(
    ("control", "residual", "has"),
    [(5e-5, 0.1, True), (4.9e-5, 0.1, False), (0.1, NAN, False), (0.0, 0.1, False)],
)
def test_a_control_is_above_what_is_printed_as_nought(control, residual, has):
    assert sentences.has_control(row(control=control, residual=residual)) is has


@pytest.mark.parametrize(
    ("unit", "hits"), [("share", 50), ("probability", 50), ("difference", 50), ("people", NAN)]
)
def test_hits_are_those_of_shares(unit, hits):
    found = sentences.hits_of(row(unit=unit))
    assert math.isnan(found) if math.isnan(hits) else found == hits


@pytest.mark.parametrize(
    ("measure", "by", "same", "of", "shared"),
    [
        ("found_in", "email", 4, 10, True), ("found_in", "phone", 4, 10, True),
        ("found_in", "email", 5, 10, False), ("found_in", "name", 0, 10, False),
        ("dot_named", "email", 0, 10, False),
    ],
)  # fmt: skip
def test_a_contact_is_shared_where_most_names_differ(measure, by, same, of, shared):
    note = SimpleNamespace(key="names_agree", values={"same": same, "of": of})
    other = SimpleNamespace(key="births_agree", values={"same": 0, "of": 9})
    assert sentences.under_other_names(row(measure, part={"by": by}, notes=(note,))) is shared
    assert not sentences.under_other_names(row(measure, part={"by": by}, notes=(other,)))


KEY = "sentence.f__m"


@pytest.mark.parametrize(
    ("one", "known", "said"),
    [
        (row(low=0.4), [KEY], KEY), (row(), [], ""), (row(withheld=True), [KEY], ""),
        # Nothing can vary where the baseline is the value, nought or all.
        (row(value=1, baseline=1, low=0.5), [KEY], ""), (row(value=0, baseline=0, low=-1), [KEY],
         ""), (row(value=0.5, baseline=0.5, low=0.4), [KEY], KEY),
        (row(low=0.4, control=0.1, residual=0.4), [KEY, f"{KEY}_beside"],
         f"{KEY}_beside found.control"),
        (row(low=0.4), [KEY, f"{KEY}_beside"], KEY),
        (row(low=0.4, bound="lower"), [KEY, f"{KEY}_least"], f"{KEY}_least"),
        (row(low=0.4, bound="upper"), [KEY, f"{KEY}_least"], KEY),
        (row(), [KEY, f"{KEY}_counted"], f"{KEY}_counted"),
        (row(low=0.4), [KEY, f"{KEY}_counted"], KEY),
        (row(low=0.4, control=0.1, residual=0.4), [KEY], f"{KEY} found.control"),
        (row(low=0.4, beyond_chance=False), [KEY], f"{KEY} found.within_chance"),
        (row(low=0.4, beyond_chance=True), [KEY], KEY),
        (row(low=0.4, reliable=False), [KEY], f"{KEY} found.unreliable"),
    ],
)  # fmt: skip
def test_the_sentence_of_a_row(one, known, said):
    found = sentences.row_sentence(Keys(*known), "f", one)
    assert found.lower().replace("  ", " ") == said.lower()


def test_a_sentence_that_lacks_a_number_is_none():
    assert sentences.row_sentence(Keys(KEY, takes=["control"]), "f", row(low=0.4)) == ""
    assert sentences.row_sentence(Keys(KEY, takes=["value"]), "f", row(low=0.4)) != ""
    assert sentences.row_sentence(Keys(KEY, takes=["absent"]), "f", row(low=0.4)) == ""


@pytest.mark.parametrize(
    ("low", "high", "takes", "said"),
    [
        (0.4, 0.6, ["hits"], True), (0.5, 0.5, ["hits"], False), (NAN, NAN, ["hits"], False),
        # Of a share of people in whole people; else the numbers themselves.
        (0.401, 0.409, ["hits"], True), (3, 4, [], True), (0.4, 0.6, [], True),
    ],
)  # fmt: skip
def test_the_range_of_a_table_is_said_where_it_has_two_ends(low, high, takes, said):
    words = Keys(KEY, takes=takes)
    assert bool(sentences._range(words, KEY, row(low=low, high=high))) is said


@pytest.mark.parametrize(
    ("value", "low", "high", "reliable", "said"),
    [
        (0.1, 0.05, 0.15, True, "step.more_observed"),
        (-0.1, -0.2, -0.05, True, "step.less_observed"), (0.001, 0, 0.1, True, ""),
        (NAN, NAN, NAN, True, ""),
        (0.1, 0.05, 0.15, False, "step.more_observed found.unreliable"),
    ],
)  # fmt: skip
def test_a_step_is_more_or_less_and_none_under_half_a_person(monkeypatch, value, low, high,
                                                            reliable, said):  # fmt: skip
    for name in ("attack_name", "rung_name"):
        monkeypatch.setattr(sentences, name, lambda words, attack, copies: attack)
    before, after = (SimpleNamespace(attack=a, copies=1, expected=False) for a in "ab")
    one = row(value=value, low=low, high=high, reliable=reliable, unit="difference")
    found = sentences.step_sentence(Keys(), before, after, one, "map")
    assert found.lower() == said


@pytest.mark.parametrize(
    ("about", "said"),
    [
        ({}, "found.observed"), ({"expected": True}, "found.expected"),
        ({"withheld": True}, ""), ({"value": NAN}, ""),
        ({"value": NAN, "low": 0.1, "high": 0.2}, "found.between_expected"),
        # Absent people as often: said beside it, as nothing more, or as less than one person.
        ({"control": 0.2, "residual": 0.3, "residual_low": 0.1}, "found.beside_observed"),
        ({"control": 0.2, "residual": 0.3, "residual_low": 0.0},
         "found.beside_observed found.within_chance"),
        ({"control": 0.5, "residual": 0.0}, "found.nil_observed"),
        ({"control": 0.004, "residual": 0.4}, "found.observed found.chance_under_one"),
        ({"control": 0.005, "residual": 0.4, "residual_low": 0.1}, "found.beside_observed"),
        ({"baseline": 0.1}, "found.observed found.baseline"),
        ({"confidence_low": 0.1}, "found.observed found.claimed_between"),
    ],
)  # fmt: skip
def test_an_attack_is_told_beside_what_chance_gives(monkeypatch, about, said):
    monkeypatch.setattr(sentences, "attack_name", lambda *_: "who")
    monkeypatch.setattr(sentences, "view_name", lambda *_, **__: "map")
    exposure = SimpleNamespace(attack="a", copies=1, expected=about.pop("expected", False))
    found = sentences.exposure_sentence(Keys(), exposure, row(**about), "map")
    assert found.lower() == said


@dataclass(frozen=True)
class Ranged:
    value: float = NAN
    high: float = 10
    notes: tuple = (SimpleNamespace(key="range_for_few"),)
    finding: str = "f"


def test_a_small_number_is_the_upper_end_of_its_range_at_most():
    shown = sentences.at_most(Ranged())
    assert shown.value == 10
    assert sentences.is_at_most(shown)
    assert not sentences.is_at_most(Ranged())
    for other in (Ranged(notes=()), Ranged(value=3), Ranged(high=NAN)):
        assert sentences.at_most(other) is other


@pytest.mark.parametrize(
    ("first", "second", "rungs"), [(5, 5, 2), (5, 4, 1), (None, 5, 1), (None, None, 0)]
)
def test_rungs_of_other_people_are_left_out(first, second, rungs):
    def exposure(n):
        address = row(value=NAN if n is None else 0.5, gain="address")
        return SimpleNamespace(
            view="map", rows=[row(gain="household"), address], per_person=range(n or 0)
        )

    study = SimpleNamespace(exposures=[exposure(first), exposure(second)])
    assert sum(map(len, sentences.climbs_of(study).values())) == rungs


@pytest.mark.parametrize(
    ("lang", "threshold", "said"),
    [
        ("en", 2, "30 of 50 records are alone on the key variables."),
        ("en", 5, "30 of 50 records are in a class of fewer than 5."),
        ("fr", 2, "30 des 50 fiches sont seules avec leurs variables clés."),
        ("fr", 5, "30 des 50 fiches sont dans un groupe de moins de 5."),
    ],
)
def test_a_class_of_fewer_than_two_is_said_to_be_alone(lang, threshold, said):
    row = Row(measure="share_under", value=0.6, n=50, unit="share", counts="records",
              part={"threshold": threshold})  # fmt: skip
    assert sentences.row_sentence(Words(lang), "table", row).replace("\u00a0", " ") == said


@pytest.mark.parametrize(
    ("name", "share", "people"),
    [
        # Of one person each: a millionth is what a product of floats adds, more is a part of one.
        ("low", 2.999_999_6, 3), ("low", 2.999_996, 2), ("low", 3.000_004, 3),
        ("high", 3.000_000_4, 3), ("high", 3.000_004, 4), ("high", 2.999_996, 3),
        ("value", 2.5, 3), ("value", 2.49, 2), ("low", -0.1, 0),
    ],
)  # fmt: skip
def test_ends_of_an_interval_are_whole_people_outward(name, share, people):
    one = SimpleNamespace(**{name: share}, finding="f")
    assert sentences.times(one, name, 1) == people


@pytest.mark.parametrize(
    ("lang", "low", "said"),
    [
        ("en", 0, "0 to 767 of 767 records are alone on the key variables, depending on what the "
                  "blanks hide (767 expected): anyone who knows these finds the record."),
        ("fr", 0, "De 0 à 767 des 767 fiches sont seules avec leurs variables clés, selon ce que "
                  "cachent les cases vides (767 attendues) : qui les connaît trouve la fiche."),
        # Counted: nothing is left open.
        ("en", 767, "767 of 767 records are alone on the key variables, by which anyone who knows "
                    "them finds the record."),
    ],
)  # fmt: skip
def test_an_expectation_over_blanks_is_no_count(lang, low, said):
    one = Row(measure="sample_uniques", value=767.0, low=low, high=767.0, unit="records", n=767,
              counts="records")  # fmt: skip
    text = sentences.row_sentence(Words(lang), "table", one)
    assert text.replace("\u00a0", " ").replace("\u202f", " ") == said


def test_a_range_without_an_end_is_written_as_it_is():
    one = row(measure="reidentified", value=0.5, low=0.4, high=math.inf, unit="ratio")
    assert sentences._values(Words("en"), one)["high"] == math.inf


def test_a_range_of_the_guard_is_not_what_blanks_hide():
    few = Row(measure="sample_uniques", value=math.nan, low=0.0, high=10.0, unit="records", n=300,
              counts="records", notes=(Note("range_for_few", smallest=11),),
              finding="table.sample_uniques")  # fmt: skip
    text = sentences.row_sentence(Words("en"), "table", sentences.at_most(few))
    assert text.startswith("10 of 300")
    assert "blanks" not in text


@pytest.mark.parametrize(
    ("sizes", "people"), [((), 0), ((10,), 0), ((11,), 11), ((10, 11), 11), ((30, 12, 5), 30)]
)
def test_the_most_that_any_number_counts_is_eleven_or_none(sizes, people):
    rows = [Row(measure="m", value=1.0, unit="people", n=n, counts="people") for n in sizes]
    measures = {
        "table": SimpleNamespace(
            rows=[*rows, Row(measure="m", value=1.0, unit="values", n=99, counts="values")]
        )
    }
    for study in (
        SimpleNamespace(exposures=(), measures=measures),
        SimpleNamespace(exposures=[SimpleNamespace(rows=rows)], measures={}),
    ):
        assert sentences.ResultLookup(study).people == people
