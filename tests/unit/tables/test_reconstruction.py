"""Reconstruction from tables of counts: against every table that fits, and its baselines."""

from itertools import combinations, combinations_with_replacement, product

import numpy as np
import pandas as pd
import pytest

import privaudit as pa
from privaudit.errors import ParameterError, SchemaError
from privaudit.stats.protections import parse_protection
from privaudit.tables.reconstruction import _by_product, _Margin, reconstruct
from privaudit.tables.scoring import score_reconstruction

pytestmark = pytest.mark.heavy

NAMES = ["commune", "age", "opinion"]


def small(seed, n=6):
    rng = np.random.default_rng(seed)
    return pd.DataFrame({"commune": rng.choice(list("xy"), n), "age": rng.integers(0, 3, n),
                         "opinion": rng.choice(["l", "r"], n)})  # fmt: skip


def pairs(frame):
    return [frame.value_counts(list(two)) for two in combinations(NAMES, 2)]


def fitting(tables, n):
    """Counts by cell of every table of n rows that has the published counts."""
    levels = [sorted({v for t in tables if name in t.index.names
                      for v in t.index.get_level_values(name)}) for name in NAMES]  # fmt: skip
    cells = list(product(*levels))
    found = []
    for rows in combinations_with_replacement(range(len(cells)), n):
        frame = pd.DataFrame([cells[row] for row in rows], columns=NAMES)
        if all(frame.value_counts(list(t.index.names)).to_dict() == t.to_dict() for t in tables):
            found.append(np.bincount(rows, minlength=len(cells)))
    return cells, np.array(found)


@pytest.mark.parametrize("seed", range(3))
def test_what_is_proved_is_what_every_table_that_fits_has(seed):
    """The law: confidence 1 by proof, no row that none has, least and most of every one."""
    truth = small(seed, n=4)
    tables = pairs(truth)
    cells, fits = fitting(tables, 4)
    found = reconstruct(tables, runs=4).guesses.set_index(NAMES)
    assert len(fits) >= 1
    for cell, counts in zip(cells, fits.T, strict=True):
        if counts.max() == 0:
            assert cell not in found.index
        elif counts.min() > 0:
            assert found.loc[cell, "confidence"] == 1.0
        if cell in found.index:
            assert found.loc[cell, ["least", "most"]].tolist() == [counts.min(), counts.max()]
            assert counts.min() <= found.loc[cell, "expected"] <= counts.max()


def test_where_two_tables_fit_neither_is_proved():
    """A square of one each can be turned: four rows, none of which is certain."""
    truth = pd.DataFrame({"commune": ["x", "y"], "age": [1, 2], "opinion": ["l", "r"]})
    found = reconstruct([truth.value_counts(name) for name in NAMES], runs=20).guesses
    assert len(found) == 8
    assert (found["least"] == 0).all()
    assert (found["most"] == 1).all()
    assert (found["confidence"] < 1).all()


def test_hidden_and_rounded_counts_are_bounded_and_not_fitted():
    truth = pd.DataFrame({"commune": ["x"] * 12 + ["y"] * 3, "age": [1] * 12 + [2] * 3})
    by_both = truth.value_counts(["commune", "age"]).astype(float)
    by_both[by_both < 11] = np.nan
    found = reconstruct([truth.value_counts("commune"), by_both], runs=3, suppressed_under=11)
    assert found.guesses[["commune", "age", "least", "most"]].values.tolist() == [
        ["x", 1, 12, 12], ["y", 2, 3, 3],
    ]  # fmt: skip
    law = parse_protection("rounding:5")
    rounded = pd.Series([10, 5], pd.Index(["x", "y"], name="commune"))
    found = reconstruct([rounded], runs=2, protection=law)
    # 8 to 12, and 3 to 7.
    assert found.guesses[["commune", "least", "most"]].values.tolist() == [
        ["x", 8, 12],
        ["y", 3, 7],
    ]


