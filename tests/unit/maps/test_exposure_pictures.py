"""Pictures of a map's exposure: what is drawn is what was given, and never a real dot."""

import dataclasses
import math
import re
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from privaudit.columns.roles import Roles
from privaudit.errors import ParameterError, SchemaError
from privaudit.geo.address_base import AddressBase
from privaudit.maps.charts import (
    candidates_of,
    displacement,
    error_by_versions,
    hit_rate,
    leak_odds,
    risk_by_station,
    spatial_k,
)
from privaudit.maps.posterior import Guesses, Posterior
from privaudit.release.release import DotRelease
from privaudit.results.exposure import CALIBRATION_COLUMNS, Exposure, summarise
from privaudit.results.measures import Measures
from privaudit.results.rows import GAINS, Rows


def street(**options):
    """Four addresses on a line."""
    frame = pd.DataFrame(
        {"id": list("abcd"), "number": list("1234"), "street": "rue des Essais", "commune": "c",
         "station": "", "x": [0.0, 10.0, 20.0, 30.0], "y": 0.0}
    )  # fmt: skip
    return AddressBase(frame, **({"real": False} | options))


REAL = [street(real=True), street(crs="EPSG:2154")]


def exposure(stations, k, **options):
    """One person a station name; every third of all is found; baseline 0.1."""
    n = len(stations)
    found = (np.arange(n) % 3 == 0).astype(float)
    people = pd.DataFrame(dict.fromkeys(GAINS, found))
    for gain in GAINS:
        people[f"baseline_{gain}"], people[f"control_{gain}"] = 0.1, 0.2
        people[f"confidence_{gain}"] = 0.4
    people = people.assign(station=stations, k_addresses=k, k_people=np.nan)
    calibration = pd.DataFrame(columns=list(CALIBRATION_COLUMNS))
    overall = summarise(people, np.arange(n))
    return Exposure(
        attack="by hand", per_person=people, overall=overall, calibration=calibration, **options
    )


def averaged(noise, errors):
    rows = Rows(47, "dots")
    for copies, value in errors.items():
        rows.add(
            "error", value, "metres", low=value - 1, high=value + 1, baseline=9.0,
            part={"noise": noise, "copies": copies},
        )  # fmt: skip
    rows.add("linked", 0.5, "share", low=0.4, high=0.6, part={"noise": noise, "copies": 4})
    return Measures(family="copies", rows=rows, provenance="simulated")


def curves(figure):
    """Points of each curve: name to (x, y)."""
    return {
        name: [part["x"].tolist(), part["value"].tolist()]
        for name, part in figure.data.groupby("curve", sort=False)
    }


def texts(figure):
    """What is written in the figure, on a wide screen."""
    return re.findall(r"<text[^>]*>([^<]*)</text>", figure.svg)


def test_lines_go_from_home_to_dot():
    before = [[0, 0], [10, 0], [20, 0]]
    after = [[3, 4], [10, 10], [np.nan, np.nan]]
    figure = displacement(before, after, street())
    assert figure.data.to_numpy().tolist() == [[0, 0, 3, 4], [10, 0, 10, 10]]
    drawn = figure.svg
    # From x = 0 to 30 on 700 units: 23.3 a metre.
    homes = [float(x) for x in re.findall(r'class="axis"[^>]*d="([^"]+)', drawn)[0].split("M")[1:]
             for x in [x.split()[0]]]  # fmt: skip
    assert homes == pytest.approx([9, 242.3, 475.7, 709], abs=0.1)
    lines = re.findall(r"M([\d.]+) [\d.]+L([\d.]+) ", drawn)
    assert [tuple(map(float, line)) for line in lines] == [(10, 80), (243.3, 243.3)]
    dots = re.findall(r'class="dot" cx="([\d.]+)"', drawn)
    assert [float(x) for x in dots] == [80, 243.3]
    # Moved by 5 and 10 metres: the median is 7.5.
    assert figure.title.startswith("2 dots moved")
    assert figure.title.endswith("half of them by 8 m or more; 1 left out")
    assert "Simulation" in texts(figure)
    assert figure.source == "Simulated data: no real person"


@pytest.mark.parametrize("base", REAL, ids=["real", "projected"])
def test_dots_of_real_places_are_not_drawn(base):
    with pytest.raises(ParameterError, match="displacement: needs fictional places"):
        displacement([[0, 0]], [[1, 1]], base)


@pytest.mark.parametrize("after", [[[0, 0], [1, 1]], [0, 0]])
def test_positions_must_be_pairs(after):
    with pytest.raises(ParameterError, match="one shape"):
        displacement([[0, 0]], after, street())


