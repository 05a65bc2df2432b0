"""`privaudit log`: the worst points of each person, by visits, counts, shares and order."""

import json

import pandas as pd
import pytest

from privaudit.cli import main
from privaudit.errors import ParameterError
from privaudit.release.traces import read_traces
from privaudit.studies.audit_log import InteractionLog, WorstPoints, audit_log

# By hand, two points known. Visits: a, b and d hold x twice; a and d x and y; c z twice.
TRACES = {"a": "xxy", "b": "xx", "c": "zz", "d": "yxx"}
# Of each person, people whom the worst two leave.
LEFT = {
    # {x, x}: a, b, d; {x, y}: a, d. {z, z}: c.
    "visits": [2, 3, 1, 2],
    # a: x twice and y once, as d. b: x twice, as a and d. c: z twice, alone.
    "frequency": [2, 3, 1, 2],
    # b: all of it x, which nobody else has.
    "probability": [2, 1, 1, 2],
    # a: x then y, which d has not. d: y then x, which a has not.
    "sequence": [1, 3, 1, 1],
}


@pytest.fixture(scope="module")
def log(tmp_path_factory):
    rows = [
        (who, what, f"{day:02d}/02/2016")
        for who, own in TRACES.items()
        for day, what in enumerate(own, 1)
    ]
    # Twelve who are alike: nobody of a small log is shown.
    rows += [(f"m{i:02d}", "m", "01/02/2016") for i in range(12)]
    frame = pd.DataFrame(rows, columns=["who", "what", "at"])
    frame.loc[0, "who"] = " A"
    file = tmp_path_factory.mktemp("worst") / "log.csv"
    frame.to_csv(file, index=False)
    return file


@pytest.mark.parametrize("knows", LEFT)
def test_the_worst_points_by_hand(log, knows):
    asked = InteractionLog(file=log, person="who", item="what", time="at")
    study = audit_log(asked, points=[1], seed=1)
    found = study.measures["known_points"]
    left = [*LEFT[knows], *[12] * 12]
    assert found.row("risk_mean", knows=knows).value == pytest.approx(
        sum(1 / one for one in left) / 16
    )
    row = found.row("singled_out", knows=knows)
    assert row.value == left.count(1) / 16
    assert (row.n, row.baseline) == (16, 0)


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_the_command_asks_and_the_page_says(log, tmp_path, lang):
    asked = ["log", str(log), "--person", "who", "--item", "what", "--points", "1", "--lang", lang]
    assert main([*asked, "--worst-points", "2", "--tolerance", ".5", "--out", str(tmp_path)]) == 0
    told = json.loads((tmp_path / "findings.json").read_text(encoding="utf-8"))
    rows = [one for one in told["findings"] if one["family"] == "known_points"]
    (absent,) = (one for one in rows if one["value"] is None)
    assert [note["key"] for note in absent["notes"]] == ["order_needs_times"]
    # Share 2 of 3 is within a half of 1: b is no longer alone.
    (share,) = (
        one for one in rows if "probability" in one["id"] and one["measure"] == "singled_out"
    )
    assert share["value"] == 1 / 16
    assert "--worst-points 2 --tolerance 0.5" in told["command"]
    annex = (tmp_path / "annex.html").read_text(encoding="utf-8")
    assert {"en": "worst points that can be known", "fr": "pires points que l"}[lang] in annex


def test_a_log_is_read_as_it_is_told(log, tmp_path):
    asked = ["log", str(log), "--person", "who", "--item", "what", "--time", "at", "--points", "1"]
    more = ["--worst-points", "0", "--as-written", "who", "--date-order", "month"]
    assert main([*asked, *more, "--out", str(tmp_path)]) == 0
    told = json.loads((tmp_path / "findings.json").read_text(encoding="utf-8"))
    assert not any(one["family"] == "known_points" for one in told["findings"])
    # " A" and "a" are two: five of the small ones, twelve alike.
    (row,) = (one for one in told["findings"] if one["measure"] == "unicity")
    assert row["n"] == 17
    assert "--date-order month" in told["command"]
    # Read month first, the log spans five months, and each of its people one day or two.
    (again,) = (one for one in told["findings"] if one["family"] == "match_periods")
    assert [note["key"] for note in again["notes"]] == ["nobody_in_both_periods"]
    assert read_traces(log, person="who", item="what").n_people == 16


def test_what_would_take_minutes_is_empty_with_its_reason(log, monkeypatch):
    monkeypatch.setattr("privaudit.studies.audit_log._SEARCHED", 0.0)
    study = audit_log(InteractionLog(file=log, person="who", item="what"), points=[1])
    reasons = {row.notes[0].key for row in study.measures["known_points"].rows}
    assert reasons == {"search_too_long", "order_needs_times"}


@pytest.mark.parametrize("wrong", [{"points": -1}, {"tolerance": 1.5}, {"points": 1.5}])
def test_worst_points_are_checked(wrong):
    with pytest.raises(ParameterError):
        WorstPoints(**wrong)
