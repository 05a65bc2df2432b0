"""Where an argument begins to be refused: the last value that is taken, the first that is not."""

import inspect
from math import comb

import numpy as np
import pandas as pd
import pytest

from privaudit.errors import ParameterError
from privaudit.maps.masks.noise import Gaussian
from privaudit.release.read_traces import read_traces
from privaudit.stats.hidden_markov import SCALES
from privaudit.traces import known_points
from privaudit.traces.known_points import fewest_left, look_ups, orders_of, visit_marks
from privaudit.traces.periods import match_neighbourhoods, match_periods, neighbourhood_risk
from privaudit.traces.rounds import Rounds, Visits
from privaudit.traces.scoreboard import Memory, scoreboard
from privaudit.traces.unicity import known_points_risk, unicity
from privaudit.traces.unicity_curve import unicity_curve

LITTLE = 1e-9
LIKES = pd.DataFrame({"who": list("aabbcc") * 2, "what": [1, 2, 1, 3, 2, 3, 4, 5, 4, 6, 5, 6]})
LIKES["at"] = pd.Timestamp("2016-05-01") + pd.to_timedelta(np.arange(12), "D")
TRACES = read_traces(LIKES, person="who", item="what", time="at")
SHARP = Memory(points=2, wrong=0)
MASK = Gaussian(sigma=9)
ABOVE_NOTHING = (LITTLE,), (0,)
NONE_OR_MORE = (0,), (-LITTLE,)
ONE_OR_MORE = (1,), (0,)


def board(**given):
    return scoreboard(TRACES, SHARP, **{"least_eccentricity": 0} | given)


BOUNDS = [
    (Memory, "points", (2,), (0, 1)),  # two of them are wrong
    (lambda **given: Memory(points=3, **given), "wrong", (0, 3), (-1, 4)),
    (Memory, "days", *NONE_OR_MORE),
    (Memory, "value_error", *NONE_OR_MORE),
    (Visits, "pause", *ABOVE_NOTHING),
    (lambda **given: Rounds(mask=MASK, **given), "shuffles", (19,), (18,)),
    (board, "days_scale", *ABOVE_NOTHING),
    (board, "value_scale", *ABOVE_NOTHING),
    (board, "false_claims", (LITTLE, 1 - LITTLE), (0, 1)),
    (board, "least_eccentricity", *NONE_OR_MORE),
    (board, "sample", *ONE_OR_MORE),
    (lambda **given: unicity(TRACES, **given), "points", (1, 4), (0,)),
    (lambda **given: unicity(TRACES, points=1, **given), "sample", *ONE_OR_MORE),
    (lambda **given: unicity(TRACES, points=1, **given), "population", (3,), (3 - LITTLE,)),
    (lambda **given: unicity(TRACES, points=1, **given), "hours", (1e-3,), (0,)),
    (lambda **given: known_points_risk(TRACES, **given), "points", *ONE_OR_MORE),
    (
        lambda **given: known_points_risk(TRACES, knows="frequency", **given),
        "tolerance", (0, 1), (-LITTLE, 1 + LITTLE),
    ),
    (lambda **given: neighbourhood_risk(TRACES, **given), "hops", (1, 4), (0, 5)),
    (
        lambda **given: match_periods(TRACES, **given),
        "least_confidence", (LITTLE, 1), (0, 1 + LITTLE),
    ),
]  # fmt: skip


@pytest.mark.parametrize(("call", "name", "taken", "refused"), BOUNDS)
def test_the_last_that_is_taken_and_the_first_that_is_not(call, name, taken, refused):
    for value in taken:
        call(**{name: value})
    for value in refused:
        with pytest.raises(ParameterError, match=r"\w+: needs .* but got"):
            call(**{name: value})


