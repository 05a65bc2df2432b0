"""Frequency, probability and sequence known of a trace: by hand, by brute force, by the peer."""

from collections import Counter
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from privaudit.errors import ParameterError
from privaudit.release.read_traces import read_traces
from privaudit.traces.unicity import known_points_risk

visits = st.lists(st.lists(st.sampled_from("wxyz"), min_size=1, max_size=6), min_size=2, max_size=6)


def log_of(people):
    """Events in the order of the lists, an hour apart."""
    rows = [(who, what, hour) for who, own in enumerate(people) for hour, what in enumerate(own)]
    log = pd.DataFrame(rows, columns=["who", "what", "hour"])
    return log.assign(at=pd.Timestamp("2016-01-01") + pd.to_timedelta(log["hour"], "h"))


def risk(people, points, knows, tolerance=0.0):
    traces = read_traces(log_of(people), person="who", item="what", time="at")
    found = known_points_risk(traces, points=points, knows=knows, tolerance=tolerance)
    return found.per_record["risk"].tolist()


def follows(known, trace):
    rest = iter(trace)
    return all(item in rest for item in known)


def by_definition(people, points, knows, tolerance):
    """Every choice of the person's own, and everybody whom it does not exclude."""
    amount = [Counter(own) for own in people]
    if knows == "probability":
        amount = [{k: v / len(own) for k, v in Counter(own).items()} for own in people]
    worst = []
    for mine, own in zip(amount, people, strict=True):
        if knows == "sequence":
            choices = combinations(own, min(points, len(own)))
            left = [sum(follows(c, trace) for trace in people) for c in choices]
        else:
            choices = combinations(sorted(mine), min(points, len(mine)))
            left = [
                sum(
                    all(k in t and abs(mine[k] - t[k]) <= tolerance * t[k] + 1e-9 for k in c)
                    for t in amount
                )
                for c in choices
            ]
        worst.append(1 / min(left))
    return worst


@given(
    visits,
    st.integers(1, 4),
    st.sampled_from(["frequency", "probability", "sequence"]),
    st.sampled_from([0.0, 0.25, 1.0]),
)
def test_the_worst_is_that_of_every_choice(people, points, knows, tolerance):
    expected = by_definition(people, points, knows, tolerance)
    assert risk(people, points, knows, tolerance) == pytest.approx(expected)


def test_what_is_known_by_hand():
    # a was at x twice, c three times; b's half of x is a's share too.
    people = ["xxyz", "xy", "xxxyz"]
    # Frequency of x, 2 1 3: each alone by it. y: 1 1 1, z: a and c.
    assert risk(people, 1, "frequency") == [1, 1, 1]
    # Within half of the other's own: b's 1 is taken for a's 2 (1 <= .5 x 2), not for c's 3; a's 2
    # for c's 3, not for b's 1; c's 3 for a's 2.
    assert risk(people, 2, "frequency", 0.5) == [1 / 2, 1 / 2, 1 / 2]
    # Shares: x 1/2 1/2 3/5, y 1/4 1/2 1/5, z 1/4 - 1/5: exact, 2 of 4 is 1 of 2.
    assert risk(["xxyy", "xy", "xz"], 2, "probability") == [1 / 2, 1 / 2, 1]
    # x then y: everybody; y then x: d alone.
    assert risk(["xy", "xzy", "xyx"], 2, "sequence") == [1 / 3, 1, 1]


# Of scikit-mobility 1.3.1, two known, one visit an hour: LocationFrequencyAttack,
# LocationProbabilityAttack and LocationSequenceAttack; 1 over people left.
VISITS = "defdefb bbf aceaeac bcbebfc ddddf eedcfcb afdaaca dfc fedcdbc bfaa fef ecca".split()  # noqa: SIM905
PEER = {
    ("frequency", 0.0): [1, 1, 1, 1, 1, 1, 1, 2, 1, 1, 1, 1],
    ("frequency", 0.5): [1, 2, 1, 1, 1, 2, 1, 4, 1, 1, 2, 1],
    ("probability", 0.0): [1] * 12,
    ("probability", 0.5): [1, 1, 1, 1, 1, 2, 1, 1, 2, 1, 1, 1],
    ("sequence", 0.0): [1, 2, 1, 1, 3, 2, 1, 4, 1, 1, 2, 2],
}


@pytest.mark.parametrize(("knows", "tolerance"), PEER)
def test_the_peer_finds_the_same(knows, tolerance):
    left = [round(1 / one) for one in risk(VISITS, 2, knows, tolerance)]
    assert left == PEER[knows, tolerance]


def test_an_order_that_is_not_known_is_said():
    log = log_of(["xy", "yx"]).assign(at=pd.Timestamp("2016-01-01"))
    traces = read_traces(log, person="who", item="what", time="at")
    found = known_points_risk(traces, points=2, knows="sequence")
    assert [note.values["events"] for note in found.notes] == [2]
    assert found.value("singled_out") == 0
    timeless = read_traces(log, person="who", item="what")
    with pytest.raises(ParameterError, match="with time"):
        known_points_risk(timeless, knows="sequence")


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"knows": "place"}, "knows"),
        ({"knows": "frequency", "tolerance": 1.5}, "tolerance"),
        ({"knows": "sequence", "points": 9}, "Lower points or sample"),
    ],
)
def test_what_cannot_be_asked_is_refused(asked, said):
    rng = np.random.default_rng(0)
    log = log_of(["".join(rng.choice(list("abcdefgh"), 30)) for _ in range(40)])
    with pytest.raises(ParameterError, match=said):
        known_points_risk(read_traces(log, person="who", item="what", time="at"), **asked)
