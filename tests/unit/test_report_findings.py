"""Findings: stable names, sentences that hold their numbers, the same bytes each time."""

import json
import math

import numpy as np
import pandas as pd
import pytest

from privaudit.errors import ParameterError, SchemaError
from privaudit.exposure.results import (
    CALIBRATION_COLUMNS,
    GAINS,
    MEASURE_COLUMNS,
    OVERALL_COLUMNS,
    Exposure,
    Measures,
)
from privaudit.reporting.findings import findings_json, findings_of, without_folders
from privaudit.reporting.study import Study

NAN = float("nan")


def exposure(n=400, *, attack="knows the mask", view="donut:50:200", **changes):
    """An exposure whose means are counted by hand: 10 of 400 found, 2 of 400 controls."""
    frame = {}
    for gain in GAINS:
        known = gain != "opinion"
        frame[gain] = np.repeat([1.0, 0.0], [n // 40, n - n // 40]) if known else np.full(n, NAN)
        frame[f"baseline_{gain}"] = np.full(n, 0.001 if known else NAN)
        frame[f"control_{gain}"] = np.repeat([1.0, 0.0], [n // 200, n - n // 200])
        frame[f"confidence_{gain}"] = np.full(n, 0.025)
    per_person = pd.DataFrame(frame)
    rows = []
    for gain in GAINS:
        attack_mean, control = per_person[gain].mean(), per_person[f"control_{gain}"].mean()
        net = (attack_mean - control) / (1 - control)
        baseline = per_person[f"baseline_{gain}"].mean()
        rows.append((attack_mean, 0.0136, 0.0455, baseline, control, net, 0.005, 0.04, 0.025, n))
    overall = pd.DataFrame(
        rows, columns=list(OVERALL_COLUMNS), index=pd.Index(GAINS, name="gain", dtype="str")
    )
    calibration = pd.DataFrame(columns=list(CALIBRATION_COLUMNS))
    return Exposure(
        attack=attack, per_person=per_person, overall=overall, calibration=calibration,
        recipe={"view": view}, **changes,
    )  # fmt: skip


def measures(rows, **changes):
    overall = pd.DataFrame(rows, columns=["measure", *MEASURE_COLUMNS]).set_index("measure")
    return Measures(overall=overall, per_record=pd.DataFrame(), **changes)


def study(**changes):
    given = {
        "kind": "map", "title": "leak.csv", "provenance": "simulated", "real_places": False,
        "exposures": (exposure(),),
        "recipe": {"seed": 7, "command": "privaudit map /home/a/leak.csv"},
    }  # fmt: skip
    return Study(**{**given, **changes})


def test_ids_are_stable():
    ids = [f.id for f in findings_of(study())]
    # An opinion that cannot be compared is no finding.
    assert ids == [
        f"map.donut_50_200.knows_the_mask.{gain}" for gain in ("address", "household", "person")
    ]


def test_a_finding_is_never_a_lone_number():
    found = findings_of(study())[0]
    assert (found.value, found.baseline, found.control) == (0.025, pytest.approx(0.001), 0.005)
    assert found.residual == pytest.approx((0.025 - 0.005) / 0.995)
    assert (found.low, found.high, found.n, found.unit) == (0.0136, 0.0455, 400, "share")


def spaces(text):
    return text.replace("\u00a0", " ").replace("\u202f", " ")


def test_sentences_in_both_languages():
    sentence = findings_of(study())[0].sentence
    assert spaces(sentence["en"]) == (
        "In this simulation, someone who knows how the dots were moved finds the right address for "
        "2.5 % of the people on the map of dots moved by 50 to 200 m (95 % interval 1.4 % to "
        "4.5 %, n = 400). Without this release, it would be 0.10 %. The same guesses fit 0.50 % "
        "of comparable people who are not in it."
    )
    assert spaces(sentence["fr"]) == (
        "Dans cette simulation, quelqu’un qui sait comment les points ont été déplacés trouve la "
        "bonne adresse pour 2,5 % des personnes présentes sur la carte aux points déplacés de 50 "
        "à 200 m (intervalle à 95 % : 1,4 % à 4,5 %, n = 400). Sans cette fuite, ce serait "
        "0,10 %. Les mêmes réponses tombent juste pour 0,50 % de personnes comparables qui n’y "
        "figurent pas."
    )


def test_a_real_file_is_expected_never_observed():
    real = exposure(expected=True, provenance="audited file", reliable=False)
    found = findings_of(study(exposures=(real,), provenance="audited file", real_places=True))[0]
    assert "can expect to find the right address" in found.sentence["en"]
    assert "In the audited file" in found.sentence["en"]
    assert found.sentence["en"].endswith("This number is not reliable: see the notes.")
    assert not found.reliable


def test_a_denominator_under_eleven_is_withheld():
    found = findings_of(study(exposures=(exposure(10),)))[0]
    assert math.isnan(found.value)
    assert math.isnan(found.n)
    assert not found.reliable
    assert "fewer than 11 people" in found.sentence["en"]
    assert "10" not in found.sentence["fr"]
    small = measures([("minors_never_interacted", 3, 3, 3, 2.5, 7, "people", "")])
    found = findings_of(study(exposures=(), measures={"household": small}))[0]
    assert math.isnan(found.value)
    assert math.isnan(found.baseline)


def test_accounts_that_look_are_not_people_on_the_map():
    seen = measures([("after_team_people_median", 412, 412, 412, 412, 8, "people", "")])
    assert findings_of(study(exposures=(), measures={"access": seen}))[0].value == 412


def test_columns_whose_names_differ_in_a_sign_keep_their_own_id():
    rows = [(f"distinct_l[{c}]", 2, 2, 2, NAN, 50, "values", "") for c in ("a b", "a-b")]
    found = findings_of(study(exposures=(), measures={"table": measures(rows)}))
    assert [f.id for f in found] == ["table.distinct_l_a_b", "table.distinct_l_a_b_2"]


def test_json_is_the_same_bytes_and_plain():
    one, other = study(), study()
    text = findings_json(one, findings_of(one))
    assert text == findings_json(other, findings_of(other))
    content = json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} in the JSON"))
    assert content["schema"] == 1
    assert content["provenance"] == "simulated"
    assert content["recipe"] == {"command": "privaudit map leak.csv", "seed": 7}
    assert set(content["versions"]) >= {"privaudit", "python", "numpy", "pandas"}
    assert content["versions"]["python"].count(".") == 1
    finding = content["findings"][0]
    assert finding["residual"] == 0.0201005  # (.025 - .005) / .995 to six significant digits
    assert set(finding["sentence"]) == {"en", "fr"}
    assert "/home" not in text


def test_json_writes_what_is_not_known_as_null():
    row = ("k_map", NAN, NAN, NAN, NAN, 50, "people", "Needs a population.")
    given = study(exposures=(), measures={"table": measures([row])})
    finding = json.loads(findings_json(given, findings_of(given)))["findings"][0]
    assert finding["value"] is None
    assert finding["n"] == 50


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("map ./in/leak.csv --addresses ~/x/a-94.csv", "map leak.csv --addresses a-94.csv"),
        (r"privaudit map C:\data\leak.csv", "privaudit map leak.csv"),
        ("--mask donut:50:200 --seed 7", "--mask donut:50:200 --seed 7"),
        ("12 km/h", "12 km/h"),
    ],
)  # fmt: skip
def test_folders_are_taken_out_of_a_recipe(command, said):
    assert without_folders({"a": [command], "n": np.int64(3)}) == {"a": [said], "n": 3}


def test_a_study_never_draws_real_places():
    dots = pd.DataFrame({"x": [1.0], "y": [2.0], "status": ["visited"]})
    with pytest.raises(ParameterError, match="area_points where the places are real"):
        study(real_places=True, dots=dots)
    with pytest.raises(ParameterError, match="area_points where the places are real"):
        study(real_places=True, addresses=np.zeros((3, 2)))


def test_a_study_is_checked_at_birth():
    with pytest.raises(ParameterError, match="two of the same"):
        study(exposures=(exposure(), exposure()))
    with pytest.raises(ParameterError, match="kind one of"):
        study(kind="dossier")
    with pytest.raises(SchemaError, match="column 'status' is not a column of dots"):
        study(dots=pd.DataFrame({"x": [1.0], "y": [2.0]}))
    secret = pd.DataFrame({"x": [1.0], "y": [2.0], "status": ["at Marie's"]})
    with pytest.raises(ParameterError) as caught:
        study(dots=secret)
    assert "Marie" not in str(caught.value)
    with pytest.raises(ParameterError, match="a Study, an Exposure or a Measures"):
        Study.of(3)


def test_a_single_result_is_wrapped():
    assert Study.of(exposure()).kind == "map"
    assert Study.of(exposure(view="table")).kind == "table"
    alone = Study.of(measures([], title="measures of x.csv"))
    assert (alone.kind, alone.title, alone.provenance) == (
        "table",
        "measures of x.csv",
        "audited file",
    )