@pytest.mark.parametrize(
    ("call", "documented"),
    [
        (Memory, {"points": 8, "wrong": 2, "days": 14, "value_error": 0}),
        (Visits, {"pause": 3}),
        (Rounds, {"shuffles": 19}),
        (
            scoreboard,
            {"days_scale": 30, "value_scale": 1.5, "false_claims": 0.05, "sample": 1_000},
        ),
        (unicity, {"points": 4, "hours": None, "sample": None}),
        (known_points_risk, {"points": 2, "tolerance": 0}),
        (
            unicity_curve,
            {"points": (1, 2, 3, 4, 8, 16), "hours": (None, 168, 24), "sample": 10_000},
        ),
        (match_neighbourhoods, {"hops": 2, "least_confidence": 0.5, "sample": 1_000}),
        (match_periods, {"least_confidence": 0.5, "sample": 1_000}),
    ],
)
def test_what_a_recipe_of_no_arguments_means(call, documented):
    given = inspect.signature(call).parameters
    assert {name: given[name].default for name in documented} == documented


@pytest.mark.parametrize(("people", "words"), [(1, 1), (64, 1), (65, 2), (128, 2), (129, 3)])
def test_a_word_holds_sixty_four_people(people, words):
    # Everybody has three marks: three pairs of them, of two people asked.
    indptr = np.arange(people + 1) * 3
    assert look_ups(indptr, np.zeros(2, int), 2) == 2 * 3 * words
    # Fewer marks than points: all of them.
    assert look_ups(indptr, np.zeros(1, int), 5) == words


def test_more_than_a_word_of_people_are_told_apart():
    # Person k has places 0 and k + 1, and the last of all place 1 too.
    rows = [(k, place) for k in range(130) for place in (0, k + 1)] + [(129, 1)]
    log = pd.DataFrame(rows, columns=["who", "what"])
    traces = read_traces(log, person="who", item="what")
    for knows in ("visits", "frequency"):
        found = known_points_risk(traces, points=1, knows=knows).per_record["risk"]
        assert found.tolist() == [1 / 2] + [1] * 129


def test_orders_are_those_of_events_or_of_items_whichever_are_fewer():
    indptr, items = np.array([0, 4, 5]), np.array([0, 1, 0, 1, 7])
    # Of four events two: 6; of two items, in any order: 4. Of one event: one.
    assert orders_of(indptr, items, np.array([0]), 2) == 4
    assert orders_of(indptr, np.arange(5), np.array([0, 1]), 2) == comb(4, 2) + 1


@pytest.mark.parametrize("knows", ["visits", "frequency", "probability", "sequence"])
def test_a_search_is_refused_above_what_it_may_cost(knows, monkeypatch):
    point, n_points = TRACES.points(None)
    everybody = np.arange(3)
    if knows == "sequence":
        order = np.argsort(TRACES.person, kind="stable")
        indptr = np.arange(4) * 4
        cost = orders_of(indptr, np.asarray(point)[order], everybody, 2)
        cost *= (3 + known_points._STEP) * known_points._FOLLOWED
    else:
        indptr = visit_marks(TRACES.person, point, 3, n_points, 2)[0]
        cost = look_ups(indptr, everybody, 2)
    given = ("who", TRACES, knows, 2, None, 0.0, everybody)
    assert len(fewest_left(*given, cost)[0]) == 3
    with pytest.raises(ParameterError, match="Lower points or sample, or use unicity"):
        fewest_left(*given, cost * (1 - LITTLE))
    if knows == "visits":  # six marks, three bits each
        monkeypatch.setattr(known_points, "_MOST_BIT_BYTES", 6 * 3 / 8)
        fewest_left(*given, cost)
        monkeypatch.setattr(known_points, "_MOST_BIT_BYTES", 6 * 3 / 8 - LITTLE)
        with pytest.raises(ParameterError, match="GB"):
            fewest_left(*given, cost)


def test_scales_of_moves_halve_from_a_kilometre_and_a_quarter_to_twenty_metres():
    assert SCALES == (1280, 640, 320, 160, 80, 40, 20)
