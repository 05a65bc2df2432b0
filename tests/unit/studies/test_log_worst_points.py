"""`privaudit traces`: the worst points of each person, by visits, counts, shares and order."""

import json
import re

import pandas as pd
import pytest

from privaudit.cli import main
from privaudit.errors import ParameterError
from privaudit.release.read_traces import read_traces
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
    asked = [
        "traces",
        str(log),
        "--person",
        "who",
        "--item",
        "what",
        "--points",
        "1",
        "--lang",
        lang,
    ]
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
    assert {"en": "most revealing points to know", "fr": "pires points que l"}[lang] in annex


def test_a_log_is_read_as_it_is_told(log, tmp_path):
    asked = [
        "traces",
        str(log),
        "--person",
        "who",
        "--item",
        "what",
        "--time",
        "at",
        "--points",
        "1",
    ]
    more = ["--worst-points", "0", "--as-written", "who", "--date-order", "month"]
    assert main([*asked, *more, "--out", str(tmp_path)]) == 0
    told = json.loads((tmp_path / "findings.json").read_text(encoding="utf-8"))
    assert not any(one["family"] == "known_points" for one in told["findings"])
    # " A" and "a" are two: five of the small ones, twelve alike.
    (row,) = (
        one for one in told["findings"]
        if one["measure"] == "unicity" and one["part"]["window"] == "no_time"
    )  # fmt: skip
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


# Twenty-eight visitors of the same four pages, each on days of their own: by hand, the pages alone
# are everybody's, and one page with its day is one visitor's.
DAYS = [f"{day:02d}/10/2016" for day in range(1, 29)]


@pytest.fixture(scope="module", params=["dates", "milliseconds"])
def alike(request, tmp_path_factory):
    rows = [
        (f"v{who:02d}", f"/page{page}", DAYS[(who + 7 * page) % 28])
        for who in range(28) for page in range(4)
    ]  # fmt: skip
    frame = pd.DataFrame(rows, columns=["who", "what", "at"])
    if request.param == "milliseconds":
        seconds = (pd.to_datetime(frame["at"], dayfirst=True) - pd.Timestamp(0)).dt.total_seconds()
        frame["at"] = (1000 * seconds).astype("int64")
    file = tmp_path_factory.mktemp("alike") / "log.csv"
    frame.to_csv(file, index=False)
    return file


def test_a_log_with_times_is_never_cleared_by_its_pages_alone(alike):
    """Whoever saw one page of somebody on a day has them; the four pages alone are everybody's."""
    study = audit_log(InteractionLog(file=alike, person="who", item="what", time="at"), points=[1])
    found = study.measures["unicity"]
    assert found.row("unicity", points=1, window="no_time").value == 0
    assert found.row("unicity", points=1, window="day").value == 1
    assert {row.part["window"] for row in found.rows if row.measure == "unicity"} == {
        "no_time", "day",
    }  # fmt: skip
    asked = audit_log(
        InteractionLog(file=alike, person="who", item="what", time="at"), points=[1], hours=168
    )
    rows = [row for row in asked.measures["unicity"].rows if row.measure == "unicity"]
    assert [row.part["window"] for row in rows] == ["week"]


@pytest.mark.parametrize(
    ("lang", "headline", "remedy"),
    [
        ("en", "1 known point, to the day, singles out", "Withhold the times"),
        ("fr", "Avec 1 point connu au jour près", "Ne donner ni la date ni l'heure"),
    ],
)
def test_the_headline_says_how_finely_the_time_is_known(alike, tmp_path, lang, headline, remedy):
    asked = ["traces", str(alike), "--person", "who", "--item", "what", "--time", "at"]
    assert main([*asked, "--points", "1", "--lang", lang, "--out", str(tmp_path / "r")]) == 0
    page = (tmp_path / "r" / "index.html").read_text(encoding="utf-8").replace("\u00a0", " ")
    page = re.sub("</?t?span[^>]*>", "", page.replace("\u202f", " ").replace("’", "'"))
    # The headline, and the title of its figure.
    assert page.count(headline) >= 2
    assert remedy in page
