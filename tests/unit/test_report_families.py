"""Sections of measures: what is seen first, what is a range, a bound, or not to be told."""

import json
import math

import pandas as pd
import pytest

from privaudit.exposure.results import MEASURE_COLUMNS, Measures
from privaudit.reporting.families import sections_of
from privaudit.reporting.findings import findings_json, findings_of
from privaudit.reporting.study import Study
from privaudit.reporting.words import Words

NAN, INF = float("nan"), float("inf")
BOUND = "No population and no weight: the file is taken for everybody, an upper bound."
RATE = "Needs sampling_fraction, weights or a population."


def measures(*rows, **changes):
    columns = ["measure", *MEASURE_COLUMNS]
    overall = pd.DataFrame(list(rows), columns=columns).set_index("measure")
    return Measures(overall=overall, per_record=pd.DataFrame(), **changes)


def row(name, value, *, low=None, high=None, n=2000, unit="records", note="", baseline=NAN):
    ends = (value if low is None else low, value if high is None else high)
    return (name, value, *ends, baseline, n, unit, note)


def study(**families):
    return Study(
        kind="table", title="t.csv", provenance="audited file", real_places=True, measures=families
    )


def plain(text):
    return text.replace("\u00a0", " ").replace("\u202f", " ").replace("’", "'")


def sections(given, lang="en"):
    found = sections_of(given, Words(lang), findings_of(given))
    return {section.id: section for section in found}


def labels(rows):
    return [plain(row.label) for row in rows]


@pytest.fixture
def table():
    return study(
        table=measures(
            row("records", 2000),
            row("classes", 1417),
            row("share_under_2", 0.238, unit="share of records"),
            row("k_anonymity", 1),
            row("journalist_risk_max", 1.0, unit="probability", note=BOUND),
            row("vulnerability_posterior", 0.832, unit="probability", note="Of 'party'."),
            row("vulnerability_posterior[party]", 0.832, unit="probability"),
            row("suda_contribution[age]", 1.0, unit="share of score"),
            row("k_map", NAN, note=RATE),
            row("tau1", NAN, note=RATE),
            row("household_risk_max", NAN, note="Needs the column of households."),
        )
    )


def test_what_matters_first_is_seen_and_the_rest_is_closed(table):
    section = sections(table)["table"]
    risk, learnt = section.shown
    # In the order that a reader asks, not in that of the stage.
    assert labels(risk.rows)[:2] == [
        "Records in the table",
        "Size of the smallest group that shares its key variables (k)",
    ]
    assert labels(learnt.rows) == ["Sensitive values guessed rightly with the table"]
    assert labels(section.more[0].rows) == [
        "Different combinations of the key variables",
        "Sensitive values guessed rightly with the table (party)",
        "Part of the SUDA score from a key variable (age)",
    ]


def test_what_cannot_be_told_is_counted_by_its_reason(table):
    absent = sections(table, "fr")["table"].absent
    assert [(plain(reason.text), reason.lang, n) for reason, n in absent] == [
        ("Il faut un taux de sondage, des poids ou une population.", "fr", 2),
        ("Il faut la colonne des foyers.", "fr", 1),
    ]


@pytest.mark.parametrize(
    ("lang", "value", "said"),
    [
        ("en", "at most 100 %", "This is a bound: with no population to refer to"),
        ("fr", "au plus 100 %", "C'est une borne : sans population de référence"),
    ],
)
def test_a_bound_is_said_as_a_bound(table, lang, value, said):
    (bound,) = [r for r in sections(table, lang)["table"].shown[0].rows if "most" in r.value
                or "plus" in r.value]  # fmt: skip
    assert plain(bound.value) == value
    assert value in plain(bound.plain)
    assert said in plain(bound.plain)
    assert bound.note.lang == lang


def test_the_worst_of_several_columns_is_named(table):
    learnt = sections(table, "fr")["table"].shown[1].rows[0]
    assert plain(learnt.note.text) == "Pour « party »."
    assert "la colonne « party », la plus exposée" in plain(learnt.plain)


