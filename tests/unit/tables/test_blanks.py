"""Blank keys: what is expected of what they hide, and the range that holds whatever they hide."""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array

import privaudit as pa
from privaudit.core.thresholds import CLASS_THRESHOLDS
from privaudit.errors import ParameterError
from privaudit.tables import missing_keys, missing_model
from privaudit.tables.equivalence_classes import classes, lent
from privaudit.tables.missing_keys import matching_sums
from privaudit.tables.missing_model import (
    chance_to_agree,
    likely_matches,
    likely_parts,
    likely_people,
)
from privaudit.words.catalogues import Note


def framed(codes):
    codes = np.asarray(codes)
    names = [f"k{j}" for j in range(codes.shape[1])]
    return pd.DataFrame(codes, columns=names, dtype="Int64").mask(codes < 0), names


def measured(codes, **options):
    frame, names = framed(codes)
    sensitive = options.pop("sensitive", None)
    if sensitive is not None:
        frame["s"] = sensitive
    roles = pa.Roles(key=names, sensitive=[] if sensitive is None else "s")
    return pa.measure(frame, roles, **options)


def people(n, seed=0):
    """Sex, birth date, postcode of people, as France has them roughly: few large communes."""
    rng = np.random.default_rng(seed)
    born = (80 * 365 * rng.beta(1.2, 1.4, n)).astype(int)
    return np.stack([rng.integers(0, 2, n), born, np.minimum(rng.zipf(1.3, n), 300)], axis=1)


def blanked(codes, share, seed=1):
    rng = np.random.default_rng(seed)
    return np.where(rng.random(codes.shape) < np.asarray(share), -1, codes)


# The file that the fault was seen on, in small: blanks in most columns of most records.


def test_blanks_do_not_clear_a_file():
    full = people(6_000)
    found = measured(blanked(full, [0.1, 0.4, 0.3]))
    alone = int((classes(full).per_record == 1).sum())
    assert found.value("k_anonymity") == 1
    row = found.row("sample_uniques")
    assert row.value == pytest.approx(alone, rel=0.02)
    assert row.low <= alone <= row.high
    # One reading in one run: as many are singled out, and guessed, as are alone.
    assert found.value("special_uniques") == pytest.approx(row.value, rel=0.03)
    wild = found.value("uniques_by_reading", missing="wildcard")
    assert (wild, found.value("uniques_by_reading", missing="likely")) == (0, row.value)


def test_nobody_shares_an_address_because_it_is_blank():
    codes = blanked(np.arange(3_000)[:, None], 0.9)
    found = measured(codes)
    assert found.value("sample_uniques") > 2_950
    assert found.per_record["class_size"].max() < 1.1


