"""Sentences of a family, names, steps and chapters: what they say, and when they do not."""

import math
import re

import numpy as np
import pandas as pd
import pytest

from privaudit.exposure.results import CALIBRATION_COLUMNS, GAINS, MEASURE_COLUMNS, Exposure
from privaudit.exposure.results import Measures as Result
from privaudit.exposure.summary import summarise
from privaudit.reporting.chapters import CHAPTERS, FAMILIES
from privaudit.reporting.families import chapters_of, sections_of
from privaudit.reporting.findings import findings_of
from privaudit.reporting.names import attack_name, measure_name, part_name, rung_name, view_name
from privaudit.reporting.steps import steps_of
from privaudit.reporting.study import Study
from privaudit.reporting.tells import tell
from privaudit.reporting.words import Words, catalogue

NAN = float("nan")


def plain(text):
    return text.replace("\u00a0", " ").replace("\u202f", " ").replace("’", "'")


def row(name, value, low=None, high=None, baseline=NAN, n=190, unit="share of people"):
    ends = (value if low is None else low, value if high is None else high)
    return (name, value, *ends, baseline, n, unit, "")


def measures(*rows, **changes):
    overall = pd.DataFrame(list(rows), columns=["measure", *MEASURE_COLUMNS]).set_index("measure")
    return Result(overall=overall, per_record=pd.DataFrame(), **changes)


def study(*exposures, **changes):
    given = {"kind": "demo", "title": "t", "provenance": "simulated", "real_places": False}
    return Study(**{**given, **changes}, exposures=exposures)


def told(family, result, lang="en", **changes):
    """What the section of a family says above its table."""
    given = study(measures={family: result}, **changes)
    (section,) = sections_of(given, Words(lang), findings_of(given))
    return [plain(text) for text in section.told]


SUSPECTS = ("suspects", 0.079, 0.059, 0.104, 0.0033, 19_810, "share of people", "")


def test_a_family_says_its_number_its_interval_and_what_it_is_compared_with():
    (english,) = told("neighbours", measures(SUSPECTS))
    assert english == (
        "In this simulation, 7.9 % of the people without a dot live at the door where a dot of "
        "somebody else is looked for first (95 % interval 5.9 % to 10.4 %, n = 19,810); guessing "
        "without the map, it would be 0.33 %."
    )
    (french,) = told("neighbours", measures(SUSPECTS), "fr")
    assert "7,9 % des personnes sans point" in french
    assert "ce serait 0,33 %" in french


@pytest.mark.parametrize(
    "missing",
    [
        (*SUSPECTS[:5], 10, *SUSPECTS[6:]),  # fewer than 11 people
        (SUSPECTS[0], NAN, *SUSPECTS[2:]),
        (*SUSPECTS[:4], NAN, *SUSPECTS[5:]),  # nothing to compare with
    ],
)
def test_a_sentence_without_one_of_its_numbers_is_not_said(missing):
    assert told("neighbours", measures(missing)) == []
    assert told("neighbours", measures(SUSPECTS, reliable=False, notes=("Weak.",))) == []


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [(1.05, 1.48, "more than chance explains"), (0.92, 1.48, "chance may explain it")],
)
def test_a_belief_that_the_dots_deny_and_one_that_they_do_not(low, high, verdict):
    rows = [
        row("no_candidate", 0.06, 0.035, 0.102, 0.0),
        row("likelier_elsewhere", 1.25, low, high, 1.0, unit="times"),
    ]
    audited = {"provenance": "audited file", "kind": "map", "real_places": True}
    first, second = told("belief", measures(*rows, provenance="audited file"), **audited)
    assert first.startswith("In the audited file, 6.0 % of the people have a dot")
    assert second.endswith(f"({low} to {high}; 1 if the belief is as good as any): {verdict}.")


def test_every_sentence_of_a_family_asks_for_measures_that_can_be_had():
    """A field of a template begins with a measure that has a name, in its family or at large."""
    names = {key.removeprefix("measure.") for key in catalogue("en") if key.startswith("measure.")}
    for lang in ("en", "fr"):
        for key, text in catalogue(lang).items():
            if not key.startswith("tells."):
                continue
            (family,) = [f for f in FAMILIES if re.fullmatch(rf"tells\.{f}(_audited)?(_\d)?", key)]
            known = names | {n.removeprefix(f"{family}_") for n in names if n.startswith(family)}
            patterns = [rf"{re.sub('_n$', r'_[0-9]+', name)}(_\w+)?" for name in known]
            for field in set(re.findall(r"\{(\w+)", text)) - {"lead"}:
                assert any(re.fullmatch(pattern, field) for pattern in patterns), (key, field)


def test_a_template_of_another_family_tells_nothing():
    assert tell(Words("en"), "simulated", "weather", {}) == []


def test_rows_stand_under_the_part_that_they_are_told_for():
    rows = [row("found@3 m a pixel", 0.9, 0.85, 0.93, 0.96), row("dots_read@3 m a pixel", 0.95),
            row("found@25 m a pixel", 0.4, 0.3, 0.5, 0.96)]  # fmt: skip
    given = study(measures={"screenshots": measures(*rows)})
    (section,) = sections_of(given, Words("en"), findings_of(given))
    assert section.shown == []
    assert [plain(block.title) for block in section.more] == ["3 m a pixel", "25 m a pixel"]
    assert [line.label for line in section.more[0].rows] == [
        "Homes found from the picture",
        "Dots of the map that were read",
    ]
    assert "3 m a pixel" in plain(section.plain[0])


