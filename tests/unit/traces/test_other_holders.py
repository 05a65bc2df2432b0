"""Does anybody else have all the points? Each way of searching, against sets of people."""

import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from privaudit.traces.unicity import compress, draw_points, invert, singled_out

# The package gives `unicity` to the measure; the module is reached by its name.
unicity = sys.modules["privaudit.traces.unicity"]

NEVER, ALWAYS = 0, 10**9
# How many people a popular point has at most, which search is taken, and the size of its steps.
WAYS = {
    "bits, word by word": {"_PEOPLE_A_WORD": ALWAYS, "_FIRST_WORDS": 1},
    "bits at once": {"_PEOPLE_A_WORD": ALWAYS},
    "lists beside bits": {"_PEOPLE_A_WORD": NEVER},
    "lists beside bits, one by one": {
        "_PEOPLE_A_WORD": NEVER, "_GATHERED": 1,
    },
    "lists alone": {"_PEOPLE_A_POPULAR_POINT": 1},
    "lists alone, in small parts": {"_PEOPLE_A_POPULAR_POINT": 1, "_GATHERED": 7},
    "some of each": {"_PEOPLE_A_POPULAR_POINT": 9, "_PEOPLE_A_WORD": 5, "_GATHERED": 20},
}  # fmt: skip
USUAL = {"_PEOPLE_A_POPULAR_POINT": ALWAYS, "_FIRST_PEOPLE": 1}


@st.composite
def logs(draw):
    people, items = draw(st.integers(1, 150)), draw(st.integers(2, 12))
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    # Some items that nearly everybody has, some that hardly anybody has.
    share = rng.beta(0.7, 0.9, items)
    person, item = np.nonzero(rng.random((people, items)) < share)
    return people, items, person, item, draw(st.integers(1, 5)), rng


@pytest.mark.parametrize("way", WAYS)
@given(log=logs())
def test_every_search_finds_who_else_has_the_points(way, log):
    people, items, person, item, p, rng = log
    indptr, points = compress(person, item, people, items)
    start, holders = invert(indptr, points, items)
    targets = np.flatnonzero(np.diff(indptr) >= p)
    known = draw_points(indptr, points, targets, p, rng)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {**USUAL, **WAYS[way]}.items():
            patch.setattr(unicity, name, value)
        found = singled_out(indptr, points, start, holders, targets, known)
    has = {i: set(person[item == i].tolist()) for i in range(items)}
    want = [len(set.intersection(*(has[i] for i in row))) == 1 for row in known.tolist()]
    assert found.tolist() == want


def test_the_ways_are_taken(monkeypatch):
    # 600 people have 0 and 1, and 2 is had by two of them, of whom one also has 3.
    person = np.concatenate([np.arange(600), np.arange(600), [5, 9], [5]])
    item = np.repeat([0, 1, 2, 3], [600, 600, 2, 1])
    indptr, points = compress(person, item, 600, 4)
    start, holders = invert(indptr, points, 4)
    taken = []
    for name in ("_by_bits", "_by_lists"):
        search = getattr(unicity, name)
        monkeypatch.setattr(
            unicity, name,
            lambda *args, name=name, search=search: taken.append((name, len(args[-2])))
            or search(*args),
        )  # fmt: skip
    targets, known = np.array([7, 9, 5]), np.array([[1, 0], [0, 2], [2, 3]])
    found = singled_out(indptr, points, start, holders, targets, known)
    # Everybody has 0 and 1; 5 has 0 and 2 as well as 9; 3 is only 5's, and nobody is searched.
    assert found.tolist() == [False, False, True]
    assert taken == [("_by_bits", 1), ("_by_lists", 1)]
