"""Notes are read all at once: each says what it says alone, and what is skipped says nothing."""

import csv
import random
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from privaudit.columns import lexicon
from privaudit.columns.free_text import SEARCHED, categories_in
from privaudit.columns.lexicon import Element, Entry, Runs, SilentRuns

DATA = Path(__file__).parents[2] / "data" / "door_notes.csv"


@pytest.fixture(scope="module")
def notes():
    """Notes, and others made of their words."""
    with DATA.open(encoding="utf-8", newline="") as file:
        written = [row["note"] for row in csv.DictReader(file)]
    draw = random.Random(3)
    words = [word for note in written for word in note.split()]
    made = [" ".join(draw.choices(words, k=draw.randint(0, 12))) for _ in range(600)]
    return [*draw.sample(written, 150), *made]


def test_each_of_many_notes_is_searched_as_alone(notes):
    some = notes[::8]
    together = categories_in(some)
    alone = [categories_in([note]) for note in some]
    for what in SEARCHED:
        assert together[what].tolist() == [bool(one[what][0]) for one in alone], what


@pytest.mark.parametrize("bits", [22, 4, 1])
def test_what_is_not_asked_to_go_on_would_not(notes, monkeypatch, bits):
    """Where everything is asked, or nearly, the same is found."""
    found = categories_in(notes)
    monkeypatch.setattr(lexicon, "_HASH_BITS", bits)
    if bits == 22:
        monkeypatch.setattr(
            lexicon._NextWordFilter, "may_go_on", lambda _, at, start, code: at + 2 <= len(code) - 1
        )
    again = categories_in(notes)
    for what in SEARCHED:
        assert np.array_equal(found[what], again[what]), what


INTERVALS = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 9), st.integers(0, 4)), max_size=9)


@settings(max_examples=150, deadline=None)
@given(INTERVALS, INTERVALS)
def test_hits_in_silent_runs_are_those_of_the_definition(silent, hits):
    silent = [(what, first, first + more) for what, first, more in silent]
    hits = [(what, first, first + more) for what, first, more in hits]
    of = [np.array([one[k] for one in silent], dtype=np.int64) for k in range(3)]
    asked = [np.array([one[k] for one in hits], dtype=np.int64) for k in range(3)]
    silenced = SilentRuns(*of)
    expected = [
        any(
            what == of_run
            and (begin <= first <= end or begin <= last <= end)
            # Within the hit and shorter: then the hit is the longer of the two.
            and (begin < first or end > last or (begin, end) == (first, last))
            for of_run, begin, end in silent
        )
        for what, first, last in hits
    ]
    assert silenced.over(*asked).tolist() == expected
    for what in range(3):
        places = {k for one, first, last in silent if one == what for k in range(first, last + 1)}
        assert silenced.places(what) == sorted(places)


@pytest.mark.parametrize("place", [1, 2])
@pytest.mark.parametrize(("between", "found"), [(0, 1), (3, 1), (4, 1), (5, 0)])
def test_four_words_may_stand_in_a_gap(between, found, place):
    """Between the first two places of a run, or its second and third."""
    over = Element(words=frozenset(["end"]), stems=(), gap="..")
    next_to = Element(words=frozenset(["then"]), stems=())
    entry = Entry(category="x", rest=(over,) if place == 1 else (next_to, over))
    words = ["first", *["then"] * (place - 1), *[f"w{k}" for k in range(between)], "end", "\n"]
    hits = Runs(words, {"first": [entry]}).hits()
    assert len(hits.kind) == found
    assert hits.last.tolist() == [len(words) - 2] * found
