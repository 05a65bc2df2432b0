"""Ranges beside a number hold every way to fill in the blanks: all of them are tried."""

from collections import Counter
from itertools import product

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

import privaudit as pa
from privaudit.tables.missing_keys import people_between

LEVELS = ("a", "b", "c")
KEYS = ["one", "two"]
cells = st.sampled_from(LEVELS)
blanks = st.sampled_from((*LEVELS, None))
people = st.lists(st.tuples(cells, cells), min_size=1, max_size=7)


@st.composite
def files(draw):
    """A population, and a file of some of it that lost up to four cells."""
    crowd = draw(people)
    those = draw(st.lists(st.sampled_from(range(len(crowd))), min_size=1, max_size=4, unique=True))
    gone = draw(
        st.sets(st.tuples(st.sampled_from(those), st.sampled_from((0, 1))), min_size=1, max_size=4)
    )
    full = [crowd[i] for i in those]
    file = [
        tuple(None if (i, k) in gone else cell for k, cell in enumerate(crowd[i])) for i in those
    ]
    return crowd, full, file


def _told(full, crowd=None):
    """What each measure is by its definition."""
    size = Counter(full)
    held = size if crowd is None else Counter(crowd)
    risk = np.array([1 / held[one] for one in full])
    found = {
        "prosecutor_risk_mean": np.mean([1 / size[one] for one in full]),
        "journalist_risk_max": risk.max(),
        "marketer_risk": risk.mean(),
        "share_at_risk": np.mean(risk > 0.4),
        "special_uniques": sum(
            any(Counter(r[k] for r in full)[one[k]] == 1 for k in (0, 1)) or size[one] == 1
            for one in full
        ),
    }
    if crowd is not None:
        presence = [size[cell] / n for cell, n in held.items()]
        alone = np.array([size[one] == 1 for one in full])
        found |= {
            "k_map": min(held[one] for one in full),
            "individual_risk": risk.mean(),
            "individual_risk_max": risk.max(),
            "delta_presence_low": min(presence),
            "delta_presence": max(presence),
            "tau1": sum(held[one] == 1 for one in full),
            "tau2": risk[alone].sum(),
        }
    return found


def _held(row, value):
    return row["low"] - 1e-9 <= value <= row["high"] + 1e-9


@given(files())
def test_what_a_file_was_lies_in_the_ranges_of_what_is_left_of_it(given_files):
    _, full, file = given_files
    told = pa.measure(pd.DataFrame(file, columns=KEYS), pa.Roles(key=KEYS), threshold=0.4).overall
    truth = _told(full)
    assert not [word for word, value in truth.items() if not _held(told.loc[word], value)]


@given(files())
def test_who_lives_there_lies_in_the_ranges_beside_a_population(given_files):
    crowd, full, file = given_files
    told = pa.measure(
        pd.DataFrame(file, columns=KEYS),
        pa.Roles(key=KEYS),
        population=pd.DataFrame(crowd, columns=KEYS),
        threshold=0.4,
    ).overall
    truth = _told(full, crowd)
    assert not [word for word, value in truth.items() if not _held(told.loc[word], value)]


@given(st.lists(st.tuples(blanks, blanks), min_size=1, max_size=5), st.tuples(blanks, blanks))
def test_people_of_every_completion_lie_between(crowd, key):
    def ways(row):
        return list(product(*[(cell,) if cell else (*LEVELS, "d") for cell in row]))

    codes = {None: -1, "a": 0, "b": 1, "c": 2}
    listed, count = np.unique(
        [[codes[c] for c in row] for row in crowd], axis=0, return_counts=True
    )
    least, most = people_between([[codes[c] for c in key]], listed, count)
    lost = sum(cell is None for row in crowd for cell in row)
    if lost <= 4:
        met = {there.count(own) for there in product(*map(ways, crowd)) for own in ways(key)} - {0}
        assert all(least[0] <= many <= most[0] for many in met)