def test_what_is_proved_stands_before_what_every_run_holds():
    """A row that every fitting table holds is right; one that every run holds may be wrong."""
    rng = np.random.default_rng(6)
    levels = zip(NAMES, (4, 2, 3), strict=True)
    truth = pd.DataFrame({name: rng.integers(0, many, 60) for name, many in levels})
    found = reconstruct(pairs(truth), runs=6).guesses
    proved = (found["least"] > 0).to_numpy()
    stands = {tuple(row) for row in truth.to_numpy()}
    wrong = [tuple(row) not in stands for row in found[NAMES].to_numpy()]
    assert (found["confidence"] == 1)[wrong].any()
    assert proved[: proved.sum()].all()


def test_no_run_gives_the_bounds_of_every_row_that_may_be_there():
    truth = small(2, n=4)
    cells, fits = fitting(pairs(truth), 4)
    found = reconstruct(pairs(truth), runs=0).guesses
    assert len(found) == (fits.max(axis=0) > 0).sum()
    assert set(found["confidence"]) <= {0.0, 1.0}
    assert len(cells) == fits.shape[1]


def census(seed, n):
    """A synthetic census: jobs that age and commune tell in part, opinions that jobs do."""
    rng = np.random.default_rng(seed)
    age, commune = rng.integers(0, 9, n), rng.integers(0, 5, n)
    job = np.where(rng.random(n) < 0.6, (age // 2 + commune) % 7, rng.integers(0, 7, n))
    opinion = np.where(rng.random(n) < 0.7, job // 2 % 3, rng.integers(0, 3, n))
    return pd.DataFrame({"commune": commune, "age": age, "sex": rng.integers(0, 2, n),
                         "job": job, "opinion": opinion})  # fmt: skip


@pytest.fixture(scope="module")
def crossed():
    truth = census(11, 60)
    tables = [truth.value_counts(list(three)) for three in combinations(truth.columns, 3)]
    return truth, reconstruct(tables, runs=12)


def test_the_most_certain_rows_match_above_every_baseline(crossed):
    """Dick et al. 2023: the match rate falls with the rank, and is above that of the population.

    The direction is the paper's, on another synthetic population and with no figure of ours.
    """
    truth, found = crossed
    scored = score_reconstruction(found, truth, census(12, 2_000), top=[10, 25, len(found.guesses)])
    rates = [row.value for row in scored.rows]
    for row in scored.rows[:2]:
        assert row.low > row.baseline
        assert row.low > row.control
    assert rates[0] >= rates[1] > rates[2]
    product_of_margins = score_reconstruction(found, truth, top=[25])
    assert product_of_margins.rows[0].low > product_of_margins.rows[0].baseline


def test_a_score_is_a_count_over_the_first_rows(crossed):
    truth, found = crossed
    stands = {tuple(row) for row in truth.to_numpy()}
    first = [tuple(row) for row in found.guesses[list(truth.columns)].to_numpy()[:25]]
    row = score_reconstruction(found, truth, top=[25]).rows[0]
    assert row.value == pytest.approx(np.mean([one in stands for one in first]))
    assert (row.n, row.counts) == (25, "guesses")


def test_rows_of_others_are_matched_no_more_than_chance(crossed):
    """People who are in no table: the same guesses stand among them as often as the control."""
    _, found = crossed
    others = census(13, 60)
    row = score_reconstruction(found, others, census(14, 2_000), top=[25]).rows[0]
    assert row.low <= row.control + 0.2


def test_the_order_of_tables_and_rows_changes_no_proof_and_a_seed_repeats(crossed):
    truth = small(5)
    one = reconstruct(pairs(truth), runs=3, seed=1)
    again = reconstruct(pairs(truth), runs=3, seed=1)
    pd.testing.assert_frame_equal(one.guesses, again.guesses)
    turned = reconstruct([t.sample(frac=1, random_state=0) for t in pairs(truth)], runs=3, seed=1)
    keys = [*NAMES, "least", "most"]
    proved = [found.guesses[found.guesses["least"] > 0][keys] for found in (one, turned)]
    both = [rows.sort_values(NAMES).reset_index(drop=True) for rows in proved]
    pd.testing.assert_frame_equal(*both)


def test_noise_lowers_what_is_proved():
    truth = census(3, 60)[["commune", "age", "sex"]]
    by = [["commune", "age"], ["age", "sex"], ["commune", "sex"]]
    exact = [truth.value_counts(two) for two in by]
    rng, law = np.random.default_rng(1), parse_protection("cell_key:3:1")
    noised = [t.set_axis(t.index).mask(t > -1, law.protect(t.to_numpy(), rng.random(len(t))))
              for t in exact]  # fmt: skip
    proved, left = (
        (found.guesses["least"] > 0).sum()
        for found in (reconstruct(exact, runs=1), reconstruct(noised, runs=1, protection=law))
    )
    assert left < proved


@pytest.mark.parametrize(
    ("tables", "options", "error", "message"),
    [
        ([], {}, ParameterError, "a table of counts or more"),
        ([pd.Series([1, 2])], {}, SchemaError, "an index whose names"),
        ([pd.Series([-1], pd.Index(["x"], name="a"))], {}, ParameterError, "a negative one"),
        ([pd.Series([2], pd.Index(["x"], name="a")), pd.Series([3], pd.Index([1], name="b"))], {},
         ParameterError, "other totals"),
        ([pd.Series([np.nan], pd.Index(["x"], name="a"))], {}, ParameterError, "no hidden count"),
        ([pd.Series([1, 1], pd.Index(["x", "x"], name="a"))], {}, SchemaError, "one twice"),
        ([pd.Series([1], pd.Index(["x"], name="a"))], {"runs": -1}, ParameterError, "runs"),
        ([pd.Series([1] * 30, pd.RangeIndex(30, name=name)) for name in "ab"], {"runs": 0},
         ParameterError, "600 cells or a run"),
        ([pd.Series([0], pd.Index(["x"], name="a"))], {}, ParameterError, "that count people"),
        ([pd.DataFrame({"a": [1]})], {}, ParameterError, "Series"),
    ],
)  # fmt: skip
def test_tables_that_do_not_fit_are_refused(tables, options, error, message):
    with pytest.raises(error, match=message):
        reconstruct(tables, **options)


def test_it_is_public():
    assert pa.tables.reconstruct.__wrapped__ is reconstruct
    assert pa.tables.score_reconstruction.__wrapped__ is score_reconstruction


@pytest.mark.parametrize(
    ("age", "sex", "first"),
    [
        # Shares 0, 1 and 1/4, 3/4: the cell of both larger ones, though noise took 0 below nought.
        ([0, 1], [1, 3], [3, 2]), ([-3, 1], [1, 3], [3, 2]), ([-3, 2], [-3, 2], [3, 1, 2]),
        # Nobody is of a level whose count is nought: the second is of the levels that somebody has.
        ([0, 1], [0, 1], [3]), ([2, 1], [0, 5], [1, 3]),
    ],
)  # fmt: skip
def test_the_likeliest_cells_are_by_counts_of_nought_or_more(age, sex, first):
    """Of independent attributes the share of a cell is the product of the shares of its levels."""
    margins = [
        _Margin(axes=(axis,), count=np.array(count, float), low=np.zeros(2), high=np.ones(2))
        for axis, count in enumerate((age, sex))
    ]
    assert _by_product(margins, (2, 2), len(first)).tolist() == first


def test_the_share_of_a_level_is_of_the_table_with_fewest_attributes():
    """Three of four are of the second age, by age alone; by age and sex few were published."""
    both = np.array([[9.0, 9.0], [1.0, 1.0]])
    ages = np.array([1.0, 3.0])
    margins = [
        _Margin(axes=(0, 1), count=both, low=both, high=both),
        _Margin(axes=(0,), count=ages, low=ages, high=ages),
    ]
    assert _by_product(margins, (2, 2), 2).tolist() == [2, 3]
