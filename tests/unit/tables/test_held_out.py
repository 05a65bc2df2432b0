"""What the keys tell about somebody who is not in the file: every record guessed by the others."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pandas as pd
import pytest

from privaudit.columns.roles import Roles
from privaudit.stats.intervals import wilson
from privaudit.tables.bayes_vulnerability import bayes_vulnerability, held_out_vulnerability
from privaudit.tables.measure import measure
from privaudit.tables.table_measure import sensitive_counts


def one_by_one(label, value):
    """Leave out each record, guess it as the definition says, and count."""
    usual = Counter(value).most_common()
    best = [v for v, n in usual if n == usual[0][1]]
    right = 0.0
    for i in range(len(label)):
        others = Counter(
            v for j, (c, v) in enumerate(zip(label, value, strict=True)) if j != i and c == label[i]
        )
        top = [v for v, n in others.items() if n == max(others.values())]
        guess = top if len(top) == 1 else best
        right += (value[i] in guess) / len(guess)
    return right / len(label)


@pytest.mark.parametrize("seed", range(60))
def test_it_is_what_leaving_out_each_record_gives(seed):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 14))
    label, value = rng.integers(0, 4, n), rng.integers(0, 4, n)
    dense = np.unique(value, return_inverse=True)[1]
    found = held_out_vulnerability(sensitive_counts(label, dense))
    assert found == pytest.approx(one_by_one(label.tolist(), value.tolist()))


def test_records_that_are_counted_are_records():
    label, value, count = [0, 0, 1], [0, 1, 1], [3, 2, 4]
    apart = np.repeat(label, count), np.repeat(value, count)
    assert held_out_vulnerability(sensitive_counts(label, value, count)) == held_out_vulnerability(
        sensitive_counts(*apart)
    )


def test_a_class_of_less_than_one_record_is_guessed_as_the_table():
    """Of half a record nobody is left: the guess is the commonest of all, which it has not."""
    counts = sensitive_counts([0, 1, 1], [0, 1, 1], [0.5, 1, 1])
    assert held_out_vulnerability(counts) == pytest.approx(2 / 2.5)


def test_noise_tells_nothing_of_somebody_who_is_not_in_the_file():
    # 3,000 records in some 1,000 classes: those of the file are guessed far better than by
    # chance, from values that mean nothing.
    rng = np.random.default_rng(11)
    n = 3_000
    frame = pd.DataFrame(
        {"a": rng.integers(0, 40, n), "b": rng.integers(0, 30, n), "s": rng.integers(0, 4, n)}
    )
    found = measure(frame, Roles(key=["a", "b"], sensitive="s"))
    row = found.row("vulnerability_posterior")
    low, high = wilson(row.baseline, n)
    assert row.value > 0.5 > high
    assert low <= row.control <= high
    held_out = found.row("vulnerability_held_out")
    assert held_out.low <= 1 / 4 <= held_out.high
    assert held_out.baseline == row.baseline
    assert row.residual == pytest.approx((row.value - row.control) / (1 - row.control))


def test_what_the_keys_do_tell_is_told_of_others_too():
    rng = np.random.default_rng(12)
    key = rng.integers(0, 10, 2_000)
    value = np.where(rng.random(2_000) < 0.9, key % 2, 1 - key % 2)
    found = measure(pd.DataFrame({"k": key, "s": value}), Roles(key="k", sensitive="s"))
    row = found.row("vulnerability_posterior")
    assert row.control == pytest.approx(row.value, abs=0.01)
    assert row.control > row.baseline + 0.3


def test_who_guesses_worse_by_the_keys_guesses_without_them():
    # Pairs that never agree: the other's value is always wrong.
    counts = sensitive_counts(np.repeat(np.arange(50), 2), np.tile([0, 1], 50))
    assert held_out_vulnerability(counts) == 0
    frame = pd.DataFrame({"k": np.repeat(np.arange(50), 2), "s": np.tile([0, 1], 50)})
    row = measure(frame, Roles(key="k", sensitive="s")).row("vulnerability_posterior")
    assert row.control == row.baseline == bayes_vulnerability(counts)[0] == 0.5


def test_the_guess_about_the_file_says_so():
    frame = pd.DataFrame({"k": [1, 1, 2, 2], "s": list("abab")})
    row = measure(frame, Roles(key="k", sensitive="s")).row("vulnerability_posterior")
    assert "guess_about_the_file" in [note.key for note in row.notes]
