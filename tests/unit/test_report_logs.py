"""A report of a log speaks of a log, in the reader's language, down to the last measure."""

import html
import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from privaudit.exposure.results import Measures
from privaudit.exposure.tables.attacks import inference, linkability
from privaudit.exposure.tables.contributions import key_contributions
from privaudit.exposure.tables.rows import Rows
from privaudit.exposure.tables.singling_out import singling_out
from privaudit.exposure.traces.curve import unicity_curve
from privaudit.exposure.traces.matching import scoreboard
from privaudit.exposure.traces.neighbourhoods import neighbourhood_risk
from privaudit.exposure.traces.periods import match_periods
from privaudit.exposure.traces.uniqueness import known_points_risk, unicity
from privaudit.release.traces import read_traces
from privaudit.reporting.families import sections_of
from privaudit.reporting.findings import findings_of
from privaudit.reporting.log_charts import unicity_chart
from privaudit.reporting.names import measure_key, measure_name
from privaudit.reporting.page import quotes_of
from privaudit.reporting.sentences import measure_sentence
from privaudit.reporting.study import Study
from privaudit.reporting.views import subject_of
from privaudit.reporting.words import Words
from privaudit.reporting.write import report
from privaudit.roles import Roles

RNG = np.random.default_rng(5)
N = 900
LOG = pd.DataFrame({"who": RNG.integers(0, 60, N), "page": RNG.integers(0, 25, N)})
LOG["at"] = pd.Timestamp("2016-01-01") + pd.to_timedelta(np.arange(N), unit="h")
LIKES = read_traces(LOG, person="who", item="page", time="at", name="likes.csv")
PEOPLE = pd.DataFrame(
    {"age": RNG.integers(18, 70, 200), "sex": RNG.integers(0, 2, 200), "town": list("abcd") * 50}
)
LOGS = {
    "unicity": lambda: unicity(LIKES, points=[1, 4, 8]),
    "unicity_curve": lambda: unicity_curve(LIKES, points=[1, 2], hours=[None, 168, 6]),
    "known_points_risk": lambda: known_points_risk(LIKES),
    "neighbourhood_risk": lambda: neighbourhood_risk(LIKES),
    "match_periods": lambda: match_periods(LIKES),
    "scoreboard": lambda: scoreboard(LIKES),
}
HALVES = PEOPLE[:100], PEOPLE[:100], PEOPLE[100:]
ATTACKS = {
    "inference": lambda: inference(*HALVES, known=["age", "sex"], secret="town"),
    "linkability": lambda: linkability(*HALVES, left=["age"], right=["town"]),
    "singling_out": lambda: singling_out(*HALVES, attributes=2, attacks=40),
}


def text_of(result, folder, lang):
    page = report(result, folder / "r", lang=lang).read_text(encoding="utf-8")
    page = re.sub(r"<style>.*?</style>|<pre.*?</pre>", "", page, flags=re.DOTALL)
    text = html.unescape(re.sub(r"<[^>]+>", "\n", page))
    return text.replace("\u00a0", " ").replace("\u202f", " ").replace("’", "'")


@pytest.mark.parametrize("name", [*LOGS, *ATTACKS])
def test_no_measure_or_note_keeps_the_name_that_the_library_gave_it(name, tmp_path):
    result = {**LOGS, **ATTACKS}[name]()
    family = "log" if name in LOGS else "table"
    words = Words("fr")
    assert [m for m in result.overall.index if not measure_key(words, m, family)] == []
    french = text_of(result, tmp_path, "fr")
    assert not re.search(
        r"\b(of|the|people|known|alone|control|residual)\b", french.split("Pour reco")[0]
    )
    english = text_of(result, tmp_path, "en")
    heading = "A log, put to the test" if name in LOGS else "A table of profiles, put to the test"
    assert heading in english
    assert ("Un journal d'activité, mis à l'épreuve" in french) == (name in LOGS)
    assert ("likes.csv" in french) == (name in LOGS)