def test_a_range_without_a_value_shows_its_interval():
    why = "The model does not fit the sample: its value is outside the range."
    given = study(
        table=measures(
            row("k_anonymity", 3),
            row("population_uniques_pitman", NAN, low=120, high=900, unit="people", note=why),
            reliable=False, notes=(f"population_uniques_pitman: {why}",),
        )
    )  # fmt: skip
    section = sections(given)["table"]
    (shown,) = section.more[0].rows
    assert (shown.value, shown.interval, shown.absent) == ("–", "120 to 900", False)
    assert "between 120 and 900. No single number can be given." in plain(shown.plain)
    assert section.absent == []
    # A doubt about one estimate is none about a plain count.
    by_id = {f.id: f for f in findings_of(given)}
    assert by_id["table.k_anonymity"].reliable
    assert not by_id["table.population_uniques_pitman"].reliable
    assert not shown.reliable


def test_measures_without_a_doubt_by_name_are_doubted_as_a_whole():
    given = study(table=measures(row("k_anonymity", 3), reliable=False, notes=("Weak.",)))
    assert not findings_of(given)[0].reliable


def test_an_infinite_number_is_null_with_the_word_in_its_note():
    given = study(table=measures(row("recursive_c", INF, unit="ratio", note="c must exceed it.")))
    found = findings_of(given)
    assert math.isinf(found[0].value)

    def never(name):
        raise AssertionError(f"{name} in the JSON")

    content = json.loads(findings_json(given, found), parse_constant=never)
    finding = content["findings"][0]
    assert (finding["value"], finding["low"]) == (None, None)
    assert finding["note"] == "c must exceed it. Infinite: value, low, high."
    assert "∞" in finding["sentence"]["en"]


def test_a_family_of_tomorrow_is_shown_with_its_own_names():
    odds = row("after_team_odds", 0.2, unit="probability", n=3, note="scenario: n: holders")
    given = study(
        weather=measures(odds, row("rain", 12.0, n=40, note="Fell."), title="weather at doors"),
        tiers=measures(row("rain", 12.0, n=40)),
    )
    french = sections(given, "fr")
    weather, tiers = french["weather"], french["tiers"]
    assert (weather.title, weather.title_lang, weather.further) == ("Weather at doors", "en", True)
    assert tiers.title_lang == "fr"
    first, second = weather.shown[0].rows
    # Three holders of a copy are not three people on the map: nothing is withheld.
    assert plain(first.value) == "20,0 %"
    assert (second.label, second.label_lang) == ("Rain", "en")
    assert (second.note.text, second.note.lang) == ("Fell.", "en")


def test_what_each_key_weighs_names_the_key():
    given = study(
        contributions=measures(
            row("sample_uniques[without age]", 0, baseline=476),
            row("tau1[without age]", 3, baseline=9),
        )
    )
    section = sections(given, "fr")["contributions"]
    assert labels(section.shown[0].rows) == ["Fiches seules avec leurs variables clés (sans age)"]
    assert len(section.more[0].rows) == 1


def test_what_concerns_few_people_is_counted_and_not_listed():
    given = study(
        harms=measures(
            row("label_right", 0.5, unit="share", n=10), row("label_wrong", 0.5, unit="share", n=11)
        )
    )
    section = sections(given)["harms"]
    shown = [line for block in section.shown + section.more for line in block.rows]
    assert [line.n for line in shown] == ["11"]
    assert section.withheld == 1
    assert not any("50" in text for text in section.plain if "fewer than 11" in text)


def test_the_threshold_of_a_risk_is_told_once():
    note = "Records with a risk above 0.2. No population and no weight."
    given = study(table=measures(row("share_at_risk", 0.4, unit="share of records", note=note)))
    (line,) = sections(given)["table"].shown[0].rows
    assert "20" in line.label
    assert "0.2" not in (line.note.text if line.note else "")