def test_a_measure_has_the_name_of_its_family():
    words = Words("en")
    assert measure_name(words, "found", "screenshots") == "homes found from the picture"
    assert measure_name(words, "found", "belief") == "homes that it has found"
    assert measure_name(words, "error_10@persistent", "copies") == (
        "metres from the mean of 10 copies to the door: a move that is kept"
    )
    assert measure_name(words, "error_1", "copies") == "metres from one copy to the door"


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_every_mask_of_the_command_line_has_a_name(lang):
    from privaudit.release.masks.parse import MASK_WORDS

    words = Words(lang)
    for word in MASK_WORDS:
        name = view_name(words, word)
        assert name != words("view.other", name=word), word
        assert part_name(words, word) != word
    assert "(" not in view_name(words, "unknown", believed=True)
    assert view_name(words, "donut:50:200", believed=True) != view_name(words, "donut:50:200")


def test_every_rung_has_a_name_with_and_without_copies():
    from privaudit.attacks.adversary import Adversary
    from privaudit.attacks.ladder import rungs
    from privaudit.release.masks import Donut

    people, results = pd.DataFrame({"address": [0]}), pd.DataFrame({"station": ["S"], "right": 1.0})
    known = rungs(Donut(low=1, high=2), results=results, register=people, residents=people)
    for lang in ("en", "fr"):
        words = Words(lang)
        for rung in (*known, Adversary.unknown_mask()):
            assert words.has("rung." + rung.name.replace(" ", "_"))
            assert "“" not in attack_name(words, rung.name)
            several = rung_name(words, f"{rung.name}, 3 versions")
            assert several.startswith(rung_name(words, rung.name))
            assert "3 copies" in plain(several)


def exposure(attack, found, view="donut:50:200", n=200, **changes):
    """The first `found` of n people, by each gain."""
    people = pd.DataFrame({gain: np.repeat([1.0, 0.0], [found, n - found]) for gain in GAINS})
    for gain in GAINS:
        people[f"baseline_{gain}"] = people[f"control_{gain}"] = 0.001
        people[f"confidence_{gain}"] = 0.5
    return Exposure(
        attack=attack, per_person=people, overall=summarise(people, np.arange(n)),
        calibration=pd.DataFrame(columns=list(CALIBRATION_COLUMNS)), recipe={"view": view},
        **changes,
    )  # fmt: skip


def test_each_step_is_a_finding_with_its_interval():
    given = study(
        exposure("nearest address", 2), exposure("knows the mask", 12),
        exposure("knows the electors", 11), exposure("nearest address", 190, "exact"),
    )  # fmt: skip
    found = {f.id: f for f in findings_of(given) if f.id.startswith("step.")}
    assert list(found) == [
        "step.donut_50_200.knows_the_mask.address",
        "step.donut_50_200.knows_the_electors.address",
    ]
    first, second = found.values()
    assert (first.value, first.n, first.baseline, first.reliable) == (0.05, 200, 0.0, True)
    # 10 of 200 differ: (10 +- 1.96 sqrt(11 - 100 / 202)) / 202, by Agresti and Min.
    half = 1.959964 * math.sqrt(11 - 100 / 202) / 202
    assert (first.low, first.high) == pytest.approx((10 / 202 - half, 10 / 202 + half), abs=1e-5)
    assert "5.0 % of the people more than the rung before" in plain(first.sentence["en"])
    assert plain(first.sentence["en"]).endswith("more than chance explains.")
    assert second.value == pytest.approx(-0.005)
    assert "0,50 % des personnes de moins" in plain(second.sentence["fr"])
    assert plain(second.sentence["fr"]).endswith("le hasard peut suffire à l'expliquer.")


def test_a_step_on_doubtful_ground_is_in_doubt_and_other_people_are_none():
    doubtful = exposure("knows the mask", 12, reliable=False)
    others = exposure("knows the electors", 12, n=180)
    given = study(exposure("nearest address", 2), doubtful, others)
    assert [step.after.attack for step in steps_of(given)["donut:50:200"]] == ["knows the mask"]
    (finding,) = [f for f in findings_of(given) if f.id.startswith("step.")]
    assert not finding.reliable


def test_chapters_come_in_the_order_of_a_readers_questions():
    result = measures(row("suspects", 0.1, 0.05, 0.2, 0.01))
    given = study(measures={"copies": result, "neighbours": result, "harms": result,
                            "household": result, "weather": result})  # fmt: skip
    words = Words("en")
    sections = sections_of(given, words, findings_of(given))
    chapters = chapters_of(words, sections, opened=["found"])
    assert [c.id for c in chapters] == [
        "chapter-found", "chapter-learnt", "chapter-beside", "chapter-ways", "chapter-further",
    ]  # fmt: skip
    assert [s.id for s in chapters[2].sections] == ["household", "neighbours"]
    # One section alone gives its title to the chapter; two stand under the chapter's own.
    assert chapters[1].title == words("family.harms")
    assert chapters[2].title == words("chapter.beside")
    assert {family.chapter for family in FAMILIES.values()} <= set(CHAPTERS)