def test_a_number_of_points_and_a_resolution_go_into_the_name():
    words = Words("fr")
    name = measure_name(words, "unicity_4_control[page, 6 hours]", "log")
    assert name.replace("’", "'").replace("\u00a0", " ") == (
        "absents du journal, pour qui 4 points connus isolent quelqu'un d'autre "
        "(page, connu à 6 heures près)"
    )
    assert "(mon champ)" in measure_name(words, "unicity_4[mon champ]", "log")
    one = measure_name(words, "unicity_1[item, week]", "log")
    assert "un seul point" in one
    assert one.endswith("(objet, semaine connue)")


@pytest.mark.parametrize(
    ("title", "measure", "french"),
    [
        ("unicity of calls", "unicity", "Combien de points connus isolent quelqu'un : calls"),
        ("measures of the data frame", "", "Mesures d'un tableau"),
        ("inference", "inference", "Inférence : un secret deviné"),
        ("heat map", "heat", "Carte de chaleur"),
        ("my measures of it", "", "my measures of it"),
    ],
)
def test_the_subject_is_in_the_language_of_the_page(title, measure, french):
    result = replace(table_of(("a", 0.2, 0.1, 0.3)), title=title, recipe={"measure": measure})
    subject = subject_of(Study.of(result), Words("fr"))
    assert subject.replace("\u00a0", " ").replace("’", "'") == french


@pytest.mark.parametrize(("hours", "shown", "more"), [([None, 168, 6], 6, 12), ([None], 6, 0)])
def test_a_long_curve_shows_what_is_found_first(hours, shown, more):
    """Two numbers of points at three resolutions, each with its control and what is beyond."""
    study = Study.of(unicity_curve(LIKES, points=[1, 2], hours=hours))
    (log,) = sections_of(study, Words("en"), findings_of(study))
    counts = [sum(len(block.rows) for block in blocks) for blocks in (log.shown, log.more)]
    assert counts == [shown, more]
    assert not more or all("not in the log" not in r.label for b in log.shown for r in b.rows)


def test_the_most_telling_number_of_points_is_quoted_with_its_control():
    study = Study.of(LOGS["unicity"]())
    quoted = [f.id for f in quotes_of(study, findings_of(study))]
    shares = study.measures["log"].overall["value"]
    assert shares["unicity_8"] > shares["unicity_4"] > shares["unicity_1"]
    assert quoted == ["log.unicity_8", "log.unicity_8_control", "log.unicity_8_residual"]


def table_of(*rows):
    table = Rows(400)
    for name, value, low, high in rows:
        table.add(name, value, "share", low=low, high=high)
    return Measures(
        overall=table.frame(), per_record=pd.DataFrame(), title="t", provenance="audited file"
    )


def test_no_number_is_quoted_twice():
    found = ("a", 0.2, 0.1, 0.3), ("b", 0.2, 0.1, 0.3), ("c", 0.2, 0.1, 0.4), ("d", 0.5, 0.4, 0.6)
    study = Study.of(table_of(*found))
    assert [f.id for f in quotes_of(study, findings_of(study))] == ["table.a", "table.c", "table.d"]


def test_what_a_key_weighs_is_quoted_by_what_it_changes():
    study = Study.of(key_contributions(PEOPLE, Roles(key=["age", "sex"])))
    findings = findings_of(study)
    assert findings[0].value == findings[0].baseline == 200
    quoted = quotes_of(study, findings)
    assert quoted[0].id.startswith("table.sample_uniques_")
    assert all(f.value != f.baseline for f in quoted)