def test_the_share_hidden_among_few_is_counted():
    k = [4, 5, 10, 11, 12, 49, 50, 60, 70, 80, 90, 100]
    figure = spatial_k(exposure(["S"] * 12, k))
    ((name, (x, y)),) = curves(figure).items()
    assert x == k
    assert y == pytest.approx(np.arange(1, 13) / 12)
    # Of twelve: 4 is under 5; 4, 5, 10 are under 11; six are under 50.
    assert name == "addresses: 8.3% under 5, 25.0% under 11, 50.0% under 50 (n = 12)"
    assert figure.title == "25.0% of people are hidden among fewer than 11 addresses"
    marks = re.findall(r'class="axis dash".*?<text[^>]*>(\d+)<', figure.svg)
    assert marks == ["5", "11", "50"]


def test_a_curve_of_few_people_is_drawn_for_their_holder():
    known = [5.0] * 10 + [np.nan] * 5
    ((name, (x, _)),) = curves(spatial_k(exposure(["S"] * 15, known))).items()
    assert (x, name[-8:]) == ([5.0] * 10, "(n = 10)")
    with pytest.raises(ParameterError, match="whose spatial k is known"):
        spatial_k(exposure(["S"] * 15, [np.nan] * 15))


def test_provenance_stands_in_the_corner():
    k = np.arange(1.0, 13)
    audited = exposure(["S"] * 12, k, provenance="audited file", reliable=False)
    assert spatial_k(audited).source == "Audited file, not reliable"
    assert "Audited file, not reliable · privaudit" in texts(spatial_k(audited))


def test_small_stations_have_their_bar():
    stations = ["A"] * 30 + ["B"] * 12 + ["C"] * 6 + ["D"] * 5
    figure = risk_by_station(exposure(stations, 1.0))
    # Found: persons 0, 3, ..., 27 of thirty; 30, 33, 36, 39 of twelve; 42, 45; 48, 51.
    value = figure.data.groupby("line", sort=False)["value"]
    shares = {"A (n = 30)": 10 / 30, "B (n = 12)": 4 / 12, "C (n = 6)": 2 / 6, "D (n = 5)": 2 / 5}
    assert value.last().to_dict() == pytest.approx(shares)
    assert value.first().tolist() == pytest.approx([0.1] * 4)
    names = [text for text in texts(figure) if text[0] in "ABCD" and "·" not in text]
    assert names == [*shares]
    assert figure.title.endswith("33% to 40%, 4 of 4 stations shown")


def test_a_station_of_which_nothing_is_known_has_no_mark():
    found = exposure(["A"] * 30 + ["B"] * 12, 1.0)
    rows = found.by("station")
    rows.loc[rows.index.get_level_values(0) == "B", "value"] = math.nan
    known = {"expected": False, "provenance": "simulated", "reliable": True, "attack": "nearest"}
    figure = risk_by_station(SimpleNamespace(by=lambda _: rows, **known))
    assert "B: not known" in texts(figure)
    assert {*figure.data["line"]} == {"A (n = 30)"}
    assert figure.title.endswith("33% to 33%, 1 of 2 stations shown")


def test_a_station_needs_a_known_gain():
    with pytest.raises(ParameterError, match="gain"):
        risk_by_station(exposure(["S"] * 12, 1.0), gain="door")


def test_shares_stand_over_their_parameter():
    columns = ["zoom", "recall", "recall_low", "recall_high"]
    frame = pd.DataFrame([(12, 0.25, 0.2, 0.4), (3, 0.9, 0.8, 1.0)], columns=columns)
    kept = frame.copy()
    figure = hit_rate(frame, x="zoom", label="zoom", shares=["recall"], provenance="audited file")
    assert curves(figure) == {"recall": [[3, 12], [0.9, 0.25]]}
    assert figure.data[["low", "high"]].to_numpy().tolist() == [[0.8, 1.0], [0.2, 0.4]]
    assert figure.title == "Recall 90% at 3, 25% at 12 zoom"
    assert figure.source == "Audited file"
    pd.testing.assert_frame_equal(frame, kept)
    with pytest.raises(SchemaError, match="recall_low"):
        hit_rate(frame.drop(columns="recall_low"), x="zoom", shares=["recall"])
    with pytest.raises(ParameterError, match="at least one row"):
        hit_rate(frame.head(0), x="zoom", shares=["recall"])
    with pytest.raises(ParameterError, match="provenance"):
        hit_rate(frame, x="zoom", shares=["recall"], provenance="leaked")