@pytest.mark.parametrize(
    ("name", "blank"),
    [
        ("at random", lambda full, rng: rng.random(full.shape) < [0.1, 0.4, 0.3]),
        ("one key in most records", lambda full, rng: rng.random(full.shape) < [0, 0.8, 0]),
        (
            "by the age that is shown",
            lambda full, rng: np.stack(
                [np.zeros(len(full)), np.zeros(len(full)),
                 (full[:, 1] > 14_000) & (rng.random(len(full)) < 0.7)], axis=1).astype(bool),
        ),
    ],
)  # fmt: skip
@pytest.mark.parametrize("kind", ["fine", "coarse"])
def test_the_risk_is_that_before_the_blanks(name, blank, kind):
    full = people(12_000, seed=3)
    if kind == "coarse":
        full = np.stack([full[:, 0], full[:, 1] // 730, np.minimum(full[:, 2], 40)], axis=1)
        full = np.column_stack([full, np.random.default_rng(0).integers(0, 5, len(full))])
    rng = np.random.default_rng(7)
    shown = full[:, :3].copy()
    shown[:, 1] *= 730 if kind == "coarse" else 1
    codes = full.copy()
    codes[:, :3][blank(shown, rng)] = -1
    groups = classes(codes)
    found = likely_matches(codes[groups.first], groups.size, under=(2, 3, 11))
    true = classes(full).per_record
    for than in (2, 3, 11):
        expected = found.fewer[than][groups.label].mean()
        assert expected == pytest.approx((true < than).mean(), abs=0.04), (name, than)
    assert found.risk[groups.label].mean() == pytest.approx((1 / true).mean(), abs=0.03)
    assert found.expected[groups.label].mean() == pytest.approx(true.mean(), rel=0.08)


def test_the_risk_of_a_crowd_or_of_nobody_is_not_that_of_a_few():
    # Half share their key with thousands, half with nobody: with the second key blank nothing
    # says of which half a record is. 1 over the expected class would clear it.
    full = np.array([[0, 0]] * 2_000 + [[0, 1 + i] for i in range(2_000)])
    codes = blanked(full, [0, 0.3])
    found = measured(codes)
    true = (1 / classes(full).per_record).mean()
    assert found.value("prosecutor_risk_mean") == pytest.approx(true, abs=0.03)
    assert found.value("journalist_risk_max") == found.value("prosecutor_risk_max")
    assert found.per_record["prosecutor_risk"].max() == pytest.approx(1, abs=1e-5)
    lacking = found.per_record[codes[:, 1] < 0]
    assert lacking["prosecutor_risk"].mean() == pytest.approx(0.5, abs=0.05)
    assert lacking["class_size"].mean() == pytest.approx(1_000, rel=0.1)


def test_without_blanks_every_reading_is_the_same():
    full = people(500) // [1, 4_000, 40]
    kinds = ("k_anonymity", "sample_uniques", "share_under")
    frames = [
        measured(full, missing=missing).overall
        for missing in ("likely", "wildcard", "value", "exclude")
    ]
    rows = [frame[frame.index.str.startswith(kinds)] for frame in frames]
    assert len(rows[0]) == 2 + len(CLASS_THRESHOLDS)
    for other in rows[1:]:
        pd.testing.assert_frame_equal(rows[0], other)


# Bounds by brute force: every way to fill in the blanks, with a value that nobody shows too.


@st.composite
def small(draw):
    d = draw(st.integers(1, 3))
    n = draw(st.integers(1, 6))
    cell = st.integers(0, 2)
    rows = [draw(st.lists(cell, min_size=d, max_size=d)) for _ in range(n)]
    places = draw(st.sets(st.tuples(st.integers(0, n - 1), st.integers(0, d - 1)), max_size=4))
    codes = np.array(rows)
    for i, j in places:
        codes[i, j] = -1
    return codes


def completions(codes):
    gaps = np.argwhere(codes < 0)
    for i, values in enumerate(product(range(4), repeat=len(gaps))):
        del i
        full = codes.copy()
        for (row, key), value in zip(gaps, values, strict=True):
            # 3 stands for a value of its own.
            full[row, key] = value if value < 3 else 10 + 3 * row + key
        yield classes(full).per_record


@pytest.mark.heavy
@given(small())
@settings(max_examples=60)
def test_whatever_the_blanks_hide_lies_in_the_range(codes):
    found = measured(codes)
    sizes = np.array(list(completions(codes)))
    n = len(codes)
    ranges = {
        ("k_anonymity",): sizes.min(axis=1),
        ("sample_uniques",): (sizes == 1).sum(axis=1),
        ("prosecutor_risk_max",): 1 / sizes.min(axis=1),
        ("prosecutor_risk_mean",): (1 / sizes).mean(axis=1),
        **{("share_under", than): (sizes < than).sum(axis=1) / n for than in (2, 3, 5, 11)},
    }
    for (name, *part), values in ranges.items():
        row = found.row(name, **({"threshold": part[0]} if part else {}))
        assert row.low - 1e-9 <= values.min() <= values.max() <= row.high + 1e-9, (name, part)
        assert row.low - 1e-9 <= row.value <= row.high + 1e-9
    groups = classes(codes)
    each = likely_matches(codes[groups.first], groups.size)
    assert (each.certain[groups.label] == sizes.min(axis=0)).all()
    assert (each.most[groups.label] >= sizes.max(axis=0)).all()
    assert (each.certain <= each.expected + 1e-9).all()
    assert (each.expected <= each.most + 1e-9).all()


def test_the_range_is_as_narrow_as_it_can_be():
    # Two alone, one of whom a blank may be; another blank may be nobody who is there.
    codes = np.array([[0, 0], [1, 1], [2, 2], [2, 2], [0, -1], [3, -1]])
    row = measured(codes).row("sample_uniques")
    every = [int((sizes == 1).sum()) for sizes in completions(codes)]
    assert (row.low, row.high) == (min(every), max(every)) == (2, 4)
    # Of two alone, each has a blank of its own that may be it.
    row = measured([[0, 0], [1, 1], [0, -1], [1, -1]]).row("sample_uniques")
    assert (row.low, row.high) == (0, 4)
    # k is at most what the blanks can lift every class to.
    assert measured([[0], [1], [-1]]).row("k_anonymity").high == 1
    assert measured([[0], [1], [-1], [-1]]).row("k_anonymity").high == 2


@given(small())
@settings(max_examples=40)
def test_who_may_agree_is_who_agrees_as_a_wildcard(codes):
    groups = classes(codes)
    keys = codes[groups.first]
    assert (likely_matches(keys, groups.size).most == matching_sums(keys, groups.size)).all()


# What is expected, by hand and by law.


def test_many_records_are_shared_out_by_their_shares():
    # 300 F and 100 M complete, 40 of unknown sex: three quarters are F.
    found = likely_matches([[0, 0], [0, 1], [0, -1]], [300, 100, 40])
    assert found.expected[:2] == pytest.approx([330, 110])
    assert found.expected[2] == pytest.approx(0.75 * 330 + 0.25 * 110)
    assert found.risk[2] == pytest.approx(0.75 / 330 + 0.25 / 110, rel=0.01)


def test_who_shares_few_keys_is_judged_by_fewer():
    # Nobody shares a birth date with another: whether two of one date have one sex is learnt
    # from all, half of whom are of either sex.
    cells = [[day, day % 2] for day in range(2_000)]
    chance, _ = chance_to_agree(cells, [1] * 2_000, [0])
    assert chance == pytest.approx(0.5, abs=0.01)


@pytest.mark.parametrize("seed", range(3))
def test_order_and_names_of_levels_and_keys_change_nothing(seed):
    rng = np.random.default_rng(seed)
    codes = blanked(np.stack([rng.integers(0, m, 200) for m in (3, 5, 9)], axis=1), 0.2, seed)
    want = measured(codes).per_record["class_size"].to_numpy()
    order = rng.permutation(len(codes))
    other = codes[order][:, ::-1]
    other = np.where(other >= 0, 20 - other, -1)
    got = measured(other).per_record["class_size"].to_numpy()
    assert got == pytest.approx(want[order], abs=1e-6)


def test_weights_of_those_expected_are_summed():
    # Everybody stands for ten: F is ten times the class that is expected.
    keys, size = _distinct(blanked(people(2_000) // [1, 3_000, 30], 0.2))
    behind = likely_matches(keys, size, amount=10.0 * size).expected
    assert behind == pytest.approx(10 * likely_matches(keys, size).expected)


def _distinct(codes):
    groups = classes(codes)
    return codes[groups.first], groups.size


def test_a_population_says_what_a_blank_may_hide():
    # 2 of 6 have a = 0: who is blank is one of the six. F is 1 over the mean of 1 / F.
    behind, released, there = likely_people([[0], [-1]], [1, 3], [[0], [1]], [2, 4])
    assert behind.tolist() == pytest.approx([2, 1 / (2 / 6 / 2 + 4 / 6 / 4)])
    assert released.tolist() == [1 + 3 * 2 / 6, 3 * 4 / 6]
    assert there.tolist() == [2, 4]


def test_a_file_beside_its_own_population_is_its_own():
    codes = blanked(people(3_000) // [1, 3_000, 30], 0.2)
    frame, names = framed(codes)
    found = pa.measure(frame, pa.Roles(key=names), population=frame)
    assert found.reliable
    assert found.value("k_map") >= 1


def test_sensitive_values_are_shared_out_like_their_records():
    found = likely_parts([[0], [1], [-1]], [30, 60, 9], csr_array([[30, 0], [0, 60], [0, 9]]))
    assert found.toarray() == pytest.approx(np.array([[30, 3], [0, 66]]))
    assert lent([[0], [1], [-1]], [30, 60, 9], [0.0, 1.0, 7.0])[2] == pytest.approx(2 / 3)


def test_a_guess_is_worth_what_it_was_before_the_blanks():
    full = people(6_000)
    rng = np.random.default_rng(2)
    opinion = rng.integers(0, 3, len(full))
    want = measured(full, sensitive=opinion)
    got = measured(blanked(full, [0.1, 0.4, 0.3]), sensitive=opinion)
    for name in ("vulnerability_posterior", "vulnerability_prior", "vulnerability_held_out"):
        assert got.value(name) == pytest.approx(want.value(name), abs=0.03), name
    assert got.value("distinct_l") == 1


def test_a_blank_singles_nobody_out():
    # As a value of its own, the only blank is alone with it.
    codes = np.array([[0, 0]] * 5 + [[0, -1]])
    assert measured(codes, missing="value").value("special_uniques") == 1
    found = measured(codes)
    assert found.value("special_uniques") == 0
    assert "uniques_among_known" in [n.key for n in found.row("special_uniques").notes]


def test_nothing_complete_teaches_nothing_and_clears_nobody():
    codes = np.array([[0, -1], [-1, 0], [1, -1], [-1, 1]])
    found = measured(codes, sensitive=[0, 1, 0, 1])
    row = found.row("sample_uniques")
    assert (row.value, row.low, row.high) == (4, 0, 4)
    assert Note("blanks_learnt", complete=0, of=4) in found.notes


def test_too_many_ways_are_read_as_values_with_the_range(monkeypatch):
    codes = blanked(people(300) // [1, 3_000, 30], 0.3)
    want = measured(codes, missing="value")
    narrow = measured(codes).row("sample_uniques")
    monkeypatch.setattr(missing_keys, "LIKELY_COST_LIMIT", 10)
    found = measured(codes)
    row = found.row("sample_uniques")
    assert row.value == want.value("sample_uniques")
    assert row.low <= narrow.low
    assert row.high == narrow.high
    assert "gaps_read_as_values" in [note.key for note in found.notes]


def test_a_run_over_many_sets_of_keys_ends():
    # Twenty keys, half of them blank: nearly as many sets of keys as records.
    codes = blanked(np.random.default_rng(0).integers(0, 3, (4_000, 20)), 0.5)
    found = measured(codes)
    assert "gaps_read_as_values" in [note.key for note in found.notes]


@pytest.mark.slow
def test_a_million_records_of_seven_keys_in_seconds():
    import time

    rng = np.random.default_rng(1)
    full = np.stack([rng.integers(0, m, 1_000_000) for m in (70, 2, 100, 9, 6, 4, 12)], axis=1)
    keys, size = _distinct(blanked(full, 0.2))
    start = time.process_time()
    found = likely_matches(keys, size)
    took = time.process_time() - start
    assert took < 60
    alone = float((found.fewer[2] * size).sum())
    assert alone == pytest.approx((classes(full).per_record == 1).sum(), rel=0.01)


def test_a_sample_with_blanks_is_a_smaller_sample():
    # Complete records are drawn from the same people: 20,000, of whom so many are unique.
    full = people(20_000, seed=5) // [1, 300, 3]
    unique = int((classes(full).per_record == 1).sum())
    half = blanked(full[np.random.default_rng(0).random(len(full)) < 0.5], 0.1)
    found = measured(half, sampling_fraction=0.5)
    row, tau = found.row("population_uniques_zayatz"), found.row("tau1")
    assert row.low <= unique <= row.high
    assert row.n == pytest.approx(20_000, rel=0.03)
    assert np.isnan(tau.value)
    assert tau.notes[0].key == "needs_complete_records"


def test_the_diversity_of_each_record_is_that_of_its_expected_class():
    # Four of six complete records have one key and two values; the blank likely hides that key,
    # so that its value counts there, as a third, and not with the two others.
    rows = [("a", "u")] * 3 + [("a", "v"), ("b", "u"), ("b", "v"), (None, "w")]
    table = pd.DataFrame(rows, columns=["key", "s"])
    scores = pa.measure(table, pa.Roles(key="key", sensitive="s")).per_record
    assert scores["distinct_l"].tolist() == [3] * 4 + [2] * 2 + [1]
    wild = pa.measure(table, pa.Roles(key="key", sensitive="s"), missing="wildcard").per_record
    assert wild["distinct_l"].tolist() == [3] * 7


def test_figures_of_the_missing_model_are_rounded_so_that_an_order_changes_none():
    """People to nine digits, chances to twelve."""
    found = likely_matches([[0, 0], [1, 1], [0, -1], [1, 0]], [1, 2, 1, 1], under=(2,))
    for figures, digits in ((found.expected, 9), (found.risk, 12), (found.fewer[2], 12)):
        assert figures.tolist() == figures.round(digits).tolist()
        assert figures.tolist() != figures.round(digits - 1).tolist()


@pytest.mark.parametrize(("limit", "refused"), [(3, True), (4, False), (5, False)])
def test_as_many_likely_sums_by_value_are_made_as_the_limit(monkeypatch, limit, refused):
    # Two classes, each with the two values of the records whose key is not known: four sums.
    monkeypatch.setattr(missing_model, "_SUMS_LIMIT", limit)
    amounts = csr_array([[30, 0], [0, 60], [5, 4]])
    if refused:
        with pytest.raises(ParameterError, match="sums by value"):
            likely_parts([[0], [1], [-1]], [30, 60, 9], amounts)
    else:
        found = likely_parts([[0], [1], [-1]], [30, 60, 9], amounts)
        assert found.shape == (2, 2)