def test_a_key_that_changes_nothing_is_not_quoted_and_a_blind_attack_is():
    table = Rows(400)
    for name, value in (("k_anonymity[without sex]", 3.0), ("k_anonymity[without age]", 9.0)):
        table.add(name, value, "records", low=value, high=value, baseline=3.0)
    table.add("inference", 0.5, "share", low=0.4, high=0.6, baseline=0.5)
    study = Study.of(replace(table_of(("a", 0.2, 0.1, 0.3)), overall=table.frame()))
    quoted = [f.id for f in quotes_of(study, findings_of(study))]
    assert quoted == ["table.k_anonymity_without_age", "table.inference"]


def said(lang, name, value, unit, note="", family="table"):
    row = {"value": value, "low": value, "high": value, "baseline": float("nan"), "n": 40.0}
    text = measure_sentence(
        lang, name, row, unit, "audited file", small=False, note=note, family=family
    )
    return text.replace("\u00a0", " ").replace("\u202f", " ").replace("’", "'")


@pytest.mark.parametrize(
    ("value", "unit", "french"),
    [
        (1.0, "people", "1 personne ("),
        (2.0, "people", "2 personnes ("),
        (1.0, "values", "1 valeur ("),
        (457.0, "sets", "457 ensembles ("),
        (2.0, "score", "2 ("),
        (0.0031, "index", "0,0031 ("),
        (float("inf"), "ratio", "∞ ("),
        (0.72, "distance", "0,72 ("),
        (2.5, "standard deviations", "2,50 écarts-types ("),
    ],
)
def test_units_in_french_and_in_their_number(value, unit, french):
    assert f": {french}" in said("fr", "some_measure", value, unit)


def test_small_numbers_keep_two_figures():
    words = Words("en")
    shown = [words.count(x) for x in (0.0031, -0.0457, 0.1, 1e-9)]
    assert shown == ["0.0031", "−0.046", "0.10", "under 0.000001"]


def test_the_threshold_of_a_risk_is_told():
    note = "Records with a risk above 0.2. Expected 1 / F."
    assert "fiches dont le risque dépasse 20 % : 34,0 %" in said(
        "fr", "share_at_risk", 0.34, "share of records", note
    )


def test_as_likely_is_not_once_likelier():
    assert "n'est pas plus probable" in said(
        "fr", "likelier_elsewhere", 1.004, "times", "", "belief"
    )
    assert "2,50 fois plus probable" in said("fr", "likelier_elsewhere", 2.5, "times", "", "belief")


def curve_rows(shares, n=500):
    """A log's `unicity` rows by name: value, and nothing but it to look at."""
    table = Rows(n)
    for name, value in shares.items():
        table.add(name, value, "share of people", low=value, high=value, n=n)
    return Measures(
        overall=table.frame(),
        per_record=pd.DataFrame(),
        title="likes",
        provenance="simulated",
        recipe={"measure": "unicity_curve"},
    )


def test_the_curve_tells_the_fewest_points_that_single_out_half():
    measured = curve_rows(
        {
            "unicity_1[page]": 0.1, "unicity_2[page]": 0.6, "unicity_4[page]": 0.9,
            "unicity_1[topic]": 0.05, "unicity_2[topic]": 0.2, "unicity_4[topic]": 0.95,
            "unicity_4_control[topic]": 0.99,
        }
    )  # fmt: skip
    drawn = unicity_chart(Study.of(measured), Words("en"))
    assert (
        drawn.title.replace("\xa0", " ") == "2 known points single out 60.0 % of the people (page)"
    )
    alone = curve_rows({"unicity_1": 0.7, "unicity_2": 0.9})
    french = unicity_chart(Study.of(alone), Words("fr")).title.replace("\xa0", " ")
    assert french == "Un seul point connu isole 70,0 % des personnes"


def test_a_curve_of_too_few_people_or_of_one_number_of_points_is_not_drawn():
    words = Words("en")
    assert (
        unicity_chart(Study.of(curve_rows({"unicity_1": 0.5, "unicity_2": 1}, n=10)), words) is None
    )
    assert unicity_chart(Study.of(curve_rows({"unicity_4": 0.5})), words) is None