def test_chance_predicts_half_the_error_of_four_times_the_copies():
    fresh = averaged("fresh", {16: 30.0, 1: 100.0, 4: 55.0})
    persistent = averaged("persistent", {1: 100.0, 16: 100.0})
    figure = error_by_versions(fresh, persistent)
    lines = curves(figure)
    assert lines["slope -1/2"] == [[1, 4, 16], [100, 50, 25]]
    assert lines["fresh noise (n = 47 dots)"] == [[1, 4, 16], [100, 55, 30]]
    assert lines["persistent noise (n = 47 dots)"] == [[1, 16], [100, 100]]
    # On two logarithmic axes a slope of -1/2 is a straight line.
    (path,) = re.findall(r'class="m-grey curve dash" d="M([^"]+)"', figure.html.split("</svg>")[0])
    (x0, y0), (x1, y1), (x2, y2) = (map(float, point.split()) for point in path.split("L"))
    assert (y1 - y0) / (x1 - x0) == pytest.approx((y2 - y1) / (x2 - x1), rel=1e-2)
    assert figure.title == "100 m off with 1 copy, 30 m with 16"


@pytest.mark.parametrize("results", [(), (averaged("fresh", {}),), (averaged("fresh", {1: 0.0}),)])
def test_an_error_needs_metres(results):
    with pytest.raises(ParameterError, match="error_by_versions"):
        error_by_versions(*results)


def odds_of_leak(any_leak=(0.5, 0.875)):
    rows = Rows(40, "people")
    for accounts, chance in zip((1, 10), any_leak, strict=False):
        rows.add("any_leak", chance, "probability", part={"accounts": accounts, "each": 0.5})
    for moment, shares in (("before", (0.4, 0.8)), ("after", (0.1, 0.2))):
        for accounts, share in zip((1, 10), shares, strict=True):
            part = {"accounts": accounts, "moment": moment}
            rows.add("addresses_found", share, "share", gain="address", part=part)
    return Measures(family="leak", rows=rows, provenance="simulated")


def test_the_odds_of_a_leak_are_those_of_the_curve():
    figure = leak_odds(odds_of_leak())
    assert curves(figure) == {
        "any leak (0.5 an account)": [[1, 10], [0.5, 0.875]],
        "address found, before the restriction (n = 40 people)": [[1, 10], [0.4, 0.8]],
        "address found, after the restriction (n = 40 people)": [[1, 10], [0.1, 0.2]],
    }
    assert figure.title == "88% chance that any of 10 accounts leaks"
    assert "accounts, each leaking with probability 0.5 (scenario)" in texts(figure)
    assert leak_odds(odds_of_leak((0.5, 0.9999))).title.startswith("Over 99% chance")
    with pytest.raises(ParameterError, match="leak_odds"):
        leak_odds(averaged("fresh", {1: 10.0}))


def one_dot(base, provenance="simulated"):
    dots = pd.DataFrame({"x": [5.0, 500.0], "y": 0.0})
    return DotRelease(records=dots, roles=Roles(location=["x", "y"]), backdrop=base,
        provenance=provenance,
    )  # fmt: skip


def believed():
    """The first dot could be any of four addresses; nothing explains the second."""
    belief = Posterior(
        np.array([0, 4, 4]), np.array([0, 1, 2, 3]), np.array([0.125, 0.5, 0.25, 0.125])
    )
    none = np.full(2, -1)
    return Guesses(
        attack="by hand", address=none, confidence=np.zeros(2), person=none,
        person_confidence=np.zeros(2), opinion=np.array(["", ""]), opinion_confidence=np.zeros(2),
        posterior=belief,
    )  # fmt: skip


def test_the_likeliest_addresses_come_first():
    figure = candidates_of(one_dot(street()), believed(), 0, most=2)
    assert figure.data["value"].tolist() == [0.5, 0.25, 0.25]
    assert figure.data["line"].tolist() == [
        "2 rue des Essais",
        "3 rue des Essais",
        "2 other addresses",
    ]
    assert figure.title == "Who could this dot be? 4 addresses, the likeliest 50%"
    whole = candidates_of(one_dot(street()), believed(), 0)
    assert whole.data["value"].tolist() == [0.5, 0.25, 0.125, 0.125]


def test_nobody_real_is_looked_for():
    for base in REAL:
        with pytest.raises(ParameterError, match="fictional places"):
            candidates_of(one_dot(base), believed(), 0)
    with pytest.raises(ParameterError, match="an audited file"):
        candidates_of(one_dot(street(), "audited file"), believed(), 0)


def test_a_dot_needs_a_posterior_of_its_own():
    leak, guesses = one_dot(street()), believed()
    with pytest.raises(ParameterError, match="some address explains"):
        candidates_of(leak, guesses, 1)
    with pytest.raises(ParameterError, match="record"):
        candidates_of(leak, guesses, 2)
    with pytest.raises(ParameterError, match="with a posterior"):
        candidates_of(leak, dataclasses.replace(guesses, posterior=None), 0)
